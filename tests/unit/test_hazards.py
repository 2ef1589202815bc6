"""Every hazard names controls, and every control names a test that exists and runs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.shared import ROOT

HAZARDS = tomllib.loads((ROOT / "docs/safety/hazards.toml").read_text("utf-8"))["hazard"]


def named_tests(path: Path) -> dict[str, bool]:
    """The tests of a file by name, and whether each can run (is not always skipped)."""
    found: dict[str, bool] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            skipped = any("skip" in ast.unparse(d) and "skipif" not in ast.unparse(d) for d in node.decorator_list)
            found[node.name] = not skipped
    return found


def wrong(hazards: list[dict[str, object]]) -> list[str]:
    """Every control that names a test which does not exist or never runs."""
    problems = []
    for hazard in hazards:
        tests = hazard.get("tests")
        if not isinstance(tests, list) or not tests:
            problems.append(f"{hazard.get('id')}: names no test")
            continue
        for test in tests:
            file, _, name = str(test).partition("::")
            path = ROOT / file
            if not path.is_file():
                problems.append(f"{hazard['id']}: no such file {file}")
            elif name not in (held := named_tests(path)):
                problems.append(f"{hazard['id']}: no such test {test}")
            elif not held[name]:
                problems.append(f"{hazard['id']}: never runs {test}")
    return problems


def test_every_control_names_a_test_that_exists() -> None:
    assert wrong(HAZARDS) == []


def test_a_control_without_a_test_is_caught() -> None:
    assert wrong([{"id": "x", "tests": ["tests/unit/test_hazards.py::test_there_is_no_such_test"]}])
    assert wrong([{"id": "x", "tests": ["tests/unit/no_such_file.py::test_a"]}])
    assert wrong([{"id": "x"}])


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda h: h["id"])
def test_a_hazard_is_told_in_full(hazard: dict[str, object]) -> None:
    for key in ("id", "what", "harm", "control", "tests"):
        assert hazard.get(key), f"{hazard.get('id')} has no {key}"


LAWS = range(1, 10)
"""The laws of the whole that are built; the tenth is the diary's."""
PLANTED = re.compile(r"caught|catches|fault|can_fail|is_seen")


def laws_without(hazards: list[dict[str, object]]) -> list[str]:
    """The laws that no control keeps, or whose controls name no planted fault."""
    found = []
    for law in LAWS:
        tests = [str(t) for h in hazards if h.get("law") == law for t in h.get("tests", ())]  # type: ignore[attr-defined]
        if not tests:
            found.append(f"law {law}: no control")
        elif not any(PLANTED.search(t.split("::")[1]) for t in tests):
            found.append(f"law {law}: no planted fault")
    return found


def test_every_law_has_its_control_and_a_planted_fault() -> None:
    assert laws_without(HAZARDS) == []
    assert laws_without([h for h in HAZARDS if h.get("law") != 2]) == ["law 2: no control"]
    assert "law 1: no planted fault" in laws_without([{"law": 1, "tests": ["a.py::test_it_works"]}])


@pytest.mark.parametrize(
    ("body", "status", "processes"),
    [
        ("def test_b(): pass", 1, ["-n", "2"]),
        ("import pytest\n\ndef test_a(): pytest.skip('not here')", 1, []),
        ("import pytest\n\n@pytest.mark.parametrize('n', [1, 2])\ndef test_a(n): pass", 0, ["-n", "2"]),
    ],
    ids=["did not run", "skipped", "ran with values"],
)
def test_a_whole_run_fails_where_a_named_test_did_not_run(
    body: str, status: int, processes: list[str], tmp_path: Path
) -> None:
    (tmp_path / "docs/safety").mkdir(parents=True)
    (tmp_path / "docs/safety/hazards.toml").write_text('[[hazard]]\nid = "x"\ntests = ["test_x.py::test_a"]\n', "utf-8")
    (tmp_path / "test_x.py").write_text(body, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.ran", *processes], capture_output=True, text=True, check=False,
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "COVERAGE_PROCESS_START": ""},
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    assert ("x: test_x.py::test_a" in done.stdout) == bool(status)
