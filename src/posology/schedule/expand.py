"""Turns a course, its first day, a zone and a waking day into dose events, with everything a reader must be told.

Knows no medicine, product or maximum, and reads no clock: the first day is given. As needed is never a timetable.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator
from typing import Literal

from attrs import evolve, field, frozen
from whenever import ZonedDateTime

from posology.directions import Course, Directions, Dose
from posology.errors import PosologyError, Problem, RefusedError, UnreadableError
from posology.schedule.day import WakingDay, clock
from posology.schedule.pattern import Elapsed, Note, NoteKey, Pattern, Settings, pattern_of
from posology.schedule.phase import Held, Start
from posology.schedule.stream import Stream, Stretch, Tell, Tick
from posology.schedule.zone import DAY, Zone, day_of, iso, utc_day

MAX_DAYS = 3 * 366
"""The longest horizon of a timetable: three years. Our setting; :func:`timeline` has none."""
MAX_EVENTS = 20_000
"""The most dose events of a timetable. Our setting."""

Spacing = Literal["waking", "elapsed"]
Meals = tuple[dt.time, dt.time, dt.time]


@frozen
class DoseEvent:
    """One dose at one moment.

    ``id``: step, direction, day and place in the day ("1.1/2026-11-24/2"; elapsed: the instant), the same when planned
    again. ``dose`` and ``directions``: the same objects as in the course. ``phase``: the step, from 0. ``note``: what a
    clock change did to it ("gap", "fold"), or empty. ``day``: the day it belongs to, which after midnight of a late
    waking day is the day before. ``elapsed``: it counts hours, not clock time.
    """

    id: str
    at: ZonedDateTime
    dose: Dose | None
    directions: Directions
    phase: int
    note: str = ""
    day: dt.date = field(default=dt.date.min, eq=False)
    elapsed: bool = False


@frozen
class Schedule:
    """The dose events of a course up to a horizon, and what to say beside them.

    ``as_needed``: directions that are no timetable (as needed, "up to", nothing said of when). ``ends``: the last day of
    the course, where it has one, be it after the horizon. ``events`` are in order of time.
    """

    events: tuple[DoseEvent, ...]
    notes: tuple[Note, ...]
    as_needed: tuple[Directions, ...]
    first_day: dt.date
    days: int
    zone: str
    settings: Settings
    ends: dt.date | None = None

    def told(self, key: str) -> tuple[Note, ...]:
        """The notes of that key."""
        return tuple(n for n in self.notes if n.key == key)


@frozen
class _Lane:
    """One direction of one phase, as a stream."""

    phase: int
    place: int
    directions: Directions
    stream: Stream

    def tagged(self, first_day: int, stop_day: int) -> Iterator[tuple[int, int, int, Tick]]:
        return ((tick[0], self.phase, self.place, tick) for tick in self.stream.ticks(first_day, stop_day))


@frozen
class _Layout:
    lanes: tuple[_Lane, ...]
    as_needed: tuple[Directions, ...]
    notes: tuple[Note, ...]
    ends: dt.date | None


def expand(
    course: Course,
    *,
    first_day: dt.date,
    zone: str,
    days: int = 28,
    waking: tuple[dt.time, dt.time] | None = None,
    clock: tuple[dt.time, ...] = (),
    spacing: Spacing = "waking",
    start_time: dt.time | None = None,
    meals: Meals | None = None,
) -> Schedule:
    """The dose events of a course on ``days`` days from ``first_day``, in a named zone.

    ``waking``: first and last minute of the waking day (assumed 08:00 to 22:00, and said so). ``clock``: the person's
    own times, used for directions with as many doses a day. ``spacing``: whether N times a day is spread over the waking
    day or by elapsed hours. ``start_time``: the moment of the first day from which doses are taken. ``meals``:
    breakfast, lunch, supper.

    Rules: N times a day, first on waking, last at the end of the day, the rest between, to 5 minutes; every N hours is
    elapsed time, whatever the clock does; days, weeks and months keep the wall time; a skipped hour moves to the first
    minute that exists; a repeated one is taken once. Of ranges the fewer doses are planned, and it is said.

    Raises :class:`UnreadableError` for a zone, day or horizon that cannot be; :class:`RefusedError` for directions with
    two readings, all at once.

    >>> from posology.amount import Amount
    >>> from posology.directions import Phase, Timing
    >>> tid = Directions(Dose(Amount(10, "mg")), Timing(frequency=3, period=1, period_unit="d"))
    >>> plan = expand(Course((Phase((tid,)),)), first_day=dt.date(2026, 11, 24), zone="Europe/London", days=1,
    ...     waking=(dt.time(7), dt.time(22, 30)))
    >>> [e.at.to_fixed_offset().format_iso() for e in plan.events][:2]
    ['2026-11-24T07:00:00+00:00', '2026-11-24T14:45:00+00:00']
    """
    if days < 1 or days > MAX_DAYS:
        raise UnreadableError(
            Problem(f"A horizon of {days} days is not planned.", "days", f"Ask for 1 to {MAX_DAYS} days (three years).")
        )
    place = Zone(zone)
    settings = _settings(waking, clock, spacing, meals)
    layout = _layout(course, first_day, place, settings, start_time, first_day.toordinal() + days)
    notes = list(layout.notes)
    for lane in layout.lanes:
        lane.stream.tell = _teller(notes, lane.phase)
    lanes = {(lane.phase, lane.place): lane for lane in layout.lanes}
    events: list[DoseEvent] = []
    for _, phase, number, (instant, day, slot, jump) in _merged(layout, first_day, days):
        lane = lanes[phase, number]
        date = dt.date.fromordinal(day)
        tail = f"{date.isoformat()}/{slot + 1}" if slot >= 0 else iso(instant, 0)[:16] + "Z"
        events.append(
            DoseEvent(
                f"{phase + 1}.{number + 1}/{tail}",
                place.at(instant),
                lane.directions.dose,
                lane.directions,
                phase,
                jump,
                date,
                slot < 0,
            )
        )
        if len(events) > MAX_EVENTS:
            raise RefusedError(
                Problem(
                    f"More than {MAX_EVENTS} doses in {days} days.", "days", "Ask for fewer days; check the interval."
                )
            )
    stop = first_day.toordinal() + days
    for instant, jump_by in place.changes(place.midnight(first_day.toordinal()), place.midnight(stop)):
        changed = dt.date.fromordinal(day_of(place.local(instant)))
        way: NoteKey = "clocks-forward" if jump_by > 0 else "clocks-back"
        notes.append(Note(way, {"date": changed, "minutes": abs(jump_by) // 60}))
    return Schedule(tuple(events), _distinct(notes), layout.as_needed, first_day, days, zone, settings, layout.ends)


@frozen
class Timeline:
    """The times of a course without their events: lazy, and without a cap.

    ``as_needed``: directions that are no timetable; ``notes``: what is known before any time is asked for.
    """

    zone: Zone
    first_day: dt.date
    days: int
    as_needed: tuple[Directions, ...]
    notes: tuple[Note, ...]
    _layout: _Layout = field(repr=False)

    def times(self) -> Iterator[tuple[int, int]]:
        """Unix seconds and the offset from UTC in seconds, in order; :func:`posology.schedule.iso` writes one as text."""
        offset, lanes = self.zone.offset, self._layout.lanes
        first = self.first_day.toordinal()
        if len(lanes) == 1:
            return ((tick[0], offset(tick[0])) for tick in lanes[0].stream.ticks(first, first + self.days))
        return ((tick[0], offset(tick[0])) for tick in _merged(self._layout, self.first_day, self.days))


def timeline(
    course: Course,
    *,
    first_day: dt.date,
    zone: str,
    days: int,
    waking: tuple[dt.time, dt.time] | None = None,
    clock: tuple[dt.time, ...] = (),
    spacing: Spacing = "waking",
    start_time: dt.time | None = None,
    meals: Meals | None = None,
) -> Timeline:
    """The same times as :func:`expand`, for as many days as wanted; memory does not grow with their number.

    >>> from posology.directions import Phase, Timing
    >>> daily = Course((Phase((Directions(timing=Timing(frequency=1, period=1, period_unit="d")),)),))
    >>> sum(1 for _ in timeline(daily, first_day=dt.date(2026, 1, 1), zone="Europe/London", days=3000).times())
    3000
    """
    if days < 1:
        raise UnreadableError(Problem(f"A horizon of {days} days is not planned.", "days", "Ask for 1 day or more."))
    place = Zone(zone)
    settings = _settings(waking, clock, spacing, meals)
    layout = _layout(course, first_day, place, settings, start_time, first_day.toordinal() + days)
    return Timeline(place, first_day, days, layout.as_needed, _distinct(list(layout.notes)), layout)


def _merged(layout: _Layout, first_day: dt.date, days: int) -> Iterator[tuple[int, int, int, Tick]]:
    first = first_day.toordinal()
    streams = [lane.tagged(first, first + days) for lane in layout.lanes]
    return iter(streams[0]) if len(streams) == 1 else heapq.merge(*streams)


def _teller(notes: list[Note], phase: int) -> Tell:
    return lambda note: notes.append(evolve(note, phase=phase))


def _distinct(notes: list[Note]) -> tuple[Note, ...]:
    """Each note once, of the first phase that has it."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], Note] = {}
    for note in notes:
        found.setdefault((note.key, tuple(sorted((k, str(v)) for k, v in note.facts.items()))), note)
    return tuple(found.values())


def _settings(
    waking: tuple[dt.time, dt.time] | None, own: tuple[dt.time, ...], spacing: Spacing, meals: Meals | None
) -> Settings:
    seconds = sorted({t.hour * 3600 + t.minute * 60 + t.second for t in own})
    if len(seconds) != len(own):
        raise UnreadableError(Problem("A clock time is given twice.", "clock", "Give each time once."))
    return Settings(WakingDay.of(waking, meals), tuple(seconds), spacing)


def _layout(
    course: Course, first_day: dt.date, zone: Zone, settings: Settings, start_time: dt.time | None, stop: int
) -> _Layout:
    """Every phase in its place, every direction as a stream; all refusals at once."""
    if stop > dt.date(9999, 12, 1).toordinal() or first_day.year < 2:
        raise UnreadableError(Problem("These dates are out of reach.", "first_day", "Use a year between 2 and 9999."))
    first = first_day.toordinal()
    begin = zone.midnight(first)
    rhythm: int | None = None
    if start_time is not None:
        seconds = start_time.hour * 3600 + start_time.minute * 60 + start_time.second
        begin = rhythm = zone.resolve(utc_day(first) + seconds)[0]
    start: Start | None = Start(first, begin, rhythm)
    lanes: list[_Lane] = []
    unplanned: list[Directions] = []
    notes: list[Note] = []
    problems: list[Problem] = []
    earlier: dict[int, Stream] = {}
    ends: dt.date | None = None
    for number, phase in enumerate(course.phases):
        assert start is not None, "only the last phase is open, so that each has a start"
        open_end = number == len(course.phases) - 1 and course.after == "continue"
        if open_end and phase.length is not None:
            notes.append(Note("continues", {}, number))
        held = Held(zone, settings, start, None if open_end else phase.length, begin)
        now: dict[int, Stream] = {}
        last_days: list[int | None] = []
        for place, directions in enumerate(phase.directions):
            try:
                pattern = pattern_of(directions, settings)
                stretch = held.stretch(directions)
            except PosologyError as error:
                problems += [evolve(p, where=f"step {number + 1}, {p.where}".strip(", ")) for p in error.problems]
                continue
            notes += [evolve(note, phase=number) for note in (*pattern.notes, *held.notes)]
            held.notes.clear()
            last_days.append(held.last_day(stretch))
            if not pattern.shapes:
                unplanned.append(directions)
                continue
            stretch = _kept(earlier.get(place), pattern, stretch, held, notes, number)
            stream = Stream(pattern, stretch, zone)
            if number == 0 and start_time is not None:
                _say_partial(stream, first, start_time, notes)
            now[place] = stream
            if stretch.start < stop:
                lanes.append(_Lane(number, place, directions, stream))
        earlier = now
        known = [day for day in last_days if day is not None]
        ends = dt.date.fromordinal(max(known)) if last_days and len(known) == len(last_days) else None
        start = held.following()
    if problems:
        raise RefusedError(*problems)
    return _Layout(tuple(lanes), tuple(unplanned), tuple(notes), ends)


def _say_partial(stream: Stream, first: int, start_time: dt.time, notes: list[Note]) -> None:
    whole = Stream(stream.pattern, evolve(stream.stretch, first=-(10**15), floor=-(10**15)), stream.zone)
    missed = sum(1 for tick in whole.ticks(first, first + 1) if tick[0] < stream.stretch.first)
    if missed:
        notes.append(Note("first-partial-day", {"from": f"{start_time:%H:%M}", "left-out": missed}, 0))


def _kept(
    earlier: Stream | None, pattern: Pattern, stretch: Stretch, held: Held, notes: list[Note], number: int
) -> Stretch:
    """The rhythm of elapsed hours goes on from the last dose of the step before, so that no two come too close."""
    interval = next((s.interval for s in pattern.shapes if isinstance(s, Elapsed)), None)
    if earlier is None or interval is None:
        return stretch
    before = earlier.last_elapsed(held.begin)
    if before is None:
        return stretch
    next_one = before[0] + -(-interval // 60) * 60
    if next_one < held.begin:
        return stretch
    notes.append(Note("rhythm-kept", {"from": clock(held.zone.local(before[0]) % DAY)}, number))
    return evolve(stretch, rhythm=int(next_one))
