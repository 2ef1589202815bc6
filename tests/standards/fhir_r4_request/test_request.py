"""MedicationRequest and Bundle: what is read, what is refused, and that what is written is never an active order."""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import simplejson
from hypothesis import HealthCheck, given, settings

from posology.amount import Amount
from posology.directions import Course
from posology.errors import PosologyError, RefusedError, UnreadableError
from posology.fhir.parts import Json
from posology.fhir.request import REQUEST, STATUSES, Drug, load, read_json, read_request, write_request
from tests.making import courses
from tests.shared import ROOT

TODAY = dt.date(2026, 11, 24)


def order(**changes: Any) -> Json:
    base: Json = {
        "resourceType": "MedicationRequest", "id": "r1", "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": "examplone 10 mg tablets"},
        "subject": {"reference": "Patient/p1"}, "authoredOn": "2026-11-20",
        "dosageInstruction": [{
            "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [{"doseQuantity": {"value": 10, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}],
        }],
    }  # fmt: skip
    return {k: v for k, v in (base | changes).items() if v is not None}


def observation(code: str, value: Any, unit: str, day: str = "2026-10-01", **more: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "subject": {"reference": "Patient/p1"}, "effectiveDateTime": day,
            "valueQuantity": {"value": value, "unit": unit}} | more  # fmt: skip


PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1960-05-01"}


def bundle(*resources: Json) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in (PATIENT, *resources)]}


def test_a_request_is_read() -> None:
    read = read_request(order(dispenseRequest={"quantity": {"value": 84, "unit": "tablet"}, "numberOfRepeatsAllowed": 2,
                                               "expectedSupplyDuration": {"value": 28, "code": "d"}}))  # fmt: skip
    assert read.medicine == Drug("examplone 10 mg tablets")
    assert read.text == "10 mg 3 times a day."
    assert read.authored_on == dt.date(2026, 11, 20)
    assert (read.quantity, read.repeats, read.supply) == (Amount(84, "{tablet}"), 2, Amount(28, "d"))
    assert read.warnings == ()


def test_what_is_known_of_the_person() -> None:
    read = read_request(
        bundle(
            order(reasonCode=[{"text": "spasticity"}]),
            observation("98979-8", 25, "mL/min/1.73m2"),
            observation("98979-8", 60, "mL/min/1.73m2", "2025-01-01"),
            observation("2164-2", 40, "mL/min"),
            observation("29463-7", 154, "[lb_av]"),
            {"resourceType": "Condition", "code": {"text": "epilepsy"}, "subject": {"reference": "Patient/p1"}},
            {
                "resourceType": "Condition", "code": {"text": "flu"}, "subject": {"reference": "Patient/p1"},
                "clinicalStatus": {"coding": [{"code": "resolved"}]},
            },
            {"resourceType": "AllergyIntolerance", "code": {"text": "penicillin"}, "patient": {"reference": "Patient/p1"}},
            {
                "resourceType": "MedicationStatement", "status": "active", "subject": {"reference": "Patient/p1"},
                "medicationCodeableConcept": {"text": "ibuprofen"},
            },
            {
                "resourceType": "MedicationStatement", "status": "active", "subject": {"reference": "Patient/p1"},
                "medicationCodeableConcept": {"text": "Examplone"}, "effectivePeriod": {"start": "2026-01-01"},
                "dosage": [{"text": "5 mg three times a day"}],
            },
        ),
        TODAY,
    )  # fmt: skip
    p = read.person
    assert p.age == Amount(66, "a")
    assert p.egfr is not None
    assert (p.egfr.amount, p.egfr.on) == (Amount(25, "mL/min/{1.73_m2}"), dt.date(2026, 10, 1))
    assert p.crcl is not None
    assert p.crcl.amount == Amount(40, "mL/min")
    assert p.weight is not None
    assert p.weight.amount == Amount(154 * Fraction(45359237, 10**8), "kg")
    assert (p.indication, p.conditions, p.allergies, p.medicines) == (
        "spasticity",
        ("epilepsy",),
        ("penicillin",),
        ("ibuprofen",),
    )
    assert p.taking is not None
    assert p.taking[0].since == dt.date(2026, 1, 1)
    assert str(p.taking[0].course.directions[0].dose) == "5 mg"
    assert [n for n in read.notes if "It is past: flu" in n.what]


def test_what_is_not_said_stays_unknown() -> None:
    p = read_request(order(), TODAY).person
    assert (p.age, p.weight, p.egfr, p.conditions, p.medicines, p.allergies, p.taking) == (None,) * 7


def test_another_order_of_the_same_medicine_is_beside_it() -> None:
    other = order(id="r2", medicationCodeableConcept={"text": "Examplone 5 mg"})
    with pytest.raises(RefusedError, match="Several orders"):
        read_request(bundle(order(), other))
    read = read_request(bundle(order(), other), medicine="r1")
    assert len(read.beside) == 1
    read = read_request(bundle(order(status="draft"), other))
    assert read.person.taking is not None
    assert read.beside == ()


@pytest.mark.parametrize("status", [s for s, refusal in STATUSES.items() if refusal] + ["nonsense", None])
def test_a_status_that_is_not_to_be_acted_on_is_refused(status: str | None) -> None:
    with pytest.raises(RefusedError, match="status"):
        read_request(order(status=status))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"doNotPerform": True}, "doNotPerform"),
        ({"modifierExtension": [{"url": "http://example.org/not", "valueBoolean": True}]}, "modifierExtension"),
        ({"implicitRules": "http://example.org/rules"}, "implicitRules"),
        ({"intent": "option"}, "intent"),
        ({"intent": None}, "intent"),
        ({"unknownField": 1}, "unknownField"),
        ({"dosageInstruction": None}, "dosageInstruction"),
        ({"dosageInstruction": []}, "dosageInstruction"),
        ({"medicationCodeableConcept": {"coding": [{"system": "s", "code": "1"}]}}, "medication"),
        ({"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/m1"}}, "medicationReference"),
        ({"authoredOn": "yesterday"}, "authoredOn"),
        ({"authoredOn": "2026-02-31"}, "authoredOn"),
        ({"dispenseRequest": {"quantity": {"value": -1, "unit": "tablet"}}}, "quantity"),
        ({"medicationCodeableConcept": {"text": "x", "coding": [{"system": "s", "code": "1"}, {"system": "s", "code": "2"}]}},
         "medication"),
    ],
)  # fmt: skip
def test_an_order_is_refused_with_the_place(changes: Json, where: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_request(order(**changes))
    assert any(where in p.where for p in caught.value.problems)


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(RefusedError) as caught:
        read_request(order(status="stopped", doNotPerform=True, intent="option", dosageInstruction=[{"dose": 1}]))
    assert len(caught.value.problems) >= 4


def test_text_that_asks_for_another_dose_is_refused_with_both_readings() -> None:
    bad = order()
    bad["dosageInstruction"][0]["text"] = "20 mg three times a day"
    with pytest.raises(RefusedError, match="20 mg, the structure says 10 mg"):
        read_request(bad)


def test_text_that_differs_in_kind_of_rhythm_is_a_warning() -> None:
    given = order()
    given["dosageInstruction"][0]["text"] = "10 mg every 8 hours"
    assert "every 8 hours" in read_request(given).warnings[0].what


def test_text_alone_is_read_as_english_or_refused() -> None:
    read = read_request(order(dosageInstruction=[{"text": "10 mg three times a day"}]))
    assert str(read.course.directions[0].dose) == "10 mg"
    with pytest.raises(RefusedError):
        read_request(order(dosageInstruction=[{"text": "1 2 times a day"}]))


def test_facts_of_another_person_are_never_mixed_in() -> None:
    other = observation("98979-8", 25, "mL/min/1.73m2", subject={"reference": "Patient/p2"})
    nobody = observation("98979-8", 25, "mL/min/1.73m2")
    del nobody["subject"]
    read = read_request(bundle(order(), other, nobody), TODAY)
    assert read.person.egfr is None
    with pytest.raises(RefusedError, match="not for the patient"):
        read_request(bundle(order(subject={"reference": "Patient/p9"})))


@pytest.mark.parametrize(
    "changes",
    [
        {"valueQuantity": {"value": 60, "unit": "mL/min/1.73m2", "comparator": ">"}},
        {"status": "entered-in-error"},
        {"effectiveDateTime": "2030-01-01"},
    ],
)
def test_a_finding_that_is_not_one_number_now_is_not_used(changes: Json) -> None:
    read = read_request(bundle(order(), observation("98979-8", 25, "mL/min/1.73m2", **changes)), TODAY)
    assert read.person.egfr is None
    assert read.notes


def test_two_findings_of_one_time_that_differ_are_refused() -> None:
    with pytest.raises(RefusedError, match="Two values"):
        read_request(
            bundle(order(), observation("98979-8", 25, "mL/min/1.73m2"), observation("98979-8", 52, "mL/min/1.73m2")),
            TODAY,
        )


def test_a_finding_in_a_strange_unit_is_refused() -> None:
    with pytest.raises(UnreadableError, match="unit does not fit"):
        read_request(bundle(order(), observation("29463-7", 70, "stone")), TODAY)


def test_no_known_allergy_is_none_and_not_unknown() -> None:
    none = {"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p1"},
            "code": {"coding": [{"code": "716186003", "display": "No known allergy"}]}}  # fmt: skip
    assert read_request(bundle(order(), none), TODAY).person.allergies == ()


def test_a_contained_medicine_and_its_strength() -> None:
    held = order(
        medicationCodeableConcept=None, medicationReference={"reference": "#m"},
        contained=[{"resourceType": "Medication", "id": "m", "code": {"text": "examplone"}, "form": {"text": "tablet"},
                    "ingredient": [{"strength": {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 1, "unit": "tablet"}}}]}],
    )  # fmt: skip
    drug = read_request(held).medicine
    assert (drug.text, str(drug.strength), drug.form) == ("examplone", "5 mg", "tablet")


def test_an_r5_request_is_read() -> None:
    r5 = order(
        medicationCodeableConcept=None,
        medication={"concept": {"text": "examplone"}},
        reason=[{"concept": {"text": "spasms"}}],
    )
    read = read_request(r5)
    assert (read.medicine.text, read.person.indication) == ("examplone", "spasms")


@pytest.mark.parametrize(
    "text", ["", "{", "[1, 2", '{"a": 1, "a": 2}', "[" * 3000, '{"resourceType": "Patient"}', "null", "\ufeff{}"]
)
def test_broken_documents_are_one_clear_error(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_json(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnreadableError, match="UTF-8"):
        load(b"\xff\xfe{}")


def judged(made: Json) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from fhir.resources.R4B.medicationrequest import MedicationRequest

        MedicationRequest.model_validate_json(simplejson.dumps(made, use_decimal=True))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(courses())
def test_what_is_written_is_a_draft_plan_and_reads_back(course: Course) -> None:
    made = write_request("examplone", course, text="as it was written", quantity=Amount(84, "{tablet}"), repeats=1)
    assert (made["status"], made["intent"]) == ("draft", "plan")
    judged(made)
    for dosage in made["dosageInstruction"]:
        dosage.pop("text", None)
    again = read_request(simplejson.loads(simplejson.dumps(made, use_decimal=True), use_decimal=True))
    assert [p.length for p in again.course.phases] == [p.length for p in course.phases]
    assert again.quantity == Amount(84, "{tablet}")


def test_its_own_sentences_agree_with_its_structure() -> None:
    made = write_request("examplone", read_request(order()).course)
    again = read_request(made)
    assert again.course == read_request(order()).course
    assert [w.where for w in again.warnings] == ["MedicationRequest.intent"]


def test_the_law_catches_a_writer_that_makes_an_order() -> None:
    made = write_request("examplone", read_request(order()).course) | {"intent": "order", "status": "active"}
    assert (made["status"], made["intent"]) != ("draft", "plan")
    assert read_request(made).intent == "order"


def test_the_list_of_request_fields_names_every_published_one() -> None:
    from fhir.resources.R4B.medicationrequest import MedicationRequest

    published = {f.alias or n for n, f in MedicationRequest.model_fields.items()}
    assert {n for n in published if not n.startswith("_") and n not in ("fhir_comments", "resource_type")} - set(
        REQUEST
    ) == set()
    page = (Path(ROOT) / "docs/reference/fhir.md").read_text("utf-8")
    assert [n for n in REQUEST if f"| `{n}` |" not in page] == []


def _mutations() -> list[Callable[[Json], Any]]:
    return [
        lambda o: o.update(dosageInstruction="three times a day"), lambda o: o.update(subject=5), lambda o: o.update(note=3),
        lambda o: o.update(contained={"a": 1}), lambda o: o.update(reasonCode="x"), lambda o: o.update(dispenseRequest=[]),
        lambda o: o.update(medicationCodeableConcept=[1]), lambda o: o.update(doNotPerform="yes"), lambda o: o.update(status=["active"]),
    ]  # fmt: skip


@pytest.mark.parametrize("mutate", _mutations())
def test_strange_shapes_never_break_the_reader(mutate: Callable[[Json], Any]) -> None:
    for make in (order(), bundle(order(), observation("98979-8", 25, "mL/min/1.73m2"))):
        held = copy.deepcopy(make)
        mutate(held if held["resourceType"] == "MedicationRequest" else held["entry"][1]["resource"])
        with contextlib.suppress(PosologyError):  # an error of ours is an answer; any other is a defect
            read_request(held, TODAY)
