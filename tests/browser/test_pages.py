"""The sheet and the page in a real browser: accessible, no sideways scrolling on a phone, no script, whole in print."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from posology import library, sheet
from posology.wording.page import about
from tests.browser.conftest import missing
from tests.conftest import make_plan

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def _tablets() -> str:
    return sheet.plan_html(
        make_plan("baclofen 10 mg three times a day", country="UK", have=["10 mg tablets x 84"], forget=["age"])
    )


def _liquid() -> str:
    made = make_plan("baclofen 7.5 mg three times a day", have=["5 mg/5 mL solution x 473 mL"], syringe=["10 mL by 0.5 mL"],
                     person={"medicines": ["ibuprofen", "frobnicol"], "alcohol": True, "needs": ["driving"]})  # fmt: skip
    return sheet.plan_html(made)


def _ladder() -> str:
    steps = ", then ".join(f"{n} mg three times a day for 3 days" for n in (5, 10, 15))
    return sheet.plan_html(make_plan(f"baclofen {steps}, then 20 mg three times a day", person={"new": True}, days=60))


def _page(topic: str | None) -> Callable[[], str]:
    return lambda: sheet.page_html(about(library.medicine("baclofen"), library.country("UK"), topic))


def _about(id: str, *, short: bool = False) -> Callable[[], str]:
    return lambda: sheet.page_html(
        about(library.medicine(id), library.country("US"), vocabulary=library.vocabulary(), short=short)
    )


PAGES: dict[str, Callable[[], str]] = {
    "tablets": _tablets, "liquid": _liquid, "ladder": _ladder, "page": _page(None), "ran-out": _page("ran-out"),
    "capsules": _about("gabapentin"), "two-ingredients": _about("carbidopa-levodopa"), "boxed": _about("diazepam"),
    "short": _about("paroxetine", short=True),
}  # fmt: skip


@pytest.fixture(scope="module", params=sorted(PAGES))
def html(request: pytest.FixtureRequest) -> str:
    return PAGES[request.param]()


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong, by the rules of WCAG 2.2 AA and its best practice."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found.response["violations"]]


def sideways(page: Any) -> int:
    """How far the page scrolls sideways, in pixels."""
    return int(page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"))


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_accessible_and_fits(chromium: Any, html: str, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)
    assert violations(page) == []
    for closed in page.query_selector_all("summary"):
        closed.click()
    assert sideways(page) <= 0
    assert asked == []  # nothing is fetched from anywhere
    page.close()


def test_what_axe_would_find_is_found(chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 800})
    page.set_content("<html><body><img src='data:,'><p style='color:#ddd;width:600px'>Take it</p></body></html>")
    ids = {v.split(":")[0] for v in violations(page)}
    assert {"image-alt", "color-contrast", "html-has-lang"} <= ids
    assert sideways(page) > 0
    page.close()


def test_the_page_needs_no_script_and_no_colour(html: str) -> None:
    import re

    assert "<script" not in html
    assert not re.search(r"\son\w+=", html)
    greys = {c.lower() for c in re.findall(r"#[0-9a-fA-F]{3,8}\b", html.split("</style>")[0])} - {"#003d99"}
    assert all(len(set(c[1:4])) == 1 for c in greys)  # the one colour is the link's, dropped in print


def test_what_is_folded_on_a_screen_is_open_in_print(chromium: Any, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        missing("no pdftotext here: install poppler-utils")
    page = chromium.new_page()
    page.set_content(PAGES["tablets"]())
    assert not page.get_by_text("For a child, give a missed dose").is_visible()
    page.pdf(path=tmp_path / "print.pdf")
    page.close()
    assert "For a child, give a missed dose" in text_of(tmp_path / "print.pdf")


def text_of(pdf: Path) -> str:
    """The text of a PDF, spaces evened."""
    done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["liquid", "ran-out", "tablets"])
def test_the_pdf_is_tagged_and_says_what_the_page_says(name: str, tmp_path: Path) -> None:
    html = PAGES[name]()
    if shutil.which("pdfinfo") is None:
        missing("no pdfinfo here: install poppler-utils")
    (tmp_path / "a.pdf").write_bytes(sheet.pdf(html))
    info = subprocess.run(["pdfinfo", str(tmp_path / "a.pdf")], capture_output=True, text=True, check=True).stdout
    assert "Tagged:          yes" in info
    said = text_of(tmp_path / "a.pdf")
    assert "now for any of these" in said
    if name == "ran-out":  # a card
        assert "Pages:           1\n" in info


def test_the_keyboard_reaches_every_link_and_fold(chromium: Any) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 800})
    page.set_content(PAGES["tablets"]())
    for closed in page.query_selector_all("summary"):
        closed.click()
    page.evaluate("document.activeElement.blur()")
    wanted = page.evaluate("document.querySelectorAll('a, summary').length")
    reached = set()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("[...document.querySelectorAll('a, summary')].indexOf(document.activeElement)"))
    assert len(reached - {-1}) == wanted
    page.close()
