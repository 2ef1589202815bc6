"""Reference cases as data: our own, and those of the shared data where they are beside the checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from posology.kinetics import fill
from tests.kinetics_judge import near
from tests.shared import SHARED, shared

OWN: list[dict[str, Any]] = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
THERE = sorted((SHARED / "data/simulation/cases").glob("d*.json"))
RESULTS = (
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
)


def wrong(case: dict[str, Any]) -> list[str]:
    """The fields of a case that are not met to 1e-9."""
    bare = {k: v for k, v in case.items() if k not in RESULTS}
    if "derived" in bare:
        bare["derived"] = [{k: w[k] for k in ("start", "end", "threshold") if k in w} for w in bare["derived"]]
    got = fill(bare)
    bad = [k for k in RESULTS if k != "checks" and k in case and not near(got[k], case[k])]
    for i, window in enumerate(case.get("derived", [])):
        bad += [
            f"derived[{i}].{k}"
            for k, v in window.items()
            if got["derived"][i][k] != pytest.approx(v, rel=1e-9, abs=1e-9)
        ]
        bad += [f"derived[{i}].{k}" for k in got["derived"][i] if k not in window]
    return bad


@pytest.mark.parametrize("case", OWN, ids=lambda c: c["name"])
def test_own_case(case: dict[str, Any]) -> None:
    assert wrong(case) == []


@pytest.mark.parametrize("path", THERE or [None], ids=lambda p: p.stem if p else "none")
def test_shared_case(path: Path | None) -> None:
    if path is None:
        shared("data/simulation/cases")
        pytest.skip("no cases in ../shared/data/simulation")
    assert wrong(json.loads(path.read_text("utf-8"))) == []


def test_this_runner_must_fail() -> None:
    """A case whose stored value is off in the ninth digit is called wrong."""
    case = json.loads(json.dumps(OWN[0]))
    case["conc"][3] *= 1 + 5e-9
    assert wrong(case) == ["conc"]


def test_a_population_at_once_is_the_cases_form() -> None:
    """Percentiles by linear interpolation, figures one a subject."""
    people = [{"CL": 8.0 + i, "V": 60.0, "ka": 1.0} for i in range(4)]
    out = fill({
        "parameters": {"model": "1cpt"}, "subjects": people, "doses": [{"time": 0, "amt": 10}], "times": [0, 2],
        "window": [0, 24], "threshold": 0.05,
    })  # fmt: skip
    each = [
        fill({"parameters": {"model": "1cpt", **p}, "doses": [{"time": 0, "amt": 10}], "times": [0, 2]})["conc"]
        for p in people
    ]
    np.testing.assert_allclose(out["p50"], np.percentile(each, 50, axis=0), rtol=1e-12)
    assert len(out["time_below"]) == 4
