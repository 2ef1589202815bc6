"""Turns the keys of a problem file and of its answer into their JSON Schemas, for editors and for other programs.

Knows no problem: the one of the file is made from the same lists of keys that the reader refuses by.
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
_WHOLE: Json = {"type": ["integer", "string"], "minimum": 0, "pattern": r"^\d+$"}
_COUNT: Json = {"type": ["integer", "string"], "minimum": 1, "pattern": r"^0*[1-9]\d*$"}
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
        one = {"enum": list(DAY_PATTERNS)}
        return {"oneOf": [one, {"type": "array", "items": one}]}
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
    {'type': ['integer', 'string'], 'minimum': 1, 'pattern': '^0*[1-9]\\\\d*$'}
    """
    limits = {f.name: _limit(f.name) for f in fields(Limits)}
    limits |= {alias: limits[name] for alias, name in form.ALIASES.items()}
    product = _object(
        {
            "id": _TEXT, "name": _TEXT, "form": _TEXT, "strength_mg": _REF, "pack_strength": _TEXT, "per_ml": _REF, "have": _REF,
            "pieces": {"type": "array", "items": {"enum": ["1", "1/2", "1/4", "0.5", "0.25", 1, 0.5, 0.25]}, "minItems": 1},
            "syringe": _object({"max_ml": _REF, "mark_ml": _REF}, ("max_ml", "mark_ml")),
        },
        ("strength_mg",),
    )  # fmt: skip
    row = _object(
        {
            "days": {**_COUNT, "type": ["integer", "string", "null"]}, "mg": {"oneOf": [*_DOSES["oneOf"], {"type": "null"}]}, "until": _TEXT,
            "days_range": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2},
            "day_pattern": {"type": ["object", "null"], "description": "by_weekday, or period_days and one list with a row for each day"},
            "note": {}, "notes": {},
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


_EXACT: Json = {
    "description": "exact: a decimal or a fraction as text",
    "type": "string",
    "pattern": r"^-?\d+(\.\d+|/\d+)?$",
}
_MAYBE: Json = {"oneOf": [{"$ref": "#/$defs/exact"}, {"type": "null"}]}
_DAYS: Json = {"type": ["integer", "null"], "minimum": 0}
_MANY: Json = {"type": "integer", "minimum": 1}
_NONE_OR_MORE: Json = {"type": "integer", "minimum": 0}


def answer_schema() -> Json:
    """The JSON Schema (2020-12) of the answer of ``posology taper --json``.

    >>> answer_schema()["properties"]["status"]
    {'enum': ['planned', 'infeasible']}
    """
    exact: Json = {"$ref": "#/$defs/exact"}
    take = _object(
        {"product": _TEXT, "pieces": exact, "piece": {"enum": ["1", "1/2", "1/4"]}, "count": _MANY, "mL": exact},
        ("product",),
    )
    take["oneOf"] = [{"required": ["pieces", "piece", "count"]}, {"required": ["mL"]}]
    mg: Json = {"type": "object", "additionalProperties": exact}
    takes: Json = {"type": "object", "additionalProperties": {"type": "array", "items": take}}
    step = _object(
        {
            "days": _DAYS, "mg": mg, "take": takes, "mg_per_day": exact, "ideal_mg_per_day": exact, "until": _TEXT,
            "days_range": {"type": "array", "items": _MANY, "minItems": 2, "maxItems": 2}, "held_days": _MANY,
            "pattern": {"type": "array", "minItems": 1, "items": _object({"day": _TEXT, "mg": mg, "take": takes}, ("day", "mg", "take"))},
            "from": _DATE, "to": _DATE,
        },
        ("days", "mg", "take", "mg_per_day"),
    )  # fmt: skip
    worst = _object(
        {
            "change": _MANY, "from_mg_per_day": exact, "to_mg_per_day": exact, "mg_per_day": exact, "percent_of_current": _MAYBE,
            "percent_of_start": _MAYBE, "percent_of_effect": exact,
            "measure": {"enum": ["linear", "proportional", "hyperbolic", "rule"]},
        },
        ("change", "from_mg_per_day", "to_mg_per_day", "mg_per_day", "percent_of_current", "percent_of_start", "percent_of_effect", "measure"),
    )  # fmt: skip
    period = _object(
        {"from_day": _MANY, "to_day": _MANY, "quantity": exact, "from": _DATE, "to": _DATE},
        ("from_day", "to_day", "quantity"),
    )
    supply = _object(
        {
            "product": _TEXT, "unit": {"enum": ["piece", "mL"]}, "quantity": exact, "have": exact, "needed": exact,
            "periods": {"type": "array", "items": {"$ref": "#/$defs/period"}},
        },
        ("product", "unit", "quantity", "periods"),
    )  # fmt: skip
    steps: Json = {"type": "array", "items": {"$ref": "#/$defs/step"}}
    dispense: Json = {"type": "array", "items": {"$ref": "#/$defs/supply"}}
    worst_step: Json = {"oneOf": [{"$ref": "#/$defs/worst"}, {"type": "null"}]}
    change = _object({"limit": _TEXT, "now": {}, "to": {}}, ("limit", "now", "to"))
    other = _object(
        {
            "key": {"enum": ["slower", "fewer-pieces", "one-product"]}, "dose_changes": _MANY, "total_days": _DAYS, "worst_step": worst_step,
            "pieces": _DAYS, "splits": _DAYS, "products": {"type": "array", "items": _TEXT}, "steps": steps, "dispense": dispense,
        },
        ("key", "dose_changes", "total_days", "worst_step", "pieces", "splits", "products", "steps", "dispense"),
    )  # fmt: skip
    keyed = _object({"key": _TEXT, "fact": {"type": "string"}}, ("key", "fact"))
    helped = _object(
        {"product": _TEXT, "worst_percent_of_effect": _object({"now": _MAYBE, "with": _MAYBE}, ("now", "with"))},
        ("product", "worst_percent_of_effect"),
    )
    rate = _object({"statement": _TEXT, "jurisdiction": _TEXT, "days": _DAYS, "days_high": _DAYS,
                    "applies": {"type": ["boolean", "null"]}, "verified": {"type": "boolean"}})  # fmt: skip
    listed: Json = {"type": "array", "items": _TEXT}
    properties: Json = {
        "status": {"enum": ["planned", "infeasible"]}, "state": {"const": "proposed"}, "steps": steps, "end": {"enum": ["stop", "maintenance", "until"]},
        "total_days": _DAYS, "dose_changes": _NONE_OR_MORE, "dispense": dispense, "worst_step": worst_step,
        "reached": {"type": "object", "additionalProperties": _NONE_OR_MORE}, "repeated": {"type": "boolean"},
        "notes": {"type": "array", "items": keyed}, "blocking": listed, "changes": {"type": "array", "items": change}, "facts": listed,
        "alternatives": {"type": "array", "items": other}, "would_help": {"type": "array", "items": helped},
        "medicine": _TEXT, "country": {"type": ["string", "null"]}, "rates": {"type": "array", "items": rate},
        "slower_because": {"type": "array", "items": keyed}, "statements": listed,
    }  # fmt: skip
    always = ("status", "steps", "dispense", "worst_step", "blocking", "changes", "alternatives")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The answer to a taper problem of Posology",
        "description": "A proved plan, or the limits that block one. Amounts are mg; a step of 0 mg at the end of a taper is not listed.",
        **_object(properties, always),
        "$defs": {"exact": _EXACT, "step": step, "worst": worst, "period": period, "supply": supply},
    }
