"""Turns a plan and its problem into the list of limits it breaks, in the amounts really taken: empty is proved.

Knows the limits and nothing of the search: it adds up pieces and millilitres itself, in exact fractions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from posology.errors import Problem, ProofError
from posology.taper.course import Step, TaperPlan
from posology.taper.effect import WHOLE, Measure, ideal_effects, rule_ideals
from posology.taper.problem import HALF, QUARTER, Stock, TaperProblem, number


def _taken(
    stock: dict[str, Stock], step: Step, where: str, problem: TaperProblem, out: list[Problem]
) -> list[list[Fraction]]:
    """The mg really taken at each dose time of each kind of day; every way of taking is checked on the way."""
    limits, days = problem.limits, []
    for day in step.every:
        amounts: list[Fraction] = []
        if len(day.takes) != len(problem.slots) or len(day.mg) != len(problem.slots):
            out.append(Problem("It has not one amount for each dose time.", where))
            return []
        for slot, takes, mg in zip(problem.slots, day.takes, day.mg, strict=True):
            place = f"{where}, {slot}"
            total, pieces = Fraction(), 0
            for t in takes:
                s = stock.get(t.product)
                if s is None:
                    out.append(Problem(f"It takes a product that is not at hand: {t.product}.", place))
                    continue
                if s.mark_ml is not None and s.max_ml is not None:
                    if t.count or t.ml <= 0 or (t.ml / s.mark_ml).denominator != 1:
                        out.append(Problem(f"{number(t.ml)} mL is not on a mark of the syringe.", place))
                    total += s.mg * t.ml
                    pieces += -(-t.ml // s.max_ml)
                    continue
                if t.ml or t.count < 1:
                    out.append(Problem(f"{t.product} is counted, not measured.", place))
                if t.piece != 1 and t.piece not in s.pieces:
                    out.append(Problem(f"{t.product} may not be taken in pieces of {t.piece}.", place))
                if t.piece == 1 and 1 not in s.pieces:
                    out.append(Problem(f"{t.product} is not taken whole.", place))
                if (t.piece == HALF and limits.halves is False) or (
                    t.piece == QUARTER and (limits.quarters is False or limits.halves is False)
                ):
                    out.append(Problem(f"Pieces of {t.piece} are not allowed.", place))
                total += s.mg * t.piece * t.count
                pieces += t.count
            if total != mg:
                out.append(Problem(f"What is taken is {number(total)} mg, and the step says {number(mg)} mg.", place))
            if limits.max_pieces_per_dose is not None and pieces > limits.max_pieces_per_dose:
                out.append(Problem(f"{pieces} pieces at once are more than {limits.max_pieces_per_dose}.", place))
            amounts.append(total)
        days.append(amounts)
    return days


def _change_ok(problem: TaperProblem, a: Fraction, b: Fraction, measure: Measure | None, where: str) -> list[Problem]:
    """The step limits that one change from ``a`` to ``b`` mg a day breaks."""
    limits, out = problem.limits, []
    size = abs(a - b)
    if limits.last_dose_mg_per_day is not None and b == 0 and a > limits.last_dose_mg_per_day:
        out.append(
            Problem(f"The last dose is {number(a)} mg a day, above {number(limits.last_dose_mg_per_day)}.", where)
        )
    if b == 0 and limits.may_stop_from_mg_per_day is not None and a <= limits.may_stop_from_mg_per_day:
        return out
    if limits.max_step_mg_per_day is not None and size > limits.max_step_mg_per_day:
        out.append(Problem(f"A change of {number(size)} mg is above {number(limits.max_step_mg_per_day)} mg.", where))
    for name, base in (
        ("max_step_percent_of_current", a),
        ("max_step_percent_of_start", problem.start_mg_per_day),
    ):
        most = getattr(limits, name)
        if most is not None and size * 100 > most * base:
            out.append(Problem(f"A change of {number(size)} mg is above {number(most)} % of {number(base)} mg.", where))
    most = limits.max_step_percent_of_effect
    if most is not None and measure is not None and abs(measure.of(a) - measure.of(b)) * 100 > most * WHOLE:
        out.append(Problem(f"A change is above {number(most)} % of the effect.", where))
    return out


def _pattern(problem: TaperProblem, step: Step, where: str) -> list[Problem]:
    """What is wrong with the days of a step that differ: only an allowed pattern, and only two kinds of day."""
    names = tuple(d.name for d in step.pattern)
    known = {("1", "2"): "alternate", _WEEK: "weekdays"}.get(names)
    if known is None or known not in problem.limits.day_patterns:
        return [Problem("Its days differ, and that is not allowed.", where)]
    kinds = {d.mg for d in step.pattern}
    if len(kinds) > 2:
        return [Problem("It has more than two kinds of day.", where)]
    low, high = min(kinds, key=sum), max(kinds, key=sum)
    if any(a > b for a, b in zip(low, high, strict=True)):
        return [Problem("Of its two kinds of day, neither takes less at every dose time.", where)]
    return []


_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _meeting(
    before: Mapping[str, Sequence[Fraction]], after: Mapping[str, Sequence[Fraction]]
) -> Iterator[tuple[Sequence[Fraction], Sequence[Fraction]]]:
    """The days of two steps that stand in the place of each other: day by day in one pattern, else each with each."""
    for name, day in before.items():
        yield from ((day, other) for key, other in after.items() if key == name or before.keys() != after.keys())


def _order(problem: TaperProblem, a: Sequence[Fraction], b: Sequence[Fraction], where: str, out: list[Problem]) -> None:
    limits, slots = problem.limits, problem.slots
    first, last = limits.reduce_first, limits.reduce_last
    if not first and not last:
        return
    rest = [s for s in slots if s not in first and s not in last]
    groups = [[s] for s in first] + ([rest] if rest else []) + [[s] for s in last]
    up = problem.direction == "titration"
    if up:
        groups.reverse()
    end = problem.target or tuple(Fraction() for _ in slots)
    for g, group in enumerate(groups):
        moved = any(b[slots.index(s)] != a[slots.index(s)] for s in group)
        waiting = any(b[slots.index(s)] != end[slots.index(s)] for h in groups[:g] for s in h)
        if moved and waiting:
            out.append(Problem("A dose time changes before its turn.", where))


def broken(problem: TaperProblem, plan: TaperPlan, measure: Measure | None = None) -> tuple[Problem, ...]:
    """Every limit of the problem that the plan breaks; empty for a proved plan.

    ``measure``: how effect is counted, needed only where a limit is stated in effect.
    """
    out: list[Problem] = []
    limits = problem.limits
    stock = {s.id: s for s in problem.products}
    up = problem.direction == "titration"
    start, target = problem.start_mg_per_day, problem.target_mg_per_day
    if not plan.steps and not (target == 0 and plan.end == "stop"):
        return (Problem("The plan has no steps."),)
    totals: list[Fraction] = []
    rows: list[dict[str, list[Fraction]]] = []
    used: set[str] = set()
    for i, step in enumerate(plan.steps, 1):
        where = f"step {i}"
        if step.pattern and not plan.repeated:
            out += _pattern(problem, step, where)
        days = _taken(stock, step, where, problem, out)
        if not days:
            return tuple(out)
        used |= {t.product for day in step.every for takes in day.takes for t in takes}
        totals.append(Fraction(sum(sum(d, Fraction()) for d in days), len(days)))
        rows.append(dict(zip((d.name for d in step.every), days, strict=True)))
        for day in days:
            whole = sum(day, Fraction())
            most = limits.max_mg_per_day
            if most is not None and whole > most and not (not up and start > most and whole <= start):
                out.append(Problem(f"{number(whole)} mg a day is above the maximum of {number(most)} mg.", where))
            for s, mg in enumerate(day):
                most = limits.max_mg_per_dose
                now = problem.start[s] if problem.start is not None else None
                if most is not None and mg > most and not (not up and now is not None and now > most and mg <= now):
                    out.append(Problem(f"{number(mg)} mg at once is above the maximum of {number(most)} mg.", where))
                width = limits.max_difference_between_doses_mg
                if width is not None and mg and max(day) - mg > width:
                    out.append(Problem(f"Two doses of a day are more than {number(width)} mg apart.", where))
        if step.days is not None and step.days < 1:
            out.append(Problem("A step lasts less than a day.", where))
        if step.days is not None and limits.min_step_days is not None and step.days < limits.min_step_days:
            out.append(Problem(f"A step of {step.days} days is shorter than {limits.min_step_days}.", where))
        if (
            limits.step_days is not None
            and problem.shape.kind != "table"
            and (step.days is None or step.days - step.held != limits.step_days * (step.last - step.first + 1))
        ):
            out.append(Problem(f"It does not last a whole number of {limits.step_days} days.", where))
    line = [start, *totals]
    if plan.end == "stop":
        line.append(Fraction())
    if (line[-1] if plan.end != "until" else target) != target:
        out.append(
            Problem(f"The plan ends at {number(line[-1])} mg a day, not at the target of {number(target)} mg.", "end")
        )
    if plan.end == "stop" and any(t == 0 for t in totals):
        out.append(Problem("A step has no dose: the plan ends early.", "end"))
    if (
        plan.end != "stop"
        and problem.target is not None
        and rows
        and plan.end != "until"
        and any(tuple(day) != problem.target for day in rows[-1].values())
    ):
        out.append(Problem("The last doses are not the target at each dose time.", "end"))
    changes = 0
    for k, (a, b) in enumerate(pairwise(line), 1):
        where = f"step {k}" if k <= len(totals) else "end"
        if a == b:
            continue
        changes += 1
        if (b > a) != up:
            out.append(Problem(f"The dose goes the wrong way: from {number(a)} to {number(b)} mg a day.", where))
        out += _change_ok(problem, a, b, measure, where)
    if limits.steps is not None and changes > limits.steps:
        out.append(Problem(f"{changes} changes are more than {limits.steps}.", "steps"))
    if limits.max_products is not None and len(used) > limits.max_products:
        out.append(Problem(f"{len(used)} products are more than {limits.max_products}.", "products"))
    by_slot = ([{"": list(problem.start)}] if problem.start is not None else []) + rows
    if plan.end == "stop":
        by_slot.append({"": [Fraction() for _ in problem.slots]})
    for k, (x, y) in enumerate(pairwise(by_slot), 1):
        meet = list(_meeting(x, y))
        if not plan.repeated and any((b < a) if up else (b > a) for p, q in meet for a, b in zip(p, q, strict=True)):
            out.append(Problem("One dose time goes the wrong way.", f"step {k}"))
        for p, q in meet:
            _order(problem, p, q, f"step {k}", out)
    _time(problem, plan, out)
    if limits.never_ahead and measure is not None:
        last = max((s.last for s in plan.steps), default=0) + (1 if plan.end == "stop" else 0)
        ideal = ideal_effects(measure, problem, rule_ideals(problem), last)
        for i, step in enumerate(plan.steps, 1):
            if step.last == last and plan.end != "stop":
                continue
            gap = measure.of(step.total) - ideal[step.first - 1]
            if (gap > 0) if up else (gap < 0):
                out.append(Problem("It is ahead of the ideal curve.", f"step {i}"))
    return tuple(out)


def _time(problem: TaperProblem, plan: TaperPlan, out: list[Problem]) -> None:
    limits = problem.limits
    dated = [limits.min_total_days, limits.max_total_days, limits.earliest_end, limits.latest_end]
    for hold in limits.holds:
        if not any(s.first <= hold.after_step <= s.last and s.held >= hold.days for s in plan.steps):
            out.append(Problem(f"The hold after change {hold.after_step} is missing.", "holds"))
    if all(x is None for x in dated):
        return
    steps = plan.steps if plan.end == "stop" else plan.steps[:-1]
    # A target that is held has its own last step; the plan reaches it on that step's first day.
    days = [s.days for s in steps]
    if plan.end != "stop" and plan.steps:
        step = plan.steps[-1]
        each = problem.limits.step_days or problem.shape.every_days
        if step.last > step.first and each:
            days.append(0)
    if any(d is None for d in days):
        out.append(Problem("A limit on the whole time needs the length of every step.", "days"))
        return
    whole = sum(d for d in days if d is not None)
    least = [limits.min_total_days] + (
        [(limits.earliest_end - problem.starts_on).days] if limits.earliest_end and problem.starts_on else []
    )
    most = [limits.max_total_days] + (
        [(limits.latest_end - problem.starts_on).days] if limits.latest_end and problem.starts_on else []
    )
    for x in least:
        if x is not None and whole < x:
            out.append(Problem(f"It ends after {whole} days, before day {x}.", "days"))
    for x in most:
        if x is not None and whole > x:
            out.append(Problem(f"It ends after {whole} days, later than day {x}.", "days"))


def prove(problem: TaperProblem, plan: TaperPlan, measure: Measure | None = None) -> TaperPlan:
    """The plan itself, proved; raises :class:`ProofError` with every limit it breaks."""
    found = broken(problem, plan, measure)
    if found:
        raise ProofError(*found)
    return plan
