"""From a medicine's official label and a prescription to a course of treatment a person can follow safely."""

__version__ = "0.1.0"
