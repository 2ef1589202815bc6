"""How long planning takes inside a process: a year of three doses a day with every check, against the limit of 20 ms.

The peer is the calendar rule alone: python-dateutil expanding the same 1095 clock times, without measuring or checking.
"""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

from posology import library
from posology import plan as planning
from posology.amount import Amount
from posology.cli import inputs
from posology.directions import Person, Prescription
from posology.wording import read

LIMIT = 0.020
RUNS = 30


def best(work: object) -> float:
    """The shortest of the runs, in seconds of the processor."""
    times = []
    for _ in range(RUNS):
        begin = time.process_time()  # of this process alone, whatever else the machine does
        work()  # type: ignore[operator]
        times.append(time.process_time() - begin)
    return min(times)


def main() -> int:
    """Measure, and compare."""
    from dateutil.rrule import DAILY, rrule

    medicine = library.medicine("baclofen")
    reading = read("baclofen 10 mg three times a day", names=tuple(library.names()))
    assert reading.course is not None
    setting = planning.Setting(
        country=library.country("UK"), zone="Europe/London", first_day=dt.date(2026, 11, 24), days=365,
        usual=tuple(library.devices().values()), holdings=(inputs.have("10 mg tablets x 1200", medicine, "GB"),),
        vocabulary=library.vocabulary(),
    )  # fmt: skip
    person = Person(
        age=Amount(54, "a"), conditions=("epilepsy",), medicines=("ibuprofen",), waking=(dt.time(7), dt.time(22, 30))
    )
    prescription = Prescription(medicine.id, reading.course, reading.text, person)
    made = planning.make(prescription, medicine, setting)
    assert len(made.events) == 1095, len(made.events)

    def rule() -> None:
        zone = ZoneInfo("Europe/London")
        start = dt.datetime(2026, 11, 24, 7)  # noqa: DTZ001 (the rule itself knows no zone)
        found = rrule(DAILY, count=1095, byhour=(7, 14, 22), byminute=30, bysecond=0, dtstart=start)
        assert len([d.replace(tzinfo=zone) for d in found]) == 1095

    took, peer = best(lambda: planning.make(prescription, medicine, setting)), best(rule)
    print(
        f"a year, three times a day  {1000 * took:6.1f} ms  {took / LIMIT:5.0%} of the limit of {1000 * LIMIT:.0f} ms"
    )
    print(f"1095 times of dateutil     {1000 * peer:6.1f} ms  planning takes {took / peer:.1f} times as long")
    print(f"{len(made.findings)} findings of every check; supply to {made.supply and made.supply.runs_out}")
    if took > LIMIT:
        print("over the limit")
    return 1 if took > LIMIT else 0


if __name__ == "__main__":
    raise SystemExit(main())
