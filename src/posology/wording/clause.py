"""The fields of one instruction while they are collected, and the text they are collected from.

Knows no grammar and reads nothing: it holds, points and notes.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from posology.amount import Amount, Range, Strength
from posology.directions import Bounds, Concept, MaxDose, Rate, Span
from posology.errors import Problem
from posology.wording.scan import Lexemes, Note, place

ONE = Fraction(1)


HOURS = ("s", "min", "h")


class Change:
    """A change of dose: up or down, by how much, how often, as far as what."""

    __slots__ = ("by", "each", "end", "every", "sign", "start", "to")

    def __init__(self, sign: int, start: int, end: int) -> None:
        self.sign, self.start, self.end = sign, start, end
        self.by: Amount | None = None
        self.each = ""
        self.every: Amount | None = None
        self.to = False


class Later:
    """ "Then 1 in 12 hours", "2 tomorrow": one dose, so long after the one before it.

    ``plain``: it can mean nothing else ("12 hours later", not "in 24 hours"). ``dated``: it names a day, and may stand alone.
    """

    __slots__ = ("dated", "length", "plain")

    def __init__(self, length: Amount, plain: bool, dated: bool) -> None:
        self.length, self.plain, self.dated = length, plain, dated


class Repeat:
    """ "May repeat once after 5 minutes": how often more, after what time, whether it is left open if it is taken."""

    __slots__ = ("count", "end", "every", "free", "gap", "start", "wanted")

    def __init__(self, start: int, end: int) -> None:
        self.start, self.end = start, end
        self.count: int | None = None
        self.gap: Amount | None = None
        self.every = self.free = self.wanted = False


class Clause:
    """The fields of one instruction while they are collected; `directions` makes the checked value of them."""

    __slots__ = (
        "after_stop",
        "amount",
        "bare",
        "bounds",
        "change",
        "clock_doubt",
        "code",
        "count",
        "count_max",
        "cycle",
        "days",
        "divided",
        "dmax",
        "dose_at",
        "dose_kind",
        "dunit",
        "duration",
        "end",
        "equal",
        "events",
        "except_days",
        "eyes",
        "for_hours",
        "frequency",
        "frequency_max",
        "heading",
        "hidden",
        "indication",
        "inherited",
        "initial",
        "instead",
        "instructions",
        "join",
        "later",
        "length",
        "loose",
        "max_adm",
        "max_life",
        "maxes",
        "method",
        "min_gap",
        "needed",
        "odd_days",
        "offset",
        "open_end",
        "period",
        "period_max",
        "period_unit",
        "plain",
        "rate",
        "reason",
        "repeat",
        "route",
        "site",
        "slots",
        "spans",
        "start",
        "starts",
        "step",
        "stop",
        "strength",
        "times",
        "upto_len",
        "verb",
        "when",
    )  # fmt: skip

    def __init__(self, join: str = "", step: bool = False) -> None:
        self.join, self.step = join, step
        self.amount: Amount | Range | None = None
        self.dose_at: tuple[int, int] | None = None
        self.dose_kind = ""
        self.starts = self.open_end = self.initial = self.for_hours = self.plain = False
        self.instead = False
        self.odd_days: tuple[int, int] | None = None
        self.later: Later | None = None
        self.min_gap: Amount | None = None
        self.bare = self.stop = self.verb = self.needed = self.upto_len = self.inherited = False
        self.slots: tuple[Fraction | None, ...] = ()
        self.frequency: int | None = None
        self.frequency_max: int | None = None
        self.period: Fraction | None = None
        self.period_max: Fraction | None = None
        self.period_unit: str | None = None
        self.days: list[str] = []
        self.times: list[str] = []
        self.when: list[str] = []
        self.offset: int | None = None
        self.count: int | None = None
        self.count_max: int | None = None
        self.duration: Fraction | None = None
        self.dmax: Fraction | None = None
        self.dunit: str | None = None
        self.bounds: Bounds | None = None
        self.length: Amount | None = None
        self.cycle: tuple[int, int] | None = None
        self.reason: Concept | None = None
        self.route: Concept | None = None
        self.site: Concept | None = None
        self.method: Concept | None = None
        self.rate: Rate | None = None
        self.maxes: list[MaxDose] = []
        self.max_adm: Amount | None = None
        self.max_life: Amount | None = None
        self.instructions: list[Concept] = []
        self.indication: Concept | None = None
        self.spans: dict[str, Span] = {}
        self.start = self.end = -1
        self.eyes: list[tuple[int, int]] = []
        self.change: Change | None = None
        self.divided: tuple[int | None, int, int] | None = None
        self.except_days: tuple[list[str], int, int] | None = None
        self.repeat: Repeat | None = None
        self.heading: tuple[str, Fraction, Fraction] | None = None
        self.strength: Amount | None = None
        self.equal: Amount | None = None
        self.clock_doubt = -1
        self.hidden: list[tuple[int, int]] = []
        self.loose: list[tuple[int, int]] = []

    def mark(self, name: str, span: Span) -> None:
        """Say where a field was read; what is said in two places spans both."""
        old = self.spans.get(name)
        self.spans[name] = span if old is None else Span(min(old.start, span.start), max(old.end, span.end))

    @property
    def timed(self) -> bool:
        """Whether anything is said of when."""
        return bool(
            self.frequency or self.frequency_max or self.period or self.days or self.times or self.when or self.count
            or self.count_max or self.needed or self.eyes or self.divided or self.repeat
        )  # fmt: skip


class Parse:
    """One text while it is read: its lexemes, the clause that is being filled, and what is said beside it."""

    __slots__ = ("clause", "facts", "form", "inferred", "left", "lex", "name", "problems", "release", "second", "sign", "strength",
                 "strength_at", "warnings")  # fmt: skip

    def __init__(self, lex: Lexemes) -> None:
        self.lex = lex
        self.clause = Clause()
        self.problems: list[Problem] = list(lex.problems)
        self.inferred: list[Note] = list(lex.inferred)
        self.warnings: list[Note] = list(lex.warnings)
        self.second: list[Note] = []
        self.facts: list[Note] = []
        self.left: list[Note] = []
        self.name: tuple[str, str | None, int, int] | None = None
        self.strength: Amount | Strength | None = None
        self.strength_at: tuple[int, int] | None = None
        self.form = self.release = ""
        self.sign = 0

    def text(self, i: int, j: int) -> str:
        """The words of lexemes i to j, as written."""
        return self.lex.text[self.lex.starts[i] : self.lex.ends[j - 1]]

    def words(self, i: int, j: int) -> str:
        """The same in small letters, one space between words."""
        return " ".join(self.text(i, j).lower().split())

    def span(self, i: int, j: int) -> Span:
        """Their place."""
        return Span(self.lex.starts[i], self.lex.ends[j - 1])

    def problem(self, what: str, i: int, j: int, todo: str = "") -> None:
        """Refuse, with the place."""
        self.problems.append(Problem(what, place(self.lex.starts[i], self.lex.ends[j - 1]), todo, self.text(i, j)))

    def refuse(self, what: str, clauses: list[Clause], todo: str) -> None:
        """Refuse what clauses that follow each other say, with their place and words behind the reason."""
        start, end = max(clauses[0].start, 0), clauses[-1].end
        said = self.lex.text[start:end]
        self.problems.append(Problem(f"{what}: {said}.", place(start, end), todo, said))

    def note(self, to: list[Note], key: str, i: int, j: int, value: Any = None) -> None:
        """Say something about lexemes i to j."""
        to.append(Note(key, self.text(i, j), self.span(i, j), value))

    def numbers(self, i: int, j: int) -> list[Fraction]:
        """The numbers in lexemes i to j."""
        classes, values = self.lex.classes, self.lex.values
        return [values[k] for k in range(i, j) if classes[k] == "n"]

    def find(self, letter: str, i: int, j: int) -> Any:
        """The value of the first lexeme of a class in i to j, or None."""
        k = self.lex.classes.find(letter, i, j)
        return None if k < 0 else self.lex.values[k]

    def unit_of_time(self, i: int, j: int) -> tuple[Fraction, str] | None:
        """The unit of time in i to j: its multiple and code ("fortnightly" is not one)."""
        for k in range(j - 1, i - 1, -1):
            if self.lex.classes[k] == "t":
                return ONE, self.lex.values[k]
            if self.lex.classes[k] == "D":
                value: tuple[Fraction, str] = self.lex.values[k]
                return value
            if self.lex.classes[k] == "F" and self.lex.values[k][:2] == (1, None):  # "every day"
                return self.lex.values[k][2], self.lex.values[k][4]
        return None


def words_of(text: str) -> str:
    """A reason or a site as a person reads it: one space between words, no article or sign at its ends."""
    found = " ".join(text.split()).strip(" ,.;:-()/\"'")
    for lead in ("the ", "a ", "an ", "your ", "their ", "his ", "her "):
        if found.lower().startswith(lead):
            found = found[len(lead) :]
    return found


def elapsed_unit(code: str) -> bool:
    """Whether a unit of time is an hour or less."""
    return code in HOURS
