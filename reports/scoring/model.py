"""The shape of `scores.json`.

Times are milliseconds from the start of the exercise (`_at_ms`); values are in the unit of their measure (times in
seconds); `evidence` are numbers of events on the timeline, `rests_on` the paths of parameters behind them.
`blackstart/scores/1` may gain fields; what is there keeps its meaning.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from reports.measures.measure import Direction, Judged, Unit
from reports.scoring.ratings import Outcome, Rating


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SampleScore(_Record):
    """One sample of a measure; `censored`: still open at the end, the value can only get worse."""

    subject: str
    value: float
    censored: bool
    evidence: tuple[int, ...]


class MeasureScore(_Record):
    """One measure over the exercise.  `value` is None where nothing in the exercise called for it."""

    id: str
    title: str
    meaning: str
    unit: Unit
    direction: Direction
    judged: Judged
    practice: str
    reference: str
    value: float | None
    censored: bool
    evidence: tuple[int, ...]
    """Behind the value: of the deciding sample where the worst is judged, of all otherwise."""
    samples: tuple[SampleScore, ...]
    evidence_class: str
    rests_on: tuple[str, ...]


class TargetScore(_Record):
    """A target of an objective.  `rating` is None where it was not exercised or the run is incomplete."""

    measure: str
    title: str
    subject: str | None
    unit: Unit
    at_most: float | None
    at_least: float | None
    value: float | None
    censored: bool
    outcome: Outcome
    rating: Rating | None
    explanation: str
    evidence: tuple[int, ...]
    rests_on: tuple[str, ...]


class TaskScore(_Record):
    """A critical task.  `delay_s` is against the planned time from the declaration; negative is early."""

    task: str
    title: str
    completed_at_ms: int | None
    planned_ms: int | None
    delay_s: float | None
    failed_tries: int
    rating: Rating | None
    explanation: str
    evidence: tuple[int, ...]
    rests_on: tuple[str, ...]


class ObjectiveScore(_Record):
    """An objective with its HSEEP rating and Blackstart's own score out of 100."""

    id: str
    title: str
    weight: float
    rating: Rating | None
    met: bool
    score: float | None
    practices: tuple[str, ...]
    targets: tuple[TargetScore, ...]
    critical_tasks: tuple[TaskScore, ...]
    evidence_class: str
    rests_on: tuple[str, ...]


class MomentScore(_Record):
    """A moment of a real incident's record beside the modelled one; `difference_s` is model minus record."""

    milestone: str
    recorded_at_ms: int
    modelled_at_ms: int | None
    difference_s: float | None
    fitted: bool
    """A parameter was chosen to meet it: shown, and left out of the figures of the comparison."""
    source: str
    evidence: tuple[int, ...]


class RecordScore(_Record):
    """Model against record.  The figures are over `compared` moments: modelled, recorded and not fitted."""

    moments: tuple[MomentScore, ...]
    compared: int
    median_absolute_difference_s: float | None
    largest_absolute_difference_s: float | None


class Scores(_Record):
    """What an exercise showed.  An incomplete one (its timeline has no end) is not rated and has no score."""

    format: Literal["blackstart/scores/1"] = "blackstart/scores/1"
    scenario: str
    title: str
    estate: str
    seed: int
    version: str
    epoch: str
    evidence_class: str
    events: int
    until_ms: int
    complete: bool
    objectives_met: bool
    """Every objective was rated P or S.  An exercise without objectives that came to its end has met them."""
    score: float | None
    """Blackstart's own score out of 100; HSEEP has none."""
    objectives: tuple[ObjectiveScore, ...]
    measures: tuple[MeasureScore, ...]
    record: RecordScore | None
    rests_on: tuple[str, ...]

    def measure(self, id: str) -> MeasureScore:
        """Raises KeyError when there is no such measure."""
        for measure in self.measures:
            if measure.id == id:
                return measure
        raise KeyError(id)

    def objective(self, id: str) -> ObjectiveScore:
        """Raises KeyError when there is no such objective."""
        for objective in self.objectives:
            if objective.id == id:
                return objective
        raise KeyError(id)

    def to_json(self) -> str:
        """The text of `scores.json`: the same scores give the same bytes."""
        return self.model_dump_json(indent=2) + "\n"
