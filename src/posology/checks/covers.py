"""Turns what a source says about indications, conditions, other medicines, pregnancy and the rest into findings.

Knows nothing of other checks. One check over the ``covers`` data, so that a new caution is a line of a medicine file.
"""

from __future__ import annotations

from collections.abc import Iterator

from posology.checks import Case, Finding, Severity, allergic, allergic_to_itself, check, matches
from posology.medicine import Caution, Statement, StopOrder

_SEVERITY: dict[str, Severity] = {
    "contraindicated": "stop",
    "avoid": "warn",
    "reduce": "warn",
    "caution": "note",
    "info": "note",
}


def finding(check_id: str, case: Case, s: Statement) -> Finding:
    """The finding a caution makes: its severity by action, softened to a warning where another country says it."""
    rule = s.rule
    assert isinstance(rule, Caution)
    severity = _SEVERITY[rule.action]
    if severity == "stop" and not case.own(s):
        severity = "warn"
    whom = [m for m, ids in case.classes.items() if any(c in ids for c in s.covers.medicines)]
    return Finding(
        check_id,
        severity,
        f"covered-{rule.action}",
        {"text": s.text, "country": case.medicine.of(s), "subject": s.subject, "medicines": tuple(whom)},
        (s.id,),
    )


@check("covers", about="conditions, other medicines, pregnancy, breastfeeding, alcohol, driving, allergy, a pump")
def covers(case: Case) -> Iterator[Finding]:
    """Every caution that covers the person. An allergy to the medicine, and a pump, are always a ``stop``.

    Another medicine whose name is not recognised is listed as not checked; nothing is guessed from its name.
    """
    allergy = tuple(s.id for s in case.medicine.about("allergy"))
    if allergic(case):
        key = "allergy" if allergic_to_itself(case) else "allergy-to-its-kind"
        yield Finding("covers", "stop", key, {"allergies": case.person.allergies}, allergy, "allergy-is-a-stop")
    pump = tuple(s.id for s in case.medicine.about("pump"))
    if case.person.pump or "pump" in case.conditions:
        yield Finding("covers", "stop", "pump", {}, pump, "pump-is-a-stop")
    for s in case.medicine.rules(Caution):
        c = s.covers
        if c.everyone or c.kidney is not None or c.dialysis is not None or c.age is not None or c.weight is not None:
            continue
        if c.allergy or s.subject == "pump":
            continue
        if (
            case.ours(s) or (isinstance(s.rule, Caution) and s.rule.action in ("contraindicated", "avoid"))
        ) and matches(c, case)[0] is True:
            yield finding("covers", case, s)
    for s in case.medicine.rules(StopOrder):
        rule = s.rule
        assert isinstance(rule, StopOrder)
        named = matches(s.covers, case)[0] is True if s.covers.medicines else False
        before = tuple(m for m, ids in case.classes.items() if rule.first in ids) if rule.other_first(s.covers) else ()
        if before and case.prescription.course.after == "stop":
            yield Finding("covers", "stop", "stopped-in-wrong-order", {"medicines": before, "text": s.text}, (s.id,))
        elif named or before:
            yield Finding(
                "covers", "note", "stop-order", {"first": rule.first, "days": rule.days, "text": s.text}, (s.id,)
            )
    unknown = tuple(m for m, ids in case.classes.items() if not ids)
    if unknown:
        yield Finding(
            "covers", "warn", "medicines-not-checked", {"medicines": unknown}, (), "unknown-names-are-not-guessed"
        )
