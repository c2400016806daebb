"""Priority of incidents in a run: from impact and urgency as they are known, again whenever that changes.

What people do for incidents waits in the order of their priority, where the same step of several waits for somebody.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.room import Room
from timeline.instants import MINUTE
from timeline.references import ITSM
from timeline.severity import row_of
from timeline.workflow_details import PriorityDetail
from topologies.priority import PriorityMatrix

_JUDGE_AGAIN_MS = 5 * MINUTE
"""Urgency may rise by the passing of time alone: an RTO runs out."""


class Priorities:
    """Keeps the priority of every incident."""

    def __init__(self, room: Room, spec: PriorityMatrix) -> None:
        self._room = room
        self._spec = spec
        self._order = {priority: place for place, priority in enumerate(spec.order)}

    def follow(self, case: Case) -> None:
        self._room.kernel.env.process(self._follow(case))

    def _follow(self, case: Case) -> Generator[simpy.Event, Any, None]:
        """While it stands by itself; what is over is not judged until it is reopened."""
        now = self._judge(case)
        self._tell(case, now)
        while case.parent is None:
            waits = [case.knowledge.news()]
            if case.open:
                waits.append(self._room.kernel.env.timeout(_JUDGE_AGAIN_MS))
            yield self._room.kernel.env.any_of(waits)
            if case.open and (judged := self._judge(case)) != now:
                now = judged
                self._tell(case, now)

    def _judge(self, case: Case) -> PriorityDetail:
        picture, now_ms = self._room.picture(case), self._room.kernel.now()
        impact = row_of(self._spec.impact, picture, now_ms).level
        urgency = row_of(self._spec.urgency, picture, now_ms).level
        return PriorityDetail(self._spec.matrix[impact][urgency], impact, urgency)

    def _tell(self, case: Case, judged: PriorityDetail) -> None:
        case.rank = self._order[judged.priority]
        causes = [case.last_event]
        event = self._room.kernel.emit("incident.prioritised", case.reference, ITSM, judged, causes)
        case.knowledge.deliver(event)
