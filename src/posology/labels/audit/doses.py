"""Turns a page and a reference into findings on numbers: another maximum, amount, unit, period, interval, length, age or threshold.

Knows no medicine. A number is called wrong only where the reference holds numbers of that kind and not this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from posology.labels.audit import subjects
from posology.labels.audit.counts import counts
from posology.labels.audit.figures import figures
from posology.labels.audit.held import PIECES, STUDY, Found, Held, borne_out
from posology.labels.audit.maxima import (
    DOSES_ABOVE,
    MAXIMAL,
    MAXIMAL_AFTER,
    NOT_ADVISED,
    UP_TO,
    against_limits,
    comparable,
)
from posology.labels.audit.measures import other_measures, other_onset, other_rows, other_share, unchanged_band
from posology.labels.audit.page import Line, Page
from posology.labels.audit.reference import (
    LASTING,
    STEP,
    STEP_AFTER,
    Evidence,
    Reference,
    base,
    groups,
    in_a_day,
    kind,
    uses,
)
from posology.labels.audit.stopping import Finding
from posology.labels.extract.limit_words import DOSE, period, unit_name, value_of

_START = re.compile(
    r"\b(?:start\w*|begin\w*|commenc\w*|first\s+(?:dose|day|week)|first\s+(?:\d+|two|three|four|five|seven|few)\s+days|initial\w*|at\s+first|to\s+begin|day\s+(?:1|one))\b",
    re.I,
)
_NOT_START = re.compile(
    r"\b(?:then|after(?:wards)?|later|usual\s+dose|maintenance|normal\s+dose|doubl\w+|go(?:es)?\s+up|ris\w+|rais\w+|increas\w+|up\s+to|maximum|highest|most)\b",
    re.I,
)
_AT_FIRST = re.compile(r"day|at\s+first|to\s+begin|initial|is\s+where|start|begin", re.I)
_AT_FIRST_ONLY = re.compile(r"at\s+first|to\s+begin|initially|day", re.I)
_CLAUSE_END = re.compile(r"[;.)]\s|\b(?:above|over|max\w*|most|limit)\b", re.I)
_ASIDE = re.compile(
    r"\([^()]*\d\s*(?:mg|mcg|micrograms?|g|m[lL])\b[^()]*\b(?:for|with|in|on|if|over|under)\b[^()]*\)", re.I
)
"""An amount in brackets with its own people or use."""
_ABOUT_PACK = re.compile(
    r"\b(?:bottle|pack|box|contains?|inactive|caffeine|sodium|water|glass|juice|wash\w*|rinse)\b", re.I
)
_FOLLOWS = re.compile(
    r"^\W*(?:A(?:nswer)?\s*[.:]\s*)?(?:then|in\s+that\s+case|for\s+(?:them|these|those)|they|these|those)\b", re.I
)
_NO_DOSES = ("too-much", "kinetics", "side-effects", "what-it-is")
"""Subjects of a medicine file whose amounts are nobody's dose."""
_GOES_DOWN = re.compile(
    r"\b(?:from|reduc\w*|lower\w*|down|cut|halv\w*|drop\w*|decreas\w*|taper\w*|chang\w*|switch\w*|go(?:es)?|went|by)\b",
    re.I,
)
_CHECKED = ("mass", "mL", "unit", "mass/kg", "mL/kg")


def numbers(page: Page, ref: Reference) -> Iterator[Finding]:
    """Wrong maxima, and other amounts, periods, times a day, hours, lengths and ages that the reference does not hold."""
    liquids = subjects.ratios(page.text)
    own = Held.of(ref, liquids)
    wide = None if ref.everywhere is None else Held.of(ref.everywhere, liquids)
    before = ""
    for line in page.lines:
        if not _NUMERIC.search(line.text):
            before = line.text
            continue
        told = line.kind == "heading" and not re.search(r"\d", figures(line.text))
        if not (told or ref.holds(line.text) or STUDY.search(line.text) or subjects.no_advice(line)):
            found = [*_Sentence(line, before, own).findings()]
            if wide is not None:
                found = [*borne_out(found, line, own, wide, [*_Sentence(line, before, wide).findings()])]
            yield from (f.finding for f in found)
        before = line.text


_NUMERIC = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty|twelve|half|dozen|hundred|thousand|an?\s+(?:gram|milligram|microgram)|once|twice|daily|every|(?:next|same|following)\s+day|day\s+after|weekly|hourly|[qtb]\.?[i]\.?d)\b",
    re.I,
)


class _Sentence:
    """One sentence of a page beside a reference; ``t`` has its amounts as figures, ``around`` what it stands under."""

    def __init__(self, line: Line, before: str, held: Held) -> None:
        self.line, self.held, self.ref = line, held, held.ref
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
        self.known = held.known

    def findings(self) -> Iterator[Found]:
        t = self.t
        found = list(DOSE.finditer(t))
        top, others = False, 0
        for i, d in enumerate(found):
            end = found[i + 1].start() if i + 1 < len(found) else len(t)
            self._people(d)
            lead = t[(found[i - 1].end() if i else 0) : d.start()]
            after = t[d.end() : end] + ("\x00" if end < len(t) else "")
            if self._not_ours(d, found, lead, after):
                others += 1
                continue
            judged = [*self._amount(d, i, found, lead, after)]
            if not judged and d["low"]:
                judged = [*self._low_end(d)]
            if not judged and i + 1 < len(found):
                judged = [*self._upside_down(d, found[i + 1])]
            top = top or any(f.finding[0] == "wrong_maximum_dose" for f in judged)
            yield from judged
        if not top and not (found and others == len(found)):  # the times a day of another medicine are its own
            for why, evidence, severity in counts(t, self.ref):
                yield self._wrong(why, evidence, severity=severity)
        if subjects.other_liquid(t, self.ref):
            yield self._wrong("The reference gives the liquid another strength.", self._of_a_liquid(), gross=True)
        for m in (
            *other_rows(t, self.ref, self.around),
            *other_share(t, self.ref),
            *unchanged_band(t, self.ref, self.around),
            *other_onset(t, self.ref),
            *other_measures(t, self.ref),
        ):
            yield self._wrong(f"The reference gives another {m.noun}.", m.evidence, gross=m.gross)

    def _wrong(
        self, text: str, evidence: Evidence | None, type_: str = "wrong_number_or_unit", severity: str = "critical",
        at: int = -1, role: str = "number", gross: bool = False,
    ) -> Found:  # fmt: skip
        return Found((type_, severity, text, self.line, evidence), at, role, gross)

    # -- one amount -------------------------------------------------------------------------------------------------

    def _amount(self, d: re.Match[str], i: int, found: list[re.Match[str]], lead: str, after: str) -> Iterator[Found]:
        t, ref, held = self.t, self.ref, self.held
        unit = unit_name(d["unit"], d["kg"])
        value = base(value_of(d["num"]), unit)
        shown = d[0].strip()
        if _paired(lead, after) and (kind(unit), value) in self.known:
            return  # one half of a strength, "25 mg/250 mg"
        tail = re.split(r"[;.]\s|\)|,\s(?!(?:or|and|split|in|divided)\b)", after)[0][:60]
        per, times = period(LASTING.sub(" ", tail))
        shared = re.search(r"\b(\d{1,2})\s+(?:equal\s+|single\s+|separate\s+)?doses\s+of\s+$", t[: d.start()])
        if times is None and shared and re.search(r"\b(?:day|daily|24\s*hours?)\b", after):
            times = Decimal(shared[1])  # "four doses of 20 mg spread over the day"
        to_a_goal = re.search(r"\d\s*(?:mg|mcg|micrograms?)\s+to\s+$", t[: d.start()]) and MAXIMAL_AFTER.search(after)
        step = (
            bool(STEP.search(t[: d.start()]) or STEP_AFTER.match(after)) and not to_a_goal
        )  # "by 10 mg to 60 mg at most"
        maximal = not step and self._is_limit(i, lead, after)
        unit, value = self._of_pieces(unit, value, maximal, found)
        k = kind(unit)
        if not per and (maximal or i == 0):
            per = self._period_before(lead if self.line.kind != "cell" else f"{self.line.under} {lead}")
        at = d.start()
        if step:
            stepped = any(s.kind == k for s in ref.steps)
            yield from self._step(value, k, shown, at) if stepped else self._unheld(value, k, shown, at)
            return
        known = (k, value) in self.known
        caps_start = maximal and (self.start_head or self._caps_start(d, lead)) and self._has_starts(k)
        starting = caps_start or (
            self._starts(i, found) and not maximal and not MAXIMAL.search(re.split(r"[;.]\s", t[: d.start()])[-1])
        )
        soft = not maximal and not per and times is None and bool(UP_TO.search(lead))
        day = value if per == "day" or soft else value * times if times is not None else None
        above = k == "mass" and day is not None and held.top is not None and day > held.top
        named = uses(f"{self.clause} {self.around}") or self.earlier_uses
        most = held.pieces
        if unit in PIECES and day is not None and most is not None and day > most.amount * (most.times or 1):
            text = f"The reference goes up to {most.amount * (most.times or 1):f} {unit}s a day."
            yield self._wrong(text, most.evidence, "wrong_maximum_dose", at=at, role="limit", gross=True)
            return
        f: tuple[str, Evidence | None] | None
        if maximal and not caps_start:
            f = against_limits(ref, self.whom, named, value, unit, per, times, exact=True)
            if f is not None:
                gross = self._gross(value, k, day, maximal) or (
                    per == "dose" and times is None and self._above_singles(value, k)
                )
                yield self._wrong(*f, "wrong_maximum_dose", at=at, role="limit", gross=gross)
                return
            if comparable(ref, value, unit, known):
                return
        elif day is not None and (k == "mass" or (unit in PIECES and times is None)):
            f = against_limits(ref, self.whom, named, value, unit, "day" if soft else per, times, exact=False)
            if f is not None:
                yield self._wrong(*f, "wrong_maximum_dose", at=at, role="limit", gross=above)
                if not starting and (known or self._derived(value, per, times)):
                    return
        if (
            k not in _CHECKED
            or k not in held.kinds
            or (k == "mL" and (len(found) > 1 or _ABOUT_PACK.search(t)) and not known)
        ):
            return
        if starting:
            low = base(value_of(d["low"]), unit) if d["low"] else None
            f = self._other_start(value, low, k, per, times, shown)
            if f is not None and caps_start and self._caps_a_start(value, k):
                f = None
            if f is not None:
                yield self._wrong(*f, at=at, role="start", gross=self._gross(value, k, day))
                return
        if known or self._derived(value, per, times):
            a_strength = re.match(r"\s*(?:/|tablets?\b|capsules?\b|pills?\b|caplets?\b)", after) or lead.endswith("/")
            f = None if a_strength else self._period_clash(shown, value, k, per, times)
            if f is not None:
                yield self._wrong(*f, at=at, gross=above)
            elif above and times is not None:
                text = f"This comes to {day:f} mg a day, more than any dose of the reference."
                yield self._wrong(text, self._nearest(value, k), at=at, gross=True)
            return
        yield from self._unheld(value, k, shown, at, maximal, day)

    def _unheld(
        self, value: Decimal, k: str, shown: str, at: int, maximal: bool = False, day: Decimal | None = None
    ) -> Iterator[Found]:
        """An amount that the reference neither holds nor bears out."""
        ref = self.ref
        if (
            k not in _CHECKED
            or k not in self.held.kinds
            or (k, value) in self.known
            or (day is None and self._derived(value, "", None))
            or self._in_tablets(value, k)
            or (k == "mass" and value in ref.bare)
        ):
            return
        twin = next((x for x in ref.doses if x.kind == k and x.amount != value and _same_digits(x.amount, value)), None)
        text = f"The reference does not hold {shown}."
        if twin is not None:
            text = f"The reference holds this number with another unit or another point than {shown}."
        evidence = twin.evidence if twin is not None else self._nearest(value, k)
        yield self._wrong(text, evidence, self._type(maximal), at=at, gross=self._gross(value, k, day, maximal))

    def _low_end(self, d: re.Match[str]) -> Iterator[Found]:
        """The low end of a range: it is held to the reference too, and no higher than the high end."""
        unit = unit_name(d["unit"], d["kg"])
        k, low, high = kind(unit), base(value_of(d["low"]), unit), base(value_of(d["num"]), unit)
        if low > high and re.search(r"-|–|—|to", d[0]) and k in _CHECKED:
            yield self._wrong(
                f"{d[0].strip()} is no range: it starts above its end.",
                self._nearest(high, k),
                at=d.start(),
                gross=True,
            )
        elif k == "mass":
            yield from self._unheld(low, k, f"{d['low']} {d['unit']}", d.start())

    def _upside_down(self, d: re.Match[str], after: re.Match[str]) -> Iterator[Found]:
        """A range whose unit is said twice and that starts above its end, where nothing goes down: "5 mg to 2 mg"."""
        t, unit, end = self.t, unit_name(d["unit"], d["kg"]), unit_name(after["unit"], after["kg"])
        low, high = base(value_of(d["num"]), unit), base(value_of(after["num"]), end)
        if (
            kind(unit) == kind(end) == "mass"
            and low > high
            and re.fullmatch(r"\s*(?:to|-|–|—)\s*", t[d.end() : after.start()])
            and not _GOES_DOWN.search(t[: d.start()])
        ):
            text = f"{t[d.start() : after.end()]} is no range: it starts above its end."
            yield self._wrong(text, self._nearest(high, "mass"), at=d.start(), gross=True)

    @staticmethod
    def _type(limit: bool) -> str:
        return "wrong_maximum_dose" if limit else "wrong_number_or_unit"

    def _people(self, d: re.Match[str]) -> None:
        """For whom and for what the amount is: of its clause, else of what stands before it in the sentence, else over it."""
        t, ref = self.t, self.ref
        self.clause = self._clause(d)
        parts = reversed(re.split(r"[;:]", t[: d.start()]))  # "Fibromyalgia: 75 mg at first; 450 mg at the most"
        self.earlier_uses = next((u for u in map(uses, parts) if u), frozenset[str]())
        adults = re.search(r"\b(?:adults?|grown-?ups?|everyone|most\s+people)\b", self.clause, re.I)
        earlier = frozenset[str]() if adults else groups(t[: d.start()]) or groups(self.around)
        self.whom = groups(self.clause) or earlier
        if _taken_with(self.clause, ref) or (self.line.kind == "cell" and _taken_with(self.line.under, ref)):
            self.whom |= {"other medicine"}

    def _is_limit(self, i: int, lead: str, after: str) -> bool:
        """Whether the page calls the amount the most that is taken."""
        t, under = self.t, self.line.under
        behind = MAXIMAL_AFTER.search(after)
        if behind and re.fullmatch(r"\s*(?:of|is|:|a|the)?\s*\x00", after[behind.end() :]):
            behind = None  # "20 mg each morning, at most 50 mg"
        return bool(
            MAXIMAL.search(re.split(r";\s", lead)[-1])
            or (DOSES_ABOVE.search(lead) and NOT_ADVISED.search(after))
            or behind
            or (
                i == 0
                and MAXIMAL.search(under)
                and (self.line.kind == "cell" or self.first or len(t.split()) <= 8)
                and not _START.search(t)
                and not re.search(r"\bup\s+to\s*\x00", after)  # "300 mg; up to 600 mg if that is not enough"
                and not re.search(r"\busual|\bnormal|\brecommended", t, re.I)
                and self.line.kind in ("cell", "text", "bullet")
            )
        )

    def _not_ours(self, d: re.Match[str], found: list[re.Match[str]], lead: str, after: str) -> bool:
        """Whether an amount is no dose of ours: of another medicine, of a liquid's strength, or how strong a product of the file is."""
        unit = unit_name(d["unit"], d["kg"])
        return (
            subjects.of_another(self.t, d.start(), d.end(), self.ref)
            or self._in_a_liquid(d, base(value_of(d["num"]), unit), unit, found)
            or (bool(self.ref.cited) and subjects.a_strength(self.line, lead, after))
        )

    def _of_pieces(self, unit: str, value: Decimal, maximal: bool, found: list[re.Match[str]]) -> tuple[str, Decimal]:
        """A limit in tablets as the reference limits it: in its own pieces, or in mg where there is one strength."""
        if not maximal or unit not in PIECES:
            return unit, value
        each = {s for s, of in self.ref.strengths if of in ("1", "")}
        counted_in = next((x.unit for x in self.ref.limits if x.unit in PIECES), "")
        if counted_in:
            return counted_in, value
        return ("mg", value * next(iter(each))) if len(each) == 1 and len(found) == 1 else (unit, value)

    def _in_a_liquid(self, d: re.Match[str], value: Decimal, unit: str, found: list[re.Match[str]]) -> bool:
        """Whether an amount is part of a liquid's strength, or what the sentence's volume of a liquid of the page holds."""
        k = kind(unit)
        if k not in ("mass", "mL") or not self.held.liquids:
            return False
        if subjects.in_a_ratio(self.t, d.start()):
            return bool(self.ref.cited) or (k, value) not in self.known
        for other in found:
            u = unit_name(other["unit"], other["kg"])
            if other is d or {kind(u), k} != {"mass", "mL"}:
                continue
            n = base(value_of(other["num"]), u)
            mass, volume = (value, n) if k == "mass" else (n, value)
            if volume and (mass / volume).normalize() in self.held.liquids:
                return k == "mL" or not any(x.kind == "mass" for x in self.ref.doses) or (k, mass) not in self.known
        return False

    def _of_a_liquid(self) -> Evidence | None:
        return next((e for e in self.ref.sentences if subjects.ratios(e.quote)), None)

    def _has_starts(self, k: str) -> bool:
        return any(x.start and x.kind == k for x in self.ref.doses)

    def _gross(self, value: Decimal, k: str, day: Decimal | None, limit: bool = False) -> bool:
        """Whether an amount is off everything that a medicine file holds: above all of it, or its digits with another point."""
        held = self.held
        firm = [x for x in self.ref.doses if x.kind == k and x.firm and x.evidence.path not in _NO_DOSES]
        if (
            not firm
            or (k, value) in self.known
            or (not limit and held.within(k, value))
            or self._derived(value, "", None)
        ):
            return bool(firm) and k == "mass" and day is not None and held.top is not None and day > held.top
        most = max(x.amount for x in self.ref.doses if x.kind == k)
        return value > max(most, held.top or most) or any(_same_digits(x.amount, value) for x in firm)

    def _above_singles(self, value: Decimal, k: str) -> bool:
        """Whether an amount is above what every source lets be taken at one time."""
        singles = [x.value for x in self.ref.limits if x.per == "dose" and x.firm and kind(x.unit) == k]
        return bool(singles) and value > max(singles)

    def _clause(self, d: re.Match[str]) -> str:
        """The part of the sentence between semicolons that the amount stands in: its people and its use are those meant."""
        start = self.t.rfind(";", 0, d.start()) + 1
        end = self.t.find(";", d.end())
        aside = next((m for m in _ASIDE.finditer(self.t) if m.start() < d.start() < m.end()), None)
        if aside is not None:  # "600 mg (300 mg for nerve pain)" speaks of two uses
            return aside[0]
        return _ASIDE.sub(" ", self.t[start : end if end >= 0 else len(self.t)])

    def _caps_start(self, d: re.Match[str], lead: str) -> bool:
        """Whether a limit is one of the first dose: "begin with 1 mg, but no more than 50 mg", "at most 1.5 mg at first"."""
        here = re.split(r";\s", lead)[-1]
        after = re.split(r"[;.]\s", self.t[d.end() :])[0]
        behind = (
            _AT_FIRST_ONLY if re.search(r"\d", self.t[: d.start() - len(lead)]) else None
        )  # "20 mg at first, at most 60 mg"
        begun = re.split(r"[;.]\s", self.t[: d.start()])[-1]
        amount = base(value_of(d["num"]), unit_name(d["unit"], d["kg"]))
        if _START.search(begun) and any(x.start and x.amount == amount for x in self.ref.doses):
            return True
        return any(not (behind and behind.match(m[0])) for m in _START.finditer(here)) or bool(
            re.match(r"[^,]{0,25}\b(?:at\s+first|to\s+(?:begin|start)|initially|as\s+a\s+first)\b", after, re.I)
        )

    def _caps_a_start(self, value: Decimal, k: str) -> bool:
        """Whether the reference gives an amount in the same breath as a first dose: "1 mg/kg, at most 50 mg"."""
        begins = {x.evidence for x in self.ref.doses if x.start}
        return any(x.kind == k and x.amount == value and x.evidence in begins for x in self.ref.doses)

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

    def _step(self, value: Decimal, k: str, shown: str, at: int) -> Iterator[Found]:
        steps = self.ref.steps
        same = [s for s in steps if s.kind == k]
        if (
            same
            and all(s.amount != value for s in same)
            and not any(s.amount * n == value or value * n == s.amount for s in same for n in self.ref.times)
        ):
            near = min(same, key=lambda s: abs(s.amount - value))
            yield self._wrong(
                f"The reference gives another step than {shown}.",
                near.evidence,
                at=at,
                gross=value > 2 * max(s.amount for s in same) or self._gross(value, k, None),
            )

    def _other_start(
        self, value: Decimal, low: Decimal | None, k: str, per: str, times: Decimal | None, shown: str
    ) -> tuple[str, Evidence | None] | None:
        ref = self.ref
        starts = [x for x in ref.doses if x.start and x.kind == k]
        if not starts:
            return None
        total = value if per == "day" else value * times if times is not None else None
        if total is not None and any(total == in_a_day(x) for x in starts):
            return None
        same = [x for x in starts if x.amount == value]
        if not same and low is not None and any(x.amount == low for x in starts) and (k, value) in self.known:
            return None  # "5 to 10 mg": the first dose is the low end of a usual one
        if not same:
            near = min(starts, key=lambda x: (not _same_digits(x.amount, value), abs(x.amount - value)))
            return f"The reference gives another dose to start with than {shown}.", near.evidence
        if per in ("week", "month") and all(x.per != per for x in same):
            return f"The reference does not start with {shown} a {per}.", same[0].evidence
        every = [x for x in ref.doses if x.kind == k and x.amount == value]
        if (
            per == "day"
            and times is None
            and all(x.times is not None and x.times > 1 for x in same)
            and not any(x.per == "day" for x in every)
        ):
            return f"The reference gives {shown} as each dose, not for the whole day.", same[0].evidence
        return None

    def _in_tablets(self, value: Decimal, k: str) -> bool:
        """Whether an amount is what tablets of a known strength come to, and no more than the reference's highest dose."""
        said = {value_of(m["num"]) for m in DOSE.finditer(self.t) if unit_name(m["unit"], m["kg"]) in PIECES}
        if k == "mass" and any(s * n == value for s, _ in self.ref.strengths for n in said):
            return True
        if k == "mass" and not self.ref.strengths and any(n and (k, value / n) in self.known for n in said):
            return True  # a pack that states no strength as such: so many tablets of an amount it names
        if k != "mass" or not re.search(r"\b(?:tablets?|capsules?|pills?|caplets?|[x×])\b", self.line.text, re.I):
            return False
        most = max([self.held.top or Decimal(0), *(x.amount for x in self.ref.doses if x.kind == k)])
        each = [base(value_of(m["num"]), unit_name(m["unit"], m["kg"])) for m in DOSE.finditer(self.line.text)]
        return (
            value <= most
            and value not in each
            and any(s and (k, s) in self.known and value % s == 0 and value / s <= 10 for s in each)
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

    def _period_clash(
        self, shown: str, value: Decimal, k: str, per: str, times: Decimal | None
    ) -> tuple[str, Evidence | None] | None:
        """An amount the reference holds, with a period it never has there: a week for a day, or other times a day."""
        if not per and times is None:
            return None
        same = [x for x in self.ref.doses if x.kind == k and x.amount == value and (x.per or x.times is not None)]
        if all(x.step for x in same):  # an amount by which a dose changes has no period of its own
            same = []
        if not same:
            if per == "week" and _A_WEEK.search(self.t) and not _A_WEEK.search(self.ref.text):
                return f"The reference gives no dose of {shown} a week.", self._nearest(value, k)
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
            shared = times is not None and int(times) in self.ref.times
            if shared and any(y.kind == k and y.per == "day" and y.amount == here for y in self.ref.doses):
                return None  # a day's dose, shared out over it
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
        return f"The reference gives {shown} with another period than {said}.", same[0].evidence


_TOGETHER = re.compile(r"\b(?:with|plus|alongside)\s+([a-z]{6,})(?:\s*(?:,|or|and)\s*([a-z]{6,}))?", re.I)
_INTERACTS = re.compile(r"\b(?:inhibit\w*|concomitant\w*|co-?administ\w*|interact\w*)\b", re.I)
_NO_MEDICINE = frozenset(
    ["severe", "kidney", "kidneys", "disease", "problems", "people", "patients", "normal", "moderate", "another", "higher", "heart"]
)  # fmt: skip


def _paired(lead: str, after: str) -> bool:
    """Whether an amount stands beside a stroke, as one half of the strength of two ingredients."""
    return bool(re.match(r"\s*[/-]\s*(?:\x00|\d)", after)) or bool(re.match(r"\s*[/-]\s*$", lead))


def _taken_with(text: str, ref: Reference) -> bool:
    """Whether a text names a medicine beside ours that the reference tells interactions of, where that has its own maximum."""
    if not any("other medicine" in x.groups for x in ref.limits):
        return False
    named = {w.lower() for m in _TOGETHER.finditer(text) for w in m.groups() if w} - _NO_MEDICINE - ref.names
    return bool(named) and any(
        any(w in e.quote.lower() for w in named) and _INTERACTS.search(e.quote) for e in ref.sentences
    )


def _same_digits(a: Decimal, b: Decimal) -> bool:
    return f"{a.normalize():f}".strip("0.").replace(".", "") == f"{b.normalize():f}".strip("0.").replace(".", "")


_A_WEEK = re.compile(
    r"\b(?:weekly|every\s+(?:\w+\s+)?week|(?:once|twice|times?)\s+(?:a|per|each|in\s+a)\s+week)\b", re.I
)
