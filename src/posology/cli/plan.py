"""The command that plans: ``posology plan``. Joins wording, library, plan and the views; decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    from posology.directions import Person
    from posology.plan import Plan


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan)


def plan(
    prescription: Annotated[
        str, typer.Argument(help="Directions in words, a FHIR JSON file, or - for standard input.")
    ],
    start: Annotated[str | None, typer.Option("--from", help="The first day: 2026-11-24.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, like Europe/London.")] = None,
    country: Annotated[str | None, typer.Option(help="Whose rules hold: UK, US, DE ...")] = None,
    awake: Annotated[str | None, typer.Option(help="Your waking day: 07:00-22:30.")] = None,
    have: Annotated[
        list[str] | None, typer.Option(help='What is in the house: "10 mg tablets x 84". May be given again.')
    ] = None,
    syringe: Annotated[list[str] | None, typer.Option(help='Oral syringes at hand: "10 mL by 0.5 mL".')] = None,
    medicine: Annotated[str | None, typer.Option(help="The medicine, where the directions do not name it.")] = None,
    person: Annotated[Path | None, typer.Option(help="A file about the person (TOML).")] = None,
    taking: Annotated[
        list[str] | None, typer.Option(help='What you take now: "10 mg three times a day since 2026-01-01".')
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="You have not taken it before.")] = False,
    beside: Annotated[
        list[str] | None, typer.Option("--beside", help="Another prescription of the same medicine, taken as well.")
    ] = None,
    repeats: Annotated[int | None, typer.Option(min=0, help="Packs still to come; 0 is the last.")] = None,
    at: Annotated[str | None, typer.Option(help="Your own clock times: 08:00,14:00,20:00.")] = None,
    elapsed: Annotated[
        bool, typer.Option("--elapsed", help="Space doses by hours day and night, not over the waking day.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, help="How many days to plan.")] = 28,
    html: Annotated[Path | None, typer.Option(help="Write the sheet to print.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the sheet as a tagged PDF.")] = None,
    ics: Annotated[Path | None, typer.Option(help="Write a calendar.")] = None,
    ics_detail: Annotated[
        bool, typer.Option("--ics-detail", help="Name the medicine and amounts in the calendar.")
    ] = False,
    fhir: Annotated[Path | None, typer.Option(help="Write a FHIR R4 MedicationRequest.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Plan a prescription: measured, timed, checked, with the sources behind it.

    Examples:

        posology plan "baclofen 10 mg three times a day" --from 2026-11-24 --zone Europe/London
            --awake 07:00-22:30 --have "10 mg tablets x 84" --country UK

        posology plan order.json --country US --zone America/Chicago --from 2026-11-24

        posology plan "7.5 mg three times a day" --medicine baclofen --have "5 mg/5 mL solution x 300 mL"
            --syringe "10 mL by 0.5 mL" --country US --zone America/New_York --from 2026-11-24 --html sheet.html

    A person file holds what is known, for example: age = 54, weight = 70, egfr = { value = 62, date = 2026-10-01 },
    conditions = ["epilepsy"], medicines = ["ibuprofen"], allergies = [], awake = "07:00-22:30".
    What is left out is asked about, never guessed. Exit status: 0 fine, 1 not readable, 2 options, 3 a stop.
    """
    made, understood = build(
        prescription, start=start, zone=zone, country=country, awake=awake, have=have or [], syringe=syringe or [],
        medicine=medicine, person=person, taking=taking or [], new=new, beside=beside or [], repeats=repeats, at=at,
        elapsed=elapsed, days=days,
    )  # fmt: skip
    refused = [str(f) for f in (html, pdf, ics, fhir) if f is not None] if made.stopped else []
    if not made.stopped:
        _files(made, html, pdf, ics, ics_detail, fhir)
    if as_json:
        from posology import record
        from posology.cli.about import dump

        typer.echo(dump(record.write(made, understood)))
    else:
        typer.echo(plan_text(made, understood))
    for name in refused:
        typer.echo(f"Not written: {name}. The plan has a stop finding (above).", err=True)
    if made.stopped:
        raise typer.Exit(3)


def build(
    source: str, *, start: str | None, zone: str | None, country: str | None, awake: str | None, have: list[str],
    syringe: list[str], medicine: str | None, person: Path | None, taking: list[str], new: bool, beside: list[str],
    repeats: int | None, at: str | None, elapsed: bool, days: int, facts: dict[str, Any] | None = None,
) -> tuple[Plan, str]:  # fmt: skip
    """A plan from options as written, and what was understood of the directions. All problems come at once."""
    import datetime as dt

    from attrs import evolve

    from posology import library
    from posology import plan as planning
    from posology.cli import inputs, order
    from posology.errors import OptionError, Problem, raise_all

    facts = {**(library.read_toml(person, inputs.MAX_PERSON) if person else {}), **(facts or {})}
    country, zone = country or facts.pop("country", None), zone or facts.get("zone")
    facts.pop("country", None)
    if new:
        facts["new"] = True
    names = tuple(library.names())
    devices = tuple(library.devices().values())
    there, ordered = inputs.gather(
        lambda: inputs.placed("--country", library.country, country),
        lambda: order.read(source, medicine, names),
        lambda: inputs.placed("--from", inputs.day, start),
        lambda: inputs.placed("--zone", inputs.zone, zone),
    )[:2]
    zone = zone or (there.zone if there else None) or None
    missing = [Problem(f"{name} is missing.", "", todo) for name, value, todo in (
        ("--country", country, "Say whose rules hold, like --country UK."),
        ("--zone", zone, "Say in which time zone, like --zone Europe/London."),
    ) if not value]  # fmt: skip
    raise_all(OptionError, missing)
    assert zone is not None
    held = ordered.medicine
    known, first, tz, holdings, syringes, others, own, window, now = inputs.gather(
        lambda: inputs.person(facts, names, str(person or "")),
        lambda: inputs.placed("--from", inputs.day, start),
        lambda: inputs.placed("--zone", inputs.zone, zone),
        lambda: tuple(inputs.placed("--have", lambda t: inputs.have(t, held, there.id), h) for h in have),
        lambda: tuple(inputs.placed("--syringe", lambda t: inputs.syringe(t, devices), s) for s in syringe),
        lambda: tuple(inputs.placed("--beside", lambda t: inputs.taking(t, names).course, b) for b in beside),
        lambda: inputs.placed("--at", inputs.clocks, at) or (),
        lambda: inputs.placed("--awake", inputs.window, awake),
        lambda: tuple(inputs.placed("--taking", lambda t: inputs.taking(t, names), t) for t in taking),
    )
    if now:
        known = evolve(known, taking=(*(known.taking or ()), *now))
    if window:
        known = evolve(known, waking=window)
    setting = planning.Setting(
        country=there, zone=tz, first_day=first or ordered.start or dt.date.today(), days=days, devices=syringes,  # noqa: DTZ011
        usual=devices, holdings=holdings or ordered.holdings, clock=own,
        repeats=repeats if repeats is not None else ordered.repeats, spacing="elapsed" if elapsed else "waking",
        named=ordered.named, form=ordered.form, same=ordered.same, only=ordered.only, beside=(*ordered.beside, *others),
        vocabulary=library.vocabulary(),
    )  # fmt: skip
    prescription = ordered.prescription(_merged(ordered.person, known))
    return inputs.renamed(_OPTIONS, lambda: planning.make(prescription, held, setting)), ordered.understood


_OPTIONS = {"days": "--days", "first_day": "--from", "waking": "--awake", "clock": "--at", "zone": "--zone"}
"""The option behind each part of a setting, so that a problem names what the person wrote."""


def _merged(first: Person | None, second: Person) -> Person:
    """Facts of an order, with the facts the person gave over them."""
    if first is None:
        return second
    from attrs import evolve, fields

    given = {f.name: getattr(second, f.name) for f in fields(type(second)) if getattr(second, f.name) is not None}
    return evolve(first, **given)


def _files(made: Plan, html: Path | None, pdf: Path | None, ics: Path | None, detail: bool, fhir: Path | None) -> None:
    """Write every file asked for, or none."""
    from posology.cli.inputs import write_files

    files: list[tuple[Path, str | bytes]] = []
    if html is not None or pdf is not None:
        import datetime as dt

        from posology import sheet

        drawn = sheet.plan_html(made, printed=dt.date.today())  # noqa: DTZ011
        if html is not None:
            files.append((html, drawn))
        if pdf is not None:
            files.append((pdf, sheet.pdf(drawn)))
    if ics is not None:
        from posology import ics as calendars

        files.append((ics, calendars.write(made, detail=detail)))
    if fhir is not None:
        from posology.fhir import request

        files.append((fhir, request.write_json(made)))
    write_files(files)
    for path, _ in files:
        typer.echo(f"Written: {path}", err=True)


def plan_text(made: Plan, understood: str) -> str:
    """A plan for the terminal."""
    import textwrap

    from posology.wording.plan_page import view

    page = view(made)
    out = [page.title, "=" * min(len(page.title), 90)]
    if page.proposal:
        out += ["", page.state]
    out.append("")

    def item(text: str, mark: str) -> None:
        out.extend(textwrap.wrap(text, 92, initial_indent=mark, subsequent_indent=" " * len(mark)))

    if understood:
        item(understood, "Read as: ")
        out.append("")
    for s in page.sections:
        keyed = False
        out += [s.heading.upper() if s.tone != "plain" else s.heading, "-" * len(s.heading)]
        for block in s.blocks:
            if block.heading:
                out.append(f"  {block.heading}")
            for row in block.rows:
                out.append("    " + "  ".join(cell for cell in row if cell))
            mark = "  - " if block.kind == "bullets" else "  "
            for line in block.lines:
                refs = "".join(
                    f" [{n}]" for n in dict.fromkeys(page.numbers[c] for c in line.cites if c in page.numbers)
                )
                where = f"{line.where}: " if line.where else ""
                if line.how:
                    keyed = keyed or not line.how.startswith("--")
                    out.append(f"{mark}{line.text + ':':<50} {line.how}")
                else:
                    item(f"{where}{line.text}{'' if line.verified else ' (not verified)'}{refs}", mark)
        if keyed:
            item("Write them in a file, like person.toml, and add: --person person.toml", "  ")
        out.append("")
    if not page.stopped:
        item(page.state, "")
    if page.sources:
        out += ["", "Sources"]
        for n, text in page.sources:
            item(text, f"  [{n}] ")
    return "\n".join(out)
