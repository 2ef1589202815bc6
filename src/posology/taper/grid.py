"""Turns a taper problem into whole numbers: the day totals that can be made, and how far each may move in one change.

Knows no ideal curve's path and no splits: :mod:`posology.taper.totals` and :mod:`posology.taper.splits` search on it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from math import ceil, floor

import numpy as np
from attrs import define

from posology.errors import Problem, RefusedError
from posology.taper.effect import MOST_STEPS, WHOLE, Ideal, Measure, measure_of, rule_ideals
from posology.taper.period import Period
from posology.taper.pieces import NEVER, Bench, Ints, common_unit
from posology.taper.problem import Limits, Origin, TaperProblem


@define
class Grid:
    """A problem in whole numbers: which totals can be made, and how far each may move.

    A dose is a number of :attr:`unit`; a state is what is taken in one :attr:`period` (one day, where days do not differ), so
    that a state is a number of :attr:`day` mg a day.
    """

    problem: TaperProblem

    @property
    def origin(self) -> Origin:
        """What is kept of a larger problem."""
        return self.problem.origin or Origin()

    @cached_property
    def down(self) -> bool:
        return self.problem.direction == "taper"

    @cached_property
    def unit(self) -> Fraction:
        p = self.problem
        doses = [*(p.start or (p.start_mg_per_day,)), *(p.target or (p.target_mg_per_day,))]
        return common_unit(p.products, Limits(), doses)

    @cached_property
    def period(self) -> Period:
        """The days after which every allowed pattern has come round."""
        return Period(self.problem.limits.day_patterns)

    @cached_property
    def day(self) -> Fraction:
        """mg a day of one unit of a state."""
        return self.unit / self.period.days

    def units(self, mg: Fraction) -> int:
        """The mg of a dose in units, exactly; the caller knows it is whole."""
        found = mg / self.unit
        if found.denominator != 1:
            raise ValueError(f"{mg} mg is no whole number of {self.unit} mg")
        return int(found)

    def state(self, mg: Fraction) -> int:
        """The state of so many mg on every day."""
        return self.units(mg) * self.period.days

    @cached_property
    def most_a_day(self) -> int:
        """The most units on any one day: never above where it starts or ends, nor above a maximum that holds."""
        p = self.problem
        high = max(p.start_mg_per_day, p.target_mg_per_day)
        most = p.limits.max_mg_per_day
        if most is not None and not (self.down and p.start_mg_per_day > most):
            high = min(high, most)
        return floor(high / self.unit)

    @cached_property
    def top(self) -> int:
        """The largest single dose that may be planned, in units."""
        p = self.problem
        per_slot = [x for v in (p.start, p.target) if v is not None for x in v]
        most = max(p.start_mg_per_day, p.target_mg_per_day)
        if p.start is not None and (self.down or p.target is not None):
            most = max(per_slot)
        return floor(most / self.unit)

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
                held = floor(most_dose / self.unit)
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
            return [free] if all(len(doses) for doses in free) else []
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
        stages: list[list[Ints]] = []
        for g, group in enumerate(groups):
            before = {s for h in groups[:g] for s in h}
            chosen: list[Ints] = []
            for i, s in enumerate(p.slots):
                if s in group:
                    chosen.append(free[i])
                else:
                    only = then[i] if s in before else now[i]
                    chosen.append(np.array([only] if mask[only] else [], dtype=np.int64))
            if all(len(doses) for doses in chosen):
                stages.append(chosen)
        return stages

    @cached_property
    def totals(self) -> list[int]:
        """Totals of a period that can be made, from just after the start to the target.

        Where days may differ it may hold a total whose every split breaks a limit on one day; the splits find out.
        """
        p, period = self.problem, self.period
        a, b = self.state(p.start_mg_per_day), self.state(p.target_mg_per_day)
        low, high = min(a, b), min(max(a, b), self.most_a_day * period.days)
        window = None if period.mixed else p.limits.max_difference_between_doses_mg
        bits = 0
        for stage in self.stages:
            if window is None:
                for pattern, (often, rarely) in zip(period.patterns, period.weights, strict=True):
                    mixed = [_weighted(doses, often, rarely if pattern.low else 0) for doses in stage]
                    bits |= self._sums(mixed, high)
                continue
            width = floor(window / self.unit)
            smallest = sorted({int(d) for doses in stage for d in doses if d > 0})
            for base in smallest or [0]:
                inside = [doses[(doses == 0) | ((doses >= base) & (doses <= base + width))] for doses in stage]
                if all(len(x) for x in inside):
                    bits |= self._sums(inside, high)
            if all(0 in doses for doses in stage):
                bits |= 1
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
        """Units a period of each state: the start first (whether or not it can be made again), the target last."""
        a = self.state(self.problem.start_mg_per_day)
        return [a, *(t for t in self.totals if t != a)]

    @cached_property
    def even_steps(self) -> bool:
        """Whether every dose between nothing and the most can be made, so that any fall can be taken at any dose time."""
        made = np.nonzero(self.bench.cost < NEVER)[0]
        return len(made) > 1 and bool((np.diff(made) == made[1]).all())

    @property
    def stay(self) -> bool:
        """Whether the start itself can be planned as a step; to wait at nothing is no step."""
        return bool(self.totals) and self.totals[0] == self.states[0] > 0

    @property
    def has_target(self) -> bool:
        return bool(self.totals) and self.totals[-1] == self.state(self.problem.target_mg_per_day)

    @cached_property
    def smallest(self) -> Fraction:
        """The smallest dose a day that can be made, in mg."""
        made = [t for t in self.totals if t > 0]
        return min(made) * self.day if made else self.unit

    @cached_property
    def ideals(self) -> tuple[Ideal, ...] | None:
        found = rule_ideals(self.problem)
        if found is None:
            return None
        if self.problem.origin is not None and self.problem.origin.ideal:
            return found
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
        effect = self.measure.units(self.states, self.day)
        return [abs(e - effect[0]) for e in effect]

    @cached_property
    def reach(self) -> list[int]:
        """The furthest state each state may move to under the step limits."""
        limits, s, unit = self.problem.limits, self.states, self.day
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
        last = self.problem.limits.last_dose_mg_per_day
        most = floor((stop if last is None else min(stop, last)) / self.day)
        return [s <= most for s in self.states]

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


def _weighted(doses: Ints, often: int, rarely: int) -> Ints:
    """What one dose time can come to over a period: so many days of a dose, and so many of one no larger."""
    if not rarely:
        return doses * often
    high, low = np.nonzero(doses[:, None] >= doses[None, :])
    found: Ints = np.unique(often * doses[high] + rarely * doses[low])
    return found


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
