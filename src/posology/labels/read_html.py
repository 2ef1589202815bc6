"""Turns a label page made with FDA's SPL stylesheet (as DailyMed shows and as people save it) into a Label.

Knows no dose. A boxed warning has no code there (``div.Warning``); product facts come from the page's own tables.
"""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Any

from posology.labels.codes import NAMES, document_note
from posology.labels.read_spl import iso_date, number
from posology.labels.record import (
    BOXED_WARNING,
    UNCLASSIFIED,
    Active,
    Appearance,
    Approval,
    Block,
    DrugProduct,
    Label,
    Ratio,
    Section,
)
from posology.labels.text import SKIPPED, blocks, inline, local, squeeze

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TYPES = {"HUMAN PRESCRIPTION DRUG LABEL": "34391-3", "HUMAN OTC DRUG LABEL": "34390-5"}


def _classes(element: Any) -> tuple[str, ...]:
    return tuple((element.get("class") or "").lower().split())


def _code(element: Any) -> str | None:
    for name in ("data-sectioncode", "data-sectionCode"):
        if element.get(name) is not None:
            return squeeze(element.get(name))
    return None


def is_label_page(root: Any) -> bool:
    """Whether a page carries coded label sections."""
    return any(_code(e) is not None for e in root.iter("div"))


def _is_section(element: Any) -> bool:
    return local(element) == "div" and (_code(element) is not None or "section" in _classes(element))


def _is_box(element: Any) -> bool:
    return local(element) == "div" and any(c in ("warning", "boxedwarning") for c in _classes(element))


def read_html(root: Any, source: str, sha256: str) -> Label:
    """The label of a parsed page; ``root`` is its ``html`` or ``body`` element."""
    body = root if local(root) == "body" else next((e for e in root.iter("body")), root)
    sections: list[Section] = []
    front: list[Block] = []
    products: list[DrugProduct] = []
    notes: list[str] = []
    meta: dict[str, str] = {}
    kind = labeler = title = heading = ""
    left = body.text
    if left and squeeze(left):
        front.append(Block("paragraph", squeeze(left)))
    for element in body:
        names = _classes(element)
        if "documenttitle" in names:
            title = inline(element)
            strong = next((e for e in element.iter("strong")), None)
            labeler = squeeze(title[len(inline(strong)) :]) if strong is not None else ""
            front += blocks(element)
        elif local(element) in _HEADINGS and not heading:
            heading = inline(element)
            if heading:
                front.append(Block("heading", heading))
        elif "highlights" in names:
            sections.append(_highlights(element))
        elif "index" in names:
            sections.append(Section("", "", blocks(element), part="list", name="Contents"))
        elif "dataelementstables" in names:
            products, kind, holder = _data(element)
            labeler = holder or labeler
            sections.append(Section("", "", blocks(element), part="data", name="Product data"))
        elif local(element) and local(element) not in SKIPPED:
            inner = _inside(element, "")
            text = inline(element)
            low = text.lower()
            for key, (mark, pattern) in _META.items():
                hit = pattern.search(text) if mark in low else None
                if hit:
                    meta.setdefault(key, hit[1])
            if any(s.code or s.sections for s in inner):
                sections += inner
            else:
                sections += [Section(s.code, s.title, s.blocks, s.sections, part="front") for s in inner]
        if element.tail and squeeze(element.tail):
            front.append(Block("paragraph", squeeze(element.tail)))
    if any(local(e) in SKIPPED for e in body.iter()):
        notes.append("The page holds scripts or embedded objects; they were left out and not run.")
    code = _TYPES.get(kind.upper(), "")
    note = document_note(code, kind) if kind else ""
    if note:
        notes.append(note)
    if front:
        sections.insert(0, Section("", "", tuple(front), part="front", name="Page head"))
    return Label(
        format="html",
        source=source,
        sha256=sha256,
        setid=(meta.get("setid") or _linked(root)).lower(),
        id=meta.get("id", "").lower(),
        version=meta.get("version", ""),
        effective=iso_date(meta.get("effective", "")),
        title=title or heading,
        labeler=labeler,
        document_code=code,
        document_type=kind,
        human_drug=not note,
        jurisdiction="US",
        language="en",
        products=tuple(products),
        sections=tuple(sections),
        approvals=tuple(dict.fromkeys(a for p in products for a in p.approvals)),
        package_ndcs=tuple(dict.fromkeys(n for p in products for n in p.packages)),
        routes=tuple(dict.fromkeys(r for p in products for r in p.routes)),
        notes=tuple(notes),
    )


_GUID = r"([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"


def _linked(root: Any) -> str:
    """The set id that most links of a page name: a page saved from a site links to its own label over and over."""
    links = (e.get("href") or e.get("content") or "" for e in root.iter("a", "link", "meta"))
    found = Counter(m[1].lower() for link in links if (m := re.search(r"\bset_?id=" + _GUID, link, re.I)))
    return found.most_common(1)[0][0] if found else ""


_META = {
    "setid": ("set id:", re.compile(r"Set id:\s*" + _GUID, re.I)),
    "id": ("document id:", re.compile(r"Document Id:\s*" + _GUID, re.I)),
    "version": ("version:", re.compile(r"Version:\s*(\d+)")),
    "effective": ("effective time:", re.compile(r"Effective Time:\s*(\d{4,14})")),
}


def _inside(element: Any, enclosing: str) -> list[Section]:
    """The sections of a container; text that stands outside any of them becomes sections without a code."""
    if _is_section(element) or _is_box(element):
        return [_section(element, enclosing)]
    nested = [e for e in element if _holds_section(e)]
    if not nested:
        found = blocks(element)
        return [Section("", "", found, enclosing=enclosing)] if found else []
    out: list[Section] = []
    loose: list[Any] = []

    def flush() -> None:
        if loose:
            found = [b for one in loose for b in _loose(one)]
            if found:
                out.append(Section("", "", tuple(found), enclosing=enclosing))
            loose.clear()

    if element.text and squeeze(element.text):
        loose.append(element.text)
    for child in element:
        if _holds_section(child):
            flush()
            out += _inside(child, enclosing)
        elif local(child):
            loose.append(child)
        if child.tail and squeeze(child.tail):
            loose.append(child.tail)
    flush()
    return out


def _loose(one: Any) -> tuple[Block, ...]:
    if isinstance(one, str):
        return (Block("paragraph", squeeze(one)),)
    if local(one) in SKIPPED:
        return ()
    if local(one) in _HEADINGS:
        text = inline(one)
        return (Block("heading", text),) if text else ()
    if local(one) in ("p", "span", "a", "b", "strong", "em", "i", "u", "sup", "sub"):
        text = inline(one)
        return (Block("paragraph", text),) if text else ()
    from lxml import etree

    holder = etree.Element("div")
    parent, at, tail = one.getparent(), one.getparent().index(one), one.tail
    holder.append(one)
    one.tail = None
    found = blocks(holder)
    parent.insert(at, one)
    one.tail = tail
    return found


def _holds_section(element: Any) -> bool:
    if not local(element):
        return False
    return _is_section(element) or _is_box(element) or any(_is_section(e) or _is_box(e) for e in element.iter("div"))


def _section(element: Any, enclosing: str) -> Section:
    own = _code(element) or (BOXED_WARNING if _is_box(element) else "")
    below = own if own and own != UNCLASSIFIED else enclosing
    inner_elements = [e for e in _outermost(element) if not (_is_box(e) and own == BOXED_WARNING)]
    head = next((e for e in element.iter(*_HEADINGS) if not _under(e, inner_elements)), None)
    skip = frozenset([*inner_elements, *([head] if head is not None else [])])
    held = blocks(element, skip)
    inner = tuple(_section(e, below) for e in inner_elements)
    title = inline(head) if head is not None else ""
    return Section(own, title, held, inner, enclosing, "text", NAMES.get(own, ""), derived=_code(element) is None)


def _outermost(element: Any) -> list[Any]:
    """The sections inside an element that are in no other section inside it."""
    found: list[Any] = []
    stack = list(reversed(list(element)))
    while stack:
        e = stack.pop()
        if not local(e):
            continue
        if _is_section(e) or _is_box(e):
            found.append(e)
        else:
            stack += reversed(list(e))
    return found


def _under(element: Any, containers: list[Any]) -> bool:
    parent = element.getparent()
    while parent is not None:
        if parent in containers:
            return True
        parent = parent.getparent()
    return False


_HIGHLIGHT_CODES = {
    "BOXED WARNING": BOXED_WARNING,
    "RECENT MAJOR CHANGES": "43683-2",
    "INDICATIONS AND USAGE": "34067-9",
    "DOSAGE AND ADMINISTRATION": "34068-7",
    "DOSAGE FORMS AND STRENGTHS": "43678-2",
    "CONTRAINDICATIONS": "34070-3",
    "WARNINGS AND PRECAUTIONS": "43685-7",
    "ADVERSE REACTIONS": "34084-4",
    "DRUG INTERACTIONS": "34073-7",
    "USE IN SPECIFIC POPULATIONS": "43684-0",
}


def highlight_code(title: str) -> str:
    """The LOINC code of a heading of the Highlights; "" where it has none."""
    return _HIGHLIGHT_CODES.get(squeeze(title).strip("-– ").upper(), "")


def _highlights(element: Any) -> Section:
    """The Highlights as one section; a heading starts a part of it, coded by its wording."""
    whole: list[Section] = []
    head = ""
    held: list[Block] = []
    for b in blocks(element):
        if b.kind == "heading":
            whole.append(Section(highlight_code(head), head, tuple(held), part="highlights", derived=True))
            head, held = b.text, []
        else:
            held.append(b)
    whole.append(Section(highlight_code(head), head, tuple(held), part="highlights", derived=True))
    kept = tuple(s for s in whole if s.title or s.blocks)
    return Section("", "", (), kept, part="highlights", name="Highlights")


_STRENGTH = re.compile(r"^\s*([\d,]*\.?\d+)?\s*(\[[^\]]+\]|\S+?)?(?:\s+in\s+([\d,]*\.?\d+)?\s*(\S+))?\s*$")


def strength(text: str) -> Ratio | None:
    """A strength as the stylesheet writes it; None where the cell is empty.

    >>> print(strength("20 mg"), "|", strength("5 mg  in 5 mL"))
    20 mg | 5 mg in 5 mL
    """
    hit = _STRENGTH.match(squeeze(text))
    if not squeeze(text) or not hit:
        return None
    bottom = number(hit[3]) if hit[3] else Decimal(1)
    return Ratio(number(hit[1]), hit[2] or "1", bottom, hit[4] or "1")


def _data(element: Any) -> tuple[list[DrugProduct], str, str]:
    """The products, kind of document and labeler of the page's product tables."""
    kind = labeler = ""
    made: list[dict[str, Any]] = []
    now: dict[str, Any] = {}
    head = ""
    for row in element.iter("tr"):
        if any(local(e) == "table" for e in row.iterdescendants()):
            continue  # a row that lays out others
        cells = [c for c in row if local(c) in ("td", "th")]
        text = [inline(c) for c in cells]
        title_cell = next((c for c in cells if "contenttabletitle" in _classes(c)), None)
        if title_cell is not None:
            strong = next((e for e in title_cell.iter("strong")), None)
            name = inline(strong) if strong is not None else text[0]
            form = squeeze(text[0][len(name) :])
            if not (now.get("part_of") and not now["name"] and not now["active"]):
                now = _blank()
                made.append(now)
            now.update(name=name, line=form)
            continue
        if made and re.fullmatch(r"Part \d+ of \d+", squeeze(" ".join(text))):
            now = _blank()
            now["part_of"] = next(p["name"] for p in reversed(made) if not p.get("part_of"))
            made.append(now)
            continue
        headings = [e for c in cells for e in c.iter() if "formheadingtitle" in _classes(e)]
        if not headings:
            headings = [c for c in cells if "formheadingtitle" in _classes(c)]
        if headings:
            head = inline(headings[0])
            if head.startswith("Labeler") and not labeler:
                labeler = re.sub(r"\s*\(\d+\)\s*$", "", squeeze(text[0].partition("-")[2]))
            continue
        if not now:
            continue
        pairs = dict(zip(text[0::2], text[1::2], strict=False))
        labelled = any("formlabel" in _classes(c) for c in cells)
        if labelled and head.startswith(("Product Information", "Product Characteristics")):
            for key, value in pairs.items():
                _fact(now, key, value)
            kind = kind or now.get("kind", "")
        elif head.startswith("Active Ingredient") and len(text) >= 3 and local(cells[0]) == "td":
            strong = next((e for e in cells[0].iter("strong")), None)
            name = inline(strong) if strong is not None else text[0]
            rest = squeeze(text[0][len(name) :])
            moiety = rest[1:-1].strip() if rest.startswith("(") and rest.endswith(")") else ""
            unii = re.search(r"\(UNII:\s*(\w+)\)", text[0])
            now["active"].append(
                Active(
                    squeeze(re.sub(r"\(UNII:.*?\)", "", name)),
                    unii[1] if unii else "",
                    strength(text[2]),
                    "ACTIM" if moiety and text[1] == moiety and text[1] != name else "ACTIB" if text[1] else "",
                    squeeze(re.sub(r"\(?\s*UNII:\s*\w+\)?", "", moiety)).strip("() "),
                )
            )
        elif head.startswith("Inactive") and local(cells[0]) == "td" and text[0]:
            now["inactive"].append(text[0])
        elif head.startswith("Packag") and len(text) > 1:
            code = re.search(r"NDC:\s*([\d-]+)", text[1])
            if code:
                now["packages"].append(code[1])
        elif head.startswith("Marketing") and local(cells[0]) == "td" and len(text) > 1:
            now["approvals"].append(Approval(text[0], text[1]))
    products = [_made(p) for p in made if p["name"] or p["active"]]
    return products, kind, labeler


def _blank() -> dict[str, Any]:
    return {"name": "", "line": "", "active": [], "inactive": [], "packages": [], "approvals": [], "routes": []}


def _fact(now: dict[str, Any], key: str, value: str) -> None:
    name = key.lower()
    if name.startswith("product type"):
        now["kind"] = value
    elif name.startswith(("item code", "ndc product code")):
        code = re.search(r"NDC:\s*([\d-]+)", value)
        now["ndc"] = code[1] if code else ""
    elif name.startswith("route"):
        now["routes"] += [squeeze(r) for r in value.split(",") if squeeze(r)]
    elif name in ("color", "shape", "size", "score", "flavor", "imprint code"):
        now[name.partition(" ")[0]] = value


def _made(p: dict[str, Any]) -> DrugProduct:
    line = p["line"]
    form = ""
    lowered = line.lower()
    for active in sorted({a.name for a in p["active"]}, key=len, reverse=True):
        if lowered.startswith(active.lower()):
            form = _form(squeeze(line[len(active) :]))
            break
    form = form or _form(line)
    generic = squeeze(line[: len(line) - len(form)])
    form = form.upper()
    score = re.match(r"(\d+) pieces?", p.get("score", ""))
    shape = p.get("shape", "").strip()
    return DrugProduct(
        name=p["name"],
        form=form,
        ndc=p.get("ndc", ""),
        routes=tuple(dict.fromkeys(p["routes"])),
        active=tuple(p["active"]),
        inactive=tuple(p["inactive"]),
        packages=tuple(dict.fromkeys(p["packages"])),
        generic=generic,
        appearance=Appearance(
            p.get("color", ""),
            shape,
            p.get("size", ""),
            p.get("imprint", ""),
            score[1] if score else {"no score": "1"}.get(p.get("score", "").lower(), p.get("score", "")),
            p.get("flavor", ""),
        ),
        approvals=tuple(dict.fromkeys(p["approvals"])),
        part_of=p.get("part_of", ""),
    )


_FORMS = [
    "tablet",
    "capsule",
    "solution",
    "suspension",
    "syrup",
    "elixir",
    "liquid",
    "injection",
    "cream",
    "ointment",
    "gel",
    "lotion",
    "patch",
    "film",
    "spray",
    "aerosol",
    "powder",
    "granule",
    "kit",
    "lozenge",
    "suppository",
    "enema",
    "emulsion",
    "shampoo",
    "soap",
    "stick",
    "swab",
    "drops",
    "inhalant",
    "implant",
    "insert",
    "pellet",
    "paste",
    "foam",
    "oil",
    "tincture",
    "concentrate",
    "gum",
    "wafer",
    "troche",
    "douche",
    "ring",
    "disc",
    "sponge",
    "cloth",
    "jelly",
    "rinse",
    "strip",
]


def _form(line: str) -> str:
    """The dose form at the end of the stylesheet's second line ("baclofen tablet" gives "tablet")."""
    words = line.split()
    for i, word in enumerate(words):
        if word.lower().strip(",") in _FORMS:
            return " ".join(words[i:])
    return words[-1] if words else ""
