"""A playbook in the hands of a room: each task waits for its moment, its person and its permission.

A task is *ready* when the tasks before it are completed, its condition holds for what the responders know, and its
timer has run; it *starts* when whoever does it has a free hand.  It then acts on the estate, takes a decision, calls a
third party, or simply takes its time.  What never became ready by the end is *skipped*.

A task that is repeated is *repeated* with everything back to where its pass begins, until what it is for is known to be
so.  One that failed may lead to another task, be *escalated*, be passed over, or end the playbook.

Whoever does not know a step of the playbook does not think of it: it is skipped, and what comes after it goes on.

An incident is not over while a critical task is ready or under way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterator
from datetime import timedelta
from typing import Any

import simpy

from scenarios.models import DecisionTask, Playbook, PlaybookTaskModel
from scenarios.planned_steps import before_of, steps_of, way_out
from simulator.response.case import Case
from simulator.response.doing import doer_of
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.commands import Action, Verdict
from timeline.details import TaskDetail
from timeline.events import Event
from timeline.instants import from_wall
from timeline.playbooks import PlaybookDetail, between, only_gone_to
from timeline.references import person, task

Step = tuple[str, Action]
"""What is acted on, and how."""
_PASSED_ON = ("task.completed", "task.skipped")


class PlaybookRun:
    """One playbook, run for one case."""

    def __init__(self, room: Room, case: Case, playbook: Playbook) -> None:
        self._room = room
        self._case = case
        self._playbook = playbook
        self._tasks = playbook.tasks
        self._before = before_of(playbook)
        self._passes = {
            id: between(self._before, spec.repeat.from_ or id, id) for id, spec in self._tasks.items() if spec.repeat
        }
        """What each repeated task does again."""
        self._together = [*self._passes.values(), *(between(self._before, to, id) for id, to in self._ways())]
        """Sets of tasks that are done again together."""
        self._gone_to = only_gone_to(self._before, dict(self._ways()))
        self._ready: set[str] = set()
        self._started: set[str] = set()
        self._ended: dict[str, Event] = {}
        """Tasks that are over in the present pass."""
        self._over: dict[str, Event] = {}
        """Tasks that are over, of whatever pass."""
        self._called: dict[str, int] = {}
        """Tasks that a failed one went to, with its failure."""
        self._times: Counter[str] = Counter()
        """How often a task has begun."""
        self._repeats: Counter[str] = Counter()
        self._goes: Counter[str] = Counter()
        self._given_up = False
        self._moved = room.kernel.env.event()

    def start(self, cause: int) -> None:
        detail = PlaybookDetail(self._case.id, self._playbook.title, steps_of(self._playbook))
        self._began = self._tell("playbook.started", detail, cause)
        for id in self._tasks:
            self._begin(id)

    def finish(self) -> None:
        """The end of the exercise: what never started was skipped."""
        for id, spec in self._tasks.items():
            if id not in self._started and id not in self._over:
                self._emit("task.skipped", id, spec, None, [self._case.last_event], "its moment never came")

    # For whoever might do the same without it

    def moved(self) -> simpy.Event:
        """Fires when the next task becomes ready or ends."""
        return self._moved

    @property
    def is_moving(self) -> bool:
        """Whether some task is ready or under way."""
        return any(id not in self._ended for id in self._ready)

    @property
    def is_critical_moving(self) -> bool:
        """Whether some critical task is ready or under way."""
        return any(self._tasks[id].critical for id in self._ready if id not in self._ended)

    def will_do(self, steps: Collection[Step]) -> bool:
        """Whether a task that is not over yet does one of these."""
        return not self._given_up and any(id not in self._ended for id in self._doing(steps))

    def has_done(self, steps: Collection[Step], since: int) -> bool:
        """Whether a task has done one of these after an event."""
        ended = [self._over[id] for id in self._doing(steps) if id in self._over]
        return any(event.kind == "task.completed" and event.seq > since for event in ended)

    def _ways(self) -> Iterator[tuple[str, str]]:
        """Tasks that go to another one when they fail."""
        for id, spec in self._tasks.items():
            if spec.on_failure is not None and spec.on_failure.go_to is not None:
                yield id, spec.on_failure.go_to

    def _doing(self, steps: Collection[Step]) -> list[str]:
        return [id for id, t in self._tasks.items() if t.does and (t.does.node, t.does.action) in steps]

    # One task

    def _begin(self, id: str) -> None:
        self._room.kernel.env.process(self._run(id, self._tasks[id]))

    def _run(self, id: str, spec: PlaybookTaskModel) -> Generator[simpy.Event, Any, None]:
        if not (yield from self._moment(id, spec)):
            return
        if id not in self._called and not self._room.experience.knows_step(self._case, self._playbook.title, id):
            self._end(id, self._emit("task.skipped", id, spec, None, self._causes(spec), "nobody thought of it"))
            return
        ready = self._emit("task.ready", id, spec, None, self._causes(spec, self._called.get(id)))
        self._ready.add(id)
        self._move()
        occasion = self._occasion(id)
        is_begun = False
        while not is_begun:
            who = yield from doer_of(self._room, self._case, id, spec, ready.seq)
            holder = self._case.roles.get(spec.role)
            with self._room.staff.occupy(who, Urgency.TASK, self._case.rank) as turn:
                yield turn
                # A holder of the role who was relieved before he got to it leaves it to the next.
                is_begun = who != holder or self._case.roles.get(spec.role) == who
                if is_begun:
                    yield from self._room.staff.turn_to(who, f"{self._case.id}/task-{id}")
                    self._started.add(id)
                    started = self._emit("task.started", id, spec, who, [ready.seq])
                    takes = self._room.kernel.streams.draw(spec.takes, f"task/{id}", "takes", occasion)
                    yield self._room.kernel.env.timeout(takes)
        ended = yield from self._carry_out(id, spec, who, started)
        if ended.kind == "task.failed" and spec.on_failure is not None and spec.on_failure.escalate is not None:
            ended = yield from self._escalate(id, spec, spec.on_failure.escalate, ended)
        if ended.kind == "task.failed":
            self._fail(id, spec, ended)
        elif ended.kind == "task.repeated":
            yield from self._repeat(id, spec, ended)
        else:
            self._end(id, ended)

    def _occasion(self, id: str) -> str:
        """Names this time of doing a task, for its random draws."""
        self._times[id] += 1
        again = self._times[id] - 1
        return f"{self._case.id}/again-{again}" if again else self._case.id

    def _causes(self, spec: PlaybookTaskModel, called: int | None = None) -> list[int]:
        if called is not None:
            return [called]
        causes = [self._over[b].seq for b in (*spec.after, *spec.after_any) if b in self._over]
        return causes or [self._began]

    def _end(self, id: str, event: Event) -> None:
        self._ended[id] = self._over[id] = event
        self._move()

    def _move(self) -> None:
        moved, self._moved = self._moved, self._room.kernel.env.event()
        moved.succeed()

    def _moment(self, id: str, spec: PlaybookTaskModel) -> Generator[simpy.Event, Any, bool]:
        """Waits until the tasks before are completed, the condition holds and the timer has run; False when that is
        not waited for any more."""
        env, knowledge = self._room.kernel.env, self._case.knowledge
        while not self._given_up:
            now = self._room.kernel.now()
            if id in self._called or (
                self._is_due(id, spec) and (spec.when is None or spec.when.holds(knowledge, now))
            ):
                if spec.wait is not None:
                    yield env.timeout(self._wait_ms(spec))
                return not self._given_up
            due = [moment for moment in (spec.when.due_ms(knowledge) if spec.when else []) if moment > now]
            yield knowledge.news() | env.timeout(min(due) - now) if due else knowledge.news()
        return False

    def _is_due(self, id: str, spec: PlaybookTaskModel) -> bool:
        if id in self._gone_to:
            return False
        return all(self._is_done(before, id) for before in spec.after) and (
            not spec.after_any or any(self._is_done(before, id) for before in spec.after_any)
        )

    def _is_done(self, before: str, id: str) -> bool:
        """Whether a task is completed for one that comes after it; within one pass, in that pass."""
        together = any(before in tasks and id in tasks for tasks in self._together)
        ended = (self._ended if together else self._over).get(before)
        return ended is not None and (ended.kind in _PASSED_ON or way_out(self._tasks[before].on_failure) == "carry-on")

    def _wait_ms(self, spec: PlaybookTaskModel) -> int:
        assert spec.wait is not None
        if spec.wait.for_ is not None:
            return spec.wait.for_
        assert spec.wait.until is not None
        now = self._room.kernel.wall()
        hour, minute, second = (int(part) for part in f"{spec.wait.until}:00".split(":")[:3])
        at = now.replace(hour=hour, minute=minute, second=second, microsecond=0)
        due = at if at >= now else at + timedelta(days=1)
        return from_wall(due, self._room.kernel.epoch) - self._room.kernel.now()

    def _carry_out(
        self, id: str, spec: PlaybookTaskModel, who: str, started: Event
    ) -> Generator[simpy.Event, Any, Event]:
        """What the task is for; the event with which it ends."""
        path = (f"playbook.tasks.{id}.takes",)
        if spec.decides is not None:
            yield from self._room.bridges.gather(self._case, spec.role)
            decided = self._decide(id, spec, spec.decides, who, started.seq)
            return self._done(id, spec, who, decided.seq, path)
        cause, reason = started.seq, ""
        if spec.calls is not None:
            there = yield from self._room.vendors.engage(self._case, spec.calls, who, cause)
            if there is None:
                return self._emit("task.failed", id, spec, who, [cause], f"{spec.calls} could not be reached")
            cause = there
        if spec.does is None:
            return self._done(id, spec, who, cause, path)
        turn = f"again-{self._times[id] - 1}/" if self._times[id] > 1 else ""
        for attempt in range(spec.attempts):
            if attempt and spec.retry_after:
                yield self._room.kernel.env.timeout(spec.retry_after)
            occasion = f"{self._case.id}/task-{id}/{turn}attempt-{attempt}"
            outcome = yield from self._room.act(
                self._case, spec.does.action, spec.does.node, who, cause, occasion, spec.does
            )
            if outcome.verdict is Verdict.COMPLETED:
                return self._done(id, spec, who, outcome.event, path)
            cause, reason = outcome.event, outcome.reason
        return self._emit("task.failed", id, spec, who, [cause], reason)

    def _done(self, id: str, spec: PlaybookTaskModel, who: str, cause: int, path: tuple[str, ...]) -> Event:
        """The task did what it is for; of one that is repeated that is not yet its completion."""
        if spec.repeat is None or spec.repeat.until.holds(self._case.knowledge, self._room.kernel.now()):
            return self._emit("task.completed", id, spec, who, [cause], rests_on=path)
        reason = "what it is for is not known to be so"
        if self._repeats[id] + 1 >= spec.repeat.at_most:
            return self._emit("task.failed", id, spec, who, [cause], f"{reason} after {spec.repeat.at_most} passes")
        return self._emit("task.repeated", id, spec, who, [cause], reason, path)

    def _repeat(self, id: str, spec: PlaybookTaskModel, ended: Event) -> Generator[simpy.Event, Any, None]:
        """The next pass, after its pause."""
        assert spec.repeat is not None
        self._repeats[id] += 1
        if spec.repeat.every:
            yield self._room.kernel.env.timeout(spec.repeat.every)
        self._again(self._passes[id], spec.repeat.from_ or id, ended.seq)

    def _again(self, tasks: Collection[str], first: str, cause: int) -> None:
        """These are to be done once more, beginning with `first`."""
        anew = [id for id in self._tasks if id in tasks and (id in self._ended or id in self._ready)]
        for id in anew:
            self._ended.pop(id, None)
            self._ready.discard(id)
            self._called.pop(id, None)
        self._called[first] = cause
        for id in anew:
            self._begin(id)

    def _fail(self, id: str, spec: PlaybookTaskModel, failed: Event) -> None:
        """Ends the task, and does what the playbook says of its failure."""
        self._end(id, failed)
        way = spec.on_failure
        if way is None:
            return
        if way.give_up:
            self._given_up = True
            detail = PlaybookDetail(self._case.id, self._playbook.title, reason=f"{spec.title}: failed")
            self._tell("playbook.given_up", detail, failed.seq)
        if way.go_to is None or (way.at_most is not None and self._goes[id] >= way.at_most):
            return
        self._goes[id] += 1
        back = between(self._before, way.go_to, id)
        self._again(back or {way.go_to}, way.go_to, failed.seq)

    def _escalate(
        self, id: str, spec: PlaybookTaskModel, role: str, failed: Event
    ) -> Generator[simpy.Event, Any, Event]:
        """Whoever holds a role does it instead."""
        who = yield from self._room.roles.until_held(self._case, role)
        with self._room.staff.occupy(who, Urgency.TASK, self._case.rank) as turn:
            yield turn
            yield from self._room.staff.turn_to(who, f"{self._case.id}/task-{id}")
            escalated = self._emit("task.escalated", id, spec, who, [failed.seq])
            takes = self._room.kernel.streams.draw(spec.takes, f"task/{id}", "takes", self._occasion(id))
            yield self._room.kernel.env.timeout(takes)
        ended = yield from self._carry_out(id, spec, who, escalated)
        return ended

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

    def _tell(self, kind: str, detail: PlaybookDetail, cause: int) -> int:
        event = self._room.kernel.emit(kind, self._case.reference, self._case.reference, detail, [cause])
        self._case.knowledge.deliver(event)
        return event.seq

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
