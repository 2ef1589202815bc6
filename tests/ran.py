"""Turns the reports of a whole test run into a verdict: every test that a hazard's control names must have run.

A plugin of pytest; ``tests/conftest.py`` takes its hooks. It judges only a run of the whole suite, in the process that started it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

_RAN: set[str] = set()


def not_run(hazards: Iterable[Mapping[str, Any]], ran: Iterable[str]) -> list[str]:
    """The named tests that did not run (or were skipped in every case), each with its hazard.

    >>> not_run([{"id": "a", "tests": ["t.py::x", "t.py::y"]}], ["t.py::x[1]"])
    ['a: t.py::y']
    """
    done = {n.split("[")[0] for n in ran}
    return [f"{h['id']}: {t}" for h in hazards for t in h.get("tests", ()) if t not in done]


def whole(config: pytest.Config) -> bool:
    """Whether all tests were asked for."""
    option = config.option
    narrowed = (
        option.keyword or option.markexpr or option.collectonly or getattr(option, "lf", False) or option.deselect
    )
    return (
        not narrowed and config.args_source is not pytest.Config.ArgsSource.ARGS and not hasattr(config, "workerinput")
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what ran to its end (one that failed fails the run by itself); with several processes, the first hears of all."""
    if report.when == "call" and not report.skipped:
        _RAN.add(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a whole run in which a named test did not run."""
    path = Path(session.config.rootpath) / "docs/safety/hazards.toml"
    cut_short = session.shouldstop or session.shouldfail or exitstatus not in (0, 1)
    if cut_short or not whole(session.config) or not path.is_file():
        return
    missing = not_run(tomllib.loads(path.read_text("utf-8")).get("hazard", []), _RAN)
    if missing:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        session.config.stash[_MISSING] = missing


_MISSING = pytest.StashKey[list[str]]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Name the controls whose tests did not run."""
    for line in config.stash.get(_MISSING, []):
        terminalreporter.write_line(f"HAZARD WITHOUT ITS TEST, which did not run: {line}", red=True)
