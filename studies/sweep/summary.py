"""What the rows of a sweep say: probabilities of meeting objectives and targets, quantiles of measures, intervals.

Replications are independent of each other: each draws its own weather (the noise of every series), delays and chances.
What files fix is the same in all of them: the moment of a fault within the scrape interval, the offsets of rule groups,
and every assumption behind the parameters.  Intervals tell how far so many replications pin a figure of *this model*
down, and nothing about how well the model resembles anything.

An objective counts as met as in the scores of one run.  One that was *undecided* (a target still open at the end) was
not shown, so it counts as not met, and is counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.measures import MEASURES
from reports.scoring import Outcome
from studies.intervals import Proportion, proportion
from studies.paired import FEWEST
from studies.risk import Peril, Risk, risk_of
from studies.sweep.arms import ArmRecord, ObjectiveRecord, TargetRecord, TaskRecord
from studies.sweep.distributions import Distribution
from studies.sweep.outcomes import Replication, TargetRow
from studies.sweep.stopping import Stopping
from studies.sweep.store import SweepFolder

LOSS = "financial_loss"
"""The measure of which a risk curve is made."""
_MET = (Outcome.MET.value, Outcome.NEAR_MISS.value)


@dataclass(frozen=True, slots=True)
class TargetSummary:
    """`met` (near misses included) is None where no replication exercised it."""

    wanted: TargetRecord
    met: Proportion | None
    figures: Distribution


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """A critical task: completed well enough for its objective to be met."""

    record: TaskRecord
    met: Proportion


@dataclass(frozen=True, slots=True)
class ObjectiveSummary:
    """An objective over all replications; those in which nothing exercised it count as not met."""

    record: ObjectiveRecord
    met: Proportion
    undecided: int
    not_exercised: int
    targets: tuple[TargetSummary, ...]
    tasks: tuple[TaskSummary, ...]


@dataclass(frozen=True, slots=True)
class ArmSummary:
    """One arm."""

    record: ArmRecord
    replications: int
    all_met: Proportion
    objectives: tuple[ObjectiveSummary, ...]
    measures: tuple[Distribution, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """A sweep, or what there is of it."""

    folder: SweepFolder
    arms: tuple[ArmSummary, ...]
    risk: Risk | None
    """None where a scenario states no frequency, or its losses cannot be counted with those of the others."""
    complete: bool
    """Every replication is there, or the interval that was waited for is narrow enough."""

    @property
    def currency(self) -> str | None:
        """Of the risk."""
        first = self.folder.study.arms[0].risk
        return first.currency if first is not None else None


def summarise(folder: SweepFolder) -> Summary:
    """What is in a folder, arms without a row left out."""
    study = folder.study
    arms, complete, perils = [], True, []
    for arm in study.arms:
        rows, stopping = folder.rows(arm.name), Stopping(study.until)
        for row in rows:
            stopping.add(row)
        complete &= len(rows) == len(folder.wanted(arm.name)) or stopping.narrow_enough()
        if rows:
            arms.append(summarise_arm(arm, rows))
            perils += [_peril(arm, rows)] if arm.risk is not None else []
    currencies = {arm.risk.currency for arm in study.arms if arm.risk is not None}
    countable = len(perils) == len(study.arms) and len(currencies) == 1
    risk = risk_of(perils) if countable and all(len(peril.losses) >= FEWEST for peril in perils) else None
    return Summary(folder, tuple(arms), risk, complete)


def _peril(record: ArmRecord, rows: Sequence[Replication]) -> Peril:
    """A replication in which no function was disrupted has no figure of loss: it lost nothing."""
    assert record.risk is not None
    figures = [next((figure for figure in row.figures if figure.id == LOSS), None) for row in rows]
    losses = tuple(0.0 if figure is None else figure.value for figure in figures)
    still_open = sum(figure is not None and figure.censored for figure in figures)
    return Peril(record.name, record.title, record.risk.per_year, losses, still_open)


def summarise_arm(record: ArmRecord, rows: Sequence[Replication]) -> ArmSummary:
    """Raises ValueError without a row."""
    figures: dict[str, tuple[list[float], list[bool]]] = {id: ([], []) for id in MEASURES}
    for row in rows:
        for figure in row.figures:
            figures[figure.id][0].append(figure.value)
            figures[figure.id][1].append(figure.censored)
    return ArmSummary(
        record=record,
        replications=len(rows),
        all_met=proportion(sum(row.objectives_met for row in rows), len(rows)),
        objectives=tuple(_objective(objective, rows) for objective in record.objectives),
        measures=tuple(
            Distribution(id, tuple(values), tuple(censored)) for id, (values, censored) in figures.items() if values
        ),
    )


def _objective(record: ObjectiveRecord, rows: Sequence[Replication]) -> ObjectiveSummary:
    found = [next(one for one in row.objectives if one.id == record.id) for row in rows]
    targets = [[one for one in row.targets if one.objective == record.id] for row in rows]
    undecided = (
        not objective.met and any(target.outcome == Outcome.UNDECIDED for target in of_it)
        for objective, of_it in zip(found, targets, strict=True)
    )
    return ObjectiveSummary(
        record=record,
        met=proportion(sum(one.met for one in found), len(rows)),
        undecided=sum(undecided),
        not_exercised=sum(one.rating is None for one in found),
        targets=tuple(
            _target(wanted, [of_it[place] for of_it in targets]) for place, wanted in enumerate(record.targets)
        ),
        tasks=tuple(_task(record.id, task, rows) for task in record.tasks),
    )


def _task(objective: str, record: TaskRecord, rows: Sequence[Replication]) -> TaskSummary:
    met = sum(task.met for row in rows for task in row.tasks if (task.objective, task.task) == (objective, record.id))
    return TaskSummary(record, proportion(met, len(rows)))


def _target(wanted: TargetRecord, rows: Sequence[TargetRow]) -> TargetSummary:
    exercised = [(row.value, row) for row in rows if row.value is not None]
    met = sum(row.outcome in _MET for _, row in exercised)
    return TargetSummary(
        wanted=wanted,
        met=proportion(met, len(exercised)) if exercised else None,
        figures=Distribution(
            wanted.measure, tuple(value for value, _ in exercised), tuple(row.censored for _, row in exercised)
        ),
    )
