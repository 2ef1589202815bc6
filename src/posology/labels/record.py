"""Turns what a reader found in one official label into one typed record: identity, products, a tree of sections.

Knows no file format, judges no wording, and changes no word of the label: only runs of white space become one space.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from attrs import field, frozen

UNCLASSIFIED = "42229-5"
BOXED_WARNING = "34066-1"

Format = Literal["spl", "openfda", "epi", "html"]
BlockKind = Literal["paragraph", "heading", "item", "row", "caption", "footnote", "image"]


@frozen
class Cell:
    """One cell of a table, with the columns and rows it spans and whether the label marks it as a head."""

    text: str
    head: bool = False
    columns: int = 1
    rows: int = 1


@frozen
class Block:
    """One paragraph, list item, table row, caption, footnote or picture text.

    ``group``: rows of one table, or items of one list, of a section carry one number; 0 is none.
    ``depth``: how deep a list item is nested, from 1. ``cells``: of a row; ``text`` is then empty.
    """

    kind: BlockKind
    text: str = ""
    cells: tuple[Cell, ...] = ()
    group: int = 0
    depth: int = 0
    head: bool = False

    @property
    def words(self) -> str:
        """The text; of a row, its cells with a bar between.

        >>> Block("row", cells=(Cell("Adults"), Cell("80 mg"))).words
        'Adults | 80 mg'
        """
        return " | ".join(c.text for c in self.cells) if self.cells else self.text


@frozen
class Section:
    """One section: its own LOINC code, the nearest coded section around it, title, blocks and sections inside.

    ``code``: empty where the label gives none. ``enclosing``: the nearest code above it that is not "unclassified".
    ``part``: the full text, the Highlights (a summary that repeats it), or matter around the text: ``front`` (the
    page's own head), ``data`` (product tables), ``list`` (a table of contents), ``copy`` (openFDA gives tables twice).
    """

    code: str
    title: str = ""
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()
    enclosing: str = ""
    part: Literal["text", "highlights", "front", "data", "list", "copy"] = "text"
    name: str = ""
    """The display name of the code as the label gives it, where it does."""
    derived: bool = False
    """The file gives no code here: it was known by the mark-up (the box of a page) or a heading of the Highlights."""

    @property
    def nearest(self) -> str:
        """The code a reader would look under: its own, unless that is "unclassified", else the enclosing one.

        >>> Section("42229-5", enclosing="34071-1").nearest
        '34071-1'
        """
        return self.code if self.code and self.code != UNCLASSIFIED else (self.enclosing or self.code)


@frozen
class Ratio:
    """A strength as the label states it: so much in so much, UCUM units, nothing worked out.

    ``numerator`` is None where the label leaves the number out; ``unit`` "1" is UCUM for "one piece".
    """

    numerator: Decimal | None
    unit: str
    denominator: Decimal | None = Decimal(1)
    per: str = "1"

    def __str__(self) -> str:
        top = f"{self.numerator.normalize():f} {self.unit}" if self.numerator is not None else "not stated"
        if self.denominator in (None, Decimal(1)) and self.per == "1":
            return top
        return f"{top} in {self.denominator.normalize() if self.denominator is not None else 1:f} {self.per}"


@frozen
class Active:
    """An active ingredient: name, UNII, its strength, and which substance that strength is counted in.

    ``basis``: ACTIB the ingredient itself, ACTIM its active moiety, ACTIR a reference substance.
    """

    name: str
    unii: str = ""
    strength: Ratio | None = None
    basis: str = ""
    moiety: str = ""


@frozen
class Approval:
    """A marketing category ("NDA", "ANDA", "OTC monograph") and its number."""

    category: str
    number: str = ""


@frozen
class Appearance:
    """What one piece looks like; an empty text is "not stated". ``score``: into how many pieces it is marked."""

    color: str = ""
    shape: str = ""
    size: str = ""
    imprint: str = ""
    score: str = ""
    flavor: str = ""


@frozen
class DrugProduct:
    """One product of a label; of a kit, each part is a product of its own with the kit's name in ``part_of``."""

    name: str
    form: str = ""
    ndc: str = ""
    routes: tuple[str, ...] = ()
    active: tuple[Active, ...] = ()
    inactive: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    generic: str = ""
    rxcui: tuple[str, ...] = ()
    appearance: Appearance = field(factory=Appearance)
    approvals: tuple[Approval, ...] = ()
    part_of: str = ""


@frozen
class Label:
    """One official label. Empty texts are "not stated"; nothing is filled in from elsewhere.

    ``effective``: ISO 8601 date, as exact as the label gives it. ``document_code``: LOINC code of the kind of document.
    ``human_drug``: False for the kinds that are no label of a human medicine; ``notes`` says what was odd, in English.
    ``jurisdiction``: ISO 3166 alpha-2, or "" where the document does not say.
    """

    format: Format
    source: str
    sha256: str
    setid: str = ""
    id: str = ""
    version: str = ""
    effective: str = ""
    title: str = ""
    labeler: str = ""
    document_code: str = ""
    document_type: str = ""
    human_drug: bool = True
    jurisdiction: str = ""
    language: str = ""
    products: tuple[DrugProduct, ...] = ()
    sections: tuple[Section, ...] = ()
    names: tuple[str, ...] = ()
    """Names a reader may know it by, beyond the products': openFDA's harmonised brand, generic and substance names."""
    approvals: tuple[Approval, ...] = ()
    package_ndcs: tuple[str, ...] = ()
    rxcui: tuple[str, ...] = ()
    unii: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()
    """Text the source gives a second time word for word, which is kept once; each entry says where."""

    def walk(self, *parts: str) -> Iterator[Place]:
        """Every section, outermost first in reading order; with parts named, only those."""

        def down(sections: tuple[Section, ...], above: tuple[Section, ...]) -> Iterator[Place]:
            for s in sections:
                here = (*above, s)
                if not parts or s.part in parts:
                    yield Place(here)
                yield from down(s.sections, here)

        yield from down(self.sections, ())

    @property
    def name(self) -> str:
        """What to call the label: its first product, else its title."""
        return next((p.name for p in self.products if p.name), "") or self.title

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every name of the medicine in the record: products, generics, active ingredients, moieties, harmonised names."""
        found: list[str] = []
        for p in self.products:
            found += [p.name, p.generic, *(a.name for a in p.active), *(a.moiety for a in p.active)]
        return tuple(dict.fromkeys(n.strip() for n in (*found, *self.names) if n.strip()))

    @property
    def section_codes(self) -> tuple[str, ...]:
        """Every LOINC code that the file gives a section, once each, in reading order."""
        return tuple(dict.fromkeys(p.section.code for p in self.walk() if p.section.code and not p.section.derived))

    @property
    def boxed(self) -> tuple[Section, ...]:
        """The boxed warnings of the full text, those inside another left out; where there are none, of the Highlights."""
        found = [p for p in self.walk("text") if p.section.code == BOXED_WARNING] or [
            p for p in self.walk("highlights") if p.section.code == BOXED_WARNING
        ]
        return tuple(p.section for p in found if all(s.code != BOXED_WARNING for s in p.above))

    @property
    def highlights(self) -> tuple[Section, ...]:
        """The outermost sections of the Highlights."""
        return tuple(p.section for p in self.walk("highlights") if not any(s.part == "highlights" for s in p.above))


@frozen
class Place:
    """A section and the sections around it, outermost first."""

    line: tuple[Section, ...]

    @property
    def section(self) -> Section:
        """The section itself."""
        return self.line[-1]

    @property
    def above(self) -> tuple[Section, ...]:
        """The sections around it."""
        return self.line[:-1]

    @property
    def path(self) -> str:
        """Its titles from the outermost inwards; a section without a title shows its code."""
        return " > ".join(s.title or s.name or s.code or s.part for s in self.line)

    @property
    def codes(self) -> tuple[str, ...]:
        """The real codes of itself and the sections around it, nearest first; "unclassified" only where there is no other."""
        real = [s.code for s in reversed(self.line) if s.code and s.code != UNCLASSIFIED]
        if not real and self.section.enclosing:
            real = [self.section.enclosing]
        return tuple(dict.fromkeys(real)) or ((UNCLASSIFIED,) if any(s.code for s in self.line) else ())


def section_text(section: Section) -> str:
    """All words of a section and the sections inside, title first, one block a line.

    >>> section_text(Section("34067-9", "Uses", (Block("paragraph", "For cramp."),)))
    'Uses\\nFor cramp.'
    """
    lines = [section.title] if section.title else []
    lines += [b.words for b in section.blocks]
    lines += [section_text(s) for s in section.sections]
    return "\n".join(line for line in lines if line)


def body_text(section: Section) -> str:
    """Like :func:`section_text` without the section's own title."""
    lines = [b.words for b in section.blocks] + [section_text(s) for s in section.sections]
    return "\n".join(line for line in lines if line)


def characters(sections: tuple[Section, ...]) -> str:
    """Every character the sections hold, white space left out: what the completeness law compares with the source."""
    out: list[str] = []

    def add(s: Section) -> None:
        out.append(s.title)
        for b in s.blocks:
            out.extend(c.text for c in b.cells)
            out.append(b.text)
        for inner in s.sections:
            add(inner)

    for s in sections:
        add(s)
    return "".join("".join(out).split())
