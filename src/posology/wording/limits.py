"""Turns the highest doses of a medicine into words: whom each is for, and how much it is.

Knows no page and no person: it says a rule and what it covers.
"""

from __future__ import annotations

from attrs import asdict

from posology.amount import Amount, number_text
from posology.medicine import Band, Caution, Covers, MaxPerDay, MaxPerDose, Medicine, Statement
from posology.vocabulary import Vocabulary

GROUPS = ("Adults", "Older people", "Children", "Weak kidneys", "Other illness", "With other medicines")
"""The groups of people that limits are told by, in their order."""


def for_adults(s: Statement) -> bool:
    """Whether a limit holds for adults as such, whatever it is taken for."""
    return s.covers == Covers(age=s.covers.age) and (s.covers.age is None or s.covers.age.holds(Amount(40, "a")))


def not_for_adults(medicine: Medicine) -> bool:
    """Whether a source bars adults as such: a medicine for babies has no dose for grown people."""
    return any(
        s.rule.action in ("avoid", "contraindicated") and s.covers.age is not None and for_adults(s)
        for s in medicine.rules(Caution)
        if isinstance(s.rule, Caution)
    )


def limit_text(s: Statement, medicine: Medicine) -> str:
    """A limit in words: "3600 mg in a day", "2 mg for each kg at one time".

    Where the products hold more than one ingredient, it names the one that is meant: "800 mg of the first one in a day".
    """
    rule = s.rule
    assert isinstance(rule, MaxPerDay | MaxPerDose)
    each = " for each kg of weight" if rule.per_kg else ""
    beside = {id for p in medicine.products for id in p.also}
    meant = rule.ingredient if isinstance(rule, MaxPerDay) else ""
    names = [i.name for i in medicine.ingredients if (i.id == meant if meant else beside and i.id not in beside)]
    of = f" of {' and '.join(names)}" if names else ""
    return f"{_thousands(rule.amount)}{of}{each} {'in a day' if isinstance(rule, MaxPerDay) else 'at one time'}"


def _thousands(amount: Amount) -> str:
    """An amount with a comma before its thousands, as labels print it: 3,600 mg."""
    whole = amount.value.denominator == 1 and amount.value >= 1000
    return f"{int(amount.value):,} {str(amount).rpartition(' ')[2]}" if whole else str(amount)


def band_text(band: Band) -> str:
    """A span of values in plain words, without its unit: "30 to 59", "15 or less", "under 12", "over 80"."""
    low = band.at_least if band.at_least is not None else band.above
    high = band.at_most if band.at_most is not None else band.below
    if low is not None and high is not None:
        start = number_text(low) if band.at_least is not None else f"over {number_text(low)}"
        end = f"to {number_text(high)}" if band.at_most is not None else f"to under {number_text(high)}"
        return f"{start} {end}"
    if high is not None:
        return f"{number_text(high)} or less" if band.at_most is not None else f"under {number_text(high)}"
    assert low is not None
    return f"{number_text(low)} or more" if band.at_least is not None else f"over {number_text(low)}"


def age_text(band: Band) -> str:
    """An age in years, or in months where it is a baby's."""
    ends = [x for x in (band.at_least, band.above, band.at_most, band.below) if x is not None]
    if all(x.denominator == 1 for x in ends):
        return f"age {band_text(band)}"
    months = {k: v * 12 if v is not None else None for k, v in asdict(band).items() if k != "unit"}
    return f"age {band_text(Band('mo', **months))} months"


def products_text(products: tuple[str, ...], medicine: Medicine) -> str:
    """Products by name, none left out; by their form where they are all that a country has of it: "tablets"."""
    words: list[str] = []
    for product in (medicine.product(id) for id in products):
        same = [p for p in medicine.products if (p.form, p.jurisdiction) == (product.form, product.jurisdiction)]
        whole = all(p.id in products for p in same)
        words.append(product.form + ("" if product.liquid else "s") if whole else product.name)
    return " or ".join(dict.fromkeys(words))


def whom(s: Statement, medicine: Medicine, terms: Vocabulary) -> tuple[str, str]:
    """The group of people a limit is for, and its words: ("Weak kidneys", "kidney function 30 to 59")."""
    c, words, group = s.covers, [], "Children" if not_for_adults(medicine) else "Adults"
    if c.indications:
        words.append(f"for {' or '.join(terms.name(i) for i in c.indications)}")
    if c.conditions:
        group = "Other illness"
        words.append(f"with {' or '.join(terms.name(i) for i in c.conditions)}")
    if c.medicines:
        group = "With other medicines"
        words.append(f"with {' or '.join(terms.name(i) for i in c.medicines)}")
    if c.products:
        words.append(products_text(c.products, medicine))
    if c.days_taken is not None:
        words.append(f"days taken {band_text(c.days_taken)}")
    if c.weight is not None:
        words.append(f"weight {band_text(c.weight)} kg")
    if c.age is not None and (c.kidney is None and c.dialysis is None):
        words.append(age_text(c.age))
        group = "Older people" if not c.age.holds(Amount(40, "a")) and c.age.holds(Amount(80, "a")) else group
        group = "Children" if not c.age.holds(Amount(40, "a")) and not c.age.holds(Amount(80, "a")) else group
    if c.kidney is not None:
        group = "Weak kidneys"
        words.append(f"kidney function {band_text(c.kidney)}")
    if c.dialysis is not None:
        group = "Weak kidneys"
        words.append("on dialysis" if c.dialysis else "not on dialysis")
    if c.setting:
        words.append(f"at {c.setting}" if c.setting == "home" else "in hospital")
    return group, ", ".join(words)
