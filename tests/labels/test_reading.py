"""Readers: identity, products, sections, and the law that every character of a label is in exactly one place."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from posology.labels import Label, read_file, read_label
from posology.labels.files import html_text
from posology.labels.record import Block, DrugProduct, Section, characters
from tests.labels.build import label, spl
from tests.shared import shared

V3 = "{urn:hl7-org:v3}"
FHIR = "{http://hl7.org/fhir}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def squeezed(text: str) -> Counter[str]:
    return Counter("".join(text.replace("\u200b", "").replace("\ufeff", "").split()))


def source_text(data: bytes, form: str) -> str:
    """What a label says, counted straight from its file: an outside judge that shares nothing with the readers."""
    if form == "spl":
        root = etree.fromstring(data, etree.XMLParser(remove_comments=True, remove_pis=True, resolve_entities=False))
        out = []
        for s in root.iter(f"{V3}section"):
            out += ["".join(c.itertext()) for c in s if c.tag in (f"{V3}title", f"{V3}text")]
            out += ["".join(t.itertext()) for e in s.findall(f"{V3}excerpt") for t in e.iter(f"{V3}text")]
            out += [
                "".join(t.itertext())
                for m in s.findall(f"{V3}component/{V3}observationMedia")
                for t in m.iter(f"{V3}text")
            ]
        return "".join(out)
    if form == "html":
        body = html.document_fromstring(html_text(data)).find("body")
        assert body is not None
        return "".join(body.itertext())
    root = etree.fromstring(data, etree.XMLParser(remove_comments=True, resolve_entities=False))
    paper = next(root.iter(f"{FHIR}Composition"))
    out = [t.get("value") or "" for s in paper.iter(f"{FHIR}section") for t in s.findall(f"{FHIR}title")]
    out += ["".join(d.itertext()) for d in paper.iter(f"{XHTML}div") if d.getparent().tag == f"{FHIR}text"]  # type: ignore[union-attr]
    return "".join(out)


def lost(data: bytes, read: Label) -> Counter[str]:
    """The characters that the record misses or holds twice."""
    if read.format == "openfda":
        record: dict[str, Any] = json.loads(data)
        record = record.get("results", [record])[0]
        repeated = {r.split(" ")[0] for r in read.repeats}
        text = "".join(
            t
            for key, values in record.items()
            if isinstance(values, list) and not key.endswith("_table")
            for i, t in enumerate(values)
            if f"{key}[{i}]" not in repeated
        )
        tables = "".join(
            "".join(html.fragment_fromstring(f"<div>{t}</div>").itertext())
            for key, values in record.items()
            if isinstance(values, list) and key.endswith("_table")
            for t in values
        )
        main = tuple(s for s in read.sections if s.part != "copy")
        copies = tuple(s for s in read.sections if s.part == "copy")
        return _differ(squeezed(text), squeezed(characters(main))) + _differ(
            squeezed(tables), squeezed(characters(copies))
        )
    return _differ(squeezed(source_text(data, read.format)), squeezed(characters(read.sections)))


def _differ(a: Counter[str], b: Counter[str]) -> Counter[str]:
    return (a - b) + (b - a)


def files() -> list[Path]:
    try:
        root = shared("data/labels")
    except pytest.skip.Exception:
        return []
    return sorted(p for p in root.glob("*/*.*") if p.suffix in (".xml", ".json", ".html") and "diflucan" not in p.name)


@pytest.mark.parametrize("path", files(), ids=lambda p: f"{p.parent.name}/{p.name[:24]}")
def test_every_character_is_in_exactly_one_place(path: Path) -> None:
    assert not lost(path.read_bytes(), read_file(path))


def test_the_law_catches_a_reader_that_loses_a_paragraph() -> None:
    data = spl(sections=[("34071-1", "WARNINGS", ["First part.", "Second part."])])
    read = read_label(data, "x.xml")
    assert not lost(data, read)
    warnings = next(s for s in read.sections if s.code == "34071-1")
    broken = Section(warnings.code, warnings.title, warnings.blocks[:1])
    from attrs import evolve

    faulty = evolve(read, sections=tuple(broken if s is warnings else s for s in read.sections))
    assert lost(data, faulty)
    doubled = evolve(read, sections=(*read.sections, warnings))
    assert lost(data, doubled)


def own_text(element: Any) -> str:
    return "".join("".join("".join(c.itertext()).split()) for c in element if c.tag in (f"{V3}title", f"{V3}text"))


@pytest.mark.parametrize("path", [p for p in files() if "spl" in p.parent.name], ids=lambda p: p.name[:24])
def test_each_section_holds_its_own_characters_and_no_others(path: Path) -> None:
    """Stronger than the count over the whole: a paragraph in another section would not be seen there."""
    root = etree.fromstring(path.read_bytes(), etree.XMLParser(remove_comments=True, remove_pis=True))
    said = []
    for s in root.iter(f"{V3}section"):
        code = s.find(f"{V3}code")
        media = "".join(
            "".join(t.itertext()) for m in s.findall(f"{V3}component/{V3}observationMedia") for t in m.iter(f"{V3}text")
        )
        said.append(("" if code is None else code.get("code") or "", squeezed(own_text(s) + media)))
    kept = [
        (p.section.code, squeezed(characters((Section("", p.section.title, p.section.blocks),))))
        for p in read_file(path).walk("text", "data")
    ]
    assert kept == said


@pytest.mark.parametrize("path", [p for p in files() if p.suffix == ".json"], ids=lambda p: p.name[:24])
def test_what_openfda_is_said_to_repeat_stands_in_the_record(path: Path) -> None:
    """The count leaves repeats out; so each of them must be found, whole and in order, where it is said to stand."""
    record = json.loads(path.read_bytes())["results"][0]
    read = read_file(path)
    whole = "".join(characters((s,)) for s in read.sections if s.part != "copy")
    missing = []
    for entry in read.repeats:
        key, _, place = entry.split(" ")[0].rstrip("]").partition("[")
        text = record[key][int(place)].replace("\u200b", "").replace("\ufeff", "")
        if "".join(text.split()) not in whole:
            missing.append(entry)
    assert missing == []


WORDS = st.text(alphabet="abcdef 0123456789.,;()µ≥é", min_size=1, max_size=30).filter(lambda t: t.strip() != "")
MARKED = st.recursive(
    WORDS.map(lambda t: f"<content>{t}</content>"),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda xs: "<paragraph>" + "".join(xs) + "</paragraph>"),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda xs: "<list>" + "".join(f"<item>{x}</item>" for x in xs) + "</list>"
        ),
        st.lists(inner, min_size=1, max_size=4).map(
            lambda xs: (
                "<table><thead><tr><th>h</th></tr></thead><tbody><tr>"
                + "".join(f"<td>{x}</td>" for x in xs)
                + "</tr></tbody></table>"
            )
        ),
        inner.map(lambda x: f"loose {x} tail<br/>more <sup>2</sup><footnote>note</footnote>"),
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(MARKED, min_size=1, max_size=4), title=WORDS)
def test_no_markup_loses_a_character(parts: list[str], title: str) -> None:
    data = spl(sections=[("34071-1", title, ["<text0/>".replace("text0", "br"), *parts])])
    assert not lost(data, read_label(data, "x.xml"))


def test_identity_and_product() -> None:
    read = label(strength=("4.576", "mg", "1", "1"), imprint="EX;10", sections=[("34067-9", "USES", ["For cramp."])])
    assert (read.setid, read.version, read.effective) == ("00000000-0000-4000-8000-000000000001", "3", "2026-01-15")
    p = read.products[0]
    assert (p.name, p.form, p.ndc, p.routes, p.packages) == (
        "Examplone",
        "TABLET",
        "99999-001",
        ("ORAL",),
        ("99999-001-30",),
    )
    a = p.active[0]
    assert a.unii == "AAAAAAAA11"
    assert a.strength is not None
    assert a.strength.numerator == Decimal("4.576")
    assert p.appearance.imprint == "EX;10"
    assert read.human_drug


@pytest.mark.parametrize(
    ("code", "display", "says"),
    [
        ("58476-3", "DIETARY SUPPLEMENT", "dietary supplement"),
        ("50578-4", "PRESCRIPTION ANIMAL DRUG LABEL", "animal"),
        ("60685-5", "Indexing - Pharmacologic Class", "index"),
        ("99999-9", "SOMETHING NEW", "something new"),
    ],
)
def test_what_is_no_medicine_for_people_says_so(code: str, display: str, says: str) -> None:
    read = label(code=code, display=display)
    assert not read.human_drug
    assert says in read.notes[0]


def test_a_section_has_its_own_and_the_enclosing_code() -> None:
    inner = (
        '<component><section><code code="34071-1" codeSystem="2.16.840.1.113883.6.1"/><title>WARNINGS</title>'
        '<component><section><code code="42229-5" codeSystem="2.16.840.1.113883.6.1"/><title>Abrupt stop</title>'
        "<text><paragraph>Do not stop examplone suddenly.</paragraph></text></section></component></section></component>"
    )
    read = label(raw=inner)
    place = next(p for p in read.walk("text") if p.section.title == "Abrupt stop")
    assert (place.section.code, place.section.enclosing, place.section.nearest) == ("42229-5", "34071-1", "34071-1")
    assert place.path == "WARNINGS > Abrupt stop"


def test_highlights_are_kept_apart() -> None:
    raw = (
        '<component><section><code code="34068-7" codeSystem="2.16.840.1.113883.6.1"/><title>2 DOSAGE</title>'
        "<text><paragraph>Full: the maximum dose is 40 mg a day.</paragraph></text>"
        "<excerpt><highlight><text><paragraph>Short: 40 mg a day. (2)</paragraph></text></highlight></excerpt></section></component>"
    )
    read = label(raw=raw)
    assert [b.text for s in read.highlights for b in s.blocks] == ["Short: 40 mg a day. (2)"]
    assert all("Short" not in b.text for p in read.walk("text") for b in p.section.blocks)


def test_old_tags_and_kits() -> None:
    raw = (
        '<component><section><code code="48780-1" codeSystem="2.16.840.1.113883.6.1"/><subject><manufacturedProduct><manufacturedMedicine>'
        '<code code="99999-009" codeSystem="2.16.840.1.113883.6.69"/><name>Kit</name><part><partMedicine><name>Part</name><formCode displayName="SOLUTION"/>'
        '<activeIngredient><quantity><numerator value="5" unit="mg"/><denominator value="5" unit="mL"/></quantity>'
        "<activeIngredientSubstance><name>EXAMPLONE</name></activeIngredientSubstance></activeIngredient></partMedicine></part>"
        '<asContent><containerPackagedMedicine><code code="99999-009-01" codeSystem="2.16.840.1.113883.6.69"/></containerPackagedMedicine></asContent>'
        "</manufacturedMedicine></manufacturedProduct></subject></section></component>"
    )
    kit, part = label(raw=raw).products[1:]
    assert (kit.name, kit.active, kit.packages) == ("Kit", (), ("99999-009-01",))
    assert (part.part_of, str(part.active[0].strength)) == ("Kit", "5 mg in 5 mL")


def test_the_law_by_section_catches_a_moved_paragraph() -> None:
    data = spl(sections=[("34071-1", "WARNINGS", ["First part."]), ("34068-7", "DOSAGE", ["Second part."])])
    read = read_label(data, "x.xml")
    from attrs import evolve

    a, b = (next(s for s in read.sections if s.code == c) for c in ("34071-1", "34068-7"))
    swap = {id(a): evolve(a, blocks=b.blocks), id(b): evolve(b, blocks=a.blocks)}
    moved = evolve(read, sections=tuple(swap.get(id(s), s) for s in read.sections))
    assert not lost(data, moved)  # the count over the whole is blind to it
    assert [s.blocks for s in moved.sections] != [s.blocks for s in read.sections]


def test_a_kit_of_an_html_page_names_its_parts() -> None:
    def table(*rows: str) -> str:
        return "<table>" + "".join(f"<tr>{r}</tr>" for r in rows) + "</table>"

    def named(name: str, rest: str) -> str:
        return f'<td class="contentTableTitle"><strong>{name} </strong><br>{rest}</td>'

    def active(name: str, amount: str) -> list[str]:
        return [
            '<td class="formHeadingTitle">Active Ingredient/Active Moiety</td>',
            f"<td><strong>{name}</strong></td><td>{name}</td><td>{amount}</td>",
        ]

    page = (
        '<html><body><div class="Section" data-sectionCode="34071-1"><h1>WARNINGS</h1><p>Care.</p></div><div class="DataElementsTables">'
        + table(named("Kitlone", "examplone kit"))
        + table("<td>Part 1 of 2</td>", named("Examplo", "examplone tablet"), *active("EXAMPLONE", "5 mg"))
        + table("<td>Part 2 of 2</td>", named("Otherlo", "otherlone capsule"), *active("OTHERLONE", "7 mg"))
        + table(named("Single", "singlone tablet"), *active("SINGLONE", "9 mg"))
        + "</div></body></html>"
    )
    made = read_label(page.encode(), "kit.html").products
    assert [(p.name, p.part_of, [str(a.strength) for a in p.active]) for p in made] == [
        ("Kitlone", "", []),
        ("Examplo", "Kitlone", ["5 mg"]),
        ("Otherlo", "Kitlone", ["7 mg"]),
        ("Single", "", ["9 mg"]),
    ]


def test_the_language_of_a_document_is_its_own() -> None:
    data = spl().replace(b"<title>", b'<languageCode code="es"/><title>', 1)
    assert read_label(data, "x.xml").language == "es"


def openfda(**fields: Any) -> Label:
    record = {"set_id": "abc", "id": "x", "version": "2", "effective_time": "20260102", **fields}
    return read_label(json.dumps({"meta": {}, "results": [record]}).encode(), "x.json")


def test_openfda_text_is_kept_once_and_in_a_tree() -> None:
    whole = "PRECAUTIONS General Take care with it every day of the week. Pregnancy It was not studied in pregnant women, so take care."
    part = "Pregnancy It was not studied in pregnant women, so take care."
    read = openfda(precautions=[whole], pregnancy=[part], openfda={"brand_name": ["Examplo"], "product_ndc": ["1-2"]})
    inner = next(p for p in read.walk("text") if p.section.code == "42228-7")
    assert inner.section.enclosing == "42232-9"
    assert read.repeats == ("pregnancy[0] stands within precautions",)
    assert read.products[0].active == ()


def test_openfda_highlights_in_front_of_the_text_are_parted() -> None:
    text = "2 DOSAGE AND ADMINISTRATION Start with 5 mg. ( 2.1 ) Not above 40 mg. ( 2.1 ) 2.1 Adults Start with 5 mg once daily. The maximum dose is 40 mg once daily."
    read = openfda(dosage_and_administration=[text])
    top = "".join(b.text for s in read.highlights for b in s.blocks)
    assert top.startswith("Start with 5 mg. ( 2.1 )")
    assert top.endswith("( 2.1 )")


def test_a_count_in_brackets_is_no_citation_of_a_section() -> None:
    text = "PRECAUTIONS General Be careful. Tell patients of: (1) The risk of seizure; (2) The risk of falls. Do not stop it suddenly."
    read = openfda(precautions=[text])
    assert read.highlights == ()
    numbered = "1 INDICATIONS AND USAGE It is for: (1) cramp that lasts; (2) pain after a fall. Not for children."
    assert openfda(indications_and_usage=[numbered]).highlights == ()


def test_openfda_without_its_block_and_with_an_empty_boxed_warning() -> None:
    from posology.labels.extract import extract

    read = openfda(boxed_warning=["BOXED WARNING"], warnings=["WARNINGS Take care."])
    assert read.products == ()
    assert len(read.notes) == 2
    assert read.boxed
    assert not extract(read).boxed


def test_html_and_its_rebuilt_xml_agree() -> None:
    root = shared("data/labels")
    for page in sorted((root / "dailymed-html").glob("*.html")):
        a, b = read_file(page), read_file(root / "spl-rebuilt" / f"{page.stem}.xml")
        assert (a.title, a.setid, a.version, a.effective, a.package_ndcs, a.section_codes) == (
            b.title,
            b.setid,
            b.version,
            b.effective,
            b.package_ndcs,
            b.section_codes,
        )
        assert [
            (p.name, p.form, p.ndc, p.routes, [(x.name, str(x.strength)) for x in p.active]) for p in a.products
        ] == [(p.name, p.form, p.ndc, p.routes, [(x.name, str(x.strength)) for x in p.active]) for p in b.products]


BOXES = [
    ("", False, False),
    ('<div class="Highlights"><div class="Warning"><h1>WARNING: X</h1><p>Short. (5.1)</p></div></div>', False, False),
    ('<div class="Warning"><h1>WARNING: X</h1><p>Do not stop suddenly.</p></div>', True, True),
    ('<div class="Warning"><h1>BOXED WARNING</h1></div>', True, False),
]


@pytest.mark.parametrize(("box", "boxed", "text"), BOXES)
def test_the_box_of_a_page_has_no_code_and_is_a_boxed_warning(box: str, boxed: bool, text: bool) -> None:
    from posology.labels.view import label_json

    page = f'<html><body>{box}<div class="Section" data-sectionCode="34067-9"><h1>USES</h1><p>For cramp.</p></div></body></html>'
    made = label_json(read_label(page.encode(), "x.html"), full=False)
    assert (made["boxed_warning"], made["boxed_warning_has_text"]) == (boxed, text)
    assert made["section_codes"] == ["34067-9"]
    assert made["abrupt_section_codes"] == (["34066-1"] if text else [])


def test_a_page_with_scripts_is_read_without_them() -> None:
    page = b'<html><body><div class="Section" data-sectionCode="34071-1"><h1>WARNINGS</h1><script>alert("stop at once")</script><p>Take care.</p></div></body></html>'
    read = read_label(page, "x.html")
    assert "alert" not in characters(read.sections)
    assert "scripts" in read.notes[0]


def test_one_foreign_byte_does_not_spoil_a_page() -> None:
    page = '<html><body><div class="Section" data-sectionCode="34071-1"><h1>É</h1><p>café \udc92</p></div></body></html>'.encode(
        "utf-8", "surrogateescape"
    )
    read = read_label(page, "x.html")
    assert read.sections[0].title == "É"
    assert read.sections[0].blocks[0].text == "café ’"


def test_tables_keep_their_rows_and_heads() -> None:
    table = "<table><thead><tr><th>Use</th><th>Maximum daily dose</th></tr></thead><tbody><tr><td>Cramp</td><td>40 mg</td></tr></tbody></table>"
    read = label(sections=[("34068-7", "DOSAGE", [table])])
    rows = next(p for p in read.walk("text") if p.section.code == "34068-7").section.blocks
    assert rows[0] == Block("row", cells=rows[0].cells, group=1, head=True)
    assert [c.text for c in rows[1].cells] == ["Cramp", "40 mg"]


EPI = {
    "resourceType": "Bundle",
    "type": "document",
    "id": "b",
    "entry": [
        {
            "resource": {
                "resourceType": "Composition",
                "title": "Examplo tablets",
                "date": "2026-01-01",
                "section": [
                    {
                        "title": "3. How to take",
                        "section": [
                            {
                                "title": "If you stop taking it",
                                "text": {"div": "<div><p>Do not stop Examplo suddenly.</p></div>"},
                            }
                        ],
                    }
                ],
            }
        },
        {
            "resource": {
                "resourceType": "MedicinalProductDefinition",
                "id": "m",
                "name": [{"productName": "Examplo 5 mg tablets"}],
            }
        },
        {
            "resource": {
                "resourceType": "AdministrableProductDefinition",
                "id": "a",
                "formOf": [{"reference": "MedicinalProductDefinition/m"}],
                "producedFrom": [{"reference": "ManufacturedItemDefinition/i"}],
                "administrableDoseForm": {"coding": [{"display": "Tablet"}]},
                "routeOfAdministration": [{"code": {"coding": [{"display": "Oral use"}]}}],
            }
        },
        {
            "resource": {
                "resourceType": "Ingredient",
                "for": [{"reference": "ManufacturedItemDefinition/i"}],
                "role": {"coding": [{"display": "Active"}]},
                "substance": {
                    "code": {"concept": {"coding": [{"code": "AAAAAAAA11", "display": "EXAMPLONE"}]}},
                    "strength": [
                        {
                            "presentationRatio": {
                                "numerator": {"value": 5.50, "unit": "mg"},
                                "denominator": {"value": 1, "unit": "tablet"},
                            }
                        }
                    ],
                },
            }
        },
    ],
}


def test_epi_json_is_read_like_epi_xml() -> None:
    from posology.labels.extract import extract

    read = read_label(json.dumps(EPI).encode(), "epi.json")
    p = read.products[0]
    assert (read.title, p.name, p.form, p.routes) == (
        "Examplo tablets",
        "Examplo 5 mg tablets",
        "Tablet",
        ("Oral use",),
    )
    assert (p.active[0].unii, str(p.active[0].strength)) == ("AAAAAAAA11", "5.5 mg in 1 tablet")
    assert extract(read).stopping.abrupt
    assert any("language" in n for n in read.notes)


def test_a_substance_named_in_epi_xml_is_its_name() -> None:
    xml = (
        '<Bundle xmlns="http://hl7.org/fhir"><type value="document"/>'
        '<entry><resource><Composition><title value="Examplo"/><section><title value="1. What it is"/></section></Composition></resource></entry>'
        '<entry><resource><MedicinalProductDefinition><id value="m"/><name><productName value="Examplo 5 mg"/></name></MedicinalProductDefinition></resource></entry>'
        '<entry><resource><SubstanceDefinition><id value="s"/><name><name value="Examplone"/></name></SubstanceDefinition></resource></entry>'
        '<entry><resource><Organization><name value="Example Labs"/></Organization></resource></entry>'
        '<entry><resource><Ingredient><for><reference value="MedicinalProductDefinition/m"/></for><role><text value="active"/></role>'
        '<substance><code><reference><reference value="SubstanceDefinition/s"/></reference></code></substance></Ingredient></resource></entry></Bundle>'
    )
    read = read_label(xml.encode(), "epi.xml")
    assert (read.labeler, [a.name for a in read.products[0].active]) == ("Example Labs", ["Examplone"])


SPL_PRODUCT = (
    '<component><section><code code="48780-1" codeSystem="2.16.840.1.113883.6.1"/><subject><manufacturedProduct><manufacturedProduct>'
    "{}</manufacturedProduct></manufacturedProduct></subject></section></component>"
)


def test_a_suffix_is_a_word_of_the_name() -> None:
    read = label(raw=SPL_PRODUCT.format("<name>Examplo<suffix>Extended-Release</suffix></name>"))
    assert read.products[1].name == "Examplo Extended-Release"


def test_the_packages_of_a_part_are_not_those_of_the_kit() -> None:
    def package(code: str) -> str:
        return (
            f'<asContent><containerPackagedProduct><code code="{code}" codeSystem="2.16.840.1.113883.6.69"/>'
            "</containerPackagedProduct></asContent>"
        )

    inside = f"<part><partProduct><name>Part</name>{package('99999-008-01')}</partProduct></part>"
    read = label(raw=SPL_PRODUCT.format(f"<name>Kit</name>{package('99999-007-01')}{inside}"))
    assert [p.packages for p in read.products[1:]] == [("99999-007-01",), ("99999-008-01",)]
    assert read.package_ndcs[1:] == ("99999-007-01", "99999-008-01")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Do not stop<sup>1</sup> suddenly.", "Do not stop 1 suddenly."),
        ("80 mg per day<sup>a,b</sup> at most", "80 mg per day a,b at most"),
        ("5 mg<sup>2</sup> twice", "5 mg 2 twice"),
        ("End.<sup>12</sup> Next", "End. 12 Next"),
        ("50 mg/m<sup>2</sup>", "50 mg/m2"),
        ("10<sup>3</sup>", "10 3"),
        ("the 1<sup>st</sup> dose", "the 1st dose"),
        ("C<sub>max</sub> of Examplo<sup>®</sup>", "Cmax of Examplo®"),
    ],
)
def test_a_raised_mark_runs_into_no_word_or_number(markup: str, text: str) -> None:
    read = label(sections=[("34071-1", "WARNINGS", [f"<paragraph>{markup}</paragraph>"])])
    assert next(p for p in read.walk("text") if p.section.code == "34071-1").section.blocks[0].text == text


def test_a_boxed_warning_is_not_told_again_from_the_highlights() -> None:
    from posology.labels.extract import extract

    box = (
        '<component><section><code code="34066-1"/><title>WARNING</title>{}<excerpt><highlight><text>'
        "<paragraph>It can harm, in short.</paragraph></text></highlight></excerpt></section></component>"
    )
    both = extract(label(raw=box.format("<text><paragraph>It can harm.</paragraph></text>")))
    assert [p.quote for p in both.boxed] == ["It can harm."]
    assert [p.quote for p in extract(label(raw=box.format(""))).boxed] == ["It can harm, in short."]


def test_a_field_that_is_no_text_is_said() -> None:
    read = openfda(warnings=["WARNINGS Take care.", 5], boxed_warning={"a": 1})
    assert sum("is not all text" in n for n in read.notes) == 2


def test_highlights_after_the_full_text_cut_no_sentence_of_it() -> None:
    text = "1 INDICATIONS AND USAGE Examplone is for: Cramp Pain. Examplone is an examplamine for ( 1 ): Cramp Pain"
    assert openfda(indications_and_usage=[text]).highlights == ()


def test_a_citation_after_the_full_stop_belongs_to_the_sentence_before() -> None:
    from posology.labels.text import sentences

    text = "Avoid it with alcohol. ( 4 , 5.3 ) Do not drive. (7)"
    assert [s.text for s in sentences(text)] == ["Avoid it with alcohol. ( 4 , 5.3 )", "Do not drive. (7)"]


def product_of(*resources: dict[str, Any]) -> DrugProduct:
    entry = [{"resource": {"resourceType": "Composition", "title": "Leaflet"}}, *resources]
    (product,) = read_label(json.dumps({"resourceType": "Bundle", "entry": entry}).encode(), "x.json").products
    return product


RATIO = {"numerator": {"value": 5, "unit": "mg"}, "denominator": {"value": 1, "unit": "tablet"}}


def test_the_products_of_an_epi_in_fhir_r4() -> None:
    made = product_of(
        {"resource": {"resourceType": "MedicinalProduct", "name": [{"productName": "Examplo"}],
                      "pharmaceuticalProduct": [{"reference": "MedicinalProductPharmaceutical/p"}]}},
        {"resource": {"resourceType": "MedicinalProductPharmaceutical", "id": "p", "administrableDoseForm": {"text": "Tablet"},
                      "routeOfAdministration": [{"code": {"text": "Oral use"}}],
                      "ingredient": [{"reference": "MedicinalProductIngredient/i"}, {"reference": "MedicinalProductIngredient/j"}]}},
        {"resource": {"resourceType": "MedicinalProductIngredient", "id": "i", "role": {"text": "Active"},
                      "substance": {"code": {"text": "Examplone"}, "strength": [{"presentation": RATIO}]}}},
        {"resource": {"resourceType": "MedicinalProductIngredient", "id": "j", "role": {"text": "Excipient"},
                      "substance": {"code": {"text": "Lactose"}}}},
    )  # fmt: skip
    assert (made.name, made.form, made.routes, made.inactive) == ("Examplo", "Tablet", ("Oral use",), ("Lactose",))
    assert [(a.name, str(a.strength)) for a in made.active] == [("Examplone", "5 mg in 1 tablet")]


def test_an_epi_that_refers_by_the_address_of_an_entry() -> None:
    made = product_of(
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "MedicinalProductDefinition", "id": "m", "name": [{"productName": "Examplo"}]}},
        {"fullUrl": "urn:uuid:2", "resource": {"resourceType": "AdministrableProductDefinition", "id": "a", "formOf": [{"reference": "urn:uuid:1"}],
                                               "administrableDoseForm": {"text": "Tablet"}}},
        {"resource": {"resourceType": "Ingredient", "for": [{"reference": "urn:uuid:2"}], "role": {"text": "Active"},
                      "substance": {"code": {"concept": {"text": "Examplone"}}, "strength": [{"presentationRatio": RATIO}]}}},
    )  # fmt: skip
    assert (made.form, [a.name for a in made.active]) == ("Tablet", ["Examplone"])


def test_a_page_saved_from_a_site_is_known_by_its_links() -> None:
    own, other = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
    links = "".join(f"<a href='/lookup.cfm?setid={x}'>x</a>" for x in (other, own, own))
    page = f"<html><body>{links}<div class='Section' data-sectionCode='34067-9'><h1>Uses</h1><p>Cramp.</p></div></body></html>"
    assert read_label(page.encode(), "x.html").setid == own
