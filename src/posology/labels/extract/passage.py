"""Turns a label into its sentences with their places: section path, codes, and the span in the block they stand in.

Knows no topic. What it hands out is the label's own words, for display to whoever holds the label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from posology.labels.record import Block, Label, Place
from posology.labels.text import sentences


@frozen
class Passage:
    """Words of a label and where they stand.

    ``start``, ``end``: characters of the block's text. ``codes``: real LOINC codes of the section and those around it.
    """

    quote: str
    path: str
    section_code: str
    own_code: str
    codes: tuple[str, ...]
    block: int
    start: int
    end: int


@frozen
class Sentence:
    """One sentence, with the block and section around it."""

    text: str
    passage: Passage
    block: Block
    place: Place


def passage(place: Place, block: int, text: str, start: int, end: int) -> Passage:
    """A passage of a block's text."""
    s = place.section
    return Passage(text[start:end], place.path, s.nearest, s.code, place.codes, block, start, end)


def all_sentences(label: Label, *parts: str) -> Iterator[Sentence]:
    """Every sentence of the full text (or of the named parts), in reading order; titles count as sentences of block -1."""
    for place in label.walk(*(parts or ("text",))):
        title = place.section.title
        if title:
            yield Sentence(title, passage(place, -1, title, 0, len(title)), Block("heading", title), place)
        for i, b in enumerate(place.section.blocks):
            words = b.words
            for span in sentences(words):
                yield Sentence(span.text, passage(place, i, words, span.start, span.end), b, place)


def word_set(*lines: str) -> frozenset[str]:
    """The words of some lines of text."""
    return frozenset(w for line in lines for w in line.split())


_SALT = word_set(
    "hydrochloride hcl sodium potassium calcium magnesium sulfate sulphate phosphate acetate maleate mesylate",
    "tartrate succinate besylate fumarate citrate hydrobromide bromide chloride nitrate anhydrous monohydrate",
    "dihydrate trihydrate hemihydrate tablet tablets capsule capsules oral solution suspension extended release",
    "delayed immediate injection cream ointment patch syrup acid base free and with for usp hbr extended-release",
    "strength extra maximum children childrens adult daytime nighttime night time pain relief severe cold cough",
)


def own_words(label: Label) -> frozenset[str]:
    """The words by which the label's own medicine is named in running text, in lower case."""
    found: set[str] = set()
    for name in label.all_names:
        for word in re.findall(r"[A-Za-z][A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", name):
            w = word.lower()
            if len(w) >= 4 and w not in _SALT:
                found.add(w)
                found.update(p for p in w.split("-") if len(p) >= 5 and p not in _SALT)
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
