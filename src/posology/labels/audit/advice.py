"""Turns a page and a reference into findings on advice with numbers: doses doubled, doses a day, steps too far apart or near.

Knows no medicine. Only numbers that stand nowhere in the reference are called wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from posology.labels.audit.page import Line, Page
from posology.labels.audit.reference import Evidence, Reference, base, uses
from posology.labels.extract.limit_words import DOSE, unit_name, value_of

_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "other": 2, "second": 2, "third": 3,
}  # fmt: skip
_N = r"(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)"
_CATCH_UP = re.compile(
    r"\b(?:tak(?:e|ing)|us(?:e|ing)|hav(?:e|ing)|swallow(?:ing)?|giv(?:e|ing))\s+(?:the\s+)?(?:two|2|both|three|3)\b(?!\s+(?:hours?|times|days?|weeks?|meals?|to\s+\w+\s+hours))(?:\s+\w+){0,2}?(?:\s+(?:doses?|tablets?|capsules?|pills?|together|at|the\s+next|next|instead|later|then|so\s+that|this|today|tonight|tomorrow|in\s+the))|\b(?:take|use|have|swallow|give)\s+(?:the\s+)?(?:two|2|both|three|3)(?:\s+of\s+(?:them|these|your\s+\w+))?\s*(?:[.!,;]|$)|\b(?:take|use|have)\s+(?:a\s+)?(?:double|twice)\s+(?:the\s+|your\s+|a\s+)?(?:usual\s+|normal\s+|next\s+)?(?:dose|amount)|"
    r"\bdouble\s+up\b(?!\s+(?:on\s+)?(?:pain|in\s+pain))|\bdouble\s+(?:the|your|up\s+(?:on\s+)?(?:the|your))\s+(?:next\s+)?(?:dose|amount)|\b(?:missed|forgotten|skipped|late)\s+(?:one|dose|tablet|capsule|pill)s?\s+(?:together\s+|along\s+|at\s+the\s+same\s+time\s+)?(?:with|as)\s+(?:the|your)\s+next\b|\b(?:take|use|have)\s+(?:it|them|that\s+one)\s+(?:together\s+|along\s+)with\s+(?:the|your)\s+next\b|\bmake\s+(?:it|that)\s+(?:two|double|a\s+double)\b|\btake\s+(?:an?\s+)?extra\s+(?:dose|tablet|capsule)\s+to\s+make\s+up",
    re.I,
)
_IN_PLACE_OF = re.compile(
    r"\b(\d+(?:\.\d+)?)(?:\s*(?:mg|mcg|micrograms?|m[lL]|tablets?|capsules?|drops))?\b[^.;]{0,40}?\b(?:instead\s+of|rather\s+than|in\s+place\s+of)\s+(?:(?:the|your|usual|normal|just|only)\s+)*(\d+(?:\.\d+)?)\b",
    re.I,
)
"""More than one dose in place of one: "40 mg instead of 20"."""
_MISSING = re.compile(r"\b(?:miss\w*|forg[eo]t\w*|skip\w*|late|make\s+up|catch\s+up)\b", re.I)
_NOT = re.compile(
    r"\b(?:not|never|no|don['’]t|avoid\w*|nor|mustn['’]t|shouldn['’]t|cannot|can['’]t|instead\s+of|without)\b[^.;]{0,60}$",
    re.I,
)
_REFUSED = re.compile(
    r"[^.;]{0,30}\b(?:is|are|was|would\s+be|can\s+be)\s+(?:\w+\s+)?(?:not|never|wrong|no|dangerous|harmful|a\s+mistake|too\s+much|unsafe)\b",
    re.I,
)
"""What is named and then refused: "taking two together is never right"."""
_DOSES_A_DAY = re.compile(
    rf"\b{_N}\s+(?:single\s+)?doses\s+(?:(?!of\b|for\b)\w+\s+){{0,2}}?(?:in|within|per|a|each|every|during)\s+(?:any\s+|an?\s+|one\s+|a\s+single\s+)?(?:24[\s-]*(?:hours?|h)\b|day)",
    re.I,
)
_STEP = re.compile(
    r"\b(?:rais\w*|increas\w*|increment\w*|tak(?:e|es|en|ing)\s+off|go(?:es)?\s+(?:up|down)|went\s+(?:up|down)|c[ao]me\s+down|doubl\w*|halv\w*|add(?:ed|s)?|titrat\w*|step\w*\s+up|put\s+up|lower\w*|reduc\w*|decreas\w*|cut(?:ting)?\s+(?:down|by)|bring\w*\s+down|com(?:e|es|ing)\s+off|climb\w*|creep\w*|ris(?:e|es|ing)|mov(?:e|es|ed)\s+up|shav\w*)\b",
    re.I,
)
_EVERY = re.compile(
    rf"\b(?:every|intervals?\s+of|(?:at\s+least|after|wait(?:ing)?(?:\s+for)?|with)(?:\s+at\s+least)?)\s+(?:{_N}\s*(?:(?:to|or|-|–)\s*{_N}\s*)?)(days?|weeks?)\b|\b(?:every|each)\s+(week)\b(?!\s+or\b)|"
    rf"\b{_N}\s+(days?|weeks?)\s+(?:apart|between\s+(?:steps|increases|rises))|\b(?:at|in)\s+(?:intervals\s+of\s+an?\s+(day|week)|(daily|weekly)\s+(?:intervals?|steps?|stages|jumps))|\b(from\s+(?:one\s+|each\s+)?day\s+to\s+(?:the\s+next|day)|(?:day|night)\s+by\s+(?:day|night)|(?:each|every)\s+(?:new\s+|single\s+)?(?:day|morning|evening|night))\b",
    re.I,
)
_SPANS = re.compile(
    rf"\b{_N}\s*-?\s*(?:(?:to|or|-|–)\s*{_N}\s*-?\s*)?(days?|weeks?)\b|\b(?:every\s+)?(other|second|third)\s+day\b|\b(weekly|(?:a|each|per|every)\s+week|every\s+day|day|daily)\b",
    re.I,
)


def _number(word: str) -> int:
    return _WORDS.get(word.lower(), 0) or int(word)


def _days(first: str, last: str | None, unit: str) -> set[int]:
    each = 7 if unit.lower().startswith("w") else 1
    low = _number(first)
    return {n * each for n in range(low, (_number(last) if last else low) + 1)}


def _spans(text: str) -> set[int]:
    """Every length in days that a text names.

    >>> sorted(_spans("4 to 7 days, every other day, weekly"))
    [2, 4, 5, 6, 7]
    """
    out: set[int] = set()
    for m in _SPANS.finditer(text):
        if m[1]:
            out |= _days(m[1], m[2], m[3])
        elif m[4]:
            out.add(_WORDS[m[4].lower()])
        elif "week" in m[5].lower():
            out.add(7)
        elif m[5].lower().startswith("every"):
            out.add(1)
    return out


def _pace(m: re.Match[str]) -> set[int]:
    """The days between two steps that :data:`_EVERY` found."""
    if m[1]:
        return _days(m[1], m[2], m[3])
    if m[5]:
        return _days(m[5], None, m[6])
    return {7} if (m[4] or m[7] or m[8] or "").lower().startswith("week") else {1}


_RISES = re.compile(
    r"\b(?:rais\w*|increas\w*|increment\w*|go(?:es)?\s+up|doubl\w*|add(?:ed|s)?|titrat\w*|step\w*\s+up|put\s+up|climb\w*|ris(?:e|es|ing)|mov(?:e|es|ed)\s+up|grow\w*)\b(?!\s+(?:\w+\s+){0,3}?to\s+\d[\d.,]*\s*\w+\s+(?:each|every)\b)",
    re.I,
)
"""A rise; "raised to 20 mg each day" is a dose of every day, no step of every day."""
_ON_DAY = re.compile(
    rf"\b(?:days?\s+{_N}|(first|second|third|fourth|fifth|sixth|seventh)\s+(?:day|morning|evening)|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b",
    re.I,
)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
_WEEKDAYS = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_LADDER_DAYS = re.compile(r"\bdays?\s*(?:2|two)\b|\bsecond\s+day\b", re.I)
"""A reference with a ladder of its own days: its rows are held to elsewhere."""


def _ladder(text: str) -> int:
    """The fewest days between two rising amounts that a sentence gives for days by name; 0 where it gives no ladder.

    >>> _ladder("5 mg on day one, 10 mg on day two and 15 mg from day three"), _ladder("day 1: 5 mg; day 4: 10 mg; day 7: 15 mg")
    (1, 3)
    >>> _ladder("5 mg on Monday, 5 mg on Tuesday and 5 mg on Friday")
    0
    """
    rungs: list[tuple[int, Decimal]] = []
    for part in re.split(r"[,;]\s|\band\b|\bthen\b", text):
        day, dose = _ON_DAY.search(part), DOSE.search(part)
        if day and dose:
            names = (_ORDINALS, day[2]) if day[2] else (_WEEKDAYS, day[3])
            n = _number(day[1]) if day[1] else names[0].index(names[1].lower()) + 1
            rungs.append((n, base(value_of(dose["num"]), unit_name(dose["unit"], dose["kg"]))))
    rises = all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(rungs))
    return min(b[0] - a[0] for a, b in pairwise(rungs)) if len(rungs) > 2 and rises else 0


def _use_of(page: Page, line: Line) -> frozenset[str]:
    """The use that a sentence is about: its own, that of what it stands under, or of the page's title."""
    title = next((x.text for x in page.lines if x.kind == "heading"), "")
    return uses(line.text) or uses(line.under) or uses(title)


def _knows_steps(text: str) -> bool:
    """Whether a length of time stands near words of raising or lowering a dose: else no interval can be called wrong.

    >>> _knows_steps("Raise the dose every 3 days."), _knows_steps("Use for 3 days.")
    (True, False)
    """
    return any(m[1] and _STEP.search(text, max(0, m.start() - 200), m.end() + 100) for m in _SPANS.finditer(text))


_ANYWAY = re.compile(
    r"\b(?:all\s+the\s+same|any\s?way|even\s+so|just\s+the\s+same|regardless|nevertheless|still|as\s+(?:usual|normal|planned)|even\s+(?:if|when)|no\s+matter|carry\s+on|keep\s+(?:giving|taking))\b",
    re.I,
)
_UNLESS_TOLD = re.compile(
    r"\b(?:unless|until)\b[^.;]*\b(?:tells?|told|says?|said|advis\w+|asks?|asked|direct\w*|instruct\w*|decides?)\b",
    re.I,
)
_GIVE = re.compile(r"\b(?:giv(?:e|en|ing)|tak(?:e|en|ing)|us(?:e|ed|ing)|carry\s+on|continue\w*)\b", re.I)
_WITHHOLD = re.compile(
    r"\b(?:skip\w*|withh[eo]ld\w*|(?:not|n['’]t)\s+(?:be\s+)?(?:giv\w+|tak\w+|administer\w*)|interrupt\w*|discontinu\w*|omit\w*|hold\s+(?:the|treatment)|stop\w*)\b",
    re.I,
)
_STATES = tuple(
    (name, re.compile(rx, re.I))
    for name, rx in (
        ("vomiting", r"\bvomit\w*|\b(?:being|been|is|are)\s+sick\b|throw\w*\s+up|bring\w*\s+up\s+(?:the|its|feeds?)"),
        (
            "not eating",
            r"\bnot\s+(?:\w+\s+)?(?:eat\w*|feed\w*)|\boff\s+(?:the\s+bottle|(?:his|her|their|its|your)?\s*(?:food|feeds?))|\b(?:eat|feed)s?\s+(?:little|badly|poorly|nothing)|\b(?:decreased|reduced|poor)\s+(?:oral\s+intake|food\s+intake|appetite|feeding)|fasting|without\s+food",
        ),
        ("fever", r"\bfever|\bhigh\s+temperature"),
        ("diarrhoea", r"\bdiarrh\w+"),
        ("lack of fluid", r"\bdehydrat\w*|\black\s+of\s+fluid"),
        ("a contrast scan", r"\bcontrast\b"),
        ("an operation", r"\bsurg\w+|\boperations?\b"),
    )
)
"""States in which a reference may hold a dose back."""
_STEPS_THEN = re.compile(
    rf"\W*(?:(?:between|before|until)\s+(?:the\s+next\s+|each\s+|an?\s+)?)?(?:(?:it|this|that|you|we|they|(?:the|your)\s+\w+)\s+)?(?:(?:is|are|can|may|will|should|be)\s+)*{_STEP.pattern}",
    re.I,
)
"""After "every two days": "it is increased by ...". """


def _step_spans(ref: Reference, use: frozenset[str] = frozenset()) -> set[int]:
    """The lengths in days that the reference names where it tells of raising or lowering a dose, and just after.

    ``use``: without what it tells of other uses only.
    """
    out: set[int] = set()
    near = 0
    told = [e for e in ref.sentences if use and use <= (uses(e.quote) or uses(e.path)) and len(uses(e.quote)) < 2]
    for e in told if any(_STEP.search(e.quote) and _spans(e.quote) for e in told) else ref.sentences:
        near = 5 if "schedule" in e.quote.lower() else max(near - 1, 1 if _STEP.search(e.quote) else 0)
        if near > 0 and (not _STUDIED.search(e.quote) or _COMING_OFF.search(e.quote)):
            out |= _spans(e.quote)
    return out


_EACH_DAY = re.compile(
    r"\b(?:(?:rais|increas|lower|reduc|decreas|cut|step|taper|wean|go(?:es)?\s|went\s|c[ao]mes?\s|drop|bring|brought|climb|ris|rose|inch|creep|edg|mov|shift|fall|shrink)\w*\b[^.;]{0,40}?\bby|add(?:s|ed|ing)?|tak(?:e|es|en|ing)\s+off)\s+(?:\w+\s+){0,2}?(?:\d[\d.,]*\s*(?:mg|mcg|micrograms?|g)|(?:an?|one)\s+(?:tenth|ninth|eighth|seventh|sixth|fifth|quarter|third|half))\s+(?:off\s+)?((?:every|each)\s+(?:single\s+)?day)\b|\b(?:\d[\d.,]*\s*(?:mg|mcg|micrograms?|g)|(?:an?|one)\s+(?:tenth|ninth|eighth|seventh|sixth|fifth|quarter|third))\s+(?:of\s+(?:the|your|it)\s*(?:\w+\s+){0,2})?(?:is\s+)?(?:comes?\s+off|goes|(?:is|are)\s+(?:cut|taken\s+off|dropped|added)|(?:cut|taken\s+off|dropped))\s+((?:every|each)\s+(?:single\s+)?day|daily)\b",
    re.I,
)
"""A step taken each day: "by 10 mg every day"."""
_DAILY_STEPS = re.compile(
    r"\b(?:increas|rais|decreas|reduc|taper|withdr|titrat|lower|adjust|add(?:ed|s|ing)?\b|comes?\s+off|goes\s+(?:up|down)|by\s+one)\w*\b[^.;]*(?:\b(?:every|each)\s+day\b|\bdaily\s+(?:until|as|intervals|steps|increments)|\b(?:1|one)\s*(?:to|-|–|or)\s*\w+\s+days?\b)|"
    r"\b(?:decreas|reduc|taper|withdr|lower|comes?\s+off)\w*\b(?:(?!\b(?:weeks?|weekly|intervals?|increments|than|above|maximum|to)\b)[^.;])*\d\s*mg\s*(?:per|a|/|each)\s*day\b(?![^.;]*\b(?:weeks?|weekly|intervals?|every|increments)\b)",
    re.I,
)
_COMING_OFF = re.compile(r"\b(?:taper|discontinu|withdrawal|gradual)\w*\b", re.I)
"""The steps down that trials used are what labels have to offer."""
_STUDIED = re.compile(r"\b(?:trials?|stud(?:y|ies|ied)|baseline|placebo|effectiveness|rats?|mice|EEG)\b", re.I)


def advice(page: Page, ref: Reference) -> Iterator[tuple[str, str, str, Line | None, Evidence | None]]:
    """Doubled doses, more doses a day than the reference, and steps at an interval it does not know."""
    most = {_number(m[1]) for m in _DOSES_A_DAY.finditer(ref.text)}
    spans = (_spans(ref.text) if ref.cited else _step_spans(ref)) if _knows_steps(ref.text) else set()
    before = ""
    for line in page.lines:
        t = line.text
        m = _CATCH_UP.search(t)
        if (
            m
            and not _NOT.search(t[: m.start()])
            and not _REFUSED.match(t[m.end() :])
            and (_MISSING.search(t) or _MISSING.search(before))
        ):
            yield (
                "contradicts_warning",
                "critical",
                "It tells the reader to take two doses together after a missed one.",
                line,
                ref.missed[0] if ref.missed else None,
            )
        more = _IN_PLACE_OF.search(t)
        if (
            more
            and Decimal(more[1]) >= 2 * Decimal(more[2]) > 0
            and _MISSING.search(f"{before} {t}")
            and not _NOT.search(t[: more.start()])
        ):
            text = "It tells the reader to take twice the dose after a missed one."
            yield ("contradicts_warning", "critical", text, line, ref.missed[0] if ref.missed else None)
        gives = _GIVE.search(t) if _ANYWAY.search(t) and not _UNLESS_TOLD.search(t) else None
        for state, rx in _STATES:
            if gives and rx.search(t) and not _NOT.search(t[: gives.start()]):
                held = next((e for e in ref.sentences if _WITHHOLD.search(e.quote) and rx.search(e.quote)), None)
                if held is not None:
                    text = (
                        f"It tells the reader to go on all the same where the reference holds the dose back: {state}."
                    )
                    yield ("contradicts_warning", "critical", text, line, held)
                    break
        before = t
        m = _DOSES_A_DAY.search(t)
        if m and most and _number(m[1]) not in most:
            yield (
                "wrong_number_or_unit",
                "critical",
                "The reference gives other doses a day.",
                line,
                _holds(ref, _DOSES_A_DAY),
            )
        daily = _EACH_DAY.search(t)
        if daily and spans and not any(_DAILY_STEPS.search(e.quote) for e in ref.sentences):
            text = f"The reference knows no step {(daily[1] or daily[2]).lower()}."
            yield ("wrong_number_or_unit", "critical", text, line, _holds(ref, _SPANS))
        gap = _ladder(t) if spans else 0
        if (
            gap
            and gap < min(spans - {1}, default=0)
            and not _LADDER_DAYS.search(ref.text)
            and not any(_DAILY_STEPS.search(e.quote) for e in ref.sentences)
        ):
            text = (
                f"It raises the dose every {gap} days: the reference leaves more time."
                if gap > 1
                else "It raises the dose from day to day: the reference leaves more time."
            )
            yield ("wrong_number_or_unit", "critical", text, line, _holds(ref, _SPANS))
            continue
        step = _EVERY.search(t)
        if step and spans and (_STEP.search(t[: step.start()]) or _STEPS_THEN.match(t[step.end() :])):
            asked, use = _pace(step), _use_of(page, line)
            known = (len(use) == 1 and not ref.cited and _step_spans(ref, use)) or spans
            if asked == {1}:
                wrong = bool(_RISES.search(t)) and not any(_DAILY_STEPS.search(e.quote) for e in ref.sentences)
            else:
                wrong = not asked & known and (not ref.cited or max(asked) < min(known))
            if wrong:
                text = f"The reference knows no step {step[0].lower()}."
                yield ("wrong_number_or_unit", "critical", text, line, _holds(ref, _SPANS))


def _holds(ref: Reference, words: re.Pattern[str]) -> Evidence | None:
    return next(
        (d.evidence for d in ref.doses if words.search(d.evidence.quote)), ref.doses[0].evidence if ref.doses else None
    )
