"""Turns a medicine into the page that explains it: sections of short sentences, each with the statements behind it.

Knows no HTML and no terminal: both draw the same Page.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Literal, Protocol

from attrs import evolve, field, frozen

from posology.amount import number_text
from posology.medicine import (
    NOT_RECORDED,
    BoxedWarning,
    Caution,
    MaxPerDay,
    MaxPerDose,
    Medicine,
    NotSaid,
    OverdoseSign,
    SideEffect,
    Statement,
    StopOrder,
    Taper,
    WithdrawalSign,
)
from posology.vocabulary import Country, Vocabulary
from posology.wording.limits import GROUPS, for_adults, limit_text, whom
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
    """One part of a page. ``tone``: "emergency" is drawn loudest, "warning" stands out."""

    id: str
    heading: str
    blocks: tuple[Block, ...]
    tone: Tone = "plain"


class Cited(Protocol):
    """What has the numbers of its sources, and the places in them."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """Cite to the number of its source."""

    @property
    def places(self) -> Mapping[str, str]:
        """Cite to where it stands there."""


@frozen
class Page:
    """A page: what kills first, then the subjects in order, then the sources."""

    title: str
    medicine: str
    country: Country
    sections: tuple[Section, ...]
    sources: tuple[tuple[int, str], ...] = ()
    numbers: dict[str, int] = field(factory=dict)
    """Statement id (or ``product:`` and its id) to the number of its source in the list."""
    places: dict[str, str] = field(factory=dict)
    """Statement id to where it stands in that source: "§5.1"."""
    say: str = ""
    """How the name is said aloud."""
    notice: str = ""
    """What must be known of the page as a whole: how it was made."""
    short: bool = False
    """Whether it is the short page, drawn smaller so that it fits on one sheet."""

    def section(self, id: str) -> Section | None:
        """The section of that id."""
        return next((s for s in self.sections if s.id == id), None)


TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "what-it-is": ("What it is", ("what-it-is",)),
    "uses": ("What it is used for", ("uses",)),
    "must-not": ("Who must not take it", ()),
    "before": ("Before you take it", ("before", "conditions")),
    "dose": ("How much", ("dose",)),
    "most": ("The most to take", ()),
    "how": ("How to take it", ("how-to-take", "measuring", "food")),
    "missed": ("If you miss a dose", ("missed",)),
    "hospital": ("If you are ill, fasting or in hospital", ("hospital",)),
    "too-much": ("If you take too much", ("too-much",)),
    "stopping": ("Stopping", ("stopping", "withdrawal")),
    "ran-out": ("If you run out", ("ran-out",)),
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
"""The topics of a page in their order: heading, and the subjects of statements under it; none where they are gathered
from all subjects (the contraindications, the limits)."""

SHORT = ("uses", "must-not", "most", "missed", "too-much", "stopping", "ran-out")
"""The topics of the short page, which fits on one sheet: after what can kill, what people must know by heart."""

_ALWAYS = ("missed", "too-much", "stopping", "kidneys", "alcohol", "driving", "pregnancy", "breastfeeding")
"""Topics with a head of their own even where every source is silent."""
_OLD_YEARS = 5
_ACTS = {
    "emergency": "Call {emergency} now if you have",
    "ask": "Ask your doctor or pharmacist the same day about",
    "wait": "Often passes by itself; ask if it does not",
}
ANY_EMERGENCY = "You cannot breathe well, you pass out, you have a fit, or your face or throat swells."
"""Signs that are an emergency with any medicine, where no source on file names its own."""
_NOT_STATED = "The sources on file for this country do not say. Ask your pharmacist."
_STOPPING_NOT_STATED = "The sources on file for this country do not say. Ask your prescriber before you stop."


def about(
    medicine: Medicine,
    country: Country,
    topic: str | None = None,
    *,
    vocabulary: Vocabulary | None = None,
    short: bool = False,
    today: dt.date | None = None,
) -> Page:
    """The page of a medicine for one country; with a topic, only that part (emergency signs still come first).

    ``vocabulary``: names the conditions that a limit is for. ``short``: only what must be known by heart, for one
    sheet of paper. ``today``: sources more than five years older are marked as perhaps out of date.
    """
    terms = vocabulary or Vocabulary()
    # On the whole page a contraindication and a boxed warning stand once, in the part that gathers them.
    moved = frozenset() if topic else {s.id for s in (*_forbidden(medicine, country), *_boxed(medicine, country))}
    sections = [_emergency(medicine, country)]
    if topic is None:
        sections.append(_key(medicine, country))
    for id, (heading, subjects) in TOPICS.items():
        if (topic is None and (not short or id in SHORT)) or topic == id:
            made: Section | None
            if id == "most":
                made = _most(medicine, country, terms)
            elif id == "must-not":
                made = _must_not(medicine, country)
            else:
                made = _section(medicine, country, id, heading, subjects, moved)
            if made is not None:
                sections.append(made)
    if topic is None and not short:
        sections.append(_not_said(medicine, country))
    if short:
        sections = [sections[0], *(evolve(s, blocks=tuple(_shortened(s.blocks, medicine))) for s in sections[1:])]
    cited = dict.fromkeys(c for s in sections for b in s.blocks for x in b.lines for c in x.cites)
    sources = tuple(dict.fromkeys(_source_of(medicine, c) for c in cited))
    number = {id: i for i, id in enumerate(sources, 1)}
    return Page(
        title=medicine.names[0].capitalize() + (f": {TOPICS[topic][0][0].lower()}{TOPICS[topic][0][1:]}" if topic else ""),
        medicine=medicine.id, country=country, say=medicine.say, short=short,
        sections=tuple(s for s in sections if s.blocks),
        sources=tuple((i, source_text(medicine, id) + _age(medicine, id, today)) for id, i in number.items()),
        numbers={c: number[_source_of(medicine, c)] for c in cited},
        places=places(medicine, cited),
    )  # fmt: skip


def _shortened(blocks: Iterable[Block], medicine: Medicine) -> Iterable[Block]:
    """Blocks for the short page: no asides, no unverified remarks, no silences, and signs in one line a group.

    The emergency signs are left out here: they stand at the head of the page.
    """
    for b in blocks:
        # What is not verified goes, but for rules: those may only be stricter than the rest.
        kept = [
            x
            for x in b.lines
            if (x.verified or any(_rule(medicine, c) is not None for c in x.cites))
            and not any(_said_elsewhere(medicine, c) for c in x.cites)
        ]
        if b.aside or not kept:
            continue
        if len(kept) > 2 and all(any(isinstance(_rule(medicine, c), _SIGNS) for c in x.cites) for x in kept):
            cites = tuple(dict.fromkeys(c for x in kept for c in x.cites))
            signs = " ".join(x.text for x in kept)
            yield Block("paragraph", (Line(signs, cites),), b.heading)
        else:
            yield evolve(b, lines=tuple(kept))


_SIGNS = (WithdrawalSign, OverdoseSign)


def _rule(medicine: Medicine, cite: str) -> object:
    return None if cite.startswith("product:") else medicine.statement(cite).rule


def _said_elsewhere(medicine: Medicine, cite: str) -> bool:
    """Whether the short page has it at its head, or leaves it to the long page."""
    rule = _rule(medicine, cite)
    return isinstance(rule, NotSaid) or (isinstance(rule, _SIGNS) and rule.urgency == "emergency")


def marks(cites: Iterable[str], page: Cited) -> list[tuple[int, str]]:
    """The marks behind a line: the number of each source, and where in it the fact stands (empty where not recorded).

    A source cited twice by one line without a place is shown once.
    """
    found = dict.fromkeys((page.numbers[c], page.places.get(c, "")) for c in cites if c in page.numbers)
    placed = {n for n, place in found if place}
    return [(n, place) for n, place in found if place or n not in placed]


def _source_of(medicine: Medicine, cite: str) -> str:
    """The source of a statement, or of a product, which is cited as ``product:<id>``."""
    kind, _, id = cite.partition(":")
    return medicine.product(id).source if kind == "product" and id else medicine.statement(cite).source


def places(medicine: Medicine, cites: Iterable[str]) -> dict[str, str]:
    """Where in its source each statement stands, in short: the label's own number (§5.1), else the code of the section.

    Statements whose section is not recorded are left out.
    """
    found: dict[str, str] = {}
    for cite in cites:
        if not cite.startswith("product:"):
            section = medicine.statement(cite).section
            own = list(dict.fromkeys(re.findall(r"\(([\d.]+)\)", section)))
            codes = list(dict.fromkeys(re.findall(r"\d{5}-\d", section)))
            if own:
                found[cite] = "§" + ",\u00a0".join(own[:2])
            elif codes:
                found[cite] = ",\u00a0".join(codes[:2])
            elif section != NOT_RECORDED and len(section) <= 12:
                found[cite] = f"§{section}"
    return found


def _age(medicine: Medicine, id: str, today: dt.date | None) -> str:
    """A remark on a source that is old on that day; none where its date is not recorded, which is said beside it."""
    year = re.match(r"(\d{4})", medicine.source(id).date)
    if today is None or year is None or today.year - int(year[1]) <= _OLD_YEARS:
        return ""
    return f". It is {today.year - int(year[1])} years old and may be out of date."


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
        blocks.append(Block("paragraph", (Line(ANY_EMERGENCY),)))
    return Section("emergency", f"Call {country.emergency} now for any of these", tuple(blocks), "emergency")


def _boxed(medicine: Medicine, country: Country) -> list[Statement]:
    return [s for s in medicine.rules(BoxedWarning) if medicine.of(s) in (country.id, "*")]


def _forbidden(medicine: Medicine, country: Country) -> list[Statement]:
    """The contraindications of the country."""
    return [
        s
        for s in medicine.rules(Caution)
        if s.rule.action == "contraindicated" and medicine.of(s) in (country.id, "*")  # type: ignore[union-attr]
    ]


def _key(medicine: Medicine, country: Country) -> Section:
    """What can kill, in a few lines: the sudden stop, the label's box, which of two ends first, the most in a day."""
    lines = []
    if medicine.tapers:
        own = [s for s in medicine.about("stopping") if isinstance(s.rule, Taper)]
        first = _prefer(medicine, country, own)[:1]
        # a source that names no steps, only a watch, is not said to lower the dose slowly
        watched = any(isinstance(s.rule, Taper) and s.rule.shape == "observe" for s in first)
        how = "with your prescriber, under close watch" if watched else "slowly, with your prescriber"
        text = f"Do not stop it suddenly, and do not run out. Coming off is done {how}."
        lines.append(Line(text, tuple(s.id for s in first)))
    else:
        lines.append(Line("Do not stop it by yourself. Ask your prescriber first."))
    lines += [line(medicine, country, s) for s in _boxed(medicine, country)]
    lines += [line(medicine, country, s) for s in medicine.rules(StopOrder) if medicine.of(s) in (country.id, "*")]
    limits = [
        s
        for s in medicine.rules(MaxPerDay)
        if for_adults(s) and s.rule.above == "stop" and not s.rule.ingredient  # type: ignore[union-attr]
    ]
    own_limits = [s for s in limits if medicine.of(s) in (country.id, "*")]
    if own_limits:
        most = max(own_limits, key=_amount)
        text = f"Never take more than {limit_text(most, medicine)}. For some people the most is less."
        # what was not read in its source never stands as leave: the highest that was read does, with its country
        read = [] if most.verified else [s for s in limits if s.verified and _amount(s) < _amount(most)]
        if read:
            most = max(read, key=_amount)
            there = COUNTRIES.get(medicine.of(most), medicine.of(most))
            text = f"Never take more than your prescriber wrote. The most that we read in a label is {limit_text(most, medicine)} ({there})."
        lines.append(evolve(line(medicine, country, most), text=text, where=""))
    return Section("key", "What matters most", (Block("bullets", tuple(lines)),), "warning")


def _amount(s: Statement) -> Fraction:
    """The limit of a statement, in its base unit."""
    assert isinstance(s.rule, MaxPerDay)
    return s.rule.amount.base


def _most(medicine: Medicine, country: Country, terms: Vocabulary) -> Section:
    """The highest doses of the country, by group: a day and at one time, by use, age, kidneys, weight.

    Where the country has none, those of other countries, each with its name.
    """
    every = (*medicine.rules(MaxPerDay), *medicine.rules(MaxPerDose))
    own = [s for s in every if medicine.of(s) in (country.id, "*")]
    groups: dict[str, list[Line]] = {}
    for s in own or every:
        group, people = whom(s, medicine, terms)
        most = limit_text(s, medicine)
        text = f"{people[:1].upper()}{people[1:]}: {most}." if people else f"{most[:1].upper()}{most[1:]}."
        # a limit that is not a hard one is said in its own words: why more is seldom given differs
        soft = s.rule.above != "stop"  # type: ignore[union-attr]
        shown = line(medicine, country, s)
        shown = shown if soft else evolve(shown, text=text)
        told = groups.setdefault(group, [])
        same = next((i for i, x in enumerate(told) if x.text == shown.text), None)
        if same is None:
            told.append(shown)
        else:  # two kinds of kidney function may have the same rows: said once, by the one that was read
            first, second = (told[same], shown) if told[same].verified or not shown.verified else (shown, told[same])
            told[same] = evolve(first, cites=(*first.cites, *second.cites))
    blocks = []
    if not any(isinstance(s.rule, MaxPerDay) and not s.rule.ingredient for s in own):
        blocks.append(Block("paragraph", (Line(_NO_MOST),)))
    if groups and not own:
        blocks.append(Block("paragraph", (Line(f"{_ELSEWHERE}:"),)))
    blocks += [Block("bullets", tuple(groups[g]), g) for g in GROUPS if g in groups]
    if sum(map(len, groups.values())) > 1:
        blocks.append(Block("paragraph", (Line(_SMALLEST),)))
    return Section("most", TOPICS["most"][0], tuple(blocks), "warning")


_ELSEWHERE = "What other countries say"
_NO_MOST = (
    "No source here states the most in a day for this country. That does not mean there is none. Ask your pharmacist."
)
_SMALLEST = "More than one line may hold for you: then the smallest counts. Do not work it out yourself."
_NOBODY = (
    "No source on file for this country names anyone. Tell your prescriber about all your illnesses, allergies and "
    "medicines."
)


def _must_not(medicine: Medicine, country: Country) -> Section:
    """The contraindications of the country, from every subject; where it names none, those of other countries."""
    own = _forbidden(medicine, country)
    if own:
        blocks = [Block("bullets", tuple(line(medicine, country, s) for s in own))]
    else:
        blocks = [Block("paragraph", (Line(_NOBODY),))]
        others = [s for s in medicine.rules(Caution) if s.rule.action == "contraindicated"]  # type: ignore[union-attr]
        if others:
            blocks.append(Block("bullets", tuple(line(medicine, country, s) for s in others), _ELSEWHERE))
    return Section("must-not", TOPICS["must-not"][0], tuple(blocks))


def _not_said(medicine: Medicine, country: Country) -> Section:
    """What no source on file says for this country: subjects without a word, and silences found on reading."""
    silent = [
        heading
        for heading, subjects in TOPICS.values()
        if subjects and subjects != ("pump",) and not (subjects == ("products",) and medicine.products)
        and not any(medicine.of(s) in (country.id, "*") for subject in subjects for s in medicine.about(subject))
    ]  # fmt: skip
    found = [s for s in medicine.rules(NotSaid) if medicine.of(s) in (country.id, "*")]
    blocks = []
    if found:
        blocks.append(Block("bullets", tuple(line(medicine, country, s) for s in found)))
    if silent:
        blocks.append(
            Block("bullets", tuple(Line(f"{heading}.") for heading in silent),
                  "For this country no source on file speaks of these. Ask your pharmacist:")
        )  # fmt: skip
    return Section("not-said", "What the sources here do not say", tuple(blocks))


def _prefer(medicine: Medicine, country: Country, group: Iterable[Statement]) -> list[Statement]:
    """The country's own statements and those of no country; where there are none, everyone's."""
    held = list(group)
    own = [s for s in held if medicine.of(s) in (country.id, "*")]
    return own or held


def _section(
    medicine: Medicine, country: Country, id: str, heading: str, subjects: tuple[str, ...], moved: Collection[str]
) -> Section | None:
    held = [s for subject in subjects for s in medicine.about(subject) if s.id not in moved]
    if id == "products":
        return _products(medicine, country, heading, held)
    first = (Block("paragraph", (Line(help_line(country)),)),) if id == "too-much" else ()
    if not held:
        if id in _ALWAYS:
            text = _STOPPING_NOT_STATED if id == "stopping" else _NOT_STATED
            return Section(
                id, heading, (*first, Block("paragraph", (Line(text),))), "warning" if id == "stopping" else "plain"
            )
        return None
    if id == "side-effects":
        return Section(id, heading, tuple(_side_effects(medicine, country, held)))
    signs = [s for s in held if isinstance(s.rule, WithdrawalSign | OverdoseSign)]
    plain = [s for s in held if s not in signs]
    own = [s for s in plain if medicine.of(s) in (country.id, "*")]
    other = [s for s in plain if medicine.of(s) not in (country.id, "*")]
    blocks = [*first]
    if id == "stopping" and own and not any(isinstance(s.rule, Taper) for s in own):
        blocks.append(Block("paragraph", (Line(_STOPPING_NOT_STATED),)))
    if own:
        blocks.append(Block("bullets", tuple(line(medicine, country, s) for s in own)))
    elif other:
        blocks.append(Block("paragraph", (Line(_STOPPING_NOT_STATED if id == "stopping" else _NOT_STATED),)))
    for urgency, words in (("emergency", f"Call {country.emergency} now for:"), ("urgent", "Get help within the hour for:"),
                           ("early", "Call your prescriber the same day for:")):  # fmt: skip
        group = [s for s in signs if s.rule.urgency == urgency]  # type: ignore[union-attr]
        lines = tuple(line(medicine, country, s) for s in _prefer(medicine, country, group))
        if lines:
            blocks.append(Block("bullets", lines, words))
    if other:
        blocks.append(Block("bullets", tuple(line(medicine, country, s) for s in other), _ELSEWHERE, aside=True))
    return Section(id, heading, tuple(blocks), "warning" if id == "stopping" else "plain")


def help_line(country: Country) -> str:
    """Whom to call after too much, in the order of the country's own lines."""
    if country.poison:
        whom = f"{country.poison_name} ({country.poison})" if country.poison_name else country.poison
    elif country.advice:
        whom = f"{country.advice_name} ({country.advice})" if country.advice_name else country.advice
    else:
        return f"If you took too much, call {country.emergency} or your doctor now, even if you feel well."
    return f"If you took too much, call {whom} now, even if you feel well. If someone is very ill, call {country.emergency}."


def _products(medicine: Medicine, country: Country, heading: str, held: list[Statement]) -> Section | None:
    """What the pieces and bottles of the country look like, and how each may be split."""
    lines = []
    for p in medicine.products:
        if p.jurisdiction == country.id:
            looks = (
                "" if p.appearance == NOT_RECORDED else f" {p.appearance[:1].upper()}{p.appearance[1:].rstrip('.')}."
            )
            split = p.parts_note or ("" if p.liquid else _SPLIT[p.parts])
            note = " Shake it before use." if p.shake else ""
            lines.append(Line(f"{p.name}.{looks} {split}{note}".strip(), (f"product:{p.id}",), p.verified))
    blocks = []
    if lines:
        blocks.append(Block("bullets", tuple(lines)))
        blocks.append(Block("paragraph", (Line(LOOKS),)))
    blocks += (
        [Block("bullets", tuple(line(medicine, country, s) for s in _prefer(medicine, country, held)))] if held else []
    )
    return Section("products", heading, tuple(blocks)) if blocks else None


_SPLIT = {1: "Do not split it.", 2: "It may be halved.", 4: "It may be split in quarters."}
LOOKS = "Makers differ in how their products look. If yours look new to you, ask your pharmacist before you take one."


def _side_effects(medicine: Medicine, country: Country, held: list[Statement]) -> Iterable[Block]:
    effects = [s for s in held if isinstance(s.rule, SideEffect)]
    for act, words in _ACTS.items():
        group = _prefer(medicine, country, (s for s in effects if s.rule.act == act))  # type: ignore[union-attr]
        group.sort(key=lambda s: -(s.rule.percent or 0))  # type: ignore[union-attr]
        lines = tuple(line(medicine, country, s, _often(s)) for s in group)
        if lines:
            yield Block("bullets", lines, words.format(emergency=country.emergency) + ":")
    rest = [s for s in held if not isinstance(s.rule, SideEffect)]
    if rest:
        yield Block("bullets", tuple(line(medicine, country, s) for s in _prefer(medicine, country, rest)), "Also:")


def _often(s: Statement) -> str:
    rule = s.rule
    assert isinstance(rule, SideEffect)
    if rule.percent is not None:
        high = f" to {number_text(rule.percent_high)}" if rule.percent_high is not None else ""
        return f"{s.text.rstrip('.')} ({number_text(rule.percent)}{high} in 100 people)."
    return f"{s.text.rstrip('.')} ({rule.often})." if rule.often else s.text


def counts(medicine: Medicine) -> list[tuple[str, str, int, int]]:
    """For each source: its text, country, how many statements cite it, and how many of them are verified."""
    found = []
    for s in medicine.sources:
        cited = [x for x in medicine.statements if x.source == s.id]
        found.append((source_text(medicine, s.id), s.jurisdiction, len(cited), sum(x.verified for x in cited)))
    return found
