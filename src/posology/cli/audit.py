"""The command ``audit``: what a page about a medicine leaves out, contradicts, gets wrong or garbles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from posology.cli import front as typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit")(audit)


def audit(
    page: Annotated[Path, typer.Argument(help="A page for patients: HTML or plain text.")],
    label: Annotated[Path | None, typer.Option("--label", help="The official label to hold it to.")] = None,
    medicine: Annotated[str | None, typer.Option("--medicine", help="Or a medicine this program knows.")] = None,
    country: Annotated[
        str | None, typer.Option("--country", help="The country of the page, where it does not show.")
    ] = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", help="Exit 3 from this severity: critical, major, minor or never.")
    ] = "critical",
    as_json: Annotated[bool, typer.Option("--json", help="Print the issues as JSON.")] = False,
    as_sarif: Annotated[
        bool, typer.Option("--sarif", help="Print the issues as SARIF 2.1.0, for code-review tools.")
    ] = False,
) -> None:
    """Hold a page about a medicine to its official label or to a medicine file, and say what is wrong with it.

    Exit status: 0 where nothing of the severity of --fail-on was found, 3 where it was, 1 where a file cannot be read.

    Examples:

        posology audit leaflet.html --label baclofen.xml

        posology audit page.txt --medicine baclofen --json

        posology audit leaflet.html --label label.json --sarif --fail-on major > audit.sarif
    """
    import difflib

    from posology.cli.label import dump
    from posology.errors import OptionError, Problem, UnreadableError
    from posology.labels import audit as auditing

    if (label is None) == (medicine is None):
        raise OptionError(
            Problem("Give what to hold the page to.", "", "Add --label FILE or --medicine NAME, one of them.")
        )
    if as_json and as_sarif:
        raise OptionError(Problem("Give --json or --sarif, not both."))
    ranks = {"critical": 3, "major": 2, "minor": 1, "never": 9}
    if fail_on not in ranks:
        near = difflib.get_close_matches(fail_on, ranks, 1)
        raise OptionError(
            Problem(
                f"This severity is not known: {fail_on[:30]!r}.",
                "--fail-on",
                f"Did you mean {near[0]}?" if near else "Give critical, major, minor or never.",
            )
        )
    try:
        data = page.read_bytes() if page.stat().st_size <= auditing.page.MAX_PAGE else None
    except OSError as error:
        raise UnreadableError(Problem(f"The page cannot be opened ({error.strerror}).", str(page))) from None
    if data is None:
        size = page.stat().st_size // 1_000_000
        raise UnreadableError(
            Problem(f"This page is too large ({size} MB).", str(page), "Give one page about one medicine.")
        )
    read = auditing.read_page(data, page.name)
    there = ""
    if country is not None:
        from posology import library

        there = library.country(country).id
    if label is not None:
        from posology.labels import files as door

        held = door.read_file(label)
        for note in held.notes:
            typer.echo(f"posology: {label.name}: {note}", err=True)
        reference = auditing.from_label(held)
    else:
        from posology import library

        known = library.medicine(medicine or "")
        places = known.jurisdictions
        at = there or (read.country if read.country in places else "") or places[0]
        reference = auditing.from_medicine(known, at)
    result = auditing.audit(read, reference, there)
    if as_json:
        typer.echo(dump(auditing.audit_json(result)))
    elif as_sarif:
        from posology import __version__

        typer.echo(
            dump(
                auditing.sarif(result, __version__, page.resolve().as_uri() if page.is_absolute() else page.as_posix())
            )
        )
    else:
        typer.echo(_shown(result))
    if result.worst >= ranks[fail_on]:
        raise typer.Exit(3)


def _shown(result: object) -> str:
    import textwrap

    from posology.labels.audit.report import TITLES, Audit

    assert isinstance(result, Audit)
    held = result.reference
    out = [f"{result.page.name}, held to {held.source}"]

    def wrap(text: str, indent: str) -> None:
        out.extend(textwrap.wrap(text, 92, initial_indent=indent, subsequent_indent=indent))

    heads = {
        "critical": "CRITICAL: a reader could come to harm. Do not publish.",
        "major": "MAJOR: mend before the next release.",
        "minor": "MINOR: mend when you can.",
    }
    now = ""
    for i in result.issues:
        if i.severity != now:
            now = i.severity
            out += ["", heads[now]]
        where = f"line {i.line.line}" if i.line is not None else "missing" if i.type.startswith("missing") else "page"
        out += ["", f"{where}: {TITLES[i.type]}  [{i.type}]"]
        if i.line is not None:
            wrap(f"Page:   “{i.line.text[:600]}”", "    ")
        wrap(f"Why:    {i.text}", "    ")
        if i.evidence is not None and i.evidence.quote and i.evidence.quote not in i.text:
            named = "Label" if not i.evidence.statement else "Source"
            place = i.evidence.source or i.evidence.path.rpartition(" > ")[2] or i.evidence.section_code
            code = i.evidence.section_code
            wrap(
                f"{named + ':':<8}“{_short(i.evidence.quote)}” ({place}{f', {code}' if code and code not in place and code != 'not recorded' else ''})",
                "    ",
            )
    right = [j for j in result.claims if j.claim.verdict == "right"]
    if right:
        out += ["", "RIGHT"]
        for j in right:
            place = f"line {j.line.line}: " if j.line is not None else ""
            wrap(f"{place}{j.claim.says} {j.claim.correction}", "    ")
    counts = {s: sum(i.severity == s for i in result.issues) for s in ("critical", "major", "minor")}
    out += ["", f"{counts['critical']} critical, {counts['major']} major, {counts['minor']} minor. "
            f"Reading grade {result.grade:.1f} (Flesch-Kincaid), {result.smog:.1f} (SMOG)."]  # fmt: skip
    if held.unstated and not result.note.startswith("The page was not held"):
        wrap(f"Not stated by the reference, so not looked for: {', '.join(held.unstated)}.", "")
    if not result.numbers_compared:
        out.append(result.note)
    return "\n".join(out)


def _short(quote: str) -> str:
    return quote if len(quote) <= 300 else quote[:300].rsplit(" ", 1)[0] + " …"
