"""Turns a plan into a picture: the planned doses as a solid stair, the ideal curve as dashes, in black and white.

Knows no language: its words are given. Coordinates are floats, rounded; no dose is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from math import floor, log10

from posology.taper.course import TaperPlan
from posology.taper.problem import number

WIDTH, HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 44, 48


def _tick(most: float) -> float:
    raw = most / 5
    power = 10 ** floor(log10(raw)) if raw > 0 else 1
    return float(next(k * power for k in (1, 2, 2.5, 5, 10) if k * power >= raw))


def svg(plan: TaperPlan, words: Mapping[str, str], proposal: bool = True) -> str:
    """The picture as SVG text with a title and a description; a proposal carries its watermark.

    ``words``: title, planned, ideal, dose, day, step, proposal.
    """
    known = all(s.days is not None for s in plan.steps)
    lengths = [float(s.days or 1) if known else float(s.last - s.first + 1) for s in plan.steps]
    start = float(plan.problem.start_mg_per_day)
    planned = [float(s.total) for s in plan.steps]
    ideal = [float(s.ideal_mg if s.ideal_mg is not None else s.total) for s in plan.steps]
    tail = max(sum(lengths) * 0.06, 1.0)
    whole = sum(lengths) + 2 * tail
    most = max([start, *planned, *ideal, 1e-9]) * 1.05

    def x(day: float) -> str:
        return f"{_LEFT + (WIDTH - _LEFT - _RIGHT) * (day + tail) / whole:.1f}"

    def y(mg: float) -> str:
        return f"{HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * mg / most:.1f}"

    def stair(values: list[float]) -> str:
        at, path = 0.0, [f"M{x(-tail)} {y(start)}H{x(0)}"]
        for value, length in zip(values, lengths, strict=True):
            path.append(f"V{y(value)}H{x(at + length)}")
            at += length
        end = 0.0 if plan.end == "stop" else (values[-1] if values else start)
        path.append(f"V{y(end)}H{x(at + tail)}")
        return "".join(path)

    description = "; ".join(
        f"{words['step']} {i}: {number(s.total)} {words['dose']}" for i, s in enumerate(plan.steps, 1)
    )
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'aria-labelledby="taper-title taper-desc" font-family="sans-serif" font-size="14">',
        f'<title id="taper-title">{escape(words["title"])}</title>',
        f'<desc id="taper-desc">{escape(description)}</desc>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    each = _tick(most)
    k = 0
    while k * each <= most:
        label = f"{k * each:g}"
        out.append(
            f'<path d="M{_LEFT} {y(k * each)}H{WIDTH - _RIGHT}" stroke="#bbb" fill="none"/>'
            f'<text x="{_LEFT - 8}" y="{y(k * each)}" text-anchor="end" dominant-baseline="middle">{label}</text>'
        )
        k += 1
    each, k = _tick(sum(lengths) or 1), 0
    while k * each <= sum(lengths):
        out.append(f'<text x="{x(k * each)}" y="{HEIGHT - _BOTTOM + 20}" text-anchor="middle">{k * each:g}</text>')
        k += 1
    axis = words["day"] if known else words["step"]
    out += [
        f'<text x="{WIDTH - _RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(axis)}</text>',
        f'<text x="8" y="{_TOP - 16}">{escape(words["dose"])}</text>',
        f'<path d="{stair(ideal)}" fill="none" stroke="#555" stroke-width="2" stroke-dasharray="6 5"/>',
        f'<path d="{stair(planned)}" fill="none" stroke="#000" stroke-width="3"/>',
        f'<path d="M{WIDTH - 260} {_TOP - 20}h40" stroke="#000" stroke-width="3"/>'
        f'<text x="{WIDTH - 212}" y="{_TOP - 15}">{escape(words["planned"])}</text>',
        f'<path d="M{WIDTH - 120} {_TOP - 20}h40" stroke="#555" stroke-width="2" stroke-dasharray="6 5"/>'
        f'<text x="{WIDTH - 72}" y="{_TOP - 15}">{escape(words["ideal"])}</text>',
    ]
    if proposal:
        out.append(
            f'<text x="{WIDTH / 2}" y="{HEIGHT / 2}" text-anchor="middle" font-size="18" fill="#666">{escape(words["proposal"])}</text>'
        )
    return "".join([*out, "</svg>\n"])
