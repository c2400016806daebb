"""In what order things can be started and recovered, and where there is none: what each needs of the other to do so.

Three kinds of need make an order: to run (hard dependencies), to start (bootstrap dependencies), and to be recovered
(the tools under `recovery.needs`: a console, a store of secrets, name resolution).  A circle of needs to run alone is
`dependency.cycle`; one that is closed by a need to start or to be recovered is found here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import networkx as nx

from timeline.findings import Severity
from topologies.checks.catalogue import Remark, estate_check
from topologies.checks.dependencies import place_of
from topologies.estate import Estate
from topologies.loading.estate import LoadedEstate
from topologies.reach import needs

_TO_RUN, _TO_START, _TO_RECOVER = "to run", "to start", "to be recovered"


@estate_check("dependency.recovery-cycle", Severity.ERROR)
def recovery_circles(estate: LoadedEstate) -> Iterator[Remark]:
    """Things need each other to start or to be recovered.

    While all of them run nobody notices.  After a loss of all of them each waits for another, and a run shows how none
    comes back.  State a way to start one of them by hand without the others (`recovery.cold-start`), or take the tool
    out of the circle: a copy of the secrets on paper, a console that does not need the directory.
    """
    for circle in _circles(_order(estate.topology, by_hand=True)):
        message = f"a circle of recovery: {_told(circle)}"
        hint = "state `cold-start` in the recovery of one of them, or keep a way in that does not need the others"
        yield Remark(place_of(estate.topology_document, circle[0][0]), message, hint)


@estate_check("dependency.cycle-by-hand", Severity.INFO)
def circles_broken_by_hand(estate: LoadedEstate) -> Iterator[Remark]:
    """Things need each other to start or to be recovered, and only a start by hand breaks the circle.

    The file states such a start (`recovery.cold-start`).  Somebody has to know of it on the day: rehearse it.
    """
    left = {edge for circle in _circles(_order(estate.topology, by_hand=True)) for edge in circle}
    for circle in _circles(_order(estate.topology, by_hand=False)):
        if not left.intersection(circle):
            message = f"only a start by hand breaks this circle: {_told(circle)}"
            yield Remark(place_of(estate.topology_document, circle[0][0]), message, "rehearse a cold start")


Circle = list[tuple[str, str, str]]
"""(who, needs whom, for what), from one to the next and back to the first."""


def _order(estate: Estate, *, by_hand: bool) -> nx.DiGraph[str]:
    """Who needs whom for what.  `by_hand`: without the needs that a cold start by hand does without."""
    graph = needs(estate)
    graph.add_edges_from(list(graph.edges), what=_TO_RUN)
    for id, component in estate.components.items():
        if by_hand and component.recovery.cold_start is not None:
            continue
        starting = [other for other, spec in component.depends_on.items() if spec.type == "bootstrap"]
        graph.add_edges_from(((id, other) for other in starting), what=_TO_START)
        tools = [tool for tool in component.recovery.needs if not graph.has_edge(id, tool)]
        graph.add_edges_from(((id, tool) for tool in tools), what=_TO_RECOVER)
    return graph


def _circles(graph: nx.DiGraph[str]) -> Iterator[Circle]:
    """The shortest circle through a need to start or to be recovered, of each set of things that need each other."""
    for together in sorted(nx.strongly_connected_components(graph), key=min):
        inside = graph.subgraph(together)
        closing = [(a, b) for a, b in sorted(inside.edges) if inside.edges[a, b]["what"] != _TO_RUN]
        ways: list[list[str]] = [[a, *nx.shortest_path(inside, b, a)] for a, b in closing]
        if ways:
            shortest = min(ways, key=lambda way: len(way))
            yield [(a, b, inside.edges[a, b]["what"]) for a, b in pairwise(shortest)]


def _told(circle: Circle) -> str:
    return ", ".join(f"{who} needs {whom} {what}" for who, whom, what in circle)
