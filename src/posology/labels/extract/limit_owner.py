"""Turns the words around an amount in a label into whose it is: another medicine's, another form's, or of what is eaten.

Knows no label and no medicine by name: the wordings, and the few lines that read one of them.
"""

from __future__ import annotations

import re

DOSE_OF = re.compile(r"\bdos(?:e|age)s?\s+of\s+(?:the\s+)?(?P<name>[A-Za-z][\w-]{3,})", re.I)
GIVEN_AT = re.compile(
    r"\b(?P<name>[A-Za-z][\w-]{3,})\s+(?:given\s+|taken\s+|administered\s+)?(?:at\s+)?(?:an?\s+|the\s+|its\s+)?$"
)
OF_THE_LATTER = re.compile(
    r"\bdos(?:e|age)s?\s+of\s+the\s+(?:latter|other\s+(?:drug|agent|medicine|medication))\b[^.;,]{0,60}$", re.I
)
OWNERS = (
    re.compile(r"\b(?P<name>[A-Za-z][\w-]{3,})\s+$"),  # "a dose comparable to B 40 mg"
    re.compile(r"\b(?:doses?|dosages?)\s+of\s+(?:the\s+)?(?P<name>[A-Za-z][\w-]{3,})(?:[^.;,]|\.\d){0,60}$", re.I),
    re.compile(r"\b(?P<name>[A-Za-z][\w-]{3,})\s+(?:dose|dosage)\s+(?:[\w-]+\s+){0,6}$", re.I),
    re.compile(
        r"\b(?P<name>[A-Za-z][\w-]{3,})\s+(?:should|must|may|can)\s+(?:\w+\s+){0,4}(?:not\s+)?(?:exceed|limited\s+to|more\s+than)\s+(?:\w+\s+){0,3}$",
        re.I,
    ),
)
TAKEN_TOO = re.compile(
    r"\b(?:with|taking|receiving|on|by|of|like|as|and|or|plus)\s+(?:a\s+|an\s+|the\s+|other\s+|strong\s+|potent\s+)*[\w-]+(?:\s*(?:,|and|or|plus)\s+[\w-]+)*",
    re.I,
)
OF_FOOD = re.compile(
    r"\s*\)?\s*(?:(?:daily|per\s+day|a\s+day|/\s*day|per\s+serving)\s+)?(?:of\s+)?(?:dietary\s+)?(?:(?P<never>tyramine|cholesterol|protein|fat|sugar|sucrose|lactose|fiber)|caffeine|sodium|salt|potassium|calcium|alcohol|ethanol|fluids?|water|grapefruit)\b",
    re.I,
)
EATEN = re.compile(
    r"\bdietary\s+\w+\b[^.;]{0,30}$|\b(?:sodium|salt|fluid|water|alcohol|caffeine|calcium|protein)\s+intake\b[^.;]{0,30}$",
    re.I,
)
IN_FOOD = re.compile(
    r"\b(?:foods?|diets?|beverages?|drinks?|meals?|snacks?|supplements?)\b[^.;]{0,40}?\b(?:contain\w*|with|rich|high|of|limit\w*|to|exceed)\b[^.;]{0,60}$",
    re.I,
)
"""What is eaten holds an amount of something that is no medicine."""
_RELEASE = r"(?P<form>(?:immediate|extended|sustained|controlled|delayed|prolonged|modified)[\s-]+release)"
OF_A_FORM = re.compile(
    rf"\b(?:dos(?:e|age)s?|maximum|limit)\s+(?:of|for|with)\s+(?:[\w-]+\s+){{0,4}}?{_RELEASE}\b[^.;,]{{0,40}}\b(?:is|are|of|exceed|be|than)\s+(?:[\w-]+\s+){{0,2}}$",
    re.I,
)


def form_name(text: str) -> str:
    """When a release form gives its medicine: "at once" or "over hours"."""
    return "at once" if text.lower().startswith("immediate") else "over hours"


def forms_in(text: str) -> frozenset[str]:
    """How a text's medicine is released, "at once" or "over hours": what it speaks of far more often, else both.

    >>> sorted(forms_in("extended-release tablets"))
    ['over hours']
    """
    named = [form_name(m["form"]) for m in re.finditer(_RELEASE, text, re.I)]
    return frozenset(x for x in set(named) if 4 * named.count(x) > len(named))


WITH_PARTNER = re.compile(r"\s*(?:plus|and|with)\s+((?:[A-Za-z][\w-]*\s+){1,3})")
OWNERS_AFTER = (
    re.compile(
        r"\s*(?:(?:daily|per\s+day|a\s+day|/\s*day)\s+)?(?:doses?\s+)?of\s+(?:the\s+)?(?P<name>[A-Za-z][\w-]{5,})"
    ),
    re.compile(r"\s*(?:of\s+(?:the\s+)?|/)?(?P<name>[A-Za-z][\w-]{3,})(?:\s+(?:daily|per|a\s+day|/day|in\s+24))?"),
)
LIMITED = re.compile(
    r"\b[Ll]imit(?:ed|ing|s)?\s+(?:the\s+)?(?:(?:total\s+)?(?:daily\s+)?(?:dose|dosage)\s+of\s+)?(?P<name>[a-z][\w-]{5,})(?:\s+(?:dose|dosage))?\s+to\s*$"
)
