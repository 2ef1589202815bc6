"""How fast doses are measured, and whether the fewest pieces agree with an integer programming solver (OR-Tools)."""

from __future__ import annotations

import sys
from fractions import Fraction
from math import ceil
from time import process_time

from ortools.sat.python import cp_model

from posology.amount import Amount, Strength
from posology.measure import Device, Measure, measure
from posology.medicine import Product


def tablet(mg: int, parts: int) -> Product:
    """A tablet of so many milligrams; of no real medicine."""
    strength = Strength(Amount(mg, "mg"), Amount(1, "{tablet}"))
    return Product(f"t{mg}", f"{mg} mg", "tablet", strength, "US", "s", True, parts)  # type: ignore[arg-type]


SHELF = [tablet(5, 1), tablet(10, 2), tablet(15, 1), tablet(20, 2), tablet(25, 4)]
BOTTLE = Product("b", "5 mg in 5 mL", "solution", Strength(Amount(5, "mg"), Amount(5, "mL")), "US", "s", True)
SYRINGES = [
    Device(f"{size}-{mark}", "", "oral-syringe", Amount(size, "mL"), Amount(Fraction(mark), "mL"))
    for size, mark in ((1, "1/100"), (3, "1/10"), (5, "1/5"), (10, "1/5"), (10, "1/2"))
]
DOSES = [Amount(Fraction(n, 4), "mg") for n in range(1, 401)]


def solver(dose: Amount) -> tuple[int, int] | None:
    """The fewest pieces, then cuts, by OR-Tools; None where nothing makes it."""
    model = cp_model.CpModel()
    grams, pieces, cuts = [], [], []
    for p in SHELF:
        mg = int(p.strength.amount.base * 4)
        whole = model.new_int_var(0, 40, "")
        part = [model.new_bool_var("") for _ in range(1, p.parts)]
        model.add(sum(part) <= 1)
        sizes = [mg * k // p.parts for k in range(1, p.parts)]
        if any(mg * k % p.parts for k in range(1, p.parts)):
            raise ValueError("quarters of a milligram do not hold the shelf")
        grams += [whole * mg, *(b * s for b, s in zip(part, sizes, strict=True))]
        pieces += [whole, *part]
        cuts += [b * {1: 0, 2: 1, 4: 2}[Fraction(k, p.parts).denominator] for k, b in enumerate(part, 1)]
    model.add(sum(grams) == int(dose.base * 4))
    model.minimize(1000 * sum(pieces) + sum(cuts))
    engine = cp_model.CpSolver()
    engine.parameters.num_workers = 1
    if engine.solve(model) != cp_model.OPTIMAL:
        return None
    return divmod(int(engine.objective_value), 1000)


def ours(dose: Amount) -> tuple[int, int] | None:
    """The same by this program."""
    found = measure(dose, SHELF, [])
    if not isinstance(found, Measure):
        return None
    return sum(ceil(t.count or 0) for t in found.takes), found.splits


def main() -> int:
    """Print the figures; 1 where a limit is broken or the solver disagrees."""
    start = process_time()
    here = [ours(d) for d in DOSES]
    piece_time = (process_time() - start) / len(DOSES)
    start = process_time()
    sample = range(0, len(DOSES), 8)
    there = [solver(DOSES[i]) for i in sample]
    solver_time = (process_time() - start) / len(there)
    differ = [str(DOSES[i]) for i, found in zip(sample, there, strict=True) if found != here[i]]
    start = process_time()
    for dose in DOSES:
        measure(dose, [BOTTLE], SYRINGES)
    liquid_time = (process_time() - start) / len(DOSES)
    print(f"pieces, 5 strengths with halves and quarters: {piece_time * 1e3:7.3f} ms a dose (OR-Tools {solver_time * 1e3:.1f} ms, "
          f"{solver_time / piece_time:.0f} x)")  # fmt: skip
    print(f"liquid, 5 syringes:                           {liquid_time * 1e3:7.3f} ms a dose")
    print(
        f"fewest pieces and cuts agree with OR-Tools on {len(there) - len(differ)} of {len(there)} doses {differ or ''}"
    )
    slow = piece_time > 0.005 or liquid_time > 0.005
    print(f"limit 5 ms a dose: {'BROKEN' if slow else 'kept'}")
    return 1 if differ or slow else 0


if __name__ == "__main__":
    sys.exit(main())
