"""Turns a sentence of a page and a reference into the times a day, hours between doses and ages that differ.

Knows no medicine. A count is called wrong only where the reference holds counts of that kind and not this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from posology.labels.audit.reference import Evidence, Reference, ages_in, counted, hours_in

STEPPING = re.compile(
    r"\b(?:rais\w*|increas\w*|go(?:es)?\s+up|step\w*|add\w*|lower\w*|reduc\w*|decreas\w*|cut|titrat\w*|doubl\w*|adjust\w*|chang\w*|climb\w*|more|(?:up|down)\s+(?:by|to)|ris(?:e|es|ing))\b",
    re.I,
)
_TAKING = re.compile(
    r"\b(?:take|taken|use|used|give|given|start|begin|dose|doses|swallow|tablets?|capsules?|caplets?|pills?|apply|puffs?|mg|mcg)\b",
    re.I,
)


def counts(t: str, ref: Reference) -> Iterator[tuple[str, Evidence | None, str]]:
    """The times a day, hours, spacings and ages of a sentence that the reference does not hold: (why, evidence, severity)."""
    dosing = bool(_TAKING.search(t)) and not re.search(r"\bcheck|blood\s+test|call|urinat|vomit|weigh\b", t, re.I)
    every = hours_in(t)
    if every and ref.hours and dosing and not every & ref.hours:
        yield "The reference gives other hours between doses.", _quote_with(ref, "hour"), "critical"
        return
    a_day = {24 // h for h in every if h and 24 % h == 0}
    if a_day and ref.times and not ref.hours and dosing and not a_day & ref.times:
        yield "The reference gives other times a day.", _quote_with(ref, "time"), "critical"
        return
    counts = _explicit_counts(t)
    if (
        counts
        and ref.times
        and dosing
        and not counts & ref.times
        and not re.search(r"\bup\s+to\b.*\bas\s+needed", t, re.I)
    ):
        yield "The reference gives other times a day.", _quote_with(ref, "time"), "critical"
        return
    if (
        dosing and ref.weekly and not ref.times - {1} and _weekly_only(ref)
        and re.search(r"\b(?:daily|every\s+day|(?:once\s+)?(?:a|each)\s+day)\b", t, re.I)
        and not re.search(r"\bnot\b|never|week", t, re.I)
    ):  # fmt: skip
        yield "The reference gives a dose a week, not a day.", _quote_with(ref, "week"), "critical"
        return
    spaced = (
        None
        if STEPPING.search(t)
        else re.search(
            r"(?:\b(?:take|use|taken|used|start|begin|given)\b|\d\s*mg)[^.;]{0,40}?\b(every\s+(?:other|second|third|fourth|\d+(?:\s*(?:to|-|–|or)\s*\d+)?)\s+(?:days?|weeks?)|once\s+a\s+(?:week|month))\b",
            t,
            re.I,
        )
    )
    known_spacing = r"every\s+(?:other|second|third|\d+)\s+days?|alternate|once\s+(?:a|every|per|each)\s+week|once[\s-]weekly|weekly|monthly|a\s+month"
    if spaced and ref.times and not re.search(known_spacing, ref.text, re.I):
        yield f"The reference knows no dose {spaced[1]}.", _quote_with(ref, "day"), "critical"
        return
    ages = ages_in(t) - {18, 65}
    if (
        ages and ref.ages and not ages & ref.ages
        and re.search(r"\b(?:child\w*|under|younger|older|over|aged?|adults?|teen\w*|less\s+than)\b", t, re.I)
        and (re.search(r"\b(?:years?)\b", t) or ages_in(t))
        and not re.search(r"\bfor\s+(?:over\s+)?\d+\s+years\b", t)
        and re.search(r"\b(?:not|do|give|safe|take|use|dose|should|below|under|over|from)\b", t, re.I)
    ):  # fmt: skip
        yield "The reference gives other ages.", _quote_with(ref, "year"), "major"


def _weekly_only(ref: Reference) -> bool:
    weekly = [d for d in ref.doses if d.per == "week"]
    return bool(weekly) and not [d for d in ref.doses if d.per == "day" or d.times is not None]


def _quote_with(ref: Reference, word: str) -> Evidence | None:
    doses = ref.doses
    return next((d.evidence for d in doses if word in d.evidence.quote.lower()), doses[0].evidence if doses else None)


def _explicit_counts(t: str) -> set[int]:
    if not re.search(r"\b(?:once|twice|times?)\b[^.]{0,12}\b(?:day|daily)\b", t, re.I):
        return set()
    return counted(
        re.sub(
            r"\b(?:daily|(?:a|per|each|every)\s+day)\b(?<!times a day)(?<!times per day)(?<!times each day)(?<!times every day)(?<!twice a day)(?<!once a day)(?<!twice daily)(?<!times daily)(?<!once daily)",
            " ",
            t,
            flags=re.I,
        )
    ) - ({1} if not re.search(r"\bonce\b|\bone\s+time|\b1\s+time", t, re.I) else set())
