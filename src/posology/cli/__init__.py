"""Turns commands into calls, and results into text and exit statuses.

Knows no medicine and decides nothing. Each module beside this one adds its commands with ``register(app)``.
"""

from __future__ import annotations

import sys

import click

from posology.cli.front import App
from posology.errors import PosologyError, codes

_COMMANDS = {
    "plan": "plan",
    "about": "about",
    "medicines": "about",
    "medicine": "about",
    "times": "times",
    "read": "read",
    "say": "say",
    "label": "label",
    "search": "search",
    "audit": "audit",
}
"""Each command and the module of this package that adds it, in the order of the help page."""

app = App(
    "posology",
    help="From a medicine's official label and a prescription to a course of treatment a person can follow safely.",
    modules={name: f"posology.cli.{module}" for name, module in _COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        from posology import __version__

        click.echo(f"posology {__version__}")
        ctx.exit()


app.params.append(
    click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
    )
)


def main() -> None:
    """Run the command line; every error of ours becomes one clear block on stderr and its exit status."""
    try:
        app()
    except PosologyError as error:
        for problem in error.problems:
            click.echo(f"posology: {problem}", err=True)
        sys.exit(codes(error).exit)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
