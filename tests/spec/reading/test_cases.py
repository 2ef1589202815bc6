"""What directions mean: the cases beside this file, one line each; a class of cases for each phenomenon."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from posology.wording import read
from tests.spec.reading.laws import broken
from tests.spec.reading.short import short

CASES = [json.loads(line) for line in (Path(__file__).parent / "cases.jsonl").read_text("utf-8").splitlines()]


def difference(case: dict[str, Any]) -> str:
    """How the reading of a case differs from what it must be; empty where it does not."""
    reading = read(case["text"])
    if case.get("refused"):
        return "" if not reading.complete and reading.problems else f"not refused: {short(reading.course)}"
    if not reading.complete:
        return f"refused: {reading.problems[0]}"
    if short(reading.course) != case["expected"]:
        return f"read as {short(reading.course)}"
    first = reading.course.directions[0] if reading.course else None
    for name in ("route", "site"):
        held = getattr(first, name, None)
        if name in case and (held is None or held.text.lower() != case[name]):
            return f"{name} is {held and held.text}"
    if case.get("warned") and not (reading.warnings or reading.second):
        return "read without a warning"
    return ""


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_case(case: dict[str, Any]) -> None:
    assert difference(case) == ""
    assert broken(read(case["text"])) == []


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(c["class"] for c in CASES)
    guarded = sum(bool(c.get("refused") or c.get("warned")) for c in CASES)
    assert len(CASES) >= 300
    assert kinds["stepped"] >= 40
    assert guarded >= 40
    assert len({c["text"] for c in CASES}) == len(CASES)


@pytest.mark.parametrize(
    "case",
    [
        {"text": "1 tablet twice a day", "expected": "1 tablet; 3/d"},
        {"text": "1 tablet twice a day", "refused": True},
        {"text": "2 weekly", "expected": "2; 1/wk"},
        {"text": "1 tablet twice a day", "expected": "1 tablet; 2/d", "warned": True},
        {"text": "1 drop in the left eye twice a day", "expected": "1 drop; 2/d", "site": "right eye"},
        {"text": "1 tablet twice a day", "expected": "1 tablet; 2/d", "route": "oral"},
    ],
)
def test_a_wrong_case_is_found(case: dict[str, Any]) -> None:
    assert difference(case) != ""
