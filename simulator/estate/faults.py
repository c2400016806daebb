"""Faults while they last: where they sit since when, and what they do to each node now.

A fault *sits* in its target, or in every member of a shared thing: there it can be found and mended.  It *hits* nodes
with an effect: those where it sits, or (when it sits in a place and hurts what stands there) others; none at all while
an intermittent one is quiet.  An effect that is confined to calls between two sides hits no node: see
`simulator.estate.passages`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel

from scenarios.faults import Effect, FaultKind
from simulator.estate.graph import Node
from simulator.estate.instruments import AgedEffect
from timeline.commands import Action


@dataclass(eq=False, slots=True)
class ActiveFault:
    """A fault that has begun and not ended.  `event` is its `fault.started`, `parameters` those of its kind."""

    id: str
    kind: FaultKind
    target: str
    parameters: BaseModel
    event: int
    description: str
    effect: Effect
    """At full strength, as the fault is by now."""
    since_ms: int
    """When it became so."""
    sits: dict[Node, int] = field(default_factory=dict)
    """Each node with the event that brought it there."""
    replicas: dict[Node, int] = field(default_factory=dict)
    """Of how many replicas of a node, where a shared thing says so."""
    copied: bool = False
    """Each node has a copy that must be mended by itself."""
    strength: float = 1.0
    quiet: bool = False
    hidden: bool = False
    """Not found yet: it has no effect that anybody could see."""
    held_ms: int = 0
    """How long members still go on without the shared thing: cached answers, open sessions."""
    hits: dict[Node, AgedEffect] = field(default_factory=dict)
    confined: Effect | None = None
    """What calls between its sides suffer now."""


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
        """Those that sit in a node, as far as a look at it shows them: not while they are quiet."""
        return [f for f in self._faults.values() if node in f.sits and not f.quiet]

    def events_on(self, node: Node) -> list[int]:
        """Events that brought trouble to a node: its own faults, and those of its place that hurt it."""
        seen = [f for f in self._faults.values() if not f.hidden]
        return [f.sits.get(node, f.event) for f in seen if node in f.sits or node in f.hits]

    def behind(self, node: Node) -> list[str]:
        """Ids of other nodes whose faults hurt this one directly: the place that heats up."""
        return [f.target for f in self._faults.values() if node in f.hits and node not in f.sits]

    def cleared_by(self, action: Action, node: Node) -> list[ActiveFault]:
        """Quiet ones too: a part that is replaced in good times is replaced."""
        also = (action, Action.RESTART) if action in _STARTED_ANEW else (action,)
        here = [f for f in self._faults.values() if node in f.sits]
        return [f for f in here if any(a in f.kind.cleared_by for a in also)]

    def effects(self, node: Node) -> list[Effect]:
        return [aged.effect for aged in self.aged_effects(node)]

    def aged_effects(self, node: Node) -> list[AgedEffect]:
        found = [f.hits[node] for f in self._faults.values() if node in f.hits]
        if (instead := self._worked_around.get(node.id)) is not None:
            found = [AgedEffect(instead, 0)]
        if (since := self._held.get(node.id)) is not None:
            found.append(AgedEffect(_HELD, since))
        return found

    def confined(self) -> list[ActiveFault]:
        """Those that calls between two sides suffer from now."""
        return [f for f in self._faults.values() if f.confined is not None]

    def of_people(self) -> list[ActiveFault]:
        """Those that take people away: `parameters` say how many, `target` where (a site) or whom (a team)."""
        return [f for f in self._faults.values() if f.kind.of_people]
