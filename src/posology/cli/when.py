"""Commands that answer when, for one person: ``posology next`` (as needed) and ``posology travel``. Decide nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    from posology.amount import Amount
    from posology.schedule import ZonedDateTime


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("next")(next_dose)
    app.command("travel")(travel)


def next_dose(
    directions: Annotated[str, typer.Argument(help="Directions as needed, in words or a FHIR JSON file.")],
    taken: Annotated[
        list[str] | None, typer.Option(help='A dose taken: "2026-11-24T08:00 2 tablets". May be given again.')
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, like Europe/London.")] = None,
    now: Annotated[str | None, typer.Option(help="The time it is: 2026-11-24T10:00. Else the clock is asked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say when a dose as needed may next be taken, and what is left today. Never a timetable.

    Examples:

        posology next "1 or 2 tablets every 4 to 6 hours as needed, maximum 8 tablets in 24 hours" --zone Europe/London
            --now 2026-11-24T10:00 --taken "2026-11-24T07:00 2 tablets"
    """
    from posology import schedule
    from posology.cli import inputs
    from posology.cli.times import read_course
    from posology.errors import OptionError, Problem, UnreadableError

    if not zone:
        raise OptionError(Problem("--zone is missing.", "", "Say in which time zone, like --zone Europe/London."))
    course, understood = read_course(directions)
    tz, at, doses = inputs.gather(
        lambda: inputs.placed("--zone", inputs.zone, zone),
        lambda: inputs.placed("--now", lambda t: schedule.moment(t, zone), now),
        lambda: tuple(inputs.placed("--taken", lambda t: _taken(t, zone), text) for text in taken or []),
    )
    if at is None:
        import time

        at = schedule.Zone(tz).at(int(time.time()))
    needed = [d for d in course.directions if d.as_needed]
    if not needed:
        raise UnreadableError(
            Problem("These directions are not as needed.", "", "For doses at set times, see: posology times --help")
        )
    answers = [(d, schedule.next_allowed(d, doses, at)) for d in needed]
    if as_json:
        typer.echo(_next_json(answers, understood, at))
        return
    from posology.wording.times import next_text

    typer.echo("\n".join([f"Read as: {understood}", *(line for _, a in answers for line in next_text(a, at))]))


def travel(
    directions: Annotated[str, typer.Argument(help="Directions in words or a FHIR JSON file.")],
    to: Annotated[str | None, typer.Option("--to", help="Time zone of the journey's end, like Asia/Tokyo.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone at home, like Europe/London.")] = None,
    on: Annotated[str | None, typer.Option(help="The day of the journey: 2026-11-24.")] = None,
    awake: Annotated[str | None, typer.Option(help="The waking day: 07:00-22:30.")] = None,
    at: Annotated[str | None, typer.Option(help="Own clock times: 08:00,14:00,20:00.")] = None,
    elapsed: Annotated[bool, typer.Option("--elapsed", help="Doses are spaced by hours day and night.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the ways to go on after a journey to another time zone. Nothing is changed: ask which one is right.

    Examples:

        posology travel "10 mg twice a day" --zone Europe/London --to Asia/Tokyo --on 2026-11-24
    """
    import datetime as dt

    from posology import schedule
    from posology.cli import inputs
    from posology.cli.times import read_course
    from posology.errors import OptionError, Problem, raise_all

    raise_all(
        OptionError,
        [
            Problem(f"{name} is missing.", "", todo)
            for name, value, todo in (
                ("--zone", zone, "Say the time zone at home, like --zone Europe/London."),
                ("--to", to, "Say the time zone of the journey's end, like --to Asia/Tokyo."),
                ("--on", on, "Say the day of the journey, like --on 2026-11-24."),
            )
            if not value
        ],
    )
    home, away, day, waking, own = inputs.gather(
        lambda: inputs.placed("--zone", inputs.zone, zone),
        lambda: inputs.placed("--to", inputs.zone, to),
        lambda: inputs.placed("--on", inputs.day, on),
        lambda: inputs.placed("--awake", inputs.window, awake),
        lambda: inputs.placed("--at", inputs.clocks, at) or (),
    )
    course, understood = read_course(directions)
    made = schedule.expand(
        course, first_day=day - dt.timedelta(days=2), zone=home, days=9, waking=waking, clock=own,
        spacing="elapsed" if elapsed else "waking",
    )  # fmt: skip
    found = schedule.travel(made, home, away, day)
    if as_json:
        typer.echo(_travel_json(found, understood))
        return
    from posology.wording.times import travel_text

    typer.echo("\n".join([f"Read as: {understood}", *travel_text(found)]))


def _taken(text: str, zone: str) -> tuple[ZonedDateTime, Amount]:
    from posology import schedule
    from posology.cli.times import read_amount
    from posology.errors import Problem, UnreadableError

    moment, _, amount = text.strip().partition(" ")
    if not amount:
        raise UnreadableError(
            Problem(f"The time or the amount is missing: {text[:40]!r}.", "", "Write: 2026-11-24T08:00 2 tablets.")
        )
    return schedule.moment(moment, zone), read_amount(amount)


def _next_json(answers: list[tuple[Any, Any]], understood: str, now: ZonedDateTime) -> str:
    import json

    def iso(at: ZonedDateTime | None) -> str | None:
        return None if at is None else at.to_fixed_offset().format_iso()

    def plain(amount: Amount | None) -> dict[str, str] | None:
        return None if amount is None else {"value": str(amount.value), "unit": amount.unit}

    return json.dumps(
        {
            "understood": understood,
            "now": iso(now),
            "answers": [
                {
                    "allowed_now": a.allowed, "earliest": iso(a.earliest), "because": a.because, "left": plain(a.left),
                    "left_doses": a.left_doses, "most_then": plain(a.most_now), "unsaid": list(a.unsaid),
                }
                for _, a in answers
            ],
        },
        ensure_ascii=False,
        indent=2,
    )  # fmt: skip


def _travel_json(found: Any, understood: str) -> str:
    import json

    def hours(value: Any) -> str | None:
        return None if value is None else str(value)

    return json.dumps(
        {
            "understood": understood,
            "from_zone": found.from_zone,
            "to_zone": found.to_zone,
            "on": found.on.isoformat(),
            "hours_ahead": str(found.difference),
            "ask": found.ask,
            "options": [
                {
                    "key": o.key, "shortest_hours": hours(o.shortest), "longest_hours": hours(o.longest), "closer": o.closer,
                    "left_out": o.left_out,
                    "times": [e.at.to_fixed_offset().format_iso() for e in o.events],
                }
                for o in found.options
            ],
        },
        ensure_ascii=False,
        indent=2,
    )  # fmt: skip
