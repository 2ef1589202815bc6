"""The shared words of conditions and classes: whole words are recognised."""

from __future__ import annotations

from posology import library


def test_words_are_recognised_as_whole_words() -> None:
    assert library.recognise("conditions", "CKD stage 3") == ("kidney-disease",)
    assert "multiple-sclerosis" not in library.recognise("conditions", "spasms")
