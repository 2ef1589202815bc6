"""Turns doses taken now, products at hand and a prescriber's limits into the best course to a target, proved.

Knows no person, no file and no language. ``plan`` is the door; see ``docs/explanation/tapers.md``.
"""
