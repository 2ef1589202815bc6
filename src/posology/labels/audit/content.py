"""Turns a page and a reference into findings on content: what is missing, contradicted, or a wrong number, unit or period.

Knows no medicine by name. A number is called wrong only where the reference holds numbers of that kind and not this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from posology.labels.audit.page import Line, Page
from posology.labels.audit.reference import (
    Evidence,
    Limit,
    Reference,
    ages_in,
    base,
    counted,
    groups,
    hours_in,
    kind,
)
from posology.labels.extract.maximum import _DOSE, _value, period, unit_name
from posology.labels.extract.stopping import Reader

Finding = tuple[str, str, str, Line | None, Evidence | None]
"""(type, severity, text, line, evidence)."""


def _first(found: tuple[Evidence, ...]) -> Evidence | None:
    return found[0] if found else None


# -- stopping -------------------------------------------------------------------------------------------------------

_GRADUAL = re.compile(
    r"\b(?:taper\w*|wean\w*|(?:slowly|gradual(?:ly)?|bit\s+by\s+bit|step\s+by\s+step|little\s+by\s+little|in\s+(?:small\s+)?steps|over\s+(?:several\s+|a\s+few\s+|one\s+|two\s+|\d[\w\s-]{0,8})(?:days|weeks|months))\b[^.]{0,60}\b(?:reduc\w+|lower\w*|stop\w*|cut\w*|come\s+off|decreas\w*|dose)|"
    r"(?:reduc\w+|lower\w*|stop\w*|cut(?:ting)?(?:\s+down)?|com(?:e|ing)\s+off|decreas\w*|withdraw\w*|dose)\b[^.]{0,60}\b(?:slowly|gradual(?:ly)?|bit\s+by\s+bit|step\s+by\s+step|little\s+by\s+little|in\s+(?:small\s+)?steps|over\s+(?:several|a\s+few|one|two|\d)[\w\s-]{0,8}(?:days|weeks|months)))\b",
    re.I,
)
_SUDDEN = re.compile(
    r"\b(?:abrupt\w*|sudden\w*|all\s+at\s+once|at\s+once|all\s+of\s+a\s+sudden|cold\s+turkey|overnight|too\s+(?:quickly|fast|rapidly)|quickly|straight\s+away|right\s+away|rapid\w*|in\s+one\s+go)\b",
    re.I,
)
_STOP_WORD = re.compile(
    r"\b(?:stop\w*|discontinu\w*|quit\w*|withdraw\w*|com(?:e|ing)\s+off|cease|ceasing|cessation|halt\w*|interrupt\w*|go(?:ing)?\s+without|end(?:ing)?\s+treatment)\b",
    re.I,
)
_FORBID = re.compile(
    r"\b(?:do\s+not|don['’]t|never|must\s+not|mustn['’]t|should\s+not|shouldn['’]t|cannot|can['’]t|not\s+to|avoid\w*|not\s+safe|unsafe|dangerous|danger|risk\w*|harm\w*|serious|seizures?|fits|withdrawal|rebound|attack|sick|ill|worse|side\s+effects|problems?|emergency|severe|life|death|die)\b",
    re.I,
)
_ASK_FIRST = re.compile(
    r"\b(?:do\s+not|don['’]t|never)\s+stop\b[^.]{0,90}\b(?:without|unless|until|before|even\s+if)\b", re.I
)
_FREE = (
    r"(?:at\s+any\s+(?:time|point)|any\s?time|whenever|when(?:ever)?\s+you\s+(?:like|want|wish|choose|feel|no\s+longer)|(?:as\s+soon\s+as|once|when)\s+(?:you|your|the|it|symptoms|pain|spasms)\s+[\w\s]{0,25}?(?:feel\w*|better|ease[sd]?|gone|go(?:es)?\s+away|improve\w*|pass\w*|settle\w*|under\s+control|normal)|"
    r"suddenly|abruptly|all\s+at\s+once|overnight|cold\s+turkey|straight\s+away|on\s+your\s+own|by\s+yourself|yourself|without\s+(?:any\s+)?(?:asking|talking|telling|seeing|speaking|tapering|taper|problems?|worry|risk|reducing|weaning|first|harm|a\s+taper|slowly|consult\w*|medical|effects|withdrawal|danger|your)|from\s+one\s+day\s+to\s+the\s+next|in\s+one\s+(?:go|step))"
)
_NOW = rf"(?:{_FREE}|immediately|right\s+away|at\s+once|at\s+your\s+convenience|(?:on\s+)?the\s+same\s+day)"
_BETTER = r"(?:better|improve[sd]?|gone|go(?:es)?\s+away|well|ease[sd]?|pass(?:es)?|settle[sd]?|fade[sd]?|normal|under\s+control)"
_PERMIT = re.compile(
    rf"\b(?:(?:you\s+|patients\s+|people\s+|it\s+|this\s+medicine\s+|treatment\s+|tablets\s+|the\s+\w+\s+|\w+\s+)?(?:can|may|could|are\s+free\s+to|is\s+(?:safe|fine|ok(?:ay)?|all\s+right|possible|easy)\s+to|feel\s+free\s+to|(?:are|is)\s+able\s+to)\s+(?:also\s+|always\s+|usually\s+|just\s+|simply\s+|safely\s+|be\s+)*(?:safely\s+|simply\s+)?(?:stop\w*|quit|discontinue[ds]?|withdrawn|come\s+off|end(?:ed)?)\b[^.;]{{0,70}}?\b{_NOW}|"
    rf"(?:stop|quit|discontinue)\b[^.;]{{0,50}}\b(?:you|they|people|patients)\s+(?:can|may)\s+do\s+(?:so|this|that|it)\b[^.;]{{0,40}}?\b{_NOW}|"
    rf"(?:feel\s+free\s+to|free\s+to)\s+(?:stop|quit|discontinue|come\s+off)|skip\s+(?:the\s+|any\s+)?taper\w*|"
    rf"(?:once|when|as\s+soon\s+as|after|if)\s+(?:you|your|the|symptoms?|pain|spasms?|it)\b[^.;]{{0,45}}?\b{_BETTER}\b[^.;]{{0,12}}?,?\s*(?:then\s+)?(?:you\s+(?:can|may|should)\s+)?(?:just\s+|simply\s+|safely\s+)?(?:stop|discontinue|quit)\b|"
    rf"(?:do\s+not|don['’]t|no\s+need\s+to|need\s+not|never)\s+worry\s+about\s+(?:stopping|quitting|coming\s+off|a\s+sudden)|"
    rf"(?:abrupt|sudden)\w*\s+(?:stop\w*|discontinu\w*|withdraw\w*|cessation)\s+(?:is|are|was)\s+(?:\w+\s+)?(?:well\s+tolerated|safe|harmless|fine|acceptable|not\s+(?:harmful|dangerous|a\s+(?:problem|concern)))|"
    rf"withdrawal\s*(?:symptoms?|effects?|problems?|reactions?)?\s+(?:is|are|do|does|will)\s*(?:not|n['’]t)\s+(?:(?:a|an)\s+)?(?:concern|problem|issue|occur|happen|expected|likely|seen)|"
    rf"(?:does|do|will)\s*(?:not|n['’]t)\s+(?:cause|lead\s+to|bring)\s+(?:any\s+)?withdrawal|"
    rf"(?:safe|fine|ok(?:ay)?|all\s+right|harmless|no\s+problem|not\s+(?:a\s+problem|harmful|dangerous))\s+(?:for\s+\w+\s+)?to\s+(?:just\s+|simply\s+)?(?:stop|quit|discontinue|come\s+off)\b|"
    rf"(?:no\s+need\s+to|need\s+not|do\s+not\s+(?:need|have)\s+to|don['’]t\s+(?:need|have)\s+to|not\s+necessary\s+to|unnecessary\s+to|no\s+reason\s+to)\s+(?:taper|wean|reduce\s+(?:the|your|it)|lower\s+(?:the|your)|cut\s+down|come\s+off\s+(?:it\s+)?slowly|stop\s+(?:it\s+)?slowly|slowly\s+reduce|gradually\s+(?:reduce|lower|stop))|"
    rf"(?:tapering|a\s+taper|slow\s+withdrawal|gradual\s+reduction)\s+(?:is|are)\s+(?:not|un)\s?(?:needed|necessary|required)|"
    rf"(?:stopping|quitting)\b[^.;]{{0,60}}\b(?:is\s+(?:quite\s+|completely\s+|perfectly\s+|generally\s+)?(?:safe|harmless|fine|ok(?:ay)?|not\s+(?:harmful|dangerous|a\s+problem))|(?:causes?|has|have|brings?)\s+no\b|(?:does|do|will)\s+not\s+(?:cause|harm|lead|bring)|won['’]t\s+(?:cause|harm|lead|bring))|"
    rf"no\s+withdrawal\s+(?:symptoms|effects|problems|reactions|signs))",
    re.I,
)
_IMPERATIVE = re.compile(
    rf"(?:^|[.,;:]\s+|\bthen\s+|\band\s+|\byou\s+should\s+|\bjust\s+|\bsimply\s+)(?:just\s+|simply\s+|please\s+)?(?:stop|quit|discontinue)\s+(?:taking\s+|using\s+)?(?:it|them|this|the|your|[\w-]+)?(?:\s+(?:medicine|medication|tablets?|drug|treatment|pills?))?\s*(?:,\s*)?{_FREE}",
    re.I,
)
_NEGATED = re.compile(
    r"\b(?:do\s+not|don['’]t|never|must\s+not|should\s+not|cannot|can\s*not|can['’]t|may\s+not|not\s+safe|unsafe|isn['’]t|is\s+not|are\s+not|no\s+one\s+should|avoid|think\s+that|myth|wrong)\b(?:(?!\b(?:and|but|so)\b)[^.;]){0,45}$",
    re.I,
)
_REACTION = re.compile(
    r"\b(?:allerg\w*|rash|swelling|hives|reaction|trouble\s+breathing|jaundice|yellow|bleeding|infection)\b", re.I
)
_TOO_SOON = re.compile(
    r"\b(?:stop\w*|discontinu\w*|quit\w*|end(?:ing)?)\s+(?:taking\s+|using\s+)?(?:[\w'’-]+\s+){0,4}?(?:too\s+(?:soon|early)|before\s+time|prematurely)\b",
    re.I,
)


def stopping(page: Page, ref: Reference) -> Iterator[Finding]:
    """What a page says of stopping, held to a reference that warns against an abrupt stop."""
    if not ref.abrupt:
        return
    evidence = _first(ref.abrupt)
    reader = Reader(ref.names)
    warned = weak = False
    for line in page.lines:
        t = line.text
        m = _PERMIT.search(t) or _IMPERATIVE.search(t)
        if m and not _NEGATED.search(t[: m.start()]) and not (_REACTION.search(t) and not _SUDDEN.search(m[0])):
            yield (
                "contradicts_stopping_advice",
                "critical",
                "It says that stopping is safe or free; the reference warns against an abrupt stop.",
                line,
                evidence,
            )
            continue
        reading = reader.reading(t) if _SUDDEN.search(t) else "none"
        if reading == "denies" and not _FORBID_STOP.search(t):
            yield (
                "contradicts_stopping_advice",
                "critical",
                "It denies the harm of an abrupt stop that the reference warns of.",
                line,
                evidence,
            )
            continue
        if _TOO_SOON.search(t) and _FORBID.search(t):
            yield (
                "wrong_wording",
                "major",
                "Stopping too soon is not the danger: stopping too fast is. The reference speaks of how quickly, not of how long.",
                line,
                evidence,
            )
        if (
            reading == "warns"
            or (_STOP_WORD.search(t) and _SUDDEN.search(t) and _FORBID.search(t))
            or (_STOP_WORD.search(t) and _GRADUAL.search(t))
            or (
                re.search(r"\btaper", t, re.I)
                and not re.search(r"\bno\s+(?:need|taper)|not\s+(?:need|necess)", t, re.I)
            )
        ):
            warned = True
        elif _ASK_FIRST.search(t):
            weak = True
    if not warned:
        text = "It does not warn against stopping suddenly."
        if weak:
            text = "It says to ask before stopping, and not that stopping suddenly is the danger."
        yield ("missing_abrupt_stop_warning", "critical", text, None, evidence)


_FORBID_STOP = re.compile(
    r"\b(?:do\s+not|don['’]t|never|must\s+not|should\s+not|avoid)\s+(?:\w+\s+){0,3}?(?:stop|discontinu|quit|abrupt|sudden)",
    re.I,
)


# -- what must be there ---------------------------------------------------------------------------------------------

_MISSED = re.compile(
    r"\b(?:miss(?:ed|es|ing)?\s+(?:a|your|the|one|any|\d|two|more|this|dose)|missed\b|forg[eo]t(?:ten|s)?\b|skip(?:ped)?\s+(?:a|the|that|your)\s+(?:missed\s+)?dose|late\s+dose)",
    re.I,
)
_KIDNEY = re.compile(r"\b(?:kidneys?|renal|dialysis|creatinine)\b", re.I)
_ALCOHOL = re.compile(r"\b(?:alcohol\w*|drinking\s+(?:wine|beer)|beer|wine|liquor|spirits)\b", re.I)
_WHO_NOT = re.compile(
    r"\b(?:do\s+not|don['’]t|must\s+not|should\s+not|shouldn['’]t|never|cannot|can['’]t|not\s+(?:suitable|right|safe)\s+for|not\s+be\s+(?:taken|used)|contraindicated|who\s+should\s+not|who\s+must\s+not|avoid)\b[^.]{0,120}\b(?:if\s+you|people\s+(?:with|who)|anyone|allerg\w*|hypersensitiv\w*|patients\s+with|by\s+people)|\ballerg\w*|\bcontraindicat\w*|\bwho\s+(?:should|must)\s+not\b",
    re.I,
)
_MAX_WORD = re.compile(
    rf"\b(?:maximum|max\.?|highest|largest|top|upper|the\s+most|at\s+most|most\s+you|no\s+more\s+than|not\s+more\s+than|never\s+more\s+than|more\s+than|not\s+exceed|exceed|above|over|up\s+to|limit)\b[^.;]{{0,80}}?(?:{_DOSE.pattern})|(?:{_DOSE.pattern.replace('(?P<', '(?P<z')})[^.;]{{0,50}}\b(?:is\s+the\s+(?:most|maximum|highest|limit)|maximum|at\s+(?:the\s+)?most|or\s+less|limit)\b",
    re.I,
)


def _maximum_lines(page: Page) -> list[Line]:
    return [
        x
        for x in page.lines
        if _MAX_WORD.search(x.text)
        and (
            re.search(r"\b(?:maximum|max|highest|largest|top|most|limit|exceed)\b", x.text, re.I)
            or re.search(
                r"\b(?:no|not|never|n['’]t)\b[^.;]{0,25}\b(?:more|above|over)\b|\bup\s+to\b[^.;]{0,50}\b(?:a|per|each|every)\s+day|\bup\s+to\b[^.;]{0,40}daily",
                x.text,
                re.I,
            )
        )
    ]


def missing(page: Page, ref: Reference) -> Iterator[Finding]:
    """What every page about this medicine must say, and this one does not."""
    text = page.text
    daily = [x for x in ref.limits if x.per in ("day", "dose", "week", "night", "")]
    if daily and not _maximum_lines(page):
        yield ("missing_maximum_dose", "major", "It does not say the highest dose.", None, daily[0].evidence)
    if not _MISSED.search(text):
        yield (
            "missing_missed_dose",
            "major",
            "It does not say what to do about a missed dose.",
            None,
            _first(ref.missed),
        )
    kidney = tuple(e for e in ref.kidney if _CAUTIONS.search(e.quote) or e.statement)
    if kidney and not _KIDNEY.search(text):
        yield ("missing_kidney", "major", "It does not speak of the kidneys; the reference does.", None, _first(kidney))
    if ref.alcohol and not _ALCOHOL.search(text):
        yield (
            "missing_alcohol",
            "major",
            "It does not speak of alcohol; the reference does.",
            None,
            _first(ref.alcohol),
        )
    if ref.contraindications and not _WHO_NOT.search(text):
        yield (
            "missing_contraindication",
            "major",
            "It does not say who must not take it.",
            None,
            _first(ref.contraindications),
        )
    yield from boxed(page, ref)


THEMES: tuple[tuple[str, str, str], ...] = (
    ("suicidal thoughts", r"suicid", r"suicid|kill\s+(?:your|them)sel|self-?harm|harm(?:ing)?\s+(?:your|them)sel|end\s+(?:your|their)\s+life"),
    ("opioids taken with it", r"\bopioid", r"opioid|opiate|strong\s+pain(?:killer|\s+medicine)|narcotic|codeine|morphine"),
    ("abuse and addiction", r"\b(?:abuse|misuse|addiction)", r"abuse|misuse|addict|habit"),
    ("stopping suddenly and dependence", r"\bdependence|withdrawal\s+reaction|abrupt\w*\s+(?:\w+\s+){0,2}(?:discontinu|cessation|withdraw|stop)|(?:discontinu\w+|cessation|stop\w*)\s+(?:\w+\s+){0,3}abrupt", r"depend(?:ence|ent)|withdrawal|sudden|abrupt|stop(?:ping)?\s+\w*\s*(?:slowly|too)|all\s+at\s+once|taper"),
    ("slowed or stopped breathing", r"respiratory\s+depression|respiratory\s+arrest", r"breath"),
    ("heart attack, chest pain or heart trouble", r"myocardial\s+infarction|cardiovascular|angina|ischemic|heart\s+attack|cardiac|heart\s+failure", r"heart|chest\s+pain|angina|cardiac"),
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


def boxed(page: Page, ref: Reference) -> Iterator[Finding]:
    """Themes of the boxed warning that the page leaves out."""
    if not ref.boxed:
        return
    box = " ".join(e.quote for e in ref.boxed)
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
        absent = [name for _, name, seen in themes if not re.search(seen, page.text, re.I)]
        headline = [name for at, name, _ in themes if at < HEADLINE]
        if themes[0][1] in absent:
            yield (
                "missing_boxed_warning",
                "critical",
                f"It leaves out the boxed warning: {', '.join(absent[:5])}.",
                None,
                evidence,
            )
        elif set(headline) & set(absent):
            left_out = ", ".join(n for n in headline if n in absent)
            yield (
                "incomplete_boxed_warning",
                "minor",
                f"It leaves out a part of the boxed warning: {left_out}.",
                None,
                evidence,
            )
        return
    words = {w for w in re.findall(r"[a-z]{6,}", box.lower()) if w not in _DULL}
    if words and len(words & set(re.findall(r"[a-z]{6,}", page.text.lower()))) < min(3, len(words)):
        yield ("missing_boxed_warning", "critical", "It leaves out the boxed warning.", None, evidence)


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


# -- contradictions -------------------------------------------------------------------------------------------------

_CONDITIONS: tuple[tuple[str, str, str], ...] = (
    ("an allergy to it", r"hypersensitiv|allerg|anaphyla", r"allerg\w*|hypersensitiv\w*|reacted\s+badly"),
    ("pregnancy", r"pregnan|childbearing|fet(?:al|us)", r"pregnan\w*|expecting\s+a\s+baby|unborn"),
    ("breastfeeding", r"nursing|lactat|breast-?\s?feed", r"breast-?\s?feed\w*|nursing"),
    ("liver disease", r"hepatic|liver", r"liver|hepatic|hepatitis|cirrhosis"),
    ("kidney disease", r"renal|kidney|anuria|dialysis", r"kidneys?|renal|dialysis"),
    ("glaucoma", r"glaucoma", r"glaucoma"),
    ("an MAO inhibitor", r"MAO|monoamine\s+oxidase", r"MAO\w*|monoamine\s+oxidase"),
    ("asthma", r"asthma|bronchospas|COPD|airway", r"asthma\w*|COPD|wheez\w*|lung\s+disease"),
    ("a slow heartbeat or heart block", r"heart\s+block|bradycardia|sick\s+sinus|AV\s+block", r"slow\s+(?:heart\s*beat|heart\s+rate|pulse)|heart\s+block|bradycardia|sick\s+sinus"),
    ("heart failure or shock", r"heart\s+failure|cardiogenic\s+shock|cardiac\s+failure", r"heart\s+failure|weak\s+heart|cardiac\s+failure"),
    ("a recent heart attack", r"myocardial\s+infarction", r"heart\s+attack"),
    ("ulcer or bleeding", r"ulcer|bleeding|hemorrhag", r"ulcers?|bleeding"),
    ("sleep apnoea", r"sleep\s+apn", r"sleep\s+apn\w+"),
    ("myasthenia gravis", r"myasthenia", r"myasthenia\w*"),
    ("breathing trouble", r"respiratory\s+(?:insufficiency|depression|failure)", r"breathing\s+(?:problems?|trouble)|respiratory"),
    ("a fungal infection", r"fungal|mycos", r"fungal|fungus"),
    ("melanoma or a skin lesion", r"melanoma|skin\s+lesion", r"melanoma|skin\s+(?:lesion|cancer|mole)\w*|moles?"),
    ("seizures", r"seizure|epilep|convuls", r"seizures?|epilep\w*|fits"),
    ("urinary blockage", r"urinary\s+retention|bladder\s+neck|obstructive\s+uropathy", r"urin\w+|bladder|prostate"),
    ("diabetic ketoacidosis", r"ketoacidosis|metabolic\s+acidosis", r"ketoacidosis|acidosis"),
    ("low blood pressure", r"hypotension", r"low\s+blood\s+pressure"),
    ("heart bypass surgery", r"bypass|CABG", r"bypass|heart\s+(?:surgery|operation)"),
    ("an irregular heartbeat", r"QT|arrhythmi|torsade", r"QT|irregular\s+heart\w*|heart\s+rhythm|arrhythmi\w*"),
    ("stroke", r"\bstroke|cerebrovascular", r"strokes?"),
    ("porphyria", r"porphyria", r"porphyria"),
    ("phaeochromocytoma", r"ph(?:a)?eochromocytoma", r"ph(?:a)?eochromocytoma"),
    ("bowel blockage", r"ileus|gastrointestinal\s+obstruction|bowel\s+obstruction", r"bowel|ileus|gut\s+blockage"),
    ("children", r"(?:pediatric|children|infants|neonat)[^.]{0,40}", r"child(?:ren)?|infants?|bab(?:y|ies)|kids?"),
    ("strong interacting medicines", r"(?:strong|potent)\s+(?:\w+\s+){0,3}inhibitor", r"inhibitors?"),
    ("alcohol", r"alcohol", r"alcohol\w*|drinking"),
    ("live vaccines", r"live\s+(?:virus\s+|attenuated\s+)?vaccin", r"live\s+vaccin\w*|vaccin\w*"),
)  # fmt: skip
_SAFE = re.compile(
    r"\b(?:(?:is|are|be|it['’]s|considered|perfectly|completely|quite|generally|also|entirely)\s+(?:\w+\s+)?(?:safe(?!ty|r\s+to\s+ask)|fine|ok(?:ay)?|all\s+right|suitable|harmless|allowed|acceptable)|safely|safe\s+(?:for|in|to|during|with|even)|suits|"
    r"(?:can|may|could)\s+(?:still\s+|also\s+|usually\s+|normally\s+|freely\s+)*(?:take|use|combine|mix|be\s+(?:safely\s+)?(?:taken|used|given|combined|mixed)|drink|have|drive|be\s+(?:safe|fine))|free\s+to|feel\s+free|"
    r"no\s+(?:need\s+to\s+(?:worry|avoid|tell|stop)|special\s+(?:care|precautions?)|precautions?|problems?|risks?|harm|danger|restrictions?|effects?\s+on|known\s+problems?|limits?|reason\s+(?:to|not))|need\s+not|"
    r"(?:do|does|will|is|are)\s*(?:not|n['’]t)\s+(?:a\s+problem|matter|affect|harm|a\s+concern|need\s+to\s+(?:avoid|worry|stop|tell)|have\s+to\s+(?:avoid|worry|stop|tell))|even\s+(?:if|when|in|with)|regardless\s+of|whether\s+or\s+not|everyone|anyone(?!\s+else)|good\s+choice|well\s+suited|recommended\s+(?:for|in|during)|approved\s+for)\b",
    re.I,
)
_UNSAFE = re.compile(
    r"\b(?:not\s+(?:be\s+)?(?:safe|suitable|recommended|fine|allowed|be\s+(?:taken|used|given)|take|use|drink|drive|known|certain|clear|studied)|(?:do|should|must|may|can|could|does)\s*(?:not|n['’]t)\s+(?:be\s+)?(?:take|use|drink|drive|taken|used|start|have|mix|given|combine|suit)|cannot|can['’]t|never|avoid|unless|ask\s+(?:your|a)|talk\s+(?:to|with)|speak\s+(?:to|with)|tell\s+(?:your|a)|check\s+with|caution|careful|care\b|only\s+if|until|unknown|unsafe|contraindicated|lower\s+dose|less\s+than|harm\s+(?:your|the|an)|before\s+you)\b",
    re.I,
)


def contradictions(page: Page, ref: Reference) -> Iterator[Finding]:
    """Sentences that allow what the reference forbids or warns of."""
    forbidden = [
        (name, seen, next((e for e in ref.contraindications if re.search(label, e.quote, re.I)), None))
        for name, label, seen in _CONDITIONS
    ]
    forbidden = [f for f in forbidden if f[2] is not None]
    extra = _own_terms(ref)
    for line in page.lines:
        t = line.text
        m = _SAFE.search(t)
        if not m or _negation_spoils(t, m):
            continue
        t = _clause(t, m)  # "tell your doctor if you drink; a little may be fine" allows nothing
        hit = next(((n, e) for n, seen, e in forbidden if re.search(rf"\b(?:{seen})\b", t, re.I)), None)
        if hit is None:
            hit = next(((w, e) for w, e in extra if re.search(rf"\b{re.escape(w)}\b", t, re.I)), None)
        if (
            hit is None
            and ref.contraindications
            and re.search(r"\b(?:everyone|anyone(?!\s+else)|nobody\s+needs)\b", t, re.I)
            and not re.search(r"\bask|talk|tell\b", t, re.I)
            and re.search(r"\b(?:safe|suitable|take|use)\b", t, re.I)
        ):
            hit = ("everyone", ref.contraindications[0])
        if hit is not None:
            yield (
                "contradicts_contraindication",
                "critical",
                f"It allows what the reference forbids: {hit[0]}.",
                line,
                hit[1],
            )
            continue
        for seen, what, found in (
            (_ALCOHOL, "alcohol", ref.alcohol),
            (re.compile(r"\b(?:driv\w+|machine\w*|cycl\w+)\b", re.I), "driving and machines", ref.driving),
            (
                re.compile(r"\b(?:pregnan\w*|breast-?\s?feed\w*|unborn)\b", re.I),
                "pregnancy or breastfeeding",
                ref.pregnancy,
            ),
            (_KIDNEY, "weak kidneys", ref.kidney),
        ):
            warned = [e for e in found if _CAUTIONS.search(e.quote)]
            if warned and seen.search(t):
                yield (
                    "contradicts_warning",
                    "critical",
                    f"It waves away what the reference warns of: {what}.",
                    line,
                    warned[0],
                )
                break


_CAUTIONS = re.compile(
    r"\b(?:caution\w*|avoid\w*|not|should|risk|warn\w*|additive|increase[sd]?|impair\w*|reduc\w*|harm|contraindicated|lower|monitor\w*|adjust\w*|toxic\w*|hazard\w*|only\s+if|enhance\w*|potentiat\w*)\b",
    re.I,
)
_JOINING = frozenset(
    [
        "without",
        "whether",
        "because",
        "between",
        "through",
        "against",
        "another",
        "however",
        "therefore",
        "although",
        "usually",
        "certain",
        "several",
        "possible",
        "present",
        "similar",
        "related",
        "medical",
        "general",
        "special",
        "together",
        "combined",
        "condition",
        "conditions",
        "symptoms",
        "effects",
        "clinical",
        "current",
        "recently",
        "anything",
        "something",
        "available",
        "evidence",
        "required",
        "previous",
        "consider",
        "doctors",
    ]
)
_DULL_TERMS = frozenset(
    [
        "contraindicated",
        "contraindications",
        "contraindication",
        "hypersensitivity",
        "patients",
        "patient",
        "known",
        "tablets",
        "capsules",
        "component",
        "components",
        "formulation",
        "ingredients",
        "ingredient",
        "treatment",
        "therapy",
        "following",
        "including",
        "within",
        "should",
        "taking",
        "history",
        "severe",
        "reaction",
        "reactions",
        "product",
        "products",
        "inactive",
        "active",
        "medicine",
        "warnings",
        "precautions",
        "section",
        "adverse",
        "concomitant",
        "concurrent",
        "because",
        "disease",
        "disorder",
        "syndrome",
        "inhibitors",
        "inhibitor",
        "another",
        "during",
        "please",
        "children",
        "increased",
        "serious",
        "cautions",
        "administered",
        "administration",
    ]
)


def _own_terms(ref: Reference) -> list[tuple[str, Evidence]]:
    """Names that the contraindications themselves use: other medicines and rare conditions, in the label's own words."""
    out: list[tuple[str, Evidence]] = []
    for e in ref.contraindications:
        for w in re.findall(r"[a-z]{7,}", e.quote.lower()):
            if (
                w not in _DULL_TERMS
                and w not in _JOINING
                and w not in ref.names
                and not w.endswith(("ing", "tion", "tions", "ally", "ment", "ated", "able"))
            ):
                out.append((w, e))
    return out


def _clause(text: str, m: re.Match[str]) -> str:
    start = max(text.rfind(";", 0, m.start()), 0)
    end = text.find(";", m.end())
    return text[start : end if end >= 0 else len(text)]


def _negation_spoils(text: str, m: re.Match[str]) -> bool:
    """Whether a "not", "ask" or "until" turns the permission round: in the same clause, or right before it."""
    clause_start = max(text.rfind(";", 0, m.start()), text.rfind(". ", 0, m.start()), 0)
    clause_end = next((i for i in (text.find(";", m.end()),) if i >= 0), len(text))
    clause = text[clause_start:clause_end]
    hit = _UNSAFE.search(clause)
    if hit and re.match(
        r"(?:no\s|need\s+not|(?:do|does|will|is|are)\s*(?:not|n['’]t)\s+(?:need|have|a\s|matter|affect|harm|a\b))",
        m[0],
        re.I,
    ):
        inner = clause.replace(m[0], " ", 1)
        hit = _UNSAFE.search(inner)
        if hit and re.match(r"(?:avoid|tell|ask|talk|care|caution|before|harm)", hit[0], re.I):
            hit = None
    if hit is None and re.match(r"even", m[0], re.I):
        return not re.search(r"\b(?:can|may|safe|fine|suitable|take\s+it|use\s+it)\b", clause, re.I)
    if hit is None and re.match(r"(?:everyone|anyone)", m[0], re.I):
        return not re.search(r"\b(?:safe|suit\w*|can|may|fine)\b", clause, re.I)
    if hit is None and re.match(r"no\s+(?:problems?|risks?|harm|effects)", m[0], re.I):
        return bool(re.search(r"\bif\s+you\s+have\s+no\b", clause, re.I))
    if hit is None and re.match(r"(?:can|may|could)\s+(?:\w+\s+)?(?:have|use)\b", m[0], re.I):
        return not re.search(r"\b(?:alcohol|drink|while|if\s+you|with|during|safely|people)\b", clause, re.I) or bool(
            re.search(r"\b(?:can|may)\s+have\s+(?:side|withdrawal|serious|an?\s)", clause, re.I)
        )
    return hit is not None


# -- numbers --------------------------------------------------------------------------------------------------------

_START = re.compile(r"\b(?:start\w*|begin\w*|first\s+dose|initial\w*|at\s+first|to\s+begin)\b", re.I)
_CONTEXT_MAX = re.compile(
    r"\b(?:maximum|max\.?|highest|largest|top\s+dose|the\s+most|at\s+most|most\s+(?:you|anyone)|no\s+more\s+than|not\s+(?:take|use|have|give)?\s*more\s+than|never\s+(?:take\s+|use\s+)?more\s+than|n['’]t\s+take\s+more\s+than|not\s+(?:go\s+)?(?:above|over|exceed)|never\s+(?:go\s+)?(?:above|over|exceed)|no\s+higher\s+than|must\s+not\s+exceed|limit)\b",
    re.I,
)
_UP_TO = re.compile(r"\bup\s+to\b", re.I)


def numbers(page: Page, ref: Reference) -> Iterator[Finding]:
    """Wrong maxima, and other amounts, periods, times a day, hours and ages that the reference does not hold."""
    known = {(d.kind, d.amount) for d in ref.doses}
    kinds = {k for k, _ in known}
    for line in page.lines:
        yield from _line_numbers(line, ref, known, kinds)


def _line_numbers(line: Line, ref: Reference, known: set[tuple[str, Decimal]], kinds: set[str]) -> Iterator[Finding]:
    t = line.text
    found = list(_DOSE.finditer(t))
    said: set[str] = set()
    for i, d in enumerate(found):
        unit = unit_name(d["unit"], d["kg"])
        k = kind(unit)
        value = base(_value(d["num"]), unit)
        end = found[i + 1].start() if i + 1 < len(found) else len(t)
        tail = re.split(r"[;.]\s|\)|,\s(?!(?:or|and)\b)", t[d.end() : end])[0][:60]
        per, times = period(tail)
        lead = t[(found[i - 1].end() if i else 0) : d.start()]
        whole_lead = t[: d.start()]
        maximal = bool(
            _CONTEXT_MAX.search(lead)
            or re.match(
                r"[^.;]{0,50}\b(?:is\s+the\s+(?:most|maximum|highest|limit)|at\s+(?:the\s+)?most|maximum)\b",
                t[d.end() : end],
            )
        )
        if not per and (maximal or i == 0):
            per = (
                "day" if re.search(r"\b(?:daily|(?:in|per|a|each|any)\s+(?:one\s+)?(?:day|24))\b", lead, re.I) else per
            )
            per = (
                "dose"
                if re.search(r"\b(?:single|one|each|at\s+a\s+time)\s*(?:dose)?\s*$|\bsingle\s+dose\b", lead, re.I)
                and not per
                else per
            )
        if maximal:
            f = _against_limits(line, value, unit, per, times, ref, groups(t), exact=True)
            if f is not None:
                said.add("max")
                yield f
                continue
            if ref.limits and _comparable(value, unit, per, times, ref):
                continue
        elif k == "mass" and (per == "day" or times is not None):
            f = _against_limits(line, value, unit, per, times, ref, groups(t), exact=False)
            if f is not None:
                yield f
                if (k, value) not in known and not _derived(value, ref, per, times):
                    yield (
                        "wrong_number_or_unit",
                        "critical",
                        f"The reference does not hold {d[0].strip()}.",
                        line,
                        _nearest(value, k, ref),
                    )
                continue
        if k not in ("mass", "mL", "unit", "mass/kg") or k not in kinds:
            continue
        if (
            re.search(r"\b(?:bottle|pack|box|contains?|inactive|caffeine|sodium|water|glass)\b", t, re.I)
            and (k, value) not in known
            and k == "mL"
        ):
            continue
        starting = bool(_START.search(whole_lead)) and not maximal and i == _first_after_start(t, found)
        starts = {x.amount for x in ref.doses if x.start and x.kind == k}
        if starting and starts and value not in starts and not _derived(value, ref, per, times):
            near = next((x for x in ref.doses if x.start and x.kind == k), None)
            yield (
                "wrong_number_or_unit",
                "critical",
                f"The reference gives another dose to start with than {d[0].strip()}.",
                line,
                near.evidence if near else None,
            )
            continue
        if (k, value) in known or _derived(value, ref, per, times):
            f = _period_clash(line, d[0].strip(), value, k, per, times, ref)
            if f is not None:
                yield f
            continue
        twin = next((x for x in ref.doses if x.kind == k and x.amount != value and _same_digits(x.amount, value)), None)
        text = f"The reference does not hold {d[0].strip()}."
        if twin is not None:
            text = f"The reference holds this number with another unit or another point than {d[0].strip()}."
        evidence = twin.evidence if twin is not None else _nearest(value, k, ref)
        yield ("wrong_number_or_unit", "critical", text, line, evidence)
    if "max" in said:
        return
    yield from _counts(line, t, bool(found), ref)


def _first_after_start(t: str, found: list[re.Match[str]]) -> int:
    m = _START.search(t)
    return next((i for i, d in enumerate(found) if m and d.start() > m.start()), -1)


def _same_digits(a: Decimal, b: Decimal) -> bool:
    return f"{a.normalize():f}".strip("0.").replace(".", "") == f"{b.normalize():f}".strip("0.").replace(".", "")


def _nearest(value: Decimal, k: str, ref: Reference) -> Evidence | None:
    same = [x for x in ref.doses if x.kind == k]
    return min(same, key=lambda x: abs(x.amount - value)).evidence if same else None


def _derived(value: Decimal, ref: Reference, per: str, times: Decimal | None) -> bool:
    """Whether an amount a day is a dose of the reference times its times a day, or a dose is its amount a day shared out."""
    for d in ref.doses:
        if times is None and per in ("day", "") and d.times is not None and d.amount * d.times == value:
            return True
        if (
            per != "day"
            and d.per == "day"
            and any(d.amount / n == value for n in (2, 3, 4) if times in (None, n) and n in ref.times)
        ):
            return True
    return False


def _comparable(value: Decimal, unit: str, per: str, times: Decimal | None, ref: Reference) -> bool:
    return any(kind(x.unit) == kind(unit) for x in ref.limits)


def _against_limits(
    line: Line,
    value: Decimal,
    unit: str,
    per: str,
    times: Decimal | None,
    ref: Reference,
    whom: frozenset[str],
    exact: bool,
) -> Finding | None:
    same = [x for x in ref.limits if kind(x.unit) == kind(unit)]
    if not same:
        return None
    day = value if per == "day" else value * times if times is not None else None
    narrowed = [x for x in same if x.groups & whom]
    pool = narrowed if whom and narrowed else same
    if not whom and any(not x.groups for x in same):
        pool = [x for x in same if not x.groups]
    if exact:
        if any(_equal(x, value, per, day) for x in pool):
            return None
        if per == "dose" and times is None and not any(x.per in ("dose", "night") for x in pool):
            top = max((x.day for x in pool if x.day is not None), default=None)
            shared_out = (max(ref.times, default=1) > 1 or min(ref.hours, default=24) < 24) and not any(
                d.amount == value and d.per == "dose" and d.kind == kind(unit) for d in ref.doses
            )
            if top is None or value < top or (value == top and not shared_out):
                return None
        return (
            "wrong_maximum_dose",
            "critical",
            f"The reference gives another maximum: {_say(pool)}.",
            line,
            pool[0].evidence,
        )
    tops = [(x.day, n, x) for n, x in enumerate(same) if x.day is not None]
    if day is not None and tops and day > max(tops)[0]:
        highest = max(tops)[2]
        return (
            "wrong_maximum_dose",
            "critical",
            f"This comes to more in a day than the reference's maximum: {_say([highest])}.",
            line,
            highest.evidence,
        )
    return None


def _equal(x: Limit, value: Decimal, per: str, day: Decimal | None) -> bool:
    if x.day is not None and day is not None and x.day == day:
        return True
    if x.value == value and (x.per == per or not per or not x.per):
        return True
    return x.value == value and {x.per, per} <= {"day", "night"}


def _say(pool: list[Limit]) -> str:
    out = []
    for x in pool[:3]:
        unit = x.unit.replace("mcg", "mg").replace("g", "mg") if kind(x.unit) == "mass" and x.unit != "mg" else x.unit
        out.append(f"{x.value.normalize():f} {unit}{' a ' + x.per if x.per else ''}")
    return "; ".join(dict.fromkeys(out))


def _period_clash(
    line: Line, shown: str, value: Decimal, k: str, per: str, times: Decimal | None, ref: Reference
) -> Finding | None:
    """An amount the reference holds, with a period it never has there: a week for a day, or other times a day."""
    if not per and times is None:
        return None
    same = [x for x in ref.doses if x.kind == k and x.amount == value and (x.per or x.times is not None)]
    if not same:
        return None
    for x in same:
        if x.per == per and (times is None or x.times is None or x.times == times):
            return None
        if {x.per, per} <= {"day", "night"}:
            return None
        here = value if per == "day" else value * times if times is not None else None
        there = x.amount if x.per == "day" else x.amount * x.times if x.times is not None else None
        if here is not None and here == there:
            return None
    if times is not None and int(times) in ref.times and not any(x.times is not None for x in same):
        return None
    if per == "day" and times is None and any(x.per == "dose" for x in same) and not any(x.per == "week" for x in same):
        return None
    period_words = {
        "day": "a day",
        "week": "a week",
        "month": "a month",
        "night": "a night",
        "dose": "a dose",
        "course": "a course",
    }
    text = f"The reference gives {shown} with another period than {f'{times} times a day' if times is not None else period_words.get(per, per)}."
    return ("wrong_number_or_unit", "critical", text, line, same[0].evidence)


_TAKING = re.compile(
    r"\b(?:take|taken|use|used|give|given|start|begin|dose|doses|swallow|tablets?|capsules?|apply|puffs?|mg|mcg)\b",
    re.I,
)


def _counts(line: Line, t: str, amounts: bool, ref: Reference) -> Iterator[Finding]:
    every = hours_in(t)
    dosing = bool(_TAKING.search(t)) and not re.search(r"\bcheck|blood\s+test|call|urinat|vomit|weigh\b", t, re.I)
    if every and ref.hours and dosing and not every & ref.hours:
        yield (
            "wrong_number_or_unit",
            "critical",
            "The reference gives other hours between doses.",
            line,
            _quote_with(ref, "hour"),
        )
        return
    counts = _explicit_counts(t)
    if (
        counts
        and ref.times
        and dosing
        and not counts & ref.times
        and not re.search(r"\bup\s+to\b.*\bas\s+needed", t, re.I)
    ):
        yield (
            "wrong_number_or_unit",
            "critical",
            "The reference gives other times a day.",
            line,
            _quote_with(ref, "time"),
        )
        return
    if (
        dosing
        and ref.weekly
        and not ref.times - {1}
        and re.search(r"\b(?:daily|every\s+day|(?:once\s+)?(?:a|each)\s+day)\b", t, re.I)
        and _weekly_only(ref)
        and not re.search(r"\bnot\b|never|week", t, re.I)
    ):
        yield (
            "wrong_number_or_unit",
            "critical",
            "The reference gives a dose a week, not a day.",
            line,
            _quote_with(ref, "week"),
        )
        return
    spaced = re.search(
        r"\b(?:take|use|taken|used)\b[^.;]{0,40}?\b(every\s+(?:other|second|third|fourth|\d+)\s+days?)\b", t, re.I
    )
    known_spacing = r"every\s+(?:other|second|third|\d+)\s+days?|alternate|once\s+(?:a|every)\s+week|weekly"
    if spaced and ref.times and not re.search(known_spacing, ref.text, re.I):
        text = f"The reference knows no dose {spaced[1]}."
        yield ("wrong_number_or_unit", "critical", text, line, _quote_with(ref, "day"))
        return
    ages = ages_in(t) - {18, 65}
    if (
        ages
        and ref.ages
        and re.search(r"\b(?:child\w*|under|younger|older|over|aged?|adults?|teen\w*|less\s+than)\b", t, re.I)
        and not ages & ref.ages
        and re.search(r"\b(?:years?)\b", t)
        and not re.search(r"\bfor\s+(?:over\s+)?\d+\s+years\b", t)
    ) and re.search(r"\b(?:not|do|give|safe|take|use|dose|should|below|under|over|from)\b", t, re.I):
        yield ("wrong_number_or_unit", "major", "The reference gives other ages.", line, _quote_with(ref, "year"))


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
    ) - ({1} if not re.search(r"\bonce\b|\bone\s+time", t, re.I) else set())


def _weekly_only(ref: Reference) -> bool:
    weekly = [d for d in ref.doses if d.per == "week"]
    daily = [d for d in ref.doses if d.per == "day" or d.times is not None]
    return bool(weekly) and not daily


def _quote_with(ref: Reference, word: str) -> Evidence | None:
    return next(
        (d.evidence for d in ref.doses if word in d.evidence.quote.lower()),
        ref.doses[0].evidence if ref.doses else None,
    )
