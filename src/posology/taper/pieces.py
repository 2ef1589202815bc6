"""Turns products into what a single dose can be made of: fewest pieces, then fewest splits, for every dose at once.

Knows no schedule and no limits over time. Doses are counted in whole units of the smallest common amount.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from attrs import define, field, frozen

from posology.errors import Problem, RefusedError
from posology.taper.problem import HALF, QUARTER, Limits, Stock

if TYPE_CHECKING:
    import numpy.typing as npt

Ints: TypeAlias = "npt.NDArray[np.int64]"

SPLITS = 1 << 14
"""A cost is pieces * SPLITS + splits: pieces first."""

NEVER = 1 << 40
"""The cost of a dose that cannot be made."""

MOST_UNITS = 60_000
"""Doses are counted up to this many smallest units; finer problems are refused."""

FRIENDLY_ML = Fraction(1, 2)
"""Volumes on multiples of this (or of the mark, when that is coarser) are easy to read on a syringe."""


@frozen
class Take:
    """So many pieces of a size (1, 1/2, 1/4) of one product, or a volume of a liquid."""

    product: str
    count: int = 0
    piece: Fraction = Fraction(1)
    ml: Fraction = Fraction(0)


@frozen
class _Item:
    stock: int
    size: int
    splits: int
    piece: Fraction


def allowed_pieces(stock: Stock, limits: Limits) -> tuple[Fraction, ...]:
    """The pieces of a solid that the limits leave."""
    found = [p for p in stock.pieces if not (p == HALF and limits.halves is False)]
    return tuple(p for p in found if not (p == QUARTER and (limits.quarters is False or limits.halves is False)))


def _gcd(values: Iterable[Fraction]) -> Fraction:
    found = Fraction()
    for v in values:
        if v:
            d = math.lcm(found.denominator, v.denominator)
            found = Fraction(math.gcd(int(found * d), int(v * d)), d)
    return found


def common_unit(products: Sequence[Stock], limits: Limits, also: Iterable[Fraction] = ()) -> Fraction:
    """The largest amount in mg that every piece, mark and given dose is a whole number of."""
    sizes: list[Fraction] = []
    for s in products:
        if s.liquid and s.mark_ml is not None:
            sizes.append(s.mg * s.mark_ml)
        else:
            sizes += [s.mg * p for p in allowed_pieces(s, limits)]
    return _gcd((*sizes, *also))


@define
class Bench:
    """What every dose up to ``top`` units can be made of.

    ``unit``: mg of one unit. ``cost[d]``: pieces * SPLITS + splits of the best way to make ``d`` units, or NEVER.
    """

    products: tuple[Stock, ...]
    limits: Limits
    unit: Fraction
    top: int
    cost: Ints = field(init=False)

    def __attrs_post_init__(self) -> None:
        if self.top > MOST_UNITS:
            raise RefusedError(
                Problem(
                    f"The doses are too fine for their size: {self.top} steps of the smallest amount.",
                    "products",
                    "Use a coarser syringe mark, or fewer products.",
                )
            )
        self.cost = self._table(friendly=False)

    @cached_property
    def items(self) -> tuple[_Item, ...]:
        """Every solid piece, largest first."""
        found = []
        for i, s in enumerate(self.products):
            if not s.liquid:
                for p in allowed_pieces(s, self.limits):
                    found.append(_Item(i, int(s.mg * p / self.unit), 0 if p == 1 else 1, p))
        return tuple(sorted(found, key=lambda x: -x.size))

    @cached_property
    def solid(self) -> Ints:
        """The same cost from solids alone."""
        return self._close(np.full(self.top + 1, NEVER, np.int64), [(i.size, SPLITS + i.splits) for i in self.items])

    def _close(self, start: Ints, items: Sequence[tuple[int, int]]) -> Ints:
        cost = start
        cost[0] = 0
        for size, price in items:
            if size > self.top:
                continue
            # Any number of one item: along each residue of its size, the running minimum of cost - price * count.
            rows = -(-(self.top + 1) // size)
            padded = np.full(rows * size, NEVER, np.int64)
            padded[: self.top + 1] = cost
            grid = padded.reshape(rows, size)
            slope = (np.arange(rows, dtype=np.int64) * price)[:, None]
            grid = np.minimum.accumulate(grid - slope, axis=0) + slope
            cost = np.minimum(grid.reshape(-1)[: self.top + 1], NEVER)
        return cost

    def _table(self, friendly: bool) -> Ints:
        cost = self.solid.copy()
        cap = self.limits.max_pieces_per_dose
        for s in self.products:
            if not s.liquid or s.mark_ml is None or s.max_ml is None:
                continue
            mark = max(s.mark_ml, FRIENDLY_ML) if friendly else s.mark_ml
            if friendly and (mark / s.mark_ml).denominator != 1:
                mark = s.mark_ml * math.ceil(mark / s.mark_ml)
            size = int(s.mg * mark / self.unit)
            full = int(s.mg * s.max_ml / self.unit)
            # One part-filled syringe, then any number of full ones: as few draws as the volume needs.
            part = cost.copy()
            for amount in range(size, min(full - 1, self.top) + 1, size):
                np.minimum(part[amount:], cost[: self.top + 1 - amount] + SPLITS, out=part[amount:])
            cost = self._close(np.minimum(part, NEVER), [(full, SPLITS)])
        if cap is not None:
            cost = np.where(cost >= (cap + 1) * SPLITS, NEVER, cost)
        return cost

    @cached_property
    def friendly(self) -> npt.NDArray[np.bool_]:
        """Whether a dose needs no volume off the easy marks."""
        if not any(s.liquid for s in self.products):
            return self.cost < NEVER
        return self._table(friendly=True) < NEVER

    def makeable(self, units: int) -> bool:
        """Whether a dose of so many units can be made."""
        return 0 <= units <= self.top and int(self.cost[units]) < NEVER

    def compose(self, units: int) -> tuple[Take, ...]:
        """The pieces and volumes of one dose: fewest pieces, fewest splits, then fewest different products,
        then the easiest volume, then the larger products.

        Raises :class:`ValueError` where the dose cannot be made.
        """
        if not self.makeable(units):
            raise ValueError(f"{units} units cannot be made")
        order = {s.id: i for i, s in enumerate(sorted(self.products, key=lambda s: (s.liquid, -s.mg, s.mark_ml or 0)))}
        best: tuple[tuple[int, int, tuple[int, ...]], tuple[Take, ...]] | None = None
        for marks, left in self._draws(units):
            drawn, odd = [], 0
            for s, n in zip(self._liquids, marks, strict=True):
                if n and s.mark_ml is not None:
                    ml = n * s.mark_ml
                    odd += (ml / max(s.mark_ml, FRIENDLY_ML)).denominator != 1
                    drawn.append(Take(s.id, ml=ml))
            for counts in self._solids(left):
                takes = [
                    Take(self.products[item.stock].id, count, item.piece)
                    for item, count in zip(self.items, counts, strict=True)
                    if count
                ] + drawn
                takes.sort(key=lambda t: (order[t.product], -t.piece))
                key = (len({t.product for t in takes}), odd, tuple(order[t.product] for t in takes))
                if best is None or key < best[0]:
                    best = (key, tuple(takes))
        assert best is not None
        return best[1]

    @cached_property
    def _liquids(self) -> tuple[Stock, ...]:
        return tuple(s for s in self.products if s.liquid)

    def _draws(self, units: int) -> Iterable[tuple[tuple[int, ...], int]]:
        """The ways to draw the liquids of a dose at its least cost: marks of each liquid, and units left for solids."""
        sizes = []
        for s in self._liquids:
            assert s.mark_ml is not None
            assert s.max_ml is not None
            sizes.append((int(s.mg * s.mark_ml / self.unit), int(s.mg * s.max_ml / self.unit)))
        budget = int(self.cost[units])
        if not sizes:
            yield (), units
            return

        def more(i: int, left: int, price: int, marks: tuple[int, ...]) -> Iterable[tuple[tuple[int, ...], int]]:
            size, full = sizes[i]
            n = np.arange(left // size + 1, dtype=np.int64)
            spent = price + -(-n * size // full) * SPLITS
            if i < len(sizes) - 1:
                for k in n[spent <= budget].tolist():
                    yield from more(i + 1, left - k * size, int(spent[k]), (*marks, k))
                return
            for k in n[spent + self.solid[left - n * size] == budget].tolist():
                yield (*marks, k), left - k * size

        yield from more(0, units, 0, ())

    def _solids(self, units: int) -> list[tuple[int, ...]]:
        """Every combination of pieces that makes so many units at the least cost."""
        items, found = self.items, []

        def walk(i: int, left: int, budget: int, counts: tuple[int, ...]) -> None:
            if left == 0:
                if budget == 0:
                    found.append(counts + (0,) * (len(items) - i))
                return
            if i == len(items) or budget <= 0 or len(found) >= 64:
                return
            item = items[i]
            price = SPLITS + item.splits
            # Items come largest first: what is left needs at least left/size pieces.
            if -(-left // item.size) * SPLITS > budget:
                return
            for n in range(min(left // item.size, budget // price), -1, -1):
                walk(i + 1, left - n * item.size, budget - n * price, (*counts, n))

        walk(0, units, int(self.solid[units]), ())
        return found
