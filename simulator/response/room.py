"""The room: what everybody working on incidents shares: people, paging, roles, vendors, and the way to look and act.

Nothing here reads the estate: looking and acting are commands, and what comes back is delivered to the case.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import networkx as nx
import simpy

from scenarios.models import TaskCommand
from simulator.kernel import Kernel
from simulator.response.authority import permission
from simulator.response.case import Case
from simulator.response.paging import Pager
from simulator.response.restoring import DataKnowledge, restore_order
from simulator.response.roles import Roles
from simulator.response.staff import Staff
from simulator.response.vendors import Vendors
from simulator.sides import EstateSide, Facts, Reach
from timeline.commands import Action, Command, Observation, Outcome, Verdict
from timeline.details import CommandDetail
from timeline.references import Reference, RefKind, component, function, person, site
from topologies.organisation import Organisation

if TYPE_CHECKING:
    from simulator.response.communication import Communications
    from simulator.response.playbook import PlaybookRun


@dataclass(eq=False)
class Room:
    """Shared by all cases of one exercise."""

    kernel: Kernel
    organisation: Organisation
    facts: Facts
    estate: EstateSide
    reach: Reach
    staff: Staff
    pager: Pager
    roles: Roles
    vendors: Vendors
    validating: simpy.Resource
    """Held by whoever validates the impact of an incident."""
    communications: Communications = field(init=False)
    """What is told to whom; set by whoever opens the room, as it speaks of what happens in there."""
    playbook_run: PlaybookRun | None = None
    """The last one that was begun, for whatever incident."""
    _needs: dict[str, frozenset[str]] = field(default_factory=dict)

    def node(self, subject: Reference) -> str:
        """The node of the documented graph behind a name on the timeline."""
        return str(subject) if subject.kind is RefKind.FUNCTION else subject.id

    def reference(self, node: str) -> Reference:
        """How a node of the documented graph is named on the timeline."""
        if node.startswith("function:"):
            return Reference.parse(node)
        is_place = node in self.facts.sites.values() or node in self.facts.workplaces
        return site(node) if is_place else component(node)

    def inspect(self, case: Case, node: str, who: str, cause: int) -> Observation | None:
        """What a look shows now, known to the case from then on; None where there is nothing to look at."""
        if node not in self.facts.graph:
            return None
        target = self.reference(node)
        done = self.estate.submit(Command(Action.INSPECT, target, person(who), cause, case.id))
        assert isinstance(done.value, Outcome)
        seen = done.value.observation
        if seen is not None:
            if seen.level_ratio is not None:
                case.levels[target] = seen.level_ratio
            case.knowledge.believe(target, seen.state)
            if seen.data is not None:
                case.look_at_data(seen.data, seen)
        return seen

    def look_at_functions(self, case: Case, who: str, cause: int) -> None:
        """Whether the business functions that the case may concern work, each tried as its users would."""
        for id in self.facts.functions:
            if not self._may_concern(case, str(function(id))):
                continue
            seen = self.inspect(case, str(function(id)), who, cause)
            if seen is not None:
                case.learn_function(id, seen.state)

    def _may_concern(self, case: Case, node: str) -> bool:
        """Whether a function stands, by the documentation, on anything that the case points at."""
        return not case.symptoms or not self.needs(node).isdisjoint(case.symptoms)

    def needs(self, node: str) -> frozenset[str]:
        """A node and all that it depends on by the documentation, the workplaces of a function's people included."""
        if node not in self._needs:
            below = nx.descendants(self.facts.graph, node) if node in self.facts.graph else set[str]()
            places = {place for place, ids in self.facts.workplaces.items() if node in map(str, map(function, ids))}
            self._needs[node] = frozenset({node, *below, *places})
        return self._needs[node]

    def act(
        self,
        case: Case,
        action: Action,
        target: str,
        who: str,
        cause: int,
        occasion: str,
        task: TaskCommand | None = None,
    ) -> Generator[simpy.Event, Any, Outcome]:
        """Orders an action, with permission and with the third party that it needs; waits for its end.

        `task` says how, where a playbook has it done.
        """
        allowed = yield from permission(self, case, action, target, who, cause, occasion)
        subject = self.reference(target)
        if not allowed.granted:
            detail = CommandDetail(action, target, case.id, "refused", allowed.reason)
            refused = self.kernel.emit("command.refused", subject, person(who), detail, [allowed.event])
            case.knowledge.deliver(refused)
            return Outcome(Verdict.REFUSED, refused.seq, allowed.reason)
        because = allowed.event
        vendor = self.facts.parties.get((target, action))
        if action is Action.REPAIR and vendor is None:
            vendor = self.facts.vendors_of.get(target)
        if vendor is not None:
            there = yield from self.vendors.engage(case, vendor, who, because)
            if there is None:
                return Outcome(Verdict.FAILED, because, f"{vendor} could not be reached")
            because = there
        command = self._command(case, Command(action, subject, person(who), because, case.id, occasion), task)
        if isinstance(command, str):
            return Outcome(Verdict.FAILED, because, command)
        outcome: Outcome = yield self.estate.submit(command)
        for event in (*outcome.told, outcome.event):
            case.knowledge.deliver(self.kernel.timeline[event])
        if outcome.finding is not None:
            case.learn_of_data(outcome.finding)
        self.inspect(case, target, who, outcome.event)
        if outcome.verdict is Verdict.COMPLETED:
            case.last_action = (outcome.event,)
        case.stir()
        return outcome

    def _command(self, case: Case, command: Command, task: TaskCommand | None) -> Command | str:
        """The command with the choices that are made when it is given; in words why there is none to give."""
        policy, target = self.organisation.recovery, command.target.id
        if command.action is Action.WORKAROUND:
            planned = task.rollback_plan if task is not None else None
            return replace(command, has_rollback_plan=policy.rollback_plans if planned is None else planned)
        if command.action is not Action.RESTORE:
            return command
        who = command.actor.id
        self.inspect(case, target, who, command.cause)
        known = case.data.setdefault(target, DataKnowledge())
        if task is None and not known.corrupt:
            return f"the data of {target} are no longer wrong"
        order = restore_order(task.restore if task else None, policy, known, case.knowledge, self.kernel.now())
        return "no copy is left to try" if order is None else replace(command, restore=order)
