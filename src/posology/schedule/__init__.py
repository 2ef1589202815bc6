"""Turns a course, a first day, a zone and a waking day into dose events, and answers when a dose as needed may be taken.

Knows no medicine, product or maximum. This is the only room that asks a time zone; its values pass upward.
"""

from __future__ import annotations

from whenever import ZonedDateTime

from posology.schedule.day import DEFAULT_WAKING, MIN_GAP, WakingDay
from posology.schedule.expand import MAX_DAYS, MAX_EVENTS, DoseEvent, Schedule, Timeline, expand, timeline
from posology.schedule.needed import NextAllowed, next_allowed
from posology.schedule.pattern import Note, NoteFact, NoteKey
from posology.schedule.travel import Travel, TravelOption, travel
from posology.schedule.zone import Zone, iso, moment

__all__ = [
    "DEFAULT_WAKING",
    "MAX_DAYS",
    "MAX_EVENTS",
    "MIN_GAP",
    "DoseEvent",
    "NextAllowed",
    "Note",
    "NoteFact",
    "NoteKey",
    "Schedule",
    "Timeline",
    "Travel",
    "TravelOption",
    "WakingDay",
    "Zone",
    "ZonedDateTime",
    "expand",
    "iso",
    "moment",
    "next_allowed",
    "timeline",
    "travel",
]
