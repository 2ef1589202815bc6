"""Turns directions into the German national dosage text (dgMP, algorithm 2.0.0 of the Medication IG DE).

Knows no other language. What that text cannot hold (routes, steps, rates, counts ...) is refused by name, never left out.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Sequence
from fractions import Fraction

from attrs import evolve

from posology.amount import Amount
from posology.directions import DAYS, Bounds, Course, Directions
from posology.errors import Problem, RefusedError
from posology.wording.catalogue import Catalogue, catalogue
from posology.wording.catalogue import unit_words as _unit_words

_WHEN = {"MORN": "morgens", "NOON": "mittags", "EVE": "abends", "NIGHT": "zur Nacht"}
_DASH = " — "
_SHORT = {"d": "täglich", "wk": "wöchentlich", "mo": "monatlich"}


def say_dgmp(what: Course | Directions | Sequence[Directions]) -> str:
    """The one-line text of all Dosages of one medicine.

    Raises RefusedError that names, all at once, every field the text has no place for.

    >>> from posology.directions import Dose, Timing
    >>> d = Directions(Dose(Amount(1, "{piece}")), Timing(when=("MORN", "EVE")))
    >>> say_dgmp(d)
    '1-0-1-0 Stück'
    """
    held = _flat(what)
    _refuse_unheld(held)
    free = [d for d in held if _free(d)]
    if free:
        if len(free) < len(held):
            raise _no("Freier Text und Struktur stehen nebeneinander (free text stands beside structure).")
        return " ".join(d.text.strip() for d in held)
    missing = [d for d in held if d.dose is None]
    if missing:
        raise _no("Eine Dosis fehlt (a dose is missing).", "dose")
    pure = [d for d in held if d.as_needed and _bare(d)]
    if pure and len(held) > 1:
        raise _no("Eine reine Bedarfsdosierung steht allein (a purely as-needed dose must stand alone).")
    frames = {
        (d.as_needed, d.as_needed_for, d.max_per_period, d.patient_instruction, d.min_gap, d.timing.bounds)
        for d in held
    }
    if len(frames) > 1:
        raise _no(
            "Zeitrahmen, Bedarf oder Hinweis unterscheiden sich (bounds, as-needed or instructions differ between doses)."
        )
    schemes = {_scheme(d) for d in held}
    if len(schemes) > 1:
        raise _no("Die Dosierungen folgen verschiedenen Schemata (the doses follow different schemes).", "timing")
    return _assemble(held, schemes.pop())


def _no(what: str, where: str = "") -> RefusedError:
    return RefusedError(Problem(f"The German national text cannot hold this: {what}", where, "Use the plain form."))


def _flat(what: Course | Directions | Sequence[Directions]) -> list[Directions]:
    if isinstance(what, Directions):
        return [what]
    if isinstance(what, Course):
        if len(what.phases) > 1:
            raise _no("mehrere Schritte (several steps, one after the other).", "sequence")
        if what.after == "stop":
            raise _no("danach beenden (that it is stopped afterwards).", "after")
        phase = what.phases[0]
        held = list(phase.directions)
        if phase.length is not None:
            bounds = Bounds(duration=phase.length)
            held = [d if d.timing.bounds else evolve(d, timing=evolve(d.timing, bounds=bounds)) for d in held]
        return held
    held = list(what)
    if not held:
        raise RefusedError(Problem("There are no directions to say."))
    if len({d.sequence for d in held}) > 1:
        raise _no("mehrere Schritte (several steps, one after the other).", "sequence")
    return held


_UNHELD: tuple[tuple[str, str, Callable[[Directions], object]], ...] = (
    ("route", "Verabreichungsweg", lambda d: d.route),
    ("site", "Ort der Anwendung", lambda d: d.site),
    ("method", "Methode", lambda d: d.method),
    ("rate", "Rate", lambda d: d.rate),
    ("additionalInstruction", "Zusatzangaben (nur ein freier Hinweis ist vorgesehen)", lambda d: d.instructions),
    ("maxDosePerAdministration", "Höchstmenge je Gabe", lambda d: d.max_per_administration),
    ("maxDosePerLifetime", "Höchstmenge im Leben", lambda d: d.max_per_lifetime),
    ("indication", "Anwendungsgrund", lambda d: d.indication),
    ("doseAndRate.type", "Art der Dosis", lambda d: d.dose_type),
    ("timing.event", "einzelne Termine", lambda d: d.timing.events),
    ("timing.repeat.count", "Anzahl der Gaben", lambda d: d.timing.count),
    ("timing.repeat.duration", "Dauer einer Gabe", lambda d: d.timing.duration),
    ("timing.repeat.offset", "Abstand zu Mahlzeiten", lambda d: d.timing.offset),
    ("timing.extension", "Zyklus", lambda d: d.timing.cycle),
    ("timing.repeat.boundsRange", "Dauer als Bereich", lambda d: (b := d.timing.bounds) and (b.low or b.high)),
    ("timing.repeat.when", "Tagesabschnitte außer morgens, mittags, abends, zur Nacht",
     lambda d: [w for w in d.timing.when if w not in _WHEN]),
    ("doseAndRate.doseRange", "Dosis ohne Obergrenze", lambda d: d.dose is not None and d.dose.most is None),
    ("doseAndRate.doseQuantity", "Dosis kleiner oder größer als ein Wert", lambda d: d.dose is not None and d.dose.strict),
    ("maxDosePerPeriod", "mehrere Höchstmengen", lambda d: len(d.max_per_period) > 1),
    ("maxDosePerPeriod", "Höchstmenge außer bei Bedarf", lambda d: bool(d.max_per_period) and not d.as_needed),
    ("maxDosePerPeriod", "Höchstmenge in anderem Zeitraum als 24 Stunden oder 1 Tag",
     lambda d: [m for m in d.max_per_period if m.per not in (Amount(24, "h"), Amount(1, "d"))]),
    ("modifierExtension", "Mindestabstand neben einem Rhythmus", lambda d: d.min_gap is not None and not _bare(d)),
    ("modifierExtension", "Mindestabstand ohne Bedarf", lambda d: d.min_gap is not None and not d.as_needed),
    ("asNeededFor", "Anlass ohne Text", lambda d: [c for c in d.as_needed_for if not c.words]),
)  # fmt: skip


def _refuse_unheld(held: Sequence[Directions]) -> None:
    found = {(path, name) for d in held for path, name, has in _UNHELD if has(d)}
    if found:
        raise RefusedError(
            *(
                Problem(f"The German national text cannot hold this: {name}.", path, "Use the plain form.")
                for path, name in sorted(found)
            )
        )


def _free(d: Directions) -> bool:
    return bool(d.text.strip()) and d.dose is None and not d.as_needed and d.timing.empty


def _bare(d: Directions) -> bool:
    return evolve(d.timing, bounds=None).empty


def _scheme(d: Directions) -> str:
    t = d.timing
    daily = t.frequency_max is None and t.period_max is None and (t.period, t.period_unit) in ((None, None), (1, "d"))
    weekly = t.frequency_max is None and t.period_max is None and (t.period, t.period_unit) in ((None, None), (1, "wk"))
    slots = bool(t.when or t.times_of_day)
    if d.as_needed and _bare(d):
        return "as-needed"
    if t.days_of_week:
        # "once a day on Mondays" is how other systems write a weekday; it says nothing more than the weekday does
        if weekly or (daily and t.frequency in (None, 1, len(t.when), len(t.times_of_day))):
            return ("week-slots" if t.when else "week-clock") if slots else "week"
    elif t.when and daily:
        return "four"
    elif t.times_of_day and daily:
        return "clock"
    elif slots and t.frequency_max is None and t.period is not None and t.period_unit in ("d", "wk", "mo"):
        if t.frequency in (None, 1, len(t.when) or len(t.times_of_day)):
            return "interval-slots"
    elif (t.frequency is not None or t.frequency_max is not None) and t.period is not None and not slots:
        if t.frequency is not None:
            return "interval"
    elif t.period is not None and not slots:
        return "interval"
    raise _no("dieser Rhythmus passt in kein Schema (this timing fits none of its schemes).", "timing")


def _assemble(held: Sequence[Directions], scheme: str) -> str:
    c = catalogue("de")
    first = held[0]
    frame = _frame(c, first.timing.bounds)
    core, rhythm = _core(c, held, scheme)
    if first.as_needed:
        reasons = c.list([x.words.strip() for x in first.as_needed_for], c.or_) if first.as_needed_for else "Bedarf"
        gap = f"im Abstand von mindestens {_length(c, first.min_gap)} " if first.min_gap is not None else ""
        text = f"{frame} bei {reasons}: {gap}{rhythm} {core}"
        for m in first.max_per_period:
            most = f"{c.number(m.amount.value)} {_unit(c, m.amount)}"
            text += f"{_DASH}nicht mehr als {most} {'in 24 Stunden' if m.per.unit == 'h' else 'pro Tag'}"
    elif rhythm:
        text = f"{frame} {rhythm}: {core}"
    else:
        text = f"{frame}: {core}" if frame else core
    note = first.patient_instruction.strip()
    if note:
        text = f"{text.rstrip('.')}. Hinweis: {note}"
    text = " ".join(text.split())
    for sign in ";:.,":
        text = text.replace(f" {sign}", sign)
    return unicodedata.normalize("NFC", text.strip())


def _core(c: Catalogue, held: Sequence[Directions], scheme: str) -> tuple[str, str]:
    """The doses with their moments, and the rhythm before the colon."""
    _one_unit(c, held)
    if scheme == "as-needed":
        return f"je {_dose(c, held[0])}", ""
    if scheme == "interval":
        if len(held) > 1:
            raise _no("mehrere Dosierungen im selben Intervall (several doses by interval).", "timing")
        return f"je {_dose(c, held[0])}", _interval(c, held[0], with_times=True)
    if scheme == "four":
        return _slots(c, held, _ranged(held)), ""
    if scheme == "clock":
        return _clock(c, held), "täglich"
    if scheme == "interval-slots":
        rhythms = {_interval(c, d, with_times=False) for d in held}
        if len(rhythms) > 1:
            raise _no("verschiedene Intervalle (different intervals).", "timing")
        keys = {(w, _WHEN[w]): d for d in held for w in d.timing.when}
        _no_double([w for d in held for w in (*d.timing.when, *d.timing.times_of_day)])
        parts = [f"{_WHEN[w]}{_DASH}je {_dose(c, keys[w, _WHEN[w]])}" for w in _WHEN if (w, _WHEN[w]) in keys]
        clock = sorted(((t, d) for d in held for t in d.timing.times_of_day), key=lambda x: x[0])
        parts += [f"{t} Uhr{_DASH}je {_dose(c, d)}" for t, d in clock]
        return ", ".join(parts), rhythms.pop()
    ranged = _ranged(held)
    days: list[str] = []
    for day in DAYS:
        mine = [d for d in held if day in d.timing.days_of_week]
        if not mine:
            continue
        if scheme == "week":
            _no_double([day] * len(mine))
            days.append(f"{c.day[day]}{_DASH}je {_dose(c, mine[0])}")
        else:
            days.append(f"{c.day[day]} {_clock(c, mine) if scheme == 'week-clock' else _slots(c, mine, ranged)}")
    return "; ".join(days), ""


def _no_double(keys: Sequence[str]) -> None:
    if len(set(keys)) < len(keys):
        raise _no("derselbe Zeitpunkt ist doppelt belegt (two doses at one time).", "timing")


def _ranged(held: Sequence[Directions]) -> bool:
    return any(d.dose is not None and not isinstance(d.dose.amount, Amount) for d in held)


def _slots(c: Catalogue, held: Sequence[Directions], ranged: bool) -> str:
    _no_double([w for d in held for w in d.timing.when])
    by = {w: d for d in held for w in d.timing.when}
    if ranged:
        return ", ".join(f"{_WHEN[w]}{_DASH}je {_dose(c, by[w])}" for w in _WHEN if w in by)
    doses = [by[w].dose.amount if w in by else None for w in _WHEN]  # type: ignore[union-attr]
    numbers = [c.number(a.value) if isinstance(a, Amount) else "0" for a in doses]
    amounts = [a for a in doses if isinstance(a, Amount)]
    return f"{'-'.join(numbers)} {_unit(c, max(amounts, key=lambda a: a.value))}"


def _clock(c: Catalogue, held: Sequence[Directions]) -> str:
    _no_double([t for d in held for t in d.timing.times_of_day])
    if any(len(t) > 5 for d in held for t in d.timing.times_of_day):
        raise _no("Uhrzeiten mit Sekunden (times with seconds).", "timing.repeat.timeOfDay")
    said: list[tuple[list[str], str]] = []
    moments = [(t, d) for d in held for t in d.timing.times_of_day]
    for t, taken in sorted(moments, key=lambda x: x[0]):
        dose = _dose(c, taken)
        if said and said[-1][1] == dose:
            said[-1][0].append(f"{t} Uhr")
        else:
            said.append(([f"{t} Uhr"], dose))
    return ", ".join(f"{', '.join(times)}{_DASH}je {dose}" for times, dose in said)


def _interval(c: Catalogue, d: Directions, with_times: bool) -> str:
    t = d.timing
    assert t.period is not None  # the scheme asked for it
    assert t.period_unit is not None
    least, most = (t.frequency, t.frequency_max) if with_times else (1, None)
    often = "" if least in (None, 1) and most is None else f"{least}" if most is None else f"{least} bis {most}"
    if t.period == 1 and t.period_max is None and t.period_unit in _SHORT:
        return f"{often} x {_SHORT[t.period_unit]}" if often else _SHORT[t.period_unit]
    n = c.number(t.period) + (f" bis {c.number(t.period_max)}" if t.period_max is not None else "")
    words = c.time[t.period_unit]
    unit = (words.one if (t.period_max or t.period) == 1 else words.other).format(n=n)
    return f"{often} x alle {unit}" if often else f"alle {unit}"


def _one_unit(c: Catalogue, held: Sequence[Directions]) -> None:
    units = {e.unit for d in held if d.dose is not None for e in (d.dose.least, d.dose.most) if e is not None}
    if len(units) > 1:
        raise _no("verschiedene Einheiten in einem Text (doses in different units).", "doseAndRate")
    if units == {"1"}:
        raise _no("eine Dosis ohne Einheit (a dose without a unit).", "doseAndRate")


def _dose(c: Catalogue, d: Directions) -> str:
    assert d.dose is not None  # asked for before
    most, least = d.dose.most, d.dose.least
    assert most is not None  # one without was refused
    end = f"{c.number(most.value)} {_unit(c, most)}"
    if isinstance(d.dose.amount, Amount):
        return end
    return f"bis zu {end}" if least is None else f"{c.number(least.value)} bis {end}"


def _unit(c: Catalogue, amount: Amount) -> str:
    """The unit as it was written, where that is German; else its German name."""
    words = amount.text.partition(" ")[2].strip()
    if words and _unit_words().get(words.lower()) == amount.unit and not _english(words):
        return words
    forms = c.unit.get(amount.unit)
    if forms is None:
        raise _no(f"diese Einheit ({amount.unit}).", "doseAndRate")
    return forms[0] if c.is_one(amount.value) else forms[1]


def _english(words: str) -> bool:
    forms = {w.lower() for held in catalogue("en").unit.values() for w in held[:2]}
    german = {w.lower() for held in catalogue("de").unit.values() for w in held[:2]}
    return words.lower() in forms and words.lower() not in german


def _length(c: Catalogue, amount: Amount) -> str:
    words = c.time.get(amount.unit)
    if words is None:
        raise _no(f"diese Dauer ({amount}).", "timing.repeat.bounds")
    return (words.one if amount.value == Fraction(1) else words.other).format(n=c.number(amount.value))


def _frame(c: Catalogue, bounds: Bounds | None) -> str:
    if bounds is None:
        return ""
    if bounds.duration is not None:
        return f"für {_length(c, bounds.duration)}"
    start, end = (None if x is None else _moment(x) for x in (bounds.start, bounds.end))
    if start and end:
        return f"vom {start} bis zum {end}"
    return f"ab dem {start}" if start else f"bis zum {end}"


def _moment(iso: str) -> str:
    if len(iso) == 10:
        return dt.date.fromisoformat(iso).strftime("%d.%m.%Y")
    if "T" not in iso:
        raise _no("ein Datum ohne Tag (a date without its day).", "timing.repeat.boundsPeriod")
    from zoneinfo import ZoneInfo

    moment = dt.datetime.fromisoformat(iso)
    if moment.tzinfo is None:
        raise _no("eine Uhrzeit ohne Zeitzone (a time without its zone).", "timing.repeat.boundsPeriod")
    return moment.astimezone(ZoneInfo("Europe/Berlin")).strftime("%d.%m.%Y um %H:%M Uhr")
