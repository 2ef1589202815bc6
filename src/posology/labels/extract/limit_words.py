"""Turns the words around a dose in a label into an amount, a unit and a period, and says whether they set a limit.

Knows no label, no section and no medicine by name: the wordings, and the few lines that read one of them.
"""

from __future__ import annotations

import re
from decimal import Decimal

_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "sixteen": 16,
}  # fmt: skip
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*[¼½¾]|\d+(?:\.\d+)?|\.\d+)"
MASS = r"(?:mg|milligrams?|mcg|µg|μg|ug|micrograms?|ng|grams?|gm|g|units?|I\.?U\.?|international\s+units?|mEq|meq|mmol|m[lL]|ML|cc|million\s+units?)"
_COUNT = (
    r"(?:(?:whole\s+|chewable\s+|coated\s+|film-coated\s+|extended-release\s+|[\d./]+[\s-]mg\s+)?"
    r"(?:tablets?|capsules?|caplets?|soft\s?gels?|gel\s?caps?|gel\s?tabs?|liqui-?gels?|liquid\s+gels?|puffs?|inhalations?|actuations?|"
    r"sprays?|patch(?:es)?|lozenges?|drops?|packets?|sachets?|suppositor(?:y|ies)|dose(?=\s+(?:in\s+(?:a\s+|any\s+|one\s+)?24|per\s+day|a\s+day|daily|every\s+24))|teaspoon(?:ful)?s?|tsps?|tablespoon(?:ful)?s?|doses|"
    r"applications?|films?|pieces?|pills?|pouch(?:es)?|powders|strips?|troches?|enemas?|sticks?|gumm(?:y|ies)|vials?|ampules?|injections?|syringes?|dosage\s+units))"
)
_BAD_AFTER = r"(?!\s*(?:[A-Za-z]{3,12}\s*)?(?:/|per)\s*(?:m[lL]|dL|L\b|min(?:ute)?|hr\b|h\b|hour|sec|cm|mm|100\s*m))"
DOSE = re.compile(
    rf"(?<![\w.,/-])(?:(?P<low>{NUMBER})\s*(?:-|–|—|to|or)\s*)?(?P<num>{NUMBER}|\b(?:{'|'.join(_WORDS)})\b)\s*-?\s*(?:per\s+(?=m?c?g\s*/\s*day))?"
    rf"(?:\([\w\s]+\)\s*)?(?P<unit>{MASS}|{_COUNT})(?![A-Za-z])(?P<kg>\s*(?:/|per|of\s+drug\s+per)\s*(?:kg|kilogram|m\s?2|m²|square\s+met(?:er|re)|lb)(?:\s+(?:of\s+)?body\s*-?weight)?|\s+of\s+body\s+weight)?{_BAD_AFTER}",
    re.I,
)
_PER: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rx, re.I))
    for name, rx in (
        ("times", r"(?:(?P<word>once|twice|thrice|one|two|three|four|five|six|\d)\s*(?:or\s+\w+\s+)?(?:times?\s+)?(?:a|per|each|every)?\s*(?:-\s*)?(?:daily|(?<=times )day|/\s*day|(?<=a )day|(?<=per )day|(?<=each )day|(?<=every )day))|\b(?P<latin>q\.?\s?[idh]\.?\s?[ds]\.?|t\.?i\.?d\.?|b\.?i\.?d\.?|q\.?d\.?(?!\w))(?!\w)"),
        ("every", r"\b(?:every|q)\s*(?P<hours>\d+|four|six|eight|twelve)(?:\s*(?:-|–|to)\s*\d+)?\s*(?:hours?|hrs?|h)\b"),
        ("day", r"(?:/|\bper\b|\ba\b|\beach\b|\bin\s+(?:a|any|one)\b|\bin\b|\bwithin\b|\bevery\b|\bover\b|\bduring\b)?\s*(?:a\s+|any\s+|one\s+|single\s+|each\s+)?(?:\b24[\s-]*(?:hours?|hrs?|h)\b(?:[\s-]*period)?|/\s*d(?:ay)?\b|(?<=/)\s*day\b|(?<=per)\s+day\b|(?<=\ba)\s+day\b|(?<=each)\s+day\b|(?<=every)\s+day\b|(?<=in one)\s*day\b|(?<=one)\s*day\b|\bdaily\b|\btwenty-?four\s+hours?)"),
        ("week", r"(?:/|\bper|\ba|\beach|\bevery|\bin\s+(?:a|any|one))\s*(?:one\s+|7[\s-]day\s+|single\s+)?(?:week\b|wk\b|7[\s-]?days?\b)|\bweekly\b|\bonce\s+a\s+week\b"),
        ("month", r"(?:/|\bper|\ba|\beach|\bin\s+(?:a|any|one))\s*(?:month\b|30[\s-]?day)|\bmonthly\b"),
        ("night", r"\b(?:per|a|each|at|in\s+(?:one|any|a(?:\s+single)?))\s+(?:bed\s?time|night)\b|\bnightly\b|\bat\s+bedtime\b|\bh\.?s\.?(?=\W|$)"),
        ("dose", r"/\s*dose\b|\beach\b(?=\s*(?:[.,;)]|$))|\bevery\s+other\s+day\b|\bon\s+alternate\s+days\b|\bevery\s+(?:two|three|four|[2-9]|1\d)\s+(?:days|weeks)\b|\bevery\s+(?:48|72)[\s-]*hours\b|\bin\s+(?:a|any)\s+(?:48|72)[\s-]*hours?\b|\b(?:per|as\s+a|in\s+a|in\s+any|each|any(?:\s+one)?|a|in\s+one)\s+(?:single\s+)?(?:dose|administration|injection|application|treatment|infusion)\b|\bat\s+(?:one|any\s+one|a)\s+time\b|\bsingle\s+dose\b|\bper\s+(?:attack|episode|session)\b|\bin\s+the\s+(?:morning|evening)\s+and\b"),
        ("course", r"\b(?:cumulative|lifetime|per\s+(?:course|cycle)|total\s+course)\b"),
    )
)  # fmt: skip

BEFORE: tuple[re.Pattern[str], ...] = tuple(
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
        r"\b(?:limit|restrict)(?:ed|ing|s)?\b[^.;]{0,40}?\b(?:dose|dosage|intake|to)\b",
        r"\bno\s+(?:patient|person|adult|child|one)\b[^.;]{0,40}?\bmore\s+than\b",
        r"\b(?:doses?|dosages?)\s+(?:should|must|is\s+to)\s+be\s+(?:restricted|limited|capped)\b",
        r"\bnot\s*[>≥]\s*(?=NUMBER)",
        r"\bcapped\s+at\b|\bcap\s+of\b|\bceiling\s+(?:dose|of)\b",
    )
)
BEFORE = tuple(re.compile(r.pattern.replace("NUMBER", NUMBER), re.I) for r in BEFORE)
ABOVE = re.compile(
    r"\b(?:doses?|dosages?|amounts?|quantities)\s+(?:(?!increments?|increases?|steps?|adjust\w*|changes?|escalation)[\w-]+\s+){0,4}?(?:(?:escalation|increases?|titration)\s+(?=above|beyond|over))?(?:above|over|greater\s+than|higher\s+than|exceeding|in\s+excess\s+of|more\s+than|larger\s+than|beyond|>)\s*|(?:^|[.;:,]\s+|\bthat\s+|\bor\s+)(?:(?:the\s+)?(?:use|administration)\s+of\s+|giving\s+|taking\s+)?more\s+than\s+|\bexceeding\s+(?:a\s+(?:total\s+)?(?:daily\s+)?dose\s+of\s+)?",
    re.I,
)
AS_RECOMMENDED = re.compile(r"\s*(?:those|the)\s+(?:doses?\s+)?recommended\s*[(:,]\s*", re.I)
ABOVE_NOT = re.compile(
    r"\b(?:(?:are|is|be|been|was)\s+not\s+(?:generally\s+|usually\s+|routinely\s+|currently\s+)?(?:recommended|advis\w+|indicated|approved|used|given|administered|exceeded|permitted|allowed|advocated)|"
    r"(?:should|must|may|do|can)\s*(?:not|never)\s+(?:\w+ly\s+)?(?:be\s+)?(?:\w+ly\s+)?(?:used?|given?|administer\w*|prescribed?|taken?|exceed\w*|recommended)|not\s+(?:be\s+)?(?:given|used|administered|prescribed|recommended|advised)|"
    r"discouraged|(?:should|must)\s+be\s+avoided|\bavoid(?:ed)?\b|contraindicated|never)\b",
    re.I,
)
# Where what is said of doses above an amount ends: "and should not exceed 50 mg" is of another amount.
ABOVE_ENDS = re.compile(
    rf"\.\s|;\s(?!(?:such|these)\s+dos)|\b(?:and|but)\s+(?:should|must|may)\s+not\s+exceed\s+(?:an?\s+(?:\w+\s+){{1,3}}of\s+)?{NUMBER}",
    re.I,
)
IS_MAX = re.compile(
    r"^[^.;]{0,70}?(?:\b(?:is|as|was|being|represents|,)\s+|\(\s*)?(?:the\s+|a\s+|which\s+is\s+the\s+)?\b(?:maximum|maximal|highest|upper|max\.?)\b(?!\s+(?:effects?\b|benefits?|plasma|tolerated|concentration|human|response))(?:\s+(?:[\w-]+\s+){0,4}?(?:doses?|dosages?|amounts?|daily(?!\s+(?:dos|amount|limit))|limit)\b|\s+that\s+(?:should|may|can)\s+be\b|\s*\)|\s*$|\s*[,;.])",
    re.I,
)
HIGHER_NOT = re.compile(
    r"^\W*(?:Higher|Larger|Greater)\s+(?:\w+\s+)?(?:doses?|dosages?)\b[^.;]{0,40}?\b(?:(?:is|are)\s+not\s+(?:recommended|advised)|(?:should|must)\s+not\s+be\s+(?:used|given))\b",
    re.I,
)
"""Forbids more than the amount of the sentence before: "Give 40 mg twice daily. Higher doses are not recommended"."""
THIS_NOT_EXCEEDED = re.compile(
    r"^(?:\W|and\b|but\b)*Th(?:is|at|ese)\s+(?:\w+\s+)?(?:doses?|dosages?|amounts?|limits?)\s+(?:should|must|may)\s+(?:not|never)\s+be\s+exceeded\b",
    re.I,
)
"""Forbids more than the amount of the sentence before."""
RECOMMENDED_NOT_EXCEEDED = re.compile(
    r"^\W*(?:The\s+)?(?:recommended|stated|above|labeled|prescribed)\s+(?:[\w-]+\s+)?(?:doses?|dosages?)\s+(?:of\s+(?:[\w-]+\s+){1,4}?)?(?:above\s+)?(?:should|must)\s+(?:not|never)\s+be\s+exceeded\b",
    re.I,
)
"""Forbids more than the highest dose that the sentences before recommend."""
BE_EXCEEDED = re.compile(
    r"^(?:[^.;]{0,60}?|[^.;]{0,15};\s+th(?:is|ese)\s+(?:\w+\s+)?(?:doses?|dosages?|amounts?)\s+)\b(?:should|must|may|can|is|are|do|to)\s*(?:\w+ly\s+)?(?:not|never)\s+(?:\w+ly\s+)?(?:to\s+)?be\s+(?:exceeded|surpassed)\b|"
    r"^[^.;]{0,60}?\b(?:should|must|may|can|do)\s*(?:not|never)\s+exceed\s+th(?:is|at)\s+(?:amount|dose|dosage|limit)\b",
    re.I,
)
ANIMAL = re.compile(
    r"\b(?:resorptions|malformations|litters?|offspring|teratogenic\w*|rats?|mice|mouse|rabbits?|dogs?|monkeys?|hamsters?|animals?|beagles?|guinea\s+pigs?|MRHDs?|MRDHD|RHD|AUC|maximum\s+(?:recommended\s+)?(?:[\w-]+\s+){0,2}human|no-effect\s+dose|impair\w+\s+(?:of\s+)?fertility|human\s+(?:daily\s+)?dose|body\s+surface\s+area\s+(?:basis|compar\w+|normali\w+)|on\s+a\s+body\s+surface\s+area)\b",
    re.I,
)
MULTIPLE = re.compile(
    r"\b(?:times|fold|multiples?)\s+(?:(?:greater|higher|more|than|that|of|at|the|a|usual|recommended)\s+){0,5}$|\btimes\s*$",
    re.I,
)
_HEAD = re.compile(
    r"\b(?:(?P<dose>doses?|dosages?|dosing|amounts?|intake|quantity|totals?|maintenance|applications?)|(?P<other>(?:salt|sodium|fluid|water|alcohol|caffeine|calcium|protein|dietary)\s+intake|increments?|increases?(?!\s+to\b)|"
    r"adjustments?|escalations?|steps?|changes?|reductions?|decrements?|decreases?|titrations?(?!\s+to\b)|rates?|speed|frequency|infusions?|"
    r"concentrations?|levels?|volumes?|temperatures?|durations?|periods?|intervals?|clearance|pressures?|weight|"
    r"BMI|scores?|storage|excretion|output|courses?|time|quotient|ratio|counts?|content|thickness|gap))\b",
    re.I,
)
_FIRST = r"(?:initial|starting|first|test|loading|priming|induction|bolus|booster)"
FIRST_HEAD = re.compile(rf"\b{_FIRST}\s+(?:(?!maximum\b)[\w-]+\s+){{0,3}}?$", re.I)
_ONE_OF_THEM = re.compile(r"\b(?:each|single|any\s+one|every)\s+(?:\w+\s+)?$", re.I)
_BESIDE = re.compile(
    r"\b(?:at|with|in|for|of|per|on|by|over|under|above|below|within|during|after|than|between|until|regardless\s+of|"
    r"based\s+on|up\s+to)\s+(?:(?:a|an|the|this|that|any|each|same|these|those|all|\d+)\s+)?(?:[\w-]+\s+){0,3}$",
    re.I,
)


_TIME_HEAD = re.compile(r"(?:periods?|time)\b", re.I)


def limits_a_dose(before: str) -> bool:
    """Whether the words before "should not exceed" and its like limit a dose: the noun they belong to decides.

    A rate, a step, a level, an interval, a first dose is none; "in patients with low weight" does not govern the verb.

    >>> limits_a_dose("When clearance is low, the daily dose should "), limits_a_dose("Increases in dose should ")
    (True, False)
    """
    clause = re.split(r"[.;]\s|\b(?:but|and\s+then|thereafter|then)\b", before)[-1]
    if _FIRST_GIVEN.search(clause):
        return True
    for head in reversed(list(_HEAD.finditer(clause))):
        lead, after = clause[: head.start()], clause[head.end() :]
        if re.match(r"infusion", head[0], re.I) and _ONE_OF_THEM.search(lead):
            return True
        if head["dose"]:
            inner = re.search(r"(\w+)\s+(?:in|of|between|to)\s+(?:the\s+|each\s+|a\s+)?(?:[\w-]+\s+){0,2}?$", lead)
            above = _HEAD.fullmatch(inner[1]) if inner else None
            return not (above and above["other"]) and not FIRST_HEAD.search(lead)
        adjacent = not re.search(
            r"\w", re.sub(r"\b(?:of|in|by|is|are|to|at|a|the|that|which|dose|dosing)\b", "", after)
        )
        if re.search(r"[,:]", after) and re.search(r"\w{4}", lead):
            continue
        if _TIME_HEAD.match(head[0]) and _BESIDE.search(lead):
            continue  # "in any 24-hour period no more than 200 mg"
        if adjacent or not _BESIDE.search(lead):
            return False
    return True


_FIRST_GIVEN = re.compile(
    rf"\b(?:initial|starting)\s+(?:[\w-]+\s+){{0,3}}?(?:dose|dosage)\s+(?:of\s+[\w-]+\s+)?(?:is|of|should\s+be)\s+{NUMBER}\s*{MASS}\b(?:(?!\bto\b|\bbut\b)[^.;])*?(?:,|\band\b)\s*(?:should\s+)?$",
    re.I,
)
"""The first dose has been named already: "the starting dose is 5 mg, not to exceed 10 mg" limits the later ones."""
CLAUSE_END = re.compile(r";\s|,\s+but\b")
FIRST_DOSE = re.compile(
    r"\b(?:initial|starting|first|loading)\s+(?:[\w-]+\s+){0,3}?(?:doses?|dosages?)\b(?!.*\b(?:maximum|increas\w+|titrat\w+|maintenance|total\s+daily|thereafter|then|repeat\w*|returns?)\b).*$",
    re.I,
)
COUNTED_TOTAL = re.compile(
    rf"\s*(?:of\s+)?(?:\d+|{'|'.join(_WORDS)})\s+(?:times|doses)\b[^().;]{{0,25}}\([^()]*(?:=|\btotal\s+of|\bor)\s*",
    re.I,
)
"""A maximum that is counted, with its sum in brackets: "a maximum of 8 times a day (20 mg x 8 = 160 mg)"."""
WAS_RAISED = re.compile(
    r"\b(?:was|were)\s+(?:\w+ly\s+)?(?:increased|titrated|raised|escalated|given|dosed)\s+(?:\w+ly\s+)?(?:up\s+)?to\s+(?:an?\s+|the\s+)?$",
    re.I,
)
HAS_BEEN_GIVEN = re.compile(
    r"(?:\s*\([^()]*\))?(?:\s*(?:/\s*day|daily|per\s+day|a\s+day))?\s+(?:have|has|had)\s+been\s+(?:\w+ly\s+)?"
    r"(?:administered|given|used|taken|tolerated|reported)\b",
    re.I,
)
STEP = re.compile(
    r"\b(?:by|increments?\s+of|increased|increase|steps?\s+of|rate\s+of|in)\s+(?:no|not)\s+(?:more|greater)\s+than$|\bby\s+(?:more|greater)\s+than$|\bby(?:\s+an?)?\s*$",
    re.I,
)
TRIAL = re.compile(
    r"\b(?:maximum|highest|max\.?)\s+(?:[\w-]+\s+){0,3}?doses?\s+(?:was|were|studied|evaluated|tested|used|administered|investigated|tolerated|in\s+(?:the|this|these|clinical|controlled|one)\s+(?:[\w-]+\s+){0,2}(?:trial|stud)\w*)|"
    r"\b(?:maximum|maximally|maximal)\s+tolerated\s+dose\s+(?:was|of|is)\b|\bMTD\b|\b(?:trials?|stud(?:y|ies))\s+(?:have\s+)?(?:used|allowed|included|evaluated|tested|gave|employed)\b|\bin\s+(?:clinical|controlled|the|these|this|one|two|an?)\s+(?:[\w-]+\s+){0,4}?(?:trials?|stud(?:y|ies))\b[^.;]{0,80}\b(?:was|were|received)\b|\bsubjects\s+received\b|\bpatients\s+(?:were|received)\b|\bstudy\s+(?:dose|design)\b",
    re.I,
)
NURSED = re.compile(r"\b(?:exposed|nurs(?:ed|ing)|breast[\s-]?f(?:ed|eeding))\b", re.I)
AVOID_BEFORE = re.compile(
    r"\b(?:not\s+(?:to\s+)?(?:be\s+)?(?:given|used?|administered|prescribed?|exceed(?:ed)?|recommended|indicated|take|taken|give)|avoid(?:ing)?|never\s+(?:use|give|prescribe|take))\s+(?:it\s+|them\s+)?(?:for\s+use\s+)?(?:at\s+|in\s+|with\s+)?(?:[\w-]+\s+){0,3}$",
    re.I,
)
OVERDOSE = re.compile(
    r"\b(?:overdos\w+|ingest(?:ed|ion)|poison\w*|lethal|fatal\w*|toxic\s+dose|survived|suicide)\b", re.I
)
EXCLUDED = frozenset(
    {
        "34088-5", "43680-8", "34083-6", "34091-9", "34092-7", "34090-1", "43681-6", "43682-4", "43679-0", "34089-3",
        "34084-4", "90374-0", "90375-7", "34077-8", "34078-6", "42228-7", "34079-4", "77290-5", "34080-2", "49489-8", "48780-1",
        "51945-4", "34093-5", "43683-2", "34086-9", "34087-7", "42227-9", "34069-5", "66106-6", "44425-7", "34066-1x",
    }
)  # fmt: skip
DOSING = "34068-7"


_PART = {"¼": Decimal("0.25"), "½": Decimal("0.5"), "¾": Decimal("0.75")}


def value_of(text: str) -> Decimal:
    if text.lower() in _WORDS:
        return Decimal(_WORDS[text.lower()])
    part = _PART.get(text[-1], Decimal(0))
    whole = text.replace(",", "").rstrip("".join(_PART))
    return Decimal(whole or 0) + part


_PAIR = (
    re.compile(
        r"(?<![\w.,/-])(?!\b[1-3]/[2-4]\b)(?P<num>\d+(?:\.\d+)?)(?P<kg>)(?=(?:\s*/\s*\d+(?:\.\d+)?){1,2}\s*-?(?P<unit>mg|mcg)\b(?!\s*(?:tablets?|capsules?)))",
        re.I,
    ),
    re.compile(
        r"(?<=[\dgG]/)(?<!\b1/)(?P<num>\d+(?:\.\d+)?)(?P<kg>)(?=(?:/\d+(?:\.\d+)?)?\s*-?\s*(?P<unit>mg|mcg)\b(?!\s*/\s*\d*\s*m[lL]|\s*(?:tablets?|capsules?)))",
        re.I,
    ),
)
"""The parts of "320/25 mg" and the second of "40 mg/25 mg": one amount for each ingredient of a combination."""
PAIRED = re.compile(r"\s*(?:mg|mcg)?\s*/\s*")


def amounts_in(text: str) -> list[re.Match[str]]:
    """The amounts of a sentence: of "5 mg/kg to 6 mg/kg" the upper end, of "one puff of 50 mcg" what is in it."""
    found = list(DOSE.finditer(text))
    if "/" in text:
        paired = [m for rx in _PAIR for m in rx.finditer(text)]
        found += [m for m in paired if not any(m.start() < d.end() and d.start() < m.end() for d in found)]
        found.sort(key=re.Match.start)
    return [d for i, d in enumerate(found) if i + 1 == len(found) or not _said_better(text, d, found[i + 1])]


def _said_better(text: str, d: re.Match[str], after: re.Match[str]) -> bool:
    """Whether the next amount says the same, or the end that counts."""
    between = text[d.end() : after.start()]
    if re.fullmatch(r"\s*=\s*", between):
        return True  # "1 teaspoonful = 5 mL"
    if re.fullmatch(r"\s*(?:to|-|–|—)\s*", between):
        return unit_name(d["unit"], d["kg"]) == unit_name(after["unit"], after["kg"])
    one = re.fullmatch(r"\s+of\s+", between) and d["num"].lower() in ("1", "one")
    return bool(one) and not re.match(MASS, d["unit"], re.I) and bool(re.match(MASS, after["unit"], re.I))


def unit_name(text: str, kg: str | None = None) -> str:
    """The unit as one plain word: "milligrams" is "mg", "micrograms" is "mcg", "tablets" is "tablet".

    >>> unit_name("Micrograms"), unit_name("caplets"), unit_name("mg", "/kg")
    ('mcg', 'caplet', 'mg/kg')
    """
    t = " ".join(text.lower().split())
    t = re.sub(r"^(?:whole|chewable|coated|film-coated|extended-release|[\d./]+[\s-]mg)\s+", "", t)
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


A_TIME = re.compile(
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


OTHER_THOUGHT = re.compile(
    r"\b(?:initial\w*|start\w*|increas\w+|increment\w*|given|administered|divided|may\b|should|recommended|tablets?|every|reduc\w+|minimum|followed|then|twice|once|usual|maintenance|from|strength|as(?!\s+a\s+single)|range\w*|between|doses?\s+of|where|taken|with)\b",
    re.I,
)
PEOPLE_BETWEEN = re.compile(
    r"^\s*(?:/\s*day|daily|per\s+day|once\s+daily|twice\s+daily|a\s+day)?\s*(?:in|for)\s+[^.;]{3,60}?(?:,|\band\b)\s*(?:and\s+)?$",
    re.I,
)


TIMES_A_WEEK = re.compile(
    r"\b(?:twice|thrice|(?:two|three|four|[2-6])\s+times)\s+(?:a|per|each|every)?\s*week(?:ly)?\b", re.I
)
AS_FIRST = re.compile(
    r"[^,;]{0,30}?\b(?:initially|to\s+(?:start|begin)|as\s+(?:an?|the)\s+(?:initial|start|starting|first|loading)|for\s+the\s+first\s+dose)\b",
    re.I,
)
COUNTED = re.compile(
    rf"\bnumber\s+of\s+(?P<unit>{_COUNT})\b[^.;]{{0,40}}?\bnot\s+(?:to\s+)?exceed\s+(?P<kg>)(?P<num>{NUMBER}|{'|'.join(_WORDS)})\b(?!\s*(?:mg|mcg|g)\b)",
    re.I,
)


_CUES = re.compile(
    r"at most|not\s*[>≥]|(?:higher|larger|greater)\s+(?:\w+\s+)?dos|be less than|be lower than|or below|or under|kept|keep|stay|maxim|max\b|exceed|more than|greater than|higher than|above|limit|highest|excess|larger|restrict|beyond|over|surpass|cap\b|capped|ceiling|upper"
)


def may_limit(text: str) -> bool:
    """Whether a text holds a word that can set a limit: all that is looked at of most sentences, so it must be quick.

    >>> may_limit("MAXIMUM DOSE"), may_limit("Take it with food.")
    (True, False)
    """
    return bool(_CUES.search(text.lower()))  # in lower case: five times as fast as without regard to case


INTERACTIONS = "34073-7"
PER_SITE = re.compile(
    r"\s*(?:per|at|in|into)\s+(?:a|an|any|one|each)?\s*(?:single\s+|one\s+)?(?:injection\s+)?(?:sites?|lesion|muscle)\b",
    re.I,
)
OF_ONE_DOSE = re.compile(
    r"\b(?:(?:single|individual|each)\s+(?:[\w-]+\s+){0,2}(?:dos(?:e|age)|injection|infusion|application)s?|"
    r"(?:each|one|single)\s+(?:[\w-]+\s+){0,2}(?:attack|episode|session|procedure))\b[^.;]{0,140}\b(?:exceed(?:ed)?|more\s+than)\s+$",
    re.I,
)
EACH_DOSE = re.compile(r"(?:/\s*|\bper\s+)dose\b(?:(?!\bdaily\b|\bday\b)[^.;])*\(\s*max[^()]*$", re.I)
ENOUGH = re.compile(
    r"(?<!should be )(?<!must be )\b(?:seen|achieved|obtained|controlled|respond\w*|maintained|managed|reached)\b[^.;]{0,20}\b(?:with|to|on|at)\s+(?:no|not)\s+more\s+than\s+$",
    re.I,
)


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z][a-z-]{3,}", text.lower())


def countable(unit: str) -> bool:
    """Whether a unit is of pieces ("tablet", "dose"), which may be counted for many ends."""
    return not re.match(MASS, unit, re.I)


NOT_BETWEEN_AMOUNT_AND_MAX = re.compile(
    r"\b(?:and|but|with|to|up|until|unless|increas\w+|titrat\w+|not|every|then|may|followed|before|after|adjust\w*|times|fold)\b",
    re.I,
)
_BEGUN_AT = re.compile(r"\b(?:started|begun|begin|initiated|start)\s+(?:on|at|with)\s+(?:(?!\d)[\w-]+\s+){0,6}$", re.I)
_SUPPOSED = re.compile(r"\bif\s+[^.,;]{0,40}$|\bwhen\s+[^.,;]{0,25}$|\bto\s+reach\s+[^.,;]{0,10}$", re.I)
"""What stands before "exceeds" that supposes a dose and limits none."""


def not_a_dose_limit(before: str, cue: str, named: bool) -> bool:
    """Whether the words before a cue make it the limit of something else: a multiple, a step, a first dose, a rate.

    ``named``: the cue itself names a maximum ("maximum dose"), so that no other noun need be looked for.
    """
    forbids = re.match(r"\W*(?:not|never|n['’]t|no\b|by|without)", cue, re.I)
    return bool(
        MULTIPLE.search(before)
        or (named and re.search(r"\b(?:limited|few|no)\s+(?:data|experience)\b[^.;]*$", before, re.I))
        or (named and WAS_RAISED.search(before))
        or (not named and not limits_a_dose(before))
        or STEP.search(before + cue)
        or STEP.search(before.rstrip())
        or (forbids and FIRST_DOSE.search(CLAUSE_END.split(before)[-1]) and not _FIRST_GIVEN.search(before))
        or _BEGUN_AT.search(before)
        or (re.match(r"exceed", cue, re.I) and _SUPPOSED.search(before))
    )


_PARTS = re.compile(
    r"\btimes\b(?!\s+(?:a|per)\s+day)|\bintervals?\b|\bevery\b|\bincrements?\b|\bstart\w*\b|\binitial\w*\b|\bstrength|\bpackage|"
    r"\bcontain\w*|\bfollowed\b|\bwithin\s+\d|(?<!24 )(?<!24-)\bhours\b|\bthan\s+(?:that|those)\b|\btaking\b|\bminimum\b|"
    r"\bgiven\s+(?:as|in(?!\s+(?:24|a\s+day|one\s+day|any)))\b|\bsmallest\b|\blowest\b|\beffective\s+amount|\btolerated\b|"
    r"\bincrease[sd]?\b|\bdivided\b|\battempt\w*",
    re.I,
)
_SMALLEST = re.compile(r"\b(?:smallest|lowest|minimum)\b(?:(?!\band\b)[^.;]){0,40}$", re.I)
_TELLS = re.compile(r"\b(?:take|give|apply|use|chew|ask|recommended\s+dos(?:e|age)\s+adults)\b", re.I)


def parted(before: str, cue: str, between: str, named: bool) -> bool:
    """Whether the words between a cue and an amount part them, so that the amount is not what the cue limits."""
    far = 190 if re.search(r"\b(?:is|are|of|be|to|:)\s*(?:a\s+total\s+of\s+)?$", between) else 95
    return bool(
        len(between) > far
        or ";" in between
        or _PARTS.search(between)
        or (cue.lower().endswith("be exceeded") and re.search(r"\b(?:because|as|since|with|for|in)\b", between, re.I))
        or _SMALLEST.search(before)
        or re.search(r"\bcontain\w*\s+$", before, re.I)
        or (cue.lower().startswith("limit") and re.search(r"\blower\s+$", before, re.I))
        or (not named and (A_TIME.match(between) or _TELLS.search(between)))
        or (len(between) > 30 and re.search(r"more|greater|higher|larger|above", cue, re.I))
    )


COLUMN_HEADS = re.compile(
    r"\b(?:Initial|Starting|Target|Usual|Recommended|Maintenance|Maximum|Minimum)(?:\s+(?!Initial|Starting|Target|Usual|Maximum)[A-Z]\w+){0,2}\s+Dos(?:e|age|es|ages)\b"
)
NEAR_ENDS = re.compile(
    r"[;.]\s|\(|\band\s+(?:the|an?|no|not|be|should|may|is|are|given|repeat\w*|maxim\w+)\b|\bwith\s+(?:an?|no|the)\b|\bmaximum\b|\bnot\s+to\s+exceed\b|\bno\s+more\s+than\b(?!\s+once)"
)
"""Where the words that belong to an amount end."""


def trimmed(text: str) -> str:
    """The words right after an amount that may say its period, up to the first comma that starts another thought."""
    return re.split(r",\s*(?!(?:given|taken|administered|daily|per|in\s+24|once|twice|as))", text)[0]


_DAY = r"(?:daily|per\s+day|24[\s-]*h(?:ou)?rs?|a\s+day)"
_CUE_PERIODS: tuple[tuple[str, bool, re.Pattern[str]], ...] = tuple(
    (name, wide, re.compile(rx, re.I))
    for name, wide, rx in (
        ("week", False, r"\b(?:weekly|week)\b"),
        ("month", False, r"\bmonthly\b"),
        ("dose", False, r"\b(?:single|each|per|individual|one|unit)\s+(?:[\w-]+\s+)?(?:dose|dosage|injection|administration|application)\b|\bper\s+dose\b|\bsingle\b"),
        ("dose", True, r"\ba\s+dose\s+(?:of\s+)?(?:more|greater|higher|larger)"),
        ("day", False, rf"\b{_DAY}\b"),
        ("course", True, r"\bcumulative|\blifetime\b|\b(?:over|during|per)\s+(?:the|a)\s+course\b"),
        ("day", True, rf"(?<!times )(?<!twice )\b{_DAY}\b[^.;]{{0,45}}$"),
        ("dose", True, r"\b(?:single|individual)\s+(?:[\w-]+\s+)?(?:dos(?:e|age)|application)s?\b[^.;]{0,45}$|\bat\s+(?:one|any\s+one)\s+time\b"),
        ("week", True, r"\bweekly\b[^.;]{0,45}$"),
    )
)  # fmt: skip
"""The period a cue says ("maximum daily dose"), or the words around it (``wide``), in order of strength."""


def period_of_cue(lead: str, cue: str) -> str:
    """The period that a cue and the words before it say; "" where they say none."""
    return next((name for name, wide, rx in _CUE_PERIODS if rx.search(lead if wide else cue)), "")


BRACKETS = re.compile(r"\([^()]*\)")
_BRACKETED = re.compile(r"\([^()]*$")
SAYS_A_DAY = re.compile(r"\bdaily\b|/day|per\s+day|a\s+day|(?:one|24[\s-]hours?)[\s-]+(?:day|period)", re.I)


def period_before(context: str, before: str, value: Decimal, unit: str) -> tuple[str, Decimal | None]:
    """The period of an amount that says none, by what its sentence (``before``) and those in front of it said before.

    After "25 mg twice daily" a maximum of 75 mg is a dose's; of 300 mg, which is far above, a day's.

    >>> period_before("Start with 25 mg twice daily.", "", Decimal(75), "mg")[0]
    'dose'
    """
    for text, known in ((before, ("day", "week")), (context, ("day", "week", "night"))):
        for d in reversed(amounts_in(text)):
            if unit_name(d["unit"], d["kg"]) != unit or _BRACKETED.search(text[: d.start()]):
                continue  # "30 mg three times a day (90 mg/day)": how it is given, not its sum
            per, _ = period(trimmed(NEAR_ENDS.split(text[d.end() :])[0][:60]))
            if per == "dose":
                return ("dose", None) if value <= 3 * value_of(d["num"]) else ("day", None)
            if per in known:
                return per, None
    a_day = re.search(r"\b(?:daily|per\s+day|a\s+day|/\s*day|24\s+hours)\b", f"{context} {before}", re.I)
    return ("day" if a_day else "", None)


RECOMMENDS = re.compile(
    r"\b(?:should|must|do)\s+not\b|not\s+to\s+exceed|recommended\s+(?:maximum|daily)|maximum\s+recommended|not\s+recommended",
    re.I,
)
EQUIVALENT = re.compile(
    r"\(\s*(?:(?:approximately|about|roughly|or)\s+)?(?:equivalent|equal|corresponding|comparable|similar)\s+(?:to|with)\b[^()]*\)?",
    re.I,
)
"""Another group's dose that an amount is compared with: "60 mg/m2 (approximately equivalent to 300 mg a day in adults)"."""
FOR_A_TOTAL = re.compile(r"\bfor\s+a\s+total\s+of\s+$", re.I)
SAID_AGAIN = re.compile(r"\([^()]*$|\bfor\s+a\s+total\s+of\s+$", re.I)
IN_TOTAL = re.compile(
    r"\bfor\s+a\s+total\s+of\s+$|\(\s*(?:i\.?e\.?,?\s*|total\s+(?:of\s+)?|=\s*)?(?:total\s+(?:daily\s+)?dose\s*(?:of|:|=|,)?\s*)?$",
    re.I,
)
BRACKET_OPENS = re.compile(r"\(\s*(?:[a-z.,=]+\s+){0,4}$", re.I)
A_PERIOD = re.compile(r"\s*(?:/\s*day|per\s+(?:day|week)|daily|weekly|a\s+(?:day|week)|total)", re.I)
A_DAY_AFTER = re.compile(r"\s*(?:in\s+(?:any\s+|a\s+)?24|per\s+day|a\s+day|daily|/\s*day)", re.I)
ALTERNATIVE = re.compile(
    r"\)?(?:\s*(?:[a-z]+\s+){0,2}?(?:/\s*day|daily|per\s+day|a\s+day|every\s+\d+\s+hours|every\s+(?:other\s+)?day|of\s+body\s+weight|as\s+a\s+single\s+dose|per\s+dose|"
    r"at\s+(?:one|a)\s+time|in\s+a\s+single\s+dose))?\s*(?:,)?\s*\(?\s*(?:or|up\s+to|and\s+not\s+more\s+than)\s+(?:a\s+(?:maximum|total)\s+of\s+|up\s+to\s+)?",
    re.I,
)
ITEM = re.compile(
    r"[^;.]{0,60}?;\s*(?:and\s+|or\s+|but\s+)?(?P<scope>[^;.]{0,100}?)(?P<mark>[:,=]|\bmax(?:imum)?\b\.?)?\s*(?:(?:up\s+to|the\s+maximum\s+(?:dose\s+)?is)\s+)?",
    re.I,
)
"""Between two amounts of a list inside a sentence: the rest of the one, a semicolon, whom or what the next is for."""
ITEM_GOES_ON = re.compile(r"^[^;.]{0,25}\b(?:then|initially)\b|maxim|\bmax\b|exceed", re.I)
"""After an amount: it is a first dose, or its own maximum follows."""
NEW_CLAUSE = re.compile(
    r"\b(?:initial\w*|start\w*|increas\w+|increment\w*|given?|administered|divided|may|should|must|can|is|are|was|were|has|have|recommended|every|reduc\w+|minimum|followed|"
    r"then|twice|once|usual\w*|maintenance|from|strength|range\w*|between|dos(?:e|age)s?|where|taken?|repeat\w*|titrat\w*|however|therefore|most|about|tablets?|capsules?|adjust\w*|after|before|until|use|do|ask)\b",
    re.I,
)
