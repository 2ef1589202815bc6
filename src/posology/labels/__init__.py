"""Turns official labels (SPL, openFDA, ePI, FDA-stylesheet HTML) into one record, and holds pages and medicine files to it.

Knows no patient and makes no plan; what a label does not say stays "not stated".
"""

from __future__ import annotations

from posology.labels.files import Failure, read_file, read_label, read_labels
from posology.labels.record import Block, Label, Place, Section

__all__ = ["Block", "Failure", "Label", "Place", "Section", "read_file", "read_label", "read_labels"]
