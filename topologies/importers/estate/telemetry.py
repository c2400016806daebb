"""Telemetry is handed over and not waited for: a collector that is down stops nobody, and who watches others goes on
without one of them.

Compose files and manifests name collectors and what they watch like any other address; taken for hard dependencies they
would make a circle of the whole estate.
"""

from __future__ import annotations

from dataclasses import replace

from topologies.estate import ComponentKind
from topologies.importers.estate.draft import Draft, Edge, Meaning


def hand_over_telemetry(draft: Draft) -> None:
    """Makes hard dependencies between monitoring and everything else asynchronous."""
    draft.edges = [_handed_over(draft, edge) for edge in draft.edges]


def _handed_over(draft: Draft, edge: Edge) -> Edge:
    ends = (draft.nodes.get(edge.source), draft.nodes.get(edge.target))
    watching = [node is not None and node.kind.kind is ComponentKind.MONITORING for node in ends]
    stands_on = ends[1] is not None and ends[1].kind.kind is ComponentKind.STORAGE
    if edge.meaning is not Meaning.HARD or watching[0] == watching[1] or stands_on:
        return edge
    return replace(edge, meaning=Meaning.ASYNCHRONOUS)
