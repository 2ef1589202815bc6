"""Turns curves into one SVG picture: own drawing, no script, readable in black and white and by a screen reader.

Knows no medicine and no clock: words, day marks and numbers are given. Lines differ by stroke and not by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from math import ceil, floor, isfinite, log10
from typing import Any

from attrs import frozen

from posology.errors import Problem, UnreadableError, raise_all

WIDTH, HEIGHT = 900, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 18, 46, 118
_STYLES = {
    "own": 'stroke="#000" stroke-width="2.4"',
    "median": 'stroke="#000" stroke-width="1.4" stroke-dasharray="7 3"',
    "behind": 'stroke="#777" stroke-width="1.8"',
    "other": 'stroke="#000" stroke-width="2" stroke-dasharray="2 3"',
}
_MOST_POINTS = 1500


@frozen
class Line:
    """One line: times (h) and values, a style ("own", "median", "behind", "other") and its name in words."""

    times: Sequence[float]
    values: Sequence[float]
    style: str
    label: str


@frozen
class Band:
    """A band between two lines, its meaning in words ("5 of 100 people are below the band, 5 above")."""

    times: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    label: str


@frozen
class Chart:
    """What a picture shows. ``days``: (hour, words) of each midnight; ``ticks``: (hour, taken) of each dose;
    ``threshold``: (value, words), with ``below`` the stretches (from, to) under it; ``troughs``: (hour, value)."""

    title: str
    text: str
    start: float
    end: float
    y_label: str
    lines: tuple[Line, ...] = ()
    bands: tuple[Band, ...] = ()
    days: tuple[tuple[float, str], ...] = ()
    ticks: tuple[tuple[float, bool], ...] = ()
    troughs: tuple[tuple[float, float], ...] = ()
    threshold: tuple[float, str] | None = None
    below: tuple[tuple[float, float], ...] = ()
    note: str = ""
    log: bool = False
    top: float | None = None
    words: tuple[str, str, str] = ("dose taken", "dose missed", "lowest before a dose")

    def __attrs_post_init__(self) -> None:
        p = []
        if not self.end > self.start:
            p.append(Problem("The picture ends before it begins.", "chart"))
        for line in self.lines:
            if len(line.times) != len(line.values) or not all(isfinite(v) for v in line.values):
                p.append(Problem("This line has values that cannot be drawn.", f"chart, {line.label}"))
        raise_all(UnreadableError, p)


def _nice(most: float) -> float:
    raw = most / 5
    power: float = 10.0 ** floor(log10(raw))
    return next(k * power for k in (1, 2, 2.5, 5, 10) if k * power >= raw * (1 - 1e-9))


def _thin(times: Iterable[float], values: Iterable[float]) -> list[tuple[float, float]]:
    """Few enough points to print, without losing a peak: of each stretch its first, lowest and highest."""
    points = list(zip(map(float, times), map(float, values), strict=True))
    if len(points) <= _MOST_POINTS:
        return points
    size = ceil(len(points) * 3 / _MOST_POINTS)
    kept: list[tuple[float, float]] = []
    for i in range(0, len(points), size):
        part = points[i : i + size]
        kept += sorted({part[0], min(part, key=lambda q: q[1]), max(part, key=lambda q: q[1])})
    return [*kept, points[-1]] if kept[-1] != points[-1] else kept


def _above(points: Sequence[tuple[float, float]], least: float) -> list[list[tuple[float, float]]]:
    """The parts of a line that a logarithmic axis from ``least`` up can show: below it there is no line, not one along the axis.

    >>> _above([(0, 100.0), (1, 1.0), (2, 0.01)], 0.1)
    [[(0, 100.0), (1, 1.0), (1.5, 0.1)]]
    """
    out: list[list[tuple[float, float]]] = [[]]
    for (t, v), (u, w) in pairwise([*points, points[-1]]):
        if v >= least:
            out[-1].append((t, v))
        if (v < least) != (w < least):
            low, high = min(v, w), max(v, w)
            share = log10(high / least) / log10(high / low) if low > 0 else 1.0
            edge = (t + (u - t) * (share if v > w else 1.0 - share), least)
            if v >= least:
                out[-1].append(edge)
                out.append([])
            else:
                out[-1] = [edge]
    return [part for part in out if len(part) > 1]


def svg(chart: Chart) -> str:
    """The picture as SVG text.

    >>> made = svg(Chart("Level", "A flat line.", 0, 24, "ng/mL", (Line([0, 24], [5, 5], "own", "you"),)))
    >>> made.startswith("<svg"), "<script" in made
    (True, False)
    """
    values = [float(v) for line in chart.lines for v in line.values]
    values += [float(v) for band in chart.bands for v in band.high]
    if chart.threshold:
        values.append(chart.threshold[0] * 1.1)
    most = chart.top or max([v for v in values if isfinite(v)], default=1.0) * 1.06 or 1.0
    least = 0.0
    if chart.log:
        low = min([v for v in values if v > 0], default=most / 1000)
        least = 10.0 ** floor(log10(max(low, most / 1e4)))
        most = 10.0 ** ceil(log10(most))
    x0, x1, y0, y1 = _LEFT, WIDTH - _RIGHT, HEIGHT - _BOTTOM, _TOP

    def x(t: float) -> float:
        return x0 + (x1 - x0) * (t - chart.start) / (chart.end - chart.start)

    def y(v: float) -> float:
        if chart.log:
            v = min(max(v, least), most)
            return y0 - (y0 - y1) * (log10(v) - log10(least)) / (log10(most) - log10(least))
        return y0 - (y0 - y1) * min(max(v / most, 0.0), 1.0)

    def path(points: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{x(t):.1f} {y(v):.1f}" for t, v in points)

    def text(px: float, py: float, words: str, extra: str = "") -> str:
        return f'<text x="{px:.1f}" y="{py:.1f}"{extra}>{escape(words)}</text>'

    legend, height = _legend(chart, text)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        'aria-labelledby="curve-title curve-text" font-family="sans-serif" font-size="13" fill="#000">',
        f'<title id="curve-title">{escape(chart.title)}</title>',
        f'<desc id="curve-text">{escape(chart.text)}</desc>',
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<path d="M0 0V6" stroke="#000" stroke-width="1.4"/></pattern></defs>',
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#fff"/>',
        text(x0, 20, chart.title, ' font-size="16" font-weight="bold"'),
        text(x0, 38, chart.y_label + (f"  ({chart.note})" if chart.note else "")),
    ]
    out += _grid(chart, x, y, text, least, most)
    for band in chart.bands:
        up = _thin(band.times, band.high)
        down = _thin(band.times, band.low)[::-1]
        out.append(f'<path d="{path([*up, *down])}Z" fill="#d8d8d8" stroke="#999" stroke-width="0.8"/>')
    for a, b in chart.below:
        if chart.threshold and b > chart.start and a < chart.end:
            left, right = x(max(a, chart.start)), x(min(b, chart.end))
            top = y(chart.threshold[0])
            out.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{y0 - top:.1f}" fill="url(#hatch)"/>'
            )
    order = {"behind": 0, "median": 1, "other": 2, "own": 3}
    for line in sorted(chart.lines, key=lambda q: order[q.style]):
        points = _thin(line.times, line.values)
        for part in _above(points, least) if chart.log else [points]:
            out.append(f'<path d="{path(part)}" fill="none" {_STYLES[line.style]}/>')
    if chart.threshold:
        at = y(chart.threshold[0])
        out.append(f'<path d="M{x0} {at:.1f}H{x1}" stroke="#000" stroke-width="1.2" stroke-dasharray="10 4"/>')
        wide = 7.2 * len(chart.threshold[1]) + 6
        out.append(f'<rect x="{x1 - wide:.1f}" y="{at - 18:.1f}" width="{wide:.1f}" height="15" fill="#fff"/>')
        out.append(text(x1 - 3, at - 6, chart.threshold[1], ' text-anchor="end"'))
    for t, v in chart.troughs:
        if chart.start <= t <= chart.end:
            out.append(f'<circle cx="{x(t):.1f}" cy="{y(v):.1f}" r="3" fill="#fff" stroke="#000" stroke-width="1.2"/>')
    for t, taken in chart.ticks:
        if chart.start <= t <= chart.end:
            fill = "#000" if taken else "#fff"
            out.append(f'<path d="M{x(t):.1f} {y0 + 1}l4 10h-8z" fill="{fill}" stroke="#000" stroke-width="1"/>')
    out += legend
    out.append("</svg>")
    return "\n".join(out)


def _grid(chart: Chart, x: Any, y: Any, text: Any, least: float, most: float) -> list[str]:
    x0, x1, y0, y1 = _LEFT, WIDTH - _RIGHT, HEIGHT - _BOTTOM, _TOP
    out = []
    if chart.log:
        marks = [10.0**k for k in range(round(log10(least)), round(log10(most)) + 1)]
    else:
        step = _nice(most)
        marks = [i * step for i in range(int(most / step + 1e-9) + 1)]
    for v in marks:
        out.append(f'<path d="M{x0} {y(v):.1f}H{x1}" stroke="#ccc" stroke-width="0.7"/>')
        out.append(text(x0 - 6, y(v) + 4, f"{v:g}", ' text-anchor="end"'))
    shown = [d for d in chart.days if chart.start <= d[0] <= chart.end]
    every = max(1, ceil(len(shown) / 9))
    for i, (t, words) in enumerate(shown):
        if i % every == 0:
            out.append(f'<path d="M{x(t):.1f} {y1}V{y0 + 26}" stroke="#999" stroke-width="0.7"/>')
            if x(t) < x1 - 30:
                out.append(text(x(t) + 3, y0 + 26, words))
    out.append(f'<path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="#000" stroke-width="1"/>')
    return out


def _legend(chart: Chart, text: Any) -> tuple[list[str], float]:
    """The names of everything drawn, in rows under the picture, and the height of picture and rows together."""
    entries: list[tuple[str, str]] = []
    for line in chart.lines:
        entries.append((f'<path d="M0 -4h26" fill="none" {_STYLES[line.style]}/>', line.label))
    for band in chart.bands:
        entries.append(
            ('<rect y="-10" width="26" height="11" fill="#d8d8d8" stroke="#999" stroke-width="0.8"/>', band.label)
        )
    if any(taken for _, taken in chart.ticks):
        entries.append(('<path d="M13 -10l4 10h-8z" fill="#000" stroke="#000"/>', chart.words[0]))
    if any(not taken for _, taken in chart.ticks):
        entries.append(('<path d="M13 -10l4 10h-8z" fill="#fff" stroke="#000"/>', chart.words[1]))
    if chart.troughs:
        entries.append(('<circle cx="13" cy="-4" r="3" fill="#fff" stroke="#000" stroke-width="1.2"/>', chart.words[2]))
    if chart.below and chart.threshold:
        entries.append(('<rect y="-10" width="26" height="11" fill="url(#hatch)"/>', f"under: {chart.threshold[1]}"))
    out = []
    px, py = float(_LEFT), HEIGHT - _BOTTOM + 50
    for mark, words in entries:
        width = 36 + 6.6 * len(words) + 18
        if px > _LEFT and px + width > WIDTH - _RIGHT:
            px, py = float(_LEFT), py + 19
        out.append(f'<g transform="translate({px:.1f} {py})">{mark}{text(34, 0, words)}</g>')
        px += width
    return out, max(float(HEIGHT), py + 16.0)


def page(title: str, language: str = "en", *parts: str) -> str:
    """Pictures and their sentences and tables as one page of HTML, without script."""
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        "<style>body{font:1rem/1.5 sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem}svg{width:100%;height:auto}"
        "table{border-collapse:collapse}td,th{border:1px solid #555;padding:.2rem .5rem;text-align:right}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>\n"
    )
