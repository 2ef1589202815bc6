"""Turns a kidney function and its date into findings: avoid and reduce kept apart, eGFR and clearance kept apart.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attrs import evolve

from posology.checks import Case, Finding, check, matches
from posology.medicine import Caution, Statement

_OLD_DAYS = 365
_SEVERITY = {"contraindicated": "stop", "avoid": "warn", "reduce": "warn", "caution": "note", "info": "note"}


@check("kidneys", about="what sources say for this kidney function")
def kidneys(case: Case) -> Iterator[Finding]:
    """Every statement about a kidney band or dialysis that covers the person.

    A contraindication of the plan's own country is a ``stop``; "avoid" and "reduce" warn, and stay apart.
    A source that speaks of weak kidneys without a number is shown for a measured function below 60 too. A value older
    than a year is said. eGFR and creatinine clearance are never read for one another.
    """
    for s in case.medicine.rules(Caution):
        rule = s.rule
        assert isinstance(rule, Caution)
        if s.covers.kidney is None and s.covers.dialysis is None:
            continue
        if matches(s.covers, case)[0] is not True:
            continue
        which = "dialysis" if s.covers.kidney is None else "egfr" if s.covers.kidney.unit != "mL/min" else "crcl"
        yield _said(case, s, rule, which)
    yield from _without_a_number(case)
    yield from _of_another_kind(case)
    for name in ("egfr", "crcl"):
        fact = getattr(case.person, name)
        if fact is not None and fact.on is not None and (case.first_day - fact.on).days > _OLD_DAYS:
            yield Finding(
                "kidneys",
                "note",
                "kidney-value-old",
                {"date": fact.on, "which": name},
                (),
                "kidney-value-older-than-a-year",
            )


def _said(case: Case, s: Statement, rule: Caution, which: str) -> Finding:
    stop = rule.action == "contraindicated" and case.own(s)
    severity = "stop" if stop else "warn" if rule.action == "contraindicated" else _SEVERITY[rule.action]
    fact = case.person.egfr if which == "egfr" else case.person.crcl if which == "crcl" else None
    return Finding(
        "kidneys",
        severity,  # type: ignore[arg-type]
        f"kidneys-{rule.action}",
        {"value": fact.amount if fact else None, "date": fact.on if fact else None, "which": which,
         "percent": rule.percent, "country": case.medicine.of(s), "text": s.text},
        (s.id,),
    )  # fmt: skip


_WEAK = Fraction(60)
_WEAK_KIDNEYS = "kidney-disease"


def _without_a_number(case: Case) -> Iterator[Finding]:
    """What sources say of weak kidneys without a number, for a weak measured function that no row of theirs covers.

    Somebody who gives a number seldom names the disease as well: without this the caution would go by in silence.
    """
    person = case.person
    weak = [n for n in ("crcl", "egfr") if (f := getattr(person, n)) is not None and f.amount.value < _WEAK]
    which = "dialysis" if person.dialysis else weak[0] if weak else ""
    if not which or _WEAK_KIDNEYS in case.conditions:
        return
    if any(
        s.rule is not None and (s.covers.kidney or s.covers.dialysis) and case.ours(s) and matches(s.covers, case)[0]
        for s in case.medicine.statements
    ):
        return
    for s in case.medicine.rules(Caution):
        rule = s.rule
        assert isinstance(rule, Caution)
        if (
            _WEAK_KIDNEYS in s.covers.conditions
            and (case.ours(s) or rule.action in ("contraindicated", "avoid"))
            and matches(evolve(s.covers, conditions=()), case)[0] is True
        ):
            yield _said(case, s, rule, which)


def _of_another_kind(case: Case) -> Iterator[Finding]:
    """A weak kidney function that no row of the country's sources speaks of, as all are of the other kind."""
    rows: dict[str, list[str]] = {"egfr": [], "crcl": []}
    for s in case.medicine.statements:
        if s.covers.kidney is not None and case.ours(s) and s.rule is not None:
            rows["crcl" if s.covers.kidney.unit == "mL/min" else "egfr"].append(s.id)
    for known, other in (("egfr", "crcl"), ("crcl", "egfr")):
        fact = getattr(case.person, known)
        if (
            fact is not None
            and fact.amount.value < _WEAK
            and getattr(case.person, other) is None
            and rows[other]
            and not rows[known]
        ):
            yield Finding(
                "kidneys",
                "warn",
                "kidney-value-of-another-kind",
                {"value": fact.amount, "which": known, "other": (other,)},
                tuple(rows[other]),
                "weak-kidneys-of-another-measure",
            )
