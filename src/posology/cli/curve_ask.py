"""Turns the options of ``posology curve`` into ways of taking a medicine, and sentences about them. Decides nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from posology.cli import curve_files as files
from posology.cli import inputs
from posology.cli.curve_answer import NG, Answer, Clock, Way, ng
from posology.errors import OptionError, Problem, RefusedError, UnreadableError, raise_all
from posology.kinetics import questions as ask
from posology.kinetics.doses import Dose
from posology.kinetics.models import KineticModel, ModelFile
from posology.kinetics.simulation import metrics
from posology.kinetics.system import Parameters
from posology.kinetics.withdrawal import Pressure, pressure

if TYPE_CHECKING:
    from posology.directions import Course


@frozen
class Asked:
    """The options of the command, as written."""

    source: str
    first: str
    zone: str
    awake: str | None = None
    at: str | None = None
    days: int | None = None
    medicine: str | None = None
    country: str | None = None
    new: bool = False
    person: Path | None = None
    crcl: float | None = None
    missed: tuple[str, ...] = ()
    late: str | None = None
    double: str | None = None
    stop_on: str | None = None
    compare: Path | None = None
    even: bool = False
    bunched: str | None = None
    liquid: bool = False
    taken: Path | None = None
    now: str | None = None
    model: str | None = None
    population: int = 400
    threshold: float | None = None
    log: bool = False


@frozen
class SoFar:
    """Doses taken up to ``now`` (h): which of the planned ones were left out, and all doses had each been taken."""

    now: float
    left_out: tuple[ask.Planned, ...]
    full: tuple[Dose, ...]


def _length(text: str, option: str) -> float:
    import re

    m = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(h|hours?|min|minutes?)\s*", text)
    if m is None:
        raise UnreadableError(
            Problem(f"This is not a length of time: {text[:40]!r}.", option, "Write it like 3h or 90min.")
        )
    return float(m[1]) / (60.0 if m[2].startswith("min") else 1.0)


# -- from what was asked to an answer -----------------------------------------------------------------------------------


def answer(asked: Asked) -> Answer:
    """The answer to a question. Errors as everywhere: all problems of the options at once."""
    from posology.cli.curve import load

    first, zone, awake, own_times, person = inputs.gather(
        lambda: inputs.placed("--from", inputs.day, asked.first),
        lambda: inputs.placed("--zone", inputs.zone, asked.zone),
        lambda: inputs.placed("--awake", inputs.window, asked.awake),
        lambda: inputs.placed("--at", inputs.clocks, asked.at) or (),
        lambda: _person(asked.person),
    )
    clock = Clock.of(first, zone)
    ready = files.made(asked.source)
    course, medicine, file_steps = (None, ready.medicine, None) if ready is not None else _course(asked)
    if ready is not None and asked.medicine and load(asked.medicine)[0] != ready.medicine:
        raise UnreadableError(
            Problem(
                f"The plan is for {ready.medicine}, and --medicine says {asked.medicine}.",
                "--medicine",
                "Leave it out.",
            )
        )
    id, file = load(medicine)
    model = file.model(asked.model)
    taper = None if asked.compare is None else files.taper(asked.compare)
    span = asked.days or _span(asked, first, taper, file_steps)
    setting = {"zone": zone, "waking": awake, "clock": own_times}
    if course is None and ready is not None:
        plan = _made(ready, clock, first, span)
    elif course is not None:
        plan = _planned(course, first, span + 1, setting, clock, asked, id)
    crcl = asked.crcl if asked.crcl is not None else person.get("crcl")
    parameters = model.typical(weight=person.get("weight"), crcl=crcl)
    marks = clock.marks(span + 1)
    usual = [p for p in plan if p[0] < marks[1]]
    if file_steps is not None and file_steps.before:  # a taper's file says what was taken before it
        day = files.course([{"days": 1, "mg": file_steps.before}], asked.source)
        usual = _planned(day, first, 1, setting, clock, asked, id)
    history = [] if asked.new else ask.before(usual)
    ticks = [(t, True) for t, _ in plan]
    so_far: SoFar | None = None
    if asked.taken is not None and asked.now is not None:
        now = clock.read(asked.now, "--now")
        done = files.taken(asked.taken, clock, now)
        begin = 24.0 * floor(min([0.0, *(t for t, _ in done)]) / 24.0)  # from that day on the file says it all
        full = (*history, *(Dose(t, mg) for t, mg in plan))
        history = [] if asked.new else ask.before(usual, begin)
        lost = files.left_out(plan, done, now)
        plan = sorted([*done, *((t, mg) for t, mg in plan if t > now)])
        so_far = SoFar(now, tuple(lost), full)
        ticks = [(t, True) for t, _ in plan]
    base = [*history, *(Dose(t, mg) for t, mg in plan)]
    ways, said, ticks, facts, index = _question(
        asked,
        file,
        model,
        parameters,
        plan,
        base,
        history,
        ticks,
        clock,
        marks,
        span,
        taper,
        setting,
        id,
        so_far,
        file_steps,
    )
    if so_far is not None:
        ticks = sorted([*ticks, *((t, False) for t, _ in so_far.left_out)])
    if crcl is not None and len(ways) == 1:
        normal = model.typical(weight=person.get("weight"))
        ways = [
            Way("the same doses with full kidney function", "behind", normal, tuple(base)),
            evolve(ways[0], name=f"with a creatinine clearance of {crcl:g} mL/min"),
        ]
        said = [_kidneys(ways, marks, crcl)]
    own = ways[-1]
    daily = max((sum(mg for t, mg in plan if a <= t < b) for a, b in pairwise(marks)), default=0.0)
    cautions = _cautions(asked, id, file, model, own, marks, person, crcl, daily)
    return Answer(
        medicine=id, file=file, model=model, ways=tuple(ways), clock=clock, span=span, sentences=tuple(said), cautions=tuple(cautions),
        ticks=tuple(ticks), threshold=None if asked.threshold is None else asked.threshold / NG, log=asked.log,
        population=asked.population, index=tuple(index), facts=facts,
    )  # fmt: skip


def _person(path: Path | None) -> dict[str, float]:
    if path is None:
        return {}
    from posology import library

    data = library.read_toml(path)
    known = inputs.person({k: v for k, v in data.items() if k != "country"}, tuple(library.names()), str(path))
    out: dict[str, float] = {}
    if known.weight is not None:
        out["weight"] = float(known.weight.amount.to("kg").value)
    if known.crcl is not None:
        out["crcl"] = float(known.crcl.amount.to("mL/min").value)
    elif known.egfr is not None:
        out["egfr"] = float(known.egfr.amount.value)
    if known.age is not None and known.age.unit in ("a", "mo"):
        out["age"] = float(known.age.value) / (12.0 if known.age.unit == "mo" else 1.0)
    return out


def _course(asked: Asked) -> tuple[Course, str, files.Steps | None]:
    """The course, the name of its medicine, and what a taper's file holds."""
    from posology import library

    path = Path(asked.source) if len(asked.source) < 250 and asked.source.lower().endswith(".json") else None
    if path is not None and (found := files.plan_file(path)) is not None:
        if not (asked.medicine or found.medicine):
            raise OptionError(Problem("Which medicine? The plan file does not say.", "", "Add --medicine."))
        return files.course(found.steps, str(path)), asked.medicine or found.medicine, found
    if path is None:
        # the everyday way, without reading the whole file of the medicine
        from posology.wording import read

        text = inputs.text_of(asked.source)
        reading = read(text, names=tuple(library.names()))
        if (
            reading.complete
            and reading.course is not None
            and (asked.medicine or (reading.named and reading.named.matched))
        ):
            from posology.cli.order import whole

            said = reading.named.matched if reading.named else None
            names = library.names()
            if asked.medicine and said and names.get(asked.medicine.lower()) != names.get(said.lower()):
                raise UnreadableError(
                    Problem(
                        f"The directions are for {said}, and --medicine says {asked.medicine}.",
                        "--medicine",
                        "Give one of them.",
                    )
                )
            return whole(reading.course), str(asked.medicine or said), None
        asked = evolve(asked, source=text)
    from posology.cli import order

    names_ = tuple(library.names())
    held = (
        order.from_fhir(path, asked.medicine, names_)
        if path
        else order.from_words(asked.source, asked.medicine, names_)
    )
    return held.course, held.medicine.id, None


def _planned(
    course: Course, first: dt.date, days: int, setting: dict[str, Any], clock: Clock, asked: Asked, id: str
) -> list[ask.Planned]:
    """The doses of a course as hours and mg."""
    from posology import schedule
    from posology.amount import Amount

    made = schedule.expand(course, first_day=first, days=days, **setting)
    out = []
    problems: dict[str, Problem] = {}
    known: dict[Any, float] = {}
    for event in made.events:
        amount = getattr(event.dose, "amount", None)
        if amount not in known:
            mg = amount if isinstance(amount, Amount) and amount.kind == "mass" else _mass(amount, asked, id)
            if mg is None:
                problems.setdefault(
                    str(amount),
                    Problem(
                        f"How many mg this is, is not known: {amount}.", "", "Write doses in mg, or give --country."
                    ),
                )
                continue
            known[amount] = float(mg.to("mg").value)
        out.append((clock.hours(event.at.timestamp()), known[amount]))
    raise_all(UnreadableError, problems.values())
    if not out:
        raise UnreadableError(
            Problem("No dose falls on these days.", "", "A medicine as needed has no curve of its own.")
        )
    return sorted(out)


def _made(ready: files.Made, clock: Clock, first: dt.date, span: int) -> list[ask.Planned]:
    """The doses of a plan that is made already, for the days shown and one more."""
    last = dt.date.fromisoformat(ready.first) + dt.timedelta(days=ready.days)
    end = clock.midnight(first + dt.timedelta(days=span))
    out = [(clock.hours(at.timestamp()), mg) for at, mg in ready.doses]
    out = [(t, mg) for t, mg in out if 0 <= t < clock.midnight(first + dt.timedelta(days=span + 1))]
    if end > clock.midnight(last) or not out:
        raise UnreadableError(
            Problem(
                f"This plan holds doses from {ready.first} to {last - dt.timedelta(days=1)}.",
                "--from, --days",
                "Show days inside it, or make it longer with posology plan --days.",
            )
        )
    return sorted(out)


def _mass(amount: Any, asked: Asked, id: str) -> Any:
    """A dose in tablets or mL as mg, where the products of the country share one strength."""
    from posology import library
    from posology import plan as planning
    from posology.amount import Amount

    if not isinstance(amount, Amount) or asked.country is None:
        return None
    held = library.medicine(id)
    there = library.country(asked.country)
    return planning.mass(amount, held, tuple(p for p in held.products if p.jurisdiction == there.id))


def _span(asked: Asked, first: dt.date, taper: files.Steps | None, named: files.Steps | None) -> int:
    if taper is not None:
        return max(1, min(400, ((taper.begin or first) - first).days + taper.days + 5))
    if named is not None:
        return min(400, named.days + 3)
    return 5 if asked.stop_on else 3


def _question(
    asked: Asked, file: ModelFile, model: KineticModel, p: Parameters, plan: list[ask.Planned], base: list[Dose],
    history: list[Dose], ticks: list[tuple[float, bool]], clock: Clock, marks: list[float], span: int, taper: files.Steps | None, setting: dict[str, Any], id: str,
    so_far: SoFar | None, file_steps: files.Steps | None,
) -> tuple[list[Way], list[str], list[tuple[float, bool]], dict[str, Any], list[tuple[str, Pressure]]]:  # fmt: skip
    """The ways to show, the sentences, the dose ticks, facts, and the index where a stop is asked about."""
    full = Way("the plan with every dose", "behind", p, tuple(base))

    def doses(changed: Iterable[ask.Planned]) -> tuple[Dose, ...]:
        return (*history, *(Dose(t, mg) for t, mg in changed))

    facts: dict[str, Any] = {"title": f"{id.capitalize()}: levels in the blood"}
    index: list[tuple[str, Pressure]] = []
    if asked.missed or (asked.late and not asked.double):
        if asked.missed:
            wanted = [_dose_at(plan, clock, text, "--missed") for text in asked.missed]
        else:
            wanted = [next((i for i, d in enumerate(plan) if d[0] >= marks[1]), 0)]
        if asked.late:
            shift = _length(asked.late, "--late")
            changed = [(t + (shift if i in wanted else 0.0), mg) for i, (t, mg) in enumerate(plan)]
            name, ticks = f"with the dose {asked.late} late", [(t, True) for t, _ in changed]
        else:
            changed = [d for i, d in enumerate(plan) if i not in wanted]
            name, ticks = (
                "with the dose left out" if len(wanted) == 1 else "with doses left out",
                [(t, i not in wanted) for i, (t, _) in enumerate(plan)],
            )
        way = Way(name, "own", p, doses(changed))
        return [full, way], _missed_said(p, base, way, plan, wanted, clock, marks, facts), ticks, facts, index
    if asked.double:
        i = _dose_at(plan, clock, asked.double, "--double")
        way = Way("with that dose taken twice", "own", p, doses([*plan, plan[i]]))
        at = plan[i][0]
        one, two = (metrics(p, d, at, at + 24.0) for d in (base, way.doses))
        said = f"With the dose of {clock.when(at)} taken twice, the level goes up to {ng(two.cmax)} ng/mL and not {ng(one.cmax)}. Never take two doses together. If you did: call your pharmacist or doctor, and emergency help for sleepiness that will not lift, or slow breathing."
        return [full, way], [said], ticks, facts, index
    if asked.even or asked.bunched:
        changed = (
            ask.even(plan, marks) if asked.even else ask.bunched(plan, marks, _length(asked.bunched or "", "--bunched"))
        )
        way = Way(
            "the same doses evenly around the clock" if asked.even else f"the same doses {asked.bunched} apart",
            "own",
            p,
            doses(changed)
            if asked.new
            else (*ask.before([c for c in changed if c[0] < marks[1]]), *(Dose(t, mg) for t, mg in changed)),
        )
        one, two = (metrics(p, w.doses, marks[1], marks[2]) for w in (full, way))
        how = "Spaced evenly" if asked.even else "Bunched together"
        said = f"{how}, the level of the second day is between {ng(two.cmin)} and {ng(two.cmax)} ng/mL. As planned it is between {ng(one.cmin)} and {ng(one.cmax)}. The average is the same."
        return [evolve(full, name="as planned"), way], [said], [(t, True) for t, _ in changed], facts, index
    if asked.liquid:
        if file.liquid is None:
            raise RefusedError(Problem("Nothing is on file about a liquid of this medicine.", "--liquid"))
        quick = ask.faster(model, p, file.liquid[1])
        way = Way("as a liquid (approximated)", "own", quick, tuple(base))
        one, two = (metrics(q, base, marks[1], marks[2]) for q in (p, quick))
        said = f"As a liquid the highest level of the second day is {ng(two.cmax)} ng/mL and the lowest {ng(two.cmin)}, against {ng(one.cmax)} and {ng(one.cmin)} with tablets. {file.liquid[2]}"
        return [evolve(full, name="tablets"), way], [said], ticks, facts, index
    if asked.stop_on or taper is not None:
        return _stopping(asked, p, plan, base, history, clock, marks, span, taper, setting, id, facts, doses, full)
    last = metrics(p, base, marks[span - 1], marks[span])
    if so_far is not None:
        one, two = (metrics(p, d, so_far.now, so_far.now + 1e-6).cmin for d in (so_far.full, base))
        ways = [evolve(full, doses=so_far.full), Way("the doses taken, then the plan", "own", p, tuple(base))]
        said = f"By the doses you took, the level at {clock.when(so_far.now)} is {ng(two)} ng/mL; with every dose it would be {ng(one)}."
        lost = len(so_far.left_out)
        after = f" {lost} planned dose{'s were' if lost > 1 else ' was'} not taken." if lost else ""
        return ways, [said + after, "Do not take two doses together to catch up."], ticks, facts, index
    way = Way("the plan", "own", p, tuple(base))
    if file_steps is not None:
        begun = metrics(p, [*history, *(Dose(t, mg) for t, mg in plan)], marks[0], marks[1])
        said = f"By this plan the average level is {ng(begun.cavg)} ng/mL on {clock.day(0)} and {ng(last.cavg)} on {clock.day(span - 1)}."
        return [way], [said, _NEVER_ALONE], ticks, facts, index
    begin = "Begun with nothing in the body" if asked.new else "Taken like this for weeks"
    said = f"{begin}, the level on {clock.day(span - 1)} is between {ng(last.cmin)} and {ng(last.cmax)} ng/mL, {ng(last.cavg)} on average."
    return [way], [said], ticks, facts, index


_NEVER_ALONE = "Do not stop or cut this medicine by yourself. Stopped suddenly it can do grave harm. Speak to your prescriber today; signs of withdrawal are an emergency."


def _dose_at(plan: list[ask.Planned], clock: Clock, text: str, option: str) -> int:
    at = clock.read(text, option)
    try:
        return ask.nearest(plan, at)
    except UnreadableError as error:
        near = sorted((clock.at(t)[:16] for t, _ in plan if abs(t - at) < 30), key=str)
        raise UnreadableError(
            Problem(
                error.problems[0].what,
                option,
                f"Planned near it: {', '.join(near)}." if near else "Give the time of a planned dose.",
            )
        ) from None


def _missed_said(
    p: Parameters, base: Sequence[Dose], way: Way, plan: list[ask.Planned], wanted: list[int], clock: Clock, marks: list[float], facts: dict[str, Any]
) -> list[str]:  # fmt: skip
    at = plan[wanted[0]][0]
    end = max(marks[-1], plan[wanted[-1]][0] + 48.0)
    # the range of the full plan over the day before, or over the day after where the plan has only begun
    usual = metrics(p, base, at - 24.0, at) if at >= 24.0 else metrics(p, base, at, at + 24.0)
    changed = metrics(p, way.doses, at, min(at + 24.0, marks[-1]) if marks[-1] > at else at + 24.0)
    back = ask.back_in_range(p, way.doses, usual.cmin, at, end)
    facts["back_in_range_h"] = back
    facts["lowest_ng_ml"] = changed.cmin * NG
    said = f"{way.name[0].upper()}{way.name[1:]} ({clock.when(at)}), the level falls to {ng(changed.cmin)} ng/mL; with every dose it stays above {ng(usual.cmin)}."
    if back is None:
        said += " It is not back in its usual range in the days shown."
    elif back > 0:
        said += f" It is back in its usual range for good {back:.0f} hours after that dose was due."
    return [said, "Do not take two doses together to catch up."]


def _stopping(
    asked: Asked, p: Parameters, plan: list[ask.Planned], base: list[Dose], history: list[Dose], clock: Clock, marks: list[float],
    span: int, taper: files.Steps | None, setting: dict[str, Any], id: str, facts: dict[str, Any], doses: Any, full: Way,
) -> tuple[list[Way], list[str], list[tuple[float, bool]], dict[str, Any], list[tuple[str, Pressure]]]:  # fmt: skip
    ways, said = [full], []
    ticks = [(t, True) for t, _ in plan]
    if asked.stop_on:
        day = inputs.placed("--stop-on", inputs.day, asked.stop_on)
        stop = clock.midnight(day)
        kept = [d for d in plan if d[0] < stop]
        abrupt = Way("stopped at once", "other" if taper else "own", p, doses(kept))
        ways.append(abrupt)
        last = max([d.time for d in abrupt.doses], default=stop)
        usual = metrics(p, base, last - 24.0, last) if last >= 24.0 or history else metrics(p, base, last, last + 24.0)
        half, tenth = (ask.hours_above(p, abrupt.doses, last, usual.cavg * f, last + 24.0 * 365) for f in (0.5, 0.1))
        facts["hours_to_half"], facts["hours_to_tenth"] = half, tenth
        said.append(
            f"Stopped at once, the level is under half of what is usual {half:.0f} hours after the last dose. It is under a tenth after {tenth:.0f} hours."
        )
        ticks = [(t, t < stop) for t, _ in plan]
        facts["title"] = f"{id.capitalize()}: stopped at once" + (", and the planned taper" if taper else "")
    if taper is not None:
        start = taper.begin or clock.first
        lead = [d for d in plan if d[0] < clock.midnight(start)]
        ahead = (start - clock.first).days
        way_down = _at_same_times(taper, str(asked.compare), plan, marks, clock, start) or _planned(
            files.course(taper.steps, str(asked.compare)), start, max(1, span - ahead + 1), setting, clock, asked, id
        )
        gradual = Way("the planned taper", "own", p, doses([*lead, *way_down]))
        ways.append(gradual)
        ticks = [(t, True) for t, _ in [*lead, *way_down]]
        said.append(f"The planned taper lets it fall over {taper.days} days.")
        facts.setdefault("title", f"{id.capitalize()}: the plan, and the planned taper")
    said.append(_NEVER_ALONE)
    every = 3.0 if span <= 14 else 6.0
    times = ask.grid(marks[span], every)
    index = [(w.name, pressure(p, w.doses, times)) for w in ways[1:]]
    return ways, said, ticks, facts, index


def _at_same_times(
    taper: files.Steps, where: str, plan: list[ask.Planned], marks: list[float], clock: Clock, start: dt.date
) -> list[ask.Planned]:
    """A taper at the clock times of the plan, where it has as many doses a day; empty where not."""
    usual = [t for t, _ in plan if t < marks[1]]
    if any(len(s["mg"]) != len(usual) for s in taper.steps):
        return []
    out, day = [], start
    for n, s in enumerate(taper.steps, 1):
        step = files.step_of(s, f"{where}: step {n}")
        for i in range(int(s["days"])):
            doses_then = zip(usual, step.day(i, day).mg, strict=True)
            out += [(clock.midnight(day) + t, float(mg)) for t, mg in doses_then if mg]
            day += dt.timedelta(days=1)
    return sorted(out)


def _kidneys(ways: list[Way], marks: list[float], crcl: float) -> str:
    normal, own = (metrics(w.parameters, w.doses, marks[-2], marks[-1]) for w in ways)
    return (
        f"With weak kidneys (creatinine clearance {crcl:g} mL/min) the level is {ng(own.cavg)} ng/mL on average. With full kidney "
        f"function it would be {ng(normal.cavg)}. Only a prescriber can set doses for weak kidneys."
    )


def _cautions(
    asked: Asked, id: str, file: ModelFile, model: KineticModel, own: Way, marks: list[float], person: dict[str, float], crcl: float | None, daily: float
) -> list[str]:  # fmt: skip
    out = []
    values = []
    for m in file.models:
        if m.runnable and not any(q.per_kg for q in m.parameters):
            alike = m.typical(crcl=crcl)
            values.append((metrics(alike, own.doses, marks[0], marks[1]).cavg, m.name))
    if len(values) > 1:
        low, high = min(values), max(values)
        out.append(
            f"The published models disagree: on the first day the average is {ng(low[0])} ng/mL by {low[1]} and {ng(high[0])} by {high[1]}. See: posology model validate {id}"
        )
    if model.status != "published":
        out.append(f"{model.name} is an {model.status}: {model.reason}")
    kidney = crcl if crcl is not None else person.get("egfr")
    for o in model.outside(age=person.get("age"), weight=person.get("weight"), kidney=kidney, daily_mg=daily):
        what = {"age": "An age", "weight": "A weight", "kidney": "A kidney function", "daily_mg": "A daily dose in mg"}[
            o.fact
        ]
        out.append(
            f"{what} of {o.value:g} lies outside the people this model was made from ({o.low:g} to {o.high:g}): it may be far off."
        )
    if crcl is None and "egfr" in person:
        out.append(
            "The person file gives an eGFR and no creatinine clearance: kidneys are not counted in. Give --crcl."
        )
    if crcl is not None and file.renal is not None:
        low, high = (file.renal.ratio(crcl, f) for f in reversed(file.renal.range))
        out.append(
            f"Clearance is put at {file.renal.ratio(crcl):.2f} of normal; {low:.2f} to {high:.2f} is as well supported. {file.renal.basis}"
        )
    out.append(
        f"A picture of a model's typical person, not of you. No level is known to be right or safe. Ask before changing anything: posology about {id}"
    )
    return out
