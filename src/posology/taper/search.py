"""Turns a taper problem into its one best course, by an exact layered dynamic programme on whole numbers.

Knows no person and no text, and is not trusted: :mod:`posology.taper.proof` checks what it returns.

Levels, each only among what the level before left (``docs/explanation/tapers.md``): every limit; the smallest worst
step in effect; closest to the ideal curve, by the worst and then the sum of distances; dose times kept in use; even
doses; friendly amounts; fewest pieces; fewest splits; smallest spread over the day; the order of dose times.
The first three depend on day totals alone and are passes over the totals; the rest are passes over the splits of a day
along the graph of optimal moves. Where no split follows that graph, one programme over all splits takes its place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import ceil, floor

import numpy as np
import numpy.typing as npt
from attrs import define, evolve, frozen

from posology.errors import Problem, RefusedError
from posology.taper.effect import MOST_STEPS, WHOLE, Ideal, Measure, ideal_effects, measure_of, rule_ideals
from posology.taper.pieces import NEVER, SPLITS, Bench, Ints, Take, common_unit
from posology.taper.problem import Limits, TaperProblem, number

MOST_VECTORS = 4000
"""The programme over all splits is used up to this many ways to split a day."""

MOST_GRID = 3_000_000
"""No more ways to split one day's total are looked at than this."""

_INF = np.int64(1) << 60


@frozen
class Objective:
    """What a plan reached on each level, in order; the smaller is better. Effects are parts of a million."""

    worst_step: int
    worst_distance: int
    sum_distance: int
    empty_doses: int
    uneven: int
    unfriendly: int
    pieces: int
    splits: int


@frozen
class Found:
    """One best course: units at each dose time after each change, and what it reached.

    ``least_worst``: the smallest worst step possible; ``objective.worst_step`` may be above it by the tolerance.
    """

    unit: Fraction
    doses: tuple[tuple[int, ...], ...]
    days: tuple[int | None, ...]
    ideal: tuple[int, ...]
    measure: Measure
    objective: Objective
    least_worst: int
    products: tuple[str, ...]
    takes: tuple[tuple[tuple[Take, ...], ...], ...]


@define
class Grid:
    """A problem in whole numbers: which day totals can be made, and how far each may move."""

    problem: TaperProblem

    @property
    def down(self) -> bool:
        return self.problem.direction == "taper"

    @cached_property
    def unit(self) -> Fraction:
        p = self.problem
        doses = [*(p.start or (p.start_mg_per_day,)), *(p.target or (p.target_mg_per_day,))]
        return common_unit(p.products, Limits(), doses)

    def units(self, mg: Fraction) -> int:
        """mg in units, exactly; the caller knows it is whole."""
        found = mg / self.unit
        if found.denominator != 1:
            raise ValueError(f"{mg} mg is no whole number of {self.unit} mg")
        return int(found)

    @cached_property
    def top(self) -> int:
        """The largest single dose that may be planned, in units."""
        p = self.problem
        per_slot = [x for v in (p.start, p.target) if v is not None for x in v]
        most = max(p.start_mg_per_day, p.target_mg_per_day)
        if p.start is not None and (self.down or p.target is not None):
            most = max(per_slot)
        return int(floor(most / self.unit))

    @cached_property
    def bench(self) -> Bench:
        return Bench(self.problem.products, self.problem.limits, self.unit, max(self.top, 1))

    @cached_property
    def caps(self) -> list[tuple[int, int]]:
        """The least and most units at each dose time."""
        p = self.problem
        most_dose = p.limits.max_mg_per_dose
        found = []
        for i in range(len(p.slots)):
            low, high = 0, self.top
            if p.start is not None:
                now = self.units(p.start[i])
                low, high = (low, min(high, now)) if self.down else (now, high)
            if p.target is not None:
                then = self.units(p.target[i])
                low, high = (max(low, then), high) if self.down else (low, min(high, then))
            if most_dose is not None:
                held = int(floor(most_dose / self.unit))
                # A dose above the maximum now may only come down; it is flagged, not planned upwards.
                if not (self.down and p.start is not None and self.units(p.start[i]) > held):
                    high = min(high, held)
            found.append((low, high))
        return found

    @cached_property
    def stages(self) -> list[list[Ints]]:
        """For each stage of an order of dose times (one stage where none is asked): the doses each slot may have."""
        p = self.problem
        mask = self.bench.cost < NEVER
        free = []
        for low, high in self.caps:
            doses = np.nonzero(mask[: high + 1])[0].astype(np.int64)
            free.append(doses[doses >= low])
        first, last = p.limits.reduce_first, p.limits.reduce_last
        if not first and not last:
            return [free]
        if p.start is None:
            raise RefusedError(
                Problem("An order of dose times needs the dose at each of them.", "start", 'Give "start" by dose time.')
            )
        rest = [s for s in p.slots if s not in first and s not in last]
        groups = [[s] for s in first] + ([rest] if rest else []) + [[s] for s in last]
        if not self.down:
            groups.reverse()
        now = [self.units(x) for x in p.start]
        then = [self.units(x) for x in p.target] if p.target is not None else [low for low, _ in self.caps]
        if not self.down and p.target is None:
            raise RefusedError(Problem("An order upwards needs the target at each dose time.", "target"))
        stages = []
        for g, group in enumerate(groups):
            before = {s for h in groups[:g] for s in h}
            doses = []
            for i, s in enumerate(p.slots):
                if s in group:
                    doses.append(free[i])
                else:
                    doses.append(np.array([then[i] if s in before else now[i]], dtype=np.int64))
            stages.append(doses)
        return stages

    @cached_property
    def totals(self) -> list[int]:
        """Day totals that can be made, from just after the start to the target."""
        p = self.problem
        a, b = self.units(p.start_mg_per_day), self.units(p.target_mg_per_day)
        low, high = min(a, b), max(a, b)
        window = p.limits.max_difference_between_doses_mg
        bits = 0
        for stage in self.stages:
            if window is None:
                bits |= self._sums(stage, high)
                continue
            width = int(floor(window / self.unit))
            smallest = sorted({int(d) for doses in stage for d in doses if d > 0})
            for base in smallest or [0]:
                inside = [doses[(doses == 0) | ((doses >= base) & (doses <= base + width))] for doses in stage]
                if all(len(x) for x in inside):
                    bits |= self._sums(inside, high)
            if all(0 in doses for doses in stage):
                bits |= 1
        most = p.limits.max_mg_per_day
        if most is not None and not (self.down and p.start_mg_per_day > most):
            high = min(high, int(floor(most / self.unit)))
        found = [t for t in range(low, high + 1) if bits >> t & 1]
        return found[::-1] if self.down else found

    @staticmethod
    def _sums(stage: Sequence[Ints], high: int) -> int:
        keep = (1 << (high + 1)) - 1
        bits = 1
        for doses in stage:
            new = 0
            for d in doses.tolist():
                new |= bits << d
            bits = new & keep
        return bits

    @cached_property
    def states(self) -> list[int]:
        """Units a day of each state: the start first (whether or not it can be made again), the target last."""
        a = self.units(self.problem.start_mg_per_day)
        return [a, *(t for t in self.totals if t != a)]

    @property
    def stay(self) -> bool:
        """Whether the start itself can be planned as a step."""
        return bool(self.totals) and self.totals[0] == self.states[0]

    @property
    def has_target(self) -> bool:
        return bool(self.totals) and self.totals[-1] == self.units(self.problem.target_mg_per_day)

    @cached_property
    def smallest(self) -> Fraction:
        """The smallest dose a day that can be made, in mg."""
        made = [t for t in self.totals if t > 0]
        return min(made) * self.unit if made else self.unit

    @cached_property
    def ideals(self) -> tuple[Ideal, ...] | None:
        found = rule_ideals(self.problem)
        if found is None:
            return None
        end = len(found)
        while end > 1 and found[end - 1].mg == found[end - 2].mg == self.problem.target_mg_per_day:
            end -= 1
        return found[:end]

    @cached_property
    def measure(self) -> Measure:
        return measure_of(self.problem, self.ideals, self.smallest)

    @cached_property
    def place(self) -> list[int]:
        """How far along, in effect, each state is from the start."""
        effect = self.measure.units(self.states, self.unit)
        return [abs(e - effect[0]) for e in effect]

    @cached_property
    def reach(self) -> list[int]:
        """The furthest state each state may move to under the step limits."""
        limits, s, unit = self.problem.limits, self.states, self.unit
        n = len(s)
        moved = [abs(x - s[0]) for x in s]
        cuts = []
        if limits.max_step_mg_per_day is not None:
            cuts.append([floor(limits.max_step_mg_per_day / unit)] * n)
        if limits.max_step_percent_of_start is not None:
            cuts.append([floor(limits.max_step_percent_of_start * s[0] / 100)] * n)
        if limits.max_step_percent_of_current is not None:
            x = limits.max_step_percent_of_current / 100
            cuts.append([x.numerator * d // x.denominator for d in s])
        found = [n - 1] * n
        for cut in cuts:
            found = [min(f, bisect_right(moved, moved[i] + cut[i]) - 1) for i, f in enumerate(found)]
        if limits.max_step_percent_of_effect is not None:
            found = self.within(found, floor(limits.max_step_percent_of_effect * WHOLE / 100))
        last = limits.last_dose_mg_per_day
        if last is not None and s[-1] == 0:
            most = last / unit
            found = [min(f, n - 2) if s[i] > most else f for i, f in enumerate(found)]
        return [max(f, i) for i, f in enumerate(found)]

    @cached_property
    def free(self) -> list[bool]:
        """From which states the last change to 0 is free of the step limits."""
        stop = self.problem.limits.may_stop_from_mg_per_day
        if stop is None or self.states[-1] != 0:
            return [False] * len(self.states)
        return [s * self.unit <= stop for s in self.states]

    def within(self, reach: Sequence[int], worst: int) -> list[int]:
        """The reach of each state when no change may be larger than ``worst`` in effect."""
        place = self.place
        return [min(r, bisect_right(place, place[i] + worst) - 1) for i, r in enumerate(reach)]

    def fewest(self) -> int | None:
        """The fewest changes from start to target under the step limits; None where there is no way."""
        if not self.has_target:
            return None
        reach, free, end = self.reach, self.free, len(self.states) - 1
        at = 0
        for count in range(1, MOST_STEPS + 1):
            if free[at] or reach[at] == end:
                return count
            if reach[at] == at:
                return None
            at = reach[at]
        return None


def span(problem: TaperProblem) -> tuple[int, int | None]:
    """The fewest and most changes that the limits on days allow (None: no limit)."""
    limits, low, high = problem.limits, 1, None
    days = problem.step_days
    first = problem.starts_on
    least = [limits.min_total_days, (limits.earliest_end - first).days if limits.earliest_end and first else None]
    most = [limits.max_total_days, (limits.latest_end - first).days if limits.latest_end and first else None]
    pause = sum(h.days for h in limits.holds)
    if any(x is not None for x in (*least, *most)) and days is None:
        raise RefusedError(
            Problem("A limit on the whole time needs the length of a step.", "limits.step_days", 'Give "step_days".')
        )
    for x in least:
        if x is not None and days:
            low = max(low, ceil(Fraction(max(x - pause, 0), days)) + 1)
    for x in most:
        if x is not None and days:
            allowed = floor(Fraction(x - pause, days)) + 1
            high = allowed if high is None else min(high, allowed)
    return low, high


def steps_of(grid: Grid) -> int | None:
    """How many changes the plan has; None where no number fits the limits.

    Raises :class:`RefusedError` where neither steps, nor a time, nor a step limit, nor a rule says how fast.
    """
    problem, limits = grid.problem, grid.problem.limits
    fewest = grid.fewest()
    if grid.ideals is not None:
        n = len(grid.ideals)
        if fewest is None or fewest > n or (limits.steps is not None and limits.steps < n):
            return None
        total = [i.days for i in grid.ideals[: n - 1]]
        held = sum(h.days for h in limits.holds)
        if all(d is not None for d in total):
            whole = sum(d for d in total if d is not None) + held
            first = problem.starts_on
            if limits.min_total_days is not None and whole < limits.min_total_days:
                return None
            if limits.max_total_days is not None and whole > limits.max_total_days:
                return None
            if first and limits.earliest_end and whole < (limits.earliest_end - first).days:
                return None
            if first and limits.latest_end and whole > (limits.latest_end - first).days:
                return None
        return n
    low, high = span(problem)
    if high is None and limits.steps is None:
        paced = (
            limits.max_step_mg_per_day, limits.max_step_percent_of_current, limits.max_step_percent_of_start,
            limits.max_step_percent_of_effect,
        )  # fmt: skip
        if low == 1 and all(x is None for x in paced):
            raise RefusedError(
                Problem(
                    "Nothing says how fast: a plan needs a number of steps, a time, a largest step or a rule.",
                    "limits",
                    'Give "steps", "max_total_days", "max_step_mg_per_day" or a percent.',
                )
            )
        return None if fewest is None else max(fewest, low)
    allowed = [x for x in (high, limits.steps) if x is not None]
    n = min(allowed)
    if fewest is None or fewest > n or low > n or n < 1:
        return None
    return min(n, MOST_STEPS)


@define
class _Totals:
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
                    low = max(low, bisect_left(place, self.ideal[k - 1] - distance))
                    high = min(high, bisect_right(place, self.ideal[k - 1] + distance) - 1)
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
        low, high = self.grid.problem.floor[0], WHOLE * 4
        if self.feasible(high, bounds) is None:
            return None
        if self.feasible(low, bounds) is not None:
            return low
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.feasible(middle, bounds) is not None else (middle, high)
        return high

    @cached_property
    def worst(self) -> int:
        """The worst step allowed from here on: the smallest one, and the tolerance."""
        least = self.least_worst
        assert least is not None
        return least + self.tolerance

    @cached_property
    def distance(self) -> int:
        """The smallest worst distance from the ideal curve."""
        low, high = self.grid.problem.floor[1], WHOLE * 4
        if self.feasible(self.worst, self.bounds(low)) is not None:
            return low
        while high - low > 1:
            middle = (low + high) // 2
            ok = self.feasible(self.worst, self.bounds(middle)) is not None
            low, high = (low, middle) if ok else (middle, high)
        return high

    def solve(self) -> tuple[list[list[int]], list[set[tuple[int, int]]], int]:
        """States of optimal courses after each change, the optimal moves into each, and the sum of distances."""
        grid = self.grid
        spans = self.feasible(self.worst, self.bounds(self.distance))
        assert spans is not None
        place = np.array(grid.place, dtype=np.int64)
        reach = np.array(grid.within(grid.reach, self.worst), dtype=np.int64)
        end = len(grid.states) - 1
        free = np.array(grid.free) & (place[end] - place <= self.worst)
        values: list[Ints] = [np.zeros(1, np.int64)]
        gone: list[Ints] = [np.zeros(1, np.int64)]
        for k in range(self.n - 1, -1, -1):
            a, b = spans[k - 1] if k else (0, 0)
            c, d = spans[k]
            ideal = self.ideal[k]
            cost = np.abs(place[c : d + 1] - ideal) + values[-1]
            gone.append(cost)
            i = np.arange(a, b + 1)
            low = np.maximum(i, c) - c
            high = np.minimum(reach[a : b + 1], d) - c
            best = _range_min(cost, low, high)
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
            for i in current:
                want = values[k][i - a]
                low, high = max(i, c), min(int(reach[i]), d)
                hits = np.nonzero(cost[low - c : high - c + 1] == want)[0] + low if low <= high else []
                edges |= {(i, int(j)) for j in hits}
                if k == self.n - 1 and free[i] and cost[-1] == want:
                    edges.add((i, end))
            current = sorted({j for _, j in edges})
            layers.append(current)
            moves.append(edges)
        return layers, moves, int(values[0][0])


def _range_min(cost: Ints, low: Ints, high: Ints) -> Ints:
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


Rows = npt.NDArray[np.int64]


@define
class _Splits:
    """The ways to split a day total over its dose times, with what each costs on the later levels."""

    grid: Grid

    @cached_property
    def used(self) -> list[bool]:
        """Dose times that are in use now; one that is not is no loss."""
        p = self.grid.problem
        doses = p.start if self.grid.down else p.target
        return [x > 0 for x in doses] if doses is not None and any(doses) else [True] * len(p.slots)

    @cached_property
    def even(self) -> int:
        """How far apart doses may be before they count as uneven: the smallest whole solid, or as far as they are now."""
        p, grid = self.grid.problem, self.grid
        solids = [s.mg for s in p.products if not s.liquid]
        width = int(floor(min(solids) / grid.unit)) if solids else 0
        for doses in (p.start, p.target):
            inside = [grid.units(x) for x in doses or () if x > 0]
            if inside:
                width = max(width, max(inside) - min(inside))
        return width

    @cached_property
    def order(self) -> list[int]:
        """Dose times by who gives way first where all else is equal: the inner ones, then the first of the day."""
        n = len(self.grid.problem.slots)
        return sorted(range(n), key=lambda i: (0 < i < n - 1) * -1 + (i == n - 1))

    def rows(self, total: int, wide: bool) -> Rows:
        """Ways to split ``total`` units; only fairly even ones unless ``wide``."""
        found = [self._stage(stage, total, wide) for stage in self.grid.stages]
        rows = np.concatenate(found) if len(found) > 1 else found[0]
        window = self.grid.problem.limits.max_difference_between_doses_mg
        if window is not None and len(rows):
            high, low = _extent(rows)
            rows = rows[high - low <= int(floor(window / self.grid.unit))]
        return np.unique(rows, axis=0) if len(found) > 1 and len(rows) else rows

    def _stage(self, stage: Sequence[Ints], total: int, wide: bool) -> Rows:
        n = len(stage)
        if n == 1:
            return np.array([[total]] if total in stage[0] else [], np.int64).reshape(-1, 1)
        choices = list(stage)
        if not wide:
            active = sum(1 for doses in stage if len(doses) > 1 or doses[0] > 0) or 1
            low, high = total // active - self.even - 1, -(-total // active) + self.even + 1
            choices = [
                doses if len(doses) == 1 else doses[(doses >= low) & (doses <= high)]
                for doses in stage
            ]
        size = 1
        for doses in choices[:-1]:
            size *= max(len(doses), 1)
        if size > MOST_GRID:
            raise RefusedError(
                Problem(
                    "There are too many ways to split a day over its dose times to search them all.",
                    "slots",
                    "Use fewer dose times, coarser marks, or max_difference_between_doses_mg.",
                )
            )
        left = np.array([total], np.int64)
        parts: list[Ints] = []
        for doses in choices[:-1]:
            rest = left[:, None] - doses[None, :]
            keep = rest >= 0
            a, b = np.nonzero(keep)
            parts = [p[a] for p in parts] + [doses[b]]
            left = rest[a, b]
        mask = np.zeros(self.grid.top + 1, np.bool_)
        last = choices[-1]
        mask[last[last <= self.grid.top]] = True
        ok = (left <= self.grid.top) & mask[np.minimum(left, self.grid.top)]
        return np.stack([*(p[ok] for p in parts), left[ok]], axis=1)

    def levels(self, rows: Rows) -> Rows:
        """Empty dose times, unevenness, unfriendly doses, pieces and splits of each row."""
        bench = self.grid.bench
        used = np.array(self.used)
        high, low = _extent(rows)
        cost = bench.cost[rows].sum(axis=1)
        return np.stack(
            [
                ((rows == 0) & used).sum(axis=1),
                np.maximum(high - low - self.even, 0),
                (~bench.friendly[rows]).sum(axis=1),
                cost // SPLITS,
                cost % SPLITS,
            ],
            axis=1,
        )

    def ties(self, rows: Rows) -> Rows:
        """Spread over the day, then the doses in the order in which they give way."""
        high, low = _extent(rows)
        return np.stack([high - low, *(rows[:, i] for i in self.order)], axis=1)


def _extent(rows: Rows) -> tuple[Ints, Ints]:
    """The largest and the smallest dose of each day, doses of zero apart."""
    high = rows.max(axis=1)
    low = np.where(rows == 0, np.iinfo(np.int64).max, rows).min(axis=1)
    return high, np.where(high == 0, 0, low)


def _pack(levels: Sequence[Rows], steps: int) -> list[npt.NDArray[np.object_]] | list[Ints]:
    """Each row's levels as one number whose sums over the steps compare in order of the levels."""
    most = np.stack([x.max(axis=0) for x in levels if len(x)]).max(axis=0)
    radix = [int(m) * steps + 1 for m in most]
    weights = [1]
    for r in reversed(radix[1:]):
        weights.append(weights[-1] * r)
    weights.reverse()
    big = weights[0] * radix[0] >= 1 << 60
    if big:
        return [x.astype(object) @ np.array(weights, dtype=object) for x in levels]
    w = np.array(weights, np.int64)
    return [x @ w for x in levels]


@define
class _Graph:
    """Ways to split each day along the optimal moves, pruned level by level."""

    layers: list[Rows]
    edges: list[npt.NDArray[np.bool_]]

    def prune(self, costs: Sequence[npt.NDArray[np.int64] | npt.NDArray[np.object_]]) -> int | None:
        """Keep only what lies on a course of least summed cost; the cost, or None where there is no course."""
        infinite = int(_INF) if all(c.dtype != object for c in costs) else 1 << 200
        ahead = [costs[-1] * 0]
        for k in range(len(self.layers) - 1, 0, -1):
            through = costs[k] + ahead[-1]
            ahead.append(np.where(self.edges[k], through[None, :], infinite).min(axis=1, initial=infinite))
        ahead.reverse()
        first = np.where(self.edges[0], (costs[0] + ahead[0])[None, :], infinite)
        best = int(first.min(initial=infinite))
        if best >= infinite:
            return None
        keep_before = np.ones(1, np.bool_)
        spent = np.zeros(1, costs[0].dtype)
        kept = []
        for k in range(len(self.layers)):
            reached = np.where(self.edges[k] & keep_before[:, None], spent[:, None] + costs[k][None, :], infinite)
            arrived = reached.min(axis=0, initial=infinite)
            keep = arrived + ahead[k] == best
            edge = self.edges[k] & (reached == arrived[None, :])
            self.edges[k] = edge[np.ix_(keep_before, keep)]
            kept.append(keep)
            spent, keep_before = arrived, keep
        self.layers = [rows[keep] for rows, keep in zip(self.layers, kept, strict=True)]
        return best

    def first(self) -> list[tuple[int, ...]]:
        """The course whose days come first in order, of those left."""
        at, found = 0, []
        for rows, edge in zip(self.layers, self.edges, strict=True):
            options = np.nonzero(edge[at])[0]
            at = min((tuple(rows[o].tolist()), int(o)) for o in options)[1]
            found.append(tuple(rows[at].tolist()))
        return found


def _follow(grid: Grid, layers: list[list[int]], moves: list[set[tuple[int, int]]]) -> _Answer | None:
    """The best splits along optimal totals: more and more ways a total, until no way left out could be better."""
    splits = _Splits(grid)
    states = grid.states
    totals = sorted({states[j] for layer in layers for j in layer})
    for wide in (False, True):
        every = {t: splits.rows(t, wide) for t in totals}
        if any(not len(rows) for rows in every.values()):
            if wide:
                return None
            continue
        levels = {t: splits.levels(rows) for t, rows in every.items()}
        if not wide and any(int(x[:, 0].min()) > 0 for t, x in levels.items() if t):
            continue
        packed = dict(zip(totals, _pack([levels[t] for t in totals], len(layers)), strict=True))
        best = {t: packed[t].min() for t in totals}
        # Ways outside the narrow window cost at least one unit of unevenness more than the best way inside.
        radix = _pack([np.array([[0, 1, 0, 0, 0]]), *[levels[t] for t in totals]], len(layers))[0][0]
        for width in (0, 32, 512, None):
            chosen, gap = {}, None
            for t in totals:
                cost = packed[t]
                if width is None:
                    pick = np.arange(len(cost))
                elif width == 0:
                    pick = np.nonzero(cost == best[t])[0]
                else:
                    pick = np.argsort(cost, kind="stable")[:width]
                    pick = np.nonzero(cost <= cost[pick[-1]])[0]
                chosen[t] = pick
                if len(pick) < len(cost):
                    rest = np.delete(cost, pick).min() - best[t]
                    gap = rest if gap is None else min(gap, rest)
                if not wide:
                    gap = radix - best[t] % radix if gap is None else min(gap, radix - best[t] % radix)
            if sum(len(chosen[states[j]]) for layer in layers for j in layer) > 400_000:
                break
            answer = _course(grid, splits, layers, moves, every, packed, chosen, levels)
            bound = _bound(layers, moves, states, best)
            if answer is not None and (gap is None or answer.cost < bound + gap or answer.cost == bound):
                return answer
            if answer is None and gap is None:
                return None
    return None


def _bound(layers: list[list[int]], moves: list[set[tuple[int, int]]], states: list[int], best: dict[int, int]) -> int:
    """What the splits of any course must cost at least: every day at the best its total allows."""
    ahead = {j: 0 for j in layers[-1]}
    for k in range(len(layers) - 1, -1, -1):
        before: dict[int, int] = {}
        for i, j in moves[k]:
            if j in ahead:
                value = int(best[states[j]]) + ahead[j]
                before[i] = min(before.get(i, value), value)
        ahead = before
    return ahead[0]


@frozen
class _Answer:
    rows: tuple[tuple[int, ...], ...]
    cost: int
    sums: tuple[int, ...]


def _course(
    grid: Grid,
    splits: _Splits,
    layers: list[list[int]],
    moves: list[set[tuple[int, int]]],
    every: dict[int, Rows],
    packed: dict[int, Ints],
    chosen: dict[int, npt.NDArray[np.int64]],
    levels: dict[int, Rows],
) -> _Answer | None:
    p, states = grid.problem, grid.states
    start = np.array([[grid.units(x) for x in p.start]]) if p.start is not None else None
    rows_of, costs, edges = [], [], []
    before_rows, before_state = start, [0]
    for layer, move in zip(layers, moves, strict=True):
        rows = np.concatenate([every[states[j]][chosen[states[j]]] for j in layer])
        cost = np.concatenate([packed[states[j]][chosen[states[j]]] for j in layer])
        state = [j for j in layer for _ in range(len(chosen[states[j]]))]
        edge = np.ones((len(before_state), len(rows)), np.bool_)
        if len(move) < len(set(before_state)) * len(layer):
            a, b = np.array(before_state), np.array(state)
            ok = np.zeros((int(a.max()) + 1, int(b.max()) + 1), np.bool_)
            for i, j in move:
                ok[i, j] = True
            edge = ok[np.ix_(a, b)]
        if before_rows is not None:
            for s in range(rows.shape[1]):
                x, y = before_rows[:, s][:, None], rows[:, s][None, :]
                edge &= (x >= y) if grid.down else (x <= y)
        rows_of.append(rows)
        costs.append(cost)
        edges.append(edge)
        before_rows, before_state = rows, state
    graph = _Graph(rows_of, edges)
    best = graph.prune(costs)
    if best is None:
        return None
    ties = [splits.ties(rows) for rows in graph.layers]
    for i in range(ties[0].shape[1]):
        graph.prune([t[:, i] for t in ([splits.ties(rows) for rows in graph.layers] if i else ties)])
    course = graph.first()
    whole = splits.levels(np.array(course, np.int64)).sum(axis=0)
    return _Answer(tuple(course), best, tuple(int(x) for x in whole))


def _joint(grid: Grid, n: int, tolerance: int) -> tuple[_Answer, int, int, int, int] | None:
    """One programme over all ways to split a day: exact where totals alone lead nowhere, and slower."""
    splits, states = _Splits(grid), grid.states
    parts = [(j, splits.rows(t, True)) for j, t in enumerate(states) if j or grid.stay]
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
    start = np.array([[grid.units(x) for x in grid.problem.start]]) if grid.problem.start is not None else None

    def edge(a_state: Ints, a_rows: Rows | None) -> npt.NDArray[np.bool_]:
        ok = (a_state[:, None] <= state[None, :]) & (state[None, :] <= reach[a_state][:, None])
        ok |= free[a_state][:, None] & (state == end)[None, :]
        if a_rows is not None:
            for s in range(rows.shape[1]):
                x, y = a_rows[:, s][:, None], rows[:, s][None, :]
                ok &= (x >= y) if grid.down else (x <= y)
        return ok

    begin = edge(np.zeros(1, np.int64), start)
    inner = edge(state, rows)
    totals = _Totals(grid, n, tolerance)
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

    def least(low: int, test: object) -> int | None:
        assert callable(test)
        high = WHOLE * 4
        if not test(high):
            return None
        if test(low):
            return low
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if test(middle) else (middle, high)
        return high

    everywhere = masks(None)
    least_worst = least(grid.problem.floor[0], lambda w: runs(w, everywhere))
    if least_worst is None:
        return None
    worst = least_worst + tolerance
    distance = least(grid.problem.floor[1], lambda d: runs(worst, masks(d)))
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
    graph = _Graph(layers, edges)
    total = graph.prune([np.abs(place[x[:, 0]] - totals.ideal[k]) for k, x in enumerate(layers)])
    assert total is not None
    best = graph.prune(_pack([splits.levels(x[:, 1:]) for x in graph.layers], n))
    assert best is not None
    for i in range(rows.shape[1] + 1):
        graph.prune([splits.ties(x[:, 1:])[:, i] for x in graph.layers])
    course = [x[1:] for x in graph.first()]
    whole = splits.levels(np.array(course, np.int64)).sum(axis=0)
    return _Answer(tuple(course), best, tuple(int(x) for x in whole)), least_worst, worst, distance, total


def tolerance_of(problem: TaperProblem) -> int:
    """How much larger than the smallest worst step one may be and count as equal, in parts of a million."""
    part = problem.tolerance
    if part is None:
        part = Fraction(1, 100) if problem.shape.published else Fraction(1, 1000)
    return int(floor(part * WHOLE))


def search(problem: TaperProblem) -> Found | None:
    """The best course, or None where the limits allow none.

    Raises :class:`RefusedError` for a start or target no product can make, or a problem with no pace.
    """
    check_ends(problem)
    most = problem.limits.max_products
    if most is None or most >= len(problem.products):
        return _search(problem)
    best: tuple[tuple[int, ...], Found] | None = None
    inner = evolve(problem, limits=evolve(problem.limits, max_products=None))
    unit = Grid(inner).unit
    for size in range(1, most + 1):
        for pick in combinations(range(len(problem.products)), size):
            part = evolve(
                inner,
                products=tuple(problem.products[i] for i in pick),
                limits=evolve(
                    inner.limits,
                    halves=False if inner.limits.halves is False else None,
                    quarters=False if inner.limits.quarters is False else None,
                ),
            )
            if unit and part.shape.kind == "proportional" and problem.scale_mg is None:
                part = evolve(part, scale_mg=max(part.start_mg_per_day, part.target_mg_per_day))
            found = _search(part)
            if found is None:
                continue
            o = found.objective
            key = (
                found.least_worst, o.worst_distance, o.sum_distance, o.empty_doses, o.uneven, o.unfriendly, o.pieces,
                o.splits, size,
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
                            "Add the product that is taken now." if name == "start" else "Change the target or the products.",
                        )
                    )
        else:
            doses_made = np.nonzero(bench.cost < NEVER)[0].astype(np.int64)
            units = total / unit
            sums = Grid._sums([doses_made] * len(problem.slots), max(int(floor(units)), 1))
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
    fewest = grid.fewest() or 1
    while True:
        totals = _Totals(grid, n, tolerance)
        if totals.least_worst is not None:
            break
        if grid.ideals is not None or n <= fewest or grid.stay or problem.limits.never_ahead:
            return None
        n -= 1
    layers, moves, total = totals.solve()
    answer = _follow(grid, layers, moves)
    least, distance = totals.least_worst, totals.distance
    if answer is None:
        whole = _joint(grid, n, tolerance)
        if whole is None:
            return None
        answer, least, _, distance, total = whole
    return _found(grid, n, answer, least, distance, total, totals.ideal)


def _found(
    grid: Grid, n: int, answer: _Answer, least: int, distance: int, total: int, ideal: Sequence[int]
) -> Found:
    p = grid.problem
    where = {t: e for t, e in zip(grid.states, grid.place, strict=True)}
    path = [0, *(where[sum(row)] for row in answer.rows)]
    worst = max(b - a for a, b in zip(path, path[1:], strict=False))
    if grid.ideals is not None:
        days = tuple(i.days for i in grid.ideals[:n])
    else:
        days = tuple(p.step_days for _ in range(n))
    takes = {d: grid.bench.compose(d) for row in answer.rows for d in row}
    start = grid.measure.of(p.start_mg_per_day)
    return Found(
        unit=grid.unit,
        doses=answer.rows,
        days=days,
        ideal=tuple(start - e if grid.down else start + e for e in ideal),
        measure=grid.measure,
        objective=Objective(worst, distance, total, *answer.sums),
        least_worst=least,
        products=tuple(s.id for s in p.products),
        takes=tuple(tuple(takes[d] for d in row) for row in answer.rows),
    )
