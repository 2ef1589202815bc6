"""Turns one official label, of any medicine, into a page: fixed plain sentences of ours, and the label's own words.

Knows no medicine. Nothing is written freely: each sentence of ours is a template, filled with what was found, and the
label's words stand below it, as they are. What the label does not say is said.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from attrs import evolve

from posology.labels.diff import alike, diff
from posology.labels.draft import statements_of
from posology.labels.extract import Facts, Passage, extract
from posology.labels.extract.passage import all_sentences, heading
from posology.labels.record import Label, Place
from posology.labels.text import sentences as cut
from posology.medicine import NOT_RECORDED
from posology.vocabulary import Country
from posology.wording.page import ANY_EMERGENCY, LOOKS, TOPICS, Block, Line, Page, Section, help_line

NOTICE = (
    "Made by a program from one official label. No one has checked it. The label's own words stand below ours: "
    "they are the ones that count."
)
_WORDS = "The label's words"
_USES = frozenset({"34067-9", "55105-1"})
_USED_FOR = re.compile(r"what it is used for|therapeutic indications", re.I)
_FOR = re.compile(
    r"\bindicated\b|\bindications\b|\bused\b|\buseful\b|\btreat(?:ment|s)?\b|\brelie[fv]|\breduces\b|\bprevents?\b|purpose",
    re.I,
)
_STUDY = re.compile(r"\b(?:studies|study|trials?|established|evaluated|demonstrated)\b|\bsee\b", re.I)
_EFFECTS = re.compile(r"\bside effects\b|undesirable effects", re.I)
_BEFORE = re.compile(r"before (?:you |using |taking )|what should i tell|who should not", re.I)
_POINTER = re.compile(r"see full prescribing information for complete", re.I)
_HOW = re.compile(r"how (?:to|should i|do i) (?:take|use)|how much", re.I)
_LEAFLET = frozenset({"42230-3", "42231-1", "68498-5", "59845-8"})
"""Sections written for the person who takes it: their words come before those for doctors."""
_OVER_THE_COUNTER = frozenset({"34390-5", "55106-9", "50570-1", "50566-9", "50569-3"})
"""The kind of document, and the sections, of a medicine sold without a prescription."""
_LIST = 8
"""So many of a list that is of no use in part."""
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
    ("pregnancy", "pregnancy", "The label speaks of pregnancy. Ask your doctor.",
     "Nothing on pregnancy was found in the label. Ask your doctor."),
    ("breastfeeding", "lactation", "The label speaks of breastfeeding. Ask first.",
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

    def __init__(self, label: Label) -> None:
        self.places: dict[str, str] = {}
        self.said = tuple(all_sentences(label))

    def cite(self, section_code: str, path: str = "") -> str:
        """A new cite of that section."""
        titles = [t.strip() for t in reversed(path.split(" > "))]
        if re.fullmatch(r"\d+-\d", section_code):
            titles = titles[:1]  # the code of the section says more than the number of one around it
        own = next((m for t in titles if (m := re.match(r"(\d{1,2}(?:\.\d{1,2})*)\b", t))), None)
        name = f"label:{len(self.places)}"
        self.places[name] = f"§{own[1]}" if own else section_code
        return name

    def line(self, p: Passage) -> Line:
        """One passage as a line."""
        return Line(f"\u201c{p.quote}\u201d", (self.cite(p.section_code, p.path),))

    def blocks(self, passages: Iterable[Passage], shown: int = 0, folded: int = 12, title: str = _WORDS) -> list[Block]:
        """Passages: the first few open, so many more folded; each text once."""
        held = list(
            {
                (p.lead, p.quote): p
                for p in passages
                if len(re.findall(r"[^\W\d_]{2,}", f"{p.lead} {p.quote}")) > 2 or p.block < 0
            }.values()
        )
        leads = {p.lead for p in held}
        held = [p for p in held if p.quote not in leads]  # its items say it
        held.sort(key=lambda p: not _LEAFLET & set(p.codes))
        first, rest = held[:shown], held[shown : shown + folded]
        made = [Block("bullets", self._lines(first), f"{title}:")] if first else []
        more = f"More of {title[0].lower()}{title[1:]}" if first else title
        return [*made, *([Block("bullets", self._lines(rest), more, aside=True)] if rest else [])]

    def of(self, codes: frozenset[str], titles: re.Pattern[str] | None = None) -> list[Passage]:
        """What the sections on a subject say, found by their code or, as leaflets have none, by their title."""
        found: dict[tuple[str, int, int], Passage] = {}
        about: dict[tuple[int, str], bool] = {}
        for s in self.said:
            key = (id(s.place.section), s.head)
            if key not in about:
                about[key] = _is_about(s.place, codes, titles, s.head)
            if about[key] and not s.is_head:
                p = s.passage
                if s.block.cells:  # a row of a table is of no use in part
                    p = evolve(p, quote=s.block.words, start=0, end=len(s.block.words), lead="")
                found.setdefault((p.path, p.block, p.start), p)
        return list(found.values())

    def _lines(self, passages: Iterable[Passage]) -> tuple[Line, ...]:
        """Passages as lines; an item of a list after the words it completes, unless the line before has them."""
        made, said = [], ""
        for p in passages:
            line = self.line(p)
            if p.lead and p.lead != said:
                line = evolve(line, text=f"\u201c{p.lead} \u2026 {p.quote}\u201d")
            made.append(line)
            said = p.lead or p.quote
        return tuple(made)


def label_page(label: Label, country: Country, today: dt.date | None = None, before: Label | None = None) -> Page:
    """The page of one label. ``country``: whose emergency number it names. ``today``: to say how old the label is.

    ``before``: an earlier edition of it, to say what changed since.
    """
    quotes = _Quotes(label)
    facts = extract(label, quotes.said)
    # where the label warns of a sudden stop, nobody is told to stop, wherever it is sold
    shop = label.document_code != "34391-3" and not facts.stopping.abrupt
    shop = shop and bool(_OVER_THE_COUNTER & {label.document_code, *label.section_codes})
    drafted: dict[str, list[Line]] = {}
    for s in statements_of(label, facts):
        section = "" if s.section == NOT_RECORDED else s.section
        drafted.setdefault(s.subject, []).append(Line(s.text, (quotes.cite(section),)))
    sections = [
        Section("emergency", f"Call {country.emergency} now for any of these",
                (Block("paragraph", (Line(ANY_EMERGENCY),)),), "emergency"),
        _key(facts, quotes, shop),
        _uses(quotes),
        _must_not(facts, quotes, shop),
        _before(label, facts, quotes),
        _dose(facts, quotes, drafted, shop),
        _most(facts, quotes, drafted),
        _missed(facts, quotes, drafted),
        _too_much(facts, quotes, help_line(country)),
        _stopping(facts, quotes, drafted),
        _effects(quotes, shop),
    ]  # fmt: skip
    for id, t, there, not_there in _TOPICS:
        stay = " Do not stop it by yourself." if id in ("pregnancy", "breastfeeding") and not shop else ""
        sections.append(_said(id, quotes, facts.topics[t], there + stay, not_there + stay))
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


def _said(id: str, quotes: _Quotes, found: tuple[Passage, ...], there: str, not_there: str) -> Section:
    return Section(id, TOPICS[id][0], (_paragraph(there if found else not_there), *quotes.blocks(found)))


def _must_not(facts: Facts, quotes: _Quotes, shop: bool) -> Section:
    found = facts.topics["contraindications"]
    says = "The label names who must not take it." if found else "The label was not found to name anyone."
    if shop:
        text = f"{says} If one of these is you, do not take it and ask your pharmacist." if found else says
    else:
        now = " If you take it now, do not stop it by yourself." if found else ""
        text = f"{says} Tell your doctor about all your illnesses and allergies.{now}"
    return Section("must-not", TOPICS["must-not"][0], (_paragraph(text), *quotes.blocks(found, _LIST)))


def _too_much(facts: Facts, quotes: _Quotes, call: str) -> Section:
    """Whom to call; what the label tells doctors to do stands apart: nobody is to try it at home."""
    found = facts.topics["overdose"]
    doctors = [p for p in found if "34088-5" in p.codes]
    own = quotes.blocks([p for p in found if p not in doctors], _SHOWN)
    theirs = quotes.blocks(doctors, title="What the label tells doctors. Do not try it at home.")
    return Section("too-much", TOPICS["too-much"][0], (_paragraph(call), *own, *theirs))


def _key(facts: Facts, quotes: _Quotes, shop: bool) -> Section:
    lines = []
    if facts.stopping.abrupt:
        lines.append(Line("Do not stop it suddenly, and do not run out: the label warns of harm. Ask first.",
                          tuple(quotes.cite(p.section_code, p.path) for p in facts.stopping.warnings[:1])))  # fmt: skip
    elif shop:
        lines.append(Line("Never take more than the label says, or for longer. Ask if you are not sure."))
    else:
        lines.append(Line("Do not stop it by yourself. Ask your prescriber first."))
    blocks = [Block("bullets", tuple(lines))]
    if facts.boxed:
        blocks.append(_paragraph("The label has a boxed warning: a harm so great that it stands before all others."))
        said: list[Passage] = []
        for x in (x for p in facts.boxed for x in _by_sentence(p)):
            if not _POINTER.search(x.quote) and not any(alike(x.quote, y.quote) for y in said):
                said.append(x)  # a label often says it twice, the second time in short
        blocks += quotes.blocks(said, 2 * _SHOWN)
    elif shop:
        blocks += quotes.blocks((p for p in quotes.of(_WARNINGS) if p.section_code in _WARNINGS), _LIST)
    return Section("key", "What matters most", tuple(blocks), "warning")


_WARNINGS = frozenset({"34071-1"})
_CAUTIONS = frozenset({"43685-7", "34071-1"})
_OWN_HEADS = ("contraindications", "interactions", "pregnancy", "lactation", "alcohol", "driving")
"""Topics that have heads of their own on the page."""
_ASK_FIRST = frozenset({"50569-3", "50568-5"})
_DIRECTIONS = frozenset({"34068-7"})
_STOP_USE = frozenset({"50566-9"})
_WHEN_USING = frozenset({"50567-7"})


def _before(label: Label, facts: Facts, quotes: _Quotes) -> Section:
    """What to tell before taking it: as a leaflet or a pack asks; else what the label warns of, by its headings."""
    elsewhere = {p.quote for t in _OWN_HEADS for p in facts.topics[t]}
    found = [p for p in quotes.of(_ASK_FIRST, _BEFORE) if p.quote not in elsewhere or _ASK_FIRST & set(p.codes)]
    heads = [s.passage for s in quotes.said if s.passage.block < 0 and s.place.above and _is_about(s.place, _CAUTIONS)]
    text = "Tell your doctor or pharmacist what you have or had, and all that you take."
    blocks = quotes.blocks(found, _LIST)
    if not found:
        named = (
            [evolve(p, quote=heading(p.quote)) for p in heads]
            or [s.passage for s in all_sentences(label, "highlights") if _is_about(s.place, _CAUTIONS)]
            or quotes.of(_CAUTIONS)[:_LIST]
        )
        if named:
            blocks = [_paragraph("The label warns of these. Ask what they mean for you."), *quotes.blocks(named, 0, 40)]
    return Section("before", TOPICS["before"][0], (_paragraph(text), *blocks))


def _uses(quotes: _Quotes) -> Section:
    """What it is for: of each section the sentences that say so stand open, the rest are folded."""
    found = [s for s in quotes.said if _is_about(s.place, _USES, _USED_FOR, s.head) and not s.is_head]
    title = TOPICS["uses"][0]
    if not found:
        return Section("uses", title, (_paragraph("What it is for was not found in the label. Ask your pharmacist."),))
    says = [s.passage for s in found if _FOR.search(f"{s.passage.lead} {s.text}") and not _STUDY.search(s.text)]
    first = says[:_LIST] if len(says) > 1 else [s.passage for s in found[:_LIST]]
    rest = [s.passage for s in found if s.passage not in first]
    return Section("uses", title, tuple(quotes.blocks([*first, *rest], len(first))))


def _dose(facts: Facts, quotes: _Quotes, drafted: dict[str, list[Line]], shop: bool) -> Section:
    begins = [x for x in drafted.get("dose", []) if "as the most" not in x.text]
    first = (
        [
            Block("bullets", _once(begins)),
            _paragraph("Each may be for some people only. The label's words say for whom."),
        ]
        if begins
        else []
    )
    text = (
        "Take what the label or your doctor says, and no more."
        if shop
        else "Take what your prescriber wrote. Do not work out a dose from this page."
    )
    if shop:
        words = quotes.blocks(quotes.of(_DIRECTIONS), _LIST)
    else:
        found = (*facts.topics["starting_dose"], *facts.topics["steps"])
        words = quotes.blocks(found or quotes.of(_DIRECTIONS, _HOW))
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
    own = drafted.get("missed", [])
    text = (
        "Never take two doses at once."
        if found
        else "The label does not say. Ask your pharmacist. Never take two doses at once."
    )
    first = Block("bullets", tuple(own)) if own else _paragraph(text)
    return Section("missed", TOPICS["missed"][0], (first, *quotes.blocks(found, _SHOWN)))


def _stopping(facts: Facts, quotes: _Quotes, drafted: dict[str, list[Line]]) -> Section:
    found, ask = facts.stopping, quotes.of(_STOP_USE)
    lines = list(drafted.get("stopping", []))
    if not found.stated and ask:
        lines = [Line("The label says when to stop and ask a doctor. It says no more on stopping.")]
    elif not found.stated:
        lines = [Line("The label does not say. Ask before you stop.")]
    elif not lines:
        lines = [Line("The label speaks of a sudden stop, and does not warn against it. Ask before you stop.")]
    words = quotes.blocks((*found.warnings, *found.tapers, *found.denials), _SHOWN)
    words += quotes.blocks(ask, _LIST)
    return Section("stopping", TOPICS["stopping"][0], (Block("bullets", tuple(lines)), *words), "warning")


def _effects(quotes: _Quotes, shop: bool) -> Section:
    """Side effects: what to do, and the first of the label's own words on them, folded."""
    text = (
        "Stop it and ask a doctor or pharmacist about any new sign that worries you."
        if shop
        else "Call your prescriber the same day about any new sign that worries you. Do not stop it by yourself."
    )
    found = quotes.of(frozenset({"34084-4", *_WHEN_USING}), _EFFECTS)
    return Section("side-effects", TOPICS["side-effects"][0], (_paragraph(text), *quotes.blocks(found)))


def _is_about(place: Place, codes: frozenset[str], titles: re.Pattern[str] | None = None, head: str = "") -> bool:
    named = (head, *(s.title for s in place.line))
    return bool(codes & set(place.codes)) or (titles is not None and any(titles.search(t) for t in named))


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
