"""Turns a pattern, its phase and a zone into instants in order, lazily: millions cost no more memory than one.

Knows no dose and no identity. What a clock change did to a time, and what was left out, goes into the notes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil

from attrs import define, field, frozen
from whenever import OffsetDateTime

from posology.errors import Problem, UnreadableError
from posology.schedule.day import clock
from posology.schedule.pattern import ClockTimes, Elapsed, Instants, Note, NoteFact, Once, Pattern
from posology.schedule.zone import DAY, Jump, Zone, day_of, utc_day

Tick = tuple[int, int, int, Jump]
"""One dose time: the instant, the day it belongs to, its place in that day (-1: elapsed or given), what a jump did."""
Tell = Callable[[Note], None]


@frozen
class Stretch:
    """Where a direction holds: from ``start`` (a day, an instant) to before ``end``; ``None``: no end.

    ``anchor``: the day that days, weeks and months are counted from. ``rhythm``: the instant an elapsed interval is
    counted from. ``first``: nothing before this instant counts as a dose. ``floor``: nothing before it is planned.
    """

    start: int
    first: int
    anchor: int
    rhythm: int
    end_day: int | None = None
    end: int | None = None
    floor: int = -(10**15)

    def days_to(self, stop: int) -> int:
        """The day to stop before."""
        return stop if self.end_day is None else min(stop, self.end_day)


def months_after(anchor: dt.date, months: int) -> dt.date:
    """So many months on, counted from the anchor, so that 31 January, 28 February and 31 March are one series.

    >>> [months_after(dt.date(2026, 1, 31), n).isoformat() for n in (1, 2)]
    ['2026-02-28', '2026-03-31']
    """
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    if not 1 <= year <= 9999:
        raise UnreadableError(Problem("This date is out of reach.", "date", "Use a year between 1 and 9999."))
    following = dt.date(year + month // 11, (month + 1) % 12 + 1, 1) if year < 9999 or month < 11 else dt.date.max
    last = 31 if following is dt.date.max else (following - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(anchor.day, last))


@define
class Stream:
    """The dose times of one direction in one phase."""

    pattern: Pattern
    stretch: Stretch
    zone: Zone
    tell: Tell = field(default=lambda note: None)

    def ticks(self, first_day: int, stop_day: int) -> Iterator[Tick]:
        """Its dose times on the days from ``first_day`` to before ``stop_day``, in order."""
        parts = [self._shape(shape, first_day, stop_day) for shape in self.pattern.shapes]
        if len(parts) == 1:
            found = parts[0]
        else:
            found = iter(sorted({tick[0]: tick for part in parts for tick in part}.values()))
        return self._bounded(found, first_day)

    def _bounded(self, ticks: Iterator[Tick], first_day: int) -> Iterator[Tick]:
        """Without what lies before the first or after the last moment, and no more than are counted."""
        first, end, left = self.stretch.first, self.stretch.end, self.pattern.count
        floor = max(first, self.stretch.floor)
        if left is None and end is None:
            for tick in ticks:
                if tick[0] >= floor and tick[1] >= first_day:
                    yield tick
                    break
            yield from ticks
            return
        for tick in ticks:
            if tick[0] < first:
                continue
            if end is not None and tick[0] >= end:
                return
            if left is not None:
                if left == 0:
                    return
                left -= 1
            if tick[0] >= floor and tick[1] >= first_day:
                yield tick

    def _shape(self, shape: ClockTimes | Elapsed | Instants | Once, first_day: int, stop_day: int) -> Iterator[Tick]:
        if isinstance(shape, Once):
            day = day_of(self.zone.local(self.stretch.rhythm))
            return iter([(self.stretch.rhythm, day, 0, "")] if day < self.stretch.days_to(stop_day) else [])
        if isinstance(shape, Instants):
            return self._instants(shape, first_day, stop_day)
        # With a count, doses before the first day asked for count too: begin at the beginning.
        begin = self.stretch.start if self.pattern.count is not None else max(self.stretch.start, first_day)
        if isinstance(shape, Elapsed):
            return self._elapsed(shape, begin, self.stretch.days_to(stop_day))
        return self._clock(shape, begin, self.stretch.days_to(stop_day))

    # -- clock times ------------------------------------------------------------------------------------------

    def _clock(self, shape: ClockTimes, begin: int, stop: int) -> Iterator[Tick]:
        daily = shape.daily
        days = ((day, daily) for day in range(begin, stop)) if daily else self._days(shape, begin, stop)
        plain = self.zone.plain
        for day, slots in days:
            base = plain(day)
            if base is not None and slots[-1] < 2 * DAY:
                for i, slot in enumerate(slots):
                    yield base + slot, day, i, ""
            else:
                yield from self._near_a_change(day, slots)

    def _days(self, shape: ClockTimes, begin: int, stop: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        anchor = self.stretch.anchor
        if shape.months:
            yield from self._month_days(shape, begin, stop)
            return
        offsets = sorted(shape.table)
        block, cycle = (begin - anchor) // shape.length, shape.cycle
        around = cycle.on + cycle.off if cycle else 1
        while anchor + block * shape.length < stop:
            for offset in offsets:
                day = anchor + block * shape.length + offset
                if not begin <= day < stop:
                    continue
                if shape.weekdays and (day - 1) % 7 not in shape.weekdays:
                    continue
                if shape.weeks > 1 and (day - anchor) // 7 % shape.weeks:
                    continue
                if cycle and (day - anchor) % around >= cycle.on:
                    continue
                yield day, shape.table[offset]
            block += 1

    def _month_days(self, shape: ClockTimes, begin: int, stop: int) -> Iterator[tuple[int, tuple[int, ...]]]:
        anchor = dt.date.fromordinal(self.stretch.anchor)
        from_here = dt.date.fromordinal(begin)
        k = max(((from_here.year - anchor.year) * 12 + from_here.month - anchor.month) // shape.months - 1, 0)
        cycle = shape.cycle
        while True:
            here = months_after(anchor, k * shape.months)
            if here.toordinal() >= stop:
                return
            following = months_after(anchor, (k + 1) * shape.months)
            if here.day != anchor.day and begin <= here.toordinal():
                self.tell(Note("month-end", {"date": here, "anchor": anchor}))
            length = (following - here).days
            for i in range(shape.parts):
                day = here.toordinal() + i * length // shape.parts
                if cycle and (day - self.stretch.anchor) % (cycle.on + cycle.off) >= cycle.on:
                    continue
                if begin <= day < stop:
                    yield day, shape.table[0]
            k += 1

    def _near_a_change(self, day: int, slots: tuple[int, ...]) -> Iterator[Tick]:
        """The times of a day on or before a change of the clock: each is looked up; two never fall together."""
        made = [(*self.zone.resolve(utc_day(day) + slot), i, slot) for i, slot in enumerate(slots)]
        real = {instant for instant, jump, _, _ in made if jump != "gap"}
        taken: set[int] = set()
        found: list[Tick] = []
        date = dt.date.fromordinal(day)
        for instant, jump, i, slot in made:
            if jump == "gap":
                moved = self.zone.local(instant) - utc_day(day) - slot
                facts: dict[str, NoteFact] = {
                    "date": date,
                    "wanted": clock(slot),
                    "taken": clock(self.zone.local(instant) % DAY),
                }
                if moved >= DAY // 2:
                    self.tell(Note("day-skipped", {"date": date, "wanted": clock(slot)}))
                    continue
                if instant in real or instant in taken:
                    self.tell(Note("gap-merged", facts))
                    continue
                self.tell(Note("gap-moved", facts))
            elif jump == "fold":
                self.tell(Note("fold-once", {"date": date, "wanted": clock(slot)}))
            taken.add(instant)
            found.append((instant, day, i, jump))
        found.sort()
        yield from found

    # -- elapsed time and given moments -------------------------------------------------------------------------

    def _elapsed(self, shape: Elapsed, begin: int, stop: int) -> Iterator[Tick]:
        interval, rhythm = shape.interval, self.stretch.rhythm
        if stop <= begin:
            return
        start, end = self.zone.midnight(begin), self.zone.midnight(stop)
        k = max(ceil((start - rhythm) / interval), 0)
        cycle, anchor, offset = shape.cycle, self.stretch.anchor, self.zone.offset
        whole = int(interval) if interval.denominator == 1 else 0
        plain = not shape.weekdays and cycle is None
        while True:
            # An interval that is not whole minutes is counted exactly and then shown to the minute before it.
            instant = rhythm + k * whole if whole else rhythm + int(k * interval // 60) * 60
            if instant >= end:
                return
            k += 1
            if instant < start:
                continue
            day = day_of(instant + offset(instant))
            if not plain:
                if shape.weekdays and (day - 1) % 7 not in shape.weekdays:
                    continue
                if cycle and (day - anchor) % (cycle.on + cycle.off) >= cycle.on:
                    continue
            yield instant, day, -1, ""

    def _instants(self, shape: Instants, first_day: int, stop_day: int) -> Iterator[Tick]:
        waking = self.zone.local(self.stretch.rhythm) % DAY
        found: list[Tick] = []
        for text in shape.events:
            jump: Jump = ""
            if len(text) == 10:
                instant, jump = self.zone.resolve(utc_day(_date(text)) + waking)
            else:
                instant = instant_of(text)
            day = day_of(self.zone.local(instant))
            if first_day <= day < self.stretch.days_to(stop_day):
                found.append((instant, day, -1, jump))
        return iter(sorted(set(found)))

    def last_elapsed(self, end: int) -> tuple[int, Fraction] | None:
        """The last time of a plain elapsed rhythm before ``end``, and its interval; None for other patterns."""
        for shape in self.pattern.shapes:
            if isinstance(shape, Elapsed) and not shape.weekdays and shape.cycle is None:
                k = ceil((end - self.stretch.rhythm) / shape.interval) - 1
                if self.pattern.count is not None:
                    k = min(k, self.pattern.count - 1)
                return (self.stretch.rhythm + int(k * shape.interval), shape.interval) if k >= 0 else None
        return None


def _date(text: str) -> int:
    try:
        return dt.date.fromisoformat(text).toordinal()
    except ValueError:
        raise UnreadableError(Problem(f"This is not a date: {text[:40]!r}.", "event", "Write YYYY-MM-DD.")) from None


def instant_of(text: str, where: str = "event") -> int:
    """The Unix second of an ISO moment; one without its offset from UTC is refused."""
    try:
        return OffsetDateTime.parse_iso(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        raise UnreadableError(
            Problem(
                f"This is not a moment with its offset: {text[:40]!r}.",
                where,
                "Write it like 2026-11-24T08:00:00+00:00.",
            )
        ) from None
