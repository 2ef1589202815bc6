"""A course and its FHIR form fall at the same times: written, read back and expanded, for courses drawn at random."""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.amount import Amount
from posology.directions import Course, Directions, Phase
from posology.fhir.dosage import read_dosages, write_course
from tests.property.test_schedule_laws import dates, plan, timings, zones
from tests.timing import directions

bounds = st.one_of(
    st.none(),
    st.builds(lambda n: {"duration": f"{n} d"}, st.integers(1, 9)),
    st.builds(lambda n: {"duration": f"{n} wk"}, st.integers(1, 2)),
    st.builds(lambda n: {"duration": f"{n} h"}, st.integers(6, 99)),
    st.builds(lambda n: {"low": f"{n} d", "high": f"{n + 3} d"}, st.integers(1, 9)),
)


@st.composite
def single(draw: Any) -> Directions:
    """One direction, perhaps bounded or counted."""
    timing = draw(timings())
    held = draw(bounds)
    if held:
        timing["bounds"] = held
    if draw(st.booleans()):
        timing["count"] = draw(st.integers(1, 9))
    return directions(**timing)


def shown(course: Course, first: dt.date, zone: str) -> list[tuple[str, str]]:
    return [(e.at.format_iso(), str(e.dose)) for e in plan(course, first, zone).events]


@settings(deadline=None, max_examples=150)
@given(single(), dates, zones)
def test_one_direction(held: Directions, first: dt.date, zone: str) -> None:
    course = Course((Phase((held,)),), "unknown" if held.timing.bounds else "continue")
    assert shown(read_dosages(write_course(course)), first, zone) == shown(course, first, zone)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(timings(), min_size=1, max_size=3),
    st.lists(st.integers(1, 6), min_size=3, max_size=3),
    dates,
    zones,
    st.booleans(),
)
def test_steps(steps: list[dict[str, Any]], lengths: list[int], first: dt.date, zone: str, stop: bool) -> None:
    phases = [
        Phase((directions(**timing),), Amount(days, "d") if stop or n < len(steps) - 1 else None)
        for n, (timing, days) in enumerate(zip(steps, lengths, strict=False))
    ]
    course = Course(tuple(phases), "stop" if stop else "continue")
    assert shown(read_dosages(write_course(course)), first, zone) == shown(course, first, zone)


def test_a_lost_step_would_be_caught() -> None:
    one = directions(frequency=1, period=1, period_unit="d")
    two = directions(frequency=2, period=1, period_unit="d")
    course = Course((Phase((one,), Amount(2, "d")), Phase((two,))))
    first = dt.date(2026, 11, 24)
    assert shown(read_dosages(write_course(course)[:1]), first, "UTC") != shown(course, first, "UTC")
    changed = evolve(course, phases=(course.phases[0], Phase((one,))))
    assert shown(changed, first, "UTC") != shown(course, first, "UTC")
