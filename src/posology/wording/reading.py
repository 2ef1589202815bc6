"""Turns directions as people write them into a Course, with the place of every field, or refuses with the reason.

Knows no medicine but the names it is given; looks nothing up, and never completes what the text does not say.
"""

from __future__ import annotations

from functools import lru_cache

from attrs import field, frozen

from posology.amount import Amount, Strength
from posology.directions import Course, Span
from posology.errors import Problem, UnreadableError
from posology.wording.clause import Clause, Parse
from posology.wording.cutting import Cutter
from posology.wording.en.grammar import chunks
from posology.wording.joining import join
from posology.wording.scan import Lexemes, Note, scan

__all__ = ["LONGEST", "Named", "Note", "Reading", "read"]

LONGEST = 4000
"""The most characters a text may have; a longer one is refused at once."""


@frozen
class Named:
    """The medicine a text names: as written, as matched in the names given, and what it says of the product."""

    text: str = ""
    matched: str | None = None
    strength: Amount | Strength | None = None
    form: str = ""
    release: str = ""
    span: Span = field(factory=Span)


@frozen
class Reading:
    """What was read of one text, and what was not.

    ``complete`` is False where numbers, units, times or negations were not understood or have two readings: the text is
    refused, ``problems`` say why and where, and ``course`` holds the part that was read. ``warnings``: read, and easily
    misread; ``inferred``: worked out, not said in so many words; ``second``: read, with another reading;
    ``left_over``: words without a field; ``facts``: what is no dose (packs, dates, strengths).
    """

    text: str
    course: Course | None = None
    complete: bool = False
    named: Named | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Note, ...] = ()
    inferred: tuple[Note, ...] = ()
    second: tuple[Note, ...] = ()
    left_over: tuple[Note, ...] = ()
    facts: tuple[Note, ...] = ()


def read(text: str, *, names: tuple[str, ...] = (), taking: Course | None = None) -> Reading:
    """Read directions in English.

    ``names``: names of medicines that may stand in the text. ``taking``: what is taken now, for directions that only say a
    change ("reduce by 10 mg every week then stop"). Never raises for any text; see :class:`Reading`.

    >>> r = read("Take 1 tablet in the morning and 2 at night for 7 days")
    >>> [(str(d.dose), d.timing.when) for d in r.course.directions]
    [('1 tablet', ('MORN',)), ('2 tablets', ('NIGHT',))]
    >>> read("2 weekly").complete
    False
    """
    if len(text) > LONGEST:
        return Reading(
            text, problems=(Problem(f"The text is too long: {len(text)} characters.", "", f"Give at most {LONGEST}."),)
        )
    if taking is None:
        return _cached(text, names)
    return _read(text, names, taking)


def _read(text: str, names: tuple[str, ...], taking: Course | None) -> Reading:
    lex = scan(text, names)
    if lex.problems and len(c := lex.problems[0].text) == 1 and (not c.isascii() or not c.isprintable()):
        return Reading(
            text, problems=(lex.problems[0],)
        )  # a hidden or foreign sign: what stands around it cannot be trusted
    p = Parse(lex)
    reader = Cutter(p, chunks(lex.classes))
    clauses = reader.clauses()
    p.problems.extend(lex.doubtful.values())
    course = None
    if clauses:
        try:
            course = join(p, clauses, reader.after, taking)
        except UnreadableError as error:
            p.problems.extend(error.problems)
    if course is None and not p.problems:
        p.problems.append(
            Problem("No directions were found in this text.", "", "Say how much, and how often.", text[:80])
        )
    return Reading(
        text,
        course,
        course is not None and not p.problems,
        _named(p, clauses),
        tuple(p.problems),
        tuple(p.warnings),
        tuple(p.inferred),
        tuple(p.second),
        tuple(p.left),
        tuple(p.facts),
    )


_cached = lru_cache(maxsize=4096)(lambda text, names: _read(text, names, None))


def _named(p: Parse, clauses: list[Clause]) -> Named | None:
    lex: Lexemes = p.lex
    strength = p.strength
    if strength is None:
        for c in clauses:
            if c.strength is not None:
                strength = c.strength
                break
    name = p.name
    if name is None and p.left:
        # Words right before the first amount, or at the head of the text, name the medicine.
        firsts = [c.dose_at[0] for c in clauses if c.dose_at] + ([p.strength_at[0]] if p.strength_at else [])
        if firsts:
            at = min(firsts)
            k = at
            while k > 0 and lex.classes[k - 1] in "w^":
                k -= 1
            words = [
                n for n in p.left if n.key == "word" and n.span.start >= lex.starts[k] and n.span.end <= lex.starts[at]
            ]
            if k < at and words and lex.classes[at : at + 1] == "n" and lex.classes[k:at].strip("^"):
                name = (p.text(k, at), None, k, at)
                p.left = [n for n in p.left if n not in words]
    if name is None and strength is None and not p.form and not p.release:
        return None
    span = p.span(name[2], name[3]) if name else Span()
    return Named(name[0] if name else "", name[1] if name else None, strength, p.form, p.release, span)
