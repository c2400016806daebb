"""The room: what everybody working on incidents shares: people, paging, roles, vendors, and the way to look and act.

Nothing here reads the estate: looking and acting are commands, and what comes back is delivered to the case.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import networkx as nx
import simpy

from scenarios.models import TaskCommand
from simulator.kernel import Kernel
from simulator.response.access import Access
from simulator.response.authority import Permission, permission
from simulator.response.bridges import Bridges
from simulator.response.case import Case
from simulator.response.decisions import Decisions
from simulator.response.experience import Experience
from simulator.response.paging import Pager
from simulator.response.restoring import DataKnowledge, restore_order
from simulator.response.roles import Roles
from simulator.response.service_levels import ServiceLevels
from simulator.response.severity import KnownImpact, picture_of
from simulator.response.slips import slip_of
from simulator.response.staff import Staff
from simulator.response.vendors import Vendors
from simulator.sides import EstateSide, Facts, Reach
from timeline.commands import Action, Command, Observation, Outcome, Verdict
from timeline.details import CommandDetail
from timeline.references import Reference, RefKind, component, function, person, site
from timeline.severity import Picture
from topologies.organisation import Organisation

if TYPE_CHECKING:
    from simulator.response.communication import Communications
    from simulator.response.playbook import PlaybookRun
    from simulator.response.security import SecurityWatch


@dataclass(frozen=True, slots=True)
class KnownError:
    """A cause that is known: the kind of fault, and what helped against it, where that is known too."""

    fault: str
    workaround: Action | None = None


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
    bridges: Bridges
    decisions: Decisions
    access: Access
    experience: Experience
    service_levels: ServiceLevels
    validating: simpy.Resource
    """Held by whoever validates the impact of an incident."""
    communications: Communications = field(init=False)
    """What is told to whom; set by whoever opens the room, as it speaks of what happens in there."""
    playbook_run: PlaybookRun | None = None
    """The last one that was begun, for whatever incident."""
    known_errors: dict[str, KnownError] = field(default_factory=dict)
    """Causes that are known and not removed, by the node that they sit in."""
    security: SecurityWatch | None = None
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

    def picture(self, case: Case, impacts: Mapping[str, KnownImpact] | None = None) -> Picture:
        """What suffers, as far as the people on an incident know, or presume where `impacts` are given."""
        return picture_of(
            (case.impacts if impacts is None else impacts).values(),
            self.facts.functions,
            corrupt_data=bool(case.corrupt_data),
            lost_places=case.lost_places,
        )

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
        if self.security is not None:
            yield from self.security.before_recovery(case, action, target)
        subject = self.reference(target)
        if (yield from self.access.admitted(case, who, cause)):
            allowed = yield from permission(self, case, action, target, who, cause, occasion)
        else:
            allowed = Permission(False, cause, f"{who} may not read about this incident")
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
        slipped = slip_of(self, action, target, who, occasion)
        if slipped == target:
            return (yield from self._come_to_nothing(case, action, target, who, because, occasion))
        subject = subject if slipped is None else self.reference(slipped)
        command = self._command(case, Command(action, subject, person(who), because, case.id, occasion), task)
        if isinstance(command, str):
            return Outcome(Verdict.FAILED, because, command)
        outcome: Outcome = yield self.estate.submit(command)
        if slipped is not None:
            outcome = replace(outcome, verdict=Verdict.FAILED, reason=f"it was done to {slipped} by mistake")
        for event in (*outcome.told, outcome.event):
            case.knowledge.deliver(self.kernel.timeline[event])
        if outcome.finding is not None:
            case.learn_of_data(outcome.finding)
        self.inspect(case, target, who, outcome.event)
        if outcome.verdict is Verdict.COMPLETED:
            case.last_action = (outcome.event,)
        case.stir()
        return outcome

    def _come_to_nothing(
        self, case: Case, action: Action, target: str, who: str, cause: int, occasion: str
    ) -> Generator[simpy.Event, Any, Outcome]:
        """A step of an action went wrong; nobody knows before it is noticed."""
        mistakes = self.organisation.working.mistakes
        assert mistakes is not None
        yield self.kernel.env.timeout(
            self.kernel.streams.draw(mistakes.noticed_after, f"person/{who}", "notices-slip", occasion)
        )
        reason = "a step went wrong"
        detail = CommandDetail(action, target, case.id, "failed", reason)
        rests_on = ("organisation.working.mistakes.slip",)
        failed = self.kernel.emit(
            "command.failed", self.reference(target), person(who), detail, [cause], rests_on=rests_on
        )
        case.knowledge.deliver(failed)
        return Outcome(Verdict.FAILED, failed.seq, reason)

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
