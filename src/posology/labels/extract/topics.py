"""Turns a label into what it says on each topic a person asks about; an empty tuple is "not stated".

Knows no medicine and judges nothing: it finds the label's own sentences, by section and by wording.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen

from posology.labels.extract.limit_words import DOSING
from posology.labels.extract.maximum import MaximumDose, maximum_doses
from posology.labels.extract.passage import Passage, Sentence, all_sentences, passage
from posology.labels.extract.stopping import Stopping, stopping
from posology.labels.record import Appearance, Label, section_text

_PHARMACOLOGY = frozenset(
    {"34090-1", "43681-6", "43682-4", "43679-0", "43680-8", "34083-6", "34091-9", "34092-7", "34089-3", "34093-5",
     "51945-4", "48780-1", "43683-2", "51727-6", "34069-5", "34084-4", "90374-0", "90375-7"}
)  # fmt: skip
_REST = r"(?:[^.]|\.(?=\d))"
"""A character of the same sentence: a full stop within a number ends none."""
_DOSE = r"\d[\d.,]*\s*(?:mg|mcg|micrograms?|g|mL|units?|tablets?|capsules?)\b"


@frozen
class _Topic:
    """How a topic is found: sections that are about it, wording that is, wording that is not, sections left out."""

    codes: frozenset[str] = frozenset()
    words: re.Pattern[str] | None = None
    not_words: re.Pattern[str] | None = None
    only_in: frozenset[str] = frozenset()
    not_in: frozenset[str] = _PHARMACOLOGY
    titles: re.Pattern[str] | None = None
    how_to: re.Pattern[str] | None = None
    """Titles that stand for the codes of ``only_in`` in a leaflet, which has none of them."""


def _rx(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


TOPICS: dict[str, _Topic] = {
    "starting_dose": _Topic(
        words=_rx(
            rf"\b(?:initial|starting|start|started|starts|begin|begun|beginning|initiate[ds]?|initiating)\b{_REST}{{0,140}}?{_DOSE}|{_DOSE}{_REST}{{0,60}}?\b(?:initially|to\s+start|as\s+(?:a|an)\s+(?:initial|starting))"
        ),
        only_in=frozenset({DOSING}),
        how_to=_rx(r"how\s+to\s+(?:take|use)|posology|how\s+much"),
    ),
    "steps": _Topic(
        words=_rx(rf"\b(?:increas\w+|titrat\w+|rais\w+|adjust\w+|increments?|doubl\w+)\b{_REST}*?(?:{_DOSE}|\bevery\b|\bweek|\bdays?\b|\binterval)|{_DOSE}.{{0,30}}?\bfor\s+(?:the\s+first\s+)?(?:\d+|one|two|three|four)\s+(?:days?|weeks?)\b"),
        only_in=frozenset({DOSING}),
        how_to=_rx(r"how\s+to\s+(?:take|use)|posology|how\s+much"),
    ),
    "missed_dose": _Topic(
        words=_rx(
            r"\bmiss(?:ed|es|ing)?\s+(?:a|your|the|one|any|\d|two|more|this|their|doses?)\b|\bmissed\b|\bforg[eo]t(?:ten|s)?\s+(?:to\s+(?:take|use)|a\s+dose)"
        ),
        not_words=_rx(r"\bmissed\s+(?:a\s+)?(?:period|menstrual|work|school)"),
        titles=_rx(r"^(?:if\s+you|what\b.*)\s+(?:forget|miss|have\s+missed)\b|^missed\s+dose"),
    ),
    "contraindications": _Topic(codes=frozenset({"34070-3", "50570-1"}), not_in=_PHARMACOLOGY | {"34088-5"}, words=_rx(r"\b(?:is|are)\s+contraindicated\b|\bdo\s+not\s+(?:take|use)\s+[\w\s®™:,-]{0,60}\bif\s+you\b"), titles=_rx(r"^[\d.\s]*(?:do\s+not\s+(?:take|use)|contraindications)")),
    "interactions": _Topic(
        codes=frozenset({"34073-7", "50568-5"}),
        titles=_rx(r"interaction|other\s+medicines"),
        words=_rx(
            r"\bco-?administ\w+|\b(?:concomitant(?:ly)?|concurrent(?:ly)?)\s+(?:use[d]?|administ\w+|therapy|treatment|receiv\w+|tak\w+|given|with|\w*medic\w+|drugs?)\b|\b(?:use[d]?|given|taken|administered|administration)\s+(?:concomitantly|concurrently|together)\b|\binteract(?:s|ed|ing|ions?)?\s+with\b|\bdrug\s+interactions?\b|\bpotentiat(?:e[sd]?|ing|ion)\b|\badditive\b|\bwith\s+(?:any\s+)?other\s+(?:drugs|medicines|medications)\b"
        ),
        not_in=_PHARMACOLOGY | {"34067-9", "34088-5"},
    ),
    "kidney": _Topic(codes=frozenset({"88828-9"}), not_in=_PHARMACOLOGY | {"34088-5", "34082-8"}, words=_rx(r"(?<!\bacute\s)\b(?:renal|renally|kidneys?|creatinine\s+clearance|CrCl|eGFR|(?:hemo)?dialysis)\b"), not_words=_rx(r"\bkidney\s+cancer|\brenal\s+cell")),
    "liver": _Topic(codes=frozenset({"88829-7"}), not_in=_PHARMACOLOGY | {"34088-5", "34082-8"}, words=_rx(r"\b(?:hepatic|liver|cirrho\w+|child-pugh)\b")),
    "pregnancy": _Topic(codes=frozenset({"42228-7", "34077-8", "53414-9"}), words=_rx(r"\bpregnan\w+|\bfetus|\bfetal\b|\bunborn\b"), titles=_rx(r"^[\d.\s]*pregnancy|fertility")),
    "lactation": _Topic(codes=frozenset({"77290-5", "34080-2"}), words=_rx(r"\bbreast[\s-]?f(?:ed|eed\w*)|\bnursing\b|\blactat(?:ion|ing)\b|\b(?:human|breast)\s+milk"), not_words=_rx(r"^[\d.\s]*females\s+and\s+males\s+of\s+reproductive|\bfertility\b"), titles=_rx(r"breast-?feeding|lactation|nursing")),
    "alcohol": _Topic(
        words=_rx(r"\b(?:alcohol|alcoholic|ethanol|alcoholism)\b"),
        not_words=_rx(r"\b(?:benzyl|polyvinyl|cetyl|stearyl|cetostearyl|isopropyl|butyl|phenethyl|lanolin|dehydrogenase|rubbing)\s+alcohol|\balcohol\s+(?:USP|swab|pad|dehydrogenase|\d)|\bsoluble\b|inactive\s+ingredients"),
    ),
    "driving": _Topic(titles=_rx(r"^[\d.\s]*driving"), words=_rx(r"\bdriv(?:e|es|ing|er)\b|\bmachinery\b|\bmachines\b|\bautomobiles?\b|\bmotor\s+vehicles?\b|\bhazardous\s+(?:tasks|activities|occupations)"), not_words=_rx(r"driving\s+force|(?-i:\d\s+(?:[A-Z][\w.]*\s+){1,3}Drive\b)")),
    "storage": _Topic(
        codes=frozenset({"44425-7"}),
        words=_rx(r"\bstor(?:e|ed|age)\s+(?:at|in|below|between|under|away|the|this|your|tablets|capsules|\w+\s+(?:at|in|below))|\broom\s+temperature\b|\brefrigerat\w+|\bprotect(?:ed)?\s+from\s+(?:light|moisture|heat)|\d\s*°\s*[CF]\b"),
        not_in=frozenset({"34090-1", "34092-7", "34089-3", "51945-4"}),
        titles=_rx(r"^[\d.\s]*(?:storage|how\s+(?:to|should\s+i)\s+store)"),
    ),
    "overdose": _Topic(codes=frozenset({"34088-5"}), words=_rx(r"\boverdos\w+|\btake\s+(?:too\s+much|more\s+\S+\s+than\s+you\s+should)|poison\s+(?:control|help|center)"), titles=_rx(r"overdos|take\s+more")),
}  # fmt: skip
LIMIT = 40
"""The most passages kept for one topic; the sections themselves hold the rest."""


@frozen
class Facts:
    """Everything extracted from one label. Each topic's empty tuple means "not stated"."""

    stopping: Stopping
    maximum: tuple[MaximumDose, ...]
    boxed: tuple[Passage, ...]
    topics: dict[str, tuple[Passage, ...]]
    looks: tuple[tuple[str, Appearance], ...]

    @property
    def advised_maximum(self) -> tuple[MaximumDose, ...]:
        """The maxima that the label states as advice, without those it only compares doses of animals with."""
        return tuple(m for m in self.maximum if not m.aside)

    def stated(self, topic: str) -> bool:
        """Whether the label says anything on a topic."""
        if topic == "stopping":
            return self.stopping.stated
        if topic == "maximum_dose":
            return bool(self.maximum)
        if topic == "boxed_warning":
            return bool(self.boxed)
        if topic == "appearance":
            return bool(self.looks)
        return bool(self.topics.get(topic))

    @property
    def not_stated(self) -> tuple[str, ...]:
        """The topics on which the label says nothing."""
        names = ("stopping", "maximum_dose", "boxed_warning", *TOPICS, "appearance")
        return tuple(n for n in names if not self.stated(n))


def extract(label: Label, said: Sequence[Sentence] | None = None) -> Facts:
    """What a label says, topic by topic. ``said``: its sentences, where they are known already."""
    found = list(all_sentences(label) if said is None else said)
    return Facts(
        stopping=stopping(label, found),
        maximum=maximum_doses(label, found),
        boxed=boxed(label),
        topics=_topics(found),
        looks=tuple(
            (p.name, p.appearance)
            for p in label.products
            if any((p.appearance.color, p.appearance.shape, p.appearance.imprint, p.appearance.size))
        ),
    )


def boxed(label: Label) -> tuple[Passage, ...]:
    """The words of the boxed warning, one passage a block; empty where the label has none or only its heading.

    The Highlights repeat it: their words count only where the full text has none.
    """
    # a label may give a table of doses the code of a boxed warning: beside a real one, it is none
    real = [s for s in label.boxed if s.enclosing != DOSING or re.search("warning", section_text(s), re.I)]
    boxes = set(map(id, real or label.boxed))
    for part in ("text", "highlights"):
        out = [
            passage(place, i, b.words, 0, len(b.words))
            for place in label.walk(part)
            if any(id(s) in boxes for s in place.line)
            for i, b in enumerate(place.section.blocks)
            if re.sub(r"\W|boxed|warning|section", "", b.words, flags=re.I)
        ]
        if out:
            return tuple(out)
    return ()


def _topics(found: list[Sentence]) -> dict[str, tuple[Passage, ...]]:
    """The passages of each topic: first those of sections that are about it, then those whose words are."""
    about: dict[str, list[Passage]] = {name: [] for name in TOPICS}
    worded: dict[str, list[Passage]] = {name: [] for name in TOPICS}
    here: dict[int, list[tuple[str, _Topic, bool, bool]]] = {}
    """Of each section: the topics that may be said in it, whether all of it is about them, and whether words count."""
    for s in found:
        section = s.place.section
        if s.is_head and (section.blocks or section.sections):
            continue  # a title is a sentence of the label only where nothing stands below it
        key = id(section)
        if key not in here:
            codes = set(s.place.codes)
            titles = [x.title for x in s.place.line if x.title]
            here[key] = [
                (
                    name,
                    t,
                    bool(codes & t.codes) or bool(t.titles and any(t.titles.search(x) for x in titles)),
                    bool(t.words) and not codes & t.not_in,
                )
                for name, t in TOPICS.items()
                if not t.only_in or codes & t.only_in or (t.how_to and any(t.how_to.search(x) for x in titles))
            ]
        for name, t, whole, by_words in here[key]:
            inside = whole or bool(s.head and t.titles and t.titles.search(s.head))
            kept = about if inside else worded
            if len(kept[name]) >= LIMIT or len(s.text) <= 3:
                continue
            said = f"{s.passage.lead} {s.text}"
            if (inside or (by_words and t.words and t.words.search(said))) and not (
                t.not_words and t.not_words.search(said)
            ):
                kept[name].append(s.passage)
    return {k: tuple((*about[k], *worded[k])[:LIMIT]) for k in TOPICS}
