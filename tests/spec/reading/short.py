"""Turns a Course into one short line, so that cases can be written and compared as text.

dose; how often; when; days; prn(reason); how long; count; maximum; least time between     " + " side by side, " > " steps, " #stop" what follows
"""

from __future__ import annotations

from posology.amount import Amount, Range, number_text
from posology.directions import Course, Directions


def _unit(code: str) -> str:
    return "" if code == "1" else code.strip("{}") if code.startswith("{") and code.endswith("}") else code


def amount(a: Amount | Range | None) -> str:
    if a is None:
        return "?"
    if isinstance(a, Amount):
        return f"{number_text(a.value)} {_unit(a.unit)}".strip()
    if a.low is None:
        return f"<={amount(a.high)}"
    if a.high is None:
        return f">={amount(a.low)}"
    if a.low.unit == a.high.unit:
        return f"{number_text(a.low.value)}-{amount(a.high)}"
    return f"{amount(a.low)}-{amount(a.high)}"


def _n(a: Amount) -> str:
    return f"{number_text(a.value)}{_unit(a.unit)}"


def one(d: Directions, length: Amount | None = None) -> str:
    t = d.timing
    parts = [amount(d.dose.amount) if d.dose else "?"]
    if t.period_unit:
        low, high = t.frequency, t.frequency_max
        often = f"<={high}" if low is None else f"{low}-{high}" if high else f"{low}"
        period = number_text(t.period or 1) + (f"-{number_text(t.period_max)}" if t.period_max else "")
        parts.append(f"{often}/{'' if period == '1' else period}{t.period_unit}")
    elif t.frequency_max:
        parts.append(f"<={t.frequency_max}")
    if t.when:
        parts.append("@" + ",".join(t.when) + (f"~{t.offset}" if t.offset is not None else ""))
    if t.times_of_day:
        parts.append("@" + ",".join(x[:5] for x in t.times_of_day))
    if t.days_of_week:
        parts.append(",".join(t.days_of_week))
    if d.as_needed:
        parts.append("prn" + (f"({', '.join(r.words for r in d.as_needed_for)})" if d.as_needed_for else ""))
    if length is not None and not t.bounds and not (t.count and "bounds" not in d.spans):
        parts.append(f"for {_n(length)}")
    if t.bounds:
        b = t.bounds
        if b.duration:
            parts.append(f"for {_n(b.duration)}")
        else:
            if b.start or b.end:
                parts.append(f"for {b.start or ''}..{b.end or ''}")
            else:
                parts.append(f"for {_n(b.low) if b.low else ''}..{_n(b.high) if b.high else ''}")
    if t.count:
        parts.append(f"x{t.count}" + (f"-{t.count_max}" if t.count_max else ""))
    if t.duration is not None:
        parts.append(f"over {number_text(t.duration)}{t.duration_unit}")
    if t.cycle:
        parts.append(f"{t.cycle.on}on{t.cycle.off}off")
    for m in d.max_per_period:
        parts.append(f"max {amount(m.amount)}/{_n(m.per)}")
    if d.max_per_administration:
        parts.append(f"max {amount(d.max_per_administration)} a dose")
    if d.min_gap is not None:
        parts.append(f"gap {_n(d.min_gap)}")
    return "; ".join(parts)


def short(course: Course | None) -> str:
    if course is None:
        return "-"
    text = " > ".join(" + ".join(one(d, ph.length) for d in ph.directions) for ph in course.phases)
    return text + (" #stop" if course.after == "stop" else "")
