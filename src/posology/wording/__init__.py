"""Turns words into directions, and directions into words.

Knows no medicine and looks nothing up: the names it may meet are given to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posology.directions import Course
    from posology.wording.reading import Reading

__all__ = ["read"]


def read(text: str, *, names: tuple[str, ...] = (), taking: Course | None = None) -> Reading:
    """Read directions in English; see :func:`posology.wording.reading.read`."""
    from posology.wording.reading import read as _read

    return _read(text, names=names, taking=taking)
