"""Turns the lines of a page into findings about broken text: cut, fused or empty sentences, repeats, mojibake, placeholders.

Knows no medicine and needs no label: what is broken shows in the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from posology.labels.audit.page import _DANGLING, Line, Page

_MOJIBAKE = re.compile(
    r"â€[™œ\x9d“”˜\x80-\x9f]?|Ã[\x80-\xbf©¨±¶¼¤§ ]|Â[\xa0°®©µ½¼¾±·]|ï»¿|\ufffd|ï¿½|&(?:amp;)?(?:nbsp|quot|lt|gt|#\d{2,5});|\\u00[0-9a-f]{2}"
)
_PLACEHOLDER = re.compile(
    r"\b(?:Product\s?X|Company\s?Y|Drug\s?X|Medicine\s?X|X{3,}|TBD|TBC|TODO|FIXME|lorem\s+ipsum|dolor\s+sit\s+amet|sample\s+text|placeholder|insert\s+(?:name|dose|text|date|drug|here))\b|"
    r"\[\s*(?:insert|add|your|name|dose|dosage|strength|drug|brand|generic|date|product|medicine|medication|company|manufacturer|number|country|condition|xx+|tbd|tbc|todo|to\s+be|\.\.\.|…|\?)[^\]]{0,40}\]|<\s*(?:insert|name|dose|drug|product|medicine)[^>]{0,30}>|\{\{?\s*\w[\w\s.]{0,30}\}?\}|\bNaN\s+mg\b|\bundefined\b|\bnull\s+mg\b|%[sd]\b|«[^»]{0,30}»",
    re.I,
)
_FIELD = re.compile(
    r"(?:^|[_:;,.|)\]]|\s{2,})\W*(?!(?:Take|Use|You|Your\s+dose\s+is|Do|Give|Start|The|It|If)\b)[A-Za-z][\w'’/()-]*(?:\s[\w'’/()-]+){0,4}\s*[:.]?\s*_{4,}(?=\W*(?:$|\s[A-Z]|[;,.|(]))"
)
"""A field of a form, to be filled in by hand: "Name: ____"."""
_REPEAT = re.compile(r"\b(?!(?:that|had|very|so|bye|no|ok|ha|is|more|do|on|in)\b)([A-Za-z]{2,})\s+\1\b(?!-)", re.I)
_REPEAT_FEW = re.compile(
    r"\b(the\s+the|(?-i:[Aa]\s+a)|of\s+of|to\s+to|and\s+and|is\s+is|in\s+in(?!\s+vi)|on\s+on|do\s+do|for\s+for|more\s+more)\b",
    re.I,
)
_COLLIDE = re.compile(
    r"\b(?:(?:your|my|their|our|its|every)\s+(?:before|after|when|while|since|until|although|during|without)(?!-)|(?:a|an|the|your|my|their|our|its|every)\s+(?:of|to|for|with|from|and|or|but|is|are|was|were|be|has|have|can|may|must|should|will|the|a|an|your|if|because|by|at|than)(?!-)"
    r"|(?:of|to|for|with|from|into|by|at)\s+(?:of|is|are|was|were|and|or|but|can|may|must|should|will|because)(?!-)|(?:is|are|was|were)\s+(?:is|are|was|were|should|must|can|may|will|does|do|has|have)|(?:can|may|must|should|will)\s+(?:can|may|must|should|will|of|is|are|was)|and\s+(?:or|and|but)(?!/)|(?:a|an|the|your|their|its)\s+(?:then|before|after|because|when|(?<!for\sa\s)(?<!in\sa\s)(?<!after\sa\s)(?<!once\sin\sa\s)(?<!quite\sa\s)while)(?=\s+[a-z])(?!\s+(?:photo|and|effect|picture))|(?:do|does)\s+not\s+(?:not|the|a|an|of|is|are|and|or)|very\s+(?:the|a|of|and|is|mg))\b",
    re.I,
)
_COLLIDE_OK = re.compile(
    r"\b(?:the\s+(?:will|may|can|to-|and/or|or\b)|may\s+(?:will)|a\s+(?:must|will|may)|the\s+(?:must|have|has|if|for|with|by|at)s?\b(?=[\s-]+(?:nots|buts))|to\s+(?:and|or)\s+from\b|with\s+(?:and|or)\s+without\b|(?:from|to)\s+(?:\d+\s+)?to\s+(?:under|over|below|above)\b|(?:with|by|from|to|in|of)\s+(?:or|and)\s+\w+(?:ed|ing)\s+(?:with|by|from|to|in|of|on)\b|for\s+(?:and|or)\s+against\b|(?:you|they|we|I|he|she|people)\s+(?!must|should|can|may|will|to|do|are|is|have)\w+\s+(?:to|with|for|from|by|at|on)\s+(?:is|are|was|were|can|may|must|should|will)\b|(?:at|from|of|by|with|for|to)\s+or\s+(?:(?:right|just|soon|shortly|straight|immediately|directly|even|only|rarely)\s+)?(?:above|below|near|under|over|after|before|about|close|in|on|with|by|for|from|at|to)\b|by\s+and\s+large\b|to\s+(?:is|are|can|may|will|must|should)\b(?=\s+(?:the|a)\s+question))|\b(?:hepatitis|vitamin|type|group|influenza|in|plan|part|grade|class|category|step|schedule|factor)\s+a\s",
    re.I,
)
_SPUN = re.compile(
    r"\b\d[\d.,]*\s*(?:magnesium|manganese|milligram\s+of\s+hours?|grammes?\s+of\s+hours?|mg\s+(?:hours?|times|days|o['’]clock))\b|\bmouth\s+(?:solution|suspension|tablets?|answer)\b|\b(?:oral|mouth)\s+answer\b|\bdrug\s+store\s+it\b|"
    r"\b(?:[Xx]{2,}|\?{2,}|#{2,}|(?<=\s)\.{3}(?=\s?mg)|(?<=\s)…(?=\s?mg)|N/?A|nn+|YY+)\s*(?:mg|mcg|g|m[lL]|tablets?|capsules?|hours?|times|days?|weeks?)\b|\bXX\b"
)
_REPEAT_FIGURE = re.compile(
    r"(?<![\d.,])(\d[\d.,]*\s?(?:%|mg|mcg|m[lL]|tablets?|capsules?|hours?|days?|weeks?))\s+\1(?![\w/-])", re.I
)
_PHRASE = re.compile(r"\b((?:[A-Za-z'’]+\s+){2,6}[A-Za-z'’]+)[\s,]+\1\b", re.I)
_PAIR = re.compile(r"\b([A-Za-z]{3,}\s+[A-Za-z]{3,})\s+\1\b", re.I)
_GLUED = re.compile(r"(?<=[a-z)])[.!?](?=[A-Z][a-z]+(?:\s|n't|[,.]))")
_EMPTY = re.compile(
    r"^(?:There\s+(?:is|are)|It\s+is|This\s+is|They\s+are|You\s+have)\s+(?:an?|the|some)\s+(?!(?:risk|danger|cure|chance|test|generic|difference|leaflet|limit|medicine|drug|tablet|liquid|capsule|tablets|problem|pill|helpline|beta|muscle)\b)[a-z]+\.?$",
    re.I,
)
_MOLECULES = r"(?:neurotransmitters?|receptors?|enzymes?|neurons?|nerve\s+cells|hormones?|proteins?|molecules?|chemicals?|ion\s+channels?|synapses?|genes?|cells)"
_COMPLAINTS = r"(?:tiredness|dizziness|sleepiness|drowsiness|rash(?:es)?|seizures?|headaches?|weakness|constipation|diarrh?o?ea|confusion|swelling|fainting|cough|itching|anxiety|insomnia)"
_ORGANS = r"(?:kidney|liver|heart|lung|brain|stomach|bladder|skin|eye|bone)"
_FUSED = re.compile(
    rf"\b(?:(?:probably\s+|generally\s+|usually\s+|likely\s+)?(?:safe|unsafe|suitable|allowed|recommended|contraindicated|dangerous|approved)\s+(?:for|in|with)\s+(?:certain\s+|some\s+|the\s+|most\s+|many\s+)?{_MOLECULES}|"
    rf"{_MOLECULES}\s+(?:should|must|may)\s+(?:not\s+)?(?:take|use|drive|drink|tell|ask)|"
    r"(?:store|keep)\s+(?:\w+\s+){0,3}(?:for|in)\s+(?:seizures|spasms|pain|depression|fits|high\s+blood\s+pressure)|"
    r"(?:take|swallow|drink)\s+(?:\w+\s+){0,2}(?:at|below|above)\s+(?:room\s+temperature|\d+\s*°)|"
    r"(?:side\s+effects?|symptoms?)\s+(?:should|must)\s+(?:be\s+)?(?:taken|swallowed|stored|crushed)|"
    rf"(?:swallow|chew|store|crush)\s+(?:the\s+|your\s+|a\s+)?(?:doctor|pharmacist|nurse|prescriber|{_COMPLAINTS})\b(?!['’]s)|take\s+(?:your\s+)?(?:doctor|pharmacist|nurse)\b|keep\s+(?:the\s+|your\s+)?{_COMPLAINTS}\s+(?:in\s+the|out\s+of|at\s+\d|away\s+from)\b|"
    r"(?:call|tell|ask)\s+(?:your\s+)?(?:tablets?|capsules?|refrigerator|dose)\b|"
    rf"(?:with|after|before)\s+(?:(?:or|and)\s+)?(?:(?:right|just|soon)\s+)?(?:after|before|with)\s+{_COMPLAINTS}\b|{_COMPLAINTS},?\s+(?:which|that)\s+(?:is|are)\s+(?:the\s+|a\s+)?(?:\w+\s+){{0,2}}?(?:meals?|doses?|tablets?|food)\b|"
    rf"(?:\d+|two|three|four|five|six)\s+{_ORGANS}s?\s+(?:a|per|each|every)\s+(?:day|week)|\b(?:a|per|each)\s+day\s+(?:hours?|mg)\b|(?:with|at|in)\s+the\s+{_ORGANS}s?\s+\d[\d.,]*\s*(?:mg|mcg|m[lL])\s*[.!]?$|"
    rf"(?:the|an?|your)\s+(?:reduce|take|avoid|swallow|lower|become|keep|ask|tell|begin)\s+(?:slowly|gradually|quickly|suddenly|it|them)\b|(?:treats?|checks?|tests?|measures?|lowers?|raises?)\s+(?:the\s+|your\s+)?{_COMPLAINTS}\s+(?:with|in)\s+the\s+{_ORGANS}|"
    rf"\b{_ORGANS}s?\s+(?:is|are|be)\s+(?:mild|moderate|severe)\b(?!ly)|\b(?:blood|heart|kidney|liver|brain)\s+(?:for|of|with|in)\s+(?:pressure|rate|function|sugar|failure)\b|\b(?:evening|morning|daily|bedtime|weekly)\s+(?:blood|kidneys?|liver|heart|lungs?)\b(?!\s+(?:pressure|sugar|tests?|glucose|rate|counts?|checks?|readings?|levels?|work))|"
    rf"\byour\s+(?:heart\s*(?:rate|beat)|blood\s+pressure|pulse|kidneys?|liver|stomach)\s+and\s+(?:the|your)\s+(?:tablets?|capsules?|pills?|dose)\s+(?:should|must|can|may|will)\b|"
    r"(?:use|safety)\s+(?:during|in|of\s+use\s+in)\s+(?:pregnancy|breast-?feeding)\s+is\s+unknown,?\s+but\s+[^.]*\bfor\b)",
    re.I,
)
_TRANSITIVE = frozenset(
    [
        "touch",
        "operate",
        "take",
        "use",
        "avoid",
        "drink",
        "tell",
        "ask",
        "call",
        "store",
        "keep",
        "swallow",
        "treat",
        "cause",
        "causes",
        "include",
        "includes",
        "reduce",
        "reduces",
        "have",
        "has",
        "give",
        "gives",
        "need",
        "needs",
        "get",
        "make",
        "makes",
        "help",
        "helps",
        "increase",
        "increases",
        "prevent",
        "prevents",
        "contain",
        "contains",
        "contact",
        "means",
        "say",
        "says",
        "report",
        "prescribe",
        "prescribes",
        "require",
        "requires",
        "very",
        "more",
        "most",
        "less",
        "least",
        "too",
        "also",
        "been",
        "being",
        "certain",
        "several",
        "various",
        "severe",
        "serious",
        "daily-",
    ]
)
_INTRANSITIVE_OK = frozenset({"use", "need", "help", "call", "ask", "more", "less", "most", "too", "daily-", "drink"})
_STARTS_AS_SENTENCE = re.compile(
    r"^(?:Do|Don['’]t|You|Your|If|Take|Never|Always|Ask|Tell|Call|It|This|These|Stop|There|The|Use|Keep|Some|People|Side|Common|When|They|We|In|Avoid|Swallow)\b"
)
_FOOTER = re.compile(
    r"\b(?:you(?:['’]ll|\s+(?:may|might|will))|readers?|customers?)\s+(?:\w+\s+){0,2}(?:love|like|enjoy|bought|liked|read)\w*\s*:|https?:|www\.|©|\bcopyright\b|\b(?:last\s+)?(?:updated|reviewed|revised|sources?|references?|published|version|date|author)\b|\b(?:19|20)\d\d\b|\d{3}-\d{4}|@",
    re.I,
)


def garbled(page: Page) -> Iterator[tuple[Line, str]]:
    """(line, why) for every broken sentence; a line is named once, with its first reason."""
    seen: set[int] = set()
    earlier: dict[str, Line] = {}
    for i, line in enumerate(page.lines):
        follows = page.lines[i + 1] if i + 1 < len(page.lines) else None
        why = _why(line, page, follows) or _again(line, earlier, page)
        if why and line.start not in seen:
            seen.add(line.start)
            yield line, why


def _again(line: Line, earlier: dict[str, Line], page: Page) -> str:
    key = re.sub(r"\W+", " ", line.text.lower()).strip()
    if len(key.split()) < 6 or line.kind == "cell":  # two rows of a table may say the same
        return ""
    before = earlier.get(key)
    earlier.setdefault(key, line)
    if before is None or line.line - before.line > 3:
        return ""
    if not (line.alone and before.alone) and re.search(r"\S", page.text[before.end : line.start]):
        return ""  # the same limit for each of two uses
    if before.under != line.under and not line.text.endswith((".", "!")):  # "twice a day" of two groups
        return ""
    return "The same sentence stands twice."


def _why(line: Line, page: Page, follows: Line | None) -> str:
    text = line.text
    if _MOJIBAKE.search(text):
        return "Characters are damaged by a wrong encoding."
    if _PLACEHOLDER.search(text) or "____" in _FIELD.sub(" ", text):
        return "A placeholder was left in."
    if _REPEAT.search(text) or _REPEAT_FEW.search(text):
        return "A word is repeated."
    hit = _COLLIDE.search(text)
    if (
        hit
        and not hit[0].startswith("A ")
        and not hit[0].split()[-1][0].isupper()
        and not _COLLIDE_OK.search(text)
        and line.kind not in ("heading", "cell")
    ):
        return "Words are missing: two do not follow one another."
    if _REPEAT_FIGURE.search(text):
        return "A number is repeated."
    if _SPUN.search(text):
        return "A number or a word stands where it makes no sense."
    again = _PHRASE.search(text) or _PAIR.search(text)
    if again and not again[0][len(again[1]) :].lstrip(" ,")[0].isupper():  # a run-in heading is no repeat
        return "A phrase is repeated."
    if _EMPTY.match(text.strip()):
        return "The sentence says nothing: its meaning is lost."
    if _FUSED.search(text):
        return "Two facts are run together into one that makes no sense."
    if _GLUED.search(text) and not re.search(r"\b(?:www|https?|\w+\.(?:com|org|gov|net|uk))\b", text):
        return "Two sentences run into each other without a space."
    if (
        abs(text.count("(") - text.count(")")) == 1
        and not re.match(r"^\w{1,3}\)", text)
        and not _closed_near(line, page)
    ):
        return "A bracket is not closed: words may be missing."
    if re.search(r",\s*[.;!?]|\.{2}(?!\.)|;\s*[.;]|\(\s*\)|,\s*,", text.replace("...", "…")):
        return "Punctuation shows that words are missing."
    return _cut(line, page, follows)


def _closed_near(line: Line, page: Page) -> bool:
    """Whether the sentence before or after, in the same paragraph, holds the other half of a bracket."""
    start = page.text.rfind("\n", 0, line.start) + 1
    end = page.text.find("\n", line.end)
    block = page.text[start : end if end >= 0 else len(page.text)]
    return block.count("(") == block.count(")") and not line.alone


_FOOTNOTE = re.compile(r"(?:\s*(?:\[\w{1,3}\]|[¹²³⁴-⁹*†‡]|(?<=[.!?])\d{1,2}))+$")


def _cut(line: Line, page: Page, follows: Line | None) -> str:
    text = line.text.strip()
    bare = text.rstrip(".!?…:;,\"'”’) ")
    words = re.findall(r"[A-Za-z'’-]+", bare)
    if not words:
        return ""
    last = words[-1].lower()
    if words[-1] == "A" or " | " in text or _AS_IT_SHOULD.search(bare) or _GREETING.match(text):
        return ""
    text = _FOOTNOTE.sub("", text)
    ended = bool(re.search(r"[.!?…:][\"'”’)]*$", text))
    then = page.text[line.end : line.end + 2]
    if line.kind in ("heading", "cell"):
        return ""
    tail_words = re.findall(r"\S+", bare)
    if _HANGING.search(bare) and ended:
        return "The sentence is cut off."
    if last in (_NEVER_LAST if ended else _HARD) and tail_words and tail_words[-1].lower().strip("(,") == last:
        if text.endswith(":") or _leads_list(line, page, follows) or _ENDS_WELL.search(bare):
            return ""
        if last in _STRANDED and (
            re.search(r"\b(?:what|which|who|where|how|than|as|nothing|something|anything)\b", text, re.I)
            or len(words) <= 3
        ):
            return ""  # "what it is used for." ends well
        if re.search(rf"\b(?:(?:before|during|after|with|without)\s+(?:and|or)|not)\s+{re.escape(last)}$", bare, re.I):
            return ""  # "before and during."
        return "The sentence is cut off."
    if (
        ended
        or (then.startswith("\n") and line.kind == "bullet" and last not in _HARD)
        or _leads_list(line, page, follows)
    ):
        return ""
    if text.endswith((",", "-", "–", "—")) and line.last and line.kind == "text":
        return "The sentence is cut off."
    if line.last and not line.alone and not _FOOTER.search(text) and _STARTS_AS_SENTENCE.match(text):
        return "The sentence is cut off: it has no end."
    if (
        line.alone
        and line.kind == "text"
        and not _FOOTER.search(text)
        and len(words) >= 4
        and _STARTS_AS_SENTENCE.match(text)
        and (last in _TRANSITIVE - _INTRANSITIVE_OK or len(words) > 12)
    ):
        return "The sentence is cut off: it has no end."
    return ""


_GREETING = re.compile(
    r"\W*(?:dear|hello|hi|hey|good\s+(?:morning|day|evening)|yours|(?:(?:best|kind|warm|with)\s+)+(?:regards|wishes|thanks)|regards|sincerely|take\s+care|all\s+the\s+best)\b(?:[^.!?;:]|(?<=\b[A-Z])\.|(?<=\b(?:Mr|Ms|Dr))\.|(?<=\bMrs)\.){0,40},$",
    re.I,
)
"""The opening or the close of a letter: it ends in a comma."""
_NEVER_LAST = frozenset(
    [
        "a",
        "an",
        "the",
        "and",
        "or",
        "but",
        "with",
        "your",
        "our",
        "their",
        "its",
        "because",
        "if",
        "which",
        "who",
        "while",
        "very",
        "every",
        "such",
        "between",
        "into",
        "during",
        "until",
        "unless",
        "whose",
        "would",
        "should",
        "must",
        "of",
        "from",
        "by",
    ]
)
_STRANDED = frozenset({"of", "from", "by", "with", "for", "to", "on", "in", "at", "about", "into"})
_AS_IT_SHOULD = re.compile(
    r"\b(?:than|as|how|what|where|when|like|way)\s+(?:you|it|they|he|she|(?:your|my|our|an?|the|any|most)\s+(?:\w+\s+){1,3})\s*(?:should|would|must|can|may|will|are|is|was|were|have|has)$",
    re.I,
)
_ENDS_WELL = re.compile(
    r"\bwith\s+or\s+without$|\b(?:before|after)\s+(?:and|or)\s+during$|\bto\s+(?:be\s+(?!tak|us|giv|mix|combin|swallow|stor|treat|start)\w+\s+(?=with)|[a-z]+\s+)(?:with|for|from|on|by|about)$|\b(?:away|free|far|apart)\s+from$|\b(?:hear|ask|think|speak|talk|know|beware|unheard)\w*\s+of$|\bas\s+such$|\ba\s+(?:\w+\s+)?while$|\b(?:in|lie|lies|pass|passes|left|leave|be|hours?|days?|weeks?|months?)\s+between$|\d\.?\s+May$"
)
"""Words that look left hanging and are not: "to begin with", "count as such", "17 May"."""
_HANGING = re.compile(
    r"\b(?:how|if|because|while|whether|until)\s+(?:it|you|they|this|these|your)$|(?:\bthen|\band|,)\s+[a-z]+s\s+(?:at|from|by)$",
    re.I,
)
_HARD = _DANGLING - {"on", "in", "this", "that", "it", "than", "are", "is", "can", "do"} | {
    "very",
    "such",
    "every",
    "each",
    "between",
}


def _leads_list(line: Line, page: Page, follows: Line | None) -> bool:
    """Whether bullets follow, as after "Tell your doctor if you have"."""
    if line.last and follows is not None and follows.kind in ("bullet", "cell"):
        return True
    after = page.text[line.end : line.end + 40].lstrip(" :")
    if re.match(r"\n(?!\n)\s*\w", after) and not re.search(r"[.!?]$", line.text):
        return True  # the next line goes on
    return bool(re.match(r"\n+\s*(?:[-*•▪●◦‣–.+>o]|\d{1,2}[.)])\s", after))
