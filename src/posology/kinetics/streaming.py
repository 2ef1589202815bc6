"""Turns a population into bands over time and a few figures a subject, without ever holding the whole array.

Knows no medicine. Memory grows with the number of subjects, not with time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from posology.errors import Problem, UnreadableError
from posology.kinetics import engine
from posology.kinetics.exponentials import Array
from posology.kinetics.simulation import _count, changes_of, parameters_of, walk


@frozen(eq=False)
class Bands:
    """``levels``: (L,) as fractions; ``values``: (L, T) mg/L; ``highest``: (N,) the highest sample of each subject, mg/L;
    ``below``: (N,) hours under the threshold, straight lines drawn between samples (None without a threshold).

    The exact maximum and time below of each subject are in :func:`metrics`, which needs no array either.
    """

    times: Array
    levels: Array
    values: Array
    highest: Array
    below: Array | None


def bands(
    model: Any,
    doses: Any,
    times: Any,
    subjects: Any = None,
    *,
    levels: Sequence[float] = (0.05, 0.5, 0.95),
    threshold: float | None = None,
    cl_changes: Sequence[Any] = (),
    progress: Callable[[float], None] | None = None,
) -> Bands:
    """Percentiles over subjects at each time (linear interpolation, Hyndman and Fan's type 7), by streaming.

    Arguments as in :func:`simulate`; times must rise. ``progress`` is called with the share done, now and then.

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
    n = _count(p, doses)
    if not p.subjects:
        raise UnreadableError(Problem("Bands need several subjects.", "subjects", "Use draw(...)."))
    ranks = _Ranks(n, asked)
    values = np.empty((len(asked), len(when)))
    highest = np.zeros(n)
    below = None if threshold is None else _Below(n, float(threshold))
    room = np.empty((max(1, min(len(when), engine.BLOCK // n)), n))

    def done(lo: int, hi: int) -> None:
        rows = room[: hi - lo]
        for k, row in enumerate(rows):
            np.maximum(highest, row, out=highest)
            if below is not None:
                below.take(row, float(when[lo + k]))
        values[:, lo:hi] = ranks.of(rows)  # last: it may put the values of a row in another order
        if progress is not None:
            progress(hi / len(when))

    sink = engine.Sink(lambda lo, hi: [room[: hi - lo]], done)
    walk(p, doses, when, changes_of(cl_changes), {"conc": "central"}, "post", sink)
    return Bands(when, asked, values, highest, None if below is None else below.hours)


class _Below:
    """Adds up, for each subject, the time that straight lines between samples spend under a threshold."""

    def __init__(self, n: int, threshold: float) -> None:
        self.threshold, self.hours = threshold, np.zeros(n)
        self.under, self.far = np.zeros((2, n)), np.zeros((2, n))
        self.part, self.whole = np.empty(n), np.empty(n)
        self.turn, self.time = 0, float("nan")

    def take(self, row: Array, time: float) -> None:
        """The next sample of every subject."""
        now, last = self.turn, 1 - self.turn
        under, far = self.under[now], self.far[now]
        np.subtract(self.threshold, row, out=under)
        np.abs(under, out=far)
        np.maximum(under, 0.0, out=under)
        if self.time == self.time:
            # of two ends d0 and d1 from the threshold, the share under it is (d0+ + d1+) / (|d0| + |d1|)
            np.add(under, self.under[last], out=self.part)
            np.add(far, self.far[last], out=self.whole)
            if not self.whole.all():
                self.whole[self.whole == 0.0] = 1.0
            np.divide(self.part, self.whole, out=self.part)
            np.multiply(self.part, time - self.time, out=self.part)
            np.add(self.hours, self.part, out=self.hours)
        self.turn, self.time = last, time


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
        self.guess: dict[int, tuple[Array, Array]] = {}

    def of(self, rows: Array) -> Array:
        """The percentiles of each row: (levels, rows). Partitioned rows are left in another order."""
        m, levels = len(rows), len(self.low)
        old, width = self.guess.get(m, (np.full((levels, m), np.nan), np.full((levels, m), 1.0)))
        found = np.full((levels, m), np.nan)
        if self.n >= 2000 and not np.isnan(old).any():
            for i in range(levels):
                if np.all(width[i] < 0.05):
                    self._count(rows, i, old[i] * (1 - width[i]), old[i] * (1 + width[i]), found[i])
        for k in np.flatnonzero(np.isnan(found).any(axis=0)).tolist():
            rows[k].partition(self.all)
            found[:, k] = rows[k][self.low] + self.share * (rows[k][self.high] - rows[k][self.low])
        with np.errstate(divide="ignore", invalid="ignore"):
            moved = np.abs(found - old) / found
        self.guess[m] = (found, np.where(np.isfinite(moved), moved * 1.5 + 12.0 / self.n, 1.0))
        if len(self.guess) > 64:
            self.guess.clear()
        return found

    def _count(self, rows: Array, i: int, lo: Array, hi: Array, out: Array) -> None:
        low, high = int(self.low[i]), int(self.high[i])
        under, upto = rows < lo[:, None], rows < hi[:, None]
        inside = np.flatnonzero(under ^ upto)
        values = rows.reshape(-1)[inside]
        edges = np.searchsorted(inside, np.arange(len(rows) + 1) * self.n).tolist()
        for k in range(len(rows)):
            first = int(np.count_nonzero(under[k]))
            part = values[edges[k] : edges[k + 1]]
            if first <= low and high < first + len(part):
                part.sort()
                a, b = part[low - first], part[high - first]
                out[k] = a + self.share[i] * (b - a)
