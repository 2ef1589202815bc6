"""Turns the number of doses a day and the hours between them into findings.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from posology.checks import Case, Finding, check, matches, presumed
from posology.medicine import DosesPerDay, Interval, Statement


@check("intervals", about="how many doses in a day, and how far apart they are")
def intervals(case: Case) -> Iterator[Finding]:
    """Doses a day outside what the country's sources say, and gaps shorter or longer than they allow."""
    for s in case.medicine.rules(DosesPerDay):
        rule = s.rule
        assert isinstance(rule, DosesPerDay)
        if not case.ours(s) or not _applies(case, s):
            continue
        for phase in case.phases:
            times = phase.doses_a_day
            if times is not None and not phase.as_needed and not rule.low <= times <= rule.high:
                yield Finding(
                    "intervals", rule.above if times > rule.high else "warn", "odd-number-of-doses",
                    {"times": times, "low": rule.low, "high": rule.high, "phase": phase.number}, (s.id,),
                )  # fmt: skip
                break
    if not case.gaps:
        return
    different = {id(g): g for g in case.gaps}.values()  # a year holds few, each as one object
    shortest, longest = min(different), max(different)
    for s in case.medicine.rules(Interval):
        rule = s.rule
        assert isinstance(rule, Interval)
        if not case.ours(s) or not _applies(case, s):
            continue
        if rule.least_hours is not None and shortest < rule.least_hours:
            yield Finding(
                "intervals", "warn", "doses-too-close", {"hours": _hours(shortest), "least": rule.least_hours}, (s.id,)
            )
        if rule.most_hours is not None and longest > rule.most_hours:
            yield Finding(
                "intervals", "warn", "doses-too-far-apart", {"hours": _hours(longest), "most": rule.most_hours}, (s.id,)
            )


def _applies(case: Case, s: Statement) -> bool:
    covers = presumed(s.covers, case)
    return covers is not None and matches(covers, case)[0] is True


def _hours(value: Fraction) -> Fraction:
    return Fraction(round(value * 2), 2)
