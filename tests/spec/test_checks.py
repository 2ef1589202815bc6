"""Every check, by cases: what fires, sits on the boundary, stays silent, lacks a fact, and differs by country."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from posology import checks
from tests.conftest import make_plan

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "checks" / "cases.toml").read_text("utf-8"))[
    "case"
]
_META = ("check", "kind", "text", "expect", "absent")


def judge(case: dict[str, Any]) -> list[str]:
    """What is wrong with the findings of a case; empty where they are as said."""
    plan = make_plan(case["text"], **{k: v for k, v in case.items() if k not in _META})
    found = {f"{f.severity} {f.key}" for f in plan.findings}
    keys = {f.key for f in plan.findings}
    wrong = [f"missing: {e}; found: {sorted(found)}" for e in case.get("expect", ()) if e not in found]
    wrong += [f"not expected: {a}" for a in case.get("absent", ()) if a in keys]
    return wrong


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['check']}-{c['kind']}-{c['text'][:40]}")
def test_case(case: dict[str, Any]) -> None:
    assert case.get("expect") or case.get("absent"), "a case that expects nothing cannot fail"
    assert judge(case) == []


def test_the_runner_of_cases_can_fail() -> None:
    assert judge({"text": "examplone 30 mg four times a day", "expect": ["stop no-such-finding"]})
    assert judge({"text": "examplone 30 mg four times a day", "absent": ["above-max-per-day"]})


def test_every_check_has_a_case_of_each_kind() -> None:
    make_plan("examplone 10 mg three times a day")
    kinds: dict[str, set[str]] = defaultdict(set)
    for case in CASES:
        kinds[case["check"]].add(case["kind"])
    assert set(kinds) == set(checks.REGISTER)
    thin = {
        check: {"fires", "boundary", "silent", "unknown", "elsewhere"} - seen
        for check, seen in kinds.items()
        if {"fires", "boundary", "silent", "unknown", "elsewhere"} - seen
    }
    assert thin == {}
