"""Laws of doses as needed and of travel, for records and timetables drawn at random, with planted faults."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whenever import ZonedDateTime

from posology.amount import Amount, Range
from posology.directions import Directions, Dose, MaxDose, Timing
from posology.errors import UnreadableError
from posology.schedule import expand, next_allowed, travel
from posology.schedule.needed import NextAllowed
from tests.timing import course, daily, directions

NOW = ZonedDateTime(2026, 11, 24, 12, tz="Europe/London")
Taken = Sequence[tuple[ZonedDateTime, Amount]]


def tablets(n: int) -> Amount:
    return Amount(n, "{tablet}")


def needed(hours: int | None = 4, most: int | None = 8, dose: int = 1, high: int | None = None) -> Directions:
    amount = tablets(dose) if high is None else Range(tablets(dose), tablets(high))
    return Directions(
        Dose(amount),
        Timing() if hours is None else Timing(frequency=1, period=hours, period_unit="h"),
        as_needed=True,
        max_per_period=() if most is None else (MaxDose(tablets(most), Amount(24, "h")),),
    )


def ago(hours: float, dose: int = 1) -> tuple[ZonedDateTime, Amount]:
    return NOW.subtract(seconds=int(hours * 3600)), tablets(dose)


def allowed_at(d: Directions, taken: Taken, at: ZonedDateTime) -> bool:
    """The plain definition, by trying one moment: the judge of the earliest."""
    least = d.dose.least if d.dose else None
    assert least is not None
    if d.timing.period is not None and taken:
        last = max(t.timestamp() for t, _ in taken)
        if at.timestamp() - last < d.timing.period * 3600:
            return False
    for limit in d.max_per_period:
        inside = [a.value for t, a in taken if t.timestamp() > at.timestamp() - limit.per.base]
        if sum(inside) + least.value > limit.amount.value:
            return False
    return True


records = st.lists(st.tuples(st.integers(0, 40 * 4), st.integers(1, 3)), max_size=12).map(
    lambda rows: [ago(quarters / 4, n) for quarters, n in rows]
)


@settings(deadline=None)
@given(st.one_of(st.none(), st.integers(1, 12)), st.integers(3, 12), records)
def test_the_earliest_is_the_first_allowed_moment(hours: int | None, most: int, taken: Taken) -> None:
    d = needed(hours, most)
    found = next_allowed(d, taken, NOW)
    assert found.earliest is not None
    assert allowed_at(d, taken, found.earliest)
    assert found.allowed == allowed_at(d, taken, NOW)
    at = NOW
    while at < found.earliest:
        assert not allowed_at(d, taken, at)
        at = at.add(minutes=15)


@settings(deadline=None)
@given(st.integers(1, 12), st.integers(3, 12), records)
def test_what_is_left_is_never_more_than_the_maximum(hours: int, most: int, taken: Taken) -> None:
    found = next_allowed(needed(hours, most), taken, NOW)
    day = sum(a.value for t, a in taken if t > NOW.subtract(hours=24))
    assert found.left is not None
    assert found.left.value == max(most - day, 0)


def test_a_calendar_day_instead_of_24_hours_would_be_caught() -> None:
    """Eight tablets late yesterday: a count that begins at midnight would allow one at once; 24 hours do not."""
    taken = [ago(13 + n / 10, 1) for n in range(8)]
    d = needed(1, 8)
    assert not next_allowed(d, taken, NOW).allowed
    by_midnight = [a for t, a in taken if t.date() == NOW.date()]
    assert len(by_midnight) < 8


CASES: list[tuple[str, Directions, list[tuple[ZonedDateTime, Amount]], str, str | None, int | None]] = [
    ("nothing taken", needed(), [], "now", "2026-11-24T12:00", 8),
    ("too soon", needed(), [ago(3)], "interval", "2026-11-24T13:00", 7),
    ("just in time", needed(), [ago(4)], "now", "2026-11-24T12:00", 7),
    (
        "the maximum is reached",
        needed(),
        [ago(n) for n in (5, 6, 7, 8, 9, 10, 11, 20)],
        "maximum",
        "2026-11-24T16:00",
        0,
    ),
    ("half the maximum at once", needed(4, 2, dose=2), [ago(20, 2)], "maximum", "2026-11-24T16:00", 0),
    ("no interval, no maximum", needed(None, None), [ago(1)], "now", "2026-11-24T12:00", None),
    ("no dose can ever be under its maximum", needed(4, 1, dose=2), [], "maximum", None, 1),
]


@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_next_allowed(
    case: tuple[str, Directions, list[tuple[ZonedDateTime, Amount]], str, str | None, int | None],
) -> None:
    _, d, taken, because, earliest, left = case
    found = next_allowed(d, taken, NOW)
    assert found.because == because
    assert (found.earliest.format_iso()[:16] if found.earliest else None) == earliest
    assert (int(found.left.value) if found.left is not None else None) == left


def test_times_a_day_count_in_any_24_hours() -> None:
    d = Directions(Dose(tablets(1)), Timing(frequency_max=3, period=1, period_unit="d"), as_needed=True)
    found = next_allowed(d, [ago(20), ago(10), ago(1)], NOW)
    assert (found.because, found.left_doses, found.unsaid) == ("times", 0, ("interval",))
    assert found.earliest == NOW.add(hours=4)


def test_what_is_not_said_is_named() -> None:
    assert next_allowed(needed(None, None), [], NOW).unsaid == ("interval", "maximum")
    assert next_allowed(needed(), [], NOW).unsaid == ()


def test_a_range_is_capped_by_what_is_left() -> None:
    found = next_allowed(needed(4, 8, 1, high=2), [ago(n, 1) for n in (5, 6, 7, 8, 9, 10, 11)], NOW)
    assert found.allowed
    assert found.most_now == tablets(1)


def test_a_lifetime_maximum_ends_it() -> None:
    d = Directions(Dose(tablets(1)), Timing(), as_needed=True, max_per_lifetime=tablets(2))
    found = next_allowed(d, [ago(900), ago(800)], NOW)
    assert found == NextAllowed(None, "lifetime", Amount(0, "{tablet}"), None, None, ("interval",))


@pytest.mark.parametrize(
    "taken",
    [
        [(NOW.add(hours=1), tablets(1))],
        [(NOW.subtract(hours=9), Amount(10, "mg"))],
        [(NOW.subtract(hours=9), tablets(0))],
    ],
)
def test_records_that_cannot_be_are_refused(taken: Taken) -> None:
    with pytest.raises(UnreadableError):
        next_allowed(needed(), taken, NOW)


# -- travel -----------------------------------------------------------------------------------------------------------

ZONES = (
    "Europe/London",
    "America/New_York",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "America/Los_Angeles",
)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(1, 6), st.integers(1, 10))
def test_no_option_puts_two_doses_together(home: str, away: str, times: int, day: int) -> None:
    first = dt.date(2026, 6, 1)
    made = expand(daily(times), first_day=first, zone=home, days=15)
    before = [e for e in made.events if e.day < first + dt.timedelta(days=day)]
    found = travel(made, home, away, first + dt.timedelta(days=day))
    for option in found.options:
        instants = [e.at.timestamp() for e in (*before[-1:], *option.events)]
        assert instants == sorted(set(instants))
        assert all(e.at.tz_id == away for e in option.events)
        assert {e.id for e in option.events} <= {e.id for e in made.events}
    same = next(o for o in found.options if o.key == "same-moments")
    assert [e.at.timestamp() for e in same.events] == [e.at.timestamp() for e in made.events if e not in before]


def test_the_timetable_itself_is_not_touched() -> None:
    made = expand(daily(3), first_day=dt.date(2026, 6, 1), zone="Europe/London", days=9)
    kept = made.events
    found = travel(made, "Europe/London", "Asia/Tokyo", dt.date(2026, 6, 3))
    assert found.ask
    assert found.difference == 8
    assert made.events is kept
    assert made.zone == "Europe/London"


def test_new_clock_at_once_keeps_the_clock_times() -> None:
    made = expand(daily(2), first_day=dt.date(2026, 6, 1), zone="Europe/London", days=9)
    found = travel(made, "Europe/London", "America/New_York", dt.date(2026, 6, 3))
    at_once = next(o for o in found.options if o.key == "new-clock-at-once")
    assert {str(e.at.time()) for e in at_once.events} == {"08:00:00", "22:00:00"}
    assert at_once.longest == 15  # 22:00 in London is 17:00 in New York; 08:00 there is 15 hours later


def test_flying_east_leaves_a_dose_out_rather_than_taking_two_close_together() -> None:
    made = expand(daily(2), first_day=dt.date(2026, 6, 1), zone="Europe/London", days=9)
    found = travel(made, "Europe/London", "Asia/Tokyo", dt.date(2026, 6, 3))
    at_once = next(o for o in found.options if o.key == "new-clock-at-once")
    # 22:00 in London is 06:00 in Tokyo: 08:00 there would be two hours later.
    assert at_once.left_out == 1
    assert str(at_once.events[0].at.time()) == "22:00:00"
    steps = next(o for o in found.options if o.key == "in-steps")
    assert steps.left_out == 0
    assert steps.closer


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(ZONES), st.sampled_from(ZONES), st.integers(1, 6))
def test_no_option_comes_nearer_than_half_the_usual_gap(home: str, away: str, times: int) -> None:
    made = expand(daily(times), first_day=dt.date(2026, 6, 1), zone=home, days=9)
    for option in travel(made, home, away, dt.date(2026, 6, 4)).options:
        assert option.shortest is not None
        assert option.usual_shortest is not None
        assert option.shortest >= option.usual_shortest / 2


def test_in_steps_ends_on_the_clock_times_of_home() -> None:
    made = expand(daily(1), first_day=dt.date(2026, 6, 1), zone="Europe/London", days=9)
    found = travel(made, "Europe/London", "Asia/Tokyo", dt.date(2026, 6, 2))
    steps = next(o for o in found.options if o.key == "in-steps")
    assert [str(e.at.time())[:5] for e in steps.events] == ["14:00", "12:00", "10:00"] + ["08:00"] * 5


def test_elapsed_hours_only_change_their_clock() -> None:
    made = expand(course(directions(frequency=1, period=8, period_unit="h")), first_day=dt.date(2026, 6, 1),
                  zone="Europe/London", days=9)  # fmt: skip
    found = travel(made, "Europe/London", "Asia/Tokyo", dt.date(2026, 6, 3))
    assert found.fixed
    assert not found.ask


@pytest.mark.parametrize(
    ("home", "away", "on"),
    [("Europe/Paris", "Asia/Tokyo", dt.date(2026, 6, 3)), ("Europe/London", "Mars/Base", dt.date(2026, 6, 3)),
     ("Europe/London", "Asia/Tokyo", dt.date(2027, 6, 3))],
)  # fmt: skip
def test_journeys_that_cannot_be_are_refused(home: str, away: str, on: dt.date) -> None:
    made = expand(daily(3), first_day=dt.date(2026, 6, 1), zone="Europe/London", days=9)
    with pytest.raises(UnreadableError):
        travel(made, home, away, on)
