"""The acts on a taper's plan file: show, approve, start, hold, resume, step back, finish, stop, symptoms. Decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from posology.cli import front as typer
from posology.cli.taper_files import clock, echo_json, keep, load_document, on_day, table


def show(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    on: Annotated[str | None, typer.Option(help="The day it is looked at: 2026-11-24.")] = None,
    patient: Annotated[bool, typer.Option("--patient", help="Only what a patient may see.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show a plan file: its state, who approved it and until when, and its days with holds counted in.

    Examples:

        posology taper show plan.json

        posology taper show plan.json --patient --on 2026-12-01
    """
    from posology.errors import RefusedError
    from posology.taper import states
    from posology.taper.output import step_json
    from posology.taper.problem import number
    from posology.wording import taper_text as words

    document = load_document(file)
    if patient:
        rows = states.for_patient(document, on_day(on))
    else:
        try:
            rows = states.calendar(document)
        except RefusedError:
            rows = ()
    made, now, given = states.taken(document), states.state(document), states.approval(document)
    if as_json:
        echo_json({
            "state": now,
            "approved": dict(given) if given else None,
            "steps": [
                {"step": r.number, "from": r.first.isoformat(), "to": r.last.isoformat() if r.last else None,
                 "mg": {s: str(x) for s, x in zip(made.problem.slots, r.step.mg, strict=True)}}
                | ({"pattern": step_json(r.step, made.problem.slots)["pattern"]} if r.step.pattern else {})
                for r in rows
            ],
        })  # fmt: skip
        return
    typer.echo(f"State: {now}")
    if given:
        typer.echo(
            f"Approved by {given['who']} ({given['role']}) on {given['at'][:10]}, valid until {given['valid_until']}."
        )
    else:
        typer.echo(words.PROPOSED)
    if not rows:
        typer.echo("\n".join(table(words.step_rows(made))))
    for r in rows:
        until = r.last or "further notice"
        for names, day in words.kinds_of(r.step):
            doses = "; ".join(
                f"{s}: {number(x)} mg = {words.take_text(t, made)}"
                for s, x, t in zip(made.problem.slots, day.mg, day.takes, strict=True)
            )
            typer.echo(f"  {r.number}. {r.first} to {until}{f', {names}' if names else ''}: {doses}")


def approve(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    who: Annotated[str, typer.Option(help="The name of the prescriber.")] = "",
    role: Annotated[str, typer.Option(help="Their role, like neurologist.")] = "",
    valid_until: Annotated[str | None, typer.Option(help="The last day it may be begun or held: 2027-03-01.")] = None,
    on_symptoms: Annotated[
        list[str] | None, typer.Option(help="An answer to symptoms: hold, step-back, slower, call or stop.")
    ] = None,
    emergency: Annotated[str, typer.Option(help="The prescriber's own emergency words, shown first.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the state as JSON.")] = False,
) -> None:
    """Approve a proposed plan: who, in which role, until when. The plan itself is never edited.

    Examples:

        posology taper approve plan.json --who "Dr A. Example" --role neurologist --valid-until 2027-03-01
            --on-symptoms hold --on-symptoms call
    """
    from posology.taper import states

    document = states.approve(
        load_document(file), who=who, role=role, at=clock(), valid_until=on_day(valid_until, "--valid-until"),
        on_symptoms=on_symptoms or (), emergency=emergency,
    )  # fmt: skip
    _kept(file, document, as_json)


def _kept(file: Path, document: dict[str, Any], as_json: bool, **more: Any) -> None:
    from posology.taper.states import state

    keep(file, document)
    if as_json:
        echo_json({"state": state(document), **more})
    else:
        typer.echo(f"State: {state(document)}")


def start(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    on: Annotated[str | None, typer.Option(help="The first day: 2026-11-24.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the state as JSON.")] = False,
) -> None:
    """Begin an approved plan on a day.

    Examples:

        posology taper start plan.json --on 2026-11-24
    """
    from posology.taper import states

    _kept(file, states.start(load_document(file), on=on_day(on), at=clock()), as_json)


def hold(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    on: Annotated[str | None, typer.Option(help="The day it is held from: 2026-12-01.")] = None,
    days: Annotated[int | None, typer.Option(help="For so many days; left out, until resume.")] = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the state as JSON.")] = False,
) -> None:
    """Hold a plan: stay on the dose of that day; every later step moves.

    Examples:

        posology taper hold plan.json --on 2026-12-01 --days 7
    """
    from posology.taper import states

    _kept(file, states.hold(load_document(file), on=on_day(on), at=clock(), days=days, reason=reason), as_json)


def resume(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    on: Annotated[str | None, typer.Option(help="The day it goes on: 2026-12-08.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the state as JSON.")] = False,
) -> None:
    """Go on with a plan that was held; nothing is caught up.

    Examples:

        posology taper resume plan.json --on 2026-12-08
    """
    from posology.taper import states

    _kept(file, states.resume(load_document(file), on=on_day(on), at=clock()), as_json)


def step_back(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    on: Annotated[str | None, typer.Option(help="The day: 2026-12-01.")] = None,
    who: Annotated[str, typer.Option(help="The name of the prescriber.")] = "",
    role: Annotated[str, typer.Option(help="Their role.")] = "",
    to_step: Annotated[int | None, typer.Option(help="The last step that was tolerated; else the one before.")] = None,
    save: Annotated[Path | None, typer.Option(help="Keep the new, gentler proposal as this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the state as JSON.")] = False,
) -> None:
    """Go back to the last tolerated step, and propose smaller steps from there.

    Examples:

        posology taper step-back plan.json --on 2026-12-01 --who "Dr A. Example" --role neurologist
            --save gentler.json
    """
    from posology.taper import states

    document, proposal = states.step_back(
        load_document(file), on=on_day(on), at=clock(), who=who, role=role, to_step=to_step
    )  # fmt: skip
    if proposal is not None and save is not None:
        keep(save, proposal, new=True)
    _kept(file, document, as_json, proposal=str(save) if proposal is not None and save is not None else None)
    if proposal is None:
        differ = "pattern" in document["entries"][-1]
        typer.echo(
            "The days of that step differ, so the new plan is the prescriber's to begin: say from which dose."
            if differ
            else "No plan with smaller steps can be made from the products at hand: add a finer one.",
            err=True,
        )


def finish(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    on: Annotated[str | None, typer.Option(help="The day: 2027-02-01.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the state as JSON.")] = False,
) -> None:
    """Finish a plan whose last day is over.

    Examples:

        posology taper finish plan.json --on 2027-02-01
    """
    from posology.taper import states

    _kept(file, states.finish(load_document(file), on=on_day(on), at=clock()), as_json)


def stop(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    on: Annotated[str | None, typer.Option(help="The day: 2026-12-01.")] = None,
    who: Annotated[str, typer.Option(help="The name of the prescriber.")] = "",
    role: Annotated[str, typer.Option(help="Their role.")] = "",
    reason: Annotated[str, typer.Option(help="Why, and what is taken from now on.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the state as JSON.")] = False,
) -> None:
    """End a plan. This does not say to stop the medicine: what is taken from then on is the prescriber's to say.

    Examples:

        posology taper stop plan.json --on 2026-12-01 --who "Dr A. Example" --role neurologist
            --reason "another plan"
    """
    from posology.taper import states

    document = states.stop(load_document(file), on=on_day(on), at=clock(), who=who, role=role, reason=reason)
    _kept(file, document, as_json)


def symptoms(
    file: Annotated[Path, typer.Argument(help="A plan file.")],
    text: Annotated[str, typer.Option(help="What was felt, in own words.")] = "",
    country: Annotated[str | None, typer.Option(help="Whose emergency number: UK, US ...")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Record symptoms, and show the prescriber's own answers to them: emergencies first. It decides nothing.

    Examples:

        posology taper symptoms plan.json --text "more spasms at night" --country UK
    """
    from posology import library
    from posology.errors import OptionError, Problem
    from posology.taper import states

    if not country:
        raise OptionError(Problem("--country is missing.", "", "Say where you are, like --country UK."))
    there = library.country(country)
    document, answers, emergency = states.symptoms(load_document(file), at=clock(), text=text)
    keep(file, document)
    first = (
        f"Call {there.emergency} now for a fit, seeing or hearing things, a collapse, trouble breathing or a very high "
        "temperature. Do not stop or cut the dose by yourself."
    )
    said = {
        "hold": "stay on the dose of today", "step-back": "go back to the last dose that was well",
        "slower": "go on in smaller steps", "call": "call the prescriber today", "stop": "stop, as the prescriber explained",
    }  # fmt: skip
    if as_json:
        echo_json({"emergency": [first, *([emergency] if emergency else [])], "answers": list(answers)})
        return
    typer.echo(first)
    if emergency:
        typer.echo(emergency)
    typer.echo("Your prescriber allows these answers. Ask which one: " + "; ".join(said[a] for a in answers) + ".")
