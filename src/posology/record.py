"""Turns a Plan into one JSON document, versioned, with decimals as strings; the form for programs.

Knows no prescription format and no page; its JSON Schema stands beside it (``SCHEMA``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from posology.amount import Amount, Range, Strength, number_text
from posology.checks import Finding
from posology.directions import Dose
from posology.errors import EXIT_OK, EXIT_STOP
from posology.measure import Measure, NotMeasurable
from posology.plan import Plan
from posology.wording.findings import catalogue, say

VERSION = 1


def write(plan: Plan, understood: str = "") -> dict[str, Any]:
    """The plan as plain data. Amounts are ``{"value": "7.5", "unit": "mg"}``; instants are ISO 8601 with offset and zone."""
    return {
        "format": "posology-plan",
        "version": VERSION,
        "state": plan.state,
        "stopped": plan.stopped,
        "exit": EXIT_STOP if plan.stopped else EXIT_OK,
        "medicine": {"id": plan.medicine.id, "name": plan.medicine.names[0], "tapers": plan.medicine.tapers},
        "country": plan.setting.country.id,
        "emergency": plan.setting.country.emergency,
        "zone": plan.setting.zone,
        "from": plan.setting.first_day.isoformat(),
        "days": plan.setting.days,
        "text": plan.prescription.text,
        "understood": understood,
        "after": plan.prescription.course.after,
        "phases": [
            {"number": p.number, "per_day": _plain(p.per_day), "per_dose": _plain(p.per_dose), "days": p.days,
             "from": _plain(p.starts), "as_needed": p.as_needed}
            for p in plan.phases
        ],
        "doses": [
            {"id": e.id, "at": e.at.format_iso(), "dose": _dose(e.dose), "phase": e.phase + 1, "note": e.note}
            for e in (() if plan.stopped else plan.events)
        ],
        "measures": [{"dose": _dose(d), **_measure(m)} for d, m in plan.measures],
        "notes": [{"key": n.key, "facts": _facts(n.facts)} for n in plan.schedule.notes],
        "findings": [_finding(f, plan) for f in plan.findings],
        "supply": _supply(plan),
        "sources": [
            {"id": s.id, "publisher": s.publisher, "title": s.title, "date": s.date, "jurisdiction": s.jurisdiction,
             "checked": s.checked}
            for s in plan.sources
        ],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, Amount):
        return {"value": number_text(value.value), "unit": value.unit}
    if isinstance(value, Range):
        return {"low": _plain(value.low), "high": _plain(value.high)}
    if isinstance(value, Strength):
        return {"amount": _plain(value.amount), "per": _plain(value.per)}
    if isinstance(value, Fraction):
        return number_text(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, tuple | list | frozenset):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return _facts(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {k: _plain(v) for k, v in facts.items()}


def _dose(dose: Dose | None) -> Any:
    return _plain(dose.amount) if dose else None


def _measure(m: Measure | NotMeasurable) -> dict[str, Any]:
    if isinstance(m, NotMeasurable):
        return {
            "measurable": False,
            "reason": m.reason,
            "below": _plain(m.below),
            "above": _plain(m.above),
            "devices": [d.name for d in m.devices],
        }
    return {
        "measurable": True,
        "given": _plain(m.given),
        "error": _plain(m.error),
        "rule": m.rule,
        "take": [
            {"product": t.product.id, "name": t.product.name, "strength": str(t.product.strength), "amount": _plain(t.quantity),
             "device": t.device.name if t.device else None}
            for t in m.takes
        ],
    }  # fmt: skip


def _finding(f: Finding, plan: Plan) -> dict[str, Any]:
    said = say(f, country=plan.setting.country, tapers=plan.medicine.tapers)
    cited = [plan.medicine.statement(s) for s in f.statements]
    return {
        "check": f.check,
        "severity": f.severity,
        "key": f.key,
        "say": said.say,
        "do": said.do,
        "facts": _facts(f.facts),
        "how": {n: catalogue()["fact-how"][n] for n in _names(f)},
        "rests_on": f.rests_on,
        "statements": [
            {"id": s.id, "text": s.text, "source": s.source, "section": s.section, "jurisdiction": plan.medicine.of(s),
             "verified": s.verified}
            for s in cited
        ],
    }  # fmt: skip


def _names(f: Finding) -> tuple[str, ...]:
    """The facts a finding asks for."""
    names = f.facts.get("names", ())
    return names if f.severity == "ask" and isinstance(names, tuple) else ()


def _supply(plan: Plan) -> dict[str, Any] | None:
    if plan.supply is None:
        return None
    return {"runs_out": _plain(plan.supply.runs_out), "order_by": _plain(plan.supply.order_by)}


_AMOUNT = {
    "type": "object",
    "properties": {"value": {"type": "string", "pattern": r"^-?\d+(\.\d+)?(/\d+)?$"}, "unit": {"type": "string"}},
    "required": ["value", "unit"],
    "additionalProperties": False,
}
_TEXT = {"type": "string"}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
_REF = {"$ref": "#/$defs/amount"}


def _maybe(schema: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": [{"type": "null"}, schema]}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """An object with exactly these keys."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


_DOSE = {"oneOf": [{"type": "null"}, {"$ref": "#/$defs/amount"},
                   _object(low=_maybe(_REF), high=_maybe(_REF))]}  # fmt: skip
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A plan of Posology, version 1",
    "type": "object",
    "$defs": {"amount": _AMOUNT, "dose": _DOSE},
    "additionalProperties": False,
    "required": ["format", "version", "state", "stopped", "exit", "medicine", "country", "zone", "from", "days", "text",
                 "phases", "doses", "measures", "findings", "sources"],
    "properties": {
        "format": {"const": "posology-plan"},
        "version": {"const": VERSION},
        "state": {"enum": ["as-prescribed", "proposed", "approved", "active", "held", "stepped-back", "finished", "stopped"]},
        "stopped": {"type": "boolean"},
        "exit": {"enum": [EXIT_OK, EXIT_STOP]},
        "medicine": _object(id=_TEXT, name=_TEXT, tapers={"type": "boolean"}),
        "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "emergency": _TEXT,
        "zone": _TEXT,
        "from": _DATE,
        "days": {"type": "integer", "minimum": 1},
        "text": _TEXT,
        "understood": _TEXT,
        "after": {"enum": ["stop", "continue", "unknown"]},
        "phases": _array(_object(
            number={"type": "integer"}, per_day=_maybe(_REF), per_dose=_maybe(_REF), days=_maybe({"type": "integer"}),
            **{"from": _maybe(_DATE)}, as_needed={"type": "boolean"},
        )),
        "doses": _array(_object(
            id=_TEXT, at={"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d(:\d\d)?\[.+\]$"},
            dose={"$ref": "#/$defs/dose"}, phase={"type": "integer"}, note=_TEXT,
        )),
        "measures": _array({"type": "object", "required": ["dose", "measurable"]}),
        "notes": _array(_object(key=_TEXT, facts={"type": "object"})),
        "findings": _array(_object(
            check=_TEXT, severity={"enum": ["stop", "warn", "ask", "note"]}, key=_TEXT, say=_TEXT, do=_TEXT,
            facts={"type": "object"}, how={"type": "object", "additionalProperties": _TEXT}, rests_on=_TEXT,
            statements=_array(_object(id=_TEXT, text=_TEXT, source=_TEXT, section=_TEXT, jurisdiction=_TEXT,
                                      verified={"type": "boolean"})),
        )),
        "supply": _maybe(_object(runs_out=_maybe(_DATE), order_by=_maybe(_DATE))),
        "sources": _array(_object(id=_TEXT, publisher=_TEXT, title=_TEXT, date=_TEXT, jurisdiction=_TEXT, checked=_TEXT)),
    },
}  # fmt: skip
"""The JSON Schema of what :func:`write` returns."""
