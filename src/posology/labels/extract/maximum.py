"""Turns a label's sentences and tables into the maximum doses it states: value, unit, period, for whom, for what.

Knows no medicine by name. Maxima of animals, trials, overdoses, first doses, steps, levels and other medicines are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from posology.labels.extract.limit_words import (
    A_TIME,
    ABOVE,
    ABOVE_ENDS,
    ABOVE_NOT,
    ANIMAL,
    AS_FIRST,
    AVOID_BEFORE,
    BE_EXCEEDED,
    BEFORE,
    CLAUSE_END,
    CONDITION,
    COUNTED,
    COUNTED_TOTAL,
    CUE,
    DOSE,
    DOSING,
    EACH_DOSE,
    ENOUGH,
    EXCLUDED,
    FIRST_DOSE,
    FIRST_HEAD,
    FOR_USE,
    GENERIC_TITLE,
    GROUP_TITLE,
    HAS_BEEN_GIVEN,
    INTERACTIONS,
    IS_MAX,
    MASS,
    MULTIPLE,
    NUMBER,
    NUMBERED,
    NURSED,
    OF_ONE_DOSE,
    OF_THE_LATTER,
    OTHER_THOUGHT,
    OVERDOSE,
    OWNERS,
    PEOPLE_BETWEEN,
    PER_SITE,
    POPULATION,
    STEP,
    TAKEN_TOO,
    TIMES_A_WEEK,
    TRIAL,
    WAS_RAISED,
    WITH_PARTNER,
    amounts_in,
    limits_a_dose,
    period,
    unit_name,
    value_of,
    words_of,
)
from posology.labels.extract.passage import Passage, Sentence, names_a_drug, own_words, passage
from posology.labels.record import Block, Label, Place


@frozen
class MaximumDose:
    """One stated maximum. ``per``: "day", "dose", "week", "night", "month", "course", or "" where it is not stated.

    ``value`` and ``unit`` as the label writes them; ``unit`` of a maximum by body weight is "mg/kg".
    ``times_per_day``: of a maximum per dose that also says how often. Empty population or indication: not restricted.
    """

    value: Decimal
    unit: str
    per: str
    population: str
    indication: str
    section_code: str
    quote: str
    passage: Passage
    times_per_day: Decimal | None = None

    @property
    def per_day(self) -> Decimal | None:
        """The most in a day, where it is stated or follows from the times a day."""
        if self.per == "day":
            return self.value
        if self.per == "dose" and self.times_per_day is not None:
            return self.value * self.times_per_day
        return None


class _Finder:
    def __init__(self, label_names: frozenset[str]) -> None:
        self.names = label_names
        self.found: list[MaximumDose] = []

    # -- one sentence ---------------------------------------------------------------------------------------------

    def sentence(self, s: Sentence, context: str, indication: str, population: str) -> list[MaximumDose]:
        text = s.text
        if ANIMAL.search(text) or NURSED.search(text):
            return []
        counted = COUNTED.search(text)
        if counted:
            made = self._make(s, text, [counted], 0, counted[0], context, indication, population)
            return [made] if made is not None else []
        doses = amounts_in(text)
        if not doses:
            return []
        taken: dict[int, str] = {}
        for rx in BEFORE:
            for cue in rx.finditer(text):
                self._after_cue(text, cue, doses, taken)
        for cue in ABOVE.finditer(text):
            i = next(
                (
                    k
                    for k, d in enumerate(doses)
                    if 0 <= d.start() - cue.end() <= 6
                    or (d.start() > cue.end() and self._own(text[cue.end() : d.start()]))
                ),
                None,
            )
            forbidden = i is not None and (
                AVOID_BEFORE.search(text[: cue.start()])
                or ABOVE_NOT.search(ABOVE_ENDS.split(text[doses[i].end() :])[0][:220])
            )
            if (
                i is not None
                and forbidden
                and limits_a_dose(text[: cue.start()])
                and not FIRST_HEAD.search(text[: cue.start()])
            ):
                taken.setdefault(i, cue[0])
                self._chain(text, doses, i, taken, cue[0])
        for i, d in enumerate(doses):
            tail = text[d.end() : doses[i + 1].start() if i + 1 < len(doses) else len(text)]
            if i in taken:
                continue
            if BE_EXCEEDED.search(tail) and limits_a_dose(text[: d.start()]):
                taken[i] = tail
            m = IS_MAX.search(tail)
            if (
                m
                and not re.match(r"\s*(?:of|is|:|=|should|\d)", tail[m.end() :])
                and (i + 1 == len(doses) or m.end() < len(tail.rstrip()))
                and not re.search(
                    r"\b(?:and|but|with|to|up|until|unless|increas\w+|titrat\w+|not|every|then|may|followed|before|after|adjust\w*)\b",
                    m[0],
                    re.I,
                )
            ):
                taken[i] = m[0]
        if len(doses) > 4 and re.match(r"\s*Table\s+\d", text):
            return []  # a table run together; its rows are read as rows
        for i in list(taken):
            if i + 1 < len(doses) and (
                period(_trim(text[doses[i].end() : doses[i + 1].start()]))[1] is not None
                or not re.match(MASS, doses[i]["unit"], re.I)
                or re.search(r"\bfor\s+a\s+total\s+of\s+$", text[doses[i].end() : doses[i + 1].start()])
            ):
                total = text[doses[i].end() : doses[i + 1].start()]
                if re.search(
                    r"\bfor\s+a\s+total\s+of\s+$|\(\s*(?:i\.?e\.?,?\s*|total\s+(?:of\s+)?|=\s*)?(?:total\s+(?:daily\s+)?dose\s*(?:of|:|=|,)?\s*)?$",
                    total,
                ) and re.match(
                    r"\s*(?:/\s*day|per\s+(?:day|week)|daily|weekly|a\s+(?:day|week)|total)", text[doses[i + 1].end() :]
                ):
                    taken.setdefault(i + 1, taken[i])
                elif (
                    re.search(r"\(\s*$", total)
                    and re.match(r"\s*\)", text[doses[i + 1].end() :])
                    and not re.match(MASS, doses[i]["unit"], re.I)
                ):
                    taken.setdefault(i + 1, taken[i])  # "3 doses in 24 hours (15 mg)"
        out: list[MaximumDose] = []
        trial = TRIAL.search(text)
        if trial and not re.search(
            r"\b(?:should|must|do)\s+not\b|not\s+to\s+exceed|recommended\s+(?:maximum|daily)|maximum\s+recommended|not\s+recommended",
            text,
            re.I,
        ):
            return []
        if OVERDOSE.search(text) and not re.search(r"\b(?:do|should|must)\s+not\b|maximum", text, re.I):
            return []
        for i in sorted(taken):
            made = self._make(s, text, doses, i, taken[i], context, indication, population)
            if made is not None:
                out.append(made)
        return out

    def _after_cue(self, text: str, cue: re.Match[str], doses: list[re.Match[str]], taken: dict[int, str]) -> None:
        before = text[: cue.start()]
        named = re.match(r"\W*(?:max|highest|upper|ceiling|cap)", cue[0], re.I)
        if (
            MULTIPLE.search(before)
            or (named and WAS_RAISED.search(before))
            or (not named and not limits_a_dose(before))
            or STEP.search(before + cue[0])
            or STEP.search(before.rstrip())
        ):
            return
        if re.match(r"\W*(?:not|never|n['’]t|no\b|by|without)", cue[0], re.I) and FIRST_DOSE.search(
            CLAUSE_END.split(before)[-1]
        ):
            return
        if re.search(r"\b(?:started|begun|begin|initiated|start)\s+(?:on|at|with)\s+(?:[\w-]+\s+){0,6}$", before, re.I):
            return
        if re.search(
            r"\bif\s+[^.,;]{0,40}$|\bwhen\s+[^.,;]{0,25}$|\bto\s+reach\s+[^.,;]{0,10}$", before, re.I
        ) and re.match(r"exceed", cue[0], re.I):
            return
        total = named and next(
            (k for k, d in enumerate(doses) if COUNTED_TOTAL.fullmatch(text[cue.end() : d.start()])), None
        )
        if isinstance(total, int):
            taken.setdefault(total, cue[0])
            return
        i = next((k for k, d in enumerate(doses) if d.start() >= cue.end() - 1), None)
        if i is None:
            return
        if named and HAS_BEEN_GIVEN.match(text[doses[i].end() :]):
            return
        between = text[cue.end() : doses[i].start()]
        if len(between) > (190 if re.search(r"\b(?:is|are|of|be|to|:)\s*(?:a\s+total\s+of\s+)?$", between) else 95):
            return
        if ";" in between or re.search(
            r"\btimes\b(?!\s+(?:a|per)\s+day)|\bintervals?\b|\bevery\b|\bincrements?\b|\bstart\w*\b|\binitial\w*\b|\bstrength|\bpackage|\bcontain\w*|\bfollowed\b|\bwithin\s+\d|(?<!24 )(?<!24-)\bhours\b|\bthan\s+(?:that|those)\b|\btaking\b|\bminimum\b|\bgiven\s+(?:as|in(?!\s+(?:24|a\s+day|one\s+day|any)))\b|\bsmallest\b|\blowest\b|\beffective\s+amount|\btolerated\b|\bincrease[sd]?\b|\bdivided\b",
            between,
            re.I,
        ):
            return
        if re.search(r"\b(?:smallest|lowest|minimum)\b(?:(?!\band\b)[^.;]){0,40}$", before, re.I):
            return
        if not named and (
            A_TIME.match(between)
            or re.search(r"\b(?:take|give|apply|use|chew|ask|recommended\s+dos(?:e|age)\s+adults)\b", between, re.I)
        ):
            return
        if re.search(r"more|greater|higher|larger|above", cue[0], re.I) and len(between) > 30:
            return
        if re.match(r"limit", cue[0], re.I) and not re.search(
            r"dos(?:e|age|ing)|\bmg\b|daily|maximum", text[max(0, cue.start() - 60) : doses[i].end() + 30], re.I
        ):
            return
        taken.setdefault(i, cue[0] + between)
        self._chain(text, doses, i, taken, cue[0] + between)

    def _chain(self, text: str, doses: list[re.Match[str]], i: int, taken: dict[int, str], cue: str) -> None:
        """Amounts coordinated with the first: "40 mg in adults and 20 mg in children", "3 mg/kg or 200 mg"."""
        for k in range(i + 1, len(doses)):
            between = text[doses[k - 1].end() : doses[k].start()]
            if "lb" in (doses[k]["kg"] or "") and re.search(r"\(\s*$", between):
                continue  # "4.5 mg/kg (2 mg/lb)" says it twice
            if len(between) > 110 or (
                ";" in between
                and not re.search(
                    r";\s*(?:and\s+)?(?:[\w-]+\s+){0,3}?(?:adults|children|adolescents|elderly|patients|pediatric)[\w\s]{0,30}[,:]?\s*$",
                    between,
                )
            ):
                return
            if not re.search(r"(?:\band\b|\bor\b|\bup\s+to\b|\(|,|;)(?:[^,;]{0,70})$", between):
                return
            parallel = (
                PEOPLE_BETWEEN.match(between) and re.match(r"[^.;,]{0,25}?\bfor\s", text[doses[k].end() :])
            ) or re.fullmatch(
                r"\s*with(?:out)?\s+[^,;]{3,40}\band\s+|\s*,?\s*(?:and|or|but)\s+with(?:out)?\s+[^,;]{2,40}", between
            )
            fresh = OTHER_THOUGHT.search(between) and not re.search(r"\band\s+(?:a\s+)?(?:maximum|max)", between, re.I)
            if fresh and not (PEOPLE_BETWEEN.match(between) or parallel):
                return
            if between.count("(") > between.count(")") and not re.search(r"\(\s*(?:or|up\s+to|max)", between, re.I):
                return
            people = POPULATION.search(between) or POPULATION.match(
                text[doses[k].end() : doses[k].end() + 60].lstrip(" /daypermg")
            )
            alternative = re.fullmatch(
                r"\)?(?:\s*(?:[a-z]+\s+){0,2}?(?:/\s*day|daily|per\s+day|a\s+day|of\s+body\s+weight|as\s+a\s+single\s+dose|per\s+dose|at\s+(?:one|a)\s+time|in\s+a\s+single\s+dose))?\s*(?:,)?\s*\(?\s*(?:or|up\s+to|and\s+not\s+more\s+than)\s+(?:a\s+(?:maximum|total)\s+of\s+|up\s+to\s+)?",
                between,
                re.I,
            )
            if (
                re.search(r"\bor\s+$", between) and len(between) < 40
            ):  # "more than 1 dose for an attack or 3 sprays in 24 hours"
                alternative = alternative or re.match(
                    r"\s*(?:in\s+(?:any\s+|a\s+)?24|per\s+day|a\s+day|daily|/\s*day)", text[doses[k].end() :]
                )
            same_kind = doses[k]["unit"].lower() == doses[k - 1]["unit"].lower()
            partner = re.fullmatch(r"\s*(?:daily\s+)?(?:and|plus)\s+(.+)", between)  # each ingredient has its limit
            by_day = re.search(r"^[^,;]{0,40}\bfirst\s+(?:day|week)\b[^,;]{0,20}\band\s+$", between, re.I)
            other_use = re.search(r"\band\s+for\s+(?:[\w-]+\s+){1,5}$", between, re.I)
            if (
                not people
                and not alternative
                and not other_use
                and not by_day
                and not parallel
                and not (partner and self._own(partner[1]))
                and not (same_kind and re.search(r"respectively|whichever", text[doses[k].end() :], re.I))
            ):
                return
            taken.setdefault(k, cue)

    def _make(
        self,
        s: Sentence,
        text: str,
        doses: list[re.Match[str]],
        i: int,
        cue: str,
        context: str,
        indication: str,
        population: str,
    ) -> MaximumDose | None:
        d = doses[i]
        end = doses[i + 1].start() if i + 1 < len(doses) else len(text)
        tail = text[d.end() : end]
        near = re.split(r"[;.]\s|\(|\band\s+(?:the|a|be|should|may|is|are|given|repeat\w*|maxim\w+)\b", tail)[0][:70]
        if re.match(r"\s*(?:increments?|steps?|intervals?)", tail, re.I):
            return None
        if AS_FIRST.match(near):
            return None
        unit = unit_name(d["unit"], d["kg"])
        of = re.match(
            r"\s*(?:(?:daily|per\s+day|a\s+day|/\s*day)\s+)?(?:doses?\s+)?of\s+(?:the\s+)?([A-Za-z][\w-]{5,})", near
        )
        if of and self._foreign(of[1]):
            return None
        limited = re.search(
            r"\b[Ll]imit(?:ed|ing|s)?\s+(?:the\s+)?(?:(?:total\s+)?(?:daily\s+)?(?:dose|dosage)\s+of\s+)?([a-z][\w-]{5,})(?:\s+(?:dose|dosage))?\s+to\s*$",
            text[: d.start()],
        )
        if limited and self._foreign(limited[1]):
            return None
        other = re.match(
            r"\s*(?:of\s+(?:the\s+)?|/)?(?P<name>[A-Za-z][\w-]{3,})(?:\s+(?:daily|per|a\s+day|/day|in\s+24))?", near
        )
        if other and self._foreign(other["name"]):
            return None
        before = text[: d.start()]
        if self._of_another(s, before, text):
            return None
        if PER_SITE.match(tail) or ENOUGH.search(before):
            return None
        per, times = period(_trim(near))
        bracket = re.match(r"\s*\([^)]*\)", text[d.end() :])
        if per == "" and bracket:
            per, times = period(_trim(text[d.end() + bracket.end() :][:50]))
        partner = WITH_PARTNER.fullmatch(tail)
        if per == "" and i + 1 < len(doses) and partner and all(map(self._medicine, words_of(partner[1]))):
            after = text[doses[i + 1].end() :]  # "700 mg plus B 100 mg twice daily": the times are those of both
            per, times = period(_trim(re.split(r"[;.(]\s", after)[0][:40]))
        if per == "week" and TIMES_A_WEEK.search(near):
            per = "dose"  # "20 mcg three times a week": the amount is one dose
        lead = f"{cue} {before[-60:]}"
        if unit in ("mL",) and per == "" and not re.search(r"daily|dose|24", lead, re.I):
            return None
        if per == "":
            per = _period_of_cue(lead, cue)
        if per == "" and (OF_ONE_DOSE.search(re.sub(r"\([^()]*\)", " ", before)) or EACH_DOSE.search(before)):
            per = "dose"
        if per == "" and d["unit"].lower() in (
            "injection",
            "injections",
            "vial",
            "vials",
            "application",
            "applications",
        ):
            return None
        if per == "":
            rest = text[d.end() : min(end, d.end() + 160)]
            per, times = (
                period(_trim(rest))
                if re.search(
                    r"\bdaily\b|/day|per\s+day|a\s+day|(?:one|24[\s-]hours?)[\s-]+(?:day|period)",
                    rest,
                    re.I,
                )
                else ("", None)
            )
            if per == "" and re.search(r"\bin\s+any\s+one\s+day\b|\bin\s+(?:a|any)\s+24[\s-]hour", rest, re.I):
                per = "day"
            if per == "" and re.search(
                r"\bevery\s+(?:48|72)[\s-]*hours|\bevery\s+other\s+day", text[d.end() : end], re.I
            ):
                per = "dose"
            times = None if per == "day" else times
        if per == "" and re.search(r"\b(?:daily|per\s+day|a\s+day|/\s*day|24\s+hours)\b", before + " " + context, re.I):
            per = "day"
        if per == "":
            counts = re.search(r"tablet|capsule|caplet|gel|dose", unit)
            if counts and not re.search(r"maxim|exceed|dose|recommended", text, re.I):
                return None
        value = value_of(d["num"])
        inner = re.match(r"([\d.]+)[\s-](mg)\s", d["unit"])
        if inner and value == 1:  # "one 5-mg tablet" is 5 mg
            value, unit = Decimal(inner[1]), "mg"
        people = self._people(text, doses, i) or population
        use = indication
        m = FOR_USE.search(text)
        if m:
            use = " ".join((m["use"] or m["use2"] or "").split()) or indication
        return MaximumDose(
            value=value,
            unit=unit,
            per=per,
            population=people,
            indication=use,
            section_code=s.passage.section_code,
            quote=text,
            passage=s.passage,
            times_per_day=times,
        )

    def _of_another(self, s: Sentence, before: str, text: str) -> bool:
        """Whether the amount after some words is a dose of another medicine: "the dose of X", "X should not exceed"."""
        if OF_THE_LATTER.search(before):
            return True
        owners = [m["name"] for rx in OWNERS for m in rx.finditer(before)]
        if any(self._foreign(w) for w in owners):
            return True
        own = words_of(re.sub(r"\b(?:with|taking|receiving)\s+(?:the\s+)?[\w-]+", " ", text, flags=re.I))
        if INTERACTIONS not in s.place.codes or any(w in self.names for w in own):
            return False
        # among interactions a sentence that names only the other medicine speaks of that one's dose, unless it is taken "with" it
        return any(names_a_drug(w) for w in words_of(TAKEN_TOO.sub(" ", before)))

    def _own(self, words: str) -> bool:
        """Whether some words are nothing but the label's own names ("higher than examplone 80 mg")."""
        named = re.findall(r"[a-z][\w-]*", words.lower())
        return 0 < len(named) <= 3 and self.names.issuperset(named)

    def _medicine(self, word: str) -> bool:
        """Whether a lower-case word names the label's medicine or another."""
        return word in self.names or names_a_drug(word)

    def _foreign(self, word: str) -> bool:
        """Whether a word names another medicine than the label's."""
        w = word.lower()
        if w in self.names or any(p in self.names for p in w.split("-")):
            return False
        return names_a_drug(w)

    def _people(self, text: str, doses: list[re.Match[str]], i: int) -> str:
        d = doses[i]
        end = doses[i + 1].start() if i + 1 < len(doses) else len(text)
        text = _REFERENCE.sub(lambda m: " " * len(m[0]), text)
        after = text[d.end() : end][:130]
        cond = CONDITION.search(after)
        found = [
            m["who"]
            for m in POPULATION.finditer(after)
            if re.match(r"(?:in|for|of|to)\b", m[0], re.I) or re.search(r"[(;,]\s*$|^\s*$", after[: m.start()])
        ]
        if re.search(r"\b(?:ask|under)\b", " ".join(found)) and not re.match(r"\W*(?:in|for)\b", after):
            found = []
        if not found:
            start = doses[i - 1].end() if i else 0
            before = text[start : d.start()]
            found = [m["who"] for m in POPULATION.finditer(before)]
            cond = cond or CONDITION.search(before)
            if not found:
                lead = re.sub(r"\bas\s+(?:with|in|for)\s+\w+", "", text[: d.start()], flags=re.I)
                found = [m["who"] for m in POPULATION.finditer(lead)]
        out = [" ".join(f.split()) for f in found]
        if cond and not any(cond[0] in f or f in cond[0] for f in out):
            out.append(" ".join(cond[0].split()))
        return _joined(out)


_REFERENCE = re.compile(r"[(\[]\s*(?:see|refer\s+to)\b[^()\[\]]*(?:\([^()]*\)[^()\[\]]*)*[)\]]", re.I)
_RUN_ON = re.compile(
    r"(?<=[a-z\d]) (?=(?:The|This|These|It|If|In|For|Recommended|Dosage|Doses?|Use|When|Patients|Start|Initial)\b)"
)


def _joined(groups: Iterable[str]) -> str:
    """Groups of people as one text, each once; as many as fit."""
    out = ""
    for g in groups:
        g = _RUN_ON.split(g)[0].strip(" ,;:.-")
        if not g or _norm(g) in (_norm(o) for o in out.split("; ")):
            continue
        if len(out) + len(g) > 158:
            break
        out = f"{out}; {g}" if out else g
    return out


def _group(title: str) -> str:
    """The people a heading speaks of: the heading, or where it says more, the words in it that name them."""
    found = POPULATION.search(title)
    if found and (
        len(title) > 60 or not _norm(title).startswith(_norm(found["who"])) or len(found["who"]) * 2 < len(title)
    ):
        return " ".join(found["who"].split())
    return title


def _trim(text: str) -> str:
    """The words right after an amount that may say its period, up to the first comma that starts another thought."""
    return re.split(r",\s*(?!(?:given|taken|administered|daily|per|in\s+24|once|twice|as))", text)[0]


def _period_of_cue(lead: str, cue: str) -> str:
    if re.search(r"\b(?:weekly|week)\b", cue, re.I):
        return "week"
    if re.search(r"\bmonthly\b", cue, re.I):
        return "month"
    if re.search(
        r"\b(?:single|each|per|individual|one|unit)\s+(?:[\w-]+\s+)?(?:dose|dosage|injection|administration|application)\b|\bper\s+dose\b|\bsingle\b",
        cue,
        re.I,
    ):
        return "dose"
    if re.search(r"\ba\s+dose\s+(?:of\s+)?(?:more|greater|higher|larger)", lead, re.I):
        return "dose"
    if re.search(r"\b(?:daily|per\s+day|24[\s-]*h(?:ou)?rs?|a\s+day)\b", cue, re.I):
        return "day"
    if re.search(r"\bcumulative|\blifetime\b|\b(?:over|during|per)\s+(?:the|a)\s+course\b", lead, re.I):
        return "course"
    if re.search(r"\b(?:daily|per\s+day|24[\s-]*h(?:ou)?r|a\s+day)\b[^.;]{0,45}$", lead, re.I):
        return "day"
    if re.search(
        r"\b(?:single|individual)\s+(?:[\w-]+\s+)?(?:dos(?:e|age)|application)s?\b[^.;]{0,45}$|\bat\s+(?:one|any\s+one)\s+time\b",
        lead,
        re.I,
    ):
        return "dose"
    if re.search(r"\bweekly\b[^.;]{0,45}$", lead, re.I):
        return "week"
    return ""


def _headings(place: Place) -> tuple[str, str]:
    """(indication, population) that the titles around a sentence name."""
    use = who = ""
    codes = [s.code for s in place.line]
    for s in place.line:
        title = re.sub(r"^[\d.]+\s*", "", s.title).strip(" :.-")
        if not title or s.code in ("34068-7", "34071-1", "43685-7", "43684-0"):
            continue
        if GROUP_TITLE.search(title):
            who = _group(title)
            inside = re.search(
                r"^(.*?)\s+(?:in|for)\s+(?:the\s+)?(?:adult|pediatric|children|adolesc|elderly)", title, re.I
            )
            if inside and not GENERIC_TITLE.match(inside[1]):
                use = inside[1]
        elif not GENERIC_TITLE.match(title) and DOSING in codes and len(title) < 90:
            use = title
    return use, who


def _run_in(block: Block) -> tuple[str, str]:
    """(indication, population) of a heading inside a block ("2.1 Hypertension The usual ..." or "Adults: ...")."""
    text = block.words
    m = (
        NUMBERED.match(text)
        if re.match(r"\d{1,2}\.\s?\d", text)
        else re.match(r"(?P<title>[A-Z][\w\s,/()<>≥-]{2,60}?)\s*[:.–]\s", text)
    )
    if not m:
        return "", ""
    title = re.sub(r"^[\d.\s]+", "", m["title"]).strip(" ,:")
    if len(title.split()) > 9 or not title:
        return "", ""
    if GROUP_TITLE.search(title):
        return "", _group(title)
    if GENERIC_TITLE.match(title) or (len(title.split()) > 5 and not text[0].isdigit()):
        return "", ""
    return title, ""


def maximum_doses(label: Label, sentences: list[Sentence]) -> tuple[MaximumDose, ...]:
    """Every maximum dose a label states for its own medicine in people, once each; an empty tuple is "not stated"."""
    finder = _Finder(own_words(label))
    found: list[MaximumDose] = []
    last_use: dict[int, tuple[str, str]] = {}
    before: Sentence | None = None
    dosing = " ".join(s.text for s in sentences if DOSING in s.place.codes)
    once = bool(_ONCE.search(dosing)) and not _OFTEN.search(dosing)
    flat = _FlatTables(label)
    for s in sentences:
        if EXCLUDED & set(s.place.codes) or s.passage.block < 0:
            continue
        key = id(s.place.section)
        if s.block.kind == "heading":
            title = s.block.text
            last_use[key] = (
                ("", title) if GROUP_TITLE.search(title) else ("" if GENERIC_TITLE.match(title) else title, "")
            )
        use, who = _headings(s.place)
        run_use, run_who = _run_in(s.block)
        if run_use or run_who:
            last_use[key] = (run_use or last_use.get(key, ("", ""))[0], run_who)
        kept_use, kept_who = last_use.get(key, ("", ""))
        if not CUE.search(s.text):
            before = s
            continue
        whom = _named_before(s) or _inherited(s, before) or kept_who or who
        if " in " in f" {whom} " and GROUP_TITLE.search(whom) and not POPULATION.match(whom):
            tail = re.split(r"\s+(?:in|for)\s+", whom)
            whom = next((t for t in tail if GROUP_TITLE.search(t)), whom)
        context = s.block.words[: s.passage.start] if len(s.block.words) < 1500 else s.text
        for piece in _outside_tables(s, flat):
            made = finder.sentence(piece, context, kept_use or use, whom)
            found += [evolve(m, per="day") if not m.per and once and m.unit in _MASSES else m for m in made]
        before = s
    found += _tables(label, finder)
    if any(m.unit != "dose" for m in found):
        found = [
            m for m in found if m.unit != "dose"
        ]  # "three doses in 24 hours" beside an amount is how often, not how much
    return _distinct(found)


class _FlatTables:
    """Tables that a source also gives run together in its text (openFDA): where they stand in a block."""

    def __init__(self, label: Label) -> None:
        self.tables: list[list[str]] = []
        self.spans: dict[int, list[tuple[int, int]]] = {}
        for place in label.walk("copy"):
            groups: dict[int, list[str]] = {}
            for b in place.section.blocks:
                if b.kind == "row" and b.group:
                    groups.setdefault(b.group, []).append("".join("".join(c.text for c in b.cells).split()))
            self.tables += [rows for rows in groups.values() if any(CUE.search(r) for r in rows)]

    def within(self, block: Block) -> list[tuple[int, int]]:
        """The spans of a block's words that are a table run together."""
        if not self.tables:
            return []
        if id(block) not in self.spans:
            words = block.words
            index = [i for i, c in enumerate(words) if not c.isspace()]
            packed = "".join(words.split())
            self.spans[id(block)] = [
                (index[a], index[b - 1] + 1) for rows in self.tables for a, b in _row_run(packed, rows)
            ]
        return self.spans[id(block)]


def _row_run(packed: str, rows: list[str]) -> list[tuple[int, int]]:
    """Where most of a table's rows follow one another in a text without spaces; empty where they do not."""
    first = last = -1
    seen = 0
    for row in rows:
        at = packed.find(row, max(last, 0))
        if not row or at < 0 or (first >= 0 and at - last > 200) or (first < 0 and len(row) < 12):
            continue
        first = at if first < 0 else first
        last = at + len(row)
        seen += len(row)
    return [(first, last)] if first >= 0 and seen * 2 >= sum(map(len, rows)) else []


def _outside_tables(s: Sentence, flat: _FlatTables) -> Iterator[Sentence]:
    """The parts of a sentence that are not a table run together: its rows are read as rows."""
    at = s.passage.start
    for a, b in sorted(flat.within(s.block)):
        if b <= at or a >= s.passage.end:
            continue
        if a > at:
            yield evolve(s, text=s.block.words[at:a].strip())
        at = max(at, b)
    if at == s.passage.start:
        yield s
    elif at < s.passage.end:
        yield evolve(s, text=s.block.words[at : s.passage.end].strip())


_ONCE = re.compile(
    r"\b(?:once\s+(?:a\s+day|daily|per\s+day|each\s+day)|single\s+daily|(?:mg|mcg|g|units?)\s+(?:daily|per\s+day|a\s+day))\b",
    re.I,
)
_OFTEN = re.compile(
    r"\b(?:twice|three\s+times|four\s+times|[234]\s+times|b\.?i\.?d|t\.?i\.?d|q\.?i\.?d|every\s+(?:\d+|three|four|six|eight|twelve)\s+(?:to\s+\d+\s+)?hours|"
    r"repeated|hourly|divided\s+doses)\b",
    re.I,
)
"""A label whose medicine is taken once a day, and never more often, states its maximum for the day."""
_MASSES = ("mg", "mcg", "g", "unit", "mL", "mEq", "mg/kg", "mcg/kg")
_RUN_IN = re.compile(
    r"\((?P<a>(?:Adults?|Children|Pediatrics?|Adolescents?|Elderly|Geriatrics?)(?:[^()]{0,40}))\)|"
    r"(?:^|[.:]\s+)(?P<b>(?:Adults?|Children|Pediatric\s+(?:Patients|Use)|Adolescents?|Elderly(?:\s+Patients)?|Geriatric(?:\s+(?:Patients|Use))?|Infants)(?:\s+(?:and|or)\s+\w+)?(?:\s*\([^()]{0,40}\))?)\s*(?::|—|–)",
)


def _named_before(s: Sentence) -> str:
    """The group that the nearest heading inside the same block names ("... (Adults) ...", "Children: ...")."""
    lead = s.block.words[: s.passage.end]
    if len(lead) < 12:
        return ""
    hits = list(_RUN_IN.finditer(lead))
    return " ".join((hits[-1]["a"] or hits[-1]["b"]).split()) if hits else ""


def _inherited(s: Sentence, before: Sentence | None) -> str:
    """ "Dosage should not exceed ..." speaks of the people the sentence before named."""
    if before is None or before.passage.block != s.passage.block or before.place.line != s.place.line:
        return ""
    if len(s.text.split()) > 14 or not re.match(
        r"(?:The\s+)?(?:Dosages?|Doses?|Total|Maximum|It|Do|This|Increases)\b", s.text, re.I
    ):
        return ""
    return _joined(" ".join(m["who"].split()) for m in POPULATION.finditer(_REFERENCE.sub(" ", before.text)))


def _tables(label: Label, finder: _Finder) -> list[MaximumDose]:
    out: list[MaximumDose] = []
    for place in label.walk("text", "copy"):
        if EXCLUDED & set(place.codes):
            continue
        groups: dict[int, list[tuple[int, Block]]] = {}
        for i, b in enumerate(place.section.blocks):
            if b.kind == "row" and b.group:
                groups.setdefault(b.group, []).append((i, b))
        for rows in groups.values():
            out += _table(rows, place, finder)
    return out


_MAX_HEAD = re.compile(
    r"\b(?:maximum|max\.?|(?:not\s+to|do\s+not)\s+exceed|highest)\b(?!\s+(?:plasma|concentration|effect|percent|decrease|increase|change|reduction|human))",
    re.I,
)


def _grid(rows: list[tuple[int, Block]]) -> list[list[tuple[str, int]]]:
    """Rows with spanned cells repeated, so that every column lines up: (text, block number)."""
    hang: dict[int, tuple[int, str]] = {}
    out: list[list[tuple[str, int]]] = []
    for i, b in rows:
        line: list[tuple[str, int]] = []
        cells = list(b.cells)
        column = 0
        while cells or column in hang:
            if column in hang:
                left, text = hang[column]
                line.append((text, i))
                if left > 1:
                    hang[column] = (left - 1, text)
                else:
                    del hang[column]
                column += 1
                continue
            c = cells.pop(0)
            for _ in range(c.columns):
                line.append((c.text, i))
                if c.rows > 1:
                    hang[column] = (c.rows - 1, c.text)
                column += 1
        out.append(line)
    return out


def _amount(text: str) -> bool:
    """Whether a cell holds an amount: "6 doses a day" in a heading is none."""
    return any(not d["unit"].lower().startswith("dose") for d in DOSE.finditer(text))


def _table(rows: list[tuple[int, Block]], place: Place, finder: _Finder) -> list[MaximumDose]:
    grid = _grid(rows)
    whole = " ".join(b.words for _, b in rows)
    if not _MAX_HEAD.search(whole) or ANIMAL.search(whole):
        return []
    out: list[MaximumDose] = []
    heads: dict[int, str] = {}
    for r, line in enumerate(grid):
        texts = [t for t, _ in line]
        is_head = rows[r][1].head or r == 0 or (r <= 2 and not any(DOSE.search(t) for t in texts[1:]))
        marks = [c for c, t in enumerate(texts) if _MAX_HEAD.search(t) and len(t) < 90 and not _amount(t)]
        if is_head and marks and (len(texts) > 2 or marks != [0]):
            heads = {c: texts[c] for c in marks if c > 0} or heads
            continue
        if 0 in marks and len(texts) > 1 and grid:  # a row of maxima: its columns are the groups
            for c in range(1, len(texts)):
                group = grid[0][c][0] if c < len(grid[0]) else ""
                out += _cells(texts[c], texts[0], group, line[c][1], rows, place)
            continue
        for c, head in heads.items():
            if c < len(texts):
                out += _cells(texts[c], head, texts[0] if c else "", line[c][1], rows, place)
    return out


def _cells(
    cell: str, head: str, group: str, block: int, rows: list[tuple[int, Block]], place: Place
) -> list[MaximumDose]:
    found: list[MaximumDose] = []
    matches: list[Any] = list(DOSE.finditer(cell))
    if not matches:
        bare = re.fullmatch(rf"\s*({NUMBER})\s*[a-z*†‡]?\s*", cell)
        shown = re.search(rf"\(?\s*({MASS})(\s*/\s*kg)?(?:\s*/\s*|\s+per\s+|\s+|\b)", head)
        if not bare or not shown:
            return []
        numbers = [(Decimal(bare[1].replace(",", "")), unit_name(shown[1], shown[2]), "")]
    else:
        numbers = [(value_of(m["num"]), unit_name(m["unit"], m["kg"]), cell[m.end() : m.end() + 40]) for m in matches]
    people = bool(GROUP_TITLE.search(group))
    use, who = _headings(place)
    text = next(b for i, b in rows if i == block).words
    for value, unit, tail in numbers[:2]:
        per, times = period(tail)
        if not per:
            per = period(head)[0] or (
                "day"
                if re.search(r"daily|/\s*day|per\s+day", head, re.I)
                else "dose"
                if re.search(r"single|per\s+dose|each", head, re.I)
                else ""
            )
        found.append(
            MaximumDose(
                value,
                unit,
                per,
                (group if people else who)[:160],
                re.sub(r"\s*\(\s*[\d.,\s]+\)\s*$", "", use if people else group or use)[:160],
                place.section.nearest,
                f"{head}: {text}" if head not in text else text,
                passage(place, block, text, 0, len(text)),
                times,
            )
        )
    return found


def _distinct(found: list[MaximumDose]) -> tuple[MaximumDose, ...]:
    """One entry a fact: what the dosing section says stands; a bare repeat elsewhere adds nothing."""
    periods: dict[tuple[Decimal, str], set[str]] = {}
    for m in found:
        if m.per:
            periods.setdefault((m.value, m.unit), set()).add(m.per)
    # the same amount with one period elsewhere in the label has that period here too
    found = [
        evolve(m, per=next(iter(p))) if not m.per and len(p := periods.get((m.value, m.unit), set())) == 1 else m
        for m in found
    ]
    ranked = sorted(found, key=lambda m: (DOSING not in m.passage.codes, not (m.population or m.indication)))
    kept: list[MaximumDose] = []
    for m in ranked:
        same = [
            k for k in kept if (k.value, k.unit) == (m.value, m.unit) and (k.per == m.per or not m.per or not k.per)
        ]
        if any(_covers(k, m) for k in same):
            if not any(k.per for k in same) and m.per:
                kept = [evolve(k, per=m.per) if k in same else k for k in kept]
            continue
        kept.append(m)
    order = {id(m): i for i, m in enumerate(found)}
    return tuple(sorted(kept, key=lambda m: order.get(id(m), 0)))


def _covers(k: MaximumDose, m: MaximumDose) -> bool:
    """Whether an entry that is kept already says what another says of the same value and period."""
    if DOSING not in m.passage.codes:
        return True
    same_who = not m.population or not k.population or _norm(m.population) == _norm(k.population)
    same_use = not m.indication or not k.indication or _norm(m.indication) == _norm(k.indication)
    return same_who and same_use


def _norm(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()
