"""What depends on what: circles that nothing can start out of, and points whose loss alone is felt."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from timeline.findings import Place, Severity
from topologies.checks.catalogue import Remark, estate_check
from topologies.loading.document import Document
from topologies.loading.estate import LoadedEstate
from topologies.loading.nodes import Step
from topologies.reach import needs, single_points

_SHOWN = 4


@estate_check("dependency.cycle", Severity.ERROR)
def cycles(estate: LoadedEstate) -> Iterator[Remark]:
    """Things need each other in a circle.

    Each waits for the next one, so after a loss of all of them (a site without power) none can start first.  Break the
    circle with a soft dependency, a cached copy, or a start-up path of its own, and rehearse the cold start.
    """
    graph = needs(estate.topology)
    for circle in nx.strongly_connected_components(graph):
        start = min(circle)
        if len(circle) == 1 and not graph.has_edge(start, start):
            continue
        path = [start] if len(circle) == 1 else _shortest_circle(graph.subgraph(circle), start)
        message = f"hard dependencies form a circle: {' -> '.join([*path, start])}"
        yield Remark(place_of(estate.topology_document, start), message, "nothing here can start before the others")


@estate_check("dependency.single-point", Severity.WARNING)
def single_points_of_failure(estate: LoadedEstate) -> Iterator[Remark]:
    """The loss of this one thing alone takes business functions away.

    Follows hard dependencies, with standby pairs and k-of-n groups taken into account; components with a replica to
    spare are not counted.  Add a standby or a spare replica, or accept the risk and rehearse its loss.
    """
    for id, functions in single_points(estate.topology).items():
        more = f" and {len(functions) - _SHOWN} more" if len(functions) > _SHOWN else ""
        message = f"the loss of {id!r} alone stops {', '.join(functions[:_SHOWN])}{more}"
        yield Remark(place_of(estate.topology_document, id), message, "add a standby, a group or a spare replica")


def place_of(document: Document, id: str) -> Place:
    """The key of a component, pair, group, site or shared thing."""
    for section in ("components", "standby_pairs", "groups", "sites", "shared_fate"):
        path: list[Step] = [section, id]
        if document.node(path) is not None:
            return document.place(path, key=True)
    return document.place([])


def _shortest_circle(graph: nx.DiGraph[str], start: str) -> list[str]:
    ways = [nx.shortest_path(graph, after, start) for after in sorted(graph.successors(start))]
    return [start, *min(ways, key=len)[:-1]]
