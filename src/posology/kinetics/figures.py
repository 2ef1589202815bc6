"""Turns a schedule and a window of time into exact figures: area, extremes, and time below a threshold.

Knows no sample grid: between two events the concentration is a sum of exponentials, whose area has a closed form and
whose turning points and crossings are bracketed one by one and then solved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from posology.errors import Problem, UnreadableError, raise_all
from posology.kinetics.engine import Course, Crowd, trail
from posology.kinetics.exponentials import Array
from posology.kinetics.system import System

_TIE = 1e-13
"""Extremes closer than this are the same one, met again: at a steady state each interval has the same, and the earliest counts."""


@frozen(eq=False)
class Metrics:
    """Exact figures over [start, end]; numbers for one subject, arrays (N,) for N.

    ``auc`` (mg h/L), ``cavg``, ``cmax``, ``cmin``, ``trough`` (at the end, before a dose there; mg/L), ``tmax`` and
    ``tmin`` (h, the earliest), ``time_below`` and ``time_above`` the threshold (h), ``fraction_below``, ``ptf`` = (cmax -
    cmin) / cavg, ``swing`` = (cmax - cmin) / cmin (infinite where cmin is 0). A dose at ``end`` itself is not in the window.
    """

    start: float
    end: float
    threshold: float | None
    auc: Any
    cmax: Any
    tmax: Any
    cmin: Any
    tmin: Any
    trough: Any
    time_below: Any

    @property
    def cavg(self) -> Any:
        """The area over the length of the window, mg/L."""
        return self.auc / (self.end - self.start)

    @property
    def time_above(self) -> Any:
        """The rest of the window, h; None without a threshold."""
        return None if self.time_below is None else (self.end - self.start) - self.time_below

    @property
    def fraction_below(self) -> Any:
        """The share of the window below the threshold."""
        return None if self.time_below is None else self.time_below / (self.end - self.start)

    @property
    def ptf(self) -> Any:
        """Peak-trough fluctuation: (cmax - cmin) / cavg."""
        return _ratio(self.cmax - self.cmin, self.cavg)

    @property
    def swing(self) -> Any:
        """(cmax - cmin) / cmin."""
        return _ratio(self.cmax - self.cmin, self.cmin)

    def as_dict(self) -> dict[str, Any]:
        """Every figure by its name, without those that need a threshold where there is none."""
        names = ("start", "end", "threshold", "auc", "cavg", "cmax", "tmax", "cmin", "tmin", "trough", "time_below",
                 "time_above", "fraction_below", "ptf", "swing")  # fmt: skip
        return {k: getattr(self, k) for k in names if getattr(self, k) is not None}


def _ratio(a: Any, b: Any) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.divide(a, b)
    return float(out) if np.ndim(out) == 0 else out


_VANISHED = 600.0  # exp(-600) is 1e-261: still a number, and far below anything that could be an extreme


class Piece:
    """The concentration between two events, for many intervals or subjects at once: states ``x`` (S, n), ``length`` (n,)."""

    def __init__(self, system: System, x: Array, length: Array) -> None:
        self.system, self.x, self.length = system, x, length
        self.active = [j for j in range(len(x)) if np.any(x[j] > 0)]

    def value(self, s: Array) -> Array:
        """mg/L after ``s`` hours."""
        return self._state("central", s)

    def _state(self, target: str, s: Array) -> Array:
        total = np.zeros(len(self.length))
        for j in self.active:
            part = self.system.response(target, self.system.states[j], s)
            if part is not None:
                total += part * self.x[j]
        return total

    def area(self) -> Array:
        """mg h/L over the whole piece."""
        return self._state("area", self.length)

    def turning(self) -> list[Array]:
        """The turning points inside, as arrays of hours from the start, NaN where there is none.

        With m rates r, C' has at most m - 1 zeros. (D + r1) takes one exponential out of C', and between two zeros of
        what is left exp(r1 t) C' is monotone: so the zeros are found from the simplest function upwards (Rolle).
        C' is the response of C to the state M x, in which a running infusion has no part: no plateau hides its sign.
        """
        if not self.active:
            return []
        if self.system.states[-1] == "central" and len(self.x) == 2 and self.system.chain:
            return [self._peak()]
        # the fastest are taken out first: what is left then never dies away before the concentration does
        rates = np.sort(np.stack(np.broadcast_arrays(*self.system.all_rates())), axis=0)[::-1]
        if len(rates) == 1:
            return []  # falls, or rises to a plateau under an infusion: no turning point inside
        m = self.system.rates()
        levels = [np.einsum("kjn,jn->kn", m, self.x)]
        for r in rates[:-2]:
            levels.append(np.einsum("kjn,jn->kn", m, levels[-1]) + levels[-1] * r)
        # past this even the slowest exponential is nothing, and a sign is lost in the underflow
        far = np.minimum(self.length, _VANISHED / rates[-1])
        zeros: list[Array] = []
        for level in reversed(levels):
            zeros = self._zeros(level, far, zeros)
        return zeros

    def _peak(self) -> Array:
        """One compartment and a depot d: ka d exp(-ka t) = ke C(t), solved without dividing by ka - ke where they meet."""
        ka, ke = self.system.all_rates()
        d, c = self.x
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # long after a stop hardly any d is left
            z = (ka * d - ke * c) / (ka * ka * d)
            x = (ka - ke) + 0.0 * z
            t = np.where(x == 0.0, z, -np.log1p(-x * z) / np.where(x == 0.0, 1.0, x))
        inside: Array = np.where((t > 0) & (t < self.length), t, np.nan)
        return inside

    def _zeros(self, state: Array, far: Array, marks: list[Array]) -> list[Array]:
        """The zeros up to ``far`` of what ``state`` becomes in the blood, one at most between two of the marks."""
        parts = [(name, x) for name, x in zip(self.system.states, state, strict=True) if np.any(x)]

        def f(s: Array) -> Array:
            total = np.zeros(len(self.length))
            for name, x in parts:
                part = self.system.response("central", name, s)
                if part is not None:
                    total += part * x
            return total

        ends = [np.zeros(len(self.length)), *marks, far]
        filled = list(np.sort(np.stack([np.where(np.isnan(e), far, e) for e in ends]), axis=0))
        values = [f(e) for e in filled]
        found = []
        for a, b, fa, fb in zip(filled, filled[1:], values, values[1:], strict=False):
            wanted = (fa < 0) != (fb < 0)
            found.append(solve(f, a, b, fa, fb, wanted) if wanted.any() else np.full(len(self.length), np.nan))
        return found


def solve(f: Callable[[Array], Array], a: Array, b: Array, fa: Array, fb: Array, wanted: NDArray[np.bool_]) -> Array:
    """The zero of f in each bracket [a, b] where ``wanted``, NaN elsewhere: bisection guarded inverse interpolation.

    Method: Chandrupatla 1997 (Adv. Eng. Softw. 28:145), on whole arrays.
    """
    x1, x2, f1, f2 = b.copy(), a.copy(), fb.copy(), fa.copy()
    x3, f3 = x1.copy(), f1.copy()
    t = np.full(len(a), 0.5)
    best = np.where(np.abs(f1) < np.abs(f2), x1, x2)
    for _ in range(200):
        x = x1 + t * (x2 - x1)
        fx = f(x)
        same = (fx < 0) == (f1 < 0)
        x3 = np.where(same, x1, x2)
        f3 = np.where(same, f1, f2)
        x2 = np.where(same, x2, x1)
        f2 = np.where(same, f2, f1)
        x1, f1 = x, fx
        best = np.where(np.abs(f1) < np.abs(f2), x1, x2)
        width = np.abs(x2 - x1)
        limit = 2.0 * (2.3e-16 * np.abs(best) + 1e-18)
        if np.all(~wanted | (width <= limit) | (f1 == 0)):
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            xi = (x1 - x2) / (x3 - x2)
            phi = (f1 - f2) / (f3 - f2)
            ready = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            step = f1 / (f2 - f1) * f3 / (f2 - f3) + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
            least = np.where(width > 0, limit / 2 / np.where(width > 0, width, 1.0), 0.5)
        t = np.where(ready & np.isfinite(step), step, 0.5)
        t = np.clip(t, np.minimum(least, 0.5), 1 - np.minimum(least, 0.5))
    return np.where(wanted, best, np.nan)


def _over(piece: Piece, level: float, s: Array) -> Array:
    return piece.value(s) - level


class _Tally:
    """Collects pieces in time order into the figures of each subject."""

    def __init__(self, n: int, threshold: float | None) -> None:
        self.threshold = threshold
        self.auc = np.zeros(n)
        self.cmax, self.tmax = np.full(n, -np.inf), np.zeros(n)
        self.cmin, self.tmin = np.full(n, np.inf), np.zeros(n)
        self.below = np.zeros(n)
        self.last = np.zeros(n)

    def take(self, who: Any, start: Any, piece: Piece) -> None:
        """``who``: the subject of each column, each at most once (or one subject: fold the columns in their order)."""
        inner = piece.turning()
        nodes = [np.zeros(len(piece.length)), *inner, piece.length]
        nodes = list(np.sort(np.stack([np.where(np.isnan(p), piece.length, p) for p in nodes]), axis=0))
        values = [piece.value(p) for p in nodes]
        below = np.zeros(len(piece.length))
        if self.threshold is not None:
            for a, b, fa, fb in zip(nodes, nodes[1:], values, values[1:], strict=False):
                under_a, under_b = fa < self.threshold, fb < self.threshold
                below += np.where(under_a & under_b, b - a, 0.0)
                cross = under_a != under_b
                if cross.any():
                    level = float(self.threshold)
                    root = solve(partial(_over, piece, level), a, b, fa - level, fb - level, cross)
                    below += np.where(cross, np.where(under_a, root - a, b - root), 0.0)
        self._fold(who, start, nodes, values, piece.area(), below)

    def _fold(self, who: Any, start: Any, nodes: list[Array], values: list[Array], area: Array, below: Array) -> None:
        if who is None:  # one subject, the columns are its intervals in order
            self.auc[0] += area.sum()
            self.below[0] += below.sum()
            t = np.stack([start + p for p in nodes]).T.reshape(-1)
            c = np.stack(values).T.reshape(-1)
            high, low = c.max(), c.min()
            if high > self.cmax[0] * (1 + _TIE):
                self.tmax[0] = t[np.argmax(c >= high * (1 - _TIE))]
            if low < self.cmin[0] * (1 - _TIE):
                self.tmin[0] = t[np.argmax(c <= low * (1 + _TIE))]
            self.cmax[0], self.cmin[0] = max(high, self.cmax[0]), min(low, self.cmin[0])
            self.last[0] = c[-1]
            return
        self.auc += area
        self.below += below
        for p, c in zip(nodes, values, strict=True):
            self.tmax = np.where(c > self.cmax * (1 + _TIE), start + p, self.tmax)
            self.tmin = np.where(c < self.cmin * (1 - _TIE), start + p, self.tmin)
            self.cmax, self.cmin = np.maximum(c, self.cmax), np.minimum(c, self.cmin)
        self.last = values[-1]


def check_window(start: Any, end: Any, threshold: Any) -> None:
    """A window that goes forward, and a threshold that is a concentration."""
    problems = []
    if not (_finite(start) and _finite(end) and end > start):
        problems.append(
            Problem(f"This is not a window: {start!r} to {end!r}.", "window", "Give start before end, hours.")
        )
    if threshold is not None and not (_finite(threshold) and threshold >= 0):
        problems.append(Problem(f"This is not a threshold: {threshold!r}.", "threshold", "Give mg/L, 0 or more."))
    raise_all(UnreadableError, problems)


def _finite(value: Any) -> bool:
    return (
        not isinstance(value, bool) and isinstance(value, int | float | np.number) and bool(np.isfinite(float(value)))
    )


def measure(course: Course, start: float, end: float, threshold: float | None) -> Metrics:
    """The figures of one course (one subject, or many on one schedule)."""
    n = max(1, course.subjects)
    tally = _Tally(n, threshold)
    if course.subjects:
        _many(course, start, end, tally)
    else:
        _one(course, start, end, tally)

    def plain(v: Array) -> Any:
        return v if course.subjects else float(v[0])

    return Metrics(
        start, end, threshold, plain(tally.auc), plain(tally.cmax), plain(tally.tmax), plain(tally.cmin),
        plain(tally.tmin), plain(tally.last), None if threshold is None else plain(tally.below),
    )  # fmt: skip


def _nothing(tally: _Tally, start: float, length: float) -> None:
    """A stretch before the first dose: zero throughout."""
    zero = np.zeros(len(tally.auc))
    tally._fold(
        None if len(zero) == 1 else ..., start, [zero, zero + length], [zero, zero], zero,
        zero + (length if tally.threshold else 0.0),
    )  # fmt: skip


def _one(course: Course, start: float, end: float, tally: _Tally) -> None:
    walked = trail(course)
    edges = np.concatenate([[start], walked.times[(walked.times > start) & (walked.times < end)], [end]])
    at = np.searchsorted(walked.times, edges[:-1], side="right") - 1
    if at[0] < 0:
        _nothing(tally, start, float(edges[1] - edges[0]))
    runs: list[list[int]] = []
    for i, k in enumerate(at.tolist()):
        if k < 0:
            continue
        if runs and walked.segments[at[runs[-1][0]]] == walked.segments[k]:
            runs[-1].append(i)
        else:
            runs.append([i])
    for run in runs:
        here = np.array(run)
        system = course.systems[int(walked.segments[at[here[0]]])]
        x = walked.values[at[here]].T.copy()
        ahead = edges[here] - walked.times[at[here]]
        late = ahead > 0
        if late.any():  # the window opens between two events: carry the state to it
            moved = system.matrix(ahead[late], (int(late.sum()),))
            x[:, late] = np.einsum("ijn,jn->in", moved, x[:, late])
        tally.take(None, edges[here], Piece(system, x, edges[here + 1] - edges[here]))


def _many(course: Course, start: float, end: float, tally: _Tally) -> None:
    n = course.subjects
    crowd = Crowd(course)
    now = start
    began = False

    def close(until: float) -> None:
        nonlocal began
        if not began:
            _nothing(tally, now, until - now)
            return
        system = course.systems[crowd.segment]
        x = np.zeros_like(crowd.x)
        x[list(crowd.on)] = crowd.x[list(crowd.on)]
        ahead = now - crowd.time
        if ahead > 0:
            x = np.einsum("ijn,jn->in", system.matrix(ahead, (n,)), x)
        tally.take(..., now, Piece(system, x, np.full(n, until - now)))

    for step in course.steps:
        if step.time <= start:
            crowd.advance(step)
            began = True
        elif step.time < end:
            close(step.time)
            crowd.advance(step)
            began, now = True, step.time
    close(end)


def crossings(course: Course, start: float, end: float, threshold: float) -> list[tuple[float, bool]]:
    """The times in [start, end] at which one subject's concentration crosses, and whether it rises: in time order.

    A dose straight into the blood that jumps over the threshold counts at its own time.
    """
    walked = trail(course)
    edges = np.concatenate([[start], walked.times[(walked.times > start) & (walked.times < end)], [end]]).tolist()
    out: list[tuple[float, bool]] = []
    was: bool | None = None
    for a, b in pairwise(edges):
        k = int(np.searchsorted(walked.times, a, side="right")) - 1
        if k < 0:
            was = threshold <= 0.0
            continue
        system = course.systems[int(walked.segments[k])]
        x = walked.values[k][:, None]
        if a > walked.times[k]:
            x = np.einsum("ijn,jn->in", system.matrix(np.array([a - walked.times[k]]), (1,)), x)
        piece = Piece(system, x, np.array([b - a]))
        nodes = sorted([0.0, *(float(z[0]) for z in piece.turning() if z[0] == z[0]), b - a])
        values = [float(piece.value(np.array([s]))[0]) for s in nodes]
        above = values[0] >= threshold
        if was is not None and above != was:
            out.append((a, above))
        for s, e, fs, fe in zip(nodes, nodes[1:], values, values[1:], strict=False):
            if (fs >= threshold) != (fe >= threshold):
                root = solve(
                    partial(_over, piece, threshold),
                    np.array([s]), np.array([e]), np.array([fs - threshold]), np.array([fe - threshold]), np.array([True]),
                )  # fmt: skip
                out.append((a + float(root[0]), fe >= threshold))
        was = values[-1] >= threshold
    return out


def windows(doses: Sequence[Any], end: float) -> list[tuple[float, float]]:
    """The stretches between one dose time and the next, the last one up to ``end``."""
    times = sorted({float(d.time) for d in doses if np.any(np.asarray(d.amt) > 0) and d.time < end})
    return list(zip(times, [*times[1:], end], strict=True))
