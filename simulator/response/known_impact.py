"""What the people on an incident know of its impact, kept over time: the facts of a classification as they see them.

Functions that were last seen down count as wholly lost, since when somebody saw it; of one that works in part nobody
knows how large the part is.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.room import Room
from timeline.details import DataLossDetail, DiagnosisDetail, MessageDetail
from timeline.references import function
from topologies.classification import Course, Spells


class KnownImpact:
    """Follows the knowledge of one case."""

    def __init__(self, room: Room, case: Case) -> None:
        self._room = room
        self._case = case
        self._spells = Spells()

    def follow(self) -> Generator[simpy.Event, Any, None]:
        """Never ends: a service may be lost again after the incident."""
        while True:
            now = self._room.kernel.now()
            for id in self._room.facts.functions:
                state = self._case.knowledge.known_state(function(id))
                if state is not None:
                    self._spells.change(id, state, 1.0 if state == "down" else 0.0, now)
            yield self._case.knowledge.news()

    def course(self, aware_ms: int) -> Course:
        """As far as known now, counted from the first sign."""
        seen = list(self._case.knowledge.events_seen())
        begun = None if not self._spells.all and not self._malicious() else aware_ms
        return Course(
            begun, self._spells.ended_ms, self._spells.all, self._lost(), _complaints(seen), self._malicious()
        )

    @property
    def is_hurting(self) -> bool:
        """Whether anything is known that asks for a judgement."""
        return bool(self._spells.all) or self._malicious() or bool(self._lost())

    def _lost(self) -> dict[str, int]:
        lost: dict[str, int] = {}
        for event in self._case.knowledge.events_seen():
            if event.kind == "loss.found" and isinstance(event.detail, DataLossDetail):
                lost[event.subject.id] = max(lost.get(event.subject.id, 0), event.detail.lost_ms)
        return lost

    def _malicious(self) -> bool:
        """Whether a cause was found that somebody put there."""
        return any(
            event.kind == "diagnosis.concluded"
            and isinstance(event.detail, DiagnosisDetail)
            and (event.detail.finding or "").partition(" on ")[0] in self._room.facts.malicious
            for event in self._case.knowledge.events_seen()
        )


def _complaints(seen: list[Any]) -> int:
    """Users' reports that reached these people."""
    return sum(
        event.detail.count
        for event in seen
        if event.kind == "report.received" and isinstance(event.detail, MessageDetail)
    )
