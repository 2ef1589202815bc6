"""The FHIR form of a course expands to the same moments and doses as ours: two ways to one timetable."""

from __future__ import annotations

import datetime as dt

import simplejson
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posology import schedule
from posology.amount import Amount
from posology.directions import Course, Directions, Phase
from posology.errors import PosologyError
from posology.fhir.dosage import read_dosages, write_course
from tests.property.test_saying_english import directions

FIRST = dt.date(2026, 3, 20)  # a clock change falls into the weeks after it


def events(course: Course) -> object:
    try:
        made = schedule.expand(course, first_day=FIRST, zone="Europe/London", days=21)
    except PosologyError as error:
        return [p.what for p in error.problems]
    return [(e.at, e.dose, e.phase) for e in made.events]


def through(course: Course) -> Course:
    return read_dosages(simplejson.loads(simplejson.dumps(write_course(course), use_decimal=True), use_decimal=True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(directions(), st.integers(1, 9)), min_size=1, max_size=3))
def test_both_forms_expand_to_the_same_events(held: list[tuple[Directions, int]]) -> None:
    steps = [(evolve(d, timing=evolve(d.timing, bounds=None)), n) for d, n in held]
    phases = [Phase((d,), Amount(n, "d")) for d, n in steps[:-1]] + [Phase((steps[-1][0],))]
    course = Course(tuple(phases))
    assert events(through(course)) == events(course)


def test_a_lost_step_is_caught() -> None:
    from fractions import Fraction

    from posology.directions import Dose, Timing

    once = Timing(frequency=1, period=Fraction(1), period_unit="d")
    two = Course(
        (
            Phase((Directions(Dose(Amount(5, "mg")), once),), Amount(3, "d")),
            Phase((Directions(Dose(Amount(10, "mg")), once),)),
        )
    )
    assert events(Course(two.phases[1:])) != events(two)
