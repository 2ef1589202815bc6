"""Laws of reading directions: no crash, no dose that is not in the text, no number without a field, whatever the text."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.wording import chunks, reading, say, scan
from posology.wording.reading import LONGEST, read
from tests.spec.reading.laws import broken
from tests.spec.reading.short import short

TEXTS = [
    json.loads(line)["text"]
    for line in (Path(__file__).parent.parent / "spec" / "reading" / "cases.jsonl").read_text("utf-8").splitlines()
]
WORDS = sorted({w for t in TEXTS for w in t.split()})


def fresh(text: str) -> reading.Reading:
    """A reading past the cache."""
    return reading._read(text, (), None)


@given(st.text(max_size=300))
@settings(deadline=None)
def test_any_text(text: str) -> None:
    assert broken(read(text)) == []


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
@settings(max_examples=400, deadline=None)
def test_any_words_of_directions(text: str) -> None:
    assert broken(read(text)) == []


@given(st.sampled_from(TEXTS), st.data())
@settings(max_examples=400, deadline=None)
def test_directions_with_a_slip(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    drop = data.draw(st.integers(0, 3))
    put = data.draw(
        st.sampled_from(["", " ", ",", ".", "-", "/", "1", "2 ", " x ", " not ", " and ", "½", " mg ", "then "])
    )
    assert broken(read(text[:at] + put + text[at + drop :])) == []


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS), st.sampled_from([", ", ". ", " then ", " and ", " ", "; "]))
@settings(max_examples=400, deadline=None)
def test_two_directions_joined(one: str, two: str, joint: str) -> None:
    assert broken(read(one + joint + two)) == []


@pytest.mark.parametrize("text", [t for t in TEXTS if not re.search(r"\b(on|ON|as|AS|M)\b", t)])
def test_capitals_and_spaces_change_nothing(text: str) -> None:
    plain = read(text)
    for other in (text.upper() if text.isascii() else text, text.replace(" ", "  "), f"  {text} "):
        again = read(other)
        assert again.complete == plain.complete
        assert short(again.course).lower() == short(plain.course).lower()


def test_three_times_a_day_is_not_every_8_hours() -> None:
    assert short(read("10 mg three times a day").course) == "10 mg; 3/d"
    assert short(read("10 mg every 8 hours").course) == "10 mg; 1/8h"


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_said_reads_the_same(text: str) -> None:
    course = read(text).course
    if not read(text).complete or course is None:
        return
    again = read(say(course))
    assert again.problems == ()
    assert again.course == course or short(again.course) == short(course)


def test_too_long_a_text_is_refused_at_once() -> None:
    long = read("1 tablet daily " * 70_000)
    assert not long.complete
    assert long.course is None
    assert str(LONGEST) in long.problems[0].todo


@pytest.mark.parametrize(
    "text", ["1" * LONGEST, "every " * 600, "(" * LONGEST, "n-" * 1000, "1 and " * 600, "a.b." * 900]
)
def test_a_text_of_one_thing_again_and_again(text: str) -> None:
    assert broken(read(text)) == []


# The laws themselves are tested: each is broken on purpose, and must be seen.


def test_a_misread_number_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = scan._number
    monkeypatch.setattr(scan, "_number", lambda raw: (Fraction(77), (), None) if raw == "10" else real(raw))
    assert "a dose that is not in the text: 77 mg" in broken(fresh("10 mg three times a day"))


def test_a_number_that_is_passed_over_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(chunks.HANDLERS, "later", lambda p, i, j: None)
    assert "a number without a field: 4" in broken(fresh("10 mg three times a day within 4 hours"))


def test_a_refusal_without_a_reason_is_seen() -> None:
    assert broken(reading.Reading("10 mg", None, False)) == ["refused without a reason"]
    assert "complete, with problems or without a course" in broken(reading.Reading("10 mg", None, True))
