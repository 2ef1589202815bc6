"""Turns a query into the label of an index that answers it best: its sections and words, as far as the index holds them.

Knows no file of the label itself. An index keeps the full text by section, and neither products nor tables' cells.
"""

from __future__ import annotations

import json
import re
import zlib
from pathlib import Path

from posology.labels.record import Block, Label, Section
from posology.labels.search import BULLET, BY_WORDS, NEAR, _asked, search


def stored(index: Path, query: str) -> Label | None:
    """The label of the medicine that a query names, or None where the index has none of that name.

    A label that only speaks of it is never taken for its own.

    Its products are not kept in an index, so what they look like is not there; a note says so.
    Raises :class:`posology.errors.UnreadableError` where there is no index, or it is damaged.
    """
    hits = search(index, query, 1)
    if not hits or hits[0].why == BY_WORDS or hits[0].why.startswith(NEAR):
        return None
    hit = hits[0]
    with _asked(index) as base:
        found = base.execute(
            "select id, document, body from label where setid = ? and version = ? and effective = ? and source = ?",
            (hit.setid, hit.version, hit.effective, hit.source),
        ).fetchone()
        names = tuple(
            n for (n,) in base.execute("select name from name where label = ? and kind = 'name'", (found[0],))
        )
        sections = tuple(
            Section(code, path.rpartition(" > ")[2], tuple(_block(t) for t in text.split("\n") if t))
            for path, code, text in json.loads(zlib.decompress(found[2]))
        )
    american = re.search(r"human (?:prescription|otc)", found[1], re.I)
    return Label(
        format="spl", source=hit.source, sha256="", setid=hit.setid, version=hit.version, effective=hit.effective,
        title=hit.name, labeler=hit.labeler, document_type=found[1], jurisdiction="US" if american else "",
        sections=sections, names=(hit.name, *names),
        notes=("It was read from an index, which does not keep what the product looks like.",),
    )  # fmt: skip


def _block(line: str) -> Block:
    words = line.lstrip(BULLET)
    depth = len(line) - len(words)
    return Block("item", words.strip(), depth=depth) if depth else Block("paragraph", line)
