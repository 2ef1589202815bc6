"""Turns typed functions into commands of click: an argument or option for each parameter, its help from the docstring.

Knows no command. A module of commands is imported only when one of its commands is called: a person waits for every
import. (Why not a larger library: see the decision of 2026-11-24 on start-up.)
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import click
from click import BadParameter, UsageError, echo
from click.exceptions import Exit

__all__ = ["App", "Argument", "BadParameter", "Exit", "Option", "Typer", "UsageError", "echo"]

F = TypeVar("F", bound=Callable[..., Any])


class _Parameter:
    """What an annotation says of one parameter beyond its type."""

    def __init__(self, *names: str, help: str = "", min: int | None = None, max: int | None = None,
                 hidden: bool = False, metavar: str | None = None, envvar: str | None = None) -> None:  # fmt: skip
        self.names, self.help, self.min, self.max = names, help, min, max
        self.hidden, self.metavar, self.envvar = hidden, metavar, envvar


class Option(_Parameter):
    """A named option: ``Annotated[str | None, Option("--from", help="The first day.")] = None``."""


class Argument(_Parameter):
    """A value by its place: ``Annotated[str, Argument(help="The name of a medicine.")]``."""


class _Whole(click.ParamType[int]):
    """A whole number within its bounds, in ASCII digits."""

    name = "integer"

    def __init__(self, least: int | None, most: int | None) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number, or an error that says what is wanted."""
        text = str(value).strip()
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            self.fail(f"This is not a whole number: {text[:40]!r}.", param, ctx)
        number = int(text)
        if self.least is not None and number < self.least:
            self.fail(f"{number} is too small. Give at least {self.least}.", param, ctx)
        if self.most is not None and number > self.most:
            self.fail(f"{number} is too large. Give at most {self.most}.", param, ctx)
        return number


def _type(hint: Any, said: _Parameter) -> tuple[Any, bool]:
    """The click type of a hint, and whether the option may be given again."""
    if get_origin(hint) in (Union, types.UnionType):
        rest = [a for a in get_args(hint) if a is not type(None)]
        return _type(rest[0], said)
    if get_origin(hint) is list or get_origin(hint) is tuple:
        return _type(get_args(hint)[0], said)[0], True
    if get_origin(hint) is Literal:
        return click.Choice([str(a) for a in get_args(hint)]), False
    if hint is int:
        return _Whole(said.min, said.max), False
    if hint is Path:
        return click.Path(path_type=Path), False
    return {float: click.FLOAT, str: click.STRING, bool: click.BOOL}[hint], False


def _parameter(name: str, hint: Any, default: Any) -> click.Parameter:
    said: _Parameter = Option() if default is not inspect.Parameter.empty else Argument()
    if get_origin(hint) is Annotated:
        hint, *marks = get_args(hint)
        said = next((m for m in marks if isinstance(m, _Parameter)), said)
    kind, several = _type(hint, said)
    needed = default is inspect.Parameter.empty
    if isinstance(said, Argument):
        return click.Argument([name], type=kind, nargs=-1 if several else 1, required=needed, metavar=said.metavar,
                              **({} if needed or several else {"default": default}))  # fmt: skip
    names = [n for n in said.names if n.startswith("-")] or [f"--{name.replace('_', '-')}"]
    if kind is click.BOOL:
        return click.Option([*names, name], is_flag=True, default=bool(default) if not needed else False, help=said.help,
                            hidden=said.hidden)  # fmt: skip
    shown = default not in (None, inspect.Parameter.empty, "") and not several
    return click.Option([*names, name], type=kind, multiple=several, required=needed, help=said.help, hidden=said.hidden,
                        default=None if needed or several else default, show_default=shown, metavar=said.metavar, envvar=said.envvar)  # fmt: skip


def _help(function: Callable[..., Any]) -> str:
    """The docstring, with indented paragraphs (examples) kept as they stand."""
    parts = (inspect.getdoc(function) or "").split("\n\n")
    return "\n\n".join(f"\b\n{p}" if p.startswith((" ", "\t")) else p for p in parts)


def command(name: str, function: Callable[..., Any]) -> click.Command:
    """The click command of a typed function."""
    hints = get_type_hints(function, include_extras=True)
    given = inspect.signature(function).parameters
    several = {n for n, p in given.items() if p.default is None and "list[" in str(hints[n])}

    def run(**values: Any) -> Any:
        for n, v in values.items():
            if isinstance(v, tuple):
                values[n] = None if not v and n in several else list(v)
        return function(**values)

    params = [_parameter(n, hints[n], p.default) for n, p in given.items()]
    return click.Command(name, callback=run, params=params, help=_help(function), short_help=_first(function))


def _first(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").split("\n")[0]


class App(click.Group):
    """A group of commands. ``modules``: the module that adds each command, imported when it is called for."""

    def __init__(
        self, name: str | None = None, *, help: str = "", modules: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        more.pop("no_args_is_help", None)
        super().__init__(name, help=help, no_args_is_help=True, **more)
        self._functions: dict[str, Callable[..., Any]] = {}
        self._modules = dict(modules or {})

    def command(self, name: str) -> Callable[[F], F]:  # type: ignore[override]
        """Add a function as a command; used as ``app.command("name")(function)``."""

        def mark(function: F) -> F:
            self._functions[name] = function
            return function

        return mark

    def add_typer(self, app: App, *, name: str) -> None:
        """Add a group of commands under a name."""
        app.name = name
        self.add_command(app, name)

    def _import(self, name: str) -> None:
        if name in self._modules and name not in self.commands and name not in self._functions:
            import_module(self._modules[name]).register(self)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order given."""
        for name in self._modules:
            self._import(name)
        return list(dict.fromkeys([*self._modules, *self._functions, *self.commands]))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command by name; only its own module is imported."""
        self._import(cmd_name)
        if cmd_name in self._functions and cmd_name not in self.commands:
            self.commands[cmd_name] = command(cmd_name, self._functions[cmd_name])
        return self.commands.get(cmd_name)


Typer = App
