"""Turns findings into plain sentences.

Knows no rule and no medicine: what was found, it is told.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen

from posology.amount import Amount, number_text
from posology.checks import Finding
from posology.vocabulary import Country
from posology.wording.words import COUNTRIES, date_text, listed


@frozen
class Said:
    """A finding in words: what was found, and what to do."""

    severity: str
    say: str
    do: str


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Every message of findings, by key."""
    return tomllib.loads((Path(__file__).parent / "en" / "findings.toml").read_text("utf-8"))


def _text(name: str, value: Any) -> str:
    if name in ("country", "others", "known"):
        codes = value if isinstance(value, tuple) else (value,)
        return listed([COUNTRIES.get(str(c), str(c)) for c in codes])
    if isinstance(value, dt.date):
        return date_text(value)
    if isinstance(value, Fraction):
        return number_text(value)
    if isinstance(value, Amount):
        return str(value)
    if isinstance(value, tuple):
        names = catalogue()["fact-names"]
        return listed([names.get(str(v), str(v)) for v in value])
    return "" if value is None else str(value)


def say(finding: Finding, *, country: Country, tapers: bool) -> Said:
    """One finding in plain English.

    For a medicine that must be come off gradually, every ``stop`` and every "avoid" also says not to stop it alone:
    a finding must never cause the abrupt stop it warns of.
    """
    words = catalogue()[finding.key]
    facts: Mapping[str, object] = finding.facts
    filled = {k: _text(k, v) for k, v in facts.items()}
    filled["unverified"] = "" if facts.get("verified", True) else ", not verified"
    if "date" in facts:
        joint = ", " if finding.key.startswith("kidneys-") else " on "
        filled["on_date"] = f"{joint}{filled['date']}" if filled["date"] else ""
    filled["emergency"] = country.emergency
    if not filled.get("value"):
        filled["value"] = "dialysis" if facts.get("which") == "dialysis" else ""
    if "reason" in filled:
        filled["remedy"] = catalogue()["remedies"].get(filled["reason"], catalogue()["remedies"]["other"])
        filled["reason"] = catalogue()["reasons"].get(filled["reason"], catalogue()["reasons"]["other"])
    do = words["do"].format_map(filled)
    if tapers and (finding.severity == "stop" or finding.key.endswith(("-avoid", "-contraindicated"))):
        do = f"{catalogue()['never-alone']['say']} {do}".strip()
    return Said(finding.severity, words["say"].format_map(filled), do)
