"""Turns a label's sentences and tables into the maximum doses it states: value, unit, period, for whom, for what.

Knows no medicine by name. Maxima of animals, trials, overdoses, first doses, steps, levels and other medicines are left out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from attrs import evolve, frozen

from posology.labels.extract.human_dose import human_maxima, may_name
from posology.labels.extract.limit_owner import forms_in
from posology.labels.extract.limit_sentence import Limit, LimitReader
from posology.labels.extract.limit_tables import limits_of, pointed_columns, tables
from posology.labels.extract.limit_words import (
    DOSING,
    EXCLUDED,
    HIGHER_NOT,
    INTERACTIONS,
    NEAR_ENDS,
    RECOMMENDED_NOT_EXCEEDED,
    THIS_NOT_EXCEEDED,
    amounts_in,
    may_limit,
    period,
    trimmed,
    unit_name,
    value_of,
)
from posology.labels.extract.passage import Passage, Sentence, all_sentences, own_words, passage
from posology.labels.extract.scope import (
    Outline,
    Scope,
    anaphoric,
    headed,
    in_table,
    joined,
    names_a_use,
    norm,
    people_in,
)
from posology.labels.record import Block, Label, Section


@frozen
class MaximumDose:
    """One stated maximum. ``per``: "day", "dose", "week", "night", "month", "course", or "" where it is not stated.

    ``value`` and ``unit`` as the label writes them; ``unit`` of a maximum by body weight is "mg/kg".
    ``times_per_day``: of a maximum per dose that also says how often, and of a day's, in how many doses it is given.
    Empty population or indication: not restricted.
    """

    value: Decimal
    unit: str
    per: str
    population: str
    indication: str
    section_code: str
    quote: str
    passage: Passage
    times_per_day: Decimal | None = None
    aside: bool = False
    """Named only where the label compares doses (of animals) with it, and not as advice."""

    @property
    def per_day(self) -> Decimal | None:
        """The most in a day, where it is stated or follows from the times a day."""
        if self.per == "day":
            return self.value
        if self.per == "dose" and self.times_per_day is not None:
            return self.value * self.times_per_day
        return None


def maximum_doses(label: Label, sentences: list[Sentence]) -> tuple[MaximumDose, ...]:
    """Every maximum dose a label states for its own medicine in people, once each; an empty tuple is "not stated"."""
    outline = Outline()
    lists = _Lists()
    groups = _Groups()
    flat = _FlatTables(label)
    found: list[MaximumDose] = []
    before: Sentence | None = None
    within_section: Section | None = None
    here: list[str] = []
    dosing = " ".join(s.text for s in sentences if DOSING in s.place.codes)
    reader = LimitReader(own_words(label), forms_in(dosing))
    once = bool(_ONCE.search(dosing)) and not _OFTEN.search(dosing)
    sentences = [*sentences, *all_sentences(label, "copy")]
    within = {id(p.section): EXCLUDED.isdisjoint(p.codes) for p in label.walk("text", "copy")}
    cued = [s.passage.block >= 0 and within[id(s.place.section)] and may_limit(s.text) for s in sentences]
    heads = {id(headed(s.place)) for s, cue in zip(sentences, cued, strict=True) if cue}
    for s, cue in zip(sentences, cued, strict=True):
        if id(headed(s.place)) not in heads or not within[id(s.place.section)]:
            continue
        scope = outline.at(s)
        if s.place.section is not within_section:
            within_section, here = s.place.section, []
        if s.passage.block < 0:
            continue
        lead = lists.lead(s, cue)
        if lead or cue:
            scope = outline.within(s, scope)
            if len(s.block.cells) > 1:
                scope = in_table(s, _left_of(s), scope)
            context = s.block.words[: s.passage.start] if len(s.block.words) < 1500 else s.text
            told = anaphoric(s, before)
            scope = Scope(told.who or scope.who, told.use or scope.use)
            for piece in _outside_tables(s, flat):
                said = text = f"{lead} {piece.text}" if lead else piece.text
                if before is not None and before.block is s.block:
                    said, text = _of_the_last(before.text, text)
                if here and RECOMMENDED_NOT_EXCEEDED.match(text):
                    said, text = _of_the_recommended(here, text)
                limits = reader.read(text, context, INTERACTIONS in s.place.codes)
                found += [_made(x, s, said, scope, once) for x in limits]
            groups.after(s, found)
        else:
            groups.item(s, found)
        before = s
        here.append(s.text)
    found += _of_tables(label, once)
    found += _pointed(label, sentences, once)
    by_size = not dosing or bool(_BY_SIZE.search(dosing))
    of_people = [
        evolve(_made(evolve(x, per=x.per or _period_in(dosing, x)), s, s.text, Scope(), once), aside=True)
        for s in sentences
        if s.passage.block >= 0 and may_name(s.text)
        for x in human_maxima(s.text, reader, by_size, not within[id(s.place.section)])
    ]
    summed_up = [
        _made(x, s, s.text, Scope(), once)
        for s in all_sentences(label, "highlights")
        if s.passage.block >= 0 and not s.block.cells and may_limit(s.text)
        for x in reader.read(s.text, "", INTERACTIONS in s.place.codes)
    ]
    if any(m.unit != "dose" for m in (*found, *summed_up)):
        # "three doses in 24 hours" beside an amount is how often, not how much
        found, summed_up = ([m for m in ms if m.unit != "dose"] for ms in (found, summed_up))
    stated = _and_new(_distinct(found), _distinct(summed_up), _same_figure)
    return _and_new(stated, _distinct(of_people), _says)


def _left_of(s: Sentence) -> list[str]:
    """The cells of a row that stand before the one a sentence is in; of a sentence over several, before the first amount."""
    texts = (c.text for c in s.block.cells)
    return list(itertools.takewhile(lambda text: s.text not in text and not amounts_in(text), texts))


def _of_tables(label: Label, once: bool) -> Iterator[MaximumDose]:
    """The maxima that the tables of a label state by their heads."""
    for place in label.walk("text", "copy"):
        if EXCLUDED.isdisjoint(place.codes):
            for c in (c for table in tables(place) for c in limits_of(table, place)):
                at = passage(place, c.block, text := place.section.blocks[c.block].words, 0, len(text))
                yield _dose(_in_a_day(c.limit, once), at, c.quote)


def _pointed(label: Label, sentences: list[Sentence], once: bool) -> Iterator[MaximumDose]:
    """The maxima of columns that a sentence points to: "should not exceed the maintenance dosage shown in Table 1"."""
    wanted = {n: head for s in sentences if "able" in s.text for n, head in pointed_columns(s.text)}
    if not wanted:
        return
    for place in label.walk("text", "copy"):
        for table in tables(place):
            number = re.match(r"\W*Table\s+(\d+)", table.caption, re.I)
            if number and number[1] in wanted:
                for c in limits_of(table, place, wanted[number[1]]):
                    at = passage(place, c.block, text := place.section.blocks[c.block].words, 0, len(text))
                    yield _dose(_in_a_day(c.limit, once), at, c.quote)


def _of_the_last(before: str, text: str) -> tuple[str, str]:
    """A sentence that forbids more than "this dose", or "higher doses", than the sentence before names.

    What the label says, and what is to be read for it.
    """
    said = f"{before} {text}"
    if THIS_NOT_EXCEEDED.match(text):
        return said, f"{before.rstrip(' .')}; {text}"
    amounts = amounts_in(before) if HIGHER_NOT.match(text) else []
    if not amounts or re.search(
        r"\b(?:effect\w*|benefits?|efficacy|trials?|stud\w+|initial\w*|start\w*)\b", before, re.I
    ):
        return text, text
    return said, f"Doses above {before[amounts[-1].start() :].rstrip(' .')} are not recommended."


def _of_the_recommended(earlier: list[str], text: str) -> tuple[str, str]:
    """A sentence that forbids more than the recommended dose, read with the highest dose named before it in its section."""
    named = [(value_of(d["num"]), t, d) for t in earlier for d in amounts_in(t)]
    units = {unit_name(d["unit"], d["kg"]) for _, _, d in named}
    if len(units) != 1:
        return text, text
    _, t, d = max(named, key=lambda x: x[0])
    return f"{t} {text}", f"Doses above {t[d.start() :].rstrip(' .')} are not recommended."


def _made(limit: Limit, s: Sentence, text: str, scope: Scope, once: bool) -> MaximumDose:
    """A sentence's limit with what its headings add; ``once``: the medicine is taken once a day and never more often."""
    who = limit.who or scope.who
    if limit.who and scope.who and names_a_use(limit.who):
        who = joined((scope.who, limit.who))  # "Liver disease: ... 20 mg in patients with mania"
    return _dose(evolve(_in_a_day(limit, once), who=who, use=limit.use or scope.use), s.passage, text)


def _in_a_day(limit: Limit, once: bool) -> Limit:
    """A limit without a period is a day's where the medicine is taken once a day and never more often (``once``)."""
    return evolve(limit, per="day") if once and not limit.per and limit.unit in _MASSES else limit


def _dose(x: Limit, at: Passage, quote: str) -> MaximumDose:
    return MaximumDose(x.value, x.unit, x.per, x.who, x.use, at.section_code, quote, at, x.times)


_LEADS = re.compile(r":\s*$|\b(?:following|below)\b[^.]*[.:]?\s*$", re.I)


class _Lists:
    """Lists under a lead-in that sets a limit: "Do not exceed the following doses:" and then one dose an item."""

    def __init__(self) -> None:
        self._lead = ""
        self._place: object = None
        self._block = -1

    def lead(self, s: Sentence, cue: bool) -> str:
        """The lead-in that a sentence belongs under, where it sets no limit by words of its own; to be asked in order."""
        if id(s.place.section) != self._place:
            self._place, self._lead = id(s.place.section), ""
        inside = s.block.kind == "item" or s.passage.block == self._block
        if self._lead and inside and not cue and amounts_in(s.text):
            return self._lead
        if not inside or cue:
            leads = cue and _LEADS.search(s.text) and not amounts_in(s.text)
            self._lead = s.text.rstrip(" .:") + ":" if leads else ""
            self._block = s.passage.block
        return ""


class _Groups:
    """Lists of people under a limit: "should not exceed 25 mg in these patients:" and then one group an item."""

    def __init__(self) -> None:
        self._found = 0
        self._open: list[int] = []
        self._section: object = None

    def after(self, s: Sentence, found: list[MaximumDose]) -> None:
        """A sentence that may set limits was read into ``found``."""
        fresh = list(range(self._found, len(found)))
        self._open = fresh if s.text.endswith(":") or re.search(r"\bfollowing\b[^.;]{0,40}$", s.text) else []
        self._found, self._section = len(found), id(s.place.section)

    def item(self, s: Sentence, found: list[MaximumDose]) -> None:
        """A sentence that sets none follows: an item of the list names people, anything else ends the list."""
        if not self._open:
            return
        bullet = s.block.kind == "item" or bool(re.search(r"[•▪●◦■□‣⁃·]\s*$", s.block.words[: s.passage.start]))
        if not bullet or id(s.place.section) != self._section or amounts_in(s.text):
            self._open = []
        for i in self._open:
            found[i] = evolve(found[i], population=joined((found[i].population, people_in(s.text) or s.text[:70])))


class _FlatTables:
    """Tables that a source also gives run together in a paragraph (openFDA does): where they stand in it."""

    def __init__(self, label: Label) -> None:
        self.tables: list[list[str]] = []
        self.spans: dict[int, list[tuple[int, int]]] = {}
        for place in label.walk("text", "copy"):
            groups: dict[int, list[str]] = {}
            for b in place.section.blocks:
                if b.kind == "row" and b.group:
                    groups.setdefault(b.group, []).append("".join("".join(c.text for c in b.cells).split()))
            self.tables += [rows for rows in groups.values() if any(map(may_limit, rows))]

    def within(self, block: Block) -> list[tuple[int, int]]:
        """The spans of a block's words that are a table run together."""
        if not self.tables or block.cells:
            return []
        if id(block) not in self.spans:
            words = block.words
            index = [i for i, c in enumerate(words) if not c.isspace()]
            packed = "".join(words.split())
            self.spans[id(block)] = [
                (index[a], index[b - 1] + 1) for rows in self.tables for a, b in _row_run(packed, rows)
            ]
        return self.spans[id(block)]


def _row_run(packed: str, rows: list[str]) -> list[tuple[int, int]]:
    """Where most of a table's rows follow one another in a text without spaces; empty where they do not."""
    first = last = -1
    seen = 0
    for row in rows:
        at = packed.find(row, max(last, 0))
        if not row or at < 0 or (first >= 0 and at - last > 200) or (first < 0 and len(row) < 12):
            continue
        first = at if first < 0 else first
        last = at + len(row)
        seen += len(row)
    return [(first, last)] if first >= 0 and seen * 2 >= sum(map(len, rows)) else []


def _outside_tables(s: Sentence, flat: _FlatTables) -> Iterator[Sentence]:
    """The parts of a sentence that are not a table run together: its rows are read as rows."""
    at = s.passage.start
    for a, b in sorted(flat.within(s.block)):
        if b <= at or a >= s.passage.end:
            continue
        if a > at:
            yield evolve(s, text=s.block.words[at:a].strip())
        at = max(at, b)
    if at == s.passage.start:
        yield s
    elif at < s.passage.end:
        yield evolve(s, text=s.block.words[at : s.passage.end].strip())


_ONCE = re.compile(
    r"\b(?:once\s+(?:a\s+day|daily|per\s+day|each\s+day)|single\s+daily|(?:mg|mcg|g|units?)\s+(?:daily|per\s+day|a\s+day))\b",
    re.I,
)
_OFTEN = re.compile(
    r"\b(?:twice|(?:three|four|[234])\s+times\s+(?:an?|per|daily|each|every|during|in)\b|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|every\s+(?:\d+|three|four|six|eight|twelve)\s+(?:to\s+\d+\s+)?hours|"
    r"repeated|hourly|divided\s+doses)\b",
    re.I,
)
"""A label whose medicine is taken once a day, and never more often, states its maximum for the day."""
_BY_SIZE = re.compile(r"/\s*(?:kg|m\s?2|m²)|per\s+(?:kg|kilogram|square)", re.I)
_MASSES = ("mg", "mcg", "g", "unit", "mL", "mEq", "mg/kg", "mcg/kg")


def _distinct(found: list[MaximumDose]) -> tuple[MaximumDose, ...]:
    """One entry a fact: what the dosing section says stands; a bare repeat elsewhere adds nothing."""
    periods: dict[tuple[Decimal, str], set[str]] = {}
    for m in found:
        if m.per:
            periods.setdefault((m.value, m.unit), set()).add(m.per)
    # the same amount with one period elsewhere in the label has that period here too
    found = [
        evolve(m, per=next(iter(p))) if not m.per and len(p := periods.get((m.value, m.unit), set())) == 1 else m
        for m in found
    ]
    ranked = sorted(found, key=lambda m: (DOSING not in m.passage.codes, not (m.population or m.indication)))
    kept: list[MaximumDose] = []
    for m in ranked:
        same = [
            k for k in kept if (k.value, k.unit) == (m.value, m.unit) and (k.per == m.per or not m.per or not k.per)
        ]
        if any(_covers(k, m) for k in same):
            if not any(k.per for k in same) and m.per:
                kept = [evolve(k, per=m.per) if k in same else k for k in kept]
            continue
        kept.append(m)
    order = {id(m): i for i, m in enumerate(found)}
    return tuple(sorted(kept, key=lambda m: order.get(id(m), 0)))


def _period_in(text: str, x: Limit) -> str:
    """The period that a text gives the same amount; "" where it gives none, or several."""
    found = {
        period(trimmed(NEAR_ENDS.split(text[d.end() : d.end() + 60])[0]))[0]
        for d in amounts_in(text)
        if value_of(d["num"]) == x.value and unit_name(d["unit"], d["kg"]) == x.unit
    } - {""}
    return found.pop() if len(found) == 1 else ""


def _and_new(
    found: tuple[MaximumDose, ...], named: tuple[MaximumDose, ...], says: Callable[[MaximumDose, MaximumDose], bool]
) -> tuple[MaximumDose, ...]:
    """The maxima found, and of those named elsewhere (in the Highlights, beside doses of animals) what none of them ``says``."""
    new = [m for m in named if not any(says(k, m) for k in found)]
    periods = {(k.value, k.unit): k.per for k in found if k.per}
    return (*found, *(evolve(m, per=m.per or periods.get((m.value, m.unit), "")) for m in new))


def _same_figure(k: MaximumDose, m: MaximumDose) -> bool:
    """Whether two maxima are the same amount in a dose or in a day, whoever they are for."""
    a_day = {x for x in (m.per_day, m.value) if x is not None}
    return k.unit == m.unit and (k.value == m.value or k.per_day in a_day or k.value == m.per_day)


def _says(k: MaximumDose, m: MaximumDose) -> bool:
    """Whether a maximum is the figure another names, for no narrower group."""
    same = k.value != m.value or k.per == m.per or not k.per or not m.per
    narrower = set(norm(k.population).split()) - _EVERYBODY - set(norm(m.population).split())
    return same and _same_figure(k, m) and not (narrower and not names_a_use(k.population))


def _alike(one: str, other: str) -> bool:
    """Whether two namings of people share half of their words."""
    a, b = set(norm(one).split()) - _EVERYBODY, set(norm(other).split()) - _EVERYBODY
    return 2 * len(a & b) >= min(len(a), len(b))


_EVERYBODY = frozenset(
    {"patients", "people", "with", "in", "of", "the", "and", "or", "a", "who", "are", "those", "adult", "adults"}
)


def _covers(k: MaximumDose, m: MaximumDose) -> bool:
    """Whether an entry that is kept already says what another says of the same value and period."""
    if DOSING not in m.passage.codes:
        return not k.population or not m.population or _alike(k.population, m.population)
    same_who = not m.population or not k.population or norm(m.population) == norm(k.population)
    same_use = not m.indication or not k.indication or norm(m.indication) == norm(k.indication)
    crosswise = k.population and not m.population and m.indication and not k.indication
    return same_who and same_use and not crosswise
