"""How a programme stands on a day: each planned exercise, what was exercised, and what is late.

A planned exercise is

- *held*: each of its scenarios was exercised by people, in its name, as the type that was planned, within the period;
- *overdue*: it is not, and its last day has passed;
- *due*: it is not, and its last day is near;
- *planned* before that, or *cancelled*.

A business function is *overdue* when it was not exercised within the months that policy allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from reports.programme.coverage import Coverage, Dimension, Row, coverage_of
from reports.programme.held import HeldExercise, Kind
from reports.programme.loading import LoadedProgramme
from reports.programme.model import PlannedExercise, Policy


class State(StrEnum):
    """How far a planned exercise has come."""

    HELD = "held"
    OVERDUE = "overdue"
    DUE = "due"
    PLANNED = "planned"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ExerciseStatus:
    """One planned exercise."""

    id: str
    planned: PlannedExercise
    state: State
    held: tuple[HeldExercise, ...]
    """Exercises of people in its name, within the period."""
    rehearsals: int
    """Modelled runs in its name."""
    missing: tuple[str, ...]
    """Scenarios of it that nobody has exercised yet."""
    unseen: tuple[str, ...]
    """Functions that it was planned for and that its runs never disrupted; empty until it is held."""


@dataclass(frozen=True, slots=True)
class ProgrammeStatus:
    """A whole programme on a day."""

    on: date
    title: str
    policy: Policy
    exercises: tuple[ExerciseStatus, ...]
    unplanned: tuple[HeldExercise, ...]
    """Exercises of people in the period, in a name that the programme does not have."""
    rehearsals: int
    """Modelled runs in the period."""
    coverage: dict[Dimension, tuple[Row, ...]]

    @property
    def overdue_exercises(self) -> tuple[ExerciseStatus, ...]:
        return tuple(e for e in self.exercises if e.state is State.OVERDUE)

    @property
    def overdue_functions(self) -> tuple[Row, ...]:
        return tuple(row for row in self.coverage[Dimension.FUNCTIONS] if row.state is not Coverage.EXERCISED)

    @property
    def is_overdue(self) -> bool:
        return bool(self.overdue_exercises or self.overdue_functions)

    def exercised(self, dimension: Dimension) -> int:
        return sum(row.state is Coverage.EXERCISED for row in self.coverage[dimension])


def status_of(loaded: LoadedProgramme, held: Sequence[HeldExercise], on: date) -> ProgrammeStatus:
    """How the programme stands on a day; exercises of other estates, and later ones, say nothing."""
    programme = loaded.programme
    own = [h for h in held if h.estate == loaded.estate.name and h.on <= on]
    now = [h for h in own if h.on in programme.period]
    return ProgrammeStatus(
        on=on,
        title=programme.title,
        policy=programme.policy,
        exercises=tuple(
            _exercise(id, planned, [h for h in now if h.exercise == id], programme.policy, on)
            for id, planned in sorted(programme.exercises.items(), key=lambda item: (item[1].due, item[0]))
        ),
        unplanned=tuple(h for h in now if h.exercise not in programme.exercises and h.kind is not Kind.REHEARSAL),
        rehearsals=sum(h.kind is Kind.REHEARSAL for h in now),
        coverage=coverage_of(loaded, own, on),
    )


def _exercise(
    id: str, planned: PlannedExercise, named: Sequence[HeldExercise], policy: Policy, on: date
) -> ExerciseStatus:
    held = tuple(h for h in named if h.kind is Kind.EXERCISE and h.type is planned.type)
    missing = tuple(name for name in planned.scenario_names if name not in {h.scenario for h in held})
    seen = {function for h in held for function in h.functions}
    return ExerciseStatus(
        id=id,
        planned=planned,
        state=_state(planned, bool(missing), policy, on),
        held=held,
        rehearsals=sum(h.kind is Kind.REHEARSAL for h in named),
        missing=missing,
        unseen=() if missing else tuple(f for f in planned.functions if f not in seen),
    )


def _state(planned: PlannedExercise, is_missing: bool, policy: Policy, on: date) -> State:
    if not is_missing:
        return State.HELD
    if planned.is_cancelled:
        return State.CANCELLED
    if on > planned.due:
        return State.OVERDUE
    return State.DUE if planned.is_due_soon(on, policy.notice_days) else State.PLANNED


def document_of(status: ProgrammeStatus) -> dict[str, Any]:
    """As JSON, in the format `blackstart/programme-status/1`."""
    return {
        "format": "blackstart/programme-status/1",
        "programme": status.title,
        "on": status.on.isoformat(),
        "months": status.policy.every.months,
        "counts": [str(type) for type in status.policy.counts],
        "overdue": {
            "exercises": [e.id for e in status.overdue_exercises],
            "functions": [row.id for row in status.overdue_functions],
        },
        "exercises": [_exercise_document(e) for e in status.exercises],
        "unplanned": [
            {"exercise": h.exercise, "on": h.on.isoformat(), "timeline": h.timeline} for h in status.unplanned
        ],
        "rehearsals": status.rehearsals,
        "coverage": {
            str(dimension): {
                "exercised": status.exercised(dimension),
                "of": len(rows),
                "rows": {row.id: _row_document(row) for row in rows},
            }
            for dimension, rows in status.coverage.items()
        },
    }


def _exercise_document(exercise: ExerciseStatus) -> dict[str, Any]:
    return {
        "exercise": exercise.id,
        "title": exercise.planned.title,
        "type": str(exercise.planned.type),
        "due": exercise.planned.due.isoformat(),
        "owner": exercise.planned.owner,
        "state": str(exercise.state),
        "held": [
            {"on": h.on.isoformat(), "scenario": h.scenario, "evidence_class": h.evidence_class, "timeline": h.timeline}
            for h in exercise.held
        ],
        "rehearsals": exercise.rehearsals,
        "scenarios_missing": list(exercise.missing),
        "functions_unseen": list(exercise.unseen),
    }


def _row_document(row: Row) -> dict[str, Any]:
    return {
        "title": row.title,
        "state": str(row.state),
        "last": None if row.last is None else row.last.isoformat(),
        "lapses": None if row.lapses is None else row.lapses.isoformat(),
        "by": list(row.by),
        "rehearsals": row.rehearsals,
        "next": None if row.next is None else row.next.isoformat(),
    }
