"""Every language has every phrase; its plural rule, decimal sign, list words and month names agree with Babel's."""

from __future__ import annotations

import re
import string
import tomllib
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal

from posology.amount import UNITS
from posology.directions import UNITS_OF_TIME, WHENS
from posology.errors import OptionError
from posology.wording.catalogue import LANGUAGES, catalogue, concept_key, unit_words

OTHERS = [x for x in LANGUAGES if x != "en"]
LOCALES = {"en": "en_GB", "pt": "pt"}
ENGLISH = re.compile(
    r"\b(every|times|take|daily|during|required|needed|once|twice|up to|days?|weeks?|hours?|months?|then|until|morning|evening)\b"
)
OPTIONAL = {"and_before", "own_words"}


def raw(language: str) -> dict[str, Any]:
    return tomllib.loads(files("posology.wording").joinpath(language, "say.toml").read_text("utf-8"))


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    if isinstance(value, dict):
        return {k: v for key, inner in value.items() for k, v in leaves(inner, f"{path}.{key}").items()}
    return {path: value}


def shape(language: str) -> set[str]:
    def asked(key: str) -> bool:
        """What the patient hears differently is each language's own affair, but for these three."""
        return not key.startswith(".patient.") or key.endswith((".default_verb", ".no_dose", ".clock"))

    return {k for k in leaves(raw(language)) if asked(k) and k.strip(".") not in OPTIONAL}


@pytest.mark.parametrize("language", OTHERS)
def test_every_key_of_english_is_there_and_no_other(language: str) -> None:
    assert shape(language) == shape("en")


def test_a_missing_key_would_be_found() -> None:
    assert shape("en") - {".phrase.for"} != shape("de")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_of_a_dose_has_words(language: str) -> None:
    measured = ("time", "calendar months", "calendar years", "clearance", "clearance per body surface")
    needed = {
        c for c, u in UNITS.items() if c != "1" and u.kind not in measured and not c.endswith(("/kg", "/m2", "/h"))
    }
    assert needed - set(catalogue(language).unit) == set()
    assert set(catalogue(language).time) == set(UNITS_OF_TIME)
    assert set(catalogue(language).when) == set(WHENS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_patient_hears_differently_is_a_phrase(language: str) -> None:
    own = set(raw(language)["patient"]) - {"default_verb", "no_dose", "clock", "per_period", "per_dose", "per_life"}
    routes = {k for k in own if k.startswith("route_")}
    assert own - routes <= set(raw(language)["phrase"])
    assert {k.removeprefix("route_") for k in routes} <= set(raw(language)["route"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_phrases_have_the_same_places_to_fill(language: str) -> None:
    def places(text: Any) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name} if isinstance(text, str) else set()

    english, here = leaves(raw("en")), leaves(raw(language))
    wrong = [k for k in shape("en") if places(english[k]) != places(here.get(k, ""))]
    assert wrong == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_stands_in_another_language(language: str) -> None:
    shared = {"nl": {"week"}}.get(language, set())  # words that both languages have

    def english(text: str) -> set[str]:
        return set(ENGLISH.findall(re.sub(r"\{\w+\}", "", text.lower()))) - shared

    found = [f"{k}: {v}" for k, v in leaves(raw(language)).items() for t in (v if isinstance(v, list) else [v])
             if isinstance(t, str) and not k.endswith((".order", ".language", ".plural")) and english(t)]  # fmt: skip
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_plural_rule_is_babels(language: str) -> None:
    rule = Locale.parse(LOCALES.get(language, language)).plural_form
    for text in [str(n) for n in range(1, 300)] + ["0.5", "1.5", "0.25", "2.5", "1.25", "10.5"]:
        assert catalogue(language).is_one(Fraction(text)) == (rule(Decimal(text)) == "one"), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_decimals_are_babels(language: str) -> None:
    for text in ("7.5", "0.25", "12", "0.001"):
        expected = format_decimal(Decimal(text), locale=LOCALES.get(language, language), decimal_quantization=False)
        assert catalogue(language).number(Fraction(text)) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_are_babels(language: str) -> None:
    for items in (["A"], ["A", "B"], ["A", "B", "C"]):
        assert catalogue(language).list(items) == format_list(items, locale=LOCALES.get(language, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_are_babels(language: str) -> None:
    names = Locale.parse(LOCALES.get(language, language)).months["format"]["wide"]
    assert [m.lower() for m in catalogue(language).month] == [names[i].lower() for i in range(1, 13)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_weekdays_are_babels(language: str) -> None:
    names = Locale.parse(LOCALES.get(language, language)).days["format"]["wide"]
    for i, key in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun")):
        assert names[i].lower()[:5] in catalogue(language).day[key].lower()


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_concepts_or_moments_never_share_a_phrase(language: str) -> None:
    c = catalogue(language)
    for table in (c.when, c.offset, c.day, c.concept["route"], c.concept["site"], c.concept["instruction"]):
        assert len(set(table.values())) == len(table)
    names = [tuple(v[:2]) for v in c.unit.values()]
    assert len(set(names)) == len(names)


def test_spanish_and_turns_to_e_before_i() -> None:
    assert catalogue("es").list(["dolor", "inflamación"]) == "dolor e inflamación"


def test_every_concept_that_words_name_has_a_phrase() -> None:
    held = tomllib.loads(files("posology.wording").joinpath("concepts.toml").read_text("utf-8"))
    for group in ("words", "codes"):
        for kind, table in held[group].items():
            keys = set(table) if group == "words" else set(table.values())
            assert keys - set(catalogue("en").concept[kind]) == set(), (group, kind)
    for kind, table in held["words"].items():
        listed = [w for ws in table.values() for w in ws]
        assert len(set(listed)) == len(listed), kind
        assert all(concept_key(kind, w.upper()) == key for key, ws in table.items() for w in ws)


def test_words_name_units_of_all_languages() -> None:
    words = unit_words()
    assert (words["tropfen"], words["comprimés"], words["stück"], words["gocce"]) == (
        "{drop}",
        "{tablet}",
        "{piece}",
        "{drop}",
    )


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(OptionError, match="xx"):
        catalogue("xx")


def test_english_loads_no_locale_data() -> None:
    import subprocess
    import sys

    code = "import sys; from posology.wording import say; from posology.directions import *; say(Directions(Dose(Amount(1,'mg')))); print('babel' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )
