"""Medicine files become values, or every error at once with its path."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction

import pytest

from posology import library
from posology.amount import Amount, Strength
from posology.errors import UnreadableError

GOOD = """
id = "examplone"
names = ["examplone", "Examplo"]
[ingredient.examplone]
name = "examplone"
[source.label-2026]
publisher = "Example Agency"
title = "Examplone tablets"
date = "2026-03-01"
jurisdiction = "US"
[product.tablet-5mg]
name = "Examplone 5 mg tablets"
form = "tablet"
parts = 2
jurisdiction = "US"
source = "label-2026"
verified = true
strength = { value = 5, unit = "mg", per = { value = 1, unit = "{tablet}" } }
[statement.max]
subject = "dose"
source = "label-2026"
section = "34068-7"
text = "No more than 60 mg in a day."
verified = true
rule = { kind = "max-per-day", amount = "60 mg" }
"""


def parse(text: str) -> object:
    return library.medicine_from(tomllib.loads(text, parse_float=Decimal))


def test_a_medicine_is_a_data_file() -> None:
    m = library.medicine_from(tomllib.loads(GOOD, parse_float=Decimal))
    assert m.product("tablet-5mg").strength == Strength(Amount(5, "mg"), Amount(1, "{tablet}"))
    assert m.statement("max").rule.amount == Amount(60, "mg")  # type: ignore[union-attr]
    assert m.of(m.statement("max")) == "US"


def test_every_error_of_a_file_comes_at_once_with_its_path() -> None:
    bad = (
        GOOD.replace('unit = "mg", per', 'unit = "mgs", per')
        .replace("verified = true\nrule", 'verified = "yes"\nrule')
        .replace('subject = "dose"', 'subject = "dosing"')
        .replace('kind = "max-per-day"', 'kind = "max-a-day"')
        .replace('title = "Examplone tablets"', 'titel = "Examplone tablets"')
    )
    with pytest.raises(UnreadableError) as caught:
        parse(bad)
    text = str(caught.value)
    for part in (
        "product.tablet-5mg.strength",
        "mgs",
        "statement.max.verified",
        "statement.max.rule",
        "source.label-2026.titel",
        "Did you mean title?",
    ):
        assert part in text, text


def test_a_statement_without_a_source_is_refused() -> None:
    with pytest.raises(UnreadableError, match="cites a source that is not in this file"):
        parse(GOOD.replace('source = "label-2026"\nsection', 'source = "somebody"\nsection'))


def test_a_source_nothing_uses_is_an_error() -> None:
    with pytest.raises(UnreadableError, match="No statement uses this source"):
        parse(GOOD + '[source.x]\npublisher="p"\ntitle="t"\njurisdiction="US"\n')


def test_decimals_stay_exact() -> None:
    m = library.medicine_from(
        tomllib.loads(GOOD.replace("{ value = 5, unit", "{ value = 0.1, unit"), parse_float=Decimal)
    )
    assert m.product("tablet-5mg").strength.amount.value == Fraction(1, 10)


def test_an_unknown_medicine_offers_the_nearest_names(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "examplone").mkdir()
    (tmp_path / "examplone" / "medicine.toml").write_text(GOOD)
    monkeypatch.setenv(library.SETTING, str(tmp_path))
    library.names.cache_clear()
    library.medicine.cache_clear()
    try:
        assert library.medicine("EXAMPLO").id == "examplone"
        with pytest.raises(UnreadableError, match="Did you mean: examplone"):
            library.medicine("examplon")
    finally:
        library.names.cache_clear()
        library.medicine.cache_clear()


def test_countries_have_an_emergency_number_with_a_source() -> None:
    for c in library.countries().values():
        assert c.emergency
        assert c.source
    assert library.country("UK").id == "GB"


def test_an_age_in_another_unit_than_years_is_refused_in_the_file() -> None:
    """It would be read well and fail in the middle of a plan."""
    bad = GOOD.replace("verified = true\nrule", 'verified = true\ncovers = { age = { unit = "d", below = 35 } }\nrule')
    with pytest.raises(UnreadableError, match="An age is written in years"):
        parse(bad)
