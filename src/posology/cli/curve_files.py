"""Turns the files that ``posology curve`` is given (a taper's JSON, doses taken so far) into steps and doses. Decides nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from posology.errors import Problem, RefusedError, UnreadableError, raise_all
from posology.kinetics import questions as ask

if TYPE_CHECKING:
    from posology.cli.curve_answer import Clock
    from posology.directions import Course
    from posology.taper.course import Step


@frozen
class Steps:
    """What a taper's JSON holds: its steps, its medicine, its first day, and the doses of a day before it, where they are said."""

    steps: list[dict[str, Any]]
    medicine: str
    begin: dt.date | None
    before: dict[str, str]

    @property
    def days(self) -> int:
        """How long it lasts."""
        return sum(int(s["days"]) for s in self.steps)


@frozen
class Made:
    """A plan that is made already (JSON of ``posology plan``): medicine, first day, zone, days, and its doses (instant, mg)."""

    medicine: str
    first: str
    zone: str
    days: int
    doses: tuple[tuple[dt.datetime, float], ...]


def made(source: str | None) -> Made | None:
    """The plan of a file, or None where it is something else."""
    if source is None or len(source) > 250 or not source.lower().endswith(".json"):
        return None
    data = _json(Path(source))
    if not isinstance(data, dict) or data.get("format") != "posology-plan":
        return None
    from posology.amount import parse_number

    try:
        doses = tuple(
            (dt.datetime.fromisoformat(d["at"].split("[")[0]), float(parse_number(d["dose"]["value"]).value))
            for d in data["doses"]
        )
        found = Made(str(data["medicine"]["id"]), str(data["from"]), str(data["zone"]), int(data["days"]), doses)
        units = {str(d["dose"]["unit"]) for d in data["doses"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(
            Problem(f"This plan cannot be read: {error}.", source, "Give the JSON of posology plan as it was written.")
        ) from None
    if not doses:
        raise RefusedError(Problem("This plan has no doses: it is stopped, or as needed.", source, "See its findings."))
    if units != {"mg"}:
        raise UnreadableError(
            Problem(
                f"How many mg this is, is not known: doses in {', '.join(sorted(units))}.", source, "Write doses in mg."
            )
        )
    return found


def text_of(path: Path) -> str:
    """The text of a file."""
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UnreadableError(Problem(f"This file cannot be read: {why}.", str(path))) from None


def _json(path: Path) -> Any:
    import json

    try:
        return json.loads(text_of(path))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(Problem(f"This is not JSON: {str(error)[:80]}.", str(path))) from None


def plan_file(path: Path) -> Steps | None:
    """The steps of a taper's JSON (its answer, or a plan file), or None where it is something else."""
    data = _json(path)
    if not isinstance(data, dict):
        return None
    inner = data.get("plan", data)
    steps = inner.get("steps") if isinstance(inner, dict) else None
    if not isinstance(steps, list):
        return None
    problems = []
    if not steps:
        problems.append(Problem("This taper has no steps: no plan was possible.", str(path)))
    for i, s in enumerate(steps):
        where = f"{path}: steps[{i}]"
        days = s.get("pattern", []) if isinstance(s, dict) else [None]
        plain = isinstance(days, list) and all(
            isinstance(d, dict) and isinstance(d.get("mg"), dict) for d in (s, *days)
        )
        if not plain or type(s.get("days")) is not int:
            problems.append(
                Problem(
                    "This step has no doses for each day, or no length.", where, "Give days, and mg for each dose time."
                )
            )
    raise_all(UnreadableError, problems)
    problem = data.get("problem")
    problem = problem if isinstance(problem, dict) else {}
    start = problem.get("start") if problem.get("direction", "taper") == "taper" else None
    return Steps(
        steps,
        str(data.get("medicine") or problem.get("medicine") or ""),
        _day(steps[0].get("from"), f"{path}: steps[0].from"),
        {str(k): str(v) for k, v in start.items()} if isinstance(start, dict) else {},
    )


def _day(text: Any, where: str) -> dt.date | None:
    if text is None or text == "":
        return None
    try:
        return dt.date.fromisoformat(text)
    except (TypeError, ValueError):
        raise UnreadableError(Problem(f"This is not a day: {text!r}.", where, "Write it like 2026-11-24.")) from None


def taper(path: Path) -> Steps:
    """A taper to compare with."""
    found = plan_file(path)
    if found is None:
        raise UnreadableError(
            Problem("This is not a taper.", str(path), "Give the JSON of posology taper (--json or --save).")
        )
    return found


def course(steps: Sequence[dict[str, Any]], where: str) -> Course:
    """A course of the steps of a taper: a phase a step, or more where its days differ."""
    from posology.directions import Course
    from posology.taper.output import phases_of

    phases = []
    for i, s in enumerate(steps, 1):
        at = f"{where}: step {i}"
        step = step_of(s, at)
        if not step.total:
            continue
        try:
            made = phases_of(tuple(s["mg"]), step, _day(s.get("from"), f"{at}, from"), step.days)
        except ValueError as error:
            raise RefusedError(Problem(f"This step cannot be shown: {error}.", at)) from None
        phases += [evolve(p, directions=tuple(evolve(d, sequence=i) for d in p.directions)) for p in made]
    return Course(tuple(phases), "stop")


def step_of(data: dict[str, Any], where: str) -> Step:
    """A step as it stands in a file, each kind of day of a pattern with its own doses."""
    from posology.taper.course import Day, Step
    from posology.taper.period import WEEKDAYS

    slots = tuple(data["mg"])
    kinds = tuple(Day(_amounts(d["mg"], slots, where), (), str(d.get("day", ""))) for d in data.get("pattern", ()))
    names = {d.name for d in kinds}
    if names & set(WEEKDAYS) and names != set(WEEKDAYS):
        raise UnreadableError(Problem("This step does not name every day of the week.", where, "Give all seven."))
    return Step(_amounts(data["mg"], slots, where), (), int(data["days"]), 0, 0, pattern=kinds)


def _amounts(given: dict[str, Any], slots: Sequence[str], where: str) -> tuple[Fraction, ...]:
    """The mg at each dose time."""
    from posology.amount import parse_number

    if set(given) != set(slots):
        raise UnreadableError(Problem("The days of this step have different dose times.", where, "Give each of them."))
    try:
        return tuple(parse_number(str(given[s])).value for s in slots)
    except UnreadableError as error:
        raise UnreadableError(*(Problem(p.what, f"{where}, mg", p.todo) for p in error.problems)) from None


def taken(path: Path, clock: Clock, until: float) -> list[ask.Planned]:
    """Doses that were taken up to a moment: CSV with the columns time and mg, or JSON, a list of objects with the same."""
    rows: list[tuple[str, Any]]
    if path.suffix.lower() == ".json":
        data = _json(path)
        if not isinstance(data, list):
            raise UnreadableError(Problem("This is not a list of doses.", str(path), _TAKEN_JSON))
        rows = [(f"{path}, [{i}]", row) for i, row in enumerate(data)]
        todo = _TAKEN_JSON
    else:
        import csv
        import io

        rows = [(f"{path}, line {i}", row) for i, row in enumerate(csv.DictReader(io.StringIO(text_of(path))), 2)]
        todo = "Write time,mg in the first line, then lines like: 2026-11-24T08:00,20"
        if not rows:
            raise UnreadableError(Problem("There is no dose in this file.", str(path), todo))
    out: list[ask.Planned] = []
    problems: list[Problem] = []
    for where, row in rows:
        try:
            mg, time = float(row["mg"]), str(row["time"])
            if isinstance(row["mg"], bool) or not 0 <= mg < float("inf"):
                raise ValueError
            at = clock.read(time, where)
        except UnreadableError as error:
            problems += error.problems
        except (KeyError, TypeError, ValueError):
            problems.append(Problem("Here time and mg are needed, and nothing is guessed.", where, todo))
        else:
            if at > until:
                problems.append(
                    Problem(f"This dose is later than --now: {time}.", where, "Leave out what is not taken yet.")
                )
            out.append((at, mg))
    raise_all(UnreadableError, problems)
    return sorted(out)


_TAKEN_JSON = 'Write: [{"time": "2026-11-24T08:00", "mg": 20}]'


def left_out(plan: Sequence[ask.Planned], done: Sequence[ask.Planned], until: float) -> list[ask.Planned]:
    """The planned doses up to ``until`` that no dose taken is nearest to.

    >>> left_out([(8.0, 20.0), (15.0, 20.0), (22.0, 20.0)], [(9.0, 20.0), (21.5, 20.0)], 24.0)
    [(15.0, 20.0)]
    """
    due = [p for p in plan if p[0] <= until]
    if not due:
        return []
    met = {min(range(len(due)), key=lambda i: abs(due[i][0] - t)) for t, mg in done if mg > 0 and t >= 0}
    return [p for i, p in enumerate(due) if i not in met]
