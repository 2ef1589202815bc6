"""Turns the data files of medicines, devices, countries and vocabularies into checked values, all errors at once.

Knows no person and no prescription. A medicine is a folder ``<id>/medicine.toml`` in the data of this package, or in
the folder named by the setting ``POSOLOGY_MEDICINES``: no code.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import tomllib
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

import cattrs
from attrs import NOTHING, fields, has, resolve_types
from cattrs.gen import make_dict_structure_fn
from cattrs.v import format_exception

from posology.amount import Amount, Strength, parse_number
from posology.errors import Problem, UnreadableError
from posology.measure import Device
from posology.medicine import RULES, Medicine, Product, Rule
from posology.vocabulary import Country, Term, Vocabulary, lookup

DATA = Path(__file__).parent / "data"
SETTING = "POSOLOGY_MEDICINES"
_UNIT_TEXT = {"mcg": "ug", "microgram": "ug", "micrograms": "ug"}
_KEYED = ("source", "product", "statement", "claim", "ingredient")
_LISTED = ("unused", "example")


def _amount(value: Any) -> Amount:
    if isinstance(value, str):
        number, _, unit = value.strip().partition(" ")
        return Amount(parse_number(number).value, unit.strip(), value)
    if isinstance(value, Mapping) and set(value) == {"value", "unit"}:
        return Amount(_exact(value["value"]), value["unit"])
    raise UnreadableError(Problem('Write an amount as "60 mg" or { value = 60, unit = "mg" }.'))


def _strength(value: Any) -> Strength:
    if isinstance(value, str) and "/" in value:
        amount, _, per = value.partition("/")
        per = per.strip()
        return Strength(_amount(amount.strip()), _amount(per if per[:1].isdigit() else f"1 {per}"))
    if isinstance(value, Mapping) and set(value) == {"value", "unit", "per"}:
        return Strength(_amount({k: value[k] for k in ("value", "unit")}), _amount(value["per"]))
    raise UnreadableError(Problem('Write a strength as "5 mg / 5 mL" or { value = 5, unit = "mg", per = { ... } }.'))


def _exact(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise UnreadableError(Problem(f"This is not a number: {value!r}."))
    return parse_number(value).value if isinstance(value, str) else Fraction(value)


def _text(value: Any, _: Any) -> str:
    if type(value) is dt.date:  # TOML has dates; ours stay text, as a source may give only a month
        return value.isoformat()
    if not isinstance(value, str):
        raise UnreadableError(Problem(f"This must be a text in quotes: {value!r}."))
    return value


def _whole(value: Any, _: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableError(Problem(f"This must be a whole number: {value!r}."))
    return value


def _flag(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise UnreadableError(Problem(f"This must be true or false: {value!r}."))
    return value


@cache
def converter(detailed: bool = True) -> cattrs.Converter:
    """The converter from plain data to our values: strict types, no unknown keys.

    ``detailed``: every error with its path; without, the same rules at half the time, and the first error only.
    """
    c = cattrs.Converter(forbid_extra_keys=True, detailed_validation=detailed)
    c.register_structure_hook(str, _text)
    c.register_structure_hook(int, _whole)
    c.register_structure_hook(bool, _flag)
    c.register_structure_hook(Fraction, lambda v, _: _exact(v))
    c.register_structure_hook(Amount, lambda v, _: _amount(v))
    c.register_structure_hook(Strength, lambda v, _: _strength(v))
    c.register_structure_hook_func(lambda t: t is object, lambda v, _: v)  # the person of an example: read elsewhere

    def rule(value: Any, _: Any) -> Any:
        kind = value.get("kind") if isinstance(value, Mapping) else None
        if kind not in RULES:
            raise UnreadableError(
                Problem(f"This kind of rule is not known: {kind!r}.", "", f"Known: {', '.join(RULES)}.")
            )
        rest = {k: v for k, v in value.items() if k != "kind"}
        return c.structure(rest, RULES[kind])

    c.register_structure_hook_func(
        lambda t: t == Rule or t == Rule | None, lambda v, t: None if v is None else rule(v, t)
    )
    c.register_structure_hook_factory(
        has,
        lambda cls: make_dict_structure_fn(
            cls, c, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=detailed
        ),
    )
    return c


def _problems(error: BaseException, root: str) -> list[Problem]:
    """Every leaf of a cattrs error group, with its path."""
    from cattrs.errors import (
        AttributeValidationNote,
        ClassValidationError,
        ForbiddenExtraKeysError,
        IterableValidationError,
        IterableValidationNote,
    )

    found: list[Problem] = []

    def walk(exc: BaseException, path: str) -> None:
        if isinstance(exc, ClassValidationError | IterableValidationError):
            for sub in exc.exceptions:
                step = path
                for note in getattr(sub, "__notes__", ()):
                    if isinstance(note, AttributeValidationNote):
                        step = f"{path}.{note.name}" if path else note.name
                    elif isinstance(note, IterableValidationNote):
                        step = f"{path}[{note.index}]"
                walk(sub, step)
        elif isinstance(exc, ForbiddenExtraKeysError):
            for key in sorted(exc.extra_fields):
                known = [f.name for f in fields(exc.cl)] if exc.cl and has(exc.cl) else []
                from difflib import get_close_matches

                near = get_close_matches(key, known, 1)
                found.append(
                    Problem("This key is not known.", f"{path}.{key}", f"Did you mean {near[0]}?" if near else "")
                )
        elif isinstance(exc, UnreadableError):
            found.extend(
                Problem(p.what, ".".join(x for x in (path, p.where) if x), p.todo, p.text) for p in exc.problems
            )
        elif isinstance(exc, KeyError):
            found.append(Problem("This key is missing.", f"{path}.{exc.args[0]}"))
        else:
            found.append(Problem(f"{format_exception(exc, None)}: {exc}".removesuffix(": "), path))

    walk(error, root)
    return found


def structure(value: Any, cls: type, path: str) -> Any:
    """One value of a class from plain data, or :class:`UnreadableError` with every problem and its path."""
    try:
        return converter(detailed=False).structure(value, cls)
    except Exception:  # whatever it was, the detailed converter meets it again and says where
        pass
    try:
        return converter().structure(value, cls)
    except (cattrs.BaseValidationError, UnreadableError, KeyError, TypeError, ValueError) as error:
        raise UnreadableError(*_problems(error, path)) from None


MAX_FILE = 5_000_000
"""Bytes of a medicine file; more is none."""


def _decimal(text: str) -> Decimal:
    """A decimal of a file, kept exact; one that could fill the memory is refused."""
    found = Decimal(text)
    if len(text) > 60 or (found.is_finite() and abs(found.adjusted()) > 40):
        raise ValueError(f"this number is too large: {text[:20]}")
    return found


def read_toml(path: Path, most: int = MAX_FILE) -> dict[str, Any]:
    """A TOML file with exact decimals, or a clear error with the line. ``most``: the bytes it may have."""
    try:
        if path.stat().st_size > most:
            raise UnreadableError(Problem("This file is too large.", str(path), f"Give at most {most} bytes."))
        return tomllib.loads(path.read_text("utf-8"), parse_float=_decimal)
    except FileNotFoundError:
        raise UnreadableError(Problem("There is no such file.", str(path))) from None
    except (ValueError, RecursionError) as error:
        raise UnreadableError(
            Problem(f"This is not a TOML file that can be read: {str(error)[:200]}.", str(path))
        ) from None
    except OSError as error:
        raise UnreadableError(Problem(f"It cannot be read: {error.strerror}.", str(path))) from None


def medicine_from(data: Mapping[str, Any]) -> Medicine:
    """A medicine from the plain data of its file; every error at once, with its path.

    >>> medicine_from({"id": "x"})
    Traceback (most recent call last):
    posology.errors.UnreadableError: names: This key is missing.
    ingredient: At least one is needed.
    source: At least one is needed.
    """
    problems: list[Problem] = []
    known = {f.name for f in fields(Medicine)}
    made: dict[str, Any] = {}
    plain = {k: v for k, v in data.items() if k not in (*_KEYED, *_LISTED)}
    for key in plain:
        if key not in known or key in ("sources", "products", "statements", "claims", "ingredients", "examples"):
            from difflib import get_close_matches

            near = get_close_matches(key, [*known, *_KEYED, *_LISTED], 1)
            problems.append(Problem("This key is not known.", key, f"Did you mean {near[0]}?" if near else ""))
    types_ = _element_types()
    for key in _KEYED:
        group = data.get(key, {})
        held = []
        if not isinstance(group, Mapping):
            problems.append(Problem(f"Write [{key}.ID] tables.", key))
            group = {}
        for id, entry in group.items():
            try:
                if not isinstance(entry, Mapping):
                    raise UnreadableError(Problem("This must be a table.", f"{key}.{id}"))
                held.append(structure({**entry, "id": id}, types_[key], f"{key}.{id}"))
            except UnreadableError as error:
                problems += error.problems
        made[f"{key}s"] = tuple(held)
    for key in _LISTED:
        held = []
        for i, entry in enumerate(data.get(key, ())):
            try:
                held.append(structure(entry, types_[key], f"{key}[{i}]"))
            except UnreadableError as error:
                problems += error.problems
        made["unused" if key == "unused" else "examples"] = tuple(held)
    for key in ("id", "names"):
        if key not in plain:
            problems.append(Problem("This key is missing.", key))
    for key in ("ingredient", "source"):
        if not data.get(key):
            problems.append(Problem("At least one is needed.", key))
    for key in set(plain) & known:
        try:
            made[key] = structure(plain[key], getattr(fields(resolve_types(Medicine)), key).type, key)
        except UnreadableError as error:
            problems += error.problems
    if problems:
        raise UnreadableError(*problems)
    return Medicine(**made)


@cache
def _element_types() -> dict[str, type]:
    from posology import medicine as m

    return {
        "source": m.Source,
        "product": m.Product,
        "statement": m.Statement,
        "claim": m.Claim,
        "ingredient": m.Ingredient,
        "unused": m.Unused,
        "example": m.Example,
    }


def load_medicine(path: Path) -> Medicine:
    """The medicine of one file."""
    return medicine_from(read_toml(path))


def _folders() -> list[Path]:
    extra = os.environ.get(SETTING, "")
    return [*(Path(p) for p in extra.split(os.pathsep) if p), DATA / "medicines"]


def medicine_files() -> dict[str, Path]:
    """Every medicine file by id; a folder named in the setting comes before ours."""
    found: dict[str, Path] = {}
    for folder in _folders():
        if folder.is_dir():
            for sub in sorted(folder.iterdir()):
                if (sub / "medicine.toml").is_file():
                    found.setdefault(sub.name, sub / "medicine.toml")
    return dict(sorted(found.items()))


@cache
def names() -> dict[str, str]:
    """Every name of every medicine, in lower case, to its id; read from the first lines of each file."""
    found: dict[str, str] = {}
    for id, path in medicine_files().items():
        head: list[str] = []
        try:
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    if line.startswith("["):
                        break
                    head.append(line)
            for name in tomllib.loads("".join(head), parse_float=Decimal).get("names", (id,)):
                found.setdefault(str(name).lower(), id)
            found.setdefault(id, id)
        except (OSError, ValueError):
            found.setdefault(id, id)
    return found


@cache
def medicine(name: str) -> Medicine:
    """The medicine of that name or id, or an error with the nearest names.

    >>> medicine("baclofin")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    posology.errors.UnreadableError: This medicine is not known: 'baclofin'. Did you mean: baclofen...
    """
    wanted = name.strip().lower()
    known = names()
    if wanted not in known:
        from difflib import get_close_matches

        near = get_close_matches(wanted, known, 3)
        todo = f"Did you mean: {', '.join(near)}? " if near else ""
        raise UnreadableError(
            Problem(f"This medicine is not known: {name[:60]!r}.", "", todo + "See all: posology medicines", name[:60])
        )
    return load_medicine(medicine_files()[known[wanted]])


@cache
def countries() -> dict[str, Country]:
    """Countries by their two-letter code."""
    table = read_toml(DATA / "countries.toml")
    return {id: structure({**entry, "id": id}, Country, f"countries.{id}") for id, entry in table.items()}


def country(text: str) -> Country:
    """The country of a code or name (UK is GB), or an error that lists the known ones."""
    wanted = text.strip()
    code = {"UK": "GB", "EN": "GB"}.get(wanted.upper(), wanted.upper())
    known = countries()
    if code in known:
        return known[code]
    for c in known.values():
        if c.name.lower() == wanted.lower():
            return c
    raise UnreadableError(
        Problem(
            f"This country is not known: {text[:40]!r}.", "", f"Known: {', '.join(known)} (UK means GB).", text[:40]
        )
    )


@cache
def devices() -> dict[str, Device]:
    """The measuring devices on file, by id."""
    table = read_toml(DATA / "devices.toml")
    return {id: structure({**entry, "id": id}, Device, f"device.{id}") for id, entry in table.items()}


@cache
def terms(kind: Literal["conditions", "classes"]) -> dict[str, Term]:
    """A shared vocabulary by id: conditions, or classes of other medicines."""
    table = read_toml(DATA / f"{kind}.toml")
    return {id: structure({**entry, "id": id}, Term, f"{kind}.{id}") for id, entry in table.items()}


def vocabulary() -> Vocabulary:
    """Both shared vocabularies as one value, for those who may not read files."""
    return Vocabulary(tuple(terms("conditions").values()), tuple(terms("classes").values()))


def recognise(kind: Literal["conditions", "classes"], text: str) -> tuple[str, ...]:
    """The ids of the terms that a person's words mean; empty where the words are not recognised.

    >>> recognise("classes", "Ibuprofen")
    ('nsaid',)
    """
    return lookup(terms(kind).values(), text)


_PAIR = re.compile(r"(?<![\d.,/])(\d+(?:[.,]\d+)?)(?:\s*mg)?\s*/\s*(\d+(?:[.,]\d+)?)(?!\s*m[lL])(?![\d.,/])")


def combined(medicine: Medicine, text: str) -> tuple[Product, ...]:
    """The products of two ingredients whose strengths stand in the text as a pair: ``25/100``, ``25 mg/100 mg``.

    Either order: some countries print the other ingredient first, and no two products differ by the order alone.
    Empty where the text has no pair, or the medicine no product of two ingredients.
    """
    pair = _PAIR.search(text)
    if pair is None:
        return ()
    wanted = sorted(parse_number(n).value for n in pair.groups())
    return tuple(
        p
        for p in medicine.products
        if len(p.also) == 1
        and sorted(s.reduced.amount.to(medicine.dose_unit).value for s in (p.strength, *p.also.values())) == wanted
    )


def declared_product(name: str, form: str, strength: Strength, jurisdiction: str) -> Product:
    """A product the user described that is on no list of ours: never split, and marked as declared."""
    return Product(
        id=f"declared-{name.lower().replace(' ', '-')}",
        name=name,
        form=form,
        strength=strength,
        jurisdiction=jurisdiction,
        source="declared by the user",
        verified=False,
        declared=True,
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of a medicine file, generated from the classes, for editors to complete keys by."""
    defs: dict[str, Any] = {}

    def of(t: Any) -> dict[str, Any]:
        origin, args = typing.get_origin(t), typing.get_args(t)
        if t is str:
            return {"type": "string"}
        if t is bool:
            return {"type": "boolean"}
        if t is int:
            return {"type": "integer"}
        if t is Fraction:
            return {"type": ["number", "string"]}
        if t is Amount:
            return {"oneOf": [{"type": "string", "pattern": "^[0-9.,/]+ \\S+$"}, _SCHEMA_AMOUNT]}
        if t is Strength:
            return {"oneOf": [{"type": "string", "pattern": "/"}, _SCHEMA_STRENGTH]}
        if origin is Literal:
            return {"enum": list(args)}
        if origin in (typing.Union, types.UnionType):
            rest = [a for a in args if a is not type(None)]
            return of(rest[0]) if len(rest) == 1 else {"oneOf": [of(a) for a in rest]}
        if origin is tuple:
            return {"type": "array", "items": of(args[0])}
        if origin is not None and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": of(args[1])}
        if has(t):
            if t.__name__ not in defs:
                defs[t.__name__] = {}
                defs[t.__name__] = obj(t)
            return {"$ref": f"#/$defs/{t.__name__}"}
        return {}

    def obj(cls: type, skip: tuple[str, ...] = ()) -> dict[str, Any]:
        resolve_types(cls)
        props = {f.name: of(f.type) for f in fields(cls) if f.name not in skip}
        required = [f.name for f in fields(cls) if f.default is NOTHING and f.name not in skip]
        if cls in RULES.values():
            props = {"kind": {"const": cls.kind}, **props}  # type: ignore[attr-defined]
            required = ["kind", *required]
        return {
            "type": "object",
            "description": (cls.__doc__ or "").split("\n")[0],
            "properties": props,
            "required": required,
            "additionalProperties": False,
        }

    tables = {
        key: {"type": "object", "additionalProperties": obj(cls, ("id",))}
        for key, cls in _element_types().items()
        if key in _KEYED
    }
    lists = {key: {"type": "array", "items": obj(cls)} for key, cls in _element_types().items() if key in _LISTED}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A medicine file of Posology",
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "names": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "dose_unit": {"type": "string"},
            "route": {"type": "string"},
            "say": {"type": "string"},
            "reject": {"type": "object", "additionalProperties": {"type": "string"}},
            **tables,
            **lists,
        },
        "required": ["id", "names", "ingredient", "source"],
        "additionalProperties": False,
        "$defs": defs,
    }


_SCHEMA_AMOUNT: dict[str, Any] = {
    "type": "object",
    "properties": {"value": {"type": ["number", "string"]}, "unit": {"type": "string"}},
    "required": ["value", "unit"],
    "additionalProperties": False,
}
_SCHEMA_STRENGTH: dict[str, Any] = {
    "type": "object",
    "properties": {**_SCHEMA_AMOUNT["properties"], "per": _SCHEMA_AMOUNT},
    "required": ["value", "unit", "per"],
    "additionalProperties": False,
}
