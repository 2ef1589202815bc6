"""Turns the length of a phase and the bounds of its directions into the stretch of days and instants each one holds.

Knows no times of day beyond waking. Dates written in bounds stand where they are; lengths count from the phase's start.
"""

from __future__ import annotations

import datetime as dt

from attrs import frozen

from posology.amount import Amount
from posology.directions import Bounds, Directions
from posology.errors import Problem, RefusedError, UnreadableError
from posology.schedule.pattern import Note, Settings
from posology.schedule.stream import Stretch, instant_of, months_after
from posology.schedule.zone import LAST, Zone, day_of, utc_day

End = tuple[int | None, int | None]
"""The day, or the instant, before which something ends; both None: no end."""


@frozen
class Start:
    """Where a phase begins: its day, the moment before which nothing counts, and a set moment (None: on waking)."""

    day: int
    first: int
    rhythm: int | None = None


class Held:
    """How long the directions of one phase hold. ``notes`` gathers what is to be said of it."""

    def __init__(self, zone: Zone, settings: Settings, start: Start, length: Amount | None, floor: int) -> None:
        self.zone, self.settings, self.start, self.floor = zone, settings, start, floor
        self.notes: list[Note] = []
        self.begin = start.first
        self.end: End = (None, None) if length is None else self._after(length, start.day, self._rhythm())
        self._dated: list[End | None] = []

    def stretch(self, directions: Directions) -> Stretch:
        """Where one direction holds within this phase."""
        bounds = directions.timing.bounds
        day, first, rhythm = self.start.day, self.start.first, self._rhythm()
        if bounds is None:
            self._dated.append(None)
            return Stretch(day, first, day, rhythm, *self.end, self.floor)
        if bounds.start is not None:
            day, moment = _written(bounds.start, self.zone)
            first = self.zone.midnight(day) if moment is None else moment
            rhythm = self._waking(day) if moment is None else moment
        own = self._own_end(bounds, day, rhythm)
        # Dated directions hold where their dates say: the length of the phase was taken from them.
        dated = bounds.start is not None and own != (None, None)
        self._dated.append(own if dated else None)
        end = own if dated else (_sooner(own[0], self.end[0]), _sooner(own[1], self.end[1]))
        return Stretch(day, first, day, rhythm, *end, self.floor)

    def following(self) -> Start | None:
        """Where the next phase begins: after the last date of dated directions, else after its length; None: no end."""
        day, instant = self.end
        dated = [end for end in self._dated if end is not None]
        if dated and len(dated) == len(self._dated):
            day, instant = max(dated, key=self._moment)
        if day is not None:
            return Start(day, self.zone.midnight(day))
        if instant is not None:
            return Start(day_of(self.zone.local(instant)), instant, instant)
        return None

    def last_day(self, stretch: Stretch) -> int | None:
        """The last day it holds; None: no end."""
        last = [] if stretch.end_day is None else [stretch.end_day - 1]
        if stretch.end is not None:
            last.append(day_of(self.zone.local(stretch.end - 1)))
        return min(last, default=None)

    def _moment(self, end: End) -> int:
        day, instant = end
        return self.zone.midnight(day) if day is not None else instant or 0

    def _rhythm(self) -> int:
        return self.start.rhythm if self.start.rhythm is not None else self._waking(self.start.day)

    def _waking(self, day: int) -> int:
        """The moment that hours are counted from on a day: the person's first clock time, else waking."""
        own = self.settings.clock
        return self.zone.resolve(utc_day(day) + (own[0] if own else self.settings.day.start))[0]

    def _own_end(self, bounds: Bounds, day: int, rhythm: int) -> End:
        if bounds.end is not None:
            last, instant = _written(bounds.end, self.zone, last=True)
            last = min(last, LAST)
            return (last + 1, None) if instant is None else (None, instant + 1)
        if bounds.low is not None and bounds.high is not None:
            self.notes.append(Note("length-range", {"planned": str(bounds.high), "other": str(bounds.low)}))
        length = bounds.duration or bounds.high
        return (None, None) if length is None else self._after(length, day, rhythm)

    def _after(self, length: Amount, day: int, rhythm: int) -> End:
        """Where a length from there ends: months by the calendar, days and weeks by midnights, hours by elapsed time."""
        if length.kind in ("calendar months", "calendar years"):
            months = length.value * (12 if length.kind == "calendar years" else 1)
            if months.denominator != 1:
                raise RefusedError(
                    Problem(f"{length} is no exact time.", "bounds", "Write it in days or whole months.")
                )
            anchor = dt.date.fromordinal(day)
            there = months_after(anchor, int(months))
            if there.day != anchor.day:
                self.notes.append(Note("month-end", {"date": there, "anchor": anchor}))
            return there.toordinal(), None
        days = length.to("d").value
        if days > 3_000_000:
            raise UnreadableError(Problem(f"{length} is out of reach.", "bounds", "Check the length."))
        if length.unit in ("d", "wk") and days.denominator == 1:
            return day + int(days), None
        return None, rhythm + int(length.base)


def _sooner(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)


def _written(text: str, zone: Zone, last: bool = False) -> tuple[int, int | None]:
    """An ISO year, month, date or instant: its first (or last) day, and the instant where there is one."""
    try:
        if len(text) == 4:
            return dt.date(int(text), 12 if last else 1, 31 if last else 1).toordinal(), None
        if len(text) == 7:
            first = dt.date.fromisoformat(f"{text}-01")
            day = months_after(first, 1).toordinal() - 1 if last else first.toordinal()
            return day, None
        if len(text) == 10:
            return dt.date.fromisoformat(text).toordinal(), None
    except ValueError:
        raise UnreadableError(
            Problem(f"This is not a date: {text[:40]!r}.", "bounds", "Write YYYY-MM-DD.", text[:40])
        ) from None
    instant = instant_of(text, "bounds")
    return day_of(zone.local(instant)), instant
