"""Makes cases.json anew: ``python -m tests.spec.kinetics.make_cases`` (four minutes).

Each case is worked out by the rate matrix's exponential in 120 digits; where no clearance changes, a superposition with
residues in 150 digits must say the same.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tests.kinetics_judge import conc, near
from tests.kinetics_states import figures, filled, quantiles

Case = dict[str, Any]
ONE: Case = {"model": "1cpt", "CL": 9.3, "V": 55.0, "ka": 1.1}
TWO: Case = {"model": "2cpt", "CL": 7.7, "V1": 31.0, "Q": 5.2, "V2": 40.0, "ka": 0.9}
EQUAL: Case = {"model": "1cpt", "CL": 20.0, "V": 40.0, "ka": 0.5}
ROUND: Case = {"model": "2cpt", "V1": 16.0, "CL": 4.0, "Q": 6.0, "V2": 12.0, "ka": 0.9}
"""alpha is exactly 1, beta exactly 0.125."""
GRID = [0, 0.1, 0.5, 1, 2, 3.7, 6, 8, 9, 12.25, 16, 20, 24, 30, 48, 72, 100]


def every(n: int, first: float = 0, ii: float = 8, amt: float = 10) -> list[Case]:
    """Doses by mouth."""
    return [{"time": first + ii * k, "amt": amt} for k in range(n)]


def iv(time: float, amt: float, duration: float = 0, **more: Any) -> Case:
    """A bolus, or an infusion."""
    return {"time": time, "amt": amt, "route": "iv"} | ({"duration": duration} if duration else {}) | more


def steady(time: float, amt: float, ii: float) -> Case:
    """A dose by mouth at steady state."""
    return {"time": time, "amt": amt, "ss": True, "ii": ii}


def change(*pairs: tuple[float, float]) -> list[Case]:
    """Clearance changes."""
    return [{"time": t, "CL": cl} for t, cl in pairs]


def over(*windows: tuple[float, ...]) -> list[Case]:
    """Windows: start, end, and a threshold where wanted."""
    return [dict(zip(("start", "end", "threshold"), w, strict=False)) for w in windows]


def _written() -> list[Case]:
    """Cases thought of one by one."""
    out: list[Case] = []

    def add(name: str, p: Case, doses: list[Case], times: list[float], **more: Any) -> None:
        out.append({"name": name, "parameters": p, "doses": doses, "times": times} | more)

    mixed = [*every(4), iv(5, 20), iv(9, 30, 7.5), iv(16, 3)]
    add("tablets, bolus and infusion", ONE | {"F": 0.6, "tlag": 0.7}, mixed, GRID)
    add("the same in two compartments", TWO | {"F": 0.6, "tlag": 0.7}, mixed, GRID)
    add(
        "infusions over one another",
        TWO,
        [iv(0, 30, 10), iv(4, 10, 2), iv(6, 10, 0.5), iv(6, 8, 4), iv(10, 5, 5)],
        GRID,
    )
    add(
        "one infusion after another",
        ONE,
        [iv(0, 30, 8), iv(8, 30, 8), iv(16, 30, 8)],
        GRID,
        derived=over((0, 30, 0.2), (3.3, 21.7, 0.3)),
    )
    add(
        "lag longer than the interval at steady state",
        ONE | {"tlag": 10.5},
        [steady(0, 10, 8)],
        [0, 1, 2.5, 3, 8, 10.5, 11, 40],
    )
    add("the same in two compartments, twice over", TWO | {"tlag": 13.5}, [steady(0, 10, 6)], GRID)
    add(
        "steady state, then doses at odd times",
        ONE | {"tlag": 0.4},
        [
            steady(0, 10, 8),
            {"time": 7, "amt": 10},
            {"time": 19, "amt": 20},
            {"time": 20.5, "amt": 5},
            {"time": 55, "amt": 10},
        ],
        [-3, 0, 0.4, 0.5, 7.2, 7.4, 19.4, 20.9, 24, 40, 55.4, 60, 90],
        derived=over((0, 48, 0.08), (2.2, 8)),
    )
    add("steady state by infusion", TWO, [iv(0, 20, 2, ss=True, ii=12)], [0, 0.5, 2, 6, 12, 50])
    add(
        "infusion longer than its interval at steady state",
        TWO,
        [iv(0, 20, 20, ss=True, ii=6)],
        [-1, 0, 1, 5, 6, 7, 12, 19.9, 20, 20.1, 30, 80],
        derived=over((0, 60, 0.3)),
    )
    add("infusion as long as its interval", ONE, [iv(0, 20, 6, ss=True, ii=6)], [-1, 0, 1, 5, 6, 7, 12, 30])
    add(
        "two steady states, one by infusion, one with a lag",
        ONE | {"tlag": 9},
        [iv(0, 20, 3, ss=True, ii=12), steady(0, 10, 8)],
        [-5, 0, 1, 3, 6, 9, 12, 17, 25, 60],
        derived=over((0, 24, 0.3)),
    )
    add("a steady state on another", TWO, [steady(0, 10, 8), steady(4, 5, 12)], [-2, 0, 4, 4.5, 8, 12, 24, 48])
    add("a steady state long after another", ONE, [steady(0, 10, 24), steady(100, 10, 12)], [0, 50, 100, 101, 150])
    add("a steady state of years", ONE | {"CL": 0.01}, [steady(0, 10, 8)], [0, 8, 100, 5000])
    add(
        "steady state bolus, samples before it",
        {"model": "1cpt", "CL": 10.0, "V": 50.0},
        [iv(0, 100, ss=True, ii=12)],
        [-12, -1, 0, 6, 12, 24, 36],
    )
    two_iv = [iv(0, 30, 10), iv(20, 30, 10)]
    add(
        "clearance changes during infusions",
        ONE,
        two_iv,
        GRID,
        cl_changes=change((4, 2), (25, 30)),
        derived=over((0, 48, 0.3), (5, 22.5)),
    )
    add("clearance changes at a dose", ONE, every(5), GRID, cl_changes=change((16, 2.2)), derived=over((8, 40, 0.15)))
    add(
        "clearance changes before the first dose",
        ONE,
        every(3, 10),
        [0, 5, 9, 10, 11, 20, 40],
        cl_changes=change((2, 3)),
    )
    add(
        "clearance changes, out of order",
        ONE,
        every(3, 10),
        [0, 5, 9, 10, 11, 20, 40],
        cl_changes=change((30, 30), (2, 3)),
    )
    add(
        "clearance changes in two compartments",
        TWO,
        every(5),
        GRID,
        cl_changes=change((12.5, 2), (40, 12)),
        derived=over((0, 60, 0.1)),
    )
    add(
        "clearance, infusion and effect site together",
        TWO | {"ke0": 0.3},
        [iv(0, 30, 10), *every(3)],
        GRID,
        cl_changes=change((4, 2), (25, 30)),
        effect={"emax": 80, "ec50": 0.2, "gamma": 2.5, "e0": 5},
    )
    add(
        "an effect that lowers, after a change",
        ONE | {"ke0": 0.4},
        every(4),
        GRID,
        cl_changes=change((9, 3)),
        effect={"emax": -10, "ec50": 0.1, "gamma": 0.7, "e0": 20},
    )
    add(
        "clearance changes after a steady state",
        ONE | {"tlag": 0.5},
        [steady(0, 10, 8), *every(4, 8)],
        [-20, -8, 0, 3, 8, 12, 20, 40, 60],
        cl_changes=change((5, 3)),
    )
    add(
        "clearance changes inside a steady state",
        ONE | {"tlag": 0.5},
        [steady(0, 10, 8), *every(2, 8)],
        [-20, -8, 0, 3, 8, 12, 20, 40, 60],
        cl_changes=change((-30, 3)),
    )
    add(
        "the same while infusions run into one another",
        TWO,
        [iv(0, 10, 20, ss=True, ii=8)],
        [-20, -8, 0, 3, 8, 12, 20, 40, 60],
        cl_changes=change((-13, 3), (3, 20)),
    )
    add("absorption equals the new clearance", EQUAL | {"CL": 10.0}, every(4), GRID, cl_changes=change((10, 20)))
    add("a change to the same clearance", ONE, every(4), GRID, cl_changes=change((10, 9.3)))
    add(
        "effect rate equals elimination",
        EQUAL | {"ka": 1.1, "ke0": 0.5},
        every(4),
        GRID,
        effect={"emax": 100, "ec50": 0.1},
    )
    add(
        "three equal rates",
        EQUAL | {"ke0": 0.5},
        every(4),
        GRID,
        effect={"emax": 100, "ec50": 0.1, "gamma": 4, "e0": 1},
    )
    add("three nearly equal rates", EQUAL | {"ka": 0.5 * (1 + 1e-9), "ke0": 0.5 * (1 - 1e-8)}, every(4), GRID)
    add(
        "absorption and effect at both phases",
        ROUND | {"ka": 1.0, "ke0": 0.125},
        every(4),
        GRID,
        effect={"emax": 100, "ec50": 0.1, "gamma": 1.5},
    )
    add(
        "a slow effect",
        ONE | {"ke0": 0.005},
        every(6),
        [0, 1, 10, 48, 200, 1000, 4000],
        effect={"emax": 100, "ec50": 0.05, "gamma": 3},
    )
    add(
        "effect without absorption",
        {"model": "1cpt", "CL": 10.0, "V": 50.0, "ke0": 2.0},
        [iv(0, 50), iv(10, 50, 3)],
        GRID,
        effect={"emax": 100, "ec50": 0.5, "gamma": 10},
    )
    add(
        "effect at an infused steady state",
        TWO | {"ke0": 0.2},
        [iv(0, 20, 20, ss=True, ii=6)],
        [0, 3, 6, 20, 25, 80],
        effect={"emax": 1, "ec50": 0.3},
    )
    add(
        "effect at a lagged steady state",
        ONE | {"ke0": 0.7, "tlag": 9.0, "F": 0.4},
        [steady(0, 10, 8)],
        [0, 3, 8, 9, 12, 20, 50],
        effect={"emax": 1, "ec50": 0.03, "gamma": 2},
    )
    near_times = [0, 0.01, 1, 2, 7.9, 8, 16, 30, 200, 1400]
    for e in (0, 1e-15, 1e-13, 1e-11, 1e-9, 1e-8, 1e-7, 1e-6, 1e-4, -1e-14, -1e-10, -1e-7):
        more = {"derived": over((1.3, 25.5, 0.1))} if e in (0, 1e-11, 1e-8) else {}
        add(f"ka = ke (1 + {e})", EQUAL | {"ka": 0.5 * (1 + e)}, every(3), near_times, **more)
    for e in (0, 1e-15, 1e-9, -1e-7, 1e-6):
        more = {"derived": over((0, 30.5, 0.2))} if e in (0, 1e-9) else {}
        add(f"ka = alpha (1 + {e})", ROUND | {"ka": 1 + e}, every(3), near_times, **more)
        add(f"ka = beta (1 + {e})", ROUND | {"ka": 0.125 * (1 + e)}, every(3), near_times, **more)
    add(
        "alpha = beta, nearly",
        {"model": "2cpt", "V1": 20.0, "CL": 10.0, "Q": 1e-9, "V2": 2e-9, "ka": 0.7},
        every(3),
        GRID,
    )
    add(
        "three rates alike, nearly",
        {"model": "2cpt", "V1": 20.0, "CL": 10.0, "Q": 1e-12, "V2": 2e-12, "ka": 0.5},
        every(3),
        GRID,
    )
    fast = [0, 1e-5, 1e-4, 1e-3, 0.01, 1, 8, 8.0005, 30, 300]
    for name, p in (("one", ONE), ("two", TWO)):
        add(f"ka 5000, {name}", p | {"ka": 5000.0}, every(4), fast, derived=over((0, 24, 0.1)))
    add("ka 5000 and ke0 10000", ONE | {"ka": 5000.0, "ke0": 10000.0}, every(3), [0, 1e-5, 1e-4, 1e-3, 0.01, 1, 8, 30])
    add("absorption faster than anything", ONE | {"ka": 5e5}, every(6), [0, 1e-6, 1e-5, 1, 8, 30, 200])
    add("absorption slower than anything", ONE | {"ka": 1e-9}, every(3), [0, 1, 100, 1e4, 1e7])
    add(
        "elimination slower than anything",
        ONE | {"CL": 1e-7},
        every(3),
        [0, 1, 100, 1e4, 1e7],
        derived=over((0, 30, 0.4)),
    )
    add("elimination of minutes, a tail of many decades", ONE | {"CL": 3000.0}, every(6), [1, 8, 40.5, 60, 300])
    add("a tail to 1e-200", ONE | {"CL": 60.0, "V": 20.0, "ka": 4.0}, every(3), [0, 1, 20, 50, 100, 150, 170])
    add("a tail of two compartments", TWO | {"CL": 60.0, "V1": 20.0, "ka": 40.0}, every(3), [0, 1, 20, 500, 1000, 4000])
    add("a tail of equal rates", EQUAL | {"ke0": 0.5}, every(3), [100, 500, 900, 1300])
    add("a tail after an infusion", TWO | {"CL": 60.0}, [iv(0, 20, 3)], [1, 3, 20, 500, 3000])
    add("a tissue that fills over months", TWO | {"V2": 1e5}, every(6), [1, 8, 40, 1000, 20000])
    add(
        "doses at one time, nothing in order",
        ONE,
        [{"time": 4, "amt": 5}, {"time": 0, "amt": 10}, {"time": 4, "amt": 7}, iv(4, 3), {"time": -6, "amt": 2}],
        [9, 4, 0, 30, 4.5, -1, -6, -7, 9, 4],
        derived=over((-8, 12, 0.1)),
    )
    add(
        "before the first dose, with a lag",
        ONE | {"tlag": 2.0},
        [{"time": 3, "amt": 5}],
        [5, 4.999, 5.0001, 0, -10, 7],
        derived=over((0, 5), (1, 9.7, 0.02)),
    )
    add("both sides of a bolus", TWO, [iv(0, 10), iv(6, 10), iv(6, 5), iv(12, 10, 2)], [0, 6, 12, 14, 5.9999])
    add(
        "thresholds at the extremes",
        {"model": "1cpt", "CL": 10.0, "V": 50.0, "ka": 1.0},
        [iv(0, 50)],
        [0, 1],
        derived=over((0, 10, 1.0), (0, 10, 2.0), (0, 10, 0.0), (0, 10, 0.1353352832366127)),
    )
    add(
        "windows between samples",
        TWO,
        every(6),
        GRID,
        derived=over((7.77, 33.33, 0.12), (-3, 5.5, 0.05), (41, 300, 0.001), (2, 3, 0.9), (12, 12.5, 0.01)),
    )
    add(
        "windows that end at a dose",
        ONE,
        [iv(0, 50), iv(8, 50), *every(2, 4)],
        GRID,
        derived=over((0, 8, 0.5), (8, 16, 0.5), (4, 12)),
    )
    add(
        "the same extremes again and again",
        TWO,
        [steady(0, 10, 8), *every(3, 8)],
        GRID,
        derived=over((0, 8, 0.1), (0, 24, 0.12), (8, 32)),
    )
    add(
        "the same with a lag",
        ONE | {"tlag": 0.25},
        [steady(0, 10, 8), *every(3, 8)],
        GRID,
        derived=over((0, 8, 0.1), (0.25, 24.25, 0.12), (3, 27)),
    )
    add(
        "the same by infusion",
        ONE,
        [iv(0, 20, 2, ss=True, ii=12), iv(12, 20, 2)],
        GRID,
        derived=over((0, 12, 0.2), (1, 24, 0.3)),
    )
    add(
        "missed doses",
        ONE | {"tlag": 0.25, "F": 0.9},
        [d for i, d in enumerate(every(12)) if i not in (3, 7, 8)],
        GRID,
        derived=over((24, 96, 0.1)),
    )
    return out  # fmt: skip


def _drawn(n: int) -> list[Case]:
    """Cases nobody thought of."""
    r = random.Random(20261128)

    def log(low: float, high: float) -> float:
        return float(f"{10 ** r.uniform(low, high):.6g}")

    out = []
    for i in range(n):
        p: Case = {"model": "1cpt", "CL": log(0, 1.5), "V": log(0.7, 2.3)}
        if r.random() < 0.5:
            p = {"model": "2cpt", "CL": log(0, 1.5), "V1": log(0.7, 2), "Q": log(-0.5, 1.5), "V2": log(0.5, 2.5)}
        p["ka"] = log(-1.5, 1.2)
        for key, value in (
            ("tlag", r.choice([0.125, 0.5, 1.75, 7.5, 13.25])),
            ("F", round(r.uniform(0.1, 1), 3)),
            ("ke0", log(-2, 1)),
        ):
            if r.random() < 0.5:
                p[key] = value
        doses: list[Case] = []
        for _ in range(r.randint(1, 7)):
            kind = r.choice(["oral", "oral", "bolus", "infusion"])
            d: Case = {"time": r.randint(0, 160) / 4, "amt": r.choice([2.5, 5, 10, 20, 37.5])}
            if kind != "oral":
                d = iv(d["time"], d["amt"], r.randint(1, 80) / 4 if kind == "infusion" else 0)
            if r.random() < 0.25:
                d |= {"ss": True, "ii": r.choice([4, 6, 8, 12, 24, 7.5])}
            doses.append(d)
        case: Case = {
            "name": f"drawn {i}",
            "parameters": p,
            "doses": doses,
            "times": [r.randint(-20, 600) / 8 for _ in range(14)],
        }
        if r.random() < 0.5:
            when = r.sample([-10, -1, 0, 3.5, 8, 12.25, 16, 20, 33, 50], r.randint(1, 3))
            case["cl_changes"] = change(*((t, log(-0.3, 1.5)) for t in when))
        if r.random() < 0.5:
            start = round(r.uniform(-4, 40), 2)
            case["derived"] = over((start, round(start + r.uniform(1, 30), 2), log(-2.5, 0)))
        if "ke0" in p and r.random() < 0.7:
            case["effect"] = {
                "emax": 100.0,
                "ec50": log(-2, 0),
                "gamma": round(r.uniform(0.5, 5), 2),
                "e0": r.choice([0.0, 3.0]),
            }
        out.append(case)
    return out  # fmt: skip


def _populations() -> list[Case]:
    """Percentiles over few and odd numbers of people, and the figures of each."""
    r = random.Random(7)
    out = []
    for n in (1, 2, 3, 20, 21):
        people = [
            {"CL": round(r.uniform(4, 20), 3), "V": round(r.uniform(30, 90), 3), "ka": round(r.uniform(0.3, 4), 3)}
            for _ in range(n)
        ]
        case: Case = {
            "name": f"{n} people",
            "parameters": {"model": "1cpt"} | people[0],
            "subjects": people,
            "doses": [*every(4), iv(20, 5, 2)],
            "times": [30, 0, 1, 8, 20.5, 24, -1],
            "window": [2, 30],
            "threshold": 0.12,
        }
        each = [case | {"parameters": {"model": "1cpt"} | p} for p in people]
        case["p05"], case["p50"], case["p95"] = quantiles(each, ("0.05", "0.5", "0.95"))
        found = [figures(c, 2, 30, 0.12) for c in each]
        out.append(case | {k: [f[k] for f in found] for k in ("auc", "cmin", "cmax", "time_below")})
    return out  # fmt: skip


def main() -> None:
    out = []
    for case in [*_written(), *_drawn(24)]:
        made = filled(case)
        for side, key in (("post", "conc"), ("pre", "conc_pre")):
            if "cl_changes" not in case:
                other = conc(case["parameters"], case["doses"], case["times"], side)
                assert near(made[key], other, 1e-13), (case["name"], made[key], other)
        out.append(made)
    out += _populations()
    lines = ",\n".join(json.dumps(c) for c in out)
    Path(__file__).with_name("cases.json").write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
