"""Turns chunks that say how often and at what time of day into the timing of a clause.

Knows no amounts, but where a number may be one.
"""

from __future__ import annotations

from fractions import Fraction

from posology.amount import Amount
from posology.directions import DAYS
from posology.wording.clause import ONE, Parse
from posology.wording.fields import (
    RELATIONS,
    add_when,
    amount_of,
    instruct,
    minutes_of_part,
    set_dose,
    set_frequency,
    whole,
)
from posology.wording.lasting import read_count


def read_times(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    if unit is None:  # "2 x bd"
        p.problem(f"Two different frequencies are given: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
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
        if _taken_anew(p, i, j):
            return
        # "three a day": times where a dose is known, tablets where none is
        if p.clause.amount is None:
            set_dose(p, i, i + 1, Amount(numbers[0], "1"))
            p.clause.bare = True
            p.note(p.second, "number-a-day", i, j)
            set_frequency(p, i, j, 1, None, unit[0] * period, None, unit[1])
            return
        if p.clause.dose_at is not None and p.clause.dose_at[1] == i:
            p.note(p.second, "number-a-day", i, j)
    low = whole(p, before[0], i, j)
    high = whole(p, before[1], i, j) if len(before) > 1 else None
    if low is None:
        return
    if high is not None and high < low:
        p.problem(f"This range is upside down: {p.text(i, j)}.", i, j)
        return
    if classes[i] == "U":
        low, high = None, low
    set_frequency(p, i, j, low, high, period * unit[0], rest[1] if len(rest) > 1 else None, unit[1])


def read_once(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    k = classes.find("O", i, j)
    low: int | None = values[k]
    high: int | None = None
    rest = k + 1
    if classes[k + 1 : k + 3] == "gO":
        high, rest = values[k + 2], k + 3
    elif (classes[k + 1 : k + 3] == "gn" and classes[k + 3 : k + 4] in ("T", "D")) or classes[k + 1 : k + 4] == "gna":
        high, rest = whole(p, values[k + 2], i, j), k + 3
    numbers = p.numbers(rest, j)
    unit = p.unit_of_time(rest, j)
    if unit is None:  # "2 x bd"
        p.problem(f"Two different frequencies are given: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
    if classes[i] == "U":
        low, high = None, high or low
    period = (numbers[0] if numbers else ONE) * unit[0]
    value, code = minutes_of_part(period, unit[1])
    top = numbers[1] if len(numbers) > 1 else None
    if unit[1] == "wk" and values[k] == 2 and "D" in classes[rest:j] and numbers:
        p.problem("This has two readings.", i, j)
    set_frequency(p, i, j, low, high, value, top, code)


def read_interval(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    v = p.find("V", i, j)
    if v is not None:
        if classes[i] == "i":
            p.problem(f"This time is not understood: {p.text(i, j)}.", i, j, "Write for 5 days, or every 5 days.")
        else:
            set_frequency(p, i, j, 1, None, v[0], None, v[1])
        return
    numbers = p.numbers(i, j)
    unit = p.unit_of_time(i, j)
    if unit is None:  # "2 x bd"
        p.problem(f"Two different frequencies are given: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
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
    set_frequency(p, i, j, 1, None, low, high, code)


def _taken_anew(p: Parse, i: int, j: int) -> bool:
    """ "30 tablets take 1 daily": behind the verb stands the dose, so that what stands before it is none."""
    at = p.clause.dose_at
    if p.clause.amount is None or at is None or at[1] >= i or p.lex.classes[i - 1] != "v":
        return False
    p.problem(f"Two amounts stand side by side: {p.text(at[0], j)}.", at[0], j, "Say which one is the dose.")
    return True


def read_daily_number(p: Parse, i: int, j: int) -> None:
    """ "4 hourly", "2 daily", "2 weekly": an interval, a dose, or two readings."""
    c = p.clause
    classes = p.lex.classes
    numbers = p.numbers(i, j)
    _, code = p.lex.values[j - 1]
    low, high = numbers[0], numbers[1] if len(numbers) > 1 else None
    if code == "h":
        p.note(p.warnings, "hourly", i, j)
        value, unit = minutes_of_part(low, "h")
        set_frequency(p, i, j, 1, None, value, high, unit)
    elif _taken_anew(p, i, j):
        return
    elif code == "d":
        if c.amount is None:
            set_dose(p, i, j - 1, amount_of(p, low, high, "1", i, j))
            c.bare = True
            if low > 1 or high is not None:
                p.note(p.second, "number-daily", i, j)
            set_frequency(p, i, j, 1, None, ONE, None, "d")
        elif (
            c.dose_at is not None
            and c.dose_at[1] == i
            and (classes[i - 1] != "c" or not isinstance(c.amount, Amount) or c.amount.value >= 7)
        ):  # "30 tablets one daily": a pack, and its dose
            p.problem(
                f"This has two readings: {p.text(c.dose_at[0], j)}.",
                c.dose_at[0],
                j,
                "Write it like 2 tablets once a day.",
            )
        else:
            first = whole(p, low, i, j)
            if first is not None:
                p.note(p.second, "number-daily", i, j)
                set_frequency(p, i, j, first, int(high) if high else None, ONE, None, "d")
    elif low == 1 and high is None:
        if c.amount is None:
            set_dose(p, i, j - 1, Amount(ONE, "1"))
            c.bare = True
        set_frequency(p, i, j, 1, None, ONE, None, code)
    elif c.amount is None and classes[i:j] == "nD":
        # "4 weekly": four at once each week, four times a week, or every four weeks
        noun = {"wk": "week", "mo": "month", "a": "year"}[code]
        p.problem(
            f"This has two readings: {p.text(i, j)} can be {low} once a {noun}, or once every {low} {noun}s.",
            i,
            j,
            "Write how many, then how often, like 4 tablets once a week.",
        )
    elif (code in ("wk", "mo") and low >= 4) or (code == "mo" and low == 3):
        p.note(p.warnings, "every-n", i, j)
        set_frequency(p, i, j, 1, None, low, high, code)
    else:
        noun = {"wk": "week", "mo": "month", "a": "year"}[code]
        p.problem(
            f"This has two readings: {p.text(i, j)} can be {low} times a {noun} or every {low} {noun}s.",
            i,
            j,
            f"Write {low} times a {noun}, or every {low} {noun}s.",
        )


def read_code(p: Parse, i: int, j: int) -> None:
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
    set_frequency(p, i, j, low, high, period, period_max, unit)


def read_when(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    codes: list[str] = []
    parts = [values[k] for k in range(i, j) if classes[k] == "W"]
    other = any(v[0] == "@2d" for v in parts)
    if (other and (len(parts) > 1 or p.clause.when)) or (p.clause.when and p.clause.period == 2 and not other):
        p.problem(  # "every morning and every other night"
            f"Two rhythms stand together: {p.text(i, j)}.", i, j, "Write each as directions of its own."
        )
        return
    for k in range(i, j):
        if classes[k] == "W":
            if values[k][0] == "@2d":  # "on alternate nights"
                set_frequency(p, k, k + 1, 1, None, Fraction(2), None, "d")
                codes.append(values[k][1])
            else:
                codes.extend(values[k])
    if classes[j : j + 2] == "iw" and values[j] == "of":  # "the morning of the operation": no morning of each day
        p.problem(
            f"On which day this is, is not said: {p.text(i, j + 2)}.",
            i,
            j + 2,
            "Name the date, or write every morning.",
        )
    add_when(p, codes, i, j)


def read_meals(p: Parse, i: int, j: int) -> None:
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
            code = RELATIONS[relation] + meal
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
            instruct(p, i, j)
        else:
            offset = int(minutes)
    if food and relation == "C" and len(codes) == 1:
        instruct(p, i, j)
        return
    add_when(p, codes, i, j)
    if offset is not None and set(codes) & set(p.clause.when):
        p.clause.offset = offset


def read_relation(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    if i and classes[i - 1] == "n" and p.words(i, j) == "c":
        p.problem(
            f"This has two readings: {p.text(i - 1, j)} can be a capsule, or with meals.", i - 1, j, "Write it in full."
        )
        return
    relation = values[i]
    if relation == "C" and any(classes[k] == "M" and values[k] == "food" for k in range(i, j)):
        instruct(p, i, j)
        return
    meals = [values[k] for k in range(i + 1, j) if classes[k] == "M"]
    codes = [RELATIONS[relation] + ("" if m == "food" else m) for m in meals] or [RELATIONS[relation]]
    add_when(p, codes, i, j)


def read_clock(p: Parse, i: int, j: int) -> None:
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
            set_frequency(p, k, k + 1, 1, None, values[k][0], None, values[k][1])
        if classes[k] == "K":
            time, glued = values[k]
            if glued and i == k and c.amount is None and p.lex.classes[j : j + 1] != ":":
                c.clock_doubt = k
            if time not in c.times:
                c.times.append(time)
    c.mark("times", p.span(i, j))


def read_days(p: Parse, i: int, j: int) -> None:
    c = p.clause
    classes, values = p.lex.classes, p.lex.values
    kind = p.find("l", i, j)
    if "v" in classes[i:j] and p.text(i, j).lower().lstrip("on ").startswith(
        ("start", "commence", "begin", "initiate")
    ):
        kind = "start"
    if kind is not None and sum(x in "yY" for x in classes[i:j]) == 1:  # "starting on Monday": one day, not each Monday
        p.note(p.facts, kind, i, j)
        c.starts = c.starts or kind == "start"
        if kind == "end":
            c.upto_len = True
        return
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
    if classes[j - 1] == "F" and values[j - 1] != (1, None, 1, None, "wk"):
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j)
    for day in found:
        if day not in c.days:
            c.days.append(day)
    c.mark("days", p.span(i, j))


def read_days_a_week(p: Parse, i: int, j: int) -> None:
    """ "3 days a week": once on each of them, where nothing else is said of how often."""
    c = p.clause
    n = whole(p, p.numbers(i, j)[0], i, j, "days")
    units = [p.lex.values[k] for k in range(i, j) if p.lex.classes[k] == "t"]
    tail = p.unit_of_time(j - 1, j)
    once = c.period_unit is None or (c.period_unit, c.period, c.frequency, c.frequency_max) == ("d", ONE, 1, None)
    if (
        n is None
        or n > 6
        or units[0] != "d"
        or tail != (ONE, "wk")
        or not once
        or c.days
        or len({*c.when, *c.times}) > 1
    ):
        p.problem(f"On which days it is taken is not clear: {p.text(i, j)}.", i, j, "Name the days of the week.")
        return
    c.frequency, c.frequency_max, c.period, c.period_max, c.period_unit = n, None, ONE, None, "wk"
    c.mark("timing", p.span(i, j))
    p.note(p.inferred, "days-a-week", i, j)


def read_cycle(p: Parse, i: int, j: int) -> None:
    numbers = p.numbers(i, j)
    classes, values = p.lex.classes, p.lex.values
    units = [values[k] for k in range(i, j) if classes[k] == "t"]
    days = {"d": 1, "wk": 7}
    if units[0] == units[-1] == "h" and sum(numbers) == 24 and p.clause.duration is None:
        # "12 hours on, 12 hours off": once a day, for so long
        set_frequency(p, i, j, 1, None, ONE, None, "d")
        p.clause.duration, p.clause.dunit = numbers[0], "h"
        p.clause.mark("duration", p.span(i, j))
        return
    on = numbers[0] * days.get(units[0], 0)
    off = numbers[1] * days.get(units[-1], 0)
    if on.denominator != 1 or off.denominator != 1 or not on or not off:
        p.problem(f"This cycle is not understood: {p.text(i, j)}.", i, j)
        return
    p.clause.cycle = (int(on), int(off))
    p.clause.mark("cycle", p.span(i, j))


def read_eye(p: Parse, i: int, j: int) -> None:
    p.clause.eyes.append((i, j))


def read_once_alone(p: Parse, i: int, j: int) -> None:
    n = p.lex.values[i]
    after = p.lex.classes[j : j + 3].lstrip("iq")
    c = p.clause
    if n == 1 and (after[:1] in ("W", "B", "F", "K", "y", "R", "M") or c.when or c.times or c.days or c.period_unit):
        return
    if n == 1:
        read_count(p, i, j)
    elif after[:1] in ("W",) or c.when:
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j, "Write it like twice a day.")
    else:
        p.problem(f"In what time is not said: {p.text(i, j)}.", i, j, "Write it like twice a day.")
