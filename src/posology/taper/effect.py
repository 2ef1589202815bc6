"""Turns doses into effect, as whole numbers with one exact definition, and a shape into its ideal curve.

Knows no products, no search and no proof: both use these numbers, so that ties fall the same way everywhere.

The effect of a dose is an integer from 0 (no dose) to :data:`WHOLE` (the larger of start and target), rounded half up:

- linear: d / d0
- proportional: ln((d + q) / q) / ln((d0 + q) / q), q the smallest dose that can be made
- hyperbolic: d / (d + k), k the dose of half the effect
- a published rule or table: how many of its own steps a dose is along; straight lines between its doses

The logarithm is taken by :mod:`decimal`, which rounds it correctly to 20 digits on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd

from attrs import frozen

from posology.errors import Problem, RefusedError
from posology.taper.problem import Origin, Pace, TaperProblem

WHOLE = 1_000_000
"""The integer that stands for the whole effect."""

MOST_STEPS = 1000
"""No plan is longer than this many changes."""

_LN = Context(prec=20)


def _round(top: int, bottom: int) -> int:
    return (2 * top + bottom) // (2 * bottom)


@frozen
class Ideal:
    """One point of the ideal curve: mg a day and how many days it is held (None: not said)."""

    mg: Fraction
    days: int | None = None


def rule_ideals(problem: TaperProblem) -> tuple[Ideal, ...] | None:
    """The doses a published rule or table asks for, target included; None where the shape is a form without steps.

    Raises :class:`RefusedError` for a percent rule that never reaches its target and names no last dose.
    """
    shape = problem.shape
    if problem.origin is not None and problem.origin.ideal:
        return tuple(Ideal(mg, days) for _, mg, days in problem.origin.ideal)
    days = problem.limits.step_days
    if shape.kind == "table":
        rows = shape.rows[1:] if problem.first_step_begins else shape.rows
        found = [Ideal(r.total, r.days if r.days is not None else (r.days_range or (None,))[-1]) for r in rows]
        if not found or found[-1].mg != problem.target_mg_per_day:
            found.append(Ideal(problem.target_mg_per_day))
        return tuple(found)
    if shape.points is not None and shape.ed50_mg is not None:
        k, top = shape.ed50_mg, shape.emax_percent
        level = top * problem.start_mg_per_day / (problem.start_mg_per_day + k)
        # The published doses stand at round occupancies (80, 70, ...): the next one is a whole step below the nearest.
        at = shape.points * (round(level / shape.points) - 1)
        end = top * problem.target_mg_per_day / (problem.target_mg_per_day + k)
        found = []
        while at > end:
            found.append(Ideal(k * at / (top - at), days or shape.every_days))
            at -= shape.points
        return (*found, Ideal(problem.target_mg_per_day, days or shape.every_days))
    if shape.kind == "rule":
        return _paced(problem, days)
    return None


def _paced(problem: TaperProblem, days: int | None) -> tuple[Ideal, ...]:
    shape, first, end = problem.shape, problem.start_mg_per_day, problem.target_mg_per_day
    sign = -1 if end < first else 1
    last = problem.limits.may_stop_from_mg_per_day
    if last is None:
        last = problem.limits.last_dose_mg_per_day
    if last is None:
        last = shape.last_dose
    at, found = first, []

    def gone(value: Fraction, until: Fraction) -> bool:
        return value <= until if sign < 0 else value >= until

    def until_of(pace: Pace) -> Fraction | None:
        if pace.until_percent_of_start is not None:
            return first * pace.until_percent_of_start / 100
        return pace.until

    for i, pace in enumerate(shape.paces):
        until = until_of(pace)
        stop = end if until is None else (max(until, end) if sign < 0 else min(until, end))
        length = days or pace.every_days or shape.every_days
        while not gone(at, stop):
            if pace.percent_of_current is not None:
                if end == 0 and until is None and last is not None and at <= last:
                    break
                if end == 0 and until is None and last is None:
                    raise RefusedError(
                        Problem(
                            "A percent of the current dose never reaches zero.",
                            "limits.may_stop_from_mg_per_day",
                            "Say from which dose the person may stop.",
                        )
                    )
                step = at * pace.percent_of_current / 100
            elif pace.percent_of_start is not None:
                step = first * pace.percent_of_start / 100
            else:
                step = pace.mg or Fraction()
            if step == 0:
                raise RefusedError(Problem("A percent of a dose of zero never rises.", "shape"))
            following = at + sign * step
            is_last = i == len(shape.paces) - 1
            if gone(following, end):
                following = end
            elif until is not None and not is_last and gone(following, stop) and pace.percent_of_current is None:
                following = stop
            at = following
            found.append(Ideal(at, length))
            if len(found) > MOST_STEPS:
                raise RefusedError(Problem(f"This rule needs more than {MOST_STEPS} steps.", "shape"))
    if at != end:
        found.append(Ideal(end, found[-1].days if found else days or shape.every_days))
    return tuple(found)


@frozen
class Measure:
    """How doses turn into effect, for one problem. ``marks``: the doses of a rule, far end last; else empty."""

    kind: str
    scale: Fraction
    k: Fraction = Fraction(1)
    marks: tuple[Fraction, ...] = ()

    def of(self, mg: Fraction) -> int:
        """The effect of a dose a day, 0 to :data:`WHOLE` (above it for a dose above the scale).

        >>> Measure("hyperbolic", Fraction(100), Fraction("7.72")).of(Fraction(2))
        221646
        """
        if self.kind == "linear":
            value = mg / self.scale
            return _round(WHOLE * value.numerator, value.denominator)
        if self.kind == "hyperbolic":
            value = mg * (self.scale + self.k) / ((mg + self.k) * self.scale)
            return _round(WHOLE * value.numerator, value.denominator)
        if self.kind == "proportional":
            ratio = (mg + self.k) / self.k
            return self._log(ratio.numerator, ratio.denominator)
        return self._along(mg)

    def _log(self, top: int, bottom: int) -> int:
        """The share of ln(top / bottom), in lowest terms, in the logarithm of the whole."""
        shared = gcd(top, bottom)
        part = _LN.divide(_LN.subtract(_ln(top // shared), _ln(bottom // shared)), self._whole)
        return int((part * WHOLE).to_integral_value(rounding="ROUND_HALF_UP", context=_LN))

    @property
    def _whole(self) -> Decimal:
        whole = (self.scale + self.k) / self.k
        return _LN.subtract(_ln(whole.numerator), _ln(whole.denominator))

    def _along(self, mg: Fraction) -> int:
        marks, n = self.marks, len(self.marks) - 1
        low, high = 0, n
        if mg <= marks[0]:
            return 0
        if mg >= marks[n]:
            return WHOLE
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if marks[middle] <= mg else (low, middle)
        at = (low + (mg - marks[low]) / (marks[high] - marks[low])) / n
        return _round(WHOLE * at.numerator, at.denominator)

    def many(self, values: Sequence[Fraction]) -> list[int]:
        """The effect of each dose."""
        return [self.of(v) for v in values]

    def units(self, values: Sequence[int], unit: Fraction) -> list[int]:
        """The same for doses counted in units of ``unit`` mg; equal to :meth:`of`, without a fraction for each."""
        if self.kind == "linear":
            x = unit / self.scale
            a, b = x.numerator, x.denominator
            return [_round(WHOLE * a * v, b) for v in values]
        if self.kind == "hyperbolic":
            # d (s + k) / ((d + k) s) with d = v u: v u (s + k) / (v u s + k s)
            u, s, k = unit, self.scale, self.k
            m = u.denominator * s.denominator * k.denominator
            m = m * m
            top, slope, base = (int(u * (s + k) * m), int(u * s * m), int(k * s * m))
            return [_round(WHOLE * top * v, slope * v + base) for v in values]
        if self.kind == "proportional":
            # (v u + k) / k = (v un kd + kn ud) / (kn ud)
            slope, base = unit.numerator * self.k.denominator, self.k.numerator * unit.denominator
            whole, to = self._whole, _LN.divide
            found = []
            for v in values:
                shared = gcd(slope * v + base, base)
                ln = _LN.subtract(_ln((slope * v + base) // shared), _ln(base // shared))
                found.append(int((to(ln, whole) * WHOLE).to_integral_value(rounding="ROUND_HALF_UP", context=_LN)))
            return found
        return [self.of(v * unit) for v in values]


@lru_cache(1 << 16)
def _ln(value: int) -> Decimal:
    return _LN.ln(Decimal(value))


def measure_of(problem: TaperProblem, ideals: Sequence[Ideal] | None, smallest: Fraction) -> Measure:
    """The measure of effect of a problem. ``smallest``: the smallest dose a day that can be made, in mg."""
    shape = problem.shape
    origin = problem.origin or Origin()
    scale = origin.scale_mg or max(problem.start_mg_per_day, problem.target_mg_per_day)
    if shape.kind == "hyperbolic" or (shape.kind == "table" and shape.ed50_mg is not None):
        return Measure("hyperbolic", scale, shape.ed50_mg or Fraction(1))
    if shape.kind == "proportional":
        return Measure("proportional", scale, origin.smallest_mg or smallest)
    if shape.kind in ("rule", "table") and ideals:
        marks = origin.marks or tuple(sorted({problem.start_mg_per_day, *(i.mg for i in ideals)}))
        if len(marks) > 1:
            return Measure("rule", scale, Fraction(1), marks)
    return Measure("linear", scale)


def ideal_effects(measure: Measure, problem: TaperProblem, ideals: Sequence[Ideal] | None, steps: int) -> list[int]:
    """The effect the ideal curve asks for after each of ``steps`` changes; the last is that of the target."""
    if problem.origin is not None and problem.origin.ideal:
        return [effect for effect, _, _ in problem.origin.ideal[:steps]]
    if ideals is not None:
        return [measure.of(i.mg) for i in ideals[:steps]]
    a, b = measure.of(problem.start_mg_per_day), measure.of(problem.target_mg_per_day)
    return [_round((a * (steps - k) + b * k), steps) for k in range(1, steps + 1)]


def dose_of(measure: Measure, effect: int) -> Fraction:
    """The dose whose effect is asked for, for a picture; exact but for the proportional form, which is to 10 digits."""
    part = Fraction(effect, WHOLE)
    if measure.kind == "linear":
        return part * measure.scale
    if measure.kind == "hyperbolic":
        level = part * measure.scale / (measure.scale + measure.k)
        return measure.k * level / (1 - level)
    if measure.kind == "proportional":
        whole = measure._whole
        power = _LN.multiply(_LN.divide(Decimal(part.numerator), Decimal(part.denominator)), whole)
        return Fraction(round(_LN.exp(power), 10)) * measure.k - measure.k
    n = len(measure.marks) - 1
    at = part * n
    low = min(int(at), n - 1)
    return measure.marks[low] + (at - low) * (measure.marks[low + 1] - measure.marks[low])
