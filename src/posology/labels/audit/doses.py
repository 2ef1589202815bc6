"""Turns a page and a reference into findings on numbers: another maximum, amount, unit, period, interval, length, age or threshold.

Knows no medicine. A number is called wrong only where the reference holds numbers of that kind and not this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from posology.labels.audit.figures import figures
from posology.labels.audit.highest import DOSES_ABOVE, MAXIMAL, NOT_ADVISED, equal, say, tops
from posology.labels.audit.measures import other_measures
from posology.labels.audit.page import Line, Page
from posology.labels.audit.reference import (
    LASTING,
    STEP,
    DoseFact,
    Evidence,
    Limit,
    Reference,
    ages_in,
    base,
    counted,
    groups,
    hours_in,
    kind,
    uses,
)
from posology.labels.audit.stopping import Finding
from posology.labels.audit.strangers import of_another, taken_with
from posology.labels.extract.limit_words import DOSE, period, unit_name, value_of

_START = re.compile(
    r"\b(?:start\w*|begin\w*|first\s+(?:dose|day|week)|first\s+(?:\d+|two|three|four|five|seven|few)\s+days|initial\w*|at\s+first|to\s+begin|day\s+(?:1|one))\b",
    re.I,
)
_NOT_START = re.compile(
    r"\b(?:then|after(?:wards)?|later|usual\s+dose|maintenance|normal\s+dose|doubl\w+|go(?:es)?\s+up|ris\w+|rais\w+|increas\w+|up\s+to|maximum|highest|most)\b",
    re.I,
)
_AT_FIRST = re.compile(r"day|at\s+first|to\s+begin|initial|is\s+where|start|begin", re.I)
_CLAUSE_END = re.compile(r"[;.)]\s|\b(?:above|over|max\w*|most|limit)\b", re.I)
_ABOUT_PACK = re.compile(
    r"\b(?:bottle|pack|box|contains?|inactive|caffeine|sodium|water|glass|juice|wash\w*|rinse)\b", re.I
)
_FOLLOWS = re.compile(
    r"^\W*(?:A(?:nswer)?\s*[.:]\s*)?(?:then|in\s+that\s+case|for\s+(?:them|these|those)|they|these|those)\b", re.I
)
_PIECES = ("tablet", "capsule", "pill", "caplet")
_CHECKED = ("mass", "mL", "unit", "mass/kg", "mL/kg")


def numbers(page: Page, ref: Reference) -> Iterator[Finding]:
    """Wrong maxima, and other amounts, periods, times a day, hours, lengths and ages that the reference does not hold."""
    before = ""
    known = frozenset((d.kind, d.amount) for d in ref.doses)
    for line in page.lines:
        if not _NUMERIC.search(line.text):
            before = line.text
            continue
        told = line.kind == "heading" and not re.search(r"\d", figures(line.text))
        if not (told or ref.holds(line.text) or _STUDY.search(line.text)):
            yield from _Sentence(line, before, ref, known).findings()
        before = line.text


_NUMERIC = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|twelve|half|dozen|hundred|thousand|an?\s+(?:gram|milligram|microgram)|once|twice|daily|every|weekly|hourly|[qtb]\.?[i]\.?d)\b",
    re.I,
)
_STUDY = re.compile(
    r"\b(?:trials?|stud(?:y|ies|ied)|subjects|volunteers|placebo|rats?|mice|rabbits?|plasma|AUC|bioavailab\w+|pharmacokinetic\w*|overdos\w*|ingested|half-life)\b",
    re.I,
)
"""A sentence that tells of research or of too much gives no one a dose."""


class _Sentence:
    """One sentence of a page beside a reference; ``t`` has its amounts as figures, ``around`` what it stands under."""

    def __init__(self, line: Line, before: str, ref: Reference, known: frozenset[tuple[str, Decimal]]) -> None:
        self.line, self.ref = line, ref
        self.t = t = figures(line.text)
        self.first = before == line.under or not before
        short = before.rstrip().endswith(("?", ":")) or len(before.split()) <= 6 or bool(_FOLLOWS.match(t))
        self.around = f"{line.under} {before if short else ''}"
        self.clause = t
        self.whom = groups(t) or groups(self.around)
        head = _START.search(line.under) and not (
            re.search(r"\band\b|usual|most|limit|max", line.under, re.I) or DOSE.search(line.under)
        )
        self.start_head = bool(head) and line.kind == "cell"
        self.known = known
        self.kinds = {k for k, _ in self.known}

    def findings(self) -> Iterator[Finding]:
        t = self.t
        found = list(DOSE.finditer(t))
        top = False
        for i, d in enumerate(found):
            end = found[i + 1].start() if i + 1 < len(found) else len(t)
            for f in self._amount(
                d,
                i,
                found,
                t[(found[i - 1].end() if i else 0) : d.start()],
                t[d.end() : end] + ("\x00" if end < len(t) else ""),
            ):
                top = top or f[0] == "wrong_maximum_dose"
                yield f
        if not top:
            yield from self._counts()
        yield from self._measures()

    def _wrong(
        self, text: str, evidence: Evidence | None, type_: str = "wrong_number_or_unit", severity: str = "critical"
    ) -> Finding:
        return (type_, severity, text, self.line, evidence)

    # -- one amount -------------------------------------------------------------------------------------------------

    def _amount(self, d: re.Match[str], i: int, found: list[re.Match[str]], lead: str, after: str) -> Iterator[Finding]:
        t, ref = self.t, self.ref
        unit = unit_name(d["unit"], d["kg"])
        value = base(value_of(d["num"]), unit)
        shown = d[0].strip()
        self.clause = self._clause(d)
        parts = reversed(re.split(r"[;:]", t[: d.start()]))  # "Fibromyalgia: 75 mg at first; 450 mg at the most"
        self.earlier_uses = next((u for u in map(uses, parts) if u), frozenset[str]())
        adults = re.search(r"\b(?:adults?|grown-?ups?|everyone|most\s+people)\b", self.clause, re.I)
        earlier = frozenset[str]() if adults else groups(t[: d.start()]) or groups(self.around)
        self.whom = groups(self.clause) or earlier
        if taken_with(self.clause, ref) or (self.line.kind == "cell" and taken_with(self.line.under, ref)):
            self.whom |= {"other medicine"}
        if of_another(t, lead, after, ref):
            return
        if _paired(lead, after) and (kind(unit), value) in self.known:
            return  # one half of a strength, "25 mg/250 mg"
        tail = re.split(r"[;.]\s|\)|,\s(?!(?:or|and|split|in|divided)\b)", after)[0][:60]
        per, times = period(LASTING.sub(" ", tail))
        shared = re.search(r"\b(\d{1,2})\s+(?:equal\s+|single\s+|separate\s+)?doses\s+of\s+$", t[: d.start()])
        if times is None and shared and re.search(r"\b(?:day|daily|24\s*hours?)\b", after):
            times = Decimal(shared[1])  # "four doses of 20 mg spread over the day"
        step = bool(STEP.search(t[: d.start()]))
        starting = self._starts(i, found)
        maximal = not step and bool(
            MAXIMAL.search(re.split(r";\s", lead)[-1])
            or (DOSES_ABOVE.search(lead) and NOT_ADVISED.search(after))
            or tops(after)
            or (
                i == 0
                and MAXIMAL.search(self.line.under)
                and (self.line.kind == "cell" or self.first or len(t.split()) <= 8)
                and not _START.search(t)
                and not re.search(r"\busual|\bnormal|\brecommended", t, re.I)
                and self.line.kind in ("cell", "text", "bullet")
            )
        )
        if maximal and unit in _PIECES:
            each = {s for s, of in ref.strengths if of in ("1", "")}
            counted_in = next((x.unit for x in ref.limits if x.unit in _PIECES), "")
            if counted_in:
                unit = counted_in
            elif len(each) == 1 and len(found) == 1:
                value, unit = value * next(iter(each)), "mg"
        k = kind(unit)
        if not per and (maximal or i == 0):
            per = self._period_before(lead if self.line.kind != "cell" else f"{self.line.under} {lead}")
        if step:
            yield from self._step(value, k, shown)
            return
        starting = starting and not maximal and not MAXIMAL.search(re.split(r"[;.]\s", t[: d.start()])[-1])
        if maximal and not ((self.start_head or self._caps_start(d, lead)) and (k, value) in self.known):
            f = self._against_limits(value, unit, per, times, exact=True)
            if f is not None:
                yield f
                return
            if self._comparable(value, unit):
                return
        elif (k == "mass" and (per == "day" or times is not None)) or (
            unit in _PIECES and per == "day" and times is None
        ):
            f = self._against_limits(value, unit, per, times, exact=False)
            if f is not None:
                yield f
                if not starting and ((k, value) in self.known or self._derived(value, per, times)):
                    return
        if (
            k not in _CHECKED
            or k not in self.kinds
            or (k == "mL" and (len(found) > 1 or _ABOUT_PACK.search(t)) and (k, value) not in self.known)
        ):
            return
        if starting:
            low = base(value_of(d["low"]), unit) if d["low"] else None
            f = self._other_start(value, low, k, per, times, shown)
            if f is not None:
                yield f
                return
        if (k, value) in self.known or self._derived(value, per, times):
            a_strength = re.match(r"\s*(?:/|tablets?\b|capsules?\b|pills?\b|caplets?\b)", after) or lead.endswith("/")
            f = None if a_strength else self._period_clash(shown, value, k, per, times)
            if f is not None:
                yield f
            return
        if self._in_tablets(value, k, found) or (k == "mass" and value in ref.bare):
            return
        twin = next((x for x in ref.doses if x.kind == k and x.amount != value and _same_digits(x.amount, value)), None)
        text = f"The reference does not hold {shown}."
        if twin is not None:
            text = f"The reference holds this number with another unit or another point than {shown}."
        yield self._wrong(text, twin.evidence if twin is not None else self._nearest(value, k))

    def _clause(self, d: re.Match[str]) -> str:
        """The part of the sentence between semicolons that the amount stands in: its people and its use are those meant."""
        start = self.t.rfind(";", 0, d.start()) + 1
        end = self.t.find(";", d.end())
        return self.t[start : end if end >= 0 else len(self.t)]

    def _caps_start(self, d: re.Match[str], lead: str) -> bool:
        """Whether a limit is one of the first dose: "begin with 1 mg, but no more than 50 mg", "at most 1.5 mg at first"."""
        here = re.split(r";\s", lead)[-1]
        begun = re.split(r"[;.]\s", self.t[: d.start()])[-1]
        amount = base(value_of(d["num"]), unit_name(d["unit"], d["kg"]))
        if _START.search(begun) and any(x.start and x.amount == amount for x in self.ref.doses):
            return True
        after = re.split(r"[;.]\s", self.t[d.end() :])[0]
        return bool(
            _START.search(here)
            or re.match(r"[^,]{0,25}\b(?:at\s+first|to\s+(?:begin|start)|initially|as\s+a\s+first)\b", after, re.I)
        )

    def _starts(self, i: int, found: list[re.Match[str]]) -> bool:
        """Whether the amount is the one to start with: the first after "start" in its clause, or the last before "at first"."""
        t, d = self.t, found[i]
        if self.start_head and i == 0:
            return True
        for m in _START.finditer(t):
            trails = any(x.end() <= m.start() and not re.search(r"[;.]\s|,\s", t[x.end() : m.start()]) for x in found)
            noun = re.match(r"(?:start|beginning)$", m[0], re.I) and re.search(r"\b(?:the|a|is|as)\s+$", t[: m.start()])
            if trails and (noun or re.match(r"at\s+first|to\s+begin|initial|day", m[0], re.I)) and m.end() <= d.start():
                continue  # "25 mg at first, up to 200 mg"
            between = t[m.end() : d.start()]
            if (
                m.end() <= d.start()
                and not _CLAUSE_END.search(between)
                and not any(m.end() <= x.start() for x in found[:i])
            ):
                return not _NOT_START.search(between)
            after = t[d.end() : m.start()]
            later = any(d.end() <= x.start() < m.start() for x in found[i + 1 :])
            if d.end() <= m.start() and not later and not re.search(r"[;.)]\s|,\s", after) and _AT_FIRST.match(m[0]):
                return True
        return False

    @staticmethod
    def _period_before(lead: str) -> str:
        if re.search(r"\b(?:daily|(?:in|per|a|each|any|every)\s+(?:one\s+|single\s+)?(?:day|24))\b", lead, re.I):
            return "day"
        if re.search(r"\b(?:weekly|(?:a|per|each|every|any)\s+week)\b\W*(?:\w+\W+){0,2}$", lead, re.I):
            return "week"
        return (
            "dose"
            if re.search(r"\b(?:single|one|each|at\s+a\s+time)\s*(?:dose)?\s*$|\bsingle\s+dose\b", lead, re.I)
            else ""
        )

    def _step(self, value: Decimal, k: str, shown: str) -> Iterator[Finding]:
        steps = self.ref.steps
        same = [s for s in steps if s.kind == k]
        if (
            same
            and all(s.amount != value for s in same)
            and not any(s.amount * n == value for s in same for n in self.ref.times)
        ):
            near = min(same, key=lambda s: abs(s.amount - value))
            yield self._wrong(f"The reference gives another step than {shown}.", near.evidence)

    def _other_start(
        self, value: Decimal, low: Decimal | None, k: str, per: str, times: Decimal | None, shown: str
    ) -> Finding | None:
        ref = self.ref
        starts = [x for x in ref.doses if x.start and x.kind == k]
        if not starts:
            return None
        total = value if per == "day" else value * times if times is not None else None
        if total is not None and any(total == _in_a_day(x) for x in starts):
            return None
        same = [x for x in starts if x.amount == value]
        if not same and low is not None and any(x.amount == low for x in starts) and (k, value) in self.known:
            return None  # "5 to 10 mg": the first dose is the low end of a usual one
        if not same:
            near = min(starts, key=lambda x: (not _same_digits(x.amount, value), abs(x.amount - value)))
            return self._wrong(f"The reference gives another dose to start with than {shown}.", near.evidence)
        if per in ("week", "month") and all(x.per != per for x in same):
            return self._wrong(f"The reference does not start with {shown} a {per}.", same[0].evidence)
        every = [x for x in ref.doses if x.kind == k and x.amount == value]
        if (
            per == "day"
            and times is None
            and all(x.times is not None and x.times > 1 for x in same)
            and not any(x.per == "day" for x in every)
        ):
            return self._wrong(f"The reference gives {shown} as each dose, not for the whole day.", same[0].evidence)
        return None

    def _in_tablets(self, value: Decimal, k: str, found: list[re.Match[str]]) -> bool:
        """Whether an amount is a few tablets of a known strength and the sentence counts tablets; any count that it says itself."""
        said = {value_of(d["num"]) for d in found if unit_name(d["unit"]) in _PIECES}
        if k == "mass" and any(s * n == value for s, _ in self.ref.strengths for n in said):
            return True
        counted_out = re.search(r"\b(?:tablets?|capsules?|pills?)\b", self.line.text, re.I)
        return (
            bool(counted_out)
            and k == "mass"
            and any(
                s
                and value % s == 0
                and value / s <= 4
                and (k, s) != (k, value)
                and any(x.amount == value for x in self.ref.doses)
                for s, _ in self.ref.strengths
            )
        )

    def _nearest(self, value: Decimal, k: str) -> Evidence | None:
        same = [x for x in self.ref.doses if x.kind == k]
        return min(same, key=lambda x: abs(x.amount - value)).evidence if same else None

    def _derived(self, value: Decimal, per: str, times: Decimal | None) -> bool:
        """Whether an amount a day is a dose of the reference times its times a day, or a dose is its amount a day shared out."""
        for d in self.ref.doses:
            if times is None and per in ("day", "") and d.times is not None and d.amount * d.times == value:
                return True
            if (
                per != "day"
                and d.per == "day"
                and any(d.amount / n == value for n in (2, 3, 4) if times in (None, n) and n in self.ref.times)
            ):
                return True
        return False

    # -- maxima -----------------------------------------------------------------------------------------------------

    def _comparable(self, value: Decimal, unit: str) -> bool:
        return any(kind(x.unit) == kind(unit) for x in self.ref.limits) and (
            (kind(unit), value) in self.known or any(x.value == value for x in self.ref.limits)
        )

    def _pool(self, same: list[Limit]) -> list[Limit]:
        """The maxima that a sentence can mean: of the people and the use it names, else those for everyone."""
        narrowed = [x for x in same if x.groups & self.whom]
        pool = narrowed if self.whom and narrowed else same
        if not self.whom:
            pool = [x for x in same if not x.groups] or []
        named = [x for x in pool if x.uses and x.uses & (uses(f"{self.clause} {self.around}") or self.earlier_uses)]
        if named and len(named) < len(pool):
            pool = named
        return pool

    def _against_limits(
        self, value: Decimal, unit: str, per: str, times: Decimal | None, exact: bool
    ) -> Finding | None:
        ref = self.ref
        same = [x for x in ref.limits if kind(x.unit) == kind(unit)]
        if not same:
            return None
        day = value if per == "day" else value * times if times is not None else None
        held = any(d.kind == kind(unit) and d.amount == value and d.per in ("day", "") for d in ref.doses)
        tops = [(x.day, n, x) for n, x in enumerate(same) if x.day is not None]
        if exact:
            if self.whom and kind(unit) == "mass" and value in ref.bare:
                return None  # a row of a table for some people gives it
            pool = self._pool(same)
            if not pool:  # only maxima for some people, and the page speaks of all
                return self._above(day, tops) if not held else None
            if any(equal(x, value, per, day) for x in pool):
                return None
            if self.whom and not any(x.groups & self.whom for x in same):
                if any(equal(x, value, per, day) for x in same) or (kind(unit), value) in self.known:
                    return None
                return self._above(day if day is not None else value, tops)
            if per == "dose" and times is None and not any(x.per in ("dose", "night") for x in pool):
                top = max((x.day for x in pool if x.day is not None), default=None)
                shared_out = (max(ref.times, default=1) > 1 or min(ref.hours, default=24) < 24) and not any(
                    d.amount == value and d.per == "dose" and d.kind == kind(unit) for d in ref.doses
                )
                if top is None or value < top or (value == top and not shared_out):
                    return None
            return self._wrong(
                f"The reference gives another maximum: {say(pool)}.", pool[0].evidence, "wrong_maximum_dose"
            )
        return self._above(day, tops) if not (held and times is None and not any(not x.groups for x in same)) else None

    def _above(self, day: Decimal | None, tops: list[tuple[Decimal, int, Limit]]) -> Finding | None:
        if day is None or not tops or day <= max(tops)[0]:
            return None
        if any(d.kind == "mass" and d.per == "day" and d.amount >= day for d in self.ref.doses) and all(
            x.groups for *_, x in tops
        ):
            return None
        highest = max(tops)[2]
        text = f"This comes to more in a day than the reference's maximum: {say([highest])}."
        return self._wrong(text, highest.evidence, "wrong_maximum_dose")

    def _period_clash(self, shown: str, value: Decimal, k: str, per: str, times: Decimal | None) -> Finding | None:
        """An amount the reference holds, with a period it never has there: a week for a day, or other times a day."""
        if not per and times is None:
            return None
        same = [x for x in self.ref.doses if x.kind == k and x.amount == value and (x.per or x.times is not None)]
        if all(x.step for x in same):  # an amount by which a dose changes has no period of its own
            same = []
        if not same:
            if per == "week" and _A_WEEK.search(self.t) and not _A_WEEK.search(self.ref.text):
                return self._wrong(f"The reference gives no dose of {shown} a week.", self._nearest(value, k))
            return None
        for x in same:
            if x.per == per and (times is None or x.times is None or x.times == times):
                return None
            if {x.per, per} <= {"day", "night"}:
                return None
            here = value if per == "day" else value * times if times is not None else None
            there = x.amount if x.per == "day" else x.amount * x.times if x.times is not None else None
            if here is not None and here == there:
                return None
            if here is not None and times is not None and int(times) in self.ref.times and self._a_days_dose(here, k):
                return None
        seldom = any(x.per in ("week", "month") for x in same)
        if (
            times is not None
            and int(times) in self.ref.times
            and not any(x.times is not None for x in same)
            and not seldom
        ):
            return None
        if per == "day" and times is None and any(x.per == "dose" for x in same) and not seldom:
            return None
        if per in ("dose", "night") and times is None and not seldom:
            return None
        said = f"{times} times a day" if times is not None else {"dose": "a dose"}.get(per, f"a {per}")
        return self._wrong(f"The reference gives {shown} with another period than {said}.", same[0].evidence)

    def _a_days_dose(self, amount: Decimal, k: str) -> bool:
        """Whether the reference gives an amount for a whole day: what is shared out over it is right."""
        return any(x.kind == k and x.per == "day" and x.amount == amount for x in self.ref.doses)

    # -- times a day, hours, ages -----------------------------------------------------------------------------------

    def _counts(self) -> Iterator[Finding]:
        t, ref = self.t, self.ref
        dosing = bool(_TAKING.search(t)) and not re.search(r"\bcheck|blood\s+test|call|urinat|vomit|weigh\b", t, re.I)
        every = hours_in(t)
        if every and ref.hours and dosing and not every & ref.hours:
            yield self._wrong("The reference gives other hours between doses.", self._quote_with("hour"))
            return
        a_day = {24 // h for h in every if h and 24 % h == 0}
        if a_day and ref.times and not ref.hours and dosing and not a_day & ref.times:
            yield self._wrong("The reference gives other times a day.", self._quote_with("time"))
            return
        counts = _explicit_counts(t)
        if (
            counts
            and ref.times
            and dosing
            and not counts & ref.times
            and not re.search(r"\bup\s+to\b.*\bas\s+needed", t, re.I)
        ):
            yield self._wrong("The reference gives other times a day.", self._quote_with("time"))
            return
        if (
            dosing and ref.weekly and not ref.times - {1} and self._weekly_only()
            and re.search(r"\b(?:daily|every\s+day|(?:once\s+)?(?:a|each)\s+day)\b", t, re.I)
            and not re.search(r"\bnot\b|never|week", t, re.I)
        ):  # fmt: skip
            yield self._wrong("The reference gives a dose a week, not a day.", self._quote_with("week"))
            return
        spaced = (
            None
            if STEPPING.search(t)
            else re.search(
                r"(?:\b(?:take|use|taken|used|start|begin|given)\b|\d\s*mg)[^.;]{0,40}?\b(every\s+(?:other|second|third|fourth|\d+(?:\s*(?:to|-|–|or)\s*\d+)?)\s+(?:days?|weeks?)|once\s+a\s+(?:week|month))\b",
                t,
                re.I,
            )
        )
        known_spacing = r"every\s+(?:other|second|third|\d+)\s+days?|alternate|once\s+(?:a|every|per|each)\s+week|once[\s-]weekly|weekly|monthly|a\s+month"
        if spaced and ref.times and not re.search(known_spacing, ref.text, re.I):
            yield self._wrong(f"The reference knows no dose {spaced[1]}.", self._quote_with("day"))
            return
        ages = ages_in(t) - {18, 65}
        if (
            ages and ref.ages and not ages & ref.ages
            and re.search(r"\b(?:child\w*|under|younger|older|over|aged?|adults?|teen\w*|less\s+than)\b", t, re.I)
            and (re.search(r"\b(?:years?)\b", t) or ages_in(t))
            and not re.search(r"\bfor\s+(?:over\s+)?\d+\s+years\b", t)
            and re.search(r"\b(?:not|do|give|safe|take|use|dose|should|below|under|over|from)\b", t, re.I)
        ):  # fmt: skip
            yield self._wrong("The reference gives other ages.", self._quote_with("year"), severity="major")

    def _weekly_only(self) -> bool:
        weekly = [d for d in self.ref.doses if d.per == "week"]
        return bool(weekly) and not [d for d in self.ref.doses if d.per == "day" or d.times is not None]

    def _quote_with(self, word: str) -> Evidence | None:
        doses = self.ref.doses
        return next(
            (d.evidence for d in doses if word in d.evidence.quote.lower()), doses[0].evidence if doses else None
        )

    # -- lengths of time and thresholds, each with what it is about -------------------------------------------------

    def _rows(self) -> Iterator[Finding]:
        """Amounts for a band of kidney function that stands in a row of a table which holds none of them."""
        if not (self.ref.rows and _CLEARANCE.search(self.t)):
            return
        for clause in re.split(r";", self.t):
            band = re.search(r"\b(\d{2,3})\s*(?:to|-|–|and)\s*(\d{2,3})\b(?!\s*(?:mg|mcg|g)\b)", clause)
            amounts = {
                base(value_of(n), unit_name(d["unit"]))
                for d in DOSE.finditer(clause)
                if kind(unit_name(d["unit"], d["kg"])) == "mass"
                for n in (d["low"], d["num"])
                if n
            }
            if band is None or not amounts:
                continue
            rows = [r for r in self.ref.rows if {Decimal(band[1]), Decimal(band[2])} <= r[0]]
            if rows and not any(amounts & r[1] for r in rows):
                yield self._wrong("The reference gives other amounts for this kidney function.", rows[0][2])

    def _measures(self) -> Iterator[Finding]:
        yield from self._rows()
        for noun, evidence in other_measures(self.t, self.ref):
            yield self._wrong(f"The reference gives another {noun}.", evidence)


_CLEARANCE = re.compile(r"\b(?:clearance|e?GFR|CrCl|kidney\s+function)\b", re.I)
_A_WEEK = re.compile(
    r"\b(?:weekly|every\s+(?:\w+\s+)?week|(?:once|twice|times?)\s+(?:a|per|each|in\s+a)\s+week)\b", re.I
)


def _paired(lead: str, after: str) -> bool:
    """Whether an amount stands beside a stroke, as one half of the strength of two ingredients."""
    return bool(re.match(r"\s*[/-]\s*(?:\x00|\d)", after)) or bool(re.match(r"\s*[/-]\s*$", lead))


def _in_a_day(d: DoseFact) -> Decimal | None:
    return d.amount if d.per == "day" else d.amount * d.times if d.times is not None else None


def _same_digits(a: Decimal, b: Decimal) -> bool:
    return f"{a.normalize():f}".strip("0.").replace(".", "") == f"{b.normalize():f}".strip("0.").replace(".", "")


STEPPING = re.compile(
    r"\b(?:rais\w*|increas\w*|go(?:es)?\s+up|step\w*|add\w*|lower\w*|reduc\w*|decreas\w*|cut|titrat\w*|doubl\w*|adjust\w*|chang\w*|climb\w*|more|ris(?:e|es|ing))\b",
    re.I,
)
_TAKING = re.compile(
    r"\b(?:take|taken|use|used|give|given|start|begin|dose|doses|swallow|tablets?|capsules?|caplets?|pills?|apply|puffs?|mg|mcg)\b",
    re.I,
)


def _explicit_counts(t: str) -> set[int]:
    if not re.search(r"\b(?:once|twice|times?)\b[^.]{0,12}\b(?:day|daily)\b", t, re.I):
        return set()
    return counted(
        re.sub(
            r"\b(?:daily|(?:a|per|each|every)\s+day)\b(?<!times a day)(?<!times per day)(?<!times each day)(?<!times every day)(?<!twice a day)(?<!once a day)(?<!twice daily)(?<!times daily)(?<!once daily)",
            " ",
            t,
            flags=re.I,
        )
    ) - ({1} if not re.search(r"\bonce\b|\bone\s+time|\b1\s+time", t, re.I) else set())
