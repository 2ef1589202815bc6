"""Makes cases.json anew with the judge in 150 digits: ``python -m tests.spec.kinetics.make_cases``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.kinetics_judge import conc

ONE = {"model": "1cpt", "CL": 9.3, "V": 55.0, "ka": 1.1}
TWO = {"model": "2cpt", "CL": 7.7, "V1": 31.0, "Q": 5.2, "V2": 40.0, "ka": 0.9}
TID = [{"time": 8 * k, "amt": 10} for k in range(6)]
CASES: list[tuple[str, dict[str, Any], list[dict[str, Any]], list[float]]] = [
    ("two doses at one time, unsorted times", ONE, [{"time": 4, "amt": 5}, {"time": 0, "amt": 10}, {"time": 4, "amt": 7}], [9, 4, 0, 30, 4.5, -1]),
    ("lag longer than the interval at steady state", ONE | {"tlag": 10.5}, [{"time": 0, "amt": 10, "ss": True, "ii": 8}], [0, 1, 2.5, 3, 8, 10.5, 11, 40]),
    ("steady state by infusion", TWO, [{"time": 0, "amt": 20, "route": "iv", "duration": 2, "ss": True, "ii": 12}], [0, 0.5, 2, 6, 12, 50]),
    ("infusions that overlap at steady state", ONE, [{"time": 0, "amt": 20, "route": "iv", "duration": 30, "ss": True, "ii": 12}], [0, 1, 6, 12, 29, 30, 31, 60]),
    ("steady state bolus, samples before it", TWO, [{"time": 24, "amt": 20, "route": "iv", "ss": True, "ii": 12}], [0, 11, 12, 24, 30]),
    ("absorption faster than anything", ONE | {"ka": 5e5}, TID, [0, 1e-6, 1e-5, 1, 8, 30, 200]),
    ("absorption slower than anything", ONE | {"ka": 1e-6}, TID, [0, 1, 100, 5000, 1e6]),
    ("absorption as fast as the fast phase", {"model": "2cpt", "V1": 16.0, "CL": 4.0, "Q": 6.0, "V2": 12.0, "ka": 1.0}, TID, [0, 1, 8, 40, 90]),
    ("elimination of minutes, a tail of many decades", ONE | {"CL": 3000.0}, TID, [1, 8, 40.5, 60, 300]),
    ("a tissue that fills over months", TWO | {"V2": 1e5}, TID, [1, 8, 40, 1000, 20000]),
    ("infusion and tablets together", TWO | {"F": 0.7, "tlag": 0.4}, [*TID, {"time": 3, "amt": 15, "route": "iv", "duration": 4}], [0.3, 3, 5, 7, 7.5, 20, 70]),
]  # fmt: skip


def main() -> None:
    out = [
        {"name": name, "parameters": p, "doses": d, "times": t, "conc": conc(p, d, t), "conc_pre": conc(p, d, t, "pre")}
        for name, p, d, t in CASES
    ]
    Path(__file__).with_name("cases.json").write_text(json.dumps(out, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
