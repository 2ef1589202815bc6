"""Writes the reference pages of commands, checks and the JSON form of a plan from the program itself. With --check, only compares."""

from __future__ import annotations

import inspect
import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs/reference"
_NOTE = "<!-- Made by docs/generate_reference.py: do not edit. -->\n"


def commands() -> str:
    """A page of every command: its help as the program prints it."""
    os.environ["COLUMNS"] = "100"
    import click

    from posology.cli import app

    out = [
        "# Commands\n",
        _NOTE,
        "Exit status: 0 no stop finding; 1 a value cannot be read; 2 an option is unknown or missing; 3 a stop finding.\n",
    ]

    def walk(command: click.Command, path: str) -> None:
        context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                assert found is not None, name
                walk(found, f"{path} {name}")
        else:
            help_ = "\n".join(line.rstrip() for line in command.get_help(context).split("\n"))
            out.append(f"## {path}\n\n```text\n{help_}\n```\n")

    walk(app, "posology")
    return "\n".join(out)


def checks() -> str:
    """A page of every check: what it is about, and its docstring."""
    from importlib import import_module

    from posology import checks as room

    for name in room._FILES:
        import_module(f"posology.checks.{name}")
    out = ["# Checks\n", _NOTE, "Each check is one file in `src/posology/checks/`, and has cases in `tests/spec/checks/cases.toml`: it fires, sits on\n"
           "the boundary, stays silent, lacks a fact, and differs by country. What no source states rests on a [setting](settings.md).\n"]  # fmt: skip
    for r in room.REGISTER.values():
        out.append(f"## {r.id}\n\nAbout {r.about}.\n\n{inspect.getdoc(r.run)}\n")
    return "\n".join(out)


def plan_json() -> str:
    """A page of the JSON form of a plan, with its schema."""
    from posology import record

    return "\n".join([
        "# The JSON form of a plan\n", _NOTE,
        "`posology plan ... --json` prints one JSON document, `\"format\": \"posology-plan\"`, with a version that grows when its meaning changes.\n",
        "- Amounts are `{\"value\": \"7.5\", \"unit\": \"mg\"}`: the value is text, a decimal or a fraction like `1/3`, so that nothing is rounded on the way.\n"
        "  Units are UCUM codes.\n"
        "- Instants are ISO 8601 with offset and zone: `2026-11-24T07:00:00+00:00[Europe/London]`.\n"
        "- `stopped` is true, `exit` is 3 and `doses` is empty where a finding of severity `stop` stands in `findings`.\n"
        "- Each finding carries its sentences (`say`, `do`), its values (`facts`), the statements it cites with their sources, or the\n"
        "  [setting](settings.md) of ours that it `rests_on`; a finding that asks says in `how` how each fact is given.\n",
        "Its JSON Schema (2020-12):\n",
        f"```json\n{json.dumps(record.SCHEMA, indent=2)}\n```\n",
    ])  # fmt: skip


def pages() -> dict[Path, str]:
    """Every generated page with its text."""
    sys.path.insert(0, str(ROOT / "src"))
    return {FOLDER / "commands.md": commands(), FOLDER / "checks.md": checks(), FOLDER / "plan-json.md": plan_json()}


def main(*args: Any) -> int:
    """Write the pages, or say which are out of date."""
    stale = [p for p, text in pages().items() if not p.exists() or p.read_text("utf-8") != text]
    for path in stale:
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pages()[path], "utf-8")
        print(f"{'out of date' if '--check' in sys.argv else 'refreshed'}: {path.relative_to(ROOT)}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    raise SystemExit(main())
