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
    place = asked * (n - 1)
    low = np.floor(place).astype(np.intp)
    high = np.minimum(low + 1, n - 1)
    share = place - low
    ranks = np.unique(np.concatenate([low, high]))
    values = np.empty((len(asked), len(when)))
    highest = np.zeros(n)
    below = None if threshold is None else np.zeros(n)
    most = max(1, min(len(when), engine.BLOCK // n))
    room = np.empty((most, n))
    before: list[Any] = [None, 0.0]
    spare = [np.empty(n) for _ in range(4)]

    def done(lo: int, hi: int) -> None:
        for k in range(lo, hi):
            row = room[k - lo]
            np.maximum(highest, row, out=highest)
            if below is not None and threshold is not None:
                if before[0] is not None:
                    _under(before[0], row, threshold, float(when[k] - before[1]), below, spare)
                else:
                    before[0] = np.empty(n)
                before[0][...] = row
                before[1] = float(when[k])
            row.partition(ranks)
            values[:, k] = row[low] + share * (row[high] - row[low])
        if progress is not None:
            progress(hi / len(when))

    walk(
        p,
        doses,
        when,
        changes_of(cl_changes),
        {"conc": "central"},
        "post",
        engine.Sink(lambda lo, hi: [room[: hi - lo]], done),
    )
    return Bands(when, asked, values, highest, below)


def _under(a: Array, b: Array, threshold: float, hours: float, below: Array, spare: list[Array]) -> None:
    """Add the time a straight line from a to b spends under the threshold."""
    low, high, width, part = spare
    np.minimum(a, b, out=low)
    np.maximum(a, b, out=high)
    np.subtract(high, low, width)
    np.maximum(width, 1e-300, out=width)
    np.subtract(threshold, low, part)
    np.divide(part, width, part)
    np.clip(part, 0.0, 1.0, out=part)
    part *= hours
    np.add(below, part, below)
