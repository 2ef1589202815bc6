"""Every command for each medicine on file: an ordinary prescription, too much, a sudden stop, the page, the levels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from posology import library
from posology.medicine import MaxPerDay
from tests.cli.run import Seen, run

# An ordinary prescription, one above the maximum (or none where the label states none), and what it is for.
ORDINARY: dict[str, tuple[str, str, str]] = {
    "baclofen": ("10 mg three times a day", "30 mg three times a day", "spasticity from multiple sclerosis"),
    "carbidopa-levodopa": ("100 mg three times a day", "700 mg three times a day", "Parkinson's disease"),
    "clomipramine": ("100 mg at bedtime", "300 mg at bedtime", "OCD"),
    "clonazepam": ("0.5 mg twice a day", "3 mg twice a day", "panic attacks"),
    "clonidine": ("0.1 mg twice a day", "1.3 mg twice a day", "high blood pressure"),
    "diazepam": ("5 mg twice a day", "", "anxiety"),
    "gabapentin": ("300 mg three times a day", "1500 mg three times a day", "epilepsy"),
    "gabapentin-enacarbil": ("600 mg once a day", "600 mg three times a day", "restless legs"),
    "levetiracetam": ("500 mg twice a day", "2000 mg twice a day", "epilepsy"),
    "lorazepam": ("1 mg twice a day", "6 mg twice a day", "anxiety"),
    "metoprolol-succinate": ("50 mg once a day", "500 mg once a day", "high blood pressure"),
    "paroxetine": ("20 mg once a day", "60 mg once a day", "depression"),
    "prednisone": ("20 mg once a day", "", "a skin illness"),
    "pregabalin": ("75 mg twice a day", "200 mg twice a day", "diabetic neuropathy"),
    "propranolol": ("40 mg twice a day", "200 mg four times a day", "high blood pressure"),
    "propranolol-extended-release": ("80 mg once a day", "240 mg once a day", "high blood pressure"),
    "propranolol-infant-solution": ("2 mL twice a day", "3 mL twice a day", "haemangioma"),
    "tizanidine": ("4 mg three times a day", "14 mg three times a day", "spasticity"),
    "venlafaxine": ("75 mg once a day", "150 mg once a day", "social anxiety"),
}
BABY = {"age": '"7 months"', "weight": "5"}
OURS = sorted(f.parent.name for f in (library.DATA / "medicines").glob("*/medicine.toml"))


def planned(id: str, text: str, where: Path, **more: str) -> Seen:
    """A plan for somebody of whom everything is known and nothing else is the matter."""
    infant = id == "propranolol-infant-solution"
    facts = {
        "age": "45", "weight": "70", "egfr": '{ value = 95, date = "2026-11-01" }', "crcl": '{ value = 95, date = "2026-11-01" }',
        "dialysis": "false", "indication": json.dumps(ORDINARY[id][2]), "conditions": "[]", "medicines": "[]", "allergies": "[]",
        "pregnant": "false", "breastfeeding": "false", "alcohol": "false", "needs": "[]", **(BABY if infant else {}), **more,
    }  # fmt: skip
    file = where / "person.toml"
    file.write_text("\n".join(f"{k} = {v}" for k, v in facts.items()), "utf-8")
    house = ("--have", "4.28 mg/mL solution x 120 mL", "--syringe", "5 mL by 0.1 mL") if infant else ()
    dose = text.split(" for ")[0]
    return run("plan", f"{dose}{text[len(dose):]}", "--medicine", id, "--country", "US", "--zone", "America/New_York", "--awake", "07:00-22:30",
               "--from", "2026-11-24", "--person", str(file), "--taking", f"{library.medicine(id).names[0]} {dose} since 2026-01-01", *house)  # fmt: skip


def test_every_medicine_is_in_the_table() -> None:
    assert sorted(ORDINARY) == OURS


@pytest.mark.parametrize("id", OURS)
def test_an_ordinary_prescription_is_a_plan(id: str, tmp_path: Path) -> None:
    got = planned(id, ORDINARY[id][0], tmp_path)
    assert got.status == 0, got.out + got.err
    assert "Your doses" in got.out
    assert got.out.index("CALL 911") < got.out.index("Your doses")


@pytest.mark.parametrize("id", [i for i in OURS if ORDINARY[i][1]])
def test_too_much_stops(id: str, tmp_path: Path) -> None:
    got = planned(id, ORDINARY[id][1], tmp_path)
    assert got.status == 3, got.out + got.err
    assert "DO NOT FOLLOW THIS PLAN YET" in got.out
    assert "Your doses" not in got.out
    assert "Do not stop this medicine or cut it by yourself" in got.out


@pytest.mark.parametrize("id", [i for i in OURS if not ORDINARY[i][1]])
def test_where_no_most_is_stated_no_rule_stops(id: str) -> None:
    assert not [s for s in library.medicine(id).rules(MaxPerDay) if s.rule.above == "stop" and s.verified]  # type: ignore[union-attr]


NO_STEPS = "gabapentin-enacarbil"
"""Its label asks for no steps from the ordinary dose for restless legs."""


@pytest.mark.parametrize("id", [i for i in OURS if i != NO_STEPS])
def test_a_sudden_stop_after_long_use_is_stopped(id: str, tmp_path: Path) -> None:
    got = planned(id, f"{ORDINARY[id][0]} for 40 days, then stop", tmp_path)
    assert got.status == 3, got.out
    assert "without bringing the dose down first" in " ".join(got.out.split())


def test_a_stop_that_the_label_allows_without_steps_is_a_plan(tmp_path: Path) -> None:
    got = planned(NO_STEPS, f"{ORDINARY[NO_STEPS][0]} for 40 days, then stop", tmp_path)
    assert got.status == 0, got.out
    assert "without bringing the dose down first" not in " ".join(got.out.split())
    assert "safe to stop" not in got.out


@pytest.mark.parametrize("id", OURS)
def test_its_page_in_every_form(id: str, tmp_path: Path) -> None:
    name, page = library.medicine(id).names[0], tmp_path / "page.html"
    data = json.loads(run("about", name, "--json").out)
    assert data["medicine"] == id
    assert data["sections"][0]["id"] == "emergency"
    assert run("about", name, "--html", str(page)).status == 0
    assert "<main>" in page.read_text("utf-8")
    short = run("about", name, "--short")
    assert short.status == 0
    assert short.out.index("CALL") < short.out.index("What matters most")


@pytest.mark.parametrize("id", OURS)
def test_levels_or_a_plain_word_that_there_is_no_model(id: str) -> None:
    got = run("curve", ORDINARY[id][0], "--medicine", id, "--country", "US", "--from", "2026-11-24", "--zone", "Europe/London")  # fmt: skip
    if (library.DATA / "medicines" / id / "models.toml").exists():
        assert got.status == 0, got.err
    else:
        assert got.status != 0
        assert "No model" in got.err or "model" in got.err, got.err


# Who must not have it as it stands: a fact, and what has to be said of it.
HELD_BACK = [
    ("carbidopa-levodopa", {"medicines": '["phenelzine"]'}, 3, "must not be used with most MAO inhibitors"),
    ("carbidopa-levodopa", {"conditions": '["narrow angle glaucoma"]'}, 3, "glaucoma"),
    ("carbidopa-levodopa", {"age": "15"}, 0, "not advised below 18 years"),
    ("clomipramine", {"medicines": '["linezolid"]'}, 3, "must not be used with MAO inhibitors"),
    ("clomipramine", {"conditions": '["heart attack"]'}, 3, "heart attack"),
    ("clomipramine", {"age": "9", "weight": "28"}, 3, "above the highest dose"),
    ("clomipramine", {"allergies": '["imipramine"]'}, 3, "of the same kind as this one"),
    ("clomipramine", {"medicines": '["levothyroxine"]'}, 0, "thyroid medicine it can harm the heart"),
    ("clomipramine", {"conditions": '["brain damage"]'}, 0, "harm to the brain"),
    ("clonazepam", {"conditions": '["severe liver disease"]'}, 3, "liver"),
    ("clonazepam", {"medicines": '["morphine"]'}, 0, "slow or stop your breathing"),
    ("clonidine", {"medicines": '["verapamil"]'}, 0, "pulse can get very slow"),
    ("diazepam", {"conditions": '["sleep apnea"]'}, 3, "sleep apnoea"),
    ("diazepam", {"conditions": '["myasthenia gravis"]'}, 3, "myasthenia"),
    ("diazepam", {"age": '"4 months"', "weight": "6"}, 3, "below 6 months"),
    ("gabapentin", {"crcl": '{ value = 20, date = "2026-11-01" }'}, 3, "above the highest dose: 700 mg"),
    ("gabapentin", {"medicines": '["oxycodone"]'}, 0, "slow or stop your breathing"),
    ("gabapentin-enacarbil", {"crcl": '{ value = 20, date = "2026-11-01" }'}, 3, "above the highest dose: 300 mg"),
    ("gabapentin-enacarbil", {"dialysis": "true"}, 0, "not advised on dialysis"),
    ("levetiracetam", {"egfr": '{ value = 20, date = "2026-11-01" }'}, 0, "weak kidneys"),
    ("levetiracetam", {"age": "8", "weight": "15"}, 3, "above the highest single dose"),
    ("lorazepam", {"conditions": '["acute narrow angle glaucoma"]'}, 3, "glaucoma"),
    ("lorazepam", {"medicines": '["valproate"]'}, 0, "the dose is about half"),
    ("metoprolol-succinate", {"conditions": '["heart block"]'}, 3, "heart block"),
    ("metoprolol-succinate", {"conditions": '["cardiogenic shock"]'}, 3, "shock"),
    ("paroxetine", {"medicines": '["pimozide"]'}, 3, "pimozide"),
    ("paroxetine", {"age": "15"}, 0, "not approved for children"),
    ("paroxetine", {"conditions": '["narrow angle glaucoma"]'}, 0, "narrow angles of the eye"),
    ("paroxetine", {"medicines": '["sertraline"]'}, 0, "advises against other SSRIs"),
    ("paroxetine", {"medicines": '["oxycodone"]'}, 0, "too much serotonin"),
    ("paroxetine", {"age": "22"}, 0, "Up to 24 years of age"),
    ("prednisone", {"conditions": '["systemic fungal infection"]'}, 3, "fungal infection"),
    ("prednisone", {"medicines": '["live vaccines"]'}, 0, "vaccine"),
    ("prednisone", {"conditions": '["ulcerative colitis"]'}, 0, "the wall of the gut may break"),
    ("prednisone", {"conditions": '["ocular herpes simplex"]'}, 0, "herpes of the eye"),
    ("prednisone", {"conditions": '["latent tuberculosis"]'}, 0, "Old tuberculosis can wake up"),
    ("pregabalin", {"crcl": '{ value = 20, date = "2026-11-01" }'}, 3, "above the highest dose: 75 mg"),
    ("propranolol", {"conditions": '["asthma"]'}, 3, "asthma"),
    ("propranolol", {"conditions": '["anaphylaxis"]'}, 0, "adrenaline may work less well"),
    ("propranolol", {"medicines": '["thioridazine"]'}, 0, "level of thioridazine"),
    ("propranolol", {"age": "12"}, 0, "work in children"),
    ("propranolol-extended-release", {"conditions": '["fasting"]'}, 0, "blood sugar can drop"),
    ("propranolol-extended-release", {"conditions": '["bradycardia"]'}, 3, "heart block without a pacemaker"),
    ("propranolol-infant-solution", {"weight": "1.8"}, 3, "below 2 kg"),
    ("propranolol-infant-solution", {"age": '"4 weeks"'}, 0, "5 weeks to 5 months, not before"),
    (
        "propranolol-infant-solution",
        {"age": '"4 weeks"', "conditions": '["born early"]'},
        3,
        "born early who is not yet 5 weeks old",
    ),
    ("propranolol-infant-solution", {"age": '"14 months"'}, 0, "above 1 year of age"),
    ("propranolol-infant-solution", {"conditions": '["premature"]'}, 0, "counted from the due date"),
    ("propranolol-infant-solution", {"conditions": '["vomiting"]'}, 0, "being sick or cannot feed"),
    ("tizanidine", {"medicines": '["fluvoxamine"]'}, 3, "Never take it with fluvoxamine"),
    ("tizanidine", {"crcl": '{ value = 20, date = "2026-11-01" }'}, 0, "below 25"),
    ("venlafaxine", {"medicines": '["tranylcypromine"]'}, 3, "MAO inhibitors"),
    ("venlafaxine", {"conditions": '["angle closure glaucoma"]'}, 0, "closed-angle glaucoma"),
    ("venlafaxine", {"medicines": '["phentermine"]'}, 0, "medicines to lose weight"),
    ("venlafaxine", {"crcl": '{ value = 20, date = "2026-11-01" }'}, 0, "lower by 50 in 100"),
    ("baclofen", {"egfr": '{ value = 20, date = "2026-11-01" }'}, 0, "says to avoid it"),
]


@pytest.mark.parametrize(("id", "fact", "status", "said"), HELD_BACK)
def test_whom_it_is_not_for(id: str, fact: dict[str, str], status: int, said: str, tmp_path: Path) -> None:
    got = planned(id, ORDINARY[id][0], tmp_path, **fact)
    assert got.status == status, got.out + got.err
    assert said in " ".join(got.out.split()), got.out
    assert said not in " ".join(planned(id, ORDINARY[id][0], tmp_path).out.split())


@pytest.mark.parametrize("id", OURS)
def test_an_allergy_stops_each(id: str, tmp_path: Path) -> None:
    name = library.medicine(id).names[0]
    got = planned(id, ORDINARY[id][0], tmp_path, allergies=json.dumps([name]))
    assert got.status == 3
    assert "An allergy to this medicine is on record" in got.out
