"""Turns a calendar day and a clock time in a named zone into an instant, and says where the clock jumped or repeated.

Knows no dose. Days are counted as ``date.toordinal`` does, times in seconds after midnight, instants in Unix seconds.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Literal

from whenever import Instant, OffsetDateTime, PlainDateTime, TimeZoneNotFoundError, ZonedDateTime

from posology.errors import Problem, UnreadableError

DAY = 86400
_EPOCH = dt.date(1970, 1, 1).toordinal()
LAST = dt.date(9998, 12, 31).toordinal()
"""The last day that is reckoned with; a written end after it (\"9999-12-31\") means no end."""
Jump = Literal["", "gap", "fold"]
"""What a clock change did to a clock time: nothing, skipped it, or brought it twice."""


def utc_day(day: int) -> int:
    """Midnight of that day on a clock that never changes, in seconds since 1970-01-01."""
    return (day - _EPOCH) * DAY


def day_of(seconds: int) -> int:
    """The day that local second falls on."""
    return seconds // DAY + _EPOCH


def _out_of_reach() -> UnreadableError:
    return UnreadableError(Problem("This date is out of reach.", "date", "Use a year between 2 and 9998."))


class Zone:
    """A named time zone, asked once for each stretch between two changes of its clock.

    >>> london = Zone("Europe/London")
    >>> day = dt.date(2026, 3, 29).toordinal()
    >>> when, jump = london.resolve(utc_day(day) + 90 * 60)
    >>> str(london.at(when)), jump
    ('2026-03-29T02:00:00+01:00[Europe/London]', 'gap')
    """

    __slots__ = ("_from", "_offset", "_until", "name")

    def __init__(self, name: str) -> None:
        try:
            Instant.from_timestamp(0).to_tz(name)
        except (TimeZoneNotFoundError, ValueError) as error:
            raise UnreadableError(
                Problem(
                    f"This time zone is not known: {name[:60]!r}.",
                    "zone",
                    "Write a name like Europe/London.",
                    name[:60],
                )
            ) from error
        self.name = name
        self._from, self._until, self._offset = 1, 0, 0

    def at(self, instant: int) -> ZonedDateTime:
        """That instant in this zone."""
        try:
            return Instant.from_timestamp(instant).to_tz(self.name)
        except ValueError:
            raise _out_of_reach() from None

    def offset(self, instant: int) -> int:
        """How far this zone is ahead of UTC at that instant, in seconds."""
        if not self._from <= instant < self._until:
            self._find(instant)
        return self._offset

    def _find(self, instant: int) -> None:
        here = self.at(instant)
        before, after = here.prev_transition(), here.next_transition()
        # prev_transition looks strictly before: an instant on a change itself begins its own stretch.
        just = self.at(instant - 1).next_transition()
        if just is not None and just.timestamp() == instant:
            before = just
        self._from = -(10**15) if before is None else before.timestamp()
        self._until = 10**15 if after is None else after.timestamp()
        self._offset = int(here.offset.total("seconds"))

    def plain(self, day: int) -> int | None:
        """The instant of midnight of a day whose next 48 hours know no change of the clock; None for any other."""
        local = utc_day(day)
        start = local - self._offset
        if self._from <= start and start + 2 * DAY < self._until:
            return start
        self.offset(local - self._offset)
        start = local - self._offset
        return start if self._from <= start and start + 2 * DAY < self._until else None

    def resolve(self, local: int) -> tuple[int, Jump]:
        """The instant of a local second: a skipped one moves to the first that exists, a repeated one is its first.

        ``local``: seconds since 1970-01-01 on the clock of this zone.
        """
        days, seconds = divmod(local, DAY)
        if not 1 < days + _EPOCH <= LAST + 2:
            raise _out_of_reach()
        date = dt.date.fromordinal(days + _EPOCH)
        wanted = PlainDateTime(date.year, date.month, date.day, seconds // 3600, seconds % 3600 // 60, seconds % 60)
        found = wanted.assume_tz(self.name, disambiguation="earlier")
        if found.to_plain() != wanted:
            change = found.next_transition()
            assert change is not None, "a skipped time lies before a change of the clock"
            return change.timestamp(), "gap"
        return found.timestamp(), "fold" if found.is_repeated() else ""

    def local(self, instant: int) -> int:
        """The local second of an instant, since 1970-01-01 on this clock."""
        return instant + self.offset(instant)

    def midnight(self, day: int) -> int:
        """The first instant of that day."""
        plain = self.plain(day)
        return plain if plain is not None else self.resolve(utc_day(day))[0]

    def changes(self, start: int, end: int) -> list[tuple[int, int]]:
        """The changes of the clock from ``start`` to before ``end``: the instant, and by how many seconds it jumps."""
        found: list[tuple[int, int]] = []
        here = start - 1
        while True:
            following = self.at(here).next_transition()
            if following is None or following.timestamp() >= end:
                return found
            instant = following.timestamp()
            jump = self.offset(instant) - self.offset(instant - 1)
            if jump:
                found.append((instant, jump))
            here = instant


def moment(text: str, zone: str) -> ZonedDateTime:
    """A date and time on the clock of a zone, or an instant with its own offset, as people write them.

    A time that comes twice is its first; one that is skipped is refused, since nobody can have lived it.

    >>> str(moment("2026-11-24 08:00", "Europe/London")), str(moment("2026-11-24T08:00+01:00", "Europe/London"))
    ('2026-11-24T08:00:00+00:00[Europe/London]', '2026-11-24T07:00:00+00:00[Europe/London]')
    """
    raw = text.strip().replace(" ", "T", 1)
    Zone(zone)
    try:
        if raw.endswith("Z") or raw[-6:-5] in ("+", "-"):
            return OffsetDateTime.parse_iso(raw.replace("Z", "+00:00")).to_tz(zone)
        plain = PlainDateTime.parse_iso(raw if raw.count(":") > 1 else f"{raw}:00")
        found = plain.assume_tz(zone, disambiguation="earlier")
    except ValueError:
        raise UnreadableError(
            Problem(f"This moment cannot be read: {text[:40]!r}.", "", "Write it like 2026-11-24T08:00.", text[:40])
        ) from None
    if found.to_plain() != plain:
        raise UnreadableError(
            Problem(f"The clocks skipped this moment: {text[:40]!r}.", "", "Check the time.", text[:40])
        )
    return found


@lru_cache(maxsize=4096)
def _date_text(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()


@lru_cache(maxsize=4096)
def _clock_text(seconds: int) -> str:
    return f"T{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


@lru_cache(maxsize=512)
def _offset_text(offset: int) -> str:
    sign, rest = ("-", -offset) if offset < 0 else ("+", offset)
    seconds = f":{rest % 60:02}" if rest % 60 else ""
    return f"{sign}{rest // 3600:02}:{rest % 3600 // 60:02}{seconds}"


def iso(instant: int, offset: int) -> str:
    """ISO 8601 with the offset.

    >>> iso(1792888200, 3600)
    '2026-10-25T01:30:00+01:00'
    """
    days, seconds = divmod(instant + offset, DAY)
    return _date_text(days + _EPOCH) + _clock_text(seconds) + _offset_text(offset)
