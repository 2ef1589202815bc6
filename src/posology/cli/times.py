"""The command that says when doses fall: ``posology times``. Joins the readers and the timetable; decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from posology.amount import Amount
    from posology.directions import Course
    from posology.medicine import Product
    from posology.schedule import Schedule

MAX_LINE = 1_000_000
"""Characters of one line of a batch; a longer one is answered with an error."""
DEFAULT_DAYS = 28


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("times")(times)


def times(
    source: Annotated[
        str,
        typer.Argument(
            help="Directions in words, a FHIR JSON file, or - for standard input, which a batch reads where none is given."
        ),
    ] = "",
    first: Annotated[str | None, typer.Option("--from", help="The first day: 2026-11-24.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last day, which is included. Else 28 days.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, like Europe/London.")] = None,
    awake: Annotated[str | None, typer.Option(help="The waking day: 07:00-22:30.")] = None,
    at: Annotated[str | None, typer.Option(help="Own clock times: 08:00,14:00,20:00.")] = None,
    meals: Annotated[str | None, typer.Option(help="Breakfast, lunch, supper: 08:00,13:00,19:00.")] = None,
    start: Annotated[
        str | None, typer.Option(help="The time of the first day from which doses are taken: 14:00.")
    ] = None,
    elapsed: Annotated[
        bool, typer.Option("--elapsed", help="Space doses by hours day and night, not over the waking day.")
    ] = False,
    quantity: Annotated[
        str | None, typer.Option(help='How much there is: "84 tablets". Says how long it lasts.')
    ] = None,
    strength: Annotated[str | None, typer.Option(help='Of one piece or of the liquid: "10 mg", "5 mg/5 mL".')] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV: id, at, step, dose, note.")] = False,
    batch: Annotated[
        bool, typer.Option("--batch", help="Read one JSON object or text a line; write one JSON object a line.")
    ] = False,
) -> None:
    """Say when the doses of directions fall, and by which rules.

    Examples:

        posology times "10 mg three times a day" --from 2026-11-24 --to 2026-11-30 --zone Europe/London
            --awake 07:00-22:30

        posology times "1 tablet every 8 hours" --from 2026-03-28 --to 2026-03-30 --zone Europe/London --csv

        posology times dosages.ndjson --batch --from 2026-11-24 --to 2026-11-30 --zone Europe/London

    A line of a batch is {"id": ..., "dosage": [FHIR R4 Dosage, ...]}, {"id": ..., "text": "..."} or a bare text. The
    answer is {"id": ..., "times": ["2026-11-24T07:00:00+00:00", ...]}, with "not_timed" for what is no timetable (as
    needed) and "error" for what cannot be read; one line in, one line out, in order.
    """
    from posology.errors import OptionError, Problem, raise_all

    missing = [
        Problem(f"{name} is missing.", "", todo)
        for name, value, todo in (
            ("--from", first, "Say the first day, like --from 2026-11-24."),
            ("--zone", zone, "Say in which time zone, like --zone Europe/London."),
        )
        if not value
    ]
    if not source and not batch:
        missing.append(
            Problem("The directions are missing.", "", 'Give them like: posology times "10 mg three times a day".')
        )
    source = source or "-"
    if sum((as_json, as_csv, batch)) > 1:
        missing.append(Problem("Give one of --json, --csv and --batch.", "", ""))
    raise_all(OptionError, missing)
    setting = _setting(first, last, zone, awake, at, meals, start, elapsed)
    if batch:
        _batch(source, setting)
        return
    from posology import schedule

    course, understood = read_course(source)
    made = schedule.expand(course, **setting)
    lasts = _lasts(course, quantity, strength)
    if as_json:
        typer.echo(_json(made, understood, lasts))
    elif as_csv:
        typer.echo(_csv(made), nl=False)
    else:
        typer.echo(_text(made, understood, lasts))


def _setting(
    first: str | None, last: str | None, zone: str | None, awake: str | None, at: str | None, meals: str | None,
    start: str | None, elapsed: bool,
) -> dict[str, Any]:  # fmt: skip
    from posology.cli import inputs
    from posology.errors import Problem, UnreadableError
    from posology.schedule import MAX_DAYS

    def three(text: str) -> tuple[dt.time, ...]:
        found = inputs.clocks(text)
        if len(found) != 3:
            raise UnreadableError(Problem("Three meals are needed.", "", "Write them as 08:00,13:00,19:00."))
        return found

    begin, end, tz, waking, own, eaten, begun = inputs.gather(
        lambda: inputs.placed("--from", inputs.day, first),
        lambda: inputs.placed("--to", inputs.day, last),
        lambda: inputs.placed("--zone", inputs.zone, zone),
        lambda: inputs.placed("--awake", inputs.window, awake),
        lambda: inputs.placed("--at", inputs.clocks, at) or (),
        lambda: inputs.placed("--meals", three, meals),
        lambda: inputs.placed("--start", inputs.clock, start),
    )
    days = DEFAULT_DAYS if end is None else (end - begin).days + 1
    if days < 1:
        raise UnreadableError(Problem(f"{last} is before {first}.", "--to", "Give a later day."))
    if days > MAX_DAYS:
        raise UnreadableError(
            Problem(f"{days} days are too many.", "--to", f"Ask for at most {MAX_DAYS} (three years).")
        )
    return {
        "first_day": begin, "zone": tz, "days": days, "waking": waking, "clock": own, "meals": eaten,
        "start_time": begun, "spacing": "elapsed" if elapsed else "waking",
    }  # fmt: skip


def read_course(source: str) -> tuple[Course, str]:
    """The course of directions in words or of a FHIR file, and what was understood."""
    from pathlib import Path

    from posology.cli import inputs

    if len(source) < 250 and source.endswith(".json"):
        return _from_json(_file_text(Path(source)), source)
    text = inputs.text_of(source)
    if text.lstrip().startswith(("{", "[")):
        return _from_json(text, "standard input")
    return _from_words(text)


def _file_text(path: Path) -> str:
    from posology.errors import Problem, UnreadableError

    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UnreadableError(Problem(f"This file cannot be read: {why}.", str(path))) from None


def _from_words(text: str) -> tuple[Course, str]:
    from posology.errors import Problem, UnreadableError
    from posology.wording import read, say

    reading = read(text.strip())
    if not reading.complete or reading.course is None:
        raise UnreadableError(
            *(reading.problems or [Problem("These directions cannot be read.", "", "Write: 10 mg three times a day.")])
        )
    return reading.course, say(reading.course)


def _from_json(text: str, where: str) -> tuple[Course, str]:
    """A Dosage, a list of them, or a resource that carries them."""
    import simplejson

    from posology.errors import Problem, UnreadableError
    from posology.wording import say

    try:
        found = simplejson.loads(text, use_decimal=True)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(Problem(f"This is not JSON: {str(error)[:80]}.", where)) from None
    if isinstance(found, dict):
        found = found.get("dosageInstruction", found.get("dosage", [found]))
    course = _from_dosages(found)
    return course, say(course)


def _from_dosages(dosages: Any, path: str = "dosageInstruction") -> Course:
    from posology.fhir.dosage import read_dosages

    return read_dosages(dosages, path)


def read_amount(text: str) -> Amount:
    """An amount with any unit by its name: 10 mg, 2 tablets, 300 mL."""
    from posology.amount import UNITS, Amount, parse_number
    from posology.errors import Problem, UnreadableError

    number, _, unit = text.strip().partition(" ")
    words = {name: u.code for u in UNITS.values() for name in (u.code, u.name, u.plural) if name}
    if unit not in words:
        raise UnreadableError(Problem(f"This amount cannot be read: {text[:40]!r}.", "", "Write it like 2 tablets."))
    return Amount(parse_number(number).value, words[unit], text)


# -- one answer ----------------------------------------------------------------------------------------------------


def _notes(made: Schedule) -> list[str]:
    from posology.wording.times import note_text

    return [note_text(n) for n in made.notes]


def _at(event: Any) -> str:
    return str(event.at.to_fixed_offset().format_iso())


def _not_timed(made: Schedule) -> list[str]:
    from posology.wording import say

    return [d.text or say(d) for d in made.as_needed]


def _lasts(course: Course, quantity: str | None, strength: str | None) -> dict[str, Any] | None:
    """How long a quantity lasts by the directions, with what that rests on; None where no quantity is given."""
    from posology import supply
    from posology.cli import inputs
    from posology.errors import OptionError, Problem

    if quantity is None:
        if strength is not None:
            raise OptionError(Problem("--strength is of use only with --quantity.", "", ""))
        return None
    held = inputs.placed("--quantity", read_amount, quantity)
    product = inputs.placed("--strength", lambda t: _declared(t, held), strength)
    steady = len(course.phases) == 1
    found = supply.days_supply(course.phases[0].directions, product, held) if steady else None
    return {
        "quantity": str(held),
        "days": found.days if found else None,
        "per_day": str(found.per_day) if found else None,
        "assumed": list(found.assumed) if found else [],
        "unknown": "" if found else "no-days" if steady else "steps",
    }


def _declared(text: str, quantity: Amount) -> Product:
    """A product of that strength, in the unit of the quantity; unlisted, and never split."""
    from posology.amount import Amount, Strength
    from posology.cli import inputs
    from posology.medicine import Product

    held: Strength = inputs.strength(text, "mL" if quantity.kind == "volume" else Amount(1, quantity.unit).unit)
    return Product("declared", text, "", held, "*", "", False, declared=True)


def _needed(made: Schedule) -> list[dict[str, Any]]:
    """The doses of the stretch and what they add up to, unit by unit; of ranges both ends."""
    from posology.amount import number_text

    sums: dict[str, list[Any]] = {}
    for e in made.events:
        if e.dose is None:
            continue
        most = e.dose.most or e.dose.least
        least = e.dose.least or e.dose.most
        assert most is not None
        assert least is not None
        row = sums.setdefault(most.kind, [0, least - least, most - most])
        row[0], row[1], row[2] = row[0] + 1, row[1] + least, row[2] + most
    return [
        {"doses": n, "least": number_text(low.value), "most": number_text(high.value), "unit": high.unit, "text":
         str(high) if low == high else f"{low} to {high}"}
        for n, low, high in sums.values()
    ]  # fmt: skip


def _json(made: Schedule, understood: str, lasts: dict[str, Any] | None) -> str:
    import json

    from posology.wording.times import note_text

    return json.dumps(
        {
            "understood": understood,
            "zone": made.zone,
            "from": made.first_day.isoformat(),
            "days": made.days,
            "ends": made.ends.isoformat() if made.ends else None,
            "times": [
                {"id": e.id, "at": _at(e), "step": e.phase + 1, "dose": str(e.dose or ""), "note": e.note}
                for e in made.events
            ],
            "not_timed": _not_timed(made),
            "needed": _needed(made),
            "lasts": lasts,
            "notes": [
                {"key": n.key, "text": note_text(n), "facts": {k: str(v) for k, v in n.facts.items()}}
                for n in made.notes
            ],
        },
        ensure_ascii=False,
        indent=2,
    )


def _csv(made: Schedule) -> str:
    import csv
    import io

    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["id", "at", "step", "dose", "note"])
    rows.writerows([e.id, _at(e), e.phase + 1, str(e.dose or ""), e.note] for e in made.events)
    return out.getvalue()


def _text(made: Schedule, understood: str, lasts: dict[str, Any] | None) -> str:
    """A line for each run of days with the same doses at the same times, then the notes."""
    from itertools import groupby

    from posology.wording.words import date_text

    def row(events: Any) -> str:
        return "  ".join(
            f"{e.at.hour:02}:{e.at.minute:02} {e.dose or ''}{' (moved)' * (e.note == 'gap')}".strip() for e in events
        )

    runs: list[tuple[dt.date, dt.date, str]] = []
    # By the date on the clock, so that a dose after midnight stands on the day it is taken.
    for day, events in groupby(made.events, key=lambda e: e.at.date().to_stdlib()):
        text = row(events)
        if runs and runs[-1][2] == text and (day - runs[-1][1]).days == 1:
            runs[-1] = (runs[-1][0], day, text)
        else:
            runs.append((day, day, text))
    out = [f"Read as: {understood}", f"Times in {made.zone}:", ""]
    for begin, end, text in runs:
        out += [date_text(begin) + (f" to {date_text(end)}" if end != begin else ""), f"  {text}"]
    if not runs:
        out.append("  No dose at a set time.")
    out += [f"Not timed: {text}" for text in _not_timed(made)]
    from posology.wording.times import lasts_text, needed_text

    out += ["", *(needed_text(row) for row in _needed(made)), *lasts_text(lasts)]
    return "\n".join([*out, "", *(f"- {text}" for text in _notes(made))]).rstrip()


# -- many answers --------------------------------------------------------------------------------------------------


def _batch(source: str, setting: dict[str, Any]) -> None:
    """One line in, one line out; memory does not grow with their number."""
    import sys

    import simplejson

    for number, line in enumerate(_lines(source), 1):
        answer = _answer(line, number, setting)
        sys.stdout.write(simplejson.dumps(answer, ensure_ascii=False, use_decimal=True) + "\n")


def _lines(source: str) -> Iterator[str]:
    import sys
    from pathlib import Path

    from posology.errors import Problem, UnreadableError

    if source == "-":
        yield from sys.stdin
        return
    try:
        with Path(source).open(encoding="utf-8", errors="replace") as held:
            yield from held
    except OSError as error:
        raise UnreadableError(Problem(f"This file cannot be read: {error.strerror}.", source[:200])) from None


def _answer(line: str, number: int, setting: dict[str, Any]) -> dict[str, Any]:
    """The answer to one line; what is wrong with it stands in it."""
    from itertools import islice

    import simplejson

    from posology import schedule
    from posology.errors import PosologyError, Problem, UnreadableError

    id: Any = number
    try:
        if len(line) > MAX_LINE:
            raise UnreadableError(Problem("This line is too long.", "", f"Keep it under {MAX_LINE} characters."))
        asked: Any = line.strip()
        if not asked:
            raise UnreadableError(Problem("This line is empty.", "", "Give a JSON object or directions in words."))
        if asked.startswith("{"):
            try:
                asked = simplejson.loads(asked, use_decimal=True)
            except (ValueError, RecursionError) as error:
                raise UnreadableError(Problem(f"This is not JSON: {str(error)[:80]}.")) from None
            id = asked.get("id", number)
            if "dosage" in asked:
                course = _from_dosages(asked["dosage"], "dosage")
            elif isinstance(asked.get("text"), str):
                course = _words(asked["text"])
            else:
                raise UnreadableError(Problem("It has neither dosage nor text.", "", 'Give "dosage" or "text".'))
        else:
            course = _words(asked)
        plan = schedule.timeline(course, **setting)
        found = [schedule.iso(*pair) for pair in islice(plan.times(), schedule.MAX_EVENTS + 1)]
        if len(found) > schedule.MAX_EVENTS:
            raise UnreadableError(Problem(f"More than {schedule.MAX_EVENTS} doses.", "", "Ask for fewer days."))
        answer = {"id": id, "times": found}
        if plan.as_needed:
            answer["not_timed"] = [n.key for n in plan.notes if n.key in ("as-needed", "up-to", "no-timing")]
        return answer
    except PosologyError as error:
        return {"id": id, "times": [], "error": [str(p) for p in error.problems]}


def _words(text: str) -> Course:
    from posology.errors import Problem, UnreadableError
    from posology.wording import read

    reading = read(text)
    if not reading.complete or reading.course is None:
        raise UnreadableError(*(reading.problems or [Problem("These directions cannot be read.")]))
    return reading.course
