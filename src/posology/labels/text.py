"""Turns marked-up text (SPL, XHTML, HTML) into blocks, and running text into sentences with their places.

Knows no medicine. Only white space is changed, and a space is put where markup alone kept two numbers apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from posology.labels.record import Block, BlockKind, Cell

_LOCAL: dict[str, str] = {}
SKIPPED = frozenset({"script", "style", "noscript", "template", "object", "embed", "iframe"})
"""Elements whose content is no text of the label; it is left out and said in the label's notes."""

_BLOCK = frozenset(
    [
        "paragraph",
        "p",
        "div",
        "caption",
        "footnote",
        "list",
        "ul",
        "ol",
        "dl",
        "item",
        "li",
        "dt",
        "dd",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "center",
        "hr",
        "section",
        "article",
        "header",
        "footer",
        "form",
        "fieldset",
        "address",
        "main",
        "aside",
        "nav",
        "figure",
        "figcaption",
    ]
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ITEMS = frozenset({"item", "li", "dt", "dd"})
_LISTS = frozenset({"list", "ul", "ol", "dl"})


def squeeze(text: str) -> str:
    """Runs of white space as one space, none at the ends.

    >>> squeeze("  5 mg\\n daily ")
    '5 mg daily'
    """
    if not text.isascii() and ("\u200b" in text or "\ufeff" in text):
        text = text.replace("\u200b", " ").replace("\ufeff", " ")
    return " ".join(text.split())


def number_of(number: int | Decimal | Fraction, word: str) -> str:
    """A number with its word.

    >>> number_of(1, "day"), number_of(Fraction(5, 2), "hour")
    ('1 day', '2.5 hours')
    """
    return f"{float(number):g} {word}{'' if number == 1 else 's'}"


def local(element: Any) -> str:
    """The name of an element without its namespace, in lower case; "" for a comment or an instruction."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    found = _LOCAL.get(tag)
    if found is None:
        found = _LOCAL[tag] = tag.rpartition("}")[2].lower()
        if len(_LOCAL) > 5000:  # a file may hold any number of made-up names
            _LOCAL.clear()
    return found


def inline(element: Any) -> str:
    """All text inside an element as one line."""
    out: list[str] = []
    _gather(element, out)
    return squeeze("".join(out))


_AFTER_WORD = re.compile(r"(?:[A-Za-z]{3}|\bm[gL]|[.,;:!?)\]])$")
_NOTE_MARK = re.compile(r"\s*(?:\d{1,2}|[a-z])(?:\s*,\s*(?:\d{1,2}|[a-z]))*\s*")


def _join(out: list[str], text: str, place: str) -> None:
    """Add text that stands in ``place`` ("sup", "sub" or another element), apart from what it must not run into."""
    if place in ("sup", "sub") and text:
        before = next((piece for piece in reversed(out) if piece), "")
        number = before[-1:].isdigit() and text.lstrip()[:1].isdigit()  # 10<sup>3</sup> must not read as 103
        # stop<sup>1</sup> must not read as stop1; m<sup>2</sup> and 1<sup>st</sup> are one word
        note = place == "sup" and _NOTE_MARK.fullmatch(text) and _AFTER_WORD.search(before)
        if number or note:
            out.append(" ")
    out.append(text)


def _gather(element: Any, out: list[str]) -> None:
    name = local(element)
    if not name:
        return
    if name in SKIPPED:
        return
    if name in _BLOCK or name in ("br", "td", "th", "tr"):
        out.append(" ")
    if element.text:
        _join(out, element.text, name)
    for child in element:
        _gather(child, out)
        if child.tail:
            out.append(child.tail)
    if name in _BLOCK or name in ("td", "th", "tr"):
        out.append(" ")


class _Writer:
    """Collects blocks in reading order; text between block elements becomes paragraphs of its own."""

    def __init__(self, skip: frozenset[Any]) -> None:
        self.blocks: list[Block] = []
        self.skip = skip
        self._text: list[str] = []
        self._groups = 0
        self._kind: BlockKind = "paragraph"
        self._depth = 0
        self._group = 0

    def flush(self) -> None:
        text = squeeze("".join(self._text))
        self._text.clear()
        if text:
            self.blocks.append(Block(self._kind, text, group=self._group, depth=self._depth))

    def within(self, kind: BlockKind, element: Any, depth: int | None = None, group: int | None = None) -> None:
        self.flush()
        kept = self._kind, self._depth, self._group
        self._kind = kind
        self._depth = self._depth if depth is None else depth
        self._group = self._group if group is None else group
        self.inside(element)
        self.flush()
        self._kind, self._depth, self._group = kept

    def inside(self, element: Any) -> None:
        if element.text:
            _join(self._text, element.text, local(element))
        for child in element:
            self.one(child)
            if child.tail:
                self._text.append(child.tail)

    def one(self, element: Any) -> None:
        name = local(element)
        if not name or name in SKIPPED or element in self.skip:
            return
        if name == "br":
            self._text.append(" ")
        elif name in _HEADINGS:
            self.within("heading", element)
        elif name == "caption":
            self.within("caption", element)
        elif name == "footnote":
            self.within("footnote", element)
        elif name in _LISTS:
            self._groups += 1
            self.within(self._kind, element, group=self._groups)
        elif name in _ITEMS:
            self.within("item", element, depth=self._depth + 1)
        elif name == "table":
            self.table(element)
        elif name in _BLOCK or name in ("tr", "td", "th", "tbody", "thead", "tfoot"):
            self.within(self._kind, element)
        else:
            self.inside(element)

    def table(self, element: Any) -> None:
        self.flush()
        if any(local(e) in ("table", "section") or local(e) in _HEADINGS for e in element.iterdescendants()):
            self.within(self._kind, element)  # a table that only lays out a page, or holds another
            return
        self._groups += 1
        group = self._groups
        self._rows(element, group, False)
        self.flush()

    def _rows(self, element: Any, group: int, head: bool) -> None:
        loose = [element.text or ""]
        for child in element:
            name = local(child)
            if name == "tr":
                self._row(child, group, head)
            elif name in ("thead", "tbody", "tfoot", "colgroup", "col"):
                self._rows(child, group, name == "thead")
            elif name and name not in SKIPPED and child not in self.skip:
                self.within("caption" if name == "caption" else "paragraph", child, group=group)
            loose.append(child.tail or "")
        text = squeeze("".join(loose))
        if text:
            self.blocks.append(Block("paragraph", text, group=group))

    def _row(self, row: Any, group: int, head: bool) -> None:
        cells: list[Cell] = []
        loose = [row.text or ""]
        after: list[Block] = []
        for child in row:
            name = local(child)
            if name in ("td", "th"):
                notes = [e for e in child.iter() if local(e) == "footnote"]
                text = _without(child, notes) if notes else inline(child)
                after += [Block("footnote", inline(n), group=group) for n in notes if inline(n)]
                cells.append(Cell(text, head or name == "th", _span(child.get("colspan")), _span(child.get("rowspan"))))
            elif name and name not in SKIPPED:
                loose.append(inline(child))
            loose.append(child.tail or "")
        if any(c.text for c in cells):
            whole = head or (bool(cells) and all(c.head for c in cells))
            self.blocks.append(Block("row", cells=tuple(cells), group=group, head=whole))
        text = squeeze("".join(loose))
        if text:
            self.blocks.append(Block("paragraph", text, group=group))
        self.blocks += after


def _without(element: Any, left_out: list[Any]) -> str:
    out: list[str] = []

    def down(e: Any) -> None:
        if e in left_out or local(e) in SKIPPED or not local(e):
            return
        out.append(" " if local(e) in _BLOCK or local(e) == "br" else "")
        if e.text:
            _join(out, e.text, local(e))
        for child in e:
            down(child)
            out.append(child.tail or "")
        out.append(" " if local(e) in _BLOCK else "")

    down(element)
    return squeeze("".join(out))


def _span(value: str | None) -> int:
    return int(value) if value and value.isdigit() and 0 < int(value) < 1000 else 1


def blocks(element: Any, skip: frozenset[Any] = frozenset()) -> tuple[Block, ...]:
    """The blocks of a marked-up text in reading order; elements of ``skip`` are left to somebody else.

    >>> from lxml import etree
    >>> [b.words for b in blocks(etree.fromstring("<text><paragraph>5 mg</paragraph><list><item>a</item></list></text>"))]
    ['5 mg', 'a']
    """
    writer = _Writer(skip)
    writer.inside(element)
    writer.flush()
    return tuple(writer.blocks)


class Span(NamedTuple):
    """A piece of a text and where it stands: ``text == whole[start:end]``."""

    text: str
    start: int
    end: int


_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|cf|etc|approx|Dr|Mr|Mrs|Ms|Prof|St|Fig|Figs|No|Nos|Inc|Ltd|Co|Corp|ca|al|max|min|Max|Min|ref|Sec|"
    r"q\.i\.d|t\.i\.d|b\.i\.d|q\.d|h\.s|p\.o|p\.r\.n|i\.v|i\.m|U\.S|U\.K|U\.S\.P|N\.F|mEq|tsp|tbsp|wt|hr|hrs|Rx|resp|a\.m|p\.m)"
    r"|\b[A-Z]|\(s|\b\d{1,2})$"
)
_END = re.compile(r"""[.!?]+(?=[)\]"'’”]*(?:\s|$))|\s*[•▪●◦■□‣⁃·]\s+|\n+|(?<=\w)\s\|\s(?=\|)""")


_CITED = re.compile(r"\s*\(\s*\d{1,2}(?:\.\d{1,2})?(?:\s*,\s*\d{1,2}(?:\.\d{1,2})?)*\s*\)(?=\s+[A-Z•]|\s*$)")
"""Sections that a sentence cites after its full stop: "... at night. ( 2.1 , 5.3 ) Do not ..."."""


def sentences(text: str) -> Iterator[Span]:
    """The sentences of a text with their places. A line break or bullet ends one; "e.g." and "2.5" do not.

    >>> [s.text for s in sentences("Take 2.5 mg, e.g. at night. Do not stop.")]
    ['Take 2.5 mg, e.g. at night.', 'Do not stop.']
    """
    start = 0
    for m in _END.finditer(text):
        mark = m.group()
        if mark[0] == ".":
            before = text[start : m.start()]
            after = text[m.end() : m.end() + 40].lstrip(" )]\"'’”")
            hit = _ABBREVIATED.search(before[-12:])
            if after and (after[0].islower() or (hit and not _fresh(before, after, hit.group()))):
                continue
            stop = m.end()
            while stop < len(text) and text[stop] in ")]\"'’”":
                stop += 1
            cited = _CITED.match(text, stop)
            stop = cited.end() if cited else stop
        elif mark[0] in "!?":
            stop = m.end()
        else:
            stop = m.start()
        if stop <= start:
            continue  # a mark within what the last sentence cites
        yield from _piece(text, start, stop)
        start = max(stop, m.end())
    yield from _piece(text, start, len(text))


_DOSING_SHORT = ("q.i.d", "t.i.d", "b.i.d", "q.d", "h.s", "p.o", "a.m", "p.m", "etc", "hr", "hrs", "resp", "max", "min")
_STARTS = re.compile(
    r"(?:The|This|These|Those|If|In|When|Do|Patients?|It|For|Doses?|Dosage|Adults?|Children|A|An|After|Your|You|Most|"
    r"Some|Therapy|Treatment|Because|Although|There|At|Use|No|Not|Maximum|Total|However|Elderly|Pediatric)\b"
)


def _fresh(before: str, after: str, mark: str) -> bool:
    """Whether a new sentence begins after a full stop that may belong to an abbreviation or a number."""
    if mark.isdigit():  # "... see section 4. The dose" ends; "2. 5 mg" or "5. Warnings" heading numbers do not
        return len(before.split()) > 2 and bool(_STARTS.match(after))
    if mark in _DOSING_SHORT:
        return after[0].isupper()
    return bool(_STARTS.match(after)) and mark not in ("e.g", "i.e", "vs", "Dr", "Mr", "Mrs", "Ms", "Prof", "Fig")


def _piece(text: str, start: int, end: int) -> Iterator[Span]:
    raw = text[start:end]
    left = len(raw) - len(raw.lstrip())
    inner = raw.strip()
    if inner:
        yield Span(inner, start + left, start + left + len(inner))
