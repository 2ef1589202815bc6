"""A third route: the rate matrix's exponential, step by step between events, in 120 digits. It knows what the others cannot:
a clearance that changes, an effect site, figures of a window. It shares nothing with the engine, and is slow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from mpmath import matrix, mp, mpf

DIGITS = 120
FINE = 96  # pieces a stretch between two events is looked at in, for turning points and crossings


class States:
    """The states of one subject: depot, central, peripheral, effect, area; and a last one that is 1, for infusions."""

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case, self.p = case, case["parameters"]
        self.two = self.p["model"] == "2cpt"
        self.v = mpf(self.p["V1"] if self.two else self.p["V"])
        self.changes = sorted((mpf(c["time"]), mpf(c["CL"])) for c in case.get("cl_changes", []))
        self.kept: dict[Any, Any] = {}
        looked = [mpf(t) for t in case["times"]] + [mpf(w["start"]) for w in case.get("derived", [])]
        first = min([*looked, *(t for t, _ in self.changes), *(mpf(d["time"]) for d in case["doses"])])
        self.edges = self._edges(first)

    def rates(self, cl: Any, pump: Any) -> Any:
        """dx/dt = M x."""
        m = matrix(6, 6)
        ka = mpf(self.p.get("ka", 0))
        m[0, 0], m[1, 0] = -ka, ka
        m[1, 1] = -cl / self.v
        if self.two:
            q, v2 = mpf(self.p["Q"]), mpf(self.p["V2"])
            m[1, 1] -= q / self.v
            m[1, 2], m[2, 1], m[2, 2] = q / v2, q / self.v, -q / v2
        ke0 = mpf(self.p.get("ke0", 0))
        m[3, 1], m[3, 3] = ke0 / self.v, -ke0
        m[4, 1] = 1 / self.v
        m[1, 5] = pump
        return m

    def step(self, cl: Any, pump: Any, h: Any) -> Any:
        """exp(M h), each worked out once: halved until it is small, then a Taylor series, then squared."""
        key = (cl, pump, h)
        if key not in self.kept:
            m = self.rates(cl, pump) * h
            most = max(abs(m[i, j]) for i in range(6) for j in range(6))
            halvings = max(0, int(mp.ceil(mp.log(most + mpf(10) ** -9, 2))) + 8)
            with mp.workdps(DIGITS + halvings + 20):
                m = m / mpf(2) ** halvings
                total = term = mp.eye(6)
                k = 0
                while k < 4 or mp.mnorm(term, 1) > mpf(10) ** -(DIGITS + halvings + 20):
                    k += 1
                    term = term * m / k
                    total = total + term
                for _ in range(halvings):
                    total = total * total
            self.kept[key] = total
        return self.kept[key]

    def clearance(self, t: Any) -> Any:
        held = [cl for at, cl in self.changes if at <= t]
        return held[-1] if held else mpf(self.p["CL"])

    def _edges(self, first: Any) -> list[tuple[Any, Any, Any, Any]]:
        """(time, state left of it, state right of it, pump from it on)."""
        adds: dict[Any, Any] = {}
        pumps: list[tuple[Any, Any, Any]] = []
        start_cl = mpf(self.p["CL"])

        def add(t: Any, x: Any) -> None:
            adds[t] = adds.get(t, matrix(6, 1)) + x

        for d in self.case["doses"]:
            oral = d.get("route", "oral") == "oral"
            amt = mpf(d["amt"]) * (mpf(self.p.get("F", 1)) if oral else 1)
            at = mpf(d["time"]) + (mpf(self.p.get("tlag", 0)) if oral else 0)
            long = mpf(d.get("duration", 0))
            unit = matrix(6, 1)
            if long == 0:
                unit[0 if oral else 1] = amt
            starts = [at]
            if d.get("ss"):
                ii = mpf(d["ii"])
                back = 1
                while at - back * ii + long >= first:
                    starts.append(at - back * ii)
                    back += 1
                if long > 0:  # what one infusion leaves at its end
                    one = matrix(6, 1)
                    one[5] = 1
                    unit = self.step(start_cl, amt / long, long) * one
                    unit[5] = 0
                turn = self.step(start_cl, mpf(0), ii)
                size = 4  # the area never settles: it is not part of a steady state
                whole = mp.lu_solve((mp.eye(6) - turn)[:size, :size] + _lone(self, size), unit[:size, :])
                gone = matrix(6, 1)
                for i in range(size):
                    gone[i] = whole[i]
                add(at - back * ii + long, gone)
                if long == 0:
                    unit = matrix(6, 1)
                    unit[0 if oral else 1] = amt
            for s in starts:
                if long > 0:
                    pumps.append((s, s + long, amt / long))
                else:
                    add(s, unit)
        marks = sorted({*adds, *(t for s, e, _ in pumps for t in (s, e)), *(t for t, _ in self.changes)})
        x = matrix(6, 1)
        x[5] = 1
        out: list[tuple[Any, Any, Any, Any]] = []
        for i, t in enumerate(marks):
            if i:
                last = out[-1]
                x = self.step(self.clearance(last[0]), last[3], t - last[0]) * last[2]
            right = x + adds[t] if t in adds else x
            out.append((t, x, right, mp.fsum(r for s, e, r in pumps if s <= t < e)))
        return out

    def at(self, t: Any, side: str = "post") -> Any:
        """The states at a time."""
        t = mpf(t)
        before = [e for e in self.edges if e[0] < t or (side == "post" and e[0] == t)]
        if not before:
            return matrix(6, 1)
        last = before[-1]
        if last[0] == t:
            return last[2]
        return self.step(self.clearance(last[0]), last[3], t - last[0]) * last[2]

    def window(self, start: float, end: float, threshold: float | None) -> dict[str, Any]:
        """Area, extremes with the earliest time, and time under the threshold, over [start, end)."""
        a, b = mpf(start), mpf(end)
        inner = [e[0] for e in self.edges if a < e[0] < b]
        auc, below = mpf(0), mpf(0)
        seen: list[tuple[Any, Any]] = []
        for s, e in zip([a, *inner], [*inner, b], strict=True):
            x = self.at(s)
            last = [q for q in self.edges if q[0] <= s]
            cl, pump = self.clearance(s), last[-1][3] if last else mpf(0)
            h = (e - s) / FINE
            turn = self.step(cl, pump, h)
            m = self.rates(cl, pump)
            row = [x]
            for _ in range(FINE):
                row.append(turn * row[-1])
            auc += row[-1][4] - row[0][4]

            def value(k: int, u: Any, row: Any = row, cl: Any = cl, pump: Any = pump) -> Any:
                return (self.step(cl, pump, u) * row[k])[1] / self.v

            def slope(k: int, u: Any, row: Any = row, cl: Any = cl, pump: Any = pump, m: Any = m) -> Any:
                return (m * (self.step(cl, pump, u) * row[k]))[1]

            nodes = [(mpf(0), row[0][1] / self.v)]
            for k in range(FINE):
                left, right = (m * row[k])[1], (m * row[k + 1])[1]
                if left * right < 0:
                    u = _root(lambda u, k=k: slope(k, u), mpf(0), h)  # type: ignore[misc]
                    nodes.append((k * h + u, value(k, u)))
                nodes.append(((k + 1) * h, row[k + 1][1] / self.v))
            seen += [(s + u, c) for u, c in nodes]
            if threshold is not None:
                level = mpf(threshold)
                for (u, cu), (w, cw) in pairwise(nodes):
                    if cu < level and cw < level:
                        below += w - u
                    elif (cu < level) != (cw < level):
                        base = self.step(cl, pump, u) * row[0]
                        root = _root(
                            lambda z, base=base, cl=cl, pump=pump, level=level: (self.step(cl, pump, z) * base)[1] / self.v - level,  # type: ignore[misc]
                            mpf(0), w - u,
                        )  # fmt: skip
                        below += root if cu < level else w - u - root
            self.kept.clear()
        top, low = max(c for _, c in seen), min(c for _, c in seen)
        out: dict[str, Any] = {"start": start, "end": end}
        out |= {} if threshold is None else {"threshold": threshold}
        cavg = auc / (b - a)
        tiny = (
            mpf(10) ** -60
        )  # a steady state comes back to the same value, but for the last digits: the earliest counts
        found = {
            "auc": auc, "cavg": cavg, "cmax": top, "tmax": next(t for t, c in seen if c >= top * (1 - tiny)),
            "cmin": low, "tmin": next(t for t, c in seen if c <= low * (1 + tiny)),
        }  # fmt: skip
        if threshold is not None:
            found |= {"time_below": below, "fraction_below": below / (b - a)}
        if cavg > 0:
            found["ptf"] = (top - low) / cavg
        if low > 0:
            found["swing"] = (top - low) / low
        return out | {k: float(v) for k, v in found.items()}


def _lone(states: States, size: int) -> Any:
    """1 on the diagonal of states that do not exist, so that the system can be solved."""
    out = matrix(size, size)
    for i, there in enumerate((mpf(states.p.get("ka", 0)) > 0, True, states.two, mpf(states.p.get("ke0", 0)) > 0)):
        if not there:
            out[i, i] = 1
    return out


def _root(f: Callable[[Any], Any], a: Any, b: Any) -> Any:
    """The zero in [a, b] where the sign changes: halving, then secants, to 40 digits."""
    fa, fb = f(a), f(b)
    for _ in range(12):
        c = (a + b) / 2
        fc = f(c)
        if fc == 0:
            return c
        if (fc < 0) == (fa < 0):
            a, fa = c, fc
        else:
            b, fb = c, fc
    x0, f0, x1, f1 = a, fa, b, fb
    for _ in range(12):
        if f1 == f0 or abs(x1 - x0) < mpf(10) ** -45 * max(1, abs(x1)):
            break
        x0, f0, x1 = x1, f1, x1 - f1 * (x1 - x0) / (f1 - f0)
        f1 = f(x1)
    return x1


def filled(case: Mapping[str, Any]) -> dict[str, Any]:
    """The case with conc, conc_pre, ce, effect_values and derived by this route."""
    with mp.workdps(DIGITS):
        s = States(case)
        out = dict(case)
        post = [s.at(t) for t in case["times"]]
        out["conc"] = [float(x[1] / s.v) for x in post]
        out["conc_pre"] = [float(s.at(t, "pre")[1] / s.v) for t in case["times"]]
        if "ke0" in case["parameters"]:
            out["ce"] = [float(x[3]) for x in post]
        if "effect" in case:
            e = {k: mpf(v) for k, v in case["effect"].items()}
            g = e.get("gamma", mpf(1))
            out["effect_values"] = [
                float(e.get("e0", 0) + e["emax"] * x[3] ** g / (e["ec50"] ** g + x[3] ** g)) for x in post
            ]
        if "derived" in case:
            out["derived"] = [s.window(w["start"], w["end"], w.get("threshold")) for w in case["derived"]]
        return out


def figures(case: Mapping[str, Any], start: float, end: float, threshold: float | None) -> dict[str, Any]:
    """Area, extremes and time under a threshold of one subject over a window."""
    with mp.workdps(DIGITS):
        return States(case).window(start, end, threshold)


def quantiles(cases: Sequence[Mapping[str, Any]], levels: Sequence[str]) -> list[list[float]]:
    """Percentiles over subjects at each time, between neighbours by straight lines (Hyndman and Fan's type 7)."""
    with mp.workdps(DIGITS):
        people = [States(c) for c in cases]
        out = []
        for level in levels:
            row = []
            for t in cases[0]["times"]:
                found = sorted(p.at(t)[1] / p.v for p in people)
                place = mpf(level) * (len(found) - 1)
                low = int(mp.floor(place))
                high = min(low + 1, len(found) - 1)
                row.append(float(found[low] + (place - low) * (found[high] - found[low])))
            out.append(row)
        return out
