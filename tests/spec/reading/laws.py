"""Turns a reading into the laws it breaks: what must hold for every text, however it is written.

Knows nothing of the reader's inside: it looks at the text and at the answer only.
"""

from __future__ import annotations

import re
from fractions import Fraction

from posology.amount import Amount
from posology.wording.reading import Reading

_WORDS = {
    w: Fraction(n)
    for n, w in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {
    w: Fraction(n)
    for n, w in zip(
        range(30, 100, 10), ["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], strict=True
    )
}
_WORDS |= {"a": Fraction(1), "an": Fraction(1), "i": Fraction(1), "ii": Fraction(2), "iii": Fraction(3), "couple": Fraction(2), "once": Fraction(1), "twice": Fraction(2), "thrice": Fraction(3)}  # fmt: skip
_PARTS = {"half": Fraction(1, 2), "halves": Fraction(1, 2), "quarter": Fraction(1, 4), "quarters": Fraction(3, 4),
          "third": Fraction(1, 3), "½": Fraction(1, 2), "¼": Fraction(1, 4), "¾": Fraction(3, 4), "⅓": Fraction(1, 3),
          "⅔": Fraction(2, 3), "⅛": Fraction(1, 8), "⅜": Fraction(3, 8), "⅝": Fraction(5, 8), "⅞": Fraction(7, 8)}  # fmt: skip
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|[a-zµ]+|[½¼¾⅓⅔⅛⅜⅝⅞]", re.ASCII)
_WORKED_OUT = frozenset(("steps", "multiplied", "step-shared", "divided"))


def numbers(text: str) -> set[Fraction]:
    """Every number a text can be said to hold, by a scanner that shares nothing with the reader's."""
    low = text.lower()
    plain: set[Fraction] = set()
    parts: set[Fraction] = set()
    for m in _NUMBER.finditer(low):
        word = m.group()
        if word[0].isdigit() and word.isascii():
            for form in (word, word.replace(",", ""), word.replace(",", ".", 1)):
                if re.fullmatch(r"\d+(?:\.\d+)?", form):
                    plain.add(Fraction(form))
        elif word in _WORDS:
            plain.add(_WORDS[word])
        elif word in _PARTS:
            parts.add(_PARTS[word])
    for a, b in re.findall(r"(?<!\d)(\d{1,6})/(\d{1,3})", low, re.ASCII):
        if int(b):
            parts.add(Fraction(int(a), int(b)))
    found = plain | parts | {a + b for a in plain for b in parts} | {a + b for a in plain for b in plain if a >= 20 > b}
    if "mill" in low or "mega" in low or re.search(r"\dM\s?(?:IU|[uU])", text):
        found |= {n * 10**6 for n in plain}
    return found


def _doses(reading: Reading) -> list[Amount]:
    out: list[Amount] = []
    for d in reading.course.directions if reading.course else ():
        if d.dose is not None:
            out += [a for a in (d.dose.least, d.dose.most) if a is not None]
        out += [m.amount for m in d.max_per_period]
        out += [a for a in (d.max_per_administration, d.max_per_lifetime) if a is not None]
    return out


def broken(reading: Reading) -> list[str]:
    """The laws a reading breaks, in words; empty for a sound one."""
    text, out = reading.text, []
    if reading.complete and (reading.problems or reading.course is None):
        out.append("complete, with problems or without a course")
    if not reading.complete and not reading.problems:
        out.append("refused without a reason")
    spans = [s for d in (reading.course.directions if reading.course else ()) for s in d.spans.values()]
    notes = [*reading.warnings, *reading.inferred, *reading.second, *reading.left_over, *reading.facts]
    spans += [n.span for n in notes]
    if reading.named is not None:
        spans.append(reading.named.span)
    if any(not 0 <= s.start <= s.end <= len(text) for s in spans):
        out.append("a span outside the text")
    if not {n.key for n in reading.inferred} & _WORKED_OUT:
        # "thre" is said to be read as "three"
        known = numbers(" ".join([text, *(str(n.value) for n in reading.inferred if n.key == "spelling")]))
        out += [f"a dose that is not in the text: {a}" for a in _doses(reading) if a.value not in known]
    if reading.complete:
        covered = bytearray(len(text) + 1)
        for s in spans:
            covered[s.start : s.end] = b"\x01" * (s.end - s.start)
        lost = [m.group() for m in re.finditer(r"[0-9]+", text) if not any(covered[m.start() : m.end()])]
        out += [f"a number without a field: {n}" for n in lost]
    return out
