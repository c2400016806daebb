"""The bridge from IT operations to security: when it is opened, and what changes with it.

An *indicator* is seen in what reached the people of an incident: alerts, log lines (quoted in an alert, or read by
whoever found a fault), what users and injects say.  Once the indicators that are known meet a *criterion*, security is
paged by its policy; who answers joins the bridge.

From then on traces come first: before an action that would destroy them, on the component itself or the pair that it
is a member of, whoever of security is there secures them, and recovery waits for that; unless security could not be
reached, or the organisation wants no wait.  Indicators that point at a component have it secured without being asked.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.paging import Call
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.commands import DESTROYS_TRACES, Action, Command
from timeline.details import AlertDetail, DiagnosisDetail, MessageDetail
from timeline.events import Event
from timeline.references import ITSM, person
from timeline.workflow_details import IndicatorDetail, SecurityBridgeDetail
from topologies.security_response import Indicator, SecurityResponse


@dataclass(eq=False)
class _Watch:
    """What is known in one incident."""

    case: Case
    there: simpy.Event
    """Fires with whoever of security answered, or with None when nobody did."""
    read: set[int] = field(default_factory=set)
    known: dict[str, int] = field(default_factory=dict)
    """Indicators, each with the event in which it was first seen."""
    opened: int | None = None
    securing: dict[str, simpy.Process] = field(default_factory=dict)
    """Components whose traces are being secured, or are secured."""


class SecurityWatch:
    """Watches all incidents for signs of an attack."""

    def __init__(self, room: Room, spec: SecurityResponse) -> None:
        self._room = room
        self._spec = spec
        self._watches: dict[str, _Watch] = {}

    def follow(self, case: Case) -> None:
        watch = self._watches[case.id] = _Watch(case, self._room.kernel.env.event())
        self._room.kernel.env.process(self._watch(watch))

    def _watch(self, watch: _Watch) -> Generator[simpy.Event, Any, None]:
        """Reads what reaches the people of an incident; never ends, as it may be reopened."""
        while watch.case.parent is None:
            self._read(watch)
            yield watch.case.knowledge.news()

    def _read(self, watch: _Watch) -> None:
        for event in list(watch.case.knowledge.events_seen()):
            if event.seq not in watch.read:
                watch.read.add(event.seq)
                self._look_at(watch, event)

    def _look_at(self, watch: _Watch, event: Event) -> None:
        for text, source, where in self._told_by(event):
            for id, indicator in self._spec.indicators.items():
                if not _shows(indicator, text, source):
                    continue
                if id not in watch.known:
                    detail = IndicatorDetail(watch.case.id, id, source, where)
                    seen = self._room.kernel.emit("indicator.seen", watch.case.reference, ITSM, detail, [event.seq])
                    watch.known[id] = seen.seq
                    watch.case.knowledge.deliver(seen)
                    self._hold_against_criteria(watch)
                if where and watch.opened is not None and watch.there.triggered:
                    self._secure(watch, where)

    def _told_by(self, event: Event) -> Iterator[tuple[str, str, str]]:
        """What an event says, where that stands, and the component that it is about."""
        detail = event.detail
        if event.kind == "alert.firing" and isinstance(detail, AlertDetail):
            where = dict(detail.labels).get("component", "")
            yield detail.name, "alert", where
            for _, text in detail.annotations:
                yield text, "log", where
        elif event.kind == "diagnosis.concluded" and isinstance(detail, DiagnosisDetail):
            fault, _, where = (detail.finding or "").partition(" on ")
            yield self._room.facts.log_signatures.get(fault, ""), "log", where
        elif event.kind in ("report.received", "inject.delivered") and isinstance(detail, MessageDetail):
            yield detail.text, "report", ""

    def _hold_against_criteria(self, watch: _Watch) -> None:
        if watch.opened is None:
            self._take_over(watch)
        if watch.opened is not None:
            return
        for id, criterion in self._spec.criteria.items():
            met = [name for name in dict.fromkeys(criterion.indicators) if name in watch.known]
            if len(met) >= criterion.at_least:
                detail = SecurityBridgeDetail(watch.case.id, id, tuple(met))
                causes = [watch.known[name] for name in met]
                opened = self._room.kernel.emit("security.bridge_opened", watch.case.reference, ITSM, detail, causes)
                watch.opened = opened.seq
                watch.case.knowledge.deliver(opened)
                self._room.kernel.env.process(self._call_in(watch, detail))
                return

    def _take_over(self, watch: _Watch) -> None:
        """Security is already in, for an incident that became part of this one."""
        for part in watch.case.parts:
            before = self._watches[part.id]
            if before.opened is not None:
                watch.opened, watch.there, watch.securing = before.opened, before.there, before.securing
                return

    def _call_in(self, watch: _Watch, why: SecurityBridgeDetail) -> Generator[simpy.Event, Any, None]:
        room, case = self._room, watch.case
        assert watch.opened is not None
        answer = yield from room.pager.escalate(self._spec.policy, Call(case.id, "security-bridge", watch.opened))
        if answer is None:
            watch.there.succeed(None)
            return
        joined = room.kernel.emit("security.joined", case.reference, person(answer.person), why, [answer.event.seq])
        case.knowledge.deliver(joined)
        room.roles.join_bridge(case.leading, answer.person, "", joined.seq)
        watch.there.succeed(answer.person)
        for event in list(case.knowledge.events_seen()):
            if event.kind == "indicator.seen" and isinstance(event.detail, IndicatorDetail) and event.detail.where:
                self._secure(watch, event.detail.where)

    # Traces

    def before_recovery(self, case: Case, action: Action, target: str) -> Generator[simpy.Event, Any, None]:
        """Waits until the traces on a target are secured, where an action would destroy them and security is in."""
        duty, watch = self._spec.evidence, self._watches.get(case.leading.id)
        if duty is None or not duty.before_recovery or action not in DESTROYS_TRACES:
            return
        if watch is None or Action.PRESERVE not in self._room.facts.possible.get(target, ()):
            return
        self._read(watch)
        if watch.opened is not None:
            yield self._secure(watch, target)

    def _secure(self, watch: _Watch, target: str) -> simpy.Process:
        """The securing of a component's traces, under way from now on."""
        if target not in watch.securing:
            watch.securing[target] = self._room.kernel.env.process(self._preserve(watch, target))
        return watch.securing[target]

    def _preserve(self, watch: _Watch, target: str) -> Generator[simpy.Event, Any, None]:
        room, case, duty = self._room, watch.case, self._spec.evidence
        assert watch.opened is not None
        who = watch.there.value if watch.there.triggered else (yield watch.there)
        if duty is None or who is None or Action.PRESERVE not in room.facts.possible.get(target, ()):
            return
        takes = room.kernel.streams.draw(duty.takes, f"evidence/{target}", "takes", case.id)
        yield from room.staff.work(who, takes, Urgency.TASK, case.rank)
        command = Command(Action.PRESERVE, room.reference(target), person(who), watch.opened, case.id, case.id)
        outcome = yield room.estate.submit(command)
        case.knowledge.deliver(room.kernel.timeline[outcome.event])


def _shows(indicator: Indicator, text: str, source: str) -> bool:
    if source == "alert":
        return any(fnmatchcase(text, pattern) for pattern in indicator.alerts)
    pattern = indicator.logs if source == "log" else indicator.reports
    return pattern is not None and re.search(pattern, text, re.IGNORECASE) is not None
