"""The fuzzer of the reader, for a moment, with a fixed seed; and that it would see a fault."""

from __future__ import annotations

import random

import pytest

from posology.wording import chunks
from tests.fuzz import fuzz_reading


def test_a_short_hunt_finds_nothing() -> None:
    rng = random.Random(20261124)
    corpus = [
        "Take 1 tablet in the morning and 2 at night",
        "10 mg tds x 7 days then 20 mg tds",
        "1-0-1",
        "5 ml q4-6h prn max 20 ml/24h",
    ]
    found = []
    for _ in range(1500):
        text = fuzz_reading.mutate(rng.choice(corpus), corpus, rng)
        wrong = [w for w in fuzz_reading.check(text) if not w.startswith("slow")]
        if wrong:
            found.append((text, wrong))
    assert found == []


def test_a_crash_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(p: object, i: int, j: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(chunks.HANDLERS, "dose", broken)
    assert fuzz_reading.check("10 mg twice a day")[0].startswith("crash")
