"""The page of any official label: our plain templates, the label's own words below, and what was not found in it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from posology import library, sheet
from posology.cli.about import levels
from posology.cli.label_page import NOTICE, label_page, own_words
from posology.labels import read_file, read_labels
from posology.wording.page import Page, Section, marks
from tests.cli.run import run
from tests.labels.build import spl
from tests.shared import shared

TODAY = dt.date(2026, 11, 28)
US = library.country("US")


def made(sections: list[tuple[str, str, list[str]]], code: str = "34391-3") -> Page:
    return label_page(read_labels(spl(sections=sections, code=code), "made.xml")[0], US, TODAY)


def texts(section: Section | None) -> list[str]:
    assert section is not None
    return [x.text for b in section.blocks for x in b.lines]


def files() -> list[Path]:
    folder = shared("data/labels")
    return [p for p in sorted(folder.rglob("*")) if p.suffix in (".xml", ".html", ".json") and "diflucan" not in p.name]


def test_every_label_at_hand_has_a_page() -> None:
    """Emergencies and stopping have their heads, each quote its place, and our own sentences their reading level."""
    assert len(files()) > 40
    for path in files():
        label = read_file(path)
        if not label.human_drug:
            continue
        page = label_page(label, US, TODAY)
        ids = [s.id for s in page.sections]
        assert ids[:2] == ["emergency", "key"], path.name
        assert {"uses", "must-not", "most", "missed", "too-much", "stopping"} <= set(ids), path.name
        assert page.notice == NOTICE
        for s in page.sections:
            for b in s.blocks:
                for x in b.lines:
                    if x.text.startswith("\u201c"):
                        assert marks(x.cites, page), x.text
        names = frozenset(w for n in label.all_names for w in n.lower().split())
        level = levels(own_words(page), names)
        assert level["first"] <= 6, (path.name, level)
        assert level["whole"] <= 8, (path.name, level)


def test_a_warning_of_a_sudden_stop_comes_first() -> None:
    warned = made([("34071-1", "WARNINGS", ["Abrupt discontinuation has led to seizures."]),
                   ("34066-1", "BOXED WARNING", ["Deaths have been reported in people who drink."])])  # fmt: skip
    key = texts(warned.section("key"))
    assert key[0].startswith("Do not stop it suddenly")
    assert "\u201cDeaths have been reported in people who drink.\u201d" in key
    assert any("Abrupt discontinuation" in t for t in texts(warned.section("stopping")))


def test_a_silent_label_still_has_its_head_on_stopping() -> None:
    page = made([("34067-9", "INDICATIONS", ["It is for made-up cramp."])])
    assert texts(page.section("stopping")) == ["The label does not say. Ask before you stop."]
    assert texts(page.section("key")) == ["Do not stop it by yourself. Ask your prescriber first."]
    assert "The most to take was not found in the label." in texts(page.section("most"))[0]
    assert {"The most to take.", "What to do about a missed dose.", "Alcohol."} <= set(texts(page.section("not-said")))


def test_a_leaflet_is_read_by_its_titles() -> None:
    page = made([("1", "What Examplone is and what it is used for", ["Examplone is a medicine for made-up cramp."]),
                 ("4", "Possible side effects", ["Common: feeling very sleepy by day."])])  # fmt: skip
    assert any("made-up cramp" in t for t in texts(page.section("uses")))
    assert any("very sleepy by day" in t for t in texts(page.section("side-effects")))


def test_what_is_found_is_not_called_silent() -> None:
    page = made([("34068-7", "DOSAGE", ["The maximum dose is 40 mg per day."]),
                 ("34071-1", "WARNINGS", ["Do not drink alcohol with it."])])  # fmt: skip
    assert texts(page.section("most"))[0] == "The label gives 40 mg in a day as the most."
    assert "Alcohol." not in texts(page.section("not-said"))
    assert any("Do not drink alcohol" in t for t in texts(page.section("alcohol")))


def test_the_words_of_the_label_are_never_ours() -> None:
    """What stands in quotes is in the label, word for word."""
    words = ["Abrupt discontinuation has led to seizures in 4 of 100 people.", "The maximum dose is 40 mg per day."]
    page = made([("34071-1", "WARNINGS", words[:1]), ("34068-7", "DOSAGE", words[1:])])
    quoted = [t for s in page.sections for t in texts(s) if t.startswith("\u201c")]
    assert quoted
    assert {t.strip("\u201c\u201d") for t in quoted} <= set(words)


def test_markup_in_a_label_is_shown_and_not_run() -> None:
    page = made([("34071-1", "WARNINGS", ["Abrupt discontinuation <script>alert(1)</script> has led to seizures."])])
    drawn = sheet.page_html(page)
    assert "<script>alert" not in drawn
    assert "&lt;script&gt;alert(1)" in drawn


def test_the_command_with_a_label(tmp_path: Path) -> None:
    path = shared("data/labels/openfda") / "metformin-hydrochloride__4d3dbf6f.json"
    got = run("about", "--label", str(path))
    assert got.status == 0, got.err
    assert got.out.index("CALL 911") < got.out.index("What matters most")
    assert "label's own words are not counted" in got.out
    data = json.loads(run("about", "--label", str(path), "--json").out)
    assert data["notice"] == NOTICE
    assert data["country"] == "US"
    page = tmp_path / "page.html"
    assert run("about", "--label", str(path), "--html", str(page)).status == 0
    assert NOTICE.split(".")[0] in page.read_text("utf-8")


def test_the_command_with_an_index(tmp_path: Path) -> None:
    folder, index = shared("data/labels/openfda"), tmp_path / "labels.db"
    assert run("label", "index", str(folder), "--index", str(index)).status == 0
    got = run("about", "metformin", "--index", str(index))
    assert got.status == 0, got.err
    assert "2550 mg in a day as the most" in got.out
    assert "does not keep what the product looks like" in got.err
    assert "Say: GA-ba-PEN-tin" in run("about", "gabapentin", "--index", str(index)).out  # our own file comes first
    # A label that only speaks of a medicine is never shown as its own.
    assert run("search", "aspirin", "--index", str(index)).out
    assert run("about", "aspirin", "--index", str(index)).status == 1
    topic = run("about", "metformin", "--index", str(index), "--topic", "stopping")
    assert "The label does not say. Ask before you stop." in topic.out
    assert "How much" not in topic.out
    lost = run("about", "frobnicol", "--index", str(index))
    assert lost.status == 1
    assert "No label of 'frobnicol'" in lost.err
    assert run("about", "metformin", "--index", str(tmp_path / "none.db")).status == 1


def test_what_is_asked_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSOLOGY_INDEX", str(tmp_path / "none.db"))
    unknown = run("about", "metformin")
    assert unknown.status == 1
    assert "--label FILE" in unknown.err
    label_file = str(shared("data/labels/openfda") / "amlodipine-besylate__1080fcea.json")
    assert "--short is for a medicine on file" in run("about", "--label", label_file, "--short").err
    assert "Name a medicine" in run("about").err
    epi = shared("data/labels/epi") / "uk_talzenna.xml"
    label = read_file(epi)
    if not label.jurisdiction:
        assert "--country" in run("about", "--label", str(epi)).err
    assert run("about", "--label", str(epi), "--country", "UK").status == 0
    bad = tmp_path / "bad.xml"
    bad.write_text("<not", "utf-8")
    assert run("about", "--label", str(bad)).status == 1


@pytest.mark.parametrize("code", ["GB", "DE"])
def test_the_emergency_number_is_of_the_country(code: str) -> None:
    path = shared("data/labels/openfda") / "amlodipine-besylate__1080fcea.json"
    page = label_page(read_file(path), library.country(code), TODAY)
    assert library.country(code).emergency in page.sections[0].heading


def test_what_changed_since_an_earlier_edition_stands_on_the_page() -> None:
    dose = ("34068-7", "DOSAGE AND ADMINISTRATION", ["The maximum recommended dose is 40 mg per day."])
    warns = ("43685-7", "WARNINGS", ["Abrupt discontinuation of examplone can cause seizures."])
    higher = (dose[0], dose[1], ["The maximum recommended dose is 60 mg per day."])
    old, new, same = (read_labels(spl(sections=s), "made.xml")[0] for s in ([higher], [dose, warns], [dose, warns]))
    said = texts(label_page(new, US, TODAY, old).section("changes"))
    assert "The highest dose changed: 60 mg a day before, 40 mg a day now." in said
    assert "It now warns against stopping suddenly." in said
    assert any("Abrupt discontinuation" in x for x in said)
    assert not any("60 mg per day" in x for x in said)  # the words that no longer hold are not shown
    assert texts(label_page(new, US, TODAY, same).section("changes")) == [
        "Nothing was found to have changed for a person who takes it."
    ]
    assert label_page(new, US, TODAY).section("changes") is None


def test_an_earlier_edition_needs_the_label() -> None:
    got = run("about", "baclofen", "--before", "old.json")
    assert got.status == 2
    assert "--before needs --label" in got.err


LIST = "<list><item>are allergic to it</item><item>have a slow heart</item></list>"


def test_an_item_of_a_list_stands_after_the_words_it_completes() -> None:
    page = made([("42231-1", "Medication Guide", ["Do not take Examplone if you:", LIST])])
    assert texts(page.section("must-not"))[1:] == [
        "\u201cDo not take Examplone if you: \u2026 are allergic to it\u201d",
        "\u201chave a slow heart\u201d",
    ]


def test_a_bullet_given_as_text_is_no_sentence_and_hides_no_lead() -> None:
    marked = LIST.replace("<item>", "<item><caption>\u2022</caption>")
    page = made([("50570-1", "Do not use", [marked]), ("34067-9", "Uses", ["<paragraph>\u2022</paragraph>"])])
    assert texts(page.section("must-not"))[1] == "\u201cDo not use \u2026 are allergic to it\u201d"
    assert all("\u2022" not in t for s in page.sections for t in texts(s))


def test_the_words_of_a_leaflet_come_before_those_for_doctors() -> None:
    page = made([("34070-3", "CONTRAINDICATIONS", ["It is contraindicated in bradycardia."]),
                 ("42230-3", "PATIENT INFORMATION", ["Do not take Examplone if you have a slow heart."])])  # fmt: skip
    assert "slow heart" in texts(page.section("must-not"))[1]
    assert "bradycardia" in texts(page.section("must-not"))[2]


OTC = [
    ("55106-9", "Active ingredient", ["Examplone 10 mg"]),
    ("34071-1", "Warnings", ["Liver warning: it may harm the liver."]),
    ("50569-3", "Ask a doctor before use if you have", ["<list><item>liver disease</item></list>"]),
    ("50566-9", "Stop use and ask a doctor if", ["<list><item>pain gets worse</item></list>"]),
    ("34068-7", "Directions", ["<table><tr><td>adults</td><td>2 tablets every 6 hours</td></tr></table>"]),
]


def test_a_pack_sold_without_prescription_is_told_in_its_own_way() -> None:
    page = made(OTC, "34390-5")
    assert "prescriber" not in " ".join((*texts(page.section("key")), *texts(page.section("dose"))))
    assert "\u201cLiver warning: it may harm the liver.\u201d" in texts(page.section("key"))
    assert "\u201cAsk a doctor before use if you have \u2026 liver disease\u201d" in texts(page.section("before"))
    assert "\u201cStop use and ask a doctor if \u2026 pain gets worse\u201d" in texts(page.section("stopping"))
    assert "\u201cadults | 2 tablets every 6 hours\u201d" in texts(page.section("dose"))


def test_what_the_label_warns_of_is_named_by_its_headings() -> None:
    raw = (
        '<component><section><code code="43685-7"/><title>5 WARNINGS</title><component><section><code code="42229-5"/>'
        "<title>5.1 Falls</title><text><paragraph>People fell.</paragraph></text></section></component></section></component>"
    )
    page = label_page(read_labels(spl(raw=raw), "made.xml")[0], US, TODAY)
    assert "\u201cFalls\u201d" in texts(page.section("before"))


def test_what_it_is_for_stands_open_and_how_it_was_studied_is_folded() -> None:
    words = [
        "It was studied in 40 people.",
        "Examplone is indicated for made-up cramp.",
        "It is used for made-up pain.",
    ]
    uses = made([("34067-9", "INDICATIONS", words)]).section("uses")
    assert uses is not None
    assert [(b.aside, [x.text.strip("\u201c\u201d") for x in b.lines]) for b in uses.blocks] == [
        (False, words[1:]),
        (True, words[:1]),
    ]


def test_a_boxed_warning_said_twice_is_shown_once() -> None:
    box = ["Examplone can cause deaths in old people.", "See full prescribing information for complete boxed warning.",
           "Examplone can cause deaths in old people. ( 5.1 )"]  # fmt: skip
    assert texts(made([("34066-1", "WARNING", box)]).section("key"))[2:] == [f"\u201c{box[0]}\u201d"]


def test_what_doctors_do_after_too_much_is_set_apart() -> None:
    page = made([("34088-5", "OVERDOSAGE", ["Empty the stomach by emesis."]),
                 ("42230-3", "LEAFLET", ["After an overdose, call for help."])])  # fmt: skip
    section = page.section("too-much")
    assert section is not None
    blocks = [(b.heading, b.aside, [x.text for x in b.lines]) for b in section.blocks[1:]]
    assert blocks == [
        ("The label's words:", False, ["\u201cAfter an overdose, call for help.\u201d"]),
        ("What the label tells doctors. Do not try it at home.", True, ["\u201cEmpty the stomach by emesis.\u201d"]),
    ]


def test_nobody_is_told_to_go_on_with_a_pack_from_the_shop() -> None:
    more = [("50570-1", "Do not use", ["if you are allergic to it"]), ("53414-9", "If pregnant", ["ask first."])]
    page = made([*OTC, *more], "34390-5")
    said = " ".join(t for s in page.sections for t in texts(s))
    assert "Do not stop it" not in said
    assert "do not stop it" not in said
    warned = made([*OTC, ("34084-4", "Other", ["Fits followed the abrupt withdrawal of Examplone."])], "34390-5")
    assert "Stop it" not in " ".join(t for s in warned.sections for t in texts(s) if not t.startswith("\u201c"))
    held = made([("34070-3", "CONTRAINDICATIONS", ["It is contraindicated in glaucoma."])])
    assert "do not stop it by yourself" in texts(held.section("must-not"))[0]


def test_a_section_without_a_code_is_no_place_to_name() -> None:
    leaflet: list[tuple[str, str, list[str]]] = [
        ("", "If you forget to take it", ["Take the next dose at its time only."])
    ]
    page = made(leaflet)
    missed = page.section("missed")
    assert missed is not None
    assert "not recorded" not in {place for x in missed.blocks[0].lines for _, place in marks(x.cites, page)}
