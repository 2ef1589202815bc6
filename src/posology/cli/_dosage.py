"""Turns Directions into FHIR R4 Dosage dictionaries for the answers of `posology read`.

Knows only what reading can give; the complete exchange of FHIR is the work of `posology.fhir`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from posology.amount import UNITS, Amount, Range, decimal_text
from posology.directions import Course, Directions
from posology.errors import UnreadableError

_UCUM = "http://unitsofmeasure.org"


def _number(value: Fraction) -> int | Decimal:
    return int(value) if value.denominator == 1 else Decimal(decimal_text(value))


def quantity(a: Amount) -> dict[str, Any]:
    """A FHIR Quantity: the unit for people and its UCUM code; a bare number has neither."""
    out: dict[str, Any] = {"value": _number(a.value)}
    if a.unit != "1":
        unit = UNITS[a.unit]
        name = {"{unit}": "unit", "[iU]": "unit"}.get(a.unit, unit.name if a.unit.startswith("{") else a.unit)
        out |= {"unit": "mcg" if a.unit == "ug" else name, "system": _UCUM, "code": a.unit}
    return out


def _range(r: Range) -> dict[str, Any]:
    return {k: quantity(v) for k, v in (("low", r.low), ("high", r.high)) if v is not None}


def dosage(d: Directions) -> dict[str, Any]:
    """One FHIR R4 Dosage."""
    out: dict[str, Any] = {}
    if d.sequence is not None:
        out["sequence"] = d.sequence
    if d.text:
        out["text"] = d.text
    if d.instructions:
        out["additionalInstruction"] = [{"text": c.words} for c in d.instructions]
    t = d.timing
    repeat: dict[str, Any] = {}
    b = t.bounds
    if b is not None:
        if b.duration is not None:
            repeat["boundsDuration"] = quantity(b.duration)
        elif b.low is not None or b.high is not None:
            repeat["boundsRange"] = {k: quantity(v) for k, v in (("low", b.low), ("high", b.high)) if v is not None}
        else:
            repeat["boundsPeriod"] = {k: v for k, v in (("start", b.start), ("end", b.end)) if v}
    for key, value in (
        ("count", t.count), ("countMax", t.count_max), ("duration", t.duration), ("durationMax", t.duration_max),
        ("durationUnit", t.duration_unit), ("frequency", t.frequency), ("frequencyMax", t.frequency_max), ("period", t.period),
        ("periodMax", t.period_max), ("periodUnit", t.period_unit), ("dayOfWeek", list(t.days_of_week)),
        ("timeOfDay", list(t.times_of_day)), ("when", list(t.when)), ("offset", t.offset),
    ):  # fmt: skip
        if value is not None and value != []:
            repeat[key] = _number(value) if isinstance(value, Fraction) else value
    if repeat:
        out["timing"] = {"repeat": repeat}
    if d.as_needed_for:
        out["asNeededCodeableConcept"] = {"text": ", ".join(c.words for c in d.as_needed_for)}
    elif d.as_needed:
        out["asNeededBoolean"] = True
    for key, concept in (("site", d.site), ("route", d.route), ("method", d.method)):
        if concept is not None:
            out[key] = {"text": concept.words}
    dose: dict[str, Any] = {}
    if d.dose is not None:
        if isinstance(d.dose.amount, Amount):
            dose["doseQuantity"] = quantity(d.dose.amount)
        else:
            dose["doseRange"] = _range(d.dose.amount)
    if d.rate is not None and isinstance(d.rate.amount, Amount):
        dose["rateRatio"] = {"numerator": quantity(d.rate.amount), "denominator": quantity(d.rate.per)}
    if dose:
        out["doseAndRate"] = [dose]
    if d.max_per_period:
        m = d.max_per_period[0]
        out["maxDosePerPeriod"] = {"numerator": quantity(m.amount), "denominator": quantity(m.per)}
    if d.max_per_administration:
        out["maxDosePerAdministration"] = quantity(d.max_per_administration)
    if d.max_per_lifetime:
        out["maxDosePerLifetime"] = quantity(d.max_per_lifetime)
    return out


def dosages(course: Course | None) -> list[dict[str, Any]]:
    """All directions of a course, in order; none where nothing was read.

    A dose that no decimal can hold (a third of a tablet) is refused by name.
    """
    if course is None:
        return []
    try:
        return [dosage(d) for d in course.directions]
    except UnreadableError:
        return []
