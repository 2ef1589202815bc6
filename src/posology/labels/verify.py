"""Turns a medicine file and official labels into a verdict on every rule: do its numbers stand in the section it cites?

Knows no meaning: a number that stands there may still be misread, but one that does not stand there is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from attrs import fields, frozen, has

from posology.amount import Amount
from posology.labels.audit.reference import TO_BASE, base, counted
from posology.labels.codes import NAMES
from posology.labels.extract import extract
from posology.labels.extract.limit_words import DOSE, period, unit_name, value_of
from posology.labels.record import BOXED_WARNING, Label, Place
from posology.labels.text import number_of
from posology.medicine import NOT_RECORDED, Medicine, NotSaid, Source, Statement, TaperBand

State = Literal["held", "elsewhere", "wrong", "no section", "no number", "other source"]


@frozen
class Row:
    """The verdict on one statement: what was looked for, where, and what was not found."""

    statement: str
    state: State
    text: str
    section: str
    verified: bool
    missing: tuple[str, ...] = ()
    label: str = ""


@frozen
class Result:
    """The verdicts on a medicine file."""

    medicine: str
    rows: tuple[Row, ...]
    strangers: tuple[str, ...] = ()
    """The labels given that no source of the file names: their files."""

    @property
    def counts(self) -> dict[str, int]:
        """How many statements there are in each state."""
        out: dict[str, int] = {}
        for r in self.rows:
            out[r.state] = out.get(r.state, 0) + 1
        return out

    @property
    def wrong(self) -> tuple[Row, ...]:
        """The verified statements whose numbers do not stand in the label they cite."""
        return tuple(r for r in self.rows if r.state == "wrong" and r.verified)


@frozen
class _Number:
    """One number of a rule: an amount, days, hours, a count or a per cent, and how it is shown."""

    kind: Literal["amount", "days", "hours", "count", "percent", "weeks"]
    value: Fraction
    unit: str
    shown: str


def _numbers(rule: Any) -> Iterator[_Number]:
    for f in fields(type(rule)):
        value = getattr(rule, f.name)
        if isinstance(value, Amount):
            yield _Number("amount", value.value, value.unit, str(value))
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, TaperBand):
                    yield from _numbers(item)
        elif isinstance(value, bool) or value is None or isinstance(value, str):
            continue
        elif isinstance(value, int | Fraction):
            number = Fraction(value)
            name = f.name
            if "percent" in name:
                yield _Number("percent", number, "%", f"{float(number):g}%")
            elif "hours" in name:
                yield _Number("hours", number, "h", number_of(number, "hour"))
            elif "weeks" in name:
                yield _Number("weeks", number, "wk", number_of(number, "week"))
            elif "days" in name:
                yield _Number("days", number, "d", number_of(number, "day"))
            elif name in ("times_a_day", "low", "high"):
                yield _Number("count", number, "1", "once a day" if number == 1 else f"{float(number):g} times a day")
            elif name == "fraction":
                yield _Number("percent", number, "part", f"{number}")
        elif has(type(value)):
            yield from _numbers(value)


_UNITS = {"mg": "mg", "ug": "mcg", "g": "g", "mL": "mL", "[iU]": "unit", "meq": "mEq"}
_WORD = {1: "one|a|an|each|per|single|once", 2: "two|twice|second|other", 3: "three|third", 4: "four|fourth", 5: "five|fifth", 6: "six", 7: "seven", 8: "eight", 10: "ten", 12: "twelve", 14: "fourteen", 24: "twenty-four"}  # fmt: skip


def _stands(n: _Number, text: str) -> bool:
    if n.kind == "amount":
        return _amount_stands(n, text)
    whole = int(n.value) if n.value.denominator == 1 else None
    plain = f"{float(n.value):g}"
    if n.kind == "percent" and n.unit == "part":
        return bool(re.search(r"\bhalf\b" if n.value == Fraction(1, 2) else re.escape(plain), text, re.I))
    if n.kind == "percent":
        if re.search(rf"(?<![\d.]){re.escape(plain)}(?:\.0)?\s*(?:%|per\s?cent|(?:to|-|–)\s*\d+(?:\.\d+)?\s*%)", text):
            return True
        # a table has the sign in its head and bare numbers below; words may say "about 33 in 100"
        bare = re.search(rf"(?<![\d.,]){re.escape(plain)}(?:\.0)?(?![\d.]|,\d)", text)
        return bool(bare and re.search(r"%|per\s?cent|\bin\s+100\b", text)) or (whole == 50 and "half" in text.lower())
    if n.kind == "count":
        return whole in counted(text) or (
            whole is not None
            and bool(
                re.search(
                    rf"\b(?:{whole}|{_WORD.get(whole, whole)})\s*(?:equally\s+)?(?:divided\s+)?(?:doses|times|daily)",
                    text,
                    re.I,
                )
            )
        )
    forms: list[str] = []
    for unit, size in {
        "days": (("day", 1), ("week", 7), ("month", 30)),
        "hours": (("hour", 1), ("hr", 1), ("day", 24)),
        "weeks": (("week", 1), ("day", Fraction(1, 7))),
    }[n.kind]:
        count = n.value / Fraction(size)
        if count.denominator != 1:
            continue
        k = int(count)
        words = _WORD.get(k, str(k))
        number = rf"(?:{k}|{words})"
        forms.append(rf"(?<![\d.]){number}(?:\s*(?:to|or|-|–)\s*(?:\d+|\w+))?[\s-]*{unit}")
        forms.append(rf"(?:to|or|-|–)\s*{number}[\s-]*{unit}")
        if k == 1:
            forms.append(
                {"week": r"\bweekly\b|\bweek\b", "day": r"\bdaily\b|\bday\b", "month": r"\bmonthly\b|\bmonth\b"}.get(
                    unit, unit
                )
            )
    return any(re.search(f, text, re.I) for f in forms)


def _amount_stands(n: _Number, text: str) -> bool:
    unit = _UNITS.get(n.unit)
    if unit is None:
        name = n.unit.strip("{}")
        plain = f"{float(n.value):g}"
        return (
            bool(re.search(rf"(?<![\d.,]){re.escape(plain)}[\s-]*(?:[\w-]+\s+)?{re.escape(name)}", text, re.I))
            if name
            else plain in text
        )
    wanted = n.value * Fraction(TO_BASE.get(unit, Decimal(1)))
    for m in DOSE.finditer(text):
        there = unit_name(m["unit"], None)
        if _kind(there) != _kind(unit):
            continue
        ends = [Fraction(base(value_of(g), there)) for g in (m["low"], m["num"]) if g]
        if wanted in ends:
            return True
        times = period(re.split(r"[;.]\s", text[m.end() : m.end() + 60])[0])[1]
        if times is not None and any(e * Fraction(times) == wanted for e in ends):
            return True  # 5 mg three times a day is 15 mg a day
        counts = counted(text[m.end() : m.end() + 40])
        if any(e * c == wanted for e in ends for c in counts if c > 1):
            return True
    # numbers whose unit stands once, at the end of a list or in the head of a table: "10, 20 or 40 mg"
    shown = f"{float(n.value):g}"
    grouped = f"{int(n.value):,}" if n.value.denominator == 1 else shown
    written = n.unit if n.unit != "ug" else "mcg"
    for form in {shown, grouped}:
        alone = rf"(?<![\d.,]){re.escape(form)}(?![\d.]|,\d)"
        if re.search(rf"{alone}(?:\s*(?:,|or|to|and|-|–|/|\|)\s*[\d.,]+)*\s*(?:-\s*)?{re.escape(written)}\b", text):
            return True
        if re.search(rf"\b{re.escape(written)}\b", text):
            rows = (line for line in text.split("\n") if "|" in line or len(re.findall(r"\d+", line)) >= 8)
            if any(re.search(alone, line) for line in rows):
                return True
    return False


def _kind(unit: str) -> str:
    return "mass" if unit in ("mg", "mcg", "g") else unit


def _cited(label: Label, section: str) -> list[Place]:
    """The sections a citation means: LOINC codes, the label's own numbers ("2.1"), or the name of a section."""
    places = list(label.walk("text", "copy"))
    found: list[Place] = []
    codes = re.findall(r"\b\d{4,6}-\d\b", section)
    for code in codes:
        found += [p for p in places if code in (p.section.code, *p.codes)]
    rest = re.sub(r"\b\d{4,6}-\d\b", " ", section)
    for number in re.findall(r"(?<![\d.])\d{1,2}(?:\.\d{1,2})*(?![\d-])", rest):
        numbered = [p for p in places if re.match(rf"{re.escape(number)}(?![\d])", p.section.title.strip())]
        found += [p for p in places if any(n.section in p.line for n in numbered)]
        if not numbered:
            found += [
                p for p in places if any(re.match(rf"{re.escape(number)}\.?\s", b.words) for b in p.section.blocks)
            ]
    for word in re.findall(r"[A-Za-z][A-Za-z&' -]{3,}", rest):
        key = word.strip().lower()
        if key in ("section", "table", "and"):
            continue
        found += [
            p for p in places if any(key in t for s in p.line for t in (s.title.lower(), NAMES.get(s.code, "").lower()))
        ]
    return list({id(p.section): p for p in found}.values())


def _words(places: Iterable[Place]) -> str:
    return "\n".join(t for p in places for t in (p.section.title, *(b.words for b in p.section.blocks)) if t)


def verify(medicine: Medicine, labels: Iterable[Label]) -> Result:
    """Hold every rule of a medicine against the section it cites, in the labels given.

    A statement is held against the label whose set id stands in its source's identifier or title; one of another
    source is listed as such. The numbers of the rule are looked for, in any writing the label may use.
    """
    held = list(labels)
    rows: list[Row] = []

    def named(x: Label, source: Source) -> bool:
        known = f"{source.identifier} {source.title}".lower()
        return bool(x.setid) and (x.setid.lower() in known or x.setid[:8].lower() in known)

    for s in medicine.statements:
        if s.rule is None:
            continue
        source = medicine.source(s.source)
        label = next((x for x in held if named(x, source)), None)
        if label is None:
            rows.append(Row(s.id, "other source", f"Its source is {source.title}.", s.section, s.verified))
            continue
        rows.append(_row(s, label))
    strangers = tuple(x.source for x in held if not any(named(x, source) for source in medicine.sources))
    return Result(medicine.id, tuple(rows), strangers)


_SILENT = {"missed": "missed_dose", "alcohol": "alcohol", "driving": "driving", "too-much": "overdose"}
"""The subjects on which silence itself can be held against a label, by the topic that is looked for in it."""


def _silence(s: Statement, label: Label) -> Row:
    """Whether a label that a statement calls silent on its subject is so; other silences have nothing to look for."""
    topic = _SILENT.get(s.subject)
    if BOXED_WARNING in s.section and not extract(label).boxed:
        return Row(s.id, "held", "The label has no boxed warning.", s.section, s.verified, (), label.setid)
    if topic is None:
        return Row(s.id, "no number", "It says that the label is silent.", s.section, s.verified, (), label.setid)
    said = extract(label).topics.get(topic, ())
    if not said:
        return Row(s.id, "held", "The label says nothing of it.", s.section, s.verified, (), label.setid)
    text = f"The label is called silent, and speaks of it in {said[0].path}: {said[0].quote[:160]}"
    return Row(s.id, "wrong", text, s.section, s.verified, (), label.setid)


def _row(s: Statement, label: Label) -> Row:
    if isinstance(s.rule, NotSaid):
        return _silence(s, label)
    numbers = [n for n in _numbers(s.rule) if n.value]  # nothing is written as "0 hours"
    places = _cited(label, s.section)
    inside = _words(places)
    if not numbers:
        state: State = "no number" if places else "no section"
        text = "The rule has no number to hold." if places else f"The label has no section {s.section!r}."
        return Row(s.id, state, text, s.section, s.verified, (), label.setid)
    shown = ", ".join(dict.fromkeys(n.shown for n in numbers))
    missing = tuple(dict.fromkeys(n.shown for n in numbers if not _stands(n, inside)))
    if places and not missing:
        return Row(s.id, "held", f"{shown}: in {s.section}.", s.section, s.verified, (), label.setid)
    everywhere = _words(label.walk("text", "copy", "highlights"))
    nowhere = tuple(dict.fromkeys(n.shown for n in numbers if not _stands(n, everywhere)))
    if nowhere:
        return Row(
            s.id, "wrong", f"Not in this label: {', '.join(nowhere)}.", s.section, s.verified, nowhere, label.setid
        )
    cites = s.section not in ("", NOT_RECORDED)
    where = (
        f"not in {s.section}"
        if places
        else f"the label has no section {s.section!r}"
        if cites
        else "which section is not recorded"
    )
    return Row(
        s.id,
        "elsewhere",
        f"{', '.join(missing or (shown,))}: in the label, {where}.",
        s.section,
        s.verified,
        missing,
        label.setid,
    )


def verify_json(result: Result) -> dict[str, Any]:
    """The verdicts as plain data (see ``verify.schema.json``)."""
    return {
        "medicine": result.medicine,
        "counts": result.counts,
        "wrong": len(result.wrong),
        "rows": [
            {
                "statement": r.statement, "state": r.state, "text": r.text, "section": r.section, "verified": r.verified,
                "missing": list(r.missing), "label": r.label,
            }
            for r in result.rows
        ],
    }  # fmt: skip
