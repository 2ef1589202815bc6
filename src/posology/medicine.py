"""Turns what named sources say of one medicine into checked values: sources, statements, rules, products.

Knows no file, no person and no language of display; ``library`` reads the file, ``checks`` apply the rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import ClassVar, Literal

from attrs import field, fields, frozen

from posology.amount import Amount, Strength
from posology.errors import Problem, UnreadableError

NOT_RECORDED = "not recorded"

Jurisdiction = str
"""A country as ISO 3166 alpha-2 (``US``, ``GB``, ``DE``), or ``*`` for a paper that is of no country."""


@frozen
class Source:
    """Where a statement was read. What was not seen stays ``not recorded``; nothing about a source is guessed.

    ``checked``: how it was read: "read", "read in part", "quoted elsewhere" or "not read".
    """

    id: str
    publisher: str
    title: str
    jurisdiction: Jurisdiction
    date: str = NOT_RECORDED
    checked: Literal["read", "read in part", "quoted elsewhere", "not read"] = "read"
    identifier: str = ""
    """A set id, DOI, licence number or web address, where there is one."""


@frozen
class Band:
    """A span of values with a unit; each end may be open, and may belong to the band or not.

    >>> Band("mL/min", above=Fraction(30), at_most=Fraction(59)).holds(Amount(30, "mL/min"))
    False
    """

    unit: str
    at_least: Fraction | None = None
    above: Fraction | None = None
    at_most: Fraction | None = None
    below: Fraction | None = None

    def __attrs_post_init__(self) -> None:
        Amount(0, self.unit)
        if (self.at_least is not None and self.above is not None) or (
            self.at_most is not None and self.below is not None
        ):
            raise UnreadableError(Problem("A band has one lower and one upper end, not two of either."))
        if all(end is None for end in (self.at_least, self.above, self.at_most, self.below)):
            raise UnreadableError(Problem("A band needs an end.", "", "Give at_least, above, at_most or below."))
        low = self.at_least if self.at_least is not None else self.above
        high = self.at_most if self.at_most is not None else self.below
        if low is not None and high is not None and low > high:
            raise UnreadableError(Problem(f"This band is upside down: {low} to {high}."))

    def holds(self, amount: Amount) -> bool:
        """Whether the amount lies in the band; another kind of amount raises TypeError."""
        value = amount.to(self.unit).value
        return not (
            (self.at_least is not None and value < self.at_least)
            or (self.above is not None and value <= self.above)
            or (self.at_most is not None and value > self.at_most)
            or (self.below is not None and value >= self.below)
        )


@frozen
class Covers:
    """Whom or what a statement is about. Every part that is given must hold; an empty one covers everyone.

    ``kidney``: by its unit, eGFR (``mL/min/{1.73_m2}``) or creatinine clearance (``mL/min``); never mixed.
    ``conditions``, ``medicines``: keys of the shared vocabularies of conditions and medicine classes; any one is enough.
    Beside ``allergy`` the classes are those an allergy to which counts as one to this medicine.
    """

    age: Band | None = None
    weight: Band | None = None
    kidney: Band | None = None
    dialysis: bool | None = None
    products: tuple[str, ...] = ()
    indications: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    medicines: tuple[str, ...] = ()
    pregnancy: bool | None = None
    breastfeeding: bool | None = None
    alcohol: bool | None = None
    driving: bool | None = None
    allergy: bool | None = None
    days_taken: Band | None = None
    dose_per_day: Band | None = None
    setting: Literal["home", "hospital"] | None = None

    def __attrs_post_init__(self) -> None:
        if self.age is not None and self.age.unit != "a":
            how = "Write a month as 1/12, and 5 weeks as 140/1461 (years of 365.25 days)."
            raise UnreadableError(Problem("An age is written in years here, as unit 'a'.", "age", how))

    @property
    def everyone(self) -> bool:
        """Whether it restricts nothing."""
        return self == Covers()


Action = Literal["contraindicated", "avoid", "reduce", "caution", "info"]
Urgency = Literal["emergency", "urgent", "early"]


@frozen
class StartingDose:
    """The dose to begin with: ``per_dose`` or ``per_day``, over ``times_a_day`` doses. ``per_kg``: for each kg of weight."""

    kind: ClassVar[str] = "starting-dose"
    per_dose: Amount | None = None
    per_day: Amount | None = None
    times_a_day: int | None = None
    per_kg: bool = False


@frozen
class TitrationStep:
    """A rise: at most ``per_dose`` (each dose) or ``per_day``, no sooner than every ``every_days``, towards ``up_to`` a day.

    ``factor``: at most so many times the amount a day before, where the source doubles the dose. ``beyond``: it holds
    only for rises to more than this a day, where a source asks for a longer wait before them.

    >>> str(TitrationStep(every_days=14, factor=Fraction(2)).most(Amount(25, "mg"), 1))
    '25 mg'
    """

    kind: ClassVar[str] = "titration-step"
    every_days: int
    per_dose: Amount | None = None
    per_day: Amount | None = None
    factor: Fraction | None = None
    up_to: Amount | None = None
    beyond: Amount | None = None
    per_kg: bool = False

    def most(self, before: Amount, doses: int) -> Amount | None:
        """The largest rise of the amount a day from ``before``, in so many doses; None where it gives no amount."""
        found = [
            x
            for x in (
                self.per_day,
                self.per_dose * doses if self.per_dose is not None else None,
                before * (self.factor - 1) if self.factor is not None else None,
            )
            if x is not None
        ]
        return min(found, key=lambda a: a.base) if found else None


@frozen
class UsualRange:
    """The usual amount a day once settled."""

    kind: ClassVar[str] = "usual-range"
    low: Amount
    high: Amount
    per_kg: bool = False


@frozen
class MaxPerDay:
    """The most in a day. ``above``: whether more is a ``stop`` or, for softer limits, a ``warn``."""

    kind: ClassVar[str] = "max-per-day"
    amount: Amount
    above: Literal["stop", "warn"] = "stop"
    per_kg: bool = False
    ingredient: str = ""


@frozen
class LeastPerDay:
    """The least in a day that still does its work; mostly of a second ingredient of a product, named by ``ingredient``.

    A dose below it is never raised by the program: it is said, as a ``warn``.

    >>> LeastPerDay(Amount(70, "mg"), ingredient="helper").amount.number
    '70'
    """

    kind: ClassVar[str] = "least-per-day"
    amount: Amount
    ingredient: str = ""


@frozen
class MaxPerDose:
    """The most at one time."""

    kind: ClassVar[str] = "max-per-dose"
    amount: Amount
    above: Literal["stop", "warn"] = "stop"
    per_kg: bool = False


@frozen
class Interval:
    """The least or most hours between two doses."""

    kind: ClassVar[str] = "interval"
    least_hours: Fraction | None = None
    most_hours: Fraction | None = None


@frozen
class DosesPerDay:
    """How many doses in a day."""

    kind: ClassVar[str] = "doses-per-day"
    low: int
    high: int
    above: Literal["stop", "warn"] = "warn"


@frozen
class MissedDose:
    """What to do about a forgotten dose.

    ``skip-if-next-within`` hours; ``skip-if-past`` that fraction of the interval; ``take-within`` hours of the due time;
    ``wait-after`` hours after the late dose before the next; ``skip-if-nearly`` due; ``skip`` always; ``ask``.
    """

    kind: ClassVar[str] = "missed-dose"
    method: Literal["skip-if-next-within", "skip-if-past", "take-within", "wait-after", "skip-if-nearly", "skip", "ask"]
    hours: Fraction | None = None
    fraction: Fraction | None = None

    def __attrs_post_init__(self) -> None:
        if self.method in ("skip-if-next-within", "take-within", "wait-after") and self.hours is None:
            raise UnreadableError(Problem(f"The missed-dose method {self.method} needs hours."))
        if self.method == "skip-if-past" and self.fraction is None:
            raise UnreadableError(Problem("The missed-dose method skip-if-past needs a fraction of the interval."))


@frozen
class TaperBand:
    """One row of a taper whose steps shrink with the dose: while above ``down_to`` a day, ``amount`` off each interval."""

    down_to: Amount
    amount: Amount
    every_days: int
    amount_high: Amount | None = None
    every_days_high: int | None = None


@frozen
class Taper:
    """How a source says to come off. Shapes: see the glossary.

    ``minimum-duration`` (days), ``amount-per-interval`` (amount, every_days), ``percent-per-interval`` (percent of
    ``current`` or ``start``, every_days), ``slowly`` (no number), ``test-guided``, ``banded`` (rows by dose),
    ``observe`` (watch, no rate), ``none-needed`` (said so for whom it covers).
    The ``_high`` ends hold the faster or longer end of a published range.
    """

    kind: ClassVar[str] = "taper"
    shape: Literal[
        "minimum-duration",
        "amount-per-interval",
        "percent-per-interval",
        "slowly",
        "test-guided",
        "banded",
        "observe",
        "none-needed",
    ]
    days: int | None = None
    days_high: int | None = None
    amount: Amount | None = None
    amount_high: Amount | None = None
    percent: Fraction | None = None
    percent_high: Fraction | None = None
    of: Literal["current", "start"] = "current"
    every_days: int | None = None
    every_days_high: int | None = None
    last_dose: Amount | None = None
    """The dose a day that the source ends on before nothing."""
    bands: tuple[TaperBand, ...] = ()

    def __attrs_post_init__(self) -> None:
        needs: dict[str, tuple[str, ...]] = {
            "minimum-duration": ("days",),
            "amount-per-interval": ("amount", "every_days"),
            "percent-per-interval": ("percent", "every_days"),
            "banded": ("bands",),
        }
        for name in needs.get(self.shape, ()):
            if not getattr(self, name):
                raise UnreadableError(Problem(f"A taper of shape {self.shape} needs {name}."))


@frozen
class SlowerTaper:
    """For whom the slower end of the published ranges is meant: any one of what is given is enough.

    ``days_taken_above``: taken for longer; ``per_day_at_least``: this dose a day or more; ``conditions``: keys of the
    shared vocabulary; ``earlier_withdrawal``: bad signs on coming off before.
    """

    kind: ClassVar[str] = "slower-taper"
    days_taken_above: int | None = None
    per_day_at_least: Amount | None = None
    conditions: tuple[str, ...] = ()
    earlier_withdrawal: bool = False


@frozen
class WithdrawalSign:
    """A sign of stopping too fast, and how urgent it is."""

    kind: ClassVar[str] = "withdrawal-sign"
    urgency: Urgency


@frozen
class WithdrawalOnset:
    """How long after the last dose signs were seen, in hours."""

    kind: ClassVar[str] = "withdrawal-onset"
    hours: Fraction
    hours_high: Fraction | None = None


@frozen
class OverdoseSign:
    """A sign of too much."""

    kind: ClassVar[str] = "overdose-sign"
    urgency: Urgency


@frozen
class SideEffect:
    """An unwanted effect: how often (percent, or a word of the source), and what to do: wait, ask, or emergency."""

    kind: ClassVar[str] = "side-effect"
    act: Literal["wait", "ask", "emergency"]
    percent: Fraction | None = None
    percent_high: Fraction | None = None
    often: str = ""


@frozen
class Caution:
    """What a source says to do about those it covers: a condition, an age, a kidney band, another medicine ...

    ``contraindicated`` in the plan's own jurisdiction is a ``stop``; ``avoid`` and ``reduce`` warn; the rest are notes.
    ``percent``: by how much to reduce, where the source says. Never followed by the program, only shown.
    """

    kind: ClassVar[str] = "caution"
    action: Action
    percent: Fraction | None = None


@frozen
class Food:
    """With, without, either, or always the same way."""

    kind: ClassVar[str] = "food"
    way: Literal["with", "without", "either", "same-way"]


@frozen
class Review:
    """Decide again after so many weeks where it does not help."""

    kind: ClassVar[str] = "review"
    weeks: int
    weeks_high: int | None = None


@frozen
class RestartAfterGap:
    """After so many hours without the medicine the full dose is not simply taken again: ask first."""

    kind: ClassVar[str] = "restart-after-gap"
    hours: Fraction


@frozen
class StopOrder:
    """Which of two medicines is stopped first when both end, and how many days before.

    ``first``: a class of medicines. Where the statement covers that class, or none, the other medicine goes first;
    where it covers another one, this medicine is of the class and goes first itself.
    """

    kind: ClassVar[str] = "stop-order"
    first: str
    days: int | None = None

    def other_first(self, covers: Covers) -> bool:
        """Whether the other medicine has to be gone before this one is stopped.

        >>> StopOrder("beta-blocker").other_first(Covers(medicines=("beta-blocker",)))
        True
        >>> StopOrder("beta-blocker").other_first(Covers(medicines=("clonidine",)))
        False
        """
        return not covers.medicines or self.first in covers.medicines


@frozen
class BoxedWarning:
    """A warning that the label sets in a box of its own, before all others: what can kill or do lasting harm."""

    kind: ClassVar[str] = "boxed-warning"


@frozen
class NotSaid:
    """The source was read through for this, and does not say it. It is listed as silent, never taken for "no limit"."""

    kind: ClassVar[str] = "not-said"


Rule = (
    StartingDose
    | TitrationStep
    | UsualRange
    | MaxPerDay
    | LeastPerDay
    | MaxPerDose
    | Interval
    | DosesPerDay
    | MissedDose
    | Taper
    | SlowerTaper
    | WithdrawalSign
    | WithdrawalOnset
    | OverdoseSign
    | SideEffect
    | Caution
    | Food
    | Review
    | RestartAfterGap
    | StopOrder
    | BoxedWarning
    | NotSaid
)
RULES: dict[str, type] = {kind.kind: kind for kind in Rule.__args__}
"""The closed union of rules by their ``kind``."""

SUBJECTS = (
    "what-it-is", "uses", "before", "dose", "children", "how-to-take", "measuring", "food", "missed", "too-much",
    "stopping", "withdrawal", "ran-out", "hospital", "side-effects", "conditions", "other-medicines", "alcohol",
    "driving", "kidneys", "liver", "older-people", "pregnancy", "breastfeeding", "allergy", "pump", "storage",
    "products", "kinetics", "evidence",
)  # fmt: skip
"""What a statement may be about; pages are made in this vocabulary."""


@frozen
class Statement:
    """One fact in our own words, with the source and section it was read in.

    ``verified``: true only where the passage itself was read in the named source. An unverified rule may
    tighten, never allow. ``basis`` says what an unverified one rests on.
    """

    id: str
    subject: str
    text: str
    source: str
    verified: bool
    section: str = NOT_RECORDED
    basis: Literal["", "quoted elsewhere", "from memory", "worked out", "proposal", "read in part"] = ""
    covers: Covers = field(factory=Covers)
    rule: Rule | None = None
    jurisdiction: Jurisdiction = ""
    """Empty in the file: the source's own. Filled when the medicine is made."""

    def __attrs_post_init__(self) -> None:
        if self.subject not in SUBJECTS:
            raise UnreadableError(
                Problem(f"This subject is not known: {self.subject!r}.", "", "Known subjects: " + ", ".join(SUBJECTS))
            )
        if not self.text.strip():
            raise UnreadableError(Problem("A statement needs a text."))
        if self.verified and self.basis:
            raise UnreadableError(Problem(f"A verified statement has no other basis ({self.basis})."))


@frozen
class Product:
    """One product a person can be given.

    ``parts``: into how many equal doses its label allows one piece to be split (1: not at all).
    ``strength``: of the ingredient that doses are written in; ``also``: of the others by ingredient id.
    ``device``: the id of the measuring device that comes with it, where that is known.
    """

    id: str
    name: str
    form: str
    strength: Strength
    jurisdiction: Jurisdiction
    source: str
    verified: bool
    parts: Literal[1, 2, 4] = 1
    parts_note: str = ""
    release: Literal["immediate", "extended", "delayed"] = "immediate"
    also: Mapping[str, Strength] = field(factory=dict, hash=False)
    packs: tuple[Amount, ...] = ()
    codes: Mapping[str, str] = field(factory=dict, hash=False)
    storage: str = NOT_RECORDED
    in_use_days: int | None = None
    shake: bool = False
    appearance: str = NOT_RECORDED
    device: str = ""
    note: str = ""
    declared: bool = False
    """True for a product the user described, which is on no list of ours: unscored, and warned of."""

    def __attrs_post_init__(self) -> None:
        if self.strength.per.kind == "volume" and self.parts != 1:
            raise UnreadableError(Problem("A liquid has no parts to split into."))

    @property
    def liquid(self) -> bool:
        """Whether it is measured by volume."""
        return self.strength.per.kind == "volume"

    @property
    def pack_strength(self) -> str:
        """The strength of one piece as the pack prints it: "25/100 mg" where it holds other ingredients as well."""
        others = "".join(f"{s.reduced.amount.number}/" for s in self.also.values())
        return f"{others}{self.strength.reduced.amount}"

    @property
    def unit(self) -> str:
        """The UCUM code it is counted or measured in."""
        return self.strength.per.unit


@frozen
class Ingredient:
    """An active substance and its codes by system (``rxnorm``, ``snomed``, ``unii``, ``atc``, ``cas``)."""

    id: str
    name: str
    codes: Mapping[str, str] = field(factory=dict, hash=False)


@frozen
class Claim:
    """What a page said, judged: the verdict, the correction, the statements behind it, and the command that acts on it.

    ``says``: the claim in our own words. ``match``: short runs of words by which an audit recognises it.
    """

    id: str
    page: str
    says: str
    verdict: Literal["right", "incomplete", "overstated", "understated", "wrong", "garbled", "omission"]
    correction: str
    statements: tuple[str, ...] = ()
    command: str = ""
    match: tuple[str, ...] = ()


@frozen
class Unused:
    """A fact of the research that is no statement here, and why."""

    what: str
    source: str
    reason: str


@frozen
class Expect:
    """What an example of a medicine file must give: the amount to take, and the check ids of its findings."""

    take: str = ""
    stop: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()


@frozen
class Example:
    """A direction a medicine file promises to plan in a certain way; a test runs each."""

    text: str
    expect: Expect
    jurisdiction: Jurisdiction = ""
    have: tuple[str, ...] = ()
    person: Mapping[str, object] = field(factory=dict, hash=False)


@frozen
class Medicine:
    """One medicine: its names, sources, products and statements.

    Checked when made: every statement and product cites a source of this file, ids are unique, claims and covers
    name what exists. All that is wrong is raised at once.
    """

    id: str
    names: tuple[str, ...]
    ingredients: tuple[Ingredient, ...]
    sources: tuple[Source, ...]
    products: tuple[Product, ...]
    statements: tuple[Statement, ...]
    claims: tuple[Claim, ...] = ()
    unused: tuple[Unused, ...] = ()
    examples: tuple[Example, ...] = ()
    dose_unit: str = "mg"
    route: str = "oral"
    say: str = ""
    """How the name is said aloud: "GA-ba-PEN-tin". No source stands behind it, so a page marks it as not verified."""
    reject: Mapping[str, str] = field(factory=dict, hash=False)
    """Product codes of another world (an injection, a pump) that must be refused, and why."""

    def __attrs_post_init__(self) -> None:
        problems: list[Problem] = []
        known = {s.id for s in self.sources}
        for name, group in (("source", self.sources), ("product", self.products), ("statement", self.statements)):
            seen: set[str] = set()
            for item in group:
                if item.id in seen:
                    problems.append(Problem("This id is used twice.", f"{name}.{item.id}"))
                seen.add(item.id)
        cited: Iterable[tuple[str, str]] = [
            *((f"product.{p.id}", p.source) for p in self.products),
            *((f"statement.{s.id}", s.source) for s in self.statements),
        ]
        for where, source in cited:
            if source not in known:
                problems.append(Problem(f"It cites a source that is not in this file: {source!r}.", where))
        used = {source for _, source in cited} | {u.source for u in self.unused}
        problems += [
            Problem("No statement uses this source.", f"source.{s.id}") for s in self.sources if s.id not in used
        ]
        products, ids = {p.id for p in self.products}, {s.id for s in self.statements}
        for s in self.statements:
            problems += [
                Problem(f"It covers a product that is not in this file: {p!r}.", f"statement.{s.id}.covers.products")
                for p in s.covers.products
                if p not in products
            ]
        for c in self.claims:
            problems += [
                Problem(f"It rests on a statement that is not in this file: {s!r}.", f"claim.{c.id}")
                for s in c.statements
                if s not in ids
            ]
        if problems:
            raise UnreadableError(*problems)

    def source(self, id: str) -> Source:
        """The source of that id."""
        return next(s for s in self.sources if s.id == id)

    def statement(self, id: str) -> Statement:
        """The statement of that id."""
        return next(s for s in self.statements if s.id == id)

    def product(self, id: str) -> Product:
        """The product of that id."""
        return next(p for p in self.products if p.id == id)

    def of(self, statement: Statement) -> Jurisdiction:
        """The country a statement speaks for: its own, or its source's."""
        return statement.jurisdiction or self.source(statement.source).jurisdiction

    def rules(self, kind: type) -> tuple[Statement, ...]:
        """The statements that carry a rule of that class, in file order."""
        return tuple(s for s in self.statements if isinstance(s.rule, kind))

    def about(self, subject: str, jurisdiction: Jurisdiction | None = None) -> tuple[Statement, ...]:
        """The statements on a subject; with a jurisdiction, only that country's and those of no country."""
        return tuple(
            s
            for s in self.statements
            if s.subject == subject and (jurisdiction is None or self.of(s) in (jurisdiction, "*"))
        )

    @property
    def jurisdictions(self) -> tuple[Jurisdiction, ...]:
        """The countries that any source speaks for, in file order."""
        return tuple(dict.fromkeys(self.of(s) for s in self.statements if self.of(s) != "*"))

    @property
    def tapers(self) -> bool:
        """Whether any source says it must be come off, not stopped at once."""
        return any(isinstance(s.rule, Taper) and s.rule.shape != "none-needed" for s in self.statements)


def rule_fields(kind: type) -> tuple[str, ...]:
    """The keys a rule may carry in a file, after ``kind``."""
    return tuple(f.name for f in fields(kind))
