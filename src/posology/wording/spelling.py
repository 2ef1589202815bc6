"""Turns a word with one slip into the known word that was meant, or leaves it.

Knows no grammar; takes only words of a closed list, and none where two of different meaning are as near.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from posology.wording.en import lexicon as en


def _deletes(word: str) -> Iterable[str]:
    return (word[:i] + word[i + 1 :] for i in range(len(word)))


def _repairs() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for word in en.VOCABULARY:
        if len(word) >= 5 and word.isascii() and word.isalpha():
            for key in {word, *_deletes(word)}:
                table.setdefault(key, []).append(word)
    return table


_REPAIRS = _repairs()


def _near(a: str, b: str) -> bool:
    """Whether one slip (a letter lost, doubled, wrong, or two exchanged) lies between two words."""
    if abs(len(a) - len(b)) > 1:
        return False
    k = 0
    while k < min(len(a), len(b)) and a[k] == b[k]:
        k += 1
    x, y = a[k:], b[k:]
    return x[1:] == y or x == y[1:] or x[1:] == y[1:] or (x[:2] == y[1::-1] and x[2:] == y[2:])


def _other_word(word: str, known: str) -> bool:
    """Whether a word with one letter exchanged would time a dose: "nicht" is no "night", "sundry" is no "sunday".

    A short word with any letter exchanged, a longer one with another first letter ("lightly" is no "nightly").
    """
    differ = [k for k in range(len(word)) if word[k] != known[k]] if len(word) == len(known) else []
    other = len(differ) == 1 and (len(word) == 5 or differ == [0])
    return other and en.WORDS.get(known, ("w", 0))[0] in "WDFOTtMqyYGKB"


@lru_cache(maxsize=8192)
def repair(word: str, counted: bool = False) -> str | None:
    """The one known word a slip away, or None: where two words of different meaning are as near, none is taken.

    ``counted``: it stands behind a number, so that a unit is looked for first.

    >>> repair("tabelt"), repair("millograms"), repair("taplet")
    ('tablet', 'milligrams', None)
    >>> repair("microgarms"), repair("milgrams"), repair("nicrograms") == repair("micrograms")
    ('micrograms', None, True)
    """
    if len(word) < 5 or len(word) > 24 or not word.isascii() or not word.isalpha():
        return None
    found: dict[tuple[str, Any], str] = {}
    for key in (word, *_deletes(word)):
        for known in _REPAIRS.get(key, ()):
            if _near(word, known) and not _other_word(word, known):
                found.setdefault(en.WORDS.get(known, ("w", known)), known)
    if counted and len(found) > 1:
        found = {lexeme: word for lexeme, word in found.items() if lexeme[0] in "mc"}
    if len(found) != 1:
        return None
    ((kind, _), known) = next(iter(found.items()))
    # A number word must not be guessed from a shorter one, and a medicine's name must not become a word.
    if kind in "!GN" or word.endswith(tuple(en.STEMS)):
        return None
    return known
