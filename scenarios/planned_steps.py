"""A playbook as steps on the timeline: what `playbook.started` carries."""

from __future__ import annotations

from scenarios.flow import OnFailure
from scenarios.models import Playbook, PlaybookTaskModel
from timeline.playbooks import OPEN, Guard, PlaybookStep
from timeline.predicates import Predicate
from timeline.references import Reference, RefKind


def steps_of(playbook: Playbook) -> tuple[PlaybookStep, ...]:
    """Every task, in the order of the file."""
    decisions = {id: [o.option for o in t.decides.options] for id, t in playbook.tasks.items() if t.decides}
    return tuple(
        PlaybookStep(
            id=id,
            title=task.title,
            role=task.role,
            critical=task.critical,
            after=task.after,
            after_any=task.after_any,
            guard=guard_of(task.when) if task.when is not None else None,
            options=tuple(decisions.get(id, ())),
            does=f"{task.does.action} {task.does.target}" if task.does is not None else "",
            repeats_from=_repeats_from(id, task),
            passes=task.repeat.at_most if task.repeat is not None else 0,
            on_failure=way_out(task.on_failure),
            go_to=(task.on_failure.go_to or "") if task.on_failure else "",
            goes=task.on_failure.at_most if task.on_failure else None,
            expected_ms=task.expected,
            within_ms=task.within,
        )
        for id, task in playbook.tasks.items()
    )


def before_of(playbook: Playbook) -> dict[str, tuple[str, ...]]:
    """What each task comes after, in either way."""
    return {id: (*task.after, *task.after_any) for id, task in playbook.tasks.items()}


def _repeats_from(id: str, task: PlaybookTaskModel) -> str:
    return "" if task.repeat is None else task.repeat.from_ or id


def way_out(on_failure: OnFailure | None) -> str:
    """`go-to`, `escalate`, `carry-on`, `give-up`, or nothing."""
    if on_failure is None:
        return ""
    ways = {
        "go-to": on_failure.go_to,
        "escalate": on_failure.escalate,
        "carry-on": on_failure.carry_on,
        "give-up": on_failure.give_up,
    }
    return next(way for way, stated in ways.items() if stated is not None)


def guard_of(condition: Predicate) -> Guard:
    """What a condition asks of the tasks of its playbook."""
    if condition.all is not None:
        return Guard("all", tuple(guard_of(inner) for inner in condition.all))
    if condition.any is not None:
        return Guard("any", tuple(guard_of(inner) for inner in condition.any))
    if condition.not_ is not None:
        return Guard("not", (guard_of(condition.not_),))
    if condition.known is not None:
        id = _task_in(condition.known.subject)
        return Guard("chosen", task=id, option=condition.known.state) if id else OPEN
    if condition.seen is not None and condition.seen.kind == "task.completed":
        id = _task_in(condition.seen.subject)
        return Guard("done", task=id) if id else OPEN
    return OPEN


def _task_in(subject: str) -> str:
    """The task that a subject names; nothing where it names another thing or a pattern."""
    if not subject.startswith(f"{RefKind.TASK}:") or any(c in subject for c in "*?["):
        return ""
    return Reference.parse(subject).id
