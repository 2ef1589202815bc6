"""The baclofen file says all that the reference says, as the real US label says it, and judges the whole first page."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from attrs import evolve
from click.testing import CliRunner

from posology import library
from posology.amount import Amount
from posology.medicine import (
    Caution,
    DosesPerDay,
    MaxPerDay,
    Medicine,
    MissedDose,
    SideEffect,
    StartingDose,
    Statement,
    Taper,
    TitrationStep,
    UsualRange,
    WithdrawalOnset,
    WithdrawalSign,
)
from tests.shared import shared

ROWS = Path(__file__).resolve().parent.parent / "data" / "baclofen_rows.toml"
LABEL = "data/labels/spl-rebuilt/baclofen__07730b69.xml"
LABEL_SOURCE = "us-label-2014"
PAGE = "data/pages/what-is-baclofen.txt"


@pytest.fixture(scope="module")
def baclofen() -> Medicine:
    return library.load_medicine(library.DATA / "medicines" / "baclofen" / "medicine.toml")


def maxima(m: Medicine, country: str) -> dict[str, set[Amount]]:
    """The largest amounts a day for adults without other conditions, by what being above them does."""
    found: dict[str, set[Amount]] = {}
    for s in m.rules(MaxPerDay):
        assert isinstance(s.rule, MaxPerDay)
        if m.of(s) == country and s.covers.everyone:
            found.setdefault(s.rule.above, set()).add(s.rule.amount)
    return found


# --------------------------------------------------------------------------------------------------- what must be in it


def test_the_largest_amounts_a_day_are_each_country_s_own(baclofen: Medicine) -> None:
    mg = lambda n: {Amount(n, "mg")}  # noqa: E731
    assert maxima(baclofen, "US") == {"stop": mg(80)}
    assert maxima(baclofen, "CA") == {"stop": mg(80)}
    assert maxima(baclofen, "SG") == {"stop": mg(80)}
    assert maxima(baclofen, "DE") == {"stop": mg(75)}
    assert maxima(baclofen, "GB") == {"stop": mg(100), "warn": mg(80)}
    assert maxima(baclofen, "FR") == maxima(baclofen, "CH") == {}, "none was found, and none is made up"
    assert not baclofen.statement("gb-max-per-day").verified


def test_no_largest_single_dose_is_inferred(baclofen: Medicine) -> None:
    assert not [s for s in baclofen.statements if s.rule is not None and s.rule.kind == "max-per-dose"]


@pytest.mark.parametrize("country", ["US", "GB", "DE"])
def test_a_country_has_every_subject(baclofen: Medicine, country: str) -> None:
    subjects = [
        "what-it-is",
        "uses",
        "before",
        "dose",
        "children",
        "how-to-take",
        "measuring",
        "missed",
        "too-much",
        "stopping",
        "withdrawal",
        "ran-out",
        "hospital",
        "side-effects",
        "conditions",
        "other-medicines",
        "alcohol",
        "driving",
        "kidneys",
        "liver",
        "older-people",
        "pregnancy",
        "breastfeeding",
        "allergy",
        "pump",
        "storage",
        "products",
    ]
    missing = [x for x in subjects if not baclofen.about(x, country)]
    assert missing == []


def test_each_country_has_its_own_way_of_coming_off(baclofen: Medicine) -> None:
    shapes = {
        (baclofen.of(s), s.rule.shape, s.rule.days, s.rule.days_high)
        for s in baclofen.rules(Taper)
        if isinstance(s.rule, Taper) and s.covers.everyone
    }
    assert shapes == {
        ("US", "slowly", None, None),
        ("GB", "minimum-duration", 7, 14),
        ("CA", "minimum-duration", 7, 14),
        ("SG", "minimum-duration", 7, 14),
        ("DE", "minimum-duration", 7, 14),
    }
    for id in ("ch-stop-long-use", "de-stop-long-use"):
        s = baclofen.statement(id)
        assert s.covers.days_taken is not None
        assert s.covers.days_taken.holds(Amount(90, "d"))
        assert not s.covers.days_taken.holds(Amount(30, "d"))
        assert isinstance(s.rule, Taper)
        assert s.rule.days == 21
    france = baclofen.statement("fr-stop-high-dose")
    assert not france.verified
    assert france.covers.dose_per_day is not None
    assert not france.covers.dose_per_day.holds(Amount(80, "mg"))


def test_the_missed_dose_rules_stay_apart(baclofen: Medicine) -> None:
    found = {}
    for s in baclofen.rules(MissedDose):
        assert isinstance(s.rule, MissedDose)
        found[s.id] = (s.rule.method, s.rule.hours if s.rule.hours is not None else s.rule.fraction)
    assert {k: (m, str(n)) for k, (m, n) in found.items()} == {
        "gb-missed-nhs": ("skip-if-next-within", "2"),
        "gb-missed-child": ("wait-after", "4"),
        "sg-missed": ("skip-if-past", "1/2"),
        "us-missed": ("take-within", "1"),
    }


def test_avoid_and_reduce_and_the_two_kidney_measures_stay_apart(baclofen: Medicine) -> None:
    by: dict[str, set[str]] = {}
    for s in baclofen.rules(Caution):
        assert isinstance(s.rule, Caution)
        if s.covers.kidney is not None and s.rule.action in ("avoid", "reduce"):
            by.setdefault(s.covers.kidney.unit, set()).add(s.rule.action)
    assert by == {"mL/min": {"reduce"}, "mL/min/{1.73_m2}": {"avoid", "reduce"}}


def test_every_urgency_has_its_signs_and_the_onset_its_hours(baclofen: Medicine) -> None:
    assert {s.rule.urgency for s in baclofen.rules(WithdrawalSign)} == {"emergency", "urgent", "early"}  # type: ignore[union-attr]
    onset = baclofen.statement("withdrawal-onset-cases").rule
    assert isinstance(onset, WithdrawalOnset)
    assert (onset.hours, onset.hours_high) == (18, 31)


def test_only_what_a_label_scores_is_split(baclofen: Medicine) -> None:
    assert {p.id for p in baclofen.products if p.parts != 1} == {"us-tablet-10mg", "us-tablet-20mg", "gb-tablet-10mg"}
    assert baclofen.product("us-suspension-5mg-per-ml").shake
    assert set(baclofen.reject) == {"308517", "1666613"}


def test_codes_not_verified_stand_nowhere(baclofen: Medicine) -> None:
    codes = {c for p in baclofen.products for c in p.codes.values()} | {
        c for i in baclofen.ingredients for c in i.codes.values()
    }
    assert not codes & {"1292", "71837009", "2679605", "8163", "199280"}
    assert not codes & set(baclofen.reject)


def test_the_four_liquid_columns_agree_with_the_labels(baclofen: Medicine) -> None:
    table = {5: ("5", "2.5", "1"), 10: ("10", "5", "2"), 15: ("15", "7.5", "3"), 20: ("20", "10", "4")}
    ids = ("us-solution-1mg-per-ml", "us-solution-2mg-per-ml", "us-suspension-5mg-per-ml")
    for mg, volumes in table.items():
        for id, ml in zip(ids, volumes, strict=True):
            strength = baclofen.product(id).strength
            assert Amount(mg, "mg").value / strength.amount.value * strength.per.value == Amount(ml, "mL").value


# ------------------------------------------------------------------------------------ every row of the reference is there


def unaccounted(rows: Iterable[Mapping[str, Any]], m: Medicine) -> list[str]:
    """What is wrong with the table of rows: an id that is not in the file, a row that leads nowhere, a lost statement."""
    statements, unused = {s.id for s in m.statements}, {u.what for u in m.unused}
    products = {p.id: p for p in m.products}
    wrong: list[str] = []
    seen: set[str] = set()
    for r in rows:
        name = f"{r['section']} {r['start']}"
        ids = [*r.get("statements", ()), *r.get("unused", ()), *r.get("also", ())]
        if not ids:
            wrong.append(f"{name}: leads nowhere")
        wrong += [f"{name}: no statement {x}" for x in r.get("statements", ()) if x not in statements]
        wrong += [f"{name}: no unused entry {x}" for x in r.get("unused", ()) if x not in unused]
        for also in r.get("also", ()):
            kind, _, id = also.partition(":")
            there = {
                "product": id in products,
                "rxnorm": id in products and "rxnorm" in products[id].codes,
                "reject": id in m.reject,
                "ingredient": id in m.ingredients[0].codes,
            }
            if not there[kind]:
                wrong.append(f"{name}: no {also}")
        seen |= set(r.get("statements", ())) | set(r.get("unused", ()))
    return [*wrong, *(f"in no row: {x}" for x in sorted((statements | unused) - seen))]


def test_every_row_leads_to_statements_or_a_reason(baclofen: Medicine) -> None:
    assert unaccounted(tomllib.loads(ROWS.read_text("utf-8"))["row"], baclofen) == []
    assert all(u.reason.strip() for u in baclofen.unused)


def test_a_lost_row_or_statement_is_noticed(baclofen: Medicine) -> None:
    rows = tomllib.loads(ROWS.read_text("utf-8"))["row"]
    lost = evolve(
        baclofen,
        statements=tuple(s for s in baclofen.statements if s.id != "porphyria"),
        claims=(),
    )
    assert unaccounted(rows, lost) == ["6 Conditions: kidney: no statement porphyria"]
    assert "in no row: side-tired" in unaccounted([r for r in rows if r["start"] != "Fatigue |"], baclofen)
    assert unaccounted([*rows, {"section": "9", "start": "x"}], baclofen) == ["9 x: leads nowhere"]


def reference_rows(text: str) -> list[tuple[str, str]]:
    """(section, row) for each table row, bullet and paragraph of sections 1 to 7; heads of tables are no rows."""
    found: list[tuple[str, str]] = []
    section = ""
    lines = text.splitlines()
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("#"):
            number = re.match(r"#{2,3} (\d+(?:\.\d+)?)", line)
            section = number.group(1) if number else ""
        elif not (section and 1 <= int(section.split(".")[0]) <= 7) or not line.strip() or line.strip() == "---":
            continue
        elif line.startswith("|"):
            rule = r"\|[-| ]+\|$"
            if not re.match(rule, line) and not re.match(rule, after):
                found.append((section, " | ".join(c.strip() for c in line.strip("|").split("|"))))
        else:
            found.append((section, line.strip()))
    return [(s, re.sub(r"[*`]", "", row).lstrip("- ")) for s, row in found]


def test_the_table_has_every_row_of_the_reference() -> None:
    reference = reference_rows(shared("reference/baclofen.md").read_text("utf-8"))
    ours = [(r["section"], r["start"]) for r in tomllib.loads(ROWS.read_text("utf-8"))["row"]]
    assert len(reference) > 130
    missing = [row for row in reference if not any(s == row[0] and row[1].startswith(start) for s, start in ours)]
    assert missing == []
    numbered = [row for row in ours if row[0][0] in "1234567"]
    extra = [row for row in numbered if not any(s == row[0] and text.startswith(row[1]) for s, text in reference)]
    assert extra == []


# ----------------------------------------------------------------------------------- held against the real US tablet label


def label_sections(xml: str) -> dict[str, str]:
    """The text of each section of a structured label, by its LOINC code."""
    v3 = "{urn:hl7-org:v3}"
    found: dict[str, str] = {}
    for section in ElementTree.fromstring(xml).iter(f"{v3}section"):
        code = section.find(f"{v3}code")
        if code is not None:
            text = " ".join(" ".join(section.itertext()).split())
            found[code.get("code", "")] = f"{found.get(code.get('code', ''), '')} {text}".strip()
    return found


_OFTEN = {3: "t.i.d.", 4: "q.i.d."}


def _ladder(text: str) -> list[int]:
    return [int(n) for n in re.findall(r"(\d+) mg t\.i\.d\. for \d+ days", text)]


def unsupported(s: Statement, text: str) -> list[str]:
    """The figures of a statement and of its rule that the text of its section does not bear out."""
    wrong: list[str] = []

    def need(pattern: str, what: str) -> None:
        if not re.search(pattern, text):
            wrong.append(f"{s.id}: {what} is not in section {s.section}")

    rule = s.rule
    if isinstance(rule, StartingDose):
        assert rule.per_dose is not None
        need(rf"\b{rule.per_dose.number} mg {re.escape(_OFTEN[rule.times_a_day or 0])}", f"start {rule.per_dose}")
        if _ladder(text)[:1] != [rule.per_dose.value]:
            wrong.append(f"{s.id}: the ladder does not start at {rule.per_dose}")
    elif isinstance(rule, TitrationStep):
        need(rf"t\.i\.d\. for {rule.every_days} days", f"every {rule.every_days} days")
        ladder = _ladder(text)
        assert rule.per_dose is not None
        if {b - a for a, b in pairwise(ladder)} != {rule.per_dose.value}:
            wrong.append(f"{s.id}: steps of {rule.per_dose} are not in section {s.section}")
        if rule.up_to is not None and (not ladder or ladder[-1] * 3 != rule.up_to.value):
            wrong.append(f"{s.id}: up to {rule.up_to} is not in section {s.section}")
    elif isinstance(rule, UsualRange):
        need(rf"between {rule.low.number} to {rule.high.number} mg daily", f"{rule.low} to {rule.high}")
    elif isinstance(rule, MaxPerDay):
        need(rf"maximum of {rule.amount.number} mg daily", f"maximum {rule.amount}")
    elif isinstance(rule, DosesPerDay):
        need(re.escape(_OFTEN.get(rule.low, "?")), f"{rule.low} times a day")
        need(re.escape(_OFTEN.get(rule.high, "?")), f"{rule.high} times a day")
    elif isinstance(rule, SideEffect) and rule.percent is not None:
        need(rf"\({rule.percent} to {rule.percent_high}%\)", f"{rule.percent} to {rule.percent_high} %")
    elif isinstance(rule, Taper):
        need("reduced slowly", "slowly")
    if s.covers.age is not None and s.covers.age.below is not None:
        need(rf"below the age of {s.covers.age.below} years", f"below {s.covers.age.below} years")
    said = re.sub(r"\bin 100\b|\bof 2014\b|GABA-B", "", s.text)
    for figure in re.findall(r"\d+(?:\.\d+)?", said):
        need(rf"(?<![\d.]){re.escape(figure)}(?![\d]|\.\d)", f"the figure {figure}")
    return wrong


def from_label(m: Medicine) -> list[Statement]:
    return [s for s in m.statements if s.source == LABEL_SOURCE and s.verified]


def test_every_figure_taken_from_the_us_label_is_in_its_section(baclofen: Medicine) -> None:
    sections = label_sections(shared(LABEL).read_text("utf-8"))
    assert len(from_label(baclofen)) > 40
    assert [x for s in from_label(baclofen) for x in unsupported(s, sections.get(s.section, ""))] == []


@pytest.mark.parametrize(
    ("id", "change"),
    [
        ("us-max-per-day", lambda s: evolve(s, rule=MaxPerDay(Amount(90, "mg")))),
        ("us-max-per-day", lambda s: evolve(s, text="No more than 800 mg in a day.")),
        ("us-start", lambda s: evolve(s, rule=StartingDose(per_dose=Amount(10, "mg"), times_a_day=3))),
        ("us-start", lambda s: evolve(s, rule=StartingDose(per_dose=Amount(5, "mg"), times_a_day=4))),
        ("us-titration", lambda s: evolve(s, rule=TitrationStep(every_days=2, per_dose=Amount(5, "mg")))),
        ("us-titration", lambda s: evolve(s, rule=TitrationStep(every_days=3, per_dose=Amount(10, "mg")))),
        ("us-usual", lambda s: evolve(s, rule=UsualRange(Amount(40, "mg"), Amount(90, "mg")))),
        ("side-sleepy", lambda s: evolve(s, rule=SideEffect(act="wait", percent=10, percent_high=36))),  # type: ignore[arg-type]
        ("us-stop-slowly", lambda s: evolve(s, section="34068-8")),
        ("us-under-12", lambda s: evolve(s, covers=evolve(s.covers, age=evolve(s.covers.age, below=6)))),
    ],
)
def test_a_wrong_figure_is_caught(baclofen: Medicine, id: str, change: Any) -> None:
    sections = label_sections(shared(LABEL).read_text("utf-8"))
    wrong = change(baclofen.statement(id))
    assert unsupported(wrong, sections.get(wrong.section, ""))


def test_the_products_of_the_us_label_are_the_label_s(baclofen: Medicine) -> None:
    supplied = label_sections(shared(LABEL).read_text("utf-8"))["34069-5"]
    for id in ("us-tablet-10mg", "us-tablet-20mg"):
        product = baclofen.product(id)
        mg = product.strength.amount.number
        assert re.search(
            rf"USP, {mg} mg are available as a white round flat-faced beveled edge bisected tablet", supplied
        )
        assert product.parts == 2


# ------------------------------------------------------------------------------------------------ the page that started this


def page_sentences(text: str) -> list[str]:
    """The sentences, cut sentences and headings of a page; a full stop ends one even where the space after it is missing."""
    return [s.strip() for line in text.splitlines() for s in re.split(r"(?<=[.?!])(?=\s|[A-Z]|$)", line) if s.strip()]


def unjudged(sentences: Iterable[str], m: Medicine) -> list[str]:
    matches = [x.lower() for c in m.claims for x in c.match]
    return [s for s in sentences if not any(x in " ".join(s.lower().split()) for x in matches)]


def test_every_sentence_of_the_page_is_judged(baclofen: Medicine) -> None:
    # A question ("What is ...?", the heading) says nothing that could be right or wrong.
    sentences = [s for s in page_sentences(shared(PAGE).read_text("utf-8")) if not s.endswith("?")]
    assert len(sentences) > 25
    assert unjudged(sentences, baclofen) == []


def test_a_sentence_nobody_judged_is_noticed(baclofen: Medicine) -> None:
    assert unjudged(["Baclofen cures the common cold."], baclofen) == ["Baclofen cures the common cold."]


def test_every_way_to_recognise_a_claim_occurs_in_the_page(baclofen: Medicine) -> None:
    page = " ".join(shared(PAGE).read_text("utf-8").lower().split())
    assert [(c.id, x) for c in baclofen.claims for x in c.match if x.lower() not in page] == []


def test_each_claim_has_a_correction_its_statements_and_a_command(baclofen: Medicine) -> None:
    topics = {"stopping", "missed", "ran-out", "too-much", "side-effects", "driving", "pregnancy", "breastfeeding"}
    topics |= {"alcohol", "kidneys", "allergy", "hospital"}
    for c in baclofen.claims:
        assert c.page == "what-is-baclofen"
        assert c.statements, c.id
        assert re.match(r"posology (plan|about|taper) ", c.command), c.id
        for topic in re.findall(r"--topic (\S+)", c.command):
            assert topic in topics, c.id
        assert bool(c.match) == (c.verdict != "omission"), c.id


PERSON = """age = 7
weight = 30
egfr = { value = 45, date = "2026-10-01" }
conditions = ["epilepsy", "stomach ulcer", "stroke", "needs muscle tone to stand"]
medicines = ["ibuprofen"]
allergies = []
"""


def test_the_command_of_each_claim_runs(baclofen: Medicine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from posology.cli import app

    (tmp_path / "person.toml").write_text(PERSON)
    monkeypatch.chdir(tmp_path)
    import click

    known = set(app.list_commands(click.Context(app)))
    for command in sorted({c.command for c in baclofen.claims}):
        words = shlex.split(command)[1:]
        if words[0] not in known:  # a command that is not built yet is said so by the list of what is missing
            assert words[0] == "taper", command
            continue
        result = CliRunner().invoke(app, words)
        assert result.exit_code in (0, 3), (command, result.output[-500:])
        assert result.output.strip(), command


def test_the_two_corrupted_sentences_are_called_so(baclofen: Medicine) -> None:
    verdicts = {c.id: c.verdict for c in baclofen.claims}
    assert verdicts["too-soon"] == "wrong"
    assert verdicts["breastfeeding-neurotransmitters"] == "garbled"
    assert verdicts["there-is-a-nature"] == verdicts["do-not-touch"] == "garbled"
    assert verdicts["unpleasant"] == "understated"
    assert {"right", "incomplete", "overstated", "understated", "wrong", "garbled", "omission"} == set(
        verdicts.values()
    )
