"""Turns one openFDA ``drug/label`` record into a Label: flat fields back into a tree, Highlights apart, repeats once.

Knows no dose. openFDA repeats text: subsections inside their section, tables again as HTML. Each character is kept once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import evolve

from posology.labels.codes import NAMES, OPENFDA_FIELDS
from posology.labels.read_spl import iso_date
from posology.labels.record import (
    UNCLASSIFIED,
    Active,
    Approval,
    Block,
    DrugProduct,
    Label,
    Section,
)
from posology.labels.text import blocks, squeeze

_PARENTS = (
    "precautions", "warnings", "warnings_and_cautions", "use_in_specific_populations", "drug_abuse_and_dependence",
    "clinical_pharmacology", "nonclinical_toxicology", "dosage_and_administration", "how_supplied", "spl_medguide",
    "spl_patient_package_insert", "information_for_patients", "adverse_reactions", "pregnancy", "description",
    "indications_and_usage", "contraindications", "clinical_studies", "boxed_warning", "overdosage", "general_precautions",
)  # fmt: skip
_META = frozenset({"set_id", "id", "effective_time", "version", "openfda", "@epoch", "@drugtype", "@version", "@id"})


def is_openfda(record: object) -> bool:
    """Whether a JSON object looks like one label record."""
    return isinstance(record, Mapping) and (
        "set_id" in record
        or "openfda" in record
        or sum(1 for k in record if isinstance(k, str) and k in OPENFDA_FIELDS) >= 2
    )


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


class _Node:
    """A piece of text that may hold others: who lies within whom is found by containment."""

    def __init__(self, code: str, name: str, text: str) -> None:
        self.code, self.name, self.text = code, name, text
        self.inner: list[tuple[int, _Node]] = []

    def place(self, node: _Node) -> bool:
        """Put a node where its text stands; False where it is not within this text or crosses another."""
        for _, other in self.inner:
            if len(other.text) > len(node.text) and node.text in other.text:
                return other.place(node)
        at = self.text.find(node.text)
        while at >= 0:
            end = at + len(node.text)
            clash = [(a, o) for a, o in self.inner if a < end and at < a + len(o.text)]
            inside = [(a, o) for a, o in clash if at <= a and a + len(o.text) <= end]
            if len(inside) == len(clash):
                for a, o in inside:
                    self.inner.remove((a, o))
                    node.inner.append((a - at, o))
                self.inner.append((at, node))
                return True
            at = self.text.find(node.text, at + 1)
        return False


def read_openfda(record: Mapping[str, Any], source: str, sha256: str) -> Label:
    """The label of one record; a record without its ``openfda`` block (a new label) is read without products."""
    notes: list[str] = []
    fields: list[tuple[str, str, list[str]]] = []
    tables: list[tuple[str, str, list[str]]] = []
    for key, value in record.items():
        if key in _META or not isinstance(key, str):
            continue
        texts = [squeeze(t) for t in _strings(value)]
        if not isinstance(value, str) and not (isinstance(value, list) and len(texts) == len(value)):
            notes.append(f"The field {key[:60]!r} is not all text; what is none was left out.")
        base = key.removesuffix("_table")
        if base != key:
            tables.append((key, OPENFDA_FIELDS.get(base, ""), _strings(value)))
        else:
            fields.append((key, OPENFDA_FIELDS.get(key, ""), [t for t in texts if t]))
    roots: list[_Node] = []
    repeats: list[str] = []
    pieces = [(key, code, i, t) for key, code, texts in fields for i, t in enumerate(texts)]
    order = {key: i for i, (key, _, _) in enumerate(fields)}
    # the longest first, so that whatever lies within another text finds it already there
    ranked = sorted(pieces, key=lambda p: (-len(p[3]), p[0] not in _PARENTS, order[p[0]], p[2]))
    homes: dict[str, _Node] = {}
    for key, code, i, text in ranked:
        same = homes.get(text)
        if same is not None:
            repeats.append(f"{key}[{i}] repeats the text of another field")
            if same.code in (UNCLASSIFIED, "") and code:
                same.code, same.name = code, key
            continue
        node = _Node(code, key, text)
        homes[text] = node
        home = next((r for r in roots if _may_hold(r, key, text) and text in r.text and r.place(node)), None)
        if home is None:
            roots.append(node)
        else:
            repeats.append(f"{key}[{i}] stands within {home.name}")
    roots.sort(key=lambda r: order[r.name])
    sections: list[Section] = []
    for root in roots:
        sections += _sections(root, "")
    for key, code, texts in tables:
        held: list[Block] = []
        for markup in texts:  # each table is a group of its own
            last = max((b.group for b in held), default=0)
            held += [evolve(b, group=b.group + last) if b.group else b for b in _table(markup, notes)]
        if held:
            sections.append(Section(code, "", tuple(held), part="copy", name=f"{NAMES.get(code, key)}: tables again"))
    facts = record.get("openfda")
    facts = facts if isinstance(facts, Mapping) else {}
    if not facts:
        notes.append(
            "The record has no openfda block (often so for a new label): product names and codes are not stated."
        )
    kind = next(iter(_strings(facts.get("product_type"))), "")
    if kind and "HUMAN" not in kind.upper():
        notes.append(f"This document is of the kind {kind.lower()!r}, not the label of a medicine for people.")
    if any(squeeze(t).upper() in ("BOXED WARNING", "WARNING", "") for t in _strings(record.get("boxed_warning"))):
        notes.append("The boxed warning of this record has a heading and no text.")
    actives = _aligned_actives(facts)
    brands, ndcs = _strings(facts.get("brand_name")), _strings(facts.get("product_ndc"))
    generic = "; ".join(_strings(facts.get("generic_name")))
    routes = tuple(_strings(facts.get("route")))
    products = tuple(
        DrugProduct(
            name=brands[i] if len(brands) == len(ndcs) else (brands[0] if brands else generic),
            ndc=ndc,
            routes=routes,
            active=actives,
            generic=generic,
            packages=tuple(p for p in _strings(facts.get("package_ndc")) if p.startswith(ndc + "-")),
        )
        for i, ndc in enumerate(ndcs)
    )
    if not products and (brands or generic):
        products = (DrugProduct(name=brands[0] if brands else generic, routes=routes, active=actives, generic=generic),)
    names = [*brands, *_strings(facts.get("generic_name")), *_strings(facts.get("substance_name"))]
    if not names:
        names = [" ".join(t.split()[:3]) for k, _, ts in fields if k == "spl_product_data_elements" for t in ts[:1]]
    return Label(
        format="openfda",
        source=source,
        sha256=sha256,
        setid=str(record.get("set_id") or next(iter(_strings(facts.get("spl_set_id"))), "")).lower(),
        id=str(record.get("id") or "").lower(),
        version=str(record.get("version") or ""),
        effective=iso_date(str(record.get("effective_time") or "")),
        title=", ".join(dict.fromkeys(brands)) or generic or ", ".join(dict.fromkeys(names)),
        labeler=next(iter(_strings(facts.get("manufacturer_name"))), ""),
        document_code={"HUMAN PRESCRIPTION DRUG": "34391-3", "HUMAN OTC DRUG": "34390-5"}.get(kind.upper(), ""),
        document_type=kind,
        human_drug=not kind
        or "HUMAN" in kind.upper()
        or kind.upper() in ("VACCINE", "CELLULAR THERAPY", "PLASMA DERIVATIVE"),
        jurisdiction="US",
        language="en",
        products=products,
        sections=tuple(sections),
        names=tuple(dict.fromkeys(n for n in names if n)),
        approvals=tuple(Approval(re.sub(r"\d.*$", "", n) or n, n) for n in _strings(facts.get("application_number"))),
        package_ndcs=tuple(dict.fromkeys(_strings(facts.get("package_ndc")))),
        rxcui=tuple(_strings(facts.get("rxcui"))),
        unii=tuple(_strings(facts.get("unii"))),
        routes=routes,
        notes=tuple(notes),
        repeats=tuple(repeats),
    )


def _aligned_actives(facts: Mapping[str, Any]) -> tuple[Active, ...]:
    """openFDA lists substances and UNIIs apart and in no promised order: paired only where there is one of each."""
    names, uniis = _strings(facts.get("substance_name")), _strings(facts.get("unii"))
    if len(names) == 1 and len(uniis) == 1:
        return (Active(names[0], uniis[0]),)
    return tuple(Active(n) for n in names)


def _may_hold(root: _Node, key: str, text: str) -> bool:
    """A short or equal-named text inside any field may be chance; subsections are long, or carry their own number."""
    if (
        key in ("package_label_principal_display_panel", "spl_product_data_elements")
        or root.name == key == "spl_unclassified_section"
    ):
        return len(text) > 60 and root.name == key
    return root.name == key or (root.name in _PARENTS and len(text) > 40)


def _sections(node: _Node, enclosing: str) -> list[Section]:
    below = node.code if node.code and node.code != UNCLASSIFIED else enclosing
    text = node.text
    title, start = _title(text)
    edge = _highlight_end(text, start) if not enclosing else start
    inner: list[Section] = []
    held: list[Block] = []
    if edge > start:
        inner.append(
            Section(node.code, "", _cut(text[start:edge]), (), enclosing, "highlights", NAMES.get(node.code, ""))
        )
    at = edge if edge > start else start
    out: list[tuple[int, Section]] = []
    children = sorted(node.inner, key=lambda c: c[0])
    out_sections: list[Section] = []
    for where, child in children:
        if where < at:  # crosses the title or the Highlights: its text stays here, its code is kept on an empty section
            out_sections.append(Section(child.code, "", (), (), below, "text", NAMES.get(child.code, child.name)))
            continue
        held_here = _cut(text[at:where])
        out.append((where, Section("", "", held_here)))
        for s in _sections(child, below):
            out_sections.append(s)
            out.append((where, s))
        at = where + len(child.text)
    tail = _cut(text[at:])
    if not out:
        held = list(tail)
    else:
        for _, s in out:
            if s.code == "" and not s.title and not s.sections:
                inner_text = s.blocks
                if inner_text and not any(x for x in inner if x.part == "text"):
                    held += inner_text
                elif inner_text:
                    inner.append(Section("", "", inner_text, (), below))
            else:
                inner.append(s)
        if tail:
            inner.append(Section("", "", tail, (), below))
        inner += [s for s in out_sections if not s.blocks and not s.sections and s not in inner]
    if not out:
        inner += [s for s in out_sections if s not in inner]
    part = "data" if node.code in ("48780-1", "48779-3") else "text"
    return [
        Section(
            node.code,
            title,
            tuple(held),
            tuple(inner),
            enclosing,
            part,  # type: ignore[arg-type]
            NAMES.get(node.code, node.name.replace("_", " ")),
        )
    ]


_TITLE = re.compile(r"(?:\d{1,2}(?:\.\d{1,2})?\.?\s+)?(?:(?:[A-Z][A-Z&/,()\-]+|[&,:/])(?=[\s:]|$)\s*){1,9}")


def _title(text: str) -> tuple[str, int]:
    """The heading in capitals a field begins with, and where the text goes on; a field all in capitals has none."""
    hit = _TITLE.match(text)
    if not hit or len(hit.group()) < 4 or hit.end() > 120:
        return "", 0
    # the last capital word may belong to the sentence that follows ("... USAGE A tablet")
    title = hit.group().rstrip()
    words = title.split()
    while words and len(words[-1]) == 1 and words[-1].isalpha():
        words.pop()
    if not words or (len(words) == 1 and words[0].isdigit()):
        return "", 0
    title = title[: _after(title, len(words))]
    return squeeze(title), len(title) + (len(text[len(title) :]) - len(text[len(title) :].lstrip()))


def _after(text: str, count: int) -> int:
    at = 0
    for m in list(re.finditer(r"\S+", text))[:count]:
        at = m.end()
    return at


_REFERENCE = re.compile(r"\(\s*\d{1,2}(?:\.\d{1,2})*(?:\s*,\s*\d{1,2}(?:\.\d{1,2})*)*\s*\)")
_SUBSECTION = re.compile(r"(?<![\d(.,])(?<!\(\s)(?<!,\s)\b(\d{1,2})\.\s?(\d{1,2})\.?\s+(?=[A-Z][a-zA-Z])")


def _highlight_end(text: str, start: int) -> int:
    """Where the Highlights, put in front of the full text, end; ``start`` where there are none.

    They cite the full text's section numbers in brackets ("( 2.1 )"); the full text begins with its first subsection
    number, or after the last such citation where the section has no subsections.
    """
    number = re.match(r"\s*(\d{1,2})\b", text)
    if not number and not re.search(r"full\s+prescribing\s+information\s+for\s+complete", text, re.I):
        return start  # an old label: no section numbers, so no Highlights; "(12.6)" is a measurement there
    cited = list(_REFERENCE.finditer(text, start))
    plain = [m.group().strip("( )") for m in cited]
    if not number or [p for p in plain if p.isdigit()][:2] == ["1", "2"]:
        # "(1) the risk of ...; (2) ..." counts; it cites no section
        cited = [m for m, p in zip(cited, plain, strict=True) if not p.isdigit()]
    if not cited:
        return start
    chapter = number[1] if number else cited[0].group().strip("( )").split(".")[0].split(",")[0].strip()
    for m in _SUBSECTION.finditer(text, start):
        if m[1] == chapter and m[2] == "1":
            return m.start() if any(c.start() < m.start() for c in cited) else start
    own = [c for c in cited if c.group().strip("( )").split(".")[0].split(",")[0].strip() == chapter]
    if own and all(c.start() < len(text) * 0.75 for c in own):
        last = own[-1].end()
        while last < len(text) and text[last] in " .;,)":
            last += 1
        # Highlights that stand after the full text go on in the middle of their sentence
        return last if text[last : last + 1].isupper() or text[last : last + 1].isdigit() else start
    return start


_BREAK = re.compile(r"(?=\s[•▪●■▶]\s)|(?<=[.:)])\s+(?=\d{1,2}\.\d{1,2}\.?\s+[A-Z][a-z])")


def _cut(text: str) -> tuple[Block, ...]:
    """A flat field as blocks: bullets and numbered headings start a new one; no character is added or lost."""
    out = []
    for piece in _BREAK.split(text):
        words = squeeze(piece)
        if words:
            out.append(Block("item" if words[0] in "•▪●■▶" else "paragraph", words, depth=int(words[0] in "•▪●■▶")))
    return tuple(out)


def _table(markup: str, notes: list[str]) -> list[Block]:
    from lxml import etree, html

    try:
        root = html.fragment_fromstring(f"<div>{markup}</div>")
    except (etree.LxmlError, ValueError):
        notes.append("One table of this record could not be read as markup; its text stands in its section.")
        return [Block("paragraph", squeeze(markup))] if squeeze(markup) else []
    return list(blocks(root))
