"""Turns a medicine into the page that explains it: sections of short sentences, each with the statements behind it.

Knows no HTML and no terminal: both draw the same Page.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from attrs import field, frozen

from posology.amount import number_text
from posology.medicine import Medicine, OverdoseSign, SideEffect, Statement, Taper, WithdrawalSign
from posology.vocabulary import Country
from posology.wording.words import COUNTRIES

Tone = Literal["plain", "emergency", "warning"]


@frozen
class Line:
    """One sentence or item, with the statements it rests on."""

    text: str
    cites: tuple[str, ...] = ()
    verified: bool = True
    where: str = ""
    """The country it speaks for, where that is not the page's own."""
    how: str = ""
    """How to answer it, where it is a question: an option or a key of the person file."""


@frozen
class Block:
    """A paragraph, a list or a table, with an optional small heading.

    ``aside``: less to the point (what other sources say); drawn smaller, and folded on a screen.
    """

    kind: Literal["paragraph", "bullets", "table"]
    lines: tuple[Line, ...] = ()
    heading: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    aside: bool = False


@frozen
class Section:
    """One part of a page."""

    id: str
    heading: str
    blocks: tuple[Block, ...]
    tone: Tone = "plain"


@frozen
class Page:
    """A page: what kills first, then the subjects in order, then the sources."""

    title: str
    medicine: str
    country: Country
    sections: tuple[Section, ...]
    sources: tuple[tuple[int, str], ...] = ()
    numbers: dict[str, int] = field(factory=dict)
    """Statement id to the number of its source in the list."""

    def section(self, id: str) -> Section | None:
        """The section of that id."""
        return next((s for s in self.sections if s.id == id), None)


TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "what-it-is": ("What it is", ("what-it-is",)),
    "uses": ("What it is used for", ("uses",)),
    "before": ("Before you take it", ("before", "conditions")),
    "dose": ("How much", ("dose",)),
    "how": ("How to take it", ("how-to-take", "measuring", "food")),
    "missed": ("If you miss a dose", ("missed",)),
    "too-much": ("If you take too much", ("too-much",)),
    "stopping": ("Stopping", ("stopping", "withdrawal")),
    "ran-out": ("If you run out", ("ran-out",)),
    "hospital": ("If you are ill, fasting or in hospital", ("hospital",)),
    "side-effects": ("Side effects", ("side-effects",)),
    "other-medicines": ("Other medicines", ("other-medicines",)),
    "alcohol": ("Alcohol", ("alcohol",)),
    "driving": ("Driving and machines", ("driving",)),
    "kidneys": ("Kidneys", ("kidneys",)),
    "liver": ("Liver", ("liver",)),
    "older-people": ("Older people", ("older-people",)),
    "children": ("Children", ("children",)),
    "pregnancy": ("Pregnancy", ("pregnancy",)),
    "breastfeeding": ("Breastfeeding", ("breastfeeding",)),
    "allergy": ("Allergy", ("allergy",)),
    "pump": ("If you have a pump", ("pump",)),
    "storage": ("Storage", ("storage",)),
    "products": ("What it comes as", ("products",)),
    "evidence": ("What studies found", ("evidence", "kinetics")),
}
"""The topics of a page in their order: heading, and the subjects of statements under it."""

_ACTS = {
    "emergency": "Call {emergency} now if you have",
    "ask": "Ask your doctor or pharmacist the same day about",
    "wait": "Often passes by itself; ask if it does not",
}
_ANY_EMERGENCY = "You cannot breathe well, you pass out, you have a fit, or your face or throat swells."
_NOT_STATED = "The sources on file for this country do not say. Ask your pharmacist."


def about(medicine: Medicine, country: Country, topic: str | None = None) -> Page:
    """The page of a medicine for one country; with a topic, only that part (emergency signs still come first)."""
    cited: list[str] = []
    sections = [_emergency(medicine, country)]
    if topic is None:
        sections.append(_key(medicine, country))
    for id, (heading, subjects) in TOPICS.items():
        if topic is None or topic == id:
            made = _section(medicine, country, id, heading, subjects)
            if made is not None:
                sections.append(made)
    if topic is None:
        sections.append(_not_said(medicine, country))
    for s in sections:
        for block in s.blocks:
            cited += [c for line in block.lines for c in line.cites]
    sources = tuple(dict.fromkeys(medicine.statement(c).source for c in cited))
    number = {id: i for i, id in enumerate(sources, 1)}
    return Page(
        title=medicine.names[0].capitalize() + (f": {TOPICS[topic][0][0].lower()}{TOPICS[topic][0][1:]}" if topic else ""), medicine=medicine.id, country=country,
        sections=tuple(s for s in sections if s.blocks),
        sources=tuple((i, source_text(medicine, id)) for id, i in number.items()),
        numbers={c: number[medicine.statement(c).source] for c in dict.fromkeys(cited)},
    )  # fmt: skip


def source_text(medicine: Medicine, id: str) -> str:
    """A source as people read it: publisher, title, date, country, how it was checked."""
    s = medicine.source(id)
    where = "" if s.jurisdiction == "*" else f", {COUNTRIES.get(s.jurisdiction, s.jurisdiction)}"
    return f"{s.publisher}: {s.title} ({s.date}{where}; {s.checked})"


def line(medicine: Medicine, country: Country, s: Statement, text: str = "") -> Line:
    """A statement as a line; the country is named where it is another one."""
    of = medicine.of(s)
    where = "" if of in (country.id, "*") else COUNTRIES.get(of, of)
    return Line(text or s.text, (s.id,), s.verified, where)


def _emergency(medicine: Medicine, country: Country) -> Section:
    signs = [s for s in medicine.rules(WithdrawalSign) if s.rule.urgency == "emergency"]  # type: ignore[union-attr]
    over = [s for s in medicine.rules(OverdoseSign) if s.rule.urgency == "emergency"]  # type: ignore[union-attr]
    effects = [s for s in medicine.rules(SideEffect) if s.rule.act == "emergency"]  # type: ignore[union-attr]
    blocks = []
    for heading, group in (
        ("After missing doses, cutting down or stopping:", signs),
        ("After too much:", over),
        ("At any time:", effects),
    ):
        lines = tuple(line(medicine, country, s) for s in _prefer(medicine, country, group))
        if lines:
            blocks.append(Block("bullets", lines, heading))
    if not blocks:
        blocks.append(Block("paragraph", (Line(_ANY_EMERGENCY),)))
    return Section("emergency", f"Call {country.emergency} now for any of these", tuple(blocks), "emergency")


def _key(medicine: Medicine, country: Country) -> Section:
    if not medicine.tapers:
        return Section("key", "", ())
    own = [s for s in medicine.about("stopping") if isinstance(s.rule, Taper)]
    best = _prefer(medicine, country, own)[:1]
    lines = (
        Line("Do not stop it suddenly, and do not run out. Coming off is done slowly, with your prescriber.",
             tuple(s.id for s in best)),
    )  # fmt: skip
    return Section("key", "Do not stop it suddenly", (Block("paragraph", lines),), "warning")


def _not_said(medicine: Medicine, country: Country) -> Section:
    """The subjects on which no source on file speaks for this country."""
    silent = [
        heading
        for heading, subjects in TOPICS.values()
        if not any(medicine.of(s) in (country.id, "*") for subject in subjects for s in medicine.about(subject))
    ]
    lines = tuple(Line(f"{heading}.") for heading in silent)
    blocks = (
        (Block("bullets", lines, "For this country no source on file speaks of these. Ask your pharmacist:"),)
        if lines
        else ()
    )
    return Section("not-said", "What the sources here do not say", blocks)


def _prefer(medicine: Medicine, country: Country, group: Iterable[Statement]) -> list[Statement]:
    """The country's own statements and those of no country; where there are none, everyone's."""
    held = list(group)
    own = [s for s in held if medicine.of(s) in (country.id, "*")]
    return own or held


def _section(medicine: Medicine, country: Country, id: str, heading: str, subjects: tuple[str, ...]) -> Section | None:
    held = [s for subject in subjects for s in medicine.about(subject)]
    if not held:
        if id in ("missed", "stopping", "too-much", "kidneys", "alcohol", "driving", "pregnancy", "breastfeeding"):
            return Section(id, heading, (Block("paragraph", (Line(_NOT_STATED),)),))
        return None
    if id == "side-effects":
        return Section(id, heading, tuple(_side_effects(medicine, country, held)))
    signs = [s for s in held if isinstance(s.rule, WithdrawalSign | OverdoseSign)]
    plain = [s for s in held if s not in signs]
    own = [s for s in plain if medicine.of(s) in (country.id, "*")]
    other = [s for s in plain if medicine.of(s) not in (country.id, "*")]
    blocks = []
    if own:
        blocks.append(Block("bullets", tuple(line(medicine, country, s) for s in own)))
    elif other:
        blocks.append(Block("paragraph", (Line(_NOT_STATED),)))
    for urgency, words in (("emergency", f"Call {country.emergency} now for:"), ("urgent", "Get help within the hour for:"),
                           ("early", "Call your prescriber the same day for:")):  # fmt: skip
        group = [s for s in signs if s.rule.urgency == urgency]  # type: ignore[union-attr]
        lines = tuple(line(medicine, country, s) for s in _prefer(medicine, country, group))
        if lines:
            blocks.append(Block("bullets", lines, words))
    if other:
        blocks.append(
            Block("bullets", tuple(line(medicine, country, s) for s in other), "What other countries say", aside=True)
        )
    return Section(id, heading, tuple(blocks), "warning" if id == "stopping" else "plain")


def _side_effects(medicine: Medicine, country: Country, held: list[Statement]) -> Iterable[Block]:
    effects = [s for s in held if isinstance(s.rule, SideEffect)]
    for act, words in _ACTS.items():
        group = _prefer(medicine, country, (s for s in effects if s.rule.act == act))  # type: ignore[union-attr]
        lines = tuple(line(medicine, country, s, _often(s)) for s in group)
        if lines:
            yield Block("bullets", lines, words.format(emergency=country.emergency) + ":")
    rest = [s for s in held if not isinstance(s.rule, SideEffect)]
    if rest:
        yield Block("bullets", tuple(line(medicine, country, s) for s in _prefer(medicine, country, rest)))


def _often(s: Statement) -> str:
    rule = s.rule
    assert isinstance(rule, SideEffect)
    if rule.percent is not None:
        high = f" to {number_text(rule.percent_high)}" if rule.percent_high is not None else ""
        return f"{s.text.rstrip('.')} ({number_text(rule.percent)}{high} in 100 people)"
    return f"{s.text.rstrip('.')} ({rule.often})" if rule.often else s.text


def counts(medicine: Medicine) -> list[tuple[str, str, int, int]]:
    """For each source: its text, country, how many statements cite it, and how many of them are verified."""
    found = []
    for s in medicine.sources:
        cited = [x for x in medicine.statements if x.source == s.id]
        found.append((source_text(medicine, s.id), s.jurisdiction, len(cited), sum(x.verified for x in cited)))
    return found
