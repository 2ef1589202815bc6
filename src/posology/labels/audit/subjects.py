"""Turns an amount of a page into what it is of: the page's own medicine, another one, a strength, a liquid; or no advice at all.

Knows no medicine by name: another one is known by how names are built, by the reference's own words, and by where they stand.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from posology.labels.audit.page import Line
from posology.labels.audit.reference import Reference, base, kind
from posology.labels.extract.limit_words import DOSE, unit_name, value_of
from posology.labels.extract.passage import names_a_drug

_NO_ADVICE = re.compile(
    r"^\W*(?:see\s+also|related|read\s+(?:next|more|also)|also\s+(?:see|read|viewed|bought)|more\s+(?:on|from|like)|up\s+next|you\s+(?:may|might)\s+also|customers\s+also|next|popular|trending|recommended\s+for\s+you|add|tags?|topics?)\b[^.]{0,30}?:|"
    r"[$£€]\s?\d|\b(?:basket|checkout|free\s+(?:delivery|shipping)|add\s+to\s+(?:cart|basket))\b",
    re.I,
)
"""A line of links, or of a shop."""
_VOICES = re.compile(
    r"^\W*(?:\d+\s+)?(?:(?:reader|patient|customer|user|our|recent|latest)s?['’]?\s+)?(?:comments?|replies|reviews?|ratings?|testimonials?|see\s+also|related(?:\s+\w+)?|read\s+next|further\s+reading|what\s+(?:our\s+)?readers\s+say|customers\s+also\s+viewed|similar\s+(?:medicines|products)|(?:letters|stories|experiences?|views))\W*(?:\(?\d+\)?)?\W*$",
    re.I,
)
"""A heading over what other people say of themselves, or over links."""
_TOLD = re.compile(
    r"\b(?:asked|wrote(?:\s+to)?)\s+(?:me|us)\b[^.?!]*\b(?:his|her|their|my|our)\b|\b(?:my|his|her|their)\s+(?:\w+['’]s\s+)?\d[\d.,]*[\s-]*mg\s+(?:tablets?|capsules?|pills?)|"
    r"^\W*[A-Z][\w .-]{1,20}:\s+(?!.*\b(?:you|your|adults?|people|patients?|dose|take[sn]?|daily|children)\b)(?=.*\b(?:I|my|mine|took\s+me)\b)|\b(?:took|take|been|am|was|were)\s+(?:it\s+)?(?:on\s+)?\d[\d.,]*\s*mg\s+for\s+(?:a|an|one|\w+)\s+(?:years?|months?)\b.*\b(?:no|not|never)\s+complain",
)
"""A person tells of himself: "Meg: helps my tremor at 80 mg"."""
_SUBSTANCES = frozenset(
    ["magnesium", "calcium", "iron", "zinc", "potassium", "sodium", "vitamin", "vitamins", "omega", "caffeine", "ginseng", "fibre", "fiber",
     "salt", "protein", "collagen", "probiotic", "fluoride", "folic", "nicotine", "ethanol", "lactose", "gluten", "sugar"]
)  # fmt: skip
_BUILT = re.compile(r"[a-z]{4,}(?:ine|ol|in|ide|ium|acin|phen|fen)")
_ENGLISH = frozenset(
    ["again", "begin", "certain", "contain", "remain", "maintain", "obtain", "explain", "within", "margin", "origin", "captain", "protein", "curtain",
     "control", "alcohol", "school", "protocol", "symbol", "cholesterol", "routine", "medicine", "combine", "decline", "determine", "examine", "urine",
     "caffeine", "machine", "define", "discipline", "outline", "guideline", "guidelines", "baseline", "deadline", "genuine", "examine", "imagine",
     "provide", "divide", "decide", "outside", "inside", "beside", "guide", "besides", "alongside", "aside", "suicide", "bedside", "worldwide", "coincide",
     "morphin", "feeling", "insulin", "creatinine", "combin", "vaccine", "migraine", "online", "dublin", "latin", "nineteen", "medium", "helpline"]
)  # fmt: skip
_OURS = frozenset(
    ["medicine", "medication", "tablets", "tablet", "capsule", "capsules", "active", "liquid", "solution", "suspension", "starting", "initial",
     "single", "maximum", "highest", "recommended", "treatment", "levels", "weight"]
)  # fmt: skip
_BESIDE = re.compile(
    r"\b(?:with|plus|alongside|on|taking|takes?|take|using|uses?|have|has|and|or|than|unlike|if|when|after|before|without|receiving|given|added\s+to|adding|from|to|of\s+either|either|both|like|about|not)\s+(?:(?:an?|the|any|also|strong|other|either|older|some|such\s+as|certain|medicines?|drugs?|pills?|like)\s+){0,3}$",
    re.I,
)
"""What stands before a medicine that is a companion of ours, not the one whose dose is told."""
_OPENS_WITH = re.compile(
    r"\W*(?:(?:if\s+you\s+(?:\w+\s+)?)?(?:with|on|plus|take|taking|use|using|have|for|in)\s+(?:\w+\s+){0,2})", re.I
)
_WORD = re.compile(r"[A-Za-z][A-Za-z-]{3,}")
_OTC = re.compile(r"\bover[\s-]the[\s-]counter\b|\bOTC\b|\bshop-?bought\b|\bstore-?bought\b|\bsupermarket\b", re.I)


def no_advice(line: Line) -> bool:
    """Whether a line gives no one a dose: links, prices, and what people tell of themselves.

    >>> from posology.labels.audit.page import read_page
    >>> lines = read_page(b"Take 5 mg a day.\\n\\nReviews\\n\\nHelped me at 80 mg a day.", "p.txt").lines
    >>> [no_advice(x) for x in lines if x.kind != "heading"]
    [False, True]
    """
    return bool(_NO_ADVICE.search(line.text) or _TOLD.search(line.text) or _VOICES.match(line.under))


def _foreign(word: str, ref: Reference) -> bool:
    w = word.lower()
    if (
        w in ref.names
        or w in _OURS
        or w.rstrip("s") in ref.names
        or any(n.startswith(w) or w.startswith(n) for n in ref.names)
    ):
        return False
    return names_a_drug(w) or w in _SUBSTANCES


def _built(word: str, ref: Reference) -> bool:
    """Whether a word next to an amount is built like a name, where no more is known of it."""
    w = word.lower()
    return _foreign(word, ref) or (
        bool(_BUILT.fullmatch(w)) and w not in _ENGLISH and w not in ref.names and w not in _OURS
    )


def of_another(text: str, start: int, end: int, ref: Reference) -> bool:
    """Whether the amount at ``start``..``end`` is of another medicine or substance: by the name beside it, or its clause's subject."""
    lead, after = text[:start], text[end:]
    if _OTC.search(re.split(r"[.;]\s", lead)[-1]) or _OTC.match(after.lstrip()[:40]):
        return True
    if re.match(r"\s*of\s+(?:that|this\s+one|the\s+(?:other|latter))\b", after, re.I):
        return True
    opened = re.search(r"([A-Za-z][A-Za-z-]{3,})\s*\([^()]*$", lead)
    if opened and _built(opened[1], ref) and ")" in after and not own_named(lead, ref):
        return True  # "Paracetamol (no more than 4 g a day)"
    beside = re.match(
        r"\W*(?:A[.:]\s*)?([a-z]{5,})\s+(?:can|may|could)\s+(?:\w+\s+)?be\s+(?:taken|used|given|added)\s+(?:with\s+(?:it|this|them)|alongside|together|as\s+well|too|at\s+the\s+same\s+time)\b",
        text,
        re.I,
    )
    if beside and beside[1].lower() not in ref.names | _OURS | {"these", "doses"}:
        return True
    before = re.search(
        r"([A-Za-z][A-Za-z-]{3,})[\s(“]*(?:(,)\s+(?:(?:say|for\s+(?:instance|example)),?\s+)?|:\s*|at\s+|of\s+|is\s+)?$",
        lead,
    )
    if before and before[2] and _OPENS_WITH.fullmatch(re.split(r"[.;:]\s+", lead[: before.start()])[-1]):
        before = None  # "With nelfinavex, 40 mg is the most" is of ours
    if before and before[1] and _built(before[1], ref):
        return not _limits_ours(before[1], lead[before.end(1) :], ref)
    named = re.match(
        r"\s*(?:(?:a|per|each)\s+day\s+|daily\s+)?(of\s+)?(?:the\s+|an?\s+|pure\s+)?([A-Za-z][A-Za-z-]{3,})", after
    )
    if named:
        w = named[2].lower()
        if _foreign(w, ref):
            return True
        if (
            named[1]
            and len(w) > 5
            and w not in ref.names
            and w not in _OURS
            and not w.endswith("ly")
            and w in ref.words
        ):
            return True
    dose_of = re.search(
        r"\b([a-z]{6,})\s+(?:dose|tablets?)\s+(?:of|to|above|over|at)\s*$|\bdoses?\s+of\s+([a-z]{6,})\b[^.;]{0,30}$",
        lead,
        re.I,
    )
    if dose_of:
        w = (dose_of[1] or dose_of[2]).lower()
        if w not in ref.names and w not in _OURS and not w.endswith("ly") and w in ref.words:
            return True
    return _subject_is_another(lead, text, ref)


def _limits_ours(word: str, after: str, ref: Reference) -> bool:
    """Whether a name heads what is said of ours beside it: "Nelfinavex: no more than 40 mg a day"."""
    own_limit = any("other medicine" in x.groups for x in ref.limits)
    return own_limit and bool(re.match(r"\s*:", after)) and word.lower() in ref.words


def _subject_is_another(lead: str, text: str, ref: Reference) -> bool:
    clause = re.split(r";\s|\.\s|\bbut\b", lead)[-1]
    own = max((m.end() for n in ref.names for m in re.finditer(re.escape(n), clause, re.I)), default=-1)
    names = [m for m in _WORD.finditer(clause) if m.start() > own and _foreign(m[0], ref)]
    if names:
        first = names[0]
        for a, b in pairwise(names):
            if not re.fullmatch(r"\s*(?:,|/|or|and|plus)?\s*(?:or|and)?\s*", clause[a.end() : b.start()]):
                first = b  # another cluster of names
        last = names[-1]
        if not _BESIDE.search(clause[: first.start()]) and not _limits_ours(last[0], clause[last.end() :], ref):
            return True
    opening = re.split(r"\b(?:is|are|was|can|may|must|should|has|you)\b", text, maxsplit=1)[0]
    words = [m[0] for m in _WORD.finditer(opening)]
    if len(words) <= 4 and not own_named(text, ref) and any(_foreign(w, ref) for w in words):
        return not _BESIDE.match(text.split(" ", 1)[0] + " ")
    return bool(
        words
        and len(words) <= 3
        and re.search(r"\b(?:with|alongside|beside)\s+(?:it|this|them|your)\b", text, re.I)
        and _built(words[0], ref)
    )


def own_named(text: str, ref: Reference) -> bool:
    """Whether a text names the reference's own medicine."""
    return bool(ref.names & set(re.findall(r"[a-z][a-z0-9]{3,}", text.lower())))


_RATIO = re.compile(
    r"(\d[\d.,]*)\s*(mg|mcg|micrograms?|milligrams?|g|grams?)\s*(?:in|per|/|to|for|of\s+\w+\s+in)?\s*(?:each|every|a|an|one)?\s*(\d[\d.,]*)?\s*(?:m[lL]|millilit(?:er|re)s?)\b(?!\s*/\s*min)",
    re.I,
)


def ratios(text: str) -> frozenset[Decimal]:
    """The strengths of liquids that a text names, in mg per mL.

    >>> sorted(map(int, ratios("100 mg in 1 mL, or 5 mg/5 mL")))
    [1, 100]
    """
    out = set()
    for m in _RATIO.finditer(text):
        joined = re.search(r"(?:in|per|/|each)\s*(?:each|every|a|an|one)?\s*[\d.,]*\s*m", m[0][len(m[1]) :], re.I)
        volume = value_of(m[3].rstrip(",.")) if m[3] else Decimal(1)
        if joined and volume:
            unit = {"g": "g", "gram": "g", "grams": "g", "mcg": "mcg"}.get(
                m[2].lower(), "mcg" if "micro" in m[2].lower() else "mg"
            )
            out.add((base(value_of(m[1].rstrip(",.")), unit) / volume).normalize())
    return frozenset(out)


_HOLDS = re.compile(
    r"\b(?:gives?|holds?|contains?|is|are|makes?|delivers?|equals?|measures?|has|have|means?|provides?)\b|=", re.I
)
_DILUTED = re.compile(r"\b(?:water|juice|milk|glass|pudding|soda|infus\w+)\b", re.I)


def other_liquid(text: str, ref: Reference) -> bool:
    """Whether a text gives a liquid another strength than every liquid of the reference, as a strength or by a filled measure.

    >>> ref = Reference("x", frozenset(), "US", text="It holds 2 mg per mL.", strengths=((Decimal(2), "mL"),))
    >>> other_liquid("Each mL holds 5 mg.", ref), other_liquid("Filled to 0.5 mL it gives 1 mg.", ref)
    (True, False)
    """
    known = ratios(ref.text)
    if not known or not any("mL" in per for _, per in ref.strengths) or _DILUTED.search(text):
        return False
    said = set(ratios(text))
    amounts = list(DOSE.finditer(re.sub(r"\b(?:each|every|one|a|per)\s+(?=m[lL]\b)", "1 ", text, flags=re.I)))
    units = [kind(unit_name(d["unit"], d["kg"])) for d in amounts]
    if not said and sorted(units) == ["mL", "mass"] and not any(d["low"] for d in amounts):
        mass, volume = (
            next(base(value_of(d["num"]), unit_name(d["unit"])) for d, u in zip(amounts, units, strict=True) if u == k)
            for k in ("mass", "mL")
        )
        if volume and _HOLDS.search(text):
            said.add((mass / volume).normalize())
    return bool(said) and not said & known


def in_a_ratio(text: str, start: int) -> bool:
    """Whether the amount at ``start`` is one of the two of a liquid's strength."""
    return any(m.start() <= start < m.end() and ratios(m[0]) for m in _RATIO.finditer(text))


_STRENGTHS = re.compile(
    r"\b(?:strengths?|comes?\s+(?:in|as)|available|suppl(?:y|ied)|(?:tablets|capsules|packs|bottles)\s*(?:of|are|:)|sold\s+(?:in|as)|made\s+(?:in|as))\b",
    re.I,
)


def a_strength(line: Line, lead: str, after: str) -> bool:
    """Whether an amount is how strong a product is, not what anyone takes: in a list of strengths, or a heading that names a product."""
    if re.search(r"\b(?:take|taken|start\w*|begin\w*|dose|doses|day|daily|times|once|twice)\b", line.text, re.I):
        return False
    return bool(_STRENGTHS.search(lead)) or (
        line.kind == "heading" and bool(re.search(r"\b(?:tablets?|capsules?|solution|liquid)\b", line.text, re.I))
    )
