"""How many directions are read in a second of one core, one by one and repeated, beside openmed's parse_sig where it is installed."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from posology.wording.reading import LONGEST, _read, read

HERE = Path(__file__).resolve().parent
CASES = HERE.parent / "tests" / "spec" / "reading" / "cases.jsonl"
SIGS = HERE.parent.parent / "shared" / "data" / "directions" / "sigs.jsonl"
GOAL_DISTINCT, GOAL_REPEATED = 5_000, 100_000


def rate(work: Callable[[], int], seconds: float = 1.5) -> float:
    """Texts a second, the best of three runs."""
    best = 0.0
    for _ in range(3):
        n, started = 0, time.process_time()
        while time.process_time() - started < seconds / 3:
            n += work()
        best = max(best, n / (time.process_time() - started))
    return best


def main() -> int:
    texts = [json.loads(line)["text"] for line in CASES.read_text("utf-8").splitlines()]
    if SIGS.exists():
        texts += [json.loads(line)["input"] for line in SIGS.read_text("utf-8").splitlines()]

    def distinct() -> int:
        for text in texts:
            _read(text, (), None)
        return len(texts)

    def repeated() -> int:
        for text in texts:
            read(text)
        return len(texts)

    one = rate(distinct)
    again = rate(repeated)
    print(f"{len(texts)} directions")
    print(
        f"  read, each anew         {one:10,.0f} a second   target {GOAL_DISTINCT:,}: {'met' if one >= GOAL_DISTINCT else 'MISSED'}"
    )
    print(
        f"  read, texts repeat      {again:10,.0f} a second   target {GOAL_REPEATED:,}: {'met' if again >= GOAL_REPEATED else 'MISSED'}"
    )
    worst = 0.0
    for text in (
        "1 tablet every " * 134,
        "1" * 2000,
        "(" * 2000,
        "1 and " * 333,
        "a " * 1000,
        "n-" * 1000,
        "if not " * 285,
        "x 3 " * 500,
    ):
        started = time.process_time()
        _read(text[:2000], (), None)
        worst = max(worst, time.process_time() - started)
    print(f"  worst of 2,000 characters {1000 * worst:6.1f} ms          limit 50 ms")
    long = "1 tablet twice a day. " * 50_000
    started = time.process_time()
    refused = not read(long).complete
    print(
        f"  {len(long):,} characters (over {LONGEST}): {'refused' if refused else 'READ'} in {1000 * (time.process_time() - started):.2f} ms"
    )
    if importlib.util.find_spec("openmed") is None:
        print("  openmed is not installed: no peer to compare with (pip install openmed)")
        return 0
    parse_sig = _peer()
    if parse_sig is None:
        print("  openmed is installed, and has no parse_sig that can be found")
        return 0

    def peer() -> int:
        for text in texts:
            parse_sig(text)
        return len(texts)

    other = rate(peer)
    print(f"  openmed parse_sig       {other:10,.0f} a second   we are {one / other:.1f} times as fast, each text anew")
    return 0


def _peer() -> Callable[[str], object] | None:
    import importlib

    for name in (
        "openmed.clinical.sig_parser",
        "openmed.clinical.sig",
        "openmed.sig",
        "openmed",
        "openmed.ner.sig",
        "openmed.processing.sig",
        "openmed.clinical",
    ):
        try:
            found = getattr(importlib.import_module(name), "parse_sig", None)
        except ImportError:
            continue
        if callable(found):
            return found  # type: ignore[no-any-return]
    return None


if __name__ == "__main__":
    sys.exit(main())
