"""Turns a kidney function and its date into findings: avoid and reduce kept apart, eGFR and clearance kept apart.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from posology.checks import Case, Finding, check, matches
from posology.medicine import Caution

_OLD_DAYS = 365
_SEVERITY = {"contraindicated": "stop", "avoid": "warn", "reduce": "warn", "caution": "note", "info": "note"}


@check("kidneys", about="what sources say for this kidney function")
def kidneys(case: Case) -> Iterator[Finding]:
    """Every statement about a kidney band or dialysis that covers the person.

    A contraindication of the plan's own country is a ``stop``; "avoid" and "reduce" warn, and stay apart.
    A value older than a year is said. eGFR and creatinine clearance are never read for one another.
    """
    for s in case.medicine.rules(Caution):
        rule = s.rule
        assert isinstance(rule, Caution)
        if s.covers.kidney is None and s.covers.dialysis is None:
            continue
        if matches(s.covers, case)[0] is not True:
            continue
        stop = rule.action == "contraindicated" and case.own(s)
        severity = "stop" if stop else "warn" if rule.action == "contraindicated" else _SEVERITY[rule.action]
        which = "dialysis" if s.covers.kidney is None else "egfr" if s.covers.kidney.unit != "mL/min" else "crcl"
        fact = case.person.egfr if which == "egfr" else case.person.crcl if which == "crcl" else None
        yield Finding(
            "kidneys",
            severity,  # type: ignore[arg-type]
            f"kidneys-{rule.action}",
            {"value": fact.amount if fact else None, "date": fact.on if fact else None, "which": which,
             "percent": rule.percent, "country": case.medicine.of(s), "text": s.text},
            (s.id,),
        )  # fmt: skip
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


_WEAK = Fraction(60)


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
