"""Turns a Plan into what a person reads: the doses of a day, how to measure them, what to watch for, what was found.

Knows no HTML and no terminal; its parts are the Sections and Blocks of a page.
"""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from itertools import groupby
from typing import cast

from attrs import frozen

from posology.amount import UNITS, Amount, number_text
from posology.checks import Finding
from posology.directions import Dose
from posology.errors import RefusedError
from posology.measure import Measure, NotMeasurable, Take
from posology.medicine import MissedDose
from posology.plan import Plan
from posology.schedule import DoseEvent
from posology.wording.findings import Said, catalogue, say
from posology.wording.page import TOPICS, Block, Line, Section, about, line, places, source_text
from posology.wording.saying import say as saying
from posology.wording.times import note_text
from posology.wording.words import date_text

PARTS = {Fraction(1, 2): "half a", Fraction(1, 4): "a quarter of a", Fraction(3, 4): "three quarters of a"}
AS_PRESCRIBED = "As prescribed. Check it against your pharmacy label: if they differ, ask the pharmacist."
PROPOSED = "PROPOSAL, not approved. Not instructions: for the prescriber to decide."


@frozen
class DayPattern:
    """A run of days on which the same doses are taken at the same times."""

    first: dt.date
    last: dt.date
    phase: int
    doses: tuple[DoseEvent, ...]
    """The doses of its first day."""


@frozen
class PlanPage:
    """A plan as a page: a title, the directions in words, its state, its patterns of days, its sections, its sources."""

    title: str
    directions: str
    state: str
    stopped: bool
    proposal: bool
    sections: tuple[Section, ...]
    patterns: tuple[DayPattern, ...]
    sources: tuple[tuple[int, str], ...]
    numbers: dict[str, int]
    places: dict[str, str]


def patterns(plan: Plan) -> tuple[DayPattern, ...]:
    """The days of the plan, grouped where the doses are the same."""
    found: list[DayPattern] = []
    by_day: dict[dt.date, list[DoseEvent]] = {}
    for e in plan.events:
        by_day.setdefault(dt.date(e.at.year, e.at.month, e.at.day), []).append(e)
    key: tuple[object, ...] | None = None
    for day, events in sorted(by_day.items()):
        now = tuple((e.at.hour, e.at.minute, e.dose, e.phase) for e in events)
        if found and now == key and (day - found[-1].last).days == 1:
            found[-1] = DayPattern(found[-1].first, day, found[-1].phase, found[-1].doses)
        else:
            found.append(DayPattern(day, day, events[0].phase, tuple(events)))
            key = now
    return tuple(found)


def count_text(count: Fraction, one: str, many: str) -> str:
    """A count in words a person cannot misread: "half a tablet", "1 tablet", "2 and a half tablets".

    >>> count_text(Fraction(5, 2), "tablet", "tablets")
    '2 and a half tablets'
    """
    whole, part = divmod(count, 1)
    if not part:
        return f"{whole} {one if whole == 1 else many}"
    words = PARTS.get(part)
    if words is None:
        return f"{number_text(count)} {many}"
    if not whole:
        return f"{words} {one}"
    return (
        f"{whole} and {words.removesuffix(' of a').strip()} {many}"
        if part != Fraction(1, 2)
        else f"{whole} and a half {many}"
    )


def take_text(take: Take, *, short: bool = False) -> str:
    """One part of a dose: how many of which product, or how many mL on which syringe, with the strength in both forms.

    ``short``: without the product's name and the syringe, which the measuring part tells.
    """
    product, amount = take.product, take.quantity
    if product.liquid:
        if short:
            return f"{amount} of {product.strength}"
        on = f", on the {take.device.name}" if take.device else ""
        return f"{amount} of {product.name}, {product.strength}{on}"
    unit = UNITS[product.unit]
    return f"{count_text(amount.value, unit.name, unit.plural)} of {product.pack_strength}"


def how_text(measure: Measure | NotMeasurable | None, *, short: bool = False) -> str:
    """How a dose is made up, in one phrase; empty where it cannot be."""
    if not isinstance(measure, Measure):
        return ""
    return " and ".join(take_text(t, short=short) for t in measure.takes)


def dose_text(plan: Plan, dose: Dose | None) -> str:
    """A dose with its mg and how it is made up: "10 mg: 1 tablet of 10 mg"."""
    if dose is None:
        return "as written"
    found = plan.measure_of(dose)
    how = how_text(found, short=True)
    if not how:
        return f"{dose} (see above: it cannot be measured yet)" if isinstance(found, NotMeasurable) else str(dose)
    given = found.given if isinstance(found, Measure) else dose.amount
    shown = str(given) if not isinstance(dose.amount, Amount) or given.kind != dose.amount.kind else str(dose)  # type: ignore[union-attr]
    return f"{shown}: {how}"


def time_text(event: DoseEvent) -> str:
    """A clock time as HH:MM."""
    return f"{event.at.hour:02}:{event.at.minute:02}"


def _state(plan: Plan) -> str:
    if plan.state == "proposed":
        return PROPOSED
    if plan.state == "as-prescribed":
        return AS_PRESCRIBED
    return f"Approved by {plan.prescription.written_by}. Do not change it by yourself: ask them, or your pharmacist."


def view(plan: Plan) -> PlanPage:
    """The page of a plan. A stopped plan shows why, and no doses as instructions."""
    country, medicine = plan.setting.country, plan.medicine
    explained = about(medicine, country)
    sections: list[Section] = []
    emergency = explained.section("emergency")
    said = [(f, say(f, country=country, tapers=medicine.tapers)) for f in plan.findings]
    runs = patterns(plan)
    if emergency:
        sections.append(emergency)
    stops = [(f, s) for f, s in said if f.severity == "stop"]
    if stops:
        sections.append(Section("stop", "Do not follow this plan yet", _found(stops, plan), "warning"))
    warns = [(f, s) for f, s in said if f.severity == "warn" or (f.severity == "ask" and f.check == "measuring")]
    if warns:
        sections.append(Section("warn", "Check first", _found(warns, plan), "warning"))
    if not plan.stopped:
        sections.append(_doses(plan, runs))
        sections += [s for s in (_measuring(plan), _rules(plan), _missed(plan)) if s is not None]
        supply = _supply(plan)
        if supply is not None and not any(f.check == "running-out" for f, _ in said):
            sections.append(supply)
    asks = [(f, s) for f, s in said if f.severity == "ask" and f.check != "measuring"]
    notes = [(f, s) for f, s in said if f.severity == "note"]
    if asks:
        sections.append(Section("ask", "Not checked yet", _asked(asks)))
    if notes:
        sections.append(Section("note", "Good to know", _grouped(notes, plan)))
    cited = dict.fromkeys(c for s in sections for b in s.blocks for x in b.lines for c in x.cites)
    sources = dict.fromkeys(medicine.statement(c).source for c in cited)
    number = {id: i for i, id in enumerate(sources, 1)}
    return PlanPage(
        title=f"{medicine.names[0].capitalize()}: your plan from {date_text(plan.setting.first_day)}",
        directions=directions_text(plan),
        state=_state(plan),
        stopped=plan.stopped, proposal=plan.state == "proposed",
        sections=tuple(sections), patterns=runs,
        sources=tuple((i, source_text(medicine, id)) for id, i in number.items()),
        numbers={c: number[medicine.statement(c).source] for c in cited},
        places=places(medicine, cited),
    )  # fmt: skip


def directions_text(plan: Plan) -> str:
    """The directions said back in our words, so that no misreadable number of the original is printed."""
    try:
        return saying(plan.prescription.course)
    except RefusedError:  # a code without words: the words it came in
        return plan.prescription.text.strip()


def _line(f: Finding, s: Said, plan: Plan) -> Line:
    cites = f.statements[:6]
    return Line(f"{s.say} {s.act}".strip(), cites, all(plan.medicine.statement(c).verified for c in cites))


def _found(found: list[tuple[Finding, Said]], plan: Plan) -> tuple[Block, ...]:
    """Findings as a list; the sentence against stopping alone stands once, above them."""
    alone = next((s.alone for _, s in found if s.alone), "")
    listed = Block("bullets", tuple(dict.fromkeys(_line(f, s, plan) for f, s in found)))
    return (Block("paragraph", (Line(alone),)), listed) if alone else (listed,)


def _asked(asks: list[tuple[Finding, Said]]) -> tuple[Block, ...]:
    """The grouped question: each fact on its own line, with how to give it."""
    words = catalogue()
    names = tuple(dict.fromkeys(str(n) for f, _ in asks for n in cast("tuple[str, ...]", f.facts.get("names", ()))))
    if "egfr" in names:  # one kind of kidney function is enough
        names = tuple(n for n in names if n != "crcl")
    rest = [(f, s) for f, s in asks if "names" not in f.facts]
    blocks = [
        Block(
            "paragraph",
            (Line("The program was not told these. Tell it, or ask the pharmacist to check them for you."),),
        ),
        Block("bullets", tuple(Line(_question(words["fact-names"][n]), how=words["fact-how"][n]) for n in names)),
    ]
    if rest:
        blocks.append(Block("bullets", tuple(Line(f"{s.say} {s.act}".strip()) for _, s in rest)))
    return tuple(blocks)


def _question(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


_GROUPS = {"kidneys": "Kidneys", "age-weight": "Age and weight", "measuring": "Measuring", "ending": "Coming off",
           "running-out": "Your supply", "start": "The dose", "maximum": "The dose", "intervals": "The times"}  # fmt: skip
"""A small heading for the notes of each check; those about a subject take the heading of that topic."""


def _grouped(notes: list[tuple[Finding, Said]], plan: Plan) -> tuple[Block, ...]:
    """Notes under small headings; a few need none."""
    groups: dict[str, list[Line]] = {}
    topics = {subject: heading for heading, subjects in TOPICS.values() for subject in subjects}
    for f, s in notes:
        heading = topics.get(str(f.facts.get("subject", "")), _GROUPS.get(f.check, "Other"))
        groups.setdefault(heading, []).append(_line(f, s, plan))
    if sum(map(len, groups.values())) <= 3:
        return (Block("bullets", tuple(dict.fromkeys(x for lines in groups.values() for x in lines))),)
    return tuple(Block("bullets", tuple(dict.fromkeys(lines)), heading) for heading, lines in groups.items())


def _doses(plan: Plan, runs: tuple[DayPattern, ...]) -> Section:
    blocks: list[Block] = []
    notes = dict.fromkeys(note_text(n) for n in plan.schedule.notes)
    stretches = _stretches(plan, runs)
    for stretch in stretches[:12]:
        first, last = stretch[0].first, stretch[-1].last
        heading = f"From {date_text(first)}" + (f" to {date_text(last)}" if last != first else "")
        if len(plan.prescription.course.phases) > 1:
            heading = f"Step {stretch[0].phase + 1}. {heading}"
        blocks.append(Block("table", (), heading, ("Time", "Take", ""), _rows(plan, stretch)))
    if len(stretches) > 12:
        more = f"and {len(stretches) - 12} more steps: see the calendar or --json."
        blocks.append(Block("paragraph", (Line(more),)))
    for d in plan.schedule.as_needed:
        words = " for " + ", ".join(c.words for c in d.as_needed_for) if d.as_needed_for else ""
        dose = dose_text(plan, d.dose)
        blocks.append(Block("paragraph", (Line(f"Only when needed{words}: {dose}. {d.text}".strip()),)))
    blocks += [Block("paragraph", (Line(text),)) for text in notes]
    return Section("doses", "Your doses", tuple(blocks))


def _stretches(plan: Plan, runs: tuple[DayPattern, ...]) -> list[tuple[DayPattern, ...]]:
    """Runs of days, those of one step together where its days go by the day of the week."""
    phases = plan.prescription.course.phases
    found: list[tuple[DayPattern, ...]] = []
    for number, group in groupby(runs, key=lambda r: r.phase):
        mine = tuple(group)
        weekly = number < len(phases) and any(d.timing.days_of_week for d in phases[number].directions)
        found += [mine] if weekly else [(r,) for r in mine]
    return found


def _rows(plan: Plan, stretch: tuple[DayPattern, ...]) -> tuple[tuple[str, str, str], ...]:
    """Each dose of a stretch: its time, what to take, a note; where days differ, with the days it is taken on."""
    found: dict[tuple[str, str, str], set[dt.date]] = {}
    for run in stretch:
        days = {run.first + dt.timedelta(days=i) for i in range((run.last - run.first).days + 1)}
        for e in run.doses:
            found.setdefault((time_text(e), dose_text(plan, e.dose), e.note), set()).update(days)
    first, last = stretch[0].first, stretch[-1].last
    every = {first + dt.timedelta(days=i) for i in range((last - first).days + 1)}
    rows = [
        (time, take if days == every else f"{_on(days, len(every))}: {take}", note)
        for (time, take, note), days in sorted(found.items(), key=lambda x: (x[0][0], min(x[1])))
    ]
    none = every - set().union(*found.values())
    return (*rows, *((("", f"{_on(none, len(every))}: no dose", ""),) if none else ()))


def _on(days: set[dt.date], span: int) -> str:
    """Days in a few characters: with their dates in one week ("Tue 8, Thu 10"), else by name ("Mon, Wed, Fri")."""
    ordered = sorted(days)
    if span <= 7:
        return ", ".join(f"{_DAYS[d.weekday()]} {d.day}" for d in ordered)
    return ", ".join(_DAYS[k] for k in sorted({d.weekday() for d in ordered}))


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _measuring(plan: Plan) -> Section | None:
    lines, tools = [], set()
    for dose, m in plan.measures:
        if isinstance(m, Measure) and any(t.product.liquid for t in m.takes):
            tools |= {bool(t.device and t.device.id == t.product.device) for t in m.takes if t.product.liquid}
            lines.append(Line(f"{dose} is {how_text(m)}."))
            if any(t.product.shake for t in m.takes):
                lines.append(Line("Shake the bottle first."))
    if not lines:
        return None
    tool = "measure that comes with it" if tools == {True} else "oral syringe"
    lines.append(Line(f"Use the {tool} only. Never use a kitchen spoon."))
    return Section("measuring", "How to measure it", (Block("bullets", tuple(dict.fromkeys(lines))),))


def _rules(plan: Plan) -> Section:
    lines = [
        Line("Take it as your prescriber said. Do not take more, less or more often."),
        Line("Keep taking it though you feel well. If it does not help, ask about coming off slowly."),
    ]
    if plan.medicine.tapers:
        own = plan.medicine.about("stopping", plan.setting.country.id)[:1]
        lines.append(Line("Do not stop suddenly, and do not run out.", tuple(s.id for s in own)))
    return Section("rules", "Every day", (Block("bullets", tuple(lines)),))


_NOT_TWO = re.compile(r"(?:never|not) (?:take|give) (?:two doses|a double)", re.IGNORECASE)


def _missed(plan: Plan) -> Section | None:
    country, medicine = plan.setting.country, plan.medicine
    rules = medicine.rules(MissedDose)
    own = [s for s in rules if medicine.of(s) == country.id] or [s for s in rules if medicine.of(s) == "*"]
    shown = own[:1] or list(rules[:1])
    if not shown:
        return Section(
            "missed",
            "If you miss a dose",
            (
                Block(
                    "paragraph",
                    (Line("The sources on file do not say. Ask your pharmacist. Never take two doses together."),),
                ),
            ),
        )
    rest = [s for s in rules if s not in shown]
    lines = [line(medicine, country, s) for s in shown]
    if not any(_NOT_TWO.search(x.text) for x in lines):
        lines.append(Line("Never take two doses together."))
    blocks = [Block("bullets", tuple(lines))]
    if rest:
        blocks.append(
            Block("bullets", tuple(line(medicine, country, s) for s in rest), "What other sources say", aside=True)
        )
    return Section("missed", "If you miss a dose", tuple(blocks))


def _supply(plan: Plan) -> Section | None:
    if plan.supply is None or plan.supply.runs_out is None:
        return None
    text = f"What you have lasts until {date_text(plan.supply.runs_out)}."
    if plan.supply.order_by is not None:
        text += f" Order more by {date_text(plan.supply.order_by)}."
    return Section("supply", "Your supply", (Block("paragraph", (Line(text),)),))
