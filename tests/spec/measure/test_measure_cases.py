"""Doses and what is at hand, as data: what is taken, or why it cannot be measured."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from posology.errors import UnreadableError
from posology.measure import Device, Measure, NotMeasurable, agree, measure
from posology.medicine import Product
from tests.measuring import amount, devices, liquid, tablet

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))["case"]
DEVICES = devices()


def product(text: str) -> Product:
    if bottle := re.fullmatch(r"([\d.]+)mg/([\d.]+)mL(?: with (\S+))?", text):
        return liquid(bottle[1], bottle[2], device=bottle[3] or "")
    strength, _, form = text.partition(" ")
    mg, _, parts = strength.partition("/")
    return tablet(mg, int(parts or 1), f"{{{form or 'tablet'}}}")  # type: ignore[arg-type]


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """What the program says, in the words of the case file."""
    result = measure(
        amount(case["dose"]),
        [product(p) for p in case["products"]],
        [DEVICES[d] for d in case.get("devices", [])],
        [DEVICES[d] for d in case.get("usual", [])],
    )
    if isinstance(result, NotMeasurable):
        said: dict[str, Any] = {"not": result.reason, "would_do": [d.id for d in result.devices]}
        said |= {
            name: f"{a.value} {a.unit}"
            for name, a in (("below", result.below), ("above", result.above))
            if a is not None
        }
        return said
    takes = [
        f"{t.count} x {t.product.strength.amount.number}"
        if t.volume is None
        else f"{t.volume} @ {t.device and t.device.id}"
        for t in result.takes
    ]
    return {"take": sorted(takes), "rule": result.rule, "given": str(result.given), "splits": result.splits}


def differences(case: dict[str, Any]) -> list[str]:
    said = outcome(case)
    wrong = []
    if ("not" in case) != ("not" in said):
        return [f"{case['name']}: {said}"]
    for key in ("not", "take", "rule", "given", "splits", "would_do", "below", "above"):
        if key in case:
            wanted = sorted(case[key]) if key == "take" else case[key]
            if key in ("below", "above"):
                wanted = f"{amount(wanted).value} {amount(wanted).unit}"
            if said.get(key) != wanted:
                wrong.append(f"{case['name']}: {key} is {said.get(key)}, wanted {wanted}")
    return wrong


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert differences(case) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"take": ["3 x 5"]},
        {"take": ["4 x 5"], "rule": "combination"},
        {"not": "cannot-split"},
    ],
)
def test_the_runner_can_fail(fault: dict[str, Any]) -> None:
    assert differences({"name": "planted", "dose": "20 mg", "products": ["5"], **fault})


def test_every_reason_has_a_case() -> None:
    from typing import get_args

    from posology.measure import Reason

    assert {c["not"] for c in CASES if "not" in c} == set(get_args(Reason))


def test_result_is_one_of_two_kinds() -> None:
    assert isinstance(measure(amount("5 mg"), [tablet(5)], []), Measure)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "spoon"}, "not used"),
        ({"capacity": amount("5 mg")}, "not a volume"),
        ({"mark": amount("0 mL")}, "above zero"),
        ({"mark": amount("0.3 mL")}, "do not end"),
        ({"first_mark": amount("11 mL")}, "do not end"),
    ],
)
def test_devices_that_cannot_be_are_refused(change: dict[str, Any], words: str) -> None:
    sound = {"id": "x", "name": "x", "kind": "oral-syringe", "capacity": amount("10 mL"), "mark": amount("0.5 mL")}
    with pytest.raises(UnreadableError, match=words):
        Device(**{**sound, **change})


def test_a_first_mark_of_its_own() -> None:
    device = Device("x", "x", "oral-syringe", amount("10 mL"), amount("0.5 mL"), amount("1 mL"))
    assert device.below(amount("0.9 mL")) is None
    assert device.above(amount("0.2 mL")) == amount("1 mL")
    assert device.above(amount("10 mL")) is None


@pytest.mark.parametrize("dose", ["0 mg", "0 mL"])
def test_no_dose_is_no_measure(dose: str) -> None:
    with pytest.raises(UnreadableError, match="zero or less"):
        measure(amount(dose), [tablet(5)], [])


def test_milligrams_and_millilitres_of_a_tablet_do_not_compare() -> None:
    with pytest.raises(TypeError):
        agree(amount("5 mg"), amount("5 mL"), tablet(5))


@pytest.mark.parametrize(
    ("mg", "ml", "fine"),
    [("8.3 mg", "1.7 mL", True), ("8.3 mg", "1.66 mL", True), ("8.3 mg", "1.6 mL", False), ("8.3 mg", "2 mL", False),
     ("5 mg", "5 mL", False), ("5 mg", "1 mL", True)],
)  # fmt: skip
def test_a_written_rounding_agrees_and_nothing_else(mg: str, ml: str, fine: bool) -> None:
    assert (agree(amount(mg), amount(ml), liquid(25, 5)) is None) == fine
