"""Which checks lead from a symptom to the cause, if each of them tells something: once for each pair and symptom.

The search is that of the response (`simulator.response.diagnosis.Search`); what it is shown is read off the documented
graph: the cause shows its fault, whatever depends on it (not merely softly, not asynchronously) shows that it suffers,
everything else is well.  So a route is the order of checks of an exercise in which only this fault is there and its
harm goes as far as the documents say.
"""

from __future__ import annotations

import networkx as nx

from simulator.response.diagnosis import Search
from simulator.sides import Facts
from timeline.commands import Observation

_CARRIES = frozenset({"hard"})


class Routes:
    """Answers for one estate; each answer is kept."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        hard = [(a, b) for a, b in facts.graph.edges if facts.graph.edges[a, b]["type"] in _CARRIES]
        self._carrying: nx.DiGraph[str] = nx.DiGraph()
        self._carrying.add_nodes_from(facts.graph)
        self._carrying.add_edges_from(hard)
        self._known: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def route(self, cause: str, symptoms: tuple[str, ...]) -> tuple[str, ...]:
        """The nodes that are checked, the cause last; the cause alone where no search leads there."""
        key = (cause, symptoms)
        if key not in self._known:
            self._known[key] = self._search(cause, symptoms)
        return self._known[key]

    def _search(self, cause: str, symptoms: tuple[str, ...]) -> tuple[str, ...]:
        hurt = nx.ancestors(self._carrying, cause)
        search = Search(self._facts, list(symptoms))
        checked: list[str] = []
        while (node := search.next()) is not None:
            checked.append(node)
            if node == cause:
                return tuple(checked)
            suffers = [other for other in self._carrying.successors(node) if other == cause or other in hurt]
            seen = Observation("down", None, tuple(suffers)) if node in hurt else Observation("up", None, ())
            search.learn(node, seen)
        return (cause,)
