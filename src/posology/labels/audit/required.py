"""Turns a page and a reference into findings on what every page about this medicine must say, and this one does not.

Knows no medicine by name. Nothing is missed that the reference does not state, but for the missed dose: a page must say that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from posology.labels.audit.figures import figures
from posology.labels.audit.forbidden import allows, refused
from posology.labels.audit.maxima import MAXIMAL, MAXIMAL_AFTER
from posology.labels.audit.page import Line, Page
from posology.labels.audit.reference import Evidence, Reference, base, kind
from posology.labels.audit.stopping import Finding
from posology.labels.extract.limit_words import DOSE, period, unit_name, value_of


def _first(found: tuple[Evidence, ...]) -> Evidence | None:
    return found[0] if found else None


_MISSED = re.compile(
    r"\b(?:miss(?:ed|es|ing)?\s+(?:a|your|the|one|any|\d|two|more|this|it|doses?|an?\s+\w+\s+dose)\b|missed\b|forg[eo]t(?:ten|s|ting)?\b(?!\s+(?:your\s+|my\s+)?(?:password|login|user))|skip(?:ped)?\s+(?:a|the|that|your)\s+(?:missed\s+)?dose|(?:late|overdue)\s+(?:dose|tablet|capsule|with\s+(?:a|an|your|the)\s+(?:dose|tablet|capsule|pill))|slip(?:s|ped)?\s+your\s+mind|(?:do|did)\s*(?:not|n['’]t)\s+(?:remember\s+to\s+)?take\s+(?:a|your|the)\s+(?:dose|tablet)|leave\s+out\s+a\s+dose|lose\s+track|(?:omi(?:t|tt|ssion)\w*|lapse)\s+(?:of\s+)?(?:a|the|one|your)\s+(?:\w+\s+)?dose)",
    re.I,
)
KIDNEY = re.compile(r"\b(?:kidneys?|renal\w*|dialysis|creatinine|eGFR)\b", re.I)
ALCOHOL = re.compile(
    r"\b(?:alcohol(?:ic|s)?\b(?![\s-]*free)|booze|beers?|wine|liquor|nightcaps?|drink\s+(?:freely|as\s+(?:much|you))|tipple|spirits|vodka|whisk(?:e)?y|bourbon|brandy|gin|rum|cider|lager|champagne|prosecco|sherry|cocktails?|(?:couple|few|lot|round)\s+(?:of\s+)?(?:drinks|pints|glasses(?!\s+of\s+(?:water|milk|juice)))|(?:heavy|binge)[\s-]drink\w*|drink(?:ing)?\s+(?:while|on\s+(?:it|this)|with\s+(?:it|this)|heavily)|(?:(?:do|should|must|can|would)n['’]t|not|never|not\s+to|to\s+not|before\s+(?:you|they|having\s+a))\s+drink\b(?:\s+(?:while|when|on|with|if|without|at\s+all|anything|until|much|more\s+than)|\s*[.,;!])|\b(?:pint|tipple|bender|boozy|drunk)s?\b|(?<=\n)drink(?:s|ing)?(?=\W*(?:\n|$))|drinkers?|(?:a|your|one|two|three|four|five|six|several|few|\d)\s+(?:\w+\s+)?drinks?\b(?!\s+of\s+(?:water|milk|juice))|(?<=[Aa]\s)drink\b(?!\s+of)|(?:^|[.!?]\s+|\n\s*)drinks?[?:]|\bdrink\s+(?:can|could|may|might|will|makes?|adds?)\b|drinks\s+(?:a|per|each|every)\s+(?:day|week)|pints?\s+of)",
    re.I,
)
_WHO_NOT = re.compile(
    r"\ballerg\w*|\bhypersensitiv\w*|\bcontraindicat\w*|\bwho\s+(?:should|must|can|may)\s*(?:not|n['’]t)\b|\boff\s+limits\b|\bnot\s+(?:for\s+(?:you|people|anyone|everyone)|suitable|right\s+for)\b|\b(?:forbidden|ruled\s+out|unsuitable)\b|"
    r"\b(?:do\s+not|don['’]t|must\s*n[o'’]t|should\s*n[o'’]t|never|cannot|can['’]t|may\s+not|nor\s+may|not\s+be|avoid)\b[^.]{0,40}\b(?:tak\w+|us\w+|combin\w+|mix\w*|start\w*|given?|have)\b[^.]{0,120}\b(?:if|with(?!\s+(?:food|water|milk|meals))|people|anyone|who|patients|when\s+you)\b|\b(?:steer\s+clear|stay\s+away)\b[^.]{0,60}\bif\b",
    re.I,
)
_CARE = re.compile(
    r"\b(?:caution\w*|avoid\w*|do\s+not|never|max\w*|\d\s*mg|should|risk\w*|warn\w*|additive|increase[sd]?|impairs?|reduc\w*|harm\w*|contraindicated|lower\w*|monitor\w*|adjust\w*|toxic\w*|hazard\w*|only\s+if|enhance\w*|potentiat\w*|care\w*|less|smaller|not\s+(?:be\s+)?(?:use|take|drink|recommended|given)|accumulat\w*|precautions?|tell|problems|diminish\w*|worse\w*|while\s+using|every\s+day|or\s+more|limit\w*|excessive\w*)\b",
    re.I,
)
_NO_CARE = re.compile(
    r"\balcohol[\s-]+based\b|\balcohol\b[^.;]{0,30}\bfree\b|\bno\s+(?:experience|data)\b|\b(?:no|not|n['’]t)\b[^.;]{0,40}\b(?:adjust\w*|reduction|chang\w+|necessary|needed|required|differ\w*|clinically\s+(?:significant|relevant|important)|exaggerate\w*|known|supplement\w*)\b|\b(?:not|n['’]t)\s+affect|\bsimilar\b|\bminimal\b|\bblood\s+pressure\s+effects\b",
    re.I,
)
_PHARMACOLOGY = "34090-1"
"""What is only told of levels in the blood asks nothing of a page."""
_OVERDOSE = frozenset({"34088-5"})
_STUDIED = re.compile(
    r"\b(?:study|studies|subjects|volunteers|mean|half-life|plasma|co-?ingest\w*|delirium|withdrawal\s+(?:may|symptoms)|in\s+acute\s+alcohol)\b",
    re.I,
)


def caring(found: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The evidence that asks for care, without what only tells of studies or overdoses, or says that no care is needed."""
    return tuple(
        e
        for e in found
        if not _SILENT.search(e.quote)
        and not e.section_code.startswith(_PHARMACOLOGY)
        and (
            e.statement
            or (
                e.section_code not in _OVERDOSE
                and _CARE.search(e.quote)
                and not _NO_CARE.search(e.quote)
                and not _STUDIED.search(e.quote)
            )
        )
    )


_SILENT = re.compile(
    r"\b(?:label|leaflet|source|it|one)s?\s+(?:\w+\s+){0,3}?(?:says?\s+nothing|do(?:es)?\s+not\s+(?:name|say|give|mention|speak))|\bstays?\s+the\s+same\b|\bhas\s+not\s+been\s+(?:tested|studied)\b|\bno\s+change\s+is\s+needed\b",
    re.I,
)
"""A statement that its source is silent, or that nothing changes, asks nothing of a page."""


def _states_maximum(page: Page, ref: Reference) -> bool:
    """Whether a page says a highest dose, in the same breath, under such a heading, or as the reference's own amount."""
    ranges = {  # the top of a range, not worded as a limit: its amount is enough
        (kind(x.unit), a)
        for x in ref.limits
        if not MAXIMAL.search(x.evidence.quote)
        for a in (x.value, x.day)
        if a is not None
    }
    amounts = {(kind(x.unit), a) for x in ref.limits for a in (x.value, x.day) if a is not None}
    kinds = {kind(x.unit) for x in ref.limits} | {"tablet", "capsule", "caplet", "pill"}
    for line in page.lines:
        t = figures(line.text)
        found = list(DOSE.finditer(t))
        if {x.unit for x in ref.limits} & {"tablet", "capsule", "caplet"} and MAXIMAL.search(t) and _COUNTED.search(t):
            return True
        for i, d in enumerate(found):
            unit = unit_name(d["unit"], d["kg"])
            if kind(unit) not in kinds:
                continue
            end = found[i + 1].start() if i + 1 < len(found) else len(t)
            if (
                MAXIMAL.search(t[max(0, d.start() - 90) : d.start()])
                or MAXIMAL_AFTER.search(t[d.end() : end] + ("\x00" if end < len(t) else ""))
                or MAXIMAL.search(line.under)
            ):
                return True
            amount = (kind(unit), base(value_of(d["num"]), unit))
            if amount in ranges or (amount in amounts and _LIMITING.search(t)):
                return True
            per, times = period(t[d.end() : end][:60])
            rising = _UP_TO.search(t[: d.start()])
            said = {amount, (amount[0], amount[1] * (times or 1))}
            if rising and (said & amounts or (per in ("day", "dose") and re.match(r"up|as", rising[0], re.I))):
                return True
    return False


_COUNTED = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve)\b[^.;]{0,40}\b(?:(?:a|per|each|every|one)\s+day|daily|24\s*h)",
    re.I,
)
_LIMITING = re.compile(
    r"\b(?:max\w*|most|exceed\w*|ceiling|cap(?:ped)?|limit\w*|highest|largest|biggest|top|never|(?:not?|n['’]t)\b[^.;]{0,30}\b(?:above|over|beyond|more))\b",
    re.I,
)
"""Words of a limit: beside the reference's own amount they are enough, wherever in the sentence they stand."""
_UP_TO = re.compile(
    r"\b(?:up\s+to|as\s+(?:high|much)\s+as|(?:rise[sn]?|go(?:es)?|rais\w+|increas\w+|work\w*|build\w*)\s+(?:\w+\s+){0,3}?to)\b[^.;]{0,40}$",
    re.I,
)


_TOPICS = {
    "missing_boxed_warning": "boxed",
    "missing_maximum_dose": "maximum",
    "missing_missed_dose": "missed",
    "missing_alcohol": "alcohol",
    "missing_kidney": "kidneys",
}


def missing(page: Page, ref: Reference) -> Iterator[Finding]:
    """What every page about this medicine must say, and this one does not.

    Where the sources of a medicine file differ, a page may go by the one that is silent: that they differ is said, as minor.
    """
    for type_, severity, text, line, evidence in _left_out(page, ref):
        quiet = ref.silent.get(_TOPICS.get(type_, ""))
        if quiet is None or evidence is None:
            yield type_, severity, text, line, evidence
        else:
            said = f"{text} Sources differ: {quiet.source} does not say it, {evidence.source} does. Which one does this page follow?"
            yield type_, "minor", said, line, evidence


def _left_out(page: Page, ref: Reference) -> Iterator[Finding]:
    text = page.text
    daily = [x for x in ref.limits if x.per in ("day", "dose", "week", "night", "")]
    if daily and not _states_maximum(page, ref):
        yield ("missing_maximum_dose", "major", "It does not say the highest dose.", None, daily[0].evidence)
    elif ref.everywhere and not daily and ref.everywhere.limits and not _states_maximum(page, ref.everywhere):
        said = "It does not say the highest dose. A source of another country gives one."
        yield ("missing_maximum_dose", "minor", said, None, ref.everywhere.limits[0].evidence)
    if not _MISSED.search(text):
        said, severity = "It does not say what to do about a missed dose.", "major"
        if not ref.missed:
            said, severity = f"{said} The reference does not either: ask a pharmacist what to write.", "minor"
        yield ("missing_missed_dose", severity, said, None, _first(ref.missed))
    wide = ref.everywhere or ref
    kidney, alcohol = caring(ref.kidney), caring(ref.alcohol)
    for type_, what, rx, own, there in (
        ("missing_kidney", "the kidneys", KIDNEY, kidney, caring(wide.kidney)),
        ("missing_alcohol", "alcohol", ALCOHOL, alcohol, caring(wide.alcohol)),
    ):
        if there and not own and not rx.search(text):
            yield (type_, "minor", f"It does not speak of {what}. A source of another country does.", None, there[0])
    if kidney and not KIDNEY.search(text):
        yield ("missing_kidney", "major", "It does not speak of the kidneys; the reference does.", None, kidney[0])
    if alcohol and not ALCOHOL.search(text):
        yield ("missing_alcohol", "major", "It does not speak of alcohol; the reference does.", None, alcohol[0])
    ruled_out = ref.contraindications or (ref.everywhere.contraindications if ref.everywhere else ())
    who_not = [e for e in ruled_out if len(re.findall(r"[A-Za-z]{3,}", e.quote)) > 1]
    if who_not and not _WHO_NOT.search(text) and not _forbids_something(page, ref):
        yield ("missing_contraindication", "major", "It does not say who must not take it.", None, who_not[0])
    yield from boxed(page, ref)


_REFUSES = re.compile(r"\b(?:not|never|no|nor|n['’]t|avoid\w*|cannot|unless|reacted|react\s+badly)\b|n['’]t\b", re.I)


def _forbids_something(page: Page, ref: Reference) -> bool:
    """Whether a page refuses the medicine to someone whom the reference refuses it, in whatever words."""
    terms = refused(ref)
    return any(
        (_REFUSES.search(x.text) or _REFUSES.search(x.under))
        and any(rx.search(x.text) or rx.search(x.under) for rx in terms)
        for x in page.lines
    )


THEMES: tuple[tuple[str, str, str], ...] = (
    ("suicidal thoughts", r"suicid", r"suicid|kill(?:ing)?\s+(?:your|them|one)sel|self-?\s?harm|(?:harm|hurt)(?:ing)?\s+(?:your|them|one)sel|(?:end|tak)(?:e|ing)?\s+(?:your|their|his|her|one.s)\s+(?:own\s+)?li[fv]e|(?:not|n.t)\s+want(?:ing)?\s+to\s+live"),
    ("opioids taken with it", r"\bopioid", r"opioid|opiate|strong\s+pain(?:killer|\s+medicine)|narcotic|codeine|morphine"),
    ("abuse and addiction", r"\b(?:abuse|misuse|addiction)", r"abuse|misuse|addict|habit"),
    ("stopping suddenly and dependence", r"\bdependence|withdrawal\s+reaction|abrupt\w*\s+(?:\w+\s+){0,2}(?:discontinu|cessation|withdraw|stop)|(?:discontinu\w+|cessation|stop\w*)\s+(?:\w+\s+){0,3}abrupt", r"depend(?:ence|ent)|withdrawal|sudden|abrupt|stop(?:ping)?\s+\w*\s*(?:slowly|too)|all\s+at\s+once|taper"),
    ("slowed or stopped breathing", r"respiratory\s+depression|respiratory\s+arrest", r"breath"),
    ("heart attack, chest pain or heart trouble", r"myocardial\s+infarction|cardiovascular|angina|ischemic|heart\s+attack|cardiac|heart\s+failure", r"heart(?!\s*(?:burn|bypass|surgery|operation))|chest\s+pain|angina|cardiac|cardiovascular"),
    ("stroke", r"\bstroke", r"stroke"),
    ("bleeding", r"\bbleed|hemorrhag|haemorrhag|ulceration|perforation", r"bleed|ulcer|hole\s+in\s+(?:your|the)\s+stomach"),
    ("death in older people with dementia", r"dementia", r"dementia"),
    ("harm to an unborn baby", r"fetal\s+toxicity|embryo|pregnan|teratogen|birth\s+defect", r"pregnan|unborn|birth\s+defect"),
    ("liver damage", r"hepat|liver", r"liver|hepat|jaundice"),
    ("lactic acidosis", r"lactic\s+acidosis", r"lactic\s+acid|acid\s+in\s+(?:the|your)\s+blood"),
    ("serious infections", r"infection|tuberculosis|sepsis", r"infection|tuberculosis"),
    ("cancer", r"malignan|lymphoma|cancer|carcinoma|tumor", r"cancer|lymphoma|tumou?r"),
    ("blood disorders", r"agranulocytosis|neutropenia|aplastic|bone\s+marrow|cytopenia|anemia", r"blood\s+(?:cell|count|disorder|problem|test)|bone\s+marrow|neutropenia|an(?:a)?emia|white\s+cells"),
    ("severe skin reactions", r"stevens|toxic\s+epidermal|\brash|dermatolog", r"rash|skin"),
    ("tendon damage", r"tendon", r"tendon"),
    ("blood clots", r"thrombo|embol|clot", r"clot|thrombo|embol"),
    ("irregular heartbeat", r"arrhythmi|QT|torsade", r"heart\s*beat|heart\s+rhythm|arrhythmi|QT"),
    ("low blood pressure or fainting", r"hypotension|syncope", r"blood\s+pressure|faint|dizz"),
    ("kidney damage", r"nephrotox|renal\s+(?:failure|toxicity|impairment)|kidney", r"kidney|renal"),
    ("allergic shock", r"anaphyla|hypersensitiv", r"allerg|anaphyla"),
    ("involuntary movements", r"tardive|dyskinesia", r"movement|dyskinesia"),
    ("thyroid tumours", r"thyroid", r"thyroid"),
    ("children taking it by accident", r"accidental\s+(?:ingestion|exposure)", r"accident|child"),
    ("vision loss", r"vision\s+loss|visual\s+loss|blind", r"vision|sight|blind|eye"),
    ("brain infection", r"leukoencephalopathy|PML", r"brain|PML"),
    ("muscle breakdown", r"rhabdomyolysis", r"muscle"),
    ("sleep behaviours", r"complex\s+sleep|sleep-?walking", r"sleep"),
    ("mental changes", r"neuropsychiatric|hostility|agitation|psychosis", r"mood|behavio|agitat|mental|angry|psycho"),
)  # fmt: skip


_RISK = re.compile(
    r"\b(?:box(?:ed)?|fatal\w*|risk\w*|warn\w*|danger\w*|serious\w*|can|could|may|might|caus\w*|lead\w*|rais\w*|increas\w*|likel\w*|higher|watch|call|emergency|stop\w*|avoid|not|never|n['’]t|death|die[sd]?|kill\w*|life|harm\w*|wors\w*|careful\w*|signs?|tell|help|if|linked|link|thoughts?|thinking|rare\w*|happen\w*|bring\w*|see|have\s+had|brought)\b",
    re.I,
)


_BESIDES = re.compile(
    r"\b(?:(?:people|patients|those|anyone|adults)\s+(?:with|who\s+ha(?:ve|d))|you\s+(?:already\s+)?have|history\s+of|tell\s+(?:your|the|a)\s+\w+\s+(?:about|if)|treats?|used\s+(?:for|to\s+treat))\b"
    r"(?:(?!\b(?:can|may|might|could|risk\w*|thoughts?|die[sd]?|deaths?|kill\w*)\b)[^.;:])*?\b(?:disease|trouble|problems?|failure|pressure)\b|"
    r"\b(?:stop|call|ask|see|get|tell|seek|ring)\b[^.;]*\b(?:if|for)\b[^.;]*?\bchest\s+pain|\b(?:baby|child|infant)['’]?s\s+heart",
    re.I,
)
"""An illness that the reader has before, or a sign to call for: not what the medicine can do."""


def _speaks_of(page: Page, seen: str, allowed: frozenset[int]) -> bool:
    """Whether a page names a danger as a danger: in a sentence of risk, or under a heading that warns."""
    rx = re.compile(seen, re.I)
    return any(
        rx.search(_BESIDES.sub(" ", x.text))
        and x.start not in allowed
        and (_RISK.search(x.text) or _RISK.search(x.under) or x.kind in ("bullet", "cell"))
        for x in page.lines
    )


def boxed(page: Page, ref: Reference) -> Iterator[Finding]:
    """Themes of the boxed warning that the page leaves out."""
    box = " ".join(e.quote for e in ref.boxed)
    if not box or _SEAL.search(box):
        return
    themes = sorted(
        (
            (m.start(), name, seen)
            for name, label, seen in THEMES
            for m in [re.search(label, box, re.I)]
            if m is not None
        ),
        key=lambda t: t[0],
    )
    evidence = ref.boxed[0]
    if themes:
        allowed = frozenset(x.start for x in page.lines if _waves_away(x))
        absent = [name for _, name, seen in themes if not _speaks_of(page, seen, allowed)]
        titles = " ".join(m[0] for m in _TITLE.finditer(box))
        titled = [name for name, label, _ in THEMES if re.search(label, titles, re.I)]
        headline = titled or [name for at, name, _ in themes if at < HEADLINE]
        gone = [n for n in headline if n in absent]
        if themes[0][1] in absent or len(set(titled) & set(absent)) * 2 > len(titled) > 0:
            text = f"It leaves out the boxed warning: {', '.join(absent[:5])}."
            yield ("missing_boxed_warning", "critical", text, None, evidence)
        elif gone:
            text = f"It leaves out a part of the boxed warning: {', '.join(gone)}."
            yield ("incomplete_boxed_warning", "minor", text, None, evidence)
        return
    words = {w for w in re.findall(r"[a-z]{6,}", box.lower()) if w not in _DULL}
    if words and len(words & set(re.findall(r"[a-z]{6,}", page.text.lower()))) < min(3, len(words)):
        yield ("missing_boxed_warning", "critical", "It leaves out the boxed warning.", None, evidence)


def _waves_away(line: Line) -> bool:
    return allows(line.text) is not None


_TITLE = re.compile(r"\bWARNINGS?\s*:\s*(?:[A-Z][A-Z,;'’/()-]*\s*|and\s+|or\s+|of\s+)+")
"""The title of a boxed warning, which names its dangers in capitals."""
_SEAL = re.compile(r"\btamper|\bsafety\s+seal", re.I)
"""A notice on the pack that a label files under the code of the boxed warning."""
HEADLINE = 250
"""The characters at the head of a boxed warning that name its dangers; the rest explains them."""
_DULL = frozenset(
    [
        "warning",
        "patients",
        "should",
        "therapy",
        "treatment",
        "boxed",
        "section",
        "increased",
        "clinical",
        "associated",
        "because",
        "during",
    ]
)
