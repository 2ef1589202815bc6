"""Turns one direction's timing into a pattern: clock times on certain days, elapsed intervals, or given instants.

Knows no zone and no horizon. What has two readings, or says too little to be timed, is refused or named, never guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Literal

from attrs import evolve, field, frozen

from posology.amount import Amount
from posology.directions import DAYS, Cycle, Directions, Timing
from posology.errors import Problem, RefusedError
from posology.schedule.day import MEAL_GAP, WakingDay, clock

NoteKey = Literal[
    "waking-assumed",
    "overnight-gap",
    "gap-moved",
    "gap-merged",
    "day-skipped",
    "fold-once",
    "clocks-forward",
    "clocks-back",
    "first-partial-day",
    "month-end",
    "times-range",
    "interval-range",
    "count-range",
    "length-range",
    "each-event",
    "meals-assumed",
    "offset-assumed",
    "part-moved",
    "clock-used",
    "clock-not-used",
    "code-expanded",
    "spread-over-days",
    "spread-over-months",
    "days-in-hours",
    "hours-in-days",
    "when-not-timed",
    "as-needed",
    "up-to",
    "no-timing",
    "rhythm-kept",
    "continues",
]
"""What a reader of a timetable is told beside it; a closed set, put into words elsewhere."""
NoteFact = str | int | Fraction | dt.date
_DAY = 86400
_SECONDS = {"s": 1, "min": 60, "h": 3600}
_MEALS = {"C": ("CM", "CD", "CV"), "AC": ("ACM", "ACD", "ACV"), "PC": ("PCM", "PCD", "PCV")}
_CODES: Mapping[str, Mapping[str, object]] = {
    "QD": {"frequency": 1, "period": 1, "period_unit": "d"},
    "BID": {"frequency": 2, "period": 1, "period_unit": "d"},
    "TID": {"frequency": 3, "period": 1, "period_unit": "d"},
    "QID": {"frequency": 4, "period": 1, "period_unit": "d"},
    "QOD": {"frequency": 1, "period": 2, "period_unit": "d"},
    "WK": {"frequency": 1, "period": 1, "period_unit": "wk"},
    "MO": {"frequency": 1, "period": 1, "period_unit": "mo"},
    "AM": {"when": ("MORN",)},
    "PM": {"when": ("AFT",)},
    "BED": {"when": ("HS",)},
    "JB": {"frequency": 1, "period": 1, "period_unit": "d", "days_of_week": ("mon", "tue", "wed", "thu", "fri")},
    "JE": {"frequency": 1, "period": 1, "period_unit": "d", "days_of_week": ("sat", "sun")},
    **{f"Q{n}H": {"frequency": 1, "period": n, "period_unit": "h"} for n in range(1, 73)},
}
"""FHIR's timing codes as repeats; they mean "at times the institution sets", so that using one is noted."""


@frozen
class Note:
    """One thing to say beside a timetable: its key, the phase (from 0; None: the whole), and exact facts by name."""

    key: NoteKey
    facts: Mapping[str, NoteFact] = field(factory=dict)
    phase: int | None = None


@frozen
class ClockTimes:
    """Clock times on days: a table of ``length`` days (day 0 is the anchor) to seconds after midnight, again and again.

    ``weekdays`` (0 is Monday), ``weeks`` (every so many), ``cycle``: which of these days count.
    ``months``: instead of the table's length, so many calendar months counted from the anchor; day 0 of the table holds
    the times, and ``parts`` doses are spread over the stretch.
    """

    table: Mapping[int, tuple[int, ...]]
    length: int = 1
    weekdays: frozenset[int] = frozenset()
    weeks: int = 1
    cycle: Cycle | None = None
    months: int = 0
    parts: int = 1

    @property
    def daily(self) -> tuple[int, ...] | None:
        """The times of every day, where every day is alike; else None."""
        plain = self.length == 1 and not self.weekdays and self.weeks == 1 and self.cycle is None and not self.months
        return self.table[0] if plain else None


@frozen
class Elapsed:
    """Every so many seconds round the clock, whatever the clock does; days of the week and cycles still filter."""

    interval: Fraction
    weekdays: frozenset[int] = frozenset()
    cycle: Cycle | None = None


@frozen
class Instants:
    """Given moments: an ISO date (taken on waking) or an ISO instant with its offset, as written."""

    events: tuple[str, ...]


@frozen
class Once:
    """One single dose, at the very start."""


@frozen
class Pattern:
    """A direction's times: one or two of the shapes, how many doses in all, and what to say about it.

    ``shapes`` is empty where it is not a timetable; ``notes`` says why.
    """

    shapes: tuple[ClockTimes | Elapsed | Instants | Once, ...]
    count: int | None = None
    notes: tuple[Note, ...] = ()


@frozen
class Settings:
    """How a person's day turns directions into times: the waking day, own clock times, and by what spacing."""

    day: WakingDay
    clock: tuple[int, ...] = ()
    spacing: Literal["waking", "elapsed"] = "waking"


def _refuse(what: str, todo: str) -> RefusedError:
    return RefusedError(Problem(what, "timing", todo))


class _Reader:
    """Reads one timing; collects its notes."""

    def __init__(self, timing: Timing, settings: Settings) -> None:
        self.t = timing
        self.s = settings
        self.notes: list[Note] = []

    def note(self, key: NoteKey, **facts: NoteFact) -> None:
        self.notes.append(Note(key, {k.replace("_", "-"): v for k, v in facts.items()}))

    def read(self) -> Pattern:
        self._expand_code()
        t = self.t
        shapes: list[ClockTimes | Elapsed | Instants | Once] = []
        if t.events:
            shapes.append(Instants(t.events))
        repeat = self._repeat()
        if repeat is not None:
            shapes.append(repeat)
        if t.count_max is not None and t.count_max != t.count:
            self.note("count-range", planned=t.count or 0, other=t.count_max)
        return Pattern(tuple(shapes), t.count, tuple(self.notes))

    def _expand_code(self) -> None:
        t = self.t
        said = (t.frequency, t.frequency_max, t.period, t.days_of_week, t.times_of_day, t.when, t.events)
        if t.code is None or any(said):
            return
        code = (t.code.code or t.code.text).upper()
        if code in _CODES:
            self.t = evolve(t, **_CODES[code])  # type: ignore[arg-type]
            self.note("code-expanded", code=code)

    def _repeat(self) -> ClockTimes | Elapsed | Once | None:
        t = self.t
        if t.frequency is None and t.frequency_max is not None and not (t.when or t.times_of_day):
            self.note("up-to", most=t.frequency_max)
            return None
        said = t.frequency or t.period or t.days_of_week or t.times_of_day or t.when
        if not said or (t.frequency == t.count == 1 and t.period is None and not self._named):
            if t.count == 1:
                return Once()
            if t.count is not None:
                raise _refuse(
                    f"It says {t.count} doses in all, but not how often.", "Say how often, or how far apart they are."
                )
            if not t.events:
                self.note("no-timing")
            return None
        if t.frequency_max is not None and t.frequency is not None and t.frequency_max != t.frequency:
            self.note("times-range", planned=t.frequency, other=t.frequency_max)
        period = t.period
        if t.period_max is not None and t.period_max != t.period:
            self.note(
                "interval-range",
                planned=str(Amount(t.period_max, t.period_unit or "d")),
                other=str(Amount(t.period or 0, t.period_unit or "d")),
            )
            period = t.period_max
        if t.elapsed and period is not None and t.period_unit is not None:
            return self._elapsed(period * _SECONDS[t.period_unit])
        return self._days(period)

    @property
    def _named(self) -> bool:
        """Whether it names days, times or parts of the day."""
        return bool(self.t.days_of_week or self.t.times_of_day or self.t.when)

    @property
    def _weekdays(self) -> frozenset[int]:
        return frozenset(DAYS.index(d) for d in self.t.days_of_week)

    def _elapsed(self, seconds: Fraction) -> ClockTimes | Elapsed:
        t = self.t
        interval = seconds / (t.frequency or 1)
        if t.times_of_day:
            if interval * len(t.times_of_day) == _DAY:
                return ClockTimes({0: self._named_times()}, 1, self._weekdays, 1, t.cycle)
            days = interval / _DAY
            if days.denominator == 1 and len(t.times_of_day) == 1:
                self.note("hours-in-days", days=int(days), named=", ".join(t.times_of_day))
                return ClockTimes({0: self._named_times()}, int(days), self._weekdays, 1, t.cycle)
            raise _refuse(
                f"Every {_number(interval / 3600)} hours and the clock times {', '.join(t.times_of_day)} are two readings.",
                "Give the interval or the clock times.",
            )
        if t.when:
            self.note("when-not-timed", when=", ".join(t.when))
        if interval < 60:
            raise _refuse("The doses are less than a minute apart.", "Check the interval.")
        if self.s.day.assumed and not self.s.clock:
            self.note("waking-assumed", first=clock(self.s.day.start), last=clock(self.s.day.end))
        return Elapsed(interval, self._weekdays, t.cycle)

    def _days(self, period: Fraction | None) -> ClockTimes | Elapsed:
        t = self.t
        often = t.frequency or 1
        if period is None or t.period_unit is None:
            if not self._named:
                raise _refuse(f"It says {often} times, but not in what time.", "Say how often in a day.")
            return self._on(1, 1, often)
        if t.period_unit in ("mo", "a"):
            months = period * (12 if t.period_unit == "a" else 1)
            if months.denominator != 1:
                raise _refuse(
                    f"{_number(months)} months is no exact time.", "Write it in weeks or days, or in whole months."
                )
            return self._months(int(months), often)
        days = period * (7 if t.period_unit == "wk" else 1)
        weeks = int(period) if t.period_unit == "wk" and period.denominator == 1 else 1
        if days.denominator == 1:
            return self._on(int(days), weeks, often)
        if self._named:
            raise _refuse(
                f"Every {_number(days)} days does not fit the days or times it names.", "Give a period in whole days."
            )
        each = often / days
        if each.denominator == 1:
            return self._on(1, 1, int(each))
        self.note("days-in-hours", hours=days * 24)
        return Elapsed(days * _DAY / often, frozenset(), t.cycle)

    def _on(self, days: int, weeks: int, often: int) -> ClockTimes | Elapsed:
        """``often`` doses in each ``days`` days, or on the weekdays named in every ``weeks`` weeks."""
        t = self.t
        weekdays = self._weekdays
        if weekdays:
            each_day = t.period is None or t.period_unit == "d"
            per_day = often if each_day else 1
            if not each_day and often not in (1, len(weekdays)):
                if often % len(weekdays):
                    raise _refuse(
                        f"{often} times in {weeks} weeks does not fit the {len(weekdays)} days it names.",
                        "Name as many days as there are doses.",
                    )
                per_day = often // len(weekdays)
            length = days if each_day else 1
            slots = self._slots(per_day)
            return ClockTimes({0: slots}, length, weekdays, 1 if each_day else weeks, t.cycle)
        if t.when or t.times_of_day:
            on, slots = self._named_days(often, days)
            if on > 1:
                self.note("spread-over-days", doses=often, days=days)
            return ClockTimes({floor(Fraction(i * days, on)): slots for i in range(on)}, days, cycle=t.cycle)
        if often % days == 0:
            per_day = often // days
            if days == 1 and per_day > 1 and self.s.spacing == "elapsed":
                return Elapsed(Fraction(_DAY, per_day), frozenset(), t.cycle)
            return ClockTimes({0: self._slots(per_day)}, 1, cycle=t.cycle)
        counts: dict[int, int] = {}
        for i in range(often):
            day = floor(Fraction(i * days, often))
            counts[day] = counts.get(day, 0) + 1
        if often > 1:
            self.note("spread-over-days", doses=often, days=days)
        return ClockTimes({day: self._slots(n) for day, n in counts.items()}, days, cycle=t.cycle)

    def _months(self, months: int, often: int) -> ClockTimes:
        t = self.t
        if self._weekdays:
            raise _refuse(
                "Months and days of the week together have two readings.", "Give the dates, or every so many weeks."
            )
        on, slots = self._named_days(often, 28 * months)
        if on > 1:
            self.note("spread-over-months", doses=often, months=months)
        return ClockTimes({0: slots}, months=months, parts=on, cycle=t.cycle)

    def _named_days(self, often: int, days: int) -> tuple[int, tuple[int, ...]]:
        """On how many of so many days ``often`` doses fall, and their clock times: 3 a week, in the morning, is 3 days."""
        if days == 1:
            return 1, self._slots(often)
        names = len(self.t.times_of_day or self._codes(1)) if self._named else 1
        if often > 1 and names > 1 and often == names:
            raise _refuse(
                f"{often} times in {days} days, at {names} times of day, has two readings: all on one day, or on {often}.",
                "Name the days.",
            )
        if often == 1:
            return 1, self._slots(1)
        if often % names or often // names > days:
            raise _refuse(f"{often} times in {days} days does not fit the times of day it names.", "Name the days.")
        return often // names, self._named_times() if self._named else self._slots(1)

    def _slots(self, often: int) -> tuple[int, ...]:
        """The clock times of one day with ``often`` doses: those named, the person's own, or spread over the waking day."""
        t, s = self.t, self.s
        if t.times_of_day or t.when:
            return self._named_times(often)
        if s.clock and len(s.clock) == often:
            self.note("clock-used")
            self._say_gap(s.clock)
            return s.clock
        if s.clock:
            self.note("clock-not-used", given=len(s.clock), needed=often)
        slots = s.day.spread(often)
        if s.day.assumed:
            self.note("waking-assumed", first=clock(s.day.start), last=clock(s.day.end))
        self._say_gap(slots)
        return slots

    def _say_gap(self, slots: tuple[int, ...]) -> None:
        """The gap of the night, and the longest by day."""
        if len(slots) > 1:
            night = slots[0] + _DAY - slots[-1]
            day = max(b - a for a, b in pairwise(slots))
            self.note(
                "overnight-gap", hours=Fraction(night, 3600), last=clock(slots[-1]), first=clock(slots[0]),
                between=Fraction(day, 3600),
            )  # fmt: skip

    def _named_times(self, often: int = 1) -> tuple[int, ...]:
        t = self.t
        if t.times_of_day:
            times = tuple(sorted({_clock_seconds(x) for x in t.times_of_day}))
            names = len(times)
        else:
            codes = self._codes(often)
            names = len(codes)
            times = tuple(sorted({self._when(code) for code in codes}))
        if often not in (1, names):
            raise _refuse(
                f"It says {often} times, and names {names}: {', '.join(t.times_of_day or t.when)}.",
                "Name as many times of day as there are doses.",
            )
        if names > 1 and t.frequency == 1 and often == 1 and t.period is not None:
            self.note("each-event", named=", ".join(t.times_of_day or t.when))
        return times

    def _codes(self, often: int) -> tuple[str, ...]:
        """The events, with "meals" opened into those meant: all three, or as many as the frequency says."""
        found: list[str] = []
        for code in self.t.when:
            if code not in _MEALS:
                found.append(code)
                continue
            meals: tuple[str, ...] = _MEALS[code]
            said = self.t.frequency is not None
            if said and often < 3 and len(self.t.when) == 1:
                meals = (meals[0], meals[2])[:often]
            found += meals
        return tuple(dict.fromkeys(found))

    def _when(self, code: str) -> int:
        day, offset = self.s.day, self.t.offset
        if code in ("CM", "CD", "CV") or code[:2] in ("AC", "PC"):
            self._say_meals()
            meal = day.meal("C" + code[-1])
            if code in ("CM", "CD", "CV"):
                return meal
            if offset is None:
                self._once("offset-assumed", minutes=MEAL_GAP)
            minutes = MEAL_GAP if offset is None else offset
            return self._inside(meal - 60 * minutes if code[0] == "A" else meal + 60 * minutes)
        at, moved = day.part(code)
        if moved:
            self.note("part-moved", part=code, to=clock(at))
        if day.assumed:
            self._once("waking-assumed", first=clock(day.start), last=clock(day.end))
        if offset is not None:
            at = at - 60 * offset if code == "HS" else (day.end if code == "PHS" else at) + 60 * offset
        return self._inside(at)

    def _inside(self, seconds: int) -> int:
        """A time before midnight of its own day is refused: it would belong to the day before."""
        if seconds < 0:
            raise _refuse("The offset reaches into the day before.", "Give a clock time.")
        return seconds

    def _say_meals(self) -> None:
        d = self.s.day
        self._once("meals-assumed", breakfast=clock(d.breakfast), lunch=clock(d.lunch), supper=clock(d.supper))

    def _once(self, key: NoteKey, **facts: NoteFact) -> None:
        if not any(n.key == key for n in self.notes):
            self.note(key, **facts)


def pattern_of(directions: Directions, settings: Settings) -> Pattern:
    """The pattern of one direction; as needed and "up to" have no shapes, since they are no timetable.

    Raises :class:`RefusedError` for what has two readings or says too little.
    """
    if directions.as_needed:
        return Pattern((), None, (Note("as-needed"),))
    return _Reader(directions.timing, settings).read()


def _clock_seconds(text: str) -> int:
    hours, minutes, *rest = (int(x) for x in text.split(":"))
    return hours * 3600 + minutes * 60 + (rest[0] if rest else 0)


def _number(value: Fraction) -> str:
    return str(value)
