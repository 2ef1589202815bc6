"""Turns the plain data of a medicine's models file into checked kinetic models, and holds them against what was observed.

Knows no medicine by name and reads no file: models, sources and observations are data (see ``data/medicines/*/models.toml``).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from attrs import field, frozen

from posology.errors import Problem, RefusedError, UnreadableError, raise_all
from posology.kinetics.figures import Metrics
from posology.kinetics.population import draw
from posology.kinetics.simulation import metrics
from posology.kinetics.system import OPTIONAL, STRUCTURES, Parameters, System

STATUSES = ("published", "approximation", "unrunnable")
FIGURES = ("cmax", "auc", "tmax", "clearance", "half-life", "fluctuation")
_RIGHT_UNITS = {
    "CL": "L/h", "Q": "L/h", "V": "L", "V1": "L", "V2": "L", "Vss": "L", "ka": "1/h", "ke0": "1/h", "kad": "1/h",
    "F": "fraction", "tlag": "h", "MTT": "h", "n_transit": "1",
}  # fmt: skip
_FIGURE_UNITS = {"cmax": "mg/L", "auc": "mg h/L", "tmax": "h", "clearance": "L/h", "half-life": "h", "fluctuation": "%"}


@frozen
class ModelSource:
    """Where numbers come from, and how they were checked ("read", "abstract", "quoted elsewhere")."""

    id: str
    publisher: str
    title: str
    checked: str
    date: str = ""
    identifier: str = ""
    jurisdiction: str = ""


@frozen
class Parameter:
    """One parameter: typical value, unit, confidence interval, and variability between people as a fraction (cv)."""

    name: str
    value: float
    unit: str
    ci: tuple[float, float] | None = None
    cv: float | None = None
    verified: bool = True
    per_kg: bool = False
    allometry: tuple[float, float] | None = None
    """Reference weight (kg) and exponent: value (weight / reference)^exponent."""


@frozen
class Residual:
    """The unexplained scatter of single measurements: "proportional" (a fraction) or "additive" (mg/L)."""

    kind: str
    value: float
    unit: str
    verified: bool = False
    note: str = ""


@frozen
class RenalScaling:
    """CL relative to normal: (1 - fraction) + fraction min(CrCL, reference) / reference, CrCL in mL/min."""

    source: str
    fraction: float
    range: tuple[float, float]
    reference: float
    basis: str
    verified: bool
    check: tuple[tuple[float, float, str], ...] = ()
    """Creatinine clearance, published ratio, group: what the formula is held against."""

    def ratio(self, crcl: Any, fraction: float | None = None) -> Any:
        """The clearance as a share of normal.

        >>> RenalScaling("x", 0.8, (0.65, 0.85), 110.0, "", False).ratio(55.0)
        0.6
        """
        if not np.all(np.asarray(crcl) >= 0) or not np.all(np.isfinite(crcl)):
            raise UnreadableError(Problem(f"This is not a creatinine clearance: {crcl}.", "crcl", "Give mL/min."))
        f = self.fraction if fraction is None else fraction
        part = np.minimum(crcl, self.reference) / self.reference
        out = (1.0 - f) + f * part
        return float(out) if np.ndim(out) == 0 else out


@frozen
class Outside:
    """A fact of a person that lies outside the people a model was studied in."""

    fact: str
    value: float
    low: float
    high: float


@frozen
class KineticModel:
    """A published model as data. ``status``: "published", "approximation" or "unrunnable" (the last two with a reason).

    ``studied``: for age (years), weight (kg), kidney (mL/min) and daily_mg the range of the people it was made from.
    """

    id: str
    name: str
    source: str
    structure: str
    status: str
    read: str
    population: str
    parameters: tuple[Parameter, ...]
    verified: bool = False
    reason: str = ""
    missing: tuple[str, ...] = ()
    residual: Residual | None = None
    studied: Mapping[str, tuple[float, float]] = field(factory=dict, eq=False)
    studied_basis: str = ""
    notes: tuple[str, ...] = ()
    renal: RenalScaling | None = None

    @property
    def runnable(self) -> bool:
        """False where what was not read makes it another model."""
        return self.status != "unrunnable"

    @property
    def variability(self) -> dict[str, float]:
        """The coefficient of variation of each parameter that has one."""
        return {p.name: p.cv for p in self.parameters if p.cv is not None}

    def typical(
        self, *, weight: float | None = None, crcl: float | None = None, fraction: float | None = None
    ) -> Parameters:
        """The parameters of the typical person of a weight (kg) and a creatinine clearance (mL/min).

        Errors: the model cannot be run, or a covariate it needs is missing. Nothing is assumed.
        """
        if not self.runnable:
            raise RefusedError(Problem(f"The model {self.name} cannot be run: {self.reason}", f"model {self.id}"))
        needs = [p.name for p in self.parameters if p.per_kg or p.allometry]
        if needs and weight is None:
            raise UnreadableError(
                Problem(f"{', '.join(needs)} of the model {self.name} need the weight.", "weight", "Give it in kg.")
            )
        values: dict[str, Any] = {"model": self.structure}
        for p in self.parameters:
            value = p.value
            if p.per_kg and weight is not None:
                value *= weight
            if p.allometry and weight is not None:
                value *= (weight / p.allometry[0]) ** p.allometry[1]
            values[p.name] = value
        if crcl is not None:
            if self.renal is None:
                raise UnreadableError(
                    Problem(f"How kidneys change the model {self.name} is not on file.", "crcl", "Leave it out.")
                )
            values["CL"] = values["CL"] * self.renal.ratio(crcl, fraction)
        return Parameters.of(values, f"model {self.id}")

    def draw(self, n: int, seed: int = 0, **covariates: Any) -> Parameters:
        """N virtual people of this model (see :func:`draw`)."""
        return draw(self.typical(**covariates), self.variability, n, seed)

    def outside(self, **facts: float | None) -> tuple[Outside, ...]:
        """Which facts (age, weight, kidney, daily_mg) lie outside the people studied."""
        return tuple(
            Outside(k, float(v), *self.studied[k])
            for k, v in facts.items()
            if v is not None and k in self.studied and not self.studied[k][0] <= v <= self.studied[k][1]
        )


@frozen
class Observation:
    """A published figure to hold models against: a value (with sd), or a range from low to high."""

    id: str
    about: str
    source: str
    figure: str
    low: float
    high: float
    unit: str
    verified: bool
    dose: float | None = None
    interval: float | None = None
    sd: float | None = None
    note: str = ""

    @property
    def middle(self) -> float:
        """The value, or the middle of the range."""
        return (self.low + self.high) / 2


@frozen
class ModelFile:
    """Everything a medicine's models file holds."""

    default: str
    sources: Mapping[str, ModelSource] = field(eq=False)
    models: tuple[KineticModel, ...]
    observations: tuple[Observation, ...]
    renal: RenalScaling | None = None
    not_comparable: tuple[tuple[str, str, str], ...] = ()
    """Source, what was observed, and why no model is held against it."""
    liquid: tuple[str, float, str] | None = None
    """Source, time of the peak of a liquid (h), and on what that rests."""

    def model(self, id: str | None = None) -> KineticModel:
        """The model of an id, or the default one."""
        wanted = id or self.default
        for m in self.models:
            if m.id == wanted:
                return m
        names = [m.id for m in self.models]
        near = difflib.get_close_matches(wanted, names, 1)
        raise UnreadableError(
            Problem(
                f"This model is not known: {wanted!r}.",
                "--model",
                f"Did you mean {near[0]}?" if near else f"Known: {', '.join(names)}.",
            )
        )


class _Reader:
    """Reads tables key by key and keeps every problem with its path."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def say(self, what: str, where: str, todo: str = "") -> None:
        self.problems.append(Problem(what, where, todo))

    def table(self, value: Any, where: str, known: Sequence[str], needed: Sequence[str] = ()) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self.say("This must be a table.", where)
            return {}
        for key in value:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                self.say(
                    "This key is not known.",
                    f"{where}.{key}",
                    f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}.",
                )
        for key in needed:
            if key not in value:
                self.say("This key is missing.", f"{where}.{key}")
        return value

    def number(self, value: Any, where: str, default: float | None = None) -> float:
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not np.isfinite(float(value)):
            self.say(f"This is not a number: {value!r}.", where)
            return 1.0
        return float(value)

    def pair(self, value: Any, where: str) -> tuple[float, float]:
        if not isinstance(value, list | tuple) or len(value) != 2:
            self.say("This must be two numbers, low and high.", where)
            return (0.0, 1.0)
        low, high = (self.number(v, where) for v in value)
        if low > high:
            self.say("The first number is above the second.", where)
        return low, high

    def text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            self.say("This must be a text.", f"{where}.{key}")
            return ""
        return value


def models_from(data: Mapping[str, Any]) -> ModelFile:
    """The models of a medicine from the plain data of its file; every error at once, with its path.

    >>> models_from({"default": "x", "model": {}, "source": {}})
    Traceback (most recent call last):
    posology.errors.UnreadableError: default: There is no model 'x'.
    """
    r = _Reader()
    r.table(
        data,
        "models",
        ("default", "source", "renal", "model", "observation", "not_comparable", "liquid"),
        ("default", "model", "source"),
    )
    sources = {}
    for id, raw in data.get("source", {}).items():
        where = f"source.{id}"
        t = r.table(
            raw,
            where,
            ("publisher", "title", "date", "identifier", "jurisdiction", "checked"),
            ("publisher", "title", "checked"),
        )
        sources[id] = ModelSource(
            id, *(r.text(t, k, where) for k in ("publisher", "title", "checked", "date", "identifier", "jurisdiction"))
        )
    renal = _renal(r, data["renal"]) if "renal" in data else None
    models = tuple(_model(r, id, raw, renal) for id, raw in data.get("model", {}).items())
    observations = tuple(_observation(r, i, raw) for i, raw in enumerate(data.get("observation", ())))
    others = []
    for i, raw in enumerate(data.get("not_comparable", ())):
        t = r.table(raw, f"not_comparable[{i}]", ("source", "about", "reason"), ("source", "about", "reason"))
        others.append((t.get("source", ""), t.get("about", ""), t.get("reason", "")))
    liquid = None
    if "liquid" in data:
        t = r.table(data["liquid"], "liquid", ("source", "tmax", "verified", "basis"), ("source", "tmax", "basis"))
        liquid = (r.text(t, "source", "liquid"), r.number(t.get("tmax"), "liquid.tmax"), r.text(t, "basis", "liquid"))
    default = data.get("default", "")
    if default and default not in {m.id for m in models}:
        r.say(f"There is no model {default!r}.", "default")
    cited = [(f"model.{m.id}.source", m.source) for m in models] + [
        (f"observation {o.id}", o.source) for o in observations
    ]
    cited += [("liquid", liquid[0])] if liquid else []
    cited += [("not_comparable", s) for s, _, _ in others] + ([("renal.source", renal.source)] if renal else [])
    for where, source in cited:
        if source and source not in sources:
            r.say(f"There is no source {source!r}.", where)
    raise_all(UnreadableError, r.problems)
    return ModelFile(default, sources, models, observations, renal, tuple(others), liquid)


def _renal(r: _Reader, raw: Any) -> RenalScaling:
    keys = ("source", "parameter", "fraction", "range", "reference", "cap", "unit", "verified", "basis", "check")
    t = r.table(raw, "renal", keys, ("source", "fraction", "range", "reference", "basis", "unit"))
    if t.get("unit", "mL/min") != "mL/min":
        r.say(f"This unit is {t['unit']!r}.", "renal.unit", "Give creatinine clearance in mL/min.")
    fraction = r.number(t.get("fraction"), "renal.fraction", 0.5)
    if not 0 <= fraction <= 1:
        r.say(f"This is not a fraction: {fraction}.", "renal.fraction")
    return RenalScaling(
        r.text(t, "source", "renal"), fraction, r.pair(t.get("range"), "renal.range"),
        r.number(t.get("reference"), "renal.reference"), r.text(t, "basis", "renal"), bool(t.get("verified", False)),
        tuple((r.number(c.get("crcl"), "renal.check"), r.number(c.get("ratio"), "renal.check"), str(c.get("group", ""))) for c in t.get("check", ())),
    )  # fmt: skip


def _model(r: _Reader, id: str, raw: Any, renal: RenalScaling | None) -> KineticModel:
    where = f"model.{id}"
    keys = ("name", "source", "structure", "status", "verified", "read", "reason", "missing", "population", "studied",
            "studied_basis", "residual", "notes", "parameter")  # fmt: skip
    t = r.table(raw, where, keys, ("name", "source", "structure", "status", "read", "population", "parameter"))
    structure, status = t.get("structure"), t.get("status")
    if structure not in STRUCTURES:
        r.say(f"This structure is not known: {structure!r}.", f"{where}.structure", f"Known: {', '.join(STRUCTURES)}.")
        structure = "1cpt"
    if status not in STATUSES:
        r.say(f"This status is not known: {status!r}.", f"{where}.status", f"Known: {', '.join(STATUSES)}.")
    reason = r.text(t, "reason", where)
    if status in ("approximation", "unrunnable") and not reason:
        r.say(f"A model that is {status} must say why.", f"{where}.reason")
    parameters = []
    for name, entry in t.get("parameter", {}).items():
        parameters.append(_parameter(r, f"{where}.parameter.{name}", name, entry))
    if status != "unrunnable":
        have = {p.name for p in parameters}
        for name in (*STRUCTURES[structure], "ka"):
            if name not in have:
                r.say(
                    "This parameter is missing.",
                    f"{where}.parameter.{name}",
                    "Without it the model is unrunnable: say so in its status.",
                )
        for name in have - {*STRUCTURES[structure], *OPTIONAL}:
            r.say("This parameter is not of this structure.", f"{where}.parameter.{name}")
    studied = {}
    for key, value in t.get("studied", {}).items():
        if key not in ("age", "weight", "kidney", "daily_mg"):
            r.say("This fact is not known.", f"{where}.studied.{key}", "Known: age, weight, kidney, daily_mg.")
        studied[key] = r.pair(value, f"{where}.studied.{key}")
    residual = None
    if "residual" in t:
        e = r.table(
            t["residual"], f"{where}.residual", ("kind", "value", "unit", "verified", "note"), ("kind", "value", "unit")
        )
        if e.get("kind") not in ("proportional", "additive"):
            r.say(
                f"This kind is not known: {e.get('kind')!r}.",
                f"{where}.residual.kind",
                "Known: proportional, additive.",
            )
        residual = Residual(
            str(e.get("kind")),
            r.number(e.get("value"), f"{where}.residual.value"),
            str(e.get("unit")),
            bool(e.get("verified", False)),
            str(e.get("note", "")),
        )
    return KineticModel(
        id=id, name=r.text(t, "name", where), source=r.text(t, "source", where), structure=structure, status=str(status),
        read=r.text(t, "read", where), population=r.text(t, "population", where), parameters=tuple(parameters),
        verified=bool(t.get("verified", False)), reason=reason, missing=tuple(t.get("missing", ())), residual=residual,
        studied=studied, studied_basis=r.text(t, "studied_basis", where), notes=tuple(t.get("notes", ())), renal=renal,
    )  # fmt: skip


def _parameter(r: _Reader, where: str, name: str, raw: Any) -> Parameter:
    t = r.table(raw, where, ("value", "unit", "ci", "cv", "verified", "allometry"), ("value", "unit"))
    unit = str(t.get("unit", ""))
    if name not in _RIGHT_UNITS:
        r.say("This parameter is not known.", where, f"Known: {', '.join(_RIGHT_UNITS)}.")
    elif unit.removesuffix("/kg") != _RIGHT_UNITS[name]:
        r.say(
            f"This unit is {unit!r}.",
            f"{where}.unit",
            f"Give it in {_RIGHT_UNITS[name]}; convert first (60 min are 1 h, 1 mL/min is 0.06 L/h).",
        )
    value = r.number(t.get("value"), f"{where}.value")
    if value <= 0:
        r.say(f"This must be greater than 0, not {value}.", f"{where}.value")
    cv = None if t.get("cv") is None else r.number(t["cv"], f"{where}.cv")
    if cv is not None and not 0 <= cv <= 5:
        r.say(f"This is not a coefficient of variation: {cv}.", f"{where}.cv", "Give 0.44 for 44 %.")
    ci = None if t.get("ci") is None else r.pair(t["ci"], f"{where}.ci")
    if ci is not None and not ci[0] <= value <= ci[1]:
        r.say("The value lies outside its own confidence interval.", f"{where}.ci")
    allometry = None
    if "allometry" in t:
        e = r.table(t["allometry"], f"{where}.allometry", ("reference", "exponent"), ("reference", "exponent"))
        allometry = (
            r.number(e.get("reference"), f"{where}.allometry"),
            r.number(e.get("exponent"), f"{where}.allometry"),
        )
    return Parameter(name, value, unit, ci, cv, bool(t.get("verified", True)), unit.endswith("/kg"), allometry)


def _observation(r: _Reader, i: int, raw: Any) -> Observation:
    where = f"observation[{i}]"
    keys = (
        "id",
        "about",
        "source",
        "dose",
        "interval",
        "figure",
        "value",
        "low",
        "high",
        "sd",
        "unit",
        "verified",
        "note",
    )
    t = r.table(raw, where, keys, ("id", "about", "source", "figure", "unit"))
    figure = t.get("figure")
    if figure not in FIGURES:
        r.say(f"This figure is not known: {figure!r}.", f"{where}.figure", f"Known: {', '.join(FIGURES)}.")
    elif t.get("unit") != _FIGURE_UNITS[figure]:
        r.say(f"This unit is {t.get('unit')!r}.", f"{where}.unit", f"Give {figure} in {_FIGURE_UNITS[figure]}.")
    if figure in ("cmax", "auc", "tmax", "fluctuation") and "dose" not in t:
        r.say("This figure needs a dose.", f"{where}.dose", "Give mg.")
    if ("value" in t) == ("low" in t or "high" in t) or ("low" in t) != ("high" in t):
        r.say("Give a value, or low and high.", where)
    low = r.number(t.get("value", t.get("low")), f"{where}.value")
    dose, interval, sd = (
        None if t.get(k) is None else r.number(t[k], f"{where}.{k}") for k in ("dose", "interval", "sd")
    )
    return Observation(
        id=str(t.get("id", "")), about=r.text(t, "about", where), source=r.text(t, "source", where), figure=str(figure),
        low=low, high=r.number(t.get("value", t.get("high")), f"{where}.value"), unit=str(t.get("unit", "")),
        verified=bool(t.get("verified", False)), dose=dose, interval=interval, sd=sd, note=r.text(t, "note", where),
    )  # fmt: skip


# -- models against observations -------------------------------------------------------------------------------------


@frozen
class Prediction:
    """What one model gives for one observation: its typical person, and 5 and 95 of 100 virtual people where it varies."""

    model: str
    value: float
    p05: float | None
    p95: float | None
    error: float
    """Relative to the observed value, or to the near end of the observed range (0 inside it)."""


@frozen
class Comparison:
    """One observation and what every runnable model gives for it; ``spread``: the highest over the lowest of them."""

    observation: Observation
    predictions: tuple[Prediction, ...]

    @property
    def spread(self) -> float:
        """How far the models lie apart: the highest value over the lowest."""
        values = [p.value for p in self.predictions]
        return max(values) / min(values)


def predict(parameters: Parameters, observation: Observation) -> Any:
    """The observed figure as these parameters give it: a number, or an array over subjects."""
    v = parameters.values
    if observation.figure == "clearance":
        return v["CL"]
    slow = System(parameters).modes[-1][1]
    if observation.figure == "half-life":
        return np.log(2.0) / slow
    dose: dict[str, Any] = {"time": 0.0, "amt": observation.dose}
    if observation.figure == "auc":
        return observation.dose * v.get("F", 1.0) / v["CL"]
    end = 24.0
    if observation.interval is not None:
        dose |= {"ss": True, "ii": observation.interval}
        end = observation.interval
    found: Metrics = metrics(parameters, [dose], 0.0, end)
    if observation.figure == "fluctuation":
        return found.swing * 100.0
    return found.tmax if observation.figure == "tmax" else found.cmax


def compare(file: ModelFile, people: int = 1000, seed: int = 1) -> tuple[Comparison, ...]:
    """Every runnable model against every observation; a virtual population where a model says how people vary."""
    crowds = {m.id: m.draw(people, seed) for m in file.models if m.runnable and m.variability}
    out = []
    for o in file.observations:
        row = []
        for m in file.models:
            if not m.runnable:
                continue
            value = float(predict(m.typical(), o))
            low = high = None
            if m.id in crowds:
                low, high = (float(q) for q in np.quantile(predict(crowds[m.id], o), (0.05, 0.95)))
            near = min(max(value, o.low), o.high)
            row.append(Prediction(m.id, value, low, high, value / near - 1.0))
        out.append(Comparison(o, tuple(row)))
    return tuple(out)
