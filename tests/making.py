"""Hypothesis strategies that draw Directions and Courses: every field, and the shapes that English can be read back from."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from posology.amount import UNITS, Amount, Range
from posology.directions import (
    DAYS,
    WHENS,
    Bounds,
    Concept,
    Course,
    Cycle,
    Directions,
    Dose,
    MaxDose,
    Phase,
    Rate,
    Timing,
)

DOSE_UNITS = tuple(
    c for c, u in UNITS.items() if c == "1" or not (u.kind in ("time", "calendar months", "calendar years")
                                                    or u.kind.startswith("clearance"))
)  # fmt: skip
TIMES = ("s", "min", "h", "d", "wk", "mo", "a")
decimals = st.builds(lambda n, e: Fraction(n, 10**e), st.integers(1, 5000), st.integers(0, 3))
small = st.integers(1, 60)


def amounts(units: tuple[str, ...] = DOSE_UNITS) -> st.SearchStrategy[Amount]:
    """Amounts that have an exact decimal."""
    return st.builds(Amount, decimals, st.sampled_from(units))


@st.composite
def ranges(draw: st.DrawFn, units: tuple[str, ...] = DOSE_UNITS) -> Range:
    """Ranges of one unit, one end of which may be open."""
    unit = draw(st.sampled_from(units))
    low, high = sorted((draw(decimals), draw(decimals)))
    which = draw(st.sampled_from(("both", "low", "high")))
    if which == "low":
        return Range(Amount(low, unit), None)
    return Range(Amount(low, unit) if which == "both" else None, Amount(high, unit))


@st.composite
def doses(draw: st.DrawFn) -> Dose:
    """Doses and ranges of them; an open range may leave its end out."""
    if draw(st.booleans()):
        return Dose(draw(amounts()))
    held = draw(ranges())
    return Dose(held, strict=draw(st.booleans()) if None in (held.low, held.high) else False)


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), min_size=1, max_size=20).filter(
    lambda t: bool(t.strip())
)
concepts = st.one_of(
    st.builds(lambda t: Concept(text=t), words),
    st.builds(
        lambda d, c: Concept(display=d, code=c, system="http://snomed.info/sct"), words, st.sampled_from(("1", "22"))
    ),
)


@st.composite
def bounds(draw: st.DrawFn) -> Bounds:
    """All shapes of bounds."""
    kind = draw(st.sampled_from(("duration", "range", "period")))
    if kind == "duration":
        return Bounds(duration=Amount(draw(small), draw(st.sampled_from(TIMES))))
    if kind == "range":
        unit = draw(st.sampled_from(TIMES))
        low, high = sorted((draw(small), draw(small)))
        which = draw(st.sampled_from(("both", "low", "high")))
        return Bounds(
            low=None if which == "high" else Amount(low, unit), high=None if which == "low" else Amount(high, unit)
        )
    first, last = sorted(draw(st.lists(st.dates(), min_size=2, max_size=2)))
    which = draw(st.sampled_from(("both", "start", "end")))
    start, end = first.isoformat(), last.isoformat()
    if draw(st.booleans()):
        start, end = f"{start}T08:00:00+01:00", f"{end}T20:30:00+01:00"
    return Bounds(start=None if which == "end" else start, end=None if which == "start" else end)


@st.composite
def timings(draw: st.DrawFn) -> Timing:
    """Timings with any of their fields that may stand together."""
    f: dict[str, object] = {}

    def pair(low: str, high: str, values: st.SearchStrategy[object], need_low: bool = True) -> None:
        a, b = sorted((draw(values), draw(values)))  # type: ignore[type-var]
        shape = draw(st.sampled_from(("none", "one", "both") if need_low else ("none", "one", "both", "high")))
        if shape in ("one", "both"):
            f[low] = a
        if shape in ("both", "high"):
            f[high] = b

    pair("frequency", "frequency_max", st.integers(1, 12), need_low=False)
    pair("period", "period_max", decimals)
    if "period" in f:
        f["period_unit"] = draw(st.sampled_from(TIMES))
    pair("count", "count_max", st.integers(1, 50))
    pair("duration", "duration_max", decimals)
    if "duration" in f:
        f["duration_unit"] = draw(st.sampled_from(TIMES))
    f["days_of_week"] = tuple(draw(st.lists(st.sampled_from(DAYS), unique=True, max_size=3)))
    slots = draw(st.sampled_from(("none", "when", "clock")))
    if slots == "when":
        f["when"] = tuple(draw(st.lists(st.sampled_from(WHENS), unique=True, min_size=1, max_size=3)))
        if not any(w in ("C", "CM", "CD", "CV") for w in f["when"]) and draw(st.booleans()):  # type: ignore[attr-defined]
            f["offset"] = draw(st.integers(1, 240))
    elif slots == "clock":
        f["times_of_day"] = tuple(
            t.strftime("%H:%M")
            for t in draw(st.lists(st.times(), unique_by=lambda t: (t.hour, t.minute), min_size=1, max_size=3))
        )
    if draw(st.booleans()):
        f["bounds"] = draw(bounds())
    if draw(st.integers(0, 9)) == 0:
        f["events"] = tuple(d.isoformat() for d in draw(st.lists(st.dates(), min_size=1, max_size=3)))
    if draw(st.integers(0, 9)) == 0:
        f["cycle"] = Cycle(draw(st.integers(1, 28)), draw(st.integers(1, 14)))
    return Timing(**f)  # type: ignore[arg-type]


times_long = st.builds(Amount, small, st.sampled_from(("min", "h", "d", "wk")))
rates = st.builds(
    Rate,
    st.one_of(amounts(("mg", "mL", "ug", "{unit}", "ug/kg")), ranges(("mg", "mL", "g"))),
    st.one_of(st.none(), st.sampled_from((Amount(1, "h"), Amount(1, "min"), Amount(1, "d")))),
)
maxima = st.builds(MaxDose, amounts(), times_long)


@st.composite
def directions(draw: st.DrawFn) -> Directions:
    """Directions with any of their fields."""
    as_needed = draw(st.booleans())
    return Directions(
        dose=draw(st.one_of(st.none(), doses())),
        timing=draw(st.one_of(st.just(Timing()), timings())),
        rate=draw(st.one_of(st.none(), rates)),
        as_needed=as_needed,
        as_needed_for=tuple(draw(st.lists(concepts, max_size=2))) if as_needed else (),
        route=draw(st.one_of(st.none(), concepts)),
        site=draw(st.one_of(st.none(), concepts)),
        method=draw(st.one_of(st.none(), concepts)),
        max_per_period=tuple(draw(st.lists(maxima, max_size=2))),
        max_per_administration=draw(st.one_of(st.none(), amounts())),
        max_per_lifetime=draw(st.one_of(st.none(), amounts())),
        instructions=tuple(draw(st.lists(concepts, max_size=2))),
        patient_instruction=draw(st.one_of(st.just(""), words)),
        indication=draw(st.one_of(st.none(), concepts)),
        sequence=draw(st.one_of(st.none(), st.integers(1, 5))),
        dose_type=draw(st.one_of(st.none(), concepts)),
        min_gap=draw(st.one_of(st.none(), st.builds(Amount, small, st.sampled_from(("min", "h"))))),
    )


def said_something(d: Directions) -> bool:
    """Whether there is anything in it at all (its sequence says nothing)."""
    from attrs import evolve

    return evolve(d, sequence=None, text="") != Directions()


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Courses of up to three steps, each but the last of one length, without bounds of their own."""
    from attrs import evolve

    def plain(d: Directions) -> Directions:
        return evolve(d, sequence=None, timing=evolve(d.timing, bounds=None))

    phases = []
    n = draw(st.integers(1, 3))
    for i in range(n):
        members = tuple(plain(draw(directions().filter(said_something))) for _ in range(draw(st.integers(1, 2))))
        length = Amount(draw(small), draw(st.sampled_from(("d", "wk")))) if i < n - 1 or draw(st.booleans()) else None
        phases.append(Phase(members, length))
    return Course(tuple(phases), draw(st.sampled_from(("continue", "stop", "unknown"))))
