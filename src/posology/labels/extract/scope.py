"""Turns the headings around a sentence of a label, and the words in it, into whom and what a statement is for.

Knows no dose and no medicine by name. A heading is known by its shape (a section's title, a short line, the words before a
colon or a dash), and what it heads lasts until the next heading of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import evolve, frozen

from posology.labels.extract.passage import Sentence
from posology.labels.record import Block, Place, Section

_AGE = r"(?:years?|months?|yrs?|weeks?(?=\s+of\s+age))"
_OLDER = r"(?:and|or)\s+(?:over|older|above|up|greater|under|younger)"
POPULATION = re.compile(
    r"\b(?:(?:in|for|of|to)\s+)?(?P<who>"
    r"(?:(?:most|some|adult|elderly|geriatric|pediatric|paediatric|debilitated|older|younger|female|male|dialysis|hemodialysis|hospitali[sz]ed|institutionali[sz]ed|outpatient|ambulatory)\s+)*(?:patients?\s+|people\s+|those\s+|individuals\s+|subjects\s+)?"
    r"(?:adults?(?!\s+(?:[\w-]+\s+)?(?:doses?|dosages?)\b)|children(?:\s+and\s+adolescents)?|adolescents?|infants?|neonates?|elderly|geriatric(?:\s+patients)?|pediatric(?:\s+patients)?|paediatric(?:\s+patients)?|seniors|outpatients|inpatients|"
    r"(?:patients?|people|those|individuals|children|adults|women|men|males|females|persons)\s+(?:who\s+(?:are|have|weigh|require|cannot|do|fail)\s+|with\s+(?:a\s+|an\s+)?|without\s+|aged?\s+|over\s+|under\s+|above\s+|below\s+|weighing\s+|less\s+than\s+|greater\s+than\s+|on\s+|taking\s+|receiving\s+|undergoing\s+|not\s+(?:taking|receiving)\s+|already\s+(?:taking|receiving|on)\s+|treated\s+with\s+|\d)(?:(?!(?-i:\s(?:In|For|The|If|Dosage|Dose|Recommended|Maximum|Do|Limit)\b))[^.;,()]){1,70}|"
    r"(?:hospitali[sz]ed|institutionali[sz]ed|debilitated|ambulatory|elderly|older|geriatric|dialysis|hemodialysis|uremic|cirrhotic|obese|pregnant|nonpregnant|transplant|na[iï]ve)\s+(?:and\s+\w+\s+)?(?:patients?|women|adults))"
    rf"(?:\s*(?:,)?\s*(?:aged?\s+)?(?:\d+\s*(?:to|-|–|through)\s*(?:<|under\s+)?\d+|\d+\s*{_AGE}?\s*(?:of\s+age\s+)?{_OLDER}|(?:over|under|above|below|up\s+to|less\s+than|greater\s+than|older\s+than|younger\s+than|≥|>|<|≤)\s*\d+)(?:\s*(?:{_AGE}|kg|lbs?)(?:\s+of\s+age)?(?:\s+(?:and|or)\s+(?:over|older|above))?)?)?(?:\s*\([^()]{{0,30}}\d[^()]{{0,20}}(?:{_AGE}|kg)[^()]{{0,20}}\))?"
    r"|(?:moderate|severe|mild)(?:ly)?(?:\s+(?:to|or)\s+(?:moderate|severe))?\s+(?:(?:renal|kidney|hepatic|liver)(?:\s+or\s+(?:renal|hepatic))?\s+(?:impairment|disease|dysfunction|insufficiency|failure)|cirrhosis)"
    r"|(?:renal|kidney|hepatic|liver)(?:\s+or\s+(?:renal|hepatic))?\s+(?:impairment|disease|dysfunction|insufficiency|failure)|(?:severe\s+)?(?:hepatic\s+|liver\s+)?cirrhosis"
    r"|(?:creatinine\s+clearance|CrCl|CLcr|Ccr|eGFR|GFR)\s*:?\s*[^.;,:()]{1,40}|(?:hemo)?dialysis"
    r"|(?:(?:strong|potent|moderate|weak)\s+)?(?:(?:CYP|P-gp)[\w/]*)\s+(?:(?:extensive|intermediate|poor|ultra-?rapid)(?:\s+(?:and|or)\s+\w+)?\s+metaboli[sz]ers|inhibitors?|inducers?)|(?:extensive|intermediate|poor)(?:\s+(?:and|or)\s+(?:extensive|intermediate|poor))?\s+metaboli[sz]ers"
    rf"|(?:\d+\s*(?:to|-|–)\s*(?:<|under\s+)?\d+\s*{_AGE}(?:\s+of\s+age)?)|(?:≥|>|<|≤|over|under|above|below|at\s+least)\s*\d+\s*(?:{_AGE}|kg)(?:\s+of\s+age)?"
    rf"|\d+\s*{_AGE}(?:\s+of\s+age)?\s+{_OLDER}|\d+\s*kg\s+(?:or|and)\s+(?:more|over|above|greater))",
    re.I,
)
CONDITION = re.compile(
    r"\b(?:concomitant\w*|co-?administ\w+|(?:when|if)\s+(?:used|taken|given|combined|administered)\s+(?:concomitantly\s+)?with|in\s+combination\s+with|(?:also\s+)?(?:taking|receiving))\s+[^.;:()\[\]]{3,80}",
    re.I,
)
_DISEASE = (
    r"(?:disorders?|diseases?|pain|syndrome|hypertension|angina(?:\s+pectoris)?|epilepsy|seizures?|depression|arthritis|infections?|insomnia|anxiety|neuralgia|"
    r"migraine|(?:heart\s+)?failure|spasticity|asthma|gout|nausea|vomiting|fibromyalgia|dysmenorrhea|psoriasis|schizophrenia|mania|edema|ulcers?|"
    r"esophagitis|hyperlipidemia|hypercholesterolemia|hyperkalemia|hypokalemia|incontinence|hyperplasia|malaria|tuberculosis|pneumonia|"
    r"sinusitis|bronchitis|otitis\s+media|cystitis|osteoporosis|osteoarthritis|anemia|leukemia|lymphoma|cancer|carcinoma|melanoma|"
    r"dementia|parkinsonism|psychosis|psychoses|neuropathy|fibrillation|arrhythmias?|tachycardia|infarction|rhinitis|urticaria|pruritus|"
    r"acne|rosacea|dermatitis|alopecia|obesity|ADHD|OCD|GERD|spasms?|cough|vertigo|chorea|tremor|dependence|withdrawal|rejection|prophylaxis|dyspepsia|fever|headache)"
)
FOR_USE = re.compile(
    r"\b(?:for|in)\s+(?:the\s+)?(?:acute\s+|maintenance\s+|initial\s+|long-term\s+)?(?:treatment|management|prevention|prophylaxis|relief|control)\s+of\s+(?:the\s+)?(?P<use>[^.;,()]{3,60})|"
    rf"\b(?:for|in|with)\s+(?P<use2>(?:(?!patients|adults|children|the\b|all\b|or\b|mild|moderate|severe|renal|hepatic|liver|kidney)[a-z-]+\s+){{0,3}}?(?<!liver )(?<!kidney )(?<!renal ){_DISEASE})\b",
    re.I,
)
GENERIC_TITLE = re.compile(
    r"^(?:[\d.]+\s*)?(?:dos(?:age|es?|ing)(?:\s*(?:&|and)\s*administration)?|administration|general|recommended|usual|important|directions?|how\s+(?:should|to|do)|information|"
    r"initial|initiation|initiating|maintenance|titration|switching|discontinu|withdraw|missed|monitoring|concomitant|co-?administration|use\s+(?:with|in|of)|special|specific|warnings?|precautions?|(?:drug\s+)?interact|"
    r"starting|conversion|treatment|therapy|testing|preparation|premedication|limitations|patient|medication\s+guide|what|adverse|contraindications|indications|transfer|duration|other|"
    r"individuali|considerations|oral|basic|tablets?|capsules?|.*section$|spl\s+|boxed|highlights|full\s+prescribing|maximum|max\b|note|table|method|monotherapy$|combination|adjunctive|adjunct\b|"
    r"dose\s|daily|once|twice|increas|reduc|day\s|week\s|step\s|step\d|the\s|do\s|see\s|take\b|under\s|after\s|before\s|when\s|if\s|in\s+(?:the|case|general)|each\b|active\s|uses?\b)",
    re.I,
)
"""Headings that name no use: the parts every label has, instructions, and what belongs to any use."""
GROUP_TITLE = re.compile(
    r"\b(?:adults?|pediatrics?|paediatrics?|children|child|adolescents?|infants?|neonat\w+|geriatrics?|elderly|renal|hepatic|kidney|liver|impairment|dialysis|women|men|metaboli[sz]ers|"
    r"outpatients?|inpatients?|hospitali[sz]ed|debilitated|inhibitors?|inducers?|years\s+of\s+age|(?:CrCl|eGFR|creatinine)|\d+\s*(?:years|months|kg))\b",
    re.I,
)
_APART = re.compile(
    r"\b(?:renal|hepatic|kidney|liver|impairment|dialysis|geriatrics?|elderly|debilitated|inhibitors?|inducers?|metaboli[sz]ers|special|specific|concomitant\w*|co-?administ\w+|interactions?)\b",
    re.I,
)
"""Groups that stand beside the uses of a label, not under the last one."""
_DOSING = "34068-7"
_NEXT = (
    r"(?:The|In|For|A|An|Take|Administer|Initiate|Start|Recommended|Initial|Initially|Usual|Usually|Dosage|Doses?|When|Because|If|Adults?:|Begin|Treatment|Therapy|Patients|It|"
    r"[A-Z][\w-]+\s+(?:is|are|may|should|tablets|capsules|can|was|has|have))"
)
_TITLE = (
    r"(?P<title>[A-Z][\w'’/-]*(?:\s+(?:\([^()]{1,40}\)|[A-Z][\w'’()/,-]*|of|the|and|in|for|with|or|to|on|by|&)){0,10})"
)
_NUMBER = re.compile(r"\d{1,2}\.\s?\d{1,2}\.?\s+[A-Z]")
NUMBERED = re.compile(rf"^(?:\d{{1,2}}\.\s?\d{{1,2}}\.?\s+)?{_TITLE}\s+(?={_NEXT}\b)")
_LEAD = re.compile(r"^(?P<title>[A-Z≥>≤<\d][\w\s,/()<>≥≤+'’-]{2,70}?)\s*(?:[:–—]|\.\s*[–—])\s*(?=\S)")
_INSIDE = re.compile(
    r"(?:^|[.;:)]\s+)(?P<title>[A-Z][\w'’/-]*(?:[\s,]+[\w<>≥≤/()'’+-]+){0,8}?)\s*(?::\s+|\s*[—–]\s*|\.\s+)(?=[A-Z\d])"
)
_BARE = re.compile(rf"(?:^|[.;:)\]]\s+)(?:\d{{1,2}}\.\s?\d{{1,2}}\.?\s+)?{_TITLE}\s+(?={_NEXT}\b)")
_ASIDE = re.compile(r"\((?P<title>(?:Adults?|Children|Pediatrics?|Adolescents?|Elderly|Geriatrics?)(?:[^()]{0,40}))\)")
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|should|must|may|can|will|has|have|had|do|does|take|given?|use|used|started?|increased?|reduced?)\b",
    re.I,
)


@frozen
class Scope:
    """Whom and what for; an empty text is "not restricted"."""

    who: str = ""
    use: str = ""

    def under(self, title: str) -> Scope:
        """The scope below a further heading: a use replaces the use and ends the group, a group narrows it.

        >>> Scope(use="Angina").under("Pediatric Patients").who, Scope(use="Angina").under("Maintenance")
        ('Pediatric Patients', Scope(who='', use='Angina'))
        """
        title = re.sub(r"^[\d.]+\s*", "", title).strip(" :.-–—•")
        aim = _DOSING_FOR.match(title)
        if (
            aim
            and not any(rx.search(aim["use"]) for rx in (GROUP_TITLE, _APART))
            and not GENERIC_TITLE.match(aim["use"])
        ):
            title = aim["use"]
        if not title:
            return self
        if GROUP_TITLE.search(title):
            inside = re.search(
                rf"^(.*?\b{_DISEASE}|.*?(?=\s+(?:in|for)\s|\s*[-–—,:]))(?:\s+(?:in|for)\s+(?:the\s+)?|\s*[-–—,:]\s*|\s+)(?=adult|pediatric|children|adolesc|elderly|patients)",
                title,
                re.I,
            )
            if inside and GROUP_TITLE.search(inside[1]):
                inside = None  # a list of groups, no use in a group
            use = self.use
            if inside and not GENERIC_TITLE.match(inside[1]):
                use = inside[1]
            elif inside and (named := FOR_USE.search(title)):
                use = named["use"] or named["use2"]
            elif inside is None and (
                m := re.match(rf"(?:adult|pediatric|childhood)\s+(?P<use>(?:[\w-]+\s+){{0,3}}{_DISEASE})", title, re.I)
            ):
                use = m["use"]
            elif _APART.search(title):
                use = ""
            return Scope(group(title[inside.end() :] if inside else title), use)
        if GENERIC_TITLE.match(title):
            return Scope() if _APART.search(title) else self
        return Scope(use=title)


_DOSING_FOR = re.compile(
    r"^(?:recommended\s+|usual\s+|initial\s+|maximum\s+)*(?:dos(?:age|ing|es?)|treatment|therapy)(?:\s+(?:and\s+administration|information|recommendations?|schedule|regimens?))?"
    r"\s+(?:for|in|of)\s+(?:the\s+)?(?:(?:acute\s+|preventive\s+)?(?:treatment|management|prevention)\s+of\s+)?(?P<use>.+)$",
    re.I,
)
_DOSAGE_FOR = re.compile(
    r"^(?:recommended\s+|maximum\s+)*(?:dos(?:age|ing|es?)|use)\s*(?:adjustments?|modifications?|recommendations?)?\s*(?:for|in)\s+(?:the\s+)?",
    re.I,
)


def group(title: str) -> str:
    """The people a heading speaks of: the heading without its "Dosage in", or of a long one the words that name them.

    >>> group("Dosage Adjustment in Patients with Renal Impairment")
    'Patients with Renal Impairment'
    """
    title = _DOSAGE_FOR.sub("", re.sub(r"^\s*(?:in|for)\s+(?:the\s+)?", "", title))
    title = re.sub(r"(?<=\w)\s+(?:dosage|dosing|doses?)\b.*$", "", title, flags=re.I)
    return title if len(title) <= 110 else people_in(title)


def is_heading(block: Block) -> bool:
    """Whether a block is a heading: marked as one, or a short line without a verb or a full stop.

    >>> [is_heading(Block("paragraph", t)) for t in ("Panic Disorder", "Adults:", "Take it with food", "Maximum 5 mg")]
    [True, True, False, False]
    """
    text = block.text
    if block.kind == "heading":
        return bool(text)
    return (
        block.kind == "paragraph"
        and 0 < len(text) < 100
        and not text.endswith((".", ",", ";"))
        and (text[0].isupper() or text[0].isdigit() or text[0] in "≥<>≤")
        and len(text.split()) <= 14
        and not _VERB.search(text)
        and not re.search(r"\d\s*(?:mg|mcg|g|mL|units?|tablets?|capsules?)\b", text)
    )


class Outline:
    """The headings of a label as its sentences go by, in reading order."""

    def __init__(self) -> None:
        self._within: dict[int, Scope] = {}
        self._seen: tuple[int, int] = (0, -1)
        self._headed: tuple[tuple[int, int], list[tuple[int, str]]] = ((0, -1), [])

    def at(self, s: Sentence) -> Scope:
        """The scope of a sentence by the headings above and before it; to be asked of every sentence, in order."""
        key = id(headed(s.place))
        scope = self._within.get(key)
        if scope is None:
            scope = self._within[key] = titles(s.place)
        block = s.block
        if s.passage.block < 0:
            return scope
        if (id(block), s.passage.block) != self._seen:
            self._seen = (id(block), s.passage.block)
            if is_heading(block):
                scope = self._within[key] = scope.under(block.text)
            elif block.kind == "paragraph":
                if _NUMBER.match(block.text):  # a numbered part begins, whatever its heading says
                    scope = self._within[key] = titles(s.place)
                if title := _run_in(block.words):
                    scope = self._within[key] = scope.under(title)
        return scope

    def within(self, s: Sentence, scope: Scope) -> Scope:
        """The scope of a sentence by the headings inside its own block as well, the nearest before its end."""
        key = (id(s.place.section), s.passage.block)
        if self._headed[0] != key:
            self._headed = (key, _headings_inside(s.block))
        for at, title in self._headed[1]:
            if at < s.passage.end:
                scope = scope.under(title)
        return scope


def in_table(s: Sentence, left: list[str], scope: Scope) -> Scope:
    """The scope of a sentence in a table's row: the last row above with a single cell heads it, then the cells to its left."""
    table = [b for b in s.place.section.blocks if b.group == s.block.group and b.cells]
    parts = [texts for b in table[: table.index(s.block)] if len(texts := {c.text for c in b.cells if c.text}) == 1]
    if parts:
        scope = scope.under(parts[-1].pop())
    return of_row(left, table[0].cells[0].text, scope)


_MEASURE = re.compile(r"\b(?:weight|age|clearance|CrCl|CLcr|eGFR|kg|lbs?|years|body\s+surface)\b", re.I)
_WITH_WHAT = re.compile(
    r"\b(?:interact\w*|with|concomitant\w*|co-?administered|inhibitors?|inducers?|agents?|drugs?)\b", re.I
)


def of_row(left: list[str], head: str, scope: Scope) -> Scope:
    """The scope of a table's row: the cells left of its dose say for whom, with what other medicine, or for what use.

    ``head``: the head of the first column. A strength, or the name of a row of doses, says none of it.

    >>> of_row(["Cramp", "over 40 kg"], "Indication", Scope()), of_row(["5 mg"], "Strength", Scope())
    (Scope(who='over 40 kg', use='Cramp'), Scope(who='', use=''))
    """
    for n, cell in enumerate(left):
        text = re.sub(r"\s*\(\s*[\d.,\s]+\)\s*$", "", REFERENCE.sub("", cell)).strip()
        strength = re.search(r"\d\s*(?:mg|mcg|g|mL)\b(?!\s*/)", text) and not re.search(r"[A-Za-z]{5}", text)
        if not text or strength:
            continue
        if n == 0 and _MEASURE.search(head) and not re.search(r"\b(?!greater|above|below)[a-z]{6}", text, re.I):
            return evolve(scope, who=f"{head} {text}"[:160])
        if GROUP_TITLE.search(text) and n == 0 and names_a_use(text):
            return Scope(use=scope.use).under(text)
        if n == 0 and _WITH_WHAT.search(head) and not names_a_use(text):
            return evolve(scope, who=f"{scope.who}: {text}".lstrip(" :")[:160])
        if GROUP_TITLE.search(text):
            return evolve(scope, who=text[:160])
        if n == 0 and not GENERIC_TITLE.match(text):
            scope = evolve(scope, use=text[:160])
    return scope


def headed(place: Place) -> Section:
    """The nearest section around a place that has a title: sections without one go on under it."""
    return next((x for x in reversed(place.line) if x.title), place.line[0])


def _headings_inside(block: Block) -> list[tuple[int, str]]:
    """The headings that stand inside a block, with their places: "Angina: ...", "... (Adults) ...", "2.2 Angina The ..."."""
    text = block.words
    found = [(m.start("title"), m["title"]) for rx in (_INSIDE, _BARE, _ASIDE) for m in rx.finditer(text)]
    if block.kind == "item" and (m := _LEAD.match(text)):
        found.append((0, m["title"]))
        kept = [f for f in found if _short(f[1])]
    else:
        kept = [
            f for f in found if _short(f[1]) and (GROUP_TITLE.search(f[1]) or names_a_use(f[1]) or _APART.search(f[1]))
        ]
    return sorted(kept)


def _short(title: str) -> bool:
    return len(title.split()) <= 9 and not _VERB.search(title)


def names_a_use(title: str) -> bool:
    """Whether a heading or phrase names a use, by a word for an illness in it."""
    return bool(re.search(rf"\b{_DISEASE}\b", title, re.I)) and not GENERIC_TITLE.match(title)


def titles(place: Place) -> Scope:
    """The scope that the titles around a sentence make; outside the dosing section a title names people, no use."""
    scope = Scope()
    dosing = any(s.code == _DOSING for s in place.line)
    for s in place.line:
        if not s.title:
            continue
        below = scope.under(s.title)
        scope = below if dosing else evolve(below, use=scope.use)
    return evolve(scope, use=scope.use if len(scope.use) < 90 else "")


def _run_in(text: str) -> str:
    """The heading inside a block ("2.1 Hypertension The usual ..." or "Adults: ..."); "" where it has none."""
    m = NUMBERED.match(text) if re.match(r"\d{1,2}\.\s?\d", text) else _LEAD.match(text)
    if not m:
        return ""
    title = re.sub(r"^[\d.\s]+(?=[A-Z])", "", m["title"]).strip(" ,:")
    words = len(title.split())
    if not title or words > (14 if _NUMBER.match(text) else 9) or _VERB.search(title):
        return ""
    if not GROUP_TITLE.search(title) and words > 5 and not text[0].isdigit():
        return ""
    return title


REFERENCE = re.compile(r"[(\[]\s*(?:see|refer\s+to)\b[^()\[\]]*(?:\([^()]*\)[^()\[\]]*)*[)\]]", re.I)
_RUN_ON = re.compile(
    r"(?<=[a-z\d]) (?=(?:The|This|These|It|If|In|For|Recommended|Dosage|Doses?|Use|When|Patients|Start|Initial|Initiate|Begin|Limit|Avoid|Do|Take|Reduce|Administer|Maximum|Adjust|Consider)\b)"
)


_NEXT_CLAUSE = re.compile(r"[;.]\s|\band\s+(?:the|a)\s+(?:[\w-]+\s+){0,3}?(?:dose|dosage|maximum)\b|\bbut\b", re.I)


def people(text: str, start: int, end: int, since: int, until: int) -> str:
    """Whom an amount is for, by the words of its sentence: those after it, else those since the amount before, else before.

    ``start``, ``end``: the amount; ``since``, ``until``: where the amounts beside it end and begin.
    """
    text = REFERENCE.sub(lambda m: " " * len(m[0]), text)
    after = _NEXT_CLAUSE.split(text[end:until])[0][:130]
    cond = CONDITION.search(after)
    found = [
        m["who"]
        for m in POPULATION.finditer(after)
        if not re.search(r"\beven\s*$", after[: m.start()])
        and (re.match(r"(?:in|for|of|to)\b", m[0], re.I) or re.search(r"[(;,]\s*$|^\s*$", after[: m.start()]))
    ]
    if re.search(r"\b(?:ask|under)\b", " ".join(found)) and not re.match(r"\W*(?:in|for)\b", after):
        found = []
    if not found:
        before = text[since:start]
        found = [m["who"] for m in POPULATION.finditer(before)]
        cond = cond or CONDITION.search(before)
        if not found:
            lead = re.sub(r"\bas\s+(?:with|in|for)\s+\w+", "", text[:start], flags=re.I)
            found = [m["who"] for m in POPULATION.finditer(lead)]
            cond = cond or CONDITION.search(lead)
    out = [" ".join(f.split()) for f in found]
    if cond and not any(norm(cond[0])[:25] in norm(f) or f in cond[0] for f in out):
        out.append(" ".join(cond[0].split()))
    return joined(out)


def use_in(text: str, start: int, end: int, since: int, until: int) -> str:
    """What an amount is for, by the words nearest to it in its sentence; "" where they name no use.

    ``start``, ``end``, ``since``, ``until`` as in :func:`people`. What stands right after the amount is its own, then what stands
    before it, then what follows later.
    """
    after = re.split(r"[;.]\s", text[end:until])[0]
    for piece, near in ((after, 25), (text[since:start], 1000), (after, 1000), (text[:start], 1000)):
        found = [m for m in FOR_USE.finditer(piece) if m.start() <= near]
        if found:
            m = found[0] if piece is after else found[-1]
            return re.sub(r"^(?:each|any|every|an?)\s+", "", _clean(m["use"] or m["use2"]))
    return ""


def anaphoric(s: Sentence, before: Sentence | None) -> Scope:
    """Whom and what "Dosage should not exceed ..." speaks of: the people and the use that the sentence before named."""
    if before is None or before.passage.block != s.passage.block or before.place.line != s.place.line:
        return Scope()
    if not _THESE.search(s.text) and (len(s.text.split()) > 30 or not _SPEAKS_ON.match(s.text)):
        return Scope()
    return Scope(people_in(before.text), use_in(before.text, len(before.text), len(before.text), 0, len(before.text)))


_THESE = re.compile(
    r"\b(?:these|such)\s+(?:patients|people|individuals|children|populations?)\b|\bthis\s+(?:population|group)\b", re.I
)
_SPEAKS_ON = re.compile(
    r"(?:The\s+)?(?:Daily|Dosages?|Doses?|Dosing|Total|Maximum|It|Do|This|Increases?|Therapy|However)\b|For\s+inadequate\b",
    re.I,
)


def people_in(text: str) -> str:
    """Every group of people that a text names."""
    return joined(" ".join(m["who"].split()) for m in POPULATION.finditer(REFERENCE.sub(" ", text)))


_GOES_ON = re.compile(
    r",?\s+(?:the\s+(?:[\w-]+\s+){0,3}?(?:dose|dosage|maximum|total)|(?<!who )(?<!that )(?:is|are|was|were|should|may|must|can|do|does|will|due\s+to|because|since|which)\b).*$",
    re.I | re.S,
)
"""Where a phrase that names people or a use is over."""


def _clean(phrase: str) -> str:
    """A phrase without what follows it in the sentence, and without a loose end."""
    phrase = _GOES_ON.sub("", " ".join(phrase.split())).strip(" ,;:.-")
    return re.sub(r"\s+(?:or|and|the|a|to|with|of)$", "", phrase)


def joined(groups: Iterable[str]) -> str:
    """Groups of people as one text, each once; as many as fit."""
    out = ""
    for g in groups:
        g = _clean(_RUN_ON.split(g)[0])
        if not g or any(norm(g) in norm(o) for o in out.split("; ")):
            continue
        if len(out) + len(g) > 158:
            break
        out = f"{out}; {g}" if out else g
    return out


def norm(text: str) -> str:
    """Words in lower case, parted by single spaces."""
    return re.sub(r"\W+", " ", text.lower()).strip()
