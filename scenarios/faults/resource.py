"""Faults of what software stands on: processor, memory, disk, connections, files, clock, certificate.

Where a resource runs out with time, the fault first only shows (less and less is left) and bites when nothing is left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from scenarios.faults.catalogue import ANY_SOFTWARE, FAILING, FAULTS, Effect, FaultKind
from scenarios.faults.parameters import Scope
from timeline.commands import Action
from timeline.instants import MINUTE, SECOND
from topologies.estate import ComponentKind
from topologies.fields import DurationMs, Ratio
from topologies.shared_fate import SharedKind
from topologies.signals import USUAL, Signal

_ON_DISK = frozenset({ComponentKind.DATABASE, ComponentKind.QUEUE, ComponentKind.STORAGE, ComponentKind.SERVICE})
_KILLED_EVERY_MS = 2 * MINUTE
"""How long a process lives whose memory runs out again and again."""
_KILLED_ERRORS = 0.4
"""Share of requests lost while it is ended and started."""
_THRASHING_FAULTS_PER_S = 2_000.0
Positive = Annotated[DurationMs, Field(gt=0)]


class Starvation(Scope):
    capacity_factor: float = Field(gt=0, lt=1)


class Leak(Scope):
    fills_in: Positive
    """From onset until no memory is left."""


class Disk(Scope):
    free_ratio: Ratio = 0.0
    """Free share at onset."""
    fills_in: Positive | None = None
    """From onset until it is full; full at once when left out."""
    felt_after: DurationMs = 0
    """How long the target goes on with room that it has taken before it was full (a segment, a half-filled page)."""


class SlowDisk(Scope):
    wait: Positive = 200
    """How long the disk takes for one operation."""
    latency_factor: float = Field(default=10.0, gt=1)
    capacity_factor: float = Field(default=0.5, gt=0, le=1)


class Exhaustion(Scope):
    """Something limited is used up, so what needs more of it fails."""

    used_ratio: float = Field(default=1.0, gt=0, le=1)
    error_ratio: Ratio = 0.5
    """Share of requests that need a new one."""


class ClockOffset(Scope):
    offset: Positive
    """How far the clock runs ahead."""
    tolerated: DurationMs = 5 * MINUTE
    """From here on peers refuse every request (Kerberos, RFC 4120: five minutes by default)."""
    error_ratio: Ratio = 0.02
    """Share of requests refused below that: tokens and leases that seem not yet or no longer valid."""


class Expiry(Scope):
    expires_in: Positive | None = None
    """From onset until it expires; expired at once when left out."""


def _running_out(signal: Signal, p: Disk) -> Effect:
    full = Effect(error_ratio=1.0, signals={signal: (0.0, 0.0)})
    if p.felt_after:
        full = replace(full, error_ratio=0.0, later=(p.felt_after, full))
    if p.fills_in is None:
        return full
    filling = {signal: (p.free_ratio, -p.free_ratio / (p.fills_in / SECOND))}
    return Effect(signals=filling, later=(p.fills_in, full))


def _killed(_: Scope) -> Effect:
    """The kernel ends it whenever memory runs out, and it is started again."""
    per_s = SECOND / _KILLED_EVERY_MS
    return Effect(
        error_ratio=_KILLED_ERRORS,
        latency_factor=3.0,
        signals={
            Signal.MEMORY_USED_RATIO: (1.0, 0.0),
            Signal.MAJOR_FAULTS_PER_S: (_THRASHING_FAULTS_PER_S, 0.0),
            Signal.OOM_KILLS_PER_S: (per_s, 0.0),
            Signal.RESTARTS_PER_S: (per_s, 0.0),
        },
    )


def _leak(p: Leak) -> Effect:
    usual = USUAL[Signal.MEMORY_USED_RATIO]
    rising = {Signal.MEMORY_USED_RATIO: (usual, (1 - usual) / (p.fills_in / SECOND))}
    return Effect(signals=rising, later=(p.fills_in, _killed(p)))


def _exhausted(signal: Signal, p: Exhaustion) -> Effect:
    return Effect(error_ratio=p.error_ratio, signals={signal: (p.used_ratio, 0.0)})


def _slow_disk(p: SlowDisk) -> Effect:
    return Effect(
        latency_factor=p.latency_factor,
        capacity_factor=p.capacity_factor,
        signals={
            Signal.DISK_WAIT_S: (p.wait / SECOND, 0.0),
            Signal.DISK_BUSY_RATIO: (0.99, 0.0),
            Signal.IO_WAIT_RATIO: (0.5, 0.0),
        },
    )


def _skewed(p: ClockOffset) -> Effect:
    return Effect(
        error_ratio=1.0 if p.offset >= p.tolerated else p.error_ratio,
        signals={Signal.CLOCK_OFFSET_S: (p.offset / SECOND, 0.0)},
    )


def _expiring(p: Expiry) -> Effect:
    expired = Effect(error_ratio=1.0, signals={Signal.CERTIFICATE_LEFT_S: (0.0, -1.0)})
    if p.expires_in is None:
        return expired
    return Effect(signals={Signal.CERTIFICATE_LEFT_S: (p.expires_in / SECOND, -1.0)}, later=(p.expires_in, expired))


def _starved(p: Starvation, signal: Signal, value: float) -> Effect:
    return Effect(
        capacity_factor=p.capacity_factor,
        latency_factor=1 / p.capacity_factor,
        signals={signal: (value, 0.0)},
    )


_MEMORY = (Signal.MEMORY_USED_RATIO, Signal.MAJOR_FAULTS_PER_S, Signal.OOM_KILLS_PER_S, Signal.RESTARTS_PER_S)
_SLOWER = (Signal.LATENCY_S, Signal.SATURATION_RATIO, Signal.CPU_BUSY_RATIO, *FAILING)

for kind in (
    FaultKind(
        id="cpu-starvation",
        title="Something else takes the processor",
        family="resource",
        fits=ANY_SOFTWARE,
        parameters=Starvation,
        effect=lambda p: _starved(p, Signal.CPU_BUSY_RATIO, 1.0),
        cleared_by=(Action.RESTART,),
        log_signature="scheduler latency high",
        moves=_SLOWER,
        typical={"capacity_factor": 0.25},
    ),
    FaultKind(
        id="noisy-neighbour",
        title="The hypervisor gives the processor to others",
        family="resource",
        fits=ANY_SOFTWARE,
        parameters=Starvation,
        effect=lambda p: _starved(p, Signal.CPU_STEAL_RATIO, 1 - p.capacity_factor),
        cleared_by=(Action.REPAIR, Action.SCALE_OUT),
        log_signature="steal time high",
        moves=(Signal.CPU_STEAL_RATIO, *_SLOWER),
        typical={"capacity_factor": 0.25},
    ),
    FaultKind(
        id="memory-leak",
        title="Memory in use grows until none is left",
        family="resource",
        fits=ANY_SOFTWARE,
        parameters=Leak,
        effect=_leak,
        cleared_by=(Action.RESTART, Action.ROLL_BACK),
        log_signature="garbage collection takes most of the time",
        moves=(*_MEMORY, Signal.LATENCY_S, *FAILING),
        typical={"fills_in": "1h"},
    ),
    FaultKind(
        id="out-of-memory",
        title="The kernel ends the process for want of memory, again and again",
        family="resource",
        fits=ANY_SOFTWARE,
        parameters=Scope,
        effect=_killed,
        cleared_by=(Action.ROLL_BACK, Action.SCALE_OUT, Action.REPAIR),
        log_signature="out of memory: killed process",
        moves=(*_MEMORY, Signal.LATENCY_S, *FAILING),
    ),
    FaultKind(
        id="disk-full",
        title="Data disk fills up",
        family="resource",
        fits=_ON_DISK,
        parameters=Disk,
        effect=lambda p: _running_out(Signal.DISK_FREE_RATIO, p),
        cleared_by=(Action.REPAIR,),
        log_signature="no space left on device",
        moves=(Signal.DISK_FREE_RATIO, Signal.READY, *FAILING),
    ),
    FaultKind(
        id="inode-exhaustion",
        title="File system has no room for another file",
        family="resource",
        fits=_ON_DISK,
        parameters=Disk,
        effect=lambda p: _running_out(Signal.INODES_FREE_RATIO, p),
        cleared_by=(Action.REPAIR,),
        log_signature="no space left on device",
        moves=(Signal.INODES_FREE_RATIO, Signal.READY, *FAILING),
    ),
    FaultKind(
        id="slow-disk",
        title="Disk takes far too long",
        family="resource",
        fits=_ON_DISK,
        parameters=SlowDisk,
        effect=_slow_disk,
        cleared_by=(Action.REPAIR,),
        log_signature="task blocked for more than 120 seconds",
        moves=(Signal.DISK_WAIT_S, Signal.DISK_BUSY_RATIO, Signal.IO_WAIT_RATIO, *_SLOWER),
    ),
    FaultKind(
        id="connection-exhaustion",
        title="All connections are taken and not given back",
        family="resource",
        fits=ANY_SOFTWARE,
        parameters=Exhaustion,
        effect=lambda p: _exhausted(Signal.CONNECTIONS_HELD_RATIO, p),
        cleared_by=(Action.RESTART,),
        log_signature="too many clients already",
        moves=(Signal.CONNECTIONS_HELD_RATIO, Signal.READY, *FAILING),
    ),
    FaultKind(
        id="descriptor-exhaustion",
        title="Process may open no further file",
        family="resource",
        fits=ANY_SOFTWARE,
        parameters=Exhaustion,
        effect=lambda p: _exhausted(Signal.FILE_DESCRIPTORS_USED_RATIO, p),
        cleared_by=(Action.RESTART,),
        log_signature="too many open files",
        moves=(Signal.FILE_DESCRIPTORS_USED_RATIO, Signal.READY, *FAILING),
    ),
    FaultKind(
        id="clock-skew",
        title="Clock runs ahead",
        family="resource",
        fits=ANY_SOFTWARE,
        parameters=ClockOffset,
        effect=_skewed,
        cleared_by=(Action.REPAIR, Action.RESTART),
        log_signature="clock skew too great",
        moves=(Signal.CLOCK_OFFSET_S, Signal.READY, *FAILING),
        typical={"offset": "10m"},
    ),
    FaultKind(
        id="certificate-expiry",
        title="TLS certificate expires",
        family="resource",
        fits=frozenset({ComponentKind.SERVICE, ComponentKind.GATEWAY, ComponentKind.IDENTITY, SharedKind.CERTIFICATE}),
        parameters=Expiry,
        effect=_expiring,
        cleared_by=(Action.REPAIR,),
        log_signature="certificate has expired",
        moves=(Signal.CERTIFICATE_LEFT_S, Signal.READY, *FAILING),
    ),
):
    FAULTS.add(kind.id, kind)
