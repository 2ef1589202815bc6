"""Plan files and JSON on disk, for the taper commands: read whole, written whole, and shown. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object with its decimals; no file or no JSON is one clear problem."""
    from posology.errors import Problem, UnreadableError

    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UnreadableError(Problem("There is no such file.", str(path))) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(Problem(f"It cannot be read: {error}.", str(path))) from None
    import json
    from decimal import Decimal

    def whole(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            twice = [k for i, (k, _) in enumerate(pairs) if k in [q for q, _ in pairs[:i]]]
            raise UnreadableError(Problem(f"This key stands twice: {twice[0]!r}.", str(path)))
        return made

    try:
        data = json.loads(text, parse_float=Decimal, object_pairs_hook=whole)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(Problem(f"This is not JSON: {error}.", str(path))) from None
    if not isinstance(data, dict):
        raise UnreadableError(Problem("A JSON object is needed.", str(path)))
    return data


def echo_json(data: Any) -> None:
    import json

    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def clock() -> str:
    import datetime as dt

    return dt.datetime.now(dt.UTC).replace(microsecond=0).isoformat()


def keep(path: Path, document: dict[str, Any], new: bool = False) -> None:
    """Write a plan file whole, or not at all; a new one never replaces another."""
    import json

    from posology.cli.inputs import write_file
    from posology.errors import OptionError, Problem

    if new and path.exists():
        raise OptionError(Problem(f"This file is there already: {path}.", "--save", "Choose another name."))
    write_file(path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    typer.echo(f"Written: {path}", err=True)


def load_document(path: Path) -> dict[str, Any]:
    from posology.taper.states import load

    return load(read_json(path))


def on_day(text: str | None, option: str = "--on") -> dt.date:
    from posology.cli import inputs
    from posology.errors import OptionError, Problem

    if not text:
        raise OptionError(Problem(f"{option} is missing.", "", f"Say the day, like {option} 2026-11-24."))
    found: dt.date = inputs.placed(option, inputs.day, text)
    return found


def table(rows: list[list[str]]) -> list[str]:
    """Rows of cells as lines with straight columns."""
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
