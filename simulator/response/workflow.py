"""What the incident workflow does by itself: the actions that triggers of stages and automations share.

An *order* says who asked for an action and why.  An action that goes out over a channel takes its latency and comes to
nothing when the channel does not work; each ends as `trigger.fired` or `automation.acted`, or as `failed` with the
reason.  What it brings about are the usual events: pages, messages, people on the bridge, problems.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import simpy

from simulator.response.case import Case
from simulator.response.paging import Call
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.details import MessageDetail, TaskDetail
from timeline.events import Event
from timeline.references import Reference, RefKind, incident_field, person, task
from timeline.workflow_details import WorkflowDetail
from topologies.workflow import PageAction, TaskAction, WorkflowAction

if TYPE_CHECKING:
    from simulator.response.problems import Problems

_DONE = {"trigger": "fired", "automation": "acted"}
_STATES = {
    "investigating": "we are looking into a disruption",
    "identified": "we have found what is wrong and are working on it",
    "monitoring": "service is back; we keep watching",
    "resolved": "the disruption is over",
}


@dataclass(frozen=True, slots=True)
class Order:
    """`family` is `trigger` or `automation`; `rule` names it, `cause` is the event that set it off."""

    family: str
    rule: str
    actor: Reference
    cause: int
    occasion: str
    """The natural identity of this time, for random streams: incident, rule, and how often before."""
    channel: str | None = None


class Workflow:
    """Carries out the actions of triggers and automations."""

    def __init__(self, room: Room, problems: Problems | None) -> None:
        self._room = room
        self._problems = problems

    def carry_out(self, case: Case, action: WorkflowAction, order: Order) -> Generator[simpy.Event, Any, Event]:
        """Does it; the event that says what became of it."""
        if order.channel is not None:
            works = yield from self._send(order.channel, order.occasion)
            if not works:
                return self.fail(
                    case, action, order, f"{self._room.organisation.channels[order.channel].title} is down"
                )
        case = case.leading
        if reason := self._obstacle(action):
            return self.fail(case, action, order, reason)
        done = self._say(f"{order.family}.{_DONE[order.family]}", case, action, order)
        self._do(case, action, order, done)
        return done

    def fail(self, case: Case, action: WorkflowAction, order: Order, reason: str) -> Event:
        return self._say(f"{order.family}.failed", case, action, order, reason)

    def _say(self, kind: str, case: Case, action: WorkflowAction, order: Order, reason: str = "") -> Event:
        detail = WorkflowDetail(case.id, order.rule, action.name, action.target, action.text, reason)
        event = self._room.kernel.emit(kind, case.reference, order.actor, detail, [order.cause])
        case.knowledge.deliver(event)
        return event

    def _send(self, channel_id: str, occasion: str) -> Generator[simpy.Event, Any, bool]:
        """Whether something sent over a channel arrives, after its latency."""
        room, channel = self._room, self._room.organisation.channels[channel_id]
        entity = f"channel/{channel_id}"
        yield room.kernel.env.timeout(room.kernel.streams.draw(channel.latency, entity, "latency", occasion))
        fails = room.kernel.streams.chance(channel.failure, entity, "fails", occasion)
        return room.reach.channel_works(channel_id) and not fails

    def _obstacle(self, action: WorkflowAction) -> str:
        if action.problem is not None and self._problems is None:
            return "the organisation keeps no problems"
        told = action.notify or action.status_page
        if told is not None:
            channel = self._room.organisation.audiences[told.audience].channel
            if not self._room.reach.channel_works(channel):
                return f"{self._room.organisation.channels[channel].title} does not work"
        return ""

    def _do(self, case: Case, action: WorkflowAction, order: Order, done: Event) -> None:
        room = self._room
        if action.page is not None:
            room.kernel.env.process(self._page(case, action.page, order, done))
        elif action.notify is not None:
            self._tell(case, action.notify.audience, action.notify.text, done)
        elif action.status_page is not None:
            self._tell(case, action.status_page.audience, _STATES[action.status_page.state], done)
        elif action.set_ is not None:
            case.knowledge.believe(incident_field(action.set_.field), action.set_.value)
        elif action.task is not None:
            room.kernel.env.process(self._task(case, action.task, order, done))
        elif action.problem is not None and self._problems is not None:
            self._problems.open_for(case, "asked", done.seq)
        elif action.bridge is not None:
            for who in room.staff.engaged_in(case.id):
                room.roles.join_bridge(case, who, "", done.seq)

    def _page(self, case: Case, page: PageAction, order: Order, done: Event) -> Generator[simpy.Event, Any, None]:
        """Whoever answers joins the bridge of the incident."""
        call = Call(case.id, order.occasion, done.seq)
        answer = yield from self._room.pager.escalate(page.policy, call)
        if answer is not None and case.leading.open:
            self._room.roles.join_bridge(case.leading, answer.person, "", answer.event.seq)

    def _tell(self, case: Case, audience_id: str, text: str, done: Event) -> None:
        channel = self._room.organisation.audiences[audience_id].channel
        message = MessageDetail(channel, "itsm", audience_id, text, case.id, audience_id)
        subject = Reference(RefKind.AUDIENCE, audience_id)
        self._room.kernel.emit("update.sent", subject, done.actor, message, [done.seq])

    def _task(self, case: Case, spec: TaskAction, order: Order, done: Event) -> Generator[simpy.Event, Any, None]:
        kernel, room = self._room.kernel, self._room
        subject = task(order.occasion.replace("/", "."))

        def say(kind: str, who: str | None, cause: int) -> Event:
            detail = TaskDetail(spec.title, case.id, spec.role, who)
            event = kernel.emit(kind, subject, person(who) if who else case.reference, detail, [cause])
            case.knowledge.deliver(event)
            return event

        ready = say("task.ready", None, done.seq)
        who = yield from room.roles.until_held(case, spec.role)
        with room.staff.occupy(who, Urgency.TASK) as turn:
            yield turn
            started = say("task.started", who, ready.seq)
            takes = kernel.streams.draw(spec.takes, f"workflow-task/{order.rule}", "takes", order.occasion)
            yield kernel.env.timeout(takes)
        say("task.completed", who, started.seq)
