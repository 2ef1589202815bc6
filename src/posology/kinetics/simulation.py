"""Turns a model, doses and times into concentrations, and a window into exact figures: the calls everything else uses.

Knows no medicine file, no calendar and no file format. Hours, mg, L and mg/L throughout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from posology.errors import MissingExtraError, Problem, UnreadableError
from posology.kinetics import engine
from posology.kinetics.doses import Dose, OwnDoses, read_doses
from posology.kinetics.exponentials import Array
from posology.kinetics.figures import Metrics, check_window, measure
from posology.kinetics.system import Parameters

_STATES = {"conc": "central", "effect": "effect", "adaptation": "adaptation", "peripheral": "peripheral"}


@frozen(eq=False)
class Curves:
    """What :func:`simulate` gives. ``times``: (T,) hours as asked; ``conc``: mg/L, (T,) for one subject, (T, N) for N.

    ``others`` holds the further states asked for ("effect", "adaptation", "peripheral"), in the same shape and unit.
    """

    times: Array
    conc: Array
    others: Mapping[str, Array] = field(factory=dict)

    @property
    def effect(self) -> Array:
        """The concentration at the effect site, mg/L; asked for with ``states=("conc", "effect")``."""
        return self.others["effect"]

    def quantiles(self, *levels: float) -> Array:
        """Percentiles over subjects at each time: (len(levels), T), linear interpolation (Hyndman and Fan, type 7)."""
        rows = self.conc if self.conc.ndim == 2 else self.conc[:, None]
        return np.stack([quantile(np.sort(row), np.array(levels)) for row in rows], axis=1)

    def frame(self) -> Any:
        """A pandas DataFrame: columns time, subject and conc (needs the extra ``plots``)."""
        try:
            import pandas as pd
        except ImportError:
            raise MissingExtraError.of("A data frame", "plots") from None
        n = self.conc.shape[1] if self.conc.ndim == 2 else 1
        return pd.DataFrame(
            {
                "time": np.repeat(self.times, n),
                "subject": np.tile(np.arange(n), len(self.times)),
                "conc": self.conc.reshape(-1),
            }
        )


def quantile(ordered: Array, levels: Array) -> Array:
    """Percentiles (levels in 0..1) of sorted values by linear interpolation, Hyndman and Fan's type 7."""
    at = levels * (len(ordered) - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, len(ordered) - 1)
    out: Array = ordered[low] + (at - low) * (ordered[high] - ordered[low])
    return out


def parameters_of(model: Any, subjects: Any = None) -> Parameters:
    """The parameters a call means: of a mapping, of :class:`Parameters`, or of N subjects beside them."""
    if isinstance(subjects, Parameters):
        return subjects
    typical = getattr(model, "typical", None)
    if callable(typical):  # a kinetic model of a medicine file
        model = typical()
    if subjects is not None:
        base = {"model": model.structure, **model.values} if isinstance(model, Parameters) else model
        if not isinstance(subjects, Sequence) or not all(isinstance(s, Mapping) for s in subjects):
            raise UnreadableError(
                Problem("These are not subjects.", "subjects", "Give a list of parameter mappings, or draw(...).")
            )
        if not subjects:
            raise UnreadableError(Problem("There is no subject.", "subjects", "Give at least one."))
        return Parameters.many(subjects, base)
    if isinstance(model, Parameters):
        return model
    if not isinstance(model, Mapping):
        raise UnreadableError(Problem("This is not a model.", "model", 'Give {"model": "1cpt", "CL": ..., "V": ...}.'))
    return Parameters.of(model, "parameters")


def changes_of(given: Sequence[Any]) -> list[tuple[float, Any]]:
    """Clearance changes from mappings (time, CL) or pairs, in time order; two at one time are an error."""
    out: list[tuple[float, Any]] = []
    for i, raw in enumerate(given):
        where = f"cl_changes[{i}]"
        try:
            time, cl = (raw["time"], raw["CL"]) if isinstance(raw, Mapping) else raw
            time = float(time)
        except (KeyError, TypeError, ValueError):
            raise UnreadableError(
                Problem("This is not a change of clearance.", where, "Give time (h) and CL (L/h).")
            ) from None
        if not np.isfinite(time):
            raise UnreadableError(Problem(f"This is not a time: {time}.", where))
        out.append((time, cl))
    out.sort(key=lambda c: c[0])
    if len({t for t, _ in out}) < len(out):
        raise UnreadableError(Problem("Two changes of clearance at one time.", "cl_changes", "Leave one."))
    return out


def simulate(
    model: Any,
    doses: Any,
    times: Any,
    subjects: Any = None,
    *,
    cl_changes: Sequence[Any] = (),
    side: str = "post",
    states: Sequence[str] = ("conc",),
) -> Curves:
    """Concentrations at any times, exact to about 1e-13, for one subject or N.

    model: a mapping with ``model`` ("1cpt": CL, V; "2cpt": CL, V1, Q, V2) and, where wanted, ka, F, tlag, ke0, kad, MTT
        with n_transit; or a kinetic model of a medicine file (its typical adult). L/h, L, 1/h, h.
    doses: mappings or :class:`Dose` (time h, amt mg, route, duration, ss, ii, addl) in any order; or :class:`OwnDoses`.
    times: (T,) hours, in any order, also before the first dose (exactly 0 there).
    subjects: None for one; a list of N parameter mappings; or what :func:`draw` gave.
    cl_changes: (time h, CL L/h) pairs; each clearance holds from its time on (not carried backwards, as data sets of
        NONMEM and mrgsolve do by default), and the concentration is continuous.
    side: "post" takes in the doses at a sample's own time, "pre" is the limit from the left.
    states: "conc", and "effect", "adaptation" or "peripheral" where the model has them.

    Results do not depend on the sample grid. Errors: :class:`UnreadableError` naming every value that is wrong.

    >>> curve = simulate({"model": "1cpt", "CL": 20, "V": 40, "ka": 0.5}, [{"time": 0, "amt": 10}], [0, 1, 2])
    >>> curve.conc.round(6).tolist()  # ka equals CL/V, where textbook formulas divide by zero
    [0.0, 0.075816, 0.09197]
    """
    p = parameters_of(model, subjects)
    asked = _targets(p, states)
    if side not in ("post", "pre"):
        raise UnreadableError(Problem(f"This side is not known: {side!r}.", "side", "Use post or pre."))
    sought = engine.check_times(times)
    changes = changes_of(cl_changes)
    if not isinstance(doses, OwnDoses) and not p.subjects:
        course = engine.prepare(p, read_doses(doses), sought, changes)
        found = engine.sample(course, engine.trail(course), sought, list(asked.values()), side)
        return _curves(sought, {name: found[state] for name, state in asked.items()})
    rising = bool(np.all(sought[1:] > sought[:-1]))
    order, back = (sought, None) if rising else np.unique(sought, return_inverse=True)
    n = _count(p, doses)
    out = {name: np.empty((len(order), n)) for name in asked}
    held = list(out.values())
    walk(p, doses, order, changes, asked, side, engine.Sink(lambda lo, hi: [a[lo:hi] for a in held]))
    if back is not None:
        out = {name: a[back] for name, a in out.items()}
    return _curves(sought, out)


def _curves(times: Array, found: dict[str, Array]) -> Curves:
    return Curves(times, found.pop("conc"), found)


def _targets(p: Parameters, states: Sequence[str]) -> dict[str, str]:
    out = {"conc": "central"}
    for name in states:
        if name not in _STATES:
            raise UnreadableError(
                Problem(f"This state is not known: {name!r}.", "states", f"Known: {', '.join(_STATES)}.")
            )
        lacks = {"effect": "ke0", "adaptation": "kad"}.get(name)
        if (lacks and lacks not in p.values) or (name == "peripheral" and p.structure == "1cpt"):
            raise UnreadableError(
                Problem(
                    f"This model has no {name} compartment.",
                    "states",
                    f"Give {lacks} in 1/h." if lacks else "Use 2cpt.",
                )
            )
        out[name] = _STATES[name]
    return out


def _count(p: Parameters, doses: Any) -> int:
    n = p.subjects
    sizes = {"doses.times": doses.times.shape[1]} if isinstance(doses, OwnDoses) else {}
    if not isinstance(doses, OwnDoses):
        for i, d in enumerate(doses if not isinstance(doses, Dose | Mapping) else [doses]):
            amt = d.amt if isinstance(d, Dose) else d.get("amt") if isinstance(d, Mapping) else None
            if isinstance(amt, np.ndarray | list | tuple):
                sizes[f"doses[{i}].amt"] = len(amt)
    for where, size in sizes.items():
        if n and size != n:
            raise UnreadableError(Problem(f"These are {size} subjects where the parameters are for {n}.", where))
    return n or next(iter(sizes.values()), 1)


def walk(
    p: Parameters,
    doses: Any,
    times: Array,
    changes: Sequence[tuple[float, Any]],
    asked: Mapping[str, str],
    side: str,
    sink: engine.Sink,
) -> None:
    """Fill rows of time by the way that fits the doses."""
    targets = list(asked.values())
    lag = p.values.get("tlag", 0.0)
    if isinstance(doses, OwnDoses):
        if not p.subjects:
            p = p.take(slice(None))
            p = Parameters(
                p.structure, {**p.values, "CL": np.full(doses.times.shape[1], p.values["CL"])}, doses.times.shape[1]
            )
        engine.walk_own(p, doses, lag, times, changes, targets, side, sink)
        return
    held = read_doses(doses)
    if np.ndim(lag) == 0:
        engine.walk_shared(engine.prepare(p, held, times, changes), times, targets, side, sink)
        return
    if all(d.route == "oral" and not d.ss for d in held):
        own = OwnDoses(
            np.array([[d.time] for d in held]).reshape(-1, 1).repeat(p.subjects, axis=1),
            np.array([np.broadcast_to(d.amt, p.subjects) for d in held]).reshape(-1, p.subjects),
        )
        engine.walk_own(p, own, lag, times, changes, targets, side, sink)
        return
    # a lag of each subject's own with infusions or a steady state: subject by subject, slower and as exact
    whole = {t: np.zeros((len(times), p.subjects)) for t in targets}
    for i in range(p.subjects):
        mine = [_of_subject(d, i) for d in held]
        course = engine.prepare(p.subject(i), mine, times, [(t, _pick(cl, i)) for t, cl in changes])
        for t, a in engine.sample(course, engine.trail(course), times, targets, side).items():
            whole[t][:, i] = a
    for k in range(len(times)):
        for row, t in zip(sink.rows(k, k + 1), targets, strict=True):
            row[0] = whole[t][k]
        if sink.done is not None:
            sink.done(k, k + 1)


def _pick(value: Any, i: int) -> Any:
    return float(value[i]) if np.ndim(value) else value


def _of_subject(d: Dose, i: int) -> Dose:
    return Dose(d.time, _pick(d.amt, i), d.route, d.duration, d.ss, d.ii)


def metrics(
    model: Any,
    doses: Any,
    start: float,
    end: float,
    threshold: float | None = None,
    subjects: Any = None,
    *,
    cl_changes: Sequence[Any] = (),
) -> Metrics:
    """Exact figures over [start, end] hours (see :class:`Metrics`); ``threshold`` in mg/L. Arguments as in :func:`simulate`.

    >>> m = metrics({"model": "1cpt", "CL": 10, "V": 50, "ka": 1}, [{"time": 0, "amt": 10, "ss": True, "ii": 8}], 0, 8)
    >>> round(m.auc, 12)  # the dose over the clearance
    1.0
    """
    check_window(start, end, threshold)
    p = parameters_of(model, subjects)
    changes = changes_of(cl_changes)
    look = np.array([start])
    own = isinstance(doses, OwnDoses)
    if not p.subjects and not own:
        return measure(engine.prepare(p, read_doses(doses), look, changes), start, end, threshold)
    n = _count(p, doses)
    if not own and np.ndim(p.values.get("tlag", 0.0)) == 0:
        return measure(engine.prepare(p, read_doses(doses), look, changes), start, end, threshold)
    held = None if own else read_doses(doses)
    each = []
    for i in range(n):
        mine = doses.of_subject(i) if held is None else tuple(_of_subject(d, i) for d in held)
        course = engine.prepare(p.subject(i) if p.subjects else p, mine, look, [(t, _pick(cl, i)) for t, cl in changes])
        each.append(measure(course, start, end, threshold))
    names = ("auc", "cmax", "tmax", "cmin", "tmin", "trough", "time_below")
    columns = {k: None if getattr(each[0], k) is None else np.array([getattr(m, k) for m in each]) for k in names}
    return Metrics(start, end, threshold, **columns)
