"""The page of a medicine: its order, what can kill first, limits by group, looks, silences, and a source behind each line."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from attrs import evolve

from posology import library
from posology.amount import Amount
from posology.medicine import Band, BoxedWarning, Caution, MaxPerDay, NotSaid
from posology.wording.page import SHORT, TOPICS, Page, Section, about, marks
from tests.cli.run import run

PAGES = [(id, code) for id in library.medicine_files() for code in library.medicine(id).jurisdictions]


def page(id: str, code: str = "US", **more: object) -> Page:
    return about(library.medicine(id), library.country(code), vocabulary=library.vocabulary(), **more)  # type: ignore[arg-type]


def texts(section: Section | None) -> list[str]:
    assert section is not None
    return [x.text for b in section.blocks for x in b.lines]


@pytest.mark.parametrize(("id", "code"), PAGES)
def test_the_order_of_every_page(id: str, code: str) -> None:
    made = page(id, code)
    ids = [s.id for s in made.sections]
    assert ids[:2] == ["emergency", "key"]
    order = [i for i in TOPICS if i in ids]
    assert [i for i in ids[2:] if i != "not-said"] == order
    for always in ("must-not", "most", "missed", "too-much", "stopping", "kidneys", "alcohol", "driving", "pregnancy"):
        assert always in ids, always


@pytest.mark.parametrize(("id", "code"), PAGES)
def test_every_line_that_says_a_fact_has_a_source(id: str, code: str) -> None:
    made = page(id, code)
    fixed = {"not-said"}
    for s in made.sections:
        for b in s.blocks:
            for x in b.lines:
                if x.cites:
                    assert marks(x.cites, made), x.text
                else:
                    assert b.kind == "paragraph" or s.id in fixed or s.id == "emergency" or s.id == "key", x.text


@pytest.mark.parametrize("id", sorted(library.medicine_files()))
def test_nothing_of_the_file_is_lost_on_the_page(id: str) -> None:
    """Each statement of the country stands on its page: in its own part, or in the one that gathers its kind."""
    m = library.medicine(id)
    code = m.jurisdictions[0]
    cited = {c for s in page(id, code).sections for b in s.blocks for x in b.lines for c in x.cites}
    assert {s.id for s in m.statements if m.of(s) == code} - cited == set()


def test_what_can_kill_stands_first() -> None:
    made = page("lorazepam")
    key = texts(made.section("key"))
    assert key[0].startswith("Do not stop it suddenly")
    boxes = [s.text for s in library.medicine("lorazepam").rules(BoxedWarning)]
    assert boxes
    assert set(boxes) <= set(key)
    assert not set(boxes) & set(texts(made.section("side-effects")))
    assert any(t.startswith("Never take more than 10 mg in a day") for t in key)


def test_a_limit_that_was_not_read_never_stands_first_as_leave() -> None:
    """The UK's 100 mg was not read in its source: the first lines give what was, and whose it is; the list gives both."""
    made = page("baclofen", "GB")
    key = texts(made.section("key"))
    assert not any("100 mg" in t for t in key)
    assert any("80 mg in a day (US)" in t for t in key)
    assert any("100 mg in a day" in t for t in texts(made.section("most")))
    assert any("above the US and Canadian limit" in t for t in texts(made.section("most")))


def test_which_of_two_is_stopped_first_stands_first_too() -> None:
    assert any("stopped first, several days before clonidine" in t for t in texts(page("clonidine").section("key")))
    assert any("stopped first, several days before clonidine" in t for t in texts(page("propranolol").section("key")))
    assert not any("stopped first" in t for t in texts(page("gabapentin").section("key")))


def test_a_limit_for_some_only_is_not_given_to_all() -> None:
    """The general limit of the first lines is one for adults, whatever it is for: not that of panic attacks or a child."""
    assert any("20 mg" in t for t in texts(page("clonazepam").section("key")))
    assert not any("Never take more" in t for t in texts(page("prednisone").section("key")))
    assert not any("Never take more" in t for t in texts(page("diazepam").section("key")))  # its limit is a soft one


def test_the_most_to_take_stands_by_group() -> None:
    most = page("gabapentin").section("most")
    assert most is not None
    groups = {b.heading: [x.text for x in b.lines] for b in most.blocks}
    assert list(groups) == ["Adults", "Children", "Weak kidneys", ""]
    assert "Kidney function over 30 to 59: 1,400 mg in a day." in groups["Weak kidneys"]
    assert any("age 3 to under 12: 50 mg for each kg of weight in a day" in t for t in groups["Children"])
    assert "No source here states the most in a day" in texts(page("prednisone").section("most"))[0]
    assert "No source here states" in texts(page("paroxetine", "GB").section("most"))[0]


def test_where_the_country_is_silent_other_countries_are_shown() -> None:
    made = page("gabapentin", "DE")
    most = texts(made.section("most"))
    assert most[0].startswith("No source here states")
    assert "What other countries say:" in most
    assert {x.where for b in made.section("most").blocks for x in b.lines if x.cites} == {"US", "UK"}  # type: ignore[union-attr]
    assert any("allergic" in t for t in texts(made.section("must-not")))
    assert texts(made.section("stopping"))[0].startswith("The sources on file for this country do not say.")


def test_no_limit_is_left_out_of_the_most_to_take() -> None:
    for id, code in PAGES:
        m = library.medicine(id)
        limits = {s.id for s in m.rules(MaxPerDay) if m.of(s) in (code, "*")}
        section = page(id, code).section("most")
        assert section is not None
        assert limits <= {c for b in section.blocks for x in b.lines for c in x.cites}, (id, code)


def test_contraindications_stand_together_and_once() -> None:
    made = page("diazepam")
    forbidden = {s.id for s in library.medicine("diazepam").rules(Caution) if s.rule.action == "contraindicated"}  # type: ignore[union-attr]
    there = [(s.id, c) for s in made.sections for b in s.blocks for x in b.lines for c in x.cites if c in forbidden]
    assert {where for where, _ in there} == {"must-not"}
    assert {c for _, c in there} == forbidden
    own = page("diazepam", topic="allergy")
    assert "allergy" in {c for s in own.sections for b in s.blocks for x in b.lines for c in x.cites}
    none = texts(page("gabapentin-enacarbil").section("must-not"))
    assert none == ["No source on file for this country names anyone. Tell your prescriber about all your illnesses, allergies and medicines."]  # fmt: skip


def test_what_it_looks_like_and_how_it_splits() -> None:
    said = "\n".join(texts(page("carbidopa-levodopa").section("products")))
    assert "Mottled yellow, round, scored, 9 mm, marked 93 293 and TEVA." in said
    assert "Never divided" in "\n".join(texts(page("venlafaxine").section("products")))
    assert "It may be halved." in "\n".join(texts(page("examplone").section("products")))


def test_every_silence_found_on_reading_is_listed() -> None:
    for id, code in PAGES:
        m = library.medicine(id)
        quiet = {s.id for s in m.rules(NotSaid) if m.of(s) in (code, "*")}
        section = page(id, code).section("not-said")
        cited = {c for b in section.blocks for x in b.lines for c in x.cites} if section else set()
        assert quiet == cited, (id, code)


def test_a_source_that_is_old_on_that_day_says_so() -> None:
    old = page("prednisone", today=dt.date(2026, 11, 28))
    assert any("2010-11-10" in text and "16 years old and may be out of date" in text for _, text in old.sources)
    assert not any("out of date" in text for _, text in page("prednisone", today=dt.date(2015, 11, 28)).sources)
    assert not any("out of date" in text for _, text in page("prednisone").sources)


def test_a_mark_names_the_source_and_the_place_in_it() -> None:
    made = page("gabapentin")
    assert made.places["us-taper"] == "§2.5,\u00a05.6"
    assert made.places["us-half-tablet"] == "34068-7"
    assert "missed-page" not in made.places  # its section is not recorded, and none is made up
    assert marks(("us-taper",), made) == [(1, "§2.5,\u00a05.6")]
    assert marks(("missed-page",), made) == [(made.numbers["missed-page"], "")]


def test_help_after_too_much_comes_before_the_rest() -> None:
    assert "Poison Help (1-800-222-1222)" in texts(page("gabapentin").section("too-much"))[0]
    assert "NHS 111 (111)" in texts(page("gabapentin", "GB").section("too-much"))[0]
    assert "999" in texts(page("gabapentin", "GB").section("too-much"))[0]


def test_a_silent_label_still_has_its_head_on_stopping() -> None:
    m = library.medicine("examplone")
    less = evolve(m, statements=tuple(s for s in m.statements if s.subject not in ("stopping", "withdrawal")))
    stopping = about(less, library.country("US")).section("stopping")
    assert texts(stopping) == ["The sources on file for this country do not say. Ask your prescriber before you stop."]
    assert texts(about(less, library.country("US")).section("key"))[0].startswith("Do not stop it by yourself")


def test_the_short_page_keeps_what_must_be_known_by_heart() -> None:
    for id in library.medicine_files():
        m = library.medicine(id)
        long, short = page(id, m.jurisdictions[0]), page(id, m.jurisdictions[0], short=True)
        ids = [s.id for s in short.sections]
        assert ids[:2] == ["emergency", "key"]
        assert set(ids[2:]) <= set(SHORT)
        assert short.sections[0] == long.sections[0]
        assert short.section("must-not") == long.section("must-not")
        limits = {c for b in long.section("most").blocks for x in b.lines for c in x.cites}  # type: ignore[union-attr]
        assert limits == {c for b in short.section("most").blocks for x in b.lines for c in x.cites}, id  # type: ignore[union-attr]


def test_the_short_page_prints_on_one_sheet() -> None:
    """Two sides at the most, for every medicine and country."""
    weasyprint = pytest.importorskip("weasyprint")
    from posology import sheet

    longest = ("baclofen", "pregabalin", "clonazepam", "levetiracetam", "propranolol")
    sides = {id: len(weasyprint.HTML(string=sheet.page_html(page(id, short=True))).render().pages) for id in longest}
    assert {id: n for id, n in sides.items() if n > 2} == {}
    assert len(weasyprint.HTML(string=sheet.page_html(page("baclofen"))).render().pages) > 2


def test_bands_are_said_plainly() -> None:
    from posology.wording.limits import age_text, band_text

    assert band_text(Band("mL/min", at_most=Amount(15, "mg").value)) == "15 or less"
    assert band_text(Band("mL/min", above=Amount(80, "mg").value)) == "over 80"
    assert age_text(library.medicine("levetiracetam").statement("us-max-1mo").covers.age) == "age 1 to under 6 months"  # type: ignore[arg-type]


def test_a_limit_names_every_product_it_holds_for() -> None:
    from posology.wording.limits import products_text

    m = library.medicine("levetiracetam")
    tablets = tuple(p.id for p in m.products if not p.liquid)
    assert products_text(tablets, m) == "tablets"
    assert products_text(tablets[:3], m).count("mg tablets") == 3
    assert "Tablets, weight 20 to 40 kg" in run("about", "levetiracetam", "--country", "US").out
    assert "under 30, not on dialysis: 500 mg" in run("about", "levetiracetam", "--country", "US").out


def test_a_limit_of_two_ingredients_says_which_one() -> None:
    said = " ".join(run("about", "carbidopa-levodopa", "--country", "US").out.split())
    assert "Never take more than 2,000 mg of levodopa in a day." in said
    assert "levodopa 100 mg tablets: 800 mg of levodopa in a day." in said
    assert "of gabapentin in a day" not in run("about", "gabapentin", "--country", "US").out


def test_a_label_that_only_watches_is_not_said_to_lower_slowly() -> None:
    said = " ".join(run("about", "carbidopa-levodopa", "--country", "US").out.split())
    assert "Coming off is done with your prescriber, under close watch. [1" in said
    assert "Coming off is done slowly, with your prescriber. [1" in " ".join(run("about", "gabapentin").out.split())


def test_the_page_as_data() -> None:
    got = run("about", "gabapentin", "--country", "US", "--json")
    data = json.loads(got.out)
    assert data["say"] == "GA-ba-PEN-tin"
    assert data["reading"]["first"] <= 6
    assert data["reading"]["whole"] <= 8
    taper = next(x for s in data["sections"] for b in s["blocks"] for x in b["lines"] if "us-taper" in x["statements"])
    assert taper["sources"] == [{"number": 1, "section": "§2.5,\u00a05.6"}]
    looks = next(s for s in data["sections"] if s["id"] == "products")
    assert looks["blocks"][0]["lines"][0]["products"] == ["us-capsule-100mg"]
    assert "Say: GA-ba-PEN-tin" in run("about", "gabapentin").out


def test_a_limit_of_a_medicine_for_babies_is_not_told_of_adults() -> None:
    from posology.wording.limits import whom

    babies, adults = library.medicine("propranolol-infant-solution"), library.medicine("propranolol")
    assert whom(babies.statement("us-max-dose"), babies, library.vocabulary())[0] == "Children"
    assert whom(adults.statement("gb-max-all"), adults, library.vocabulary())[0] == "Adults"
