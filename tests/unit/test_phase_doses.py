"""What a phase asks for a day: directions for different days of the week do not add up."""

from __future__ import annotations

from posology import library
from posology.amount import Amount
from posology.directions import Course, Directions, Dose, Phase, Timing
from posology.plan import phase_doses


def of(*rows: tuple[int, str, tuple[str, ...]]) -> tuple[str, str, str]:
    directions = tuple(
        Directions(Dose(Amount(mg, "mg")), Timing(when=(when,), days_of_week=days)) for mg, when, days in rows
    )
    medicine = library.medicine("examplone")
    (found,) = phase_doses(Course((Phase(directions),)), medicine, medicine.products, None)
    assert found.per_day is not None
    assert found.least_per_day is not None
    return str(found.per_day), str(found.least_per_day), str(found.doses_a_day)


def test_days_of_the_week_that_share_no_day_do_not_add_up() -> None:
    assert of((15, "HS", ("mon", "wed", "fri")), (20, "HS", ("tue", "thu", "sat", "sun"))) == ("20 mg", "15 mg", "1")


def test_what_is_taken_on_the_same_day_adds_up() -> None:
    assert of((15, "HS", ("mon", "wed")), (20, "HS", ("tue",)), (5, "MORN", ())) == ("25 mg", "5 mg", "2")
    assert of((15, "HS", ()), (20, "MORN", ())) == ("35 mg", "35 mg", "2")
