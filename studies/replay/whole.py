"""A replay as it is asked for and as it is told: the history against an estate, perhaps stressed, perhaps changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scenarios.history.record import IncidentRecord, TimeBasis
from simulator.randomness import Streams
from studies.coverage import Subject
from studies.replay.comparison import Compared, Target, compare
from studies.replay.dating import moved, weeks_to_schedules
from studies.replay.detection import DetectionSource
from studies.replay.incidents import Incident
from studies.replay.mapping import Placed
from studies.replay.measures import Changed, Measured, changes, measured
from studies.replay.stress import Stress
from studies.replay.study import Plan, Replication, plan, replay
from studies.replay.survival import Survival, survival


@dataclass(frozen=True, slots=True)
class Asked:
    """What a replay is asked for.  `epoch` is the moment at which faults are tried where detection is modelled."""

    epoch: datetime
    source: DetectionSource = DetectionSource.MODELLED
    seed: int = 1
    replications: int = 20
    as_dated: bool = False
    """Leave the history where it lies, even if schedules had not begun."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One estate with one set of incidents, replayed."""

    title: str
    plan: Plan
    replications: tuple[Replication, ...]
    measured: tuple[Measured, ...]
    survival: tuple[Survival, ...]


@dataclass(frozen=True, slots=True)
class HistoryReplay:
    """Everything that a replay showed."""

    asked: Asked
    placed: Placed
    moved_weeks: int
    """By which the history was moved into the time of the schedules."""
    records: int
    calendar: bool
    """Whether hours and weekdays of the history mean anything."""
    base: Variant
    compared: tuple[Compared, ...]
    other: Variant | None
    """The stressed or changed variant, on the same incidents and random numbers."""
    changed: tuple[Changed, ...]


def replay_history(
    records: Sequence[IncidentRecord],
    placed: Placed,
    subject: Subject,
    asked: Asked,
    *,
    stress: Stress | None = None,
    against: Subject | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> HistoryReplay:
    """Replays the incidents that are placed.  With `stress` and `against` both the other variant has both.

    Raises ValueError where nothing is placed; InputError where a stress finds nothing to place.
    """
    if not placed.incidents:
        raise ValueError("no incident of the history is on the estate")
    weeks = 0 if asked.as_dated else weeks_to_schedules(placed.incidents, subject.organisation)
    placed = replace(placed, incidents=moved(placed.incidents, weeks))
    variants = 1 if stress is None and against is None else 2
    share = 1 / variants

    def stressed(number: int) -> Sequence[Incident]:
        assert stress is not None
        return stress(placed.incidents, Streams(asked.seed, number))

    def history(_: int) -> Sequence[Incident]:
        return placed.incidents

    base = _variant(subject.name, subject, placed, history, asked, lambda done: progress(done * share))
    other = None
    if variants == 2:
        title = " and ".join(str(part) for part in (against.name if against else None, stress) if part is not None)
        incidents_of = history if stress is None else stressed
        other = _variant(
            title,
            against or subject,
            placed,
            incidents_of,
            asked,
            lambda done: progress(share + done * share),
            None if against else base.plan,
        )
    compared = [compare(base.replications, target) for target in Target]
    return HistoryReplay(
        asked=asked,
        placed=placed,
        moved_weeks=weeks,
        records=len(records),
        calendar=all(record.time_basis is TimeBasis.CALENDAR for record in records),
        base=base,
        compared=tuple(one for one in compared if one is not None),
        other=other,
        changed=() if other is None else changes(base.plan, base.replications, other.plan, other.replications),
    )


def _variant(
    title: str,
    subject: Subject,
    placed: Placed,
    incidents_of: Callable[[int], Sequence[Incident]],
    asked: Asked,
    progress: Callable[[float], None],
    planned: Plan | None = None,
) -> Variant:
    if planned is None:
        pairs = {incident.pair for incident in placed.incidents}
        planned = plan(
            subject, pairs, asked.source, asked.epoch, seed=asked.seed, progress=lambda done: progress(done / 2)
        )
    done = replay(
        planned,
        incidents_of,
        seed=asked.seed,
        replications=asked.replications,
        progress=lambda share: progress((1 + share) / 2),
    )
    return Variant(title, planned, done, measured(planned, done), survival(planned, done))
