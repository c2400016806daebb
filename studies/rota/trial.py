"""Weeks of pages through a rota: the escalation, the answers and the sleep of people as the simulator has them.

Each page that comes opens an incident, runs the escalation policy and occupies whoever acknowledges it for a while.
Nothing else of an exercise is there: channels work, nobody is busy with anything but pages.

A page, how long it occupies somebody, and how a person answers it are drawn by the name of the page: two rotas see the
same pages, and somebody who takes the same page under both, as rested, answers it alike.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

import simpy

from reports.index import TimelineIndex
from reports.workload.load import Load, Span, load_of
from reports.workload.pages import pages_of
from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.response.fatigue import sleepers
from simulator.response.oncall import OnCall
from simulator.response.oncall.clock import LocalClock
from simulator.response.paging import Call, Pager
from simulator.response.staff import Staff
from studies.rota.arrivals import Arrival, Arrivals, arrivals_in
from timeline.details import ExerciseDetail, IncidentDetail, PageDetail
from timeline.instants import HOUR, SECOND, UNIX_EPOCH, to_wall
from timeline.journal import Timeline
from timeline.references import SCENARIO, Reference, RefKind, incident, person
from topologies.escalation import EscalationPolicy
from topologies.organisation import Organisation

_ALONE = "rotation-alone"
_SETTLES_MS = 24 * HOUR
"""After the last page could come: long enough for every escalation to end and every night to be made up for."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What weeks of pages made of a rota."""

    load: Load
    acknowledged_s: tuple[float, ...]
    """Seconds from each incident to its acknowledgement, of those that were acknowledged."""
    incidents: int
    first_step: int
    """Incidents that somebody of the first step acknowledged."""


class _AllWork:
    """Every channel works."""

    def channel_works(self, _: str) -> bool:
        return True

    def out_for_ms(self, _: str) -> int:
        return 0

    def log_signatures(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Setting:
    """What both rotas are tried under."""

    rotation: str
    policy: str | None
    """The escalation policy that pages run through; None: the first that pages the rotation in its first step, or the
    rotation alone where there is none."""
    span: Span
    arrivals: Arrivals
    seed: int = 1


def try_rota(organisation: Organisation, setting: Setting, replication: int) -> Trial:
    """One replication.  Raises KeyError for a rotation or policy that the organisation does not have."""
    organisation, policy = _with_policy(organisation, setting)
    streams = Streams(setting.seed, replication)
    epoch = to_wall(setting.span.from_ms, UNIX_EPOCH)
    timeline = Timeline()
    kernel = Kernel(timeline, streams, epoch)
    span, until_ms = setting.span, setting.span.length_ms + _SETTLES_MS
    detail = ExerciseDetail("rota", "Weeks of pages", "", setting.seed, epoch.isoformat(), until_ms, "modelled")
    kernel.emit("exercise.started", Reference(RefKind.EXERCISE, "rota"), SCENARIO, detail)
    staff = Staff(kernel.env, organisation, sleepers(organisation, epoch))
    pager = Pager(kernel, organisation, OnCall(organisation, epoch), staff, _AllWork())
    clock = LocalClock(organisation.rotations[setting.rotation].timezone, UNIX_EPOCH)
    for arrival in arrivals_in(setting.arrivals, span, clock, streams):
        kernel.env.process(
            _handle(arrival, arrival.at_ms - span.from_ms, policy, setting.arrivals, kernel, pager, staff)
        )
    kernel.env.run(until=until_ms)
    return _judged(organisation, setting, timeline)


def _with_policy(organisation: Organisation, setting: Setting) -> tuple[Organisation, str]:
    if setting.policy is not None:
        return organisation, setting.policy
    for id, policy in organisation.policies.items():
        if setting.rotation in policy.steps[0].rotations:
            return organisation, id
    step = {"rotations": [setting.rotation], "wait": "15m"}
    alone = EscalationPolicy.model_validate({"title": "The rotation alone", "steps": [step]})
    return organisation.model_copy(update={"policies": {**organisation.policies, _ALONE: alone}}), _ALONE


def _handle(
    arrival: Arrival, at_ms: int, policy: str, arrivals: Arrivals, kernel: Kernel, pager: Pager, staff: Staff
) -> Generator[simpy.Event, Any, None]:
    yield kernel.env.timeout(at_ms)
    about = incident(arrival.name)
    opened = kernel.emit("incident.opened", about, SCENARIO, IncidentDetail("detected"))
    answer = yield from pager.escalate(policy, Call(arrival.name, "first response", opened.seq))
    if answer is None:
        return
    staff.engage(answer.person, arrival.name)
    yield kernel.env.timeout(kernel.streams.draw(arrivals.occupies, "arrivals", "occupies", arrival.name))
    kernel.emit("incident.closed", about, person(answer.person), IncidentDetail("closed"), [answer.event.seq])
    staff.release(arrival.name)


def _judged(organisation: Organisation, setting: Setting, timeline: Timeline) -> Trial:
    index = TimelineIndex(timeline)
    pages = pages_of(index, setting.span.from_ms)
    opened = {event.subject: event.at_ms for event in index.of_kind("incident.opened")}
    waits, first_step = [], 0
    for event in index.of_kind("page.acknowledged"):
        assert isinstance(event.detail, PageDetail)
        waits.append((event.at_ms - opened[event.subject]) / SECOND)
        first_step += event.detail.step == 0 and event.detail.attempt == 0
    load = load_of(organisation, [setting.rotation], [setting.span], pages)
    return Trial(load, tuple(waits), len(opened), first_step)


def acknowledged_quantile(waits: Sequence[float], share: float) -> float | None:
    """The wait that a share of the acknowledged stayed at or below."""
    ordered = sorted(waits)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else None
