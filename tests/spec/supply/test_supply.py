"""Run-out, order-by, quantity needed and days' supply: worked examples, laws drawn at random, a day-by-day judge."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.amount import Amount, Range
from posology.directions import Directions, Dose, MaxDose
from posology.errors import UnreadableError
from posology.measure import Measure, measure
from posology.medicine import Product
from posology.schedule import expand
from posology.supply import Holding, Repeat, Use, days_supply, needed, run_out, uses
from tests.measuring import amount, devices, liquid, tablet
from tests.timing import daily, timing

FIRST = dt.date(2026, 11, 24)
TEN = tablet(10, 2)
BOTTLE = liquid(5, 5, in_use_days=10, packs=(Amount(100, "mL"),))


def every_day(product: Product, text: str, days: int = 28) -> list[Use]:
    return [Use(FIRST + dt.timedelta(days=n), product, amount(text)) for n in range(days)]


def day(n: int) -> dt.date:
    """The day n days after the first."""
    return FIRST + dt.timedelta(days=n)


def test_it_runs_out_on_the_first_dose_that_cannot_be_made() -> None:
    found = run_out(every_day(TEN, "3 {tablet}"), [Holding(TEN, amount("30 {tablet}"))])
    assert found.run_out == day(10)
    assert found.runs_out == day(9)
    assert found.order_by == day(3)
    assert found.lines[0].left == amount("0 {tablet}")


def test_a_remainder_too_small_for_a_dose_is_left() -> None:
    found = run_out(every_day(TEN, "3 {tablet}"), [Holding(TEN, amount("32 {tablet}"))])
    assert found.run_out == day(10)
    assert found.lines[0].left == amount("2 {tablet}")


def test_enough_to_the_horizon_has_no_dates() -> None:
    found = run_out(every_day(TEN, "3 {tablet}"), [Holding(TEN, amount("84 {tablet}"))])
    assert (found.run_out, found.order_by, found.runs_out) == (None, None, None)
    assert found.lines[0].covered == day(27)


def test_one_tablet_less_runs_out_on_the_last_day() -> None:
    found = run_out(every_day(TEN, "3 {tablet}"), [Holding(TEN, amount("83 {tablet}"))])
    assert found.run_out == day(27)


def test_nothing_in_the_house_runs_out_at_once() -> None:
    found = run_out(every_day(TEN, "1 {tablet}"), [])
    assert found.run_out == FIRST
    assert found.runs_out == day(-1)


def test_repeats_move_the_run_out() -> None:
    found = run_out(
        every_day(TEN, "3 {tablet}"),
        [Holding(TEN, amount("30 {tablet}"))],
        repeats=[Repeat(TEN, 1, amount("30 {tablet}"))],
        lead_days=5,
    )
    assert (found.run_out, found.order_by, found.with_repeats) == (day(10), day(5), day(20))


def test_halves_are_kept_and_it_is_said() -> None:
    found = run_out(every_day(TEN, "1/2 {tablet}"), [Holding(TEN, amount("10 {tablet}"))])
    assert found.run_out == day(20)
    assert found.lines[0].assumed == ("halves-kept",)


def test_an_opened_bottle_is_thrown_away_when_it_no_longer_keeps() -> None:
    found = run_out(every_day(BOTTLE, "5 mL"), [Holding(BOTTLE, amount("100 mL"))])
    line = found.lines[0]
    assert found.run_out == day(10)  # it keeps for ten days, of which the day of opening is the first
    assert [(d.quantity, d.on) for d in line.discards] == [(amount("50 mL"), day(10))]
    assert line.assumed == ("opened-at-first-use",)


def test_an_opened_bottle_comes_first_and_the_next_is_opened_when_needed() -> None:
    held = [Holding(BOTTLE, amount("100 mL")), Holding(BOTTLE, amount("30 mL"), opened=day(-8))]
    found = run_out(every_day(BOTTLE, "5 mL"), held)
    assert [(d.quantity, d.on) for d in found.lines[0].discards] == [
        (amount("20 mL"), day(2)),
        (amount("50 mL"), day(12)),
    ]
    assert found.run_out == day(12)


def test_a_quantity_of_several_packs_is_several_bottles() -> None:
    found = run_out(every_day(BOTTLE, "5 mL"), [Holding(BOTTLE, amount("200 mL"))])
    assert found.run_out == day(20)


def test_a_bottle_without_an_in_use_life_says_so() -> None:
    plain = liquid(5, 5)
    found = run_out(every_day(plain, "5 mL"), [Holding(plain, amount("100 mL"))])
    assert found.run_out == day(20)
    assert found.lines[0].assumed == ("in-use-life-unknown",)


def test_bottles_needed_count_their_in_use_life() -> None:
    found = needed(every_day(BOTTLE, "5 mL"))[0]
    assert (found.exact, found.days, found.packs) == (amount("140 mL"), 28, 3)


def test_uses_of_a_plan() -> None:
    made = expand(daily(3), first_day=FIRST, zone="Europe/London", days=28)
    each = measure(Amount(15, "mg"), [TEN], [])
    assert isinstance(each, Measure)
    total = needed(uses((e, each) for e in made.events))[0]
    assert (total.exact, total.whole) == (amount("126 {tablet}"), amount("126 {tablet}"))


def test_a_liquid_plan_is_counted_as_drawn() -> None:
    made = expand(daily(2), first_day=FIRST, zone="Europe/London", days=2)
    each = measure(Amount("3.3", "mg"), [BOTTLE], [devices()["oral-5-by-0.2"]])
    assert isinstance(each, Measure)
    assert needed(uses((e, each) for e in made.events))[0].exact == amount("12.8 mL")


def supply_of(dose: Dose, product: Product, quantity: str, **more: Any) -> Any:
    flags = {k: more.pop(k) for k in ("as_needed", "max_per_period") if k in more}
    return days_supply([Directions(dose, timing(**more), **flags)], product, amount(quantity))


CASES: list[tuple[str, dict[str, Any], int | None, set[str]]] = [
    ("three times a day", {"frequency": 3, "period": 1, "period_unit": "d"}, 28, set()),
    ("every 8 hours", {"frequency": 1, "period": 8, "period_unit": "h"}, 28, set()),
    ("every 4 to 6 hours is counted as every 4", {"frequency": 1, "period": 4, "period_max": 6, "period_unit": "h"}, 14, {"upper-end"}),
    ("once a week", {"frequency": 1, "period": 1, "period_unit": "wk"}, 588, set()),
    ("Mondays and Thursdays", {"frequency": 1, "period": 1, "period_unit": "d", "days_of_week": ["mon", "thu"]}, 294, set()),
    ("weekly on Mondays and Thursdays", {"frequency": 1, "period": 1, "period_unit": "wk", "days_of_week": ["mon", "thu"]}, 294, set()),
    ("21 days on, 7 off", {"frequency": 1, "period": 1, "period_unit": "d", "cycle": [21, 7]}, 112, set()),
    ("with meals is three times", {"when": ["C"]}, 28, set()),
    ("morning and evening", {"frequency": 1, "period": 1, "period_unit": "d", "when": ["MORN", "EVE"]}, 42, set()),
    ("as needed, at the most", {"frequency": 1, "period": 6, "period_unit": "h", "as_needed": True}, 21, {"as-needed-most"}),
    ("as needed, up to its maximum", {"frequency": 1, "period": 4, "period_unit": "h", "as_needed": True,
     "max_per_period": (MaxDose(amount("3 {tablet}"), amount("1 d")),)}, 28, {"as-needed-most"}),
    ("no timing, nothing is worked out", {}, None, set()),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_days_supply(case: tuple[str, dict[str, Any], int | None, set[str]]) -> None:
    _, more, days, assumed = case
    found = supply_of(Dose(Amount(10, "mg")), TEN, "84 {tablet}", **more)
    assert (found.days if found else None) == days
    if found:
        assert set(found.assumed) == {"steady-use"} | assumed


def test_days_supply_of_a_range_is_the_shortest() -> None:
    dose = Dose(Range(amount("1 {tablet}"), amount("2 {tablet}")))
    found = supply_of(dose, TEN, "84 {tablet}", frequency=3, period=1, period_unit="d")
    assert (found.days, found.per_day) == (14, amount("6 {tablet}"))
    assert "upper-end" in found.assumed


def test_days_supply_of_a_bottle_ends_when_it_no_longer_keeps() -> None:
    found = supply_of(Dose(Amount(5, "mg")), BOTTLE, "100 mL", frequency=1, period=1, period_unit="d")
    assert found.days == 10


def test_days_supply_of_a_bottle_is_its_run_out() -> None:
    for keeps in (3, 10, 40):
        bottle = liquid(5, 5, in_use_days=keeps)
        found = supply_of(Dose(Amount(5, "mg")), bottle, "100 mL", frequency=1, period=1, period_unit="d")
        ends = run_out(every_day(bottle, "5 mL", 60), [Holding(bottle, amount("100 mL"))]).run_out
        assert ends == day(found.days)


def test_days_supply_without_a_product_counts_only_its_own_unit() -> None:
    tid = {"frequency": 3, "period": 1, "period_unit": "d"}
    count = Directions(Dose(amount("1 {tablet}")), timing(**tid))
    found = days_supply([count], None, amount("84 {tablet}"))
    assert found is not None
    assert found.days == 28
    assert days_supply([Directions(Dose(Amount(10, "mg")), timing(**tid))], None, amount("84 {tablet}")) is None


def test_another_unit_gives_no_days() -> None:
    assert supply_of(Dose(Amount(2, "{puff}")), TEN, "84 {tablet}", frequency=1, period=1, period_unit="d") is None


@pytest.mark.parametrize(
    "make",
    [
        lambda: Holding(TEN, amount("10 mL")),
        lambda: Holding(TEN, Amount(-1, "{tablet}")),
        lambda: Repeat(TEN, -1, amount("10 {tablet}")),
        lambda: Use(FIRST, TEN, amount("0 {tablet}")),
        lambda: run_out([], [], lead_days=-1),
    ],
)
def test_what_cannot_be_is_refused(make: Any) -> None:
    with pytest.raises(UnreadableError):
        make()


# -- laws -------------------------------------------------------------------------------------------------------------

bottles = st.lists(st.tuples(st.integers(1, 60), st.one_of(st.none(), st.integers(0, 12))), max_size=4)


def day_by_day(doses: list[int], held: list[tuple[int, int | None]], keeps: int | None) -> int | None:
    """The index of the first day that is not covered: a plain judge, one millilitre at a time."""
    stock = [[q, None if ago is None else -ago] for q, ago in held]
    stock.sort(key=lambda b: (b[1] is None, b[1] if b[1] is not None else 0))
    for today, dose in enumerate(doses):
        good = [b for b in stock if b[1] is None or keeps is None or today - b[1] < keeps]
        if sum(b[0] or 0 for b in good) < dose:
            return today
        for _ in range(dose):
            b = next(b for b in good if b[0])
            b[0] = (b[0] or 0) - 1
            b[1] = today if b[1] is None else b[1]
    return None


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), bottles, st.one_of(st.none(), st.integers(1, 15)))
def test_run_out_agrees_with_a_day_by_day_count(
    doses: list[int], held: list[tuple[int, int | None]], keeps: int | None
) -> None:
    product = liquid(5, 5, in_use_days=keeps)
    used = [Use(day(n), product, Amount(ml, "mL")) for n, ml in enumerate(doses)]
    holdings = [Holding(product, Amount(q, "mL"), None if ago is None else day(-ago)) for q, ago in held]
    expected = day_by_day(doses, held, keeps)
    found = run_out(used, holdings)
    assert found.run_out == (None if expected is None else day(expected))


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), bottles, st.one_of(st.none(), st.integers(1, 15)))
def test_nothing_is_lost(doses: list[int], held: list[tuple[int, int | None]], keeps: int | None) -> None:
    """What was held is used, left or thrown away."""
    product = liquid(5, 5, in_use_days=keeps)
    used = [Use(day(n), product, Amount(ml, "mL")) for n, ml in enumerate(doses)]
    holdings = [Holding(product, Amount(q, "mL"), None if ago is None else day(-ago)) for q, ago in held]
    line = run_out(used, holdings).lines[0]
    taken = sum((u.quantity.base for u in used if line.run_out is None or u.on < line.run_out), Fraction(0))
    thrown = sum((d.quantity.base for d in line.discards), Fraction(0))
    assert line.held.base == taken + thrown + line.left.base


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 200))
def test_the_packs_needed_are_enough_and_one_less_is_not(dose: int, days: int) -> None:
    used = [Use(day(n), BOTTLE, Amount(dose, "mL")) for n in range(days)]
    packs = needed(used)[0].packs
    assert packs is not None
    assert run_out(used, [Holding(BOTTLE, Amount(100 * packs, "mL"))]).run_out is None
    if packs > 1:
        assert run_out(used, [Holding(BOTTLE, Amount(100 * (packs - 1), "mL"))]).run_out is not None


def test_ignoring_the_in_use_life_would_be_caught() -> None:
    forever = evolve(BOTTLE, in_use_days=None)
    held = [(100, None)]
    assert day_by_day([5] * 28, held, 10) == 10
    assert run_out(every_day(forever, "5 mL"), [Holding(forever, amount("100 mL"))]).run_out != day(10)
