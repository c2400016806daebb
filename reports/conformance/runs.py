"""Runs of a playbook on a timeline: what was planned, what happened, and the alignment of both.

What happened in a run is the sequence of its tasks' ends, and the actions on the estate that were completed in the
same incident without a task.  Such an action counts as the task that does the same; one that no task does was *added*,
like a task that no playbook knows.

A run is *over* when its incident is resolved.  Before that, and for a task whose planned time lies beyond the end of
the timeline, nothing was promised yet: only what is overdue is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reports.conformance.alignment import Aligned, Alignment, Move, align
from reports.conformance.planned import Became, Label, Planned
from reports.index import TimelineIndex, detail_of
from timeline.details import CommandDetail, DecisionDetail, TaskDetail
from timeline.events import Event
from timeline.playbooks import PlaybookDetail, PlaybookStep

_ENDS = {
    "task.completed": Became.DONE,
    "task.repeated": Became.AGAIN,
    "task.escalated": Became.ESCALATED,
    "task.failed": Became.FAILED,
}
_WAY_OF_A_COMMAND = ("command", "approval", "page", "vendor", "recovery")
"""Families of the events between a task and what became of its command."""


@dataclass(frozen=True, slots=True)
class Step:
    """One deviation: a task that was skipped or late, or something that was added.  `events` tell it, the last one
    deciding; `late_ms` is how much later than planned (so far, where it is not done)."""

    id: str
    title: str
    events: tuple[Event, ...]
    late_ms: int = 0


@dataclass(frozen=True)
class PlaybookRun:
    """One run, from `playbook.started` to the next one of the incident or the end."""

    started: Event
    events: tuple[Event, ...]
    """Events of its tasks, in order."""
    happened: tuple[tuple[Label, Event], ...]
    until_ms: int
    over: bool

    @property
    def plan(self) -> PlaybookDetail:
        return detail_of(self.started, PlaybookDetail)

    @cached_property
    def alignment(self) -> Alignment:
        return align(Planned(self.plan.steps, self._required()), [label for label, _ in self.happened])

    def _required(self) -> list[str]:
        passed_ms = self.until_ms - self.started.at_ms
        return [
            step.id
            for step in self.plan.steps
            if (step.expected_ms <= passed_ms if step.expected_ms is not None else self.over)
        ]

    def event_of(self, move: Aligned) -> Event | None:
        """What happened in a move; None of a model move."""
        return None if move.position is None else self.happened[move.position][1]

    def events_of(self, task: str) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.subject.id == task)

    @cached_property
    def skipped(self) -> tuple[Step, ...]:
        """What the plan asked for and nobody did, or not when it was its turn."""
        steps = {step.id: step for step in self.plan.steps}
        skipped = dict.fromkeys(m.label.task for m in self.alignment.moves if m.move is Move.MODEL)
        return tuple(Step(id, steps[id].title, self.events_of(id) or (self.started,)) for id in skipped)

    @cached_property
    def added(self) -> tuple[Step, ...]:
        """What was done and the plan did not ask for, or not then."""
        added = [(m.label.task, e) for m in self.alignment.moves if m.move is Move.LOG and (e := self.event_of(m))]
        return tuple(Step(id, self._title(event), (event,)) for id, event in added)

    @cached_property
    def late(self) -> tuple[Step, ...]:
        """What was completed later than planned, or is overdue."""
        return tuple(late for step in self.plan.steps if (late := self._late(step)) is not None and late.late_ms > 0)

    @cached_property
    def timed(self) -> tuple[Step, ...]:
        """Every task with a planned time that has passed or was met: how late it was, 0 or less when in time."""
        return tuple(late for step in self.plan.steps if (late := self._late(step)) is not None)

    def _late(self, step: PlaybookStep) -> Step | None:
        events = self.events_of(step.id)
        done = next((event for event in reversed(events) if event.kind == "task.completed"), None)
        at_ms = done.at_ms if done is not None else self.until_ms
        planned = []
        if step.expected_ms is not None:
            planned.append(self.started.at_ms + step.expected_ms)
        ready = [event for event in events if event.kind == "task.ready" and event.at_ms <= at_ms]
        if step.within_ms is not None and ready:
            planned.append(ready[-1].at_ms + step.within_ms)
        if not planned or (done is None and (at_ms <= min(planned) or step.id not in self._owed)):
            return None
        return Step(step.id, step.title, events or (self.started,), at_ms - min(planned))

    @cached_property
    def _owed(self) -> frozenset[str]:
        """Tasks that are not done although the plan asks for them."""
        begun = {event.subject.id for event in self.events if event.kind == "task.ready"}
        return frozenset(m.label.task for m in self.alignment.moves if m.move is Move.MODEL) | begun

    @staticmethod
    def _title(event: Event) -> str:
        if isinstance(event.detail, CommandDetail):
            return f"{event.detail.action} {event.detail.target}"
        return detail_of(event, TaskDetail).title


def playbook_runs(index: TimelineIndex) -> list[PlaybookRun]:
    """Every run, in the order in which they began."""
    runs = []
    started = index.of_kind("playbook.started")
    for number, event in enumerate(started):
        plan = detail_of(event, PlaybookDetail)
        following = next((e.seq for e in started[number + 1 :] if e.subject == event.subject), len(index.events))
        tasks = tuple(
            e
            for e in index.events
            if e.family == "task"
            and event.seq < e.seq < following
            and detail_of(e, TaskDetail).incident == plan.incident
        )
        root = index.root_of(plan.incident)
        over = root is not None and root.first("incident.resolved") is not None
        happened = tuple(_happened(index, event, tasks, following))
        runs.append(PlaybookRun(event, tasks, happened, index.until_ms, over))
    return runs


def _happened(
    index: TimelineIndex, started: Event, tasks: tuple[Event, ...], following: int
) -> Iterator[tuple[Label, Event]]:
    plan = detail_of(started, PlaybookDetail)
    steps = {step.id: step for step in plan.steps}
    labelled = [(_label(index, steps.get(e.subject.id), e), e) for e in tasks if _counts(steps, tasks, e)]
    done = {label.task for label, _ in labelled}
    for event in index.of_kind("command.completed"):
        command = detail_of(event, CommandDetail)
        if started.seq < event.seq < following and command.incident == plan.incident and not _of_a_task(index, event):
            what = f"{command.action} {command.target}"
            same = next((s.id for s in plan.steps if s.does == what and s.id not in done), what)
            done.add(same)
            labelled.append((Label(same), event))
    yield from sorted(labelled, key=lambda pair: pair[1].seq)


def _counts(steps: dict[str, PlaybookStep], tasks: tuple[Event, ...], event: Event) -> bool:
    """Whether an event of a task is a label: a failure is one only where the playbook says what then."""
    if event.kind not in _ENDS:
        return False
    if event.kind != "task.failed":
        return True
    step = steps.get(event.subject.id)
    after = next((e for e in tasks if e.seq > event.seq and e.subject == event.subject), None)
    reckoned = step is not None and bool(step.on_failure or step.repeats_from)
    return reckoned and (after is None or after.kind != "task.escalated")


def _label(index: TimelineIndex, step: PlaybookStep | None, event: Event) -> Label:
    became = _ENDS[event.kind]
    if step is None or not step.options or became is not Became.DONE:
        return Label(event.subject.id, became)
    decided = [index.events[seq] for seq in event.causes if index.events[seq].kind == "decision.made"]
    return Label(event.subject.id, became, detail_of(decided[0], DecisionDetail).chosen if decided else "")


def _of_a_task(index: TimelineIndex, command: Event) -> bool:
    """Whether a task lies behind a command."""
    seen, frontier = {command.seq}, [command]
    while frontier:
        event = frontier.pop()
        if event.kind in ("task.started", "task.escalated"):
            return True
        if event.family in _WAY_OF_A_COMMAND:
            behind = [index.events[seq] for seq in event.causes if seq not in seen]
            seen.update(e.seq for e in behind)
            frontier += behind
    return False
