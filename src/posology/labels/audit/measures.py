"""Turns a sentence with a length of time, a kidney function or a weight, and a reference, into the measures that differ.

Knows no medicine. Each kind of number is compared only with the reference's sentences on the same subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise

from attrs import frozen

from posology.labels.audit.figures import figures
from posology.labels.audit.reference import Evidence, Reference, base, kind
from posology.labels.extract.limit_words import DOSE, unit_name, value_of

_KIDNEYS = re.compile(r"\be?GFR\b|\bcreatinine\s+clearance|\bCr\s?Cl\b|\bCLcr\b|\bmL\s*/\s*min", re.I)
_NEVER = re.compile(
    r"\b(?:must|should|do|can|may)\s*(?:not|n['’]t)\b|\bnever\b|\bcannot\b|\bcontraindicated\b|\bnot\s+(?:for|allowed)\b|\brul(?:es?|ed)\s+(?:\w+\s+)?out\b|\bbarred\b|\bforbidden\b|\boff\s+limits\b|\bno\s+longer\b",
    re.I,
)
_AFTER_KIDNEYS = re.compile(r"\b(?:e?GFR|clearance|CrCl|CLcr)\b([^.;,|]{0,60})", re.I)
_LEVEL = re.compile(
    r"(?<![\d.,])(\d{2,3})\b(?![\d.,]*\d)(?!\s*(?:mg|mcg|micrograms?|%|percent|per\s+cent|years?|hours?|in\s+100))",
    re.I,
)
_LEVELS = re.compile(
    r"(?<![\d.,])(\d{2,3})\s*(?:(?:to|-|–|and)\s*(\d{2,3})\s*)?(?:mL\s*/\s*min)|[<>≤≥]\s*(\d{2,3})\b(?!\s*(?:mg|kg|%|years))|^\W*(\d{2,3})\s*(?:-|–)\s*(\d{2,3})\s*\|",
    re.I,
)


def _clearances(text: str) -> frozenset[Decimal]:
    """The kidney functions of a text, in mL a minute, and one more or less of each: "30 to 59" is below 60.

    >>> sorted(map(int, _clearances("with a clearance of 30 to 59 take 300 mg")))
    [29, 30, 31, 58, 59, 60]
    """
    near = [g for m in _AFTER_KIDNEYS.finditer(text) for g in _LEVEL.findall(m[1])]
    near += [g for m in _LEVELS.finditer(text) for g in m.groups() if g]
    return frozenset(Decimal(int(g) + n) for g in near for n in (-1, 0, 1))


_CLEARANCE = re.compile(r"\b(?:clearance|e?GFR|CrCl|kidney\s+function)\b", re.I)
_COMING_OFF = re.compile(
    r"\b(?:taper\w*|wean\w*|(?:reduc|lower|decreas|withdr|cut|stop|eas(?:e|ed|ing)\s+(?:it\s+)?off|com(?:e|ing)\s+off|br(?:ing|ought)\s+(?:it\s+)?down)\w*)\b[^.;]{0,60}\bover\b",
    re.I,
)


def _numbers(rx: str) -> Callable[[str], frozenset[Decimal]]:
    pattern = re.compile(rx, re.I)

    def find(text: str) -> frozenset[Decimal]:
        return frozenset(Decimal(g) for m in pattern.finditer(text) for g in m.groups() if g)

    return find


_LENGTH = re.compile(
    r"\b(\d{1,3})(?:\s*(?:to|-|–|or)\s*(\d{1,3}))?[\s-]*(day|week|month)s?\b|\b(?:a|one)[\s-]+(day|week|month)\b", re.I
)
_DAYS = {"day": 1, "week": 7, "month": 30}


def lengths(text: str) -> frozenset[Decimal]:
    """Every length of time of a text in days, both ends of a range.

    >>> sorted(map(int, lengths(figures("over one to two weeks, or 14 days"))))
    [7, 14]
    """
    out = set()
    for m in _LENGTH.finditer(figures(text)):
        if m[4]:
            out.add(Decimal(_DAYS[m[4].lower()]))
        else:
            out |= {Decimal(g) * _DAYS[m[3].lower()] for g in (m[1], m[2]) if g}
    return frozenset(out)


_NEXT_DAY = re.compile(r"\b(?:the\s+)?(?:next\s+day|day\s+after|following\s+day|(?:very\s+)?same\s+day)\b", re.I)


def _gaps(text: str) -> frozenset[Decimal]:
    """The gaps that a text leaves between two medicines, in days: hours count, and so does "the day after".

    >>> sorted(map(str, _gaps("wait 24 hours, or start it the day after; 14 days is better")))
    ['1', '14']
    """
    hours = {n / 24 for n in _hours(text)}
    return lengths(text) | hours | ({Decimal(1)} if _NEXT_DAY.search(text) else set())


def _hours(text: str) -> frozenset[Decimal]:
    return frozenset(Decimal(m[1]) for m in re.finditer(r"\b(\d{1,2})[\s-]*(?:hours?|hrs?|h)\b", figures(text), re.I))


_LASTING = re.compile(
    r"\b(?:treatment|course|use[ds]?|tak(?:e|en|ing)\s+(?:it|this|them)|meant|intended|prescribed|given|continue[ds]?|last\w*|allow)\b[^.;]{0,60}?\b(?:for|of|is|up\s+to|to|allow|about|than|within|in)\s+(?:\w+\s+){0,3}?(?:\d+|one|two|three|four|five|six|eight|ten|twelve|a)(?:\s*(?:to|or|-|–)\s*(?:\d+|\w+))?[\s-]+(?:weeks?|months?)\b",
    re.I,
)
"""A sentence on how long treatment goes on."""
_BRIEF = re.compile(
    r"\b(?:only\s+for|short(?:est)?|limited\s+to|not\s+recommended|not\s+(?:be\s+)?(?:exceed|used)|no\s+(?:longer|more)\s+than)\b",
    re.I,
)
_WEEKS = re.compile(r"\b(?:week|month)s?\b", re.I)
_NOT_KNOWN = re.compile(r"\b(?:known|assess\w*|evaluat\w*|monitor\w*|consider|mice|rats|stud(?:y|ies|ied))\b", re.I)
"""A label's sentence that limits how long; not one that tells what is not known."""
_NOT_LASTING = re.compile(
    r"\b(?:miss\w*|stop\w*|withdr\w*|taper\w*|wean\w*|rais\w*|increas\w*|step\w*|lower\w*|reduc\w*|every|after|before\s+(?:surgery|an?\b|the\b|your\b)|until|pregnan\w*|trimester|side\s+effects?|first|MAO\w*|better|full\s+effect|feel|trial\w*|stud(?:y|ies|ied)|check\w*|tests?|ago|opened|opening|expir\w*|bottle|half-life|old|age[ds]?|within)\b|\btak(?:e|es)\s+(?:up\s+to\s+|about\s+)?(?:\w+\s+){0,3}(?:weeks?|months?)\s+(?:to|before)",
    re.I,
)


def _long(text: str) -> frozenset[Decimal]:
    """The lengths of a sentence that tells how long treatment goes on, in days; none where it tells of something else."""
    if _NOT_LASTING.search(text) or (not _LASTING.search(figures(text)) and not _LASTING.search(text)):
        return frozenset()
    return frozenset(n for n in lengths(text) if n >= 7)


_CHANGE = re.compile(
    r"\A(?=.*\bhours?\b)(?=.*\b(?:between|before|after)\b)(?=.*\b(?:last|discontinu\w*|stopp\w*)\b)(?=.*\b(?:first|start\w*|initiat\w*|beg[iu]n\w*)\b)(?!.*\bmiss)",
    re.I,
)
"""A change from one treatment to the next, with hours between."""
_WEIGHT = re.compile(
    r"\b(?:under|below|over|above|less|more|least|most|than|from|to|between|weigh\w*|up)\b[^.;]{0,20}?\d\s*kg\b(?!\s*/)|[<>≤≥]\s*\d+\s*kg\b|\d\s*kg\s+(?:or|and)\s+(?:more|over|above|less|under)",
    re.I,
)
"""A threshold of weight; "a baby of 5 kg" is an example."""


_MAO = re.compile(r"\bMAO\w*|\bmonoamine\s+oxidase", re.I)
_MEASURES: tuple[tuple[re.Pattern[str], Callable[[str], frozenset[Decimal]], str], ...] = (
    (_MAO, _gaps, "gap from an MAO inhibitor"),
    (
        _COMING_OFF,
        lengths,
        "length of time to come off it",
    ),
    (_LASTING, _long, "length of treatment"),
    (_CHANGE, _hours, "number of hours between one treatment and the next"),
    (re.compile(r"\bmiss\w*|\bforg[eo]t\w*", re.I), _hours, "number of hours after a missed dose"),
    (_KIDNEYS, _clearances, "kidney function"),
    (_WEIGHT, _numbers(r"(?<!/)\b(\d{1,3})\s*kg\b"), "body weight"),
)  # fmt: skip


@frozen
class Measure:
    """What a sentence measures otherwise than the reference; ``gross``: less than half of a gap that must be kept."""

    noun: str
    evidence: Evidence | None
    gross: bool = False


_WORKS = re.compile(
    r"\b(?:full|whole|maximum|peak|first|best|complete)\s+(?:effects?|benefits?|relief)|\beffects?\s+(?:builds?|comes?|sets?|starts?|begins?|shows?|appears?|takes?|is\s+(?:felt|seen|full|there))|\b(?:starts?|begins?)\s+(?:to\s+)?work|\bworks?\s+(?:with)?in\b|\btakes?\b[^.;]{0,40}\bto\s+(?:work|act|help|start|kick)|\bfeel\s+(?:better|relief|the\s+effect)|\brelief\s+(?:comes?|within|in|after)|\bacts?\s+(?:with)?in\b|\bkicks?\s+in\b|\b(?:for|before)\s+(?:the\s+)?(?:full\s+)?(?:effect|relief)\b|\bonset\s+of\s+(?:the\s+)?(?:action|effects?|relief)\b",
    re.I,
)
"""How long until a medicine works."""
_WAITS = re.compile(r"\b(\d{1,3})(?:\s*(?:to|-|–|or)\s*(\d{1,3}))?[\s-]*(minute|min|hour|day|week|month)s?\b", re.I)


def _waits(text: str) -> dict[tuple[str, ...], set[str]]:
    """The times of a text as their figures, with the units that stand with them."""
    out: dict[tuple[str, ...], set[str]] = {}
    t = figures(text)
    for m in _WAITS.finditer(t):
        if re.search(r"\b(?:every|each|for)\s+(?:about\s+|the\s+)?$", t[: m.start()], re.I):
            continue  # how often, or how long
        out.setdefault(tuple(g for g in m.groups()[:2] if g), set()).add(m[3].lower()[:3])
    return out


def other_onset(text: str, ref: Reference) -> Iterator[Measure]:
    """The time until it works in the reference's figures with another unit: "1 to 4 hours" for its "1 to 4 days"."""
    if not _WORKS.search(text):
        return
    here = _waits(text)
    told = [(e, _waits(e.quote)) for e in ref.sentences if _WORKS.search(e.quote)] if here else []
    for figure, units in here.items():
        there = [(e, w[figure]) for e, w in told if figure in w]
        if there and not units & frozenset[str]().union(*(u for _, u in there)):
            yield Measure("time until it works", there[0][0], gross=True)


UNCHANGED = re.compile(
    r"\b(?:no|not|n['’]t|without)\s+(?:\w+\s+){0,3}?(?:change|adjust\w*|reduc\w*|lower\w*|differ\w*)|\bsame\s+(?:dose|amount|\d)|\b(?:usual|full|normal|ordinary|standard)\s+(?:\w+\s+)?(?:dose|amount)|\blike\s+(?:everyone|everybody|anyone|anybody)|\bstays?\s+(?:the\s+same|as\s+it\s+is)|\bunchanged\b",
    re.I,
)
_NOT_SAME = re.compile(
    r"\b(?:not?|n['’]t|never|instead\s+of|rather\s+than|less\s+than|half)\s+(?:\w+\s+){0,2}?(?:same|usual|full|normal|ordinary|standard|like)\b|\b(?:half|part)\s+of\s+the\s+(?:usual|full|normal)",
    re.I,
)
_BAND = re.compile(r"(?<![\d.,])(\d{2})\s*(?:to|-|–|and)\s*(\d{2})\b(?!\s*(?:mg|mcg|g|years?|%)\b)")


_IN_PLACE = re.compile(
    r"\bin\s+place\s+of\s+(\d[\d,.\sor]*?)\s*mg\b[^:]*:\s*(\d[\d,.\sor–-]*?)\s*mg\b[^.]*?\b(\d{2})\s+to\s+(\d{2})\b",
    re.I,
)
"""A row of doses for healthy kidneys, and the row that takes its place for a band of kidney function."""


def other_share(text: str, ref: Reference) -> Iterator[Measure]:
    """A dose for a band of kidney function "where others take 300 mg" that is not the one the reference puts in its place."""
    band = _BAND.search(text)
    amounts = list(
        dict.fromkeys(value_of(d["num"]) for d in DOSE.finditer(text) if kind(unit_name(d["unit"])) == "mass")
    )
    if band is None or len(amounts) != 2 or not (_KIDNEYS.search(text) or _KIDNEY_WORDS.search(text)):
        return
    usual, lower = max(amounts), min(amounts)
    for e in ref.sentences:
        row = _IN_PLACE.search(e.quote)
        if row is None or row.group(3, 4) != band.groups():
            continue
        healthy, weak = (re.split(r",\s+|\s+or\s+", x) for x in row.group(1, 2))
        shares = dict(zip(map(value_of, healthy), weak, strict=False))
        if usual in shares and lower not in {value_of(n) for n in re.split(r"-|–", shares[usual])}:
            yield Measure("dose for this kidney function", e, gross=True)


def unchanged_band(text: str, ref: Reference, around: str = "") -> Iterator[Measure]:
    """A band of kidney function that a sentence leaves at the usual dose, where the reference gives that band a lower one."""
    if not (
        UNCHANGED.search(_NOT_SAME.sub(" ", text))
        and (_KIDNEYS.search(text) or _KIDNEY_WORDS.search(f"{text} {around}"))
    ):
        return
    for clause in re.split(r";|(?<=\w)\.\s", text):
        band = _BAND.search(clause)
        if band is None or not 10 <= int(band[1]) < int(band[2]) <= 60:
            continue
        for e in ref.sentences:
            if not (_KIDNEYS.search(e.quote) or _KIDNEY_WORDS.search(f"{e.path} {e.quote}") or " | " in e.quote):
                continue
            found = next(
                (
                    m
                    for m in _BAND.finditer(e.quote)
                    if all(abs(int(x) - int(y)) <= 1 for x, y in zip(m.groups(), band.groups(), strict=True))
                ),
                None,
            )
            own = DOSE.search(e.quote, found.end()) if found else None
            most = max((value_of(d["num"]) for d in DOSE.finditer(e.quote)), default=Decimal(0))
            if (
                found
                and own
                and (value_of(own["num"]) < most or _LESS.search(e.quote))
                and not UNCHANGED.search(e.quote)
            ):
                yield Measure("dose for this kidney function", e, gross=True)
                return


_KIDNEY_WORDS = re.compile(r"\b(?:kidneys?|renal)\b", re.I)
_LESS = re.compile(r"\b(?:half|less|lower\w*|reduc\w*|smaller|quarter|where\s+others)\b", re.I)
_BELOW = re.compile(
    r"(?:<|≤|\b(?:below|under|less\s+than)\b)\s*(\d{2,3})\b(?!\s*(?:mg|mcg|g|years?|kg|hours?|days?)\b)", re.I
)


def other_rows(text: str, ref: Reference, around: str = "") -> Iterator[Measure]:
    """Amounts for a band of kidney function that stands in a row of a table which holds none of them."""
    if not (ref.rows and (_CLEARANCE.search(text) or re.search(r"\b(?:kidneys?|renal)\b", around, re.I))):
        return
    for clause in text.split(";"):
        band = re.search(r"\b(\d{2,3})\s*(?:to|-|–|and)\s*(\d{2,3})\b(?!\s*(?:mg|mcg|g)\b)", clause)
        amounts = {
            base(value_of(n), unit_name(d["unit"]))
            for d in DOSE.finditer(clause)
            if kind(unit_name(d["unit"], d["kg"])) == "mass"
            for n in (d["low"], d["num"])
            if n
        }
        below = _BELOW.search(clause) if band is None else None
        if (band is None and below is None) or not amounts:
            continue
        if band is not None:
            rows = [r for r in ref.rows if {Decimal(band[1]), Decimal(band[2])} <= r[0]]
        else:
            rows = [r for r in ref.rows if any(m[1] == below[1] for m in _BELOW.finditer(r[2].quote))]  # type: ignore[index]
        if rows and not any(amounts & r[1] for r in rows):
            yield Measure("amount for this kidney function", rows[0][2])


def other_measures(text: str, ref: Reference) -> Iterator[Measure]:
    """What a sentence measures otherwise than the reference."""
    for about, found, noun in _MEASURES:
        if not about.search(text):
            continue
        here = found(text)
        there, evidence = _held(text, ref, about, found)
        if here and there and not here & there:
            yield Measure(noun, evidence, about is _MAO and max(here) * 2 < min(there))


_THESE = re.compile(r"\W*(?:these|they|such|those|both|at\s+least|allow|wait)\b", re.I)


def _held(
    text: str, ref: Reference, about: re.Pattern[str], found: Callable[[str], frozenset[Decimal]]
) -> tuple[frozenset[Decimal], Evidence | None]:
    """What the reference holds of a measure: in its tapers, or in its contraindications, where the page speaks of those.

    A length of treatment is held only to a reference that limits it.
    """
    if about is _LASTING:
        limiting = [
            e
            for e in ref.sentences
            if _WEEKS.search(e.quote)
            and _BRIEF.search(e.quote)
            and not _NOT_KNOWN.search(e.quote)
            and about.search(e.quote)
            and found(e.quote)
        ]
        named = {
            n
            for e in ref.sentences
            if re.search(r"\b(?:use|treat|therapy|cours)", e.quote, re.I)
            for n in lengths(e.quote)
        }
        named |= {n for e in limiting for n in lengths(e.quote)}
        return (frozenset(named), limiting[0]) if limiting else (frozenset(), None)
    pool: tuple[Evidence, ...] = ref.tapers if about is _COMING_OFF else ()
    if about is _KIDNEYS and _NEVER.search(text):
        pool = tuple(e for e in ref.contraindications if about.search(e.quote))
    if about is _MAO:  # "MAO inhibitors ... These inhibitors must be stopped two weeks before."
        pool = tuple(
            e
            for before, e in pairwise(ref.sentences)
            if about.search(e.quote) or (about.search(before.quote) and _THESE.match(e.quote))
        )
    held = {e: n for e in pool for n in [found(e.quote)] if n}
    if held or about is _COMING_OFF:
        return frozenset[Decimal]().union(*held.values()), next(iter(held), None)
    held_there, evidence = ref.measure(about, found)
    return (held_there | ref.bands, evidence) if about is _KIDNEYS and held_there else (held_there, evidence)
