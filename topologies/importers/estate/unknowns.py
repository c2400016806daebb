"""What an import cannot know: listed, so that somebody can state it; never made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from topologies.importers.estate.draft import Meaning, Part
from topologies.importers.estate.resolving import Imported

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that nothing in the source states.  `of`: whose, by id; `instead`: what the estate says until somebody
    does."""

    fact: str
    of: tuple[str, ...]
    instead: str

    def __str__(self) -> str:
        more = f" and {len(self.of) - _SHOWN} more" if len(self.of) > _SHOWN else ""
        whose = f" of {', '.join(self.of[:_SHOWN])}{more}" if self.of else ""
        return f"{self.fact}{whose}: {self.instead}"


def unknowns(imported: Imported, *, timezone_given: bool) -> list[Unknown]:
    """All of them, those that a verdict rests on first."""
    return [unknown for unknown in _all(imported, timezone_given) if unknown.of or unknown.fact in _OF_THE_ESTATE]


_FUNCTIONS = "business functions and what stands behind each"
_ZONE = "time zone of the estate"
_OF_THE_ESTATE = (_FUNCTIONS, _ZONE)


def _all(imported: Imported, timezone_given: bool) -> Iterator[Unknown]:
    of = {part: tuple(id for id, node in imported.nodes.items() if node.part is part) for part in Part}
    nodes = imported.nodes
    components = of[Part.COMPONENT]
    if of[Part.FUNCTION]:
        yield Unknown("RTO, RPO, MTPD and minimum level", of[Part.FUNCTION], "left out")
        rated = tuple(id for id in of[Part.FUNCTION] if nodes[id].criticality is None)
        yield Unknown("criticality", rated, "left out")
    else:
        yield Unknown(_FUNCTIONS, (), "none are stated; without them no impact can be told")
    yield Unknown("capacity_rps, latency_ms and recovery times", components, "left out")
    yield Unknown("telemetry and labels", components, "left out")
    yield Unknown("owner", tuple(id for id in components if nodes[id].owner is None), "left out")
    yield Unknown("site", tuple(id for id in components if nodes[id].site is None), "left out")
    yield Unknown("number of replicas", tuple(id for id in components if nodes[id].replicas is None), "one")
    counted = tuple(id for id in components if (nodes[id].replicas or 1) > 1 and nodes[id].needed is None)
    yield Unknown("how many replicas carry the load", counted, "all of them, the careful reading")
    yield Unknown("how many members a group needs", of[Part.GROUP], "all of them, the careful reading")
    edges = [edge for edge in imported.edges if edge.meaning is Meaning.HARD]
    unsure = tuple(f"{edge.source} -> {edge.target}" for edge in edges)
    yield Unknown("whether a dependency is hard or soft", unsure, "hard, the careful reading")
    callers = [edge for edge in imported.edges if edge.meaning in (Meaning.HARD, Meaning.SOFT, Meaning.ASYNCHRONOUS)]
    uncounted = tuple(f"{edge.source} -> {edge.target}" for edge in callers if edge.calls is None)
    yield Unknown("calls for each request served", uncounted, "one")
    yield Unknown("kind and time zone of a place", of[Part.SITE], "a data centre in the time zone of the estate")
    if not timezone_given:
        yield Unknown(_ZONE, (), "UTC; give --timezone")
