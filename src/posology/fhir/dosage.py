"""Turns FHIR R4 Dosage (R5 shapes too) into Directions and a Course, and both back into Dosage.

Knows no resource around it. Every field is handled, noted or refused by name: see :mod:`~posology.fhir.fields`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from posology.amount import Amount, Range
from posology.directions import After, Bounds, Concept, Course, Directions, Dose, MaxDose, Phase, Rate
from posology.errors import Problem, RefusedError, UnreadableError
from posology.fhir.parts import RANGE, Json, Reader, write_amount, write_concept, write_dose, write_rate
from posology.fhir.timing import length_of, read_timing, write_timing

DOSAGE = frozenset((
    "sequence", "text", "additionalInstruction", "patientInstruction", "timing", "asNeededBoolean",
    "asNeededCodeableConcept", "asNeeded", "asNeededFor", "site", "route", "method", "doseAndRate",
    "maxDosePerPeriod", "maxDosePerAdministration", "maxDosePerLifetime",
))  # fmt: skip
DOSE_AND_RATE = frozenset(("type", "doseRange", "doseQuantity", "rateRatio", "rateRange", "rateQuantity"))
INDICATION = "urn:posology:indication"
AFTER = "urn:posology:after"
MORE_MAXIMA = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Dosage.maxDosePerPeriod"
MORE_REASONS = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Dosage.asNeededFor"
MIN_GAP = "http://ig.fhir.de/igs/medication/StructureDefinition/MinimumIntervalBetweenAdministrations"
"""The modifier extension of the German profile; it had another name in its first drafts, which is read too."""
_MIN_GAPS = (MIN_GAP, "http://ig.fhir.de/igs/medication/StructureDefinition/MindestabstandZwischenGaben")
_OURS = {INDICATION: "valueCodeableConcept", AFTER: "valueCode", MORE_MAXIMA: "valueRatio",
         MORE_REASONS: "valueCodeableConcept"}  # fmt: skip


def read_dosage(obj: Any, path: str = "Dosage", notes: list[Problem] | None = None) -> Directions:
    """Directions of one FHIR Dosage.

    ``obj``: the JSON object, numbers as Decimal (simplejson with ``use_decimal``) or int.
    ``notes``: a list that receives what was passed over (element ids, extensions without a meaning of their own).
    Raises UnreadableError (RefusedError where something may not be acted on) with every problem and its path.

    >>> d = read_dosage({"doseAndRate": [{"doseQuantity": {"value": 20, "unit": "mg"}}], "asNeededBoolean": True})
    >>> print(d.dose, d.as_needed)
    20 mg True
    """
    reader = Reader()
    directions, _ = _read(reader, obj, path)
    if notes is not None:
        notes += reader.notes
    reader.end()
    assert directions is not None  # a document without problems gives directions
    return directions


def _read(reader: Reader, obj: Any, where: str) -> tuple[Directions | None, After | None]:
    ours: dict[str, list[Any]] = {url: [] for url in _OURS}
    if isinstance(obj, dict) and isinstance(obj.get("extension"), list):
        rest = []
        for one in obj["extension"]:
            url = one.get("url") if isinstance(one, dict) else None
            if url in _OURS and _OURS[url] in one:
                ours[url].append(one[_OURS[url]])
            else:
                rest.append(one)
        obj = {k: v for k, v in obj.items() if k != "extension"} | ({"extension": rest} if rest else {})
    gaps: list[Any] = []
    if isinstance(obj, dict) and isinstance(obj.get("modifierExtension"), list):
        held = obj["modifierExtension"]
        known = [e for e in held if isinstance(e, dict) and e.get("url") in _MIN_GAPS and "valueDuration" in e]
        gaps = [e["valueDuration"] for e in known]
        rest = [e for e in held if e not in known]
        obj = {k: v for k, v in obj.items() if k != "modifierExtension"} | ({"modifierExtension": rest} if rest else {})
    got = reader.fields(obj, where, DOSAGE)
    if got is None:
        return None, None
    empty = not got and not gaps and not any(ours.values())
    if empty and not reader.problems:
        reader.wrong(where, "A dosage without a field says nothing.")
    before = len(reader.problems)
    fields: dict[str, Any] = {
        "sequence": reader.whole(got, "sequence", where),
        "text": reader.text(got, "text", where),
        "patient_instruction": reader.text(got, "patientInstruction", where),
        "instructions": _concepts(reader, got, "additionalInstruction", where),
    }
    for key in ("route", "site", "method"):
        if key in got:
            fields[key] = reader.concept(got[key], f"{where}.{key}")
    if "timing" in got:
        fields["timing"] = read_timing(reader, got["timing"], f"{where}.timing")
    _as_needed(reader, got, where, fields, ours[MORE_REASONS])
    _dose_and_rate(reader, got, where, fields)
    _maxima(reader, got, where, fields, ours[MORE_MAXIMA])
    for concept in ours[INDICATION]:
        fields["indication"] = reader.concept(concept, f"{where}.extension")
    after: After | None = None
    for value in ours[AFTER]:
        if value not in ("continue", "stop", "unknown"):
            reader.wrong(f"{where}.extension", f"What follows the end is not known: {value!r}.")
        else:
            after = value
    if len(gaps) > 1:
        reader.refuse(f"{where}.modifierExtension", "Two least times between doses are given.", "Give one.")
    for gap in gaps:
        fields["min_gap"] = reader.amount(gap, f"{where}.modifierExtension")
    if len(reader.problems) > before or empty:
        return None, None
    try:
        return Directions(**{k: v for k, v in fields.items() if v is not None}), after
    except UnreadableError as error:
        reader.take(error, where)
        return None, None


def _concepts(reader: Reader, got: Json, key: str, where: str) -> tuple[Concept, ...]:
    held = (reader.concept(c, f"{where}.{key}[{i}]") for i, c in enumerate(reader.items(got, key, where)))
    return tuple(c for c in held if c is not None)


def _as_needed(reader: Reader, got: Json, where: str, fields: dict[str, Any], more: list[Any]) -> None:
    flags = [k for k in ("asNeededBoolean", "asNeeded") if k in got]
    for key in flags:
        if not isinstance(got[key], bool):
            reader.wrong(f"{where}.{key}", "True or false was expected here.", "", got[key])
    if "asNeededBoolean" in got and "asNeededCodeableConcept" in got:
        reader.refuse(where, "asNeededBoolean and asNeededCodeableConcept are both given.", "Give one.")
    reasons = list(_concepts(reader, got, "asNeededFor", where))
    if "asNeededCodeableConcept" in got:
        one = reader.concept(got["asNeededCodeableConcept"], f"{where}.asNeededCodeableConcept")
        reasons += [one] if one is not None else []
    for concept in more:
        one = reader.concept(concept, f"{where}.extension")
        reasons += [one] if one is not None else []
    said = [got[k] for k in flags]
    if reasons and any(v is False for v in said):
        reader.refuse(where, "It gives reasons to take it as needed, and says that it is not as needed.", "Ask.")
    fields["as_needed"] = bool(reasons) or any(v is True for v in said)
    fields["as_needed_for"] = tuple(reasons)


def _dose_and_rate(reader: Reader, got: Json, where: str, fields: dict[str, Any]) -> None:
    doses: list[Dose] = []
    rates: list[Rate] = []
    types: list[Concept] = []
    if isinstance(got.get("doseAndRate"), dict):
        reader.note(f"{where}.doseAndRate", "It stands alone, not in a list; it is read as the one that it is.")
        got = {**got, "doseAndRate": [got["doseAndRate"]]}
    for i, raw in enumerate(reader.items(got, "doseAndRate", where)):
        here = f"{where}.doseAndRate[{i}]"
        dr = reader.fields(raw, here, DOSE_AND_RATE)
        if dr is None:
            continue
        if not dr:
            reader.wrong(here, "It holds no dose and no rate.")
        for kind in ("dose", "rate"):
            shapes = [k for k in dr if k.startswith(kind)]
            if len(shapes) > 1:
                reader.refuse(here, f"Two shapes of one {kind} are given: {' and '.join(shapes)}.", "Give one.")
        if "type" in dr:
            kind_of = reader.concept(dr["type"], f"{here}.type")
            types += [kind_of] if kind_of is not None else []
        dose = _dose(reader, dr, here)
        rate = _rate(reader, dr, here)
        doses += [dose] if dose is not None else []
        rates += [rate] if rate is not None else []
    for name, held in (("doses", doses), ("rates", rates)):
        if len(set(held)) > 1:
            both = " and ".join(str(getattr(h, "amount", h)) for h in held)
            reader.refuse(f"{where}.doseAndRate", f"Different {name} are given for one time: {both}.", "Ask which.")
    fields["dose"] = doses[0] if doses else None
    fields["rate"] = rates[0] if rates else None
    if len(set(types)) > 1:
        reader.note(f"{where}.doseAndRate[1].type", "The same dose is given twice; its second type is not kept.")
    fields["dose_type"] = types[0] if types else None


def _dose(reader: Reader, dr: Json, here: str) -> Dose | None:
    strict = False
    amount: Amount | Range | None = None
    if "doseQuantity" in dr:
        got = reader.quantity(dr["doseQuantity"], f"{here}.doseQuantity", ("<", "<=", ">", ">="))
        if got is None:
            return None
        held, comparator = got
        strict = comparator in ("<", ">")
        amount = held if not comparator else Range(high=held) if comparator in ("<", "<=") else Range(low=held)
    elif "doseRange" in dr:
        amount = reader.range(dr["doseRange"], f"{here}.doseRange")
    if amount is None:
        return None
    if isinstance(amount, Range) and amount.low is not None and amount.low.value == 0 and amount.high is not None:
        amount = Range(high=amount.high)  # "0 to 2" is "up to 2"
    ends = (amount.low, amount.high) if isinstance(amount, Range) else (amount,)
    if any(e is not None and e.value <= 0 for e in ends):
        key = "doseQuantity" if "doseQuantity" in dr else "doseRange"
        reader.wrong(f"{here}.{key}", f"A dose cannot be zero or less: {amount}.", "Check the amount.")
        return None
    return Dose(amount, strict=strict)


def _rate(reader: Reader, dr: Json, here: str) -> Rate | None:
    if "rateRatio" in dr:
        ratio = reader.ratio(dr["rateRatio"], f"{here}.rateRatio")
        return None if ratio is None else Rate(*ratio)
    if "rateQuantity" in dr:
        split = reader.rate_unit(dr["rateQuantity"], f"{here}.rateQuantity")
        if split is None:
            return None
        amount = reader.amount(split[0], f"{here}.rateQuantity")
        return None if amount is None else _checked(reader, Rate(amount, split[1]), f"{here}.rateQuantity")
    if "rateRange" not in dr:
        return None
    where = f"{here}.rateRange"
    got = reader.fields(dr["rateRange"], where, RANGE)
    if got is None:
        return None
    ends = {k: reader.rate_unit(got[k], f"{where}.{k}") for k in ("low", "high") if k in got}
    if any(e is None for e in ends.values()):
        return None
    pers = {e[1] for e in ends.values() if e is not None}
    held = reader.range({k: e[0] for k, e in ends.items() if e is not None}, where)
    if held is None:
        return None
    if len(pers) > 1:
        reader.refuse(where, "The two ends of the rate are for different times.", "Give both for one time.")
        return None
    return _checked(reader, Rate(held, pers.pop()), where)


def _checked(reader: Reader, rate: Rate, where: str) -> Rate | None:
    ends = (rate.amount.low, rate.amount.high) if isinstance(rate.amount, Range) else (rate.amount,)
    if any(e is not None and e.value < 0 for e in ends):
        reader.wrong(where, "A rate is not below zero.")
        return None
    return rate


def _maxima(reader: Reader, got: Json, where: str, fields: dict[str, Any], more: list[Any]) -> None:
    raw = got.get("maxDosePerPeriod")
    listed = raw if isinstance(raw, list) else [raw] if raw is not None else []
    held = []
    for i, ratio in enumerate([*listed, *more]):
        here = f"{where}.maxDosePerPeriod" + (f"[{i}]" if isinstance(raw, list) or i else "")
        pair = reader.ratio(ratio, here)
        if pair is not None:
            if pair[1].kind not in ("time", "calendar months", "calendar years"):
                reader.wrong(f"{here}.denominator", f"A period of time was expected here: {pair[1]}.")
            held.append(MaxDose(*pair))
    fields["max_per_period"] = tuple(held)
    for key, name in (
        ("maxDosePerAdministration", "max_per_administration"),
        ("maxDosePerLifetime", "max_per_lifetime"),
    ):
        if key in got:
            amount = reader.amount(got[key], f"{where}.{key}")
            if amount is not None and amount.value <= 0:
                reader.wrong(f"{where}.{key}", f"A maximum must be above zero: {amount}.")
            fields[name] = amount


def write_dosage(directions: Directions) -> Json:
    """One FHIR R4 Dosage. What R4 has no field for stands in named extensions; a third has no decimal and is refused.

    >>> write_dosage(Directions(Dose(Amount("20.0", "mg", "20.0"))))
    {'doseAndRate': [{'doseQuantity': {'value': Decimal('20.0'), 'unit': 'mg', 'system': 'http://unitsofmeasure.org', 'code': 'mg'}}]}
    """
    d = directions
    out: Json = {}
    extensions: list[Json] = []
    if d.indication is not None:
        extensions.append({"url": INDICATION, "valueCodeableConcept": write_concept(d.indication)})
    extensions += [{"url": MORE_REASONS, "valueCodeableConcept": write_concept(c)} for c in d.as_needed_for[1:]]
    ratios = [{"numerator": write_amount(m.amount), "denominator": write_amount(m.per)} for m in d.max_per_period]
    extensions += [{"url": MORE_MAXIMA, "valueRatio": r} for r in ratios[1:]]
    if extensions:
        out["extension"] = extensions
    if d.min_gap is not None:
        out["modifierExtension"] = [{"url": MIN_GAP, "valueDuration": write_amount(d.min_gap)}]
    if d.sequence is not None:
        out["sequence"] = d.sequence
    if d.text:
        out["text"] = d.text
    if d.instructions:
        out["additionalInstruction"] = [write_concept(c) for c in d.instructions]
    if d.patient_instruction:
        out["patientInstruction"] = d.patient_instruction
    timing = write_timing(d.timing)
    if timing:
        out["timing"] = timing
    if d.as_needed_for:
        out["asNeededCodeableConcept"] = write_concept(d.as_needed_for[0])
    elif d.as_needed:
        out["asNeededBoolean"] = True
    for key, concept in (("site", d.site), ("route", d.route), ("method", d.method)):
        if concept is not None:
            out[key] = write_concept(concept)
    dose_and_rate: Json = {"type": write_concept(d.dose_type)} if d.dose_type is not None else {}
    if d.dose is not None:
        dose_and_rate |= write_dose(d.dose)
    if d.rate is not None:
        dose_and_rate |= write_rate(d.rate)
    if dose_and_rate:
        out["doseAndRate"] = [dose_and_rate]
    if ratios:
        out["maxDosePerPeriod"] = ratios[0]
    for key, amount in (
        ("maxDosePerAdministration", d.max_per_administration),
        ("maxDosePerLifetime", d.max_per_lifetime),
    ):
        if amount is not None:
            out[key] = write_amount(amount, key)
    return out


def read_dosages(dosages: Any, path: str = "dosageInstruction", notes: list[Problem] | None = None) -> Course:
    """The Course of a list of Dosages: equal sequence numbers side by side, higher ones after.

    Bounds that are one length become the length of the phase. Refused by name: a list in which only some are numbered,
    steps that do not say how long they last, and unnumbered Dosages that could be steps as well as side by side.
    """
    held, after = read_list(dosages, path, notes)
    return course_of(held, after, path)


def read_list(
    dosages: Any, path: str = "dosageInstruction", notes: list[Problem] | None = None
) -> tuple[tuple[Directions, ...], After | None]:
    """All Directions of a list of Dosages in order of sequence, every problem of every one at once; not yet a course."""
    reader = Reader()
    if not isinstance(dosages, list) or not dosages:
        reader.wrong(path, "A list of at least one Dosage was expected here.")
        reader.end()
    read = [_read(reader, obj, f"{path}[{i}]") for i, obj in enumerate(dosages)]
    if notes is not None:
        notes += reader.notes
    reader.end()
    held = [d for d, _ in read if d is not None]
    afters = [a for _, a in read if a is not None]
    numbered = [d.sequence for d in held if d.sequence is not None]
    if numbered and len(numbered) < len(held):
        raise RefusedError(
            Problem(
                "Only some of these are numbered by sequence, so that their order is not known.", path, "Number all."
            )
        )
    if numbered:
        held.sort(key=lambda d: d.sequence or 0)
    return tuple(held), (afters[-1] if afters else None)


def course_of(held: Sequence[Directions], after: After | None = None, path: str = "dosageInstruction") -> Course:
    """The Course of Directions sorted by sequence."""
    groups: list[list[Directions]] = []
    for d in held:
        if groups and (d.sequence == groups[-1][0].sequence):
            groups[-1].append(d)
        else:
            groups.append([d])
    if len(groups) == 1 and held[0].sequence is None and len(held) > 1:
        groups = _unnumbered(groups[0], path)
    phases: list[Phase] = []
    problems: list[Problem] = []
    for i, group in enumerate(groups):
        length, members = _length(group)
        if length is None and i < len(groups) - 1:
            problems.append(
                Problem(
                    "It does not say how long this step lasts, and another follows.",
                    f"{path} with sequence {group[0].sequence}",
                    "Give bounds of one length.",
                )
            )
            continue
        phases.append(Phase(tuple(members), length))
    if problems:
        raise RefusedError(*problems)
    return Course(tuple(phases)) if after is None else Course(tuple(phases), after)


def _unnumbered(group: list[Directions], path: str) -> list[list[Directions]]:
    """Directions without a sequence: side by side where they cannot be steps; in order where their dates say so."""
    bounds = [d.timing.bounds for d in group]
    dated = [b for b in bounds if b is not None and b.start]
    if len(dated) == len(group) and len({b.start for b in dated}) == len(group):
        in_order = sorted(group, key=lambda d: (d.timing.bounds and d.timing.bounds.start) or "")
        ends = [(d.timing.bounds and d.timing.bounds.end) or "" for d in in_order]
        starts = [(d.timing.bounds and d.timing.bounds.start) or "" for d in in_order]
        if all(e and e < s for e, s in zip(ends, starts[1:], strict=False)):
            return [[d] for d in in_order]
    lengths = {length_of(b) for b in bounds}
    when = [evolve(d.timing, bounds=None, count=None) for d in group]
    if lengths != {None} and (len(lengths) > 1 or len(set(when)) < len(group)):
        raise RefusedError(
            Problem(
                "These have lengths of their own and no sequence: they could follow each other or be taken together.",
                path,
                "Number them by sequence.",
            )
        )
    return [group]


def _length(group: Sequence[Directions]) -> tuple[Amount | None, list[Directions]]:
    """The length of a phase; a plain duration that all share is said by the phase alone and taken off its members."""
    lengths = [length_of(d.timing.bounds) for d in group]
    known = [n for n in lengths if n is not None]
    if len(known) < len(group):
        return None, list(group)
    if len(set(known)) == 1 and all(d.timing.bounds and d.timing.bounds.duration for d in group):
        return known[0], [evolve(d, timing=evolve(d.timing, bounds=None)) for d in group]
    if all(n.kind == known[0].kind for n in known):
        return max(known), list(group)
    return None, list(group)


def write_course(course: Course) -> list[Json]:
    """FHIR R4 Dosages of a course: a sequence number for each phase, its length as bounds of its members."""
    out: list[Json] = []
    for i, phase in enumerate(course.phases, 1):
        for d in phase.directions:
            timing = d.timing
            if timing.bounds is None and phase.length is not None:
                timing = evolve(timing, bounds=Bounds(duration=phase.length))
            several = len(course.phases) > 1 or len(phase.directions) > 1
            out.append(write_dosage(evolve(d, timing=timing, sequence=i if several else d.sequence)))
    usual: After = "continue" if course.phases[-1].length is None else "unknown"
    if course.after != usual:
        out[-1].setdefault("extension", []).append({"url": AFTER, "valueCode": course.after})
    return out
