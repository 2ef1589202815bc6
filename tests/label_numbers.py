"""Turns a verified rule and the label it cites into the numbers of the rule that the cited section does not have.

Knows no rule's meaning: it only looks for numbers, in figures or words, near where the medicine file says they were read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from attrs import fields

from posology.amount import Amount
from posology.labels import Label, read_file
from posology.medicine import Band, Covers, Medicine, Statement

_WORDS = {
    "once": 1, "one": 1, "single": 1, "twice": 2, "two": 2, "both": 2, "double": 2, "three": 3, "thrice": 3,
    "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "fourteen": 14, "twenty": 20, "thirty": 30, "morning": 1, "bedtime": 1, "daily": 1, "several": 2,
}  # fmt: skip
_LENGTHS = {"week": 7, "weekly": 7, "weeks": 7, "month": 30, "months": 30, "day": 1, "days": 1, "daily": 1}
_GROUPS = {18: "adult|pediatric|child|geriatric", 16: "adult", 65: "elderly|geriatric|older"}
"""Ages that a label may give by name instead, anywhere in its text."""


def numbers(text: str) -> set[Fraction]:
    """Every number in a text: in figures (1,800 is one number), in words, and as a vulgar fraction.

    >>> sorted(numbers("twice a day, up to 1,800 mg for 2.5 weeks")) == [Fraction(1), Fraction(2), Fraction(5, 2), 1800]
    True
    """
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text.lower().replace("½", " 0.5 ").replace("¼", " 0.25 "))
    found = {Fraction(n) for n in re.findall(r"\d+(?:\.\d+)?|(?<![\d.])\.\d+", text)}
    found |= {Fraction(_WORDS[w]) for w in re.findall(r"[a-z]+", text) if w in _WORDS}
    if "one-half" in text or "half" in text:
        found.add(Fraction(1, 2))
    return found


def _asked(statement: Statement) -> Iterator[tuple[str, Fraction]]:
    """Every number of the rule and of the bands it covers, with what it counts: amount, days, age or other."""

    def walk(name: str, value: Any) -> Iterator[tuple[str, Fraction]]:
        if isinstance(value, Amount):
            yield "amount", value.value
        elif isinstance(value, Band):
            kind = {"age": "age", "days_taken": "days"}.get(name, "band")
            for end in (value.at_least, value.above, value.at_most, value.below):
                if end is not None:
                    yield kind, end
        elif isinstance(value, bool | str) or value is None:
            return
        elif isinstance(value, int | Fraction):
            days = "days" in name or name == "days"
            yield ("days" if days else "weeks" if "weeks" in name else "count"), Fraction(value)
        elif isinstance(value, tuple):
            for item in value:
                yield from walk(name, item)
        elif hasattr(type(value), "__attrs_attrs__"):
            for f in fields(type(value)):
                yield from walk(f.name, getattr(value, f.name))

    yield from walk("rule", statement.rule)
    for f in fields(Covers):
        yield from walk(f.name, getattr(statement.covers, f.name))


def _has(kind: str, value: Fraction, there: set[Fraction], text: str, whole: str, times: tuple[int, ...]) -> bool:
    if value in there or value == 0 or (kind == "amount" and value * 1000 in there):
        return True
    if kind in ("amount", "band"):  # 50 mg three times a day is 150 mg a day, where the statement says "three"
        return any(value / n in there or value * n in there for n in times)
    if kind == "days":
        return any(
            word in text and (value / length in there or value == length) for word, length in _LENGTHS.items() if value
        )
    if kind == "age":
        by_name = _GROUPS.get(int(value), "") if value.denominator == 1 else ""
        return (
            bool(by_name and re.search(by_name, whole))
            or value * 12 in there
            or value * Fraction(1461, 28) in there
            or (value == 1 and "month" in text)
        )
    return False


@cache
def label_files(folder: Path) -> dict[str, Path]:
    """The label files by the first eight signs of their set id, which stand in their names."""
    return {p.stem.rpartition("__")[2]: p for p in sorted(folder.iterdir()) if "__" in p.stem}


@cache
def _label(path: Path) -> Label:
    return read_file(path)


@cache
def section_text(path: Path, section: str) -> str:
    """The words of every section a citation names (by LOINC code), with those inside; the whole text where it has none."""
    label = _label(path)
    codes = set(re.findall(r"\d{5}-\d", section))
    held, every = [], []
    for place in label.walk():
        words = " ".join([place.section.title, *(b.words for b in place.section.blocks)])
        every.append(words)
        if codes & {s.code for s in place.line} or place.section.nearest in codes:
            held.append(words)
    return " ".join(held or every)


def missing(medicine: Medicine, statement: Statement, folder: Path) -> list[str]:
    """The numbers of a verified rule that its cited section does not have; empty too where its label is not at hand."""
    source = medicine.source(statement.source)
    path = label_files(folder).get(source.identifier[:8])
    if path is None or statement.rule is None or not statement.verified:
        return []
    text = section_text(path, statement.section).lower()
    there, whole = numbers(text), section_text(path, "").lower()
    times = tuple(n for n in (2, 3, 4) if n in numbers(statement.text))
    return [f"{kind} {value}" for kind, value in _asked(statement) if not _has(kind, value, there, text, whole, times)]


_ASIDE = re.compile(
    r"\bin 100\b|\bof (?:1,0)?00\b|\bof 100 \w+|\blabel of (?:19|20)\d\d|\b(?:19|20)\d\d\b|vitamin b\d+|cyp\w+|\bin 1,000\b|\bof 1,000\b"
    r"|1 to 2 days|three months",
    re.I,
)
"""Numbers of our own wording, not of the label: "28 in 100", the year of a label, names, hours said as days."""


def text_missing(medicine: Medicine, statement: Statement, folder: Path) -> list[str]:
    """The figures in the text of a verified statement that its cited section has in no writing."""
    path = label_files(folder).get(medicine.source(statement.source).identifier[:8])
    if path is None or not statement.verified:
        return []
    there = numbers(section_text(path, statement.section))
    said = re.findall(r"\d[\d,]*(?:\.\d+)?", _ASIDE.sub(" ", statement.text))
    found = {Fraction(n.replace(",", "").rstrip(".")) for n in said}
    return [str(n) for n in sorted(found) if not there & {n, n / 7, n * 7, n * 1000, n / 1000}]


def product_missing(medicine: Medicine, folder: Path) -> list[str]:
    """Verified products whose strength does not stand in the label they cite."""
    found: list[str] = []
    for p in medicine.products:
        path = label_files(folder).get(medicine.source(p.source).identifier[:8])
        if path is None or not p.verified:
            continue
        there = numbers(section_text(path, ""))
        amounts = [p.strength.amount.value, *(s.amount.value for s in p.also.values())]
        found += [f"{p.id}: {a}" for a in amounts if a not in there]
    return found


def reached(medicine: Medicine, folder: Path) -> int:
    """How many verified rules with a number can be held against a label that is at hand."""
    files = label_files(folder)
    return sum(
        1
        for s in medicine.statements
        if s.rule is not None
        and s.verified
        and medicine.source(s.source).identifier[:8] in files
        and any(True for _ in _asked(s))
    )
