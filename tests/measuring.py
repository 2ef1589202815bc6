"""Small makers of products and devices for the tests of measuring, supply and times; figures are of no real medicine."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal

from posology import measure as m
from posology.amount import Amount, Strength, parse_number
from posology.medicine import Product

DATA = Path(m.__file__).parent / "data" / "devices.toml"


def amount(text: str) -> Amount:
    """An amount written "7.5 mg", "3/2 {tablet}" or "1/3 mg"."""
    number, _, unit = text.partition(" ")
    return Amount(parse_number(number).value, unit)


def tablet(mg: str | int | Decimal | Fraction, parts: Literal[1, 2, 4] = 1, unit: str = "{tablet}") -> Product:
    """A piece of that many milligrams, which may be split into so many parts."""
    form = unit.strip("{}")
    return Product(
        f"{form}-{mg}mg",
        f"{mg} mg {form}",
        form,
        Strength(Amount(Fraction(mg), "mg"), Amount(1, unit)),
        "US",
        "label",
        True,
        parts,
    )


def liquid(mg: str | int, ml: str | int, **more: object) -> Product:
    """A liquid of so many milligrams in so many millilitres."""
    return Product(
        f"liquid-{mg}mg-{ml}ml",
        f"{mg} mg in {ml} mL",
        "solution",
        Strength(Amount(Fraction(mg), "mg"), Amount(Fraction(ml), "mL")),
        "US",
        "label",
        True,
        **more,  # type: ignore[arg-type]
    )


def devices() -> dict[str, m.Device]:
    """The devices of the data file, by id."""
    raw = tomllib.loads(DATA.read_text(encoding="utf-8"), parse_float=Decimal)
    made = {}
    for id, row in raw.items():
        for key in ("capacity", "mark", "first_mark"):
            if key in row:
                row[key] = amount(row[key])
        made[id] = m.Device(id, **row)
    return made
