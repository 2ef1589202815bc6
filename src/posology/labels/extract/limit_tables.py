"""Turns the tables of a label into the limits they state: columns, rows and captions of maxima.

Knows no medicine. A cell counts where a head over it, beside it, or over the whole table says that it is a maximum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from posology.labels.extract.limit_sentence import Limit, once_each
from posology.labels.extract.limit_words import ANIMAL, DOSE, MASS, NUMBER, amounts_in, period, unit_name, value_of
from posology.labels.extract.scope import of_row, titles
from posology.labels.record import Block, Place

_MAX_HEAD = re.compile(
    r"\b(?:maximum|maximal|max\.?|(?:not\s+to|do\s+not)\s+exceed|highest)\b(?!\s+(?:plasma|concentration|effect|percent|decrease|increase|change|reduction|human)|(?:\s+(?!dos)[\w-]+){0,2}\s+(?:increments?|steps?|increases?|rates?|concentrations?|durations?|intervals?|frequency|levels?)\b)",
    re.I,
)
_ONLY_MAX = re.compile(
    r"\b(?:start\w*|initial\w*|initiat\w+|titrat\w+|recommended\s+and|usual|maintenance|schedule|regimen|tolerated|rate|studied|trials?)\b",
    re.I,
)
"""In a caption: the table holds other doses than maxima too."""


@frozen
class Table:
    """The rows of one table with their block numbers, and its caption."""

    rows: tuple[tuple[int, Block], ...]
    caption: str = ""


@frozen
class CellLimit:
    """A limit, the block its row is, and the words that show it: the head and the row."""

    limit: Limit
    block: int
    quote: str


def tables(place: Place) -> Iterator[Table]:
    """The tables of a section in reading order."""
    groups: dict[int, list[tuple[int, Block]]] = {}
    captions: dict[int, str] = {}
    for i, b in enumerate(place.section.blocks):
        if b.kind == "row" and b.group:
            groups.setdefault(b.group, []).append((i, b))
        elif b.kind == "caption" and b.group:
            captions[b.group] = b.text
    for group, rows in groups.items():
        yield Table(tuple(rows), captions.get(group, ""))


def limits_of(table: Table, place: Place, pointed: str = "") -> list[CellLimit]:
    """The limits a table states; ``pointed``: the head of a column that a sentence says is not to be exceeded.

    A column under "Maximum dose", a row that begins so (its columns are the groups), or, under a caption that speaks of
    maxima alone, every amount beside the first column.
    """
    whole = " ".join((table.caption, *(b.words for _, b in table.rows)))
    if pointed:
        return _column_of(table, place, pointed)
    if not _MAX_HEAD.search(whole) or ANIMAL.search(whole):
        return []
    grid = _grid(table.rows)
    out: list[CellLimit] = []
    heads: dict[int, str] = {}
    part = ""
    for r, line in enumerate(grid):
        texts = [t for t, _ in line]
        filled = set(filter(None, texts))
        if len(filled) == 1 and not _amount(only := next(iter(filled))):  # a heading inside the table
            part = only if _MAX_HEAD.search(only) and not _ONLY_MAX.search(only) and len(only) < 90 else ""
            continue
        is_head = table.rows[r][1].head or r == 0 or (r <= 2 and not any(DOSE.search(t) for t in texts[1:]))
        marks = [
            c
            for c, t in enumerate(texts)
            if _MAX_HEAD.search(t) and len(t) < 90 and (not _amount(t) or _tops(grid, r, c))
        ]
        if is_head and marks and (len(texts) > 2 or marks != [0]):
            heads = {c: texts[c] for c in marks if c > 0} or heads
            continue
        if 0 in marks and len(texts) > 1:  # a row of maxima: its columns are the groups
            for c in range(1, len(texts)):
                group = grid[0][c][0] if c < len(grid[0]) else ""
                out += _cell(texts[c], texts[0], [group], line[c][1], table, place)
            continue
        if part:
            for c in range(1, len(texts)):
                if _amount(texts[c]):
                    out += _cell(texts[c], part, [], line[c][1], table, place)
            continue
        for c, head in heads.items():
            if c < len(texts):
                out += _cell(texts[c], head, [t for t in texts[:c] if not _amount(t)], line[c][1], table, place)
    if not out and not heads and _MAX_HEAD.search(table.caption) and not _ONLY_MAX.search(table.caption):
        for line in grid:
            for c in range(1, len(line)):
                if _amount(line[c][0]):
                    out += _cell(line[c][0], table.caption, [line[0][0]], line[c][1], table, place)
    return out


_POINTS = re.compile(
    r"\b(?:should|must|may|do|does|can)\s*(?:not|never)\s+exceed\s+(?:the\s+|those\s+)?(?P<head>(?:[\w-]+\s+){0,3}?dos(?:e|age)s?)\b[^.;]{0,90}?\b(?:in|by)\s+Table\s+(?P<number>\d+)",
    re.I,
)


def pointed_columns(text: str) -> Iterator[tuple[str, str]]:
    """The tables, by number, and the heads in them that a sentence says are not to be exceeded.

    >>> list(pointed_columns("It should not exceed the maintenance dosage for each weight shown in Table 2."))
    [('2', 'maintenance dosage')]
    """
    for m in _POINTS.finditer(text):
        if not _NO_LIMIT_HEAD.search(m["head"]):
            yield m["number"], m["head"].lower()


_NO_LIMIT_HEAD = re.compile(r"\b(?:initial|starting|first|loading|increments?|steps?|increases?)\b", re.I)


def _column_of(table: Table, place: Place, head: str) -> list[CellLimit]:
    """The amounts of the one column whose head names a dose as a sentence does; of a range the upper end."""
    grid = _grid(table.rows)
    wanted = set(re.sub(r"dos(?:es?|ages?)", "dose", head).split()) - {"recommended", "maximum"}
    heads = [(c, t) for c, (t, _) in enumerate(grid[0]) if c > 0 and not _NO_LIMIT_HEAD.search(t)]
    named = [
        (c, t) for c, t in heads if wanted <= set(re.findall(r"\w+", re.sub(r"dos(?:es?|ages?)\b", "dose", t.lower())))
    ]
    if len(named) != 1:
        return []
    c, text = named[0]
    out: list[CellLimit] = []
    for line in grid[1:]:
        if c < len(line):
            cell = re.sub(rf"^\s*{NUMBER}\s*(?:to|-|–|—)\s*(?={NUMBER}\s*$)", "", line[c][0])
            out += _cell(cell, text, [t for t, _ in line[:c] if not _amount(t)], line[c][1], table, place)
    return out


def _grid(rows: tuple[tuple[int, Block], ...]) -> list[list[tuple[str, int]]]:
    """Rows with spanned cells repeated, so that every column lines up: (text, block number)."""
    hang: dict[int, tuple[int, str]] = {}
    out: list[list[tuple[str, int]]] = []
    for i, b in rows:
        line: list[tuple[str, int]] = []
        cells = list(b.cells)
        column = 0
        while cells or column in hang:
            if column in hang:
                left, text = hang[column]
                line.append((text, i))
                if left > 1:
                    hang[column] = (left - 1, text)
                else:
                    del hang[column]
                column += 1
                continue
            c = cells.pop(0)
            for _ in range(c.columns):
                line.append((c.text, i))
                if c.rows > 1:
                    hang[column] = (c.rows - 1, c.text)
                column += 1
        out.append(line)
    return out


def _tops(grid: list[list[tuple[str, int]]], r: int, c: int) -> bool:
    """Whether a cell of the first row that gives an amount is still a head: "Maximum dose 150 mg/kg/day" over volumes."""
    return r == 0 and c > 0 and len(grid) > 2 and all(c < len(line) and _amount(line[c][0]) for line in grid[1:])


def _amount(text: str) -> bool:
    """Whether a cell holds an amount: "6 doses a day" in a heading is none."""
    return any(not d["unit"].lower().startswith("dose") for d in DOSE.finditer(text))


def _cell(cell: str, head: str, left: list[str], block: int, table: Table, place: Place) -> list[CellLimit]:
    """The limits of one cell under one head; ``left``: the cells that say for whom or for what use."""
    matches = amounts_in(cell)
    bare = re.fullmatch(rf"\s*({NUMBER})\s*(?:[a-z*†‡]|(?P<often>[a-z][a-z. ]{{2,20}}))?\s*", cell)
    shown = re.search(rf"\(?\s*({MASS})(\s*/\s*kg)?(?:\s*/\s*|\s+per\s+|\s+|\b)", head)
    if not matches and not (bare and shown):
        return []
    scope = of_row(left, table.rows[0][1].cells[0].text, titles(place))
    who, use = scope.who, scope.use
    text = next(b for i, b in table.rows if i == block).words
    quote = f"{head}: {text}" if head not in text else text
    if not matches and bare and shown:
        per, times = period(bare["often"] or "")
        only = Limit(value_of(bare[1]), unit_name(shown[1], shown[2]), per or _period_of(head), times, who, use)
        return [CellLimit(only, block, quote)]
    found: list[tuple[re.Match[str], Limit]] = []
    for m in matches[:2]:
        per, times = period(cell[m.end() : m.end() + 40])
        value, unit = value_of(m["num"]), unit_name(m["unit"], m["kg"])
        found.append((m, Limit(value, unit, per or _period_of(head), times, who, use)))
    return [CellLimit(x, block, quote) for x in once_each(cell, found)]


def _period_of(head: str) -> str:
    """The period that a head of a column or a caption says."""
    return period(head)[0] or (
        "day"
        if re.search(r"daily|/\s*day|per\s+day", head, re.I)
        else "dose"
        if re.search(r"single|per\s+dose|each", head, re.I)
        else ""
    )
