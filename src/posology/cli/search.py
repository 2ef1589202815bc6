"""The command ``search``: which label, and which section of it, answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from posology.cli import front as typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("search")(search)


def search(
    query: Annotated[
        str, typer.Argument(help="A name, the start of one, an ingredient, a use, an imprint, or a question.")
    ],
    index: Annotated[
        Path | None, typer.Option("--index", help="The index file; else $POSOLOGY_INDEX or labels.db.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="How many labels to show.", min=1, max=100)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Search the labels of an index: by name, ingredient, use, imprint or question.

    Make the index first with: posology label index FOLDER

    Examples:

        posology search baclofen

        posology search "what happens if I stop baclofen suddenly"

        posology search "LCI 1337"
    """
    from posology.cli.label import dump, index_path
    from posology.labels import search as door

    found = door.search(index_path(index), query, limit)
    strange = door.unknown(index_path(index), query)
    if as_json:
        typer.echo(dump(door.search_json(query, found, strange)))
        return
    import textwrap

    if strange:
        typer.echo(f"No label here has {'the word' if len(strange) == 1 else 'the words'}: {', '.join(strange)}.")
    if not found:
        typer.echo("No label was found. Try fewer words, or the start of a name.")
    for n, hit in enumerate(found, 1):
        typer.echo(f"{n}. {hit.name} ({hit.labeler or 'labeler not stated'}, {hit.effective or 'no date'}) {hit.setid}")
        if hit.why:
            typer.echo(f"   matched: {hit.why}")
        if hit.quote:
            typer.echo(f"   {hit.section or 'text'}" + (f" [{hit.section_code}]" if hit.section_code else ""))
            for row in textwrap.wrap(hit.quote, 88)[:5]:
                typer.echo(f"     {row}")
