"""The command say: files, words, batches; errors in the line, order kept, options wrong once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from posology.cli import app
from posology.errors import PosologyError

DOSAGE = {
    "doseAndRate": [{"doseQuantity": {"value": 2, "unit": "tablet"}}],
    "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}},
}


def call(*args: str, given: str = "") -> Result:
    return CliRunner().invoke(app, ["say", *args], input=given)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "dosage.json"
    path.write_text(json.dumps(DOSAGE), "utf-8")
    return str(path)


def test_a_file_is_said(file: str) -> None:
    assert call(file).stdout == "2 tablets 3 times a day.\n"
    assert call(file, "--lang", "de", "--form", "patient").stdout == "Nehmen Sie 2 Tabletten 3-mal täglich ein.\n"


@pytest.mark.parametrize("document", [[DOSAGE], {"dosage": [DOSAGE]}, {"dosageInstruction": [DOSAGE]}])
def test_lists_and_objects_that_hold_dosages_are_said(document: object) -> None:
    assert call("-", given=json.dumps(document)).stdout == "2 tablets 3 times a day.\n"


def test_a_request_is_said_with_its_notes() -> None:
    request = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "medicationCodeableConcept": {"text": "x"},
               "subject": {"display": "y"}, "dosageInstruction": [DOSAGE], "priority": "routine"}  # fmt: skip
    answer = json.loads(call("-", "--json", given=json.dumps(request)).stdout)
    assert answer["text"] == "2 tablets 3 times a day."
    assert any("priority" in n for n in answer["notes"])


def test_words_are_said_in_another_language() -> None:
    assert call("2 tablets three times a day", "--lang", "fr").stdout == "2 comprimés 3 fois par jour.\n"


def test_the_profile_asks_for_no_language() -> None:
    when = {"timing": {"repeat": {"when": ["MORN"]}}, "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "Stück"}}]}
    assert call("-", "--profile", "dgmp", given=json.dumps(when)).stdout == "1-0-0-0 Stück\n"


@pytest.mark.parametrize(
    ("args", "given"),
    [(("-",), "{"), (("-",), '{"dosage": []}'), (("-",), '{"resourceType": "Patient"}'), (("no-such-file.json",), ""),
     (("-", "--lang", "fr", "--profile", "dgmp"), json.dumps(DOSAGE)), (("-", "--batch", "--lang", "fr", "--profile", "dgmp"), "{}"),
     (("--batch", "no-such-file"), "")],
)  # fmt: skip
def test_what_is_wrong_is_an_error_of_ours(args: tuple[str, ...], given: str) -> None:
    assert isinstance(call(*args, given=given).exception, PosologyError)


def test_a_batch_keeps_order_and_holds_its_errors() -> None:
    lines = [
        json.dumps({"id": "a", "dosage": [DOSAGE]}),
        json.dumps({"id": "b", "dosage": [{"dose": 5}]}),
        "",
        "not json",
        json.dumps({"dosage": [DOSAGE]}),
        json.dumps({"id": None, "text": "2 tablets"}),
        json.dumps({"id": ["x"], "dosage": "y"}),
        json.dumps({"id": "c", "dosage": [DOSAGE]}),
        json.dumps([1]),
        '{"id": 1, "dosage": ' + "[" * 500,
        json.dumps({"id": 'a,"dosage"', "dosage": [DOSAGE]}),
        "x" * 200_000,
    ]
    answers = [json.loads(line) for line in call("--batch", given="\n".join(lines)).stdout.splitlines()]
    assert len(answers) == len(lines)
    said = "2 tablets 3 times a day."
    assert [a["id"] for a in answers[:2]] == ["a", "b"]
    assert answers[4] == {"id": 5, "text": said}
    assert [a["text"] for a in answers] == [said, None, None, None, said, None, None, said, None, None, said, None]
    assert all(("error" in a) == (a["text"] is None) for a in answers)
    assert "dosage[0].dose" in answers[1]["error"][0]


def test_a_dosage_that_comes_again_is_said_again() -> None:
    lines = [json.dumps({"id": i, "dosage": [DOSAGE]}) for i in range(5)] + [
        json.dumps({"id": 5, "dosage": [{"dose": 1}]})
    ] * 2
    answers = [json.loads(line) for line in call("--batch", given="\n".join(lines)).stdout.splitlines()]
    assert [a["id"] for a in answers] == [0, 1, 2, 3, 4, 5, 5]
    assert [a["text"] is None for a in answers] == [False] * 5 + [True] * 2


def test_the_batch_keeps_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    from posology.cli import say as command

    monkeypatch.setattr(command, "_KEPT", 3)
    lines = [
        json.dumps({"id": i, "dosage": [{"doseAndRate": [{"doseQuantity": {"value": i + 1, "unit": "mg"}}]}]})
        for i in range(20)
    ]
    answers = [json.loads(line)["text"] for line in call("--batch", given="\n".join(lines)).stdout.splitlines()]
    assert answers == [f"{i + 1} mg." for i in range(20)]


def test_the_program_says_a_problem_without_a_traceback(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('{"doseAndRate": [{"doseQuantity": {"unit": "mg"}}]}', "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from posology.cli import main; main()", "say", str(bad)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "doseQuantity.value: The number is missing." in done.stderr
    assert "Traceback" not in done.stderr
