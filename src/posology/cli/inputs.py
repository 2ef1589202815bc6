"""Turns options and files, as people write them, into values. Shared by the commands; decides nothing."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from posology.amount import Amount, Strength, parse_number
from posology.errors import OptionError, PosologyError, Problem, UnreadableError, raise_all

if TYPE_CHECKING:
    from posology.directions import Person, Taking
    from posology.measure import Device
    from posology.medicine import Medicine
    from posology.supply import Holding

MAX_TEXT = 20_000
"""Characters of directions a command will look at; more is not a prescription."""

MAX_PERSON = 100_000
"""Bytes of a file about a person."""

_UNITS = {"ml": "mL", "mg": "mg", "g": "g", "mcg": "ug", "ug": "ug", "micrograms": "ug", "l": "L", "kg": "kg"}
_FORMS = {
    "tablet": "tablet", "tablets": "tablet", "tab": "tablet", "tabs": "tablet", "capsule": "capsule",
    "capsules": "capsule", "cap": "capsule", "caps": "capsule", "packet": "packet", "packets": "packet",
    "granules": "packet", "sachet": "packet", "sachets": "packet", "solution": "solution", "liquid": "solution",
    "syrup": "solution", "suspension": "suspension", "drops": "drops", "patch": "patch", "patches": "patch",
}  # fmt: skip
_HAVE = re.compile(
    r"(?P<strength>\S+\s*[a-zA-Zµ]+(?:\s*/\s*[\d.,]*\s*[a-zA-Z]+)?)\s+(?P<form>[a-zA-Z -]+?)"
    r"(?:\s+(?:x|×|\*)\s*(?P<count>\S+)(?:\s*(?P<unit>[a-zA-Z]+))?)?(?:,?\s+opened\s+(?P<opened>\S+))?",
)
_SYRINGE = re.compile(
    r"(?P<size>\S+?)\s*m[lL](?:\s+(?:oral\s+)?syringe)?(?:\s+(?:by|in steps of)\s+(?P<mark>\S+?)\s*m[lL])?"
)


def gather(*readers: Callable[[], Any]) -> list[Any]:
    """Run every reader; raise all their problems at once, or return what they read."""
    problems: list[Problem] = []
    found = []
    for reader in readers:
        try:
            found.append(reader())
        except PosologyError as error:
            if isinstance(error, OptionError):
                raise
            problems += error.problems
            found.append(None)
    raise_all(UnreadableError, problems)
    return found


def placed(where: str, read: Callable[[str], Any], text: str | None) -> Any:
    """Read an option's text; its problems name the option."""
    if text is None:
        return None
    try:
        return read(text)
    except UnreadableError as error:
        raise UnreadableError(*(Problem(p.what, f"{where}{f', {p.where}' if p.where else ''}", p.todo, p.text)
                                for p in error.problems)) from None  # fmt: skip


def day(text: str) -> dt.date:
    """A date as YYYY-MM-DD.

    >>> day("24/11/2026")
    Traceback (most recent call last):
    posology.errors.UnreadableError: This date cannot be read: '24/11/2026'. Write it as 2026-11-24 (year-month-day).
    """
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UnreadableError(
            Problem(
                f"This date cannot be read: {text[:40]!r}.", "", "Write it as 2026-11-24 (year-month-day).", text[:40]
            )
        ) from None


def clock(text: str) -> dt.time:
    """A clock time as HH:MM."""
    found = re.fullmatch(r"([01]?\d|2[0-3])[:.]([0-5]\d)", text.strip(), re.ASCII)
    if not found:
        raise UnreadableError(
            Problem(f"This time cannot be read: {text[:40]!r}.", "", "Write it as 07:00 or 22:30.", text[:40])
        )
    return dt.time(int(found[1]), int(found[2]))


def window(text: str) -> tuple[dt.time, dt.time]:
    """The waking day as HH:MM-HH:MM."""
    first, dash, last = text.replace("–", "-").partition("-")
    if not dash:
        raise UnreadableError(Problem(f"This is not a span of time: {text[:40]!r}.", "", "Write it as 07:00-22:30."))
    return clock(first), clock(last)


def clocks(text: str) -> tuple[dt.time, ...]:
    """Clock times with commas between: 08:00,14:00,20:00."""
    return tuple(clock(t) for t in text.split(","))


def zone(text: str) -> str:
    """A time zone by its IANA name; a wrong one is refused with the nearest names."""
    from posology.schedule import Zone

    try:
        Zone(text)
    except UnreadableError as error:
        import zoneinfo
        from difflib import get_close_matches

        near = get_close_matches(text, zoneinfo.available_timezones(), 3)
        hint = f"Did you mean: {', '.join(near)}?" if near else error.problems[0].todo
        raise UnreadableError(Problem(f"This time zone is not known: {text[:40]!r}.", "", hint, text[:40])) from None
    return text


def amount(text: str) -> Amount:
    """An amount with its unit: 10 mg, 5 mL, 70 kg."""
    found = re.fullmatch(r"([^a-zA-Zµ\s]+(?: \d+/\d+)?)\s*([a-zA-Zµ]+)", text.strip())
    if not found:
        raise UnreadableError(
            Problem(f"This amount cannot be read: {text[:40]!r}.", "", "Write it like 10 mg.", text[:40])
        )
    unit = _UNITS.get(found[2].lower())
    if unit is None:
        from difflib import get_close_matches

        near = get_close_matches(found[2].lower(), _UNITS, 1)
        raise UnreadableError(
            Problem(
                f"This unit is not known: {found[2][:20]!r}.", "", f"Did you mean {near[0]}?" if near else "", found[2]
            )
        )
    return Amount(parse_number(found[1]).value, unit, text.strip())


def strength(text: str, form_unit: str) -> Strength:
    """A strength: 10 mg (in one piece), 5 mg/5 mL, 1 mg/mL."""
    top, slash, per = text.partition("/")
    if not slash:
        return Strength(amount(top), Amount(1, form_unit))
    per = per.strip()
    return Strength(amount(top), amount(per if per[:1].isdigit() else f"1 {per}"))


def have(text: str, medicine: Medicine, country: str) -> Holding:
    """What is in the house: ``10 mg tablets x 84``, ``5 mg/5 mL solution x 300 mL``, ``... opened 2026-11-01``.

    A product on the medicine's list (of that country first) is taken from there; any other is declared by the
    user: unscored, and warned of.
    """
    from posology.library import combined, declared_product
    from posology.supply import Holding

    pair = combined(medicine, text)
    # "25/100 tablets" of two ingredients is one strength of the one that doses are written in.
    own = str(pair[0].strength.reduced.amount) if pair else ""
    plain = re.sub(r"^\s*[\d.,]+(?:\s*mg)?\s*/\s*[\d.,]+(?:\s*mg)?", own, text) if pair else text
    found = _HAVE.fullmatch(plain.strip())
    words = found["form"].lower().split() if found else []
    form = next((_FORMS[w] for w in words if w in _FORMS), None)
    if not found or form is None:
        raise UnreadableError(
            Problem(f"This product cannot be read: {text[:60]!r}.", "",
                    'Write it like "10 mg tablets x 84" or "5 mg/5 mL solution x 300 mL".', text[:60])
        )  # fmt: skip
    liquid = "/" in found["strength"]
    unit = "mL" if liquid else f"{{{form}}}"
    held = strength(found["strength"], unit)
    fitting = [p for p in medicine.products if p.strength.same_as(held)
               and (p.liquid if liquid else form in (p.form, p.unit.strip("{}")))]  # fmt: skip
    fitting = [p for p in fitting if p in pair] if pair else fitting
    fitting.sort(key=lambda p: (p.jurisdiction != country, form not in p.form))
    product = fitting[0] if fitting else declared_product(
        f"{found['strength']} {found['form']}".strip(), form, held, country
    )  # fmt: skip
    if found["count"] is None:
        raise UnreadableError(
            Problem(
                f"How many are there? {text[:60]!r} does not say.",
                "",
                f'Write it like "{text.strip()} x 84".',
                text[:60],
            )
        )
    count = parse_number(found["count"].removesuffix("ml").removesuffix("mL")).value
    written = (found["unit"] or ("mL" if found["count"].lower().endswith("ml") else "")).lower()
    if liquid and written not in ("ml", "l"):
        raise UnreadableError(
            Problem("How many mL are in the bottle?", "", f'Write it like "{found["strength"]} solution x 300 mL".')
        )
    if count <= 0:
        raise UnreadableError(Problem(f"This count must be above zero: {found['count']}.", "", "", text[:60]))
    total = Amount(count, "L" if written == "l" else "mL").to("mL") if liquid else Amount(count, product.unit)
    return Holding(product, total, day(found["opened"]) if found["opened"] else None)


def syringe(text: str, known: Iterable[Device]) -> Device:
    """An oral syringe: ``10 mL``, or with its marks, ``10 mL by 0.5 mL``."""
    from posology.measure import Device

    found = _SYRINGE.fullmatch(text.strip())
    if not found:
        raise UnreadableError(
            Problem(f"This syringe cannot be read: {text[:40]!r}.", "", 'Write it like "10 mL by 0.5 mL".')
        )
    size = Amount(parse_number(found["size"]).value, "mL")
    if found["mark"]:
        mark = Amount(parse_number(found["mark"]).value, "mL")
        if size.value <= 0 or mark.value <= 0 or mark > size:
            raise UnreadableError(Problem(f"A syringe of {size} cannot have marks {mark} apart.", "", ""))
        listed = next((d for d in known if d.capacity.same_as(size) and d.mark.same_as(mark)), None)
        return listed or Device(
            id=f"syringe-{found['size']}-{found['mark']}", name=f"{size} oral syringe, marked every {mark}",
            kind="oral-syringe", capacity=size, mark=mark, source="declared by the user",
        )  # fmt: skip
    fits = [d for d in known if d.capacity.same_as(size)]
    if len(fits) != 1:
        marks = " or ".join(f'"{size} by {d.mark}"' for d in fits)
        raise UnreadableError(
            Problem(
                f"How far apart are the marks of the {size} syringe?",
                "",
                f"Write {marks or 'its marks, like 10 mL by 0.5 mL'}.",
            )
        )
    return fits[0]


def taking(text: str, names: tuple[str, ...]) -> Taking:
    """What is taken now: ``10 mg three times a day since 2026-01-01``."""
    from posology.directions import Taking
    from posology.wording import read

    since = re.search(r",?\s+since\s+(\S+)\s*$", text)
    words = text[: since.start()] if since else text
    reading = read(words, names=names)
    if reading.course is None or not reading.complete:
        raise UnreadableError(*reading.problems or (Problem(f"These directions cannot be read: {words[:60]!r}."),))
    return Taking(reading.course, day(since[1]) if since else None, text)


def renamed(options: Mapping[str, str], make: Callable[[], Any]) -> Any:
    """Run what raises problems about parts of a setting; they then name the options a person wrote."""
    try:
        return make()
    except UnreadableError as error:
        kind = type(error)
        raise kind(*(evolve(p, where=options.get(p.where, p.where)) for p in error.problems)) from None


_PERSON_KEYS = (
    "age", "weight", "egfr", "crcl", "dialysis", "indication", "conditions", "medicines", "allergies", "pregnant",
    "breastfeeding", "alcohol", "needs", "pump", "earlier_withdrawal", "taking", "new", "setting", "awake", "zone",
    "country", "name",
)  # fmt: skip


_OF_A_BABY = {"month": "mo", "week": "wk", "day": "d"}
"""The units beside years that an age may be written in."""


def person(data: dict[str, Any], names: tuple[str, ...], where: str = "") -> Person:
    """A person from the plain data of a file; every problem at once. Keys: see ``posology plan --help``."""
    from posology.directions import Fact, Person

    problems: list[Problem] = []
    made: dict[str, Any] = {}

    def path(key: str) -> str:
        return f"{where}.{key}" if where else key

    def put(name: str, key: str, build: Callable[[Any], Any]) -> None:
        if key not in data:
            return
        try:
            made[name] = build(data[key])
        except PosologyError as error:
            problems.extend(
                Problem(p.what, path(key) + (f", {p.where}" if p.where else ""), p.todo) for p in error.problems
            )
        except (TypeError, ValueError, KeyError, AttributeError, ArithmeticError):
            problems.append(Problem(f"This cannot be read: {str(data[key])[:60]!r}.", path(key)))

    def fact(unit: str) -> Callable[[Any], Any]:
        def build(value: Any) -> Any:
            on = None
            if isinstance(value, dict):
                unknown = set(value) - {"value", "date", "unit"}
                if unknown or "value" not in value:
                    raise UnreadableError(Problem("Write { value = 25, date = 2026-10-01 }."))
                on, value = value.get("date"), value["value"]
                on = day(on) if isinstance(on, str) else on
            if isinstance(value, str):
                return Fact(amount(value) if unit == "kg" else Amount(parse_number(value).value, unit), on)
            if isinstance(value, bool):
                raise TypeError
            return Fact(Amount(value, unit), on)

        return build

    def texts(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            raise UnreadableError(Problem('Write a list of texts, like ["epilepsy"]; [] means none.'))
        return tuple(value)

    def flag(value: Any) -> bool:
        if not isinstance(value, bool):
            raise UnreadableError(Problem("Write true or false."))
        return value

    def years(value: Any) -> Amount:
        if isinstance(value, bool | float):
            raise TypeError
        number, _, unit = value.strip().partition(" ") if isinstance(value, str) else ("", "", "")
        if unit.rstrip("s") in _OF_A_BABY:
            return Amount(parse_number(number).value, _OF_A_BABY[unit.rstrip("s")])
        return Amount(parse_number(value).value if isinstance(value, str) else value, "a")

    for key in data:
        if key not in _PERSON_KEYS:
            from difflib import get_close_matches

            near = get_close_matches(key, _PERSON_KEYS, 1)
            problems.append(Problem("This key is not known.", path(key), f"Did you mean {near[0]}?" if near else ""))
    put("age", "age", years)
    put("weight", "weight", fact("kg"))
    put("egfr", "egfr", fact("mL/min/{1.73_m2}"))
    put("crcl", "crcl", fact("mL/min"))
    for key in ("dialysis", "pregnant", "breastfeeding", "alcohol", "pump", "earlier_withdrawal", "new"):
        put(key, key, flag)
    for key in ("conditions", "medicines", "allergies", "needs"):
        put(key, key, texts)
    put("indication", "indication", lambda v: texts([v])[0])
    put("setting", "setting", lambda v: v if v in ("home", "hospital") else texts(0))
    put("waking", "awake", window)
    put("zone", "zone", zone)
    put("taking", "taking", lambda v: tuple(taking(t, names) for t in texts(v if isinstance(v, list) else [v])))
    raise_all(UnreadableError, problems)
    return Person(**made)


def text_of(source: str) -> str:
    """Directions as given, or of standard input for ``-``; too much text is refused at once."""
    if source == "-":
        try:
            source = sys.stdin.read(MAX_TEXT + 1)
        except UnicodeDecodeError:
            raise UnreadableError(Problem("Standard input is not text in UTF-8.", "", "Give plain text.")) from None
    if len(source) > MAX_TEXT:
        raise UnreadableError(
            Problem(
                f"This is more than {MAX_TEXT} characters. That is not a prescription.", "", "Give only the directions."
            )
        )
    return source


def write_files(files: Sequence[tuple[Path, str | bytes]]) -> None:
    """Write whole files, all of them or none: each beside its place first, then all in place."""
    parts = [(path, path.with_name(path.name + ".part"), data) for path, data in files]
    at = Path()
    try:
        for at, beside, data in parts:
            if at.is_dir():
                raise IsADirectoryError(21, "It is a folder")
            beside.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        for at, beside, _ in parts:
            beside.replace(at)
    except OSError as error:
        for _, beside, _ in parts:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        raise UnreadableError(Problem(f"This file cannot be written: {error.strerror}.", str(at))) from None


def write_file(path: Path, data: str | bytes) -> None:
    """Write one whole file or none."""
    write_files([(path, data)])


def fraction(text: str) -> Fraction:
    """A number, exact."""
    return parse_number(text).value
