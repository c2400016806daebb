"""Faults while they last: which sit where since when, and what they do to their node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scenarios.faults import Effect, FaultKind
from simulator.estate.graph import Node
from simulator.estate.instruments import AgedEffect
from timeline.commands import Action


@dataclass(eq=False, slots=True)
class ActiveFault:
    """A fault that has begun and not ended.  `event` is its `fault.started`."""

    id: str
    kind: FaultKind
    node: Node
    effect: Effect
    since_ms: int
    event: int
    description: str = ""
    hidden: bool = False
    """Not found yet: it has no effect that anybody could see."""

    @property
    def shown(self) -> Effect:
        return _NOTHING if self.hidden else self.effect


_NOTHING = Effect()
_HELD = Effect(down=True)
_STARTED_ANEW = (Action.RESTORE, Action.REBUILD)
"""Actions after which a component runs anew: they end what a restart ends, too."""


class ActiveFaults:
    """All faults that last now, in the order in which they began, and what people did beside mending them: a component
    that is *held* serves nothing, one with a *workaround* serves a share whatever is wrong with it."""

    def __init__(self) -> None:
        self._faults: dict[str, ActiveFault] = {}
        self._held: dict[str, int] = {}
        self._worked_around: dict[str, Effect] = {}

    def hold(self, node: Node, at_ms: int) -> None:
        """Keeps a component from serving, from a moment on."""
        self._held.setdefault(node.id, at_ms)

    def release(self, node: Node) -> None:
        self._held.pop(node.id, None)

    def held_since(self, node: Node) -> int | None:
        return self._held.get(node.id)

    def work_around(self, node: Node, gives: float) -> None:
        self._worked_around[node.id] = Effect(error_ratio=1 - gives)

    def end_workaround(self, node: Node) -> None:
        self._worked_around.pop(node.id, None)

    def add(self, fault: ActiveFault) -> None:
        self._faults[fault.id] = fault

    def remove(self, fault: ActiveFault) -> None:
        del self._faults[fault.id]

    def __contains__(self, fault: ActiveFault) -> bool:
        return self._faults.get(fault.id) is fault

    def __iter__(self) -> Iterator[ActiveFault]:
        return iter(self._faults.values())

    def on(self, node: Node) -> list[ActiveFault]:
        return [f for f in self._faults.values() if f.node is node]

    def cleared_by(self, action: Action, node: Node) -> list[ActiveFault]:
        also = (action, Action.RESTART) if action in _STARTED_ANEW else (action,)
        return [f for f in self.on(node) if any(a in f.kind.cleared_by for a in also)]

    def effects(self, node: Node) -> list[Effect]:
        return [aged.effect for aged in self.aged_effects(node)]

    def aged_effects(self, node: Node) -> list[AgedEffect]:
        found = [AgedEffect(f.shown, f.since_ms) for f in self._faults.values() if f.node is node]
        if (instead := self._worked_around.get(node.id)) is not None:
            found = [AgedEffect(instead, 0)]
        if (since := self._held.get(node.id)) is not None:
            found.append(AgedEffect(_HELD, since))
        return found
