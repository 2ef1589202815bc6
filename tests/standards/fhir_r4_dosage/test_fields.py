"""Every field of FHIR R4 Dosage and Timing is handled, noted or refused by name; the list is held against an outside one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from posology.directions import Directions
from posology.errors import Problem, RefusedError, UnreadableError
from posology.fhir.dosage import DOSAGE, DOSE_AND_RATE, read_dosage, write_dosage
from posology.fhir.fields import FIELDS, table
from posology.fhir.timing import REPEAT
from tests.shared import ROOT

MG: dict[str, Any] = {"value": 5, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
H: dict[str, Any] = {"value": 24, "unit": "hours", "system": "http://unitsofmeasure.org", "code": "h"}
RATIO = {"numerator": MG, "denominator": H}
RANGE = {"low": MG, "high": {**MG, "value": 10}}

EXAMPLES: dict[str, Any] = {
    "Dosage.sequence": 2,
    "Dosage.text": "5 mg",
    "Dosage.additionalInstruction": [{"text": "with food"}],
    "Dosage.patientInstruction": "With water",
    "Dosage.timing": {"repeat": {"when": ["MORN"]}},
    "Dosage.asNeededBoolean": True,
    "Dosage.asNeededCodeableConcept": {"text": "pain"},
    "Dosage.asNeeded": True,
    "Dosage.asNeededFor": [{"text": "pain"}, {"text": "fever"}],
    "Dosage.site": {"text": "left arm"},
    "Dosage.route": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006", "display": "Oral route"}]},
    "Dosage.method": {"text": "Take"},
    "Dosage.doseAndRate": [{"doseQuantity": MG}],
    "Dosage.maxDosePerPeriod": RATIO,
    "Dosage.maxDosePerAdministration": MG,
    "Dosage.maxDosePerLifetime": MG,
    "Dosage.extension": [{"url": "urn:posology:indication", "valueCodeableConcept": {"text": "spasms"}}],
    "Dosage.doseAndRate.type": {"coding": [{"code": "calculated", "display": "Calculated"}]},
    "Dosage.doseAndRate.doseRange": RANGE,
    "Dosage.doseAndRate.doseQuantity": MG,
    "Dosage.doseAndRate.rateRatio": RATIO,
    "Dosage.doseAndRate.rateRange": {"low": {"value": 1, "unit": "mL/h"}, "high": {"value": 2, "unit": "mL/h"}},
    "Dosage.doseAndRate.rateQuantity": {
        "value": 5,
        "unit": "mL/h",
        "system": "http://unitsofmeasure.org",
        "code": "mL/h",
    },
    "Timing.extension": [
        {
            "url": "urn:posology:cycle",
            "extension": [{"url": "on", "valuePositiveInt": 21}, {"url": "off", "valuePositiveInt": 7}],
        }
    ],
    "Timing.event": ["2026-11-24T08:00:00Z"],
    "Timing.repeat": {"count": 2},
    "Timing.code": {"coding": [{"code": "BID"}]},
    "Timing.repeat.boundsDuration": {**H, "value": 7, "unit": "days", "code": "d"},
    "Timing.repeat.boundsRange": {"low": {"value": 5, "code": "d"}, "high": {"value": 7, "code": "d"}},
    "Timing.repeat.boundsPeriod": {"start": "2026-11-24", "end": "2026-12-01"},
    "Timing.repeat.count": 3,
    "Timing.repeat.countMax": 5,
    "Timing.repeat.duration": 30,
    "Timing.repeat.durationMax": 60,
    "Timing.repeat.durationUnit": "min",
    "Timing.repeat.frequency": 2,
    "Timing.repeat.frequencyMax": 3,
    "Timing.repeat.period": 4,
    "Timing.repeat.periodMax": 6,
    "Timing.repeat.periodUnit": "h",
    "Timing.repeat.dayOfWeek": ["mon", "fri"],
    "Timing.repeat.timeOfDay": ["08:00:00"],
    "Timing.repeat.when": ["ACM"],
    "Timing.repeat.offset": 30,
}
NEEDS: dict[str, dict[str, Any]] = {
    "Timing.repeat.countMax": {"count": 3},
    "Timing.repeat.duration": {"durationUnit": "min"},
    "Timing.repeat.durationMax": {"duration": 30, "durationUnit": "min"},
    "Timing.repeat.durationUnit": {"duration": 30},
    "Timing.repeat.period": {"periodUnit": "h"},
    "Timing.repeat.periodMax": {"period": 4, "periodUnit": "h"},
    "Timing.repeat.periodUnit": {"period": 4},
    "Timing.repeat.offset": {"when": ["ACM"]},
}


def document(path: str, value: Any) -> dict[str, Any]:
    """A Dosage that holds one field (and what its invariants ask for)."""
    *parents, name = path.split(".")
    more = copy.deepcopy(NEEDS.get(path, {}))
    if parents == ["Dosage"]:
        return {name: value}
    if parents == ["Dosage", "doseAndRate"]:
        return {"doseAndRate": [{name: value}]}
    if parents == ["Timing"]:
        return {"timing": {name: value}}
    return {"timing": {"repeat": {**more, name: value}}}


def test_the_list_names_every_field_of_the_published_shapes() -> None:
    from fhir.resources.R4B.dosage import Dosage, DosageDoseAndRate
    from fhir.resources.R4B.timing import Timing, TimingRepeat

    published = set()
    for prefix, model in (("Dosage", Dosage), ("Dosage.doseAndRate", DosageDoseAndRate), ("Timing", Timing),
                          ("Timing.repeat", TimingRepeat)):  # fmt: skip
        published |= {f"{prefix}.{f.alias or n}" for n, f in model.model_fields.items()}
    published = {
        p
        for p in published
        if not p.split(".")[-1].startswith("_") and p.split(".")[-1] not in ("fhir_comments", "resource_type")
    }
    ours = {f.path for f in FIELDS}
    not_elements = ("Dosage.doseAndRate.modifierExtension", "Timing.repeat.modifierExtension")
    assert published - ours - set(not_elements) == set()
    assert ours - published == {"Dosage.asNeeded", "Dosage.asNeededFor"}


def test_the_list_is_the_code() -> None:
    handled = {f.path for f in FIELDS if f.fate == "handled"} - {"Dosage.extension", "Timing.extension"}
    code = {f"Dosage.{n}" for n in DOSAGE} | {f"Dosage.doseAndRate.{n}" for n in DOSE_AND_RATE}
    code |= {f"Timing.repeat.{n}" for n in REPEAT} | {f"Timing.{n}" for n in ("event", "repeat", "code")}
    assert handled == code


def test_every_handled_field_has_an_example() -> None:
    assert {f.path for f in FIELDS if f.fate == "handled"} == set(EXAMPLES)


@pytest.mark.parametrize("path", sorted(EXAMPLES))
def test_a_handled_field_is_held_and_written_again(path: str) -> None:
    given = document(path, EXAMPLES[path])
    notes: list[Problem] = []
    d = read_dosage(given, notes=notes)
    if path != "Dosage.text":
        assert d != Directions()
    assert notes == []
    assert read_dosage(write_dosage(d)) == d


@pytest.mark.parametrize("path", [f.path for f in FIELDS if f.fate == "refused"])
def test_a_refused_field_is_named(path: str) -> None:
    with pytest.raises(RefusedError, match="modifierExtension: An extension that changes the meaning is not known: u"):
        read_dosage(document(path, [{"url": "u", "valueBoolean": True}]) | {"text": "5 mg"})


@pytest.mark.parametrize("path", [f.path for f in FIELDS if f.fate == "noted"])
def test_a_noted_field_is_named_in_the_notes(path: str) -> None:
    value: Any = "x1" if path.endswith(".id") else [{"url": "http://example.org/own", "valueString": "y"}]
    notes: list[Problem] = []
    given = document(path, value)
    if path.startswith("Dosage.doseAndRate"):
        given["doseAndRate"][0]["doseQuantity"] = MG
    if path.startswith("Timing"):
        given["timing"].setdefault("repeat", {})["count"] = 1
    read_dosage(given | {"text": "5 mg"}, notes=notes)
    assert [n for n in notes if path.rsplit(".", 1)[-1] in n.where]


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"dose": 5}, "Dosage.dose"),
        ({"timing": {"repeat": {"freq": 3}}}, "Dosage.timing.repeat.freq"),
        ({"doseAndRate": [{"doseQuantity": {**MG, "extra": 1}}]}, "Dosage.doseAndRate[0].doseQuantity.extra"),
        ({"_text": {"extension": [{"url": "u"}]}}, "Dosage._text"),
        ({"text": "a", "_text": {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}]}}, "Dosage._text"),
    ],
)  # fmt: skip
def test_a_field_that_is_not_known_is_refused_with_its_path(given: dict[str, Any], where: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_dosage(given)
    assert where in [p.where for p in caught.value.problems]


def test_the_reference_page_shows_the_list() -> None:
    page = (Path(ROOT) / "docs/reference/fhir.md").read_text("utf-8")
    assert table() in page
