"""Turns a medicine file into what an audit holds a page to, for one country: every source of it may be agreed with.

Knows no page. What a source was read for and does not say is kept too, so that a page may go by that source.
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
    kind,
    uses,
)
from posology.labels.record import BOXED_WARNING
from posology.medicine import (
    NOT_RECORDED,
    Caution,
    DosesPerDay,
    MaxPerDay,
    MaxPerDose,
    Medicine,
    NotSaid,
    StartingDose,
    Taper,
    UsualRange,
    WithdrawalSign,
)
from posology.medicine import Statement as Said


def _warns(s: Said) -> bool:
    """Whether a statement warns against an abrupt stop or asks for a taper; one that its source says nothing does not."""
    if isinstance(s.rule, NotSaid) or re.search(r"\bsays?\s+nothing\b", s.text, re.I):
        return False
    told = s.subject in ("stopping", "withdrawal") and re.search(r"all at once|sudden|abrupt|slowly", s.text, re.I)
    asked = isinstance(s.rule, Taper) and s.rule.shape != "none-needed"
    return bool(told) or asked


_FOR_EACH_KG = re.compile(r"\s+for\s+(?:each|every)\s+kg\b")
_MOST = re.compile(r"\b(?:most|highest|largest|maximum)\b", re.I)


def _silence(s: Said) -> str:
    """The topic that a source does not speak of: that of the section it lacks, or of the statement."""
    if BOXED_WARNING in s.section:
        return "boxed"
    if s.subject == "dose":
        return "maximum" if _MOST.search(s.text) else ""
    return s.subject if s.subject in ("missed", "alcohol", "kidneys") else ""


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
        dated = src.date if src.date != NOT_RECORDED else "date not recorded"
        return Evidence(s.section, s.text, s.subject, s.id, f"{src.title}, {dated}")

    def about(*subjects: str) -> tuple[Evidence, ...]:
        found = [s for s in here if s.subject in subjects]
        return tuple(ev(s) for s in sorted(found, key=lambda s: s.section == NOT_RECORDED))  # labels come first

    limits: list[Limit] = []
    doses: list[DoseFact] = []
    for s in here:
        r = s.rule
        narrowed = groups(s.text) if not s.covers.everyone else frozenset[str]()
        if s.covers.kidney is not None or s.covers.dialysis:
            narrowed |= {"kidney"}
        if isinstance(r, MaxPerDay | MaxPerDose) and r.amount.unit in _UNITS:
            unit = _UNITS[r.amount.unit] + ("/kg" if r.per_kg else "")
            value = base(_decimal(r.amount.value), unit)
            per = "day" if isinstance(r, MaxPerDay) else "dose"
            day = value if per == "day" else None
            limits.append(Limit(value, unit, per, day, narrowed, ev(s), uses(s.text), s.verified))
        for amount, per, start in _amounts(r):
            if amount.unit in _UNITS:
                unit = _UNITS[amount.unit] + ("/kg" if getattr(r, "per_kg", False) else "")
                doses.append(
                    DoseFact(
                        base(_decimal(amount.value), unit),
                        kind(unit),
                        per,
                        None,
                        start,
                        ev(s),
                        firm=s.verified,
                    )
                )
        stated = doses_in(_FOR_EACH_KG.sub("/kg", s.text), ev(s), isinstance(r, StartingDose))
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
            ev(s) for s in here if _warns(s) or (isinstance(s.rule, WithdrawalSign) and any(map(_warns, here)))
        ),
        tapers=tuple(ev(s) for s in here if isinstance(s.rule, Taper)),
        limits=tuple(limits),
        doses=tuple(doses),
        boxed=tuple(ev(s) for s in here if BOXED_WARNING in s.section and _BOXED.match(s.text)),
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
        silent={
            topic: ev(s)
            for s in reversed(here)
            if isinstance(s.rule, NotSaid) and medicine.of(s) == country
            for topic in [_silence(s)]
            if topic
        },
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
