"""The kinetics room: what it refuses, models as data, event tables, pictures, questions."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from posology import library
from posology.errors import RefusedError, UnreadableError
from posology.kinetics import (
    Dose,
    OwnDoses,
    bands,
    compare,
    draw,
    fill,
    metrics,
    models_from,
    pressure,
    questions,
    read_doses,
    read_events,
    simulate,
    write_events,
)
from posology.kinetics.models import ModelFile, predict
from posology.kinetics.picture import Band, Chart, Line, svg
from posology.kinetics.withdrawal import LABEL

P: dict[str, Any] = {"model": "1cpt", "CL": 10.0, "V": 60.0, "ka": 1.2}
ONE = [{"time": 0, "amt": 10}]


def said(error: pytest.ExceptionInfo[UnreadableError]) -> str:
    return str(error.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"CL": -1}, "CL: This must be greater than 0, not -1. Give it in L/h."),
        ({"V": 0}, "V: This must be greater than 0, not 0."),
        ({"ka": float("nan")}, "ka: This is not a finite number"),
        ({"CL": float("inf")}, "CL: This is not a finite number"),
        ({"CL": True}, "CL: This is not a number: True"),
        ({"CL": "10"}, "CL: This is not a number: '10'"),
        ({"CL": [10, -2]}, "CL: This must be greater than 0, not -2 (subject 1)"),
        ({"CL": [10, float("nan")]}, "not a finite number for 1 of 2"),
        ({"CL": [1, 2], "V": [1, 2, 3]}, "3 subjects where another parameter has 2"),
        ({"CL": [[1]]}, "one for each subject"),
        ({"tlag": -1}, "tlag: This must be 0 or more"),
        ({"F": 74}, "fraction of the dose (1 is all of it), not per cent"),
        ({"Vd": 60}, "Vd: This parameter is not known. Did you mean V?"),
        ({"model": "3cpt"}, "This model is not known: '3cpt'. Known: 1cpt, 2cpt."),
        ({"model": "2cpt"}, "V1: This parameter is missing. Give it in L."),
        ({"n_transit": 2}, "Transit absorption needs both"),
        ({"n_transit": 2.5, "MTT": 1}, "Only a whole number of transit compartments"),
        ({"n_transit": 31, "MTT": 1}, "30 at most"),
        ({"kad": 0.1}, "kad: This needs ke0 too"),
    ],
)
def test_parameters_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableError) as error:
        simulate(P | change, ONE, [1])
    assert words in said(error)


def test_every_wrong_parameter_is_named_at_once() -> None:
    with pytest.raises(UnreadableError) as error:
        simulate({"model": "1cpt", "CL": -1, "V": 0, "kq": 1}, ONE, [1])
    assert len(error.value.problems) == 3


@pytest.mark.parametrize(
    ("dose", "words"),
    [
        ({"time": 0}, "doses[0].amt: This key is missing."),
        ({"time": 0, "amt": 10, "unit": "g"}, "This unit is 'g', the simulation works in mg. Convert to mg first."),
        ({"time": 0, "amt": 10, "time_unit": "min"}, "This unit is 'min', the simulation works in h."),
        ({"time": 0, "amt": -1}, "doses[0].amt: This is not an amount: -1."),
        ({"time": float("nan"), "amt": 1}, "doses[0].time: This is not a time: nan."),
        ({"time": 0, "amt": 1, "route": "rectal"}, "This route is not known: 'rectal'."),
        ({"time": 0, "amt": 1, "duration": 2}, "Only an iv dose can last."),
        ({"time": 0, "amt": 1, "route": "iv", "duration": -2}, "This is not a duration"),
        ({"time": 0, "amt": 1, "ss": True}, "A dose at steady state needs its interval."),
        ({"time": 0, "amt": 1, "ss": "yes"}, "This must be true or false"),
        ({"time": 0, "amt": 1, "addl": 3}, "Further doses need their interval."),
        ({"time": 0, "amt": 1, "addl": -3, "ii": 8}, "not a count of further doses"),
        ({"time": 0, "amt": 1, "addl": 10**7, "ii": 8}, "These are 10000000 further doses."),
        ({"time": 0, "amt": 1, "dose": 3}, "doses[0].dose: This key is not known."),
        ("10 mg", "doses[0]: This is not a dose."),
    ],
)
def test_doses_refused(dose: Any, words: str) -> None:
    with pytest.raises(UnreadableError) as error:
        simulate(P, [dose], [1])
    assert words in said(error)


def test_other_calls_refused() -> None:
    many = [(0.0, 1.0)] * 1_000_001
    for call, words in (
        (lambda: read_doses(many), "1000001 doses"),
        (lambda: simulate({"model": "1cpt", "CL": 1, "V": 1}, ONE, [1]), "needs the absorption rate"),
        (lambda: simulate(P, ONE, [1, float("nan")]), "times[1]: This is not a finite time"),
        (lambda: simulate(P, ONE, [[1]]), "Times must be one list"),
        (lambda: simulate(P, ONE, ["x"]), "These are not times"),
        (lambda: simulate(P, ONE, [1], side="left"), "This side is not known"),
        (lambda: simulate(P, ONE, [1], states=("effect",)), "no effect compartment"),
        (lambda: simulate(P, ONE, [1], states=("peripheral",)), "no peripheral compartment"),
        (lambda: simulate(P, ONE, [1], states=("liver",)), "This state is not known"),
        (lambda: simulate(P, ONE, [1], []), "There is no subject"),
        (lambda: simulate(P, ONE, [1], [1]), "These are not subjects"),
        (lambda: simulate({"model": "1cpt", "V": 1, "ka": 1}, ONE, [1], [{"CL": 1}, {}]), "subjects[1].CL"),
        (lambda: simulate(7, ONE, [1]), "This is not a model"),
        (lambda: simulate(P, ONE, [1], cl_changes=[(5, 0)]), "greater than 0"),
        (lambda: simulate(P, ONE, [1], cl_changes=[(5, 1), (5, 2)]), "Two changes of clearance at one time"),
        (lambda: simulate(P, ONE, [1], cl_changes=["x"]), "not a change of clearance"),
        (lambda: simulate(P, ONE, [1], cl_changes=[(float("inf"), 2)]), "not a time"),
        (lambda: metrics(P, ONE, 5, 5), "not a window"),
        (lambda: metrics(P, ONE, 0, 5, -1), "not a threshold"),
        (
            lambda: simulate(P, OwnDoses(np.zeros((1, 3)), 1.0), [1], [P, P]),
            "3 subjects where the parameters are for 2",
        ),
        (lambda: OwnDoses(np.zeros(3), 1.0), "shape (doses, subjects)"),
        (lambda: OwnDoses(np.zeros((2, 2)), -1.0), "0 or more"),
        (lambda: simulate(P, [{"time": 0, "amt": 1, "ss": True, "ii": 1e-9}], [-10.0]), "too short"),
        (lambda: bands(P, ONE, [0, 1]), "several subjects"),
        (lambda: bands(P, ONE, [1, 0], [P, P]), "Times must rise"),
        (lambda: bands(P, ONE, [0, 1], [P, P], levels=[5]), "fractions from 0 to 1"),
        (lambda: pressure(P, ONE, [1], half_lives=[0]), "not a half-life"),
    ):
        with pytest.raises(UnreadableError) as error:
            call()  # type: ignore[no-untyped-call]
        assert words in said(error), words


@pytest.mark.parametrize(
    ("cv", "correlations", "words"),
    [
        ({"CL": 44}, None, "A variability of 44 is 4400 %"),
        ({"CL": -0.1}, None, "not a variability"),
        ({"V2": 0.1}, None, "not in the model"),
        ({"CL": 0.1, "V": 0.1}, {("CL", "V"): 1.0}, "not positive definite (its smallest eigenvalue is"),
        (
            {"CL": 0.1, "V": 0.1, "ka": 0.1},
            {("CL", "V"): 0.9, ("V", "ka"): 0.9, ("CL", "ka"): -0.9},
            "No population has",
        ),
        ({"CL": 0.1, "V": 0.1}, {("CL", "V"): 2.0}, "not a correlation"),
        ({"CL": 0.1}, {("CL", "V"): 0.5}, "no variability to correlate"),
        ({"CL": 0.1, "V": 0.1}, {("CL", "V"): 0.1, ("V", "CL"): 0.5}, "This is given twice, with two values"),
    ],
)
def test_populations_refused(cv: Any, correlations: Any, words: str) -> None:
    with pytest.raises(UnreadableError) as error:
        draw(P, cv, 5, 0, correlations)
    assert words in said(error)


# -- models as data -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def file() -> ModelFile:
    path = library.DATA / "medicines" / "baclofen" / "models.toml"
    return models_from(tomllib.loads(path.read_text("utf-8"), parse_float=Decimal))


def test_every_models_file_is_read_and_every_source_used() -> None:
    for path in (library.DATA / "medicines").glob("*/models.toml"):
        found = models_from(library.read_toml(path))
        used = (
            {m.source for m in found.models}
            | {o.source for o in found.observations}
            | {s for s, _, _ in found.not_comparable}
        )
        used |= {found.renal.source} if found.renal else set()
        assert used >= set(found.sources), path
        assert all(m.reason for m in found.models if m.status != "published")
        assert compare(found, 20)


def test_models_meet_the_arithmetic_of_their_papers(file: ModelFile) -> None:
    """Half-life 4.4 h, and 12.6 L/h from the area after 50 mg."""
    simon = file.model("simon-2018")
    half = next(o for o in file.observations if o.figure == "half-life")
    assert predict(simon.typical(), half) == pytest.approx(4.35, abs=0.01)
    area = next(o for o in file.observations if o.id == "C-50-auc")
    assert area.dose is not None
    assert area.dose / area.low == pytest.approx(12.6, abs=0.05)


@pytest.mark.parametrize(
    ("model", "cmax10", "tmax", "auc10"),
    [
        ("simon-2018", 107, 1.57, 862),
        ("marsot-2014", 112, 0.81, 1010),
        ("chevillard-2018", 180, 1.23, 1250),
        ("kochak-1985", 151, 1.31, 926),
    ],
)
def test_models_give_what_closed_forms_gave(
    file: ModelFile, model: str, cmax10: float, tmax: float, auc10: float
) -> None:
    m = metrics(file.model(model), [{"time": 0, "amt": 10}], 0, 500)
    assert m.cmax * 1000 == pytest.approx(cmax10, abs=0.6)
    assert m.tmax == pytest.approx(tmax, abs=0.01)
    assert m.auc * 1000 == pytest.approx(auc10, abs=0.6)


def test_the_observed_peak_lies_inside_the_virtual_population(file: ModelFile) -> None:
    """138.8 ng/mL after 10 mg inside 5 to 95 of 100; 738 after 50 mg near the upper edge."""
    peaks = metrics(
        file.model("simon-2018"), [{"time": 0, "amt": 10}], 0, 24, subjects=file.model("simon-2018").draw(2000, 3)
    ).cmax
    low, high = np.quantile(peaks, (0.05, 0.95)) * 1000
    assert low < 138.8 < high
    assert pytest.approx(5 * high, rel=0.1) == 738


def test_kidneys_meet_the_published_thirds(file: ModelFile) -> None:
    """Within 0.05 at all three groups; the fraction from urine alone does not."""
    assert file.renal is not None
    assert [abs(file.renal.ratio(c) - r) < 0.05 for c, r, _ in file.renal.check] == [True] * 3
    assert not all(abs(file.renal.ratio(c, 0.65) - r) < 0.05 for c, r, _ in file.renal.check)
    weak = file.model().typical(crcl=20).values["CL"]
    assert weak == pytest.approx(11.6 * file.renal.ratio(20))
    with pytest.raises(UnreadableError):
        file.renal.ratio(-1)


def test_what_was_not_read_is_not_run(file: ModelFile) -> None:
    he = file.model("he-2014")
    assert {"V1", "Q", "ka"} <= set(he.missing)
    with pytest.raises(RefusedError) as error:
        simulate(he, ONE, [1])
    assert "were not read" in said(error)


def test_outside_the_people_studied_is_said(file: ModelFile) -> None:
    simon = file.model()
    assert [o.fact for o in simon.outside(age=9, kidney=30, daily_mg=60)] == ["age", "kidney"]
    assert simon.outside(age=40, daily_mg=None) == ()


def raw() -> dict[str, Any]:
    return {
        "default": "m",
        "source": {"s": {"publisher": "P", "title": "T", "checked": "read"}},
        "model": {
            "m": {
                "name": "M", "source": "s", "structure": "1cpt", "status": "published", "read": "all", "population": "none",
                "parameter": {
                    "CL": {"value": 2.0, "unit": "L/h/kg", "cv": 0.2}, "V": {"value": 70, "unit": "L", "allometry": {"reference": 70, "exponent": 1}},
                    "ka": {"value": Decimal("1.5"), "unit": "1/h"},
                },
            }
        },
    }  # fmt: skip


def test_covariates_are_asked_for_and_used() -> None:
    m = models_from(raw()).model()
    with pytest.raises(UnreadableError) as error:
        m.typical()
    assert "CL, V of the model M need the weight" in said(error)
    assert m.typical(weight=35.0).values == {"CL": 70.0, "V": 35.0, "ka": 1.5}
    with pytest.raises(UnreadableError):
        m.typical(weight=35.0, crcl=50)
    assert m.draw(4, 1, weight=35.0).subjects == 4


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("model", "m", "parameter", "CL", "unit"), "mL/min", "This unit is 'mL/min'. Give it in L/h; convert first"),
        (("model", "m", "parameter", "ka", "unit"), "1/min", "This unit is '1/min'. Give it in 1/h"),
        (("model", "m", "parameter", "CL", "value"), -2, "must be greater than 0"),
        (("model", "m", "parameter", "CL", "cv"), 44, "Give 0.44 for 44 %"),
        (("model", "m", "parameter", "V", "ci"), [80, 90], "outside its own confidence interval"),
        (("model", "m", "parameter", "V", "ci"), [90, 80], "above the second"),
        (("model", "m", "parameter", "V", "x"), 1, "This key is not known"),
        (("model", "m", "status"), "approximation", "must say why"),
        (("model", "m", "status"), "guess", "This status is not known"),
        (("model", "m", "structure"), "9cpt", "This structure is not known"),
        (("model", "m", "source"), "t", "There is no source 't'"),
        (("model", "m", "studied"), {"height": [1, 2]}, "This fact is not known"),
        (("model", "m", "residual"), {"kind": "odd", "value": 1, "unit": "x"}, "This kind is not known"),
        (("default",), "n", "There is no model 'n'"),
        (
            ("observation",),
            [{"id": "o", "about": "", "source": "s", "figure": "cmax", "value": 1, "unit": "ng/mL", "dose": 1}],
            "Give cmax in mg/L",
        ),
        (
            ("observation",),
            [{"id": "o", "about": "", "source": "s", "figure": "auc", "value": 1, "unit": "mg h/L"}],
            "needs a dose",
        ),
        (
            ("observation",),
            [{"id": "o", "about": "", "source": "s", "figure": "tmax", "dose": 1, "low": 1, "unit": "h"}],
            "Give a value, or low and high",
        ),
    ],
)
def test_models_refused(path: tuple[str, ...], value: Any, words: str) -> None:
    data = raw()
    at = data
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(UnreadableError) as error:
        models_from(data)
    assert words in said(error)


def test_a_model_without_a_parameter_is_not_published() -> None:
    data = raw()
    del data["model"]["m"]["parameter"]["ka"]
    with pytest.raises(UnreadableError) as error:
        models_from(data)
    assert "Without it the model is unrunnable" in said(error)


# -- event tables -------------------------------------------------------------------------------------------------------


def test_event_tables_go_out_and_come_back() -> None:
    """Single doses, runs as ADDL, infusions, a steady state, lag and bioavailability: the same doses come back, in time order."""
    regular = [Dose(0.1 * k, 4.0) for k in range(30)]  # tenths do not add up exactly: no run may change a time
    doses = {
        "7": [Dose(0.0, 10.0), Dose(8.0, 5.0, "iv", 2.0), Dose(9.0, 3.0, "iv"), Dose(24.0, 10.0, ss=True, ii=8.0)],
        "b": [Dose(1.0, 2.0)],
        "c": [*(Dose(8.0 * k, 10.0) for k in range(9)), Dose(100.0, 10.0), Dose(3.0, 7.0)],
        "d": regular,
    }  # fmt: skip
    text = write_events(doses, {"7": [1.0, 30.0], "b": [4.0]}, {"b": {"tlag": 0.5, "F": 0.7}})
    back = read_events(text)
    assert back.times == {"7": (1.0, 30.0), "b": (4.0,), "c": (), "d": ()}
    assert back.parameters["b"] == {"tlag": 0.5, "F": 0.7}
    assert back.parameters["c"] == {"tlag": 0.0, "F": 1.0}
    assert sum(line.startswith("c,") for line in text.splitlines()) == 3

    def told(held: Any) -> list[Any]:
        return sorted((d.time, d.amt, d.route, d.duration, d.ss, d.ii if d.ss else 0.0) for d in held)

    for id, held in doses.items():
        assert told(back.doses[id]) == told(held)


def test_event_tables_of_others() -> None:
    """Small letters, dots, no EVID, additional doses, a steady state that begins the table."""
    table = read_events(
        "id,time,amt,cmt,rate,ii,addl,ss,dv\n1,0,100,1,.,12,.,1,.\n1,3,.,2,.,.,.,.,0.4\n1,12,100,2,50,12,2,0,.\n"
    )
    assert [(d.time, d.route, d.duration, d.ss) for d in table.doses["1"]] == [
        (0, "oral", 0, True), (12, "iv", 2, False), (24, "iv", 2, False), (36, "iv", 2, False),
    ]  # fmt: skip
    other = read_events("ID,TIME,EVID,AMT,MDV,ALAG1\n1,0,1,5,1,0.25\n1,2,2,0,1,0.25\n1,3,0,0,0,0.25\n")
    assert (len(other.doses["1"]), other.times["1"], other.parameters["1"]) == (1, (2, 3), {"tlag": 0.25})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ID,AMT\n", "The column TIME is missing"),
        ("TIME,AMT,TLAG\n0,1,0.5\n1,1,0.7\n", "line 3, TLAG: This changes within a subject"),
        ("TIME,AMT,TLAG,ALAG1\n", "TLAG and ALAG1 say the same"),
        ("TIME,AMT,DOSE\n", "This column is not known: 'DOSE'"),
        ("TIME,TIME\n", "A column stands twice"),
        ("TIME,AMT\n0\n", "line 2: This line has 1 fields where the head has 2"),
        ("TIME,AMT\nx,1\n", "line 2, TIME: This is not a number: 'x'"),
        ("TIME,AMT,EVID\n0,1,3\n", "EVID 3 (a reset) is not done here"),
        ("TIME,AMT,EVID\n0,1,4\n", "EVID 4 (a reset and a dose) is not done here"),
        ("TIME,AMT,EVID\n0,1,1.5\n", "EVID 1.5 is not known"),
        ("TIME,AMT,EVID\n0,1,0\n", "An observation or another event carries an amount"),
        ("TIME,AMT,EVID\n0,1,2\n", "An observation or another event carries an amount"),
        ("TIME,AMT,SS,II\n0,1,0,0\n5,1,1,8\n", "SS 1 after a dose wipes out"),
        ("TIME,AMT,SS,II\n0,1,7,8\n", "SS 7 is not known"),
        ("TIME,AMT,CMT\n0,1,5\n", "Compartment 5 takes no doses here"),
        ("TIME,AMT,CMT,RATE\n0,1,2,-1\n", "A modelled rate"),
        ("TIME,AMT,CMT,RATE\n0,1,1,5\n", "Only the central compartment takes an infusion"),
        ("TIME,AMT,ADDL,II\n0,1,1.5,8\n", "ADDL 1.5 is not a count"),
        ("TIME,AMT,ADDL,II\n0,1,2000000,8\n", "further doses"),
    ],
)
def test_event_tables_refused(text: str, words: str) -> None:
    with pytest.raises(UnreadableError) as error:
        read_events(text)
    assert words in said(error)


# -- cases, pictures, questions, the index ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ({}, "parameters: This key is missing"),
        ({"parameters": P, "doses": ONE, "times": 3}, "times: This has the wrong form"),
        ({"parameters": P, "doses": ONE, "times": [1], "wndow": 3}, "This key is not known"),
        ({"parameters": P, "doses": ONE, "times": [1], "effect": {"emax": 1, "ec50": 1}}, "An effect needs ke0"),
        ({"parameters": P | {"ke0": 1}, "doses": ONE, "times": [1], "effect": {"emax": 1}}, "effect.ec50"),
        (
            {"parameters": P | {"ke0": 1}, "doses": ONE, "times": [1], "effect": {"emax": 1, "ec50": 0}},
            "greater than 0",
        ),
        ({"parameters": P, "doses": ONE, "times": [1], "derived": [{"start": 1}]}, "needs start and end"),
        (
            {"parameters": P, "doses": ONE, "times": [1], "derived": [{"start": "0", "end": 3}]},
            "derived[0].window: This is not a window: '0' to 3",
        ),
        (
            {"parameters": P, "doses": ONE, "times": [1], "derived": [{"start": 0, "end": 3, "threshold": "x"}]},
            "derived[0].threshold",
        ),
        (
            {"parameters": P, "subjects": [P], "doses": ONE, "times": [1], "window": [5]},
            "A window is a list of start and end",
        ),
        (
            {"parameters": P, "subjects": [P], "doses": ONE, "times": [1], "window": ["a", 3]},
            "This is not a window: 'a' to 3",
        ),
        (
            {"parameters": P | {"ke0": 1}, "doses": ONE, "times": [1], "effect": {"emax": "x", "ec50": 1}},
            "effect.emax: This is not a number: 'x'",
        ),
        (
            {"parameters": P | {"ke0": 1}, "doses": ONE, "times": [1], "effect": {"emax": 1, "ec50": 1, "gama": 2}},
            "effect.gama: This key is not known",
        ),
    ],
)
def test_cases_refused(case: dict[str, Any], words: str) -> None:
    with pytest.raises(UnreadableError) as error:
        fill(case)
    assert words in said(error)


def test_no_figure_divides_by_nothing() -> None:
    """swing and ptf are left out where the lowest or the average is 0, and JSON never holds an infinity."""
    out = fill(
        {
            "parameters": P,
            "doses": [{"time": 5, "amt": 1}],
            "times": [0],
            "derived": [{"start": 0, "end": 4}, {"start": 0, "end": 9}],
        }
    )
    assert "ptf" not in out["derived"][0]
    assert "swing" not in out["derived"][1]
    assert out["derived"][1]["cmin"] == 0


def test_the_picture_is_well_formed_readable_and_without_script() -> None:
    times = np.arange(0, 48, 0.01)
    chart = Chart(
        "A <title> & more", "What it shows.", 0, 48, "ng/mL", (Line(times.tolist(), np.abs(np.sin(times)).tolist(), "own", "your plan"),),
        (Band([0, 48], [0.1, 0.1], [1.1, 1.2], "5 of 100 people are below"),), ((0.0, "Mon 1 Jan"), (24.0, "Tue 2 Jan")),
        ((8.0, True), (16.0, False)), ((8.0, 0.2),), (0.5, "0.5 ng/mL"), ((1.0, 3.0),),
    )  # fmt: skip
    text = svg(chart)
    tree = ElementTree.fromstring(text)
    assert tree.get("role") == "img"
    assert tree.find("{*}title") is not None
    assert tree.find("{*}desc") is not None
    assert "<script" not in text
    for words in (
        "your plan",
        "5 of 100 people are below",
        "dose taken",
        "dose missed",
        "Mon 1 Jan",
        "A &lt;title&gt; &amp; more",
    ):
        assert words in text
    assert len(text) < 60_000
    assert "NaN" not in text
    log = svg(Chart("t", "d", 0, 10, "ng/mL", (Line([0, 5, 10], [0.0, 1, 50], "own", "x"),), log=True))
    assert ">10<" in log
    with pytest.raises(UnreadableError):
        Chart("t", "d", 0, 0, "y", (Line([0], [float("nan")], "own", "x"),))


def test_a_missed_dose_is_back_in_range() -> None:
    """Never out: 0; out and back: the exact hours; out for good: None."""
    p = draw(P, {}, 1).subject(0)
    day = [(7.0, 20.0), (14.0, 20.0), (22.0, 20.0)]
    past = questions.before(day)
    full = [*past, *(Dose(t + 24 * k, mg) for k in range(4) for t, mg in day)]
    usual = metrics(P, full, 0, 24).cmin
    assert questions.back_in_range(p, full, usual, 14.0, 96.0) == 0.0
    left_out = [d for d in full if d.time != 14.0]
    hours = questions.back_in_range(p, left_out, usual, 14.0, 96.0)
    assert hours is not None
    assert simulate(P, left_out, [14.0 + hours]).conc[0] == pytest.approx(usual, rel=1e-5)
    assert questions.back_in_range(p, past, usual, 14.0, 96.0) is None
    under = questions.below(p, left_out, 0.0, 96.0, usual * 1.2)
    assert sum(b - a for a, b in under) == pytest.approx(metrics(P, left_out, 0, 96, usual * 1.2).time_below, rel=1e-9)


def test_spacing_keeps_the_doses() -> None:
    plan = [(7.0, 10.0), (14.0, 20.0), (22.0, 10.0), (31.0, 10.0)]
    marks = [0.0, 24.0, 48.0]
    assert questions.even(plan, marks) == [(7.0, 10.0), (15.0, 20.0), (23.0, 10.0), (31.0, 10.0)]
    assert questions.bunched(plan, marks, 3.0) == [(7.0, 10.0), (10.0, 20.0), (13.0, 10.0), (31.0, 10.0)]
    assert questions.nearest(plan, 14.3) == 1
    with pytest.raises(UnreadableError):
        questions.nearest(plan, 18.0)


def test_the_index_compares_and_says_what_it_is() -> None:
    """Nothing on a steady plan, most after a stop, less on a way down; slower adaptation falls slower; always labelled."""
    day = [(t, 20.0) for t in (7.0, 15.0, 23.0)]
    past = questions.before(day)
    steady = [*past, *(Dose(t + 24 * k, mg) for k in range(10) for t, mg in day)]
    less = [*past, *(Dose(t + 24 * k, mg * (1 - k / 10)) for k in range(10) for t, mg in day)]
    times = np.arange(0.0, 240.0, 6.0)
    plan, down, stop = (pressure(P, d, times) for d in (steady, less, past))
    assert plan.high.max() < 0.02
    assert stop.low[-1] > 0.99
    assert (down.high[4:] < stop.low[4:]).all()
    assert stop.label == LABEL == "heuristic, not validated"
    assert not hasattr(stop, "probability")
    assert stop.of_start[0, -1] < stop.of_start[-1, -1]
    assert ((stop.values >= 0) & (stop.values <= 1)).all()


def test_arrays_go_into_a_frame() -> None:
    frame = simulate(P, ONE, [0, 1], [P, P]).frame()
    assert list(frame.columns) == ["time", "subject", "conc"]
    assert len(frame) == 4
