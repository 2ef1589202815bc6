"""Turns clauses into a Course: what is taken side by side in one phase, what follows in the next.

Knows no words and no chunks: it joins what each clause says, and refuses what does not fit together.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from posology.amount import Amount
from posology.directions import After, Bounds, Course, Phase
from posology.errors import Problem
from posology.wording.among import (
    another_medicine,
    day_total,
    days_apart,
    instead,
    later_start,
    on_condition,
    once_or_daily,
    one_by_one,
    other_days,
    said_twice,
    take_turns,
)
from posology.wording.chunks import directions
from posology.wording.clause import Change, Clause, Parse
from posology.wording.fields import counts
from posology.wording.scan import place
from posology.wording.steps import expand

_SLOTS = ("MORN", "NOON", "EVE", "NIGHT")


def _expand_slots(clauses: list[Clause]) -> list[Clause]:
    out: list[Clause] = []
    for c in clauses:
        if not c.slots:
            out.append(c)
            continue
        by: dict[Fraction, list[str]] = {}
        for value, code in zip(c.slots, _SLOTS, strict=False):
            if value:
                by.setdefault(value, []).append(code)
        for n, (value, codes) in enumerate(by.items()):
            one = c
            if n:
                one = Clause("&", False)
                for name in (
                    "bounds",
                    "length",
                    "route",
                    "site",
                    "needed",
                    "reason",
                    "start",
                    "end",
                    "spans",
                    "instructions",
                    "maxes",
                ):
                    setattr(one, name, getattr(c, name))
            one.slots = ()
            one.amount = Amount(value, c.dose_kind if c.dose_kind else "1")
            one.when = codes
            out.append(one)
    return out


_PART = re.compile("half|halves|quarter|third")


def _unit_like(clauses: list[Clause], p: Parse) -> None:
    """ "1 tablet in the morning and 2 at night": a number without a unit counts what the clause before it counts."""
    for a, b in pairwise(clauses):
        if b.bare and not b.inherited and isinstance(b.amount, Amount) and b.amount.unit == "1" and not a.bare:
            unit = a.amount.unit if isinstance(a.amount, Amount) else None
            if unit is None and a.amount is not None and not isinstance(a.amount, Amount):
                end = a.amount.high or a.amount.low
                unit = end.unit if end else None
            if unit and b.dose_at and not counts(unit) and _PART.search(p.text(*b.dose_at).lower()):
                p.problem(  # "20 mg daily for a week, then half"
                    f"Half of what, is not said: {p.text(*b.dose_at)}.", *b.dose_at, "Write the amount, like 10 mg."
                )
            elif unit:
                b.amount = Amount(b.amount.value, unit)
                b.bare = False
                if b.dose_at:
                    p.note(p.inferred, "same-unit", *b.dose_at)


def join(p: Parse, clauses: list[Clause], after: After | None, taking: Course | None) -> Course | None:
    clauses = _expand_slots(clauses)
    _absorb(clauses)
    last = clauses[-1]
    if len(clauses) > 1 and _pack_like(last) and last.dose_at is not None:
        p.note(p.facts, "pack", *last.dose_at, value=last.amount)
        clauses.pop()
    _unit_like(clauses, p)
    later_start(p, clauses)
    one_by_one(p, clauses)
    instead(p, clauses)
    on_condition(p, clauses)
    another_medicine(p, clauses)
    groups: list[list[Clause]] = []
    for c in clauses:
        if not groups or _new_step(p, groups[-1], c):
            groups.append([c])
        else:
            groups[-1].append(c)
    _headings(p, groups)
    for group in groups:
        other_days(p, group)
        day_total(p, group)
        _share(p, group)
        if len(group) > 1:
            group[:] = _same(group)
    for one, two in pairwise(groups):
        if len(one) == len(two) == 1 and two[0].heading is not None and two[0].amount is None and two[0].timed:
            two[0].amount, two[0].bare, two[0].inherited = one[0].amount, one[0].bare, True
    for one, two in pairwise(groups):
        if len(one) == len(two) == 1:
            _same_times(p, one[0], two[0])
    for group in groups:
        if len(group) > 1:
            days_apart(p, group)
        once_or_daily(p, group)
        take_turns(p, group)
        if len(group) > 1:
            said_twice(p, group)
    for group in groups[:-1]:
        head = group[0]
        if len(group) == 1 and head.initial and not head.timed and head.bounds is None and head.amount is not None:
            head.count = 1
        elif (
            len(group) == 1 and head.count == 1 and head.for_hours and head.bounds is None and head.duration is not None
        ):
            # "2 at once for 6 hours, then ...": so long holds the step
            head.length = Amount(head.duration, head.dunit or "h")
            head.duration = head.dunit = None
            head.spans.pop("duration", None)
    _every_dose_timed(p, groups)
    many = len(groups) > 1 or len(groups[0]) > 1
    if any(c.change is not None and c.change.by is not None for g in groups for c in g):
        return expand(p, groups, after, taking)
    phases: list[Phase] = []
    for n, group in enumerate(groups, 1):
        length = group[0].length
        if length is not None and any(c.length != length for c in group):
            length = None
        made = tuple(directions(p, c, n if many else None, length is not None) for c in group)
        if n < len(groups) and length is None:
            length = _worked_out(p, group, groups[n])
            if length is None:
                p.problems.append(
                    Problem(
                        f"It is not said how long this step lasts: {group[0] and p.lex.text[group[0].start : group[-1].end]}.",
                        place(max(group[0].start, 0), group[-1].end),
                        "Say for how many days.",
                        p.lex.text[group[0].start : group[-1].end],
                    )
                )
                phases.append(Phase(made, None))
                return Course(tuple(phases), "unknown")
        phases.append(Phase(made, length))
    if after is None:
        bounded = any(c.bounds is not None or c.count is not None or c.upto_len for c in groups[-1])
        after = "unknown" if bounded else "continue"
    elif after == "continue" and phases[-1].length is not None:
        after = "continue"
    return Course(tuple(phases), after)


def _same_times(p: Parse, before: Clause, c: Clause) -> None:
    """ "1 tablet at night, increase to 2 tablets after 1 week": the dose changes, and not when it is taken."""
    change = c.change
    if (
        change is not None
        and change.to
        and c.needed
        and c.reason is None
        and not before.needed
        and c.amount is not None
    ):
        p.refuse(
            "This has two readings: the dose goes up or down only where that is needed, or the new dose is taken as needed",
            [c],
            "Say who decides the change, and how often the new dose is taken.",
        )
        return
    if (
        c.timed
        or c.amount is None
        or not before.timed
        or before.count is not None
        or (before.needed and change is None)
    ):
        return
    if change is None:
        rare = before.frequency == 1 and not before.when and before.period_unit not in ("s", "min", "h")
        once = len(before.when) + len(before.times) == 1 or rare
        if not (c.step and c.bounds is not None and c.heading is None and c.amount != before.amount and once):
            return
        change = Change(0, *(c.dose_at or (0, 1)))
    elif not change.to:
        return
    c.frequency, c.frequency_max, c.period, c.period_max = (
        before.frequency, before.frequency_max, before.period, before.period_max)  # fmt: skip
    c.period_unit, c.offset, c.plain = before.period_unit, before.offset, before.plain
    c.when, c.times, c.days = list(before.when), list(before.times), list(before.days)
    c.needed, c.reason = before.needed, before.reason
    p.note(p.inferred, "same-times", change.start, change.end)


def _every_dose_timed(p: Parse, groups: list[list[Clause]]) -> None:
    """Of several amounts each needs its time; a number alone says nothing."""
    clauses = [c for g in groups for c in g]
    for c in clauses:
        alone = len(clauses) == 1
        if c.amount is None or c.timed or c.inherited or c.change is not None:
            continue
        if alone and not (c.bare and c.bounds is None and c.route is None and not c.verb):
            continue
        if not alone and (c.bounds is not None or c.heading is not None or c.duration is not None):
            continue
        if not alone and c is clauses[-1] and len(groups) > 1 and c.step:
            continue
        p.refuse("When this is taken is not said", [c], "Say how often.")


def _pack_like(c: Clause) -> bool:
    """A count of at least a week's worth behind the directions, and nothing with it, is the pack."""
    if not isinstance(c.amount, Amount) or not counts(c.amount.unit) or c.amount.value < 7 or c.bare:
        return False
    said = c.timed or c.bounds or c.maxes or c.instructions or c.heading or c.change or c.route or c.site or c.max_adm
    return not said and not c.verb and not c.step and c.join in (".", ",")


def _absorb(clauses: list[Clause]) -> None:
    """A first clause that only says why or how belongs to the next."""
    while (
        len(clauses) > 1
        and clauses[0].amount is None
        and not clauses[0].timed
        and clauses[0].change is None
        and clauses[0].heading is None
    ):
        first, second = clauses[0], clauses[1]
        if first.bounds is not None and second.bounds is None:
            second.bounds, second.length = first.bounds, first.length
        second.instructions = first.instructions + second.instructions
        second.indication = second.indication or first.indication
        second.route, second.site = second.route or first.route, second.site or first.site
        second.maxes = first.maxes + second.maxes
        second.spans = {**first.spans, **second.spans}
        second.start = min(first.start, second.start)
        del clauses[0]


def _new_step(p: Parse, group: list[Clause], c: Clause) -> bool:
    if c.later is not None:
        return True
    if c.step:
        if (
            c.join == ">"
            and c.change is None
            and not c.length
            and not any(g.length or g.bounds or g.count for g in group)
            and c.heading is None
        ):
            # "1 in the morning then 2 at night": both on every day
            firsts = [w for g in group for w in g.when] + [t for g in group for t in g.times]
            if firsts and (c.when or c.times) and not set(firsts) & set(c.when + c.times) and not c.period_unit:
                p.note(p.second, "then-same-day", *(c.dose_at or (0, 1)))
                return False
        return True
    bounded = any(g.length for g in group)
    first = group[0]
    if c.join == "&" and first.heading is not None and c.heading is None and not first.timed:
        # "2 tablets on the first day and 1 tablet daily for 4 days"
        bounded = bounded or c.length is not None
        if c.period_unit is not None and not c.when:
            p.note(p.second, "step", *(c.dose_at or (0, 1)))
            return True
    if not bounded:
        return False
    if c.join != "&" and c.amount is not None:
        if c.length is None:
            if c.needed and not group[0].needed:
                return False
            p.note(p.inferred, "step", *(c.dose_at or (0, 1)))
        return True
    if c.join == "&" and c.length is not None and not (c.when and group[0].when):
        p.note(p.second, "step", *(c.dose_at or (0, 1)))
        return True
    return False


def _share(p: Parse, group: list[Clause]) -> None:
    """What stands once, at the end or the beginning, holds for all that is taken side by side."""
    if len(group) < 2:
        return
    first, last = group[0], group[-1]
    # asked before anything is shared
    at_end = last.bounds is not None and not any(g.bounds for g in group[:-1])
    ahead = (
        "bounds" in first.spans and "dose" in first.spans and first.spans["bounds"].start < first.spans["dose"].start
    )
    at_start = ahead and first.bounds is not None and not any(g.bounds for g in group[1:])
    # "1 in the morning and 2 at night on Mondays"; "1 at night, 2 at night on Sundays" is another thing
    days_at_end = (
        bool(last.days) and last.join == "&" and not any(g.days or {*g.when} & {*last.when} for g in group[:-1])
    )
    for c in group:
        if c.bounds is None and at_end:
            c.bounds, c.length = last.bounds, last.length
            c.spans.setdefault("bounds", last.spans["bounds"])
        if c.bounds is None and at_start:
            c.bounds, c.length = first.bounds, first.length
        if not c.days and days_at_end and c is not last and c.when and last.when:
            c.days = list(last.days)
        if c.route is None and first.route is not None:
            c.route = first.route
        if c.site is None and first.site is not None and c is not first and c.when:
            c.site = first.site
        if c.indication is None and last.indication is not None and not c.needed:
            c.indication = last.indication
    if (
        last.needed
        and not last.verb
        and not any(g.needed for g in group[:-1])
        and last.join == "&"
        and all(g.when for g in group)
    ):
        for c in group[:-1]:
            c.needed, c.reason = True, last.reason
        p.note(p.second, "needed-all", *(last.dose_at or (0, 1)))
    if last.period_unit in ("d", "wk", "mo") and last.when and all(g.when and not g.period_unit for g in group[:-1]):
        for c in group[:-1]:
            c.frequency, c.period, c.period_unit = last.frequency, last.period, last.period_unit


def _same(group: list[Clause]) -> list[Clause]:
    """ "1 in the morning and 1 at night" is one direction with two times."""
    out: list[Clause] = []
    for c in group:
        for o in out[-1:]:
            if (
                o.amount == c.amount and not (o.period_unit or c.period_unit)
                and ((o.when and c.when and not o.times and not c.times) or (o.times and c.times and not o.when and not c.when))
                and o.days == c.days and o.offset == c.offset and o.needed == c.needed and o.reason == c.reason and o.bounds == c.bounds
                and (o.site is None or c.site is None or o.site == c.site) and o.count == c.count and not set(o.when) & set(c.when)
                and (not o.maxes or not c.maxes) and (o.duration, o.dunit) == (c.duration, c.dunit)
            ):  # fmt: skip
                o.when += c.when
                o.times += c.times
                o.site = o.site or c.site
                o.instructions += [x for x in c.instructions if x not in o.instructions]
                o.maxes += c.maxes
                o.end = max(o.end, c.end)
                for name in ("dose", "when", "times", "instructions", "max", "site", "route"):
                    if name in c.spans:
                        o.mark(name, c.spans[name])
                break
        else:
            out.append(c)
    return out


def _headings(p: Parse, groups: list[list[Clause]]) -> None:
    """ "Day 1: ... Days 2 to 5: ...": lengths from the numbers, which must follow each other."""
    nxt: dict[str, Fraction] = {}
    for group in groups:
        for c in group:
            if c.heading is None:
                continue
            unit, a, b = c.heading
            expected = nxt.get(unit, Fraction(1))
            if a != expected or b < a or a.denominator != 1 or b.denominator != 1 or unit not in ("d", "wk", "mo"):
                p.problems.append(
                    Problem(
                        f"The days or weeks do not follow each other: {p.lex.text[c.start : c.end]}.",
                        place(max(c.start, 0), c.end),
                        "Name every day, beginning with the first.",
                    )
                )
                return
            if c.length is None and c.bounds is None and not c.open_end:
                c.length = Amount(b - a + 1, unit)
                c.bounds = Bounds(duration=c.length)
        tops = [(c.heading[0], c.heading[2]) for c in group if c.heading is not None]
        for unit, b in tops:
            nxt[unit] = b + 1


def _worked_out(p: Parse, group: list[Clause], following: list[Clause]) -> Amount | None:
    """How long a counted step lasts: its number of intervals; one dose at once lasts until the next interval."""
    if len(group) != 1 or group[0].count is None or group[0].count_max is not None:
        return None
    c = group[0]
    n = c.count
    assert n is not None
    at = c.dose_at or (0, 1)
    if n == 1:
        f = following[0]
        length = Amount(1, "d")
        if f.period is not None and f.period_unit in ("h", "min", "d", "wk", "mo") and f.frequency == 1:
            length = Amount(f.period, f.period_unit)
    elif c.frequency is not None and c.period is not None and c.period_unit is not None:
        length = Amount(c.period * n / c.frequency, c.period_unit)
    else:
        return None
    p.note(p.inferred, "step-length", at[0], at[1], length)
    return length
