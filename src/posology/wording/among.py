"""Settles what the clauses of a text say of each other: instead of, besides, so long after, on the other days.

Knows no words and makes no directions; what can be meant in two ways, it refuses.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from posology.amount import Amount
from posology.directions import DAYS
from posology.wording.clause import Clause, Parse
from posology.wording.fields import GENERAL


def said_twice(p: Parse, group: list[Clause]) -> None:
    """ "1 tablet daily. Take 1 tablet by mouth daily.": once more, or one more?"""
    seen: set[tuple[object, ...]] = set()
    for c in group:
        if c.inherited or c.amount is None or c.site is not None:
            continue
        key = (
            str(c.amount), c.frequency, c.frequency_max, c.period, c.period_max, c.period_unit, tuple(c.when), tuple(c.times),
            tuple(c.days), c.needed,
        )  # fmt: skip
        if key in seen and c.timed:
            p.refuse("The same stands twice", [c], "Write it once.")
            return
        seen.add(key)


def one_by_one(p: Parse, clauses: list[Clause]) -> None:
    """ "One now, one in 12 hours": so long lasts the step before it, which is one dose too."""
    for k, c in enumerate(clauses):
        if c.later is None:
            continue
        before = clauses[k - 1] if k else None
        if before is None and c.later.dated:
            continue
        one = before is not None and before.amount is not None and before.bounds is None and not before.period_unit and (
            before.count == 1 if before.count or before.when or before.times or before.days else True
        )  # fmt: skip
        if before is None or not one or before.count_max is not None:
            p.refuse("From when this is counted is not said", [c], "Write it like 1 now, then 1 after 12 hours.")
        elif not c.later.plain and c.later.length.same_as(Amount(24, "h")) and before.amount != c.amount:
            p.refuse(
                "This has two readings: once, a day later, or so much in 24 hours",
                [c],
                "Write it like then 1 the next day.",
            )
        else:
            before.count, before.length = 1, c.later.length


def instead(p: Parse, clauses: list[Clause]) -> None:
    """ "5 mg daily except 7.5 mg on Tuesdays": the other days keep the first amount, the named ones the second."""
    base: Clause | None = None
    for k, c in enumerate(clauses):
        before = clauses[k - 1] if k else None
        if before is not None and before.instead and c.days and not c.step and c.amount is not None:
            c.instead = True  # "except 7.5 mg on Tuesdays and 10 mg on Fridays"
        if not c.instead:
            base = None
            continue
        if base is None:
            base = before
        kept = [] if base is None else [d for d in base.days or DAYS if d not in c.days]
        daily = base is not None and (
            (bool(base.days or base.when or base.times) and base.period_unit in (None, "wk"))
            or base.period_unit == "h" or (base.period_unit == "d" and base.period == 1)
        )  # fmt: skip
        named = base is not None and bool(base.days)
        if (
            base is None or base.amount is None or not daily or not kept or not c.days or c.amount is None
            or base.count is not None or (named and not set(c.days) <= set(base.days))
        ):  # fmt: skip
            p.refuse("Which days are left out is not clear", [c], "Name the days of each amount.")
            return
        base.days = kept
        if "days" in c.spans:
            base.mark("days", c.spans["days"])
        _take_timing(c, base)


def _take_timing(c: Clause, base: Clause) -> None:
    """What is said of when, but for the days, and of the way, holds for the second amount too."""
    if not (c.period_unit or c.when or c.times):
        c.frequency, c.frequency_max, c.period, c.period_max = (
            base.frequency,
            base.frequency_max,
            base.period,
            base.period_max,
        )
        c.period_unit, c.offset, c.plain = base.period_unit, base.offset, base.plain
        c.when, c.times = list(base.when), list(base.times)
    if not c.needed:
        c.needed, c.reason = base.needed, base.reason
    c.route, c.site = c.route or base.route, c.site or base.site


def other_days(p: Parse, group: list[Clause]) -> None:
    """ "5 mg on Mondays and 3 mg on the other days": the days that are not named."""
    others = [c for c in group if "other" in c.days]
    if not others:
        return
    c = others[0]
    named = {d for g in group for d in g.days if g is not c}
    rest = [d for d in DAYS if d not in named]
    if len(others) > 1 or c.days != ["other"] or not named or not rest or any(not g.days for g in group):
        p.refuse("Which days are meant is not clear", [c], "Name the days.")
        for g in others:
            g.days = []
        return
    c.days = rest
    p.note(p.inferred, "except-days", *(c.dose_at or (0, 1)))


def once_or_daily(p: Parse, group: list[Clause]) -> None:
    """ "20 mg now and 10 mg in the morning": the next morning, or every morning?"""
    for a, c in pairwise(group):
        if (
            a.count == 1 and not (a.period_unit or a.days or a.needed) and c.count is None and (c.when or c.times)
            and not (c.period_unit or c.days or c.needed) and c.bounds is None and c.length is None
        ):  # fmt: skip
            p.refuse("This has two readings: once, or every day", [c], "Write tomorrow, or every morning.")


def on_condition(p: Parse, clauses: list[Clause]) -> None:
    """ "Three times daily. If drowsy take half a tablet": instead of a dose of the day, or besides it?"""
    for before, c in pairwise(clauses):
        if before.timed and c.timed and any(i.text.lower().startswith("during") for i in c.instructions):
            p.refuse(
                "This has two readings: instead of the other dose, or besides it",
                [c],
                "Write it as directions of its own.",
            )
            continue
        at, dose = c.spans.get("as_needed"), c.spans.get("dose")
        if at is None or dose is None or c.amount is None or c.inherited or not (before.period_unit or before.when):
            continue
        condition = p.lex.text[at.start : at.end].lower()
        if not c.needed or before.needed or not condition.startswith(_CONDITIONS) or condition.startswith(_AS_NEEDED):
            continue
        ahead = at.start < dose.start and c.join in (".", ",")
        as_often = c.period_unit is not None and (c.period_unit, c.period, c.frequency) == (
            before.period_unit, before.period, before.frequency)  # fmt: skip
        if ahead or as_often:
            p.refuse(
                "This has two readings: instead of the other dose, or besides it",
                [c],
                "Write it as directions of its own.",
            )


_CONDITIONS = ("if ", "when ", "whenever ")
_AS_NEEDED = tuple(f"{i}{w}" for i in _CONDITIONS for w in ("needed", "required", "necessary"))


def another_medicine(p: Parse, clauses: list[Clause]) -> None:
    """ "15 mg once weekly, folic acid 5 mg once weekly": words right before a later dose can be another medicine's name."""
    unread = {n.span.start for n in p.left if n.key == "word"}
    for c in clauses[1:]:
        if c.dose_at is None or c.inherited or not c.dose_at[0] or clauses[0].amount is None:
            continue
        k = c.dose_at[0] - 1
        start, word = p.lex.starts[k], p.text(k, k + 1).lower()
        name = p.lex.classes[k] == "N"
        if (
            start >= c.start >= 0
            and word not in p.lex.text[:start].lower()
            and (name or (start in unread and word.isalpha() and len(word) > 3))
        ):
            p.problem(
                f"This can be another medicine: {p.text(k, c.dose_at[1])}.", k, c.dose_at[1],
                "Write the directions of one medicine."
            )  # fmt: skip


def day_total(p: Parse, group: list[Clause]) -> None:
    """ "One twice daily: one in the morning, one at 4 pm": the day's doses first, then when each of them is taken."""
    first, rest = group[0], group[1:]
    if not rest or not isinstance(first.amount, Amount) or first.inherited or first.needed or first.instead:
        return
    if not (first.period_unit == "d" and first.period == 1 and first.frequency and first.frequency_max is None):
        return
    if first.when or first.times or first.days or first.count or any(c.period_unit or c.days or c.needed for c in rest):
        return
    total, times = Fraction(0), 0
    for c in rest:
        n = len(c.times) + sum(3 if w in GENERAL else 1 for w in c.when)
        if not n or not isinstance(c.amount, Amount) or c.amount.unit not in (first.amount.unit, "1"):
            return
        total, times = total + c.amount.value * n, times + n
    if (
        total != first.amount.value * first.frequency
        or times < 2
        or first.frequency not in (1, times)
        or rest[0].join == "&"
    ):
        return
    p.note(p.second, "day-total", *(first.dose_at or (0, 1)))
    second = rest[0]
    second.route, second.site = second.route or first.route, second.site or first.site
    second.bounds, second.length = second.bounds or first.bounds, second.length or first.length
    second.instructions = first.instructions + second.instructions
    second.indication = second.indication or first.indication
    second.maxes = first.maxes + second.maxes
    second.start, second.spans = first.start, {**first.spans, **second.spans}
    del group[0]


def later_start(p: Parse, clauses: list[Clause]) -> None:
    """ "One daily. Two daily from 1 March": whether the first ends then, is not said."""
    for before, c in pairwise(clauses):
        if c.step and before.count == 1:
            continue  # "two now, then one daily starting tomorrow"
        if c.starts and c.amount is not None and not any(b.starts for b in clauses if b is not c):
            p.refuse(
                "This has two readings: instead of what stands before it, or besides it",
                [c],
                "Say for how long the first is taken.",
            )
            return


def days_apart(p: Parse, group: list[Clause]) -> None:
    """ "One daily, two on Sundays": two instead of one, or besides it. "Two every day at night" are besides those of a morning."""
    for a in group:
        for b in group:
            at, other = {*a.when, *a.times}, {*b.when, *b.times}
            if "timing" in a.spans and at and other and not at & other:
                continue
            daily = a.period_unit == "d" or (a.period_unit is None and bool(a.when or a.times))
            parts = bool(a.when or a.times)  # "1 in the morning, 2 at night on Sundays": whether the days hold for both
            if daily and not a.days and b.days and (parts or not (b.when or b.times)) and not (a.needed or b.needed):
                p.refuse(
                    "This has two readings: instead of the daily dose, or besides it",
                    [b],
                    "Name the days of each dose.",
                )
                return


def take_turns(p: Parse, group: list[Clause]) -> None:
    """ "5 mg every other day and 7.5 mg every other day": on the same days, or by turns?

    Neither a Timing nor FHIR says on which of two days a rhythm of two days begins, so that turns cannot be held.
    """
    for c in group:
        if c.amount is None and p.strength_at is not None and c.period == 2 and c.period_unit == "d":
            p.problem(  # "100 mcg/50 mcg alternate days"
                f"What alternates is not understood: {p.text(*p.strength_at)}.",
                *p.strength_at,
                "Say what is taken on which day.",
            )
    if any(c.days for c in group):
        for c in group:
            if c.period == 2 and c.period_unit == "d" and not c.days and c.amount is not None:
                p.refuse(
                    "This has two readings: on the other days, or on every second day", [c], "Name the days."
                )  # "one on Mondays, two every other day"
                return
    turns = [c for c in group if c.period_unit in ("d", "wk") and c.period == 2 and c.frequency == 1 and not c.days]
    alone = [c for c in group if c.amount is not None and not c.timed]
    if turns and len({str(c.amount) for c in turns + alone}) > 1:
        turns = [c for c in group if c in turns or c in alone]
        p.refuse(
            "This has two readings: both on the same day, or by turns from day to day",
            turns,
            "Name the days of the week of each amount.",
        )
