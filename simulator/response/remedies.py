"""Acting on a cause that was found: by the playbook where it has the cause in hand, by the runbook otherwise.

The *runbook* says which actions end which kind of fault; the first that the component allows and somebody may order
is taken, the workaround of a known error before others.  Of overload without a fault it says: shed load at what is
overloaded, or at the nearest above it that can, else add capacity.  A cause is *in hand* from the moment somebody
begins to act on it until that has come to an end, well or not; a second case that finds the same cause waits for the
same remedy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import networkx as nx
import simpy

from simulator.response.case import Case
from simulator.response.diagnosis import OVERLOAD
from simulator.response.playbook import PlaybookRun, Step
from simulator.response.room import Room
from timeline.commands import Action, Verdict
from timeline.instants import MINUTE

_AFTER_DECLARATION = (Action.RESTORE, Action.SHED_LOAD)
"""Actions that cost data or users, and are a decision of whoever commands."""
_PATIENCE_MS = 15 * MINUTE
"""How long a playbook may stand still before somebody acts without it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A fault that was found; `event` is the conclusion."""

    node: str
    fault: str
    event: int


class Remedies:
    """What is being done about which cause, in all cases."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._in_hand: dict[str, simpy.Process] = {}
        self._begun: Counter[str] = Counter()

    def begin(self, case: Case, cause: Cause, who: str) -> simpy.Process:
        """The remedy of a cause, under way from now on."""
        if not self.is_in_hand(cause.node):
            self._begun[cause.node] += 1
            self._in_hand[cause.node] = self._room.kernel.env.process(self._remedy(case, cause, who))
        return self._in_hand[cause.node]

    def is_in_hand(self, node: str) -> bool:
        return node in self._in_hand and self._in_hand[node].is_alive

    def takes_others(self, cause: Cause) -> bool:
        """Whether the remedy is work of a third party or on a site: long, and nothing to stand by for."""
        steps = self._runbook(cause)
        return bool(steps) and steps[0][1] is Action.REPAIR

    def _runbook(self, cause: Cause) -> list[Step]:
        """What to act on and how: the node itself, or the pair that it is a member of where only that allows it."""
        if cause.fault == OVERLOAD:
            return self._against_overload(cause.node)
        facts = self._room.facts
        pairs = (id for id, pair in facts.pairs.items() if cause.node in (pair.primary, pair.standby))
        for target in (cause.node, *pairs):
            possible = facts.possible.get(target, frozenset[Action]())
            if actions := [action for action in facts.cleared_by.get(cause.fault, ()) if action in possible]:
                return [(target, action) for action in sorted(actions, key=self._has_helped(cause), reverse=True)]
        return []

    def _has_helped(self, cause: Cause) -> Callable[[Action], bool]:
        """Whether an action is the workaround of a known error."""
        known = self._room.known_errors.get(cause.node)
        return lambda action: known is not None and known.fault == cause.fault and action is known.workaround

    def _against_overload(self, node: str) -> list[Step]:
        facts = self._room.facts
        above = nx.bfs_tree(facts.graph, node, reverse=True) if node in facts.graph else [node]
        sheds = [(n, Action.SHED_LOAD) for n in above if Action.SHED_LOAD in facts.possible.get(n, ())][:1]
        scales = [(node, Action.SCALE_OUT)] if Action.SCALE_OUT in facts.possible.get(node, ()) else []
        return sheds + scales

    def _remedy(self, case: Case, cause: Cause, who: str) -> Generator[simpy.Event, Any, None]:
        steps = self._runbook(cause)
        if any(action in _AFTER_DECLARATION for _, action in steps):
            yield from self._until_command_has_it(case)
        run = case.playbook_run
        if run is not None and (yield from self._left_to(run, steps, cause)):
            case.mended[cause.node] = self._room.kernel.now()
            return
        because, number = cause.event, self._begun[cause.node]
        for target, action in steps:
            occasion = f"{case.id}/runbook-{target}-{action}-{number}"
            outcome = yield from self._room.act(case, action, target, who, because, occasion)
            if outcome.verdict is Verdict.COMPLETED:
                case.mended[cause.node] = self._room.kernel.now()
                return
            because = outcome.event

    def _until_command_has_it(self, case: Case) -> Generator[simpy.Event, Any, None]:
        """What gives up data or turns users away is not begun while a major incident waits for its declaration, and so
        for its roles and its playbook."""
        while case.open and case.declared is None and case.severity is not None and case.severity.major:
            yield case.knowledge.news() | self._room.kernel.env.timeout(_PATIENCE_MS)

    def _left_to(self, run: PlaybookRun, steps: list[Step], cause: Cause) -> Generator[simpy.Event, Any, bool]:
        """Waits while the playbook will do it; whether it has since the cause was found.

        What it did before did not end this; but load that is being shed is let in again only as fast as is borne, so
        that shedding once is enough.  Wrong data may be corrected in place as well as restored.
        """
        since = -1 if cause.fault == OVERLOAD else cause.event
        ways = [*steps, *((target, Action.WORKAROUND) for target, action in steps if action is Action.RESTORE)]
        while run.will_do(ways) and not run.has_done(ways, since):
            moved = run.moved()
            yield moved | self._room.kernel.env.timeout(_PATIENCE_MS)
            if not moved.triggered and not run.is_moving:
                return False
        return run.has_done(ways, since)
