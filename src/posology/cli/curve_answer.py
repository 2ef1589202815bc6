"""Turns what ``posology curve`` was asked into its answer: sentences, a table, a picture, JSON and CSV. Decides nothing."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from posology.errors import Problem, UnreadableError
from posology.kinetics import questions as ask
from posology.kinetics.doses import Dose
from posology.kinetics.models import KineticModel, ModelFile
from posology.kinetics.picture import Band, Chart, Line
from posology.kinetics.picture import svg as draw_svg
from posology.kinetics.simulation import simulate
from posology.kinetics.streaming import bands
from posology.kinetics.system import Parameters
from posology.kinetics.withdrawal import LABEL, Pressure

if TYPE_CHECKING:
    pass

_DAYS_DRAWN = 10  # beyond it single doses run together on paper: each day is drawn as one
_BAND = "5 of 100 people are below the band, 5 of 100 above"
_HALF = "half of people are below this line"
NG = 1000.0
"""ng/mL in a mg/L."""


@frozen(eq=False)
class Way:
    """One way of taking the medicine: its name, its parameters, and all doses (those of the past included)."""

    name: str
    style: str
    parameters: Parameters
    doses: tuple[Dose, ...]


@frozen(eq=False)
class Answer:
    """Everything an answer holds; views of it are made when asked for."""

    medicine: str
    file: ModelFile
    model: KineticModel
    ways: tuple[Way, ...]
    clock: Clock
    span: int
    sentences: tuple[str, ...]
    cautions: tuple[str, ...]
    ticks: tuple[tuple[float, bool], ...]
    threshold: float | None
    log: bool
    population: int
    index: tuple[tuple[str, Pressure], ...] = ()
    facts: dict[str, Any] = field(factory=dict)

    @property
    def own(self) -> Way:
        """The way the question is about."""
        return self.ways[-1]

    @property
    def crowd(self) -> Any:
        """The virtual people behind the band; None where none were asked for, or the model does not say how people vary."""
        if not self.population or not self.model.variability:
            return None
        from posology.kinetics.population import draw

        return draw(self.own.parameters, self.model.variability, self.population, 1)

    def _times(self) -> Any:
        step = 0.25 if self.span <= 10 else 0.5 if self.span <= 40 else 1.0
        end = self.clock.marks(self.span)[-1]
        return ask.grid(end, step, self.own.doses)

    @cached_property
    def days_of_ways(self) -> list[list[ask.Day]]:
        """The figures of each day, of each way."""
        marks = self.clock.marks(self.span)
        return [ask.days(w.parameters, w.doses, marks, self.threshold) for w in self.ways]

    def table(self) -> list[list[str]]:
        """One row a day and way: doses, mg, lowest, highest and mean level, hours under the threshold."""
        head = ["day", *(["plan"] if len(self.ways) > 1 else []), "doses", "mg", "lowest", "highest", "average",
                *(["hours under"] if self.threshold else [])]  # fmt: skip
        rows = [head]
        marks = self.clock.marks(self.span)
        found = self.days_of_ways
        few = 14
        shown = (
            range(len(marks) - 1) if len(marks) - 1 <= few else range(0, len(marks) - 1, -(-(len(marks) - 1) // few))
        )
        for i in shown:
            for w, days in zip(self.ways, found, strict=True):
                m = days[i].figures
                rows.append([
                    self.clock.day(i), *([w.name] if len(self.ways) > 1 else []), str(days[i].doses), f"{days[i].mg:g}",
                    ng(m.cmin), ng(m.cmax), ng(m.cavg), *([f"{m.time_below:.1f}"] if self.threshold else []),
                ])  # fmt: skip
        return rows

    def pressure_table(self) -> list[list[str]]:
        """The index of each plan at the end of some days, as a range over the adaptation half-lives."""
        if not self.index:
            return []
        rows = [["end of day", *(c for name, _ in self.index for c in (name, "(of the start)"))]]
        marks = self.clock.marks(self.span)[1:]
        shown = range(len(marks)) if len(marks) <= 14 else range(0, len(marks), -(-len(marks) // 14))
        for i in shown:
            cells = []
            for _, p in self.index:
                low, high, start_low, start_high = p.at(marks[i])
                cells += [f"{low:.2f} to {high:.2f}", f"{start_low:.2f} to {start_high:.2f}"]
            rows.append([self.clock.day(i), *cells])
        return rows

    def text(self) -> str:
        """The answer for the terminal."""
        out = [*self.sentences, "", "Levels in ng/mL, " + _people(self.model), "", *_columns(self.table())]
        if self.index:
            out += ["", f"Withdrawal pressure ({LABEL}; 0 none, 1 most; range over adaptation half-lives of 2 to 14 days)", "",
                    *_columns(self.pressure_table()), "", _PRESSURE]  # fmt: skip
        return "\n".join([*out, "", *self.cautions])

    def chart(self) -> Chart:
        """The picture of the levels."""
        if self.span > _DAYS_DRAWN:
            return self._long_chart()
        times = self._times()
        marks = self.clock.marks(self.span)
        end = marks[-1]
        lines = [
            Line(times.tolist(), (simulate(w.parameters, w.doses, times).conc * NG).tolist(), w.style, w.name)
            for w in self.ways
        ]
        shown: tuple[Band, ...] = ()
        crowd = self.crowd
        if crowd is not None:
            rows = bands(self.own.parameters, self.own.doses, times, crowd).values * NG
            shown = (Band(times.tolist(), rows[0].tolist(), rows[2].tolist(), _BAND),)
            lines.append(Line(times.tolist(), rows[1].tolist(), "median", _HALF))
        at = sorted({d.time for d in self.own.doses if 0 < d.time < end and d.amt > 0})
        low = simulate(self.own.parameters, self.own.doses, at, side="pre").conc * NG
        troughs = tuple(zip(at, low.tolist(), strict=True)) if len(at) <= 60 else ()
        return Chart(
            title=self.facts["title"], text=" ".join(self.sentences), start=0.0, end=end, y_label="level in the blood, ng/mL",
            lines=tuple(lines), bands=shown, days=tuple((h, self.clock.day(i)) for i, h in enumerate(marks)),
            ticks=self.ticks if len(self.ticks) <= 150 else (), troughs=troughs,
            threshold=None if self.threshold is None else (self.threshold * NG, f"{self.threshold * NG:g} ng/mL"),
            below=self._below(end), note=f"model {self.model.name}, typical person", log=self.log,
        )  # fmt: skip

    def _long_chart(self) -> Chart:
        """The picture of many days: each day's average of each way and of the people of the band, and the own lowest of each day."""
        marks = self.clock.marks(self.span)
        times = [t for a, b in pairwise(marks) for t in (a, b)]

        def drawn(values: Any) -> list[float]:
            return [float(v) * NG for v in values for _ in "ab"]

        found = self.days_of_ways
        lines = [
            Line(times, drawn(d.figures.cavg for d in days), w.style, f"{w.name}: average of the day")
            for w, days in zip(self.ways, found, strict=True)
        ]
        shown: tuple[Band, ...] = ()
        crowd = self.crowd
        if crowd is not None:
            low, half, high = ask.daily(crowd, self.own.doses, marks)
            shown = (Band(times, drawn(low), drawn(high), _BAND),)
            lines.append(Line(times, drawn(half), "median", _HALF))
        return Chart(
            title=self.facts["title"], text=" ".join(self.sentences), start=0.0, end=marks[-1], y_label="level in the blood, ng/mL",
            lines=tuple(lines), bands=shown, days=tuple((h, self.clock.day(i)) for i, h in enumerate(marks)),
            ticks=self.ticks if len(self.ticks) <= 150 else (),
            troughs=tuple((d.figures.tmin, d.figures.cmin * NG) for d in found[-1]) if len(marks) <= 61 else (),
            threshold=None if self.threshold is None else (self.threshold * NG, f"{self.threshold * NG:g} ng/mL"),
            below=self._below(marks[-1]), note=f"model {self.model.name}, typical person", log=self.log,
            words=("dose taken", "dose missed", "lowest of the day"),
        )  # fmt: skip

    def _below(self, end: float) -> tuple[tuple[float, float], ...]:
        if self.threshold is None:
            return ()
        return tuple(ask.below(self.own.parameters, self.own.doses, 0.0, end, self.threshold))

    def pressure_chart(self) -> Chart:
        """The picture of the index."""
        marks = self.clock.marks(self.span)
        styles = ("own", "other", "behind")
        lines, shaded = [], []
        for k, (name, p) in enumerate(self.index):
            times = p.times.tolist()
            lines.append(Line(times, p.high.tolist(), styles[k % 3], f"{name}: highest"))
            lines.append(Line(times, p.low.tolist(), styles[k % 3], f"{name}: lowest"))
            shaded.append(Band(times, p.low.tolist(), p.high.tolist(), f"{name}: adaptation half-lives 2 to 14 days"))
        return Chart(
            title=f"Withdrawal pressure: {LABEL}", text=f"{_PRESSURE} " + " ".join(self.sentences), start=0.0, end=marks[-1],
            y_label=f"index from 0 to 1, {LABEL}", lines=tuple(lines), bands=tuple(shaded),
            days=tuple((h, self.clock.day(i)) for i, h in enumerate(marks)), note="not a risk, not a probability", top=1.0,
        )  # fmt: skip

    def svg(self) -> str:
        """The picture of the levels as SVG."""
        return draw_svg(self.chart())

    def page(self) -> str:
        """Sentences, tables and pictures as one page."""
        from html import escape

        from posology.kinetics.picture import page

        def table(rows: list[list[str]], caption: str) -> str:
            head = "".join(f'<th scope="col">{escape(c)}</th>' for c in rows[0])
            body = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in r) + "</tr>" for r in rows[1:])
            return f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

        parts = [f"<p>{escape(s)}</p>" for s in self.sentences]
        parts += [self.svg(), table(self.table(), "Levels in ng/mL, " + _people(self.model))]
        if self.index:
            second = (
                draw_svg(self.pressure_chart())
                .replace("curve-title", "index-title")
                .replace("curve-text", "index-text")
            )
            parts += [f"<p>{escape(_PRESSURE)}</p>", second.replace('"hatch"', '"hatch2"').replace("#hatch", "#hatch2"),
                      table(self.pressure_table(), f"Withdrawal pressure ({LABEL})")]  # fmt: skip
        parts += [f"<p>{escape(c)}</p>" for c in self.cautions]
        return page(self.facts["title"], "en", *parts)

    def csv(self) -> str:
        """The curves: hours, instant, each way, and the band, in ng/mL."""
        times = self._times()
        columns = {w.name: simulate(w.parameters, w.doses, times).conc * NG for w in self.ways}
        crowd = self.crowd
        if crowd is not None:
            rows = bands(self.own.parameters, self.own.doses, times, crowd).values * NG
            columns |= {"p05": rows[0], "p50": rows[1], "p95": rows[2]}
        import csv
        import io

        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["hours", "at", *(f"{name} (ng/mL)" for name in columns)])
        for k, t in enumerate(times.tolist()):
            writer.writerow([f"{t:g}", self.clock.at(t), *(f"{v[k]:.6g}" for v in columns.values())])
        return out.getvalue()

    def data(self) -> dict[str, Any]:
        """The answer as plain data; levels in ng/mL, times in hours from the first midnight and as instants."""
        times = self._times()
        head, *rows = self.table()
        found: dict[str, Any] = {
            "medicine": self.medicine, "model": self.model.id, "model_status": self.model.status, "sentences": list(self.sentences),
            "cautions": list(self.cautions), "unit": "ng/mL", "hours": times.tolist(), "at": [self.clock.at(t) for t in times.tolist()],
            "curves": [
                {"name": w.name, "values": (simulate(w.parameters, w.doses, times).conc * NG).tolist(),
                 "parameters": dict(w.parameters.values)} for w in self.ways
            ],
            "days": [dict(zip(head, r, strict=True)) for r in rows], **{k: v for k, v in self.facts.items() if k != "title"},
        }  # fmt: skip
        crowd = self.crowd
        if crowd is not None:
            rows_ = bands(self.own.parameters, self.own.doses, times, crowd).values * NG
            found["band"] = {
                "people": self.population,
                "p05": rows_[0].tolist(),
                "p50": rows_[1].tolist(),
                "p95": rows_[2].tolist(),
            }
        if self.index:
            found["withdrawal_pressure"] = {
                "label": LABEL, "half_lives_days": list(self.index[0][1].half_lives),
                "plans": [{"name": n, "hours": p.times.tolist(), "low": p.low.tolist(), "high": p.high.tolist()} for n, p in self.index],
            }  # fmt: skip
        return found


_PRESSURE = (
    "This index compares plans and nothing else. Its constants were chosen, not measured. "
    "It is not a probability, and a low value does not mean that stopping is safe. "
    "It weighs a fall against what the body is used to by then, so the end of any taper counts like the end of any dose; "
    "beside it (of the start) the same fall is weighed against the level at the beginning."
)


def ng(value: float) -> str:
    shown = value * NG
    return f"{shown:.0f}" if shown >= 9.5 else "0" if shown == 0 else "under 0.1" if shown < 0.1 else f"{shown:.2g}"


def _people(model: KineticModel) -> str:
    return f"typical person of {model.name} ({model.population})"


def _columns(rows: list[list[str]]) -> list[str]:
    if not rows:
        return []
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]


@frozen
class Clock:
    """Hours from the first midnight of a zone, and back."""

    first: dt.date
    zone: Any
    origin: float

    @classmethod
    def of(cls, first: dt.date, zone: str) -> Clock:
        """From a day and the name of a zone."""
        from zoneinfo import ZoneInfo

        tz = ZoneInfo(zone)
        return cls(first, tz, dt.datetime.combine(first, dt.time(), tz).timestamp())

    def hours(self, instant: float) -> float:
        """Of a timestamp in seconds."""
        return (instant - self.origin) / 3600.0

    def midnight(self, day: dt.date) -> float:
        """Hours at which a day begins: 23 or 25 after the last where the clock changes."""
        return self.hours(dt.datetime.combine(day, dt.time(), self.zone).timestamp())

    def marks(self, days: int) -> list[float]:
        """The midnights of so many days, the last one's end included."""
        return [self.midnight(self.first + dt.timedelta(days=i)) for i in range(days + 1)]

    def day(self, i: int) -> str:
        """The i-th day in words."""
        d = self.first + dt.timedelta(days=i)
        return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[d.weekday()]} {d.day} {('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec')[d.month - 1]}"  # fmt: skip

    def at(self, hours: float) -> str:
        """An instant as ISO text in the zone."""
        return dt.datetime.fromtimestamp(round(self.origin + hours * 3600.0), self.zone).isoformat(timespec="minutes")

    def when(self, hours: float) -> str:
        """An instant in words: 15:00 on Wed 25 Nov."""
        there = dt.datetime.fromtimestamp(round(self.origin + hours * 3600.0), self.zone)
        return f"{there:%H:%M} on {self.day((there.date() - self.first).days)}"

    def read(self, text: str, option: str) -> float:
        """Hours of a local time as written: 2026-11-25T14:00."""
        try:
            found = dt.datetime.fromisoformat(text)
        except ValueError:
            raise UnreadableError(
                Problem(f"This is not a time: {text[:40]!r}.", option, "Write it like 2026-11-25T14:00.")
            ) from None
        if found.tzinfo is None:
            found = found.replace(tzinfo=self.zone)
        return self.hours(found.timestamp())
