"""Scores the reader of directions against labelled sigs: exact on core fields, exact on all, silently wrong, daily amount.

Usage: directions_accuracy.py [FILE.jsonl] [--show]. Core: dose and unit, frequency, when, clock times, weekdays, as needed,
bounds, count, maximum. All: also route, site, reason, instructions, duration. A refused text is not silently wrong.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from posology.cli.read import dosages
from posology.wording.reading import read

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "shared" / "data" / "directions" / "sigs.jsonl"
CORE = ("dose", "frequency", "when", "times", "days", "as-needed", "bounds", "count", "max")
FULL = (*CORE, "route", "site", "reason", "instructions", "duration")
UNITS = {
    "ug": "mcg",
    "microgram": "mcg",
    "micrograms": "mcg",
    "ml": "ml",
    "iu": "unit",
    "[iu]": "unit",
    "units": "unit",
    "international unit": "unit",
    "international units": "unit",
}


CODES = ("s", "min", "h", "d", "wk", "mo", "a")


def unit(q: dict[str, Any]) -> str:
    if q.get("code") in CODES:
        return str(q["code"])
    raw = str(q.get("unit") or q.get("code") or "").strip("{}").lower().replace("²", "2")
    raw = UNITS.get(raw, raw)
    return raw[:-1] if raw.endswith("s") and len(raw) > 3 else raw


def quantity(q: dict[str, Any] | None) -> Any:
    return None if not q else (float(q["value"]), unit(q))


def _range(r: dict[str, Any]) -> Any:
    return quantity(r.get("low")), quantity(r.get("high"))


def flat(d: dict[str, Any]) -> dict[str, Any]:
    """The fields of one Dosage that are compared."""
    dose = (d.get("doseAndRate") or [{}])[0]
    r = d.get("timing", {}).get("repeat", {})
    bounds: Any = None
    if "boundsDuration" in r:
        bounds = quantity(r["boundsDuration"])
    elif "boundsRange" in r:
        bounds = _range(r["boundsRange"])
    elif "boundsPeriod" in r:
        bounds = tuple(sorted(r["boundsPeriod"].items()))
    when = (tuple(sorted(r["when"])), r.get("offset")) if r.get("when") else None
    most = d.get("maxDosePerPeriod")
    if isinstance(most, list):
        most = most[0] if most else None
    period = tuple(
        None if r.get(k) is None else float(r[k]) for k in ("frequency", "frequencyMax", "period", "periodMax")
    )
    amount: Any = None
    if "doseQuantity" in dose:
        amount = quantity(dose["doseQuantity"])
    elif "doseRange" in dose:
        amount = _range(dose["doseRange"])
    return {
        "dose": amount,
        "frequency": (*period, r.get("periodUnit")) if any(period) else None,
        "when": when,
        "times": tuple(sorted(t[:5] for t in r.get("timeOfDay", ()))) or None,
        "days": tuple(sorted(r.get("dayOfWeek", ()))) or None,
        "as-needed": bool(d.get("asNeededBoolean") or d.get("asNeededCodeableConcept")),
        "bounds": bounds,
        "count": (r.get("count"), r.get("countMax")) if r.get("count") else None,
        "max": (quantity(most["numerator"]), quantity(most["denominator"])) if most else None,
        "route": (d.get("route") or {}).get("text"),
        "site": ((d.get("site") or {}).get("text") or "").lower() or None,
        "reason": ((d.get("asNeededCodeableConcept") or {}).get("text") or "").lower() or None,
        "instructions": tuple(sorted(i["text"].lower() for i in d.get("additionalInstruction", ()))) or None,
        "duration": (float(r["duration"]), r.get("durationUnit")) if r.get("duration") is not None else None,
    }


def same(field: str, got: Any, gold: Any, lenient: bool) -> bool:
    if lenient and got is None:
        return True
    if field == "instructions":  # all of the gold must be there; more is not counted against it
        return all(any(g in x or x in g for x in got or ()) for g in gold or ())
    return bool(got == gold)


def wrong_fields(got: list[dict[str, Any]], case: dict[str, Any], fields: tuple[str, ...]) -> list[str]:
    """The fields that differ, by the best of the accepted answers."""
    best: list[str] | None = None
    for option in ({"dosage": case["expected"], "lenient": case.get("lenient")}, *(case.get("alternatives") or ())):
        gold = option["dosage"]
        lenient = option.get("lenient") or case.get("lenient") or []
        unscored = case.get("unscored") or []
        bad: list[str] = []
        if len(got) != len(gold):
            bad.append("clauses")
        elif len(gold) > 1 and _order(got) != _order(gold):
            bad.append("steps")
        for k, (a, b) in enumerate(zip(got, gold, strict=False)):
            fa, fb = flat(a), flat(b)
            skip = set(unscored[k]) if k < len(unscored) else set()
            soft = set(lenient[k]) if k < len(lenient) else set()
            bad += [f for f in fields if f not in skip and not same(f, fa[f], fb[f], f in soft)]
        if best is None or len(bad) < len(best):
            best = bad
    return best or []


def _order(dosage: list[dict[str, Any]]) -> list[int]:
    seen = sorted({d.get("sequence") or 1 for d in dosage})
    return [seen.index(d.get("sequence") or 1) for d in dosage]


def daily(dosage: list[dict[str, Any]]) -> float | None:
    """The most a day of the first step, in its own unit; None where it cannot be said."""
    total = 0.0
    first = min((d.get("sequence") or 1 for d in dosage), default=1)
    for d in dosage:
        if (d.get("sequence") or 1) != first:
            continue
        f = flat(d)
        dose, freq = f["dose"], f["frequency"]
        if dose is None:
            return None
        top = dose[0] if isinstance(dose[0], float) else (dose[1] or dose[0])[0]
        if freq:
            n = (freq[1] or freq[0] or 1.0) / (freq[2] or 1.0)
            n *= {"h": 24, "min": 1440, "s": 86400, "d": 1, "wk": 1 / 7, "mo": 1 / 28, "a": 1 / 365}.get(freq[4], 1)
        elif f["when"] or f["times"]:
            n = len(f["when"][0]) if f["when"] else len(f["times"])
        elif f["days"]:
            n = len(f["days"]) / 7
        else:
            return None
        total += top * n
    return total


def main() -> int:
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    path = Path(args[0]) if args else DATA
    if not path.exists():
        print(f"reference data not here: {path.name}; nothing scored")
        return 0
    cases = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    core = full = silent = twice = stepped = stepped_right = refused = 0
    confusion: Counter[str] = Counter()
    by_source: dict[str, list[int]] = {}
    for case in cases:
        result = read(case["input"])
        got = dosages(result.course)
        bad = wrong_fields(got, case, CORE)
        bad_full = wrong_fields(got, case, FULL)
        ok, ok_full = not bad and result.complete, not bad_full and result.complete
        if not case["expected"]:
            ok = ok_full = not result.complete or not got
            bad = bad_full = [] if ok else ["should be refused"]
        core += ok
        full += ok_full
        refused += not result.complete
        count = by_source.setdefault(str(case["source"])[:30], [0, 0])
        count[0] += ok
        count[1] += 1
        if result.complete and bad:
            silent += 1
            a, b = daily(got), daily(case["expected"])
            if a and b and (a / b >= 1.99 or b / a >= 1.99):
                twice += 1
        if len(case["expected"]) > 1:
            stepped += 1
            stepped_right += ok
        for f in set(bad_full):
            confusion[f + ("" if result.complete else " (refused)")] += 1
        if "--show" in sys.argv and not ok_full:
            word = "refused" if not result.complete else "WRONG" if bad else "full"
            print(f"{word:8}{case['id']}  {case['input']!r}  {bad_full}")
            for problem in result.problems:
                print(f"            {problem}")
            if result.complete:
                for d in got:
                    d.pop("text", None)
                    print("            got ", json.dumps(d, default=float))
                for d in case["expected"]:
                    print("            gold", json.dumps(d))
    n = len(cases)
    print(f"{path.name}: {n} sigs")
    for name, value, limit in (("core", core, "at least 95 %"), ("all fields", full, "at least 92 %"),
                               ("silently wrong", silent, "under 2 %"), ("refused", refused, "")):  # fmt: skip
        print(f"  {name:28}{value:5}  {100 * value / n:5.1f} %   {limit and 'target: ' + limit}")
    print(f"  {'daily amount off by 2 or more':30}{twice:3}             target: none")
    print(f"  {'stepped and concurrent':28}{stepped_right:5} of {stepped}      target: all")
    for source, (right, all_) in sorted(by_source.items()):
        print(f"    {source:32}{right:5} of {all_}")
    print("  confusion: " + (", ".join(f"{k} {v}" for k, v in confusion.most_common()) or "none"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
