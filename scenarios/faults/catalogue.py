"""What a kind of fault is: the one catalogue that the model and the live injectors share.

A *kind of fault* says what it fits, which parameters it takes, what it does to its target while it lasts (an
`Effect`), which actions end it, and the signature it leaves in logs.  The families stand in modules beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from timeline.commands import Action
from timeline.registry import Registry
from topologies.estate import Component, ComponentKind, Site, SiteKind
from topologies.fields import Model
from topologies.signals import Signal


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


@dataclass(frozen=True, slots=True, eq=False)
class FaultKind:
    """One entry of the catalogue."""

    id: str
    title: str
    family: str
    fits: frozenset[ComponentKind | SiteKind]
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

    def applies_to(self, thing: Component | Site) -> bool:
        """Whether it can happen there at all."""
        return thing.kind in self.fits and (thing.vendor is not None or not self.of_vendors)

    def effect_of(self, parameters: Mapping[str, Any]) -> Effect:
        """Raises pydantic.ValidationError when the parameters are not those of this kind."""
        return self.effect(self.parameters.model_validate(dict(parameters)))


UNREACHABLE = (Signal.UP, Signal.READY, Signal.SERVING_RATIO, Signal.OK_RPS)
"""What moves when replicas cannot be reached.  Failed requests are counted by callers: who is gone counts none."""
GONE = (*UNREACHABLE, Signal.LATENCY_S, Signal.CPU_BUSY_RATIO)
"""What moves when replicas are down: they do no work either."""
FAILING = (Signal.SERVING_RATIO, Signal.OK_RPS, Signal.FAILED_RPS)
"""What moves when requests fail."""

FAULTS: Registry[FaultKind] = Registry("kind of fault")

ANY_SOFTWARE = frozenset(
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
