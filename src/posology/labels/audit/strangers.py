"""Turns a page into the sentences that are about another medicine and strayed into it.

Knows no medicine by name: another one is told by the stems of international names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from posology.labels.audit.page import Page
from posology.labels.audit.reference import Reference
from posology.labels.audit.stopping import Finding
from posology.labels.extract.passage import names_a_drug

_SUBJECT = re.compile(
    r"\W*(?:the\s+)?([a-z]{6,})\s+(?:(?:tablets?|capsules?|liquid|solution)\s+)?(?:is|are|comes?|was|were)\b", re.I
)
_FACT = re.compile(
    r"\b\d[\d.,]*\s*(?:mg|mcg|m[lL])\b[^.;]*\b(?:daily|a\s+day|each\s+day|per\s+day|every)\b|\b(?:tablets?|capsules?)\s+(?:is|are)\s+(?:\w+\s+)?(?:white|yellow|green|blue|red|pink|orange|round|oval)\b",
    re.I,
)
_BESIDE = re.compile(
    r"\b(?:with|together|beside|alongside|instead|also|both|too|combin\w*|add\w*|of\s+that|switch\w*|replac\w*|than|unlike|like|same|contains?|another|other|similar|related)\b",
    re.I,
)


def strangers(page: Page, ref: Reference) -> Iterator[Finding]:
    """Sentences that give the dose or the look of another medicine as though the page were about it."""
    for line in page.lines:
        m = _SUBJECT.match(line.text)
        if m is None or not _FACT.search(line.text) or _BESIDE.search(line.text):
            continue
        word = m[1].lower()
        ours = ref.names & set(re.findall(r"[a-z]{4,}", line.text.lower()))
        if (
            names_a_drug(word)
            and word not in ref.names
            and not ours
            and not any(word.startswith(n[:5]) for n in ref.names)
        ):
            text = f"This sentence is about another medicine ({m[1]}): it does not belong on a page about {ref.name}."
            yield ("other_medicine", "major", text, line, None)
