"""The office: time of work in its hours, and how things are called in a review."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import simpy

from simulator.kernel import Kernel
from timeline.details import CommandDetail, DecisionDetail, FaultDetail, FunctionDetail, HealthDetail
from timeline.distributions import Distribution
from timeline.events import Event
from timeline.instants import from_wall, to_wall
from topologies.after_incident import AfterIncident
from topologies.business_hours import after
from topologies.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Reviewed:
    """An incident that is reviewed: when it was resolved for good, and what it did."""

    id: str
    resolved: Event
    effects: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """What everybody needs who works after the incident."""

    kernel: Kernel
    organisation: Organisation
    policy: AfterIncident

    def work(
        self, length: Distribution, entity: str, purpose: str, occasion: str, since_ms: int | None = None
    ) -> Generator[simpy.Event, Any, None]:
        """Works for a while, in the hours of the office, from now on (or from `since_ms`, as far as that is over)."""
        now_ms = self.kernel.now()
        length_ms = self.kernel.streams.draw(length, entity, purpose, occasion)
        yield self.kernel.env.timeout(
            max(self._done_ms(length_ms, now_ms if since_ms is None else since_ms) - now_ms, 0)
        )

    def _done_ms(self, length_ms: int, since_ms: int) -> int:
        calendar = self.policy.calendar
        if calendar is None or length_ms == 0:
            return since_ms + length_ms
        since = to_wall(since_ms, self.kernel.epoch)
        return from_wall(after(timedelta(milliseconds=length_ms), calendar.openings(since)), self.kernel.epoch)


def cause_in_words(event: Event) -> str:
    """An answer to a question why: of a fault `kind on target`, as a diagnosis names it."""
    match event.detail:
        case FaultDetail(fault=fault, target=target):
            return f"{fault} on {target}"
        case HealthDetail(state=state):
            return f"{event.subject.id} is {state}"
        case FunctionDetail():
            return f"{event.subject.id} is {event.kind.partition('.')[2]}"
        case CommandDetail(action=action, target=target):
            return f"{action} of {target}"
        case DecisionDetail(chosen=chosen):
            return f"decision: {chosen}"
    return f"{event.kind.partition('.')[2].replace('_', ' ')}: {event.subject.id}"
