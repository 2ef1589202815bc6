"""Turns the resources around an order (Patient, Observation, Condition, AllergyIntolerance) into what is known of a person.

Knows no dose. A fact of another person, of no date beside a dated one, or with a comparator is not used, and said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from attrs import define, field

from posology.amount import Amount
from posology.directions import Fact, Person
from posology.errors import PosologyError
from posology.fhir.parts import Json, Reader

LOINC = "http://loinc.org"
WEIGHT = ("29463-7", "3141-9", "3142-7", "8335-2")
"""Body weight: in general, measured, stated, estimated."""
EGFR = ("33914-3", "48642-3", "48643-1", "62238-1", "69405-9", "77147-7", "88293-6", "88294-4", "98979-8")
"""Filtration rate for 1.73 m² by the MDRD and CKD-EPI equations, and by an equation not named."""
CRCL = ("2164-2", "35591-7")
"""Creatinine clearance, measured or by Cockcroft and Gault."""
PREGNANCY = "82810-3"
_PREGNANT, _NOT_PREGNANT = "77386006", "60001007"
_NO_ALLERGY = "716186003"
_POUND = Fraction(45359237, 100000000)
_GONE = ("entered-in-error", "cancelled", "registered", "unknown")


@define
class Around:
    """The resources of a document by every address they can be referred to, and the Reader that collects problems."""

    reader: Reader
    entries: list[tuple[str, Json]] = field(factory=list)
    by_address: dict[str, Json] = field(factory=dict)

    def add(self, where: str, resource: Json, full_url: str = "") -> None:
        """Keep a resource with its addresses."""
        self.entries.append((where, resource))
        kind, id_ = resource.get("resourceType"), resource.get("id")
        for address in (full_url, f"{kind}/{id_}" if id_ else ""):
            if address:
                self.by_address[address] = resource

    def of(self, kind: str) -> list[tuple[str, Json]]:
        """All resources of a kind, with where they stand."""
        return [(w, r) for w, r in self.entries if r.get("resourceType") == kind]

    def resolve(self, reference: Any, owner: Json | None = None) -> Json | None:
        """The resource a Reference leads to inside the document; nothing is ever fetched."""
        address = reference.get("reference") if isinstance(reference, Mapping) else None
        if not isinstance(address, str):
            return None
        if address.startswith("#") and owner is not None:
            held = owner.get("contained")
            inside = held if isinstance(held, list) else []
            return next((c for c in inside if isinstance(c, dict) and c.get("id") == address[1:]), None)
        tail = "/".join(address.split("/_history/")[0].split("/")[-2:])
        return self.by_address.get(address) or self.by_address.get(tail)


def words_of(concept: Any) -> str:
    """What a person reads of a CodeableConcept; "" where there is only a code."""
    if not isinstance(concept, Mapping):
        return ""
    text = concept.get("text")
    if isinstance(text, str) and text.strip():
        return text.strip()
    return next((str(c["display"]) for c in codings(concept) if c.get("display")), "")


def codings(concept: Any) -> list[Json]:
    """The codings of a CodeableConcept."""
    held = concept.get("coding") if isinstance(concept, Mapping) else None
    return [c for c in held if isinstance(c, dict)] if isinstance(held, list) else []


def has_code(concept: Any, *codes: str) -> bool:
    """Whether one of its codings carries one of the codes."""
    return any(c.get("code") in codes for c in codings(concept))


def person_of(around: Around, patient: Json | None, where: str, subject: Any, today: dt.date | None) -> Person:
    """What the document says of the person an order is for.

    ``today``: the day the age is worked out for; without it the age stays unknown, and that is noted.
    """
    r = around.reader
    facts: dict[str, Any] = {}
    if patient is not None:
        if patient.get("deceasedBoolean") is True or patient.get("deceasedDateTime"):
            r.refuse(f"{where}.deceased", "The patient is recorded as dead.", "Check the record.")
        facts["age"] = _age(r, patient, where, today)
    mine = [(w, o) for kind in ("Observation",) for w, o in around.of(kind) if _same_person(around, o, subject, w)]
    for name, codes in (("weight", WEIGHT), ("egfr", EGFR), ("crcl", CRCL)):
        facts[name] = _newest(around, [(w, o) for w, o in mine if has_code(o.get("code"), *codes)], name, today)
    for _, o in mine:
        if has_code(o.get("code"), PREGNANCY) and o.get("status") not in _GONE:
            value = o.get("valueCodeableConcept")
            facts["pregnant"] = (
                True if has_code(value, _PREGNANT) else False if has_code(value, _NOT_PREGNANT) else None
            )
    conditions = [
        words
        for w, c in around.of("Condition")
        if _same_person(around, c, subject, w) and _holds(r, c, w)
        if (words := _named(r, c.get("code"), f"{w}.code"))
    ]
    if conditions:
        facts["conditions"] = tuple(dict.fromkeys(conditions))
    allergies = [
        (a, words)
        for w, a in around.of("AllergyIntolerance")
        if _same_person(around, a, subject, w, "patient") and _holds(r, a, w)
        if (words := _named(r, a.get("code"), f"{w}.code"))
    ]
    if allergies:
        facts["allergies"] = tuple(words for a, words in allergies if not has_code(a.get("code"), _NO_ALLERGY))
    try:
        return Person(**{k: v for k, v in facts.items() if v is not None})
    except PosologyError as error:
        r.take(error, where)
        return Person()


def _named(r: Reader, concept: Any, where: str) -> str:
    words = words_of(concept)
    if not words:
        r.note(where, "There is only a code and no words: it is not used.")
    return words


def _age(r: Reader, patient: Json, where: str, today: dt.date | None) -> Amount | None:
    born = r.date(patient, "birthDate", where)
    if born is None:
        return None
    if today is None:
        r.note(f"{where}.birthDate", "The age was not worked out, as today's date was not given.")
        return None
    if len(born) < 10:
        r.note(f"{where}.birthDate", "A birth date without its day gives no exact age; the age is not used.")
        return None
    day = dt.date.fromisoformat(born[:10])
    if day > today:
        r.wrong(f"{where}.birthDate", f"The birth date ({born}) lies in the future.", "Check it.")
        return None
    years = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    if years >= 2:
        return Amount(years, "a")
    months = 12 * (today.year - day.year) + today.month - day.month - (today.day < day.day)
    return Amount(months, "mo")


def _same_person(around: Around, resource: Json, subject: Any, where: str, name: str = "subject") -> bool:
    """Whether a fact is about the person of the order; of two persons nothing is mixed."""
    given = resource.get(name)
    if not isinstance(given, Mapping) or not isinstance(subject, Mapping):
        around.reader.note(f"{where}.{name}", "It does not say whom it is about; it is not used.")
        return False
    a, b = around.resolve(given), around.resolve(subject)
    same = a is b if a is not None and b is not None else given.get("reference") == subject.get("reference") is not None
    if not same:
        around.reader.note(f"{where}.{name}", "It is about someone else; it is not used.")
    return same


def _holds(r: Reader, resource: Json, where: str) -> bool:
    """Whether a condition or allergy is present now; what is doubted is used, and said."""
    verified, clinical = resource.get("verificationStatus"), resource.get("clinicalStatus")
    if has_code(verified, "refuted", "entered-in-error"):
        return False
    if has_code(clinical, "inactive", "remission", "resolved"):
        r.note(f"{where}.clinicalStatus", f"It is past: {words_of(resource.get('code'))}. It is not used.")
        return False
    if has_code(verified, "unconfirmed", "provisional", "differential", "presumed"):
        r.note(f"{where}.verificationStatus", f"It is not confirmed: {words_of(resource.get('code'))}. It is used.")
    return True


def _newest(around: Around, held: Iterable[tuple[str, Json]], name: str, today: dt.date | None) -> Fact | None:
    found: list[tuple[str, Amount, str]] = []
    r = around.reader
    for where, o in held:
        status = o.get("status")
        if status in _GONE or status is None:
            r.note(f"{where}.status", f"A finding that is {status or 'without a status'} is not used.")
            continue
        if status == "preliminary":
            r.note(f"{where}.status", "The finding is preliminary; it is used.")
        if "valueQuantity" not in o:
            r.note(where, "It has no value; it is not used.")
            continue
        q = o["valueQuantity"]
        if isinstance(q, Mapping) and q.get("comparator"):
            r.note(
                f"{where}.valueQuantity.comparator",
                f"{q['comparator']} {q.get('value')} is not one number; it is not used.",
            )
            continue
        amount = _measured(r, q, f"{where}.valueQuantity", name)
        if amount is None:
            continue
        period = o.get("effectivePeriod")
        when = (
            o.get("effectiveDateTime")
            or (period.get("end") if isinstance(period, Mapping) else None)
            or o.get("issued")
        )
        when = r.date({"effective": when}, "effective", where) if when else ""
        if today is not None and when and when[:10] > today.isoformat():
            r.note(where, f"It is dated in the future ({when}); it is not used.")
            continue
        found.append((when or "", amount, where))
    if not found:
        return None
    last = max(w for w, _, _ in found)
    newest = [(w, a, p) for w, a, p in found if w == last]
    if any(not a.same_as(newest[0][1]) for _, a, _ in newest):
        values = " and ".join(str(a) for _, a, _ in newest)
        r.refuse(newest[0][2], f"Two values of one time: {values}.", "Give the right one.")
        return None
    when, amount, where = newest[0]
    if len(when) < 10:
        r.note(where, "It has no full date; it is used without one.")
    return Fact(amount, dt.date.fromisoformat(when[:10]) if len(when) >= 10 else None)


def _measured(r: Reader, q: Any, where: str, name: str) -> Amount | None:
    """A weight, filtration rate or clearance in its unit; pounds become kilograms exactly."""
    if not isinstance(q, Mapping):
        r.wrong(where, "An object was expected here.")
        return None
    said = {str(q.get(k, "")).replace(" ", "").lower() for k in ("code", "unit") if q.get(k)}
    if "value" not in q:
        r.wrong(f"{where}.value", "The number is missing.")
        return None
    number = r.number(q["value"], f"{where}.value")
    if number is None:
        return None
    if name == "weight":
        for unit, words in (("kg", {"kg", "kilogram", "kilograms"}), ("g", {"g", "gram", "grams"})):
            if said and said <= words:
                return Amount(number, unit, str(number))
        if said and said <= {"[lb_av]", "lb", "lbs", "pound", "pounds"}:
            return Amount(Fraction(number) * _POUND, "kg")
    else:
        per_surface = {"ml/min/{1.73_m2}", "ml/min/1.73m2", "ml/min/1.73m²", "ml/min/1.73_m2", "ml/min/{1.73m2}",
                       "ml/min/1.73sqm", "ml/min/{1.73_m2}/"}  # fmt: skip
        unit = "mL/min/{1.73_m2}" if name == "egfr" else "mL/min"
        words = per_surface if name == "egfr" else {"ml/min", "millilitreperminute", "milliliterperminute"}
        if said and said <= words:
            return Amount(number, unit, str(number))
        if name == "crcl" and said and said <= per_surface:
            r.note(where, "A creatinine clearance for 1.73 m² is not the person's own clearance; it is not used.")
            return None
    r.wrong(where, f"This unit does not fit: {q.get('unit') or q.get('code') or 'none'}.", "Give it in the usual unit.")
    return None
