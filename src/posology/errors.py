"""Turns what went wrong into one kind of error with a place and a remedy, and into each surface's code for it.

Knows nothing of medicines, formats or screens. A clinical "no" is not an error: it is a Finding inside a Plan.

    PosologyError
    ├── UnreadableError      a value could not be read: a number, unit, date, zone, file
    │   └── RefusedError     it was read, and this program may not act on it (a cancelled order, two readings)
    ├── OptionError          an option is unknown, missing or contradicts another
    ├── MissingExtraError    an optional library is not installed
    └── ProofError           the program's own result failed its independent proof: a defect, never shown as a plan
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from attrs import frozen


@frozen
class Problem:
    """One thing that is wrong: what, where (a path or a place in a text), and what to do about it."""

    what: str
    where: str = ""
    todo: str = ""
    text: str = ""
    """The words or value it is about, as given; empty where there are none."""

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head} {self.todo}" if self.todo else head


class PosologyError(Exception):
    """Base of all errors a caller can mend. Carries every problem of its document, all at once.

    >>> error = UnreadableError(Problem("This unit is not known: 'mgs'.", "character 4", "Write mg."))
    >>> print(error)
    character 4: This unit is not known: 'mgs'. Write mg.
    """

    problems: tuple[Problem, ...]

    def __init__(self, *problems: Problem | str) -> None:
        if not problems:
            raise ValueError("an error needs at least one problem")
        held = tuple(p if isinstance(p, Problem) else Problem(p) for p in problems)
        super().__init__(*held)
        self.problems = held

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)

    def __reduce__(self) -> tuple[type[PosologyError], tuple[Problem, ...]]:
        return type(self), self.problems


class UnreadableError(PosologyError):
    """A value could not be read."""


class RefusedError(UnreadableError):
    """Read and understood, but not to be acted on: ambiguous, withdrawn, or outside what the program may do."""


class OptionError(PosologyError):
    """An option is unknown, missing, or contradicts another."""


class MissingExtraError(PosologyError):
    """An optional library is absent; the text names the extra that brings it."""

    @classmethod
    def of(cls, what: str, extra: str) -> MissingExtraError:
        return cls(
            Problem(
                f"{what} needs an optional part that is not installed.",
                "",
                f"Install it with: pip install 'posology[{extra}]'",
            )
        )


class ProofError(PosologyError):
    """A result of the program broke a limit it was proved against."""


class Codes(NamedTuple):
    """How each surface names one kind of error."""

    exit: int
    http: int
    fhir: str


EXIT_OK = 0
EXIT_UNREADABLE = 1
EXIT_OPTIONS = 2
EXIT_STOP = 3
"""The exit status when a Plan carries a ``stop`` Finding."""

_TABLE: dict[type[PosologyError], Codes] = {
    PosologyError: Codes(EXIT_UNREADABLE, 422, "processing"),
    UnreadableError: Codes(EXIT_UNREADABLE, 422, "value"),
    RefusedError: Codes(EXIT_UNREADABLE, 422, "business-rule"),
    OptionError: Codes(EXIT_OPTIONS, 400, "required"),
    MissingExtraError: Codes(EXIT_OPTIONS, 501, "not-supported"),
    ProofError: Codes(EXIT_UNREADABLE, 500, "exception"),
}


def codes(error: PosologyError) -> Codes:
    """The exit status, HTTP status and FHIR issue code of an error.

    >>> codes(OptionError("--zone is missing.")).exit
    2
    """
    return next(_TABLE[kind] for kind in type(error).__mro__ if kind in _TABLE)


def raise_all(kind: type[PosologyError], problems: Iterable[Problem]) -> None:
    """Raise one error with every problem, or return where there are none."""
    held = tuple(problems)
    if held:
        raise kind(*held)
