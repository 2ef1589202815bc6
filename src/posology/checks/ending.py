"""Turns how a course ends into findings: stopped without coming off gradually, or silent about what follows.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

from posology.amount import Amount
from posology.checks import Case, Finding, PhaseDose, check, matches
from posology.checks.start import course_rules, largest_step, spared
from posology.medicine import Statement, Taper


@check("ending", about="a course that stops without a taper, or does not say what follows")
def ending(case: Case) -> Iterator[Finding]:
    """A medicine that must be come off gradually, in a course that ends:

    "then stop" without falling steps, or faster than every numbered rule of the country: ``stop``, but where a source
    of the country says that such a course needs no steps (a ``warn`` where another country asks for steps in it all the
    same). Silent about what follows: ``warn`` to renew or taper before
    the date. As needed directions have no end to judge.
    """
    if not case.medicine.tapers:
        return
    days = (case.last_day - case.first_day).days + 1 if case.last_day else 0
    every = case.medicine.rules(Taper)
    rules = [s for s in every if s.rule.shape != "none-needed"]  # type: ignore[union-attr]
    cited = tuple(s.id for s in rules if case.ours(s)) or tuple(s.id for s in rules)
    after = case.prescription.course.after
    if after == "unknown":
        yield Finding("ending", "warn", "renew-or-taper", {"date": case.last_day}, cited)
    if after != "stop":
        return
    free = spared(case)
    why, facts = tapers(case, rules, days), {"date": case.last_day}
    if free:
        key = "ends-none-needed" if why == "no-fall" else "ends-none-needed-in-steps"
        yield Finding("ending", "note", key, {**facts, "text": free[0].text}, tuple(s.id for s in free))
        steps = [s for s in course_rules(case) if s.rule.shape != "none-needed" and not case.ours(s)]  # type: ignore[union-attr]
        if steps and why == "no-fall":
            said = next((s for s in steps if s.verified), steps[0])
            told = {**facts, "text": said.text, "country": case.medicine.of(said)}
            yield Finding("ending", "warn", "ends-without-taper-elsewhere", told, tuple(s.id for s in steps))
    elif why == "no-fall":
        yield Finding("ending", "stop", "ends-without-taper", facts, cited)
    elif why == "too-fast":
        yield Finding("ending", "stop", "ends-too-fast", facts, cited)
    elif why == "perhaps-too-fast":
        yield Finding("ending", "warn", "ends-perhaps-too-fast", facts, cited)
    else:
        yield Finding("ending", "note", "ends-with-taper", facts, cited)


def tapers(case: Case, rules: list[Statement], length: int = 0) -> str:
    """Whether the course comes off gradually: "yes", "no-fall", "too-fast", or "perhaps-too-fast".

    Falling: the daily amount goes down at least once before the end and never up after its highest phase.
    Fast enough to be too fast: the last dose before nothing, or the days from the first fall to the end, exceed what
    the most lenient numbered rule that applies in the country allows. Perhaps: where no such rule is known to apply,
    for want of a fact of the person. ``length``: days of the course.
    """
    known: list[PhaseDose] = [p for p in case.phases if p.per_day is not None]
    if len(known) != len(case.phases) or not known:
        return "no-fall"
    amounts: list[Amount] = [p.per_day for p in known if p.per_day is not None]
    top = max(range(len(amounts)), key=lambda i: (amounts[i].base, i))
    start = case.taken_now
    tail = amounts[top:]
    if start is not None and start > amounts[0]:
        tail, top = [start, *amounts], -1
    if len(tail) < 2 or any(b > a for a, b in pairwise(tail)):
        return "no-fall"
    days = sum(p.days or 0 for p in known[top + 1 :])
    verdicts: dict[bool, list[bool]] = {True: [], False: []}
    for s in rules:
        applies = matches(s.covers, case, later=length)[0]
        keeps = _keeps(s, tail, days, known[top + 1 :]) if case.ours(s) and applies is not False else None
        if keeps is not None:
            verdicts[applies is True].append(keeps)
    if any(verdicts[True]) or any(verdicts[False]) or not (verdicts[True] or verdicts[False]):
        return "yes"
    return "too-fast" if verdicts[True] else "perhaps-too-fast"


def _keeps(statement: Statement, tail: list[Amount], days: int, phases: list[PhaseDose]) -> bool | None:
    rule = statement.rule
    assert isinstance(rule, Taper)
    if rule.shape == "minimum-duration":
        assert rule.days is not None
        return days >= rule.days
    if rule.shape in ("amount-per-interval", "banded"):
        ends = [*tail, Amount(0, tail[0].unit)]
        spans = [None, *(p.days for p in phases)]
        for i, (a, b) in enumerate(pairwise(ends)):
            most = largest_step(statement, a, spans[i] if i < len(spans) else None)
            if most is not None and a - b > most:
                return False
        return True
    if rule.shape == "percent-per-interval":
        for i, (a, b) in enumerate(pairwise(tail)):
            most = largest_step(statement, a, phases[i - 1].days if i else None)
            if most is not None and a - b > most * Fraction(101, 100):
                return False
        return True
    return None
