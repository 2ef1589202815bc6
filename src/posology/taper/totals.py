"""Turns a grid into the optimal totals of a day (or of a period of days): worst step, worst distance, sum of distances, and every optimal move.

Knows day totals alone; how a day is split over its dose times is :mod:`posology.taper.splits`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
from attrs import define

from posology.taper.effect import WHOLE, ideal_effects
from posology.taper.grid import Grid
from posology.taper.pieces import Ints

_INF = np.int64(1) << 60


@define
class Totals:
    """The passes over day totals: worst step, worst distance, sum of distances, and the graph of optimal moves."""

    grid: Grid
    n: int
    tolerance: int

    @cached_property
    def ideal(self) -> list[int]:
        """How far along, in effect, the ideal curve is after each change."""
        grid = self.grid
        start = grid.measure.of(grid.problem.start_mg_per_day)
        found = ideal_effects(grid.measure, grid.problem, grid.ideals, self.n)
        return [start - e if grid.down else e - start for e in found]

    @cached_property
    def moved(self) -> list[int]:
        """How far each state is from the start, in units."""
        states = self.grid.states
        return [abs(s - states[0]) for s in states]

    @cached_property
    def ideal_units(self) -> list[Fraction] | None:
        """The ideal dose after each change in units, where distance is counted in the dose: for a published rule."""
        if self.grid.measure.kind != "rule" or self.grid.ideals is None:
            return None
        return [i.mg / self.grid.day for i in self.grid.ideals[: self.n]]

    def within(self, k: int, distance: int) -> tuple[int, int]:
        """The first and last state no further than ``distance`` from the ideal of change ``k`` (from 0)."""
        if self.ideal_units is None:
            place = self.grid.place
            return bisect_left(place, self.ideal[k] - distance), bisect_right(place, self.ideal[k] + distance) - 1
        ideal, start = self.ideal_units[k], self.grid.states[0]
        width = ideal * distance / WHOLE
        low, high = sorted((abs(start - ideal - width), abs(start - ideal + width)))
        if (start - ideal - width) * (start - ideal + width) < 0:
            low = Fraction(0)
        return bisect_left(self.moved, low), bisect_right(self.moved, high) - 1

    def distances(self, k: int, first: int, last: int) -> Ints:
        """How far states ``first`` to ``last`` are from the ideal of change ``k``, in parts of a million: of the whole
        effect; or, for a published rule, of its own dose at that change, rounded up."""
        if self.ideal_units is None:
            return np.abs(self.places[first : last + 1] - self.ideal[k])
        ideal = self.ideal_units[k]
        if not ideal:
            return np.zeros(last - first + 1, np.int64)
        a, b = ideal.numerator, ideal.denominator
        states = self.grid.states[first : last + 1]
        return np.array([-(-abs(s * b - a) * WHOLE // a) for s in states], np.int64)

    def _nearest(self, k: int, last: int) -> int:
        """The distance of the state nearest to the ideal of change ``k``, of those that may stand there."""
        first_state = 0 if self.grid.stay else 1
        if last < first_state:
            return 0
        at = bisect_left(self.grid.place, self.ideal[k])
        low, high = max(first_state, min(at - 1, last)), min(last, max(at + 1, first_state))
        if low > high:
            low, high = high, low
        return int(self.distances(k, low, high).min())

    @cached_property
    def places(self) -> Ints:
        return np.array(self.grid.place, dtype=np.int64)

    def bounds(self, distance: int | None) -> list[tuple[int, int]] | None:
        """The states allowed after each change: at the target exactly at the end, not ahead, within the distance."""
        grid = self.grid
        place, end = grid.place, len(grid.states) - 1
        ahead = grid.problem.limits.never_ahead
        found = []
        for k in range(1, self.n + 1):
            low, high = (0 if grid.stay else 1), end - 1
            if k == self.n:
                low = high = end
            else:
                if distance is not None:
                    near, far = self.within(k - 1, distance)
                    low, high = max(low, near), min(high, far)
                if ahead:
                    high = min(high, bisect_right(place, self.ideal[k - 1]) - 1)
            if low > high:
                return None
            found.append((low, high))
        return found

    def feasible(self, worst: int, bounds: list[tuple[int, int]] | None) -> list[tuple[int, int]] | None:
        """The states reachable after each change, or None: from an unbroken run of states an unbroken run is reached."""
        if bounds is None:
            return None
        grid = self.grid
        place, reach, free, end = grid.place, grid.reach, grid.free, len(grid.states) - 1
        a = b = 0
        found = []
        for k, (low, high) in enumerate(bounds, 1):
            far = min(reach[b], bisect_right(place, place[b] + worst) - 1)
            if k == self.n:
                if far < end and not (free[b] and place[end] - place[b] <= worst):
                    return None
                found.append((end, end))
                break
            a, b = max(a, low), min(far, high)
            if a > b:
                return None
            found.append((a, b))
        return found

    @cached_property
    def least_worst(self) -> int | None:
        """The smallest worst step, never below what is already behind."""
        bounds = self.bounds(None)
        if self.feasible(1 << 40, bounds) is None:
            return None
        place = self.grid.place
        # Every gap between neighbours must be crossed, and the whole way in so many steps.
        gap = max(b - a for a, b in pairwise(place))
        low = max(self.grid.origin.worst, gap, -(-place[-1] // self.n))
        return first(low, max(gap, 1), lambda w: self.feasible(w, bounds) is not None)

    @cached_property
    def worst(self) -> int:
        """The worst step allowed from here on: the smallest one, and the tolerance."""
        least = self.least_worst
        assert least is not None
        return max(least, self.published_worst) + self.tolerance

    @cached_property
    def published_worst(self) -> int:
        """The largest step of a published curve itself: to follow it, steps as large are no worse. 0 for other shapes."""
        problem = self.grid.problem
        if self.grid.origin.ideal:
            return self.grid.origin.allowed
        if self.grid.ideals is None or problem.tolerance is not None:
            return 0
        return max(b - a for a, b in pairwise([0, *self.ideal]))

    @cached_property
    def distance(self) -> int:
        """The smallest worst distance from the ideal curve."""
        low = self.grid.origin.distance
        last = len(self.grid.states) - 2
        for k in range(self.n - 1):
            # No plan is nearer to the ideal than the nearest state is.
            low = max(low, self._nearest(k, last))
        return first(low, 64, lambda d: self.feasible(self.worst, self.bounds(d)) is not None)

    def solve(self) -> tuple[list[list[int]], list[set[tuple[int, int]]], int]:
        """States of optimal courses after each change, the optimal moves into each, and the sum of distances."""
        grid = self.grid
        spans = self.feasible(self.worst, self.bounds(self.distance))
        assert spans is not None
        place = self.places
        reach = np.array(grid.within(grid.reach, self.worst), dtype=np.int64)
        end = len(grid.states) - 1
        free = np.array(grid.free) & (place[end] - place <= self.worst)
        values: list[Ints] = [np.zeros(1, np.int64)]
        gone: list[Ints] = [np.zeros(1, np.int64)]
        for k in range(self.n - 1, -1, -1):
            a, b = spans[k - 1] if k else (0, 0)
            c, d = spans[k]
            cost = self.distances(k, c, d) + values[-1]
            gone.append(cost)
            i = np.arange(a, b + 1)
            low = np.maximum(i, c) - c
            high = np.minimum(reach[a : b + 1], d) - c
            best = range_min(cost, low, high)
            if k == self.n - 1:
                best = np.where(free[a : b + 1], np.minimum(best, cost[-1]), best)
            values.append(best)
        values.reverse()
        gone.reverse()
        layers: list[list[int]] = []
        moves: list[set[tuple[int, int]]] = []
        current = [0]
        for k in range(self.n):
            a = spans[k - 1][0] if k else 0
            c, d = spans[k]
            cost = gone[k]
            edges: set[tuple[int, int]] = set()
            for here in current:
                want = values[k][here - a]
                first, last = max(here, c), min(int(reach[here]), d)
                if first <= last:
                    hits = np.nonzero(cost[first - c : last - c + 1] == want)[0] + first
                    edges |= {(here, j) for j in hits.tolist()}
                if k == self.n - 1 and free[here] and cost[-1] == want:
                    edges.add((here, end))
            current = sorted({j for _, j in edges})
            layers.append(current)
            moves.append(edges)
        return layers, moves, int(values[0][0])


def first(low: int, step: int, works: Callable[[int], bool]) -> int:
    """The smallest number from ``low`` that works, where all larger ones do: doubling steps, then bisection."""
    if works(low):
        return low
    high = low + step
    while not works(high):
        low, step = high, step * 2
        high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if works(middle) else (middle, high)
    return high


def range_min(cost: Ints, low: Ints, high: Ints) -> Ints:
    """The minimum of ``cost[low..high]`` for every pair; infinite where the range is empty."""
    width = high - low + 1
    ok = width > 0
    out = np.full(len(low), _INF, np.int64)
    if not ok.any():
        return out
    rows = [cost]
    step = 1
    widest = int(width.max())
    while step * 2 <= widest:
        last = rows[-1]
        rows.append(np.minimum(last[:-step], last[step:]))
        step *= 2
    level = np.zeros(len(low), np.int64)
    level[ok] = np.floor(np.log2(width[ok])).astype(np.int64)
    for depth, row in enumerate(rows):
        pick = ok & (level == depth)
        if pick.any():
            a, b = low[pick], high[pick] - (1 << depth) + 1
            out[pick] = np.minimum(row[a], row[b])
    return out
