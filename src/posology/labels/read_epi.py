"""Turns an electronic product information Bundle (FHIR R4 or R5, XML or JSON) into Labels, one a Composition.

Knows no dose. A bundle may hold several documents (professional text and leaflet) and several products.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from posology.errors import Problem, UnreadableError
from posology.labels.read_spl import iso_date, number
from posology.labels.record import Active, Approval, Block, DrugProduct, Label, Ratio, Section
from posology.labels.text import blocks, inline, local, squeeze

_LIST = frozenset({"entry", "section", "coding", "subject", "author", "identifier", "name", "contained", "extension"})


def as_tree(element: Any) -> dict[str, Any]:
    """FHIR XML as the shape of FHIR JSON, as far as a reader of labels needs it; a ``div`` stays an element."""
    out: dict[str, Any] = {}
    for child in element:
        name = local(child)
        if not name:
            continue
        key = child.tag.rpartition("}")[2]
        if name == "div":
            out["div"] = child
            continue
        value: Any
        if key == "resource":
            inner = next((c for c in child if local(c)), None)
            value = as_tree(inner) if inner is not None else {}
            if inner is not None:
                value["resourceType"] = inner.tag.rpartition("}")[2]
        elif len(child) == 0 or all(not local(c) or c.tag.endswith("}extension") for c in child):
            value = child.get("value") or ""
        else:
            value = as_tree(child)
        if key in out:
            if not isinstance(out[key], list):
                out[key] = [out[key]]
            out[key].append(value)
        else:
            out[key] = [value] if key in _LIST else value
    return out


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [v for v in _all(value) if isinstance(v, Mapping)]


def _get(value: Any, *path: str) -> Any:
    for key in path:
        found = _dicts(value)
        value = found[0].get(key) if found else None
    return value


def _word(value: Any) -> str:
    """The first text of a value that XML gives as a list and JSON as one."""
    return next((squeeze(v) for v in _all(value) if isinstance(v, str) and v.strip()), "")


def _said(concept: Any) -> str:
    """What a coded concept shows: its text, else the display of its first coding."""
    for c in _dicts(concept):
        if isinstance(c.get("concept"), Mapping):
            return _said(c["concept"])
        for coding in _dicts(c.get("coding")):
            if coding.get("display"):
                return squeeze(str(coding["display"]))
        if c.get("text"):
            return squeeze(str(c["text"]))
    return ""


def read_epi(bundle: Mapping[str, Any], source: str, sha256: str) -> list[Label]:
    """Every Composition of a bundle as a Label.

    Raises :class:`posology.errors.UnreadableError` where there is none.
    """
    if bundle.get("resourceType") == "Composition":
        resources: list[Mapping[str, Any]] = [bundle]
    else:
        resources = [r for e in _dicts(bundle.get("entry")) for r in _dicts(e.get("resource"))]
        resources += [  # a list of documents is itself a bundle of bundles
            inner
            for r in resources
            if r.get("resourceType") == "Bundle"
            for e in _dicts(r.get("entry"))
            for inner in _dicts(e.get("resource"))
        ]
    named = {
        e["fullUrl"]: r["id"]
        for e in _dicts(bundle.get("entry"))
        for r in _dicts(e.get("resource"))
        if isinstance(e.get("fullUrl"), str) and isinstance(r.get("id"), str)
    }
    resources = [_resolved(r, named) for r in resources]
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for r in resources:
        by_kind.setdefault(str(r.get("resourceType") or ""), []).append(r)
    papers = by_kind.get("Composition", [])
    if not papers:
        raise UnreadableError(
            Problem("This FHIR file holds no Composition, so no label text.", source, "Give the whole ePI bundle.")
        )
    products = (*_products(by_kind), *_first_products(by_kind))
    return [_label(bundle, c, by_kind, products, source, sha256) for c in papers]


def _resolved(value: Any, named: Mapping[str, str]) -> Any:
    """A resource whose references by the full address of an entry ("urn:uuid:...") are by its id."""
    if isinstance(value, Mapping):
        return {
            k: f"entry/{named[v]}" if k == "reference" and isinstance(v, str) and v in named else _resolved(v, named)
            for k, v in value.items()
        }
    return [_resolved(v, named) for v in value] if isinstance(value, list) else value


def _label(
    bundle: Mapping[str, Any],
    paper: Mapping[str, Any],
    by_kind: Mapping[str, list[Mapping[str, Any]]],
    products: tuple[DrugProduct, ...],
    source: str,
    sha256: str,
) -> Label:
    notes: list[str] = []
    identifier = next((str(i.get("value")) for i in _dicts(paper.get("identifier")) if i.get("value")), "")
    outer = next((str(i.get("value")) for i in _dicts(bundle.get("identifier")) if i.get("value")), "")
    systems = " ".join(
        str(i.get("system") or "") for i in (*_dicts(paper.get("identifier")), *_dicts(bundle.get("identifier")))
    ) + " ".join(str(c.get("system") or "") for c in _dicts(_get(paper.get("type"), "coding")))
    language = str(paper.get("language") or bundle.get("language") or "")
    if not language:
        notes.append("The document does not say its language.")
    sections = tuple(_section(s, "", notes) for s in _dicts(paper.get("section")))
    top = _get(paper.get("text"), "div")
    if top is not None and blocks_of(top, notes):
        sections = (Section("", "", blocks_of(top, notes), part="front", name="Document summary"), *sections)
    organisations = [_word(o.get("name")) for o in by_kind.get("Organization", [])]
    title = squeeze(str(paper.get("title") or ""))
    approvals = tuple(
        Approval("marketing authorisation", str(i.get("value")))
        for r in by_kind.get("RegulatedAuthorization", [])
        for i in _dicts(r.get("identifier"))[:1]
        if i.get("value")
    )
    version = (
        paper.get("version") or _get(paper.get("meta"), "versionId") or _get(bundle.get("meta"), "versionId") or ""
    )
    country = "GB" if "mhra" in systems.lower() or source.lower().startswith("uk_") else ""
    country = country or ("EU" if "ema.europa" in systems.lower() or "spor" in systems.lower() else "")
    return Label(
        format="epi",
        source=source,
        sha256=sha256,
        setid=identifier or outer or str(bundle.get("id") or ""),
        id=str(bundle.get("id") or paper.get("id") or ""),
        version=squeeze(str(version)),
        effective=str(paper.get("date") or bundle.get("timestamp") or "")[:10],
        title=title,
        labeler=next((o for o in organisations if o), ""),
        document_code=next(
            (squeeze(str(c.get("code"))) for c in _dicts(_get(paper.get("type"), "coding")) if c.get("code")), ""
        ),
        document_type=_said(paper.get("type")),
        jurisdiction=country,
        language=language,
        products=products,
        sections=sections,
        approvals=approvals,
        unii=tuple(dict.fromkeys(a.unii for p in products for a in p.active if a.unii)),
        routes=tuple(dict.fromkeys(r for p in products for r in p.routes)),
        names=(title,) if title and not products else (),
        notes=tuple(dict.fromkeys(notes)),
    )


def blocks_of(div: Any, notes: list[str]) -> tuple[Block, ...]:
    """The blocks of a narrative: an element of FHIR XML, or the text of one in FHIR JSON."""
    from lxml import etree, html

    if isinstance(div, etree._Element):
        return blocks(div)
    if not isinstance(div, str):
        notes.append("The text of one section is neither words nor markup; it was left out.")
        return ()

    if not div.strip():
        return ()
    try:
        root = html.fragment_fromstring(div, create_parent="div")
    except (etree.LxmlError, ValueError):
        notes.append("The text of one section is not well-formed markup; it was kept as plain text.")
        text = squeeze(div)
        return (Block("paragraph", text),) if text else ()
    if any(local(e) in ("script", "style", "iframe", "object") for e in root.iter()):
        notes.append("A section holds scripts or embedded objects; they were left out and not run.")
    return blocks(root)


def _section(section: Mapping[str, Any], enclosing: str, notes: list[str]) -> Section:
    code = next((squeeze(str(c.get("code"))) for c in _dicts(_get(section.get("code"), "coding")) if c.get("code")), "")
    div = _get(section.get("text"), "div")
    below = code or enclosing
    return Section(
        code,
        squeeze(str(section.get("title") or "")),
        blocks_of(div, notes) if div is not None else (),
        tuple(_section(s, below, notes) for s in _dicts(section.get("section"))),
        enclosing,
        "text",
        _said(section.get("code")),
    )


def _identity(resource: Mapping[str, Any]) -> str:
    return str(resource.get("id") or "")


def _refers(value: Any) -> list[str]:
    return [str(v.get("reference") or "").rpartition("/")[2] for v in _dicts(value)]


def _quantity(value: Any) -> tuple[Decimal | None, str]:
    for q in _dicts(value):
        raw = q.get("value")
        return (number(str(raw)) if raw is not None else None), squeeze(str(q.get("unit") or q.get("code") or ""))
    return None, ""


def _strength(substance: Mapping[str, Any]) -> tuple[Ratio | None, str]:
    for s in _dicts(substance.get("strength")):
        basis = next((str(c.get("code")) for c in _dicts(_get(s.get("basis"), "coding")) if c.get("code")), "")
        for key in ("presentation", "concentration"):
            ratio = s.get(f"{key}Ratio") or s.get(key)  # R4 has a ratio only
            if isinstance(ratio, Mapping):
                (top, unit), (bottom, per) = _quantity(ratio.get("numerator")), _quantity(ratio.get("denominator"))
                return Ratio(top, unit or "1", bottom if bottom is not None else Decimal(1), per or "1"), basis
            top, unit = _quantity(s.get(f"{key}Quantity"))
            if top is not None:
                return Ratio(top, unit or "1"), basis
    return None, ""


def _substances(ing: Mapping[str, Any], known_by_id: Mapping[str, Any]) -> Iterator[tuple[bool, Active]]:
    """The substances of an ingredient, and whether each is active."""
    role = _said(ing.get("role")).lower()
    for substance in _dicts(ing.get("substance")):
        name = _said(substance.get("code"))
        code = _get(substance.get("code"), "concept", "coding") or _get(substance.get("code"), "coding")
        unii = next((str(c.get("code")) for c in _dicts(code) if _is_unii(c.get("code"))), "")
        known = known_by_id.get(next(iter(_refers(_get(substance.get("code"), "reference"))), ""), {})
        if not name:
            name = next((w for n in _dicts(known.get("name")) if (w := _word(n.get("name")))), "")
        if not unii:
            ids = [*_dicts(ing.get("identifier")), *_dicts(known.get("identifier"))]
            unii = next((str(i.get("value")) for i in ids if _is_unii(i.get("value"))), "")
        strength, basis = _strength(substance)
        yield not role or ("active" in role and "inactive" not in role), Active(name, unii, strength, basis)


def _products(by_kind: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[DrugProduct]:
    made = {_identity(m): m for m in by_kind.get("ManufacturedItemDefinition", [])}
    given = by_kind.get("AdministrableProductDefinition", [])
    ingredients = by_kind.get("Ingredient", [])
    substances = {_identity(s): s for s in by_kind.get("SubstanceDefinition", [])}
    for mp in by_kind.get("MedicinalProductDefinition", []):
        me = _identity(mp)
        forms: list[str] = [_said(mp.get("combinedPharmaceuticalDoseForm"))]
        items: set[str] = {me}
        routes: list[str] = []
        for a in given:
            if me in _refers(a.get("formOf")):
                items.add(_identity(a))
                items |= set(_refers(a.get("producedFrom")))
                forms.append(_said(a.get("administrableDoseForm")))
                routes += [_said(r.get("code")) for r in _dicts(a.get("routeOfAdministration"))]
        for pack in by_kind.get("PackagedProductDefinition", []):
            if me in _refers(pack.get("packageFor")):
                items |= set(_pack_items(pack))
        forms += [_said(made[i].get("manufacturedDoseForm")) for i in items if i in made]
        active: list[Active] = []
        inactive: list[str] = []
        for ing in ingredients:
            if not items & set(_refers(ing.get("for"))):
                continue
            for is_active, found in _substances(ing, substances):
                if is_active:
                    active.append(found)
                elif found.name:
                    inactive.append(found.name)
        yield _made(mp, forms, routes, active, inactive)


def _made(
    product: Mapping[str, Any], forms: list[str], routes: list[str], active: list[Active], inactive: list[str]
) -> DrugProduct:
    names = [squeeze(str(n.get("productName") or "")) for n in _dicts(product.get("name"))]
    return DrugProduct(
        name=next((n for n in names if n), ""),
        form=next((f for f in forms if f), ""),
        routes=tuple(dict.fromkeys(r for r in routes if r)),
        active=tuple(dict.fromkeys(active)),
        inactive=tuple(dict.fromkeys(inactive)),
    )


def _first_products(by_kind: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[DrugProduct]:
    """The products of FHIR R4, whose resources R4B and R5 renamed: here the product refers to its parts, not they to it."""
    given = {_identity(p): p for p in by_kind.get("MedicinalProductPharmaceutical", [])}
    ingredients = {_identity(i): i for i in by_kind.get("MedicinalProductIngredient", [])}
    for mp in by_kind.get("MedicinalProduct", []):
        forms: list[str] = []
        routes: list[str] = []
        active: list[Active] = []
        inactive: list[str] = []
        for a in (given[r] for r in _refers(mp.get("pharmaceuticalProduct")) if r in given):
            forms.append(_said(a.get("administrableDoseForm")))
            routes += [_said(r.get("code")) for r in _dicts(a.get("routeOfAdministration"))]
            for ing in (ingredients[r] for r in _refers(a.get("ingredient")) if r in ingredients):
                for is_active, found in _substances(ing, {}):
                    if is_active:
                        active.append(found)
                    elif found.name:
                        inactive.append(found.name)
        forms.append(_said(mp.get("combinedPharmaceuticalDoseForm")))
        yield _made(mp, forms, routes, active, inactive)


def _is_unii(value: object) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[A-Z0-9]{10}", value)) and any(c.isdigit() for c in value)


def _pack_items(pack: Any) -> Iterator[str]:
    if isinstance(pack, Mapping):
        for key, value in pack.items():
            if key == "reference" and isinstance(value, str) and "ManufacturedItem" in value:
                yield value.rpartition("/")[2]
            else:
                yield from _pack_items(value)
    elif isinstance(pack, list):
        for value in pack:
            yield from _pack_items(value)


def narrative_text(element: Any) -> str:
    """All text of a parsed narrative as one line."""
    return inline(element)


def iso(value: str) -> str:
    """A FHIR date as ISO 8601, whatever follows it cut off."""
    return iso_date(value.replace("-", "")) or value[:10]
