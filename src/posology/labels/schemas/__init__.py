"""Turns the name of a JSON contract of the label commands into its JSON Schema.

Knows no label. The schemas are files beside this one, to be handed to whoever reads the JSON.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NAMES = ("label", "audit", "search", "verify", "diff")


def load(name: str) -> dict[str, Any]:
    """The schema of one contract.

    >>> load("audit")["title"]
    'posology audit --json'
    """
    found: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.schema.json").read_text("utf-8"))
    return found
