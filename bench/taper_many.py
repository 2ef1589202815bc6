"""Plans many generated problems and has each checked by the proof: python bench/taper_many.py [HOW MANY] [FIRST SEED].

By default 2,000, so that the benchmarks stay short; the full run is 100000.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.taper_oracle import problem_data

from posology.errors import UnreadableError
from posology.taper.effect import measure_of, rule_ideals
from posology.taper.form import read
from posology.taper.grid import Grid
from posology.taper.planner import plan
from posology.taper.proof import broken


def varied(seed: int) -> dict[str, Any]:
    """A generated problem with more kinds of limits and rules than the judge's."""
    data = problem_data(seed)
    r = random.Random(seed + 1_000_000_007)
    limits = {**data["limits"], "step_days": r.choice([1, 3, 7, 14])}
    if r.random() < 0.1:
        limits["max_products"] = 1
    if r.random() < 0.1:
        limits["max_mg_per_day"] = str(r.randint(5, 40))
    if r.random() < 0.1:
        limits["holds"] = [{"after_step": r.randint(1, 3), "days": r.randint(1, 20)}]
    if r.random() < 0.1:
        limits["min_total_days"] = r.randint(5, 60)
    if r.random() < 0.1:
        limits["max_step_percent_of_effect"] = str(r.randint(15, 60))
    data["limits"] = limits
    if r.random() < 0.2 and data.get("direction") != "titration":
        data["shape"] = r.choice([
            {"kind": "percent of current", "percent": str(r.choice([10, 25, 50])), "every_days": 7},
            {"kind": "amount", "step_mg_per_day": str(r.choice(["1", "2.5", "5"])), "every_days": 7},
            {"kind": "percent of start", "percent": str(r.choice([10, 20])), "every_days": 7},
        ])  # fmt: skip
        limits.pop("steps", None)
        limits.pop("min_total_days", None)
        limits["may_stop_from_mg_per_day"] = str(r.choice([1, 2, 5]))
    return data


def main() -> int:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000
    planned = none = refused = wrong = 0
    begin = time.perf_counter()
    for seed in range(first, first + many):
        if seed > first and (seed - first) % 10_000 == 0:
            print(f"{seed - first} so far, {wrong} that break a limit", flush=True)
        data = varied(seed)
        try:
            p = read(data)
            made = plan(p)
        except UnreadableError:
            refused += 1
            continue
        except Exception as error:
            wrong += 1
            print(f"seed {seed}: {type(error).__name__}: {error}")
            continue
        if made is None:
            none += 1
            continue
        planned += 1
        found = broken(
            p, made, measure_of(p, rule_ideals(p), Grid(p).smallest) if p.limits.max_products is None else None
        )
        if found:
            wrong += 1
            print(f"seed {seed}: {found[0]}")
    took = time.perf_counter() - begin
    print(
        f"{many} problems in {took:.0f} s: {planned} planned, {none} without a plan, {refused} refused, {wrong} that break a limit"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
