"""What the state of a programme comes to, a sentence each: what is late first."""

from __future__ import annotations

from collections.abc import Iterator

from reports.programme.coverage import Coverage, Dimension
from reports.programme.status import ProgrammeStatus, State

_LISTED = (Dimension.RISKS, Dimension.TEAMS, Dimension.SCENARIOS)


def sentences_of(status: ProgrammeStatus) -> list[str]:
    """Never empty."""
    return [*_late(status), *_open(status)]


def _late(status: ProgrammeStatus) -> Iterator[str]:
    for exercise in status.overdue_exercises:
        tried = "; it was rehearsed in the model alone" if exercise.rehearsals else ""
        yield f"overdue: exercise {exercise.id}, {exercise.planned.owner}, since {exercise.planned.due}{tried}"
    for row in status.overdue_functions:
        how = {Coverage.REHEARSED: "only rehearsed", Coverage.DISCUSSED: "only by a type that does not count"}
        was = how.get(row.state, "not exercised")
        when = f"planned next by {row.next}" if row.next else "nothing is planned"
        yield f"overdue: business function {row.id}, {was} in {status.policy.every}; {when}"
    if not status.is_overdue:
        yield "nothing is overdue"


def _open(status: ProgrammeStatus) -> Iterator[str]:
    due = [e.id for e in status.exercises if e.state is State.DUE]
    if due:
        yield f"due within {status.policy.notice_days} days: {', '.join(due)}"
    for exercise in status.exercises:
        if exercise.unseen:
            yield f"{exercise.id} was held and never disrupted {', '.join(exercise.unseen)}"
        if exercise.held and exercise.missing:
            yield f"{exercise.id} still lacks {', '.join(exercise.missing)}"
    for dimension in _LISTED:
        missed = [row.id for row in status.coverage[dimension] if row.state is not Coverage.EXERCISED]
        if missed:
            yield f"{dimension} not exercised: {', '.join(missed)}"
    if status.unplanned:
        yield f"held and not planned: {', '.join(dict.fromkeys(h.exercise for h in status.unplanned))}"
    if status.rehearsals:
        yield f"modelled runs, which count as rehearsals alone: {status.rehearsals}"
