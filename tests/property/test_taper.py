"""The laws of a taper over generated problems, each with a planted fault that its check catches."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from posology.errors import PosologyError, ProofError
from posology.taper import states
from posology.taper.course import TaperPlan, amount_of
from posology.taper.explain import explain, feasible
from posology.taper.form import read
from posology.taper.output import course_of, days_of, supplies
from posology.taper.pieces import Take
from posology.taper.planner import plan, rest
from posology.taper.problem import TaperProblem
from posology.taper.proof import broken, prove
from posology.taper.search import search
from tests.taper_oracle import problem_data

SOME = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
SEEDS = st.integers(10_000, 1_000_000)


def problem(seed: int, **limits: Any) -> tuple[dict[str, Any], TaperProblem]:
    data = problem_data(seed)
    data["limits"] = {**data["limits"], "step_days": 7, **limits}
    return data, read(data)


def planned(seed: int, **limits: Any) -> tuple[dict[str, Any], TaperPlan]:
    data, p = problem(seed, **limits)
    made = plan(p)
    assume(made is not None)
    assert made is not None
    return data, made


def one_planned() -> tuple[dict[str, Any], TaperPlan]:
    """A problem with a plan of at least three steps, always the same."""
    for seed in range(100):
        data, p = problem(seed)
        made = plan(p)
        if made is not None and len(made.steps) >= 3:
            return data, made
    raise AssertionError("no problem has a plan")


# ------------------------------------------------------------------------------------------------- every plan is proved


@SOME
@given(SEEDS)
def test_every_plan_keeps_every_limit_in_the_amounts_really_taken(seed: int) -> None:
    _, made = planned(seed)
    assert broken(made.problem, made) == ()


FAULTS: dict[str, Any] = {
    "a larger amount than said": lambda s: evolve(s, takes=((*s.takes[0], Take("t", 1)), *s.takes[1:])),
    "a dose above the one before": lambda s: evolve(
        s, mg=(s.mg[0] + 20, *s.mg[1:]), takes=((Take("t", 6),), *s.takes[1:])
    ),
    "a quarter": lambda s: evolve(s, mg=(Fraction(5, 4),), takes=((Take("t", 1, Fraction(1, 4)),),)),
    "a volume between two marks": lambda s: evolve(
        s, mg=(Fraction("2.3"),), takes=((Take("sol", ml=Fraction("2.3")),),)
    ),
    "a product not at hand": lambda s: evolve(s, takes=((Take("other", 1),),)),
    "a step of no days": lambda s: evolve(s, days=0),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_proof_catches_a_planted_fault(name: str) -> None:
    products = [
        {"id": "t", "strength_mg": "5", "pieces": ["1", "1/2"]},
        {"id": "sol", "strength_mg": "1", "per_ml": "1", "syringe": {"max_ml": "5", "mark_ml": "0.5"}},
    ]
    p = read(
        {
            "products": products,
            "slots": ["day"],
            "start": ["20"],
            "target": ["0"],
            "limits": {"steps": 4, "step_days": 7},
        }
    )
    made = plan(p)
    assert made is not None
    bad = evolve(made, steps=(made.steps[0], FAULTS[name](made.steps[1]), *made.steps[2:]))
    assert broken(p, bad)
    with pytest.raises(ProofError):
        prove(p, bad)


LIMITS: dict[str, dict[str, Any]] = {
    "steps": {"steps": 1},
    "max_step_mg_per_day": {"max_step_mg_per_day": "2.5"},
    "max_step_percent_of_current": {"max_step_percent_of_current": "10"},
    "max_step_percent_of_start": {"max_step_percent_of_start": "10"},
    "last_dose_mg_per_day": {"last_dose_mg_per_day": "2.5"},
    "min_total_days": {"min_total_days": 100},
    "max_total_days": {"max_total_days": 7},
    "max_products": {"max_products": 1},
    "max_pieces_per_dose": {"max_pieces_per_dose": 1},
    "halves": {"halves": False},
    "min_step_days": {"min_step_days": 14},
    "holds": {"holds": [{"after_step": 1, "days": 7}]},
    "reduce_first": {"reduce_first": "b"},
    "max_difference": {"max_difference_between_doses_mg": "1"},
}


@pytest.mark.parametrize("name", LIMITS)
def test_the_proof_knows_each_limit(name: str) -> None:
    data = {
        "products": "tablets 2.5, 5, 10 mg, halves", "slots": ["a", "b"], "start": ["15", "10"], "target": ["0", "0"],
        "limits": {"steps": 5},
    }  # fmt: skip
    made = plan(read({**data, "limits": {"steps": 5, "step_days": 7}}))
    assert made is not None
    assert broken(made.problem, made) == ()
    if name == "max_products":
        made = evolve(made, steps=(evolve(made.steps[0], mg=(Fraction(15), Fraction(5)), takes=(
            (Take("tablet-10", 1), Take("tablet-5", 1)), (Take("tablet-2.5", 2),))), *made.steps[1:]))  # fmt: skip
    if name == "halves":
        made = evolve(made, steps=(*made.steps[:-1], evolve(made.steps[-1], mg=(Fraction(5), Fraction(0)), takes=(
            (Take("tablet-10", 1, Fraction(1, 2)),), ()))))  # fmt: skip
    if name == "max_pieces_per_dose":
        made = evolve(made, steps=(evolve(made.steps[0], mg=(Fraction(10), Fraction(10)), takes=(
            (Take("tablet-5", 2),), (Take("tablet-10", 1),))), *made.steps[1:]))  # fmt: skip
    extra = dict(LIMITS[name].items())
    tighter = read({**data, "limits": {"steps": 5, **({} if "min_step_days" in extra else {"step_days": 7}), **extra}})
    assert broken(tighter, evolve(made, problem=tighter)), name


# ------------------------------------------------------------------------------------- never up, never early, never over


@SOME
@given(SEEDS)
def test_a_taper_goes_one_way_ends_where_asked_and_never_early(seed: int) -> None:
    _, made = planned(seed)
    p = made.problem
    up = p.direction == "titration"
    line = [p.start_mg_per_day, *(s.total for s in made.steps)]
    assert all((a <= b) if up else (a >= b) for a, b in pairwise(line))
    if made.end == "stop":
        assert all(s.total > 0 for s in made.steps)
    else:
        assert line[-1] == p.target_mg_per_day
    for step in made.steps:
        assert [amount_of(t, p.products) for t in step.takes] == list(step.mg)


# ----------------------------------------------------------------------------- the order and names of things are nothing


@SOME
@given(SEEDS)
def test_order_and_names_of_the_products_change_nothing(seed: int) -> None:
    data, made = planned(seed)
    turned = {**data, "products": [{**p, "id": f"x{i}"} for i, p in enumerate(reversed(data["products"]))]}
    other = plan(read(turned))
    assert other is not None
    assert [s.mg for s in other.steps] == [s.mg for s in made.steps]
    names = {f"x{i}": p["id"] for i, p in enumerate(reversed(data["products"]))}
    assert [
        [sorted((names[t.product], t.count, t.piece, t.ml) for t in takes) for takes in s.takes] for s in other.steps
    ] == [[sorted((t.product, t.count, t.piece, t.ml) for t in takes) for takes in s.takes] for s in made.steps]


def scaled(data: dict[str, Any], by: int) -> dict[str, Any]:
    """The same problem in a unit that is ``by`` times smaller."""

    def times(x: Any) -> str:
        return str(Fraction(str(x)) * by)

    out = json.loads(json.dumps(data))
    for p in out["products"]:
        p["strength_mg"] = times(p["strength_mg"])
    for key in ("start", "target"):
        if key in out:
            out[key] = [times(x) for x in out[key]]
        if f"{key}_mg_per_day" in out:
            out[f"{key}_mg_per_day"] = times(out[f"{key}_mg_per_day"])
    for key in list(out["limits"]):
        if "_mg" in key:
            out["limits"][key] = times(out["limits"][key])
    if isinstance(out["shape"], dict):
        out["shape"]["ed50_mg"] = times(out["shape"]["ed50_mg"])
    return out


@SOME
@given(SEEDS, st.sampled_from([2, 3, 1000]))
def test_a_scaled_problem_has_the_scaled_plan(seed: int, by: int) -> None:
    data, made = planned(seed)
    other = plan(read(scaled(data, by)))
    assert other is not None
    assert [[x / by for x in s.mg] for s in other.steps] == [list(s.mg) for s in made.steps]


def test_a_scaled_plan_is_told_from_another() -> None:
    data, made = one_planned()
    other = plan(read(scaled(data, 3)))
    assert other is not None
    assert [list(s.mg) for s in other.steps] != [list(s.mg) for s in made.steps]


# ------------------------------------------------------------------------------------- tighter limits are never better


def level(p: TaperProblem) -> tuple[int, tuple[int, ...]] | None:
    """How many changes, and what a problem reaches on the levels of totals, in order; None without a plan."""
    found = search(p)
    if found is None:
        return None
    return len(found.doses), (found.least_worst, found.objective.worst_distance, found.objective.sum_distance)


@SOME
@given(SEEDS, st.sampled_from(["halves", "max_pieces_per_dose", "max_step_mg_per_day", "never_ahead", "last"]))
def test_a_tighter_limit_never_gives_a_better_plan(seed: int, name: str) -> None:
    _, p = problem(seed)
    if p.shape.kind == "proportional":
        # Fewer products change the smallest dose, and with it the measure.
        p = evolve(p, shape=evolve(p.shape, kind="linear"))
    value: Any = {"halves": False, "max_pieces_per_dose": 2, "max_step_mg_per_day": p.start_mg_per_day / 4,
                  "never_ahead": True, "last": p.start_mg_per_day / 5}[name]  # fmt: skip
    key = "last_dose_mg_per_day" if name == "last" else name
    now = getattr(p.limits, key)
    if now is not None and now is not False:
        value = min(now, value)
    assume(name != "max_step_mg_per_day" or value > 0)
    before, after = level(p), level(p.with_limit(**{key: value}))
    if after is None:
        return
    assert before is not None
    # Where a limit leaves only fewer changes, the ideal curve is that of so many: only the worst step compares.
    same = None if before[0] == after[0] else 1
    assert before[1][:same] <= after[1][:same]


# ------------------------------------------------------------------------- no plan: the limits that block are minimal


@SOME
@given(SEEDS)
def test_what_blocks_is_minimal_and_each_change_alone_is_enough_and_smallest(seed: int) -> None:
    _, p = problem(seed)
    assume(not feasible(p))
    why = explain(p)
    assert search(p) is None
    for name in why.blocking:
        looser = [n for n in why.blocking if n != name]
        only = p
        for other in ("max_step_mg_per_day", "max_step_percent_of_current", "max_step_percent_of_start", "last_dose_mg_per_day",
                      "max_pieces_per_dose", "halves", "never_ahead", "reduce_first", "reduce_last",
                      "max_difference_between_doses_mg"):  # fmt: skip
            if other not in looser:
                only = only.without(other)
        if "steps" not in looser:
            only = only.with_limit(steps=400)
        assert feasible(only), (name, why)
    for change in why.changes:
        if change.to is None:
            continue
        allowed = p.with_limit(**{change.limit: change.to})
        assert plan(allowed) is not None, change
        if change.limit == "steps" and change.to - 1 > change.now:
            assert not feasible(p.with_limit(steps=change.to - 1))


def test_a_false_explanation_is_caught() -> None:
    p = read({"products": "tablets 5 mg", "slots": ["day"], "start": ["20"], "target": ["0"],
              "limits": {"steps": 2, "max_step_mg_per_day": "5", "max_pieces_per_dose": 4}})  # fmt: skip
    why = explain(p)
    assert why.blocking == ("steps", "max_step_mg_per_day")
    assert {c.limit: c.to for c in why.changes} == {"steps": 4, "max_step_mg_per_day": 10}
    assert not feasible(p.without("max_pieces_per_dose"))


# --------------------------------------------------------------------------------- the rest of a plan is what is planned


@SOME
@given(SEEDS, st.data())
def test_planned_again_from_any_of_its_steps_the_rest_is_kept(seed: int, data: Any) -> None:
    _, made = planned(seed)
    last = len(made.steps) - (0 if made.end == "stop" else 1)
    assume(last >= 1)
    at = data.draw(st.integers(1, last))
    again = plan(rest(made, at))
    assert again is not None
    following = [s.mg for s in again.steps]
    if following and following[0] == made.steps[at - 1].mg:
        following = following[1:]
    assert following == [s.mg for s in made.steps[at:]]


# ------------------------------------------------------------------------------- held and gone on with: the same, later


@SOME
@given(SEEDS, st.integers(0, 60), st.integers(1, 40))
def test_held_and_gone_on_with_is_the_same_plan_later(seed: int, at: int, days: int) -> None:
    _, made = planned(seed)
    assume(made.total_days is not None and made.steps)
    first = dt.date(2026, 11, 24)
    now = "2026-11-24T09:00:00+00:00"
    document = states.propose(made.from_day(first), now)
    document = states.approve(document, who="A", role="B", at=now, valid_until=dt.date(2030, 1, 1))
    document = states.start(document, on=first, at=now)
    before = states.calendar(document)
    on = first + dt.timedelta(days=at)
    assume(any(r.first <= on and (r.last is None or on <= r.last) for r in before))
    after = states.calendar(states.hold(document, on=on, at=now, days=days))
    assert [r.step for r in after] == [r.step for r in before]
    for a, b in zip(before, after, strict=True):
        moved = dt.timedelta(days=days if a.first > on else 0)
        assert b.first == a.first + moved
        if a.last is not None:
            assert b.last == a.last + dt.timedelta(days=days if a.last >= on else 0)
    states.load(json.loads(json.dumps(document)))


# -------------------------------------------------------------------------- supply, words and FHIR read back to the plan


@SOME
@given(SEEDS)
def test_supply_never_ends_before_the_plan(seed: int) -> None:
    _, made = planned(seed)
    given_out: dict[str, Fraction] = {}
    need: dict[str, Fraction] = {}
    by_day: dict[int, list[tuple[str, Fraction]]] = {}
    for s in supplies(made):
        assert s.quantity == sum(q for _, _, q in s.periods)
        for first, _, q in s.periods:
            by_day.setdefault(first, []).append((s.product.id, q))
    for n, (_, day) in enumerate(days_of(made), 1):
        for product, q in by_day.get(n, []):
            given_out[product] = given_out.get(product, Fraction()) + q
        for takes in day.takes:
            for t in takes:
                need[t.product] = need.get(t.product, Fraction()) + (t.ml or t.count * t.piece)
        assert all(given_out.get(k, Fraction()) >= v for k, v in need.items()), n


def doses(course: Any) -> list[tuple[int | None, Fraction]]:
    """Days and mg a day of each step of a Course."""
    return [(p.days, sum((d.most_per_day.base for d in p.directions), Fraction())) for p in course.phases]


@SOME
@given(SEEDS)
def test_words_and_fhir_read_back_to_the_same_doses(seed: int) -> None:
    from posology.fhir.dosage import read_dosages, write_course
    from posology.wording import read as read_words
    from posology.wording import say

    _, made = planned(seed)
    assume(made.steps and all(x.denominator in (1, 2, 4, 5, 10, 20, 25, 50, 100) for s in made.steps for x in s.mg))
    course = course_of(made)
    want = [
        (s.days if made.end == "stop" or i < len(made.steps) - 1 else None, s.total) for i, s in enumerate(made.steps)
    ]
    assert doses(course) == want
    assert doses(read_dosages(write_course(course))) == want
    reading = read_words(say(course))
    assert reading.complete, reading.problems
    assert reading.course is not None
    assert doses(reading.course) == want
    assert reading.course.after == course.after


def test_a_changed_sentence_is_told_from_the_plan() -> None:
    from posology.wording import read as read_words
    from posology.wording import say

    _, made = one_planned()
    text = say(course_of(made))
    number = text.split()[0]
    changed = read_words(text.replace(number, "77", 1))
    assert changed.course is not None
    assert doses(changed.course) != doses(course_of(made))


# --------------------------------------------------------------------------------------------------------- fuzzed imports


@SOME
@given(st.recursive(
    st.none() | st.booleans() | st.integers(-5, 1000) | st.text(max_size=8) | st.sampled_from(["0", "5", "1/2", "day"]),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(
        st.sampled_from(["products", "slots", "start", "target", "limits", "shape", "steps", "mg", "days", "kind", "id"]), x,
        max_size=5), max_leaves=12))  # fmt: skip
def test_fuzzed_problems_are_refused_or_planned_never_a_crash(data: Any) -> None:
    made = None
    with contextlib.suppress(PosologyError):
        made = plan(read(data))
    assert made is None or not broken(made.problem, made)


def test_a_dose_above_the_maximum_is_never_planned_upwards() -> None:
    p = read({"products": "tablets 5, 10 mg", "slots": ["a"], "start": ["0"], "target": ["20"],
              "limits": {"steps": 4, "step_days": 7}})  # fmt: skip
    made = plan(p)
    assert made is not None
    for limit in ({"max_mg_per_dose": Fraction(15)}, {"max_mg_per_day": Fraction(20)}):
        tighter = p.with_limit(**limit)
        bad = evolve(
            made, steps=(*made.steps[:-1], evolve(made.steps[-1], mg=(Fraction(25),), takes=((Take("tablet-5", 5),),)))
        )
        assert any("above the maximum" in b.what for b in broken(tighter, evolve(bad, problem=tighter)))
    assert plan(p.with_limit(max_mg_per_dose=Fraction(15))) is None


def test_a_taper_may_start_above_the_maximum_and_only_comes_down() -> None:
    p = read({"products": "tablets 10 mg", "slots": ["a", "b"], "start": ["60", "60"], "target": ["0", "0"],
              "limits": {"steps": 6, "step_days": 7, "max_mg_per_day": "80"}})  # fmt: skip
    made = plan(p)
    assert made is not None
    assert made.steps[0].total == 100
    assert broken(p, made) == ()
