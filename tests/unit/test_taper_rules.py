"""What a medicine's sources say, as rates and limits: countries apart, the slower end where it is meant, never widened."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from attrs import evolve

from posology import library
from posology.errors import RefusedError
from posology.medicine import Taper
from posology.taper import rules
from posology.taper.form import read
from posology.taper.planner import plan
from posology.taper.problem import Limits, TaperProblem
from posology.taper.rules import Facts

BACLOFEN = library.medicine("baclofen")
KNOWN = Facts(Fraction(30), 20, frozenset(), frozenset(), False)


def problem(start: str = "20", medicine: str = "baclofen", **more: object) -> TaperProblem:
    return read({
        "products": "tablets 10, 20 mg, halves", "slots": ["morning", "noon", "evening"], "start": [start] * 3,
        "target": ["0", "0", "0"], "medicine": medicine, **more,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "keys"),
    [
        (KNOWN, set()),
        (evolve(KNOWN, days_taken=61), {"taken-long"}),
        (evolve(KNOWN, days_taken=60), set()),
        (evolve(KNOWN, per_day=Fraction(60)), {"high-dose"}),
        (evolve(KNOWN, per_day=Fraction(55)), set()),
        (evolve(KNOWN, conditions=frozenset({"epilepsy"})), {"condition"}),
        (evolve(KNOWN, earlier_withdrawal=True), {"earlier-withdrawal"}),
        (evolve(KNOWN, days_taken=None), {"days-taken-not-known"}),
        (
            evolve(KNOWN, earlier_withdrawal=None, conditions=None),
            {"earlier-withdrawal-not-known", "conditions-not-known"},
        ),
    ],
)
def test_why_the_slower_end_is_meant(facts: Facts, keys: set[str]) -> None:
    reasons, cited = rules.slower_reasons(BACLOFEN, facts)
    assert {k for k, _ in reasons} == keys
    assert bool(cited) == bool(keys)


def test_each_country_keeps_its_own_range() -> None:
    found = {(r.jurisdiction, r.days, r.slowest) for r in rules.rates(BACLOFEN, KNOWN) if r.applies}
    assert ("GB", 7, 14) in found
    assert ("US", None, None) in found


def test_without_a_reason_the_own_country_holds_and_with_one_the_slowest() -> None:
    assert rules.choose(BACLOFEN, KNOWN, "GB").rate.slowest == 14  # type: ignore[union-attr]
    long = rules.choose(BACLOFEN, evolve(KNOWN, days_taken=400), "GB")
    assert long.rate is not None
    assert long.rate.slowest == 21
    assert ("other-country", long.rate.jurisdiction) in long.reasons


def test_a_rule_for_others_is_never_chosen() -> None:
    high = evolve(KNOWN, per_day=Fraction(100), indications=frozenset())
    french = next(r for r in rules.rates(BACLOFEN, high) if r.jurisdiction == "FR")
    assert french.applies is False
    assert rules.choose(BACLOFEN, high, "FR").rate != french


def test_the_rate_becomes_a_plan_of_that_length() -> None:
    choice = rules.choose(BACLOFEN, evolve(KNOWN, days_taken=400), "GB")
    p = rules.apply_rate(problem(), choice, rules.step_days(BACLOFEN, "GB")[0])
    made = plan(p)
    assert made is not None
    assert made.total_days is not None
    assert made.total_days >= 21


def _choice(**rule: Any) -> rules.Choice:
    made = Taper(**rule)
    low, high = rules._days(made, Fraction(60))
    return rules.Choice(rules.Rate("x", "GB", True, made, True, low, high), False, ())


def test_an_amount_rule_is_kept_as_a_limit_too() -> None:
    from posology.amount import Amount

    p = rules.apply_rate(problem(), _choice(shape="amount-per-interval", amount=Amount(10, "mg"), every_days=7), 7)
    made = plan(p)
    assert made is not None
    assert [s.total for s in made.steps] == [50, 40, 30, 20, 10]
    assert p.limits.max_step_mg_per_day == 10


def test_a_percent_rule_asks_for_a_last_dose() -> None:
    choice = _choice(shape="percent-per-interval", percent=Fraction(25), every_days=14)
    with pytest.raises(RefusedError, match="never reaches zero"):
        rules.apply_rate(problem(), choice, 7)
    p = problem(limits={"may_stop_from_mg_per_day": "10"})
    made = plan(rules.apply_rate(p, choice, 7))
    assert made is not None
    assert made.steps[-1].total <= 10
    assert made.steps[0].days == 14


def test_a_banded_rule_slows_as_the_dose_falls() -> None:
    from posology.amount import Amount
    from posology.medicine import TaperBand

    bands = (TaperBand(Amount(20, "mg"), Amount(20, "mg"), 7), TaperBand(Amount(0, "mg"), Amount(5, "mg"), 14))
    made = plan(rules.apply_rate(problem(), _choice(shape="banded", bands=bands), 7))
    assert made is not None
    assert [(s.total, s.days) for s in made.steps] == [(40, 7), (20, 7), (15, 14), (10, 14), (5, 14)]


def test_the_maximum_of_the_country_is_a_limit_and_nothing_rises_above_it() -> None:
    up = read(
        {
            "products": "tablets 10 mg",
            "slots": 4,
            "start_mg_per_day": "0",
            "target_mg_per_day": "90",
            "limits": {"steps": 9},
        }
    )
    with pytest.raises(RefusedError, match="above the maximum of 80"):
        rules.bounded(up, BACLOFEN, "US", evolve(KNOWN, per_day=Fraction(0)))
    with pytest.raises(RefusedError, match="above the maximum of 75"):
        rules.bounded(evolve(up, target_mg_per_day=Fraction(80)), BACLOFEN, "DE", KNOWN)
    with pytest.raises(RefusedError, match="above the maximum of 80"):
        rules.bounded(up, BACLOFEN, None, KNOWN)
    held, cited = rules.bounded(evolve(up, target_mg_per_day=Fraction(80)), BACLOFEN, None, KNOWN)
    assert held.limits.max_mg_per_day == 80
    assert ("above-a-maximum", "de-max-per-day") in held.flags
    assert cited


def test_a_start_above_the_maximum_is_flagged_and_only_comes_down() -> None:
    p, _ = rules.bounded(
        problem("30", limits={"steps": 9, "step_days": 7}), BACLOFEN, "US", evolve(KNOWN, per_day=Fraction(90))
    )
    assert ("start-above-maximum", "80") in p.flags
    made = plan(p)
    assert made is not None
    assert all(s.total < 90 for s in made.steps)


def test_a_country_without_a_maximum_says_so() -> None:
    p, _ = rules.bounded(problem(), BACLOFEN, "FR", KNOWN)
    assert ("no-maximum", "FR") in p.flags


def test_pieces_are_narrowed_and_never_widened() -> None:
    p = read({"products": "tablets 5, 10 mg, quarters", "slots": ["day"], "start": ["20"], "target": ["0"],
              "medicine": "baclofen", "limits": {"steps": 4}})  # fmt: skip
    held = rules.narrowed(p, BACLOFEN, "GB")
    assert [s.pieces for s in held.products] == [(1,), (1, Fraction(1, 2))]
    assert {k for k, _ in held.flags} == {"pieces-left-out"}
    only = rules.narrowed(read({"products": "tablets 10 mg", "slots": ["day"], "start": ["20"], "target": ["0"],
                                "limits": {"steps": 2}}), BACLOFEN, "GB")  # fmt: skip
    assert only.products[0].pieces == (1,)


def test_a_published_schedule_keeps_its_halves_and_says_so() -> None:
    p = read({"products": "tablets 5 mg, halves", "slots": ["day"], "start": ["10"], "end": "stop", "medicine": "baclofen",
              "rule": {"kind": "fixed table"}, "steps": [{"days": 7, "mg": ["2.5"]}]})  # fmt: skip
    held = rules.narrowed(p, BACLOFEN, None)
    assert held.products[0].pieces == (1, Fraction(1, 2))
    assert held.products[0].unsupported == (Fraction(1, 2),)
    assert ("not-label-supported", "tablet-5 in pieces of 1/2") in held.flags
    assert plan(held) is not None


def test_the_labels_way_up() -> None:
    limits, cited = rules.titration(BACLOFEN, "US", KNOWN, 3)
    assert (limits.step_days, limits.max_step_mg_per_day) == (3, 15)
    assert cited == ("us-titration",)
    p = read({"products": "tablets 10, 20 mg, halves", "slots": ["morning", "noon", "evening"], "start": ["0", "0", "0"],
              "target": ["20", "20", "20"], "limits": {"steps": 99}})  # fmt: skip
    made = plan(evolve(p, limits=Limits(step_days=3, max_step_mg_per_day=Fraction(15))))
    assert made is not None
    assert [s.mg for s in made.steps] == [(5, 5, 5), (10, 10, 10), (15, 15, 15), (20, 20, 20)]


def test_only_products_of_the_file_are_offered() -> None:
    offered = rules.offered(BACLOFEN, "GB", problem(), [(Fraction(5), Fraction("0.2"))])
    assert offered
    assert all(any(p.id == s.id and p.jurisdiction == "GB" for p in BACLOFEN.products) for s in offered)
