"""Turns a person's waking day into the clock times of parts of the day, meals and N doses a day, by stated rules.

Knows no date, no zone and no medicine. Times are seconds after midnight; past 86400 they fall on the next morning.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from attrs import frozen

from posology.errors import Problem, RefusedError, UnreadableError

DEFAULT_WAKING = (dt.time(8), dt.time(22))
"""The waking day assumed, with a note, where the person gives none. Our setting."""
MIN_GAP = 3600
"""Doses less than an hour apart, from spreading N a day, are refused: our setting; they want clock times of their own."""
STEP = 300
"""Times between the first and the last dose of a day are rounded to 5 minutes."""
MEAL_GAP = 30
"""Minutes between a meal and a dose before or after it, where the directions do not say; noted when used."""

MEALS = {"CM": "breakfast", "CD": "lunch", "CV": "supper"}
_DAY = 86400


@frozen
class WakingDay:
    """The waking day: first and last second, and the meals in it. ``assumed``: nobody gave it.

    >>> day = WakingDay.of((dt.time(7), dt.time(22, 30)))
    >>> [clock(s) for s in day.spread(3)]
    ['07:00', '14:45', '22:30']
    """

    start: int
    end: int
    breakfast: int
    lunch: int
    supper: int
    assumed: bool = False

    @classmethod
    def of(
        cls, waking: tuple[dt.time, dt.time] | None, meals: tuple[dt.time, dt.time, dt.time] | None = None
    ) -> WakingDay:
        """From clock times; an end before the start is on the next morning.

        Meals not given: breakfast half an hour after waking, lunch a third through the day, supper at three quarters.
        """
        first, last = waking or DEFAULT_WAKING
        start, length = _seconds(first), (_seconds(last) - _seconds(first)) % _DAY
        if length < 4 * 3600:
            raise UnreadableError(
                Problem(
                    f"This waking day is too short: {first:%H:%M} to {last:%H:%M}.",
                    "waking",
                    "Give the time of getting up and of going to bed, like 07:00-22:30.",
                )
            )
        if meals is None:
            third, three_quarters = _rounded(start + Fraction(length, 3)), _rounded(start + Fraction(3 * length, 4))
            eaten = (start + 1800, third, three_quarters)
        else:
            given = [start + (_seconds(m) - start) % _DAY for m in meals]
            if given != sorted(set(given)):
                raise UnreadableError(
                    Problem("The meals are not in order after waking.", "meals", "Give breakfast, lunch and supper.")
                )
            eaten = (given[0], given[1], given[2])
        return cls(start, start + length, *eaten, assumed=waking is None)

    def spread(self, times: int) -> tuple[int, ...]:
        """The clock times of so many doses: the first on waking, the last at the end, the rest between, to 5 minutes.

        Raises :class:`RefusedError` where two of them, or the last and the next morning's first, are under an hour apart.
        """
        if times == 1:
            return (self.start,)
        gap = Fraction(self.end - self.start, times - 1)
        if gap < MIN_GAP or self.start + _DAY - self.end < MIN_GAP:
            raise RefusedError(
                Problem(
                    f"{times} doses in a waking day of {clock(self.start)} to {clock(self.end)} are less than an hour apart.",
                    "timing",
                    "Give the clock times, or a longer waking day.",
                )
            )
        middle = (_rounded(self.start + gap * i) for i in range(1, times - 1))
        return (self.start, *middle, self.end)

    def part(self, code: str) -> tuple[int, bool]:
        """When a part of the day is (FHIR event codes MORN to HS), and whether it had to be moved into the waking day.

        Morning is on waking and night is at the end of the waking day. Noon, afternoon and evening are on the clock
        (12:00, 15:00, 18:00) where that is inside the waking day, else a third, half and three quarters through it.
        """
        if code in ("MORN", "MORN.early", "WAKE"):
            return self.start, False
        if code in ("NIGHT", "HS"):
            return self.end, False
        if code == "PHS":
            return self.end + 3600, False
        hours, share = _PARTS[code]
        wanted = int(hours * 3600)
        for at in (wanted, wanted + _DAY):
            if self.start <= at <= self.end:
                return at, False
        return _rounded(self.start + share * (self.end - self.start)), True

    def meal(self, code: str) -> int:
        """When a meal is: CM breakfast, CD lunch, CV supper."""
        return int(getattr(self, MEALS[code]))


_PARTS = {
    "MORN.late": (Fraction(10), Fraction(1, 6)),
    "NOON": (Fraction(12), Fraction(1, 3)),
    "AFT": (Fraction(15), Fraction(1, 2)),
    "AFT.early": (Fraction(13), Fraction(5, 12)),
    "AFT.late": (Fraction(33, 2), Fraction(7, 12)),
    "EVE": (Fraction(18), Fraction(3, 4)),
    "EVE.early": (Fraction(17), Fraction(2, 3)),
    "EVE.late": (Fraction(41, 2), Fraction(7, 8)),
}


def _seconds(time: dt.time) -> int:
    return time.hour * 3600 + time.minute * 60 + time.second


def _rounded(seconds: Fraction | int) -> int:
    return int((seconds + Fraction(STEP, 2)) // STEP * STEP)


def clock(seconds: int) -> str:
    """A clock time for people and notes.

    >>> clock(90000)
    '01:00'
    """
    seconds %= _DAY
    tail = f":{seconds % 60:02}" if seconds % 60 else ""
    return f"{seconds // 3600:02}:{seconds % 3600 // 60:02}{tail}"
