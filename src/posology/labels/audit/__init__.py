"""Turns a third-party page about a medicine, and an official label or a medicine file, into a list of issues with evidence.

Knows no medicine by name and never corrects a page: it says what is missing, contradicted, wrong, garbled or hard to read.
"""

from __future__ import annotations

from posology.labels.audit.label_file import from_label
from posology.labels.audit.medicine_file import from_medicine
from posology.labels.audit.page import Page, read_page
from posology.labels.audit.reference import Reference
from posology.labels.audit.report import Audit, Issue, audit, audit_json, sarif

__all__ = [
    "Audit", "Issue", "Page", "Reference", "audit", "audit_json", "from_label", "from_medicine", "read_page", "sarif",
]  # fmt: skip
