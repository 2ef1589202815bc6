"""Turns the keys of a problem file into its JSON Schema, for editors and for other programs.

Knows no problem: it is made from the same lists of keys that the reader refuses by.
"""

from __future__ import annotations

from typing import Any

from attrs import fields

from posology.taper import form
from posology.taper.problem import DAY_PATTERNS, Limits

Json = dict[str, Any]

_NUMBER: Json = {
    "description": "mg (or mL, or percent) as decimal text, a fraction like 1/3, or an exact number",
    "oneOf": [{"type": "string", "pattern": r"^(\d+(\.\d+)?|\d+/0*[1-9]\d*)$"}, {"type": "number", "minimum": 0}],
}
_WHOLE: Json = {"type": "integer", "minimum": 0}
_COUNT: Json = {"type": "integer", "minimum": 1}
_DATE: Json = {"type": "string", "format": "date"}
_TEXT: Json = {"type": "string", "minLength": 1}
_REF: Json = {"$ref": "#/$defs/number"}
_DOSES: Json = {
    "description": "mg at each dose time: by name, or as a list in the order of the slots",
    "oneOf": [
        {"type": "object", "additionalProperties": _REF},
        {"type": "array", "items": _REF},
    ],
}


def _limit(name: str) -> Json:
    if name in ("steps", "step_days", "min_step_days", "max_products", "max_pieces_per_dose"):
        return _COUNT
    if name in ("min_total_days", "max_total_days"):
        return _WHOLE
    if name in ("halves", "quarters", "never_ahead"):
        return {"type": "boolean"}
    if name in ("earliest_end", "latest_end"):
        return _DATE
    if name in ("reduce_first", "reduce_last"):
        return {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]}
    if name == "day_patterns":
        return {"type": "array", "items": {"enum": list(DAY_PATTERNS)}}
    if name == "holds":
        return {
            "type": "array",
            "items": _object({"after_step": _COUNT, "days": _COUNT}, ("after_step", "days")),
        }
    return _REF


def _object(properties: Json, required: tuple[str, ...] = ()) -> Json:
    made: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        made["required"] = list(required)
    return made


def schema() -> Json:
    """The JSON Schema (2020-12) of a problem file, published schedules and questions included.

    >>> schema()["properties"]["limits"]["properties"]["steps"]
    {'type': 'integer', 'minimum': 1}
    """
    limits = {f.name: _limit(f.name) for f in fields(Limits)}
    limits |= {alias: limits[name] for alias, name in form.ALIASES.items()}
    product = _object(
        {
            "id": _TEXT, "name": _TEXT, "form": _TEXT, "strength_mg": _REF, "per_ml": _REF, "have": _REF,
            "pieces": {"type": "array", "items": {"enum": ["1", "1/2", "1/4", 1]}, "minItems": 1},
            "syringe": _object({"max_ml": _REF, "mark_ml": _REF}, ("max_ml", "mark_ml")),
        },
        ("strength_mg",),
    )  # fmt: skip
    row = _object(
        {
            "days": {"type": ["integer", "null"], "minimum": 1}, "mg": {"oneOf": [*_DOSES["oneOf"], {"type": "null"}]}, "until": _TEXT,
            "days_range": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2},
            "day_pattern": {"type": "object"}, "note": {}, "notes": {},
        }
    )  # fmt: skip
    phase = _object({key: (_COUNT if key == "every_days" else _REF) for key in form.PHASE_KEYS})
    keys = sorted({k for known in form.SHAPE_KEYS.values() for k in known})
    shape_properties: Json = dict.fromkeys(keys, _REF)
    shape_properties |= {
        "kind": {"enum": sorted(form.KINDS)}, "source": _TEXT, "every_days": _COUNT, "per_days": _COUNT, "days": _WHOLE,
        "min_total_days": _WHOLE, "of": {"enum": ["current", "start"]}, "medicine": _TEXT, "region": _TEXT,
        "every_days_range": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2},
        "phases": {"type": "array", "items": phase, "minItems": 1}, "steps": {"type": "array", "items": row, "minItems": 1},
        "curve": {"type": "object"}, "occupancy_model": {"type": "object"},
    }  # fmt: skip
    shape = {"oneOf": [{"enum": sorted(form.KINDS)}, _object(shape_properties, ("kind",))]}
    free: Json = {}
    properties: Json = {
        "id": _TEXT, "medicine": _TEXT,
        "products": {"oneOf": [_TEXT, {"type": "array", "items": product, "minItems": 1}]},
        "slots": {"oneOf": [{"type": "integer", "minimum": 1, "maximum": 8}, {"type": "array", "items": _TEXT, "minItems": 1}]},
        "start": _DOSES, "start_mg_per_day": _REF, "target": _DOSES, "target_mg_per_day": _REF,
        "limits": _object(limits), "shape": shape, "direction": {"enum": ["taper", "titration"]}, "from": _DATE,
        "jurisdiction": _TEXT, "tolerance_percent": _REF, "published": {"type": "boolean"}, "notes": free, "since": _DATE,
        "conditions": {"type": "array", "items": _TEXT}, "earlier_withdrawal": {"type": "boolean"},
        "steps": {"type": "array", "items": row, "minItems": 1}, "rule": {"type": "object"},
        "end": {"enum": ["stop", "maintenance", "continues", "review"]},
    }  # fmt: skip
    for key in (*form.SCHEDULE_KEYS, *form.QUESTION_KEYS):
        properties.setdefault(key, free)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A taper problem of Posology",
        "description": "Doses now, products at hand, a target, a prescriber's limits and a shape. Amounts are mg.",
        **_object(properties, ("products",)),
        "$defs": {"number": _NUMBER},
    }
