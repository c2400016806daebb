"""Faults of running software: it dies, hangs, slows down, or was changed for the worse."""

from __future__ import annotations

from pydantic import Field

from scenarios.faults.catalogue import ANY_SOFTWARE, FAULTS, Effect, FaultKind
from timeline.commands import Action
from topologies.fields import Model, Ratio


class Scope(Model):
    """How many replicas are hit; all when left out."""

    replicas: int | None = Field(default=None, ge=1)


class Slow(Scope):
    latency_factor: float = Field(gt=1)
    capacity_factor: float = Field(default=1.0, gt=0, le=1)


class Change(Scope):
    """What the new version or configuration does."""

    error_ratio: Ratio = 0.0
    latency_factor: float = Field(default=1.0, ge=1)
    capacity_factor: float = Field(default=1.0, gt=0, le=1)
    calls_factor: dict[str, float] = Field(default_factory=dict)
    """Calls to these dependencies are multiplied."""


def _changed(p: Change) -> Effect:
    return Effect(
        replicas=p.replicas,
        error_ratio=p.error_ratio,
        latency_factor=p.latency_factor,
        capacity_factor=p.capacity_factor,
        calls_factor=p.calls_factor,
    )


for kind in (
    FaultKind(
        id="crash",
        title="Process dies and does not come back",
        family="process",
        fits=ANY_SOFTWARE,
        parameters=Scope,
        effect=lambda p: Effect(down=True, replicas=p.replicas, needs_start_up=True),
        cleared_by=(Action.RESTART,),
        log_signature="process exited with signal",
        moves=("up",),
    ),
    FaultKind(
        id="hang",
        title="Process is there but answers nothing",
        family="process",
        fits=ANY_SOFTWARE,
        parameters=Scope,
        effect=lambda p: Effect(error_ratio=1.0, replicas=p.replicas, latency_factor=100.0),
        cleared_by=(Action.RESTART,),
        log_signature="request deadline exceeded",
        moves=("error_ratio", "latency_s"),
    ),
    FaultKind(
        id="slow",
        title="Requests take longer and fewer fit in",
        family="process",
        fits=ANY_SOFTWARE,
        parameters=Slow,
        effect=lambda p: Effect(
            replicas=p.replicas, latency_factor=p.latency_factor, capacity_factor=p.capacity_factor
        ),
        cleared_by=(Action.RESTART,),
        log_signature="slow request",
        moves=("latency_s", "saturation_ratio"),
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
        moves=("error_ratio", "latency_s", "saturation_ratio"),
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
        moves=("error_ratio", "latency_s", "saturation_ratio"),
        typical={"error_ratio": 0.5},
    ),
):
    FAULTS.add(kind.id, kind)
