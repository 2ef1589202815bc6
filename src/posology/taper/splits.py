"""Turns optimal totals into the best split of each day over its dose times (and of a period over its kinds of day), exactly.

Knows no effect and no ideal curve: it walks the graph of optimal moves that :mod:`posology.taper.totals` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from attrs import define, frozen

from posology.errors import Problem, RefusedError
from posology.taper.grid import Grid
from posology.taper.pieces import NEVER, SPLITS, Ints

if TYPE_CHECKING:
    import numpy.typing as npt

MOST_GRID = 3_000_000
"""No more ways to split one day's total are looked at than this."""

KIND, FAIR, ALL = 0, 1, 2
"""Which ways to split a day are looked at: see :meth:`Splits.rows`."""

_INF = 1 << 60

Rows: TypeAlias = "npt.NDArray[np.int64]"


@define
class Splits:
    """The ways to split a total over the dose times of its days, with what each costs on the later levels.

    Costs are counted over a period (one day, where days do not differ).
    """

    grid: Grid

    @cached_property
    def used(self) -> list[bool]:
        """Dose times that are in use now; one that is not is no loss."""
        p = self.grid.problem
        if self.grid.origin.used:
            return list(self.grid.origin.used)
        doses = p.start if self.grid.down else p.target
        return [x > 0 for x in doses] if doses is not None and any(doses) else [True] * len(p.slots)

    @cached_property
    def even(self) -> int:
        """How far apart doses may be before they count as uneven: the smallest whole solid, or as far as they are now."""
        p, grid = self.grid.problem, self.grid
        if grid.origin.even_mg is not None:
            return floor(grid.origin.even_mg / grid.unit)
        solids = [s.mg for s in p.products if not s.liquid]
        width = floor(min(solids) / grid.unit) if solids else 0
        for doses in (p.start, p.target):
            inside = [grid.units(x) for x in doses or () if x > 0]
            if inside:
                width = max(width, max(inside) - min(inside))
        return width

    @cached_property
    def equal(self) -> bool:
        """Whether the doses of a day are meant to be equal: they are now (or will be at the target), and all are solid.

        With a liquid almost any total can be shared equally, in volumes nobody can remember: then near is even enough.
        """
        p, grid = self.grid.problem, self.grid
        if grid.origin.equal is not None:
            return grid.origin.equal
        if p.limits.reduce_first or p.limits.reduce_last or any(s.liquid for s in p.products):
            return False
        return all(len({x for x in doses if x > 0}) <= 1 for doses in (p.start, p.target) if doses is not None)

    def shared(self, totals: Ints) -> npt.NDArray[np.bool_]:
        """Which totals can be given as equal doses at every dose time in use, on every day."""
        n, bench = sum(self.used) * self.grid.period.days, self.grid.bench
        each, left = totals // n, totals % n
        inside = (left == 0) & (each <= self.grid.top)
        found: npt.NDArray[np.bool_] = inside & (bench.cost[np.where(inside, each, 0)] < NEVER)
        return found & self.equal

    @cached_property
    def order(self) -> list[int]:
        """Dose times by who gives way first where all else is equal: the inner ones, then the first of the day."""
        n = len(self.grid.problem.slots)
        return sorted(range(n), key=lambda i: (0 < i < n - 1) * -1 + (i == n - 1))

    def rows(self, total: int, mode: int) -> Rows:
        """Ways to split ``total`` units. ``KIND``: fairly even, all dose times but one friendly; ``FAIR``: fairly even; ``ALL``."""
        found = [self._stage(stage, total, mode) for stage in self.grid.stages]
        rows = np.concatenate(found) if len(found) > 1 else found[0]
        period = self.grid.period
        window = self.grid.problem.limits.max_difference_between_doses_mg
        if window is not None and len(rows):
            for k in range(len(period.kinds(rows))):
                high, low = extent(period.kinds(rows)[k][0])
                rows = rows[high - low <= floor(window / self.grid.unit)]
        if period.mixed:
            rows = rows[period.kinds(rows)[0][0].sum(axis=1) <= self.grid.most_a_day]
        if (len(found) > 1 or mode == KIND) and len(rows) > 1:
            base = self.grid.top + 1
            if base ** rows.shape[1] < 1 << 62:
                keys = rows @ np.array([base**i for i in range(rows.shape[1])], np.int64)
                rows = rows[np.unique(keys, return_index=True)[1]]
            else:
                rows = np.unique(rows, axis=0)
        return rows

    def _stage(self, stage: Sequence[Ints], total: int, mode: int) -> Rows:
        n, period = len(stage), self.grid.period
        if n == 1 and not period.mixed:
            return np.array([[total]] if total in stage[0] else [], np.int64).reshape(-1, 1)
        choices = [doses[: int(np.searchsorted(doses, total, "right"))] for doses in stage]
        if mode != ALL:
            active = (sum(1 for doses in stage if len(doses) > 1 or doses[0] > 0) or 1) * period.days
            low, high = total // active - self.even - 1, -(-total // active) + self.even + 1
            choices = [
                doses if len(whole) == 1 else doses[(doses >= low) & (doses <= high)]
                for doses, whole in zip(choices, stage, strict=True)
            ]
        kind = [doses[self.grid.bench.friendly[doses]] for doses in choices] if mode == KIND else choices
        if all(len(a) == len(b) for a, b in zip(kind, choices, strict=True)):
            picks = [(choices, n - 1)]
        else:
            picks = [([choices[j] if j == i else kind[j] for j in range(n)], i) for i in range(n)]
        return np.concatenate([self._split(pick, total, odd) for pick, odd in picks])

    def _split(self, choices: Sequence[Ints], total: int, odd: int) -> Rows:
        """Every way to split a total where each dose time has these choices; the one at ``odd`` has the most of them."""
        period = self.grid.period
        if not period.mixed:
            return self._combine(choices, total, odd)
        found = []
        if total % period.days == 0:
            each = total // period.days
            found.append(period.constant(self._combine(choices, each, odd)))
        for p, (often, rarely) in enumerate(period.weights):
            if p:
                found.append(self._mixed(choices, total, odd, p, often, rarely))
        return np.concatenate(found) if found else np.zeros((0, 2 * len(choices) + 1), np.int64)

    def _mixed(self, choices: Sequence[Ints], total: int, odd: int, p: int, often: int, rarely: int) -> Rows:
        """Every way to take a higher dose on ``often`` days of a period and one no larger on ``rarely``, not always equal."""
        order = [j for j in range(len(choices)) if j != odd] + [odd]
        left, parts = np.array([total], np.int64), [np.zeros((1, 0), np.int64)] * 2
        for k, j in enumerate(order):
            doses = choices[j]
            a, b = np.nonzero(doses[:, None] >= doses[None, :])
            high, low = doses[a], doses[b]
            value = often * high + rarely * low
            if k < len(order) - 1:
                _bounded(len(left) * len(value))
                x, y = np.nonzero(left[:, None] >= value[None, :])
                left = left[x] - value[y]
            else:
                by = np.argsort(value, kind="stable")
                value, high, low = value[by], high[by], low[by]
                first, end = np.searchsorted(value, left, "left"), np.searchsorted(value, left, "right")
                count = end - first
                _bounded(int(count.sum()))
                x = np.repeat(np.arange(len(left)), count)
                y = np.arange(len(x)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
            parts = [np.concatenate([parts[0][x], high[y][:, None]], axis=1),
                     np.concatenate([parts[1][x], low[y][:, None]], axis=1)]  # fmt: skip
        back = np.argsort(order)
        rows = np.concatenate([parts[0][:, back], parts[1][:, back], np.full((len(parts[0]), 1), p)], axis=1)
        kept: Rows = rows[(parts[0] != parts[1]).any(axis=1)]
        return kept

    def _combine(self, choices: Sequence[Ints], total: int, odd: int) -> Rows:
        """Every way to take one of each choice, where the dose at ``odd`` is what is left of the total."""
        others = [j for j in range(len(choices)) if j != odd]
        size = 1
        for j in others:
            size *= max(len(choices[j]), 1)
        _bounded(size)
        left = np.array([total], np.int64)
        parts: list[Ints] = []
        for j in others:
            rest = left[:, None] - choices[j][None, :]
            a, b = np.nonzero(rest >= 0)
            parts = [p[a] for p in parts] + [choices[j][b]]
            left = rest[a, b]
        mask = np.zeros(self.grid.top + 2, np.bool_)
        mask[choices[odd]] = True
        ok = mask[np.minimum(left, self.grid.top + 1)]
        columns = [p[ok] for p in parts]
        columns.insert(odd, left[ok])
        return np.stack(columns, axis=1)

    def levels(self, rows: Rows) -> Rows:
        """Empty dose times, unevenness, days that differ, unfriendly doses, pieces and splits of each row."""
        bench, period = self.grid.bench, self.grid.period
        used = np.array(self.used)
        kinds = period.kinds(rows)
        high, low = self._extent(rows)
        cost = sum(bench.cost[doses].sum(axis=1) * times for doses, times in kinds)
        # Equal doses where the day can be shared equally; else doses that are not far apart count as even.
        slack = np.where(self.shared(sum(doses.sum(axis=1) * times for doses, times in kinds)), 0, self.even)
        return np.stack(
            [
                sum(((doses == 0) & used).sum(axis=1) * times for doses, times in kinds),
                np.maximum(high - low - slack, 0),
                *([(rows[:, -1] > 0).astype(np.int64)] if period.mixed else []),
                sum((~bench.friendly[doses]).sum(axis=1) * times for doses, times in kinds),
                cost // SPLITS,
                cost % SPLITS,
            ],
            axis=1,
        )

    def _extent(self, rows: Rows) -> tuple[Ints, Ints]:
        return extent(rows[:, :-1] if self.grid.period.mixed else rows)

    def ties(self, rows: Rows) -> Rows:
        """Spread over the day, then the doses in the order in which they give way, then fewer days of the lower kind."""
        high, low = self._extent(rows)
        n = len(self.grid.problem.slots)
        whole = [rows[:, k * n + i] for k in range(rows.shape[1] // n) for i in self.order]
        return np.stack([high - low, *whole, *([rows[:, -1]] if self.grid.period.mixed else [])], axis=1)


def _bounded(size: int) -> None:
    if size > MOST_GRID:
        raise RefusedError(
            Problem(
                "There are too many ways to split a day over its dose times to search them all.",
                "slots",
                "Use fewer dose times, coarser marks, or max_difference_between_doses_mg.",
            )
        )


def extent(rows: Rows) -> tuple[Ints, Ints]:
    """The largest and the smallest dose of each day, doses of zero apart."""
    high = rows.max(axis=1)
    low = np.where(rows == 0, np.iinfo(np.int64).max, rows).min(axis=1)
    return high, np.where(high == 0, 0, low)


def pack(levels: Sequence[Rows], steps: int) -> tuple[list[Ints], list[int]]:
    """Each row's levels as one number whose sums over the steps compare in order of the levels, and the weights."""
    most = np.stack([x.max(axis=0) for x in levels if len(x)]).max(axis=0)
    radix = [(int(m) + 1) * steps + 1 for m in most]
    weights = [1]
    for r in reversed(radix[1:]):
        weights.append(weights[-1] * r)
    weights.reverse()
    big = weights[0] * radix[0] >= 1 << 60
    if big:
        return [x.astype(object) @ np.array(weights, dtype=object) for x in levels], weights
    w = np.array(weights, np.int64)
    return [x @ w for x in levels], weights


@define
class Graph:
    """Ways to split each day along the optimal moves, pruned level by level."""

    layers: list[Rows]
    edges: list[npt.NDArray[np.bool_]]

    def prune(self, costs: Sequence[npt.NDArray[Any]]) -> int | None:
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


@frozen
class Answer:
    rows: tuple[tuple[int, ...], ...]
    cost: int
    sums: tuple[int, ...]


def follow(grid: Grid, layers: list[list[int]], moves: list[set[tuple[int, int]]]) -> Answer | None:
    """The best splits along optimal totals: more and more ways a total, until no way left out could be better."""
    splits = Splits(grid)
    states = grid.states
    totals = sorted({states[j] for layer in layers for j in layer})
    every: dict[int, Rows] = {}
    levels: dict[int, Rows] = {}
    mode = dict.fromkeys(totals, ALL if len(grid.problem.slots) == 1 else KIND)
    while True:
        for t in totals:
            while t not in every:
                rows = splits.rows(t, mode[t])
                if len(rows):
                    found = splits.levels(rows)
                    # Even and complete days can be judged from the near ones alone; others need every way.
                    if mode[t] == ALL or not found[:, :2].sum(axis=1).min():
                        every[t], levels[t] = rows, found
                        break
                elif mode[t] == ALL:
                    return None
                mode[t] += 1
        packed_list, weights = pack([levels[t] for t in totals], len(layers))
        packed = dict(zip(totals, packed_list, strict=True))
        best = {t: packed[t].min() for t in totals}
        # What a mode leaves out has at least one unit of unevenness, or two unfriendly doses.
        odd = 3 if grid.period.mixed else 2
        left_out = {KIND: min(weights[1], 2 * weights[odd]), FAIR: weights[1]}
        for width in (0, 24, 240, None):
            chosen, gaps = {}, []
            for t in totals:
                cost = packed[t]
                if width is None or (len(cost) == 1):
                    pick = np.arange(len(cost))
                elif width == 0:
                    pick = np.nonzero(cost == best[t])[0]
                else:
                    pick = np.nonzero(cost <= np.partition(cost, min(width, len(cost)) - 1)[min(width, len(cost)) - 1])[
                        0
                    ]
                chosen[t] = pick
                if len(pick) < len(cost):
                    rest = np.ones(len(cost), np.bool_)
                    rest[pick] = False
                    gaps.append(int(cost[rest].min() - best[t]))
                if mode[t] != ALL:
                    gaps.append(left_out[mode[t]] - int(best[t]))
            if sum(len(chosen[states[j]]) for layer in layers for j in layer) > 200_000:
                break
            answer = _course(grid, splits, layers, moves, every, packed, chosen, levels)
            bound = _bound(layers, moves, states, best)
            if answer is not None and (not gaps or answer.cost < bound + min(gaps)):
                return answer
            if answer is None and not gaps:
                return None
        if all(m == ALL for m in mode.values()):
            return None
        for t in totals:
            if mode[t] != ALL:
                mode[t] += 1
                del every[t]


def _bound(layers: list[list[int]], moves: list[set[tuple[int, int]]], states: list[int], best: dict[int, int]) -> int:
    """What the splits of any course must cost at least: every day at the best its total allows."""
    ahead = dict.fromkeys(layers[-1], 0)
    for k in range(len(layers) - 1, -1, -1):
        before: dict[int, int] = {}
        for i, j in moves[k]:
            if j in ahead:
                value = int(best[states[j]]) + ahead[j]
                before[i] = min(before.get(i, value), value)
        ahead = before
    return ahead[0]


def _course(
    grid: Grid,
    splits: Splits,
    layers: list[list[int]],
    moves: list[set[tuple[int, int]]],
    every: dict[int, Rows],
    packed: dict[int, Ints],
    chosen: dict[int, npt.NDArray[np.int64]],
    levels: dict[int, Rows],
) -> Answer | None:
    p, states = grid.problem, grid.states
    start = None
    if p.start is not None:
        start = grid.period.constant(np.array([[grid.units(x) for x in p.start]], np.int64))
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
            edge &= grid.period.follows(before_rows, rows, grid.down)
        rows_of.append(rows)
        costs.append(cost)
        edges.append(edge)
        before_rows, before_state = rows, state
    graph = Graph(rows_of, edges)
    best = graph.prune(costs)
    if best is None:
        return None
    if any(len(rows) > 1 for rows in graph.layers):
        graph.prune(pack([splits.ties(rows) for rows in graph.layers], len(layers))[0])
    course = graph.first()
    whole = splits.levels(np.array(course, np.int64)).sum(axis=0)
    return Answer(tuple(course), best, tuple(int(x) for x in whole))
