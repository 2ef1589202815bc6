"""What is extracted: stopping in every wording and its negations, maximum doses, and "not stated"."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from posology.labels import Label, read_label
from posology.labels.extract import extract, stopping, topics
from posology.labels.extract.limit_words import period
from posology.labels.extract.passage import all_sentences
from posology.labels.view import label_json
from tests.labels.build import label
from tests.shared import shared

HERE = Path(__file__).parent
STOPPING: list[dict[str, Any]] = json.loads((HERE / "stopping_cases.json").read_text("utf-8"))
MAXIMUM: list[dict[str, Any]] = json.loads((HERE / "maximum_cases.json").read_text("utf-8"))
DOCUMENTS: list[dict[str, Any]] = json.loads((HERE / "maximum_documents.json").read_text("utf-8"))
"""Whole labels of our own with their distractors: steps, trials, partners, rates, tables. ``set``: see docs/reference/labels.md."""


def abrupt(case: dict[str, Any]) -> bool:
    said = [("34089-3", "DESCRIPTION", [case["says"]])] if case["says"] else []
    read = label(
        generic=case.get("generic", "examplone hydrochloride"),
        route=case.get("route", "ORAL"),
        sections=[*said, (case["code"], "SECTION", [case["text"]])],
    )
    return extract(read).stopping.abrupt


def maxima(case: dict[str, Any]) -> list[tuple[float, str, str]]:
    read = label(sections=[(case["code"], case["title"], [case["text"]])])
    return sorted((float(m.value), m.unit, m.per) for m in extract(read).maximum)


@pytest.mark.parametrize("case", STOPPING, ids=lambda c: c["text"][:50])
def test_stopping(case: dict[str, Any]) -> None:
    assert abrupt(case) == case["warns"]


@pytest.mark.parametrize("case", MAXIMUM, ids=lambda c: c["text"][:50])
def test_maximum(case: dict[str, Any]) -> None:
    assert maxima(case) == sorted((float(m["value"]), m["unit"], m["per"]) for m in case["max"])


def document(case: dict[str, Any]) -> Label:
    if "openfda" in case:  # one run of text, headings, bullets and all
        record = {
            "set_id": "a",
            "openfda": {"generic_name": ["EXAMPLONE"]},
            "dosage_and_administration": [case["openfda"]],
        }
        return read_label(json.dumps({"results": [record]}).encode(), "x.json")
    return label(sections=[(code, title, parts) for code, title, parts in case["sections"]])


def document_maxima(case: dict[str, Any]) -> set[tuple[float, str, str]]:
    return {(float(m.value), m.unit, m.per) for m in extract(document(case)).maximum}


@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda c: c["name"])
def test_maximum_of_a_whole_label(case: dict[str, Any]) -> None:
    assert document_maxima(case) == {(float(v), unit, per) for v, unit, per in case["max"]}


@pytest.mark.parametrize("case", [c for c in DOCUMENTS if "for" in c], ids=lambda c: c["name"])
def test_whom_and_what_a_maximum_is_for(case: dict[str, Any]) -> None:
    found = extract(document(case)).maximum
    for value, who, use in case["for"]:
        said = [(m.population, m.indication) for m in found if float(m.value) == value]
        assert any(set(who.split()) <= set(re.findall(r"[\w-]+", p)) and use in i for p, i in said), (value, said)
        assert all(bool(p) == bool(who) and bool(i) == bool(use) for p, i in said), (value, said)


def test_a_false_case_fails() -> None:
    assert abrupt({**STOPPING[0], "text": "Take it with water."}) != STOPPING[0]["warns"]
    assert maxima({**MAXIMUM[0], "text": "The maximum recommended dose is 41 mg once daily."}) != [(40.0, "mg", "day")]


def test_without_reading_negations_the_cases_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_DENIES", re.compile(r"\x00"))
    assert any(abrupt(c) != c["warns"] for c in STOPPING)


@pytest.mark.parametrize(
    ("text", "tapers"),
    [
        ("If the dose is reduced, discontinued, or replaced, this should be done gradually over a week.", True),
        ("Talk to your doctor about slowly stopping it.", True),
        ("Except for serious reactions, lower the dose slowly when the drug is discontinued.", True),
        ("Clonidine can then be discontinued some days later by gradually lowering its dose.", False),
        ("The dose may be stopped at any time or increased gradually.", False),
    ],
)
def test_what_is_a_taper_of_the_labels_own_medicine(text: str, tapers: bool) -> None:
    read = label(sections=[("34068-7", "DOSAGE", [text])])
    assert bool(extract(read).stopping.tapers) == tapers


def test_who_a_maximum_is_for_is_no_cross_reference_and_no_next_heading() -> None:
    texts = [
        "Adults: up to a daily maximum of 40 mg (see PRECAUTIONS, Pediatric Use).",
        "2.5 Elderly Patients and Patients with Severe Renal Impairment The recommended initial dosage is 5 mg. Dosage should not exceed 20 mg a day.",
    ]
    found = {m.value: m for m in extract(label(sections=[("34068-7", "DOSAGE", texts)])).maximum}
    assert found[Decimal(40)].population == "Adults"
    assert "recommended" not in found[Decimal(20)].population
    assert "Severe Renal Impairment" in found[Decimal(20)].population


def _highlighted(text: str, dosing: str) -> Label:
    raw = (
        '<component><section><code code="34068-7" codeSystem="2.16.840.1.113883.6.1"/><title>2 DOSAGE</title>'
        f"<text><paragraph>{dosing}</paragraph></text><excerpt><highlight><text><paragraph>{text}</paragraph></text></highlight></excerpt>"
        "</section></component>"
    )
    return label(raw=raw)


@pytest.mark.parametrize(
    ("text", "dosing", "wanted"),
    [
        ("The maximum dosage is 600 mg three times daily (1,800 mg daily).", "See Table 1.", [(1800, "day")]),
        ("The maximum dosage is 80 mg/day.", "Do not exceed 40 mg twice daily.", [(40, "dose")]),
        ("Start with 5 mg once daily.", "See Table 1.", []),
    ],
)
def test_highlights_add_only_what_the_full_text_does_not_say(
    text: str, dosing: str, wanted: list[tuple[int, str]]
) -> None:
    assert [(m.value, m.per) for m in extract(_highlighted(text, dosing)).maximum] == wanted


def test_a_maximum_named_beside_animals_is_no_advice() -> None:
    animals = "Rats were given 3 times the maximum recommended human dose of 60 mg/day."
    dosing = "In severe renal impairment do not exceed 30 mg once daily."
    facts = extract(label(sections=[("34068-7", "DOSAGE", [dosing]), ("42228-7", "PREGNANCY", [animals])]))
    assert [(m.value, m.aside) for m in facts.maximum] == [(30, False), (60, True)]
    assert [m.value for m in facts.advised_maximum] == [30]


def test_under_a_title_about_stopping_a_described_class_is_the_labels_own() -> None:
    text = "Confusion has been reported in association with rapid dose reduction, withdrawal of, or changes in drugs that increase central dopaminergic tone."

    def warns(title: str) -> bool:
        return extract(label(sections=[("43685-7", title, [text])])).stopping.abrupt

    assert warns("5.7 Withdrawal-Emergent Hyperpyrexia")
    assert not warns("5.7 Hyperpyrexia and Confusion")
    assert not warns("5.7 Withdrawal of Opioids")


def test_a_table_run_together_in_the_text_is_read_as_rows() -> None:
    table = (
        "<table><tbody><tr><td>Use</td><td>Starting Dose</td><td>Maximum Dose</td></tr><tr><td>Cramp in adults</td><td>5 mg daily</td><td>40 mg daily</td></tr>"
        "<tr><td>Spasm in adults</td><td>10 mg daily</td><td>60 mg daily</td></tr></tbody></table>"
    )
    text = (
        "2 DOSAGE AND ADMINISTRATION 2.1 Adults Doses are in the table. Use Starting Dose Maximum Dose Cramp in adults 5 mg daily 40 mg daily "
        "Spasm in adults 10 mg daily 60 mg daily 2.2 Kidneys The maximum dose is 15 mg daily."
    )
    record = {"set_id": "a", "dosage_and_administration": [text], "dosage_and_administration_table": [table]}
    read = read_label(json.dumps({"results": [record]}).encode(), "x.json")
    assert sorted((int(m.value), m.per) for m in extract(read).maximum) == [(15, "day"), (40, "day"), (60, "day")]


def test_openfda_gives_each_table_its_own_heads_and_its_cells_their_limits() -> None:
    def table(*rows: tuple[str, ...]) -> str:
        return "<table>" + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in r) + "</tr>" for r in rows) + "</table>"

    first = (("Age", "Dose"), ("12 years and over", "1 tablet. Do not take more than 7 tablets in 24 hours."))
    second = (("Weight", "Start", "Maximum Dose"), ("up to 40 kg", "5 mg daily", "30 mg daily"))
    flat = " ".join(c for rows in (first, second) for r in rows for c in r)
    record = {
        "set_id": "a",
        "dosage_and_administration": [f"Directions Doses: {flat} Swallow whole."],
        "dosage_and_administration_table": [table(*first), table(*second)],
    }
    found = extract(read_label(json.dumps({"results": [record]}).encode(), "x.json")).maximum
    assert sorted((int(m.value), m.unit, m.per, m.population) for m in found) == [
        (7, "tablet", "day", "12 years and over"),
        (30, "mg", "day", "Weight up to 40 kg"),
    ]


def test_nothing_said_is_not_stated() -> None:
    facts = extract(label(sections=[("34067-9", "USES", ["For cramp."])]))
    assert set(facts.not_stated) >= {
        "stopping",
        "maximum_dose",
        "boxed_warning",
        "missed_dose",
        "kidney",
        "alcohol",
        "appearance",
    }


def test_who_and_what_for_come_from_the_sentence_the_heading_or_the_table() -> None:
    table = (
        "<table><thead><tr><th>Indication</th><th>Starting dose</th><th>Maximum daily dose</th></tr></thead>"
        "<tbody><tr><td>Panic</td><td>10 mg</td><td>60 mg</td></tr></tbody></table>"
    )
    inner = (
        '<component><section><code code="34068-7" codeSystem="2.16.840.1.113883.6.1"/><title>2 DOSAGE AND ADMINISTRATION</title>'
        '<component><section><code code="42229-5"/><title>2.1 Migraine</title><text><paragraph>The maximum dose is 30 mg a day.</paragraph></text></section></component>'
        '<component><section><code code="42229-5"/><title>2.2 Pediatric Patients</title><text><paragraph>The maximum dose is 15 mg a day.</paragraph></text></section></component>'
        f'<component><section><code code="42229-5"/><title>2.3 Other uses</title><text>{table}</text></section></component>'
        "</section></component>"
    )
    found = {m.value: m for m in extract(label(raw=inner)).maximum}
    assert found[Decimal(30)].indication == "Migraine"
    assert found[Decimal(15)].population == "Pediatric Patients"
    assert (found[Decimal(60)].indication, found[Decimal(60)].per, found[Decimal(60)].section_code) == (
        "Panic",
        "day",
        "34068-7",
    )


def test_the_spans_are_the_labels_own_words() -> None:
    read = label(sections=[("34071-1", "WARNINGS", ["Take care. Do not stop Examplone suddenly. Ask first."])])
    p = extract(read).stopping.warnings[0]
    block = next(x for x in read.walk("text") if x.section.code == "34071-1").section.blocks[p.block]
    assert block.words[p.start : p.end] == p.quote == "Do not stop Examplone suddenly."


def test_alcohol_as_an_ingredient_is_no_warning() -> None:
    read = label(sections=[("34071-1", "WARNINGS", ["It contains benzyl alcohol."])])
    assert not extract(read).stated("alcohol")


def test_period_words() -> None:
    assert period(" three times a day") == ("dose", Decimal(3))
    assert period(" every 6 hours") == ("dose", Decimal(4))
    assert period(" at bedtime") == ("night", None)
    assert period(" of water") == ("", None)


def test_the_contract_holds_its_schema() -> None:
    import jsonschema

    from posology.labels import schemas

    read = label(
        sections=[
            ("34066-1", "WARNING", ["Do not stop Examplone suddenly."]),
            ("34068-7", "DOSAGE", ["The maximum dose is 40 mg a day."]),
        ]
    )
    made = json.loads(json.dumps(label_json(read), default=float))
    jsonschema.validate(made, schemas.load("label"))
    assert made["boxed_warning"]
    assert made["boxed_warning_has_text"]
    assert made["abrupt_section_codes"] == ["34066-1"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**made, "products": "none"}, schemas.load("label"))


def test_every_development_label_holds_its_schema() -> None:
    import jsonschema

    from posology.labels import files, schemas
    from posology.labels.view import sections_json

    root = shared("data/labels")
    contract = jsonschema.Draft202012Validator(schemas.load("label"))
    wrong, count = [], 0
    for m in files.members([root]):
        for read in (
            [] if isinstance(m, files.Failure) or "diflucan" in m.where else files.read_labels(m.load(), m.where)
        ):
            made = {**label_json(read), "sections": sections_json(read.sections)}
            count += 1
            wrong += [(m.where, e.json_path) for e in contract.iter_errors(json.loads(json.dumps(made, default=float)))]
    assert wrong == []
    assert count > 60


def test_development_labels_as_read_by_hand() -> None:
    from posology.labels import read_file

    root = shared("data/labels")
    wrong = []
    for row in json.loads((HERE / "development_labels.json").read_text("utf-8")):
        facts = extract(read_file(root / row["file"]))
        got = sorted({(f"{m.value.normalize():f}", m.unit, m.per) for m in facts.maximum})
        if (facts.stopping.abrupt, got) != (row["abrupt"], sorted(map(tuple, row["max"]))):
            wrong.append((row["file"], facts.stopping.abrupt, got))
    assert wrong == []


def test_every_topic_of_the_view_is_in_the_table() -> None:
    read = label()
    assert set(label_json(read)["facts"]) == {"stopping", "boxed_warning", *topics.TOPICS}


def topic(name: str, *sections: tuple[str, str, list[str]]) -> list[str]:
    return [p.quote for p in extract(label(sections=list(sections))).topics[name]]


@pytest.mark.parametrize(
    ("name", "code", "text", "found"),
    [
        ("steps", "34068-7", "The dose may be increased by 0.5 mg every 3 days.", True),
        ("starting_dose", "34068-7", "Start with 0.01 to 0.03 mg/kg and go to 2.5 mg.", True),
        ("lactation", "34071-1", "Blood lactate rose above 5 mmol/L.", False),
        ("lactation", "34071-1", "It passes into the milk of lactating women.", True),
        ("lactation", "34080-2", "8.3 Females and Males of Reproductive Potential It may harm.", False),
        ("driving", "34076-0", "Made by Example Labs, 1 Old Mill Drive, Springfield.", False),
        ("driving", "34076-0", "Do not drive until you know how it affects you.", True),
        ("kidney", "34071-1", "Rhabdomyolysis with acute renal failure has been reported.", False),
        ("kidney", "34071-1", "Lower the dose in renal impairment.", True),
        ("interactions", "42232-9", "Concomitant use with examplamine slows its breakdown.", True),
        ("interactions", "42232-9", "Concomitant illness may matter.", False),
        ("interactions", "34067-9", "It relieves spasm and concomitant pain.", False),
        ("interactions", "34071-1", "The effects may be additive to those of sleeping pills.", True),
        ("steps", "34068-7", "5 mg t.i.d. for 3 days, 10 mg t.i.d. for 3 days", True),
    ],
)
def test_what_a_topic_is(name: str, code: str, text: str, found: bool) -> None:
    assert topic(name, (code, "SECTION", [text])) == ([text] if found else [])


def test_the_section_about_a_topic_is_told_before_one_that_speaks_of_it() -> None:
    speaks, about = "Renal function should be watched.", "Half the dose is given."
    assert topic("kidney", ("34071-1", "WARNINGS", [speaks]), ("88828-9", "Renal Impairment", [about])) == [
        about,
        speaks,
    ]


def test_a_title_with_nothing_below_it_is_what_the_section_says() -> None:
    found = extract(label(sections=[("34070-3", "4.1 Active liver disease", [])])).topics["contraindications"]
    assert [(p.quote, p.block) for p in found] == [("4.1 Active liver disease", -1)]


def test_an_item_is_known_by_the_words_it_completes() -> None:
    items = "<list><item>have asthma</item><item>have a slow heart</item></list>"
    found = extract(label(sections=[("42230-3", "LEAFLET", ["Do not take it if you:", items])])).topics[
        "contraindications"
    ]
    assert [(p.lead, p.quote) for p in found] == [
        ("Do not take it if you:", "have asthma"),
        ("Do not take it if you:", "have a slow heart"),
    ]


def test_the_lead_of_an_inner_list_is_the_item_around_it() -> None:
    inner = "<list><item>eases pain of:<list><item>the head</item></list></item><item>lowers fever</item></list>"
    found = [s.passage for s in all_sentences(label(sections=[("34067-9", "Uses", [inner])])) if s.passage.block >= 0]
    assert [(p.lead, p.quote) for p in found[-3:]] == [
        ("Uses", "eases pain of:"),
        ("eases pain of:", "the head"),
        ("Uses", "lowers fever"),
    ]


def test_a_table_of_doses_miscoded_as_a_box_is_none_beside_a_real_one() -> None:
    inner = '<component><section><code code="34066-1"/><text><paragraph>Moderate: 2 mg.</paragraph></text></section></component>'
    doses = f'<component><section><code code="34068-7"/><title>DOSAGE</title>{inner}</section></component>'
    real = ("34066-1", "WARNING", ["It can kill."])
    assert [p.quote for p in extract(label(sections=[real], raw=doses)).boxed] == ["It can kill."]
    assert [p.quote for p in extract(label(raw=doses)).boxed] == ["Moderate: 2 mg."]


LEAFLET = [
    "Do not take Examplone:", "If you are allergic to it.", "Other medicines and Examplone", "Tell your doctor what you take.",
    "If you forget to take Examplone", "Take the next at its time.", "Never take a double dose.",
    "If you take more Examplone than you should", "Show the pack.", "Driving and using machines", "It can blur sight.", "Do take care.",
]  # fmt: skip


def test_a_heading_inside_a_section_says_what_the_lines_below_it_are_about() -> None:
    found = extract(label(sections=[("1", "2. What you need to know", LEAFLET)])).topics
    said = {
        name: [p.quote for p in found[name]]
        for name in ("contraindications", "interactions", "missed_dose", "overdose", "driving")
    }
    assert said == {
        "contraindications": ["If you are allergic to it."],
        "interactions": ["Tell your doctor what you take."],
        "missed_dose": ["Take the next at its time.", "Never take a double dose."],
        "overdose": ["Show the pack."],
        "driving": ["It can blur sight.", "Do take care."],
    }


def test_a_heading_over_a_list_reaches_to_the_end_of_the_list() -> None:
    lines = ["Do not take it if you:", "<list><item>have asthma</item></list>", "Tell your doctor what you have."]
    assert topic("contraindications", ("42231-1", "GUIDE", lines)) == ["have asthma"]


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("Possible side effects", True),
        ("What should I avoid while taking it?", True),
        ("Genitourinary: dysuria, enuresis", False),
        ("Adults 20 mg twice daily", False),
        ("It is for made-up cramp", False),
        ("Take care.", False),
    ],
)
def test_what_is_a_heading(line: str, head: bool) -> None:
    found = next(s for s in all_sentences(label(sections=[("1", "T", [line, "More."])])) if s.text == line)
    assert found.is_head is head
