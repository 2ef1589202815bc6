"""Sentences a second on one core, for directions that all differ; and the whole batch, JSON in and JSON out.

Limit: 50 000 sentences said a second. Peer for the way from FHIR: fhir.resources, which only reads the same Dosage.
"""

from __future__ import annotations

import io
import sys
import time
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import simplejson

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from posology.amount import Amount, Range  # noqa: E402
from posology.directions import Bounds, Concept, Directions, Dose, MaxDose, Timing  # noqa: E402
from posology.fhir.dosage import read_dosage, write_dosage  # noqa: E402
from posology.wording.saying import say  # noqa: E402

LIMIT = 50_000


def distinct(n: int) -> list[Directions]:
    """Directions that all differ, in the proportions of ordinary prescriptions."""
    units = ("{tablet}", "mg", "mL", "{drop}", "{puff}")
    out: list[Directions] = []
    for i in range(n):
        unit, often, days, kind = units[i % 5], 1 + i // 5 % 4, (3, 5, 7, 10, 14)[i // 20 % 5], i // 100 % 5
        amount = Amount(Fraction(1 + i // 500, 2), unit)
        timing = (
            Timing(frequency=often, period=1, period_unit="d", bounds=Bounds(duration=Amount(days, "d"))),
            Timing(frequency=1, period=24 // often, period_unit="h", bounds=Bounds(duration=Amount(days, "d"))),
            Timing(when=("MORN", "NOON", "EVE", "HS")[:often], bounds=Bounds(duration=Amount(days, "d"))),
            Timing(frequency=often, period=1, period_unit="d", when=("PC",), bounds=Bounds(high=Amount(days, "d"))),
            Timing(frequency=often, frequency_max=often + 1, period=1, period_unit="d", count=days),
        )[kind]
        out.append(
            Directions(
                Dose(amount if kind != 4 else Range(amount, amount * 2)),
                timing,
                route=Concept("oral"),
                as_needed=kind in (1, 4),
                as_needed_for=(Concept("pain"),) if kind == 1 else (),
                max_per_period=(MaxDose(amount * 4, Amount(24, "h")),) if kind == 4 else (),
            )
        )
    assert len(set(out)) == n
    return out


def rate(work: Callable[[Any], object], held: list[Any]) -> float:
    """The best of three runs, in calls for each second of one core."""
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        for one in held:
            work(one)
        best = max(best, len(held) / (time.process_time() - start))
    return best


def main() -> int:
    """Print each rate with its ratio to the limit or peer."""
    held = distinct(20_000)
    for lang in ("en", "de", "fr", "es", "it", "nl", "pt"):
        found = rate(lambda d, lang=lang: say(d, lang), held)
        print(f"say {lang}: {found:,.0f} sentences a second, {found / LIMIT:.2f} x the limit of {LIMIT:,}")
    for form in ("patient", "pharmacy"):
        found = rate(lambda d, form=form: say(d, "en", form), held)
        print(f"say en {form}: {found:,.0f} sentences a second")
    texts = [simplejson.dumps(write_dosage(d), use_decimal=True) for d in held[:4000]]
    ours = rate(lambda t: read_dosage(simplejson.loads(t, use_decimal=True)), texts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from fhir.resources.R4B.dosage import Dosage
        except ImportError:
            print(f"FHIR in: {ours:,.0f} a second (peer not installed)")
        else:
            peer = rate(lambda t: Dosage.model_validate_json(t), texts[:500])
            print(
                f"FHIR in: {ours:,.0f} a second, {ours / peer:.1f} x fhir.resources ({peer:,.0f}), which checks no invariants"
            )
    from posology.cli import say as command

    for name, n in (("all different", 20_000), ("each ten times", 2_000)):
        lines = [
            simplejson.dumps({"id": i, "dosage": [write_dosage(d)]}, use_decimal=True) for i, d in enumerate(held[:n])
        ]
        lines = lines * (20_000 // n)
        real, sys.stdin, sys.stdout, out = sys.stdin, io.StringIO("\n".join(lines)), io.StringIO(), sys.stdout
        start = time.process_time()
        try:
            command._batch("-", "en", "plain", None)
        finally:
            took = time.process_time() - start
            sys.stdin, sys.stdout = real, out
        print(f"batch, {name}: {len(lines) / took:,.0f} lines a second, JSON in and out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
