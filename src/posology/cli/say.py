"""The command that says FHIR dosages in words: ``posology say``. Joins fhir and wording; decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from posology.cli import front as typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from posology.directions import Course, Directions
    from posology.errors import Problem

MAX_LINE = 100_000
"""Characters of one line of a batch; a longer one is answered with an error."""
_KEPT = 20_000
"""Answers kept for dosages that come again; more are worked out anew, so that memory does not grow."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("say")(say)


def say(
    source: Annotated[
        str,
        typer.Argument(help="A FHIR JSON file (Dosage, a list, MedicationRequest), words, or - for standard input."),
    ] = "-",
    lang: Annotated[
        Literal["en", "de", "fr", "es", "it", "nl", "pt"] | None, typer.Option(help="The language: en unless given.")
    ] = None,
    form: Annotated[
        Literal["plain", "patient", "pharmacy"], typer.Option(help="Every field, in simple words, or in short.")
    ] = "plain",
    profile: Annotated[
        Literal["dgmp"] | None, typer.Option(help="The German national dosage text: dgmp (with --lang de).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    batch: Annotated[bool, typer.Option("--batch", help="Read one JSON object a line; write one a line.")] = False,
) -> None:
    """Say a FHIR dosage in plain words of seven languages.

    Examples:

        posology say dosage.json --lang fr

        posology say order.json --form patient

        posology say "2 tablets three times a day for 7 days" --lang de

        posology say --batch --lang de --profile dgmp < dosages.ndjson

    A line of a batch is {"id": ..., "dosage": [FHIR R4 Dosage, ...]}; the answer is {"id": ..., "text": "..."}, or
    {"id": ..., "text": null, "error": ["..."]} where it cannot be read or has no words. One line in, one line out, in
    order; memory does not grow. What a language or the profile cannot say is an error, never left out.
    """
    lang_ = lang or ("de" if profile else "en")
    if batch:
        _batch(source, lang_, form, profile)
        return
    from posology.wording import say as speak

    notes: list[Problem] = []
    text = speak(_read(source, notes), lang=lang_, form=form, profile=profile)
    if as_json:
        import simplejson

        answer: dict[str, Any] = {"text": text, "lang": lang_, "form": form}
        if profile:
            answer["profile"] = profile
        answer["notes"] = [str(n) for n in notes]
        typer.echo(simplejson.dumps(answer, ensure_ascii=False, indent=2))
        return
    typer.echo(text)
    for note in notes:
        typer.echo(f"Note: {note}", err=True)


def _read(source: str, notes: list[Problem]) -> Course | tuple[Directions, ...]:
    """Directions of a FHIR file, of standard input, or of words."""
    from pathlib import Path

    from posology.cli import inputs
    from posology.errors import Problem, UnreadableError

    if len(source) < 250 and source.endswith(".json"):
        try:
            text = Path(source).read_text("utf-8-sig")
        except OSError as error:
            raise UnreadableError(Problem(f"This file cannot be read: {error.strerror}.", source)) from None
        except UnicodeDecodeError:
            raise UnreadableError(Problem("The file is not text in UTF-8.", source, "Save it as UTF-8.")) from None
    else:
        text = inputs.text_of(source)
    if not text.lstrip().startswith(("{", "[")):
        from posology.wording import read

        reading = read(text)
        if not reading.complete or reading.course is None:
            raise UnreadableError(*(reading.problems or (Problem("These directions cannot be read."),)))
        return reading.course
    from posology.fhir.request import load

    return _directions(load(text), notes)


def _directions(document: Any, notes: list[Problem]) -> tuple[Directions, ...]:
    """The directions of a Dosage, a list of them, an object that holds them, or a request."""
    from posology.fhir.dosage import read_list

    if isinstance(document, list):
        return read_list(document, "dosage", notes)[0]
    if document.get("resourceType"):
        from posology.fhir.request import read_request

        order = read_request(document)
        notes += [*order.warnings, *order.notes]
        return order.directions
    for key in ("dosage", "dosageInstruction"):
        if key in document:
            return read_list(document[key], key, notes)[0]
    return read_list([document], "dosage", notes)[0]


def _batch(source: str, lang: str, form: str, profile: str | None) -> None:
    import sys
    import time
    from decimal import Decimal

    import simplejson

    from posology.fhir.dosage import read_list
    from posology.wording.saying import say as speak

    def text_of(dosage: Any) -> str:
        return speak(read_list(dosage, "dosage")[0], lang, form, profile)  # type: ignore[arg-type]

    kept: dict[str, str] = {}
    _check_options(lang, form, profile)
    decode = simplejson.JSONDecoder(parse_float=Decimal).decode
    encode = simplejson.JSONEncoder(ensure_ascii=False, use_decimal=True).encode
    write, shown, count = sys.stdout.write, sys.stderr.isatty(), 0
    begun = time.monotonic()
    for count, line in enumerate(_lines(source), 1):
        head, tail = _halves(line, decode)
        if head is not None and tail in kept:
            write(encode(head | {"text": kept[tail]}) + "\n")
        else:
            answer = _answer(line, count, decode, text_of)
            if head is not None and answer["text"] is not None:
                if len(kept) >= _KEPT:
                    kept.clear()
                kept[tail] = answer["text"]
            write(encode(answer) + "\n")
        if shown and count % 10_000 == 0:
            sys.stderr.write(f"\r{count} said, {count / max(time.monotonic() - begun, 1e-9):.0f} a second")
            sys.stderr.flush()
    if shown:
        sys.stderr.write(f"\r{count} said, {count / max(time.monotonic() - begun, 1e-9):.0f} a second\n")


def _halves(line: str, decode: Callable[[str], Any]) -> tuple[dict[str, Any] | None, str]:
    """The id of a line of the usual shape, and the rest of it as text; None where the line has another shape.

    Dosages come again and again: the rest, letter by letter, finds the sentence without reading it anew.
    """
    cut = line.find('"dosage"')
    start = line[:cut].rstrip() if 0 < cut < len(line) <= MAX_LINE else ""
    if not start.endswith(","):
        return None, ""
    try:
        head = decode(start[:-1] + "}")
    except (ValueError, RecursionError):
        return None, ""
    return (head, line[cut:].strip()) if isinstance(head, dict) and head.keys() == {"id"} else (None, "")


def _check_options(lang: str, form: str, profile: str | None) -> None:
    """Options are wrong once, before the first line, not on each of them."""
    from posology.amount import Amount
    from posology.directions import Directions, Dose, Timing
    from posology.wording.saying import say as speak

    speak(Directions(Dose(Amount(1, "{tablet}")), Timing(when=("MORN",))), lang, form, profile)  # type: ignore[arg-type]


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


def _answer(line: str, number: int, decode: Callable[[str], Any], text_of: Callable[[Any], str]) -> dict[str, Any]:
    """The answer to one line; what is wrong with it stands in it."""
    from posology.errors import PosologyError, Problem, UnreadableError

    id_: Any = number
    try:
        if len(line) > MAX_LINE:
            raise UnreadableError(Problem("This line is too long.", "", f"Keep it under {MAX_LINE} characters."))
        try:
            asked = decode(line)
        except (ValueError, RecursionError) as error:
            raise UnreadableError(Problem(f"This is not JSON: {str(error)[:80]}.")) from None
        if not isinstance(asked, dict):
            raise UnreadableError(Problem("A JSON object was expected.", "", 'Write {"id": ..., "dosage": [...]}.'))
        id_ = asked.get("id", number)
        if "dosage" not in asked:
            raise UnreadableError(Problem("There is no dosage.", "dosage", 'Write {"id": ..., "dosage": [...]}.'))
        return {"id": id_, "text": text_of(asked["dosage"])}
    except PosologyError as error:
        return {"id": id_, "text": None, "error": [str(p) for p in error.problems]}
