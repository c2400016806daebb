"""Acting on a cause that was found: by the playbook where it has the cause in hand, by the runbook otherwise.

The *runbook* says which actions end which kind of fault; the first that the component allows and somebody may order
is taken.  A cause is *in hand* from the moment somebody begins to act on it until that has come to an end, well or
not; a second case that finds the same cause waits for the same remedy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.playbook import PlaybookRun
from simulator.response.room import Room
from timeline.commands import Action, Verdict
from timeline.instants import MINUTE

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
        _, actions = self._runbook(cause)
        return bool(actions) and actions[0] is Action.REPAIR

    def _runbook(self, cause: Cause) -> tuple[str, list[Action]]:
        """What to act on and how: the node itself, or the pair that it is a member of where only that allows it."""
        facts = self._room.facts
        pairs = (id for id, pair in facts.pairs.items() if cause.node in (pair.primary, pair.standby))
        for target in (cause.node, *pairs):
            possible = facts.possible.get(target, frozenset[Action]())
            if actions := [action for action in facts.cleared_by.get(cause.fault, ()) if action in possible]:
                return target, actions
        return cause.node, []

    def _remedy(self, case: Case, cause: Cause, who: str) -> Generator[simpy.Event, Any, None]:
        target, actions = self._runbook(cause)
        if Action.RESTORE in actions:
            yield from self._until_command_has_it(case)
        run = case.playbook_run
        if run is not None and (yield from self._left_to(run, target, actions, cause.event)):
            return
        because, number = cause.event, self._begun[cause.node]
        for action in actions:
            occasion = f"{case.id}/runbook-{target}-{action}-{number}"
            outcome = yield from self._room.act(case, action, target, who, because, occasion)
            if outcome.verdict is Verdict.COMPLETED:
                return
            because = outcome.event

    def _until_command_has_it(self, case: Case) -> Generator[simpy.Event, Any, None]:
        """What gives up data is not begun while a major incident waits for its declaration, and so for its playbook."""
        while case.open and case.declared is None and case.severity is not None and case.severity.major:
            yield case.knowledge.news() | self._room.kernel.env.timeout(_PATIENCE_MS)

    def _left_to(
        self, run: PlaybookRun, node: str, runbook: list[Action], found: int
    ) -> Generator[simpy.Event, Any, bool]:
        """Waits while the playbook will do it; whether it has since the cause was found.  What it did before did not
        end this.  Wrong data may be corrected in place as well as restored."""
        actions = [*runbook, Action.WORKAROUND] if Action.RESTORE in runbook else runbook
        while run.will_act(node, actions) and not run.has_acted(node, actions, found):
            moved = run.moved()
            yield moved | self._room.kernel.env.timeout(_PATIENCE_MS)
            if not moved.triggered and not run.is_moving:
                return False
        return run.has_acted(node, actions, found)
