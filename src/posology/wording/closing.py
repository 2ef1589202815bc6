"""Turns what is only known when a clause ends (divided doses, repeats, days left out) into its fields.

Knows no words; where the parts of a clause do not fit together, it refuses.
"""

from __future__ import annotations

from fractions import Fraction

from posology.amount import Amount, Range
from posology.directions import DAYS
from posology.wording.clause import ONE, Clause, Parse, Repeat
from posology.wording.fields import counts, set_frequency, whole
from posology.wording.lasting import read_course
from posology.wording.often import read_interval


def read_divided(p: Parse, i: int, j: int) -> None:
    """ "in 3 divided doses": the amount before it is that of a day; what each dose holds is worked out at the end."""
    c = p.clause
    numbers = p.numbers(i, j)
    daily = c.period_unit == "d" and c.period == 1 and c.frequency == 1 and c.frequency_max is None
    if c.divided is not None or c.amount is None or not daily or c.when or c.times or len(numbers) > 1:
        p.problem(
            f"The day's amount is divided: {p.text(i, j)}.", i, j, "Write the amount of each dose, and how often."
        )
        return
    n = whole(p, numbers[0], i, j) if numbers else None
    if numbers and n is None:
        return
    c.divided = (n, i, j)
    c.frequency = c.period = c.period_unit = None
    c.mark("timing", p.span(i, j))


def _divide(p: Parse, c: Clause) -> None:
    assert c.divided is not None
    said, i, j = c.divided
    todo = "Write the amount of each dose, and how often."
    n: int | Fraction | None = said
    if c.period_unit is not None and c.period is not None:
        hours = {"d": Fraction(24), "h": ONE}.get(c.period_unit)
        each = None if hours is None or c.frequency is None else Fraction(c.frequency) * 24 / (c.period * hours)
        if each is None or c.frequency_max or c.period_max or each.denominator != 1:
            p.problem(f"The day's amount is divided, and how often is not clear: {p.text(i, j)}.", i, j, todo)
            return
        named = int(each)
    else:
        named = len(c.times) or sum(3 if w in ("C", "AC", "PC") else 1 for w in c.when)
    if n is None:
        n = named
    elif named not in (0, n):
        p.problem(f"The number of doses a day is said in two ways: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
    if not n or c.days or c.change is not None or c.dose_kind == "strength":
        p.problem(f"The day's amount is divided: {p.text(i, j)}.", i, j, todo)
        return
    amount = c.amount
    ends = (amount,) if isinstance(amount, Amount) else (amount.low, amount.high) if amount is not None else ()
    shared: list[Amount | None] = []
    for end in ends:
        value = None if end is None else end.value / n
        if end is None or value is None:
            shared.append(None)
            continue
        rest = value.denominator
        if counts(end.unit) or end.unit == "1":
            exact = rest == 1
        else:
            while rest % 2 == 0:
                rest //= 2
            while rest % 5 == 0:
                rest //= 5
            exact = rest == 1
        if not exact:
            p.problem(f"{end} cannot be shared out exactly into {n} doses.", i, j, todo)
            return
        shared.append(Amount(value, end.unit))
    c.amount = shared[0] if len(shared) == 1 else Range(*shared)
    p.second[:] = [note for note in p.second if note.key != "a-day"]
    p.note(p.inferred, "divided", i, j, c.amount)
    if (c.period_unit is None and not (c.when or c.times)) or (
        c.period_unit is None and said and {"C", "AC", "PC"} & {*c.when}
    ):
        c.frequency, c.period, c.period_unit = int(n), ONE, "d"


def read_repeat(p: Parse, i: int, j: int) -> None:
    """ "may repeat once after 5 minutes if needed", "repeat after 2 weeks"."""
    c, classes, values = p.clause, p.lex.classes, p.lex.values
    if c.repeat is not None:
        p.problem(f"Two repeats are described: {p.text(i, j)}.", i, j, "Write one.")
        return
    if j == i + 1 and values[i] == "must":
        after = classes[j : j + 1]
        if after in ("n", "v", "q", "F", "D", "a", "U"):  # "repeat every 6 hours": a way of taking it
            c.verb = True
            return
    if c.cycle is not None and values[i] == "must" and j == i + 1:
        c.mark("cycle", p.span(i, j))  # "21 days, then 7 days off, repeat"
        return
    r = Repeat(i, j)
    r.free = values[i] == "may"
    if "second" in p.words(i, i + 1):  # "a second tablet may be taken after 2 hours"
        r.count = 1
    numbers = 0
    for k in range(i + 1, j):
        if classes[k] in "A4I":
            r.free = r.wanted = True
        elif classes[k] == "q":
            r.every = True
        elif classes[k] == "O":
            numbers += 1
            r.count = values[k]
        elif classes[k] == "n" and classes[k - 1] != "g" and classes[k + 1 : k + 2] != "g":
            if classes[k + 1 : k + 2] == "t":
                if r.gap is not None or values[k] <= 0:
                    p.problem(f"This repeat is not understood: {p.text(i, j)}.", i, j, "Write one time after which.")
                    return
                r.gap = Amount(values[k], values[k + 1])
            else:
                numbers += 1
                r.count = whole(p, values[k], i, j)
        elif classes[k] == "n":
            p.problem(f"This repeat is not exact: {p.text(i, j)}.", i, j, "Write the least time between two doses.")
            return
        elif classes[k] == "a" and classes[k + 1 : k + 2] == "t":
            r.gap = Amount(1, values[k + 1])
        elif (classes[k] == "B" and values[k] != "P") or (
            classes[k] == "w" and values[k] not in ("later", "apart") and "I" not in classes[i:k]
        ):
            p.problem(f"This repeat is not understood: {p.text(i, j)}.", i, j, "Write it like once after 2 hours.")
            return
    if numbers > 1:
        p.problem(f"Two numbers of repeats are given: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
    if r.gap is None and not r.free and "x" in classes[i:j]:
        p.note(p.facts, "pack", i, j)  # "repeat x 5": of the prescription
        return
    if r.every and not r.free and r.gap is not None and r.count is None:
        set_frequency(p, i, j, 1, None, r.gap.value, None, r.gap.unit)
        return
    c.repeat = r
    c.mark("count", p.span(i, j))


def _repeat(p: Parse, c: Clause) -> None:
    r = c.repeat
    assert r is not None
    i, j = r.start, r.end
    text = p.text(i, j)
    if c.amount is None or c.change is not None:
        p.problem(f"What is repeated is not said: {text}.", i, j, "Write how much.")
        return
    if c.period_unit or c.when or c.times or c.days or c.frequency or c.bounds is not None:
        p.problem(
            f"A repeat beside doses at set times is not understood: {text}.", i, j, "Write it as directions of its own."
        )
        return
    if r.gap is None:
        p.problem(f"After what time it is repeated is not said: {text}.", i, j, "Write it like once after 2 hours.")
        return
    if not r.free:
        if c.needed or c.count_max is not None or c.maxes:
            p.problem(f"This repeat is not understood: {text}.", i, j, "Write how many doses, and how often.")
            return
        if r.count is None:
            p.note(p.second, "repeat-once", i, j)
        c.count = (r.count or 1) + 1
        c.frequency, c.period, c.period_unit = 1, r.gap.value, r.gap.unit
        p.note(p.inferred, "repeated", i, j, c.count)
        return
    if r.gap.kind != "time" or c.min_gap is not None:
        p.problem(f"This repeat is not understood: {text}.", i, j, "Give the time in hours or days.")
        return
    if r.count is not None and r.count > 1 and c.count_max is None:
        p.problem(
            f"This has two readings: {r.count} doses in all, or {r.count} after the first: {text}.",
            i,
            j,
            f"Write at most {r.count} doses, or {r.count + 1}.",
        )
        return
    if r.count is not None:
        total = r.count + 1
        if c.count_max not in (None, total) or c.count not in (None, 1):
            p.problem(f"Two numbers of doses are given: {text}.", i, j, "Say which one holds.")
            return
        c.count, c.count_max = 1, total
        p.note(p.inferred, "repeated", i, j, f"1 to {total}")
    elif c.count_max is not None:
        pass  # "may repeat every 5 minutes, maximum 3 doses"
    elif c.maxes:
        if c.count is not None or not (c.needed or r.wanted):
            p.problem(
                f"How many times it may be repeated is not said: {text}.", i, j, "Write it like once after 2 hours."
            )
            return
        c.needed = True
        c.mark("as_needed", p.span(i, j))
    elif r.every:
        p.problem(f"How many times it may be repeated is not said: {text}.", i, j, "Write it like at most 3 doses.")
        return
    else:
        c.count, c.count_max = 1, 2
        p.note(p.second, "repeat-once", i, j)
    c.min_gap = r.gap
    c.mark("min_gap", p.span(i, j))


def read_days_off(p: Parse, i: int, j: int) -> None:
    """ "except Sundays": taken on every other day of the week."""
    classes, values = p.lex.classes, p.lex.values
    k = i + (classes[i] in ",(")
    if classes[k] == "6" and classes[k + 1] != "G" and p.clause.period_unit != "d":
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j, "Name the days on which it is taken.")
        return
    if "G" in classes[i:j] and p.words(classes.index("G", i), classes.index("G", i) + 1) != "not":
        p.problem(
            f"What is not to be done is not understood: {p.text(i, j)}.", i, j, "Say what is to be taken, and when."
        )
        return
    if "g" in classes[i:j] or p.clause.except_days is not None:
        p.problem(f"Which days are left out is not clear: {p.text(i, j)}.", i, j, "Name the days on which it is taken.")
        return
    off = [d for m in range(i, j) if classes[m] in "yY" for d in ([values[m]] if classes[m] == "y" else values[m])]
    p.clause.except_days = (off, i, j)
    p.clause.mark("days", p.span(i, j))


def _without(p: Parse, c: Clause) -> None:
    assert c.except_days is not None
    off, i, j = c.except_days
    daily = (
        (c.period_unit == "d" and c.period == 1)
        or (c.period_unit is None and (c.when or c.times))
        or c.period_unit == "h"
    )
    if c.days or not daily or len(set(off)) > 5:
        p.problem(f"Which days are left out is not clear: {p.text(i, j)}.", i, j, "Name the days on which it is taken.")
        return
    c.days = [d for d in DAYS if d not in off]
    p.note(p.inferred, "except-days", i, j)


def read_cycle_days(p: Parse, i: int, j: int) -> None:
    """ "days 1 to 21 of each 28 day cycle": 21 days on, 7 off."""
    if "l" not in p.lex.classes[i:j] and len(p.numbers(i, j)) == 2:
        _days_of_each(p, i, j)
        return
    first, last, whole_cycle = p.numbers(i, j)
    units = {p.lex.values[k] for k in range(i, j) if p.lex.classes[k] == "t"}
    fits = first == 1 < last < whole_cycle and last.denominator == whole_cycle.denominator == 1 and units == {"d"}
    if not fits or p.clause.cycle is not None:
        p.problem(f"These days of a cycle cannot be held here: {p.text(i, j)}.", i, j, "Give the dates.")
        return
    p.clause.cycle = (int(last), int(whole_cycle - last))
    p.clause.mark("cycle", p.span(i, j))


def _more_than_one(p: Parse, c: Clause) -> bool:
    """Whether a maximum in a period allows more than the one dose that is said."""
    at = c.spans["count"]
    if "dose" not in p.lex.text[at.start : at.end].lower():
        return False
    dose = c.amount if isinstance(c.amount, Amount) else None if c.amount is None else c.amount.high
    if dose is None or c.repeat is not None:
        return False
    return any(m.amount.kind == dose.kind and m.amount > dose for m in c.maxes)


def _days_of_each(p: Parse, i: int, j: int) -> None:
    """ "for 5 days every 28 days": 5 days on, 23 off; "for 7 days every 8 hours" is a length and an interval."""
    q = p.lex.classes.index("q", i, j)
    (on, on_unit), (whole_cycle, unit) = ((p.numbers(a, b)[0], p.find("t", a, b)) for a, b in ((i, q), (q, j)))
    days = {"d": 1, "wk": 7}
    on, whole_cycle = on * days.get(on_unit, 0), whole_cycle * days.get(unit, 0)
    if not 0 < on < whole_cycle:
        read_course(p, i, q)
        read_interval(p, q, j)
    elif on.denominator != 1 or whole_cycle.denominator != 1 or p.clause.cycle is not None:
        p.problem(f"These days of a cycle cannot be held here: {p.text(i, j)}.", i, j, "Give the dates.")
    else:
        p.clause.cycle = (int(on), int(whole_cycle - on))
        p.clause.mark("cycle", p.span(i, j))


def finish(p: Parse, c: Clause) -> None:
    """Work out what waited for the end of the clause."""
    if c.count == 1 and c.count_max is None and c.needed and c.later is None and _more_than_one(p, c):
        # "10 mg as a single dose when required, up to 30 mg in 24 hours": so much at one time
        c.count = None
        c.spans.pop("count", None)
    if c.divided is not None:
        _divide(p, c)
        c.divided = None
    if c.repeat is not None:
        _repeat(p, c)
        c.repeat = None
    if c.except_days is not None:
        _without(p, c)
        c.except_days = None


__all__ = ["finish", "read_cycle_days", "read_days_off", "read_divided", "read_repeat"]
