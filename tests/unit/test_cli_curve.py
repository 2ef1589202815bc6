"""The commands curve and model, as a user meets them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from posology.cli import main

PLAN = "baclofen 20 mg three times a day"
SET = ["--from", "2026-11-24", "--zone", "Europe/London"]


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["posology", *args])
    status = 0
    try:
        main()
    except SystemExit as end:
        status = int(end.code or 0)
    out = capsys.readouterr()
    assert "Traceback" not in out.err
    return status, out.out, out.err


@pytest.fixture
def curve(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda *args: run(monkeypatch, capsys, "curve", *args)


TAPER = {
    "medicine": "baclofen",
    "steps": [
        {"days": 3, "mg": {"morning": "15", "noon": "15", "evening": "15"}, "from": "2026-11-25", "to": "2026-11-27"},
        {"days": 2, "mg": {"morning": "5", "noon": "0", "evening": "5"}, "from": "2026-11-28", "to": "2026-11-29"},
    ],
}


def test_my_curve(curve: Any, tmp_path: Path) -> None:
    svg, csv, html = tmp_path / "a.svg", tmp_path / "a.csv", tmp_path / "a.html"
    status, out, _ = curve(PLAN, *SET, "--svg", str(svg), "--csv", str(csv), "--html", str(html), "--threshold", "100")
    assert status == 0
    assert "between 91 and 327 ng/mL, 216 on average" in out
    assert "hours under" in out
    assert "The published models disagree" in out
    assert "not of you" in out
    assert svg.read_text("utf-8").startswith("<svg")
    assert csv.read_text("utf-8").startswith(
        "hours,at,the plan (ng/mL),p05 (ng/mL),p50 (ng/mL),p95 (ng/mL)\n0,2026-11-24T00:00+00:00,"
    )
    assert "<script" not in html.read_text("utf-8")
    assert "<table>" in html.read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--missed", "2026-11-25T15:00"], "back in its usual range for good"),
        (["--missed", "2026-11-25T15:00", "--late", "3h"], "3h late"),
        (["--late", "90min"], "90min late"),
        (["--double", "2026-11-25T15:00"], "Never take two doses together."),
        (["--stop-on", "2026-11-25"], "Do not stop or cut this medicine by yourself."),
        (["--even"], "spaced evenly"),
        (["--bunched", "3h"], "bunched together"),
        (["--liquid"], "An approximation."),
        (["--crcl", "40"], "instead of 216"),
        (["--new"], "Begun with nothing in the body"),
        (["--model", "kochak-1985"], "is an approximation"),
        (["--crcl", "20"], "outside the people this model was made from"),
    ],
)
def test_questions(curve: Any, args: list[str], words: str) -> None:
    status, out, _ = curve(PLAN, *SET, *args)
    assert status == 0
    assert words in out
    assert "safe to stop" not in out


def test_a_taper_beside_a_stop(curve: Any, tmp_path: Path) -> None:
    file, svg = tmp_path / "taper.json", tmp_path / "t.svg"
    file.write_text(json.dumps(TAPER), "utf-8")
    status, out, _ = curve(
        PLAN,
        *SET,
        "--stop-on",
        "2026-11-25",
        "--compare",
        str(file),
        "--svg",
        str(svg),
        "--html",
        str(tmp_path / "t.html"),
    )
    assert status == 0
    assert "Withdrawal pressure (heuristic, not validated" in out
    assert "not a probability" in out
    assert "lets it fall over 5 days" in out
    assert "the planned taper" in svg.read_text("utf-8")
    page = (tmp_path / "t.html").read_text("utf-8")
    assert page.count("heuristic, not validated") >= 3
    status, out, _ = curve(PLAN, *SET, "--compare", str(file), "--json")
    data = json.loads(out)
    assert data["withdrawal_pressure"]["label"] == "heuristic, not validated"
    status, out, _ = curve(str(file), *SET)  # the taper itself as the plan
    assert status == 0
    differ = {**TAPER["steps"][0], "pattern": [TAPER["steps"][0], TAPER["steps"][0]]}
    file.write_text(json.dumps({**TAPER, "steps": [differ]}), "utf-8")
    status, _, err = curve(PLAN, *SET, "--compare", str(file))
    assert status == 1  # the mg of a step whose days differ are those of its first day: never a curve of them
    assert "A pattern over several days is not shown" in err


def test_taken_doses_count_until_now(curve: Any, tmp_path: Path) -> None:
    file = tmp_path / "taken.csv"
    file.write_text("time,mg\n2026-11-24T08:10,20\n2026-11-24T16:00,10\n", "utf-8")
    status, out, _ = curve(PLAN, *SET, "--taken", str(file), "--now", "2026-11-24T18:00", "--json")
    assert status == 0
    data = json.loads(out)
    assert [d["mg"] for d in data["days"]] == ["50", "60", "60"]
    assert data["curves"][0]["values"][0] == 0


def test_days_of_a_clock_change_have_23_hours(curve: Any) -> None:
    status, out, _ = curve(PLAN, "--from", "2026-03-28", "--zone", "Europe/London", "--json")
    assert status == 0
    assert max(json.loads(out)["hours"]) == 71.0


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        ([PLAN], 2, "--from is missing"),
        ([PLAN, *SET, "--missed", "2026-11-25T15:00", "--even"], 2, "Ask one question at a time"),
        ([PLAN, *SET, "--taken", "x.csv"], 2, "need each other"),
        ([PLAN, *SET, "--missed", "2026-11-25T03:00"], 1, "No dose is planned at that time. Planned near it: 2026-11-24T08:00"),
        ([PLAN, *SET, "--missed", "yesterday"], 1, "This is not a time"),
        ([PLAN, *SET, "--late", "soon"], 1, "This is not a length of time"),
        ([PLAN, *SET, "--model", "simon"], 1, "Did you mean simon-2018?"),
        ([PLAN, *SET, "--model", "he-2014"], 1, "cannot be run"),
        ([PLAN, *SET, "--compare", "nowhere.json"], 1, "cannot be read"),
        (["baclofen 1 tablet three times a day", *SET], 1, "Write doses in mg, or give --country"),
        (["diazepam 5 mg once a day", *SET], 1, "No model of diazepam is on file"),
        (["20 mg three times a day", *SET], 2, "Which medicine?"),
        ([PLAN, *SET, "--medicine", "diazepam"], 1, "--medicine says diazepam"),
        (["--model-file", "nowhere.json"], 1, "cannot be read"),
    ],
)  # fmt: skip
def test_refusals(curve: Any, args: list[str], status: int, words: str) -> None:
    got, out, err = curve(*args)
    assert (got, out) == (status, "")
    assert words in err


def test_a_case_of_the_reference_form(curve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = {
        "name": "x",
        "parameters": {"model": "1cpt", "CL": 20, "V": 40, "ka": 0.5},
        "doses": [{"time": 0, "amt": 10}],
        "times": [0, 2],
    }
    file = tmp_path / "case.json"
    file.write_text(json.dumps(case), "utf-8")
    status, out, _ = curve("--model-file", str(file), "--json")
    assert status == 0
    assert json.loads(out)["conc"] == pytest.approx([0, 10 / 40 * 0.5 * 2 * 2.718281828459045**-1], rel=1e-12)
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(case)))
    status, again, _ = curve("--model-file", "-", "--json")
    assert again == out
    for bad, words in (
        ("[1]", "A case is a JSON object"),
        ("{", "This is not JSON"),
        ('{"times": [NaN]}', "NaN is not a number"),
    ):
        file.write_text(bad, "utf-8")
        status, _, err = curve("--model-file", str(file))
        assert status == 1
        assert words in err


def test_models_are_listed_and_held_against_observations(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = run(monkeypatch, capsys, "model", "list", "baclofen")
    assert status == 0
    assert "he-2014" in out
    assert "unrunnable" in out
    status, out, _ = run(monkeypatch, capsys, "model", "validate", "baclofen", "--people", "50")
    assert "highest/lowest model" in out
    assert "Not run: He 2014" in out
    status, out, _ = run(monkeypatch, capsys, "model", "validate", "baclofen", "--people", "50", "--json")
    data = json.loads(out)
    assert all(o["spread"] > 1.3 for o in data["observations"])
    assert set(data["not_run"]) == {"he-2014"}
    status, out, _ = run(monkeypatch, capsys, "model", "list", "baclofen", "--json")
    assert len(json.loads(out)) == 5
