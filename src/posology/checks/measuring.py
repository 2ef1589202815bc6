"""Turns how each dose is made up into findings: not measurable, split, rounded, another bottle, an unlisted product.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from posology.amount import UNITS, Amount, number_text
from posology.checks import Case, Finding, check
from posology.measure import Measure, NotMeasurable, agree
from posology.medicine import Product

_ASK = ("needs-syringe", "needs-larger-device")
_PARTS = {1: "1", 2: "half", 4: "quarters"}


@check("measuring", about="whether each dose can be measured, split and told apart from another bottle's")
def measuring(case: Case) -> Iterator[Finding]:
    """A dose that nothing at hand can make is a ``stop``; a missing or too small syringe is asked for.

    Where no product of the country is on file, what is in the house is asked for: the dose stands in mg.

    Rounding and splitting are said. A liquid's strength is always shown in both forms. A product the user
    described, which is on no list, warns.
    """
    shown: set[str] = set()
    measuring = tuple(s.id for s in case.medicine.about("measuring"))[:3]
    yield from _written_twice(case, measuring)
    for m in case.measures:
        if isinstance(m, NotMeasurable):
            if m.reason == "no-product" and m.dose.kind == "mass" and not _any_of_country(case):
                if "no product" not in shown:
                    shown.add("no product")
                    yield Finding("measuring", "ask", "no-product-on-file", {"dose": m.dose, "country": case.jurisdiction},
                                  measuring, "facts-are-asked-not-guessed")  # fmt: skip
                continue
            yield _refused(m, measuring)
            continue
        yield from _said(case, m, measuring, shown)


def _any_of_country(case: Case) -> bool:
    """Whether the file holds a product of the plan's country at all; where it does not, nobody could have chosen one."""
    return any(p.jurisdiction == case.jurisdiction for p in case.listed)


def _written_twice(case: Case, cites: tuple[str, ...]) -> Iterator[Finding]:
    """Milligrams and millilitres (or pieces) written together that do not belong to the product: both bottles are named."""
    for amount, mass in case.same:
        held = [p for p in case.products if p.strength.per.kind == amount.kind and p.strength.amount.kind == mass.kind]
        others = [p for p in case.listed if p.jurisdiction == case.jurisdiction]
        for product in held:
            if product.liquid:
                odd = agree(mass, amount, product, others)
                wrong, fits = odd is not None, odd.fits if odd else ()
            else:
                wrong = not product.strength.mass_of(amount).same_as(mass)
                fits = tuple(p for p in others if p.unit == product.unit and p.strength.mass_of(amount).same_as(mass))
            if wrong:
                facts = {"dose": mass, "volume": amount, "product": product.name, "other": tuple(p.name for p in fits)}
                key = "concentration-mix-up" if fits else "amounts-disagree"
                yield Finding("measuring", "stop", key, facts, cites, "amounts-written-together-must-agree")
                break


def _refused(m: NotMeasurable, cites: tuple[str, ...]) -> Finding:
    if m.dose.kind == "mass" and m.products and all(_thousand_apart(m.dose, p) for p in m.products):
        return Finding(
            "measuring", "stop", "another-mass-unit",
            {"dose": m.dose, "product": m.products[0].name, "unit": UNITS[m.products[0].strength.amount.unit].plural}, cites,
            "units-a-thousand-apart-are-asked-about",
        )  # fmt: skip
    facts: dict[str, object] = {"dose": m.dose, "reason": m.reason, "below": m.below, "above": m.above,
                                "products": tuple(p.name for p in m.products)}  # fmt: skip
    if m.reason in _ASK:
        facts["volume"] = m.facts.get("volume")
        facts["device"] = m.facts.get("device") or "syringe at hand"
        facts["would-do"] = tuple(d.name for d in m.devices)
        return Finding("measuring", "ask", m.reason, facts, cites, "one-fill-of-an-oral-syringe")
    return Finding("measuring", "stop", "not-measurable", facts, cites, "nothing-is-rounded-beyond-5-percent")


def _thousand_apart(dose: Amount, product: Product) -> bool:
    """Whether a dose that cannot be made is written in a smaller or larger unit of mass than the product's strength."""
    return product.strength.amount.kind == "mass" and product.strength.amount.unit != dose.unit


def _said(case: Case, m: Measure, cites: tuple[str, ...], shown: set[str]) -> Iterator[Finding]:
    if m.error:
        yield Finding(
            "measuring", "note", "rounded", {"dose": m.dose, "given": m.given, "error": m.error}, cites,
            "nearest-mark-not-above",
        )  # fmt: skip
    for take in m.takes:
        p = take.product
        if p.declared and p.id not in shown:
            shown.add(p.id)
            yield Finding(
                "measuring", "warn", "unlisted-product", {"product": p.name}, (), "unlisted-products-are-not-split"
            )
        if take.count is not None and take.count.denominator > 1 and f"split {p.id}" not in shown:
            shown.add(f"split {p.id}")
            parts = _PARTS.get(take.count.denominator, number_text(take.count))
            yield Finding(
                "measuring", "note", "split-needed", {"dose": m.dose, "parts": parts, "product": p.name}, (),
                "split-only-as-the-product-allows",
            )  # fmt: skip
        if p.liquid and f"strength {p.id}" not in shown:
            shown.add(f"strength {p.id}")
            yield Finding(
                "measuring", "note", "concentration-shown", {"product": p.name, "strength": p.strength}, cites,
                "strength-in-both-forms",
            )  # fmt: skip
