"""From stopped to serving: what a component needs to start, and how long it takes.

A component starts when a fault that had stopped it is over, when its place has power again, and when it is restarted.
It begins once every *bootstrap* dependency serves; until then it waits.  Things that wait for each other wait for ever:
a *cold start* by hand, where the file gives it a duration, does without them.  Then it takes its start-up time, during
which it serves nothing.  While it runs it does not need its bootstrap dependencies.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.estate.graph import Node
from simulator.estate.health import SERVING

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate


def awaited(node: Node) -> list[str]:
    """What a node would have to wait for, if it had to start now."""
    return [e.dependency.id for e in node.needs if e.spec.type == "bootstrap" and e.seen < SERVING]


class StartUps:
    """Every component that is starting."""

    def __init__(self, estate: ModelledEstate) -> None:
        self._estate = estate
        self._kernel = estate.kernel
        self._starts: Counter[str] = Counter()
        self._waiting: dict[Node, int | None] = {}
        """Those that wait, with the event that made them start."""

    def start(self, node: Node, trigger: int | None) -> None:
        """Begins, or waits; nothing where a start takes no time and needs nothing."""
        if node.component is None or node.starting:
            return
        waits = bool(awaited(node))
        if node.component.recovery.start_up is None and not waits:
            return
        node.starting = True
        if waits:
            self._waiting[node] = trigger
        else:
            self._take_time(node, trigger)

    def restart(self, node: Node, trigger: int) -> None:
        """Whoever restarts what cannot start has stopped it."""
        if awaited(node):
            self.start(node, trigger)

    def cold_start(self, node: Node) -> None:
        """It has been started by hand: it waits no longer, and serves."""
        if node in self._waiting:
            del self._waiting[node]
            node.starting = False

    def waits_for(self, node: Node) -> list[str]:
        return awaited(node) if node in self._waiting else []

    def follow(self, trigger: int | None) -> None:
        """Begins what waits no longer."""
        for node in [node for node in self._waiting if not awaited(node)]:
            del self._waiting[node]
            self._take_time(node, trigger)

    def _take_time(self, node: Node, trigger: int | None) -> None:
        assert node.component is not None
        takes, ready = node.component.recovery.start_up, self._kernel.now()
        self._starts[node.id] += 1
        if takes is not None:
            occasion = f"start-{self._starts[node.id]}"
            ready += self._kernel.streams.draw(takes, f"component/{node.id}", "start-up", occasion)
        start = self._starts[node.id]
        self._kernel.call_at(ready, lambda: self._started(node, start, trigger))

    def _started(self, node: Node, start: int, trigger: int | None) -> None:
        if node.starting and start == self._starts[node.id]:
            node.starting = False
            self._estate.change([node], trigger)
