"""Turns a proved plan into a plan document with states, and each act of a person into one more entry of it.

Knows no disk and no clock: the day and the hour are given. Entries are only ever added; an approved plan is never edited.

States: proposed -> approved -> active -> held | stepped-back | finished | stopped. The state follows from the entries.
Nothing advances, shortens or catches up by itself: a date alone changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import evolve, frozen

from posology.errors import Problem, RefusedError, UnreadableError
from posology.taper.course import Day, Step, TaperPlan
from posology.taper.form import read
from posology.taper.output import Json, digest, plan_json, problem_json
from posology.taper.pieces import Take
from posology.taper.planner import plan, table_measure
from posology.taper.problem import TaperProblem
from posology.taper.proof import broken

FORMAT = "posology-taper-plan"
VERSION = 1
STATES = ("proposed", "approved", "active", "held", "stepped-back", "finished", "stopped")

_FROM: dict[str, tuple[str, ...]] = {
    "approved": ("proposed",),
    "active": ("approved",),
    "held": ("approved", "active"),
    "resumed": ("held",),
    "stepped-back": ("approved", "active", "held"),
    "finished": ("active", "approved"),
    "stopped": ("proposed", "approved", "active", "held"),
    "symptoms": ("approved", "active", "held", "stepped-back"),
}
"""Each act, and the states it may follow."""

ACTIONS = ("hold", "step-back", "slower", "call", "stop")
"""What a prescriber may put on the list of answers to symptoms."""


@frozen
class Dated:
    """One step of a plan document with its calendar days; ``last`` is None for a dose that goes on."""

    number: int
    step: Step
    first: dt.date
    last: dt.date | None


def propose(made: TaperPlan, at: str, parent: str = "", note: str = "") -> Json:
    """A new document that holds a proposal. ``parent``: the hash of the document it came from."""
    problem = problem_json(made.problem)
    shown = plan_json(made)
    document: Json = {"format": FORMAT, "version": VERSION, "problem": problem, "plan": shown, "entries": []}
    entry: Json = {"event": "proposed", "at": at, "inputs": digest(problem), "plan": digest(shown)}
    if parent:
        entry["parent"] = parent
    if note:
        entry["note"] = note
    return _added(document, entry)


def _added(document: Mapping[str, Any], entry: Json) -> Json:
    entries = list(document["entries"])
    before = digest(entries[-1]) if entries else digest(document["problem"], document["plan"])
    return {**document, "entries": [*entries, {**entry, "after": before}]}


def load(data: Any) -> Json:
    """A document as read from disk, checked: its hashes, the chain of its entries, and the plan against its limits.

    Raises :class:`UnreadableError` for what is no plan document, :class:`RefusedError` for one that was edited.
    """
    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise UnreadableError(Problem("This is not a taper plan file.", "", "Make one with --save."))
    if data.get("version") != VERSION:
        raise UnreadableError(Problem(f"This version of plan files is not known: {data.get('version')!r}."))
    unknown = set(data) - {"format", "version", "problem", "plan", "entries"}
    if unknown:
        raise UnreadableError(*(Problem("This key is not known.", k) for k in sorted(unknown)))
    entries = data.get("entries")
    if not isinstance(entries, Sequence) or not entries or not all(isinstance(e, Mapping) for e in entries):
        raise UnreadableError(Problem("The entries are missing.", "entries"))
    problem, shown = data.get("problem"), data.get("plan")
    if not isinstance(problem, Mapping) or not isinstance(shown, Mapping):
        raise UnreadableError(Problem("The problem or the plan is missing.", ""))
    before = digest(dict(problem), dict(shown))
    bad: list[Problem] = []
    for i, entry in enumerate(entries):
        if entry.get("after") != before:
            bad.append(Problem("This entry was changed, or one before it.", f"entries[{i}]"))
            break
        before = digest(dict(entry))
    first = entries[0]
    if first.get("inputs") != digest(dict(problem)) or first.get("plan") != digest(dict(shown)):
        bad.append(Problem("The inputs or the plan were changed after they were proposed.", "plan"))
    if bad:
        raise RefusedError(*(evolve(b, todo="An approved plan is never edited: make a new proposal.") for b in bad))
    made = taken(dict(data))
    found = broken(made.problem, made, None)
    if found:
        raise RefusedError(*found)
    return dict(data)


def taken(document: Mapping[str, Any]) -> TaperPlan:
    """The plan of a document, built again from what it says is taken."""
    problem = read(dict(document["problem"]))
    shown = document["plan"]
    steps = []
    number = 0
    for row in shown["steps"]:
        pattern = tuple(_day(d, problem) for d in row.get("pattern", ()))
        day = _day(row, problem)
        each = problem.limits.step_days
        held = int(row.get("held_days", 0))
        length = row["days"]
        count = max(1, (length - held) // each) if each and length and problem.shape.kind != "table" else 1
        steps.append(
            Step(
                day.mg,
                day.takes,
                length,
                number + 1,
                number + count,
                days_range=tuple(row["days_range"]) if row.get("days_range") else None,
                until=row.get("until", ""),
                pattern=pattern,
                held=held,
            )
        )
        number += count
    return TaperPlan(problem, tuple(steps), shown["end"], None, repeated=bool(shown.get("repeated")))


def _day(row: Mapping[str, Any], problem: TaperProblem) -> Day:
    takes = []
    for slot in problem.slots:
        found = []
        for t in row["take"][slot]:
            if "mL" in t:
                found.append(Take(t["product"], ml=Fraction(t["mL"])))
            else:
                found.append(Take(t["product"], int(t["count"]), Fraction(t["piece"])))
        takes.append(tuple(found))
    return Day(tuple(Fraction(row["mg"][s]) for s in problem.slots), tuple(takes), str(row.get("day", "")))


def state(document: Mapping[str, Any]) -> str:
    """The state that follows from the entries."""
    now = "proposed"
    for entry in document["entries"]:
        event = entry["event"]
        if event == "resumed":
            now = "active"
        elif event in STATES:
            now = event
    return now


def _may(document: Mapping[str, Any], event: str) -> None:
    now = state(document)
    if now not in _FROM[event]:
        raise RefusedError(
            Problem(
                f"A plan that is {now} cannot become {event}.",
                "",
                "Make a new proposal."
                if now in ("finished", "stopped", "stepped-back")
                else f"It must be {' or '.join(_FROM[event])}.",
            )
        )


def _named(**facts: str) -> None:
    missing = [Problem(f"Say {name}.", f"--{name}") for name, value in facts.items() if not value.strip()]
    if missing:
        raise UnreadableError(*missing)


def approve(
    document: Mapping[str, Any],
    *,
    who: str,
    role: str,
    at: str,
    valid_until: dt.date,
    on_symptoms: Sequence[str] = (),
    emergency: str = "",
) -> Json:
    """The document, approved by a named prescriber until a day. ``on_symptoms``: the answers they allow.

    ``emergency``: the prescriber's own emergency instructions, shown first wherever symptoms are answered.
    """
    _may(document, "approved")
    _named(who=who, role=role)
    for a in on_symptoms:
        if a not in ACTIONS:
            raise UnreadableError(
                Problem(f"This answer is not known: {a!r}.", "--on-symptoms", f"Known: {', '.join(ACTIONS)}.")
            )
    day = dt.date.fromisoformat(at[:10])
    if valid_until < day:
        raise RefusedError(Problem(f"It would be valid until {valid_until}, before it is approved.", "--valid-until"))
    entry: Json = {
        "event": "approved",
        "at": at,
        "who": who,
        "role": role,
        "valid_until": valid_until.isoformat(),
        "inputs": digest(dict(document["problem"])),
        "plan": digest(dict(document["plan"])),
    }
    if on_symptoms:
        entry["on_symptoms"] = list(on_symptoms)
    if emergency:
        entry["emergency"] = emergency
    return _added(document, entry)


def approval(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The entry that approved it, where there is one."""
    return next((e for e in document["entries"] if e["event"] == "approved"), None)


def start(document: Mapping[str, Any], *, on: dt.date, at: str) -> Json:
    """The document, begun on a day. Refused after its approval has run out."""
    _may(document, "active")
    _valid(document, on)
    return _added(document, {"event": "active", "at": at, "on": on.isoformat()})


def _valid(document: Mapping[str, Any], day: dt.date) -> None:
    given = approval(document)
    if given is None or dt.date.fromisoformat(given["valid_until"]) < day:
        raise RefusedError(
            Problem(
                "This plan is not approved." if given is None else f"The approval ran out on {given['valid_until']}.",
                "",
                "Ask the prescriber to approve it.",
            )
        )


def hold(document: Mapping[str, Any], *, on: dt.date, at: str, days: int | None = None, reason: str = "") -> Json:
    """The document, held on a day: the step of that day goes on, and every later one moves.

    With ``days`` it goes on by itself only as a calendar: the days are added and the plan stays as it was (the hold is
    planned). Without, it is held until :func:`resume`.
    """
    _may(document, "held")
    _valid(document, on)
    if days is not None and days < 1:
        raise UnreadableError(Problem(f"A hold lasts a day or more, not {days}.", "--days"))
    _at(document, on)
    entry: Json = {"event": "held", "at": at, "on": on.isoformat()}
    if reason:
        entry["reason"] = reason
    held = _added(document, entry)
    if days is None:
        return held
    return resume(held, on=on + dt.timedelta(days=days), at=at)


def resume(document: Mapping[str, Any], *, on: dt.date, at: str) -> Json:
    """The document, gone on with from a day: the days between were added to the step that was held."""
    _may(document, "resumed")
    held = next(e for e in reversed(document["entries"]) if e["event"] == "held")
    if on < dt.date.fromisoformat(held["on"]):
        raise RefusedError(Problem(f"It was held on {held['on']}, after {on}.", "--on"))
    return _added(document, {"event": "resumed", "at": at, "on": on.isoformat()})


def finish(document: Mapping[str, Any], *, on: dt.date, at: str) -> Json:
    """The document, finished: only when its last planned day is over."""
    _may(document, "finished")
    last = calendar(document)[-1].last
    if last is not None and on <= last:
        raise RefusedError(Problem(f"The plan goes on until {last}: it does not end early.", "--on"))
    return _added(document, {"event": "finished", "at": at, "on": on.isoformat()})


def stop(document: Mapping[str, Any], *, on: dt.date, at: str, who: str, role: str, reason: str) -> Json:
    """The document, ended by a prescriber. What is taken from then on is theirs to say: the plan says nothing."""
    _may(document, "stopped")
    _named(who=who, role=role, reason=reason)
    return _added(
        document, {"event": "stopped", "at": at, "on": on.isoformat(), "who": who, "role": role, "reason": reason}
    )


def calendar(document: Mapping[str, Any]) -> tuple[Dated, ...]:
    """Each step with its days, holds counted in: a held step is longer, and later ones move; nothing is caught up."""
    made = taken(document)
    begun = next((e["on"] for e in document["entries"] if e["event"] == "active"), None)
    first = dt.date.fromisoformat(begun) if begun else made.problem.starts_on
    if first is None:
        raise RefusedError(Problem("The plan has no first day.", "--on", "Start it on a day."))
    holds: list[tuple[dt.date, int | None]] = []
    since: dt.date | None = None
    for e in document["entries"]:
        if e["event"] == "held":
            since = dt.date.fromisoformat(e["on"])
        elif e["event"] == "resumed" and since is not None:
            holds.append((since, (dt.date.fromisoformat(e["on"]) - since).days))
            since = None
    if since is not None:
        holds.append((since, None))
    found: list[Dated] = []
    at = first
    for i, step in enumerate(made.steps):
        goes_on = i == len(made.steps) - 1 and made.end != "stop"
        if step.days is None:
            found.append(Dated(i + 1, step, at, None))
            break
        last = at + dt.timedelta(days=step.days - 1)
        open_hold = False
        for day, extra in holds:
            if at <= day <= last:
                if extra is None:
                    open_hold = True
                else:
                    last += dt.timedelta(days=extra)
        found.append(Dated(i + 1, step, at, None if goes_on or open_hold else last))
        if goes_on or open_hold:
            break
        at = last + dt.timedelta(days=1)
    return tuple(found)


def _at(document: Mapping[str, Any], day: dt.date) -> Dated:
    for row in calendar(document):
        if row.first <= day and (row.last is None or day <= row.last):
            return row
    raise RefusedError(Problem(f"No step of the plan is on {day}.", "--on"))


def step_back(
    document: Mapping[str, Any],
    *,
    on: dt.date,
    at: str,
    who: str,
    role: str,
    to_step: int | None = None,
) -> tuple[Json, Json | None]:
    """The document, stepped back by a prescriber, and a new proposal with smaller steps from that dose.

    ``to_step``: the last step that was tolerated; by default the one before the step of that day. The new proposal
    goes from that dose to the same target with steps at most half as large as the one that was not tolerated; None
    where no such plan can be made from the products at hand, or the days of the tolerated step differ.
    """
    _may(document, "stepped-back")
    _named(who=who, role=role)
    _valid(document, on)
    now = _at(document, on)
    made = taken(document)
    problem = made.problem
    back = to_step if to_step is not None else now.number - 1
    if not 0 <= back < now.number:
        raise RefusedError(Problem(f"Step {back} is not one before step {now.number}.", "--to-step"))
    differ = bool(back) and bool(made.steps[back - 1].pattern)
    if back:
        doses = made.steps[back - 1].mg
    elif problem.start is not None:
        doses = problem.start
    else:
        raise RefusedError(Problem("The dose before the plan is not known at each dose time.", "--to-step"))
    entry = {
        "event": "stepped-back", "at": at, "on": on.isoformat(), "who": who, "role": role, "from_step": now.number,
        "to_step": back, "mg": {s: str(x) for s, x in zip(problem.slots, doses, strict=True)},
    }  # fmt: skip
    if differ:
        entry["pattern"] = document["plan"]["steps"][back - 1]["pattern"]
    stepped = _added(document, entry)
    if differ:  # a new plan starts from one dose a day; which one that is when days differ is for the prescriber to say
        return stepped, None
    total = sum(doses, Fraction())
    cut = abs(total - now.step.total)
    limits = problem.limits
    half = cut / 2
    gentler = evolve(
        limits,
        steps=None,
        max_total_days=None,
        min_total_days=None,
        earliest_end=None,
        latest_end=None,
        holds=(),
        max_step_mg_per_day=half if limits.max_step_mg_per_day is None else min(half, limits.max_step_mg_per_day),
    )
    following = evolve(
        problem,
        start=doses,
        start_mg_per_day=total,
        limits=gentler,
        shape=problem.shape
        if not problem.shape.published
        else evolve(problem.shape, kind="linear", rows=(), paces=(), points=None),
        starts_on=on,
        first_step_begins=False,
    )
    try:
        again = plan(following)
    except RefusedError:
        again = None
    proposal = None if again is None else propose(again, at, digest(stepped), "after a step back")
    return stepped, proposal


def symptoms(document: Mapping[str, Any], *, at: str, text: str) -> tuple[Json, tuple[str, ...], str]:
    """The document with symptoms recorded, the prescriber's own answers, and their emergency words.

    Symptoms decide nothing: no state changes. Where the prescriber left no list, the answer is to call them.
    """
    _may(document, "symptoms")
    if not text.strip():
        raise UnreadableError(Problem("Say what was felt.", "--text"))
    given = approval(document) or {}
    answers = tuple(given.get("on_symptoms", ())) or ("call",)
    return _added(document, {"event": "symptoms", "at": at, "text": text}), answers, str(given.get("emergency", ""))


def for_patient(document: Mapping[str, Any], today: dt.date) -> tuple[Dated, ...]:
    """The calendar a patient may see: only of an approved plan that has not run out.

    Raises :class:`RefusedError` for anything else.
    """
    now = state(document)
    if now not in ("approved", "active", "held"):
        raise RefusedError(Problem(f"This plan is {now}: it is not for a patient.", "", "Ask the prescriber."))
    _valid(document, today)
    return calendar(document)


__all__ = [
    "ACTIONS", "STATES", "Dated", "approval", "approve", "calendar", "finish", "for_patient", "hold", "load", "propose",
    "resume", "start", "state", "step_back", "stop", "symptoms", "table_measure", "taken",
]  # fmt: skip
