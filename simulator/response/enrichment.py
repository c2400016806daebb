"""Log enrichment: what is unusual in the logs around the symptoms is put on the ticket, for whoever searches the cause.

An alert or a report that points at something new is followed by a search in the log platform, which needs that platform
at work.  Looked at are the logs of what the symptoms depend on by the documentation.  A component in trouble of its own
leaves its signature there; some that are well have lines that look unusual too.  The lines are no proof: components
that have any are looked at first, and that is all.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.room import Room
from timeline.log_lines import EnrichmentDetail, LogLine
from timeline.references import Reference, RefKind
from topologies.practised import LogAggregation

_LOGS = Reference(RefKind.SYSTEM, "log-aggregation")
_NOISE = "error rate above usual"


class Enrichment:
    """The ticket of one case."""

    def __init__(self, room: Room, case: Case, logs: LogAggregation) -> None:
        self._room = room
        self._case = case
        self._logs = logs
        self._searched: set[str] = set()
        """Symptoms whose surroundings were searched."""
        self._on_ticket: dict[str, None] = {}

    def run(self) -> Generator[simpy.Event, Any, None]:
        """One search after each news of symptoms, as long as the case is open."""
        case, kernel = self._case, self._room.kernel
        while case.open:
            new = [node for node in case.symptoms if node not in self._searched]
            if not new:
                yield case.stirred()
                continue
            self._searched.update(new)
            takes = kernel.streams.draw(self._logs.takes, "log-aggregation", "searches", f"{case.id}/{new[0]}")
            yield kernel.env.timeout(takes)
            if case.open:
                self._attach(new, max(case.symptoms[node] for node in new))

    def _attach(self, symptoms: list[str], cause: int) -> None:
        found = self._room.reach.log_signatures()
        if found is None:
            self._tell(EnrichmentDetail(self._case.id, (), "the log platform does not answer"), cause)
            return
        near = sorted({node for symptom in symptoms for node in self._room.needs(symptom)} - set(self._on_ticket))
        lines = tuple(line for node in near for line in self._lines(node, found))
        if not lines:
            return
        self._on_ticket |= dict.fromkeys(line.component for line in lines)
        event = self._tell(EnrichmentDetail(self._case.id, lines), cause)
        for line in lines:
            self._case.log_lines.setdefault(line.component, event)
        self._case.stir()

    def _lines(self, node: str, found: Mapping[str, tuple[str, ...]]) -> list[LogLine]:
        if node not in self._room.facts.kinds:
            return []
        streams, occasion = self._room.kernel.streams, f"{self._case.id}/{node}"
        if node in found:
            is_there = streams.chance(self._logs.completeness, "log-aggregation", "has-line", occasion)
            return [LogLine(node, line) for line in found[node]] if is_there else []
        is_noisy = streams.chance(self._logs.noise, "log-aggregation", "has-noise", occasion)
        return [LogLine(node, _NOISE)] if is_noisy else []

    def _tell(self, detail: EnrichmentDetail, cause: int) -> int:
        event = self._room.kernel.emit("ticket.enriched", self._case.reference, _LOGS, detail, [cause])
        self._case.knowledge.deliver(event)
        return event.seq
