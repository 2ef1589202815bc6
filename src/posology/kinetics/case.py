"""Turns a case (parameters, doses, times as plain data) into the same case with its curves and figures filled in.

Knows no file and no medicine. The form is that of the reference cases for simulation: hours, mg, L, mg/L.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from posology.errors import Problem, UnreadableError, raise_all
from posology.kinetics.figures import Metrics, check_window
from posology.kinetics.simulation import metrics, simulate

_GIVEN = {
    "name", "note", "parameters", "subjects", "doses", "times", "cl_changes", "effect", "derived", "window", "threshold",
}  # fmt: skip
_FILLED = {
    "conc",
    "conc_pre",
    "ce",
    "effect_values",
    "p05",
    "p50",
    "p95",
    "auc",
    "cmin",
    "cmax",
    "time_below",
    "checks",
}
_EFFECT = ("e0", "emax", "ec50", "gamma")
_FIGURES = ("auc", "cavg", "cmax", "tmax", "cmin", "tmin", "time_below", "fraction_below", "ptf", "swing")


def emax(ce: Any, effect: Mapping[str, Any]) -> Any:
    """The sigmoid Emax model: e0 + emax ce^gamma / (ec50^gamma + ce^gamma)."""
    lost = [Problem("This key is missing.", f"effect.{k}") for k in ("emax", "ec50") if k not in effect]
    raise_all(UnreadableError, lost)
    lost = [
        Problem(f"This is not a number: {v!r}.", f"effect.{k}")
        for k, v in effect.items()
        if isinstance(v, bool) or not isinstance(v, int | float) or not np.isfinite(v)
    ]
    lost += [
        Problem("This key is not known.", f"effect.{k}", "Known: e0, emax, ec50, gamma.")
        for k in effect
        if k not in _EFFECT
    ]
    raise_all(UnreadableError, lost)
    if not effect["ec50"] > 0 or not effect.get("gamma", 1.0) > 0:
        raise UnreadableError(Problem("ec50 and gamma must be greater than 0.", "effect"))
    c = np.asarray(ce, np.float64)
    with np.errstate(divide="ignore", over="ignore"):
        # as 1 / (1 + (ec50 / ce)^gamma), which neither overflows nor loses small values
        share = np.where(
            c > 0, 1.0 / (1.0 + (effect["ec50"] / np.where(c > 0, c, 1.0)) ** effect.get("gamma", 1.0)), 0.0
        )
    return effect.get("e0", 0.0) + effect["emax"] * share


def fill(case: Mapping[str, Any]) -> dict[str, Any]:
    """The case with ``conc``, ``conc_pre``, ``ce``, ``effect_values`` and ``derived``, or the percentiles of a population.

    ``conc_pre`` is given always (the limit from the left); ``derived`` entries need start and end, and threshold where a
    time below it is wanted; ``swing`` and ``ptf`` are left out where they would divide by 0. With ``subjects`` come p05, p50, p95 and, over ``window``, auc, cmin, cmax and time_below.

    A result that no number can hold is refused: it is never written as infinity.

    >>> fill({"parameters": {"model": "1cpt", "CL": 1, "V": 1}, "times": [0],
    ...       "doses": [{"time": 0, "amt": 5, "route": "iv"}]})["conc"]
    [5.0]
    """
    with np.errstate(over="ignore", invalid="ignore"):
        out = _filled(case)
    lost = [
        Problem("A result is too large for a number.", key, "Check the doses and the volumes.")
        for key in sorted(_FILLED)
        if key in out and out[key] is not case.get(key) and not np.all(np.isfinite(np.asarray(out[key], np.float64)))
    ]
    raise_all(UnreadableError, lost)
    return out


def _filled(case: Mapping[str, Any]) -> dict[str, Any]:
    problems = [Problem("This key is missing.", k) for k in ("parameters", "doses", "times") if k not in case]
    problems += [
        Problem("This key is not known.", str(k), f"Known: {', '.join(sorted(_GIVEN))}.")
        for k in case
        if k not in _GIVEN | _FILLED
    ]
    for key, kind in (
        ("parameters", Mapping),
        ("doses", list),
        ("times", list),
        ("effect", Mapping),
        ("derived", list),
    ):
        if key in case and not isinstance(case[key], kind):
            problems.append(Problem("This has the wrong form.", key, "See the reference of posology curve."))
    raise_all(UnreadableError, problems)
    out = dict(case)
    model, doses, times = case["parameters"], case["doses"], case["times"]
    changes = case.get("cl_changes", ())
    subjects = case.get("subjects")
    states = ("conc", "effect") if "ke0" in model and subjects is None else ("conc",)
    curves = simulate(model, doses, times, subjects, cl_changes=changes, states=states)
    if subjects is not None:
        out["p05"], out["p50"], out["p95"] = curves.quantiles(0.05, 0.5, 0.95).tolist()
        if "window" in case:
            if not isinstance(case["window"], list) or len(case["window"]) != 2:
                raise UnreadableError(Problem("A window is a list of start and end.", "window", "Give hours."))
            start, end = case["window"]
            found = metrics(model, doses, start, end, case.get("threshold"), subjects, cl_changes=changes)
            for k in ("auc", "cmin", "cmax", "time_below"):
                if getattr(found, k) is not None:
                    out[k] = getattr(found, k).tolist()
        return out
    out["conc"] = curves.conc.tolist()
    out["conc_pre"] = simulate(model, doses, times, cl_changes=changes, side="pre").conc.tolist()
    if "effect" in states:
        out["ce"] = curves.effect.tolist()
    if "effect" in case:
        if "effect" not in states:
            raise UnreadableError(Problem("An effect needs ke0 in the parameters.", "parameters.ke0", "Give 1/h."))
        out["effect_values"] = emax(curves.effect, case["effect"]).tolist()
    if "derived" in case:
        out["derived"] = [_window(case, i, w) for i, w in enumerate(case["derived"])]
    return out


def _window(case: Mapping[str, Any], i: int, window: Any) -> dict[str, Any]:
    if not isinstance(window, Mapping) or not {"start", "end"} <= set(window):
        raise UnreadableError(Problem("A window needs start and end.", f"derived[{i}]", "Give hours."))
    try:
        check_window(window["start"], window["end"], window.get("threshold"))
    except UnreadableError as error:
        raise UnreadableError(*(Problem(p.what, f"derived[{i}].{p.where}", p.todo) for p in error.problems)) from None
    found: Metrics = metrics(
        case["parameters"], case["doses"], window["start"], window["end"], window.get("threshold"),
        cl_changes=case.get("cl_changes", ()),
    )  # fmt: skip
    figures = {k: getattr(found, k) for k in _FIGURES}
    return {**window, **{k: v for k, v in figures.items() if v is not None and np.isfinite(v)}}
