"""What English says is read back equal: read(say(d)) == d, for directions and for courses of steps."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from attrs import evolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from posology.amount import Amount, Range
from posology.directions import DAYS, Bounds, Concept, Course, Cycle, Directions, Dose, MaxDose, Phase, Timing
from posology.wording import read, say

UNITS = ("mg", "g", "ug", "mL", "{tablet}", "{capsule}", "{drop}", "{puff}", "{spray}", "{patch}", "{unit}", "{sachet}",
         "{suppository}", "[iU]", "mmol", "mg/kg", "{application}", "{lozenge}", "{vial}")  # fmt: skip
ROUTES = ("oral", "sublingual", "buccal", "rectal", "vaginal", "intravenous", "intramuscular", "subcutaneous", "topical",
          "transdermal", "inhalation", "nasal", "intradermal", "intrathecal")  # fmt: skip
SITES = ("left eye", "right eye", "both eyes", "left ear", "affected area", "face", "scalp", "left arm")
REASONS = ("pain", "fever", "nausea", "cough", "anxiety", "muscle spasms", "headache", "itching")
WHENS = ("MORN", "NOON", "AFT", "EVE", "NIGHT", "HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "PC", "PCM", "PCV")
OFFSETS = ("AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV")
ADVICE = (
    "do not drive",
    "with food",
    "shake well before use",
    "avoid alcohol",
    "do not crush or chew",
    "swallow whole",
)

number = st.one_of(
    st.integers(1, 500).map(Fraction),
    st.builds(lambda n: Fraction(n, 2), st.integers(1, 40)),
    st.sampled_from((Fraction(5, 4),)),
)


@st.composite
def doses(draw: st.DrawFn) -> Dose:
    unit = draw(st.sampled_from(UNITS))
    low, high = sorted((draw(number), draw(number)))
    shape = draw(st.sampled_from(("one", "one", "range", "up to")))
    if shape == "one" or low == high:
        return Dose(Amount(high, unit))
    return Dose(Range(Amount(low, unit) if shape == "range" else None, Amount(high, unit)))


@st.composite
def timings(draw: st.DrawFn) -> Timing:
    kind = draw(st.sampled_from(("times", "every", "when", "clock", "days", "none")))
    f: dict[str, object] = {}
    if kind == "times":
        low, high = sorted((draw(st.integers(1, 6)), draw(st.integers(1, 6))))
        shape = draw(st.sampled_from(("one", "one", "range", "up to")))
        f = {"period": 1, "period_unit": draw(st.sampled_from(("d", "d", "wk")))}
        if shape != "up to" or low == high:
            f["frequency"] = low
        if shape != "one" and low != high:
            f["frequency_max"] = high
    elif kind == "every":
        low, high = sorted((draw(st.integers(2, 12)), draw(st.integers(2, 12))))
        f = {"frequency": 1, "period": low, "period_unit": draw(st.sampled_from(("h", "d", "wk", "mo")))}
        if low != high and draw(st.booleans()):
            f["period_max"] = high
    elif kind == "when":
        # "at night and at bedtime" is one time to the reader
        several = st.lists(st.sampled_from(WHENS), min_size=1, max_size=2, unique=True).filter(
            lambda w: {*w} != {"NIGHT", "HS"}
        )
        f["when"] = tuple(draw(several))
        if draw(st.booleans()):
            f = {"when": (draw(st.sampled_from(OFFSETS)),), "offset": draw(st.sampled_from((10, 15, 30)))}
    elif kind == "clock":
        hours = sorted(draw(st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True)))
        f["times_of_day"] = tuple(f"{h:02}:00" for h in hours)
    elif kind == "days":
        picked = draw(st.lists(st.sampled_from(DAYS), min_size=1, max_size=3, unique=True))
        f["days_of_week"] = tuple(d for d in DAYS if d in picked)
        if draw(st.booleans()):
            f["when"] = (draw(st.sampled_from(("MORN", "EVE", "HS"))),)
    if kind in ("times", "every") and draw(st.integers(0, 4)) == 0:
        f["count"] = draw(st.integers(2, 20))
    if kind in ("times",) and draw(st.integers(0, 5)) == 0:
        f["cycle"] = Cycle(21, 7)
    return Timing(**f)  # type: ignore[arg-type]


@st.composite
def lengths(draw: st.DrawFn) -> Bounds | None:
    kind = draw(st.sampled_from(("none", "none", "one", "range", "up to")))
    unit = draw(st.sampled_from(("d", "wk", "mo")))
    low, high = sorted((draw(st.integers(1, 14)), draw(st.integers(1, 14))))
    if kind == "none":
        return None
    if kind == "one" or low == high:
        return Bounds(duration=Amount(high, unit))
    return Bounds(low=Amount(low, unit) if kind == "range" else None, high=Amount(high, unit))


@st.composite
def directions(draw: st.DrawFn) -> Directions:
    timing = draw(timings())
    bounds = None if timing.count or timing.cycle else draw(lengths())
    as_needed = draw(st.booleans())
    pick = draw(st.sampled_from(("route", "site", "none")))
    unit_time = draw(st.sampled_from((Amount(24, "h"), Amount(1, "d"), Amount(1, "wk"))))
    dose = draw(doses())
    assert dose.most is not None
    return Directions(
        dose=dose,
        timing=evolve(timing, bounds=bounds),
        as_needed=as_needed,
        as_needed_for=(Concept(draw(st.sampled_from(REASONS))),) if as_needed and draw(st.booleans()) else (),
        route=Concept(draw(st.sampled_from(ROUTES))) if pick == "route" else None,
        site=Concept(draw(st.sampled_from(SITES))) if pick == "site" else None,
        max_per_period=(MaxDose(dose.most * 4, unit_time),) if draw(st.integers(0, 3)) == 0 else (),
        instructions=(Concept(draw(st.sampled_from(ADVICE))),) if draw(st.integers(0, 3)) == 0 else (),
        indication=Concept(draw(st.sampled_from(REASONS))) if not as_needed and draw(st.integers(0, 4)) == 0 else None,
    )


def plain(d: Directions, length: Amount | None) -> Directions:
    """The same directions, with the length of a step as their own bounds, and words of advice in lower case."""
    timing = d.timing if d.timing.bounds or length is None else evolve(d.timing, bounds=Bounds(duration=length))
    return evolve(
        d, timing=timing, sequence=None, text="", instructions=tuple(Concept(c.words.lower()) for c in d.instructions)
    )


def back(text: str) -> list[Directions]:
    """What a sentence is read as; [] where it is not read whole."""
    reading = read(text)
    if not reading.complete or reading.course is None:
        return []
    return [plain(d, p.length) for p in reading.course.phases for d in p.directions]


LAW = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@LAW
@given(directions())
def test_what_is_said_is_read_back(d: Directions) -> None:
    assert back(say(d)) == [plain(d, None)]


def _timed(d: Directions) -> bool:
    t = d.timing
    return bool(t.frequency or t.frequency_max or t.period or t.when or t.times_of_day or t.days_of_week)


@settings(LAW, max_examples=100)
@given(st.lists(st.tuples(directions(), st.integers(1, 28)), min_size=2, max_size=3))
def test_steps_that_are_said_are_read_back(held: list[tuple[Directions, int]]) -> None:
    steps = [
        (
            evolve(
                d,
                timing=evolve(d.timing, bounds=None, count=None, cycle=None),
                instructions=(),
                max_per_period=(),
                indication=None,
            ),
            n,
        )
        for d, n in held
    ]
    # a step that gives a dose and no times takes those of the step before it ("40 mg once a day, then 30 mg")
    assume(all(_timed(b) or not _timed(a) for (a, _), (b, _) in pairwise(steps)))
    phases = [Phase((d,), Amount(n, "d")) for d, n in steps[:-1]] + [Phase((steps[-1][0],))]
    assert back(say(Course(tuple(phases)))) == [plain(d, p.length) for p in phases for d in p.directions]


@pytest.mark.parametrize(
    ("said", "meant"),
    [("10 mg twice a day", "1 mg twice a day"), ("10 mg twice a day", "10 mg 3 times a day"), ("1 tablet every 8 hours", "1 tablet 3 times a day")],
)  # fmt: skip
def test_the_law_catches_a_sentence_that_says_something_else(said: str, meant: str) -> None:
    assert back(said)
    assert back(said) != back(meant)
