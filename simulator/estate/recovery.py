"""Commands to the estate: what each action takes, needs and changes.

An action is possible where the file gives it a duration.  It is carried out as a process: submitted, then after its
time either done (and its faults are gone) or failed with a reason.  Whether somebody *may* order it was settled
before it came here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import simpy

from simulator.estate.continuity import is_disrupted
from simulator.estate.graph import FUNCTION_PREFIX, Node, Role
from simulator.estate.health import (
    SERVING,
    WHOLE,
    call_rate,
    capacity_limits,
    own_state,
    served_share,
    utilisation,
    works,
)
from simulator.estate.prerequisites import comes_to_nothing, unmet
from simulator.estate.restoring import Attempt, Restoring, Steps
from simulator.estate.traces import Traces
from simulator.estate.workarounds import Workarounds
from timeline.commands import Action, Command, Observation, Outcome, Verdict
from timeline.details import CommandDetail
from timeline.distributions import Distribution
from timeline.references import Reference, RefKind
from topologies.estate import BusinessFunction, Estate
from topologies.recovery import DataSet

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate

_ONE_AT_A_TIME = (Action.RESTORE, Action.REBUILD, Action.WORKAROUND)
"""Actions of which two on the same thing would undo each other."""
_OVERLOADING_CALLER = 1.5
"""A caller whose load over an edge exceeds its usual load this many times is suspected by who inspects."""


def possible_actions(estate: Estate) -> dict[str, frozenset[Action]]:
    """What each component, pair, group and site allows."""
    possible: dict[str, frozenset[Action]] = {}
    for id, component in estate.components.items():
        durations = component.recovery
        possible[id] = frozenset(
            {Action.INSPECT, Action.PRESERVE}
            | {action for action in Action if getattr(durations, action.name.lower(), None) is not None}
            | ({Action.WORKAROUND} if component.workaround else set())
            | _on_data(component.data)
        )
    for id, pair in estate.standby_pairs.items():
        members = (pair.primary, *([pair.standby] if pair.standby else []))
        fenced = all(member in possible and Action.FENCE in possible[member] for member in members)
        possible[id] = frozenset(
            {Action.INSPECT, Action.PRESERVE}
            | ({Action.FAIL_OVER} if pair.standby else set())
            | ({Action.FAIL_BACK} if pair.fail_back else set())
            | ({Action.FENCE} if fenced else set())
            | ({Action.WORKAROUND} if pair.workaround else set())
            | _on_data(pair.data)
        )
    for id in estate.groups:
        possible[id] = frozenset({Action.INSPECT})
    for id, site in estate.sites.items():
        relocate = {Action.RELOCATE} if site.workplace is not None else set()
        possible[id] = frozenset({Action.INSPECT} | ({Action.REPAIR} if site.repair else set()) | relocate)
    for id, function in estate.functions.items():
        if function.fallback is not None:
            possible[FUNCTION_PREFIX + id] = frozenset({Action.INSPECT, Action.START_FALLBACK})
    return possible


def _on_data(data: DataSet | None) -> set[Action]:
    """What a data set allows to be done with it."""
    if data is None:
        return set()
    allowed = {
        Action.RESTORE: data.backups,
        Action.VERIFY: data.check,
        Action.TRACE: data.check and data.check.trace,
        Action.RECONCILE: data.reconciliation,
    }
    return {action for action, means in allowed.items() if means}


def duration_of(action: Action, node: Node) -> Distribution | None:
    """How long an action on a node takes; None when it is not possible there."""
    if node.pair is not None and node.pair.standby and node.pair.fail_over:
        if action is Action.FENCE:
            return next(duration_of(action, e.dependency) for e in node.needs if e.dependency.id == node.active)
        return node.pair.fail_over.takes if action is Action.FAIL_OVER else None
    if node.site is not None:
        if action is Action.RELOCATE:
            return node.site.workplace.notice if node.site.workplace is not None else None
        return node.site.repair if action is Action.REPAIR else None
    if node.function is not None:
        fallback = node.function.fallback
        return fallback.set_up if action is Action.START_FALLBACK and fallback is not None else None
    if node.component is not None:
        found: Distribution | None = getattr(node.component.recovery, action.name.lower(), None)
        return found
    return None


class Recovery:
    """Carries out commands on the modelled estate."""

    def __init__(self, estate: ModelledEstate) -> None:
        self._estate = estate
        self._kernel = estate.kernel
        restoring = Restoring(estate, estate.data)
        self._procedures: Mapping[Action, Callable[[Command, Node, Attempt], Steps]] = {
            Action.RESTORE: restoring.restore,
            Action.VERIFY: restoring.verify,
            Action.TRACE: restoring.trace,
            Action.RECONCILE: restoring.reconcile,
            Action.REBUILD: restoring.rebuild,
            Action.WORKAROUND: Workarounds(estate, estate.data).apply,
            Action.PRESERVE: _at_once,
        }
        self._traces = Traces(estate)
        self._possible = possible_actions(estate.model)
        self._under_way: set[str] = set()
        """What is being restored, rebuilt or worked around now."""

    def submit(self, command: Command) -> simpy.Event:
        """An event that fires with the `Outcome`."""
        if command.action is Action.INSPECT:
            observation = self.observe(_node_of(command.target))
            return self._answer(Outcome(Verdict.COMPLETED, command.cause, observation=observation))
        return self._kernel.env.process(self._carry_out(command))

    def _answer(self, outcome: Outcome) -> simpy.Event:
        done = self._kernel.env.event()
        done.succeed(outcome)
        return done

    def _carry_out(self, command: Command) -> Generator[simpy.Event, Any, Outcome]:
        node = self._estate.compiled[_node_of(command.target)]
        submitted = self._emit("command.submitted", command, [command.cause])
        if command.action not in self._possible.get(node.id, ()):
            return self._end(command, submitted, Verdict.REFUSED, f"{command.action} is not possible on {node.id}")
        if missing := unmet(self._estate, command, node):
            return self._end(command, submitted, Verdict.REFUSED, missing)
        attempt = Attempt(submitted, [], rests_on=self._parameter(command))
        if command.action in _ONE_AT_A_TIME:
            if node.id in self._under_way:
                return self._end(command, submitted, Verdict.REFUSED, f"somebody is at work on {node.id} already")
            self._under_way.add(node.id)
        traces = self._traces.on(node)
        yield from self._procedures.get(command.action, self._simple)(command, node, attempt)
        if command.action in _ONE_AT_A_TIME:
            self._under_way.discard(node.id)
        verdict = Verdict.FAILED if attempt.reason else Verdict.COMPLETED
        ended = self._end(command, attempt.last, verdict, attempt.reason, attempt.rests_on)
        if verdict is Verdict.COMPLETED:
            self._estate.completed.add((command.action, node.id))
            self._traces.acted(command.action, traces, ended.event)
            if command.action not in self._procedures:
                self._estate.apply(command.action, node, ended.event)
        return replace(ended, finding=attempt.finding, told=tuple(attempt.told))

    def _simple(self, command: Command, node: Node, attempt: Attempt) -> Steps:
        """An action that only takes its time before it has its effect."""
        action, occasion = command.action, command.occasion
        takes = duration_of(action, node)
        entity = f"{node.role.name.lower()}/{node.id}"
        if action is Action.FAIL_BACK:
            assert node.pair is not None
            assert node.pair.fail_back is not None
            takes, resync = node.pair.fail_back.takes, node.pair.fail_back.resync
            yield self._kernel.env.timeout(self._kernel.streams.draw(resync, entity, "resync", occasion))
        assert takes is not None, "what is possible takes some time"
        yield self._kernel.env.timeout(self._kernel.streams.draw(takes, entity, action, occasion))
        if action is Action.FAIL_OVER:
            yield from self._estate.partitions.fence_former(node, occasion, attempt.last)
        attempt.reason = self._obstacle(action, node)
        if not attempt.reason and comes_to_nothing(self._kernel.streams, command, node):
            attempt.reason = "the attempt came to nothing"

    def _end(self, command: Command, last: int, verdict: Verdict, reason: str, rests_on: str = "") -> Outcome:
        path = rests_on or self._parameter(command)
        event = self._emit(f"command.{verdict}", command, [last], reason, rests_on=(path,))
        return Outcome(verdict, event, reason)

    def _parameter(self, command: Command) -> str:
        """Path of the duration that the end of a command rests on."""
        node = self._estate.compiled[_node_of(command.target)]
        where = {Role.COMPONENT: f"components.{node.id}.recovery", Role.SITE: f"sites.{node.id}"}.get(node.role)
        if command.action is Action.RELOCATE:
            return f"estate.sites.{node.id}.workplace.notice"
        if command.action is Action.START_FALLBACK:
            return f"estate.functions.{command.target.id}.fallback.set_up"
        if where is None:
            way = "fail_back" if command.action is Action.FAIL_BACK else "fail_over"
            return f"estate.standby_pairs.{node.id}.{way}.takes"
        return f"estate.{where}.{command.action}"

    def _emit(
        self, kind: str, command: Command, causes: list[int], reason: str = "", rests_on: tuple[str, ...] = ()
    ) -> int:
        outcome = kind.partition(".")[2] if kind != "command.submitted" else ""
        detail = CommandDetail(command.action, command.target.id, command.incident, outcome, reason)
        return self._kernel.emit(kind, command.target, command.actor, detail, causes, rests_on=rests_on).seq

    def _obstacle(self, action: Action, node: Node) -> str:
        """Why an action comes to nothing, now that its time has passed; empty when nothing stands in its way."""
        if action in (Action.FAIL_OVER, Action.FAIL_BACK):
            standby = self._estate.standby_of(node)
            if standby is None:
                return "there is no other member to fail over to"
            return "" if standby.level >= SERVING else f"{standby.id} is not serving"
        if action is Action.RELOCATE:
            return "people may work there again" if self._estate.workplaces.is_open(node.id) else ""
        if action is Action.START_FALLBACK:
            return self._estate.fallbacks.obstacle(node.id.removeprefix(FUNCTION_PREFIX))
        if action not in (Action.REPAIR, Action.FENCE) and node.role is Role.COMPONENT:
            dark = [e.dependency.id for e in node.needs if e.dependency.role is Role.SITE and e.seen < SERVING]
            if dark:
                return f"{dark[0]} is out of service"
        if node.component is not None and action is not Action.COLD_START:
            tools = [id for id in node.component.recovery.needs if not self._estate.serving(id)]
            if tools:
                return f"{tools[0]}, which is needed for that, is not serving"
        return ""

    def observe(self, id: str) -> Observation:
        """What a competent look at a node shows."""
        node = self._estate.compiled[id]
        faults = [fault for fault in self._estate.faults.on(node) if not fault.hidden]
        suffers = [e.dependency.id for e in node.needs if e.spec.type in ("hard", "soft") and works(e) < WHOLE]
        if node.role is Role.PAIR:
            suffers = [s for s in suffers if s == node.active]
        suffers += [id for e in node.needs if e.reach < WHOLE for id in self._estate.passages.cutting(e)]
        suffers += [*self._estate.faults.behind(node), *self._estate.starts.waits_for(node)]
        own = own_state(node, self._estate.faults.effects(node))
        level = served_share(node)
        overloaded = capacity_limits(node, own)[0] < WHOLE or level < WHOLE <= node.level
        if not suffers and own.alive and overloaded:
            suffers += self._overloading_callers(node)
        holder = self._estate.data.holder_of(node)
        return Observation(
            state=self._state(node, level),
            own_fault=min(faults, key=lambda fault: not fault.effect.denied).kind.id if faults else None,
            suffers_from=tuple(dict.fromkeys(suffers)),
            data=None if holder is None else holder.id,
            data_corrupt=holder is not None and self._estate.data.plain(holder),
            copies=() if holder is None else self._estate.data.catalogue(holder),
            utilisation=utilisation(node, own),
            level_ratio=self._function_level(node) if node.function is not None else None,
        )

    def _state(self, node: Node, level: float) -> str:
        """As whoever needs it would put it: a workplace that nobody may enter is down, a function as a whole counts."""
        if node.function is not None:
            return service_state(node.function, self._function_level(node))
        return health_state(level) if self._estate.workplaces.is_open(node.id) else "down"

    def _function_level(self, node: Node) -> float:
        return self._estate.function_level(node.id.removeprefix(FUNCTION_PREFIX))

    def _overloading_callers(self, node: Node) -> list[str]:
        found: list[str] = []
        for edge in node.needed_by:
            if call_rate(edge) > _OVERLOADING_CALLER * max(edge.baseline_rps, 1e-9):
                caller = edge.dependent
                through = caller.role in (Role.PAIR, Role.GROUP)
                found += self._overloading_callers(caller) if through else [caller.id]
        return found


def _at_once(*_: object) -> Steps:
    """What takes only the time of the people who do it."""
    return
    yield


def health_state(level: float) -> str:
    """`up`, `degraded` or `down`."""
    if level >= WHOLE:
        return "up"
    return "degraded" if level >= SERVING else "down"


def service_state(function: BusinessFunction, level: float) -> str:
    """State of a business function as its users would put it: `down` below its minimum level (MBCO)."""
    if is_disrupted(function, level):
        return "down"
    return "up" if level >= WHOLE else "degraded"


def _node_of(target: Reference) -> str:
    """Business functions have ids of their own."""
    return FUNCTION_PREFIX + target.id if target.kind is RefKind.FUNCTION else target.id
