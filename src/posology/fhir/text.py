"""Turns a Dosage's own text into a second reading, and names where it and the structure say two different things.

Knows no resource. It smooths nothing: published examples whose text and structure disagree are reported as they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from attrs import frozen

from posology.amount import Amount
from posology.directions import Course, Directions
from posology.errors import PosologyError, Problem
from posology.fhir.timing import length_of


@frozen
class Judged:
    """What comparing text and structure gave: ``clashes`` change the dose, ``differences`` do not, or may not."""

    clashes: tuple[Problem, ...] = ()
    differences: tuple[Problem, ...] = ()
    read: bool = False
    """Whether the text could be read at all; where it could not, nothing is known of their agreement."""


def check_text(
    directions: Directions | Sequence[Directions], names: Sequence[str] = (), path: str = "text"
) -> tuple[Problem, ...]:
    """Every place where the text of Dosages and their structure disagree; none where the text cannot be read.

    ``names``: names of medicines that the text may hold.

    >>> from posology.fhir.dosage import read_dosage
    >>> d = read_dosage({"text": "One tablet daily", "timing": {"repeat": {"frequency": 4, "period": 1, "periodUnit": "d"}}})
    >>> [p.what for p in check_text(d)]
    ["The text says once a day, the structure says 4 times a day: 'One tablet daily'."]
    """
    judged = judge(directions, names, path)
    return judged.clashes + judged.differences


def judge(directions: Directions | Sequence[Directions], names: Sequence[str] = (), path: str = "text") -> Judged:
    """The same, with what changes the dose kept apart from what does not."""
    held = [directions] if isinstance(directions, Directions) else list(directions)
    texts = {d.text.strip() for d in held if d.text.strip()}
    clashes: list[Problem] = []
    differences: list[Problem] = []
    read = False
    if len(texts) == 1 and len(held) > 1:
        groups: list[tuple[str, list[Directions], str]] = [(texts.pop(), held, path)]
    else:
        where = f"{path}[{{}}].text" if len(held) > 1 else path
        groups = [(d.text.strip(), [d], where.format(i)) for i, d in enumerate(held) if d.text.strip()]
    for text, group, here in groups:
        course = _read(text, names)
        if course is None or all(_silent(d) for d in group):
            continue
        read = True
        hard, soft = _compare(text, course, group, here)
        clashes += hard
        differences += soft
    return Judged(tuple(clashes), tuple(differences), read)


def _read(text: str, names: Sequence[str]) -> Course | None:
    from posology.wording import read

    try:
        reading = read(text, names=tuple(names))
    except PosologyError:
        return None
    if not reading.complete or reading.course is None:
        return None
    if reading.left_over and all(d.dose is None for d in reading.course.directions):
        return None  # a stray word that looks like a time of day is no reading of the text
    return reading.course


def _silent(d: Directions) -> bool:
    return d.dose is None and d.timing.empty and not d.as_needed


def _compare(text: str, course: Course, group: Sequence[Directions], where: str) -> tuple[list[Problem], list[Problem]]:
    said = [(d, p.length) for p in course.phases for d in p.directions]
    if len(said) == len(group):
        hard: list[Problem] = []
        soft: list[Problem] = []
        for (words, length), d in zip(said, group, strict=True):
            found = _pair(text, words, length, d, where)
            hard += found[0]
            soft += found[1]
        return hard, soft
    for words, length in said:
        if any(not _pair(text, words, length, d, where)[0] for d in group):
            return [], [
                Problem(f"The text holds {_many(said)}, the structure {_many(group)}: {text!r}.", where, "Ask.")
            ]
    return [Problem(f"The text holds {_many(said)}, the structure {_many(group)}: {text!r}.", where, "Ask.")], []


def _many(held: Sequence[object]) -> str:
    return "one instruction" if len(held) == 1 else f"{len(held)} instructions"


def _pair(
    text: str, words: Directions, length: Amount | None, d: Directions, where: str
) -> tuple[list[Problem], list[Problem]]:
    hard: list[Problem] = []
    soft: list[Problem] = []

    def tell(into: list[Problem], in_text: object, in_structure: object) -> None:
        into.append(
            Problem(f"The text says {in_text}, the structure says {in_structure}: {text!r}.", where, "Ask which holds.")
        )

    if words.dose is not None and d.dose is not None:
        for name in ("least", "most"):
            a, b = getattr(words.dose, name), getattr(d.dose, name)
            if a is not None and b is not None and a.kind == b.kind and not a.same_as(b):
                tell(hard, words.dose, d.dose)
                break
            if (a is None) != (b is None):
                tell(soft, words.dose, d.dose)
                break
    often, written = words.timing.times_a_day, d.timing.times_a_day
    if often is not None and written is not None and often != written:
        tell(hard, _rhythm(words), _rhythm(d))
    elif often is not None and written is not None and _by_hours(words) != _by_hours(d):
        tell(soft, _rhythm(words), _rhythm(d))
    if words.as_needed != d.as_needed:
        tell(hard, *("as needed" if x.as_needed else "regularly" for x in (words, d)))
    if (
        words.timing.days_of_week
        and d.timing.days_of_week
        and set(words.timing.days_of_week) != set(d.timing.days_of_week)
    ):
        tell(hard, ", ".join(words.timing.days_of_week), ", ".join(d.timing.days_of_week))
    one, other = length or length_of(words.timing.bounds), length_of(d.timing.bounds)
    if one is not None and other is not None and one.kind == other.kind and not one.same_as(other):
        tell(hard, f"for {one}", f"for {other}")
    if words.timing.count is not None and d.timing.count is not None and words.timing.count != d.timing.count:
        tell(hard, f"{words.timing.count} doses", f"{d.timing.count} doses")
    tell_if: tuple[tuple[str, Callable[[Directions], object]], ...] = (
        ("route", lambda x: x.route and x.route.words.lower()),
        ("a maximum", lambda x: [(m.amount.base, m.per.base) for m in x.max_per_period]),
    )
    for name, get in tell_if:
        a, b = get(words), get(d)
        if a and b and a != b and not _alike(name, words, d):
            tell(soft, f"another {name.removeprefix('a ')}", _shown(name, d))
    return hard, soft


def _alike(name: str, words: Directions, d: Directions) -> bool:
    from posology.wording.catalogue import concept_key

    if name != "route" or words.route is None or d.route is None:
        return False
    keys = [concept_key("route", c.words, c.code, c.system) for c in (words.route, d.route)]
    return keys[0] == keys[1] or None in keys


def _shown(name: str, d: Directions) -> str:
    if name == "route" and d.route is not None:
        return d.route.words
    return "; ".join(f"{m.amount} in {m.per}" for m in d.max_per_period)


def _by_hours(d: Directions) -> bool:
    return d.timing.elapsed


def _rhythm(d: Directions) -> str:
    from posology.wording.saying import speaker

    said = speaker("en", "plain").rhythm(d)
    return said or f"{d.timing.times_a_day or Fraction(0)} a day"
