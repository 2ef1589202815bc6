"""Turns dates, lists and country codes into plain English words.

Knows no medicine and no finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

COUNTRIES = {"GB": "UK", "EU": "Europe", "HK": "Hong Kong", "NZ": "New Zealand", "*": "guideline"}
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip


def date_text(day: dt.date) -> str:
    """A date as people read it: 23 November 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def listed(items: Sequence[str], word: str = "and") -> str:
    """a, b and c"""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}" if items else ""
