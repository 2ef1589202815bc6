"""Turns a sentence on ending two medicines, and a reference that says which goes first, into whether the order is turned round.

Knows no medicine by name: those of a sentence are told by how names are built, by the reference's own names, and by "blockers".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from posology.labels.audit.page import Page
from posology.labels.audit.reference import Evidence, Reference
from posology.labels.audit.stopping import Finding
from posology.labels.extract.passage import names_a_drug

_ENDING = re.compile(
    r"\b(?:stop\w*|discontinu\w*|withdr[ae]w\w*|terminat\w*|end(?:s|ed|ing)?|quit\w*|c[ao]m(?:e|es|ing)\s+off|taken?\s+(?:down|off)|brought\s+down|goes|go|taper\w*)\b",
    re.I,
)
_TOLD = re.compile(r"[A-Za-zβ]+[\s-]blockers?\b|[A-Za-z]{6,}")
_BEFORE = re.compile(r"\b(?:before|ahead\s+of|prior\s+to)\b", re.I)
_FIRST = re.compile(r"\bfirst\b(?!\s+(?:dose|day|week))", re.I)
_LATER = re.compile(r"\b(?:later|after(?:wards?)?)\b\W*$", re.I)
_NOT = re.compile(r"\b(?:not|never|n['’]t)\b|n['’]t\b", re.I)


def _medicines(text: str, ref: Reference) -> list[tuple[int, str]]:
    """The medicines of a text and where they stand; the reference's own one is "own"."""
    out = []
    for m in _TOLD.finditer(text):
        word = re.sub(r"^(?:β|beta)[\s-]", "beta-", m[0].lower()).removesuffix("s")
        if m[0].lower() in ref.names:
            out.append((m.start(), "own"))
        elif "blocker" in word or names_a_drug(m[0].lower()):
            out.append((m.start(), word))
    return out


def _order(text: str, ref: Reference) -> tuple[str, str]:
    """Which medicine a text ends first, and which later; "" where it does not say."""
    told = _medicines(text, ref)
    if not _ENDING.search(text) or len({w for _, w in told}) < 2:
        return "", ""
    cue = _BEFORE.search(text)
    if cue is not None:
        return (
            next((w for at, w in reversed(told) if at < cue.start()), ""),
            next((w for at, w in told if at > cue.start()), ""),
        )
    first, later = _FIRST.search(text), _LATER.search(text)
    return (
        next((w for at, w in reversed(told) if first is not None and at < first.start()), ""),
        next((w for at, w in reversed(told) if later is not None and at < later.start()), ""),
    )


def turned_round(page: Page, ref: Reference) -> Iterator[Finding]:
    """Sentences that end two medicines in the other order than the reference.

    >>> from posology.labels.audit.page import read_page
    >>> said = Evidence("", "Withdraw the beta-blocker several days before examplone.")
    >>> ref = Reference("examplone", frozenset({"examplone"}), "US", sentences=(said,))
    >>> [f[0] for f in turned_round(read_page(b"Stop examplone first and the beta-blocker some days after.", "p"), ref)]
    ['contradicts_stopping_advice']
    >>> [f[0] for f in turned_round(read_page(b"The beta-blocker is stopped some days before examplone.", "p"), ref)]
    []
    """
    known: list[tuple[str, str, Evidence]] = []
    for e in ref.sentences:
        first, later = _order(e.quote, ref) if _BEFORE.search(e.quote) else ("", "")
        if first and later and first != later and not _NOT.search(e.quote):
            known.append((first, later, e))
    if not known:
        return
    for line in page.lines:
        first, later = _order(line.text, ref)
        if not (first or later) or _NOT.search(line.text) or ref.holds(line.text):
            continue
        named = {w for _, w in _medicines(line.text, ref)}
        for a, b, e in known:
            if (first == b or later == a) and named & {a, b} and first != a and later != b:
                text = f"The reference ends these two in the other order: {a if a != 'own' else ref.name} first."
                yield ("contradicts_stopping_advice", "critical", text, line, e)
                break
