"""Turns directions, or a whole course of them, into a sentence of one of seven languages: plain, patient or pharmacy.

Knows no medicine and no format. Nothing is dropped or added: what has no words in a language is refused by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

from attrs import evolve

from posology.amount import UNITS, Amount, Range
from posology.directions import Bounds, Concept, Course, Directions, MaxDose, Timing
from posology.errors import OptionError, Problem, RefusedError
from posology.wording.catalogue import Catalogue, catalogue, concept_key

Form = Literal["plain", "patient", "pharmacy"]
FORMS = ("plain", "patient", "pharmacy")
_MEALS = ("C", "AC", "PC")
_TIME_KINDS = ("time", "calendar months", "calendar years")
_ONE = Fraction(1)
_TAKEN = ("{tablet}", "{capsule}", "{caplet}", "{pill}", "{spoonful}", "{teaspoon}", "{tablespoon}", "{sachet}",
          "{packet}", "{lozenge}", "{pastille}", "{gum}", "{wafer}")  # fmt: skip
_SKIN = ("affected-area", "face", "scalp", "skin", "nails")
_SPREAD = ("{application}", "{fingertip}", "cm", "[in_i]", "g", "{pump}", "{patch}")
_FIELD = {
    "duration": "timing.duration", "frequency": "timing", "when": "timing.when", "days": "timing.days_of_week",
    "times_of_day": "timing.times_of_day", "bounds": "timing.bounds", "count": "timing.count", "cycle": "timing.cycle",
    "events": "timing",
}  # fmt: skip
"""Where a part of the sentence is found, for those not named like their field."""
_ROUTE_VERBS = {
    "oral": "take", "rectal": "insert", "vaginal": "insert", "transdermal": "apply", "topical": "apply",
    "subcutaneous": "inject", "intramuscular": "inject", "inhalation": "inhale",
}  # fmt: skip


def say(
    what: Course | Directions | Sequence[Directions], lang: str = "en", form: Form = "plain", profile: str | None = None
) -> str:
    """The sentence for directions (or for several, in order of their sequence) or for a course.

    ``form``: "plain" says every field, "patient" in simple words to the person, "pharmacy" in short.
    ``profile``: "dgmp" gives the German national dosage text, in German.
    Raises RefusedError for what the language, or the profile, has no words for; OptionError for an unknown option.

    >>> from posology.directions import Dose
    >>> say(Directions(Dose(Amount(2, "{tablet}")), Timing(frequency=3, period=1, period_unit="d")))
    '2 tablets 3 times a day.'
    >>> say(Directions(Dose(Amount(2, "{tablet}")), Timing(when=("MORN",))), "de", "patient")
    'Nehmen Sie 2 Tabletten morgens ein.'
    """
    if profile is not None:
        if profile != "dgmp":
            raise OptionError(Problem(f"This profile is not known: {profile!r}.", "", "Use dgmp."))
        if lang != "de":
            raise OptionError(
                Problem(f"The profile dgmp is German text; the language asked for is {lang!r}.", "", "Use de.")
            )
        from posology.wording.dgmp import say_dgmp

        return say_dgmp(what)
    voice = speaker(lang, form)
    if isinstance(what, Directions):
        return voice.steps([([what], None)], None)
    if isinstance(what, Course):
        usual = "continue" if what.phases[-1].length is None else "unknown"
        return voice.steps(
            [(list(p.directions), p.length) for p in what.phases], None if what.after == usual else what.after
        )
    return voice.steps([(group, None) for group in groups(what)], None)


def groups(several: Sequence[Directions]) -> list[list[Directions]]:
    """Directions in order of sequence, equal numbers together; without numbers all are side by side."""
    if not several:
        raise RefusedError(Problem("There are no directions to say."))
    numbers = [d.sequence for d in several]
    if len(several) > 1 and None in numbers and any(n is not None for n in numbers):
        raise RefusedError(
            Problem("Only some of these are numbered by sequence, so that their order is not known.", "", "Number all.")
        )
    found: dict[int, list[Directions]] = {}
    for d in several:
        found.setdefault(d.sequence or 0, []).append(d)
    return [found[n] for n in sorted(found)]


@lru_cache(maxsize=32)
def speaker(lang: str, form: str) -> Speaker:
    """The one speaker of a language and form; made once."""
    if form not in FORMS:
        raise OptionError(Problem(f"This form is not known: {form!r}.", "", f"Use {', '.join(FORMS)}."))
    return Speaker(catalogue(lang, form))


def _every_day(d: Directions) -> Directions:
    """Beside doses of some days: "5 mg at night" is said as "5 mg every day at night", so that no day seems to hold for it."""
    t = d.timing
    plain = (t.when or t.times_of_day) and not (
        t.days_of_week or t.frequency or t.period or t.count or t.cycle or t.events
    )
    return evolve(d, timing=evolve(t, period=_ONE, period_unit="d")) if plain and not d.as_needed else d


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = _capital(text.strip())
    return text if text.endswith((".", "!", "?")) else f"{text}."


class Speaker:
    """Says directions in one language and form; keeps the pieces it has said before."""

    def __init__(self, words: Catalogue) -> None:
        self.c = words
        self.p = words.phrase
        self.patient = words.form == "patient"
        self.pharmacy = words.form == "pharmacy"
        self.gap = ", " if self.pharmacy else " "
        self._amounts: dict[tuple[int, int, str], str] = {}
        self._counts: dict[tuple[int | None, int | None], str] = {}
        self._slots = tuple(
            (name, attrgetter(_FIELD.get(name, name)), getattr(self, f"_{name}"))
            for name in words.order
            if name != "verb_end"
        )
        end = words.order.index("verb_end") if "verb_end" in words.order else len(words.order)
        self._after_verb = frozenset(words.order[end + 1 :])
        self._frequencies: dict[tuple[Any, ...], str] = {}
        self._bounds_said: dict[tuple[int, int, str], str] = {}

    # -- steps ---------------------------------------------------------------------------------------------------

    def steps(self, held: Sequence[tuple[Sequence[Directions], Amount | None]], after: str | None) -> str:
        """All steps in order: those side by side joined by "and", those that follow by "then"."""
        said: list[tuple[str, str, list[str]]] = []
        for members, length in held:
            then = self.p["then"] if said else ""
            said += [
                (then if i == 0 else self.c.and_.strip(), c, n) for i, (c, n) in enumerate(self._step(members, length))
            ]
        end = {"stop": self.p["stop"], "continue": self.p["go_on"]}.get(after or "", "")
        notes = [n for _, _, n in said]
        if any(n != notes[0] for n in notes):
            return self._apart(said, end)
        sign = ";" if self.pharmacy else ","
        text = "".join(f"{sign} {joint} {clause}" if joint else clause for joint, clause, _ in said)
        text = f"{text}{sign} {end}" if end and text else text or end
        return " ".join([_sentence(text)] * bool(text) + notes[0])

    def _apart(self, said: Sequence[tuple[str, str, list[str]]], end: str) -> str:
        """Each step as a sentence of its own, where what is noted of one does not hold for the others."""
        out: list[str] = []
        for joint, clause, notes in said:
            out += [_sentence(f"{joint} {clause}" if joint else clause)] if clause else []
            out += notes
        return " ".join(out + ([_sentence(end)] if end else []))

    def _step(self, members: Sequence[Directions], length: Amount | None) -> list[tuple[str, list[str]]]:
        """One step as one clause with its notes; as several where the notes of those side by side differ."""
        if len(members) == 1:
            return [self._one(members[0], True, True, length)]
        members = [_every_day(d) for d in members] if any(d.timing.days_of_week for d in members) else members
        alone = [self._one(d, True, True, length) for d in members]
        if any(notes != alone[0][1] for _, notes in alone) or len({self._verb(d) for d in members}) > 1:
            return alone
        last = len(members) - 1
        clauses = [self._one(d, i == 0, i == last, None)[0] for i, d in enumerate(members)]
        nested = any(self.c.and_ in x for x in clauses)
        joint = f";{self.c.and_}" if self.pharmacy else f",{self.c.and_}" if nested else None
        text = self.c.list([x for x in clauses if x], joint) if any(clauses) else ""
        if length is not None:
            text = f"{text}, {self._for(Bounds(duration=length))}"
        return [(text, alone[0][1])]

    # -- one direction -------------------------------------------------------------------------------------------

    def _one(self, d: Directions, first: bool, last: bool, length: Amount | None) -> tuple[str, list[str]]:
        parts: list[str] = []
        tail: list[str] = []
        trap = d.dose is not None and (not isinstance(d.dose.amount, Amount) or d.dose.amount.unit == "1")
        before = ""
        for name, there, part in self._slots:
            text = part(d) if there(d) else ""
            if text:
                into = tail if name in self._after_verb else parts
                if parts and not self.pharmacy and self._comma(name, before, text, trap):
                    (tail or parts)[-1] += ","  # "1 3 times a day": two numbers in a row are one trap too many
                into.append(text)
                before = name
        if length is not None:
            own = d.timing.bounds
            if own is None:
                parts.append(self._for(Bounds(duration=length)))
            elif own.duration != length:
                parts[-1:] = [*(f"{p}," for p in parts[-1:]), self._for(Bounds(duration=length))]
        notes = self._notes(d)
        if not parts and not tail and not notes and d.method is None:
            if d.text:
                return d.text.strip().removesuffix("."), []
            raise RefusedError(
                Problem("These directions say nothing that could be said.", "", "Give a dose or a time.")
            )
        verb, end = self._verb(d)
        if self.patient and d.method is None and not parts and not tail:
            verb = end = ""  # advice alone needs no verb before it
        if self.patient and d.dose is None and (verb or end) and (parts or tail):
            comma = "," if parts and parts[0][:1].isdigit() and not self._frequency(d) else ""
            parts.insert(0, self.c.patient["no_dose"] + comma)
        if verb and first:
            parts[:1] = [f"{verb} {parts[0]}" if parts else verb]
        if end and last:
            if tail and parts and parts[-1].endswith(","):
                parts[-1] = parts[-1].removesuffix(",")
                end += ","
            parts[-1:] = [f"{parts[-1]} {end}" if parts else end]
        return self.gap.join(parts + tail), notes

    @staticmethod
    def _comma(name: str, before: str, text: str, trap: bool) -> bool:
        if name == "cycle" or before == "duration":
            return True
        if name == "min_gap" and before:
            return False
        if not text[:1].isdigit():
            return False
        return name != "frequency" or (trap and before == "dose")

    def _verb(self, d: Directions) -> tuple[str, str]:
        if d.method is not None:
            said, known = self.c.say_concept("method", d.method)
            if not known:
                word = str(said)
                return word[:1].lower() + word[1:], ""
            return (said[2], said[3]) if self.patient else (said[0], said[1])
        if not self.patient:
            return "", ""
        verbs = self.c.concept["method"]
        found = verbs[self._usual_verb(d)]
        return found[2], found[3]

    def _usual_verb(self, d: Directions) -> str:
        route = None
        if d.route is not None:
            route = concept_key("route", d.route.words, d.route.code, d.route.system)
            if route is None:
                return self.c.patient["default_verb"]
            return _ROUTE_VERBS.get(route, self.c.patient["default_verb"])
        unit = d.dose.most.unit if d.dose is not None and d.dose.most is not None else ""
        if d.site is None:
            return "take" if unit in _TAKEN else self.c.patient["default_verb"]
        site = concept_key("site", d.site.words, d.site.code, d.site.system)
        return "apply" if site in _SKIN and unit in ("", *_SPREAD) else self.c.patient["default_verb"]

    def rhythm(self, d: Directions) -> str:
        """Only when: how often, at which parts of the day, on which days; "" where nothing is said of it."""
        parts = (self._frequency(d), self._when(d), self._days(d), self._times_of_day(d))
        return " ".join(p for p in parts if p)

    def _dose(self, d: Directions) -> str:
        dose = d.dose
        if dose is None:
            return ""
        if isinstance(dose.amount, Amount):
            return self.amount(dose.amount)
        return self._range(dose.amount, dose.strict)

    def _dose_type(self, d: Directions) -> str:
        kind = d.dose_type
        if kind is None or "ordered" in (kind.code, kind.words.lower()):
            return ""
        if "calculated" in (kind.code, kind.words.lower()):
            return self.p["calculated"]
        if not kind.words:
            raise RefusedError(Problem(f"There is only a code for the kind of dose: {kind.code!r}.", "dose type"))
        return self.p["dose_type"].format(x=kind.words)

    def _rate(self, d: Directions) -> str:
        rate = d.rate
        if rate is None:
            return ""
        x = self.amount(rate.amount) if isinstance(rate.amount, Amount) else self._range(rate.amount)
        per = rate.per
        if per is not None:
            if per.unit in self.c.time:
                t = self.c.time[per.unit]
                x = t.rate.format(x=x) if per.value == 1 else f"{x} {self._in(per)}"
            else:
                x = self.p["per"].format(x=x, t=self.amount(per))
        return self.p["rate"].format(x=x)

    def _duration(self, d: Directions) -> str:
        t = d.timing
        if t.duration is None or t.duration_unit is None:
            return ""
        return self.p["over"].format(x=self._times(t.duration, t.duration_max, t.duration_unit))

    def _frequency(self, d: Directions) -> str:
        t = d.timing
        if t.frequency is None and t.frequency_max is None and t.period is None:
            return ""
        if self.patient and self._daily_once(t):
            return ""
        period, longest = t.period, t.period_max
        key = (
            t.frequency, t.frequency_max, t.period_unit, period and (period.numerator, period.denominator),
            longest and (longest.numerator, longest.denominator),
        )  # fmt: skip
        said = self._frequencies.get(key)
        if said is None:
            said = self._say_frequency(t)
            if len(self._frequencies) < 10_000:
                self._frequencies[key] = said
        return said

    def _daily_once(self, t: Timing) -> bool:
        if t.frequency != 1 or t.frequency_max is not None or t.period != 1 or t.period_max or t.period_unit != "d":
            return False
        return (len(t.when) == 1 and t.when[0] not in _MEALS) or len(t.times_of_day) == 1

    def _say_frequency(self, t: Timing) -> str:
        if t.period is None or t.period_unit is None:
            return self.times(t.frequency, t.frequency_max)
        unit = self.c.time[t.period_unit]
        once = t.frequency in (None, 1) and t.frequency_max in (
            None,
            t.frequency,
        )  # "up to once a day" is not every day
        if t.period == 1 and t.period_max in (None, _ONE):
            if once and (t.frequency is None or t.period_unit in ("s", "min", "h")):
                return unit.every_one
            return unit.times.format(times=self.times(t.frequency, t.frequency_max))
        n = self.c.number(t.period)
        if t.period_max is not None and t.period_max != t.period:
            n = self.p["range"].format(low=n, high=self.c.number(t.period_max))
        every = unit.every_other.format(n=n)
        if once:
            return every
        return self.p["times_every"].format(times=self.times(t.frequency, t.frequency_max), every=every)

    def times(self, least: int | None, most: int | None) -> str:
        """How many times: once, twice, 3 times, 2 to 3 times, up to 3 times."""
        key = (least, most)
        said = self._counts.get(key)
        if said is None:
            if most is None or least == most:
                n = least if least is not None else 1
                name = "once" if n == 1 else "twice" if n == 2 else "times"
                said = self.p[name].format(n=n)
            elif least is None and most == 1:
                said = self.p["upto"].format(x=self.p["once"])
            elif least is None:
                said = self.p["times_upto"].format(n=most)
            else:
                said = self.p["times"].format(n=self.p["range"].format(low=least, high=most))
            self._counts[key] = said
        return said

    def _when(self, d: Directions) -> str:
        t = d.timing
        if not t.when:
            return ""
        if t.offset:
            minutes = self._offset(t.offset)
            return self.c.list([self.c.offset[w].format(t=minutes) for w in t.when])
        if len(t.when) == 1:
            return self.c.when[t.when[0]]
        return self.c.list([self.c.when[w] for w in t.when])

    def _offset(self, minutes: int) -> str:
        if self.patient and minutes % 60 == 0:
            return self._times(Fraction(minutes, 60), None, "h")
        return self._times(Fraction(minutes), None, "min")

    def _days(self, d: Directions) -> str:
        days = d.timing.days_of_week
        return self.p["days"].format(x=self.c.list([self.c.day[x] for x in days])) if days else ""

    def _times_of_day(self, d: Directions) -> str:
        held = d.timing.times_of_day
        return self.p["times_of_day"].format(x=self.c.list([self._clock(x) for x in held])) if held else ""

    def _clock(self, text: str) -> str:
        if self.patient and self.c.patient.get("clock") == "12" and len(text) == 5:
            hour = int(text[:2])
            return f"{hour % 12 or 12}{text[2:]} {'am' if hour < 12 else 'pm'}"
        return text

    def _concept(self, kind: str, concept: Concept | None) -> str:
        if concept is None:
            return ""
        said, known = self.c.say_concept(kind, concept)
        if not known:
            return self.p[kind].format(x=said)
        # "nehmen Sie ... zum Einnehmen ein" says one thing twice; the patient's phrase may differ
        key = concept_key(kind, concept.words, concept.code, concept.system) if self.patient else None
        return self.c.patient.get(f"{kind}_{key}", str(said))

    def _route(self, d: Directions) -> str:
        return self._concept("route", d.route)

    def _site(self, d: Directions) -> str:
        return self._concept("site", d.site)

    def _as_needed(self, d: Directions) -> str:
        if not d.as_needed:
            return ""
        if not d.as_needed_for:
            return self.p["as_needed"]
        held = [self.c.say_concept("reason", c) for c in d.as_needed_for]
        name = "as_needed_for" if all(known for _, known in held) else "as_needed_free"
        return self.p[name].format(x=self.c.list([str(x) for x, _ in held], self.c.or_))

    def _min_gap(self, d: Directions) -> str:
        return "" if d.min_gap is None else self.p["min_gap"].format(x=self._length(d.min_gap))

    def _bounds(self, d: Directions) -> str:
        return "" if d.timing.bounds is None else self._for(d.timing.bounds)

    def _for(self, b: Bounds) -> str:
        if b.duration is not None:
            value = b.duration.value
            key = (value.numerator, value.denominator, b.duration.unit)
            said = self._bounds_said.get(key)
            if said is None:
                said = self._bounds_said[key] = self.p["for"].format(x=self._length(b.duration))
            return said
        if b.low is not None or b.high is not None:
            if b.low is None or b.high is None:
                name = "for_upto" if b.low is None else "for_atleast"
                end = b.high or b.low
                assert end is not None  # one of the two is there
                return self.p[name].format(x=self._length(end))
            if b.low.unit == b.high.unit:
                return self.p["for"].format(x=self._times(b.low.value, b.high.value, b.low.unit))
            both = self.p["range"].format(low=self._length(b.low), high=self._length(b.high))
            return self.p["for"].format(x=both)
        start = self._date(b.start) if b.start else ""
        end_ = self._date(b.end) if b.end else ""
        name = "from_until" if start and end_ else "from" if start else "until"
        return self.p[name].format(start=start, end=end_)

    def _count(self, d: Directions) -> str:
        t = d.timing
        if t.count is None:
            return ""
        if t.count == 1 and t.count_max in (None, 1):
            return self.p["count_one"]
        if t.count_max is None or t.count_max == t.count:
            return self.p["count"].format(n=t.count)
        return self.p["count"].format(n=self.p["range"].format(low=t.count, high=t.count_max))

    def _cycle(self, d: Directions) -> str:
        c = d.timing.cycle
        if c is None:
            return ""
        return self.p["cycle"].format(
            on=self._times(Fraction(c.on), None, "d"), off=self._times(Fraction(c.off), None, "d")
        )

    def _events(self, d: Directions) -> str:
        t = d.timing
        if t.events:
            return self.p["events"].format(x=self.c.list([self._date(e) for e in t.events]))
        if t.code is not None and t.frequency is None and t.frequency_max is None and t.period is None:
            if t.when or t.days_of_week or t.times_of_day:
                return ""
            if not t.code.words:
                raise RefusedError(Problem(f"There is only a code for the timing: {t.code.code!r}.", "timing"))
            return self.p["code"].format(x=t.code.words)
        return ""

    def _indication(self, d: Directions) -> str:
        if d.indication is None:
            return ""
        said, _ = self.c.say_concept("reason", d.indication)
        return self.p["indication"].format(x=said)

    def _notes(self, d: Directions) -> list[str]:
        out: list[str] = []
        for m in d.max_per_period:
            out.append(_sentence(self._max(m)))
        if d.max_per_administration is not None:
            out.append(_sentence(self.p["max_dose"].format(x=self.amount(d.max_per_administration))))
        if d.max_per_lifetime is not None:
            out.append(_sentence(self.p["max_life"].format(x=self.amount(d.max_per_lifetime))))
        for c in d.instructions:
            said, known = self.c.say_concept("instruction", c)
            out.append(_sentence(str(said) if known else self.p["note"].format(x=said)))
        if d.patient_instruction:
            out.append(_sentence(d.patient_instruction))
        return out

    def _max(self, m: MaxDose) -> str:
        return self.p["max_period"].format(x=self.amount(m.amount), **{"in": self._in(m.per)})

    # -- amounts, times and dates --------------------------------------------------------------------------------

    def amount(self, a: Amount) -> str:
        """An amount with its unit in words; a number alone where there is no unit."""
        value = a.value
        key = (value.numerator, value.denominator, a.unit)
        said = self._amounts.get(key)
        if said is None:
            said = self._say_amount(value, a.unit)
            if len(self._amounts) < 10_000:
                self._amounts[key] = said
        return said

    def _number(self, value: Fraction, unit: str) -> str:
        return self.c.mixed(value) if self.patient and unit[:1] == "{" else self.c.number(value)

    def _say_amount(self, value: Fraction, unit: str) -> str:
        if unit in self.c.time:
            return self._times(value, None, unit)
        one, other, half = self._unit(unit)
        if self.patient and half and value == Fraction(1, 2):
            return half
        return f"{self._number(value, unit)} {one if self.c.is_one(value) else other}".rstrip()

    def _unit(self, unit: str) -> tuple[str, str, str]:
        if unit == "1":
            return "", "", ""
        forms = self.c.unit.get(unit)
        if forms is not None:
            return forms[0], forms[1], forms[2] if len(forms) > 2 else ""
        head, slash, per = unit.partition("/")
        sign = {"kg": "/kg", "m2": "/m²", "h": "/h"}.get(per)
        if slash and sign and head in self.c.unit:
            return f"{self.c.unit[head][0]}{sign}", f"{self.c.unit[head][1]}{sign}", ""
        raise RefusedError(
            Problem(f"This unit has no words in the language {self.c.language!r}: {UNITS[unit].name}.", "unit")
        )

    def _range(self, r: Range, strict: bool = False) -> str:
        if r.low is None or r.high is None:
            end = r.high or r.low
            assert end is not None  # one of the two is there
            names = ("lessthan", "morethan") if strict else ("upto", "atleast")
            return self.p[names[0 if r.low is None else 1]].format(x=self.amount(end))
        if r.low.unit != r.high.unit:
            return self.p["range_mixed"].format(low=self.amount(r.low), high=self.amount(r.high))
        if r.low.value == r.high.value:
            return self.amount(r.high)
        if r.low.unit in self.c.time:
            return self._times(r.low.value, r.high.value, r.low.unit)
        one, other, _ = self._unit(r.low.unit)
        n = self.p["range"].format(
            low=self._number(r.low.value, r.low.unit), high=self._number(r.high.value, r.high.unit)
        )
        return f"{n} {one if self.c.is_one(r.high.value) else other}".rstrip()

    def _times(self, value: Fraction, most: Fraction | None, unit: str) -> str:
        words = self.c.time[unit]
        n = self.c.number(value)
        if most is not None and most != value:
            n = self.p["range"].format(low=n, high=self.c.number(most))
            value = most
        return (words.one if self.c.is_one(value) else words.other).format(n=n)

    def _length(self, a: Amount) -> str:
        if a.kind not in _TIME_KINDS:
            raise RefusedError(Problem(f"This is not a length of time: {a}.", "bounds"))
        return self._times(a.value, None, a.unit)

    def _in(self, per: Amount) -> str:
        words = self.c.time.get(per.unit)
        if words is None:
            raise RefusedError(Problem(f"This is not a period of time: {per}.", "maximum"))
        return (words.in_one if self.c.is_one(per.value) else words.in_other).format(n=self.c.number(per.value))

    def _date(self, iso: str) -> str:
        date, _, clock = iso.partition("T")
        year, *rest = date.split("-")
        if not rest:
            said = year
        elif len(rest) == 1:
            said = self.p["month_year"].format(month=self.c.month[int(rest[0]) - 1], year=year)
        else:
            day = self.p["first_of_month"] if rest[1] == "01" else int(rest[1])
            said = self.p["date"].format(day=day, month=self.c.month[int(rest[0]) - 1], year=year)
        if not clock:
            return said
        plain = clock[:5]
        tail = clock[5:]
        if tail.startswith(":"):
            seconds, tail = tail[:3], tail[3:]
            plain += "" if seconds == ":00" else seconds
        zone = tail[tail.rfind("Z") :] if "Z" in tail else tail[-6:] if len(tail) >= 6 else ""
        plain = self.p["clock_of_date"].format(clock=plain)
        if zone:
            offset = "" if zone in ("Z", "+00:00", "-00:00") else zone
            plain = self.p["zone"].format(clock=plain, zone=offset)
        return self.p["at_clock"].format(date=said, clock=plain)
