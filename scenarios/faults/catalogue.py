"""What a kind of fault is: the one catalogue that the model and the live injectors share.

A *kind of fault* says what it fits, which parameters it takes, what it does to its target while it lasts (an
`Effect`), which actions end it, and the signature it leaves in logs.  The families stand in modules beside this one.

How much of its target a fault hits (`scenarios.faults.parameters.Scope`) is the same for all kinds, and is worked into
the effect here; when it comes and goes is a matter of the scenario, see `scenarios.faults.strength`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from scenarios.faults.parameters import Scope
from timeline.commands import Action
from timeline.registry import Registry
from topologies.estate import Component, ComponentKind, Site, SiteKind
from topologies.fields import Model
from topologies.shared_fate import SharedKind, SharedThing
from topologies.signals import Signal


class PeopleKind(StrEnum):
    """Targets that are no part of the estate."""

    TEAM = "team"


TargetKind = ComponentKind | SiteKind | SharedKind | PeopleKind


@dataclass(frozen=True, slots=True)
class Between:
    """The calls that an effect is confined to: between its target and the *peers*, which are components or sites.

    A call inside the target (a site: from one component there to another) is never among them.
    """

    peers: tuple[str, ...] = ()
    """Everybody else, users included, when empty."""
    inward: bool = True
    """Calls of the peers to the target."""
    outward: bool = False
    """Calls of the target to the peers."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a fault does to its target while it lasts.

    `replicas` counts the affected ones (`None`: all).  Shares are in [0, 1]; factors multiply.
    """

    down: bool = False
    replicas: int | None = None
    error_ratio: float = 0.0
    latency_factor: float = 1.0
    capacity_factor: float = 1.0
    calls_factor: Mapping[str, float] = field(default_factory=dict)
    """Calls to these dependencies are multiplied."""
    consumed_ratio: float = 1.0
    """Share of what arrives in a queue that is still worked off: the rest piles up."""
    signals: Mapping[Signal, tuple[float, float]] = field(default_factory=dict)
    """Other signals of the affected replicas: value at onset and slope a second."""
    needs_start_up: bool = False
    """When it ends, the target must still start up."""
    denied: bool = False
    """Nobody may enter the place; what runs there goes on running."""
    absent_ratio: float = 0.0
    """Chance of each person of the place to be away ..."""
    absent_teams: tuple[str, ...] = ()
    """... of these teams only, where any are named."""
    later: tuple[int, Effect] | None = None
    """What it turns into after so many milliseconds, if it lasts."""
    corrupts: bool = False
    """Data written since it began are wrong, and copies made since carry it."""
    in_log: bool = False
    """The wrong data went through the log: standbys take them over, and a replay brings them back."""
    silent: bool = False
    """Has no effect that anybody could see until somebody compares the data."""
    destroys_copies: bool = False
    """Copies of its target, or stored at it, are gone, but for immutable ones."""
    between: Between | None = None
    """Felt over these calls only; the target by itself is well."""

    def for_share(self, ratio: float) -> Effect:
        """The same for a share of requests, in (0, 1]: who is down for some of them fails these."""
        whole = replace(self, down=False, needs_start_up=False, error_ratio=1.0) if self.down else self
        return replace(
            whole,
            error_ratio=whole.error_ratio * ratio,
            latency_factor=1 + (whole.latency_factor - 1) * ratio,
            capacity_factor=1 - (1 - whole.capacity_factor) * ratio,
            calls_factor={id: 1 + (factor - 1) * ratio for id, factor in whole.calls_factor.items()},
            consumed_ratio=1 - (1 - whole.consumed_ratio) * ratio,
        )

    def on_replicas(self, count: int) -> Effect:
        """The same where no more than so many replicas can be hit."""
        return replace(self, replicas=count if self.replicas is None else min(self.replicas, count))

    def within(self, scope: Scope) -> Effect:
        """Confined to a scope, now and later."""
        made = self if scope.traffic == 1 else self.for_share(scope.traffic)
        if scope.replicas is not None:
            made = replace(made, replicas=scope.replicas)
        if scope.callers:
            made = replace(made, between=Between(scope.callers))
        if made.later is not None:
            made = replace(made, later=(made.later[0], made.later[1].within(scope)))
        return made


@dataclass(frozen=True, slots=True, eq=False)
class FaultKind:
    """One entry of the catalogue."""

    id: str
    title: str
    family: str
    fits: frozenset[TargetKind]
    parameters: type[Model]
    effect: Callable[[Any], Effect]
    """From validated parameters to the effect."""
    cleared_by: tuple[Action, ...]
    """Actions on the target that end it; empty: only time does."""
    log_signature: str
    moves: tuple[Signal, ...]
    """Signals of the target that it moves, at once or when it has lasted."""
    of_vendors: bool = False
    """Sits only in what a vendor runs."""
    of_people: bool = False
    """Takes people away; the systems are well."""
    typical: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of a usual case, for studies that go through all kinds; those of `parameters` that have no usual value
    of their own."""
    inside: bool = False
    """Of sites: sits in the place, and hurts what stands there rather than the place itself."""
    permanent: bool = False
    """Nothing ends it: neither an action nor time."""
    malicious: bool = False
    """Is a successful malicious access to data (Delegated Regulation (EU) 2024/1772, article 9(5)(b))."""

    @property
    def takes(self) -> tuple[str, ...]:
        """Names of its own parameters, without those of scope."""
        return tuple(name for name in self.parameters.model_fields if name not in Scope.model_fields)

    @property
    def has_scope(self) -> bool:
        """Whether it can hit a part of its target."""
        return issubclass(self.parameters, Scope)

    def applies_to(self, thing: Component | Site | SharedThing) -> bool:
        """Whether it can happen there at all."""
        return thing.kind in self.fits and (thing.vendor is not None or not self.of_vendors)

    def effect_of(self, parameters: Mapping[str, Any]) -> Effect:
        """Raises pydantic.ValidationError when the parameters are not those of this kind."""
        validated = self.parameters.model_validate(dict(parameters))
        effect = self.effect(validated)
        return effect.within(validated) if isinstance(validated, Scope) else effect


UNREACHABLE = (Signal.UP, Signal.READY, Signal.SERVING_RATIO, Signal.OK_RPS)
"""What moves when replicas cannot be reached.  Failed requests are counted by callers: who is gone counts none."""
GONE = (*UNREACHABLE, Signal.LATENCY_S, Signal.CPU_BUSY_RATIO)
"""What moves when replicas are down: they do no work either."""
FAILING = (Signal.SERVING_RATIO, Signal.OK_RPS, Signal.FAILED_RPS)
"""What moves when requests fail."""

FAULTS: Registry[FaultKind] = Registry("kind of fault")

ANY_SOFTWARE: frozenset[TargetKind] = frozenset(
    {
        ComponentKind.SERVICE,
        ComponentKind.GATEWAY,
        ComponentKind.DATABASE,
        ComponentKind.CACHE,
        ComponentKind.QUEUE,
        ComponentKind.STORAGE,
        ComponentKind.BATCH,
        ComponentKind.DNS,
        ComponentKind.IDENTITY,
        ComponentKind.MONITORING,
        ComponentKind.ALERTING,
        ComponentKind.PAGING,
        ComponentKind.CHAT,
        ComponentKind.ITSM,
        ComponentKind.STATUS_PAGE,
    }
)
