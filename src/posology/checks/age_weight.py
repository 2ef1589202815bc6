"""Turns age and weight into findings.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from posology.checks import Case, Finding, check, matches
from posology.checks.covers import finding
from posology.medicine import Caution


@check("age-weight", about="limits by age and weight")
def age_weight(case: Case) -> Iterator[Finding]:
    """Every caution about an age or a weight that covers the person and is not about the kidneys."""
    for s in case.medicine.rules(Caution):
        if s.covers.kidney is not None or s.covers.dialysis is not None:
            continue
        if (s.covers.age is not None or s.covers.weight is not None) and matches(s.covers, case)[0] is True:
            yield finding("age-weight", case, s)
