"""Turns a plan as hours and milligrams into what people ask of it: a curve, a day's figures, a missed or late dose.

Knows no calendar, no words and no file: times are hours from a start, instants and sentences are the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor
from typing import Any

import numpy as np
from attrs import frozen

from posology.errors import Problem, UnreadableError
from posology.kinetics.doses import Dose
from posology.kinetics.engine import prepare
from posology.kinetics.exponentials import Array
from posology.kinetics.figures import Metrics, crossings
from posology.kinetics.models import KineticModel
from posology.kinetics.simulation import metrics, simulate
from posology.kinetics.system import Parameters

Planned = tuple[float, float]
"""A dose: hours from the start, and mg."""


@frozen
class Day:
    """One day of a plan: doses and exact figures (mg/L, h)."""

    start: float
    doses: int
    mg: float
    figures: Metrics


def before(day: Sequence[Planned], until: float = 0.0) -> list[Dose]:
    """The doses of one day (hours 0 to 24), taken every day since for ever, the last of each before ``until``.

    >>> [d.time for d in before([(8.0, 20.0), (20.0, 20.0)], until=-10.0)]
    [-16.0, -28.0]
    """
    return [Dose(t - 24.0 * max(1, floor((t - until) / 24.0) + 1), mg, ss=True, ii=24.0) for t, mg in day]


def days(parameters: Parameters, doses: Sequence[Dose], marks: Sequence[float], threshold: float | None) -> list[Day]:
    """The figures of each day between the marks (hours of midnights)."""
    out = []
    for a, b in pairwise(marks):
        there = [d for d in doses if a <= d.time < b and d.amt > 0]
        out.append(Day(a, len(there), float(sum(d.amt for d in there)), metrics(parameters, doses, a, b, threshold)))
    return out


def daily(crowd: Parameters, doses: Sequence[Dose], marks: Sequence[float]) -> Array:
    """The average of each day between the marks over many people: 5, 50 and 95 of 100, mg/L; (3, days)."""
    found = [metrics(crowd, doses, a, b).cavg for a, b in pairwise(marks)]
    out: Array = np.quantile(np.stack(found), (0.05, 0.5, 0.95), axis=1)
    return out


def nearest(plan: Sequence[Planned], at: float, slack: float = 0.51) -> int:
    """The place of the dose at a time, give or take half an hour."""
    if not plan:
        raise UnreadableError(Problem("The plan has no doses in these days."))
    i = min(range(len(plan)), key=lambda k: abs(plan[k][0] - at))
    if abs(plan[i][0] - at) > slack:
        raise UnreadableError(Problem("No dose is planned at that time.", "", "Give the time of a planned dose."))
    return i


def even(plan: Sequence[Planned], marks: Sequence[float]) -> list[Planned]:
    """The same doses of each day at equal distances around the clock, from the first dose of the day."""
    out: list[Planned] = []
    for a, b in pairwise(marks):
        there = [p for p in plan if a <= p[0] < b]
        out += [(there[0][0] + i * (b - a) / len(there), mg) for i, (_, mg) in enumerate(there)]
    return sorted(out)


def bunched(plan: Sequence[Planned], marks: Sequence[float], hours: float) -> list[Planned]:
    """The same doses of each day so many hours apart, from the first dose of the day."""
    out: list[Planned] = []
    for a, b in pairwise(marks):
        there = [p for p in plan if a <= p[0] < b]
        out += [(there[0][0] + i * hours, mg) for i, (_, mg) in enumerate(there)]
    return sorted(out)


def back_in_range(parameters: Parameters, changed: Sequence[Dose], level: float, at: float, end: float) -> float | None:
    """Hours after ``at`` until the concentration is at or above ``level`` (mg/L) and stays there up to ``end``.

    0 where it never leaves, None where it does not come back.
    """
    course = prepare(parameters, changed, np.array([at]))
    # a hair under the level, so that a plan equal to its own lowest value counts as in range
    found = crossings(course, at, end, level * (1 - 1e-6))
    if not found:
        now = float(simulate(parameters, changed, [at]).conc[0])
        return 0.0 if now >= level * (1 - 1e-6) else None
    last, rising = found[-1]
    return last - at if rising else None


def below(
    parameters: Parameters, doses: Sequence[Dose], start: float, end: float, threshold: float
) -> list[tuple[float, float]]:
    """The stretches under a threshold (mg/L) between two times."""
    found = crossings(prepare(parameters, doses, np.array([start])), start, end, threshold)
    low = start if float(simulate(parameters, doses, [start]).conc[0]) < threshold else None
    out = []
    for t, rising in found:
        if rising and low is not None:
            out.append((low, t))
            low = None
        elif not rising:
            low = t
    if low is not None:
        out.append((low, end))
    return out


def grid(end: float, step: float, doses: Sequence[Dose] = ()) -> Array:
    """Times from 0 to ``end`` a step apart (h), and the time of every dose among them."""
    at = {float(t) for t in np.arange(0.0, end + 1e-9, step)}
    return np.array(sorted(at | {float(d.time) for d in doses if 0 <= d.time <= end}))


def hours_above(parameters: Parameters, doses: Sequence[Dose], since: float, level: float, end: float) -> float:
    """Hours after ``since`` at which the concentration is last at a level (mg/L); 0 where it is under it already."""
    found = crossings(prepare(parameters, doses, np.array([since])), since, end, level)
    return found[-1][0] - since if found else 0.0


def faster(model: KineticModel, parameters: Parameters, tmax: float) -> Parameters:
    """The same with the absorption rate that puts the peak of one dose at ``tmax`` hours (a liquid): an approximation."""

    def peak(ka: float) -> float:
        values: dict[str, Any] = {**parameters.values, "ka": ka}
        return float(metrics(Parameters(parameters.structure, values), [Dose(0.0, 1.0)], 0.0, 24.0).tmax)

    low, high = 0.05, 500.0
    if not peak(high) < tmax < peak(low):
        raise UnreadableError(Problem(f"No absorption rate puts the peak at {tmax} h in the model {model.name}."))
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if peak(middle) > tmax else (low, middle)
    return Parameters(parameters.structure, {**parameters.values, "ka": (low * high) ** 0.5})
