"""Every fixed sentence that a person reads is short and plain: US grade 6 or below on the whole, none above 9 (of more than seven words)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from posology import library
from posology.wording import page, plan_page
from posology.wording.findings import catalogue
from tests.readability import grade, sentences, words

EACH, MEAN, LONGEST = 9.0, 6.0, 25
SAMPLES = {
    "taken": "60 mg", "limit": "40 mg", "country": "UK", "unverified": "", "ingredient": "examplone", "beside": "10 mg", "old": "10 mg",
    "new": "20 mg", "step": "5 mg", "every": "3", "times": "5", "low": "2", "high": "4", "hours": "9", "least": "4", "most": "8",
    "on_date": " on 1 May 2026", "date": "1 May 2026", "order_by": "1 May 2026", "product": "the 10 mg tablets", "days": "28",
    "value": "25", "text": "Take it with food.", "allergies": "nuts", "emergency": "999", "medicines": "ibuprofen", "dose": "10 mg",
    "reason": "there is no syringe", "remedy": "Ask the pharmacist.", "volume": "5 mL", "device": "5 mL oral syringe", "given": "9 mg",
    "error": "1 mg", "parts": "half", "other": "the 20 mg tablets", "strength": "5 mg in 5 mL", "names": "your age", "unit": "mg",
}  # fmt: skip


class _Samples(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "10 mg"


def fixed() -> Iterator[tuple[str, str]]:
    """Each fixed text with its place, its gaps filled."""
    for key, row in catalogue().items():
        for part, text in row.items():
            if key == "fact-how" or not text:
                continue
            filled = text.format_map(_Samples(SAMPLES))
            if key in ("fact-names", "reasons"):
                filled = f"Not checked: {filled}."
            yield f"findings.toml {key}.{part}", filled
    for module in (page, plan_page):
        from pathlib import Path

        for text in re.findall(r'Line\(\s*"([^"{]+)"', Path(module.__file__ or "").read_text("utf-8")):
            yield f"{module.__name__.split('.')[-1]}", text
    yield "plan_page state", plan_page.AS_PRESCRIBED
    yield "plan_page state", plan_page.PROPOSED
    folder = Path(page.__file__ or "").parent.parent / "templates"
    for path in sorted(folder.glob("*.j2")):
        plain = re.sub(
            r"{%.*?%}|{{.*?}}", "", re.sub(r"<style>.*?</style>", "", path.read_text("utf-8"), flags=re.S), flags=re.S
        )
        for text in re.findall(r"<p>([A-Z][^<{]{20,})</p>", plain):
            yield path.name, text


FIXED = list(fixed())


def hard(texts: list[tuple[str, str]]) -> list[str]:
    """The texts that are too hard or hold too long a sentence."""
    found = []
    for where, text in texts:
        own = grade(text)
        longest = max(len(words(s)) for s in sentences(text))
        if (own > EACH and len(words(text)) > 7) or longest > LONGEST:
            found.append(f"{where}: grade {own:.1f}, {longest} words: {text}")
    return found


def test_every_fixed_sentence_is_plain() -> None:
    assert len(FIXED) > 150
    assert hard(FIXED) == []


def test_on_the_whole_they_are_of_grade_6() -> None:
    assert grade([t for _, t in FIXED]) <= MEAN


def test_a_hard_sentence_is_caught() -> None:
    assert hard(
        [("x", "Concomitant administration necessitates considerable individualised dosage modification immediately.")]
    )


@pytest.mark.parametrize("id", sorted(library.medicine_files()))
def test_the_headings_of_every_page_are_short(id: str) -> None:
    made = page.about(library.medicine(id), library.country(library.medicine(id).jurisdictions[0]))
    assert [s.heading for s in made.sections if len(words(s.heading)) > 9] == []
