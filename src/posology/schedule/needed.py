"""Turns directions as needed and the doses already taken into the earliest next time and what is left today.

Knows no product, and makes no timetable. Where the directions set no limit it says so; it never invents one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from attrs import frozen
from whenever import ZonedDateTime

from posology.amount import Amount
from posology.directions import Directions, MaxDose, Timing
from posology.errors import Problem, UnreadableError

Because = Literal["now", "interval", "times", "maximum", "lifetime"]
"""What the next dose waits for: nothing, the gap since the last one, the number of doses, the most in a period, for ever."""

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "wk": 7 * 86400}
Taken = tuple[ZonedDateTime, Amount]


@frozen
class NextAllowed:
    """When a dose as needed may next be taken.

    ``earliest``: not before now; None where never again (a lifetime maximum is reached, or one dose is above a maximum).
    ``because``: what it waits for. ``left``: how much may still be taken in the period that ends now, by the tightest
    maximum, None where no maximum is said; ``left_doses``: how many doses, None where their number is not said.
    ``most_now``: the most at ``earliest`` by every limit. ``unsaid``: which limits the directions do not give
    ("interval", "maximum"): ask, do not assume.
    """

    earliest: ZonedDateTime | None
    because: Because
    left: Amount | None
    left_doses: int | None
    most_now: Amount | None
    unsaid: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether a dose may be taken now."""
        return self.because == "now"


def next_allowed(directions: Directions, taken: Sequence[Taken], now: ZonedDateTime) -> NextAllowed:
    """The earliest next time of a dose as needed, and what is left of its maxima.

    ``taken``: moments and amounts, in any order, none after now. The least gap is the written interval ("every 4 to 6
    hours": 4); "up to 4 times a day" and a maximum in a period hold in any period of that length looking back, which is
    stricter than the calendar day. Amounts must be of the kind of the maximum (convert through the product first).

    Raises :class:`UnreadableError` for amounts of another kind, or doses after now.

    >>> from posology.directions import Dose, Timing
    >>> every = Directions(Dose(Amount(2, "{tablet}")), Timing(frequency=1, period=4, period_max=6, period_unit="h"),
    ...     as_needed=True, max_per_period=(MaxDose(Amount(8, "{tablet}"), Amount(24, "h")),))
    >>> now = ZonedDateTime(2026, 11, 24, 10, tz="Europe/London")
    >>> found = next_allowed(every, [(now.subtract(hours=3), Amount(2, "{tablet}"))], now)
    >>> found.earliest.to_fixed_offset().format_iso(), found.because, str(found.left)
    ('2026-11-24T11:00:00+00:00', 'interval', '6 tablets')
    """
    doses = sorted(((at.timestamp(), amount) for at, amount in taken), key=lambda pair: pair[0])
    here = now.timestamp()
    _check(directions, doses, here)
    moments = [at for at, _ in doses]
    least = _least(directions)
    waits: list[tuple[int, Because]] = [(here, "now")]
    gap = _interval(directions)
    if gap is not None and moments:
        waits.append((moments[-1] + gap, "interval"))
    often = _often(directions)
    left_doses: int | None = None
    if often is not None:
        most, seconds = often
        left_doses = max(most - sum(1 for at in moments if at > here - seconds), 0)
        if len(moments) >= most:
            waits.append((moments[-most] + seconds, "times"))
    left: Amount | None = None
    for limit in directions.maxima:
        room = _room(limit, doses, here)
        left = room if left is None or room < left else left
        if not limit.amount or (least is not None and least > limit.amount):
            return NextAllowed(None, "maximum", room, left_doses, None, _unsaid(directions))
        waits.append((_when_room(limit, doses, here, least), "maximum"))
    total = directions.max_per_lifetime
    if total is not None:
        used = _sum((a for _, a in doses), total)
        remains = total - used if used <= total else total - total
        left = remains if left is None or remains < left else left
        if not remains or (least is not None and least > remains):
            return NextAllowed(None, "lifetime", remains, left_doses, None, _unsaid(directions))
    earliest, because = max(waits, key=lambda wait: wait[0])
    if earliest <= here:
        earliest, because = here, "now"
    at = now if because == "now" else now.add(seconds=earliest - here)
    return NextAllowed(at, because, left, left_doses, _most_at(directions, doses, earliest), _unsaid(directions))


def _check(directions: Directions, doses: Sequence[tuple[int, Amount]], here: int) -> None:
    problems: list[Problem] = []
    if doses and doses[-1][0] > here:
        problems.append(Problem("A dose is said to be taken after now.", "taken", "Check the times."))
    limits = [m.amount for m in directions.maxima]
    limits += [a for a in (directions.max_per_lifetime, directions.max_per_administration) if a is not None]
    dose = directions.dose
    if dose is not None and dose.most is not None:
        limits.append(dose.most)
    amounts = [a for _, a in doses]
    for a in amounts + limits:
        if limits and a.kind != limits[0].kind:
            problems.append(
                Problem(
                    f"{a} and {limits[0]} are different kinds of amount, so that no limit can be kept.",
                    "taken",
                    "Give all of them in the unit of the maximum.",
                )
            )
            break
    if any(a.value <= 0 for a in amounts):
        problems.append(Problem("A dose taken cannot be zero or less.", "taken"))
    for m in directions.maxima:
        if m.per.kind not in ("time", "calendar months", "calendar years") or m.per.value <= 0:
            problems.append(Problem(f"A maximum needs a time it holds for, not {m.per}.", "maxDosePerPeriod"))
    if problems:
        raise UnreadableError(*problems)


def _unsaid(directions: Directions) -> tuple[str, ...]:
    found = []
    if _interval(directions) is None:
        found.append("interval")
    if not directions.maxima and _often(directions) is None and directions.max_per_lifetime is None:
        found.append("maximum")
    return tuple(found)


def _least(directions: Directions) -> Amount | None:
    """The smallest dose the directions allow."""
    return None if directions.dose is None else directions.dose.least


def _interval(directions: Directions) -> int | None:
    """The least seconds between two doses: the written least gap, or an elapsed interval ("three times a day" sets none)."""
    t = directions.timing
    least = int(directions.min_gap.to("s").value) if directions.min_gap is not None else 0
    rhythm = _rhythm(t)
    return max(least, rhythm or 0) or None


def _rhythm(t: Timing) -> int | None:
    if not t.elapsed or t.period is None or t.period_unit is None or (t.frequency_max or t.frequency or 1) != 1:
        return None
    return int(t.period * _SECONDS[t.period_unit])


def _often(directions: Directions) -> tuple[int, int] | None:
    """How many doses in how many seconds, where the directions count them."""
    t = directions.timing
    if t.period is None or t.period_unit not in _SECONDS or (t.elapsed and (t.frequency_max or t.frequency or 1) == 1):
        return None
    return (t.frequency_max or t.frequency or 1), int(t.period * _SECONDS[t.period_unit])


def _sum(amounts: Iterable[Amount], like: Amount) -> Amount:
    total = like - like
    for a in amounts:
        total = total + a
    return total


def _length(per: Amount) -> int:
    """The seconds of a period; a month counts as 31 days and a year as 366, the stricter way."""
    days = {"calendar months": 31 * 86400, "calendar years": 366 * 86400}
    return int(per.value * days[per.kind]) if per.kind in days else int(per.base)


def _room(limit: MaxDose, doses: Sequence[tuple[int, Amount]], at: int) -> Amount:
    """What is left of a maximum at a moment, counting the doses within the period before it."""
    begin = at - _length(limit.per)
    used = _sum((a for when, a in doses if when > begin), limit.amount)
    return limit.amount - used if used <= limit.amount else limit.amount - limit.amount


def _when_room(limit: MaxDose, doses: Sequence[tuple[int, Amount]], here: int, least: Amount | None) -> int:
    """The first moment from now at which a maximum has room for the smallest dose (for any, where none is said)."""
    # Room only grows when a dose leaves the period: try now and those moments, oldest first.
    for at in (here, *(when + _length(limit.per) for when, _ in doses)):
        room = _room(limit, doses, at)
        if at >= here and room and (least is None or room >= least):
            return at
    raise AssertionError("an empty period has room for a dose not above its maximum")


def _most_at(directions: Directions, doses: Sequence[tuple[int, Amount]], at: int) -> Amount | None:
    """The most that may be taken then, by the dose itself and every maximum."""
    dose = directions.dose
    ends = [_room(limit, doses, at) for limit in directions.maxima]
    if dose is not None and dose.most is not None:
        ends.append(dose.most)
    if directions.max_per_administration is not None:
        ends.append(directions.max_per_administration)
    if directions.max_per_lifetime is not None:
        ends.append(directions.max_per_lifetime - _sum((a for _, a in doses), directions.max_per_lifetime))
    return min(ends) if ends else None
