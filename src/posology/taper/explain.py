"""Turns a problem without a plan into the limits that block it and the smallest single change of each; and a plan
into what other products or a few other limits would give.

Knows no text: it answers in names of limits and numbers. It changes nothing by itself: it only says what a change buys.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

from attrs import define, evolve, field, fields, frozen

from posology.errors import PosologyError, RefusedError, UnreadableError
from posology.taper.course import TaperPlan
from posology.taper.effect import MOST_STEPS, WHOLE
from posology.taper.grid import Grid, span, steps_of
from posology.taper.planner import plan
from posology.taper.problem import HALF, QUARTER, Limits, Stock, TaperProblem
from posology.taper.search import parts, search_part
from posology.taper.totals import Totals

BLOCKING = tuple(
    f.name
    for f in fields(Limits)
    if f.name not in ("step_days", "min_step_days", "holds", "may_stop_from_mg_per_day", "day_patterns")
)
"""The limits that can block a plan, by name."""


@frozen
class Change:
    """The smallest single change that alone makes a plan possible. ``to`` is None where no value of it does.

    ``sharp``: one step less of it allows no plan.
    """

    limit: str
    now: Any
    to: Any


@frozen
class Explanation:
    """Why there is no plan: a minimal set of limits that cannot hold together, and changes that alone would allow one.

    ``facts``: message keys that say more, such as ``percent-never-ends``.
    """

    blocking: tuple[str, ...]
    changes: tuple[Change, ...]
    facts: tuple[str, ...] = ()


@frozen
class Bought:
    """What one more product buys: the worst step in percent of the effect, before and with it."""

    product: Stock
    before: Fraction | None
    after: Fraction


@frozen
class Alternative:
    """Another plan beside the first: ``key`` says how it differs (slower, fewer-pieces, one-product)."""

    key: str
    plan: TaperPlan


def given(limits: Limits) -> tuple[str, ...]:
    """The names of the limits that are set, in their order."""
    blank = Limits()
    return tuple(
        name
        for name in BLOCKING
        if getattr(limits, name) != getattr(blank, name)
        and not (name in ("halves", "quarters") and getattr(limits, name))
    )


@define
class _Judge:
    """Says whether a problem has a plan, keeping what the last grid worked out where only step limits differ."""

    grids: dict[Any, Grid] = field(factory=dict)

    def feasible(self, problem: TaperProblem, totals_only: bool = False) -> bool:
        """Whether the limits allow a plan: day totals first, and the split of days only where it can matter.

        ``totals_only`` leaves the split out: what is then not feasible is not feasible at all.
        """
        try:
            return any(self._one(part, totals_only) for part in parts(problem))
        except RefusedError:
            return False

    def _grid(self, problem: TaperProblem) -> Grid:
        limits = problem.limits
        key = (problem.products, problem.start, problem.target, *(getattr(limits, name) for name in _SHAPES_GRID))
        last = self.grids.get(key)
        if last is None:
            last = self.grids[key] = Grid(problem)
            return last
        grid = Grid(problem)
        for name in ("unit", "top", "bench", "caps", "stages", "totals", "states", "smallest", "even_steps"):
            setattr(grid, name, getattr(last, name))
        if grid.problem.shape == last.problem.shape and not problem.shape.published:
            grid.measure, grid.place = last.measure, last.place
        return grid

    def _one(self, problem: TaperProblem, totals_only: bool) -> bool:
        grid = self._grid(problem)
        if not grid.has_target:
            return False
        n = steps_of(grid)
        if n is None:
            return False
        limits = problem.limits
        if (not grid.stay or limits.never_ahead) and Totals(grid, n, 0).least_worst is None:
            return not grid.stay and search_part(problem) is not None
        if totals_only or (len(problem.slots) == 1 and not grid.period.mixed):
            return True
        plain = not limits.reduce_first and not limits.reduce_last and limits.max_difference_between_doses_mg is None
        if plain and grid.down and grid.even_steps and not grid.period.mixed and not problem.target_mg_per_day:
            return True
        low, fewest = span(problem)[0] if not problem.shape.published else 1, grid.fewest()
        if not problem.shape.published and not limits.never_ahead and fewest is not None:
            # A short course can be held for longer: where one is found, the full number of steps has one too.
            few = max(fewest + 1, low)
            if few < n and search_part(problem.with_limit(steps=few, max_total_days=None, latest_end=None)) is not None:
                return True
        return search_part(problem) is not None


_SHAPES_GRID = (
    "max_mg_per_day", "max_mg_per_dose", "max_pieces_per_dose", "halves", "quarters", "reduce_first", "reduce_last",
    "max_difference_between_doses_mg",
)  # fmt: skip
"""The limits that decide which day totals can be made; the others only decide how far one change may go."""


def feasible(problem: TaperProblem) -> bool:
    """Whether the limits allow a plan."""
    return _Judge().feasible(problem)


def explain(problem: TaperProblem) -> Explanation:
    """Why a problem has no plan, by deletion: each limit is taken away in turn and kept away while there is still none.

    What is left cannot hold together, and any one of it taken away allows a plan. Raises ValueError for a problem
    that has one.
    """
    judge = _Judge()
    if judge.feasible(problem):
        raise ValueError("this problem has a plan")
    names = given(problem.limits)
    left, current = list(names), problem
    for name in names:
        shorter = _without(current, name)
        if shorter is not None and not judge.feasible(shorter):
            current = shorter
            left.remove(name)
    facts: list[str] = []
    limits = problem.limits
    if (
        limits.max_step_percent_of_current is not None
        and limits.may_stop_from_mg_per_day is None
        and problem.target_mg_per_day == 0
    ):
        facts.append("percent-never-ends")
    if limits.max_step_percent_of_current is not None and problem.start_mg_per_day == 0:
        facts.append("percent-of-zero")
    ideals = None
    try:
        ideals = Grid(problem).ideals
    except PosologyError:
        facts.append("rule-refused")
    if (ideals is not None and not left) or not left:
        facts.append("products-too-coarse")
    changes = [c for name in left if (c := smallest_change(problem, name, judge)) is not None]
    if "percent-never-ends" in facts or (
        limits.may_stop_from_mg_per_day is not None and "max_step_percent_of_current" in left
    ):  # a last dose is no limit that blocks: a larger one, or one at all, frees the last change from the percent
        added = smallest_change(problem, "may_stop_from_mg_per_day", judge)
        if added is not None and added.to is not None:
            changes.append(added)
    return Explanation(tuple(left), tuple(changes), tuple(facts))


def _without(problem: TaperProblem, name: str) -> TaperProblem | None:
    """The problem without one limit; where taking it away would leave no pace at all, with the loosest one instead."""
    try:
        shorter = problem.without(name)
        limits = shorter.limits
        paced = (limits.steps, limits.max_total_days, limits.latest_end, limits.max_step_mg_per_day,
                 limits.max_step_percent_of_current, limits.max_step_percent_of_start,
                 limits.max_step_percent_of_effect, limits.min_total_days, limits.earliest_end)  # fmt: skip
        if all(x is None for x in paced) and not shorter.shape.published:
            return shorter.with_limit(steps=MOST_STEPS)
        return shorter
    except UnreadableError:
        return None


def smallest_change(problem: TaperProblem, name: str, judge: _Judge | None = None) -> Change:
    """The value of one limit nearest to the present one that alone makes a plan possible; ``to`` None where none does."""
    judge = judge or _Judge()
    now = getattr(problem.limits, name)

    def works(value: Any, totals_only: bool = False) -> bool:
        try:
            return judge.feasible(problem.with_limit(**{name: value}), totals_only)
        except PosologyError:
            return False

    if name == "steps":
        return Change(name, now, _steps(problem, works, judge))
    count, value = _loosened(problem, name, judge)

    def first(low: int, totals_only: bool) -> int | None:
        # They go from tight to loose, so once one works all later ones do.
        high = count - 1
        if high <= low or not works(value(high), totals_only):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if works(value(middle), totals_only) else (middle, high)
        return high

    # Day totals alone can only be too hopeful: what they find first is tried in full, and is nearly always right.
    at = first(-1, True)
    if at is not None and not works(value(at)):
        at = first(at, False)
    return Change(name, now, None if at is None else value(at))


def _steps(problem: TaperProblem, works: Callable[[int], bool], judge: _Judge) -> int | None:
    now = problem.limits.steps or 1
    try:
        grid = judge._grid(problem.with_limit(steps=None))
        guess = len(grid.ideals) if grid.ideals is not None else grid.fewest()
    except PosologyError:
        return None
    return (
        next((n for n in range(max(guess, now + 1), min(guess + 60, MOST_STEPS)) if works(n)), None) if guess else None
    )


def _loosened(problem: TaperProblem, name: str, judge: _Judge) -> tuple[int, Callable[[int], Any]]:
    """The looser values of a limit, from the tightest: how many there are, and the value at each place."""
    _limits, now = problem.limits, getattr(problem.limits, name)
    most = max(problem.start_mg_per_day, problem.target_mg_per_day)
    if name in ("halves", "quarters"):
        return 1, lambda _: True
    if name == "never_ahead":
        return 1, lambda _: False
    if name in ("reduce_first", "reduce_last"):
        return 1, lambda _: ()
    if name == "max_products":
        return len(problem.products) - now, lambda i: now + 1 + i
    if name == "max_pieces_per_dose":
        return 100, lambda i: now + 1 + i
    if name == "max_total_days":
        return 3650, lambda i: now + 1 + i
    if name == "min_total_days":
        return now, lambda i: now - 1 - i
    if name == "latest_end":
        return 3650, lambda i: now + dt.timedelta(days=i + 1)
    if name == "earliest_end":
        return 3650, lambda i: now - dt.timedelta(days=i + 1)
    if name.startswith("max_step_percent"):
        first = floor(now * 100) + 1
        return max(10000 - first + 1, 0), lambda i: Fraction(first + i, 100)
    unit = judge._grid(problem).day
    first = floor(now / unit) + 1 if now is not None else 1
    return max(floor(most / unit) - first + 1, 0), lambda i: (first + i) * unit


def worth_adding(problem: TaperProblem, candidates: Iterable[Stock], present: TaperPlan | None) -> tuple[Bought, ...]:
    """What each product not at hand would buy: the smallest worst step with it, best first; only where it is smaller.

    Both are shares of the whole effect on one scale: that of the problem with the product.
    """
    found = []
    have = {(s.mg, s.liquid, s.mark_ml) for s in problem.products}
    names = {s.id for s in problem.products}
    for stock in candidates:
        if (stock.mg, stock.liquid, stock.mark_ml) in have or stock.id in names:
            continue
        wider = evolve(problem, products=(*problem.products, stock))
        try:
            grid = Grid(wider)
            n = steps_of(grid) if grid.has_target else None
            after = Totals(grid, n, 0).least_worst if n is not None else None
        except PosologyError:
            continue
        if after is None:
            continue
        before = None
        if present is not None:
            line = [problem.start_mg_per_day, *(s.total for s in present.steps)]
            effect = grid.measure.many([*line, *([Fraction()] if present.end == "stop" else [])])
            before = max(abs(a - b) for a, b in pairwise(effect))
        if before is None or after < before:
            share = None if before is None else Fraction(before * 100, WHOLE)
            found.append(Bought(stock, share, Fraction(after * 100, WHOLE)))
    return tuple(sorted(found, key=lambda b: (b.after, b.product.id)))


def alternatives(problem: TaperProblem, present: TaperPlan) -> tuple[Alternative, ...]:
    """Two or three other plans: slower (half as many steps again), fewer pieces (nothing split), one product."""
    found: list[Alternative] = []
    limits = problem.limits

    def add(key: str, other: TaperProblem | None) -> None:
        if other is None:
            return
        try:
            made = plan(other)
        except PosologyError:
            return
        if made is not None and made.steps != present.steps and all(made.steps != a.plan.steps for a in found):
            found.append(Alternative(key, made))

    n = max((s.last for s in present.steps), default=0) + (1 if present.end == "stop" else 0)
    if not problem.shape.published and n and limits.latest_end is None and limits.max_total_days is None:
        add("slower", problem.with_limit(steps=n + max(1, (n + 1) // 2)))
    elif problem.shape.published and problem.shape.kind == "rule":
        each = [d for d in (problem.step_days, *(p.every_days for p in problem.shape.paces)) if d is not None]
        if each and limits.max_total_days is None and limits.latest_end is None:
            days = max(each)  # a rule in rows may last longer at each step than the limits say
            add("slower", problem.with_limit(step_days=days + max(1, (days + 1) // 2)))
    splits = any(HALF in s.pieces or QUARTER in s.pieces for s in problem.products) and limits.halves is not False
    if splits and problem.shape.kind != "table":
        add("fewer-pieces", _try(lambda: problem.with_limit(halves=False, quarters=False)))
    if (
        len(problem.products) > 1
        and (limits.max_products is None or limits.max_products > 1)
        and problem.shape.kind != "table"
    ):
        add("one-product", problem.with_limit(max_products=1))
    return tuple(found)


def _try(build: Callable[[], TaperProblem]) -> TaperProblem | None:
    try:
        return build()
    except UnreadableError:
        return None
