"""Turns a prescription and a medicine into a Plan: measured, timed, checked, with the sources it used.

Knows no file, no clock, no format and no language. It calls the rooms below it and decides nothing of its own.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Literal

from attrs import evolve, field, frozen

from posology import measure, schedule, supply
from posology.amount import Amount, Strength
from posology.checks import Case, Finding, PhaseDose, run
from posology.directions import DAYS, Course, Directions, Dose, Prescription
from posology.measure import Device, Measure, NotMeasurable
from posology.medicine import Medicine, Product, Source
from posology.schedule import DoseEvent, Schedule
from posology.supply import Holding, Supply
from posology.vocabulary import Country, Vocabulary

State = Literal["as-prescribed", "proposed", "approved", "active", "held", "stepped-back", "finished", "stopped"]
DEFAULT_DAYS = 28


@frozen
class Setting:
    """Everything a plan needs beside the prescription and the medicine; nothing is taken from the machine.

    ``named``: the product as the prescription names it (its strength and form), where it does.
    ``holdings``: what is in the house; ``repeats``: packs still to come (None: not known, 0: the last).
    ``beside``: other prescriptions of the same ingredient, taken as well.
    """

    country: Country
    zone: str
    first_day: dt.date
    days: int = DEFAULT_DAYS
    devices: tuple[Device, ...] = ()
    usual: tuple[Device, ...] = ()
    """Devices a pharmacist could give, named where none at hand will do."""
    holdings: tuple[Holding, ...] = ()
    repeats: int | None = None
    clock: tuple[dt.time, ...] = ()
    spacing: Literal["waking", "elapsed"] = "waking"
    start_time: dt.time | None = None
    named: Strength | Amount | None = None
    form: str = ""
    same: tuple[tuple[Amount, Amount], ...] = ()
    """Amounts that the prescription writes as one and the same: 5 mg (2.5 mL), 2 tablets (20 mg)."""
    only: tuple[str, ...] = ()
    """Ids of the products that its wording singles out, where strength alone does not: 25/100 of two ingredients."""
    beside: tuple[Course, ...] = ()
    decided: tuple[Measure, ...] = ()
    """How doses are taken where that was decided before: the pieces of an approved plan. Others are measured."""
    vocabulary: Vocabulary = field(factory=Vocabulary)
    state: State = "as-prescribed"


@frozen
class Plan:
    """A course of doses for one person in one country. Pages, files and answers are views of it.

    ``measures``: one for each different dose, in order of first use. ``findings``: stop first.
    """

    prescription: Prescription
    medicine: Medicine
    setting: Setting
    schedule: Schedule
    measures: tuple[tuple[Dose, Measure | NotMeasurable], ...]
    findings: tuple[Finding, ...]
    sources: tuple[Source, ...]
    phases: tuple[PhaseDose, ...]
    supply: Supply | None
    state: State

    @property
    def events(self) -> tuple[DoseEvent, ...]:
        """The doses, in order."""
        return self.schedule.events

    @property
    def stopped(self) -> bool:
        """Whether a finding forbids showing this plan as instructions: no sheet, calendar or order is written."""
        return any(f.severity == "stop" for f in self.findings)

    def measure_of(self, dose: Dose) -> Measure | NotMeasurable | None:
        """How a dose is measured out."""
        return next((m for d, m in self.measures if d == dose), None)


def candidates(medicine: Medicine, setting: Setting) -> tuple[Product, ...]:
    """The products the doses may be made of: those in the house, else the one the prescription names, else the country's.

    A named strength and form narrow the list; where nothing matches, it is empty and measuring says so.
    """
    if setting.holdings:
        return tuple(dict.fromkeys(h.product for h in setting.holdings))
    there = [p for p in medicine.products if p.jurisdiction == setting.country.id]
    if setting.only:
        there = [p for p in there if p.id in setting.only]
    if setting.named is not None:
        wanted = setting.named
        there = [
            p
            for p in there
            if (
                p.strength.same_as(wanted)
                if isinstance(wanted, Strength)
                else p.strength.reduced.amount.same_as(wanted)
            )
            and (not setting.form or setting.form.rstrip("s") in p.form or p.form in setting.form)
        ]
    elif setting.form:
        there = [p for p in there if setting.form.rstrip("s") in p.form or p.form in setting.form]
    if setting.named is None and setting.same:
        fitting = [p for p in there if all(p.strength.per.kind != a.kind or _belongs(p, a, b) for a, b in setting.same)]
        there = fitting or there
    return tuple(there)


def _belongs(product: Product, amount: Amount, mass: Amount) -> bool:
    return product.strength.amount.kind == mass.kind and product.strength.mass_of(amount).same_as(mass)


def mass(dose: Amount | None, medicine: Medicine, products: tuple[Product, ...]) -> Amount | None:
    """A dose in the unit of the medicine: as it is, or through the one strength its products share; else None."""
    if dose is None:
        return None
    if dose.kind == Amount(1, medicine.dose_unit).kind:
        return dose.to(medicine.dose_unit)
    fitting = [p for p in products if Amount(1, p.unit).kind == dose.kind]
    found = {
        p.strength.mass_of(dose).base for p in fitting if p.strength.amount.kind == Amount(1, medicine.dose_unit).kind
    }
    return fitting[0].strength.mass_of(dose).to(medicine.dose_unit) if len(found) == 1 else None


def phase_doses(
    course: Course, medicine: Medicine, products: tuple[Product, ...], first_day: dt.date | None
) -> tuple[PhaseDose, ...]:
    """What each phase asks for a day and at one time, in the unit of the medicine."""
    found, day = [], first_day
    for number, phase in enumerate(course.phases, 1):
        known, doses = True, []
        named = any(d.timing.days_of_week for d in phase.directions)
        # Directions for different days of the week do not add up: each day of the week has a sum of its own.
        days = dict.fromkeys(DAYS if named else ("",), (Amount(0, medicine.dose_unit),) * 2)
        counts = dict.fromkeys(days, Fraction(0))
        for d in phase.directions:
            often = d.timing.times_a_day
            most = mass(d.dose.most if d.dose else None, medicine, products)
            low = mass(d.dose.least if d.dose else None, medicine, products)
            here = [k for k in days if not d.timing.days_of_week or k in d.timing.days_of_week]
            for k in here:
                counts[k] += often or 0
            if most is None or often is None:
                known = False
                continue
            a_day = max(often, Fraction(1)) if not d.timing.elapsed else often
            more = _capped(most * ceil(a_day), d, medicine, products)
            less = (low or most) * (a_day if not d.as_needed else Fraction(0))
            for k in here:
                days[k] = (days[k][0] + more, days[k][1] + less)
            doses.append(most)
        per_day = max((x for x, _ in days.values()), key=lambda a: a.base)
        least = min((x for _, x in days.values()), key=lambda a: a.base)
        times = max(counts.values())
        found.append(
            PhaseDose(
                number, phase.directions, per_day if known else None,
                max(doses, key=lambda a: a.base) if doses else None, least if known else None, times or None, phase.days,
                day, all(d.as_needed for d in phase.directions),
            )
        )  # fmt: skip
        day = day + dt.timedelta(days=phase.days) if day is not None and phase.days is not None else None
    return tuple(found)


def _capped(per_day: Amount, d: Directions, medicine: Medicine, products: tuple[Product, ...]) -> Amount:
    """The amount a day, no more than a maximum the prescriber wrote for as-needed use."""
    for limit in d.max_per_period:
        most = mass(limit.amount, medicine, products)
        if d.as_needed and most is not None and limit.per.same_as(Amount(1, "d")) and most < per_day:
            per_day = most
    return per_day


def make(prescription: Prescription, medicine: Medicine, setting: Setting) -> Plan:
    """The one door: measure, time and check a prescription.

    Returns a Plan whose findings say what is wrong; raises only where the prescription or setting cannot be planned
    at all (an unknown zone, a horizon over the cap).
    """
    person, course = prescription.person, prescription.course
    products = candidates(medicine, setting)
    measures = _measures(course, products, setting)
    timed = schedule.expand(
        course, first_day=setting.first_day, zone=setting.zone, days=setting.days, waking=person.waking,
        clock=setting.clock, spacing=setting.spacing, start_time=setting.start_time,
    )  # fmt: skip
    phases = phase_doses(course, medicine, products, setting.first_day)
    stock = _supply(timed, measures, setting)
    case = Case(
        prescription=prescription, medicine=medicine, jurisdiction=setting.country.id, first_day=setting.first_day,
        days=setting.days, phases=phases, measures=tuple(m for _, m in measures), products=_used(measures) or products,
        gaps=_gaps(timed.events), supply=stock, repeats=setting.repeats,
        beside=tuple(p for c in setting.beside for p in phase_doses(c, medicine, products, None)[:1]),
        taken_now=_now(prescription, medicine, products), taken_since=_since(prescription),
        same=setting.same, listed=medicine.products, vocabulary=setting.vocabulary, last_day=_last_day(phases),
    )  # fmt: skip
    findings = run(case)
    cited = dict.fromkeys(medicine.statement(s).source for f in findings for s in f.statements)
    cited |= dict.fromkeys(p.source for p in case.products if not p.declared)
    return Plan(
        prescription, medicine, setting, timed, measures, findings, tuple(medicine.source(s) for s in cited), phases, stock,
        setting.state,
    )  # fmt: skip


def _measures(
    course: Course, products: tuple[Product, ...], setting: Setting
) -> tuple[tuple[Dose, Measure | NotMeasurable], ...]:
    doses = dict.fromkeys(d.dose for d in course.directions if d.dose is not None)
    before = {m.dose: m for m in setting.decided}
    found: list[tuple[Dose, Measure | NotMeasurable]] = []
    for dose in doses:
        for end in dict.fromkeys(e for e in (dose.least, dose.most) if e is not None):
            exact = dose if isinstance(dose.amount, Amount) else evolve(dose, amount=end)
            held = before.get(end)
            found.append((exact, held or measure.measure(end, products, setting.devices, setting.usual)))
    return tuple(found)


def _used(measures: tuple[tuple[Dose, Measure | NotMeasurable], ...]) -> tuple[Product, ...]:
    return tuple(dict.fromkeys(t.product for _, m in measures if isinstance(m, Measure) for t in m.takes))


def _supply(
    timed: Schedule, measures: tuple[tuple[Dose, Measure | NotMeasurable], ...], setting: Setting
) -> Supply | None:
    if not setting.holdings:
        return None
    found = dict(measures)
    doses = {id(e.dose): e.dose for e in timed.events}  # a dose is one object in all its events
    held = {n: found.get(dose) if dose is not None else None for n, dose in doses.items()}
    pairs = [(e, held[id(e.dose)]) for e in timed.events]
    known = [(e, m) for e, m in pairs if isinstance(m, Measure)]
    return supply.run_out(supply.uses(known), setting.holdings) if len(known) == len(pairs) else None


def _gaps(events: tuple[DoseEvent, ...]) -> tuple[Fraction, ...]:
    instants = sorted({e.at.timestamp() for e in events})
    held: dict[int, Fraction] = {}  # a year has few different gaps
    return tuple(
        held.setdefault(b - a, Fraction(b - a, 3600)) if b - a not in held else held[b - a]
        for a, b in pairwise(instants)
    )


def _now(prescription: Prescription, medicine: Medicine, products: tuple[Product, ...]) -> Amount | None:
    person = prescription.person
    if person.new:
        return Amount(0, medicine.dose_unit)
    if not person.taking:
        return None
    total = Amount(0, medicine.dose_unit)
    for taking in person.taking:
        per_day = phase_doses(taking.course, medicine, products or medicine.products, None)[-1].per_day
        if per_day is None:
            return None
        total = total + per_day
    return total


def _since(prescription: Prescription) -> dt.date | None:
    dates = [t.since for t in prescription.person.taking or () if t.since is not None]
    return min(dates, default=None)


def _last_day(phases: tuple[PhaseDose, ...]) -> dt.date | None:
    last = phases[-1]
    return last.starts + dt.timedelta(days=last.days - 1) if last.starts and last.days else None
