"""Laws of measuring, for doses, products and devices drawn at random; each law is shown to catch a planted fault."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product as every
from math import ceil

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.amount import Amount, Strength
from posology.measure import MAX_ERROR, Device, Measure, NotMeasurable, agree, measure
from posology.medicine import Product
from tests.measuring import devices as known
from tests.measuring import liquid, tablet

DEVICES = tuple(known().values())
strengths = st.sampled_from([1, 2, Fraction(5, 2), 3, 5, Fraction(15, 2), 10, 15, 20, 25, 30])
tablets = st.builds(tablet, strengths, st.sampled_from([1, 2, 4]))
bottles = st.builds(liquid, st.sampled_from([1, 2, 5, 10, 25, 3]), st.sampled_from([1, 5, 7]))
some_devices = st.lists(st.sampled_from(DEVICES), max_size=4, unique_by=lambda d: d.id)
amounts = st.fractions(min_value=Fraction(1, 20), max_value=120, max_denominator=40).map(lambda f: Amount(f, "mg"))
easy_amounts = st.integers(1, 480).map(lambda n: Amount(Fraction(n, 4), "mg"))


def broken(result: Measure | NotMeasurable, dose: Amount) -> set[str]:
    """The laws that a result breaks."""
    found = set()
    if isinstance(result, NotMeasurable):
        if result.below is not None and not result.below < dose:
            found.add("below is not below")
        if result.above is not None and not dose < result.above:
            found.add("above is not above")
        return found
    total = sum((t.given.base for t in result.takes), Fraction(0))
    if total != result.given.base:
        found.add("the takes do not sum to what is given")
    if result.given.base + result.error.base != result.dose.base or result.dose != dose:
        found.add("given and error are not the dose")
    if result.error.base < 0:
        found.add("more than the dose")
    if result.error.base > dose.base * MAX_ERROR:
        found.add("over 5 per cent")
    if result.error_percent != 100 * result.error.base / dose.base:
        found.add("the error is not what it says")
    if (result.rule == "nearest-mark-below") == result.exact:
        found.add("rounded without saying so")
    for t in result.takes:
        if t.count is not None and ((t.count * t.product.parts).denominator != 1 or t.count <= 0):
            found.add("split against the label")
        if t.volume is not None:
            d = t.device
            assert d is not None
            steps = (t.volume.base - d.first_mark.base) / d.mark.base
            if steps.denominator != 1 or steps < 0:
                found.add("between two marks")
            if t.volume.base > d.capacity.base or t.fills != 1:
                found.add("more than one fill")
    return found


@settings(deadline=None)
@given(easy_amounts, st.lists(tablets, min_size=1, max_size=3))
def test_pieces_keep_the_laws(dose: Amount, products: list[Product]) -> None:
    result = measure(dose, products, [])
    assert broken(result, dose) == set()
    if isinstance(result, Measure):
        assert result.exact


@settings(deadline=None)
@given(amounts, st.lists(bottles, min_size=1, max_size=2), some_devices)
def test_liquids_keep_the_laws(dose: Amount, products: list[Product], at_hand: list[Device]) -> None:
    assert broken(measure(dose, products, at_hand, DEVICES), dose) == set()


@settings(deadline=None)
@given(amounts, bottles, some_devices)
def test_the_device_is_the_smallest_exact_one_or_the_nearest_below(
    dose: Amount, bottle: Product, at_hand: list[Device]
) -> None:
    result = measure(dose, [bottle], at_hand)
    volume = bottle.strength.volume_of(dose).to("mL")
    exact = [d for d in at_hand if d.exact(volume)]
    if not isinstance(result, Measure):
        assert not exact
        marks = [d.below(volume) for d in at_hand if d.holds(volume) and d.kind == "oral-syringe"]
        assert all(m is None or m.base < volume.base * (1 - MAX_ERROR) for m in marks)
        return
    used = result.takes[0].device
    assert used is not None
    if exact:
        assert used in exact
        alike = [d for d in exact if d.kind == used.kind]
        assert used.capacity == min(d.capacity for d in alike)
        assert used.kind == "oral-syringe" or not any(d.kind == "oral-syringe" for d in exact)
    else:
        syringes = [d for d in at_hand if d.holds(volume) and d.kind == "oral-syringe"]
        best = max(b.base for d in syringes if (b := d.below(volume)) is not None)
        assert result.takes[0].volume == Amount(best, "mL")


def by_brute_force(dose: Fraction, products: Sequence[Product]) -> tuple[int, int] | None:
    """The fewest pieces and then cuts, by trying every count: the outside judge of the search."""
    best = None
    ranges = [[Fraction(k, p.parts) for k in range(int(dose / p.strength.amount.base * p.parts) + 1)] for p in products]
    for counts in every(*ranges):
        if sum(n * p.strength.amount.base for n, p in zip(counts, products, strict=True)) == dose:
            cost = (sum(ceil(n) for n in counts), sum({1: 0, 2: 1, 4: 2}[n.denominator] for n in counts))
            best = cost if best is None else min(best, cost)
    return best


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 120).map(lambda n: Amount(Fraction(n, 2), "mg")),
    st.lists(st.builds(tablet, st.sampled_from([2, 5, 7, 10, 15, 20]), st.sampled_from([1, 2])), min_size=1, max_size=3,
             unique_by=lambda p: p.id),
)  # fmt: skip
def test_fewest_pieces_then_fewest_cuts(dose: Amount, products: list[Product]) -> None:
    best = by_brute_force(dose.base, products)
    result = measure(dose, products, [])
    if isinstance(result, NotMeasurable):
        assert best is None or best[0] > 40
        return
    assert best == (sum(ceil(t.count or 0) for t in result.takes), result.splits)


@settings(deadline=None)
@given(easy_amounts, st.lists(tablets, min_size=1, max_size=3))
def test_the_nearest_amounts_can_be_made(dose: Amount, products: list[Product]) -> None:
    result = measure(dose, products, [])
    if isinstance(result, NotMeasurable):
        for near in (result.below, result.above):
            if near is not None:
                assert isinstance(measure(near, products, []), Measure)


@settings(deadline=None)
@given(st.integers(1, 40), tablets)
def test_a_count_is_the_same_as_its_milligrams(count: int, tablet_: Product) -> None:
    counted = measure(Amount(count, "{tablet}"), [tablet_], [])
    assert isinstance(counted, Measure)
    again = measure(counted.given, [tablet_], [])
    assert isinstance(again, Measure)
    assert again.takes[0].count == count


@settings(deadline=None)
@given(amounts, bottles)
def test_milligrams_and_their_own_volume_agree(mg: Amount, bottle: Product) -> None:
    assert agree(mg, bottle.strength.volume_of(mg), bottle) is None


@settings(deadline=None)
@given(
    st.sampled_from([5, 10, 20]),
    st.sampled_from([(5, 5), (10, 5), (25, 5)]),
    st.sampled_from([(5, 5), (10, 5), (25, 5)]),
)
def test_a_volume_of_another_bottle_is_found(mg: int, right: tuple[int, int], wrong: tuple[int, int]) -> None:
    dose, bottle, other = Amount(mg, "mg"), liquid(*right), liquid(*wrong)
    found = agree(dose, bottle.strength.volume_of(dose), other, [bottle])
    if right == wrong:
        assert found is None
    else:
        assert found is not None
        assert found.fits == (bottle,)
        assert found.meant == other.strength.volume_of(dose).to("mL")


# -- planted faults ---------------------------------------------------------------------------------------------------

SOUND = measure(Amount(15, "mg"), [tablet(10, 2)], [])
DRAWN = measure(Amount("3.3", "mg"), [liquid(5, 5)], [known()["oral-5-by-0.2"]])
assert isinstance(SOUND, Measure)
assert isinstance(DRAWN, Measure)
UNSCORED = evolve(SOUND, takes=(evolve(SOUND.takes[0], product=tablet(10, 1)),))
BETWEEN = evolve(
    DRAWN,
    takes=(evolve(DRAWN.takes[0], volume=Amount("3.3", "mL")),),
    given=Amount("3.3", "mg"),
    error=Amount(0, "mg"),
    error_percent=Fraction(0),
    rule="exact-mark",
)
ABOVE = evolve(
    DRAWN,
    takes=(evolve(DRAWN.takes[0], volume=Amount("3.4", "mL")),),
    given=Amount("3.4", "mg"),
    error=Amount("-0.1", "mg"),
    error_percent=Fraction(-10, 33) * 10,
)
FAULTS = {
    "split against the label": UNSCORED,
    "between two marks": BETWEEN,
    "more than the dose": ABOVE,
    "rounded without saying so": evolve(DRAWN, rule="exact-mark"),
    "the takes do not sum to what is given": evolve(SOUND, given=Amount(10, "mg"), error=Amount(5, "mg")),
    "more than one fill": evolve(DRAWN, takes=(evolve(DRAWN.takes[0], fills=2),)),
}


@pytest.mark.parametrize("law", FAULTS)
def test_each_law_catches_its_fault(law: str) -> None:
    fault = FAULTS[law]
    assert law in broken(fault, fault.dose)


def test_a_greedy_choice_would_be_caught() -> None:
    """30 mg from 5, 15 and 20 mg: greedily 20 + 5 + 5, three pieces; two of 15 are fewest."""
    products = [tablet(5), tablet(15), tablet(20)]
    assert by_brute_force(Fraction(30), products) == (2, 0)
    result = measure(Amount(30, "mg"), products, [])
    assert isinstance(result, Measure)
    assert result.pieces == 2


def test_a_volume_error_of_strength_is_caught() -> None:
    """The same measure read with another bottle's strength no longer sums."""
    other = evolve(DRAWN.takes[0].product, strength=Strength(Amount(25, "mg"), Amount(5, "mL")))
    wrong = evolve(DRAWN, takes=(evolve(DRAWN.takes[0], product=other),))
    assert "the takes do not sum to what is given" in broken(wrong, wrong.dose)
