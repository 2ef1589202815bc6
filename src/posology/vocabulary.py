"""Turns the words people use for conditions and other medicines into shared terms, and a country into whom to call.

Knows no file and no medicine: the library reads the data, a medicine file says what follows from a term.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from attrs import frozen


@frozen
class Country:
    """Whom to call in a country, with the source of each number."""

    id: str
    name: str
    emergency: str
    source: str
    poison: str = ""
    poison_name: str = ""
    advice: str = ""
    advice_name: str = ""
    language: str = "en"
    zone: str = ""
    page_size: Literal["A4", "letter"] = "A4"
    verified: bool = False


@frozen
class Term:
    """One idea of a shared vocabulary (a condition, or a class of medicines) and the words people use for it."""

    id: str
    name: str
    words: tuple[str, ...] = ()
    """Names that mean it: "ibuprofen" for the class of NSAIDs, "fits" for epilepsy."""
    examples: tuple[str, ...] = ()
    """A few plain ones, for people to recognise it by."""


def lookup(known: Iterable[Term], text: str) -> tuple[str, ...]:
    """The ids of the terms one of whose words is the text, or stands in it as whole words."""
    said = f" {' '.join(text.lower().replace('-', ' ').split())} "
    return tuple(
        t.id
        for t in known
        if any(
            f" {' '.join(w.lower().replace('-', ' ').split())} " in said for w in (t.id, t.name, *t.words, *t.examples)
        )
    )


@frozen
class Vocabulary:
    """The shared words for conditions and for classes of other medicines."""

    conditions: tuple[Term, ...] = ()
    classes: tuple[Term, ...] = ()

    def name(self, id: str) -> str:
        """The plain name of a term of either kind; the id itself where it is not known."""
        return next((t.name for t in (*self.conditions, *self.classes) if t.id == id), id)
