"""Turns a population into bands over time and a few figures a subject, without ever holding the whole array.

Knows no medicine. Memory grows with the number of subjects, not with time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from attrs import frozen

from posology.errors import Problem, UnreadableError
from posology.kinetics import engine
from posology.kinetics.doses import OwnDoses
from posology.kinetics.exponentials import Array
from posology.kinetics.figures import check_window
from posology.kinetics.simulation import _count, changes_of, parameters_of, walk
from posology.kinetics.threshold import Under

_SAME = 1e-11  # states that differ by less, as a part, give the same rows
_ROOM = 24_000_000  # bytes of states kept to compare with


@frozen(eq=False)
class Bands:
    """``levels``: (L,) as fractions; ``values``: (L, T) mg/L; ``highest``: (N,) the highest sample of each subject, mg/L;
    ``below``: (N,) hours under the threshold from the first to the last of the times (None without a threshold).

    ``below`` does not depend on the samples where all share the dose times (``exact``): every crossing is solved, to
    better than 1e-6 h. With dose times or lags of each subject's own, or transit absorption, straight lines are drawn
    between samples. The exact maximum of each subject is in :func:`metrics`.
    """

    times: Array
    levels: Array
    values: Array
    highest: Array
    below: Array | None
    exact: bool


def bands(
    model: Any,
    doses: Any,
    times: Any,
    subjects: Any = None,
    *,
    levels: Sequence[float] = (0.05, 0.5, 0.95),
    threshold: float | None = None,
    exact: bool = True,
    cl_changes: Sequence[Any] = (),
    progress: Callable[[float], None] | None = None,
) -> Bands:
    """Percentiles over subjects at each time (linear interpolation, Hyndman and Fan's type 7), by streaming.

    Arguments as in :func:`simulate`; times must rise. ``progress`` is called with the share done, now and then.
    ``exact`` False draws straight lines between samples for the time below: faster, and off by up to half a step a crossing.

    >>> people = [{"CL": 10.0 + i, "V": 60.0, "ka": 1.2} for i in range(5)]
    >>> b = bands({"model": "1cpt"}, [{"time": 0, "amt": 10}], [0, 1, 2], people)
    >>> b.values.shape
    (3, 3)
    """
    p = parameters_of(model, subjects)
    when = engine.check_times(times)
    if not np.all(when[1:] > when[:-1]):
        raise UnreadableError(Problem("Times must rise for bands.", "times", "Sort them and leave out repeats."))
    asked = np.asarray(levels, np.float64)
    if asked.ndim != 1 or not len(asked) or not np.all((asked >= 0) & (asked <= 1)):
        raise UnreadableError(Problem("Levels are fractions from 0 to 1.", "levels", "Give 0.05 for 5 of 100."))
    if len(when) > 1:
        check_window(float(when[0]), float(when[-1]), threshold)
    n = _count(p, doses)
    if not p.subjects:
        raise UnreadableError(Problem("Bands need several subjects.", "subjects", "Use draw(...)."))
    ranks = _Ranks(n, asked)
    values = np.empty((len(asked), len(when)))
    highest = np.zeros(n)
    shared = not isinstance(doses, OwnDoses) and np.ndim(p.values.get("tlag", 0.0)) == 0
    exact = exact and shared and not p.values.get("n_transit")  # turning points of so many rates take minutes to find
    under = Under(n, threshold) if threshold is not None and exact else None
    straight = _Straight(n, threshold) if threshold is not None and not exact else None
    room = np.empty((max(1, min(len(when), engine.BLOCK // n)), n))

    seen: dict[Any, _Seen] = {}
    new: list[tuple[Any, Array]] = []

    def known(key: Any, x: Array, lo: int, hi: int) -> bool:
        key = (key, None if straight is None else float(when[lo]) - straight.time)
        new[:] = [(key, x)]
        held = seen.get(key)
        if held is None or not (_alike(x[:, :50], held.states[:, :50]) and _alike(x[:, 50:], held.states[:, 50:])):
            return False
        if straight is not None and not straight.again(held.since, held.gained, held.row, float(when[hi - 1])):
            return False
        values[:, lo:hi] = held.values  # a steady state: neither rows, percentiles nor maximum are new
        if progress is not None:
            progress(hi / len(when))
        return True

    def done(lo: int, hi: int) -> None:
        rows = room[: hi - lo]
        for row in rows:
            np.maximum(highest, row, out=highest)
        since = gained = last = room[:0]
        if straight is not None:
            since, before = room[:0] if straight.row is None else straight.row.copy(), straight.hours.copy()
            straight.take(rows, when[lo:hi])
            gained, last = straight.hours - before, rows[-1].copy()
        values[:, lo:hi] = ranks.of(rows)  # last: it may put the values of a row in another order
        for key, x in new:
            if len(seen) * 4 * x.nbytes > _ROOM:
                seen.clear()
            seen[key] = _Seen(x.copy(), values[:, lo:hi].copy(), since, gained, last)
        if progress is not None:
            progress(hi / len(when))

    sink = engine.Sink(lambda lo, hi: [room[: hi - lo]], done, None if under is None else under.take, known)
    walk(p, doses, when, changes_of(cl_changes), {"conc": "central"}, "post", sink)
    tally = under or straight
    return Bands(when, asked, values, highest, None if tally is None else tally.hours, exact)


class _Seen(NamedTuple):
    """A stretch met before: its states and percentiles; with straight lines, the sample before it, the hours it gave and
    its last sample.
    """

    states: Array
    values: Array
    since: Array
    gained: Array
    row: Array


def _alike(x: Array, held: Array) -> bool:
    """The same states but for the last digits."""
    return x.shape == held.shape and bool(np.all(np.abs(x - held) <= _SAME * held))


class _Straight:
    """Adds up, for each subject, the time that straight lines between samples spend under a threshold.

    Whole steps under it are counted as bits, as most subjects do not cross in most steps; the few that do are worked out.
    """

    def __init__(self, n: int, threshold: float) -> None:
        self.threshold, self.hours = threshold, np.zeros(n)
        self.row: Array | None = None
        self.time = 0.0

    def take(self, rows: Array, times: Array) -> None:
        """The next samples of every subject: (m, N)."""
        n = len(self.hours)
        under = rows < self.threshold
        if self.row is not None:
            self._step(self.row, rows[0], self.row < self.threshold, under[0], float(times[0]) - self.time)
        if len(rows) > 1:
            steps = np.diff(times)
            if np.all(steps == steps[0]) and len(rows) < 250:
                both = (under[1:] & under[:-1]).view(np.uint8)
                self.hours += float(steps[0]) * np.add.reduce(both, axis=0, dtype=np.uint8)
                at = np.flatnonzero(under[1:] ^ under[:-1])
                flat = rows.reshape(-1)
                a, b = flat[at], flat[at + n]
                low = np.minimum(a, b)
                part = (self.threshold - low) / np.maximum(np.abs(a - b), 1e-300)
                self.hours += float(steps[0]) * np.bincount(at.astype(np.int32) % np.int32(n), part, n)
            else:
                for k, step in enumerate(steps.tolist()):
                    self._step(rows[k], rows[k + 1], under[k], under[k + 1], step)
        if self.row is None:
            self.row = np.empty(n)
        self.row[...] = rows[-1]
        self.time = float(times[-1])

    def _step(self, a: Array, b: Array, under_a: Any, under_b: Any, step: float) -> None:
        self.hours += step * (under_a & under_b)
        who = np.flatnonzero(under_a ^ under_b)
        low = np.minimum(a[who], b[who])
        self.hours[who] += step * (self.threshold - low) / np.abs(a[who] - b[who])

    def again(self, since: Array, gained: Array, row: Array, time: float) -> bool:
        """Take the hours of samples met before, where the sample before them was the same too."""
        if self.row is None or not _alike(self.row, since):
            return False
        self.hours += gained
        self.row[...] = row
        self.time = time
        return True


class _Ranks:
    """Exact percentiles of rows by guessing where they lie and counting whether they do.

    A regular plan meets nearly the same concentrations at the same place after each dose. The last value there, widened,
    is the guess; if the count of smaller values shows that the ranks sought lie inside, only what is inside is sorted.
    Where a guess is wrong, or there is none, the row is partitioned as usual: the result is the same.
    """

    def __init__(self, n: int, levels: Array) -> None:
        self.n = n
        place = levels * (n - 1)
        self.low = np.floor(place).astype(np.intp)
        self.high = np.minimum(self.low + 1, n - 1)
        self.share = place - self.low
        self.all = np.unique(np.concatenate([self.low, self.high]))
        self.guess: dict[int, tuple[Array, Array, Array]] = {}

    def of(self, rows: Array) -> Array:
        """The percentiles of each row: (levels, rows). Partitioned rows are left in another order."""
        m, levels = len(rows), len(self.low)
        blank = np.full((levels, m), np.nan)
        old, width, change = self.guess.get(m, (blank, blank, blank))
        found = np.full((levels, m), np.nan)
        if self.n >= 2000 and not np.isnan(old).any():
            for i in range(levels):
                if np.all(width[i] < 0.1):
                    self._count(rows, i, old[i] * (1 - width[i]), old[i] * (1 + width[i]), found[i])
        for k in np.flatnonzero(np.isnan(found).any(axis=0)).tolist():
            rows[k].partition(self.all)
            found[:, k] = rows[k][self.low] + self.share * (rows[k][self.high] - rows[k][self.low])
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = np.abs(found - old) / found
            # towards a steady state each change is a fixed part of the one before: the guess is that wide, and half more
            slowing = np.where(change > 0, np.minimum(moved / change, 1.0), 1.0)
        self.guess[m] = (found, 1.5 * slowing * moved + 20.0 / self.n, moved)
        if len(self.guess) > 64:
            self.guess.clear()
        return found

    def _count(self, rows: Array, i: int, lo: Array, hi: Array, out: Array) -> None:
        low, high = int(self.low[i]), int(self.high[i])
        m, n = rows.shape
        near_bottom, near_top = high < n // 8, low > n - n // 8
        under = None
        if near_bottom:  # few are below: take them all, with no need to count
            chosen = rows < hi[:, None]
        elif near_top:
            chosen = rows > lo[:, None]
        else:
            under = rows < lo[:, None]
            chosen = under ^ (rows < hi[:, None])
        inside = np.flatnonzero(chosen)
        values = rows.reshape(-1)[inside]
        edges = np.searchsorted(inside, np.arange(m + 1) * n).tolist()
        for k in range(m):
            part = values[edges[k] : edges[k + 1]]
            if near_bottom:
                kept = part[part >= lo[k]]
                first = len(part) - len(kept)
            elif near_top:
                kept = part[part < hi[k]]
                first = n - len(part)
            else:
                kept, first = part, int(np.count_nonzero(under[k])) if under is not None else 0
            if first <= low and high < first + len(kept):
                kept.sort()
                a, b = kept[low - first], kept[high - first]
                out[k] = a + self.share[i] * (b - a)
