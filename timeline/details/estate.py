"""What is so: faults, health, business functions, places, people at work, data, recovery."""

from __future__ import annotations

from dataclasses import dataclass, field

from timeline.details.marks import LEFT_OUT_WHEN_EMPTY


@dataclass(frozen=True, slots=True)
class FaultDetail:
    """A fault of the catalogue on its target."""

    fault: str
    """Kind of fault (id in the catalogue)."""
    target: str
    description: str = ""
    ended_by: str | None = None
    absent_ratio: float | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Faults of people: the share of them who cannot work."""
    teams: tuple[str, ...] = field(default=(), metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Faults of people: of these teams; of everybody at the target when empty."""
    silent: bool = field(default=False, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Said when it starts: nothing shows it until it is found or hurts."""
    malicious: bool = field(default=False, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Said when it starts: it is a successful malicious access to data."""


@dataclass(frozen=True, slots=True)
class HealthDetail:
    """State of a component, a site or a business function, as a share of the service it should give."""

    state: str
    """`up`, `degraded` or `down`."""
    level_ratio: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SignalDetail:
    """One signal that a change moved: linear from `value` with `slope_per_s` until the next change."""

    signal: str
    value: float
    slope_per_s: float = 0.0
    replica: int | None = None


@dataclass(frozen=True, slots=True)
class FlowDetail:
    """A mechanism that deals with load has changed what it does: a breaker, a cache, an autoscaler, a balancer."""

    component: str
    dependency: str | None = None
    """Where it is about calls: who is called."""
    replicas: int | None = None
    """Replicas that there are now, or that were taken out."""
    ratio: float | None = None
    """Share that is let in, that failed, or that is held in a cache."""


@dataclass(frozen=True, slots=True)
class FunctionDetail:
    """A business function below its minimum level, or back above it."""

    level_ratio: float
    rto_ms: int | None
    rpo_ms: int | None
    mtpd_ms: int | None
    minimum_level_ratio: float | None = None
    loss_per_hour: float | None = None
    criticality: str | None = None


@dataclass(frozen=True, slots=True)
class WorkplaceDetail:
    """A workplace that is lost, empty, or open again; `people` who usually work there are not at work there."""

    people: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StaffDetail:
    """The people of one need (skill) of a business function: where they are, and what the function can do with them.

    `present` are at work, wherever; `remote` of them work remotely and `alternate` of them at another place;
    `travelling`, `waiting` (without a place to work) and `absent` are not at work.
    """

    need: str
    present: int
    needed: int
    minimum: int
    remote: int
    alternate: int
    travelling: int
    waiting: int
    absent: int
    level_ratio: float
    """What these people can do of the normal work of the function."""


@dataclass(frozen=True, slots=True)
class RelocationDetail:
    """People sent from a workplace to another (`to`: its id, or `remote`), or back (`to`: the place itself)."""

    function: str
    need: str
    to: str
    people: int


@dataclass(frozen=True, slots=True)
class FallbackDetail:
    """Manual work in place of systems."""

    title: str
    throughput_ratio: float
    limit_ms: int | None = None
    """How long it can be kept up."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BacklogDetail:
    """Work that waits, as milliseconds of normal work at the peak, and how fast that changes."""

    work_ms: int
    rate_ratio: float
    """Work that is added (or, below zero, caught up) for each unit of time."""
    level_ratio: float
    """Of the function."""


@dataclass(frozen=True, slots=True)
class CrisisDetail:
    """The crisis team is together: who holds its roles."""

    incident: str
    roles: tuple[str, ...]
    quorum: int


@dataclass(frozen=True, slots=True)
class DataLossDetail:
    """Data that a recovery left behind: `lost_ms` is the achieved recovery point (RPA)."""

    component: str
    lost_ms: int
    transactions: float | None = None
    rpo_ms: int | None = field(default=None, metadata={LEFT_OUT_WHEN_EMPTY: True})
    """Stated where the function need not have been disrupted by it."""


@dataclass(frozen=True, slots=True)
class CorruptionDetail:
    """Wrong data: which, since when, and how it was found or came back."""

    data: str
    since_ms: int | None
    by: str = ""


@dataclass(frozen=True, slots=True)
class ConsistencyDetail:
    """How far two data sets tell the same story.

    `consistent_ratio` is the share of records that agree: with n transactions that one of them knows and the other does
    not, each about some record, exp(-n / records); None where the number of records is not known.
    """

    data: str
    other: str
    transactions: float
    consistent_ratio: float | None


@dataclass(frozen=True, slots=True)
class ConflictDetail:
    """Both members of a pair accept writes.  `transactions` are those of the side that gives way."""

    data: str
    former: str
    lasted_ms: int | None = None
    transactions: float | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class ReconciliationDetail:
    """Transactions that people settled: how many there were, and how many could be made good."""

    data: str
    transactions: float
    recovered: float
    took_ms: int


@dataclass(frozen=True, slots=True)
class RecoveryDetail:
    """A step of a recovery as those who carry it out see it."""

    target: str
    copy: str = ""
    as_of_ms: int | None = None
    """The moment that data are of."""
    verified: bool | None = None
    planned: bool | None = None
    """Whether there was a plan for the way back."""
    took_ms: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClassificationDetail:
    """Whether an incident is one that a regime wants to hear of: by the truth, or as somebody judged it."""

    obligation: str
    applies: bool | None
    """None while what is unknown could still decide it."""
    met: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    """Criteria that were met, and those on which nothing is known."""
    incident: str | None = None
    by: str = ""
