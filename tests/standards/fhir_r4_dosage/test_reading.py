"""Timing invariants, codes, units, R5 shapes, contradictions: each with its path, all problems of a document at once."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.amount import Amount, Range
from posology.directions import Bounds, Dose, MaxDose, Rate, Timing
from posology.errors import PosologyError, Problem, RefusedError, UnreadableError
from posology.fhir.dosage import course_of, read_dosage, read_dosages, read_list
from posology.fhir.text import check_text


def problems(given: Any) -> list[Problem]:
    with pytest.raises(UnreadableError) as caught:
        read_dosage(given)
    return list(caught.value.problems)


def repeat(**r: Any) -> dict[str, Any]:
    return {"timing": {"repeat": r}}


def dose(value: Any, unit: str = "mg", **more: Any) -> dict[str, Any]:
    return {"doseAndRate": [{"doseQuantity": {"value": value, "unit": unit, **more}}]}


@pytest.mark.parametrize(
    ("bad", "where", "rule"),
    [
        (repeat(duration=30), "durationUnit", None),
        (repeat(duration=30), "duration", "tim-1"),
        (repeat(frequency=3, period=1), "period", "tim-2"),
        (repeat(duration=-1, durationUnit="h"), "duration", "tim-4"),
        (repeat(period=-1, periodUnit="h"), "period", "tim-5"),
        (repeat(periodMax=3, periodUnit="h"), "periodMax", "tim-6"),
        (repeat(durationMax=3, durationUnit="h"), "durationMax", "tim-7"),
        (repeat(countMax=3), "countMax", "tim-8"),
        (repeat(offset=30), "offset", "tim-9"),
        (repeat(offset=30, when=["CM"]), "offset", "tim-9"),
        (repeat(when=["MORN"], timeOfDay=["08:00:00"]), "timeOfDay", "tim-10"),
        (repeat(period=0, periodUnit="h"), "period", "tim-5"),
        (repeat(frequency=0), "frequency", ""),
        (repeat(frequency=5, frequencyMax=3), "frequencyMax", "below"),
        (repeat(period=1, periodUnit="fortnight"), "periodUnit", "not known"),
        (repeat(dayOfWeek=["monday"]), "dayOfWeek", "not known"),
        (repeat(when=["LUNCH"]), "when", "not known"),
        (repeat(timeOfDay=["25:00:00"]), "timeOfDay", "time of day"),
        (repeat(periodUnit="d"), "periodUnit", "says nothing"),
    ],
)  # fmt: skip
def test_an_invariant_is_named_with_its_path(bad: dict[str, Any], where: str, rule: str | None) -> None:
    found = {p.where: p.what for p in problems(bad)}
    if rule is None:
        assert found
        return
    assert rule in found[f"Dosage.timing.repeat.{where}"]


def test_all_problems_come_at_once() -> None:
    bad = {
        "sequence": "two",
        "timing": {"repeat": {"frequency": 1.5, "offset": 30, "countMax": 3}},
        "doseAndRate": [{"doseQuantity": {"value": True, "unit": "smidgen"}}],
        "route": {},
        "maxDosePerPeriod": {"numerator": {"value": 8, "unit": "tablet"}},
    }
    where = {p.where for p in problems(bad)}
    assert where >= {
        "Dosage.sequence", "Dosage.timing.repeat.frequency", "Dosage.timing.repeat.offset", "Dosage.timing.repeat.countMax",
        "Dosage.doseAndRate[0].doseQuantity", "Dosage.doseAndRate[0].doseQuantity.value",
        "Dosage.maxDosePerPeriod.denominator",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("BID", Timing(frequency=2, period=1, period_unit="d")),
        ("TID", Timing(frequency=3, period=1, period_unit="d")),
        ("QID", Timing(frequency=4, period=1, period_unit="d")),
        ("QD", Timing(frequency=1, period=1, period_unit="d")),
        ("QOD", Timing(frequency=1, period=2, period_unit="d")),
        ("Q1H", Timing(frequency=1, period=1, period_unit="h")),
        ("Q4H", Timing(frequency=1, period=4, period_unit="h")),
        ("Q8H", Timing(frequency=1, period=8, period_unit="h")),
        ("WK", Timing(frequency=1, period=1, period_unit="wk")),
        ("MO", Timing(frequency=1, period=1, period_unit="mo")),
        ("AM", Timing(when=("MORN",))),
        ("PM", Timing(when=("AFT",))),
        ("BED", Timing(when=("HS",))),
    ],
)
def test_a_timing_code_is_expanded_and_kept(code: str, expected: Timing) -> None:
    from attrs import evolve

    t = read_dosage({"timing": {"code": {"coding": [{"code": code}]}}}).timing
    assert evolve(t, code=None) == expected
    assert t.code is not None
    assert t.code.code == code


def test_a_code_without_a_meaning_and_without_words_is_refused() -> None:
    assert "not known" in problems({"timing": {"code": {"coding": [{"code": "XQZ"}]}}})[0].what


def test_a_code_beside_a_repeat_that_says_the_same_is_read() -> None:
    both = {"timing": {"code": {"coding": [{"code": "BID"}]}, "repeat": {"timeOfDay": ["08:00:00", "20:00:00"]}}}
    assert read_dosage(both).timing.times_of_day == ("08:00", "20:00")


@pytest.mark.parametrize("r", [{"frequency": 3, "period": 1, "periodUnit": "d"}, {"frequency": 1, "period": 12, "periodUnit": "h"},
                               {"frequency": 2, "frequencyMax": 3, "period": 1, "periodUnit": "d"}])  # fmt: skip
def test_a_code_and_a_repeat_that_disagree_are_refused(r: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="two different things"):
        read_dosage({"timing": {"code": {"coding": [{"code": "BID"}]}, "repeat": r}})


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ({"unit": "mg"}, "mg"), ({"unit": "Tablets"}, "{tablet}"), ({"unit": "mcg", "code": "ug"}, "ug"), ({"code": "mL"}, "mL"),
        ({"unit": "tablet", "code": "428673006", "system": "http://snomed.info/sct"}, "{tablet}"),
        ({"code": "258684004", "system": "http://snomed.info/sct"}, "mg"),
        ({"unit": "TAB", "code": "TAB", "system": "http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm"}, "{tablet}"),
        ({"unit": "Stück", "code": "1", "system": "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_BMP_DOSIEREINHEIT"}, "{piece}"),
        ({"unit": "Tablet (unit of presentation)"}, "{tablet}"), ({"unit": "capsule(s)"}, "{capsule}"), ({"unit": "mcg/h"}, "ug/h"),
        ({"unit": "comprimés"}, "{tablet}"), ({"unit": "Tropfen"}, "{drop}"), ({}, "1"),
    ],
)  # fmt: skip
def test_a_unit_is_read_by_code_or_words(quantity: dict[str, Any], unit: str) -> None:
    d = read_dosage({"doseAndRate": [{"doseQuantity": {"value": 2, **quantity}}]})
    assert d.dose is not None
    assert d.dose.most == Amount(2, unit)


def test_a_unit_with_two_readings_is_refused_with_both() -> None:
    with pytest.raises(RefusedError, match=r"'mg'.*'g'"):
        read_dosage(dose(5, "mg", code="g", system="http://unitsofmeasure.org"))


def test_spoonfuls_of_a_volume_are_that_volume() -> None:
    d = read_dosage(dose(2, "5ml spoonful"))
    assert d.dose == Dose(Amount(10, "mL"))


def test_an_unknown_unit_is_never_replaced() -> None:
    assert "smidgen" in problems(dose(5, "smidgen"))[0].what


@pytest.mark.parametrize("value", [0, -5, Decimal("0.0"), "5", True, None, float("nan"), Decimal("1e99"), 10**30])
def test_a_dose_that_is_no_amount_is_refused(value: Any) -> None:
    assert problems(dose(value))


def test_a_quantity_without_its_number_is_refused_and_none_assumed() -> None:
    assert "none is assumed" in problems({"doseAndRate": [{"doseQuantity": {"unit": "mg"}}]})[0].todo


@pytest.mark.parametrize(
    ("comparator", "expected"),
    [
        ("<", Dose(Range(high=Amount(5, "mL")), strict=True)),
        ("<=", Dose(Range(high=Amount(5, "mL")))),
        (">", Dose(Range(low=Amount(5, "mL")), strict=True)),
        (">=", Dose(Range(low=Amount(5, "mL")))),
    ],
)
def test_a_comparator_is_never_an_amount(comparator: str, expected: Dose) -> None:
    assert read_dosage(dose(5, "mL", comparator=comparator)).dose == expected


def test_r5_shapes() -> None:
    d = read_dosage(
        {
            "asNeeded": True,
            "asNeededFor": [{"text": "pain"}, {"text": "fever"}],
            "maxDosePerPeriod": [
                {"numerator": {"value": 8, "unit": "tablet"}, "denominator": {"value": 24, "code": "h"}},
                {"numerator": {"value": 40, "unit": "tablet"}, "denominator": {"value": 1, "code": "wk"}},
            ],
        }
    )
    assert [c.words for c in d.as_needed_for] == ["pain", "fever"]
    assert d.max_per_period == (
        MaxDose(Amount(8, "{tablet}"), Amount(24, "h")),
        MaxDose(Amount(40, "{tablet}"), Amount(1, "wk")),
    )


@pytest.mark.parametrize(
    "bad",
    [
        {"asNeededBoolean": True, "asNeededCodeableConcept": {"text": "pain"}},
        {"asNeeded": False, "asNeededFor": [{"text": "pain"}]},
        {"doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg"}}, {"doseQuantity": {"value": 10, "unit": "mg"}}]},
        {"doseAndRate": [{"doseQuantity": {"value": 5}, "doseRange": {"high": {"value": 5}}}]},
        repeat(boundsDuration={"value": 3, "code": "d"}, boundsPeriod={"start": "2026-01-01"}),
        {"doseAndRate": [{"doseRange": {"low": {"value": 1, "unit": "tablet"}, "high": {"value": 2}}}]},
    ],
)  # fmt: skip
def test_two_readings_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        read_dosage(bad)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"rateQuantity": {"value": 5, "unit": "mL/h"}}, Rate(Amount(5, "mL"), Amount(1, "h"))),
        ({"rateQuantity": {"value": 2, "unit": "ug/kg/min"}}, Rate(Amount(2, "ug/kg"), Amount(1, "min"))),
        ({"rateQuantity": {"value": 2, "unit": "L/min"}}, Rate(Amount(2, "L"), Amount(1, "min"))),
        ({"rateQuantity": {"value": 10, "unit": "units per hour"}}, Rate(Amount(10, "{unit}"), Amount(1, "h"))),
        ({"rateQuantity": {"value": 5, "unit": "ml"}}, Rate(Amount(5, "mL"))),
        (
            {"rateRatio": {"numerator": {"value": 1, "unit": "g"}, "denominator": {"value": 8, "code": "h"}}},
            Rate(Amount(1, "g"), Amount(8, "h")),
        ),
        (
            {"rateRange": {"low": {"value": 1, "unit": "mL/h"}, "high": {"value": 2, "unit": "mL/h"}}},
            Rate(Range(Amount(1, "mL"), Amount(2, "mL")), Amount(1, "h")),
        ),
    ],
)
def test_rates(given: dict[str, Any], expected: Rate) -> None:
    assert read_dosage({"doseAndRate": [given]}).rate == expected


STEP = {"frequency": 1, "period": 1, "periodUnit": "d"}


def step(n: int | None, mg: int, days: int | None, **more: Any) -> dict[str, Any]:
    r: dict[str, Any] = {**STEP, **more}
    if days:
        r["boundsDuration"] = {"value": days, "code": "d"}
    return dose(mg) | {"timing": {"repeat": r}} | ({} if n is None else {"sequence": n})


def test_steps_are_ordered_by_sequence_and_bounds_are_their_length() -> None:
    course = read_dosages([step(2, 30, 3), step(1, 40, 2), step(3, 20, None)])
    assert [str(p.length) for p in course.phases] == ["2 days", "3 days", "None"]
    assert [str(d.dose) for d in course.directions] == ["40 mg", "30 mg", "20 mg"]
    assert course.after == "continue"
    assert all(d.timing.bounds is None for d in course.directions)


def test_equal_sequence_numbers_are_side_by_side() -> None:
    course = read_dosages([step(1, 10, 7, when=["MORN"]), step(1, 20, 7, when=["EVE"])])
    assert len(course.phases) == 1
    assert course.phases[0].length == Amount(7, "d")


@pytest.mark.parametrize(
    "listed",
    [
        [step(1, 10, 7), step(None, 20, 7)],
        [step(None, 40, 3), step(None, 30, 3)],
        [step(None, 40, 3, when=["MORN"]), step(None, 30, 5, when=["EVE"])],
        [step(1, 10, None), step(2, 20, 7)],
        [step(1, 10, None, count=3), step(2, 20, 7)],
    ],
)
def test_what_cannot_be_ordered_is_refused_by_name(listed: list[dict[str, Any]]) -> None:
    with pytest.raises(RefusedError):
        read_dosages(listed)


def test_unnumbered_doses_of_one_day_are_side_by_side() -> None:
    course = read_dosages([step(None, 10, 7, when=["MORN"]), step(None, 20, 7, when=["EVE"])])
    assert len(course.phases[0].directions) == 2


def test_dated_steps_are_ordered_by_their_dates() -> None:
    def dated(mg: int, start: str, end: str) -> dict[str, Any]:
        return dose(mg) | {"timing": {"repeat": {**STEP, "boundsPeriod": {"start": start, "end": end}}}}

    course = read_dosages([dated(5, "2026-01-08", "2026-01-14"), dated(10, "2026-01-01", "2026-01-07")])
    assert [str(d.dose) for d in course.directions] == ["10 mg", "5 mg"]
    assert [p.length for p in course.phases] == [Amount(7, "d"), Amount(7, "d")]
    assert course.directions[0].timing.bounds == Bounds(start="2026-01-01", end="2026-01-07")


def test_course_of_a_sorted_list_is_the_course() -> None:
    listed = [step(1, 10, 7), step(2, 20, None)]
    held, after = read_list(listed)
    assert course_of(held, after) == read_dosages(listed)


@pytest.mark.parametrize(
    ("text", "structure", "clash"),
    [
        ("One tablet daily for 4 days", {**repeat(frequency=4, period=1, periodUnit="d"), **dose(1, "tablet")}, "4 times a day"),
        ("2 tablets twice a day", {**repeat(frequency=2, period=1, periodUnit="d"), **dose(1, "tablet")}, "1 tablet"),
        ("5 mg once a day for 7 days",
         {**repeat(**STEP, boundsDuration={"value": 5, "code": "d"}), **dose(5)}, "for 5 days"),
        ("5 mg once a day if needed", {**repeat(**STEP), **dose(5)}, "regularly"),
        ("5 mg three times a day", {**repeat(frequency=1, period=8, periodUnit="h"), **dose(5)}, "every 8 hours"),
    ],
)  # fmt: skip
def test_text_and_structure_that_disagree_are_reported(text: str, structure: dict[str, Any], clash: str) -> None:
    found = check_text(read_dosage({"text": text, **structure}))
    assert [p for p in found if clash in p.what]


@pytest.mark.parametrize("text", ["5 mg three times a day", "Take 5mg TDS", "gar nicht lesbar", "use as directed"])
def test_text_that_agrees_or_cannot_be_read_is_not_reported(text: str) -> None:
    assert check_text(read_dosage({"text": text, **repeat(frequency=3, period=1, periodUnit="d"), **dose(5)})) == ()


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ("timing", "repeat", "doseAndRate", "doseQuantity", "value", "unit", "code", "coding", "text", "route", "when",
         "boundsRange", "low", "extension", "url", "modifierExtension", "maxDosePerPeriod", "numerator")), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(json_like)
def test_nothing_breaks_the_reader(document: Any) -> None:
    for held in (lambda: read_dosage(document), lambda: read_dosages(document)):
        with contextlib.suppress(PosologyError):  # an error of ours is an answer; any other is a defect
            held()


def test_numbers_are_exact() -> None:
    d = read_dosage(dose(Decimal("0.1"), "mg"))
    assert d.dose is not None
    assert d.dose.most is not None
    assert d.dose.most.value == Fraction(1, 10)
