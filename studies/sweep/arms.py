"""What a sweep is: arms, a seed, so many replications.

An *arm* is one scenario as it is swept: its estate, its settings.  Replication `r` of every arm draws from the streams
(seed, r): arms of one sweep are paired by common random numbers.  A *shard* `i/n` is the i-th of n equal stretches of
the replications.

A sweep over factors has an arm for each *point*.  Points of one *replicate* (a design drawn once) play the same
replications, so they are paired; each replicate has a stretch of `STRETCH` replications to itself, so replicates are
independent of each other.  Its shards are stretches of the points.

`study.json` says all of this, with a digest of what was read, so that rows are never added to those of another sweep,
and with what objectives want, so that a report needs nothing but the folder.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel, ConfigDict

from scenarios.factors import Factors
from simulator.exercise import ExercisePlan

STRETCH = 10_000
"""Replication numbers that belong to a replicate of a design."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TargetRecord(_Record):
    """What a target wants."""

    measure: str
    subject: str | None
    at_most: float | None
    at_least: float | None


class TaskRecord(_Record):
    """A critical task, by the title that its playbook gives it."""

    id: str
    title: str


class ObjectiveRecord(_Record):
    """An objective, its targets and its critical tasks."""

    id: str
    title: str
    targets: tuple[TargetRecord, ...]
    tasks: tuple[TaskRecord, ...]


class RiskRecord(_Record):
    """How often an arm's scenario is expected to happen, and what losses of its functions are counted in."""

    per_year: float
    currency: str | None


class Point(_Record):
    """A point of a design: `at` has a coordinate from 0 to 1 for each factor, in the order of their file.

    `role` is its place within its replicate: the number of a point or of a step, or for `saltelli` the sample it is of
    (`a`, `b`, or the id of the factor that sample A has from B) and the number there.
    """

    replicate: int
    role: str
    number: int
    at: tuple[float, ...]


class ArmRecord(_Record):
    """One arm.  `inputs` is the SHA-256 of everything that was read for it, settings included."""

    name: str
    scenario: str
    title: str
    estate: str
    settings: tuple[str, ...]
    inputs: str
    objectives: tuple[ObjectiveRecord, ...]
    point: Point | None = None
    risk: RiskRecord | None = None
    """None where the scenario states no frequency, or no function of the estate a loss."""


class Shard(_Record):
    """The `number`-th (from 1) of `of` stretches, of replications or of points."""

    number: int = 1
    of: int = 1

    def replications(self, total: int) -> range:
        return range(total * (self.number - 1) // self.of, total * self.number // self.of)

    @property
    def whole(self) -> bool:
        return self.of == 1

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


class Until(_Record):
    """Stop when the 95 % interval of an objective's probability or a measure's median is at most so wide.

    `width` is a probability, or in the unit of the measure.
    """

    id: str
    width: float


class Study(_Record):
    """The content of `study.json`."""

    format: Literal["blackstart/sweep/1"] = "blackstart/sweep/1"
    version: str
    seed: int
    replications: int
    shard: Shard = Shard()
    until: Until | None = None
    arms: tuple[ArmRecord, ...]
    factors: Factors | None = None

    def replications_of(self, place: int) -> range:
        """What this shard plays of the arm at this place."""
        point = self.arms[place].point
        if point is None:
            return self.shard.replications(self.replications)
        if place not in self.shard.replications(len(self.arms)):
            return range(0)
        first = point.replicate * STRETCH
        return range(first, first + self.replications)

    def to_json(self) -> str:
        return self.model_dump_json(indent=2) + "\n"

    def arm(self, name: str) -> ArmRecord:
        """Raises KeyError when there is no such arm."""
        for arm in self.arms:
            if arm.name == name:
                return arm
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm with what the simulator plays."""

    record: ArmRecord
    plan: ExercisePlan


def arm_of(name: str, plan: ExercisePlan, settings: tuple[str, ...], inputs: str, point: Point | None = None) -> Arm:
    """The arm of a plan that was made from files with this digest."""
    titles = {id: task.title for id, task in plan.playbook.tasks.items()} if plan.playbook else {}
    objectives = tuple(
        ObjectiveRecord(
            id=id,
            title=objective.title,
            targets=tuple(
                TargetRecord(measure=t.measure, subject=t.subject, at_most=t.at_most, at_least=t.at_least)
                for t in objective.targets
            ),
            tasks=tuple(TaskRecord(id=task, title=titles.get(task, task)) for task in objective.critical_tasks),
        )
        for id, objective in plan.scenario.objectives.items()
    )
    record = ArmRecord(
        name=name,
        scenario=plan.name,
        title=plan.scenario.title,
        estate=plan.estate_name,
        settings=settings,
        inputs=inputs,
        objectives=objectives,
        point=point,
        risk=_risk(plan),
    )
    return Arm(record, plan)


def _risk(plan: ExercisePlan) -> RiskRecord | None:
    frequency = plan.scenario.frequency
    if frequency is None or all(function.loss_per_hour is None for function in plan.estate.functions.values()):
        return None
    return RiskRecord(per_year=frequency.per_year, currency=plan.estate.currency)


def study_of(
    arms: tuple[Arm, ...],
    seed: int,
    replications: int,
    shard: Shard | None = None,
    until: Until | None = None,
    factors: Factors | None = None,
) -> Study:
    return Study(
        version=version("blackstart"),
        seed=seed,
        replications=replications,
        shard=shard or Shard(),
        until=until,
        arms=tuple(arm.record for arm in arms),
        factors=factors,
    )
