"""The command ``taper sheet``: an approved plan file as the sheet to print and as a calendar. Decides nothing."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from posology.directions import Course
    from posology.measure import Device, Measure
    from posology.medicine import Medicine, Product
    from posology.plan import Plan
    from posology.taper.course import TaperPlan
    from posology.taper.pieces import Take
    from posology.taper.problem import TaperProblem
    from posology.taper.states import Dated


def sheet(
    file: Annotated[Path, typer.Argument(help="A plan file that a prescriber has approved.")],
    country: Annotated[str, typer.Option(help="Whose emergency number and rules hold: UK, US, DE ...")],
    zone: Annotated[str | None, typer.Option(help="Time zone, like Europe/London.")] = None,
    awake: Annotated[str | None, typer.Option(help="The waking day: 07:00-22:30.")] = None,
    syringe: Annotated[list[str] | None, typer.Option(help='Oral syringes at hand: "5 mL by 0.2 mL".')] = None,
    on: Annotated[str | None, typer.Option(help="The day it is made: 2026-11-24.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the sheet to print.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the sheet as a PDF.")] = None,
    ics: Annotated[Path | None, typer.Option(help="Write a calendar.")] = None,
    ics_detail: Annotated[
        bool, typer.Option("--ics-detail", help="Name the medicine and amounts in the calendar.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Make the sheet and the calendar of an approved plan file. A proposal has neither.

    Example:

        posology taper sheet plan.json --country UK --zone Europe/London --html sheet.html --ics doses.ics
    """
    import datetime as dt

    from posology.cli import inputs
    from posology.cli.about import dump
    from posology.cli.taper_files import load_document

    today = inputs.placed("--on", inputs.day, on) or dt.date.today()  # noqa: DTZ011
    made = approved_plan(load_document(file), today, country=country, zone=zone, awake=awake, syringe=syringe or [])
    if made.stopped:
        from posology.cli.plan import plan_text

        typer.echo(plan_text(made, ""))
        raise typer.Exit(3)
    files: list[tuple[Path, str | bytes]] = []
    if html is not None or pdf is not None:
        from posology import sheet as sheets

        drawn = sheets.plan_html(made, printed=today)
        files += [(html, drawn)] if html is not None else []
        files += [(pdf, sheets.pdf(drawn))] if pdf is not None else []
    if ics is not None:
        from posology import ics as calendars

        files.append((ics, calendars.write(made, detail=ics_detail)))
    inputs.write_files(files)
    for path, _ in files:
        typer.echo(f"Written: {path}", err=True)
    if as_json:
        from posology import record

        typer.echo(dump(record.write(made)))
    elif not files:
        from posology.cli.plan import plan_text

        typer.echo(plan_text(made, ""))


def approved_plan(
    document: Mapping[str, Any],
    today: dt.date,
    *,
    country: str,
    zone: str | None,
    awake: str | None,
    syringe: list[str],
) -> Plan:
    """The plan of an approved plan document, held days counted in; refused for a proposal and after its last day."""
    from posology import library
    from posology import plan as planning
    from posology.cli import inputs
    from posology.directions import Person, Prescription, Taking
    from posology.errors import OptionError, Problem
    from posology.supply import Holding
    from posology.taper import states
    from posology.wording import say

    rows = states.for_patient(document, today)
    made, given = states.taken(document), states.approval(document)
    assert given is not None
    problem = made.problem
    if not problem.medicine:
        raise OptionError(
            Problem("This plan file names no medicine.", "medicine", "Make it from words: posology taper.")
        )
    held, there = library.medicine(problem.medicine), library.country(country)
    devices = tuple(library.devices().values())
    place = zone or there.zone
    if not place:
        raise OptionError(Problem("--zone is missing.", "", "Say in which time zone, like --zone Europe/London."))
    products = products_of(problem, held, there.id)
    plenty = 10**6  # what there is to take from; how much is needed stands in the plan file, with its dates
    from posology.amount import Amount

    course = dated_course(made, rows)
    waking = inputs.placed("--awake", inputs.window, awake)
    begin = course_now(problem.start or (), problem.slots)
    taking = None if begin is None else (Taking(begin, None, "the dose before"),)
    prescription = Prescription(
        held.id, course, say(course), Person(waking=waking, taking=taking),
        written_by=f"{given['who']}, {given['role']}", status=states.state(document),
    )  # fmt: skip
    days = (rows[-1].last - rows[0].first).days + 1 if rows[-1].last else planning.DEFAULT_DAYS
    setting = planning.Setting(
        country=there, zone=inputs.zone(place), first_day=rows[0].first, days=days, usual=devices,
        devices=tuple(inputs.syringe(s, devices) for s in syringe), repeats=1, state="approved",
        holdings=tuple(Holding(p, Amount(plenty, p.unit)) for p in dict.fromkeys(products.values())),
        decided=measures_of(made, products, devices), vocabulary=library.vocabulary(),
    )  # fmt: skip
    return planning.make(prescription, held, setting)


def products_of(problem: TaperProblem, medicine: Medicine, country: str) -> dict[str, Product]:
    """The products of a plan as its medicine's file has them, by id or by strength and kind; refused where one is not there.

    Any other product would put other pieces on the sheet than those that were approved and dispensed.
    """
    from posology.errors import Problem, RefusedError, raise_all
    from posology.taper.rules import alike

    listed = {p.id: p for p in medicine.products}
    found, problems = {}, []
    for stock in problem.products:
        near = [listed[stock.id]] if stock.id in listed else alike(stock, medicine, country)
        if near:
            found[stock.id] = next((p for p in near if p.form == stock.form), near[0])
        else:
            problems.append(
                Problem(f"{stock.id} is not among the products of {medicine.id}.", "products", "Plan with one that is.")
            )
    raise_all(RefusedError, problems)
    return found


def measures_of(made: TaperPlan, products: Mapping[str, Product], devices: Sequence[Device]) -> tuple[Measure, ...]:
    """Each dose of a plan in the very pieces and volumes that were approved."""
    from posology import measure
    from posology.amount import Amount
    from posology.errors import Problem, RefusedError

    stocks = {s.id: s for s in made.problem.products}

    def drawn(t: Take) -> measure.Take:
        stock = stocks[t.product]
        assert stock.max_ml is not None
        assert stock.mark_ml is not None
        size, mark = Amount(stock.max_ml, "mL"), Amount(stock.mark_ml, "mL")
        if t.ml > stock.max_ml:
            raise RefusedError(
                Problem(f"{Amount(t.ml, 'mL')} takes more than one fill of a syringe of {size}.", "products", "Plan with a larger one.")
            )  # fmt: skip
        own = measure.Device(
            f"syringe-{size.number}-by-{mark.number}", f"{size} oral syringe", "oral-syringe", size, mark
        )
        known = (d for d in devices if d.kind == "oral-syringe" and (d.capacity, d.mark) == (size, mark))
        return measure.Take(products[t.product], None, Amount(t.ml, "mL"), next(known, own))

    found: dict[Fraction, Measure] = {}
    days = [day for step in made.steps for day in step.every]
    for mg, takes in ((mg, takes) for day in days for mg, takes in zip(day.mg, day.takes, strict=True) if mg):
        counts: dict[str, Fraction] = defaultdict(Fraction)
        for t in takes:
            counts[t.product] += t.piece * t.count
        if any((n * products[id].parts).denominator != 1 for id, n in counts.items()):
            continue  # what its label does not support is measured anew, and refused
        parts = [measure.Take(products[id], n) for id, n in counts.items() if n] + [drawn(t) for t in takes if t.ml]
        one = measure.decided(Amount(mg, "mg"), tuple(parts))
        if found.setdefault(mg, one) != one:
            raise RefusedError(
                Problem(f"{Amount(mg, 'mg')} is taken in two ways in this plan, which a sheet cannot show.", "steps")
            )
    return tuple(found.values())


def dated_course(made: TaperPlan, rows: Sequence[Dated]) -> Course:
    """The calendar of a plan as a course: one phase for each run of days, or for each week where days take turns."""
    from posology.directions import Course
    from posology.errors import Problem, RefusedError
    from posology.taper.output import phases_of

    phases = []
    for row in rows:
        days = (row.last - row.first).days + 1 if row.last else None
        try:
            phases += phases_of(made.problem.slots, row.step, row.first, days)
        except ValueError as error:
            raise RefusedError(
                Problem(
                    f"This step has no place on a sheet: {error}.", f"step {row.number}", "Ask for a plan by weekdays."
                )
            ) from None
    return Course(tuple(phases), "stop" if made.end == "stop" else "continue")


def course_now(mg: Sequence[Any], slots: Sequence[str]) -> Course | None:
    """The doses before the first step as a course; None where there were none."""
    from posology.directions import Course
    from posology.taper.course import Step
    from posology.taper.output import phases_of

    if not any(mg):
        return None
    return Course(tuple(phases_of(slots, Step(tuple(mg), (), None, 0, 0), None, None)))
