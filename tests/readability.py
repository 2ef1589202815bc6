"""Turns a text for people into its US school grade (Flesch-Kincaid), so that tests can hold a ceiling.

Knows no medicine: a grade is a ceiling for a test, never proof that people understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import pyphen

KNOWN = {
    # Words whose syllables neither hyphenation nor vowel groups count right.
    "baclofen": 3, "medicine": 3, "medicines": 3, "every": 2, "people": 2, "area": 3, "areas": 3, "being": 2,
    "seizure": 2, "seizures": 2, "spasm": 2, "spasms": 2, "rhythm": 2, "idea": 3, "ideas": 3, "breathe": 1,
    "clothes": 1, "sleepier": 3, "diabetes": 4, "diarrhoea": 4, "tizanidine": 4, "ibuprofen": 4, "dialysis": 4,
    "creatinine": 4, "gaba": 2, "egfr": 4, "nhs": 3, "uk": 2, "us": 1, "ms": 2, "peg": 1, "mao": 3, "id": 2, "pm": 2,
    "leaflet": 2, "leaflets": 2, "trial": 2, "trials": 2, "diet": 2, "science": 2, "quiet": 2, "fluid": 2,
    "something": 2, "someone": 2, "sometimes": 2, "therefore": 2, "whole": 1, "else": 1, "sure": 1, "once": 1,
    "muscles": 2, "muscle": 2, "able": 2, "unable": 3, "table": 2, "double": 2, "little": 2, "trouble": 2,
    "suspension": 3, "solution": 3, "solutions": 3, "questions": 2, "special": 2, "patient": 2, "patients": 2,
    "prescriber": 3, "prescription": 3, "kidneys": 2, "worse": 1, "dose": 1, "doses": 2, "used": 1, "based": 1,
    "lithium": 4, "opioids": 4, "opioid": 4, "hallucinations": 5, "encephalopathy": 7, "rhabdomyolysis": 7,
    "neuroleptic": 4, "porphyria": 4, "dysreflexia": 5, "parkinson's": 3, "schizophrenia": 5, "psychosis": 3,
    "foreseen": 2, "element": 3, "elements": 3, "germany": 3,
}  # fmt: skip
"""Syllables of words that rules count wrong; the spoken letters of short forms."""

_SHORT = ("e.g", "i.e", "dr", "mr", "mrs", "ms", "st", "no", "vs", "approx", "etc", "fig")
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)?|\d+(?:[.,/]\d+)*|½|¼")


@cache
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="en_US")


@cache
def syllables(word: str) -> int:
    """How many syllables a word has: a list first, then the greater of hyphenation and vowel groups; a figure counts one.

    >>> [syllables(w) for w in ("dose", "sleepy", "medicine", "hallucinations", "80")]
    [1, 2, 3, 5, 1]
    """
    plain = word.lower().replace("’", "'")
    if plain in KNOWN:
        return KNOWN[plain]
    plain = plain.removesuffix("'s")
    if plain in KNOWN:
        return KNOWN[plain]
    if not plain.isalpha():
        return 1
    groups = len(re.findall(r"[aeiouyà-ÿ]+", plain))
    if (
        (plain.endswith("e") and not plain.endswith(("le", "ee", "ie", "ye", "oe", "ue")) and groups > 1)
        or re.search(r"[^aeiou]e(?:ly|ments?|ful|less|ness|ty)$", plain)
        or (re.search(r"[^aeiouytd]ed$", plain) and groups > 1)
    ):
        groups -= 1
    elif re.search(r"[^aeiouysxz]es$", plain) and not plain.endswith(("ches", "shes", "ges", "ces")) and groups > 1:
        groups -= 1  # "times", not "doses"
    return max(1, groups, len(_hyphens().positions(plain)) + 1)


def sentences(text: str) -> list[str]:
    """The sentences of a text. A full stop inside a number (2.5 mg) or after a short form (e.g.) ends none.

    >>> sentences("Take 2.5 mL. Ask Dr. Lee! 0.5, not .5, is right.")
    ['Take 2.5 mL.', 'Ask Dr. Lee!', '0.5, not .5, is right.']
    """
    found: list[str] = []
    start = 0
    for m in re.finditer(r"[.!?]+(?=\s|$)[\s]*", text):
        before = text[start : m.start()].rsplit(None, 1)
        last = (before[-1] if before else "").lower().lstrip("(")
        if text[m.start()] == "." and last in _SHORT and m.end() < len(text):
            continue
        found.append(text[start : m.end()].strip())
        start = m.end()
    if text[start:].strip():
        found.append(text[start:].strip())
    return [s for s in found if _WORD.search(s)]


def words(text: str) -> list[str]:
    """The words and figures of a text."""
    return _WORD.findall(text)


def grade(texts: str | Iterable[str]) -> float:
    """The Flesch-Kincaid grade of one text, or of several taken together (0.39 w/s + 11.8 syl/w - 15.59, 1975).

    >>> round(grade("The cat sat on the mat."), 2)
    -1.45
    """
    whole = [texts] if isinstance(texts, str) else list(texts)
    count = sum(len(sentences(t)) for t in whole)
    said = [w for t in whole for w in words(t)]
    if not said or not count:
        raise ValueError("a grade needs at least one word")
    return 0.39 * len(said) / count + 11.8 * sum(map(syllables, said)) / len(said) - 15.59
