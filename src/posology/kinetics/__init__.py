"""Turns doses and the parameters of a medicine into concentration curves and exact figures, for one person or a population.

Knows no calendar, no file and no words. Hours, mg, L, mg/L; floats, as nothing here decides a dose.

    simulate(model, doses, times, subjects=...)    concentrations at any times
    metrics(model, doses, start, end, threshold)   exact area, extremes, time below
    draw(typical, variability, n, seed)            N virtual subjects
    bands(model, doses, times, subjects)           percentiles by streaming, in little memory
"""

from posology.kinetics.case import fill
from posology.kinetics.doses import Dose, OwnDoses, read_doses
from posology.kinetics.metrics import Metrics
from posology.kinetics.population import draw, missed_doses, own_times
from posology.kinetics.simulation import Curves, metrics, simulate
from posology.kinetics.streaming import Bands, bands
from posology.kinetics.system import Parameters

__all__ = [
    "Bands",
    "Curves",
    "Dose",
    "Metrics",
    "OwnDoses",
    "Parameters",
    "bands",
    "draw",
    "fill",
    "metrics",
    "missed_doses",
    "own_times",
    "read_doses",
    "simulate",
]
