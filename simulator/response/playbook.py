"""A playbook in the hands of a room: each task waits for its moment, its person and its permission.

A task is *ready* when the tasks before it are completed and its condition holds for what the responders know; it
*starts* when the holder of its role has a free hand.  It then acts on the estate, takes a decision, calls a third
party, or simply takes its time.  What never became ready by the end is *skipped*.

An incident is not over while a critical task is ready or under way.  A playbook is run once at a time: a major incident
that is declared while it runs for another one shares that run.
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from typing import Any

import simpy

from scenarios.models import DecisionTask, Playbook, PlaybookTaskModel
from simulator.response.case import Case
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.commands import Action, Verdict
from timeline.details import TaskDetail
from timeline.events import Event
from timeline.references import person, task

Step = tuple[str, Action]
"""What is acted on, and how."""


class PlaybookRun:
    """One playbook, run for one case."""

    def __init__(self, room: Room, case: Case, playbook: Playbook) -> None:
        self._room = room
        self._case = case
        self._tasks = playbook.tasks
        self._ready: set[str] = set()
        self._started: set[str] = set()
        self._ended: dict[str, Event] = {}
        self._moved = room.kernel.env.event()

    def start(self, cause: int) -> None:
        for id in self._tasks:
            self._room.kernel.env.process(self._run(id, self._tasks[id], cause))

    def finish(self) -> None:
        """The end of the exercise: what never started was skipped."""
        for id, spec in self._tasks.items():
            if id not in self._started:
                self._emit("task.skipped", id, spec, None, [self._case.last_event], "its moment never came")

    # For whoever might do the same without it

    def moved(self) -> simpy.Event:
        """Fires when the next task becomes ready or ends."""
        return self._moved

    @property
    def is_moving(self) -> bool:
        """Whether some task is ready or under way."""
        return len(self._ready) > len(self._ended)

    @property
    def is_critical_moving(self) -> bool:
        """Whether some critical task is ready or under way."""
        return any(self._tasks[id].critical for id in self._ready if id not in self._ended)

    def will_do(self, steps: Collection[Step]) -> bool:
        """Whether a task that is not over yet does one of these."""
        return any(id not in self._ended for id in self._doing(steps))

    def has_done(self, steps: Collection[Step], since: int) -> bool:
        """Whether a task has done one of these after an event."""
        ended = [self._ended[id] for id in self._doing(steps) if id in self._ended]
        return any(event.kind == "task.completed" and event.seq > since for event in ended)

    def _doing(self, steps: Collection[Step]) -> list[str]:
        return [id for id, t in self._tasks.items() if t.does and (t.does.node, t.does.action) in steps]

    # One task

    def _run(self, id: str, spec: PlaybookTaskModel, cause: int) -> Generator[simpy.Event, Any, None]:
        yield from self._moment(spec)
        causes = [self._ended[before].seq for before in spec.after] or [cause]
        ready = self._emit("task.ready", id, spec, None, causes)
        self._ready.add(id)
        self._move()
        is_begun = False
        while not is_begun:
            who = yield from self._room.roles.until_held(self._case, spec.role)
            with self._room.staff.occupy(who, Urgency.TASK, self._case.rank) as turn:
                yield turn
                # whoever was relieved before he got to it leaves it to the next
                is_begun = self._case.roles[spec.role] == who
                if is_begun:
                    self._started.add(id)
                    started = self._emit("task.started", id, spec, who, [ready.seq])
                    takes = self._room.kernel.streams.draw(spec.takes, f"task/{id}", "takes", self._case.id)
                    yield self._room.kernel.env.timeout(takes)
        self._ended[id] = yield from self._carry_out(id, spec, who, started)
        self._move()

    def _move(self) -> None:
        moved, self._moved = self._moved, self._room.kernel.env.event()
        moved.succeed()

    def _moment(self, spec: PlaybookTaskModel) -> Generator[simpy.Event, Any, None]:
        """Waits until the tasks before are completed and the condition holds."""
        env, knowledge = self._room.kernel.env, self._case.knowledge
        while True:
            done = all(before in self._ended and self._ended[before].kind == "task.completed" for before in spec.after)
            if done and (spec.when is None or spec.when.holds(knowledge, self._room.kernel.now())):
                return
            now = self._room.kernel.now()
            due = [moment for moment in (spec.when.due_ms(knowledge) if spec.when else []) if moment > now]
            yield knowledge.news() | env.timeout(min(due) - now) if due else knowledge.news()

    def _carry_out(
        self, id: str, spec: PlaybookTaskModel, who: str, started: Event
    ) -> Generator[simpy.Event, Any, Event]:
        """What the task is for; the event with which it ends."""
        path = (f"playbook.tasks.{id}.takes",)
        if spec.decides is not None:
            yield from self._room.bridges.gather(self._case, spec.role)
            decided = self._decide(id, spec, spec.decides, who, started.seq)
            return self._emit("task.completed", id, spec, who, [decided.seq], rests_on=path)
        cause, reason = started.seq, ""
        if spec.calls is not None:
            there = yield from self._room.vendors.engage(self._case, spec.calls, who, cause)
            if there is None:
                return self._emit("task.failed", id, spec, who, [cause], f"{spec.calls} could not be reached")
            cause = there
        if spec.does is None:
            return self._emit("task.completed", id, spec, who, [cause], rests_on=path)
        for attempt in range(spec.attempts):
            occasion = f"{self._case.id}/task-{id}/attempt-{attempt}"
            outcome = yield from self._room.act(
                self._case, spec.does.action, spec.does.node, who, cause, occasion, spec.does
            )
            if outcome.verdict is Verdict.COMPLETED:
                return self._emit("task.completed", id, spec, who, [outcome.event], rests_on=path)
            cause, reason = outcome.event, outcome.reason
        return self._emit("task.failed", id, spec, who, [cause], reason)

    def _decide(self, id: str, spec: PlaybookTaskModel, decision: DecisionTask, who: str, cause: int) -> Event:
        """Chooses the first option whose condition holds for what is known.

        What was chosen is known from then on as the state of the task (`known: {subject: task:<id>, state: ...}`).
        """
        now, knowledge = self._room.kernel.now(), self._case.knowledge
        holding = [o for o in decision.options if o.when is None or o.when.holds(knowledge, now)]
        chosen = holding[0] if holding else decision.options[-1]
        known = ", ".join(f"{impact} down" for impact in self._case.impacts) or "no function known to be down"
        event = self._room.decisions.take(
            self._case,
            who,
            spec.role,
            (decision.question, tuple(o.option for o in decision.options), chosen.option),
            known,
            [cause],
            reads=chosen.when,
        )
        self._case.knowledge.believe(task(id), chosen.option)
        return event

    def _emit(
        self,
        kind: str,
        id: str,
        spec: PlaybookTaskModel,
        who: str | None,
        causes: list[int],
        reason: str = "",
        rests_on: tuple[str, ...] = (),
    ) -> Event:
        detail = TaskDetail(spec.title, self._case.id, spec.role, who, spec.critical, spec.expected, reason)
        actor = person(who) if who is not None else self._case.reference
        event = self._room.kernel.emit(kind, task(id), actor, detail, causes, rests_on=rests_on)
        self._case.knowledge.deliver(event)
        return event
