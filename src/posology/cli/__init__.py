"""Turns commands into calls, and results into text and exit statuses. Knows no medicine and decides nothing."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
