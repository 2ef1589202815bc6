"""Turns the words of a page for a limit, and a reference's maxima, into whether the page gives another highest dose.

Knows no medicine. A limit is compared only with those for the people and the use that the page names, else with those for everyone.
"""

from __future__ import annotations

import re
from decimal import Decimal

from posology.labels.audit.reference import Evidence, Limit, Reference, kind

MAXIMAL = re.compile(
    r"\b(?:maxim(?:um|al|a)|max\.?|highest|largest|biggest|top(?:\s+(?:dose|limit|amount|end)|s\s+out|(?=\s+(?:is|of|:)|:))|(?:the|absolute|very|at|your|daily)\s+most|most\W{1,3}(?:you|anyone|people\s+should|in|per|each\s+day|a\s+day)|"
    r"no\s+more\s+than|not?\s+(?:\w+\s+){0,3}?more\s+than|(?:never|nobody|no\s+one)\s+(?:\w+\s+){0,3}?more\s+than|\w*n['’]t\s+(?:\w+\s+){0,3}?more\s+than|(?:not|never|\w*n['’]t|nobody\s+should|no\s+one\s+should)\s+(?:\w+\s+){0,2}?(?:go\w*\s+)?(?:above|over(?![\s-]the[\s-])|past|beyond|exceed\w*)|"
    r"no\s+higher\s+than|(?:must|should|can)\s+not\s+exceed|exceed(?:ing)?|(?:upper\s+|daily\s+)?limit(?:ed|s)?|upper\s+(?:end|bound)|ceiling|stops?\s+at|ends?\s+at|(?:no|not|never)\s+(?:\w+\s+)?(?:further|farther|higher)\s+than|cap(?:ped)?(?=\s+(?:of|at|is|:)|:)|at\s+or\s+under|stay\s+(?:at\s+or\s+)?(?:under|below)|keep\s+(?:it\s+)?(?:under|below))\b|(?:^|[:.]\s+)(?:the\s+|at\s+)?most\W*$",
    re.I,
)
MAXIMAL_AFTER = re.compile(
    r"^(?:(?!\b(?:times|doses)\b)[^.;]){0,50}?\b(?:(?:is|as|being)\s+(?:\w+\s+){0,2}?(?:most(?!\s+(?:people|patients|adults|children|of|often|common\w*|will|need|take))|maximum|highest|limit|ceiling|cap|top)|at\s+(?:the\s+(?:very\s+)?)?most|(?:maximum|max|tops)\b(?=\s*(?:[.;,)]|$))|or\s+less\b|is\s+as\s+(?:high|much|far)\s+as|is\s+where\s+(?:it|they|the\s+dose)\s+(?:ends?|stops?)|is\s+the\s+end\s+of|(?:and\s+)?that\s+is\s+(?:as\s+high\s+as|the)|and\s+no\s+(?:more|higher|further)(?!\s+than\b))\b"
    r"|^[^.;]{0,30}\b(?:is|are|must|may|should)\s+(?:never|not)\s+(?:(?:to\s+)?be\s+)?(?:passed|exceeded)",
    re.I,
)
DOSES_ABOVE = re.compile(
    r"\bdos(?:es?|ages?)\s+(?:\w+\s+){0,3}?(?:above|over|beyond|exceeding|greater\s+than|higher\s+than|of\s+more\s+than)\s+$",
    re.I,
)
NOT_ADVISED = re.compile(
    r"^[^.;]{0,40}\b(?:not|never|n['’]t)\b[^.;]{0,20}\b(?:recommended|advised|used?|allowed|safe|given|taken?|approved)\b|^[^.;]{0,40}\b(?:should\s+be\s+avoided|dangerous)\b",
    re.I,
)

UP_TO = re.compile(
    r"\b(?:up\s+to|as\s+(?:high|much|far)\s+as|(?:rise[sn]?|go(?:es)?|gone|raised?|increased?|taken?|brought|worked|built)\s+(?:up\s+)?(?:\w+\s+){0,2}?to|runs?\s+to)\s+(?:a\s+total\s+of\s+)?(?:\d[\d.,]*\s*(?:mg|mcg|g)?\s*(?:to|or|-|–)\s*)?$",
    re.I,
)
"""What may be gone up to: wrong where it is above every limit."""


def comparable(ref: Reference, value: Decimal, unit: str, known: bool) -> bool:
    """Whether the reference limits amounts of this kind and holds this one, as a limit or as a dose."""
    return any(kind(x.unit) == kind(unit) for x in ref.limits) and (known or any(x.value == value for x in ref.limits))


def pool(same: list[Limit], whom: frozenset[str], named_uses: frozenset[str]) -> list[Limit]:
    """The maxima that a sentence can mean: of the people and the use it names, else those for everyone."""
    narrowed = [x for x in same if x.groups & whom]
    out = narrowed if whom and narrowed else same
    if not whom:
        out = [x for x in same if not x.groups] or []
    named = [x for x in out if x.uses and x.uses & named_uses]
    if named and len(named) < len(out):
        out = named
    return out


def against_limits(
    ref: Reference,
    whom: frozenset[str],
    named_uses: frozenset[str],
    value: Decimal,
    unit: str,
    per: str,
    times: Decimal | None,
    exact: bool,
) -> tuple[str, Evidence] | None:
    """Why an amount is no maximum of the reference, and the evidence; None where it is one, or nothing compares.

    ``exact``: the page calls it a limit; else it is a dose, which is only wrong above the highest limit.
    """
    known = any(d.kind == kind(unit) and d.amount == value for d in ref.doses)
    same = [x for x in ref.limits if kind(x.unit) == kind(unit)]
    if not same:
        return None
    day = value if per == "day" else value * times if times is not None else None
    held = any(d.kind == kind(unit) and d.amount == value and d.per in ("day", "") for d in ref.doses)
    tops = [(x.day, n, x) for n, x in enumerate(same) if x.day is not None]
    if exact:
        if whom - {"older"} and kind(unit) == "mass" and value in ref.bare:
            return None  # a row of a table for some people gives it
        those = pool(same, whom, named_uses)
        if not those:  # only maxima for some people, and the page speaks of all
            return above(ref, day, tops) if not held else None
        if any(_equal(x, value, per, day) for x in those):
            return None
        if whom and not any(x.groups & whom for x in same):
            if any(_equal(x, value, per, day) for x in same) or known:
                return None
            return above(ref, day if day is not None else value, tops)
        if per == "dose" and times is None and not any(x.per in ("dose", "night") for x in those):
            top = max((x.day for x in those if x.day is not None), default=None)
            shared_out = (max(ref.times, default=1) > 1 or min(ref.hours, default=24) < 24) and not any(
                d.amount == value and d.per == "dose" and d.kind == kind(unit) for d in ref.doses
            )
            if top is None or value < top or (value == top and not shared_out):
                return None
        firm = [x for x in those if x.firm]
        return (f"The reference gives another maximum: {say(firm)}.", firm[0].evidence) if firm else None
    of_use = [x for x in same if x.uses & named_uses and x.day is not None and (not x.groups or x.groups & whom)]
    if day is not None and of_use and named_uses <= frozenset[str]().union(*(x.uses for x in of_use)):
        most = max(of_use, key=lambda x: x.day or 0)
        if (
            most.firm
            and day > (most.day or 0)
            and not any(x.day == day and not x.uses and x.groups & whom for x in same)
        ):
            return f"The reference's maximum for this use is lower: {say([most])}.", most.evidence
    return above(ref, day, tops) if not (held and times is None and not any(not x.groups for x in same)) else None


def above(ref: Reference, day: Decimal | None, tops: list[tuple[Decimal, int, Limit]]) -> tuple[str, Evidence] | None:
    """Why an amount a day is above every maximum, and the evidence; None where it is not."""
    if day is None or not tops or day <= max(tops)[0]:
        return None
    if any(d.kind == "mass" and d.per == "day" and d.amount >= day for d in ref.doses) and all(
        x.groups for *_, x in tops
    ):
        return None
    highest = max(tops)[2]
    if not any(x.firm for *_, x in tops):
        return None
    return f"This comes to more in a day than the reference's maximum: {say([highest])}.", highest.evidence


def _equal(x: Limit, value: Decimal, per: str, day: Decimal | None) -> bool:
    if x.day is not None and day is not None and x.day == day:
        return True
    if x.value == value and (x.per == per or not per or not x.per):
        return True
    return x.value == value and {x.per, per} <= {"day", "night"}


def say(those: list[Limit]) -> str:
    """Some maxima in words."""
    out = []
    for x in those[:3]:
        unit = x.unit.replace("mcg", "mg").replace("g", "mg") if kind(x.unit) == "mass" and x.unit != "mg" else x.unit
        out.append(f"{x.value.normalize():f} {unit}{' a ' + x.per if x.per else ''}")
    return "; ".join(dict.fromkeys(out))
