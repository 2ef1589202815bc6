"""Turns a label's sentences and tables into the maximum doses it states: value, unit, period, for whom, for what.

Knows no medicine by name. Maxima of animals, trials, overdoses, first doses, steps, levels and other medicines are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from posology.labels.extract.passage import Passage, Sentence, names_a_drug, own_words, passage
from posology.labels.record import Block, Label, Place


@frozen
class MaximumDose:
    """One stated maximum. ``per``: "day", "dose", "week", "night", "month", "course", or "" where it is not stated.

    ``value`` and ``unit`` as the label writes them; ``unit`` of a maximum by body weight is "mg/kg".
    ``times_per_day``: of a maximum per dose that also says how often. Empty population or indication: not restricted.
    """

    value: Decimal
    unit: str
    per: str
    population: str
    indication: str
    section_code: str
    quote: str
    passage: Passage
    times_per_day: Decimal | None = None

    @property
    def per_day(self) -> Decimal | None:
        """The most in a day, where it is stated or follows from the times a day."""
        if self.per == "day":
            return self.value
        if self.per == "dose" and self.times_per_day is not None:
            return self.value * self.times_per_day
        return None


_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "sixteen": 16,
}  # fmt: skip
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*[¼½¾]|\d+(?:\.\d+)?|\.\d+)"
_MASS = r"(?:mg|milligrams?|mcg|µg|μg|ug|micrograms?|ng|grams?|gm|g|units?|I\.?U\.?|international\s+units?|mEq|meq|mmol|m[lL]|ML|cc|million\s+units?)"
_COUNT = (
    r"(?:(?:chewable\s+|coated\s+|film-coated\s+|extended-release\s+|[\d.]+[\s-]mg\s+)?"
    r"(?:tablets?|capsules?|caplets?|soft\s?gels?|gel\s?caps?|gel\s?tabs?|liqui-?gels?|liquid\s+gels?|puffs?|inhalations?|actuations?|"
    r"sprays?|patch(?:es)?|lozenges?|drops?|packets?|sachets?|suppositor(?:y|ies)|teaspoon(?:ful)?s?|tsps?|tablespoon(?:ful)?s?|doses|"
    r"applications?|films?|pieces?|pills?|pouch(?:es)?|powders|strips?|troches?|enemas?|sticks?|gumm(?:y|ies)|vials?|ampules?|injections?|syringes?|dosage\s+units))"
)
_BAD_AFTER = r"(?!\s*(?:/|per)\s*(?:m[lL]|dL|L\b|min(?:ute)?|hr\b|h\b|hour|sec|cm|mm|100\s*m))"
_DOSE = re.compile(
    rf"(?<![\w.,/-])(?:(?P<low>{NUMBER})\s*(?:-|–|—|to|or)\s*)?(?P<num>{NUMBER}|\b(?:{'|'.join(_WORDS)})\b)\s*-?\s*"
    rf"(?:\([\w\s]+\)\s*)?(?P<unit>{_MASS}|{_COUNT})(?![A-Za-z])(?P<kg>\s*(?:/|per|of\s+drug\s+per)\s*(?:kg|kilogram|m\s?2|m²|square\s+met(?:er|re)|lb)(?:\s+(?:of\s+)?body\s*-?weight)?|\s+of\s+body\s+weight)?{_BAD_AFTER}",
    re.I,
)
_PER: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rx, re.I))
    for name, rx in (
        ("times", r"(?:(?P<word>once|twice|thrice|one|two|three|four|five|six|\d)\s*(?:or\s+\w+\s+)?(?:times?\s+)?(?:a|per|each|every)?\s*(?:-\s*)?(?:daily|(?<=times )day|/\s*day|(?<=a )day|(?<=per )day|(?<=each )day|(?<=every )day))|\b(?P<latin>q\.?\s?[idh]\.?\s?[ds]\.?|t\.?i\.?d\.?|b\.?i\.?d\.?|q\.?d\.?(?!\w))(?!\w)"),
        ("every", r"\b(?:every|q)\s*(?P<hours>\d+|four|six|eight|twelve)(?:\s*(?:-|–|to)\s*\d+)?\s*(?:hours?|hrs?|h)\b"),
        ("day", r"(?:/|\bper\b|\ba\b|\beach\b|\bin\s+(?:a|any|one)\b|\bin\b|\bwithin\b|\bevery\b|\bover\b|\bduring\b)?\s*(?:a\s+|any\s+|one\s+|single\s+|each\s+)?(?:\b24[\s-]*(?:hours?|hrs?|h)\b(?:[\s-]*period)?|/\s*d(?:ay)?\b|(?<=/)\s*day\b|(?<=per)\s+day\b|(?<=\ba)\s+day\b|(?<=each)\s+day\b|(?<=in one)\s*day\b|(?<=one)\s*day\b|\bdaily\b|\btwenty-?four\s+hours?)"),
        ("week", r"(?:/|\bper|\ba|\beach|\bevery|\bin\s+(?:a|any|one))\s*(?:one\s+|7[\s-]day\s+|single\s+)?(?:week\b|wk\b|7[\s-]?days?\b)|\bweekly\b|\bonce\s+a\s+week\b"),
        ("month", r"(?:/|\bper|\ba|\beach|\bin\s+(?:a|any|one))\s*(?:month\b|30[\s-]?day)|\bmonthly\b"),
        ("night", r"\b(?:per|a|each|at|in\s+(?:one|any|a(?:\s+single)?))\s+(?:bed\s?time|night)\b|\bnightly\b|\bat\s+bedtime\b|\bh\.?s\.?(?=\W|$)"),
        ("dose", r"/\s*dose\b|\beach\b(?=\s*(?:[.,;)]|$))|\bevery\s+other\s+day\b|\bon\s+alternate\s+days\b|\bevery\s+(?:two|three|four|[2-9]|1\d)\s+(?:days|weeks)\b|\bevery\s+(?:48|72)[\s-]*hours\b|\bin\s+(?:a|any)\s+(?:48|72)[\s-]*hours?\b|\b(?:per|as\s+a|in\s+a|in\s+any|each|any(?:\s+one)?|a|in\s+one)\s+(?:single\s+)?(?:dose|administration|injection|application|treatment|infusion)\b|\bat\s+(?:one|any\s+one|a)\s+time\b|\bsingle\s+dose\b|\bper\s+(?:attack|episode|session)\b"),
        ("course", r"\b(?:cumulative|lifetime|per\s+(?:course|cycle)|total\s+course)\b"),
    )
)  # fmt: skip

_BEFORE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(rx, re.I)
    for rx in (
        # maximum ... dose ... AMOUNT; mid words may say which
        r"\b(?:maximum|maximal|max\.?|highest|upper|ceiling)\b(?:[\s,()/-]+(?!effects?\b|benefits?|plasma|tolerated|concentrations?|responses?|duration|times?\b|intervals?|studied|volume|rate\b|infusion|human|heart|serum|period|number|levels?|blood|feasible|therapeutic|activity|exposure|administered|tested|used|increase|increment|change|starting|initial|single-dose\s+study|\d|and\b|but\b)[\w'’/.-]+){0,9}?[\s,()-]*\b(?:doses?|dosages?|amounts?|dosing|daily|limit|intake|quantity|dosage\s+level)\b",
        r"\b(?:doses?|dosages?|daily)\s+(?:maximum|limit)\b",
        r"\b(?:maximum|max\.?)\s*(?:[:=,]|\bof\b|\bis\b|\bbeing\b|\bat\b)?\s*(?:up\s+to\s+)?(?=\(?\s*(?:NUMBER|(?:one|two|three|four|five|six|eight|ten|twelve)\b))",
        r"(?:\b(?:not|never|cannot|without)|n['’]t)\s+(?:to\s+)?(?:generally\s+|usually\s+|ordinarily\s+|normally\s+|routinely\s+)?(?:be\s+)?(?:exceed(?:ed|ing)?|surpass|go\s+(?:above|over|beyond))\b",
        r"\bmaximum\s+(?:in|per|within|over)\s+(?:a\s+|any\s+|one\s+)?(?:24[\s-]*hours?|day|week)\b[^.;]{0,20}?(?:\bis\b|\bof\b|:)",
        r"(?:^|[.;(•]\s*)max(?:imum|\.)?(?:\s+doses?|\s+dosages?)?\s*:\s*(?=[^.;]{3,60}?NUMBER)",
        r"\bno\s+(?:(?!evidence|data|information|experience|studies|reports?|benefit|additional|further|apparent)[\w-]+\s+){0,3}?(?:doses?|dosages?|applications?|injections?)\b[^.;,]{0,50}?\b(?:exceed(?:ed)?|(?:be\s+)?(?:more|greater|larger|higher)\s+than)\b",
        r"\bnot\s+(?:be\s+)?(?:given\s+|used\s+|taken\s+)?in\s+excess\s+of\b",
        r"\b(?:in\s+no\s+case|under\s+no\s+circumstances?|at\s+no\s+time)\b[^.;]{0,60}?\bexceed(?:ed)?\b",
        r"\bby\s+not\s+exceeding\b",
        r"\b(?:doses?|dosages?|total|amount)\b[^.;]{0,60}?\b(?:at\s+or\s+(?:below|under)|(?:kept|keep|stay|remain|held)\s+(?:\w+\s+)?(?:below|under))\b",
        r"\b(?:doses?|dosages?|total|amount)\b[^.;]{0,40}?\b(?:must|should)\s+be\s+(?:less|lower)\s+than\b",
        r"\b(?:but|and|though|although)\s+the\s+maximum\s+recommended\s+(?:is|was)\b",
        r"\bat\s+most\b(?!\s+(?:\w+\s+){0,2}(?:times|weeks|days|hours))",
        r"(?:\b(?:not?|never|cannot)|n['’]t)\s+(?!(?:\w+ly\s+)?(?:requir|need|seem|appear|respond|show|provid|produc|offer|add\b|differ|benefit|tolerat))(?:to\s+)?(?:be\s+)?(?:take|use|give|given|receive|administer(?:ed)?|apply|have|swallow|exceed|ingest|chew|inhale|inject(?:ed)?|wear|prescribed?|increased?|raised?|titrated?)?\s*(?:any\s+)?(?:\w+\s+){0,2}?(?:more|greater|higher|larger|above|beyond|over)\s+(?:than\b)?(?:\s+(?:a|the)\s+(?:total|daily)[\w\s]{0,20}?of)?",
        r"\blimit(?:ed|ing|s)?\b[^.;]{0,40}?\b(?:dose|dosage|intake|to)\b",
        r"\b(?:doses?|dosages?)\s+(?:should|must|is\s+to)\s+be\s+(?:restricted|limited|capped)\b",
        r"\bcapped\s+at\b|\bcap\s+of\b|\bceiling\s+(?:dose|of)\b",
    )
)
_BEFORE = tuple(re.compile(r.pattern.replace("NUMBER", NUMBER), re.I) for r in _BEFORE)
_ABOVE = re.compile(
    r"\b(?:doses?|dosages?|amounts?|quantities)\s+(?:(?!increments?|increases?|steps?|adjust\w*|changes?|escalation)[\w-]+\s+){0,4}?(?:above|over|greater\s+than|higher\s+than|exceeding|in\s+excess\s+of|more\s+than|larger\s+than|beyond|>)\s*|(?:^|[.;:,]\s+|\bthat\s+)(?:(?:the\s+)?(?:use|administration)\s+of\s+|giving\s+|taking\s+)?more\s+than\s+|\bexceeding\s+(?:a\s+(?:total\s+)?(?:daily\s+)?dose\s+of\s+)?",
    re.I,
)
_ABOVE_NOT = re.compile(
    r"\b(?:(?:are|is|be|been|was)\s+not\s+(?:generally\s+|usually\s+|routinely\s+|currently\s+)?(?:recommended|advis\w+|indicated|approved|used|given|administered|exceeded|permitted|allowed|advocated)|"
    r"(?:should|must|may|do|can)\s*(?:not|never)\s+(?:be\s+)?(?:used?|given?|administer\w*|prescribed?|taken?|exceed\w*|recommended)|not\s+(?:be\s+)?(?:given|used|administered|prescribed|recommended|advised)|"
    r"discouraged|(?:should|must)\s+be\s+avoided|\bavoid(?:ed)?\b|contraindicated|never)\b",
    re.I,
)
# Where what is said of doses above an amount ends: "and should not exceed 50 mg" is of another amount.
_ABOVE_ENDS = re.compile(
    rf"\.\s|;\s(?!(?:such|these)\s+dos)|\b(?:and|but)\s+(?:should|must|may)\s+not\s+exceed\s+{NUMBER}", re.I
)
_IS_MAX = re.compile(
    r"^[^.;]{0,70}?(?:\b(?:is|as|was|being|represents|,)\s+|\(\s*)?(?:the\s+|a\s+|which\s+is\s+the\s+)?\b(?:maximum|maximal|highest|upper|max\.?)\b(?!\s+(?:effects?\b|benefits?|plasma|tolerated|concentration|human|response))(?:\s+(?:[\w-]+\s+){0,4}?(?:doses?|dosages?|amounts?|daily|limit)\b|\s+that\s+(?:should|may|can)\s+be\b|\s*\)|\s*$|\s*[,;.])",
    re.I,
)
_BE_EXCEEDED = re.compile(
    r"^[^.;]{0,60}?\b(?:should|must|may|can|is|are|do|to)\s*(?:\w+ly\s+)?(?:not|never)\s+(?:\w+ly\s+)?(?:to\s+)?be\s+(?:exceeded|surpassed)\b|"
    r"^[^.;]{0,60}?\b(?:should|must|may|can|do)\s*(?:not|never)\s+exceed\s+th(?:is|at)\s+(?:amount|dose|dosage|limit)\b",
    re.I,
)
_ANIMAL = re.compile(
    r"\b(?:rats?|mice|mouse|rabbits?|dogs?|monkeys?|hamsters?|animals?|beagles?|guinea\s+pigs?|MRHDs?|MRDHD|RHD|AUC|maximum\s+(?:recommended\s+)?(?:daily\s+|oral\s+|clinical\s+)*human|human\s+(?:daily\s+)?dose|body\s+surface\s+area\s+(?:basis|compar\w+|normali\w+)|on\s+a\s+body\s+surface\s+area)\b",
    re.I,
)
_MULTIPLE = re.compile(
    r"\b(?:times|fold|multiples?)\s+(?:(?:greater|higher|more|than|that|of|at|the|a|usual|recommended)\s+){0,5}$|\btimes\s*$",
    re.I,
)
_HEAD = re.compile(
    r"\b(?:(?P<dose>doses?|dosages?|dosing|amounts?|intake|quantity|totals?|maintenance|applications?)|(?P<other>(?:salt|sodium|fluid|water|alcohol|caffeine|calcium|protein|dietary)\s+intake|increments?|increases?(?!\s+to\b)|"
    r"adjustments?|escalations?|steps?|changes?|reductions?|decrements?|decreases?|titrations?(?!\s+to\b)|rates?|speed|frequency|infusions?|"
    r"concentrations?|levels?|volumes?|temperatures?|durations?|periods?|intervals?|clearance|pressures?|weight|"
    r"BMI|scores?|storage|courses?|time|quotient|ratio|counts?|content|thickness|gap))\b",
    re.I,
)
_FIRST = r"(?:initial|starting|first|test|loading|priming|induction|bolus|booster)"
_FIRST_HEAD = re.compile(rf"\b{_FIRST}\s+(?:(?!maximum\b)[\w-]+\s+){{0,3}}?$", re.I)
_ONE_OF_THEM = re.compile(r"\b(?:each|single|any\s+one|every)\s+(?:\w+\s+)?$", re.I)
_BESIDE = re.compile(
    r"\b(?:at|with|in|for|of|per|on|by|over|under|above|below|within|during|after|than|between|until|regardless\s+of|"
    r"based\s+on|up\s+to)\s+(?:(?:a|an|the|this|that|any|each|same|these|those|all|\d+)\s+)?(?:[\w-]+\s+){0,3}$",
    re.I,
)


def _limits_a_dose(before: str) -> bool:
    """Whether the words before "should not exceed" and its like limit a dose: the noun they belong to decides.

    A rate, a step, a level, an interval, a first dose is none; "in patients with low weight" does not govern the verb.

    >>> _limits_a_dose("When clearance is low, the daily dose should "), _limits_a_dose("Increases in dose should ")
    (True, False)
    """
    clause = re.split(r"[.;]\s|\b(?:but|and\s+then|thereafter|then)\b", before)[-1]
    for head in reversed(list(_HEAD.finditer(clause))):
        lead, after = clause[: head.start()], clause[head.end() :]
        if re.match(r"infusion", head[0], re.I) and _ONE_OF_THEM.search(lead):
            return True
        if head["dose"]:
            inner = re.search(r"(\w+)\s+(?:in|of|between|to)\s+(?:the\s+|each\s+|a\s+)?(?:[\w-]+\s+){0,2}?$", lead)
            above = _HEAD.fullmatch(inner[1]) if inner else None
            return not (above and above["other"]) and not _FIRST_HEAD.search(lead)
        adjacent = not re.search(
            r"\w", re.sub(r"\b(?:of|in|by|is|are|to|at|a|the|that|which|dose|dosing)\b", "", after)
        )
        if re.search(r"[,:]", after) and re.search(r"\w{4}", lead):
            continue
        if adjacent or not _BESIDE.search(lead):
            return False
    return True


_CLAUSE_END = re.compile(r";\s|,\s+but\b")
_FIRST_DOSE = re.compile(
    r"\b(?:initial|starting|first|loading)\s+(?:[\w-]+\s+){0,3}?(?:doses?|dosages?)\b(?!.*\b(?:maximum|increas\w+|titrat\w+|maintenance|total\s+daily|thereafter|then)\b).*$",
    re.I,
)
_COUNTED_TOTAL = re.compile(
    rf"\s*(?:of\s+)?(?:\d+|{'|'.join(_WORDS)})\s+(?:times|doses)\b[^().;]{{0,25}}\([^()]*(?:=|\btotal\s+of|\bor)\s*",
    re.I,
)
"""A maximum that is counted, with its sum in brackets: "a maximum of 8 times a day (20 mg x 8 = 160 mg)"."""
_WAS_RAISED = re.compile(
    r"\b(?:was|were)\s+(?:\w+ly\s+)?(?:increased|titrated|raised|escalated|given|dosed)\s+(?:\w+ly\s+)?(?:up\s+)?to\s+(?:an?\s+|the\s+)?$",
    re.I,
)
_HAS_BEEN_GIVEN = re.compile(
    r"(?:\s*\([^()]*\))?(?:\s*(?:/\s*day|daily|per\s+day|a\s+day))?\s+(?:have|has|had)\s+been\s+(?:\w+ly\s+)?"
    r"(?:administered|given|used|taken|tolerated|reported)\b",
    re.I,
)
_STEP = re.compile(
    r"\b(?:by|increments?\s+of|increased|increase|steps?\s+of|rate\s+of|in)\s+(?:no|not)\s+(?:more|greater)\s+than$|\bby\s+(?:more|greater)\s+than$|\bby\s*$",
    re.I,
)
_TRIAL = re.compile(
    r"\b(?:maximum|highest|max\.?)\s+(?:[\w-]+\s+){0,3}?doses?\s+(?:was|were|studied|evaluated|tested|used|administered|investigated|tolerated|in\s+(?:the|this|these|clinical|controlled|one)\s+(?:[\w-]+\s+){0,2}(?:trial|stud)\w*)|"
    r"\b(?:maximum|maximally|maximal)\s+tolerated\s+dose\s+(?:was|of|is)\b|\bMTD\b|\b(?:trials?|stud(?:y|ies))\s+(?:have\s+)?(?:used|allowed|included|evaluated|tested|gave|employed)\b|\bin\s+(?:clinical|controlled|the|these|this|one|two|an?)\s+(?:[\w-]+\s+){0,4}?(?:trials?|stud(?:y|ies))\b[^.;]{0,80}\b(?:was|were|received)\b|\bsubjects\s+received\b|\bpatients\s+(?:were|received)\b|\bstudy\s+(?:dose|design)\b",
    re.I,
)
_NURSED = re.compile(r"\b(?:exposed|nurs(?:ed|ing)|breast[\s-]?f(?:ed|eeding))\b", re.I)
_AVOID_BEFORE = re.compile(
    r"\b(?:not\s+(?:to\s+)?(?:be\s+)?(?:given|used?|administered|prescribed?|exceed(?:ed)?|recommended|take|taken|give)|avoid(?:ing)?|never\s+(?:use|give|prescribe|take))\s+(?:it\s+|them\s+)?(?:at\s+|in\s+|with\s+)?(?:[\w-]+\s+){0,3}$",
    re.I,
)
_OVERDOSE = re.compile(
    r"\b(?:overdos\w+|ingest(?:ed|ion)|poison\w*|lethal|fatal\w*|toxic\s+dose|survived|suicide)\b", re.I
)
_EXCLUDED = frozenset(
    {
        "34088-5", "43680-8", "34083-6", "34091-9", "34092-7", "34090-1", "43681-6", "43682-4", "43679-0", "34089-3",
        "34084-4", "90374-0", "90375-7", "34077-8", "34078-6", "42228-7", "34079-4", "77290-5", "34080-2", "49489-8", "48780-1",
        "51945-4", "34093-5", "43683-2", "34086-9", "34087-7", "42227-9", "34069-5", "66106-6", "44425-7", "34066-1x",
    }
)  # fmt: skip
DOSING = "34068-7"

_POPULATION = re.compile(
    r"\b(?:(?:in|for|of|to)\s+)?(?P<who>"
    r"(?:(?:most|some|adult|elderly|geriatric|pediatric|paediatric|debilitated|older|younger|female|male|dialysis|hemodialysis|hospitali[sz]ed|institutionali[sz]ed|outpatient|ambulatory)\s+)*(?:patients?\s+|people\s+|those\s+|individuals\s+)?"
    r"(?:adults?|children(?:\s+and\s+adolescents)?|adolescents?|infants?|neonates?|elderly|geriatric(?:\s+patients)?|pediatric(?:\s+patients)?|paediatric(?:\s+patients)?|seniors|"
    r"(?:patients?|people|those|individuals|children|adults|women|men)\s+(?:who\s+are\s+|with\s+(?:a\s+|an\s+)?|aged?\s+|over\s+|under\s+|weighing\s+|less\s+than\s+|greater\s+than\s+|on\s+|taking\s+|receiving\s+|undergoing\s+|\d)(?:[^.;,()]{1,70}))"
    r"(?:\s*(?:,)?\s*(?:aged?\s+)?(?:\d+\s*(?:to|-|–|through)\s*(?:<|under\s+)?\d+|\d+\s*(?:years?|months?|yrs?)?\s*(?:of\s+age\s+)?(?:and|or)\s+(?:over|older|above|up)|(?:over|under|above|below|less\s+than|greater\s+than|older\s+than|younger\s+than|≥|>|<|≤)\s*\d+)(?:\s*(?:years?|months?|yrs?|kg|lbs?)(?:\s+of\s+age)?(?:\s+(?:and|or)\s+(?:over|older|above))?)?)?(?:\s*\([^()]{0,30}\d[^()]{0,20}(?:years?|months?|kg)[^()]{0,20}\))?"
    r"|(?:moderate|severe|mild)(?:ly)?(?:\s+(?:to|or)\s+(?:moderate|severe))?\s+(?:renal|kidney|hepatic|liver)\s+(?:impairment|disease|dysfunction|insufficiency)"
    r"|(?:renal|kidney|hepatic|liver)\s+(?:impairment|disease|dysfunction|insufficiency|failure)"
    r"|(?:creatinine\s+clearance|CrCl|CLcr|eGFR|GFR)\s*[^.;,]{1,40}|(?:hemo)?dialysis"
    r"|(?:CYP\w+)\s+(?:poor\s+metaboli[sz]ers|inhibitors?)|poor\s+metaboli[sz]ers"
    r"|(?:\d+\s*(?:to|-|–)\s*(?:<|under\s+)?\d+\s*(?:years?|months?|yrs?)(?:\s+of\s+age)?)|(?:≥|>|<|≤|over|under|above|below|at\s+least)\s*\d+\s*(?:years?|months?|yrs?|kg)(?:\s+of\s+age)?"
    r"|\d+\s*(?:years?|yrs?|months?)(?:\s+of\s+age)?\s+(?:and|or)\s+(?:over|older|above|under|younger))",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:concomitant\w*|co-?administ\w+|(?:when|if)\s+(?:used|taken|given|combined)\s+(?:concomitantly\s+)?with|in\s+combination\s+with|(?:also\s+)?(?:taking|receiving))\s+[^.;()\[\]]{3,80}",
    re.I,
)
_FOR_USE = re.compile(
    r"\b(?:for|in)\s+(?:the\s+)?(?:treatment|management|prevention|prophylaxis|relief)\s+of\s+(?P<use>[^.;,()]{3,60})|"
    r"\bfor\s+(?P<use2>(?:[a-z-]+\s+){0,3}?(?:disorders?|disease|pain|syndrome|hypertension|angina|epilepsy|seizures?|depression|arthritis|infections?|insomnia|anxiety|neuralgia|migraine|failure|spasticity|asthma|gout|nausea|fibromyalgia|dysmenorrhea|psoriasis|schizophrenia|mania))\b",
    re.I,
)
_GENERIC_TITLE = re.compile(
    r"^(?:[\d.]+\s*)?(?:dos(?:age|es?|ing)(?:\s*(?:&|and)\s*administration)?|administration|general|recommended|usual|important|directions?|how\s+(?:should|to|do)|information|"
    r"initial|maintenance|titration|switching|discontinu|withdraw|missed|monitoring|concomitant|use\s+with|use\s+in|special|specific|warnings?|precautions?|drug\s+interactions?|"
    r"starting|conversion|treatment|testing|preparation|premedication|limitations|patient|medication\s+guide|what|adverse|contraindications|indications|transfer|duration|other|"
    r"individuali|considerations|oral|basic|tablets?|capsules?|.*section$|spl\s+|boxed|highlights|full\s+prescribing)",
    re.I,
)
_GROUP_TITLE = re.compile(
    r"\b(?:adults?|pediatric|paediatric|children|child|adolescents?|infants?|neonat\w+|geriatric|elderly|renal|hepatic|kidney|liver|impairment|dialysis|women|men|metaboli[sz]ers|\d+\s*(?:years|months|kg))\b",
    re.I,
)
_NUMBERED = re.compile(
    r"^(?:\d{1,2}\.\s?\d{1,2}\.?\s+)?(?P<title>(?:[A-Z(][\w'’()/-]*|of|the|and|in|for|with|or|to|on|by|&)(?:\s+(?:[A-Z(][\w'’()/,-]*|of|and|in|for|with|or|to|on|by|&|the)){0,10})\s+(?=(?:The|In|For|A|An|Take|Administer|Initiate|Start|Recommended|Initial|Dosage|When|Because|If|Adults?:|Begin|[A-Z][\w-]+\s+(?:is|are|may|should|tablets|capsules|can|was|has|have))\b)"
)


_PART = {"¼": Decimal("0.25"), "½": Decimal("0.5"), "¾": Decimal("0.75")}


def _value(text: str) -> Decimal:
    if text.lower() in _WORDS:
        return Decimal(_WORDS[text.lower()])
    part = _PART.get(text[-1], Decimal(0))
    whole = text.replace(",", "").rstrip("".join(_PART))
    return Decimal(whole or 0) + part


def _amounts(text: str) -> list[re.Match[str]]:
    """The amounts of a sentence: of "5 mg/kg to 6 mg/kg" the upper end, of "one puff of 50 mcg" what is in it."""
    found = list(_DOSE.finditer(text))
    return [d for i, d in enumerate(found) if i + 1 == len(found) or not _said_better(text, d, found[i + 1])]


def _said_better(text: str, d: re.Match[str], after: re.Match[str]) -> bool:
    """Whether the next amount says the same, or the end that counts."""
    between = text[d.end() : after.start()]
    if re.fullmatch(r"\s*(?:to|-|–|—)\s*", between):
        return unit_name(d["unit"], d["kg"]) == unit_name(after["unit"], after["kg"])
    one = re.fullmatch(r"\s+of\s+", between) and d["num"].lower() in ("1", "one")
    return bool(one) and not re.match(_MASS, d["unit"], re.I) and bool(re.match(_MASS, after["unit"], re.I))


def unit_name(text: str, kg: str | None = None) -> str:
    """The unit as one plain word: "milligrams" is "mg", "micrograms" is "mcg", "tablets" is "tablet".

    >>> unit_name("Micrograms"), unit_name("caplets"), unit_name("mg", "/kg")
    ('mcg', 'caplet', 'mg/kg')
    """
    t = " ".join(text.lower().split())
    t = re.sub(r"^(?:chewable|coated|film-coated|extended-release|[\d.]+[\s-]mg)\s+", "", t)
    if re.fullmatch(r"mg|milligrams?", t):
        t = "mg"
    elif re.fullmatch(r"mcg|µg|μg|ug|micrograms?", t):
        t = "mcg"
    elif re.fullmatch(r"g|gm|grams?", t):
        t = "g"
    elif re.fullmatch(r"ml|cc", t):
        t = "mL"
    elif re.fullmatch(r"i\.?u\.?|international units?|units?", t):
        t = "unit"
    elif t == "meq":
        t = "mEq"
    elif t in ("patches", "pouches"):
        t = t[:-2]
    elif t in ("suppositories", "gummies"):
        t = t[:-3] + "y"
    elif re.fullmatch(r"(?:teaspoon|tablespoon)(?:ful)?s?", t):
        t = re.sub(r"(?:ful)?s?$", "", t)
    elif t.startswith(("soft", "gel", "liqui")):
        t = re.sub(r"\s", "", t).removesuffix("s")
    elif t.endswith("s") and t not in ("g", "gas"):
        t = t[:-1]
    if kg:
        return f"{t}/m2" if re.search(r"m\s?2|m²|square", kg) else f"{t}/lb" if "lb" in kg else f"{t}/kg"
    return t


_A_TIME = re.compile(
    rf"\s*(?:a\s+total\s+of\s+|about\s+|approximately\s+)?(?:{NUMBER}|{'|'.join(_WORDS)})(?:\s*(?:to|-|–|or)\s*\w+)?[\s-]*"
    r"(?:consecutive\s+)?(?:days?|weeks?|months?|years?|hours?|minutes?|times|cycles?|courses?|%|percent|mm\s?Hg|°)",
    re.I,
)
_TIMES = {
    "once": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "twelve": 12,
}  # fmt: skip


def period(text: str) -> tuple[str, Decimal | None]:
    """The period words right after an amount say, and how many times a day, where they say it.

    >>> period(" mg twice daily"), period("/day"), period(" in 24 hours"), period(" per week"), period(" of water")
    (('dose', Decimal('2')), ('day', None), ('day', None), ('week', None), ('', None))
    """
    best: tuple[int, str, Decimal | None] | None = None
    for name, rx in _PER:
        m = rx.search(text)
        if not m:
            continue
        found, times = name, None
        if name == "times":
            word, latin = m["word"], m["latin"]
            if latin:
                key = re.sub(r"[\s.]", "", latin.lower())
                count = {"qid": 4, "tid": 3, "bid": 2, "qd": 1, "qds": 4}.get(key)
                if count is None:
                    continue
            else:
                count = _TIMES.get(word.lower()) if not word.isdigit() else int(word)
                if not count:
                    continue
            found, times = ("day", None) if count == 1 else ("dose", Decimal(count))
        elif name == "every":
            hours = _TIMES.get(m["hours"].lower()) if not m["hours"].isdigit() else int(m["hours"])
            if not hours:
                continue
            if hours == 24:
                found, times = "day", None
            else:
                found, times = "dose", (Decimal(24) / Decimal(hours) if hours < 24 else None)
        key_at = m.start() - (1 if name in ("times", "every") else 0)
        if best is None or key_at < best[0]:
            best = (key_at, found, times)
    return (best[1], best[2]) if best else ("", None)


_OTHER_THOUGHT = re.compile(
    r"\b(?:initial\w*|start\w*|increas\w+|increment\w*|given|administered|divided|may\b|should|recommended|tablets?|every|reduc\w+|minimum|followed|then|twice|once|usual|maintenance|from|strength|as(?!\s+a\s+single)|range\w*|between|doses?\s+of|where|taken|with)\b",
    re.I,
)
_PEOPLE_BETWEEN = re.compile(
    r"^\s*(?:/\s*day|daily|per\s+day|once\s+daily|twice\s+daily|a\s+day)?\s*(?:in|for)\s+[^.;]{3,60}?(?:,|\band\b)\s*(?:and\s+)?$",
    re.I,
)


_TIMES_A_WEEK = re.compile(
    r"\b(?:twice|thrice|(?:two|three|four|[2-6])\s+times)\s+(?:a|per|each|every)?\s*week(?:ly)?\b", re.I
)
_AS_FIRST = re.compile(
    r"[^,;]{0,30}?\b(?:initially|to\s+(?:start|begin)|as\s+(?:an?|the)\s+(?:initial|start|starting|first|loading)|for\s+the\s+first\s+dose)\b",
    re.I,
)
_COUNTED = re.compile(
    rf"\bnumber\s+of\s+(?P<unit>{_COUNT})\b[^.;]{{0,40}}?\bnot\s+(?:to\s+)?exceed\s+(?P<kg>)(?P<num>{NUMBER}|{'|'.join(_WORDS)})\b(?!\s*(?:mg|mcg|g)\b)",
    re.I,
)


_CUE = re.compile(
    r"at most|be less than|be lower than|or below|or under|kept|keep|stay|maxim|max\b|exceed|more than|greater than|higher than|above|limit|highest|excess|larger|restrict|beyond|over|surpass|cap\b|capped|ceiling|upper",
    re.I,
)


_INTERACTIONS = "34073-7"
_OF_THE_LATTER = re.compile(
    r"\bdos(?:e|age)s?\s+of\s+the\s+(?:latter|other\s+(?:drug|agent|medicine|medication))\b[^.;,]{0,60}$", re.I
)
_OWNERS = (
    re.compile(r"\b(?P<name>[A-Za-z][\w-]{3,})\s+$"),  # "a dose comparable to B 40 mg"
    re.compile(r"\b(?:doses?|dosages?)\s+of\s+(?:the\s+)?(?P<name>[A-Za-z][\w-]{3,})[^.;,]{0,60}$", re.I),
    re.compile(r"\b(?P<name>[A-Za-z][\w-]{3,})\s+(?:dose|dosage)\s+(?:[\w-]+\s+){0,6}$", re.I),
    re.compile(
        r"\b(?P<name>[A-Za-z][\w-]{3,})\s+(?:should|must|may|can)\s+(?:\w+\s+){0,4}(?:not\s+)?(?:exceed|limited\s+to|more\s+than)\s+(?:\w+\s+){0,3}$",
        re.I,
    ),
)
_TAKEN_TOO = re.compile(
    r"\b(?:with|taking|receiving|on|by|of|like|as|and|or|plus)\s+(?:a\s+|an\s+|the\s+|other\s+|strong\s+|potent\s+)*[\w-]+(?:\s*(?:,|and|or|plus)\s+[\w-]+)*",
    re.I,
)
_PER_SITE = re.compile(
    r"\s*(?:per|at|in|into)\s+(?:a|an|any|one|each)?\s*(?:single\s+|one\s+)?(?:injection\s+)?(?:sites?|lesion|muscle)\b",
    re.I,
)
_OF_ONE_DOSE = re.compile(
    r"\b(?:(?:single|individual|each)\s+(?:[\w-]+\s+){0,2}(?:dos(?:e|age)|injection|infusion|application)s?|"
    r"(?:each|one|single)\s+(?:attack|episode|session|procedure))\b[^.;]{0,140}\bexceed(?:ed)?\s+$",
    re.I,
)
_EACH_DOSE = re.compile(r"(?:/\s*|\bper\s+)dose\b(?:(?!\bdaily\b|\bday\b)[^.;])*\(\s*max[^()]*$", re.I)
_WITH_PARTNER = re.compile(r"\s*(?:plus|and|with)\s+((?:[A-Za-z][\w-]*\s+){1,3})")
_ENOUGH = re.compile(
    r"(?<!should be )(?<!must be )\b(?:seen|achieved|obtained|controlled|respond\w*|maintained|managed|reached)\b[^.;]{0,20}\b(?:with|to|on|at)\s+(?:no|not)\s+more\s+than\s+$",
    re.I,
)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z][a-z-]{3,}", text.lower())


class _Finder:
    def __init__(self, label_names: frozenset[str]) -> None:
        self.names = label_names
        self.found: list[MaximumDose] = []

    # -- one sentence ---------------------------------------------------------------------------------------------

    def sentence(self, s: Sentence, context: str, indication: str, population: str) -> list[MaximumDose]:
        text = s.text
        if _ANIMAL.search(text) or _NURSED.search(text):
            return []
        counted = _COUNTED.search(text)
        if counted:
            made = self._make(s, text, [counted], 0, counted[0], context, indication, population)
            return [made] if made is not None else []
        doses = _amounts(text)
        if not doses:
            return []
        taken: dict[int, str] = {}
        for rx in _BEFORE:
            for cue in rx.finditer(text):
                self._after_cue(text, cue, doses, taken)
        for cue in _ABOVE.finditer(text):
            i = next(
                (
                    k
                    for k, d in enumerate(doses)
                    if 0 <= d.start() - cue.end() <= 6
                    or (d.start() > cue.end() and self._own(text[cue.end() : d.start()]))
                ),
                None,
            )
            forbidden = i is not None and (
                _AVOID_BEFORE.search(text[: cue.start()])
                or _ABOVE_NOT.search(_ABOVE_ENDS.split(text[doses[i].end() :])[0][:220])
            )
            if (
                i is not None
                and forbidden
                and _limits_a_dose(text[: cue.start()])
                and not _FIRST_HEAD.search(text[: cue.start()])
            ):
                taken.setdefault(i, cue[0])
                self._chain(text, doses, i, taken, cue[0])
        for i, d in enumerate(doses):
            tail = text[d.end() : doses[i + 1].start() if i + 1 < len(doses) else len(text)]
            if i in taken:
                continue
            if _BE_EXCEEDED.search(tail) and _limits_a_dose(text[: d.start()]):
                taken[i] = tail
            m = _IS_MAX.search(tail)
            if (
                m
                and not re.match(r"\s*(?:of|is|:|=|should|\d)", tail[m.end() :])
                and (i + 1 == len(doses) or m.end() < len(tail.rstrip()))
                and not re.search(
                    r"\b(?:and|but|with|to|up|until|unless|increas\w+|titrat\w+|not|every|then|may|followed|before|after|adjust\w*)\b",
                    m[0],
                    re.I,
                )
            ):
                taken[i] = m[0]
        if len(doses) > 4 and re.match(r"\s*Table\s+\d", text):
            return []  # a table run together; its rows are read as rows
        for i in list(taken):
            if i + 1 < len(doses) and (
                period(_trim(text[doses[i].end() : doses[i + 1].start()]))[1] is not None
                or not re.match(_MASS, doses[i]["unit"], re.I)
                or re.search(r"\bfor\s+a\s+total\s+of\s+$", text[doses[i].end() : doses[i + 1].start()])
            ):
                total = text[doses[i].end() : doses[i + 1].start()]
                if re.search(
                    r"\bfor\s+a\s+total\s+of\s+$|\(\s*(?:i\.?e\.?,?\s*|total\s+(?:of\s+)?|=\s*)?(?:total\s+(?:daily\s+)?dose\s*(?:of|:|=|,)?\s*)?$",
                    total,
                ) and re.match(
                    r"\s*(?:/\s*day|per\s+(?:day|week)|daily|weekly|a\s+(?:day|week)|total)", text[doses[i + 1].end() :]
                ):
                    taken.setdefault(i + 1, taken[i])
                elif (
                    re.search(r"\(\s*$", total)
                    and re.match(r"\s*\)", text[doses[i + 1].end() :])
                    and not re.match(_MASS, doses[i]["unit"], re.I)
                ):
                    taken.setdefault(i + 1, taken[i])  # "3 doses in 24 hours (15 mg)"
        out: list[MaximumDose] = []
        trial = _TRIAL.search(text)
        if trial and not re.search(
            r"\b(?:should|must|do)\s+not\b|not\s+to\s+exceed|recommended\s+(?:maximum|daily)|maximum\s+recommended|not\s+recommended",
            text,
            re.I,
        ):
            return []
        if _OVERDOSE.search(text) and not re.search(r"\b(?:do|should|must)\s+not\b|maximum", text, re.I):
            return []
        for i in sorted(taken):
            made = self._make(s, text, doses, i, taken[i], context, indication, population)
            if made is not None:
                out.append(made)
        return out

    def _after_cue(self, text: str, cue: re.Match[str], doses: list[re.Match[str]], taken: dict[int, str]) -> None:
        before = text[: cue.start()]
        named = re.match(r"\W*(?:max|highest|upper|ceiling|cap)", cue[0], re.I)
        if (
            _MULTIPLE.search(before)
            or (named and _WAS_RAISED.search(before))
            or (not named and not _limits_a_dose(before))
            or _STEP.search(before + cue[0])
            or _STEP.search(before.rstrip())
        ):
            return
        if re.match(r"\W*(?:not|never|n['’]t|no\b|by|without)", cue[0], re.I) and _FIRST_DOSE.search(
            _CLAUSE_END.split(before)[-1]
        ):
            return
        if re.search(r"\b(?:started|begun|begin|initiated|start)\s+(?:on|at|with)\s+(?:[\w-]+\s+){0,6}$", before, re.I):
            return
        if re.search(
            r"\bif\s+[^.,;]{0,40}$|\bwhen\s+[^.,;]{0,25}$|\bto\s+reach\s+[^.,;]{0,10}$", before, re.I
        ) and re.match(r"exceed", cue[0], re.I):
            return
        total = named and next(
            (k for k, d in enumerate(doses) if _COUNTED_TOTAL.fullmatch(text[cue.end() : d.start()])), None
        )
        if isinstance(total, int):
            taken.setdefault(total, cue[0])
            return
        i = next((k for k, d in enumerate(doses) if d.start() >= cue.end() - 1), None)
        if i is None:
            return
        if named and _HAS_BEEN_GIVEN.match(text[doses[i].end() :]):
            return
        between = text[cue.end() : doses[i].start()]
        if len(between) > (190 if re.search(r"\b(?:is|are|of|be|to|:)\s*(?:a\s+total\s+of\s+)?$", between) else 95):
            return
        if ";" in between or re.search(
            r"\btimes\b(?!\s+(?:a|per)\s+day)|\bintervals?\b|\bevery\b|\bincrements?\b|\bstart\w*\b|\binitial\w*\b|\bstrength|\bpackage|\bcontain\w*|\bfollowed\b|\bwithin\s+\d|(?<!24 )(?<!24-)\bhours\b|\bthan\s+(?:that|those)\b|\btaking\b|\bminimum\b|\bgiven\s+(?:as|in(?!\s+(?:24|a\s+day|one\s+day|any)))\b|\bsmallest\b|\blowest\b|\beffective\s+amount|\btolerated\b|\bincrease[sd]?\b|\bdivided\b",
            between,
            re.I,
        ):
            return
        if re.search(r"\b(?:smallest|lowest|minimum)\b(?:(?!\band\b)[^.;]){0,40}$", before, re.I):
            return
        if not named and (
            _A_TIME.match(between)
            or re.search(r"\b(?:take|give|apply|use|chew|ask|recommended\s+dos(?:e|age)\s+adults)\b", between, re.I)
        ):
            return
        if re.search(r"more|greater|higher|larger|above", cue[0], re.I) and len(between) > 30:
            return
        if re.match(r"limit", cue[0], re.I) and not re.search(
            r"dos(?:e|age|ing)|\bmg\b|daily|maximum", text[max(0, cue.start() - 60) : doses[i].end() + 30], re.I
        ):
            return
        taken.setdefault(i, cue[0] + between)
        self._chain(text, doses, i, taken, cue[0] + between)

    def _chain(self, text: str, doses: list[re.Match[str]], i: int, taken: dict[int, str], cue: str) -> None:
        """Amounts coordinated with the first: "40 mg in adults and 20 mg in children", "3 mg/kg or 200 mg"."""
        for k in range(i + 1, len(doses)):
            between = text[doses[k - 1].end() : doses[k].start()]
            if "lb" in (doses[k]["kg"] or "") and re.search(r"\(\s*$", between):
                continue  # "4.5 mg/kg (2 mg/lb)" says it twice
            if len(between) > 110 or (
                ";" in between
                and not re.search(
                    r";\s*(?:and\s+)?(?:[\w-]+\s+){0,3}?(?:adults|children|adolescents|elderly|patients|pediatric)[\w\s]{0,30}[,:]?\s*$",
                    between,
                )
            ):
                return
            if not re.search(r"(?:\band\b|\bor\b|\bup\s+to\b|\(|,|;)(?:[^,;]{0,70})$", between):
                return
            parallel = (
                _PEOPLE_BETWEEN.match(between) and re.match(r"[^.;,]{0,25}?\bfor\s", text[doses[k].end() :])
            ) or re.fullmatch(
                r"\s*with(?:out)?\s+[^,;]{3,40}\band\s+|\s*,?\s*(?:and|or|but)\s+with(?:out)?\s+[^,;]{2,40}", between
            )
            fresh = _OTHER_THOUGHT.search(between) and not re.search(r"\band\s+(?:a\s+)?(?:maximum|max)", between, re.I)
            if fresh and not (_PEOPLE_BETWEEN.match(between) or parallel):
                return
            if between.count("(") > between.count(")") and not re.search(r"\(\s*(?:or|up\s+to|max)", between, re.I):
                return
            people = _POPULATION.search(between) or _POPULATION.match(
                text[doses[k].end() : doses[k].end() + 60].lstrip(" /daypermg")
            )
            alternative = re.fullmatch(
                r"\)?(?:\s*(?:[a-z]+\s+){0,2}?(?:/\s*day|daily|per\s+day|a\s+day|of\s+body\s+weight|as\s+a\s+single\s+dose|per\s+dose|at\s+(?:one|a)\s+time|in\s+a\s+single\s+dose))?\s*(?:,)?\s*\(?\s*(?:or|up\s+to|and\s+not\s+more\s+than)\s+(?:a\s+(?:maximum|total)\s+of\s+|up\s+to\s+)?",
                between,
                re.I,
            )
            if (
                re.search(r"\bor\s+$", between) and len(between) < 40
            ):  # "more than 1 dose for an attack or 3 sprays in 24 hours"
                alternative = alternative or re.match(
                    r"\s*(?:in\s+(?:any\s+|a\s+)?24|per\s+day|a\s+day|daily|/\s*day)", text[doses[k].end() :]
                )
            same_kind = doses[k]["unit"].lower() == doses[k - 1]["unit"].lower()
            partner = re.fullmatch(r"\s*(?:daily\s+)?(?:and|plus)\s+(.+)", between)  # each ingredient has its limit
            by_day = re.search(r"^[^,;]{0,40}\bfirst\s+(?:day|week)\b[^,;]{0,20}\band\s+$", between, re.I)
            other_use = re.search(r"\band\s+for\s+(?:[\w-]+\s+){1,5}$", between, re.I)
            if (
                not people
                and not alternative
                and not other_use
                and not by_day
                and not parallel
                and not (partner and self._own(partner[1]))
                and not (same_kind and re.search(r"respectively|whichever", text[doses[k].end() :], re.I))
            ):
                return
            taken.setdefault(k, cue)

    def _make(
        self,
        s: Sentence,
        text: str,
        doses: list[re.Match[str]],
        i: int,
        cue: str,
        context: str,
        indication: str,
        population: str,
    ) -> MaximumDose | None:
        d = doses[i]
        end = doses[i + 1].start() if i + 1 < len(doses) else len(text)
        tail = text[d.end() : end]
        near = re.split(r"[;.]\s|\(|\band\s+(?:the|a|be|should|may|is|are|given|repeat\w*|maxim\w+)\b", tail)[0][:70]
        if re.match(r"\s*(?:increments?|steps?|intervals?)", tail, re.I):
            return None
        if _AS_FIRST.match(near):
            return None
        unit = unit_name(d["unit"], d["kg"])
        of = re.match(
            r"\s*(?:(?:daily|per\s+day|a\s+day|/\s*day)\s+)?(?:doses?\s+)?of\s+(?:the\s+)?([A-Za-z][\w-]{5,})", near
        )
        if of and self._foreign(of[1]):
            return None
        limited = re.search(
            r"\b[Ll]imit(?:ed|ing|s)?\s+(?:the\s+)?(?:(?:total\s+)?(?:daily\s+)?(?:dose|dosage)\s+of\s+)?([a-z][\w-]{5,})(?:\s+(?:dose|dosage))?\s+to\s*$",
            text[: d.start()],
        )
        if limited and self._foreign(limited[1]):
            return None
        other = re.match(
            r"\s*(?:of\s+(?:the\s+)?|/)?(?P<name>[A-Za-z][\w-]{3,})(?:\s+(?:daily|per|a\s+day|/day|in\s+24))?", near
        )
        if other and self._foreign(other["name"]):
            return None
        before = text[: d.start()]
        if self._of_another(s, before, text):
            return None
        if _PER_SITE.match(tail) or _ENOUGH.search(before):
            return None
        per, times = period(_trim(near))
        bracket = re.match(r"\s*\([^)]*\)", text[d.end() :])
        if per == "" and bracket:
            per, times = period(_trim(text[d.end() + bracket.end() :][:50]))
        partner = _WITH_PARTNER.fullmatch(tail)
        if per == "" and i + 1 < len(doses) and partner and all(map(self._medicine, _words(partner[1]))):
            after = text[doses[i + 1].end() :]  # "700 mg plus B 100 mg twice daily": the times are those of both
            per, times = period(_trim(re.split(r"[;.(]\s", after)[0][:40]))
        if per == "week" and _TIMES_A_WEEK.search(near):
            per = "dose"  # "20 mcg three times a week": the amount is one dose
        lead = f"{cue} {before[-60:]}"
        if unit in ("mL",) and per == "" and not re.search(r"daily|dose|24", lead, re.I):
            return None
        if per == "":
            per = _period_of_cue(lead, cue)
        if per == "" and (_OF_ONE_DOSE.search(re.sub(r"\([^()]*\)", " ", before)) or _EACH_DOSE.search(before)):
            per = "dose"
        if per == "" and d["unit"].lower() in (
            "injection",
            "injections",
            "vial",
            "vials",
            "application",
            "applications",
        ):
            return None
        if per == "":
            rest = text[d.end() : min(end, d.end() + 160)]
            per, times = (
                period(_trim(rest))
                if re.search(
                    r"\bdaily\b|/day|per\s+day|a\s+day|(?:one|24[\s-]hours?)[\s-]+(?:day|period)",
                    rest,
                    re.I,
                )
                else ("", None)
            )
            if per == "" and re.search(r"\bin\s+any\s+one\s+day\b|\bin\s+(?:a|any)\s+24[\s-]hour", rest, re.I):
                per = "day"
            if per == "" and re.search(
                r"\bevery\s+(?:48|72)[\s-]*hours|\bevery\s+other\s+day", text[d.end() : end], re.I
            ):
                per = "dose"
            times = None if per == "day" else times
        if per == "" and re.search(r"\b(?:daily|per\s+day|a\s+day|/\s*day|24\s+hours)\b", before + " " + context, re.I):
            per = "day"
        if per == "":
            counts = re.search(r"tablet|capsule|caplet|gel|dose", unit)
            if counts and not re.search(r"maxim|exceed|dose|recommended", text, re.I):
                return None
        value = _value(d["num"])
        inner = re.match(r"([\d.]+)[\s-](mg)\s", d["unit"])
        if inner and value == 1:  # "one 5-mg tablet" is 5 mg
            value, unit = Decimal(inner[1]), "mg"
        people = self._people(text, doses, i) or population
        use = indication
        m = _FOR_USE.search(text)
        if m:
            use = " ".join((m["use"] or m["use2"] or "").split()) or indication
        return MaximumDose(
            value=value,
            unit=unit,
            per=per,
            population=people,
            indication=use,
            section_code=s.passage.section_code,
            quote=text,
            passage=s.passage,
            times_per_day=times,
        )

    def _of_another(self, s: Sentence, before: str, text: str) -> bool:
        """Whether the amount after some words is a dose of another medicine: "the dose of X", "X should not exceed"."""
        if _OF_THE_LATTER.search(before):
            return True
        owners = [m["name"] for rx in _OWNERS for m in rx.finditer(before)]
        if any(self._foreign(w) for w in owners):
            return True
        own = _words(re.sub(r"\b(?:with|taking|receiving)\s+(?:the\s+)?[\w-]+", " ", text, flags=re.I))
        if _INTERACTIONS not in s.place.codes or any(w in self.names for w in own):
            return False
        # among interactions a sentence that names only the other medicine speaks of that one's dose, unless it is taken "with" it
        return any(names_a_drug(w) for w in _words(_TAKEN_TOO.sub(" ", before)))

    def _own(self, words: str) -> bool:
        """Whether some words are nothing but the label's own names ("higher than examplone 80 mg")."""
        named = re.findall(r"[a-z][\w-]*", words.lower())
        return 0 < len(named) <= 3 and self.names.issuperset(named)

    def _medicine(self, word: str) -> bool:
        """Whether a lower-case word names the label's medicine or another."""
        return word in self.names or names_a_drug(word)

    def _foreign(self, word: str) -> bool:
        """Whether a word names another medicine than the label's."""
        w = word.lower()
        if w in self.names or any(p in self.names for p in w.split("-")):
            return False
        return names_a_drug(w)

    def _people(self, text: str, doses: list[re.Match[str]], i: int) -> str:
        d = doses[i]
        end = doses[i + 1].start() if i + 1 < len(doses) else len(text)
        text = _REFERENCE.sub(lambda m: " " * len(m[0]), text)
        after = text[d.end() : end][:130]
        cond = _CONDITION.search(after)
        found = [
            m["who"]
            for m in _POPULATION.finditer(after)
            if re.match(r"(?:in|for|of|to)\b", m[0], re.I) or re.search(r"[(;,]\s*$|^\s*$", after[: m.start()])
        ]
        if re.search(r"\b(?:ask|under)\b", " ".join(found)) and not re.match(r"\W*(?:in|for)\b", after):
            found = []
        if not found:
            start = doses[i - 1].end() if i else 0
            before = text[start : d.start()]
            found = [m["who"] for m in _POPULATION.finditer(before)]
            cond = cond or _CONDITION.search(before)
            if not found:
                lead = re.sub(r"\bas\s+(?:with|in|for)\s+\w+", "", text[: d.start()], flags=re.I)
                found = [m["who"] for m in _POPULATION.finditer(lead)]
        out = [" ".join(f.split()) for f in found]
        if cond and not any(cond[0] in f or f in cond[0] for f in out):
            out.append(" ".join(cond[0].split()))
        return _joined(out)


_REFERENCE = re.compile(r"[(\[]\s*(?:see|refer\s+to)\b[^()\[\]]*(?:\([^()]*\)[^()\[\]]*)*[)\]]", re.I)
_RUN_ON = re.compile(
    r"(?<=[a-z\d]) (?=(?:The|This|These|It|If|In|For|Recommended|Dosage|Doses?|Use|When|Patients|Start|Initial)\b)"
)


def _joined(groups: Iterable[str]) -> str:
    """Groups of people as one text, each once; as many as fit."""
    out = ""
    for g in groups:
        g = _RUN_ON.split(g)[0].strip(" ,;:.-")
        if not g or _norm(g) in (_norm(o) for o in out.split("; ")):
            continue
        if len(out) + len(g) > 158:
            break
        out = f"{out}; {g}" if out else g
    return out


def _group(title: str) -> str:
    """The people a heading speaks of: the heading, or where it says more, the words in it that name them."""
    found = _POPULATION.search(title)
    if found and (
        len(title) > 60 or not _norm(title).startswith(_norm(found["who"])) or len(found["who"]) * 2 < len(title)
    ):
        return " ".join(found["who"].split())
    return title


def _trim(text: str) -> str:
    """The words right after an amount that may say its period, up to the first comma that starts another thought."""
    return re.split(r",\s*(?!(?:given|taken|administered|daily|per|in\s+24|once|twice|as))", text)[0]


def _period_of_cue(lead: str, cue: str) -> str:
    if re.search(r"\b(?:weekly|week)\b", cue, re.I):
        return "week"
    if re.search(r"\bmonthly\b", cue, re.I):
        return "month"
    if re.search(
        r"\b(?:single|each|per|individual|one|unit)\s+(?:[\w-]+\s+)?(?:dose|dosage|injection|administration|application)\b|\bper\s+dose\b|\bsingle\b",
        cue,
        re.I,
    ):
        return "dose"
    if re.search(r"\ba\s+dose\s+(?:of\s+)?(?:more|greater|higher|larger)", lead, re.I):
        return "dose"
    if re.search(r"\b(?:daily|per\s+day|24[\s-]*h(?:ou)?rs?|a\s+day)\b", cue, re.I):
        return "day"
    if re.search(r"\bcumulative|\blifetime\b|\b(?:over|during|per)\s+(?:the|a)\s+course\b", lead, re.I):
        return "course"
    if re.search(r"\b(?:daily|per\s+day|24[\s-]*h(?:ou)?r|a\s+day)\b[^.;]{0,45}$", lead, re.I):
        return "day"
    if re.search(
        r"\b(?:single|individual)\s+(?:[\w-]+\s+)?(?:dos(?:e|age)|application)s?\b[^.;]{0,45}$|\bat\s+(?:one|any\s+one)\s+time\b",
        lead,
        re.I,
    ):
        return "dose"
    if re.search(r"\bweekly\b[^.;]{0,45}$", lead, re.I):
        return "week"
    return ""


def _headings(place: Place) -> tuple[str, str]:
    """(indication, population) that the titles around a sentence name."""
    use = who = ""
    codes = [s.code for s in place.line]
    for s in place.line:
        title = re.sub(r"^[\d.]+\s*", "", s.title).strip(" :.-")
        if not title or s.code in ("34068-7", "34071-1", "43685-7", "43684-0"):
            continue
        if _GROUP_TITLE.search(title):
            who = _group(title)
            inside = re.search(
                r"^(.*?)\s+(?:in|for)\s+(?:the\s+)?(?:adult|pediatric|children|adolesc|elderly)", title, re.I
            )
            if inside and not _GENERIC_TITLE.match(inside[1]):
                use = inside[1]
        elif not _GENERIC_TITLE.match(title) and DOSING in codes and len(title) < 90:
            use = title
    return use, who


def _run_in(block: Block) -> tuple[str, str]:
    """(indication, population) of a heading inside a block ("2.1 Hypertension The usual ..." or "Adults: ...")."""
    text = block.words
    m = (
        _NUMBERED.match(text)
        if re.match(r"\d{1,2}\.\s?\d", text)
        else re.match(r"(?P<title>[A-Z][\w\s,/()<>≥-]{2,60}?)\s*[:.–]\s", text)
    )
    if not m:
        return "", ""
    title = re.sub(r"^[\d.\s]+", "", m["title"]).strip(" ,:")
    if len(title.split()) > 9 or not title:
        return "", ""
    if _GROUP_TITLE.search(title):
        return "", _group(title)
    if _GENERIC_TITLE.match(title) or (len(title.split()) > 5 and not text[0].isdigit()):
        return "", ""
    return title, ""


def maximum_doses(label: Label, sentences: list[Sentence]) -> tuple[MaximumDose, ...]:
    """Every maximum dose a label states for its own medicine in people, once each; an empty tuple is "not stated"."""
    finder = _Finder(own_words(label))
    found: list[MaximumDose] = []
    last_use: dict[int, tuple[str, str]] = {}
    before: Sentence | None = None
    dosing = " ".join(s.text for s in sentences if DOSING in s.place.codes)
    once = bool(_ONCE.search(dosing)) and not _OFTEN.search(dosing)
    flat = _FlatTables(label)
    for s in sentences:
        if _EXCLUDED & set(s.place.codes) or s.passage.block < 0:
            continue
        key = id(s.place.section)
        if s.block.kind == "heading":
            title = s.block.text
            last_use[key] = (
                ("", title) if _GROUP_TITLE.search(title) else ("" if _GENERIC_TITLE.match(title) else title, "")
            )
        use, who = _headings(s.place)
        run_use, run_who = _run_in(s.block)
        if run_use or run_who:
            last_use[key] = (run_use or last_use.get(key, ("", ""))[0], run_who)
        kept_use, kept_who = last_use.get(key, ("", ""))
        if not _CUE.search(s.text):
            before = s
            continue
        whom = _named_before(s) or _inherited(s, before) or kept_who or who
        if " in " in f" {whom} " and _GROUP_TITLE.search(whom) and not _POPULATION.match(whom):
            tail = re.split(r"\s+(?:in|for)\s+", whom)
            whom = next((t for t in tail if _GROUP_TITLE.search(t)), whom)
        context = s.block.words[: s.passage.start] if len(s.block.words) < 1500 else s.text
        for piece in _outside_tables(s, flat):
            made = finder.sentence(piece, context, kept_use or use, whom)
            found += [evolve(m, per="day") if not m.per and once and m.unit in _MASSES else m for m in made]
        before = s
    found += _tables(label, finder)
    if any(m.unit != "dose" for m in found):
        found = [
            m for m in found if m.unit != "dose"
        ]  # "three doses in 24 hours" beside an amount is how often, not how much
    return _distinct(found)


class _FlatTables:
    """Tables that a source also gives run together in its text (openFDA): where they stand in a block."""

    def __init__(self, label: Label) -> None:
        self.tables: list[list[str]] = []
        self.spans: dict[int, list[tuple[int, int]]] = {}
        for place in label.walk("copy"):
            groups: dict[int, list[str]] = {}
            for b in place.section.blocks:
                if b.kind == "row" and b.group:
                    groups.setdefault(b.group, []).append("".join("".join(c.text for c in b.cells).split()))
            self.tables += [rows for rows in groups.values() if any(_CUE.search(r) for r in rows)]

    def within(self, block: Block) -> list[tuple[int, int]]:
        """The spans of a block's words that are a table run together."""
        if not self.tables:
            return []
        if id(block) not in self.spans:
            words = block.words
            index = [i for i, c in enumerate(words) if not c.isspace()]
            packed = "".join(words.split())
            self.spans[id(block)] = [
                (index[a], index[b - 1] + 1) for rows in self.tables for a, b in _row_run(packed, rows)
            ]
        return self.spans[id(block)]


def _row_run(packed: str, rows: list[str]) -> list[tuple[int, int]]:
    """Where most of a table's rows follow one another in a text without spaces; empty where they do not."""
    first = last = -1
    seen = 0
    for row in rows:
        at = packed.find(row, max(last, 0))
        if not row or at < 0 or (first >= 0 and at - last > 200) or (first < 0 and len(row) < 12):
            continue
        first = at if first < 0 else first
        last = at + len(row)
        seen += len(row)
    return [(first, last)] if first >= 0 and seen * 2 >= sum(map(len, rows)) else []


def _outside_tables(s: Sentence, flat: _FlatTables) -> Iterator[Sentence]:
    """The parts of a sentence that are not a table run together: its rows are read as rows."""
    at = s.passage.start
    for a, b in sorted(flat.within(s.block)):
        if b <= at or a >= s.passage.end:
            continue
        if a > at:
            yield evolve(s, text=s.block.words[at:a].strip())
        at = max(at, b)
    if at == s.passage.start:
        yield s
    elif at < s.passage.end:
        yield evolve(s, text=s.block.words[at : s.passage.end].strip())


_ONCE = re.compile(
    r"\b(?:once\s+(?:a\s+day|daily|per\s+day|each\s+day)|single\s+daily|(?:mg|mcg|g|units?)\s+(?:daily|per\s+day|a\s+day))\b",
    re.I,
)
_OFTEN = re.compile(
    r"\b(?:twice|three\s+times|four\s+times|[234]\s+times|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|every\s+(?:\d+|three|four|six|eight|twelve)\s+(?:to\s+\d+\s+)?hours|"
    r"repeated|hourly|divided\s+doses)\b",
    re.I,
)
"""A label whose medicine is taken once a day, and never more often, states its maximum for the day."""
_MASSES = ("mg", "mcg", "g", "unit", "mL", "mEq", "mg/kg", "mcg/kg")
_RUN_IN = re.compile(
    r"\((?P<a>(?:Adults?|Children|Pediatrics?|Adolescents?|Elderly|Geriatrics?)(?:[^()]{0,40}))\)|"
    r"(?:^|[.:]\s+)(?P<b>(?:Adults?|Children|Pediatric\s+(?:Patients|Use)|Adolescents?|Elderly(?:\s+Patients)?|Geriatric(?:\s+(?:Patients|Use))?|Infants)(?:\s+(?:and|or)\s+\w+)?(?:\s*\([^()]{0,40}\))?)\s*(?::|—|–)",
)


def _named_before(s: Sentence) -> str:
    """The group that the nearest heading inside the same block names ("... (Adults) ...", "Children: ...")."""
    lead = s.block.words[: s.passage.end]
    if len(lead) < 12:
        return ""
    hits = list(_RUN_IN.finditer(lead))
    return " ".join((hits[-1]["a"] or hits[-1]["b"]).split()) if hits else ""


def _inherited(s: Sentence, before: Sentence | None) -> str:
    """ "Dosage should not exceed ..." speaks of the people the sentence before named."""
    if before is None or before.passage.block != s.passage.block or before.place.line != s.place.line:
        return ""
    if len(s.text.split()) > 14 or not re.match(
        r"(?:The\s+)?(?:Dosages?|Doses?|Total|Maximum|It|Do|This|Increases)\b", s.text, re.I
    ):
        return ""
    return _joined(" ".join(m["who"].split()) for m in _POPULATION.finditer(_REFERENCE.sub(" ", before.text)))


def _tables(label: Label, finder: _Finder) -> list[MaximumDose]:
    out: list[MaximumDose] = []
    for place in label.walk("text", "copy"):
        if _EXCLUDED & set(place.codes):
            continue
        groups: dict[int, list[tuple[int, Block]]] = {}
        for i, b in enumerate(place.section.blocks):
            if b.kind == "row" and b.group:
                groups.setdefault(b.group, []).append((i, b))
        for rows in groups.values():
            out += _table(rows, place, finder)
    return out


_MAX_HEAD = re.compile(
    r"\b(?:maximum|max\.?|(?:not\s+to|do\s+not)\s+exceed|highest)\b(?!\s+(?:plasma|concentration|effect|percent|decrease|increase|change|reduction|human))",
    re.I,
)


def _grid(rows: list[tuple[int, Block]]) -> list[list[tuple[str, int]]]:
    """Rows with spanned cells repeated, so that every column lines up: (text, block number)."""
    hang: dict[int, tuple[int, str]] = {}
    out: list[list[tuple[str, int]]] = []
    for i, b in rows:
        line: list[tuple[str, int]] = []
        cells = list(b.cells)
        column = 0
        while cells or column in hang:
            if column in hang:
                left, text = hang[column]
                line.append((text, i))
                if left > 1:
                    hang[column] = (left - 1, text)
                else:
                    del hang[column]
                column += 1
                continue
            c = cells.pop(0)
            for _ in range(c.columns):
                line.append((c.text, i))
                if c.rows > 1:
                    hang[column] = (c.rows - 1, c.text)
                column += 1
        out.append(line)
    return out


def _amount(text: str) -> bool:
    """Whether a cell holds an amount: "6 doses a day" in a heading is none."""
    return any(not d["unit"].lower().startswith("dose") for d in _DOSE.finditer(text))


def _table(rows: list[tuple[int, Block]], place: Place, finder: _Finder) -> list[MaximumDose]:
    grid = _grid(rows)
    whole = " ".join(b.words for _, b in rows)
    if not _MAX_HEAD.search(whole) or _ANIMAL.search(whole):
        return []
    out: list[MaximumDose] = []
    heads: dict[int, str] = {}
    for r, line in enumerate(grid):
        texts = [t for t, _ in line]
        is_head = rows[r][1].head or r == 0 or (r <= 2 and not any(_DOSE.search(t) for t in texts[1:]))
        marks = [c for c, t in enumerate(texts) if _MAX_HEAD.search(t) and len(t) < 90 and not _amount(t)]
        if is_head and marks and (len(texts) > 2 or marks != [0]):
            heads = {c: texts[c] for c in marks if c > 0} or heads
            continue
        if 0 in marks and len(texts) > 1 and grid:  # a row of maxima: its columns are the groups
            for c in range(1, len(texts)):
                group = grid[0][c][0] if c < len(grid[0]) else ""
                out += _cells(texts[c], texts[0], group, line[c][1], rows, place)
            continue
        for c, head in heads.items():
            if c < len(texts):
                out += _cells(texts[c], head, texts[0] if c else "", line[c][1], rows, place)
    return out


def _cells(
    cell: str, head: str, group: str, block: int, rows: list[tuple[int, Block]], place: Place
) -> list[MaximumDose]:
    found: list[MaximumDose] = []
    matches: list[Any] = list(_DOSE.finditer(cell))
    if not matches:
        bare = re.fullmatch(rf"\s*({NUMBER})\s*[a-z*†‡]?\s*", cell)
        shown = re.search(rf"\(?\s*({_MASS})(\s*/\s*kg)?(?:\s*/\s*|\s+per\s+|\s+|\b)", head)
        if not bare or not shown:
            return []
        numbers = [(Decimal(bare[1].replace(",", "")), unit_name(shown[1], shown[2]), "")]
    else:
        numbers = [(_value(m["num"]), unit_name(m["unit"], m["kg"]), cell[m.end() : m.end() + 40]) for m in matches]
    people = bool(_GROUP_TITLE.search(group))
    use, who = _headings(place)
    text = next(b for i, b in rows if i == block).words
    for value, unit, tail in numbers[:2]:
        per, times = period(tail)
        if not per:
            per = period(head)[0] or (
                "day"
                if re.search(r"daily|/\s*day|per\s+day", head, re.I)
                else "dose"
                if re.search(r"single|per\s+dose|each", head, re.I)
                else ""
            )
        found.append(
            MaximumDose(
                value,
                unit,
                per,
                (group if people else who)[:160],
                re.sub(r"\s*\(\s*[\d.,\s]+\)\s*$", "", use if people else group or use)[:160],
                place.section.nearest,
                f"{head}: {text}" if head not in text else text,
                passage(place, block, text, 0, len(text)),
                times,
            )
        )
    return found


def _distinct(found: list[MaximumDose]) -> tuple[MaximumDose, ...]:
    """One entry a fact: what the dosing section says stands; a bare repeat elsewhere adds nothing."""
    periods: dict[tuple[Decimal, str], set[str]] = {}
    for m in found:
        if m.per:
            periods.setdefault((m.value, m.unit), set()).add(m.per)
    # the same amount with one period elsewhere in the label has that period here too
    found = [
        evolve(m, per=next(iter(p))) if not m.per and len(p := periods.get((m.value, m.unit), set())) == 1 else m
        for m in found
    ]
    ranked = sorted(found, key=lambda m: (DOSING not in m.passage.codes, not (m.population or m.indication)))
    kept: list[MaximumDose] = []
    for m in ranked:
        same = [
            k for k in kept if (k.value, k.unit) == (m.value, m.unit) and (k.per == m.per or not m.per or not k.per)
        ]
        if any(_covers(k, m) for k in same):
            if not any(k.per for k in same) and m.per:
                kept = [evolve(k, per=m.per) if k in same else k for k in kept]
            continue
        kept.append(m)
    order = {id(m): i for i, m in enumerate(found)}
    return tuple(sorted(kept, key=lambda m: order.get(id(m), 0)))


def _covers(k: MaximumDose, m: MaximumDose) -> bool:
    """Whether an entry that is kept already says what another says of the same value and period."""
    if DOSING not in m.passage.codes:
        return True
    same_who = not m.population or not k.population or _norm(m.population) == _norm(k.population)
    same_use = not m.indication or not k.indication or _norm(m.indication) == _norm(k.indication)
    return same_who and same_use


def _norm(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()
