"""Turns directions that change by steps ("increase by 5 mg every 3 days to 20 mg") into the phases they mean.

Knows no medicine and no limit; where the start, the size, the pace or the end is not said, it refuses.
"""

from __future__ import annotations

from fractions import Fraction

from attrs import evolve

from posology.amount import Amount, Range
from posology.directions import After, Course, Directions, Dose, Phase, Span
from posology.errors import Problem
from posology.wording.chunks import directions
from posology.wording.clause import Clause, Parse
from posology.wording.scan import place

MOST_STEPS = 200


class _No(Exception):
    """The steps cannot be worked out; carries the reason, and what to write instead."""

    def __init__(self, what: str, todo: str = "") -> None:
        super().__init__(what)
        self.todo = todo


def expand(p: Parse, groups: list[list[Clause]], after: After | None, taking: Course | None) -> Course | None:
    """The course of groups of clauses of which at least one is a change; problems go to ``p``."""
    phases: list[Phase] = []
    n = 0
    for n, group in enumerate(groups):
        change = group[0].change
        if change is None or change.by is None:
            length = group[0].length
            made = tuple(directions(p, c, 1, length is not None) for c in group)
            phases.append(Phase(made, length))
            continue
        if len(group) > 1:
            # what stands beside a change is none of it
            p.problems.append(_problem(p, group[1], "What stands beside a change of dose is not understood."))
            break
        if after is None and change.sign < 0 and group[0].amount is None and _finished(group[0]):
            after = "stop"
            p.note(p.inferred, "finished", change.start, change.end)
        try:
            last = n + 1 == len(groups)
            more = _change(p, group[0], phases, taking, after if last else None)
        except _No as no:
            p.problems.append(_problem(p, group[0], str(no), no.todo))
            break
        if phases:
            phases.pop()
        phases += more
    if not phases:
        return None
    for k, phase in enumerate(phases[:-1]):
        if phase.length is None:
            p.problems.append(_problem(p, groups[min(k, len(groups) - 1)][0], "It is not said how long a step lasts."))
            phases = phases[: k + 1]
            break
    numbered = tuple(
        evolve(ph, directions=tuple(evolve(d, sequence=k if len(phases) > 1 else None) for d in ph.directions))
        for k, ph in enumerate(phases, 1)
    )
    if after is None:
        after = "unknown" if phases[-1].length is not None or p.problems else "continue"
    return Course(numbered, after if not p.problems else "unknown")


def _finished(c: Clause) -> bool:
    """ "reduce by 1 tablet every day until finished": down to nothing."""
    return any(
        i.text.lower().startswith(("until finished", "until gone", "until all", "till finished", "until complete"))
        for i in c.instructions
    )


def _problem(p: Parse, c: Clause, what: str, todo: str = "") -> Problem:
    return Problem(
        what,
        place(max(c.start, 0), c.end),
        todo or "Write each step: how much, how often, for how long.",
        p.lex.text[c.start : c.end],
    )


def _with(d: Directions, amount: Amount, length: Amount | None, at: Span) -> Phase:
    assert d.dose is not None
    timing = evolve(d.timing, bounds=None)  # the phase says how long
    return Phase((evolve(d, dose=Dose(amount, d.dose.span), timing=timing, spans={**d.spans, "change": at}),), length)


def _change(p: Parse, c: Clause, before: list[Phase], taking: Course | None, after: After | None) -> list[Phase]:
    change = c.change
    assert change is not None
    assert change.by is not None
    goal = c.amount
    if isinstance(goal, Range) and goal.low is None:
        goal = goal.high  # "up to 20 mg three times a day"
    if goal is not None and not isinstance(goal, Amount):
        raise _No("The goal is a range: say which amount it is.")
    if change.every is None:
        raise _No("How often it changes is not said.")
    own = bool(before)
    if own:
        start = before[-1]
    elif taking is not None:
        start = taking.phases[-1]
    else:
        raise _No(
            "What it changes from is not said.",
            "Write first what is taken now, like 1 tablet twice a day, then the change.",
        )
    if len(start.directions) != 1 or start.directions[0].dose is None:
        raise _No("What it changes from is not one dose.")
    first = start.directions[0]
    dose = first.dose
    assert dose is not None
    if not isinstance(dose.amount, Amount):
        raise _No("What it changes from is a range: say which amount is taken.")
    old = dose.amount
    step = change.by
    if step.unit == "1" and old.unit != "1":
        step = Amount(step.value, old.unit)
    if step.kind != old.kind or (goal is not None and goal.kind != old.kind and goal.unit != "1"):
        raise _No(f"The step ({step}) and the dose ({old}) are of different kinds.")
    if goal is not None and goal.unit == "1":
        goal = Amount(goal.value, old.unit)
    step = step.to(old.unit)
    timing = directions(p, c, None).timing if c.timed else first.timing
    plain = evolve(first.timing, bounds=None)
    if evolve(timing, bounds=None) != plain and not (plain.empty or not c.timed):
        raise _No("The number of doses a day changes too: say each step.")
    times = plain.times_a_day
    by = step
    at = (change.start, change.end)
    where = Span(max(c.start, 0), c.end)
    if change.each == "day" and times and times > 1:
        by = step / times
        p.note(p.inferred, "step-shared", *at, value=by)
    elif not change.each and times is not None and times > 1:
        if goal is None or change.sign < 0:
            raise _No(
                f"It has two readings: each dose changes by {step}, or the day's total does.",
                f"Write each dose by {step}, or the total daily dose by {step}.",
            )
        p.note(p.second, "step-each-or-day", *at)
    amounts: list[Amount] = []
    value = old.value
    end = goal.to(old.unit).value if goal is not None else Fraction(0)
    if goal is None and change.sign > 0:
        raise _No("How far it is increased is not said.")
    if goal is None and after != "stop":
        raise _No("Where it ends is not said.")
    if (end - value) * change.sign < 0 or (end == value):
        raise _No("The goal lies on the other side of the dose it starts from.")
    if goal is not None and ((end - value) / (by.value * change.sign)).denominator != 1:
        raise _No(f"Steps of {by} do not lead from {old} to {goal}.")
    while (end - value) * change.sign > 0 and len(amounts) <= MOST_STEPS:
        value += by.value * change.sign
        if value <= 0:
            break
        amounts.append(Amount(value, old.unit))
    if len(amounts) > MOST_STEPS:
        raise _No(f"This would take more than {MOST_STEPS} steps.")
    out: list[Phase] = []
    if own:
        out.append(_with(first, old, start.length or change.every, where))
    shown = first if own else evolve(first, text="", spans={})
    for k, amount in enumerate(amounts):
        final = k + 1 == len(amounts)
        length = c.length if final and goal is not None and after != "stop" else change.every
        out.append(_with(shown, amount, length, where))
    if not out:
        raise _No("The first step already ends at nothing.")
    p.note(p.inferred, "steps", *at, value=len(out))
    return out


__all__ = ["MOST_STEPS", "expand"]
