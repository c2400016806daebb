"""Faults of running software: it dies, dies again, hangs, slows down, or was changed for the worse."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.faults.catalogue import ANY_SOFTWARE, FAILING, FAULTS, GONE, Effect, FaultKind
from scenarios.faults.parameters import Scope
from timeline.commands import Action
from timeline.instants import SECOND
from topologies.fields import ComponentId, DurationMs, Ratio
from topologies.signals import Signal


class Slow(Scope):
    latency_factor: float = Field(gt=1)
    capacity_factor: float = Field(default=1.0, gt=0, le=1)


class Loop(Scope):
    every: Annotated[DurationMs, Field(gt=0)] = 30_000
    """From one start to the next."""
    down_ratio: Ratio = 0.6
    """Share of the time in which it is not there."""


class Change(Scope):
    """What the new version or configuration does."""

    error_ratio: Ratio = 0.0
    latency_factor: float = Field(default=1.0, ge=1)
    capacity_factor: float = Field(default=1.0, gt=0, le=1)
    calls_factor: dict[ComponentId, float] = Field(default_factory=dict)
    """Calls to these dependencies are multiplied."""


def _changed(p: Change) -> Effect:
    return Effect(
        error_ratio=p.error_ratio,
        latency_factor=p.latency_factor,
        capacity_factor=p.capacity_factor,
        calls_factor=p.calls_factor,
    )


def _loop(p: Loop) -> Effect:
    """Requests are flows: what comes in while it is down is lost, as a share of all.  Scrapes see it come and go."""
    return Effect(
        error_ratio=p.down_ratio,
        signals={Signal.RESTARTS_PER_S: (SECOND / p.every, 0.0), Signal.AWAY_RATIO: (p.down_ratio, 0.0)},
    )


def _hang(p: Scope) -> Effect:
    """Who hangs for all requests hangs for its scrapes, too."""
    silent = {Signal.ANSWERING: (0.0, 0.0)} if p.traffic == 1 else {}
    return Effect(error_ratio=1.0, latency_factor=100.0, signals=silent)


for kind in (
    FaultKind(
        id="crash",
        title="Process dies and does not come back",
        family="process",
        fits=ANY_SOFTWARE,
        parameters=Scope,
        effect=lambda _: Effect(down=True, needs_start_up=True),
        cleared_by=(Action.RESTART,),
        log_signature="process exited with signal",
        moves=GONE,
    ),
    FaultKind(
        id="crash-loop",
        title="Process dies soon after each start",
        family="process",
        fits=ANY_SOFTWARE,
        parameters=Loop,
        effect=_loop,
        cleared_by=(Action.ROLL_BACK, Action.REPAIR),
        log_signature="back-off restarting failed container",
        moves=(Signal.RESTARTS_PER_S, Signal.AWAY_RATIO, Signal.READY, *FAILING),
    ),
    FaultKind(
        id="hang",
        title="Process is there but answers nothing",
        family="process",
        fits=ANY_SOFTWARE,
        parameters=Scope,
        effect=_hang,
        cleared_by=(Action.RESTART,),
        log_signature="request deadline exceeded",
        moves=(Signal.ANSWERING, Signal.READY, Signal.LATENCY_S, *FAILING),
    ),
    FaultKind(
        id="slow",
        title="Requests take longer and fewer fit in",
        family="process",
        fits=ANY_SOFTWARE,
        parameters=Slow,
        effect=lambda p: Effect(latency_factor=p.latency_factor, capacity_factor=p.capacity_factor),
        cleared_by=(Action.RESTART,),
        log_signature="slow request",
        moves=(Signal.LATENCY_S, Signal.SATURATION_RATIO, Signal.CPU_BUSY_RATIO, *FAILING),
        typical={"latency_factor": 10.0, "capacity_factor": 0.3},
    ),
    FaultKind(
        id="bad-deploy",
        title="New version is worse than the old one",
        family="change",
        fits=ANY_SOFTWARE,
        parameters=Change,
        effect=_changed,
        cleared_by=(Action.ROLL_BACK,),
        log_signature="unhandled exception in new release",
        moves=(Signal.READY, Signal.LATENCY_S, Signal.SATURATION_RATIO, Signal.CPU_BUSY_RATIO, *FAILING),
        typical={"error_ratio": 0.5},
    ),
    FaultKind(
        id="bad-configuration",
        title="New rule or setting is harmful",
        family="change",
        fits=ANY_SOFTWARE,
        parameters=Change,
        effect=_changed,
        cleared_by=(Action.ROLL_BACK, Action.DISABLE),
        log_signature="configuration reloaded",
        moves=(Signal.READY, Signal.LATENCY_S, Signal.SATURATION_RATIO, Signal.CPU_BUSY_RATIO, *FAILING),
        typical={"error_ratio": 0.5},
    ),
):
    FAULTS.add(kind.id, kind)
