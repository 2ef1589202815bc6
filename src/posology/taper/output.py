"""Turns a proved plan into what is given out: the answer as plain data, quantities to dispense, a Course, a hash.

Knows no file, no page and no language; amounts are decimal texts in mg and mL, exact.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from attrs import evolve, fields, frozen

from posology.amount import Amount
from posology.directions import Course, Directions, Dose, Phase, Timing
from posology.taper.course import Day, Step, TaperPlan, WorstStep
from posology.taper.explain import Alternative, Bought, Explanation
from posology.taper.period import WEEKDAYS
from posology.taper.pieces import Take
from posology.taper.problem import Limits, Shape, Stock, TaperProblem, number

SUPPLY_DAYS = 28
"""How many days one quantity to dispense covers, unless said otherwise."""

Json = dict[str, Any]


@frozen
class Supply:
    """What is needed of one product: pieces (or mL) in all, and period by period from day 1.

    ``periods``: first day, last day, quantity; quantities are whole pieces, and never run out before the period ends.
    """

    product: Stock
    quantity: Fraction
    periods: tuple[tuple[int, int, Fraction], ...]


def days_of(plan: TaperPlan, first: dt.date | None = None) -> Iterator[tuple[Step, Day]]:
    """Every day of the plan, in order, from its first day (or ``first``); raises ValueError where a step has no length."""
    at = first or plan.problem.starts_on
    for step in plan.steps:
        if step.days is None:
            raise ValueError("a step has no length")
        for i in range(step.days):
            yield step, step.day(i, at)
            if at is not None:
                at += dt.timedelta(days=1)


def _beginnings(plan: TaperPlan) -> Sequence[dt.date | None]:
    """The first day; where it is not known and days of the week matter, one of each day of the week."""
    if plan.problem.starts_on is not None or not any(s.by_weekday for s in plan.steps):
        return (plan.problem.starts_on,)
    return [dt.date(2001, 1, 1 + i) for i in range(7)]


def _used(takes: Sequence[Take]) -> Iterator[tuple[str, Fraction]]:
    for t in takes:
        yield t.product, t.ml or t.count * t.piece


def supplies(plan: TaperPlan, each: int = SUPPLY_DAYS) -> tuple[Supply, ...]:
    """What to dispense of each product, in periods of ``each`` days; empty where the plan has no length.

    Halves of one tablet are both used; a period's quantity is what its last day needs beyond what was given before, on
    whatever day of the week the plan begins where that is not known.
    """
    if any(s.days is None for s in plan.steps) or not plan.steps:
        return ()
    whole = sum(s.days or 0 for s in plan.steps)
    ends = [*range(each, whole, each), whole]
    need = [dict.fromkeys((s.id for s in plan.problem.products), Fraction()) for _ in ends]
    for first in _beginnings(plan):
        total = dict.fromkeys(need[0], Fraction())
        for number_of, (_, day) in enumerate(days_of(plan, first), 1):
            for takes in day.takes:
                for id, amount in _used(takes):
                    total[id] += amount
            if number_of in (whole, -(-number_of // each) * each):
                at = need[-(-number_of // each) - 1]
                at |= {id: max(at[id], x) for id, x in total.items()}
    found = []
    for s in plan.problem.products:
        given, periods = Fraction(), []
        for last, wanted in zip(ends, need, strict=True):
            up_to = wanted[s.id] if s.liquid else Fraction(ceil(wanted[s.id]))
            if up_to > given:
                periods.append(((last - 1) // each * each + 1, last, up_to - given))
                given = up_to
        if periods:
            found.append(Supply(s, given, tuple(periods)))
    return tuple(found)


def _percent(value: Fraction | None) -> str | None:
    return None if value is None else number(Fraction(round(value * 100), 100))


def take_json(t: Take) -> Json:
    """One product of a dose: pieces as a decimal count ("1.5"), or mL."""
    if t.ml:
        return {"product": t.product, "mL": number(t.ml)}
    return {"product": t.product, "pieces": number(t.count * t.piece), "piece": str(t.piece), "count": t.count}


def _takes(takes: Sequence[Take]) -> list[Json]:
    return [take_json(t) for t in takes]


def step_json(step: Step, slots: Sequence[str]) -> Json:
    """One step as plain data."""
    data: Json = {
        "days": step.days,
        "mg": {s: number(x) for s, x in zip(slots, step.mg, strict=True)},
        "take": {s: _takes(t) for s, t in zip(slots, step.takes, strict=True)},
        "mg_per_day": number(step.total),
    }
    if step.ideal_mg is not None:
        data["ideal_mg_per_day"] = number(Fraction(round(step.ideal_mg * 1000), 1000))
    if step.days_range is not None:
        data["days_range"] = list(step.days_range)
    if step.until:
        data["until"] = step.until
    if step.held:
        data["held_days"] = step.held
    if step.pattern:
        data["pattern"] = [
            {
                "day": d.name,
                "mg": {s: number(x) for s, x in zip(slots, d.mg, strict=True)},
                "take": {s: _takes(t) for s, t in zip(slots, d.takes, strict=True)},
            }
            for d in step.pattern
        ]
    return data


def worst_json(worst: WorstStep | None) -> Json | None:
    """The worst step as plain data; percents are rounded to hundredths."""
    if worst is None:
        return None
    return {
        "change": worst.change,
        "from_mg_per_day": number(worst.from_mg),
        "to_mg_per_day": number(worst.to_mg),
        "mg_per_day": number(worst.mg),
        "percent_of_current": _percent(worst.percent_of_current),
        "percent_of_start": _percent(worst.percent_of_start),
        "percent_of_effect": _percent(worst.percent_of_effect),
        "measure": worst.measure,
    }


def dispense_json(plan: TaperPlan, each: int = SUPPLY_DAYS) -> list[Json]:
    """Quantities to dispense as plain data, with calendar dates where the first day is known."""
    rows = []
    first = plan.problem.starts_on
    for s in supplies(plan, each):
        row: Json = {
            "product": s.product.id,
            "unit": "mL" if s.product.liquid else "piece",
            "quantity": number(s.quantity),
        }
        if s.product.have is not None:
            row["have"] = number(s.product.have)
            row["needed"] = number(max(Fraction(), s.quantity - s.product.have))
        row["periods"] = [
            {"from_day": a, "to_day": b, "quantity": number(q)}
            | (
                {
                    "from": (first + dt.timedelta(days=a - 1)).isoformat(),
                    "to": (first + dt.timedelta(days=b - 1)).isoformat(),
                }
                if first
                else {}
            )
            for a, b, q in s.periods
        ]
        rows.append(row)
    return rows


def plan_json(plan: TaperPlan) -> Json:
    """A proved plan as the answer of ``posology taper --json``."""
    slots = plan.problem.slots
    steps = []
    dated: Sequence[tuple[Step, dt.date, dt.date | None]] = ()
    if plan.problem.starts_on is not None and all(s.days is not None for s in plan.steps):
        dated = plan.dated()
    for i, step in enumerate(plan.steps):
        row = step_json(step, slots)
        if dated:
            row["from"] = dated[i][1].isoformat()
            if dated[i][2] is not None:
                row["to"] = str(dated[i][2])
        steps.append(row)
    notes = [{"key": k, "fact": f} for k, f in plan.notes]
    if any(s.days is None and not s.until and s.days_range is None for s in plan.steps):
        notes.append({"key": "no-length", "fact": ""})
    return {
        "status": "planned",
        "state": "proposed",
        "steps": steps,
        "end": plan.end,
        "total_days": plan.total_days,
        "dose_changes": plan.changes,
        "dispense": dispense_json(plan),
        "worst_step": worst_json(plan.worst),
        "reached": dict(plan.reached),
        "repeated": plan.repeated,
        "notes": notes,
        "blocking": [],
        "changes": [],
        "alternatives": [],
    }


def value_json(value: Any) -> Any:
    """A limit's value as plain data: exact numbers as decimal texts, dates in ISO form."""
    if isinstance(value, Fraction):
        return number(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [value_json(v) for v in value]
    return value


def explanation_json(why: Explanation) -> Json:
    """Why there is no plan, as the answer of ``posology taper --json``."""
    return {
        "status": "infeasible",
        "steps": [],
        "dispense": [],
        "worst_step": None,
        "blocking": list(why.blocking),
        "changes": [{"limit": c.limit, "now": value_json(c.now), "to": value_json(c.to)} for c in why.changes],
        "facts": list(why.facts),
        "alternatives": [],
    }


def bought_json(bought: Bought) -> Json:
    """What a product would buy, as plain data."""
    return {
        "product": bought.product.id,
        "worst_percent_of_effect": {"now": _percent(bought.before), "with": _percent(bought.after)},
    }


def alternative_json(other: Alternative) -> Json:
    """Another plan beside the first, with the numbers to compare by."""
    whole = plan_json(other.plan)
    return {
        "key": other.key,
        "dose_changes": other.plan.changes,
        "total_days": other.plan.total_days,
        "worst_step": whole["worst_step"],
        "pieces": pieces_of(other.plan),
        "splits": splits_of(other.plan),
        "products": products_of(other.plan),
        "steps": whole["steps"],
        "dispense": whole["dispense"],
    }


def pieces_of(plan: TaperPlan) -> int | None:
    """Pieces taken and volumes drawn in the whole course; None where it has no length, or hangs on the day it begins."""
    stock = {s.id: s for s in plan.problem.products}
    return _counted(plan, lambda t: _count(t, stock))


def _counted(plan: TaperPlan, count: Callable[[Take], int]) -> int | None:
    if any(s.days is None for s in plan.steps):
        return None
    found = {
        sum(count(t) for _, day in days_of(plan, first) for takes in day.takes for t in takes)
        for first in _beginnings(plan)
    }
    return found.pop() if len(found) == 1 else None


def _count(t: Take, stock: Mapping[str, Stock]) -> int:
    if not t.ml:
        return t.count
    return ceil(t.ml / (stock[t.product].max_ml or t.ml))


def splits_of(plan: TaperPlan) -> int | None:
    """Split pieces in the whole course; None where it has no length, or hangs on the day it begins."""
    return _counted(plan, lambda t: t.count if t.piece != 1 else 0)


def products_of(plan: TaperPlan) -> list[str]:
    """The products the plan takes, in the order given."""
    used = {t.product for s in plan.steps for d in s.every for takes in d.takes for t in takes}
    return [s.id for s in plan.problem.products if s.id in used]


_NAMED = {
    "morning": "MORN", "breakfast": "MORN", "noon": "NOON", "midday": "NOON", "lunch": "NOON", "afternoon": "AFT",
    "evening": "EVE", "dinner": "EVE", "supper": "EVE", "night": "NIGHT", "bedtime": "HS", "bed": "HS",
}  # fmt: skip
_BY_NUMBER = {1: (), 2: ("MORN", "EVE"), 3: ("MORN", "NOON", "EVE"), 4: ("MORN", "NOON", "EVE", "NIGHT")}


def whens(slots: Sequence[str]) -> tuple[str, ...]:
    """The event code of each dose time: by its name where it is a part of the day, else by its place in the day.

    >>> whens(["morning", "noon", "bedtime"]), whens(["every 8 h (1)", "every 8 h (2)", "every 8 h (3)"])
    (('MORN', 'NOON', 'HS'), ('MORN', 'NOON', 'EVE'))
    """
    named = tuple(_NAMED.get(s.lower().strip(), "") for s in slots)
    if all(named) and len(set(named)) == len(named):
        return named
    by_place: tuple[str, ...] = _BY_NUMBER.get(len(slots), ())
    return by_place


Stretch = tuple["int | None", tuple[tuple[tuple[str, ...], Day], ...]]
"""So many days, and each kind of day in them with its days of the week (none: every day)."""


def stretches(step: Step, days: int | None, first: dt.date | None) -> Iterator[Stretch]:
    """A step of so many days as stretches that one set of directions each can say.

    Days that differ are said by the days of the week: at once where they go by them, else week by week where the first day
    is known, and day by day where it is not. Raises ValueError for a pattern whose days have no end, or no dose.
    """
    if not step.pattern:
        yield days, (((), step.every[0]),)
        return
    if step.by_weekday:
        yield days, _by_kind((d.name, d) for d in step.pattern)
        return
    if days is None:
        raise ValueError("days that differ need the length of their step")
    if first is None:
        for i in range(days):
            if not step.day(i, None).total:
                raise ValueError("a day without a dose needs the first day of the plan")
            yield 1, (((), step.day(i, None)),)
        return
    done = 0
    while done < days:
        # A week at most, so that each day of the week is named once; and no day is left over by itself.
        length = 6 if days - done == 8 else min(7, days - done)
        dates = [(i, first + dt.timedelta(days=i)) for i in range(done, done + length)]
        yield length, _by_kind((WEEKDAYS[date.weekday()], step.day(i, date)) for i, date in dates)
        done += length


def _by_kind(days: Iterable[tuple[str, Day]]) -> tuple[tuple[tuple[str, ...], Day], ...]:
    found: dict[tuple[Fraction, ...], tuple[list[str], Day]] = {}
    for name, day in days:
        found.setdefault(day.mg, ([], day))[0].append(name)
    if len(found) == 1:
        return tuple(((), day) for _, day in found.values())
    return tuple((tuple(sorted(names, key=WEEKDAYS.index)), day) for names, day in found.values())


def phases_of(slots: Sequence[str], step: Step, first: dt.date | None, days: int | None) -> list[Phase]:
    """One step of a plan as phases in mg, begun on a day and so many days long.

    Raises ValueError as :func:`stretches` does, and for more than four dose times that are not parts of the day.
    """
    codes = whens(slots)
    if not codes and len(slots) > 1:
        raise ValueError("these dose times have no place in the day")
    found = []
    for length, kinds in stretches(step, days, first):
        made: list[Directions] = []
        by_dose: dict[tuple[Fraction, tuple[str, ...]], list[str]] = {}
        for k in range(len(slots)):
            each: dict[Fraction, list[str]] = {}
            for names, day in kinds:
                each.setdefault(day.mg[k], []).extend(names)
            for mg, on in each.items():
                always = len(each) == 1
                key = (mg, () if always else tuple(sorted(on, key=WEEKDAYS.index)))
                by_dose.setdefault(key, []).append(codes[k] if codes else "")
        for (mg, on_days), at in by_dose.items():
            if not mg:
                continue
            timing = (
                Timing(when=tuple(at), days_of_week=on_days)
                if all(at)
                else Timing(frequency=1, period=1, period_unit="d", days_of_week=on_days)
            )
            made.append(Directions(Dose(Amount(mg, "mg")), timing))
        if not made:
            raise ValueError("some days in a row have no dose")
        found.append(Phase(tuple(made), None if length is None else Amount(length, "d")))
    return found


def course_of(plan: TaperPlan) -> Course:
    """The plan as a Course in mg: a phase a step (more where days differ), a direction for each different dose of the day.

    Raises ValueError where a step that must end has no length, and for what :func:`phases_of` cannot say.
    """
    phases = [phase for step in step_phases(plan) for phase in step]
    numbered = tuple(
        evolve(p, directions=tuple(evolve(d, sequence=n) for d in p.directions)) for n, p in enumerate(phases, 1)
    )
    return Course(numbered, "stop" if plan.end == "stop" else "continue")


def step_phases(plan: TaperPlan) -> list[list[Phase]]:
    """The phases of each step; raises ValueError as :func:`course_of` does."""
    found: list[list[Phase]] = []
    last, at = len(plan.steps) - 1, plan.problem.starts_on
    for i, step in enumerate(plan.steps):
        open_end = i == last and plan.end != "stop"
        if step.days is None and not open_end:
            raise ValueError(f"step {i + 1} has no length")
        length = None if open_end and (step.by_weekday or not step.pattern) else step.days
        found.append(phases_of(plan.problem.slots, step, at, length))
        at = at + dt.timedelta(days=step.days) if at is not None and step.days is not None else None
    return found


def problem_json(problem: TaperProblem) -> Json:
    """A problem as plain data that :func:`posology.taper.form.read` turns into an equal problem."""
    limits: Json = {}
    for limit in fields(Limits):
        value = getattr(problem.limits, limit.name)
        if value in (None, ()) or (value is False and limit.name not in ("halves", "quarters")):
            continue
        if limit.name == "holds":
            value = [{"after_step": h.after_step, "days": h.days} for h in problem.limits.holds]
        limits[limit.name] = value_json(value)
    data: Json = {
        "products": [_stock_json(s) for s in problem.products],
        "slots": list(problem.slots),
        "limits": limits,
        "shape": _shape_json(problem.shape),
        "direction": problem.direction,
    }
    if problem.medicine:
        data["medicine"] = problem.medicine
    for name, doses, total in (
        ("start", problem.start, problem.start_mg_per_day),
        ("target", problem.target, problem.target_mg_per_day),
    ):
        if doses is not None:
            data[name] = {s: number(x) for s, x in zip(problem.slots, doses, strict=True)}
        else:
            data[f"{name}_mg_per_day"] = number(total)
    if problem.first_step_begins:
        data["start"] = dict.fromkeys(problem.slots, "0")
        data.pop("start_mg_per_day", None)
    if problem.starts_on is not None:
        data["from"] = problem.starts_on.isoformat()
    if problem.tolerance is not None:
        data["tolerance_percent"] = number(problem.tolerance * 100)
    published = next((fact for key, fact in problem.flags if key == "published-schedule"), None)
    if published is not None:
        data["published"] = True
        if published:
            data["id"] = published
    return data


def _stock_json(s: Stock) -> Json:
    data: Json = {"id": s.id, "form": s.form, "strength_mg": number(s.mg)}
    if s.liquid:
        data |= {
            "per_ml": "1",
            "syringe": {"max_ml": number(s.max_ml or Fraction()), "mark_ml": number(s.mark_ml or Fraction())},
        }
    else:
        data["pieces"] = [str(p) for p in s.pieces]
    if s.have is not None:
        data["have"] = number(s.have)
    if s.pack_strength:
        data["pack_strength"] = s.pack_strength
    return data


def _shape_json(shape: Shape) -> Json:
    data: Json = {"kind": {"rule": "phased", "table": "fixed table"}.get(shape.kind, shape.kind)}
    if shape.ed50_mg is not None:
        curve = {"ed50_mg": number(shape.ed50_mg), "emax_percent": number(shape.emax_percent)}
        data |= {"curve": curve} if shape.kind == "table" else curve
    if shape.points is not None:
        data["step_percentage_points"] = number(shape.points)
    if shape.every_days is not None:
        data["every_days"] = shape.every_days
    if shape.last_dose is not None:
        data["last_dose_mg_per_day"] = number(shape.last_dose)
    if shape.source:
        data["source"] = shape.source
    if shape.kind == "rule":
        data["phases"] = [
            {
                key: value if isinstance(value, int) else number(value)
                for key, value in (
                    ("every_days", p.every_days),
                    ("step_mg_per_day", p.mg),
                    ("percent_of_current", p.percent_of_current),
                    ("percent_of_start", p.percent_of_start),
                    ("until_mg_per_day", p.until),
                    ("until_percent_of_start", p.until_percent_of_start),
                )
                if value is not None
            }
            for p in shape.paces
        ]
    if shape.kind == "table":
        rows = []
        for r in shape.rows:
            row: Json = {"mg": [number(x) for x in r.mg]}
            if r.days is not None:
                row["days"] = r.days
            if r.days_range is not None:
                row["days_range"] = list(r.days_range)
            if r.until:
                row["until"] = r.until
            if r.pattern:
                row["day_pattern"] = {"period_days": len(r.pattern), "mg": [[number(x) for x in d] for d in r.pattern]}
            if r.by_weekday:
                row["day_pattern"] = {"by_weekday": {k: [number(x) for x in d] for k, d in r.by_weekday}}
            rows.append(row)
        data["steps"] = rows
    return data


def digest(*parts: Json) -> str:
    """One hash over plain data: the same for equal data, whatever the order of its keys."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
