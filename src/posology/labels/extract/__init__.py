"""Turns a Label into facts with their places, "not stated" included: stopping, maximum doses, and what people ask.

Knows no medicine by name. Every fact carries the label's own words, its section path and its span.
"""

from __future__ import annotations

from posology.labels.extract.maximum import MaximumDose
from posology.labels.extract.passage import Passage
from posology.labels.extract.stopping import Stopping
from posology.labels.extract.topics import Facts, extract

__all__ = ["Facts", "MaximumDose", "Passage", "Stopping", "extract"]
