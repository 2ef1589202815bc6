"""Turns the words of a page into what they say of another medicine: an amount of it, its use beside ours, a sentence strayed in.

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


_OURS = frozenset(
    [
        "medicine",
        "medication",
        "tablets",
        "tablet",
        "capsule",
        "capsules",
        "active",
        "liquid",
        "solution",
        "suspension",
        "starting",
        "initial",
        "single",
        "maximum",
        "highest",
        "recommended",
        "treatment",
    ]
)
_TOGETHER = re.compile(r"\b(?:with|plus|alongside)\s+([a-z]{6,})(?:\s*(?:,|or|and)\s*([a-z]{6,}))?", re.I)
_INTERACTS = re.compile(r"\b(?:inhibit\w*|concomitant\w*|co-?administ\w*|interact\w*)\b", re.I)
_NO_MEDICINE = frozenset(
    ["severe", "kidney", "kidneys", "disease", "problems", "people", "patients", "normal", "moderate", "another", "higher", "heart"]
)  # fmt: skip


def taken_with(text: str, ref: Reference) -> bool:
    """Whether a text names a medicine beside ours that the reference tells interactions of, where that has its own maximum."""
    if not any("other medicine" in x.groups for x in ref.limits):
        return False
    named = {w.lower() for m in _TOGETHER.finditer(text) for w in m.groups() if w} - _NO_MEDICINE - ref.names
    return bool(named) and any(
        any(w in e.quote.lower() for w in named) and _INTERACTS.search(e.quote) for e in ref.sentences
    )


def of_another(text: str, lead: str, after: str, ref: Reference) -> bool:
    """Whether an amount is of another medicine: "20 mg of the other", "a dose of the other of 20 mg"; or all the sentence is."""
    if re.match(r"\s*of\s+(?:that|this\s+one|the\s+(?:other|latter))\b", after, re.I):
        return True
    beside = re.match(
        r"\W*(?:A[.:]\s*)?([a-z]{5,})\s+(?:can|may|could)\s+(?:\w+\s+)?be\s+(?:taken|used|given|added)\s+(?:with\s+(?:it|this|them)|alongside|together|as\s+well|too|at\s+the\s+same\s+time)\b",
        text,
        re.I,
    )
    if beside and beside[1].lower() not in ref.names | _OURS | {"these", "tablets", "doses", "treatment"}:
        return True
    subject = re.match(r"\W*(?:A(?:nswer)?\s*[.:]\s*)?(?:the\s+|an?\s+|your\s+)?(\w+(?:\s+\(\w+\))?)", text, re.I)
    if (
        subject
        and any(names_a_drug(w) for w in re.findall(r"[a-z]{6,}", subject[1].lower()))
        and not ref.names & set(re.findall(r"[a-z]{4,}", text.lower()))
    ):
        return True
    m = re.match(r"\s*(?:(?:a|per|each)\s+day\s+|daily\s+)?(?:of\s+)([a-z]{6,})\b", after, re.I)
    n = re.search(
        r"\b([a-z]{6,})\s+(?:dose|tablets?)\s+(?:of|to|above|over|at)\s*$|\bdoses?\s+of\s+([a-z]{6,})\b[^.;]{0,30}$",
        lead,
        re.I,
    )
    word = (m[1] if m else (n[1] or n[2]) if n else "").lower()
    return (
        bool(word)
        and word not in ref.names
        and word not in _OURS
        and not word.endswith("ly")
        and (word in ref.words or names_a_drug(word))
    )
