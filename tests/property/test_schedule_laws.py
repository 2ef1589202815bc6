"""Laws of times, for directions, zones and days drawn at random; outside judges; each law catches a planted fault."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from attrs import evolve
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st
from whenever import Instant

from posology.amount import Amount
from posology.directions import DAYS, Course, Directions, Phase
from posology.schedule import DoseEvent, Schedule, WakingDay, Zone, expand, iso, timeline
from posology.schedule.day import MIN_GAP
from posology.schedule.stream import months_after
from posology.schedule.zone import utc_day
from tests.timing import course, daily, directions

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kolkata", "Pacific/Apia",
         "America/Sao_Paulo", "Africa/Casablanca", "Europe/Berlin", "UTC", "Asia/Gaza")  # fmt: skip
WAKING = (dt.time(7), dt.time(22, 30))
zones = st.sampled_from(ZONES)
dates = st.dates(dt.date(2005, 1, 1), dt.date(2030, 12, 1))
clocks = st.lists(st.times().map(lambda t: f"{t.hour:02}:{t.minute:02}"), min_size=1, max_size=4, unique=True)


@st.composite
def timings(draw: Any) -> dict[str, Any]:
    """A timing that can be planned, as plain data."""
    shape = draw(st.sampled_from(["daily", "days", "weeks", "weekdays", "months", "hours", "clock", "when", "cycle"]))
    if shape == "daily":
        return {"frequency": draw(st.integers(1, 8)), "period": 1, "period_unit": "d"}
    if shape == "days":
        return {"frequency": draw(st.integers(1, 3)), "period": draw(st.integers(2, 9)), "period_unit": "d"}
    if shape == "weeks":
        return {"frequency": draw(st.integers(1, 7)), "period": draw(st.integers(1, 4)), "period_unit": "wk"}
    if shape == "weekdays":
        named = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=5, unique=True))
        return {"frequency": draw(st.integers(1, 4)), "period": 1, "period_unit": "d", "days_of_week": named}
    if shape == "months":
        return {"frequency": 1, "period": draw(st.integers(1, 3)), "period_unit": "mo"}
    if shape == "hours":
        return {"frequency": 1, "period": draw(st.integers(1, 49)), "period_unit": "h"}
    if shape == "clock":
        return {"times_of_day": draw(clocks)}
    if shape == "when":
        codes = st.sampled_from(["MORN", "NOON", "AFT", "EVE", "NIGHT", "HS", "CM", "CD", "CV", "ACM", "PCV", "WAKE"])
        return {"when": draw(st.lists(codes, min_size=1, max_size=3, unique=True))}
    return {
        "frequency": 1,
        "period": 1,
        "period_unit": "d",
        "cycle": [draw(st.integers(1, 9)), draw(st.integers(1, 9))],
    }


def plan(what: Course, first: dt.date, zone: str, days: int = 20, **more: Any) -> Schedule:
    return expand(what, first_day=first, zone=zone, days=days, **{"waking": WAKING, **more})


def broken(found: Schedule) -> set[str]:
    """The laws that a timetable breaks, whatever its directions."""
    wrong = set()
    instants = [e.at.timestamp() for e in found.events]
    if instants != sorted(instants):
        wrong.add("out of order")
    if len({e.id for e in found.events}) != len(found.events):
        wrong.add("two of one id")
    if any(e.at.tz_id != found.zone for e in found.events):
        wrong.add("another zone")
    together = Counter((id(e.directions), e.at.timestamp()) for e in found.events)
    if any(n > 1 for n in together.values()):
        wrong.add("two doses together")
    if any(e.dose is not e.directions.dose for e in found.events):
        wrong.add("not the dose of its directions")
    if any(e.directions.as_needed for e in found.events):
        wrong.add("as needed has a timetable")
    for events in _by_directions(found.events).values():
        t = events[0].directions.timing
        if t.elapsed and t.period is not None and not t.days_of_week and t.cycle is None:
            seconds = int(t.period * 3600)
            if any(b.at.timestamp() - a.at.timestamp() != seconds for a, b in pairwise(events)):
                wrong.add("elapsed hours not kept")
        elif not t.elapsed and any(e.note == "" for e in events):
            places = Counter(e.at.time() for e in events if not e.note)
            slots = {e.id.rsplit("/", 1)[1] for e in events}
            if len(places) > len(slots):
                wrong.add("wall time not kept")
    return wrong


def _by_directions(events: Iterable[DoseEvent]) -> dict[int, list[DoseEvent]]:
    found: dict[int, list[DoseEvent]] = {}
    for e in events:
        found.setdefault(id(e.directions), []).append(e)
    return found


@settings(max_examples=300, deadline=None)
@given(timings(), dates, zones)
def test_every_timetable_keeps_the_laws(timing: dict[str, Any], first: dt.date, zone: str) -> None:
    assert broken(plan(course(directions(**timing)), first, zone)) == set()


@settings(max_examples=100, deadline=None)
@given(timings(), dates, zones, st.integers(1, 20), st.integers(1, 20))
def test_a_longer_horizon_only_adds(timing: dict[str, Any], first: dt.date, zone: str, days: int, more: int) -> None:
    held = course(directions(**timing))
    short = [(e.id, e.at) for e in plan(held, first, zone, days).events]
    long = [(e.id, e.at) for e in plan(held, first, zone, days + more).events]
    assert [pair for pair in long if pair in set(short)] == short
    assert all(pair[1] >= short[0][1] for pair in long[:1]) if short else True


@settings(max_examples=100, deadline=None)
@given(timings(), dates, zones)
def test_the_lazy_form_is_the_same(timing: dict[str, Any], first: dt.date, zone: str) -> None:
    held = course(directions(**timing))
    found = [e.at.to_fixed_offset().format_iso() for e in plan(held, first, zone).events]
    lazy = timeline(held, first_day=first, zone=zone, days=20, waking=WAKING)
    assert [iso(*pair) for pair in lazy.times()] == found


@settings(max_examples=60, deadline=None)
@given(timings(), timings(), dates, zones, st.integers(1, 6))
def test_steps_do_not_overlap_and_start_again(
    one: dict[str, Any], two: dict[str, Any], first: dt.date, zone: str, days: int
) -> None:
    held = Course((Phase((directions(**one),), Amount(days, "d")), Phase((directions(**two),))))
    found = plan(held, first, zone)
    assert {"out of order", "two of one id", "another zone"} & broken(found) == set()
    change = first + dt.timedelta(days=days)
    assert all((e.phase == 0) == (e.day < change) for e in found.events)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 8), dates, zones, st.integers(0, 5))
def test_ids_are_the_same_when_planned_again_later(times: int, first: dt.date, zone: str, later: int) -> None:
    once = {e.id: e.at for e in plan(daily(times), first, zone).events}
    again = plan(daily(times), first + dt.timedelta(days=later), zone, 20 - later).events
    assert all(once[e.id] == e.at for e in again)


@settings(deadline=None)
@given(st.integers(1, 12), st.times(), st.integers(6, 20))
def test_doses_a_day_fill_the_waking_day(times: int, start: dt.time, hours: int) -> None:
    start = start.replace(second=0, microsecond=0)
    end = (dt.datetime.combine(dt.date(2026, 1, 1), start) + dt.timedelta(hours=hours)).time()
    day = WakingDay.of((start, end))
    if times > 1 and hours * 3600 < MIN_GAP * (times - 1):
        return
    slots = day.spread(times)
    assert len(slots) == times
    assert slots[0] == day.start
    assert times == 1 or slots[-1] == day.end
    assert list(slots) == sorted(set(slots))
    assert all(s % 300 == 0 for s in slots[1:-1])
    gaps = [b - a for a, b in pairwise(slots)]
    assert not gaps or max(gaps) - min(gaps) <= 600


# -- outside judges -------------------------------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(st.datetimes(dt.datetime(2005, 1, 1), dt.datetime(2030, 1, 1)), zones)  # noqa: DTZ001
def test_instants_agree_with_the_standard_library(local: dt.datetime, zone: str) -> None:
    local = local.replace(second=0, microsecond=0)
    there = zoneinfo.ZoneInfo(zone)
    ours, jump = Zone(zone).resolve(utc_day(local.toordinal()) + local.hour * 3600 + local.minute * 60)
    first = local.replace(tzinfo=there, fold=0)
    back = first.astimezone(dt.UTC).astimezone(there)
    if back.replace(tzinfo=None) == local:
        assert ours == int(first.timestamp())
        later = local.replace(tzinfo=there, fold=1)
        assert (jump == "fold") == (later.utcoffset() != first.utcoffset())
        return
    assert jump == "gap"
    shown = dt.datetime.fromtimestamp(ours, there)
    before = dt.datetime.fromtimestamp(ours - 1, there)
    assert before.replace(tzinfo=None) < local < shown.replace(tzinfo=None)


@settings(max_examples=100, deadline=None)
@given(
    dates,
    st.integers(1, 6),
    st.sampled_from(["DAILY", "WEEKLY"]),
    st.lists(st.sampled_from(DAYS), max_size=3, unique=True),
)
def test_days_agree_with_dateutil(first: dt.date, interval: int, freq: str, named: list[str]) -> None:
    unit = {"DAILY": "d", "WEEKLY": "wk"}[freq]
    # An interval of weeks with named days counts weeks from the first day, as a rule that begins its weeks there does.
    rule = rrule.rrule(
        getattr(rrule, freq),
        dtstart=dt.datetime.combine(first, dt.time(7)),
        interval=interval,
        byweekday=[DAYS.index(d) for d in named] or None,
        wkst=first.weekday(),
        until=dt.datetime.combine(first + dt.timedelta(days=59), dt.time(23)),
    )
    timing = directions(frequency=1, period=interval, period_unit=unit, days_of_week=named)
    found = plan(course(timing), first, "UTC", 60)
    assert [e.at.to_plain().to_stdlib() for e in found.events] == list(rule)


@settings(max_examples=100, deadline=None)
@given(dates, st.integers(1, 5), st.integers(0, 30))
def test_months_agree_with_dateutil(anchor: dt.date, step: int, times: int) -> None:
    from dateutil.relativedelta import relativedelta

    assert months_after(anchor, step * times) == anchor + relativedelta(months=step * times)


@settings(max_examples=40, deadline=None)
@given(st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 1)), st.sampled_from(["Europe/London", "America/New_York", "Europe/Berlin"]),
       st.integers(1, 4))  # fmt: skip
def test_clock_times_agree_with_a_calendar(first: dt.date, zone: str, times: int) -> None:
    """A calendar of one daily series a time, expanded by an independent reader, has the same instants."""
    found = plan(daily(times), first, zone, 30)
    calendar = icalendar.Calendar()
    for clock in dict.fromkeys(e.at.time() for e in found.events if not e.note):
        event = icalendar.Event()
        event.add("uid", str(clock))
        start = dt.datetime.combine(first, clock.to_stdlib(), tzinfo=zoneinfo.ZoneInfo(zone))
        event.add("dtstart", start)
        event.add("rrule", {"freq": "daily"})
        calendar.add_component(event)
    last = first + dt.timedelta(days=30)
    read = recurring_ical_events.of(calendar).between(first, last)
    instants = sorted(int(e["DTSTART"].dt.timestamp()) for e in read)
    assert instants == [e.at.timestamp() for e in found.events]


# -- planted faults ---------------------------------------------------------------------------------------------------


def test_each_law_catches_its_fault() -> None:
    tid = plan(daily(3), dt.date(2026, 3, 27), "Europe/London", 4)
    q8h = plan(course(directions(frequency=1, period=8, period_unit="h")), dt.date(2026, 3, 27), "Europe/London", 4)
    first, *rest = tid.events
    needed = evolve(directions(frequency=1, period=6, period_unit="h"), as_needed=True)
    faults = {
        "out of order": evolve(tid, events=tuple(reversed(tid.events))),
        "two of one id": evolve(tid, events=(first, evolve(rest[0], id=first.id))),
        "another zone": evolve(tid, events=(evolve(first, at=first.at.to_tz("UTC")),)),
        "two doses together": evolve(tid, events=(first, evolve(first, id="1.1/2026-03-27/9"))),
        "not the dose of its directions": evolve(tid, events=(evolve(first, dose=directions().dose and None),)),
        "as needed has a timetable": evolve(tid, events=(evolve(first, directions=needed, dose=needed.dose),)),
        "wall time not kept": evolve(
            tid, events=tuple(evolve(e, at=e.at.add(hours=n // 3)) for n, e in enumerate(tid.events))
        ),
        "elapsed hours not kept": evolve(
            q8h, events=tuple(evolve(e, at=Instant.from_timestamp(e.at.timestamp() + (3600 if n > 5 else 0)).to_tz("Europe/London"))
                              for n, e in enumerate(q8h.events)),
        ),
    }  # fmt: skip
    for law, fault in faults.items():
        assert law in broken(fault), law
    assert broken(tid) == broken(q8h) == set()


def test_a_wall_clock_of_elapsed_days_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """24 hours are not a day: planning a day as 86400 seconds breaks the wall time after the clocks change."""
    real = Zone.plain

    def faulty(self: Zone, day: int) -> int | None:
        base = real(self, dt.date(2026, 3, 27).toordinal())
        return None if base is None else base + (day - dt.date(2026, 3, 27).toordinal()) * 86400

    monkeypatch.setattr(Zone, "plain", faulty)
    assert "wall time not kept" in broken(plan(daily(2), dt.date(2026, 3, 27), "Europe/London", 6))


def test_counting_months_from_the_last_clipped_date_would_be_caught() -> None:
    anchor = dt.date(2026, 1, 31)
    clipped = months_after(months_after(anchor, 1), 1)
    assert clipped != months_after(anchor, 2)


def test_a_gap_moved_by_its_own_length_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """A skipped 01:30 must become 02:00, the first minute that exists, and not 02:30."""
    real = Zone.resolve

    def faulty(self: Zone, local: int) -> Any:
        instant, jump = real(self, local)
        return (instant + 1800, jump) if jump == "gap" else (instant, jump)

    monkeypatch.setattr(Zone, "resolve", faulty)
    check = test_instants_agree_with_the_standard_library.hypothesis.inner_test  # type: ignore[attr-defined]
    with pytest.raises(AssertionError):
        check(dt.datetime(2026, 3, 29, 1, 45), "Europe/London")  # noqa: DTZ001


def test_doses_dropped_at_the_end_of_a_horizon_would_be_caught() -> None:
    held = daily(3)
    long = plan(held, dt.date(2026, 3, 27), "Europe/London", 9).events
    short = plan(held, dt.date(2026, 3, 27), "Europe/London", 5).events[:-1]
    assert [e.id for e in long if e.day < dt.date(2026, 4, 1)] != [e.id for e in short]


def test_as_needed_is_never_planned() -> None:
    needed = Directions(directions().dose, directions(frequency=1, period=4, period_unit="h").timing, as_needed=True)
    found = plan(course(needed, directions(when=["HS"])), dt.date(2026, 3, 27), "Europe/London")
    assert found.as_needed == (needed,)
    assert {e.directions for e in found.events} == {directions(when=["HS"])}


def test_fractions_of_intervals_do_not_drift() -> None:
    found = plan(course(directions(frequency=7, period=24, period_unit="h")), dt.date(2026, 1, 1), "UTC", 30)
    week = [e for e in found.events if e.at.hour == 7 and e.at.minute == 0]
    assert len(week) == 30
    assert len(found.events) == int(Fraction(30 * 24 - 7, 24) * 7) + 1
