"""Small labels of our own for tests: fictional medicines in the real container formats."""

from __future__ import annotations

from html import escape
from typing import Any

from posology.labels import Label, read_label


def spl(
    name: str = "Examplone",
    generic: str = "examplone hydrochloride",
    sections: list[tuple[str, str, list[str]]] | None = None,
    code: str = "34391-3",
    display: str = "HUMAN PRESCRIPTION DRUG LABEL",
    setid: str = "00000000-0000-4000-8000-000000000001",
    version: str = "3",
    effective: str = "20260115",
    strength: tuple[str, str, str, str] = ("10", "mg", "1", "1"),
    form: str = "TABLET",
    route: str = "ORAL",
    ndc: str = "99999-001",
    imprint: str = "",
    raw: str = "",
) -> bytes:
    """SPL XML of a made-up medicine; a section is (LOINC code, title, paragraphs), a paragraph may be marked-up ("<...>")."""

    def paragraph(p: str) -> str:
        return p if p.startswith("<") else f"<paragraph>{escape(p)}</paragraph>"

    body = "".join(
        f'<component><section><id root="s{i}"/><code code="{c}" codeSystem="2.16.840.1.113883.6.1"/>'
        f"<title>{escape(t)}</title><text>{''.join(map(paragraph, ps))}</text></section></component>"
        for i, (c, t, ps) in enumerate(sections or [])
    )
    num, unit, den, per = strength
    looks = (
        f'<subjectOf><characteristic><code code="SPLIMPRINT"/><value>{escape(imprint)}</value></characteristic></subjectOf>'
        if imprint
        else ""
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><document xmlns="urn:hl7-org:v3">'
        f'<id root="00000000-0000-4000-8000-00000000000d"/><code code="{code}" codeSystem="2.16.840.1.113883.6.1" displayName="{display}"/>'
        f'<title>{escape(name)}</title><effectiveTime value="{effective}"/><setId root="{setid}"/><versionNumber value="{version}"/>'
        "<author><assignedEntity><representedOrganization><name>Example Labs</name></representedOrganization></assignedEntity></author>"
        '<component><structuredBody><component><section><code code="48780-1" codeSystem="2.16.840.1.113883.6.1"/><subject>'
        f'<manufacturedProduct><manufacturedProduct><code code="{ndc}" codeSystem="2.16.840.1.113883.6.69"/><name>{escape(name)}</name>'
        f'<formCode displayName="{form}"/><asEntityWithGeneric><genericMedicine><name>{escape(generic)}</name></genericMedicine></asEntityWithGeneric>'
        f'<ingredient classCode="ACTIB"><quantity><numerator value="{num}" unit="{unit}"/><denominator value="{den}" unit="{per}"/></quantity>'
        f'<ingredientSubstance><code code="AAAAAAAA11" codeSystem="2.16.840.1.113883.4.9"/><name>{escape(generic)}</name></ingredientSubstance></ingredient>'
        f'<asContent><containerPackagedProduct><code code="{ndc}-30" codeSystem="2.16.840.1.113883.6.69"/></containerPackagedProduct></asContent>'
        f'</manufacturedProduct>{looks}<consumedIn><substanceAdministration><routeCode displayName="{route}"/></substanceAdministration></consumedIn>'
        f"</manufacturedProduct></subject></section></component>{body}{raw}</structuredBody></component></document>"
    ).encode()


def label(**parts: Any) -> Label:
    """The label of :func:`spl`, read."""
    return read_label(spl(**parts), "example.xml")
