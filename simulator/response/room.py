"""The room: what everybody working on incidents shares: people, paging, roles, vendors, and the way to act.

Nothing here reads the estate: acting and looking are commands, and what comes back is delivered to the case.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

from simulator.kernel import Kernel
from simulator.response.authority import permission
from simulator.response.case import Case
from simulator.response.paging import Call, Pager
from simulator.response.staff import Staff, Urgency
from simulator.sides import EstateSide, Facts, Reach
from timeline.commands import Action, Command, Observation, Outcome, Verdict
from timeline.details import CommandDetail, PageDetail, RoleDetail
from timeline.references import Reference, RefKind, function, person
from topologies.organisation import Organisation


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
    _calling: dict[tuple[str, str], simpy.Event] = field(default_factory=dict)
    _vendors: dict[tuple[str, str], simpy.Event] = field(default_factory=dict)

    # Roles

    def holder(self, case: Case, role: str) -> Generator[simpy.Event, Any, str | None]:
        """Who holds a role in a case; called in first when nobody does.

        When the role's people cannot be reached, whoever responds to the incident takes it on besides.
        """
        if role in case.roles:
            return case.roles[role]
        key = (case.id, role)
        if key not in self._calling:
            self._calling[key] = self.kernel.env.event()
            self.kernel.env.process(self._call_in(case, role, self._calling[key]))
        if not self._calling[key].triggered:
            yield self._calling[key]
        return case.roles.get(role)

    def _call_in(self, case: Case, role: str, called: simpy.Event) -> Generator[simpy.Event, Any, None]:
        spec = self.organisation.roles[role]
        answer = None
        if spec.policy is not None:
            answer = yield from self.pager.escalate(spec.policy, Call(case.id, f"role-{role}", case.last_event))
        eligible = answer is not None and (not spec.eligible or answer.person in spec.eligible)
        if answer is not None and eligible:
            self.assign(case, role, answer.person, answer.event.seq)
        else:
            missing = self.kernel.emit(
                "role.unfilled",
                Reference(RefKind.ROLE, role),
                case.reference,
                RoleDetail(case.id, role, ""),
                [case.last_event],
            )
            if case.responder is not None:
                self.assign(case, role, case.responder, missing.seq)
        called.succeed()

    def assign(self, case: Case, role: str, who: str, cause: int) -> None:
        """Somebody takes a role, and joins the bridge when it is the first one."""
        first = who not in case.roles.values()
        case.roles[role] = who
        detail = RoleDetail(case.id, role, who)
        event = self.kernel.emit("role.assigned", Reference(RefKind.ROLE, role), person(who), detail, [cause])
        case.knowledge.deliver(event)
        if first:
            self.kernel.emit("bridge.joined", case.reference, person(who), detail, [event.seq])

    # Third parties

    def engage(self, case: Case, vendor: str, caller: str, cause: int) -> Generator[simpy.Event, Any, int]:
        """Waits until a third party has somebody on the case; calls it once, however many wait for it.

        Returns the event that it is there.
        """
        key = (case.id, vendor)
        if key not in self._vendors:
            self._vendors[key] = self.kernel.env.event()
            self.kernel.env.process(self._call_vendor(case, vendor, caller, cause, self._vendors[key]))
        engaged = self._vendors[key]
        if not engaged.triggered:
            yield engaged
        assert isinstance(engaged.value, int)
        return engaged.value

    def _call_vendor(
        self, case: Case, vendor: str, caller: str, cause: int, engaged: simpy.Event
    ) -> Generator[simpy.Event, Any, None]:
        env, streams = self.kernel.env, self.kernel.streams
        contact = next((c for c in self.organisation.external if c.vendor == vendor), None)
        subject = Reference(RefKind.VENDOR, vendor)
        channel_id = contact.channel if contact is not None else ""
        detail = PageDetail(case.id, vendor, channel_id, purpose="third party")
        sent = self.kernel.emit("page.sent", subject, person(caller), detail, [cause])
        occasion = f"{case.id}/{vendor}"
        if contact is not None:
            channel = self.organisation.channels[contact.channel]
            attempt = 1
            while not self.reach.channel_works(contact.channel) or streams.chance(
                channel.failure, f"channel/{channel_id}", "fails", f"{occasion}/{attempt}"
            ):
                sent = self.kernel.emit("page.failed", subject, person(caller), detail, [sent.seq])
                yield env.timeout(
                    max(
                        streams.draw(channel.latency, f"channel/{channel_id}", "again", f"{occasion}/{attempt}"), 60_000
                    )
                )
                attempt += 1
            yield env.timeout(streams.draw(channel.latency, f"channel/{channel_id}", "latency", occasion))
        yield env.timeout(streams.draw(self.facts.vendors[vendor].response, f"vendor/{vendor}", "response", occasion))
        there = self.kernel.emit(
            "page.acknowledged", subject, subject, detail, [sent.seq], rests_on=(f"estate.vendors.{vendor}.response",)
        )
        case.knowledge.deliver(there)
        engaged.succeed(there.seq)

    # Looking and acting

    def inspect(self, id: str, who: str, cause: int) -> Observation | None:
        """What a look shows now; None where there is nothing to look at."""
        if id not in self.facts.possible:
            return None
        target = Reference(RefKind.COMPONENT, id)
        done = self.estate.submit(Command(Action.INSPECT, target, person(who), cause))
        assert isinstance(done.value, Outcome)
        return done.value.observation

    def look_at_functions(self, case: Case, who: str, cause: int) -> None:
        """Whether the business functions work, judged by what directly supports them."""
        for id, spec in self.facts.functions.items():
            level = 1.0
            for support, edge in spec.supported_by.items():
                seen = self.inspect(support, who, cause)
                if seen is None:
                    continue
                case.knowledge.believe(Reference(RefKind.COMPONENT, support), seen.state)
                lost = {"up": 0.0, "degraded": 0.3, "down": 1.0}[seen.state]
                level *= 1 - lost if edge.type == "hard" else 1 - (edge.degradation or 0.0) * lost
            minimum = spec.minimum_level if spec.minimum_level is not None else 0.01
            state = "up" if level > 0.99 else "degraded" if level >= minimum else "down"
            if case.knowledge.known_state(function(id)) != state:
                case.learn_function(id, state)

    def act(
        self, case: Case, action: Action, target: str, who: str, cause: int, occasion: str
    ) -> Generator[simpy.Event, Any, Outcome]:
        """Orders an action, with permission and with the third party that it needs; waits for its end."""
        allowed = yield from permission(self, case, action, target, who, cause, occasion)
        subject = Reference(RefKind.COMPONENT, target)
        if not allowed.granted:
            detail = CommandDetail(action, target, case.id, "refused", allowed.reason)
            refused = self.kernel.emit("command.refused", subject, person(who), detail, [allowed.event])
            case.knowledge.deliver(refused)
            return Outcome(Verdict.REFUSED, refused.seq, allowed.reason)
        because = allowed.event
        vendor = self.facts.vendors_of.get(target)
        if action is Action.REPAIR and vendor is not None:
            because = yield from self.engage(case, vendor, who, because)
        command = Command(action, subject, person(who), because, case.id, occasion)
        outcome: Outcome = yield self.estate.submit(command)
        case.knowledge.deliver(self.kernel.timeline[outcome.event])
        if (seen := self.inspect(target, who, outcome.event)) is not None:
            case.knowledge.believe(subject, seen.state)
        return outcome

    def verify(self, case: Case, who: str, cause: int, occasion: str) -> Generator[simpy.Event, Any, bool]:
        """Takes the time to see whether every business function is back."""
        working = self.organisation.working
        takes = self.kernel.streams.draw(working.verification, f"person/{who}", "verifies", occasion)
        yield from self.staff.work(who, takes, Urgency.TASK)
        self.look_at_functions(case, who, cause)
        return not case.impacts
