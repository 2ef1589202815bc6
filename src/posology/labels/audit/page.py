"""Turns a page for patients (HTML or plain text) into sentences with their places, its names, dates, sources and country.

Knows no medicine. Scripts and styles are never read; wrapped lines are joined, headings and bullets stay apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Literal

from attrs import evolve, frozen

from posology.errors import Problem, UnreadableError
from posology.labels.text import Span, sentences

MAX_PAGE = 20_000_000
"""The most bytes of a page: scripts and pictures inside one may be large."""
MAX_TEXT = 300_000
"""The most characters of text; a leaflet has a few thousand, a whole label up to 200 thousand."""


@frozen
class Line:
    """One sentence of a page. ``start``/``end``: characters of :attr:`Page.text`; ``line``: of the file, from 1.

    ``kind``: in a paragraph, alone as a heading, a bullet, or a table's cell; ``last``: whether it ends its block;
    ``alone``: is the block.
    """

    text: str
    start: int
    end: int
    line: int
    kind: Literal["text", "heading", "bullet", "cell"]
    last: bool
    alone: bool
    under: str = ""
    """What it stands under: the nearest heading, and of a table's cell the heads of its row and column."""


@frozen
class Page:
    """A page: its text as audited, its lines, and what it says of itself."""

    name: str
    text: str
    lines: tuple[Line, ...]
    language: str = ""
    country: str = ""
    meta: str = ""
    """Text that a browser shows only in part: the title, dates and authors of an HTML head."""

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(re.findall(r"[A-Za-z][\w'’-]*", self.text))


def read_page(data: bytes, name: str) -> Page:
    """The page in a file's bytes. Raises :class:`posology.errors.UnreadableError` where it has no text.

    >>> [x.text for x in read_page(b"Take it. Do not stop.", "page.txt").lines]
    ['Take it.', 'Do not stop.']
    """
    if len(data) > MAX_PAGE:
        raise UnreadableError(Problem(f"This page is too large ({len(data) // 1_000_000} MB).", name, _SMALLER))
    from posology.labels.files import html_text

    text = (_utf16(data) or html_text(data)).removeprefix("\ufeff")
    language = meta = markup = ""
    pieces: tuple[tuple[str, str, str], ...] = ()
    if "\x00" in text[:2000]:
        raise UnreadableError(Problem("This is no page: it is a binary file.", name, "Give HTML or plain text."))
    if _MARKUP.search(text[:20000]):
        markup = text
        read = _from_html(markup, name)
        pieces, language, meta = read.pieces, read.language, read.meta
        text = "\n\n".join(p[0] for p in pieces)
    else:
        text = _unwrap(_unmarked(text.replace("\r\n", "\n").replace("\r", "\n")))
    if not re.search(r"\w", text):
        raise UnreadableError(Problem("This page holds no text.", name, "Give the page as HTML or plain text."))
    if len(text) > MAX_TEXT:
        raise UnreadableError(Problem(f"This page holds too much text ({len(text):,} characters).", name, _SMALLER))
    lines = _under(list(_in_source(_of_pieces(pieces), markup)) if markup else _lines(text))
    return Page(name, text, tuple(lines), language or _language(text), _country(text + " " + meta), meta)


def _unmarked(text: str) -> str:
    """Plain text without the marks of light markup for bold words and headings; nothing moves.

    >>> _unmarked("# Stopping\\n**Never** at once").split()
    ['Stopping', 'Never', 'at', 'once']
    """
    return re.sub(r"\*\*|^#{1,6}(?= )", lambda m: " " * len(m[0]), text, flags=re.M)


_SMALLER = f"A page has at most {MAX_TEXT:,} characters of text. Give one page about one medicine."


def _utf16(data: bytes) -> str:
    """The text of UTF-16 without a byte order mark, which shows in every second byte being zero; else nothing."""
    head = data[:2000]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or head.count(0) * 5 < len(head) * 2:
        return ""
    return data.decode("utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be", errors="replace")


_MARKUP = re.compile(
    r"<(?:!doctype|html|body|head|p|div|span|br|ul|ol|li|table|section|h[1-6]|article|main)\b[^<>]*>", re.I
)
_BULLET = re.compile(r"^\s*(?:[-*•▪●◦‣–+>]|\.(?=\s+\w)|\d{1,2}[.)]|[a-z][.)])\s+")


@frozen
class _Read:
    """What an HTML page holds: its pieces as (text, kind, heads of row and column), its language, and its meta text."""

    pieces: tuple[tuple[str, str, str], ...]
    language: str
    meta: str


def _from_html(markup: str, name: str) -> _Read:
    from lxml import etree, html

    from posology.labels.text import blocks, inline

    try:
        root = html.document_fromstring(
            markup, parser=html.HTMLParser(no_network=True, remove_comments=True, huge_tree=False)
        )
    except (etree.LxmlError, ValueError) as error:
        raise UnreadableError(
            Problem(f"This page cannot be read ({' '.join(str(error).split())[:100]}).", name)
        ) from None
    meta = " ".join(
        [*(inline(t) for t in root.iter("title")), *(m.get("content") or "" for m in root.iter("meta"))]
        + [t.get("datetime") or "" for t in root.iter("time")]
        + [a.get("href") or "" for a in root.iter("a")][:200]
        + [inline(e) for e in root.iter("nav", "footer")]
    )
    body = next(root.iter("body"), root)
    aside = frozenset(e for e in body.iter() if isinstance(e.tag, str) and _is_aside(e))
    for term in body.iter("dt"):
        term.tag = "h6"  # what a list of terms says of each stands under it
    pieces: list[tuple[str, str, str]] = []
    heads: tuple[str, ...] = ()
    group = 0
    for b in blocks(body, aside):
        if b.cells:
            if b.group != group:
                group, heads = b.group, ()
            row = [c.text for c in b.cells]
            if b.head or (not heads and not any(re.search(r"\d", x) for x in row)):
                heads = tuple(row)
            else:
                side = row[0] if len(row) > 1 else ""
                for n, cell in enumerate(row):
                    head = heads[n] if n < len(heads) else ""
                    pieces.append((cell, "cell", ": ".join(x for x in (side if n else "", head) if x)))
        elif b.words:
            pieces.append((b.words, {"heading": "heading", "item": "bullet"}.get(b.kind, "text"), ""))
    kept = [p for p in pieces if re.search(r"\w", p[0])]
    return _Read(tuple(kept), (root.get("lang") or "").lower(), meta)


def _is_aside(element: Any) -> bool:
    """Whether an element of a page is no part of what it says: menus, what is hidden, and blocks that are nearly all links."""
    tag = element.tag
    if tag in ("nav", "select", "button") or element.get("role") == "navigation" or element.get("hidden") is not None:
        return True
    if re.search(r"display\s*:\s*none", element.get("style") or "", re.I):
        return True
    if tag not in ("ul", "ol", "div", "header", "footer", "aside", "section", "p"):
        return False
    links = [x for x in element.iter("a") if x.get("href")]
    if len(links) < 2:
        return False
    inside = sum(len("".join(x.itertext()).split()) for x in links)
    return inside >= 0.7 * len("".join(element.itertext()).split())


def _unwrap(text: str) -> str:
    """Joins the lines of a wrapped paragraph without moving a character: the line break becomes a space."""
    lines = text.split("\n")
    out = [lines[0]]
    for before, line in pairwise(lines):
        joined = (
            before.strip()
            and line.strip()
            and not _BULLET.match(line)
            and (line.strip()[0].islower() or (len(before) > 60 and not _BULLET.match(before)))
            and not (len(before.split()) <= 8 and before.rstrip()[-1:] not in ",;" and not line.strip()[0].islower())
        )
        out.append((" " if joined else "\n") + line)
    return "".join(out)


def _lines(text: str) -> list[Line]:
    out: list[Line] = []
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    heads: list[str] = []
    for m in re.finditer(r"[^\n]+", text):
        block = m.group()
        if _ROW.match(block):
            cells = [c for c in re.finditer(r"[^|]+", block) if re.search(r"\w", c[0])]
            row = [c[0].strip() for c in cells]
            if heads:
                for n, c in enumerate(cells):
                    under = ": ".join(x for x in (row[0] if n else "", heads[n] if n < len(heads) else "") if x)
                    at = m.start() + c.start() + len(c[0]) - len(c[0].lstrip())
                    out += [evolve(x, line=_line_of(starts, x.start)) for x in _sentences_of(row[n], at, "cell", under)]
            elif cells:
                heads = row
            continue
        heads = []
        bullet = _BULLET.match(block)
        lead = bullet.end() if bullet else 0
        kind = "bullet" if bullet else "text"
        out += [
            evolve(x, line=_line_of(starts, x.start)) for x in _sentences_of(block[lead:], m.start() + lead, kind, "")
        ]
    return out


_ROW = re.compile(r"\s*\|.*\|\s*$")
"""A row of a table in light markup; the first one holds the heads."""


def _of_pieces(pieces: tuple[tuple[str, str, str], ...]) -> list[Line]:
    out: list[Line] = []
    at = 0
    for text, kind, under in pieces:
        out += _sentences_of(text, at, kind, under)
        at += len(text) + 2  # the pieces are joined by two line breaks
    return out


def _sentences_of(block: str, offset: int, kind: str, under: str) -> list[Line]:
    found: list[Span] = [s for x in sentences(block) for s in _after_figures(x) if re.search(r"\w", s.text)]
    out: list[Line] = []
    asks = kind == "text" and _QUESTION.match(block) and not _ANSWER.search(block)
    for i, s in enumerate(found):
        as_kind = "heading" if kind == "text" and len(found) == 1 and _is_heading(s.text) else kind
        if asks and i == len(found) - 1:
            as_kind = "heading"
        last, alone = i == len(found) - 1, len(found) == 1
        out.append(Line(s.text, offset + s.start, offset + s.end, 1, as_kind, last, alone, under))  # type: ignore[arg-type]
    return out


def _after_figures(span: Span) -> Iterator[Span]:
    """A sentence parted where one that ends in a figure runs into the next: "between 30 and 45. Only when"."""
    at = 0
    for m in re.finditer(r"(?<=\d\d\.)\s+(?=[A-Z][a-z]+\s+[a-z])", span.text):
        yield Span(span.text[at : m.start()], span.start + at, span.start + m.start())
        at = m.end()
    yield Span(span.text[at:], span.start + at, span.end)


_QUESTION = re.compile(r"\s*Q(?:uestion)?\s*\d*\s*[.:)]\s")
_ANSWER = re.compile(r"\bA(?:nswer)?\s*\d*\s*[.:]\s")
"""A paragraph that asks; what follows stands under it. Both in one paragraph are read as they stand."""


def _under(lines: list[Line]) -> list[Line]:
    """The lines with the heading that each stands under, before what its table says."""
    out: list[Line] = []
    heading = ""
    for x in lines:
        if x.kind == "heading":
            heading = x.text
            out.append(x)
        else:
            out.append(evolve(x, under=f"{heading}: {x.under}" if heading and x.under else x.under or heading))
    return out


def _in_source(lines: list[Line], markup: str) -> Iterator[Line]:
    """The lines with the line numbers of the HTML file, found by their first words, tags between them allowed."""
    at, number = 0, 1
    for x in lines:
        words = re.findall(r"[^\s<>&]+", x.text)[:4]
        hit = re.compile(r"(?:\s|&\w+;|<[^>]*>)+".join(map(re.escape, words))).search(markup, at) if words else None
        if hit:
            number += markup.count("\n", at, hit.start())
            at = hit.start()
        yield evolve(x, line=number)


def _line_of(starts: list[int], at: int) -> int:
    import bisect

    return bisect.bisect_right(starts, at)


def _is_heading(text: str) -> bool:
    if text.endswith(":") or (text.endswith("?") and len(text.split()) <= 12):
        return True
    if text[-1:] in ".!,;":
        return False
    words = text.split()
    if len(words) > 12:
        return False
    if re.match(r"(?:What|Who|How|When|Where|Why|Which)\b", text) and len(words) <= 9:
        return True
    if (
        re.match(r"(?:Do|Don't|You|If|Take|Never|Always|Ask|Tell|Call|It|This|Stop|There)\b", text)
        and len(words) >= 3
        and not (sum(w[0].isupper() for w in words if w[0].isalpha()) > len(words) / 2)
    ):
        return (
            bool(
                re.match(
                    r"(?:If\s+you\s+(?:miss|forget|stop|take|have|run)\b|Do\s+not\s+(?:take|use)\b|It\s+is\s+important)",
                    text,
                )
            )
            and len(words) <= 8
            and words[-1].lower() not in _DANGLING
        )
    return words[-1].lower() not in _DANGLING


_DANGLING = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "of",
        "to",
        "with",
        "for",
        "from",
        "in",
        "on",
        "at",
        "by",
        "if",
        "because",
        "that",
        "which",
        "who",
        "when",
        "while",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "can",
        "may",
        "must",
        "should",
        "will",
        "would",
        "not",
        "your",
        "their",
        "its",
        "our",
        "this",
        "these",
        "those",
        "such",
        "than",
        "into",
        "about",
        "without",
        "during",
        "until",
        "unless",
    ]
)


def _language(text: str) -> str:
    """ "en" where the common English words are there, "" where another language is likelier."""
    words = re.findall(r"[a-zà-ÿ]+", text.lower())
    if len(words) < 20:
        return "en"
    english = sum(w in _ENGLISH for w in words) / len(words)
    return "en" if english > 0.12 else ""


_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "a",
        "is",
        "it",
        "you",
        "for",
        "not",
        "or",
        "if",
        "your",
        "this",
        "with",
        "are",
        "that",
        "be",
        "take",
        "as",
        "on",
        "may",
        "do",
        "can",
        "have",
        "by",
        "an",
        "from",
        "at",
    ]
)
_UK = re.compile(
    r"\bNHS\b|\bnhs\.uk\b|\b(?:[Cc]all|[Dd]ial|[Rr]ing|[Pp]hone)\s+(?:999|111)\b|:\s*999\b|\bDVLA\b|\bSamaritans\b|\bNHS\s*111\b|\bMHRA\b|\bYellow\s+Card\b|\bGP\b(?=[\s\S]*\bA&E\b)|\bA&E\b(?=[\s\S]*\bGP\b)|\bUnited\s+Kingdom\b|\bUK\b|\bpharmacist\s+in\s+the\s+UK\b|\bBNF\b|\.co\.uk\b"
)
_US = re.compile(
    r"\b911\b|\bFDA\b|\b1-800-\d{3}-\d{4}\b|\bMedWatch\b|\bUnited\s+States\b|\bU\.S\.|\bUSA\b|\bMedicare\b|\bDailyMed\b|\bMedication\s+Guide\b"
)
_DE = re.compile(r"\bBfArM\b|\bRote\s+Liste\b|\bGermany\b|\bNotruf\s+112\b")


def _country(text: str) -> str:
    """Which country the page is of, from what only that country has; "" where it does not show or shows two."""
    found = {c for c, rx in (("GB", _UK), ("US", _US), ("DE", _DE)) if rx.search(text)}
    if len(found) == 1:
        return found.pop()
    counts = {c: len(rx.findall(text)) for c, rx in (("GB", _UK), ("US", _US)) if c in found}
    if len(counts) == 2 and max(counts.values()) >= 3 * min(counts.values()):
        return max(counts, key=lambda c: counts[c])
    return ""
