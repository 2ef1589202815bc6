"""Turns one sentence of a label into the limits of a dose it sets: which amounts, for which period, for whom, for what.

Knows no label and no medicine but by the names it is given. A cue ("maximum", "not exceed", "doses above ... are not
recommended") takes an amount; amounts coordinated with that one follow it; what is a step, a rate, a level, a first dose, a
trial's dose or another medicine's is left out.
"""

from __future__ import annotations

import re
from decimal import Decimal

from attrs import evolve, frozen

from posology.labels.extract import limit_owner as o
from posology.labels.extract import limit_words as w
from posology.labels.extract.passage import names_a_drug
from posology.labels.extract.scope import POPULATION, people, use_in


@frozen
class Limit:
    """One limit as a sentence states it. ``per`` is "" where the sentence does not say; ``who`` and ``use`` are its own words."""

    value: Decimal
    unit: str
    per: str
    times: Decimal | None
    who: str
    use: str


Amount = re.Match[str]


class LimitReader:
    """Reads sentences of one label: knows by which names its own medicine goes, and how it is released (:func:`forms_in`)."""

    def __init__(self, names: frozenset[str], forms: frozenset[str] = frozenset()) -> None:
        self.names = names
        self.forms = forms

    def read(self, text: str, before: str = "", interactions: bool = False) -> list[Limit]:
        """The limits a sentence sets.

        ``before``: the words of its block that precede it, which may say the period. ``interactions``: it stands in a
        section on interactions, where a sentence that names only another medicine speaks of that one.

        >>> [(str(x.value), x.unit, x.per) for x in LimitReader(frozenset()).read("The maximum dose is 40 mg daily.")]
        [('40', 'mg', 'day')]
        """
        text = text.replace("\u2011", "-")  # the hyphen that does not break, one character as the other
        if w.ANIMAL.search(text) or w.NURSED.search(text):
            return []
        text = w.EQUIVALENT.sub(lambda m: " " * len(m[0]), text)
        counted = w.COUNTED.search(text)
        doses = [counted] if counted else w.amounts_in(text)
        if not doses or (len(doses) > 4 and re.search(r"\bTable\s+\d+\s*[.:]?\s+[A-Z]", text)):
            return []  # a table run together; its rows are read as rows
        taken = {0: counted[0]} if counted else self._taken(text, doses)
        if not taken or _of_a_trial(text):
            return []
        made = ((doses[i], self._limit(text, doses, i, taken[i], before, interactions)) for i in sorted(taken))
        return once_each(text, [(d, x) for d, x in made if x is not None])

    # -- which amounts ------------------------------------------------------------------------------------------------

    def _taken(self, text: str, doses: list[Amount]) -> dict[int, str]:
        """The amounts that are limits, by number, each with the words that made it one."""
        taken: dict[int, str] = {}
        for rx in w.BEFORE:
            for cue in rx.finditer(text):
                self._after_cue(text, cue, doses, taken)
        for cue in w.ABOVE.finditer(text):
            self._above(text, cue, doses, taken)
        for i, d in enumerate(doses):
            if i not in taken:
                tail = text[d.end() : doses[i + 1].start() if i + 1 < len(doses) else len(text)]
                self._before_cue(text, d, tail, i + 1 == len(doses), taken, i)
        for i in list(taken):
            if i + 1 < len(doses) and _same_again(text, doses[i], doses[i + 1]):
                taken.setdefault(i + 1, taken[i])
        return taken

    def _above(self, text: str, cue: re.Match[str], doses: list[Amount], taken: dict[int, str]) -> None:
        """ "Doses above 40 mg are not recommended"."""
        i = next((k for k, d in enumerate(doses) if self._follows(text, cue.end(), d.start())), None)
        if i is None:
            return
        d = doses[i]
        lead = text[: cue.start()]
        forbidden = w.AVOID_BEFORE.search(lead) or w.ABOVE_NOT.search(w.ABOVE_ENDS.split(text[d.end() :])[0][:220])
        if forbidden and w.limits_a_dose(lead) and not w.FIRST_HEAD.search(lead):
            taken.setdefault(i, cue[0])
            self._coordinated(text, doses, i, taken, cue[0])

    def _follows(self, text: str, end: int, start: int) -> bool:
        """Whether an amount follows a cue at once, or after the medicine's own name."""
        gap = text[end:start]
        return 0 <= start - end <= 6 or (start > end and (self._own(gap) or bool(w.AS_RECOMMENDED.fullmatch(gap))))

    def _before_cue(self, text: str, d: Amount, tail: str, last: bool, taken: dict[int, str], i: int) -> None:
        """ "40 mg should not be exceeded", "40 mg is the maximum"."""
        if w.BE_EXCEEDED.search(tail) and w.limits_a_dose(text[: d.start()]):
            taken[i] = tail
        m = w.IS_MAX.search(tail)
        if (
            m
            and not re.match(r"\s*(?:dos(?:e|age)s?\s*)?(?:of|is|:|=|should|\d)", tail[m.end() :])
            and (last or tail[m.end() :].strip(" ,:=("))  # else the amount that follows is the maximum
            and not w.NOT_BETWEEN_AMOUNT_AND_MAX.search(m[0])
        ):
            taken[i] = m[0]

    def _after_cue(self, text: str, cue: re.Match[str], doses: list[Amount], taken: dict[int, str]) -> None:
        """ "a maximum of 40 mg", "should not exceed 40 mg": the first amount after the cue, where nothing parts them."""
        before = text[: cue.start()]
        named = bool(re.match(r"\W*(?:max|highest|upper|ceiling|cap)", cue[0], re.I))
        if w.not_a_dose_limit(before, cue[0], named):
            return
        if named:
            for k, d in enumerate(doses):
                if w.COUNTED_TOTAL.fullmatch(text[cue.end() : d.start()]):
                    taken.setdefault(k, cue[0])
                    return
        i = next((k for k, d in enumerate(doses) if d.start() >= cue.end() - 1), None)
        if i is None or (named and w.HAS_BEEN_GIVEN.match(text[doses[i].end() :])):
            return
        between = text[cue.end() : doses[i].start()]
        if w.parted(before, cue[0], between, named):
            return
        if re.match(r"limit", cue[0], re.I) and not re.search(
            r"dos(?:e|age|ing)|\bmg\b|daily|maximum", text[max(0, cue.start() - 60) : doses[i].end() + 30], re.I
        ):
            return
        row = _row_of(text, doses, i)
        if len(row) > 1:  # a table run together: a row of amounts under the heads that were named before
            for k in _column(text, doses, cue, row):
                taken.setdefault(k, cue[0])
            return
        taken.setdefault(i, cue[0] + between)
        self._coordinated(text, doses, i, taken, cue[0] + between)

    def _coordinated(self, text: str, doses: list[Amount], i: int, taken: dict[int, str], cue: str) -> None:
        """Amounts coordinated with one: "40 mg in adults and 20 mg in children", "3 mg/kg or 200 mg", "85 mg; for X, 45 mg"."""
        for k in range(i + 1, len(doses)):
            between = text[doses[k - 1].end() : doses[k].start()]
            after = text[doses[k].end() : doses[k + 1].start() if k + 1 < len(doses) else len(text)]
            if "lb" in (doses[k]["kg"] or "") and re.search(r"\(\s*$", between):
                continue  # "4.5 mg/kg (2 mg/lb)" says it twice
            same_kind = doses[k]["unit"].lower() == doses[k - 1]["unit"].lower()
            if not (
                w.PAIRED.fullmatch(between)
                or _next_item(between, after)
                or _alternative(between, after)
                or self._coordinate(between, after, same_kind)
            ):
                return
            taken.setdefault(k, cue)

    def _coordinate(self, between: str, after: str, same_kind: bool) -> bool:
        """Whether what stands between two amounts joins the second to the first."""
        if re.match(r"\W{0,3}(?:not\s+to\s+exceed|max)", after, re.I):
            return False  # its own limit follows
        if (
            len(between) > 110
            or re.search(r"\.\s", between)
            or not re.search(r"(?:\band\b|\bor\b|\bup\s+to\b|\(|,)(?:[^,;]{0,70})$", between)
        ):
            return False
        if ";" in between:
            return False
        if between.count("(") > between.count(")") and not re.search(r"\(\s*(?:or|up\s+to|max)", between, re.I):
            aside = re.match(r"[^();]{0,30}?\b(?:in|for|if|when|with)\s[^();]*\)", after)
            return bool(aside and POPULATION.search(aside[0]))
        parallel = (w.PEOPLE_BETWEEN.match(between) and re.match(r"[^.;,]{0,25}?\bfor\s", after)) or re.fullmatch(
            r"\s*with(?:out)?\s+[^,;]{3,40}\band\s+|\s*,?\s*(?:and|or|but)\s+with(?:out)?\s+[^,;]{2,40}", between
        )
        fresh = w.OTHER_THOUGHT.search(between) and not re.search(r"\band\s+(?:a\s+)?(?:maximum|max)", between, re.I)
        if fresh and not (w.PEOPLE_BETWEEN.match(between) or parallel):
            return False
        partner = re.fullmatch(r"\s*(?:daily\s+)?(?:and|plus)\s+(.+)", between)  # each ingredient has its limit
        both = re.fullmatch(r"\s*(?:of\s+)?([A-Za-z-]+)\s+(?:and|plus)\s+", between)
        return bool(
            POPULATION.search(between)
            or POPULATION.match(after[:60].lstrip(" /daypermg"))
            or parallel
            or re.search(r"\band\s+for\s+(?:[\w-]+\s+){1,5}$", between, re.I)
            or re.search(r"^[^,;]{0,40}\bfirst\s+(?:day|week)\b[^,;]{0,20}\band\s+$", between, re.I)
            or (partner and self._own(partner[1]))
            or (both and self._own(both[1]))
            or (same_kind and re.search(r"respectively|whichever", after, re.I))
        )

    # -- what a taken amount says ---------------------------------------------------------------------------------------

    def _limit(
        self, text: str, doses: list[Amount], i: int, cue: str, context: str, interactions: bool
    ) -> Limit | None:
        d = doses[i]
        end = doses[i + 1].start() if i + 1 < len(doses) else len(text)
        before, tail = text[: d.start()], text[d.end() : end]
        near = w.NEAR_ENDS.split(tail)[0][:70]
        if (
            re.match(
                r"\s*(?:/\s*day\s+|(?:per|a)\s+day\s+|daily\s+)?(?:weekly\s+|daily\s+)?(?:increments?|steps?|intervals?)",
                tail,
                re.I,
            )
            or w.AS_FIRST.match(near)
            or w.PER_SITE.match(tail)
            or self._of_food(before, tail)
            or self._other_form(before)
            or w.ENOUGH.search(before)
            or self._another(before, near, text, interactions)
        ):
            return None
        unit = w.unit_name(d["unit"], d["kg"])
        value = w.value_of(d["num"])
        per, times = self._period(text, doses, i, near, cue, context)
        if per == "" and w.countable(unit):
            if d["unit"].lower().startswith(("injection", "vial", "application")):
                return None
            if re.search(r"tablet|capsule|caplet|gel|dose", unit) and not re.search(
                r"maxim|exceed|dose|recommended", text, re.I
            ):
                return None
        if unit == "mL" and per == "" and not re.search(r"daily|dose|24|\(max\w*", f"{cue} {before[-60:]}", re.I):
            return None
        inner = re.match(r"([\d.]+)[\s-](mg)\s", d["unit"])
        if inner and value == 1:  # "one 5-mg tablet" is 5 mg
            value, unit = Decimal(inner[1]), "mg"
        since = doses[i - 1].end() if i else 0
        if i + 1 < len(doses) and w.BRACKET_OPENS.search(tail):  # "100 mg three times a day (300 mg/day) in ..."
            end = doses[i + 2].start() if i + 2 < len(doses) else len(text)
        who, use = people(text, d.start(), d.end(), since, end), use_in(text, d.start(), d.end(), since, end)
        return Limit(value, unit, per, times, who, use)

    def _period(
        self, text: str, doses: list[Amount], i: int, near: str, cue: str, context: str
    ) -> tuple[str, Decimal | None]:
        """The period of an amount: by the words after it, by its cue, by the rest of its sentence, by what was said before."""
        d = doses[i]
        end = doses[i + 1].start() if i + 1 < len(doses) else len(text)
        before = text[: d.start()]
        per, times = w.period(w.trimmed(near))
        if per == "week" and w.TIMES_A_WEEK.search(near):
            return "dose", times  # "20 mcg three times a week": the amount is one dose
        if per:
            return per, times
        if bracket := re.match(r"\s*\([^)]*\)", text[d.end() :]):
            per, times = w.period(w.trimmed(w.NEAR_ENDS.split(text[d.end() + bracket.end() :])[0][:50]))
            if per:
                return per, times
        if i + 1 < len(doses):
            joined = o.WITH_PARTNER.fullmatch(text[d.end() : end])
            paired = w.PAIRED.fullmatch(text[d.end() : end])
            if paired or (joined and all(map(self._medicine, w.words_of(joined[1])))):
                after = text[doses[i + 1].end() :]  # "700 mg plus B 100 mg twice daily": the times are those of both
                per, times = w.period(w.trimmed(re.split(r"[;.(]\s", after)[0][:40]))
                if per:
                    return per, times
            if _sums_to(d, text, doses[i + 1]):
                return "day", None
        per = w.period_of_cue(f"{cue} {w.BRACKETS.sub(' ', before)[-60:]}", cue)
        if per:
            return per, None
        if w.OF_ONE_DOSE.search(w.BRACKETS.sub(" ", before)) or w.EACH_DOSE.search(before):
            return "dose", None
        rest = text[d.end() : min(end, d.end() + 160)]
        if w.SAYS_A_DAY.search(rest):
            per, times = w.period(w.trimmed(rest))
            if per:
                return per, None if per == "day" else times
            if re.search(r"\bin\s+any\s+one\s+day\b|\bin\s+(?:a|any)\s+24[\s-]hour", rest, re.I):
                return "day", None
        if re.search(r"\bevery\s+(?:48|72)[\s-]*hours|\bevery\s+other\s+day", text[d.end() : end], re.I):
            return "dose", None
        return w.period_before(context, before, w.value_of(d["num"]), w.unit_name(d["unit"], d["kg"]))

    # -- whose medicine -------------------------------------------------------------------------------------------------

    def _another(self, before: str, near: str, text: str, interactions: bool) -> bool:
        """Whether an amount is a dose of another medicine: "the dose of X", "40 mg of X", "X should not exceed"."""
        owners = [m["name"] for rx in o.OWNERS_AFTER for m in [rx.match(near)] if m]
        if limited := o.LIMITED.search(before):
            owners.append(limited["name"])
        owners += [m["name"] for rx in o.OWNERS for m in rx.finditer(before)]
        *_, last = (
            None,
            *o.DOSE_OF.finditer(before),
        )  # "the dose of X can be raised; a dose above 40 mg is not recommended"
        if last is not None and not self.names.intersection(w.words_of(before[last.end() :])):
            owners.append(last["name"])
        if o.OF_THE_LATTER.search(before) or any(map(self._foreign, owners)):
            return True
        own = w.words_of(re.sub(r"\b(?:with|taking|receiving)\s+(?:the\s+)?[\w-]+", " ", text, flags=re.I))
        if not interactions or any(x in self.names for x in own):
            return False
        # among interactions a sentence that names only the other medicine speaks of that one's dose, unless it is taken "with" it
        return any(names_a_drug(x) for x in w.words_of(o.TAKEN_TOO.sub(" ", before)))

    def _of_food(self, before: str, tail: str) -> bool:
        """Whether an amount is of what is eaten or drunk ("more than 150 mg of tyramine"), and not of a medicine so called."""
        if o.EATEN.search(before):
            return True
        m = o.OF_FOOD.match(tail)
        if m is None or self.names.intersection(w.words_of(tail[: m.end() + 30])):
            return False
        return bool(m["never"] and re.match(r"\W*of\b", tail)) or bool(o.IN_FOOD.search(before))

    def _other_form(self, before: str) -> bool:
        """Whether an amount is the maximum of another form, set against that of the label's own: "although that of the tablets is"."""
        form = o.OF_A_FORM.search(before)
        return form is not None and bool(self.forms) and o.form_name(form["form"]) not in self.forms

    def of_another(self, tail: str) -> bool:
        """Whether the words right after an amount give it to another medicine: "40 mg of X"."""
        return any(self._foreign(m["name"]) for rx in o.OWNERS_AFTER for m in [rx.match(tail)] if m)

    def of_another_before(self, lead: str) -> bool:
        """Whether the words before a cue give what follows to another medicine: "the effect of X at the highest dose"."""
        m = o.GIVEN_AT.search(lead)
        return m is not None and self._foreign(m["name"])

    def _own(self, words: str) -> bool:
        """Whether some words are nothing but the label's own names ("higher than examplone 80 mg")."""
        named = re.findall(r"[a-z][\w-]*", words.lower())
        return 0 < len(named) <= 3 and self.names.issuperset(named)

    def _medicine(self, word: str) -> bool:
        """Whether a lower-case word names the label's medicine or another."""
        return word in self.names or names_a_drug(word)

    def _foreign(self, word: str) -> bool:
        """Whether a word names another medicine than the label's."""
        x = word.lower()
        if x in self.names or any(p in self.names for p in x.split("-")):
            return False
        return names_a_drug(x)


def _row_of(text: str, doses: list[Amount], i: int) -> list[int]:
    """The amounts from one on that follow each other with nothing between them but space."""
    row = [i]
    while row[-1] + 1 < len(doses) and not text[doses[row[-1]].end() : doses[row[-1] + 1].start()].strip(" |"):
        row.append(row[-1] + 1)
    return row


def _column(text: str, doses: list[Amount], cue: re.Match[str], row: list[int]) -> list[int]:
    """The amounts of each row under the head that a cue is, where the heads are as many as the amounts; else none."""
    heads = [m.start() for m in w.COLUMN_HEADS.finditer(text[max(0, cue.start() - 200) : doses[row[0]].start()])]
    at = cue.start() - max(0, cue.start() - 200)
    if len(heads) != len(row) or not any(abs(h - at) < 4 for h in heads):
        return []
    place = next(n for n, h in enumerate(heads) if abs(h - at) < 4)
    found: list[int] = []
    while row:
        if len(row) == len(heads):
            found.append(row[place])
        row = _row_of(text, doses, row[-1] + 1) if row[-1] + 1 < len(doses) else []
    return found


def once_each(text: str, limits: list[tuple[Amount, Limit]]) -> list[Limit]:
    """The limits of one sentence or cell with what is said twice said once: "40 mg twice daily (80 mg/day)" is a day's 80 mg.

    The day's limit then says in how many doses; pieces a dose with the day's mass in brackets are that mass.
    """
    out: list[Limit] = []
    at = 0
    for d, x in limits:
        y = out[-1] if out else None
        if y is not None and w.SAID_AGAIN.search(text[at : d.start()]) and _again(y, x):
            out[-1] = evolve(x, times=y.times, who=x.who or y.who, use=x.use or y.use)
        else:
            out.append(x)
        at = d.end()
    return out


def _again(y: Limit, x: Limit) -> bool:
    """Whether a day's limit in brackets is one of a dose, said for the day."""
    if (y.per, x.per) != ("dose", "day") or y.times is None:
        return False
    return y.value * y.times == x.value if y.unit == x.unit else w.countable(y.unit) and not w.countable(x.unit)


def _of_a_trial(text: str) -> bool:
    """Whether a sentence tells what a trial gave or what somebody swallowed, and recommends nothing."""
    if w.TRIAL.search(text) and not w.RECOMMENDS.search(text):
        return True
    return bool(w.OVERDOSE.search(text)) and not re.search(r"\b(?:do|should|must)\s+not\b|maximum", text, re.I)


def _same_again(text: str, d: Amount, after: Amount) -> bool:
    """Whether the next amount says the same in another measure: "40 mg twice daily (80 mg/day)", "3 doses (15 mg)"."""
    between = text[d.end() : after.start()]
    counted = not re.match(w.MASS, d["unit"], re.I)
    if not (counted or w.period(w.trimmed(between))[1] is not None or w.FOR_A_TOTAL.search(between)):
        return False
    if w.IN_TOTAL.search(between) and w.A_PERIOD.match(text[after.end() :]):
        return True
    return counted and bool(re.search(r"\(\s*$", between)) and bool(re.match(r"\s*\)", text[after.end() :]))


def _sums_to(d: Amount, text: str, after: Amount) -> bool:
    """Whether an amount is the sum of the doses in brackets after it: "300 mg (150 mg twice daily)" is a day's."""
    if not re.fullmatch(r"\s*(?:total\s+)?\(\s*(?:as\s+|i\.e\.,?\s*|given\s+as\s+)?", text[d.end() : after.start()]):
        return False
    per, times = w.period(w.trimmed(text[after.end() :][:40]))
    if per != "dose" or times is None or w.unit_name(d["unit"]) != w.unit_name(after["unit"]):
        return False
    return w.value_of(after["num"]) * times == w.value_of(d["num"])


def _next_item(between: str, after: str) -> bool:
    """Whether the next amount is the next item of a list in one sentence: "60 mg; children, 30 mg", "2 g in adults; 1 g in ..."."""
    m = w.ITEM.fullmatch(between)
    if m is None or w.NEW_CLAUSE.search(m["scope"]) or w.ITEM_GOES_ON.search(after):
        return False
    scope = m["scope"].strip(" ,:")
    if scope:
        return bool(POPULATION.search(scope) or re.match(r"(?:for|in|with|if|when)\s", scope, re.I) or m["mark"])
    return bool(re.match(r"[^.;,]{0,25}?\b(?:in|for)\s", after))


def _alternative(between: str, after: str) -> bool:
    """Whether the next amount stands beside the first by "or" or "up to": "3 mg/kg or 200 mg, whichever is less"."""
    if w.ALTERNATIVE.fullmatch(between):
        return True
    # "more than 1 dose for an attack or 3 sprays in 24 hours"
    return bool(re.search(r"\bor\s+$", between)) and len(between) < 40 and bool(w.A_DAY_AFTER.match(after))
