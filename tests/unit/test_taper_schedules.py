"""Published schedules repeated day by day and piece by piece; ideals followed; exact answers agreed with."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from posology.taper.course import TaperPlan
from posology.taper.form import read
from posology.taper.output import pieces_of, plan_json
from posology.taper.planner import plan
from posology.taper.proof import broken
from tests.shared import SHARED, shared

DATA = Path(__file__).parent.parent / "data" / "tapers"
OWN = json.loads((DATA / "schedules.json").read_text("utf-8"))
_FILES = sorted((SHARED / "data" / "tapers").glob("*.json"))


def compare(case: dict[str, Any], made: TaperPlan) -> None:
    """The plan is the schedule: doses, days, patterns and pieces."""
    assert made.repeated
    rows = case["steps"]
    assert len(made.steps) == len(rows)
    for step, row in zip(made.steps, rows, strict=True):
        assert step.days == row["days"]
        pattern = row.get("day_pattern")
        if pattern:
            listed = list(pattern["by_weekday"].values()) if "by_weekday" in pattern else pattern["mg"]
            assert [d.mg for d in step.pattern] == [tuple(map(Fraction, d)) for d in listed]
        else:
            assert step.mg == tuple(map(Fraction, row["mg"]))
        assert list(step.days_range or ()) == row.get("days_range", [])
        assert step.until == row.get("until", "")
    expected = case["expected"]
    assert made.total_days == expected["total_days"]
    if expected["fewest_pieces_whole_course"] is not None:
        assert pieces_of(made) == int(expected["fewest_pieces_whole_course"])
    assert broken(made.problem, made) == ()
    assert plan_json(made)["status"] == "planned"


@pytest.mark.parametrize("case", OWN, ids=[c["id"] for c in OWN])
def test_own_schedules_are_repeated(case: dict[str, Any]) -> None:
    made = plan(read(case))
    assert made is not None
    compare(case, made)


def test_the_comparison_can_fail() -> None:
    case = json.loads(json.dumps(OWN[1]))
    made = plan(read(case))
    assert made is not None
    case["steps"][1]["mg"] = ["5", "5", "7.5"]
    with pytest.raises(AssertionError):
        compare(case, made)


@pytest.mark.parametrize("path", _FILES or [SHARED / "data/tapers/absent.json"], ids=lambda p: p.stem)
def test_published_schedules_are_repeated(path: Path) -> None:
    case = json.loads(shared(f"data/tapers/{path.name}").read_text("utf-8"))
    made = plan(read(case))
    assert made is not None
    if case["administrable"]:
        compare(case, made)
        return
    model = case["rule"]["occupancy_model"]
    for got, row in zip(made.steps, case["steps"], strict=True):
        assert abs(_occupancy(got.total, model) - _occupancy(Fraction(row["mg"][0]), model)) <= Fraction(3, 2)


def _occupancy(mg: Fraction, model: dict[str, str]) -> Fraction:
    return Fraction(model["emax_percent"]) * mg / (mg + Fraction(model["ed50_mg"]))


CITALOPRAM = {
    "products": "tablets 10, 20, 40 mg, halves; oral solution 10 mg/5 mL, 1 mL syringe, 0.1 mL marks", "slots": ["day"],
    "start": ["20"], "target": ["0"],
}  # fmt: skip
MODEL = {"emax_percent": "91.9", "ed50_mg": "2.85"}


@pytest.mark.parametrize(
    "shape",
    [
        {"kind": "hyperbolic", "occupancy_model": MODEL, "step_percentage_points": "10", "every_days": 28},
        {"kind": "hyperbolic", **MODEL},
    ],
    ids=["in points", "in equal steps"],
)
def test_a_hyperbolic_ideal_is_followed_with_a_liquid(shape: dict[str, Any]) -> None:
    made = plan(
        read({**CITALOPRAM, "shape": shape, "limits": {} if "every_days" in shape else {"steps": 8, "step_days": 28}})
    )
    assert made is not None
    ideal = [Fraction(x) for x in (70, 60, 50, 40, 30, 20, 10)]
    assert len(made.steps) == 7
    worst = max(abs(_occupancy(s.total, MODEL) - i) for s, i in zip(made.steps, ideal, strict=True))
    assert worst <= Fraction(3, 2)


@pytest.mark.parametrize("start", ["80", "95", "100", "120", "150", "200"])
def test_a_published_curve_is_followed_whatever_its_first_step(start: str) -> None:
    """Ideal doses at 80, 70, ... of an occupancy curve; the first step is then smaller, or larger, than the others."""
    k, top = Fraction("7.72"), Fraction(86)
    levels = [x for x in range(80, 0, -10) if x < top * Fraction(start) / (Fraction(start) + k)]
    ideal = [str(round(k * x / (top - x), 1)) for x in levels]
    made = plan(read({
        "products": "tablets 25, 50, 100 mg, halves; oral solution 20 mg/mL, 1 mL syringe, 0.01 mL marks", "slots": ["day"],
        "start": [start], "end": "stop", "steps": [{"days": 14, "mg": [str(Fraction(x))]} for x in ideal],
        "rule": {"kind": "hyperbolic", "occupancy_model": {"emax_percent": "86", "ed50_mg": "7.72"}},
    }))  # fmt: skip
    assert made is not None
    model = {"emax_percent": "86", "ed50_mg": "7.72"}
    taken = [s.total for s in made.steps for _ in range(s.last - s.first + 1)]
    for got, want in zip(taken, ideal, strict=True):
        assert abs(_occupancy(got, model) - _occupancy(Fraction(want), model)) <= Fraction(3, 2)


def test_ten_percent_a_month_is_followed_within_one_percent_of_the_dose() -> None:
    products = "tablets 15, 30 mg; oral solution 10 mg/5 mL, 5 mL syringe, 0.1 mL marks"
    made = plan(read({
        "products": products, "slots": ["day"], "start": ["60"], "target": ["0"], "limits": {"may_stop_from_mg_per_day": "15"},
        "shape": {"kind": "percent of current", "percent": "10", "every_days": 28},
    }))  # fmt: skip
    assert made is not None
    at = Fraction(60)
    for step in made.steps:
        at *= Fraction(9, 10)
        assert abs(step.total - at) <= at / 100


@pytest.mark.parametrize(
    ("liquid", "percent"),
    [("", "66.6"), ("; oral solution 20 mg/mL, 5 mL syringe, 0.1 mL marks", "22.2"),
     ("; oral solution 20 mg/mL, 1 mL syringe, 0.01 mL marks", "6.8")],
)  # fmt: skip
def test_the_worst_step_of_a_dose_effect_curve(liquid: str, percent: str) -> None:
    made = plan(read({
        "products": f"tablets 25, 50, 100 mg, halves{liquid}", "slots": ["day"], "start": ["100"], "target": ["0"],
        "limits": {"steps": 16}, "shape": {"kind": "hyperbolic", "ed50_mg": "7.72"},
    }))  # fmt: skip
    assert made is not None
    assert abs(Fraction(made.least_worst, 10_000) - Fraction(percent)) < Fraction(1, 10)


def _cases() -> list[dict[str, Any]]:
    path = SHARED / "data" / "tapers" / "oracles" / "fewest-steps.json"
    return json.loads(path.read_text("utf-8"))["cases"] if path.exists() else []


QUESTIONS = [
    {"id": "own-10", "products": "tablets 5, 10 mg, halves", "slots": 2, "start_mg_per_day": "30", "target_mg_per_day": "0",
     "limits": {"max_step_mg_per_day": "7.5"}, "fewest_steps": 4},
    {"id": "own-never", "products": "tablets 5 mg", "slots": 1, "start_mg_per_day": "20", "target_mg_per_day": "0",
     "limits": {"max_step_percent_of_current": "30"}, "fewest_steps": None},
]  # fmt: skip


def feasible_at(case: dict[str, Any], steps: int) -> bool:
    """Whether a question has a plan in so many steps."""
    return plan(read({**case, "limits": {**case["limits"], "steps": steps}})) is not None


@pytest.mark.parametrize("case", [*QUESTIONS, *_cases()], ids=lambda c: c["id"])
def test_fewest_steps(case: dict[str, Any]) -> None:
    fewest = case["fewest_steps"]
    if fewest is None:
        assert not any(feasible_at(case, n) for n in (5, 50, 200))
        return
    assert feasible_at(case, fewest)
    assert not feasible_at(case, fewest - 1)
    free = plan(read(case))
    assert free is not None
    assert free.changes == fewest


def test_the_question_runner_can_fail() -> None:
    with pytest.raises(AssertionError):
        test_fewest_steps({**QUESTIONS[0], "fewest_steps": 3})


def test_days_alternate_only_where_it_is_allowed_and_buy_smaller_steps() -> None:
    data = {"products": "tablets 5 mg", "slots": ["day"], "start": ["20"], "target": ["0"]}
    plain = plan(read({**data, "limits": {"steps": 8, "step_days": 14}}))
    mixed = plan(read({**data, "limits": {"steps": 8, "step_days": 14, "day_patterns": ["alternate"]}}))
    assert plain is not None
    assert mixed is not None
    assert not any(s.pattern for s in plain.steps)
    assert [[str(x) for d in s.every for x in d.mg] for s in mixed.steps] == [
        ["20", "15"], ["15"], ["15", "10"], ["10"], ["10", "5"], ["5"], ["5", "0"],
    ]  # fmt: skip
    assert plain.worst is not None
    assert mixed.worst is not None
    assert (plain.worst.mg, mixed.worst.mg) == (5, Fraction(5, 2))
    bad = plain.problem
    assert any("not allowed" in b.what for b in broken(bad, mixed))


def test_a_step_of_125_hundredths_on_alternate_days() -> None:
    made = plan(read({
        "products": "tablets 1, 2.5, 5 mg, halves", "slots": ["day"], "start": ["10"], "target": ["0"],
        "limits": {"step_days": 28, "max_step_mg_per_day": "1.25", "day_patterns": ["alternate"]},
    }))  # fmt: skip
    assert made is not None
    assert made.changes == 8
    assert made.worst is not None
    assert made.worst.mg == Fraction("1.25")
