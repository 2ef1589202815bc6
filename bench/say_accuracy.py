"""Dosage-to-text cases: are all facts in the sentence, and nothing forbidden? Prints a line a language, and what is missing.

Run: python bench/say_accuracy.py [--form patient] [--all]. Facts and forbidden patterns stand in the data, not here.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import simplejson

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared/data/directions/text.jsonl"
sys.path.insert(0, str(ROOT / "src"))

from posology.errors import PosologyError  # noqa: E402
from posology.fhir.dosage import read_dosage  # noqa: E402
from posology.wording.catalogue import LANGUAGES  # noqa: E402
from posology.wording.saying import say  # noqa: E402


def judge(case: dict[str, Any], text: str) -> list[str]:
    """What a sentence lacks or must not hold; the patterns are those of the case."""
    low = text.lower()
    missing = [f"lacks /{f}/" for f in case["facts"] if not re.search(f, low)]
    return missing + [f"holds /{f}/" for f in case["must_not"] if re.search(f, low)]


def run(lines: list[str], form: str) -> dict[str, list[tuple[str, str, list[str]]]]:
    """For each language: id, sentence (or the refusal) and what is wrong with it."""
    found: dict[str, list[tuple[str, str, list[str]]]] = defaultdict(list)
    for line in lines:
        case = simplejson.loads(line, use_decimal=True)
        if case["lang"] not in LANGUAGES:
            continue
        try:
            text = say(read_dosage(case["input"]), case["lang"], form)  # type: ignore[arg-type]
            wrong = judge(case, text)
        except PosologyError as error:
            text, wrong = f"refused: {error}", ["no sentence"]
        found[case["lang"]].append((case["id"], text, wrong))
    return found


def main() -> int:
    """Print the score of each form; the status is 1 where any case fails."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--form", choices=["plain", "patient", "pharmacy"])
    options.add_argument("--all", action="store_true", help="print every sentence")
    asked = options.parse_args()
    if not asked.data.exists():
        print(f"skipped: no data at {asked.data.name}")
        return 0
    lines = asked.data.read_text("utf-8").splitlines()
    status = 0
    for form in [asked.form] if asked.form else ["plain", "patient", "pharmacy"]:
        found = run(lines, form)
        total = sum(len(v) for v in found.values())
        right = sum(not wrong for v in found.values() for _, _, wrong in v)
        each = ", ".join(f"{lang} {sum(not w for _, _, w in found[lang])}/{len(found[lang])}" for lang in LANGUAGES)
        print(f"{form}: {right} of {total} ({100 * right / total:.1f} %) with all facts and nothing forbidden: {each}")
        for lang in LANGUAGES:
            for name, text, wrong in found[lang]:
                if wrong or asked.all:
                    print(f"  {name} {lang}: {text} {'; '.join(wrong)}")
                status |= bool(wrong)
    return status


if __name__ == "__main__":
    sys.exit(main())
