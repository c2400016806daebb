"""From a timeline to its scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from reports.index import TimelineIndex
from reports.measures import MEASURES, Measure, Sample, read_measures
from reports.scoring.model import MeasureScore, ObjectiveScore, SampleScore, Scores
from reports.scoring.parts import rate_target, rate_task
from reports.scoring.ratings import objective_rating, score_of, total_score
from reports.scoring.record import compare_with_record
from timeline.details import ObjectiveDetail, PlaybookTask
from timeline.journal import Timeline


def score(timeline: Timeline) -> Scores:
    """Scores of a timeline.

    One without `exercise.ended` is incomplete: its measures show what was seen until it broke off, nothing is rated and
    there is no score.  Raises InputError when there is nothing to judge by, or a target names no measure.
    """
    return score_index(TimelineIndex(timeline))


def score_index(index: TimelineIndex) -> Scores:
    """As `score`, of a timeline that has been read."""
    exercise = index.exercise
    samples = read_measures(index)
    objectives = tuple(_rate_objective(index, objective, samples) for objective in exercise.objectives)
    return Scores(
        scenario=exercise.scenario,
        title=exercise.title,
        estate=exercise.estate,
        seed=exercise.seed,
        version=exercise.version,
        epoch=exercise.epoch,
        evidence_class=exercise.evidence_class,
        events=len(index.events),
        until_ms=index.until_ms,
        complete=index.complete,
        objectives_met=index.complete and all(o.met for o in objectives),
        score=total_score((o.weight, o.score) for o in objectives),
        objectives=objectives,
        measures=tuple(_measure_score(index, measure, samples[id]) for id, measure in MEASURES.items()),
        record=compare_with_record(index),
        rests_on=_union(o.rests_on for o in objectives),
    )


def _rate_objective(
    index: TimelineIndex, objective: ObjectiveDetail, samples: Mapping[str, Sequence[Sample]]
) -> ObjectiveScore:
    planned = {task.id: task for task in index.exercise.tasks}
    targets = tuple(rate_target(index, target, samples) for target in objective.targets)
    tasks = tuple(rate_task(index, planned.get(id) or _unplanned(id)) for id in objective.critical_tasks)
    of_targets = [t.rating for t in targets]
    of_tasks = [t.rating for t in tasks if t.rating is not None]
    rating = objective_rating(of_targets, of_tasks)
    return ObjectiveScore(
        id=objective.id,
        title=objective.title,
        weight=objective.weight,
        rating=rating,
        met=rating is not None and rating.is_met,
        score=score_of([r for r in of_targets if r is not None] + of_tasks),
        practices=objective.practices,
        targets=targets,
        critical_tasks=tasks,
        evidence_class=index.exercise.evidence_class,
        rests_on=_union([*(t.rests_on for t in targets), *(t.rests_on for t in tasks)]),
    )


def _unplanned(id: str) -> PlaybookTask:
    """A critical task that no playbook plans: it can only turn up, or never come up."""
    return PlaybookTask(id, id, critical=True, expected_ms=None)


def _measure_score(index: TimelineIndex, measure: Measure, samples: Sequence[Sample]) -> MeasureScore:
    figure = measure.figure(samples)
    return MeasureScore(
        id=measure.id,
        title=measure.title,
        meaning=measure.meaning,
        unit=measure.unit,
        direction=measure.direction,
        judged=measure.judged,
        practice=measure.practice,
        reference=measure.reference,
        value=None if figure is None else figure.value,
        censored=figure is not None and figure.censored,
        evidence=() if figure is None else figure.evidence,
        samples=tuple(
            SampleScore(subject=str(s.subject), value=s.value, censored=s.censored, evidence=s.evidence)
            for s in samples
        ),
        evidence_class=index.exercise.evidence_class,
        rests_on=index.causality.rests_on(seq for s in samples for seq in s.evidence),
    )


def _union(paths: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted({path for some in paths for path in some}))
