"""Faults of what software stands on: processor, disk, certificate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from scenarios.faults.catalogue import ANY_SOFTWARE, FAULTS, Effect, FaultKind
from timeline.commands import Action
from timeline.instants import SECOND
from topologies.estate import ComponentKind
from topologies.fields import DurationMs, Model, Ratio


class Starvation(Model):
    capacity_factor: float = Field(gt=0, lt=1)
    replicas: int | None = Field(default=None, ge=1)


class Disk(Model):
    free_ratio: Ratio = 0.0
    """Free share at onset."""
    fills_in: Annotated[DurationMs, Field(gt=0)] | None = None
    """From onset until it is full; full at once when left out."""


def _disk(p: Disk) -> Effect:
    full = Effect(error_ratio=1.0, signals={"disk_free_ratio": (0.0, 0.0)})
    if p.fills_in is None:
        return full
    filling = {"disk_free_ratio": (p.free_ratio, -p.free_ratio / (p.fills_in / SECOND))}
    return Effect(signals=filling, later=(p.fills_in, full))


class Nothing(Model):
    """Takes no parameters."""


for kind in (
    FaultKind(
        id="cpu-starvation",
        title="Something else takes the processor",
        family="resource",
        fits=ANY_SOFTWARE,
        parameters=Starvation,
        effect=lambda p: Effect(
            capacity_factor=p.capacity_factor,
            latency_factor=1 / p.capacity_factor,
            replicas=p.replicas,
            signals={"cpu_busy_ratio": (1.0, 0.0)},
        ),
        cleared_by=(Action.RESTART,),
        log_signature="scheduler latency high",
        moves=("latency_s", "saturation_ratio", "cpu_busy_ratio"),
        typical={"capacity_factor": 0.25},
    ),
    FaultKind(
        id="disk-full",
        title="Data disk fills up",
        family="resource",
        fits=frozenset({ComponentKind.DATABASE, ComponentKind.QUEUE, ComponentKind.STORAGE, ComponentKind.SERVICE}),
        parameters=Disk,
        effect=_disk,
        cleared_by=(Action.REPAIR,),
        log_signature="no space left on device",
        moves=("disk_free_ratio", "error_ratio"),
    ),
    FaultKind(
        id="certificate-expiry",
        title="TLS certificate expires",
        family="resource",
        fits=frozenset({ComponentKind.SERVICE, ComponentKind.GATEWAY, ComponentKind.IDENTITY}),
        parameters=Nothing,
        effect=lambda _: Effect(error_ratio=1.0, signals={"certificate_left_s": (0.0, -1.0)}),
        cleared_by=(Action.REPAIR,),
        log_signature="certificate has expired",
        moves=("certificate_left_s", "error_ratio"),
    ),
):
    FAULTS.add(kind.id, kind)
