"""Weeks and pairs of days: the planner against a plain search that writes every step out day by day."""

from __future__ import annotations

import datetime as dt
import random
from fractions import Fraction
from itertools import combinations_with_replacement, product
from math import ceil
from typing import Any

import numpy as np
import pytest
from attrs import evolve

from posology.amount import Amount
from posology.directions import Course
from posology.fhir.dosage import read_dosages, write_course
from posology.taper.course import TaperPlan
from posology.taper.effect import Measure, ideal_effects, measure_of, rule_ideals
from posology.taper.explain import explain, feasible
from posology.taper.form import read
from posology.taper.output import course_of, days_of, plan_json, supplies
from posology.taper.pieces import Take
from posology.taper.planner import plan
from posology.taper.problem import TaperProblem
from posology.taper.proof import broken
from posology.taper.search import search
from posology.wording import read as read_words
from posology.wording import say

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOWER = {1: {"mon"}, 2: {"mon", "fri"}, 3: {"mon", "wed", "fri"}, 4: {"mon", "wed", "fri", "sun"},
         5: {"mon", "wed", "thu", "fri", "sun"}, 6: set(WEEK) - {"sat"}}  # fmt: skip
"""The documented days of the week that take the lower dose, for each number of them."""

Days = tuple[tuple[Fraction, ...], ...]


def data_of(seed: int) -> dict[str, Any]:
    """A small random problem with day patterns, the same for the same seed."""
    r = random.Random(seed)
    slots = ["day"] if r.random() < 0.7 else ["morning", "night"]
    strengths = r.choice([["5"], ["2", "5"], ["4"], ["2.5", "5"]]) if len(slots) == 1 else ["5"]
    top = Fraction(strengths[-1])
    start = [top * r.randint(1, 2) for _ in slots]
    limits: dict[str, Any] = {"steps": r.randint(2, 5)}
    limits["day_patterns"] = r.choice([["alternate"], ["weekdays"], ["weekdays"], ["alternate", "weekdays"]])
    if r.random() < 0.5:
        limits["max_step_mg_per_day"] = str(sum(start) * r.randint(2, 7) / 10)
    if r.random() < 0.25:
        limits["max_step_percent_of_current"] = str(r.choice([34, 50, 60]))
        limits["may_stop_from_mg_per_day"] = str(top)
    if r.random() < 0.2:
        limits["last_dose_mg_per_day"] = str(top / 2)
    if r.random() < 0.2:
        limits["never_ahead"] = True
    data: dict[str, Any] = {
        "products": [{"id": f"t{s}", "strength_mg": s, "pieces": r.choice([["1"], ["1", "1/2"]]) if len(slots) == 1 else ["1"]}
                     for s in strengths],
        "slots": slots, "start": [str(x) for x in start], "target_mg_per_day": "0", "limits": limits,
        "shape": r.choice(["linear", "linear", "proportional", {"kind": "hyperbolic", "ed50_mg": "4"}]),
    }  # fmt: skip
    if r.random() < 0.2:
        data |= {"start": ["0"] * len(slots), "target": data["start"], "direction": "titration"}
        del data["target_mg_per_day"]
        for name in ("max_step_percent_of_current", "may_stop_from_mg_per_day", "last_dose_mg_per_day"):
            limits.pop(name, None)
    return data


def written_out(p: TaperProblem) -> tuple[dict[Days, bool], dict[Fraction, tuple[int, int]]]:
    """Every step there can be, as two weeks day by day, and whether its days differ; the cost of each dose."""
    sizes = [(s.mg * x, int(x != 1)) for s in p.products for x in s.pieces]
    most = max((*(p.start or ()), *(p.target or ())))
    cost: dict[Fraction, tuple[int, int]] = {Fraction(): (0, 0)}
    for many in range(1, 6):
        for pick in combinations_with_replacement(sizes, many):
            mg = sum((x for x, _ in pick), Fraction())
            price = (len(pick), sum(x for _, x in pick))
            if mg <= most and price < cost.get(mg, (99, 99)):
                cost[mg] = price
    top = p.start if p.direction == "taper" else p.target
    assert top is not None
    days = list(product(*([d for d in sorted(cost) if d <= x] for x in top)))
    found: dict[Days, bool] = {}
    for high in days:
        found[(high,) * 14] = False
    for high, low in product(days, days):
        if high == low or any(b > a for a, b in zip(high, low, strict=True)):
            continue
        if "alternate" in p.limits.day_patterns:
            found[(low, high) * 7] = True
        if "weekdays" in p.limits.day_patterns:
            for lower in LOWER.values():
                found[tuple(low if d in lower else high for d in WEEK) * 2] = True
    return found, cost


def by_hand(p: TaperProblem) -> tuple[Any, ...] | None:
    """The best on every level, from steps written out day by day; None where there is no plan."""
    steps, cost = written_out(p)
    down, limits, n = p.direction == "taper", p.limits, p.limits.steps or 1
    mean = {d: sum((sum(day, Fraction()) for day in d), Fraction()) / 14 for d in steps}
    ends = sorted((p.start_mg_per_day, p.target_mg_per_day))
    steps = {d: x for d, x in steps.items() if ends[0] <= mean[d] <= ends[1]}
    smallest = min(mean[d] for d in steps if mean[d])
    measure: Measure = measure_of(p, rule_ideals(p), smallest)
    effect = {d: measure.of(mean[d]) for d in steps}
    ideal = ideal_effects(measure, p, rule_ideals(p), n)
    assert p.start is not None
    start: Days = (p.start,) * 14
    every = [start, *(d for d in steps if d != start)]
    stays = start in steps
    mean[start] = p.start_mg_per_day
    effect[start] = measure.of(p.start_mg_per_day)
    flat = np.array([[int(x * 1000) for day in d for x in day] for d in every])
    ok = np.ones((len(every), len(every)), bool)
    for day in range(flat.shape[1]):
        x, y = flat[:, day][:, None], flat[:, day][None, :]
        ok &= (y <= x) if down else (y >= x)
    for i, j in zip(*np.nonzero(ok), strict=True):
        x, y = mean[every[i]], mean[every[j]]
        free = y == 0 and limits.may_stop_from_mg_per_day is not None and x <= limits.may_stop_from_mg_per_day
        big = limits.max_step_mg_per_day is not None and abs(x - y) > limits.max_step_mg_per_day
        share = limits.max_step_percent_of_current
        late = y == 0 and limits.last_dose_mg_per_day is not None and x > limits.last_dose_mg_per_day
        ok[i, j] = not late and (free or not (big or (share is not None and abs(x - y) * 100 > share * x)))
    effects = np.array([effect[d] for d in every])
    jump = np.abs(effects[:, None] - effects[None, :])
    layers = []
    for k in range(1, n + 1):
        at_end = np.array([mean[d] == p.target_mg_per_day for d in every])
        inside = at_end if k == n else ~at_end & np.array([mean[d] != 0 for d in every])
        inside[0] &= stays
        if limits.never_ahead and k < n:
            inside &= (effects >= ideal[k - 1]) if down else (effects <= ideal[k - 1])
        layers.append(inside)

    def runs(worst: int, far: int) -> bool:
        now = np.arange(len(every)) == 0
        for k in range(n):
            now = ((ok & (jump <= worst))[now]).any(axis=0) & layers[k] & (np.abs(effects - ideal[k]) <= far)
        return bool(now.any())

    if not runs(10**9, 10**9):
        return None
    least = next(w for w in sorted(set(jump[ok].tolist())) if runs(w, 10**9))
    worst = least + 1000
    far = next(f for f in sorted({abs(e - i) for e in effects.tolist() for i in ideal}) if runs(worst, f))
    solid = min(s.mg for s in p.products)
    given = [[x for x in v if x > 0] for v in (p.start, p.target) if v is not None]
    even = max([solid, *(max(v) - min(v) for v in given if v)])
    doses_now = p.start if down else p.target
    assert doses_now is not None
    used = [x > 0 for x in doses_now] if any(doses_now) else [True] * len(p.slots)
    alike = all(len(set(v)) <= 1 for v in given)
    period = {("alternate",): 2, ("weekdays",): 7}.get(tuple(limits.day_patterns), 14)

    def price(d: Days) -> list[Fraction]:
        doses = [x for day in d for x in day]
        inside = [x for x in doses if x]
        spread = max(inside) - min(inside) if inside else Fraction()
        slack = Fraction() if alike and mean[d] / sum(used) in cost else even
        empty = sum(1 for day in d for x, u in zip(day, used, strict=True) if u and not x)
        parts = [empty, *(sum(cost[x][i] for x in doses) for i in (0, 1))]
        empties, pieces, splits = (Fraction(v * period, 14) for v in parts)
        return [empties, max(spread - slack, Fraction()), Fraction(steps.get(d, False)), Fraction(), pieces, splits]

    radix = 10**12
    packed = np.array([_packed([x * 1000 for x in price(d)], radix) for d in every], dtype=object)
    never = 10**120
    spent = np.full(len(every), never, dtype=object)
    spent[0] = 0
    for k in range(n):
        gap = np.abs(effects - ideal[k])
        arc = ok & (jump <= worst) & (layers[k] & (gap <= far))[None, :]
        through = np.where(arc, spent[:, None], never).min(axis=0)
        spent = np.where(through < never, through + packed + gap.astype(object) * 1000 * radix**6, never)
    best, levels = int(spent.min()), []
    for _ in range(7):
        best, one = divmod(best, radix)
        levels.append(Fraction(one, 1000))
    return (least, far, *reversed(levels))


def _packed(values: list[Fraction], radix: int) -> int:
    """Several levels as one number that compares as they do, in order."""
    found = 0
    for v in values:
        assert v.denominator == 1
        found = found * radix + int(v)
    return found


def reached(p: TaperProblem) -> tuple[Any, ...] | None:
    found = search(p)
    if found is None:
        return None
    o, unit = found.objective, found.unit
    return (found.least_worst, o.worst_distance, o.sum_distance, o.empty_doses, o.uneven * unit, o.days_differ, o.unfriendly,
            o.pieces, o.splits)  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_days_that_differ_are_searched_exactly(seed: int) -> None:
    p = read(data_of(seed))
    want = by_hand(p)
    assert reached(p) == want, data_of(seed)
    made = plan(p)
    assert (made is None) == (want is None)
    if made is not None:
        assert broken(p, made) == ()
    else:
        assert not feasible(p)
        assert explain(p).changes or not explain(p).blocking


def test_a_plan_that_is_not_the_best_is_told_from_it() -> None:
    data = data_of(0)
    assert by_hand(read(data)) is not None
    other = {**data, "limits": {**data["limits"], "steps": data["limits"]["steps"] + 1}}
    assert reached(read(other)) != by_hand(read(data))


def given_out(seed: int, first: dt.date | None) -> TaperPlan | None:
    data = data_of(seed)
    data["limits"] |= {"step_days": random.Random(seed).choice([7, 14, 28])}
    made = plan(read(data if first is None else {**data, "from": first.isoformat()}))
    return made if made is not None and made.end == "stop" else None


def by_date(made: TaperPlan, first: dt.date) -> dict[tuple[dt.date, str], Fraction]:
    """mg at each dose time of each day, straight from the answer's plain data: the documented reading of ``pattern``."""
    found, at = {}, first
    for step in plan_json(made)["steps"]:
        for i in range(step["days"]):
            row = step
            if "pattern" in step:
                days = step["pattern"]
                names = [d["day"] for d in days]
                row = days[names.index(WEEK[at.weekday()])] if names[0] in WEEK else days[i % len(days)]
            for slot, mg in row["mg"].items():
                if Fraction(mg):
                    found[at, slot] = Fraction(mg)
            at += dt.timedelta(days=1)
    return found


def expanded(course: Course, first: dt.date, slots: tuple[str, ...]) -> dict[tuple[dt.date, str], Fraction]:
    """The same from a Course, by hand: phases in order, each direction on its days of the week."""
    at_slot = {"MORN": "morning", "EVE": "night", "NIGHT": "night"}
    found, at = {}, first
    for phase in course.phases:
        assert phase.days is not None
        for i in range(phase.days):
            day = at + dt.timedelta(days=i)
            for d in phase.directions:
                if d.timing.days_of_week and WEEK[day.weekday()] not in d.timing.days_of_week:
                    continue
                assert d.dose is not None
                assert isinstance(d.dose.amount, Amount)
                for when in d.timing.when or ("",):
                    slot = at_slot.get(when, slots[0])
                    assert (day, slot) not in found
                    found[day, slot] = d.dose.amount.value
        at += dt.timedelta(days=phase.days)
    return found


@pytest.mark.parametrize("first", [dt.date(2026, 11, 24), dt.date(2028, 2, 27), None])
def test_words_fhir_and_quantities_of_days_that_differ_read_back_to_the_same_days(first: dt.date | None) -> None:
    seen = 0
    for seed in range(400, 460):
        made = given_out(seed, first)
        if made is None or not any(s.pattern for s in made.steps):
            continue
        begin = first or dt.date(2026, 11, 26)
        want = by_date(made, begin)
        slots = made.problem.slots
        try:
            course = course_of(made)
        except ValueError:
            assert first is None  # a day without a dose has no words where no date is known
            continue
        seen += 1
        assert expanded(course, begin, slots) == want
        assert expanded(read_dosages(write_course(course)), begin, slots) == want
        reading = read_words(say(course))
        assert reading.complete, (say(course), reading.problems)
        assert reading.course is not None
        assert expanded(reading.course, begin, slots) == want
        need: dict[str, Fraction] = {}
        for step, day in days_of(made, begin):
            for takes in day.takes:
                for t in takes:
                    need[t.product] = need.get(t.product, Fraction()) + t.count * t.piece
            assert step.days is not None
        if first is not None or all((s.days or 0) % 7 == 0 for s in made.steps):
            assert {s.product.id: s.quantity for s in supplies(made)} == {k: Fraction(ceil(x)) for k, x in need.items()}
    assert seen >= 5


def test_a_changed_day_is_told_from_the_plan() -> None:
    made = next(
        m
        for seed in range(400, 460)
        if (m := given_out(seed, dt.date(2026, 11, 24))) and any(s.by_weekday for s in m.steps)
    )
    course = course_of(made)
    phase = next(p for p in course.phases if any(d.timing.days_of_week for d in p.directions))
    wrong = evolve(phase, directions=tuple(
        evolve(d, timing=evolve(d.timing, days_of_week=d.timing.days_of_week[1:])) if d.timing.days_of_week else d
        for d in phase.directions))  # fmt: skip
    changed = evolve(course, phases=tuple(wrong if p is phase else p for p in course.phases))
    begin = dt.date(2026, 11, 24)
    assert expanded(changed, begin, made.problem.slots) != by_date(made, begin)


WEEKS = {
    "a pattern that is not allowed": lambda s: evolve(s, pattern=tuple(evolve(d, name=str(i)) for i, d in enumerate(s.pattern))),
    "a day above the day before it": lambda s: evolve(s, pattern=(evolve(s.pattern[0], mg=(Fraction(30),), takes=((Take("t5", 6),),)), *s.pattern[1:])),
    "three kinds of day": lambda s: evolve(s, pattern=(*s.pattern[:-1], evolve(s.pattern[-1], mg=(Fraction(0),), takes=((),)))),
}  # fmt: skip


@pytest.mark.parametrize("name", WEEKS)
def test_the_proof_catches_a_planted_fault_in_a_week(name: str) -> None:
    p = read({"products": [{"id": "t5", "strength_mg": "5"}], "slots": ["day"], "start": ["20"], "target": ["0"],
              "limits": {"steps": 8, "step_days": 14, "day_patterns": ["weekdays"]}})  # fmt: skip
    made = plan(p)
    assert made is not None
    assert broken(p, made) == ()
    at = next(i for i, s in enumerate(made.steps) if s.pattern)
    bad = evolve(made, steps=(*made.steps[:at], WEEKS[name](made.steps[at]), *made.steps[at + 1 :]))
    assert broken(p, bad)
    assert any("not allowed" in b.what for b in broken(p.without("day_patterns"), made))


def test_a_lower_day_of_the_week_never_rises_again() -> None:
    p = read({"products": [{"id": "t5", "strength_mg": "5"}], "slots": ["day"], "start": ["20"], "target": ["0"],
              "limits": {"steps": 16, "step_days": 14, "day_patterns": ["weekdays", "alternate"]}})  # fmt: skip
    made = plan(p)
    assert made is not None
    begin, days = dt.date(2026, 11, 24), by_date(made, dt.date(2026, 11, 24))
    weekdays: dict[int, Fraction] = {}
    for i in range(made.total_days or 0):
        day = begin + dt.timedelta(days=i)
        mg = days.get((day, "day"), Fraction())
        assert mg <= weekdays.get(day.weekday(), Fraction(20))
        if not any(s.pattern and not s.by_weekday for s in made.steps):
            weekdays[day.weekday()] = mg
