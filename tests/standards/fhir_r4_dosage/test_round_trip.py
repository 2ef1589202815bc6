"""FHIR out and in is equal, for directions of every shape; an outside judge accepts the shape of what is written."""

from __future__ import annotations

import warnings
from decimal import Decimal
from fractions import Fraction

import pytest
import simplejson
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings

from posology.amount import Amount
from posology.directions import Course, Directions, Dose
from posology.errors import RefusedError
from posology.fhir.dosage import read_dosage, read_dosages, write_course, write_dosage
from tests.making import courses, directions, said_something

LAW = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def through(d: Directions) -> Directions:
    """Out as JSON text, and in again."""
    text = simplejson.dumps(write_dosage(d), use_decimal=True)
    return read_dosage(simplejson.loads(text, use_decimal=True))


@LAW
@given(directions())
def test_what_is_written_reads_back_equal(d: Directions) -> None:
    assume(said_something(d) or d.sequence is not None)
    assert through(d) == d


@LAW
@given(directions())
def test_what_is_written_reads_back_to_the_same_text(d: Directions) -> None:
    assume(said_something(d) or d.sequence is not None)
    written = write_dosage(d)
    assert write_dosage(read_dosage(written)) == written


def test_the_law_catches_a_writer_that_loses_a_field() -> None:
    d = Directions(Dose(Amount(5, "mg")), max_per_administration=Amount(10, "mg"))
    planted = {k: v for k, v in write_dosage(d).items() if k != "maxDosePerAdministration"}
    assert read_dosage(planted) != d


@LAW
@given(courses())
def test_a_course_reads_back_equal(course: Course) -> None:
    again = read_dosages(write_course(course))
    numbered = [evolve(d, sequence=None) for d in again.directions]
    assert numbered == list(course.directions)
    assert [p.length for p in again.phases] == [p.length for p in course.phases]
    assert again.after == course.after


def judge(dosage: dict[str, object]) -> None:
    """The shape, judged by a library that shares nothing with this one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fhir.resources.R4B.dosage import Dosage

        Dosage.model_validate_json(simplejson.dumps(dosage, use_decimal=True))


@settings(LAW, max_examples=60)
@given(directions())
def test_an_outside_judge_accepts_what_is_written(d: Directions) -> None:
    assume(said_something(d) or d.sequence is not None)
    judge(write_dosage(d))


def test_the_outside_judge_refuses_a_field_of_the_wrong_shape() -> None:
    with pytest.raises(Exception, match="doseQuantity"):
        judge({"doseAndRate": [{"doseQuantity": 5}]})


@pytest.mark.parametrize("lexeme", ["20.0", "20", "0.50", "1.250", "100"])
def test_a_decimal_survives_as_it_was_written(lexeme: str) -> None:
    text = f'{{"doseAndRate": [{{"doseQuantity": {{"value": {lexeme}, "unit": "mg"}}}}]}}'
    d = read_dosage(simplejson.loads(text, use_decimal=True))
    again = simplejson.dumps(write_dosage(d), use_decimal=True)
    assert f'"value": {lexeme},' in again
    assert d.dose is not None
    assert isinstance(d.dose.amount, Amount)
    assert d.dose.amount.value == Fraction(lexeme)


def test_a_period_survives_as_it_was_written() -> None:
    d = read_dosage({"timing": {"repeat": {"frequency": 1, "period": Decimal("1.0"), "periodUnit": "d"}}})
    assert write_dosage(d)["timing"]["repeat"]["period"] == Decimal("1.0")
    assert str(write_dosage(d)["timing"]["repeat"]["period"]) == "1.0"


def test_a_changed_amount_is_not_written_with_its_old_digits() -> None:
    d = Directions(Dose(Amount(Fraction(5, 2), "mg", "20.0 mg")))
    assert write_dosage(d)["doseAndRate"][0]["doseQuantity"]["value"] == Decimal("2.5")


def test_a_third_has_no_decimal_and_is_refused_by_name() -> None:
    with pytest.raises(RefusedError, match="1/3"):
        write_dosage(Directions(Dose(Amount(Fraction(1, 3), "{tablet}"))))
