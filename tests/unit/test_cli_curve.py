"""The commands curve and model, as a user meets them."""

from __future__ import annotations

import json
import re
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
        (["--even"], "Spaced evenly"),
        (["--bunched", "3h"], "Bunched together"),
        (["--liquid"], "An approximation."),
        (["--crcl", "40"], "439 ng/mL on average. With full kidney function it would be 216"),
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


def test_taken_doses_count_until_now(curve: Any, tmp_path: Path) -> None:
    """What was taken counts for the past, the plan from now on; the full plan stands behind, what was left out is hollow."""
    file, svg = tmp_path / "taken.csv", tmp_path / "t.svg"
    file.write_text("time,mg\n2026-11-24T08:10,20\n2026-11-24T16:00,10\n", "utf-8")
    ask = ("--taken", str(file), "--now", "2026-11-24T18:00")
    status, out, _ = curve(PLAN, *SET, *ask, "--json")
    assert status == 0
    data = json.loads(out)
    own = "the doses taken, then the plan"
    assert [d["mg"] for d in data["days"] if d["plan"] == own] == ["50", "60", "60"]
    usual, mine = data["curves"]
    assert mine["values"][0] == pytest.approx(usual["values"][0])  # before the file: taken like this for weeks
    assert curve(PLAN, *SET, *ask, "--new", "--json")[1].count('"values"') == 2
    assert json.loads(curve(PLAN, *SET, *ask, "--new", "--json")[1])["curves"][1]["values"][0] == 0
    # the same as JSON; a dose of the evening before tells all of that day
    other = tmp_path / "taken.json"
    rows = [{"time": "2026-11-24T08:10", "mg": 20}, {"time": "2026-11-24T16:00", "mg": 10}]
    other.write_text(json.dumps(rows), "utf-8")
    again = curve(PLAN, *SET, "--taken", str(other), "--now", "2026-11-24T18:00", "--json")[1]
    assert json.loads(again)["curves"][1]["values"] == mine["values"]
    rows.insert(0, {"time": "2026-11-23T22:00", "mg": 20})
    other.write_text(json.dumps(rows), "utf-8")
    less = json.loads(curve(PLAN, *SET, "--taken", str(other), "--now", "2026-11-24T18:00", "--json")[1])
    assert less["curves"][1]["values"][0] < mine["values"][0]
    # a planned dose that no dose taken is nearest to was left out
    file.write_text("time,mg\n2026-11-24T08:10,20\n", "utf-8")
    status, out, _ = curve(PLAN, *SET, *ask, "--svg", str(svg))
    assert "1 planned dose was not taken." in out
    assert "Do not take two doses together" in out
    assert "dose missed" in svg.read_text("utf-8")
    # and a stop is counted from the doses taken too
    status, out, _ = curve(PLAN, *SET, *ask, "--stop-on", "2026-11-25", "--json")
    assert json.loads(out)["curves"][1]["values"][0] == pytest.approx(usual["values"][0])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "time,mg\n2026-11-24T08:00,much\n2026-11-24,20\nnever,20\n", ["line 2: Here time and mg are needed", "line 4: This is not a time"]),
        ("a.csv", "when,mg\n2026-11-24T08:00,20\n", ["line 2: Here time and mg are needed"]),
        ("a.csv", "", ["There is no dose in this file"]),
        ("a.csv", "time,mg\n2026-11-24T20:00,20\n", ["line 2: This dose is later than --now"]),
        ("a.json", '[{"time": "2026-11-24T08:00", "mg": true}, {"mg": 1}]', ["[0]: Here time and mg", "[1]: Here time and mg"]),
        ("a.json", '{"time": 1}', ["This is not a list of doses"]),
        ("a.json", "[", ["This is not JSON"]),
    ],
)  # fmt: skip
def test_taken_doses_refused(curve: Any, tmp_path: Path, name: str, text: str, words: list[str]) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    status, out, err = curve(PLAN, *SET, "--taken", str(file), "--now", "2026-11-24T18:00")
    assert (status, out) == (1, "")
    assert all(w in err for w in words), err


def test_a_taper_file_begins_from_what_was_taken_before(curve: Any, tmp_path: Path) -> None:
    """Its own start fills the weeks before it, and its sentence says where it goes."""
    file = tmp_path / "taper.json"
    start = {"morning": "20", "noon": "20", "evening": "20"}
    file.write_text(json.dumps({**TAPER, "problem": {"direction": "taper", "start": start}}), "utf-8")
    told = json.loads(curve(str(file), *SET, "--json")[1])
    file.write_text(json.dumps(TAPER), "utf-8")
    untold = json.loads(curve(str(file), *SET, "--json")[1])
    assert told["curves"][0]["values"][0] > untold["curves"][0]["values"][0] > 0
    assert "By this plan the average level is" in told["sentences"][0]
    assert "Do not stop or cut this medicine by yourself." in told["sentences"][1]


def test_a_plan_that_is_made_already(
    curve: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The JSON of posology plan is a plan here too: its own first day, zone and dose times, to the minute."""
    file = tmp_path / "plan.json"
    made = run(monkeypatch, capsys, "plan", PLAN, *SET, "--awake", "07:00-22:30", "--country", "UK", "--json")[1]
    file.write_text(made, "utf-8")
    status, out, _ = curve(str(file), "--population", "0", "--json")
    assert status == 0
    data = json.loads(out)
    words = json.loads(curve(PLAN, *SET, "--awake", "07:00-22:30", "--population", "0", "--json")[1])
    assert data["curves"][0]["values"] == pytest.approx(words["curves"][0]["values"])
    assert data["at"] == words["at"]
    assert "Stopped at once" in curve(str(file), "--stop-on", "2026-11-25")[1]
    for args, text, said in (
        (["--days", "40"], made, "This plan holds doses from 2026-11-24 to 2026-12-21"),
        (["--medicine", "tizanidine"], made, "No model of tizanidine is on file"),
        ([], made.replace('"unit": "mg"', '"unit": "{tablet}"'), "doses in {tablet}"),
        ([], json.dumps({**json.loads(made), "doses": []}), "This plan has no doses"),
        ([], json.dumps({**json.loads(made), "doses": [{"at": "soon"}]}), "This plan cannot be read"),
    ):
        file.write_text(text, "utf-8")
        status, out, err = curve(str(file), *args)
        assert status in (1, 3)
        assert (out, said in err) == ("", True), err


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"days": 3, "mg": {"morning": "ten"}}, "step 1, mg: This number cannot be read: 'ten'"),
        ({"days": True, "mg": {"morning": "10"}}, "steps[0]: This step has no plain doses for each day, or no length"),
        ({"days": 3, "mg": {"morning": "10"}, "from": "soon"}, "steps[0].from: This is not a day: 'soon'"),
    ],
)
def test_a_taper_file_refused(curve: Any, tmp_path: Path, step: dict[str, Any], words: str) -> None:
    file = tmp_path / "taper.json"
    file.write_text(json.dumps({"medicine": "baclofen", "steps": [step]}), "utf-8")
    status, out, err = curve(str(file), *SET)
    assert (status, out) == (1, "")
    assert words in err


def test_a_picture_of_many_days_keeps_the_conventions(curve: Any, tmp_path: Path) -> None:
    """Band and median of people, ticks, lowest of each day, the labelled threshold with the time below, and room for every name."""
    svg = tmp_path / "l.svg"
    status, _, _ = curve(PLAN, *SET, "--days", "14", "--threshold", "100", "--stop-on", "2026-12-01", "--svg", str(svg))
    assert status == 0
    text = svg.read_text("utf-8")
    for words in (
        "5 of 100 people are below the band",
        "half of people",
        "dose missed",
        "lowest of the day",
        "under: 100 ng/mL",
        "average of the day",
    ):
        assert words in text
    height = float(text.split('viewBox="0 0 900 ')[1].split('"')[0])
    lowest = max(float(y) for y in re.findall(r"translate\(\S+ ([0-9.]+)\)", text))
    assert lowest + 5 < height


def test_sentences_are_plain(curve: Any, tmp_path: Path) -> None:
    """Each question's first sentence is of US grade 6 or below on the whole, and none is far above."""
    from tests.readability import grade

    taken = tmp_path / "taken.csv"
    taken.write_text("time,mg\n2026-11-24T08:10,20\n", "utf-8")
    asked = [
        [], ["--new"], ["--missed", "2026-11-25T15:00"], ["--late", "3h"], ["--double", "2026-11-25T15:00"], ["--even"],
        ["--bunched", "3h"], ["--stop-on", "2026-11-25"], ["--crcl", "40"], ["--taken", str(taken), "--now", "2026-11-24T18:00"],
    ]  # fmt: skip
    said = [json.loads(curve(PLAN, *SET, *a, "--population", "0", "--json")[1])["sentences"] for a in asked]
    found = {s[0]: round(grade([s[0]]), 1) for s in said}
    assert grade([t for s in said for t in s]) <= 6, found
    assert max(found.values()) <= 9, found


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
