"""The reader's answers beside the course: names, strengths, places, steps from what is taken now, remarks, and the command."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from posology.amount import Amount, Strength
from posology.cli import app
from posology.directions import Phase
from posology.wording import read
from posology.wording.chunks import HANDLERS
from posology.wording.en.grammar import ROWS, chunks
from posology.wording.en.lexicon import CLASSES, PHRASES_SORTED, WORDS
from posology.wording.en.remarks import REMARKS
from posology.wording.spelling import repair
from tests.spec.reading.laws import broken

OURS = [
    "scan",
    "spelling",
    "clause",
    "fields",
    "often",
    "lasting",
    "amounts",
    "around",
    "chunks",
    "cutting",
    "among",
    "joining",
    "closing",
    "steps",
    "reading",
]
ROOM = Path(__file__).parent.parent.parent / "src" / "posology" / "wording"


def test_the_named_product() -> None:
    named = read("Baclofen 10mg tablets. Take ONE tablet THREE times a day", names=("Lioresal", "baclofen")).named
    assert named is not None
    assert (named.text, named.matched, named.strength, named.form) == (
        "Baclofen",
        "baclofen",
        Amount(10, "mg"),
        "{tablet}",
    )
    alone = read("baclofen 10 mg three times a day", names=("baclofen",))
    assert alone.named is not None
    assert alone.named.strength is None
    liquid = read("Baclofen 5mg/5ml oral solution: 5 ml three times a day").named
    assert liquid is not None
    assert liquid.strength == Strength(Amount(5, "mg"), Amount(5, "mL"))
    per_tablet = read("1 tablet (20 mg) twice a day").named
    assert per_tablet is not None
    assert per_tablet.strength == Amount(20, "mg")
    total = read("2 tablets (20 mg total) twice a day").named
    assert total is None or total.strength is None
    assert (read("1 MR tablet daily").named or alone.named).release == "MR"


def test_the_name_in_the_middle() -> None:
    r = read("take two baclofen 10 mg tablets at night", names=("baclofen",))
    assert r.complete
    assert r.named is not None
    assert r.named.matched == "baclofen"
    assert str(r.course.directions[0].dose) == "2 tablets" if r.course else False


def test_every_field_has_its_place() -> None:
    text = "Take 1 tablet by mouth three times a day for 7 days as needed for pain, max 4 tablets in 24 hours"
    r = read(text)
    assert r.course is not None
    spans = r.course.directions[0].spans
    got = {name: text[s.start : s.end] for name, s in spans.items()}
    assert got == {
        "dose": "1 tablet", "route": "by mouth", "timing": "three times a day", "bounds": "for 7 days",
        "as_needed": "as needed for pain", "max": "max 4 tablets in 24 hours",
    }  # fmt: skip


def test_a_change_from_what_is_taken_now() -> None:
    now = read("30 mg daily").course
    r = read("reduce by 10 mg every week then stop", taking=now)
    assert r.complete
    assert r.course is not None
    assert [str(p.directions[0].dose) for p in r.course.phases] == ["20 mg", "10 mg"]
    assert [p.days for p in r.course.phases] == [7, 7]
    assert r.course.after == "stop"
    assert not read("reduce by 10 mg every week then stop").complete


def test_a_change_of_several_doses_a_day_without_saying_which_is_refused() -> None:
    now = read("20 mg three times a day").course
    r = read("reduce by 10 mg every week then stop", taking=now)
    assert not r.complete
    assert "two readings" in r.problems[0].what
    each = read("reduce by 10 mg each dose every week then stop", taking=now)
    assert [str(p.directions[0].dose) for p in each.course.phases] == ["10 mg"] if each.course else False


def test_a_refusal_keeps_the_readable_part() -> None:
    r = read("10 mg three times a day, then 2 weekly")
    assert not r.complete
    assert r.course is not None
    assert str(r.course.directions[0].dose) == "10 mg"


def test_facts_are_no_doses() -> None:
    r = read("1 tablet daily starting 16 January 2026, dispense 30, 2 refills")
    assert r.complete
    assert [(f.key, f.value) for f in r.facts if f.key == "start"] == [("start", "2026-01-16")]
    assert sum(f.key == "pack" for f in r.facts) == 2


@pytest.mark.parametrize(
    ("word", "read_as"),
    [
        ("tabelt", "tablet"),
        ("millgrams", "milligrams"),
        ("mornng", None),
        ("infecton", "infection"),
        ("microgras", None),
    ],
)
def test_slips_are_mended_within_the_list_only(word: str, read_as: str | None) -> None:
    mended = repair(word)
    if read_as is not None:
        assert mended == read_as
    assert mended is None or abs(len(mended) - len(word)) <= 1


def test_no_slip_turns_one_unit_into_another() -> None:
    units = {w: v for w, (kind, v) in WORDS.items() if kind in "mc" and len(w) >= 5}
    for word, unit in units.items():
        for k in range(len(word)):
            mended = repair(word[:k] + word[k + 1 :])
            if mended in units:
                assert units[mended] == unit, (word, word[:k] + word[k + 1 :], mended)


def test_each_row_of_the_grammar_has_its_handler_and_each_letter_its_meaning() -> None:
    names = {name for name, _ in ROWS} - {"sep", "then", "continue", "stop", "instead"}
    assert names <= set(HANDLERS)
    used = {kind for kind, _ in WORDS.values()} | {lex[0] for rows in PHRASES_SORTED.values() for _, lex in rows}
    assert used <= set(CLASSES)


@pytest.mark.parametrize("seed", range(20))
def test_the_rows_that_are_tried_first_are_the_rows_that_can_match(seed: int) -> None:
    # the tables by first letter must cut as the plain list of rows does, whatever the letters
    names = {f"_{k}": name for k, (name, _) in enumerate(ROWS)}
    plain = re.compile("|".join([*(f"(?P<_{k}>{row})" for k, (_, row) in enumerate(ROWS)), "(?P<rest>.)"]))
    draw = random.Random(seed)
    for _ in range(300):
        text = "".join(draw.choices("".join(CLASSES) + "nnnnmcttaiTDFWB", k=draw.randint(1, 25)))
        assert chunks(text) == [
            (names.get(m.lastgroup or "", "rest"), m.start(), m.end()) for m in plain.finditer(text)
        ], text


@pytest.mark.parametrize(
    "text",
    [
        "times day mL mouth 5 times mL times 5 athen daily. 2.5 (12.5m2.5 (12.5mg) 2 h morning day Take two a for (25m; a",
        "Take 2 tablets (1,000 mg total) by mouth every 6 (six) hours as needed qd for mild3/7 p",
        "TDS Max TDS",
    ],
)
def test_texts_that_fuzzing_broke_keep_the_laws(text: str) -> None:
    assert broken(read(text)) == []


def test_a_day_later_is_the_length_of_the_step_before_it() -> None:
    course = read("1 tablet now, then 1 tablet 12 hours later, then 1 tablet tomorrow, then 1 tablet daily").course
    assert course is not None
    assert [p.length for p in course.phases] == [Amount(12, "h"), Amount(1, "d"), Amount(1, "d"), None]


def test_the_start_that_is_missing_is_asked_for() -> None:
    r = read("Increase by 1 tablet every week until you reach 3 tablets twice a day")
    assert not r.complete
    assert r.named is None
    assert any("What it changes from" in p.what for p in r.problems)
    start = read("1 tablet twice a day").course
    assert read("Increase by 1 tablet every week until you reach 3 tablets twice a day", taking=start).complete


def test_each_remark_has_its_sentence() -> None:
    source = "".join(path.read_text("utf-8") for path in ROOM.glob("*.py") if path.stem in OURS)
    keys = set(re.findall(r'(?:p|self\.p)\.note\(\s*(?:p|self\.p)\.\w+,\s*"([a-z0-9-]+)"', source))
    keys |= set(re.findall(r'Note\(\s*"([a-z0-9-]+)"', source))
    assert len(keys) > 25
    assert keys <= set(REMARKS), keys - set(REMARKS)


def test_one_phase_has_its_length_and_not_its_members() -> None:
    r = read("10 mg daily for 7 days")
    assert r.course is not None
    assert r.course.phases[0] == Phase(r.course.directions, Amount(7, "d"))
    assert r.course.directions[0].timing.bounds is None
    assert r.course.after == "unknown"


# The command


def run(*args: str, text: str = "") -> Result:
    return CliRunner().invoke(app, ["read", *args], input=text)


def test_the_command_reads_and_refuses() -> None:
    good = run("Take 1 tablet in the morning and 2 at night")
    assert good.exit_code == 0
    assert "1 tablet in the morning and 2 tablets at night" in good.output
    bad = run("2 weekly")
    assert bad.exit_code == 1
    assert "two readings" in bad.output
    assert run("reduce by 10 mg every week then stop", "--taking", "30 mg daily").exit_code == 0


def test_the_command_gives_json() -> None:
    made = json.loads(run("1 tablet QD", "--json").output)
    assert made["dosage"][0]["timing"]["repeat"] == {"frequency": 1, "period": 1, "periodUnit": "d"}
    assert made["warnings"][0]["key"] == "qd"
    assert made["places"][0]["dose"] == {"start": 0, "end": 8, "text": "1 tablet"}


def test_a_batch_keeps_its_order_and_its_errors_in_the_line(tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "text": "1 tablet daily"}',
        "2 weekly",
        '{"id": 3}',
        "",
        '{"broken',
        '{"id": "z", "text": "½ tablet nocte"}',
    ]
    source = tmp_path / "sigs.ndjson"
    source.write_text("\n".join(lines) + "\n", "utf-8")
    got = run(str(source), "--batch")
    made = [json.loads(line) for line in got.stdout.splitlines()]
    assert got.exit_code == 0
    assert [m.get("id") for m in made] == ["a", None, 3, None, None, "z"]
    assert [m["refused"] for m in made] == [False, True, True, True, True, False]
    assert all(set(m) >= {"dosage", "refused", "warnings", "left_over"} for m in made)
    assert made[-1]["dosage"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 0.5
    assert "6 read, 4 refused" in got.stderr


def test_a_batch_of_csv(tmp_path: Path) -> None:
    source = tmp_path / "sigs.csv"
    source.write_text('id,sig\n1,"1 tablet, twice daily"\n2,hello\n', "utf-8")
    made = [json.loads(line) for line in run(str(source), "--batch", "--column", "sig").stdout.splitlines()]
    assert [(m["id"], m["refused"]) for m in made] == [("1", False), ("2", True)]
    missing = run(str(source), "--batch")
    assert missing.exit_code != 0


def test_steps_are_numbered_in_a_batch() -> None:
    made = json.loads(run("-", "--batch", text="2 tablets stat then 1 tablet daily for 4 days\n").stdout)
    assert [d["sequence"] for d in made["dosage"]] == [1, 2]
    assert made["dosage"][0]["timing"]["repeat"] == {"count": 1}
    assert made["dosage"][1]["timing"]["repeat"]["boundsDuration"]["value"] == 4
