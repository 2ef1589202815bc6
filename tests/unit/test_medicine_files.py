"""What a complete medicine file says, and that the numbers of its verified rules stand in the label they cite."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from attrs import evolve
from docs.generate_medicines import HERE, OUT, table

from posology import library
from posology.amount import Amount
from posology.labels import read_file
from posology.labels.verify import verify
from posology.medicine import (
    Caution,
    LeastPerDay,
    MaxPerDay,
    MaxPerDose,
    Medicine,
    MissedDose,
    NotSaid,
    OverdoseSign,
    Statement,
    StopOrder,
    Taper,
    UsualRange,
    WithdrawalSign,
)
from posology.wording import read
from tests.cli.run import run
from tests.conftest import make_plan
from tests.label_numbers import label_files, missing, product_missing, reached, text_missing
from tests.shared import shared

FILES = {f.parent.name: f for f in sorted((library.DATA / "medicines").glob("*/medicine.toml"))}
LABELS = "data/labels/medicines"


def held(id: str) -> Medicine:
    return library.load_medicine(FILES[id])


@pytest.fixture(scope="module", params=sorted(FILES))
def medicine(request: pytest.FixtureRequest) -> Medicine:
    return held(request.param)


# ----------------------------------------------------------------------------------------------------------- complete


def gaps(m: Medicine) -> list[str]:
    """What a complete file would have and this one has not."""
    found = [
        s for s in ("what-it-is", "uses", "dose", "how-to-take", "missed", "stopping", "withdrawal", "too-much",
                    "side-effects", "conditions", "kidneys", "liver", "allergy", "storage")
        if not m.about(s)
    ]  # fmt: skip
    not_said = [s.text for s in m.statements if re.search(r"\b(?:not (?:say|state)|no line|no .*read)\b", s.text, re.I)]
    if not m.rules(MaxPerDay) and not not_said:
        found.append("a maximum, or that none is stated")
    if not m.rules(MissedDose):
        found.append("a missed-dose rule")
    if not m.rules(Taper):
        found.append("a stopping rule")
    if not any(isinstance(s.rule, WithdrawalSign) and s.rule.urgency == "emergency" for s in m.statements):
        found.append("emergency signs of stopping")
    if not any(isinstance(s.rule, OverdoseSign) and s.rule.urgency == "emergency" for s in m.statements) and not any(
        (s.subject == "too-much" and "not" in s.text.split()) or "nothing" in s.text.split()
        for s in m.about("too-much")
    ):
        found.append("emergency signs of too much, or that none is stated")
    if not m.products:
        found.append("a product")
    if not m.examples:
        found.append("an example")
    return found


def test_every_file_is_complete(medicine: Medicine) -> None:
    assert gaps(medicine) == []


@pytest.mark.parametrize("subject", ["missed", "stopping", "withdrawal", "too-much", "storage"])
def test_a_file_without_a_subject_is_noticed(subject: str) -> None:
    m = held("gabapentin")
    less = tuple(evolve(s, subject="evidence", rule=None) if s.subject == subject else s for s in m.statements)
    assert subject in gaps(evolve(m, statements=less))


def test_every_name_is_read_as_its_own_medicine(medicine: Medicine) -> None:
    """The longest name wins, written with spaces or hyphens: one medicine is never read as another with a shorter name."""
    names = tuple(library.names())
    for name in (*medicine.names, medicine.id):
        for written in {name, name.replace(" ", "-"), name.replace("-", " ")}:
            got = read(f"{written} 5 mg once a day", names=names).named
            assert got is not None, written
            assert got.matched is not None, written
            assert library.names()[got.matched.lower()] == medicine.id, (written, got.matched)


# -------------------------------------------------------------------------------------------------- numbers in the label


def test_the_numbers_of_verified_rules_stand_in_the_cited_section(medicine: Medicine) -> None:
    folder = shared(LABELS)
    assert {s.id: m for s in medicine.statements if (m := missing(medicine, s, folder))} == {}


def test_the_figures_in_verified_texts_stand_in_the_cited_section(medicine: Medicine) -> None:
    folder = shared(LABELS)
    assert {s.id: m for s in medicine.statements if (m := text_missing(medicine, s, folder))} == {}


def test_a_wrong_figure_in_a_text_is_noticed() -> None:
    m = held("venlafaxine")
    s = m.statement("us-open")
    bad = evolve(m.statement("us-trials"), text="In studies people took 85 mg off the day's dose each week.")
    assert text_missing(m, s, shared(LABELS)) == []
    assert text_missing(m, bad, shared(LABELS)) == ["85"]


def test_the_strengths_of_verified_products_stand_in_their_label(medicine: Medicine) -> None:
    assert product_missing(medicine, shared(LABELS)) == []


def test_every_label_at_hand_is_reached_by_a_file() -> None:
    folder = shared(LABELS)
    cited = {s.identifier[:8] for id in FILES for s in held(id).sources}
    assert set(label_files(folder)) - cited == set()
    assert sum(reached(held(id), folder) for id in FILES) > 300


def test_every_file_is_held_against_its_labels(medicine: Medicine) -> None:
    """``posology label verify``, which reads the labels by itself, finds every number where the file says it was read."""
    folder = shared(LABELS)
    cited = {s.identifier[:8] for s in medicine.sources}
    labels = [read_file(path) for short, path in label_files(folder).items() if short in cited]
    rows = verify(medicine, labels).rows
    assert [r for r in rows if r.state not in ("held", "no number", "other source")] == []
    assert medicine.id == "baclofen" or any(r.state in ("held", "no number") for r in rows)


def test_a_silence_that_is_none_is_noticed() -> None:
    """A label that does speak of alcohol refutes the statement that it does not."""
    m = held("pregabalin")
    labels = [read_file(p) for short, p in label_files(shared(LABELS)).items() if short == "6f51d7bf"]
    said = evolve(m.statement("alcohol"), id="silent", rule=NotSaid(), text="The US label says nothing of alcohol.")
    rows = {r.statement: r.state for r in verify(evolve(m, statements=(*m.statements, said)), labels).rows}
    assert rows["silent"] == "wrong"
    quiet = held("levetiracetam")
    labels = [read_file(p) for short, p in label_files(shared(LABELS)).items() if short == "d317020c"]
    assert {r.statement: r.state for r in verify(quiet, labels).rows}["alcohol"] == "held"


def absent_sections(m: Medicine, folder: Path) -> list[str]:
    """Statements that cite a section which the label at hand has not; that there is none may be what they say."""
    files = label_files(folder)
    found: list[str] = []
    for s in m.statements:
        path = files.get(m.source(s.source).identifier[:8])
        if path is not None and not isinstance(s.rule, NotSaid):
            codes = set(read_file(path).section_codes) if path not in _CODES else _CODES[path]
            _CODES[path] = codes
            found += [f"{s.id}: {c}" for c in re.findall(r"\d{5}-\d", s.section) if c not in codes]
    return found


_CODES: dict[Path, set[str]] = {}


def test_every_cited_section_is_in_its_label(medicine: Medicine) -> None:
    assert absent_sections(medicine, shared(LABELS)) == []


def test_a_section_that_is_not_there_is_noticed() -> None:
    m = held("prednisone")
    bad = evolve(m.statement("us-slowly"), section="43685-7 (5.1)")
    others = tuple(s for s in m.statements if s.id != bad.id)
    assert absent_sections(evolve(m, statements=(*others, bad)), shared(LABELS)) == ["us-slowly: 43685-7"]


@pytest.mark.parametrize(
    ("id", "statement", "wrong"),
    [
        ("gabapentin", "us-max", "3700 mg"),
        ("tizanidine", "us-max", "63 mg"),
        ("metoprolol-succinate", "us-max-pressure", "450 mg"),
        ("clomipramine", "us-max", "350 mg"),
        ("levetiracetam", "kid-under-30", "550 mg"),
    ],
)
def test_a_wrong_number_is_noticed(id: str, statement: str, wrong: str) -> None:
    folder = shared(LABELS)
    m = held(id)
    s = m.statement(statement)
    assert isinstance(s.rule, MaxPerDay | MaxPerDose)
    value, unit = wrong.split()
    bad = evolve(s, rule=evolve(s.rule, amount=Amount(Decimal(value), unit)))
    assert missing(m, s, folder) == []
    assert missing(m, bad, folder) != []


def test_a_number_of_another_section_is_noticed() -> None:
    folder = shared(LABELS)
    m = held("tizanidine")
    s = m.statement("us-max")
    assert missing(m, evolve(s, section="34089-3 (11)"), folder) != []


# ------------------------------------------------------------------------------- what the real labels made us able to say


def shapes(m: Medicine) -> set[str]:
    return {s.rule.shape for s in m.rules(Taper) if isinstance(s.rule, Taper)}


def test_every_shape_of_taper_is_exercised() -> None:
    assert set().union(*(shapes(held(id)) for id in FILES)) == {
        "minimum-duration", "amount-per-interval", "percent-per-interval", "slowly", "test-guided", "banded", "observe",
        "none-needed",
    }  # fmt: skip


def by_id(m: Medicine, prefix: str) -> list[Statement]:
    return [s for s in m.statements if s.id.startswith(prefix)]


def test_a_taper_may_hang_on_use_dose_and_kidneys() -> None:
    m = held("gabapentin-enacarbil")
    tapers = m.rules(Taper)
    assert {s.rule.shape for s in tapers} == {"none-needed", "minimum-duration", "amount-per-interval"}  # type: ignore[union-attr]
    assert any(s.covers.indications and s.covers.dose_per_day for s in tapers)
    assert any(s.covers.indications and s.covers.kidney for s in tapers)


def test_extended_release_is_never_split_but_where_its_label_lets_it() -> None:
    may = {p.id for id in FILES for p in held(id).products if p.release == "extended" and p.parts > 1}
    assert may == {p.id for p in held("metoprolol-succinate").products}
    assert make_plan("metoprolol succinate 12.5 mg once a day").measures[0][1].takes[0].count == Decimal("0.5")
    refused = make_plan("venlafaxine 18.75 mg once a day").measures[0][1]
    assert refused.reason in ("cannot-split", "cannot-make")


def test_a_score_line_alone_does_not_mean_halves() -> None:
    for id, count in (("levetiracetam", 4), ("paroxetine", 2)):
        scored = [p for p in held(id).products if "scored" in p.appearance]
        assert len(scored) == count
        assert {p.parts for p in scored} == {1}


def test_kidney_rows_leave_no_one_without_a_limit() -> None:
    """Between two rows of a label the stricter one holds, not verified; on an edge in two rows both hold."""
    m = held("gabapentin")
    for value, most in (("60", 3600), ("59.5", 1400), ("30", 700), ("29.5", 700), ("29", 700), ("15", 300), ("8", 300)):
        held_by = [
            s.rule.amount.value
            for s in m.rules(MaxPerDay)
            if s.covers.kidney is not None and s.covers.kidney.holds(Amount(Decimal(value), "mL/min"))
            and isinstance(s.rule, MaxPerDay)
        ]  # fmt: skip
        assert held_by, value
        assert min(held_by) == most, value
    edge = [s for s in held("pregabalin").statements if s.covers.kidney and s.covers.kidney.holds(Amount(30, "mL/min"))]
    assert {s.id for s in edge} >= {"kid-30-60", "kid-15-30"}


def test_an_egfr_is_not_enough_for_rows_of_clearance() -> None:
    def asked(person: dict[str, object]) -> set[str]:
        found = make_plan("gabapentin 600 mg three times a day", person=person, forget=["egfr"]).findings
        return {n for f in found if f.key == "facts-not-known" for n in f.facts["names"]}

    with_egfr = make_plan("gabapentin 600 mg three times a day", person={"egfr": {"value": 20, "date": "2026-11-01"}})
    assert "crcl" in {n for f in with_egfr.findings if f.key == "facts-not-known" for n in f.facts["names"]}
    known = {"crcl": {"value": 20, "date": "2026-11-01"}}
    assert "crcl" not in asked(known)
    stopped = make_plan("gabapentin 600 mg three times a day", person=known, forget=["egfr"])
    assert "above-max-per-day" in {f.key for f in stopped.findings if f.severity == "stop"}


def of_weak_kidneys(m: Medicine, country: str) -> list[Statement]:
    """What the sources of a country say of weak kidneys in grown-ups, with or without a number."""
    return [
        s
        for s in m.rules(Caution)
        if m.of(s) in (country, "*")
        and (s.covers.kidney or "kidney-disease" in s.covers.conditions)
        and not (s.covers.age or s.covers.products or s.covers.medicines or s.covers.indications)
    ]


def speaking_of_kidneys(m: Medicine) -> list[str]:
    """The countries whose sources speak of weak kidneys in general."""
    return [c for c in m.jurisdictions if of_weak_kidneys(m, c) and c in library.countries()]


def test_most_medicines_have_a_source_on_weak_kidneys() -> None:
    """Else the next test would hold of nothing."""
    assert sum(bool(speaking_of_kidneys(library.medicine(n))) for n in library.medicine_files()) >= 15


def test_a_weak_kidney_function_never_goes_by_in_silence(medicine: Medicine) -> None:
    """A person who gives a number seldom names the disease: a caution without a number is shown for it all the same."""
    start = medicine.examples[0].text
    for country in speaking_of_kidneys(medicine):
        for kind in ("crcl", "egfr"):
            plan = make_plan(
                f"{medicine.names[0]} {start}", country=country, taking=[], forget=["egfr"] if kind == "crcl" else [],
                person={kind: {"value": 12, "date": "2026-11-01"}, "age": 50},
            )  # fmt: skip
            assert "kidneys" in {f.check for f in plan.findings}, (country, kind)


def test_a_caution_without_a_number_is_kept_for_weak_kidneys() -> None:
    def said(person: dict[str, object]) -> set[str]:
        forget = [] if "egfr" in person else ["egfr"]
        found = make_plan("lorazepam 1 mg twice a day", person=person, forget=forget).findings
        return {f.key for f in found if f.check in ("kidneys", "covers") and "kidneys" in f.statements}

    assert said({"egfr": {"value": 59, "date": "2026-11-01"}}) == {"kidneys-caution"}
    assert said({"crcl": {"value": 59, "date": "2026-11-01"}}) == {"kidneys-caution"}
    assert said({"dialysis": True}) == {"kidneys-caution"}
    assert said({"crcl": {"value": 60, "date": "2026-11-01"}}) == set()
    # named by the person: said once, by the other check
    assert said({"crcl": {"value": 20, "date": "2026-11-01"}, "conditions": ["kidney failure"]}) == {"covered-caution"}


def test_a_first_dose_of_a_kidney_row_holds_only_for_that_row() -> None:
    def starts(person: dict[str, object]) -> set[str]:
        found = make_plan(
            "pregabalin 75 mg twice a day", person={"new": True, "age": 50, **person}, forget=["egfr", "taking"]
        ).findings
        return {id for f in found if f.key == "starts-above-label" for id in f.statements}

    assert starts({}) == set()
    assert starts({"crcl": {"value": 90, "date": "2026-11-01"}}) == set()
    assert starts({"crcl": {"value": 45, "date": "2026-11-01"}}) == {"kid-start-30-60"}
    assert starts({"crcl": {"value": 30, "date": "2026-11-01"}}) == {"kid-start-30-60"}
    assert starts({"crcl": {"value": 20, "date": "2026-11-01"}}) == {"kid-start-15-30"}
    assert starts({"crcl": {"value": 14, "date": "2026-11-01"}}) == {"kid-start-under-15"}


def test_fewer_larger_first_doses_are_held_against_the_label_too() -> None:
    def starts(text: str) -> set[str]:
        child = {"new": True, "age": 7, "weight": 24}
        found = make_plan(text, person=child, forget=["taking"]).findings
        return {f.key for f in found if f.check == "start" and "us-child-start" in f.statements}

    assert starts("diazepam 5 mg twice a day") == {"first-dose-above-label"}
    assert starts("diazepam 2.5 mg four times a day") == set()
    assert starts("diazepam 2.5 mg five times a day") == {"starts-above-label"}


def test_a_rise_by_weight_is_held_against_the_label() -> None:
    def faster(text: str, *forget: str) -> set[str]:
        person = {"age": 5, "weight": 18, "indication": "epilepsy", "new": True}
        found = make_plan(
            text, person=person, forget=["taking", *forget], have=["100 mg/mL solution x 3000 mL"]
        ).findings
        return {id for f in found if f.key == "rises-faster-than-label" for id in f.statements}

    quick = "levetiracetam 180 mg twice a day for 7 days, then 360 mg twice a day"
    assert faster(quick) == {"us-step-6mo"}
    assert faster("levetiracetam 180 mg twice a day for 14 days, then 360 mg twice a day") == set()
    assert faster("levetiracetam 180 mg twice a day for 14 days, then 370 mg twice a day") == {"us-step-6mo"}
    # an age that is not known is read as an adult's: no step of a child is held against it
    assert faster(quick, "age") == {"us-step"}


def test_a_row_of_its_own_for_dialysis_is_not_stopped_by_the_row_of_weak_kidneys() -> None:
    def stops(text: str, **kidneys: object) -> set[str]:
        person = {"age": 50, "crcl": {"value": 8, "date": "2026-11-01"}, **kidneys}
        found = make_plan(text, person=person, forget=["egfr"]).findings
        return {id for f in found if f.severity == "stop" for id in f.statements}

    assert stops("levetiracetam 1000 mg once a day", dialysis=True) == set()
    assert "kid-dialysis" in stops("levetiracetam 1500 mg once a day", dialysis=True)
    assert "kid-crcl-under-30" in stops("levetiracetam 1000 mg once a day")


def test_an_age_or_dialysis_that_nobody_said_keeps_no_rule_from_an_adult() -> None:
    def odd(text: str, *forget: str, **person: object) -> bool:
        found = make_plan(text, person={"indication": "epilepsy", **person}, forget=forget).findings
        return "odd-number-of-doses" in {f.key for f in found}

    assert odd("clonazepam 0.5 mg once a day", "age")
    assert not odd("clonazepam 0.5 mg three times a day", "age")
    assert not odd("clonazepam 0.5 mg twice a day", age=9, weight=28)
    assert odd("levetiracetam 1000 mg once a day", "dialysis", "egfr")
    assert not odd("levetiracetam 1000 mg once a day", "egfr", dialysis=True)


def test_the_tablets_of_a_child_have_the_ladder_of_the_label() -> None:
    def stops(text: str, weight: int, have: str) -> bool:
        person = {"age": 12, "weight": weight, "indication": "epilepsy"}
        return any(f.severity == "stop" for f in make_plan(text, person=person, have=[have]).findings)

    assert not stops("levetiracetam 1500 mg twice a day", 42, "750 mg tablets x 120")
    assert not stops("levetiracetam 750 mg twice a day", 22, "750 mg tablets x 120")
    assert stops("levetiracetam 1000 mg twice a day", 38, "500 mg tablets x 120")
    assert stops("levetiracetam 1500 mg twice a day", 42, "100 mg/mL solution x 3000 mL")
    assert stops("levetiracetam 500 mg twice a day", 15, "500 mg tablets x 120")
    assert stops("levetiracetam 750 mg twice a day", 19, "750 mg tablets x 120")
    # not weighed: from which weight on it would be too much is said
    unweighed = make_plan(
        "levetiracetam 1500 mg twice a day", person={"age": 12}, forget=["weight"], have=["750 mg tablets x 120"]
    )
    assert [f.facts["weight"].number for f in unweighed.findings if f.key == "above-max-if-lighter"] == ["40"]


def test_two_ingredients_have_a_limit_each() -> None:
    m = held("carbidopa-levodopa")
    assert all("carbidopa" in p.also for p in m.products)
    assert [s.rule.ingredient for s in m.rules(LeastPerDay)] == ["carbidopa"]  # type: ignore[union-attr]
    weak = make_plan("carbidopa/levodopa 10/100 one tablet three times a day")
    assert "below-least-of-ingredient" in {f.key for f in weak.findings}
    much = make_plan("carbidopa/levodopa 25/100 nine tablets once a day")
    assert "above-max-of-ingredient" in {f.key for f in much.findings}


_BY_WEIGHT = """2 0.3 0.6 0.8|2.5 0.4 0.8 1|3 0.5 0.9 1.2|3.5 0.5 1.1 1.4|4 0.6 1.2 1.6|4.5 0.7 1.4 1.8|5 0.8 1.5 2|5.5 0.8 1.7 2.2
6 0.9 1.8 2.4|6.5 1 2 2.6|7 1.1 2.1 2.8|7.5 1.1 2.3 3|8 1.2 2.4 3.2|8.5 1.3 2.6 3.4|9 1.4 2.7 3.6|9.5 1.4 2.9 3.8|10 1.5 3 4
10.5 1.6 3.2 4.2|11 1.7 3.3 4.4|11.5 1.7 3.5 4.6|12 1.8 3.6 4.8""".replace("\n", "|").split("|")
"""The table by weight of the solution for infants: from so many kg, mL twice a day in week 1, week 2, and then."""


@pytest.mark.parametrize("row", _BY_WEIGHT)
def test_the_table_by_weight_of_a_label_is_never_warned_of(row: str) -> None:
    kg, *ml = row.split()
    text = "propranolol solution for infants {} mL twice a day for 7 days, then {} mL twice a day for 7 days, then {} mL twice a day"
    person = {"age": "3 months", "weight": f"{kg} kg", "indication": "haemangioma", "new": True}
    held_back = {"start", "maximum"}
    of_label = [f.key for f in make_plan(text.format(*ml), person=person).findings if f.check in held_back]
    assert of_label == []
    doubled = [
        f.key
        for f in make_plan(text.format(*(Decimal(x) * 2 for x in ml)), person=person).findings
        if f.check in held_back
    ]
    assert {"starts-above-label", "above-max-per-dose"} <= set(doubled)


def test_a_label_that_contradicts_itself_keeps_both_statements() -> None:
    m = held("tizanidine")
    same_source = [s for s in m.rules(MaxPerDose) if s.source == "us-label-2026"]
    assert sorted(s.rule.amount.value for s in same_source) == [8, 16]  # type: ignore[union-attr]
    between = {f.key for f in make_plan("tizanidine 10 mg once a day").findings}
    assert {"above-usual-max-per-dose"} == {k for k in between if "max-per-dose" in k}
    assert "above-max-per-dose" in {f.key for f in make_plan("tizanidine 18 mg once a day").findings}


@pytest.mark.parametrize(
    ("text", "other"),
    [("clonidine 0.2 mg twice a day", "metoprolol"), ("metoprolol succinate 50 mg once a day", "clonidine"),
     ("propranolol 40 mg twice a day", "clonidine")],
)  # fmt: skip
def test_the_stop_order_of_a_pair_is_said_from_both_sides(text: str, other: str) -> None:
    found = {f.key for f in make_plan(text, person={"medicines": [other]}).findings}
    assert "stop-order" in found
    assert "stop-order" not in {f.key for f in make_plan(text, person={"medicines": ["paracetamol"]}).findings}
    assert any(m.rules(StopOrder) for m in map(held, FILES))


def test_directions_for_another_release_are_refused() -> None:
    from posology.errors import UnreadableError

    with pytest.raises(UnreadableError, match="extended release"):
        make_plan("paroxetine CR 25 mg once a day")
    assert make_plan("venlafaxine XR 75 mg once a day").measures[0][1].takes
    for name in ("venlafaxine IR", "venlafaxine immediate-release", "metoprolol succinate IR"):
        with pytest.raises(UnreadableError, match="immediate release"):
            make_plan(f"{name} 37.5 mg twice a day")
    assert make_plan("paroxetine IR 20 mg once a day").measures[0][1].takes


def test_unverified_figures_do_not_speak_of_a_usual_dose(medicine: Medicine) -> None:
    assert [s.id for s in medicine.rules(UsualRange) if not s.verified] == []


# ------------------------------------------------------------------------------------- every command works for each file

_WAYS = [  # what is taken now, the country, what is in the house, and what the answer must say (or the exit status)
    ("gabapentin 600 mg three times a day", "US", ("300 mg capsules x 500", "100 mg capsules x 500"), "us-taper"),
    ("tizanidine 8 mg three times a day", "US", ("4 mg capsules x 200", "2 mg capsules x 200"), "us-taper"),
    ("pregabalin 300 mg twice a day", "US", ("75 mg capsules x 500",), "us-taper"),
    ("clonazepam 1 mg twice a day", "US", ("0.5 mg tablets x 900",), "us-panic-taper"),
    ("diazepam 10 mg twice a day", "GB", ("2 mg tablets x 900", "5 mg tablets x 500"), "gb-cks-bands"),
    ("clonidine 0.2 mg twice a day", "US", ("0.1 mg tablets x 100",), "us-taper"),
    ("propranolol 40 mg twice a day", "US", ("10 mg tablets x 500",), "us-weeks"),
    (
        "propranolol extended-release 80 mg once a day",
        "US",
        ("80 mg capsules x 100",),
        1,
    ),  # no smaller piece: it is said
    ("metoprolol succinate 100 mg once a day", "US", ("25 mg tablets x 500",), "us-taper"),
    ("paroxetine 40 mg once a day", "US", ("10 mg tablets x 500",), "us-trials"),
    ("venlafaxine 225 mg once a day", "US", ("75 mg capsules x 500", "37.5 mg capsules x 100"), "us-trials"),
    ("levetiracetam 1500 mg twice a day", "US", ("250 mg tablets x 900", "500 mg tablets x 900"), "hk-adults"),
    ("prednisone 40 mg once a day", "NZ", ("10 mg tablets x 500", "5 mg tablets x 100", "1 mg tablets x 500"), 3),
    # No source gives a rate: the prescriber must.
    ("lorazepam 1 mg twice a day", "US", ("1 mg tablets x 100",), 1),
    ("clomipramine 150 mg once a day", "US", ("25 mg capsules x 500",), 1),
    ("carbidopa-levodopa 200 mg three times a day", "US", ("25/100 tablets x 500",), 1),
]


@pytest.mark.parametrize(("now", "country", "have", "answer"), _WAYS, ids=lambda x: x if isinstance(x, str) else None)
def test_a_way_down_is_planned_or_what_is_missing_is_said(
    now: str, country: str, have: tuple[str, ...], answer: str | int
) -> None:
    house = [x for h in have for x in ("--have", h)]
    got = run("taper", "make", now, "--from", "2026-11-24", "--country", country, "--since", "2026-01-01", *house,
              "--condition", "none", "--earlier-withdrawal", "no")  # fmt: skip
    if isinstance(answer, int):
        assert got.status in (1, 3), got.out
        assert got.err or "no plan" in got.out
    else:
        assert got.status == 0, got.err
        assert answer in got.out
        assert "PROPOSAL" in got.out


def test_the_page_and_the_list_work_for_each(medicine: Medicine) -> None:
    country = next(j for j in medicine.jurisdictions if j != "*")
    page = run("about", medicine.names[0], "--country", country)
    assert page.status == 0, page.err
    assert page.out.index("CALL") < page.out.index("What it is")
    assert medicine.id in run("medicines").out


def test_a_guide_that_ends_above_nothing_is_not_led_to_nothing() -> None:
    """The banded guide of prednisone stops at 5 mg a day: the last fall is the prescriber's to say."""
    house = ("--have", "10 mg tablets x 900", "--have", "5 mg tablets x 100", "--have", "1 mg tablets x 900")
    rest = ("--from", "2026-11-24", "--country", "NZ", "--since", "2026-01-01", *house, "--condition", "none",
            "--earlier-withdrawal", "no")  # fmt: skip
    refused = run("taper", "make", "prednisone 40 mg once a day", *rest)
    assert refused.status != 0
    assert "no steps below 5 mg" in refused.err + refused.out
    assert run("taper", "make", "prednisone 40 mg once a day", "--to", "5 mg once a day", *rest).status == 0


@pytest.mark.parametrize(
    ("now", "to", "country", "have"),
    [
        ("prednisone 40 mg once a day", "5 mg once a day", "NZ", ("10 mg tablets x 900", "5 mg tablets x 100", "1 mg tablets x 900")),
        ("paroxetine 40 mg once a day", "nothing", "US", ("10 mg tablets x 900",)),
    ],
)  # fmt: skip
def test_the_plan_called_slower_takes_longer(now: str, to: str, country: str, have: tuple[str, ...]) -> None:
    house = [x for h in have for x in ("--have", h)]
    got = run("taper", "make", now, "--to", to, "--from", "2026-11-24", "--country", country, "--since", "2026-01-01", *house,
              "--condition", "none", "--earlier-withdrawal", "no", "--json")  # fmt: skip
    assert got.status == 0, got.err
    data = json.loads(got.out)
    slower = [a["total_days"] for a in data["alternatives"] if a["key"] == "slower"]
    assert slower
    assert min(slower) > data["total_days"]


# ------------------------------------------------------------------------------------------------------------ the table


def test_the_table_of_the_docs_is_what_the_files_say() -> None:
    assert OUT.read_text("utf-8") == table(), f"run: python {HERE}"


def test_a_stale_table_is_noticed() -> None:
    m = held("gabapentin")
    less = evolve(m, statements=m.statements[:-1])
    assert table({"gabapentin": less}) != table({"gabapentin": m})


# ------------------------------------------------------------------------- a way down hangs on use, kidneys and company

_ON = ("--from", "2026-11-24", "--country", "US", "--since", "2026-01-01", "--condition", "none", "--earlier-withdrawal", "no")  # fmt: skip


@pytest.mark.parametrize(
    ("now", "have", "more", "status", "said"),
    [
        ("600 mg twice a day", "600 mg tablets x 60", ("--for", "phn", "--crcl", "80"), 0, "us-phn-60"),
        ("300 mg twice a day", "300 mg tablets x 60", ("--for", "phn", "--crcl", "20"), 0, "us-phn-15-twice"),
        ("300 mg once a day", "300 mg tablets x 60", ("--for", "phn", "--crcl", "20"), 1, "asks for no steps down"),
        ("600 mg once a day", "600 mg tablets x 60", ("--for", "restless legs"), 1, "asks for no steps down"),
        ("600 mg twice a day", "600 mg tablets x 60", ("--for", "restless legs"), 0, "us-rls-above"),
        ("600 mg twice a day", "600 mg tablets x 60", ("--for", "phn", "--egfr", "80"), 3, "holds for some people only"),
    ],
)  # fmt: skip
def test_a_way_down_by_use_dose_and_kidneys(now: str, have: str, more: tuple[str, ...], status: int, said: str) -> None:
    got = run("taper", "make", f"gabapentin enacarbil {now}", "--have", have, *_ON, *more)
    assert got.status == status, got.out + got.err
    assert said in got.out + got.err


def test_the_medicine_that_goes_first_has_to_be_gone() -> None:
    def asked(name: str, *more: str) -> object:
        return run("taper", "make", name, "--have", "0.1 mg tablets x 90" if "clonidine" in name else "25 mg tablets x 90", *_ON, *more)  # fmt: skip

    refused = asked("clonidine 0.2 mg twice a day", "--other", "metoprolol")
    assert refused.status != 0  # type: ignore[attr-defined]
    assert "has to be stopped first" in refused.err  # type: ignore[attr-defined]
    unknown = asked("clonidine 0.2 mg twice a day")
    assert unknown.status == 0  # type: ignore[attr-defined]
    assert "The order of stopping" in unknown.out  # type: ignore[attr-defined]
    alone = asked("clonidine 0.2 mg twice a day", "--other", "none")
    assert alone.status == 0  # type: ignore[attr-defined]
    assert "The order of stopping" not in alone.out  # type: ignore[attr-defined]
    other_side = asked("metoprolol succinate 100 mg once a day", "--other", "clonidine")
    assert other_side.status == 0  # type: ignore[attr-defined]
    assert "The order of stopping" in other_side.out  # type: ignore[attr-defined]


def test_the_way_up_is_the_labels_for_this_use() -> None:
    house = ("--have", "25 mg tablets x 900", "--have", "100 mg tablets x 90")
    up = run("taper", "make", "metoprolol succinate 25 mg once a day", "--to", "metoprolol succinate 200 mg once a day",
             "--from", "2026-11-24", "--country", "US", "--for", "heart failure", *house)  # fmt: skip
    assert up.status == 0, up.err
    assert up.out.index("50 mg once a day for 14 days") < up.out.index("100 mg once a day for 14 days")
    assert "200 mg once a day." in up.out


@pytest.mark.parametrize(
    ("option", "value"), [("--crcl", "weak"), ("--crcl", "4000"), ("--for", "moon sickness"), ("--other", "frobnicol")]
)
def test_a_fact_that_is_not_understood_chooses_no_rule(option: str, value: str) -> None:
    got = run(
        "taper", "make", "gabapentin 600 mg three times a day", "--have", "300 mg capsules x 500", *_ON, option, value
    )
    assert got.status == 1
    assert option in got.err


def test_what_no_source_gives_is_said_with_how_to_give_it() -> None:
    got = run("taper", "make", "lorazepam 1 mg twice a day", "--have", "1 mg tablets x 100", *_ON)
    assert got.status == 1
    assert "5 to 10 in 100 of the dose every 2 to 4 weeks" in got.err
    assert "--max-percent" in got.err
    given = run("taper", "make", "lorazepam 1 mg twice a day", "--have", "0.5 mg tablets x 900", "--have", "1 mg tablets x 300",
                *_ON, "--every", "14", "--max-step", "0.5 mg")  # fmt: skip
    assert given.status == 0, given.err


@pytest.mark.parametrize(
    ("now", "have", "last"),
    [("paroxetine 20 mg once a day", "10 mg tablets x 90", "10 mg"), ("venlafaxine 150 mg once a day", "75 mg capsules x 90", "75 mg")],
)  # fmt: skip
def test_another_countrys_quick_steps_do_not_stand_in_for_the_countrys_own_shares(
    now: str, have: str, last: str
) -> None:
    """The UK lowers by shares of the dose, over weeks or months; what US studies did in 1 or 2 weeks is no UK plan."""
    in_uk = ["GB" if x == "US" else x for x in _ON]
    got = run("taper", "make", now, "--have", have, *in_uk)
    assert got.status == 1, got.out
    assert "In the UK each step is a share of the last dose" in got.err
    assert "--max-percent" in got.err
    given = run(
        "taper", "make", now, "--have", have, *in_uk, "--every", "14", "--max-percent", "50", "--stop-from", last
    )
    assert given.status == 0, given.err
    assert "14 days, then stop" in given.out


@pytest.mark.parametrize(
    ("now", "have", "more", "said"),
    [
        ("gabapentin 600 mg three times a day", "300 mg capsules x 500", ("--days", "3", "--steps", "3"), True),
        ("gabapentin 600 mg three times a day", "300 mg capsules x 500", ("--every", "1", "--steps", "6"), True),
        ("gabapentin 600 mg three times a day", "300 mg capsules x 500", ("--every", "7", "--steps", "2"), False),
        ("paroxetine 40 mg once a day", "20 mg tablets x 90", ("--steps", "2", "--every", "2", "--for", "anxiety"), True),
        ("paroxetine 40 mg once a day", "20 mg tablets x 90", ("--steps", "2", "--every", "21", "--for", "anxiety"), False),
        ("lorazepam 1 mg twice a day", "0.5 mg tablets x 900", ("--every", "14", "--max-step", "0.5 mg"), True),
    ],
)  # fmt: skip
def test_a_way_down_faster_than_a_source_never_goes_by_in_silence(
    now: str, have: str, more: tuple[str, ...], said: bool
) -> None:
    got = run("taper", "make", now, "--have", have, *_ON, *more)
    assert got.status == 0, got.err
    assert ("CHECK: this is faster than a source of this country." in got.out) is said
    if said:
        assert got.out.index("Emergency signs") < got.out.index("CHECK: this is faster")
    notes = {
        n["key"] for n in json.loads(run("taper", "make", now, "--have", have, *_ON, *more, "--json").out)["notes"]
    }
    assert ("faster-than" in notes) is said


def test_a_taper_tells_two_strengths_apart_that_hold_the_same_mg(tmp_path: Path) -> None:
    """25/100 and 10/100 both hold 100 mg of the first ingredient: a step names the pack, also once it was kept and read."""
    kept = tmp_path / "plan.json"
    got = run("taper", "make", "carbidopa-levodopa 200 mg three times a day", "--have", "25/100 tablets x 20", "--have",
              "10/100 tablets x 200", "--from", "2026-12-01", "--country", "US", "--max-step", "100 mg", "--every", "7",
              "--save", str(kept))  # fmt: skip
    assert got.status == 0, got.err
    assert re.search(r"\b1 x (?:25|10)/100 mg", got.out)
    assert not re.search(r"\d x 100 mg", got.out)
    assert re.search(r"\b1 x (?:25|10)/100 mg", run("taper", "show", str(kept)).out)


@pytest.mark.parametrize("syringe", [[], ["1 mL by 0.01 mL"]])
def test_a_liquid_with_a_measure_of_its_own_is_measured_with_no_other(syringe: list[str]) -> None:
    """The dropper of a concentrate has marks at each 0.25 mL; a finer syringe at hand is not what its label asks for."""

    def made(dose: str) -> object:
        plan = make_plan(f"lorazepam {dose} at bedtime", have=["2 mg/mL solution x 30 mL"], syringe=syringe)
        return plan.measures[0][1]

    good = made("1.5 mg")
    assert good.takes[0].device.id == "dropper-1-by-0.25"  # type: ignore[attr-defined]
    assert good.takes[0].volume == Amount("0.75", "mL")  # type: ignore[attr-defined]
    assert made("0.75 mg").reason == made("3 mg").reason == "own-device"  # type: ignore[attr-defined]


def test_a_taper_takes_a_liquid_by_the_marks_of_its_own_measure() -> None:
    now = ("taper", "make", "lorazepam 1 mg twice a day", "--from", "2026-12-01", "--country", "US", "--every", "14")
    got = run(*now, "--have", "2 mg/mL solution x 60 mL", "--max-step", "0.5 mg", "--json")
    assert got.status == 0, got.err
    days = [Decimal(step["mg_per_day"]) for step in json.loads(got.out)["steps"]]
    assert {d % Decimal("0.5") for d in days} == {0}
    # nor is it offered for steps that its dropper cannot measure
    tight = run(*now, "--have", "1 mg tablets x 100", "--max-percent", "25", "--stop-from", "0.5 mg")
    assert "us-concentrate" not in tight.out


def test_a_caution_on_coming_off_stands_before_the_way_down() -> None:
    def said(*more: str) -> str:
        got = run("taper", "make", "pregabalin 75 mg twice a day", "--have", "25 mg capsules x 400",
                  "--from", "2026-12-01", "--country", "UK", *more)  # fmt: skip
        assert got.status == 0, got.err
        return " ".join(got.out.split())

    caution = "CHECK: The UK guide on coming off does not cover people who take it for fits."
    fits = said("--for", "epilepsy")
    assert fits.index("Emergency signs") < fits.index(caution) < fits.index("step days")
    assert caution not in said("--for", "diabetic neuropathy")


# --------------------------------------------------------------------------------------------------- what it looks like


def looks_missing(m: Medicine, folder: Path) -> list[str]:
    """Colours and marks of a product that its own label does not have."""
    files = label_files(folder)
    found: list[str] = []
    for p in m.products:
        path = files.get(m.source(p.source).identifier[:8])
        if path is None or p.appearance == "not recorded":
            continue
        label = read_file(path)
        text = " ".join(b.words for place in label.walk() for b in place.section.blocks).lower()
        text += " ".join(f"{x.appearance.color} {x.appearance.imprint}" for x in label.products).lower()
        words = set(re.findall(r"[a-z0-9]+", text))
        _, _, marks = p.appearance.partition("marked ")
        asked = [w for w in re.findall(r"[a-z0-9]+", marks.split(",")[0].lower()) if w not in ("and",)]
        asked += [
            c
            for c in ("white", "blue", "yellow", "orange", "green", "peach", "tan", "buff")
            if c in p.appearance.lower()
        ]
        found += [f"{p.id}: {w}" for w in asked if w not in words and w not in text]
    return found


def test_what_a_product_looks_like_stands_in_its_label(medicine: Medicine) -> None:
    assert looks_missing(medicine, shared(LABELS)) == []


def test_wrong_looks_are_noticed() -> None:
    m = held("tizanidine")
    products = tuple(
        evolve(p, appearance="green capsule, marked 7 MG") if p.id == "us-capsule-2mg" else p for p in m.products
    )
    assert "us-capsule-2mg: green" in looks_missing(evolve(m, products=products), shared(LABELS))
