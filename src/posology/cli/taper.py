"""The commands that plan a taper or a titration. Joins library, taper and wording; decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import click

from posology.cli import front as typer
from posology.cli import taper_acts as acts
from posology.cli.taper_files import clock, echo_json, keep, read_json, table
from posology.cli.taper_sheet import sheet
from posology.cli.taper_words import doses_now, mass, same_slots, stocks

if TYPE_CHECKING:
    from fractions import Fraction

    from posology.medicine import Medicine
    from posology.taper.course import TaperPlan
    from posology.taper.problem import Kind, TaperProblem
    from posology.taper.rules import Choice, Facts


class _Group(typer.App):
    """A group whose first word may be left out: then it plans."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self._functions and args[0] not in ("-h", "--help"):
            args = ["make", *args]
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The options of planning stand on the help page of the group too: it is what the group does by itself."""
        planning = self.get_command(ctx, "make")
        own = super().get_params(ctx)
        return own if planning is None else [*own, *(p for p in planning.params if isinstance(p, click.Option))]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = _Group(
        help="Plan a way down (or up), prove it, and keep it as a plan file. "
        'Without a command word it plans: posology taper "baclofen 20 mg three times a day" --from 2026-11-24, '
        "or posology taper --problem problem.json --json. Its options: posology taper make --help."
    )
    for name, function in (
        ("make", make), ("show", acts.show), ("approve", acts.approve), ("start", acts.start), ("hold", acts.hold),
        ("resume", acts.resume), ("step-back", acts.step_back), ("finish", acts.finish), ("stop", acts.stop),
        ("symptoms", acts.symptoms), ("import", import_), ("schema", schema), ("sheet", sheet),
    ):  # fmt: skip
        group.command(name)(function)
    app.add_typer(group, name="taper")


def make(
    now: Annotated[list[str] | None, typer.Argument(help="The doses taken now, in words.")] = None,
    problem: Annotated[Path | None, typer.Option("--problem", help="A problem file (JSON) in place of words.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="The first day of the new dose: 2026-11-24.")] = None,
    to: Annotated[str, typer.Option("--to", help='The target: "nothing", or doses in words.')] = "nothing",
    have: Annotated[
        list[str] | None, typer.Option(help='What is in the house: "10 mg tablets x 84". May be given again.')
    ] = None,
    syringe: Annotated[list[str] | None, typer.Option(help='Oral syringes at hand: "5 mL by 0.2 mL".')] = None,
    country: Annotated[str | None, typer.Option(help="Whose rules hold: UK, US, DE ...")] = None,
    medicine: Annotated[str | None, typer.Option(help="The medicine, where the directions do not name it.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="At most so many changes of dose.")] = None,
    every: Annotated[int | None, typer.Option(min=1, help="Days each step lasts.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="At most so many days in all.")] = None,
    max_step: Annotated[str | None, typer.Option(help='The largest step a day: "5 mg".')] = None,
    max_percent: Annotated[str | None, typer.Option(help="The largest step in percent of the dose then.")] = None,
    stop_from: Annotated[str | None, typer.Option(help='From which dose a day one may stop: "5 mg".')] = None,
    shape: Annotated[str | None, typer.Option(help="linear, proportional or hyperbolic.")] = None,
    ed50: Annotated[str | None, typer.Option(help='For hyperbolic: the dose of half the effect, "7.7 mg".')] = None,
    no_halves: Annotated[bool, typer.Option("--no-halves", help="Split nothing.")] = False,
    reduce_first: Annotated[list[str] | None, typer.Option(help="The dose time to take away first.")] = None,
    day_pattern: Annotated[
        list[str] | None, typer.Option(help="Days may differ: alternate, or weekdays. Else every day is the same.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Since when it is taken: 2026-01-01.")] = None,
    condition: Annotated[list[str] | None, typer.Option(help='A condition, like "epilepsy"; "none" for none.')] = None,
    earlier_withdrawal: Annotated[str | None, typer.Option(help="Bad signs on coming off before: yes or no.")] = None,
    use: Annotated[str | None, typer.Option("--for", help='What it is taken for, like "panic attacks".')] = None,
    crcl: Annotated[str | None, typer.Option(help="Creatinine clearance in mL/min: 45.")] = None,
    egfr: Annotated[str | None, typer.Option(help="eGFR in mL/min/1.73 m2: 60.")] = None,
    other: Annotated[
        list[str] | None, typer.Option(help='Another medicine; may be given again; "none" for none.')
    ] = None,
    save: Annotated[Path | None, typer.Option(help="Keep it as a new plan file.")] = None,
    svg: Annotated[Path | None, typer.Option(help="Write a picture of ideal and planned doses.")] = None,
    fhir: Annotated[Path | None, typer.Option(help="Write a FHIR R4 MedicationRequest (a draft proposal).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Plan a way down from the doses taken now (or up to a target), with the products at hand.

    Examples:

        posology taper "baclofen 20 mg three times a day" --from 2026-11-24 --have "10 mg tablets x 84" --country UK

        posology taper "baclofen 20 mg three times a day" --from 2026-11-24 --have "10 mg tablets x 84"
            --have "5 mg/5 mL solution x 300 mL" --syringe "5 mL by 0.2 mL" --country UK --every 7 --steps 12
            --save plan.json

        posology taper --problem problem.json --json

    The best plan is worked out exactly and proved before it is shown; it stays a proposal until a prescriber has
    approved it. Exit status: 0 a plan, 1 not readable, 2 options, 3 no plan under these limits.
    """
    import os

    from posology.errors import OptionError, Problem

    # One thread is all a plan uses; starting more would only take time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if (problem is None) == (not now):
        raise OptionError(
            Problem(
                "Give the doses taken now in words, or --problem FILE.",
                "",
                'Like: posology taper "... 20 mg twice a day"',
            )
        )
    asked = _Asked()
    if problem is not None:
        asked.from_file(problem)
    else:
        asked.from_words(
            " ".join(now or []), first=first, to=to, have=have or [], syringe=syringe or [], country=country,
            medicine=medicine, steps=steps, every=every, days=days, max_step=max_step, max_percent=max_percent,
            stop_from=stop_from, shape=shape, ed50=ed50, no_halves=no_halves, reduce_first=reduce_first or [],
            day_pattern=day_pattern or [], since=since, condition=condition, earlier_withdrawal=earlier_withdrawal, use=use,
            crcl=crcl, egfr=egfr, other=other,
        )  # fmt: skip
    from posology.taper.planner import plan

    made = plan(asked.problem)
    if made is not None:
        asked.must_fall(made)
        made = asked.judged(made)
        _write(made, asked, save, svg, fhir)
    if as_json:
        echo_json(asked.answer(made))
    else:
        typer.echo(asked.text(made))
    if made is None:
        raise typer.Exit(3)


class _Asked:
    """One problem as asked, with the medicine behind it and what was chosen for it."""

    def __init__(self) -> None:
        self.medicine: Medicine | None = None
        self.country: str | None = None
        self.facts: Facts | None = None
        self.choice: Choice | None = None
        self.cited: list[str] = []
        self.checks: tuple[tuple[str, str], ...] = ()
        """Notes on the rules of the country that the plan is faster than, and on its cautions that are said of this person."""
        self.words = False
        """Whether it was asked in words: then a length of a step that nothing gives is assumed, and said."""
        self.problem: TaperProblem

    def from_file(self, path: Path) -> None:
        """A problem file, with what its medicine's file adds: the maximum, the pieces its labels allow, a rate."""
        from attrs import evolve

        from posology.taper.form import read

        data = read_json(path)
        self.problem = read(data)
        name = str(data.get("medicine") or "")
        if not name:
            return
        from posology import library
        from posology.cli import inputs
        from posology.taper.rules import Facts

        self.country = library.country(str(data["jurisdiction"])).id if data.get("jurisdiction") else None
        if name.lower() not in library.names():
            flags = (*self.problem.flags, ("medicine-not-known", name))
            self.problem = evolve(self.problem, flags=flags)
            return
        self.medicine = library.medicine(name)
        since = inputs.placed("since", inputs.day, data.get("since"))
        held = data.get("conditions")
        self.facts = Facts(
            self.problem.start_mg_per_day,
            (self.problem.starts_on - since).days if since and self.problem.starts_on else None,
            None if held is None else frozenset(t for c in held for t in library.recognise("conditions", str(c))),
            earlier_withdrawal=data.get("earlier_withdrawal"),
        )
        self._ruled()

    def from_words(
        self, text: str, *, first: str | None, to: str, have: list[str], syringe: list[str], country: str | None,
        medicine: str | None, steps: int | None, every: int | None, days: int | None, max_step: str | None,
        max_percent: str | None, stop_from: str | None, shape: str | None, ed50: str | None, no_halves: bool,
        reduce_first: list[str], day_pattern: list[str], since: str | None, condition: list[str] | None,
        earlier_withdrawal: str | None, use: str | None, crcl: str | None, egfr: str | None, other: list[str] | None,
    ) -> None:  # fmt: skip
        """A problem from words and options; all that is missing is said at once."""
        from attrs import evolve

        from posology import library
        from posology.cli import inputs, taper_facts
        from posology.cli.order import from_words
        from posology.errors import OptionError, Problem, raise_all
        from posology.taper.problem import Limits, Shape, TaperProblem
        from posology.taper.rules import Facts, titration

        missing = [Problem(f"{name} is missing.", "", todo) for name, value, todo in (
            ("--country", country, "Say whose rules hold, like --country UK."),
            ("--have", have, 'Say what is in the house, like --have "10 mg tablets x 84".'),
        ) if not value]  # fmt: skip
        if earlier_withdrawal not in (None, "yes", "no"):
            missing.append(Problem("Write --earlier-withdrawal yes or no.", "--earlier-withdrawal"))
        if shape not in (None, "linear", "proportional", "hyperbolic"):
            missing.append(
                Problem(f"This shape is not known: {shape!r}.", "--shape", "Write linear, proportional or hyperbolic.")
            )
        if shape == "hyperbolic" and not ed50:
            missing.append(Problem("--ed50 is missing.", "", "A dose-effect curve needs the dose of half the effect."))
        raise_all(OptionError, missing)
        there = library.country(country or "")
        names = tuple(library.names())
        order = from_words(text, medicine, names)
        held = order.medicine
        devices = tuple(library.devices().values())
        holdings, syringes, day, begun, most, stop, k, clearance, filtration, purpose, others = inputs.gather(
            lambda: tuple(inputs.placed("--have", lambda t: inputs.have(t, held, there.id), h) for h in have),
            lambda: tuple(inputs.placed("--syringe", lambda t: inputs.syringe(t, devices), s) for s in syringe),
            lambda: inputs.placed("--from", inputs.day, first),
            lambda: inputs.placed("--since", inputs.day, since),
            lambda: inputs.placed("--max-step", mass, max_step),
            lambda: inputs.placed("--stop-from", mass, stop_from),
            lambda: inputs.placed("--ed50", mass, ed50),
            lambda: inputs.placed("--crcl", lambda t: taper_facts.kidney(t, "mL/min"), crcl),
            lambda: inputs.placed("--egfr", lambda t: taper_facts.kidney(t, "mL/min/{1.73_m2}"), egfr),
            lambda: inputs.placed("--for", lambda t: taper_facts.known("conditions", t), use),
            lambda: (
                None
                if other is None
                else frozenset(c for t in other for c in inputs.placed("--other", taper_facts.classes, t) or ())
            ),
        )
        slots, doses = doses_now(order.course)
        zero = to.strip().lower() in ("nothing", "0", "stop", "0 mg")
        target = tuple(0 * x for x in doses)
        if not zero:
            goal_slots, goal = doses_now(from_words(to, held.id, names).course)
            slots, doses, target = same_slots(slots, doses, goal_slots, goal)
        conditions = None
        if condition is not None:
            words = [c for c in condition if c.strip().lower() not in ("none", "no")]
            conditions = frozenset(t for c in words for t in library.recognise("conditions", c))
        total = sum(doses, Fraction_("0"))
        self.country, self.medicine, self.words = there.id, held, True
        self.facts = Facts(
            total, (day - begun).days if day and begun else None, conditions,
            earlier_withdrawal=None if earlier_withdrawal is None else earlier_withdrawal == "yes",
            indications=purpose, kidney=tuple(a for a in (clearance, filtration) if a is not None), medicines=others,
        )  # fmt: skip
        limits = Limits(
            steps=steps, step_days=every, max_total_days=days, max_step_mg_per_day=most,
            max_step_percent_of_current=inputs.fraction(max_percent) if max_percent else None,
            may_stop_from_mg_per_day=stop, halves=False if no_halves else None, reduce_first=tuple(reduce_first),
            day_patterns=tuple(day_pattern),
        )  # fmt: skip
        self.problem = TaperProblem(
            products=stocks(holdings, syringes, devices), slots=slots, start_mg_per_day=total,
            target_mg_per_day=sum(target, Fraction_("0")), start=doses, target=target, limits=limits,
            shape=Shape(cast("Kind", shape or "linear"), ed50_mg=k), medicine=held.id, starts_on=day,
        )  # fmt: skip
        if self.problem.direction == "titration":
            label, cited = titration(held, there.id, self.facts, len(slots))
            self.cited += cited
            self.problem = evolve(
                self.problem,
                limits=evolve(
                    limits,
                    step_days=every or label.step_days,
                    max_step_mg_per_day=most if most is not None else label.max_step_mg_per_day,
                    max_step_percent_of_current=limits.max_step_percent_of_current or label.max_step_percent_of_current,
                ),
            )
        self._ruled()

    def _ruled(self) -> None:
        from attrs import evolve

        from posology.taper import rules

        assert self.medicine is not None
        assert self.facts is not None
        p = rules.narrowed(self.problem, self.medicine, self.country)
        p, cited = rules.bounded(p, self.medicine, self.country, self.facts)
        self.cited += cited
        l = p.limits  # noqa: E741
        paced = any(x is not None for x in (
            l.steps, l.max_total_days, l.latest_end, l.max_step_mg_per_day, l.max_step_percent_of_current,
            l.max_step_percent_of_start, l.max_step_percent_of_effect, l.min_total_days,
        ))  # fmt: skip
        if p.direction == "taper" and self.medicine.tapers:
            self.choice = rules.choose(self.medicine, self.facts, self.country or "", (s.id for s in p.products))
            if p.target_mg_per_day == 0:
                orders = rules.stop_order(self.medicine, self.facts, self.country or "")
                p = evolve(p, flags=(*p.flags, *(("stop-order", s.text) for s in orders)))
                self.cited += [s.id for s in orders]
            if self.words and not paced and p.target_mg_per_day == 0 and self.choice.rate is None:
                self._no_rate()
            length, source = rules.step_days(self.medicine, self.country or "", self.facts)
            if not paced and not p.shape.published and self.choice.rate is not None:
                own = self.choice.rate.rule.every_days
                p = rules.apply_rate(p, self.choice, length)
                p = evolve(p, flags=(*p.flags, ("rate", self.choice.rate.statement)))
                if self.choice.rate.applies is None and self.words:
                    said = self.medicine.statement(self.choice.rate.statement).text
                    p = evolve(p, flags=(*p.flags, ("rate-for-some", said)))
                assumed = l.step_days is None and own is None
            else:
                assumed = self.words and p.step_days is None and not p.shape.published
                if assumed:
                    p = evolve(p, limits=evolve(p.limits, step_days=length))
            if assumed:
                flag = ("step-days", source) if source else ("step-days-ours", str(length))
                p = evolve(p, flags=(*p.flags, flag))
                self.cited += [source] if source else []
        self.problem = p

    def _no_rate(self) -> None:
        """Refuse where no source gives a way down with an end: what they do say is said, and how to give a rate."""
        from posology.errors import Problem, RefusedError
        from posology.taper.rules import rates

        assert self.medicine is not None
        assert self.facts is not None
        m, ids = self.medicine, [x.id for x in self.problem.products]
        fits = [
            r for r in rates(m, self.facts, ids) if r.jurisdiction in (self.country, "*") and r.applies is not False
        ]
        fits.sort(key=lambda r: (r.rule.shape == "slowly", r.applies is None))
        said = " ".join(m.statement(r.statement).text for r in fits[:3])
        raise RefusedError(
            Problem(
                f"No source gives steps down to nothing for this person. {said}".strip(), "",
                "The prescriber must say how fast: give --every with --max-step, --max-percent or --steps, and with a "
                "percent also --stop-from.",
            )
        )  # fmt: skip

    def _offered(self) -> tuple[Any, ...]:
        if self.medicine is None:
            return ()
        from posology import library
        from posology.taper.rules import offered

        known = library.devices().values()
        fits = [d for d in known if d.kind == "oral-syringe" and d.verified]
        fits.sort(key=lambda d: (d.mark.value < Fraction_("0.1"), d.mark.value, -d.capacity.value))
        return offered(
            self.medicine,
            self.country,
            self.problem,
            [(d.capacity.to("mL").value, d.mark.to("mL").value) for d in fits],
            {d.id: (d.capacity.to("mL").value, d.mark.to("mL").value) for d in known},
        )

    def must_fall(self, made: TaperPlan) -> None:
        """Refuse a way to nothing that never goes down first, for a medicine that must be come off gradually.

        Limits that leave no smaller dose (one strength that is never split) would make the last step an abrupt stop.
        """
        from posology.errors import Problem, RefusedError

        p = self.problem
        tapers = self.words and self.medicine is not None and self.medicine.tapers
        if tapers and p.target_mg_per_day == 0 and all(sum(s.mg) >= p.start_mg_per_day for s in made.steps):
            raise RefusedError(
                Problem(
                    f"What is in the house makes no smaller dose: it would go from {float(p.start_mg_per_day):g} mg a day "
                    "to nothing at once. That is stopping suddenly.",
                    "--have",
                    "Ask the prescriber or pharmacist for a lower strength or a liquid, and add it with --have.",
                )
            )

    def judged(self, made: TaperPlan) -> TaperPlan:
        """The plan with a note for each rule of the country that it is faster than, and for each caution on coming off.

        None goes by in silence.
        """
        from attrs import evolve

        from posology.taper.rules import hurried, stopping_cautions

        p, days, country = self.problem, made.total_days, self.country or ""
        if self.medicine is None or self.facts is None or p.direction != "taper":
            return made
        step = made.steps[0] if made.steps else None
        first = (step.total, step.days) if step is not None and step.days is not None else None
        ends = days is not None and not p.target_mg_per_day
        broken = (
            hurried(self.medicine, self.facts, country, days or 0, first, (s.id for s in p.products)) if ends else ()
        )
        heeded = stopping_cautions(self.medicine, self.facts, country)
        self.cited += [s.id for s in (*broken, *heeded)]
        self.checks = tuple(("faster-than", s.text) for s in broken) + tuple(
            ("stopping-caution", s.text) for s in heeded
        )
        return evolve(made, notes=(*made.notes, *self.checks))

    def answer(self, made: TaperPlan | None) -> dict[str, Any]:
        """The answer as plain data."""
        from posology.taper.answer import extend, refuse

        data = refuse(self.problem, self._offered()) if made is None else extend(made, self._offered(), True)
        if self.medicine is not None and self.facts is not None:
            from posology.taper.rules import rates

            down = self.problem.direction == "taper"  # the rates of the sources are of the way down
            data["medicine"] = self.medicine.id
            data["country"] = self.country
            data["rates"] = [
                {
                    "statement": r.statement, "jurisdiction": r.jurisdiction, "days": r.days, "days_high": r.days_high,
                    "applies": r.applies, "verified": r.verified,
                }
                for r in (rates(self.medicine, self.facts) if down else ())
            ]  # fmt: skip
            if self.choice is not None:
                data["slower_because"] = [{"key": k, "fact": f} for k, f in self.choice.reasons]
            data["statements"] = list(dict.fromkeys([*self.cited, *((self.choice.cited) if self.choice else ())]))
        return data

    def text(self, made: TaperPlan | None) -> str:
        """The answer for the terminal."""
        import textwrap

        from posology.taper import explain
        from posology.taper.problem import number
        from posology.wording import taper_text as words

        p = self.problem
        name = self.medicine.names[0] if self.medicine else p.medicine or "medicine"
        end = "nothing" if p.target_mg_per_day == 0 else f"{number(p.target_mg_per_day)} mg a day"
        title = f"{name}: from {number(p.start_mg_per_day)} mg a day to {end}"
        out = [title, "=" * len(title), ""]
        if made is None:
            out += ["There is no plan under these limits.", *words.no_plan_lines(explain.explain(p))]
        else:
            out += [words.PROPOSED, ""]
            out += self._emergency()
            out += [row for k, f in self.checks for row in textwrap.wrap(words.note_text(k, f), 100)]
            out += [""] if self.checks else []
            out += [*table(words.step_rows(made)), "", words.worst_text(made)]
            if made.total_days is not None:
                out.append(f"{made.changes} changes of dose in {made.total_days} days.")
            out += _section("In words", words.sig_lines(made))
            out += _section("To dispense", words.supply_lines(made))
            others = explain.alternatives(p, made)
            if others:
                out += ["", "Other plans", "-" * 11, *table(words.alternative_rows(made, others))]
        bought = explain.worth_adding(p, self._offered(), made)
        out += _section(
            "Which product would help", [words.bought_text(b.before, b.after, b.product.id) for b in bought[:3]]
        )
        own = () if made is None else tuple(n for n in made.notes if n not in self.checks)
        notes = [words.note_text(k, f) for k, f in dict.fromkeys((*p.flags, *own))]
        if self.choice is not None and self.choice.reasons:
            why = [t for k, f in self.choice.reasons if (t := words.reason_text(k, f))]
            if why:
                notes.append(f"The slower end is meant, because {'; '.join(why)}.")
        out += _section("Notes", [n for n in notes if n])
        if self.medicine is not None and self.facts is not None and p.direction == "taper":
            from posology.taper.rules import rates

            m = self.medicine
            titles = {s.id: m.source(s.source).title for s in m.statements}
            chosen = (
                self.choice.rate.statement
                if self.choice and self.choice.rate and ("rate", self.choice.rate.statement) in p.flags
                else ""
            )
            rows = words.rate_rows(rates(m, self.facts), self.facts.per_day, chosen, titles)
            if len(rows) > 1:
                out += ["", "What the sources say of the speed", "-" * 33, *table(rows)]
        return "\n".join(out)

    def _emergency(self) -> list[str]:
        if self.medicine is None or not self.country:
            return []
        from posology import library
        from posology.medicine import WithdrawalSign

        signs = [s.text for s in self.medicine.rules(WithdrawalSign) if s.rule.urgency == "emergency"]  # type: ignore[union-attr]
        if not signs:
            return []
        call = library.countries()[self.country].emergency
        return ["Emergency signs", "-" * 15, *(f"  - {s}" for s in signs), f"  Call {call}.", ""]


def Fraction_(text: str) -> Fraction:
    """A fraction; imported late because a command that does not need it should not wait for it."""
    from fractions import Fraction

    return Fraction(text)


def _section(heading: str, lines: list[str]) -> list[str]:
    return ["", heading, "-" * len(heading), *(f"  - {x}" for x in lines)] if lines else []


def _write(made: TaperPlan, asked: _Asked, save: Path | None, svg: Path | None, fhir: Path | None) -> None:
    from posology.cli.inputs import write_file

    if save is not None:
        from posology.taper.states import propose

        keep(save, propose(made, clock()), new=True)
    if svg is not None:
        from posology.taper.picture import svg as drawn
        from posology.wording.taper_text import PICTURE

        write_file(svg, drawn(made, PICTURE))
        typer.echo(f"Written: {svg}", err=True)
    if fhir is not None:
        write_file(fhir, fhir_text(made, asked.medicine))
        typer.echo(f"Written: {fhir}", err=True)


def fhir_text(made: TaperPlan, medicine: Medicine | None) -> str:
    """The JSON text of a draft MedicationRequest: a proposal, never an order; one sequence a step."""
    import simplejson

    from posology.errors import Problem, RefusedError
    from posology.fhir.request import write_request
    from posology.taper.output import course_of
    from posology.wording.taper_text import PROPOSED

    try:
        course = course_of(made)
    except ValueError as error:
        raise RefusedError(Problem(f"It cannot be written as an order: {error}.", "--fhir")) from None
    name = medicine.names[0] if medicine else made.problem.medicine
    if not name:
        raise RefusedError(Problem("An order names its medicine, and none is given.", "--fhir", "Add the medicine."))
    data = write_request(name, course, notes=(PROPOSED,))
    return simplejson.dumps(data, use_decimal=True, ensure_ascii=False, indent=2) + "\n"


def import_(
    source: Annotated[str, typer.Argument(help="A FHIR JSON file, or the taper in words.")],
    first: Annotated[str | None, typer.Option("--from", help="The first day, for a taper in words.")] = None,
    quantity: Annotated[str | None, typer.Option(help='How much was ordered: "51 tablets".')] = None,
    strength: Annotated[str | None, typer.Option(help='What one tablet holds: "5 mg".')] = None,
    medicine: Annotated[str | None, typer.Option(help="The medicine, where the text does not name it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Read a taper somebody wrote, and say where its words, dates and quantity disagree. Nothing is put right by itself.

    Examples:

        posology taper import order.json

        posology taper import "4 tablets a day for 7 days, then 2 tablets a day for 7 days" --quantity "42 tablets"

    Exit status: 0 all agree, 1 not readable, 3 they disagree.
    """
    from posology.cli.taper_import import run

    run(source, first=first, quantity=quantity, strength=strength, medicine=medicine, as_json=as_json)


def schema(
    answer: Annotated[bool, typer.Option("--answer", help="The schema of the answer in place of the file's.")] = False,
) -> None:
    """Print the JSON Schema of a problem file, or of the answer to one.

    Examples:

        posology taper schema

        posology taper schema --answer
    """
    from posology.taper.schema import answer_schema
    from posology.taper.schema import schema as made

    echo_json(answer_schema() if answer else made())
