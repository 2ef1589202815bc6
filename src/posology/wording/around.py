"""Turns chunks about reasons, places, ways, advice and names into the fields around the dose; and what is left into a refusal.

Knows no amounts and no times.
"""

from __future__ import annotations

import re

from posology.amount import Amount
from posology.directions import Concept
from posology.wording.clause import Parse, words_of
from posology.wording.en import lexicon as en
from posology.wording.fields import instruct, reason_of
from posology.wording.scan import Note


def read_needed(p: Parse, i: int, j: int) -> None:
    c = p.clause
    c.needed = True
    reason = reason_of(p, i, j)
    if reason is None and c.indication is not None:
        reason, c.indication = c.indication, None
    c.reason = reason or c.reason
    c.mark("as_needed", p.span(i, j))


def read_purpose(p: Parse, i: int, j: int) -> None:
    c = p.clause
    found = reason_of(p, i, j)
    if found is None:
        return
    if c.needed and c.reason is None:
        c.reason = found
        c.mark("as_needed", p.span(i, j))
    else:
        c.indication = found
        c.mark("indication", p.span(i, j))


_PARTS = frozenset(("night", "evening", "morning", "afternoon"))


def _one_day(p: Parse, k: int) -> bool:
    """Whether lexeme k is "(the) night", and not "at night" or "every night"."""
    classes = p.lex.classes
    return classes[k] == "W" and classes[k - 1 : k] not in ("i", "q") and p.words(k, k + 1) in _PARTS


def read_event(p: Parse, i: int, j: int) -> None:
    """ "after each loose stool" says when it is needed; "before a procedure" or "with water" is advice."""
    classes = p.lex.classes
    c = p.clause
    text = p.words(i, j)
    if (
        p.lex.values[i] == "A" and c.when and _one_day(p, i - 1)
    ):  # "the night before the operation": no night of each day
        c.when.pop()
        if not c.when:
            c.spans.pop("when", None)
        i -= 1
        p.note(p.warnings, "event", i, j)
        instruct(p, i, j)
        return
    first = "1" in classes[i:j]
    if classes[i] == "B" and p.lex.values[i] == "P" and ("q" in classes[i:j] or first):
        p.clause.needed = True
        k = i + 1
        while classes[k] in "iqa":
            k += 1
        if first and p.clause.count is None:  # "2 after the first loose motion": one dose
            p.clause.count = 1
            p.clause.mark("count", p.span(i, j))
        p.clause.reason = Concept(words_of(p.text(k, j)))
        p.clause.mark("as_needed", p.span(i, j))
        p.note(p.inferred, "after-each", i, j)
        return
    if "n" in classes[i:j] or (p.lex.values[i] != "C" and not text.startswith("with")):
        p.note(p.warnings, "event", i, j)
    instruct(p, i, j)


_A_DOSE = re.compile("n[mc][^.]*?[FDTOW]")
_A_TIME = re.compile("[FOWK]|[^t]D|nT")
_STAYS = re.compile("fnt")


def read_advice_if(p: Parse, i: int, j: int) -> None:
    """ "if affected do not drive" is advice."""
    read_advice(p, i, j)


def read_advice(p: Parse, i: int, j: int) -> None:
    classes = p.lex.classes
    words = p.words(i, j)
    if "4" in classes[i:j] and any(k in "+_mcxOFD" for k in classes[i:j]):
        p.problem(f"What changes then is not understood: {p.text(i, j)}.", i, j, "Say on which day it changes.")
        return
    c = p.clause
    if c.amount is None and not c.timed and _A_DOSE.search(classes, i, j):
        p.problem(
            f"What is taken is not told apart from how it is used: {p.text(i, j)}.",
            i,
            j,
            "Begin with how much is taken.",
        )
        return
    if c.amount is not None and not c.timed and _A_TIME.search(classes, i, j):
        c.hidden.append((i, j))
    if (
        words.startswith(("leave", "remove"))
        and _STAYS.search(classes, i, j)
        and p.find("t", i, j) in ("d", "wk", "mo")
    ):
        p.problem(
            f"How long it stays in place cannot be held here: {p.text(i, j)}.", i, j, "Say on which days it changes."
        )
        return
    if words.startswith("adjust"):
        if c.amount is None:
            p.problem(f"How the dose is adjusted is not said: {p.text(i, j)}.", i, j, "Write how much, and how often.")
            return
        p.note(p.warnings, "condition", i, j)
    by_value = words.startswith(("hold if", "withhold if", "omit if", "hold when", "hold for sbp", "hold for hr"))
    if words.startswith(("skip", "omit", "hold", "alternate", "withhold", "stop", "change")) and any(
        k in ("ytKWDFOq" if by_value else "nytKWDFOq") for k in classes[i:j]
    ):
        p.problem(f"This is not understood: {p.text(i, j)}.", i, j, "Say which dose is left out, and when.")
        return
    if len(words.split()) == 1 and words in ("hold", "stop", "omit", "skip", "withhold"):
        p.problem(f"Nothing is to be taken, and for how long is not said: {p.text(i, j)}.", i, j)
        return
    if (
        words.startswith(("wait", "leave", "allow", "space", "ensure", "make sure", "keep"))
        and "n" in classes[i:j]
        and "b" in classes[i:j]
    ):
        numbers, unit = p.numbers(i, j), p.unit_of_time(i, j)
        if unit is not None and len(numbers) == 1 and numbers[0] > 0 and classes[j - 1] in "9tw":
            p.clause.min_gap = Amount(numbers[0] * unit[0], unit[1])
            p.clause.mark("min_gap", p.span(i, j))
            return
    if words.startswith(("wait", "allow", "space")) and "n" in classes[i:j]:
        p.problem(
            f"What is to happen then is not understood: {p.text(i, j)}.", i, j, "Say how long to leave between doses."
        )
        return
    instruct(p, i, j)


def read_event_days(p: Parse, i: int, j: int) -> None:
    """ "on dialysis days": no weekday that anyone could name."""
    if p.lex.values[j - 1] == "d" and p.lex.values[i] == "on":
        p.note(p.warnings, "event", i, j)
        p.clause.odd_days = (i, j)
        instruct(p, i, j)
    else:
        p.problem(f"This time is not understood: {p.text(i, j)}.", i, j, "Write it in full.")


_LIQUIDS = frozenset(("water", "juice", "milk", "liquid", "fluid"))


def read_dilution(p: Parse, i: int, j: int) -> None:
    """ "in 8 ounces of water": what it is mixed with, and no dose."""
    mixed = p.lex.classes[i] == "i" or p.lex.values[i] == "C"
    if p.lex.values[j - 1] in _LIQUIDS and mixed:
        instruct(p, i, j)
    else:
        p.problem(f"This number is not understood: {p.text(i, j)}.", i, j, "Give its unit.")


_APART = re.compile(
    "(?:do not|don't|dont|never) (?:take|use) (?:this |it |these |them )?(?:with|if|together|alongside|at the same time)\\b"
)


def read_advice_not(p: Parse, i: int, j: int) -> None:
    words = [w.strip(".,;:()") for w in p.words(i, j).split()]
    if words[0] in ("without", "never", "no", "not", "do", "don't", "dont") or words[:2] == ["do", "not"]:
        verb = next((w for w in words[1:] if w not in ("not", "to", "be", "the", "a", "your", "any", "suddenly")), "")
        if words[0] == "without" or verb in en.ADVICE_VERBS:
            instruct(p, i, j)
            return
        if verb in ("take", "use") and "n" not in p.lex.classes[i:j] and _APART.match(" ".join(words)):
            instruct(p, i, j)  # "do not take with other painkillers"
            return
        if words[0] == "no" and verb in ("alcohol", "driving", "refills", "more", "dairy", "antacids", "substitution"):
            instruct(p, i, j)
            return
    p.problem(f"What is not to be done is not understood: {p.text(i, j)}.", i, j, "Say what is to be taken, and when.")


def read_needed_if(p: Parse, i: int, j: int) -> None:
    reason = reason_of(p, i, j)
    first = p.words(i, i + 1)
    if first in ("until", "while", "unless", "where"):
        instruct(p, i, j)
        p.note(p.warnings, "condition", i, j)
        return
    p.clause.needed = True
    p.clause.reason = reason or p.clause.reason
    p.clause.mark("as_needed", p.span(i, j))


def read_route(p: Parse, i: int, j: int) -> None:
    c = p.clause
    text = p.find("r", i, j)
    if c.route is not None and c.route.text != text:
        if c.site is None and text in ("topical",):
            return
        p.note(p.left, "route", i, j)
        return
    c.route = _ROUTES.setdefault(text, Concept(text))
    c.mark("route", p.span(i, j))


_ROUTES: dict[str, Concept] = {}


_SIDE = re.compile(r"\b(?:left|right)\b")


def read_site(p: Parse, i: int, j: int) -> None:
    classes, values = p.lex.classes, p.lex.values
    k = i
    while k < j and (classes[k] in "gipk" or (classes[k] == "a")):
        k += 1
    named = [values[m] for m in range(k, j) if classes[m] in "su" and values[m]]
    text = named[0] if len(named) == 1 and j - k == 1 else words_of(p.text(k, j))
    if not text:
        return
    c = p.clause
    if c.site is not None or (classes[i] == "g" and values[i] == "or"):
        known = "" if c.site is None else c.site.text.lower()
        other = {text.lower().split()[-1], *_SIDE.findall(text.lower())} - {*known.split()}
        if known and other and (c.timed or other & {"left", "right"}):
            p.problem(
                f"A second place is named: {p.text(i, j)}.", i, j, "Write what is used where as directions of its own."
            )
        p.note(p.left, "site", i, j)
        return
    c.site = Concept(text)
    c.mark("site", p.span(i, j))


def read_take_name(p: Parse, i: int, j: int) -> None:
    for m in range(i, j):
        if p.lex.classes[m] == "^":
            read_release(p, m, m + 1)
    k = p.lex.classes.find("c", i, j)
    if k >= 0:
        p.form = p.form or p.lex.values[k]
        j = k
    if p.name is None:
        matched = next((v for v in p.lex.values[i:j] if isinstance(v, str)), None)
        p.name = (p.text(i, j), matched, i, j)
    else:
        p.note(p.left, "word", i, j)


def read_release(p: Parse, i: int, j: int) -> None:
    if p.release and p.words(i, j) != p.release.lower() and p.clause.start > 0:
        p.problem(
            f"Two products are named: {p.release} and {p.text(i, j)}.", i, j, "Write the directions of one of them."
        )
    p.release = p.release or p.text(i, j)


def read_form(p: Parse, i: int, j: int) -> None:
    p.form = p.form or p.text(i, j)


def read_pack(p: Parse, i: int, j: int) -> None:
    p.note(p.facts, "pack", i, j)


_INITIAL = frozenset(
    ("initially", "at first", "loading dose", "loading dose of", "initial dose", "initial dose of", "to start")
)


def read_verb(p: Parse, i: int, j: int) -> None:
    p.clause.verb = True
    word = p.words(i, j)
    if word in _INITIAL:
        p.clause.initial = True
    if word in (
        "chew",
        "dissolve",
        "swallow",
        "suck",
        "inhale",
        "apply",
        "instil",
        "instill",
        "inject",
        "insert",
        "infuse",
        "rub",
        "place",
    ):
        p.clause.spans.setdefault("method", p.span(i, j))


def read_off(p: Parse, i: int, j: int) -> None:
    if p.words(i, j) == "free":  # "sugar free"
        p.left.append(Note("word", p.text(i, j), p.span(i, j)))
        return
    p.problem(
        f"What follows the pause is not said: {p.text(i, j)}.", i, j, "Say how long, and whether it starts again."
    )


def read_warning(p: Parse, i: int, j: int) -> None:
    p.problem(f"{p.lex.values[i]} ({p.text(i, j)})", i, j, "Write it in full.")


def read_rest(p: Parse, i: int, j: int) -> None:
    kind = p.lex.classes[i]
    text = p.text(i, j)
    if kind in "nh":
        p.problem(f"This number is not understood: {text}.", i, j, "Say what it counts.")
    elif kind in "mVK" or kind == "?":
        if not any(q.text == text for q in p.problems):
            p.problem(f"This is not understood: {text}.", i, j)
    elif kind == "c":
        p.clause.loose.append((i, j))
    elif kind in "tTDOFhxdXk" or (kind == "q" and text.lower() != "each"):
        p.problem(f"This time or number is not understood: {text}.", i, j, "Write it in full.")
    elif kind == "j" and text.lower() in ("alternate", "alternating", "other", "opposite"):
        p.problem(f"What alternates is not understood: {text}.", i, j, "Say what is taken on which day.")
    elif kind == "g" and p.lex.values[i] == "or" and p.lex.classes[j : j + 1] in tuple("nvUOFDqWKaAz"):
        p.problem(f"Which of two ways is meant is not said: {text}.", i, j, "Give one way to take it.")
    elif kind == "~" and re.match("[OF]|n(?!t)", p.lex.classes[j : j + 2]):
        p.problem(f"How many at most is not said: {p.text(i, j + 1)}.", i, j + 1, "Give the lowest and the highest.")
    elif kind == "5":
        p.problem(f"What is left out is not understood: {text}.", i, j, "Name the days on which it is taken.")
    elif kind == "3":
        p.problem(f"How it is repeated is not said: {text}.", i, j, "Write how often, and after what time.")
    elif kind == "I" or text.lower() == "during":
        p.problem(f"On what condition, is not understood: {text}.", i, j, "Say when it is taken.")
    elif kind == "B" and p.lex.values[i] in ("A", "P"):
        p.problem(f"Before or after what, is not said: {text}.", i, j, "Name the meal, or the time.")
    elif kind in "w~B67S":
        if re.match("q(?!u)[a-z]", text.lower()):
            p.problem(f"This time is not understood: {text}.", i, j, "Write it in full.")
        if len(text) == 1 and text.isalpha():  # "T BD": without a number elsewhere, it may stand for one
            p.clause.loose.append((i, j))
        p.left.append(Note("word", text, p.span(i, j)))
    elif kind == "p" and p.lex.classes[j : j + 1] == "n":
        p.problem(f"This is not understood: {p.text(i, j + 1)}.", i, j + 1, "Write one dose, and how often.")
    elif kind == "p" and i and p.lex.classes[i - 1] == "m" and p.lex.classes[j : j + 1] == "w":
        p.problem(f"This unit is not known: {p.text(i - 1, j + 1)}.", i - 1, j + 1)
    elif kind in "UZP@":
        p.problem(f"A limit is not understood: {text}.", i, j)
    elif kind == "G":
        p.problem(f"What is not to be done is not understood: {text}.", i, j)
