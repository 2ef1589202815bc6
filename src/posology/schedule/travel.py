"""Turns a timetable and a journey between time zones into options to choose from; it never moves a dose by itself.

Knows no medicine. Which option is right is asked of the person's pharmacist or prescriber, with the gaps each one makes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from attrs import evolve, frozen

from posology.errors import Problem, UnreadableError
from posology.schedule.expand import DoseEvent, Schedule
from posology.schedule.zone import Zone, utc_day

OptionKey = Literal["same-moments", "new-clock-at-once", "in-steps"]
"""``same-moments``: doses stay where they are, shown on the new clock. ``new-clock-at-once``: the same clock times in
the new zone from the first day there. ``in-steps``: clock times move by at most two hours a day until they fit."""

STEP = 2 * 3600
"""The largest move of a clock time in one day for ``in-steps``. Our setting; a question for the prescriber, not advice."""


@frozen
class TravelOption:
    """One way to go on: the doses from the day of travel, in the new zone, and the gaps they make.

    ``shortest``, ``longest``: hours between two doses of one direction from the last before the journey on; None where
    there are fewer than two. ``usual_shortest``: what it is without a journey. ``closer``: it brings two doses nearer to
    each other than usual: never take two doses together. ``left_out``: doses not planned, since they would have come
    within half the usual shortest gap of the one before; they are not made up for.
    """

    key: OptionKey
    events: tuple[DoseEvent, ...]
    shortest: Fraction | None
    longest: Fraction | None
    usual_shortest: Fraction | None
    left_out: int = 0

    @property
    def closer(self) -> bool:
        """Whether two doses come nearer to each other than without the journey."""
        return self.shortest is not None and self.usual_shortest is not None and self.shortest < self.usual_shortest


@frozen
class Travel:
    """A proposal: nothing is changed until somebody has chosen.

    ``difference``: hours the new clock is ahead on that day. ``fixed``: every dose counts elapsed hours, so that only
    the clock reading changes. ``options``: in the order to be shown; one where there is nothing to choose.
    """

    from_zone: str
    to_zone: str
    on: dt.date
    difference: Fraction
    fixed: bool
    options: tuple[TravelOption, ...]

    @property
    def ask(self) -> bool:
        """Whether somebody must choose."""
        return len(self.options) > 1


def travel(schedule: Schedule, from_zone: str, to_zone: str, on: dt.date) -> Travel:
    """Ways to go on with a timetable after a journey on a day; the schedule itself is not touched.

    Doses by elapsed hours keep their moments. For clock times there are three options, each with the gaps it makes; a
    dose that would come within half the usual shortest gap of the one before it is left out, never doubled (our setting).

    Raises :class:`UnreadableError` for an unknown zone, a zone that is not the schedule's, or a day outside it.
    """
    if from_zone != schedule.zone:
        raise UnreadableError(
            Problem(f"This timetable is for {schedule.zone}, not {from_zone}.", "from_zone", "Plan it there first.")
        )
    old, new = Zone(from_zone), Zone(to_zone)
    first = on.toordinal()
    if not schedule.first_day.toordinal() <= first < schedule.first_day.toordinal() + schedule.days:
        raise UnreadableError(Problem(f"{on} is not within the timetable.", "on", "Plan more days, or check the date."))
    noon = old.resolve(utc_day(first) + 12 * 3600)[0]
    ahead = new.offset(noon) - old.offset(noon)
    before = [e for e in schedule.events if e.day < on]
    after = [e for e in schedule.events if e.day >= on]
    usual = _gaps(schedule.events)[0]
    fixed = all(e.elapsed for e in after)

    def option(key: OptionKey, moved: Sequence[DoseEvent]) -> TravelOption:
        kept = _never_together(before, moved, int((usual or 0) * 1800))
        last = [e for e in _last_of_each(before) if any(e.directions is k.directions for k in kept)]
        return TravelOption(key, kept, *_gaps([*last, *kept]), usual, len(moved) - len(kept))

    same = option("same-moments", [evolve(e, at=e.at.to_tz(new.name)) for e in after])
    if fixed or not ahead:
        return Travel(from_zone, to_zone, on, Fraction(ahead, 3600), fixed, (same,))
    at_once = option("new-clock-at-once", [_moved(e, old, new, 0) for e in after])
    steps = option("in-steps", [_moved(e, old, new, _rest(ahead, e.day.toordinal() - first)) for e in after])
    options = (same, at_once) if abs(ahead) <= STEP else (same, at_once, steps)
    return Travel(from_zone, to_zone, on, Fraction(ahead, 3600), fixed, options)


def _rest(ahead: int, day: int) -> int:
    """How far a clock time is still from where it should be, so many days into the journey."""
    left = max(abs(ahead) - STEP * (day + 1), 0)
    return left if ahead > 0 else -left


def _moved(event: DoseEvent, old: Zone, new: Zone, rest: int) -> DoseEvent:
    """The event at its clock time in the new zone, put off by ``rest`` seconds; elapsed ones keep their moment."""
    instant = event.at.timestamp()
    if event.elapsed:
        return evolve(event, at=event.at.to_tz(new.name))
    there, jump = new.resolve(old.local(instant) + rest)
    return evolve(event, at=new.at(there), note=jump)


def _last_of_each(events: Sequence[DoseEvent]) -> list[DoseEvent]:
    last = {id(e.directions): e for e in events}
    return sorted(last.values(), key=lambda e: e.at.timestamp())


def _never_together(before: Sequence[DoseEvent], moved: Sequence[DoseEvent], apart: int) -> tuple[DoseEvent, ...]:
    """In order of time, without a dose less than ``apart`` seconds after the last one of the same direction."""
    last = {id(e.directions): e.at.timestamp() for e in before}
    kept: list[DoseEvent] = []
    for e in sorted(moved, key=lambda e: (e.at.timestamp(), e.id)):
        gap = e.at.timestamp() - last.get(id(e.directions), -(10**15))
        if gap > 0 and gap >= apart:
            kept.append(e)
            last[id(e.directions)] = e.at.timestamp()
    return tuple(kept)


def _gaps(events: Sequence[DoseEvent]) -> tuple[Fraction | None, Fraction | None]:
    """The shortest and longest hours between two following doses of one direction."""
    last: dict[int, int] = {}
    gaps: list[int] = []
    for e in events:
        key, at = id(e.directions), e.at.timestamp()
        if key in last:
            gaps.append(at - last[key])
        last[key] = at
    if not gaps:
        return None, None
    return Fraction(min(gaps), 3600), Fraction(max(gaps), 3600)
