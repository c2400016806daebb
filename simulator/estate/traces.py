"""Traces of an attack: on every component that a malicious fault sits in, until somebody secures them or a recovery
destroys them.

What is done to a pair is done to its members.  Traces that were secured are safe; those that a completed action
destroyed are lost, once, and nobody in the response is told: whoever would have needed them finds out too late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.estate.graph import Node, Role
from timeline.commands import DESTROYS_TRACES, Action
from timeline.references import ESTATE, component
from timeline.workflow_details import EvidenceDetail

if TYPE_CHECKING:
    from simulator.estate.faults import ActiveFault
    from simulator.estate.side import ModelledEstate

Trace = tuple[str, str]
"""A fault and the component that it sits in."""


class Traces:
    """What is still to be found out."""

    def __init__(self, estate: ModelledEstate) -> None:
        self._estate = estate
        self._settled: set[Trace] = set()
        """Secured or lost."""

    def on(self, node: Node) -> list[tuple[ActiveFault, Node]]:
        """Traces that are there now, secured ones left out."""
        members = [edge.dependency for edge in node.needs] if node.role is Role.PAIR else []
        return [
            (fault, place)
            for place in (node, *members)
            for fault in self._estate.faults
            if fault.kind.malicious and place in fault.sits and (fault.id, place.id) not in self._settled
        ]

    def acted(self, action: Action, found: list[tuple[ActiveFault, Node]], event: int) -> None:
        """An action was completed where these traces had been when it began."""
        if action is Action.PRESERVE:
            self._settle("evidence.preserved", action, found, event)
        elif action in DESTROYS_TRACES:
            self._settle("evidence.lost", action, found, event)

    def _settle(self, kind: str, action: Action, found: list[tuple[ActiveFault, Node]], event: int) -> None:
        for fault, place in found:
            if (fault.id, place.id) in self._settled:
                continue
            self._settled.add((fault.id, place.id))
            detail = EvidenceDetail(place.id, fault.id, action)
            causes = [fault.sits.get(place, fault.event), event]
            self._estate.kernel.emit(kind, component(place.id), ESTATE, detail, causes)
