"""Which signs of trouble belong to one incident: correlation by topology and time.

A *sign* is something delivered that points at nodes of the documented graph: an alert (of metrics, logs, probes or a
vendor's status feed) or users' reports.  A sign is *related* to an open incident when it comes within `window` of the
incident's last sign and one of its nodes lies within `hops` edges of a node that the incident points at, whichever way
the edges run.

Example: web -> api -> db.  With `hops: 1`, an alert on db does not join an incident that points at web, but one that
points at api; with `hops: 2` it joins both.  The wider the net, the fewer incidents one cause makes (completeness) and
the more causes end up in one incident (purity): `reports/measures` measures both against the known cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import networkx as nx

from simulator.response.case import Case
from topologies.event_management import Correlation


class Correlator:
    """Finds the incident that a sign belongs to, knowing the documentation and what was delivered."""

    def __init__(self, spec: Correlation, graph: nx.DiGraph[str]) -> None:
        self._spec = spec
        self._graph = graph.to_undirected(as_view=True)
        self._distances: dict[str, dict[str, int]] = {}

    def related(self, cases: Iterable[Case], nodes: Sequence[str], at_ms: int) -> Case | None:
        """The nearest of the incidents that a sign at these nodes is related to; of equally near ones the first."""
        near = [
            (distance, number, case)
            for number, case in enumerate(cases)
            if at_ms - case.last_sign_ms <= self._spec.window
            and (distance := self._distance(nodes, case.symptoms)) is not None
        ]
        return min(near, default=(0, 0, None))[2]

    def _distance(self, nodes: Iterable[str], symptoms: Iterable[str]) -> int | None:
        """Edges between the nearest two; None where none is within reach."""
        symptoms = list(symptoms)
        return min((d for node in nodes for s in symptoms if (d := self._near(node).get(s)) is not None), default=None)

    def _near(self, node: str) -> dict[str, int]:
        known = self._distances.get(node)
        if known is None:
            known = nx.single_source_shortest_path_length(self._graph, node, cutoff=self._spec.hops)
            self._distances[node] = known
        return known
