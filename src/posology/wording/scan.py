"""Turns a text into lexemes: a class letter, a value and a place in the text for each word, number and sign.

Knows no grammar; of the language only the tables it is given. One pass, no backtracking, offsets kept.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache
from typing import Any

from attrs import field, frozen

from posology.amount import parse_number
from posology.directions import Span
from posology.errors import Problem, UnreadableError
from posology.wording.en import lexicon as en
from posology.wording.spelling import repair

_FRACTIONS = "½¼¾⅓⅔⅛⅜⅝⅞"
_AMOUNT = rf"(?:\d+\.\d+|\d+/\d+|\d+\s?[{_FRACTIONS}]|\d+|[{_FRACTIONS}])"
TOKEN = re.compile(
    rf"""
    (?P<date>\d{{4}}-\d\d?-\d\d?(?!\d)|\d\d?/\d\d?/(?:\d{{4}}|\d\d)(?![\d/])|\d\d?[.-]\d\d?[.-]\d{{4}}(?!\d))
  | (?P<clock>\d\d?(?:[:.]\d\d){{0,2}}\s{{0,9}}(?:am|pm|a\.m\b\.?|p\.m\b\.?)(?![a-z])
      |(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?![\d:])(?:\s{{0,9}}h(?:rs|ours)?\b)?|0\d[0-5]\d(?:\s{{0,9}}h(?:rs|ours)?\b|(?![\d.,/]))
      |(?:1\d|2[0-3])[0-5]\d\s{{0,9}}h(?:rs|ours)?\b)
  | (?P<dash>(?<![\d/.-]){_AMOUNT}(?:\s?-\s?{_AMOUNT}){{2,3}}(?![\w.,/-]*\d)(?!\s?[-/]))
  | (?P<order>\d+(?:st|nd|rd|th)\b)
  | (?P<num>\d+(?:[ ]{{1,9}}|-)\d/[2348](?![\d/])|\d+\s{{0,9}}[{_FRACTIONS}]|[{_FRACTIONS}]|\d+(?:[.,]\d+)*(?:/\d+(?![\d/]))?(?:\.\d+)?|[.,]\d+)
  | (?P<plural>\((?:s|es|'s)\))
  | (?P<cross>(?<=\d)x(?=[a-z]))
  | (?P<dots>(?:[a-z]\.){{2,}}[a-z]?(?![a-z])|[a-z]\.[a-z](?![a-z.]))
  | (?P<unit>m[2²](?!\d))
  | (?P<word>[a-zµμ]+(?:'[a-z]+)?'?)
  | (?P<arrow>->|=>|→|//|\|+)
  | (?P<line>\s*\n\s*)
  | (?P<other>[^\s])
    """,
    re.VERBOSE | re.ASCII,
)
_SAME = str.maketrans(
    {
        "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2007": " ", "\u2002": " ", "\u2003": " ", "\t": " ", "\r": " ",
        "\u2013": "-", "\u2014": "-", "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2018": "'",
        "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00d7": "x", "\u2715": "x", "\u2044": "/", "\uff0f": "/",
        "\u00b7": " ", "\u2022": ";", "\u00ae": " ", "\u2122": " ", "\u2032": "'", "\u00b4": "'", "`": "'", "\u3000": " ",
        "\u2215": "/", "\u00ba": "°", "\uff0d": "-",
    }
)  # fmt: skip
_ABBREVIATIONS = frozenset(
    [
        "max",
        "tab",
        "tabs",
        "cap",
        "caps",
        "supp",
        "hr",
        "hrs",
        "min",
        "mins",
        "approx",
        "inj",
        "oint",
        "gtt",
        "gtts",
        "qty",
        "disp",
        "no",
        "tsp",
        "tbsp",
        "mg",
        "ml",
        "mcg",
        "g",
        "mgs",
        "mls",
        "po",
        "prn",
        "bd",
        "tds",
        "bid",
        "tid",
        "qid",
        "qds",
        "od",
        "qd",
        "hs",
        "ac",
        "pc",
        "im",
        "iv",
        "sc",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sept",
        "oct",
        "nov",
        "dec",
        "amp",
        "amps",
        "susp",
        "soln",
        "subcut",
        "wk",
        "wks",
        "mth",
        "mths",
        "yr",
        "yrs",
        "pkt",
        "sach",
        "pess",
        "liq",
        "dr",
        "st",
        "loz",
        "puffs",
        "sec",
        "secs",
        "resp",
        "hrly",
        "h",
        "d",
    ]
)
_TK = {"t": "{tablet}", "ts": "{tablet}", "c": "{capsule}", "cs": "{capsule}"}
"""The unit letters of American pharmacy shorthand; read only behind its "TK"."""
_MODAL = frozenset(("should", "must", "can", "may", "will", "could", "might", "would", "not"))
_PASSED = frozenset(("-", "the", "your"))
"""What may stand inside a phrase: "as-needed", "on the same day"."""
_VITAMIN = frozenset(("vitamin", "vit", "vits", "vitamins"))
_TIGHT = frozenset("nyDFWXcm")
_SIGN: dict[str, tuple[str, Any]] = {
    ",": (",", 0), ".": (".", 0), ";": (".", 0), "(": ("(", 0), ")": (")", 0), "[": ("(", 0), "]": (")", 0), ":": (":", 0),
    "-": ("g", "-"), "~": ("g", "-"), "&": ("&", 1), "+": ("&", 1), "/": ("p", "/"), "@": ("i", "at"), "°": ("t", "h"),
    "%": ("m", "%"), "*": ("x", 1), "#": ("H", 1), "=": ("(", 0), "!": (".", 0), '"': (",", 0),
}  # fmt: skip


@frozen
class Note:
    """One remark about the text: a stable ``key``, the words it is about and their place; ``value`` where it has one."""

    key: str
    text: str
    span: Span = field(factory=Span)
    value: Any = None


@frozen(eq=False)
class Lexemes:
    """A text in lexemes: ``classes`` holds one letter for each; values and places stand beside it."""

    text: str
    classes: str
    values: list[Any]
    starts: list[int]
    ends: list[int]
    inferred: list[Note]
    warnings: list[Note]
    problems: list[Problem]
    doubtful: dict[int, Problem]


def _longest_first(row: tuple[tuple[str, ...], tuple[str, Any]]) -> int:
    return -len(row[0])


def place(start: int, end: int) -> str:
    """Where in the text, as people count: from 1."""
    return f"character {start + 1}" if end - start <= 1 else f"characters {start + 1} to {end}"


@lru_cache(maxsize=512)
def _name_table(names: tuple[str, ...]) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for name in names:
        words = [m.group() for m in TOKEN.finditer(name.lower().translate(_SAME)) if m.group() != "-"]
        if words:
            table.setdefault(words[0], []).append((tuple(words[1:]), name))
    return {k: sorted(v, key=lambda p: -len(p[0])) for k, v in table.items()}


@lru_cache(maxsize=4096)
def _number(raw: str) -> tuple[Fraction | None, tuple[str, ...], Problem | None]:
    plain = raw
    if raw.count(",") == 1 and "." not in raw and "/" not in raw:
        head, tail = raw.split(",")
        if len(tail) == 3 and 2 <= len(head) <= 3 and head[0] != "0":
            # 50,000: a decimal comma with three places behind two digits is not written; still said.
            return Fraction(head + tail), (f"{raw} is read as {head}{tail}.",), None
    if "-" in raw or " " in raw:
        plain = " ".join(raw.replace("-", " ").split())
    try:
        number = parse_number(plain)
    except UnreadableError as error:
        if re.fullmatch(r"[1-9],\d{3}", raw):
            return Fraction(raw.replace(",", "")), (), error.problems[0]
        return None, (), error.problems[0]
    return number.value, number.warnings, None


def _lower(text: str) -> str:
    if text.isascii():
        return text.lower().replace("\t", " ").replace("\r", " ").replace("`", "'")
    # One character for one, so that places stay places.
    return "".join(c if len(c.lower()) != 1 else c.lower() for c in text.translate(_SAME))


def scan(text: str, names: tuple[str, ...] = ()) -> Lexemes:
    """Cut a text into lexemes; total: every character that is not a space is part of one.

    >>> scan("Take ONE tablet 3 times a day").classes
    'vncnTat'
    """
    low = _lower(text)
    words: list[str] = []
    kinds: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    problems: list[Problem] = []
    warnings: list[Note] = []
    inferred: list[Note] = []
    aliases = en.ALIASES
    known, phrases, noise, vocabulary = en.WORDS, en.PHRASE_HEADS, en.NOISE, en.VOCABULARY
    table = _name_table(names) if names else None
    for m in TOKEN.finditer(low):
        kind = m.lastgroup or "other"
        start, end = m.span()
        if kind == "plural":
            continue
        word = m.group()
        if kind == "dots":
            word, kind = word.replace(".", ""), "word"
        elif kind == "cross":
            kind = "word"
        elif kind == "line":
            word, kind = ".", "other"
        elif kind == "word" and word[-1] == "'":
            word = word[:-1]
        elif kind == "word" and word in aliases:
            inferred.append(Note("spelling", word, Span(start, end), aliases[word]))
            word = aliases[word]
        elif kind == "word" and word not in known and word not in vocabulary and len(word) > 4:
            behind = bool(kinds) and (kinds[-1] == "num" or (words[-1] in known and known[words[-1]][0] in "nah"))
            repaired = repair(word, behind)
            if (
                repaired is not None
                and (known.get(repaired, ("w", 0))[0] not in "mcn" or behind)
                and (table is None or word not in table)
            ):
                inferred.append(Note("spelling", word, Span(start, end), repaired))
                word = repaired
        elif word == "." and words and words[-1] in _ABBREVIATIONS and ends[-1] == start and kinds[-1] == "word":
            continue
        words.append(word)
        kinds.append(kind)
        starts.append(start)
        ends.append(end)
    if not (text.isascii() and text.isprintable()):
        for k, c in enumerate(text):
            kind = unicodedata.category(c)
            if kind in ("Cf", "Cc", "Co", "Cn") and c not in "\n\r\t":
                problems.append(
                    Problem(f"A hidden character (U+{ord(c):04X}) stands here.", place(k, k + 1), "Write it anew.", c)
                )
                break
            if kind == "Nd" and not c.isascii():
                problems.append(
                    Problem(f"This number is not written with the digits 0 to 9: {c!r}.", place(k, k + 1),
                            "Write it with the digits 0 to 9.", c)
                )  # fmt: skip
                break
    classes: list[str] = []
    values: list[Any] = []
    begin: list[int] = []
    finish: list[int] = []
    size = len(words)
    tk = bool(words) and words[0] in ("tk", "tke")
    doubtful: dict[int, Problem] = {}
    i = 0
    while i < size:
        word, kind = words[i], kinds[i]
        j = i + 1
        hit: tuple[str, Any] | None = None
        if table is not None and word in table:
            for rest, name in table[word]:
                k = j
                for part in rest:
                    # "examplone-acetate": a hyphen or a stroke does not make another, shorter-named medicine of it.
                    if k < size and words[k] in ("-", "/") and words[k] != part:
                        k += 1
                    if k >= size or words[k] != part:
                        break
                    k += 1
                else:
                    hit, j = ("N", name), k
                    break
        if hit is None and j < size and (heads := phrases.get(word)) is not None:
            rows = heads.get(words[j], ())
            k = j
            while words[k] in _PASSED and (k := k + 1) < size:
                if more := heads.get(words[k]):
                    rows = tuple(sorted((*rows, *more), key=_longest_first))
            for rest, lexeme in rows:
                k, n = j, 0
                for part in rest:
                    # "as-needed", "(the) affected": a tight hyphen or an article does not break a phrase.
                    while k < size and words[k] != part and words[k] in _PASSED:
                        k += 1
                    if k >= size or words[k] != part:
                        break
                    k += 1
                    n += 1
                if n == len(rest):
                    hit, j = lexeme, k
                    break
        start, end = starts[i], ends[j - 1]
        if hit is None:
            if kind == "word":
                hit = known.get(word)
                if word == "be" and ((i and words[i - 1] in _MODAL) or (j < size and words[j].endswith(("ed", "en")))):
                    i = j  # "should be taken", and not "1 drop BE"
                    continue
                if i and len(word) == 1 and words[i - 1] in _VITAMIN:
                    hit = ("N", None)
                    if j < size and kinds[j] == "num" and starts[j] == end:
                        end, j = ends[j], j + 1
                if hit is None and word not in noise:
                    hit = _unknown(word, low, end, kinds, words, i)
                    if (
                        hit[0] == "N"
                        and hit[1] is None
                        and i + 1 < size
                        and kinds[i + 1] == "num"
                        and starts[i + 1] == end
                    ):
                        end, j = ends[i + 1], i + 2  # b12, d3: the digits belong to the name
                elif hit is None:
                    i = j
                    continue
            elif kind == "num" and i > 1 and words[i - 1] == "/" and kinds[i - 2] == "num" and ends[i - 2] + 1 == start:
                hit = ("?", word)  # 1/1/2
                problems.append(
                    Problem(
                        f"This number cannot be read: {low[starts[i - 2] : end]}.", place(starts[i - 2], end), "", word
                    )
                )
            elif kind == "num":
                hit = _numeral(word, low, start, end, classes, doubtful, warnings, problems)
            elif kind == "other":
                hit = _SIGN.get(word)
                if hit is None:
                    hit = (
                        ("w", word) if not word.isalnum() and unicodedata.category(word[0])[0] in "PSZ" else ("?", word)
                    )
                elif word == "-" and start and end < len(low) and low[start - 1] != " " and low[end] != " ":
                    left = classes[-1] if classes else ""
                    after = known.get(words[j], ("", 0))[0] if j < size and kinds[j] == "word" else ""
                    if j < size and kinds[j] == "num":
                        after = "n"
                    if not (left in _TIGHT and (after == left or (left in "DFWcm" and after in "FDWn"))):
                        i = j
                        continue
            elif kind == "clock":
                hit = _clock(word, start, end, problems)
            elif kind == "unit":
                hit = ("m", "m2")
            elif kind == "date":
                hit = ("d", word)
            elif kind == "order":
                hit = ("w", word)
                if word[0] == "1" and word[1] == "s":
                    hit = ("w", "first")
            elif kind == "dash":
                hit = _dash(word)
            else:
                hit = (">", 1) if word in ("->", "=>", "→") else ("&", 1)
        cls, value = hit
        if word == "l" and classes and classes[-1] == "n":
            cls, value = "m", "L"
        if tk and word in _TK and classes and classes[-1] == "n":
            cls, value = "c", _TK[word]
            warnings.append(Note("shorthand", text[start:end], Span(start, end)))
        if cls == "v" and value == "spray" and classes and classes[-1] in "nh":
            cls, value = "c", "{spray}"
        elif cls == "i" and word == "on" and _last_word(text, low, start, end, j, size, words) and classes:
            cls, value = "W", ("NIGHT",)
            warnings.append(Note("on-night", text[start:end], Span(start, end)))
        elif cls == "m" and word == "u":
            warnings.append(Note("u-unit", text[start:end], Span(start, end)))
        elif cls == "F" and word == "qd":
            warnings.append(Note("qd", text[start:end], Span(start, end)))
        elif cls == "F" and word == "qod":
            warnings.append(Note("qod", text[start:end], Span(start, end)))
        elif (
            cls == "w"
            and text[start:end] == "M"
            and classes
            and classes[-1] == "n"
            and finish[-1] == start
            and (j < size and known.get(words[j], ("", ""))[1] in ("[iU]", "{unit}"))
        ):
            cls, value = "0", 10**6
        elif cls == "i" and text[start:end] == "AS" and not text.isupper():
            cls, value = "u", "left ear"
        classes.append(cls)
        values.append(value)
        begin.append(start)
        finish.append(end)
        i = j
    return _merge(Lexemes(text, "".join(classes), values, begin, finish, inferred, warnings, problems, doubtful))


def _last_word(text: str, low: str, start: int, end: int, j: int, size: int, words: list[str]) -> bool:
    """ "10 mg ON": written in capitals and last in its sentence, it is the old "omni nocte"."""
    if j < size and (
        words[j] in ("for", "x", "then", "prn", "until") or words[j].endswith(("/7", "/52", "/12"))
    ):  # "10 mg ON for 5 days"
        return text[start:end] == "ON" and not text.isupper()
    return (j >= size or words[j] in (".", ",", ";", ")")) and (text[start:end] == "ON" or j >= size)


def _unknown(word: str, low: str, end: int, kinds: list[str], words: list[str], i: int) -> tuple[str, Any]:
    if len(word) > 5 and word not in en.PLAIN and word.endswith(tuple(en.STEMS)):
        return "N", None
    if (
        i + 1 < len(words)
        and kinds[i + 1] == "num"
        and end < len(low)
        and low[end].isdigit()
        and (len(word) > 2 or (i and words[i - 1] in ("vitamin", "vit", "vits")))
    ):
        return "N", None
    return "w", word


def _numeral(
    word: str, low: str, start: int, end: int, classes: list[str], doubtful: dict[int, Problem], warnings: list[Note],
    problems: list[Problem],
) -> tuple[str, Any]:  # fmt: skip
    top, stroke, bottom = word.partition("/")
    if stroke and bottom in ("7", "52", "12", "24") and top.isdigit() and int(top):
        unit = {"7": "d", "52": "wk", "12": "mo", "24": "h"}[bottom]
        return "V", (Fraction(top), unit)
    if stroke and top.isdigit() and classes and classes[-1] in ("H",):
        return "n", Fraction(top)
    if stroke and top.isdigit() and bottom.isdigit() and (int(bottom) > 10 or int(top) > 20):
        if len(top) == len(bottom) == 4:
            problems.append(
                Problem(f"This is not understood: {word}.", place(start, end), "Write times like 08:00.", word)
            )
            return "?", word
        return "N", None  # 30/500: the strengths of a combination, part of its name
    value, warned, problem = _number(word)
    span = Span(start, end)
    if problem is not None and value is not None:
        doubtful[start] = Problem(problem.what, place(start, end), problem.todo, word)
    elif problem is not None:
        problems.append(Problem(problem.what, place(start, end), problem.todo, word))
        return "?", word
    for what in warned:
        warnings.append(Note("number", what, span))
    if (
        start
        and low[start - 1] == "-"
        and (not classes or classes[-1] != "g" or len(classes) < 2 or classes[-2] not in "nmcVhK")
        and (start < 2 or low[start - 2] in " (:")
    ):
        problems.append(Problem(f"A number below zero is no amount: -{word}.", place(start - 1, end), "", "-" + word))
        return "?", word
    return "n", value


def _clock(word: str, start: int, end: int, problems: list[Problem]) -> tuple[str, Any]:
    half = "am" if "a" in word else "pm" if "p" in word else ""
    digits = re.findall(r"\d+", word)
    if len(digits) == 1 and len(digits[0]) == 4:
        digits = [digits[0][:2], digits[0][2:]]
    hour, minute, second = (int(d) for d in [*digits, "0", "0"][:3])
    if half and not 1 <= hour <= 12:
        if not (half == "pm" and 12 < hour < 24):
            problems.append(
                Problem(f"This is not a time of day: {word}.", place(start, end), "Write it like 08:00.", word)
            )
            return "?", word
        half = ""
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    if hour == 24 and minute == 0:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        problems.append(Problem(f"This is not a time of day: {word}.", place(start, end), "Write it like 08:00.", word))
        return "?", word
    return "K", (f"{hour:02}:{minute:02}:{second:02}", bool(half) and ":" not in word and "." not in word)


def _dash(word: str) -> tuple[str, Any]:
    parts = [p.strip() for p in re.split(r"\s?-\s?", word)]
    return "z", tuple(_number(p)[0] for p in parts)


_HALVES = re.compile(r"n&?a?h(?!,|at)|hi?a|h")


def _merge(lex: Lexemes) -> Lexemes:
    """Join numbers written in several words: "one and a half", "half a", "twenty five", "one (1)"."""
    classes = lex.classes
    if (
        "h" not in classes
        and "n&n" not in classes
        and "n(n)" not in classes
        and "nn" not in classes
        and "O(n)" not in classes
        and "mp" not in classes
        and "n0" not in classes
    ):
        return lex
    values, starts, ends = lex.values, lex.starts, lex.ends

    def join(i: int, j: int, cls: str, value: Any) -> None:
        nonlocal classes
        classes = classes[:i] + cls + classes[j:]
        values[i:j] = [value]
        starts[i:j] = [starts[i]]
        ends[i:j] = [ends[j - 1]]

    at = 0
    while m := _HALVES.search(classes, at):
        i, j = m.span()
        got = m.group()
        half: Fraction = values[i + got.index("h")]
        if got[0] == "n":
            whole: Fraction = values[i]
            # "one half" is a half; "one and a half" is more; "10 half" is neither.
            if "&" in got:
                value = whole + half if whole.denominator == 1 else None
            else:
                value = half if whole == 1 and got == "nh" else None
            if value is None:
                at = j
                continue
            join(i, j, "n", value)
        else:
            if (
                j < len(classes) and classes[j] == "n" and classes[j : j + 3] != "nmc"
            ):  # "half 1 tablet", not "half a 5 mg tablet": a half of it, or one and a half
                join(i, j, "?", "half")
                lex.problems.append(
                    Problem(
                        "A half beside a number has two readings: a half of it, or that and a half.",
                        place(starts[i], ends[i + 1]),
                        "Write one number.",
                        lex.text[starts[i] : ends[i + 1]],
                    )
                )
            else:
                join(i, j, "n", half)
        at = i + 1
    at = 0
    while (i := classes.find("nn", at)) >= 0:
        a, b = values[i], values[i + 1]
        spelled = lex.text[starts[i] : ends[i + 1]]
        if not any(c.isdigit() for c in spelled) and a in range(20, 100, 10) and 0 < b < 10:
            join(i, i + 2, "n", a + b)
        at = i + 1
    at = 0
    while (i := classes.find("n&n", at)) >= 0:
        a, b = values[i], values[i + 2]
        if (
            a.denominator == 1
            and 0 < b < 1
            and "." not in lex.text[starts[i + 2] : ends[i + 2]]
            and classes[i + 3 : i + 4] in ("m", "c")
        ):
            join(i, i + 3, "n", a + b)
        at = i + 1
    while (i := classes.find("n0")) >= 0:
        join(i, i + 2, "n", values[i] * values[i + 1])
    for pattern in ("n(n)", "O(n)"):
        while (i := classes.find(pattern)) >= 0:
            a, b = values[i], values[i + 2]
            if a == b:
                join(i, i + 4, pattern[0], a)
            else:
                lex.problems.append(
                    Problem(
                        "Two numbers that should agree differ.",
                        place(starts[i], ends[i + 3]),
                        "Say which one holds.",
                        lex.text[starts[i] : ends[i + 3]],
                    )
                )
                join(i, i + 4, "?", None)
    at = 0
    while (i := classes.find("mpm", at)) >= 0:
        if values[i + 2] in ("kg", "m2"):
            join(i, i + 3, "m", f"{values[i]}/{values[i + 2]}")
        at = i + 1
    return Lexemes(lex.text, classes, values, starts, ends, lex.inferred, lex.warnings, lex.problems, lex.doubtful)
