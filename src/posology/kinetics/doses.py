"""Turns doses as people and data files give them into injections, infusions and pasts on one time axis.

Knows no medicine and no concentration. Times in hours, amounts in mg, durations in hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from attrs import evolve, frozen

from posology.errors import Problem, UnreadableError, raise_all
from posology.kinetics.exponentials import Array

MOST_DOSES = 1_000_000
"""More doses than this for one simulation are refused: a plan of a lifetime has under 200 000."""
_NUMBERS = (float, int)
_ROUTES = ("oral", "iv")
_KEYS = ("time", "amt", "route", "duration", "ss", "ii", "addl", "unit", "time_unit")


def _finite(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool) and math.isfinite(value)


@frozen(eq=False)
class Dose:
    """One dose: ``time`` (h), ``amt`` (mg; a number, or an array over subjects in which 0 is a missed dose), ``route``
    "oral" or "iv", ``duration`` of an infusion (h; 0 is a bolus), ``ss`` with ``ii``: the same dose also at time - ii,
    time - 2 ii, ... for ever (its lag included), and added to everything else.

    >>> Dose(0, 10, ss=True)
    Traceback (most recent call last):
    posology.errors.UnreadableError: ii: A dose at steady state needs its interval. Give ii in hours, greater than 0.
    """

    time: float
    amt: Any
    route: str = "oral"
    duration: float = 0.0
    ss: Any = False
    ii: float = 0.0

    def __attrs_post_init__(self) -> None:
        t, a = self.time, self.amt
        plain = self.duration == 0 and self.ss is False and self.ii == 0 and self.route in _ROUTES
        if plain and type(t) is float and type(a) in _NUMBERS and -math.inf < t < math.inf and 0 <= a < math.inf:
            return  # the everyday dose, checked at once: a thousand of them must not cost more than their curve
        problems = list(self._problems())
        if problems:
            raise UnreadableError(*problems)

    def _problems(self) -> Iterable[Problem]:
        if not _finite(self.time):
            yield Problem(f"This is not a time: {self.time!r}.", "time", "Give hours as a finite number.")
        if isinstance(self.amt, np.ndarray):
            if self.amt.ndim != 1 or not np.all(np.isfinite(self.amt)) or np.any(self.amt < 0):
                yield Problem("Amounts over subjects must be finite and 0 or more.", "amt", "Give mg, one a subject.")
        elif not _finite(self.amt) or self.amt < 0:
            yield Problem(f"This is not an amount: {self.amt!r}.", "amt", "Give mg, 0 or more.")
        if self.route not in _ROUTES:
            yield Problem(f"This route is not known: {self.route!r}.", "route", "Use oral or iv.")
        if not _finite(self.duration) or self.duration < 0:
            yield Problem(f"This is not a duration: {self.duration!r}.", "duration", "Give hours, 0 or more.")
        elif self.duration > 0 and self.route != "iv":
            yield Problem("Only an iv dose can last.", "duration", "Leave it out, or give route iv.")
        if not isinstance(self.ss, int) or self.ss not in (0, 1):  # 1, as event tables write it
            yield Problem(f"This must be true or false: {self.ss!r}.", "ss")
        if not _finite(self.ii) or self.ii < 0 or (self.ss and self.ii == 0):
            yield Problem("A dose at steady state needs its interval.", "ii", "Give ii in hours, greater than 0.")


@frozen(eq=False)
class OwnDoses:
    """Doses at each subject's own times: ``times`` (h) and ``amts`` (mg), both of shape (doses, subjects).

    A missed dose has the amount 0 or the time NaN. ``route`` is "oral", or "iv" for boluses.
    """

    times: Array
    amts: Array
    route: str = "oral"

    def __attrs_post_init__(self) -> None:
        times = np.asarray(self.times, np.float64)
        amts = np.asarray(self.amts, np.float64)
        problems = []
        if times.ndim != 2:
            problems.append(
                Problem(f"Own times must have the shape (doses, subjects), not {times.shape}.", "doses.times")
            )
        else:
            try:
                amts = np.broadcast_to(amts, times.shape)
            except ValueError:
                problems.append(
                    Problem(f"Amounts of shape {amts.shape} do not fit times of {times.shape}.", "doses.amts")
                )
        if np.isinf(times).any():
            problems.append(Problem("A time is infinite.", "doses.times", "Use NaN for a missed dose."))
        if not np.all(amts >= 0) or np.isinf(amts).any():
            problems.append(Problem("Amounts must be finite and 0 or more.", "doses.amts", "Use 0 for a missed dose."))
        if self.route not in _ROUTES:
            problems.append(Problem(f"This route is not known: {self.route!r}.", "doses.route", "Use oral or iv."))
        raise_all(UnreadableError, problems)
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "amts", amts)

    def of_subject(self, i: int) -> tuple[Dose, ...]:
        """The doses of one subject, without those that were missed."""
        pairs = zip(self.times[:, i].tolist(), self.amts[:, i].tolist(), strict=True)
        return tuple(Dose(t, a, self.route) for t, a in pairs if t == t and a > 0)


def read_doses(given: Sequence[Any] | Dose) -> tuple[Dose, ...]:
    """Doses from :class:`Dose` values, mappings or (time, amt) pairs; ``addl`` more at ``ii`` apart; in time order.

    A ``unit`` other than mg or a ``time_unit`` other than h is an error: convert first, nothing is guessed.

    >>> [d.time for d in read_doses([{"time": 0, "amt": 10, "ii": 8, "addl": 2}])]
    [0.0, 8.0, 16.0]
    """
    if isinstance(given, Dose | Mapping):
        given = [given]
    found: list[Dose] = []
    problems: list[Problem] = []
    if len(given) > MOST_DOSES:
        raise UnreadableError(
            Problem(f"These are {len(given)} doses.", "doses", f"Give {MOST_DOSES} at most in one simulation.")
        )
    for i, raw in enumerate(given):
        try:
            if isinstance(raw, Dose):
                found.append(raw)
            elif (
                type(raw) is dict
                and len(raw) == 2
                and type(raw.get("time")) in _NUMBERS
                and type(raw.get("amt")) in _NUMBERS
            ):
                found.append(Dose(float(raw["time"]), raw["amt"]))
            elif isinstance(raw, Mapping):
                found += _from_mapping(raw)
            elif isinstance(raw, Sequence) and not isinstance(raw, str) and len(raw) == 2:
                found.append(Dose(raw[0], raw[1]))
            else:
                problems.append(Problem("This is not a dose.", f"doses[{i}]", "Give time and amt."))
        except UnreadableError as error:
            problems += (Problem(p.what, f"doses[{i}].{p.where}", p.todo) for p in error.problems)
        if len(found) > MOST_DOSES:
            raise UnreadableError(
                Problem(f"These are over {MOST_DOSES} doses.", f"doses[{i}]", "Give fewer in one simulation.")
            )
    raise_all(UnreadableError, problems)
    found.sort(key=lambda d: d.time)
    return tuple(found)


def _from_mapping(raw: Mapping[str, Any]) -> list[Dose]:
    problems = [Problem("This key is not known.", str(k), f"Known: {', '.join(_KEYS)}.") for k in raw if k not in _KEYS]
    problems += [Problem("This key is missing.", k) for k in ("time", "amt") if k not in raw]
    for key, right in (("unit", "mg"), ("time_unit", "h")):
        if raw.get(key, right) != right:
            problems.append(
                Problem(
                    f"This unit is {raw[key]!r}, the simulation works in {right}.", key, f"Convert to {right} first."
                )
            )
    addl = raw.get("addl", 0)
    if isinstance(addl, bool) or not isinstance(addl, int) or addl < 0:
        problems.append(Problem(f"This is not a count of further doses: {addl!r}.", "addl"))
    elif addl > MOST_DOSES:
        problems.append(Problem(f"These are {addl} further doses.", "addl", f"Give {MOST_DOSES} at most."))
    elif addl and not (_finite(raw.get("ii", 0)) and raw.get("ii", 0) > 0):
        problems.append(Problem("Further doses need their interval.", "ii", "Give ii in hours, greater than 0."))
    raise_all(UnreadableError, problems)
    amt = raw["amt"]
    first = Dose(
        float(raw["time"]) if _finite(raw["time"]) else raw["time"],
        np.asarray(amt, np.float64) if isinstance(amt, list | tuple) else amt,
        raw.get("route", "oral"),
        raw.get("duration", 0.0) or 0.0,
        raw.get("ss", False),
        raw.get("ii", 0.0) or 0.0,
    )
    # a dose at steady state is repeated only forwards: the further ones stand alone
    return [first, *(evolve(first, time=first.time + k * first.ii, ss=False) for k in range(1, addl + 1))]


class Infusion(NamedTuple):
    """A rate (mg per hour over the volume) into the central compartment from a time to another."""

    start: float
    end: float
    rate: Any


class Past(NamedTuple):
    """Doses since for ever, ``ii`` apart, of which the last ended at ``time``: the state there is a geometric sum."""

    time: float
    state: str
    amount: Any
    ii: float
    duration: float


class Input(NamedTuple):
    """Everything that enters, in no order. ``injections``: time, state, amount (mg over the volume)."""

    injections: list[tuple[float, str, Any]]
    infusions: list[Infusion]
    pasts: list[Past]


def spread(doses: Sequence[Dose], entry: str, volume: Any, f: Any, lag: float, earliest: float) -> Input:
    """Doses as inputs of the states. ``earliest``: the first time that matters; pasts end strictly before it."""
    out = Input([], [], [])
    budget = MOST_DOSES
    scaled: dict[tuple[bool, float], Any] = {}  # a plan has few different doses: share their arrays over subjects
    for d in doses:
        oral = d.route == "oral"
        if isinstance(d.amt, np.ndarray):
            amount = d.amt * f / volume if oral else d.amt / volume
        else:
            key = (oral, d.amt)
            if key not in scaled:
                scaled[key] = d.amt * f / volume if oral else d.amt / volume
            amount = scaled[key]
        arrival = d.time + lag if oral else d.time
        state = entry if oral else "central"
        if not d.ss and d.duration == 0:
            out.injections.append((arrival, state, amount))
            continue
        repeats = 1
        if d.ss:
            # so many repeats stand alone that the rest, for ever back, is over before anything is looked at
            repeats = max(0, math.floor((arrival + d.duration - earliest) / d.ii) + 1)
            budget -= repeats
            if budget < 0:
                raise UnreadableError(
                    Problem(
                        "The interval of a steady state is too short for these times.", "ii", "Check hours and units."
                    )
                )
            out.pasts.append(Past(arrival - repeats * d.ii + d.duration, state, amount, d.ii, d.duration))
        for k in range(repeats):
            at = arrival - k * d.ii
            if d.duration > 0:
                out.infusions.append(Infusion(at, at + d.duration, amount / d.duration))
            else:
                out.injections.append((at, state, amount))
    return out
