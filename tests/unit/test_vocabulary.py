"""The shared words of conditions and classes: no term twice, no word that means two terms by itself."""

from __future__ import annotations

from collections import Counter

from posology import library


def test_a_word_means_one_condition() -> None:
    counted = Counter(w.lower() for t in library.terms("conditions").values() for w in t.words)
    assert [w for w, n in counted.items() if n > 1] == []


def test_words_are_recognised_as_whole_words() -> None:
    assert library.recognise("conditions", "CKD stage 3") == ("kidney-disease",)
    assert "multiple-sclerosis" not in library.recognise("conditions", "spasms")
