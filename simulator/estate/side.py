"""The modelled estate: one side of an exercise.

Whatever happens to it (a fault, a command that is done, an hour of more demand) comes down to `change`: settle the
graph from the nodes that were touched, put what moved on the timeline with its causes, read the instruments, follow
the business functions, and tell whoever watches the signals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from zoneinfo import ZoneInfo

import networkx as nx
import simpy

from scenarios.models import ScenarioFault
from simulator.estate.backlog import Backlogs
from simulator.estate.continuity import Continuity
from simulator.estate.data import DataSets
from simulator.estate.demand import KNOT_MS, demand_rps
from simulator.estate.fallback import Fallbacks
from simulator.estate.faulting import Faulting, expiries
from simulator.estate.faults import ActiveFault, ActiveFaults
from simulator.estate.flows.dynamics import Flows
from simulator.estate.graph import FUNCTION_PREFIX, CompiledEstate, Edge, Node, Role, compile_estate, reference
from simulator.estate.health import SERVING, WHOLE, Settling, call_rate, served_share, works
from simulator.estate.instruments import Instruments
from simulator.estate.journeys import Journeys
from simulator.estate.partition import Partitions
from simulator.estate.passages import Passages
from simulator.estate.recovery import Recovery, health_state
from simulator.estate.replication import Replication
from simulator.estate.starting import StartUps
from simulator.estate.undone_work import UndoneWork
from simulator.estate.workplaces import Workplaces
from simulator.kernel import Kernel
from simulator.sides import Disturbance
from simulator.signals import SignalBoard
from timeline.commands import Action, Command
from timeline.details import DataLossDetail, HealthDetail
from timeline.events import Event
from timeline.instants import MINUTE, SECOND
from timeline.references import ESTATE, function
from topologies.estate import ComponentKind, Estate
from topologies.journeys import journey_targets

_LOOK_BACK_MS = 15 * MINUTE
_LOSS_OF = {Action.FAIL_OVER: "replication.lag", Action.FAIL_BACK: "fail_back.loss"}
"""The parameter that the loss of a switch rests on."""
_LEVEL_STEP = 0.1
"""A move of this much within one state is an event too."""


class ModelledEstate:
    """Takes faults and commands, gives signals, health, disruption of functions and users' reports."""

    def __init__(
        self,
        kernel: Kernel,
        estate: Estate,
        board: SignalBoard,
        on_change: Callable[[], None],
        on_report: Callable[[Event, str], None],
        on_closed: Callable[[Event, str], None],
        *,
        until_ms: int,
    ) -> None:
        self.kernel = kernel
        self.model = estate
        self.compiled: CompiledEstate = compile_estate(estate)
        self.faults = ActiveFaults()
        self._until_ms = until_ms
        self._timezone = ZoneInfo(estate.timezone)
        self._on_change = on_change
        self.passages = Passages(self.faults)
        self.starts = StartUps(self)
        self.faulting = Faulting(self)
        self._settling = Settling(self.faults.effects, self._loss_ahead, self._power_is_back, self.passages)
        self._flows = Flows(kernel, self.compiled, self._settling, self.faults.effects, self)
        self.data = DataSets(self)
        self.completed: set[tuple[Action, str]] = set()
        """Actions that were done, with their targets: prerequisites of others."""
        self._recovery = Recovery(self)
        self._backlogs = Backlogs(kernel, self._arriving, self.faults.effects, self._backlog_passed)
        self._instruments = Instruments(
            board, self.faults.aged_effects, self._backlogs.of, self.passages.reach_from_outside, self._expiries()
        )
        self._journeys = Journeys(board, self.compiled, journey_targets(estate))
        self._replication = Replication(self, self.faults, self._instruments)
        self.workplaces = Workplaces(kernel, estate, self._faults_at, self.serving, self._moved, on_closed)
        self.fallbacks = Fallbacks(
            kernel, estate.functions, self.workplaces.present, self.workplaces.is_open, self._moved
        )
        functions = {n.id.removeprefix(FUNCTION_PREFIX): n for n in self.compiled.nodes.values() if n.is_function}
        self._continuity = Continuity(kernel, functions, self._timezone, on_report, self.function_level)
        self._undone = UndoneWork(
            kernel, estate.functions, self._timezone, self.function_level, self._cause_of_function
        )
        self._order = _dependencies_first(self.compiled)
        self._reported: dict[str, tuple[str, float, int | None]] = {}
        self._trigger: int | None = None
        self._next_knot_ms = until_ms

    # What the exercise asks of it

    def start(self) -> None:
        """Brings demand and every node to their usual state, without a word on the timeline."""
        self._set_demand()
        nodes = list(self.compiled.nodes.values())
        self._flows.settle(nodes)
        self._flows.start()
        for node in nodes:
            level = served_share(node)
            self._reported[node.id] = (health_state(level), level, None)
            for edge in node.needs:
                edge.baseline_rps = call_rate(edge)
        self._instruments.start(nodes)
        self._instruments.read(nodes, self.kernel.now(), None)
        self._journeys.read(self.kernel.now(), None)
        for id in self.model.standby_pairs:
            self._replication.start(self.compiled[id])
        for node in nodes:
            self._battery(node, on=False)
        self._flows.follow(nodes, None)
        self._plan_knot()
        self.data.start()
        self.faulting.schedule_expiries(self._until_ms)

    def schedule(self, faults: Mapping[str, ScenarioFault]) -> None:
        """Puts the scenario's faults on the calendar; those of one moment in the order of their ids."""
        for id, spec in sorted(faults.items()):
            self.faulting.schedule(id, spec, f"scenario.faults.{id}")

    def submit(self, command: Command) -> simpy.Event:
        return self._recovery.submit(command)

    def serving(self, id: str) -> bool:
        """Whether a component (pair, group) does its work now: asked by tools that run on it."""
        return served_share(self.compiled[id]) >= SERVING

    def function_level(self, id: str) -> float:
        """What a business function does now: as much as its services and its people allow, or what is done by hand."""
        return max(self._normal_level(id), self.fallbacks.level(id))

    def _normal_level(self, id: str) -> float:
        return min(self.compiled[FUNCTION_PREFIX + id].level, self.workplaces.level(id))

    def next_planned_change(self) -> int:
        """When demand changes next."""
        return self._next_knot_ms

    def last_change(self, id: str) -> int | None:
        """The event of the last change of health of a node, None while nothing has happened to it."""
        return self._reported[id][2]

    def disturbances(self) -> list[Disturbance]:
        """The faults in components that last now."""
        return [
            Disturbance(f.id, node.id, f.kind.log_signature, event)
            for f in self.faults
            if not f.quiet and not f.hidden
            for node, event in f.sits.items()
            if node.component is not None
        ]

    def troubles(self, id: str) -> list[int]:
        """Events that explain what instruments on a node may show.

        The faults in it, and the last change of health of it, of a pair that it is a member of (a standby measures the
        silence of its primary) or of what it hands work to (which piles up), while that is not well or within the
        windows that rules look back.  Of a synthetic user, those of all its steps.
        """
        if (steps := self._journeys.steps(id)) is not None:
            return list(dict.fromkeys(event for step in steps for event in self.troubles(step)))
        node = self.compiled[id]
        events = self.faults.events_on(node)
        consumers = [edge.dependency for edge in node.needs if edge.spec.type == "asynchronous"]
        for near in dict.fromkeys([node, *_pairs_of(node), *consumers]):
            state, _, last = self._reported[near.id]
            recent = last is not None and self.kernel.now() - self.kernel.timeline[last].at_ms <= _LOOK_BACK_MS
            if last is not None and (state != "up" or recent):
                events.append(last)
        return events

    # Faults

    def end_fault(self, active: ActiveFault, ended_by: str, causes: Iterable[int]) -> int:
        """A fault is over; the event of that.  Whoever ends it lets the estate change."""
        ended, _ = self.faulting.end(active, ended_by, causes)
        return ended

    # Commands that are done

    def apply(self, action: Action, node: Node, event: int) -> None:
        """The lasting effect of a completed action."""
        trigger, touched = self.faulting.clear(action, node, event)
        if action in (Action.FAIL_OVER, Action.FAIL_BACK):
            self._switch(node, event, action)
        elif action is Action.FENCE:
            self.faults.hold(self.data.active(node), self.kernel.now())
            touched.append(self.data.active(node))
        elif action in (Action.RESTART, Action.ROLL_BACK):
            self.faults.release(node)
            self.faults.end_workaround(node)
            if action is Action.RESTART:
                self._flows.restarted(node)
                self.starts.restart(node, trigger)
        elif action is Action.SCALE_OUT:
            assert node.component is not None
            node.extra_replicas += node.component.replicas.needed
        elif action is Action.COLD_START:
            self.starts.cold_start(node)
        elif action is Action.RELOCATE:
            self.workplaces.relocate(node.id, event)
        elif action is Action.START_FALLBACK:
            trigger = self.fallbacks.start(node.id.removeprefix(FUNCTION_PREFIX), event)
        self.change([node, *touched], trigger)
        if action is Action.SHED_LOAD:
            self._flows.shed(node, event)

    @property
    def partitions(self) -> Partitions:
        return self._replication.partitions

    def standby_of(self, node: Node) -> Node | None:
        """The member of a pair that is not active."""
        return next((e.dependency for e in node.needs if e.dependency.id != node.active), None)

    def _switch(self, node: Node, event: int, action: Action) -> None:
        """The standby becomes active; what had not been replicated when the primary was lost is lost."""
        assert node.pair is not None
        former, partitions = self.compiled[node.active], self._replication.partitions
        lost_ms = self._replication.switch(node, event)
        if partitions.took_over(node, former, event):
            return
        lost_ms += partitions.unheard_ms(node, former)
        if action is Action.FAIL_BACK and node.pair.fail_back is not None:
            occasion = f"{former.id}-{event}"
            lost_ms = self.kernel.streams.draw(node.pair.fail_back.loss, f"pair/{node.id}", "fail-back-loss", occasion)
        if lost_ms <= 0:
            return
        rests_on = (f"estate.standby_pairs.{node.id}.{_LOSS_OF[action]}",)
        if node.pair.data is not None:
            now = self.kernel.now()
            self.data.lose(node, (now - lost_ms, now), event, rests_on)
            self.data.measure_consistency(node, event)
            return
        tps = node.pair.transactions_per_s
        detail = DataLossDetail(node.id, lost_ms, None if tps is None else round(tps * lost_ms / SECOND, 1))
        for id in self.functions_on(node):
            self.kernel.emit("data.lost", function(id), ESTATE, detail, [event], rests_on=rests_on)

    def functions_on(self, node: Node) -> list[str]:
        """Business functions that cannot do without a node, in the order of the file."""
        reached, frontier = {node.id}, [node]
        while frontier:
            for edge in frontier.pop().needed_by:
                if edge.spec.type == "hard" and edge.dependent.id not in reached:
                    reached.add(edge.dependent.id)
                    frontier.append(edge.dependent)
        return [id for id in self.model.functions if FUNCTION_PREFIX + id in reached]

    # The one way in which anything changes

    def change(self, nodes: Iterable[Node], trigger: int | None) -> None:
        """Settles from `nodes` and what they call, because of event `trigger`, and lets the world know what moved."""
        self._trigger = trigger
        touched = [near for node in nodes for near in (node, *(edge.dependency for edge in node.needs))]
        if self.passages.any():
            touched += self.feel_ways()
        self.tell(self._flows.settle(touched), trigger)

    def tell(self, reached: Iterable[Node], trigger: int | None) -> None:
        """Puts on the timeline and the board what has moved, because of event `trigger`."""
        reached = list(reached)
        self.starts.follow(trigger)
        self._backlogs.follow(reached)
        for node in sorted(reached, key=self._order.__getitem__):
            self._announce(node, trigger)
        self._instruments.read(reached, self.kernel.now(), trigger)
        self._journeys.read(self.kernel.now(), trigger)
        for pair in dict.fromkeys(pair for node in reached for pair in self._pairs_to_follow(node)):
            self._replication.follow(pair, trigger)
        for node in reached:
            self.data.follow(node)
        self._moved(trigger)
        self._flows.follow(reached, trigger)
        self._on_change()

    def _moved(self, trigger: int | None) -> None:
        """People or functions may have moved: nothing that instruments could show."""
        self.workplaces.follow(trigger)
        self.fallbacks.follow(self._normal_level, trigger)
        self._continuity.follow(lambda node: self._cause_of_level(node, trigger))
        self._undone.follow()

    def _faults_at(self, id: str) -> list[ActiveFault]:
        """Those on a place; who is away because of his team may usually work anywhere."""
        of_teams = [fault for fault in self.faults.of_people() if not fault.sits and not fault.quiet]
        return [*self.faults.on(self.compiled[id]), *of_teams]

    def _pairs_to_follow(self, node: Node) -> list[Node]:
        return [*_pairs_of(node), *self._replication.partitions.pairs_over(node)]

    def feel_ways(self) -> list[Node]:
        """Lets every node feel what calls suffer on their way now; nodes for which anything is different."""
        return self._settling.feel_anew(edge for node in self.compiled.nodes.values() for edge in node.needs)

    def _expiries(self) -> dict[str, int]:
        """When the certificate of a component ends (ms): the first one, if it shares several."""
        ends = [(ms, member) for id, ms in expiries(self).items() for member in self.model.shared_fate[id].members]
        return {member: ms for ms, member in sorted(ends, reverse=True)}

    def _cause_of_level(self, node: Node, trigger: int | None) -> int | None:
        """The last event of its services, its people or its fallback; what has just happened when there was none."""
        last = self._cause_of_function(node.id.removeprefix(FUNCTION_PREFIX))
        return trigger if last is None else last

    def _cause_of_function(self, id: str) -> int | None:
        events = (
            self._reported[FUNCTION_PREFIX + id][2],
            self.workplaces.cause(id),
            self.fallbacks.cause(id),
        )
        return max((event for event in events if event is not None), default=None)

    def _announce(self, node: Node, trigger: int | None) -> None:
        """Puts a change of health on the timeline when it is one."""
        state, level, _ = self._reported[node.id]
        now_level = served_share(node)
        now_state = health_state(now_level)
        if now_state == state and abs(now_level - level) < _LEVEL_STEP:
            return
        causes = self._causes(node, trigger)
        reason = self._reason(node)
        detail = HealthDetail(now_state, round(now_level, 4), reason)
        event = self.kernel.emit("signal.health_changed", reference(node), ESTATE, detail, causes).seq
        self._reported[node.id] = (now_state, now_level, event)

    def _causes(self, node: Node, trigger: int | None) -> list[int]:
        """The faults in it, the dependencies that hurt it, what has just changed, and callers that overload it."""
        causes = self.faults.events_on(node)
        for edge in node.needs:
            last = self._reported[edge.dependency.id][2]
            carries = node.role is not Role.PAIR or edge.dependency.id == node.active
            hurts = carries and node.level < WHOLE and works(edge) < WHOLE
            if last is not None and (hurts or last > (trigger or 0)):
                causes.append(last)
        if trigger is not None and not any(c >= trigger for c in causes):
            causes.append(trigger)
        if not causes:
            callers = self._recovery.observe(node.id).suffers_from
            causes = [event for id in callers for event in self.faults.events_on(self.compiled[id])]
        return causes

    def _reason(self, node: Node) -> str:
        observation = self._recovery.observe(node.id)
        if node.starting:
            waits_for = self.starts.waits_for(node)
            return f"waits for {', '.join(waits_for)} to start" if waits_for else "starting up"
        if observation.own_fault:
            return observation.own_fault
        return f"because of {', '.join(observation.suffers_from)}" if observation.suffers_from else ""

    # Delays of their own

    def _loss_ahead(self, edge: Edge) -> None:
        """A loss that is felt only after a while: a battery, a cache, a time-out."""
        if edge.pending:
            return
        edge.pending = self.kernel.now() + 1
        token, trigger = edge.pending, self._trigger
        self._battery(edge.dependent, on=True)
        self.kernel.call_at(self.kernel.now() + edge.spec.after, lambda: self._loss_felt(edge, token, trigger))

    def _loss_felt(self, edge: Edge, token: int, trigger: int | None) -> None:
        if edge.pending != token:
            return
        edge.pending = 0
        edge.seen, edge.reach, edge.slowness = self._settling.felt(edge)
        self._battery(edge.dependent, on=False)
        self.change([edge.dependent], self._reported[edge.dependency.id][2] or trigger)

    def _battery(self, node: Node, *, on: bool) -> None:
        """A site whose power is lost lives on its battery: seen by whatever gives it power."""
        if node.role is not Role.SITE:
            return
        for edge in node.needs:
            for source in _power_sources(edge.dependency):
                self._instruments.on_battery(source.id, self.kernel.now(), on, self._trigger)

    def _power_is_back(self, node: Node) -> None:
        self.starts.start(node, self._trigger)

    def _backlog_passed(self, node: Node) -> None:
        """What waits has just become, or ceased to be, enough to be noticed, or is worked off."""
        consumers = [self._reported[e.dependency.id][2] for e in node.needs if e.spec.type == "asynchronous"]
        cause = max((last for last in consumers if last is not None), default=None)
        self.kernel.call_at(self.kernel.now(), lambda: self.change([node], cause))

    def _arriving(self, node: Node) -> float:
        """Requests a second that a node has to do with: of a business function, its demand."""
        if node.function is None:
            return node.load_rps
        demand = node.function.demand
        return 0.0 if demand is None else demand_rps(demand, self.kernel.wall(), self._timezone)

    # Demand

    def _set_demand(self) -> list[Node]:
        """Sets the load from outside for this moment; nodes where it changed."""
        wall = self.kernel.wall()
        totals: dict[str, float] = {}
        for id, spec in self.model.functions.items():
            if spec.demand is not None:
                rps = demand_rps(spec.demand, wall, self._timezone)
                totals[spec.demand.entry] = totals.get(spec.demand.entry, 0.0) + rps
                self.compiled[FUNCTION_PREFIX + id].external_rps = rps
        changed = []
        for id, rps in totals.items():
            if self.compiled[id].external_rps != rps:
                self.compiled[id].external_rps = rps
                changed.append(self.compiled[id])
        return changed

    def _demand_knot(self) -> None:
        self._plan_knot()
        if changed := self._set_demand():
            self.change(changed, None)
            self._rebase_loads()
        self._continuity.listen_by_the_hour()

    def _plan_knot(self) -> None:
        self._next_knot_ms = self.kernel.now() + KNOT_MS
        if self._next_knot_ms <= self._until_ms:
            self.kernel.call_at(self._next_knot_ms, self._demand_knot)

    def _rebase_loads(self) -> None:
        """While all is well, what flows now is what is usual."""
        if all(state == "up" for state, _, _ in self._reported.values()):
            for node in self.compiled.nodes.values():
                for edge in node.needs:
                    edge.baseline_rps = call_rate(edge)


def _pairs_of(node: Node) -> list[Node]:
    """The pair that a node is, or is a member of."""
    return [node] if node.role is Role.PAIR else [e.dependent for e in node.needed_by if e.dependent.role is Role.PAIR]


def _power_sources(node: Node) -> list[Node]:
    """Components of kind power under a node that powers a site."""
    if node.component is not None:
        return [node] if node.component.kind is ComponentKind.POWER else []
    return [source for edge in node.needs for source in _power_sources(edge.dependency)]


def _dependencies_first(compiled: CompiledEstate) -> dict[Node, int]:
    """A position for each node such that what it depends on comes before it; cycles stand together."""
    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_nodes_from(compiled.nodes.values())
    graph.add_edges_from((e.dependent, e.dependency) for n in compiled.nodes.values() for e in n.needs)
    position = {id: i for i, id in enumerate(compiled.nodes)}
    order: dict[Node, int] = {}
    condensed = nx.condensation(graph)

    def members(strong: int) -> list[Node]:
        return sorted(condensed.nodes[strong]["members"], key=lambda n: position[n.id])

    by_file = nx.lexicographical_topological_sort(condensed, key=lambda strong: position[members(strong)[0].id])
    for strong in reversed(list(by_file)):
        for node in members(strong):
            order[node] = len(order)
    return order
