"""A replay as it is asked for and as it is told: the history against an estate, perhaps stressed, perhaps changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scenarios.history.calibration.model_file import HistoryModel
from scenarios.history.record import IncidentRecord, TimeBasis
from simulator.randomness import Streams
from studies.coverage import Subject
from studies.replay.comparison import Compared, Target, compare
from studies.replay.dating import moved, weeks_to_schedules
from studies.replay.detection import DetectionSource
from studies.replay.fitted import Fitted
from studies.replay.incidents import Incident
from studies.replay.mapping import Placed
from studies.replay.measures import Changed, Measured, changes, measured
from studies.replay.stress import Stress
from studies.replay.study import Known, Modelled, Plan, Replicate, Replication, plan, replay
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
    fitted: HistoryModel | None = None
    """Incidents take as long as this model says, which has a time to restore; left out, as the people need."""


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
    jobs: int = 1,
    known: Known | None = None,
    known_against: Known | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> HistoryReplay:
    """Replays the incidents that are placed.  With `stress` and `against` both the other variant has both.

    The work is done by so many processes, with the same answer; `known` and `known_against` are what trials of
    detection told already, and are added to.  Raises ValueError where nothing is placed; InputError where a stress
    finds nothing to place.
    """
    if not placed.incidents:
        raise ValueError("no incident of the history is on the estate")
    weeks = 0 if asked.as_dated else weeks_to_schedules(placed.incidents, subject.organisation)
    placed = replace(placed, incidents=moved(placed.incidents, weeks))
    variants = 1 if stress is None and against is None else 2
    share = 1 / variants

    processes = _Processes(jobs, known)
    history = _Occurring(placed.incidents, None, asked.seed)
    base = _variant(subject.name, subject, history, asked, processes, lambda done: progress(done * share))
    other = None
    if variants == 2:
        title = " and ".join(str(part) for part in (against.name if against else None, stress) if part is not None)
        other = _variant(
            title,
            against or subject,
            _Occurring(placed.incidents, stress, asked.seed),
            asked,
            _Processes(jobs, known_against),
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


@dataclass(frozen=True, slots=True)
class _Occurring:
    """The incidents of each replication."""

    incidents: tuple[Incident, ...]
    stress: Stress | None
    seed: int

    def __call__(self, number: int) -> Sequence[Incident]:
        return self.incidents if self.stress is None else self.stress(self.incidents, Streams(self.seed, number))


@dataclass(frozen=True, slots=True)
class _Processes:
    """How the work is done: on how many processes, and what of it is known."""

    jobs: int
    known: Known | None


def _variant(
    title: str,
    subject: Subject,
    occurring: _Occurring,
    asked: Asked,
    processes: _Processes,
    progress: Callable[[float], None],
    planned: Plan | None = None,
) -> Variant:
    if planned is None:
        planned = plan(
            subject,
            {incident.pair for incident in occurring.incidents},
            asked.source if asked.fitted is None else DetectionSource.RECORDED,
            asked.epoch,
            seed=asked.seed,
            jobs=processes.jobs,
            known=processes.known,
            progress=lambda done: progress(done / 2),
        )
    play: Replicate = Modelled(planned) if asked.fitted is None else Fitted(asked.fitted)
    done = replay(
        play,
        occurring,
        seed=asked.seed,
        replications=asked.replications,
        jobs=processes.jobs,
        progress=lambda share: progress((1 + share) / 2),
    )
    return Variant(title, planned, done, measured(planned, done), survival(planned, done))
