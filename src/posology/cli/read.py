"""The command that reads directions in words: ``posology read``, one text or a batch. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from posology.directions import Course
    from posology.wording.reading import Note, Reading

MAX_LINE = 1_000_000
"""Characters of one line of a batch; a longer one is answered with a refusal."""
_EVERY = 20_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("read")(read)


def read(
    text: Annotated[str, typer.Argument(help="The directions, or with --batch a file; - is standard input.")] = "-",
    name: Annotated[list[str] | None, typer.Option(help="A name of a medicine that may stand in it.")] = None,
    taking: Annotated[str | None, typer.Option(help='What is taken now: "10 mg three times a day".')] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: FHIR Dosage, places, notes.")] = False,
    batch: Annotated[bool, typer.Option("--batch", help="Read one text a line; write one JSON object a line.")] = False,
    column: Annotated[
        str | None,
        typer.Option(help="With --batch: the column of a CSV that holds the text; text unless given."),
    ] = None,
) -> None:
    """Read directions, and say what was understood and what was not.

    Examples:

        posology read "Take 1 tablet in the morning and 2 at night"

        posology read "5 mg three times a day, increase by 5 mg each dose every 3 days to 20 mg three times a day" --json

        posology read --batch sigs.ndjson > dosages.ndjson

    A line of a batch is {"id": ..., "text": "..."}, a bare text, or a row of a CSV with a header (a
    file named .csv, or any input with --column). The answer is {"id":
    ..., "dosage": [FHIR R4 Dosage, ...], "refused": true or false, "warnings": [...], "left_over": [...]}: one line out for
    one line in, in order; "dosage" is [] where nothing could be read, "problems" say why a line is refused. Exit status: 1
    where a text is refused (a batch: never for its lines).
    """
    names = tuple(name or ())
    if batch:
        _batch(text, names, column)
        return
    from posology.cli import inputs
    from posology.errors import UnreadableError
    from posology.wording import read as read_text

    now = None
    if taking is not None:
        known = read_text(taking, names=names)
        if not known.complete or known.course is None:
            raise UnreadableError(*known.problems)
        now = known.course
    reading = read_text(inputs.text_of(text).strip(), names=names, taking=now)
    if as_json:
        typer.echo(_dumps(_full(reading)))
    else:
        _show(reading)
    if not reading.complete:
        raise typer.Exit(1)


def dosages(course: Course | None) -> list[dict[str, Any]]:
    """FHIR R4 Dosages of a course; none where nothing was read or an amount has no decimal."""
    from posology.errors import PosologyError
    from posology.fhir.dosage import write_course

    if course is None:
        return []
    try:
        held = write_course(course)
    except PosologyError:
        return []
    for d, made in zip(course.directions, held, strict=True):
        if d.timing.count is not None and d.timing.bounds is None and "bounds" not in d.spans:
            # "2 at once, then ...": how long that step lasts was worked out, not said
            made["timing"]["repeat"].pop("boundsDuration", None)
    return held


def answer(reading: Reading, at: Any = None) -> dict[str, Any]:
    """The line of a batch for one reading.

    >>> from posology.wording import read
    >>> answer(read("2 weekly"), 7)["refused"]
    True
    """
    out: dict[str, Any] = {} if at is None else {"id": at}
    held = dosages(reading.course)
    refused = not reading.complete or not held
    out |= {
        "dosage": held,
        "refused": refused,
        "warnings": [note_text(n) for n in (*reading.warnings, *reading.second)],
        "left_over": [n.text for n in reading.left_over],
    }
    if refused:
        out["problems"] = [str(p) for p in reading.problems] or [
            "An amount has no exact decimal, and FHIR has no fractions."
        ]
    return out


def note_text(note: Note) -> str:
    """One remark of a reading as a person reads it."""
    from posology.wording.en.remarks import remark

    return remark(note)


def _full(reading: Reading) -> dict[str, Any]:
    def notes(held: tuple[Note, ...]) -> list[dict[str, Any]]:
        return [
            {"key": n.key, "text": n.text, "start": n.span.start, "end": n.span.end, "means": note_text(n)}
            for n in held
        ]

    out = answer(reading)
    out["text"] = reading.text
    out["warnings"], out["left_over"] = notes(reading.warnings), notes(reading.left_over)
    out["second"], out["inferred"], out["facts"] = notes(reading.second), notes(reading.inferred), notes(reading.facts)
    if reading.course is not None:
        out["after"] = reading.course.after
        out["places"] = [
            {
                field: {"start": s.start, "end": s.end, "text": reading.text[s.start : s.end]}
                for field, s in d.spans.items()
            }
            for d in reading.course.directions
        ]
    if reading.named is not None:
        n = reading.named
        out["named"] = {
            "text": n.text, "matched": n.matched, "strength": str(n.strength) if n.strength else None,
            "form": n.form.strip("{}"), "release": n.release,
        }  # fmt: skip
    return out


def _show(reading: Reading) -> None:
    from posology.wording import say

    if reading.course is not None:
        typer.echo(("Understood: " if reading.complete else "Understood in part: ") + say(reading.course))
    if reading.named is not None and reading.named.text:
        strength = f", {reading.named.strength}" if reading.named.strength else ""
        typer.echo(f"Medicine:   {reading.named.text}{strength}")
    for head, held in (
        ("Warning:    ", reading.warnings), ("Or else:    ", reading.second), ("Inferred:   ", reading.inferred),
        ("Not a dose: ", reading.facts), ("Left over:  ", reading.left_over),
    ):  # fmt: skip
        for note in held:
            typer.echo(head + note_text(note))
    if not reading.complete:
        typer.echo("Refused:", err=True)
        for problem in reading.problems:
            typer.echo(f"  {problem}", err=True)


def _dumps(value: Any) -> str:
    import simplejson

    return str(simplejson.dumps(value, use_decimal=True, ensure_ascii=False))


# -- a batch -------------------------------------------------------------------------------------------------------


def _batch(source: str, names: tuple[str, ...], column: str | None) -> None:
    import sys

    from posology.errors import Problem, UnreadableError

    csv = column is not None or source.lower().endswith(".csv")
    if source == "-":
        _lines(sys.stdin, sys.stdout, names, column or "text", csv=csv)
        return
    try:
        # spreadsheets put a byte order mark in front of a CSV: it is part of no column's name
        with open(source, encoding="utf-8-sig", errors="replace", newline="") as lines:
            _lines(lines, sys.stdout, names, column or "text", csv=csv)
    except OSError as error:
        raise UnreadableError(Problem(f"This file cannot be read: {error.strerror}.", source)) from None


def _lines(lines: TextIO, out: TextIO, names: tuple[str, ...], column: str, *, csv: bool) -> None:
    import sys
    import time

    rows = _rows(lines, column) if csv else _objects(lines)
    started, n, refused = time.monotonic(), 0, 0
    for n, (at, text, error) in enumerate(rows, 1):
        made = _line(at, text, error, names)
        refused += made["refused"]
        out.write(_dumps(made) + "\n")
        if n % _EVERY == 0:
            sys.stderr.write(f"\r{n} read, {refused} refused, {n / (time.monotonic() - started):,.0f} a second")
            sys.stderr.flush()
    took = max(time.monotonic() - started, 1e-9)
    sys.stderr.write(f"\r{n} read, {refused} refused, {n / took:,.0f} a second\n")


def _line(at: Any, text: str, error: str, names: tuple[str, ...]) -> dict[str, Any]:
    from posology.wording import read as read_text

    if error:
        made: dict[str, Any] = {} if at is None else {"id": at}
        return made | {"dosage": [], "refused": True, "warnings": [], "left_over": [], "problems": [error]}
    return answer(read_text(text, names=names), at)


def _objects(lines: TextIO) -> Iterator[tuple[Any, str, str]]:
    """Id, text and error of each line: a JSON object with a text, or the bare text."""
    import simplejson

    first = True
    while line := lines.readline(MAX_LINE):
        if first:
            line, first = line.removeprefix("\ufeff"), False
        if len(line) >= MAX_LINE and not line.endswith("\n"):
            while (rest := lines.readline(MAX_LINE)) and not rest.endswith("\n"):
                pass
            yield None, "", f"The line is longer than {MAX_LINE} characters."
            continue
        line = line.rstrip("\r\n")
        if not line.lstrip().startswith("{"):
            yield None, line, ""
            continue
        try:
            held = simplejson.loads(line, use_decimal=True)
        except (ValueError, RecursionError):
            yield None, "", "This line is not JSON."
            continue
        text = held.get("text") if isinstance(held, dict) else None
        at = held.get("id") if isinstance(held, dict) else None
        yield (at, text, "") if isinstance(text, str) else (at, "", 'This line has no "text".')


def _rows(lines: TextIO, column: str) -> Iterator[tuple[Any, str, str]]:
    """Id, text and error of each row of a CSV file with a header."""
    import csv

    from posology.errors import OptionError, Problem

    csv.field_size_limit(MAX_LINE)
    reader = csv.DictReader(lines)
    if column not in (reader.fieldnames or ()):
        known = ", ".join(reader.fieldnames or ()) or "none"
        raise OptionError(Problem(f"The CSV file has no column {column!r}.", "--column", f"Its columns: {known}."))
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield None, "", f"This row cannot be read: {error}."
            continue
        yield row.get("id"), row.get(column) or "", ""
