"""Bad input: one clear line each, never a traceback, never a network or another file read."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.errors import UnreadableError
from posology.labels import Failure, files, read_file, read_label
from tests.labels.build import spl

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    '<document xmlns="urn:hl7-org:v3"><title>&c;</title></document>'
)
EXTERNAL = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><document xmlns="urn:hl7-org:v3"><title>&x;</title></document>'
DEEP = '<document xmlns="urn:hl7-org:v3">' + "<component>" * 5000 + "</component>" * 5000 + "</document>"
CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blank": (b"  \n ", "empty"),
    "text": (b"hello", "no label"),
    "entity bomb": (BOMB.encode(), "declares entities"),
    "entity bomb in utf-16": (
        BOMB.replace('version="1.0"', 'version="1.0" encoding="utf-16"').encode("utf-16"),
        "declares entities",
    ),
    "external entity": (EXTERNAL.encode(), "declares entities"),
    "deep xml": (DEEP.encode(), "nested too deeply"),
    "deep json": (b"[" * 100_000 + b"]" * 100_000, "nested too deeply|not valid JSON"),
    "deep fhir": (
        json.dumps({"resourceType": "Bundle", "entry": []}).replace("[]", "[" * 500 + "]" * 500).encode(),
        "nested too deeply|no Composition",
    ),
    "deep html": (
        b"<html><body>" + b"<div class='Section' data-sectionCode='1-1'>" * 3000,
        "nested too deeply|cannot be read",
    ),
    "cut xml": (spl()[:900], "not well-formed"),
    "not utf-8": (
        b'<?xml version="1.0" encoding="UTF-8"?><document xmlns="urn:hl7-org:v3"><title>\xff\xfe</title></document>',
        "not well-formed",
    ),
    "json not utf-8": (b'{"set_id": "\xff"}', "not UTF-8"),
    "unknown encoding": (
        b'<?xml version="1.0" encoding="klingon"?><document xmlns="urn:hl7-org:v3"/>',
        "not well-formed|cannot be read",
    ),
    "other xml": (b"<note><to>you</to></note>", "no label"),
    "other html": (b"<html><body><p>Hello</p></body></html>", "no coded label sections"),
    "other json": (b'{"a": 1}', "no label record"),
    "openfda error": (b'{"error": {"code": "NOT_FOUND", "message": "No matches found!"}}', "No matches found"),
    "bundle without text": (b'{"resourceType": "Bundle", "entry": []}', "no Composition"),
    "numbers": (b"[1, 2, 3]", "no label record"),
    "nan": (b"{NaN}", "not valid JSON"),
    "zip": (b"PK\x03\x04rest", "zip archive"),
}


@pytest.mark.parametrize("name", CASES)
def test_one_clear_line(name: str) -> None:
    data, says = CASES[name]
    with pytest.raises(UnreadableError, match=says) as caught:
        read_label(data, "x.file")
    assert len(caught.value.problems) == 1
    assert "\n" not in str(caught.value)
    assert "root:" not in str(caught.value)


def test_a_huge_file_is_not_loaded(tmp_path: Path) -> None:
    huge = tmp_path / "huge.xml"
    with huge.open("wb") as f:
        f.truncate(200_000_000)
    with pytest.raises(UnreadableError, match="too large"):
        read_file(huge)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no such file"):
        read_file(tmp_path / "none.xml")
    with pytest.raises(UnreadableError, match="folder"):
        read_file(tmp_path)


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in members.items():
            z.writestr(name, data)
    return path


def failures(path: Path) -> list[str]:
    return [m.line for m in files.members([path]) if isinstance(m, Failure)]


def test_zip_bombs_slips_and_nesting(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as z:
        z.writestr("label.xml", spl(name="Inner"))
    with zipfile.ZipFile(tmp_path / "deeper.zip", "w") as z:
        z.write(tmp_path / "inner.zip", "inner.zip")
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("good.xml", spl(name="Good"))
        z.writestr("../../slip.xml", spl())
        z.writestr("/abs.xml", spl())
        z.writestr("C:\\win.xml", spl())
        z.writestr("bomb.xml", b"\x00" * 30_000_000)
        z.write(tmp_path / "inner.zip", "inner.zip")
        z.write(tmp_path / "deeper.zip", "deeper.zip")
        z.writestr("picture.jpg", b"not read")
    lines = failures(tmp_path / "all.zip")
    assert sum("leads out" in x for x in lines) == 3
    assert sum("far more than a label" in x for x in lines) == 1
    assert sum("nested too deeply" in x for x in lines) == 1
    good = [m for m in files.members([tmp_path / "all.zip"]) if isinstance(m, files.Member)]
    assert [read_label(m.load(), m.where).name for m in good] == ["Good", "Inner"]


def test_a_lying_size_is_not_believed(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"a.xml": b"<a>" + b" " * 5_000_000})
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(bytes(raw))
    assert len(failures(path)) == 1


def test_damaged_archives(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"a.xml": spl(), "b.xml": spl()})
    raw = bytearray(path.read_bytes())
    raw[60:200] = b"\x55" * 140
    path.write_bytes(bytes(raw))
    assert any("damaged" in x for x in failures(path))
    (tmp_path / "cut.zip").write_bytes(raw[:100])
    assert any("cannot be opened" in x for x in failures(tmp_path / "cut.zip"))


@settings(max_examples=120, deadline=None)
@given(
    data=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda t: ("<" + t).encode("utf-8", "replace")),
        st.text(max_size=200).map(lambda t: ("{" + t).encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_label(data, "x")
    except UnreadableError as error:
        refused = str(error)
    else:
        refused = ""
    assert "\n" not in refused


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 1500), piece=st.binary(min_size=1, max_size=12))
def test_a_damaged_label_is_read_or_refused(at: int, piece: bytes) -> None:
    data = spl(sections=[("34071-1", "WARNINGS", ["Do not stop it suddenly."])])
    try:
        read_label(data[:at] + piece + data[at + len(piece) :], "x")
    except UnreadableError as error:
        refused = str(error)
    else:
        refused = ""
    assert "\n" not in refused


def test_epi_that_is_not_well_formed() -> None:
    data = b'<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Composition><title value="x"></Composition></resource></entry></Bundle>'
    with pytest.raises(UnreadableError, match="not well-formed"):
        read_label(data, "x.xml")


RECORD = {"set_id": "a", "warnings": ["WARNINGS Take care."], "openfda": {"brand_name": ["Examplo"]}}


def test_half_a_character_spoils_no_import(tmp_path: Path) -> None:
    from posology.labels.search import build, row

    (tmp_path / "a.json").write_text(json.dumps({**RECORD, "warnings": ["One \ud800 two \U0001f600"]}), "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(RECORD), "utf-8")
    assert build([tmp_path], tmp_path / "x.db").added == 2
    read = read_file(tmp_path / "a.json")
    assert row(read)
    assert read.sections[0].blocks[0].text == "One \ufffd two \U0001f600"


def test_a_reader_that_fails_unforeseen_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from posology.labels import search

    for name in ("a", "b"):
        (tmp_path / f"{name}.xml").write_bytes(spl(name=name))
    read = files.read_labels
    monkeypatch.setattr(files, "read_labels", lambda data, source: read(data, source) if source == "b.xml" else {}["x"])
    done = search.build([tmp_path], tmp_path / "x.db")
    assert (done.added, done.failed) == (1, 1)
    assert "a.xml" in done.errors[0]
    assert "KeyError" in done.errors[0]


@settings(max_examples=60, deadline=None)
@given(
    odd=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda x: st.lists(x, max_size=2) | st.dictionaries(st.text(max_size=5), x, max_size=2),
        max_leaves=5,
    ),
    key=st.sampled_from(
        ["title", "section", "type", "identifier", "date", "version", "language", "text", "div", "code"]
    ),
    level=st.integers(0, 2),
)
def test_an_epi_of_any_shape_is_read_or_refused(odd: object, key: str, level: int) -> None:
    section: dict[str, object] = {
        "title": "A",
        "text": {"div": "<div>words</div>"},
        "code": {"coding": [{"code": "1"}]},
    }
    paper: dict[str, object] = {"resourceType": "Composition", "title": "Leaflet", "section": [section]}
    [paper, section, section["text"]][level][key] = odd  # type: ignore[index]
    assert read_label(json.dumps(paper).encode(), "x.json").format == "epi"


def test_records_a_line_each(tmp_path: Path) -> None:
    path = tmp_path / "all.ndjson"
    path.write_text("\n".join([json.dumps(RECORD), "", json.dumps({**RECORD, "set_id": "b"}), '{"cut": ']), "utf-8")
    assert [x.setid for x in files.read_labels(path.read_bytes(), path.name)] == ["a", "b"]
    assert any("Line 4 is not valid JSON" in n for n in read_file(path).notes)
    assert [m.where for m in files.members([tmp_path]) if isinstance(m, files.Member)] == [str(path)]
    with pytest.raises(UnreadableError, match="not valid JSON"):
        read_label(json.dumps(RECORD, indent=1)[:-3].encode(), "cut.json")


def test_what_is_left_out_of_a_file_of_several_is_said() -> None:
    data = json.dumps({"results": [RECORD, None, {"foo": 1}, {**RECORD, "set_id": "b"}]}).encode()
    first, second = files.read_labels(data, "x.json")
    assert any("2 of the 4 entries" in n for n in first.notes)
    assert second.setid == "b"


def test_an_archive_of_one_label_is_that_label(tmp_path: Path) -> None:
    one = archive(tmp_path / "one.zip", **{"a.xml": spl(name="One"), "a.jpg": b"x"})
    assert read_file(one).name == "One"
    assert not read_file(one).notes
    two = archive(tmp_path / "two.zip", **{"a.xml": spl(name="One"), "b.xml": spl(name="Two")})
    assert any("more than one label" in n for n in read_file(two).notes)
    with pytest.raises(UnreadableError, match="No label file"):
        read_file(archive(tmp_path / "none.zip", **{"a.jpg": b"x"}))
    with pytest.raises(UnreadableError, match="No label file"):
        read_file(archive(tmp_path / "empty.zip"))
    (tmp_path / "bad.zip").write_bytes(one.read_bytes()[:60])
    with pytest.raises(UnreadableError, match="cannot be opened"):
        read_file(tmp_path / "bad.zip")


def test_a_place_without_labels_is_said(tmp_path: Path) -> None:
    assert "No label file is in here" in failures(tmp_path)[0]


def test_a_file_is_the_same_by_whatever_path_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.xml").write_bytes(spl())
    archive(tmp_path / "b.zip", **{"a.xml": spl()})
    monkeypatch.chdir(tmp_path)
    keys = [[m.key for m in files.members([p]) if isinstance(m, files.Member)] for p in (tmp_path, Path())]
    assert keys[0] == keys[1]
    assert len(keys[0]) == 2
