"""Turns a question into what it asks: the words that matter, others that mean the same, and the sections that answer it.

Knows no index and no medicine.
"""

from __future__ import annotations

import re

from attrs import frozen


def word_set(*lines: str) -> frozenset[str]:
    """The words of some lines of text."""
    return frozenset(w for line in lines for w in line.split())


DULL = word_set(
    "a an the and or of to in on at is are was be do does did can could may might will would should i you he she it",
    "we they my your me if for with from what which who when where why how much many about take taking taken use",
    "used using have has had get got not no this that these those there as by so than then any some happens happen",
    "tell please medicine medication drug drugs medicines pill pills tablet tablets it's im i'm am been while after",
    "before too function problem problems safe cause causes long last",
)
"""Words of a question that say nothing of what it is about."""
SALTS = word_set(
    "hydrochloride hcl sodium potassium calcium magnesium sulfate sulphate phosphate acetate maleate mesylate",
    "tartrate succinate besylate fumarate citrate hydrobromide bromide chloride nitrate anhydrous monohydrate",
    "dihydrate trihydrate hemihydrate tablet tablets capsule capsules oral solution suspension extended release",
    "delayed immediate injection cream ointment patch syrup acid base free and with for usp hbr extended-release",
    "strength extra maximum children childrens adult daytime nighttime night time pain relief severe cold cough",
)
"""Words of a name that name no medicine by themselves."""
SAME: dict[str, tuple[str, ...]] = {
    "suddenly": ("abrupt", "abruptly", "sudden"),
    "sudden": ("abrupt", "abruptly", "suddenly"),
    "abruptly": ("abrupt", "suddenly"),
    "quit": ("discontinue", "stop", "withdrawal"),
    "stop": ("discontinue", "discontinuation", "withdrawal", "cessation"),
    "stopping": ("discontinue", "discontinuation", "withdrawal", "cessation"),
    "kidney": ("renal",), "kidneys": ("renal",), "liver": ("hepatic",), "heart": ("cardiac",),
    "fits": ("seizures",), "fit": ("seizure",), "drink": ("alcohol",), "drinking": ("alcohol",), "beer": ("alcohol",), "wine": ("alcohol",),
    "forget": ("missed", "miss"), "forgot": ("missed", "miss"), "missed": ("miss",), "breastfeeding": ("nursing", "lactation"),
    "breastfeed": ("nursing", "lactation"), "pregnant": ("pregnancy",), "drive": ("driving", "machinery", "automobile"),
    "store": ("storage",), "keep": ("store", "storage"), "overdose": ("overdosage",), "maximum": ("exceed", "max"), "highest": ("maximum", "exceed"),
    "max": ("maximum", "exceed"), "side": ("adverse",), "effects": ("reactions",), "children": ("pediatric",), "child": ("pediatric",),
    "elderly": ("geriatric",), "older": ("geriatric",), "look": ("imprint", "debossed", "white", "round"), "sleepy": ("drowsiness", "somnolence", "sedation"),
    "pain": ("analgesic",), "dose": ("dosage",), "allergic": ("hypersensitivity",), "allergy": ("hypersensitivity",),
    "split": ("divided", "halved", "scored"), "crush": ("chew", "crushed", "whole"), "chew": ("crush", "whole"),
}  # fmt: skip
"""Words that a label has for a word of a question."""


@frozen
class Intent:
    """A kind of question: the codes of the sections that answer it, best first, and words by which an answer is known."""

    asks: re.Pattern[str]
    codes: tuple[str, ...]
    says: re.Pattern[str] | None = None


def _rx(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I)


INTENTS: tuple[Intent, ...] = (
    Intent(
        _rx(
            r"\b(?:who|when)\b.*\b(?:not|never|avoid)\b|\bcontra-?indicat|\bshould(?:n't| not)\s+(?:i\s+)?(?:take|use)|\ballerg"
        ),
        ("34070-3", "50570-1"),
        _rx(r"\bcontraindicated\b|\bdo not (?:take|use)\b"),
    ),
    Intent(
        _rx(r"\blooks?\b|\blike\b.*\blook|\bcolou?r\b|\bshaped?\b|\bappearance\b"),
        ("34069-5", "43678-2", "51945-4"),
        _rx(r"\b(?:debossed|engraved|imprint\w*|round|oval|capsule-shaped|white|yellow|blue|pink|green|orange|red)\b"),
    ),
    Intent(
        _rx(
            r"\bsudden|\babrupt|\bcold\s+turkey\b|\ball\s+at\s+once\b|\bwhat\b.*\bif\b.*\b(?:stop|quit)|\bwithdrawal\b"
        ),
        ("34066-1", "34071-1", "43685-7", "42231-1", "42230-3", "42227-9", "34087-7", "34068-7"),
        _rx(r"\babrupt|\bsudden"),
    ),
    Intent(
        _rx(
            r"\b(?:come|coming|came|get|getting|wean\w*)\s+(?:me\s+)?off\b|\btaper|\bquit|\bstop|\bwithdraw|\bdiscontinu"
        ),
        ("34068-7", "43685-7", "34071-1", "42231-1"),
        _rx(
            r"\babrupt|\bsudden|\btaper|\bgradual(?:ly)? (?:reduc|dose|dosage|decreas|discontinu|withdraw)|\bdo not stop\b|\bwithdrawn? slowly|\bstop(?:ping)? (?:taking|it)\b"
        ),
    ),
    Intent(
        _rx(r"\boverdos|\btoo (?:much|many)\b|\bmore than (?:prescribed|i should)|\bdouble dose"),
        ("34088-5", "50565-1"),
        _rx(r"\boverdos|\btoo much\b|\bpoison"),
    ),
    Intent(
        _rx(r"\bmiss(?:ed|ing)?\b|\bforg[eo]t"),
        ("42230-3", "42231-1", "68498-5", "34068-7"),
        _rx(r"\bmiss(?:ed)?\b|\bforget"),
    ),
    Intent(
        _rx(
            r"\bmax(?:imum)?\b|\bhighest\b|\bmost (?:i|you|one) can\b|\bhow (?:much|many)\b.*\b(?:can|safe|day|take)\b|\blimit\b"
        ),
        ("34068-7",),
        _rx(r"\bmaximum (?:recommended |total |daily )*dos|\bexceed\b|\bno more than\b|\bnot .{0,20}more than\b"),
    ),
    Intent(
        _rx(r"\b(?:stor(?:e|ed|ing|age)|keep|fridge|refrigerat\w+|temperature|expir\w+)\b"),
        ("44425-7", "34069-5", "60561-8"),
        _rx(r"\bstore\b|\d\s*°"),
    ),
    Intent(
        _rx(r"\bside[\s-]effects?\b|\badverse\b"),
        ("42231-1", "42230-3", "34084-4"),
        _rx(r"\bside effects\b|\badverse reactions\b"),
    ),
    Intent(_rx(r"\bpregnan|\bunborn\b"), ("42228-7", "53414-9")),
    Intent(_rx(r"\bbreast(?!\s+cancer)|\bnursing\b|\blactat"), ("77290-5", "34080-2", "53414-9")),
    Intent(
        _rx(r"\bkidneys?\b|\brenal\b|\bdialysis\b"),
        ("88828-9", "34068-7", "43684-0"),
        _rx(r"\brenal impairment|\bcreatinine clearance|\begfr\b|\bkidney"),
    ),
    Intent(
        _rx(r"\bliver\b|\bhepatic\b"),
        ("88829-7", "34068-7", "43684-0"),
        _rx(r"\bhepatic impairment|\bliver (?:disease|problems)"),
    ),
    Intent(_rx(r"\belderly\b|\bold(?:er)?\b|\bgeriatric\b"), ("34082-8",)),
    Intent(_rx(r"\bchild|\bkids?\b|\bbab(?:y|ies)\b|\bp(?:a?e)?diatric\b"), ("34081-0", "34068-7")),
    Intent(
        _rx(r"\balcohol|\bdrink|\bbeer\b|\bwine\b"),
        ("34076-0", "42231-1", "42230-3", "34071-1", "34073-7"),
        _rx(r"\balcohol"),
    ),
    Intent(_rx(r"\bdriv|\bmachine"), ("42231-1", "42230-3", "34076-0"), _rx(r"\bdriv(?:e|ing)\b|\bmachine")),
    Intent(_rx(r"\binteract|\btogether\b|\bmix\b"), ("34073-7", "50568-5")),
    Intent(_rx(r"\b(?:dos(?:e|age|ing)|how much|how often)\b"), ("34068-7",)),
    Intent(_rx(r"\bwhat\b.*\b(?:is|are|does)\b|\bused?\s+for\b|\bindicat|\btreats?\b|^for\b"), ("34067-9", "55105-1")),
)
"""The kinds of questions people ask, the more particular before the more general."""
WITH_ANOTHER = Intent(_rx(""), ("34073-7", "50568-5", "43685-7", "34070-3"))
"""What is asked where two medicines are named."""


def intent(query: str, words: list[str]) -> tuple[Intent | None, list[str]]:
    """What kind of question it is, None where it is none of those known; and the words that are still to be looked for.

    Where a kind has words by which an answer is known, they stand for those that asked it.

    >>> intent("how do I come off examplone tablets", ["come", "off", "tablets"])[1], intent("examplone", [])
    (['tablets'], (None, []))
    """
    for kind in INTENTS:
        found = kind.asks.search(query)
        if found:
            asked = set(re.findall(r"[a-z0-9]+", found.group().lower())) if kind.says else set()
            return kind, [
                w
                for w in words
                if w not in asked and not any(a.startswith(w) or w.startswith(a) for a in asked if len(a) > 3)
            ]
    return None, words


def terms(query: str) -> list[str]:
    """The words of a question that matter, in lower case.

    >>> terms("What happens if I stop examplone suddenly?")
    ['stop', 'examplone', 'suddenly']
    """
    return [w for w in re.findall(r"[a-z0-9]+", query.lower()) if w not in DULL and (len(w) > 1 or w.isdigit())]


def close(word: str, other: str) -> bool:
    """Whether two words differ by what a slip of spelling makes: one or, in words of seven letters or more, two edits.

    An edit is a letter left out, put in, changed, or swapped with the next.

    >>> close("examplin", "examplone"), close("exmaplone", "examplone"), close("otherol", "examplone")
    (True, True, False)
    """
    most = 1 if min(len(word), len(other)) < 7 else 2
    if abs(len(word) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(word, 1):
        before, row, last = row, [i], before
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and word[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return False
    return row[-1] <= most
