"""Laws of what people see (sheet, page, terminal, files), over generated prescriptions, each with a fault it catches."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from posology import ics, library, plan, record, sheet
from posology.amount import Amount
from posology.checks import Finding
from posology.cli import inputs
from posology.cli.plan import plan_text
from posology.directions import Course, Directions, Dose, Phase, Timing
from posology.errors import RefusedError, UnreadableError
from posology.fhir import request
from posology.measure import Measure
from posology.wording import findings as wording
from posology.wording import plan_page
from posology.wording.page import Section, about
from posology.wording.plan_page import PlanPage, view
from tests.conftest import make_plan
from tests.property.test_laws import COUNTRY, SLOW, courses, made

STEADY = Course((Phase((Directions(Dose(Amount(5, "mg")), Timing(frequency=3, period=1, period_unit="d")),)),))


def text_of(html: str) -> str:
    """What a person reads of a page."""
    body = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def lines(page: PlanPage | Any) -> list[str]:
    """Every sentence of a page."""
    return [x.text for s in page.sections for b in s.blocks for x in b.lines]


# --------------------------------------------------------------------------- law 1: a stopped plan gives nothing to follow


@SLOW
@given(courses())
def test_a_stopped_plan_writes_nothing_to_follow(course: Course) -> None:
    p = made(course)
    if not p.stopped:
        return
    for write in (lambda: sheet.plan_html(p), lambda: ics.write(p), lambda: request.write_json(p)):
        with pytest.raises((ValueError, RefusedError)):
            write()
    assert record.write(p)["doses"] == []
    assert "Your doses" not in plan_text(p, "")


# --------------------------------------------------------------------------------- law 2: never two doses together, in words

DOUBLE = re.compile(
    r"\b(?:take|give|swallow|have)\b[^.;:]{0,40}\b(?:two doses|2 doses|double|both doses|twice the dose)\b", re.I
)
FORBIDS = re.compile(r"\b(?:never|not|no)\b[^.;:]*$", re.I)


def asks_for_two(sentences: list[str]) -> list[str]:
    """The sentences that ask for two doses together, unless they forbid it."""
    return [s for s in sentences for m in DOUBLE.finditer(s) if not FORBIDS.search(s[: m.start()])]


def test_no_sentence_asks_for_two_doses_together() -> None:
    for id in library.medicine_files():
        m = library.medicine(id)
        assert asks_for_two([s.text for s in m.statements]) == [], id
    texts = [v for row in wording.catalogue().values() for v in row.values()]
    assert asks_for_two(texts) == []


def forbids_two(text: str) -> bool:
    return bool(re.search(r"(?:never|not) (?:take|give) (?:two doses|a double)", text, re.I))


@pytest.mark.parametrize("id", sorted(library.medicine_files()))
def test_every_sheet_forbids_two_doses_together(id: str) -> None:
    m = library.medicine(id)
    for code in m.jurisdictions:
        setting = plan.Setting(
            country=library.country(code), zone="Europe/London", first_day=dt.date(2026, 3, 1), days=2
        )
        p = plan.make(plan.Prescription(m.id, STEADY, "5 mg three times a day"), m, setting)
        missed = plan_page._missed(p)
        assert missed is not None
        assert forbids_two(" ".join(x.text for b in missed.blocks if not b.aside for x in b.lines)), f"{id} {code}"


def mixed(strips: tuple[sheet.Strip, ...]) -> bool:
    """Whether a strip of boxes shows two doses for one time: someone tired could take both."""
    return any(len({r.time for r in s.rows}) < len(s.rows) for s in strips)


@SLOW
@given(courses())
def test_no_strip_shows_the_doses_of_two_steps(course: Course) -> None:
    p = made(course, days=30)
    strips, after = sheet._strips(p)
    assert not mixed(strips)
    days = {d for d in (e.at.date().format_iso() for e in p.events) if after is None or d < after.isoformat()}
    assert sum(len(s.days) for s in strips) >= len(days)
    assert sum(any(r.ticks) for s in strips for r in s.rows) == sum(len(s.rows) for s in strips)


def test_a_strip_of_two_steps_is_caught() -> None:
    day = (("Mon", "1"), ("Tue", "2"))
    rows = (sheet.Row("08:00", "1 × 5 mg", (True, False)), sheet.Row("08:00", "1 × 10 mg", (False, True)))
    assert mixed((sheet.Strip("", day, rows),))


def test_a_sentence_that_asks_for_two_doses_is_caught() -> None:
    assert asks_for_two(["If you forget, take a double dose next time."])
    assert asks_for_two(["Do not worry. Take two doses together."])
    assert not asks_for_two(["Never take two doses together."])
    assert not forbids_two("Take it when you think of it.")


# ------------------------------------------------------------------- law 3 and the wording of a stop: once, above the list


@SLOW
@given(courses())
def test_a_page_says_it_once_above_what_must_be_checked(course: Course) -> None:
    p = made(course)
    page = view(p)
    assert says_it_once(page, p)


def says_it_once(page: PlanPage, p: plan.Plan) -> bool:
    """Whether a section with a stop opens with the sentence against stopping alone, and says it once."""
    held = next((s for s in page.sections if s.id == "stop"), None)
    if held is None:
        return not p.stopped
    said = [x.text for b in held.blocks for x in b.lines]
    return said[0].startswith("Do not stop this medicine") and sum("by yourself" in t for t in said) == 1


def test_a_stop_without_the_sentence_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {**wording.catalogue(), "never-alone": {"say": "", "do": ""}}
    monkeypatch.setattr(wording, "catalogue", lambda: held)
    over = Course((Phase((Directions(Dose(Amount(40, "mg")), Timing(frequency=3, period=1, period_unit="d")),)),))
    p = made(over)
    assert p.stopped
    assert not says_it_once(view(p), p)


# ------------------------------------------------------------------------ law 5: milligrams, millilitres and concentration


def liquid(dose: str = "7.5 mg") -> plan.Plan:
    made_: plan.Plan = make_plan(
        f"baclofen {dose} three times a day", have=["5 mg/5 mL solution x 300 mL"], syringe=["10 mL by 0.5 mL"], days=3
    )
    return made_


def shown_whole(p: plan.Plan) -> bool:
    """Whether every dose of the table says mg, mL and the strength in both forms."""
    rows = [row[1] for s in view(p).sections if s.id == "doses" for b in s.blocks for row in b.rows]
    return bool(rows) and all(re.search(r"\bmg\b.*\bmL of 5 mg in 5 mL \(1 mg in 1 mL\)", r) for r in rows)


@SLOW
@given(st.integers(2, 20))
def test_a_liquid_dose_shows_milligrams_millilitres_and_strength(halves: int) -> None:
    p = liquid(f"{halves / 2:g} mg")
    assert isinstance(p.measures[0][1], Measure)
    assert shown_whole(p)


def test_a_liquid_dose_without_its_strength_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_page, "take_text", lambda take, short=False: str(take.quantity))
    assert not shown_whole(liquid())


# --------------------------------------------------------------------------------------------- law 6: left-over words


@pytest.mark.parametrize("extra", ["zebra", "purple zebra"])
def test_words_left_over_are_shown(extra: str) -> None:
    from posology.cli import order

    read = order.from_words(f"baclofen 10 mg three times a day {extra}", None, tuple(library.names()))
    assert all(word in read.understood for word in extra.split())


# ------------------------------------------------------------------------------------------------ law 7: emergencies first


def emergencies_first(html: str, number: str) -> bool:
    """Whether the first section of a page is the call for help, with its number and its signs."""
    headings = [text_of(h) for h in re.findall(r"<h2[^>]*>(.*?)</h2>", html)]
    first = html.find("<h2")
    return (
        headings[0] == f"Call {number} now for any of these"
        and html.find("<li>") > first  # no list of links before it
        and html.find("<li>", first) < html.find("<h2", first + 3)
    )


@SLOW
@given(courses())
def test_the_sheet_puts_emergencies_first(course: Course) -> None:
    p = made(course)
    if not p.stopped:
        assert emergencies_first(sheet.plan_html(p), COUNTRY.emergency)
    headings = [line for line, under in pairwise(plan_text(p, "").split("\n")) if under and set(under) == {"-"}]
    assert headings[0] == f"CALL {COUNTRY.emergency} NOW FOR ANY OF THESE"


def test_emergencies_further_down_are_caught() -> None:
    page = about(library.medicine("baclofen"), library.country("UK"))
    assert emergencies_first(sheet.page_html(page), "999")
    turned: tuple[Section, ...] = (*page.sections[1:], page.sections[0])
    assert not emergencies_first(sheet.page_html(evolve(page, sections=turned)), "999")
    assert not emergencies_first(sheet.page_html(page), "112")


# -------------------------------------------------------------------------------------------------- law 8: proposals


def marked(p: plan.Plan) -> bool:
    """Whether a proposal says so on the sheet and in the terminal, and gives no calendar and no order."""
    html = sheet.plan_html(p)
    if (
        'class="watermark"' not in html
        or "PROPOSAL, not approved" not in text_of(html)
        or "PROPOSAL" not in plan_text(p, "")
    ):
        return False
    for write in (lambda: ics.write(p), lambda: request.write_json(p)):
        try:
            write()
        except (ValueError, RefusedError):
            continue
        return False
    return True


@SLOW
@given(courses())
def test_a_proposal_is_marked_and_gives_no_calendar_and_no_order(course: Course) -> None:
    p = made(course, state="proposed")
    if not p.stopped:
        assert marked(p)


def test_a_proposal_without_its_mark_is_caught() -> None:
    assert marked(made(STEADY, state="proposed"))
    assert not marked(made(STEADY))


# --------------------------------------------------------------------------------------------- numbers that can be misread

MISREAD = re.compile(r"(?<![\d.,])\.\d|\d\.\d*0(?!\d)(?= ?(?:mg|mL|g|micrograms|tablet))")


def misread(text: str) -> list[str]:
    """The numbers with a trailing zero or a naked point."""
    return [m.group() for m in MISREAD.finditer(text)]


@SLOW
@given(courses())
def test_no_number_of_a_sheet_can_be_misread(course: Course) -> None:
    p = made(course)
    if not p.stopped:
        assert misread(text_of(sheet.plan_html(p)).split("Sources")[0]) == []
    assert misread(plan_text(p, "").split("Sources")[0]) == []


def test_a_number_that_can_be_misread_is_caught() -> None:
    assert misread("Take 1.0 mg, then .5 mg, then 2.50 mL.")
    assert not misread("Take 10 mg, 2.5 mL or 0.5 mg.")


# ------------------------------------------------------------------------------------------------------------ files


def test_files_are_written_all_or_none(tmp_path: Path) -> None:
    first, second = tmp_path / "a.html", tmp_path / "none" / "b.ics"
    with pytest.raises(UnreadableError):
        inputs.write_files([(first, "one"), (second, b"two")])
    assert list(tmp_path.iterdir()) == []
    first.write_text("before", "utf-8")
    with pytest.raises(UnreadableError):
        inputs.write_files([(first, "after"), (tmp_path, b"two")])
    assert first.read_text("utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.html"]
    inputs.write_files([(first, "after")])
    assert first.read_text("utf-8") == "after"


def test_a_finding_says_what_its_statement_says_only_once() -> None:
    text = "Avoid it with weak kidneys. Do not stop or cut it by yourself. Speak to your prescriber today."
    f = Finding("kidneys", "warn", "kidneys-avoid", {"text": text, "value": "25", "date": None}, ("x",))
    said = wording.say(f, country=COUNTRY, tapers=True)
    assert (said.say.count("by yourself") + said.do.count("by yourself"), said.do.count("today")) == (1, 1)
    assert "by yourself" in wording.say(f, country=COUNTRY, tapers=False).say
