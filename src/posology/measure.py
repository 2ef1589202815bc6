"""Turns a dose and the products and devices at hand into pieces to take, or millilitres on a marked syringe.

Knows no person, no time and no maximum. What cannot be made exactly or within the stated error is refused with facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Literal

from attrs import Factory, field, frozen

from posology.amount import Amount, decimal_text
from posology.errors import Problem, UnreadableError
from posology.medicine import NOT_RECORDED, Product

MAX_ERROR = Fraction(5, 100)
"""The largest part of a liquid dose that rounding to a mark may lose. Our setting; a published flag is 10 %."""
MAX_PIECES = 40
"""More pieces than this at one time are refused: such a dose is a slip of the pen or of the strength."""
_MAX_SUMS = 200_000

DeviceKind = Literal["oral-syringe", "cup", "dropper"]
"""What doses are measured with. A spoon is not among them, and never will be."""
Reason = Literal[
    "no-product",
    "which-product",
    "other-unit",
    "no-spoons",
    "needs-body-size",
    "concentration-needed",
    "cannot-split",
    "cannot-make",
    "too-many-pieces",
    "needs-syringe",
    "needs-larger-device",
    "between-marks",
    "own-device",
    "over-5-percent",
]
"""Why a dose cannot be measured; a closed set.

``no-product``: nothing to take it from. ``which-product``: a count ("2 tablets") and products of several strengths.
``other-unit``: counted or measured in something that no product has. ``no-spoons``: a dose in spoons.
``needs-body-size``: a dose by weight or body surface, not yet worked out for the person.
``concentration-needed``: millilitres alone, and no bottle or bottles of several concentrations.
``cannot-split``: only by splitting against the label. ``cannot-make``: no combination of pieces gives it.
``too-many-pieces``: over 40 pieces. ``needs-syringe``: a liquid and no syringe or cup. ``needs-larger-device``: no
device takes it in one fill. ``between-marks``: below the first mark, or between the marks of a device that is not
rounded on. ``own-device``: the device that comes with the product, which its label asks for, has no such mark or is too small.
``over-5-percent``: the nearest mark not above it loses more than 5 %.
"""
RuleUsed = Literal["whole-pieces", "permitted-parts", "combination", "exact-mark", "nearest-mark-below", "bare-count"]
"""How a measure was found; ``nearest-mark-below`` alone is not exact. ``bare-count``: a number without a unit, read as
a count of the only kind of piece at hand; whoever shows it says so."""

_GET = ("needs-syringe", "needs-larger-device")
_SPOONS = {"teaspoon", "tablespoon", "spoonful"}
_SAME_PIECE = {"caplet": "tablet", "sachet": "packet"}
_ANY_PIECE = {"pill", "piece", "each"}


@frozen
class Device:
    """A measuring device: what it holds, and the marks on it.

    ``mark``: the step between two marks. ``first_mark``: the lowest mark, where it is not the step itself.
    ``verified``: whether the markings were read in the named source; never assumed for another brand.

    >>> d = Device("syringe-10-by-0.5", "10 mL oral syringe", "oral-syringe", Amount(10, "mL"), Amount("0.5", "mL"))
    >>> d.exact(Amount("7.5", "mL")), d.exact(Amount("7.6", "mL"))
    (True, False)
    """

    id: str
    name: str
    kind: DeviceKind
    capacity: Amount
    mark: Amount
    first_mark: Amount = field(default=Factory(lambda self: self.mark, takes_self=True))
    source: str = NOT_RECORDED
    verified: bool = False
    note: str = ""

    def __attrs_post_init__(self) -> None:
        problems: list[Problem] = []
        if self.kind not in ("oral-syringe", "cup", "dropper"):
            problems.append(Problem(f"This kind of device is not used: {self.kind!r}.", f"device.{self.id}.kind"))
        for name, amount in (("capacity", self.capacity), ("mark", self.mark), ("first_mark", self.first_mark)):
            if amount.kind != "volume" or amount.value <= 0:
                problems.append(Problem(f"This is not a volume above zero: {amount}.", f"device.{self.id}.{name}"))
        if not problems:
            rest = (self.capacity.base - self.first_mark.base) / self.mark.base
            if rest < 0 or rest.denominator != 1:
                problems.append(
                    Problem("Its marks do not end at its capacity.", f"device.{self.id}", "Check capacity and marks.")
                )
        if problems:
            raise UnreadableError(*problems)

    def holds(self, volume: Amount) -> bool:
        """Whether one fill takes that volume."""
        return volume <= self.capacity

    def exact(self, volume: Amount) -> bool:
        """Whether that volume lies on one of its marks."""
        return self.holds(volume) and self.below(volume) == volume.to("mL")

    def below(self, volume: Amount) -> Amount | None:
        """The highest mark not above that volume, in mL; None where it has none."""
        steps = (min(volume.base, self.capacity.base) - self.first_mark.base) // self.mark.base
        return None if steps < 0 else Amount(self.first_mark.base + steps * self.mark.base, "mL")

    def above(self, volume: Amount) -> Amount | None:
        """The lowest mark above that volume, in mL; None where it has none."""
        steps = max((volume.base - self.first_mark.base) // self.mark.base + 1, 0)
        found = Amount(self.first_mark.base + steps * self.mark.base, "mL")
        return found if found <= self.capacity else None


@frozen
class Take:
    """One product and how much of it: ``count`` pieces, or ``volume`` drawn into ``device`` in one fill.

    ``count``: exact pieces, halves and quarters as fractions; None for a liquid.
    """

    product: Product
    count: Fraction | None = None
    volume: Amount | None = None
    device: Device | None = None
    fills: int = 1

    def __attrs_post_init__(self) -> None:
        if (self.count is None) == (self.volume is None):
            raise ValueError("a take is a count of pieces or a volume: exactly one of them")

    @property
    def quantity(self) -> Amount:
        """How much of the product: pieces in its own unit, or mL."""
        return self.volume if self.volume is not None else Amount(self.count or 0, self.product.unit)

    @property
    def given(self) -> Amount:
        """The medicine in it; exact."""
        return self.product.strength.mass_of(self.quantity)

    @property
    def splits(self) -> int:
        """How many cuts it takes: one for a half, two for a quarter or three quarters."""
        return 0 if self.count is None else _cuts(self.count)


@frozen
class Measure:
    """A dose as it is really taken.

    ``given``: the exact medicine in all takes together. ``error``: dose less given, never below zero;
    ``error_percent`` of the dose (a number of per cent: 2 is 2 %). ``splits``: cuts of tablets.
    """

    dose: Amount
    takes: tuple[Take, ...]
    given: Amount
    error: Amount
    error_percent: Fraction
    rule: RuleUsed
    splits: int = 0

    @property
    def exact(self) -> bool:
        """Whether nothing was rounded."""
        return not self.error

    @property
    def pieces(self) -> Fraction:
        """Whole and part pieces together; 0 for a liquid."""
        return sum((t.count or Fraction(0) for t in self.takes), Fraction(0))


@frozen
class NotMeasurable:
    """Why a dose cannot be measured, and what would help.

    ``below``, ``above``: the nearest doses that can be made, in the unit of the dose. ``devices``: those of the usual
    ones (or of those at hand) that would do. ``facts``: further exact facts by name (``volume``, ``capacity`` ...).
    """

    dose: Amount
    reason: Reason
    below: Amount | None = None
    above: Amount | None = None
    devices: tuple[Device, ...] = ()
    products: tuple[Product, ...] = ()
    facts: Mapping[str, Amount] = field(factory=dict)


@frozen
class Disagreement:
    """Milligrams and millilitres written together that do not belong to the bottle.

    ``meant``: the volume that holds ``mg`` in this product. ``given``: what ``ml`` of this product would give.
    ``fits``: the other products for which the written volume is right; both bottles must then be named.
    """

    mg: Amount
    ml: Amount
    product: Product
    meant: Amount
    given: Amount
    fits: tuple[Product, ...] = ()


def measure(
    dose: Amount, products: Sequence[Product], devices: Sequence[Device], usual: Sequence[Device] = ()
) -> Measure | NotMeasurable:
    """How a dose is taken from the products and devices at hand, or why it cannot be.

    ``dose``: an amount of medicine (mg), a count of pieces ({tablet}) or a volume (mL). ``usual``: devices that could
    be got, named where those at hand do not do. Pieces are tried before liquids, since they need no reading of marks.

    Pieces: whole or as the product permits (``parts``), several strengths together, with the fewest pieces, then the
    fewest cuts; found by exhausting the sums, never greedily; exact or refused. Liquids: a syringe before a cup, exact
    if any is, the smallest that takes the dose in one fill; else the nearest mark of a syringe not above the dose, with
    an error of at most 5 %. A product that comes with a device of its own is measured with that one. Rules: our design; a device not much larger than the dose, and never spoons (AAP 2015).

    >>> from posology.amount import Strength
    >>> ten = Product("t10", "10 mg tablets", "tablet", Strength(Amount(10, "mg"), Amount(1, "{tablet}")), "GB", "s",
    ...     True, parts=2)
    >>> m = measure(Amount(15, "mg"), [ten], [])
    >>> m.takes[0].count, m.splits, str(m.given)
    (Fraction(3, 2), 1, '15 mg')
    >>> measure(Amount("7.5", "mg"), [ten], []).reason
    'cannot-split'
    """
    if dose.value <= 0:
        raise UnreadableError(Problem(f"A dose cannot be zero or less: {dose}.", "", "Check the amount."))
    if dose.kind in _SPOONS:
        return NotMeasurable(dose, "no-spoons", devices=_one_fill(Amount(5, "mL"), devices, usual))
    if dose.kind.endswith((" per body weight", " per body surface")):
        return NotMeasurable(dose, "needs-body-size", products=tuple(products))
    if not products:
        return NotMeasurable(dose, "concentration-needed" if dose.kind == "volume" else "no-product")
    if dose.kind == "volume":
        return _by_volume(dose, products, devices, usual)
    solids = [p for p in products if not p.liquid and p.strength.amount.kind == dose.kind]
    liquids = [p for p in products if p.liquid and p.strength.amount.kind == dose.kind]
    if not solids and not liquids:
        return _by_count(dose, products)
    refusals: list[NotMeasurable] = []
    if solids:
        found = _pieces(dose, solids)
        if isinstance(found, Measure):
            return found
        refusals.append(found)
    best: Measure | None = None
    for product in liquids:
        drawn = _draw(dose, product, devices, usual)
        if isinstance(drawn, NotMeasurable):
            refusals.append(drawn)
        elif best is None or drawn.error_percent < best.error_percent:
            best = drawn
    # A missing device can be got at a pharmacy; that is said rather than what the tablets cannot do.
    return best or next((r for r in refusals if r.reason in _GET), refusals[0])


def agree(mg: Amount, ml: Amount, product: Product, others: Iterable[Product] = ()) -> Disagreement | None:
    """Whether the milligrams and millilitres written together belong to this bottle; None where they do.

    A volume that is the exact one rounded to the tenth or hundredth it is written in, within 5 %, agrees. Source of the
    hazard: 5 mg in 5 mL read as 5 mg in 1 mL (ISMP alert).

    >>> from posology.amount import Strength
    >>> def bottle(mg, ml):
    ...     return Product(f"{mg}-in-{ml}", "", "solution", Strength(Amount(mg, "mg"), Amount(ml, "mL")), "US", "s", True)
    >>> agree(Amount(20, "mg"), Amount(20, "mL"), bottle(5, 5)) is None
    True
    >>> wrong = agree(Amount(20, "mg"), Amount(20, "mL"), bottle(25, 5), [bottle(5, 5)])
    >>> str(wrong.meant), str(wrong.given), wrong.fits[0].id
    ('4 mL', '100 mg', '5-in-5')
    """
    if not product.liquid:
        raise TypeError(f"{product.id} is not measured by volume")
    if _belongs(mg, ml, product):
        return None
    fits = tuple(p for p in others if p.liquid and p.strength.amount.kind == mg.kind and _belongs(mg, ml, p))
    strength = product.strength
    return Disagreement(mg, ml, product, strength.volume_of(mg).to("mL"), strength.mass_of(ml).to(mg.unit), fits)


def marks_that_take(volume: Amount, devices: Iterable[Device]) -> tuple[Device, ...]:
    """The devices that take that volume in one fill and have a mark exactly there, smallest first."""
    found = [d for d in devices if d.exact(volume)]
    return tuple(sorted(found, key=_smallest))


def _belongs(mg: Amount, ml: Amount, product: Product) -> bool:
    meant = product.strength.volume_of(mg).base
    if meant == ml.base:
        return True
    try:
        _, _, places = decimal_text(ml.base).partition(".")
    except UnreadableError:
        return False
    step = Fraction(1, 10 ** len(places)) if 1 <= len(places) <= 2 else None
    return step is not None and abs(meant - ml.base) <= step / 2 and abs(meant - ml.base) <= meant * MAX_ERROR


def _smallest(device: Device) -> tuple[bool, Fraction, Fraction, str]:
    """Syringes before cups; then the smallest; of one size, the one with the wider marks, which reads more easily."""
    return (device.kind != "oral-syringe", device.capacity.base, -device.mark.base, device.id)


def _one_fill(volume: Amount, *groups: Sequence[Device]) -> tuple[Device, ...]:
    """The devices that would measure that volume exactly, or else within the limit: of the first group that has any."""
    for group in groups:
        good = marks_that_take(volume, group)
        if good:
            return good
        near = [d for d in group if _near(d, volume) is not None]
        if near:
            return tuple(sorted(near, key=_smallest))
    return ()


def _near(device: Device, volume: Amount) -> Amount | None:
    """The mark a dose may be rounded down to on this device; None where it may not be."""
    below = device.below(volume) if device.kind == "oral-syringe" and device.holds(volume) else None
    if below is None or volume.base - below.base > volume.base * MAX_ERROR:
        return None
    return below


def _draw(
    dose: Amount, product: Product, devices: Sequence[Device], usual: Sequence[Device]
) -> Measure | NotMeasurable:
    """A dose of medicine from a liquid: on the device that its label names, where it comes with one, and no other."""
    own = [d for d in (*devices, *usual) if d.id == product.device]
    if own:
        devices = usual = own[:1]
    strength = product.strength
    volume = strength.volume_of(dose).to("mL")

    def made(device: Device, drawn: Amount, rule: RuleUsed) -> Measure:
        given = strength.mass_of(drawn).to(dose.unit)
        error = dose - given
        return Measure(dose, (Take(product, volume=drawn, device=device),), given, error, 100 * error.over(dose), rule)

    def refused(reason: Reason, below: Amount | None = None, above: Amount | None = None) -> NotMeasurable:
        facts = {"volume": volume}
        if devices:
            facts["largest-device"] = max(d.capacity for d in devices)
        for name, found in (("volume-below", below), ("volume-above", above)):
            if found is not None:
                facts[name] = found
        return NotMeasurable(
            dose,
            reason,
            None if below is None else strength.mass_of(below).to(dose.unit),
            None if above is None else strength.mass_of(above).to(dose.unit),
            _one_fill(volume, usual),
            (product,),
            facts,
        )

    exact = marks_that_take(volume, devices)
    if exact:
        return made(exact[0], volume, "exact-mark")
    if not devices:
        return refused("needs-syringe")
    able = [d for d in devices if d.holds(volume)]
    if not able:
        return refused("own-device" if own else "needs-larger-device")
    near = [(below, d) for d in able if (below := _near(d, volume)) is not None]
    if near:
        drawn, device = min(near, key=lambda pair: (-pair[0].base, _smallest(pair[1])))
        return made(device, drawn, "nearest-mark-below")
    syringes = [d for d in able if d.kind == "oral-syringe"] or able
    below = max((b for d in syringes if (b := d.below(volume)) is not None), default=None)
    above = min((a for d in syringes if (a := d.above(volume)) is not None), default=None)
    rounded = below is not None and any(d.kind == "oral-syringe" for d in able)
    return refused("own-device" if own else "over-5-percent" if rounded else "between-marks", below, above)


def _by_volume(
    dose: Amount, products: Sequence[Product], devices: Sequence[Device], usual: Sequence[Device]
) -> Measure | NotMeasurable:
    """A dose written in millilitres: it needs one bottle, or bottles of one concentration."""
    liquids = [p for p in products if p.liquid]
    if not liquids:
        return NotMeasurable(dose, "other-unit", products=tuple(products))
    first = liquids[0]
    if any(not p.strength.same_as(first.strength) for p in liquids):
        return NotMeasurable(dose, "concentration-needed", products=tuple(liquids))
    return _draw(first.strength.mass_of(dose), first, devices, usual)


def _by_count(dose: Amount, products: Sequence[Product]) -> Measure | NotMeasurable:
    """A dose written as a count of pieces: it needs products of one strength."""
    kind = _SAME_PIECE.get(dose.kind, dose.kind)
    pieces = [p for p in products if not p.liquid]
    named = [p for p in pieces if _SAME_PIECE.get(p.strength.per.kind, p.strength.per.kind) == kind]
    if not named and (kind in _ANY_PIECE or (kind == "count" and len(pieces) == len(products))):
        named = pieces
    if not named:
        return NotMeasurable(dose, "other-unit", products=tuple(products))
    first = named[0]
    if any(not _same_content(first, p) for p in named):
        return NotMeasurable(dose, "which-product", products=tuple(named))
    able = [p for p in named if (dose.value * p.parts).denominator == 1]
    if dose.value > MAX_PIECES:
        return NotMeasurable(dose, "too-many-pieces", products=(first,))
    if not able:
        parts = max(p.parts for p in named)
        below = Fraction(dose.value * parts // 1, parts)
        return NotMeasurable(
            dose,
            "cannot-split",
            Amount(below, dose.unit) if below else None,
            Amount(below + Fraction(1, parts), dose.unit),
            products=tuple(named),
        )
    take = Take(able[0], dose.value)
    zero = take.given - take.given
    rule: RuleUsed = "bare-count" if kind == "count" else _rule_of((take,))
    return Measure(dose, (take,), take.given, zero, Fraction(0), rule, take.splits)


def _same_content(a: Product, b: Product) -> bool:
    """Whether one piece of each holds the same."""
    one, other = a.strength, b.strength
    return one.amount.kind == other.amount.kind and one.amount.base * other.per.base == other.amount.base * one.per.base


def _cuts(count: Fraction) -> int:
    return {1: 0, 2: 1, 4: 2}[count.denominator]


def decided(dose: Amount, takes: tuple[Take, ...]) -> Measure:
    """The measure of a dose whose pieces or volumes were decided before: as they are, nothing sought and nothing rounded.

    Raises :class:`ValueError` where they do not come to the dose.

    >>> from posology.amount import Strength
    >>> half = Take(Product("t10", "10 mg", "tablet", Strength(Amount(10, "mg"), Amount(1, "{tablet}")), "US", "s", True, 2), Fraction(1, 2))
    >>> decided(Amount(5, "mg"), (half,)).rule
    'permitted-parts'
    """
    given = takes[0].given
    for t in takes[1:]:
        given = given + t.given
    if not given.same_as(dose):
        raise ValueError(f"these come to {given}, not {dose}")
    rule: RuleUsed = "exact-mark" if len(takes) == 1 and takes[0].volume is not None else _rule_of(takes)
    return Measure(dose, takes, given, given - given, Fraction(0), rule, sum(t.splits for t in takes))


def _rule_of(takes: tuple[Take, ...]) -> RuleUsed:
    if len(takes) > 1:
        return "combination"
    return "permitted-parts" if any(t.splits for t in takes) else "whole-pieces"


@frozen
class _Found:
    counts: tuple[Fraction, ...] | None
    below: Fraction | None
    above: Fraction | None
    gave_up: bool = False


def _search(target: Fraction, pieces: Sequence[Fraction], parts: Sequence[int]) -> _Found:
    """The fewest pieces, then the fewest cuts, that give ``target``; and the nearest sums to either side.

    The sums of 1, 2, 3 ... pieces are built in turn: the layer in which the target first stands has the fewest pieces.
    Of equal ones, that with fewer products and then with larger pieces is kept. Sums are scaled to whole numbers.
    """
    kinds = [
        (piece * Fraction(k, n), i, Fraction(k, n))
        for i, (piece, n) in enumerate(zip(pieces, parts, strict=True))
        for k in range(1, n + 1)
    ]
    kinds.sort(key=lambda kind: (-kind[0], kind[1]))
    scale = lcm(target.denominator, *(size.denominator for size, _, _ in kinds))
    goal = int(target * scale)
    coins = [(int(size * scale), _cuts(part), 1 << i) for size, i, part in kinds]
    ceiling = goal + min(size for size, _, _ in coins)
    # Each sum is kept with its cost (cuts, then products), the products in it, the sum before, and the piece added.
    made: dict[int, tuple[int, int, int, int]] = {0: (0, 0, 0, -1)}
    layer = [0]
    while layer and goal not in made and len(made) < _MAX_SUMS:
        following: dict[int, tuple[int, int, int, int]] = {}
        for total in layer:
            cost, held, _, _ = made[total]
            cuts_so_far = cost >> 16
            for k, (size, cuts, bit) in enumerate(coins):
                there = total + size
                if there > ceiling or there in made:
                    continue
                mask = held | bit
                price = (cuts_so_far + cuts << 16) + mask.bit_count()
                if there not in following or price < following[there][0]:
                    following[there] = (price, mask, total, k)
        made |= following
        layer = list(following)
    if goal in made:
        counts = [Fraction(0)] * len(pieces)
        here = goal
        while here:
            _, _, before, k = made[here]
            counts[kinds[k][1]] += kinds[k][2]
            here = before
        return _Found(tuple(counts), None, None)
    below = max((s for s in made if 0 < s < goal), default=None)
    above = min((s for s in made if s > goal), default=None)
    return _Found(
        None,
        None if below is None else Fraction(below, scale),
        None if above is None else Fraction(above, scale),
        gave_up=bool(layer),
    )


def _pieces(dose: Amount, products: Sequence[Product]) -> Measure | NotMeasurable:
    """A dose of medicine from whole and permitted part pieces, exactly, or why not."""
    pieces = [p.strength.amount.base / p.strength.per.value for p in products]
    parts: list[int] = [p.parts for p in products]
    if dose.base > MAX_PIECES * max(pieces):
        return NotMeasurable(dose, "too-many-pieces", products=tuple(products))
    found = _search(dose.base, pieces, parts)
    if found.counts is None:
        reason: Reason = "too-many-pieces" if found.gave_up else "cannot-make"
        if not found.gave_up and _search(dose.base, pieces, [4] * len(pieces)).counts is not None:
            reason = "cannot-split"
        return NotMeasurable(
            dose,
            reason,
            None if found.below is None else _in_unit_of(dose, found.below),
            None if found.above is None else _in_unit_of(dose, found.above),
            products=tuple(products),
        )
    takes = tuple(Take(p, n) for p, n in zip(products, found.counts, strict=True) if n)
    if sum(-(-t.count // 1) for t in takes if t.count is not None) > MAX_PIECES:
        return NotMeasurable(dose, "too-many-pieces", products=tuple(products))
    given = sum((t.given for t in takes[1:]), takes[0].given).to(dose.unit)
    return Measure(dose, takes, given, dose - given, Fraction(0), _rule_of(takes), sum(t.splits for t in takes))


def _in_unit_of(dose: Amount, base: Fraction) -> Amount:
    return dose * (base / dose.base)
