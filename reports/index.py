"""A timeline read once: its faults, functions, alerts, incidents and pages as spans with their events.

Terms, each bounded by the events named:

- *fault span*: `fault.started` to `fault.ended`;
- *disruption*: `function.disrupted` to `function.restored`: the function is below its minimum, its RTO clock runs;
- *impairment*: from `function.disrupted` or `function.degraded` until the function is whole again;
- *alert span*: `alert.firing` to `alert.resolved` of one set of labels;
- *incident*: `incident.opened` on; one that was merged belongs to its *root*, the incident that it was merged into.
  A resolution after which it was reopened did not last, and does not count.

A span without an end was still open when the timeline ended.  Everything that judges or draws reads from here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from reports.causality import Causality, bits_of
from timeline.details import (
    AlertDetail,
    ExerciseDetail,
    FaultDetail,
    FunctionDetail,
    IncidentDetail,
    PageDetail,
)
from timeline.events import Event
from timeline.findings import InputError
from timeline.journal import Timeline
from timeline.references import Reference, RefKind

D = TypeVar("D")

JOINS = ("incident.opened", "incident.reopened", "incident.alert_attached", "incident.alert_damped")
"""Events in which a sign of trouble became part of an incident."""


def detail_of(event: Event, family: type[D]) -> D:
    """The detail of an event as the family that its kind promises."""
    assert isinstance(event.detail, family), event.kind
    return event.detail


@dataclass(slots=True)
class Span:
    """Something that lasts; `ended` is None while it does."""

    subject: Reference
    begun: Event
    ended: Event | None = None

    def elapsed_ms(self, until_ms: int) -> int:
        return (self.ended.at_ms if self.ended else until_ms) - self.begun.at_ms

    def evidence(self) -> tuple[int, ...]:
        return (self.begun.seq,) if self.ended is None else (self.begun.seq, self.ended.seq)


@dataclass(slots=True)
class FaultSpan(Span):
    """A fault; `number` is its bit in the masks of `Causality`."""

    number: int = 0

    @property
    def detail(self) -> FaultDetail:
        return detail_of(self.begun, FaultDetail)


@dataclass(slots=True)
class FunctionSpan(Span):
    """A disruption or an impairment of a business function."""

    @property
    def detail(self) -> FunctionDetail:
        return detail_of(self.begun, FunctionDetail)


@dataclass(slots=True)
class AlertSpan(Span):
    """One alert from firing to resolved."""

    @property
    def detail(self) -> AlertDetail:
        return detail_of(self.begun, AlertDetail)

    @property
    def where(self) -> str:
        """What it points at; empty when no label says so."""
        return where_of(self.detail)


def where_of(alert: AlertDetail) -> str:
    """The most particular of the labels that say where the trouble is; empty when there is none."""
    labels = dict(alert.labels)
    return next((labels[name] for name in ("instance", "component", "job", "function", "site") if name in labels), "")


@dataclass(slots=True)
class Incident:
    """An incident with the first event of each kind, of resolutions the first that lasted; events of incidents merged
    into it are in `pages` only."""

    subject: Reference
    opened: Event
    firsts: dict[str, Event] = field(default_factory=dict)
    parent: str | None = None
    faults: int = 0
    """Bits of the faults behind its opening and its alerts, and behind those of what was merged into it."""
    pages: list[Event] = field(default_factory=list)
    """Events `page.*` about it and about what was merged into it."""

    def first(self, kind: str) -> Event | None:
        return self.firsts.get(kind)

    @property
    def detail(self) -> IncidentDetail:
        return detail_of(self.opened, IncidentDetail)


def is_external(page: Event) -> bool:
    """Whether a page goes to a party outside the organisation."""
    return page.subject.kind is RefKind.VENDOR


class TimelineIndex:
    """Everything that measures, milestones and figures ask of a timeline.

    Raises InputError when the timeline does not begin with `exercise.started`: without objectives and epoch there is
    nothing to judge.
    """

    def __init__(self, timeline: Timeline) -> None:
        self.events = timeline
        self.by_kind: dict[str, list[Event]] = defaultdict(list)
        for event in timeline:
            self.by_kind[event.kind].append(event)
        started = self.by_kind.get("exercise.started")
        if not started:
            raise InputError.single(
                "timeline.not-started",
                "timeline",
                "there is no exercise.started on this timeline, so nothing says what it should be judged by",
                "was the run killed before its first event, or is this another kind of file?",
            )
        self.started = started[0]
        self.exercise = detail_of(self.started, ExerciseDetail)
        self.epoch = datetime.fromisoformat(self.exercise.epoch)
        ended = self.by_kind.get("exercise.ended")
        self.ended = ended[0] if ended else None
        self.until_ms = self.ended.at_ms if self.ended else timeline[len(timeline) - 1].at_ms
        """Where the timeline ends: what is open then is censored."""
        self.causality = Causality(timeline)

    @property
    def complete(self) -> bool:
        return self.ended is not None

    @property
    def is_partial(self) -> bool:
        """Whether this is a record of something real: what is not on it may well have happened."""
        return bool(self.exercise.complete_kinds)

    def tells(self, *kinds: str) -> bool:
        """Whether the absence of an event of these kinds is a fact."""
        return not self.is_partial or set(kinds) <= set(self.exercise.complete_kinds)

    @cached_property
    def drawn_from_ms(self) -> int:
        """Where figures begin: at STARTEX, or at the first thing that anything came of before it.  What lay hidden for
        days would leave no room for the hours in which people worked."""
        quiet = ("exercise.started", "fault.started")
        return min(0, next((e.at_ms for e in self.events if e.kind not in quiet), 0))

    def of_kind(self, *kinds: str) -> list[Event]:
        """Events of these kinds in order."""
        if len(kinds) == 1:
            return self.by_kind.get(kinds[0], [])
        return sorted((e for kind in kinds for e in self.by_kind.get(kind, [])), key=lambda e: e.seq)

    def first_after(self, fault: FaultSpan, *kinds: str) -> Event | None:
        """The first event of these kinds that the fault lies behind."""
        return self._first_by_fault(kinds)[fault.number]

    def _first_by_fault(self, kinds: tuple[str, ...]) -> list[Event | None]:
        if kinds not in self._firsts:
            own = (e for e in self.of_kind(*kinds) if e.family != "page" or not is_external(e))
            own = (e for e in own if e.seq not in self.undone)
            self._firsts[kinds] = self.causality.first_by_fault(own)
        return self._firsts[kinds]

    @cached_property
    def _firsts(self) -> dict[tuple[str, ...], list[Event | None]]:
        return {}

    @cached_property
    def undone(self) -> frozenset[int]:
        """Resolutions and closings after which the incident was reopened."""
        undone: list[int] = []
        ended: dict[Reference, list[int]] = defaultdict(list)
        for event in self.of_kind("incident.resolved", "incident.closed", "incident.reopened"):
            if event.kind == "incident.reopened":
                undone += ended.pop(event.subject, [])
            else:
                ended[event.subject].append(event.seq)
        return frozenset(undone)

    @cached_property
    def faults(self) -> list[FaultSpan]:
        spans = [FaultSpan(e.subject, e, number=n) for n, e in enumerate(self.causality.faults)]
        span_of = {span.begun.seq: span for span in spans}
        lasting: dict[Reference, FaultSpan] = {}
        for event in self.of_kind("fault.started", "fault.ended"):
            if event.kind == "fault.started":
                lasting[event.subject] = span_of[event.seq]
            elif span := lasting.pop(event.subject, None):
                span.ended = event
        return spans

    def faults_of(self, mask: int) -> list[FaultSpan]:
        return [self.faults[number] for number in bits_of(mask)]

    def faults_behind(self, event: Event) -> list[FaultSpan]:
        return self.faults_of(self.causality.faults_behind(event))

    @cached_property
    def disruptions(self) -> list[FunctionSpan]:
        return self._function_spans("function.disrupted")

    @cached_property
    def impairments(self) -> list[FunctionSpan]:
        return self._function_spans("function.disrupted", "function.degraded")

    def _function_spans(self, *begin: str) -> list[FunctionSpan]:
        """Spans of each function from a kind in `begin` to `function.restored`, in order of their beginning.

        A function that comes back only in part is restored and, in the same moment, degraded: for an impairment
        that is no end.
        """
        spans: list[FunctionSpan] = []
        last: dict[Reference, FunctionSpan] = {}
        for event in self.of_kind("function.disrupted", "function.degraded", "function.restored"):
            span = last.get(event.subject)
            if event.kind == "function.restored":
                if span is not None and span.ended is None:
                    span.ended = event
            elif event.kind in begin:
                if span is not None and span.ended is not None and span.ended.at_ms == event.at_ms and len(begin) > 1:
                    span.ended = None
                elif span is None or span.ended is not None:
                    last[event.subject] = FunctionSpan(event.subject, event)
                    spans.append(last[event.subject])
        return spans

    @cached_property
    def alerts(self) -> list[AlertSpan]:
        """Alerts that fired, without those that fire on purpose while all is well."""
        spans: list[AlertSpan] = []
        firing: dict[str, AlertSpan] = {}
        for event in self.of_kind("alert.firing", "alert.resolved"):
            alert = detail_of(event, AlertDetail)
            if event.kind == "alert.firing":
                if not alert.is_deliberate:
                    firing[alert.fingerprint] = AlertSpan(event.subject, event)
                    spans.append(firing[alert.fingerprint])
            elif span := firing.pop(alert.fingerprint, None):
                span.ended = event
        return spans

    @cached_property
    def incidents(self) -> dict[str, Incident]:
        """All incidents by id, merged ones among them, in the order in which they were opened."""
        incidents: dict[str, Incident] = {}
        for event in self.events:
            if event.family != "incident":
                continue
            incident = incidents.setdefault(event.subject.id, Incident(event.subject, event))
            if event.seq not in self.undone:
                incident.firsts.setdefault(event.kind, event)
            if event.kind in JOINS:
                incident.faults |= self.causality.faults_behind(event)
            elif event.kind == "incident.merged":
                incident.parent = detail_of(event, IncidentDetail).parent
        for incident in incidents.values():
            self._root(incidents, incident).faults |= incident.faults
        for page in self._pages():
            if found := incidents.get(detail_of(page, PageDetail).incident):
                self._root(incidents, found).pages.append(page)
        return incidents

    @staticmethod
    def _root(incidents: dict[str, Incident], incident: Incident) -> Incident:
        seen = {incident.subject.id}
        while incident.parent in incidents and incident.parent not in seen:
            incident = incidents[incident.parent]
            seen.add(incident.subject.id)
        return incident

    def root_of(self, incident: str) -> Incident | None:
        """The incident that stands for this one: itself, or what it was merged into."""
        found = self.incidents.get(incident)
        return None if found is None else self._root(self.incidents, found)

    @cached_property
    def root_incidents(self) -> list[Incident]:
        return [i for i in self.incidents.values() if self._root(self.incidents, i) is i]

    @cached_property
    def signs(self) -> dict[Reference, list[Event]]:
        """The signs in each root incident that has any: alerts that fired and users' reports, each once, in order."""
        found: dict[Reference, dict[int, Event]] = {}
        for event in self.of_kind(*JOINS):
            root = self.root_of(event.subject.id)
            assert root is not None
            found.setdefault(root.subject, {}).update((sign.seq, sign) for sign in self._signs_in(event))
        return {incident: [signs[seq] for seq in sorted(signs)] for incident, signs in found.items() if signs}

    def _signs_in(self, joined: Event) -> Iterator[Event]:
        """What made an incident, or joined it: reports, and the firing alerts of a notification."""
        for cause in map(self.events.__getitem__, joined.causes):
            if cause.kind in ("report.received", "alarm.raised", "alert.firing"):
                yield cause
            elif cause.kind == "notification.sent":
                yield from (a for a in map(self.events.__getitem__, cause.causes) if a.kind == "alert.firing")

    def _pages(self) -> Iterable[Event]:
        return (e for e in self.events if e.family == "page")

    @cached_property
    def handled(self) -> int:
        """Bits of the faults behind any incident: somebody was called because of them."""
        bits = 0
        for incident in self.incidents.values():
            bits |= incident.faults
        return bits

    @cached_property
    def unanswered(self) -> list[FunctionSpan]:
        """Impairments behind which no incident was ever opened: nobody worked on what caused them."""
        return [span for span in self.impairments if not self.causality.faults_behind(span.begun) & self.handled]
