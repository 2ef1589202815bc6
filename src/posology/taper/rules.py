"""Turns what a medicine's sources say of coming off it, and of raising it, into rates to choose from and limits to keep.

Knows no medicine by name and no file: the numbers are those of the statements it is given, each named by its id.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import ceil
from typing import Literal

from attrs import evolve, frozen

from posology.amount import Amount
from posology.errors import Problem, RefusedError
from posology.medicine import (
    Caution,
    Covers,
    MaxPerDay,
    MaxPerDose,
    Medicine,
    Product,
    SlowerTaper,
    Statement,
    StopOrder,
    Taper,
    TitrationStep,
)
from posology.taper.problem import HALF, QUARTER, Limits, Pace, Shape, Stock, TaperProblem, number

USUAL_STEP_DAYS = 7
"""The length of a step where no source of the medicine gives one; shown as ours."""


@frozen
class Facts:
    """What is known of the person that chooses among rules; None is "not known".

    ``conditions``, ``medicines``: keys of the shared vocabularies. ``days_taken``: how long it has been taken.
    ``kidney``: kidney functions, each in its own unit; one is never read for the other.
    """

    per_day: Fraction
    days_taken: int | None = None
    conditions: frozenset[str] | None = None
    indications: frozenset[str] | None = None
    earlier_withdrawal: bool | None = None
    age: Amount | None = None
    kidney: tuple[Amount, ...] = ()
    medicines: frozenset[str] | None = None


@frozen
class Rate:
    """One source's way of coming off, worked out for the dose taken now.

    ``days``, ``days_high``: to nothing, fast and slow end; None where the source gives no number.
    ``applies``: whether it is said of this person (None: a fact is missing).
    """

    statement: str
    jurisdiction: str
    verified: bool
    rule: Taper
    applies: bool | None
    days: int | None = None
    days_high: int | None = None

    @property
    def slowest(self) -> int | None:
        """Days to nothing at its slow end."""
        return self.days_high if self.days_high is not None else self.days

    def mg_a_week(self, per_day: Fraction, slow: bool) -> Fraction | None:
        """The mg a day it takes off in a week, on average over the whole way."""
        days = self.slowest if slow else self.days
        return None if not days else per_day * 7 / days


@frozen
class Choice:
    """The rate a taper starts from when the prescriber has set none, and why."""

    rate: Rate | None
    slow: bool
    reasons: tuple[tuple[str, str], ...]
    """Message keys with a fact: why the slower end was taken, and what was not known."""
    cited: tuple[str, ...] = ()


def covered(covers: Covers, facts: Facts, products: Iterable[str] = ()) -> bool | None:
    """Whether a statement is about this person: yes, no, or None where a fact is missing.

    What a taper knows nothing of (pregnancy, weight ...) counts as missing, never as no.
    """
    answers: list[bool | None] = []
    if covers.products:
        have = set(products)
        answers.append(None if not have else any(p in have for p in covers.products))
    if covers.days_taken is not None:
        taken = None if facts.days_taken is None else Amount(facts.days_taken, "d")
        answers.append(None if taken is None else covers.days_taken.holds(taken))
    if covers.dose_per_day is not None:
        answers.append(covers.dose_per_day.holds(Amount(facts.per_day, "mg")))
    if covers.age is not None:
        # A taper is planned for an adult unless an age is given; a rule for children alone then does not apply.
        age = facts.age
        answers.append(covers.age.holds(age if age is not None else Amount(40, "a")))
    if covers.kidney is not None:
        value = next((a for a in facts.kidney if a.unit == covers.kidney.unit), None)
        answers.append(None if value is None else covers.kidney.holds(value))
    groups = (
        (covers.conditions, facts.conditions), (covers.indications, facts.indications), (covers.medicines, facts.medicines),
    )  # fmt: skip
    for wanted, known in groups:
        if wanted:
            answers.append(None if known is None else any(w in known for w in wanted))
    others = (
        covers.weight, covers.dialysis, covers.pregnancy, covers.breastfeeding, covers.alcohol,
        covers.driving, covers.allergy, covers.setting,
    )  # fmt: skip
    if any(x is not None for x in others):
        answers.append(None)
    if False in answers:
        return False
    return None if None in answers else True


def rates(medicine: Medicine, facts: Facts, products: Iterable[str] = ()) -> tuple[Rate, ...]:
    """Every source's way of coming off, with the days it takes from the dose taken now, in file order."""
    found = []
    products = tuple(products)
    for s in medicine.rules(Taper):
        assert isinstance(s.rule, Taper)
        low, high = _days(s.rule, facts.per_day)
        found.append(
            Rate(s.id, medicine.of(s), s.verified, s.rule, covered(s.covers, facts, products), low, high)
        )  # fmt: skip
    return tuple(found)


def _days(rule: Taper, per_day: Fraction) -> tuple[int | None, int | None]:
    if rule.shape == "minimum-duration":
        return rule.days, rule.days_high or rule.days
    every, slow = rule.every_days, rule.every_days_high or rule.every_days
    if rule.shape == "amount-per-interval" and rule.amount is not None and every and slow:
        small = rule.amount.to("mg").value
        large = (rule.amount_high or rule.amount).to("mg").value
        return (ceil(per_day / large) - 1) * every, (ceil(per_day / small) - 1) * slow
    if rule.shape == "percent-per-interval" and rule.percent is not None and every and slow:
        if rule.of == "start":
            fast = rule.percent_high or rule.percent
            return (ceil(100 / fast) - 1) * every, (ceil(100 / rule.percent) - 1) * slow
        if rule.last_dose is None:
            return None, None
        last = rule.last_dose.to("mg").value

        def count(percent: Fraction) -> int:
            at, n = per_day, 0
            while at > last and n < 500:
                at, n = at * (100 - percent) / 100, n + 1
            return n

        return count(rule.percent_high or rule.percent) * every, count(rule.percent) * slow
    if rule.shape == "banded" and rule.bands:
        low = high = 0
        at = per_day
        for band in rule.bands:
            until = band.down_to.to("mg").value
            if at <= until:
                continue
            small = band.amount.to("mg").value
            large = (band.amount_high or band.amount).to("mg").value
            low += ceil((at - until) / large) * band.every_days
            high += ceil((at - until) / small) * (band.every_days_high or band.every_days)
            at = until
        return low, high
    return None, None


def slower_reasons(medicine: Medicine, facts: Facts) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Why the slower end of the range is meant for this person, with the statements that say so.

    A fact that is not known counts as a reason, and is named as not known: the slower end is the careful one.
    """
    reasons: list[tuple[str, str]] = []
    cited: list[str] = []
    for s in medicine.rules(SlowerTaper):
        rule = s.rule
        assert isinstance(rule, SlowerTaper)
        before = len(reasons)
        if rule.days_taken_above is not None:
            if facts.days_taken is None:
                reasons.append(("days-taken-not-known", str(rule.days_taken_above)))
            elif facts.days_taken > rule.days_taken_above:
                reasons.append(("taken-long", str(facts.days_taken)))
        if rule.per_day_at_least is not None and facts.per_day >= rule.per_day_at_least.to("mg").value:
            reasons.append(("high-dose", number(rule.per_day_at_least.to("mg").value)))
        if rule.conditions:
            if facts.conditions is None:
                reasons.append(("conditions-not-known", ", ".join(rule.conditions)))
            else:
                reasons += [("condition", c) for c in rule.conditions if c in facts.conditions]
        if rule.earlier_withdrawal:
            if facts.earlier_withdrawal is None:
                reasons.append(("earlier-withdrawal-not-known", ""))
            elif facts.earlier_withdrawal:
                reasons.append(("earlier-withdrawal", ""))
        if len(reasons) > before:
            cited.append(s.id)
    return tuple(reasons), tuple(cited)


def choose(medicine: Medicine, facts: Facts, country: str, products: Iterable[str] = ()) -> Choice:
    """The rate to begin from: the country's own, at its slow end; where a reason holds, the slowest of any country.

    Never a rate said of somebody else, and never one for which a fact is missing while another fits. Where the
    country's own steps are shares of the dose with no end, no other country's rate takes their place: there is none.
    """
    every = [r for r in rates(medicine, facts, products) if r.applies is not False]
    found = [r for r in every if r.slowest]
    shares = [r for r in every if r.applies and r.jurisdiction == country and r.rule.percent and not r.slowest]
    if shares and not any(r.jurisdiction == country for r in found):
        return Choice(None, False, (), ())
    reasons, cited = slower_reasons(medicine, facts)
    own = [r for r in found if r.jurisdiction in (country, "*")]
    sure = [r for r in own if r.applies] or own
    # Where it is not known how long it was taken, a rule for long use is kept in view: it is the slower one.
    pool = found if reasons else sure or [r for r in found if r.applies] or found
    best = max(pool, key=lambda r: (r.slowest or 0, r.verified, r.jurisdiction == country), default=None)
    if best is not None and best.jurisdiction not in (country, "*"):
        reasons = (*reasons, ("other-country", best.jurisdiction))
    return Choice(best, bool(reasons), reasons, cited)


def step_days(medicine: Medicine, country: str, facts: Facts | None = None) -> tuple[int, str]:
    """How long one step lasts when nothing says: as on the label's way up, else our own; with the statement it is from.

    A way up of another use or age than this person's is left out; one that is surely theirs comes first.
    """
    held = [
        (covered(s.covers, facts) if facts else None, s)
        for s in medicine.rules(TitrationStep)
        if medicine.of(s) in (country, "*")
    ]
    for _, s in sorted((x for x in held if x[0] is not False), key=lambda x: x[0] is None):
        assert isinstance(s.rule, TitrationStep)
        return s.rule.every_days, s.id
    return USUAL_STEP_DAYS, ""


def hurried(
    medicine: Medicine,
    facts: Facts,
    country: str,
    days: int,
    first: tuple[Fraction, int] | None,
    products: Iterable[str] = (),
) -> tuple[Statement, ...]:
    """The rules of the country, said of this person or perhaps so, that a way to nothing of so many days is faster than.

    ``first``: the mg a day of its first step and how many days that lasts; a rule by percent is held against it.
    """
    found = []
    for r in rates(medicine, facts, products):
        if r.jurisdiction not in (country, "*") or r.applies is False:
            continue
        rule = r.rule
        hasty = r.days is not None and days < r.days
        if rule.shape == "percent-per-interval" and rule.of == "current" and first is not None and facts.per_day:
            share = (facts.per_day - first[0]) * 100 / facts.per_day
            each = max(1, first[1] // rule.every_days) if rule.every_days else 1
            hasty = hasty or share > (rule.percent_high or rule.percent or 0) * each
        if hasty:
            found.append(medicine.statement(r.statement))
    return tuple(found)


def stop_order(medicine: Medicine, facts: Facts, country: str) -> tuple[Statement, ...]:
    """The orders of stopping that a way to nothing has to keep, or may have to where the other medicines are not known.

    Raises RefusedError where the medicine that has to be stopped first is still taken.
    """
    found = []
    for s in medicine.rules(StopOrder):
        rule = s.rule
        assert isinstance(rule, StopOrder)
        if medicine.of(s) not in (country, "*"):
            continue
        if facts.medicines is not None and rule.first in facts.medicines and rule.other_first(s.covers):
            raise RefusedError(
                Problem("Another medicine that is still taken has to be stopped first.", "--other", s.text)
            )
        if facts.medicines is None or any(m in facts.medicines for m in s.covers.medicines):
            found.append(s)
    return tuple(found)


def stopping_cautions(medicine: Medicine, facts: Facts, country: str) -> tuple[Statement, ...]:
    """What the country's sources ask to heed in coming off, said of this person: a use, an illness, another medicine."""
    return tuple(
        s
        for s in medicine.rules(Caution)
        if s.subject == "stopping" and medicine.of(s) in (country, "*") and covered(s.covers, facts) is True
    )


def apply_rate(problem: TaperProblem, choice: Choice, days: int) -> TaperProblem:
    """The problem with the chosen rate as its limits and shape, where the prescriber gave neither.

    Raises RefusedError for a percent rule without a last dose.
    """
    rate, limits = choice.rate, problem.limits
    if rate is None:
        return problem
    rule = rate.rule
    if rule.shape == "minimum-duration":
        least = rate.slowest or 0
        each = limits.step_days or days
        changed = evolve(limits, step_days=each, min_total_days=max(least, limits.min_total_days or 0))
        if limits.steps is None:
            changed = evolve(changed, steps=ceil(Fraction(changed.min_total_days or 0, each)) + 1)
        return evolve(problem, limits=changed)
    every = rule.every_days_high or rule.every_days
    each = limits.step_days or every or days
    if rule.shape == "amount-per-interval" and rule.amount is not None:
        amount = rule.amount.to("mg").value
        stop = rule.last_dose.to("mg").value if rule.last_dose is not None else None
        may = limits.may_stop_from_mg_per_day
        return evolve(
            problem,
            limits=evolve(
                limits,
                step_days=each,
                max_step_mg_per_day=limits.max_step_mg_per_day or amount,
                may_stop_from_mg_per_day=may if may is not None else stop,
            ),
            shape=Shape("rule", paces=(Pace(each, mg=amount),), every_days=each, source=rate.statement),
        )
    if rule.shape == "percent-per-interval" and rule.percent is not None:
        last = limits.may_stop_from_mg_per_day
        if last is None and rule.last_dose is not None:
            last = rule.last_dose.to("mg").value
        if last is None and rule.of == "current" and problem.target_mg_per_day == 0:
            raise RefusedError(
                Problem(
                    "The source lowers by a percent of the current dose, which never reaches zero.",
                    "--stop-from",
                    "Say from which dose the person may stop.",
                )
            )
        of_start = rule.of == "start"
        pace = Pace(
            each,
            percent_of_current=None if of_start else rule.percent,
            percent_of_start=rule.percent if of_start else None,
        )
        return evolve(
            problem,
            limits=evolve(limits, step_days=each, may_stop_from_mg_per_day=last),
            shape=Shape("rule", paces=(pace,), every_days=each, source=rate.statement),
        )
    if rule.shape == "banded":
        end = rule.bands[-1].down_to.to("mg").value
        if (
            problem.target_mg_per_day < end
            and limits.max_step_mg_per_day is None
            and limits.may_stop_from_mg_per_day is None
        ):
            raise RefusedError(
                Problem(
                    f"The source gives no steps below {number(end)} mg a day.",
                    "--to",
                    f"Plan down to {number(end)} mg first. Below that the prescriber must say the steps (--max-step).",
                )
            )
        paces = tuple(
            Pace(
                limits.step_days or b.every_days_high or b.every_days,
                mg=b.amount.to("mg").value,
                until=b.down_to.to("mg").value,
            )
            for b in rule.bands
        )
        return evolve(problem, shape=Shape("rule", paces=paces, every_days=each, source=rate.statement))
    return problem


def titration(medicine: Medicine, country: str, facts: Facts, slots: int) -> tuple[Limits, tuple[str, ...]]:
    """The label's way up as limits: the largest rise a day, how often, and the statements it is from.

    Of the ways that are surely this person's, or else could be, the strictest of each limit holds.
    """
    held = []
    for s in medicine.rules(TitrationStep):
        applies = covered(s.covers, facts) if medicine.of(s) in (country, "*") else False
        if applies is not False and isinstance(s.rule, TitrationStep) and not s.rule.per_kg:
            held.append((applies, s, s.rule))
    pool = [(s, r) for applies, s, r in held if applies] or [(s, r) for _, s, r in held]
    if not pool:
        return Limits(), ()
    rises = [a.to("mg").value for _, r in pool for a in (r.per_day, r.per_dose * slots if r.per_dose else None) if a]
    shares = [(r.factor - 1) * 100 for _, r in pool if r.factor is not None]
    limits = Limits(
        step_days=max(r.every_days for _, r in pool),
        max_step_mg_per_day=min(rises, default=None),
        max_step_percent_of_current=min(shares, default=None),
    )
    return limits, tuple(s.id for s, _ in pool)


def maxima(
    medicine: Medicine, country: str | None, facts: Facts, products: Iterable[str] = ()
) -> tuple[Statement, ...]:
    """The statements that set a most a day or a dose and hold for this person; with no country, those of every one.

    An unverified one may tighten: it is kept. A softer one (a warning) is kept too; :func:`bound` tells them apart.
    """
    found = []
    for s in medicine.statements:
        if isinstance(s.rule, MaxPerDay | MaxPerDose) and not s.rule.per_kg:
            if country is not None and medicine.of(s) not in (country, "*"):
                continue
            if covered(s.covers, facts, products) is True:
                found.append(s)
    return tuple(found)


def bounded(
    problem: TaperProblem, medicine: Medicine, country: str | None, facts: Facts
) -> tuple[TaperProblem, tuple[str, ...]]:
    """The problem with the medicine's own maximum among its limits, and the statements it rests on.

    A start above it is kept, flagged, and may only come down; a target above it is refused. Without a country the
    highest verified maximum of any country is the limit, and each lower one is flagged where it is passed.

    Raises RefusedError for a target (or a start, on the way up) above the maximum.
    """
    stops = [s for s in maxima(medicine, country, facts) if s.rule.above == "stop"]  # type: ignore[union-attr]
    flags: list[tuple[str, str]] = list(problem.flags)
    limits = problem.limits
    cited: list[str] = []
    kinds: tuple[tuple[type, Literal["max_mg_per_day", "max_mg_per_dose"]], ...] = (
        (MaxPerDay, "max_mg_per_day"), (MaxPerDose, "max_mg_per_dose"),
    )  # fmt: skip
    for kind, name in kinds:
        rows = [(s.rule.amount.to("mg").value, s) for s in stops if isinstance(s.rule, kind)]  # type: ignore[union-attr]
        if not rows:
            if kind is MaxPerDay:
                flags.append(("no-maximum", country or ""))
            continue
        if country is None:
            rows = [r for r in rows if r[1].verified] or rows
            value, statement = max(rows, key=lambda r: r[0])
            for lower, s in sorted(rows, key=lambda r: r[0]):
                if lower < max(problem.start_mg_per_day, problem.target_mg_per_day) <= value:
                    flags.append(("above-a-maximum", s.id))
        else:
            value, statement = min(rows, key=lambda r: r[0])
        cited.append(statement.id)
        mine = getattr(limits, name)
        value = value if mine is None else min(mine, value)
        limits = evolve(limits, max_mg_per_day=value) if kind is MaxPerDay else evolve(limits, max_mg_per_dose=value)
        highest = limits.max_mg_per_day if kind is MaxPerDay else None
        if highest is None:
            continue
        if problem.target_mg_per_day > highest:
            raise RefusedError(
                Problem(
                    f"The target of {number(problem.target_mg_per_day)} mg a day is above the maximum of {number(highest)} mg.",
                    "target",
                    f"See the statement {statement.id}.",
                )
            )
        if problem.start_mg_per_day > highest:
            if problem.direction == "titration":
                raise RefusedError(Problem("The dose is above the maximum already, and may not rise.", "start"))
            flags.append(("start-above-maximum", number(highest)))
    return evolve(problem, limits=limits, flags=tuple(dict.fromkeys(flags))), tuple(cited)


def allowed_parts(stock: Stock, product: Product) -> tuple[Fraction, ...]:
    """The pieces of a product that its label supports, of those asked for."""
    return tuple(
        p for p in stock.pieces if p == 1 or (p == HALF and product.parts >= 2) or (p == QUARTER and product.parts >= 4)
    )


def alike(stock: Stock, medicine: Medicine, country: str | None) -> list[Product]:
    """The products of the medicine's file of the same strength and kind: those of the country, or else all of them."""
    same = [
        p
        for p in medicine.products
        if p.liquid == stock.liquid
        and p.strength.amount.kind == "mass"
        and p.strength.reduced.amount.to("mg").value == stock.mg
    ]
    return [p for p in same if country is not None and p.jurisdiction == country] or same


def narrowed(problem: TaperProblem, medicine: Medicine, country: str | None) -> TaperProblem:
    """The problem with every product's pieces as its label supports: a problem may narrow them, never widen.

    A published schedule is repeated as it stands, and what its labels do not support is reported. A product that is
    not on the medicine's list is kept and flagged.
    """
    published = any(key == "published-schedule" for key, _ in problem.flags)
    flags = list(problem.flags)
    made = []
    for stock in problem.products:
        near = alike(stock, medicine, country)
        if not near:
            flags.append(("not-on-the-list", stock.id))
            made.append(stock)
            continue
        if stock.liquid:
            made.append(stock)
            continue
        best = max(near, key=lambda p: p.parts)
        pieces = allowed_parts(stock, best)
        if pieces == stock.pieces:
            made.append(stock)
        elif published:
            extra = tuple(p for p in stock.pieces if p not in pieces)
            flags += [("not-label-supported", f"{stock.id} in pieces of {p}") for p in extra]
            made.append(evolve(stock, unsupported=extra))
        else:
            flags += [("pieces-left-out", f"{stock.id} in pieces of {p}") for p in stock.pieces if p not in pieces]
            made.append(evolve(stock, pieces=pieces or (Fraction(1),)))
    return evolve(problem, products=tuple(made), flags=tuple(dict.fromkeys(flags)))


def offered(
    medicine: Medicine,
    country: str | None,
    problem: TaperProblem,
    syringes: Iterable[tuple[Fraction, Fraction]],
    devices: Mapping[str, tuple[Fraction, Fraction]] | None = None,
) -> tuple[Stock, ...]:
    """The products of the medicine's own file that are not at hand, to say what each would buy.

    ``syringes``: size and mark in mL of the ones that could be used for a liquid. ``devices``: the same by id, for a
    product that comes with a device of its own.
    """
    found: list[Stock] = []
    seen = {(s.mg, s.liquid) for s in problem.products}
    for p in medicine.products:
        if country is not None and p.jurisdiction != country:
            continue
        if p.strength.amount.kind != "mass" or p.strength.per.kind not in ("volume", "tablet", "capsule"):
            continue
        mg = p.strength.reduced.amount.to("mg").value
        if (mg, p.liquid) in seen or p.release != "immediate":
            continue
        seen.add((mg, p.liquid))
        if p.liquid:
            own = (devices or {}).get(p.device)
            for size, mark in [own] if own else syringes:
                found.append(Stock(p.id, mg, p.form, (), mark, size))
                break
        else:
            pieces = (Fraction(1), *((HALF,) if p.parts >= 2 else ()), *((QUARTER,) if p.parts >= 4 else ()))
            found.append(Stock(p.id, mg, p.form, pieces, pack_strength=p.pack_strength if p.also else ""))
    return tuple(found)


def since_days(since: dt.date | None, today: dt.date | None) -> int | None:
    """Days from one date to another, where both are known."""
    return None if since is None or today is None else (today - since).days
