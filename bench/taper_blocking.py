"""Explains many generated problems without a plan and checks each explanation: python bench/taper_blocking.py [HOW MANY] [FIRST SEED].

With the limits that block alone there is no plan; without any one of them there is; each change alone gives a plan, and the
next smaller change does not. All of it is asked of the planner itself, never of what the explanation was made with.
By default 60 problems without a plan, so that the benchmarks stay short; the full run is 5000, and takes hours.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.taper_many import varied

from posology.errors import PosologyError, RefusedError, UnreadableError
from posology.taper.effect import MOST_STEPS
from posology.taper.explain import Change, explain, given
from posology.taper.form import read
from posology.taper.grid import Grid
from posology.taper.planner import plan
from posology.taper.problem import TaperProblem


def tight(seed: int) -> dict[str, Any]:
    """A generated problem with more, and tighter, limits: most have no plan."""
    data = varied(seed)
    r = random.Random(seed + 77)
    limits = data["limits"]
    total = sum(map(Fraction, data["start"])) or sum(map(Fraction, data.get("target", ["0"])))
    slots, up = data["slots"], data.get("direction") == "titration"
    ruled = isinstance(data["shape"], dict) and "every_days" in data["shape"]
    more: list[tuple[float, dict[str, Any]]] = [
        (0.3, {"steps": r.randint(1, 3)}),
        (0.3, {"max_step_mg_per_day": str((total * r.randint(1, 4) / 10).limit_denominator(4) or Fraction(1, 4))}),
        (0.15, {"max_step_percent_of_start": str(r.choice([10, 15, 25, 33]))}),
        (0.15, {"max_step_percent_of_current": str(r.choice([5, 10, 20, 30]))}),
        (0.1, {"max_step_percent_of_effect": str(r.choice([5, 10, 20]))}),
        (0.15, {"max_pieces_per_dose": r.randint(1, 2)}),
        (0.15, {"halves": False}),
        (0.1, {"max_products": 1}),
        (0.1, {"never_ahead": True}),
        (0.1, {"max_mg_per_dose": str(r.choice([1, 2, 5, 10]))}),
        (0.1, {"max_mg_per_day": str(r.choice([5, 10, 20]))}),
        (0.1, {"max_difference_between_doses_mg": str(r.choice([0, 1, 2, 5]))}),
        (0.15, {"min_total_days": r.randint(30, 120)}),
        (0.15, {"max_total_days": r.randint(1, 60)}),
        (0.1, {"from": "2026-11-24", "latest_end": str(dt.date(2026, 11, 24) + dt.timedelta(r.randint(5, 60)))}),
        (0.1, {"from": "2026-11-24", "earliest_end": str(dt.date(2026, 11, 24) + dt.timedelta(r.randint(20, 90)))}),
    ]  # fmt: skip
    if not up:
        more += [
            (0.15, {"last_dose_mg_per_day": str(r.choice(["0.5", 1, 2]))}),
            (0.1, {"may_stop_from_mg_per_day": str(r.choice([1, 2, 5]))}),
        ]
        if len(slots) > 1:
            more += [(0.15, {"reduce_first": r.choice(slots)}), (0.1, {"reduce_last": r.choice(slots)})]
    if r.random() < 0.08 and not ruled:
        limits["day_patterns"] = [r.choice(["alternate", "weekdays"])]
    for chance, some in more:
        if r.random() < chance:
            limits.update(some)
    if "from" in limits:
        data["from"] = limits.pop("from")
    low, high = limits.get("min_total_days"), limits.get("max_total_days")
    if low is not None and high is not None and low > high:
        del limits["max_total_days"]
    if "earliest_end" in limits and "latest_end" in limits and limits["earliest_end"] > limits["latest_end"]:
        del limits["latest_end"]
    return data


def planned(p: TaperProblem) -> bool:
    try:
        return plan(p) is not None
    except RefusedError as error:
        if any("hold" in x.where for x in error.problems):
            return True  # a hold of a step that the plan has not got: there is a plan
        raise


def without(p: TaperProblem, names: list[str]) -> TaperProblem:
    """The problem without some limits; where that leaves nothing that says how fast, with as many steps as there may be."""
    for name in names:
        p = p.without(name)
    limits = p.limits
    paced = (limits.steps, limits.max_total_days, limits.latest_end, limits.max_step_mg_per_day, limits.max_step_percent_of_current,
             limits.max_step_percent_of_start, limits.max_step_percent_of_effect, limits.min_total_days, limits.earliest_end)  # fmt: skip
    return p.with_limit(steps=MOST_STEPS) if all(x is None for x in paced) and not p.shape.published else p


def smaller(p: TaperProblem, change: Change) -> Any:
    """The next smaller change of a limit, or None where there is none."""
    now, to = change.now, change.to
    if isinstance(to, bool) or to == ():
        return None
    if isinstance(to, int):
        value: Any = to - 1 if now is None or to > now else to + 1
    elif isinstance(to, dt.date):
        value = to + dt.timedelta(1 if to < now else -1)
    else:
        step = Fraction(1, 100) if change.limit.startswith("max_step_percent") else Grid(p).day
        value = to - step
        if value <= (now or 0):
            return None
        return value
    return None if value == now or (now is None and value < 1) else value


def wrong(p: TaperProblem) -> list[str]:
    """What is wrong with the explanation of a problem without a plan."""
    why, out = explain(p), []
    others = [n for n in given(p.limits) if n not in why.blocking]
    alone = without(p, others)
    if planned(alone):
        out.append(f"the limits {why.blocking} alone have a plan")
    for name in why.blocking:
        try:
            if not planned(without(p, [*others, name])):
                out.append(f"there is still no plan without {name} of {why.blocking}")
        except UnreadableError as error:
            out.append(f"{name} cannot be taken away: {error}")
        except RefusedError as error:
            if "too many to search" not in str(error):
                raise
            print(f"not searched without {name}: {error.problems[0].what}", flush=True)
    for c in why.changes:
        if c.to is None:
            continue
        if not planned(p.with_limit(**{c.limit: c.to})):
            out.append(f"no plan with {c.limit} {c.now} -> {c.to}")
        less = smaller(p, c)
        if less is not None and planned(p.with_limit(**{c.limit: less})):
            out.append(f"{c.limit} {c.now} -> {c.to} is not the smallest change: {less} is enough")
    return out


def main() -> int:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 8_000_000
    begin, done, bad, sets, refused = time.perf_counter(), 0, 0, Counter[str](), 0
    while done < many:
        seed += 1
        try:
            p = read(tight(seed))
            if planned(p):
                continue
        except PosologyError:
            refused += 1
            continue
        done += 1
        try:
            found = wrong(p)
            sets.update(explain(p).blocking)
        except RefusedError as error:
            refused += 1
            print(f"seed {seed}: {error.problems[0].what}", flush=True)
            continue
        except Exception as error:
            found = [f"{type(error).__name__}: {error}"]
        if found:
            bad += 1
            print(f"seed {seed}: " + "; ".join(found), flush=True)
        if done % 1000 == 0:
            print(f"{done} so far, {bad} wrong", flush=True)
    took = time.perf_counter() - begin
    print(f"{done} problems without a plan in {took:.0f} s ({refused} refused): {bad} explained wrongly")
    print("limits that blocked: " + ", ".join(f"{k} {n}" for k, n in sets.most_common()))
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
