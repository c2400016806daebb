"""The parts of an objective, rated: its targets and its critical tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.index import TimelineIndex, detail_of
from reports.measures import MEASURES, Figure, Measure, Sample
from reports.quantities import write_ms, write_value
from reports.scoring.model import TargetScore, TaskScore
from reports.scoring.ratings import RATING_OF, Outcome, Rating, target_outcome, task_rating
from timeline.details import PlaybookTask, Target, TaskDetail
from timeline.events import Event
from timeline.findings import InputError, nearest
from timeline.instants import SECOND


def rate_target(index: TimelineIndex, target: Target, samples: Mapping[str, Sequence[Sample]]) -> TargetScore:
    """Raises InputError when the target names a measure that does not exist."""
    if target.measure not in MEASURES:
        raise InputError.single(
            "scores.unknown-measure",
            "timeline",
            f"an objective has a target for {target.measure!r}, which is no measure",
            nearest(target.measure, MEASURES),
        )
    measure = MEASURES[target.measure]
    about = [s for s in samples[target.measure] if target.subject is None or str(s.subject) == target.subject]
    figure = measure.figure(about)
    outcome = Outcome.NOT_EXERCISED
    if figure is not None:
        outcome = target_outcome(
            figure.value, censored=figure.censored, at_most=target.at_most, at_least=target.at_least
        )
    evidence = () if figure is None else figure.evidence
    return TargetScore(
        measure=measure.id,
        title=measure.title,
        subject=target.subject,
        unit=measure.unit,
        at_most=target.at_most,
        at_least=target.at_least,
        value=None if figure is None else figure.value,
        censored=figure is not None and figure.censored,
        outcome=outcome,
        rating=RATING_OF[outcome] if index.complete else None,
        explanation=_explain_target(measure, target, figure, outcome),
        evidence=evidence,
        rests_on=index.causality.rests_on(evidence),
    )


def rate_task(index: TimelineIndex, task: PlaybookTask) -> TaskScore:
    events = [
        e
        for e in index.of_kind("task.ready", "task.started", "task.completed", "task.failed", "task.skipped")
        if e.subject.id == task.id
    ]
    completed = next((e for e in events if e.kind == "task.completed"), None)
    failed = [e for e in events if e.kind == "task.failed" and (completed is None or e.seq < completed.seq)]
    began = _began(index, events)
    delay_ms = None
    if completed is not None and began is not None and task.expected_ms is not None:
        delay_ms = completed.at_ms - began.at_ms - task.expected_ms
    rating = task_rating(
        completed=completed is not None, delay_ms=delay_ms, planned_ms=task.expected_ms, failed_tries=len(failed)
    )
    evidence = tuple(sorted({e.seq for e in [began, *failed, completed, *events[-1:]] if e is not None}))
    return TaskScore(
        task=task.id,
        title=task.title,
        completed_at_ms=None if completed is None else completed.at_ms,
        planned_ms=task.expected_ms,
        delay_s=None if delay_ms is None else delay_ms / SECOND,
        failed_tries=len(failed),
        rating=rating if index.complete else None,
        explanation=_explain_task(rating, events, delay_ms, failed),
        evidence=evidence,
        rests_on=index.causality.rests_on(evidence),
    )


def _began(index: TimelineIndex, events: Sequence[Event]) -> Event | None:
    """What the planned time of a task runs from: the declaration, or a start of its playbook that needed none."""
    if not events:
        return None
    id = detail_of(events[0], TaskDetail).incident
    incident = index.root_of(id)
    declared = incident.first("incident.declared") if incident else None
    started = next((e for e in index.of_kind("playbook.started") if e.subject.id == id and e.seq < events[0].seq), None)
    if started is None or (declared is not None and declared.at_ms == started.at_ms):
        return declared
    return started


def _explain_target(measure: Measure, target: Target, figure: Figure | None, outcome: Outcome) -> str:
    wanted = []
    if target.at_most is not None:
        wanted.append(f"at most {write_value(target.at_most, measure.unit)}")
    if target.at_least is not None:
        wanted.append(f"at least {write_value(target.at_least, measure.unit)}")
    asked = " and ".join(wanted)
    if figure is None:
        return f"Nothing in the exercise called for it (wanted: {asked})."
    seen = write_value(figure.value, measure.unit, at_least=figure.censored)
    said = f"{seen}; wanted {asked}"
    match outcome:
        case Outcome.UNDECIDED:
            return f"{said}. Still open at the end, so the exercise did not show it."
        case Outcome.BROKEN_AND_OPEN:
            return f"{said}. Already missed, and still open at the end."
        case Outcome.NEAR_MISS:
            return f"{said}. A near miss."
        case _:
            return f"{said}."


def _explain_task(rating: Rating, events: Sequence[Event], delay_ms: int | None, failed: Sequence[Event]) -> str:
    if rating is Rating.U:
        if not events:
            return "Never came up."
        last = events[-1]
        reason = detail_of(last, TaskDetail).reason
        became = {"task.skipped": "Skipped", "task.failed": "Failed", "task.ready": "Never started"}
        return f"{became.get(last.kind, 'Begun and not completed')}{': ' + reason if reason else ''}."
    said = "Completed"
    if delay_ms is not None:
        said += f" {write_ms(abs(delay_ms))} {'later' if delay_ms > 0 else 'earlier'} than planned"
    if failed:
        said += f", after {len(failed)} failed {'try' if len(failed) == 1 else 'tries'}"
    return said + "."
