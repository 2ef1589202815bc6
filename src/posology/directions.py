"""Turns a prescriber's intention into checked values: dose, timing, directions, phases, course, person, prescription.

Knows no format and no language. The fields of Timing and Directions mirror FHIR R4 Timing and Dosage one to one,
so that nothing a prescription can say has no place here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from attrs import evolve, field, frozen

from posology.amount import Amount, Range
from posology.errors import Problem, UnreadableError

UnitOfTime = Literal["s", "min", "h", "d", "wk", "mo", "a"]
UNITS_OF_TIME = ("s", "min", "h", "d", "wk", "mo", "a")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHENS = (
    "MORN", "MORN.early", "MORN.late", "NOON", "AFT", "AFT.early", "AFT.late", "EVE", "EVE.early", "EVE.late",
    "NIGHT", "PHS", "HS", "WAKE", "C", "CM", "CD", "CV", "AC", "ACM", "ACD", "ACV", "PC", "PCM", "PCD", "PCV",
)  # fmt: skip
"""The event codes of FHIR R4 ``Timing.repeat.when``."""
_NO_OFFSET = ("C", "CM", "CD", "CV")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)


@frozen
class Span:
    """Where in the text (or, with ``path``, in the document) a value was read: characters start to end."""

    start: int = 0
    end: int = 0
    path: str = ""


@frozen
class Concept:
    """A coded or plain idea: a route, a site, a reason. ``text`` is what a person reads."""

    text: str = ""
    system: str = ""
    code: str = ""
    display: str = ""

    def __attrs_post_init__(self) -> None:
        if not (self.text or self.code or self.display):
            raise UnreadableError(Problem("An empty concept says nothing."))

    @property
    def words(self) -> str:
        """What a person reads: the text, else the display; never the bare code."""
        return self.text or self.display


@frozen
class Dose:
    """How much at one time: an exact amount, or a range of them.

    ``strict``: the end of a one-sided range is itself not included ("less than 5 mL").

    >>> Dose(Amount(20, "mg")).most
    Amount(value=Fraction(20, 1), unit='mg')
    """

    amount: Amount | Range
    span: Span | None = field(default=None, eq=False, repr=False)
    strict: bool = False

    def __attrs_post_init__(self) -> None:
        if self.strict and (isinstance(self.amount, Amount) or None not in (self.amount.low, self.amount.high)):
            raise UnreadableError(Problem("Only a range with one end can leave that end out."))
        for end in (self.least, self.most):
            if end is not None and end.value <= 0:
                raise UnreadableError(Problem(f"A dose cannot be zero or less: {end}.", "", "Check the amount."))

    @property
    def least(self) -> Amount | None:
        """The lowest amount it allows; None where only an upper end is given."""
        return self.amount if isinstance(self.amount, Amount) else self.amount.low

    @property
    def most(self) -> Amount | None:
        """The highest amount it allows."""
        return self.amount if isinstance(self.amount, Amount) else self.amount.high

    def __str__(self) -> str:
        if self.strict:
            return f"{'less' if self.least is None else 'more'} than {self.most or self.least}"
        return str(self.amount)


@frozen
class Rate:
    """How fast: an amount, or a range of amounts, for each ``per`` (a time or a volume; None where it is not said)."""

    amount: Amount | Range
    per: Amount | None = None


@frozen
class MaxDose:
    """The most within a period: 8 tablets in 24 hours."""

    amount: Amount
    per: Amount


@frozen
class Bounds:
    """How long directions hold: a duration, a range of durations, or a period of dates (ISO text, as written)."""

    duration: Amount | None = None
    low: Amount | None = None
    high: Amount | None = None
    start: str | None = None
    end: str | None = None

    def __attrs_post_init__(self) -> None:
        shapes = [self.duration is not None, bool(self.low or self.high), bool(self.start or self.end)]
        if sum(shapes) != 1:
            raise UnreadableError(Problem("Bounds are a duration, a range or a period: exactly one of them."))
        for a in (self.duration, self.low, self.high):
            if a is not None and (a.kind not in ("time", "calendar months", "calendar years") or a.value <= 0):
                raise UnreadableError(Problem(f"A duration must be a time above zero: {a}."))
        if self.low is not None and self.high is not None:
            Range(self.low, self.high)


@frozen
class Cycle:
    """Days on, then days off, again and again: 21 on, 7 off."""

    on: int
    off: int

    def __attrs_post_init__(self) -> None:
        if self.on < 1 or self.off < 1:
            raise UnreadableError(Problem("A cycle needs at least one day on and one day off."))


def _maybe(value: int | str | Fraction | Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _clock(times: Iterable[str]) -> tuple[str, ...]:
    """08:00:00 and 08:00 are one time of day; the short form is kept."""
    return tuple(t[:5] if isinstance(t, str) and len(t) == 8 and t.endswith(":00") else t for t in times)


@frozen
class Timing:
    """When. Mirrors FHIR R4 ``Timing``; an empty one says nothing of when (``Timing()``).

    ``frequency`` times in each ``period`` ``period_unit``; "three times a day" is 3 in 1 d, "every 8 hours" 1 in 8 h:
    they stay different. ``offset``: minutes before (AC*) or after the event. ``events``: ISO instants, as written.
    ``lexemes``: numbers as written, by FHIR field name; no part of equality.
    The invariants tim-1 to tim-10 are checked when it is made, all at once.

    >>> Timing(frequency=3, period=1, period_unit="d").times_a_day
    Fraction(3, 1)
    >>> Timing(offset=30)
    Traceback (most recent call last):
    posology.errors.UnreadableError: offset: An offset needs a `when` it is counted from. (tim-9)
    """

    frequency: int | None = None
    frequency_max: int | None = None
    period: Fraction | None = field(default=None, converter=_maybe)
    period_max: Fraction | None = field(default=None, converter=_maybe)
    period_unit: UnitOfTime | None = None
    days_of_week: tuple[str, ...] = ()
    times_of_day: tuple[str, ...] = field(default=(), converter=_clock)
    when: tuple[str, ...] = ()
    offset: int | None = None
    count: int | None = None
    count_max: int | None = None
    duration: Fraction | None = field(default=None, converter=_maybe)
    duration_max: Fraction | None = field(default=None, converter=_maybe)
    duration_unit: UnitOfTime | None = None
    bounds: Bounds | None = None
    events: tuple[str, ...] = ()
    cycle: Cycle | None = None
    code: Concept | None = None
    span: Span | None = field(default=None, eq=False, repr=False)
    lexemes: Mapping[str, str] = field(factory=dict, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        p: list[Problem] = []

        def need(ok: bool, where: str, what: str) -> None:
            if not ok:
                p.append(Problem(what, where))

        need(self.duration is None or self.duration_unit is not None, "duration", "A duration needs its unit. (tim-1)")
        need(self.period is None or self.period_unit is not None, "period", "A period needs its unit. (tim-2)")
        need(self.duration is None or self.duration >= 0, "duration", "A duration is not negative. (tim-4)")
        need(self.period is None or self.period > 0, "period", "A period must be above zero. (tim-5)")
        need(self.period_max is None or self.period is not None, "periodMax", "periodMax needs a period. (tim-6)")
        need(
            self.duration_max is None or self.duration is not None,
            "durationMax",
            "durationMax needs a duration. (tim-7)",
        )
        need(self.count_max is None or self.count is not None, "countMax", "countMax needs a count. (tim-8)")
        need(self.offset is None or bool(self.when), "offset", "An offset needs a `when` it is counted from. (tim-9)")
        need(
            self.offset is None or not any(w in _NO_OFFSET for w in self.when),
            "offset",
            "An offset cannot be counted from a meal itself (C, CM, CD, CV). (tim-9)",
        )
        need(
            not (self.when and self.times_of_day),
            "timeOfDay",
            "Give clock times or parts of the day, not both. (tim-10)",
        )
        need(self.offset is None or self.offset >= 0, "offset", "An offset is not negative.")
        for name, value in (("frequency", self.frequency), ("frequencyMax", self.frequency_max), ("count", self.count),
                            ("countMax", self.count_max)):  # fmt: skip
            need(value is None or value >= 1, name, f"{name} must be at least 1.")
        pairs: tuple[tuple[str, int | Fraction | None, int | Fraction | None], ...] = (
            ("frequencyMax", self.frequency, self.frequency_max),
            ("periodMax", self.period, self.period_max),
            ("countMax", self.count, self.count_max),
            ("durationMax", self.duration, self.duration_max),
        )
        for name, low, high in pairs:
            need(low is None or high is None or low <= high, name, f"{name} is below its lower end.")
        for unit, name in ((self.period_unit, "periodUnit"), (self.duration_unit, "durationUnit")):
            need(unit is None or unit in UNITS_OF_TIME, name, f"This unit of time is not known: {unit!r}.")
        for d in self.days_of_week:
            need(d in DAYS, "dayOfWeek", f"This day is not known: {d!r}.")
        for w in self.when:
            need(w in WHENS, "when", f"This event code is not known: {w!r}.")
        for t in self.times_of_day:
            need(bool(_TIME.fullmatch(t)), "timeOfDay", f"This is not a time of day (HH:MM or HH:MM:SS): {t!r}.")
        if p:
            raise UnreadableError(*p)

    @property
    def times_a_day(self) -> Fraction | None:
        """The most doses in a day it can mean, where that can be said; None where it says nothing countable.

        Elapsed intervals count as 24 h divided by the interval; weekly or rarer periods give less than one.
        """
        named = len(self.times_of_day) or sum(3 if w in ("C", "AC", "PC") else 1 for w in self.when)
        often = self.frequency_max or self.frequency or 1
        if named and often == 1 and not self.elapsed:
            often = named  # each named time is a dose, and "meals" names three
        days = {"s": Fraction(1, 86400), "min": Fraction(1, 1440), "h": Fraction(1, 24), "d": Fraction(1),
                "wk": Fraction(7), "mo": Fraction(28), "a": Fraction(365)}  # fmt: skip
        if self.period is None or self.period_unit is None:
            return Fraction(often) if named or self.days_of_week else None
        return Fraction(often) / (self.period * days[self.period_unit])

    @property
    def elapsed(self) -> bool:
        """Whether it counts elapsed time (hours or less), not calendar days."""
        return self.period_unit in ("s", "min", "h")

    @property
    def empty(self) -> bool:
        """Whether it says nothing of when."""
        return self == Timing()


@frozen
class Directions:
    """One instruction: how much, when, by which way. Mirrors FHIR R4 ``Dosage``.

    ``as_needed`` with ``as_needed_for`` (reasons); ``indication`` is what it is for, and is not a reason to take it.
    ``dose_type``: whether the dose was ordered or calculated, where that is said. ``min_gap``: the least time between
    two doses, where one is written beside (or without) a rhythm.
    ``sequence``: equal numbers are concurrent, higher ones follow. ``spans``: field name to place in the text.
    Text, spans and ids of places are no part of equality.
    """

    dose: Dose | None = None
    timing: Timing = field(factory=Timing)
    rate: Rate | None = None
    as_needed: bool = False
    as_needed_for: tuple[Concept, ...] = ()
    route: Concept | None = None
    site: Concept | None = None
    method: Concept | None = None
    max_per_period: tuple[MaxDose, ...] = ()
    max_per_administration: Amount | None = None
    max_per_lifetime: Amount | None = None
    instructions: tuple[Concept, ...] = ()
    patient_instruction: str = ""
    indication: Concept | None = None
    sequence: int | None = None
    text: str = field(default="", eq=False)
    spans: Mapping[str, Span] = field(factory=dict, eq=False, repr=False)
    dose_type: Concept | None = None
    min_gap: Amount | None = None

    def __attrs_post_init__(self) -> None:
        if self.as_needed_for and not self.as_needed:
            raise UnreadableError(Problem("Reasons to take it as needed are given, but as needed is not said."))
        if self.min_gap is not None and (self.min_gap.kind != "time" or self.min_gap.value <= 0):
            raise UnreadableError(
                Problem(f"The least time between two doses must be a time above zero: {self.min_gap}.")
            )

    @property
    def maxima(self) -> tuple[MaxDose, ...]:
        """The maxima of a period; a bare number ("max 8 in 24 hours") counts what the dose counts (tablets).

        >>> d = Directions(Dose(Amount(1, "{tablet}")), max_per_period=(MaxDose(Amount(8, "1"), Amount(24, "h")),))
        >>> str(d.maxima[0].amount)
        '8 tablets'
        """
        unit = self.dose.most.unit if self.dose is not None and self.dose.most is not None else ""
        if not unit.startswith("{"):
            return self.max_per_period
        return tuple(
            evolve(m, amount=Amount(m.amount.value, unit)) if m.amount.unit == "1" else m for m in self.max_per_period
        )

    @property
    def most_per_day(self) -> Amount | None:
        """The most a day these directions ask for; None where dose or timing does not say.

        >>> Directions(Dose(Amount(10, "mg")), Timing(frequency=3, period=1, period_unit="d")).most_per_day.number
        '30'
        """
        times = self.timing.times_a_day
        if self.dose is None or self.dose.most is None or times is None:
            return None
        return self.dose.most * max(times, Fraction(1) if not self.timing.elapsed else times)


@frozen
class Phase:
    """Directions that hold together for a stretch of time; several are taken side by side.

    ``length``: how long, as written; None while no end is said. A length in days is exact; weeks are 7 days.
    """

    directions: tuple[Directions, ...]
    length: Amount | None = None

    def __attrs_post_init__(self) -> None:
        if not self.directions:
            raise UnreadableError(Problem("A phase without directions says nothing."))
        if self.length is not None and self.length.value <= 0:
            raise UnreadableError(Problem(f"A phase cannot last {self.length}."))

    @property
    def days(self) -> int | None:
        """Its length in whole days, where it is one."""
        if self.length is None or self.length.kind != "time":
            return None
        days = self.length.to("d").value
        return int(days) if days.denominator == 1 else None


After = Literal["continue", "stop", "unknown"]


@frozen
class Course:
    """Phases in order. ``after``: what follows the last: go on, stop, or not said.

    Every phase but the last has a length. Where ``after`` is not given, an open end continues and a bounded one is unknown.
    """

    phases: tuple[Phase, ...]
    after: After = field()

    @after.default
    def _not_said(self) -> After:
        return "continue" if self.phases and self.phases[-1].length is None else "unknown"

    def __attrs_post_init__(self) -> None:
        if not self.phases:
            raise UnreadableError(Problem("A course without a phase says nothing."))
        for i, phase in enumerate(self.phases[:-1], 1):
            if phase.length is None:
                raise UnreadableError(
                    Problem("It does not say how long this step lasts.", f"step {i}", "Say for how many days.")
                )

    @property
    def directions(self) -> tuple[Directions, ...]:
        """All directions, in order."""
        return tuple(d for phase in self.phases for d in phase.directions)


@frozen
class Fact:
    """A measured fact of a person: the amount and the day it was measured."""

    amount: Amount
    on: dt.date | None = None


@frozen
class Taking:
    """What is taken now, and since when (None: not said)."""

    course: Course
    since: dt.date | None = None
    text: str = field(default="", eq=False)


_OLDEST = {"calendar years": 130, "calendar months": 130 * 12, "time": 130 * 366}
"""The age no person has, by the kind of unit it is given in: years, months, or days."""


@frozen
class Person:
    """What is known of the person. ``None`` is "not known", never "no"; ``()`` and ``False`` are "none" and "no".

    ``egfr`` (mL/min/1.73 m²) and ``crcl`` (creatinine clearance, mL/min) are different facts and are kept apart.
    ``conditions``, ``medicines``, ``allergies``, ``needs``: as the person writes them; checks look them up.
    ``waking``: the first and last minute of the waking day, as clock times.
    """

    age: Amount | None = None
    weight: Fact | None = None
    egfr: Fact | None = None
    crcl: Fact | None = None
    dialysis: bool | None = None
    indication: str | None = None
    conditions: tuple[str, ...] | None = None
    medicines: tuple[str, ...] | None = None
    allergies: tuple[str, ...] | None = None
    pregnant: bool | None = None
    breastfeeding: bool | None = None
    alcohol: bool | None = None
    needs: tuple[str, ...] | None = None
    pump: bool | None = None
    earlier_withdrawal: bool | None = None
    taking: tuple[Taking, ...] | None = None
    new: bool | None = None
    setting: Literal["home", "hospital"] | None = None
    waking: tuple[dt.time, dt.time] | None = None
    zone: str | None = None

    def __attrs_post_init__(self) -> None:
        p: list[Problem] = []
        for name, fact, kind in (
            ("weight", self.weight, "mass"),
            ("egfr", self.egfr, "clearance per body surface"),
            ("crcl", self.crcl, "clearance"),
        ):
            if fact is not None and (fact.amount.kind != kind or fact.amount.value < 0):
                p.append(Problem(f"This does not measure {name}: {fact.amount}.", name))
        if self.weight is not None and self.weight.amount.kind == "mass" and self.weight.amount.value == 0:
            p.append(Problem("A weight cannot be zero.", "weight"))
        if self.age is not None and (
            self.age.kind not in ("calendar years", "calendar months", "time") or self.age.value < 0
        ):
            p.append(Problem(f"This is not an age: {self.age}.", "age", "Write it in years, like 54."))
        elif (
            self.age is not None
            and (self.age.to("d").value if self.age.kind == "time" else self.age.value) > _OLDEST[self.age.kind]
        ):
            p.append(Problem(f"No person has this age: {self.age}.", "age", "Check it."))
        if self.weight is not None and self.weight.amount.kind == "mass" and self.weight.amount > Amount(700, "kg"):
            p.append(Problem(f"No person has this weight: {self.weight.amount}.", "weight", "Check it."))
        for name, fact in (("egfr", self.egfr), ("crcl", self.crcl)):
            if fact is not None and fact.amount.value > 500:
                p.append(Problem(f"No kidneys work at this rate: {fact.amount}.", name, "Check it."))
        if self.new and self.taking:
            p.append(Problem("It is said to be new, and to be taken already.", "new", "Say only one of the two."))
        if p:
            raise UnreadableError(*p)

    def with_(self, **changes: object) -> Person:
        """The same person with some facts changed."""
        return evolve(self, **changes)  # type: ignore[arg-type]


@frozen
class Prescription:
    """A course of a medicine for a person, with the words it was written in; never without them."""

    medicine: str
    course: Course
    text: str
    person: Person = field(factory=Person)
    written_by: str = ""
    written_on: dt.date | None = None
    status: str = ""

    def __attrs_post_init__(self) -> None:
        if not self.text.strip():
            raise UnreadableError(Problem("A prescription is kept with its original words; they are missing."))
