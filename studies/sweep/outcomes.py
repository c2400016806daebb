"""What is kept of one replication: a small row, from its scores.

Figures of measures are *censored* when they could still have got worse after the end of the exercise: a sample behind
them was open.  So a worst time over three functions is censored while any of the three is down, not only where the
worst one is; a share that cannot fall below 0 is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from reports.measures import MEASURES, Direction, Unit
from reports.scoring import Scores

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    """`rating` is None where nothing exercised the objective."""

    id: str
    rating: str | None
    met: bool
    score: float | None


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target, in the order in which its objective states it; `value` is None where it was not exercised."""

    objective: str
    measure: str
    subject: str | None
    value: float | None
    censored: bool
    outcome: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A critical task of an objective.  `delay_s` is against the planned time; None: it has none, or never ended."""

    objective: str
    task: str
    rating: str
    met: bool
    delay_s: float | None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """The figure of a measure."""

    id: str
    value: float
    censored: bool


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample of a measure."""

    measure: str
    subject: str
    value: float
    censored: bool


@dataclass(frozen=True, slots=True)
class Replication:
    """One replication of one arm."""

    arm: str
    replication: int
    seed: int
    events: int
    objectives_met: bool
    score: float | None
    objectives: tuple[ObjectiveRow, ...]
    targets: tuple[TargetRow, ...]
    tasks: tuple[TaskRow, ...]
    figures: tuple[FigureRow, ...]
    samples: tuple[SampleRow, ...]


def replication_of(arm: str, number: int, scores: Scores) -> Replication:
    """The row of a replication that came to its end."""
    return Replication(
        arm=arm,
        replication=number,
        seed=scores.seed,
        events=scores.events,
        objectives_met=scores.objectives_met,
        score=scores.score,
        objectives=tuple(
            ObjectiveRow(o.id, None if o.rating is None else o.rating.value, o.met, o.score) for o in scores.objectives
        ),
        targets=tuple(
            TargetRow(
                o.id,
                t.measure,
                t.subject,
                t.value,
                t.value is not None and _may_worsen(t.measure, t.value, _opens(scores, t.measure, t.subject)),
                t.outcome.value,
            )
            for o in scores.objectives
            for t in o.targets
        ),
        tasks=tuple(
            TaskRow(o.id, t.task, t.rating.value, t.rating.is_met, t.delay_s)
            for o in scores.objectives
            for t in o.critical_tasks
            if t.rating is not None
        ),
        figures=tuple(
            FigureRow(m.id, m.value, _may_worsen(m.id, m.value, [s.censored for s in m.samples]))
            for m in scores.measures
            if m.value is not None
        ),
        samples=tuple(SampleRow(m.id, s.subject, s.value, s.censored) for m in scores.measures for s in m.samples),
    )


def _opens(scores: Scores, measure: str, subject: str | None) -> list[bool]:
    return [s.censored for s in scores.measure(measure).samples if subject is None or s.subject == subject]


def _may_worsen(id: str, value: float, opens: Sequence[bool]) -> bool:
    measure = MEASURES[id]
    if measure.direction is Direction.HIGHER:
        at_its_worst = value <= 0 and measure.unit in (Unit.RATIO, Unit.COUNT)
    else:
        at_its_worst = value >= 1 and measure.unit is Unit.RATIO
    return any(opens) and not at_its_worst


def frame_of(rows: Sequence[Replication]) -> pl.DataFrame:
    """Rows as a data frame, one row a replication."""
    import polars as pl

    return pl.DataFrame([asdict(row) for row in rows], schema=_schema())


def rows_of(frame: pl.DataFrame) -> list[Replication]:
    """The rows of a data frame."""
    return [_row(row) for row in frame.iter_rows(named=True)]


def _row(row: dict[str, Any]) -> Replication:
    return Replication(
        **{
            **row,
            "objectives": tuple(ObjectiveRow(**one) for one in row["objectives"]),
            "targets": tuple(TargetRow(**one) for one in row["targets"]),
            "tasks": tuple(TaskRow(**one) for one in row["tasks"]),
            "figures": tuple(FigureRow(**one) for one in row["figures"]),
            "samples": tuple(SampleRow(**one) for one in row["samples"]),
        }
    )


def _schema() -> dict[str, pl.DataType]:
    import polars as pl

    text, number, flag = pl.String(), pl.Float64(), pl.Boolean()
    return {
        "arm": text,
        "replication": pl.Int64(),
        "seed": pl.Int64(),
        "events": pl.Int64(),
        "objectives_met": flag,
        "score": number,
        "objectives": pl.List(pl.Struct({"id": text, "rating": text, "met": flag, "score": number})),
        "targets": pl.List(
            pl.Struct(
                {
                    "objective": text,
                    "measure": text,
                    "subject": text,
                    "value": number,
                    "censored": flag,
                    "outcome": text,
                }
            )
        ),
        "tasks": pl.List(pl.Struct({"objective": text, "task": text, "rating": text, "met": flag, "delay_s": number})),
        "figures": pl.List(pl.Struct({"id": text, "value": number, "censored": flag})),
        "samples": pl.List(pl.Struct({"measure": text, "subject": text, "value": number, "censored": flag})),
    }
