"""Turns sentences into reading grades: Flesch-Kincaid and SMOG, with names, doses and abbreviations masked.

Knows no medicine. Formulas: Kincaid and others 1975 (US Navy report 8-75); McLaughlin 1969 (SMOG).
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")


@lru_cache(maxsize=8192)
def syllables(word: str) -> int:
    """Syllables by rule: groups of vowels, a silent last e, and the common endings.

    >>> [syllables(w) for w in ("take", "tablet", "medicine", "doses", "idea")]
    [1, 2, 3, 2, 3]
    """
    w = re.sub(r"[^a-z]", "", word.lower())
    if len(w) <= 3:
        return 1
    count = len(re.findall(r"[aeiouy]+", w))
    if (w.endswith("e") and not w.endswith(("le", "ee", "ye")) and count > 1) or (
        w.endswith("le") and w[-3] in "aeiouyrw" and count > 1
    ):
        count -= 1
    if w.endswith("ed") and w[-3] not in "dt" and count > 1:
        count -= 1
    if w.endswith("es") and w[-3] not in "sxzcg" and not w.endswith(("ches", "shes", "ies")) and count > 1:
        count -= 1
    count += len(re.findall(r"(?:ia|io|eo|ua|ea(?=$|[^dkrstlncmpvhfgw]))(?!u)", w)) - len(
        re.findall(r"(?:tio|cia|tia|sio|cio|gio|xio|qua|gua)", w)
    )
    return max(1, count)


def masked(text: str, names: frozenset[str] = frozenset()) -> list[str]:
    """The words of a sentence; names of medicines, numbers, units and abbreviations count as one short word each."""
    out = []
    for w in _WORD.findall(re.sub(r"\d[\d,.]*\s*(?:mg|mcg|g|mL|ml|%|°[CF])?", " n ", text)):
        low = w.lower()
        out.append("x" if low in names or (w.isupper() and len(w) > 1) else w)
    return out


def grade(sentences: list[str], names: frozenset[str] = frozenset()) -> float:
    """The Flesch-Kincaid grade of some sentences; 0 where there are no words."""
    words = [masked(s, names) for s in sentences]
    words = [w for w in words if w]
    total = sum(map(len, words))
    if not total:
        return 0.0
    beats = sum(syllables(w) for row in words for w in row)
    return 0.39 * total / len(words) + 11.8 * beats / total - 15.59


def smog(sentences: list[str], names: frozenset[str] = frozenset()) -> float:
    """The SMOG grade, scaled to thirty sentences as its author allows; 0 where there are no words."""
    words = [w for w in (masked(s, names) for s in sentences) if w]
    if not words:
        return 0.0
    long = sum(syllables(w) >= 3 for row in words for w in row)
    return 3.1291 + 1.0430 * math.sqrt(long * 30 / len(words))
