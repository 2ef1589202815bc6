"""Turns doses and the parameters of a medicine into concentration curves and exact figures, for one person or a population.

Knows no calendar, no file and no words. Hours, mg, L, mg/L; floats, as nothing here decides a dose.

    simulate(model, doses, times, subjects=...)    concentrations at any times
    metrics(model, doses, start, end, threshold)   exact area, extremes, time below
    draw(typical, variability, n, seed)            N virtual subjects
    bands(model, doses, times, subjects)           percentiles by streaming, in little memory
"""

from posology.kinetics.case import fill
from posology.kinetics.doses import Dose, OwnDoses, read_doses
from posology.kinetics.events import EventTable, read_events, write_events
from posology.kinetics.figures import Metrics
from posology.kinetics.models import KineticModel, ModelFile, compare, models_from
from posology.kinetics.population import draw, missed_doses, own_times
from posology.kinetics.simulation import Curves, metrics, simulate
from posology.kinetics.streaming import Bands, bands
from posology.kinetics.system import Parameters
from posology.kinetics.withdrawal import Pressure, pressure

__all__ = [
    "Bands",
    "Curves",
    "Dose",
    "EventTable",
    "KineticModel",
    "Metrics",
    "ModelFile",
    "OwnDoses",
    "Parameters",
    "Pressure",
    "bands",
    "compare",
    "draw",
    "fill",
    "metrics",
    "missed_doses",
    "models_from",
    "own_times",
    "pressure",
    "read_doses",
    "read_events",
    "simulate",
    "write_events",
]
