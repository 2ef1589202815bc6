"""Cases as data: the exact sentence of each language and form, the German national text, and what must be refused."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
import simplejson

from posology.errors import OptionError, RefusedError
from posology.fhir.dosage import read_list
from posology.wording.saying import say

HERE = Path(__file__).parent


def cases(name: str) -> list[dict[str, Any]]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [simplejson.loads(line, use_decimal=True) for line in lines]


def run(case: dict[str, Any]) -> list[str]:
    """What is wrong with a case; nothing where it holds."""
    profile = None if "lang" in case else "dgmp"
    held = read_list(case["dosage"])[0]
    try:
        text = say(held, case.get("lang", "de"), case.get("form", "plain"), profile)
    except RefusedError as error:
        if case.get("refused") is None:
            return [str(error)]
        return (
            [] if any(case["refused"] in p.where for p in error.problems) else [f"refused for another reason: {error}"]
        )
    if "refused" in case:
        return [f"not refused: {text}"]
    return [] if text == case["text"] else [f"{text!r} instead of {case['text']!r}"]


def label(case: dict[str, Any]) -> str:
    return f"{case.get('lang', 'dgmp')}-{case.get('form', '')}-{case['about']}"


@pytest.mark.parametrize("case", cases("cases.jsonl"), ids=label)
def test_a_sentence_is_said_as_written(case: dict[str, Any]) -> None:
    assert run(case) == []


@pytest.mark.parametrize("case", cases("dgmp.jsonl"), ids=label)
def test_the_german_national_text(case: dict[str, Any]) -> None:
    assert run(case) == []


def test_the_runner_finds_a_wrong_case() -> None:
    case = cases("cases.jsonl")[0]
    assert run(case | {"text": "2 tablets twice a day."})
    assert run(case | {"refused": "dose"})
    wrong = next(c for c in cases("dgmp.jsonl") if "refused" in c)
    assert run(wrong | {"refused": "nowhere"})


def test_every_language_has_every_case() -> None:
    held = cases("cases.jsonl")
    about = {c["about"] for c in held}
    for lang in ("en", "de", "fr", "es", "it", "nl", "pt"):
        assert {c["about"] for c in held if c["lang"] == lang and c["form"] == "plain"} == about


def test_patient_sentences_are_short_and_plain() -> None:
    """The grade of Flesch and Kincaid, over all English patient sentences of the cases, is 6 or less."""
    import re

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyphen

        hyphens = pyphen.Pyphen(lang="en_US")
    text = " ".join(c["text"] for c in cases("cases.jsonl") if c["lang"] == "en" and c["form"] == "patient")
    sentences = [s for s in re.split(r"[.!?]\s", text) if s.strip()]
    words = re.findall(r"[A-Za-z]+", text)
    syllables = sum(len(hyphens.positions(w)) + 1 for w in words)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    assert grade <= 6, grade


def test_unknown_options_are_named() -> None:
    held = read_list(cases("cases.jsonl")[0]["dosage"])[0]
    for wrong in (("xx", "plain", None), ("en", "loud", None), ("en", "plain", "other"), ("fr", "plain", "dgmp")):
        with pytest.raises(OptionError):
            say(held, *wrong)  # type: ignore[arg-type]


def test_the_text_is_passed_on_where_there_is_no_structure() -> None:
    held = read_list([{"text": "As told by the nurse."}])[0]
    assert say(held, "de") == "As told by the nurse."


def test_nothing_to_say_is_refused() -> None:
    from posology.directions import Directions

    for empty in (Directions(), ()):
        with pytest.raises(RefusedError):
            say(empty)
    with pytest.raises(RefusedError, match="numbered"):
        say((Directions(text="a", sequence=1), Directions(text="b")))
