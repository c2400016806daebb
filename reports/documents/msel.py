"""The master scenario events list: every planned fault and inject beside the event in which it came about.

The plan is the scenario of the run.  Where a run folder keeps none, the list has what the timeline shows, and the
columns that only a plan can fill stay empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.index import TimelineIndex, detail_of
from scenarios.models import Scenario, ScenarioFault
from timeline.details import FaultDetail, MessageDetail
from timeline.events import Event


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One line of the list.  `planned_at_ms` is None where no plan is at hand, `happened` where it never came."""

    id: str
    kind: str
    """`fault` or `inject`."""
    planned_at_ms: int | None
    happened: Event | None
    sender: str
    receiver: str
    channel: str
    text: str
    expected_action: str
    objective: str
    """Title of the objective that it serves."""


def planned_items(index: TimelineIndex, plan: Scenario | None) -> list[PlannedItem]:
    """Faults and injects by their planned time; without a plan by the time at which they came."""
    items = list(_from_plan(index, plan) if plan is not None else _from_timeline(index))
    return sorted(items, key=lambda item: (_moment(item), item.kind, item.id))


def _moment(item: PlannedItem) -> int:
    at_ms = item.planned_at_ms if item.happened is None or item.planned_at_ms is not None else item.happened.at_ms
    return 0 if at_ms is None else at_ms


def _from_plan(index: TimelineIndex, plan: Scenario) -> Iterator[PlannedItem]:
    happened = {(str(e.subject.kind), e.subject.id): e for e in reversed(_happened(index))}
    for id, fault in plan.faults.items():
        yield PlannedItem(
            id=id,
            kind="fault",
            planned_at_ms=fault.at,
            happened=happened.get(("fault", id)),
            sender="",
            receiver=fault.target,
            channel="",
            text=_says(fault),
            expected_action="",
            objective="",
        )
    for id, inject in plan.injects.items():
        objective = plan.objectives.get(inject.objective or "")
        yield PlannedItem(
            id=id,
            kind="inject",
            planned_at_ms=inject.at,
            happened=happened.get(("inject", id)),
            sender=inject.sender,
            receiver=inject.to,
            channel=inject.channel,
            text=inject.text,
            expected_action=inject.expected_action,
            objective=inject.objective or "" if objective is None else objective.title,
        )


def _says(fault: ScenarioFault) -> str:
    return f"{fault.description} ({fault.fault})" if fault.description else fault.fault


def _from_timeline(index: TimelineIndex) -> Iterator[PlannedItem]:
    for event in _happened(index):
        if event.kind == "inject.delivered":
            said = detail_of(event, MessageDetail)
            sender, receiver, channel, text = said.sender, said.audience, said.channel, said.text
        else:
            fault = detail_of(event, FaultDetail)
            sender, receiver, channel, text = "", fault.target, "", fault.description or fault.fault
        kind = str(event.subject.kind)
        yield PlannedItem(event.subject.id, kind, None, event, sender, receiver, channel, text, "", "")


def _happened(index: TimelineIndex) -> list[Event]:
    return index.of_kind("fault.started", "inject.delivered")
