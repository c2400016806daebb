"""A playbook as a graph of states: what may happen next, and where it may end.

A *label* is what can be seen to happen: a task is completed (of a decision: with its option), is repeated, is
escalated, or has failed where the playbook says what then.  A failure for which it says nothing is no label: the task
was tried and not done.  The *state* says what has fired so far.

- A task is *enabled* when what it comes after has fired, it has not fired itself, and its guard may hold.  Between two
  tasks of one pass that counts in the present pass, otherwise in any.
- It is *due* when it is enabled and its guard does not leave it open: then the playbook cannot end without it.
- What is enabled and open may be left out: whether its condition held cannot be told.  What comes after it is then not
  due either.

The playbook may end where nothing is due.  Every label that can fire from a state gives the next one; the graph is
finite, since passes and ways back are counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from timeline.playbooks import Guard, PlaybookStep, between, only_gone_to


class Became(StrEnum):
    """What became of a task."""

    DONE = "done"
    AGAIN = "again"
    """A pass that did not bring what it is for."""
    ESCALATED = "escalated"
    FAILED = "failed"


class Label(NamedTuple):
    """Something that happened to a task; `option` is what a decision took."""

    task: str
    became: Became = Became.DONE
    option: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What has fired, by task."""

    fired: frozenset[str] = frozenset()
    """In the present pass; failed ones too."""
    ever: frozenset[str] = frozenset()
    """Done or passed over, in any pass."""
    chosen: frozenset[tuple[str, str]] = frozenset()
    passes: tuple[tuple[str, int], ...] = ()
    """Passes and ways back that were taken, by the task that took them; escalations too."""
    called: frozenset[str] = frozenset()
    """What a failure has gone to and has not fired since."""
    given_up: bool = False

    def count(self, task: str) -> int:
        return dict(self.passes).get(task, 0)

    def counted(self, task: str) -> tuple[tuple[str, int], ...]:
        counts = dict(self.passes)
        counts[task] = counts.get(task, 0) + 1
        return tuple(sorted(counts.items()))


_MOST_WAYS_BACK = 20
"""Of a way back without a bound; keeps the graph finite."""


class Planned:
    """The graph of one playbook.  `required` are the tasks that are due; all, when left out."""

    def __init__(self, steps: Sequence[PlaybookStep], required: Collection[str] | None = None) -> None:
        self.steps = {step.id: step for step in steps}
        before = {step.id: (*step.after, *step.after_any) for step in steps}
        self._before = before
        self._together = [between(before, s.repeats_from, s.id) for s in steps if s.repeats_from]
        self._together += [between(before, s.go_to, s.id) for s in steps if s.go_to]
        self._gone_to = only_gone_to(before, {step.id: step.go_to for step in steps if step.go_to})
        self._required = set(self.steps) if required is None else self._with_what_leads_there(required)

    def _with_what_leads_there(self, tasks: Collection[str]) -> set[str]:
        reached, frontier = set(tasks) & set(self.steps), [id for id in tasks if id in self.steps]
        while frontier:
            for other in self._before[frontier.pop()]:
                if other in self.steps and other not in reached:
                    reached.add(other)
                    frontier.append(other)
        return reached

    def may_end(self, state: State) -> bool:
        return not any(True for _ in self.due(state))

    def due(self, state: State) -> Iterator[str]:
        """Tasks without which the playbook cannot end here, as far as they are required."""
        for id in self.steps:
            if id in self._required and self._enabled(state, id) and self._holds(state, id) is True:
                yield id

    def moves(self, state: State) -> Iterator[tuple[Label, State]]:
        """Everything that can happen next, with the state that it leads to."""
        for id in self.steps:
            if self._enabled(state, id) and self._holds(state, id) is not False:
                yield from self._of_task(state, self.steps[id])

    def _enabled(self, state: State, id: str) -> bool:
        if state.given_up or id in state.fired:
            return False
        if id in state.called:
            return True
        step = self.steps[id]
        if id in self._gone_to:
            return False
        return all(self._is_done(state, before, id) for before in step.after) and (
            not step.after_any or any(self._is_done(state, before, id) for before in step.after_any)
        )

    def _is_done(self, state: State, before: str, id: str) -> bool:
        together = any(before in tasks and id in tasks for tasks in self._together)
        return before in state.ever and (not together or before in state.fired)

    def _holds(self, state: State, id: str) -> bool | None:
        guard = self.steps[id].guard
        return True if guard is None or id in state.called else _value(guard, state)

    def _of_task(self, state: State, step: PlaybookStep) -> Iterator[tuple[Label, State]]:
        id = step.id
        done = replace(state, fired=state.fired | {id}, ever=state.ever | {id}, called=state.called - {id})
        if step.options:
            kept = frozenset(choice for choice in state.chosen if choice[0] != id)
            for option in step.options:
                yield Label(id, option=option), replace(done, chosen=kept | {(id, option)})
        else:
            yield Label(id), done
        if step.repeats_from and state.count(id) + 1 < step.passes:
            counted = replace(state, passes=state.counted(id))
            yield Label(id, Became.AGAIN), self._back(counted, step.repeats_from, id)
        if step.on_failure or step.repeats_from:
            yield from self._of_failure(state, step)

    def _of_failure(self, state: State, step: PlaybookStep) -> Iterator[tuple[Label, State]]:
        """A failure that the playbook reckons with."""
        id, label = step.id, Label(step.id, Became.FAILED)
        failed = replace(state, fired=state.fired | {id}, called=state.called - {id})
        match step.on_failure:
            case "carry-on":
                yield label, replace(failed, ever=failed.ever | {id})
            case "give-up":
                yield label, replace(failed, given_up=True)
            case "escalate" if not state.count(f"{id} escalated"):
                yield Label(id, Became.ESCALATED), replace(state, passes=state.counted(f"{id} escalated"))
            case "go-to":
                most = _MOST_WAYS_BACK if step.goes is None else step.goes
                if state.count(f"{id} went") < most:
                    went = replace(failed, passes=state.counted(f"{id} went"))
                    yield label, self._back(went, step.go_to, id)
                else:
                    yield label, failed
            case _:
                yield label, failed

    def _back(self, state: State, first: str, last: str) -> State:
        anew = between(self._before, first, last) or frozenset({first})
        return replace(state, fired=state.fired - anew, called=(state.called - anew) | {first})

    # What a search may count on

    def certain(self, failing: Collection[str]) -> frozenset[str]:
        """Required tasks that have to fire, once and no more, on every way to an end while no others than these fail:
        nothing before them is open, and nothing that is done again reaches them."""
        if any(self.steps[id].on_failure == "give-up" for id in failing if id in self.steps):
            return frozenset()
        again = {id for tasks in self._together for id in tasks}
        sure: set[str] = set()
        pending = [id for id in self.steps if id in self._required and id not in failing]
        while True:
            found = [id for id in pending if id not in sure and self._is_sure(id, sure, again)]
            if not found:
                return frozenset(sure)
            sure.update(found)

    def _is_sure(self, id: str, sure: Collection[str], again: Collection[str]) -> bool:
        step = self.steps[id]
        called = {other.go_to for other in self.steps.values()}
        plain = step.guard is None and not step.after_any and id not in again and id not in called
        return plain and all(before in sure for before in step.after)

    def once(self) -> frozenset[str]:
        """Tasks that can be done once at most."""
        again = {id for tasks in self._together for id in tasks}
        called = {step.go_to for step in self.steps.values()}
        return frozenset(id for id in self.steps if id not in again and id not in called)


def _value(guard: Guard, state: State) -> bool | None:
    """True, False, or None where it is open (three-valued logic of Kleene)."""
    match guard.form:
        case "open":
            return None
        case "chosen":
            return (guard.task, guard.option) in state.chosen
        case "done":
            return guard.task in state.ever
        case "not":
            inner = _value(guard.of[0], state)
            return None if inner is None else not inner
        case "all":
            values = [_value(inner, state) for inner in guard.of]
            return False if False in values else None if None in values else True
        case "any":
            values = [_value(inner, state) for inner in guard.of]
            return True if True in values else None if None in values else False
