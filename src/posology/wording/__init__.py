"""Turns words into directions, and directions into words.

Knows no medicine and looks nothing up: the names it may meet are given to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from posology.directions import Course, Directions
    from posology.wording.reading import Reading
    from posology.wording.saying import Form

__all__ = ["read", "say"]


def read(text: str, *, names: tuple[str, ...] = (), taking: Course | None = None) -> Reading:
    """Read directions in English; see :func:`posology.wording.reading.read`."""
    from posology.wording.reading import read as _read

    return _read(text, names=names, taking=taking)


def say(
    what: Course | Directions | Sequence[Directions],
    lang: str = "en",
    form: Form = "plain",
    profile: Literal["dgmp"] | None = None,
) -> str:
    """Say directions in words; see :func:`posology.wording.saying.say`."""
    from posology.wording.saying import say as _say

    return _say(what, lang=lang, form=form, profile=profile)
