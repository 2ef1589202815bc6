"""The command ``taper sheet``: an approved plan file as the sheet to print and as a calendar. Decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from posology.directions import Course
    from posology.plan import Plan
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
    listed = {p.id: p for p in held.products}
    products = [listed[s.id] for s in problem.products if s.id in listed]
    plenty = 10**6  # what there is to take from; how much is needed stands in the plan file, with its dates
    from posology.amount import Amount

    course = dated_course(rows, problem.slots, made.end == "stop")
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
        holdings=tuple(Holding(p, Amount(plenty, p.unit)) for p in products), vocabulary=library.vocabulary(),
    )  # fmt: skip
    return planning.make(prescription, held, setting)


def dated_course(rows: Sequence[Dated], slots: Sequence[str], stops: bool) -> Course:
    """The calendar of a plan as a course: one phase for each run of days, its dose times as parts of the day."""
    from posology.amount import Amount
    from posology.directions import Course, Phase
    from posology.errors import Problem, RefusedError

    phases = []
    for row in rows:
        if row.step.pattern:
            raise RefusedError(
                Problem("Days of this plan differ by a pattern; the sheet cannot hold that yet.", f"step {row.number}")
            )
        directions = _day(row.step.mg, slots)
        if directions:
            length = Amount((row.last - row.first).days + 1, "d") if row.last else None
            phases.append(Phase(directions, length))
    return Course(tuple(phases), "stop" if stops else "continue")


def course_now(mg: Sequence[Any], slots: Sequence[str]) -> Course | None:
    """The doses before the first step as a course; None where there were none."""
    from posology.directions import Course, Phase

    directions = _day(mg, slots)
    return Course((Phase(directions),)) if directions else None


def _day(mg: Sequence[Any], slots: Sequence[str]) -> tuple[Any, ...]:
    from posology.amount import Amount
    from posology.directions import Directions, Dose, Timing
    from posology.taper.output import whens

    codes = whens(slots)
    made = []
    for k, amount in enumerate(mg):
        if amount:
            timing = Timing(when=(codes[k],)) if codes else Timing(frequency=1, period=1, period_unit="d")
            made.append(Directions(Dose(Amount(amount, "mg")), timing))
    return tuple(made)
