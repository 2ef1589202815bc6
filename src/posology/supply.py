"""Turns dose events and what is in the house into the day it runs out. First version.

Knows no medicine rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction

from attrs import frozen

from posology.amount import Amount
from posology.directions import Dose
from posology.measure import Measure, NotMeasurable
from posology.medicine import Product
from posology.schedule import DoseEvent


@frozen
class Holding:
    """What is in the house of one product."""

    product: Product
    quantity: Amount
    opened: dt.date | None = None


@frozen
class Supply:
    """The last day that is wholly covered before it runs out; None where it lasts to the horizon."""

    runs_out: dt.date | None
    order_by: dt.date | None


def run_out(
    events: Iterable[DoseEvent], measures: Mapping[Dose, Measure | NotMeasurable], holdings: Iterable[Holding]
) -> Supply | None:
    """When the holdings run out; None where a dose cannot be measured from them."""
    left: dict[str, Fraction] = {}
    for h in holdings:
        left[h.product.id] = left.get(h.product.id, Fraction(0)) + h.quantity.to(h.product.unit).value
    last: dt.date | None = None
    for e in events:
        m = measures.get(e.dose) if e.dose is not None else None
        if not isinstance(m, Measure):
            return None
        for t in m.takes:
            left[t.product.id] = left.get(t.product.id, Fraction(0)) - t.quantity.to(t.product.unit).value
        if any(v < 0 for v in left.values()):
            return Supply(last, last - dt.timedelta(days=5) if last else None)
        last = e.day
    return Supply(None, None)
