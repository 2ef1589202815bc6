"""Turns doses as measured and what is in the house into run-out and order-by dates, quantities needed and days' supply.

Knows no clock, person or price: the days are given. Every assumption behind a number stands beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Literal, Protocol

from attrs import frozen

from posology.amount import Amount
from posology.directions import Directions
from posology.errors import Problem, UnreadableError
from posology.medicine import Product

LEAD_DAYS = 7
"""Days between ordering and having it, where nobody says otherwise. Our setting."""
Assumed = Literal[
    "opened-at-first-use",
    "one-bottle",
    "upper-end",
    "as-needed-most",
    "halves-kept",
    "steady-use",
    "in-use-life-unknown",
]
"""What a number of this room rests on; a closed set.

``opened-at-first-use``: a closed bottle is opened on the day it is first needed. ``one-bottle``: a quantity that is no
multiple of a pack was taken as one bottle. ``upper-end``: of a range the higher end. ``as-needed-most``: as needed, at
the most allowed. ``halves-kept``: the other part of a split piece is used for the next dose. ``steady-use``: the same
every day. ``in-use-life-unknown``: how long the opened product keeps is not recorded; nothing is discarded for age.
"""


@frozen
class Holding:
    """What is in the house of one product. ``opened``: the day the bottle was opened; None: closed, or no bottle."""

    product: Product
    quantity: Amount
    opened: dt.date | None = None

    def __attrs_post_init__(self) -> None:
        _same_kind(self.quantity, self.product, "holding")
        if self.quantity.value < 0:
            raise UnreadableError(Problem(f"One cannot have {self.quantity}.", "holding", "Check the number."))


@frozen
class Repeat:
    """Supply still to come on repeats: how many times, and how much each."""

    product: Product
    times: int
    quantity: Amount

    def __attrs_post_init__(self) -> None:
        _same_kind(self.quantity, self.product, "repeats")
        if self.times < 0 or self.quantity.value <= 0:
            raise UnreadableError(Problem(f"These repeats say nothing: {self.times} of {self.quantity}.", "repeats"))


@frozen
class Use:
    """So much of a product used on a day."""

    on: dt.date
    product: Product
    quantity: Amount

    def __attrs_post_init__(self) -> None:
        _same_kind(self.quantity, self.product, "use")
        if self.quantity.value <= 0:
            raise UnreadableError(Problem(f"A use cannot be zero or less: {self.quantity}.", "use"))


@frozen
class Discard:
    """What must be thrown away of an opened bottle because it no longer keeps, and from which day."""

    product: Product
    quantity: Amount
    on: dt.date


@frozen
class Line:
    """The supply of one product.

    ``held``: in the house. ``used``: what the doses up to the horizon need. ``run_out``: the day of the first dose that
    cannot be made from it, None where all can. ``covered``: the last day on which every dose can be made.
    ``order_by``: ``run_out`` less the lead days. ``with_repeats``: the run-out once all repeats are collected in time.
    ``left``: what remains after the horizon. ``discards``: thrown away for age. ``assumed``: what this rests on.
    """

    product: Product
    held: Amount
    used: Amount
    left: Amount
    run_out: dt.date | None
    covered: dt.date | None
    order_by: dt.date | None
    with_repeats: dt.date | None
    discards: tuple[Discard, ...] = ()
    assumed: tuple[Assumed, ...] = ()


@frozen
class Supply:
    """The supply of all products of a plan. ``run_out``: the first day on which any dose cannot be made."""

    lines: tuple[Line, ...]
    lead_days: int

    @property
    def run_out(self) -> dt.date | None:
        """The earliest run-out; None where everything lasts to the horizon."""
        return min((line.run_out for line in self.lines if line.run_out), default=None)

    @property
    def runs_out(self) -> dt.date | None:
        """The last day that is wholly covered; None where everything lasts to the horizon."""
        first = self.run_out
        return None if first is None else first - dt.timedelta(days=1)

    @property
    def order_by(self) -> dt.date | None:
        """The earliest day to order by."""
        return min((line.order_by for line in self.lines if line.order_by), default=None)

    @property
    def with_repeats(self) -> dt.date | None:
        """The earliest run-out once all repeats are collected in time."""
        return min((line.with_repeats for line in self.lines if line.with_repeats), default=None)


@frozen
class Needed:
    """The quantity of a product for a stretch of days: exact, in whole pieces (or whole mL), and in packs.

    ``packs``: the fewest of the smallest pack that hold it, None where no pack size is known; a bottle's in-use life is
    counted, so that they may hold more than the doses.
    """

    product: Product
    exact: Amount
    whole: Amount
    days: int
    packs: int | None
    pack: Amount | None
    assumed: tuple[Assumed, ...] = ()


@frozen
class DaysSupply:
    """How many whole days a quantity lasts by its directions. ``per_day``: what a day takes. ``assumed``: never empty."""

    days: int
    per_day: Amount
    assumed: tuple[Assumed, ...]


class _Take(Protocol):
    @property
    def product(self) -> Product: ...
    @property
    def quantity(self) -> Amount: ...


class _Measured(Protocol):
    @property
    def takes(self) -> Sequence[_Take]: ...


class _Dated(Protocol):
    @property
    def day(self) -> dt.date: ...


def uses(pairs: Iterable[tuple[_Dated, _Measured]]) -> tuple[Use, ...]:
    """The uses of dose events beside their measures, in order of day.

    Each pair: an event with its ``day``, and a measure with its ``takes``.
    """
    held: dict[
        int, list[tuple[Product, Amount]]
    ] = {}  # a measure is shared by many doses: its quantities are worked out once
    found = []
    for e, m in pairs:
        if id(m) not in held:
            held[id(m)] = [(take.product, take.quantity) for take in m.takes]
        found += [Use(e.day, product, quantity) for product, quantity in held[id(m)]]
    return tuple(sorted(found, key=lambda use: use.on))


def run_out(
    used: Iterable[Use],
    holdings: Sequence[Holding],
    *,
    lead_days: int = LEAD_DAYS,
    repeats: Sequence[Repeat] = (),
) -> Supply:
    """When each product runs out, and by when to order, from its uses in a horizon and what is in the house.

    Opened bottles are used first. A bottle is used on ``in_use_days`` days, of which the day of opening is the first;
    what is left then is named in ``discards``. Holdings of a product that no dose uses are no line. The first dose of a
    product that is not there at all runs out on its own day.

    >>> from posology.amount import Strength
    >>> ten = Product("t10", "", "tablet", Strength(Amount(10, "mg"), Amount(1, "{tablet}")), "GB", "s", True)
    >>> days = [dt.date(2026, 11, 24) + dt.timedelta(n) for n in range(28)]
    >>> three = [Use(day, ten, Amount(3, "{tablet}")) for day in days]
    >>> found = run_out(three, [Holding(ten, Amount(30, "{tablet}"))])
    >>> found.run_out.isoformat(), found.order_by.isoformat()
    ('2026-12-04', '2026-11-27')
    """
    if lead_days < 0:
        raise UnreadableError(Problem("Lead days cannot be below zero.", "lead_days"))
    by_product: dict[str, list[Use]] = {}
    products: dict[str, Product] = {}
    for use in used:
        by_product.setdefault(use.product.id, []).append(use)
        products[use.product.id] = use.product
    lines = []
    for id, its in by_product.items():
        its.sort(key=lambda use: use.on)
        product = products[id]
        own = [h for h in holdings if h.product.id == id]
        bottles, assumed = _bottles(product, own)
        first = _consume(product, its, bottles)
        more = [r for r in repeats if r.product.id == id]
        later = first
        if more:
            extra = [Holding(product, r.quantity) for r in more for _ in range(r.times)]
            later = _consume(product, its, _bottles(product, [*own, *extra])[0])
        if any(use.quantity.value.denominator != 1 for use in its) and not product.liquid:
            assumed.append("halves-kept")
        held = _total(product, (h.quantity for h in own))
        lines.append(
            Line(
                product,
                held,
                _total(product, (use.quantity for use in its)),
                first.left,
                first.run_out,
                first.covered,
                first.run_out - dt.timedelta(days=lead_days) if first.run_out else None,
                later.run_out,
                tuple(first.discards),
                tuple(dict.fromkeys(assumed)),
            )
        )
    return Supply(tuple(lines), lead_days)


def needed(used: Iterable[Use]) -> tuple[Needed, ...]:
    """How much of each product a set of uses needs: exact, whole, and in packs.

    >>> from posology.amount import Strength
    >>> ten = Product("t10", "", "tablet", Strength(Amount(10, "mg"), Amount(1, "{tablet}")), "GB", "s", True, parts=2,
    ...     packs=(Amount(84, "{tablet}"),))
    >>> found, = needed([Use(dt.date(2026, 1, 1), ten, Amount("1/2", "{tablet}"))] * 3)
    >>> str(found.exact), str(found.whole), found.packs
    ('1.5 tablets', '2 tablets', 1)
    """
    by_product: dict[str, list[Use]] = {}
    for use in used:
        by_product.setdefault(use.product.id, []).append(use)
    found = []
    for its in by_product.values():
        its.sort(key=lambda use: use.on)
        product = its[0].product
        exact = _total(product, (use.quantity for use in its))
        assumed: list[Assumed] = []
        if exact.value.denominator != 1 and not product.liquid:
            assumed.append("halves-kept")
        pack = min(product.packs, default=None)
        packs = None
        if pack is not None:
            packs = _packs(product, its, pack)
        if product.liquid:
            assumed.append("in-use-life-unknown" if product.in_use_days is None else "opened-at-first-use")
        days = (its[-1].on - its[0].on).days + 1
        found.append(Needed(product, exact, Amount(ceil(exact.value), exact.unit), days, packs, pack, tuple(assumed)))
    return tuple(found)


def days_supply(directions: Sequence[Directions], product: Product | None, quantity: Amount) -> DaysSupply | None:
    """How many whole days a quantity lasts when these directions are taken side by side, or None where they do not say.

    The most they allow is counted (the upper end of a range, as needed at its maximum), so that it is the shortest time
    the quantity can last; ``assumed`` says which of this was done. A liquid lasts no longer than it keeps once opened.
    Never used silently: a number worked out from directions is shown with what it rests on. ``product`` None: only doses
    written in the unit of the quantity are counted.

    >>> from posology.amount import Strength
    >>> from posology.directions import Dose, Timing
    >>> ten = Product("t10", "", "tablet", Strength(Amount(10, "mg"), Amount(1, "{tablet}")), "GB", "s", True)
    >>> tid = Directions(Dose(Amount(10, "mg")), Timing(frequency=3, period=1, period_unit="d"))
    >>> days_supply([tid], ten, Amount(84, "{tablet}")).days
    28
    """
    if product is not None:
        _same_kind(quantity, product, "quantity")
    assumed: list[Assumed] = ["steady-use"]
    total = Fraction(0)
    for d in directions:
        per_day = _most_per_day(d, product, quantity)
        if per_day is None:
            return None
        if d.as_needed:
            assumed.append("as-needed-most")
        if _ranged(d):
            assumed.append("upper-end")
        total += per_day
    if not total:
        return None
    days = floor(quantity.base / total)
    if product is not None and product.liquid and product.in_use_days is not None:
        assumed.append("opened-at-first-use")
        days = min(days, product.in_use_days * max(ceil(quantity.base / _pack(product, quantity).base), 1))
    elif quantity.kind == "volume":
        assumed.append("in-use-life-unknown")
    return DaysSupply(days, Amount(total, _base_unit(quantity)), tuple(dict.fromkeys(assumed)))


def _base_unit(quantity: Amount) -> str:
    return "mL" if quantity.kind == "volume" else quantity.unit


def _ranged(directions: Directions) -> bool:
    """Whether any number of it is a range, of which the upper end is counted."""
    dose, t = directions.dose, directions.timing
    return (dose is not None and dose.least != dose.most) or bool(t.frequency_max or t.period_max)


def _most_per_day(directions: Directions, product: Product | None, quantity: Amount) -> Fraction | None:
    """The most of the product a day may take on average, in pieces or mL: by the timing, and by any maximum of a time."""
    dose, often = directions.dose, _doses_a_day(directions)
    asked: list[Amount] = []
    if dose is not None and dose.most is not None and often is not None:
        asked.append(dose.most * often)
    asked += [m.amount / (m.per.base / 86400) for m in directions.maxima if m.per.kind == "time"]
    found = [_of_product(a, product, quantity) for a in asked]
    known = [a.base for a in found if a is not None]
    return min(known) if known and len(known) == len(found) else None


def _doses_a_day(directions: Directions) -> Fraction | None:
    """Doses a day on average: named weekdays and days off make it fewer than the timing's most in a day."""
    t = directions.timing
    often = t.times_a_day
    if often is None:
        return None
    if t.days_of_week:
        week = Fraction(len(t.days_of_week), 7)
        often = max(often, week / (t.period or 1)) if t.period_unit == "wk" else often * week
    return often * Fraction(t.cycle.on, t.cycle.on + t.cycle.off) if t.cycle else often


def _of_product(amount: Amount, product: Product | None, quantity: Amount) -> Amount | None:
    """An amount of medicine, or of pieces or millilitres, in the kind of the quantity; None where it is another kind."""
    if amount.kind == quantity.kind:
        return amount
    if product is not None and amount.kind == product.strength.amount.kind:
        return product.strength.volume_of(amount)
    return None


def _same_kind(quantity: Amount, product: Product, where: str) -> None:
    if quantity.kind != product.strength.per.kind:
        raise UnreadableError(
            Problem(
                f"{quantity} is no quantity of {product.name or product.id}.",
                where,
                f"Give it in {Amount(2, product.unit).unit.strip('{}')}.",
            )
        )


def _total(product: Product, amounts: Iterable[Amount]) -> Amount:
    unit = "mL" if product.liquid else product.unit
    times: dict[int, int] = {}
    held: dict[int, Amount] = {}
    for a in amounts:
        held[id(a)] = a
        times[id(a)] = times.get(id(a), 0) + 1
    return Amount(sum((a.to(unit).value * times[n] for n, a in held.items()), Fraction(0)), unit)


class _Bottle:
    """One container while it is being used up."""

    def __init__(self, quantity: Fraction, opened: dt.date | None, keeps: int | None) -> None:
        self.left, self.opened, self.keeps = quantity, opened, keeps

    def good(self, day: dt.date) -> bool:
        """Whether it may still be used on that day; the day of opening is the first of the days it keeps."""
        return self.opened is None or self.keeps is None or day < self.opened + dt.timedelta(days=self.keeps)


class _Consumed:
    def __init__(self, left: Amount, run_out: dt.date | None, covered: dt.date | None, discards: list[Discard]) -> None:
        self.left, self.run_out, self.covered, self.discards = left, run_out, covered, discards


def _pack(product: Product, quantity: Amount) -> Amount:
    """The size of one bottle in a quantity: the pack it is a multiple of, else all of it."""
    fitting = [p for p in product.packs if (quantity.base / p.base).denominator == 1]
    return max(fitting, default=quantity)


def _bottles(product: Product, holdings: Sequence[Holding]) -> tuple[list[_Bottle], list[Assumed]]:
    """The containers of holdings, opened ones first (the oldest first), and what was assumed of them."""
    bottles: list[_Bottle] = []
    assumed: list[Assumed] = []
    for h in holdings:
        size = _pack(product, h.quantity)
        several = h.opened is None and product.in_use_days is not None and bool(h.quantity)
        number = int(h.quantity.base / size.base) if several else 1
        if several and number == 1 and size not in product.packs:
            assumed.append("one-bottle")
        bottles += [_Bottle(h.quantity.base / number, h.opened, product.in_use_days) for _ in range(number)]
        if product.in_use_days is not None and h.opened is None:
            assumed.append("opened-at-first-use")
        if product.liquid and product.in_use_days is None:
            assumed.append("in-use-life-unknown")
    bottles.sort(key=lambda b: (b.opened is None, b.opened or dt.date.max))
    return bottles, assumed


def _consume(product: Product, used: Sequence[Use], bottles: list[_Bottle]) -> _Consumed:
    """Use up containers dose by dose, until one dose cannot be made."""
    unit = "mL" if product.liquid else product.unit
    discards: list[Discard] = []
    run_out: dt.date | None = None
    bases = {n: quantity.base for n, quantity in {id(use.quantity): use.quantity for use in used}.items()}
    # Whole numbers of the smallest part in play: exact, and much faster than fractions.
    scale = lcm(*(b.left.denominator for b in bottles), *(base.denominator for base in bases.values()))
    parts = {n: int(base * scale) for n, base in bases.items()}
    left = [int(b.left * scale) for b in bottles]
    first = 0
    for use in used:
        while first < len(bottles) and not (left[first] and bottles[first].good(use.on)):
            old = bottles[first]
            if left[first]:
                end = (old.opened or use.on) + dt.timedelta(days=old.keeps or 0)
                discards.append(Discard(product, Amount(Fraction(left[first], scale), unit), end))
                left[first] = 0
            first += 1
        wanted = parts[id(use.quantity)]
        good = [n for n in range(first, len(bottles)) if bottles[n].good(use.on)]
        if sum(left[n] for n in good) < wanted:
            run_out = use.on
            break
        for n in good:
            if wanted:
                taken = min(wanted, left[n])
                bottles[n].opened = bottles[n].opened or use.on
                left[n] -= taken
                wanted -= taken
    days = [use.on for use in used if run_out is None or use.on < run_out]
    return _Consumed(Amount(Fraction(sum(left), scale), unit), run_out, max(days, default=None), discards)


def _packs(product: Product, used: Sequence[Use], pack: Amount) -> int:
    """The fewest packs that make every dose."""
    fewest = ceil(sum((use.quantity.base for use in used), Fraction(0)) / pack.base)
    while True:
        bottles = [_Bottle(pack.base, None, product.in_use_days) for _ in range(fewest)]
        if _consume(product, used, bottles).run_out is None:
            return fewest
        fewest += 1
