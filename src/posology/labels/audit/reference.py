"""Turns a label or a medicine file into what an audit holds a page to: maxima, doses, stopping, warnings, claims.

Knows no page. Everything carries its evidence: a section and the label's words, or a statement and its source.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from attrs import evolve, field, frozen

from posology.amount import Amount
from posology.labels.extract import Facts, extract
from posology.labels.extract.limit_words import DOSE, DOSING, period, unit_name, value_of
from posology.labels.extract.passage import Passage, all_sentences, own_words
from posology.labels.record import BOXED_WARNING, Label
from posology.medicine import (
    Caution,
    Claim,
    DosesPerDay,
    MaxPerDay,
    MaxPerDose,
    Medicine,
    StartingDose,
    Taper,
    UsualRange,
    WithdrawalSign,
)
from posology.medicine import Statement as Said

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
        return _key(text) in self.said

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
        r"\b(?:child\w*|pediatric|paediatric|adolescents?|infants?|kids?|teen\w*|neonat\w*|bab(?:y|ies))\b|\bunder\s+\d+\s*years|\b\d+[\s-]*(?:to|-|–)\s*1[0-7][\s-]*years?\b|\b(?:[2-9]|1[0-7])-year-olds?\b",
        re.I,
    ),
    "older": re.compile(
        r"\b(?:elderly|geriatric|(?<!and )(?<!or )older|seniors?|debilitated)\b|\b(?:60|65|70|75)\s*(?:years?|yrs?)?\s*(?:of\s+age\s+)?(?:and|or)\s+(?:older|over|above)\b|\b(?:over|above|older\s+than|greater\s+than|≥|>)\s*(?:60|65|70|75)\b",
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


_SOUND_KIDNEYS = re.compile(
    r"\b(?:creatinine\s+clearance|CrCl|CLcr|eGFR)\s*(?:of\s+)?(?:at\s+least|≥|>|above|greater\s+than|more\s+than)\s*(?:[6-9]\d|1\d\d)\b|\bnormal\s+(?:renal|kidney)\s+function\b",
    re.I,
)
"""Kidneys that work: such people are everyone."""


def groups(text: str) -> frozenset[str]:
    """The kinds of people a phrase narrows to; none means everyone (adults count as everyone, also with children).

    >>> sorted(groups("children with kidney disease"))
    ['children', 'kidney']
    """
    text = _SOUND_KIDNEYS.sub(" ", text)
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
        ("heart failure", r"(?i:heart\s+failure|weak\s+heart)"), ("angina", r"(?i:angina|chest\s+pain)"), ("arthritis", r"(?i:arthritis)"), ("period pain", r"(?i:dysmenorrh\w+|period\s+(?:pain|cramps))"),
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
    r"\bevery\s+(\d+|four|six|eight|twelve)(?:\s*(?:to|-|–|or)\s*(\d+|six|eight|twelve))?[\s-]*(?:hours?|hrs?|h)\b|\bq\s?(\d+)\s?h\b|\b(\d+)\s*(?:to|-|–)\s*(\d+)[\s-]*hour\s+intervals?",
    re.I,
)
_HOURLY = re.compile(r"\b(?:every|each)\s+hour\b|\bonce\s+an\s+hour\b|(?<![\d-])\bhourly\b", re.I)
_AGE = re.compile(r"\b(\d{1,3})(?:\s*(?:to|-|–|through)\s*(?:<\s*|under\s+)?(\d{1,3}))?\s*(?:years?|yrs?)\b", re.I)
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
    r"\b(?:rais\w*|increas\w*|go(?:es|ing)?\s+up|step(?:s|ped)?\s+(?:it\s+)?up|add(?:s|ed)?|put\s+up|ris(?:e|es|ing)|lower\w*|reduc\w*|decreas\w*|cut|step(?:s|ped)?|titrat\w*|chang\w*)\b[^.;]{0,60}?\b(?:by|steps?\s+of|increments?\s+of)\s+(?:(?:no\s+more\s+than|about|up\s+to|at\s+most|only|another|a\s+further)\s+)?(?:\d[\d.,]*\s*(?:mg|mcg|g)?(?:/day)?\s*(?:to|or|-|–)\s*|\d[\d.,]*\s*(?:mg|mcg|g|m[lL])(?:/day)?\s+(?:[a-z0-9]+\s+){1,3}or\s+(?:by\s+)?)?$|\b(?:steps?|increments?|jumps?|decrements?)\s+of\s+(?:\d[\d.,]*\s*(?:mg|mcg|g)?\s*(?:to|or|-|–)\s*)?$",
    re.I,
)
"""Words before an amount by which a dose is raised or lowered, not a dose itself."""


LASTING = re.compile(r"\bfor\s+(?:the\s+)?(?:\w+\s+){1,3}?(?:days?|weeks?|months?)\b", re.I)
"""How long a dose is taken, which is not how often: "for a week"."""
_DAILY_DOSES = re.compile(r"\bdaily\s+dos(?:es?|ages?)\s+of\s+$", re.I)


def doses_in(text: str, evidence: Evidence, start: bool = False) -> list[DoseFact]:
    """Every amount of a text, with the period words that follow it."""
    out = []
    found = list(DOSE.finditer(text))
    for i, d in enumerate(found):
        unit = unit_name(d["unit"], d["kg"])
        end = found[i + 1].start() if i + 1 < len(found) else len(text)
        tail = re.split(r"[;.]\s|\)", text[d.end() : end])[0][:60]
        per, times = period(LASTING.sub(" ", tail))
        if not per and times is None and _DAILY_DOSES.search(text[: d.start()]):
            per = "day"
        for raw in (d["low"], d["num"]):
            if raw:
                step = bool(STEP.search(text[: d.start()]))
                out.append(
                    DoseFact(base(value_of(raw), unit), kind(unit), per, times, start and not step, evidence, step)
                )
    return out


def _key(text: str) -> str:
    return " ".join(text.lower().split()).strip("•- .")


_SCHEDULE = re.compile(
    r"\b(?:titration|dosage|dosing|dose)\s+(?:titration\s+)?(?:schedule|regimen)\s+is\b|\btitration\s+schedule\b", re.I
)
_BEGINS = re.compile(r"\b(?:initial(?:ly)?|start\w*|begin\w*|begun|initiat\w+)\b", re.I)
_LATER = re.compile(
    r"\b(?:increas\w+|titrat\w+|until|up\s+to|maxim\w+|then|thereafter|optimum|usually\s+between|target)\b", re.I
)


def _beginning(text: str) -> tuple[str, str]:
    """The part of a sentence that speaks of the first dose, and the rest; a table run together is all of the first."""
    if len(DOSE.findall(text)) > 4 and re.search(r"\bTable\b|\bDay\s+\d", text):
        return text, ""
    cue = _BEGINS.search(text)
    if cue is None:
        return text, ""
    end = _LATER.search(text, cue.end())
    cut = end.start() if end is not None else len(text)
    return text[:cut], text[cut:]


_USED = frozenset([
    "34088-5", "34090-1", "43681-6", "43682-4", "43679-0", "43680-8", "34083-6", "34091-9",
    "34092-7", "34084-4", "90374-0", "90375-7", "34093-5", "43683-2", "51945-4",
])  # fmt: skip


_PLAIN_WORDS = frozenset(
    [
        "hard",
        "soft",
        "coated",
        "film-coated",
        "film",
        "health",
        "healthy",
        "care",
        "plus",
        "family",
        "natural",
        "gentle",
        "active",
        "daily",
        "total",
        "kids",
        "baby",
        "your",
        "good",
        "best",
        "first",
    ]
)
"""Words of product names that any page may hold: they do not show that a page is about the product."""


def from_label(label: Label, facts: Facts | None = None) -> Reference:
    """The reference of one label."""
    f = facts if facts is not None else extract(label)
    starts = {p.quote for p in f.topics["starting_dose"]}
    doses: list[DoseFact] = []
    hours: set[int] = set()
    ages: set[int] = set()
    times: set[int] = set()
    weekly = False
    sentences: list[Evidence] = []
    schedule = 0
    for s in all_sentences(label, "text", "copy", "highlights"):
        here = of(s.passage)
        sentences.append(here)
        if set(s.place.codes) & _USED:
            continue
        if DOSING in s.place.codes or re.search(r"\bdos|\btak(?:e|ing)\b|\bmg\b", s.text, re.I):
            begins, later = _beginning(s.text) if s.text in starts else ("", s.text)
            schedule = 4 if _SCHEDULE.search(s.text) else schedule - 1
            ladder = doses_in(s.text, here, False)
            if schedule > 0 and ladder and not begins:
                doses.append(evolve(ladder[0], start=True))
                schedule = 0
            doses += [*doses_in(begins, here, True), *doses_in(later, here, False), *ladder] if begins else ladder
            hours |= hours_in(s.text)
            if DOSING in s.place.codes or s.place.codes[:1] in (("42230-3",), ("42231-1",)):
                times |= counted(s.text)
                weekly = weekly or bool(
                    re.search(r"\b(?:weekly|(?:once\s+)?(?:a|per|every|each)\s+week)\b", s.text, re.I)
                )
        ages |= ages_in(s.text)
    tops = {base(m.value, m.unit) for m in f.advised_maximum}
    doses = [  # a table of starts and maxima that reached us as one line: its maxima are no starts
        evolve(d, start=False) if d.start and d.amount in tops and len(DOSE.findall(d.evidence.quote)) > 4 else d
        for d in doses
    ]
    strengths = []
    for p in label.products:
        for a in p.active:
            if (
                a.strength is not None
                and a.strength.numerator is not None
                and a.strength.unit in ("mg", "ug", "mcg", "g")
            ):
                unit = "mcg" if a.strength.unit == "ug" else a.strength.unit
                strengths.append((base(a.strength.numerator, unit), a.strength.per))
                doses.append(
                    DoseFact(
                        base(a.strength.numerator, unit),
                        "mass",
                        "",
                        None,
                        False,
                        Evidence("48780-1", f"{p.name} {a.strength}"),
                    )
                )
    return Reference(
        name=label.name,
        names=own_words(label) - _PLAIN_WORDS,
        jurisdiction=label.jurisdiction,
        text="\n".join(e.quote for e in sentences),
        abrupt=tuple(of(p) for p in f.stopping.warnings),
        tapers=tuple(of(p) for p in f.stopping.tapers),
        limits=tuple(
            Limit(
                base(m.value, m.unit), m.unit, m.per,
                None if m.per_day is None else base(m.per_day, m.unit),
                groups(m.population), of(m.passage), uses(m.indication),
            )
            for m in f.advised_maximum
        ),
        doses=tuple(doses),
        boxed=tuple(of(p) for p in f.boxed),
        contraindications=tuple(of(p) for p in f.topics["contraindications"]),
        kidney=tuple(of(p) for p in f.topics["kidney"]),
        alcohol=tuple(of(p) for p in f.topics["alcohol"]),
        driving=tuple(of(p) for p in f.topics["driving"]),
        pregnancy=tuple(of(p) for p in (*f.topics["pregnancy"], *f.topics["lactation"])),
        missed=tuple(of(p) for p in f.topics["missed_dose"]),
        strengths=tuple(strengths),
        hours=frozenset(hours),
        ages=frozenset(ages),
        times=frozenset(times),
        weekly=weekly,
        source=f"{label.name}, set id {label.setid}, version {label.version}, {label.effective}",
        routes=label.routes,
        sentences=tuple(sentences),
        said=frozenset(_key(e.quote) for e in sentences),
    )  # fmt: skip


_BOXED = re.compile(r"Boxed warning(?: of newer labels)?:")
"""A statement that gives a boxed warning in force; others only stand in that section, or tell of an older label."""


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


_UNITS = {"ug": "mcg", "mg": "mg", "g": "g", "mL": "mL", "[iU]": "unit", "meq": "mEq"}


def from_medicine(medicine: Medicine, country: str) -> Reference:
    """The reference of a medicine file for one country: its statements, and its claims about known pages."""
    here = [s for s in medicine.statements if medicine.of(s) in (country, "*")]

    def ev(s: Said) -> Evidence:
        src = medicine.source(s.source)
        return Evidence(s.section, s.text, s.subject, s.id, f"{src.title}, {src.date}")

    def about(*subjects: str) -> tuple[Evidence, ...]:
        return tuple(ev(s) for s in here if s.subject in subjects)

    limits: list[Limit] = []
    doses: list[DoseFact] = []
    for s in here:
        r = s.rule
        narrowed = groups(s.text) if not s.covers.everyone else frozenset[str]()
        if isinstance(r, MaxPerDay | MaxPerDose) and r.amount.unit in _UNITS:
            unit = _UNITS[r.amount.unit] + ("/kg" if r.per_kg else "")
            value = base(_decimal(r.amount.value), unit)
            per = "day" if isinstance(r, MaxPerDay) else "dose"
            if s.verified or isinstance(r, MaxPerDay):
                limits.append(Limit(value, unit, per, value if per == "day" else None, narrowed, ev(s), uses(s.text)))
        for amount, per, start in _amounts(r):
            if amount.unit in _UNITS:
                doses.append(
                    DoseFact(
                        base(_decimal(amount.value), _UNITS[amount.unit]),
                        kind(_UNITS[amount.unit]),
                        per,
                        None,
                        start,
                        ev(s),
                    )
                )
        doses += doses_in(s.text, ev(s), isinstance(r, StartingDose))
    strengths = [
        (base(_decimal(p.strength.amount.value), _UNITS[p.strength.amount.unit]), "1")
        for p in medicine.products
        if p.strength.amount.unit in _UNITS
    ]
    text = "\n".join(s.text for s in here)
    names = frozenset(w for n in medicine.names for w in re.findall(r"[a-z]{4,}", n.lower()))
    return Reference(
        name=medicine.names[0],
        names=names,
        jurisdiction=country,
        text=text,
        abrupt=tuple(
            ev(s)
            for s in here
            if (
                s.subject in ("stopping", "withdrawal") and re.search(r"all at once|sudden|abrupt|slowly", s.text, re.I)
            )
            or (isinstance(s.rule, Taper) and s.rule.shape != "none-needed")
            or isinstance(s.rule, WithdrawalSign)
        ),
        tapers=tuple(ev(s) for s in here if isinstance(s.rule, Taper)),
        limits=tuple(limits),
        doses=tuple(doses),
        boxed=tuple(ev(s) for s in here if s.section == BOXED_WARNING and _BOXED.match(s.text)),
        contraindications=tuple(
            ev(s) for s in here if isinstance(s.rule, Caution) and s.rule.action == "contraindicated"
        ),
        kidney=about("kidneys"),
        alcohol=about("alcohol"),
        driving=about("driving"),
        pregnancy=about("pregnancy", "breastfeeding"),
        missed=about("missed"),
        strengths=tuple(strengths),
        hours=frozenset(hours_in(text)),
        ages=frozenset(ages_in(text)),
        times=frozenset(
            counted(text)
            | {n for s in here if isinstance(s.rule, DosesPerDay) for n in range(s.rule.low, s.rule.high + 1)}
        ),
        claims=medicine.claims,
        source=f"the medicine file {medicine.id!r}, {country}",
        sentences=tuple(ev(s) for s in here),
        cited=tuple(ev(s) for s in medicine.statements),
    )


def _amounts(rule: object) -> list[tuple[Amount, str, bool]]:
    if isinstance(rule, StartingDose):
        pairs = [(rule.per_dose, "dose", True), (rule.per_day, "day", True)]
        return [(amount, per, start) for amount, per, start in pairs if amount is not None]
    if isinstance(rule, UsualRange):
        return [(rule.low, "day", False), (rule.high, "day", False)]
    if isinstance(rule, MaxPerDay):
        return [(rule.amount, "day", False)]
    if isinstance(rule, MaxPerDose):
        return [(rule.amount, "dose", False)]
    return []
