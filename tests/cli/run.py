"""Turns a command line into what a user sees of it: exit status, standard output, standard error."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from attrs import frozen

from posology.cli import main


@frozen
class Seen:
    """What one command did."""

    status: int
    out: str
    err: str


def run(*args: str, stdin: str = "") -> Seen:
    """Run one command in this process; an exception other than an exit is a traceback a user would see, and is raised."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["posology", *args]),
        patch.object(sys, "stdin", io.StringIO(stdin)),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
            status: object = 0
        except SystemExit as left:
            status = left.code or 0
    assert isinstance(status, int), status
    return Seen(status, out.getvalue(), err.getvalue())
