"""Turns chunks of lexemes into the fields of a clause: dose, timing, route, bounds and the rest.

Knows nothing of clauses beside its own: joining them into steps is the work of `posology.wording.reading`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from posology.amount import Amount, Range, Strength
from posology.directions import DAYS, Bounds, Concept, Cycle, Directions, Dose, MaxDose, Rate, Span, Timing
from posology.errors import Problem, UnreadableError
from posology.wording.en import lexicon as en
from posology.wording.scan import Lexemes, Note, place

ONE = Fraction(1)
_HOURS = ("s", "min", "h")
_GENERAL = frozenset(("AC", "PC", "C"))
_SAME_TIME = {"MORN": "M", "WAKE": "M", "NOON": "D", "EVE": "V", "NIGHT": "V"}
"""The part of the day a meal lies in, by the last letter of its code."""
_RELATIONS = {"A": "AC", "P": "PC", "C": "C"}
_SPOONS = ("{spoonful}", "{teaspoon}", "{tablespoon}")
_TOP = 10**6


class Change:
    """A change of dose: up or down, by how much, how often, as far as what."""

    __slots__ = ("by", "each", "end", "every", "sign", "start", "to")

    def __init__(self, sign: int, start: int, end: int) -> None:
        self.sign, self.start, self.end = sign, start, end
        self.by: Amount | None = None
        self.each = ""
        self.every: Amount | None = None
        self.to = False


class Clause:
    """The fields of one instruction while they are collected; `directions` makes the checked value of them."""

    __slots__ = (
        "after_stop",
        "amount",
        "bare",
        "bounds",
        "change",
        "clock_doubt",
        "code",
        "count",
        "count_max",
        "cycle",
        "days",
        "dmax",
        "dose_at",
        "dose_kind",
        "dunit",
        "duration",
        "end",
        "equal",
        "events",
        "eyes",
        "for_hours",
        "frequency",
        "frequency_max",
        "heading",
        "indication",
        "inherited",
        "initial",
        "instructions",
        "join",
        "length",
        "loose",
        "max_adm",
        "max_life",
        "maxes",
        "method",
        "min_gap",
        "needed",
        "offset",
        "open_end",
        "period",
        "period_max",
        "period_unit",
        "rate",
        "reason",
        "route",
        "site",
        "slots",
        "spans",
        "start",
        "step",
        "stop",
        "strength",
        "times",
        "upto_len",
        "verb",
        "when",
    )  # fmt: skip

    def __init__(self, join: str = "", step: bool = False) -> None:
        self.join, self.step = join, step
        self.amount: Amount | Range | None = None
        self.dose_at: tuple[int, int] | None = None
        self.dose_kind = ""
        self.open_end = self.initial = self.for_hours = False
        self.min_gap: Amount | None = None
        self.bare = self.stop = self.verb = self.needed = self.upto_len = self.inherited = False
        self.slots: tuple[Fraction | None, ...] = ()
        self.frequency: int | None = None
        self.frequency_max: int | None = None
        self.period: Fraction | None = None
        self.period_max: Fraction | None = None
        self.period_unit: str | None = None
        self.days: list[str] = []
        self.times: list[str] = []
        self.when: list[str] = []
        self.offset: int | None = None
        self.count: int | None = None
        self.count_max: int | None = None
        self.duration: Fraction | None = None
        self.dmax: Fraction | None = None
        self.dunit: str | None = None
        self.bounds: Bounds | None = None
        self.length: Amount | None = None
        self.cycle: tuple[int, int] | None = None
        self.reason: Concept | None = None
        self.route: Concept | None = None
        self.site: Concept | None = None
        self.method: Concept | None = None
        self.rate: Rate | None = None
        self.maxes: list[MaxDose] = []
        self.max_adm: Amount | None = None
        self.max_life: Amount | None = None
        self.instructions: list[Concept] = []
        self.indication: Concept | None = None
        self.spans: dict[str, Span] = {}
        self.start = self.end = -1
        self.eyes: list[tuple[int, int]] = []
        self.change: Change | None = None
        self.heading: tuple[str, Fraction, Fraction] | None = None
        self.strength: Amount | None = None
        self.equal: Amount | None = None
        self.clock_doubt = -1
        self.loose: list[tuple[int, int]] = []

    def mark(self, name: str, span: Span) -> None:
        """Say where a field was read; what is said in two places spans both."""
        old = self.spans.get(name)
        self.spans[name] = span if old is None else Span(min(old.start, span.start), max(old.end, span.end))

    @property
    def timed(self) -> bool:
        """Whether anything is said of when."""
        return bool(
            self.frequency or self.frequency_max or self.period or self.days or self.times or self.when or self.count
            or self.count_max or self.needed or self.eyes
        )  # fmt: skip


class Parse:
    """One text while it is read: its lexemes, the clause that is being filled, and what is said beside it."""

    __slots__ = ("clause", "facts", "form", "inferred", "left", "lex", "name", "problems", "release", "second", "strength",
                 "strength_at", "warnings")  # fmt: skip

    def __init__(self, lex: Lexemes) -> None:
        self.lex = lex
        self.clause = Clause()
        self.problems: list[Problem] = list(lex.problems)
        self.inferred: list[Note] = list(lex.inferred)
        self.warnings: list[Note] = list(lex.warnings)
        self.second: list[Note] = []
        self.facts: list[Note] = []
        self.left: list[Note] = []
        self.name: tuple[str, str | None, int, int] | None = None
        self.strength: Amount | Strength | None = None
        self.strength_at: tuple[int, int] | None = None
        self.form = self.release = ""

    def text(self, i: int, j: int) -> str:
        """The words of lexemes i to j, as written."""
        return self.lex.text[self.lex.starts[i] : self.lex.ends[j - 1]]

    def span(self, i: int, j: int) -> Span:
        """Their place."""
        return Span(self.lex.starts[i], self.lex.ends[j - 1])

    def problem(self, what: str, i: int, j: int, todo: str = "") -> None:
        """Refuse, with the place."""
        self.problems.append(Problem(what, place(self.lex.starts[i], self.lex.ends[j - 1]), todo, self.text(i, j)))

    def note(self, to: list[Note], key: str, i: int, j: int, value: Any = None) -> None:
        """Say something about lexemes i to j."""
        to.append(Note(key, self.text(i, j), self.span(i, j), value))

    def numbers(self, i: int, j: int) -> list[Fraction]:
        """The numbers in lexemes i to j."""
        classes, values = self.lex.classes, self.lex.values
        return [values[k] for k in range(i, j) if classes[k] == "n"]

    def find(self, letter: str, i: int, j: int) -> Any:
        """The value of the first lexeme of a class in i to j, or None."""
        k = self.lex.classes.find(letter, i, j)
        return None if k < 0 else self.lex.values[k]

    def unit_of_time(self, i: int, j: int) -> tuple[Fraction, str] | None:
        """The unit of time in i to j: its multiple and code ("fortnightly" is not one)."""
        for k in range(j - 1, i - 1, -1):
            if self.lex.classes[k] == "t":
                return ONE, self.lex.values[k]
            if self.lex.classes[k] == "D":
                return Fraction(self.lex.values[k][0]), self.lex.values[k][1]
        return None


def words_of(text: str) -> str:
    """A reason or a site as a person reads it: one space between words, no article or sign at its ends."""
    found = " ".join(text.split()).strip(" ,.;:-()/\"'")
    for lead in ("the ", "a ", "an ", "your ", "their ", "his ", "her "):
        if found.lower().startswith(lead):
            found = found[len(lead) :]
    return found


def _whole(p: Parse, value: Fraction, i: int, j: int, what: str = "times") -> int | None:
    if value.denominator != 1 or not 0 < value <= 1000:
        p.problem(f"This is no number of {what}: {p.text(i, j)}.", i, j)
        return None
    return int(value)


def elapsed_unit(code: str) -> bool:
    """Whether a unit of time is an hour or less."""
    return code in _HOURS


def _length(value: Fraction, unit: str) -> tuple[Fraction, str]:
    if value.denominator != 1 and unit == "h":  # q0.5h: every 30 minutes
        return value * 60, "min"
    return value, unit


# How often ---------------------------------------------------------------------------------------------------------


def _set_frequency(
    p: Parse,
    i: int,
    j: int,
    low: int | None,
    high: int | None,
    period: Fraction,
    period_max: Fraction | None,
    unit: str,
) -> None:
    c = p.clause
    if not 0 < period <= _TOP or (period_max is not None and period_max < period):
        p.problem(f"This is no interval: {p.text(i, j)}.", i, j, "Write it like every 6 hours.")
        return
    if (
        c.change is not None and c.change.by is not None and c.change.every is None and low == 1 and high is None
        and not elapsed_unit(unit) and (period > 1 or unit != "d" or c.amount is None)
    ):  # fmt: skip
        c.change.every = Amount(period, unit)
        c.change.end = j
        return
    elapsed = unit in _HOURS
    if c.period_unit is not None:
        same = (c.frequency, c.frequency_max, c.period, c.period_max, c.period_unit) == (
            low,
            high,
            period,
            period_max,
            unit,
        )
        if same:
            p.note(p.inferred, "said-twice", i, j)
            return
        if low is None and high is not None and (c.period_unit in _HOURS) != elapsed:
            # "every 4 hours, up to 4 times a day": the most doses in a day
            c.maxes.append(MaxDose(Amount(high, "{dose}"), Amount(period, unit)))
            c.mark("max", p.span(i, j))
            return
        if c.frequency is None and c.frequency_max is not None and elapsed and c.period_unit not in _HOURS:
            c.maxes.append(MaxDose(Amount(c.frequency_max, "{dose}"), Amount(c.period or 1, c.period_unit)))
            c.frequency_max = None
        elif unit == c.period_unit == "d" and c.period == period == 1 and (low or 0) > 1 and c.frequency == 1:
            pass  # "daily ... three times a day"
        elif unit == c.period_unit == "d" and c.period == period == 1 and low == 1 and high is None:
            p.note(p.inferred, "said-twice", i, j)
            return  # "three times a day, daily"
        elif (c.period_unit == "d" and c.period == 1 and c.frequency == 1 and unit in ("wk", "mo")) or (
            low == 1 and period == 1 and unit == "d" and c.period_unit in ("d", "wk", "mo") and c.period != 1
        ):
            p.problem(f"Two different frequencies are given: {p.text(i, j)}.", i, j, "Say which one holds.")
            return
        elif (
            elapsed
            and c.period_unit == "d"
            and c.period == 1
            and c.frequency_max is None
            and period_max is None
            and unit == "h"
        ):
            if (c.frequency or 0) * period != 24 and c.frequency != 1:
                p.problem(f"{c.frequency} times a day and {p.text(i, j)} do not agree.", i, j, "Say which one holds.")
                return
            p.note(p.second, "interval-and-times", i, j)
        elif c.period_unit == "h" and unit == "d" and period == 1:
            if low != 1 and (low or 0) * (c.period or 0) != 24:
                p.problem(f"The interval and {p.text(i, j)} do not agree.", i, j, "Say which one holds.")
            else:
                p.note(p.second, "interval-and-times", i, j)
            return
        else:
            p.problem(f"Two different frequencies are given: {p.text(i, j)}.", i, j, "Say which one holds.")
            return
    c.frequency, c.frequency_max, c.period, c.period_max, c.period_unit = low, high, period, period_max, unit
    c.mark("timing", p.span(i, j))


def _times(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    assert unit is not None
    split = max(classes.find("T", i, j), classes.find("x", i, j))
    if split <= i:
        split = next(k for k in range(i, j) if classes[k] == "n") + 1
        if classes[split : split + 2] == "gn":
            split += 2
    before = p.numbers(i, split + 1 if classes[i] != "x" else i)
    if classes[i] == "x":
        before = numbers[:2] if classes[i + 2 : i + 3] == "g" else numbers[:1]
    rest = numbers[len(before) :]
    period = rest[0] if rest else ONE
    if classes[i] != "U" and "T" not in classes[i:j] and "x" not in classes[i:j]:
        # "three a day": times where a dose is known, tablets where none is
        if p.clause.amount is None:
            _set_dose(p, i, i + 1, Amount(numbers[0], "1"))
            p.clause.bare = True
            p.note(p.second, "number-a-day", i, j)
            _set_frequency(p, i, j, 1, None, unit[0] * period, None, unit[1])
            return
        if p.clause.dose_at is not None and p.clause.dose_at[1] == i:
            p.note(p.second, "number-a-day", i, j)
    low = _whole(p, before[0], i, j)
    high = _whole(p, before[1], i, j) if len(before) > 1 else None
    if low is None:
        return
    if high is not None and high < low:
        p.problem(f"This range is upside down: {p.text(i, j)}.", i, j)
        return
    if classes[i] == "U":
        low, high = None, low
    _set_frequency(p, i, j, low, high, period * unit[0], rest[1] if len(rest) > 1 else None, unit[1])


def _once(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    k = classes.find("O", i, j)
    low: int | None = values[k]
    high: int | None = None
    rest = k + 1
    if classes[k + 1 : k + 3] == "gO":
        high, rest = values[k + 2], k + 3
    elif (classes[k + 1 : k + 3] == "gn" and classes[k + 3 : k + 4] in ("T", "D")) or classes[k + 1 : k + 4] == "gna":
        high, rest = _whole(p, values[k + 2], i, j), k + 3
    numbers = p.numbers(rest, j)
    unit = p.unit_of_time(rest, j)
    assert unit is not None
    if classes[i] == "U":
        low, high = None, high or low
    period = (numbers[0] if numbers else ONE) * unit[0]
    value, code = _length(period, unit[1])
    top = numbers[1] if len(numbers) > 1 else None
    if unit[1] == "wk" and values[k] == 2 and "D" in classes[rest:j] and numbers:
        p.problem("This has two readings.", i, j)
    _set_frequency(p, i, j, low, high, value, top, code)


def _interval(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    v = p.find("V", i, j)
    if v is not None:
        _set_frequency(p, i, j, 1, None, v[0], None, v[1])
        return
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    assert unit is not None
    low = (numbers[0] if numbers else ONE) * unit[0]
    high = numbers[1] * unit[0] if len(numbers) > 1 else None
    code = unit[1]
    if low.denominator != 1 and code == "h" and high is None:
        low, code = low * 60, "min"
    if not low:
        p.problem(f"This is no interval: {p.text(i, j)}.", i, j, "Write it like every 6 hours.")
        return
    if classes[i] == "U":
        p.problem(f"This has two readings: {p.text(i, j)}.", i, j, "Write every 6 hours, or up to 4 times a day.")
        return
    _set_frequency(p, i, j, 1, None, low, high, code)


def _daily_number(p: Parse, i: int, j: int) -> None:
    """ "4 hourly", "2 daily", "2 weekly": an interval, a dose, or two readings."""
    c = p.clause
    classes = p.lex.classes
    numbers = p.numbers(i, j)
    _, code = p.lex.values[j - 1]
    low, high = numbers[0], numbers[1] if len(numbers) > 1 else None
    if code == "h":
        p.note(p.warnings, "hourly", i, j)
        value, unit = _length(low, "h")
        _set_frequency(p, i, j, 1, None, value, high, unit)
    elif code == "d":
        if c.amount is None:
            _set_dose(p, i, j - 1, _range(p, low, high, "1", i, j))
            c.bare = True
            if low > 1 or high is not None:
                p.note(p.second, "number-daily", i, j)
            _set_frequency(p, i, j, 1, None, ONE, None, "d")
        elif c.dose_at is not None and c.dose_at[1] == i and classes[i - 1] != "c":
            p.problem(
                f"This has two readings: {p.text(c.dose_at[0], j)}.",
                c.dose_at[0],
                j,
                "Write it like 2 tablets once a day.",
            )
        else:
            first = _whole(p, low, i, j)
            if first is not None:
                p.note(p.second, "number-daily", i, j)
                _set_frequency(p, i, j, first, int(high) if high else None, ONE, None, "d")
    elif low == 1 and high is None:
        if c.amount is None:
            _set_dose(p, i, j - 1, Amount(ONE, "1"))
            c.bare = True
        _set_frequency(p, i, j, 1, None, ONE, None, code)
    elif c.amount is None and classes[i:j] == "nD":
        # "4 weekly": four at once each week, four times a week, or every four weeks
        p.problem(
            f"This has two readings: {p.text(i, j)}.",
            i,
            j,
            "Write how many, then how often, like 4 tablets once a week.",
        )
    elif (code in ("wk", "mo") and low >= 4) or (code == "mo" and low == 3):
        p.note(p.warnings, "every-n", i, j)
        _set_frequency(p, i, j, 1, None, low, high, code)
    else:
        noun = {"wk": "week", "mo": "month", "a": "year"}[code]
        p.problem(
            f"This has two readings: {p.text(i, j)} can be {low} times a {noun} or every {low} {noun}s.",
            i,
            j,
            f"Write {low} times a {noun}, or every {low} {noun}s.",
        )


def _code(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    codes = [values[k] for k in range(i, j) if classes[k] == "F"]
    low, high, period, period_max, unit = codes[0]
    if len(codes) > 1:
        high = codes[1][0]
        if codes[1][2:] != codes[0][2:] or high < low:
            p.problem(f"This has two readings: {p.text(i, j)}.", i, j)
            return
    if classes[i] == "U":
        low, high = None, high or low
    _set_frequency(p, i, j, low, high, Fraction(period), period_max, unit)


# At which time of day ----------------------------------------------------------------------------------------------


def _add_when(p: Parse, codes: list[str], i: int, j: int) -> None:
    c = p.clause
    joined = i > 0 and p.lex.classes[i - 1] in "&,"
    if c.when and not joined and len(codes) == 1:
        last, new = c.when[-1], codes[0]
        if (new in _GENERAL and last not in _GENERAL) or (last in _GENERAL and new not in _GENERAL and new != "HS"):
            # "in the morning before food": one time, and how
            if new in _GENERAL:
                _instruct(p, i, j)
                return
            p.clause.instructions.append(Concept({"AC": "before food", "PC": "after food", "C": "with food"}[last]))
            c.when.pop()
            c.offset = None
        elif _SAME_TIME.get(last) == new[-1] and len(new) > 1:  # "in the morning before breakfast"
            c.when[-1] = new
            codes = []
        elif _SAME_TIME.get(new) == last[-1] and len(last) > 1 and last[0] in "ACP":
            return
    if c.times and not c.when:
        # "at 8 am in the morning": the clock says it already
        p.note(p.inferred, "clock-and-part", i, j)
        return
    for code in codes:
        if code == "HS" and c.when == ["NIGHT"]:
            c.when = []
        if code not in c.when and not (code == "NIGHT" and c.when[-1:] == ["HS"]):
            c.when.append(code)
    c.mark("when", p.span(i, j))


def _when(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    codes: list[str] = []
    for k in range(i, j):
        if classes[k] == "W":
            if values[k][0] == "@2d":  # "on alternate nights"
                _set_frequency(p, k, k + 1, 1, None, Fraction(2), None, "d")
                codes.append(values[k][1])
            else:
                codes.extend(values[k])
    _add_when(p, codes, i, j)


def _meals(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    relation = "C"
    codes: list[str] = []
    food = False
    for k in range(i, j):
        if classes[k] == "B":
            relation = values[k]
        elif classes[k] == "M":
            meal = values[k]
            if meal == "food":
                food = True
                meal = ""
            code = _RELATIONS[relation] + meal
            if code not in codes:
                codes.append(code)
    offset: int | None = None
    if classes[i] == "n":
        unit = p.unit_of_time(i, j)
        minutes = p.numbers(i, classes.index("t", i, j))[0] * {"min": 1, "h": 60}.get(unit[1] if unit else "", 0)
        numbers = p.numbers(i, classes.index("t", i, j))
        if not minutes or minutes.denominator != 1 or relation == "C":
            p.problem(f"This is not understood: {p.text(i, j)}.", i, j)
            return
        if len(numbers) > 1:
            _instruct(p, i, j)
        else:
            offset = int(minutes)
    if food and relation == "C" and len(codes) == 1:
        _instruct(p, i, j)
        return
    _add_when(p, codes, i, j)
    if offset is not None and set(codes) & set(p.clause.when):
        p.clause.offset = offset


def _relation(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    if i and classes[i - 1] == "n" and p.text(i, j).lower() == "c":
        p.problem(
            f"This has two readings: {p.text(i - 1, j)} can be a capsule, or with meals.", i - 1, j, "Write it in full."
        )
        return
    relation = values[i]
    if relation == "C" and any(classes[k] == "M" and values[k] == "food" for k in range(i, j)):
        _instruct(p, i, j)
        return
    meals = [values[k] for k in range(i + 1, j) if classes[k] == "M"]
    codes = [_RELATIONS[relation] + ("" if m == "food" else m) for m in meals] or [_RELATIONS[relation]]
    _add_when(p, codes, i, j)


def _clock(p: Parse, i: int, j: int) -> None:
    c = p.clause
    classes, values = p.lex.classes, p.lex.values
    if c.when:
        # "in the morning at 8": the clock is the more exact
        if len(c.when) == 1 and j - i <= 2:
            p.note(p.inferred, "clock-and-part", i, j)
            c.when = []
        else:
            p.problem("Parts of the day and clock times stand together.", i, j, "Give one of the two.")
            return
    for k in range(i, j):
        if classes[k] == "D":
            _set_frequency(p, k, k + 1, 1, None, Fraction(values[k][0]), None, values[k][1])
        if classes[k] == "K":
            time, glued = values[k]
            if glued and i == k and c.amount is None:
                c.clock_doubt = k
            if time not in c.times:
                c.times.append(time)
    c.mark("times", p.span(i, j))


def _days(p: Parse, i: int, j: int) -> None:
    c = p.clause
    classes, values = p.lex.classes, p.lex.values
    found: list[str] = []
    k = i
    while k < j:
        if classes[k] == "y":
            if classes[k + 1 : k + 3] == "gy" and values[k + 1] != "or" and k + 2 < j:
                a, b = DAYS.index(values[k]), DAYS.index(values[k + 2])
                while True:
                    found.append(DAYS[a])
                    if a == b:
                        break
                    a = (a + 1) % 7
                k += 2
            else:
                found.append(values[k])
        elif classes[k] == "Y":
            found.extend(values[k])
        elif classes[k] == "g" and values[k] == "or":
            p.problem(f"This has two readings: {p.text(i, j)}.", i, j, "Name the days.")
        k += 1
    if classes[j - 1] == "F" and values[j - 1] != (1, None, "1", None, "wk"):
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j)
    for day in found:
        if day not in c.days:
            c.days.append(day)
    c.mark("days", p.span(i, j))


# How long, how many ------------------------------------------------------------------------------------------------


def _set_bounds(
    p: Parse, i: int, j: int, low: Fraction | None, high: Fraction | None, unit: str, open_low: bool = False
) -> None:
    c = p.clause
    first = low if low is not None else high
    if first is None or not 0 < first <= _TOP or (high is not None and low is not None and high < low):
        p.problem(f"This is no length of time: {p.text(i, j)}.", i, j)
        return
    change = c.change
    if change is not None and change.by is not None and change.every is None and low is not None and high is None:
        change.every = Amount(low, unit)
        return
    if unit in _HOURS and c.duration is None and high is None and low is not None:
        days = low * {"s": 1, "min": 60, "h": 3600}[unit] / 86400
        spaced = (
            c.period is not None and c.period_unit in _HOURS and unit == "h" and c.period_unit == "h" and low > c.period
        )
        if days < 1 and not spaced:
            c.duration, c.dunit = low, unit
            c.for_hours = True
            c.mark("duration", p.span(i, j))
            return
    if c.bounds is not None:
        same = c.bounds.duration
        if (
            same is not None
            and low is not None
            and high is None
            and same.kind == Amount(low, unit).kind
            and (same.same_as(Amount(low, unit)))
        ):
            p.note(p.inferred, "said-twice", i, j)
            return
        p.problem(f"Two lengths of time are given: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
    if low is not None and high is None and not open_low:
        c.length = Amount(low, unit)
        c.bounds = Bounds(duration=c.length)
    else:
        c.bounds = Bounds(
            low=None if low is None else Amount(low, unit), high=None if high is None else Amount(high, unit)
        )
    c.mark("bounds", p.span(i, j))


def _course(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    v = p.find("V", i, j)
    if classes[j - 1] == "W":  # "for 3 nights"
        _set_bounds(p, i, j, p.numbers(i, j)[0], None, "d")
        return
    up = "U" in classes[i:j] or "Z" in classes[i:j]
    if v is not None:
        if v[1] == "h" and classes[i] == "V":
            _set_frequency(p, i, j, 1, None, v[0], None, "h")
            return
        numbers, code = [v[0]], v[1]
    else:
        numbers = p.numbers(i, j) or [ONE]
        unit = p.unit_of_time(i, j)
        assert unit is not None
        code = unit[1]
    if up:
        _set_bounds(p, i, j, None, numbers[-1], code)
    elif "~" in classes[i:j]:
        _set_bounds(p, i, j, numbers[0], None, code, open_low=True)
    else:
        _set_bounds(p, i, j, numbers[0], numbers[1] if len(numbers) > 1 else None, code)


def _bare_time(p: Parse, i: int, j: int) -> None:
    """ "30 days" at an end is how long; "3 days" after a change is how often; elsewhere it is not understood."""
    classes = p.lex.classes
    c = p.clause
    after = classes[j : j + 1]
    numbers = p.numbers(i, j)
    code = p.lex.values[j - 1]
    if i and classes[i - 1] in "iB":
        p.problem(f"This time is not understood: {p.text(i - 1, j)}.", i - 1, j, "Write for 7 days, or every 4 hours.")
    elif c.change is not None and c.change.by is not None and c.change.every is None:
        c.change.every = Amount(numbers[0], code)
    elif c.amount is None and not c.timed and after in (":", "v", "i") and code in ("d", "wk", "mo") and i == 0:
        _set_bounds(p, i, j, numbers[0], numbers[1] if len(numbers) > 1 else None, code)
    elif (
        (c.amount is not None or c.timed)
        and after in ("", ".", ",", ")", ">", "E", "f", "H", "A", "&", "n", "v", "w", "(")
        and (code in ("d", "wk", "mo"))
    ):
        p.note(p.inferred, "for-how-long", i, j)
        _set_bounds(p, i, j, numbers[0], numbers[1] if len(numbers) > 1 else None, code)
    else:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j, "Write for 7 days, or every 4 hours.")


def _count(p: Parse, i: int, j: int) -> None:
    c = p.clause
    numbers = p.numbers(i, j)
    if p.lex.classes[i] == "C" or not numbers:
        low: int | None = 1
        high = None
        if c.timed and (c.when or c.times or c.period_unit):
            word = p.text(i, j).lower()
            if word in ("now", "immediately", "straight away", "right away", "stat"):
                p.note(p.warnings, "now", i, j)
                p.problem("It says now, and also a repeated time.", i, j, "Write it as two directions.")
                return
    else:
        low = _whole(p, numbers[0], i, j)
        high = _whole(p, numbers[1], i, j) if len(numbers) > 1 else None
        if low is None:
            return
        if "U" in p.lex.classes[i:j]:
            low, high = 1, low
            p.note(p.inferred, "count-from-one", i, j)
    if c.count is not None and c.count != low:
        p.problem(f"Two counts are given: {p.text(i, j)}.", i, j)
        return
    c.count, c.count_max = low, high
    c.mark("count", p.span(i, j))


def _doses(p: Parse, i: int, j: int) -> None:
    """ "x 5 doses", "up to 3 times"."""
    classes = p.lex.classes
    if "c" in classes[i:j] or "9" in classes[i:j]:
        unit = p.find("c", i, j) or "{dose}"
        if unit not in ("{dose}", "{injection}", "{application}"):
            if classes[i] == "x" and p.clause.amount is None:
                _dose(p, i + 1, j)
                return
            p.problem(f"This number is not understood: {p.text(i, j)}.", i, j, "Write how many, then how often.")
            return
        _count(p, i, j)
        return
    if "T" in classes[i:j] and classes[i] == "U":
        n = _whole(p, p.numbers(i, j)[-1], i, j)
        if n is not None and p.clause.period_unit is None:
            p.clause.frequency_max = n
            p.clause.mark("timing", p.span(i, j))
            return
    _count(p, i, j)


def _xn(p: Parse, i: int, j: int) -> None:
    """ "x3": a count after an interval, else three times a day beside a dose."""
    c = p.clause
    n = _whole(p, p.numbers(i, j)[0], i, j)
    if n is None:
        return
    if n == 1 or (c.period_unit in _HOURS):
        c.count = n
        c.mark("count", p.span(i, j))
    elif c.period_unit is None and c.amount is not None and not c.when and not c.times:
        p.note(p.warnings, "x-times", i, j)
        _set_frequency(p, i, j, n, None, ONE, None, "d")
    else:
        p.problem(f"This number is not understood: {p.text(i, j)}.", i, j, "Write for 3 days, or 3 doses.")


def _over(p: Parse, i: int, j: int) -> None:
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    if unit is None:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j)
        return
    if unit[1] not in _HOURS and p.clause.change is None:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j, "Write each step.")
        return
    p.clause.duration = numbers[0] if numbers else ONE
    p.clause.dmax = numbers[1] if len(numbers) > 1 else None
    p.clause.dunit = unit[1]
    p.clause.mark("duration", p.span(i, j))


def _cycle(p: Parse, i: int, j: int) -> None:
    numbers = p.numbers(i, j)
    classes, values = p.lex.classes, p.lex.values
    units = [values[k] for k in range(i, j) if classes[k] == "t"]
    days = {"d": 1, "wk": 7}
    on = numbers[0] * days.get(units[0], 0)
    off = numbers[1] * days.get(units[-1], 0)
    if on.denominator != 1 or off.denominator != 1 or not on or not off:
        p.problem(f"This cycle is not understood: {p.text(i, j)}.", i, j)
        return
    p.clause.cycle = (int(on), int(off))
    p.clause.mark("cycle", p.span(i, j))


# How much ----------------------------------------------------------------------------------------------------------


def _set_dose(p: Parse, i: int, j: int, amount: Amount | Range | None, kind: str = "") -> None:
    if amount is None:
        return
    c = p.clause
    if c.slots:
        p.problem(f"Two amounts are given: {p.text(i, j)}.", i, j, "Say which one is the dose.")
        return
    if c.amount is not None and c.dose_at is not None:
        if not (c.dose_kind == "strength" and kind != "strength"):
            p.problem(
                f"Two amounts stand side by side: {p.text(c.dose_at[0], j)}.",
                c.dose_at[0],
                j,
                "Say which one is the dose.",
            )
            return
        take_strength(p, c)
    if isinstance(amount, Amount) and amount.unit == "%":
        kind = "strength"
    c.amount, c.dose_at, c.dose_kind = amount, (i, j), kind
    c.spans["dose"] = p.span(i, j)


def take_strength(p: Parse, c: Clause) -> None:
    """What was read as a dose is the strength of the product: a dose follows."""
    if c.dose_at is not None and isinstance(c.amount, Amount):
        p.strength = p.strength or c.amount
        p.strength_at = c.dose_at
        p.note(p.facts, "strength", *c.dose_at, value=c.amount)
    c.amount = c.dose_at = None
    c.dose_kind = ""
    c.bare = False
    c.spans.pop("dose", None)


def _range(
    p: Parse, low: Fraction | None, high: Fraction | None, unit: str, i: int, j: int, unit2: str | None = None
) -> Amount | Range | None:
    text = p.text(i, j)
    for value in (low, high):
        if value is not None and not 0 < value < 10**9:
            p.problem(f"A dose cannot be this: {text}.", i, j, "Check the amount.")
            return None
    if high is None and low is not None:
        return Amount(low, unit)
    try:
        return Range(None if low is None else Amount(low, unit), None if high is None else Amount(high, unit2 or unit))
    except UnreadableError as error:
        p.problem(error.problems[0].what, i, j, "Check the amount.")
        return None


def _dose(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    up = False
    k = i
    while k < j and classes[k] not in "na":
        up = up or classes[k] == "U"
        k += 1
    if k >= j:
        return
    if classes[k] == "a":
        _set_dose(p, i, j, Amount(1, values[k + 1]))
        return
    low: Fraction | None = values[k]
    high: Fraction | None = None
    k += 1
    unit: str | None = None
    unit2: str | None = None
    if classes[k : k + 2] in ("gn", "&n") and k + 1 < j:
        high = values[k + 1]
        k += 2
    while k < j and classes[k] not in "mcnt(9":
        k += 1
    if k < j and classes[k] in "mc9":
        unit = values[k]
        k += 1
        if k < j and classes[k] in "c9" and unit in ("mL", "L"):
            k += 1
    end = k
    rest = classes[k:j]
    # "1 tablet to 2 tablets", "500 mg to 1 g"
    if (high is None and rest[:2] == "gn" and len(rest) >= 3) or rest[:3] == "gUn":
        at = k + rest.index("n")
        high = values[at]
        unit2 = values[at + 1]
        k = end = at + 2
        rest = classes[k:j]
    if unit == "{spoonful}":
        p.note(p.warnings, "spoon", i, j)
    if up:
        amount = _range(p, None, high or low, unit2 or unit or "1", i, end)
    else:
        amount = _range(p, low, high, unit or "1", i, end, unit2)
    if unit is None:
        p.clause.bare = True
    _set_dose(p, i, end, amount)
    if rest:
        at = k + rest.find("n") if "n" in rest else -1
        if at >= 0:
            numbers = p.numbers(at, j)
            other = next((values[m] for m in range(at, j) if classes[m] in "mc"), None)
            if other is not None and len(numbers) >= 1:
                _equal(p, Amount(numbers[0], other) if numbers[0] > 0 else None, at, j)
        if rest[-1] == "t" or classes[j - 1] == "t":
            unit_time = values[j - 1]
            _set_frequency(p, end, j, 1, None, ONE, None, unit_time)


def _equal(p: Parse, other: Amount | None, i: int, j: int) -> None:
    """What the dose is said to be equal to: "1 tablet (20 mg)", "100 mg (4 ml)"."""
    c = p.clause
    for k in range(i, j):  # "2 tablets (1,000 mg total)": the dose does not hang on it
        if p.lex.doubtful.pop(p.lex.starts[k], None) is not None:
            p.note(p.warnings, "thousand", k, k + 1)
    if other is None:
        p.problem(f"A strength cannot be zero: {p.text(i, j)}.", i, j)
        return
    c.equal = other
    p.note(p.facts, "same-as", i, j, other)
    if isinstance(c.amount, Amount) and other.kind == c.amount.kind and classes_between(p, i) != "(":
        p.problem(f"Two amounts stand side by side: {c.amount} and {p.text(i, j)}.", i, j, "Say which one is the dose.")
        return
    if isinstance(c.amount, Amount) and other.kind == "mass" and c.amount.value == 1 and counts(c.amount.unit):
        c.strength = other


def classes_between(p: Parse, i: int) -> str:
    """The lexeme before i."""
    return p.lex.classes[i - 1] if i else ""


def counts(code: str) -> bool:
    """Whether a unit counts things (tablets), and does not measure them."""
    return code.startswith("{") and "/" not in code and code != "{unit}"


def _packs(p: Parse, i: int, j: int) -> None:
    """ "2 x 5 ml spoonful" is 10 mL; "2 x 500 mg tablets" is two tablets; "2 x 10 mg" is 2 of 10 mg."""
    classes, values = p.lex.classes, p.lex.values
    x = classes.index("x", i, j)
    counts = p.numbers(i, x)
    up = classes[i] == "U"
    sizes = p.numbers(x, j)
    unit = next(values[k] for k in range(x, j) if classes[k] in "mc")
    form = values[j - 1] if classes[j - 1] == "c" and classes[j - 2] == "m" else None
    low, high = counts[0], counts[1] if len(counts) > 1 else None
    if len(sizes) > 1:
        p.problem(f"This has two readings: {p.text(i, j)}.", i, j, "Write the amount of one dose.")
        return
    if form is not None and form not in _SPOONS and unit not in ("mL", "L"):
        _set_dose(p, i, j, _range(p, low, high, form, i, j))
        p.note(p.facts, "strength", x + 1, j - 1, Amount(sizes[0], unit))
        p.clause.strength = Amount(sizes[0], unit) if sizes[0] > 0 else None
        return
    p.note(p.inferred, "multiplied", i, j)
    top = None if high is None else high * sizes[0]
    _set_dose(p, i, j, _range(p, None if up else low * sizes[0], top or low * sizes[0] if up else top, unit, i, j))


def _counted_strength(p: Parse, i: int, j: int) -> None:
    """ "one 5 ml spoonful", "two paracetamol 500 mg tablets"."""
    classes, values = p.lex.classes, p.lex.values
    m = classes.index("m", i, j)
    size, unit, form = values[m - 1], values[m], values[j - 1]
    counts = p.numbers(i, m - 1)
    if "N" in classes[i:j]:
        k = classes.index("N", i, j)
        _take_name(p, k, k + 1)
    first = classes.index("n", i)
    spelled = p.text(first, first + 1)
    low, high = counts[0], counts[1] if len(counts) > 1 else None
    if classes[m - 2] == "n" and spelled[0].isdigit() and p.text(m - 1, m)[0].isdigit():
        # "2 5 mg tablets": a lost point makes it 2.5 mg, a lost space 25 mg
        todo = "Write it like 2 tablets of 5 mg."
        if size < 100 and form not in _SPOONS:
            p.problem(f"This has more than one reading: {p.text(i, j)}.", i, j, todo)
            return
        p.note(p.second, "number-beside-number", i, j)
    if unit in ("mL", "L"):
        p.note(p.inferred, "multiplied", i, j)
        top = None if high is None else high * size
        up = classes[i] == "U"
        _set_dose(p, i, j, _range(p, None if up else low * size, top or low * size if up else top, unit, i, j))
        return
    _set_dose(p, i, j, _range(p, low, high, form, i, j))
    if size > 0:
        p.note(p.facts, "strength", m - 1, m + 1, Amount(size, unit))
        p.clause.strength = Amount(size, unit)


def _strength(p: Parse, i: int, j: int) -> None:
    """ "250 mg/5 ml": of the product."""
    classes, values = p.lex.classes, p.lex.values
    numbers = p.numbers(i, j)
    units = [values[k] for k in range(i, j) if classes[k] in "mc"]
    if classes[j - 1] == "c" and len(units) > 2:
        p.form = p.form or units.pop()
    if len(units) < 2 or any(n <= 0 for n in numbers):
        p.problem(f"This strength is not understood: {p.text(i, j)}.", i, j)
        return
    if classes[j - 1] == "c" and values[j - 1] == "{dose}" and p.clause.amount is None and len(numbers) == 1:
        pass
    try:
        first = Amount(numbers[0], units[0])
        second = Amount(numbers[1] if len(numbers) > 1 else 1, units[1])
        p.strength = first if units[0] == units[1] else Strength(first, second)
    except UnreadableError as error:
        p.problem(error.problems[0].what, i, j)
        return
    p.strength_at = (i, j)
    p.note(p.facts, "strength", i, j, p.strength)


def _strength_form(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    m = classes.index("m", i, j)
    form = next((values[k] for k in range(m + 1, j) if classes[k] == "c"), None)
    amount = _range(p, values[i], None, values[m], i, m + 1)
    if values[m] in ("mL", "L"):  # "5 ml spoonful", "5 ml dose"
        _set_dose(p, i, j, amount)
        return
    _set_dose(p, i, m + 1, amount, "strength")
    if form:
        p.form = form


def _bare(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    after = classes[j : j + 1]
    c = p.clause
    if after in ("w", "?", "m", "t", "T", "n", "h", "k", "x", "h", "%", "9", "d", "H", "c", "+", "_") or (
        after == "g" and classes[j + 1 : j + 2] in ("n", "w")
    ):
        nn = after == "n" and (
            classes[j + 1 : j + 2] in ("T", "x", "D", "p", "a") or classes[j + 1 : j + 3] in ("tB", "tg")
        )
        if nn and c.amount is None:
            times = values[j]
            if j - i == 1 and values[i] < times and times - values[i] == 1 and not (c.verb and p.text(i, j).isalpha()):
                p.problem(
                    f"This has two readings: {p.text(i, j + 2)} can be {values[i]} at a time, or {values[i]} to {times} times.",
                    i,
                    j + 2,
                    "Write it like 1 tablet 2 times a day.",
                )
                return
            p.note(p.warnings, "number-beside-number", i, j + 1)
        elif (after == "w" and _harmless(p, j)) or (after == "n" and _HOURLY.match(classes, j) and c.amount is None):
            pass
        else:
            p.problem(f"This number is not understood: {p.text(i, min(j + 1, len(classes)))}.", i, j, "Give its unit.")
            return
    numbers = p.numbers(i, j)
    low: Fraction | None = numbers[0]
    high = numbers[1] if len(numbers) > 1 else None
    if classes[i] == "U":
        low, high = None, high or low
    if c.amount is not None and c.dose_kind != "strength":
        p.problem(f"This number is not understood: {p.text(i, j)}.", i, j, "Say what it counts.")
        return
    _set_dose(p, i, j, _range(p, low, high, "1", i, j))
    c.bare = True


_HOURLY = re.compile("n(?:gn)?D")
_HARMLESS = frozenset(["five-star", "at", "each", "per", "is", "of", "it", "together", "both", "day"])


def _harmless(p: Parse, k: int) -> bool:
    return p.lex.values[k] in _HARMLESS or not str(p.lex.values[k]).isalnum()


def _dose_times(p: Parse, i: int, j: int) -> None:
    """ "1x3": one, three times a day."""
    numbers = p.numbers(i, j)
    n = _whole(p, numbers[-1], i, j)
    high = numbers[1] if len(numbers) > 2 else None
    if n is None:
        return
    _set_dose(p, i, i + 1, _range(p, numbers[0], high, "1", i, i + 1))
    p.clause.bare = True
    p.note(p.warnings, "x-times", i, j)
    _set_frequency(p, i, j, n, None, ONE, None, "d")


def _slots(p: Parse, i: int, j: int) -> None:
    """ "1-0-1": morning, noon, evening and, with a fourth, night."""
    parts = p.lex.values[i]
    if any(v is None for v in parts) or not any(parts):
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j)
        return
    if p.clause.amount is not None or p.clause.slots:
        p.problem(f"Two amounts are given: {p.text(i, j)}.", i, j, "Say which one is the dose.")
        return
    p.clause.slots = parts
    p.clause.dose_kind = p.lex.values[j - 1] if j - i == 2 else "1"
    p.clause.dose_at = (i, j)
    p.clause.spans["dose"] = p.span(i, j)
    p.clause.mark("when", p.span(i, j))
    p.note(p.inferred, "slots", i, j)


def _rate(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    numbers = p.numbers(i, j)
    m, t = p.find("m", i, j), p.find("t", i, j)
    if m is None or t is None:
        p.problem(f"This rate is not understood: {p.text(i, j)}.", i, j)
        return
    if t == "d" and classes[i] == "n" and "@" not in classes[i:j]:
        _set_dose(p, i, j, _range(p, numbers[0], numbers[1] if classes[i + 1] == "g" else None, m, i, j))
        p.note(p.second, "a-day", i, j)
        _set_frequency(p, i, j, 1, None, ONE, None, "d")
        return
    if p.clause.rate is not None:
        p.problem(f"Two rates are given: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
    per = numbers[-1] if classes[j - 2] == "n" else ONE
    low = _range(p, numbers[0], numbers[1] if "gn" in classes[i:j] else None, m, i, j)
    if low is not None and per > 0:
        p.clause.rate = Rate(low, Amount(per, t))
        p.clause.mark("rate", p.span(i, j))


def _divided(p: Parse, i: int, j: int) -> None:
    p.problem(f"The day's amount is divided: {p.text(i, j)}.", i, j, "Write the amount of each dose, and how often.")


# The most ----------------------------------------------------------------------------------------------------------


def _max(p: Parse, i: int, j: int) -> None:
    c = p.clause
    classes, values = p.lex.classes, p.lex.values
    z = classes.find("Z", i, j)
    first = next((k for k in range(i, j) if classes[k] == "n"), None)
    if first is None:
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j)
        return
    after = first + 1
    value = values[first]
    if classes[after : after + 2] == "gn":
        value = values[after + 1]
        after += 2
        p.note(p.warnings, "max-range", i, j)
    unit = values[after] if classes[after : after + 1] in ("m", "c", "9") and after < j else "1"
    if not 0 < value < 10**9:
        p.problem(f"A maximum cannot be this: {p.text(i, j)}.", i, j)
        return
    amount = Amount(value, unit)
    scope = p.find("$", i, j)
    unit_time = p.unit_of_time(after, j)
    if scope == "dose":
        c.max_adm = amount
    elif scope == "life":
        c.max_life = amount
    elif unit_time is not None:
        last = [k for k in range(after, j) if classes[k] == "n"]
        per = values[last[-1]] if last else ONE
        if per <= 0:
            p.problem(f"This is not understood: {p.text(i, j)}.", i, j)
            return
        c.maxes.append(MaxDose(amount, Amount(per * unit_time[0], unit_time[1])))
    elif (z >= 0 and values[z] == "d") or scope == "day":
        c.maxes.append(MaxDose(amount, Amount(1, "d")))
    elif unit == "{dose}":
        if value.denominator == 1:
            c.count, c.count_max = 1, int(value)
            p.note(p.inferred, "count-from-one", i, j)
    elif c.change is not None or p.lex.classes[j : j + 1] in ("O", "F", "D"):
        # "increase to a maximum of 20 mg twice daily": where the change ends
        if c.change is not None:
            c.change.to = True
            _set_dose(p, i, j, amount)
        else:
            p.problem(
                f"It is not said for what time this is the most: {p.text(i, j)}.",
                i,
                j,
                "Write it like 8 tablets in 24 hours.",
            )
    else:
        p.problem(
            f"It is not said for what time this is the most: {p.text(i, j)}.",
            i,
            j,
            "Write it like 8 tablets in 24 hours.",
        )
        return
    c.mark("max", p.span(i, j))


def _max_times(p: Parse, i: int, j: int) -> None:
    c = p.clause
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    n = _whole(p, numbers[0], i, j)
    if n is None or unit is None:
        return
    per = numbers[-1] if len(numbers) > 1 else ONE
    if unit[1] == "h" and per == 24:
        per, unit = ONE, (ONE, "d")
    if c.period_unit is None:
        c.frequency, c.frequency_max, c.period, c.period_unit = None, n, per * unit[0], unit[1]
        c.mark("timing", p.span(i, j))
    else:
        c.maxes.append(MaxDose(Amount(n, "{dose}"), Amount(per * unit[0], unit[1])))
        c.mark("max", p.span(i, j))


def _max_day(p: Parse, i: int, j: int) -> None:
    """ "max 8/24h": the stroke was read as a length; it is an amount in 24 hours."""
    value, unit = p.find("V", i, j)
    if unit == "h":
        p.clause.maxes.append(MaxDose(Amount(value, "1"), Amount(24, "h")))
        p.clause.mark("max", p.span(i, j))
    else:
        _set_bounds(p, i, j, None, value, unit)


def _max_length(p: Parse, i: int, j: int) -> None:
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    if unit is None:
        v = p.find("V", i, j)
        _set_bounds(p, i, j, None, v[0], v[1])
    else:
        _set_bounds(p, i, j, None, numbers[-1], unit[1])


# Why, where, how ---------------------------------------------------------------------------------------------------


def _reason(p: Parse, i: int, j: int) -> Concept | None:
    """The words behind "for", "if" or "as needed" in lexemes i to j."""
    classes = p.lex.classes
    k = i
    while k < j and classes[k] in "AfIi(,g:v":
        k += 1
    if classes[k:j].endswith("(ngn)") or classes[k:j].endswith("(n)"):  # "mild pain (1-3)": a score
        return Concept(words_of(p.text(k, j)).rstrip(")") + ")")
    while j > k and classes[j - 1] in "Avi&gp":
        j -= 1
    text = words_of(p.text(k, j)) if k < j else ""
    return Concept(text) if text else None


def _needed(p: Parse, i: int, j: int) -> None:
    c = p.clause
    c.needed = True
    reason = _reason(p, i, j)
    if reason is None and c.indication is not None:
        reason, c.indication = c.indication, None
    c.reason = reason or c.reason
    c.mark("as_needed", p.span(i, j))


def _purpose(p: Parse, i: int, j: int) -> None:
    c = p.clause
    found = _reason(p, i, j)
    if found is None:
        return
    if c.needed and c.reason is None:
        c.reason = found
    else:
        c.indication = found
        c.mark("indication", p.span(i, j))


def _event(p: Parse, i: int, j: int) -> None:
    """ "after each loose stool" says when it is needed; "before a procedure" or "with water" is advice."""
    classes = p.lex.classes
    text = p.text(i, j).lower()
    if classes[i] == "B" and p.lex.values[i] == "P" and "q" in classes[i:j]:
        p.clause.needed = True
        k = i + 1
        while classes[k] in "iq":
            k += 1
        p.clause.reason = Concept(words_of(p.text(k, j)))
        p.clause.mark("as_needed", p.span(i, j))
        p.note(p.inferred, "after-each", i, j)
        return
    if "n" in classes[i:j] or (p.lex.values[i] != "C" and not text.startswith("with")):
        p.note(p.warnings, "event", i, j)
    _instruct(p, i, j)


def _instruct(p: Parse, i: int, j: int) -> None:
    text = words_of(p.text(i, j))
    if text[:1].isupper() and (len(text) == 1 or text[1:2].islower() or text[1] == " "):
        text = text[0].lower() + text[1:]
    if text:
        p.clause.instructions.append(Concept(text))
        p.clause.mark("instructions", p.span(i, j))


def _advice_if(p: Parse, i: int, j: int) -> None:
    """ "if affected do not drive" is advice; in "at onset, may repeat in 2 hours" the first half says when."""
    classes = p.lex.classes
    k = next(m for m in range(i, j) if classes[m] in "GLE")
    words = p.text(k, k + 1).lower()
    if classes[k] == "L" and ("repeat" in words or "rpt" in words):
        _needed_if(p, i, k)
        _advice(p, k, j)
    else:
        _advice(p, i, j)


def _advice(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    first = p.text(i, i + 1).lower().split()
    words = p.text(i, j).lower()
    if ("repeat" in first or "rpt" in first or first[0] in en.REPEATS) and any(k in "nOVtAhDF" for k in classes[i:j]):
        p.problem(
            f"A repeated dose is described that is not understood: {p.text(i, j)}.",
            i,
            j,
            "Write it as directions of its own.",
        )
        return
    if words.startswith(("skip", "omit", "hold", "alternate", "withhold", "stop", "change")) and any(
        k in "nytKW" for k in classes[i:j]
    ):
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j, "Say which dose is left out, and when.")
        return
    if len(words.split()) == 1 and words in ("hold", "stop", "omit", "skip", "withhold"):
        p.problem(f"Nothing is to be taken, and for how long is not said: {p.text(i, j)}.", i, j)
        return
    if (
        words.startswith(("wait", "leave", "allow", "space", "ensure", "make sure", "keep"))
        and "n" in classes[i:j]
        and "b" in classes[i:j]
    ):
        numbers, unit = p.numbers(i, j), p.unit_of_time(i, j)
        if unit is not None and len(numbers) == 1 and numbers[0] > 0 and classes[j - 1] in "9tw":
            p.clause.min_gap = Amount(numbers[0] * unit[0], unit[1])
            p.clause.mark("min_gap", p.span(i, j))
            return
    if words.startswith(("wait", "allow", "space")) and "n" in classes[i:j]:
        p.problem(
            f"What is to happen then is not understood: {p.text(i, j)}.", i, j, "Say how long to leave between doses."
        )
        return
    _instruct(p, i, j)


def _gap(p: Parse, i: int, j: int) -> None:
    """ "with at least 4 hours between doses"."""
    numbers, unit = p.numbers(i, j), p.unit_of_time(i, j)
    if unit is None or numbers[0] <= 0 or p.clause.min_gap is not None:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j)
        return
    p.clause.min_gap = Amount(numbers[0], unit[1])
    p.clause.mark("min_gap", p.span(i, j))


def _row_of_amounts(p: Parse, i: int, j: int) -> None:
    p.problem(f"Which of these amounts is taken when, is not said: {p.text(i, j)}.", i, j, "Write a time with each.")


def _advice_not(p: Parse, i: int, j: int) -> None:
    words = [w.strip(".,;:()") for w in p.text(i, j).lower().split()]
    if words[0] in ("without", "never", "no", "not", "do", "don't", "dont") or words[:2] == ["do", "not"]:
        verb = next((w for w in words[1:] if w not in ("not", "to", "be", "the", "a", "your", "any", "suddenly")), "")
        if words[0] == "without" or verb in en.ADVICE_VERBS:
            _instruct(p, i, j)
            return
        if words[0] == "no" and verb in ("alcohol", "driving", "refills", "more", "dairy", "antacids", "substitution"):
            _instruct(p, i, j)
            return
    p.problem(f"What is not to be done is not understood: {p.text(i, j)}.", i, j, "Say what is to be taken, and when.")


def _needed_if(p: Parse, i: int, j: int) -> None:
    reason = _reason(p, i, j)
    first = p.text(i, i + 1).lower()
    if first in ("until", "while", "unless", "where"):
        _instruct(p, i, j)
        p.note(p.warnings, "condition", i, j)
        return
    p.clause.needed = True
    p.clause.reason = reason or p.clause.reason
    p.clause.mark("as_needed", p.span(i, j))


def _route(p: Parse, i: int, j: int) -> None:
    c = p.clause
    text = p.find("r", i, j)
    if c.route is not None and c.route.text != text:
        if c.site is None and text in ("topical",):
            return
        p.note(p.left, "route", i, j)
        return
    c.route = _ROUTES.setdefault(text, Concept(text))
    c.mark("route", p.span(i, j))


_ROUTES: dict[str, Concept] = {}


def _site(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    k = i
    while k < j and (classes[k] in "gip" or (classes[k] == "a")):
        k += 1
    named = [values[m] for m in range(k, j) if classes[m] in "su" and values[m]]
    text = named[0] if len(named) == 1 and j - k == 1 else words_of(p.text(k, j))
    if not text:
        return
    c = p.clause
    if c.site is not None or (classes[i] == "g" and values[i] == "or"):
        p.note(p.left, "site", i, j)
        return
    c.site = Concept(text)
    c.mark("site", p.span(i, j))


def _eye(p: Parse, i: int, j: int) -> None:
    p.clause.eyes.append((i, j))


def _take_name(p: Parse, i: int, j: int) -> None:
    k = p.lex.classes.find("c", i, j)
    if k >= 0:
        p.form = p.form or p.lex.values[k]
        j = k
    if p.name is None:
        matched = next((v for v in p.lex.values[i:j] if isinstance(v, str)), None)
        p.name = (p.text(i, j), matched, i, j)
    else:
        p.note(p.left, "word", i, j)


def _release(p: Parse, i: int, j: int) -> None:
    p.release = p.release or p.text(i, j)


def _form(p: Parse, i: int, j: int) -> None:
    p.form = p.form or p.text(i, j)


def _pack(p: Parse, i: int, j: int) -> None:
    p.note(p.facts, "pack", i, j)


def _iso(p: Parse, i: int, j: int) -> str | None:
    """The one day that lexemes i to j name, as ISO text; None where they name none, several, or one of two."""
    classes, values = p.lex.classes, p.lex.values
    found = classes[i:j].lstrip("il")
    k = j - len(found)
    if found == "d":
        a, b, c = (int(x) for x in re.findall(r"\d+", values[k]))
        if a > 31:
            year, month, day = a, b, c
        elif c > 31 and (a > 12 or b > 12 or a == b):
            year, month, day = (c, b, a) if a > 12 or a == b else (c, a, b)
        else:
            return None
    elif found.replace(",", "") in ("Xnn", "nXn"):
        parts = [values[m] for m in range(k, j) if classes[m] in "Xn"]
        month = parts.pop(found.replace(",", "").index("X"))
        day, year = parts
    else:
        return None
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _date(p: Parse, i: int, j: int) -> None:
    kind = p.find("l", i, j)
    iso = _iso(p, i, j)
    p.note(p.facts, "start" if kind == "start" else "end" if kind == "end" else "date", i, j, iso)
    if kind == "end":
        p.clause.upto_len = True
        if iso is not None and p.clause.bounds is None:
            p.clause.bounds = Bounds(end=iso)
            p.clause.mark("bounds", p.span(i, j))


_INITIAL = frozenset(
    ("initially", "at first", "loading dose", "loading dose of", "initial dose", "initial dose of", "to start")
)


def _verb(p: Parse, i: int, j: int) -> None:
    p.clause.verb = True
    word = p.text(i, j).lower()
    if word in _INITIAL:
        p.clause.initial = True
    if word in (
        "chew",
        "dissolve",
        "swallow",
        "suck",
        "inhale",
        "apply",
        "instil",
        "instill",
        "inject",
        "insert",
        "infuse",
        "rub",
        "place",
    ):
        p.clause.spans.setdefault("method", p.span(i, j))


def _warning(p: Parse, i: int, j: int) -> None:
    p.problem(f"{p.lex.values[i]} ({p.text(i, j)})", i, j, "Write it in full.")


def _change(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    change = Change(1 if classes[i] == "+" else -1, i, j)
    by = classes.find("k", i, j)
    k = classes.find("n", max(by, i), j)
    if k >= 0:
        after = classes[k + 1 : k + 2]
        unit = values[k + 1] if after in ("m", "c") and k + 1 < j else "1"
        if values[k] > 0:
            change.by = Amount(values[k], unit)
        else:
            p.problem(f"A step cannot be zero: {p.text(i, j)}.", i, j)
    scope = p.find("$", i, j)
    change.each = scope or ""
    tail = classes[k + 2 : j] if k >= 0 else ""
    ahead = [m for m in range(i, max(by, i)) if classes[m] in "tDF"]
    if ahead:  # "increase every 3 days by 5 mg"
        numbers = p.numbers(i, by)
        unit_ahead = p.unit_of_time(i, by)
        if unit_ahead is not None and classes[ahead[-1]] != "F":
            change.every = Amount((numbers[0] if numbers else ONE) * unit_ahead[0], unit_ahead[1])
        elif values[ahead[-1]][0] == 1:
            change.every = Amount(values[ahead[-1]][2], values[ahead[-1]][4])
        tail = ""
    if tail and tail[-1] in "tD":
        unit_time = p.unit_of_time(k, j)
        if unit_time is not None:
            if tail[-1] == "D" or tail[0] == "p":
                change.every = Amount(unit_time[0], unit_time[1])
            elif unit_time[1] == "d":
                change.every = Amount(1, "d")
            else:
                change.every = Amount(unit_time[0], unit_time[1])
    p.clause.change = change


def _change_to(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    change = Change(1 if classes[i] == "+" else -1, i, j)
    change.to = True
    p.clause.change = change


def _change_bare(p: Parse, i: int, j: int) -> None:
    p.problem(
        f"The dose is to change, and how is not said: {p.text(i, j)}.", i, j, "Write each step, and for how long."
    )


def _each_dose(p: Parse, i: int, j: int) -> None:
    if p.clause.change is not None:
        p.clause.change.each = p.lex.values[j - 1]
    else:
        p.note(p.left, "word", i, j)


def _after_time(p: Parse, i: int, j: int) -> None:
    p.problem(f"What is to happen then is not understood: {p.text(i, j)}.", i, j)


def _heading(p: Parse, i: int, j: int) -> None:
    numbers = p.numbers(i, j) or [ONE]
    unit = p.find("t", i, j)
    if p.clause.heading is not None:
        p.problem(f"Single days of a course are not read yet: {p.text(i, j)}.", i, j, "Give the dates.")
        return
    p.clause.open_end = p.lex.classes[j - 1] == "=" or (p.lex.classes[i] == "l" and len(numbers) == 1)
    p.clause.heading = (unit, numbers[0], numbers[1] if len(numbers) > 1 else numbers[0])
    p.clause.mark("bounds", p.span(i, j))


def _bad_days(p: Parse, i: int, j: int) -> None:
    p.problem(f"Single days of a course are not read yet: {p.text(i, j)}.", i, j, "Give the dates.")


def _form_strength(p: Parse, i: int, j: int) -> None:
    """ "tablets 10 mg": of the product."""
    k = p.lex.classes.index("n", i, j)
    p.form = p.form or p.lex.values[i]
    _set_dose(p, k, j, _range(p, p.lex.values[k], None, p.lex.values[j - 1], k, j), "strength")


def _patch_rate(p: Parse, i: int, j: int) -> None:
    """ "25 micrograms/hour patch": of the product."""
    classes, values = p.lex.classes, p.lex.values
    p.note(p.facts, "strength", i, j)
    k = next((m for m in (i, j - 1) if classes[m] in "co"), None)
    if k is not None and classes[k] == "c":
        p.form = p.form or values[k]


def _rest(p: Parse, i: int, j: int) -> None:
    kind = p.lex.classes[i]
    text = p.text(i, j)
    if kind in "nh":
        p.problem(f"This number is not understood: {text}.", i, j, "Say what it counts.")
    elif kind in "mVK" or kind == "?":
        if not any(q.text == text for q in p.problems):
            p.problem(f"This is not understood: {text}.", i, j)
    elif kind == "c":
        p.clause.loose.append((i, j))
    elif kind in "tTDOFhxdXk" or (kind == "q" and text.lower() != "each"):
        p.problem(f"This time or number is not understood: {text}.", i, j, "Write it in full.")
    elif kind == "j" and text.lower() in ("alternate", "alternating", "other", "opposite"):
        p.problem(f"What alternates is not understood: {text}.", i, j, "Say what is taken on which day.")
    elif kind in "w~":
        p.left.append(Note("word", text, p.span(i, j)))
    elif kind == "p" and i and p.lex.classes[i - 1] == "m" and p.lex.classes[j : j + 1] == "w":
        p.problem(f"This unit is not known: {p.text(i - 1, j + 1)}.", i - 1, j + 1)
    elif kind in "UZP@":
        p.problem(f"A limit is not understood: {text}.", i, j)
    elif kind == "G":
        p.problem(f"What is not to be done is not understood: {text}.", i, j)


def _once_alone(p: Parse, i: int, j: int) -> None:
    n = p.lex.values[i]
    after = p.lex.classes[j : j + 3].lstrip("iq")
    c = p.clause
    if n == 1 and (after[:1] in ("W", "B", "F", "K", "y", "R", "M") or c.when or c.times or c.days or c.period_unit):
        return
    if n == 1:
        _count(p, i, j)
    elif after[:1] in ("W",) or c.when:
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j, "Write it like twice a day.")
    else:
        p.problem(f"In what time is not said: {p.text(i, j)}.", i, j, "Write it like twice a day.")


HANDLERS: dict[str, Callable[[Parse, int, int], None]] = {
    "slots": _slots, "max_times": _max_times, "max_day": _max_day, "max": _max, "max_length": _max_length, "heading": _heading,
    "change": _change, "change_to": _change_to, "change_bare": _change_bare, "each_dose": _each_dose, "times": _times,
    "once": _once, "interval": _interval, "cycle": _cycle, "before_after": _instruct, "meals": _meals, "event": _event,
    "relation": _relation, "when": _when, "clock": _clock, "days": _days, "code": _code, "count": _count, "course": _course,
    "doses": _doses, "over": _over, "xn": _xn, "divided": _divided, "dose_times": _dose_times, "packs": _packs,
    "strength": _strength, "counted_strength": _counted_strength, "strength_form": _strength_form, "rate": _rate,
    "strength_then": _strength_form, "dose": _dose, "daily_number": _daily_number, "bare_time": _bare_time, "pack": _pack,
    "bare": _bare, "for_needed": _needed, "needed": _needed, "advice_if": _advice_if, "needed_if": _needed_if,
    "advice_not": _advice_not, "advice": _advice, "purpose": _purpose, "date": _date, "route": _route, "site": _site,
    "eye_or_daily": _eye, "instruction": _instruct, "release": _release, "name": _take_name, "verb": _verb,
    "warning": _warning, "form": _form, "rest": _rest, "once_alone": _once_alone, "after_time": _after_time, "bad_days": _bad_days, "gap": _gap, "row_of_amounts": _row_of_amounts, "patch_rate": _patch_rate, "form_strength": _form_strength,
}  # fmt: skip
"""What each chunk of the grammar does to the clause."""


# From a clause to a checked value ----------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def _timing(*parts: Any) -> Timing:
    (frequency, frequency_max, period, period_max, unit, days, times, when, offset, count, count_max, duration, dmax, dunit,
     bounds, cycle) = parts  # fmt: skip
    return Timing(
        frequency, frequency_max, period, period_max, unit, days, times, when, offset, count, count_max, duration, dmax, dunit,
        bounds, (), cycle,
    )  # fmt: skip


def timing_of(p: Parse, c: Clause, phased: bool = False) -> Timing:
    """The checked timing of a clause: what carries the frequency already is not said twice.

    ``phased``: the length is said by the phase, and not once more here.
    """
    frequency, frequency_max = c.frequency, c.frequency_max
    period, period_max, unit = c.period, c.period_max, c.period_unit
    daily = unit == "d" and period == 1 and period_max is None and frequency_max is None
    if (
        c.when
        and daily
        and (frequency == 1 or frequency == len(c.when))
        and not (len(c.when) == 1 and c.when[0] in _GENERAL)
    ):
        if frequency == 1 and len(c.when) > 1:
            p.note(p.inferred, "daily-and-parts", *(c.dose_at or (0, 1)))
        frequency = period = unit = None
    elif c.when and daily and frequency and frequency > len(c.when) and not _GENERAL.intersection(c.when):
        p.problems.append(
            Problem(
                f"{frequency} times a day does not fit the {len(c.when)} times of day that are named.",
                "",
                "Name each time, or only how often.",
            )
        )
    elif c.times and daily and (frequency == 1 or frequency == len(c.times)):
        frequency = period = unit = None
    if c.days:
        if unit == "wk" and period == 1 and (frequency == 1 or frequency == len(c.days)) and frequency_max is None:
            frequency = period = unit = None
        elif unit == "wk" and frequency is not None and frequency != len(c.days) and period == 1:
            p.problems.append(
                Problem(f"{frequency} times a week does not fit the days that are named.", "", "Check the days.")
            )
    return _timing(
        frequency, frequency_max, period, period_max, unit, tuple(c.days), tuple(c.times), tuple(c.when), c.offset, c.count,
        c.count_max, c.duration, c.dmax, c.dunit, None if phased else c.bounds, None if c.cycle is None else Cycle(*c.cycle),
    )  # fmt: skip


def directions(p: Parse, c: Clause, sequence: int | None, phased: bool = False) -> Directions:
    """The checked directions of a clause."""
    at = c.spans.get("dose")
    return Directions(
        None if c.amount is None else Dose(c.amount, at),
        timing_of(p, c, phased),
        c.rate,
        c.needed,
        (c.reason,) if c.reason is not None and c.needed else (),
        c.route,
        c.site,
        c.method,
        tuple(c.maxes),
        c.max_adm,
        c.max_life,
        tuple(c.instructions),
        "",
        c.indication,
        sequence,
        p.lex.text[c.start : c.end],
        c.spans,
        min_gap=c.min_gap,
    )
