"""Lists every field of FHIR R4 Dosage and Timing (and the R5 shapes) with what becomes of it here.

Knows no values. A test compares it with the published shapes and with the code; the reference page is made from it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Fate = Literal["handled", "noted", "refused"]


class Field(NamedTuple):
    """One field: its path, its fate, and where it goes or why it is refused."""

    path: str
    fate: Fate
    about: str


_ID = "the address of an element inside its document: named in the notes, not kept"
_EXT = "named in the notes; an extension may not change the meaning, by FHIR's own rule"
_MOD = "it changes the meaning, and none is known here"

FIELDS: tuple[Field, ...] = (
    Field("Dosage.id", "noted", _ID),
    Field("Dosage.extension", "handled", "indication, what follows the end, further maxima and reasons; others noted"),
    Field("Dosage.modifierExtension", "refused", "but for the least time between doses: Directions.min_gap; " + _MOD),
    Field("Dosage.sequence", "handled", "Directions.sequence: equal numbers together, higher ones after"),
    Field("Dosage.text", "handled", "Directions.text, compared with the structure by check_text"),
    Field("Dosage.additionalInstruction", "handled", "Directions.instructions"),
    Field("Dosage.patientInstruction", "handled", "Directions.patient_instruction"),
    Field("Dosage.timing", "handled", "Directions.timing"),
    Field("Dosage.asNeededBoolean", "handled", "Directions.as_needed"),
    Field("Dosage.asNeededCodeableConcept", "handled", "Directions.as_needed and as_needed_for"),
    Field("Dosage.asNeeded", "handled", "R5 shape of asNeededBoolean"),
    Field("Dosage.asNeededFor", "handled", "R5: several reasons; implies asNeeded"),
    Field("Dosage.site", "handled", "Directions.site"),
    Field("Dosage.route", "handled", "Directions.route"),
    Field("Dosage.method", "handled", "Directions.method"),
    Field("Dosage.doseAndRate", "handled", "one dose and one rate; two different ones are refused with both"),
    Field("Dosage.doseAndRate.id", "noted", _ID),
    Field("Dosage.doseAndRate.extension", "noted", _EXT),
    Field("Dosage.doseAndRate.type", "handled", "Directions.dose_type"),
    Field("Dosage.doseAndRate.doseRange", "handled", "Dose of a Range"),
    Field("Dosage.doseAndRate.doseQuantity", "handled", "Dose; comparators below and above become a Range"),
    Field("Dosage.doseAndRate.rateRatio", "handled", "Rate"),
    Field("Dosage.doseAndRate.rateRange", "handled", "Rate of a Range"),
    Field("Dosage.doseAndRate.rateQuantity", "handled", "Rate: 5 mL/h is 5 mL for 1 h"),
    Field("Dosage.maxDosePerPeriod", "handled", "Directions.max_per_period; one Ratio (R4) or a list (R5)"),
    Field("Dosage.maxDosePerAdministration", "handled", "Directions.max_per_administration"),
    Field("Dosage.maxDosePerLifetime", "handled", "Directions.max_per_lifetime"),
    Field("Timing.id", "noted", _ID),
    Field(
        "Timing.extension", "handled", "days on and off; days of a cycle without its length are refused; others noted"
    ),
    Field("Timing.modifierExtension", "refused", _MOD),
    Field("Timing.event", "handled", "Timing.events, as written"),
    Field("Timing.repeat", "handled", "the fields of Timing"),
    Field("Timing.code", "handled", "kept, and expanded where it is known; refused where it contradicts the repeat"),
    Field("Timing.repeat.id", "noted", _ID),
    Field("Timing.repeat.extension", "noted", _EXT),
    Field("Timing.repeat.boundsDuration", "handled", "Bounds.duration"),
    Field("Timing.repeat.boundsRange", "handled", "Bounds.low and high"),
    Field("Timing.repeat.boundsPeriod", "handled", "Bounds.start and end, as written"),
    Field("Timing.repeat.count", "handled", "Timing.count"),
    Field("Timing.repeat.countMax", "handled", "Timing.count_max"),
    Field("Timing.repeat.duration", "handled", "Timing.duration: how long one dose takes"),
    Field("Timing.repeat.durationMax", "handled", "Timing.duration_max"),
    Field("Timing.repeat.durationUnit", "handled", "Timing.duration_unit"),
    Field("Timing.repeat.frequency", "handled", "Timing.frequency"),
    Field("Timing.repeat.frequencyMax", "handled", "Timing.frequency_max"),
    Field("Timing.repeat.period", "handled", "Timing.period"),
    Field("Timing.repeat.periodMax", "handled", "Timing.period_max"),
    Field("Timing.repeat.periodUnit", "handled", "Timing.period_unit"),
    Field("Timing.repeat.dayOfWeek", "handled", "Timing.days_of_week"),
    Field("Timing.repeat.timeOfDay", "handled", "Timing.times_of_day"),
    Field("Timing.repeat.when", "handled", "Timing.when"),
    Field("Timing.repeat.offset", "handled", "Timing.offset, in minutes"),
)


def table() -> str:
    """The reference table in Markdown.

    >>> table().splitlines()[0]
    '| Field | What becomes of it | Where it goes, or why not |'
    """
    rows = [f"| `{f.path}` | {f.fate} | {f.about} |" for f in FIELDS]
    return "\n".join(["| Field | What becomes of it | Where it goes, or why not |", "| --- | --- | --- |", *rows])
