"""Turns a label or a medicine file into the reference that an audit holds a page to.

Knows no page. Of a medicine file, the statements of one country are the reference; those of all countries stand beside it.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from attrs import evolve

from posology.amount import Amount
from posology.labels.audit.reference import (
    DoseFact,
    Evidence,
    Limit,
    Reference,
    ages_in,
    base,
    counted,
    doses_in,
    groups,
    hours_in,
    key,
    kind,
    of,
    uses,
)
from posology.labels.extract import Facts, extract
from posology.labels.extract.limit_words import DOSE, DOSING, value_of
from posology.labels.extract.passage import all_sentences, own_words
from posology.labels.record import BOXED_WARNING, Label
from posology.medicine import (
    Caution,
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

_SCHEDULE = re.compile(
    r"\b(?:titration|dosage|dosing|dose)\s+(?:titration\s+)?(?:schedule|regimen)\s+is\b|\btitration\s+schedule\b", re.I
)
_BEGINS = re.compile(r"\b(?:initial(?:ly)?|start\w*|begin\w*|begun|initiat\w+)\b", re.I)
_LATER = re.compile(
    r"\b(?:increas\w+|titrat\w+|until|up\s+to|maxim\w+|then|thereafter|optimum|usually\s+between|target)\b", re.I
)


def beginning(text: str) -> tuple[str, str]:
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
    bare: set[Decimal] = set()
    bands: set[Decimal] = set()
    weekly = False
    sentences: list[Evidence] = []
    schedule = 0
    for s in all_sentences(label, "text", "copy", "highlights"):
        here = of(s.passage)
        sentences.append(here)
        if set(s.place.codes) & _USED:
            continue
        if DOSING in s.place.codes and " | " in s.text:
            bare |= {
                value_of(n) for n in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.])", s.text.partition(" | ")[2])
            }
            bands |= {Decimal(n) for n in re.findall(r"\b\d{1,3}\b", s.text.partition(" | ")[0])}
        if DOSING in s.place.codes or re.search(r"\bdos|\btak(?:e|ing)\b|\bmg\b", s.text, re.I):
            begins, later = beginning(s.text) if s.text in starts else ("", s.text)
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
    tops = {base(m.value, m.unit) for m in f.maximum}
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
            for m in f.maximum
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
        bare=frozenset(bare),
        bands=frozenset(bands),
        weekly=weekly,
        source=f"{label.name}, set id {label.setid}, version {label.version}, {label.effective}",
        routes=label.routes,
        sentences=tuple(sentences),
        said=frozenset(key(e.quote) for e in sentences),
    )  # fmt: skip


_BOXED = re.compile(r"Boxed warning(?: of newer labels)?:")
"""A statement that gives a boxed warning in force; others only stand in that section, or tell of an older label."""


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


_UNITS = {"ug": "mcg", "mg": "mg", "g": "g", "mL": "mL", "[iU]": "unit", "meq": "mEq"}


def from_medicine(medicine: Medicine, country: str) -> Reference:
    """The reference of a medicine file for one country: its statements, and its claims about known pages."""
    here = [s for s in medicine.statements if medicine.of(s) in (country, "*")]
    return evolve(_stated(medicine, country, here), everywhere=_stated(medicine, country, list(medicine.statements)))


def _stated(medicine: Medicine, country: str, here: list[Said]) -> Reference:
    """The reference that some statements of a medicine file make."""

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
            day = value if per == "day" else None
            limits.append(Limit(value, unit, per, day, narrowed, ev(s), uses(s.text), s.verified))
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
                        firm=s.verified,
                    )
                )
        stated = doses_in(s.text, ev(s), isinstance(r, StartingDose))
        doses += stated if s.verified else [evolve(d, firm=False) for d in stated]
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
