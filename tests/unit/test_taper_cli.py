"""The commands: the answer to the contract, the words for a prescriber, the plan file, and clear refusals."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from posology.cli import main
from tests.shared import ROOT

BACLOFEN = [
    "taper",
    "baclofen 20 mg three times a day",
    "--from",
    "2026-11-24",
    "--have",
    "10 mg tablets x 84",
    "--country",
    "UK",
]
PROBLEM = {
    "products": [
        {"id": "t10", "form": "tablet", "strength_mg": "10", "pieces": ["1", "1/2"]},
        {"id": "sol", "form": "oral solution", "strength_mg": "5", "per_ml": "5", "syringe": {"max_ml": "5", "mark_ml": "0.5"}},
    ],
    "slots": ["morning", "night"], "start": {"morning": "20", "night": "20"}, "target_mg_per_day": "0",
    "limits": {"steps": 8, "step_days": 7}, "from": "2026-11-24",
}  # fmt: skip


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command line; its exit status, what it printed, and what it said on stderr."""

    def call(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["posology", *args])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        out = capsys.readouterr()
        return status, out.out, out.err

    return call


def _file(path: Path, data: Any) -> str:
    path.write_text(json.dumps(data), "utf-8")
    return str(path)


def test_the_answer_to_the_contract(run: Any, tmp_path: Path) -> None:
    status, out, _ = run("taper", "--problem", _file(tmp_path / "p.json", PROBLEM), "--json")
    data = json.loads(out)
    assert status == 0
    assert data["status"] == "planned"
    assert {"steps", "dispense", "worst_step", "blocking", "changes", "alternatives"} <= set(data)
    assert len(data["steps"]) == 7
    for step in data["steps"]:
        assert set(step["mg"]) == {"morning", "night"}
        assert step["days"] == 7
        for slot, takes in step["take"].items():
            mg = sum(float(t["pieces"]) * 10 if "pieces" in t else float(t["mL"]) for t in takes)
            assert mg == float(step["mg"][slot])
    assert data["worst_step"]["to_mg_per_day"] == "0"
    assert {a["key"] for a in data["alternatives"]} >= {"slower", "one-product"}
    assert all(p["to"] >= p["from"] for d in data["dispense"] for p in d["periods"])


def test_no_plan_is_an_answer_with_its_reasons(run: Any, tmp_path: Path) -> None:
    data = {**PROBLEM, "limits": {"steps": 3, "max_step_mg_per_day": "10", "step_days": 7}}
    status, out, _ = run("taper", "--problem", _file(tmp_path / "p.json", data), "--json")
    answer = json.loads(out)
    assert status == 3
    assert answer["status"] == "infeasible"
    assert answer["blocking"] == ["steps", "max_step_mg_per_day"]
    assert answer["changes"] == [
        {"limit": "steps", "now": 3, "to": 4},
        {"limit": "max_step_mg_per_day", "now": "10", "to": "13.5"},
    ]
    status, out, _ = run("taper", "--problem", _file(tmp_path / "p.json", data))
    assert status == 3
    assert "at most 3 changes of dose; no change larger than 10 mg a day" in out
    assert "It would work with: at most 4 changes of dose." in out


@pytest.mark.parametrize(
    ("data", "status", "says"),
    [({"x": 1}, 1, "x: This key is not known"), ([], 1, "JSON object"), (None, 1, "no such file"), ("{", 1, "not JSON"),
     ('{"id": 1, "id": 2}', 1, "stands twice")],
)  # fmt: skip
def test_a_bad_file_is_one_clear_block(run: Any, tmp_path: Path, data: Any, status: int, says: str) -> None:
    path = tmp_path / "p.json"
    if isinstance(data, str):
        path.write_text(data, "utf-8")
    elif data is not None:
        _file(path, data)
    got, out, err = run("taper", "--problem", str(path), "--json")
    assert got == status
    assert says in err
    assert "Traceback" not in err
    assert not out


@pytest.mark.parametrize(
    ("args", "status", "says"),
    [
        (["taper", "baclofen 20 mg three times a day"], 2, "--country is missing"),
        (["taper", "baclofen 20 mg three times a day", "--country", "UK"], 2, "--have is missing"),
        (["taper", "make"], 2, "--problem FILE"),
        ([*BACLOFEN[:1], "baclofen 7 mg a day", *BACLOFEN[2:]], 1, "No product at hand makes 7 mg"),
        ([*BACLOFEN[:1], "baclofen 1 tablet a day", *BACLOFEN[2:]], 1, "in mg"),
        ([*BACLOFEN[:1], "baclofen 10 mg as needed", *BACLOFEN[2:]], 1, "as needed"),
        ([*BACLOFEN, "--to", "30 mg four times a day"], 1, "above the maximum"),
        ([*BACLOFEN, "--shape", "hyperbolic"], 2, "--ed50 is missing"),
        ([*BACLOFEN, "--shape", "round"], 2, "round"),
        ([*BACLOFEN, "--have", "5 mg/5 mL solution x 300 mL"], 2, "no syringe"),
        (["taper", "show", "nothing.json"], 1, "no such file"),
    ],
)  # fmt: skip
def test_options_that_are_missing_or_wrong(run: Any, args: list[str], status: int, says: str) -> None:
    got, _, err = run(*args)
    assert got == status
    assert says in err


def test_words_for_a_prescriber(run: Any) -> None:
    status, out, _ = run(*BACLOFEN)
    assert status == 0
    assert out.index("PROPOSAL, not approved") < out.index("step  days")
    assert out.index("Emergency signs") < out.index("step  days")
    assert "Call 999." in out
    assert "The largest step is from" in out
    assert "That is the last one, to nothing." in out
    assert "The slower end is meant" in out
    assert "What the sources say of the speed" in out
    assert "To dispense" in out


def test_the_way_up_on_the_label(run: Any) -> None:
    status, out, _ = run(
        "taper", "baclofen 5 mg three times a day", "--to", "20 mg three times a day", "--from", "2026-11-24",
        "--have", "10 mg tablets x 84", "--country", "US", "--json",
    )  # fmt: skip
    data = json.loads(out)
    assert status == 0
    assert [s["mg_per_day"] for s in data["steps"]] == ["30", "45", "60"]
    assert data["end"] == "maintenance"
    assert {s["days"] for s in data["steps"]} == {3}


def test_files_are_written_whole_and_a_plan_file_lives_its_life(run: Any, tmp_path: Path) -> None:
    plan, svg, fhir = (str(tmp_path / n) for n in ("plan.json", "plan.svg", "order.json"))
    status, _, err = run(*BACLOFEN, "--save", plan, "--svg", svg, "--fhir", fhir)
    assert status == 0
    assert err.count("Written:") == 3
    picture = Path(svg).read_text("utf-8")
    assert "<title" in picture
    assert "PROPOSAL" in picture
    order = json.loads(Path(fhir).read_text("utf-8"))
    assert (order["intent"], order["status"]) == ("plan", "draft")
    assert [d["sequence"] for d in order["dosageInstruction"]] == sorted(
        d["sequence"] for d in order["dosageInstruction"]
    )
    assert run(*BACLOFEN, "--save", plan)[0] == 2
    assert run("taper", "show", plan, "--patient", "--on", "2026-11-25")[0] == 1
    assert run("taper", "start", plan, "--on", "2026-11-24")[0] == 1
    by = ["--who", "Dr A. Example", "--role", "neurologist"]
    assert run("taper", "approve", plan, *by, "--valid-until", "2027-11-01", "--on-symptoms", "hold")[0] == 0
    assert run("taper", "start", plan, "--on", "2026-11-24")[0] == 0
    assert run("taper", "hold", plan, "--on", "2026-11-28", "--days", "7", "--json")[1].strip().startswith("{")
    assert "2026-12-07" in run("taper", "show", plan, "--patient", "--on", "2026-11-25")[1]
    status, out, _ = run("taper", "symptoms", plan, "--text", "more spasms", "--country", "UK")
    assert status == 0
    assert out.startswith("Call 999 now")
    assert "stay on the dose of today" in out
    gentler = str(tmp_path / "gentler.json")
    assert run("taper", "step-back", plan, "--on", "2026-12-08", *by, "--save", gentler)[0] == 0
    assert json.loads(run("taper", "show", gentler, "--json")[1])["state"] == "proposed"
    assert run("taper", "hold", plan, "--on", "2026-12-09")[0] == 1
    assert "stepped-back" in run("taper", "show", plan)[1]
    text = Path(plan).read_text("utf-8").replace("neurologist", "nobody")
    Path(plan).write_text(text, "utf-8")
    assert run("taper", "show", plan)[0] == 1


def test_imports_say_where_words_dates_and_quantity_disagree(run: Any) -> None:
    status, out, _ = run("taper", "import", str(ROOT / "tests/data/tapers/order-that-disagrees.json"), "--json")
    data = json.loads(out)
    assert status == 3
    assert (data["by_text"], data["by_dates"], data["quantity"]) == ("49", "43", "51")
    assert data["days_without_dose"] == ["2015-01-21", "2015-01-22"]
    assert {d["key"] for d in data["disagreements"]} == {
        "days-differ", "gap", "accounts-differ", "quantity-differs", "supply-days-differ",
    }  # fmt: skip
    assert (
        run(
            "taper", "import", "4 tablets a day for 7 days, then 2 tablets a day for 7 days", "--quantity", "42 tablets"
        )[0]
        == 0
    )
    assert (
        run(
            "taper", "import", "4 tablets a day for 7 days, then 2 tablets a day for 7 days", "--quantity", "40 tablets"
        )[0]
        == 3
    )
    text = "40 mg a day for 7 days, then 20 mg a day for 7 days"
    assert run("taper", "import", text, "--quantity", "42 tablets", "--strength", "10 mg")[0] == 0
    assert run("taper", "import", text, "--quantity", "42 tablets")[0] == 2


def test_the_schema_is_printed(run: Any) -> None:
    assert json.loads(run("taper", "schema")[1])["title"].startswith("A taper problem")


@pytest.mark.parametrize("pattern", ["", "weekdays", "alternate"])
def test_an_order_of_our_own_agrees_with_itself_and_a_changed_one_does_not(
    run: Any, tmp_path: Path, pattern: str
) -> None:
    order = tmp_path / "order.json"
    more = ["--day-pattern", pattern, "--every", "14", "--steps", "8"] if pattern else []
    doses = "examplone 20 mg in the morning and 10 mg at night"
    assert run("taper", doses, *BACLOFEN[2:], *more, "--fhir", str(order))[0] == 0
    status, out, _ = run("taper", "import", str(order), "--json")
    assert (status, json.loads(out)["disagreements"]) == (0, [])
    data = json.loads(order.read_text("utf-8"))
    first = data["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]
    first["value"] += 5
    order.write_text(json.dumps(data), "utf-8")
    status, out, _ = run("taper", "import", str(order), "--json")
    assert status == 3
    assert "amount-differs" in {d["key"] for d in json.loads(out)["disagreements"]}


def test_the_acts_on_a_plan_whose_days_differ_keep_and_show_each_kind_of_day(run: Any, tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    made = run("taper", "examplone 20 mg at night", *BACLOFEN[2:], "--day-pattern", "weekdays", "--every", "14", "--steps", "8",
               "--save", file)  # fmt: skip
    assert made[0] == 0
    assert run("taper", "approve", file, "--who", "A", "--role", "B", "--valid-until", "2030-01-01")[0] == 0
    assert run("taper", "start", file, "--on", "2026-11-24")[0] == 0
    shown = run("taper", "show", file, "--patient", "--on", "2026-11-25")[1]
    plan = json.loads(Path(file).read_text("utf-8"))["plan"]
    step = next(i for i, s in enumerate(plan["steps"], 1) if "pattern" in s)
    assert shown.count(f"  {step}. ") == 2
    data = json.loads(run("taper", "show", file, "--json")[1])
    assert [len(r.get("pattern", [])) for r in data["steps"]] == [len(s.get("pattern", [])) for s in plan["steps"]]
    begin = [s["from"] for s in plan["steps"]]
    back = run("taper", "step-back", file, "--on", begin[step], "--who", "A", "--role", "B", "--to-step", str(step))
    assert back[0] == 0
    assert "the new plan is the prescriber's to begin" in back[2]
    entry = json.loads(Path(file).read_text("utf-8"))["entries"][-1]
    assert len(entry["pattern"]) == 7
