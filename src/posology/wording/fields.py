"""Sets the fields of a clause, and refuses what contradicts a field that is set already.

Knows no chunk and no word: it is given numbers, units and places.
"""

from __future__ import annotations

from fractions import Fraction

from posology.amount import Amount, Range
from posology.directions import Bounds, Concept, MaxDose
from posology.errors import UnreadableError
from posology.wording.clause import HOURS, Clause, Parse, elapsed_unit, words_of

GENERAL = frozenset(("AC", "PC", "C"))


_SAME_TIME = {"MORN": "M", "WAKE": "M", "NOON": "D", "EVE": "V", "NIGHT": "V"}
"""The part of the day a meal lies in, by the last letter of its code."""


RELATIONS = {"A": "AC", "P": "PC", "C": "C"}


_TOP = 10**6

PLAIN_DAILY = frozenset(("daily", "every day", "each day", "a day", "per day", "everyday"))
"""Words that say that it is for each day, and not that it is once."""


def whole(p: Parse, value: Fraction, i: int, j: int, what: str = "times") -> int | None:
    if value.denominator != 1 or not 0 < value <= 1000:
        p.problem(f"This is no number of {what}: {p.text(i, j)}.", i, j)
        return None
    return int(value)


def minutes_of_part(value: Fraction, unit: str) -> tuple[Fraction, str]:
    if value.denominator != 1 and unit == "h":  # q0.5h: every 30 minutes
        return value * 60, "min"
    return value, unit


def set_frequency(
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
    elapsed = unit in HOURS
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
        if low is None and high is not None and (c.period_unit in HOURS) != elapsed:
            # "every 4 hours, up to 4 times a day": the most doses in a day
            c.maxes.append(MaxDose(Amount(high, "{dose}"), Amount(period, unit)))
            c.mark("max", p.span(i, j))
            return
        if c.frequency is None and c.frequency_max is not None and elapsed and c.period_unit not in HOURS:
            c.maxes.append(MaxDose(Amount(c.frequency_max, "{dose}"), Amount(c.period or 1, c.period_unit)))
            c.frequency_max = None
        elif (
            unit == c.period_unit == "d"
            and c.period == period == 1
            and (low or high or 0) > 1
            and c.frequency == 1
            and c.plain
        ):
            pass  # "daily ... three times a day"
        elif (
            unit == c.period_unit == "d"
            and c.period == period == 1
            and low == 1
            and high is None
            and (p.words(i, j) in PLAIN_DAILY)
        ):
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
    c.plain = p.words(i, j) in PLAIN_DAILY
    c.mark("timing", p.span(i, j))


def add_when(p: Parse, codes: list[str], i: int, j: int) -> None:
    c = p.clause
    joined = i > 0 and p.lex.classes[i - 1] in "&,"
    if c.when and not joined and len(codes) == 1:
        last, new = c.when[-1], codes[0]
        if (new in GENERAL and last not in GENERAL) or (last in GENERAL and new not in GENERAL and new != "HS"):
            # "in the morning before food": one time, and how
            if new in GENERAL:
                instruct(p, i, j)
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


def set_bounds(
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
    if unit in HOURS and c.duration is None and high is None and low is not None:
        days = low * {"s": 1, "min": 60, "h": 3600}[unit] / 86400
        spaced = c.period is not None and c.period_unit in HOURS and Amount(low, unit) > Amount(c.period, c.period_unit)
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


def set_dose(p: Parse, i: int, j: int, amount: Amount | Range | None, kind: str = "") -> None:
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


def amount_of(
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


def counts(code: str) -> bool:
    """Whether a unit counts things (tablets), and does not measure them."""
    return code.startswith("{") and "/" not in code and code != "{unit}"


def reason_of(p: Parse, i: int, j: int) -> Concept | None:
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


def instruct(p: Parse, i: int, j: int) -> None:
    text = words_of(p.text(i, j))
    if text[:1].isupper() and (len(text) == 1 or text[1:2].islower() or text[1] == " "):
        text = text[0].lower() + text[1:]
    if text:
        p.clause.instructions.append(Concept(text))
        p.clause.mark("instructions", p.span(i, j))
