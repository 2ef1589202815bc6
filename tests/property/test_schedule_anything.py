"""Any timing that can be made is either planned within the laws or refused with a place and a remedy: never a crash."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posology.amount import Amount
from posology.directions import DAYS, UNITS_OF_TIME, WHENS, Bounds, Course, Cycle, Directions, Dose, Phase, Timing
from posology.errors import PosologyError, UnreadableError
from posology.schedule import MAX_EVENTS, expand, timeline
from tests.property.test_schedule_laws import broken, zones

small = st.one_of(st.none(), st.integers(1, 30))
periods = st.one_of(
    st.none(), st.integers(1, 40).map(Fraction), st.fractions(Fraction(1, 100), 400, max_denominator=100)
)
units = st.one_of(st.none(), st.sampled_from(UNITS_OF_TIME))
lengths = st.builds(
    Amount,
    st.fractions(Fraction(1, 20), 500, max_denominator=20),
    st.sampled_from(["s", "min", "h", "d", "wk", "mo", "a"]),
)
stamps = st.one_of(
    st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)).map(str),
    st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)).map(lambda d: str(d)[:7]),
    st.dates().map(lambda d: str(d)[:4]),
    st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2090, 1, 1)).map(lambda d: d.replace(microsecond=0).isoformat() + "Z"),  # noqa: DTZ001
    st.sampled_from(["", "soon", "2026-13-40", "2026-02-30T25:00:00Z", "2026-11-25T09:15:00", "٢٠٢٦-01-01", "0000", "9999-12-31"]),
)  # fmt: skip


@st.composite
def anything(draw: Any) -> Timing:
    """Any Timing that its own checks let through."""
    fields: dict[str, Any] = {
        "frequency": draw(small), "frequency_max": draw(small), "period": draw(periods), "period_max": draw(periods),
        "period_unit": draw(units), "count": draw(small), "count_max": draw(small),
        "days_of_week": tuple(draw(st.lists(st.sampled_from(DAYS), max_size=3, unique=True))),
        "when": tuple(draw(st.lists(st.sampled_from(WHENS), max_size=3, unique=True))),
        "times_of_day": tuple(draw(st.lists(st.times().map(lambda t: t.strftime("%H:%M:%S")), max_size=3))),
        "offset": draw(st.one_of(st.none(), st.integers(0, 2000))),
        "events": tuple(draw(st.lists(stamps, max_size=2))),
        "cycle": draw(st.one_of(st.none(), st.builds(Cycle, st.integers(1, 40), st.integers(1, 40)))),
    }  # fmt: skip
    for key in draw(st.sets(st.sampled_from(sorted(fields)), max_size=9)):
        fields[key] = () if isinstance(fields[key], tuple) else None
    kind = draw(st.integers(0, 3))
    try:
        if kind == 1:
            fields["bounds"] = Bounds(duration=draw(lengths))
        elif kind == 2:
            fields["bounds"] = Bounds(start=draw(stamps), end=draw(st.one_of(st.none(), stamps)))
        elif kind == 3:
            low, high = sorted((draw(lengths), draw(lengths)), key=lambda a: a.base)
            fields["bounds"] = Bounds(low=low, high=high)
        return Timing(**fields)
    except (UnreadableError, TypeError):
        return Timing(frequency=1, period=1, period_unit="d")


@settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(anything(), min_size=1, max_size=2), st.one_of(st.none(), lengths), zones, st.dates(dt.date(1901, 1, 1), dt.date(2100, 1, 1)),
       st.one_of(st.none(), st.times()))  # fmt: skip
def test_planned_or_refused(
    timings: list[Timing], length: Amount | None, zone: str, first: dt.date, start: dt.time | None
) -> None:
    ten = Dose(Amount(10, "mg"))
    phases = (Phase(tuple(Directions(ten, t) for t in timings), length),)
    if length is not None:
        phases = (*phases, Phase((Directions(ten, timings[-1]),)))
    try:
        course = Course(phases)
        found = expand(course, first_day=first, zone=zone, days=30, start_time=start)
    except PosologyError as error:
        wordless = [p for p in error.problems if not p.what]
        if wordless:
            pytest.fail("a refusal without words")
        return
    assert len(found.events) <= MAX_EVENTS
    assert {"out of order", "two of one id", "another zone", "as needed has a timetable"} & broken(found) == set()
    assert sum(1 for _ in timeline(course, first_day=first, zone=zone, days=30, start_time=start).times()) == len(
        found.events
    )
    last = first + dt.timedelta(days=30)
    assert all(first <= e.day < last for e in found.events)
