"""Turns the states at each event into the hours each subject spends under a threshold, event after event, exactly.

Knows no sample time and no percentile. A regular plan crosses a threshold at nearly the same places after each dose, and
in the end at the same ones. The concentration is linear in the states, so from the response at the last place one corrected
step gives the next crossing, with no exponential. Only who moved too far for that is solved anew, from there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import attrs
import numpy as np
from attrs import define, field
from numpy.typing import NDArray

from posology.kinetics.exponentials import Array
from posology.kinetics.figures import Piece
from posology.kinetics.system import System

_NEAR = 5e-4
"""A step is taken where it is under this part of the distance over which the curve bends: its error is of the third order."""
_SURE = 1e-8  # hours: a crossing solved anew is known to this
_SAME = 1e-10  # states that moved by less, as a part, give the same hours
_ROOM = 48_000_000  # bytes kept for places that may come back


@define(eq=False)
class _Place:
    """What is known of a stretch between two events, for every subject: K crossings at most, J states that reach the blood.

    ``at`` (K, N) hours; ``response`` and ``slope`` (K, J, N) there; ``bend`` and ``reach`` (K, N): half of f''/f', and the
    inverse of the distance over which a step is good; ``sign`` (K, N): 1 rising, -1 falling, 0 no crossing.
    ``states`` and ``limit`` (J, N): the states this was solved for, and how far each may move with nothing else changing.
    ``base`` (N,): the time under the threshold but for the crossings.
    ``last`` (J, N) and ``hours`` (N,): the states last met, and the time under the threshold they gave.
    """

    at: Array
    response: Array
    slope: Array
    bend: Array
    reach: Array
    sign: Array
    states: Array
    limit: Array
    base: Array
    last: Array
    hours: Array

    @classmethod
    def blank(cls, crossings: int, sources: int, n: int) -> _Place:
        k, kj, j = (crossings, n), (crossings, sources, n), (sources, n)
        # a limit below 0 lets no state pass, and none is the same as -1: everybody is solved once
        return cls(
            at=np.zeros(k), response=np.zeros(kj), slope=np.zeros(kj), bend=np.zeros(k), reach=np.zeros(k), sign=np.zeros(k),
            states=np.zeros(j), limit=np.full(j, -1.0), base=np.zeros(n), last=np.full(j, -1.0), hours=np.zeros(n),
        )  # fmt: skip

    def of(self, who: Any) -> _Place:
        """The same of some subjects."""
        return _Place(*(getattr(self, f.name)[..., who] for f in attrs.fields(_Place)))

    def put(self, who: Any, other: _Place) -> None:
        """Take over what is known of some subjects."""
        for f in attrs.fields(_Place):
            getattr(self, f.name)[..., who] = getattr(other, f.name)

    @property
    def bytes(self) -> int:
        """The memory held."""
        return sum(getattr(self, f.name).nbytes for f in attrs.fields(_Place))


@define(eq=False)
class Under:
    """Adds up the hours under a threshold (mg/L) of N subjects on one schedule."""

    n: int
    threshold: float
    hours: Array = field(init=False)
    _places: dict[Any, _Place] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.hours = np.zeros(self.n)

    def take(self, system: System, on: tuple[int, ...], x: Array, start: float, end: float) -> None:
        """A stretch from ``start`` to ``end`` hours after an event that left the states ``x`` (S, N), of which ``on`` hold anything."""
        if self.threshold <= 0.0 or end <= start:
            return
        sources = tuple(j for j in on if system.terms("central", system.states[j]))
        if not sources:
            self.hours += end - start
            return
        key = (id(system), sources, round(start, 9), round(end, 9))
        place = self._places.pop(key, None) or self._fresh(len(system.all_rates()), len(sources))
        rows = [x[j] for j in sources]
        moved = self._moved(place, rows)
        if 16 * len(moved) > self.n:  # choosing costs more than working out some for nothing
            place = self._update(system, sources, place, np.stack(rows), start, end)
        elif len(moved):
            states = np.stack([r[moved] for r in rows])
            place.put(moved, self._update(system.take(moved), sources, place.of(moved), states, start, end))
        self._places[key] = place  # the last used comes last
        self.hours += place.hours

    def _fresh(self, crossings: int, sources: int) -> _Place:
        """An empty place, with the crossings of the last one as the first to try."""
        place = _Place.blank(crossings, sources, self.n)
        for other in reversed(self._places.values()):
            if other.at.shape == place.at.shape:
                place.at[...] = other.at
                break
        while self._places and sum(p.bytes for p in self._places.values()) + place.bytes > _ROOM:
            self._places.pop(next(iter(self._places)))
        return place

    def _moved(self, place: _Place, rows: list[Array]) -> NDArray[np.intp]:
        """Who is in other states than when last met."""
        same = np.ones(self.n, np.bool_)
        for row, last in zip(rows, place.last, strict=True):
            same &= np.abs(row - last) <= _SAME * row
        return np.flatnonzero(~same)

    def _update(
        self, system: System, sources: tuple[int, ...], place: _Place, states: Array, start: float, end: float
    ) -> _Place:
        """The hours of subjects in new states: by one step each where it is good, else anew."""
        steps, kept, good = self._steps(place, states)
        place.last = states
        place.hours = place.base.copy()
        for sign, at, step in zip(place.sign, place.at, steps, strict=True):
            if sign.any():
                place.hours += sign * (at + step)
        bad = len(good) - int(np.count_nonzero(good))
        if 2 * bad > len(good):  # in the first days most have moved far
            return self._solve(system, sources, states, place.at + steps, start, end)
        near = np.flatnonzero(kept & ~good)  # as many crossings as before, only further off
        if 16 * len(near) > len(good):
            some = place.of(near)
            good[near] = self._again(system.take(near), sources, some, steps[:, near])
            place.put(near, some)
        lost = np.flatnonzero(~good)
        if len(lost):
            guess = place.at[:, lost] + steps[:, lost]
            place.put(lost, self._solve(system.take(lost), sources, states[:, lost], guess, start, end))
        return place

    def _steps(self, place: _Place, states: Array) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
        """The corrected step from each place to its crossing (Halley); who crosses as often as before; whose steps are good."""
        steps = np.zeros_like(place.at)
        kept = np.ones(states.shape[1], np.bool_)
        for x, held, limit in zip(states, place.states, place.limit, strict=True):
            kept &= np.abs(x - held) <= limit
        good = kept.copy()
        for k, sign in enumerate(place.sign):
            crossing = sign != 0.0
            if not crossing.any():
                continue
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                step = _weighed(place.response[k], states)
                step -= self.threshold
                step /= _weighed(place.slope[k], states)
                step /= place.bend[k] * step - 1.0
                near = np.abs(step) * place.reach[k] <= _NEAR
            good &= near | ~crossing
            steps[k] = np.where(crossing & np.isfinite(step), step, 0.0)
        return steps, kept, good

    def _again(self, system: System, sources: tuple[int, ...], place: _Place, steps: Array) -> NDArray[np.bool_]:
        """New places one step from the last ones, and who is near enough to each crossing by that."""
        fine = np.ones(steps.shape[1], np.bool_)
        hours = place.base.copy()
        for k, sign in enumerate(place.sign):
            crossing = sign != 0.0
            if not crossing.any():
                continue
            at = np.maximum(place.at[k] + steps[k], 0.0)
            found = _Look.at(system, sources, place.last, at, self.threshold)
            fine &= found.sure | ~crossing
            hours += np.where(crossing, sign * found.ahead, 0.0)
            place.at[k], place.bend[k], place.reach[k] = at, found.bend, found.reach
            for j, p in enumerate(found.parts):
                place.response[k, j], place.slope[k, j] = p[0], p[1]
        place.hours = hours
        return fine

    def _solve(
        self, system: System, sources: tuple[int, ...], states: Array, guess: Array, start: float, end: float
    ) -> _Place:
        """Everything about some subjects: how often they cross, and a place near enough to each crossing."""
        m = states.shape[1]
        whole = np.zeros((len(system.states), m))
        whole[list(sources)] = states
        piece = Piece(system, whole, np.full(m, end))
        turning = [np.clip(np.where(np.isnan(t), end, t), start, end) for t in piece.turning()]
        nodes = [np.full(m, start), *turning, np.full(m, end)]
        if len(turning) > 1:
            nodes = list(np.sort(np.stack(nodes), axis=0))
        values = [piece.value(s) for s in nodes]
        under = [v < self.threshold for v in values]
        place = _Place.blank(len(guess), len(sources), m)
        place.states, place.last = states, states.copy()
        free = np.full(m, 0.5)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            # every response is positive: a state changed by some part changes every level by that part at most
            for v in values:
                np.fmin(free, np.abs(v - self.threshold) / v, out=free)
        np.multiply(states, 0.9 * free, out=place.limit)
        place.base[...] = end * under[-1] - start * under[0]
        place.hours[...] = place.base
        for k in range(len(nodes) - 1):
            chosen = np.flatnonzero(under[k] != under[k + 1])
            if len(chosen):
                local = system if len(chosen) == m else system.take(chosen)
                low, high, below, above = (v[chosen] for v in (nodes[k], nodes[k + 1], values[k], values[k + 1]))
                at = self._first(low, high, below, above, guess[k, chosen], flat=k + 2 < len(nodes))
                self._cross(local, sources, place, k, chosen, at, low, high, below < self.threshold)
        return place

    def _first(self, low: Array, high: Array, below: Array, above: Array, guess: Array, flat: bool) -> Array:
        """Where to look first: the guess if it lies inside, else on a parabola up to a turning point, or an exponential down."""
        inside = (guess > low) & (guess < high)
        if inside.all():
            return guess
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            part = (above - self.threshold) / (above - below)
            up = 1.0 - np.sqrt(part) if flat else 1.0 - part
            down = np.log(below / self.threshold) / np.log(below / above)
            other = low + np.where(below < above, up, down) * (high - low)
        return np.where(inside, guess, np.clip(other, low, high))

    def _cross(
        self, system: System, sources: tuple[int, ...], place: _Place, k: int, who: NDArray[np.intp],
        at: Array, low: Array, high: Array, rising: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        """A place near each crossing of one branch, and the crossing: steps of the third order, halving where they fail."""
        x = place.states[:, who]
        for turn in range(200):
            found = _Look.at(system, sources, x, at, self.threshold)
            # a bracket a few digits wide may miss its crossing by one
            inside = (found.ahead >= low - _SURE) & (found.ahead <= high + _SURE)
            done = inside & found.sure | (high - low <= 1e-12 + 1e-15 * high)
            ready = np.flatnonzero(done)
            chosen = who[ready]
            sign = np.where(rising[ready], 1.0, -1.0)
            place.at[k][chosen], place.sign[k][chosen] = at[ready], sign
            place.bend[k][chosen], place.reach[k][chosen] = found.bend[ready], found.reach[ready]
            for j, p in enumerate(found.parts):
                place.response[k, j][chosen], place.slope[k, j][chosen] = p[0][ready], p[1][ready]
            place.hours[chosen] += sign * np.clip(found.ahead[ready], low[ready], high[ready])
            if len(ready) == len(who):
                return
            rest = np.flatnonzero(~done)
            short = (found.f[rest] < 0) == rising[rest]  # the crossing is further on
            low, high = np.where(short, at[rest], low[rest]), np.where(short, high[rest], at[rest])
            ahead = found.ahead[rest]
            # far above the threshold each step of an exponential is as long as the last: after some, halving is quicker
            fair = found.size[rest] < (1.0 if turn < 4 else 0.3)
            at = np.where(fair & (ahead > low) & (ahead < high), ahead, 0.5 * (low + high))
            system, who, x, rising = system.take(rest), who[rest], x[:, rest], rising[rest]


class _Look(NamedTuple):
    """The level less the threshold at some times, and the nearest crossing seen from there.

    ``size``: how far away it is, as a part of the distance over which the curve bends; ``sure``: known to ``_SURE`` hours.
    """

    parts: list[list[Array]]
    f: Array
    bend: Array
    reach: Array
    ahead: Array
    size: Array
    sure: NDArray[np.bool_]

    @classmethod
    def at(cls, system: System, sources: tuple[int, ...], x: Array, at: Array, threshold: float) -> _Look:
        parts = [system.shape("central", system.states[j], at) for j in sources]
        f, d1, d2, d3 = (_weighed(column, x) for column in zip(*parts, strict=True))
        f -= threshold
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            # f/f' = s + b s^2 + c s^3, turned round: s = u - b u^2 + (2 b^2 - c) u^3
            u, bend, twist = -f / d1, d2 / d1 * 0.5, d3 / d1 * (1.0 / 6.0)
            reach = np.maximum(np.abs(bend), np.sqrt(np.abs(twist)))
            ahead = at + u * (1.0 - u * (bend - u * (2.0 * bend * bend - twist)))
            size = np.abs(u) * reach
            sure = (size < 0.1) & (np.abs(u) * size * size * size <= 0.2 * _SURE)
        return cls(parts, f, bend, reach, ahead, size, sure)


def _weighed(parts: Any, states: Array) -> Array:
    """The sum of responses times states."""
    total: Array = parts[0] * states[0]
    for part, x in zip(parts[1:], states[1:], strict=True):
        total += part * x
    return total
