"""Turns a case (a prescription, its medicine, and what was worked out of it) into findings.

Knows no English, no file and no clock. Each file beside this one is one check: a function from Case to Findings,
marked ``@check``; its docstring is its page. A finding always cites a statement of the medicine file, or names
the setting of ours that it rests on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from importlib import import_module
from typing import Literal

from attrs import define, evolve, field, frozen

from posology.amount import Amount
from posology.directions import Directions, Person, Prescription
from posology.measure import Measure, NotMeasurable
from posology.medicine import Covers, Medicine, Product, Statement
from posology.supply import Supply
from posology.vocabulary import Vocabulary, lookup

Severity = Literal["stop", "warn", "ask", "note"]
SEVERITIES: tuple[Severity, ...] = ("stop", "warn", "ask", "note")


@frozen
class Finding:
    """One thing worth saying about a plan.

    ``key``: which message says it. ``facts``: what the message names, as values. ``statements``: what it cites.
    ``rests_on``: for a finding of ours that no source states: the name of the documented setting.
    """

    check: str
    severity: Severity
    key: str
    facts: Mapping[str, object] = field(factory=dict, hash=False)
    statements: tuple[str, ...] = ()
    rests_on: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.statements and not self.rests_on:
            raise ValueError(f"a finding must cite something: {self.check} {self.key}")
        if self.severity not in SEVERITIES:
            raise ValueError(f"not a severity: {self.severity}")


@frozen
class PhaseDose:
    """What one phase of the course asks for, in the unit of the medicine: the most a day and at one time.

    ``None`` where it cannot be said; ``days`` None for an open end.
    """

    number: int
    directions: tuple[Directions, ...]
    per_day: Amount | None
    per_dose: Amount | None
    least_per_day: Amount | None
    doses_a_day: Fraction | None
    days: int | None
    starts: dt.date | None
    as_needed: bool = False


@define(frozen=True, slots=False)
class Case:
    """All that a check may look at. Facts of the person that are not known stay None."""

    prescription: Prescription
    medicine: Medicine
    jurisdiction: str
    first_day: dt.date
    days: int
    phases: tuple[PhaseDose, ...]
    measures: tuple[Measure | NotMeasurable, ...] = ()
    products: tuple[Product, ...] = ()
    gaps: tuple[Fraction, ...] = ()
    """Hours between neighbouring doses, within the horizon, in order."""
    supply: Supply | None = None
    repeats: int | None = None
    """Repeats still to come: None is not known, 0 is the last pack."""
    beside: tuple[PhaseDose, ...] = ()
    """Other prescriptions of the same ingredient, taken as well."""
    taken_now: Amount | None = None
    """The amount a day taken now; None where it is not known, zero where it is new."""
    taken_since: dt.date | None = None
    same: tuple[tuple[Amount, Amount], ...] = ()
    """Pairs of (amount of a product, mass) that the prescription writes as the same dose."""
    listed: tuple[Product, ...] = ()
    """Every product of the medicine, to name the bottle a volume would fit."""
    vocabulary: Vocabulary = field(factory=Vocabulary)
    last_day: dt.date | None = None
    """The last day of a course that ends."""

    @property
    def person(self) -> Person:
        """The person the prescription is for."""
        return self.prescription.person

    @cached_property
    def conditions(self) -> frozenset[str]:
        """The conditions named by the person (and the indication), as vocabulary terms."""
        said = (*(self.person.conditions or ()), *((self.person.indication,) if self.person.indication else ()))
        return frozenset(t for c in said for t in lookup(self.vocabulary.conditions, c))

    @cached_property
    def classes(self) -> Mapping[str, tuple[str, ...]]:
        """Each other medicine, as written, with the classes it belongs to; none where it was not recognised.

        This medicine itself, where a list of all medicines names it, is none of the others.
        """
        return {m: lookup(self.vocabulary.classes, m) for m in self.person.medicines or () if not self.itself(m)}

    def itself(self, name: str) -> bool:
        """Whether a name is one of this medicine."""
        return name.strip().lower() in {n.lower() for n in self.medicine.names}

    @cached_property
    def beside_per_day(self) -> Amount | None:
        """The most a day of the same ingredient from other prescriptions; None where one cannot be said."""
        total = Amount(0, self.medicine.dose_unit)
        for p in self.beside:
            if p.per_day is None:
                return None
            total = total + p.per_day
        return total

    def total_per_day(self, phase: PhaseDose) -> Amount | None:
        """The most a day of this ingredient in a phase, other prescriptions summed in."""
        if phase.per_day is None:
            return None
        return phase.per_day + self.beside_per_day if self.beside_per_day is not None else phase.per_day

    @cached_property
    def highest(self) -> PhaseDose | None:
        """The phase that asks for most in a day."""
        known = [p for p in self.phases if p.per_day is not None]
        return max(known, key=lambda p: p.per_day.base, default=None)  # type: ignore[union-attr]

    @cached_property
    def days_taken(self) -> int | None:
        """For how many days it has been taken when this course begins; None where that is not known."""
        if self.person.new:
            return 0
        return (self.first_day - self.taken_since).days if self.taken_since else None

    def ours(self, statement: Statement) -> bool:
        """Whether a statement speaks for the country of this plan, or for no country."""
        return self.medicine.of(statement) in (self.jurisdiction, "*")

    def own(self, statement: Statement) -> bool:
        """Whether a statement speaks for the country of this plan itself."""
        return self.medicine.of(statement) == self.jurisdiction


YES, NO = True, False


_ADULT = Amount(40, "a")


def presumed(covers: Covers, case: Case) -> Covers | None:
    """A statement's covers with what is presumed of a person where nobody said: an adult, not on dialysis.

    None where the statement is of somebody else then. Both are asked for all the same.
    """
    if covers.age is not None and case.person.age is None:
        if not covers.age.holds(_ADULT):
            return None
        covers = evolve(covers, age=None)
    if covers.dialysis is False and case.person.dialysis is None:
        covers = evolve(covers, dialysis=None)
    return covers


def matches(
    covers: Covers, case: Case, phase: PhaseDose | None = None, *, later: int = 0
) -> tuple[bool | None, frozenset[str]]:
    """Whether a statement covers this case: yes, no, or None with the facts of the person that are missing.

    A part that fails makes it a no, whatever else is missing. What depends on how long it was taken is asked for the
    first and the last day of the phase; without one, for ``later``: so many days into the course.
    """
    person, missing, unsure = case.person, set[str](), False
    answers: list[bool | None] = []

    def want(name: str, answer: bool | None) -> None:
        answers.append(answer)
        if answer is None:
            missing.add(name)

    if covers.age is not None:
        age = person.age
        if age is not None and age.kind == "calendar months":
            age = Amount(age.value / 12, "a")
        elif age is not None and age.kind == "time":
            age = Amount(age.to("d").value / Fraction(1461, 4), "a")
        want("age", None if age is None else covers.age.holds(age))
    if covers.weight is not None:
        want("weight", None if person.weight is None else covers.weight.holds(person.weight.amount))
    if covers.kidney is not None:
        name = "egfr" if covers.kidney.unit != "mL/min" else "crcl"
        fact = person.egfr if name == "egfr" else person.crcl
        want(name, None if fact is None else covers.kidney.holds(fact.amount))
    if covers.dialysis is not None:
        known = person.dialysis
        if known is None and (person.egfr is not None or person.crcl is not None):
            known = False  # a measured kidney function without a word of dialysis
        want("dialysis", None if known is None else known == covers.dialysis)
    if covers.products:
        answers.append(any(p.id in covers.products for p in case.products))
    if covers.indications:
        said = person.indication
        want(
            "indication",
            None if said is None else any(i in lookup(case.vocabulary.conditions, said) for i in covers.indications),
        )
    if covers.conditions:
        hit = any(c in case.conditions for c in covers.conditions)
        want("conditions", True if hit else None if person.conditions is None else False)
    if covers.medicines and covers.allergy is None:
        if "alcohol" in covers.medicines and person.alcohol:
            answers.append(True)
        else:
            hit = any(c in ids for ids in case.classes.values() for c in covers.medicines)
            want("medicines", True if hit else None if person.medicines is None else False)
    for name, value in (("pregnant", covers.pregnancy), ("breastfeeding", covers.breastfeeding),
                        ("alcohol", covers.alcohol)):  # fmt: skip
        if value is not None:
            known = getattr(person, name)
            want(name, None if known is None else known == value)
    if covers.driving is not None:
        needs = person.needs
        want("needs", None if needs is None else any("driv" in n or "machin" in n for n in needs) == covers.driving)
    if covers.allergy is not None:
        want("allergies", None if person.allergies is None else allergic(case) == covers.allergy)
    if covers.days_taken is not None:
        days = case.days_taken
        at = _days_in(case, phase) if phase else (later,)
        want("taking", None if days is None else any(covers.days_taken.holds(Amount(days + d, "d")) for d in at))
    if covers.dose_per_day is not None:
        per_day = case.total_per_day(phase) if phase else (case.highest.per_day if case.highest else None)
        if per_day is None:
            unsure = True
        else:
            answers.append(covers.dose_per_day.holds(per_day))
    if covers.setting is not None:
        answers.append((person.setting or "home") == covers.setting)
    if any(a is False for a in answers):
        return NO, frozenset()
    if missing or unsure:
        return None, frozenset(missing)
    return YES, frozenset()


def _days_in(case: Case, phase: PhaseDose) -> tuple[int, int]:
    """How many days into the course a phase begins and ends; where its first day is not known, the course's."""
    begins = (phase.starts - case.first_day).days if phase.starts is not None else 0
    return begins, begins + max((phase.days or 1) - 1, 0)


def allergic(case: Case) -> bool:
    """Whether an allergy to this medicine, or to a class that its sources name with it, is among the person's allergies."""
    kin = {c for s in case.medicine.statements if s.covers.allergy for c in s.covers.medicines}
    return allergic_to_itself(case) or any(
        kin.intersection(lookup(case.vocabulary.classes, a)) for a in case.person.allergies or ()
    )


def allergic_to_itself(case: Case) -> bool:
    """Whether this medicine's own name, or its ingredient's, is among the person's allergies."""
    own = {n.lower() for n in case.medicine.names} | {i.name.lower() for i in case.medicine.ingredients}
    return any(any(n in a.lower() for n in own) for a in case.person.allergies or ())


Check = Callable[[Case], Iterable[Finding]]


@frozen
class Registered:
    """A check with its id and one line on what it is about."""

    id: str
    about: str
    run: Check


REGISTER: dict[str, Registered] = {}


def check(id: str, *, about: str) -> Callable[[Check], Check]:
    """Mark a function as the check of that id."""

    def mark(function: Check) -> Check:
        if id in REGISTER:
            raise ValueError(f"two checks are called {id}")
        REGISTER[id] = Registered(id, about, function)
        return function

    return mark


_FILES = ("maximum", "start", "intervals", "ending", "running_out", "kidneys", "age_weight", "measuring", "covers",
          "unknowns")  # fmt: skip


def run(case: Case) -> tuple[Finding, ...]:
    """Every check over one case; stop findings first, then by check in their order."""
    for name in _FILES:
        import_module(f"posology.checks.{name}")
    found = [f for registered in REGISTER.values() for f in registered.run(case)]
    return tuple(sorted(found, key=lambda f: SEVERITIES.index(f.severity)))


def each(case: Case, kind: type) -> Iterator[tuple[Statement, object]]:
    """The statements with a rule of a class, with the rule."""
    for s in case.medicine.rules(kind):
        yield s, s.rule
