"""A fault in virtual time: the estate suffers it, Prometheus and Alertmanager watch, nobody acts.

    -warm_ms          onset                       onset + lasts
    |---- quiet ------|---- the fault lasts --------|
    rules run         ^ time to fire and to notify count from here

Runs of all cases of one *draw* share what is before the onset and what a fault does not touch.  The estate is quick and
runs alone, first; what monitoring may ask of it is written down.  Then rules are evaluated over the whole window at
once, those only that can see a series that differs from the quiet run, and monitoring replays what was written down.
The result is that of monitoring in a full exercise, to the millisecond; a test holds that.

A *draw* fixes what no file says: where in the scrape interval the fault begins, at which offset each group is
evaluated, and the noise.  Draw 0 is the one of exercises; others move the onset along a golden-ratio sequence and shift
groups by a hash.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from simulator.estate import ModelledEstate
from simulator.exercise import warm_ms
from simulator.kernel import Kernel
from simulator.monitoring.promql import Expression, Labels, Semantics
from simulator.monitoring.rules import Rule, RuleEngine, RuleGroup, Transition, hashed_offset
from simulator.monitoring.rules.dependencies import furthest_back_ms, names_seen, reads, selectors
from simulator.monitoring.side import ModelledMonitoring, MonitoringFiles, Prometheus, Rules, modelled_prometheus
from simulator.monitoring.telemetry import SignalStorage
from simulator.randomness import Streams
from simulator.sides import Delivered, Disturbance
from simulator.signals import SignalBoard
from studies.coverage.faults import Case
from timeline.details import AlertDetail
from timeline.events import Event
from timeline.instants import MINUTE
from timeline.journal import Timeline
from topologies.estate import Estate

RULES_WARM_MS = 30 * MINUTE
"""How long rules have been running before the onset; longer where a rule looks back over what rules recorded."""
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Watch:
    """What is watched, and how.  `epoch` is the wall-clock moment of the onset; rules in `files` are assessable."""

    estate: Estate
    files: MonitoringFiles
    epoch: datetime
    seed: int
    longest_ms: int
    """The longest that any case lasts."""
    semantics: Semantics = Semantics.PROMETHEUS_3

    @cached_property
    def warm_ms(self) -> int:
        """How long rules have been running before the onset."""
        rules = [rule for group in self.files.groups for rule in group.rules]
        readers = [r for r in rules if any(reads(r.expression, writer) for writer in rules)]
        return max(RULES_WARM_MS, furthest_back_ms(readers))

    @cached_property
    def back_ms(self) -> int:
        """How long the estate has been well before rules begin: as far as any of them looks back."""
        return warm_ms(self.files)


@dataclass(frozen=True, slots=True)
class Draw:
    """One choice of what no file says."""

    number: int
    onset_ms: int

    @classmethod
    def of(cls, number: int, scrape_interval_ms: int) -> Draw:
        return cls(number, int(number * _GOLDEN % 1 * scrape_interval_ms))

    def offset(self, group: RuleGroup) -> int:
        file = group.file if self.number == 0 else f"{self.number}/{group.file}"
        return hashed_offset(replace(group, file=file))


@dataclass(frozen=True, slots=True)
class Fired:
    """An alert began to fire."""

    at_ms: int
    name: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Told:
    """A notification of firing alerts was sent to a receiver."""

    at_ms: int
    receiver: str
    alerts: tuple[Labels, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """What monitoring did over a run, in order of time, and which business functions were disrupted."""

    fired: tuple[Fired, ...]
    told: tuple[Told, ...]
    disrupted: tuple[str, ...] = ()

    def until(self, end_ms: int, disrupted: tuple[str, ...]) -> Record:
        """The same until a moment, with other functions disrupted."""
        fired = tuple(one for one in self.fired if one.at_ms <= end_ms)
        told = tuple(one for one in self.told if one.at_ms <= end_ms)
        return Record(fired, told, disrupted)


@dataclass(frozen=True, slots=True)
class _State:
    """What monitoring may ask of the estate, from a moment on."""

    at_ms: int
    serving: Mapping[str, bool]
    disturbances: tuple[Disturbance, ...]


@dataclass(slots=True)
class _Course:
    """What an estate went through."""

    board: SignalBoard
    states: list[_State] = field(default_factory=list)
    disrupted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case that was lived through, with its rules computed ahead until `until_ms`.

    `unlike` are the scraped series that differ from the quiet run, of those whose names any rule reads.
    """

    course: _Course
    storage: SignalStorage
    rules: RuleEngine
    until_ms: int
    unlike: frozenset[Labels]


class QuietRun:
    """One draw without a fault: what every case of the draw starts from."""

    def __init__(self, watch: Watch, draw: Draw) -> None:
        self.watch, self.draw = watch, draw
        self._until_ms = draw.onset_ms + watch.longest_ms
        self._reads: dict[Expression, frozenset[Labels]] = {}
        self.course = live(watch, draw, None, self._until_ms)
        kernel = _kernel(watch, draw)
        self.storage, self.rules = modelled_prometheus(
            kernel, watch.estate, watch.files, self.course.board, semantics=watch.semantics, offset=draw.offset
        )
        self.rules.look_through(self._until_ms)
        quiet = Prepared(self.course, self.storage, self.rules.fork(self.storage), self._until_ms, frozenset())
        self.record = self.watched(quiet)

    def run(self, case: Case) -> Record:
        """What monitoring does when a case happens."""
        prepared = self.prepared(case)
        if prepared.unlike or prepared.course.states:
            return self.watched(prepared)
        return self.record.until(prepared.until_ms, prepared.course.disrupted)  # it sees nothing of the fault

    @cached_property
    def _names_read(self) -> frozenset[str]:
        rules = (rule for group in self.watch.files.groups for rule in group.rules)
        return frozenset(name for rule in rules for name in names_seen(rule.expression, self.storage.names))

    def prepared(self, case: Case) -> Prepared:
        """The case lived through, and its rules computed ahead."""
        until_ms = self.draw.onset_ms + case.lasts_ms
        course = live(self.watch, self.draw, case, self._until_ms)
        changed = course.board.components_unlike(self.course.board)
        storage = self.storage.over(course.board, changed)
        unlike = storage.unlike_source(self.draw.onset_ms, until_ms, self._names_read) if changed else frozenset()
        rules = self.rules.fork(storage)
        rules.invalidate_rules(self.draw.onset_ms, lambda rule: not unlike.isdisjoint(self.read_by(rule)))
        rules.look_through(until_ms)
        return Prepared(course, storage, rules, until_ms, unlike)

    def read_by(self, rule: Rule) -> frozenset[Labels]:
        """Scraped series that a rule selects itself."""
        known = self._reads.get(rule.expression)
        if known is None:
            series = [self.storage.components_behind(s.matchers) for s in selectors(rule.expression)]
            known = self._reads[rule.expression] = frozenset(labels for found in series for labels, _ in found)
        return known

    def watched(self, prepared: Prepared) -> Record:
        """What monitoring makes of it."""
        course, until_ms = prepared.course, prepared.until_ms
        stays_up = all(state.serving.get(self.watch.estate.platform.prometheus or "", True) for state in course.states)
        rules: Rules = _Played(prepared.rules.advance(until_ms)) if stays_up else prepared.rules
        kernel = _kernel(self.watch, self.draw)
        estate = _Replayed(until_ms)
        told: list[Told] = []

        def deliver(delivered: Delivered) -> None:
            firing = tuple(Labels(alert.labels) for alert in delivered.alerts if alert.status == "firing")
            if firing:
                told.append(Told(kernel.now(), delivered.receiver, firing))

        monitoring = ModelledMonitoring(
            kernel,
            self.watch.estate,
            self.watch.files,
            course.board,
            estate,
            deliver,
            until_ms=until_ms,
            prometheus=Prometheus(prepared.storage, rules),
        )
        course.board.take_changed()  # it is all known beforehand
        monitoring.start()
        for state in course.states:
            kernel.call_at(state.at_ms, lambda state=state: estate.enter(state, monitoring))  # type: ignore[misc]
        kernel.env.run(until=until_ms + 1)
        return Record(fired_on(kernel.timeline), tuple(told), course.disrupted)


class _Played:
    """Rules whose every transition is known beforehand: nothing that happens meanwhile changes a series."""

    def __init__(self, transitions: Sequence[Transition]) -> None:
        self._ahead = deque(transitions)

    def lookahead(self, until_ms: int) -> int | None:
        return self._ahead[0].at_ms if self._ahead and self._ahead[0].at_ms <= until_ms else None

    def advance(self, to_ms: int) -> list[Transition]:
        passed = []
        while self._ahead and self._ahead[0].at_ms <= to_ms:
            passed.append(self._ahead.popleft())
        return passed

    def invalidate(self, at_ms: int, series_names: Collection[str] | None = None) -> None:
        raise RuntimeError(f"series of {series_names} change at {at_ms} ms, which was not known beforehand")

    def suspend(self, at_ms: int) -> list[Transition]:
        raise RuntimeError(f"Prometheus stops at {at_ms} ms, which was not known beforehand")

    def resume(self, at_ms: int) -> None:
        raise RuntimeError(f"Prometheus starts at {at_ms} ms, which was not known beforehand")


class _Replayed:
    """An estate as it was written down: the view that monitoring has of it."""

    def __init__(self, until_ms: int) -> None:
        self._until_ms = until_ms
        self._state = _State(0, {}, ())

    def enter(self, state: _State, monitoring: ModelledMonitoring) -> None:
        self._state = state
        monitoring.signals_changed(state.at_ms)

    def serving(self, id: str) -> bool:
        return self._state.serving.get(id, True)

    def last_change(self, id: str) -> int | None:  # noqa: ARG002  (causes are not asked for)
        return None

    def next_planned_change(self) -> int:
        return self._until_ms

    def disturbances(self) -> Sequence[Disturbance]:
        return self._state.disturbances

    def troubles(self, id: str) -> list[int]:  # noqa: ARG002
        return []


def live(watch: Watch, draw: Draw, case: Case | None, until_ms: int) -> _Course:
    """The estate alone until `until_ms`: its signals, what monitoring may ask of it, and what was disrupted while the
    case was watched."""
    kernel = _kernel(watch, draw)
    course = _Course(SignalBoard(begins_ms=kernel.now() - watch.back_ms))
    carriers = sorted({id for _, id in watch.estate.platform if id is not None})
    listens = bool(watch.estate.monitoring.log_rules or watch.estate.monitoring.vendor_feeds)

    def write_down() -> None:
        disturbances = tuple(estate.disturbances()) if listens else ()
        state = _State(kernel.now(), {id: estate.serving(id) for id in carriers}, disturbances)
        before = course.states[-1] if course.states else _State(0, dict.fromkeys(carriers, True), ())
        if (state.serving, state.disturbances) != (before.serving, before.disturbances):
            course.states.append(state)

    estate = ModelledEstate(
        kernel, watch.estate, course.board, write_down, _nobody_hears, _nobody_hears, until_ms=until_ms
    )
    estate.start()
    if case is not None:
        estate.schedule({f"{f.kind}@{f.target}": f.scheduled(draw.onset_ms) for f in case.faults})
    kernel.env.run(until=until_ms + 1)
    end_ms = until_ms if case is None else draw.onset_ms + case.lasts_ms
    disruptions = (e for e in kernel.timeline if e.kind == "function.disrupted" and e.at_ms <= end_ms)
    course.disrupted = tuple(sorted({event.subject.id for event in disruptions}))
    return course


def fired_on(timeline: Timeline) -> tuple[Fired, ...]:
    """The alerts that fired on a timeline."""
    return tuple(
        Fired(event.at_ms, event.detail.name, Labels(dict(event.detail.labels)))
        for event in timeline
        if event.kind == "alert.firing" and isinstance(event.detail, AlertDetail)
    )


def _kernel(watch: Watch, draw: Draw) -> Kernel:
    return Kernel(Timeline(), Streams(watch.seed, draw.number), watch.epoch, start_ms=-watch.warm_ms)


def quiet_time(watch: Watch, length_ms: int) -> Prepared:
    """Nothing happens for so long, from the epoch on: noise and seasons only.  Rules are not computed yet."""
    draw = Draw.of(0, watch.estate.monitoring.scrape_interval)
    course = live(watch, draw, None, length_ms)
    storage, rules = modelled_prometheus(
        _kernel(watch, draw), watch.estate, watch.files, course.board, semantics=watch.semantics, offset=draw.offset
    )
    return Prepared(course, storage, rules, length_ms, frozenset())


def _nobody_hears(_: Event, __: str) -> None:
    """Users' reports, and the loss of a workplace, are for a response side."""
