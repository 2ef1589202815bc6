"""Turns a medicine page or a Plan into one printable HTML page; with the extra ``pdf``, into a PDF of the same.

Knows no rule and no wording: it draws what ``wording`` composed. No script, readable on a phone and in black and white.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined

from posology.amount import Amount, number_text
from posology.errors import MissingExtraError
from posology.measure import Measure, Take
from posology.wording.page import Page, marks
from posology.wording.plan_page import count_text, dose_text, how_text, take_text, time_text, view
from posology.wording.words import date_text

if TYPE_CHECKING:
    from posology.plan import Plan

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_STRIP_DAYS = 7
_MAX_STRIPS = 14


@cache
def _environment() -> Environment:
    env = Environment(
        loader=PackageLoader("posology", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    env.filters["marks"] = marks
    return env


def _render(name: str, **values: Any) -> str:
    return _environment().get_template(name).render(**values)


def page_html(page: Page, printed: dt.date | None = None, level: str = "") -> str:
    """A medicine's page as HTML. ``printed``: the date to print on it; ``level``: a line on how hard it is to read."""
    return _render(
        "page.html.j2", page=page, title=page.title, page_size=page.country.page_size,
        printed=date_text(printed) if printed else "", level=level,
    )  # fmt: skip


def plan_html(plan: Plan, printed: dt.date | None = None) -> str:
    """The sheet of a plan as HTML: emergency signs first, doses, pictures, boxes to tick, the missed-dose box, sources.

    A stopped plan has no sheet: raises ValueError. ``printed``: the date to print on it.
    """
    if plan.stopped:
        raise ValueError("a plan with a stop finding has no sheet")
    page = view(plan)
    strips, after = _strips(plan)
    last = max((dt.date(e.at.year, e.at.month, e.at.day) for e in plan.events), default=None)
    return _render(
        "plan.html.j2", page=page, title=page.title, country=plan.setting.country, zone=plan.setting.zone,
        page_size=plan.setting.country.page_size, pictures=pictures(plan), strips=strips, printed=date_text(printed) if printed else "",
        more_days=date_text(after) if after and last and last >= after else "",
    )  # fmt: skip


def pdf(html: str) -> bytes:
    """The same page as a tagged PDF; needs the extra ``pdf``."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        raise MissingExtraError.of("Writing PDF", "pdf") from None
    made: bytes = HTML(string=html).write_pdf(pdf_variant="pdf/ua-1")
    return made


@frozen
class Row:
    """One dose time of a strip: its time, its dose in short, and on which of the days it is taken."""

    time: str
    dose: str
    ticks: tuple[bool, ...]


@frozen
class Strip:
    """Up to a week of boxes to tick."""

    caption: str
    days: tuple[tuple[str, str], ...]
    """The day of the week and of the month."""
    rows: tuple[Row, ...]
    empty: int = 0
    """How many days short of a week it is, so that all boxes are of one size."""


def _strips(plan: Plan) -> tuple[tuple[Strip, ...], dt.date | None]:
    """The strips, and the day after the last of them."""
    taken: dict[dt.date, dict[tuple[str, str], bool]] = {}
    step: dict[dt.date, int] = {}
    for e in plan.events:
        day = dt.date(e.at.year, e.at.month, e.at.day)
        found = plan.measure_of(e.dose) if e.dose else None
        short = _short(found) if isinstance(found, Measure) else str(e.dose)
        taken.setdefault(day, {})[(time_text(e), short)] = True
        step.setdefault(day, e.phase)
    if not taken:
        return (), None
    day, last = min(taken), max(taken)
    steps = len({*step.values()})
    strips: list[Strip] = []
    while day <= last and len(strips) < _MAX_STRIPS:
        # A strip ends with its step: no row of another dose stands beside today's.
        now = step.get(day)
        week = [day]
        while len(week) < _STRIP_DAYS and (next_ := week[-1] + dt.timedelta(days=1)) <= last:
            if step.get(next_, now) != now:
                break
            week.append(next_)
        keys = sorted({k for d in week for k in taken.get(d, {})})
        rows = tuple(
            Row(time, dose, tuple(taken.get(d, {}).get((time, dose), False) for d in week)) for time, dose in keys
        )
        span = f"{date_text(week[0])} to {date_text(week[-1])}" if len(week) > 1 else date_text(day)
        caption = f"Step {now + 1}: {span}" if steps > 1 and now is not None else span
        if rows:
            strips.append(
                Strip(caption, tuple((_DAYS[d.weekday()], str(d.day)) for d in week), rows, _STRIP_DAYS - len(week))
            )
        day = week[-1] + dt.timedelta(days=1)
    return tuple(strips), day


def _short(m: Measure) -> str:
    """A dose in a few characters, each part on one line: 7.5 mL, 1 × 10 mg, ½ × 10 mg."""
    parts = (
        str(t.volume) if t.volume is not None else f"{_fraction_sign(t)} × {t.product.strength.reduced.amount}"
        for t in m.takes
    )
    return " + ".join(part.replace(" ", "\u00a0") for part in parts)


def _fraction_sign(t: Take) -> str:
    whole, part = divmod(t.count or 0, 1)
    sign = {0: "", 0.5: "½", 0.25: "¼", 0.75: "¾"}.get(float(part))
    if sign is None:
        return number_text(t.count) if t.count is not None else ""
    return f"{whole if whole or not sign else ''}{sign}"


@frozen
class Picture:
    """A drawing of one dose, with the sentence beside it."""

    svg: str
    caption: str


def pictures(plan: Plan) -> tuple[Picture, ...]:
    """A drawing for each different dose: the syringe filled to its mark, or the tablets."""
    made = []
    for dose, m in plan.measures:
        if isinstance(m, Measure):
            for t in m.takes:
                if t.volume is not None and t.device is not None:
                    made.append(
                        Picture(syringe_svg(t.device.capacity, t.device.mark, t.volume), f"{dose}: {take_text(t)}")
                    )
                elif t.count is not None:
                    made.append(
                        Picture(tablets_svg(t), f"{dose_text(plan, dose) if len(m.takes) == 1 else how_text(m)}")
                    )
    return tuple(made[:8])


def syringe_svg(capacity: Amount, mark: Amount, volume: Amount) -> str:
    """An oral syringe with its marks, filled to a volume; the numbers stand at whole steps."""
    size, step, fill = (float(a.to("mL").value) for a in (capacity, mark, volume))
    x0, width = 40.0, 240.0
    at = x0 + width * fill / size
    label = f"A {number_text(capacity.value)} mL oral syringe filled to {number_text(volume.to('mL').value)} mL"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 380 90" width="380" height="90" role="img"><title>{label}</title>',
        f'<rect x="{x0}" y="22" width="{width}" height="34" fill="#fff" stroke="#111" stroke-width="2"/>',
        f'<rect x="{x0}" y="24" width="{at - x0:.1f}" height="30" fill="#bbb"/>',
        f'<rect x="16" y="34" width="{x0 - 16}" height="10" fill="#fff" stroke="#111" stroke-width="2"/>',
        f'<rect x="{at:.1f}" y="24" width="6" height="30" fill="#111"/>',
        f'<rect x="{at + 6:.1f}" y="35" width="{360 - at - 6:.1f}" height="8" fill="#fff" stroke="#111"/>',
        '<rect x="356" y="22" width="8" height="34" fill="#111"/>',
    ]
    count = round(size / step)
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 1000) if count / n <= 10)
    for i in range(1, count + 1):
        x = x0 + width * i / count
        long = i % every == 0
        if long or count <= 60:
            parts.append(f'<line x1="{x:.1f}" y1="56" x2="{x:.1f}" y2="{66 if long else 61}" stroke="#111"/>')
        if long:
            text = number_text(mark.to("mL").value * i)
            parts.append(
                f'<text x="{x:.1f}" y="80" font-size="12" text-anchor="middle" font-family="sans-serif">{text}</text>'
            )
    parts.append(
        f'<path d="M{at:.1f} 20 l-5 -10 h10 z" fill="#111"/><text x="{at:.1f}" y="9" font-size="12" text-anchor="middle" '
        f'font-family="sans-serif">{number_text(volume.to("mL").value)} mL</text></svg>'
    )
    return "".join(parts)


def tablets_svg(take: Take) -> str:
    """The pieces of one dose: whole tablets as circles, a half as half a circle."""
    count = take.count or 0
    whole, part = divmod(count, 1)
    strength = str(take.product.strength.reduced.amount)
    unit = take.product.unit.strip("{}")
    n = int(whole) + (1 if part else 0)
    label = f"{count_text(count, unit, unit + 's')} of {strength}"  # type: ignore[arg-type]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {70 * max(n, 1)} 66" width="{70 * max(n, 1)}" height="66" role="img"><title>{label}</title>'
    ]
    for i in range(n):
        x = 35 + 70 * i
        full = i < whole
        if full:
            parts.append(f'<circle cx="{x}" cy="32" r="27" fill="#fff" stroke="#111" stroke-width="2.5"/>')
        else:
            parts.append(f'<circle cx="{x}" cy="32" r="27" fill="none" stroke="#999" stroke-dasharray="4 4"/>')
            sweep = {0.5: f"M{x} 5 A27 27 0 0 0 {x} 59 Z", 0.25: f"M{x} 32 L{x} 5 A27 27 0 0 0 {x - 27} 32 Z",
                     0.75: f"M{x} 32 L{x} 5 A27 27 0 1 0 {x + 27} 32 Z"}.get(float(part))  # fmt: skip
            if sweep:
                parts.append(f'<path d="{sweep}" fill="#fff" stroke="#111" stroke-width="2.5"/>')
        parts.append(
            f'<text x="{x}" y="37" font-size="13" text-anchor="middle" font-family="sans-serif">{strength}</text>'
        )
    parts.append("</svg>")
    return "".join(parts)
