"""The commands ``posology next`` and ``posology travel``: answers, forms of output, bad input."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from posology.cli import app
from posology.errors import OptionError, UnreadableError

PRN = "1 or 2 tablets every 4 to 6 hours as needed, maximum 8 tablets in 24 hours"
AT = ("--zone", "Europe/London", "--now", "2026-11-24T10:00")


def run(*args: str) -> Result:
    return CliRunner().invoke(app, list(args))


def test_too_soon() -> None:
    result = run("next", PRN, *AT, "--taken", "2026-11-24T07:00 2 tablets")
    assert result.exit_code == 0
    assert "not before 11:00 on 24 November 2026 (in 1 hour)" in result.output
    assert "Never take two doses together" in result.output


def test_nothing_taken() -> None:
    result = run("next", PRN, *AT)
    assert "You may take a dose now." in result.output
    assert "Then take at most 2 tablets." in result.output


def test_the_maximum_is_reached() -> None:
    taken = [x for h in (1, 5, 6, 23) for x in ("--taken", f"2026-11-{23 if h == 23 else 24}T{h:02}:00 2 tablets")]
    found = json.loads(run("next", PRN, *AT, *taken, "--json").output)["answers"][0]
    assert found == {
        "allowed_now": False, "earliest": "2026-11-24T23:00:00+00:00", "because": "maximum",
        "left": {"value": "0", "unit": "{tablet}"}, "left_doses": None, "most_then": {"value": "2", "unit": "{tablet}"},
        "unsaid": [],
    }  # fmt: skip


def test_no_limit_is_said_not_assumed() -> None:
    result = run("next", "1 tablet as needed for pain", *AT)
    assert "do not say how long to wait" in result.output
    assert "do not say the most in a day" in result.output


def test_a_bare_maximum_counts_tablets() -> None:
    bare = "1 or 2 tablets every 4 to 6 hours as needed, max 8 in 24 hours"
    taken = [x for h in (1, 5) for x in ("--taken", f"2026-11-24T0{h}:00 2 tablets")]
    assert "counting back from this minute: 4 tablets" in run("next", bare, *AT, *taken).output


def test_never_again() -> None:
    result = run("next", "2 tablets as needed, maximum 1 tablet in 24 hours", *AT)
    assert "No more doses may be taken." in result.output


def test_an_offset_of_its_own_is_read() -> None:
    found = json.loads(run("next", PRN, *AT, "--taken", "2026-11-24T08:00+01:00 2 tablets", "--json").output)
    assert found["answers"][0]["earliest"] == "2026-11-24T11:00:00+00:00"


def test_the_clock_is_asked_where_no_time_is_given() -> None:
    assert run("next", PRN, "--zone", "Europe/London").exit_code == 0


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        (("next", PRN), OptionError, "--zone"),
        (("next", "1 tablet daily", *AT), UnreadableError, "not as needed"),
        (("next", PRN, *AT, "--taken", "2026-11-24T07:00"), UnreadableError, "missing"),
        (("next", PRN, *AT, "--taken", "7 o'clock 2 tablets"), UnreadableError, "cannot be read"),
        (("next", PRN, *AT, "--taken", "2026-11-24T07:00 2 bananas"), UnreadableError, "cannot be read"),
        (("next", PRN, *AT, "--taken", "2026-11-24T07:00 10 mg"), UnreadableError, "different kinds"),
        (("next", PRN, *AT, "--taken", "2026-11-24T11:00 2 tablets"), UnreadableError, "after now"),
        (("travel", "10 mg twice a day"), OptionError, "--zone is missing"),
        (("travel", "10 mg twice a day", "--zone", "Europe/London", "--to", "Mars/Base", "--on", "2026-11-24"), UnreadableError,
         "time zone"),
    ],
)  # fmt: skip
def test_bad_input(args: tuple[str, ...], error: type[Exception], words: str) -> None:
    result = run(*args)
    assert isinstance(result.exception, error)
    assert words in str(result.exception)


def journey(to: str, *more: str) -> Result:
    return run("travel", "10 mg twice a day", "--zone", "Europe/London", "--to", to, "--on", "2026-11-24", *more)


def test_a_journey_is_a_question() -> None:
    east = journey("Asia/Tokyo").output
    assert "9 hours ahead of home" in east
    assert "One dose is left out" in east
    assert "Nothing has been changed. Ask" in east
    assert "5 hours behind home" in journey("America/New_York").output
    assert "nothing to choose" in journey("Europe/Lisbon").output


def test_a_journey_as_json() -> None:
    found = json.loads(journey("Asia/Tokyo", "--json", "--awake", "08:00-20:00").output)
    assert [o["key"] for o in found["options"]] == ["same-moments", "new-clock-at-once", "in-steps"]
    assert found["ask"]


def test_hours_keep_their_moments() -> None:
    result = run("travel", "10 mg every 8 hours", "--zone", "Europe/London", "--to", "Asia/Tokyo", "--on", "2026-11-24")
    assert "nothing to choose" in result.output
