"""Turns the chunks of a text into clauses: one for each amount and its time.

Knows no meaning of a field; which chunk sets which is told by `posology.wording.chunks`.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from posology.amount import UNITS, Amount
from posology.directions import After, Bounds, Concept
from posology.errors import Problem, UnreadableError
from posology.wording.chunks import HANDLERS, timing_of
from posology.wording.clause import Clause, Parse
from posology.wording.closing import finish
from posology.wording.fields import take_strength
from posology.wording.lasting import read_max
from posology.wording.scan import Note, place

_DOSE = frozenset(
    [
        "slots",
        "dose",
        "packs",
        "counted_strength",
        "counted_patch",
        "strength_form",
        "strength_then",
        "dose_times",
        "bare",
    ]
)
_MEALS = frozenset(("when", "meals", "relation"))
_OFTEN = frozenset(["times", "once", "interval", "code", "daily_number", "max_times", "once_alone", "xn"])
_TIMES = frozenset(("clock", "days"))
_TIMED = _MEALS | _OFTEN | _TIMES | {"needed", "for_needed", "needed_if", "count", "doses", "eye_or_daily", "event"}
_CHANGES = frozenset(("change", "change_to"))
_SPLITS = _TIMED | {"course", "bare_time", "heading", "max", "over"}
_ADVICE = frozenset(("advice", "advice_not", "advice_if", "verb", "site", "rest", "name"))
_HEADS = frozenset(("when", "meals", "clock", "days", "relation"))
_SEPARATORS = frozenset(("sep", "then", "continue", "instead"))
_TOTAL = frozenset(("total", "totalling", "totaling", "making", "giving", "equals", "equalling"))
Chunk = tuple[str, int, int]
_STRENGTH_OF = {".": 3, ">": 5, ",": 1, "&": 2, "(": 1, ")": 1, ":": 1}


class Cutter:
    """Cuts the chunks into clauses and fills them."""

    def __init__(self, p: Parse, chunks: list[Chunk]) -> None:
        self.p, self.chunks = p, chunks
        self.done: list[Clause] = []
        self.after: After | None = None
        self.last = ""

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
                elif name == "instead":
                    sep = "5"
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
            for a, b in pairwise(doses):
                if any(chunks[k][0] in _SPLITS for k in range(a + 1, b)):
                    cut = b
                    while cut - 1 > a and (
                        chunks[cut - 1][0] in ("verb", "heading", "name") or self.says_total(chunks[cut - 1 : cut + 1])
                    ):
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
        finish(self.p, c)
        if c.dose_kind == "strength" and isinstance(c.amount, Amount) and c.dose_at is not None:
            if c.amount.unit == "%":
                take_strength(self.p, c)
            else:
                self.p.note(self.p.second, "strength-or-dose", *c.dose_at)
        for i, j in c.loose:
            if c.amount is None and not c.slots:
                self.p.problem(f"How many is not said: {self.p.text(i, j)}.", i, j, "Write a number before it.")
            elif self.p.lex.classes[i] == "c":
                self.p.form = self.p.form or self.p.lex.values[i]
        if c.odd_days is not None and (c.when or c.times or c.days or c.period_unit not in (None, "wk", "mo")):
            i, j = c.odd_days  # "at night on dialysis days": not every night
            self.p.problem(
                f"On which days this is, is not said: {self.p.text(i, j)}.", i, j, "Name the days of the week."
            )
        product = self.p.strength_at
        if product is not None and c.amount is None and not c.slots and c.rate is None and c.timed:
            i, j = product  # "1 g in 100 ml three times a day": of the product, or the dose in what it is mixed with
            if self.p.lex.classes[i + 2 : i + 3] == "i" and self.p.lex.starts[i] >= c.start >= 0:
                self.p.problem(
                    f"Whether this is the dose is not said: {self.p.text(i, j)}.", i, j, "Write how much is taken."
                )
        for i, j in c.hidden:
            if not c.timed:  # "open 2 capsules, remember to have them three times a day"
                self.p.problem(
                    f"Whether this says when it is taken is not clear: {self.p.text(i, j)}.",
                    i,
                    j,
                    "Write how much, then how often.",
                )
        if c.clock_doubt >= 0 and (c.amount is None or c.bare):
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
                Problem(
                    "What is taken on these days is not said.",
                    place(at, c.end),
                    "Say how much.",
                    self.p.lex.text[at : c.end],
                )
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
        if sep == "5" or (c.except_days is not None and has_dose and kinds <= _DOSE | {"verb"}):
            self.instead(chunks)
            return
        if not kinds.isdisjoint(_CHANGES):
            if live:
                before = next(k for k, chunk in enumerate(chunks) if chunk[0] in _CHANGES)
                if before and sep != ">":
                    self.run(chunks[:before])
                    chunks = chunks[before:]
                self.open(sep, True)
        elif sep == ">" and live:
            if kinds <= _ADVICE:  # "leave on 5 minutes then rinse"
                self.run(chunks)
                return
            if not has_dose and kinds.isdisjoint(_TIMED | {"course", "rate", "heading"}):
                p.problem(
                    "What follows is not understood.", chunks[0][1], chunks[-1][2], "Write how much, and how often."
                )
                self.run(chunks)
                return
            self.open(sep, True, None if has_dose else c)
            if not has_dose:
                p.note(p.inferred, "same-dose", chunks[0][1], chunks[-1][2])
        elif "heading" in kinds and live and c.heading is not None:
            self.open(sep, True, None if has_dose or kinds == {"heading"} else c)
        elif said and c.timed and self.says_total(chunks):
            self.total(chunks, True)
            return
        elif (
            sep == "&"
            and chunks[0][0] == "needed"
            and (kinds <= _TIMED or (kinds == {"needed", "dose"} and p.lex.classes[chunks[-1][1]] == "U"))
            and (c.period_unit or c.when or c.times)
            and not c.needed
        ):
            # "four times a day and when required", "in the morning and prn at night": more then, and how many is not said
            p.problem(
                f"This has two readings: only when needed, or more when needed: {p.text(chunks[0][1], chunks[-1][2])}.",
                chunks[0][1],
                chunks[-1][2],
                "Write what is taken when needed as directions of its own.",
            )
        elif sep == "&" and kinds == {"event"} and (c.period_unit or c.when or c.times) and not c.needed:
            i, j = chunks[0][1:]
            if p.lex.values[i] == "P" and "q" in p.lex.classes[i:j]:
                # "twice a day, and after each bowel motion": as much then, besides
                if said:
                    self.open(sep, False, c)
                    p.note(p.inferred, "same-dose", i, j)
                else:
                    p.problem(
                        f"How much more is used then is not said: {p.text(i, j)}.",
                        i,
                        j,
                        "Write each as directions of its own.",
                    )
        elif said and c.timed and kinds <= {"dose", "rest"} and self.in_a_day(chunks[0]):
            _, i, j = chunks[0]  # "1 after each loose motion, up to 8 tablets a day"
            read_max(p, i, j)
            c.end = p.lex.ends[j - 1]
            chunks = chunks[1:]
        elif has_dose and said and c.timed and sep == "(":
            self.total(chunks)
            return
        elif has_dose and said:
            if c.inherited and c.heading is not None and not c.timed:
                c.amount, c.inherited = None, False  # "day 8: 1 mg": its own dose, and not the one before it
            elif not c.timed and c.heading is None and c.bounds is None and not c.slots:
                if not self.demote(chunks, sep):
                    self.open(sep, False)
            else:
                self.open(sep, False)
        elif (
            said
            and not has_dose
            and c.length is not None
            and "course" in kinds
            and kinds & (_OFTEN | _MEALS | {"eye_or_daily"})
        ):
            self.open(sep, True, c)  # "..., twice a day for 1 week"
            p.note(p.inferred, "same-dose", chunks[0][1], chunks[-1][2])
        elif (
            said
            and not has_dose
            and sep == "&"
            and self.last in ("before_after", "meals", "relation")
            and c.period_unit
        ):
            pass  # "four times a day between meals and at bedtime": the places of the four
        elif said and not has_dose and sep == "&" and not kinds.isdisjoint(_MEALS | _OFTEN | _TIMES) and c.timed:
            often = bool(c.period_unit)
            new_often = not kinds.isdisjoint(_OFTEN)
            if (
                ("site" in kinds and c.site is not None)  # "in the right eye in the morning and the left eye at night"
                or (often and not c.when and not new_often and not c.days and "days" not in kinds)
                or (new_often and (c.when or c.times) and not often)
                or ("clock" in kinds and c.when)
                or (c.times and not kinds.isdisjoint(_MEALS))
                or (often and new_often and kinds.isdisjoint({"max_times"}))
            ):
                self.open(sep, False, c)
                p.note(p.inferred, "same-dose", chunks[0][1], chunks[-1][2])
        if p.clause is not c and p.clause.inherited and "site" in kinds:
            p.clause.site = None
        self.run(chunks)

    def in_a_day(self, chunk: Chunk) -> bool:
        """ "up to 8 a day": behind a dose and its time, the most in a day."""
        _, i, j = chunk
        classes = self.p.lex.classes
        return classes[i] == "U" and classes[j - 2 : j] in ("at", "pt")

    def instead(self, chunks: list[Chunk]) -> None:
        """ "except 7.5 mg on Tuesdays", "except on Sundays when you take two": another amount on some of the days."""
        p = self.p
        off, p.clause.except_days = p.clause.except_days, None
        self.open("5", False)
        c = p.clause
        c.instead = True
        if off is not None:  # "except on Sundays when you take two"
            c.days = off[0]
            c.mark("days", p.span(*off[1:]))
        elif kinds_only(chunks, _DOSE | {"verb"}):
            p.problem(
                f"When this is taken instead is not said: {p.text(chunks[0][1], chunks[-1][2])}.",
                chunks[0][1],
                chunks[-1][2],
                "Name the days.",
            )
        self.run(chunks)

    def says_total(self, chunks: list[Chunk]) -> bool:
        """ "..., total 15 mg daily", "..., daily dose 30 mg": no dose, what the doses of a day come to."""
        name, i, j = chunks[0]
        lex = self.p.lex
        word = lex.text[lex.starts[i] : lex.ends[j - 1]].lower()
        said = word in _TOTAL if name == "rest" else name == "each_dose" and lex.values[j - 1] == "day"
        return (
            said
            and bool(self.p.numbers(i, chunks[-1][2]))
            and kinds_only(chunks[1:], _DOSE | _OFTEN | {"rate", "rest", "sep"})
        )

    def day(self, unit: str) -> tuple[Fraction | None, bool]:
        """What the clauses that are taken side by side come to in a day, and whether all could be counted in this unit."""
        kind = Amount(1, unit).kind
        here = [self.p.clause]
        while not here[0].step and len(here) <= len(self.done):
            here.insert(0, self.done[-len(here)])
        total: Fraction = Fraction(0)
        for c in here:
            often = timing_of(self.p, c).times_a_day
            same = [a for a in (c.amount, c.equal) if isinstance(a, Amount) and a.kind == kind]
            if often is None or not same:
                return None, not isinstance(c.amount, Amount) or c.amount.kind == kind
            total += same[0].base * often
        return total, True

    def total(self, chunks: list[Chunk], all_of_day: bool = False) -> None:
        """ "10 mg three times a day (30 mg daily)": the day's total said once more, or else two doses."""
        p, c = self.p, self.p.clause
        first, last = chunks[0][1], chunks[-1][2]
        numbers, unit = p.numbers(first, last), p.find("m", first, last) or p.find("c", first, last)
        if unit not in UNITS:
            unit = None
        often = timing_of(p, c).times_a_day
        low = c.amount if isinstance(c.amount, Amount) else None
        if len(numbers) == 1 and unit and all_of_day:
            said = Amount(numbers[0], unit)
            comes_to, same_kind = self.day(unit)
            if comes_to == said.base or (comes_to is None and not same_kind):  # "1 tablet twice a day, total 20 mg"
                p.note(p.facts, "same-as", first, last, said)
                return
        elif len(numbers) == 1 and unit and low is not None and often is not None:
            said = Amount(numbers[0], unit)
            same = [a for a in (low, c.equal) if a is not None and a.kind == said.kind]
            if any(said.base in (a.base * often, a.base) for a in same):
                p.note(p.facts, "same-as", first, last, said)
                return
        if (
            len(numbers) == 2
            and low is not None
            and p.find("m", first, last) == low.unit
            and numbers[0] * numbers[1] == low.value
        ):
            p.note(p.facts, "same-as", first, last)  # "15 mg ... (three 5 mg tablets)"
            return
        p.problem(f"These amounts do not agree: {p.text(first, last)}.", first, last, "Write one dose, and how often.")

    def leads_with_number(self, chunks: list[Chunk], sep: str) -> bool:
        """ "..., 6 daily for 2 days": after a separator, the number is a dose, not a frequency."""
        if not sep:
            return False
        name, i, j = next((chunk for chunk in chunks if chunk[0] != "verb"), chunks[0])
        classes = self.p.lex.classes
        if name == "daily_number":
            return bool(self.p.lex.values[j - 1] == (1, "d"))
        return name == "times" and classes[i] == "n" and "T" not in classes[i:j] and "x" not in classes[i:j]

    def run(self, chunks: list[Chunk]) -> None:
        """Apply each chunk to the clause."""
        p = self.p
        lex = p.lex
        for name, i, j in chunks:
            c = p.clause
            if name == "stop" or (
                name == "off" and j == len(lex.classes.rstrip(".")) and p.text(i, j).lower() == "off"
            ):
                self.after = "stop"
                continue
            if name == "change_to" and "B" in lex.classes[i:j] and self.done:
                b, t = lex.classes.index("B", i, j), lex.classes.index("t", i, j) + 1
                _after(p, self.done[-1], ("after_time", b, t))
            changed = c.change is not None or (c.join == ">" and c.amount is not None and c.timed)
            if name == "after_time" and changed and self.done and not self.done[-1].length:
                _after(p, self.done[-1], (name, i, j))
                continue
            if c.start < 0:
                c.start = lex.starts[i]
            c.end = lex.ends[j - 1]
            self.last = name
            try:
                HANDLERS[name](p, i, j)
            except UnreadableError as error:
                for problem in error.problems:
                    p.problems.append(
                        Problem(problem.what, place(lex.starts[i], lex.ends[j - 1]), problem.todo, p.text(i, j))
                    )

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
        measured = isinstance(first, Amount) and first.kind in (
            "mass",
            "international unit",
            "substance",
            "unit",
            "per cent",
            "volume",
            "charge",
        )
        classes = p.lex.classes
        in_brackets = at[0] > 0 and classes[at[0] - 1] == "("
        opened = i > 0 and classes[i - 1] == "("
        follower_counts = "c" in classes[i:j] or name in (
            "bare",
            "dose_times",
            "slots",
            "packs",
            "daily_number",
            "times",
        )
        if opened and not in_brackets and kinds_only(chunks, _DOSE | {"form"}) and name != "bare":
            # "10 mg (two 5 mg tablets)": the same once more
            p.note(p.facts, "same-as", i, j)
            chunks.clear()
            return True
        volume = isinstance(first, Amount) and first.kind == "volume"
        headed = follower_counts or (not volume and (c.dose_kind == "strength" or sep in (".", ":")))
        if measured and headed and sep != "&":
            take_strength(p, c)
            return True
        if isinstance(first, Amount) and not measured and sep == "." and not c.verb and not c.bare:
            strength = p.strength, p.strength_at
            take_strength(p, c)
            p.strength, p.strength_at = strength
            p.facts[-1] = Note("pack", p.text(*at), p.span(*at), first)
            return True
        p.problem(
            f"Two amounts stand side by side: {p.text(at[0], j)}.",
            at[0],
            j,
            "Say which one is the dose, and when each is taken.",
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
    drops = (
        unit == "{drop}"
        or "eye" in text
        or (c.route is not None and c.route.text in ("ophthalmic", "intravitreal"))
        or (c.site is not None and "eye" in c.site.text)
    )
    soft = any(w in text for w in ("instil", "ung", "oint", "oc "))
    old, p.clause = p.clause, c
    eyes, c.eyes = c.eyes, []
    for n, (i, j) in enumerate(eyes):
        p.note(p.warnings, "od", i, j)
        if (drops or soft) and c.site is None and (c.timed or n + 1 < len(eyes)):
            c.site = Concept("right eye")
            c.spans["site"] = p.span(i, j)
        elif drops and c.site is None:
            p.problem(
                f"This has two readings: {p.text(i, j)} can be the right eye or once daily.", i, j, "Write it in full."
            )
        elif c.period_unit is None and (c.amount is not None or c.verb or c.route is not None) and not c.days:
            _daily(p, c, i, j)
        elif c.when or c.days:
            p.note(p.left, "word", i, j)
        else:
            p.problem(
                f"This has two readings: {p.text(i, j)} can be the right eye or once daily.", i, j, "Write it in full."
            )
    p.clause = old


def _daily(p: Parse, c: Clause, i: int, j: int) -> None:
    c.frequency, c.period, c.period_unit = 1, Fraction(1), "d"
    c.spans["timing"] = p.span(i, j)
