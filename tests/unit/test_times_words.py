"""Every note of a timetable and every reason for not measuring is said in words, with no bare code left."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from posology.errors import PosologyError
from posology.measure import Reason
from posology.schedule import Note, NoteKey, expand
from posology.supply import Assumed
from posology.wording.findings import catalogue
from posology.wording.times import note_text
from tests.spec.schedule.test_schedule_cases import CASES, course_of, settings


def test_every_note_has_a_sentence_and_every_sentence_a_note() -> None:
    assert set(catalogue()["schedule-notes"]) == set(get_args(NoteKey))


def test_every_assumption_has_words() -> None:
    assert set(get_args(Assumed)) <= set(catalogue()["supply"])


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_has_words_and_a_remedy(reason: str) -> None:
    assert catalogue()["reasons"][reason]
    assert catalogue()["remedies"][reason]


def test_every_note_of_every_case_can_be_said() -> None:
    said = set()
    for case in CASES:
        try:
            made = expand(course_of(case), **settings(case))
        except PosologyError:
            continue
        for note in made.notes:
            text = note_text(note)
            assert text[0].isupper() or text[0].isdigit()
            assert text.endswith(".")
            assert not re.search(r"\b[A-Z]{3,4}(\.early|\.late)?\b", text.replace("BID", "")), text
            assert "{" not in text
            assert not re.search(r"\d+/\d+ ", text), text
            said.add(note.key)
    assert said == set(get_args(NoteKey))


def test_a_missing_fact_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(KeyError):
        note_text(Note("gap-moved", {}))
