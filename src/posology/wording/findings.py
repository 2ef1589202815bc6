"""Turns findings into plain sentences.

Knows no rule and no medicine: what was found, it is told.
"""

from __future__ import annotations

import datetime as dt
import re
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
    """A finding in words: what was found, and what to do.

    ``alone``: the sentence against stopping alone, where it belongs; ``act``: what else to do.
    """

    severity: str
    say: str
    act: str
    alone: str = ""

    @property
    def do(self) -> str:
        """All there is to do, the sentence against stopping alone first."""
        return f"{self.alone} {self.act}".strip()


_ALONE = re.compile(
    r"(?:If you (?:take|are taking) it now, )?(?:do not|never) stop(?: it| this medicine)?(?: or cut it)? by yourself\."
    r"|(?:If you are taking it now, )?speak to (?:your|the) prescriber today\.",
    re.IGNORECASE,
)
"""Sentences of a statement that the sentence against stopping alone says already."""


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
        return _amount_text(value)
    if isinstance(value, tuple):
        names = catalogue()["fact-names"]
        return listed([names.get(str(v), str(v)) for v in value])
    return "" if value is None else str(value)


def _amount_text(amount: Amount) -> str:
    """An amount as it is, or in whole units below it where it has no decimal: an allowance is never rounded up.

    >>> _amount_text(Amount(Fraction(1800, 7), "mg"))
    'about 257 mg'
    """
    rest = amount.value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest == 1:
        return str(amount)
    size = 1 if amount.value >= 10 else 100
    return f"about {Amount(Fraction(amount.value * size // 1, size), amount.unit)}"


def say(finding: Finding, *, country: Country, tapers: bool) -> Said:
    """One finding in plain English.

    For a medicine that must be come off gradually, every ``stop`` and every "avoid" also says not to stop it alone:
    a finding must never cause the abrupt stop it warns of.
    """
    words = catalogue()[finding.key]
    facts: Mapping[str, object] = finding.facts
    filled = {k: _text(k, v) for k, v in facts.items()}
    alone = ""
    if tapers and (finding.severity == "stop" or finding.key.endswith(("-avoid", "-contraindicated"))):
        alone = catalogue()["never-alone"]["say"]
        if "text" in filled:
            filled["text"] = " ".join(t for t in re.split(r"(?<=[.!?]) ", filled["text"]) if not _ALONE.fullmatch(t))
    filled["unverified"] = "" if facts.get("verified", True) else ", not verified"
    if "date" in facts:
        joint = ", " if finding.key.startswith("kidneys-") else " on "
        filled["on_date"] = f"{joint}{filled['date']}" if filled["date"] else ""
    if "low" in facts and "high" in facts:
        filled["usual"] = filled["low"] if facts["low"] == facts["high"] else f"{filled['low']} to {filled['high']}"
    if "every" in facts:
        filled["interval"] = "day" if facts["every"] == 1 else f"{filled['every']} days"
    filled["emergency"] = country.emergency
    if not filled.get("value"):
        filled["value"] = "dialysis" if facts.get("which") == "dialysis" else ""
    if "reason" in filled:
        filled["remedy"] = catalogue()["remedies"].get(filled["reason"], catalogue()["remedies"]["other"])
        filled["reason"] = catalogue()["reasons"].get(filled["reason"], catalogue()["reasons"]["other"])
    act = words["do"].format_map(filled)
    if alone:
        act = " ".join(t for t in re.split(r"(?<=[.!?]) ", act) if not _ALONE.fullmatch(t))
    return Said(finding.severity, words["say"].format_map(filled), act, alone)
