"""Turns the XML of a Structured Product Labeling document (HL7 v3, as FDA publishes it) into a Label.

Knows no dose and no other format. Old tags (``manufacturedMedicine``, ``activeIngredient``), kits and Highlights are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from posology.labels.codes import NAMES, document_note
from posology.labels.record import (
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
from posology.labels.text import blocks, inline, local, squeeze

_NDC = "2.16.840.1.113883.6.69"
_UNII = "2.16.840.1.113883.4.9"
_RXNORM = "2.16.840.1.113883.6.88"
_LOINC = "2.16.840.1.113883.6.1"
_PRODUCT = ("manufacturedproduct", "manufacturedmedicine")
_PART = ("partproduct", "partmedicine")


def iso_date(value: str) -> str:
    """An HL7 time as an ISO 8601 date, as exact as it was given; "" where it is no date.

    >>> iso_date("20251015"), iso_date("201412"), iso_date("20100301120000+0000"), iso_date("soon")
    ('2025-10-15', '2014-12', '2010-03-01', '')
    """
    digits = value.strip()[:8]
    digits = digits if digits.isdigit() else digits[:6] if digits[:6].isdigit() else digits[:4]
    if not digits.isdigit():
        return ""
    if len(digits) >= 8:
        return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    return f"{digits[:4]}-{digits[4:6]}" if len(digits) >= 6 else digits if len(digits) == 4 else ""


def number(value: str | None) -> Decimal | None:
    """A decimal as written, or None."""
    if not value:
        return None
    try:
        found = Decimal(value.strip().replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _children(element: Any, *names: str) -> Iterator[Any]:
    return (c for c in element if local(c) in names)


def _child(element: Any, *path: str) -> Any:
    for name in path:
        if element is None:
            return None
        element = next(_children(element, name), None)
    return element


def _text(element: Any) -> str:
    return inline(element) if element is not None else ""


def _name(element: Any) -> str:
    """The name of a product; its ``suffix`` ("Extended-Release") is a word of its own."""
    if element is None:
        return ""
    return squeeze(f"{element.text or ''} {' '.join(f'{inline(c)} {c.tail or str()}' for c in element)}")


def _attribute(element: Any, name: str) -> str:
    return squeeze(element.get(name) or "") if element is not None else ""


def read_spl(root: Any, source: str, sha256: str) -> Label:
    """The label of a parsed SPL document.

    ``root``: the ``document`` element. Missing parts stay empty; a document that labels no medicine says so in its notes.
    """
    code = _child(root, "code")
    kind, display = _attribute(code, "code"), _attribute(code, "displayName")
    body = _child(root, "component", "structuredbody")
    sections: list[Section] = []
    products: list[DrugProduct] = []
    if body is not None:
        for component in _children(body, "component"):
            for s in _children(component, "section"):
                sections.append(_section(s, "", products))
    else:
        for component in _children(root, "component"):
            for s in _children(component, "section"):
                sections.append(_section(s, "", products))
    note = document_note(kind, display)
    notes = [note] if note else []
    if not sections and not products:
        notes.append("The document holds no section and no product.")
    if any("homeopathic" in a.category.lower() for p in products for a in p.approvals):
        notes.append("This product is homeopathic: its strengths are dilutions and no agency has judged its use.")
    time = _child(root, "effectivetime")
    when = _attribute(time, "value") or _attribute(_child(time, "low"), "value")
    author = _child(root, "author", "assignedentity", "representedorganization", "name")
    packages = [n for p in products for n in p.packages]
    approvals = [a for p in products for a in p.approvals]
    return Label(
        format="spl",
        source=source,
        sha256=sha256,
        setid=_attribute(_child(root, "setid"), "root") or _attribute(_child(root, "setid"), "extension"),
        id=_attribute(_child(root, "id"), "root"),
        version=_attribute(_child(root, "versionnumber"), "value"),
        effective=iso_date(when),
        title=_text(_child(root, "title")),
        labeler=_text(author),
        document_code=kind,
        document_type=display,
        human_drug=not note,
        jurisdiction="US" if _attribute(code, "codeSystem") in (_LOINC, "") else "",
        language=_attribute(_child(root, "languagecode"), "code") or "en",
        products=tuple(products),
        sections=tuple(sections),
        approvals=tuple(dict.fromkeys(approvals)),
        package_ndcs=tuple(dict.fromkeys(packages)),
        rxcui=tuple(dict.fromkeys(r for p in products for r in p.rxcui)),
        unii=tuple(dict.fromkeys(a.unii for p in products for a in p.active if a.unii)),
        routes=tuple(dict.fromkeys(r for p in products for r in p.routes)),
        notes=tuple(notes),
    )


def _section(element: Any, enclosing: str, products: list[DrugProduct]) -> Section:
    code = _child(element, "code")
    own = _attribute(code, "code")
    below = own if own and own != UNCLASSIFIED else enclosing
    title = ""
    held: list[Block] = []
    inner: list[Section] = []
    for child in element:
        name = local(child)
        if name == "title":
            title = squeeze(f"{title} {inline(child)}")
        elif name == "text":
            held += blocks(child)
        elif name == "excerpt":
            for highlight in _children(child, "highlight"):
                for text in _children(highlight, "text"):
                    found = blocks(text)
                    if found:
                        inner.append(Section(own, "", found, (), enclosing, "highlights", NAMES.get(own, "")))
        elif name == "component":
            for s in child:
                if local(s) == "section":
                    inner.append(_section(s, below, products))
                elif local(s) == "observationmedia":
                    held += [Block("image", _text(t)) for t in _children(s, "text") if _text(t)]
        elif name == "subject":
            products += _products(child)
    part = "data" if own in ("48780-1", "48779-3") else "text"
    return Section(
        own,
        title,
        tuple(held),
        tuple(inner),
        enclosing,
        part,  # type: ignore[arg-type]
        NAMES.get(own, "") or _attribute(code, "displayName"),
    )


def _products(subject: Any) -> Iterator[DrugProduct]:
    for outer in subject:
        if local(outer) not in _PRODUCT:
            continue
        core = next(_children(outer, *_PRODUCT), outer)
        yield from _product(core, outer, "")


def _product(core: Any, outer: Any, kit: str) -> Iterator[DrugProduct]:
    name = _name(_child(core, "name"))
    routes = [
        _attribute(_child(r, "routecode"), "displayName")
        for box in ([outer, core] if outer is not core else [core])
        for c in _children(box, "consumedin")
        for r in _children(c, "substanceadministration", "substanceadministration1")
    ]
    boxes = [outer, core] if outer is not core else [core]
    approvals = [a for box in boxes for a in _approvals(box)]
    code = _child(core, "code")
    looks = _looks([s for box in boxes for s in _children(box, "subjectof")])
    yield DrugProduct(
        name=name,
        form=_attribute(_child(core, "formcode"), "displayName"),
        ndc=_attribute(code, "code") if _attribute(code, "codeSystem") in (_NDC, "") else "",
        routes=tuple(dict.fromkeys(r for r in routes if r)),
        active=tuple(_actives(core)),
        inactive=tuple(_inactives(core)),
        packages=tuple(dict.fromkeys(_packages(core))),
        generic=_text(_child(core, "asentitywithgeneric", "genericmedicine", "name")),
        rxcui=tuple(
            dict.fromkeys(
                e.get("code")
                for e in _own(core)
                if local(e) in ("code", "translation") and e.get("codeSystem") == _RXNORM and e.get("code")
            )
        ),
        appearance=looks,
        approvals=tuple(dict.fromkeys(approvals)),
        part_of=kit,
    )
    for part in _children(core, "part"):
        for inside in _children(part, *_PART):
            yield from _product(inside, part, name or kit)


def _own(core: Any) -> Iterator[Any]:
    """Every element of a product but those of the parts of a kit, which are products of their own."""
    for child in core:
        if local(child) != "part":
            yield child
            yield from _own(child)


def _packages(core: Any) -> Iterator[str]:
    for content in _own(core):
        if local(content) in ("containerpackagedproduct", "containerpackagedmedicine"):
            code = _child(content, "code")
            if _attribute(code, "code") and _attribute(code, "codeSystem") in (_NDC, ""):
                yield _attribute(code, "code")


def _ingredients(core: Any) -> Iterator[tuple[str, Any, Any]]:
    for e in _children(core, "ingredient", "activeingredient", "inactiveingredient"):
        name = local(e)
        kind = (e.get("classCode") or {"activeingredient": "ACTIB", "inactiveingredient": "IACT"}.get(name, "")).upper()
        substance = next(
            (c for c in e if local(c).endswith("ingredientsubstance") or local(c) == "substance"),
            None,
        )
        if substance is not None:
            yield kind, e, substance


def _inactives(core: Any) -> Iterator[str]:
    for kind, _, substance in _ingredients(core):
        if not kind.startswith("ACT"):
            yield _text(_child(substance, "name"))


def _actives(core: Any) -> Iterator[Active]:
    for kind, e, substance in _ingredients(core):
        if not kind.startswith("ACT"):
            continue
        code = _child(substance, "code")
        moieties = [
            _text(_child(inner, "name"))
            for m in _children(substance, "activemoiety")
            for inner in _children(m, "activemoiety")
        ]
        yield Active(
            name=_text(_child(substance, "name")),
            unii=_attribute(code, "code") if _attribute(code, "codeSystem") == _UNII else "",
            strength=_strength(_child(e, "quantity")),
            basis=kind,
            moiety=next((m for m in moieties if m), ""),
        )


def _strength(quantity: Any) -> Ratio | None:
    top, bottom = _child(quantity, "numerator"), _child(quantity, "denominator")
    if top is None or (top.get("value") is None and top.get("unit") is None):
        return None
    return Ratio(
        number(top.get("value")),
        _attribute(top, "unit") or "1",
        number(bottom.get("value")) if bottom is not None else Decimal(1),
        (_attribute(bottom, "unit") or "1") if bottom is not None else "1",
    )


def _approvals(box: Any) -> Iterator[Approval]:
    for subject in _children(box, "subjectof"):
        for a in _children(subject, "approval"):
            yield Approval(_attribute(_child(a, "code"), "displayName"), _attribute(_child(a, "id"), "extension"))


def _looks(subjects: Iterable[Any]) -> Appearance:
    found: dict[str, list[str]] = {}
    for subject in subjects:
        for c in _children(subject, "characteristic"):
            value = _child(c, "value")
            if value is None:
                continue
            words = _text(_child(value, "originaltext")) or _attribute(value, "displayName")
            plain = squeeze(value.text or "")
            measured = squeeze(f"{value.get('value') or ''} {value.get('unit') or ''}")
            shown = words or plain or measured
            if shown:
                found.setdefault(_attribute(_child(c, "code"), "code"), []).append(shown)

    def of(code: str) -> str:
        return "; ".join(dict.fromkeys(found.get(code, [])))

    return Appearance(of("SPLCOLOR"), of("SPLSHAPE"), of("SPLSIZE"), of("SPLIMPRINT"), of("SPLSCORE"), of("SPLFLAVOR"))
