"""When a playbook starts in an incident: with the declaration, or on what else the playbook states.

A playbook is run once at a time: an incident that comes to it while it runs for another one shares that run.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from scenarios.flow import BEGINNINGS
from scenarios.models import Playbook
from simulator.response.case import Case
from simulator.response.playbook import PlaybookRun
from simulator.response.room import Room


class PlaybookStart:
    """The start of one playbook in one case."""

    def __init__(self, room: Room, case: Case, playbook: Playbook) -> None:
        self._room = room
        self._case = case
        self._playbook = playbook
        self._starts = playbook.starts

    @property
    def at_declaration(self) -> bool:
        """Whether nothing but the declaration of a major incident starts it."""
        return self._starts.at_declaration

    def begin(self, cause: int) -> None:
        """Now: a run of its own, or that of another incident while one is under way."""
        under_way = self._room.playbook_run
        if under_way is None or not under_way.is_moving:
            under_way = PlaybookRun(self._room, self._case, self._playbook)
            self._room.playbook_run = under_way
            under_way.start(cause)
        self._case.playbook_run = under_way

    def when_due(self) -> Generator[simpy.Event, Any, None]:
        """Waits for what starts it, as long as the case is open; what comes with its end still counts."""
        case, env = self._case, self._room.kernel.env
        while case.parent is None and case.playbook_run is None:
            cause = self._cause()
            if cause is not None:
                self.begin(cause)
                return
            if not case.open:
                return
            now, when = self._room.kernel.now(), self._starts.when
            due = [moment for moment in (when.due_ms(case.knowledge) if when is not None else []) if moment > now]
            yield case.knowledge.news() | env.timeout(min(due) - now) if due else case.knowledge.news()

    def _cause(self) -> int | None:
        """The event that starts it, once it has happened and everything else holds."""
        starts, knowledge = self._starts, self._case.knowledge
        began = next((e.seq for e in knowledge.events_seen() if e.kind == BEGINNINGS[starts.on]), None)
        if began is None or not self._is_as_grave():
            return None
        if starts.when is not None and not starts.when.holds(knowledge, self._room.kernel.now()):
            return None
        return began

    def _is_as_grave(self) -> bool:
        """Whether the severity lies in the range; the organisation lists the gravest first."""
        least, most, severity = self._starts.from_severity, self._starts.to_severity, self._case.severity
        if least is None and most is None:
            return True
        if severity is None:
            return False
        order = [rule.severity for rule in self._room.organisation.severities]
        here = order.index(severity.severity)
        return (least is None or here <= order.index(least)) and (most is None or here >= order.index(most))
