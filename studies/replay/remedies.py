"""How an incident of a pair is ended: the runbook's action, how long it takes, whose word it needs.

An action is the first of the runbook that the target allows and that somebody may order.  Members of the owning team
order what their authority covers; what roles may order is ordered at once (in an exercise they are filled by then);
whatever else has an approver waits for the decision.  A third party that repairs is called first.
"""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.faults import FAULTS
from simulator.estate.graph import Node, compile_estate
from simulator.estate.recovery import duration_of
from simulator.response.authority import rule_for
from simulator.sides import Facts
from studies.replay.incidents import Pair
from timeline.commands import Action
from timeline.distributions import Distribution
from topologies.estate import Estate
from topologies.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Remedy:
    """What ends the incidents of a pair, step by step; a step that is not there takes no time."""

    action: Action
    entity: str
    """Names the random stream of the duration, as the estate names it."""
    takes: Distribution
    decision: Distribution | None
    approver: str | None
    vendor: str | None
    response: Distribution | None
    start_up: Distribution | None

    @property
    def leaves_people_free(self) -> bool:
        """Work of a third party or on a site: long, and nothing to stand by for."""
        return self.action is Action.REPAIR


class Remedies:
    """Answers for one estate and organisation."""

    def __init__(self, estate: Estate, organisation: Organisation, facts: Facts) -> None:
        self._estate = estate
        self._organisation = organisation
        self._facts = facts
        self._nodes = compile_estate(estate)
        self._known: dict[Pair, Remedy | None] = {}

    def of(self, pair: Pair) -> Remedy | None:
        """None where nobody may end it, or nothing is documented that does."""
        if pair not in self._known:
            self._known[pair] = next(
                (found for action in FAULTS[pair.fault].cleared_by if (found := self._by(action, pair)) is not None),
                None,
            )
        return self._known[pair]

    def _by(self, action: Action, pair: Pair) -> Remedy | None:
        node = self._nodes[pair.target]
        takes = duration_of(action, node)
        rule = rule_for(self._organisation.authority, action)
        if takes is None or rule is None:
            return None
        owner = self._facts.owners.get(pair.target)
        free = owner in rule.teams or bool(rule.roles)
        if not free and rule.approver is None:
            return None
        vendor = self._facts.vendors_of.get(pair.target) if action is Action.REPAIR else None
        return Remedy(
            action=action,
            entity=f"{node.role.name.lower()}/{node.id}",
            takes=takes,
            decision=None if free else rule.decision or self._organisation.working.decision,
            approver=None if free else rule.approver,
            vendor=vendor,
            response=self._facts.vendors[vendor].response if vendor else None,
            start_up=self._start_up(pair, node),
        )

    def _start_up(self, pair: Pair, node: Node) -> Distribution | None:
        kind = FAULTS[pair.fault]
        needed = node.component is not None and kind.effect_of(kind.typical).needs_start_up
        return node.component.recovery.start_up if needed and node.component is not None else None
