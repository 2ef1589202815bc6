"""What is said keeps every fact in every language: each number once, each unit, day, time, and word of meaning."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

import pytest
from attrs import evolve
from babel import Locale
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from posology.amount import Amount, Range, decimal_text
from posology.directions import Bounds, Concept, Cycle, Directions, Dose, MaxDose, Rate, Timing
from posology.errors import RefusedError
from posology.wording import say
from posology.wording.catalogue import LANGUAGES
from posology.wording.saying import Speaker, speaker
from tests.making import directions as any_directions
from tests.making import said_something

MEANING: dict[str, dict[str, str]] = {
    "as needed": {"en": "as needed", "de": "bei Bedarf", "fr": "si besoin", "es": "si es necesario", "it": "al bisogno",
                  "nl": "zo nodig", "pt": "se necessário"},
    "maximum": {"en": "no more than", "de": "höchstens", "fr": "pas plus", "es": "no más", "it": "non più", "nl": "niet meer",
                "pt": "não mais"},
    "rate": {"en": "rate", "de": "rate", "fr": "débit", "es": "velocidad", "it": "velocità", "nl": "snelheid", "pt": "velocidade"},
    "at least": {"en": "at least", "de": "mindestens", "fr": "au moins", "es": "al menos", "it": "almeno", "nl": "minstens",
                 "pt": "pelo menos"},
    "less": {"en": "less than", "de": "weniger als", "fr": "moins de", "es": "menos de", "it": "meno di", "nl": "minder dan",
             "pt": "menos de"},
    "more": {"en": "more than", "de": "mehr als", "fr": "plus de", "es": "más de", "it": "più di", "nl": "meer dan", "pt": "mais de"},
    "once": {"en": "once", "de": "einmal", "fr": "une (?:seule )?fois", "es": "una (?:sola )?vez", "it": "una (?:sola )?volta",
             "nl": "eenmaal", "pt": "uma (?:única )?vez"},
    "MORN": {"en": "morning", "de": "morgens", "fr": "matin", "es": "mañana", "it": "mattino", "nl": "ochtend", "pt": "manhã"},
    "NOON": {"en": "noon", "de": "mittags", "fr": "midi", "es": "mediodía", "it": "mezzogiorno", "nl": "middaguur", "pt": "meio-dia"},
    "EVE": {"en": "evening", "de": "abends", "fr": "soir", "es": "anochecer", "it": "sera", "nl": "avond", "pt": "anoitecer"},
    "NIGHT": {"en": "night", "de": "nachts", "fr": "la nuit", "es": "noche", "it": "notte", "nl": "nacht", "pt": "noite"},
    "HS": {"en": "bedtime", "de": "Schlafengehen", "fr": "coucher", "es": "dormir", "it": "dormire", "nl": "slapen", "pt": "dormir"},
    "WAKE": {"en": "waking", "de": "Aufwachen", "fr": "réveil", "es": "despertar", "it": "risveglio", "nl": "wakker", "pt": "acordar"},
    "C": {"en": "with meals", "de": "zu den Mahlzeiten", "fr": "pendant les repas", "es": "con las comidas",
          "it": "durante i pasti", "nl": "bij de maaltijden", "pt": "com as refeições"},
    "AC": {"en": "before meals", "de": "vor den Mahlzeiten", "fr": "avant les repas", "es": "antes de las comidas",
           "it": "prima dei pasti", "nl": "voor de maaltijden", "pt": "antes das refeições"},
    "PC": {"en": "after meals", "de": "nach den Mahlzeiten", "fr": "après les repas", "es": "después de las comidas",
           "it": "dopo i pasti", "nl": "na de maaltijden", "pt": "depois das refeições"},
    "ACM": {"en": "before breakfast", "de": "vor dem Frühstück", "fr": "avant le petit-déjeuner", "es": "antes del desayuno",
            "it": "prima della colazione", "nl": "voor het ontbijt", "pt": "antes do pequeno-almoço"},
    "PCV": {"en": "after dinner", "de": "nach dem Abendessen", "fr": "après le dîner", "es": "después de la cena",
            "it": "dopo la cena", "nl": "na het avondeten", "pt": "depois do jantar"},
    "mon": {"en": "Monday", "de": "montags", "fr": "lundi", "es": "lunes", "it": "lunedì", "nl": "maandag", "pt": "segunda"},
    "thu": {"en": "Thursday", "de": "donnerstags", "fr": "jeudi", "es": "jueves", "it": "giovedì", "nl": "donderdag", "pt": "quinta"},
    "sun": {"en": "Sunday", "de": "sonntags", "fr": "dimanche", "es": "domingos", "it": "domenica", "nl": "zondag", "pt": "domingo"},
    "h": {"en": "hour", "de": "Stunde", "fr": "heure", "es": "hora", "it": r"or[ae]\b", "nl": "uur", "pt": "hora"},
    "d": {"en": "day", "de": "T[aä]g", "fr": "jour", "es": "día", "it": "giorn", "nl": "dag", "pt": "dia"},
    "wk": {"en": "week", "de": "Woche", "fr": "semaine", "es": "semana", "it": "settiman", "nl": "we(?:ek|ken)", "pt": "semana"},
    "min": {"en": "minute", "de": "Minute", "fr": "minute", "es": "minuto", "it": "minut", "nl": "minu", "pt": "minuto"},
    "mo": {"en": "month", "de": "Monat", "fr": "mois", "es": "mes", "it": "mes", "nl": "maand", "pt": "m[eê]s"},
    "mg": dict.fromkeys(LANGUAGES, "mg"),
    "mL": dict.fromkeys(LANGUAGES, "m[lL]"),
    "g": dict.fromkeys(LANGUAGES, r"\bg\b"),
    "{tablet}": {"en": "tablet", "de": "Tablette", "fr": "comprimé", "es": "comprimido", "it": "compress", "nl": "tablet",
                 "pt": "comprimido"},
    "{drop}": {"en": "drop", "de": "Tropfen", "fr": "goutte", "es": "gota", "it": "gocc", "nl": "druppel", "pt": "gota"},
    "{puff}": {"en": "puff", "de": "H[uü]b", "fr": "bouffée", "es": "puff", "it": "puff", "nl": "puf", "pt": "jato"},
}  # fmt: skip
WHENS = ("MORN", "NOON", "EVE", "NIGHT", "HS", "WAKE", "C", "AC", "PC", "ACM", "PCV")
UNITS = ("mg", "mL", "g", "{tablet}", "{drop}", "{puff}", "1")
TIMES = ("min", "h", "d", "wk", "mo")
DIGITS = re.compile(r"\d+(?:[.,]\d+)?(?:/\d+)?")


def facts(d: Directions, lang: str) -> tuple[Counter[str], list[str]]:
    """The numbers a sentence must hold, no more and no fewer, and the patterns that must be in it."""
    n: list[Fraction] = []
    words: list[str] = []

    def need(*keys: str) -> None:
        words.extend(MEANING[k][lang] for k in keys if k != "1")

    def amount(a: Amount | Range, strict: bool = False) -> None:
        if isinstance(a, Range):
            ends = [e for e in (a.low, a.high) if e is not None]
            if len(ends) == 2 and a.low == a.high:
                ends = ends[:1]
            elif len(ends) == 1 and (strict or a.high is None):
                need("less" if strict and a.high else "more" if strict else "at least")
        else:
            ends = [a]
        n.extend(e.value for e in ends)
        need(*(e.unit for e in ends))

    def span(low: Fraction, high: Fraction | None, unit: str) -> None:
        n.extend([low] if high in (None, low) else [low, high])  # type: ignore[list-item]
        need(unit)

    if d.dose is not None:
        amount(d.dose.amount, d.dose.strict)
    if d.rate is not None:
        need("rate")
        amount(d.rate.amount)
        if d.rate.per is not None:
            need(d.rate.per.unit)
    for m in d.max_per_period:
        need("maximum", m.per.unit)
        amount(m.amount)
        n.append(m.per.value)
    for most in (d.max_per_administration, d.max_per_lifetime):
        if most is not None:
            need("maximum")
            amount(most)
    if d.as_needed:
        need("as needed")
    if d.min_gap is not None:
        need("at least")
        span(d.min_gap.value, None, d.min_gap.unit)
    t = d.timing
    often, most_often = t.frequency, t.frequency_max
    once = often in (None, 1) and most_often in (None, 1)
    if t.period is not None:
        assert t.period_unit is not None
        need(t.period_unit)
        if t.period != 1 or t.period_max not in (None, t.period):
            n.extend([t.period] if t.period_max in (None, t.period) else [t.period, t.period_max])  # type: ignore[list-item]
        elif often == 1 and once and t.period_unit not in ("s", "min", "h"):
            need("once")
    if often is not None or most_often is not None:
        if most_often is None or often == most_often:
            assert often is not None
            if often == 1 and t.period is None:
                need("once")
            if often > 1 and not (often == 2 and lang == "en"):
                n.append(Fraction(often))
            elif often == 2:
                words.append("[Tt]wice")
        else:
            n.extend(Fraction(x) for x in (often, most_often) if x is not None)
    if t.count is not None:
        if t.count == 1 and t.count_max in (None, 1):
            need("once")
        else:
            n.extend(
                [Fraction(t.count)] if t.count_max in (None, t.count) else [Fraction(t.count), Fraction(t.count_max)]
            )  # type: ignore[arg-type]
    if t.duration is not None:
        assert t.duration_unit is not None
        span(t.duration, t.duration_max, t.duration_unit)
    if t.offset:
        n += [Fraction(t.offset)] * len(t.when)
        need("min")
    need(*t.when, *t.days_of_week)
    words.extend(re.escape(c) for c in t.times_of_day)
    if t.cycle is not None:
        n += [Fraction(t.cycle.on), Fraction(t.cycle.off)]
    b = t.bounds
    if b is not None:
        ends = [x for x in (b.duration, b.low, b.high) if x is not None]
        if b.low is not None and b.low == b.high:
            ends = ends[:1]
        n += [x.value for x in ends]
        need(*(x.unit for x in ends))
    for iso in (*t.events, *((b.start, b.end) if b is not None else ())):
        if iso:
            day, _, clock = iso.partition("T")
            year, month, date = (int(x) for x in day.split("-"))
            n += [Fraction(year), Fraction(date)]
            words.append(Locale.parse(lang).months["format"]["wide"][month])
            if clock:
                words.append(re.escape(clock[:5]))
    for c in (d.route, d.site, d.indication, *d.as_needed_for, *d.instructions):
        if c is not None:
            words.append(re.escape(c.words))
    if d.patient_instruction:
        words.append(re.escape(d.patient_instruction[1:]))
    sign = "." if lang == "en" else ","
    return Counter(decimal_text(x).replace(".", sign) for x in n), words


SIGNS = {"½": "5", "¼": "25", "¾": "75"}


def lost(d: Directions, lang: str, form: str, text: str) -> list[str]:
    """What the patient or pharmacy form lacks: numbers, units, days and moments; their own words differ."""
    numbers, _ = facts(d, lang)
    dot = "." if lang == "en" else ","
    plain_text = re.sub(r"(\d*)([½¼¾])", lambda m: f"{m[1] or 0}{dot}{SIGNS[m[2]]}", text)
    plain_text = re.sub(r"\d{1,2}:\d\d", "", plain_text)
    said = Counter(DIGITS.findall(plain_text))
    out = [f"number {x}" for x in numbers - said]
    out += [f"invented {x}" for x in said - numbers if form == "patient" or x not in ("1", "2")]  # "1 x", "2 x" a day
    keys = [*d.timing.when, *d.timing.days_of_week]
    if d.dose is not None:
        keys += [e.unit for e in (d.dose.least, d.dose.most) if e is not None and e.unit != "1"]
    return out + [k for k in keys if not re.search(MEANING[k][lang], text, re.IGNORECASE)]


def missing(d: Directions, lang: str, text: str) -> list[str]:
    """What a sentence lacks, and the numbers it invents."""
    numbers, words = facts(d, lang)
    out = [w for w in words if not re.search(w, text, re.IGNORECASE)]
    rest = re.sub(r"\d\d:\d\d", "", text)
    said = Counter(DIGITS.findall(rest))
    if said != numbers:
        out.append(f"numbers {dict(said)} instead of {dict(numbers)}")
    if re.search(r"\{|\}|None|&#|\bnull\b|\bundefined\b", text):
        out.append("a piece of a template")
    return out


decimals = st.builds(lambda n, e: Fraction(n, 10**e), st.integers(1, 2000), st.integers(0, 2))


@st.composite
def ranged(draw: st.DrawFn) -> Range:
    unit = draw(st.sampled_from(UNITS))
    low, high = sorted((draw(decimals), draw(decimals)))
    shape = draw(st.sampled_from(("both", "low", "high")))
    return Range(None if shape == "high" else Amount(low, unit), None if shape == "low" else Amount(high, unit))


amount = st.builds(Amount, decimals, st.sampled_from(UNITS))
word = st.text("abcxyzäéñ", min_size=3, max_size=8).map(lambda t: Concept(f"x{t}"))
lasting = st.builds(Amount, st.integers(1, 60), st.sampled_from(TIMES))
longer = st.one_of(st.none(), st.integers(0, 5))


@st.composite
def plain(draw: st.DrawFn) -> Directions:
    f: dict[str, object] = {}
    if draw(st.booleans()):
        low = draw(st.integers(1, 6))
        shape = draw(st.sampled_from(("one", "range", "up to")))
        if shape != "up to":
            f["frequency"] = low
        if shape != "one":
            f["frequency_max"] = low + draw(st.integers(0 if shape == "range" else 1, 3))
    if draw(st.booleans()):
        f["period"] = draw(st.one_of(st.just(Fraction(1)), decimals))
        f["period_unit"] = draw(st.sampled_from(TIMES))
        more = draw(longer)
        if more is not None:
            f["period_max"] = f["period"] + more  # type: ignore[operator]
    kind = draw(st.sampled_from(("when", "clock", "none")))
    if kind == "when":
        f["when"] = tuple(draw(st.lists(st.sampled_from(WHENS), min_size=1, max_size=3, unique=True)))
        if draw(st.booleans()):
            f["when"] = (draw(st.sampled_from(("AC", "ACM", "PC", "PCV"))),)
            f["offset"] = draw(st.integers(1, 90))
    elif kind == "clock":
        f["times_of_day"] = tuple(
            f"{h:02}:30" for h in draw(st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True))
        )
    f["days_of_week"] = tuple(draw(st.lists(st.sampled_from(("mon", "thu", "sun")), max_size=3, unique=True)))
    if draw(st.booleans()):
        f["count"] = draw(st.integers(1, 9))
        more = draw(longer)
        if more is not None:
            f["count_max"] = f["count"] + more  # type: ignore[operator]
    if draw(st.booleans()):
        f["duration"], f["duration_unit"] = draw(decimals), draw(st.sampled_from(("min", "h")))
    if draw(st.booleans()):
        unit = draw(st.sampled_from(TIMES))
        low, high = sorted((draw(st.integers(1, 30)), draw(st.integers(1, 30))))
        f["bounds"] = draw(st.sampled_from((
            Bounds(duration=Amount(low, unit)), Bounds(low=Amount(low, unit), high=Amount(high, unit)), Bounds(high=Amount(high, unit)),
            Bounds(low=Amount(low, unit)), Bounds(start="2026-03-29T08:30:00+01:00"), Bounds(end="2027-01-01"),
            Bounds(start="2026-11-24", end="2026-12-01T20:15:00Z"),
        )))  # fmt: skip
    if draw(st.integers(0, 5)) == 0:
        f["events"] = ("2026-05-09T07:05:00Z", "2026-06-01")
    if draw(st.integers(0, 4)) == 0:
        f["cycle"] = Cycle(draw(st.integers(1, 28)), draw(st.integers(1, 14)))
    as_needed = draw(st.booleans())
    dose = draw(st.one_of(st.none(), amount, ranged()))
    strict = isinstance(dose, Range) and None in (dose.low, dose.high) and draw(st.booleans())
    maybe = st.one_of(st.none(), word)
    return Directions(
        dose=None if dose is None else Dose(dose, strict=strict),
        timing=Timing(**f),  # type: ignore[arg-type]
        rate=draw(st.one_of(st.none(), st.builds(Rate, amount, st.sampled_from((None, Amount(1, "h"), Amount(1, "min")))))),
        as_needed=as_needed,
        as_needed_for=tuple(draw(st.lists(word, max_size=2))) if as_needed else (),
        route=draw(maybe), site=draw(maybe), indication=draw(maybe),
        max_per_period=tuple(draw(st.lists(st.builds(MaxDose, amount, lasting), max_size=2))),
        max_per_administration=draw(st.one_of(st.none(), amount)),
        max_per_lifetime=draw(st.one_of(st.none(), amount)),
        instructions=tuple(draw(st.lists(word, max_size=2))),
        patient_instruction=draw(st.sampled_from(("", "Bitte gut schütteln"))),
        min_gap=draw(st.one_of(st.none(), st.builds(Amount, st.integers(1, 24), st.sampled_from(("min", "h"))))),
    )  # fmt: skip


LAW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TABLETS = Directions(Dose(Amount(2, "{tablet}")), Timing(frequency=3, period=1, period_unit="d", days_of_week=("mon",)),
                     as_needed=True, max_per_period=(MaxDose(Amount(8, "{tablet}"), Amount(24, "h")),))  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
@LAW
@given(d=plain())
@example(d=TABLETS)
def test_every_fact_is_kept_and_no_number_invented(lang: str, d: Directions) -> None:
    assume(said_something(d))
    assert missing(d, lang, say(d, lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", ["patient", "pharmacy"])
@settings(LAW, max_examples=30)
@given(d=plain())
@example(d=TABLETS)
def test_no_number_unit_or_moment_is_lost_in_the_other_forms(lang: str, form: str, d: Directions) -> None:
    assume(said_something(d))
    counted = d.dose is not None and any(
        e is not None and e.value == Fraction(1, 2) for e in (d.dose.least, d.dose.most)
    )
    maxima = [m.amount for m in d.max_per_period] + [a for a in (d.max_per_administration, d.max_per_lifetime) if a]
    assume(not counted and all(a.value != Fraction(1, 2) for a in maxima))  # "half a tablet" has no figure
    assume(d.rate is None or not isinstance(d.rate.amount, Amount) or d.rate.amount.value != Fraction(1, 2))
    assume((d.timing.offset or 1) % 60)  # an hour is said as 1 hour
    assert lost(d, lang, form, say(d, lang, form)) == []  # type: ignore[arg-type]


def test_the_law_of_the_other_forms_catches_a_lost_number() -> None:
    assert lost(
        TABLETS, "en", "patient", "Take 2 tablets on Monday if you need it. Do not use more than 8 tablets in 24 hours."
    )
    assert lost(
        TABLETS, "de", "pharmacy", "2 Tabletten, 3x täglich, montags, bei Bedarf. Max. 9 Tabletten in 24 Stunden."
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("fault", ["as_needed", "days", "frequency", "amount", "notes", "number"])
def test_the_law_catches_a_language_that_drops_or_changes_something(
    lang: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert missing(TABLETS, lang, say(TABLETS, lang)) == []
    faults = {
        "as_needed": ("_as_needed", lambda self, d: ""),
        "days": ("_days", lambda self, d: ""),
        "frequency": ("_say_frequency", lambda self, t: self.c.time["d"].times.format(times=self.times(2, None))),
        "amount": ("amount", lambda self, a: self._say_amount(a.value + 1, a.unit)),
        "notes": ("_notes", lambda self, d: []),
        "number": ("_times", lambda self, value, most, unit: self.c.time[unit].other.format(n="7")),
    }
    name, planted = faults[fault]
    monkeypatch.setattr(Speaker, name, planted)
    held = speaker.__wrapped__(lang, "plain")
    shown = evolve(TABLETS, timing=evolve(TABLETS.timing, bounds=Bounds(duration=Amount(5, "d"))))
    assert missing(shown, lang, held.steps([([shown], None)], None))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", ["plain", "patient", "pharmacy"])
@settings(LAW, max_examples=30)
@given(d=any_directions())
def test_every_field_in_every_language_and_form_has_words_or_is_refused_by_name(
    lang: str, form: str, d: Directions
) -> None:
    assume(said_something(d))
    text = "refused by name"
    with contextlib.suppress(RefusedError):
        text = say(d, lang, form)  # type: ignore[arg-type]
    assert text.strip()
    assert not re.search(r"\{[a-z]*\}|Fraction\(|Amount\(", text)


def _free(words: Iterable[str]) -> Directions:
    return Directions(Dose(Amount(1, "mg")), instructions=tuple(Concept(w) for w in words))


@pytest.mark.parametrize("text", ['Take with {x} and </b> & "quotes"', "50 % / 2", "n°5; ñ"])
def test_free_text_is_passed_on_as_it_is(text: str) -> None:
    for lang in LANGUAGES:
        assert text[1:] in say(_free([text]), lang)


@pytest.mark.parametrize("field", ["route", "site", "method", "indication", "dose_type"])
def test_a_bare_code_is_never_said(field: str) -> None:
    d = evolve(TABLETS, **{field: Concept(code="999999", system="http://example.org")})
    for lang in LANGUAGES:
        with pytest.raises(RefusedError, match="999999"):
            say(d, lang)
