"""The commands that show what a plan does in the body: ``posology curve`` and ``posology model``. Decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from posology.cli import front as typer

if TYPE_CHECKING:
    from posology.kinetics.models import ModelFile


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("curve")(curve)
    group = typer.App(
        help="The published models of a medicine: what is on file, and how well it meets what was observed."
    )
    group.command("list")(list_)
    group.command("validate")(validate)
    app.add_typer(group, name="model")


def curve(
    source: Annotated[
        str | None,
        typer.Argument(help="Directions in words, a plan, taper or FHIR file (JSON), or - for standard input."),
    ] = None,
    first: Annotated[str | None, typer.Option("--from", help="The first day: 2026-11-24.")] = None,
    zone: Annotated[str | None, typer.Option(help="Time zone, like Europe/London.")] = None,
    awake: Annotated[str | None, typer.Option(help="The waking day: 07:00-22:30.")] = None,
    at: Annotated[str | None, typer.Option(help="Own clock times: 08:00,14:00,20:00.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=400, help="How many days to show.")] = None,
    medicine: Annotated[str | None, typer.Option(help="The medicine, where the directions do not name it.")] = None,
    country: Annotated[
        str | None, typer.Option(help="Whose products are meant: UK, US ... (for doses in tablets or mL).")
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Begin with nothing in the body. Else: taken like this for weeks.")
    ] = False,
    person: Annotated[Path | None, typer.Option(help="A file about the person (TOML): age, weight, crcl.")] = None,
    crcl: Annotated[int | None, typer.Option(min=0, help="Kidney function: creatinine clearance, mL/min.")] = None,
    missed: Annotated[
        list[str] | None, typer.Option(help="A dose left out: 2026-11-25T14:00. May be given again.")
    ] = None,
    late: Annotated[
        str | None, typer.Option(help="That dose (or the first of day 2) so much later: 3h, 90min.")
    ] = None,
    double: Annotated[str | None, typer.Option(help="A dose taken twice: 2026-11-25T14:00.")] = None,
    stop_on: Annotated[str | None, typer.Option(help="Nothing more from this day on: 2026-11-25.")] = None,
    compare: Annotated[
        Path | None, typer.Option(help="A planned taper to compare with (JSON of posology taper).")
    ] = None,
    even: Annotated[bool, typer.Option("--even", help="Compare with the same doses evenly around the clock.")] = False,
    bunched: Annotated[str | None, typer.Option(help="Compare with the same doses bunched, so far apart: 3h.")] = None,
    liquid: Annotated[bool, typer.Option("--liquid", help="As a liquid, compared with tablets.")] = False,
    taken: Annotated[
        Path | None, typer.Option(help="Doses taken so far (CSV: time,mg); the plan counts from --now on.")
    ] = None,
    now: Annotated[str | None, typer.Option(help="With --taken: the moment from which the plan counts.")] = None,
    model: Annotated[str | None, typer.Option(help="Which model, see: posology model list.")] = None,
    population: Annotated[
        int, typer.Option(min=0, max=100_000, help="Virtual people behind the band; 0 for none.")
    ] = 400,
    threshold: Annotated[int | None, typer.Option(min=1, help="Show the time under this level, ng/mL.")] = None,
    log: Annotated[bool, typer.Option("--log", help="Draw levels on a logarithmic axis.")] = False,
    svg: Annotated[Path | None, typer.Option(help="Write the picture (SVG).")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with sentence, table and picture.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the curves (CSV).")] = None,
    model_file: Annotated[
        str | None,
        typer.Option(help="For machines: a case (JSON file or -) to fill in. See the reference of the form."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the levels in the blood that a plan gives, and what a missed dose, a stop, a taper or weak kidneys change.

    Examples:

        posology curve "baclofen 20 mg three times a day" --from 2026-11-24 --zone Europe/London --svg curve.svg

        posology curve "baclofen 20 mg three times a day" --from 2026-11-24 --zone Europe/London
            --missed 2026-11-25T15:00

        posology curve "baclofen 20 mg three times a day" --from 2026-11-24 --zone Europe/London
            --stop-on 2026-11-25 --compare taper.json --svg stop.svg

        posology curve plan.json --stop-on 2026-11-25

        posology curve --model-file case.json --json

    A model's typical person is not you: bands and the spread between models say how little is known. Nothing here is
    advice to change, stop or repeat a dose.
    """
    from posology.cli import inputs
    from posology.errors import OptionError, Problem, raise_all

    if model_file is not None:
        _case(model_file)
        return
    if source is not None and source.lower().endswith(".json") and not (first and zone):
        from posology.cli import curve_files

        if (plan := curve_files.made(source)) is not None:
            first, zone = first or plan.first, zone or plan.zone
    missing = [
        Problem(f"{name} is missing.", "", todo)
        for name, value, todo in (
            ("The plan", source, 'Write directions, like "20 mg three times a day".'),
            ("--from", first, "Say the first day, like --from 2026-11-24."),
            ("--zone", zone, "Say in which time zone, like --zone Europe/London."),
        )
        if not value
    ]
    if (taken is None) != (now is None):
        missing.append(Problem("--taken and --now need each other.", "", "Give both."))
    if sum((bool(missed), double is not None, stop_on is not None, even, bunched is not None, liquid)) > 1:
        missing.append(
            Problem(
                "Ask one question at a time.",
                "--missed, --double, --stop-on, --even, --bunched, --liquid",
                "Leave one.",
            )
        )
    raise_all(OptionError, missing)
    from posology.cli import curve_ask as answers

    made = answers.answer(
        answers.Asked(
            source=source or "", first=first or "", zone=zone or "", awake=awake, at=at, days=days, medicine=medicine,
            country=country, new=new, person=person, crcl=crcl, missed=tuple(missed or ()), late=late, double=double,
            stop_on=stop_on, compare=compare, even=even, bunched=bunched, liquid=liquid, taken=taken, now=now,
            model=model, population=population, threshold=threshold, log=log,
        )
    )  # fmt: skip
    for path, text in ((svg, made.svg), (html, made.page), (csv, made.csv)):
        if path is not None:
            inputs.write_file(path, text())
    if as_json:
        from posology.cli.about import dump

        typer.echo(dump(made.data()))
    else:
        typer.echo(made.text())


def _case(name: str) -> None:
    """Fill in a case of the simulation reference form."""
    import json

    from posology.errors import Problem, UnreadableError

    if name == "-":
        import sys

        text = sys.stdin.read()
    else:
        try:
            text = Path(name).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise UnreadableError(Problem(f"This file cannot be read: {why}.", name)) from None
    try:
        case = json.loads(text, parse_constant=_not_finite)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(Problem(f"This is not JSON: {str(error)[:80]}.", name)) from None
    if not isinstance(case, dict):
        raise UnreadableError(Problem("A case is a JSON object.", name, "See the reference of posology curve."))
    from posology.kinetics.case import fill

    typer.echo(json.dumps(fill(case), ensure_ascii=False))


def _not_finite(word: str) -> float:
    raise ValueError(f"{word} is not a number")


def load(medicine: str) -> tuple[str, ModelFile]:
    """The id of a medicine and its models; refused where none are on file."""
    from posology import library
    from posology.errors import Problem, RefusedError
    from posology.kinetics.models import models_from

    known = library.names()
    id = known.get(medicine.strip().lower())
    if id is None:
        library.medicine(medicine)  # says which names are near
    path = library.medicine_files()[str(id)].with_name("models.toml")
    if not path.is_file():
        raise RefusedError(Problem(f"No model of {id} is on file.", "", "There is no curve without one."))
    return str(id), models_from(library.read_toml(path))


def list_(
    medicine: Annotated[str, typer.Argument(help="The name of the medicine.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the models on file for a medicine: structure, people studied, what was read, what is missing.

    Examples:

        posology model list baclofen
    """
    _, file = load(medicine)
    if as_json:
        from posology.cli.about import dump

        typer.echo(dump([_model_data(file, m) for m in file.models]))
        return
    out = []
    for m in file.models:
        s = file.sources[m.source]
        out += [f"{m.id}{' (default)' if m.id == file.default else ''}: {m.name}, {m.structure}, {m.status}"]
        out += [f"  source: {s.publisher}, {s.identifier or s.date}; read: {m.read}", f"  people: {m.population}"]
        for p in m.parameters:
            ci = f" ({p.ci[0]:g} to {p.ci[1]:g})" if p.ci else ""
            cv = f", varies by {p.cv * 100:g} %" if p.cv is not None else ""
            out.append(f"  {p.name} {p.value:g} {p.unit}{ci}{cv}{'' if p.verified else ' [calculated or chosen]'}")
        out += [f"  why: {m.reason}"] if m.reason else []
        out += [f"  note: {n}" for n in m.notes]
        out.append("")
    typer.echo("\n".join(out).rstrip())


def _model_data(file: ModelFile, m: Any) -> dict[str, Any]:
    return {
        "id": m.id, "name": m.name, "status": m.status, "reason": m.reason, "structure": m.structure,
        "source": file.sources[m.source].identifier, "read": m.read, "verified": m.verified, "population": m.population,
        "parameters": {
            p.name: {"value": p.value, "unit": p.unit, "ci": p.ci, "cv": p.cv, "verified": p.verified} for p in m.parameters
        },
        "missing": list(m.missing), "notes": list(m.notes),
    }  # fmt: skip


def validate(
    medicine: Annotated[str, typer.Argument(help="The name of the medicine.")],
    people: Annotated[
        int, typer.Option(min=20, max=100_000, help="Virtual people for the 5 to 95 of 100 range.")
    ] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Hold every model on file against every published observation on file, the misses included.

    Examples:

        posology model validate baclofen

        posology model validate baclofen --json
    """
    from posology.kinetics.models import compare as against

    id, file = load(medicine)
    rows = against(file, people)
    if as_json:
        from posology.cli.about import dump

        typer.echo(dump(_validation_data(id, file, rows)))
    else:
        typer.echo(_validation_text(id, file, rows))


def _validation_data(id: str, file: ModelFile, rows: Any) -> dict[str, Any]:
    return {
        "medicine": id,
        "observations": [
            {
                "id": c.observation.id, "about": c.observation.about, "figure": c.observation.figure,
                "unit": c.observation.unit, "low": c.observation.low, "high": c.observation.high, "sd": c.observation.sd,
                "source": c.observation.source, "verified": c.observation.verified, "note": c.observation.note,
                "spread": c.spread,
                "models": {p.model: {"value": p.value, "p05": p.p05, "p95": p.p95, "error": p.error} for p in c.predictions},
            }
            for c in rows
        ],
        "not_run": {m.id: m.reason for m in file.models if not m.runnable},
        "not_comparable": [{"source": s, "about": a, "reason": r} for s, a, r in file.not_comparable],
        "kidneys": [] if file.renal is None else [
            {"crcl": c, "group": g, "published": r, "scaling": file.renal.ratio(c),
             "range": [file.renal.ratio(c, f) for f in reversed(file.renal.range)]} for c, r, g in file.renal.check
        ],
    }  # fmt: skip


def _shown(value: float, unit: str) -> str:
    if unit.startswith("mg"):
        return f"{value * 1000:.0f}"
    return f"{value:.0f}" if unit == "%" else f"{value:.2f}".rstrip("0").rstrip(".")


def _validation_text(id: str, file: ModelFile, rows: Any) -> str:
    names = [m for m in file.models if m.runnable]
    units = {"mg/L": "ng/mL", "mg h/L": "ng h/mL"}
    head = ["observed", "", *(m.name for m in names), "highest/lowest model"]
    table = [head]
    for c in rows:
        o = c.observation
        seen = _shown(o.low, o.unit) if o.low == o.high else f"{_shown(o.low, o.unit)} to {_shown(o.high, o.unit)}"
        seen += f" ±{_shown(o.sd, o.unit)}" if o.sd else ""
        cells = []
        for p in c.predictions:
            cell = (
                f"{_shown(p.value, o.unit)} ({p.error * 100:+.0f} %)" if p.error else f"{_shown(p.value, o.unit)} (met)"
            )
            cells.append(cell + (f" [{_shown(p.p05, o.unit)}-{_shown(p.p95, o.unit)}]" if p.p05 is not None else ""))
        table.append(
            [
                f"{o.figure} {seen} {units.get(o.unit, o.unit)}",
                f"{o.about}{'' if o.verified else ' (quoted elsewhere)'}",
                *cells,
                f"{c.spread:.2f}",
            ]
        )
    widths = [max(len(r[i]) for r in table) for i in range(len(head))]
    lines = [f"Models of {id} against what was observed", ""]
    for i, r in enumerate(table):
        lines.append("  ".join(x.ljust(w) for x, w in zip(r, widths, strict=True)).rstrip())
        if i == 0:
            lines.append("  ".join("-" * w for w in widths))
    lines += ["", "(+10 %): the typical person of the model lies so far from the observed value, or from the near end of its range.",
              "[5-95]: 5 of 100 virtual people of the model are below, 5 above. Models without it do not say how people vary.",
              "highest/lowest model: how far the models lie apart. It is larger than any model's own uncertainty: none is right alone."]  # fmt: skip
    missed = sorted({o.note for o in (c.observation for c in rows) if o.note})
    lines += ["", *(f"Note: {n}" for n in missed)]
    lines += [f"Not run: {m.name}. {m.reason}" for m in file.models if not m.runnable]
    lines += [f"Approximation: {m.name}. {m.reason}" for m in names if m.status == "approximation"]
    lines += [f"Not compared: {about} {reason}" for _, about, reason in file.not_comparable]
    if file.renal is not None:
        lines += ["", "Kidneys: clearance as a share of normal"]
        for crcl, ratio, group in file.renal.check:
            low, high = (file.renal.ratio(crcl, f) for f in reversed(file.renal.range))
            lines.append(
                f"  {group}: published {ratio:.2f}, formula {file.renal.ratio(crcl):.2f} ({low:.2f} to {high:.2f})"
            )
        lines.append(f"  {file.renal.basis}")
    return "\n".join(lines)
