"""Turns a number and a unit, as written, into an exact quantity, and an exact quantity into text again.

Knows no medicine, no language and no rounding: what it cannot hold exactly, it refuses.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import total_ordering
from typing import Any

from attrs import field, frozen

from posology.errors import Problem, UnreadableError


@frozen
class Unit:
    """One unit of the closed table: its UCUM code, what it measures, and its size in the base unit of that kind."""

    code: str
    kind: str
    factor: Fraction
    name: str
    plural: str


def _table() -> dict[str, Unit]:
    rows: list[tuple[str, str, str | int, str, str]] = [
        ("kg", "mass", "1000000", "kg", "kg"),
        ("g", "mass", "1000", "g", "g"),
        ("mg", "mass", "1", "mg", "mg"),
        ("ug", "mass", "1/1000", "micrograms", "micrograms"),
        ("ng", "mass", "1/1000000", "nanograms", "nanograms"),
        ("L", "volume", "1000", "litre", "litres"),
        ("dL", "volume", "100", "dL", "dL"),
        ("mL", "volume", "1", "mL", "mL"),
        ("uL", "volume", "1/1000", "microlitres", "microlitres"),
        ("mol", "substance", "1000", "mol", "mol"),
        ("mmol", "substance", "1", "mmol", "mmol"),
        ("meq", "charge", "1", "milliequivalent", "milliequivalents"),
        ("[iU]", "international unit", "1", "international unit", "international units"),
        ("%", "per cent", "1", "%", "%"),
        ("1", "count", "1", "", ""),  # a bare number: the text gives no unit
        ("cm", "length", "1", "cm", "cm"),
        ("mm", "length", "1/10", "mm", "mm"),
        ("[in_i]", "length", "127/50", "inch", "inches"),
        ("a", "calendar years", "1", "year", "years"),
        ("mo", "calendar months", "1", "month", "months"),
        ("wk", "time", "604800", "week", "weeks"),
        ("d", "time", "86400", "day", "days"),
        ("h", "time", "3600", "hour", "hours"),
        ("min", "time", "60", "minute", "minutes"),
        ("s", "time", "1", "second", "seconds"),
        ("mL/min", "clearance", "1", "mL/min", "mL/min"),
        ("mL/min/{1.73_m2}", "clearance per body surface", "1", "mL/min/1.73 m²", "mL/min/1.73 m²"),
    ]
    for code, of, factor, name in (("mg", "mass", "1", "mg"), ("ug", "mass", "1/1000", "micrograms"), ("g", "mass", "1000", "g"),
                                   ("ng", "mass", "1/1000000", "nanograms"), ("mL", "volume", "1", "mL"),
                                   ("[iU]", "international unit", "1", "international units"), ("{unit}", "unit", "1", "units"),
                                   ("mmol", "substance", "1", "mmol"), ("meq", "charge", "1", "milliequivalents")):  # fmt: skip
        rows.append((f"{code}/kg", f"{of} per body weight", factor, f"{name}/kg", f"{name}/kg"))
        rows.append((f"{code}/m2", f"{of} per body surface", factor, f"{name}/m²", f"{name}/m²"))
    for code, of, factor, name in (
        ("mg", "mass", "1", "mg"),
        ("ug", "mass", "1/1000", "micrograms"),
        ("mL", "volume", "1", "mL"),
    ):
        rows.append(
            (f"{code}/h", f"{of} per hour", factor, f"{name}/h", f"{name}/h")
        )  # what a patch gives off, and pumps
    counted = {
        "unit": "units", "tablet": "tablets", "capsule": "capsules", "caplet": "caplets", "packet": "packets",
        "drop": "drops", "puff": "puffs", "inhalation": "inhalations", "spray": "sprays", "patch": "patches",
        "application": "applications", "suppository": "suppositories", "pessary": "pessaries",
        "lozenge": "lozenges", "ampule": "ampules", "vial": "vials", "sachet": "sachets", "dose": "doses",
        "piece": "pieces", "film": "films", "gum": "pieces of gum", "enema": "enemas", "injection": "injections",
        "teaspoon": "teaspoons", "tablespoon": "tablespoons", "spoonful": "spoonfuls", "scoop": "scoops",
        "pill": "pills", "ring": "rings", "syringe": "syringes", "pen": "pens", "each": "each",
        "nebule": "nebules", "strip": "strips", "cartridge": "cartridges", "actuation": "actuations",
        "blister": "blisters", "bottle": "bottles", "tube": "tubes", "pastille": "pastilles",
        "applicatorful": "applicatorfuls", "capful": "capfuls", "pump": "pumps", "fingertip": "fingertips",
        "swab": "swabs", "wafer": "wafers", "implant": "implants", "stick": "sticks", "bar": "bars",
        "globule": "globules", "dropperful": "dropperfuls", "insert": "inserts", "plaster": "plasters", "pad": "pads",
        "bag": "bags", "cup": "cups", "can": "cans", "glass": "glasses", "pipette": "pipettes", "lollipop": "lollipops",
    }  # fmt: skip
    rows += [(f"{{{one}}}", one, "1", one, many) for one, many in counted.items()]
    return {code: Unit(code, kind, Fraction(factor), name, plural) for code, kind, factor, name, plural in rows}


UNITS: dict[str, Unit] = _table()
"""The closed table of units, by UCUM code. An annotation in braces (``{tablet}``) is UCUM's way to count things."""


def _unit(value: Any) -> str:
    if value not in UNITS:
        raise UnreadableError(
            Problem(
                f"This unit is not known: {value!r}.",
                "",
                "Known units: " + ", ".join(UNITS) + ".",
                str(value),
            )
        )
    return str(value)


def _fraction(value: Any) -> Fraction:
    if isinstance(value, float):
        raise TypeError("a dose is never a float: pass an int, Decimal, Fraction or text")
    if isinstance(value, Decimal) and not value.is_finite():
        raise UnreadableError(Problem(f"This is not a number: {value}."))
    return Fraction(value)


@total_ordering
@frozen(order=False)
class Amount:
    """An exact quantity: a fraction and a UCUM unit code from the closed table.

    ``value``: exact; made from int, Decimal, Fraction or text ("1/2"), never from a float.
    ``unit``: a UCUM code of :data:`UNITS`.
    ``text``: what it was read from; not part of equality.

    Equality is of value *and* unit as written (1 g is not 1000 mg); ``same_as`` and the order compare
    the quantity itself. Adding or comparing different kinds raises :class:`TypeError`.

    >>> Amount(1, "g").same_as(Amount(1000, "mg"))
    True
    >>> print(Amount("7.5", "mg") + Amount("2.5", "mg"))
    10 mg
    >>> Amount(5, "{tablet}").number
    '5'
    """

    value: Fraction = field(converter=_fraction)
    unit: str = field(converter=_unit)
    text: str = field(default="", eq=False, repr=False)

    @property
    def kind(self) -> str:
        """What is measured: "mass", "volume", "tablet", ..."""
        return UNITS[self.unit].kind

    @property
    def base(self) -> Fraction:
        """The value in the base unit of its kind (mg, mL, s)."""
        return self.value * UNITS[self.unit].factor

    def _check(self, other: Amount) -> None:
        if self.kind != other.kind:
            raise TypeError(f"{self} and {other} are different kinds of amount")

    def to(self, unit: str) -> Amount:
        """The same quantity in another unit of its kind; exact."""
        there = UNITS[_unit(unit)]
        if there.kind != self.kind:
            raise TypeError(f"{self} cannot be written in {unit}")
        return Amount(self.base / there.factor, unit)

    def same_as(self, other: Amount) -> bool:
        """Whether both are the same quantity, whatever unit each is written in."""
        return self.kind == other.kind and self.base == other.base

    def __add__(self, other: Amount) -> Amount:
        self._check(other)
        return Amount(self.value + other.to(self.unit).value, self.unit)

    def __sub__(self, other: Amount) -> Amount:
        self._check(other)
        return Amount(self.value - other.to(self.unit).value, self.unit)

    def __mul__(self, times: int | Fraction) -> Amount:
        return Amount(self.value * times, self.unit)

    __rmul__ = __mul__

    def __truediv__(self, by: int | Fraction) -> Amount:
        return Amount(self.value / Fraction(by), self.unit)

    def over(self, other: Amount) -> Fraction:
        """How many times ``other`` goes into this; exact."""
        self._check(other)
        return self.base / other.base

    def __lt__(self, other: Amount) -> bool:
        self._check(other)
        return self.base < other.base

    def __le__(self, other: Amount) -> bool:
        self._check(other)
        return self.base <= other.base

    def __bool__(self) -> bool:
        return self.value != 0

    @property
    def number(self) -> str:
        """The value as a plain decimal without trailing zeros; a third is refused by name."""
        return decimal_text(self.value)

    def __str__(self) -> str:
        unit = UNITS[self.unit]
        return f"{number_text(self.value)} {unit.name if self.value == 1 else unit.plural}".rstrip()


@frozen
class Range:
    """A low and a high amount of one kind; either may be open, not both.

    >>> print(Range(Amount(1, "{tablet}"), Amount(2, "{tablet}")))
    1 to 2 tablets
    """

    low: Amount | None = None
    high: Amount | None = None

    def __attrs_post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError("a range needs a low or a high end")
        if self.low is not None and self.high is not None:
            if self.low.kind != self.high.kind:
                raise UnreadableError(Problem(f"The two ends of a range differ in kind: {self.low} and {self.high}."))
            if self.high < self.low:
                raise UnreadableError(Problem(f"This range is upside down: {self.low} to {self.high}."))

    def __str__(self) -> str:
        if self.low is None:
            return f"up to {self.high}"
        if self.high is None:
            return f"at least {self.low}"
        if self.low.unit == self.high.unit:
            return f"{number_text(self.low.value)} to {self.high}"
        return f"{self.low} to {self.high}"


@frozen
class Strength:
    """How much of a medicine is in how much of a product: 5 mg in 1 tablet, 5 mg in 5 mL.

    >>> s = Strength(Amount(5, "mg"), Amount(5, "mL"))
    >>> print(s.mass_of(Amount("7.5", "mL")))
    7.5 mg
    >>> print(s)
    5 mg in 5 mL (1 mg in 1 mL)
    """

    amount: Amount
    per: Amount

    def __attrs_post_init__(self) -> None:
        if self.amount.value <= 0 or self.per.value <= 0:
            raise UnreadableError(Problem(f"A strength cannot be zero or less: {self.amount} in {self.per}."))

    def mass_of(self, volume: Amount) -> Amount:
        """The medicine in that much of the product; exact."""
        return self.amount * volume.over(self.per)

    def volume_of(self, mass: Amount) -> Amount:
        """How much of the product holds that much medicine; exact."""
        return self.per * mass.over(self.amount)

    @property
    def reduced(self) -> Strength:
        """The same strength per one unit of the product."""
        return Strength(self.amount / self.per.value, Amount(1, self.per.unit))

    def same_as(self, other: Strength) -> bool:
        """Whether both are the same concentration, however written."""
        return (
            self.per.kind == other.per.kind
            and self.amount.kind == other.amount.kind
            and self.amount.base * other.per.base == other.amount.base * self.per.base
        )

    def __str__(self) -> str:
        if self.per.kind == "volume":
            if self.per.value == 1:
                return f"{self.amount} in {self.per}"
            return f"{self.amount} in {self.per} ({self.reduced.amount} in {self.reduced.per})"
        return f"{self.amount}" if self.per.value == 1 else f"{self.amount} in {self.per}"


_VULGAR = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8",
           "⅞": "7/8", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5", "⅙": "1/6", "⅚": "5/6"}  # fmt: skip
_PLAIN = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(r"\d+,\d+", re.ASCII)
_MIXED = re.compile(r"(?:(\d+)[ -])?(\d+)/(\d+)", re.ASCII)
_MAX_DIGITS = 15


@frozen
class Number:
    """A number as read: its exact value, and what a reader should be warned of."""

    value: Fraction
    warnings: tuple[str, ...] = ()


def parse_number(text: str) -> Number:
    """Read one number: ``5``, ``2.5``, ``2,5``, ``½``, ``1½``, ``1 1/2``, ``3/4``.

    ``1.0`` is read with a warning. ``.5`` (a lost dot makes it 5), ``1,000`` (a thousand or one),
    digits of other scripts and anything else are refused with :class:`UnreadableError`.

    >>> parse_number("1½").value
    Fraction(3, 2)
    >>> parse_number("1.0").warnings
    ('1.0 can be misread as 10: write 1.',)
    >>> parse_number("1,000")
    Traceback (most recent call last):
    posology.errors.UnreadableError: 1,000 has two readings: one thousand, or one. Write 1000 or 1.
    """
    raw = text.strip()
    if not raw.isascii() and any(c in _VULGAR for c in raw):
        head, last = raw[:-1].strip(), raw[-1]
        if last in _VULGAR and (not head or (head.isascii() and head.isdigit())):
            return Number(Fraction(head or 0) + Fraction(_VULGAR[last]))
        raise UnreadableError(
            Problem(f"This number cannot be read: {raw}.", "", "Write it with digits, like 0.5.", raw)
        )
    if not raw.isascii():
        raise UnreadableError(
            Problem(
                f"This number is not written with the digits 0 to 9: {raw!r}.",
                "",
                "Write it with the digits 0 to 9.",
                raw,
            )
        )
    if sum(c.isdigit() for c in raw) > _MAX_DIGITS:
        raise UnreadableError(Problem(f"This number is too long: {raw[:20]}...", "", "Check it.", raw[:40]))
    if _PLAIN.fullmatch(raw):
        warnings: tuple[str, ...] = ()
        if "." in raw and raw.endswith("0"):
            short = decimal_text(Fraction(raw))
            warnings = (f"{raw} can be misread as {raw.replace('.', '')}: write {short}.",)
        return Number(Fraction(raw), warnings)
    if raw.startswith((".", ",")) and raw[1:].isdigit():
        raise UnreadableError(Problem(f"{raw} can be misread as {raw[1:]}.", "", f"Write 0.{raw[1:]}.", raw))
    if _COMMA.fullmatch(raw):
        whole, part = raw.split(",")
        if len(part) == 3:
            raise UnreadableError(
                Problem(
                    f"{raw} has two readings: {'one thousand, or one' if raw == '1,000' else 'thousands, or a decimal'}.",
                    "",
                    f"Write {whole}{part} or {decimal_text(Fraction(f'{whole}.{part}'))}.",
                    raw,
                )
            )
        return Number(Fraction(f"{whole}.{part}"))
    mixed = _MIXED.fullmatch(raw)
    if mixed and int(mixed[3]):
        return Number(Fraction(mixed[1] or 0) + Fraction(int(mixed[2]), int(mixed[3])))
    raise UnreadableError(Problem(f"This number cannot be read: {raw!r}.", "", "Write it with digits, like 0.5.", raw))


def decimal_text(value: Fraction) -> str:
    """The exact plain decimal of a fraction, with a leading and without a trailing zero.

    >>> decimal_text(Fraction(15, 2))
    '7.5'
    >>> decimal_text(Fraction(1, 3))
    Traceback (most recent call last):
    posology.errors.UnreadableError: 1/3 cannot be written as a decimal number exactly.
    """
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        raise UnreadableError(Problem(f"{value} cannot be written as a decimal number exactly."))
    places = max(twos, fives)
    scaled = abs(value.numerator) * 10**places // value.denominator
    sign = "-" if value < 0 else ""
    if not places:
        return f"{sign}{scaled}"
    digits = str(scaled).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def number_text(value: Fraction) -> str:
    """A number for people: the plain decimal, or the fraction itself where no decimal is exact.

    >>> number_text(Fraction(1, 3)), number_text(Fraction(5, 2))
    ('1/3', '2.5')
    """
    try:
        return decimal_text(value)
    except UnreadableError:
        return str(value)


def to_decimal(value: Fraction) -> Decimal:
    """The exact Decimal of a fraction; refuses one that has none."""
    return Decimal(decimal_text(value))
