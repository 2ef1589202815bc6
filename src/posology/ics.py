"""Turns a Plan into an iCalendar file (RFC 5545): one series for each dose time of each step, with its time zone.

Knows no rule. The text is neutral ("Medicine time") unless detail is asked for: a calendar is seen by others.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from posology.wording.plan_page import dose_text

if TYPE_CHECKING:
    from posology.plan import Plan
    from posology.schedule import DoseEvent

NEUTRAL = "Medicine time"


def write(plan: Plan, *, detail: bool = False, stamp: dt.datetime | None = None) -> bytes:
    """The calendar of a plan.

    ``detail``: name the medicine and the amounts. ``stamp``: the DTSTAMP; the first day at midnight UTC where not
    given, so that the same plan gives the same file. A plan that is stopped or only proposed has no calendar: ValueError.
    """
    from icalendar import Alarm, Calendar, Event

    if plan.stopped or plan.state == "proposed":
        raise ValueError("only a plan that may be followed has a calendar")
    zone = ZoneInfo(plan.setting.zone)
    cal = Calendar()
    cal.add("prodid", "-//Posology//Plan//EN")
    cal.add("version", "2.0")
    cal.add("calscale", "GREGORIAN")
    cal.add("method", "PUBLISH")
    made = stamp or dt.datetime.combine(plan.setting.first_day, dt.time(), dt.UTC)
    for first, rule in series(plan.events):
        at = dt.datetime(first.at.year, first.at.month, first.at.day, first.at.hour, first.at.minute, tzinfo=zone)
        event = Event()
        key = f"{plan.prescription.medicine}|{plan.prescription.text}|{plan.setting.first_day}|{plan.setting.zone}|{first.id}"
        event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@posology")
        event.add("dtstamp", made)
        event.add("dtstart", at)
        event.add("duration", dt.timedelta(minutes=5))
        event.add("transp", "TRANSPARENT")
        event.add("class", "PRIVATE")
        if detail:
            event.add("summary", f"{plan.medicine.names[0].capitalize()} {dose_text(plan, first.dose)}")
            event.add("description", "As prescribed. Check against your pharmacy label. Not an alarm to rely on alone.")
        else:
            event.add("summary", NEUTRAL)
        if rule:
            event.add("rrule", rule)
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", NEUTRAL if not detail else event["summary"])
        alarm.add("trigger", dt.timedelta())
        event.add_component(alarm)
        cal.add_component(event)
    if plan.events:
        last = plan.events[-1].at
        cal.add_missing_timezones(
            first_date=plan.setting.first_day, last_date=dt.date(last.year, last.month, last.day) + dt.timedelta(days=1)
        )
    made_bytes: bytes = cal.to_ical()
    return made_bytes


def series(events: tuple[DoseEvent, ...]) -> list[tuple[DoseEvent, dict[str, object]]]:
    """The events as series: the first of each, and its rule.

    Doses of one step at one wall-clock time, evenly spaced in days, are one series; whatever is not evenly spaced
    (elapsed hours across a clock change, a moved gap) stands alone. Expanded, they are exactly the events.
    """
    found: list[tuple[DoseEvent, dict[str, object]]] = []

    def key(e: DoseEvent) -> tuple[object, ...]:
        return (e.phase, e.at.hour, e.at.minute, str(e.dose), e.note != "")

    for _, group in groupby(sorted(events, key=lambda e: (*map(str, key(e)), e.at.timestamp())), key=key):
        run: list[DoseEvent] = []
        step = 0
        for e in group:
            gap = _days(run[-1], e) if run else 0
            if run and (len(run) == 1 or gap == step) and gap > 0:
                step = gap
                run.append(e)
            else:
                if run:
                    found.append(_one(run, step))
                run, step = [e], 0
        found.append(_one(run, step))
    return sorted(found, key=lambda s: s[0].at.timestamp())


def _days(a: DoseEvent, b: DoseEvent) -> int:
    return (dt.date(b.at.year, b.at.month, b.at.day) - dt.date(a.at.year, a.at.month, a.at.day)).days


def _one(run: list[DoseEvent], step: int) -> tuple[DoseEvent, dict[str, object]]:
    if len(run) == 1:
        return run[0], {}
    rule: dict[str, object] = {"freq": "DAILY", "count": len(run)}
    if step > 1:
        rule["interval"] = step
    return run[0], rule
