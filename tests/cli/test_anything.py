"""Anything at all on the command line, in a person file or in an order: a plan or a clear refusal, never a crash."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posology.cli import inputs
from posology.errors import PosologyError
from tests.cli.run import Seen, run
from tests.cli.test_bad_fhir import GOOD

ASKED = ["--from", "2026-11-24", "--zone", "Europe/London", "--country", "UK", "--days", "3"]
SOME = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_SAID = (
    "baclofen take 10 5 mg mcg mL tablet tablets three twice times a day every 8 hours for days then stop until and or with "
    "food in the morning at night 0 -1 1.0 .5 1,000 ½ when needed maximum of increase by reduce to after until weekly . , ; ( )"
)
WORDS = st.sampled_from(_SAID.split())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10**6)
    | st.text(max_size=12)
    | st.sampled_from(["10 mg", "2026-01-01", "1e9"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "date", "unit", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def clear(seen: Seen) -> bool:
    """Whether a command ended in one of its ways: with a result, or with an error block that says something."""
    if seen.status in (0, 3):
        return bool(seen.out)
    return seen.status in (1, 2) and seen.err.startswith("posology: ") and not seen.out


@SOME
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    assert clear(run("plan", *ASKED, "--", text))


@SOME
@given(st.lists(WORDS, min_size=1, max_size=14))
def test_any_words_of_directions(words: list[str]) -> None:
    assert clear(run("plan", *ASKED, "--medicine", "baclofen", "--", " ".join(words)))


@SOME
@given(st.sampled_from(["--have", "--syringe", "--taking", "--beside", "--at", "--awake", "--zone", "--from", "--country"]),
       st.text(max_size=30) | st.lists(WORDS, max_size=8).map(" ".join))  # fmt: skip
def test_any_value_of_an_option(option: str, value: str) -> None:
    assert clear(run("plan", *ASKED, f"{option}={value}", "--", "baclofen 10 mg three times a day"))


@SOME
@given(st.dictionaries(st.sampled_from(inputs._PERSON_KEYS), VALUES, max_size=5))
def test_any_facts_of_a_person(facts: dict[str, Any]) -> None:
    with suppress(PosologyError):  # which cannot be made without a problem that says what is wrong
        inputs.person(facts, ("baclofen",))


@SOME
@given(data=st.data())
def test_an_order_with_anything_in_it(data: st.DataObject, tmp_path: Path) -> None:
    order = json.loads(json.dumps(GOOD))
    at: Any = order
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            at[key] = data.draw(VALUES)
            break
        at = at[key]
    (tmp_path / "order.json").write_text(json.dumps(order), "utf-8")
    assert clear(run("plan", str(tmp_path / "order.json"), *ASKED))


def test_an_unclear_end_is_caught() -> None:
    assert not clear(Seen(0, "", ""))
    assert not clear(Seen(1, "a plan", "posology: no"))
    assert not clear(Seen(1, "", "Traceback"))
    with pytest.raises(ZeroDivisionError):
        _raise()


def _raise() -> None:
    raise ZeroDivisionError
