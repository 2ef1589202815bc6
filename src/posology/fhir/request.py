"""Turns a FHIR MedicationRequest, or a Bundle around one, into an order as read; and a course into a draft request.

Knows no medicine file. Refused: orders not to be acted on, unknown modifiers, and two readings; nothing is guessed.
What is written is a plan in draft (``intent: plan``, ``status: draft``), never an active order.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from posology.amount import Amount, Strength
from posology.directions import Concept, Course, Directions, Person, Taking
from posology.errors import PosologyError, Problem, RefusedError, UnreadableError
from posology.fhir.bundle import Around, codings, person_of, words_of
from posology.fhir.dosage import course_of, read_list, write_course
from posology.fhir.parts import Json, Reader, write_amount, write_concept
from posology.fhir.text import judge

if TYPE_CHECKING:
    from posology.plan import Plan

MAX_BYTES = 5_000_000
"""A document longer than this is refused before it is read."""
_MAX_DEPTH = 60
STATUSES = {
    "active": "", "draft": "",
    "on-hold": "It is on hold.", "cancelled": "It was cancelled.", "completed": "It is completed: nothing more is due.",
    "entered-in-error": "It was entered in error.", "stopped": "It was stopped.", "ended": "It has ended.",
    "unknown": "Its status is not known.",
}  # fmt: skip
INTENTS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")
_NOT_ORDERS = ("proposal", "plan")
REQUEST: dict[str, str] = {
    "status": "handled", "intent": "handled", "doNotPerform": "handled", "medicationCodeableConcept": "handled",
    "medicationReference": "handled", "medication": "handled", "subject": "handled", "authoredOn": "handled",
    "reasonCode": "handled", "reasonReference": "handled", "reason": "handled", "dosageInstruction": "handled",
    "dispenseRequest": "handled", "note": "noted", "priorPrescription": "noted", "substitution": "noted",
    "identifier": "noted", "statusReason": "noted", "statusChanged": "noted", "category": "noted", "priority": "noted",
    "reportedBoolean": "noted", "reportedReference": "noted", "reported": "noted", "encounter": "noted",
    "supportingInformation": "noted", "requester": "noted", "performer": "noted", "performerType": "noted",
    "recorder": "noted", "informationSource": "noted", "instantiatesCanonical": "noted", "instantiatesUri": "noted",
    "basedOn": "noted", "groupIdentifier": "noted", "courseOfTherapyType": "noted", "insurance": "noted",
    "detectedIssue": "noted", "eventHistory": "noted", "device": "noted", "renderedDosageInstruction": "noted",
    "effectiveDosePeriod": "noted", "resourceType": "handled", "id": "noted", "meta": "noted", "language": "noted",
    "text": "noted", "contained": "handled", "extension": "noted", "modifierExtension": "refused",
    "implicitRules": "refused",
}  # fmt: skip
"""Every field of MedicationRequest (R4 and R5) and what becomes of it; a field that is not here is refused by name."""
_SPOKEN = (
    "note",
    "priorPrescription",
    "renderedDosageInstruction",
    "detectedIssue",
    "courseOfTherapyType",
    "substitution",
)
DISPENSE = frozenset(("quantity", "numberOfRepeatsAllowed", "expectedSupplyDuration", "initialFill", "dispenseInterval",
            "validityPeriod", "performer", "dispenser", "dispenserInstruction", "doseAdministrationAid"))  # fmt: skip


@frozen
class Drug:
    """A medicine as a document names it: words, codes (system, code), and strength and form where they are given."""

    text: str
    codes: tuple[tuple[str, str], ...] = ()
    strength: Strength | None = None
    form: str = ""

    @property
    def key(self) -> str:
        """Its name up to the first figure, in lower case: what two entries of one medicine share."""
        return re.split(r"\s*\d|\s*[,(]", self.text.lower(), maxsplit=1)[0].strip()


@frozen
class OrderRead:
    """What was read of one order.

    ``directions``: as they stand, in order of sequence; ``course``: what can be planned of them.
    ``text``: the prescriber's words where they are given, else the structure said in English.
    ``beside``: other orders of the same medicine, to be taken as well; ``warnings``: what a person should look at;
    ``notes``: what was passed over.
    """

    medicine: Drug
    course: Course
    directions: tuple[Directions, ...]
    text: str
    person: Person
    status: str
    intent: str
    authored_on: dt.date | None = None
    start: dt.date | None = None
    quantity: Amount | None = None
    repeats: int | None = None
    supply: Amount | None = None
    beside: tuple[Course, ...] = ()
    warnings: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = field(default=(), repr=False)


def read_json(
    text: str | bytes, today: dt.date | None = None, *, medicine: str | None = None,
    key: Callable[[str], str | None] | None = None, names: Sequence[str] = (),
) -> OrderRead:  # fmt: skip
    """The order in a JSON text; numbers keep their decimals. See :func:`read_request`."""
    return read_request(load(text), today, medicine=medicine, key=key, names=names)


def load(text: str | bytes) -> Any:
    """A JSON document with its decimals; broken, too long or too deep ones are refused with one clear problem."""
    import simplejson

    if len(text) > MAX_BYTES:
        raise UnreadableError(Problem(f"The document is longer than {MAX_BYTES} characters.", "", "Send one order."))
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        document = simplejson.loads(plain, use_decimal=True, object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise UnreadableError(Problem("The document is not text in UTF-8.", "", "Save it as UTF-8.")) from None
    except simplejson.JSONDecodeError as error:
        raise UnreadableError(
            Problem(f"This is not JSON: {error.msg}.", f"line {error.lineno}, column {error.colno}", "Mend it.")
        ) from None
    except RecursionError:
        raise UnreadableError(Problem("The document is nested too deeply to be meant.")) from None
    if _depth(document) > _MAX_DEPTH:
        raise UnreadableError(Problem("The document is nested too deeply to be meant."))
    return document


def _once(pairs: list[tuple[str, Any]]) -> Json:
    """An object; a field that stands in it twice has two readings."""
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        twice = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
        raise RefusedError(Problem(f"The field {twice!r} is given twice in one object.", "", "Give it once."))
    return out


def _depth(value: Any) -> int:
    level, held = 0, [value]
    while held and level <= _MAX_DEPTH + 1:
        level += 1
        held = [x for v in held for x in (v.values() if isinstance(v, dict) else v if isinstance(v, list) else ())]
    return level


def read_request(
    document: Any, today: dt.date | None = None, *, medicine: str | None = None,
    key: Callable[[str], str | None] | None = None, names: Sequence[str] = (),
) -> OrderRead:  # fmt: skip
    """The order of a MedicationRequest, or of the one in a Bundle, with what is known of the person.

    ``today``: for the age; ``medicine``: which one is meant, where a Bundle orders several.
    ``key``: what a medicine's words name (None: not known), so that two names of one medicine are seen to be one.
    ``names``: medicine names that a dosage text may hold.

    Raises RefusedError for an order that must not be acted on (its status, ``doNotPerform``, an unknown modifier, text and
    structure that contradict each other, two orders that could be meant), UnreadableError for what cannot be read.
    """
    reader = Reader()
    around = Around(reader)
    _collect(around, document)
    reader.end()

    def name_of(drug: Drug) -> str:
        return (key(drug.text) if key is not None else None) or drug.key

    where, order, drug = _the_order(around, medicine, name_of)
    warnings: list[Problem] = []
    _may_act(reader, order, where, warnings)
    for name in order:
        fate = REQUEST.get(name.removeprefix("_"))
        if fate is None:
            reader.wrong(f"{where}.{name}", "This field is not known here.", "Check its name.")
        elif fate == "refused" and order[name]:
            reader.refuse(f"{where}.{name}", "It changes the meaning of the order, and is not known here.")
        elif name in _SPOKEN:
            warnings.append(Problem(f"Not used for the dose: {_shown(order[name])}.", f"{where}.{name}", "Read it."))
        elif fate == "noted":
            reader.note(f"{where}.{name}", "It is not used.")
    person, beside = _person(around, order, where, drug, name_of, today, warnings)
    quantity, repeats, supply = _dispense(reader, order, where)
    authored = reader.date(order, "authoredOn", where)
    held: tuple[Directions, ...] = ()
    course = None
    try:
        held, after = read_list(order.get("dosageInstruction"), f"{where}.dosageInstruction", reader.notes)
        course = _course(held, after, where, names)
    except PosologyError as error:
        reader.refused = reader.refused or isinstance(error, RefusedError)
        reader.problems += error.problems
    if held:
        judged = judge(held, (*names, drug.key), f"{where}.dosageInstruction")
        for p in judged.clashes:
            reader.refuse(p.where, p.what, p.todo, p.text)
        warnings += judged.differences
    reader.end()
    assert course is not None  # without it there was a problem
    texts = list(dict.fromkeys(d.text.strip() for d in held if d.text.strip()))
    day = dt.date.fromisoformat(authored[:10]) if authored and len(authored) >= 10 else None
    return OrderRead(
        medicine=drug, course=course, directions=held, text="; ".join(texts) or _said(course), person=person,
        status=str(order["status"]), intent=str(order["intent"]), authored_on=day, start=_start(held),
        quantity=quantity, repeats=repeats, supply=supply, beside=beside, warnings=tuple(warnings),
        notes=tuple(reader.notes),
    )  # fmt: skip


def _collect(around: Around, document: Any) -> None:
    r = around.reader
    if not isinstance(document, dict):
        r.wrong("", "A FHIR resource was expected: a JSON object.", "Give a MedicationRequest or a Bundle.")
        return
    kind = document.get("resourceType")
    if kind == "MedicationRequest":
        around.add("MedicationRequest", document)
        return
    if kind != "Bundle":
        r.wrong("resourceType", f"This is no order: {kind!r}.", "Give a MedicationRequest or a Bundle with one.")
        return
    if document.get("implicitRules"):
        r.refuse("Bundle.implicitRules", "It changes the meaning of the document, and is not known here.")
    for i, entry in enumerate(r.items(document, "entry", "Bundle")):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            r.wrong(f"Bundle.entry[{i}].resource", "A resource was expected here.")
            continue
        where = f"Bundle.entry[{i}].resource"
        method = entry.get("request", {}).get("method") if isinstance(entry.get("request"), dict) else None
        if method == "DELETE":
            r.refuse(f"Bundle.entry[{i}].request", "This entry deletes a resource; it is no order.")
        for name in ("modifierExtension", "implicitRules"):
            if resource.get(name) and resource.get("resourceType") != "MedicationRequest":
                r.refuse(f"{where}.{name}", "It changes the meaning of the resource, and is not known here.")
        around.add(where, resource, str(entry.get("fullUrl", "")))


def _drug(around: Around, owner: Json, where: str) -> Drug | None:
    """The medicine of a request or statement: R4 concept or reference, or R5 CodeableReference."""
    r = around.reader
    concept = owner.get("medicationCodeableConcept")
    reference = owner.get("medicationReference")
    combined = owner.get("medication")
    if isinstance(combined, Mapping):
        concept, reference = concept or combined.get("concept"), reference or combined.get("reference")
    if concept is not None and reference is not None:
        r.refuse(f"{where}.medication", "The medicine is given twice, as a concept and as a reference.", "Give one.")
        return None
    strength, form = None, ""
    if reference is not None:
        found = around.resolve(reference, owner)
        shown = reference.get("display", "") if isinstance(reference, Mapping) else ""
        if found is None:
            if not shown:
                r.wrong(f"{where}.medicationReference", "The medicine it refers to is not in the document.", "Add it.")
                return None
            return Drug(str(shown))
        if found.get("status") in ("entered-in-error", "inactive"):
            r.refuse(f"{where}.medicationReference", f"The medicine's entry is {found['status']}.", "Check it.")
        concept, form = found.get("code"), words_of(found.get("form") or found.get("doseForm"))
        strength = _strength(r, found, where)
        if concept is None and shown:
            concept = {"text": shown}
    words = words_of(concept)
    if not words:
        r.wrong(f"{where}.medication", "The medicine has no name.", "Give its text or display.")
        return None
    codes = tuple((str(c.get("system", "")), str(c["code"])) for c in codings(concept) if c.get("code"))
    if len({(s, c) for s, c in codes}) > len({s for s, _ in codes}):
        by_system = sorted({f"{s}|{c}" for s, c in codes})
        r.refuse(
            f"{where}.medication", f"Two products of one code system are named: {', '.join(by_system)}.", "Give one."
        )
        return None
    return Drug(words, codes, strength, form)


def _strength(r: Reader, medication: Json, where: str) -> Strength | None:
    held = medication.get("ingredient")
    parts = [i for i in held if isinstance(i, dict)] if isinstance(held, list) else []
    ratios = [i.get("strength") or i.get("strengthRatio") for i in parts if i.get("strength") or i.get("strengthRatio")]
    if len(parts) != 1 or len(ratios) != 1:
        return None
    pair = r.ratio(ratios[0], f"{where}.medication.ingredient[0].strength")
    return None if pair is None else Strength(*pair)


def _the_order(around: Around, wanted: str | None, name_of: Callable[[Drug], str]) -> tuple[str, Json, Drug]:
    """The one order that is meant. Drafts go before active orders; of several left, none is chosen by guessing."""
    r = around.reader
    found = around.of("MedicationRequest")
    if not found:
        raise UnreadableError(Problem("There is no MedicationRequest in the document.", "", "Add the order."))
    named = [(w, o, d) for w, o in found if (d := _drug(around, o, w)) is not None]
    r.end()
    if wanted is not None:
        named = [
            x for x in named if wanted.lower() in (name_of(x[2]).lower(), x[2].key, str(x[1].get("id", "")).lower())
        ]
        if not named:
            raise UnreadableError(Problem(f"No order of {wanted} is in the document.", "", "Check the name."))
    live = [x for x in named if STATUSES.get(str(x[1].get("status"))) == "" and not x[1].get("doNotPerform")]
    held = live or named
    drafts = [x for x in held if x[1].get("status") == "draft"]
    held = drafts or held
    if len(held) > 1:
        raise RefusedError(
            Problem(
                f"Several orders could be meant: {'; '.join(d.text for _, _, d in held)}.",
                "",
                "Name the medicine, or send one.",
            )
        )
    return held[0]


def _may_act(reader: Reader, order: Json, where: str, warnings: list[Problem]) -> None:
    status, intent = order.get("status"), order.get("intent")
    refusal = STATUSES.get(str(status))
    if status is None:
        reader.refuse(f"{where}.status", "The order has no status.", "Give it.")
    elif refusal is None:
        reader.refuse(f"{where}.status", f"This status is not known: {status!r}.", "Use active or draft.")
    elif refusal:
        reader.refuse(f"{where}.status", f"{refusal} It is not acted on.", "Ask the prescriber.")
    if intent in _NOT_ORDERS:
        warnings.append(Problem(f"It is a {intent}, not an order.", f"{where}.intent", "Check with the prescriber."))
    elif intent not in INTENTS:
        reader.refuse(f"{where}.intent", f"This intent is missing or not known: {intent!r}.", "Use order or plan.")
    forbidden = order.get("doNotPerform")
    if forbidden is True:
        reader.refuse(f"{where}.doNotPerform", "It orders that the medicine is NOT given.", "Ask the prescriber.")
    elif forbidden not in (None, False):
        reader.wrong(f"{where}.doNotPerform", "True or false was expected here.", "", forbidden)


def _course(held: Sequence[Directions], after: Any, where: str, names: Sequence[str]) -> Course:
    """The course of the structure; where there is only text, of the text as it is read in English."""
    only_text = [d for d in held if d.text and evolve(d, text="", sequence=None) == Directions()]
    if not only_text:
        return course_of(held, after, f"{where}.dosageInstruction")
    if len(held) > 1:
        raise RefusedError(
            Problem(
                "Some of the doses are given as text alone, beside others.", f"{where}.dosageInstruction", "Code all."
            )
        )
    from posology.wording import read

    reading = read(held[0].text, names=tuple(names))
    if not reading.complete or reading.course is None:
        there = f"{where}.dosageInstruction[0].text"
        raise RefusedError(*(evolve(p, where=f"{there}, {p.where}" if p.where else there) for p in reading.problems))
    return reading.course


def _person(
    around: Around, order: Json, where: str, drug: Drug, name_of: Callable[[Drug], str], today: dt.date | None,
    warnings: list[Problem],
) -> tuple[Person, tuple[Course, ...]]:  # fmt: skip
    r = around.reader
    subject = order.get("subject")
    patients = around.of("Patient")
    patient = around.resolve(subject, order)
    at = next((w for w, p in patients if p is patient), where)
    if patient is None and patients:
        if not isinstance(subject, Mapping) or subject.get("reference"):
            r.refuse(f"{where}.subject", "The order is not for the patient in this document.", "Check whose it is.")
        else:
            warnings.append(
                Problem("The order does not say for whom it is; the patient is not used.", f"{where}.subject")
            )
    person = person_of(around, patient, at, subject, today)
    reasons = [words_of(c) for key in ("reasonCode", "reason") for c in r.items(order, key, where)]
    for item in (*r.items(order, "reasonReference", where), *r.items(order, "reason", where)):
        inner = (
            item.get("reference") if isinstance(item, Mapping) and isinstance(item.get("reference"), Mapping) else item
        )
        found = around.resolve(inner, order)
        if isinstance(item, Mapping) and isinstance(item.get("concept"), Mapping):
            reasons.append(words_of(item["concept"]))
        if found is not None:
            reasons.append(words_of(found.get("code")))
    reasons = list(dict.fromkeys(x for x in reasons if x))
    if reasons:
        person = evolve(person, indication="; ".join(reasons))
    others: list[str] = []
    taking: list[Taking] = []
    beside: list[Course] = []
    for w, o in around.entries:
        if o is order or o.get("resourceType") not in ("MedicationRequest", "MedicationStatement"):
            continue
        if not _taken(around, o, w, subject):
            continue
        other = _drug(around, o, w)
        if other is None:
            continue
        if name_of(other) != name_of(drug):
            others.append(other.text)
            continue
        own = _taking(r, o, w)
        if own is None:
            warnings.append(
                Problem(f"It is the same medicine, without a dose that can be read: {other.text}.", w, "Ask.")
            )
        elif o["resourceType"] == "MedicationStatement" or order.get("status") == "draft":
            taking.append(own)
        else:
            beside.append(own.course)
    if others:
        person = evolve(person, medicines=tuple(dict.fromkeys(others)))
    if taking:
        person = evolve(person, taking=tuple(taking))
    return person, tuple(beside)


def _taken(around: Around, resource: Json, where: str, subject: Any) -> bool:
    """Whether a statement or another order says that a medicine is taken by the same person now."""
    status = resource.get("status")
    if status not in ("active", "intended", "recorded") or resource.get("doNotPerform"):
        around.reader.note(f"{where}.status", f"A medicine that is {status} is not counted as taken.")
        return False
    given = resource.get("subject")
    a, b = around.resolve(given), around.resolve(subject)
    same = a is b if a is not None and b is not None else (
        isinstance(given, Mapping) and isinstance(subject, Mapping)
        and given.get("reference") == subject.get("reference") is not None
    )  # fmt: skip
    if not same:
        around.reader.note(f"{where}.subject", "It is about someone else, or does not say whom; it is not used.")
    return same


def _taking(r: Reader, resource: Json, where: str) -> Taking | None:
    key = "dosage" if resource["resourceType"] == "MedicationStatement" else "dosageInstruction"
    try:
        held, after = read_list(resource.get(key), f"{where}.{key}", r.notes)
        course = _course(held, after, where, ())
    except PosologyError as error:
        r.note(f"{where}.{key}", "; ".join(p.what for p in error.problems))
        return None
    period = resource.get("effectivePeriod")
    since = (period.get("start") if isinstance(period, Mapping) else None) or resource.get("effectiveDateTime")
    since = r.date({"start": since}, "start", where) if since else None
    return Taking(course, dt.date.fromisoformat(since[:10]) if since and len(since) >= 10 else None, _said(course))


def _dispense(r: Reader, order: Json, where: str) -> tuple[Amount | None, int | None, Amount | None]:
    if "dispenseRequest" not in order:
        return None, None, None
    here = f"{where}.dispenseRequest"
    got = r.fields(order["dispenseRequest"], here, DISPENSE)
    if got is None:
        return None, None, None
    for name in got:
        if name not in ("quantity", "numberOfRepeatsAllowed", "expectedSupplyDuration"):
            r.note(f"{here}.{name}", "It is not used.")
    quantity = r.amount(got["quantity"], f"{here}.quantity") if "quantity" in got else None
    if quantity is not None and quantity.value <= 0:
        r.wrong(f"{here}.quantity", f"A quantity must be above zero: {quantity}.")
    repeats = r.whole(got, "numberOfRepeatsAllowed", here)
    if repeats is not None and repeats < 0:
        r.wrong(f"{here}.numberOfRepeatsAllowed", "It is not below zero.", "", repeats)
    supply = (
        r.amount(got["expectedSupplyDuration"], f"{here}.expectedSupplyDuration")
        if "expectedSupplyDuration" in got
        else None
    )
    return quantity, repeats, supply


def _start(held: Sequence[Directions]) -> dt.date | None:
    """The first day, where the bounds of the first step name a full date."""
    starts = [d.timing.bounds.start for d in held if d.timing.bounds is not None and d.timing.bounds.start]
    days = [dt.date.fromisoformat(s[:10]) for s in starts if len(s) >= 10]
    return min(days) if days else None


def _said(what: Course) -> str:
    from posology.wording import say

    try:
        return say(what)
    except RefusedError:
        return "directions in code, without words"


def _shown(value: Any) -> str:
    """A field for people, cut short."""
    texts: list[str] = []

    def walk(x: Any) -> None:
        if isinstance(x, dict):
            for k, v in x.items():
                if k in ("text", "display") and isinstance(v, str):
                    texts.append(v)
                else:
                    walk(v)
        elif isinstance(x, list):
            for v in x:
                walk(v)
        elif isinstance(x, str) and not texts:
            texts.append(x)

    walk(value)
    return "; ".join(texts)[:300].rstrip(". ") or "it has no words"


def write_request(
    medicine: Drug | Concept | str, course: Course, *, text: str = "", subject: str = "", indication: str = "",
    authored_on: dt.date | None = None, quantity: Amount | None = None, repeats: int | None = None,
    supply: Amount | None = None, notes: Sequence[str] = (), id: str = "",
) -> Json:  # fmt: skip
    """A FHIR R4 MedicationRequest of a course: ``intent: plan``, ``status: draft``; never an active order.

    Each Dosage carries its own sentence; ``text``, the words as they were written, stands as a note.

    >>> from posology.directions import Dose, Phase, Timing
    >>> day = Timing(frequency=3, period=1, period_unit="d")
    >>> made = write_request("examplone", Course((Phase((Directions(Dose(Amount(5, "mg")), day),)),)))
    >>> made["status"], made["intent"], made["dosageInstruction"][0]["text"]
    ('draft', 'plan', '5 mg 3 times a day.')
    """
    from posology.wording import say

    dosages = write_course(course)
    single = [d for p in course.phases for d in p.directions]
    lengths = [p.length for p in course.phases for _ in p.directions]
    for dosage, d, length in zip(dosages, single, lengths, strict=True):
        from posology.directions import Phase

        try:
            dosage["text"] = say(Course((Phase((d,), length),)))
        except RefusedError:
            dosage.pop("text", None)  # what has no words is left to the structure
    out: Json = {"resourceType": "MedicationRequest"}
    if id:
        out["id"] = id
    out |= {"status": "draft", "intent": "plan", "medicationCodeableConcept": _medicine(medicine)}
    out["subject"] = {"reference": subject} if "/" in subject else {"display": subject or "The person this plan is for"}
    if authored_on is not None:
        out["authoredOn"] = authored_on.isoformat()
    if indication:
        out["reasonCode"] = [{"text": indication}]
    said = [f"As written: {text.strip()}"] if text.strip() else []
    if said or notes:
        out["note"] = [{"text": t} for t in (*said, *notes)]
    out["dosageInstruction"] = dosages
    dispense: Json = {}
    if repeats is not None:
        dispense["numberOfRepeatsAllowed"] = repeats
    if quantity is not None:
        dispense["quantity"] = write_amount(quantity)
    if supply is not None:
        dispense["expectedSupplyDuration"] = write_amount(supply)
    if dispense:
        out["dispenseRequest"] = dispense
    return out


def _medicine(medicine: Drug | Concept | str) -> Json:
    if isinstance(medicine, str):
        return {"text": medicine}
    if isinstance(medicine, Concept):
        return write_concept(medicine)
    codings_ = [({"system": s} if s else {}) | {"code": c} for s, c in medicine.codes]
    return ({"coding": codings_} if codings_ else {}) | {"text": medicine.text}


def write_json(plan: Plan) -> str:
    """The JSON text of a plan's draft request; a plan with a stop finding is refused: no order is written of it."""
    import simplejson

    if plan.stopped:
        raise RefusedError(Problem("This plan has a stop finding; no order is written.", "", "Read its findings."))
    if plan.state == "proposed":
        raise RefusedError(
            Problem("This plan is only proposed; no order is written.", "", "A prescriber decides first.")
        )
    p = plan.prescription
    made = write_request(
        plan.medicine.names[0], p.course, text=p.text, indication=p.person.indication or "",
        authored_on=p.written_on, repeats=plan.setting.repeats,
        notes=(f"State of the plan: {plan.state}. Worked out by a program: check it before it is used.",),
    )  # fmt: skip
    return simplejson.dumps(made, use_decimal=True, ensure_ascii=False, indent=2) + "\n"
