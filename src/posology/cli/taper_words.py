"""Doses and products in words, for the taper command, as dose times, amounts and stocks. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction

    from posology.directions import Course


def mass(text: str) -> Fraction:
    from posology.cli import inputs
    from posology.errors import Problem, UnreadableError

    found = inputs.amount(text)
    if found.kind != "mass":
        raise UnreadableError(Problem(f"This must be a mass, like 5 mg: {text[:40]!r}."))
    return found.to("mg").value


_NAMES = {
    "MORN": "morning", "NOON": "noon", "AFT": "afternoon", "EVE": "evening", "NIGHT": "night", "HS": "bedtime",
    "CM": "breakfast", "CD": "lunch", "CV": "dinner",
}  # fmt: skip
_COUNTED = {
    1: ("day",), 2: ("morning", "evening"), 3: ("morning", "noon", "evening"),
    4: ("morning", "noon", "evening", "night"),
}  # fmt: skip


def doses_now(course: Course) -> tuple[tuple[str, ...], tuple[Fraction, ...]]:
    """The dose times of a day and the mg at each, from directions that are the same every day.

    Raises UnreadableError for directions that are not: several steps, ranges, as needed, other units, rarer than daily.
    """
    from posology.amount import Amount
    from posology.errors import Problem, UnreadableError

    bad: list[Problem] = []
    found: dict[str, Fraction] = {}
    if len(course.phases) != 1:
        bad.append(
            Problem(
                "The doses taken now are one set of directions, not several steps.", "", "Write only today's doses."
            )
        )
    for d in course.phases[0].directions:
        t = d.timing
        if d.dose is None or not isinstance(d.dose.amount, Amount) or d.dose.amount.kind != "mass":
            bad.append(Problem("Write each dose in mg: one amount, not a range or a number of tablets."))
            continue
        if d.as_needed or t.days_of_week or t.cycle or t.bounds:
            bad.append(Problem("A taper is planned for doses taken every day, not as needed or on some days."))
            continue
        mg = d.dose.amount.to("mg").value
        names: tuple[str, ...] = ()
        if t.when:
            names = tuple(_NAMES.get(w.split(".")[0], w) for w in t.when)
        elif t.times_of_day:
            names = t.times_of_day
        elif t.times_a_day is not None and t.times_a_day.denominator == 1 and 1 <= t.times_a_day <= 6:
            n = int(t.times_a_day)
            names = _COUNTED.get(n) or tuple(f"dose {i}" for i in range(1, n + 1))
        else:
            bad.append(Problem("It does not say how often a day.", "", "Write like: 20 mg three times a day."))
        for name in names:
            if name in found:
                bad.append(Problem(f"Two doses are at the same time: {name}."))
            found[name] = mg
    if bad:
        raise UnreadableError(*dict.fromkeys(bad))
    return tuple(found), tuple(found.values())


def same_slots(
    slots: tuple[str, ...], doses: tuple[Fraction, ...], goal_slots: tuple[str, ...], goal: tuple[Fraction, ...]
) -> tuple[tuple[str, ...], tuple[Fraction, ...], tuple[Fraction, ...]]:
    """Both sets of doses over the same dose times, in the order of the day."""
    order = ("morning", "breakfast", "noon", "lunch", "afternoon", "evening", "dinner", "night", "bedtime", "day")
    names = list(dict.fromkeys([*slots, *goal_slots]))
    if set(names) != set(slots) or set(names) != set(goal_slots):
        names.sort(key=lambda n: order.index(n) if n in order else len(order))
    a, b = dict(zip(slots, doses, strict=True)), dict(zip(goal_slots, goal, strict=True))
    zero = 0 * doses[0]
    return tuple(names), tuple(a.get(n, zero) for n in names), tuple(b.get(n, zero) for n in names)


def stocks(holdings: Any, syringes: Any, devices: Any = ()) -> Any:
    """The products at hand as the planner takes them. ``devices``: those known, for a liquid that comes with its own."""
    from fractions import Fraction

    from posology.errors import OptionError, Problem
    from posology.taper.problem import HALF, QUARTER, Stock

    found: dict[str, Stock] = {}
    for h in holdings:
        p = h.product
        if p.strength.amount.kind != "mass":
            raise OptionError(Problem(f"The strength of {p.id} is not in mg.", "--have"))
        mg = p.strength.reduced.amount.to("mg").value
        if p.liquid:
            usable = [d for d in devices if d.id == p.device] or syringes
            if not usable:
                raise OptionError(
                    Problem(
                        "A liquid is at hand, and no syringe.",
                        "--syringe",
                        'Say which, like --syringe "5 mL by 0.2 mL".',
                    )
                )
            finest = min(usable, key=lambda d: (d.mark.value, -d.capacity.value))
            size, mark = finest.capacity.to("mL").value, finest.mark.to("mL").value
            found[p.id] = Stock(p.id, mg, p.form, (), mark, size - size % mark, h.quantity.to("mL").value)
            continue
        pieces = (Fraction(1), *((HALF,) if p.parts >= 2 else ()), *((QUARTER,) if p.parts >= 4 else ()))
        old = found.get(p.id)
        have = h.quantity.value + (old.have or 0 if old else 0)
        printed = p.pack_strength if p.also else ""
        found[p.id] = Stock(p.id, mg, p.form, pieces, have=have, pack_strength=printed)
    return tuple(found.values())
