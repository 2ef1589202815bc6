"""Turns official labels (SPL, openFDA, ePI, FDA-stylesheet HTML) into one record, and holds pages and medicine files to it.

Knows no patient and makes no plan; what a label does not say stays "not stated".
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posology.labels.files import Failure, read_file, read_label, read_labels
    from posology.labels.record import Block, Label, Place, Section

__all__ = ["Block", "Failure", "Label", "Place", "Section", "read_file", "read_label", "read_labels"]

_HOME = {"Failure": "files", "read_file": "files", "read_label": "files", "read_labels": "files"}


def __getattr__(name: str) -> Any:
    """The public names, imported when first asked for: a page's reading grade needs no XML library."""
    if name in __all__:
        return getattr(import_module(f"posology.labels.{_HOME.get(name, 'record')}"), name)
    raise AttributeError(name)
