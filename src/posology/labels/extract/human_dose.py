"""Turns a sentence that names the highest dose for people beside a figure into that maximum, wherever in a label it stands.

"Twice the maximum recommended human dose (MRHD) of 20 mg/day" measures a dose of animals; what it says of people is their maximum.
The animals' own doses and the multiples are left out. Knows no medicine by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from posology.labels.extract.limit_sentence import Limit, LimitReader
from posology.labels.extract.limit_words import (
    ANIMAL,
    NEAR_ENDS,
    PAIRED,
    amounts_in,
    countable,
    period,
    trimmed,
    unit_name,
    value_of,
)
from posology.labels.extract.scope import POPULATION

_SHORT = r"(?:MRHDD?|MRDHD|MHRDD?|MRHODs?|MROHD|MHDD?|MRPD|MRDD)s?"
_GROUP = r"(?:adults?|children|pa?ediatric|adolescents?|geriatric|elderly)"
_NAMES = r"(?:human|therapeutic|clinical|recommended|approved|label+ed|licensed|prescribed)"
_KIND = rf"(?:{_NAMES}|{_GROUP}|patient|oral|daily|total|single|topical|intravenous|subcutaneous|intramuscular|inhaled|intranasal|nasal|ocular|ophthalmic|dermal|nightly|weekly|monthly|maintenance)"
_CUE = re.compile(
    rf"(?<![\w-])(?:(?-i:{_SHORT})|(?:maximum|maximal|maximally|highest)[\s,-]+(?:{_KIND}[\s,-]+)*?(?:{_NAMES}|{_GROUP})[\s-]+(?:{_KIND}[\s-]+)*(?:dos(?:e|age)s?))(?![\w-])",
    re.I,
)
_OF_PEOPLE = re.compile(rf"(?-i:{_SHORT})|human|therapeutic|clinical|{_GROUP}", re.I)
_ABBREVIATED = rf"(?:\s*[(\[]+\s*(?-i:{_SHORT})\s*[)\]]?)?"
_WHOSE = rf"(?:\s+(?:in|for|to)\s+(?:humans?|man|people|patients|(?:{_GROUP})(?:\s+(?:patients|humans))?)|\s+(?:of|for|in)\s+(?:the\s+)?(?P<name>[A-Za-z][\w-]{{2,}}(?:\s+[A-Za-z][\w-]{{1,}}){{0,3}}?))?"
_GAP = re.compile(
    rf"{_ABBREVIATED}{_WHOSE}{_ABBREVIATED}\s*(?P<mark>[,:;=]|[(\[])?\s*(?P<word>(?:(?:which\s+|that\s+)?(?:is|was|being)|of|or|i\.?e\.?,?|at)\s+)?(?:about\s+|approximately\s+|~\s*)?",
    re.I,
)
_AFTER_COMMA = re.compile(r"\s*(?:(?:/|per)\s*day|daily|a\s+day)?\s*(?:[)\],.;]|$|respectively)", re.I)
_ONLY_A_PERIOD = re.compile(r"\s*(?:/\s*day|(?:once\s+|twice\s+)?daily|per\s+day)?\s*", re.I)
_GIVEN_TO = re.compile(r"[^.;,()\[\]]{0,20}?\b(?:given\s+)?(?=(?:in|for|to)\s)", re.I)
_HINT = re.compile(r"M[RH][DHORP]|aximum|aximal|ighest")


def may_name(text: str) -> bool:
    """Whether a text can name the highest dose for people: all that is looked at of most sentences.

    >>> may_name("The MRHD is 8 mg."), may_name("Take it with food.")
    (True, False)
    """
    return bool(_HINT.search(text))


def human_maxima(text: str, reader: LimitReader, by_size: bool = True, elsewhere: bool = False) -> Iterator[Limit]:
    """The highest doses for people that a sentence gives with their figure.

    ``by_size``: the label doses people by body weight or surface, so that a figure "per kg" is the maximum itself; else such a
    figure is reckoned from it to compare with animals. ``elsewhere``: the sentence stands where a label gives no advice (studies,
    overdoses, animals), so that "the maximum recommended dose" is read here.

    >>> [(str(x.value), x.unit, x.per) for x in human_maxima("3 times the MRHD of 20 mg/day in rats", LimitReader(frozenset()))]
    [('20', 'mg', 'day')]
    """
    doses = amounts_in(text)
    measured = elsewhere or bool(ANIMAL.search(text))
    for cue in _CUE.finditer(text):
        if not (measured or _OF_PEOPLE.search(cue[0])) or reader.of_another_before(text[: cue.start()]):
            continue  # "the maximum recommended dose is 8 mg" outside such comparisons is a plain limit
        i = next((k for k, d in enumerate(doses) if d.start() >= cue.end()), None)
        gap = None if i is None else _GAP.fullmatch(text[cue.end() : doses[i].start()])
        if i is None or gap is None or not (gap["mark"] or gap["word"]):
            yield from _before(text[: cue.start()], doses)
            continue
        if gap["name"] and (reader.of_another(f" of {gap['name']}") or ANIMAL.search(gap["name"])):
            continue
        while True:
            d = doses[i]
            tail = text[d.end() : doses[i + 1].start() if i + 1 < len(doses) else len(text)]
            if _is_figure(d, gap, tail, by_size) and not reader.of_another(tail):
                per, times = period(trimmed(NEAR_ENDS.split(tail)[0][:45]))
                per = per or period(cue[0])[0]
                yield Limit(
                    value_of(d["num"]), unit_name(d["unit"], d["kg"]), per, times, _people(cue[0] + gap[0], tail), ""
                )
            if i + 1 == len(doses) or not PAIRED.fullmatch(tail):
                break
            i += 1


def _before(lead: str, doses: list[re.Match[str]]) -> Iterator[Limit]:
    """The figure right before the words: "the 20 mg maximum recommended human dose"."""
    for d in doses:
        touches = d.end() <= len(lead) and _ONLY_A_PERIOD.fullmatch(lead[d.end() :])
        if touches and not d["kg"] and re.search(r"\b(?:the|a)\s+$", lead[: d.start()]):
            per, times = period(lead[d.end() :])
            yield Limit(value_of(d["num"]), unit_name(d["unit"]), per, times, "", "")


def _is_figure(d: re.Match[str], gap: re.Match[str], tail: str, by_size: bool) -> bool:
    """Whether an amount after the cue is the maximum, and not the animals' dose beside it."""
    if countable(unit_name(d["unit"])):
        return False
    if d["kg"] and (not by_size or not gap["word"]):
        return False  # "3 times the MRHD (27 mg/kg/day, oral)" is the animals'
    inside = len(re.findall(r"[(\[]", gap[0])) > len(re.findall(r"[)\]]", gap[0]))  # "(MRHD, 90 mg once daily)"
    return gap["mark"] != "," or inside or bool(gap["word"]) or bool(_AFTER_COMMA.match(tail))


def _people(cue: str, tail: str) -> str:
    """Whom the maximum is for, by its own words."""
    if given := _GIVEN_TO.match(tail):
        found = POPULATION.match(tail[given.end() :])
        if found:
            return " ".join(found["who"].split())
    own = re.search(rf"\b{_GROUP}\b", cue, re.I)
    return own[0] if own else ""
