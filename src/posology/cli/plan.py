"""The command that plans: ``posology plan``. Joins wording, library, plan and the views; decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    import datetime as dt

    from posology.directions import Course, Person, Prescription
    from posology.medicine import Medicine
    from posology.plan import Plan
    from posology.supply import Holding
    from posology.wording.reading import Reading


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
    refused = [str(f) for f in (html, ics, fhir) if f is not None] if made.stopped else []
    if not made.stopped:
        _files(made, html, ics, ics_detail, fhir)
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

    from posology import library
    from posology import plan as planning
    from posology.cli import inputs
    from posology.errors import OptionError, Problem, raise_all

    facts = {**(library.read_toml(person) if person else {}), **(facts or {})}
    country, zone = country or facts.pop("country", None), zone or facts.get("zone")
    facts.pop("country", None)
    there = inputs.placed("--country", library.country, country)
    zone = zone or (there.zone if there else None) or None
    missing = [Problem(f"{name} is missing.", "", todo) for name, value, todo in (
        ("--country", country, "Say whose rules hold, like --country UK."),
        ("--zone", zone, "Say in which time zone, like --zone Europe/London."),
    ) if not value]  # fmt: skip
    raise_all(OptionError, missing)
    assert zone is not None
    names = tuple(library.names())
    order = _order(source, medicine, names, facts)
    held = order.medicine
    taken = facts.pop("taking", [])
    taken = [*(taken if isinstance(taken, list) else [taken]), *taking]
    if new:
        facts["new"] = True
    if awake:
        facts["awake"] = awake
    devices = tuple(library.devices().values())
    found = inputs.gather(
        lambda: inputs.person({**facts, **({"taking": taken} if taken else {})}, names, str(person or "")),
        lambda: inputs.placed("--from", inputs.day, start),
        lambda: inputs.placed("--zone", inputs.zone, zone),
        lambda: tuple(inputs.placed("--have", lambda t: inputs.have(t, held, there.id), h) for h in have),
        lambda: tuple(inputs.placed("--syringe", lambda t: inputs.syringe(t, devices), s) for s in syringe),
        lambda: tuple(inputs.placed("--beside", lambda t: inputs.taking(t, names).course, b) for b in beside),
        lambda: inputs.placed("--at", inputs.clocks, at) or (),
    )
    known, first, tz, holdings, syringes, others, own = found
    setting = planning.Setting(
        country=there, zone=tz, first_day=first or order.start or dt.date.today(), days=days, devices=syringes,  # noqa: DTZ011
        usual=devices, holdings=holdings or order.holdings, repeats=repeats if repeats is not None else order.repeats, clock=own,
        spacing="elapsed" if elapsed else "waking", named=order.named, form=order.form, same=order.same, beside=(*order.beside, *others),
        vocabulary=library.vocabulary(),
    )  # fmt: skip
    prescription = order.prescription(_merged(order.person, known))
    return planning.make(prescription, held, setting), order.understood


class _Order:
    """What a source of directions gave: the medicine, the course, and what else it said."""

    def __init__(self, medicine: Medicine, course: Course, text: str, understood: str) -> None:
        self.medicine, self.course, self.text, self.understood = medicine, course, text, understood
        self.named: Any = None
        self.same: tuple[Any, ...] = ()
        self.beside: tuple[Course, ...] = ()
        self.holdings: tuple[Holding, ...] = ()
        self.form = ""
        self.person: Person | None = None
        self.start: dt.date | None = None
        self.repeats: int | None = None
        self.written_on: dt.date | None = None
        self.status = ""

    def prescription(self, person: Person) -> Prescription:
        from posology.directions import Prescription

        return Prescription(
            self.medicine.id, self.course, self.text, person, written_on=self.written_on, status=self.status
        )


def _order(source: str, medicine: str | None, names: tuple[str, ...], facts: dict[str, Any]) -> _Order:
    from posology.cli import inputs

    if len(source) < 250 and source.endswith(".json"):
        return _from_fhir(Path(source), medicine, names)
    return from_words(inputs.text_of(source), medicine, names)


def from_words(text: str, medicine: str | None, names: tuple[str, ...]) -> _Order:
    """An order from directions in words; refused with every place that was not understood."""
    from posology import library
    from posology.errors import OptionError, Problem, UnreadableError
    from posology.wording import read

    reading = read(text, names=names)
    if not reading.complete or reading.course is None:
        problems = list(reading.problems) or [
            Problem("These directions cannot be read.", "", "Write them like: 10 mg three times a day.")
        ]
        part = understood(reading)
        if part:
            problems.append(Problem(f"Understood so far: {part}"))
        raise UnreadableError(*problems)
    name = medicine or (reading.named.matched if reading.named else None)
    if not name:
        raise OptionError(
            Problem(
                "Which medicine? The directions do not name one that is known.",
                "",
                "Add --medicine, like --medicine NAME. See all: posology medicines",
            )
        )
    order = _Order(library.medicine(name), reading.course, text.strip(), understood(reading))
    if reading.named is not None:
        order.named = reading.named.strength
        order.form = reading.named.form or ""
    order.same = _same(reading)
    return order


def _same(reading: Reading) -> tuple[Any, ...]:
    """The amounts written beside a dose as the same: (amount of a product, mass), in that order."""
    from posology.amount import Amount

    found = []
    for note in reading.facts:
        if note.key != "same-as" or not isinstance(note.value, Amount) or reading.course is None or note.span is None:
            continue
        before = [d for d in reading.course.directions if "dose" in d.spans and d.spans["dose"].start < note.span.start]
        dose = before[-1].dose if before else None
        if dose is None or not isinstance(dose.amount, Amount):
            continue
        pair = (note.value, dose.amount) if dose.amount.kind == "mass" else (dose.amount, note.value)
        if pair[1].kind == "mass" and pair[0].kind != "mass":
            found.append(pair)
    return tuple(found)


def understood(reading: Reading) -> str:
    """What was understood, said back in plain words, with what was inferred and left over."""
    if reading.course is None:
        return ""
    said = say_again(reading.course)
    extra = [n.text for n in (*reading.warnings, *reading.inferred)]
    left = [w.text for w in reading.left_over]
    if left:
        extra.append(f"Not used: {', '.join(left)}.")
    return " ".join([said, *extra])


_MAX_FILE = 20_000_000


def _from_fhir(path: Path, medicine: str | None, names: tuple[str, ...]) -> _Order:
    """An order from a FHIR R4 MedicationRequest, or a Bundle with one; its codes and words name the medicine."""
    import datetime as dt

    from posology import library
    from posology.errors import Problem, RefusedError, UnreadableError
    from posology.fhir import request

    def key(text: str) -> str | None:
        words = f" {' '.join(text.lower().replace('-', ' ').replace('/', ' ').split())} "
        held = {library.names()[n] for n in names if f" {n.replace('-', ' ')} " in words}
        return held.pop() if len(held) == 1 else None

    try:
        if path.stat().st_size > _MAX_FILE:
            raise UnreadableError(
                Problem("This file is too large for one order.", str(path), "Give one MedicationRequest or Bundle.")
            )
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(
            Problem(f"It cannot be read: {error.strerror}.", str(path), "Check the name of the file.")
        ) from None
    read = request.read_json(data, dt.date.today(), medicine=medicine, key=key, names=names)  # noqa: DTZ011
    name = medicine or key(read.medicine.text)
    if name is None:
        raise UnreadableError(
            Problem(
                f"This medicine is not known: {read.medicine.text[:60]!r}.", "medication", "See all: posology medicines"
            )
        )
    held = library.medicine(name)
    codes = {code for _, code in read.medicine.codes}
    for code in codes & set(held.reject):
        raise RefusedError(
            Problem(
                f"This product is not for this program: {held.reject[code]}",
                "medication",
                "Call the team that looks after it.",
            )
        )
    said = say_again(read.course)
    order = _Order(held, read.course, read.text or said, " ".join([f"{said}", *(str(w) for w in read.warnings)]))
    product = next((p for p in held.products if codes & set(p.codes.values())), None)
    order.named, order.form = (
        (product.strength, product.form) if product else (read.medicine.strength, read.medicine.form)
    )
    order.person, order.start, order.repeats = read.person, read.start, read.repeats
    order.beside = read.beside
    if product is not None and read.quantity is not None and read.quantity.kind == product.strength.per.kind:
        from posology.supply import Holding

        order.holdings = (Holding(product, read.quantity),)
    order.written_on, order.status = read.authored_on, read.status
    return order


def say_again(course: Course) -> str:
    """A course in words; what has no words yet is said to be in the structure only."""
    from posology.errors import RefusedError
    from posology.wording import say

    try:
        return say(course)
    except RefusedError as error:
        return f"(no words for this: {error})"


def _merged(first: Person | None, second: Person) -> Person:
    """Facts of an order, with the facts the person gave over them."""
    if first is None:
        return second
    from attrs import evolve, fields

    given = {f.name: getattr(second, f.name) for f in fields(type(second)) if getattr(second, f.name) is not None}
    return evolve(first, **given)


def _files(made: Plan, html: Path | None, ics: Path | None, detail: bool, fhir: Path | None) -> None:
    from posology.cli.inputs import write_file

    if html is not None:
        from posology import sheet

        write_file(html, sheet.plan_html(made))
        typer.echo(f"Written: {html}", err=True)
    if ics is not None:
        from posology import ics as calendars

        write_file(ics, calendars.write(made, detail=detail))
        typer.echo(f"Written: {ics}", err=True)
    if fhir is not None:
        from posology.fhir import request

        write_file(fhir, request.write_json(made))
        typer.echo(f"Written: {fhir}", err=True)


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
        out += [s.heading.upper() if s.tone != "plain" else s.heading, "-" * len(s.heading)]
        for block in s.blocks:
            if block.heading:
                out.append(f"  {block.heading}")
            for row in block.rows:
                out.append("    " + "  ".join(cell for cell in row if cell))
            for line in block.lines:
                refs = "".join(
                    f" [{n}]" for n in dict.fromkeys(page.numbers[c] for c in line.cites if c in page.numbers)
                )
                where = f"{line.where}: " if line.where else ""
                item(f"{where}{line.text}{'' if line.verified else ' (not verified)'}{refs}", "  - ")
        out.append("")
    if not page.stopped:
        item(page.state, "")
    if page.sources:
        out += ["", "Sources"]
        for n, text in page.sources:
            item(text, f"  [{n}] ")
    return "\n".join(out)
