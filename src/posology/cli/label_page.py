"""Turns one official label, of any medicine, into a page: fixed plain sentences of ours, and the label's own words.

Knows no medicine. Nothing is written freely: each sentence of ours is a template, filled with what was found, and the
label's words stand below it, as they are. What the label does not say is said.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from attrs import evolve

from posology.labels.diff import diff
from posology.labels.draft import statements_of
from posology.labels.extract import Facts, Passage, extract
from posology.labels.record import Label, Place
from posology.labels.text import sentences as cut
from posology.vocabulary import Country
from posology.wording.page import ANY_EMERGENCY, LOOKS, TOPICS, Block, Line, Page, Section, help_line

NOTICE = (
    "Made by a program from one official label. No one has checked it. The label's own words stand below ours: "
    "they are the ones that count."
)
_WORDS = "The label's words"
_USES = frozenset({"34067-9", "55105-1"})
_USED_FOR = re.compile(r"what it is used for|therapeutic indications", re.I)
_EFFECTS = re.compile(r"\b(?:possible )?side effects$|undesirable effects", re.I)
_SHOWN = 3
"""So many passages stand open; the rest of a topic is folded."""

_TOPICS: tuple[tuple[str, str, str, str], ...] = (
    ("other-medicines", "interactions", "The label names other medicines that matter. Show yours to a pharmacist.",
     "No part on other medicines was found in the label. Show yours to a pharmacist all the same."),
    ("alcohol", "alcohol", "The label warns about alcohol. Ask before you drink.",
     "Nothing on alcohol was found in the label. Ask before you drink."),
    ("driving", "driving", "The label speaks of driving or machines. Do not drive until you know how it affects you.",
     "Nothing on driving was found in the label. Do not drive if you feel sleepy or dizzy."),
    ("kidneys", "kidney", "The label speaks of the kidneys. If yours are weak, ask about your dose.",
     "Nothing on the kidneys was found in the label. If yours are weak, ask about your dose."),
    ("liver", "liver", "The label speaks of the liver. If yours is weak, ask about your dose.",
     "Nothing on the liver was found in the label. If yours is weak, ask about your dose."),
    ("pregnancy", "pregnancy", "The label speaks of pregnancy. Tell your prescriber. Do not stop it by yourself.",
     "Nothing on pregnancy was found in the label. Tell your prescriber. Do not stop it by yourself."),
    ("breastfeeding", "lactation", "The label speaks of breastfeeding. Ask first. Do not stop it by yourself.",
     "Nothing on breastfeeding was found in the label. Ask first."),
    ("storage", "storage", "The label says how to keep it.", "How to keep it was not found in the label. Look at the pack."),
)  # fmt: skip
_SILENT = {
    "stopping": "How to stop it, or what a sudden stop does.", "maximum_dose": "The most to take.",
    "boxed_warning": "Any boxed warning.", "starting_dose": "The dose to start with.", "steps": "How the dose goes up.",
    "missed_dose": "What to do about a missed dose.", "contraindications": "Who must not take it.",
    "interactions": "Other medicines.", "kidney": "Weak kidneys.", "liver": "The liver.", "pregnancy": "Pregnancy.",
    "lactation": "Breastfeeding.", "alcohol": "Alcohol.", "driving": "Driving.", "storage": "How to keep it.",
    "overdose": "What to do after too much.", "appearance": "What it looks like.",
}  # fmt: skip


class _Quotes:
    """The label's words on a page, each with a name of its own and where it stands."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def cite(self, section_code: str, path: str = "") -> str:
        """A new cite of that section."""
        own = re.match(r"(\d{1,2}(?:\.\d{1,2})*)\b", path.rpartition(" > ")[2].strip())
        name = f"label:{len(self.places)}"
        self.places[name] = f"§{own[1]}" if own else section_code
        return name

    def line(self, p: Passage) -> Line:
        """One passage as a line."""
        return Line(f"\u201c{p.quote}\u201d", (self.cite(p.section_code, p.path),))

    def blocks(self, passages: Iterable[Passage], shown: int = 0) -> list[Block]:
        """Passages: the first few open, the rest folded; each text once."""
        held = list({p.quote: p for p in passages if len(re.findall(r"[^\W\d_]{2,}", p.quote)) > 2}.values())
        first, rest = held[:shown], held[shown : shown + 12]
        made = [Block("bullets", tuple(self.line(p) for p in first), f"{_WORDS}:")] if first else []
        more = "More of the label's words" if first else _WORDS
        return [*made, *([Block("bullets", tuple(self.line(p) for p in rest), more, aside=True)] if rest else [])]


def label_page(label: Label, country: Country, today: dt.date | None = None, before: Label | None = None) -> Page:
    """The page of one label. ``country``: whose emergency number it names. ``today``: to say how old the label is.

    ``before``: an earlier edition of it, to say what changed since.
    """
    facts, quotes = extract(label), _Quotes()
    drafted: dict[str, list[Line]] = {}
    for s in statements_of(label, facts):
        drafted.setdefault(s.subject, []).append(Line(s.text, (quotes.cite(s.section),)))
    sections = [
        Section("emergency", f"Call {country.emergency} now for any of these",
                (Block("paragraph", (Line(ANY_EMERGENCY),)),), "emergency"),
        _key(facts, quotes),
        _uses(label, quotes),
        _said("must-not", quotes, facts.topics["contraindications"], "The label names who must not take it. Tell your prescriber about all your illnesses and allergies. If you take it now, do not stop it by yourself.",
              "The label was not found to name anyone. Tell your prescriber about all your illnesses and allergies.", _SHOWN),
        _dose(facts, quotes, drafted),
        _most(facts, quotes, drafted),
        _missed(facts, quotes, drafted),
        _said("too-much", quotes, facts.topics["overdose"], help_line(country), help_line(country)),
        _stopping(facts, quotes, drafted),
        _effects(label, quotes),
    ]  # fmt: skip
    sections += [_said(id, quotes, facts.topics[t], there, not_there) for id, t, there, not_there in _TOPICS]
    order = list(TOPICS)
    sections[2:] = sorted(sections[2:], key=lambda s: order.index(s.id))
    looks = _products(label, quotes)
    if before is not None:
        sections.append(_changes(before, label, quotes))
    silent = tuple(Line(_SILENT[name]) for name in facts.not_stated if name in _SILENT)
    if looks:
        sections.append(looks)
    if silent:
        text = "Nothing was found in the label on these. Ask your pharmacist:"
        sections.append(Section("not-said", "What this label does not say", (Block("bullets", silent, text),)))
    year = re.match(r"\d{4}", label.effective)
    age = today.year - int(year[0]) if today and year else 0
    old = f". It is {age} years old and may be out of date" if age > 5 else ""
    source = (
        f"{label.labeler or 'Labeler not stated'}: {label.name or label.title}, official label "
        f"({label.effective or 'no date'}, version {label.version or 'not stated'}, {country.name}; set id "
        f"{label.setid or 'not stated'}){old}."
    )
    return Page(
        title=label.name or label.title or label.source, medicine=label.setid or label.source, country=country,
        sections=tuple(s for s in sections if s.blocks), sources=((1, source),), numbers=dict.fromkeys(quotes.places, 1),
        places=quotes.places, notice=NOTICE,
    )  # fmt: skip


def _changes(before: Label, label: Label, quotes: _Quotes) -> Section:
    """What is new since an earlier edition: what it is about, and the new words; the old words are not shown as if they held."""
    found = diff(before, label)
    blocks = [Block("paragraph", (Line(n),)) for n in found.notes]
    for c in found.changes:
        blocks.append(Block("paragraph", (Line(c.summary),)))
        blocks += quotes.blocks(c.came)
    if not found.changes:
        blocks.append(Block("paragraph", (Line("Nothing was found to have changed for a person who takes it."),)))
    return Section("changes", f"What changed since {before.effective or 'the edition before'}", tuple(blocks))


def own_words(page: Page) -> Page:
    """The page without the label's words: what its reading level is measured on, as only ours can be made plainer."""

    def ours(b: Block) -> Block:
        return evolve(b, lines=tuple(x for x in b.lines if not x.text.startswith("\u201c")))

    return evolve(page, sections=tuple(evolve(s, blocks=tuple(map(ours, s.blocks))) for s in page.sections))


def _by_sentence(p: Passage) -> Iterable[Passage]:
    """A passage cut into its sentences."""
    return (evolve(p, quote=s.text, start=p.start + s.start, end=p.start + s.end) for s in cut(p.quote))


def _once(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines of the same words as one, with every place that says it."""
    found: dict[str, Line] = {}
    for x in lines:
        found[x.text] = evolve(x, cites=(*found[x.text].cites, *x.cites)) if x.text in found else x
    return tuple(found.values())


def _paragraph(*lines: str) -> Block:
    return Block("paragraph", tuple(map(Line, lines)))


def _said(id: str, quotes: _Quotes, found: tuple[Passage, ...], there: str, not_there: str, shown: int = 0) -> Section:
    return Section(id, TOPICS[id][0], (_paragraph(there if found else not_there), *quotes.blocks(found, shown)))


def _key(facts: Facts, quotes: _Quotes) -> Section:
    lines = []
    if facts.stopping.abrupt:
        lines.append(Line("Do not stop it suddenly, and do not run out: the label warns of harm. Ask first.",
                          tuple(quotes.cite(p.section_code, p.path) for p in facts.stopping.warnings[:1])))  # fmt: skip
    else:
        lines.append(Line("Do not stop it by yourself. Ask your prescriber first."))
    blocks = [Block("bullets", tuple(lines))]
    if facts.boxed:
        blocks.append(_paragraph("The label has a boxed warning: a harm so great that it stands before all others."))
        blocks += quotes.blocks((x for p in facts.boxed for x in _by_sentence(p)), 2 * _SHOWN)
    return Section("key", "What matters most", tuple(blocks), "warning")


def _uses(label: Label, quotes: _Quotes) -> Section:
    found = [
        Line(f"\u201c{b.words}\u201d", (quotes.cite(place.section.nearest, place.path),))
        for place in _about(label, _USES, _USED_FOR)
        for b in place.section.blocks
        if b.words
    ]
    heading = TOPICS["uses"][0]
    if not found:
        return Section(
            "uses", heading, (_paragraph("What it is for was not found in the label. Ask your pharmacist."),)
        )
    blocks = [Block("bullets", tuple(found[:_SHOWN]), f"{_WORDS}:")]
    if found[_SHOWN:]:
        blocks.append(Block("bullets", tuple(found[_SHOWN:12]), "More of the label's words", aside=True))
    return Section("uses", heading, tuple(blocks))


def _dose(facts: Facts, quotes: _Quotes, drafted: dict[str, list[Line]]) -> Section:
    begins = [x for x in drafted.get("dose", []) if "as the most" not in x.text]
    first = [Block("bullets", _once(begins))] if begins else []
    text = "Take what your prescriber wrote. Do not work out a dose from this page."
    words = quotes.blocks((*facts.topics["starting_dose"], *facts.topics["steps"]))
    return Section("dose", TOPICS["dose"][0], (_paragraph(text), *first, *words))


def _most(facts: Facts, quotes: _Quotes, drafted: dict[str, list[Line]]) -> Section:
    limits = [x for x in drafted.get("dose", []) if "as the most" in x.text]
    if limits:
        blocks = [Block("bullets", _once(limits)), *quotes.blocks([m.passage for m in facts.advised_maximum])]
        blocks.append(_paragraph("More than one line may hold for you: then the smallest counts."))
    else:
        blocks = [
            _paragraph(
                "The most to take was not found in the label. That does not mean there is no limit. Ask your pharmacist."
            )
        ]
    return Section("most", TOPICS["most"][0], tuple(blocks), "warning")


def _missed(facts: Facts, quotes: _Quotes, drafted: dict[str, list[Line]]) -> Section:
    found = facts.topics["missed_dose"]
    text = (
        "Never take two doses at once."
        if found
        else "The label does not say. Ask your pharmacist. Never take two doses at once."
    )
    own = drafted.get("missed", [])
    first = [Block("bullets", tuple(own))] if own else []
    return Section("missed", TOPICS["missed"][0], (*first, _paragraph(text), *quotes.blocks(found, _SHOWN)))


def _stopping(facts: Facts, quotes: _Quotes, drafted: dict[str, list[Line]]) -> Section:
    found = facts.stopping
    lines = list(drafted.get("stopping", []))
    if not found.stated:
        lines = [Line("The label does not say. Ask before you stop.")]
    elif not lines:
        lines = [Line("The label speaks of a sudden stop, and does not warn against it. Ask before you stop.")]
    words = quotes.blocks((*found.warnings, *found.tapers, *found.denials), _SHOWN)
    return Section("stopping", TOPICS["stopping"][0], (Block("bullets", tuple(lines)), *words), "warning")


def _effects(label: Label, quotes: _Quotes) -> Section:
    """Side effects: what to do, and the first of the label's own words on them, folded."""
    text = "Call your prescriber the same day about any new sign that worries you. Do not stop it by yourself."
    found = [
        Line(f"\u201c{s.text}\u201d", (quotes.cite(place.section.nearest, place.path),))
        for place in _about(label, frozenset({"34084-4"}), _EFFECTS)
        for b in place.section.blocks
        for s in cut(b.words)
        if len(s.text.split()) > 3
    ]
    words = [Block("bullets", tuple(found[:12]), _WORDS, aside=True)] if found else []
    return Section("side-effects", TOPICS["side-effects"][0], (_paragraph(text), *words))


def _about(label: Label, codes: frozenset[str], titles: re.Pattern[str]) -> list[Place]:
    """The sections on a subject: by their code, or by their title or that of one around them, as leaflets have it."""
    return [
        place
        for place in label.walk("text")
        if codes & set(place.codes) or any(titles.search(s.title) for s in place.line)
    ]


def _products(label: Label, quotes: _Quotes) -> Section | None:
    lines = []
    for p in label.products:
        actives = ", ".join(f"{a.name.lower()} {a.strength or ''}".strip() for a in p.active)
        a = p.appearance
        marked = f"marked {a.imprint.replace(';', ' ')}" if a.imprint else ""
        looks = ", ".join(x for x in (a.color.lower(), a.shape.lower(), a.size, marked) if x)
        text = ". ".join(x for x in (f"{p.name} ({p.form.lower()})" if p.form else p.name, actives, looks) if x)
        lines.append(Line(f"{text}.", (quotes.cite("48780-1"),)))
    lines = list({x.text: x for x in lines}.values())
    if not lines:
        return None
    return Section("products", TOPICS["products"][0], (Block("bullets", tuple(lines)), _paragraph(LOOKS)))


def refused(label: Label) -> str:
    """Why a document is no page of a medicine; empty where it is a label of one for people."""
    return "" if label.human_drug else (label.notes[0] if label.notes else "This is no label of a medicine for people.")
