"""Turns doses into a withdrawal pressure index: how far the effect site has fallen below what the body has adapted to.

HEURISTIC, NOT VALIDATED. Its constants are chosen, not estimated: no source gives a time constant of tolerance in people.
It knows no risk: it is never a probability, it has no threshold, and a low value does not mean that stopping is safe.
It serves one purpose, to lay two plans side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen

from posology.errors import Problem, UnreadableError, raise_all
from posology.kinetics.exponentials import Array
from posology.kinetics.simulation import parameters_of, simulate
from posology.kinetics.system import Parameters

LABEL = "heuristic, not validated"
"""Stands wherever the index is shown."""
HALF_LIVES = (2.0, 4.0, 7.0, 14.0)
"""Half-lives of the adaptation in days: a range, because none is known."""
KE0 = 1.0
"""Rate between blood and effect site, 1/h: near what a study in dogs suggests, and speculative."""
_WINDOW = 24.0


@frozen(eq=False)
class Pressure:
    """``values``: (H, T), 0 to 1, one row for each adaptation half-life (days); ``low`` and ``high``: (T,) over them.

    ``of_start``: (H, T), the same fall as a share of what the body was adapted to at the first of the times.
    """

    times: Array
    half_lives: tuple[float, ...]
    values: Array
    of_start: Array
    label: str = LABEL

    @property
    def low(self) -> Array:
        """The lowest over the half-lives."""
        out: Array = self.values.min(axis=0)
        return out

    @property
    def high(self) -> Array:
        """The highest over the half-lives."""
        out: Array = self.values.max(axis=0)
        return out

    def at(self, time: float) -> tuple[float, float, float, float]:
        """At the nearest of the times: lowest and highest index, lowest and highest share of the start."""
        k = int(np.argmin(np.abs(self.times - time)))
        values, shares = self.values[:, k], self.of_start[:, k]
        return float(values.min()), float(values.max()), float(shares.min()), float(shares.max())


def pressure(
    model: Any, doses: Any, times: Any, *, half_lives: Sequence[float] = HALF_LIVES, ke0: float = KE0
) -> Pressure:
    """The index max(0, A - C) / A at each time (h), for each adaptation half-life (days).

    C is the effect-site concentration averaged over the 24 hours before (so that troughs of a steady plan do not count
    as withdrawal), A follows the effect site with the adaptation half-life: dA/dt = (log 2 / half-life) (Ce - A).
    Doses should begin at steady state, else the adaptation of weeks is missing.

    >>> p = pressure({"model": "1cpt", "CL": 10, "V": 60, "ka": 1.5}, [{"time": 0, "amt": 20, "ss": True, "ii": 8}], [0, 200])
    >>> p.values.shape, p.label
    ((4, 2), 'heuristic, not validated')
    """
    p = parameters_of(model)
    problems = [
        Problem(f"This is not a half-life: {h!r}.", "half_lives", "Give days, greater than 0.")
        for h in half_lives
        if not (isinstance(h, float | int) and math.isfinite(h) and h > 0)
    ]
    if p.subjects:
        problems.append(Problem("The index is of one person.", "model"))
    raise_all(UnreadableError, problems)
    when = np.asarray(times, np.float64)
    rows, falls = [], []
    steps = 96  # the average over the day by the midpoint rule, a quarter of an hour apart
    back = (np.arange(steps) + 0.5) * (_WINDOW / steps)
    grid, inverse = np.unique(np.round((when[:, None] - back[None, :]) * 64) / 64, return_inverse=True)
    ce = None
    for half in half_lives:
        values = {**p.values, "ke0": ke0, "kad": math.log(2.0) / (24.0 * half)}
        local = Parameters(p.structure, values)
        a = simulate(local, doses, when, states=("conc", "adaptation")).others["adaptation"]
        if ce is None:
            site = simulate(local, doses, grid, states=("conc", "effect")).effect
            ce = site[inverse].reshape(len(when), steps).mean(axis=1)
        fall = np.maximum(0.0, a - ce)
        rows.append(fall / np.where(a > 0, a, 1.0))
        first = a[np.argmin(when)] if len(when) else 0.0
        falls.append(fall / first if first > 0 else np.zeros_like(fall))
    return Pressure(when, tuple(float(h) for h in half_lives), np.stack(rows), np.stack(falls))
