"""Turns many label files into one SQLite index, and a name, imprint, use or question into the labels and words that answer.

Knows no medicine by name: names come from the labels. One row a label; a batch is in the file whole or not at all.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from attrs import field, frozen

from posology.errors import Problem, UnreadableError
from posology.labels import files as door
from posology.labels.query import DULL, SALTS, SAME, WITH_ANOTHER, Intent, close, intent, terms
from posology.labels.record import Block, Label

SCHEMA = 1
BATCH = 200
NEWEST = 40
"""The most labels of one name that are looked at, newest first."""
MORE = 2
"""How many labels beyond those asked for compete by their words."""
_COLUMNS = ("names", "active", "uses", "stopping", "dosing", "warnings", "rest")
_WEIGHTS = (12.0, 8.0, 4.0, 5.0, 2.0, 2.0, 1.0)
_SQL = f"""
create table if not exists meta (key text primary key, value text not null);
create table if not exists done (key text primary key, problem text not null default '');
create table if not exists label (
  id integer primary key, setid text not null, version text not null, effective text not null, name text not null,
  labeler text not null, document text not null, source text not null, note text not null, body blob not null);
create index if not exists label_setid on label (setid);
create table if not exists name (name text not null, kind text not null, label integer not null, effective text not null);
create index if not exists name_name on name (name, effective, label, kind);
create virtual table if not exists words using fts5({", ".join(_COLUMNS)}, content='', tokenize='porter unicode61');
"""


@frozen
class Progress:
    """How far an import is: labels added, files that were already in, files that could not be read."""

    added: int = 0
    kept: int = 0
    failed: int = 0
    labels: int = 0
    errors: tuple[str, ...] = ()


@frozen
class Hit:
    """One label that answers: who it is, why it was found, and its words that fit best."""

    setid: str
    version: str
    effective: str
    name: str
    labeler: str
    source: str
    why: str = ""
    section: str = ""
    section_code: str = ""
    quote: str = ""
    score: float = 0.0
    note: str = field(default="")


# -- building -------------------------------------------------------------------------------------------------------

_STOP_CUES = ("abrupt", "sudden", "taper", "withdraw", "gradual", "stop taking")
_USES = frozenset({"34067-9", "55105-1"})
_DOSING = frozenset({"34068-7"})
_WARNINGS = frozenset({"34066-1", "34071-1", "43685-7", "34070-3", "42232-9", "34072-9", "50570-1", "34073-7"})


@frozen
class Row:
    """A label ready for the index; small enough to be handed between processes."""

    setid: str
    version: str
    effective: str
    name: str
    labeler: str
    document: str
    source: str
    note: str
    body: bytes
    names: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]


def fold(text: str) -> str:
    """A name as it is looked up: lower case, words apart by one space.

    >>> fold("  EXAMPLO® 10-mg ")
    'examplo 10 mg'
    """
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


BULLET = "\u2022"


def _line(b: Block) -> str:
    """A block as a line of the index; an item of a list begins with as many bullets as it is deep."""
    return f"{BULLET * b.depth} {b.words}" if b.kind == "item" and b.words[:1] != BULLET else b.words


def row(label: Label) -> Row:
    """What the index holds of one label."""
    parts: dict[str, list[str]] = {c: [] for c in _COLUMNS}
    pieces: list[tuple[str, str, str]] = []
    for place in label.walk("text", "highlights", "list", "front"):
        s = place.section
        if s.part in ("list", "front"):
            continue
        codes = set(place.codes)
        text = "\n".join(map(_line, s.blocks))
        if not text and not s.title:
            continue
        low = text.lower()
        stopping = (
            [b.words for b in s.blocks if any(cue in b.words.lower() for cue in _STOP_CUES)]
            if any(cue in low for cue in _STOP_CUES)
            else []
        )
        parts["stopping"] += [t[:3000] for t in stopping]
        column = (
            "uses" if codes & _USES else "dosing" if codes & _DOSING else "warnings" if codes & _WARNINGS else "rest"
        )
        parts[column].append(f"{s.title}\n{text}")
        if s.part == "text" and text:
            pieces.append((place.path[-160:], s.nearest, text))
    names: list[tuple[str, str]] = []
    for p in label.products:
        names += [(p.name, "name"), (p.generic, "ingredient")]
        names += [(n, "ingredient") for a in p.active for n in (a.name, a.moiety)]
        if p.appearance.imprint:
            found = re.findall(r"[A-Za-z0-9]+", p.appearance.imprint)
            names.append(("".join(found), "imprint"))
            names += [(f, "imprint") for f in found if len(f) > 2 or (len(found) == 1 and len(f) > 1)]
        names += [(code, "code") for code in (p.ndc, *p.packages) if code]
    names += [(n, "name") for n in label.names]
    kept = dict.fromkeys((fold(n), k) for n, k in names if fold(n))
    singles = dict.fromkeys(
        (w, k)
        for n, k in kept
        if k in ("name", "ingredient")
        for w in n.split()
        if len(w) > 3 and not w.isdigit() and w not in SALTS
    )
    parts["names"] = [label.title, *(n for n, k in kept if k == "name")]
    parts["active"] = [n for n, k in kept if k == "ingredient"]
    return Row(
        label.setid, label.version, label.effective, label.name or label.title or label.source, label.labeler,
        label.document_type, label.source, " ".join(label.notes),
        zlib.compress(json.dumps(pieces, ensure_ascii=False).encode(), 1),
        tuple({**kept, **singles}), tuple("\n".join(parts[c]) for c in _COLUMNS),
    )  # fmt: skip


def _work(job: tuple[str, str, bytes | None]) -> tuple[str, list[Row], str]:
    """Read one member: (key, rows, problem). Runs in another process; every problem of a file becomes one line."""
    where, key, data = job
    try:
        loaded = data if data is not None else door._load(Path(where))
        return key, [row(x) for x in door.read_labels(loaded, Path(where).name)], ""
    except UnreadableError as error:
        problem, name = " ".join(str(error).split()), Path(where).name
        return key, [], f"{where}{problem.removeprefix(name)}" if problem.startswith(f"{name}:") else problem
    except RecursionError:
        return key, [], f"{where}: The file is nested too deeply to be a label."
    except Exception as error:  # whatever one file may do to its reader, the rest goes on
        return key, [], f"{where}: {door.unforeseen(error)}"


def _open(path: Path, write: bool) -> sqlite3.Connection:
    if not write and not path.exists():
        raise UnreadableError(
            Problem("There is no index here.", str(path), "Make one with: posology label index FOLDER --index FILE")
        )
    try:
        base = (
            sqlite3.connect(path) if write else sqlite3.connect(f"file:{path.resolve().as_posix()}?mode=ro", uri=True)
        )
        if write:
            base.execute("pragma page_size = 8192")
            base.execute("pragma synchronous = normal")
            base.execute("pragma cache_size = -65536")
            base.executescript(_SQL)
            base.execute("insert or ignore into meta values ('schema', ?)", (str(SCHEMA),))
            base.commit()
        base.execute("pragma temp_store = memory")
        found = base.execute("select value from meta where key = 'schema'").fetchone()
    except sqlite3.DatabaseError as error:
        raise UnreadableError(
            Problem(f"This is no index file ({error}).", str(path), "Choose another --index file.")
        ) from None
    if found is None or found[0] != str(SCHEMA):
        base.close()
        raise UnreadableError(
            Problem("This index is of another version.", str(path), "Make it again with: posology label index")
        )
    return base


def build(
    paths: Iterable[Path | str], index: Path, jobs: int = 2, progress: Callable[[Progress], None] | None = None
) -> Progress:
    """Add labels to an index file; what is in already is left alone.

    A batch of files is written in one transaction with the note that they are done, so that a kill at any moment leaves
    whole labels only, and the next run goes on. A damaged file is noted and never stops the rest.
    """
    added = kept = failed = 0
    errors: list[str] = []
    with closing(_open(index, True)) as base:
        known = {k for (k,) in base.execute("select key from done")}

        def fresh() -> Iterator[tuple[str, str, bytes | None]]:
            nonlocal kept, failed
            for member in door.members(paths):
                if isinstance(member, door.Failure):
                    if member.where not in known:
                        failed += 1
                        errors.append(member.line)
                    continue
                if member.key in known:
                    kept += 1
                    continue
                known.add(member.key)
                yield member.where, member.key, (member.load() if "!" in member.where else None)

        batch: list[tuple[str, list[Row], str]] = []

        def flush() -> None:
            nonlocal added, failed
            if not batch:
                return
            with base:  # one transaction: labels, words, names and "done", or none of them
                for key, rows, problem in batch:
                    for r in rows:
                        _insert(base, r)
                        added += 1
                    if problem:
                        failed += 1
                        errors.append(problem)
                    else:
                        base.execute("insert or replace into done values (?, ?)", (key, problem))
            batch.clear()
            if progress is not None:
                progress(Progress(added, kept, failed))

        for result in _results(fresh(), jobs):
            batch.append(result)
            if len(batch) >= BATCH:
                flush()
        flush()
        if added > 2000:
            with base:
                base.execute("insert into words (words) values ('optimize')")
        total = base.execute("select count(*) from label").fetchone()[0]
    return Progress(added, kept, failed, total, tuple(errors))


def _end_with_parent() -> None:
    """In a worker: end when the import does, even where it was killed and could tell nobody."""
    import multiprocessing
    import os
    import threading
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            wait([parent.sentinel])
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _results(work: Iterator[tuple[str, str, bytes | None]], jobs: int) -> Iterator[tuple[str, list[Row], str]]:
    first = [w for _, w in zip(range(24), work, strict=False)]
    if jobs == 1 or len(first) < 24:  # too few to pay for other processes
        yield from map(_work, first)
        yield from map(_work, work)
        return
    import multiprocessing
    from collections import deque
    from concurrent.futures import Future, ProcessPoolExecutor

    # "spawn": no copy of this process, and no lock of another thread, is taken along
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), initializer=_end_with_parent) as pool:
        waiting: deque[Future[tuple[str, list[Row], str]]] = deque(pool.submit(_work, w) for w in first)
        for w in work:
            waiting.append(pool.submit(_work, w))
            if len(waiting) >= jobs * 12:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _insert(base: sqlite3.Connection, r: Row) -> None:
    cursor = base.execute(
        "insert into label (setid, version, effective, name, labeler, document, source, note, body) values (?,?,?,?,?,?,?,?,?)",
        (r.setid, r.version, r.effective, r.name, r.labeler, r.document, r.source, r.note, r.body),
    )
    id = cursor.lastrowid
    base.execute(f"insert into words (rowid, {', '.join(_COLUMNS)}) values (?,?,?,?,?,?,?,?)", (id, *r.columns))
    base.executemany("insert into name values (?,?,?,?)", [(n, k, id, r.effective) for n, k in r.names])


# -- asking ---------------------------------------------------------------------------------------------------------


def _quoted(words: Iterable[str]) -> str:
    return " OR ".join(f'"{w}"' for w in words)


BY_WORDS = "words of the label"
"""Why a label was found that is not of the medicine named, but speaks of it."""


def search(index: Path, query: str, limit: int = 5) -> list[Hit]:
    """The labels that answer a query, best first, each with the section and words that fit.

    Names are looked up exactly, then by prefix; what is left of the query is searched in the text. An imprint is
    recognised by its letters and digits. Raises :class:`posology.errors.UnreadableError` where there is no index.
    """
    with _asked(index) as base:
        return _search(base, query, limit)


@contextmanager
def _asked(index: Path) -> Iterator[sqlite3.Connection]:
    """An index to read; a damaged one is said."""
    with closing(_open(index, False)) as base:
        try:
            yield base
        except (sqlite3.DatabaseError, zlib.error, KeyError, ValueError) as error:
            raise UnreadableError(
                Problem(f"This index is damaged ({error}).", str(index), "Make it again with: posology label index")
            ) from None


def _search(base: sqlite3.Connection, query: str, limit: int) -> list[Hit]:
    whole = fold(query)
    if not whole:
        return []
    words = terms(query)
    named, why, rest = _named(base, query, whole, words)
    asked, sought = intent(query, rest)
    if not named and words:
        groups = _groups(words)
        found: list[tuple[int, float, str]] = []
        seen: set[int] = set()
        for expression in (
            " AND ".join(f"({_quoted(g)})" for g in groups),
            " OR ".join(f"({_quoted(g[:2])})" for g in groups[:5]),
        ):
            if len(found) >= limit:
                break
            for i, s in _fts(base, expression, max(limit * 4, 40)):
                if i not in seen:
                    seen.add(i)
                    found.append((i, -s, BY_WORDS))
        return _hits(base, found, {}, _Ask(_groups(sought), asked), limit)
    # every label here is of a medicine that was named: the newest few are asked which of their words fit best
    newest = [(i, 0.0, why) for i in named[: NEWEST // 2]]
    other, its_why, left = _second(base, rest, named)
    if not other:
        return _hits(base, newest, {}, _Ask(_groups(sought), asked), limit)
    newest += [(i, 0.0, its_why) for i in other[: NEWEST // 2]]
    ways = {i: _Ask([_called(base, other), *_groups(left)], WITH_ANOTHER) for i in named}
    ways |= {i: _Ask([_called(base, named), *_groups(left)], WITH_ANOTHER) for i in other}
    return _hits(base, newest, ways, _Ask([], WITH_ANOTHER), limit)


@frozen
class _Ask:
    """What is looked for in a label: groups of words of one meaning, and the kind of question."""

    groups: list[tuple[str, ...]]
    intent: Intent | None


def _groups(words: Iterable[str]) -> list[tuple[str, ...]]:
    return [(t, *SAME.get(t, ())) for t in words]


def _second(base: sqlite3.Connection, rest: list[str], first: list[int]) -> tuple[list[int], str, list[str]]:
    """(labels, name, what is left) of another medicine that a question names beside the first."""
    for t in rest:
        if len(t) > 3 and t not in SAME:
            rows = base.execute(
                f"select label from name where name = ? and kind in ('name','ingredient') order by effective desc limit {NEWEST}",
                (t,),
            )
            found = [i for (i,) in rows if i not in first]
            if found:
                return found, t, [x for x in rest if x != t]
    return [], "", rest


def _called(base: sqlite3.Connection, labels: list[int]) -> tuple[str, ...]:
    """The single words by which the medicine of some labels is known."""
    marks = ",".join("?" * len(labels[:5]))
    rows = base.execute(
        f"select distinct name from name where label in ({marks}) and kind in ('name','ingredient') and name not like '% %'",
        labels[:5],
    )
    return tuple(n for (n,) in rows if n not in SALTS)[:8]


NEAR = "spelt like "
"""How the reason begins where a name was taken for another that is spelt nearly so."""


def _near(base: sqlite3.Connection, term: str) -> str:
    """The name that a word of no label is a slip of spelling of; "" where there is none."""
    if (
        len(term) < 5
        or term.isdigit()
        or base.execute("select 1 from words where words match ? limit 1", (f'"{term}"',)).fetchone()
    ):
        return ""
    rows = base.execute(
        "select distinct name from name where name >= ? and name < ? and kind in ('name','ingredient') and length(name) between ? and ?",
        (term[0], chr(ord(term[0]) + 1), len(term) - 2, len(term) + 2),
    )
    found = [n for (n,) in rows if " " not in n and close(term, n)]
    return min(found, key=lambda n: (abs(len(n) - len(term)), n), default="")


def unknown(index: Path, query: str) -> tuple[str, ...]:
    """The words of a question that stand in no label of an index and are like no name in it.

    Raises :class:`posology.errors.UnreadableError` like :func:`search`.
    """
    with _asked(index) as base:
        return tuple(
            t
            for t in terms(query)
            if len(t) > 3 and t.isalpha() and t not in SAME and not _near(base, t)
            and not base.execute("select 1 from words where words match ? limit 1", (f'"{t}"',)).fetchone()
            and not base.execute("select 1 from name where name >= ? and name < ? limit 1", (t, t + "{")).fetchone()
        )  # fmt: skip


def _named(base: sqlite3.Connection, query: str, whole: str, terms: list[str]) -> tuple[list[int], str, list[str]]:
    """(labels, why, the terms that are left) for the part of a query that names a medicine, a code or an imprint."""

    def exact(text: str, kinds: str = "'name','ingredient','code'") -> list[int]:
        rows = base.execute(
            f"select label from name where name = ? and kind in ({kinds}) order by effective desc limit {NEWEST}",
            (text,),
        )
        return list(dict.fromkeys(i for (i,) in rows))

    found = exact(whole)
    if found:
        return found, whole, []
    joined = re.sub(r"[^a-z0-9]", "", query.lower())
    marked = re.search(
        r"\b(?:imprint(?:ed)?|marked|stamped|engraved|debossed|says|printed)\s+(?:with\s+|on\s+it\s+)?([\w\s;/|-]{1,20})$",
        query.strip(" ?."),
        re.I,
    )
    if marked:
        found = exact(re.sub(r"[^a-z0-9]", "", marked[1].lower()), "'imprint'")
        if found:
            return found, f"imprint {marked[1].strip()}", []
    if any(c.isdigit() for c in joined) or len(terms) <= 2:
        found = exact(joined, "'imprint'")
        if found:
            return found, f"imprint {query.strip()}", []
        wanted = [t for t in terms if any(c.isdigit() for c in t) and len(t) > 1]
        for t in (
            wanted
            if re.search(r"imprint|marked|stamped|says|pill|tablet|capsule", query, re.I) or len(terms) <= 2
            else []
        ):
            found = exact(t, "'imprint'")
            if found:
                return found, f"imprint {t}", [x for x in terms if x != t]
    words = re.findall(r"[a-z0-9]+", query.lower())
    for size in (4, 3, 2, 1):
        for at in range(len(words) - size + 1):
            piece = " ".join(words[at : at + size])
            if len(piece) < 4 or (size == 1 and (piece in DULL or piece in SAME)):
                continue
            found = exact(piece)
            if found:
                return found, piece, [t for t in terms if t not in piece.split()]
    if len(terms) == 1 and len(terms[0]) >= 3:
        low = terms[0]
        rows = base.execute(
            "select distinct label, name from name where name >= ? and name < ? and kind in ('name','ingredient') limit 400",
            (low, low[:-1] + chr(ord(low[-1]) + 1)),
        ).fetchall()
        if rows:
            return (
                list(dict.fromkeys(i for i, _ in rows)),
                " ".join(dict.fromkeys(w for _, n in rows[:8] for w in n.split() if w.startswith(low))),
                [],
            )
    for t in terms:
        near = _near(base, t)
        if near:
            return exact(near), f"{NEAR}{t}: {near}", [x for x in terms if x != t]
    return [], "", terms


def _fts(base: sqlite3.Connection, expression: str, limit: int) -> list[tuple[int, float]]:
    weights = ", ".join(map(str, _WEIGHTS))
    try:
        return [
            (i, s)
            for i, s in base.execute(
                f"select rowid, bm25(words, {weights}) as score from words where words match ? order by score limit ?",
                (expression, limit),
            )
        ]
    except sqlite3.OperationalError as error:
        if "fts5" in str(error) or "syntax" in str(error):
            return []
        raise


def _hits(
    base: sqlite3.Connection, found: list[tuple[int, float, str]], ways: dict[int, _Ask], usual: _Ask, limit: int
) -> list[Hit]:
    """The hits of the labels found; ``ways``: what is looked for in a label, where that is not the usual."""
    seen: set[str] = set()
    labels: dict[int, Any] = {}
    ids = [i for i, _, _ in found]
    for at in range(0, len(ids), 400):
        part = ids[at : at + 400]
        labels |= {
            r[0]: r
            for r in base.execute(
                f"select id, setid, version, effective, name, labeler, source, note from label where id in ({','.join('?' * len(part))})",
                part,
            )
        }
    newest: dict[str, tuple[str, int]] = {}
    for i in ids:
        r = labels[i]
        key = r[1] or f"#{i}"
        if key not in newest or (r[3], i) > newest[key]:
            newest[key] = (r[3], i)
    rated: list[tuple[float, Hit]] = []
    for i, score, why in found:
        r = labels[i]
        key = r[1] or f"#{i}"
        if key in seen:
            continue
        seen.add(key)
        r = labels[newest[key][1]]
        body = base.execute("select body from label where id = ?", (r[0],)).fetchone()[0]
        fit, section, code, quote = _answer(json.loads(zlib.decompress(body)), ways.get(i, usual))
        rated.append(
            (fit, Hit(r[1], r[2], r[3], r[4], r[5], r[6], why, section, code, quote, round(score or fit, 3), r[7]))
        )
        if len(rated) >= (limit if score else limit + MORE):
            break
    if rated and not any(score for _, score, _ in found):
        rated.sort(key=lambda x: -x[0])  # all are of the medicine that was named: whose words fit best comes first
    return [hit for _, hit in rated[:limit]]


_FIRST = ("34067-9", "55105-1", "34066-1", "34068-7")
_USED_FOR = re.compile(r"what it is used for|therapeutic indications", re.I)
"""Titles of a leaflet, which has no codes."""
_FOR_DOCTORS = frozenset({"34092-7", "34090-1", "43680-8", "34089-3", "51945-4", "34084-4"})
"""Sections that seldom answer a question, though they hold its words."""
_LEAFLETS = frozenset({"42230-3", "42231-1", "68498-5"})


def _answer(pieces: list[list[str]], ask: _Ask) -> tuple[float, str, str, str]:
    """(how well they fit, section path, code, words) that answer best; without a question, what the medicine is for."""
    if not pieces:
        return 0.0, "", "", ""
    codes = ask.intent.codes if ask.intent else ()
    says = ask.intent.says if ask.intent else None
    patterns = [
        re.compile(r"\b(?:" + "|".join(re.escape(w[: max(4, len(w) - 3)]) for w in g) + ")", re.I) for g in ask.groups
    ]
    looked = [*patterns, *([says, says] if says else [])]
    best: tuple[float, str, str, str] = (0.0, "", "", "")
    for path, code, text in pieces:
        present = [p for p in patterns if p.search(text)]
        said = bool(says and says.search(text))
        bonus = (2.5 - 0.2 * codes.index(code) if code in codes else 0.0) + (0.3 if code in _LEAFLETS else 0.0)
        if (not present and not said) or len(present) * 2 + 3 * said + bonus + 2 < best[0]:
            continue
        titled = sum(bool(p.search(path.rpartition(" > ")[2])) for p in looked[: len(patterns) + 1])
        bonus += min(titled, 2) * 0.75 + (0.5 if code in _USES and not ask.intent else 0)
        bonus -= 1 if code in _FOR_DOCTORS and code not in codes else 0
        for line in text.split("\n"):
            hits = sum(bool(p.search(line)) for p in present)
            fits = len(says.findall(line)) if said and says else 0
            if not hits and not fits:
                continue
            often = sum(len(p.findall(line)) for p in present)
            score = hits * 2 + bonus - len(line) / 20000 + min(often, 6) * 0.1
            score += 2 + 0.25 * min(fits, 4) if fits else 0
            if score > best[0]:
                best = (score, path, code, line)
    if not best[3]:
        first = next((p for c in (*codes, *_FIRST) for p in pieces if p[1] == c), None)
        path, code, text = first or next((p for p in pieces if _USED_FOR.search(p[0])), pieces[0])
        return 0.0, path, code, _short(text)
    return best[0], best[1], best[2], _around(best[3], looked)


def _short(text: str, most: int = 400) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " ..."


def _around(line: str, patterns: list[re.Pattern[str]]) -> str:
    """The sentences of a block around the place where most terms meet."""
    if len(line) <= 400 or not patterns:
        return _short(line)
    from posology.labels.text import sentences

    spans = list(sentences(line))
    scores = [sum(bool(p.search(s.text)) for p in patterns) for s in spans]
    top = max(range(len(spans)), key=lambda i: (scores[i], -i))
    return _short(line[spans[top].start : spans[min(top + 1, len(spans) - 1)].end], 500)


def search_json(query: str, hits: list[Hit], unknown: tuple[str, ...] = ()) -> dict[str, Any]:
    """The answer as the contract writes it (see ``search.schema.json``). ``unknown``: of :func:`unknown`."""
    return {
        "query": query,
        "unknown": list(unknown),
        "hits": [
            {
                "setid": h.setid, "version": h.version, "effective": h.effective, "name": h.name, "labeler": h.labeler,
                "source": h.source, "matched": h.why, "section": h.section, "section_code": h.section_code, "quote": h.quote,
                "score": h.score, "note": h.note,
            }
            for h in hits
        ],
    }  # fmt: skip
