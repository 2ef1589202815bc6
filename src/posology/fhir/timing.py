"""Turns FHIR Timing into a Timing of ours and back, with every invariant and every timing code.

Knows no dose. A timing code (BID, Q6H) is expanded to a repeat and kept; code and repeat that disagree are refused.
"""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from typing import Any, cast

from attrs import evolve

from posology.amount import Amount, Range
from posology.directions import Bounds, Concept, Cycle, Timing, UnitOfTime
from posology.errors import UnreadableError
from posology.fhir.parts import Json, Reader, write_amount, write_concept, write_number, write_range

REPEAT = frozenset((
    "boundsDuration", "boundsRange", "boundsPeriod", "count", "countMax", "duration", "durationMax", "durationUnit",
    "frequency", "frequencyMax", "period", "periodMax", "periodUnit", "dayOfWeek", "timeOfDay", "when", "offset",
))  # fmt: skip
_TIMING = frozenset(("event", "repeat", "code"))
_PERIOD = frozenset(("start", "end"))
_KEPT = 4096
CYCLE = "urn:posology:cycle"
"""The extension of Timing that holds days on and days off, which FHIR R4 has no field for."""
CODE_SYSTEMS = (
    "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation",
    "http://hl7.org/fhir/ValueSet/timing-abbreviation",
)
_DAYS = ("mon", "tue", "wed", "thu", "fri")


def _every(frequency: int, period: int, unit: str) -> dict[str, Any]:
    return {"frequency": frequency, "period": Fraction(period), "period_unit": unit}


CODES: dict[str, dict[str, Any]] = {
    "BID": _every(2, 1, "d"), "TID": _every(3, 1, "d"), "QID": _every(4, 1, "d"), "QD": _every(1, 1, "d"),
    "QOD": _every(1, 2, "d"), "WK": _every(1, 1, "wk"), "MO": _every(1, 1, "mo"),
    "AM": {"when": ("MORN",)}, "PM": {"when": ("AFT",)}, "BED": {"when": ("HS",)},
    "JB": _every(1, 1, "d") | {"days_of_week": _DAYS}, "JE": _every(1, 1, "d") | {"days_of_week": ("sat", "sun")},
}  # fmt: skip
"""What each timing code of FHIR means: PM is "every afternoon" there, JB business days, JE the weekend."""
_INTERVAL = re.compile(r"Q(\d{1,2})H", re.ASCII)
_TEXT_CODES = re.compile(r"[A-Z0-9]{2,4}", re.ASCII)


def expansion(code: str) -> dict[str, Any] | None:
    """The fields of Timing a code stands for; None for a code not known.

    >>> expansion("Q6H")["period"], expansion("XYZ")
    (Fraction(6, 1), None)
    """
    found = CODES.get(code.upper())
    if found is not None:
        return found
    hours = _INTERVAL.fullmatch(code.upper())
    if hours and 0 < int(hours[1]) <= 72:
        return _every(1, int(hours[1]), "h")
    return None


def expand(timing: Timing) -> Timing | None:
    """The timing with what its code stands for; itself where that is already said; None where the two disagree."""
    code = timing.code
    if code is None:
        return timing
    name = code.code or (code.text if _TEXT_CODES.fullmatch(code.text) else "")
    if code.code and code.system and not any(code.system.startswith(s) for s in CODE_SYSTEMS):
        return timing
    fields = expansion(name)
    if fields is None:
        return timing
    meant = Timing(**fields)
    said = evolve(timing, code=None, bounds=None, count=None, count_max=None, duration=None, duration_max=None,
                  duration_unit=None, events=(), cycle=None)  # fmt: skip
    if said.empty:
        return evolve(timing, **fields)
    if said.times_a_day != meant.times_a_day or (meant.elapsed != said.elapsed and said.period is not None):
        return None
    if said.frequency_max not in (None, said.frequency) or said.period_max not in (None, said.period):
        return None
    if meant.when and said.when and said.when != meant.when:
        return None
    if meant.when and not said.when and not said.times_of_day:
        return evolve(timing, when=meant.when)
    if meant.days_of_week and said.days_of_week and meant.days_of_week != said.days_of_week:
        return None
    return timing


def _words(code: Concept) -> str:
    return code.text or code.display or code.code


_read: dict[str, Timing] = {}


def read_timing(reader: Reader, obj: Any, where: str) -> Timing | None:
    """A Timing; every problem goes to the reader. Timings come again and again: one that was read whole is kept."""
    key = repr(obj)
    held = _read.get(key)
    if held is not None:
        return held
    before, noted = len(reader.problems), len(reader.notes)
    timing = _read_timing(reader, obj, where)
    if timing is not None and len(reader.problems) == before and len(reader.notes) == noted:
        if len(_read) >= _KEPT:
            _read.clear()
        _read[key] = timing
    return timing


def _read_timing(reader: Reader, obj: Any, where: str) -> Timing | None:
    cycle = None
    if isinstance(obj, dict) and obj.get("extension"):
        cycle, rest = _read_cycle(reader, obj["extension"], where)
        obj = {k: v for k, v in obj.items() if k != "extension"} | ({"extension": rest} if rest else {})
    before = len(reader.problems)
    got = reader.fields(obj, where, _TIMING)
    if got is None:
        return None
    fields: dict[str, Any] = {"cycle": cycle}
    given = reader.items(got, "event", where)
    events = [reader.date({f"event[{i}]": e}, f"event[{i}]", where) for i, e in enumerate(given)]
    fields["events"] = tuple(e for e in events if e)
    if "code" in got:
        fields["code"] = reader.concept(got["code"], f"{where}.code")
    if "repeat" in got:
        fields |= _read_repeat(reader, got["repeat"], f"{where}.repeat")
    if not got and cycle is None and len(reader.problems) == before:
        reader.wrong(where, "A timing without a field says nothing.")
    try:
        timing = Timing(**{k: v for k, v in fields.items() if v is not None})
    except UnreadableError as error:
        reader.take(error, f"{where}.repeat")
        return None
    if len(reader.problems) > before:
        return None
    if timing.code is None:
        return timing
    expanded = expand(timing)
    if expanded is None:
        reader.refuse(
            f"{where}.code", f"The code {_words(timing.code)!r} and the repeat say two different things.", "Ask which."
        )
        return None
    bare = evolve(expanded, code=None, bounds=None)
    if bare.empty and not timing.code.words:
        reader.wrong(f"{where}.code", f"This timing code is not known: {timing.code.code!r}.", "Give a repeat.")
        return None
    return expanded


def _read_cycle(reader: Reader, extensions: Any, where: str) -> tuple[Cycle | None, list[Any]]:
    if not isinstance(extensions, list):
        return None, extensions if isinstance(extensions, list) else [extensions]
    cycle, rest = None, []
    for one in extensions:
        if not isinstance(one, dict) or one.get("url") != CYCLE:
            if isinstance(one, dict) and str(one.get("url", "")).endswith("timing-daysOfCycle"):
                reader.refuse(f"{where}.extension", "Days of a cycle are given without its length.", "Give dates.")
            else:
                rest.append(one)
            continue
        parts = {p.get("url"): p.get("valuePositiveInt") for p in one.get("extension", []) if isinstance(p, dict)}
        on, off = parts.get("on"), parts.get("off")
        if not (isinstance(on, int) and isinstance(off, int) and on > 0 and off > 0):
            reader.wrong(f"{where}.extension", "A cycle needs its days on and its days off.")
            continue
        cycle = Cycle(on, off)
    return cycle, rest


def _read_repeat(reader: Reader, obj: Any, where: str) -> dict[str, Any]:
    r = reader.fields(obj, where, REPEAT)
    if r is None:
        return {}
    out: dict[str, Any] = {"lexemes": {}}
    for name, key in (("frequency", "frequency"), ("frequencyMax", "frequency_max"), ("count", "count"),
                      ("countMax", "count_max"), ("offset", "offset")):  # fmt: skip
        out[key] = reader.whole(r, name, where)
    for name, key in (("period", "period"), ("periodMax", "period_max"), ("duration", "duration"),
                      ("durationMax", "duration_max")):  # fmt: skip
        if name in r:
            number = reader.number(r[name], f"{where}.{name}")
            if number is not None:
                out[key] = Fraction(number)
                out["lexemes"][name] = str(number)
    for name, key in (("periodUnit", "period_unit"), ("durationUnit", "duration_unit")):
        unit = reader.text(r, name, where)
        if unit:
            out[key] = cast(UnitOfTime, unit)
        elif name in r:
            out[key] = None
    for unit_name, number_names in (("periodUnit", ("period",)), ("durationUnit", ("duration",))):
        if unit_name in r and not any(n in r for n in number_names):
            reader.wrong(f"{where}.{unit_name}", f"A unit of time without its {number_names[0]} says nothing.")
    for name, key in (("dayOfWeek", "days_of_week"), ("timeOfDay", "times_of_day"), ("when", "when")):
        held = reader.items(r, name, where)
        for i, one in enumerate(held):
            if not isinstance(one, str):
                reader.wrong(f"{where}.{name}[{i}]", "Text was expected here.", "", one)
        out[key] = tuple(re.sub(r"\.0+$", "", one) for one in held if isinstance(one, str))
    out["bounds"] = _read_bounds(reader, r, where)
    return out


def _read_bounds(reader: Reader, r: Json, where: str) -> Bounds | None:
    given = [k for k in ("boundsDuration", "boundsRange", "boundsPeriod") if k in r]
    if len(given) > 1:
        reader.refuse(where, f"Two bounds are given: {' and '.join(given)}.", "Give one.")
        return None
    if not given:
        return None
    key, here = given[0], f"{where}.{given[0]}"
    fields: dict[str, Any]
    if key == "boundsDuration":
        got = reader.quantity(r[key], here, ("<", "<="))
        if got is None:
            return None
        amount, comparator = got
        if comparator == "<":
            reader.refuse(f"{here}.comparator", "A length that is only compared (<) is no length.", "Give a range.")
        fields = {"high": amount} if comparator == "<=" else {"duration": amount}
    elif key == "boundsRange":
        held = reader.range(r[key], here)
        if held is None:
            return None
        fields = {"low": held.low, "high": held.high}
    else:
        p = reader.fields(r[key], here, _PERIOD)
        if p is None:
            return None
        fields = {"start": reader.date(p, "start", here), "end": reader.date(p, "end", here)}
        if not any(fields.values()):
            if not reader.problems:
                reader.wrong(here, "A period without its ends says nothing.")
            return None
        start, end = fields["start"], fields["end"]
        if start and end and end[: len(start)] < start[: len(end)]:
            reader.wrong(here, f"It ends ({end}) before it starts ({start}).")
            return None
    try:
        return Bounds(**fields)
    except UnreadableError as error:
        reader.take(error, here)
        return None


def write_bounds(bounds: Bounds) -> Json:
    """The bounds[x] of a repeat."""
    if bounds.duration is not None:
        return {"boundsDuration": write_amount(bounds.duration, "boundsDuration")}
    if bounds.low is not None or bounds.high is not None:
        return {"boundsRange": write_range(Range(bounds.low, bounds.high), "boundsRange")}
    ends = {"start": bounds.start, "end": bounds.end}
    return {"boundsPeriod": {k: v for k, v in ends.items() if v}}


def write_timing(timing: Timing) -> Json:
    """A FHIR R4 Timing; the code is written beside its expansion."""
    t = timing
    repeat: Json = {}
    if t.bounds is not None:
        repeat |= write_bounds(t.bounds)

    def decimal(name: str, value: Fraction | None) -> None:
        if value is not None:
            repeat[name] = write_number(value, t.lexemes.get(name, ""), name)

    def plain(name: str, value: object) -> None:
        if value is not None and value != ():
            repeat[name] = list(value) if isinstance(value, tuple) else value

    plain("count", t.count)
    plain("countMax", t.count_max)
    decimal("duration", t.duration)
    decimal("durationMax", t.duration_max)
    plain("durationUnit", t.duration_unit)
    plain("frequency", t.frequency)
    plain("frequencyMax", t.frequency_max)
    decimal("period", t.period)
    decimal("periodMax", t.period_max)
    plain("periodUnit", t.period_unit)
    plain("dayOfWeek", t.days_of_week)
    plain("timeOfDay", tuple(x if len(x) == 8 else f"{x}:00" for x in t.times_of_day))
    plain("when", t.when)
    plain("offset", t.offset)
    out: Json = {}
    if t.cycle is not None:
        parts = (("on", t.cycle.on), ("off", t.cycle.off))
        out["extension"] = [{"url": CYCLE, "extension": [{"url": k, "valuePositiveInt": n} for k, n in parts]}]
    if t.events:
        out["event"] = list(t.events)
    if repeat:
        out["repeat"] = repeat
    if t.code is not None:
        out["code"] = write_concept(t.code)
    return out


def length_of(bounds: Bounds | None) -> Amount | None:
    """How long bounds hold, where that is one length: a duration, or whole days between two dates (both counted)."""
    if bounds is None:
        return None
    if bounds.duration is not None:
        return bounds.duration
    if bounds.start and bounds.end and len(bounds.start) == len(bounds.end) == 10:
        try:
            days = (dt.date.fromisoformat(bounds.end) - dt.date.fromisoformat(bounds.start)).days + 1
        except ValueError:
            return None
        return Amount(days, "d") if days > 0 else None
    return None
