"""An outside judge for the taper planner: the same levels as a constraint model, solved to optimality by OR-Tools.

Shares with the planner the reading of a problem and the definition of effect; it finds the doses that can be made,
the limits and the optimum by itself.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from typing import Any

from posology.taper.effect import Measure, ideal_effects, measure_of, rule_ideals
from posology.taper.form import read
from posology.taper.problem import TaperProblem

LEVELS = ("worst_step", "worst_distance", "sum_distance", "empty_doses", "uneven", "unfriendly", "pieces", "splits")


def problem_data(seed: int) -> dict[str, Any]:
    """One random problem, the same for the same seed: small, and varied in every limit."""
    r = random.Random(seed)
    strengths = sorted(r.sample(["1", "2", "2.5", "4", "5", "10"], r.randint(1, 3)), key=float)
    products: list[dict[str, Any]] = [
        {"id": f"t{s}", "strength_mg": s, "pieces": r.choice([["1"], ["1", "1/2"], ["1", "1/2"]])} for s in strengths
    ]
    if r.random() < 0.25:
        products.append({"id": "sol", "strength_mg": "1", "per_ml": "1", "syringe": {"max_ml": "5", "mark_ml": "0.5"}})
    slots = [f"s{i}" for i in range(r.choice([1, 1, 2, 2, 3]))]
    top = Fraction(strengths[-1])
    unit = Fraction(strengths[0])
    start = [str(top * r.randint(1, 2) + unit * r.randint(0, 1)) for _ in slots]
    if len(slots) == 3:
        start = [str(top) for _ in slots]
    data: dict[str, Any] = {"products": products, "slots": slots, "start": start}
    total = sum(map(Fraction, start))
    low = unit * len(slots)
    data["target_mg_per_day"] = str(low) if r.random() < 0.2 and low < total else "0"
    if r.random() < 0.12:
        data["target"] = data.pop("start")
        data["start"] = ["0"] * len(slots)
        del data["target_mg_per_day"]
        data["direction"] = "titration"
    limits: dict[str, Any] = {"steps": r.randint(2, 7)}
    if r.random() < 0.4:
        limits["max_step_mg_per_day"] = str(max(Fraction(1, 2), (total * r.randint(1, 5) / 10).limit_denominator(2)))
    if r.random() < 0.25:
        limits["max_step_percent_of_current"] = str(r.choice([20, 25, 34, 50, 67]))
        limits["may_stop_from_mg_per_day"] = str(unit * r.randint(1, 3))
    if r.random() < 0.15:
        limits["max_step_percent_of_start"] = str(r.choice([20, 30, 50]))
    if r.random() < 0.15:
        limits["last_dose_mg_per_day"] = str(unit * r.randint(1, 2))
    if r.random() < 0.2:
        limits["max_pieces_per_dose"] = r.randint(2, 4)
    if r.random() < 0.15:
        limits["halves"] = False
    if r.random() < 0.2:
        limits["never_ahead"] = True
    if r.random() < 0.1 and len(slots) > 1 and "direction" not in data:
        limits[r.choice(["reduce_first", "reduce_last"])] = r.choice(slots)
    if r.random() < 0.1:
        limits["max_difference_between_doses_mg"] = str(top)
    data["limits"] = limits
    data["shape"] = r.choice(
        ["linear", "proportional", {"kind": "hyperbolic", "ed50_mg": str(r.choice([1, 3, 8]))}, "linear"]
    )
    return data


def solve(data: dict[str, Any], workers: int = 1, levels: int = len(LEVELS)) -> list[int] | None:
    """The optimum on each level with as many changes as there may be, or as can be; None where the limits allow no plan."""
    for steps in range(data["limits"]["steps"], 0, -1):
        found = _solve({**data, "limits": {**data["limits"], "steps": steps}}, workers, levels)
        if found is not None:
            return found
    return None


def _solve(data: dict[str, Any], workers: int, levels: int) -> list[int] | None:
    from ortools.sat.python import cp_model

    problem: TaperProblem = read(data)
    limits = problem.limits
    n, slots = limits.steps or 1, len(problem.slots)
    down = problem.direction == "taper"
    sizes: list[tuple[Fraction, int]] = []
    for s in problem.products:
        if s.mark_ml is None:
            for p in s.pieces:
                if p == 1 or limits.halves is not False:
                    sizes.append((s.mg * p, int(p != 1)))
    unit = Fraction(1, 20)
    high = max(problem.start or (problem.start_mg_per_day,)) if down else max(problem.target or ())
    # Fewest pieces, then splits, by trying every count upwards: no shortest path, no knapsack table.
    best: dict[Fraction, tuple[int, int]] = {Fraction(0): (0, 0)}
    edge = {Fraction(0): (0, 0)}
    while edge:
        following: dict[Fraction, tuple[int, int]] = {}
        for at, (count, splits) in edge.items():
            for size, split in sizes:
                to, cost = at + size, (count + 1, splits + split)
                if to <= high and cost < best.get(to, (999, 999)):
                    best[to] = following[to] = cost
        edge = following
    solid = dict(best)
    friendly = set(solid)
    for s in problem.products:
        if s.mark_ml is not None and s.max_ml is not None:
            marks = int(high / (s.mg * s.mark_ml))
            for at, k in product(list(solid), range(marks + 1)):
                to = at + k * s.mg * s.mark_ml
                draws = -(-(k * s.mark_ml) // s.max_ml)
                cost = (solid[at][0] + draws, solid[at][1])
                if to <= high and cost < best.get(to, (999, 999)):
                    best[to] = cost
                friendly |= {to} if (k * s.mark_ml / max(s.mark_ml, Fraction(1, 2))).denominator == 1 else set()
    if limits.max_pieces_per_dose is not None:
        best = {d: c for d, c in best.items() if c[0] <= limits.max_pieces_per_dose}
        friendly &= set(best)
    doses = sorted(best)
    as_int = [int(d / unit) for d in doses]
    model = cp_model.CpModel()
    dose = [
        [model.new_int_var_from_domain(cp_model.Domain.from_values(as_int), f"d{k}_{s}") for s in range(slots)]
        for k in range(n)
    ]
    cap = int(high * slots / unit)
    total = [model.new_int_var(0, cap, f"t{k}") for k in range(n)]
    for k in range(n):
        model.add(total[k] == sum(dose[k]))
    start = [int(x / unit) for x in problem.start or ()]
    first = int(problem.start_mg_per_day / unit)
    last = int(problem.target_mg_per_day / unit)
    model.add(total[-1] == last)
    if problem.target is not None:
        for s, x in enumerate(problem.target):
            model.add(dose[-1][s] == int(x / unit))
    for k in range(n):
        before = start if k == 0 else dose[k - 1]
        for s in range(slots):
            model.add(dose[k][s] <= before[s]) if down else model.add(dose[k][s] >= before[s])
        if k < n - 1:
            model.add(total[k] != last)
        model.add(total[k] != 0) if k < n - 1 or last else None
    groups: list[list[int]] = []
    if limits.reduce_first or limits.reduce_last:
        names = problem.slots
        rest = [s for s in names if s not in limits.reduce_first + limits.reduce_last]
        by_name = [[s] for s in limits.reduce_first] + ([rest] if rest else []) + [[s] for s in limits.reduce_last]
        groups = [[names.index(s) for s in g] for g in by_name]
    for k in range(n):
        for g, group in enumerate(groups):
            for s in group:
                moved = model.new_bool_var("")
                model.add(dose[k][s] == start[s]).only_enforce_if(moved.Not())
                for h in groups[:g]:
                    for t in h:
                        end = int(problem.target[t] / unit) if problem.target is not None else 0
                        model.add(dose[k][t] == end).only_enforce_if(moved)
    # The totals that can occur, for the effect of each and for the smallest of them.
    floor_ = [0] * slots if down or problem.start is None else start
    reachable = {0}
    ceiling = [int(x / unit) for x in (problem.start if down else problem.target) or ()]
    for s in range(slots):
        inside = [d for d in as_int if floor_[s] <= d <= ceiling[s]]
        reachable = {a + d for a in reachable for d in inside}
    smallest = _smallest(problem, as_int, floor_, ceiling, groups, unit)
    measure: Measure = measure_of(problem, rule_ideals(problem), smallest)
    values = sorted(t for t in reachable | {first, last} if min(first, last) <= t <= max(first, last))
    for k in range(n):
        model.add_linear_expression_in_domain(total[k], cp_model.Domain.from_values(values))
    effect_at = {t: measure.of(t * unit) for t in values}
    top = max(effect_at.values())
    effect = [model.new_int_var(0, top, f"e{k}") for k in range(n)]
    for k in range(n):
        model.add_allowed_assignments([total[k], effect[k]], list(effect_at.items()))
    ideal = ideal_effects(measure, problem, rule_ideals(problem), n)
    worst = model.new_int_var(0, top, "worst")
    far = model.new_int_var(0, top, "far")
    gaps = []
    stop = limits.may_stop_from_mg_per_day
    for k in range(n):
        a = first if k == 0 else total[k - 1]
        e = effect_at[first] if k == 0 else effect[k - 1]
        fall = e - effect[k] if down else effect[k] - e
        model.add(worst >= fall)
        cut = a - total[k] if down else total[k] - a
        bound = None
        if k == n - 1 and last == 0 and stop is not None:
            bound = model.new_bool_var("bound")
            model.add(a > int(stop / unit)).only_enforce_if(bound)
            model.add(a <= int(stop / unit)).only_enforce_if(bound.Not())

        def limit(expression: Any, bound: Any = bound) -> None:
            made = model.add(expression)
            if bound is not None:
                made.only_enforce_if(bound)

        if limits.max_step_mg_per_day is not None:
            x = limits.max_step_mg_per_day / unit
            limit(cut * x.denominator <= x.numerator)
        if limits.max_step_percent_of_current is not None:
            x = limits.max_step_percent_of_current / 100
            limit(cut * x.denominator <= x.numerator * a)
        if limits.max_step_percent_of_start is not None:
            x = limits.max_step_percent_of_start / 100
            limit(cut * x.denominator <= x.numerator * first)
        if limits.last_dose_mg_per_day is not None and last == 0 and k == n - 1:
            model.add(a <= int(limits.last_dose_mg_per_day / unit))
        gap = model.new_int_var(0, top, f"g{k}")
        model.add(gap >= effect[k] - ideal[k])
        model.add(gap >= ideal[k] - effect[k])
        model.add(far >= gap)
        gaps.append(gap)
        if limits.never_ahead and k < n - 1:
            model.add(effect[k] >= ideal[k]) if down else model.add(effect[k] <= ideal[k])
    used = [True] * slots
    doses_now = problem.start if down else problem.target
    if doses_now is not None and any(doses_now):
        used = [x > 0 for x in doses_now]
    solids = [s.mg for s in problem.products if s.mark_ml is None]
    even = min(solids) if solids else Fraction(0)
    for given in (problem.start, problem.target):
        inside_mg = [x for x in given or () if x > 0]
        if inside_mg:
            even = max(even, max(inside_mg) - min(inside_mg))
    # A day that can be shared equally, of solids alone, is; when the doses are equal now and at the end.
    alike = all(len({x for x in v if x > 0}) <= 1 for v in (problem.start, problem.target) if v is not None)
    alike = (
        alike
        and all(s.mark_ml is None for s in problem.products)
        and not limits.reduce_first
        and not limits.reduce_last
    )
    equal_days = cp_model.Domain.from_values([int(d * sum(used) / unit) for d in best] if alike else [])
    empties, unevens, odds, pieces, splits_ = [], [], [], [], []
    rows = [
        (i, best[d][0], best[d][1], int(d not in friendly), int(d == 0)) for i, d in zip(as_int, doses, strict=True)
    ]
    for k in range(n):
        high_k, low_k = model.new_int_var(0, cap, ""), model.new_int_var(0, cap, "")
        for s in range(slots):
            p, q = model.new_int_var(0, 999, ""), model.new_int_var(0, 999, "")
            o, z = model.new_bool_var(""), model.new_bool_var("")
            model.add_allowed_assignments([dose[k][s], p, q, o, z], rows)
            pieces.append(p)
            splits_.append(q)
            odds.append(o)
            if used[s]:
                empties.append(z)
            model.add(high_k >= dose[k][s])
            model.add(low_k <= dose[k][s]).only_enforce_if(z.Not())
        spread = model.new_int_var(0, cap, "")
        model.add(spread >= high_k - low_k - int(even / unit))
        together = model.new_bool_var("")
        model.add_linear_expression_in_domain(total[k], equal_days).only_enforce_if(together)
        model.add_linear_expression_in_domain(total[k], equal_days.complement()).only_enforce_if(together.Not())
        model.add(spread >= high_k - low_k).only_enforce_if(together)
        unevens.append(spread)
        width = limits.max_difference_between_doses_mg
        if width is not None:
            model.add(high_k - low_k <= int(width / unit))
    goals = [worst, far, sum(gaps), sum(empties), sum(unevens), sum(odds), sum(pieces), sum(splits_)]
    tolerance = 1000
    found: list[int] = []
    for level, goal in enumerate(goals[:levels]):
        model.minimize(goal)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = workers
        solver.parameters.random_seed = 1
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            assert level == 0
            return None
        assert status == cp_model.OPTIMAL, solver.status_name(status)
        value = round(solver.objective_value)
        # Unevenness is counted in units of the planner's grid; compare the mg.
        found.append(value)
        model.add(goal <= (value + tolerance if level == 0 else value))
        model.clear_objective()
    return found


def _smallest(
    problem: TaperProblem, doses: list[int], low: list[int], high: list[int], groups: list[list[int]], unit: Fraction
) -> Fraction:
    """The smallest day total above zero between start and target that the dose times can make."""
    start = [int(x / unit) for x in problem.start or ()]
    ends = sorted((int(problem.start_mg_per_day / unit), int(problem.target_mg_per_day / unit)))
    choices = [[d for d in doses if a <= d <= b] for a, b in zip(low, high, strict=True)]
    width = problem.limits.max_difference_between_doses_mg
    best = None
    for row in product(*choices):
        whole = sum(row)
        if whole <= 0 or not ends[0] <= whole <= ends[1]:
            continue
        inside = [d for d in row if d]
        if width is not None and inside and (max(row) - min(inside)) * unit > width:
            continue
        ok = True
        for g, group in enumerate(groups):
            if any(row[s] != start[s] for s in group) and any(row[t] for h in groups[:g] for t in h):
                ok = False
        if ok and (best is None or whole < best):
            best = whole
    return best * unit if best is not None else unit
