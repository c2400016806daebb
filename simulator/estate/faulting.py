"""The life of a fault: it begins, grows, turns into something worse, comes and goes, spreads, and ends.

Each of these is a process of its own that changes one thing of the `ActiveFault` (its strength, its effect, whether it
is quiet, where it sits) and has it hit anew: what it hits follows from these alone, so they combine as they come.

A target is a component or a site; a shared thing or a vendor, whose members are hit one and all; or people, where
nothing of the estate is hit and the fault stands on the timeline for those who ask who is there.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import simpy

from scenarios.faults import FAULTS, Effect
from scenarios.faults.parameters import Spreading
from scenarios.faults.strength import Intermittent, Onset, at_strength
from scenarios.models import ScenarioFault
from simulator.estate.faults import ActiveFault
from simulator.estate.graph import Node, Role
from simulator.estate.health import SERVING, replica_count
from simulator.estate.instruments import AgedEffect
from timeline.commands import Action
from timeline.details import FaultDetail
from timeline.instants import from_wall
from timeline.references import ESTATE, SCENARIO, fault
from topologies.shared_fate import COPIED, SharedKind, shared_things

if TYPE_CHECKING:
    from simulator.estate.side import ModelledEstate

Process = Generator[simpy.Event, Any, None]


class Faulting:
    """Lets faults happen to the modelled estate."""

    def __init__(self, estate: ModelledEstate) -> None:
        self._estate = estate
        self._kernel = estate.kernel
        self._faults = estate.faults
        self._shared = shared_things(estate.model)

    def schedule(self, id: str, spec: ScenarioFault, rests_on: str) -> None:
        """Puts a fault on the calendar."""
        self._kernel.env.process(self._live(id, spec, rests_on))

    def schedule_expiries(self, until_ms: int) -> None:
        """Certificates that say when they expire do so, if that is within the run."""
        for id, expires_ms in expiries(self._estate).items():
            if expires_ms <= until_ms:
                stated = {"fault": "certificate-expiry", "target": id, "at": f"{expires_ms}ms"}
                spec = ScenarioFault.model_validate(stated)
                self.schedule(f"{id}-expires", spec, f"estate.shared_fate.{id}.expires")

    def clear(self, action: Action, node: Node, event: int) -> tuple[int, list[Node]]:
        """Ends what a completed action ends at a node.

        Gives the event that whatever changes now follows from, and the nodes for which anything is different.
        """
        trigger, touched = event, list[Node]()
        for active in self._faults.cleared_by(action, node):
            if active.copied and len(active.sits) > 1:
                touched += self._mend(active, node, event)
            else:
                trigger, nodes = self.end(active, action, [event])
                touched += nodes
        return trigger, touched

    def show(self, active: ActiveFault, event: int) -> None:
        """What was silent is seen from now on, because of an event."""
        active.hidden = False
        self._hit_anew(active, event)

    def hide(self, active: ActiveFault) -> None:
        """Nobody sees it (again); the caller lets the estate change."""
        active.hidden = True
        self._clear_hits(active)

    # From beginning to end

    def _live(self, id: str, spec: ScenarioFault, rests_on: str) -> Process:
        yield self._kernel.env.timeout(max(spec.at - self._kernel.now(), 0))
        active = self._begin(id, spec, rests_on)
        self._later(self._turn(active) if active.effect.later is not None else None)
        self._later(self._hold(active) if active.held_ms else None)
        self._later(self._grow(active, spec.onset) if spec.onset is not None else None)
        self._later(self._come_and_go(active, spec.intermittent) if spec.intermittent is not None else None)
        if isinstance(active.parameters, Spreading):
            for node in list(active.sits):
                self._later(self._spread(active, active.parameters, node))
        if spec.duration is not None and not active.kind.permanent:
            yield self._kernel.env.timeout(self._kernel.streams.draw(spec.duration, f"fault/{id}", "duration", "once"))
            if active in self._faults:
                ended, touched = self.end(active, "time", [active.event])
                self._estate.change(touched, ended)

    def _later(self, process: Process | None) -> None:
        if process is not None:
            self._kernel.env.process(process)

    def _begin(self, id: str, spec: ScenarioFault, rests_on: str) -> ActiveFault:
        kind = FAULTS[spec.fault]
        parameters = kind.parameters.model_validate(dict(spec.parameters))
        description = spec.description or kind.title
        effect = kind.effect_of(spec.parameters)
        event = self._kernel.emit(
            "fault.started",
            fault(id),
            SCENARIO,
            FaultDetail(
                kind.id,
                spec.target,
                description,
                absent_ratio=getattr(parameters, "share", 1.0) if kind.of_people else None,
                teams=getattr(parameters, "teams", ()) if kind.of_people else (),
                silent=effect.silent,
                malicious=kind.malicious,
            ),
            rests_on=(rests_on,),
        ).seq
        active = ActiveFault(
            id,
            kind,
            spec.target,
            parameters,
            event,
            description,
            effect=effect,
            since_ms=self._kernel.now(),
        )
        active.hidden = active.effect.silent
        if kind.of_people and spec.target not in self._estate.compiled.nodes:
            active.effect = replace(active.effect, absent_teams=(spec.target,))
        if spec.onset is not None:
            active.strength = spec.onset.moments()[0][1]
        self._place(active)
        self._faults.add(active)
        for node, brought in active.sits.items():
            self._estate.data.struck(active, node, brought)
        self._hit_anew(active)
        return active

    def _place(self, active: ActiveFault) -> None:
        nodes = self._estate.compiled.nodes
        if active.target in nodes:
            active.sits[nodes[active.target]] = active.event
        elif (thing := self._shared.get(active.target)) is not None:
            active.copied, active.held_ms = thing.kind in COPIED, thing.after
            for id, membership in thing.members.items():
                active.sits[nodes[id]] = active.event
                if membership.replicas is not None:
                    active.replicas[nodes[id]] = membership.replicas

    def end(self, active: ActiveFault, ended_by: str, causes: Iterable[int]) -> tuple[int, list[Node]]:
        """Its `fault.ended`, and the nodes for which anything is different."""
        stopped = [node for node, aged in active.hits.items() if aged.effect.needs_start_up]
        self._faults.remove(active)
        touched = self._clear_hits(active)
        detail = FaultDetail(active.kind.id, active.target, active.description, ended_by)
        ended = self._kernel.emit("fault.ended", fault(active.id), ESTATE, detail, causes).seq
        for node in stopped:
            self._estate.starts.start(node, ended)
        return ended, touched

    def _mend(self, active: ActiveFault, node: Node, event: int) -> list[Node]:
        """One of several copies is replaced; the fault goes on elsewhere."""
        del active.sits[node]
        aged = active.hits.pop(node, None)
        if aged is not None and aged.effect.needs_start_up:
            self._estate.starts.start(node, event)
        return self._multiply_calls([node])

    # What changes while it lasts

    def _turn(self, active: ActiveFault) -> Process:
        """A fault that becomes another with time: the disk that is full at last."""
        while active.effect.later is not None:
            after_ms, effect = active.effect.later
            yield self._kernel.env.timeout(after_ms)
            if active not in self._faults:
                return
            active.effect, active.since_ms = effect, self._kernel.now()
            self._hit_anew(active)

    def _hold(self, active: ActiveFault) -> Process:
        """Members that go on for a while without what they share."""
        yield self._kernel.env.timeout(active.held_ms)
        if active in self._faults:
            active.held_ms = 0
            self._hit_anew(active)

    def _grow(self, active: ActiveFault, onset: Onset) -> Process:
        begun = self._kernel.now()
        for after_ms, strength in onset.moments()[1:]:
            yield self._kernel.env.timeout(begun + after_ms - self._kernel.now())
            if active not in self._faults:
                return
            active.strength = strength
            self._hit_anew(active)

    def _come_and_go(self, active: ActiveFault, times: Intermittent) -> Process:
        spell = 0
        while True:
            spell += 1
            for name, lasts in (("bad", times.bad), ("good", times.good)):
                active.quiet = name == "good"
                if spell > 1 or active.quiet:
                    self._hit_anew(active)
                draw = self._kernel.streams.draw(lasts, f"fault/{active.id}", name, f"spell-{spell}")
                yield self._kernel.env.timeout(draw)
                if active not in self._faults:
                    return

    def _spread(self, active: ActiveFault, way: Spreading, source: Node) -> Process:
        """From one victim to all that share a credential with it, each after a time of its own."""
        for target in self._sharing_a_credential(source):
            if target not in active.sits:
                self._later(self._hop(active, way, source, target))
        return
        yield

    def _hop(self, active: ActiveFault, way: Spreading, source: Node, target: Node) -> Process:
        occasion = f"{source.id}->{target.id}"
        yield self._kernel.env.timeout(self._kernel.streams.draw(way.hop, f"fault/{active.id}", "hop", occasion))
        if active not in self._faults or source not in active.sits or target in active.sits:
            return
        if not self._can_reach(way, source, target):
            return
        detail = FaultDetail(active.kind.id, target.id, active.description)
        causes = [active.sits[source]]
        active.sits[target] = self._kernel.emit("fault.spread", fault(active.id), ESTATE, detail, causes).seq
        active.copied = True
        self._estate.data.struck(active, target, active.sits[target])
        self._hit_anew(active, active.sits[target])
        yield from self._spread(active, way, target)

    def _sharing_a_credential(self, node: Node) -> list[Node]:
        nodes = self._estate.compiled.nodes
        found = [
            nodes[member]
            for thing in self._credentials()
            if node.id in thing
            for member in thing
            if nodes[member] is not node and nodes[member].component is not None
        ]
        return list(dict.fromkeys(found))

    def _credentials(self) -> list[tuple[str, ...]]:
        """Members of each credential that is valid now."""
        revoked = {f.target for f in self._faults if f.kind.id == "credential-revoked"}
        return [
            tuple(thing.members)
            for id, thing in self._shared.items()
            if thing.kind is SharedKind.CREDENTIAL and id not in revoked
        ]

    def _can_reach(self, way: Spreading, source: Node, target: Node) -> bool:
        site = target.component.site if target.component is not None else None
        if target.id in way.spares or site in way.spares:
            return False
        if not any(source.id in members and target.id in members for members in self._credentials()):
            return False
        dark = site is not None and self._estate.compiled[site].level < SERVING
        stopped = any(effect.down and effect.replicas is None for effect in self._faults.effects(target))
        return not dark and not stopped and self._estate.passages.between(source, target).arrives > 0

    # What it hits

    def _hit_anew(self, active: ActiveFault, cause: int | None = None) -> None:
        """Works out what a fault does now to which node, and lets the estate feel the difference."""
        if active.hidden:
            return
        stopped = [node for node, aged in active.hits.items() if aged.effect.needs_start_up]
        touched = self._clear_hits(active)
        if not active.quiet and not active.held_ms:
            touched += self._set_hits(active)
        event = active.event if cause is None else cause
        for node in stopped:
            if node not in active.hits and node in active.sits:
                self._estate.starts.start(node, event)
        nodes = list(dict.fromkeys([*touched, *active.sits]))
        if nodes or active.kind.of_people:
            self._estate.change(nodes, event)

    def _set_hits(self, active: ActiveFault) -> list[Node]:
        if active.effect.between is not None:
            active.confined = active.effect.for_share(active.strength) if active.strength < 1 else active.effect
            return self._estate.feel_ways()
        for node in self._suffering(active):
            effect = self._effect_on(active, node)
            active.hits[node] = AgedEffect(effect, active.since_ms)
        return self._multiply_calls(active.hits)

    def _clear_hits(self, active: ActiveFault) -> list[Node]:
        if active.confined is not None:
            active.confined = None
            return self._estate.feel_ways()
        hit, active.hits = list(active.hits), {}
        return self._multiply_calls(hit)

    def _effect_on(self, active: ActiveFault, node: Node) -> Effect:
        effect = active.effect
        if node in active.replicas:
            effect = effect.on_replicas(active.replicas[node])
        return at_strength(effect, active.strength, replica_count(node))

    def _suffering(self, active: ActiveFault) -> list[Node]:
        """The nodes that a fault which sits somewhere hits."""
        if not active.kind.inside:
            return list(active.sits)
        sites = {node.id for node in active.sits if node.role is Role.SITE}
        nodes = self._estate.compiled.nodes.values()
        return [node for node in nodes if node.component is not None and node.component.site in sites]

    def _multiply_calls(self, nodes: Iterable[Node]) -> list[Node]:
        """Brings the calls of these nodes in line with the faults that hit them."""
        nodes = list(nodes)
        for node in nodes:
            effects = self._faults.effects(node)
            for edge in node.needs:
                edge.calls_factor = 1.0
                for effect in effects:
                    edge.calls_factor *= effect.calls_factor.get(edge.dependency.id, 1.0)
        return nodes


def expiries(estate: ModelledEstate) -> dict[str, int]:
    """When each certificate that says so expires, by its id."""
    return {
        id: from_wall(thing.expires, estate.kernel.epoch)
        for id, thing in estate.model.shared_fate.items()
        if thing.expires is not None
    }
