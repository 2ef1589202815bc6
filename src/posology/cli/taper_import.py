"""The command that reads a taper somebody wrote and compares its words, dates and quantity. Decides nothing."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posology.cli import front as typer
from posology.directions import DAYS
from posology.errors import OptionError, Problem, RefusedError, UnreadableError
from posology.taper.importing import Comparison, Stretch, compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posology.directions import Course, Phase


def run(
    source: str, *, first: str | None, quantity: str | None, strength: str | None, medicine: str | None, as_json: bool
) -> None:
    """Read, compare, say; exit 3 where anything disagrees."""
    from posology.cli import inputs

    day = inputs.placed("--from", inputs.day, first)
    unit = ""
    ordered: Fraction | None = None
    if quantity:
        ordered, unit = inputs.placed("--quantity", _quantity, quantity)
    per = None
    if strength:
        held = inputs.placed("--strength", inputs.amount, strength)
        if held.kind != "mass":
            raise OptionError(Problem("Write --strength as a mass, like 5 mg.", "--strength"))
        per = held.to("mg").value
    supply: int | None = None
    if source.endswith(".json") and len(source) < 250:
        text, dates, found, supply = _document(Path(source))
        if ordered is None:
            ordered = found
    else:
        text, dates = _words(source, day, medicine), []
    kinds = {k for _, k in (*text, *dates) if k}
    if len(kinds) > 1:
        raise UnreadableError(Problem(f"The steps are written in different units: {', '.join(sorted(kinds))}."))
    kind = next(iter(kinds), "")
    if ordered is not None and unit and unit != kind:
        if per is None:
            raise OptionError(
                Problem(
                    "The quantity and the doses are in different units.", "--strength", "Say what one tablet holds."
                )
            )
        ordered = ordered * per if kind == "mass" else ordered / per
    made = compare([r for r, _ in text], [r for r, _ in dates], ordered, supply)
    rows = [r for r, _ in (dates or text)]
    if as_json:
        import json

        typer.echo(json.dumps(_json(made, rows, kind), ensure_ascii=False, indent=2))
    else:
        from posology.wording.taper_text import comparison_lines

        typer.echo("\n".join(comparison_lines(made, kind)))
    if not made.agree:
        raise typer.Exit(3)


def _quantity(text: str) -> tuple[Fraction, str]:
    """A number and what is counted: "51 tablets", "300 mL", "245 mg"."""
    from posology.amount import UNITS, parse_number

    found = re.fullmatch(r"\s*(\S+)\s*([A-Za-z]+)\s*", text)
    unit = found and next((u for u in UNITS.values() if found[2].lower() in (u.name.lower(), u.plural.lower())), None)
    if not found or unit is None:
        raise UnreadableError(Problem(f"This quantity cannot be read: {text[:40]!r}.", "", "Write it like 51 tablets."))
    value = parse_number(found[1]).value
    return (value * unit.factor if unit.kind == "mass" else value), unit.kind


def _json(made: Comparison, rows: Sequence[Stretch], kind: str) -> dict[str, Any]:
    from posology.taper.problem import number

    def text(value: Fraction | None) -> str | None:
        return None if value is None else number(value)

    return {
        "status": "agrees" if made.agree else "disagrees",
        "unit": "mg" if kind == "mass" else kind,
        "by_text": text(made.by_text), "by_dates": text(made.by_dates), "quantity": text(made.quantity),
        "days_by_text": made.days_by_text, "days_by_dates": made.days_by_dates,
        "days_without_dose": [d.isoformat() for d in made.without_dose],
        "days_in_two_steps": [d.isoformat() for d in made.twice],
        "disagreements": [{"key": f.key, "step": f.step, "facts": list(f.facts)} for f in made.found],
        "steps": [
            {"per_day": text(r.per_day), "days": r.length, "from": r.first.isoformat() if r.first else None}
            for r in rows
        ],
    }  # fmt: skip


Rows = list[tuple[Stretch, str]]


def _words(source: str, day: dt.date | None, medicine: str | None) -> Rows:
    from posology import library
    from posology.cli import inputs
    from posology.wording import read

    names = (*library.names(), *((medicine.lower(),) if medicine else ()))
    reading = read(inputs.text_of(source), names=names)
    if reading.course is None or not reading.complete:
        raise UnreadableError(*reading.problems or (Problem("These directions cannot be read."),))
    return _stretches(reading.course, day)


def _stretches(course: Course, first: dt.date | None) -> Rows:
    rows: Rows = []
    at = first
    for phase in course.phases:
        start, end = _period(phase)
        begin = start or at
        days = phase.days
        per, kind = _per_day(phase, begin)
        rows.append((Stretch(per, days, begin, end), kind))
        at = begin + dt.timedelta(days=days) if begin is not None and days is not None and start is None else None
    return rows


def _per_day(phase: Phase, begin: dt.date | None) -> tuple[Fraction | None, str]:
    """What a phase takes a day; where days of the week differ, the mean of its days (of a whole week, if undated)."""
    total, kind = Fraction(), ""
    for d in phase.directions:
        most = d.most_per_day
        if most is None or (kind and most.kind != kind):
            return None, kind
        kind = most.kind
        total += (most.base if kind == "mass" else most.value) * _share(d.timing.days_of_week, phase.days, begin)
    return total, kind


def _share(weekdays: Sequence[str], days: int | None, begin: dt.date | None) -> Fraction:
    """On which part of so many days a dose for some days of the week is taken."""
    if not weekdays:
        return Fraction(1)
    if days is None or begin is None:
        return Fraction(len(set(weekdays)), 7)
    return Fraction(sum(DAYS[(begin + dt.timedelta(days=i)).weekday()] in weekdays for i in range(days)), days)


def _together(rows: Sequence[tuple[object, tuple[Stretch, str]]]) -> Rows:
    """Rows of one sequence number are taken side by side: one step, where they last as long as each other."""
    found: Rows = []
    for _, group in groupby(rows, key=lambda x: x[0]):
        parts = [row for _, row in group]
        (first, kind), alike = parts[0], {(r.days, r.first, k) for r, k in parts}
        amounts = [r.per_day for r, _ in parts]
        if len(parts) > 1 and len(alike) == 1 and None not in amounts:
            total = sum((a for a in amounts if a is not None), Fraction())
            found.append((Stretch(total, first.days, first.first), kind))
        else:
            found += parts
    return found


def _period(phase: Phase) -> tuple[dt.date | None, dt.date | None]:
    for d in phase.directions:
        b = d.timing.bounds
        if b is not None and (b.start or b.end):
            return (
                dt.date.fromisoformat(b.start[:10]) if b.start else None,
                dt.date.fromisoformat(b.end[:10]) if b.end else None,
            )
    return None, None


_STARTING = re.compile(
    r"(?:starting|beginning|from)\s+(?:on\s+)?([A-Za-z]+ \d{1,2},? \d{4}|\d{4}-\d{2}-\d{2}|\d{1,2} [A-Za-z]+ \d{4})"
)


def _starting(text: str) -> dt.date | None:
    found = _STARTING.search(text)
    if not found:
        return None
    for form in ("%B %d, %Y", "%B %d %Y", "%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%d %b %Y"):
        try:
            return dt.datetime.strptime(found[1], form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def _document(path: Path) -> tuple[Rows, Rows, Fraction | None, int | None]:
    """The words, the dates, the quantity and the days of supply of a MedicationRequest."""
    from posology import library
    from posology.fhir.dosage import read_dosages
    from posology.fhir.request import load
    from posology.wording import read

    try:
        data = load(path.read_bytes())
    except FileNotFoundError:
        raise UnreadableError(Problem("There is no such file.", str(path))) from None
    if not isinstance(data, dict) or data.get("resourceType") != "MedicationRequest":
        raise UnreadableError(Problem("A FHIR MedicationRequest is needed.", str(path)))
    if data.get("doNotPerform") or data.get("status") == "entered-in-error":
        raise RefusedError(Problem("This order must not be acted on.", f"{path}.status"))
    given = data.get("dosageInstruction")
    if not isinstance(given, list) or not given or not all(isinstance(d, dict) for d in given):
        raise UnreadableError(Problem("It has no dosage instructions.", "dosageInstruction"))
    bare = [{k: v for k, v in d.items() if k != "text"} for d in given]
    structured = any(d.get("timing") or d.get("doseAndRate") for d in bare)
    dates: Rows = []
    if structured:
        dates = _stretches(read_dosages(bare), None)
    rows: list[tuple[object, tuple[Stretch, str]]] = []
    names = tuple(library.names())
    said = [str(d.get("text") or "") for d in given]
    if all(said):
        for i, words in enumerate(said):
            reading = read(words, names=names)
            if reading.course is None or not reading.complete:
                raise UnreadableError(*(
                    Problem(p.what, f"dosageInstruction[{i}].text", p.todo) for p in reading.problems
                    or (Problem("These directions cannot be read."),)
                ))  # fmt: skip
            begun = _starting(words)
            for k, (row, kind) in enumerate(_stretches(reading.course, begun)):
                part = (Stretch(row.per_day, row.days, row.first if k or begun else None), kind)
                rows.append((given[i].get("sequence", f"text {i}") if not k else f"text {i}, step {k}", part))
    dispense = data.get("dispenseRequest") or {}
    ordered = dispense.get("quantity", {}).get("value")
    lasting = dispense.get("expectedSupplyDuration", {})
    days = lasting.get("value")
    known = str(lasting.get("code") or lasting.get("unit") or "").lower() in ("d", "day", "days")
    return (
        _together(rows),
        dates,
        None if ordered is None else Fraction(ordered),
        int(days) if days is not None and known else None,
    )
