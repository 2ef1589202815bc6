"""Turns typical parameters and their variability into N virtual subjects, and one plan into dose times of their own.

Knows no medicine. Each parameter draws from a random stream of its own, keyed by its name and the seed; subject i takes
the i-th number of each, so that more subjects, or one more parameter, leave the others as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from posology.errors import Problem, UnreadableError, raise_all
from posology.kinetics.doses import Dose, OwnDoses, read_doses
from posology.kinetics.exponentials import Array
from posology.kinetics.system import Parameters


def stream(seed: int, name: str) -> np.random.Generator:
    """The random stream of one parameter."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(name.encode())])))


def draw(
    typical: Any,
    variability: Mapping[str, float],
    n: int,
    seed: int = 0,
    correlations: Mapping[tuple[str, str], float] | None = None,
) -> Parameters:
    """N subjects: each parameter is its typical value times exp(eta), eta normal.

    typical: a parameter mapping (see :func:`simulate`), or :class:`Parameters`; arrays (N,) where a covariate has
        already given each subject its own typical value.
    variability: the coefficient of variation of each parameter as a fraction (0.44 is 44 %); eta has the variance
        log(1 + cv^2), which makes it exact for a lognormal parameter.
    correlations: of the etas, by pairs of names; the matrix must be positive definite.

    >>> few = draw({"model": "1cpt", "CL": 10, "V": 70, "ka": 1}, {"CL": 0.2}, 3, seed=1)
    >>> more = draw({"model": "1cpt", "CL": 10, "V": 70, "ka": 1}, {"CL": 0.2, "V": 0.3}, 5, seed=1)
    >>> bool((few.values["CL"] == more.values["CL"][:3]).all())
    True
    """
    p = typical if isinstance(typical, Parameters) else Parameters.of(typical, "parameters")
    problems = []
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise UnreadableError(Problem(f"This is not a number of subjects: {n!r}.", "n", "Give 1 or more."))
    if p.subjects and p.subjects != n:
        problems.append(Problem(f"The typical values are of {p.subjects} subjects, not {n}.", "n"))
    for name, cv in variability.items():
        if name not in p.values:
            problems.append(Problem("This parameter is not in the model.", f"variability.{name}"))
        elif not (isinstance(cv, float | int) and np.isfinite(cv) and cv >= 0):
            problems.append(
                Problem(f"This is not a variability: {cv!r}.", f"variability.{name}", "Give 0.44 for 44 %.")
            )
        elif cv > 5:
            problems.append(
                Problem(
                    f"A variability of {cv} is {cv * 100:.0f} %.",
                    f"variability.{name}",
                    "Give a fraction: 0.44 for 44 %.",
                )
            )
    names = list(variability)
    lower = _correlated(names, correlations or {}, problems)
    raise_all(UnreadableError, problems)
    z = [stream(seed, name).standard_normal(n) for name in names]
    values = dict(p.values)
    for i, name in enumerate(names):
        eta = z[i] if lower is None else sum(lower[i, j] * z[j] for j in range(i + 1))
        values[name] = p.values[name] * np.exp(np.sqrt(np.log1p(variability[name] ** 2)) * eta)
    if not names:
        key = "CL"
        values[key] = np.broadcast_to(np.asarray(values[key], np.float64), (n,)).copy()
    return Parameters(p.structure, values, n)


def _correlated(names: list[str], given: Mapping[tuple[str, str], float], problems: list[Problem]) -> Array | None:
    if not given:
        return None
    matrix: Array = np.eye(len(names))
    for (a, b), r in given.items():
        if a not in names or b not in names or a == b:
            problems.append(Problem("These two have no variability to correlate.", f"correlations.{a},{b}"))
        elif given.get((b, a), r) != r:
            problems.append(Problem("This is given twice, with two values.", f"correlations.{a},{b}", "Leave one."))
        elif not -1 <= r <= 1:
            problems.append(Problem(f"This is not a correlation: {r!r}.", f"correlations.{a},{b}", "Give -1 to 1."))
        else:
            i, j = names.index(a), names.index(b)
            matrix[i, j] = matrix[j, i] = r
    if problems:
        return None
    least = float(np.linalg.eigvalsh(matrix).min())
    if least <= 1e-12:
        problems.append(
            Problem(
                f"The correlation matrix is not positive definite (its smallest eigenvalue is {least:.3g}).",
                "correlations",
                "No population has these correlations together: weaken some.",
            )
        )
        return None
    return np.asarray(np.linalg.cholesky(matrix), np.float64)


def own_times(doses: Sequence[Any], n: int, seed: int = 0, *, missed: float = 0.0, spread: float = 0.0) -> OwnDoses:
    """One plan as N people take it: each dose left out with the chance ``missed``, and taken up to ``spread`` hours
    early or late (evenly). Doses by mouth, without steady state."""
    held = read_doses(doses)
    problems = []
    if not 0 <= missed <= 1:
        problems.append(Problem(f"This is not a chance: {missed!r}.", "missed", "Give 0 to 1."))
    if not (np.isfinite(spread) and spread >= 0):
        problems.append(Problem(f"This is not a number of hours: {spread!r}.", "spread"))
    if any(d.ss or d.route != "oral" for d in held):
        problems.append(
            Problem("Own times are for doses by mouth without steady state.", "doses", "Write the doses out.")
        )
    raise_all(UnreadableError, problems)
    planned = np.array([d.time for d in held])[:, None]
    late = stream(seed, "dose delay").uniform(-1.0, 1.0, (n, len(held))).T * spread
    left_out = missed > stream(seed, "dose missed").random((n, len(held))).T
    amts = np.stack([np.broadcast_to(np.asarray(d.amt, np.float64), (n,)) for d in held]) if held else np.zeros((0, n))
    return OwnDoses(planned + late, np.where(left_out, 0.0, amts))


def missed_doses(doses: Sequence[Any], n: int, chance: float, seed: int = 0) -> tuple[Dose, ...]:
    """The same plan with amounts over subjects, 0 where a subject left the dose out: times stay shared, which is faster."""
    own = own_times(doses, n, seed, missed=chance)
    return tuple(Dose(d.time, own.amts[i].copy(), d.route) for i, d in enumerate(read_doses(doses)))
