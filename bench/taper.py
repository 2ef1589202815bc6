"""The taper planner against its limits of time and memory, and against OR-Tools CP-SAT on the same problems in this run."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.taper_oracle import problem_data, solve

from posology.taper.explain import explain
from posology.taper.form import read
from posology.taper.planner import plan
from posology.taper.search import search

TABLETS = "tablets 5, 10, 20 mg, halves"
LIQUID = f"{TABLETS}; oral solution 5 mg/5 mL, 5 mL syringe, 0.1 mL marks"
SHAPES: list[Any] = ["linear", "proportional", {"kind": "hyperbolic", "ed50_mg": "15"}]


def problem(products: str, start: int, steps: int, shape: Any, slots: int = 3, **limits: Any) -> Any:
    return read({
        "products": products, "slots": slots, "start": [str(start)] * slots, "target_mg_per_day": "0",
        "limits": {"steps": steps, "step_days": 7, **limits}, "shape": shape,
    })  # fmt: skip


def p95(run: Callable[[Any], Any], problems: list[Any], rounds: int = 3) -> float:
    """Processor time: all of it is one thread's, and other programs on the machine do not count."""
    times = []
    for p in problems:
        run(p)
        for _ in range(rounds):
            begin = time.process_time()
            run(p)
            times.append((time.process_time() - begin) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def say(name: str, value: float, limit: float, unit: str = "ms") -> None:
    print(f"{name:58s} {value:8.1f} {unit}   limit {limit:g} {unit}   {value / limit:.2f} of it")


def main() -> None:
    tablets = [problem(TABLETS, s, 40, shape) for s in (10, 15, 20, 25) for shape in SHAPES]
    say("plan and proof, tablets only, 40 steps, p95", p95(plan, tablets), 15)
    liquids = [problem(LIQUID, s, 52, shape) for s in (15, 20, 25) for shape in SHAPES]
    say("plan and proof, tablets and liquid, 3 a day, 52 steps, p95", p95(plan, liquids), 50)
    blocked = [
        problem(TABLETS, 20, 10, "linear", max_step_mg_per_day="5"),
        problem(LIQUID, 20, 10, "linear", max_step_mg_per_day="2"),
        problem(TABLETS, 20, 30, "linear", max_step_mg_per_day="2.5", halves=False, max_pieces_per_dose=1),
        problem(LIQUID, 20, 12, "linear", max_step_percent_of_current="10", may_stop_from_mg_per_day="2"),
    ]  # fmt: skip
    say("blocking limits and smallest changes, p95", p95(explain, blocked), 50)
    small = [problem_data(seed) for seed in range(40)]
    begin = time.perf_counter()
    for data in small:
        search(read(data))
    ours = time.perf_counter() - begin
    begin = time.perf_counter()
    for data in small:
        solve(data, workers=2)
    theirs = time.perf_counter() - begin
    print(
        f"40 small problems, all levels: {ours * 1000:.0f} ms, CP-SAT {theirs * 1000:.0f} ms: {theirs / ours:.0f} times faster"
    )
    big = {
        "products": TABLETS, "slots": ["a", "b", "c"], "start": ["20", "20", "20"], "target_mg_per_day": "0",
        "limits": {"steps": 8, "step_days": 7}, "shape": "linear",
    }  # fmt: skip
    begin = time.perf_counter()
    search(read(big))
    ours = time.perf_counter() - begin
    begin = time.perf_counter()
    solve(big, workers=2, levels=3)
    theirs = time.perf_counter() - begin
    print(
        f"60 mg in 8 steps, 3 a day: {ours * 1000:.1f} ms (8 levels), CP-SAT {theirs * 1000:.0f} ms (3 levels): {theirs / ours:.0f} times faster"
    )
    say("memory of this process", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 400, "MB")
    code = "import resource\nfrom posology.taper.form import read\nfrom posology.taper.planner import plan\n"
    code += f"plan(read({{'products': {LIQUID!r}, 'slots': 3, 'start': ['20']*3, 'target_mg_per_day': '0', 'limits': {{'steps': 52}}}}))\n"
    code += "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    used = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    say("memory of a plan, without CP-SAT", float(used.stdout), 200, "MB")
    command = [
        str(Path(sys.executable).parent / "posology"), "taper", "baclofen 20 mg three times a day", "--from", "2026-11-24",
        "--have", "10 mg tablets x 84", "--country", "UK", "--json",
    ]  # fmt: skip
    times, busy = [], []
    for _ in range(7):
        begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(time.perf_counter() - begin)
        busy.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    say("posology taper as a process, median", statistics.median(times), 0.45, "s")
    say("  of it processor time, median", statistics.median(busy), 0.45, "s")


if __name__ == "__main__":
    main()
