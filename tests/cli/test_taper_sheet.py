"""An approved taper has a sheet and a calendar; a proposal has neither, and the calendar holds exactly its doses."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events

from tests.cli.run import run

MAKE = ("taper", "make", "examplone 20 mg three times a day", "--since", "2026-01-05", "--from", "2026-11-24", "--have",
        "10 mg tablets x 200", "--country", "UK", "--every", "7")  # fmt: skip


@pytest.fixture
def approved(tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    seen = run(*MAKE, "--save", str(file))
    assert seen.status == 0, seen.err
    return file


def approve(file: Path) -> None:
    seen = run(
        "taper", "approve", str(file), "--who", "Dr Ada Example", "--role", "neurologist", "--valid-until", "2027-03-01"
    )
    assert seen.status == 0, seen.err


def sheet(file: Path, *more: str) -> tuple[int, str, str]:
    seen = run("taper", "sheet", str(file), "--country", "UK", "--zone", "Europe/London", "--on", "2026-11-24", *more)
    return seen.status, seen.out, seen.err


def test_a_proposal_has_no_sheet_and_no_calendar(approved: Path, tmp_path: Path) -> None:
    status, _, err = sheet(approved, "--html", str(tmp_path / "s.html"), "--ics", str(tmp_path / "s.ics"))
    assert status == 1
    assert "not for a patient" in err
    assert not (tmp_path / "s.html").exists()
    assert not (tmp_path / "s.ics").exists()


def test_an_approved_plan_is_printed_with_who_approved_it(approved: Path, tmp_path: Path) -> None:
    approve(approved)
    status, _, err = sheet(approved, "--html", str(tmp_path / "s.html"), "--ics", str(tmp_path / "s.ics"))
    assert status == 0, err
    page = (tmp_path / "s.html").read_text("utf-8")
    assert "Dr Ada Example, neurologist" in page
    assert "PROPOSAL" not in page
    assert page.index("999") < page.index("Your doses")


def test_the_calendar_of_a_taper_holds_exactly_its_doses(approved: Path, tmp_path: Path) -> None:
    approve(approved)
    status, out, err = sheet(approved, "--ics", str(tmp_path / "s.ics"), "--json")
    assert status == 0, err
    planned = json.loads(out)
    steps = json.loads(approved.read_text("utf-8"))["plan"]["steps"]
    doses = sum(s["days"] * sum(mg != "0" for mg in s["mg"].values()) for s in steps)
    assert len(planned["doses"]) == doses
    cal = icalendar.Calendar.from_ical((tmp_path / "s.ics").read_bytes())
    found = recurring_ical_events.of(cal).between(dt.date(2026, 11, 1), dt.date(2027, 12, 31))
    assert sorted(e["DTSTART"].dt.isoformat() for e in found) == sorted(d["at"].split("[")[0] for d in planned["doses"])


def test_a_plan_past_its_last_day_of_validity_has_no_sheet(approved: Path) -> None:
    approve(approved)
    seen = run("taper", "sheet", str(approved), "--country", "UK", "--zone", "Europe/London", "--on", "2027-03-02")
    assert seen.status == 1
    assert seen.err


@pytest.mark.parametrize("pattern", ["weekdays", "alternate"])
def test_days_that_differ_are_on_the_sheet_and_in_the_calendar_date_by_date(pattern: str, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    seen = run(
        "taper", "make", "examplone 20 mg at night", "--since", "2026-01-05", "--from", "2026-11-24", "--have",
        "10 mg tablets x 200", "--country", "UK", "--every", "14", "--steps", "6", "--day-pattern", pattern, "--save", str(file),
    )  # fmt: skip
    assert seen.status == 0, seen.err
    approve(file)
    status, out, err = sheet(
        file, "--html", str(tmp_path / "s.html"), "--ics", str(tmp_path / "s.ics"), "--ics-detail", "--json"
    )
    assert status == 0, err
    steps = json.loads(file.read_text("utf-8"))["plan"]["steps"]
    assert any("pattern" in s for s in steps)
    want, at = {}, dt.date(2026, 11, 24)
    for step in steps:
        for i in range(step["days"]):
            days = {d["day"]: d for d in step.get("pattern", [])}
            name = f"{at:%a}".lower() if pattern == "weekdays" else str(i % 2 + 1)
            mg = days.get(name, step)["mg"]["night"]
            if mg != "0":
                want[at] = f"{mg} mg"
            at += dt.timedelta(days=1)
    planned = json.loads(out)["doses"]
    assert {dt.date.fromisoformat(d["at"][:10]): f"{d['dose']['value']} mg" for d in planned} == want
    cal = icalendar.Calendar.from_ical((tmp_path / "s.ics").read_bytes())
    found = recurring_ical_events.of(cal).between(dt.date(2026, 11, 1), dt.date(2027, 12, 31))
    assert {e["DTSTART"].dt.date(): e["SUMMARY"] for e in found}.keys() == want.keys()
    assert all(want[e["DTSTART"].dt.date()] in str(e["SUMMARY"]) for e in found)
    page = (tmp_path / "s.html").read_text("utf-8")
    assert page.count(": no dose") >= 1
    named = (
        r">[A-Z][a-z]{2}(, [A-Z][a-z]{2})*: "
        if pattern == "weekdays"
        else r">[A-Z][a-z]{2} \d+(, [A-Z][a-z]{2} \d+)*: "
    )
    assert re.search(named, page)


def of_problem(tmp_path: Path, products: str, start: str = "5", country: str = "UK") -> Path:
    """An approved plan of a problem file, whose products have names of their own."""
    problem = {
        "medicine": "baclofen", "jurisdiction": country, "products": products, "slots": 3, "start": [start] * 3,
        "target_mg_per_day": "0", "from": "2026-12-01", "limits": {"steps": 3, "step_days": 14},
    }  # fmt: skip
    given, file = tmp_path / "problem.json", tmp_path / "plan.json"
    given.write_text(json.dumps(problem), "utf-8")
    seen = run("taper", "--problem", str(given), "--save", str(file))
    assert seen.status == 0, seen.err
    approve(file)
    return file


def test_the_sheet_takes_the_products_that_were_approved(tmp_path: Path) -> None:
    """Half of a 10 mg tablet was planned and dispensed: never a whole one of 5 mg, which the person does not have."""
    status, out, err = sheet(of_problem(tmp_path, "tablets 10 mg, halves"))
    assert status == 0, err
    assert "half a tablet of 10 mg" in out
    assert "tablet of 5 mg" not in out


def test_products_that_are_not_the_medicine_s_have_no_sheet(tmp_path: Path) -> None:
    status, out, err = sheet(of_problem(tmp_path, "tablets 7 mg", "7"))
    assert status == 1
    assert out == ""
    assert "tablet-7 is not among the products of baclofen" in err


def test_a_dose_planned_from_the_liquid_is_not_put_down_as_a_tablet(tmp_path: Path) -> None:
    """5 mg is 5 mL in the plan, as one draw is fewer pieces than a cut tablet: so it is on the sheet."""
    both = "tablets 10 mg, halves; oral solution 5 mg/5 mL, 10 mL syringe, 0.5 mL marks"
    file = of_problem(tmp_path, both, country="US")
    take = json.loads(file.read_text("utf-8"))["plan"]["steps"][0]["take"]
    seen = run("taper", "sheet", str(file), "--country", "US", "--zone", "America/New_York", "--on", "2026-11-24")
    assert seen.status == 0, seen.err
    assert {"mL" in t for takes in take.values() for t in takes} == {True}
    assert "mL of 5 mg in 5 mL (1 mg in 1 mL)" in seen.out
    assert "tablet" not in seen.out.split("Your doses")[1].split("If you miss")[0]
