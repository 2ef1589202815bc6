"""Turns a taper's answer (plan, limits that block, rates of the sources) into English lines for a prescriber.

Knows no terminal and no file. Every sentence about tapers that a person reads stands here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from posology.amount import number_text
from posology.taper.course import Day, Step, TaperPlan
from posology.taper.output import pieces_of, step_phases, supplies
from posology.taper.pieces import Take
from posology.taper.problem import number
from posology.wording.words import date_text

PROPOSED = "PROPOSAL, not approved. Not instructions: for the prescriber to decide."

_PIECES = {Fraction(1): "", Fraction(1, 2): "half ", Fraction(1, 4): "quarter "}

_LIMITS = {
    "steps": "at most {} changes of dose",
    "max_step_mg_per_day": "no change larger than {} mg a day",
    "max_step_percent_of_current": "no change above {} % of the dose at that time",
    "max_step_percent_of_start": "no change above {} % of the first dose",
    "max_step_percent_of_effect": "no change above {} % of the effect",
    "may_stop_from_mg_per_day": "the person may stop from {} mg a day",
    "last_dose_mg_per_day": "the last dose is at most {} mg a day",
    "min_total_days": "it lasts at least {} days",
    "max_total_days": "it lasts at most {} days",
    "earliest_end": "it ends on {} at the earliest",
    "latest_end": "it ends on {} at the latest",
    "max_mg_per_day": "at most {} mg a day",
    "max_mg_per_dose": "at most {} mg at one time",
    "max_products": "at most {} products",
    "max_pieces_per_dose": "at most {} pieces at one time",
    "halves": "halves not allowed",
    "quarters": "quarters not allowed",
    "reduce_first": "the order of the dose times ({})",
    "reduce_last": "the dose times kept until last ({})",
    "max_difference_between_doses_mg": "doses of a day at most {} mg apart",
    "never_ahead": "never ahead of the ideal curve",
}

_NOTES = {
    "published-schedule": "",
    "start-above-maximum": "The dose taken now is above the maximum of {} mg a day. It only comes down from here.",
    "no-maximum": "No maximum dose is on file{}. Check the largest dose yourself.",
    "above-a-maximum": "A country's own maximum is passed (see {}). Say for which country the plan is.",
    "not-label-supported": "Not supported by the label: {}. Kept because a published schedule does it.",
    "pieces-left-out": "Not supported by the label, so not used: {}.",
    "not-on-the-list": "Not on the list of products of this medicine: {}. Check its label before a piece is split.",
    "pattern-not-whole": "The days of step {} do not come round a whole number of times; the amount a day is that of a whole round.",
    "no-length": "No length of a step was given, and none is assumed: say it with step_days.",
    "medicine-not-known": "There is no file for this medicine ({}): no maximum and no rate of a source is known.",
    "rate": "The speed is the one of {}.",
    "rate-for-some": "That speed holds for some people only, and it is not known if for this one (see --for, --crcl, --egfr): {}",
    "faster-than": "CHECK: this is faster than a source of this country. {}",
    "stopping-caution": "CHECK: {}",
    "stop-order": "The order of stopping: {} (Say the other medicines with --other.)",
    "step-days": "Each step lasts as on the label's way up ({}).",
    "step-days-ours": "No source gives the length of a step: {} days is our own.",
}

_REASONS = {
    "taken-long": "it has been taken for {} days",
    "high-dose": "the dose is {} mg a day or more",
    "condition": "of a condition ({})",
    "earlier-withdrawal": "there were bad signs on coming off before",
    "days-taken-not-known": "it is not known how long it was taken (say it with --since)",
    "conditions-not-known": "it is not known whether there is {} (say it with --condition, or --condition none)",
    "earlier-withdrawal-not-known": "it is not known whether coming off went badly before (say it with --earlier-withdrawal yes or no)",
    "other-country": "",
}

_KEYS = {"slower": "slower", "fewer-pieces": "nothing split", "one-product": "one product"}

MEASURES = {
    "linear": "the first dose",
    "proportional": "the effect (proportional)",
    "hyperbolic": "the effect (dose-effect curve)",
}
"""What the size of a step is a share of, by the measure of the plan."""


def limit_text(name: str, value: Any) -> str:
    """A limit in words."""
    if isinstance(value, tuple):
        value = ", ".join(value)
    elif isinstance(value, Fraction):
        value = number(value)
    elif isinstance(value, dt.date):
        value = date_text(value)
    return _LIMITS.get(name, name.replace("_", " ") + " {}").format(value)


def note_text(key: str, fact: str) -> str:
    """A note of a plan in words; empty where there is nothing to say."""
    if key == "no-maximum":
        return _NOTES[key].format(f" for {fact}" if fact else "")
    return _NOTES.get(key, key).format(fact)


def reason_text(key: str, fact: str) -> str:
    """Why the slower end was taken, in words."""
    return _REASONS.get(key, key).format(fact)


def take_text(takes: Sequence[Take], plan: TaperPlan) -> str:
    """What is taken at one time: "2 x 10 mg + half 5 mg", "2.5 mL (2.5 mg)"; a dash for nothing."""
    stock = {s.id: s for s in plan.problem.products}
    found = []
    for t in takes:
        mg, strength = stock[t.product].mg, stock[t.product].strength
        if t.ml:
            found.append(f"{number(t.ml)} mL ({number(t.ml * mg)} mg, {number(mg)} mg in 1 mL)")
        elif t.piece == 1:
            found.append(f"{t.count} x {strength}")
        else:
            found.append(f"{f'{t.count} x ' if t.count > 1 else ''}{_PIECES[t.piece]}{strength}")
    return " + ".join(found) or "-"


def step_rows(plan: TaperPlan) -> list[list[str]]:
    """The step table: number, days, total, change, then each dose time in mg and in pieces or mL.

    A step whose days differ has a row of its own for each kind of day, with the days of the week it holds on.
    """
    rows = [["step", "days", "mg a day", "change", *plan.problem.slots]]
    dates: dict[int, str] = {}
    if plan.problem.starts_on is not None and all(s.days is not None for s in plan.steps):
        dates = {i: f"{a} to {b}" if b else f"from {a}" for i, (_, a, b) in enumerate(plan.dated())}
    before = plan.problem.start_mg_per_day
    for i, step in enumerate(plan.steps):
        when = dates.get(i) or _days_text(step)
        change = "" if not before else f"{number_text(Fraction(round((step.total - before) * 1000 / before), 10))} %"
        lead = [str(i + 1), when, _about(step.total), change]
        if step.pattern:
            rows.append([*lead, *("" for _ in plan.problem.slots)])
        for names, day in kinds_of(step):
            mine = ["", f"  {names}", number(day.total), ""] if step.pattern else lead
            rows.append(
                [*mine, *(f"{number(mg)} mg: {take_text(t, plan)}" for mg, t in zip(day.mg, day.takes, strict=True))]
            )
        before = step.total
    return rows


def kinds_of(step: Step) -> list[tuple[str, Day]]:
    """The kinds of day of a step, each with the days it holds on: "Mon, Wed, Fri", "day 1"; empty for every day."""
    found: dict[tuple[Fraction, ...], tuple[list[str], Day]] = {}
    for day in step.every:
        found.setdefault(day.mg, ([], day))[0].append(day.name.capitalize() if step.by_weekday else day.name)
    lead = "" if step.by_weekday or not step.pattern else "day "
    return [(lead + ", ".join(names), day) for names, day in found.values()]


def _about(mg: Fraction) -> str:
    """An amount that may be the mean of different days: exact where it is short, else to a hundredth and said so."""
    return number(mg) if 10**4 % mg.denominator == 0 else f"about {number(Fraction(round(mg * 100), 100))}"


def _days_text(step: Step) -> str:
    if step.until:
        return f"until {step.until}"
    if step.days_range is not None:
        return f"{step.days_range[0]} to {step.days_range[1]} days"
    return "no length" if step.days is None else f"{step.days} days"


def worst_text(plan: TaperPlan) -> str:
    """The largest step in words; the last one to nothing is never left out."""
    w = plan.worst
    if w is None:
        return ""
    percent = f", {_short(w.percent_of_current)} % of the dose then" if w.percent_of_current is not None else ""
    end = ""
    if plan.end == "stop" and plan.steps:
        last = _about(plan.steps[-1].total)
        end = (
            " That is the last one, to nothing."
            if w.to_mg == 0
            else f" The last one is from {last} mg a day to nothing."
        )
    share = "" if w.measure == "rule" else f": {_short(w.percent_of_effect)} % of {MEASURES[w.measure]}"
    return f"The largest step is from {_about(w.from_mg)} to {_about(w.to_mg)} mg a day{percent}{share}.{end}"


def _short(value: Fraction | None) -> str:
    return "" if value is None else number(Fraction(round(value * 10), 10))


def sig_lines(plan: TaperPlan) -> list[str]:
    """One instruction a step, in words that read back to the same doses; empty where they cannot be said."""
    from posology.directions import After, Course
    from posology.wording import say

    try:
        parts = step_phases(plan)
    except ValueError:
        return []
    after: After = "stop" if plan.end == "stop" else "continue"
    return [say(Course(tuple(phases), after if i == len(parts) else "unknown")) for i, phases in enumerate(parts, 1)]


def supply_lines(plan: TaperPlan) -> list[str]:
    """What to dispense of each product, and by when."""
    lines = []
    first = plan.problem.starts_on
    for s in supplies(plan):
        unit = "mL" if s.product.liquid else "whole"
        have = ""
        if s.product.have is not None:
            more = max(Fraction(), s.quantity - s.product.have)
            have = f" In the house: {number(s.product.have)}; still needed: {number(more)}."
        parts = [
            f"{number(q)} by {date_text(first + dt.timedelta(days=a - 1)) if first else f'day {a}'}"
            for a, _, q in s.periods
        ]
        lines.append(f"{s.product.id}: {number(s.quantity)} {unit} ({', '.join(parts)}).{have}")
    return lines


def alternative_rows(plan: TaperPlan, others: Sequence[Any]) -> list[list[str]]:
    """The plan and two or three others side by side."""
    rows = [["plan", "changes", "days", "largest step", "pieces", "products"]]
    for name, one in [("this one", plan), *((_KEYS.get(a.key, a.key), a.plan) for a in others)]:
        used = {t.product for s in one.steps for d in s.every for takes in d.takes for t in takes}
        worst = f"{_about(one.worst.mg)} mg, {_short(one.worst.percent_of_effect)} %" if one.worst else "-"
        pieces = pieces_of(one)
        days = one.total_days
        rows.append([
            name, str(one.changes), "-" if days is None else str(days), worst, "-" if pieces is None else str(pieces),
            str(len(used)),
        ])  # fmt: skip
    return rows


def bought_text(before: Fraction | None, after: Fraction, product: str) -> str:
    """What one more product would buy, in words."""
    if before is None:
        return f"With {product} a plan is possible; its largest step is {_short(after)} % of the effect."
    return f"With {product} the largest step falls from {_short(before)} % to {_short(after)} % of the effect."


def no_plan_lines(why: Any) -> list[str]:
    """Why there is no plan, and the smallest single changes that would allow one."""
    lines = []
    names = list(why.blocking)
    now = {c.limit: c.now for c in why.changes}
    if names:
        held = "; ".join(limit_text(n, now.get(n, "")) for n in names)
        lines.append(
            f"These limits cannot hold together: {held}." if len(names) > 1 else f"This limit allows no plan: {held}."
        )
    if "percent-never-ends" in why.facts:
        lines.append("A percent of the current dose never reaches zero: say from which dose the person may stop.")
    if "percent-of-zero" in why.facts:
        lines.append("A percent of a dose of zero never rises.")
    if not names:
        lines.append("No course of doses can be made from these products.")
    for c in why.changes:
        if c.to is None:
            lines.append(f"No other value of this limit alone would help: {limit_text(c.limit, c.now)}.")
        elif c.limit in ("halves", "quarters"):
            lines.append(f"It would work with {c.limit} allowed.")
        elif c.limit in ("reduce_first", "reduce_last", "never_ahead"):
            lines.append(f"It would work without this limit: {limit_text(c.limit, c.now)}.")
        else:
            lines.append(f"It would work with: {limit_text(c.limit, c.to)}.")
    return lines


def rate_rows(rates: Sequence[Any], per_day: Fraction, chosen: str, sources: Mapping[str, str]) -> list[list[str]]:
    """What each source says of the speed, for this dose: country, days to nothing, mg a day off each week."""
    rows = [["country", "days to nothing", "mg a day less each week", "for", "source"]]
    for r in rates:
        low, high = r.days, r.slowest
        days = "no number given" if low is None else (str(low) if low == high else f"{low} to {high}")
        speed = ""
        if low and high:
            fast, slow = r.mg_a_week(per_day, False), r.mg_a_week(per_day, True)
            speed = _short(fast) if fast == slow else f"{_short(slow)} to {_short(fast)}"
        about = {True: "this person", False: "others", None: "not known"}[r.applies]
        mark = " (used here)" if r.statement == chosen else ""
        checked = "" if r.verified else " (not verified)"
        rows.append([r.jurisdiction, days, speed, about, f"{sources.get(r.statement, '')}{checked}{mark}"])
    return rows


_DISAGREE = {
    "no-days": "Step {step}: it does not say for how many days.",
    "no-amount": "Step {step}: it does not say how much a day.",
    "days-differ": "Step {step}: the words say {0} days, the dates say {1}.",
    "amount-differs": "Step {step}: the words say {0} a day, the structure says {1}.",
    "starts-differ": "Step {step}: the words begin on {0}, the dates on {1}.",
    "gap": "Before step {step}: no dose from {0} to {1}.",
    "overlap": "Step {step} begins before the one before it ends: two doses from {0} to {1}.",
    "quantity-differs": "The doses come to {0}, the quantity ordered is {1}.",
    "accounts-differ": "The words come to {0} in all, the dates to {1}.",
    "supply-days-differ": "The doses last {0} days, the supply is said to last {1}.",
    "upside-down": "Step {step}: it ends ({1}) before it begins ({0}).",
    "goes-both-ways": "The dose goes up and down.",
    "steps-differ": "The words have {0} steps, the structure has {1}.",
}


def comparison_lines(made: Any, kind: str) -> list[str]:
    """What a written taper adds up to, and where its words, dates and quantity disagree."""
    unit = "mg" if kind == "mass" else f"{kind}s" if kind else ""

    def text(value: Fraction | None) -> str:
        return "not said" if value is None else f"{number(value)} {unit}".strip()

    out = [f"By its words: {text(made.by_text)}. By its dates: {text(made.by_dates)}. Ordered: {text(made.quantity)}."]
    if made.agree:
        return [*out, "They agree."]
    out.append("They disagree, so this is not a plan. Ask the prescriber which holds:")
    return [*out, *(f"  - {_DISAGREE[f.key].format(*f.facts, step=f.step)}" for f in made.found)]


PICTURE = {
    "title": "Planned and ideal doses", "planned": "planned", "ideal": "ideal", "dose": "mg a day", "day": "day",
    "step": "step", "proposal": PROPOSED,
}  # fmt: skip
"""The words of the picture."""
