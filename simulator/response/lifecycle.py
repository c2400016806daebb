"""The stages of an incident on the timeline, and what entering one sets off.

Stages follow the record of the incident: `detected` with its opening, `assigned` and `triaged` with theirs,
`mitigating` with the first command that changes something (also once service that was back is lost again),
`monitoring` once somebody has verified that service is back, then `resolved` and `closed`.

A *trigger* is carried out by the ITSM, or by hand by whoever holds a role, once free.  Which have fired is remembered
for each opening of an incident, so that a stage that is entered again does not set them off again, unless the
organisation says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.room import Room
from simulator.response.staff import Urgency
from simulator.response.stages import Stages
from simulator.response.workflow import Order, Workflow
from timeline.commands import CHANGES_NOTHING
from timeline.details import CommandDetail
from timeline.events import Event
from timeline.references import ITSM, RefKind, person
from timeline.workflow_details import StageDetail
from topologies.lifecycle import Lifecycle, Stage, Trigger

_STAGE_OF: Mapping[str, Stage] = {
    "incident.opened": Stage.DETECTED,
    "incident.reopened": Stage.DETECTED,
    "incident.assigned": Stage.ASSIGNED,
    "incident.triaged": Stage.TRIAGED,
    "incident.mitigated": Stage.MONITORING,
    "incident.resolved": Stage.RESOLVED,
    "incident.closed": Stage.CLOSED,
    "command.submitted": Stage.MITIGATING,
}


class StageFollower:
    """Follows the incidents of an exercise through their stages.  `case_of` finds an incident by its id."""

    def __init__(self, room: Room, workflow: Workflow, spec: Lifecycle, case_of: Callable[[str], Case | None]) -> None:
        self._room = room
        self._workflow = workflow
        self._spec = spec
        self._case_of = case_of
        self._stages: dict[str, Stages] = {}
        self._entered: dict[str, int] = {}
        """The last `stage.entered` of each incident."""
        self._fired: Counter[str] = Counter()
        room.kernel.timeline.listen(self._heard)

    def _heard(self, event: Event) -> None:
        stage = _STAGE_OF.get(event.kind)
        if stage is None or (isinstance(event.detail, CommandDetail) and event.detail.action in CHANGES_NOTHING):
            return
        case = self._case_of(_incident_of(event))
        if case is not None:
            kernel = self._room.kernel
            kernel.call_at(kernel.now(), partial(self._follow, case, stage, event))

    def _follow(self, case: Case, stage: Stage, event: Event) -> None:
        kernel = self._room.kernel
        stages = self._stages.get(case.id)
        if stages is None:
            self._stages[case.id] = Stages(kernel.now())
            self._tell(case, None, Stage.DETECTED, 0, event)
            return
        if stage is Stage.TRIAGED and stages.stage is Stage.MONITORING:
            stage = Stage.MITIGATING  # service is lost again: who watched goes back to work
        if stage is stages.stage or (stage is Stage.MITIGATING and not stages.may_enter(stage)):
            return  # further commands; what is still done after the end, or while it is watched, changes no stage
        if event.kind == "command.submitted" and stages.stage is Stage.MONITORING:
            return
        previous = stages.stage
        self._tell(case, previous, stage, stages.enter(stage, kernel.now()), event)

    def _tell(self, case: Case, previous: Stage | None, stage: Stage, dwelt_ms: int, event: Event) -> None:
        kernel = self._room.kernel
        severity = case.severity.severity if case.severity is not None else None
        detail = StageDetail(stage, previous, dwelt_ms, severity, case.reopenings)
        before = self._entered.get(case.id)
        causes = [event.seq] if before is None else [before, event.seq]
        entered = kernel.emit("stage.entered", case.reference, ITSM, detail, causes)
        self._entered[case.id] = entered.seq
        case.knowledge.deliver(entered)
        if case.parent is not None:
            return  # what it sets off is set off by its parent
        for id, trigger in self._spec.on_entry.get(stage, {}).items():
            if trigger.severities and severity not in trigger.severities:
                continue
            rule = f"{stage}/{id}"
            occasion = f"{case.round}/{rule}"
            if self._fired[occasion] and self._spec.fire_once:
                continue
            self._fired[occasion] += 1
            again = f"-{n}" if (n := self._fired[occasion]) > 1 else ""
            order = Order("trigger", rule, ITSM, entered.seq, occasion + again, self._spec.channel)
            kernel.env.process(self._fire(case, trigger, order))

    def _fire(self, case: Case, trigger: Trigger, order: Order) -> Generator[simpy.Event, Any, None]:
        if trigger.by is not None and trigger.takes is not None:
            who = yield from self._room.roles.holder(case, trigger.by)
            if who is None:
                self._workflow.fail(case, trigger.do, order, f"nobody holds the role {trigger.by}")
                return
            takes = self._room.kernel.streams.draw(trigger.takes, f"trigger/{order.rule}", "takes", order.occasion)
            yield from self._room.staff.work(who, takes, Urgency.UPDATE, case.rank)
            order = replace(order, actor=person(who), channel=None)
        yield from self._workflow.carry_out(case, trigger.do, order)


def _incident_of(event: Event) -> str:
    if event.subject.kind is RefKind.INCIDENT:
        return event.subject.id
    assert isinstance(event.detail, CommandDetail)
    return event.detail.incident or ""
