"""Plan documents: states, approvals, holds, steps back; nothing is edited in place and nothing moves by itself."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
from fractions import Fraction
from typing import Any

import pytest

from posology.errors import PosologyError, RefusedError, UnreadableError
from posology.taper import states
from posology.taper.form import read
from posology.taper.planner import plan

NOW = "2026-11-24T09:00:00+00:00"
FIRST = dt.date(2026, 11, 24)
LATE = dt.date(2027, 6, 1)


def proposed(steps: int = 6, **more: Any) -> dict[str, Any]:
    made = plan(read({
        "products": "tablets 5, 10, 20 mg, halves", "slots": ["morning", "noon", "evening"], "start": ["20", "20", "20"],
        "target": ["0", "0", "0"], "from": "2026-11-24", "limits": {"steps": steps, "step_days": 7, **more},
    }))  # fmt: skip
    assert made is not None
    return states.propose(made, NOW)


def approved(**more: Any) -> dict[str, Any]:
    return states.approve(proposed(), who="Dr A. Example", role="neurologist", at=NOW, valid_until=LATE, **more)


def active() -> dict[str, Any]:
    return states.start(approved(), on=FIRST, at=NOW)


def test_the_way_from_proposal_to_finished() -> None:
    d = proposed()
    assert states.state(d) == "proposed"
    d = states.approve(d, who="A", role="B", at=NOW, valid_until=LATE)
    assert states.state(d) == "approved"
    d = states.start(d, on=FIRST, at=NOW)
    assert states.state(d) == "active"
    last = states.calendar(d)[-1].last
    assert last is not None
    d = states.finish(d, on=last + dt.timedelta(days=1), at=NOW)
    assert states.state(d) == "finished"
    assert [e["event"] for e in d["entries"]] == ["proposed", "approved", "active", "finished"]
    assert states.load(json.loads(json.dumps(d))) == json.loads(json.dumps(d))


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda: states.start(proposed(), on=FIRST, at=NOW), "cannot become active"),
        (lambda: states.approve(approved(), who="A", role="B", at=NOW, valid_until=LATE), "cannot become approved"),
        (lambda: states.hold(proposed(), on=FIRST, at=NOW), "cannot become held"),
        (lambda: states.finish(active(), on=dt.date(2026, 12, 1), at=NOW), "does not end early"),
        (lambda: states.start(approved(), on=dt.date(2027, 6, 2), at=NOW), "ran out"),
        (lambda: states.hold(active(), on=dt.date(2028, 1, 1), at=NOW), "ran out"),
        (lambda: states.resume(active(), on=FIRST, at=NOW), "cannot become resumed"),
        (lambda: states.resume(states.hold(active(), on=dt.date(2026, 12, 5), at=NOW), on=FIRST, at=NOW), "held on"),
        (lambda: states.hold(active(), on=FIRST, at=NOW, days=0), "a day or more"),
        (lambda: states.approve(proposed(), who=" ", role="B", at=NOW, valid_until=LATE), "Say who"),
        (lambda: states.approve(proposed(), who="A", role="B", at=NOW, valid_until=dt.date(2020, 1, 1)), "before"),
        (
            lambda: states.approve(proposed(), who="A", role="B", at=NOW, valid_until=LATE, on_symptoms=["pray"]),
            "not known",
        ),
        (lambda: states.symptoms(approved(), at=NOW, text=" "), "Say what"),
        (lambda: states.step_back(active(), on=FIRST, at=NOW, who="A", role="B", to_step=3), "not one before"),
        (lambda: states.for_patient(proposed(), FIRST), "not for a patient"),
        (lambda: states.for_patient(active(), dt.date(2028, 1, 1)), "ran out"),
        (lambda: states.load({"format": "other"}), "not a taper plan file"),
        (lambda: states.load({**proposed(), "version": 9}), "version"),
        (lambda: states.load({**proposed(), "extra": 1}), "not known"),
        (lambda: states.load({**proposed(), "entries": []}), "entries"),
    ],
)
def test_what_may_not_be(act: Any, why: str) -> None:
    with pytest.raises(PosologyError, match=why):
        act()


def _edit(d: dict[str, Any], *path: Any, to: Any) -> dict[str, Any]:
    made = copy.deepcopy(d)
    at = made
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return made


@pytest.mark.parametrize(
    "edit",
    [
        lambda d: _edit(d, "plan", "steps", 0, "mg", "noon", to="40"),
        lambda d: _edit(d, "plan", "steps", 0, "days", to=1),
        lambda d: _edit(d, "problem", "limits", "steps", to=2),
        lambda d: _edit(d, "entries", 1, "who", to="Someone else"),
        lambda d: _edit(d, "entries", 1, "valid_until", to="2030-01-01"),
        lambda d: _edit(d, "entries", 0, "at", to="2020-01-01T00:00:00+00:00"),
    ],
)
def test_an_edited_file_is_refused(edit: Any) -> None:
    d = json.loads(json.dumps(active()))
    states.load(d)
    with pytest.raises((RefusedError, UnreadableError)):
        states.load(edit(d))


def test_a_plan_that_breaks_a_limit_is_refused_even_with_right_hashes() -> None:
    from posology.taper.output import digest

    d = json.loads(json.dumps(proposed()))
    row = d["plan"]["steps"][0]
    row["mg"]["noon"] = "40"
    row["take"]["noon"] = [{"product": "tablet-20", "pieces": "2", "piece": "1", "count": 2}]
    d["entries"] = [{**d["entries"][0], "plan": digest(d["plan"]), "after": digest(d["problem"], d["plan"])}]
    with pytest.raises(RefusedError):
        states.load(d)


def test_entries_are_only_added() -> None:
    before = active()
    kept = copy.deepcopy(before)
    after = states.hold(before, on=dt.date(2026, 12, 3), at=NOW, days=5)
    assert before == kept
    assert after["entries"][: len(before["entries"])] == before["entries"]
    assert after["problem"] == before["problem"]
    assert after["plan"] == before["plan"]


def test_a_hold_without_an_end_shows_no_later_step() -> None:
    d = states.hold(active(), on=dt.date(2026, 12, 3), at=NOW)
    assert states.state(d) == "held"
    rows = states.calendar(d)
    assert rows[-1].number == 2
    assert rows[-1].last is None
    d = states.resume(d, on=dt.date(2026, 12, 10), at=NOW)
    assert states.calendar(d)[2].first == dt.date(2026, 12, 15)


def test_time_alone_changes_nothing() -> None:
    d = active()
    assert states.state(d) == "active"
    assert states.for_patient(d, dt.date(2027, 5, 30)) == states.calendar(d)


def test_a_step_back_returns_to_the_last_tolerated_step_and_proposes_smaller_ones() -> None:
    d = active()
    stepped, proposal = states.step_back(d, on=dt.date(2026, 12, 10), at=NOW, who="A", role="B")
    entry = stepped["entries"][-1]
    assert states.state(stepped) == "stepped-back"
    assert (entry["from_step"], entry["to_step"]) == (3, 2)
    assert proposal is not None
    assert states.state(proposal) == "proposed"
    again = states.taken(proposal)
    assert again.problem.start == states.taken(d).steps[1].mg
    cut = states.taken(d).steps[1].total - states.taken(d).steps[2].total
    line = [again.problem.start_mg_per_day, *(s.total for s in again.steps), Fraction()]
    assert max(a - b for a, b in itertools.pairwise(line)) <= cut / 2
    with pytest.raises(RefusedError):
        states.hold(stepped, on=dt.date(2026, 12, 11), at=NOW)


def test_symptoms_are_answered_with_the_prescribers_own_list_and_decide_nothing() -> None:
    d = approved(on_symptoms=["hold", "call"], emergency="Go to the ward at once.")
    after, answers, emergency = states.symptoms(d, at=NOW, text="more spasms")
    assert answers == ("hold", "call")
    assert emergency == "Go to the ward at once."
    assert states.state(after) == states.state(d)
    assert states.symptoms(approved(), at=NOW, text="x")[1] == ("call",)


def test_an_end_by_a_prescriber_shows_the_patient_nothing_more() -> None:
    d = states.stop(active(), on=dt.date(2026, 12, 1), at=NOW, who="A", role="B", reason="another plan")
    with pytest.raises(RefusedError):
        states.for_patient(d, dt.date(2026, 12, 2))
