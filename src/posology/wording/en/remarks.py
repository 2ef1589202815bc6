"""Turns the remarks of a reading (notes by key) into plain English sentences.

Knows no more of the text than the words a note is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from posology.wording.scan import Note

REMARKS: dict[str, str] = {
    # warnings
    "on-night": "{text} is read as at night: write it in full.",
    "u-unit": "{text} is read as units: write units, it can be misread as a zero.",
    "qd": "{text} is read as once a day: write it in full.",
    "qod": "{text} is read as every other day: write it in full.",
    "od": "{text} is read by what stands around it: it can mean once daily or the right eye.",
    "number": "{text}",
    "hourly": "{text} is read as an interval in hours.",
    "every-n": "{text} is read as an interval: it can also mean that many times.",
    "number-beside-number": "{text}: two numbers side by side; the first is read as the dose.",
    "x-times": "{text} is read as times a day.",
    "max-range": "{text}: the higher number is taken as the maximum.",
    "spoon": "{text}: a spoon is no measure; use an oral syringe.",
    "now": "{text} stands beside a repeated time.",
    "event": "{text} is kept as an instruction: it gives no clock time.",
    "condition": "{text} is kept as an instruction.",
    "shorthand": "{text} is read as pharmacy shorthand for a tablet or a capsule.",
    "thousand": "{text} is read with a comma between thousands.",
    # second readings
    "interval-and-times": "{text}: an interval and a number of times a day are both given, and agree.",
    "number-daily": "{text} is read as a dose once a day; it can mean that many times a day.",
    "number-a-day": "{text} can be read as a dose or as a number of times.",
    "then-same-day": "{text}: then is read as later on the same day; it can mean a next step.",
    "step": "{text} is read as the next step; it can be meant side by side.",
    "step-each-or-day": "{text}: each dose changes by this; the day's total could be meant.",
    "repeat-once": "{text} is read as once more; it can mean more often.",
    "a-day": "{text} is read as one dose a day; it can be the day's total.",
    "strength-or-dose": "{text} is read as the dose; it can be the strength, with one taken.",
    # inferred
    "spelling": "{text} is read as {value}.",
    "multiplied": "{text} is multiplied out.",
    "for-how-long": "{text} is read as how long.",
    "finished": "{text}, until finished: read as down to nothing, and then stop.",
    "needed-all": "{text}: what stands before it is read as taken when needed too; only this one could be meant.",
    "day-total": "{text}: read as the doses of a day together, each of which is said after it; it can mean more of them.",
    "said-twice": "{text}: said once already.",
    "same-dose": "{text}: the dose before it holds here too.",
    "same-times": "{text}: when it is taken stays as before.",
    "days-a-week": "{text}: read as once on each of so many days.",
    "same-unit": "{text} counts the same as before it.",
    "slots": "{text} is read as morning, noon, evening (and night).",
    "count-from-one": "{text} is read as one to that many.",
    "after-each": "{text} is read as needed then.",
    "clock-and-part": "{text}: the clock time is taken.",
    "daily-and-parts": "{text}: the parts of the day say how often.",
    "step-length": "{text}: how long this step lasts was worked out: {value}.",
    "divided": "{text}: the day's amount is shared out: {value} each time.",
    "repeated": "{text}: {value} doses in all.",
    "except-days": "{text}: every other day of the week is named.",
    "step-shared": "The change of the day's total is shared out: {value} each dose.",
    "steps": "{text}: {value} steps were worked out.",
    # facts and words
    "changed-from": "{text}: the first is what was taken before.",
    "same-as": "{text}: said to be equal to the dose.",
    "strength": "{text}: a strength.",
    "pack": "{text}: a pack or a supply.",
    "start": "{text}: a first day.",
    "end": "{text}: a last day.",
    "date": "{text}: a date.",
    "route": "{text}: a second route.",
    "site": "{text}: a second place.",
    "word": "{text}",
}
"""A sentence for each key; ``{text}`` is the words it is about."""


def remark(note: Note) -> str:
    """The sentence of a note.

    >>> from posology.wording.scan import Note
    >>> remark(Note("qd", "qd"))
    'qd is read as once a day: write it in full.'
    """
    return REMARKS.get(note.key, "{text}").format(text=" ".join(note.text.split()), value=note.value)
