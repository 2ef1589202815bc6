"""Turns a taper problem (doses now, target, products, limits, shape) from plain data into checked values.

Knows no medicine file, no search and no proof; plain data comes from :mod:`posology.taper.form`, checked when made.
"""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction
from typing import Literal

from attrs import evolve, field, frozen

from posology.errors import Problem, UnreadableError, raise_all

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
PIECES = (Fraction(1), HALF, QUARTER)
"""The pieces a tablet may be taken in: whole, half, quarter."""

DAY_PATTERNS = ("alternate", "weekdays")
"""The patterns of days a plan may be allowed to use; others stand only in a published table."""

MOST_DAYS = 3650
"""No step, hold or course is longer than this: a longer one is a slip of the pen."""


def _too_long(days: int | None, where: str) -> list[Problem]:
    if days is None or days <= MOST_DAYS:
        return []
    return [Problem(f"{days} days are more than {MOST_DAYS}.", where, "Check the number of days.")]


Direction = Literal["taper", "titration"]


@frozen
class Stock:
    """One product at hand. A solid has ``pieces`` it may be taken in; a liquid has the marks of its syringe.

    ``mg``: in one whole piece, or in one mL. ``mark_ml``, ``max_ml``: the syringe's marks and size.
    ``have``: how many pieces (or mL) are in the house, where that is known.
    ``unsupported``: pieces its label does not support, kept only to repeat a published schedule, and reported.
    ``pack_strength``: the strength as the pack prints it ("25/100 mg"), where that is not simply its mg: two products may
    hold the same mg and differ in what else they hold.
    """

    id: str
    mg: Fraction
    form: str = "tablet"
    pieces: tuple[Fraction, ...] = (Fraction(1),)
    mark_ml: Fraction | None = None
    max_ml: Fraction | None = None
    have: Fraction | None = None
    unsupported: tuple[Fraction, ...] = ()
    pack_strength: str = ""

    @property
    def strength(self) -> str:
        """What one piece is called by.

        >>> Stock("a", Fraction(100)).strength, Stock("b", Fraction(100), pack_strength="25/100 mg").strength
        ('100 mg', '25/100 mg')
        """
        return self.pack_strength or f"{number(self.mg)} mg"

    def __attrs_post_init__(self) -> None:
        p: list[Problem] = []
        if self.mg <= 0:
            p.append(Problem(f"The strength of {self.id} must be above zero."))
        if self.liquid:
            if self.mark_ml is None or self.max_ml is None or self.mark_ml <= 0 or self.max_ml < self.mark_ml:
                p.append(Problem(f"The syringe of {self.id} needs a mark above zero and a size of at least one mark."))
            elif (self.max_ml / self.mark_ml).denominator != 1:
                p.append(Problem(f"The syringe of {self.id} must hold a whole number of marks."))
        elif not self.pieces or any(x not in PIECES for x in self.pieces):
            p.append(Problem(f"{self.id} can be taken whole, in halves (1/2) or in quarters (1/4)."))
        elif whole_only(self.form) and any(x != 1 for x in self.pieces):
            p.append(
                Problem(
                    f"{self.id} is a form that is never split ({self.form}), and pieces of it are asked for.",
                    "",
                    'Write "pieces": ["1"].',
                )
            )
        raise_all(UnreadableError, p)

    @property
    def liquid(self) -> bool:
        """Whether it is measured in mL."""
        return self.mark_ml is not None or self.max_ml is not None


_WHOLE = re.compile(
    r"\b(extended|modified|prolonged|sustained|controlled|delayed)\b|\b(er|xr|sr|cr|xl|mr|la)\b|enteric|gastro-?resistant"
    r"|capsule|patch|suppositor",
)


def whole_only(form: str) -> bool:
    """Whether a form is never split, whatever is asked: release forms, enteric coats, capsules, patches.

    >>> whole_only("extended-release tablet"), whole_only("film-coated tablet"), whole_only("immediate-release tablet")
    (True, False, False)
    """
    return bool(_WHOLE.search(form.lower()))


@frozen
class Hold:
    """A pause: step ``after_step`` (from 1) lasts ``days`` longer."""

    after_step: int
    days: int


@frozen
class Limits:
    """What the prescriber allows. ``None`` is "no such limit". Amounts are mg a day unless the name says otherwise.

    ``steps``: at most so many changes of dose, the last one to the target included.
    ``may_stop_from_mg_per_day``: from this dose or below, the change to the target 0 is free of the step limits.
    ``last_dose_mg_per_day``: the dose before stopping is at most this.
    ``max_products``: different products in the whole plan. ``max_pieces_per_dose``: draws of a syringe count as pieces.
    ``halves``, ``quarters``: False forbids them; True asks for them; None leaves it to the products.
    ``reduce_first``: dose times in the order they are taken away; ``reduce_last``: kept until all others are gone.
    ``never_ahead``: the plan is never further along than the ideal curve.
    ``day_patterns``: ``alternate`` lets a step alternate between two kinds of day, ``weekdays`` lets some days of the week
    take less than the others; without it every day is the same.
    ``max_difference_between_doses_mg``: between the largest and smallest dose of a day, doses of zero apart.
    """

    steps: int | None = None
    step_days: int | None = None
    min_step_days: int | None = None
    max_step_mg_per_day: Fraction | None = None
    max_step_percent_of_current: Fraction | None = None
    max_step_percent_of_start: Fraction | None = None
    max_step_percent_of_effect: Fraction | None = None
    may_stop_from_mg_per_day: Fraction | None = None
    last_dose_mg_per_day: Fraction | None = None
    min_total_days: int | None = None
    max_total_days: int | None = None
    earliest_end: dt.date | None = None
    latest_end: dt.date | None = None
    max_mg_per_day: Fraction | None = None
    max_mg_per_dose: Fraction | None = None
    max_products: int | None = None
    max_pieces_per_dose: int | None = None
    halves: bool | None = None
    quarters: bool | None = None
    reduce_first: tuple[str, ...] = ()
    reduce_last: tuple[str, ...] = ()
    max_difference_between_doses_mg: Fraction | None = None
    never_ahead: bool = False
    holds: tuple[Hold, ...] = ()
    day_patterns: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        p: list[Problem] = []
        for name in ("steps", "step_days", "min_step_days", "max_products", "max_pieces_per_dose"):
            value = getattr(self, name)
            if value is not None and value < 1:
                p.append(Problem(f"It must be 1 or more, not {value}.", f"limits.{name}"))
        for name in ("min_total_days", "max_total_days"):
            value = getattr(self, name)
            if value is not None and value < 0:
                p.append(Problem(f"It cannot be negative: {value}.", f"limits.{name}"))
        for name in (
            "max_step_mg_per_day", "max_step_percent_of_current", "max_step_percent_of_start",
            "max_step_percent_of_effect", "max_mg_per_day", "max_mg_per_dose",
        ):  # fmt: skip
            value = getattr(self, name)
            if value is not None and value <= 0:
                p.append(
                    Problem(f"It must be above zero, not {value}.", f"limits.{name}", "Leave it out for no limit.")
                )
        for name in ("may_stop_from_mg_per_day", "last_dose_mg_per_day", "max_difference_between_doses_mg"):
            value = getattr(self, name)
            if value is not None and value < 0:
                p.append(Problem(f"It cannot be negative: {value}.", f"limits.{name}"))
        for name in ("step_days", "min_step_days", "min_total_days"):
            p += _too_long(getattr(self, name), f"limits.{name}")
        for low, high in (("min_total_days", "max_total_days"), ("earliest_end", "latest_end")):
            a, b = getattr(self, low), getattr(self, high)
            if a is not None and b is not None and a > b:
                p.append(Problem(f"It is after {high}: the two contradict each other.", f"limits.{low}"))
        if self.step_days is not None and self.min_step_days is not None and self.step_days < self.min_step_days:
            p.append(
                Problem(
                    f"Steps of {self.step_days} days are shorter than the {self.min_step_days} days a step must last.",
                    "limits.step_days",
                )
            )
        if set(self.reduce_first) & set(self.reduce_last):
            p.append(Problem("The same dose time is to go first and last.", "limits.reduce_last"))
        for name in self.day_patterns:
            if name not in DAY_PATTERNS:
                p.append(
                    Problem(
                        f"This day pattern is not known: {name!r}.",
                        "limits.day_patterns",
                        f"Known: {', '.join(DAY_PATTERNS)}.",
                    )
                )
        for i, h in enumerate(self.holds):
            if h.after_step < 1 or h.days < 1:
                p.append(Problem("A hold needs a step from 1 and at least one day.", f"limits.holds[{i}]"))
            p += _too_long(h.days, f"limits.holds[{i}]")
        raise_all(UnreadableError, p)


@frozen
class Pace:
    """One stretch of a published rule: exactly one of the three rates, until the dose is down (or up) to ``until``.

    ``until``: mg a day; ``until_percent_of_start``: the same as a percent of the first dose; neither: to the end.
    """

    every_days: int | None = None
    mg: Fraction | None = None
    percent_of_current: Fraction | None = None
    percent_of_start: Fraction | None = None
    until: Fraction | None = None
    until_percent_of_start: Fraction | None = None

    def __attrs_post_init__(self) -> None:
        rates = [x for x in (self.mg, self.percent_of_current, self.percent_of_start) if x is not None]
        p: list[Problem] = []
        if len(rates) != 1:
            p.append(Problem("A rule needs exactly one rate: mg a day, percent of current, or percent of start."))
        elif rates[0] <= 0:
            p.append(Problem(f"A rate must be above zero, not {rates[0]}."))
        elif self.percent_of_current is not None and self.percent_of_current >= 100:
            p.append(Problem("A percent of the current dose must be below 100."))
        if self.every_days is not None and self.every_days < 1:
            p.append(Problem(f"A step lasts one day or more, not {self.every_days}.", "every_days"))
        p += _too_long(self.every_days, "every_days")
        raise_all(UnreadableError, p)


@frozen
class Row:
    """One row of a published table: mg at each dose time, and for how long.

    ``days`` is None where the row ends on a condition (``until``). ``days_range``: what the source gives as a range.
    ``pattern``: where days differ, mg of each day of the period, in order; ``by_weekday``: by day of the week.
    """

    mg: tuple[Fraction, ...]
    days: int | None = None
    days_range: tuple[int, int] | None = None
    until: str = ""
    pattern: tuple[tuple[Fraction, ...], ...] = ()
    by_weekday: tuple[tuple[str, tuple[Fraction, ...]], ...] = ()

    def __attrs_post_init__(self) -> None:
        p: list[Problem] = []
        if self.days is not None and self.days < 1:
            p.append(Problem(f"A step lasts one day or more, not {self.days}.", "days"))
        p += _too_long(self.days, "days")
        if self.days is None and not self.until and self.days_range is None:
            p.append(Problem("A step needs its days, a range of days, or the condition it ends on.", "days"))
        if any(x < 0 for x in self.mg):
            p.append(Problem("A dose cannot be negative.", "mg"))
        raise_all(UnreadableError, p)

    @property
    def constant(self) -> bool:
        """Whether every day of it is the same."""
        return not self.pattern and not self.by_weekday

    @property
    def total(self) -> Fraction:
        """mg a day; the mean day of a pattern."""
        days = self.pattern or tuple(mg for _, mg in self.by_weekday)
        return Fraction(sum(sum(d, Fraction()) for d in days), len(days)) if days else sum(self.mg, Fraction())


Kind = Literal["linear", "proportional", "hyperbolic", "rule", "table"]


@frozen
class Shape:
    """The ideal curve. Forms (``linear``, ``proportional``, ``hyperbolic``) are spread over the steps of the limits;
    a published ``rule`` or ``table`` brings its own steps, and is itself the measure of how large a step is.

    ``ed50_mg``: the dose of half the effect, for ``hyperbolic``; ``emax_percent``: its ceiling, for display in points.
    ``points``: a hyperbolic taper published as points of occupancy a step.
    ``last_dose``: where a percent rule ends before 0.
    """

    kind: Kind = "linear"
    ed50_mg: Fraction | None = None
    emax_percent: Fraction = Fraction(100)
    points: Fraction | None = None
    paces: tuple[Pace, ...] = ()
    rows: tuple[Row, ...] = ()
    every_days: int | None = None
    last_dose: Fraction | None = None
    source: str = ""

    def __attrs_post_init__(self) -> None:
        p: list[Problem] = []
        if self.kind == "hyperbolic" and (self.ed50_mg is None or self.ed50_mg <= 0):
            p.append(Problem("A hyperbolic taper needs the dose of half the effect, above zero.", "shape.ed50_mg"))
        if self.emax_percent <= 0:
            p.append(Problem("It must be above zero.", "shape.emax_percent"))
        if self.kind == "rule" and not self.paces:
            p.append(Problem("A rule needs a rate.", "shape"))
        if self.kind == "table" and not self.rows:
            p.append(Problem("A table needs its steps.", "shape.steps"))
        if self.every_days is not None and self.every_days < 1:
            p.append(Problem(f"A step lasts one day or more, not {self.every_days}.", "shape.every_days"))
        p += _too_long(self.every_days, "shape.every_days")
        if self.points is not None and not 0 < self.points <= 100:
            p.append(Problem("It must be above 0 and at most 100.", "shape.step_percentage_points"))
        raise_all(UnreadableError, p)

    @property
    def published(self) -> bool:
        """Whether it brings its own steps."""
        return self.kind in ("rule", "table") or self.points is not None


@frozen
class Origin:
    """What a part of a problem keeps of the whole, so that both count effect and evenness in the same way.

    ``ideal``: for each change left, the ideal effect and dose, and the days of the step. ``marks``: the doses a rule is measured
    along. ``scale_mg``: the dose that is the whole effect. ``smallest_mg``: the smallest dose a day that can be made.
    ``even_mg``, ``equal``, ``used``: what counts as even, and which dose times are in use. ``worst``, ``distance``: levels behind.
    ``allowed``: the largest step of the published curve of the whole.
    """

    scale_mg: Fraction | None = None
    smallest_mg: Fraction | None = None
    ideal: tuple[tuple[int, Fraction, int | None], ...] = ()
    marks: tuple[Fraction, ...] = ()
    even_mg: Fraction | None = None
    equal: bool | None = None
    used: tuple[bool, ...] = ()
    worst: int = 0
    distance: int = 0
    allowed: int = 0


@frozen
class TaperProblem:
    """Everything a taper is worked out from. Two equal problems give two equal plans.

    ``start``, ``target``: mg at each dose time, or None where only the day's total is given.
    ``tolerance``: worst steps that differ by no more than this part of the whole effect count as equally small;
    see ``docs/explanation/tapers.md``. ``flags``: what a reader must be told (a start above the maximum, an
    unsupported half), as message keys with their facts.
    """

    products: tuple[Stock, ...]
    slots: tuple[str, ...]
    start_mg_per_day: Fraction
    target_mg_per_day: Fraction
    start: tuple[Fraction, ...] | None = None
    target: tuple[Fraction, ...] | None = None
    limits: Limits = field(factory=Limits)
    shape: Shape = field(factory=Shape)
    medicine: str = ""
    starts_on: dt.date | None = None
    first_step_begins: bool = False
    """A course with no earlier dose: the first row of its table is its beginning, not a change."""
    tolerance: Fraction | None = None
    flags: tuple[tuple[str, str], ...] = ()
    origin: Origin | None = None
    """Where this problem is a part of another (the rest of a plan, some of its products): what it is measured by."""

    def __attrs_post_init__(self) -> None:
        p: list[Problem] = []
        if not self.products:
            p.append(Problem("At least one product is needed.", "products"))
        ids = [s.id for s in self.products]
        for i, one in enumerate(ids):
            if one in ids[:i]:
                p.append(Problem(f"This id is used twice: {one!r}.", f"products[{i}].id"))
        if not self.slots:
            p.append(Problem("At least one dose time is needed.", "slots"))
        if len(set(self.slots)) != len(self.slots):
            p.append(Problem("A dose time is named twice.", "slots"))
        if self.limits.day_patterns and len(self.slots) > 4:
            p.append(Problem("Days that differ can be planned for up to 4 dose times.", "limits.day_patterns"))
        if len(self.slots) > 8:
            p.append(Problem("No more than 8 dose times a day can be planned.", "slots"))
        for name, doses, total in (
            ("start", self.start, self.start_mg_per_day),
            ("target", self.target, self.target_mg_per_day),
        ):
            if total < 0 or any(x < 0 for x in doses or ()):
                p.append(Problem("A dose cannot be negative.", name))
            if doses is not None and len(doses) != len(self.slots):
                p.append(Problem(f"{len(doses)} doses for {len(self.slots)} dose times.", name))
            elif doses is not None and sum(doses, Fraction()) != total:
                p.append(Problem("The doses do not add up to the total given for the day.", name))
        for name in ("reduce_first", "reduce_last"):
            for slot in getattr(self.limits, name):
                if slot not in self.slots:
                    p.append(
                        Problem(
                            f"This dose time is not known: {slot!r}.",
                            f"limits.{name}",
                            f"Known: {', '.join(self.slots)}.",
                        )
                    )
        if (self.limits.earliest_end or self.limits.latest_end) and self.starts_on is None:
            p.append(Problem("An end date needs the first day.", "from", 'Give "from": "YYYY-MM-DD".'))
        if self.limits.halves and not any(HALF in s.pieces for s in self.products):
            p.append(Problem("Halves are asked for, and no product may be halved.", "limits.halves"))
        if self.limits.quarters and not any(QUARTER in s.pieces for s in self.products):
            p.append(Problem("Quarters are asked for, and no product may be quartered.", "limits.quarters"))
        most = self.limits.max_mg_per_day
        if most is not None and self.target_mg_per_day > most:
            p.append(
                Problem(
                    f"The target of {number(self.target_mg_per_day)} mg a day is above the maximum of {number(most)} mg.",
                    "target",
                )
            )
        if (
            self.start_mg_per_day == self.target_mg_per_day
            and self.shape.kind != "table"
            and self.origin is None
            and (self.start is None or self.target is None or self.start == self.target)
        ):
            p.append(Problem("The start and the target are the same: there is nothing to plan.", "target"))
        raise_all(UnreadableError, p)

    @property
    def direction(self) -> Direction:
        """Down, or up."""
        return "titration" if self.target_mg_per_day > self.start_mg_per_day else "taper"

    @property
    def step_days(self) -> int | None:
        """How long a step lasts, where the limits or the shape say."""
        return self.limits.step_days if self.limits.step_days is not None else self.shape.every_days

    def without(self, name: str) -> TaperProblem:
        """The same problem with one limit taken away."""
        blank = getattr(Limits(), name)
        return evolve(self, limits=evolve(self.limits, **{name: blank}))

    def with_limit(self, **changes: object) -> TaperProblem:
        """The same problem with limits changed; a tighter or looser one is checked again."""
        return evolve(self, limits=evolve(self.limits, **changes))  # type: ignore[arg-type]


def number(value: Fraction) -> str:
    """A plain decimal where there is one, else a fraction: "12.5", "1/3".

    >>> number(Fraction(25, 2)), number(Fraction(1, 3))
    ('12.5', '1/3')
    """
    d, twos, fives = value.denominator, 0, 0
    while d % 2 == 0:
        d, twos = d // 2, twos + 1
    while d % 5 == 0:
        d, fives = d // 5, fives + 1
    if d != 1:
        return f"{value.numerator}/{value.denominator}"
    places = max(twos, fives)
    if places == 0:
        return str(value.numerator)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:].rstrip('0')}".rstrip(".")
