"""Turns a reference into what every sentence of a page is held to, and two countries' findings into the one that stands.

Knows no page and no medicine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from attrs import frozen

from posology.labels.audit import subjects
from posology.labels.audit.page import Line
from posology.labels.audit.reference import DoseFact, Reference, base, groups, in_a_day, kind, uses
from posology.labels.audit.stopping import Finding
from posology.labels.extract.limit_words import DOSE, unit_name, value_of

PIECES = ("tablet", "capsule", "pill", "caplet")
STUDY = re.compile(
    r"\b(?:trials?|stud(?:y|ies)|(?<!not\s)(?<!not\sbeen\s)(?<!n.t\sbeen\s)studied|subjects|volunteers|placebo|rats?|mice|rabbits?|plasma|AUC|bioavailab\w+|pharmacokinetic\w*|overdos\w*|ingested|half-life|in\s+(?:the\s+|your\s+)?blood(?!\s+(?:pressure|sugar|test))|\d[\d.]*\s*(?:%|percent|per\s+cent|in\s+\d+)\s+(?:of\s+)?(?:people|patients|adults|children|women|men|those|users|who)\b)|\b\d[\d.,]*\s?(?:mg|mcg|micrograms?|ng|nanograms?)\s*(?:/|per\s+)\s*(?:d?L|lit(?:er|re))\b",
    re.I,
)
"""A sentence that tells of research or of too much gives no one a dose."""


@frozen
class Held:
    """A reference with what is asked of it for every sentence: its amounts, its highest dose a day, its ranges, and the page's liquids."""

    ref: Reference
    known: frozenset[tuple[str, Decimal]]
    kinds: frozenset[str]
    top: Decimal | None
    ranges: tuple[tuple[str, Decimal, Decimal], ...]
    liquids: frozenset[Decimal]
    pieces: DoseFact | None
    """The most tablets a day that it speaks of."""

    @classmethod
    def of(cls, ref: Reference, liquids: frozenset[Decimal]) -> Held:
        """What a reference holds, and the strengths of liquids that the page names."""
        known = frozenset((d.kind, d.amount) for d in ref.doses)
        a_day = sorted(
            (
                (n, d.evidence.quote)
                for d in ref.doses
                if d.kind == "mass" and not d.step
                for n in [in_a_day(d)]
                if n is not None
            ),
            reverse=True,
        )
        highest = next((n for n, quote in a_day if not _tells_of_another(quote, n, ref)), None)
        tops = [x.day for x in ref.limits if kind(x.unit) == "mass" and x.day is not None]
        ranges = [
            (kind(unit), base(value_of(m["low"]), unit), base(value_of(m["num"]), unit))
            for e in (ref.sentences if ref.claims or ref.cited else ())
            for m in DOSE.finditer(e.quote)
            if m["low"]
            for unit in [unit_name(m["unit"], m["kg"])]
        ]
        return cls(
            ref, known, frozenset(k for k, _ in known), max([*tops, *([highest] if highest else [])], default=None), tuple(ranges),
            liquids | subjects.ratios(ref.text) if liquids else liquids,
            max((d for d in ref.doses if d.kind in PIECES and in_a_day(d) is not None), key=lambda d: in_a_day(d) or 0, default=None),
        )  # fmt: skip

    def within(self, k: str, value: Decimal) -> bool:
        """Whether an amount lies in a range that the reference gives."""
        return any(kind_ == k and low <= value <= high for kind_, low, high in self.ranges)


def _grounded(f: Found, line: Line, nowhere: bool) -> bool:
    """Whether a country's own maximum or start is ground enough: told of the people and the use that the page's sentence is about.

    A start must also be no source's start (``nowhere``); a maximum of the country's own holds whatever others allow.
    """
    evidence = f.finding[4]
    if f.role not in ("limit", "start") or evidence is None or (f.role == "start" and not nowhere):
        return False
    said = f"{line.under} {line.text}"
    about, whom = uses(evidence.quote), groups(line.text)
    return (not about or bool(about & uses(said))) and (not whom or bool(whom & groups(evidence.quote)))


def _tells_of_another(quote: str, value: Decimal, ref: Reference) -> bool:
    """Whether a reference's sentence gives an amount as another medicine's, an animal's or a trial's."""
    if STUDY.search(quote):
        return True
    return any(
        subjects.of_another(quote, m.start(), m.end(), ref)
        for m in DOSE.finditer(quote)
        if value % (base(value_of(m["num"]), unit_name(m["unit"], m["kg"])) or 1) == 0
    )


@frozen
class Found:
    """A finding, the amount that it is about, and what that is: a limit, a start, or any other number."""

    finding: Finding
    at: int = -1
    role: str = "number"
    gross: bool = False


_COUNTRIES: dict[str, re.Pattern[str]] = {
    "US": re.compile(r"\b(?:US|U\.S\.|USA|United\s+States|America\w*|FDA)\b"),
    "GB": re.compile(r"\b(?:UK|United\s+Kingdom|Britain|British|England|Scotland|Wales|NHS)\b"),
    "": re.compile(r"\b(?:Europe\w*|EU|Ireland|Irish|German\w*|Canad\w+|Swiss|Switzerland|elsewhere|anywhere|abroad|other\s+countries)\b"),
}  # fmt: skip


def borne_out(found: list[Found], line: Line, own: Held, wide: Held, elsewhere: list[Found]) -> Iterator[Found]:
    """What stands of the findings against one country's statements, once all sources of a medicine file are heard.

    The country's own maxima and starts are ground enough, as are its other numbers where the file knows that country's label well.
    Where it does not, only what is grossly off every source is wrong. A sentence that speaks of another country is held to all.
    """
    abroad = any(rx.search(line.text) for c, rx in _COUNTRIES.items() if c != own.ref.jurisdiction)
    well_known = sum(d.firm for d in own.ref.doses) * 2 >= len(wide.ref.doses)
    there = {f.at: f for f in elsewhere}
    for f in found:
        if abroad:
            if f.at in there and f.at >= 0:
                yield f
        elif well_known or (f.at in there and (f.gross or there[f.at].gross)) or _grounded(f, line, f.at in there):
            yield f
    if not well_known:
        heard = {f.at for f in found}
        yield from (f for f in elsewhere if f.gross and (f.at not in heard or f.at < 0))
