"""Turns chunks that say how long, how many times and how much at most into bounds, counts and maxima of a clause.

Knows no timing of the day.
"""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

from posology.amount import Amount
from posology.directions import Bounds, MaxDose
from posology.wording.amounts import read_dose
from posology.wording.clause import HOURS, ONE, Later, Parse
from posology.wording.fields import add_when, set_bounds, set_dose, set_frequency, whole


def read_course(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    v = p.find("V", i, j)
    if classes[j - 1] == "W":  # "for 3 nights"
        set_bounds(p, i, j, p.numbers(i, j)[0], None, "d")
        if not p.clause.when and not p.clause.times:
            add_when(p, list(p.lex.values[j - 1]), i, j)
        return
    up = "U" in classes[i:j] or "Z" in classes[i:j]
    if ">" in classes[i:j] and p.clause.join:  # "for the next 4 days"
        p.clause.step = True
    if v is not None:
        if v[1] == "h" and classes[i] == "V":
            set_frequency(p, i, j, 1, None, v[0], None, "h")
            return
        numbers, code = [v[0]], v[1]
    else:
        numbers = p.numbers(i, j) or [ONE]
        unit = p.unit_of_time(i, j)
        if unit is None:
            p.problem(f"This time is not understood: {p.text(i, j)}.", i, j)
            return
        code = unit[1]
    if up:
        set_bounds(p, i, j, None, numbers[-1], code)
    elif "~" in classes[i:j]:
        set_bounds(p, i, j, numbers[0], None, code, open_low=True)
    else:
        set_bounds(p, i, j, numbers[0], numbers[1] if len(numbers) > 1 else None, code)


def read_bare_time(p: Parse, i: int, j: int) -> None:
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
        set_bounds(p, i, j, numbers[0], numbers[1] if len(numbers) > 1 else None, code)
    elif (
        (c.amount is not None or c.timed)
        and after in ("", ".", ",", ")", ">", "E", "f", "H", "A", "&", "n", "v", "w", "(")
        and (code in ("d", "wk", "mo"))
    ):
        p.note(p.inferred, "for-how-long", i, j)
        set_bounds(p, i, j, numbers[0], numbers[1] if len(numbers) > 1 else None, code)
    else:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j, "Write for 7 days, or every 4 hours.")


def read_count(p: Parse, i: int, j: int) -> None:
    c = p.clause
    numbers = p.numbers(i, j)
    if p.lex.classes[i] == "C" or not numbers:
        low: int | None = 1
        high = None
        if c.timed and (c.when or c.times or c.period_unit):
            word = p.words(i, j)
            if word in ("now", "immediately", "straight away", "right away", "stat"):
                p.note(p.warnings, "now", i, j)
                p.problem("It says now, and also a repeated time.", i, j, "Write it as two directions.")
                return
    else:
        low = whole(p, numbers[0], i, j)
        high = whole(p, numbers[1], i, j) if len(numbers) > 1 else None
        if low is None:
            return
        if "U" in p.lex.classes[i:j]:
            low, high = 1, low if low > 1 else None
            p.note(p.inferred, "count-from-one", i, j)
    if c.count is not None and c.count != low:
        p.problem(f"Two counts are given: {p.text(i, j)}.", i, j)
        return
    c.count, c.count_max = low, high
    c.mark("count", p.span(i, j))


def read_doses(p: Parse, i: int, j: int) -> None:
    """ "x 5 doses", "up to 3 times"."""
    classes = p.lex.classes
    if "c" in classes[i:j] or "9" in classes[i:j]:
        unit = p.find("c", i, j) or "{dose}"
        if unit not in ("{dose}", "{injection}", "{application}"):
            if classes[i] == "x" and p.clause.amount is None:
                read_dose(p, i + 1, j)
                return
            p.problem(f"This number is not understood: {p.text(i, j)}.", i, j, "Write how many, then how often.")
            return
        read_count(p, i, j)
        return
    if "T" in classes[i:j] and classes[i] == "U":
        n = whole(p, p.numbers(i, j)[-1], i, j)
        if n is not None and p.clause.period_unit is None:
            p.clause.frequency_max = n
            p.clause.mark("timing", p.span(i, j))
            return
    read_count(p, i, j)


def read_xn(p: Parse, i: int, j: int) -> None:
    """ "x3": a count after an interval, else three times a day beside a dose."""
    c = p.clause
    n = whole(p, p.numbers(i, j)[0], i, j)
    if n is None:
        return
    if n == 1 or (c.period_unit in HOURS):
        c.count = n
        c.mark("count", p.span(i, j))
    elif c.period_unit is None and c.amount is not None and not c.when and not c.times:
        p.note(p.warnings, "x-times", i, j)
        set_frequency(p, i, j, n, None, ONE, None, "d")
    else:
        p.problem(f"This number is not understood: {p.text(i, j)}.", i, j, "Write for 3 days, or 3 doses.")


def read_over(p: Parse, i: int, j: int) -> None:
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    if unit is None:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j)
        return
    if unit[1] not in HOURS and p.clause.change is None:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j, "Write each step.")
        return
    p.clause.duration = numbers[0] if numbers else ONE
    p.clause.dmax = numbers[1] if len(numbers) > 1 else None
    p.clause.dunit = unit[1]
    p.clause.mark("duration", p.span(i, j))


def read_max(p: Parse, i: int, j: int) -> None:
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
            set_dose(p, i, j, amount)
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


def read_max_times(p: Parse, i: int, j: int) -> None:
    c = p.clause
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    named, code = p.find("O", i, j), p.find("F", i, j)
    if code is not None:  # "no more than once a day"
        named, unit = code[0], (code[2], code[4])
    n = whole(p, numbers[0], i, j) if named is None else named
    if n is None or unit is None:
        return
    per = numbers[-1] if len(numbers) > (named is None) else ONE
    if unit[1] == "h" and per == 24:
        per, unit = ONE, (ONE, "d")
    if code is not None and n > 1 and c.period_unit is not None:
        p.problem(f"Two different frequencies are given: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
    if c.period_unit is None and not (c.needed and n == 1):
        c.frequency, c.frequency_max, c.period, c.period_unit = None, n, per * unit[0], unit[1]
        c.mark("timing", p.span(i, j))
    else:
        c.maxes.append(MaxDose(Amount(n, "{dose}"), Amount(per * unit[0], unit[1])))
        c.mark("max", p.span(i, j))


def read_max_day(p: Parse, i: int, j: int) -> None:
    """ "max 8/24h": the stroke was read as a length; it is an amount in 24 hours."""
    value, unit = p.find("V", i, j)
    if unit == "h":
        p.clause.maxes.append(MaxDose(Amount(value, "1"), Amount(24, "h")))
        p.clause.mark("max", p.span(i, j))
    else:
        set_bounds(p, i, j, None, value, unit)


def read_max_length(p: Parse, i: int, j: int) -> None:
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    if unit is None:
        v = p.find("V", i, j)
        set_bounds(p, i, j, None, v[0], v[1])
    else:
        set_bounds(p, i, j, None, numbers[-1], unit[1])


def read_gap(p: Parse, i: int, j: int) -> None:
    """ "with at least 4 hours between doses"."""
    numbers, unit = p.numbers(i, j), p.unit_of_time(i, j)
    if unit is None or numbers[0] <= 0 or p.clause.min_gap is not None:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j)
        return
    p.clause.min_gap = Amount(numbers[0], unit[1])
    p.clause.mark("min_gap", p.span(i, j))


def _iso(p: Parse, i: int, j: int) -> str | None:
    """The one day that lexemes i to j name, as ISO text; None where they name none, several, or one of two."""
    classes, values = p.lex.classes, p.lex.values
    found = classes[i:j].lstrip("il")
    k = j - len(found)
    if found == "d" and not values[k][:1].isdigit():
        return None  # "tomorrow"
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


def read_date(p: Parse, i: int, j: int) -> None:
    kind = p.find("l", i, j)
    day = p.find("d", i, j)
    if kind is None and isinstance(day, str) and day.startswith(("today", "tomorrow")):
        word, _, part = day.partition(" ")
        if word == "tomorrow":
            p.note(p.facts, "date", i, j)
            _set_later(p, i, j, Amount(1, "d"), True, dated=True)
        else:
            read_count(p, i, j)
        if part:
            add_when(p, [part], i, j)
        return
    iso = _iso(p, i, j)
    p.note(p.facts, "start" if kind == "start" else "end" if kind == "end" else "date", i, j, iso)
    p.clause.starts = p.clause.starts or kind == "start"
    if kind == "end":
        p.clause.upto_len = True
        if iso is not None and p.clause.bounds is None:
            p.clause.bounds = Bounds(end=iso)
            p.clause.mark("bounds", p.span(i, j))


def read_later(p: Parse, i: int, j: int) -> None:
    """ "then 1 in 12 hours", "1 tablet 1 hour later": one dose, so long after the one before it."""
    classes = p.lex.classes
    numbers, unit = p.numbers(i, j) or [ONE], p.unit_of_time(i, j)
    b = classes.find("B", i, j)
    known = "v" not in classes[i:j] or p.text(j - 1, j).lower() in ("initial dose", "loading dose")
    known = known and (classes[i] != "i" or p.words(i, i + 1) == "in")  # "within 4 hours" is another thing
    if unit is None or numbers[0] <= 0 or (b >= 0 and p.lex.values[b] != "P") or not known:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j, "Write for 7 days, or every 4 hours.")
        return
    _set_later(p, i, j, Amount(numbers[0], unit[1]), classes[i] != "i" or classes[j - 1] == "7")


def _set_later(p: Parse, i: int, j: int, after: Amount, plain: bool, dated: bool = False) -> None:
    c = p.clause
    if c.later is not None or c.count is not None or c.timed or c.bounds is not None:
        p.problem(f"This stands beside another time: {p.text(i, j)}.", i, j, "Write it as directions of its own.")
        return
    c.later, c.count = Later(after, plain, dated), 1
    c.mark("count", p.span(i, j))


def read_after_time(p: Parse, i: int, j: int) -> None:
    if p.clause.step and p.clause.amount is not None and p.lex.values[i] == "P" and not p.clause.timed:
        read_later(p, i, j)  # "one now, then one after 12 hours"
        return
    p.problem(f"What is to happen then is not understood: {p.text(i, j)}.", i, j)


def read_heading(p: Parse, i: int, j: int) -> None:
    numbers = p.numbers(i, j) or [ONE]
    unit = p.find("t", i, j)
    named = p.find("2", i, j)
    if named is not None:  # "the second week"
        unit, numbers = named[0], [Fraction(named[1])]
    if p.clause.heading is not None:
        p.problem(f"Single days of a course cannot be held here: {p.text(i, j)}.", i, j, "Give the dates.")
        return
    if "&" in p.lex.classes[i:j] and numbers[1] - numbers[0] != 1:  # "on day 1 and day 4" is no stretch of days
        p.problem(f"Single days of a course cannot be held here: {p.text(i, j)}.", i, j, "Give the dates.")
        return
    p.clause.open_end = p.lex.classes[j - 1] == "=" or (p.lex.classes[i] == "l" and len(numbers) == 1)
    p.clause.heading = (unit, numbers[0], numbers[1] if len(numbers) > 1 else numbers[0])
    p.clause.mark("bounds", p.span(i, j))


def read_pause(p: Parse, i: int, j: int) -> None:
    """ "for 21 days then stop for 7 days and repeat" is a cycle; without the repeat, what follows is not said."""
    k = p.lex.classes.index("E", i, j)
    if k > i and (p.find("3", k, j) == "must" or "repeat" in p.words(k, j)):
        on, off = p.numbers(i, k)[0], p.numbers(k, j)[0]
        units = [p.unit_of_time(i, k), p.unit_of_time(k, j)]
        days = [{"d": 1, "wk": 7}.get(u[1], 0) if u else 0 for u in units]
        if on * days[0] >= 1 and off * days[1] >= 1 and (on * days[0]).denominator == (off * days[1]).denominator == 1:
            p.clause.cycle = (int(on * days[0]), int(off * days[1]))
            p.clause.mark("cycle", p.span(i, j))
            return
    p.problem(f"What follows the pause is not said: {p.text(i, j)}.", i, j, "Say whether it starts again.")


def read_bad_days(p: Parse, i: int, j: int) -> None:
    p.problem(f"Single days of a course cannot be held here: {p.text(i, j)}.", i, j, "Give the dates.")


def read_window(p: Parse, i: int, j: int) -> None:
    """ "every 2 hours from 8 am to 8 pm": a part of the day, which no field holds."""
    p.problem(f"A part of the day by the clock cannot be held here: {p.text(i, j)}.", i, j, "Name each time.")
