"""The command ``posology times``: words, FHIR, forms of output, batches, bad input."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from posology.cli import app
from posology.errors import OptionError, UnreadableError

DAYS = ("--from", "2026-03-28", "--to", "2026-03-29", "--zone", "Europe/London")
EIGHT = {"timing": {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}},
         "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}]}  # fmt: skip


def run(*args: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, ["times", *args], input=text)


def batch(*lines: Any) -> list[dict[str, Any]]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n"
    result = run("-", "--batch", *DAYS, "--awake", "07:00-22:30", text=text)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_words_in_a_sentence_out() -> None:
    result = run("10 mg three times a day", *DAYS, "--awake", "07:00-22:30")
    assert result.exit_code == 0
    assert "07:00 10 mg  14:45 10 mg  22:30 10 mg" in result.output
    assert "the clocks go forward" in result.output


def test_csv_can_be_read_by_a_reader_of_csv() -> None:
    result = run("5 mg every 8 hours", *DAYS, "--csv", "--awake", "07:00-22:30")
    rows = list(csv.DictReader(io.StringIO(result.output)))
    assert [r["at"] for r in rows][:4] == [
        "2026-03-28T07:00:00+00:00", "2026-03-28T15:00:00+00:00", "2026-03-28T23:00:00+00:00", "2026-03-29T08:00:00+01:00",
    ]  # fmt: skip
    assert {r["dose"] for r in rows} == {"5 mg"}


def test_json_carries_times_notes_and_what_is_not_timed() -> None:
    found = json.loads(run("10 mg every 6 hours as needed", *DAYS, "--json").output)
    assert found["times"] == []
    assert len(found["not_timed"]) == 1
    assert [n["key"] for n in found["notes"]] == ["as-needed", "clocks-forward"]


def test_a_fhir_file(tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    file.write_text(json.dumps({"resourceType": "MedicationRequest", "dosageInstruction": [EIGHT]}), "utf-8")
    result = run(str(file), *DAYS, "--json", "--awake", "07:00-22:30")
    assert [t["at"][11:16] for t in json.loads(result.output)["times"]] == ["07:00", "15:00", "23:00", "08:00", "16:00"]


@pytest.mark.parametrize(
    ("text", "more", "words"),
    [
        ("10 mg three times a day", ("--quantity", "84 tablets", "--strength", "10 mg"), "84 tablets last 28 days"),
        ("1 tablet three times a day", ("--quantity", "84 tablets"), "84 tablets last 28 days"),
        ("10 mg three times a day", ("--quantity", "84 tablets"), "cannot be worked out"),
        (
            "5 mg three times a day for 3 days then 10 mg three times a day",
            ("--quantity", "84 tablets"),
            "directions in steps",
        ),
        (
            "1 or 2 tablets every 4 to 6 hours as needed, max 8 in 24 hours",
            ("--quantity", "84 tablets"),
            "last 10 days",
        ),
        ("5 mg daily", ("--quantity", "300 mL", "--strength", "5 mg/5 mL"), "300 mL last 60 days, at 5 mL a day"),
        ("5 mg daily", ("--quantity", "300 mL", "--strength", "5 mg/5 mL"), "look at its label"),
        ("5 mg daily", (), "In these days: 2 doses, 10 mg in all."),
    ],
)
def test_how_much_and_how_long(text: str, more: tuple[str, ...], words: str) -> None:
    assert words in run(text, *DAYS, *more).output


def test_how_much_and_how_long_as_json() -> None:
    found = json.loads(run("1 or 2 tablets twice a day", *DAYS, "--json", "--quantity", "84 tablets").output)
    assert found["needed"] == [
        {"doses": 4, "least": "4", "most": "8", "unit": "{tablet}", "text": "4 tablets to 8 tablets"}
    ]
    assert found["lasts"]["days"] == 21
    assert found["lasts"]["assumed"] == ["steady-use", "upper-end"]


def test_own_clock_times_meals_start_and_elapsed() -> None:
    def times(*more: str) -> list[str]:
        found = json.loads(run("10 mg twice a day", *DAYS[:2], "--to", "2026-03-28", *DAYS[4:], "--json", *more).output)
        return [t["at"][11:16] for t in found["times"]]

    assert times("--at", "06:30,18:30") == ["06:30", "18:30"]
    assert times("--start", "12:00") == ["22:00"]
    assert times("--elapsed") == ["08:00", "20:00"]
    assert times("--awake", "09:00-21:00") == ["09:00", "21:00"]


def test_one_line_in_one_line_out_in_order() -> None:
    found = batch(
        {"id": "a", "text": "5 mg twice a day"},
        {"id": "b", "dosage": [EIGHT]},
        {"id": "c", "dosage": [{**EIGHT, "asNeededBoolean": True}]},
        "1 tablet at night",
        "",
        {"id": "d", "text": "banana"},
        {"id": "e"},
        '{"id": "f"',
        {"id": "g", "dosage": [{"timing": {"repeat": {"frequency": 0}}}]},
        {"id": "h", "dosage": "x"},
        {"id": "i", "dosage": []},
        {"id": "j", "text": 5},
        {"id": {"k": 1}, "text": "5 mg twice a day"},
    )
    assert [f["id"] for f in found] == ["a", "b", "c", 4, 5, "d", "e", 8, "g", "h", "i", "j", {"k": 1}]
    assert found[0]["times"] == [
        "2026-03-28T07:00:00+00:00", "2026-03-28T22:30:00+00:00", "2026-03-29T07:00:00+01:00", "2026-03-29T22:30:00+01:00",
    ]  # fmt: skip
    assert len(found[1]["times"]) == 5
    assert found[2] == {"id": "c", "times": [], "not_timed": ["as-needed"]}
    assert [t[11:16] for t in found[3]["times"]] == ["22:30", "22:30"]
    for bad in found[4:12]:
        assert bad["times"] == []
        assert bad["error"]
        assert all("Traceback" not in e for e in bad["error"])


def test_steps_in_a_batch() -> None:
    def step(n: int, times: int, days: int | None) -> dict[str, Any]:
        repeat: dict[str, Any] = {"frequency": times, "period": 1, "periodUnit": "d"}
        if days:
            repeat["boundsDuration"] = {"value": days, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"}
        return {**EIGHT, "sequence": n, "timing": {"repeat": repeat}}

    found = batch({"id": 1, "dosage": [step(2, 2, None), step(1, 1, 1)]})
    assert [t[5:16] for t in found[0]["times"]] == ["03-28T07:00", "03-29T07:00", "03-29T22:30"]


@pytest.mark.parametrize(
    ("args", "error", "words"),
    [
        (("5 mg daily",), OptionError, "--from is missing"),
        (("5 mg daily", "--from", "2026-03-28"), OptionError, "--zone is missing"),
        (("5 mg daily", *DAYS, "--json", "--csv"), OptionError, "one of"),
        (("5 mg daily", "--from", "28/3/2026", "--zone", "Mars/Base"), UnreadableError, "--from"),
        (("5 mg daily", "--from", "2026-03-28", "--zone", "Mars/Base"), UnreadableError, "time zone"),
        (("5 mg daily", "--from", "2026-03-28", "--to", "2026-03-01", "--zone", "UTC"), UnreadableError, "before"),
        (("5 mg daily", "--from", "2026-03-28", "--to", "2046-03-01", "--zone", "UTC"), UnreadableError, "too many"),
        (("5 mg daily", *DAYS, "--awake", "7-22"), UnreadableError, "--awake"),
        (("5 mg daily", *DAYS, "--meals", "08:00,12:00"), UnreadableError, "--meals"),
        (("2 weekly", *DAYS), UnreadableError, ""),
        (("5 mg daily", *DAYS, "--quantity", "many"), UnreadableError, "--quantity"),
        (("5 mg daily", *DAYS, "--quantity", "84 tablets", "--strength", "x"), UnreadableError, "--strength"),
        (("5 mg daily", *DAYS, "--quantity", "84 tablets", "--strength", "5 mg/5 mL"), UnreadableError, "quantity"),
        (("5 mg daily", *DAYS, "--strength", "10 mg"), OptionError, "--quantity"),
        (("missing.json", *DAYS), UnreadableError, "cannot be read"),
        (("missing.ndjson", "--batch", *DAYS), UnreadableError, "cannot be read"),
        (("[[[", *DAYS), UnreadableError, "not JSON"),
    ],
)
def test_bad_input_is_one_clear_error(args: tuple[str, ...], error: type[Exception], words: str) -> None:
    result = run(*args)
    assert isinstance(result.exception, error)
    assert words in str(result.exception)


def test_both_ends_of_bad_options_are_named_at_once() -> None:
    result = run("5 mg daily", "--from", "28/3/2026", "--zone", "Mars/Base")
    assert isinstance(result.exception, UnreadableError)
    assert {p.where for p in result.exception.problems} == {"--from", "--zone"}


def test_the_help_teaches_by_example() -> None:
    assert "Examples:" in run("--help").output


def test_a_written_least_gap_is_waited_for() -> None:
    """A least gap between doses holds for as needed directions, whatever else is said of when."""
    from posology.amount import Amount
    from posology.directions import Directions, Dose, Timing
    from posology.schedule import moment, next_allowed

    d = Directions(
        Dose(Amount(1, "{tablet}")),
        Timing(frequency=3, period=1, period_unit="d"),
        as_needed=True,
        min_gap=Amount(6, "h"),
    )
    taken = [(moment("2026-11-24T08:00", "Europe/London"), Amount(1, "{tablet}"))]
    soon = next_allowed(d, taken, moment("2026-11-24T10:00", "Europe/London"))
    assert not soon.allowed
    assert str(soon.earliest).startswith("2026-11-24T14:00")
    assert next_allowed(d, taken, moment("2026-11-24T14:00", "Europe/London")).allowed
