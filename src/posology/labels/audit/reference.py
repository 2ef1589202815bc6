"""Turns the sentences of a reference into what an audit holds a page to: its maxima, doses, people, uses, hours, times and ages.

Knows no page. Everything carries its evidence: a section and the label's words, or a statement and its source.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from attrs import field, frozen

from posology.labels.extract.limit_words import DOSE, period, unit_name, value_of
from posology.labels.extract.passage import Passage
from posology.medicine import Claim

TO_BASE = {
    "mg": Decimal(1),
    "mcg": Decimal("0.001"),
    "g": Decimal(1000),
    "mL": Decimal(1),
    "unit": Decimal(1),
    "mEq": Decimal(1),
}
"""Units that convert: masses to mg, the rest to themselves."""


def kind(unit: str) -> str:
    """What a unit measures, so that only like is compared."""
    if unit in ("mg", "mcg", "g"):
        return "mass"
    if unit in ("mg/kg", "mcg/kg", "g/kg"):
        return "mass/kg"
    return unit


def base(value: Decimal, unit: str) -> Decimal:
    """A value in the base unit of its kind."""
    return value * TO_BASE.get(unit.removesuffix("/kg"), Decimal(1))


@frozen
class Evidence:
    """Where the reference says it: a section code and the words, and for a medicine file the statement and source."""

    section_code: str
    quote: str
    path: str = ""
    statement: str = ""
    source: str = ""


def of(p: Passage) -> Evidence:
    """The evidence of a passage."""
    return Evidence(p.section_code, p.quote, p.path)


@frozen
class Limit:
    """A maximum: ``day`` is the most in a day in the base unit, where known; ``groups``: for whom; ``uses``: for what (see :func:`groups`)."""

    value: Decimal
    unit: str
    per: str
    day: Decimal | None
    groups: frozenset[str]
    evidence: Evidence
    uses: frozenset[str] = frozenset()
    firm: bool = True
    """Whether it was read in its source: one that was not is no ground to call a page wrong."""


@frozen
class DoseFact:
    """An amount the reference gives, with period, times a day, whether it is a dose to start with, or a step."""

    amount: Decimal
    kind: str
    per: str
    times: Decimal | None
    start: bool
    evidence: Evidence
    step: bool = False
    firm: bool = True


@frozen
class Reference:
    """What a page is held to. Empty parts mean that the reference does not say."""

    name: str
    names: frozenset[str]
    jurisdiction: str
    text: str = ""
    abrupt: tuple[Evidence, ...] = ()
    tapers: tuple[Evidence, ...] = ()
    limits: tuple[Limit, ...] = ()
    doses: tuple[DoseFact, ...] = ()
    boxed: tuple[Evidence, ...] = ()
    contraindications: tuple[Evidence, ...] = ()
    kidney: tuple[Evidence, ...] = ()
    alcohol: tuple[Evidence, ...] = ()
    driving: tuple[Evidence, ...] = ()
    pregnancy: tuple[Evidence, ...] = ()
    missed: tuple[Evidence, ...] = ()
    strengths: tuple[tuple[Decimal, str], ...] = ()
    hours: frozenset[int] = frozenset()
    ages: frozenset[int] = frozenset()
    times: frozenset[int] = frozenset()
    bare: frozenset[Decimal] = field(default=frozenset(), repr=False)
    """Numbers that stand without a unit in the rows of its tables of doses: the unit is in a head."""
    bands: frozenset[Decimal] = field(default=frozenset(), repr=False)
    """Numbers of the first cells of those rows: kidney functions, ages, days."""
    rows: tuple[tuple[frozenset[Decimal], frozenset[Decimal], Evidence], ...] = field(default=(), repr=False)
    """Those rows: the numbers of the first cell, those of the others, and where they stand."""
    weekly: bool = False
    claims: tuple[Claim, ...] = ()
    source: str = ""
    routes: tuple[str, ...] = field(default=())
    sentences: tuple[Evidence, ...] = field(default=(), repr=False)
    """Every sentence of it, in order."""
    said: frozenset[str] = field(default=frozenset(), repr=False)
    """The same sentences without case and spacing, to find one fast."""

    @property
    def steps(self) -> tuple[DoseFact, ...]:
        """The amounts by which it raises or lowers a dose."""
        return tuple(d for d in self.doses if d.step)

    @property
    def words(self) -> frozenset[str]:
        """Its words of six letters and more, in lower case."""
        return frozenset(re.findall(r"[a-z]{6,}", self.text.lower()))

    cited: tuple[Evidence, ...] = field(default=(), repr=False)
    """Every statement of a medicine file, of all countries: what its claims may cite."""
    silent: dict[str, Evidence] = field(factory=dict, repr=False)
    """Of a medicine file: the topics that a source of the country, read through for them, does not speak of."""
    everywhere: Reference | None = field(default=None, repr=False)
    """Of a medicine file: what all its sources say, of every country, verified or not. A page that agrees with one of them is not wrong."""

    @property
    def unstated(self) -> tuple[str, ...]:
        """What it does not state, so that a page was not held to it."""
        parts = (
            ("an abrupt-stop warning", self.abrupt), ("a boxed warning", self.boxed), ("a highest dose", self.limits),
            ("who must not take it", self.contraindications), ("the kidneys", self.kidney), ("alcohol", self.alcohol), ("a missed dose", self.missed),
        )  # fmt: skip
        return tuple(name for name, found in parts if not found)

    def holds(self, text: str) -> bool:
        """Whether it says a sentence word for word: what it says itself cannot contradict it."""
        return key(text) in self.said

    def measure(
        self, about: re.Pattern[str], found: Callable[[str], frozenset[Decimal]]
    ) -> tuple[frozenset[Decimal], Evidence | None]:
        """Every number that ``found`` reads in its sentences on a subject, and the first such sentence."""
        held: frozenset[Decimal] = frozenset()
        first: Evidence | None = None
        for e in self.sentences:
            if about.search(e.quote):
                numbers = found(e.quote)
                held |= numbers
                first = first if first is not None or not numbers else e
        return held, first


_GROUPS = {
    "children": re.compile(
        r"\b(?:child\w*|pediatric|paediatric|adolescents?|infants?|kids?|teen\w*|neonat\w*|bab(?:y|ies))\b|\bunder\s+\d+\s*years|\b\d+[\s-]*(?:to|-|–)\s*1[0-7][\s-]*years?\b|\b(?:[2-9]|1[0-7])-year-olds?\b|\bfrom\s+(?:[2-9]|1[0-7])\s+years\b|\b(?:aged?|from(?:\s+age)?)\s+(?:[2-9]|1[0-7])\b(?!\d|[.,]\d)(?:\s+years?)?\s+(?:and|or)\s+(?:over|up(?:wards?)?|older|above)\b",
        re.I,
    ),
    "older": re.compile(
        r"\b(?:elderly|geriatric|(?<!and )(?<!or )older|seniors?|debilitated|frail)\b|\b(?:I['’]?\s?a?m|aged?|s?he\s+is)\s+(?:6[5-9]|[789]\d)\b(?!\s*(?:mg|mcg|g|kg|m[lL])\b)|\b(?:6[5-9]|[789]\d)[\s-]+years?[\s-]+old\b|\b(?:from|past|after|beyond)\s+(?:age\s+|the\s+age\s+of\s+)?(?:6[05]|7[05])\b(?!\s*(?:mg|mcg|g|kg|m[lL]|to|-|–|%|days?|hours?|weeks?|minutes?)|[.,]\d|\d)|\b(?:60|65|70|75)\s*(?:years?|yrs?)?\s*(?:of\s+age\s+)?(?:and|or)\s+(?:older|over|above)\b|\b(?:over|above|older\s+than|greater\s+than|≥|>)\s*(?:(?:the\s+)?age\s+(?:of\s+)?)?(?:60|65|70|75)\b",
        re.I,
    ),
    "kidney": re.compile(r"\b(?:kidneys?|renal\w*|creatinine|CrCl|dialysis|eGFR)\b", re.I),
    "liver": re.compile(r"\b(?:liver|hepatic|cirrhosis|child-pugh)\b", re.I),
    "other medicine": re.compile(
        r"\b(?:inhibitors?|concomitant\w*|co-?administ\w*|taking|receiving|combin\w+|with\s+other|metaboli[sz]ers?)\b",
        re.I,
    ),
    "weight": re.compile(r"\bkg\b|\bpounds?\b|\blbs?\b|\bweigh\w*", re.I),
}


_WELL_ORGANS = re.compile(
    r"\b(?:creatinine\s+clearance|CrCl|CLcr|eGFR)\s*(?:of\s+)?(?:at\s+least|≥|>|above|over|greater\s+than|more\s+than)\s*(?:[6-9]\d|1\d\d)\b|\b(?:normal|healthy|good|sound|working)\s+(?:kidneys?|liver|renal|hepatic)(?:\s+function)?\b|\b(?:kidneys?|liver|renal\s+function)\s+(?:\w+\s+){0,2}?(?:work(?:s|ing)?\s+(?:well|normally|fine|as\s+they\s+should)|(?:is|are)\s+(?:normal|fine|healthy|sound|good))",
    re.I,
)
"""Kidneys or a liver that work well narrow to nobody."""


def groups(text: str) -> frozenset[str]:
    """The kinds of people a phrase narrows to; none means everyone (adults count as everyone, also with children).

    >>> sorted(groups("children with kidney disease"))
    ['children', 'kidney']
    """
    text = _WELL_ORGANS.sub(" ", text)
    found = {k for k, rx in _GROUPS.items() if rx.search(text)}
    if re.search(r"\badults\b", text, re.I):
        found.discard("children")
    return frozenset(found)


_USE_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rx))
    for name, rx in (
        ("depression", r"(?i:depress\w+)|\bMDD\b"), ("obsessions", r"(?i:obsess\w+|compuls\w+)|\bOCD\b"), ("panic", r"(?i:panic)|\bPD\b"),
        ("social anxiety", r"(?i:social\s+(?:anxiety|phobia|settings|situations))|\bSAD\b"), ("general anxiety", r"(?i:general\w*\s+anxiety)|\bGAD\b"),
        ("trauma", r"(?i:post-?\s?trauma\w*|trauma)|\bPTSD\b"), ("fibromyalgia", r"(?i:fibromyalgia)"), ("seizures", r"(?i:seizures?|epilep\w+|fits)"),
        ("diabetic nerve pain", r"(?i:diabet\w+)"), ("shingles pain", r"(?i:shingles|postherpetic|post-herpetic)"), ("high blood pressure", r"(?i:hypertension|high\s+blood\s+pressure)"),
        ("heart failure", r"(?i:heart\s+failure|weak\s+heart)"), ("angina", r"(?i:angina|chest\s+pain)"), ("after a heart attack", r"(?i:(?:after|following|post)[\s-]+(?:an?\s+|your\s+)?(?:acute\s+)?(?:heart\s+attack|myocardial\s+infarction))"), ("arthritis", r"(?i:arthritis)"), ("period pain", r"(?i:dysmenorrh\w+|period\s+(?:pain|cramps))"),
        ("restless legs", r"(?i:restless\s+legs?)|\bRLS\b"), ("migraine", r"(?i:migraine)"), ("psoriasis", r"(?i:psoriasis)"), ("cancer", r"(?i:cancer|leuk\w+|lymphoma)"),
        ("sleep", r"(?i:insomnia|sleep\w*)"), ("bulimia", r"(?i:bulimia)"), ("schizophrenia", r"(?i:schizophreni\w+)"), ("mania", r"(?i:bipolar|mania)"),
    )
)  # fmt: skip


def uses(text: str) -> frozenset[str]:
    """The uses that a text names, so that a maximum for one use is not taken for another's.

    >>> sorted(uses("for panic disorder or PTSD"))
    ['panic', 'trauma']
    """
    return frozenset(name for name, rx in _USE_WORDS if rx.search(text))


_EVERY = re.compile(
    r"\bbetween\s+(?:\w+\s+)?doses\b[^.;]{0,60}?\b(\d{1,2})\s*hours?\b|\b(\d{1,2})\s*hours?\s+(?:(?!every)\w+\s+){1,3}between\s+(?:(?:the|your|any|one|two|2|each)\s+)*(?:doses?|tablets|capsules)\b|\b(\d{1,2})(?:\s*(?:to|-|–|or)\s*(\d{1,2}))?[\s-]*hours?\s+(?:apart|between\s+(?:the\s+|each\s+)?(?:(?:two|2)\s+)?(?:doses?|tablets|one\s+dose))\b|\bevery\s+(\d+|four|six|eight|twelve)(?:\s*(?:to|-|–|or)\s*(\d+|six|eight|twelve))?[\s-]*(?:hours?|hrs?|h)\b|\bq\s?(\d+)\s?h\b|\b(\d+)\s*(?:to|-|–)\s*(\d+)[\s-]*hour\s+intervals?",
    re.I,
)
_HOURLY = re.compile(r"\b(?:every|each)\s+hour\b|\bonce\s+an\s+hour\b|(?<![\d-])\bhourly\b", re.I)
_AGE = re.compile(
    r"\b(\d{1,3})(?:\s*(?:to|-|–|through)\s*(?:<\s*|under\s+)?(\d{1,3}))?\s*(?:years?|yrs?)\b"
    r"|\b(?:children|kids|teens|teenagers|adolescents|people|anyone)\s+(?:of|from|aged)\s+(\d{1,2})(?:\s*(?:to|-|–)\s*(\d{1,2}))?\b(?!\s*(?:mg|kg|m[lL]|%|days?|weeks?|months?|hours?|in\b|of\b|out\b|tablets?|pounds|lb))",
    re.I,
)
_TIMES = re.compile(
    r"\b(once|twice|thrice|(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|\d{1,2})\s+times?|(?:two|three|four|five|six|\d)\s*(?:to|or|-)\s*(?:two|three|four|five|six|\d)\s+times?)\s*(?:a|per|each|every)?\s*(?:day|daily)\b|\b(q\.?i\.?d|t\.?i\.?d|b\.?i\.?d)\b|\b(?:in\s+)?(two|three|four|2|3|4)\s+(?:equally\s+|equal\s+)?divided\s+doses",
    re.I,
)
_COUNT = {
    "once": 1,
    "one": 1,
    "twice": 2,
    "two": 2,
    "thrice": 3,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
}


def counted(text: str) -> set[int]:
    """How many times a day a text says, all of them.

    >>> sorted(counted("two or three times a day, or q.i.d."))
    [2, 3, 4]
    """
    out: set[int] = set()
    for m in _TIMES.finditer(text):
        if m[2]:
            out.add({"q": 4, "t": 3, "b": 2}[m[2][0].lower()])
            continue
        for w in re.findall(r"[a-z]+|\d+", (m[1] or m[3]).lower()):
            if w in _COUNT:
                out.add(_COUNT[w])
            elif w.isdigit():
                out.add(int(w))
    if re.search(
        r"\bdaily\b|\b(?:a|per|each|every)\s+day\b|\bat\s+bedtime\b|\bonce\s+in\s+the\b", _TIMES.sub(" ", text), re.I
    ):
        out.add(1)
    return out


def hours_in(text: str) -> set[int]:
    """The "every N hours" of a text; of a range, every whole hour in it."""
    out: set[int] = {1} if _HOURLY.search(text) else set()
    for m in _EVERY.finditer(text):
        ends = [int(_COUNT.get(g.lower(), g)) for g in m.groups() if g]
        if ends:
            out |= set(range(min(ends), max(ends) + 1))
    return out


def ages_in(text: str) -> set[int]:
    """The ages in years of a text."""
    return {int(g) for m in _AGE.finditer(text) for g in m.groups() if g}


STEP = re.compile(
    r"\b(?:rais\w*|increas\w*|go(?:es|ing)?\s+up|step(?:s|ped)?\s+(?:it\s+)?up|add(?:s|ed)?|put\s+up|ris(?:e|es|ing)|lower\w*|reduc\w*|decreas\w*|cut|step(?:s|ped)?|titrat\w*|chang\w*|up|down)\b[^.;]{0,60}?\b(?:by|steps?\s+of|increments?\s+of)\s+(?:(?:no\s+more\s+than|about|up\s+to|at\s+most|only|another|a\s+further)\s+)?(?:\d[\d.,]*\s*(?:mg|mcg|g)?(?:/day)?\s*(?:to|or|-|–)\s*|\d[\d.,]*\s*(?:mg|mcg|g|m[lL])(?:/day)?\s+(?:[a-z0-9]+\s+){1,3}or\s+(?:by\s+)?)?$|\b(?:steps?|increments?|jumps?|decrements?|rises?|increases?)\s+(?:(?:up|down)\s+)?(?:of|is|are|be|should\s+be|:)\s+(?:\d[\d.,]*\s*(?:mg|mcg|g)?\s*(?:to|or|-|–)\s*)?$",
    re.I,
)
"""Words before an amount by which a dose is raised or lowered, not a dose itself."""


STEP_AFTER = re.compile(
    r"\s*(?:(?:is|are|may\s+be|can\s+be|comes?|gets?)\s+)(?:added|put\s+on\s+top|taken\s+off|cut\s+off)\b|\s+(?:more|less|extra)\s+(?:each|every|a|per)\s+(?:day|week|month|time)\b",
    re.I,
)
"""Words after an amount that make it a step: "0.1 mg is added every week"."""
LASTING = re.compile(r"\bfor\s+(?:the\s+)?(?:\w+\s+){1,3}?(?:days?|weeks?|months?)\b", re.I)
"""How long a dose is taken, which is not how often: "for a week"."""
_OR_MORE = re.compile(r"(?<![\d.,])(\d[\d,]*(?:\.\d+)?)\s+or\s+(?:more|less)\b", re.I)
_DAILY_DOSES = re.compile(r"\bdaily\s+dos(?:es?|ages?)\s+of\s+$", re.I)


_AND_A_HALF = re.compile(r"(?<![\d./])(\d+)\s+(1/2|1/4|3/4)(?=\s*(?:mg|mcg|g|m[lL]|tablets?|capsules?)\b)")
_PAIR = re.compile(r"(?<![\d./])(\d+(?:\.\d+)?/\d+(?:\.\d+)?)\s+((?:tablet|capsule)s?)\b", re.I)
_PAIR_OF = re.compile(r"\b(?:tablet|capsule)s?\s+of\s+(\d+(?:\.\d+)?)/(\d+(?:\.\d+)?)\b", re.I)
"""Tablets of two ingredients, known by both amounts: "one 25/100 tablet"."""


def doses_in(text: str, evidence: Evidence, start: bool = False) -> list[DoseFact]:
    """Every amount of a text, with the period words that follow it."""
    out = []
    text = _AND_A_HALF.sub(lambda m: m[1] + {"1/2": ".5", "1/4": ".25", "3/4": ".75"}[m[2]], text)
    text = _PAIR.sub(r"\2 of \1", text)
    for m in _PAIR_OF.finditer(text):
        tail = re.split(r"[;.]\s|\)", text[m.end() :])[0][:60]
        per, times = period(LASTING.sub(" ", tail))
        out += [DoseFact(Decimal(g), "mass", "", times, start, evidence) for g in m.groups()]
    found = list(DOSE.finditer(text))
    for m in _OR_MORE.finditer(text):  # "1,200 mcg a day; some need 1,800 or more"
        before = [d for d in found if d.end() <= m.start()]
        if before:
            unit = unit_name(before[-1]["unit"], before[-1]["kg"])
            out.append(DoseFact(base(value_of(m[1]), unit), kind(unit), "day", None, False, evidence))
    for i, d in enumerate(found):
        unit = unit_name(d["unit"], d["kg"])
        end = found[i + 1].start() if i + 1 < len(found) else len(text)
        tail = re.split(r"[;.]\s|\)", text[d.end() : end])[0][:60]
        per, times = period(LASTING.sub(" ", tail))
        if not per and times is None and _DAILY_DOSES.search(text[: d.start()]):
            per = "day"
        for raw in (d["low"], d["num"]):
            if raw:
                step = bool(STEP.search(text[: d.start()])) or bool(re.match(r"\s+off\b", tail))
                out.append(
                    DoseFact(base(value_of(raw), unit), kind(unit), per, times, start and not step, evidence, step)
                )
    return out


def in_a_day(d: DoseFact) -> Decimal | None:
    """How much a dose comes to in a day, where that is known."""
    return d.amount if d.per == "day" else d.amount * d.times if d.times is not None else None


def key(text: str) -> str:
    """A sentence without case, spacing and bullets, to find it among others."""
    return " ".join(text.lower().split()).strip("•- .")
