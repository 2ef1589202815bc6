"""Turns the parameters of a compartment model into its exact response: what one state becomes from another after h hours.

Knows no dose, no medicine and no sample time. Every response is a sum of non-negative terms (``exponentials``).

States are held as amount over the volume of the central compartment (mg/L), so the central state is the concentration:

    transit0 .. transitn, depot    what was swallowed and is not yet absorbed
    pump                           an infusion running now, mg/L per hour
    central, peripheral            peripheral in 2-compartment models only
    effect, adaptation             dCe/dt = ke0 (C - Ce);  dA/dt = kad (Ce - A)
    area                           the integral of the concentration, mg h/L; read only
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from attrs import define, field, frozen
from numpy.typing import NDArray

from posology.errors import Problem, UnreadableError, raise_all
from posology.kinetics.exponentials import Array, Rate, convolved, shaped

STRUCTURES: dict[str, tuple[str, ...]] = {"1cpt": ("CL", "V"), "2cpt": ("CL", "V1", "Q", "V2")}
"""The structures and the parameters each must have: clearances in L/h, volumes in L."""
OPTIONAL = ("ka", "F", "tlag", "ke0", "kad", "MTT", "n_transit")
"""ka, ke0, kad in 1/h; F a fraction of the dose; tlag and MTT (mean transit time) in h; n_transit a whole number."""


@frozen(eq=False)
class Parameters:
    """The checked parameters of one subject (numbers) or of N subjects (arrays of shape (N,)).

    ``values`` holds CL (L/h), V or V1, V2 (L), Q (L/h), ka, ke0, kad (1/h), F (fraction), tlag, MTT (h), n_transit.
    Errors name every parameter that is missing, unknown, negative, zero or not a number; nothing is clipped.

    >>> Parameters.of({"model": "1cpt", "CL": -1, "V": 50})
    Traceback (most recent call last):
    posology.errors.UnreadableError: CL: This must be greater than 0, not -1. Give it in L/h.
    """

    structure: str
    values: Mapping[str, Any]
    subjects: int = 0
    """The number of subjects; 0 for one subject given as plain numbers."""

    @classmethod
    def of(cls, given: Mapping[str, Any], where: str = "") -> Parameters:
        """From a mapping with the key ``model`` ("1cpt" or "2cpt") and the parameters as numbers or arrays."""
        at = f"{where}." if where else ""
        structure = given.get("model")
        if structure not in STRUCTURES:
            raise UnreadableError(
                Problem(f"This model is not known: {structure!r}.", f"{at}model", f"Known: {', '.join(STRUCTURES)}.")
            )
        needed = STRUCTURES[structure]
        known = (*needed, *OPTIONAL)
        problems = [
            Problem("This parameter is missing.", at + k, f"Give it in {_UNITS[k]}.") for k in needed if k not in given
        ]
        values: dict[str, Any] = {}
        subjects = 0
        for key, raw in given.items():
            if key == "model":
                continue
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                todo = f"Did you mean {near[0]}?" if near else f"Known for {structure}: {', '.join(known)}."
                problems.append(Problem("This parameter is not known.", at + key, todo))
                continue
            value, wrong = _number(raw, zero=key in ("tlag", "n_transit"))
            if wrong is None and key == "F" and np.any(np.asarray(value) > 10):
                wrong = "This is a fraction of the dose (1 is all of it), not per cent."
            if wrong is None and key == "n_transit" and np.any(np.asarray(value) != np.floor(value)):
                wrong = "Only a whole number of transit compartments is exact here."
            if wrong is None and key == "n_transit" and (np.ndim(value) or value > 30):
                wrong = "This must be one whole number for all subjects, 30 at most."
            if wrong is None and isinstance(value, np.ndarray):
                if subjects and len(value) != subjects:
                    wrong = f"This has {len(value)} subjects where another parameter has {subjects}."
                subjects = len(value)
            if wrong is not None:
                problems.append(Problem(wrong, at + key, f"Give it in {_UNITS[key]}."))
            else:
                values[key] = value
        if ("MTT" in values) != bool(values.get("n_transit", 0)):
            problems.append(
                Problem("Transit absorption needs both of them.", f"{at}MTT, n_transit", "Give both or none.")
            )
        for key, other in (("kad", "ke0"), ("MTT", "ka")):
            if key in values and other not in given:
                problems.append(Problem(f"This needs {other} too.", at + key, f"Give {other} in 1/h."))
        raise_all(UnreadableError, problems)
        return cls(structure, values, subjects)

    @classmethod
    def many(cls, rows: Sequence[Mapping[str, Any]], base: Mapping[str, Any]) -> Parameters:
        """N subjects from N mappings; what a subject does not give comes from ``base`` (as does ``model``)."""
        keys = {k for row in rows for k in row if k != "model"}
        lost = [
            Problem("This parameter is missing.", f"subjects[{i}].{k}", "Give it for every subject or for none.")
            for i, row in enumerate(rows)
            for k in sorted(keys - set(row) - set(base))
        ]
        raise_all(UnreadableError, lost)
        merged = dict(base)
        for key in keys:
            column = [row.get(key, base.get(key)) for row in rows]
            merged[key] = column[0] if key == "n_transit" and len(set(column)) == 1 else column
        return cls.of(merged, "subjects")

    def subject(self, i: int) -> Parameters:
        """One subject of many, as plain numbers."""
        return Parameters(self.structure, {k: float(v[i]) if np.ndim(v) else v for k, v in self.values.items()})

    def take(self, chosen: Any) -> Parameters:
        """Some subjects of many (a slice or an index array)."""
        values = {k: v[chosen] if np.ndim(v) else v for k, v in self.values.items()}
        sizes = [len(v) for v in values.values() if np.ndim(v)]
        return Parameters(self.structure, values, sizes[0] if sizes else 0)

    def with_clearance(self, cl: Any) -> Parameters:
        """The same with another clearance (L/h)."""
        value, wrong = _number(cl)
        if wrong is not None:
            raise UnreadableError(Problem(wrong, "cl_changes.CL", "Give it in L/h."))
        return Parameters(self.structure, {**self.values, "CL": value}, self.subjects)

    @property
    def volume(self) -> Any:
        """The volume of the central compartment, L."""
        return self.values["V" if self.structure == "1cpt" else "V1"]


_UNITS = {
    "CL": "L/h", "Q": "L/h", "V": "L", "V1": "L", "V2": "L", "ka": "1/h", "ke0": "1/h", "kad": "1/h",
    "F": "a fraction of the dose", "tlag": "h", "MTT": "h", "n_transit": "a whole number",
}  # fmt: skip


def _number(raw: Any, *, zero: bool = False) -> tuple[Any, str | None]:
    """A positive finite float or float array, and what is wrong with it."""
    if isinstance(raw, bool | str):
        return raw, f"This is not a number: {raw!r}."
    if isinstance(raw, float | int):
        if raw != raw or raw in (np.inf, -np.inf):
            return raw, f"This is not a finite number: {raw!r}."
        if raw < 0 or (raw == 0 and not zero):
            return raw, f"This must be {'0 or more' if zero else 'greater than 0'}, not {raw!r}."
        return float(raw), None
    try:
        array = np.asarray(raw, dtype=np.float64)
    except (TypeError, ValueError):
        return raw, f"This is not a number: {str(raw)[:40]}."
    if array.ndim > 1 or array.size == 0:
        return raw, "This must be one number, or one for each subject."
    bad = ~np.isfinite(array)
    if bad.any():
        return raw, f"This is not a finite number for {int(bad.sum())} of {array.size} subjects."
    bad = array < 0 if zero else array <= 0
    if bad.any():
        at = int(np.argmax(bad))
        limit = "0 or more" if zero else "greater than 0"
        return raw, f"This must be {limit}, not {array.reshape(-1)[at]:g} (subject {at})."
    return (float(array), None) if array.ndim == 0 else (array, None)


@define(eq=False, slots=False)
class System:
    """The exact responses of one set of parameters. Rates are numbers or arrays over subjects; h broadcasts with them."""

    parameters: Parameters
    oral: bool = True
    infused: bool = False
    chain: tuple[str, ...] = field(init=False)
    states: tuple[str, ...] = field(init=False)
    _terms: dict[tuple[str, str], list[tuple[Any, tuple[Rate, ...]]]] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        v = self.parameters.values
        if self.oral and "ka" not in v:
            raise UnreadableError(
                Problem("A dose by mouth needs the absorption rate.", "parameters.ka", "Give ka in 1/h.")
            )
        n = int(v.get("n_transit", 0))
        self.chain = (*(f"transit{i}" for i in range(n + 1 if n else 0)), "depot") if self.oral else ()
        two = self.parameters.structure == "2cpt"
        self.states = (
            *self.chain,
            *(("pump",) if self.infused else ()),
            "central",
            *(("peripheral",) if two else ()),
            *(("effect",) if "ke0" in v else ()),
            *(("adaptation",) if "kad" in v else ()),
        )

    @cached_property
    def _chain_rates(self) -> tuple[Rate, ...]:
        v = self.parameters.values
        n = len(self.chain) - 1
        # the dose enters transit0 and passes n + 1 times at (n + 1) / MTT, as Savic 2007 counts them
        return (*((n / v["MTT"],) * n), v["ka"]) if n > 0 else (v["ka"],)

    @cached_property
    def modes(self) -> list[tuple[Any, Rate]]:
        """What a bolus into the central compartment becomes: weights (that add to 1) and rates (1/h)."""
        v = self.parameters.values
        if self.parameters.structure == "1cpt":
            return [(1.0, v["CL"] / v["V"])]
        _, _, _, alpha, beta, w, rest = self._two
        return [(w, alpha), (rest, beta)]

    @cached_property
    def _two(self) -> tuple[Any, ...]:
        """k10, k12, k21, the fast and the slow rate, and the share of a bolus that leaves by each: all without cancellation."""
        v = self.parameters.values
        k10, k12, k21 = v["CL"] / v["V1"], v["Q"] / v["V1"], v["Q"] / v["V2"]
        d = k10 + k12 - k21
        root = np.sqrt(d * d + 4.0 * k12 * k21)
        alpha = 0.5 * (k10 + k12 + k21 + root)
        beta = k10 / alpha * k21
        # (alpha - k21)(k21 - beta) = k12 k21: take the larger factor as it stands, the smaller from the product
        big = 0.5 * (np.abs(d) + root)
        small = np.where(big > 0, k12 * k21 / np.where(big > 0, big, 1.0), 0.0)
        fast, slow = np.where(d >= 0, big, small), np.where(d >= 0, small, big)
        return k10, k12, k21, alpha, beta, fast / (fast + slow), slow / (fast + slow)

    def terms(self, target: str, source: str) -> list[tuple[Any, tuple[Rate, ...]]]:
        """Weights and rates of the response of ``target`` to one unit in ``source``; empty where there is none."""
        key = (target, source)
        if key not in self._terms:
            self._terms[key] = self._make(target, source)
        return self._terms[key]

    def _make(self, target: str, source: str) -> list[tuple[Any, tuple[Rate, ...]]]:
        v = self.parameters.values
        chain = self.chain
        if source in chain and target in chain:
            i, j = chain.index(source), chain.index(target)
            if j < i:
                return []
            rates = self._chain_rates
            weight = 1.0
            for r in rates[i:j]:
                weight = weight * r
            return [(weight, tuple(rates[i : j + 1]))]
        if target in chain or (target == "pump" and source != "pump") or source == "area":
            return []
        if target == "pump":
            return [(1.0, (0.0,))]
        tail: tuple[Rate, ...] = ()
        gain: Any = 1.0
        if target in ("effect", "adaptation"):
            tail, gain = (v["ke0"],), v["ke0"]
        if target == "adaptation":
            tail, gain = (*tail, v["kad"]), gain * v["kad"]
        if target == "area":
            tail = (0.0,)
        if source in ("effect", "adaptation"):
            if target == source:
                return [(1.0, (v["ke0" if source == "effect" else "kad"],))]
            return [(v["kad"], (v["ke0"], v["kad"]))] if (target, source) == ("adaptation", "effect") else []
        head: tuple[Rate, ...] = ()
        if source in chain:
            head = tuple(self._chain_rates[chain.index(source) :])
            for r in head:
                gain = gain * r
        elif source == "pump":
            head = (0.0,)
        if self.parameters.structure == "2cpt":
            _, k12, k21, alpha, beta, *_ = self._two
            if target == "peripheral":
                if source == "peripheral":
                    (w, _), (rest, _) = self.modes
                    return [(rest, (alpha,)), (w, (beta,))]
                return [(gain * k12, (*head, alpha, beta))]
            if source == "peripheral":
                return [(gain * k21, (alpha, beta, *tail))]
        return [(gain * w, (*head, r, *tail)) for w, r in self.modes]

    def response(self, target: str, source: str, h: Rate) -> Array | None:
        """What one unit in ``source`` has become in ``target`` after ``h`` hours; None where they do not touch."""
        total: Array | None = None
        for weight, rates in self.terms(target, source):
            part = convolved(rates, h)
            if not (isinstance(weight, float) and weight == 1.0):
                part = part * weight
            total = part if total is None else total + part
        return total

    def take(self, chosen: Any) -> System:
        """The same of some subjects."""
        return System(self.parameters.take(chosen), self.oral, self.infused)

    def shape(self, target: str, source: str, h: Rate) -> list[Any]:
        """The response and its first three derivatives in time (see :func:`exponentials.shaped`)."""
        total: list[Any] = []
        for weight, rates in self.terms(target, source):
            part = shaped(rates, h)
            if not (isinstance(weight, float) and weight == 1.0):
                part = (weight * part[0], weight * part[1], weight * part[2], weight * part[3])
            total = [a + b for a, b in zip(total, part, strict=True)] if total else list(part)
        return total

    def matrix(self, h: Rate, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """The propagator over ``h`` hours: shape (S, S, *shape), [target, source]."""
        n = len(self.states)
        out = np.zeros((n, n, *shape))
        for i, target in enumerate(self.states):
            for j, source in enumerate(self.states):
                part = self.response(target, source, h)
                if part is not None:
                    out[i, j] = part
        return out

    def row(self, target: str, h: Rate) -> list[Array | None]:
        """The responses of one state to each of ``states``."""
        return [self.response(target, source, h) for source in self.states]

    @property
    def entry(self) -> str:
        """The state a dose by mouth enters."""
        return self.chain[0]

    def rates(self) -> NDArray[np.float64]:
        """The rate matrix M of dx/dt = M x over the central system (chain, pump, central, peripheral): (S, S, N or 1).

        Effect and adaptation states have zero rows here: extremes are sought in the concentration.
        """
        v = self.parameters.values
        width = max(1, self.parameters.subjects)
        n = len(self.states)
        at = {s: i for i, s in enumerate(self.states)}
        out = np.zeros((n, n, width))
        c = at["central"]
        for k, (name, rate) in enumerate(zip(self.chain, self._chain_rates if self.chain else (), strict=True)):
            out[at[name], at[name]] = -rate
            out[c if k == len(self.chain) - 1 else at[self.chain[k + 1]], at[name]] = rate
        if "pump" in at:
            out[c, at["pump"]] = 1.0
        if self.parameters.structure == "1cpt":
            out[c, c] = -(v["CL"] / v["V"])
        else:
            k10, k12, k21, *_ = self._two
            p = at["peripheral"]
            out[c, c], out[c, p], out[p, c], out[p, p] = -(k10 + k12), k21, k12, -k21
        return out

    def all_rates(self) -> list[Rate]:
        """The rates of every exponential in the concentration: absorption, then disposition."""
        return [*(self._chain_rates if self.chain else ()), *(r for _, r in self.modes)]
