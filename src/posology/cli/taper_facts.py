"""Turns what a user says of the person into the facts that choose among the ways down: kidneys, use, other medicines.

What is not recognised chooses no rule: it is an error with what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from posology.amount import Amount


def kidney(text: str, unit: str) -> Amount:
    """A kidney function: a number of that unit, which may be left out."""
    from posology.amount import Amount, parse_number
    from posology.errors import Problem, UnreadableError

    number = text.strip().split(" ")[0].removesuffix(unit)
    try:
        value = parse_number(number).value
    except UnreadableError:
        raise UnreadableError(
            Problem(f"This is not a kidney function: {text[:40]!r}.", "", "Write a number, like 45.")
        ) from None
    if not 0 <= value <= 300:
        raise UnreadableError(Problem(f"A kidney function of {number} cannot be.", "", "Write it in mL/min, like 45."))
    return Amount(value, unit)


def known(kind: Literal["conditions", "classes"], text: str) -> frozenset[str]:
    """The terms that words mean, or an error: what is not recognised chooses no rule."""
    from posology import library
    from posology.errors import Problem, UnreadableError

    found = frozenset(library.recognise(kind, text))
    if not found:
        raise UnreadableError(Problem(f"This is not recognised: {text[:60]!r}.", "", "Try another word for it."))
    return found


def classes(text: str) -> frozenset[str]:
    """The classes of another medicine; none where it says that there is none."""
    return frozenset() if text.strip().lower() in ("none", "no") else known("classes", text)
