"""The index: names, prefixes, imprints, questions; resumed and killed imports; damaged files."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import jsonschema
import pytest

from posology.errors import UnreadableError
from posology.labels import schemas, search
from tests.cli.run import run
from tests.labels.build import spl

WARN = ("34071-1", "WARNINGS", ["Seizures followed the abrupt withdrawal of this medicine."])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    there = tmp_path / "labels"
    there.mkdir()
    for n, (name, generic, use, imprint) in enumerate(
        [
            ("Examplo", "examplone", "muscle cramp", "EX;10"),
            ("Otherol", "otherolol hydrochloride", "high blood pressure", "OT 5"),
            ("Thirdex", "thirdexine", "cough", ""),
        ]
    ):
        (there / f"{n}.xml").write_bytes(
            spl(name=name, generic=generic, setid=f"00000000-0000-4000-8000-00000000000{n}", ndc=f"99999-00{n}", imprint=imprint,
                sections=[("34067-9", "USES", [f"{name} is for {use}."]), WARN, ("34068-7", "DOSAGE", ["If you miss a dose, leave it out."])])
        )  # fmt: skip
    return there


@pytest.fixture
def index(folder: Path, tmp_path: Path) -> Path:
    search.build([folder], tmp_path / "x.db", jobs=1)
    return tmp_path / "x.db"


def first(index: Path, query: str) -> str:
    found = search.search(index, query)
    return found[0].name if found else ""


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("Examplo", "Examplo"), ("examplone", "Examplo"), ("exam", "Examplo"), ("OTHEROLOL HYDROCHLORIDE", "Otherol"), ("otherolol", "Otherol"),
        ("EX 10", "Examplo"), ("EX10", "Examplo"), ("pill marked OT 5", "Otherol"), ("99999-001", "Otherol"), ("muscle cramp", "Examplo"),
        ("what happens if I stop thirdexine suddenly?", "Thirdex"), ("medicine for high blood pressure", "Otherol"), ("cough", "Thirdex"),
    ],
)  # fmt: skip
def test_what_is_found_first(index: Path, query: str, name: str) -> None:
    assert first(index, query) == name


def test_a_question_gets_the_section_that_answers(index: Path) -> None:
    hit = search.search(index, "what happens if I stop thirdexine suddenly?")[0]
    assert (hit.section_code, "abrupt withdrawal" in hit.quote) == ("34071-1", True)
    hit = search.search(index, "missed dose of Otherol")[0]
    assert (hit.name, hit.section_code) == ("Otherol", "34068-7")


@pytest.mark.parametrize(
    "query", ["", "   ", '"', "zzzzqq", "a OR b AND (", "'; drop table label; --", "names : x", "*", "NEAR(", "\x00"]
)
def test_odd_queries_answer_calmly(index: Path, query: str) -> None:
    jsonschema.validate(
        json.loads(json.dumps(search.search_json(query, search.search(index, query)))), schemas.load("search")
    )
    assert first(index, "Examplo") == "Examplo"


def test_what_is_in_is_not_read_twice_and_the_newest_edition_is_shown(folder: Path, index: Path) -> None:
    again = search.build([folder], index, jobs=1)
    assert (again.added, again.kept, again.labels) == (0, 3, 3)
    (folder / "new.xml").write_bytes(
        spl(
            name="Examplo",
            setid="00000000-0000-4000-8000-000000000000",
            version="9",
            effective="20270101",
            sections=[WARN],
        )
    )
    assert search.build([folder], index, jobs=1).added == 1
    found = search.search(index, "Examplo")
    assert [(h.version, h.effective) for h in found] == [("9", "2027-01-01")]


def test_a_damaged_file_never_stops_the_rest(folder: Path, tmp_path: Path) -> None:
    (folder / "0broken.xml").write_bytes(b"<document xmlns='urn:hl7-org:v3'><id></document>")
    with zipfile.ZipFile(folder / "1.zip", "w") as z:
        z.writestr("a/good.xml", spl(name="Zipped", generic="zippedine", setid="z"))
        z.writestr("../evil.xml", spl(name="Evil"))
        z.writestr("bomb.xml", b"<a>" + b" " * 3_000_000)
    done = search.build([folder], tmp_path / "y.db", jobs=1)
    assert (done.added, done.failed) == (4, 3)
    assert all("\n" not in e for e in done.errors)
    assert first(tmp_path / "y.db", "zippedine") == "Zipped"
    assert not list(tmp_path.glob("**/evil.xml"))


def test_two_processes_give_the_same_index(folder: Path, tmp_path: Path) -> None:
    for n in range(30):
        (folder / f"many{n}.xml").write_bytes(spl(name=f"Many{n}x", setid=f"m{n}"))
    done = search.build([folder], tmp_path / "z.db", jobs=2)
    assert (done.added, done.failed) == (33, 0)
    assert first(tmp_path / "z.db", "many17x") == "Many17x"


KILLED = """
import sys
from pathlib import Path
from posology.labels import search
def stop(done):
    if done.added >= 2 * search.BATCH:
        import os
        os.kill(os.getpid(), 9)
search.BATCH = 5
old = search._insert
def insert(base, row):
    old(base, row)
    if "label 12" in row.name:
        import os
        os.kill(os.getpid(), 9)
search._insert = insert
search.build([Path(sys.argv[1])], Path(sys.argv[2]), jobs=1, progress=stop)
"""


def test_nothing_is_half_indexed_after_a_kill(tmp_path: Path) -> None:
    there = tmp_path / "many"
    there.mkdir()
    for n in range(20):
        (there / f"{n:02}.xml").write_bytes(spl(name=f"label {n}", generic=f"generic{n:02}", setid=f"s{n}"))
    index = tmp_path / "k.db"
    done = subprocess.run([sys.executable, "-c", KILLED, str(there), str(index)], check=False)
    assert done.returncode == -9
    with sqlite3.connect(index) as base:
        labels = {i for (i,) in base.execute("select id from label")}
        words = base.execute("select count(*) from words").fetchone()[0]
        named = {i for (i,) in base.execute("select distinct label from name")}
        finished = base.execute("select count(*) from done").fetchone()[0]
    base.close()
    assert len(labels) == words == finished == 10
    assert named == labels
    after = search.build([there], index, jobs=1)
    assert (after.kept, after.added, after.labels) == (10, 10, 20)


ORPHANS = """
import multiprocessing, os, sys
from pathlib import Path
from posology.labels import search
def stop(done):
    if done.added:
        Path(sys.argv[3]).write_text(" ".join(str(p.pid) for p in multiprocessing.active_children()))
        os.kill(os.getpid(), 9)
search.BATCH = 5
if __name__ == "__main__":
    search.build([Path(sys.argv[1])], Path(sys.argv[2]), jobs=2, progress=stop)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_no_worker_outlives_a_killed_import(tmp_path: Path) -> None:
    there = tmp_path / "many"
    there.mkdir()
    for n in range(60):
        (there / f"{n:02}.xml").write_bytes(spl(name=f"label {n}", setid=f"s{n}"))
    script = tmp_path / "run.py"
    script.write_text(ORPHANS, "utf-8")
    told = tmp_path / "workers"
    done = subprocess.run([sys.executable, str(script), str(there), str(tmp_path / "o.db"), str(told)], check=False)
    assert done.returncode == -9
    workers = [int(p) for p in told.read_text("utf-8").split()]
    assert workers
    deadline = time.monotonic() + 20
    while left := [p for p in workers if Path(f"/proc/{p}").exists()]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


def test_what_is_no_index_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no index here"):
        search.search(tmp_path / "none.db", "x")
    (tmp_path / "bad.db").write_bytes(b"hello, this is not a database at all, not even nearly" * 100)
    with pytest.raises(UnreadableError, match="no index file"):
        search.search(tmp_path / "bad.db", "x")
    with sqlite3.connect(tmp_path / "old.db") as base:
        base.execute("create table meta (key text, value text)")
    base.close()
    with pytest.raises(UnreadableError, match="another version"):
        search.search(tmp_path / "old.db", "x")


ASKED = [
    ("34067-9", "INDICATIONS", ["Askol is indicated for made-up cramp."]),
    ("34070-3", "CONTRAINDICATIONS", ["Askol is contraindicated in glaucoma."]),
    ("34071-1", "WARNINGS", ["Sudden withdrawal in children may follow vomiting.", "Fits followed abrupt withdrawal or a sudden stop."]),
    ("34068-7", "DOSAGE", ["The dose should not exceed 60 mg.", "Reduce the dose in renal impairment.", "To come off it, taper over 2 weeks."]),
    ("34073-7", "INTERACTIONS", ["Otherin slows the breakdown of askolone."]),
    ("34084-4", "ADVERSE REACTIONS", ["The highest dose gave headache; 2 people who should not take part fell; renal function, dose of 60 mg."]),
    ("34088-5", "OVERDOSAGE", ["After too large an amount, the heart slows."]),
    ("43678-2", "DOSAGE FORMS", ["Round blue tablets."]),
    ("42230-3", "LEAFLET", ["This leaflet comes with it. If you forget it, leave it out."]),
]  # fmt: skip


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    (tmp_path / "a.xml").write_bytes(spl(name="Askol", generic="askolone", ndc="88888-001", setid="a", sections=ASKED))
    warn = [("34071-1", "WARNINGS", ["Tell your doctor if you take askolone."])]
    (tmp_path / "b.xml").write_bytes(spl(name="Otherin", generic="otherine", ndc="88888-002", setid="b", sections=warn))
    (tmp_path / "c.xml").write_bytes(
        spl(name="Cold and Cough Relief", generic="coughine", ndc="88888-003", setid="c", sections=[WARN])
    )
    search.build([tmp_path], tmp_path / "x.db", jobs=1)
    return tmp_path / "x.db"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Askol", "34067-9"),
        ("what is askolone for", "34067-9"),
        ("who should not take Askol", "34070-3"),
        ("how do I come off Askol", "34068-7"),
        ("what happens if I stop Askol", "34071-1"),
        ("Askol cold turkey", "34071-1"),
        ("highest dose of Askol", "34068-7"),
        ("Askol with weak kidneys", "34068-7"),
        ("what does Askol look like", "43678-2"),
        ("I took too much Askol", "34088-5"),
        ("forgot my Askol", "42230-3"),
    ],
)
def test_a_question_is_answered_from_the_section_that_is_about_it(asked: Path, query: str, code: str) -> None:
    hit = search.search(asked, query)[0]
    assert (hit.name, hit.section_code) == ("Askol", code)


def test_of_two_answers_the_fuller_is_shown(asked: Path) -> None:
    assert search.search(asked, "stop Askol suddenly")[0].quote.startswith("Fits followed")


def test_two_medicines_in_a_question(asked: Path) -> None:
    found = search.search(asked, "can I take Askol with otherine")
    assert {h.name: h.section_code for h in found} == {"Askol": "34073-7", "Otherin": "34071-1"}


@pytest.mark.parametrize(
    ("slip", "name"), [("askolona", "Askol"), ("oterine", "Otherin"), ("stop askoloen suddenly", "Askol")]
)
def test_a_slip_of_spelling_is_found_and_said(asked: Path, slip: str, name: str) -> None:
    hit = search.search(asked, slip)[0]
    assert hit.name == name
    assert hit.why.startswith(search.NEAR)


def test_a_page_is_made_of_no_name_that_is_only_spelt_alike(asked: Path) -> None:
    from posology.labels.stored import stored

    assert stored(asked, "askolone") is not None
    assert stored(asked, "askolona") is None


def test_a_word_that_no_label_has_is_said(asked: Path) -> None:
    assert search.unknown(asked, "stopping wonderol") == ("wonderol",)
    assert search.unknown(asked, "stopping askolona") == ()
    said = json.loads(run("search", "stopping wonderol", "--index", str(asked), "--json").out)
    assert said["unknown"] == ["wonderol"]
    jsonschema.validate(said, schemas.load("search"))
    assert "No label here has the word: wonderol." in run("search", "stopping wonderol", "--index", str(asked)).out


def test_an_ordinary_word_of_a_name_names_no_medicine(asked: Path) -> None:
    found = search.search(asked, "stopping it cold")
    assert all(h.why == search.BY_WORDS for h in found)
    assert search.search(asked, "cold and cough relief")[0].name == "Cold and Cough Relief"


def test_a_stored_label_keeps_its_lists(tmp_path: Path) -> None:
    from posology.labels.stored import stored

    items = "<list><item>have asthma<list><item>or had it</item></list></item></list>"
    (tmp_path / "a.xml").write_bytes(
        spl(name="Askol", sections=[("42230-3", "LEAFLET", ["Do not take it if you:", items])])
    )
    search.build([tmp_path], tmp_path / "x.db", jobs=1)
    label = stored(tmp_path / "x.db", "Askol")
    assert label is not None
    held = next(p.section for p in label.walk("text") if p.section.code == "42230-3").blocks
    assert [(b.kind, b.words, b.depth) for b in held] == [
        ("paragraph", "Do not take it if you:", 0),
        ("item", "have asthma", 1),
        ("item", "or had it", 2),
    ]


@pytest.mark.parametrize("damage", ["update label set body = x'00'", "delete from label where id = 1"])
def test_a_damaged_index_is_said(index: Path, damage: str) -> None:
    base = sqlite3.connect(index)
    with base:
        base.execute(damage)
    base.close()
    with pytest.raises(UnreadableError, match="damaged"):
        search.search(index, "examplone")
