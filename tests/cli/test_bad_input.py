"""Bad input, as a user gives it: one clear block with its place, the right status, no traceback, no file left behind."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.run import run

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "bad.toml").read_text("utf-8"))["case"]
GOOD = {"--from": "2026-11-24", "--zone": "Europe/London", "--country": "UK"}


def arguments(case: dict[str, Any], folder: Path) -> tuple[list[str], str]:
    """The command line of a case, with every output file asked for, and its standard input."""
    fill = {"{big}": "take one " * 120_000, "{long}": "take 1 tablet " * 1200, "{dir}": str(folder / "out"),
            "{digits}": "9" * 6000, "{nested}": "[" * 20_000}  # fmt: skip

    def filled(text: str) -> str:
        for mark, value in fill.items():
            text = text.replace(mark, value)
        return text

    give = [filled(g) for g in case.get("give", ())]
    if "person" in case:
        (folder / "person.toml").write_text(filled(case["person"]), "utf-8")
        give += ["--person", str(folder / "person.toml")]
    for name, value in GOOD.items():
        if name not in give:
            give = [name, value, *give]
    for name in ("html", "ics", "fhir"):
        if f"--{name}" not in give:
            give = [f"--{name}", str(folder / "out" / f"made.{name}"), *give]
    return ["plan", filled(case["text"]), *give], filled(case.get("stdin", ""))


def judge(case: dict[str, Any], folder: Path) -> list[str]:
    """What is wrong with how a case ends; empty where it ends as said."""
    (folder / "out").mkdir()
    args, stdin = arguments(case, folder)
    seen = run(*args, stdin=stdin)
    lines = [line for line in seen.err.split("\n") if line]
    wrong = [] if seen.status == case["status"] else [f"status {seen.status}: {seen.err[:300]}"]
    wrong += [f"not said: {s!r} in {seen.err[:400]!r}" for s in case["say"] if s not in seen.err]
    wrong += [f"not shown: {s!r}" for s in case.get("out", ()) if s not in " ".join(seen.out.split())]
    where = case.get("where")
    if where is not None and not any(where in line.split(": ", 2)[1] for line in lines if ": " in line):
        wrong.append(f"not placed at {where!r}: {seen.err[:400]!r}")
    if case["status"] in (1, 2):
        wrong += [f"not of one block: {line!r}" for line in lines if not line.startswith("posology: ")]
        wrong += [f"{len(line)} characters long" for line in lines if len(line) > 400]
        wrong += ["something was shown as a plan"] if seen.out else []
    if any(folder.joinpath("out").iterdir()):
        wrong.append(f"a file is left: {[p.name for p in folder.joinpath('out').iterdir()]}")
    return wrong


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_case(case: dict[str, Any], tmp_path: Path) -> None:
    assert case["say"] or case.get("out"), "a case that demands nothing cannot fail"
    assert judge(case, tmp_path) == []


def test_the_runner_of_cases_can_fail(tmp_path: Path) -> None:
    good = {"text": "examplone 10 mg three times a day", "status": 1, "say": ["no such words"], "where": "nowhere"}
    wrong = judge(good, tmp_path)
    assert any("status 0" in w for w in wrong)
    assert any("not said" in w for w in wrong)
    assert any("not placed" in w for w in wrong)
    assert any("a file is left" in w for w in wrong)
