"""Commands that explain a medicine: ``about``, ``medicines``, ``medicine validate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    import datetime as dt

    from posology.labels.record import Label
    from posology.medicine import Medicine
    from posology.wording.page import Page


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("about")(about)
    app.command("medicines")(medicines)
    group = typer.Typer(no_args_is_help=True, help="Work on medicine files.")
    group.command("validate")(validate)
    group.command("schema")(schema)
    app.add_typer(group, name="medicine")


def about(
    medicine: Annotated[str | None, typer.Argument(help="The name of a medicine.")] = None,
    topic: Annotated[str | None, typer.Option(help="One part of the page, like stopping, missed or ran-out.")] = None,
    country: Annotated[str | None, typer.Option(help="For which country, like UK, US or DE.")] = None,
    label: Annotated[
        Path | None, typer.Option("--label", help="Explain this official label; no medicine file is needed.")
    ] = None,
    before: Annotated[
        Path | None, typer.Option("--before", help="With --label: an earlier edition of it, to say what changed since.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option("--index", help="Where no medicine file is there: the best label of this index.")
    ] = None,
    short: Annotated[bool, typer.Option("--short", help="Only what must be known by heart, for one sheet.")] = False,
    sources: Annotated[bool, typer.Option("--sources", help="Count the statements of each source.")] = False,
    claims: Annotated[bool, typer.Option("--claims", help="Judge the page that started this project.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a printable page to this file.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the same page as a tagged PDF.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the page as JSON.")] = False,
) -> None:
    """Explain a medicine: what it is, how to take it, and what to do, with a source behind every sentence.

    Examples:

        posology about baclofen --country UK

        posology about baclofen --topic ran-out --country US --html ran-out.html

        posology about baclofen --claims

        posology about --label metformin.json --html metformin.html

        posology about --label label-2023.json --before label-2020.json

        posology about metformin --index labels.db
    """
    import datetime as dt

    from attrs import evolve

    from posology import library
    from posology.errors import OptionError, Problem, UnreadableError
    from posology.wording import page as pages

    _known_topic(topic)
    if before is not None and label is None:
        raise OptionError(Problem("--before needs --label.", "--before", "Give the newer label with --label."))
    if label is not None or (medicine is not None and medicine.lower() not in library.names()):
        found = _found(label, _index(index), medicine, index is not None)
        if found is not None:
            given = [name for name, on in (("--short", short), ("--sources", sources), ("--claims", claims)) if on]
            if given:
                raise OptionError(Problem(f"{given[0]} is for a medicine on file, not for a label.", given[0]))
            _of_label(found, before, country, topic, html, pdf, as_json)
            return
    if medicine is None:
        raise OptionError(
            Problem("Name a medicine, or give a label with --label.", "", "Medicines: posology medicines")
        )
    try:
        held = library.medicine(medicine)
    except UnreadableError as error:
        todo = f"{error.problems[0].todo}. Or explain its label: --label FILE, or --index FILE."
        raise UnreadableError(evolve(error.problems[0], todo=todo)) from None
    if sources:
        _sources(held, as_json)
        return
    if claims:
        _claims(held, as_json)
        return
    there = library.country(country or held.jurisdictions[0])
    today = dt.date.today()  # noqa: DTZ011
    made = pages.about(held, there, topic, vocabulary=library.vocabulary(), short=short, today=today)
    level = levels(made, frozenset(n.lower() for n in held.names))
    _put(made, level, level_text(level), html, pdf, today)
    if as_json:
        typer.echo(dump(page_json(made, level)))
    elif html is None and pdf is None:
        if country is None:
            typer.echo(f"(This page is for {there.name}. For another country add --country, like --country UK.)\n")
        typer.echo(page_text(made))
        typer.echo(f"\n{level_text(level)}")


def _known_topic(topic: str | None) -> None:
    from posology.errors import Problem, UnreadableError
    from posology.wording import page as pages

    if topic is not None and topic not in pages.TOPICS:
        import difflib

        near = difflib.get_close_matches(topic, pages.TOPICS, 1)
        raise UnreadableError(
            Problem(f"This topic is not known: {topic[:40]!r}.", "--topic",
                    (f"Did you mean {near[0]}? " if near else "") + f"Topics: {', '.join(pages.TOPICS)}.")
        )  # fmt: skip


def _index(given: Path | None) -> Path | None:
    """The index of labels to look in: the one given, else the usual one where it is there."""
    from posology.cli.label import index_path

    usual = index_path(given)
    return usual if given is not None or usual.exists() else None


def _found(path: Path | None, index: Path | None, name: str | None, asked: bool) -> Label | None:
    """The label of a file, or the one of that name in an index; an error where it was asked for and is not there."""
    from posology.errors import Problem, RefusedError
    from posology.labels import files

    if path is not None:
        return files.read_file(path)
    if index is None or name is None:
        return None
    from posology.labels.stored import stored

    label = stored(index, name)
    if label is None and asked:
        raise RefusedError(Problem(f"No label of {name[:60]!r} is in this index.", str(index), "Try: posology search"))
    return label


def _of_label(
    label: Label, before: Path | None, country: str | None, topic: str | None, html: Path | None, pdf: Path | None, as_json: bool
) -> None:  # fmt: skip
    """The page of one official label."""
    import datetime as dt

    from attrs import evolve

    from posology import library
    from posology.cli import label_page as labels
    from posology.errors import OptionError, Problem, RefusedError
    from posology.labels import files

    if why := labels.refused(label):
        raise RefusedError(Problem(why, label.source))
    code = country or label.jurisdiction
    if not code:
        raise OptionError(
            Problem("The label does not say its country.", label.source, "Add --country, like --country UK.")
        )
    today = dt.date.today()  # noqa: DTZ011
    earlier = None if before is None else files.read_file(before)
    made = labels.label_page(label, library.country(code), today, earlier)
    if topic is not None:
        made = evolve(made, sections=tuple(s for s in made.sections if s.id in ("emergency", topic)))
    names = frozenset(w for n in label.all_names for w in n.lower().split())
    level = levels(labels.own_words(made), names)
    for note in label.notes:
        typer.echo(f"posology: {label.source}: {note}", err=True)
    _put(made, level, f"{level_text(level)} The label's own words are not counted.", html, pdf, today)
    if as_json:
        typer.echo(dump(page_json(made, level)))
    elif html is None and pdf is None:
        typer.echo(page_text(made))
        typer.echo(f"\n{level_text(level)} The label's own words are not counted.")


def _put(page: Page, level: dict[str, float], said: str, html: Path | None, pdf: Path | None, today: dt.date) -> None:
    """Write the page as HTML and as PDF, where asked for."""
    if html is None and pdf is None:
        return
    from posology import sheet
    from posology.cli.inputs import write_files

    drawn = sheet.page_html(page, printed=today, level=said)
    files: list[tuple[Path, str | bytes]] = [(html, drawn)] if html is not None else []
    if pdf is not None:
        files.append((pdf, sheet.pdf(drawn)))
    write_files(files)
    for path, _ in files:
        typer.echo(f"Written: {path}", err=True)


_FIRST = ("emergency", "key", "what-it-is", "uses", "must-not", "stopping", "missed", "too-much", "ran-out")
"""The parts that must be the easiest to read: what is on the first screen, and what to do when it matters."""


def levels(page: Page, names: frozenset[str]) -> dict[str, float]:
    """How hard a page is to read, in US school grades: Flesch-Kincaid of its first parts and of all, and SMOG of all.

    ``names``: words that count as one short one, like the names of the medicine, in lower case.
    """
    import re

    from posology.labels.grades import grade, smog

    def sentences(ids: tuple[str, ...] | None) -> list[str]:
        texts = [x.text for s in page.sections if ids is None or s.id in ids for b in s.blocks for x in b.lines]
        return [part for t in texts for part in re.split(r"(?<=[.!?])\s+", t) if part]

    first, whole = sentences(_FIRST), sentences(None)
    return {
        "first": round(grade(first, names), 1),
        "whole": round(grade(whole, names), 1),
        "smog": round(smog(whole, names), 1),
    }


def level_text(level: dict[str, float]) -> str:
    """The reading grades as one line."""
    return (
        f"Reading level in US school grades: {level['first']:g} for what matters first, stopping and missed doses; "
        f"{level['whole']:g} for the whole page (Flesch-Kincaid; SMOG {level['smog']:g})."
    )


def medicines(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """List the medicines this program knows.

    Example:

        posology medicines
    """
    from posology import library

    rows = []
    for id in library.medicine_files():
        m = library.medicine(id)
        rows.append({"id": id, "names": list(m.names), "countries": list(m.jurisdictions), "products": len(m.products),
                     "statements": len(m.statements), "verified": sum(s.verified for s in m.statements),
                     "tapers": m.tapers})  # fmt: skip
    if as_json:
        typer.echo(dump({"medicines": rows}))
        return
    for r in rows:
        typer.echo(f"{r['id']:<28} {r['statements']:>4} statements, {r['verified']} read in their source; "
                   f"{', '.join(r['countries'])}" + ("; never stop suddenly" if r["tapers"] else ""))  # type: ignore[arg-type] # fmt: skip


def validate(
    file: Annotated[Path, typer.Argument(help="A medicine file (TOML).")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Check a medicine file and name every error at once, with its path.

    Example:

        posology medicine validate my-medicines/examplone/medicine.toml
    """
    from posology import library
    from posology.errors import UnreadableError

    try:
        m = library.load_medicine(file)
    except UnreadableError as error:
        if as_json:
            typer.echo(
                dump(
                    {
                        "valid": False,
                        "errors": [{"path": p.where, "what": p.what, "todo": p.todo} for p in error.problems],
                    }
                )
            )
        else:
            typer.echo(f"{file}: {len(error.problems)} {'error' if len(error.problems) == 1 else 'errors'}", err=True)
            for p in error.problems:
                typer.echo(f"  {p}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(dump({"valid": True, "id": m.id, "statements": len(m.statements), "products": len(m.products)}))
    else:
        typer.echo(
            f"{file}: right. {len(m.statements)} statements, {len(m.sources)} sources, {len(m.products)} products."
        )


def schema() -> None:
    """Print the JSON Schema of a medicine file, for editors.

    Example:

        posology medicine schema > medicine.schema.json
    """
    from posology import library

    typer.echo(dump(library.schema()))


def dump(value: Any) -> str:
    """JSON text; decimals are written as strings by those who build the value."""
    import json

    return json.dumps(value, ensure_ascii=False, indent=2)


def page_text(page: Page) -> str:
    """A page for the terminal."""
    import textwrap

    from posology.wording.page import marks

    out = [page.title, "=" * len(page.title), *([f"Say: {page.say} (not verified)"] if page.say else [])]
    out += [*textwrap.wrap(page.notice, 88), ""]

    def item(text: str, mark: str) -> None:
        out.extend(textwrap.wrap(text, 88, initial_indent=mark, subsequent_indent=" " * len(mark)))

    for s in page.sections:
        out += [s.heading.upper() if s.tone == "emergency" else s.heading, "-" * len(s.heading)]
        for block in s.blocks:
            if block.heading:
                out.append(block.heading)
            for line in block.lines:
                refs = "".join(f" [{n}\u00a0{at}]" if at else f" [{n}]" for n, at in marks(line.cites, page))
                where = f"{line.where}: " if line.where else ""
                item(
                    f"{where}{line.text}{'' if line.verified else ' (not verified)'}{refs}",
                    "  - " if block.kind == "bullets" else "  ",
                )
        out.append("")
    if page.sources:
        out += ["Sources", "-------"]
        for n, text in page.sources:
            item(text, f"  [{n}] ")
    return "\n".join(out).rstrip()


def page_json(page: Page, level: dict[str, float]) -> dict[str, Any]:
    """A page as plain data, every line with the statements behind it, the number of their sources and the sections."""
    from posology.wording.page import marks

    return {
        "format": "posology-page",
        "version": 1,
        "title": page.title,
        "say": page.say,
        "medicine": page.medicine,
        "country": page.country.id,
        "emergency": page.country.emergency,
        "notice": page.notice,
        "reading": level,
        "sections": [
            {
                "id": s.id,
                "heading": s.heading,
                "tone": s.tone,
                "blocks": [
                    {
                        "heading": b.heading,
                        "lines": [
                            {
                                "text": line.text,
                                "statements": [c for c in line.cites if not c.startswith("product:")],
                                "products": [
                                    c.removeprefix("product:") for c in line.cites if c.startswith("product:")
                                ],
                                "sources": [{"number": n, "section": at} for n, at in marks(line.cites, page)],
                                "verified": line.verified,
                                "country": line.where,
                            }
                            for line in b.lines
                        ],
                    }
                    for b in s.blocks
                ],
            }
            for s in page.sections
        ],
        "sources": [{"number": n, "text": text} for n, text in page.sources],
    }


def _sources(m: Medicine, as_json: bool) -> None:
    from posology.wording import page as pages

    rows = pages.counts(m)
    total = len(m.statements)
    verified = sum(s.verified for s in m.statements)
    if as_json:
        typer.echo(dump({"medicine": m.id, "statements": total, "verified": verified, "unused": len(m.unused),
                         "sources": [{"source": t, "country": j, "statements": n, "verified": v} for t, j, n, v in rows]}))  # fmt: skip
        return
    typer.echo(f"{m.names[0]}: {total} statements from {len(m.sources)} sources; {verified} were read in the source named, "
               f"{total - verified} are marked not verified; {len(m.unused)} facts are listed as unused.\n")  # fmt: skip
    for text, _, n, v in rows:
        typer.echo(f"{n:>4} statements, {v:>3} verified  {text}")


def _claims(m: Medicine, as_json: bool) -> None:
    if as_json:
        typer.echo(dump({"medicine": m.id, "claims": [
            {"id": c.id, "page": c.page, "says": c.says, "verdict": c.verdict, "correction": c.correction,
             "statements": list(c.statements), "command": c.command} for c in m.claims]}))  # fmt: skip
        return
    import textwrap

    for c in m.claims:
        typer.echo(f"{c.verdict.upper():<12} {c.says}")
        for row in textwrap.wrap(c.correction, 84):
            typer.echo(f"             {row}")
        cited = dict.fromkeys(m.statement(s).source for s in c.statements)
        if cited:
            typer.echo(f"             Sources: {'; '.join(m.source(s).title for s in cited)}")
        if c.command:
            typer.echo(f"             Try: {c.command}")
        typer.echo("")
