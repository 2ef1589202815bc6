"""Turns the data types of FHIR JSON (decimal, Quantity, Range, Ratio, CodeableConcept, Period) into values and back.

Knows no resource: :mod:`~posology.fhir.dosage` and :mod:`~posology.fhir.request` say where a data type stands.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence, Set
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Any

from posology.amount import UNITS, Amount, Range, to_decimal
from posology.directions import Concept, Dose, Rate
from posology.errors import PosologyError, Problem, RefusedError, UnreadableError
from posology.fhir.units import UCUM, by_code, by_words, quantity_unit

Json = dict[str, Any]
_MOST_DIGITS, _MOST_EXPONENT = 18, 12
_DATE = re.compile(
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


_SPOON = re.compile(r"(\d+(?:\.\d+)?)\s*m[lL] spoon(?:ful)?s?", re.ASCII)
_CODING = frozenset(("system", "version", "code", "display", "userSelected"))
_CONCEPT = frozenset(("coding", "text"))
_QUANTITY = frozenset(("value", "unit", "code", "system", "comparator"))
RANGE = frozenset(("low", "high"))
_RATIO = frozenset(("numerator", "denominator"))


class Reader:
    """Collects every problem of one document, and what was read and is kept nowhere (``notes``)."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.refused = False
        self.notes: list[Problem] = []

    def wrong(self, where: str, what: str, todo: str = "", text: object = "") -> None:
        """A value cannot be read."""
        self.problems.append(Problem(what, where, todo, str(text)))

    def refuse(self, where: str, what: str, todo: str = "", text: object = "") -> None:
        """A value was read and must not be acted on."""
        self.refused = True
        self.wrong(where, what, todo, text)

    def note(self, where: str, what: str) -> None:
        """Something without a meaning for the dose was passed over."""
        self.notes.append(Problem(what, where))

    def take(self, error: PosologyError, where: str, names: Mapping[str, str] | None = None) -> None:
        """Keep the problems of a value that could not be made, with their paths."""
        for p in error.problems:
            inner = (names or {}).get(p.where, p.where)
            self.wrong(f"{where}.{inner}" if inner else where, p.what, p.todo, p.text)

    def end(self) -> None:
        """Raise all problems at once, if there are any."""
        if self.problems:
            raise (RefusedError if self.refused else UnreadableError)(*self.problems)

    def fields(self, obj: Any, where: str, known: Set[str]) -> Json | None:
        """An object whose fields are all known; others are named. Extensions are refused, or noted where harmless."""
        if type(obj) is dict and obj.keys() <= known and not any(v is None or v == [] or v == {} for v in obj.values()):
            return obj  # the usual case: nothing to say
        if not isinstance(obj, Mapping):
            self.wrong(where, "An object was expected here.", "", type(obj).__name__)
            return None
        for key, value in obj.items():
            if key == "modifierExtension":
                if value:
                    urls = ", ".join(_urls(value))
                    self.refuse(f"{where}.{key}", f"An extension that changes the meaning is not known: {urls}.")
            elif key == "extension":
                if value:
                    for url in _urls(value):
                        self.note(f"{where}.extension", f"This extension is not read: {url}.")
            elif key == "id":
                self.note(f"{where}.id", "The address of an element inside its document is not kept.")
            elif key.startswith("_"):
                self._primitive_extension(obj, key, where)
            elif key not in known:
                self.wrong(f"{where}.{key}", "This field is not known here.", "Check its name.")
            elif value is None or value == [] or value == {}:
                self.wrong(f"{where}.{key}", "This field is there and empty.", "Give it a value, or leave it out.")
        return {k: v for k, v in obj.items() if k in known}

    def _primitive_extension(self, obj: Mapping[str, Any], key: str, where: str) -> None:
        value = obj[key]
        if key[1:] not in obj or _ABSENT in str(value):
            self.refuse(f"{where}.{key}", f"An extension stands in place of the value of {key[1:]}.", "Give the value.")
            return
        for url in _urls(value):
            self.note(f"{where}.{key}", f"This extension is not read: {url}.")

    def text(self, obj: Json, key: str, where: str) -> str:
        """A piece of text, "" where there is none."""
        if key not in obj or obj[key] is None:
            return ""
        if not isinstance(obj[key], str) or not obj[key].strip():
            self.wrong(f"{where}.{key}", "Text was expected here.", "", obj[key])
            return ""
        return str(obj[key])

    def items(self, obj: Json, key: str, where: str) -> list[Any]:
        """A list, [] where there is none."""
        got = obj.get(key)
        if got is None:
            return []
        if not isinstance(got, list):
            self.wrong(f"{where}.{key}", "A list was expected here.", "", got)
            return []
        return got

    def number(self, value: Any, where: str) -> Decimal | None:
        """A JSON number, exactly as written; booleans, text and numbers beyond all use are not numbers."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
            self.wrong(where, "A number was expected here.", "", value)
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self.wrong(where, "This is not a number.", "", value)
            return None
        try:
            number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
        except InvalidOperation:  # pragma: no cover - Decimal of an int or Decimal does not fail
            number = Decimal("NaN")
        if not number.is_finite():
            self.wrong(where, "This is not a number.", "", value)
            return None
        _, digits, exponent = number.as_tuple()
        if len(digits) > _MOST_DIGITS or abs(int(exponent)) > _MOST_EXPONENT:
            self.wrong(where, "This number is too long or too large to be meant.", "Check it.", str(value)[:40])
            return None
        return number

    def whole(self, obj: Json, key: str, where: str) -> int | None:
        """A whole number, None where there is none."""
        if key not in obj:
            return None
        number = self.number(obj[key], f"{where}.{key}")
        if number is None:
            return None
        if number != number.to_integral_value():
            self.wrong(f"{where}.{key}", "A whole number was expected here.", "", obj[key])
            return None
        return int(number)

    def date(self, obj: Json, key: str, where: str) -> str | None:
        """A FHIR date or dateTime, as written."""
        value = self.text(obj, key, where)
        if value and not _DATE.fullmatch(value):
            self.wrong(f"{where}.{key}", "This is not a date of FHIR.", "Write it like 2026-11-24.", value)
            return None
        try:
            if len(value) >= 10:
                dt.date.fromisoformat(value[:10])
        except ValueError:
            self.wrong(f"{where}.{key}", "This day is not in the calendar.", "Check it.", value)
            return None
        return value or None

    def concept(self, obj: Any, where: str) -> Concept | None:
        """A CodeableConcept: its text and one coding (the first that people can read); others are noted."""
        got = self.fields(obj, where, _CONCEPT)
        if got is None:
            return None
        text = self.text(got, "text", where)
        codings: list[Json] = []
        for i, raw in enumerate(self.items(got, "coding", where)):
            c = self.fields(
                {k: v for k, v in raw.items() if not (k == "display" and v is None)}
                if isinstance(raw, Mapping)
                else raw,
                f"{where}.coding[{i}]",
                _CODING,
            )
            if c is not None:
                for extra in ("version", "userSelected"):
                    if extra in c:
                        self.note(f"{where}.coding[{i}].{extra}", "It is not kept.")
                codings.append(c)
        best = next((c for c in codings if c.get("display")), codings[0] if codings else {})
        for i, c in enumerate(codings):
            if c is not best:
                self.note(f"{where}.coding[{i}]", "A further code for the same idea is not kept.")
        parts = {k: self.text(best, k, where) for k in ("system", "code", "display")}
        try:
            return Concept(text=text, **parts)
        except UnreadableError as error:
            self.take(error, where)
            return None

    def unit(self, q: Json, where: str) -> str | None:
        """The unit of a Quantity; ``1`` where none is given; two readings are refused with both."""
        words, code, system = (self.text(q, k, where) for k in ("unit", "code", "system"))
        if not words and not code:
            return "1"
        got, both = _unit(words, code, system)
        if both is not None:
            self.refuse(
                where, f"The unit has two readings: {words!r} ({got}) and the code {code!r} ({both}).", "Ask.", words
            )
            return None
        if got is None:
            self.wrong(where, f"This unit is not known: {words or code!r}.", "Use a UCUM code.", words or code)
        return got

    def quantity(self, obj: Any, where: str, comparators: Sequence[str] = ()) -> tuple[Amount, str] | None:
        """A Quantity and its comparator ("" where none); a comparator not asked for is refused."""
        got = self.fields(obj, where, _QUANTITY)
        if got is None:
            return None
        spoon = _SPOON.fullmatch(str(got.get("unit", ""))) if "unit" in got else None
        if spoon and "value" in got:  # two 5 mL spoonfuls are 10 mL
            number = self.number(got["value"], f"{where}.value")
            return None if number is None else (Amount(Fraction(number) * Fraction(spoon[1]), "mL"), "")
        comparator = self.text(got, "comparator", where)
        if comparator and comparator not in comparators:
            self.refuse(f"{where}.comparator", f"An amount that is only compared ({comparator}) is no amount.")
        unit = self.unit(got, where)
        if "value" not in got:
            self.wrong(f"{where}.value", "The number is missing.", "Give it; none is assumed.")
            return None
        number = self.number(got["value"], f"{where}.value")
        if number is None or unit is None:
            return None
        words = got.get("unit")
        return Amount(number, unit, f"{number} {words}" if isinstance(words, str) else str(number)), comparator

    def amount(self, obj: Any, where: str) -> Amount | None:
        """A Quantity without a comparator."""
        got = self.quantity(obj, where)
        return None if got is None else got[0]

    def range(self, obj: Any, where: str) -> Range | None:
        """A Range of two SimpleQuantities; an end without a unit takes the other's, as FHIR's Range means one unit."""
        got = self.fields(obj, where, RANGE)
        if got is None:
            return None
        low = self.amount(got["low"], f"{where}.low") if "low" in got else None
        high = self.amount(got["high"], f"{where}.high") if "high" in got else None
        if not got:
            self.wrong(where, "A range without its ends says nothing.")
        if low is None and high is None:
            return None
        if low is not None and high is not None:
            if (low.unit == "1") != (high.unit == "1"):
                self.refuse(where, "Only one end of the range has a unit.", "Give the unit of both.")
                return None
        elif len(got) == 2:
            return None  # one end was wrong, and was named: half a range is not what was written
        try:
            return Range(low, high)
        except UnreadableError as error:
            self.take(error, where)
            return None

    def ratio(self, obj: Any, where: str) -> tuple[Amount, Amount] | None:
        """A Ratio; both of its parts must be there."""
        got = self.fields(obj, where, _RATIO)
        if got is None:
            return None
        held: list[Amount] = []
        for key in ("numerator", "denominator"):
            if key not in got:
                self.wrong(f"{where}.{key}", "This part of the ratio is missing.")
                continue
            part = self.amount(got[key], f"{where}.{key}")
            if part is not None:
                if part.value <= 0:
                    self.wrong(f"{where}.{key}", "This part of the ratio must be above zero.", "", part.value)
                else:
                    held.append(part)
        return (held[0], held[1]) if len(held) == 2 else None

    def rate_unit(self, q: Any, where: str) -> tuple[Json, Amount | None] | None:
        """A rate's Quantity with the time (or volume) taken off its unit: 5 mL/h is 5 mL for each hour."""
        if not isinstance(q, Mapping):
            self.wrong(where, "An object was expected here.", "", type(q).__name__)
            return None
        words, code = q.get("unit"), q.get("code")
        heads: list[str] = []
        pers: list[str] = []
        for key, value in (("code", code), ("unit", words)):
            if not isinstance(value, str) or (key == "code" and "unitsofmeasure" not in str(q.get("system", UCUM))):
                continue
            head, per = split_rate(value)
            if per is not None:
                heads.append(head)
                pers.append(per)
        if not heads:
            return dict(q), None
        found = {by_code(h, UCUM) or by_words(h) or h for h in heads}
        if len(found) > 1 or len(set(pers)) > 1:
            self.refuse(where, f"The unit of the rate has two readings: {words!r} and {code!r}.", "Ask.", words)
            return None
        rest: Json = {k: v for k, v in q.items() if k not in ("unit", "code", "system")}
        return rest | {"unit": heads[-1]}, Amount(1, pers[0])


def _urls(value: Any) -> list[str]:
    held = value if isinstance(value, list) else [value]
    out: list[str] = []
    for one in held:
        if isinstance(one, Mapping) and "url" not in one and "extension" in one:
            out += _urls(one["extension"])
        elif one is not None:
            out.append(str(one.get("url", "no url")) if isinstance(one, Mapping) else "not an extension")
    return out


@lru_cache(maxsize=4096)
def _unit(words: str, code: str, system: str) -> tuple[str | None, str | None]:
    """The unit that is meant, and the other one where code and words differ."""
    coded = by_code(code, system) if code else None
    named = (by_code(words, UCUM) or by_words(words)) if words else None
    if coded == "1" and named is not None:
        return named, None
    if coded and named and coded != named and not _same(coded, named):
        return named, coded
    return coded or named, None


_ONE_THING = (
    {"{pump}", "{actuation}"}, {"{puff}", "{actuation}"}, {"{puff}", "{inhalation}"}, {"{each}", "{piece}"},
    {"{spray}", "{actuation}"},
)  # fmt: skip


def _same(one: str, other: str) -> bool:
    """Pairs of words that name one thing in practice: a puff is an actuation."""
    return {one, other} in _ONE_THING


def split_rate(unit: str) -> tuple[str, str | None]:
    """The amount and the time of a rate's unit; None where it holds no time.

    >>> split_rate("mL/h"), split_rate("ug/kg/min"), split_rate("units per hour"), split_rate("mg/kg")
    (('mL', 'h'), ('ug/kg', 'min'), ('units', 'h'), ('mg/kg', None))
    """
    plain = re.sub(r"\s+(?:per|an|a|each)\s+", "/", unit.strip())
    head, slash, last = plain.rpartition("/")
    if not slash:
        return unit, None
    per = by_code(last, UCUM) or by_words(last)
    if per is None or UNITS[per].kind not in ("time", "volume", "calendar months", "calendar years") or not head:
        return unit, None
    return head, per


def write_number(value: Fraction, lexeme: str, where: str = "") -> Decimal | int:
    """A FHIR decimal: the lexeme where it says the same value (20.0 stays 20.0), else the exact decimal.

    >>> write_number(Fraction(20), "20.0"), write_number(Fraction(20), "twenty"), write_number(Fraction(5, 2), "")
    (Decimal('20.0'), 20, Decimal('2.5'))
    """
    if lexeme:
        try:
            kept = Decimal(lexeme)
            if kept.is_finite() and Fraction(kept) == value:
                return kept if kept.as_tuple().exponent != 0 else int(kept)
        except InvalidOperation:
            pass  # read from words, not from a number
    try:
        number = to_decimal(value)
    except UnreadableError:
        raise RefusedError(
            Problem(f"{value} has no exact decimal, and FHIR has no fractions.", where, "Give the dose another way.")
        ) from None
    return int(number) if number == number.to_integral_value() else number


def write_amount(amount: Amount, where: str = "") -> Json:
    """A SimpleQuantity; number and unit as they were read, where they still say the same."""
    lexeme, _, words = amount.text.partition(" ")
    out = {"value": write_number(amount.value, lexeme, where)} | quantity_unit(amount.unit)
    if words and "unit" in out and (by_code(words, UCUM) or by_words(words)) == amount.unit:
        out["unit"] = words
    return out


def write_range(held: Range, where: str = "") -> Json:
    """A Range."""
    ends = {"low": held.low, "high": held.high}
    return {k: write_amount(a, f"{where}.{k}") for k, a in ends.items() if a is not None}


def write_concept(concept: Concept) -> Json:
    """A CodeableConcept."""
    coding = {k: v for k in ("system", "code", "display") if (v := getattr(concept, k))}
    return ({"coding": [coding]} if coding else {}) | ({"text": concept.text} if concept.text else {})


def write_dose(dose: Dose) -> Json:
    """The dose[x] of a doseAndRate; an end that is left out is written as a comparator."""
    if isinstance(dose.amount, Amount):
        return {"doseQuantity": write_amount(dose.amount, "doseQuantity")}
    if dose.strict:
        end = dose.amount.high or dose.amount.low
        assert end is not None  # a range has an end
        held = write_amount(end, "doseQuantity")
        return {"doseQuantity": {"value": held.pop("value"), "comparator": "<" if dose.amount.high else ">"} | held}
    return {"doseRange": write_range(dose.amount, "doseRange")}


def write_rate(rate: Rate) -> Json:
    """The rate[x] of a doseAndRate: a quantity where it is for one unit of time, else a ratio."""
    per = rate.per
    if isinstance(rate.amount, Range):
        if per is not None and per.value != 1:
            raise RefusedError(Problem(f"FHIR cannot hold a range of rates for {per}.", "rateRange", "Give it for 1."))
        held = write_range(rate.amount, "rateRange")
        return {"rateRange": {k: _per(q, per) for k, q in held.items()}}
    held = write_amount(rate.amount, "rateQuantity")
    if per is None or (per.value == 1 and per.kind == "time" and rate.amount.unit != "1"):
        return {"rateQuantity": _per(held, per)}
    return {"rateRatio": {"numerator": held, "denominator": write_amount(per, "rateRatio.denominator")}}


def _per(quantity: Json, per: Amount | None) -> Json:
    if per is None:
        return quantity
    if "code" not in quantity:
        raise RefusedError(Problem("A rate without a unit cannot be written for a time.", "rateRange"))
    unit = f"{quantity['unit']}/{per.unit}"  # "mL" and "h" are "mL/h"
    return {"value": quantity["value"], "unit": unit, "system": UCUM, "code": f"{quantity['code']}/{per.unit}"}
