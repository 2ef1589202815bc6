"""The values of a planned taper: steps with what is really taken at each dose time, and how the plan ends.

Knows how they look, not how they were found or whether they keep the limits: see ``search`` and ``proof``.
"""

from __future__ import annotations

import datetime as dt
import itertools
from fractions import Fraction
from typing import Literal

from attrs import evolve, frozen

from posology.taper.period import WEEKDAYS
from posology.taper.pieces import Take
from posology.taper.problem import Origin, Stock, TaperProblem


def amount_of(takes: tuple[Take, ...], products: tuple[Stock, ...]) -> Fraction:
    """The mg in what is taken at one time."""
    stock = {s.id: s for s in products}
    return sum((stock[t.product].mg * (t.ml if t.ml else t.count * t.piece) for t in takes), Fraction())


@frozen
class Day:
    """One kind of day: mg and what is taken at each dose time. ``name``: a weekday, or its place in the period."""

    mg: tuple[Fraction, ...]
    takes: tuple[tuple[Take, ...], ...]
    name: str = ""

    @property
    def total(self) -> Fraction:
        """mg a day."""
        return sum(self.mg, Fraction())


@frozen
class Step:
    """One stretch of equal days (or of an equal pattern of days).

    ``days``: how long; None where no length was given, or it ends on a condition (``until``).
    ``first``, ``last``: the changes of the plan it stands for, counted from 1; equal doses in a row are one step.
    ``ideal_mg``: what the ideal curve asks for a day, at its first change.
    ``pattern``: the days of the period, in order, where days differ; else empty.
    """

    mg: tuple[Fraction, ...]
    takes: tuple[tuple[Take, ...], ...]
    days: int | None
    first: int
    last: int
    ideal_mg: Fraction | None = None
    days_range: tuple[int, int] | None = None
    until: str = ""
    pattern: tuple[Day, ...] = ()
    held: int = 0
    """Days of it that are a hold on top of its own length."""

    @property
    def total(self) -> Fraction:
        """mg a day; the mean day of a pattern."""
        if self.pattern:
            return Fraction(sum((d.total for d in self.pattern), Fraction()), len(self.pattern))
        return sum(self.mg, Fraction())

    @property
    def every(self) -> tuple[Day, ...]:
        """The days of its pattern; one, where all days are the same."""
        return self.pattern or (Day(self.mg, self.takes),)

    @property
    def by_weekday(self) -> bool:
        """Whether its days go by the day of the week."""
        return bool(self.pattern) and self.pattern[0].name in WEEKDAYS

    def day(self, number: int, date: dt.date | None) -> Day:
        """What is taken on its ``number``-th day, from 0; ``date`` is that day. Raises ValueError where it is needed and None."""
        if not self.by_weekday:
            return self.every[number % len(self.every)]
        if date is None:
            raise ValueError("a pattern by weekday needs the first day")
        return next(d for d in self.pattern if d.name == WEEKDAYS[date.weekday()])


@frozen
class WorstStep:
    """The largest change of the plan, by effect: from and to mg a day, in mg, in percent, and in percent of the effect.

    ``change``: which change it is, from 1. ``measure``: how effect was counted (linear, proportional, hyperbolic, rule).
    """

    change: int
    from_mg: Fraction
    to_mg: Fraction
    percent_of_current: Fraction | None
    percent_of_start: Fraction | None
    percent_of_effect: Fraction
    measure: str

    @property
    def mg(self) -> Fraction:
        """The size of the change in mg a day."""
        return abs(self.from_mg - self.to_mg)


@frozen
class TaperPlan:
    """A proved plan. ``repeated``: a published table repeated as it stands, not searched for.

    ``notes``: what a reader must be told, as message keys with a fact each.
    ``reached``: what it reached on each level of the objective, by name.
    """

    problem: TaperProblem
    steps: tuple[Step, ...]
    end: Literal["stop", "maintenance", "until"]
    worst: WorstStep | None
    reached: tuple[tuple[str, int], ...] = ()
    least_worst: int = 0
    repeated: bool = False
    origin: Origin | None = None
    """What the rest of the plan is measured by; None for a repeated table."""
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def total_days(self) -> int | None:
        """Days until the target is reached (the last step of a maintenance counts); None where a length is not known."""
        days = [s.days for s in self.steps]
        return None if any(d is None for d in days) else sum(d for d in days if d is not None)

    @property
    def changes(self) -> int:
        """How many times the dose changes, the last one to the target included."""
        line = [self.problem.start_mg_per_day, *(s.total for s in self.steps)]
        if self.end == "stop":
            line.append(Fraction())
        return sum(1 for a, b in itertools.pairwise(line) if a != b)

    def dated(self) -> tuple[tuple[Step, dt.date, dt.date | None], ...]:
        """Each step with its first and last calendar day; the last step of a maintenance has no last day.

        Raises :class:`ValueError` where the problem has no first day or a step no length.
        """
        if self.problem.starts_on is None:
            raise ValueError("the plan has no first day")
        at = self.problem.starts_on
        found: list[tuple[Step, dt.date, dt.date | None]] = []
        for i, step in enumerate(self.steps):
            if i == len(self.steps) - 1 and self.end != "stop":
                found.append((step, at, None))
                break
            if step.days is None:
                raise ValueError(f"step {i + 1} has no length")
            found.append((step, at, at + dt.timedelta(days=step.days - 1)))
            at += dt.timedelta(days=step.days)
        return tuple(found)

    def from_day(self, first: dt.date | None) -> TaperPlan:
        """The same plan begun on another day."""
        return evolve(self, problem=evolve(self.problem, starts_on=first))
