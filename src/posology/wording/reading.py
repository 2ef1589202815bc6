"""Turns directions as people write them into a Course, with the place of every field, or refuses with the reason.

Knows no medicine but the names it is given; looks nothing up, and never completes what the text does not say.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from attrs import field, frozen

from posology.amount import Amount, Strength
from posology.directions import After, Bounds, Course, Phase, Span
from posology.errors import Problem, UnreadableError
from posology.wording import steps as _steps
from posology.wording.chunks import HANDLERS, UNIT_IS_COUNT, Clause, Parse, directions, take_strength
from posology.wording.en.grammar import CHUNKS, NAMES
from posology.wording.scan import Lexemes, Note, place, scan

__all__ = ["LONGEST", "Named", "Note", "Reading", "read"]

LONGEST = 4000
"""The most characters a text may have; a longer one is refused at once."""


@frozen
class Named:
    """The medicine a text names: as written, as matched in the names given, and what it says of the product."""

    text: str = ""
    matched: str | None = None
    strength: Amount | Strength | None = None
    form: str = ""
    release: str = ""
    span: Span = field(factory=Span)


@frozen
class Reading:
    """What was read of one text, and what was not.

    ``complete`` is False where numbers, units, times or negations were not understood or have two readings: the text is
    refused, ``problems`` say why and where, and ``course`` holds the part that was read. ``warnings``: read, and easily
    misread; ``inferred``: worked out, not said in so many words; ``second``: read, with another reading;
    ``left_over``: words without a field; ``facts``: what is no dose (packs, dates, strengths).
    """

    text: str
    course: Course | None = None
    complete: bool = False
    named: Named | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Note, ...] = ()
    inferred: tuple[Note, ...] = ()
    second: tuple[Note, ...] = ()
    left_over: tuple[Note, ...] = ()
    facts: tuple[Note, ...] = ()


_DOSE = frozenset("slots dose packs counted_strength strength_form strength_then dose_times bare".split())
_MEALS = frozenset(("when", "meals", "relation"))
_OFTEN = frozenset("times once interval code daily_number max_times once_alone xn".split())
_TIMES = frozenset(("clock", "days"))
_TIMED = _MEALS | _OFTEN | _TIMES | {"needed", "for_needed", "needed_if", "count", "doses", "eye_or_daily", "event"}
_CHANGES = frozenset(("change", "change_to"))
_SPLITS = _TIMED | {"course", "bare_time", "heading", "max", "over"}
_HEADS = frozenset(("when", "meals", "clock", "days", "relation"))
_SEPARATORS = frozenset(("sep", "then", "continue"))
Chunk = tuple[str, int, int]
_STRENGTH_OF = {".": 3, ">": 5, ",": 1, "&": 2, "(": 1, ")": 1, ":": 1}


def read(text: str, *, names: tuple[str, ...] = (), taking: Course | None = None) -> Reading:
    """Read directions in English.

    ``names``: names of medicines that may stand in the text. ``taking``: what is taken now, for directions that only say a
    change ("reduce by 10 mg every week then stop"). Never raises for any text; see :class:`Reading`.

    >>> r = read("Take 1 tablet in the morning and 2 at night for 7 days")
    >>> [(str(d.dose), d.timing.when) for d in r.course.directions]
    [('1 tablet', ('MORN',)), ('2 tablets', ('NIGHT',))]
    >>> read("2 weekly").complete
    False
    """
    if len(text) > LONGEST:
        return Reading(
            text, problems=(Problem(f"The text is too long: {len(text)} characters.", "", f"Give at most {LONGEST}."),)
        )
    if taking is None:
        return _cached(text, names)
    return _read(text, names, taking)


def _read(text: str, names: tuple[str, ...], taking: Course | None) -> Reading:
    lex = scan(text, names)
    if lex.problems and lex.problems[0].what.startswith("A hidden character"):
        return Reading(text, problems=(lex.problems[0],))  # what stands around it cannot be trusted
    p = Parse(lex)
    chunks = [(NAMES[m.lastgroup or "rest"], m.start(), m.end()) for m in CHUNKS.finditer(lex.classes)]
    reader = _Reader(p, chunks)
    clauses = reader.clauses()
    p.problems.extend(lex.doubtful.values())
    course = None
    if clauses:
        try:
            course = _course(p, clauses, reader, taking)
        except UnreadableError as error:
            p.problems.extend(error.problems)
    if course is None and not p.problems:
        p.problems.append(Problem("No directions were found in this text.", "", "Say how much, and how often.", text[:80]))
    return Reading(
        text,
        course,
        course is not None and not p.problems,
        _named(p, clauses),
        tuple(p.problems),
        tuple(p.warnings),
        tuple(p.inferred),
        tuple(p.second),
        tuple(p.left),
        tuple(p.facts),
    )


_cached = lru_cache(maxsize=4096)(lambda text, names: _read(text, names, None))


class _Reader:
    """Cuts the chunks into clauses and fills them."""

    def __init__(self, p: Parse, chunks: list[Chunk]) -> None:
        self.p, self.chunks = p, chunks
        self.done: list[Clause] = []
        self.after: After | None = None
        self.step_next = False

    def clauses(self) -> list[Clause]:
        """All clauses that say something, in order of the text."""
        p = self.p
        piece: list[Chunk] = []
        sep = ""
        classes = p.lex.classes
        for chunk in self.chunks:
            name, i, j = chunk
            if name in _SEPARATORS:
                if piece:
                    self.piece(piece, sep, classes[i] if name == "sep" else ">")
                    piece, sep = [], ""
                if name == "sep":
                    for sign in classes[i:j]:
                        if _STRENGTH_OF[sign] > _STRENGTH_OF.get(sep, 0):
                            sep = sign
                elif name == "then":
                    sep = ">"
                else:
                    self.after = "continue"
                    sep = ">"
            else:
                piece.append(chunk)
        if piece:
            self.piece(piece, sep)
        elif sep == ">" and self.after is None and not p.clause.step and not self.done:
            p.problem("What follows is not said.", len(classes) - 1, len(classes))
        self.close()
        return self.done

    def piece(self, chunks: list[Chunk], sep: str, following: str = "") -> None:
        """One stretch between separators: it may hold several doses."""
        if following == ":" and all(c[0] in _HEADS for c in chunks) and self.p.clause.timed:
            self.open(sep, False)  # "Morning: ... Evening: ..."
        doses = [k for k, c in enumerate(chunks) if c[0] in _DOSE]
        changes = [k for k, c in enumerate(chunks) if c[0] in _CHANGES and k]
        if changes:
            cuts = sorted({0, *(k - (chunks[k - 1][0] == "after_time") for k in changes)})
            if len(cuts) == 1:
                self.feed(chunks, sep)
                return
            for k, cut in enumerate(cuts):
                end = cuts[k + 1] if k + 1 < len(cuts) else len(chunks)
                self.feed(chunks[cut:end], sep if k == 0 else ">")
            return
        if len(doses) < 2 or chunks[0][0] in _CHANGES:
            self.feed(chunks, sep)
            return
        cuts = [0]
        if chunks[0][0] in ("when", "clock", "heading", "days") and chunks[-1][0] in _DOSE | {"route", "form"}:
            cuts += [k for k in range(1, len(chunks)) if chunks[k][0] in ("when", "clock", "heading", "days")]
        else:
            for a, b in zip(doses, doses[1:], strict=False):
                if any(chunks[k][0] in _SPLITS for k in range(a + 1, b)):
                    cut = b
                    while chunks[cut - 1][0] in ("verb", "heading", "name") and cut - 1 > a:
                        cut -= 1
                    cuts.append(cut)
        for k, cut in enumerate(cuts):
            end = cuts[k + 1] if k + 1 < len(cuts) else len(chunks)
            self.feed(chunks[cut:end], sep if k == 0 else "")

    def close(self) -> None:
        """Put the clause that was filled among the others, where it says anything."""
        c = self.p.clause
        if c.eyes:
            _eyes(self.p, c)
        if c.dose_kind == "strength" and isinstance(c.amount, Amount) and c.dose_at is not None:
            if c.amount.unit == "%":
                take_strength(self.p, c)
            else:
                self.p.note(self.p.second, "strength-or-dose", *c.dose_at)
        for i, j in c.loose:
            if c.amount is None and not c.slots:
                self.p.problem(f"How many is not said: {self.p.text(i, j)}.", i, j, "Write a number before it.")
            else:
                self.p.form = self.p.form or self.p.lex.values[i]
        if c.clock_doubt >= 0 and c.amount is None:
            k = c.clock_doubt
            self.p.problem(
                f"This has two readings: {self.p.text(k, k + 1)} as a time, or that many in the morning or evening.",
                k,
                k + 1,
                "Write at 8 am, or 1 tablet in the morning.",
            )
        if c.start >= 0 and (
            c.amount is not None or c.slots or c.timed or c.bounds is not None or c.maxes or c.instructions or c.route is not None
            or c.change is not None or c.indication is not None or c.site is not None or c.rate is not None or c.max_adm
        ):  # fmt: skip
            self.done.append(c)
        elif c.heading is not None:
            at = max(c.start, 0)
            self.p.problems.append(
                Problem("What is taken on these days is not said.", place(at, c.end), "Say how much.", self.p.lex.text[at : c.end])
            )

    def open(self, join: str, step: bool, like: Clause | None = None) -> None:
        """Begin a clause; ``like`` gives it the dose and the ways of another."""
        self.close()
        c = Clause(join, step)
        if like is not None:
            c.amount, c.bare, c.inherited, c.route, c.site = like.amount, like.bare, True, like.route, like.site
            if "dose" in like.spans:
                c.spans["dose"] = like.spans["dose"]
        self.p.clause = c

    def feed(self, chunks: list[Chunk], sep: str) -> None:
        """Give a stretch with at most one dose to the clause it belongs to."""
        p = self.p
        c = p.clause
        kinds = {name for name, _, _ in chunks}
        has_dose = not kinds.isdisjoint(_DOSE) or self.leads_with_number(chunks, sep)
        said = c.amount is not None or bool(c.slots)
        live = said or c.timed or c.change is not None
        if chunks[0][0] == "after_time" and len(chunks) > 1 and live and not kinds.isdisjoint(_CHANGES | _DOSE):
            _after(p, c, chunks[0])
            chunks = chunks[1:]
            sep = ">"
        if chunks[0][0] == "stop":
            self.after = "stop"
            chunks = chunks[1:]
            if not chunks:
                return
            kinds.discard("stop")
        if not kinds.isdisjoint(_CHANGES):
            if live:
                before = next(k for k, chunk in enumerate(chunks) if chunk[0] in _CHANGES)
                if before and sep != ">":
                    self.run(chunks[:before])
                    chunks = chunks[before:]
                self.open(sep, True)
        elif sep == ">" and live:
            if not has_dose and kinds.isdisjoint(_TIMED | {"course", "rate", "heading"}):
                p.problem("What follows is not understood.", chunks[0][1], chunks[-1][2], "Write how much, and how often.")
                self.run(chunks)
                return
            self.open(sep, True, None if has_dose else c)
            if not has_dose:
                p.note(p.inferred, "same-dose", chunks[0][1], chunks[-1][2])
        elif "heading" in kinds and live and c.heading is not None:
            self.open(sep, True, None if has_dose or kinds == {"heading"} else c)
        elif has_dose and said:
            if not c.timed and c.heading is None and c.bounds is None and not c.slots:
                if not self.demote(chunks, sep):
                    self.open(sep, False)
            else:
                self.open(sep, False)
        elif said and not has_dose and sep == "&" and not kinds.isdisjoint(_MEALS | _OFTEN | _TIMES) and c.timed:
            often = bool(c.period_unit)
            new_often = not kinds.isdisjoint(_OFTEN)
            if (often and not c.when and not new_often and not c.days and "days" not in kinds) or (
                new_often and (c.when or c.times) and not often
            ) or ("clock" in kinds and c.when) or (c.times and not kinds.isdisjoint(_MEALS)) or (often and new_often and kinds.isdisjoint({"max_times"})):
                self.open(sep, False, c)
                p.note(p.inferred, "same-dose", chunks[0][1], chunks[-1][2])
        self.run(chunks)

    def leads_with_number(self, chunks: list[Chunk], sep: str) -> bool:
        """ "..., 6 daily for 2 days": after a separator, the number is a dose, not a frequency."""
        if not sep:
            return False
        name, i, j = next((chunk for chunk in chunks if chunk[0] != "verb"), chunks[0])
        classes = self.p.lex.classes
        if name == "daily_number":
            return bool(self.p.lex.values[j - 1] == ("1", "d"))
        return name == "times" and classes[i] == "n" and "T" not in classes[i:j] and "x" not in classes[i:j]

    def run(self, chunks: list[Chunk]) -> None:
        """Apply each chunk to the clause."""
        p = self.p
        lex = p.lex
        for name, i, j in chunks:
            c = p.clause
            if name == "stop":
                self.after = "stop"
                continue
            if name == "after_time" and c.change is not None and self.done and not self.done[-1].length:
                _after(p, self.done[-1], (name, i, j))
                continue
            if c.start < 0:
                c.start = lex.starts[i]
            c.end = lex.ends[j - 1]
            try:
                HANDLERS[name](p, i, j)
            except UnreadableError as error:
                for problem in error.problems:
                    p.problems.append(Problem(problem.what, place(lex.starts[i], lex.ends[j - 1]), problem.todo, p.text(i, j)))

    def demote(self, chunks: list[Chunk], sep: str) -> bool:
        """A first amount without a time that is the product's strength, a pack, or equal to the dose that follows."""
        p = self.p
        c = p.clause
        first = c.amount
        assert c.dose_at is not None or c.inherited
        if c.dose_at is None or first is None:
            return False
        name, i, j = next((chunk for chunk in chunks if chunk[0] in _DOSE), chunks[0])
        at = c.dose_at
        measured = isinstance(first, Amount) and first.kind in ("mass", "international unit", "substance", "unit", "per cent", "volume", "charge")
        classes = p.lex.classes
        in_brackets = at[0] > 0 and classes[at[0] - 1] == "("
        opened = i > 0 and classes[i - 1] == "("
        follower_counts = "c" in classes[i:j] or name in ("bare", "dose_times", "slots", "packs", "daily_number", "times")
        if opened and not in_brackets and kinds_only(chunks, _DOSE | {"form"}) and name != "bare":
            # "10 mg (two 5 mg tablets)": the same once more
            p.note(p.facts, "same-as", i, j)
            chunks.clear()
            return True
        if isinstance(first, Amount) and measured and (follower_counts or c.dose_kind == "strength" or sep in (".", ":")):
            if first.kind != "volume" or follower_counts:
                take_strength(p, c)
                return True
        if isinstance(first, Amount) and not measured and sep == "." and not c.verb and not c.bare:
            strength = p.strength, p.strength_at
            take_strength(p, c)
            p.strength, p.strength_at = strength
            p.facts[-1] = Note("pack", p.text(*at), p.span(*at), first)
            return True
        p.problem(
            f"Two amounts stand side by side: {p.text(at[0], j)}.", at[0], j, "Say which one is the dose, and when each is taken."
        )
        return False


def kinds_only(chunks: list[Chunk], kinds: frozenset[str] | set[str]) -> bool:
    """Whether all chunks are of some kinds."""
    return all(name in kinds for name, _, _ in chunks)


def _after(p: Parse, c: Clause, chunk: Chunk) -> None:
    """ "after 3 days" before a change: so long holds what stands before it."""
    _, i, j = chunk
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    if p.lex.values[i] != "P" or unit is None or len(numbers) > 1:
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j)
        return
    length = Amount(numbers[0] if numbers else 1, unit[1])
    if c.length is None and length.value > 0:
        c.length = length
        c.bounds = Bounds(duration=length)
        c.spans["bounds"] = p.span(i, j)


def _eyes(p: Parse, c: Clause) -> None:
    """OD: the right eye beside drops, once daily elsewhere; refused where neither is clear."""
    unit = c.amount.unit if isinstance(c.amount, Amount) else ""
    if not unit and c.amount is not None and not isinstance(c.amount, Amount):
        end = c.amount.high or c.amount.low
        unit = end.unit if end else ""
    text = p.lex.text.lower()
    drops = unit == "{drop}" or "eye" in text or (c.route is not None and c.route.text in ("ophthalmic", "intravitreal")) or (
        c.site is not None and "eye" in c.site.text
    )
    soft = any(w in text for w in ("instil", "ung", "oint", "oc "))
    old, p.clause = p.clause, c
    eyes, c.eyes = c.eyes, []
    for n, (i, j) in enumerate(eyes):
        p.note(p.warnings, "od", i, j)
        if (drops or soft) and c.site is None and (c.timed or n + 1 < len(eyes)):
            from posology.directions import Concept

            c.site = Concept("right eye")
            c.spans["site"] = p.span(i, j)
        elif drops and c.site is None:
            p.problem(f"This has two readings: {p.text(i, j)} can be the right eye or once daily.", i, j, "Write it in full.")
        elif c.period_unit is None and (c.amount is not None or c.verb or c.route is not None) and not c.days:
            HANDLERS["interval"](p, i, j) if False else _daily(p, c, i, j)
        elif c.when or c.days:
            p.note(p.left, "word", i, j)
        else:
            p.problem(f"This has two readings: {p.text(i, j)} can be the right eye or once daily.", i, j, "Write it in full.")
    p.clause = old


def _daily(p: Parse, c: Clause, i: int, j: int) -> None:
    c.frequency, c.period, c.period_unit = 1, Fraction(1), "d"
    c.spans["timing"] = p.span(i, j)


_SLOTS = ("MORN", "NOON", "EVE", "NIGHT")


def _expand_slots(clauses: list[Clause]) -> list[Clause]:
    out: list[Clause] = []
    for c in clauses:
        if not c.slots:
            out.append(c)
            continue
        by: dict[Fraction, list[str]] = {}
        for value, code in zip(c.slots, _SLOTS, strict=False):
            if value:
                by.setdefault(value, []).append(code)
        for n, (value, codes) in enumerate(by.items()):
            one = c
            if n:
                one = Clause("&", False)
                for name in ("bounds", "length", "route", "site", "needed", "reason", "start", "end", "spans", "instructions", "maxes"):
                    setattr(one, name, getattr(c, name))
            one.slots = ()
            one.amount = Amount(value, c.dose_kind if c.dose_kind else "1")
            one.when = codes
            out.append(one)
    return out


def _unit_like(clauses: list[Clause], p: Parse) -> None:
    """ "1 tablet in the morning and 2 at night": a number without a unit counts what the clause before it counts."""
    for a, b in zip(clauses, clauses[1:], strict=False):
        if b.bare and not b.inherited and isinstance(b.amount, Amount) and b.amount.unit == "1" and not a.bare:
            unit = a.amount.unit if isinstance(a.amount, Amount) else None
            if unit is None and a.amount is not None and not isinstance(a.amount, Amount):
                end = a.amount.high or a.amount.low
                unit = end.unit if end else None
            if unit:
                b.amount = Amount(b.amount.value, unit)
                b.bare = False
                if b.dose_at:
                    p.note(p.inferred, "same-unit", *b.dose_at)


def _course(p: Parse, clauses: list[Clause], reader: _Reader, taking: Course | None) -> Course | None:
    clauses = _expand_slots(clauses)
    _absorb(clauses)
    last = clauses[-1]
    if len(clauses) > 1 and _pack_like(last) and last.dose_at is not None:
        p.note(p.facts, "pack", *last.dose_at, value=last.amount)
        clauses.pop()
    _unit_like(clauses, p)
    groups: list[list[Clause]] = []
    for c in clauses:
        if not groups or _new_step(p, groups[-1], c):
            groups.append([c])
        else:
            groups[-1].append(c)
    _headings(p, groups)
    for group in groups:
        _share(group)
        if len(group) > 1:
            group[:] = _same(group)
    _every_dose_timed(p, groups)
    for one, two in zip(groups, groups[1:], strict=False):
        if len(one) == len(two) == 1 and two[0].heading is not None and two[0].amount is None and two[0].timed:
            two[0].amount, two[0].bare, two[0].inherited = one[0].amount, one[0].bare, True
    many = len(groups) > 1 or len(groups[0]) > 1
    if any(c.change is not None and c.change.by is not None for g in groups for c in g):
        return _steps.expand(p, groups, reader.after, taking)
    phases: list[Phase] = []
    after: After | None = reader.after
    for n, group in enumerate(groups, 1):
        length = group[0].length
        if length is not None and any(c.length != length for c in group):
            length = None
        made = tuple(directions(p, c, n if many else None, length is not None) for c in group)
        if n < len(groups) and length is None:
            length = _worked_out(p, group, groups[n])
            if length is None:
                p.problems.append(
                    Problem(
                        f"It is not said how long this step lasts: {group[0] and p.lex.text[group[0].start : group[-1].end]}.",
                        place(max(group[0].start, 0), group[-1].end),
                        "Say for how many days.",
                        p.lex.text[group[0].start : group[-1].end],
                    )
                )
                phases.append(Phase(made, None))
                return Course(tuple(phases), "unknown")
        phases.append(Phase(made, length))
    last = groups[-1]
    if after is None:
        bounded = any(c.bounds is not None or c.count is not None or c.upto_len for c in last)
        after = "unknown" if bounded else "continue"
    elif after == "continue" and phases[-1].length is not None:
        after = "continue"
    return Course(tuple(phases), after)


def _every_dose_timed(p: Parse, groups: list[list[Clause]]) -> None:
    """Of several amounts each needs its time; a number alone says nothing."""
    clauses = [c for g in groups for c in g]
    for c in clauses:
        alone = len(clauses) == 1
        if c.amount is None or c.timed or c.inherited or c.change is not None:
            continue
        if alone and not (c.bare and c.bounds is None and c.route is None and not c.verb):
            continue
        if not alone and (c.bounds is not None or c.heading is not None or c.duration is not None):
            continue
        if not alone and c is clauses[-1] and len(groups) > 1 and c.step:
            continue
        what = p.lex.text[c.start : c.end]
        p.problems.append(
            Problem(f"When this is taken is not said: {what}.", place(max(c.start, 0), c.end), "Say how often.", what)
        )


def _pack_like(c: Clause) -> bool:
    """A count of at least a week's worth behind the directions, and nothing with it, is the pack."""
    if not isinstance(c.amount, Amount) or not UNIT_IS_COUNT(c.amount.unit) or c.amount.value < 7 or c.bare:
        return False
    said = c.timed or c.bounds or c.maxes or c.instructions or c.heading or c.change or c.route or c.site or c.max_adm
    return not said and not c.verb and not c.step and c.join in (".", ",")


def _absorb(clauses: list[Clause]) -> None:
    """A first clause that only says why or how belongs to the next."""
    while len(clauses) > 1 and clauses[0].amount is None and not clauses[0].timed and clauses[0].change is None and clauses[0].heading is None:
        first, second = clauses[0], clauses[1]
        if first.bounds is not None and second.bounds is None:
            second.bounds, second.length = first.bounds, first.length
        second.instructions = first.instructions + second.instructions
        second.indication = second.indication or first.indication
        second.route, second.site = second.route or first.route, second.site or first.site
        second.maxes = first.maxes + second.maxes
        second.spans = {**first.spans, **second.spans}
        second.start = min(first.start, second.start)
        del clauses[0]


def _new_step(p: Parse, group: list[Clause], c: Clause) -> bool:
    if c.step:
        if c.join == ">" and c.change is None and not c.length and not any(g.length or g.bounds or g.count for g in group) and c.heading is None:
            # "1 in the morning then 2 at night": both on every day
            firsts = [w for g in group for w in g.when] + [t for g in group for t in g.times]
            if firsts and (c.when or c.times) and not set(firsts) & set(c.when + c.times) and not c.period_unit:
                p.note(p.second, "then-same-day", *(c.dose_at or (0, 1)))
                return False
        return True
    bounded = any(g.length for g in group)
    if not bounded:
        return False
    if c.join != "&" and c.amount is not None:
        if c.length is None:
            if c.needed and not group[0].needed:
                return False
            p.note(p.inferred, "step", *(c.dose_at or (0, 1)))
        return True
    if c.join == "&" and c.length is not None and not (c.when and group[0].when):
        p.note(p.second, "step", *(c.dose_at or (0, 1)))
        return True
    return False


def _share(group: list[Clause]) -> None:
    """What stands once, at the end or the beginning, holds for all that is taken side by side."""
    if len(group) < 2:
        return
    first, last = group[0], group[-1]
    # Judged before anything is shared: a length given to the first must not keep it from the one between.
    at_end = last.bounds is not None and not any(g.bounds for g in group[:-1])
    for c in group:
        if c.bounds is None and at_end:
            c.bounds, c.length = last.bounds, last.length
            c.spans.setdefault("bounds", last.spans["bounds"])
        if c.bounds is None and first.bounds is not None and c is not first and all(g.bounds is None for g in group[1:]):
            c.bounds, c.length = first.bounds, first.length
        if c.days == [] and last.days and c is not last and not any(g.days for g in group[:-1]) and c.when and last.when:
            c.days = list(last.days)
        if c.route is None and first.route is not None:
            c.route = first.route
        if c.site is None and first.site is not None and c is not first and c.when:
            c.site = first.site
        if c.indication is None and last.indication is not None and not c.needed:
            c.indication = last.indication
    if last.needed and not last.verb and not any(g.needed for g in group[:-1]) and last.join == "&" and all(g.when for g in group):
        for c in group[:-1]:
            c.needed, c.reason = True, last.reason
    if last.period_unit in ("d", "wk", "mo") and last.when and all(g.when and not g.period_unit for g in group[:-1]):
        for c in group[:-1]:
            c.frequency, c.period, c.period_unit = last.frequency, last.period, last.period_unit


def _same(group: list[Clause]) -> list[Clause]:
    """ "1 in the morning and 1 at night" is one direction with two times."""
    out: list[Clause] = []
    for c in group:
        for o in out[-1:]:
            if (
                o.amount == c.amount and not (o.period_unit or c.period_unit)
                and (o.when and c.when and not o.times and not c.times or o.times and c.times and not o.when and not c.when)
                and o.days == c.days and o.offset == c.offset and o.needed == c.needed and o.reason == c.reason and o.bounds == c.bounds
                and (o.site is None or c.site is None or o.site == c.site) and o.count == c.count and not set(o.when) & set(c.when)
                and (not o.maxes or not c.maxes)
            ):  # fmt: skip
                o.when += c.when
                o.times += c.times
                o.site = o.site or c.site
                o.instructions += [x for x in c.instructions if x not in o.instructions]
                o.maxes += c.maxes
                o.end = max(o.end, c.end)
                for name in ("dose", "when", "times", "instructions", "max", "site", "route"):
                    if name in c.spans:
                        o.mark(name, c.spans[name])
                break
        else:
            out.append(c)
    return out


def _headings(p: Parse, groups: list[list[Clause]]) -> None:
    """ "Day 1: ... Days 2 to 5: ...": lengths from the numbers, which must follow each other."""
    nxt: dict[str, Fraction] = {}
    for group in groups:
        for c in group:
            if c.heading is None:
                continue
            unit, a, b = c.heading
            expected = nxt.get(unit, Fraction(1))
            if a != expected or b < a or a.denominator != 1 or b.denominator != 1 or unit not in ("d", "wk", "mo"):
                p.problems.append(
                    Problem(
                        f"The days or weeks do not follow each other: {p.lex.text[c.start : c.end]}.",
                        place(max(c.start, 0), c.end),
                        "Name every day, beginning with the first.",
                    )
                )
                return
            if c.length is None and c.bounds is None and not c.open_end:
                c.length = Amount(b - a + 1, unit)
                c.bounds = Bounds(duration=c.length)
        tops = [(c.heading[0], c.heading[2]) for c in group if c.heading is not None]
        for unit, b in tops:
            nxt[unit] = b + 1


def _worked_out(p: Parse, group: list[Clause], following: list[Clause]) -> Amount | None:
    """How long a counted step lasts: its number of intervals; one dose at once lasts until the next interval."""
    if len(group) != 1 or group[0].count is None or group[0].count_max is not None:
        return None
    c = group[0]
    n = c.count
    assert n is not None
    at = c.dose_at or (0, 1)
    if n == 1:
        f = following[0]
        length = Amount(1, "d")
        if f.period is not None and f.period_unit in ("h", "min", "d", "wk", "mo") and f.frequency == 1:
            length = Amount(f.period, f.period_unit)
    elif c.frequency is not None and c.period is not None and c.period_unit is not None:
        length = Amount(c.period * n / c.frequency, c.period_unit)
    else:
        return None
    p.note(p.inferred, "step-length", at[0], at[1], length)
    return length


def _named(p: Parse, clauses: list[Clause]) -> Named | None:
    lex: Lexemes = p.lex
    strength = p.strength
    if strength is None:
        for c in clauses:
            if c.strength is not None:
                strength = c.strength
                break
    name = p.name
    if name is None and p.left:
        # Words right before the first amount, or at the head of the text, name the medicine.
        firsts = [c.dose_at[0] for c in clauses if c.dose_at] + ([p.strength_at[0]] if p.strength_at else [])
        if firsts:
            at = min(firsts)
            k = at
            while k > 0 and lex.classes[k - 1] in "w^":
                k -= 1
            words = [n for n in p.left if n.key == "word" and n.span.start >= lex.starts[k] and n.span.end <= lex.starts[at]]
            if k < at and words and lex.classes[at : at + 1] == "n" and lex.classes[k:at].strip("^"):
                name = (p.text(k, at), None, k, at)
                p.left = [n for n in p.left if n not in words]
    if name is None and strength is None and not p.form and not p.release:
        return None
    span = p.span(name[2], name[3]) if name else Span()
    return Named(name[0] if name else "", name[1] if name else None, strength, p.form, p.release, span)
