"""Turns named chunks of the grammar into fields of a clause, and a filled clause into checked Directions.

Knows nothing of clauses beside its own: joining them into steps is the work of `posology.wording.reading`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from posology.directions import Cycle, Directions, Dose, Timing
from posology.errors import Problem
from posology.wording.amounts import (
    read_bare,
    read_change,
    read_change_bare,
    read_change_from,
    read_change_to,
    read_counted_patch,
    read_counted_strength,
    read_dose,
    read_dose_times,
    read_each_dose,
    read_form_strength,
    read_packs,
    read_patch_rate,
    read_rate,
    read_row_of_amounts,
    read_slots,
    read_strength,
    read_strength_form,
)
from posology.wording.around import (
    read_advice,
    read_advice_if,
    read_advice_not,
    read_dilution,
    read_event,
    read_event_days,
    read_form,
    read_needed,
    read_needed_if,
    read_off,
    read_pack,
    read_purpose,
    read_release,
    read_rest,
    read_route,
    read_site,
    read_take_name,
    read_verb,
    read_warning,
)
from posology.wording.clause import Clause, Parse
from posology.wording.closing import read_cycle_days, read_days_off, read_divided, read_repeat
from posology.wording.fields import GENERAL, instruct
from posology.wording.lasting import (
    read_after_time,
    read_bad_days,
    read_bare_time,
    read_count,
    read_course,
    read_date,
    read_doses,
    read_gap,
    read_heading,
    read_later,
    read_max,
    read_max_day,
    read_max_length,
    read_max_times,
    read_over,
    read_pause,
    read_window,
    read_xn,
)
from posology.wording.often import (
    read_clock,
    read_code,
    read_cycle,
    read_daily_number,
    read_days,
    read_days_a_week,
    read_eye,
    read_interval,
    read_meals,
    read_once,
    read_once_alone,
    read_relation,
    read_times,
    read_when,
)
from posology.wording.scan import place

HANDLERS: dict[str, Callable[[Parse, int, int], None]] = {
    "slots": read_slots, "max_times": read_max_times, "max_day": read_max_day, "max": read_max, "max_length": read_max_length, "heading": read_heading,
    "change": read_change, "change_to": read_change_to, "change_bare": read_change_bare, "change_from": read_change_from, "each_dose": read_each_dose, "times": read_times,
    "once": read_once, "interval": read_interval, "cycle": read_cycle, "before_after": instruct, "meals": read_meals, "event": read_event,
    "relation": read_relation, "when": read_when, "clock": read_clock, "days": read_days, "code": read_code, "count": read_count, "course": read_course,
    "doses": read_doses, "over": read_over, "xn": read_xn, "divided": read_divided, "dose_times": read_dose_times, "packs": read_packs,
    "strength": read_strength, "counted_strength": read_counted_strength, "strength_form": read_strength_form, "rate": read_rate,
    "strength_then": read_strength_form, "dose": read_dose, "daily_number": read_daily_number, "bare_time": read_bare_time, "pack": read_pack,
    "bare": read_bare, "for_needed": read_needed, "needed": read_needed, "advice_if": read_advice_if, "needed_if": read_needed_if,
    "advice_not": read_advice_not, "advice": read_advice, "purpose": read_purpose, "date": read_date, "route": read_route, "site": read_site,
    "eye_or_daily": read_eye, "instruction": instruct, "release": read_release, "name": read_take_name, "verb": read_verb,
    "warning": read_warning, "form": read_form, "rest": read_rest, "later": read_later, "off": read_off, "event_days": read_event_days, "once_alone": read_once_alone, "after_time": read_after_time, "bad_days": read_bad_days, "gap": read_gap, "pause": read_pause, "repeat": read_repeat, "days_off": read_days_off, "cycle_days": read_cycle_days, "window": read_window, "days_a_week": read_days_a_week, "dilution": read_dilution, "row_of_amounts": read_row_of_amounts, "patch_rate": read_patch_rate, "counted_patch": read_counted_patch, "form_strength": read_form_strength,
}  # fmt: skip
"""What each chunk of the grammar does to the clause."""


@lru_cache(maxsize=8192)
def _timing(*parts: Any) -> Timing:
    (frequency, frequency_max, period, period_max, unit, days, times, when, offset, count, count_max, duration, dmax, dunit,
     bounds, cycle) = parts  # fmt: skip
    return Timing(
        frequency, frequency_max, period, period_max, unit, days, times, when, offset, count, count_max, duration, dmax, dunit,
        bounds, (), cycle,
    )  # fmt: skip


def timing_of(p: Parse, c: Clause, phased: bool = False) -> Timing:
    """The checked timing of a clause: what carries the frequency already is not said twice.

    ``phased``: the length is said by the phase, and not once more here.
    """
    where = place(max(c.start, 0), c.end)
    frequency, frequency_max = c.frequency, c.frequency_max
    period, period_max, unit = c.period, c.period_max, c.period_unit
    daily = unit == "d" and period == 1 and period_max is None and frequency_max is None
    meals = GENERAL.intersection(c.when)
    if meals and len(c.when) > 1 and daily and frequency not in (1, len(c.when) + 2):
        # "twice a day, before meals and at bedtime": before each meal, that is four times
        p.problems.append(
            Problem(
                f"{frequency} times a day does not fit the times of day that are named.",
                where,
                "Name each time, or only how often.",
            )
        )
    elif (
        c.when
        and daily
        and (frequency == 1 or frequency == len(c.when))
        and not (len(c.when) == 1 and c.when[0] in GENERAL)
    ):
        if frequency == 1 and len(c.when) > 1 and not c.plain and not c.inherited and not meals:
            p.problems.append(
                Problem(
                    f"Once a day does not fit the {len(c.when)} times of day that are named.", where, "Say how often."
                )
            )
        elif frequency == 1 and len(c.when) > 1:
            p.note(p.inferred, "daily-and-parts", *(c.dose_at or (0, 1)))
        frequency = period = unit = None
    elif c.when and daily and frequency and frequency != len(c.when) and not meals:
        p.problems.append(
            Problem(
                f"{frequency} times a day does not fit the {len(c.when)} times of day that are named.",
                where,
                "Name each time, or only how often.",
            )
        )
    elif c.times and daily and (frequency == 1 or frequency == len(c.times)):
        frequency = period = unit = None
    elif c.times and daily and frequency and frequency != len(c.times):
        p.problems.append(
            Problem(
                f"{frequency} times a day does not fit the {len(c.times)} clock times that are named.",
                where,
                "Name each time, or only how often.",
            )
        )
    if c.days:
        if unit == "wk" and period == 1 and (frequency == 1 or frequency == len(c.days)) and frequency_max is None:
            frequency = period = unit = None
        elif unit == "wk" and frequency is not None and frequency != len(c.days) and period == 1:
            p.problems.append(
                Problem(f"{frequency} times a week does not fit the days that are named.", where, "Check the days.")
            )
    return _timing(
        frequency, frequency_max, period, period_max, unit, tuple(c.days), tuple(c.times), tuple(c.when), c.offset, c.count,
        c.count_max, c.duration, c.dmax, c.dunit, None if phased else c.bounds, None if c.cycle is None else Cycle(*c.cycle),
    )  # fmt: skip


def directions(p: Parse, c: Clause, sequence: int | None, phased: bool = False) -> Directions:
    """The checked directions of a clause."""
    at = c.spans.get("dose")
    return Directions(
        None if c.amount is None else Dose(c.amount, at),
        timing_of(p, c, phased),
        c.rate,
        c.needed,
        (c.reason,) if c.reason is not None and c.needed else (),
        c.route,
        c.site,
        c.method,
        tuple(c.maxes),
        c.max_adm,
        c.max_life,
        tuple(c.instructions),
        "",
        c.indication,
        sequence,
        p.lex.text[c.start : c.end],
        c.spans,
        min_gap=c.min_gap,
    )
