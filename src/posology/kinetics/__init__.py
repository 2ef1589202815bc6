"""Turns doses and the parameters of a medicine into concentration curves and exact figures, for one person or a population.

Knows no calendar, no file and no words. Hours, mg, L, mg/L; floats, as nothing here decides a dose.

    simulate(model, doses, times, subjects=...)    concentrations at any times
    metrics(model, doses, start, end, threshold)   exact area, extremes, time below
"""

from posology.kinetics.case import fill
from posology.kinetics.doses import Dose, OwnDoses, read_doses
from posology.kinetics.metrics import Metrics
from posology.kinetics.simulation import Curves, metrics, simulate
from posology.kinetics.system import Parameters

__all__ = ["Curves", "Dose", "Metrics", "OwnDoses", "Parameters", "fill", "metrics", "read_doses", "simulate"]
