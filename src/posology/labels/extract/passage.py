"""Turns a label into its sentences with their places: section path, codes, and the span in the block they stand in.

Knows no topic. What it hands out is the label's own words, for display to whoever holds the label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from posology.labels.query import SALTS, word_set
from posology.labels.record import Block, Label, Place
from posology.labels.text import sentences


@frozen
class Passage:
    """Words of a label and where they stand.

    ``start``, ``end``: characters of the block's text. ``codes``: real LOINC codes of the section and those around it.
    ``lead``: of an item of a list, the words before the list that its items complete ("Do not take it if you:"), or "".
    """

    quote: str
    path: str
    section_code: str
    own_code: str
    codes: tuple[str, ...]
    block: int
    start: int
    end: int
    lead: str = ""


@frozen
class Sentence:
    """One sentence, with the block and section around it."""

    text: str
    passage: Passage
    block: Block
    place: Place
    head: str = ""
    """The heading that stands as a line of its own over it inside the section, or it is one itself: then its own words."""

    @property
    def is_head(self) -> bool:
        """Whether it is a title, or a heading inside a section, and says nothing by itself."""
        return self.passage.block < 0 or self.head == self.text


def passage(place: Place, block: int, text: str, start: int, end: int, lead: str = "") -> Passage:
    """A passage of a block's text."""
    s = place.section
    return Passage(text[start:end], place.path, s.nearest, s.code, place.codes, block, start, end, lead)


def all_sentences(label: Label, *parts: str) -> Iterator[Sentence]:
    """Every sentence of the full text (or of the named parts), in reading order; titles count as sentences of block -1."""
    for place in label.walk(*(parts or ("text",))):
        title = place.section.title
        if title:
            yield Sentence(title, passage(place, -1, title, 0, len(title)), Block("heading", title), place)
        yield from _in_blocks(place)


def _in_blocks(place: Place) -> Iterator[Sentence]:
    title, head, over_list = place.section.title, "", False
    leads = [_open_end(title)]
    """What the items of each depth complete: the words before the list, then those of the item around them."""
    held = [(i, b, b.words) for i, b in enumerate(place.section.blocks)]
    held = [x for x in held if any(c.isalnum() for c in x[2])]  # a bullet may be given as text
    for n, (i, b, words) in enumerate(held):
        last = ""
        if n + 1 < len(held) and _stands_over(b, words):
            head, over_list = words, held[n + 1][1].kind == "item"
        elif over_list and b.kind != "item":
            head, over_list = "", False  # a heading over a list reaches to its end
        depth = max(b.depth, 1) if b.kind == "item" else 0
        leads = leads[:depth]
        lead = next((x for x in reversed(leads) if x), "") if depth else ""
        if not lead and words[0].islower():
            lead = heading(title)
        for span in sentences(words):
            last = span.text
            found = passage(place, i, words, span.start, span.end, lead if span.start == 0 else "")
            yield Sentence(span.text, found, b, place, head)
        leads += [""] * (depth - len(leads)) + [_open_end(last)]


_SAYS = re.compile(r"[:,;=|]|\d\s*(?:mg|mcg|g|mL|%)|\b(?:is|are|was|were|may|can|must)\b(?!.*\?)", re.I)
"""What a short line has that says something, and is no heading."""


def _stands_over(b: Block, words: str) -> bool:
    """Whether a block is the heading of those after it: a short line of its own, without a stop, and no item."""
    if b.kind != "paragraph":
        return b.kind == "heading"
    bare = words.rstrip(" :")
    if not bare or bare[0].islower() or len(bare.split()) > (10 if bare == words else 6):
        return False
    return (bare[-1].isalnum() or bare[-1] in "?)\u00ae") and not _SAYS.search(bare)


def heading(title: str) -> str:
    """A title without its number.

    >>> heading("4.2 Do not use")
    'Do not use'
    """
    return re.sub(r"^\s*\d+(?:\.\d+)*\.?\s+", "", title)


def _open_end(text: str) -> str:
    """A sentence that a list after it completes; "" where it stands by itself.

    >>> _open_end("Do not take it if you:"), _open_end("Severe harm may occur if you take"), _open_end("Take care.")
    ('Do not take it if you:', 'Severe harm may occur if you take', '')
    """
    return "" if not text or text[-1] in ".!?;)]" or len(text) > 300 or len(text.split()) < 2 else text


def own_words(label: Label) -> frozenset[str]:
    """The words by which the label's own medicine is named in running text, in lower case."""
    found: set[str] = set()
    for name in label.all_names:
        for word in re.findall(r"[A-Za-z][A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", name):
            w = word.lower()
            if len(w) >= 4 and w not in SALTS:
                found.add(w)
                found.update(p for p in w.split("-") if len(p) >= 5 and p not in SALTS)
                if w.endswith("ic") and re.search(rf"{w}\s+acid", name, re.I):
                    found.add(f"{w[:-2]}ate")  # an acid and its salts go by one name
    return frozenset(found)


GENERIC = word_set(
    "therapy treatment drug drugs medication medicine medicines dose doses dosage dosing tablet tablets capsule",
    "capsules solution suspension syrup administration use infusion it them this these that product patch film",
    "spray oral your the a an such any long-term prolonged chronic continuous high total daily each active",
    "ingredient medications pharmacotherapy regimen agent agents intake dependence exposure study treatments",
)
"""Words that name no medicine in particular, so the label's own."""

_STEM = re.compile(
    r"[a-z-]*(?:statin|pril|sartan|olol|alol|azole|mycin|micin|cillin|floxacin|cycline|vir|[tc]inib|mab|zepam|zolam|barbital|bital|"
    r"caine|dipine|gliptin|gliflozin|glitazone|formin|tidine|setron|triptan|oxetine|pramine|tyline|zepine|apine|idone|peridol|phylline|"
    r"terol|sone|solone|olone|thiazide|semide|amide|zide|imide|profen|phen|coxib|dronate|fibrate|parin|grel|xaban|gatran|arone|toin|"
    r"odone|orphan|orphine|orphone|phenidate|amine|adine|idine|azine|edrine|azosin|pamil|tiazem|limus|sporine?|oxin|platin|rubicin|"
    r"trexate|oprim|proate|irin|codeine|feine|trast|lukast|benecid|sulin|ergot\w*|fenac|oxicam|racetam|gabalin|pentin|bamate|stigmine|"
    r"onium|terone|estrel|radiol|tanyl|adol|adone|farin|goxin|lithium|oxane|opide|tropin|metacin|dopa|dopamine|quine|quinine|fungin|"
    r"salicylates?|thiazides?|sulfate|cetin|cept|antel|ectin|triol|ferol|carnil|azenil|arbitone|axone|oxone|trexone|orelin|relin|afil|icine|nib|tide|relix|icam|iloride|lactone|uracil|bactam|penem|pitant|sentan|grelor|tapide|imibe|fibrozil|"
    r"xostat|cistat|listat|ericin|istin|anserin|afinil|ciclib|parib)s?|(?:cef|rifa|sulfa)[a-z]{3,}"
)
_NO_STEM = word_set(
    "examine examines vitamine magazine histamine antihistamine antihistamines dopamine monoamine catecholamine catecholamines sulfate",
    "contrast contrasts cholesterol ldl-cholesterol orbital periorbital ammonium except accept concept intercept povidone crospovidone copovidone",
)


def names_a_drug(word: str) -> bool:
    """Whether a lower-case word is built like the name of a medicine or of a class: by the stems of international names.

    >>> [names_a_drug(w) for w in ("exampril", "examplozepam", "therapeutic", "lifetime")]
    [True, True, False, False]
    """
    return bool(_STEM.fullmatch(word)) and word not in _NO_STEM and word not in GENERIC
