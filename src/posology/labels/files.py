"""Turns a file, a folder or a zip archive into Labels, one at a time, and says in one line what it could not read.

Knows no dose. It is the only door to the file system for labels: sizes are checked before anything is parsed.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import evolve, frozen

from posology.errors import Problem, UnreadableError
from posology.labels.record import Label

MAX_BYTES = 50_000_000
"""The most bytes of one label file; the largest of 154 000 public labels are below a fifth of it."""
MAX_DEPTH = 200
"""The deepest nesting of one label file that is read."""
MAX_RATIO = 200
"""The most times a member of an archive may grow when it is unpacked, above one megabyte."""
MAX_MEMBERS = 500_000
MAX_NESTED = 2
"""DailyMed's bulk downloads are archives of archives: two levels and no more."""
SUFFIXES = (".xml", ".json", ".jsonl", ".ndjson", ".html", ".htm", ".xhtml", ".zip")

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""How an archive begins: with a member, or empty."""
_ENTITY = re.compile(rb"<!ENTITY", re.I)
_HALF = re.compile(r"\\u[dD][89abAB]\w\w(?!\\u[dD][c-fC-F]\w\w)|(?<!\\u[dD][89abAB]\w\w)\\u[dD][c-fC-F]\w\w")
"""Half of a pair of escapes: no character, and no text that holds one can be written anywhere."""


@frozen
class Failure:
    """A file or member that could not be read: where, and one line on why."""

    where: str
    error: UnreadableError

    @property
    def line(self) -> str:
        """The failure as one line."""
        return " ".join(str(self.error).split())


def unforeseen(error: Exception) -> str:
    """What to say of a file whose reader failed in a way nobody foresaw: a fault of the program, not of the user."""
    return f"This file has a shape that the program does not know ({type(error).__name__}: {_brief(error)}). Please report it."


def _refuse(what: str, where: str, todo: str = "") -> UnreadableError:
    return UnreadableError(Problem(what, where, todo))


def read_label(data: bytes, source: str) -> Label:
    """The label in a file's bytes; of a file that holds several, the first.

    ``source``: a name to show. Raises :class:`posology.errors.UnreadableError` with one clear line for anything that is
    no label, broken, too large, too deep, or carries entity declarations.

    >>> read_label(b"hello", "note.txt")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    posology.errors.UnreadableError: note.txt: This is no label: neither XML, JSON nor HTML. Give...
    """
    return read_labels(data, source)[0]


def read_labels(data: bytes, source: str) -> list[Label]:
    """Every label in a file's bytes (an openFDA answer or a FHIR bundle may hold several)."""
    if len(data) > MAX_BYTES:
        raise _refuse(_size(len(data)), source, f"A label is at most {MAX_BYTES // 1_000_000} MB.")
    digest = hashlib.sha256(data).hexdigest()
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise _refuse("The file is empty.", source)
    if data[:4] in _ZIP:
        raise _refuse("This is a zip archive, not one label.", source, "Import it; archives are read member by member.")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in head[:8]
    if not wide and head[:1] in (b"{", b"["):
        return _json(data, source, digest)
    if wide or head[:1] == b"<":
        return _markup(data, source, digest)
    raise _refuse("This is no label: neither XML, JSON nor HTML.", source, _WANTED)


_WANTED = "Give SPL XML, an openFDA label record, an ePI bundle or a DailyMed page."


def _size(count: int) -> str:
    return f"The file is too large ({count / 1_000_000:.0f} MB)."


def _json(data: bytes, source: str, digest: str) -> list[Label]:
    from posology.labels.read_epi import read_epi
    from posology.labels.read_openfda import is_openfda, read_openfda

    found, notes = _values(_HALF.sub(r"\\ufffd", _decode(data, source)), source)
    if isinstance(found, dict) and found.get("resourceType") in ("Bundle", "Composition"):
        _depth(found, source)
        return read_epi(found, source, digest)
    if isinstance(found, dict) and isinstance(found.get("error"), dict):
        raise _refuse(f"openFDA answered with an error: {found['error'].get('message', 'no message')}", source)
    records = found.get("results", [found]) if isinstance(found, dict) else found
    records = records if isinstance(records, list) else [records]
    labels = [read_openfda(r, source, digest) for r in records if is_openfda(r)]
    if not labels:
        raise _refuse("This JSON holds no label record.", source, _WANTED)
    if len(labels) < len(records):
        notes.append(f"{len(records) - len(labels)} of the {len(records)} entries of this file hold no label.")
    return [evolve(labels[0], notes=(*labels[0].notes, *notes)), *labels[1:]]


def _values(text: str, source: str) -> tuple[Any, list[str]]:
    """What a JSON text says, or the values of a text with one a line; and what to say of the lines left out."""
    import simplejson

    try:
        try:
            return simplejson.loads(text, use_decimal=True), []
        except ValueError as error:
            lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
            values: list[Any] = []
            bad: list[int] = []
            for n, line in lines:
                try:
                    values.append(simplejson.loads(line, use_decimal=True))
                except ValueError:
                    if not values or len(bad) >= len(values):  # this is no file of one value a line
                        raise _refuse(f"This is not valid JSON ({_brief(error)}).", source) from None
                    bad.append(n)
            return values, [f"Line {n} is not valid JSON and was left out." for n in bad]
    except RecursionError:
        raise _refuse("The JSON is nested too deeply to be a label.", source) from None


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


def _depth(value: object, source: str) -> None:
    stack: list[tuple[object, int]] = [(value, 1)]
    while stack:
        item, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise _refuse("The JSON is nested too deeply to be a label.", source)
        inner: Iterable[object] = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        stack += [(v, depth + 1) for v in inner if isinstance(v, (dict, list))]


def _decode(data: bytes, source: str) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(name)
            except UnicodeDecodeError:
                break
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refuse(
            f"The text is not UTF-8 (byte {error.start}).", source, "Save it as UTF-8 and try again."
        ) from None


def _markup(data: bytes, source: str, digest: str) -> list[Label]:
    flat = data.replace(b"\x00", b"") if b"\x00" in data else data
    if flat[:64].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] != b"<":  # a few zero bytes are not yet UTF-16
        raise _refuse("This is no label: neither XML, JSON nor HTML.", source, _WANTED)
    if _ENTITY.search(flat):
        raise _refuse("The file declares entities, which no label needs; it was not read.", source)
    start = flat[:4096].lower()
    if re.search(rb"<(?:!doctype\s+)?html[\s>]", start) and b"urn:hl7-org:v3" not in start:
        return [_html(data, source, digest)]
    root = _xml(data, source)
    from posology.labels.text import local

    name = local(root)
    if name == "document" and root.tag.startswith("{urn:hl7-org:v3}"):
        from posology.labels.read_spl import read_spl

        return [read_spl(root, source, digest)]
    if name in ("bundle", "composition") and root.tag.startswith("{http://hl7.org/fhir}"):
        from posology.labels.read_epi import as_tree, read_epi

        tree = as_tree(root)
        tree["resourceType"] = root.tag.rpartition("}")[2]
        return read_epi(tree, source, digest)
    if name in ("html", "div", "body"):
        return [_html(data, source, digest)]
    raise _refuse(f"This XML is no label: its outermost element is {name!r}.", source, _WANTED)


def _xml(data: bytes, source: str) -> Any:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        reason = _brief(error).partition(", line")[0]
        if "depth" in reason.lower():
            raise _refuse("The markup is nested too deeply to be a label.", source) from None
        if "encoding" in reason.lower():
            raise _refuse(
                f"This is not well-formed XML: not in the encoding it declares (line {line}: {reason}). Save it as UTF-8.",
                source,
            ) from None
        raise _refuse(f"This is not well-formed XML (line {line}: {reason}).", source) from None
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise _refuse(f"This XML cannot be read ({_brief(error)}).", source) from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise _refuse("The file declares entities, which no label needs; it was not read.", source)
    _shallow(root, source)
    return root


def _shallow(root: Any, source: str) -> None:
    if root.xpath(f"boolean(//*[count(ancestor::*) > {MAX_DEPTH}])"):
        raise _refuse("The markup is nested too deeply to be a label.", source)


def _html(data: bytes, source: str, digest: str) -> Label:
    from lxml import etree

    from posology.labels.read_html import is_label_page, read_html

    text = html_text(data)
    parser = etree.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text, parser)
        if root is None:
            raise _refuse("This page holds no text.", source)
    except (etree.LxmlError, ValueError) as error:
        raise _refuse(f"This page cannot be read ({_brief(error)}).", source) from None
    _shallow(root, source)
    if not is_label_page(root):
        raise _refuse("This page has no coded label sections.", source, _WANTED)
    return read_html(root, source, digest)


def html_text(data: bytes) -> str:
    """The text of a page's bytes: as its mark or declaration says, else UTF-8; foreign bytes are read as Windows-1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", errors="replace")
    else:
        hit = re.search(rb"""(?:encoding|charset)\s*=\s*["']?\s*([\w-]+)""", data[:2048], re.I)
        named = hit[1].decode("ascii", "replace") if hit else "utf-8"
        try:
            text = data.decode(named)
        except (LookupError, UnicodeDecodeError):
            # one foreign byte in a UTF-8 page must not turn every other character into two
            text = data.decode("utf-8", errors="posology-cp1252")
    return re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text)  # lxml refuses an encoding declaration in decoded text


def _foreign(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start : error.start + 1]
    return byte.decode("cp1252", errors="replace"), error.start + 1


codecs.register_error("posology-cp1252", _foreign)


def read_file(path: Path | str) -> Label:
    """The label in one file, or in an archive of one; of several, the first, which its notes say.

    Raises :class:`posology.errors.UnreadableError`.
    """
    path = Path(path)
    if not _is_zip(path):
        return _first(read_labels(_load(path), path.name))
    inside = members([path])
    first = next(inside, None)
    if first is None:
        raise _refuse("This archive holds no label file.", str(path), _WANTED)
    if isinstance(first, Failure):
        raise first.error
    return _first(read_labels(first.load(), Path(first.where).name), more=next(inside, None) is not None)


def _first(labels: list[Label], more: bool = False) -> Label:
    if not more and len(labels) == 1:
        return labels[0]
    count = "more than one label" if more else f"{len(labels)} labels"
    return evolve(
        labels[0],
        notes=(*labels[0].notes, f"The file holds {count}; this is the first. For all: posology label read --batch"),
    )


def _load(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _refuse("This is a folder, not a label.", str(path))
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _refuse(_size(size), str(path), f"A label is at most {MAX_BYTES // 1_000_000} MB.")
        return path.read_bytes()
    except FileNotFoundError:
        raise _refuse("There is no such file.", str(path)) from None
    except OSError as error:
        raise _refuse(f"The file cannot be opened ({error.strerror}).", str(path)) from None


@frozen
class Member:
    """One file to read, wherever it lies: its shown name, a key that stays the same, and how to load it."""

    where: str
    key: str
    load: Callable[[], bytes]


def members(paths: Iterable[Path | str]) -> Iterator[Member | Failure]:
    """Every label file under the paths, archives opened and streamed, in a fixed order; a bad one is a Failure.

    Names inside an archive are only shown, never written to: nothing is unpacked to disk.
    """
    for given in paths:
        path = Path(given)
        found = False
        files = (
            sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if path.is_dir()
            else [path]
        )
        for member in (m for inner in files for m in _file(inner)):
            found = True
            yield member
        if not found:
            yield Failure(str(path), _refuse("No label file is in here.", str(path), _WANTED))


def _file(path: Path) -> Iterator[Member | Failure]:
    if path.suffix.lower() == ".zip" or _is_zip(path):
        try:
            with zipfile.ZipFile(path) as archive:
                yield from _archive(archive, str(path), str(path.resolve()), 1)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            yield Failure(str(path), _refuse(f"This archive cannot be opened ({_brief(error)}).", str(path)))
        return
    try:
        stat = path.stat()
        key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
    except OSError:
        key = str(path)
    yield Member(str(path), key, lambda: _load(path))


def _is_zip(path: Path) -> bool:
    if not path.is_file():  # a pipe is not to be read twice
        return False
    try:
        with path.open("rb") as f:
            return f.read(4) in _ZIP
    except OSError:
        return False


def _archive(archive: zipfile.ZipFile, where: str, home: str, level: int) -> Iterator[Member | Failure]:
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        yield Failure(where, _refuse(f"The archive has too many members ({len(infos)}).", where))
        return
    for info in infos:
        shown = f"{where}!{info.filename}"
        suffix = PurePosixPath(info.filename).suffix.lower()
        if info.is_dir() or suffix not in SUFFIXES:
            continue
        parts = PurePosixPath(info.filename.replace("\\", "/")).parts
        if ".." in parts or info.filename.startswith(("/", "\\")) or (parts and ":" in parts[0]):
            yield Failure(shown, _refuse("The name of this member leads out of the archive; it was not read.", shown))
            continue
        if suffix == ".zip":
            if level >= MAX_NESTED:
                yield Failure(shown, _refuse("The archives are nested too deeply.", shown))
                continue
            try:
                data = _unpack(archive, info, shown)
                with zipfile.ZipFile(BytesIO(data)) as inner:
                    yield from _archive(inner, shown, f"{home}!{info.filename}", level + 1)
            except UnreadableError as error:
                yield Failure(shown, error)
            except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
                yield Failure(shown, _refuse(f"This archive cannot be opened ({_brief(error)}).", shown))
            continue
        # the bytes are read while the archive is open: a Member may be loaded later, in another process
        try:
            data = _unpack(archive, info, shown)
        except UnreadableError as error:
            yield Failure(shown, error)
            continue
        yield Member(shown, f"{home}!{info.filename}|{info.file_size}|{info.CRC}", _given(data))


def _given(data: bytes) -> Callable[[], bytes]:
    return lambda: data


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str) -> bytes:
    """The bytes of a member, counted while they come: what the archive says of its size is not believed."""
    if info.flag_bits & 1:
        raise _refuse("This member of the archive is encrypted.", shown)
    limit = min(MAX_BYTES, max(1_000_000, info.compress_size * MAX_RATIO))
    out = BytesIO()
    try:
        with archive.open(info) as stream:
            while piece := stream.read(1 << 16):
                out.write(piece)
                if out.tell() > limit:
                    raise _refuse(
                        "This member of the archive unpacks to far more than a label; it was not read.", shown
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise _refuse(f"This member of the archive is damaged ({_brief(error)}).", shown) from None
    return out.getvalue()
