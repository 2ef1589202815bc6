"""Turns what is in the house into findings: when it runs out, and whether more is to come.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from posology.checks import Case, Finding, check


@check("running-out", about="when what is in the house runs out, and whether more is to come")
def running_out(case: Case) -> Iterator[Finding]:
    """Running down to nothing with no further supply, of a medicine that must be come off gradually, is a ``stop``.

    Where it is not said whether more is to come, the date to order by is a warning.
    """
    stock = case.supply
    if stock is None or stock.runs_out is None:
        return
    cites = (
        tuple(s.id for s in case.medicine.about("ran-out"))[:3]
        or tuple(s.id for s in case.medicine.about("stopping"))[:2]
    )
    facts = {"date": stock.runs_out, "order_by": stock.order_by}
    ends_then = (
        case.last_day is not None and case.prescription.course.after == "stop" and stock.runs_out >= case.last_day
    )
    if ends_then:
        return
    if case.repeats == 0 and case.medicine.tapers:
        yield Finding("running-out", "stop", "runs-out", facts, cites, "the-last-pack-is-an-abrupt-stop")
    elif not case.repeats:
        yield Finding("running-out", "warn", "order-by", facts, cites, "order-before-it-runs-out")
