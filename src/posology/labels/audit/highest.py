"""Turns the words around an amount into whether they call it the highest, and a maximum into words.

Knows no medicine.
"""

from __future__ import annotations

import re
from decimal import Decimal

from posology.labels.audit.reference import Limit, kind

MAXIMAL = re.compile(
    r"\b(?:maxim(?:um|al|a)|max\.?|highest|largest|biggest|top(?:\s+(?:dose|limit|amount|end)|s\s+out|(?=\s+(?:is|of|:)|:))|(?:the|absolute|very|at|your|daily)\s+most|most\W{1,3}(?:you|anyone|people\s+should|in|per|each\s+day|a\s+day)|"
    r"no\s+more\s+than|not?\s+(?:\w+\s+){0,3}?more\s+than|(?:never|nobody|no\s+one)\s+(?:\w+\s+){0,3}?more\s+than|\w*n['’]t\s+(?:\w+\s+){0,3}?more\s+than|(?:not|never|\w*n['’]t|nobody\s+should|no\s+one\s+should)\s+(?:\w+\s+){0,2}?(?:go\w*\s+)?(?:above|over|past|beyond|exceed\w*)|"
    r"no\s+higher\s+than|(?:must|should|can)\s+not\s+exceed|exceed(?:ing)?|(?:upper\s+|daily\s+)?limit(?:ed)?|ceiling|cap(?:ped)?(?=\s+(?:of|at|is|:)|:)|at\s+or\s+under|stay\s+(?:at\s+or\s+)?(?:under|below)|keep\s+(?:it\s+)?(?:under|below))\b",
    re.I,
)
MAXIMAL_AFTER = re.compile(
    r"^(?:(?!\b(?:times|doses)\b)[^.;]){0,50}?\b(?:(?:is|as|being)\s+(?:\w+\s+){0,2}?(?:most(?!\s+(?:people|patients|adults|children|of|often|common\w*|will|need|take))|maximum|highest|limit|ceiling|cap|top)|at\s+(?:the\s+(?:very\s+)?)?most|(?:maximum|max|tops)\b(?=\s*(?:[.;,)]|$))|or\s+less\b|is\s+as\s+(?:high|much)\s+as|(?:and\s+)?that\s+is\s+(?:as\s+high\s+as|the)|and\s+no\s+(?:more|higher|further))\b"
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


def tops(after: str) -> bool:
    """Whether the words after an amount call it the most; words right before the next amount are that one's."""
    m = MAXIMAL_AFTER.search(after)
    return m is not None and after[m.end() :].strip() != "\x00"


def equal(x: Limit, value: Decimal, per: str, day: Decimal | None) -> bool:
    if x.day is not None and day is not None and x.day == day:
        return True
    if x.value == value and (x.per == per or not per or not x.per):
        return True
    return x.value == value and {x.per, per} <= {"day", "night"}


def say(pool: list[Limit]) -> str:
    out = []
    for x in pool[:3]:
        unit = x.unit.replace("mcg", "mg").replace("g", "mg") if kind(x.unit) == "mass" and x.unit != "mg" else x.unit
        out.append(f"{x.value.normalize():f} {unit}{' a ' + x.per if x.per else ''}")
    return "; ".join(dict.fromkeys(out))
