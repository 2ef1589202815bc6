"""Turns the amounts of a page's sentence, in whatever words, into figures: "a gram", "eight 10 mg tablets", "half a tablet".

Knows no medicine. Words of number are only turned where a unit or a count follows; everything else stays as it is.
"""

from __future__ import annotations

import re
from decimal import Decimal

_ONES = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_BARE = "|".join(k for k in _ONES if k not in ("a", "an"))
_WORDS = rf"(?:(?:{_BARE}|a|an|half|hundred|thousand|dozen|quarter|and|of)(?:[\s-]+|$))+"
_UNIT = (
    r"(?:mg|milligrams?|mcg|µg|μg|ug|micrograms?|grams?|g|m[lL]|millilit(?:er|re)s?|units?|tablets?|pills?|capsules?|caplets?|puffs?|drops?|teaspoons?|tablespoons?|sachets?|packets?|patches|doses|"
    r"times|hours?|hrs?|days?|weeks?|months?|years?)"
)
_SPELT = re.compile(rf"\b({_WORDS})(?=(?:[\w-]+\s+){{0,1}}?{_UNIT}\b|\d[\d.,]*[\s-]?(?:mg|mcg|g|m[lL])\b)", re.I)
_OF_EACH = re.compile(
    r"\b(\d[\d.,]*)\s*(?:x|×|\s)\s*(?:(?:of\s+)?(?:the|your|these|our)\s+)?(\d[\d.,]*)[\s-]?(mg|mcg|micrograms?|milligrams?|g|grams?)\s+(?:\w+[\s-]+){0,2}?(?:tablets?|capsules?|pills?|caplets?|doses?|packets?)\b"
    r"|\b(\d[\d.,]*)\s+(?:tablets?|capsules?|pills?|caplets?)\s+(?:of|at|each\s+of|(?:each\s+)?(?:with|containing|holding))\s+(\d[\d.,]*)\s?(mg|mcg|micrograms?|milligrams?|g|grams?)\b"
    r"|\b(\d[\d.,]*)\s*[x×]\s*(\d[\d.,]*)\s?(mg|mcg|micrograms?|milligrams?|g|grams?)\b",
    re.I,
)
_RANGE = re.compile(rf"\b({_BARE})\s*(-|–|to|or)\s*({_BARE})\b(?=\s+(?:\d|[\w-]+\s+{_UNIT}\b|{_UNIT}\b))", re.I)
_SHARED = re.compile(
    r"\b(\d[\d.,]*)\s?(?:mg|mcg|micrograms?|milligrams?)\s+(to|or|and)\s+(?=\d[\d.,]*\s?(?:mg|mcg|micrograms?|milligrams?)\s*(?:/|per\b|for\s+(?:each|every))\s*(?:kg|kilo))",
    re.I,
)
"""A range for each kilogram, its unit said twice: "0.02 mg to 0.3 mg per kg"."""
_UNITLESS = re.compile(
    r"\b(?<![.,\d])(\d{1,2}|(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)\b)\s+((?:a|per|each|every|in\s+(?:a|one))\s+day\b|in\s+24\s+hours|daily\b)",
    re.I,
)
"""A count of pieces whose noun stands elsewhere in the sentence: "tablets of 5 mg, up to six a day"."""
_HALVES = {"½": "0.5", "¼": "0.25", "¾": "0.75"}


def _spelt(words: str) -> Decimal | None:
    """The number that words name; None where they name none.

    >>> [str(_spelt(w)) for w in ("twenty-five", "two and a half", "half a", "one thousand five hundred", "a quarter of a")]
    ['25', '2.5', '0.5', '1500', '0.25']
    """
    total = Decimal(0)
    now = Decimal(0)
    seen = False
    named = re.findall(r"[a-z]+", words.lower())
    if any(w in _ONES and w not in ("a", "an") for w in named):
        named = [w for w in named if w not in ("a", "an")]
    for w in named:
        if w in ("half", "quarter"):
            part = Decimal("0.5") if w == "half" else Decimal("0.25")
            total, now, seen = (
                total + now - (1 if now == 1 and not total and w == "quarter" else 0) + part,
                Decimal(0),
                True,
            )
            return total
        if w in ("hundred", "thousand", "dozen"):
            size = {"hundred": 100, "thousand": 1000, "dozen": 12}[w]
            now = (now or Decimal(1)) * size
            if size == 1000:
                total, now = total + now, Decimal(0)
            seen = True
        elif w in ("a", "an"):
            now = now or Decimal(1) if not seen else now
            seen = True
        elif w in _ONES:
            now, seen = now + _ONES[w], True
    return total + now if seen else None


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def figures(text: str) -> str:
    """The sentence with its amounts as figures, a count of tablets of one strength as the amount they hold.

    >>> figures("Take no more than eight 10 mg tablets a day.")
    'Take no more than 80 mg a day.'
    >>> figures("Half a gram, three times a day, as two 250 mg capsules.")
    '0.5 gram, 3 times a day, as 500 mg.'
    >>> figures("2½ tablets of 5 mg; the next one is due; one or two 500mg tablets")
    '12.5 mg; the next one is due; 500 or 1000 mg'
    """
    t = re.sub(r"(\d)\s?([½¼¾])", lambda m: m[1] + _HALVES[m[2]][1:], text)
    t = re.sub(r"[½¼¾]", lambda m: _HALVES[m[0]], t)
    t = re.sub(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}\b)", "", t)
    t = re.sub(r"\b(\d{1,3}) (\d{3})(?= ?(?:mg|mcg|micrograms?)\b)", r"\1\2", t)

    def number(m: re.Match[str]) -> str:
        words = re.sub(r"^(?:(?:and|of)\s+)+|(?:\s+(?:and|of))+\s*$", "", m[1].strip(), flags=re.I)
        lead = m[1][: len(m[1]) - len(m[1].lstrip())] + ("and " if re.match(r"\s*and\s", m[1], re.I) else "")
        kept = ""
        if re.search(r"\w\s+an?$", words, re.I) and not re.match(r"(?:an?\s+)?(?:half|quarter)", words, re.I):
            words, _, last = words.rpartition(" ")  # "eight a day" is eight, each day
            kept = last + " "
        value = _spelt(words) if words else None
        following = t[m.end() : m.end() + 14]
        if (
            value is None
            or (words.lower() == "one" and re.match(r"(?:day|time|dose|go)\b", following, re.I))
            or (words.lower() in ("a", "an") and not re.match(r"(?:grams?|milligrams?|micrograms?)\b", following, re.I))
        ):
            return m[0]
        return f"{lead}{_plain(value)} {kept}"

    t = re.sub(r"(?<=m[gL]|cg)\s+for\s+(?:each|every)\s+kg\b", "/kg", t)
    t = _SHARED.sub(r"\1 \2 ", t)
    t = _RANGE.sub(lambda m: f"{_ONES[m[1].lower()]} {m[2]} {_ONES[m[3].lower()]}", t)
    t = _SPELT.sub(number, t)
    pieces = re.search(r"\b(tablet|capsule|caplet|pill)s?\b", t, re.I)
    if pieces:
        t = _UNITLESS.sub(lambda m: f"{m[1]} {pieces[1].lower()}s {m[2]}", t)

    def each(m: re.Match[str]) -> str:
        g = [x for x in m.groups() if x]
        count, amount = Decimal(g[0].replace(",", "").rstrip(".")), Decimal(g[1].replace(",", "").rstrip("."))
        if count > (12 if re.match(r"[\d.,]+\s*[x×]", m[0]) else 60) or ("." in g[0] and count > 10):
            return m[0]
        return f"{_plain(count * amount)} {g[2]}"

    ranged = re.compile(r"\b(\d+) (or|to) (?=(\d+)(?:\s*[x×])?\s+(\d[\d.,]*)\s?mg\s+(?:tablets?|capsules?))", re.I)
    t = ranged.sub(lambda m: f"{_plain(Decimal(m[1]) * Decimal(m[4].replace(',', '')))} {m[2]} ", t)
    return _OF_EACH.sub(each, t)
