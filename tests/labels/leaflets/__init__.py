"""Leaflets of our own with planted faults: composed from parts, in several layouts."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

DATA: dict[str, Any] = json.loads((Path(__file__).parent / "leaflets.json").read_text(encoding="utf-8"))
HEADS = {
    "what": "What it is for", "who_not": "Who must not take it", "boxed": "Warning", "start": "How to take it",
    "usual": "The usual dose", "max": "The highest dose", "stop": "Stopping", "missed": "A missed dose",
    "kidney": "Your kidneys", "alcohol": "Alcohol", "drive": "Driving", "preg": "Pregnancy", "much": "Too much",
    "source": "About this page",
}  # fmt: skip
LAYOUTS = ("text", "plain", "html", "list")


def compose(name: str, slots: dict[str, str], layout: str) -> bytes:
    """A page of the parts: with headings, as running text, as HTML, or as an HTML list."""
    parts = list(slots.items())
    if layout == "plain":
        parts = sorted(parts, key=lambda p: p[0] == "source")
        return f"{name}\n\n{chr(10).join(t + chr(10) for _, t in parts)}".encode()
    if layout == "html":
        body = "".join(f"<h2>{escape(HEADS.get(k, 'More'))}</h2><p>{escape(t)}</p>" for k, t in parts)
        return f'<!doctype html><html lang="en"><head><title>{escape(name)}</title><script>var x = "stop at any time";</script></head><body><h1>{escape(name)}</h1>{body}</body></html>'.encode()
    if layout == "list":
        body = "".join(f"<li>{escape(t)}</li>" for _, t in parts)
        return f"<html><body><h1>{escape(name)}</h1><ul>{body}</ul></body></html>".encode()
    return "\n".join([name, "", *(f"{HEADS.get(k, 'More')}\n\n{t}\n" for k, t in parts)]).encode()


def faulty(fault: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The name and parts of a page with one planted fault."""
    base = DATA["bases"][fault["base"]]
    slots = {k: v for k, v in base["slots"].items() if k not in fault["drop"]}
    return base["name"], {**slots, **fault["replace"]}
