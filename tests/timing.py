"""Small makers of courses for the tests of times; figures are of no real medicine."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

from posology.amount import Amount
from posology.directions import Bounds, Concept, Course, Cycle, Directions, Dose, Phase, Timing
from tests.measuring import amount

TEN = Dose(Amount(10, "mg"))


def timing(**raw: Any) -> Timing:
    """A Timing from plain data: lists for tuples, "1/2" for fractions, amounts as text."""
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
    if "period" in fields:
        fields["period"] = Fraction(fields["period"])
    if "bounds" in fields:
        given = fields["bounds"]
        fields["bounds"] = Bounds(**{k: v if k in ("start", "end") else amount(v) for k, v in given.items()})
    if "cycle" in fields:
        fields["cycle"] = Cycle(*fields["cycle"])
    if "code" in fields:
        fields["code"] = Concept(code=fields["code"])
    return Timing(**fields)


def directions(as_needed: bool = False, dose: Dose | None = TEN, **raw: Any) -> Directions:
    """A direction of 10 mg with that timing."""
    return Directions(dose, timing(**raw), as_needed=as_needed)


def course(*held: Directions, length: str | None = None, after: Any = None) -> Course:
    """One phase of those directions side by side."""
    phase = Phase(tuple(held), None if length is None else amount(length))
    return Course((phase,)) if after is None else Course((phase,), after)


def daily(times: int, **more: Any) -> Course:
    """So many times a day, without an end."""
    return course(directions(frequency=times, period=1, period_unit="d", **more))


def window(text: str) -> tuple[dt.time, dt.time] | None:
    """A waking day "07:00-22:30"; empty: not given."""
    if not text:
        return None
    first, last = text.split("-")
    return dt.time.fromisoformat(first), dt.time.fromisoformat(last)
