"""Turns a taper problem into its one best course, by an exact layered dynamic programme on whole numbers.

Knows no person and no text, and is not trusted: :mod:`posology.taper.proof` checks what it returns.

Levels, each only among what the level before left (``docs/explanation/tapers.md``): every limit; the smallest worst
step in effect; closest to the ideal curve, by the worst and then the sum of distances; dose times kept in use; even
doses; friendly amounts; fewest pieces; fewest splits; smallest spread over the day; the order of dose times.
The first three depend on day totals alone and are passes over the totals; the rest are passes over the splits of a day
along the graph of optimal moves. Where no split follows that graph, one programme over all splits takes its place (:mod:`posology.taper.joint`).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from math import floor
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen

from posology.errors import Problem, RefusedError
from posology.taper.effect import WHOLE, Measure, dose_of
from posology.taper.grid import Grid, span, steps_of
from posology.taper.joint import joint
from posology.taper.period import SAME, Pattern
from posology.taper.pieces import NEVER, Bench, Take, common_unit
from posology.taper.problem import Limits, Origin, TaperProblem, number
from posology.taper.splits import Answer, Splits, follow
from posology.taper.totals import Totals

if TYPE_CHECKING:
    pass


@frozen
class Objective:
    """What a plan reached on each level, in order; the smaller is better. Effects are parts of a million.

    What is counted of days is counted over one period of each step: a day, or the time in which the patterns come round.
    """

    worst_step: int
    worst_distance: int
    sum_distance: int
    empty_doses: int
    uneven: int
    days_differ: int
    unfriendly: int
    pieces: int
    splits: int


@frozen
class Found:
    """One best course: units at each dose time after each change (of the higher day, then of the lower, where a plan may
    have both), the pattern of each step, and what it reached.

    ``least_worst``: the smallest worst step possible; ``objective.worst_step`` may be above it by the tolerance.
    """

    unit: Fraction
    doses: tuple[tuple[int, ...], ...]
    patterns: tuple[Pattern, ...]
    days: tuple[int | None, ...]
    ideal: tuple[int, ...]
    measure: Measure
    objective: Objective
    least_worst: int
    products: tuple[str, ...]
    origin: Origin
    takes: tuple[tuple[tuple[Take, ...], ...], ...]


def tolerance_of(problem: TaperProblem) -> int:
    """How much larger than the smallest worst step one may be and count as equal, in parts of a million."""
    part = problem.tolerance
    if part is None:
        part = Fraction(1, 100) if problem.shape.published else Fraction(1, 1000)
    return floor(part * WHOLE)


def search(problem: TaperProblem) -> Found | None:
    """The best course, or None where the limits allow none. The order of the products, and their names, change nothing.

    Raises :class:`RefusedError` for a start or target no product can make, or a problem with no pace.
    """
    check_ends(problem)
    best: tuple[tuple[int, ...], Found] | None = None
    for part in parts(problem):
        found = search_part(part)
        if found is None:
            continue
        o = found.objective
        key = (
            found.least_worst, o.worst_distance, o.sum_distance, o.empty_doses, o.uneven, o.days_differ, o.unfriendly,
            o.pieces, o.splits, len(part.products),
        )  # fmt: skip
        if best is None or key < best[0]:
            best = (key, found)
    return best[1] if best is not None else None


def parts(problem: TaperProblem) -> Iterator[TaperProblem]:
    """The problems, each with some of its products, whose best plan is the best of one: itself, unless products are few.

    The products of each stand in an order that does not hang on the one they were given in. All are measured as the whole is.
    """
    products = tuple(
        sorted(
            problem.products,
            key=lambda s: (s.liquid, -s.mg, tuple(-p for p in s.pieces), s.mark_ml or 0, s.max_ml or 0),
        )
    )
    most = problem.limits.max_products
    if most is None or most >= len(products):
        yield problem if products == problem.products else evolve(problem, products=products)
        return
    limits = evolve(problem.limits, max_products=None)
    whole = Grid(evolve(problem, products=products, limits=limits))
    origin = whole.origin if whole.origin.smallest_mg is not None else evolve(whole.origin, smallest_mg=whole.smallest)
    # What was asked of the whole (halves, quarters) need not be possible with a part of the products.
    limits = evolve(limits, halves=limits.halves and None, quarters=limits.quarters and None)
    for size in range(1, most + 1):
        for pick in combinations(products, size):
            yield evolve(problem, limits=limits, origin=origin, products=pick)


def check_ends(problem: TaperProblem) -> None:
    """Refuse a start or a target that no product at hand can make, whatever the limits."""
    bad: list[Problem] = []
    sizes = [*(problem.start or (problem.start_mg_per_day,)), *(problem.target or (problem.target_mg_per_day,))]
    unit = common_unit(problem.products, Limits())
    top = floor(max(sizes) / unit) if max(sizes) else 1
    bench = Bench(problem.products, Limits(), unit, max(top, 1))
    for name, doses, total in (
        ("start", problem.start, problem.start_mg_per_day),
        ("target", problem.target, problem.target_mg_per_day),
    ):
        if doses is not None:
            for slot, mg in zip(problem.slots, doses, strict=True):
                units = mg / unit
                if units.denominator != 1 or not bench.makeable(int(units)):
                    bad.append(
                        Problem(
                            f"No product at hand makes {number(mg)} mg.",
                            f"{name}.{slot}",
                            "Add the product that is taken now."
                            if name == "start"
                            else "Change the target or the products.",
                        )
                    )
        else:
            doses_made = np.nonzero(bench.cost < NEVER)[0].astype(np.int64)
            units = total / unit
            sums = Grid._sums([doses_made] * len(problem.slots), max(floor(units), 1))
            if units.denominator != 1 or not sums >> int(units) & 1:
                bad.append(Problem(f"No product at hand makes {number(total)} mg a day.", f"{name}_mg_per_day"))
    if bad:
        raise RefusedError(*bad)


def search_part(problem: TaperProblem) -> Found | None:
    """The best course of one of :func:`parts`, or None."""
    grid = Grid(problem)
    if not grid.has_target:
        return None
    n = steps_of(grid)
    if n is None:
        return None
    tolerance = tolerance_of(problem)
    # Where the start itself cannot be held, a shorter course may be the only one; never shorter than was asked.
    fewest = max(grid.fewest() or 1, span(problem)[0] if grid.ideals is None else 1)
    while True:
        totals = Totals(grid, n, tolerance)
        if totals.least_worst is not None:
            break
        if grid.ideals is not None or n <= fewest or grid.stay:
            return None
        n -= 1
    layers, moves, total = totals.solve()
    answer = follow(grid, layers, moves)
    least, distance = totals.least_worst, totals.distance
    if answer is None:
        whole = joint(grid, n, tolerance)
        if whole is None:
            return None
        answer, least, _, distance, total = whole
    return _found(grid, answer, least, distance, total, totals)


def _found(grid: Grid, answer: Answer, least: int, distance: int, total: int, totals: Totals) -> Found:
    p, n, ideal = grid.problem, totals.n, totals.ideal
    where = dict(zip(grid.states, grid.place, strict=True))
    period = grid.period
    path = [0, *(where[period.total(row)] for row in answer.rows)]
    doses_of = [row[:-1] if period.mixed else row for row in answer.rows]
    sums = answer.sums if period.mixed else (*answer.sums[:2], 0, *answer.sums[2:])
    worst = max(b - a for a, b in pairwise(path))
    days = tuple(i.days for i in grid.ideals[:n]) if grid.ideals is not None else tuple(p.step_days for _ in range(n))
    takes = {d: grid.bench.compose(d) for d in {d for row in doses_of for d in row}}
    start = grid.measure.of(p.start_mg_per_day)
    effects = tuple(start - e if grid.down else start + e for e in ideal)
    splits = Splits(grid)
    doses = [i.mg for i in grid.ideals[:n]] if grid.ideals is not None else [dose_of(grid.measure, e) for e in effects]
    origin = Origin(
        grid.measure.scale,
        grid.origin.smallest_mg or grid.smallest,
        tuple(zip(effects, doses, days, strict=True)),
        grid.measure.marks,
        splits.even * grid.unit,
        splits.equal,
        tuple(splits.used),
        least,
        distance,
        totals.published_worst,
    )
    return Found(
        unit=grid.unit,
        doses=tuple(doses_of),
        patterns=tuple(period.patterns[row[-1]] if period.mixed else SAME for row in answer.rows),
        days=days,
        ideal=effects,
        measure=grid.measure,
        objective=Objective(worst, distance, total, *sums),
        least_worst=least,
        products=tuple(s.id for s in p.products),
        origin=origin,
        takes=tuple(tuple(takes[d] for d in row) for row in doses_of),
    )
