"""The batch contracts as another program meets them: spreadsheets' byte order marks, CSV on standard input, places of errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import run


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_byte_order_mark_is_no_part_of_the_first_line_or_column(tmp_path: Path) -> None:
    assert lines(run("read", "--batch", stdin="\ufeff1 tab bd\n").out)[0]["refused"] is False
    held = tmp_path / "sigs.csv"
    held.write_text("\ufefftext,id\n1 tab bd,7\n", "utf-8")
    (row,) = lines(run("read", "--batch", str(held)).out)
    assert (row["id"], row["refused"]) == ("7", False)


def test_a_column_makes_standard_input_a_csv() -> None:
    (row,) = lines(run("read", "--batch", "--column", "sig", stdin='rx,sig\n1,"1 tablet, twice a day"\n').out)
    assert row["refused"] is False
    assert run("read", "--batch", "--column", "other", stdin="rx,sig\n1,x\n").status == 2


@pytest.mark.parametrize("command", [("say",), ("times", "--from", "2026-11-24", "--zone", "UTC")])
def test_an_error_names_the_key_of_the_line(command: tuple[str, ...]) -> None:
    name, *more = command
    (row,) = lines(run(name, "-", "--batch", *more, stdin='{"id": 1, "dosage": [{"timing": 5}]}\n').out)
    assert str(row["error"]).startswith("['dosage[0].timing:")


def test_a_text_with_two_readings_names_both() -> None:
    (row,) = lines(run("read", "--batch", stdin='{"id": 1, "text": "2 weekly"}\n').out)
    assert row["dosage"] == []
    assert "2 once a week" in str(row["problems"])
    assert "once every 2 weeks" in str(row["problems"])


def test_the_help_of_taper_shows_the_problem_file() -> None:
    assert "--problem problem.json --json" in " ".join(run("taper", "--help").out.split())


def test_a_curve_too_large_for_numbers_is_refused(tmp_path: Path) -> None:
    case = {"parameters": {"model": "1cpt", "CL": 1, "V": 1e-300}, "doses": [{"time": 0, "amt": 1e300, "route": "iv"}],
            "times": [0, 1]}  # fmt: skip
    held = tmp_path / "case.json"
    held.write_text(json.dumps(case), "utf-8")
    seen = run("curve", "--model-file", str(held), "--json")
    assert (seen.status, seen.out) == (1, "")
    assert "conc" in seen.err
