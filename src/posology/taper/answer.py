"""Turns a problem into the whole answer of ``posology taper --json``: a plan with alternatives, or why there is none.

Knows no file and no language.
"""

from __future__ import annotations

from collections.abc import Iterable

from posology.taper import explain as why
from posology.taper import output
from posology.taper.course import TaperPlan
from posology.taper.planner import plan
from posology.taper.problem import Stock, TaperProblem


def answer(problem: TaperProblem, also: Iterable[Stock] = (), alternatives: bool = True) -> output.Json:
    """The answer as plain data. ``also``: products not at hand that could be asked for, to say what each would buy.

    >>> from posology.taper.form import read
    >>> problem = {"products": "tablets 5 mg", "slots": 1, "start": ["10"], "target": ["0"], "limits": {"steps": 2}}
    >>> [s["mg"]["day"] for s in answer(read(problem))["steps"]]
    ['5']
    >>> problem["limits"] = {"steps": 1, "max_step_mg_per_day": "5"}
    >>> [(c["limit"], c["to"]) for c in answer(read(problem))["changes"]]
    [('steps', 2), ('max_step_mg_per_day', '10')]
    """
    made = plan(problem)
    return refuse(problem, also) if made is None else extend(made, also, alternatives)


def refuse(problem: TaperProblem, also: Iterable[Stock]) -> output.Json:
    """Why there is no plan, and what other products would buy."""
    data = output.explanation_json(why.explain(problem))
    data["notes"] = [{"key": k, "fact": f} for k, f in problem.flags]
    data["would_help"] = [output.bought_json(b) for b in why.worth_adding(problem, also, None)]
    return data


def extend(made: TaperPlan, also: Iterable[Stock], alternatives: bool) -> output.Json:
    """A plan's answer, with what other products would buy and two or three other plans."""
    data = output.plan_json(made)
    data["would_help"] = [output.bought_json(b) for b in why.worth_adding(made.problem, also, made)]
    if alternatives:
        data["alternatives"] = [output.alternative_json(a) for a in why.alternatives(made.problem, made)]
    return data
