"""Turns plain data (a problem file, a published schedule, a question with an exact answer) into a TaperProblem.

Knows no disk and plans nothing. Unknown keys are refused by name, and all errors of a file are raised at once.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import evolve, fields

from posology.errors import Problem, UnreadableError
from posology.taper.period import WEEKDAYS
from posology.taper.problem import Hold, Limits, Pace, Row, Shape, TaperProblem
from posology.taper.reader import Reader, products_from

KEYS = (
    "id", "medicine", "products", "slots", "start", "start_mg_per_day", "target", "target_mg_per_day", "limits",
    "shape", "direction", "from", "end", "jurisdiction", "tolerance_percent", "published", "notes", "since", "conditions",
    "earlier_withdrawal",
)  # fmt: skip
"""The keys of a problem file."""

SCHEDULE_KEYS = (
    "provenance", "source_kind", "instantiated_by_us", "rule", "steps", "expected", "administrable",
    "label_max_mg_per_day",
)  # fmt: skip
"""More keys, of a published schedule given as a problem: its steps become the table to repeat."""

QUESTION_KEYS = ("fewest_steps",)

PERSON_KEYS = ("since", "conditions", "earlier_withdrawal", "jurisdiction")
"""Keys that choose among the rules of a medicine file; the planner itself does not read them."""

ALIASES = {
    "percent_of_current": "max_step_percent_of_current",
    "percent_of_start": "max_step_percent_of_start",
    "mg_per_day": "max_step_mg_per_day",
    "per_days": "min_step_days",
    "min_days_between_cuts": "min_step_days",
}
"""The words of published limits, and the limit each means."""

_LIMITS = {f.name for f in fields(Limits)}


def read(data: Any) -> TaperProblem:
    """A problem from plain data, as it stands in a problem file.

    Amounts are decimal texts or exact numbers in mg. Raises :class:`UnreadableError` with every problem and its path.

    >>> p = read({"products": "tablets 5, 10 mg, halves", "slots": 3, "start_mg_per_day": "60",
    ...           "target_mg_per_day": "0", "limits": {"max_step_mg_per_day": "10"}})
    >>> p.slots, [s.id for s in p.products]
    (('dose 1', 'dose 2', 'dose 3'), ['tablet-5', 'tablet-10'])
    >>> read({"products": "tablets 5 mg", "slots": 1, "start": ["5"], "target": ["0"], "limits": {"step": 1}})
    Traceback (most recent call last):
    posology.errors.UnreadableError: limits.step: This key is not known. Did you mean steps?
    """
    r = Reader()
    if not isinstance(data, Mapping):
        raise UnreadableError(Problem("A problem must be a JSON object.", ""))
    schedule = "steps" in data or "rule" in data
    r.keys(data, (*KEYS, *(SCHEDULE_KEYS if schedule else ()), *QUESTION_KEYS), "")
    products = products_from(r, data.get("products"))
    slots = _slots(r, data)
    start, start_total = _doses(r, data, "start", slots)
    published = bool(data.get("published")) or schedule
    limits = _limits(r, data.get("limits", {}), slots)
    if schedule and data.get("label_max_mg_per_day") is not None and limits.max_mg_per_day is None:
        most = r.number(data["label_max_mg_per_day"], "label_max_mg_per_day")
        limits = r.make("", lambda: evolve(limits, max_mg_per_day=most)) or limits
    begins = False
    end = data.get("end")
    rows: tuple[Row, ...] = ()
    if schedule and "steps" in data:
        rows = _rows(r, data["steps"], slots, "steps")
    if "shape" in data:
        shape = _shape(r, data["shape"], "shape", slots)
    elif rows:
        rule = data.get("rule", {})
        known = rule if isinstance(rule, Mapping) else {}
        model = known.get("occupancy_model")
        curve = _curve(r, model, "rule.occupancy_model") if model is not None else (None, Fraction(100))
        kind = str(known.get("kind", ""))
        shape = r.make("steps", lambda: Shape("table", curve[0], curve[1], rows=rows, source=kind)) or Shape()
    elif "rule" in data:
        shape = _shape(r, data["rule"], "rule", slots)
    else:
        shape = Shape()
    minimum = _minimum_days(r, data.get("shape"))
    if minimum is not None and limits.min_total_days is None:
        limits = evolve(limits, min_total_days=minimum)
    target, target_total = _target(r, data, slots, rows or shape.rows, end)
    if not any(p.where.startswith("start") for p in r.problems) and start_total is None:
        r.bad("The doses taken now are missing.", "start", 'Give "start" or "start_mg_per_day".')
    if target_total is None and not any(p.where.startswith("target") for p in r.problems):
        r.bad("The target is missing.", "target", 'Give "target" or "target_mg_per_day"; "0" is to stop.')
    direction = data.get("direction")
    if direction not in (None, "taper", "titration"):
        r.bad(f"This direction is not known: {direction!r}.", "direction", "Write taper or titration.")
    if start_total == 0 and shape.rows and direction != "titration" and shape.rows[0].total > 0:
        falls = all(a.total >= b.total for a, b in zip(shape.rows, shape.rows[1:], strict=False))
        if falls and len({row.total for row in shape.rows}) > 1:
            begins = True
            first = shape.rows[0]
            start, start_total = (first.mg if first.constant else None), first.total
    if start_total is not None and target_total is not None:
        if target_total > start_total and direction == "taper":
            r.bad("The target is above the start, and a taper never goes up.", "target")
        elif target_total < start_total and direction == "titration":
            r.bad("The target is below the start, and a titration never goes down.", "target")
        elif target_total > start_total > 0 and direction is None and not shape.rows:
            r.bad(
                "The target is above the start, and a taper never goes up.",
                "target",
                'To raise the dose, say "direction": "titration".',
            )
    tolerance = data.get("tolerance_percent")
    if shape.rows and start_total is not None:
        line = [start_total, *(row.total for row in shape.rows), *([target_total] if target_total is not None else [])]
        ups = any(a < b for a, b in itertools.pairwise(line))
        downs = any(a > b for a, b in itertools.pairwise(line))
        if ups and downs:
            r.bad("The steps go up and down; a plan goes one way only.", "steps")
    made = (
        None
        if start_total is None or target_total is None or not products or not slots
        else r.make(
            "",
            lambda: TaperProblem(
                products=tuple(products),
                slots=slots,
                start_mg_per_day=start_total,
                target_mg_per_day=target_total,
                start=start,
                target=target,
                limits=limits,
                shape=shape,
                medicine=str(data.get("medicine") or ""),
                starts_on=r.date(data["from"], "from") if data.get("from") is not None else None,
                first_step_begins=begins,
                tolerance=None if tolerance is None else r.number(tolerance, "tolerance_percent") / 100,
                flags=(("published-schedule", str(data.get("id") or "")),) if published else (),
            ),
        )
    )
    if r.problems or made is None:
        unique = tuple(dict.fromkeys(r.problems)) or (Problem("The problem cannot be read."),)
        raise UnreadableError(*unique)
    return made


def _minimum_days(r: Reader, shape: Any) -> int | None:
    if not isinstance(shape, Mapping) or _kind(shape) != "duration":
        return None
    for key in ("days", "min_total_days"):
        if key in shape:
            return r.whole(shape[key], f"shape.{key}")
    r.bad("A minimum duration needs its days.", "shape.days")
    return None


def _slots(r: Reader, data: Mapping[str, Any]) -> tuple[str, ...]:
    value = data.get("slots")
    if value is None:
        for key in ("start", "target"):
            if isinstance(data.get(key), Mapping):
                return tuple(map(str, data[key]))
        if isinstance(data.get("start"), Sequence) and not isinstance(data.get("start"), str):
            n = len(data["start"])
            return ("day",) if n == 1 else tuple(f"dose {i}" for i in range(1, n + 1))
        if "start_mg_per_day" in data:
            return ("day",)
        r.bad("The dose times are missing.", "slots", 'Give a list, like ["morning", "night"].')
        return ()
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        n = r.whole(value, "slots")
        if not 1 <= n <= 8:
            r.bad("A plan has 1 to 8 dose times a day.", "slots")
            return ()
        return ("day",) if n == 1 else tuple(f"dose {i}" for i in range(1, n + 1))
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            r.bad("At least one dose time is needed.", "slots")
        return tuple(r.text(s, f"slots[{i}]") for i, s in enumerate(value))
    r.bad('Dose times are a list, like ["morning", "night"], or their number.', "slots")
    return ()


def _vector(r: Reader, value: Any, where: str, slots: tuple[str, ...]) -> tuple[Fraction, ...] | None:
    if isinstance(value, Mapping):
        for key in value:
            if key not in slots:
                r.bad(f"This dose time is not known: {key!r}.", f"{where}.{key}", f"Known: {', '.join(slots)}.")
        return tuple(r.number(value.get(s, 0), f"{where}.{s}") for s in slots)
    if isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) != len(slots):
            r.bad(f"{len(value)} doses for {len(slots)} dose times.", where)
            return None
        return tuple(r.number(x, f"{where}[{i}]") for i, x in enumerate(value))
    r.bad("Doses are a list in the order of the dose times, or an object by dose time.", where)
    return None


def _doses(
    r: Reader, data: Mapping[str, Any], name: str, slots: tuple[str, ...]
) -> tuple[tuple[Fraction, ...] | None, Fraction | None]:
    doses, total = None, None
    if data.get(name) is not None:
        doses = _vector(r, data[name], name, slots)
        total = None if doses is None else sum(doses, Fraction())
    if data.get(f"{name}_mg_per_day") is not None:
        said = r.number(data[f"{name}_mg_per_day"], f"{name}_mg_per_day")
        if total is not None and said != total:
            r.bad("The doses do not add up to the total given for the day.", name)
        total = said
    if len(slots) == 1 and doses is None and total is not None:
        doses = (total,)
    return doses, total


def _target(
    r: Reader, data: Mapping[str, Any], slots: tuple[str, ...], rows: tuple[Row, ...], end: Any
) -> tuple[tuple[Fraction, ...] | None, Fraction | None]:
    if end not in (None, "stop", "maintenance", "continues", "review"):
        r.bad(f"This end is not known: {end!r}.", "end", "Write stop, maintenance, continues or review.")
    target, total = _doses(r, data, "target", slots)
    if total is None and end == "stop":
        return tuple(Fraction() for _ in slots), Fraction()
    if total is None and rows and end is not None:
        return (rows[-1].mg if rows[-1].constant else None), rows[-1].total
    if total == 0:
        return tuple(Fraction() for _ in slots), total
    return target, total


def _limits(r: Reader, value: Any, slots: tuple[str, ...]) -> Limits:
    data = r.table(value, "limits")
    r.keys(data, (*sorted(_LIMITS), *ALIASES), "limits")
    made: dict[str, Any] = {}
    for key, one in data.items():
        name, where = ALIASES.get(key, key), f"limits.{key}"
        if name not in _LIMITS or one is None:
            continue
        if name in made:
            r.bad(f"This limit is given twice, as {key} and under another name.", where)
        if name in (
            "steps", "step_days", "min_step_days", "min_total_days", "max_total_days", "max_products", "max_pieces_per_dose",
        ):  # fmt: skip
            made[name] = r.whole(one, where)
        elif name in ("halves", "quarters", "never_ahead"):
            made[name] = r.flag(one, where)
        elif name in ("earliest_end", "latest_end"):
            made[name] = r.date(one, where)
        elif name in ("reduce_first", "reduce_last", "day_patterns"):
            items = [one] if isinstance(one, str) else one
            if isinstance(items, Sequence):
                made[name] = tuple(r.text(s, where) for s in items)
            else:
                r.bad("Write a dose time, or a list of them.", where)
        elif name == "holds":
            made[name] = tuple(_holds(r, one, where))
        else:
            made[name] = r.number(one, where)
    return r.make("", lambda: Limits(**made)) or Limits()


def _holds(r: Reader, value: Any, where: str) -> Iterable[Hold]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        r.bad('Holds are a list, like [{"after_step": 2, "days": 14}].', where)
        return
    for i, one in enumerate(value):
        data = r.table(one, f"{where}[{i}]")
        r.keys(data, ("after_step", "days"), f"{where}[{i}]")
        yield Hold(
            *(r.whole(data.get(key), f"{where}[{i}].{key}") if key in data else 0 for key in ("after_step", "days"))
        )


def _rows(r: Reader, value: Any, slots: tuple[str, ...], where: str) -> tuple[Row, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        r.bad("The steps are a list of rows with days and mg.", where)
        return ()
    rows = []
    for i, one in enumerate(value):
        here = f"{where}[{i}]"
        data = r.table(one, here)
        r.keys(data, ("days", "mg", "days_range", "until", "day_pattern", "note", "notes"), here)
        made: dict[str, Any] = {}
        n = len(slots)

        def doses(given: Any, place: str) -> tuple[Fraction, ...]:
            if isinstance(given, Mapping) and "mg" in given:
                r.keys(given, ("day", "mg", "note", "notes"), place)
                given = given["mg"]
            if len(slots) == 1 and isinstance(given, str | int | Decimal) and not isinstance(given, bool):
                given = [given]
            return _vector(r, given, place, slots) or ()

        if data.get("days") is not None:
            made["days"] = r.whole(data["days"], f"{here}.days")
        if data.get("days_range") is not None:
            span = data["days_range"]
            if isinstance(span, Sequence) and len(span) == 2 and not isinstance(span, str):
                made["days_range"] = (r.whole(span[0], f"{here}.days_range"), r.whole(span[1], f"{here}.days_range"))
            else:
                r.bad("A range of days has two ends.", f"{here}.days_range")
        if data.get("until"):
            made["until"] = r.text(data["until"], f"{here}.until")
        if data.get("day_pattern") is not None:
            made |= _day_pattern(r, data["day_pattern"], f"{here}.day_pattern", doses, n)
            every = made.get("pattern") or [day for _, day in made.get("by_weekday", ())]
            if every and data.get("mg") is not None:
                mean = tuple(sum(day[k : k + 1][0] for day in every) / len(every) for k in range(n))
                if doses(data["mg"], f"{here}.mg") not in (*every, mean):
                    r.bad("These are not the doses of any day of the pattern.", f"{here}.mg", "Leave them out.")
        mg = doses(data["mg"], f"{here}.mg") if data.get("mg") is not None else ()
        if not mg and not made.get("pattern") and not made.get("by_weekday"):
            if not any(
                p.where.startswith(f"{here}.mg") or p.where.startswith(f"{here}.day_pattern") for p in r.problems
            ):
                r.bad("The doses of this step are missing.", f"{here}.mg")
            continue
        made["mg"] = mg or tuple(Fraction() for _ in range(n))
        row = r.make(here, lambda made=made: Row(**made))  # type: ignore[misc]
        if row is not None:
            rows.append(row)
    return tuple(rows)


def _day_pattern(
    r: Reader, value: Any, where: str, doses: Callable[[Any, str], tuple[Fraction, ...]], n: int
) -> dict[str, Any]:
    """The days of a step that differ: ``by_weekday`` (a day that is not named has no dose), or, under one other key, a row a day."""
    data = r.table(value, where)
    if "by_weekday" in data:
        r.keys(data, ("by_weekday",), where)
        table = data["by_weekday"]
        if isinstance(table, Sequence) and not isinstance(table, str) and len(table) == 7:
            table = dict(zip(WEEKDAYS, table, strict=True))
        found: dict[str, tuple[Fraction, ...]] = {}
        for key, mg in r.table(table, f"{where}.by_weekday").items():
            place = f"{where}.by_weekday.{key}"
            for word in re.findall(r"[^\W\d_]+", str(key)) or [""]:
                day = next((d for d, name in zip(WEEKDAYS, _DAY_NAMES, strict=True) if _means(word, name)), None)
                if day is None:
                    r.bad(
                        f"This is not a day of the week: {word!r}.", place, "Write mon, tue, wed, thu, fri, sat or sun."
                    )
                elif day in found:
                    r.bad(f"This day stands twice: {day}.", place)
                else:
                    found[day] = doses(mg, place)
        if not found:
            return {}
        nothing = tuple(Fraction() for _ in range(n))
        return {"by_weekday": tuple((d, found.get(d, nothing)) for d in WEEKDAYS)}
    named = [str(k) for k, v in data.items() if isinstance(v, list | tuple)]
    r.keys(data, ("period_days", *(named or ("mg",)), "note", "notes"), where)
    rows = data[named[0]] if named else None
    if len(named) != 1 or not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        if data:
            r.bad(
                "A day pattern needs one row for each day of its period.",
                where,
                'Like {"period_days": 2, "mg": [["5"], ["10"]]}.',
            )
        return {}
    length = r.whole(data["period_days"], f"{where}.period_days") if data.get("period_days") is not None else len(rows)
    if len(rows) != length:
        r.bad(f"{len(rows)} rows for a period of {length} days.", f"{where}.{named[0]}")
        return {}
    return {"pattern": tuple(doses(mg, f"{where}.{named[0]}[{j}]") for j, mg in enumerate(rows))}


_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _means(word: str, name: str) -> bool:
    word = word.lower()
    return len(word) >= 2 and (name.startswith(word) or (len(word) > 3 and name.startswith(word.removesuffix("s"))))


KINDS = {
    "linear": "linear", "amount per interval": "amount", "amount": "amount", "fixed amount": "amount",
    "proportional": "proportional", "exponential": "proportional",
    "percent of current": "current", "percent per interval": "current", "percent": "current", "percent of remaining": "current",
    "percent of start": "start", "percent of original": "start",
    "phased linear": "phased", "phased": "phased", "banded": "phased",
    "hyperbolic": "hyperbolic", "occupancy": "hyperbolic",
    "fixed table": "table", "table": "table",
    "minimum duration": "duration",
    "reverse titration": "amount", "titration": "amount",
}  # fmt: skip

SHAPE_KEYS = {
    "linear": ("step_mg_per_day", "mg_per_day", "every_days", "every_days_range", "per_days"),
    "amount": ("step_mg_per_day", "mg_per_day", "every_days", "every_days_range", "per_days"),
    "proportional": ("percent", "every_days", "every_days_range", "last_dose_mg_per_day"),
    "current": ("percent", "of", "every_days", "every_days_range", "last_dose_mg_per_day", "until_mg_per_day"),
    "start": ("percent", "every_days", "every_days_range", "last_dose_mg_per_day", "until_mg_per_day"),
    "phased": ("phases", "every_days", "every_days_range", "last_dose_mg_per_day"),
    "hyperbolic": (
        "ed50_mg", "k_mg", "emax_percent", "curve", "occupancy_model", "step_percentage_points", "every_days",
        "every_days_range", "medicine", "region", "max_dose_mg",
    ),
    "table": ("steps", "step_mg_per_day", "every_days", "every_days_range", "occupancy_model", "curve", "ed50_mg", "emax_percent"),
    "duration": ("days", "min_total_days", "every_days", "every_days_range"),
}  # fmt: skip

PHASE_KEYS = (
    "step_mg_per_day", "mg_per_day", "percent_of_current", "percent_of_start", "down_to_mg_per_day", "up_to_mg_per_day",
    "until_mg_per_day", "until_percent_of_start", "every_days",
)  # fmt: skip


def _kind(data: Mapping[str, Any]) -> str:
    said = str(data.get("kind", "")).strip().lower().replace("-", " ").replace("_", " ")
    return KINDS.get(said, "")


def _shape(r: Reader, value: Any, where: str, slots: tuple[str, ...]) -> Shape:
    if isinstance(value, str):
        value = {"kind": value}
    data = r.table(value, where)
    kind = _kind(data)
    if not kind:
        r.bad(f"This shape is not known: {data.get('kind')!r}.", f"{where}.kind", f"Known: {', '.join(KINDS)}.")
        return Shape()
    r.keys(data, ("kind", "source", *SHAPE_KEYS[kind]), where)
    every = r.whole(data["every_days"], f"{where}.every_days") if data.get("every_days") is not None else None
    if every is None and data.get("per_days") is not None:
        every = r.whole(data["per_days"], f"{where}.per_days")
    source = str(data.get("source") or data.get("kind"))
    last = (
        r.number(data["last_dose_mg_per_day"], f"{where}.last_dose_mg_per_day")
        if data.get("last_dose_mg_per_day") is not None
        else None
    )

    def num(key: str) -> Fraction | None:
        return r.number(data[key], f"{where}.{key}") if data.get(key) is not None else None

    def build() -> Shape:
        if kind == "hyperbolic":
            inner = next((data[n] for n in ("curve", "occupancy_model") if n in data), data)
            k, emax = _curve(r, inner, where)
            if k is None:
                return Shape()
            return Shape(
                "hyperbolic", k, emax, points=num("step_percentage_points"), every_days=every, source=source
            )  # fmt: skip
        if kind == "table":
            if "steps" not in data:
                r.bad("A table needs its steps.", f"{where}.steps")
                return Shape()
            k, emax = (None, Fraction(100))
            inner = next(
                (data[n] for n in ("curve", "occupancy_model") if n in data), data if "ed50_mg" in data else None
            )
            if inner is not None:
                k, emax = _curve(r, inner, where)
            rows = _rows(r, data["steps"], slots, f"{where}.steps")
            return Shape("table", k, emax, rows=rows, every_days=every, source=source)
        if kind == "duration":
            return Shape("linear", every_days=every, source=source)
        if kind == "phased":
            phases = data.get("phases")
            if not isinstance(phases, Sequence) or isinstance(phases, str) or not phases:
                r.bad("A phased rule needs its phases.", f"{where}.phases")
                return Shape()
            return Shape(
                "rule",
                paces=tuple(_pace(r, p, f"{where}.phases[{i}]", every) for i, p in enumerate(phases)),
                every_days=every,
                last_dose=last,
                source=source,
            )
        mg = num("step_mg_per_day") if "step_mg_per_day" in data else num("mg_per_day")
        percent = num("percent")
        if kind in ("linear", "amount"):
            if mg is None and kind == "amount":
                r.bad("This rule needs its amount.", f"{where}.step_mg_per_day")
                return Shape()
            if mg is None:
                return Shape("linear", every_days=every, source=source)
            return Shape("rule", paces=(Pace(every, mg=mg),), every_days=every, source=source)
        if kind == "proportional" and percent is None:
            return Shape("proportional", every_days=every, source=source)
        if percent is None:
            r.bad("This rule needs its percent.", f"{where}.percent")
            return Shape()
        of_start = kind == "start" or data.get("of") == "start"
        pace = Pace(
            every,
            percent_of_current=None if of_start else percent,
            percent_of_start=percent if of_start else None,
            until=num("until_mg_per_day"),
        )
        return Shape("rule", paces=(pace,), every_days=every, last_dose=last, source=source)

    return r.make(where, build) or Shape()


def _curve(r: Reader, value: Any, where: str) -> tuple[Fraction | None, Fraction]:
    """The dose of half the effect and the ceiling of a dose-effect curve."""
    data = r.table(value, where)
    if "kind" not in data:
        r.keys(data, ("ed50_mg", "k_mg", "emax_percent", "medicine", "region", "max_dose_mg", "source"), where)
    k = data.get("ed50_mg", data.get("k_mg"))
    if k is None:
        r.bad("A dose-effect curve needs the dose of half the effect.", f"{where}.ed50_mg")
        return None, Fraction(100)
    emax = r.number(data["emax_percent"], f"{where}.emax_percent") if data.get("emax_percent") is not None else None
    return r.number(k, f"{where}.ed50_mg"), emax if emax is not None else Fraction(100)


def _pace(r: Reader, value: Any, where: str, every: int | None) -> Pace:
    data = r.table(value, where)
    r.keys(data, PHASE_KEYS, where)

    def num(*names: str) -> Fraction | None:
        return next((r.number(data[k], f"{where}.{k}") for k in names if data.get(k) is not None), None)

    return r.make(
        where,
        lambda: Pace(
            r.whole(data["every_days"], f"{where}.every_days") if data.get("every_days") is not None else every,
            num("step_mg_per_day", "mg_per_day"),
            num("percent_of_current"),
            num("percent_of_start"),
            num("down_to_mg_per_day", "up_to_mg_per_day", "until_mg_per_day"),
            num("until_percent_of_start"),
        ),
    ) or Pace(mg=Fraction(1))
