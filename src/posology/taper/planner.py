"""Turns a taper problem into a proved plan, or into nothing where the limits allow none.

Knows no person and no text. What the search finds is shown only after the proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import floor

from attrs import asdict, evolve

from posology.errors import Problem, RefusedError
from posology.taper.course import Day, Step, TaperPlan, WorstStep
from posology.taper.effect import WHOLE, Measure, measure_of, rule_ideals
from posology.taper.pieces import Bench, Take, common_unit
from posology.taper.problem import Row, TaperProblem
from posology.taper.proof import broken, prove
from posology.taper.search import Found, search


def plan(problem: TaperProblem) -> TaperPlan | None:
    """The best plan, proved; None where the limits allow none (:func:`posology.taper.explain.explain` says why).

    A published table that can be taken as it stands, within every limit, is repeated as it stands.

    Raises :class:`posology.errors.RefusedError` for a start no product can make or a problem that says no pace, and
    :class:`posology.errors.ProofError` for a defect of this program: never a wrong plan.
    """
    if problem.shape.kind == "table" and problem.origin is None:
        repeated = _repeat(problem)
        if repeated is not None:
            return repeated
    found = search(problem)
    if found is None:
        return None
    return prove(problem, _made(problem, found), found.measure)


def _made(problem: TaperProblem, found: Found) -> TaperPlan:
    unit, n = found.unit, len(problem.slots)
    held = {h.after_step: h.days for h in problem.limits.holds}
    stop = problem.target_mg_per_day == 0
    last = len(found.doses) - 1
    late = [k for k in held if k > last]
    if late:
        raise RefusedError(
            Problem(
                f"There is no step {late[0]} to hold: {last} come before the last change.",
                "limits.holds",
                "Hold an earlier step.",
            )
        )
    steps: list[Step] = []
    for k, (row, takes, shape, days) in enumerate(
        zip(found.doses, found.takes, found.patterns, found.days, strict=True), 1
    ):
        kinds = [Day(tuple(x * unit for x in row[i : i + n]), takes[i : i + n]) for i in range(0, len(row), n)]
        pattern = tuple(evolve(kinds[lower], name=name) for name, lower in shape.days) if shape.low else ()
        first = pattern[0] if pattern else kinds[0]
        pause = held.get(k, 0)
        length = None if days is None else days + pause
        if steps and steps[-1].mg == first.mg and steps[-1].pattern == pattern:
            same = steps[-1]
            both = None if same.days is None or length is None else same.days + length
            steps[-1] = evolve(same, days=both, last=k, held=same.held + pause)
            continue
        ideal = found.origin.ideal[k - 1][1]
        steps.append(Step(first.mg, first.takes, length, k, k, ideal, pattern=pattern, held=pause))
    if stop:
        steps = [s for s in steps if s.total > 0]
    return TaperPlan(
        problem,
        tuple(steps),
        "stop" if stop else "maintenance",
        worst_of(problem, steps, stop, found.measure),
        tuple(asdict(found.objective).items()),
        found.least_worst,
        origin=None if problem.limits.day_patterns else found.origin,
        notes=(*problem.flags, *_rough(steps)),
    )


def _rough(steps: Sequence[Step]) -> tuple[tuple[str, str], ...]:
    """A note where a step does not hold its pattern a whole number of times: its mean day is that of the pattern."""
    odd = [i for i, s in enumerate(steps, 1) if s.pattern and s.days is not None and s.days % len(s.pattern)]
    return (("pattern-not-whole", ", ".join(map(str, odd))),) if odd else ()


def rest(made: TaperPlan, after: int) -> TaperProblem:
    """The problem that is left after the first ``after`` steps of a plan: from that dose, along the same ideal curve.

    Planned again it gives the rest of the plan. Raises ValueError for a repeated table, or no step left.
    """
    if made.origin is None or not 1 <= after <= len(made.steps) or (after == len(made.steps) and made.end != "stop"):
        raise ValueError("there is no rest of this plan to work out")
    problem, step = made.problem, made.steps[after - 1]
    limits, gone = problem.limits, step.last
    largest = limits.max_step_mg_per_day
    if limits.max_step_percent_of_start is not None:
        share = limits.max_step_percent_of_start * problem.start_mg_per_day / 100
        largest = share if largest is None else min(largest, share)
    used = {t.product for s in made.steps for takes in s.takes for t in takes}
    return evolve(
        problem,
        products=tuple(s for s in problem.products if s.id in used)
        if limits.max_products is not None
        else problem.products,
        start=step.mg,
        start_mg_per_day=step.total,
        limits=evolve(
            limits,
            steps=None,
            max_step_mg_per_day=largest,
            max_step_percent_of_start=None,
            max_products=None,
            min_total_days=None,
            max_total_days=None,
            earliest_end=None,
            latest_end=None,
            holds=tuple(evolve(h, after_step=h.after_step - gone) for h in limits.holds if h.after_step > gone),
        ),
        starts_on=None,
        first_step_begins=False,
        origin=evolve(made.origin, ideal=made.origin.ideal[gone:]),
    )


def worst_of(problem: TaperProblem, steps: Sequence[Step], stop: bool, measure: Measure) -> WorstStep | None:
    """The largest change in effect; of equal ones the one that is most of the dose then, then the first."""
    line = [problem.start_mg_per_day, *(s.total for s in steps), *([Fraction()] if stop else [])]
    moves = [(a, b, abs(measure.of(a) - measure.of(b))) for a, b in pairwise(line) if a != b]
    if not moves:
        return None
    # Two units are rounding: steps as large as that are equal, and the one that takes most of the dose then is shown.
    most = max(size for _, _, size in moves) - 2
    change, (a, b, size) = max(
        ((i, m) for i, m in enumerate(moves, 1) if m[2] >= most),
        key=lambda x: (abs(x[1][0] - x[1][1]) / x[1][0] if x[1][0] else Fraction(0), -x[0]),
    )
    first = problem.start_mg_per_day
    return WorstStep(
        change,
        a,
        b,
        abs(a - b) * 100 / a if a else None,
        abs(a - b) * 100 / first if first else None,
        Fraction(size * 100, WHOLE),
        measure.kind,
    )


def table_measure(problem: TaperProblem) -> Measure:
    """How effect is counted for a published table: by its curve where it names one, else in mg."""
    return measure_of(problem, rule_ideals(problem), Fraction(1))


def _repeat(problem: TaperProblem) -> TaperPlan | None:
    rows = problem.shape.rows
    every = [mg for r in rows for mg in _doses(r)]
    unit = common_unit(problem.products, problem.limits)
    highest = max((x for mg in every for x in mg), default=Fraction())
    bench = Bench(problem.products, problem.limits, unit, max(floor(highest / unit), 1))

    def takes(mg: tuple[Fraction, ...]) -> tuple[tuple[Take, ...], ...] | None:
        found = []
        for x in mg:
            units = x / unit
            if units.denominator != 1 or not bench.makeable(int(units)):
                return None
            found.append(bench.compose(int(units)))
        return tuple(found)

    held = {h.after_step: h.days for h in problem.limits.holds}
    steps: list[Step] = []
    for k, row in enumerate(rows, 1):
        days = []
        named = [(str(i), mg) for i, mg in enumerate(row.pattern, 1)] or list(row.by_weekday) or [("", row.mg)]
        for name, mg in named:
            made = takes(mg)
            if made is None:
                return None
            days.append(Day(mg, made, name))
        length = row.days
        pause = held.get(k, 0)
        steps.append(
            Step(
                days[0].mg,
                days[0].takes,
                None if length is None else length + pause,
                k,
                k,
                row.total,
                row.days_range,
                row.until,
                () if row.constant else tuple(days),
                pause,
            )
        )
    target = problem.target_mg_per_day
    stop = target == 0
    while stop and steps and steps[-1].total == 0:
        steps.pop()
    measure = table_measure(problem)
    made_plan = TaperPlan(
        problem, tuple(steps), "stop" if stop else "maintenance", worst_of(problem, steps, stop, measure),
        repeated=True, notes=(*problem.flags, *_rough(steps)),
    )  # fmt: skip
    return None if broken(problem, made_plan, measure) else made_plan


def _doses(row: Row) -> list[tuple[Fraction, ...]]:
    if row.pattern:
        return list(row.pattern)
    if row.by_weekday:
        return [mg for _, mg in row.by_weekday]
    return [row.mg]
