"""Laws of the kinetics room, each with a planted fault that its check catches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from posology.kinetics import Dose, OwnDoses, Parameters, bands, draw, metrics, own_times, simulate
from tests import kinetics_judge as judge

RATE = st.floats(-3.0, 3.0).map(lambda e: 10.0**e)
VOLUME = st.floats(0.0, 3.0).map(lambda e: 10.0**e)
FEW = settings(max_examples=25, deadline=None)


@st.composite
def models(draw_: Any, cpt: str | None = None) -> dict[str, Any]:
    """A model with rates over six decades, often with absorption equal to another rate."""
    p: dict[str, Any] = {"model": cpt or draw_(st.sampled_from(["1cpt", "2cpt"]))}
    if p["model"] == "1cpt":
        p["V"] = draw_(VOLUME)
        p["CL"] = p["V"] * draw_(RATE)
        ke = p["CL"] / p["V"]
    else:
        p["V1"], p["V2"] = draw_(VOLUME), draw_(VOLUME)
        p["CL"], p["Q"] = p["V1"] * draw_(RATE), p["V1"] * draw_(RATE)
        ke = Parameters.of(p) and p["CL"] / p["V1"]
    p["ka"] = draw_(st.one_of(RATE, st.just(ke), st.just(ke * (1 + 1e-11)), st.just(ke * (1 + 1e-6))))
    if draw_(st.booleans()):
        p["tlag"] = draw_(st.floats(0, 12))
    if draw_(st.booleans()):
        p["F"] = draw_(st.floats(0.05, 1))
    return p


@st.composite
def dose_lists(draw_: Any, steady: bool = True) -> list[dict[str, Any]]:
    """Doses of every kind, in no order; times are quarters of hours, so that both judges read the same instants."""
    out = []
    for _ in range(draw_(st.integers(1, 4))):
        d: dict[str, Any] = {"time": draw_(st.integers(0, 200)) / 4, "amt": draw_(st.floats(0.1, 100))}
        kind = draw_(st.sampled_from(["oral", "bolus", "infusion"]))
        if kind != "oral":
            d["route"] = "iv"
        if kind == "infusion":
            d["duration"] = draw_(st.integers(1, 60)) / 4
        if steady and draw_(st.booleans()):
            d |= {"ss": True, "ii": draw_(st.integers(4, 96)) / 4}
        out.append(d)
    return out


TIMES = st.lists(st.integers(0, 400).map(lambda k: k / 4 + 50 / 1024), min_size=1, max_size=6)


@FEW
@given(models(), dose_lists(), TIMES)
def test_the_judge_agrees(p: dict[str, Any], doses: list[dict[str, Any]], times: list[float]) -> None:
    """Every value within 1e-9 of superposition in 150 digits: all routes, steady states, lags and rates."""
    p = {**p, "tlag": round(p["tlag"] * 64) / 64} if "tlag" in p else p
    assert judge.near(simulate(p, doses, times).conc.tolist(), judge.conc(p, doses, times))
    assert judge.near(simulate(p, doses, times, side="pre").conc.tolist(), judge.conc(p, doses, times, "pre"))


def test_planted_textbook_formula_is_caught() -> None:
    """The formula that divides by ka - ke is what the judge is there to catch."""
    ka, ke = 0.5 * (1 + 1e-12), 0.5
    t = np.array([1.0, 4.0, 9.0])
    textbook = 10 / 40 * ka / (ka - ke) * (np.exp(-ke * t) - np.exp(-ka * t))
    right = judge.conc({"model": "1cpt", "CL": 20.0, "V": 40.0, "ka": ka}, [{"time": 0, "amt": 10}], t.tolist())
    assert not judge.near(textbook.tolist(), right)


def test_planted_lag_forgotten_at_steady_state_is_caught() -> None:
    """Past doses that are not lagged: the bug most often met in simulators."""
    p = {"model": "1cpt", "CL": 10.0, "V": 60.0, "ka": 1.0, "tlag": 3.0}
    doses = [{"time": 0, "amt": 10, "ss": True, "ii": 8}]
    unlagged = simulate({k: v for k, v in p.items() if k != "tlag"}, doses, [1.0, 5.0]).conc.tolist()
    assert not judge.near(unlagged, judge.conc(p, doses, [1.0, 5.0]))


@FEW
@given(models(), dose_lists(), TIMES, st.floats(0.01, 100))
def test_linear(p: dict[str, Any], doses: list[dict[str, Any]], times: list[float], k: float) -> None:
    """k times every dose gives k times every concentration."""
    scaled = [{**d, "amt": d["amt"] * k} for d in doses]
    np.testing.assert_allclose(simulate(p, scaled, times).conc, k * simulate(p, doses, times).conc, rtol=1e-12)


@FEW
@given(models(), dose_lists(), TIMES)
def test_superposition(p: dict[str, Any], doses: list[dict[str, Any]], times: list[float]) -> None:
    """Doses together give the sum of each alone."""
    alone = sum(simulate(p, [d], times).conc for d in doses)
    np.testing.assert_allclose(simulate(p, doses, times).conc, alone, rtol=1e-10)


@FEW
@given(models(), dose_lists(), TIMES, st.integers(-40, 400))
def test_time_shift(p: dict[str, Any], doses: list[dict[str, Any]], times: list[float], by: int) -> None:
    """Everything later by a while gives the same, later by the same while."""
    p = {**p, "tlag": round(p["tlag"] * 64) / 64} if "tlag" in p else p
    later = [{**d, "time": d["time"] + by} for d in doses]
    shifted = simulate(p, later, [t + by for t in times]).conc
    np.testing.assert_allclose(shifted, simulate(p, doses, times).conc, rtol=1e-10)


@FEW
@given(models(), dose_lists(steady=False), TIMES)
def test_the_sample_grid_does_not_matter(p: dict[str, Any], doses: list[dict[str, Any]], times: list[float]) -> None:
    """A time gives the same value alone, in a crowd of others, and in another order."""
    dense = sorted({*times, *np.arange(0, 100, 0.5).tolist()}, reverse=True)
    found = dict(zip(dense, simulate(p, doses, dense).conc.tolist(), strict=True))
    alone = [float(simulate(p, doses, [t]).conc[0]) for t in times]
    assert alone == [found[t] for t in times]


@FEW
@given(models(), dose_lists(steady=False))
def test_mass_balance(p: dict[str, Any], doses: list[dict[str, Any]]) -> None:
    """The area over all time, times the clearance, is everything that reached the blood."""
    slowest = min(r for r in _rates(p))
    end = 100 + 60 / slowest
    given_ = sum(d["amt"] * (p.get("F", 1.0) if d.get("route", "oral") == "oral" else 1.0) for d in doses)
    assert metrics(p, doses, 0, end).auc * p["CL"] == pytest.approx(given_, rel=1e-9)


def _rates(p: dict[str, Any]) -> list[float]:
    from posology.kinetics.system import System

    return [float(r) for r in System(Parameters.of(p)).all_rates()]


@FEW
@given(models("1cpt"), dose_lists(), TIMES)
def test_one_compartment_is_a_case_of_two(p: dict[str, Any], doses: list[dict[str, Any]], times: list[float]) -> None:
    """A second compartment that nothing flows into changes nothing."""
    two = {k: v for k, v in p.items() if k != "V"} | {"model": "2cpt", "V1": p["V"], "Q": 1e-40 * p["CL"], "V2": p["V"]}
    # what trickles back from there is real, and far below 1e-30
    np.testing.assert_allclose(simulate(two, doses, times).conc, simulate(p, doses, times).conc, rtol=1e-11, atol=1e-30)


@FEW
@given(models(), st.integers(0, 6), st.integers(4, 96), TIMES)
def test_addl_is_single_doses(p: dict[str, Any], addl: int, quarters: int, times: list[float]) -> None:
    """n further doses are n doses written out."""
    ii = quarters / 4
    short = [{"time": 0, "amt": 10, "ii": ii, "addl": addl}]
    long = [{"time": k * ii, "amt": 10} for k in range(addl + 1)]
    assert simulate(p, short, times).conc.tolist() == simulate(p, long, times).conc.tolist()


@FEW
@given(st.floats(0.05, 3), st.floats(0.05, 3), st.floats(0, 30), st.integers(8, 96))
def test_steady_state_is_a_long_run(ke: float, ka: float, lag: float, quarters: int) -> None:
    """Doses since for ever are what very many doses come to; with a lag longer than the interval too."""
    ii = quarters / 4
    p = {"model": "1cpt", "CL": 50 * ke, "V": 50.0, "ka": ka, "tlag": lag}
    many = int(60 / min(ke, ka) / ii) + 40
    run = [{"time": -k * ii, "amt": 10} for k in range(many)]
    times = [0.0, ii / 3, ii]
    steady = simulate(p, [{"time": 0, "amt": 10, "ss": True, "ii": ii}], times).conc
    np.testing.assert_allclose(steady, simulate(p, run, times).conc, rtol=1e-10)


@settings(max_examples=15, deadline=None)
@given(models(), dose_lists(), TIMES, st.integers(2, 5), st.booleans())
def test_a_crowd_is_its_people(
    p: dict[str, Any], doses: list[dict[str, Any]], times: list[float], n: int, own_lag: bool
) -> None:
    """N subjects at once give what each gives alone, also with a lag of their own."""
    spread = np.linspace(0.5, 2, n)
    people = [
        {**p, "CL": p["CL"] * s, "ka": p["ka"] * s} | ({"tlag": 1.0 + s} if own_lag else {}) for s in spread.tolist()
    ]
    together = simulate(p, doses, times, people)
    for i, person in enumerate(people):
        assert judge.near(together.conc[:, i].tolist(), simulate(person, doses, times).conc.tolist(), 1e-11)


@settings(max_examples=20, deadline=None)
@given(models("1cpt"), st.integers(0, 10_000), st.floats(0, 3), TIMES)
def test_own_times_are_their_people(p: dict[str, Any], seed: int, spread: float, times: list[float]) -> None:
    """Dose times of each subject's own give what each gives alone; so with a clearance that changes."""
    crowd = draw(p, {"CL": 0.3}, 4, seed)
    own = own_times([(8.0 * k, 10) for k in range(6)], 4, seed, missed=0.2, spread=spread)
    changes = [(17.3, p["CL"] * 0.4)]
    times = sorted(set(times))
    together = simulate(p, own, times, crowd, cl_changes=changes).conc
    for i in range(4):
        alone = simulate(crowd.subject(i), own.of_subject(i), times, cl_changes=changes).conc
        assert judge.near(together[:, i].tolist(), alone.tolist(), 1e-10)


# after the window's dose everything underflows to nothing: the sign at its far end no longer shows the peak before it
@example({"model": "1cpt", "V": 1.0, "CL": 100.0, "ka": 100.0},
         [{"time": 0.0, "amt": 1.0, "route": "iv", "duration": 0.25}, {"time": 25.0, "amt": 1.0}], 25, 30, 0.5)  # fmt: skip
# the peak of a dose over the plateau of an infusion, long before the end of the window
@example({"model": "2cpt", "V1": 1.0, "CL": 100.0, "Q": 3.0, "V2": 4.0, "ka": 100.0},
         [{"time": 0.0, "amt": 1.0, "route": "iv", "duration": 250.0}, {"time": 25.0, "amt": 1.0}], 25, 200, 0.5)  # fmt: skip
@settings(max_examples=25, deadline=None)
@given(models(), dose_lists(), st.integers(0, 100), st.integers(4, 200), st.floats(0.05, 0.95))
def test_metrics_hold_against_a_dense_grid(
    p: dict[str, Any], doses: list[dict[str, Any]], start: int, length: int, part: float
) -> None:
    """No sample lies outside the exact extremes, and the exact area and time below are what a fine grid comes to."""
    end = start + length / 4
    grid = np.linspace(start, end, 4001)[:-1]
    conc = simulate(p, doses, grid).conc
    threshold = float(conc.min() + part * (conc.max() - conc.min()))
    m = metrics(p, doses, start, end, threshold)
    assert m.cmin <= conc.min() * (1 + 1e-9)
    assert m.cmax >= conc.max() * (1 - 1e-9)
    step = grid[1] - grid[0]
    assert m.time_below == pytest.approx(float(np.mean(conc < threshold)) * (end - start), abs=14 * step)
    assert m.time_below + m.time_above == pytest.approx(end - start)
    inside = simulate(p, doses, [min(m.tmax, np.nextafter(end, start))]).conc[0]
    assert start <= m.tmax <= end
    assert inside == pytest.approx(m.cmax, rel=1e-6) or m.tmax == end


@pytest.mark.parametrize("ka", [0.1, 0.2, 1.7])
@pytest.mark.parametrize("structure", ["1cpt", "2cpt"])
def test_ode_judges_changes_effect_adaptation_and_transit(structure: str, ka: float) -> None:
    """An ODE solver at 1e-12 on what superposition cannot do: clearance changes, effect, adaptation, transit chains."""
    v = {"V": 50.0} if structure == "1cpt" else {"V1": 30.0, "Q": 6.0, "V2": 20.0}
    p = {"model": structure, "CL": 10.0, "ka": ka, "ke0": 0.2, "kad": 0.02, "MTT": 1.5, "n_transit": 3, **v}
    doses = [(0.0, 20.0), (8.0, 10.0), (9.5, 30.0), (24.0, 10.0)]
    changes = [(12.0, 3.0), (30.0, 16.0)]
    times = np.array([1.0, 7.9, 12.0, 20.0, 33.0, 60.0])
    got = simulate(p, doses, times, cl_changes=changes, states=("conc", "effect", "adaptation"))
    central = v.get("V", v.get("V1"))
    ktr = 4 / 1.5

    def right(cl: float) -> Any:
        def f(_: float, y: Any) -> Any:
            t0, t1, t2, t3, depot, a1, a2, ce, ad = y
            out = 0.0 if structure == "1cpt" else p["Q"] / p["V1"] * a1 - p["Q"] / p["V2"] * a2
            return [
                -ktr * t0, ktr * (t0 - t1), ktr * (t1 - t2), ktr * (t2 - t3), ktr * t3 - ka * depot,
                ka * depot - cl / central * a1 - out, out, 0.2 * (a1 / central - ce), 0.02 * (ce - ad),
            ]  # fmt: skip

        return f

    y, now, cl = np.zeros(9), 0.0, 10.0
    found: dict[float, Any] = {}
    for t in sorted({*times.tolist(), *(t for t, _ in doses), *(t for t, _ in changes)}):
        if t > now:
            y = solve_ivp(right(cl), (now, t), y, method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
        now = t
        y[0] += sum(a for s, a in doses if s == t)
        cl = dict(changes).get(t, cl)
        found[t] = y.copy()
    np.testing.assert_allclose(got.conc, [found[t][5] / central for t in times], rtol=1e-9)
    np.testing.assert_allclose(got.effect, [found[t][7] for t in times], rtol=1e-9)
    np.testing.assert_allclose(got.others["adaptation"], [found[t][8] for t in times], rtol=1e-9)


def test_planted_change_carried_backwards_is_caught() -> None:
    """A clearance that holds before its time (as data sets of others carry it) gives something else."""
    p = {"model": "1cpt", "CL": 10.0, "V": 50.0, "ka": 1.0}
    ours = simulate(p, [(0, 10)], [10.0], cl_changes=[(6.0, 2.0)]).conc[0]
    backwards = simulate(p, [(0, 10)], [10.0], cl_changes=[(0.0, 2.0)]).conc[0]
    assert not judge.near([ours], [backwards])


def test_before_the_first_dose_is_exactly_nothing() -> None:
    """0, not nearly 0; in a crowd too."""
    p = {"model": "2cpt", "CL": 10.0, "V1": 50.0, "Q": 3.0, "V2": 9.0, "ka": 1.0, "tlag": 0.5}
    assert simulate(p, [(5, 10)], [-3.0, 0.0, 5.0, 5.5]).conc.tolist() == [0.0, 0.0, 0.0, 0.0]
    crowd = draw(p, {"CL": 0.2}, 3)
    assert not simulate(p, [(5, 10)], [-3.0, 0.0, 5.0], crowd).conc.any()


def test_an_ended_infusion_leaves_no_trace() -> None:
    """Overlapping infusions of thirds: after the last, the pump is off exactly and the tail falls for decades."""
    p = {"model": "1cpt", "CL": 50.0, "V": 10.0}
    doses = [{"time": 0.1 * k, "amt": 1 / 3, "route": "iv", "duration": 0.7} for k in range(5)]
    assert judge.near(simulate(p, doses, [20.0, 100.0]).conc.tolist(), judge.conc(p, doses, [20.0, 100.0]), 1e-9)
    assert simulate(p, doses, [100.0]).conc[0] < 1e-200


def test_streaming_bands_are_those_of_the_whole_array() -> None:
    """The same percentiles, highest samples and order as the array they never held."""
    p = {"model": "1cpt", "CL": 10.0, "V": 60.0, "ka": 1.2}
    crowd = draw(p, {"CL": 0.3, "V": 0.3, "ka": 0.5}, 501, 4)
    times = np.arange(0, 60, 0.5)
    whole = simulate(p, [(8.0 * k, 10) for k in range(6)], times, crowd).conc
    seen: list[float] = []
    b = bands(p, [(8.0 * k, 10) for k in range(6)], times, crowd, threshold=0.08, progress=seen.append)
    np.testing.assert_allclose(b.values, np.percentile(whole, [5, 50, 95], axis=1), rtol=1e-13)
    assert b.highest.tolist() == whole.max(axis=0).tolist()
    assert seen[-1] == 1.0
    rough = bands(p, [(8.0 * k, 10) for k in range(6)], times, crowd, threshold=0.08, exact=False)
    exact = metrics(p, [(8.0 * k, 10) for k in range(6)], 0, 59.5, 0.08, crowd)
    assert b.below is not None
    assert rough.below is not None
    np.testing.assert_allclose(b.below, exact.time_below, atol=1e-6)
    np.testing.assert_allclose(rough.below, exact.time_below, atol=0.6)
    assert np.abs(rough.below - exact.time_below).max() > 0.01  # the two ways differ: this test can tell them apart


THREE = [{"time": 8 * k, "amt": 10} for k in range(24)]
KINDS: list[tuple[str, dict[str, Any], list[Any], list[Any]]] = [
    ("from nothing to the plateau", {"model": "1cpt", "CL": 11.6, "V": 72.8, "ka": 1.64}, THREE, []),
    ("at steady state", {"model": "1cpt", "CL": 11.6, "V": 72.8, "ka": 1.64}, [{"time": 0, "amt": 10, "ss": True, "ii": 8}, *THREE[1:]], []),
    ("a waking day", {"model": "1cpt", "CL": 11.6, "V": 72.8, "ka": 1.64}, [(24 * k + h, 10) for k in range(8) for h in (7, 14, 22)], []),
    ("doses missed by some", {"model": "1cpt", "CL": 11.6, "V": 72.8, "ka": 1.64}, "missed", []),
    ("clearance that changes", {"model": "1cpt", "CL": 11.6, "V": 72.8, "ka": 1.64, "ke0": 0.3}, THREE, [(50, 4.0), (130, 20.0)]),
    ("equal rates", {"model": "1cpt", "CL": 11.6, "V": 72.8, "ka": 11.6 / 72.8}, THREE, []),
    ("absorption of seconds", {"model": "1cpt", "CL": 11.6, "V": 72.8, "ka": 500.0}, THREE, []),
    ("boluses", {"model": "1cpt", "CL": 10.0, "V": 50.0}, [{"time": 8 * k, "amt": 10, "route": "iv"} for k in range(12)], []),
    ("two compartments and an infusion", {"model": "2cpt", "CL": 10.8, "V1": 28.8, "Q": 12.9, "V2": 19.7, "ka": 1.0},
     [{"time": 0, "amt": 30, "route": "iv", "duration": 4}, *THREE[1:9]], []),
]  # fmt: skip


@pytest.mark.parametrize(("model", "doses", "changes"), [k[1:] for k in KINDS], ids=[k[0] for k in KINDS])
def test_streamed_time_below_is_that_of_metrics(model: dict[str, Any], doses: Any, changes: list[Any]) -> None:
    """Every crossing solved, whatever the samples: the same hours as without streaming, at levels few or all cross."""
    n = 60
    crowd = draw(model, {k: 0.35 for k in ("CL", "V", "V1", "ka") if k in model}, n, 3)
    if doses == "missed":
        taken = np.random.default_rng(2).random((24, n)) > 0.1
        doses = [Dose(8.0 * k, np.where(taken[k], 10.0, 0.0)) for k in range(24)]
    for times in (np.arange(0.0, 190.0), np.array([3.3, 100.7, 187.9])):
        for threshold in (0.0, 0.02, 0.08, 0.12, 5.0):
            b = bands(model, doses, times, crowd, threshold=threshold, cl_changes=changes)
            exact = metrics(model, doses, times[0], times[-1], threshold, crowd, cl_changes=changes)
            assert b.below is not None
            assert b.exact
            np.testing.assert_allclose(b.below, exact.time_below, atol=1e-6)


def test_bands_say_where_the_time_below_is_by_straight_lines() -> None:
    """Own dose times, own lags and transit absorption: said in the answer, and near what figures say."""
    p = {"model": "1cpt", "CL": 10.0, "V": 60.0, "ka": 1.2}
    crowd = draw(p, {"CL": 0.3}, 6, 3)
    times = np.arange(0.0, 50.0, 0.25)
    lags = Parameters(crowd.structure, {**crowd.values, "tlag": np.linspace(0.0, 1.0, 6)}, 6)
    slow = draw(p | {"MTT": 0.5, "n_transit": 2}, {"CL": 0.3}, 6, 3)
    doses = [(8.0 * k, 10) for k in range(5)]
    for people, taken in ((crowd, own_times(doses, 6, 2, spread=0.5)), (lags, doses), (slow, doses)):
        b = bands(p, taken, times, people, threshold=0.08)
        assert not b.exact
        exact = metrics(p, taken, 0, times[-1], 0.08, people)
        np.testing.assert_allclose(b.below, exact.time_below, atol=0.5)


def test_what_repeats_is_not_worked_out_again_and_is_the_same() -> None:
    """At a steady state rows are not made anew: percentiles, maximum and straight-line time below stay those of the array."""
    p = {"model": "1cpt", "CL": 14.0, "V": 60.0, "ka": 1.2}
    crowd = draw(p, {"CL": 0.1, "V": 0.1}, 40, 4)
    doses = [(8.0 * k, 10) for k in range(60)]
    for times in (np.arange(0, 470.0), np.concatenate([np.arange(0, 300.0), np.arange(302.0, 470.0, 8.0)])):
        whole = simulate(p, doses, times, crowd).conc
        b = bands(p, doses, times, crowd, threshold=0.08, exact=False)
        np.testing.assert_allclose(b.values, np.percentile(whole, [5, 50, 95], axis=1), rtol=1e-10)
        np.testing.assert_allclose(b.highest, whole.max(axis=0), rtol=1e-10)
        under, step = whole < 0.08, np.diff(times)[:, None]
        cross = under[1:] ^ under[:-1]
        apart = np.where(cross, np.abs(np.diff(whole, axis=0)), 1.0)
        part = (0.08 - np.minimum(whole[1:], whole[:-1])) / apart
        hours = (step * (under[1:] & under[:-1])).sum(axis=0) + (step * np.where(cross, part, 0.0)).sum(axis=0)
        np.testing.assert_allclose(b.below, hours, rtol=1e-9)
        # a change after the plateau is seen at once
        later = bands(p, doses, times, crowd, cl_changes=[(400, 2.0)]).values
        changed = simulate(p, doses, times, crowd, cl_changes=[(400, 2.0)]).conc
        np.testing.assert_allclose(later, np.percentile(changed, [5, 50, 95], axis=1), rtol=1e-10)


def test_the_earliest_of_equal_extremes_counts() -> None:
    """At a steady state every interval has the same extremes: the first one is named, for one person and for many."""
    for ii in (4, 6, 8, 12):
        doses = [{"time": 0, "amt": 10, "ss": True, "ii": ii}, *((float(ii * k), 10) for k in range(1, 6))]
        p = {"model": "1cpt", "CL": 10.0, "V": 50.0, "ka": 1.0}
        crowd = draw(p, {"CL": 0.6, "V": 0.6, "ka": 0.9}, 200, 3)
        many = metrics(p, doses, 0, 3 * ii, subjects=crowd)
        assert many.tmin.max() == 0.0
        assert many.tmax.max() < ii
        for i in range(0, 200, 9):
            one = metrics(crowd.subject(i), doses, 0, 3 * ii)
            assert (one.tmin, one.tmax < ii) == (0.0, True)


def test_more_subjects_or_parameters_leave_the_others_as_they_were() -> None:
    """One random stream a parameter, keyed by its name; subjects in its order."""
    p = {"model": "1cpt", "CL": 10.0, "V": 60.0, "ka": 1.2}
    few, more = draw(p, {"CL": 0.3}, 10, 7), draw(p, {"V": 0.2, "CL": 0.3}, 50, 7)
    assert few.values["CL"].tolist() == more.values["CL"][:10].tolist()
    assert draw(p, {"CL": 0.3}, 10, 8).values["CL"].tolist() != few.values["CL"].tolist()


def test_variability_and_correlation_are_what_was_asked() -> None:
    """A lognormal of that coefficient of variation, and that correlation of the logarithms."""
    p = {"model": "1cpt", "CL": 10.0, "V": 60.0, "ka": 1.2}
    c = draw(p, {"CL": 0.5, "V": 0.3}, 200_000, 1, {("CL", "V"): 0.6})
    assert np.median(c.values["CL"]) == pytest.approx(10, rel=0.01)
    assert c.values["CL"].std() / c.values["CL"].mean() == pytest.approx(0.5, rel=0.02)
    assert np.corrcoef(np.log(c.values["CL"]), np.log(c.values["V"]))[0, 1] == pytest.approx(0.6, abs=0.01)


def test_missed_doses_as_amounts_are_missed_doses_as_times() -> None:
    """A zero over subjects is a dose that is not there."""
    p = {"model": "1cpt", "CL": 10.0, "V": 60.0, "ka": 1.2}
    crowd = draw(p, {"CL": 0.3}, 3, 2)
    amounts = np.array([10.0, 0.0, 10.0])
    shared = simulate(p, [Dose(0.0, 10.0), Dose(8.0, amounts)], [4.0, 12.0], crowd).conc
    own = OwnDoses(np.array([[0.0] * 3, [8.0] * 3]), np.array([[10.0] * 3, amounts]))
    np.testing.assert_allclose(shared, simulate(p, own, [4.0, 12.0], crowd).conc, rtol=1e-12)


def test_a_peak_is_found_where_the_end_of_the_window_holds_nothing() -> None:
    """The level has died away so far at the end that no number holds its fall: its peak of minutes is found all the same."""
    p = {"model": "2cpt", "V1": 1.0, "V2": 1.0, "CL": 100.0, "Q": 1000.0, "ka": 100.0}
    long, short = (metrics(p, [(0, 1.0)], 0, end) for end in (20.5, 0.5))
    assert (long.cmax, long.tmax) == pytest.approx((short.cmax, short.tmax), rel=1e-9)
    assert short.cmax > 0.2


def test_nothing_warns_far_away() -> None:
    """Long before and after every dose, with doses of nothing and no doses: figures, bands and curves without a warning."""
    one = {"model": "1cpt", "CL": 11.6, "V": 72.8, "ka": 1.64}
    two = {"model": "2cpt", "CL": 10.8, "V1": 28.8, "Q": 12.9, "V2": 19.7, "ka": 1.0, "ke0": 0.01}
    courses: list[list[dict[str, Any]]] = [
        [{"time": 0, "amt": 10, "ss": True, "ii": 8}],
        [{"time": 0, "amt": 10, "route": "iv", "duration": 3}, {"time": 1, "amt": 3}],
        [{"time": 0, "amt": 0.0}],
        [],
    ]
    for model in (one, two):
        crowd = draw(model, {"CL": 0.5, "ka": 0.9}, 5, 1)
        for doses in courses:
            for start, end in ((-5.0, 1.0), (500.0, 524.0), (2000.0, 2400.0), (3000.0, 20000.0)):
                for threshold in (0.0, 1e-300, 0.05):
                    many = metrics(model, doses, start, end, threshold, crowd)
                    assert np.isfinite([metrics(model, doses, start, end, threshold).auc, *many.auc]).all()
                    b = bands(model, doses, np.array([start, start + 1.0, end]), crowd, threshold=threshold)
                    np.testing.assert_allclose(b.below, many.time_below, atol=1e-6)
