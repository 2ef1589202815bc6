"""Turns a taper problem into its one best course, by an exact layered dynamic programme on whole numbers.

Knows no person and no text, and is not trusted: :mod:`posology.taper.proof` checks what it returns.

Levels, each only among what the level before left (``docs/explanation/tapers.md``): every limit; the smallest worst
step in effect; closest to the ideal curve, by the worst and then the sum of distances; dose times kept in use; even
doses; friendly amounts; fewest pieces; fewest splits; smallest spread over the day; the order of dose times.
The first three depend on day totals alone and are passes over the totals; the rest are passes over the splits of a day
along the graph of optimal moves. Where no split follows that graph, one programme over all splits takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from math import floor
from typing import TYPE_CHECKING

import numpy as np
from attrs import evolve, frozen

from posology.errors import Problem, RefusedError
from posology.taper.effect import WHOLE, Measure, dose_of
from posology.taper.grid import Grid, span, steps_of
from posology.taper.period import SAME, Pattern
from posology.taper.pieces import NEVER, Bench, Ints, Take, common_unit
from posology.taper.problem import Limits, Origin, TaperProblem, number
from posology.taper.splits import ALL, Answer, Graph, Rows, Splits, follow, pack
from posology.taper.totals import Totals, first

if TYPE_CHECKING:
    import numpy.typing as npt

MOST_VECTORS = 4000
"""The programme over all splits is used up to this many ways to split a day."""


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


def _joint(grid: Grid, n: int, tolerance: int) -> tuple[Answer, int, int, int, int] | None:
    """One programme over all ways to split a day: exact where totals alone lead nowhere, and slower."""
    splits, states = Splits(grid), grid.states
    parts = [(j, splits.rows(t, ALL)) for j, t in enumerate(states) if j or grid.stay]
    parts = [(j, rows) for j, rows in parts if len(rows)]
    count = sum(len(rows) for _, rows in parts)
    if count > MOST_VECTORS:
        raise RefusedError(
            Problem(
                f"There are {count} ways to split a day, too many to search exactly.",
                "slots",
                "Use fewer dose times, coarser marks, or max_difference_between_doses_mg.",
            )
        )
    rows = np.concatenate([r for _, r in parts])
    state = np.concatenate([np.full(len(r), j) for j, r in parts])
    place = np.array(grid.place, np.int64)
    reach = np.array(grid.reach)
    free = np.array(grid.free)
    end = len(states) - 1
    start = None
    if grid.problem.start is not None:
        start = grid.period.constant(np.array([[grid.units(x) for x in grid.problem.start]], np.int64))

    def edge(a_state: Ints, a_rows: Rows | None) -> npt.NDArray[np.bool_]:
        ok = (a_state[:, None] <= state[None, :]) & (state[None, :] <= reach[a_state][:, None])
        ok |= free[a_state][:, None] & (state == end)[None, :]
        if a_rows is not None:
            ok &= grid.period.follows(a_rows, rows, grid.down)
        return ok

    begin = edge(np.zeros(1, np.int64), start)
    inner = edge(state, rows)
    totals = Totals(grid, n, tolerance)
    jump0, jump = place[state][None, :] - place[0], place[state][None, :] - place[state][:, None]

    def masks(distance: int | None) -> list[npt.NDArray[np.bool_]] | None:
        bounds = totals.bounds(distance)
        return None if bounds is None else [(state >= a) & (state <= b) for a, b in bounds]

    def runs(worst: int, allowed: list[npt.NDArray[np.bool_]] | None) -> bool:
        if allowed is None:
            return False
        e0, e = begin & (jump0 <= worst), inner & (jump <= worst)
        now = e0[0] & allowed[0]
        for k in range(1, n):
            if not now.any():
                return False
            now = e[now].any(axis=0) & allowed[k]
        return bool(now.any())

    def least(low: int, test: Callable[[int], bool]) -> int | None:
        if not test(1 << 40):
            return None
        return first(low, 1024, test)

    everywhere = masks(None)
    least_worst = least(grid.origin.worst, lambda w: runs(w, everywhere))
    if least_worst is None:
        return None
    worst = least_worst + tolerance
    distance = least(grid.origin.distance, lambda d: runs(worst, masks(d)))
    assert distance is not None
    allowed = masks(distance)
    assert allowed is not None
    layers, edges = [], []
    before = np.ones(1, np.bool_)
    for k in range(n):
        e = begin & (jump0 <= worst) if k == 0 else inner & (jump <= worst)
        edges.append(e[np.ix_(before, allowed[k])])
        layers.append(np.concatenate([state[allowed[k]][:, None], rows[allowed[k]]], axis=1))
        before = allowed[k]
    graph = Graph(layers, edges)
    total = graph.prune([totals.distances(k, 0, end)[x[:, 0]] for k, x in enumerate(layers)])
    assert total is not None
    best = graph.prune(pack([splits.levels(x[:, 1:]) for x in graph.layers], n)[0])
    assert best is not None
    graph.prune(pack([splits.ties(x[:, 1:]) for x in graph.layers], n)[0])
    course = [x[1:] for x in graph.first()]
    whole = splits.levels(np.array(course, np.int64)).sum(axis=0)
    return Answer(tuple(course), best, tuple(int(x) for x in whole)), least_worst, worst, distance, total


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
    products = tuple(
        sorted(
            problem.products,
            key=lambda s: (s.liquid, -s.mg, tuple(-p for p in s.pieces), s.mark_ml or 0, s.max_ml or 0),
        )
    )
    problem = evolve(problem, products=products)
    most = problem.limits.max_products
    if most is None or most >= len(products):
        return _search(problem)
    limits = evolve(problem.limits, max_products=None)
    whole = Grid(evolve(problem, limits=limits))
    origin = whole.origin if whole.origin.smallest_mg is not None else evolve(whole.origin, smallest_mg=whole.smallest)
    # What was asked of the whole (halves, quarters) need not be possible with a part of the products.
    limits = evolve(limits, halves=limits.halves and None, quarters=limits.quarters and None)
    best: tuple[tuple[int, ...], Found] | None = None
    for size in range(1, most + 1):
        for pick in combinations(products, size):
            found = _search(evolve(problem, limits=limits, origin=origin, products=pick))
            if found is None:
                continue
            o = found.objective
            key = (
                found.least_worst, o.worst_distance, o.sum_distance, o.empty_doses, o.uneven, o.days_differ, o.unfriendly,
                o.pieces, o.splits, size,
            )  # fmt: skip
            if best is None or key < best[0]:
                best = (key, found)
    return best[1] if best is not None else None


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


def _search(problem: TaperProblem) -> Found | None:
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
        if grid.ideals is not None or n <= fewest or grid.stay or problem.limits.never_ahead:
            return None
        n -= 1
    layers, moves, total = totals.solve()
    answer = follow(grid, layers, moves)
    least, distance = totals.least_worst, totals.distance
    if answer is None:
        whole = _joint(grid, n, tolerance)
        if whole is None:
            return None
        answer, least, _, distance, total = whole
    return _found(grid, n, answer, least, distance, total, totals.ideal)


def _found(grid: Grid, n: int, answer: Answer, least: int, distance: int, total: int, ideal: Sequence[int]) -> Found:
    p = grid.problem
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
