"""Turns single plain values (numbers, dates, texts, products) into checked ones, keeping every problem with its path.

Knows no problem as a whole: :mod:`posology.taper.form` puts them together.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from posology.errors import Problem, UnreadableError
from posology.taper.problem import Stock

T = TypeVar("T")


class Reader:
    """Reads values one by one and keeps every problem with its path."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def bad(self, what: str, where: str, todo: str = "") -> None:
        self.problems.append(Problem(what, where, todo))

    def keys(self, data: Mapping[str, Any], known: Iterable[str], where: str) -> None:
        known = list(known)
        for key in data:
            if key not in known:
                near = difflib.get_close_matches(str(key), known, 1)
                self.bad(
                    "This key is not known.",
                    f"{where}.{key}" if where else str(key),
                    f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}.",
                )

    def table(self, value: Any, where: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.bad("This must be an object.", where)
        return {}

    def number(self, value: Any, where: str, low: int | None = 0) -> Fraction:
        made = None
        if isinstance(value, bool) or value is None:
            pass
        elif isinstance(value, int | Fraction):
            made = Fraction(value)
        elif isinstance(value, float):
            self.bad(f"A dose is never a float: {value!r}.", where, 'Write it as text, like "2.5".')
            return Fraction(1)
        elif isinstance(value, Decimal):
            made = Fraction(value) if value.is_finite() else None
        elif isinstance(value, str):
            text = value.strip()
            if len(text) <= 40 and re.fullmatch(r"-?\d+(\.\d+)?|\d+/0*[1-9]\d*", text, re.ASCII):
                made = Fraction(text)
        if made is None:
            self.bad(f"This is not a number: {value!r}.", where, 'Write a decimal, like "2.5".')
            return Fraction(1)
        if low is not None and made < low:
            self.bad(f"It cannot be below {low}: {value}.", where)
            return Fraction(1)
        return made

    def whole(self, value: Any, where: str) -> int:
        found = self.number(value, where, None)
        if found.denominator != 1:
            self.bad(f"This must be a whole number: {value}.", where)
            return 1
        return int(found)

    def flag(self, value: Any, where: str) -> bool:
        if isinstance(value, bool):
            return value
        self.bad(f"This must be true or false: {value!r}.", where)
        return False

    def text(self, value: Any, where: str) -> str:
        if isinstance(value, str) and value.strip() and len(value) <= 2000:
            return value.strip()
        self.bad("This must be a text.", where)
        return ""

    def date(self, value: Any, where: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            self.bad(f"This is not a date: {value!r}.", where, "Write it as YYYY-MM-DD.")
            return None

    def make(self, where: str, build: Callable[[], T]) -> T | None:
        try:
            return build()
        except UnreadableError as error:
            for p in error.problems:
                place = ".".join(x for x in (where, p.where) if x)
                if p.where.split(".")[0] in ("limits", "shape", "products", "slots", "start", "target", "from"):
                    place = p.where
                self.problems.append(Problem(p.what, place, p.todo))
            return None


_WORDS = re.compile(
    r"(?P<form>[a-z -]*?tablets?|[a-z -]*?capsules?)\s+(?P<mg>\d+(?:\.\d+)?(?:\s*,\s*\d+(?:\.\d+)?)*)\s*mg"
    r"(?P<rest>(?:\s*,\s*(?:whole|whole only|halves|quarters|halves and quarters|never split))*)",
    re.ASCII | re.IGNORECASE,
)
_LIQUID = re.compile(
    r"(?P<form>[a-z -]*?(?:solution|suspension|liquid|syrup|drops))\s+(?P<mg>\d+(?:\.\d+)?)\s*mg\s*/\s*(?P<ml>\d+(?:\.\d+)?)?\s*mL"
    r"\s*,\s*(?P<max>\d+(?:\.\d+)?)\s*mL\s+syringe\s*,\s*(?P<mark>\d+(?:\.\d+)?)\s*mL(?:\s+marks?)?",
    re.ASCII | re.IGNORECASE,
)


def products_of_text(text: str) -> list[dict[str, Any]]:
    """Products from words: "tablets 5, 10, 20 mg, halves; oral solution 5 mg/5 mL, 5 mL syringe, 0.2 mL marks".

    Raises :class:`UnreadableError` for words that are not understood.

    >>> products_of_text("extended-release tablets 15, 30 mg, never split")[1]
    {'id': 'extended-release tablet-30', 'form': 'extended-release tablet', 'strength_mg': '30', 'pieces': ['1']}
    """
    found: list[dict[str, Any]] = []
    for part in (p.strip() for p in text.split(";")):
        if m := _WORDS.fullmatch(part):
            rest = m["rest"].lower()
            pieces = ["1"] + (["1/2"] if "halves" in rest or "quarters" in rest else [])
            pieces += ["1/4"] if "quarters" in rest else []
            form = re.sub(r"s$", "", m["form"].strip().lower())
            found += [
                {"id": f"{form}-{mg.strip()}", "form": form, "strength_mg": mg.strip(), "pieces": pieces}
                for mg in m["mg"].split(",")
            ]
        elif m := _LIQUID.fullmatch(part):
            form = m["form"].strip().lower()
            ml = m["ml"] or "1"
            found.append({
                "id": f"{form}-{m['mg']}mg-{ml}ml", "form": form, "strength_mg": m["mg"], "per_ml": ml,
                "syringe": {"max_ml": m["max"], "mark_ml": m["mark"]},
            })  # fmt: skip
        else:
            raise UnreadableError(
                Problem(
                    f"These products are not understood: {part[:80]!r}.",
                    "products",
                    'Write like "tablets 5, 10 mg, halves" or give a list.',
                )
            )
    return found


def products_from(r: Reader, value: Any) -> list[Stock]:
    """The products of a problem: a list of rows, or words; what is wrong is kept in the reader."""
    if isinstance(value, str):
        try:
            value = products_of_text(value)
        except UnreadableError as error:
            r.problems += error.problems
            return []
    if not isinstance(value, Sequence) or not value:
        r.bad("At least one product is needed.", "products")
        return []
    return [s for i, one in enumerate(value) if (s := _product(r, one, f"products[{i}]")) is not None]


def _product(r: Reader, value: Any, where: str) -> Stock | None:
    data = r.table(value, where)
    before = len(r.problems)
    r.keys(data, ("id", "form", "strength_mg", "pieces", "per_ml", "syringe", "have", "name", "pack_strength"), where)
    if "strength_mg" not in data:
        r.bad("This key is missing.", f"{where}.strength_mg")
        return None
    strength = r.number(data["strength_mg"], f"{where}.strength_mg")
    form = (
        r.text(data["form"], f"{where}.form") if "form" in data else ("oral liquid" if "per_ml" in data else "tablet")
    )
    name = r.text(data["id"], f"{where}.id") if "id" in data else f"{form}-{data['strength_mg']}"
    have = r.number(data["have"], f"{where}.have") if data.get("have") is not None else None
    if "per_ml" in data or "syringe" in data:
        if data.get("pieces") is not None:
            r.bad("A liquid has no pieces.", f"{where}.pieces")
        per = r.number(data.get("per_ml"), f"{where}.per_ml")
        if per <= 0:
            r.bad("It must be above zero.", f"{where}.per_ml")
            return None
        syringe = r.table(data.get("syringe"), f"{where}.syringe")
        r.keys(syringe, ("max_ml", "mark_ml"), f"{where}.syringe")
        for key in ("max_ml", "mark_ml"):
            if key not in syringe and isinstance(data.get("syringe"), Mapping):
                r.bad("This key is missing.", f"{where}.syringe.{key}")
        if len(r.problems) > before:
            return None
        size, mark = (r.number(syringe[key], f"{where}.syringe.{key}") for key in ("max_ml", "mark_ml"))
        return r.make(where, lambda: Stock(name, strength / per, form, (), mark, size, have))
    given = data.get("pieces", ["1"])
    if isinstance(given, str) or not isinstance(given, Sequence):
        r.bad('Pieces are a list, like ["1", "1/2"].', f"{where}.pieces")
        return None
    pieces = tuple(sorted({r.number(x, f"{where}.pieces[{i}]") for i, x in enumerate(given)}, reverse=True))
    if len(r.problems) > before:
        return None
    printed = r.text(data["pack_strength"], f"{where}.pack_strength") if "pack_strength" in data else ""
    return r.make(where, lambda: Stock(name, strength, form, pieces, have=have, pack_strength=printed))
