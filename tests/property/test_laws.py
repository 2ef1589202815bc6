"""The laws of the whole, each held over generated prescriptions, each with a planted fault that it catches."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology import checks, ics, library, plan, record, sheet
from posology.amount import Amount
from posology.checks import ending, maximum
from posology.directions import Course, Directions, Dose, Person, Phase, Prescription, Timing
from posology.measure import Measure
from posology.wording.findings import say
from posology.wording.page import about
from posology.wording.plan_page import view
from tests.conftest import NOTHING_ELSE

SLOW = settings(max_examples=60, deadline=None)
MEDICINE = library.medicine("examplone")
COUNTRY = library.country("US")
AMOUNTS = st.sampled_from([Fraction(n, 2) for n in range(5, 90, 5)])


@st.composite
def courses(draw: Any, after: tuple[str, ...] = ("continue", "stop", "unknown")) -> Course:
    """Courses of one to four steps of daily doses."""
    n = draw(st.integers(1, 4))
    end = draw(st.sampled_from(after))
    phases = []
    for i in range(n):
        timing = Timing(frequency=draw(st.integers(1, 5)), period=1, period_unit="d")
        dose = Dose(Amount(draw(AMOUNTS), "mg"))
        length = Amount(draw(st.integers(1, 10)), "d") if i < n - 1 or end != "continue" else None
        phases.append(Phase((Directions(dose, timing),), length))
    return Course(tuple(phases), end)  # type: ignore[arg-type]


def made(course: Course, **changes: Any) -> plan.Plan:
    person = Person(age=Amount(40, "a"), new=None)
    values: dict[str, Any] = {
        "country": COUNTRY, "zone": "Europe/London", "first_day": dt.date(2026, 3, 20), "days": 40,
        "vocabulary": library.vocabulary(), "devices": tuple(library.devices().values()),
    }  # fmt: skip
    values.update(changes)
    return plan.make(Prescription("examplone", course, "as generated", person), MEDICINE, plan.Setting(**values))


def above_maximum_is_stopped(p: plan.Plan) -> bool:
    over = any(x.per_day is not None and x.per_day > Amount(80, "mg") for x in p.phases)
    return not over or p.stopped


@SLOW
@given(courses())
def test_a_dose_above_its_maximum_is_never_an_instruction(course: Course) -> None:
    p = made(course)
    assert above_maximum_is_stopped(p)
    if p.stopped:
        page = view(p)
        assert all(s.id != "doses" for s in page.sections)
        with pytest.raises(ValueError, match="no sheet"):
            sheet.plan_html(p)
        with pytest.raises(ValueError, match="calendar"):
            ics.write(p)


def test_a_maximum_check_that_is_off_by_one_dose_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maximum, "_limit", lambda case, rule: rule.amount + Amount(40, "mg"))
    course = Course((Phase((Directions(Dose(Amount(30, "mg")), Timing(frequency=3, period=1, period_unit="d")),)),))
    assert not above_maximum_is_stopped(made(course))


def test_a_missing_maximum_is_a_finding() -> None:
    course = Course((Phase((Directions(Dose(Amount(5, "mg")), Timing(frequency=3, period=1, period_unit="d")),)),))
    p = made(course, country=library.country("DE"))
    assert any(f.key == "no-maximum-known" for f in p.findings)


def ending_is_judged(p: plan.Plan, course: Course) -> bool:
    keys = {(f.severity, f.key) for f in p.findings}
    amounts = [x.per_day for x in p.phases]
    flat = all(a is not None and b is not None and b >= a for a, b in pairwise(amounts))
    if course.after == "stop" and flat:
        return ("stop", "ends-without-taper") in keys
    if course.after == "unknown":
        return ("warn", "renew-or-taper") in keys
    return course.after == "stop" or not any(k.startswith(("ends-", "renew")) for _, k in keys)


@SLOW
@given(courses())
def test_a_course_that_stops_without_a_taper_is_always_stopped(course: Course) -> None:
    assert ending_is_judged(made(course), course)


def test_an_ending_check_that_trusts_any_change_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "tapers", lambda case, rules, length: "yes")
    course = Course(
        (Phase((Directions(Dose(Amount(5, "mg")), Timing(frequency=3, period=1, period_unit="d")),), Amount(5, "d")),),
        "stop",
    )
    assert not ending_is_judged(made(course), course)


def measures_add_up(p: plan.Plan) -> bool:
    for dose, m in p.measures:
        if not isinstance(m, Measure):
            continue
        total = Amount(0, "mg")
        for take in m.takes:
            total = total + take.product.strength.mass_of(take.quantity)
            if take.count is not None and (take.count * take.product.parts).denominator != 1:
                return False
            if take.volume is not None and take.device is not None and not take.device.exact(take.volume):
                return False
        assert isinstance(dose.amount, Amount)
        if total != m.given or dose.amount - m.given != m.error or m.error.value < 0:
            return False
    return True


@SLOW
@given(courses())
def test_what_is_taken_adds_up_and_nothing_is_split_against_its_label(course: Course) -> None:
    assert measures_add_up(made(course))


def test_a_wrong_sum_is_caught() -> None:
    from attrs import evolve

    p = made(Course((Phase((Directions(Dose(Amount(5, "mg")), Timing(frequency=3, period=1, period_unit="d")),)),)))
    dose, m = p.measures[0]
    assert isinstance(m, Measure)
    assert not measures_add_up(evolve(p, measures=((dose, evolve(m, given=Amount(6, "mg"))),)))


@SLOW
@given(courses())
def test_the_calendar_holds_exactly_the_doses(course: Course) -> None:
    p = made(course)
    if p.stopped:
        return
    assert calendar_instants(p) == sorted({e.at.timestamp() for e in p.events})


def calendar_instants(p: plan.Plan) -> list[int]:
    """The instants of a plan's calendar, expanded by an independent reader."""
    import icalendar
    import recurring_ical_events

    cal = icalendar.Calendar.from_ical(ics.write(p))
    found = recurring_ical_events.of(cal).between(
        p.setting.first_day, p.setting.first_day + dt.timedelta(days=p.setting.days + 1)
    )
    return sorted({int(e["DTSTART"].dt.timestamp()) for e in found})


def test_a_calendar_that_loses_a_dose_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    p = made(Course((Phase((Directions(Dose(Amount(5, "mg")), Timing(frequency=3, period=1, period_unit="d")),)),)))
    real = ics.series
    monkeypatch.setattr(ics, "series", lambda events: real(events[:-1]))
    assert calendar_instants(p) != sorted({e.at.timestamp() for e in p.events})


@SLOW
@given(courses())
def test_the_json_form_agrees_with_the_plan(course: Course) -> None:
    import jsonschema

    p = made(course)
    written = record.write(p)
    jsonschema.validate(written, record.SCHEMA)
    assert [d["at"] for d in written["doses"]] == ([] if p.stopped else [e.at.format_iso() for e in p.events])
    assert written["exit"] == (3 if p.stopped else 0)


def order_times(p: plan.Plan, text: str) -> list[tuple[int, str]]:
    """Instants and amounts of a written order, read back and expanded."""
    from posology import schedule
    from posology.fhir import request

    read = request.read_request(_acceptable(text), medicine=p.medicine.names[0])
    timed = schedule.expand(read.course, first_day=p.setting.first_day, zone=p.setting.zone, days=p.setting.days)
    return [(e.at.timestamp(), str(e.dose)) for e in timed.events]


def _acceptable(text: str) -> object:
    """The document as a receiver who approved it would hold it: a draft of ours is not an order to act on."""
    from posology.fhir import request

    document = request.load(text)
    assert (document["status"], document["intent"]) == ("draft", "plan")
    return {**document, "status": "active", "intent": "order"}


@SLOW
@given(courses(after=("continue", "unknown")))
def test_the_order_holds_exactly_the_doses(course: Course) -> None:
    from posology.fhir import request

    p = made(course)
    if p.stopped:
        return
    assert order_times(p, request.write_json(p)) == [(e.at.timestamp(), str(e.dose)) for e in p.events]


def test_an_order_with_another_amount_is_caught() -> None:
    from posology.fhir import request

    p = made(Course((Phase((Directions(Dose(Amount(5, "mg")), Timing(frequency=3, period=1, period_unit="d")),)),)))
    changed = request.write_json(p).replace('"value": 5', '"value": 15').replace("5 mg 3 times", "15 mg 3 times")
    assert order_times(p, changed) != [(e.at.timestamp(), str(e.dose)) for e in p.events]


SAFE_TO_STOP = ("safe to stop", "safely stop", "can stop it", "you may stop")


@SLOW
@given(courses())
def test_emergency_signs_come_first_and_nothing_calls_stopping_safe(course: Course) -> None:
    p = made(course)
    page = view(p)
    assert page.sections[0].id == "emergency"
    assert COUNTRY.emergency in page.sections[0].heading
    text = " ".join(x.text for s in page.sections for b in s.blocks for x in b.lines).lower()
    assert not any(words in text for words in SAFE_TO_STOP)


def test_every_medicine_page_puts_emergencies_first() -> None:
    for id in library.medicine_files():
        m = library.medicine(id)
        for code in m.jurisdictions:
            page = about(m, library.country(code))
            assert page.sections[0].id == "emergency", id
            assert page.country.emergency in page.sections[0].heading
            text = " ".join(x.text for s in page.sections for b in s.blocks for x in b.lines).lower()
            assert not any(words in text for words in SAFE_TO_STOP), id


@SLOW
@given(courses())
def test_a_stop_never_tells_anyone_to_stop(course: Course) -> None:
    p = made(course)
    for f in p.findings:
        said = say(f, country=COUNTRY, tapers=MEDICINE.tapers)
        if f.severity == "stop":
            assert said.do.startswith("Do not stop this medicine or cut it by yourself."), f.key


def test_every_finding_can_be_said() -> None:
    import ast
    from pathlib import Path

    from posology.wording.findings import catalogue

    keys = set()
    for path in Path(checks.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding" and len(node.args) > 2:
                key = node.args[2]
                if isinstance(key, ast.Constant):
                    keys.add(key.value)
    assert keys
    assert keys <= set(catalogue())


def test_a_finding_without_a_source_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="must cite"):
        checks.Finding("maximum", "stop", "above-max-per-day")


def test_the_person_of_the_cases_is_wholly_known() -> None:
    assert all(v is not None for v in NOTHING_ELSE.values())
