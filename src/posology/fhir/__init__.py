"""Turns FHIR R4 (and R5-shaped) prescriptions into values of ours and back: Dosage, Timing, MedicationRequest.

Knows no network and no terminology server. Nothing is imported before it is asked for.
"""

from __future__ import annotations
