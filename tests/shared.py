"""Where tests find the reference data that lives beside the checkout; they skip, with a reason, where it is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def shared(path: str) -> Path:
    """A file or folder of the shared reference data, or a skip that says what is missing."""
    there = SHARED / path
    if not there.exists():
        pytest.skip(f"reference data not here: ../shared/{path}")
    return there
