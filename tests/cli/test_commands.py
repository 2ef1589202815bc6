"""The commands as a user meets them: exit statuses, help that teaches by example, files and formats."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from posology import record
from tests.cli.run import run
from tests.shared import ROOT

PLAN = ["plan", "baclofen 10 mg three times a day", "--from", "2026-11-24", "--zone", "Europe/London", "--awake", "07:00-22:30",
        "--have", "10 mg tablets x 84", "--country", "UK"]  # fmt: skip
STOP = [
    "plan",
    "baclofen 30 mg four times a day",
    "--from",
    "2026-11-24",
    "--zone",
    "America/Chicago",
    "--country",
    "US",
]


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (PLAN, 0),
        (["plan", "baclofen 10 xyz a day", *PLAN[2:]], 1),
        ([*PLAN, "--nosuch"], 2),
        (PLAN[:2], 2),
        (["plan"], 2),
        (["nosuch"], 2),
        ([], 2),
        (STOP, 3),
        (["about", "baclofen"], 0),
        (["about", "baclofin"], 1),
        (["about", "baclofen", "--topic", "stoping"], 1),
        (["about", "baclofen", "--country", "XX"], 1),
        (["medicines"], 0),
        (["medicine", "validate", "nosuch.toml"], 1),
        (["medicine", "schema"], 0),
        (["--version"], 0),
        (["--help"], 0),
    ],
    ids=lambda v: " ".join(v)[:40] if isinstance(v, list) else str(v),
)
def test_exit_status(args: list[str], status: int) -> None:
    seen = run(*args)
    assert seen.status == status, seen.err
    if status in (1, 2) and args:
        assert seen.out == "" or "Usage" in seen.out
        assert "Traceback" not in seen.err


@pytest.mark.parametrize("args", [PLAN, STOP], ids=["fine", "stop"])
def test_a_process_of_its_own_exits_the_same(args: list[str]) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("posology")), *args], capture_output=True, text=True, check=False
    )
    seen = run(*args)
    assert (done.returncode, done.stdout, done.stderr) == (seen.status, seen.out, seen.err)


@pytest.mark.parametrize("args", [PLAN, STOP], ids=["fine", "stop"])
def test_json_keeps_its_schema(args: list[str]) -> None:
    seen = run(*args, "--json")
    made = json.loads(seen.out)
    jsonschema.Draft202012Validator.check_schema(record.SCHEMA)
    jsonschema.validate(made, record.SCHEMA)
    assert made["exit"] == seen.status
    assert all(isinstance(d["dose"]["value"], str) for d in made["doses"])
    assert bool(made["doses"]) == (not made["stopped"])


def test_a_document_against_the_schema_is_caught() -> None:
    made = json.loads(run(*PLAN, "--json").out)
    for path, value in (("doses", [{"id": "1"}]), ("version", 2), ("state", "perhaps"), ("nosuch", 1)):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**made, path: value}, record.SCHEMA)
    made["doses"][0]["dose"]["value"] = 10
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(made, record.SCHEMA)


def test_a_stop_writes_no_file_and_says_why(tmp_path: Path) -> None:
    files = {k: tmp_path / f"made.{k}" for k in ("html", "pdf", "ics", "fhir")}
    seen = run(*STOP, *(x for k, f in files.items() for x in (f"--{k}", str(f))))
    assert seen.status == 3
    assert "120 mg a day is above the highest dose: 80 mg" in " ".join(seen.out.split())
    for f in files.values():
        assert f"Not written: {f}" in seen.err
    assert list(tmp_path.iterdir()) == []


def test_a_stop_shows_no_dose_as_an_instruction() -> None:
    seen = run(*STOP)
    assert "Your doses" not in seen.out
    assert "07:00" not in seen.out
    assert json.loads(run(*STOP, "--json").out)["doses"] == []


def test_a_neutral_calendar_names_nothing(tmp_path: Path) -> None:
    neutral, detailed = tmp_path / "a.ics", tmp_path / "b.ics"
    assert run(*PLAN, "--ics", str(neutral)).status == 0
    assert run(*PLAN, "--ics", str(detailed), "--ics-detail").status == 0
    from posology import library

    names = [n.lower() for n in library.medicine("baclofen").names]
    text, full = (f.read_text("utf-8").replace("\r\n ", "").lower() for f in (neutral, detailed))
    assert not any(n in text for n in names)
    assert " mg" not in text
    assert "tablet" not in text
    assert "medicine time" in text
    assert "baclofen" in full
    assert "10 mg" in full


def test_a_trailing_zero_is_warned_of_and_not_printed(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"
    seen = run("plan", "baclofen 10.0 mg three times a day", *PLAN[2:], "--html", str(sheet))
    assert seen.status == 0
    assert "10.0 can be misread as 100" in " ".join(seen.out.split())
    assert "10.0 mg" not in seen.out
    assert "10.0" not in sheet.read_text("utf-8")


@pytest.mark.parametrize(
    "command", [["plan"], ["about"], ["medicines"], ["medicine", "validate"], ["medicine", "schema"]]
)
def test_help_teaches_by_example(command: list[str]) -> None:
    seen = run(*command, "--help")
    assert seen.status == 0
    assert "Example" in seen.out
    assert f"posology {' '.join(command)}" in seen.out


def test_the_person_file_of_the_documents_is_read() -> None:
    for path in (ROOT / "person.toml", ROOT / "docs/examples/person.toml"):
        seen = run(*PLAN, "--person", str(path))
        assert seen.status == 0, seen.err
        assert "Not checked yet" not in seen.out


def test_a_taper_that_never_falls_before_it_stops_is_refused() -> None:
    seen = run("taper", "propranolol extended-release 80 mg once a day", "--since", "2026-01-05", "--from", "2026-11-24",
               "--have", "80 mg capsules x 200", "--country", "US")  # fmt: skip
    assert seen.status == 1
    assert "stopping suddenly" in seen.err
    assert "--have" in seen.err


def test_directions_from_standard_input() -> None:
    assert run(*PLAN[:1], "-", *PLAN[2:], stdin=f"{PLAN[1]}\n").out == run(*PLAN).out


def test_without_the_extra_for_pdf_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    for args in (PLAN, ["about", "baclofen"]):
        seen = run(*args, "--html", str(tmp_path / "a.html"), "--pdf", str(tmp_path / "a.pdf"))
        assert seen.status == 2
        assert "posology[pdf]" in seen.err
    assert list(tmp_path.iterdir()) == []


def test_a_batch_of_times_reads_standard_input_where_no_file_is_given() -> None:
    line = '{"id": "a", "dosage": [{"timing": {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}}}]}\n'
    seen = run("times", "--batch", "--from", "2026-03-28", "--to", "2026-03-28", "--zone", "Europe/London", stdin=line)
    assert seen.status == 0, seen.err
    assert '"id": "a"' in seen.out
    assert "2026-03-28T08:00:00+00:00" in seen.out
    assert run("times", "--from", "2026-03-28", "--zone", "Europe/London").status == 2
