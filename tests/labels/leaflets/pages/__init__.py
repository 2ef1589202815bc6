"""Whole pages of our own: some clean, some with planted faults, with what an audit must find beside each.

Format of a file: ``=== id | label | html or txt``, then a line ``! type | words of the sentence`` for every planted fault,
then the page. A page without such lines is clean. Where no label's file is named but a medicine, the page is held to the medicine file, of the
UK where the id ends in ``-uk``. A line ``~ type | words => other words`` makes a second page beside the clean
one, its twin, in which the words are replaced: by a wrong sentence, or by nothing. ``type/type`` where either names the fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from posology import library
from posology.labels import read_file
from posology.labels.audit import Audit, Reference, from_label, from_medicine

BATCHES = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
    "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth", "twentyfirst",
)  # fmt: skip
"""The sets, in the order in which they were written; each was measured before a rule was changed for it."""


class Leaflet(NamedTuple):
    """One page: ``expect`` holds (type, words of the faulty sentence; "" for what is missing from the whole page)."""

    id: str
    label: str
    name: str
    data: bytes
    expect: tuple[tuple[str, str], ...]

    @property
    def country(self) -> str:
        """The country whose page it is, where the id says so; else the page shows it, or is of the US."""
        return "GB" if "-uk" in self.id else ""

    def reference(self, labels: Callable[[str], Path]) -> Reference:
        """What it is held to: a label, its path found by ``labels``, or a medicine file."""
        if "/" in self.label:
            return from_label(read_file(labels(self.label)))
        return from_medicine(library.medicine(self.label), self.country or "US")


def leaflets(batch: str) -> list[Leaflet]:
    """The pages of one of :data:`BATCHES`."""
    text = (Path(__file__).parent / f"{batch}.txt").read_text(encoding="utf-8")
    out = []
    for part in text.split("\n=== " if text.startswith("\n") else "=== ")[1:]:
        head, body = part.split("\n", 1)
        key, label, kind = (x.strip() for x in head.split("|"))
        expect = []
        twins = []
        while body.startswith("! "):
            line, body = body.split("\n", 1)
            type_, _, words = line[2:].partition("|")
            expect.append((type_.strip(), words.strip()))
        while body.startswith("~ "):
            line, body = body.split("\n", 1)
            type_, _, words = line[2:].partition("|")
            old, _, new = words.strip().partition(" =>")
            twins.append((type_.strip(), old, new.strip()))
        out.append(Leaflet(key, label, f"{key}.{kind}", body.encode(), tuple(expect)))
        for type_, old, new in twins:
            assert body.count(old) == 1, f"{key}: the words of its twin stand {body.count(old)} times in it"
            fault = ((type_, "" if type_.startswith("missing") else _said(old, new)),)
            out.append(Leaflet(f"{key}-twin", label, f"{key}.{kind}", body.replace(old, new).encode(), fault))
    return out


def _said(old: str, new: str) -> str:
    """The longest new sentence between tags: the faulty sentence of a twin."""
    pieces = [x.strip() for x in re.split(r"<[^>]*>|(?<=[.!?])\s", new)]
    return max((x for x in pieces if x not in old), key=len)


def _same(words: str, line: str) -> bool:
    """Whether a line holds the words, or is a whole sentence of them: "Forgot it? Take two." is two lines."""
    a, b = words.lower(), line.lower()
    return a in b or (len(b.split()) >= 5 and b in a)


def _is(issue_type: str, words: str, result: Audit) -> list[int]:
    return [
        n
        for n, i in enumerate(result.issues)
        if i.type in issue_type.split("/") and (not words or (i.line is not None and _same(words, i.line.text)))
    ]


def missed(leaflet: Leaflet, result: Audit) -> list[tuple[str, str]]:
    """The planted faults that were not found, in their sentence and by their type."""
    return [(t, w) for t, w in leaflet.expect if not _is(t, w, result)]


def alarms(leaflet: Leaflet, result: Audit) -> list[tuple[str, str]]:
    """The findings that no planted fault explains: a second name for a faulty sentence is none.

    Of the minor ones only a missing source or date counts. A page that says stopping is safe has no warning either.
    """
    planted = {n for t, w in leaflet.expect for n in _is(t, w, result)}
    words = [w.lower() for _, w in leaflet.expect if w]
    free = any(t == "contradicts_stopping_advice" for t, _ in leaflet.expect)
    return [
        (i.type, i.line.text if i.line is not None else i.text)
        for n, i in enumerate(result.issues)
        if n not in planted
        and (i.severity != "minor" or i.type in ("unsourced", "undated"))
        and not (free and i.type == "missing_abrupt_stop_warning")
        and not (i.line is not None and any(_same(w, i.line.text) for w in words))
    ]
