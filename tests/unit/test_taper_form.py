"""Problem files: what they may hold, and what is refused with its place."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from posology.errors import PosologyError
from posology.taper.answer import answer
from posology.taper.explain import explain, feasible
from posology.taper.form import KEYS, read
from posology.taper.output import problem_json, supplies
from posology.taper.planner import plan
from posology.taper.reader import products_of_text
from posology.taper.schema import answer_schema, schema
from tests.shared import SHARED
from tests.taper_oracle import problem_data

DATA = Path(__file__).parent.parent / "data" / "tapers"
REFUSED = json.loads((DATA / "refused.json").read_text("utf-8"))


def run_refused(case: dict[str, Any]) -> str:
    """The error of a problem that must be refused; no error is itself a failure."""
    try:
        plan(read(case["problem"]))
    except PosologyError as error:
        return str(error)
    raise AssertionError(f"not refused: {case['name']}")


@pytest.mark.parametrize("case", REFUSED, ids=[c["name"] for c in REFUSED])
def test_refused_with_its_reason_and_place(case: dict[str, Any]) -> None:
    said = run_refused(case)
    assert all(part in said for part in case["says"]), said


def test_the_runner_of_refusals_can_fail() -> None:
    good = {"products": "tablets 5 mg", "slots": ["day"], "start": ["10"], "target": ["0"], "limits": {"steps": 2}}
    with pytest.raises(AssertionError, match="not refused"):
        run_refused({"name": "good", "problem": good})


def test_words_for_products() -> None:
    found = products_of_text("tablets 5, 10 mg, halves; oral solution 5 mg/5 mL, 5 mL syringe, 0.2 mL marks")
    assert [p["strength_mg"] for p in found] == ["5", "10", "5"]
    assert found[0]["pieces"] == ["1", "1/2"]
    assert found[2]["syringe"] == {"max_ml": "5", "mark_ml": "0.2"}


def test_a_start_by_map_by_list_and_by_total_is_the_same_day() -> None:
    base = {"products": "tablets 5 mg", "slots": ["a", "b"], "target_mg_per_day": "0", "limits": {"steps": 2}}
    assert read({**base, "start": {"b": "10"}}).start == (0, 10)
    assert read({**base, "start": ["0", "10"]}).start == (0, 10)
    assert read({**base, "start_mg_per_day": "10"}).start_mg_per_day == 10


def test_amounts_are_exact() -> None:
    p = read(
        {"products": "tablets 0.1 mg", "slots": ["day"], "start": ["0.3"], "target": ["0"], "limits": {"steps": 3}}
    )
    assert p.products[0].mg == Fraction(1, 10)
    made = plan(p)
    assert made is not None
    assert [s.total for s in made.steps] == [Fraction(1, 5), Fraction(1, 10)]


def test_published_limits_keep_their_own_words() -> None:
    p = read({"products": "tablets 5 mg", "slots": ["day"], "start": ["20"], "target": ["0"],
              "limits": {"percent_of_current": "25", "per_days": 14, "step_days": 14, "steps": 9}})  # fmt: skip
    assert p.limits.max_step_percent_of_current == 25
    assert p.limits.min_step_days == 14


@pytest.mark.parametrize("seed", range(40))
def test_a_problem_is_written_and_read_back(seed: int) -> None:
    p = read(problem_data(seed))
    again = read(json.loads(json.dumps(problem_json(p))))
    assert problem_json(again) == problem_json(p)
    one, two = plan(p), plan(again)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert one.steps == two.steps


def test_the_schema_knows_every_key_and_no_other() -> None:
    made = schema()
    assert set(KEYS) <= set(made["properties"])
    assert made["additionalProperties"] is False


def test_a_percent_limit_that_never_ends_has_no_plan_and_says_so() -> None:
    p = read({"products": "tablets 2, 5, 10 mg, halves", "slots": 2, "start_mg_per_day": "40", "target_mg_per_day": "0",
              "limits": {"max_step_percent_of_current": "5", "steps": 100}})  # fmt: skip
    assert plan(p) is None
    why = explain(p)
    assert why.blocking == ("max_step_percent_of_current",)
    assert "percent-never-ends" in why.facts
    assert any(c.limit == "may_stop_from_mg_per_day" and c.to == Fraction("9.5") for c in why.changes)


def test_a_last_dose_that_is_too_small_is_offered_larger() -> None:
    asked = {"products": "tablets 5, 10 mg, halves", "slots": 3, "start_mg_per_day": "60", "target_mg_per_day": "0",
             "limits": {"max_step_percent_of_current": "25", "may_stop_from_mg_per_day": "5"}}  # fmt: skip
    why = explain(read(asked))
    (change,) = (c for c in why.changes if c.limit == "may_stop_from_mg_per_day")
    assert (change.now, change.to) == (Fraction(5), Fraction("7.5"))
    asked["limits"]["may_stop_from_mg_per_day"] = "7.5"  # type: ignore[index]
    assert plan(read(asked)) is not None


def test_problems_and_schedules_fit_the_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    made = schema()
    own = json.loads((DATA / "schedules.json").read_text("utf-8"))
    published = [json.loads(p.read_text("utf-8")) for p in sorted((SHARED / "data" / "tapers").glob("*.json"))]
    for data in [*(problem_data(seed) for seed in range(30)), *own, *published]:
        jsonschema.validate(data, made)
        read(data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**own[0], "limits": {"stepps": 2}}, made)


def test_answers_fit_their_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    made = answer_schema()
    own = json.loads((DATA / "schedules.json").read_text("utf-8"))
    patterns = [{**problem_data(seed), "limits": {**problem_data(seed)["limits"], "step_days": 7, "day_patterns": ["weekdays"]}}
                for seed in (1, 4, 5)]  # fmt: skip
    for data in [*(problem_data(seed) for seed in range(20)), *patterns, *own]:
        jsonschema.validate(answer(read(data)), made)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**answer(read(own[0])), "status": "done"}, made)


WEEK = {
    "products": "tablets 4, 5 mg",
    "slots": ["day"],
    "start": ["5"],
    "end": "maintenance",
    "rule": {"kind": "fixed table"},
}


@pytest.mark.parametrize(
    "pattern",
    [
        {
            "by_weekday": {
                "Monday": "4",
                "tue": ["5"],
                "Weds": {"day": "4"},
                "Thursdays": "5",
                "fri": "4",
                "sat, sun": "5",
            }
        },
        {"by_weekday": ["4", "5", "4", "5", "4", "5", "5"]},
        {"period_days": 7, "mg": ["4", "5", "4", "5", "4", "5", "5"]},
        {"rows": [["4"], {"mg": ["5"]}, ["4"], ["5"], ["4"], ["5"], ["5"]]},
    ],
)
def test_a_week_may_be_written_in_several_ways(pattern: dict[str, Any]) -> None:
    made = plan(read({**WEEK, "steps": [{"days": 14, "day_pattern": pattern}, {"days": 14, "mg": ["4"]}]}))
    assert made is not None
    assert [str(d.mg[0]) for d in made.steps[0].pattern] == ["4", "5", "4", "5", "4", "5", "5"]
    assert made.steps[0].total == Fraction(32, 7)


def test_a_day_of_the_week_that_is_not_named_has_no_dose() -> None:
    made = plan(
        read({**WEEK, "start": ["5"], "steps": [{"days": 14, "day_pattern": {"by_weekday": {"mon": "5", "fri": "5"}}}]})
    )
    assert made is not None
    assert made.steps[0].total == Fraction(10, 7)
    assert [(s.product.id, s.quantity) for s in supplies(made)] == [("tablet-5", 4)]


def test_an_order_of_products_too_few_for_the_start_does_not_hide_a_plan() -> None:
    p = read({"products": "tablets 1 mg; tablets 2.5, 5 mg, halves", "slots": ["s"], "start": ["11"], "target_mg_per_day": "0",
              "limits": {"never_ahead": True, "step_days": 14, "may_stop_from_mg_per_day": "1", "max_pieces_per_dose": 2,
                         "max_products": 1},
              "shape": {"kind": "percent of current", "percent": "25", "every_days": 7}})  # fmt: skip
    assert plan(p) is not None
    assert feasible(p)


def test_fewer_changes_than_allowed_where_the_start_cannot_wait_for_the_curve() -> None:
    p = read({"products": "tablets 2.5 mg, halves; tablets 10 mg", "slots": ["a", "b"], "start": ["0", "0"], "target": ["20", "10"],
              "direction": "titration", "limits": {"steps": 6, "never_ahead": True}, "shape": "proportional"})  # fmt: skip
    made = plan(p)
    assert made is not None
    assert made.changes == 4
