"""How fast dose times are made: against the limits set for this room, and against two readers of calendars."""

from __future__ import annotations

import datetime as dt
import sys
import zoneinfo
from collections.abc import Callable
from time import process_time

from posology.amount import Amount
from posology.directions import Course, Directions, Dose, Phase, Timing
from posology.schedule import expand, iso, timeline

FIRST = dt.date(2026, 11, 24)
ZONE = "Europe/London"
WAKING = (dt.time(7), dt.time(22, 30))


def course(*timings: Timing) -> Course:
    """Directions of 10 mg side by side."""
    return Course((Phase(tuple(Directions(Dose(Amount(10, "mg")), t) for t in timings)),))


TID = course(Timing(frequency=3, period=1, period_unit="d"))
Q8H = course(Timing(frequency=1, period=8, period_unit="h"))
BESIDE = course(Timing(frequency=2, period=1, period_unit="d"), Timing(when=("NOON",)))


def best(work: Callable[[], object], times: int = 3) -> float:
    """The shortest of a few runs, in seconds of this process: other work on the machine is not counted."""
    found = []
    for _ in range(times):
        start = process_time()
        work()
        found.append(process_time() - start)
    return min(found)


def count(what: Course, days: int, text: bool = False) -> int:
    """How many times there are, each made (and written, where asked)."""
    held = timeline(what, first_day=FIRST, zone=ZONE, days=days, waking=WAKING).times()
    return sum(1 for pair in held if not text or iso(*pair))


def rrule_times(days: int) -> int:
    """The same wall times by dateutil, put into the zone by the standard library."""
    from dateutil import rrule

    rule = rrule.rrule(rrule.DAILY, dtstart=dt.datetime(2026, 11, 24, 7), count=3 * days,  # noqa: DTZ001
                       byhour=[7, 14, 22], byminute=[30], bysecond=[0])  # fmt: skip
    zone = zoneinfo.ZoneInfo(ZONE)
    return sum(1 for at in rule if at.replace(tzinfo=zone).timestamp())


def calendar_times(days: int) -> int:
    """Three daily series, expanded by recurring-ical-events."""
    import icalendar
    import recurring_ical_events

    calendar = icalendar.Calendar()
    for hour in (7, 14, 22):
        event = icalendar.Event()
        event.add("uid", str(hour))
        event.add("dtstart", dt.datetime(2026, 11, 24, hour, 30, tzinfo=zoneinfo.ZoneInfo(ZONE)))
        event.add("rrule", {"freq": "daily"})
        calendar.add_component(event)
    return len(list(recurring_ical_events.of(calendar).between(FIRST, FIRST + dt.timedelta(days=days))))


def main() -> int:
    """Print every figure beside its limit; 1 where a limit is broken."""
    failed = 0

    def limit(name: str, seconds: float, most: float) -> None:
        nonlocal failed
        kept = seconds <= most
        failed += not kept
        print(f"{name:58} {seconds * 1000:9.1f} ms   limit {most * 1000:6.0f} ms   {'kept' if kept else 'BROKEN'}")

    million = 333_334
    limit("1 000 000 times, three a day", best(lambda: count(TID, million)), 2)
    limit("1 000 000 times, every 8 hours", best(lambda: count(Q8H, million)), 2)
    limit("1 000 000 times, two directions side by side", best(lambda: count(BESIDE, million)), 2)
    limit("1 000 000 times, three a day, written as ISO text", best(lambda: count(TID, million, True), 1), 2)
    year = best(lambda: expand(TID, first_day=FIRST, zone=ZONE, days=365, waking=WAKING), 10)
    limit("one year three times a day, as 1095 dose events", year, 0.010)
    ours = best(lambda: count(TID, 1000))
    for name, peer in (("dateutil.rrule", rrule_times), ("recurring-ical-events", calendar_times)):
        theirs = best(lambda peer=peer: peer(1000), 1)  # type: ignore[misc]
        print(f"3000 times: {name:20} {theirs * 1000:8.1f} ms   ours {ours * 1000:6.2f} ms   {theirs / ours:6.0f} x")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
