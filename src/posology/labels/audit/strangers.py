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


_CLASSES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(rx, re.I))
    for name, rx in (
        ("benzodiazepine", r"\bbenzodiazepines?\b"), ("barbiturate", r"\bbarbiturates?\b"), ("opioid", r"\b(?:opioids?|opiates?)\b(?!\s+(?:antagonist|blocker))"),
        ("beta-blocker", r"\bbeta[\s-]?(?:adrenergic\s+)?(?:adrenoceptor\s+|receptor\s+)?(?:block(?:er|ing)|antagonist)\w*"), ("statin", r"\bstatins?\b|\bHMG-CoA"),
        ("calcium channel blocker", r"\bcalcium[\s-](?:channel[\s-])?(?:block|antagonist)\w*"), ("ACE inhibitor", r"\bACE[\s-]inhibitors?\b|\bangiotensin[\s-]converting"),
        ("SSRI", r"\bSSRIs?\b|\bselective\s+serotonin\s+re-?uptake"), ("SNRI", r"\bSNRIs?\b|\bserotonin[\s-](?:and[\s-]|/)?nor(?:epinephrine|adrenaline)\s+re-?uptake"),
        ("tricyclic", r"\btricyclics?\b"), ("MAO inhibitor", r"\bMAO(?:Is?|\s+inhibitors?)\b|\bmonoamine\s+oxidase\s+inhibitors?"),
        ("antipsychotic", r"\b(?:antipsychotics?|neuroleptics?)\b"), ("steroid", r"\b(?:cortico|gluco)?(?:steroids?|corticoids?)\b"), ("NSAID", r"\bNSAIDs?\b|\bnon-?\s?steroidal"),
        ("antibiotic", r"\b(?:antibiotics?|antibacterials?)\b"), ("diuretic", r"\b(?:diuretics?|water\s+(?:pill|tablet)s?)\b"), ("antihistamine", r"\bantihistamines?\b|\bH1\b"),
        ("proton pump inhibitor", r"\bproton[\s-]pump|\bPPIs?\b|\bacid\s+reducers?\b"), ("anticoagulant", r"\b(?:anticoagulants?|blood\s+thinners?)\b"), ("stimulant", r"\bstimulants?\b"),
    )
)  # fmt: skip
_CLASS_NAMED = re.compile("|".join(rx.pattern for _, rx in _CLASSES), re.I)
_OF_CLASS = r"\s+(?:(?:tablets?|capsules?|liquid|solution|XR|ER|XL)\s+)?(?:is|are|was|belongs?\s+to)\s+(?:what\s+(?:doctors|people)\s+call\s+)?(?:an?|one\s+of|a\s+member\s+of|the)\s+"
_NEITHER = re.compile(
    r"\b(?:not?|n['’]t|unlike|neither|nor|similar|related|relative|like|used|with|given|taken|against|for|to|blocks?|by|from|acts?)\b",
    re.I,
)


def other_class(text: str, ref: Reference) -> str:
    """The class that a sentence says the reference's medicine is of, where the reference does not know it to be; else nothing.

    A class that the reference names nowhere is wrong; one that it names in passing is wrong where it states another as its own.

    >>> ref = Reference("Examplol", frozenset({"examplol"}), "US", text="Examplol is a selective beta-blocker. Opioids add to it.")
    >>> other_class("Because examplol is a benzodiazepine, do not stop.", ref), other_class("Examplol is a mild opioid.", ref)
    ('benzodiazepine', 'opioid')
    >>> other_class("Examplol is a beta blocker.", ref), other_class("Examplol is not an opioid.", ref)
    ('', '')
    """
    named = (
        re.search(
            rf"\b(?:{'|'.join(map(re.escape, sorted(ref.names, key=len, reverse=True)))}|it|this\s+(?:medicine|drug|tablet|capsule)){_OF_CLASS}([^.;:,?!()]{{0,60}})",
            text,
            re.I,
        )
        if ref.names
        else None
    )
    if named is None or text.rstrip().endswith("?") or re.match(r"\W*(?:myth|false|wrong)\b", text, re.I):
        return ""
    said = next(
        (
            (n, m)
            for n, rx in _CLASSES
            for m in [rx.search(named[1])]
            if m and not _NEITHER.search(named[1][: m.start()])
        ),
        None,
    )
    if said is None or re.match(r"\W*(?:antagonist|blocker|inhibitor|user|for)\b", named[1][said[1].end() :], re.I):
        return ""
    rx = dict(_CLASSES)[said[0]]
    told = (ref.everywhere or ref).text
    if not rx.search(told):
        return said[0]
    own = [
        s
        for s in re.split(r"[.;]\s|\n", told)
        if re.search(
            rf"\b(?:{'|'.join(map(re.escape, ref.names))})\b[^.;]{{0,40}}?\b(?:is|are|,)\s+(?:an?|the)\s", s, re.I
        )
    ]
    stated = {n for n, of in _CLASSES for s in own if of.search(s)}
    return said[0] if stated and said[0] not in stated and not any(rx.search(s) for s in own) else ""


def strangers(page: Page, ref: Reference) -> Iterator[Finding]:
    """Sentences that give the dose or the look of another medicine as though the page were about it."""
    for line in page.lines:
        wrong = other_class(line.text, ref) if _CLASS_NAMED.search(line.text) else ""
        if wrong:
            text = f"The reference does not say that {ref.name} is of this class: {wrong}."
            yield ("other_medicine", "critical", text, line, None)
            continue
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
