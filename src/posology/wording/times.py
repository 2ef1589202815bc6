"""Turns the notes of a timetable, the next dose as needed and the options of a journey into plain sentences.

Knows no rule: what was done with the times, it is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from posology.schedule import NextAllowed, Note, NoteFact, Travel, TravelOption, ZonedDateTime
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


def next_text(found: NextAllowed, now: ZonedDateTime) -> list[str]:
    """When a dose as needed may next be taken, and what is left, line by line."""
    table = messages()["next-dose"]
    lines = []
    if found.earliest is None:
        lines.append(table["never"])
    elif found.allowed:
        lines.append(table["now"])
    else:
        wait = hours_text(Fraction(found.earliest.timestamp() - now.timestamp(), 3600))
        at = f"{found.earliest.hour:02}:{found.earliest.minute:02}"
        lines.append(table["later"].format(at=at, date=date_text(found.earliest.date().to_stdlib()), wait=wait))
    if found.because != "now":
        lines.append(table[found.because])
    if found.most_now is not None and found.earliest is not None:
        lines.append(table["most"].format(most=found.most_now))
    if found.left is not None:
        lines.append(table["left"].format(left=found.left))
    if found.left_doses is not None:
        lines.append(table["left-doses"].format(left=found.left_doses))
    lines += [table[f"no-{what}"] for what in found.unsaid]
    return [*lines, table["more"]]


def travel_text(found: Travel) -> list[str]:
    """The options of a journey, line by line; the choice is asked for, not made."""
    table = messages()["travel"]
    hours = hours_text(abs(found.difference))
    way = "same-clock" if not found.difference else "ahead" if found.difference > 0 else "behind"
    lines = [table[way].format(zone=found.to_zone, hours=hours, date=date_text(found.on))]
    for number, option in enumerate(found.options, 1):
        lines.append(f"{number}. {table[option.key]}")
        lines += [f"   {text}" for text in _first_days(option)]
        if option.longest is not None and option.shortest is not None:
            gaps = table["gaps"].format(longest=hours_text(option.longest), shortest=hours_text(option.shortest))
            lines.append(f"   {gaps}")
        if option.left_out:
            lines.append(
                f"   {table['left-out-one' if option.left_out == 1 else 'left-out'].format(n=option.left_out)}"
            )
        if option.closer:
            lines.append(f"   {table['closer']}")
    return [*lines, table["ask" if found.ask else "nothing-to-choose"]]


def _first_days(option: TravelOption, days: int = 3) -> list[str]:
    shown: dict[dt.date, list[str]] = {}
    for e in option.events:
        shown.setdefault(e.at.date().to_stdlib(), []).append(f"{e.at.hour:02}:{e.at.minute:02}")
    return [f"{date_text(day)}: {', '.join(clocks)}" for day, clocks in list(shown.items())[:days]]


def needed_text(row: Mapping[str, Any]) -> str:
    """What the doses of a stretch add up to."""
    return messages()["supply"]["needed-one" if row["doses"] == 1 else "needed"].format_map(row)


def lasts_text(lasts: Mapping[str, Any] | None) -> list[str]:
    """How long a quantity lasts, and what that rests on, line by line."""
    if lasts is None:
        return []
    table = messages()["supply"]
    if lasts["days"] is None:
        return [table[lasts["unknown"]].format_map(lasts)]
    return [table["lasts"].format_map(lasts), *(f"- {table[key]}" for key in lasts["assumed"])]
