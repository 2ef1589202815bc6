"""Turns a grid into the best course by one programme over all splits of all totals: exact where totals alone lead nowhere.

Knows no effect by itself: limits and distances are those of :mod:`posology.taper.totals`. Slower, so it is the second choice.

Whether a split can be reached needs no pair of splits: of all splits reached before it whose every dose is no smaller, the
one that is furthest along may go furthest, so one running maximum along each dose time answers for all at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from attrs import define

from posology.errors import Problem, RefusedError
from posology.taper.grid import Grid
from posology.taper.pieces import Ints
from posology.taper.splits import ALL, MOST_GRID, Answer, Graph, Rows, Splits, pack
from posology.taper.totals import Totals, first

if TYPE_CHECKING:
    import numpy.typing as npt

    Mask: TypeAlias = "npt.NDArray[np.bool_]"

MOST_PAIRS = 25_000_000
"""Up to this many moves between the splits of two steps are compared one with another."""


def joint(grid: Grid, n: int, tolerance: int) -> tuple[Answer, int, int, int, int] | None:
    """The best course of ``n`` changes, the smallest worst step, the one allowed, the worst distance and their sum.

    None where there is no course; raises :class:`RefusedError` where there are too many ways to split a day.
    """
    every = Every(grid)
    if not len(every.rows):
        return None
    totals = Totals(grid, n, tolerance)

    def bounded(distance: int | None) -> list[Mask] | None:
        bounds = totals.bounds(distance)
        return None if bounds is None else [(every.state >= a) & (every.state <= b) for a, b in bounds]

    def reached(worst: int, allowed: list[Mask] | None) -> list[Mask] | None:
        """The splits that can be reached after each change; None where the target cannot."""
        if allowed is None:
            return None
        now, found = None, []
        for mask in allowed:
            now = every.after(now, worst) & mask
            if not now.any():
                return None
            found.append(now)
        return found

    def least(low: int, test: Callable[[int], bool]) -> int | None:
        return first(low, 1024, test) if test(1 << 40) else None

    everywhere = bounded(None)
    least_worst = least(grid.origin.worst, lambda w: reached(w, everywhere) is not None)
    if least_worst is None:
        return None
    worst = max(least_worst, totals.published_worst) + tolerance
    distance = least(grid.origin.distance, lambda d: reached(worst, bounded(d)) is not None)
    assert distance is not None
    kept = reached(worst, bounded(distance))
    assert kept is not None
    for k in range(n - 2, -1, -1):
        kept[k] &= every.before(kept[k + 1], worst)
    layers, edges = [], []
    for k, mask in enumerate(kept):
        edges.append(every.moves(kept[k - 1] if k else None, mask, worst))
        layers.append(np.concatenate([every.state[mask][:, None], every.rows[mask]], axis=1))
    splits, end = every.splits, len(grid.states) - 1
    graph = Graph(layers, edges)
    total = graph.prune([totals.distances(k, 0, end)[x[:, 0]] for k, x in enumerate(layers)])
    assert total is not None
    best = graph.prune(pack([splits.levels(x[:, 1:]) for x in graph.layers], n)[0])
    assert best is not None
    graph.prune(pack([splits.ties(x[:, 1:]) for x in graph.layers], n)[0])
    course = [x[1:] for x in graph.first()]
    whole = splits.levels(np.array(course, np.int64)).sum(axis=0)
    return Answer(tuple(course), best, tuple(int(x) for x in whole)), least_worst, worst, distance, total


@define(slots=False)
class Every:
    """All ways to split all totals: ``rows``, and the place of each one's total among the states of the grid."""

    grid: Grid

    @cached_property
    def splits(self) -> Splits:
        return Splits(self.grid)

    @cached_property
    def _found(self) -> tuple[Rows, Ints]:
        grid = self.grid
        parts, count = [], 0
        for j, total in enumerate(grid.states):
            if j or grid.stay:
                rows = self.splits.rows(total, ALL)
                count += len(rows)
                if count > MOST_GRID or (grid.period.mixed and count * count > MOST_PAIRS):
                    raise _too_many(count)
                parts.append((j, rows))
        rows = np.concatenate([r for _, r in parts]) if parts else np.zeros((0, 1), np.int64)
        state = [np.full(len(r), j, np.int64) for j, r in parts]
        return rows, np.concatenate(state) if state else np.zeros(0, np.int64)

    @property
    def rows(self) -> Rows:
        return self._found[0]

    @property
    def state(self) -> Ints:
        return self._found[1]

    @cached_property
    def _start(self) -> Rows | None:
        p, grid = self.grid.problem, self.grid
        if p.start is None:
            return None
        return grid.period.constant(np.array([[grid.units(x) for x in p.start]], np.int64))

    @cached_property
    def _lattice(self) -> tuple[tuple[int, ...], Ints]:
        """The shape of a lattice of the doses at each dose time, and where each row stands in it."""
        places, shape = [], []
        for s in range(self.rows.shape[1]):
            doses, where = np.unique(self.rows[:, s], return_inverse=True)
            places.append(where)
            shape.append(len(doses))
        if prod(shape) > MOST_GRID:
            raise _too_many(len(self.rows))
        return tuple(shape), np.ravel_multi_index(places, shape).astype(np.int64)

    _last: tuple[int, tuple[Ints, Mask]] | None = None

    def _reach(self, worst: int) -> tuple[Ints, Mask]:
        """How far each state may move when no change is larger than ``worst``; the last answer is kept for every step."""
        if self._last is None or self._last[0] != worst:
            self._last = (worst, self._reach_of(worst))
        return self._last[1]

    def _reach_of(self, worst: int) -> tuple[Ints, Mask]:
        grid = self.grid
        place, end = np.array(grid.place, np.int64), len(grid.states) - 1
        free = np.array(grid.free) & (place[end] - place <= worst)
        return np.array(grid.within(grid.reach, worst), np.int64), free

    def _behind(self, now: Mask, upwards: bool) -> Ints:
        """For each row, the furthest place of those in ``now`` with no dose smaller (``upwards``: none larger, the least)."""
        shape, at = self._lattice
        worst = len(self.grid.states) if upwards else -1
        found = np.full(prod(shape), worst, np.int64)
        found[at[now]] = self.state[now]
        grid = found.reshape(shape)
        larger = self.grid.down != upwards
        pick = np.minimum if upwards else np.maximum
        for axis in range(len(shape)):
            grid = np.flip(pick.accumulate(np.flip(grid, axis), axis), axis) if larger else pick.accumulate(grid, axis)
        return grid.reshape(-1)[at]

    def after(self, now: Mask | None, worst: int) -> Mask:
        """The rows that one change from one of ``now`` (None: from the start) leads to."""
        reach, free = self._reach(worst)
        end = len(self.grid.states) - 1
        if now is None:
            ok = self.state <= (end if free[0] else reach[0])
            return (
                ok if self._start is None else ok & self.grid.period.follows(self._start, self.rows, self.grid.down)[0]
            )
        if self.grid.period.mixed:
            return np.asarray(self.moves(now, np.ones(len(self.rows), np.bool_), worst).any(axis=0))
        far = self._behind(now, upwards=False)
        found = far >= 0
        far = np.maximum(far, 0)
        ends: Mask = found & ((self.state <= reach[far]) | (free[far] & (self.state == end)))
        return ends

    def before(self, following: Mask, worst: int) -> Mask:
        """The rows from which one change leads to one of ``following``."""
        reach, free = self._reach(worst)
        end = len(self.grid.states) - 1
        if self.grid.period.mixed:
            return np.asarray(self.moves(np.ones(len(self.rows), np.bool_), following, worst).any(axis=1))
        near = self._behind(following, upwards=True)
        ends: Mask = near <= reach[self.state]
        if (following & (self.state == end)).any():
            last = self._behind(following & (self.state == end), upwards=True)
            ends |= free[self.state] & (last == end)
        return ends

    def moves(self, now: Mask | None, following: Mask, worst: int) -> Mask:
        """Every change from a row of ``now`` (None: from the start) to one of ``following``, as a table."""
        if now is None:
            return self.after(None, worst)[following][None, :]
        if int(now.sum()) * int(following.sum()) > MOST_PAIRS:
            raise _too_many(int(following.sum()))
        reach, free = self._reach(worst)
        a, b = self.state[now], self.state[following]
        ok = (a[:, None] <= b[None, :]) & (b[None, :] <= reach[a][:, None])
        ok |= free[a][:, None] & (b == len(self.grid.states) - 1)[None, :]
        ok &= self.grid.period.follows(self.rows[now], self.rows[following], self.grid.down)
        return ok


def _too_many(count: int) -> RefusedError:
    return RefusedError(
        Problem(
            f"There are {count} ways to split a day, too many to search exactly.",
            "slots",
            "Use fewer dose times, coarser marks, or max_difference_between_doses_mg.",
        )
    )
