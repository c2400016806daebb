"""Faults of what keeps data: replication that stops or trails, stores that refuse writes, caches and queues that fall
behind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.faults.catalogue import FAILING, FAULTS, Effect, FaultKind
from scenarios.faults.parameters import Nothing, Scope
from timeline.commands import Action
from timeline.instants import SECOND
from topologies.estate import ComponentKind
from topologies.fields import DurationMs, Model, Ratio
from topologies.signals import Signal

_STORES = frozenset({ComponentKind.DATABASE, ComponentKind.CACHE, ComponentKind.QUEUE, ComponentKind.STORAGE})


class Lag(Model):
    lag: Annotated[DurationMs, Field(gt=0)]
    """How far the standby is behind."""


class ReadOnly(Scope):
    write_ratio: Ratio = 0.3
    """Share of requests that write, and so fail."""


class Eviction(Scope):
    hit_ratio: Ratio = 0.4
    """Share of look-ups that still find something; the others fail as far as the cache goes."""
    evictions_per_s: float = Field(default=500.0, gt=0)


class Corruption(Scope):
    silent: bool = True
    """Nobody sees it until the data are compared."""
    in_log: bool = True
    """Written by way of the log, as by a faulty program; false where storage returns other data than were written."""
    error_ratio: Ratio = 0.0
    """Share of requests that fail because of it, once it is not (or no longer) silent."""


class Consumers(Scope):
    consumed_ratio: Ratio = 0.0
    """Share of what arrives that is still worked off."""


def _eviction(p: Eviction) -> Effect:
    return Effect(
        error_ratio=1 - p.hit_ratio,
        signals={
            Signal.CACHE_HIT_RATIO: (p.hit_ratio, 0.0),
            Signal.EVICTIONS_PER_S: (p.evictions_per_s, 0.0),
            Signal.MEMORY_USED_RATIO: (1.0, 0.0),
        },
    )


def _corruption(p: Corruption) -> Effect:
    return Effect(
        replicas=p.replicas,
        error_ratio=p.error_ratio,
        signals={Signal.DATA_MISMATCHES: (1.0, 0.0)},
        corrupts=True,
        in_log=p.in_log,
        silent=p.silent,
    )


for kind in (
    FaultKind(
        id="replication-stopped",
        title="Standby no longer receives what its primary writes",
        family="data",
        fits=_STORES,
        parameters=Nothing,
        effect=lambda _: Effect(signals={Signal.REPLICATING: (0.0, 0.0), Signal.REPLICATION_LAG_S: (0.0, 1.0)}),
        cleared_by=(Action.RESTART, Action.REPAIR),
        log_signature="could not receive data from WAL stream",
        moves=(Signal.REPLICATING, Signal.REPLICATION_LAG_S),
    ),
    FaultKind(
        id="replication-lag",
        title="Standby trails far behind its primary",
        family="data",
        fits=_STORES,
        parameters=Lag,
        effect=lambda p: Effect(signals={Signal.REPLICATION_LAG_S: (p.lag / SECOND, 0.0)}),
        cleared_by=(Action.RESTART, Action.REPAIR),
        log_signature="replay is delayed",
        moves=(Signal.REPLICATION_LAG_S,),
        typical={"lag": "5m"},
    ),
    FaultKind(
        id="read-only",
        title="Store refuses writes",
        family="data",
        fits=_STORES | {ComponentKind.SERVICE},
        parameters=ReadOnly,
        effect=lambda p: Effect(error_ratio=p.write_ratio, signals={Signal.READ_ONLY: (1.0, 0.0)}),
        cleared_by=(Action.RESTART, Action.REPAIR),
        log_signature="cannot execute in a read-only transaction",
        moves=(Signal.READ_ONLY, *FAILING),
    ),
    FaultKind(
        id="cache-eviction",
        title="Cache is full and throws out what is still needed",
        family="data",
        fits=frozenset({ComponentKind.CACHE}),
        parameters=Eviction,
        effect=_eviction,
        cleared_by=(Action.RESTART, Action.SCALE_OUT, Action.ROLL_BACK),
        log_signature="evicted keys",
        moves=(Signal.CACHE_HIT_RATIO, Signal.EVICTIONS_PER_S, Signal.MEMORY_USED_RATIO, Signal.READY, *FAILING),
    ),
    FaultKind(
        id="corruption",
        title="Data are wrong",
        family="data",
        fits=frozenset({ComponentKind.DATABASE, ComponentKind.STORAGE}),
        parameters=Corruption,
        effect=_corruption,
        cleared_by=(Action.RESTORE,),
        log_signature="violates consistency check",
        moves=(Signal.DATA_MISMATCHES, *FAILING),
        typical={"silent": False, "error_ratio": 0.05},
    ),
    FaultKind(
        id="consumer-lag",
        title="Consumers of a queue stop or fall behind",
        family="data",
        fits=frozenset({ComponentKind.QUEUE}),
        parameters=Consumers,
        effect=lambda p: Effect(
            consumed_ratio=p.consumed_ratio, signals={Signal.CONSUMERS_RATIO: (p.consumed_ratio, 0.0)}
        ),
        cleared_by=(Action.RESTART, Action.ROLL_BACK),
        log_signature="consumer group is rebalancing",
        moves=(Signal.QUEUE_DEPTH, Signal.CONSUMERS_RATIO),
    ),
):
    FAULTS.add(kind.id, kind)
