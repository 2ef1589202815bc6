"""Turns commands into calls, and results into text and exit statuses.

Knows no medicine and decides nothing. Each module beside this one adds its commands with ``register(app)``.
"""

from __future__ import annotations

import sys

import click

from posology.cli.front import App
from posology.errors import EXIT_OPTIONS, EXIT_UNREADABLE, PosologyError, codes

_COMMANDS = {
    "plan": "plan",
    "about": "about",
    "medicines": "about",
    "medicine": "about",
    "times": "times",
    "next": "when",
    "travel": "when",
    "read": "read",
    "say": "say",
    "taper": "taper",
    "curve": "curve",
    "model": "curve",
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
    """Run the command line; every error becomes one clear block on stderr and its exit status, never a traceback."""
    try:
        status = app(prog_name="posology", standalone_mode=False)
    except PosologyError as error:
        for problem in error.problems:
            click.echo(f"posology: {problem}", err=True)
        status = codes(error).exit
    except click.ClickException as error:
        status = _usage(error)
    except (KeyboardInterrupt, click.Abort):
        status = 130
    except BrokenPipeError:
        sys.stderr.close()
        status = 1
    sys.exit(status if isinstance(status, int) else 0)


def _usage(error: click.ClickException) -> int:
    """An error of click in our form: an option that is unknown or missing is 2, a value that cannot be read is 1."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return 2
    where = ""
    ctx = getattr(error, "ctx", None)
    if isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter):
        where = f"{error.param.opts[0] if error.param and error.param.opts else error.param_hint}: "
        what, status = error.message, EXIT_UNREADABLE
    else:
        what, status = error.format_message(), EXIT_OPTIONS
    help_ = f" See: {ctx.command_path} --help" if ctx is not None else ""
    click.echo(f"posology: {where}{what}{help_}", err=True)
    return status
