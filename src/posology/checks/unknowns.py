"""Turns the facts of the person that checks needed and did not have into one grouped question.

Knows nothing of other checks.
"""

from __future__ import annotations

from collections.abc import Iterator

from posology.checks import Case, Finding, check, matches

_ORDER = ("taking", "age", "weight", "egfr", "crcl", "dialysis", "indication", "conditions", "medicines", "pregnant",
          "breastfeeding", "alcohol", "needs", "allergies")  # fmt: skip


@check("unknowns", about="what the program was not told, in one question")
def unknowns(case: Case) -> Iterator[Finding]:
    """One finding that lists every fact a statement of this country (or of no country) needs and does not have.

    Where one kind of kidney function is known, and the sources speak of that kind, the other is not asked for. Where
    they speak only of the other kind, it is: an eGFR tells nothing by rows of creatinine clearance. No question is
    ever a stop.
    """
    missing: dict[str, list[str]] = {}
    spoken: set[str] = set()
    for s in case.medicine.statements:
        if s.rule is None or not case.ours(s):
            continue
        if s.covers.kidney is not None:
            spoken.add("crcl" if s.covers.kidney.unit == "mL/min" else "egfr")
        covered, names_of = matches(s.covers, case)
        if getattr(s.rule, "per_kg", False) and case.person.weight is None and covered is not False:
            names_of |= {"weight"}
        for name in names_of:
            missing.setdefault(name, []).append(s.id)
    person = case.person
    if any(getattr(person, name) is not None for name in spoken):
        for name in ("egfr", "crcl"):
            missing.pop(name, None)
    if person.new is None and person.taking is None:
        missing.setdefault("taking", [s.id for s in case.medicine.about("dose", case.jurisdiction)][:1])
    names = tuple(n for n in _ORDER if n in missing)
    if names:
        cited = tuple(dict.fromkeys(id for n in names for id in missing[n]))
        yield Finding("unknowns", "ask", "facts-not-known", {"names": names}, cited, "facts-are-asked-not-guessed")
