"""Model against record: the published moments of a real incident beside those of the model.

A moment is compared with the first event of the run that shows it, where the scenario names one, else with the
milestone whose name it bears; any other is shown alone.  A moment for which a parameter was fitted is shown with
its difference and left out of the figures.
"""

from __future__ import annotations

from statistics import median

from reports.index import TimelineIndex
from reports.milestones import Milestone, of_exercise
from reports.scoring.model import MomentScore, RecordScore
from timeline.details import RecordedMoment
from timeline.events import Event
from timeline.instants import SECOND
from timeline.predicates import EventPattern


def compare_with_record(index: TimelineIndex) -> RecordScore | None:
    """None when the scenario has no record."""
    if not index.exercise.recorded:
        return None
    recorded = sorted(index.exercise.recorded, key=lambda m: m.at_ms)
    moments = tuple(_compare(index, moment) for moment in recorded)
    differences = [abs(m.difference_s) for m in moments if m.difference_s is not None and not m.fitted]
    return RecordScore(
        moments=moments,
        compared=len(differences),
        median_absolute_difference_s=median(differences) if differences else None,
        largest_absolute_difference_s=max(differences, default=None),
    )


def _compare(index: TimelineIndex, recorded: RecordedMoment) -> MomentScore:
    modelled = _modelled(index, recorded)
    return MomentScore(
        milestone=recorded.milestone,
        recorded_at_ms=recorded.at_ms,
        modelled_at_ms=None if modelled is None else modelled.at_ms,
        difference_s=None if modelled is None else (modelled.at_ms - recorded.at_ms) / SECOND,
        fitted=recorded.fitted,
        source=recorded.source,
        evidence=() if modelled is None else (modelled.seq,),
    )


def _modelled(index: TimelineIndex, recorded: RecordedMoment) -> Event | None:
    if recorded.kind:
        pattern = EventPattern(kind=recorded.kind, subject=recorded.subject)
        return next((e for e in index.of_kind(recorded.kind) if pattern.matches(e)), None)
    return of_exercise(index, Milestone(recorded.milestone)) if recorded.milestone in set(Milestone) else None
