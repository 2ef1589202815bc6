"""Commands on official labels: ``label read``, ``index``, ``import``, ``verify`` and ``diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from posology.cli import front as typer


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="Read, compare and check official labels.")
    group.command("read")(read)
    group.command("index")(index)
    group.command("import")(draft)
    group.command("verify")(verify)
    group.command("diff")(diff)
    app.add_typer(group, name="label")


def dump(value: Any, line: bool = False) -> str:
    """JSON text; decimals keep their digits."""
    import simplejson

    return str(simplejson.dumps(value, use_decimal=True, ensure_ascii=False, indent=None if line else 2))


def read(
    files: Annotated[list[Path], typer.Argument(help="Label files; with --batch also folders and zip archives.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the label as JSON.")] = False,
    batch: Annotated[
        bool, typer.Option("--batch", help="One JSON line for each label; a bad file gets an error line.")
    ] = False,
    sections: Annotated[bool, typer.Option("--sections", help="Add every section with its text to the JSON.")] = False,
) -> None:
    """Read official labels: SPL XML, openFDA JSON, ePI XML or JSON, or a saved DailyMed page.

    Examples:

        posology label read baclofen.xml

        posology label read baclofen.xml --json

        posology label read labels/ download.zip --batch > labels.jsonl
    """
    if batch:
        _batch(files, sections)
        return
    from posology.errors import OptionError, Problem
    from posology.labels.extract import extract
    from posology.labels.view import label_json, sections_json

    if len(files) != 1:
        raise OptionError(Problem("Give one file.", "", "For more, add --batch."))
    label = _given(files[0])
    facts = extract(label)
    if as_json:
        made = label_json(label, facts)
        if sections:
            made["sections"] = sections_json(label.sections)
        typer.echo(dump(made))
        return
    typer.echo(_shown(label, facts))


def _given(path: Path) -> Any:
    """The label in a file; what is odd about it is said on the error stream."""
    from posology.labels import files as door

    label = door.read_file(path)
    for note in label.notes:
        typer.echo(f"posology: {path.name}: {note}", err=True)
    return label


def _batch(paths: list[Path], sections: bool) -> None:
    from posology.errors import UnreadableError
    from posology.labels import files as door
    from posology.labels.view import label_json, sections_json

    failed = 0
    for member in door.members(paths):
        if isinstance(member, door.Failure):
            failed += 1
            typer.echo(dump({"file": member.where, "error": member.line}, line=True))
            continue
        try:
            for label in door.read_labels(member.load(), Path(member.where).name):
                made = {"file": member.where, **label_json(label, full=False)}
                if sections:
                    made["sections"] = sections_json(label.sections)
                typer.echo(dump(made, line=True))
        except UnreadableError as error:
            failed += 1
            typer.echo(dump({"file": member.where, "error": " ".join(str(error).split())}, line=True))
        except Exception as error:  # whatever one file may do to its reader, the rest goes on
            failed += 1
            typer.echo(dump({"file": member.where, "error": door.unforeseen(error)}, line=True))
    if failed:
        typer.echo(f"posology: {failed} {'file' if failed == 1 else 'files'} could not be read.", err=True)


def _shown(label: Any, facts: Any) -> str:
    import textwrap

    out = [label.name or label.title or "(no name)"]
    out.append(
        f"  set id {label.setid or 'not stated'}, version {label.version or 'not stated'}, {label.effective or 'no date'}"
    )
    out.append(
        f"  {label.labeler or 'labeler not stated'}; {(label.document_type or label.format).lower()}; {label.jurisdiction or 'country not stated'}"
    )
    for p in label.products:
        actives = ", ".join(
            f"{a.name} {a.strength if a.strength is not None else '(strength not stated)'}" for a in p.active
        )
        looks = ", ".join(x for x in (p.appearance.color, p.appearance.shape, p.appearance.imprint) if x)
        out.append(f"  - {p.name}: {p.form.lower() or 'form not stated'}; {actives}" + (f"; {looks}" if looks else ""))

    def part(title: str, passages: Any, limit: int = 3) -> None:
        out.append("")
        out.append(title)
        if not passages:
            out.append("  not stated")
        for p in passages[:limit]:
            words = f"{p.lead} \u2026 {p.quote}" if p.lead else p.quote
            out.extend(
                textwrap.wrap(
                    f"[{p.section_code}] {words}" if p.section_code else words,
                    92,
                    initial_indent="  ",
                    subsequent_indent="      ",
                )[:5]
            )
        if len(passages) > limit:
            out.append(f"  ... and {len(passages) - limit} more")

    part("Stopping suddenly", facts.stopping.warnings)
    part("How to come off", facts.stopping.tapers)
    out += ["", "Highest dose"]
    for m in facts.maximum:
        whom = "; ".join(x for x in (m.population, m.indication) if x)
        times = f", {m.times_per_day.normalize():f} times a day" if m.times_per_day is not None else ""
        out.append(
            f"  {m.value.normalize():f} {m.unit} {'a ' + m.per if m.per else ''}{times}{' (' + whom + ')' if whom else ''} [{m.section_code}]"
        )
    if not facts.maximum:
        out.append("  not stated")
    part("Boxed warning", facts.boxed, 2)
    for name, passages in facts.topics.items():
        part(name.replace("_", " ").capitalize(), passages, 2)
    return "\n".join(out)


def index(
    paths: Annotated[list[Path], typer.Argument(help="Label files, folders, or zip archives as DailyMed gives them.")],
    to: Annotated[
        Path | None,
        typer.Option("--index", help="The index file to write or add to; else $POSOLOGY_INDEX or labels.db."),
    ] = None,
    jobs: Annotated[int, typer.Option(help="How many processes read labels.", min=1, max=64)] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Put labels into a search index. It may be stopped and started again: what is in is not read twice.

    Exit status 1 where no label at all is in the files.

    Examples:

        posology label index labels/

        posology label index dm_spl_release_human_rx_part1.zip --index rx.db
    """
    import sys

    from posology.labels import search

    to = index_path(to)
    shown = sys.stderr.isatty()

    def progress(done: search.Progress) -> None:
        if shown:
            typer.echo(f"\r{done.added} added, {done.kept} already in, {done.failed} failed ", err=True, nl=False)

    result = search.build(paths, to, jobs=jobs, progress=progress)
    nothing = not result.added and not result.kept
    if shown:
        typer.echo("", err=True)
    if as_json:
        typer.echo(dump({"index": str(to), "added": result.added, "kept": result.kept, "failed": result.failed,
                         "labels": result.labels, "errors": list(result.errors)}))  # fmt: skip
        raise typer.Exit(int(nothing))
    for line in result.errors[:50]:
        typer.echo(f"posology: {line}", err=True)
    if len(result.errors) > 50:
        typer.echo(f"posology: and {len(result.errors) - 50} more files that could not be read.", err=True)
    typer.echo(
        f"{to}: {result.labels} labels ({result.added} added, {result.kept} already in, {result.failed} could not be read)."
    )
    raise typer.Exit(int(nothing))


def index_path(given: Path | None) -> Path:
    """The index file: as given, else as the setting ``POSOLOGY_INDEX`` says, else ``labels.db`` here."""
    import os

    return given or Path(os.environ.get("POSOLOGY_INDEX") or "labels.db")


def draft(
    files: Annotated[list[Path], typer.Argument(help="Labels of one medicine.")],
    to: Annotated[Path | None, typer.Option("--out", help="Write the draft here; else it is printed.")] = None,
    name: Annotated[str | None, typer.Option("--id", help="The id of the medicine, like examplone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was drafted as JSON.")] = False,
) -> None:
    """Draft a medicine file from labels. Everything in it is marked unverified, for a person to read and finish.

    Examples:

        posology label import baclofen.xml --out baclofen/medicine.toml

        posology label import tablets.xml solution.xml --id examplone
    """
    from posology.labels import draft as drafting

    labels = [_given(f) for f in files]
    made = drafting.draft(labels, name)
    if to is not None:
        from posology.cli.inputs import write_file

        write_file(to, made.toml)
        typer.echo(f"Written: {to}", err=True)
    if as_json:
        typer.echo(
            dump(
                {
                    "id": made.id,
                    "statements": made.statements,
                    "products": made.products,
                    "todo": list(made.todo),
                    "toml": made.toml,
                }
            )
        )
    elif to is None:
        typer.echo(made.toml)
    for line in made.todo:
        typer.echo(f"To do: {line}", err=True)


def verify(
    medicine: Annotated[str, typer.Argument(help="A medicine, or a medicine file.")],
    labels: Annotated[list[Path], typer.Option("--label", help="An official label; may be given again.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Hold every rule of a medicine file against the section of the label that it cites.

    Exit status 3 where a number of a rule does not stand in the cited section; 1 where no source names any of the labels.

    Examples:

        posology label verify baclofen --label baclofen.xml

        posology label verify my/medicine.toml --label label.json --json
    """
    from posology import library
    from posology.labels import verify as verifying

    there = Path(medicine)
    held = library.load_medicine(there) if there.suffix == ".toml" else library.medicine(medicine)
    read_in = [_given(f) for f in labels]
    result = verifying.verify(held, read_in)
    for name in result.strangers:
        typer.echo(f"posology: {name}: No source of {held.names[0]} names this label (by its set id).", err=True)
    if as_json:
        typer.echo(dump(verifying.verify_json(result)))
    else:
        wide = max((len(r.statement) for r in result.rows), default=0)
        for r in result.rows:
            typer.echo(f"{r.state:<12} {r.statement:<{wide}} {r.text}")
        counts = ", ".join(f"{n} {s}" for s, n in result.counts.items())
        typer.echo(f"\n{held.names[0]}: {counts}.")
    if result.wrong:
        raise typer.Exit(3)
    if len(result.strangers) == len(read_in):
        raise typer.Exit(1)


def diff(
    old: Annotated[Path, typer.Argument(help="The older label.")],
    new: Annotated[Path, typer.Argument(help="The newer label.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Say what changed between two labels for a person who takes the medicine.

    Examples:

        posology label diff label-2020.json label-2023.json
    """
    from posology.labels import diff as diffing

    result = diffing.diff(_given(old), _given(new))
    if as_json:
        typer.echo(dump(diffing.diff_json(result)))
        return
    import textwrap

    for note in result.notes:
        typer.echo(f"Note: {note}")
    if not result.changes:
        typer.echo("Nothing changed for a person who takes it.")
    for c in result.changes:
        typer.echo(f"\n{c.topic.replace('_', ' ').upper()}: {c.summary}")
        for mark, quotes in (("-", c.gone), ("+", c.came)):
            for p in quotes[:6]:
                for i, row in enumerate(textwrap.wrap(f"[{p.section_code}] {p.quote}", 88)[:4]):
                    typer.echo(f"  {mark if i == 0 else ' '} {row}")
            if len(quotes) > 6:
                typer.echo(f"  {mark} ... and {len(quotes) - 6} more")
