"""Drafting, verifying and comparing; and the commands: their JSON, exit statuses and clear errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from posology import library
from posology.errors import RefusedError
from posology.labels import read_file, schemas
from posology.labels.diff import diff, diff_json
from posology.labels.draft import draft
from posology.labels.verify import verify, verify_json
from tests.labels.build import label, spl
from tests.labels.test_audit import SECTIONS
from tests.shared import shared

TAPER = (
    "34071-1",
    "WARNINGS",
    [
        "Abrupt withdrawal of examplone can cause seizures.",
        "When discontinuing, taper examplone by 10 mg every 2 weeks.",
        "Use with caution in renal impairment.",
    ],
)


def medicine(text: str, tmp_path: Path) -> Any:
    path = tmp_path / "medicine.toml"
    path.write_text(text, "utf-8")
    return library.load_medicine(path)


def test_a_draft_is_a_medicine_file_with_nothing_verified(tmp_path: Path) -> None:
    made = draft([label(sections=[*SECTIONS, TAPER])])
    m = medicine(made.toml, tmp_path)
    assert (m.id, made.products, len(m.products)) == ("examplone", 1, 1)
    assert not any(s.verified for s in m.statements)
    assert not any(p.verified for p in m.products)
    rules = {s.rule.kind for s in m.statements if s.rule is not None}
    assert {"max-per-day", "starting-dose", "taper"} <= rules
    taper = next(s.rule for s in m.statements if s.rule is not None and s.rule.kind == "taper")
    assert (taper.shape, str(taper.amount), taper.every_days) == ("amount-per-interval", "10 mg", 14)
    assert any("not stated" in t for t in made.todo)


def test_a_draft_holds_none_of_the_labels_sentences() -> None:
    read = label(sections=[*SECTIONS, TAPER])
    sentences = [b.text for p in read.walk("text") for b in p.section.blocks if len(b.text.split()) > 4]
    made = draft([read]).toml
    assert not [s for s in sentences if s in made]


def test_a_draft_of_two_medicines_or_of_no_medicine_is_refused() -> None:
    with pytest.raises(RefusedError, match="different medicines"):
        draft([label(), label(generic="otherol")])
    with pytest.raises(RefusedError, match="dietary supplement"):
        draft([label(code="58476-3", display="DIETARY SUPPLEMENT")])


def test_two_labels_of_one_medicine_make_one_file(tmp_path: Path) -> None:
    other = label(
        setid="00000000-0000-4000-8000-000000000002",
        strength=("5", "mg", "5", "mL"),
        form="SOLUTION",
        ndc="99999-002",
        sections=SECTIONS,
    )
    m = medicine(draft([label(sections=SECTIONS), other]).toml, tmp_path)
    assert len(m.sources) == 2
    assert {p.form for p in m.products} == {"tablet", "solution"}


def drafted(tmp_path: Path, **changes: str) -> Any:
    text = draft([label(sections=[*SECTIONS, TAPER])]).toml.replace(
        'verified = false\nbasis = "read in part"', "verified = true"
    )
    for old, new in changes.items():
        assert old.replace("_", " ") in text
        text = text.replace(old.replace("_", " "), new)
    return medicine(text, tmp_path)


def test_every_rule_of_a_right_file_is_held(tmp_path: Path) -> None:
    result = verify(drafted(tmp_path), [label(sections=[*SECTIONS, TAPER])])
    assert not result.wrong
    assert result.counts.get("held", 0) >= 4
    jsonschema.validate(json.loads(json.dumps(verify_json(result))), schemas.load("verify"))


def test_a_wrong_number_is_found(tmp_path: Path) -> None:
    m = medicine(
        draft([label(sections=SECTIONS)])
        .toml.replace('amount = "40 mg"', 'amount = "44 mg"')
        .replace('verified = false\nbasis = "read in part"', "verified = true"),
        tmp_path,
    )
    result = verify(m, [label(sections=SECTIONS)])
    assert [(r.state, r.missing) for r in result.wrong] == [("wrong", ("44 mg",))]


def test_a_number_of_another_section_is_said(tmp_path: Path) -> None:
    m = medicine(draft([label(sections=SECTIONS)]).toml.replace('section = "34068-7"', 'section = "34070-3"'), tmp_path)
    states = {r.state for r in verify(m, [label(sections=SECTIONS)]).rows}
    assert "elsewhere" in states


@pytest.mark.parametrize(
    ("words", "rule", "held"),
    [
        ("Give 5 mg three times daily.", 'kind = "usual-range", low = "15 mg", high = "15 mg"', True),
        ("Give 5 mg three times daily.", 'kind = "usual-range", low = "15 mg", high = "20 mg"', False),
        ("Raise it at weekly intervals by 5 mg.", 'kind = "titration-step", every_days = 7, per_day = "5 mg"', True),
        ("Raise it every third day by 5 mg.", 'kind = "titration-step", every_days = 3, per_day = "5 mg"', True),
        ("Raise it every third day by 5 mg.", 'kind = "titration-step", every_days = 4, per_day = "5 mg"', False),
        ("Taper over 2 weeks.", 'kind = "taper", shape = "minimum-duration", days = 14', True),
        ("Taper over 2 weeks.", 'kind = "taper", shape = "minimum-duration", days = 7', False),
        ("No more than 0.5 g.", 'kind = "max-per-dose", amount = "500 mg"', True),
        ("Use 10, 20 or 40 mg.", 'kind = "max-per-dose", amount = "20 mg"', True),
        ("Doses of 1,200 mg.", 'kind = "max-per-day", amount = "1200 mg"', True),
        ("Doses of 1,200 mg.", 'kind = "max-per-day", amount = "200 mg"', False),
        ("Reduce by 25% to 50%.", 'kind = "caution", action = "reduce", percent = 25', True),
        ("Wait 6 hours.", 'kind = "interval", least_hours = 6', True),
        ("Wait 16 hours.", 'kind = "interval", least_hours = 6', False),
    ],
)
def test_numbers_in_the_labels_own_writing(words: str, rule: str, held: bool, tmp_path: Path) -> None:
    read = label(sections=[("34068-7", "DOSAGE", [words])])
    text = draft([read]).toml.split("[statement.")[0]
    text += f'\n[statement.x]\nsubject = "dose"\nsource = "label-2026"\nsection = "34068-7"\ntext = "A fact."\nverified = true\nrule = {{ {rule} }}\n'
    result = verify(medicine(text, tmp_path), [read])
    assert (result.rows[0].state == "held") == held


def test_what_changed_between_two_editions() -> None:
    new = [
        ("34066-1", "WARNING", ["Examplone raised the risk of suicidal thoughts in young adults."]),
        (
            "34068-7",
            "DOSAGE",
            [
                "The recommended starting dose is 5 mg three times daily.",
                "The maximum recommended dose is 30 mg per day.",
            ],
        ),
        (
            "34071-1",
            "WARNINGS",
            ["Abrupt discontinuation of examplone can cause seizures. Reduce the dose gradually.", "Avoid alcohol."],
        ),
    ]
    old = [
        (
            *new[1][:2],
            [
                "The recommended starting dose is 5 mg three times a day.",
                "The maximum recommended dose is 40 mg per day.",
            ],
        )
    ]
    result = diff(label(sections=old, effective="20200101"), label(sections=new, imprint="EX"))
    said = {c.topic: c.summary for c in result.changes}
    assert said["boxed_warning"] == "A boxed warning is new."
    assert said["stopping"] == "It now warns against stopping suddenly."
    assert said["maximum_dose"] == "The highest dose changed: 40 mg a day before, 30 mg a day now."
    assert said["alcohol"] == "It now speaks of alcohol."
    assert "starting_dose" not in said
    jsonschema.validate(json.loads(json.dumps(diff_json(result))), schemas.load("diff"))
    assert diff(label(sections=new), label(sections=new)).changes == ()


def test_odd_pairs_are_remarked_on() -> None:
    a, b = label(effective="20270101"), label(name="Otherol", generic="otherol", setid="z")
    notes = " ".join(diff(a, b).notes)
    assert "different medicines" in notes
    assert "set ids differ" in notes
    assert "newer" in notes


# -- commands -------------------------------------------------------------------------------------------------------


def run(*args: str | Path) -> Any:
    from posology.cli import app
    from posology.errors import PosologyError

    done = CliRunner().invoke(app, [str(a) for a in args])
    if done.exception is not None and not isinstance(done.exception, (SystemExit, PosologyError)):
        raise done.exception
    return done


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "a.xml").write_bytes(spl(sections=SECTIONS))
    (tmp_path / "bad.xml").write_bytes(b"<nothing")
    (tmp_path / "page.txt").write_text("Examplone\n\nYou can stop Examplone at any time.", "utf-8")
    return tmp_path


def test_read_prints_the_contract(here: Path) -> None:
    made = json.loads(run("label", "read", here / "a.xml", "--json").stdout)
    jsonschema.validate(made, schemas.load("label"))
    assert made["max_dose"][0]["value"] == 40
    assert "sections" in json.loads(run("label", "read", here / "a.xml", "--json", "--sections").stdout)
    shown = run("label", "read", here / "a.xml").stdout
    assert "40 mg a day" in shown
    assert "not stated" in shown


def test_batch_writes_a_line_each(here: Path) -> None:
    done = run("label", "read", here / "a.xml", here / "bad.xml", here / "none.xml", "--batch")
    rows = [json.loads(x) for x in done.stdout.splitlines()]
    assert [("error" in r) for r in rows] == [False, True, True]
    assert rows[0]["setid"]
    jsonschema.validate(rows[0], schemas.load("label"))


def test_index_and_search(here: Path) -> None:
    made = json.loads(run("label", "index", here, "--index", here / "x.db", "--json").stdout)
    assert (made["added"], made["failed"]) == (1, 1)
    found = json.loads(run("search", "examplone", "--index", here / "x.db", "--json").stdout)
    assert found["hits"][0]["name"] == "Examplone"
    assert "Examplone" in run("search", "Examplone", "--index", here / "x.db").stdout
    assert run("label", "index", here / "bad.xml", "--index", here / "y.db").exit_code == 1
    assert "No label was found" in run("search", "zzzz", "--index", here / "x.db").stdout


def test_audit_exit_statuses(here: Path) -> None:
    args = ("audit", here / "page.txt", "--label", here / "a.xml")
    assert run(*args).exit_code == 3
    assert run(*args, "--fail-on", "never").exit_code == 0
    made = run(*args, "--json")
    assert "contradicts_stopping_advice" in {i["type"] for i in json.loads(made.stdout)["issues"]}
    assert json.loads(run(*args, "--sarif").stdout)["version"] == "2.1.0"
    shown = run(*args).stdout
    assert "CRITICAL: a reader could come to harm." in shown
    assert "line 3: contradicts the advice on stopping  [contradicts_stopping_advice]" in shown
    by_file = run("audit", here / "page.txt", "--medicine", "examplone", "--json")
    assert json.loads(by_file.stdout)["reference"].startswith("the medicine file")


@pytest.mark.parametrize(
    "args",
    [("audit", "page.txt"), ("audit", "page.txt", "--label", "a.xml", "--fail-on", "kritical"), ("audit", "page.txt", "--label", "a.xml", "--json", "--sarif"),
     ("audit", "none.txt", "--label", "a.xml"), ("audit", "page.txt", "--label", "bad.xml"), ("label", "read", "a.xml", "bad.xml"), ("label", "read", "bad.xml")],
)  # fmt: skip
def test_errors_are_ours(args: tuple[str, ...], here: Path) -> None:
    from posology.errors import PosologyError

    done = run(*(here / a if "." in a else a for a in args))
    assert isinstance(done.exception, PosologyError)
    assert "Traceback" not in done.output


def test_import_verify_and_diff(here: Path) -> None:
    out = here / "m.toml"
    assert run("label", "import", here / "a.xml", "--out", out).exit_code == 0
    assert library.load_medicine(out).id == "examplone"
    assert json.loads(run("label", "import", here / "a.xml", "--json").stdout)["statements"] > 3
    assert run("label", "verify", out, "--label", here / "a.xml").exit_code == 0
    out.write_text(
        out.read_text("utf-8")
        .replace('amount = "40 mg"', 'amount = "44 mg"')
        .replace('verified = false\nbasis = "read in part"', "verified = true"),
        "utf-8",
    )
    assert run("label", "verify", out, "--label", here / "a.xml").exit_code == 3
    assert json.loads(run("label", "verify", out, "--label", here / "a.xml", "--json").stdout)["wrong"] == 1
    assert "Nothing changed" in run("label", "diff", here / "a.xml", here / "a.xml").stdout
    assert json.loads(run("label", "diff", here / "a.xml", here / "a.xml", "--json").stdout)["changes"] == []


def test_real_labels_draft_to_files_that_load(tmp_path: Path) -> None:
    made = 0
    for path in sorted(shared("data/labels/spl").glob("*.xml"))[:8]:
        read = read_file(path)
        if read.human_drug and read.products:
            held = medicine(draft([read]).toml, tmp_path)
            made += 1
            assert held.products, path.name
            assert not [s.id for s in held.statements if s.verified], path.name  # a program checked nothing
    assert made >= 3


def test_real_editions_compare() -> None:
    old, new = sorted(shared("data/labels/openfda-history").glob("*.json"))
    topics = {c.topic for c in diff(read_file(old), read_file(new)).changes}
    assert {"boxed_warning", "missed_dose"} <= topics


def test_a_draft_takes_a_missed_dose_when_remembered_and_says_each_fact_once() -> None:
    inner = "".join(
        f'<component><section><code code="42229-5"/><title>2.{n} {use}</title><text><paragraph>The recommended starting dose is 5 mg twice daily.</paragraph></text></section></component>'
        for n, use in ((1, "Cramp"), (1, "Cramp"), (2, "Spasm"))
    )
    raw = f'<component><section><code code="34068-7" codeSystem="2.16.840.1.113883.6.1"/><title>2 DOSAGE AND ADMINISTRATION</title>{inner}</section></component>'
    missed = (
        "42230-3",
        "PATIENT INFORMATION",
        ["If you miss a dose, take it as soon as you remember, unless it is time for your next dose."],
    )
    text = draft([label(sections=[missed], raw=raw)]).toml
    assert text.count("The label starts with 5 mg, 2 times a day. For: Cramp.") == 1
    assert text.count("The label starts with 5 mg, 2 times a day. For: Spasm.") == 1
    assert 'method = "skip-if-nearly"' in text


def test_a_draft_cites_the_section_that_is_about_a_topic() -> None:
    read = label(
        sections=[
            ("34073-7", "DRUG INTERACTIONS", ["An overdosage of it with other medicines was seen."]),
            ("34088-5", "OVERDOSAGE", ["Call a poison center."]),
        ]
    )
    part = draft([read]).toml.partition("[statement.overdose]")[2]
    assert 'section = "34088-5"' in part.partition("\n\n")[0]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("The recommended starting dose is 10 or 20 mg once daily.", "10 or 20 mg a day"),
        ("The usual initial dosage is 25 mg to 100 mg daily.", "25 to 100 mg a day"),
        ("Although less than 8 mg was not shown to work, begin treatment with 4 mg.", "names 4 mg as"),
        ("Patients on less than 1500 mg a day should be started on 25 mg three times a day.", "25 mg, 3 times a day"),
        ("The starting dose is 2 mg every 6 to 8 hours, as needed.", "names 2 mg as"),
        ("The initial dose should not exceed 1.5 mg/day in three doses.", "at most 1.5 mg a day"),
        (
            "2.5 Recommended Dosage for Elderly Patients The recommended initial dosage is 10 mg per day.",
            "For: Elderly Patients.",
        ),
    ],
)
def test_a_first_dose_is_drafted_as_the_label_gives_it(words: str, shown: str) -> None:
    assert shown in draft([label(sections=[("34068-7", "DOSAGE AND ADMINISTRATION", [words])])]).toml


def test_a_label_that_no_source_names_is_said(here: Path) -> None:
    example = Path("docs/examples")
    held = run("label", "verify", example / "examplone.toml", "--label", example / "examplone-label.xml")
    assert held.exit_code == 0
    (here / "z.xml").write_bytes(spl(setid="ffffffff-0000-4000-8000-0000000000ff"))
    strange = run("label", "verify", example / "examplone.toml", "--label", here / "z.xml")
    assert strange.exit_code == 1
    assert "z.xml: No source of examplone names this label" in strange.stderr
