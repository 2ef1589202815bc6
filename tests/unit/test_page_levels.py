"""Every medicine page tells how hard it is to read, and keeps its ceilings: grade 6 first, grade 8 for the whole."""

from __future__ import annotations

import pytest
from attrs import evolve

from posology import library
from posology.cli.about import level_text, levels
from posology.medicine import Medicine
from posology.wording.page import Block, Line, about


def named(m: Medicine) -> frozenset[str]:
    return frozenset(n.lower() for n in m.names)


PAGES = [(id, code) for id in library.medicine_files() for code in library.medicine(id).jurisdictions]


@pytest.mark.parametrize(("id", "code"), PAGES)
def test_a_page_keeps_its_reading_level(id: str, code: str) -> None:
    m = library.medicine(id)
    level = levels(about(m, library.country(code), vocabulary=library.vocabulary()), named(m))
    assert level["first"] <= 6
    assert level["whole"] <= 8
    assert f"{level['whole']:g} for the whole page" in level_text(level)


def test_a_hard_page_is_noticed() -> None:
    m = library.medicine("examplone")
    page = about(m, library.country("US"))
    hard = "Discontinuation of pharmacological antispastic therapy necessitates individualised multidisciplinary deprescribing."
    first = evolve(page.sections[0], blocks=(Block("bullets", (Line(hard),) * 40),))
    assert levels(evolve(page, sections=(first, *page.sections[1:])), named(m))["first"] > 6


def test_what_no_source_says_is_listed() -> None:
    m = library.medicine("examplone")
    page = about(m, library.country("UK"))
    silent = page.section("not-said")
    assert silent is not None
    assert "If you take too much." in [x.text for b in silent.blocks for x in b.lines]
