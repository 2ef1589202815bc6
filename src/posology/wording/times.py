"""Turns the notes of a timetable into plain sentences.

Knows no date, dose or rule: what was done with the times, it is told.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from posology.schedule import Note, NoteFact
from posology.wording.catalogue import catalogue
from posology.wording.findings import catalogue as messages
from posology.wording.words import date_text

_PARTS = ("part", "named", "when")


def note_text(note: Note) -> str:
    """One note of a timetable as a sentence.

    >>> from posology.schedule import Note
    >>> note_text(Note("part-moved", {"part": "NOON", "to": "22:40"}))
    'You are asleep then, so the dose "at noon" is planned at 22:40. Ask your pharmacist if that is right.'
    """
    return messages()["schedule-notes"][note.key].format_map({k: _fact(k, v) for k, v in note.facts.items()})


def hours_text(hours: Fraction) -> str:
    """Hours and minutes in words.

    >>> hours_text(Fraction(28, 3))
    '9 hours 20 minutes'
    """
    whole, minutes = divmod(round(hours * 60), 60)
    parts = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((whole, "hour"), (minutes, "minute")) if n]
    return " ".join(parts) or "0 minutes"


def _fact(name: str, value: NoteFact) -> str:
    if isinstance(value, dt.date):
        return date_text(value)
    if isinstance(value, Fraction):
        return hours_text(value)
    if name in _PARTS:
        said = catalogue("en").when
        return ", ".join(said.get(code, code) for code in str(value).split(", "))
    return str(value)
