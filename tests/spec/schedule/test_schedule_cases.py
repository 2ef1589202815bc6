"""When doses fall, as data: each case names every dose time, what must be told beside it, or why it is refused."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from posology.directions import Course, Phase
from posology.errors import PosologyError
from posology.schedule import NoteKey, Schedule, expand, iso, timeline
from tests.measuring import amount
from tests.timing import course, directions, window

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))["case"]


def course_of(case: dict[str, Any]) -> Course:
    if "phases" not in case:
        more = {k: case[k] for k in ("bounds", "cycle", "code") if k in case}
        return course(directions(as_needed=case.get("as_needed", False), **case["timing"], **more))
    phases = tuple(
        Phase(tuple(directions(**d) for d in p["directions"]), amount(p["length"]) if "length" in p else None)
        for p in case["phases"]
    )
    return Course(phases, case["after"]) if "after" in case else Course(phases)


def settings(case: dict[str, Any]) -> dict[str, Any]:
    clocks = {k: tuple(dt.time.fromisoformat(t) for t in case[k]) for k in ("clock", "meals") if k in case}
    return {
        "first_day": case["from"],
        "zone": case.get("zone", "Europe/London"),
        "days": case["days"],
        "waking": window(case.get("waking", "07:00-22:30")),
        "spacing": case.get("spacing", "waking"),
        "start_time": dt.time.fromisoformat(case["start_time"]) if "start_time" in case else None,
        **clocks,
    }


def written(plan: Schedule) -> list[str]:
    found = [e.at.to_fixed_offset().format_iso() for e in plan.events]
    assert all(text[16:19] == ":00" for text in found), "every time is a whole minute"
    return [text[5:16] + text[19:] for text in found]


def differences(case: dict[str, Any]) -> list[str]:
    try:
        plan = expand(course_of(case), **settings(case))
    except PosologyError as error:
        if "refused" in case and case["refused"] in str(error):
            return []
        return [f"{case['name']}: refused with {error}"]
    if "refused" in case:
        return [f"{case['name']}: not refused, {written(plan)}"]
    wrong = []
    if written(plan) != case["times"]:
        wrong.append(f"{case['name']}: {written(plan)}, wanted {case['times']}")
    wrong += [f"{case['name']}: {key} is not told" for key in case.get("notes", []) if not plan.told(key)]
    wrong += [f"{case['name']}: {key} is told" for key in case.get("not_told", []) if plan.told(key)]
    if len(plan.as_needed) != case.get("unplanned", 0):
        wrong.append(f"{case['name']}: {len(plan.as_needed)} directions are no timetable")
    if "ends" in case and plan.ends != case["ends"]:
        wrong.append(f"{case['name']}: ends {plan.ends}, wanted {case['ends']}")
    return wrong


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert differences(case) == []


@pytest.mark.parametrize("case", [c for c in CASES if "refused" not in c], ids=lambda c: c["name"])
def test_the_lazy_form_gives_the_same_times(case: dict[str, Any]) -> None:
    lazy = [iso(*pair) for pair in timeline(course_of(case), **settings(case)).times()]
    assert [text[5:16] + text[19:] for text in lazy] == case["times"]


@pytest.mark.parametrize(
    "fault",
    [
        {"times": ["11-24T08:00+00:00", "11-24T22:30+00:00"]},
        {"times": ["11-24T07:00+00:00"]},
        {"times": ["11-24T07:00+00:00", "11-24T22:30+00:00"], "notes": ["gap-moved"]},
        {"times": ["11-24T07:00+00:00", "11-24T22:30+00:00"], "not_told": ["overnight-gap"]},
        {"times": ["11-24T07:00+00:00", "11-24T22:30+00:00"], "unplanned": 1},
        {"times": ["11-24T07:00+00:00", "11-24T22:30+00:00"], "ends": dt.date(2026, 11, 24)},
        {"refused": "two readings"},
    ],
)
def test_the_runner_can_fail(fault: dict[str, Any]) -> None:
    sound = {
        "name": "planted",
        "timing": {"frequency": 2, "period": 1, "period_unit": "d"},
        "from": dt.date(2026, 11, 24),
        "days": 1,
    }
    assert differences({**sound, **fault})


def test_every_note_has_a_case() -> None:
    told = {key for c in CASES for key in c.get("notes", [])}
    assert told == set(get_args(NoteKey))
