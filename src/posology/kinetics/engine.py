"""Turns inputs and sample times into states over time, for one subject or many, each sample from the last event before it.

Knows no medicine and no percentile. One subject is worked out over all times at once; many subjects row by row of time,
so that an array of N numbers is the unit of work; own dose times row by row with each dose carried to the next row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from attrs import define, field

from posology.errors import Problem, UnreadableError
from posology.kinetics.doses import Dose, Input, OwnDoses, spread
from posology.kinetics.exponentials import Array
from posology.kinetics.system import Parameters, System

_CACHE_BYTES = 48_000_000  # responses kept for offsets that come back (hourly samples of a plan three times a day: 8)
_NEGLIGIBLE = 1e-19


class Step(NamedTuple):
    """What happens at one time: amounts into states, the infusions running from now on, the system from now on."""

    time: float
    adds: list[tuple[int, Any]]
    pump: Any | None
    segment: int


@define(eq=False)
class Course:
    """A schedule made ready for one set of parameters: systems (one for each clearance) and the steps between them."""

    systems: list[System]
    steps: list[Step]
    subjects: int

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states, in their order."""
        return self.systems[0].states

    @property
    def index(self) -> dict[str, int]:
        """Where each state stands."""
        return {name: i for i, name in enumerate(self.states)}


def prepare(
    parameters: Parameters, doses: Sequence[Dose], times: Array, changes: Sequence[tuple[float, Any]] = ()
) -> Course:
    """Doses, clearance changes (time h, CL L/h; each holds from its time on) and parameters as one list of steps."""
    v = parameters.values
    first = float(times.min()) if len(times) else 0.0
    changes = sorted(changes, key=lambda c: c[0])
    if changes:
        first = min(first, changes[0][0])
    oral = any(d.route == "oral" for d in doses)
    infused = any(d.duration > 0 for d in doses)
    systems = [System(parameters, oral, infused)]
    systems += [System(parameters.with_clearance(cl), oral, infused) for _, cl in changes]
    states = systems[0].states
    at = {name: i for i, name in enumerate(states)}
    entry = systems[0].entry if oral else "central"
    inputs = spread(doses, entry, parameters.volume, v.get("F", 1.0), v.get("tlag", 0.0), first)
    adds: dict[float, list[tuple[int, Any]]] = {}
    for past in inputs.pasts:
        if isinstance(past.amount, float) and past.amount == 0.0:
            continue
        base = systems[sum(1 for t, _ in changes if t <= past.time)]
        for i, amount in enumerate(_steady(base, past, parameters.subjects)):
            adds.setdefault(past.time, []).append((i, amount))
    for time, state, amount in inputs.injections:
        if time in adds:
            adds[time].append((at[state], amount))
        else:
            adds[time] = [(at[state], amount)]
    pumps = _pumps(inputs)
    starts = {t: i + 1 for i, (t, _) in enumerate(changes)}
    steps: list[Step] = []
    segment = 0
    for time in sorted({*adds, *pumps, *starts}):
        segment = starts.get(time, segment)
        steps.append(Step(time, adds.get(time, []), pumps.get(time), segment))
    return Course(systems, steps, parameters.subjects)


def _pumps(inputs: Input) -> dict[float, Any]:
    """The rate of all infusions together from each change on, summed afresh so that none leaves a trace behind."""
    edges = sorted({t for i in inputs.infusions for t in (i.start, i.end)})
    running = sorted(inputs.infusions, key=lambda i: i.start)
    out: dict[float, Any] = {}
    alive: list[Any] = []
    k = 0
    for t in edges:
        while k < len(running) and running[k].start <= t:
            alive.append(running[k])
            k += 1
        alive = [i for i in alive if i.end > t]
        total: Any = 0.0
        for i in alive:
            total = total + i.rate
        out[t] = total
    return out


def _steady(system: System, past: Any, subjects: int) -> list[Any]:
    """The state after doses ``ii`` apart since for ever: the sum of P(k ii) d over k, by doubling, all terms positive."""
    shape = (subjects,) if subjects else ()
    names = [s for s in system.states if s != "pump"]
    if past.duration > 0:
        start = [system.response(s, "pump", past.duration) for s in names]
        x = [np.zeros(shape) if r is None else r * (past.amount / past.duration) for r in start]
    else:
        x = [np.zeros(shape) + (past.amount if s == past.state else 0.0) for s in names]
    span = past.ii
    for _ in range(2000):
        moved = []
        for target in names:
            total = np.zeros(shape)
            for source, amount in zip(names, x, strict=True):
                part = system.response(target, source, span)
                if part is not None:
                    total = total + part * amount
            moved.append(total)
        x = [a + b for a, b in zip(x, moved, strict=True)]
        if all(np.all(b <= _NEGLIGIBLE * a) for a, b in zip(x, moved, strict=True)):
            break
        span *= 2.0
        if span > 1e100:
            raise UnreadableError(Problem("There is no steady state: the elimination is too slow.", "doses.ss"))
    out = dict(zip(names, x, strict=True))
    return [out.get(s, 0.0) for s in system.states]


class Trail(NamedTuple):
    """The states of one subject right after each step: times (E,), values (E, S), segments (E,), pump off or on."""

    times: Array
    values: Array
    segments: Any


def trail(course: Course) -> Trail:
    """Walk the steps of one subject."""
    names = course.states
    n = len(names)
    steps = course.steps
    times = np.array([s.time for s in steps])
    segments = np.array([s.segment for s in steps], dtype=np.intp)
    if not steps:
        return Trail(times, np.zeros((0, n)), segments)
    pump = names.index("pump") if "pump" in names else -1
    gaps = np.diff(times)
    moves: list[Any] = [None] * len(gaps)
    for s in sorted(set(segments[:-1].tolist())):
        here = np.flatnonzero(segments[:-1] == s)
        places: dict[float, int] = {}
        inverse = [places.setdefault(g, len(places)) for g in gaps[here].tolist()]
        unique = np.array(list(places))
        matrices = course.systems[s].matrix(unique, unique.shape).transpose(2, 0, 1).tolist()
        for i, u in zip(here.tolist(), inverse, strict=True):
            moves[i] = matrices[u]
    x = [0.0] * n  # plain floats: an array of two numbers costs more than its arithmetic
    rows = []
    for i, step in enumerate(steps):
        if i and n == 2:
            (a, b), (c, d) = moves[i - 1]
            y, z = x
            x = [a * y + b * z, c * y + d * z]
        elif i:
            x = [sum(map(mul, row, x)) for row in moves[i - 1]]
        for j, amount in step.adds:
            x[j] += float(amount)
        if step.pump is not None:
            x[pump] = float(step.pump)
        rows.append(x.copy())
    return Trail(times, np.array(rows), segments)


def sample(course: Course, walked: Trail, times: Array, targets: Sequence[str], side: str) -> dict[str, Array]:
    """The states asked for at any times, each from the last step before it; exactly 0 before the first."""
    found = {t: np.zeros(len(times)) for t in targets}
    at = np.searchsorted(walked.times, times, side="right" if side == "post" else "left") - 1
    for s, system in enumerate(course.systems):
        here = np.flatnonzero((at >= 0) & (walked.segments[np.maximum(at, 0)] == s)) if len(walked.times) else ()
        if not len(here):
            continue
        step = at[here]
        offset = times[here] - walked.times[step]
        for target in targets:
            total = np.zeros(len(here))
            for j, response in enumerate(system.row(target, offset)):
                if response is not None:
                    total += response * walked.values[step, j]
            found[target][here] = total
    return found


@define(eq=False)
class Crowd:
    """Many subjects on one schedule, walked through time. ``x``: states (S, N); ``on``: those that hold anything yet."""

    course: Course
    x: Array = field(init=False)
    on: tuple[int, ...] = ()
    segment: int = 0
    time: float = 0.0
    _room: Array = field(init=False)  # where the next state is worked out; the two change places
    _spare: Array = field(init=False)
    _moves: dict[tuple[int, float], Any] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        shape = (len(self.course.states), self.course.subjects)
        self.x, self._room, self._spare = np.zeros(shape), np.zeros(shape), np.empty(shape[1])

    def advance(self, step: Step) -> None:
        """Carry every state to a step and take in what enters there."""
        if self.on and step.time > self.time:
            self._move(step.time - self.time)
        x, on = self.x, set(self.on)
        for j, amount in step.adds:
            if j in on:
                x[j] += amount
            else:
                x[j] = amount
                on.add(j)
        if step.pump is not None:
            j = self.course.index["pump"]
            x[j] = step.pump
            on = on | {j} if np.any(x[j] > 0) else on - {j}
        self.on, self.time, self.segment = tuple(sorted(on)), step.time, step.segment

    def _move(self, gap: float) -> None:
        key = (self.segment, gap)
        if key not in self._moves:
            if len(self._moves) >= 32:
                self._moves.clear()
            system = self.course.systems[self.segment]
            self._moves[key] = [system.row(target, gap) for target in self.course.states]
        reached = []
        for i, row in enumerate(self._moves[key]):
            out = self._room[i]
            for j in self.on:
                if row[j] is None:
                    continue
                if i in reached:
                    np.multiply(row[j], self.x[j], self._spare)
                    np.add(out, self._spare, out)
                else:
                    np.multiply(row[j], self.x[j], out)
                    reached.append(i)
        self.x, self._room, self.on = self._room, self.x, tuple(reached)


class Sink(NamedTuple):
    """Where rows of time go: ``rows(lo, hi)`` gives arrays (hi - lo, N), one a target; ``done(lo, hi)`` when filled.

    ``stretch(system, on, x, start, end)``, on a shared schedule only: the states after an event, and from how many hours
    after it to how many the times asked for go on before the next. ``known(key, x, lo, hi)``, on a shared schedule only:
    whether these rows need no work, the same stretch (``key``) having been met with the same states.
    """

    rows: Callable[[int, int], Sequence[Array]]
    done: Callable[[int, int], None] | None = None
    stretch: Callable[[System, tuple[int, ...], Array, float, float], None] | None = None
    known: Callable[[Any, Array, int, int], bool] | None = None


BLOCK = 1_200_000  # numbers worked out in one go


def walk_shared(course: Course, times: Array, targets: Sequence[str], side: str, sink: Sink) -> None:
    """Fill the rows of the sorted times, a stretch between two events at a time."""
    crowd = Crowd(course)
    n = course.subjects
    events = np.array([s.time for s in course.steps])
    edges = [0, *np.searchsorted(times, events, side="left" if side == "post" else "right").tolist(), len(times)]
    most = max(1, BLOCK // n)
    cache: dict[Any, Any] = {}
    kept = 0
    for e, step in enumerate((None, *course.steps)):
        if step is not None:
            crowd.advance(step)
        if sink.stretch is not None and len(times):
            since = crowd.time if step is not None else float(times[0])
            until = min(events[e] if e < len(events) else np.inf, times[-1])
            start = max(since, float(times[0]))
            if until > start:
                sink.stretch(course.systems[crowd.segment], crowd.on, crowd.x, start - since, until - since)
        for lo in range(edges[e], edges[e + 1], most):
            hi = min(lo + most, edges[e + 1])
            h = times[lo:hi] - crowd.time
            key = (crowd.segment, crowd.on, h.tobytes())
            if sink.known is not None and sink.known(key, crowd.x, lo, hi):
                continue
            rows = sink.rows(lo, hi)
            if not crowd.on:
                for out in rows:
                    out.fill(0.0)
            else:
                system = course.systems[crowd.segment]
                x = crowd.x if len(crowd.on) == len(crowd.x) else crowd.x[list(crowd.on)]
                responses = cache.get(key)
                if responses is None:
                    responses = [_stack(system, target, crowd.on, h, n) for target in targets]
                    size = sum(r.nbytes for r in responses)
                    if kept + size <= _CACHE_BYTES:
                        # hourly samples of a plan three times a day meet the same offsets after every dose
                        cache[key] = responses
                        kept += size
                for out, response in zip(rows, responses, strict=True):
                    np.einsum("jmn,jn->mn", response, x, out=out)
            if sink.done is not None:
                sink.done(lo, hi)


def _stack(system: System, target: str, on: tuple[int, ...], h: Array, n: int) -> Array:
    """The responses of one state to those that hold anything, at some offsets: (len(on), len(h), n)."""
    out = np.zeros((len(on), len(h), n))
    for i, j in enumerate(on):
        for m, offset in enumerate(h.tolist()):
            part = system.response(target, system.states[j], offset)
            if part is not None:
                out[i, m] = part
    return out


def walk_own(
    parameters: Parameters, doses: OwnDoses, lag: Any, times: Array, changes: Sequence[tuple[float, Any]],
    targets: Sequence[str], side: str, sink: Sink,
) -> None:  # fmt: skip
    """As :func:`walk_shared`, where each subject has dose times (and perhaps a lag) of its own."""
    n = parameters.subjects
    oral = doses.route == "oral"
    changes = sorted(changes, key=lambda c: c[0])
    systems = [System(parameters, oral)] + [System(parameters.with_clearance(cl), oral) for _, cl in changes]
    names = systems[0].states
    entry = systems[0].entry if oral else "central"
    f = parameters.values.get("F", 1.0) if oral else 1.0
    shift = lag if oral else 0.0
    # boundaries: the sample times, and the times at which the clearance changes
    marks = np.unique(np.concatenate([times, [t for t, _ in changes]]))
    change_at = {t: i + 1 for i, (t, _) in enumerate(changes)}
    arrival = doses.times + shift
    wanted = np.isfinite(arrival) & (doses.amts > 0)
    subject = np.broadcast_to(np.arange(n), arrival.shape)[wanted]
    when = arrival[wanted]
    amount = (doses.amts * f / parameters.volume)[wanted]
    row = np.searchsorted(marks, when, side="left" if side == "post" else "right")
    order = np.argsort(row, kind="stable")
    subject, when, amount, row = subject[order], when[order], amount[order], row[order]
    edges = np.searchsorted(row, np.arange(len(marks) + 1))
    segments = np.zeros(len(marks), dtype=np.intp)
    current = 0
    for k, t in enumerate(marks.tolist()):
        segments[k] = current  # the system that holds on the way to this mark
        current = change_at.get(t, current)
    x = [np.zeros(n) for _ in names]
    moves: dict[tuple[int, float], Any] = {}
    held: tuple[int, int, list[Array | None]] = (0, 0, [])
    seen = np.zeros(n, dtype=np.bool_)
    sample_rows = {t: k for k, t in enumerate(times.tolist())}
    before = marks[0] if len(marks) else 0.0
    for k, t in enumerate(marks.tolist()):
        gap = t - before
        if gap > 0:
            key = (int(segments[k]), gap)
            if key not in moves:
                if len(moves) >= 16:
                    moves.clear()
                moves[key] = [systems[key[0]].row(target, gap) for target in names]
            fresh = []
            for responses in moves[key]:
                total = np.zeros(n)
                for response, value in zip(responses, x, strict=True):
                    if response is not None:
                        total += response * value
                fresh.append(total)
            x = fresh
        before = t
        lo, hi = int(edges[k]), int(edges[k + 1])
        if hi > lo:
            if not (held[0] <= lo and hi <= held[1]):
                # the responses of a block of doses at once, as far as one segment reaches
                end = k
                while end + 1 < len(marks) and segments[end + 1] == segments[k] and edges[end + 2] - lo < 100_000:
                    end += 1
                top = max(hi, int(edges[end + 1]))
                chosen = subject[lo:top]
                local = System(systems[segments[k]].parameters.take(chosen), oral)
                h = np.maximum(marks[row[lo:top]] - when[lo:top], 0.0)
                held = (
                    lo,
                    top,
                    [None if r is None else r * amount[lo:top] for r in (local.response(s, entry, h) for s in names)],
                )
            who = subject[lo:hi]
            seen[who] = True
            alone = np.count_nonzero(seen) == len(who)  # nobody twice: a plain indexed addition will do
            seen[who] = False
            for j, part in enumerate(held[2]):
                if part is None:
                    continue
                piece = part[lo - held[0] : hi - held[0]]
                if alone:
                    x[j][who] += piece
                else:
                    np.add.at(x[j], who, piece)
        found = sample_rows.get(t)
        if found is not None:
            for out, target in zip(sink.rows(found, found + 1), targets, strict=True):
                out[0] = x[names.index(target)]
            if sink.done is not None:
                sink.done(found, found + 1)


def check_times(times: Any) -> Array:
    """Sample times as an array of finite hours."""
    try:
        array = np.asarray(times, np.float64)
    except (TypeError, ValueError):
        raise UnreadableError(Problem("These are not times.", "times", "Give hours as numbers.")) from None
    if array.ndim != 1:
        raise UnreadableError(Problem(f"Times must be one list, not of shape {array.shape}.", "times"))
    if not np.all(np.isfinite(array)):
        at = int(np.argmin(np.isfinite(array)))
        raise UnreadableError(Problem(f"This is not a finite time: {array[at]}.", f"times[{at}]", "Give hours."))
    return array
