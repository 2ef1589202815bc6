"""The audit: planted faults are found with their evidence, clean pages stay clean, and the first page is judged whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.errors import UnreadableError
from posology.labels import Label, read_file, schemas
from posology.labels.audit import Audit, Reference, audit, audit_json, from_label, read_page, report, sarif
from posology.labels.audit import stopping as of_stopping
from posology.labels.grades import grade, smog
from tests.labels.build import label
from tests.labels.leaflets import DATA, LAYOUTS, compose, faulty, pages
from tests.shared import SHARED, shared

REFERENCES: dict[str, Reference] = {}


def reference(name: str) -> Reference:
    if name not in REFERENCES:
        REFERENCES[name] = from_label(read_file(shared("data/labels") / DATA["bases"][name]["label"]))
    return REFERENCES[name]


def grave(result: Audit) -> list[tuple[str, str]]:
    return [
        (i.type, i.line.text if i.line else i.text)
        for i in result.issues
        if i.severity != "minor" or i.type in ("unsourced", "undated")
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", DATA["bases"])
def test_a_clean_leaflet_raises_no_alarm(name: str, layout: str) -> None:
    base = DATA["bases"][name]
    assert grave(audit(read_page(compose(base["name"], base["slots"], layout), name), reference(name))) == []


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("fault", DATA["faults"], ids=lambda f: f"{f['base']}-{f['expect'][0]}")
def test_a_planted_fault_is_found(fault: dict[str, Any], layout: str) -> None:
    name, slots = faulty(fault)
    result = audit(read_page(compose(name, slots, layout), "page"), reference(fault["base"]))
    assert set(fault["expect"]) <= {i.type for i in result.issues}
    for i in result.issues:
        if i.type.startswith(("wrong_max", "contradicts", "missing_abrupt", "missing_boxed")):
            assert i.evidence is not None
            assert i.evidence.quote


SENTENCES: dict[str, Any] = json.loads((Path(__file__).parent / "leaflets" / "sentences.json").read_text("utf-8"))


@pytest.mark.parametrize("case", SENTENCES["wrong"], ids=lambda c: c["text"][:50])
def test_a_wrong_sentence_is_found(case: dict[str, str]) -> None:
    base = DATA["bases"][case["base"]]
    page = read_page(compose(base["name"], {**base["slots"], case["part"]: case["text"]}, "text"), "page")
    found = {
        i.type
        for i in audit(page, reference(case["base"])).issues
        if i.line is not None and i.line.text in case["text"]
    }
    assert case["type"] in found


@pytest.mark.parametrize("name", ["baclofen", "metoprolol", "metformin", "paroxetine"])
def test_sound_sentences_raise_no_alarm(name: str) -> None:
    base = DATA["bases"][name]
    alarms = []
    for text in SENTENCES["sound"]:
        slots = {**base["slots"], "more": text}
        alarms += [
            (text, *g) for g in grave(audit(read_page(compose(base["name"], slots, "text"), "page"), reference(name)))
        ]
    assert alarms == []


PAGES = [x for batch in pages.BATCHES for x in pages.leaflets(batch)]
BY_LABEL: dict[str, Reference] = {}


def held_to(label_file: str) -> Reference:
    if label_file not in BY_LABEL:
        BY_LABEL[label_file] = from_label(read_file(shared("data/labels") / label_file))
    return BY_LABEL[label_file]


@pytest.mark.parametrize("leaflet", PAGES, ids=lambda x: x.id)
def test_a_whole_page_is_judged(leaflet: pages.Leaflet) -> None:
    of = f"{leaflet.label} {leaflet.country}".strip()
    if of not in BY_LABEL:
        BY_LABEL[of] = leaflet.reference(lambda file: shared("data/labels") / file)
    result = audit(read_page(leaflet.data, leaflet.name), BY_LABEL[of], leaflet.country)
    assert pages.missed(leaflet, result) == []
    assert pages.alarms(leaflet, result) == []


GENERAL: dict[str, list[str]] = json.loads((Path(__file__).parent / "leaflets" / "general.json").read_text("utf-8"))
RULED_OUT = {
    "spl/carvedilol__2be8635b.xml": ("Carvedilol", "asthma"),
    "medicines/venlafaxine-extended-release__1f808a76.json": ("Venlafaxine", "MAO inhibitors"),
    "openfda/metformin-hydrochloride__4d3dbf6f.json": ("Metformin", "severe kidney disease"),
    "spl-rebuilt/diazepam__66ea2936.xml": ("Diazepam", "myasthenia gravis"),
    "spl/haloperidol__0027b8a3.xml": ("Haloperidol", "Parkinson's disease"),
}


def said(label_file: str, sentences: list[str]) -> tuple[list[str], Audit]:
    """The sentences as a page about a label's medicine, each its own paragraph, and the audit of it."""
    name, condition = RULED_OUT[label_file]
    lines = [x.format(n=name, c=condition) for x in sentences]
    return lines, audit(read_page("\n\n".join([name, *lines]).encode(), "p"), held_to(label_file))


def faulted(result: Audit, *types: str) -> set[str]:
    return {i.line.text for i in result.issues if i.line is not None and i.type in types}


@pytest.mark.parametrize("label_file", RULED_OUT)
def test_sound_sentences_of_any_page_are_left_alone(label_file: str) -> None:
    for kind in ("sound", "forbids"):
        _, result = said(label_file, GENERAL[kind])
        found = [(i.type, i.line.text) for i in result.issues if i.line is not None and i.severity != "minor"]
        assert found == []


@pytest.mark.parametrize("label_file", [x for x in RULED_OUT if "metformin" not in x])
def test_every_leave_to_stop_is_found(label_file: str) -> None:
    lines, result = said(label_file, GENERAL["free"])
    found = faulted(result, "contradicts_stopping_advice")
    assert [x for x in lines if not any(f in x for f in found)] == []


LEAVE: dict[str, list[str]] = json.loads((Path(__file__).parent / "leaflets" / "leave.json").read_text("utf-8"))


@pytest.mark.parametrize(("kind", "left"), [("free", True), ("guarded", False)])
def test_an_end_left_to_the_reader_is_told_from_a_guarded_one(kind: str, left: bool) -> None:
    wrong = [
        x
        for x in LEAVE[kind]
        if left
        is not bool(
            faulted(judged(stop=f"{x}\n\nMore\n\nDrink water."), "contradicts_stopping_advice", "contradicts_warning")
        )
    ]
    assert wrong == []


def of_label(label_file: str, name: str, text: str) -> bool:
    """Whether a sentence on a page about a label's medicine raises an alarm."""
    page = f"{name}\n\nMore facts\n\n{text}\n\nMore\n\nDrink water."
    found = audit(read_page(page.encode(), "p"), held_to(label_file)).issues
    return any(i.line is not None and i.severity != "minor" for i in found)


UNUSUAL: dict[str, dict[str, Any]] = {
    x: json.loads((Path(__file__).parent / "leaflets" / f"{x}.json").read_text("utf-8")) for x in ("welcome", "numbers")
}
OF_LABELS = [(x, k, *file) for x, d in UNUSUAL.items() for k, file in d["labels"].items()]


@pytest.mark.parametrize(("kind", "key", "label_file", "name"), OF_LABELS)
def test_what_a_label_rules_out_is_not_welcomed_in_any_words(kind: str, key: str, label_file: str, name: str) -> None:
    cases = UNUSUAL[kind]
    wrong = cases["welcomed" if kind == "welcome" else "wrong"]
    assert [t for k, t in wrong if k == key and not of_label(label_file, name, t)] == []
    assert [t for k, t in cases["guarded"] if k == key and of_label(label_file, name, t)] == []


TALK: dict[str, Any] = json.loads((Path(__file__).parent / "leaflets" / "plain_talk.json").read_text("utf-8"))


@pytest.mark.parametrize("key", TALK["references"])
def test_what_is_wrong_is_told_from_what_is_right_in_plain_talk(key: str) -> None:
    held, name = TALK["references"][key]
    reference = pages.Leaflet("", held, "", b"", ()).reference(lambda file: shared("data/labels") / file)

    def alarmed(text: str) -> bool:
        page = f"{name}\n\nMore facts\n\n{text}\n\nMore\n\nDrink water."
        found = audit(read_page(page.encode(), "p"), reference).issues
        return any(i.line is not None and i.severity != "minor" for i in found)

    assert [t for k, t in TALK["wrong"] if k == key and not alarmed(t)] == []
    assert [t for k, t in TALK["right"] if k == key and alarmed(t)] == []


@pytest.mark.parametrize("label_file", RULED_OUT)
def test_every_permission_of_what_is_ruled_out_is_found(label_file: str) -> None:
    lines, result = said(label_file, GENERAL["allows"])
    found = faulted(result, "contradicts_contraindication", "contradicts_warning")
    assert [x for x in lines if not any(f in x for f in found)] == []


HIGHEST = ["The maximum dose is {} per day.", "Do not take more than {} in 24 hours.", "{} daily is the highest dose.", "Max: {}/day",
           "You should never exceed {} a day.", "The most you can take in one day is {}.", "Daily doses above {} are not recommended.", "The daily limit is {}."]  # fmt: skip


@pytest.mark.parametrize("text", HIGHEST)
def test_a_highest_dose_in_any_words_is_compared(text: str) -> None:
    right = ("40 mg", "0.04 g", "40,000 mcg", "forty milligrams", "four 10 mg tablets")
    wrong = ("400 mg", "4 mg", "80 mg", "40 g", "40 mcg", "eight 10 mg tablets", "a gram")
    for amount in right:
        assert not types(judged(max=text.format(amount))) & {"wrong_maximum_dose", "wrong_number_or_unit"}, amount
    for amount in wrong:
        assert types(judged(max=text.format(amount))) & {"wrong_maximum_dose", "wrong_number_or_unit"}, amount


def test_a_weekly_dose_said_daily_is_wrong() -> None:
    weekly = label(
        name="Weeklone",
        sections=[
            ("34068-7", "DOSAGE AND ADMINISTRATION", ["The recommended starting dose is 7.5 mg once weekly.", "The maximum dose is 20 mg per week."]),
            ("34070-3", "CONTRAINDICATIONS", ["Weeklone is contraindicated in pregnancy."]),
        ],
    )  # fmt: skip

    def of(text: str) -> set[str]:
        return types(audit(read_page(f"Weeklone\n\n{text}".encode(), "p"), from_label(weekly)))

    assert "wrong_number_or_unit" in of("Start with 7.5 mg once a day.")
    assert "wrong_number_or_unit" in of("Take 7.5 mg daily.")
    assert of("The most is 20 mg a day.") & {"wrong_maximum_dose", "wrong_number_or_unit"}
    assert not of("Start with 7.5 mg once a week. The most is 20 mg a week.") & {
        "wrong_maximum_dose",
        "wrong_number_or_unit",
    }


def test_the_labels_own_text_is_no_fault() -> None:
    reference = held_to("medicines/clonazepam__26b1d362.html")
    page = read_page("\n\n".join(e.quote for e in reference.sentences).encode(), "p")
    result = audit(page, reference)
    assert not [i for i in result.issues if i.type.startswith(("wrong", "contradicts"))]
    assert not [i for i in result.issues if i.type.startswith("missing") and i.severity != "minor"]


def test_what_a_label_does_not_state_is_said_and_not_missed() -> None:
    silent = label(sections=[("34067-9", "INDICATIONS AND USAGE", ["Examplone is indicated for cramp."])])
    result = audit(read_page(b"Examplone is for cramp. Source: the label, 2026.", "p"), from_label(silent))
    assert types(result) == {"missing_missed_dose"}
    assert {i.severity for i in result.issues} == {"minor"}
    assert {"a boxed warning", "a highest dose", "alcohol"} <= set(audit_json(result)["not_stated"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
def test_a_page_in_any_usual_encoding_is_read(encoding: str) -> None:
    page = read_page("Don’t stop Examplone suddenly.".encode(encoding), "p")
    assert page.lines[0].text == "Don’t stop Examplone suddenly."


def test_menus_and_hidden_text_are_no_part_of_a_page() -> None:
    page = read_page(
        b"<html><body><nav><a href='/k'>Kidney</a></nav><ul><li><a href='/a'>Alcohol</a></li><li><a href='/b'>Beer</a></li></ul>"
        b"<p hidden>You can stop any time.</p><p>Take care.</p></body></html>",
        "p",
    )
    assert page.text == "Take care."


def test_a_tables_heads_are_what_its_cells_stand_under() -> None:
    page = read_page(
        b"<html><body><h2>Doses</h2><table><tr><th>Who</th><th>Most in a day</th></tr><tr><td>Adults</td><td>80 mg</td></tr></table></body></html>",
        "p",
    )
    assert [(x.text, x.under) for x in page.lines if x.kind == "cell"] == [
        ("Adults", "Doses: Who"),
        ("80 mg", "Doses: Adults: Most in a day"),
    ]


def test_too_much_text_is_refused() -> None:
    with pytest.raises(UnreadableError, match="too much text"):
        read_page(b"Take care of it. " * 30_000, "p")


def test_there_are_enough_leaflets() -> None:
    assert len(DATA["faults"]) >= 40
    assert len(DATA["bases"]) >= 15
    assert len(PAGES) >= 270
    assert len({x.label for x in PAGES}) >= 50
    assert sum(not x.expect for x in PAGES) * 3 >= len(PAGES)


# -- our own fictional label, so that the checks run where the reference data is not --------------------------------

SECTIONS = [
    ("34066-1", "WARNING: SUICIDAL THOUGHTS", ["Examplone raised the risk of suicidal thoughts in young adults."]),
    ("34067-9", "INDICATIONS AND USAGE", ["Examplone is indicated for cramp."]),
    (
        "34068-7",
        "DOSAGE AND ADMINISTRATION",
        [
            "The recommended starting dose is 5 mg three times daily.",
            "The maximum recommended dose is 40 mg per day.",
            "In severe renal impairment, the maximum dose is 20 mg per day.",
        ],
    ),
    (
        "34070-3",
        "CONTRAINDICATIONS",
        ["Examplone is contraindicated in patients with glaucoma and in patients taking MAO inhibitors."],
    ),
    (
        "34071-1",
        "WARNINGS",
        [
            "Abrupt discontinuation of examplone can cause seizures. Reduce the dose gradually.",
            "Avoid alcohol. Patients should not drive until they know how it affects them.",
            "Use with caution in patients with renal impairment.",
        ],
    ),
]
GOOD = {
    "what": "Examplone is for cramp.",
    "boxed": "It can bring on suicidal thoughts in young adults.",
    "who_not": "Do not take it if you have glaucoma or take an MAO inhibitor.",
    "start": "Adults start with 5 mg three times a day.",
    "max": "The most is 40 mg a day. With very weak kidneys it is 20 mg a day.",
    "stop": "Do not stop Examplone suddenly. You may have seizures. It is lowered slowly.",
    "missed": "If you miss a dose, leave it out.",
    "alcohol": "Do not drink alcohol with it.",
    "source": "Source: the official label. Updated January 2026.",
}


def judged(layout: str = "text", drop: str = "", **parts: str) -> Audit:
    slots = {k: v for k, v in {**GOOD, **parts}.items() if k != drop}
    return audit(read_page(compose("Examplone", slots, layout), "page"), from_label(own()))


def own() -> Label:
    return label(sections=SECTIONS)


def types(result: Audit) -> set[str]:
    return {i.type for i in result.issues}


def test_the_good_page_of_our_own_is_clean() -> None:
    assert grave(judged()) == []


@pytest.mark.parametrize(
    ("drop", "kind"),
    [("stop", "missing_abrupt_stop_warning"), ("boxed", "missing_boxed_warning"), ("who_not", "missing_contraindication"),
     ("max", "missing_maximum_dose"), ("missed", "missing_missed_dose"), ("alcohol", "missing_alcohol"), ("max", "missing_kidney")],
)  # fmt: skip
def test_what_is_left_out_is_missed(drop: str, kind: str) -> None:
    assert kind in types(judged(drop=drop))


@pytest.mark.parametrize(
    "text",
    [
        "You can stop Examplone at any time.", "You may stop it whenever you like.", "It is safe to stop Examplone suddenly.",
        "Stop taking Examplone as soon as you feel better.", "There is no need to taper Examplone.", "Just stop taking it on your own.",
        "Examplone may be discontinued abruptly.", "Stopping Examplone suddenly is harmless.", "No withdrawal effects occur when you stop.",
        "You do not need to reduce the dose slowly.", "It is fine to quit from one day to the next.", "Once your cramp is gone, you can stop straight away.",
        "Feel free to stop at any point.", "Stopping it all at once does not cause problems.",
    ],
)  # fmt: skip
def test_permission_to_stop_contradicts(text: str) -> None:
    assert "contradicts_stopping_advice" in types(judged(stop=text))


@pytest.mark.parametrize(
    "text",
    [
        "Do not stop Examplone suddenly.", "You cannot just stop Examplone overnight: it can cause seizures.", "Never stop it all at once.",
        "Stop slowly: your doctor will cut the dose bit by bit.", "It is not safe to stop suddenly.", "Stopping suddenly may cause seizures. Do not stop suddenly.",
        "Stop taking it right away and get help if you have a rash or swelling. Do not stop it suddenly for any other reason.",
        "Do not think that you can stop at any time. Stopping suddenly is dangerous.", "Talk to your doctor before you stop; a sudden stop can bring seizures.",
    ],
)  # fmt: skip
def test_right_advice_on_stopping_is_left_alone(text: str) -> None:
    found = types(judged(stop=text))
    assert not found & {"contradicts_stopping_advice", "missing_abrupt_stop_warning"}


@pytest.mark.parametrize(
    "text",
    [
        "The most is 80 mg a day.", "Do not take more than 400 mg in a day.", "You can go up to 20 mg four times a day.", "The maximum dose is 40 g a day.",
        "Never take more than 40 mg at one time, and no more than 400 mg in 24 hours.",
    ],
)  # fmt: skip
def test_another_maximum_is_wrong(text: str) -> None:
    assert "wrong_maximum_dose" in types(judged(max=text))


@pytest.mark.parametrize(
    "text",
    [
        "The most is 40 mg a day.",
        "Do not take more than 40 mg in 24 hours.",
        "With weak kidneys the most is 20 mg a day.",
        "The highest dose is 0.04 g a day.",
    ],
)
def test_the_maximum_in_other_words_is_right(text: str) -> None:
    assert not types(judged(max=text)) & {"wrong_maximum_dose", "wrong_number_or_unit", "missing_maximum_dose"}


@pytest.mark.parametrize(
    "text",
    [
        "Adults start with 5 mcg three times a day.",
        "Adults start with 7 mg three times a day.",
        "Adults start with 5 mg three times a week.",
        "Adults start with 5 mg six times a day.",
    ],
)
def test_a_wrong_number_unit_or_period_is_found(text: str) -> None:
    assert "wrong_number_or_unit" in types(judged(start=text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("It is safe for people with glaucoma.", "contradicts_contraindication"),
        ("You can take it with an MAO inhibitor.", "contradicts_contraindication"),
        ("It is suitable for everyone.", "contradicts_contraindication"),
        ("You can safely drink alcohol with it.", "contradicts_warning"),
        ("It is fine to drive as soon as you start.", "contradicts_warning"),
    ],
)
def test_what_the_label_forbids_is_not_allowed(text: str, kind: str) -> None:
    assert kind in types(judged(more=text))


@pytest.mark.parametrize(
    "text",
    ["Ask your doctor whether it is safe for you if you have glaucoma.", "It is not safe with an MAO inhibitor.", "You can take it with food.", "You can have side effects such as glaucoma.",
     "Tell your doctor if you drink alcohol; only small amounts may be fine."],
)  # fmt: skip
def test_care_is_no_contradiction(text: str) -> None:
    assert not {t for t in types(judged(more=text)) if t.startswith("contradicts")}


@pytest.mark.parametrize(
    "text",
    ["Take it with or.", "It helps the the muscles.", "It doesnâ€™t help.", "Ask [insert name] first.", "There is a nature.", "It is safe for certain neurotransmitters.",
     "Take care.Do not drive.", "Call your (doctor.", "Lorem ipsum dolor sit amet.", "Take care. Do not touch or operate", "Take ProductX daily.", "Take it, , daily."],
)  # fmt: skip
def test_broken_text_is_found(text: str) -> None:
    assert "garbled_sentence" in types(judged(more=text))


@pytest.mark.parametrize(
    "text",
    [
        "What is it used for?",
        "Tell your doctor if you have:",
        "Keep it at 20 to 25 °C (68 to 77 °F).",
        "Dr. Smith said that that was fine.",
        "Take it, e.g. at night.",
        "Ask what it is made of.",
        "It had had no effect.",
    ],
)
def test_sound_text_is_left_alone(text: str) -> None:
    assert "garbled_sentence" not in types(judged(more=text))


def test_a_page_of_another_country_is_not_compared_by_numbers() -> None:
    result = judged(max="The most is 80 mg a day.", more="Call NHS 111 or see your GP.")
    assert not result.numbers_compared
    assert "other_country" in types(result)
    assert "wrong_maximum_dose" not in types(result)
    assert "contradicts_stopping_advice" in types(judged(stop="You can stop at any time.", more="Call NHS 111."))


def test_a_page_about_something_else_says_so() -> None:
    result = audit(read_page(b"Otherol is for cough. Take it daily.", "p"), from_label(own()))
    assert "other_medicine" in types(result)
    assert not result.numbers_compared


def test_a_page_in_another_language_is_not_judged_by_its_content() -> None:
    page = (
        "Examplone se usa para los calambres. No deje de tomarlo de repente porque puede tener convulsiones graves. "
        * 3
    ).encode()
    assert types(audit(read_page(page, "p"), from_label(own()))) & {"not_english"}


def test_source_date_and_hard_sentences() -> None:
    long = "Notwithstanding considerable interindividual pharmacokinetic variability, concomitant administration necessitates appropriately individualised consideration of potentially deleterious physiological consequences and interactions."
    result = judged(source="", more=long)
    assert {"unsourced", "undated", "hard_to_read"} <= types(result)


def test_wrapped_lines_are_joined_and_scripts_never_read() -> None:
    page = read_page(
        b"Do not stop this medicine suddenly because you may\nhave seizures after that.\n\nNext part.", "p"
    )
    assert [x.text for x in page.lines] == [
        "Do not stop this medicine suddenly because you may have seizures after that.",
        "Next part.",
    ]
    page = read_page(b"<html><body><script>stop at any time</script><p>Take care.</p></body></html>", "p")
    assert page.text == "Take care."


@pytest.mark.parametrize("data", [b"", b"   ", b"<html></html>", b"\x00\x01\x02" * 50])
def test_a_page_without_text_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_page(data, "p")


def test_json_and_sarif_keep_their_shape() -> None:
    result = judged(stop="You can stop at any time.")
    made = json.loads(json.dumps(audit_json(result)))
    jsonschema.validate(made, schemas.load("audit"))
    log = sarif(result, "1")
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    assert {r["level"] for r in run["results"]} <= {"error", "warning", "note"}
    assert [run["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] for r in run["results"]] == [
        r["ruleId"] for r in run["results"]
    ]


def test_the_schema_lists_every_type() -> None:
    assert set(schemas.load("audit")["properties"]["issues"]["items"]["properties"]["type"]["enum"]) == set(
        report.TYPES
    )


def test_an_audit_that_reads_no_permission_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_stopping, "_permits", lambda *_: False)
    monkeypatch.setattr(of_stopping, "gives_leave", lambda *_: False)
    assert "contradicts_stopping_advice" not in types(judged(stop="You can stop Examplone at any time."))


def test_reading_grades_mask_names_and_doses() -> None:
    plain = ["Take one tablet with food.", "Do not stop it at once."]
    assert grade(plain) < 4
    assert smog(plain) < 6
    assert grade(["Take examplonehydrochloride 12.5 mg."], frozenset({"examplonehydrochloride"})) < grade(
        ["Take examplonehydrochloride 12.5 mg."]
    )
    assert grade([]) == 0.0


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_is_judged_or_refused(text: str) -> None:
    try:
        page = read_page(text.encode("utf-8", "replace"), "p")
    except UnreadableError:
        return
    for x in page.lines:
        assert page.text[x.start : x.end] == x.text
    audit_json(audit(page, from_label(own())))


@pytest.mark.skipif(not SHARED.exists(), reason="reference data not here: ../shared")
def test_the_first_page_is_judged_claim_by_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    from posology import library
    from posology.labels.audit import from_medicine

    monkeypatch.delenv("POSOLOGY_MEDICINES", raising=False)
    page = read_page(shared("data/pages/what-is-baclofen.txt").read_bytes(), "page")
    known = library.load_medicine(library.DATA / "medicines" / "baclofen" / "medicine.toml")
    result = audit(page, from_medicine(known, "US"))
    met = {j.claim.id for j in result.claims} | {i.claim for i in result.issues}
    assert met >= {c.id for c in known.claims}
    read = shared("data/labels/spl-rebuilt/baclofen__07730b69.xml")
    alone = audit(page, from_label(read_file(read)))
    assert {
        "garbled_sentence",
        "missing_maximum_dose",
        "missing_kidney",
        "missing_alcohol",
        "missing_missed_dose",
        "wrong_wording",
        "unsourced",
        "undated",
    } <= types(alone)
    broken = {i.line.text for i in alone.issues if i.type == "garbled_sentence" and i.line}
    assert {"There is a nature.", "Do not touch or operate"} <= broken
    assert any("neurotransmitters" in t for t in broken)
    assert not {i.line.text for i in alone.issues if i.type.startswith("contradicts") and i.line}


def command(*args: str | Path) -> tuple[int, str]:
    """The exit status and the standard output of a command, as the program's own entry gives them."""
    from click.testing import CliRunner

    from posology.cli import app
    from posology.errors import PosologyError, codes

    done = CliRunner().invoke(app, [str(a) for a in args])
    if isinstance(done.exception, PosologyError):
        return codes(done.exception).exit, done.stdout
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


ROWS: list[tuple[str, str, str, str]] = [
    ("a", "skeletal muscle relaxants", "right", ""), ("b", "acts on spinal nerves", "right", ""), ("c", "reduces pain", "overstated", "wrong_claim"),
    ("d", "muscle tone is needed", "overstated", "wrong_claim"), ("e", "Do not drive heavy machinery", "right", ""),
    ("f", "Do not stop using baclofen suddenly", "right", ""), ("g", "available as tablets", "incomplete", "incomplete_claim"),
    ("h", "3 times a day at regular intervals", "right", ""), ("i", "oral syringe (metering device)", "incomplete", "incomplete_claim"),
    ("j", "Continue taking baclofen even if you feel well", "incomplete", "incomplete_claim"),
    ("j", "especially if you have been taking high doses", "garbled", "garbled_sentence"),
    ("k", "Stopping this medicine abruptly", "incomplete", "incomplete_claim"), ("l", "drowsiness, weakness, and dizziness", "right", ""),
    ("m", "Stopping baclofen too soon", "wrong", "wrong_claim"), ("n", "certain neurotransmitters", "garbled", "garbled_sentence"),
    ("n", "Use during pregnancy is unknown", "incomplete", "incomplete_claim"),
]  # fmt: skip
"""The rows of the reference's judgement of the first page: row, words of the page, verdict, type of issue."""
LEFT_OUT = ["most in a day|highest dose", "kidney", "alcohol", "missed", "food", "strength", "epilepsy", "stroke", "psychosis", "age limits",
            "too much", "other medicines", "operation|may not eat", "pump"]  # fmt: skip


@pytest.mark.skipif(not SHARED.exists(), reason="reference data not here: ../shared")
def test_every_row_of_the_first_pages_judgement_is_in_every_form(tmp_path: Path) -> None:
    import re

    page = str(shared("data/pages/what-is-baclofen.txt"))

    def run(*more: str) -> str:
        status, out = command("audit", page, "--medicine", "baclofen", *more)
        assert status == 3
        return out

    shown = " ".join(run().split())
    told = json.loads(run("--json"))
    log = json.loads(run("--sarif"))["runs"][0]["results"]
    for row, words, verdict, kind in ROWS:
        claims = [c for c in told["claims"] if words in c["place"]["quote"]]
        assert verdict in {c["verdict"] for c in claims}, row
        right = [c for c in claims if c["verdict"] == "right"]
        if kind:
            assert any(i["type"] == kind and words in i["text"] for i in told["issues"]), row
            assert any(
                r["ruleId"] == kind
                and words in r["locations"][0]["physicalLocation"]["region"].get("snippet", {}).get("text", "")
                for r in log
            ), row
            assert words in shown, row
        else:
            assert right, row
            assert any(r["kind"] == "pass" and r["properties"]["claim"] == right[0]["id"] for r in log), row
            assert right[0]["says"] in shown, row
    gone = [i["text"] for i in told["issues"] if i["type"].startswith("missing")]
    for words in LEFT_OUT:
        assert any(re.search(words, x) for x in gone), words
        assert re.search(words, shown), words
    assert all(i["evidence"]["quote"] for i in told["issues"] if i["type"].startswith("missing") or i.get("claim"))


def test_a_shared_sentence_does_not_bring_another_pages_judgement() -> None:
    from posology import library
    from posology.labels.audit import from_medicine

    known = library.load_medicine(library.DATA / "medicines" / "baclofen" / "medicine.toml")
    result = audit(
        read_page(b"Baclofen is for stiff muscles. Take baclofen as directed.", "p"), from_medicine(known, "US")
    )
    assert not result.claims
    assert not types(result) & {"missing_fact", "incomplete_claim", "wrong_claim"}


def test_a_page_may_go_by_a_source_that_is_silent_and_is_told_that_sources_differ() -> None:
    from posology import library
    from posology.labels.audit import from_medicine

    known = from_medicine(library.medicine("diazepam"), "US")
    found = audit(
        read_page(b"Diazepam is for anxiety. Do not stop it suddenly: seizures can follow.", "p"), known
    ).issues
    box = next(i for i in found if i.type == "missing_boxed_warning")
    assert box.severity == "minor"
    assert "Sources differ: Diazepam tablets (older text), 2012-02-21 does not say it" in box.text
    venlafaxine = from_medicine(library.medicine("venlafaxine"), "US")  # its only source has the box
    found = audit(read_page(b"Venlafaxine lifts mood. Venlafaxine is taken daily.", "p"), venlafaxine).issues
    assert next(i for i in found if i.type == "missing_boxed_warning").severity == "critical"


def test_clean_pages_of_any_label_agree_with_the_medicine_file() -> None:
    from posology import library
    from posology.labels.audit import from_medicine

    ids = sorted((p.parent.name for p in (library.DATA / "medicines").glob("*/medicine.toml")), key=len, reverse=True)
    other = {"propranolol-oral-solution": "propranolol-infant-solution"}
    held: dict[tuple[str, str], Reference] = {}
    pages_read, alarmed = 0, []
    for leaflet in PAGES:
        stem = leaflet.label.split("/")[-1].split("__")[0]
        name = other.get(stem) or next((i for i in ids if stem.startswith(i)), None)
        if leaflet.expect or name is None or "/" not in leaflet.label:
            continue
        known = library.medicine(name)
        page = read_page(leaflet.data, leaflet.name)
        key = (name, page.country if page.country in known.jurisdictions else "US")
        if key not in held:
            held[key] = from_medicine(known, key[1])
        pages_read += 1
        alarmed += [leaflet.id for i in audit(page, held[key]).issues[:1] if i.severity != "minor"]
    assert pages_read >= 90
    assert len(alarmed) * 15 <= pages_read, alarmed


def test_a_medicine_file_holds_a_page_to_its_boxed_warning_and_not_to_its_silence() -> None:
    from posology import library
    from posology.labels.audit import from_medicine

    page = read_page(b"Venlafaxine lifts mood. Alcohol: none.", "p")
    assert "missing_boxed_warning" in types(audit(page, from_medicine(library.medicine("venlafaxine"), "US")))
    page = read_page(b"Levetiracetam is for seizures.", "p")
    assert "missing_alcohol" not in types(audit(page, from_medicine(library.medicine("levetiracetam"), "US")))


def test_sarif_keeps_the_rules_of_its_standard() -> None:
    """SARIF 2.1.0: 3.11 message, 3.27.9 kind and level, 3.27.6 ruleIndex, 3.30.5 lines from 1, RFC 3986 addresses."""
    page = read_page(compose("Examplone", {**GOOD, "stop": "You can stop at any time."}, "html"), "my page.html")
    run = sarif(audit(page, from_label(own())), "1", "leaflets/my page.html")["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len({r["id"] for r in rules}) == len(rules)
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["kind"] in ("pass", "fail")
        assert (result["level"] == "none") == (result["kind"] == "pass")
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "leaflets/my%20page.html"
        assert place["region"]["startLine"] >= 1


@pytest.mark.parametrize(
    ("page", "more", "status"),
    [
        ("You can stop Examplone at any time.", [], 3), ("Examplone: ask [insert name].", [], 3), (GOOD["stop"], ["--fail-on", "never"], 0),
        (" ".join(GOOD.values()), [], 0), ("", [], 1), ("Examplone", ["--fail-on", "nothing"], 2), (" ".join(GOOD.values()), ["--json", "--sarif"], 2),
    ],
)  # fmt: skip
def test_the_exit_status_is_as_documented(tmp_path: Path, page: str, more: list[str], status: int) -> None:
    from tests.labels.build import spl

    (tmp_path / "page.txt").write_text(page, encoding="utf-8")
    (tmp_path / "label.xml").write_bytes(spl(sections=SECTIONS))
    assert command("audit", tmp_path / "page.txt", "--label", tmp_path / "label.xml", *more)[0] == status


OF_MEDICINES: dict[str, list[tuple[str, str, str]]] = json.loads(
    (Path(__file__).parent / "leaflets" / "medicine_numbers.json").read_text("utf-8")
)


def numbers_of(country: str, medicine: str, sentence: str) -> list[tuple[str, str]]:
    """The faults that a sentence has on a page held to a medicine file, for one country."""
    from posology import library
    from posology.labels.audit import from_medicine

    of = f"{medicine} {country}"
    if of not in BY_LABEL:
        BY_LABEL[of] = from_medicine(library.medicine(medicine), country)
    name = BY_LABEL[of].name
    page = f"{name}\n\nHow to take it\n\n{name} is a medicine. {sentence} Ask your doctor.\n"
    result = audit(read_page(page.encode(), "p"), BY_LABEL[of], country)
    return [(i.type, i.text) for i in result.issues if i.line is not None and i.severity != "minor"]


@pytest.mark.parametrize(("country", "medicine", "sentence"), OF_MEDICINES["sound"])
def test_a_number_that_a_source_of_the_file_bears_out_is_right(country: str, medicine: str, sentence: str) -> None:
    assert numbers_of(country, medicine, sentence) == []


@pytest.mark.parametrize(("country", "medicine", "sentence"), OF_MEDICINES["wrong"])
def test_a_number_that_no_source_of_the_file_bears_out_is_wrong(country: str, medicine: str, sentence: str) -> None:
    found = numbers_of(country, medicine, sentence)
    assert any(t in ("wrong_number_or_unit", "wrong_maximum_dose", "contradicts_contraindication") for t, _ in found)


NOT_OURS = {
    "See also: glipizide (start 5 mg daily), sitagliptin 100 mg.": "links",
    "Paracetamol (two 500 mg tablets, up to four times a day) can be taken with it.": "another medicine",
    "If you are on simvastatin, the limit for the simvastatin is 7 mg a day.": "another medicine's limit",
    "0.75 mg of this equals about 7 mg of hydrocortisone.": "another medicine's equal",
    "Related: Magnesium 430 mg, hype or help?": "a link",
}


@pytest.mark.parametrize("sentence", NOT_OURS, ids=NOT_OURS.values())
def test_an_amount_that_is_not_the_medicines_is_nobodys_dose(sentence: str) -> None:
    page = read_page(f"Metformin\n\nMetformin is a medicine. {sentence}\n".encode(), "p")
    result = audit(page, held_to("openfda/metformin-hydrochloride__4d3dbf6f.json"))
    assert [i for i in result.issues if i.line is not None and i.type.startswith("wrong")] == []


def test_what_people_tell_of_themselves_is_no_advice() -> None:
    text = "Metformin\n\nMetformin is a medicine.\n\nReviews\n\nMeg: helps my sugar at 37 mg a day.\n"
    result = audit(read_page(text.encode(), "p"), held_to("openfda/metformin-hydrochloride__4d3dbf6f.json"))
    assert [i for i in result.issues if i.type.startswith("wrong")] == []
    said = text.replace("Reviews", "Dose").replace("Meg: helps my sugar at 37 mg", "The usual dose is 37 mg")
    result = audit(read_page(said.encode(), "p"), held_to("openfda/metformin-hydrochloride__4d3dbf6f.json"))
    assert [i.type for i in result.issues if i.type.startswith("wrong")] == ["wrong_number_or_unit"]


MECHANISMS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "leaflets" / "mechanisms.json").read_text("utf-8")
)


@pytest.mark.parametrize("case", MECHANISMS, ids=lambda c: f"{c['what']}-{c['label'].split('/')[1][:12]}")
def test_a_mechanism_tells_wrong_from_right_in_other_words(case: dict[str, Any]) -> None:
    name = case["label"].split("/")[-1].split("__")[0].replace("-", " ")

    def found(text: str) -> list[str]:
        page = read_page(f"{name} tablets: a leaflet\n\n{case['under']}\n\n{text}".encode(), "page.txt")
        issues = audit(page, held_to(case["label"])).issues
        return [i.type for i in issues if i.line is not None and i.severity != "minor"]

    assert [x for x in case["wrong"] if case["type"] not in found(x)] == []
    assert [(x, found(x)) for x in case["right"] if found(x)] == []
