"""Turns the medicine files into docs/reference/medicines.md: a table of how complete each one is.

Run: python docs/generate_medicines.py. A test fails when the page is not what the files say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from posology import library
from posology.amount import Amount
from posology.medicine import (
    NOT_RECORDED,
    BoxedWarning,
    Caution,
    MaxPerDay,
    MaxPerDose,
    Medicine,
    MissedDose,
    NotSaid,
    OverdoseSign,
    RestartAfterGap,
    SideEffect,
    StartingDose,
    Statement,
    StopOrder,
    Taper,
    TitrationStep,
    WithdrawalOnset,
    WithdrawalSign,
)

HERE = "docs/generate_medicines.py"
OUT = Path(__file__).parent / "reference" / "medicines.md"

HEAD = """# Medicines on file

<!-- Made by docs/generate_medicines.py from the medicine files. Do not edit by hand. -->

One file a medicine, in `src/posology/data/medicines/`. Each fact is one statement in our own words, with its source,
section and country. **Read** statements were read in the source they name. The others say what they rest on (quoted
elsewhere, from memory, worked out) and may only make a plan stricter. A fact of the research that is no statement is
listed in the file as unused, with the reason.

None of this is advice. A file is as good as the sources that could be read: the column *sources read* says how many
were read whole or in part.
"""

SHAPES = """## How each one is come off

The ways its sources tell of coming off, by country. `slowly` gives no rate; `observe` says only to watch; `none-needed`
holds only for those it covers; `banded` has steps that shrink with the dose. A star (`*`) is a paper of no country.

| Medicine | Ways | Signs by urgency | Start of signs | Stop order |
| --- | --- | --- | --- | --- |
"""

SPLIT = """## Products and splitting

A tablet is planned in halves or quarters only where its own label says so. A score line alone is not enough.

| Medicine | Whole only | May be halved | Quarters | Liquids | Extended release |
| --- | --- | --- | --- | --- | --- |
"""

TOPICS = """## Topic by topic

What a file holds on each topic a person or a pharmacist asks about: **r** read in the source named, *n* only not read (it may tighten, never
allow), s the sources were read for it and are silent, - nothing. *Looks* counts the products whose colour, shape or marks are known.

"""

MISSING = """## What is not in a file

Rules that no source read gave. "Not stated" is an answer: a plan says so, and never takes it for "no limit".

| Medicine | No rule for | Facts listed as unused |
| --- | --- | --- |
"""


def _files() -> dict[str, Medicine]:
    return {
        f.parent.name: library.load_medicine(f) for f in sorted((library.DATA / "medicines").glob("*/medicine.toml"))
    }


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(c) for c in cells) + " |\n"


def _complete(m: Medicine) -> str:
    read = sum(s.verified for s in m.statements)
    rules = sum(s.rule is not None for s in m.statements)
    sources = sum(s.checked in ("read", "read in part") for s in m.sources)
    return _row(
        m.names[0], ", ".join("any" if j == "*" else j for j in m.jurisdictions), len(m.products), len(m.statements),
        f"{read} ({read * 100 // len(m.statements)} %)", rules, f"{sources} of {len(m.sources)}", len(m.unused),
    )  # fmt: skip


def _ways(m: Medicine) -> str:
    ways: dict[str, list[str]] = {}
    for s in m.rules(Taper):
        assert isinstance(s.rule, Taper)
        name = s.rule.shape + ("" if s.verified else " (not read)")
        where = ways.setdefault(name, [])
        if m.of(s) not in where:
            where.append(m.of(s))
    signs = [s.rule.urgency for s in m.rules(WithdrawalSign) if isinstance(s.rule, WithdrawalSign)]
    count = ", ".join(f"{signs.count(u)} {u}" for u in ("emergency", "urgent", "early") if u in signs)  # type: ignore[arg-type]
    onset = (
        "yes"
        if any(s.verified for s in m.rules(WithdrawalOnset))
        else "worked out"
        if m.rules(WithdrawalOnset)
        else "not stated"
    )
    said = "; ".join(f"{k}: {', '.join(v)}" for k, v in sorted(ways.items())).replace("*", "\\*")
    return _row(
        m.names[0], said, count, onset, "yes" if m.rules(StopOrder) else "-",
    )  # fmt: skip


def _splitting(m: Medicine) -> str:
    solid = [p for p in m.products if not p.liquid]
    return _row(
        m.names[0], *(sum(p.parts == n for p in solid) or "-" for n in (1, 2, 4)), sum(p.liquid for p in m.products) or "-",
        sum(p.release == "extended" for p in m.products) or "-",
    )  # fmt: skip


_COLUMNS: dict[str, Callable[[Statement], bool]] = {
    "uses": lambda s: s.subject == "uses",
    "start": lambda s: isinstance(s.rule, StartingDose),
    "steps": lambda s: (
        isinstance(s.rule, TitrationStep) or (isinstance(s.rule, NotSaid) and s.id in ("us-steps-not-said", "us-rise"))
    ),
    "most": lambda s: (
        isinstance(s.rule, MaxPerDay | MaxPerDose) or (s.subject == "dose" and isinstance(s.rule, NotSaid))
    ),
    "missed": lambda s: isinstance(s.rule, MissedDose) or s.subject == "missed",
    "stopping": lambda s: isinstance(s.rule, Taper),
    "signs": lambda s: isinstance(s.rule, WithdrawalSign),
    "boxed": lambda s: isinstance(s.rule, BoxedWarning) or s.id in ("effect-boxed-none", "effect-box-gone"),
    "must not": lambda s: s.id == "cond-nobody" or (isinstance(s.rule, Caution) and s.rule.action == "contraindicated"),
    "others": lambda s: s.subject == "other-medicines",
    "alcohol": lambda s: s.subject == "alcohol",
    "driving": lambda s: s.subject == "driving",
    "kidneys": lambda s: s.subject == "kidneys",
    "liver": lambda s: s.subject == "liver",
    "pregnancy": lambda s: s.subject == "pregnancy",
    "milk": lambda s: s.subject == "breastfeeding",
    "children": lambda s: s.subject == "children" or (s.covers.age is not None and s.covers.age.holds(Amount(3, "a"))),
    "older": lambda s: s.subject == "older-people",
    "effects": lambda s: isinstance(s.rule, SideEffect),
    "too much": lambda s: isinstance(s.rule, OverdoseSign) or s.subject == "too-much",
    "storage": lambda s: s.subject == "storage",
}


def _topics(m: Medicine) -> str:
    cells = []
    for asks in _COLUMNS.values():
        held = [s for s in m.statements if asks(s)]
        said = [s for s in held if not isinstance(s.rule, NotSaid)]
        cells.append("r" if any(s.verified for s in said) else "*n*" if said else "s" if held else "-")
    looks = sum(p.appearance != NOT_RECORDED for p in m.products)
    return _row(m.names[0], *cells, f"{looks} of {len(m.products)}")


def _absent(m: Medicine) -> str:
    wanted = {
        "a starting dose": StartingDose, "a highest dose a day": MaxPerDay, "a missed dose": MissedDose,
        "side effects": SideEffect, "starting again after a gap": RestartAfterGap, "cautions": Caution,
    }  # fmt: skip
    gone = [name for name, kind in wanted.items() if not any(s.verified for s in m.rules(kind))]
    return _row(m.names[0], ", ".join(gone) or "-", len(m.unused))


def table(files: Mapping[str, Medicine] | None = None) -> str:
    """The whole page, for the files given or for all of ours."""
    held = list((files if files is not None else _files()).values())
    first = (
        "| Medicine | Countries | Products | Statements | Read in the source | With a rule | Sources read | Unused |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    )
    read = sum(s.verified for m in held for s in m.statements)
    every = sum(len(m.statements) for m in held)
    total = f"\n{len(held)} medicines, {every} statements, {read} read in the source they name.\n\n"
    return "".join(
        (
            HEAD, total, first, *map(_complete, held), "\n", SHAPES, *map(_ways, held), "\n", SPLIT,
            *map(_splitting, held), "\n", TOPICS, _row("Medicine", *_COLUMNS, "looks"),
            _row(*["---"] * (len(_COLUMNS) + 2)), *map(_topics, held), "\n", MISSING, *map(_absent, held),
        )
    )  # fmt: skip


def main() -> None:
    """Write the page."""
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(table(), "utf-8")
    print(f"Written: {OUT}")


if __name__ == "__main__":
    main()
