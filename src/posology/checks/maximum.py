"""Turns the maxima of every country into findings about the amount a day and at one time.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from attrs import evolve

from posology.amount import Amount
from posology.checks import Case, Finding, PhaseDose, check, matches, presumed
from posology.medicine import LeastPerDay, MaxPerDay, MaxPerDose, Product, Statement


def _limit(case: Case, rule: MaxPerDay | MaxPerDose) -> Amount | None:
    """The limit as an amount; None where it is per kg and the weight is not known."""
    if not rule.per_kg:
        return rule.amount
    if case.person.weight is None:
        return None
    return rule.amount * case.person.weight.amount.to("kg").value


def _applies(case: Case, statement: Statement, phase: PhaseDose) -> bool:
    """A limit applies where it covers the case. An age that is not known is read as an adult's, and asked for."""
    covers = presumed(statement.covers, case)
    return covers is not None and matches(covers, case, phase)[0] is True


def _taken(case: Case, phase: PhaseDose, which: str) -> Amount | None:
    """What a phase asks for, in a day or at one time."""
    return case.total_per_day(phase) if which == "day" else phase.per_dose


def _for_some_use(case: Case, statement: Statement, phase: PhaseDose) -> bool:
    """Whether all that keeps a limit from applying is that nobody said what the medicine is for."""
    covers = statement.covers
    if case.person.indication is not None or not covers.indications or not statement.verified:
        return False
    return _applies(case, evolve(statement, covers=evolve(covers, indications=())), phase)


def _may_cover(case: Case, statement: Statement) -> bool:
    """Whether a limit of the plan's own country holds for this person, or could: a missing fact rules nothing out."""
    rule = statement.rule
    if not case.ours(statement) or (isinstance(rule, MaxPerDay) and rule.ingredient):
        return False
    return matches(evolve(statement.covers, dose_per_day=None), case)[0] is not False


@check("maximum", about="the most in a day and at one time, in the plan's country and in others")
def maximum(case: Case) -> Iterator[Finding]:
    """The amount a day, other prescriptions of the same ingredient summed in, is held against every maximum.

    Above a maximum of the plan's own country that applies to this person: ``stop``, or ``warn`` where the source's
    limit is a soft one. Above another country's lower maximum: ``warn``. No maximum for the country in the medicine
    file that could cover this person: ``warn``, never "no limit". An unverified maximum tightens like any other and is
    said to be unverified.

    Where a lower maximum hangs on what the medicine is for, or on a weight, and that is not known: ``warn`` with the
    lowest such limit, or with the weight below which the dose is too much.
    """
    for rule_kind, which in ((MaxPerDay, "day"), (MaxPerDose, "dose")):
        statements = case.medicine.rules(rule_kind)
        elsewhere: list[tuple[Statement, Amount, PhaseDose]] = []
        perhaps: list[tuple[Statement, Amount, PhaseDose]] = []
        light: list[tuple[Statement, Amount, PhaseDose]] = []
        stopped = False
        for phase in case.phases:
            taken = _taken(case, phase, which)
            if taken is None:
                continue
            for s in statements:
                rule = s.rule
                assert isinstance(rule, MaxPerDay | MaxPerDose)
                if isinstance(rule, MaxPerDay) and rule.ingredient:
                    continue
                if rule.per_kg and case.person.weight is None:
                    if case.ours(s) and taken.kind == rule.amount.kind and _applies(case, s, phase):
                        light.append((s, Amount(ceil(taken.over(rule.amount)), "kg"), phase))
                    continue
                limit = _limit(case, rule)
                if limit is None or taken.kind != limit.kind or taken <= limit:
                    continue
                if not _applies(case, s, phase):
                    if case.ours(s) and _for_some_use(case, s, phase):
                        perhaps.append((s, limit, phase))
                    continue
                if case.ours(s):
                    stopped = stopped or rule.above == "stop"
                    yield Finding(
                        "maximum",
                        rule.above,
                        f"above-max-per-{which}" if rule.above == "stop" else f"above-usual-max-per-{which}",
                        {"taken": taken, "limit": limit, "phase": phase.number, "country": case.medicine.of(s),
                         "verified": s.verified, "summed": bool(case.beside)},
                        (s.id,),
                    )  # fmt: skip
                else:
                    elsewhere.append((s, limit, phase))
        if elsewhere and not stopped:
            s, limit, phase = min(elsewhere, key=lambda e: e[1].base)
            yield Finding(
                "maximum",
                "warn",
                f"above-max-elsewhere-per-{which}",
                {"taken": _taken(case, phase, which), "limit": limit,
                 "country": case.medicine.of(s), "others": tuple(dict.fromkeys(case.medicine.of(e[0]) for e in elsewhere))},
                tuple(dict.fromkeys(e[0].id for e in elsewhere)),
            )  # fmt: skip
        if perhaps and not stopped:
            s, limit, phase = min(perhaps, key=lambda e: e[1].base)
            yield Finding(
                "maximum",
                "warn",
                f"above-max-for-some-use-per-{which}",
                {"taken": _taken(case, phase, which), "limit": limit,
                 "uses": tuple(case.vocabulary.name(i) for i in s.covers.indications)},
                tuple(dict.fromkeys(e[0].id for e in perhaps)),
            )  # fmt: skip
        if light and not stopped:
            s, weight, phase = max(light, key=lambda e: e[1].base)
            yield Finding(
                "maximum",
                "warn",
                "above-max-if-lighter",
                {"taken": _taken(case, phase, which), "weight": weight},
                (s.id,),
            )
        if which == "day" and not any(_may_cover(case, s) for s in statements):
            yield Finding(
                "maximum",
                "warn",
                "no-maximum-known",
                {"country": case.jurisdiction, "known": tuple(dict.fromkeys(case.medicine.of(s) for s in statements))},
                tuple(s.id for s in statements),
                "no-maximum-is-not-no-limit",
            )
    yield from _ingredients(case)
    if case.beside_per_day is not None and case.beside:
        yield Finding(
            "maximum",
            "warn",
            "same-ingredient-twice",
            {"beside": case.beside_per_day, "total": case.highest and case.total_per_day(case.highest)},
            (),
            "same-ingredient-is-summed",
        )


def _ingredients(case: Case) -> Iterator[Finding]:
    """Limits on a second ingredient, worked out through the products that carry it; the least as well as the most."""
    for s in (*case.medicine.rules(MaxPerDay), *case.medicine.rules(LeastPerDay)):
        rule = s.rule
        assert isinstance(rule, MaxPerDay | LeastPerDay)
        if not rule.ingredient or not case.ours(s):
            continue
        for phase in case.phases:
            taken = case.total_per_day(phase)
            with_it = [p for p in case.products if rule.ingredient in p.also]
            if not taken or not with_it or matches(s.covers, case, phase)[0] is not True:
                continue
            low, high = _carried(rule.ingredient, taken, with_it)
            facts = {"limit": rule.amount, "ingredient": rule.ingredient, "phase": phase.number,
                     "country": case.medicine.of(s), "verified": s.verified}  # fmt: skip
            if isinstance(rule, MaxPerDay):
                if high > rule.amount:
                    yield Finding(
                        "maximum", rule.above, "above-max-of-ingredient", {"taken": high, **facts}, (s.id,)
                    )  # fmt: skip
            elif high < rule.amount:
                yield Finding("maximum", "warn", "below-least-of-ingredient", {"taken": high, **facts}, (s.id,))
            elif low < rule.amount:
                yield Finding("maximum", "note", "below-least-of-ingredient", {"taken": low, **facts}, (s.id,))


def _carried(ingredient: str, taken: Amount, products: list[Product]) -> tuple[Amount, Amount]:
    """The least and the most of a second ingredient that comes with an amount, by which of the products it is made of."""
    found = [p.also[ingredient].amount * taken.over(p.strength.amount) for p in products]
    return min(found, key=lambda a: a.base), max(found, key=lambda a: a.base)
