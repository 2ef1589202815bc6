"""Whole pages of our own: some clean, some with planted faults, with what an audit must find beside each.

Format of a file: ``=== id | label | html or txt``, then a line ``! type | words of the sentence`` for every planted fault,
then the page. A page without such lines is clean.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Leaflet(NamedTuple):
    """One page: ``expect`` holds (type, words of the faulty sentence; "" for what is missing from the whole page)."""

    id: str
    label: str
    name: str
    data: bytes
    expect: tuple[tuple[str, str], ...]


def leaflets(batch: str) -> list[Leaflet]:
    """The pages of ``first`` or ``second``."""
    text = (Path(__file__).parent / f"{batch}.txt").read_text(encoding="utf-8")
    out = []
    for part in text.split("\n=== " if text.startswith("\n") else "=== ")[1:]:
        head, body = part.split("\n", 1)
        key, label, kind = (x.strip() for x in head.split("|"))
        expect = []
        while body.startswith("! "):
            line, body = body.split("\n", 1)
            type_, _, words = line[2:].partition("|")
            expect.append((type_.strip(), words.strip()))
        out.append(Leaflet(key, label, f"{key}.{kind}", body.encode(), tuple(expect)))
    return out
