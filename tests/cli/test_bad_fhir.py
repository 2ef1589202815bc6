"""FHIR files that must not be acted on: one clear block with the path, no traceback, no file left behind."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import run

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "fhir.toml").read_text("utf-8"))["case"]
GOOD = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {"text": "Baclofen 10 mg tablets"},
    "subject": {"display": "A person"},
    "dosageInstruction": [
        {
            "text": "10 mg three times a day",
            "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
            "doseAndRate": [
                {"doseQuantity": {"value": 10, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}
            ],
        }
    ],
}
FILL = {"{nested}": "[" * 100_000, "{big}": '{"x": "' + "a" * 6_000_000 + '"}'}


class Raw(str):
    """JSON text put in as it stands, so that numbers no reader can hold can be written."""


def changed(case: dict[str, Any]) -> str:
    """The text of a case's file."""
    if "raw" in case:
        return FILL.get(case["raw"], case["raw"])
    order = json.loads(json.dumps(GOOD))
    raws: list[str] = []
    for path, value in case["change"].items():
        at: Any = order
        *steps, last = path.split(".")
        for step in steps:
            at = at[int(step)] if step.isdigit() else at[step]
        if value:
            at[last] = f"<{len(raws)}>"
            raws.append(value)
        else:
            at.pop(last)
    text = json.dumps(order)
    for n, value in enumerate(raws):
        text = text.replace(f'"<{n}>"', value)
    return text


def plan(folder: Path, text: str) -> Any:
    """Plan the order of a file, with every output asked for."""
    (folder / "out").mkdir()
    (folder / "order.json").write_text(text, "utf-8")
    files = [x for k in ("html", "ics", "fhir") for x in (f"--{k}", str(folder / "out" / f"made.{k}"))]
    return run(
        "plan", str(folder / "order.json"), "--country", "UK", "--zone", "Europe/London", "--from", "2026-11-24", *files
    )


def judge(case: dict[str, Any], folder: Path) -> list[str]:
    """What is wrong with how a case ends; empty where it ends as said."""
    seen = plan(folder, changed(case))
    lines = [line for line in seen.err.split("\n") if line]
    wrong = [] if seen.status == 1 else [f"status {seen.status}: {seen.err[:300]}"]
    wrong += [f"not said: {s!r} in {seen.err[:400]!r}" for s in case["say"] if s.lower() not in seen.err.lower()]
    where = case.get("where")
    if where is not None and not any(where in line.split(": ")[1] for line in lines if ": " in line):
        wrong.append(f"not placed at {where!r}: {seen.err[:400]!r}")
    wrong += [f"not of one block: {line!r}" for line in lines if not line.startswith("posology: ")]
    wrong += [f"{len(line)} characters long" for line in lines if len(line) > 500]
    wrong += ["something was shown as a plan"] if seen.out else []
    wrong += ["a file is left"] if any((folder / "out").iterdir()) else []
    return wrong


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    assert case["say"]
    assert judge(case, tmp_path) == []


def test_the_order_the_cases_change_is_good(tmp_path: Path) -> None:
    seen = plan(tmp_path, json.dumps(GOOD))
    assert seen.status == 0, seen.err
    assert {p.suffix for p in (tmp_path / "out").iterdir()} == {".html", ".ics", ".fhir"}


def test_an_amount_without_a_unit_is_never_given_one(tmp_path: Path) -> None:
    change = {"dosageInstruction.0.doseAndRate.0.doseQuantity": '{"value": 10}', "dosageInstruction.0.text": ""}
    seen = plan(tmp_path, changed({"change": change}))
    assert seen.status == 3
    told = seen.out.split("Not checked")[0].split("--taking")[0].replace("Baclofen 10 mg", "")
    assert "10 mg" not in told
    assert not list((tmp_path / "out").iterdir())


def test_the_runner_of_cases_can_fail(tmp_path: Path) -> None:
    wrong = judge({"change": {}, "say": ["no such words"], "where": "nowhere"}, tmp_path)
    assert {w.split(" ")[0] for w in wrong} >= {"status", "not", "something", "a"}
