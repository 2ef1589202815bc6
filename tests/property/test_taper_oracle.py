"""The optimum on every level, or that there is no plan, as an outside judge finds it: OR-Tools CP-SAT."""

from __future__ import annotations

import os
from typing import Any

import pytest

from posology.taper.form import read
from posology.taper.planner import plan
from posology.taper.search import search
from tests.taper_oracle import problem_data, solve

pytest.importorskip("ortools")

PROBLEMS = int(os.environ.get("POSOLOGY_TAPER_ORACLE", "500"))
"""How many problems are compared; a larger run: POSOLOGY_TAPER_ORACLE=5000."""

_PART = 50


def ours(data: dict[str, Any]) -> list[int] | None:
    """The levels as the planner reaches them, unevenness in the judge's own unit."""
    found = search(read(data))
    if found is None:
        return None
    o = found.objective
    return [
        found.least_worst, o.worst_distance, o.sum_distance, o.empty_doses, int(o.uneven * found.unit * 20), o.unfriendly,
        o.pieces, o.splits,
    ]  # fmt: skip


@pytest.mark.parametrize("part", range(0, PROBLEMS, _PART))
def test_every_level_is_optimal(part: int) -> None:
    for seed in range(part, min(part + _PART, PROBLEMS)):
        data = problem_data(seed)
        assert ours(data) == solve(data), f"problem {seed}: {data}"
        plan(read(data))


def test_the_judge_catches_a_planner_that_is_not_optimal() -> None:
    data = problem_data(3)
    right = solve(data)
    assert right is not None
    greedy = {**data, "limits": {**data["limits"], "steps": max(1, data["limits"]["steps"] - 1)}}
    assert ours(greedy) != right
