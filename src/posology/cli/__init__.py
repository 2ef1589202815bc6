"""Turns commands into calls, and results into text and exit statuses.

Knows no medicine and decides nothing. Each module beside this one adds its commands with ``register(app)``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Annotated

import typer

from posology.errors import PosologyError, codes

app = typer.Typer(
    name="posology",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="From a medicine's official label and a prescription to a course of treatment a person can follow safely.",
)

_GROUPS: tuple[str, ...] = ("plan", "about", "label", "search", "audit")
"""The modules of this package that add commands, in the order of the help page."""


def _version(asked: bool) -> None:
    if asked:
        from posology import __version__

        typer.echo(f"posology {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


for _name in _GROUPS:
    import_module(f"posology.cli.{_name}").register(app)


def main() -> None:
    """Run the command line; every error of ours becomes one clear block on stderr and its exit status."""
    try:
        app()
    except PosologyError as error:
        for problem in error.problems:
            typer.echo(f"posology: {problem}", err=True)
        sys.exit(codes(error).exit)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
