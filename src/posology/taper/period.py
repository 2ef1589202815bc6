"""Turns the day patterns a plan may use into one period: its kinds of day, how often each comes, and who may follow whom.

Knows no product, no dose and no search. A step has at most two kinds of day: a higher one and a lower one that takes no
more at any dose time. ``alternate``: one lower day in two. ``weekdays``: the lower kind on one to six fixed days of the week.
"""

from __future__ import annotations

from functools import cached_property
from math import lcm
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from attrs import define, frozen

if TYPE_CHECKING:
    import numpy.typing as npt

Ints: TypeAlias = "npt.NDArray[np.int64]"

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

LOWER = ("mon", "fri", "wed", "sun", "thu", "tue")
"""The days of the week in the order in which they take the lower dose: spread as evenly as can be at each number, and each
set holds the one before, so that no weekday's dose goes back up from one step to the next."""


@frozen
class Pattern:
    """One way to mix two kinds of day: ``low`` days of every ``length`` are the lower kind; 0: all days are the same."""

    name: str
    length: int
    low: int

    @property
    def days(self) -> tuple[tuple[str, bool], ...]:
        """The days of the pattern in order: the name of each, and whether it is of the lower kind."""
        if self.name == "weekdays":
            lower = LOWER[: self.low]
            return tuple((d, d in lower) for d in WEEKDAYS)
        return tuple((str(i + 1), i >= self.length - self.low) for i in range(self.length))


SAME = Pattern("", 1, 0)

_KNOWN = {
    "alternate": (Pattern("alternate", 2, 1),),
    "weekdays": tuple(Pattern("weekdays", 7, low) for low in range(1, 7)),
}


@define
class Period:
    """The shortest time over which every allowed pattern comes round; one day where none is allowed.

    A step is a row of numbers: the doses of the day; or, where patterns are allowed, the doses of the higher day, those of
    the lower day (equal where all days are the same), and the place of its pattern in :attr:`patterns`.
    """

    names: tuple[str, ...]

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        return (SAME, *(p for name in dict.fromkeys(self.names) for p in _KNOWN[name]))

    @cached_property
    def days(self) -> int:
        return lcm(*(p.length for p in self.patterns))

    @property
    def mixed(self) -> bool:
        """Whether days may differ."""
        return len(self.patterns) > 1

    @cached_property
    def weights(self) -> tuple[tuple[int, int], ...]:
        """For each pattern, how many days of a period are of the higher and of the lower kind."""
        return tuple((self.days * (p.length - p.low) // p.length, self.days * p.low // p.length) for p in self.patterns)

    @cached_property
    def _places(self) -> tuple[Ints, Ints, Ints]:
        family = {name: i for i, name in enumerate(dict.fromkeys(p.name for p in self.patterns))}
        return (
            np.array(self.weights, np.int64),
            np.array([family[p.name] for p in self.patterns], np.int64),
            np.array([p.low for p in self.patterns], np.int64),
        )

    def constant(self, doses: Ints) -> Ints:
        """Rows of days that are all the same."""
        return np.concatenate([doses, doses, np.zeros((len(doses), 1), np.int64)], axis=1) if self.mixed else doses

    def kinds(self, rows: Ints) -> list[tuple[Ints, Ints]]:
        """The kinds of day of each row: the doses, and on how many days of the period they are taken."""
        if not self.mixed:
            return [(rows, np.ones(len(rows), np.int64))]
        n = rows.shape[1] // 2
        times = self._places[0][rows[:, -1]]
        return [(rows[:, :n], times[:, 0]), (rows[:, n : 2 * n], times[:, 1])]

    def total(self, row: tuple[int, ...]) -> int:
        """What a row comes to over the period."""
        if not self.mixed:
            return sum(row)
        n = len(row) // 2
        high, low = self.weights[row[-1]]
        return high * sum(row[:n]) + low * sum(row[n : 2 * n])

    def follows(self, before: Ints, after: Ints, down: bool) -> npt.NDArray[np.bool_]:
        """For each pair of rows, whether no dose time of any day goes the wrong way from the one to the other."""
        if not down:
            return self.follows(after, before, True).T
        if not self.mixed:
            return _no_more(after, before)
        n = before.shape[1] // 2
        _, family, low = self._places
        p, q = before[:, -1], after[:, -1]
        ok = _no_more(after[:, :n], before[:, :n])
        # A day that was of the lower kind and is not any more must not rise: its new dose is the new higher one.
        firm = (family[p][:, None] != family[q][None, :]) | (low[p][:, None] > low[q][None, :])
        firm &= low[p][:, None] > 0
        stays = ~firm & (low[p][:, None] > 0)
        ok &= ~firm | _no_more(after[:, :n], before[:, n : 2 * n])
        ok &= ~stays | _no_more(after[:, n : 2 * n], before[:, n : 2 * n])
        return ok


def _no_more(after: Ints, before: Ints) -> npt.NDArray[np.bool_]:
    ok = np.ones((len(before), len(after)), np.bool_)
    for s in range(before.shape[1]):
        ok &= after[:, s][None, :] <= before[:, s][:, None]
    return ok
