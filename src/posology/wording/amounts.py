"""Turns chunks that say how much into the dose of a clause, its strength, or a change of dose.

Knows no medicine: an amount is what the text says.
"""

from __future__ import annotations

import re
from fractions import Fraction

from posology.amount import Amount, Range, Strength
from posology.directions import Rate
from posology.errors import UnreadableError
from posology.wording.around import read_take_name
from posology.wording.clause import ONE, Change, Parse
from posology.wording.fields import amount_of, counts, set_dose, set_frequency, whole

_SPOONS = ("{spoonful}", "{teaspoon}", "{tablespoon}")


def read_dose(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    up = least = False
    k = i
    while k < j and classes[k] not in "na":
        up = up or classes[k] == "U"
        least = least or classes[k] == "~"
        k += 1
    if k >= j:
        return
    if classes[k] == "a":
        set_dose(p, i, j, Amount(1, values[k + 1]))
        return
    if _compared(p, i, j):
        return
    low: Fraction | None = values[k]
    high: Fraction | None = None
    k += 1
    unit: str | None = None
    unit2: str | None = None
    kind = ""
    if classes[k : k + 2] in ("gn", "&n") and k + 1 < j:
        high = values[k + 1]
        k += 2
    while k < j and classes[k] not in "mcnt(9":
        if classes[k] == "^":  # "1 MR tablet"
            p.release = p.release or p.text(k, k + 1)
        k += 1
    if k < j and classes[k] in "mc9":
        unit = values[k]
        k += 1
        if k < j and classes[k] in "c9" and unit in ("mL", "L"):
            k += 1
        elif k < j and classes[k] == "c" and classes[k - 1] == "m" and high is None and not up:
            kind = "strength"  # "0.1 mg patch": of the product, or of the dose
            p.form = p.form or values[k]
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
    if high is not None and not up and i > 1 and classes[i - 1] == "l" and classes[i - 2] in "+_oc$":
        # "reduce from 20 mg to 15 mg": what was taken, and what is taken
        p.note(p.facts, "changed-from", i, end)
        low, high, unit, unit2 = high, None, unit2 or unit, None
    if up:
        amount = amount_of(p, None, high or low, unit2 or unit or "1", i, end)
    else:
        amount = amount_of(p, low, high, unit or "1", i, end, unit2)
        if least and isinstance(amount, Amount):  # "at least 1 tablet": nothing is put above it
            amount = Range(amount, None)
        elif least:
            p.problem(f"This is not understood: {p.text(i, end)}.", i, end, "Give the lowest and the highest amount.")
    if unit is None:
        p.clause.bare = True
    set_dose(p, i, end, amount, kind)
    if rest:
        at = k + rest.find("n") if "n" in rest else -1
        if at >= 0:
            numbers = p.numbers(at, j)
            other = next((values[m] for m in range(at, j) if classes[m] in "mc"), None)
            if other is not None and unit == "{dose}":
                p.problem(f"Two amounts stand side by side: {p.text(i, j)}.", i, j, "Say which one is the dose.")
            elif other is not None and len(numbers) >= 1:
                _equal(p, Amount(numbers[0], other) if numbers[0] > 0 else None, at, j)
        if rest[-1] == "t" or classes[j - 1] == "t":
            unit_time = values[j - 1]
            set_frequency(p, end, j, 1, None, ONE, None, unit_time)


def _equal(p: Parse, other: Amount | None, i: int, j: int) -> None:
    """What the dose is said to be equal to: "1 tablet (20 mg)", "100 mg (4 ml)"."""
    c = p.clause
    for k in range(i, j):  # "2 tablets (1,000 mg total)": the dose does not hang on it
        if p.lex.doubtful.pop(p.lex.starts[k], None) is not None:
            p.note(p.warnings, "thousand", k, k + 1)
    if other is None:
        p.problem(f"A strength cannot be zero: {p.text(i, j)}.", i, j)
        return
    pieces = isinstance(c.amount, Amount) and counts(c.amount.unit)
    if pieces and other.kind == "mass" and i and p.lex.classes[i - 1] == "i" and p.lex.values[i - 1] == "of":
        c.strength = other  # "half a tablet of 25 mg", "2 tablets of 10 mg": of one piece, not of them all
        p.note(p.facts, "strength", i, j, other)
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


def read_packs(p: Parse, i: int, j: int) -> None:
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
        set_dose(p, i, j, amount_of(p, low, high, form, i, j))
        p.note(p.facts, "strength", x + 1, j - 1, Amount(sizes[0], unit))
        p.clause.strength = Amount(sizes[0], unit) if sizes[0] > 0 else None
        return
    p.note(p.inferred, "multiplied", i, j)
    top = None if high is None else high * sizes[0]
    set_dose(p, i, j, amount_of(p, None if up else low * sizes[0], top or low * sizes[0] if up else top, unit, i, j))


def read_counted_strength(p: Parse, i: int, j: int) -> None:
    """ "one 5 ml spoonful", "two paracetamol 500 mg tablets"."""
    classes, values = p.lex.classes, p.lex.values
    m = classes.index("m", i, j)
    size, unit, form = values[m - 1], values[m], values[j - 1]
    counts = p.numbers(i, m - 1)
    if "i" in classes[i:j] and values[classes.index("i", i, j)] != "of":
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j, "Say how many, and of which strength.")
        return
    if "N" in classes[i:j]:
        k = classes.index("N", i, j)
        read_take_name(p, k, k + 1)
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
        set_dose(p, i, j, amount_of(p, None if up else low * size, top or low * size if up else top, unit, i, j))
        return
    set_dose(p, i, j, amount_of(p, low, high, form, i, j))
    if size > 0:
        p.note(p.facts, "strength", m - 1, m + 1, Amount(size, unit))
        p.clause.strength = Amount(size, unit)


def read_strength(p: Parse, i: int, j: int) -> None:
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


def read_strength_form(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    m = classes.index("m", i, j)
    form = next((values[k] for k in range(m + 1, j) if classes[k] == "c"), None)
    amount = amount_of(p, values[i], None, values[m], i, m + 1)
    if values[m] in ("mL", "L"):  # "5 ml spoonful", "5 ml dose"
        set_dose(p, i, j, amount)
        return
    set_dose(p, i, m + 1, amount, "strength")
    if form:
        p.form = form


def read_bare(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    after = classes[j : j + 1]
    c = p.clause
    if classes[j - 1] == "x":
        p.note(p.warnings, "x-times", i, j)
    elif after in ("w", "?", "m", "t", "T", "n", "h", "k", "x", "h", "%", "9", "d", "H", "c", "+", "_") or (
        after == "g" and classes[j + 1 : j + 2] in ("n", "w")
    ):
        nn = after == "n" and (
            classes[j + 1 : j + 2] in ("T", "x", "D", "p", "a") or classes[j + 1 : j + 3] in ("tB", "tg")
        )
        if after == "d" and str(values[j]).startswith(("today", "tomorrow")):
            pass
        elif nn and c.amount is None:
            times = values[j]
            alike = p.text(i, i + 1).isalpha() == p.text(j, j + 1).isalpha()
            if (
                j - i == 1
                and times - values[i] == 1
                and alike
                and not ((c.verb or c.change is not None) and p.text(i, j).isalpha())
            ):
                p.problem(
                    f"This has two readings: {p.text(i, j + 2)} can be {values[i]} at a time, or {values[i]} to {times} times.",
                    i,
                    j + 2,
                    "Write it like 1 tablet 2 times a day.",
                )
                return
            if alike and not p.text(i, i + 1).isalpha():  # "1 3 times a day"; "one three times a day" has one reading
                p.note(p.warnings, "number-beside-number", i, j + 1)
        elif (after == "w" and _harmless(p, j)) or (after == "n" and _HOURLY.match(classes, j) and c.amount is None):
            pass
        else:
            p.problem(f"This number is not understood: {p.text(i, min(j + 1, len(classes)))}.", i, j, "Give its unit.")
            return
    if _compared(p, i, j):
        return
    numbers = p.numbers(i, j)
    low: Fraction | None = numbers[0]
    high = numbers[1] if len(numbers) > 1 else None
    if classes[i] == "U":
        low, high = None, high or low
    if c.period_unit is not None and not c.verb and c.amount is None and low is not None and low > 10:
        # "12 hourly 99": a number on its own behind the time is no dose that anyone takes
        p.problem(f"This number is not understood: {p.text(i, j)}.", i, j, "Say what it counts.")
        return
    if c.amount is not None and c.dose_kind != "strength":
        p.problem(f"This number is not understood: {p.text(i, j)}.", i, j, "Say what it counts.")
        return
    set_dose(p, i, j, amount_of(p, low, high, "1", i, j))
    c.bare = True


_COMPARISONS = frozenset(
    ["below", "above", "under", "than", "exceeds", "exceed", "reaches", "reached", "exceeding", "<", ">"]
)


def _compared(p: Parse, i: int, j: int) -> bool:
    """ "until sugar is below 130": a reading that something is compared with, and no amount to take."""
    if not i or p.lex.classes[i - 1] not in "w?>" or p.text(i - 1, i).lower() not in _COMPARISONS:
        return False
    p.problem(
        f"What this number is compared with is not understood: {p.text(i - 1, j)}.",
        i - 1,
        j,
        "Write each step: how much, and for how long.",
    )
    return True


_HOURLY = re.compile("n(?:gn)?(?:D|t[gB])")


_HARMLESS = frozenset(["five-star", "at", "each", "per", "is", "of", "it", "together", "both", "day"])


def _harmless(p: Parse, k: int) -> bool:
    return p.lex.values[k] in _HARMLESS or not str(p.lex.values[k]).isalnum()


def read_dose_times(p: Parse, i: int, j: int) -> None:
    """ "1x3": one, three times a day."""
    numbers = p.numbers(i, j)
    n = whole(p, numbers[-1], i, j)
    high = numbers[1] if len(numbers) > 2 else None
    if n is None:
        return
    set_dose(p, i, i + 1, amount_of(p, numbers[0], high, "1", i, i + 1))
    p.clause.bare = True
    p.note(p.warnings, "x-times", i, j)
    set_frequency(p, i, j, n, None, ONE, None, "d")


def read_slots(p: Parse, i: int, j: int) -> None:
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


def read_rate(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    numbers = p.numbers(i, j)
    m, t = p.find("m", i, j), p.find("t", i, j)
    if m is None or t is None:
        p.problem(f"This rate is not understood: {p.text(i, j)}.", i, j)
        return
    if t == "d" and classes[i] == "n" and "@" not in classes[i:j]:
        set_dose(p, i, j, amount_of(p, numbers[0], numbers[1] if classes[i + 1] == "g" else None, m, i, j))
        p.note(p.second, "a-day", i, j)
        set_frequency(p, i, j, 1, None, ONE, None, "d")
        return
    if p.clause.rate is not None:
        p.problem(f"Two rates are given: {p.text(i, j)}.", i, j, "Say which one holds.")
        return
    per = numbers[-1] if classes[j - 2] == "n" else ONE
    low = amount_of(p, numbers[0], numbers[1] if "gn" in classes[i:j] else None, m, i, j)
    if low is not None and per > 0:
        p.clause.rate = Rate(low, Amount(per, t))
        p.clause.mark("rate", p.span(i, j))


def read_row_of_amounts(p: Parse, i: int, j: int) -> None:
    p.problem(f"Which of these amounts is taken when, is not said: {p.text(i, j)}.", i, j, "Write a time with each.")


def read_change(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    sign = {"+": 1, "_": -1}.get(classes[i], p.sign)
    if not sign:
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j, "Say whether it is increased or reduced.")
        return
    _left_open(p, i, j)
    change = Change(sign, i, j)
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


def _left_open(p: Parse, i: int, j: int) -> None:
    """ "May increase to 2 tablets": whether it is taken so, is not said."""
    if p.words(i, i + 1).split()[0] in ("may", "can", "could"):
        p.problem(
            f"Whether the dose changes is left open: {p.text(i, j)}.",
            i,
            j,
            "Say on which day it changes, or leave it out.",
        )


def read_change_to(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    _left_open(p, i, j)
    change = Change(1 if classes[i] == "+" else -1, i, j)
    change.to = True
    p.clause.change = change


def read_change_from(p: Parse, i: int, j: int) -> None:
    """ "reduce from 30 mg daily by 5 mg every week": which way, said ahead."""
    p.sign = 1 if p.lex.classes[i] == "+" else -1
    p.clause.verb = True


def read_change_bare(p: Parse, i: int, j: int) -> None:
    p.problem(
        f"The dose is to change, and how is not said: {p.text(i, j)}.", i, j, "Write each step, and for how long."
    )


def read_each_dose(p: Parse, i: int, j: int) -> None:
    if p.clause.change is not None:
        p.clause.change.each = p.lex.values[j - 1]
    else:
        p.note(p.left, "word", i, j)


def read_form_strength(p: Parse, i: int, j: int) -> None:
    """ "tablets 10 mg": of the product."""
    k = p.lex.classes.index("n", i, j)
    p.form = p.form or p.lex.values[i]
    set_dose(p, k, j, amount_of(p, p.lex.values[k], None, p.lex.values[j - 1], k, j), "strength")


def read_counted_patch(p: Parse, i: int, j: int) -> None:
    """ "one 25 microgram/hour patch"."""
    classes, values = p.lex.classes, p.lex.values
    m = classes.index("m", i, j)
    counts = p.numbers(i, m - 1)
    if p.text(m - 2, m - 1)[0].isdigit() and p.text(m - 1, m)[0].isdigit():
        p.problem(
            f"This has more than one reading: {p.text(i, j)}.", i, j, "Write it like one 25 microgram/hour patch."
        )
        return
    p.note(p.facts, "strength", m - 1, j)
    set_dose(p, i, j, amount_of(p, counts[0], counts[1] if len(counts) > 1 else None, values[j - 1], i, j))


def read_patch_rate(p: Parse, i: int, j: int) -> None:
    """ "25 micrograms/hour patch": of the product."""
    classes, values = p.lex.classes, p.lex.values
    p.note(p.facts, "strength", i, j)
    k = next((m for m in (i, j - 1) if classes[m] in "co"), None)
    if k is not None and classes[k] == "c":
        p.form = p.form or values[k]
