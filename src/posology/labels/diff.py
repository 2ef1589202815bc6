"""Turns two editions of a label into what changed for a person who takes the medicine, topic by topic.

Knows no medicine. A sentence that only moved, or was worded a little otherwise, is no change.
"""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen

from posology.labels.extract import Facts, MaximumDose, Passage, extract
from posology.labels.record import Appearance, Label


@frozen
class Change:
    """What changed on one topic: a sentence that says it, the words that went and the words that came."""

    topic: str
    summary: str
    gone: tuple[Passage, ...] = ()
    came: tuple[Passage, ...] = ()


@frozen
class Diff:
    """The changes between two labels, the weightiest topics first."""

    old: Label
    new: Label
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()


_TITLES = {
    "starting_dose": "the dose to start with", "steps": "how the dose goes up", "missed_dose": "a missed dose",
    "contraindications": "who must not take it", "interactions": "other medicines", "kidney": "the kidneys", "liver": "the liver",
    "pregnancy": "pregnancy", "lactation": "breastfeeding", "alcohol": "alcohol", "driving": "driving", "storage": "how to keep it",
    "overdose": "too much",
}  # fmt: skip
SIMILAR = 0.72
"""Two sentences without numbers that share this part of their words say the same."""
SIMILAR_NUMBERS = 0.5
"""The part of the words that is enough where all the numbers are the same."""


def _key(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    plain = re.sub(r"\[\s*se+\s*e?\s[^\]]*\]|\(\s*see\s[^)]*\)|\(\s*[\d.,\s]+\)", " ", text, flags=re.I)
    plain = re.sub(r"^\s*\d{1,2}(?:\.\s?\d{1,2})?\.?\s+", "", plain)
    words = frozenset(re.findall(r"[a-z]{3,}", plain.lower()))
    numbers = tuple(sorted(re.findall(r"\d+(?:[.,]\d+)*", plain)))
    return words, numbers


def _new(mine: tuple[Passage, ...], theirs: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """The passages of the first that the second does not say."""
    keys = [_key(p.quote) for p in theirs]
    pool = frozenset(keys)
    out = []
    for p in mine:
        key = _key(p.quote)
        if key in pool or not key[0]:
            continue
        words, numbers = key
        if any(_same(words, numbers, w, n) for w, n in keys):
            continue
        out.append(p)
    return tuple(out)


def alike(a: str, b: str) -> bool:
    """Whether a sentence is said by another: the same numbers and mostly the same words.

    >>> alike("Do not stop it suddenly.", "Do not stop it suddenly [see Warnings].")
    True
    """
    return _same(*_key(a), *_key(b))


def _same(words: frozenset[str], numbers: tuple[str, ...], w: frozenset[str], n: tuple[str, ...]) -> bool:
    """Whether another sentence says this one: the same numbers and mostly the same words, or this one within it."""
    shared = len(words & w)
    if not shared:
        return False
    if numbers == n:
        return shared / len(words | w) >= (SIMILAR if not numbers else SIMILAR_NUMBERS)
    return set(numbers) < set(n) and shared / len(words) >= SIMILAR


def _maximum(old: Facts, new: Facts) -> Change | None:
    def of(ms: tuple[MaximumDose, ...]) -> dict[str, MaximumDose]:
        return {f"{m.value.normalize():f} {m.unit}{' a ' + m.per if m.per else ''}": m for m in ms}

    a, b = of(old.maximum), of(new.maximum)
    gone, came = [k for k in a if k not in b], [k for k in b if k not in a]
    if not gone and not came:
        return None
    if gone and came:
        text = f"The highest dose changed: {', '.join(gone)} before, {', '.join(came)} now."
    elif came:
        text = f"A highest dose is new: {', '.join(came)}."
    else:
        text = f"A highest dose is no longer stated: {', '.join(gone)}."
    return Change("maximum_dose", text, tuple(a[k].passage for k in gone), tuple(b[k].passage for k in came))


def diff(old: Label, new: Label) -> Diff:
    """What changed from one label to another for a person who takes the medicine."""
    a, b = extract(old), extract(new)
    notes: list[str] = []
    names_a = {w for n in old.all_names for w in re.findall(r"[a-z]{5,}", n.lower())}
    names_b = {w for n in new.all_names for w in re.findall(r"[a-z]{5,}", n.lower())}
    if names_a and names_b and not names_a & names_b:
        notes.append("These labels name different medicines.")
    numbers = {x.number for x in old.approvals} & {x.number for x in new.approvals}
    if old.setid != new.setid:
        same = (
            f" They share the application number {', '.join(sorted(n for n in numbers if n))}." if any(numbers) else ""
        )
        notes.append(f"The set ids differ: a label may change its set id, or these are of two makers.{same}")
    if old.effective and new.effective and old.effective > new.effective:
        notes.append(f"The first label ({old.effective}) is newer than the second ({new.effective}).")
    if old.jurisdiction != new.jurisdiction:
        notes.append(
            f"The labels are of different countries: {old.jurisdiction or 'not stated'} and {new.jurisdiction or 'not stated'}."
        )
    changes: list[Change] = []
    if bool(a.boxed) != bool(b.boxed):
        changes.append(
            Change(
                "boxed_warning",
                "A boxed warning is new." if b.boxed else "The boxed warning is gone.",
                a.boxed,
                b.boxed,
            )
        )
    else:
        came, gone = _new(b.boxed, a.boxed), _new(a.boxed, b.boxed)
        if came or gone:
            changes.append(Change("boxed_warning", "The boxed warning says something else.", gone, came))
    if a.stopping.abrupt != b.stopping.abrupt:
        text = (
            "It now warns against stopping suddenly."
            if b.stopping.abrupt
            else "It no longer warns against stopping suddenly."
        )
        changes.append(Change("stopping", text, a.stopping.warnings, b.stopping.warnings))
    else:
        before, after = (*a.stopping.warnings, *a.stopping.tapers), (*b.stopping.warnings, *b.stopping.tapers)
        came, gone = _once(_new(after, before)), _once(_new(before, after))
        if came or gone:
            changes.append(Change("stopping", "What it says about stopping changed.", gone, came))
    top = _maximum(a, b)
    if top is not None:
        changes.append(top)
    for topic, title in _TITLES.items():
        came, gone = _new(b.topics[topic], a.topics[topic]), _new(a.topics[topic], b.topics[topic])
        if not came and not gone:
            continue
        if not a.topics[topic]:
            text = f"It now speaks of {title}."
        elif not b.topics[topic]:
            text = f"It no longer speaks of {title}."
        else:
            text = f"What it says about {title} changed."
        changes.append(Change(topic, text, gone, came))
    changes += _products(old, new)
    return Diff(old, new, tuple(changes), tuple(notes))


def _once(found: tuple[Passage, ...]) -> tuple[Passage, ...]:
    return tuple({p.quote: p for p in found}.values())


def _products(old: Label, new: Label) -> list[Change]:
    def looks(label: Label) -> dict[str, Appearance]:
        return {
            f"{p.name} {p.active[0].strength if p.active and p.active[0].strength else ''}".strip().lower(): p.appearance
            for p in label.products
        }

    a, b = looks(old), looks(new)
    out: list[str] = []
    out += [f"{n} is no longer listed" for n in a if n not in b]
    out += [f"{n} is new" for n in b if n not in a]
    for n in a.keys() & b.keys():
        for part in ("color", "shape", "imprint", "score"):
            x, y = getattr(a[n], part), getattr(b[n], part)
            if x and y and x.lower() != y.lower():
                out.append(f"{n}: {part} {x} before, {y} now")
    return [Change("products", f"The products changed: {'; '.join(out[:12])}.")] if out else []


def diff_json(d: Diff) -> dict[str, Any]:
    """The changes as plain data (see ``diff.schema.json``)."""

    def of(p: Passage) -> dict[str, Any]:
        return {"section_code": p.section_code, "section_path": p.path, "quote": p.quote}

    def who(x: Label) -> dict[str, Any]:
        return {"setid": x.setid, "version": x.version, "effective": x.effective, "name": x.name}

    return {
        "old": who(d.old),
        "new": who(d.new),
        "notes": list(d.notes),
        "changes": [
            {"topic": c.topic, "summary": c.summary, "gone": [of(p) for p in c.gone], "came": [of(p) for p in c.came]}
            for c in d.changes
        ],
    }
