"""Turns a language's catalogue of whole phrases (TOML) into a checked table of phrases, numbers and concepts.

Knows no directions: :mod:`~posology.wording.saying` puts the phrases together. The plural rules, list words and decimal
signs stand in the catalogue, so that no locale data is loaded; a test compares them with Babel's.
"""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import define, field

from posology.amount import number_text
from posology.directions import UNITS_OF_TIME, Concept
from posology.errors import OptionError, Problem, RefusedError

_HERE = Path(__file__).parent
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt")
"""The languages that have a folder here."""
_VULGAR = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 4): "¾", Fraction(1, 3): "⅓", Fraction(2, 3): "⅔"}
_SNOMED = "http://snomed.info/sct"
_SITE_NAME = re.compile(r"^(?:entire|(?:skin )?structure of)(?: the)? | structure$")


@define(slots=True)
class TimeWords:
    """How one unit of time is said in each of its uses."""

    one: str
    other: str
    every_one: str
    every_other: str
    times: str
    rate: str
    in_one: str
    in_other: str


@define(slots=True)
class Catalogue:
    """The phrases of one language and form; ``phrase`` holds the plain ones with those of the form over them."""

    language: str
    below_two: bool
    """Whether "one" is used from 0 to just below 2 (French, Portuguese), not for 1 alone."""
    decimal: str
    and_: str
    and_before: tuple[str, str]
    """Another "and" before words that start with a sound: Spanish "e" before "i"."""
    or_: str
    own_words: frozenset[str]
    order: tuple[str, ...]
    phrase: dict[str, str]
    patient: dict[str, str]
    time: dict[str, TimeWords]
    when: dict[str, str]
    offset: dict[str, str]
    day: dict[str, str]
    month: list[str]
    unit: dict[str, list[str]]
    concept: dict[str, dict[str, Any]]
    form: str
    _numbers: dict[tuple[int, int], str] = field(factory=dict)

    def number(self, value: Fraction) -> str:
        """A number in this language: 7,5 in German; a third as 1/3."""
        key = (value.numerator, value.denominator)
        text = self._numbers.get(key)
        if text is None:
            text = number_text(value).replace(".", self.decimal)
            if len(self._numbers) < 10_000:
                self._numbers[key] = text
        return text

    def mixed(self, value: Fraction) -> str:
        """A number of things for people: 1½, where that fraction has a sign of its own."""
        whole, part = divmod(value, 1)
        if not part:
            return str(whole)
        sign = _VULGAR.get(part)
        return self.number(value) if sign is None else f"{whole or ''}{sign}"

    def is_one(self, value: Fraction) -> bool:
        """Whether the phrase for "one" is used."""
        return 0 <= value < 2 if self.below_two else value == 1

    def list(self, items: list[str], last: str | None = None) -> str:
        """Words joined by commas and "and"."""
        if len(items) == 1:
            return items[0]
        and_ = self.and_ if last is None else last
        if last is None and self.and_before[0] and items[-1][:1].lower() in self.and_before[0]:
            and_ = self.and_before[1]
        return ", ".join(items[:-1]) + and_ + items[-1]

    def say_concept(self, kind: str, concept: Concept) -> tuple[Any, bool]:
        """What a concept is called here, and whether it is a phrase of this catalogue (else its own words).

        Raises RefusedError where there is only a code that is not known: a bare code is never said.
        """
        words = concept.text or concept.display
        key = concept_key(kind, words, concept.code, concept.system)
        if key is not None and not (words and kind in self.own_words):
            return self.concept[kind][key], True
        if not words:
            raise RefusedError(Problem(f"There is only a code, and no words for it: {concept.code!r}.", kind))
        return strip_qualifier(words), False


def strip_qualifier(words: str) -> str:
    """The words of a terminology's name without its hints to machines.

    >>> strip_qualifier("Take - dosing instruction imperative (qualifier value)")
    'Take'
    """
    plain = words.removesuffix(" (qualifier value)").removesuffix(" (body structure)").removesuffix(" (finding)")
    return plain.removesuffix(" - dosing instruction imperative").strip()


@lru_cache(maxsize=1)
def _concepts() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    raw = tomllib.loads((_HERE / "concepts.toml").read_text("utf-8"))
    words = {kind: {w: key for key, held in table.items() for w in held} for kind, table in raw["words"].items()}
    return words, raw["codes"]


@lru_cache(maxsize=4096)
def concept_key(kind: str, words: str, code: str = "", system: str = "") -> str | None:
    """The key of a concept that every language has a phrase for: by its words first, else by its SNOMED CT code.

    >>> concept_key("route", "Orally"), concept_key("route", "", "26643006", "http://snomed.info/sct")
    ('oral', 'oral')
    >>> concept_key("site", "Entire left eye"), concept_key("site", "Right ear structure (body structure)")
    ('left-eye', 'right-ear')
    """
    by_words, by_code = _concepts()
    if words:
        plain = strip_qualifier(words).lower().strip(" .")
        found = by_words[kind].get(plain)
        if found is None and kind == "site":  # "Entire left eye", "Left eye structure": how SNOMED CT names body sites
            found = by_words[kind].get(_SITE_NAME.sub("", plain).strip())
        if found is not None:
            return found
    if code and (system == _SNOMED or not system):
        return by_code[kind].get(code)
    return None


@lru_cache(maxsize=32)
def catalogue(language: str, form: str = "plain") -> Catalogue:
    """The catalogue of a language in a form.

    >>> catalogue("de").number(Fraction(15, 2))
    '7,5'
    """
    if language not in LANGUAGES:
        raise OptionError(Problem(f"This language is not offered: {language!r}.", "", f"Use {', '.join(LANGUAGES)}."))
    raw = tomllib.loads((_HERE / language / "say.toml").read_text("utf-8"))
    phrase = raw["phrase"] | (raw["pharmacy"] if form == "pharmacy" else {})
    patient = raw["patient"] if form == "patient" else {}
    for key, name in (("per_period", "max_period"), ("per_dose", "max_dose"), ("per_life", "max_life")):
        if key in patient:
            phrase[name] = patient[key]
    phrase |= {k: v for k, v in patient.items() if k in phrase}
    return Catalogue(
        language=language,
        below_two=raw["plural"] == "below-2",
        decimal=raw["decimal"],
        and_=raw["and"],
        and_before=tuple(raw.get("and_before", ("", ""))),
        or_=raw["or"],
        own_words=frozenset(raw.get("own_words", ())),
        order=tuple(raw["order"]),
        phrase=phrase,
        patient=patient,
        time={u: TimeWords(**raw["time"][u]) for u in UNITS_OF_TIME},
        when=raw["when"],
        offset=raw["offset"],
        day=raw["day"],
        month=raw["month"]["names"],
        unit=raw["unit"],
        concept={k: raw[k] for k in ("route", "site", "method", "reason", "instruction")},
        form=form,
    )


@lru_cache(maxsize=1)
def unit_words() -> dict[str, str]:
    """Every word for a unit in every language here, in lower case; words that mean two units are left out."""
    found: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for code, forms in catalogue(language).unit.items():
            for word in forms[:2]:
                found.setdefault(word.lower(), set()).add(code)
        for code, time in catalogue(language).time.items():
            for pattern in (time.one, time.other):
                found.setdefault(pattern.replace("{n}", "").strip().lower(), set()).add(code)
    return {word: codes.pop() for word, codes in found.items() if len(codes) == 1}
