"""Turns event tables as users of NONMEM and mrgsolve write them (CSV) into doses and observation times, and back.

Knows no medicine and opens no file. Columns, in any case and order: ID, TIME (h), AMT (mg), EVID, MDV, CMT, RATE (mg/h),
II (h), ADDL, SS, and TLAG (h; or ALAG1) and F1 of a subject. A dot or an empty field is 0. EVID 1 is a dose, 0 an
observation, 2 another event, which is a time to look at; CMT 1 is the depot (by mouth), 2 the central compartment.
Where a table means something this engine does otherwise, it is refused and said.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import field, frozen

from posology.errors import Problem, UnreadableError, raise_all
from posology.kinetics.doses import MOST_DOSES, Dose, read_doses

_COLUMNS = ("ID", "TIME", "AMT", "EVID", "CMT", "RATE", "II", "ADDL", "SS")
_OWN = {"TLAG": "tlag", "ALAG1": "tlag", "F1": "F"}  # of a subject: the same on each of its lines
_ALSO = ("DV", "MDV", "C", "TAD")  # read over: nothing here depends on them
_EVENTS = {3: "a reset", 4: "a reset and a dose"}


@frozen
class EventTable:
    """The doses and observation times of each subject, by its ID as written, and its parameters (``tlag``, ``F``) where the table has them."""

    doses: Mapping[str, tuple[Dose, ...]]
    times: Mapping[str, tuple[float, ...]]
    parameters: Mapping[str, Mapping[str, float]] = field(factory=dict)


def read_events(text: str) -> EventTable:
    """Doses and times of an event table; every problem at once, with its line.

    >>> table = read_events("ID,TIME,AMT,EVID,CMT,II,ADDL\\n1,0,10,1,1,8,2\\n1,4,0,0,2,0,0\\n")
    >>> [d.time for d in table.doses["1"]], table.times["1"]
    ([0.0, 8.0, 16.0], (4.0,))
    """
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    problems: list[Problem] = []
    head = [h.strip().upper() for h in next(rows, [])]
    for name in head:
        if name not in _COLUMNS + _ALSO + tuple(_OWN):
            todo = f"Known: {', '.join(_COLUMNS + tuple(_OWN) + _ALSO)}."
            problems.append(Problem(f"This column is not known: {name[:30]!r}.", "line 1", todo))
    if len(set(head)) < len(head):
        problems.append(Problem("A column stands twice.", "line 1"))
    problems += [Problem(f"The column {n} is missing.", "line 1") for n in ("TIME",) if n not in head]
    if {"TLAG", "ALAG1"} <= set(head):
        problems.append(Problem("TLAG and ALAG1 say the same.", "line 1", "Leave one."))
    raise_all(UnreadableError, problems)
    doses: dict[str, list[Dose]] = {}
    times: dict[str, list[float]] = {}
    own: dict[str, dict[str, float]] = {}
    total = 0
    for line, row in enumerate(rows, 2):
        if not row or all(not c.strip() for c in row):
            continue
        where = f"line {line}"
        if len(row) != len(head):
            problems.append(Problem(f"This line has {len(row)} fields where the head has {len(head)}.", where))
            continue
        cell = dict(zip(head, (c.strip() for c in row), strict=True))
        id = cell.get("ID", "1")
        doses.setdefault(id, [])
        times.setdefault(id, [])
        try:
            v = {k: _number(cell.get(k, ""), k) for k in _COLUMNS if k != "ID"}
            made = _row(v, bool(doses[id]), "EVID" in head)
            for column in _OWN:
                if column in cell:
                    value = _number(cell[column], column)
                    if own.setdefault(id, {}).setdefault(_OWN[column], value) != value:
                        raise UnreadableError(
                            Problem(
                                "This changes within a subject, which is not done here.",
                                column,
                                "Split the table at it.",
                            )
                        )
        except UnreadableError as error:
            problems += (Problem(p.what, f"{where}, {p.where}", p.todo) for p in error.problems)
            continue
        if made is None:
            times[id].append(v["TIME"])
        else:
            doses[id] += made
            total += len(made)
            if total > MOST_DOSES:
                raise UnreadableError(Problem(f"These are over {MOST_DOSES} doses.", where))
    raise_all(UnreadableError, problems)
    return EventTable({k: tuple(v) for k, v in doses.items()}, {k: tuple(v) for k, v in times.items()}, own)


def _number(text: str, column: str) -> float:
    if text in ("", ".", "NA"):
        return 0.0
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or value in (float("inf"), float("-inf")):
        raise UnreadableError(Problem(f"This is not a number: {text[:30]!r}.", column))
    return value


def _row(v: Mapping[str, float], dosed: bool, marked: bool) -> Sequence[Dose] | None:
    evid = v["EVID"] if marked else float(v["AMT"] > 0)
    if evid in (0, 2):
        if v["AMT"]:
            raise UnreadableError(
                Problem("An observation or another event carries an amount.", "EVID", "Use 1 for a dose.")
            )
        return None
    if evid in _EVENTS:
        raise UnreadableError(
            Problem(f"EVID {evid:g} ({_EVENTS[int(evid)]}) is not done here.", "EVID", "Split the table at it.")
        )
    if evid != 1:
        raise UnreadableError(Problem(f"EVID {evid:g} is not known.", "EVID", "Use 0, 1 or 2."))
    if v["SS"] not in (0, 1, 2):
        raise UnreadableError(Problem(f"SS {v['SS']:g} is not known.", "SS", "Use 0, 1 or 2."))
    if v["SS"] == 1 and dosed:
        raise UnreadableError(
            Problem(
                "SS 1 after a dose wipes out what was there; here a steady state is added.",
                "SS",
                "Use 2, or split the table.",
            )
        )
    if v["CMT"] not in (0, 1, 2):
        raise UnreadableError(
            Problem(f"Compartment {v['CMT']:g} takes no doses here.", "CMT", "Use 1 (by mouth) or 2.")
        )
    if v["RATE"] < 0:
        raise UnreadableError(Problem("A modelled rate (below 0) is not done here.", "RATE", "Give mg/h."))
    if v["RATE"] > 0 and v["CMT"] != 2:
        raise UnreadableError(Problem("Only the central compartment takes an infusion.", "RATE", "Use CMT 2."))
    if v["ADDL"] != int(v["ADDL"]) or v["ADDL"] < 0:
        raise UnreadableError(Problem(f"ADDL {v['ADDL']:g} is not a count.", "ADDL"))
    return read_doses(
        [
            {
                "time": v["TIME"], "amt": v["AMT"], "route": "iv" if v["CMT"] == 2 else "oral",
                "duration": v["AMT"] / v["RATE"] if v["RATE"] else 0.0, "ss": v["SS"] > 0, "ii": v["II"], "addl": int(v["ADDL"]),
            }
        ]
    )  # fmt: skip


def write_events(
    doses: Mapping[str, Sequence[Dose]],
    times: Mapping[str, Iterable[float]] | None = None,
    parameters: Mapping[str, Mapping[str, float]] | None = None,
) -> str:
    """The event table of some subjects, in order of time; observations after doses.

    Equal doses at equal distances are one row with ADDL. ``parameters`` adds TLAG and F1 of each subject (``tlag``, ``F``).

    >>> print(write_events({"1": [Dose(0.0, 10), Dose(8.0, 10)]}, {"1": [2]}), end="")
    ID,TIME,AMT,EVID,MDV,CMT,RATE,II,ADDL,SS
    1,0.0,10.0,1,1,1,0.0,8.0,1,0
    1,2.0,0.0,0,0,2,0.0,0.0,0,0
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    given = parameters or {}
    own = [(c, k) for c, k in (("TLAG", "tlag"), ("F1", "F")) if any(k in p for p in given.values())]
    writer.writerow(("ID", "TIME", "AMT", "EVID", "MDV", "CMT", "RATE", "II", "ADDL", "SS", *(c for c, _ in own)))
    for id, held in doses.items():
        said = [float(given.get(id, {}).get(k, 1.0 if k == "F" else 0.0)) for _, k in own]
        rows: list[tuple[float, int, list[object]]] = []
        for d, more, ii in _runs(held):
            rate = float(d.amt) / d.duration if d.duration else 0.0
            cmt = 1 if d.route == "oral" else 2
            # a steady state is written as SS 2, which adds: SS 1 would wipe out what came before
            ss = 2 if d.ss else 0
            rows.append((d.time, 0, [id, float(d.time), float(d.amt), 1, 1, cmt, rate, ii, more, ss, *said]))
        rows += [(t, 1, [id, float(t), 0.0, 0, 0, 2, 0.0, 0.0, 0, 0, *said]) for t in (times or {}).get(id, ())]
        for _, _, row in sorted(rows, key=lambda r: r[:2]):
            writer.writerow(row)
    return out.getvalue()


def _runs(doses: Sequence[Dose]) -> Iterator[tuple[Dose, int, float]]:
    """Each dose that stands first, how many more like it follow, and how far apart: only where reading gives the same times."""
    left = sorted(doses, key=lambda d: d.time)
    while left:
        first, rest = left[0], left[1:]
        alike = [d for d in rest if (d.amt, d.route, d.duration) == (first.amt, first.route, first.duration)]
        run: list[Dose] = []
        ii = 0.0
        if not first.ss and alike and not alike[0].ss and alike[0].time > first.time:
            ii = float(alike[0].time) - float(first.time)
            for d in alike:
                if d.ss or float(d.time) != float(first.time) + (len(run) + 1) * ii:
                    break
                run.append(d)
        yield first, len(run), float(first.ii) if first.ss else (ii if run else 0.0)
        taken = {id(d) for d in run}
        left = [d for d in rest if id(d) not in taken]
