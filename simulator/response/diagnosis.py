"""Diagnosis: a search over candidate causes, one check at a time.

The *candidates* are what the documented dependencies put under the symptoms, sites and their power included.  Each
check takes time and is conclusive with the searcher's skill in that kind of component; an inconclusive one teaches
nothing.  A conclusive check of a candidate shows one of three things:

- a fault of its own: the cause is found;
- trouble that reaches it through others: they come next, it is ruled out;
- nothing wrong: it is ruled out, together with all that only it led to.

A component may be *overloaded* with no fault anywhere: more arrives than it can serve, because there are more users, or
because those who were not served ask again.  That is concluded once everything from which it suffers was looked at, its
callers included, and none of it has a fault: what remains is the load itself.

The order is the searcher's best guess: what was just blamed first, then known errors, then what a triage bot, log lines
or earlier incidents name, then what alerts point at, the one before that most symptoms have in common, then the rest.
A good hint shortens the search by coming first; a misleading one lengthens it.  What told nothing is tried again after
the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

import networkx as nx

from simulator.sides import Facts
from timeline.commands import Observation

OVERLOAD = "overload"
"""What is found where load itself is the trouble, beside the kinds of fault."""
_PATIENCE = 3
"""Checks in vain after which a searcher looks elsewhere first."""


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
    suffering: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What checks showed: from where trouble reaches a node."""
    faultless: set[str] = field(default_factory=set)
    """What checks showed to have no fault of its own."""
    overloaded: dict[str, None] = field(default_factory=dict)
    """What was seen overloaded without a fault of its own."""
    suspected: dict[str, None] = field(default_factory=dict)
    """What something else than an alert points at (a triage bot, log lines, earlier incidents), the strongest first."""
    puzzled: Counter[str] = field(default_factory=Counter)
    """How often a check of it told nothing."""
    known: Collection[str] = ()
    """Where there are known errors: what went wrong before, and whose cause was not removed."""

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

    def next(self, in_hand: Callable[[str], bool] = lambda _: False) -> str | None:
        """What to check next, leaving out what is being dealt with anyway; None when nothing is left.

        A symptom that what is in hand explains is not followed any further.
        """
        while self.blamed:
            blamed = self.blamed[-1]
            if blamed in self.candidates and not in_hand(blamed) and self.puzzled[blamed] < _PATIENCE:
                return blamed
            self.blamed.pop()
        under = {s: self._under(s) for s in self.symptoms}
        unexplained = [nodes for nodes in under.values() if not any(in_hand(node) for node in nodes)]
        suspects = [id for id in self.candidates if not under or any(id in nodes for nodes in unexplained)]
        pointed = {s: position for position, s in enumerate(self.symptoms)}
        named = {s: position for position, s in enumerate(self.suspected)}
        return min(
            suspects,
            key=lambda id: (
                self.puzzled[id],
                id not in self.known,
                named.get(id, len(named)),
                id not in pointed,
                -self.candidates[id],
                pointed.get(id, 0),
                id,
            ),
            default=None,
        )

    def suspect(self, nodes: Iterable[str]) -> None:
        """These come first among what is left to look at."""
        self.suspected |= dict.fromkeys(node for node in nodes if node not in self.suspected)

    def _under(self, symptom: str) -> set[str]:
        """What may lie behind a symptom: what it depends on by the documentation or was seen to suffer from."""
        reached, frontier = {symptom}, [symptom]
        while frontier:
            node = frontier.pop()
            documented = self.facts.graph.successors(node) if node in self.facts.graph else ()
            for other in (*documented, *self.suffering.get(node, ())):
                if other not in reached:
                    reached.add(other)
                    frontier.append(other)
        return reached

    def puzzle(self, id: str) -> None:
        """A check told nothing: others come first now, and after a few tries it is given up."""
        self.puzzled[id] += 1
        if self.puzzled[id] > _PATIENCE:
            self._exclude(id)

    def learn(self, id: str, seen: Observation) -> int:
        """Takes in what a conclusive check showed; how many candidates it removed."""
        before = len(self.candidates)
        self._exclude(id)
        self.overloaded.pop(id, None)
        if seen.own_fault is None:
            self.faultless.add(id)
            if seen.is_overloaded:
                self.overloaded[id] = None
        else:
            self.faultless.discard(id)
        if seen.suffers_from:
            self.suffering[id] = seen.suffers_from
            self._blame(id, {id})
        elif seen.own_fault is None:
            self._exclude_only_under(id)
        return before - len(self.candidates)

    def find_overload(self) -> str | None:
        """What is overloaded with no fault behind it, the one furthest below; concluded once."""
        for node in self.overloaded:
            lower = nx.descendants(self.facts.graph, node) if node in self.facts.graph else set[str]()
            if lower.isdisjoint(self.overloaded) and self._behind(node) <= self.faultless:
                del self.overloaded[node]
                return node
        return None

    def _behind(self, id: str) -> set[str]:
        """A node and all from which trouble was seen to reach it."""
        reached, frontier = {id}, [id]
        while frontier:
            for other in self.suffering.get(frontier.pop(), ()):
                if other not in reached:
                    reached.add(other)
                    frontier.append(other)
        return reached

    def _blame(self, id: str, followed: set[str]) -> None:
        """Follows the trouble of a node upstream to what has not been looked at yet."""
        for other in reversed(self.suffering[id]):
            if other in followed:
                continue
            followed.add(other)
            if other in self.suffering and other in self.excluded:
                self._blame(other, followed)
            else:
                self.excluded.pop(other, None)
                self.candidates.setdefault(other, 1)
                self.blamed.append(other)

    def hand_over(self, keeps: float, draw: float) -> float | None:
        """A new searcher knows a share of what was excluded; the rest is open again.  Gives the share that he knows,
        None when there was nothing to know.

        `draw` in (0, 1) decides where the kept share begins in the list.
        """
        names = list(self.excluded)
        lost = round(len(names) * (1 - keeps))
        start = int(draw * len(names)) if names else 0
        self.forget((names + names)[start : start + lost])
        return 1 - lost / len(names) if names else None

    def forget(self, names: Iterable[str]) -> None:
        """What checks showed is not known any more, nor the trails that they began."""
        for name in names:
            self.excluded.pop(name, None)
            self.candidates.setdefault(name, 1)
            trail = self.suffering.pop(name, ())
            self.blamed = [blamed for blamed in self.blamed if blamed not in trail]

    def _exclude(self, id: str) -> None:
        self.candidates.pop(id, None)
        self.excluded[id] = None

    def _exclude_only_under(self, id: str) -> None:
        """What nothing else under suspicion depends on is cleared with the healthy thing that depends on it."""
        graph = self.facts.graph
        under = [u for u in sorted(nx.descendants(graph, id)) if u not in self.symptoms and u not in self.blamed]
        order = {node: position for position, node in enumerate(nx.bfs_tree(graph, id))}
        for candidate in sorted(under, key=order.__getitem__):
            if not any(self._leads_on(up) for up in graph.predecessors(candidate)):
                self._exclude(candidate)

    def _leads_on(self, id: str) -> bool:
        """Whether trouble may still be passed on through a node: it is open, or was seen to suffer."""
        return id in self.candidates or id in self.suffering or (id in self.symptoms and id not in self.excluded)
