"""Turns a source of directions (words, standard input, a FHIR file) into an order: the medicine, the course, the rest.

Decides nothing; what is not whole (no dose, or no word of how often) is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt

    from posology.directions import Course, Person, Prescription
    from posology.medicine import Medicine
    from posology.supply import Holding
    from posology.wording.reading import Named, Reading


class Order:
    """What a source of directions gave: the medicine, the course, and what else it said."""

    def __init__(self, medicine: Medicine, course: Course, text: str, understood: str) -> None:
        self.medicine, self.course, self.text, self.understood = medicine, course, text, understood
        self.named: Any = None
        self.same: tuple[Any, ...] = ()
        self.only: tuple[str, ...] = ()
        self.beside: tuple[Course, ...] = ()
        self.holdings: tuple[Holding, ...] = ()
        self.form = ""
        self.person: Person | None = None
        self.start: dt.date | None = None
        self.repeats: int | None = None
        self.written_on: dt.date | None = None
        self.status = ""

    def prescription(self, person: Person) -> Prescription:
        from posology.directions import Prescription

        return Prescription(
            self.medicine.id, self.course, self.text, person, written_on=self.written_on, status=self.status
        )


def read(source: str, medicine: str | None, names: tuple[str, ...]) -> Order:
    """The order of a source as it was given to a command: words, ``-`` for standard input, or the name of a JSON file."""
    from posology.cli import inputs

    if len(source) < 250 and source.lower().endswith(".json"):
        return from_fhir(Path(source), medicine, names)
    return from_words(inputs.text_of(source), medicine, names)


def from_words(text: str, medicine: str | None, names: tuple[str, ...]) -> Order:
    """An order from directions in words; refused with every place that was not understood."""
    from posology import library
    from posology.errors import OptionError, Problem, UnreadableError
    from posology.wording import read

    reading = read(text, names=names)
    if not reading.complete or reading.course is None:
        problems = list(reading.problems) or [
            Problem("These directions cannot be read.", "", "Write them like: 10 mg three times a day.")
        ]
        part = understood(reading)
        if part:
            problems.append(Problem(f"Understood so far: {part}"))
        raise UnreadableError(*problems)
    written = reading.named.matched if reading.named else None
    name = medicine or written or (reading.named.text if reading.named else None) or _unknown_name(reading, names)
    if not name:
        raise OptionError(
            Problem(
                "Which medicine? The directions do not name one.",
                "",
                "Add --medicine, like --medicine NAME. See all: posology medicines",
            )
        )
    held = library.medicine(name)
    if written and library.names()[written.lower()] != held.id:
        raise UnreadableError(
            Problem(f"The directions are for {written}, and --medicine says {name}.", "--medicine", "Give one of them.")
        )
    order = Order(held, whole(reading.course), text.strip(), understood(reading))
    if reading.named is not None:
        order.named = reading.named.strength
        order.form = reading.named.form or ""
        order.only = tuple(p.id for p in library.combined(held, text))
        order.named = None if order.only else order.named
        _refuse_other_release(held, reading.named)
    strength = held.product(order.only[0]).strength if order.only else order.named
    order.same = (*_same(reading), *_of_named_strength(reading, strength))
    return order


_RELEASE = {
    **dict.fromkeys(("mr", "sr", "xr", "xl", "er", "cr", "la", "modified", "extended", "sustained", "slow", "prolonged",
                     "controlled"), "extended"),
    **dict.fromkeys(("ec", "dr", "gr", "delayed", "gastro", "enteric"), "delayed"),
    **dict.fromkeys(("ir", "immediate"), "immediate"),
}  # fmt: skip
"""Words beside the name of a medicine that say how its product lets it out."""


def _refuse_other_release(held: Medicine, named: Named) -> None:
    """Directions that name a release (extended, delayed, immediate) are never planned on a file that holds none of it."""
    from posology.errors import Problem, UnreadableError

    said = f"{named.text} {named.release}".lower().replace("-", " ").split()
    own = set((named.matched or "").lower().replace("-", " ").split())
    for word in said:
        kind = _RELEASE.get(word)
        if kind is None or word in own or any(p.release == kind for p in held.products):
            continue
        raise UnreadableError(
            Problem(
                f"These directions are for a product of {kind} release ({named.text}), and the file of {held.names[0]} has none.",
                "",
                "It is never planned as the other. Ask the pharmacist. See all: posology medicines",
                named.text,
            )
        )


def _unknown_name(reading: Reading, names: tuple[str, ...]) -> str | None:
    """A left-over word that is nearly the name of a medicine."""
    import difflib

    words = [w for note in reading.left_over for w in note.text.split()]
    return next((w for w in words if difflib.get_close_matches(w.lower(), names, 1)), None)


def whole(course: Course) -> Course:
    """The course itself, if every part says how much and how often; a part of a prescription is never planned as all of it."""
    from attrs import evolve

    from posology.directions import Timing
    from posology.errors import Problem, UnreadableError

    problems = []
    for number, phase in enumerate(course.phases, 1):
        for d in phase.directions:
            where = f"step {number}" if len(course.phases) > 1 else ""
            if d.dose is None and d.rate is None:
                problems.append(
                    Problem("How much is taken is not said.", where, "Write it like: 10 mg three times a day.")
                )
            if not d.as_needed and evolve(d.timing, bounds=None) == Timing():
                problems.append(
                    Problem("How often it is taken is not said.", where, "Write it like: 10 mg three times a day.")
                )
    if problems:
        raise UnreadableError(*problems)
    return course


def _same(reading: Reading) -> tuple[Any, ...]:
    """The amounts written beside a dose as the same: (amount of a product, mass), in that order."""
    from posology.amount import Amount

    found = []
    for note in reading.facts:
        if note.key != "same-as" or not isinstance(note.value, Amount) or reading.course is None or note.span is None:
            continue
        before = [d for d in reading.course.directions if "dose" in d.spans and d.spans["dose"].start < note.span.start]
        dose = before[-1].dose if before else None
        if dose is None or not isinstance(dose.amount, Amount):
            continue
        pair = (note.value, dose.amount) if dose.amount.kind == "mass" else (dose.amount, note.value)
        if pair[1].kind == "mass" and pair[0].kind != "mass":
            found.append(pair)
    return tuple(found)


def _of_named_strength(reading: Reading, strength: Any) -> tuple[Any, ...]:
    """What each dose counted in pieces or measured in mL weighs by the strength that the directions name.

    A product in the house of another strength then disagrees: "10 mg tablets: 1 tablet" is never 1 tablet of 20 mg.
    """
    from posology.amount import Amount, Strength

    if strength is None or reading.course is None:
        return ()
    found: list[tuple[Amount, Amount]] = []
    for d in reading.course.directions:
        amount = d.dose.amount if d.dose is not None else None
        if not isinstance(amount, Amount) or amount.kind == "mass":
            continue
        if isinstance(strength, Strength):
            if strength.per.kind == amount.kind:
                found.append((amount, strength.mass_of(amount)))
        elif amount.kind != "volume" and strength.kind == "mass":
            found.append((amount, strength * amount.value))
    return tuple(dict.fromkeys(found))


def understood(reading: Reading) -> str:
    """What was understood, said back in plain words, with what was inferred and left over."""
    if reading.course is None:
        return ""
    from posology.wording.en.remarks import remark

    said = say_again(reading.course)
    extra = [remark(n) for n in (*reading.warnings, *reading.second, *reading.inferred)]
    left = [w.text for w in reading.left_over]
    if left:
        extra.append(f"Not used: {', '.join(left)}.")
    return " ".join([said, *extra])


_MAX_FILE = 20_000_000


def from_fhir(path: Path, medicine: str | None, names: tuple[str, ...]) -> Order:
    """An order from a FHIR R4 MedicationRequest, or a Bundle with one; its codes and words name the medicine."""
    import datetime as dt

    from attrs import evolve

    from posology import library
    from posology.errors import Problem, RefusedError, UnreadableError
    from posology.fhir import request

    def key(text: str) -> str | None:
        words = f" {' '.join(text.lower().replace('-', ' ').replace('/', ' ').split())} "
        held = {library.names()[n] for n in names if f" {n.replace('-', ' ')} " in words}
        return held.pop() if len(held) == 1 else None

    try:
        if path.stat().st_size > _MAX_FILE:
            raise UnreadableError(
                Problem("This file is too large for one order.", str(path), "Give one MedicationRequest or Bundle.")
            )
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(
            Problem(f"It cannot be read: {error.strerror}.", str(path), "Check the name of the file.")
        ) from None
    read = request.read_json(data, dt.date.today(), medicine=medicine, key=key, names=names)  # noqa: DTZ011
    try:
        held = library.medicine(medicine or key(read.medicine.text) or read.medicine.text)
    except UnreadableError as error:
        raise UnreadableError(*(evolve(p, where="medication") for p in error.problems)) from None
    codes = {code for _, code in read.medicine.codes}
    for code in codes & set(held.reject):
        raise RefusedError(
            Problem(
                f"This product is not for this program: {held.reject[code]}",
                "medication",
                "Call the team that looks after it.",
            )
        )
    said = say_again(read.course)
    order = Order(held, whole(read.course), read.text or said, " ".join([f"{said}", *(str(w) for w in read.warnings)]))
    product = next((p for p in held.products if codes & set(p.codes.values())), None)
    order.named, order.form = (
        (product.strength, product.form) if product else (read.medicine.strength, read.medicine.form)
    )
    order.person, order.start, order.repeats = read.person, read.start, read.repeats
    order.beside = read.beside
    if product is not None and read.quantity is not None and read.quantity.kind == product.strength.per.kind:
        from posology.supply import Holding

        order.holdings = (Holding(product, read.quantity),)
    order.written_on, order.status = read.authored_on, read.status
    return order


def say_again(course: Course) -> str:
    """A course in words; what has no words yet is said to be in the structure only."""
    from posology.errors import RefusedError
    from posology.wording import say

    try:
        return say(course)
    except RefusedError as error:
        return f"(no words for this: {error})"
