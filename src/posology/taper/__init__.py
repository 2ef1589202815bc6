"""Turns doses taken now, products at hand and a prescriber's limits into the best course to a target, proved.

Knows no person, no file and no language. :func:`plan` is the door; ``docs/explanation/tapers.md`` explains the objective.
"""

from posology.taper.course import Step, TaperPlan, WorstStep
from posology.taper.planner import plan
from posology.taper.problem import Limits, Shape, Stock, TaperProblem

__all__ = ["Limits", "Shape", "Step", "Stock", "TaperPlan", "TaperProblem", "WorstStep", "plan"]
