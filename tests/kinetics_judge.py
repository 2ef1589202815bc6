"""A second route to a concentration, sharing nothing with the engine: superposition with residues, in 150 digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mpmath import mp, mpf

DIGITS = 150


def _modes(p: Mapping[str, Any], route: str, cl: Any) -> list[tuple[Any, Any]]:
    """Coefficients and rates of the concentration after 1 mg; equal rates are told apart at the fiftieth digit."""
    CL, tiny = mpf(cl), mpf(10) ** -50
    if p["model"] == "1cpt":
        poles, zero, v = [CL / mpf(p["V"])], None, mpf(p["V"])
    else:
        v = mpf(p["V1"])
        k10, k12, k21 = CL / v, mpf(p["Q"]) / v, mpf(p["Q"]) / mpf(p["V2"])
        b, c = k10 + k12 + k21, k10 * k21
        root = mp.sqrt(b * b - 4 * c)
        poles, zero = [(b + root) / 2, (b - root) / 2], k21
    scale = 1 / v
    if route == "oral":
        ka = mpf(p["ka"])
        scale *= ka * mpf(p.get("F", 1))
        n = int(p.get("n_transit", 0))
        if n:
            ktr = (n + 1) / mpf(p["MTT"])
            scale *= ktr ** (n + 1)
            poles = [*poles, *([ktr] * (n + 1))]
        poles = [*poles, ka]
    poles = [r * (1 + tiny * (i + 1)) for i, r in enumerate(poles)]
    out = []
    for i, r in enumerate(poles):
        c = scale * ((zero - r) if zero is not None else 1)
        for j, q in enumerate(poles):
            if j != i:
                c /= q - r
        out.append((c, r))
    return out


def conc(
    p: Mapping[str, Any], doses: Sequence[Mapping[str, Any]], times: Sequence[float], side: str = "post"
) -> list[float]:
    """mg/L at each time; no clearance changes here (an ODE solver judges those)."""
    with mp.workdps(DIGITS):
        found = []
        for t in times:
            total = mpf(0)
            for d in doses:
                route = d.get("route", "oral")
                modes = _modes(p, route, p["CL"])
                lag = mpf(p.get("tlag", 0)) if route == "oral" else mpf(0)
                since = mpf(t) - mpf(d["time"]) - lag
                ii = mpf(d.get("ii", 0))
                length = mpf(d.get("duration", 0))
                total += mpf(d["amt"]) * _dose(modes, since, length, ii if d.get("ss") else None, side)
            found.append(float(total))
        return found


def _dose(modes: Any, since: Any, length: Any, ii: Any, side: str) -> Any:
    total = mpf(0)
    repeats = [since]
    rest = None
    if ii is not None:
        while repeats[-1] <= length:  # every repeat that has not ended stands alone, the rest is a geometric series
            repeats.append(repeats[-1] + ii)
        rest = repeats.pop()
    for s in repeats:
        if s < 0 or (s == 0 and side == "pre"):
            continue
        for c, r in modes:
            if length == 0:
                total += c * mp.exp(-r * s)
            elif s <= length:
                total += c / length * (1 - mp.exp(-r * s)) / r
            else:
                total += c / length * (mp.exp(-r * (s - length)) - mp.exp(-r * s)) / r
    if rest is not None:
        for c, r in modes:
            series = mp.exp(-r * rest) / (1 - mp.exp(-r * ii))
            total += c * series if length == 0 else c / length * series * (mp.exp(r * length) - 1) / r
    return total


def near(got: Sequence[float], wanted: Sequence[float], rtol: float = 1e-9) -> bool:
    """Each within rtol, or within 1e-13 of the largest where it is under a thousand-millionth of it."""
    top = max(map(abs, wanted), default=0.0)
    return len(got) == len(wanted) and all(
        abs(g - w) <= (rtol * abs(w) if abs(w) > 1e-9 * top else 1e-13 * top) for g, w in zip(got, wanted, strict=True)
    )
