"""Turns several accounts of one written taper (its words, its dates, its quantity) into where they disagree.

Knows no format and no language: the accounts are read elsewhere. It puts nothing right and fills no gap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from attrs import frozen

from posology.taper.problem import number

Key = Literal[
    "no-days", "no-amount", "days-differ", "amount-differs", "starts-differ", "gap", "overlap", "quantity-differs",
    "accounts-differ", "supply-days-differ", "upside-down", "goes-both-ways", "steps-differ",
]  # fmt: skip


@frozen
class Stretch:
    """One step as one account gives it: units a day, and its days. What it does not say is None."""

    per_day: Fraction | None
    days: int | None = None
    first: dt.date | None = None
    last: dt.date | None = None

    @property
    def length(self) -> int | None:
        """Its days: as said, or by its dates."""
        if self.first is not None and self.last is not None:
            return (self.last - self.first).days + 1
        return self.days

    @property
    def units(self) -> Fraction | None:
        """What it takes in all."""
        return None if self.per_day is None or self.length is None else self.per_day * self.length


@frozen
class Disagreement:
    """One place where the accounts do not agree: ``key``, the step (from 1, 0 for the whole), and the facts."""

    key: Key
    step: int
    facts: tuple[str, ...]


@frozen
class Comparison:
    """What the accounts add up to, and where they disagree; none is the right one."""

    by_text: Fraction | None
    by_dates: Fraction | None
    quantity: Fraction | None
    days_by_text: int | None
    days_by_dates: int | None
    without_dose: tuple[dt.date, ...]
    twice: tuple[dt.date, ...]
    found: tuple[Disagreement, ...]

    @property
    def agree(self) -> bool:
        """Whether nothing disagrees."""
        return not self.found


def _whole(rows: Sequence[Stretch]) -> tuple[Fraction | None, int | None]:
    units = [r.units for r in rows]
    days = [r.length for r in rows]
    return (
        None if not rows or any(u is None for u in units) else sum((u for u in units if u is not None), Fraction()),
        None if not rows or any(d is None for d in days) else sum(d for d in days if d is not None),
    )


def compare(
    text: Sequence[Stretch],
    dates: Sequence[Stretch],
    quantity: Fraction | None = None,
    supply_days: int | None = None,
) -> Comparison:
    """Where the words, the dates and the quantity of one taper disagree. Amounts are in one unit (tablets, mg).

    >>> a = [Stretch(Fraction(4), 7), Stretch(Fraction(2), 7)]
    >>> compare(a, [], Fraction(42)).agree, compare(a, [], Fraction(40)).found[0].key
    (True, 'quantity-differs')
    """
    found: list[Disagreement] = []

    def add(key: Key, step: int, *facts: object) -> None:
        found.append(Disagreement(key, step, tuple(number(f) if isinstance(f, Fraction) else str(f) for f in facts)))

    for rows in (text, dates):
        for i, r in enumerate(rows, 1):
            if r.first is not None and r.last is not None and r.last < r.first:
                add("upside-down", i, r.first, r.last)
    if text and dates and len(text) != len(dates):
        add("steps-differ", 0, len(text), len(dates))
    elif text and dates:
        for i, (a, b) in enumerate(zip(text, dates, strict=True), 1):
            if a.length is not None and b.length is not None and a.length != b.length:
                add("days-differ", i, a.length, b.length)
            if a.per_day is not None and b.per_day is not None and a.per_day != b.per_day:
                add("amount-differs", i, a.per_day, b.per_day)
            if a.first is not None and b.first is not None and a.first != b.first:
                add("starts-differ", i, a.first, b.first)
    main = dates or text
    for i, r in enumerate(main, 1):
        if r.per_day is None:
            add("no-amount", i)
        if r.length is None and i < len(main):
            add("no-days", i)
    gaps: list[dt.date] = []
    twice: list[dt.date] = []
    for i, (a, b) in enumerate(pairwise(main), 2):
        end = a.last
        if end is None and a.first is not None and a.days is not None:
            end = a.first + dt.timedelta(days=a.days - 1)
        if end is None or b.first is None:
            continue
        between = (b.first - end).days - 1
        if between > 0:
            days = [end + dt.timedelta(days=k + 1) for k in range(between)]
            gaps += days
            add("gap", i, days[0], days[-1])
        elif between < 0:
            until = min(end, b.last or end)
            days = [b.first + dt.timedelta(days=k) for k in range((until - b.first).days + 1)]
            twice += days
            if days:
                add("overlap", i, days[0], days[-1])
    line = [r.per_day for r in main if r.per_day is not None]
    if any(a < b for a, b in pairwise(line)) and any(a > b for a, b in pairwise(line)):
        add("goes-both-ways", 0)
    units_text, days_text = _whole(text)
    units_dates, days_dates = _whole(dates)
    if units_text is not None and units_dates is not None and units_text != units_dates:
        add("accounts-differ", 0, units_text, units_dates)
    if quantity is not None:
        for units in dict.fromkeys(u for u in (units_text, units_dates) if u is not None and u != quantity):
            add("quantity-differs", 0, units, quantity)
    if supply_days is not None:
        for days_ in dict.fromkeys(d for d in (days_text, days_dates) if d is not None and d != supply_days):
            add("supply-days-differ", 0, days_, supply_days)
    return Comparison(
        units_text, units_dates, quantity, days_text, days_dates, tuple(gaps), tuple(twice), tuple(found)
    )  # fmt: skip
