"""What all tests share: the invented medicine, and plans built as the command line builds them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.ran import pytest_runtest_logreport, pytest_sessionfinish, pytest_terminal_summary

__all__ = ["make_plan", "plan_of", "pytest_runtest_logreport", "pytest_sessionfinish", "pytest_terminal_summary"]

DATA = Path(__file__).parent / "data"
os.environ["POSOLOGY_MEDICINES"] = str(DATA / "medicines")

NOTHING_ELSE: dict[str, Any] = {
    "age": 40,
    "weight": 70,
    "egfr": {"value": 95, "date": "2026-11-01"},
    "dialysis": False,
    "indication": "stiffness",
    "conditions": [],
    "medicines": [],
    "allergies": [],
    "pregnant": False,
    "breastfeeding": False,
    "alcohol": False,
    "needs": [],
}
"""A person of whom everything is known, and nothing is the matter."""


def make_plan(
    text: str,
    *,
    country: str = "US",
    person: dict[str, Any] | None = None,
    forget: tuple[str, ...] | list[str] = (),
    tmp_path: Path | None = None,
    **options: Any,
) -> Any:
    """A plan, built through the same door as ``posology plan``, with every fact of the person known unless forgotten."""
    from posology.cli.plan import build

    facts = {**NOTHING_ELSE, **(person or {})}
    for name in forget:
        facts.pop(name, None)
    taking = options.pop(
        "taking", [] if facts.get("new") or "taking" in forget else [f"{text.split(' for ')[0]} since 2026-01-01"]
    )
    given: dict[str, Any] = {
        "start": "2026-11-24", "zone": "Europe/London", "awake": "07:00-22:30", "have": [], "syringe": [],
        "medicine": None, "new": False, "beside": [], "repeats": None, "at": None, "elapsed": False, "days": 28,
    }  # fmt: skip
    given.update(options)
    return build(text, country=country, person=None, taking=taking, facts=facts, **given)[0]


@pytest.fixture
def plan_of() -> Any:
    """The maker of plans, for tests."""
    return make_plan


def _profile() -> None:
    """Generated examples are never failed for being slow: how fast things are is measured in bench/."""
    from hypothesis import settings

    settings.register_profile("steady", deadline=None, print_blob=True)
    settings.load_profile("steady")


_profile()
