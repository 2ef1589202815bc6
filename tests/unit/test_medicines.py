"""Every medicine file keeps the rules of a medicine file: nothing unverified raises a dose, all can be read, nothing is copied."""

from __future__ import annotations

import doctest
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path

import pytest
from attrs import evolve

from posology import library
from posology.medicine import (
    Caution,
    Covers,
    Example,
    Medicine,
    StartingDose,
    Statement,
    TitrationStep,
    UsualRange,
)
from tests import readability
from tests.conftest import make_plan
from tests.readability import grade, sentences, syllables, words
from tests.shared import shared

# Ours, not those of a folder that a setting may name.
FILES = {f.parent.name: f for f in sorted((library.DATA / "medicines").glob("*/medicine.toml"))}
NOT_FOR_PATIENTS = ("kinetics", "evidence")
EACH, MEAN = 8.0, 6.0
RUN = 9


@pytest.fixture(scope="module", params=sorted(FILES))
def medicine(request: pytest.FixtureRequest) -> Medicine:
    return library.load_medicine(FILES[request.param])


def a_statement(text: str = "Take it with food.", **more: object) -> Statement:
    return Statement(**{"id": "x", "subject": "dose", "text": text, "source": "s", "verified": True, **more})  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------- unverified never raises a dose


def could_raise(statements: Iterable[Statement]) -> list[str]:
    """Unverified statements whose rule could let a dose start, rise or settle higher."""
    return [
        s.id for s in statements if not s.verified and isinstance(s.rule, StartingDose | TitrationStep | UsualRange)
    ]


def test_nothing_unverified_could_raise_a_dose(medicine: Medicine) -> None:
    assert could_raise(medicine.statements) == []


def test_an_unverified_step_is_noticed() -> None:
    step = TitrationStep(every_days=3)
    assert could_raise([a_statement(verified=False, rule=step)]) == ["x"]
    assert could_raise([a_statement(verified=True, rule=step)]) == []


def test_an_unverified_statement_says_what_it_rests_on(medicine: Medicine) -> None:
    assert [s.id for s in medicine.statements if not s.verified and not s.basis] == []


def test_nothing_verified_rests_on_a_source_not_read(medicine: Medicine) -> None:
    unread = {s.id for s in medicine.sources if s.checked in ("not read", "quoted elsewhere")}
    assert [s.id for s in medicine.statements if s.verified and s.source in unread] == []


# --------------------------------------------------------------------------------------------------------- known terms only


def unknown_terms(statements: Iterable[Statement]) -> list[str]:
    conditions, classes = set(library.terms("conditions")), set(library.terms("classes"))
    found: list[str] = []
    for s in statements:
        found += [f"{s.id}: {x}" for x in (*s.covers.conditions, *s.covers.indications) if x not in conditions]
        found += [f"{s.id}: {x}" for x in s.covers.medicines if x not in classes]
    return found


def test_every_term_is_in_the_vocabularies(medicine: Medicine) -> None:
    assert unknown_terms(medicine.statements) == []


def test_an_unknown_term_is_noticed() -> None:
    assert unknown_terms([a_statement(covers=Covers(conditions=("moon-sickness",)))]) == ["x: moon-sickness"]
    assert unknown_terms([a_statement(covers=Covers(medicines=("moon-dust",)))]) == ["x: moon-dust"]


def test_every_country_is_known(medicine: Medicine) -> None:
    known = {"*", *library.countries()}
    assert {medicine.of(s) for s in medicine.statements} <= known
    assert {p.jurisdiction for p in medicine.products} <= known


# -------------------------------------------------------------------------------------------------- never an abrupt stop


_HANDS_OFF = re.compile(r"do not (?:stop|cut)\b", re.I)
_SAFE = re.compile(
    r"\bsafe(?:ly)? to stop\b|\bstop(?:ping)? (?:it )?is safe\b|\bcan (?:safely )?stop\b|\bsafely stop\b", re.I
)
_STOP = re.compile(r"(?<!not )(?<!never )\bstop taking\b", re.I)


def abrupt(m: Medicine) -> list[str]:
    """Statements that could make somebody stop at once: an avoid without its guard, or stopping called safe."""
    found: list[str] = []
    for s in m.statements:
        if _SAFE.search(s.text) or _STOP.search(s.text):
            found.append(s.id)
        if (
            isinstance(s.rule, Caution)
            and s.rule.action in ("avoid", "contraindicated")
            and not _HANDS_OFF.search(s.text)
        ):
            found.append(s.id)
    return found


def test_no_statement_could_cause_an_abrupt_stop(medicine: Medicine) -> None:
    if not medicine.tapers:
        pytest.skip(f"{medicine.id} is not marked as one to come off slowly")
    assert abrupt(medicine) == []


@pytest.mark.parametrize(
    "text",
    [
        "Avoid it if you are pregnant.",
        "Do not start it if you are pregnant.",
        "It is safe to stop.",
        "Stop taking it and call your doctor.",
    ],
)
def test_a_statement_that_could_is_noticed(text: str) -> None:
    m = library.load_medicine(FILES[sorted(FILES)[0]])
    bad = a_statement(text, source=m.sources[0].id, rule=Caution("avoid"), covers=Covers(pregnancy=True))
    assert "x" in abrupt(evolve(m, statements=(*m.statements, bad)))


# ---------------------------------------------------------------------------------------------------------- can be read


def _plain(text: str) -> str:
    """Without a medical term of one or two words in brackets, which stands beside its plain words."""
    return re.sub(r" \([^\W\d][\w'-]*(?: [^\W\d][\w'-]*)?\)", "", text)


def too_hard(statements: Iterable[Statement]) -> list[str]:
    """Statements above the ceiling, worst first, and subjects above it on average; under 5 words a grade means nothing."""
    by_subject: dict[str, list[Statement]] = defaultdict(list)
    for s in statements:
        if s.subject not in NOT_FOR_PATIENTS:
            by_subject[s.subject].append(s)
    graded = [
        (grade(_plain(s.text)), s) for group in by_subject.values() for s in group if len(words(_plain(s.text))) >= 5
    ]
    found = [
        f"{g:.1f} {s.id}: {s.text}" for g, s in sorted(graded, key=lambda pair: (-pair[0], pair[1].id)) if g > EACH
    ]
    for subject, group in by_subject.items():
        whole = grade(_plain(s.text) for s in group)
        if whole > MEAN:
            found.append(f"{whole:.1f} on average: {subject}")
    return found


def test_every_statement_for_patients_can_be_read(medicine: Medicine) -> None:
    assert too_hard(medicine.statements) == []


def test_the_corrections_of_claims_can_be_read(medicine: Medicine) -> None:
    for c in medicine.claims:
        assert grade(c.correction) <= EACH + 1, (c.id, grade(c.correction))
    if medicine.claims:
        assert grade(c.correction for c in medicine.claims) <= MEAN


def test_a_hard_statement_is_noticed() -> None:
    hard = a_statement("Concomitant administration necessitates individualised titration and periodic reassessment.")
    assert len(too_hard([hard])) == 2
    assert too_hard([a_statement("Take one tablet with your food each day.")]) == []


@pytest.mark.parametrize(
    ("word", "count"),
    [("dose", 1), ("doses", 2), ("tablet", 2), ("baclofen", 3), ("lowered", 2), ("wanted", 2), ("times", 1), ("safety", 2),
     ("slowly", 2), ("emergency", 4), ("breathing", 2), ("spoon", 1), ("people", 2), ("muscles", 2), ("2.5", 1)],
)  # fmt: skip
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_a_full_stop_in_a_number_or_a_short_form_ends_no_sentence() -> None:
    assert len(sentences("Take 2.5 mL. That is 0.5 of a 5 mL syringe, e.g. the blue one. Ask Dr. Lee.")) == 3


def test_the_examples_of_the_reading_grade_run() -> None:
    assert doctest.testmod(readability).attempted >= 3
    assert doctest.testmod(readability).failed == 0


def test_the_grade_is_the_published_formula() -> None:
    # 10 words, 2 sentences, 11 syllables, by hand: 0.39 * 5 + 11.8 * 1.1 - 15.59.
    assert grade("Take one tablet at noon. Take one more at night.") == pytest.approx(-0.66, abs=0.005)


# ----------------------------------------------------------------------------------------------------- nothing is copied


def tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(said: list[str]) -> Iterator[str]:
    return (" ".join(said[i : i + RUN]) for i in range(len(said) - RUN + 1))


def copied(texts: dict[str, str], others: Iterable[tuple[str, str]]) -> list[str]:
    """Where a text shares a run of nine words or more with one of the others."""
    ours: dict[str, str] = {run: id for id, text in texts.items() for run in runs(tokens(text))}
    return sorted({f"{ours[r]} = {name}: {r}" for name, text in others for r in runs(tokens(text)) if r in ours})


def own_words(m: Medicine) -> dict[str, str]:
    return {
        **{f"statement.{s.id}": s.text for s in m.statements},
        **{f"claim.{c.id}": f"{c.says} {c.correction}" for c in m.claims},
    }


def label_files(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".xml", ".html", ".json"):
            text = path.read_text("utf-8", errors="replace")
            yield path.name, unescape(re.sub(r"<[^>]+>|\\n", " ", text))


def test_no_sentence_of_a_label_is_copied() -> None:
    folder = shared("data/labels")
    texts = {f"{id}/{k}": v for id in FILES for k, v in own_words(library.load_medicine(FILES[id])).items()}
    assert copied(texts, label_files(folder)) == []


def test_no_sentence_of_the_first_page_is_copied() -> None:
    page = shared("data/pages/what-is-baclofen.txt").read_text("utf-8")
    for id in FILES:
        assert copied(own_words(library.load_medicine(FILES[id])), [("page", page)]) == []


def test_a_copied_sentence_is_noticed() -> None:
    label = "In one study the drug was given to forty people, who then slept for longer than before."
    assert copied({"x": "The DRUG was given to forty people who then slept a lot."}, [("label", label)])
    assert not copied({"x": "The drug was given to forty people."}, [("label", label)])


# ------------------------------------------------------------------------------------------------- examples hold


def taken(measured: object) -> str:
    """What is taken, as an example writes it: "1 1/2 us-tablet-10mg", or "5 mL" and the id for a liquid."""
    parts: list[str] = []
    for take in getattr(measured, "takes", ()):
        whole, rest = divmod(take.quantity.value, 1)
        number = " ".join(x for x in (str(whole) if whole else "", str(rest) if rest else "") if x)
        parts.append(f"{number} mL {take.product.id}" if take.product.liquid else f"{number} {take.product.id}")
    return " + ".join(parts)


def broken(m: Medicine, e: Example) -> list[str]:
    """Where an example of a medicine file does not plan as it promises."""
    made = make_plan(f"{m.id} {e.text}", country=e.jurisdiction, have=list(e.have), person=dict(e.person))
    found: list[str] = []
    for severity in ("stop", "warn"):
        checks = {f.check for f in made.findings if f.severity == severity}
        promised = set(getattr(e.expect, severity))
        # Beside a stop, further warnings are allowed; a plan that promises none has none.
        if not promised <= checks or (not promised and checks and not e.expect.stop):
            found.append(f"{e.text} ({e.jurisdiction}): {severity} {sorted(checks)}, not {sorted(promised)}")
    if e.expect.take and taken(made.measures[0][1]) != e.expect.take:
        found.append(f"{e.text} ({e.jurisdiction}): {taken(made.measures[0][1])}, not {e.expect.take}")
    return found


def test_every_example_holds(medicine: Medicine) -> None:
    assert [x for e in medicine.examples for x in broken(medicine, e)] == []


@pytest.mark.parametrize(
    "change",
    [{"take": "2 gb-tablet-10mg"}, {"stop": ("maximum",)}, {"warn": ("maximum",)}],
)
def test_an_example_that_does_not_hold_is_noticed(change: dict[str, object]) -> None:
    m = library.load_medicine(FILES["baclofen"])
    good = m.examples[0]
    assert broken(m, good) == []
    assert broken(m, evolve(good, expect=evolve(good.expect, **change)))  # type: ignore[arg-type]
