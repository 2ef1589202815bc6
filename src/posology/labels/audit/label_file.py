"""Turns a label into what an audit holds a page to: maxima, doses, stopping, warnings.

Knows no page. A medicine file is read in :mod:`medicine_file`.
"""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import evolve

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
    of,
    uses,
)
from posology.labels.extract import Facts, extract
from posology.labels.extract.limit_words import DOSE, DOSING, value_of
from posology.labels.extract.passage import all_sentences, own_words
from posology.labels.record import Label

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


def _numbers(text: str) -> frozenset[Decimal]:
    return frozenset(value_of(n) for n in re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.])", text))


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
    rows: list[tuple[frozenset[Decimal], frozenset[Decimal], Evidence]] = []
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
            head, _, cells = s.text.partition(" | ")
            rows.append((_numbers(head), _numbers(cells), here))
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
        bare=frozenset(bare),
        bands=frozenset(bands),
        rows=tuple(rows),
        weekly=weekly,
        source=f"{label.name}, set id {label.setid}, version {label.version}, {label.effective}",
        routes=label.routes,
        sentences=tuple(sentences),
        said=frozenset(key(e.quote) for e in sentences),
    )  # fmt: skip
