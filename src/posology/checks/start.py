"""Turns what is taken now and the first steps of the course into findings about starting, rising and falling.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import TypeVar

from attrs import evolve

from posology.amount import Amount
from posology.checks import Case, Finding, check, matches, presumed
from posology.medicine import StartingDose, Statement, Taper, TitrationStep


@check("start", about="the first dose and each rise, against the label; each fall, against the taper rules")
def start(case: Case) -> Iterator[Finding]:
    """What is taken now decides what the first day means, so it is asked for where it is not known (never a stop).

    New: the first phase against the starting dose of the country, in a day and at one time. Already taken: the change
    to the first phase. Every rise between phases is held against the titration step (how much, how soon), every fall of a medicine that
    must be come off against the largest step any applicable taper rule of the country allows.
    """
    first = case.phases[0]
    if first.per_day is None or first.as_needed:
        return
    steps = [s for s in case.medicine.rules(TitrationStep) if case.own(s) and _may_cover(case, s)]
    if case.person.new:
        yield from _begin(case, first.per_day, first.per_dose)
    elif case.taken_now is not None:
        yield from _change(case, case.taken_now, first.per_day, None, 1, steps)
    before = first
    for phase in case.phases[1:]:
        if before.per_day is not None and phase.per_day is not None:
            yield from _change(case, before.per_day, phase.per_day, before.days, phase.number, steps)
        before = phase


_ROWS = frozenset({"weight", "crcl", "egfr", "dialysis"})


def _may_cover(case: Case, s: Statement) -> bool:
    """Whether a first dose or a step is this person's, as far as is known.

    An age that is not known is read as an adult's. Weight and kidneys pick one row of several: while they are not
    known, none of those rows is held against the course.
    """
    covers = presumed(s.covers, case)
    if covers is None:
        return False
    covered, missing = matches(covers, case)
    return covered is not False and not missing & _ROWS


def _begin(case: Case, per_day: Amount, per_dose: Amount | None) -> Iterator[Finding]:
    for s in case.medicine.rules(StartingDose):
        rule = s.rule
        assert isinstance(rule, StartingDose)
        weighed = _weighed(rule, case)
        if not case.own(s) or not _may_cover(case, s) or weighed is None:
            continue
        limit = weighed.per_day or (weighed.per_dose * (weighed.times_a_day or 1) if weighed.per_dose else None)
        if limit is not None and limit.kind == per_day.kind and per_day > limit:
            yield Finding("start", "warn", "starts-above-label", {"taken": per_day, "limit": limit}, (s.id,))
            return
        # The same amount a day in fewer, larger doses is no smaller a start.
        one = weighed.per_dose
        if one is not None and per_dose is not None and one.kind == per_dose.kind and per_dose > one:
            yield Finding("start", "warn", "first-dose-above-label", {"taken": per_dose, "limit": one}, (s.id,))
            return


def _change(
    case: Case, old: Amount, new: Amount, days: int | None, number: int, steps: list[Statement]
) -> Iterator[Finding]:
    if old.kind != new.kind or old.same_as(new):
        return
    if new > old:
        rise = new - old
        for s in steps:
            rule = s.rule
            assert isinstance(rule, TitrationStep)
            if rule.beyond is not None and new <= rule.beyond:
                continue
            weighed = _weighed(rule, case)
            if weighed is None:
                continue
            most = weighed.most(old, _doses(case, number))
            if most is None:
                if days is not None and days < rule.every_days:
                    facts = {"old": old, "new": new, "days": days, "every": rule.every_days, "phase": number}
                    yield Finding("start", "warn", "rises-sooner-than-label", facts, (s.id,))
                    return
                continue
            if most.kind != rise.kind:
                continue
            allowed = (
                most if days is None else most * Fraction(days, rule.every_days) if days >= rule.every_days else None
            )
            if allowed is None or rise > most or rise > allowed:
                yield Finding(
                    "start", "warn", "rises-faster-than-label",
                    {"old": old, "new": new, "step": most, "every": rule.every_days, "phase": number}, (s.id,),
                )  # fmt: skip
                return
        return
    if not case.medicine.tapers or not new or (case.prescription.course.after == "stop" and spared(case)):
        return
    fall, rules = old - new, [s for s in case.medicine.rules(Taper) if case.ours(s)]
    limits = [
        (most, s)
        for s in rules
        if matches(s.covers, case)[0] is not False and (most := largest_step(s, old, days)) is not None
    ]
    if limits:
        most, s = max(limits, key=lambda pair: pair[0].base)
        if fall > most:
            yield Finding(
                "start", "warn", "falls-faster-than-sources",
                {"old": old, "new": new, "step": most, "phase": number}, tuple(x.id for _, x in limits),
            )  # fmt: skip
    elif fall > old / 2:
        yield Finding(
            "start", "warn", "falls-by-more-than-half", {"old": old, "new": new, "phase": number},
            tuple(s.id for s in case.medicine.rules(Taper)[:3]),
        )  # fmt: skip


def _doses(case: Case, number: int) -> int:
    times = case.phases[number - 1].doses_a_day
    return int(times) if times and times >= 1 else 1


R = TypeVar("R", StartingDose, TitrationStep)


def _weighed(rule: R, case: Case) -> R | None:
    """The rule for this person's weight; None where it asks for a weight that is not known.

    A volume is rounded up to the next tenth of a millilitre, as tables of doses by weight are: it is drawn to a mark.
    """
    if not rule.per_kg:
        return rule
    if case.person.weight is None:
        return None
    kg = case.person.weight.amount.to("kg").value

    def of(amount: Amount | None) -> Amount | None:
        if amount is None or amount.kind != "volume":
            return amount * kg if amount is not None else None
        return Amount(Fraction(ceil(amount.to("mL").value * kg * 10), 10), "mL")

    return evolve(rule, per_dose=of(rule.per_dose), per_day=of(rule.per_day))


def spared(case: Case) -> tuple[Statement, ...]:
    """The statements of the country by which a course of this length needs no steps down at all, said of this person.

    One of no country gives way to a source of the plan's own country that asks for steps in a course of this kind.
    """
    free = [s for s in course_rules(case) if s.rule.shape == "none-needed" and case.ours(s)]  # type: ignore[union-attr]
    own = any(s.rule.shape != "none-needed" and case.own(s) for s in course_rules(case))  # type: ignore[union-attr]
    return tuple(s for s in free if case.own(s) or not own)


def course_rules(case: Case) -> list[Statement]:
    """The taper rules, of any country, said of courses of this kind (not of all) and true of this one."""
    days = (case.last_day - case.first_day).days + 1 if case.last_day else 0
    rules = case.medicine.rules(Taper)
    return [s for s in rules if not s.covers.everyone and matches(s.covers, case, later=days)[0] is True]


def largest_step(statement: Statement, old: Amount, days: int | None) -> Amount | None:
    """The most a taper rule allows to come off a daily dose in one step of ``days`` (a week where not said)."""
    rule, span = statement.rule, days or 7
    assert isinstance(rule, Taper)
    if rule.shape == "amount-per-interval":
        most = rule.amount_high or rule.amount
        assert most is not None
        assert rule.every_days is not None
        return most * max(1, span // rule.every_days) if most.kind == old.kind else None
    if rule.shape == "percent-per-interval":
        percent = rule.percent_high or rule.percent
        assert percent is not None
        assert rule.every_days is not None
        return old * (percent / 100) * max(1, span // rule.every_days)
    if rule.shape == "minimum-duration":
        assert rule.days is not None
        return old * min(Fraction(1), Fraction(span, rule.days))
    if rule.shape == "banded":
        for band in rule.bands:
            if old.kind == band.down_to.kind and old > band.down_to:
                return (band.amount_high or band.amount) * max(1, span // band.every_days)
    return None
