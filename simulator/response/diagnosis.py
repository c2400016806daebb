"""Diagnosis: a search over candidate causes, one check at a time.

The *candidates* are what the documented dependencies put under the symptoms, sites and their power included.  Each
check takes time and is conclusive with the searcher's skill in that kind of component; an inconclusive one teaches
nothing.  A conclusive check of a candidate shows one of three things:

- a fault of its own: the cause is found;
- trouble that reaches it through others: they come next, it is ruled out;
- nothing wrong: it is ruled out, together with all that only it led to.

The order is the searcher's best guess: what was just blamed first, then what alerts point at, then what most symptoms
have in common.  A good alert shortens the search by coming first; a misleading one lengthens it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import networkx as nx

from simulator.sides import Facts
from timeline.commands import Observation


@dataclass(slots=True)
class Search:
    """The state of one search."""

    facts: Facts
    symptoms: list[str]
    candidates: dict[str, int] = field(default_factory=dict)
    """Id to the number of symptoms that it could explain."""
    blamed: list[str] = field(default_factory=list)
    """What checks pointed at, the latest last."""
    excluded: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.extend(self.symptoms)

    def extend(self, symptoms: Iterable[str]) -> None:
        """New symptoms bring their candidates."""
        counts: Counter[str] = Counter()
        for symptom in symptoms:
            if symptom not in self.facts.graph:
                continue
            counts.update([*([] if symptom.startswith("function:") else [symptom])])
            counts.update(sorted(nx.descendants(self.facts.graph, symptom)))
            if symptom not in self.symptoms:
                self.symptoms.append(symptom)
        for id, count in counts.items():
            if id not in self.excluded:
                self.candidates[id] = self.candidates.get(id, 0) + count

    def next(self) -> str | None:
        """What to check next; None when nothing is left."""
        while self.blamed:
            if self.blamed[-1] in self.candidates:
                return self.blamed[-1]
            self.blamed.pop()
        if not self.candidates:
            return None
        pointed = {s: position for position, s in enumerate(self.symptoms)}
        return min(
            self.candidates,
            key=lambda id: (id not in pointed, pointed.get(id, 0), -self.candidates[id], id),
        )

    def learn(self, id: str, seen: Observation) -> int:
        """Takes in what a conclusive check showed; how many candidates it removed."""
        before = len(self.candidates)
        self._exclude(id)
        if seen.suffers_from:
            for other in reversed(seen.suffers_from):
                self.excluded.pop(other, None)
                self.candidates.setdefault(other, 1)
                self.blamed.append(other)
        elif seen.own_fault is None:
            self._exclude_only_under(id)
        return before - len(self.candidates)

    def hand_over(self, keeps: float, draw: float) -> None:
        """A new searcher knows a share of what was excluded; the rest is open again.

        `draw` in (0, 1) decides where the kept share begins in the list.
        """
        names = list(self.excluded)
        lost = round(len(names) * (1 - keeps))
        start = int(draw * len(names)) if names else 0
        for name in (names + names)[start : start + lost]:
            self.excluded.pop(name, None)
            self.candidates.setdefault(name, 1)

    def _exclude(self, id: str) -> None:
        self.candidates.pop(id, None)
        self.excluded[id] = None

    def _exclude_only_under(self, id: str) -> None:
        """What nothing else under suspicion depends on is cleared with the healthy thing that depends on it."""
        graph = self.facts.graph
        under = [u for u in sorted(nx.descendants(graph, id)) if u not in self.symptoms and u not in self.blamed]
        order = {node: position for position, node in enumerate(nx.bfs_tree(graph, id))}
        for candidate in sorted(under, key=order.__getitem__):
            if not any(up in self.candidates or up in self.symptoms for up in graph.predecessors(candidate)):
                self._exclude(candidate)
