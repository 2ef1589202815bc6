"""Generated tapers of a medicine as a calendar: an outside reader of iCalendar finds the amounts of the plan, day by day."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from fractions import Fraction
from typing import Any

import icalendar
import recurring_ical_events
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from posology import ics
from posology import plan as planning
from posology.cli.taper_sheet import approved_plan
from posology.errors import RefusedError
from posology.taper import states
from posology.taper.form import read
from posology.taper.output import plan_json
from posology.taper.planner import plan

SOME = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
NOW = "2026-11-01T09:00:00+00:00"
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SLOTS = (("morning",), ("night",), ("morning", "night"), ("morning", "noon", "evening"))


@st.composite
def problems(draw: Any) -> dict[str, Any]:
    slots = draw(st.sampled_from(SLOTS))
    start = [str(draw(st.sampled_from([10, 15, 20, 30]))) for _ in slots]
    products: list[dict[str, Any]] = [{"id": "gb-10", "form": "tablet", "strength_mg": "10", "pieces": ["1", "1/2"]}]
    limits: dict[str, Any] = {"steps": draw(st.integers(2, 6)), "step_days": draw(st.sampled_from([1, 3, 7, 10, 14]))}
    if draw(st.booleans()):
        limits["day_patterns"] = draw(st.sampled_from([["alternate"], ["weekdays"], ["alternate", "weekdays"]]))
    if draw(st.booleans()):
        limits["holds"] = [{"after_step": 1, "days": draw(st.integers(1, 9))}]
    first = dt.date(2026, 11, 1) + dt.timedelta(days=draw(st.integers(0, 200)))
    return {
        "medicine": "examplone", "products": products, "slots": list(slots), "start": start,
        "target": draw(st.sampled_from(["0"])) and ["0"] * len(slots), "from": first.isoformat(), "limits": limits,
    }  # fmt: skip


def by_the_answer(answer: dict[str, Any], first: dt.date) -> dict[dt.date, list[Fraction]]:
    """The doses of each day, straight from the plain answer."""
    found: dict[dt.date, list[Fraction]] = {}
    at = first
    for step in answer["steps"]:
        for i in range(step["days"]):
            row, days = step, step.get("pattern", [])
            if days:
                names = [d["day"] for d in days]
                row = days[names.index(WEEK[at.weekday()])] if names[0] in WEEK else days[i % len(days)]
            doses = sorted(Fraction(x) for x in row["mg"].values() if x != "0")
            if doses:
                found[at] = doses
            at += dt.timedelta(days=1)
    return found


def by_the_calendar(text: bytes) -> dict[dt.date, list[Fraction]]:
    """The same from a calendar, by readers that know nothing of this program; the amounts stand in the summaries."""
    found: dict[dt.date, list[Fraction]] = {}
    cal = icalendar.Calendar.from_ical(text)
    for event in recurring_ical_events.of(cal).between(dt.date(2026, 10, 1), dt.date(2029, 1, 1)):
        mg = re.search(r"(\d+(?:\.\d+)?) mg", str(event["SUMMARY"]))
        assert mg is not None
        found.setdefault(event["DTSTART"].dt.date(), []).append(Fraction(mg[1]))
    return {day: sorted(doses) for day, doses in found.items()}


def calendar_of(data: dict[str, Any]) -> tuple[planning.Plan, dict[str, Any], dt.date] | None:
    try:
        made = plan(read(data))
    except RefusedError:
        return None
    if made is None or not made.steps:
        return None
    first = dt.date.fromisoformat(data["from"])
    document = states.propose(made, NOW)
    document = states.approve(document, who="A", role="B", at=NOW, valid_until=dt.date(2030, 1, 1))
    document = states.start(document, on=first, at=NOW)
    with contextlib.suppress(RefusedError):  # days in a row without a dose have no place on a sheet
        whole = approved_plan(document, first, country="UK", zone="Europe/London", awake="07:00-22:30", syringe=[])
        return whole, plan_json(made), first
    return None


@SOME
@given(problems())
def test_the_calendar_of_a_generated_plan_holds_its_doses_day_by_day(data: dict[str, Any]) -> None:
    made = calendar_of(data)
    assume(made is not None)
    assert made is not None
    whole, answer, first = made
    assume(not whole.stopped)
    assert by_the_calendar(ics.write(whole, detail=True)) == by_the_answer(answer, first)


def test_a_calendar_with_a_dose_less_is_told_from_the_plan() -> None:
    data = {
        "medicine": "examplone", "products": [{"id": "gb-10", "form": "tablet", "strength_mg": "10", "pieces": ["1", "1/2"]}],
        "slots": ["night"], "start": ["20"], "target": ["0"], "from": "2026-11-24",
        "limits": {"steps": 6, "step_days": 14, "day_patterns": ["weekdays"]},
    }  # fmt: skip
    made = calendar_of(data)
    assert made is not None
    whole, answer, first = made
    assert by_the_calendar(ics.write(whole, detail=True)) == by_the_answer(answer, first)
    fewer = evolve(whole, schedule=evolve(whole.schedule, events=whole.schedule.events[:-1]))
    assert by_the_calendar(ics.write(fewer, detail=True)) != by_the_answer(answer, first)
