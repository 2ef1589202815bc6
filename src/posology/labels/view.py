"""Turns a Label and what was extracted from it into the JSON that ``posology label read --json`` promises.

Knows no file. The shape is fixed by ``label.schema.json``; numbers stay decimals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from posology.labels.extract import Facts, MaximumDose, Passage, extract
from posology.labels.record import Block, DrugProduct, Label, Section


def _number(value: Decimal | None) -> int | Decimal | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else value


def _passage(p: Passage) -> dict[str, Any]:
    return {
        "section_path": p.path,
        "section_code": p.section_code,
        "own_code": p.own_code,
        "block": p.block,
        "span": [p.start, p.end],
        "quote": p.quote,
        **({"lead": p.lead} if p.lead else {}),
    }


def _product(p: DrugProduct) -> dict[str, Any]:
    return {
        "name": p.name,
        "generic": p.generic,
        "form": p.form,
        "ndc": p.ndc,
        "routes": list(p.routes),
        "active": [
            {
                "name": a.name,
                "unii": a.unii,
                "moiety": a.moiety,
                "basis": a.basis,
                "strength": None
                if a.strength is None
                else {
                    "num": _number(a.strength.numerator),
                    "num_unit": a.strength.unit,
                    "den": _number(a.strength.denominator),
                    "den_unit": a.strength.per,
                },
            }
            for a in p.active
        ],
        "package_ndcs": list(p.packages),
        "rxcui": list(p.rxcui),
        "appearance": {
            "color": p.appearance.color,
            "shape": p.appearance.shape,
            "size": p.appearance.size,
            "imprint": p.appearance.imprint,
            "score": p.appearance.score,
            "flavor": p.appearance.flavor,
        },
        "marketing": [{"category": a.category, "number": a.number} for a in p.approvals],
        "part_of": p.part_of,
    }


def maximum_json(m: MaximumDose) -> dict[str, Any]:
    """One maximum dose as the contract writes it."""
    return {
        "value": _number(m.value),
        "unit": m.unit,
        "per": m.per or None,
        "times_per_day": _number(m.times_per_day),
        "population": m.population or None,
        "indication": m.indication or None,
        "section_code": m.section_code,
        "quote": m.quote,
    }


def label_json(label: Label, facts: Facts | None = None, full: bool = True) -> dict[str, Any]:
    """The contract's object for one label. ``full`` adds every extracted passage, topic by topic."""
    found = facts if facts is not None else extract(label)
    out: dict[str, Any] = {
        "source": label.source,
        "sha256": label.sha256,
        "format": label.format,
        "setid": label.setid,
        "id": label.id,
        "version": label.version,
        "effective": label.effective,
        "title": label.title,
        "labeler": label.labeler,
        "document_code": label.document_code,
        "document_type": label.document_type,
        "human_drug_label": label.human_drug,
        "jurisdiction": label.jurisdiction,
        "language": label.language,
        "products": [_product(p) for p in label.products],
        "package_ndcs": list(label.package_ndcs),
        "rxcui": list(label.rxcui),
        "marketing": [{"category": a.category, "number": a.number} for a in label.approvals],
        "section_codes": list(label.section_codes),
        "boxed_warning": bool(label.boxed),
        "boxed_warning_has_text": bool(found.boxed),
        "mentions_abrupt_discontinuation": found.stopping.abrupt,
        "abrupt_section_codes": list(found.stopping.codes),
        "max_dose": [maximum_json(m) for m in found.maximum],
        "not_stated": list(found.not_stated),
        "notes": list(label.notes),
    }
    if full:
        out["facts"] = {
            "stopping": {
                "warnings": [_passage(p) for p in found.stopping.warnings],
                "taper": [_passage(p) for p in found.stopping.tapers],
                "denials": [_passage(p) for p in found.stopping.denials],
            },
            "boxed_warning": [_passage(p) for p in found.boxed],
            **{name: [_passage(p) for p in passages] for name, passages in found.topics.items()},
        }
    return out


def _block(b: Block) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": b.kind}
    if b.cells:
        out["cells"] = [
            {"text": c.text, **({"head": True} if c.head else {}), **({"columns": c.columns} if c.columns > 1 else {}),
             **({"rows": c.rows} if c.rows > 1 else {})}
            for c in b.cells
        ]  # fmt: skip
    else:
        out["text"] = b.text
    if b.depth:
        out["depth"] = b.depth
    if b.group:
        out["group"] = b.group
    return out


def sections_json(sections: tuple[Section, ...]) -> list[dict[str, Any]]:
    """The tree of sections with every block, for ``--sections``."""
    return [
        {
            "code": s.code,
            "enclosing": s.enclosing,
            "name": s.name,
            "part": s.part,
            "title": s.title,
            "blocks": [_block(b) for b in s.blocks],
            "sections": sections_json(s.sections),
        }
        for s in sections
    ]
