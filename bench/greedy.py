"""What rounding down and taking the largest tablet first, the way of most tapering tools, costs beside the exact planner.

Both are run here on the same products: first every dose that can be made, then a taper of "10 percent less at each step".
"""

from __future__ import annotations

import sys
from fractions import Fraction
from itertools import pairwise

from posology.taper.form import read
from posology.taper.pieces import Bench, common_unit
from posology.taper.planner import plan

SHELVES = {
    "1, 2.5, 5, 10, 20, 50 mg, halves of the 5": ("tablets 1, 2.5, 10, 20, 50 mg; tablets 5 mg, halves", 100),
    "15, 30, 60, 100 mg, whole": ("tablets 15, 30, 60, 100 mg", 200),
    "2, 5, 10 mg, whole": ("tablets 2, 5, 10 mg", 40),
    "5, 15, 20 mg, whole": ("tablets 5, 15, 20 mg", 80),
}


def largest_first(dose: Fraction, sizes: list[Fraction]) -> int | None:
    """How many pieces it takes with the largest that fits taken first; None where something is left over."""
    pieces = 0
    for size in sizes:
        count = dose // size
        pieces += count
        dose -= count * size
    return None if dose else pieces


def composing(text: str, top: int) -> tuple[int, int, int]:
    """Of the doses that can be made: how many there are, how many the greedy way cannot make, how many with more pieces."""
    problem = read({"products": text, "slots": 1, "start": ["10"], "target_mg_per_day": "0", "limits": {"steps": 1}})
    unit = common_unit(problem.products, problem.limits)
    bench = Bench(problem.products, problem.limits, unit, int(top / unit))
    sizes = [item.size * unit for item in bench.items]
    made = lost = more = 0
    for n in range(1, bench.top + 1):
        if not bench.makeable(n):
            continue
        made += 1
        found = largest_first(n * unit, sizes)
        best = sum(t.count for t in bench.compose(n))
        lost += found is None
        more += found is not None and found > best
    return made, lost, more


def floored(start: int, percent: int, smallest: Fraction) -> list[Fraction]:
    """Percent less at each step, rounded down to whole smallest pieces: the cuts as a share of the dose before."""
    cuts, ideal, dose = [], Fraction(start), Fraction(start)
    while dose > 0:
        ideal *= 1 - Fraction(percent, 100)
        new = ideal // smallest * smallest
        if new != dose:
            cuts.append((dose - new) / dose)
        dose = new
    return cuts


def planned(products: str, percent: int, stop_from: int) -> list[Fraction] | None:
    """Our plan under "at most so many percent less at each step, to stop from so many mg": the cuts before the last one."""
    made = plan(read({
        "products": products, "slots": 1, "start": ["100"], "target_mg_per_day": "0",
        "limits": {"max_step_percent_of_current": percent, "may_stop_from_mg_per_day": stop_from, "step_days": 14},
    }))  # fmt: skip
    if made is None:
        return None
    doses = [Fraction(100), *(s.total for s in made.steps)]
    return [(a - b) / a for a, b in pairwise(doses)]


def main() -> int:
    """Print the figures."""
    for name, (text, top) in SHELVES.items():
        made, lost, more = composing(text, top)
        print(
            f"tablets {name}: of {made} doses that can be made, largest-first fails on {lost} and needs more pieces for {more}"
        )
    cuts = floored(100, 10, Fraction(25, 2))
    print(f"100 mg, 10 % less at each step, rounded down to halves of 25 mg: cuts of {_percents(cuts)}")
    tablets = "tablets 25, 50, 100 mg, halves"
    print(f"the planner, the same tablets: {_percents(planned(tablets, 10, 20))}")
    liquid = f"{tablets}; oral solution 20 mg/mL, 5 mL syringe, 0.1 mL marks"
    print(
        f"the planner, with a 20 mg/mL solution: {_percents(planned(liquid, 10, 20))}, then the last step from 20 mg or less"
    )
    return 0


def _percents(cuts: list[Fraction] | None) -> str:
    return (
        "no plan, and it says what blocks" if cuts is None else ", ".join(f"{float(c) * 100:.0f}" for c in cuts) + " %"
    )


if __name__ == "__main__":
    sys.exit(main())
