"""Turns labels of one medicine into a draft of a medicine file, every statement unverified, for a person to finish.

Knows no medicine by name. Sentences are made from templates in our own words; the label's words stay in the label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from attrs import frozen

from posology.amount import UNITS
from posology.errors import Problem, RefusedError
from posology.labels.audit.label_file import beginning
from posology.labels.extract import Facts, Passage, extract
from posology.labels.extract.limit_words import DOSE, period, unit_name, value_of
from posology.labels.extract.topics import TOPICS
from posology.labels.record import DrugProduct, Label
from posology.labels.text import number_of


@frozen
class Draft:
    """A drafted file: its text, how much is in it, and what a person still has to do."""

    id: str
    toml: str
    statements: int
    products: int
    todo: tuple[str, ...]


_UNIT = {"mg": "mg", "mcg": "ug", "g": "g", "mL": "mL", "unit": "[iU]", "mEq": "meq"}
_FORMS = (
    ("TABLET, ORALLY DISINTEGRATING", "orodispersible tablet", "{tablet}"),
    ("TABLET", "tablet", "{tablet}"),
    ("CAPSULE", "capsule", "{capsule}"),
    ("SOLUTION", "solution", "mL"),
    ("SUSPENSION", "suspension", "mL"),
    ("SYRUP", "syrup", "mL"),
    ("LIQUID", "liquid", "mL"),
    ("CONCENTRATE", "concentrate", "mL"),
    ("ELIXIR", "elixir", "mL"),
    ("PATCH", "patch", "{patch}"),
    ("LOZENGE", "lozenge", "{lozenge}"),
    ("SUPPOSITORY", "suppository", "{suppository}"),
    ("GRANULE", "granules", "{packet}"),
    ("FILM", "film", "{film}"),
    ("INHAL", "inhaler", "{puff}"),
    ("AEROSOL", "inhaler", "{puff}"),
    ("SPRAY", "spray", "{spray}"),
)


def _quote(text: str) -> str:
    import json

    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def draft(labels: Iterable[Label], id: str | None = None) -> Draft:
    """A draft from labels of one medicine.

    Raises :class:`posology.errors.RefusedError` where a document labels no medicine for people, or two labels name
    different active ingredients.
    """
    held = list(labels)
    problems = [Problem(x.notes[0], x.source) for x in held if not x.human_drug]
    actives = {frozenset(a.name.lower().split()[0] for p in x.products for a in p.active if a.name) for x in held}
    if len({a for a in actives if a}) > 1:
        problems.append(
            Problem("These labels are of different medicines.", "", "Import the labels of one medicine at a time.")
        )
    if problems:
        raise RefusedError(*problems)
    first = held[0]
    generic = next((a.moiety or a.name for p in first.products for a in p.active if a.name), first.name)
    core = _slug(
        re.split(
            r"\b(?:hydrochloride|sodium|potassium|succinate|tartrate|maleate|mesylate|besylate|hydrobromide|calcium|sulfate|acetate|anhydrous|hemihydrate)\b",
            generic.lower(),
        )[0]
    )
    chosen = id or core or "medicine"
    todo = [
        "Read each statement in its label, mend it, and only then set verified = true and remove basis.",
        "Check for whom each statement holds: the draft narrows none to an age, a use or a weight unless it says so.",
        "Add a score line (parts) only where the label says that a piece may be split.",
    ]
    names = list(dict.fromkeys([chosen, *(n for x in held for n in x.all_names if len(n) < 60)]))
    lines = [
        "# Draft made by a program from official labels. Nothing in it was checked by a person. It is not advice.",
        f"id = {_quote(chosen)}",
        f"names = [{', '.join(_quote(n) for n in _distinct(names))}]",
        'route = "oral"'
        if "oral" in {r.lower() for x in held for r in x.routes} or not any(x.routes for x in held)
        else f"route = {_quote(next(r for x in held for r in x.routes).lower())}",
        "",
        f"[ingredient.{core or 'active'}]",
        f"name = {_quote(generic.lower())}",
    ]
    unii = next((u for x in held for u in x.unii), "")
    if unii:
        lines.append(f"codes = {{ unii = {_quote(unii)} }}")
    count = products = 0
    for n, x in enumerate(held, 1):
        source = f"label-{x.effective[:4] or n}" if len(held) == 1 else f"label-{n}"
        lines += [
            "",
            f"[source.{source}]",
            f"publisher = {_quote(x.labeler or 'not recorded')}",
            f"title = {_quote(f'{x.name}, official label, version {x.version or chr(63)}')}",
            f"date = {_quote(x.effective or 'not recorded')}",
            f"jurisdiction = {_quote(x.jurisdiction or '*')}",
            'checked = "read in part"',
            f"identifier = {_quote(x.setid)}",
        ]
        facts = extract(x)
        made, more = _products(x, source, products)
        products += len(made)
        todo += more
        for block in made:
            lines += ["", *block]
        statements = _statements(x, facts, n, len(held) > 1)
        for sid, subject, section, text, rule in statements:
            count += 1
            lines += [
                "",
                f"[statement.{sid}]",
                f"subject = {_quote(subject)}",
                f"source = {_quote(source)}",
                f"section = {_quote(section)}",
                f"text = {_quote(text)}",
                "verified = false",
                'basis = "read in part"',
                *([f"rule = {rule}"] if rule else []),
            ]
        if facts.not_stated:
            todo.append(f"{x.source}: not stated there: {', '.join(facts.not_stated).replace('_', ' ')}.")
    return Draft(chosen, "\n".join(lines) + "\n", count, products, tuple(dict.fromkeys(todo)))


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, str] = {}
    for n in names:
        seen.setdefault(n.lower(), n)
    return list(seen.values())


def _form(p: DrugProduct) -> tuple[str, str] | None:
    return next(((name, unit) for code, name, unit in _FORMS if code in p.form.upper()), None)


def _products(x: Label, source: str, start: int) -> tuple[list[list[str]], list[str]]:
    out: list[list[str]] = []
    todo: list[str] = []
    for p in x.products:
        form = _form(p)
        active = [a for a in p.active if a.strength is not None and a.strength.numerator is not None]
        if form is None or not active:
            todo.append(
                f"Add the product {p.name} ({p.form.lower() or 'form not stated'}) by hand: its strength is not stated in a form that is known."
            )
            continue
        s = active[0].strength
        assert s is not None
        assert s.numerator is not None
        unit = {"mcg": "ug"}.get(s.unit, s.unit)
        if unit not in UNITS:
            todo.append(f"Add the product {p.name} by hand: its unit {s.unit} is not in the table of units.")
            continue
        if len(active) > 1:
            todo.append(f"The product {p.name} has {len(active)} active ingredients: add the others under `also`.")
        per = form[1] if s.per == "1" else s.per
        if per not in UNITS:
            todo.append(f"Add the product {p.name} by hand: its unit {s.per} is not in the table of units.")
            continue
        bottom = f"{_plain(s.denominator)} {per}" if s.denominator not in (None, Decimal(1)) else per
        looks = ", ".join(
            v
            for v in (
                p.appearance.color.lower(),
                p.appearance.shape.lower(),
                f"marked {p.appearance.imprint}" if p.appearance.imprint else "",
            )
            if v
        )
        release = "extended" if "EXTENDED" in p.form.upper() else "delayed" if "DELAYED" in p.form.upper() else ""
        codes = [f'ndc = "{p.ndc}"'] if p.ndc else []
        codes += [f'rxnorm = "{p.rxcui[0]}"'] if len(p.rxcui) == 1 else []
        out.append(
            [
                f"[product.p{start + len(out) + 1}-{_slug(f'{_plain(s.numerator)} {s.unit} {form[0]}')}]",
                f"name = {_quote(f'{p.name} {_plain(s.numerator)} {s.unit} {form[0]}')}",
                f"form = {_quote(form[0])}",
                f"strength = {_quote(f'{_plain(s.numerator)} {unit} / {bottom}')}",
                f"jurisdiction = {_quote(x.jurisdiction or '*')}",
                f"source = {_quote(source)}",
                "verified = false",
                *([f"release = {_quote(release)}"] if release else []),
                *([f"appearance = {_quote(looks)}"] if looks else []),
                *([f"codes = {{ {', '.join(codes)} }}"] if codes else []),
            ]
        )
    return out, todo


_PEOPLE = re.compile(
    r"^(?:adults?|child(?:ren)?|infants?|adolescents?|elderly|geriatric|pa?ediatric)\b[\w\s/-]{0,30}$", re.I
)
_HEADED = re.compile(
    r"^\d+\.\d+\s+(?:Recommended\s+)?(?:Starting\s+|Initial\s+)?Dos(?:e|age|ing)\s+(?:for|in)\s+(?P<who>.{4,140}?)\s+"
    r"(?=(?:The|In|For|Start|Initiate|Begin|Recommended)\s)"
)


def _use(p: Passage) -> str:
    """What the section a passage stands in is for, by its own title or heading; "" where that names no use."""
    headed = _HEADED.match(p.quote)
    if headed:
        return f" For: {headed['who']}."
    titles = [re.sub(r"^[\d.\s]+", "", t).strip(" .:") for t in p.path.split(" > ")[1:]]
    titles = [
        t
        for t in titles
        if t
        and not re.search(
            r"\b(?:dos(?:e|age|ing)|administration|general|recommended|important|unclassified|transfer|proper|how)\b",
            t,
            re.I,
        )
    ]
    named = titles[-2:] if titles and _PEOPLE.match(titles[-1]) else titles[-1:]
    return f" For: {', '.join(named)}." if named else ""


@frozen
class _Start:
    """A first dose as a sentence gives it; of a range, ``value`` is the higher end."""

    shown: str
    value: Decimal
    unit: str
    per: str
    times: Decimal | None


_NO_START = re.compile(
    r"(?:\b(?:less|more|greater|lower|higher|fewer)\s+than|\b(?:below|above|under|over)|[<>≤≥])\s*$", re.I
)
_AT_MOST = re.compile(r"\bexceed|\bno more than\b|\bup to\b", re.I)
_BEGIN = re.compile(r"\b(?:initiat\w+|initial(?:ly)?|start\w*|begin\w*|begun)\b", re.I)
_NO_TIMES = re.compile(
    r"\bevery\s+\w+\s*(?:-|–|to)\s*\w+\s+hours?\b|\bas\s+(?:needed|necessary)\b|\bif\s+needed\b", re.I
)


def _start(quote: str) -> _Start | None:
    """The first dose that a sentence names: the one after the words that begin it, else the one before them.

    >>> _start("The recommended starting dose is 10 or 20 mg once daily.").shown
    '10 or 20 mg'
    >>> _start("As less than 8 mg was not shown to work, begin with 4 mg.").shown
    '4 mg'
    """
    begins, _ = beginning(quote)
    cue = _BEGIN.search(begins)
    doses = [d for d in DOSE.finditer(begins) if not _NO_START.search(begins[: d.start()])]
    if cue is None or not doses:
        return None
    ahead = [d for d in doses if d.start() >= cue.end()]
    behind = [d for d in doses if d.end() <= cue.start()]
    d = ahead[0] if ahead else behind[-1]
    unit = unit_name(d["unit"], d["kg"])
    if unit.removesuffix("/kg") not in _UNIT:
        return None
    low = value_of(d["low"]) if d["low"] else None
    at = doses.index(d)
    pair = (d, doses[at + 1]) if ahead and at + 1 < len(doses) else (doses[at - 1], d) if not ahead and at else None
    join = re.fullmatch(r"\s*(to|or|-|–)\s*", begins[pair[0].end() : pair[1].start()]) if pair else None
    if pair and join and low is None and unit_name(pair[0]["unit"], pair[0]["kg"]) == unit:
        low, d = value_of(pair[0]["num"]), pair[1]
    high = value_of(d["num"])
    word = "or" if re.search(r"\bor\b", d.group()) or (join and join[1] == "or") else "to"
    after = begins[d.end() : d.end() + 60]
    later = DOSE.search(after)
    after = after[: later.start()] if later else after
    per, times = ("", None) if _NO_TIMES.search(after) else period(after)
    most = "at most " if _AT_MOST.search(begins[: d.start()]) else ""
    shown = f"{most}{f'{_plain(low)} {word} ' if low is not None else ''}{_plain(high)} {unit}"
    return _Start(shown, high, unit, per, times)


def _statements(x: Label, facts: Facts, n: int, many: bool) -> list[tuple[str, str, str, str, str]]:
    """(id, subject, section, text, rule) of what could be drafted."""
    out: list[tuple[str, str, str, str, str]] = []
    tag = f"-{n}" if many else ""

    def add(id: str, subject: str, section: str, text: str, rule: str = "") -> None:
        if any((text, rule) == (o[3], o[4]) for o in out):
            return  # two sections that say the same are one fact
        same = sum(1 for o in out if o[0] == f"{id}{tag}" or o[0].startswith(f"{id}{tag}-"))
        out.append((f"{id}{tag}{f'-{same + 1}' if same else ''}", subject, section or "not recorded", text, rule))

    for m in facts.advised_maximum:
        whom = "; ".join(v for v in (m.population, m.indication) if v)
        shown = f"{_plain(m.value)} {_many(m.unit, m.value)}"
        tail = f" For: {whom}." if whom else ""
        per = (
            "in a day"
            if m.per_day is not None or m.per == "day"
            else "at one time"
            if m.per == "dose"
            else f"a {m.per}"
            if m.per
            else "(the label's period was not clear)"
        )
        value = m.per_day if m.per_day is not None else m.value
        unit = m.unit.removesuffix("/kg")
        rule = ""
        if unit in _UNIT and m.per in ("day", "dose"):
            kind = "max-per-day" if m.per_day is not None else "max-per-dose"
            kg = ", per_kg = true" if m.unit.endswith("/kg") else ""
            soft = ', above = "warn"' if whom else ""
            rule = f'{{ kind = "{kind}", amount = "{_plain(value)} {_UNIT[unit]}"{soft}{kg} }}'
            shown = f"{_plain(value)} {m.unit}"
        if m.per == "dose" and m.times_per_day is None and not rule:
            per = "at one time"
        add("max", "dose", m.section_code, f"The label gives {shown} {per} as the most.{tail}", rule)
    for p in facts.topics["starting_dose"][:6]:
        start = _start(p.quote)
        if start is None:
            continue
        kg = ", per_kg = true" if start.unit.endswith("/kg") else ""
        amount = f"{_plain(start.value)} {_UNIT[start.unit.removesuffix('/kg')]}"
        rule = ""
        if start.times is not None and start.times == start.times.to_integral_value():
            text = f"The label starts with {start.shown}, {number_of(start.times, 'time')} a day."
            rule = f'{{ kind = "starting-dose", per_dose = "{amount}", times_a_day = {int(start.times)}{kg} }}'
        elif start.per == "day":
            text = f"The label starts with {start.shown} a day."
            rule = f'{{ kind = "starting-dose", per_day = "{amount}"{kg} }}'
        else:
            text = f"The label names {start.shown} as a dose to start with."
        add("start", "dose", p.section_code, f"{text}{_use(p)}", rule)
    _stopping(facts, add)
    for p in facts.topics["missed_dose"][:3]:
        t = p.quote.lower()
        nearly = re.search(r"almost|near|close|time (?:for|to take)", t)
        if nearly and ("skip" in t or re.search(r"remember.*\bunless\b", t)):
            add(
                "missed",
                "missed",
                p.section_code,
                "Take a missed dose when you remember it. If it is nearly time for the next one, skip it. Never take two at once.",
                '{ kind = "missed-dose", method = "skip-if-nearly" }',
            )
            break
        hours = re.search(r"(?:more than|within)\s+(\d+)\s+hours", t)
        if hours and "more than" in hours[0]:
            add(
                "missed",
                "missed",
                p.section_code,
                f"A dose missed by more than {hours[1]} hours is left out. Never take two at once.",
                f'{{ kind = "missed-dose", method = "take-within", hours = {hours[1]} }}',
            )
            break
        if "next" in t and re.search(r"only|take (?:your|the) next", t):
            add(
                "missed",
                "missed",
                p.section_code,
                "Leave out a missed dose. Take the next one at its time. Never take two at once.",
                '{ kind = "missed-dose", method = "skip" }',
            )
            break
    topics: tuple[tuple[str, str, str, str], ...] = (
        ("kidney", "kidneys", "The label speaks of weak kidneys. Read it for what to change.", "caution"),
        ("liver", "liver", "The label speaks of the liver. Read it for what to change.", "caution"),
        ("alcohol", "alcohol", "The label warns about alcohol.", "caution"),
        ("driving", "driving", "The label warns about driving and machines.", "caution"),
        ("pregnancy", "pregnancy", "The label speaks of pregnancy.", "info"),
        ("lactation", "breastfeeding", "The label speaks of breastfeeding.", "info"),
        ("interactions", "other-medicines", "The label names other medicines that matter.", "info"),
        ("overdose", "too-much", "The label says what to do after too much.", ""),
        ("storage", "storage", "The label says how to keep it.", ""),
        ("contraindications", "conditions", "The label names who must not take it.", "info"),
    )  # fmt: skip
    for topic, subject, text, action in topics:
        found = facts.topics[topic]
        if found:
            # the section that is about it is cited before one that only speaks of it
            own = next((p for p in found if TOPICS[topic].codes & set(p.codes)), found[0])
            add(
                topic,
                subject,
                own.section_code,
                f"To be written after reading: {text[0].lower()}{text[1:]}",
                f'{{ kind = "caution", action = "{action}" }}' if action else "",
            )
    if facts.boxed:
        add(
            "boxed",
            "before",
            facts.boxed[0].section_code,
            "To be written after reading: the label has a boxed warning.",
        )
    return out


_DURATION = re.compile(
    r"\b(?:over|for|during)\s+(?:a\s+(?:period|minimum)\s+of\s+)?(?:at\s+least\s+|a\s+minimum\s+of\s+|approximately\s+)?(\d+|one|two|three|four)(?:\s*(?:to|-|–)\s*(\d+|two|three|four|six))?\s*(days?|weeks?|months?)",
    re.I,
)
_DECREMENT = re.compile(
    r"\b(?:by|decrements?\s+of|decreased?\s+by|reduc\w+\s+by)\s+(?:no\s+more\s+than\s+|not\s+more\s+than\s+)?([\d.,]+)\s*(mg|mcg|g|%)\D{0,25}?\b(?:every|each|per|at|a)\s*(?:(\d+|one|two|three|four|second|third)\s*)?(days?|weeks?|weekly)",
    re.I,
)
_SMALL = {"one": 1, "two": 2, "three": 3, "four": 4, "six": 6, "second": 2, "third": 3}


def _int(text: str | None) -> int:
    if not text:
        return 1
    return _SMALL.get(text.lower()) or int(text)


def _stopping(facts: Facts, add: Any) -> None:
    for p in facts.stopping.warnings[:1]:
        add("stop-warning", "stopping", p.section_code, "Do not stop it suddenly: the label warns of harm.")
    done = False
    for p in facts.stopping.tapers:
        m = _DECREMENT.search(p.quote)
        if m:
            days = _int(m[3]) * (7 if m[4].lower().startswith("week") else 1)
            if m[2] == "%":
                rule = f'{{ kind = "taper", shape = "percent-per-interval", percent = {_plain(Decimal(m[1]))}, every_days = {days} }}'
            else:
                rule = f'{{ kind = "taper", shape = "amount-per-interval", amount = "{_plain(value_of(m[1]))} {_UNIT[unit_name(m[2])]}", every_days = {days} }}'
            add(
                "taper",
                "stopping",
                p.section_code,
                f"The label lowers the dose by {m[1]} {m[2]} every {number_of(days, 'day')}.",
                rule,
            )
            done = True
            break
    for p in facts.stopping.tapers:
        m = _DURATION.search(p.quote)
        if m and not done:
            scale = {"d": 1, "w": 7, "m": 30}[m[3][0].lower()]
            low, high = _int(m[1]) * scale, _int(m[2]) * scale if m[2] else 0
            rule = f'{{ kind = "taper", shape = "minimum-duration", days = {low}{f", days_high = {high}" if high else ""} }}'
            add(
                "taper",
                "stopping",
                p.section_code,
                f"The label lowers the dose over {f'{low} to ' if high else ''}{number_of(high or low, 'day')} or longer.",
                rule,
            )
            done = True
    if facts.stopping.tapers and not done:
        add(
            "taper",
            "stopping",
            facts.stopping.tapers[0].section_code,
            "The label says to come off slowly and gives no numbers.",
            '{ kind = "taper", shape = "slowly" }',
        )


@frozen
class Drafted:
    """One sentence that could be drafted from a label: its subject, the section it rests on, and our words."""

    subject: str
    section: str
    text: str


def statements_of(label: Label, facts: Facts) -> tuple[Drafted, ...]:
    """The sentences with a figure or a rule that a label gives: doses, the most, missed doses, coming off."""
    made = _statements(label, facts, 1, many=False)
    return tuple(Drafted(s, at, text) for _, s, at, text, _ in made if not text.startswith("To be written"))


def _many(unit: str, value: Decimal) -> str:
    """A unit of counted pieces in the plural where there is more than one.

    >>> _many("tablet", Decimal(6)), _many("mg", Decimal(6))
    ('tablets', 'mg')
    """
    return f"{unit}s" if value != 1 and unit.isalpha() and len(unit) > 3 and not unit.endswith("s") else unit
