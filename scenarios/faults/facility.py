"""Faults of places: power, cooling, water, racks, whole sites and regions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from scenarios.faults.catalogue import FAULTS, GONE, UNREACHABLE, Effect, FaultKind
from scenarios.faults.parameters import Nothing
from timeline.commands import Action
from timeline.instants import MINUTE
from topologies.estate import ComponentKind, SiteKind
from topologies.fields import DurationMs, Model
from topologies.shared_fate import SharedKind
from topologies.signals import Signal

_EQUIPMENT = (Signal.READY, Signal.SERVING_RATIO)
"""Building equipment: its management system still answers."""
Positive = Annotated[DurationMs, Field(gt=0)]


class Heat(Model):
    """From the moment at which cooling no longer keeps up."""

    throttles_after: Positive = 10 * MINUTE
    """Until processors slow themselves down."""
    capacity_factor: float = Field(default=0.5, gt=0, lt=1)
    """What is left of capacity then."""
    stops_after: Positive = 25 * MINUTE
    """Until machines switch themselves off."""

    @model_validator(mode="after")
    def _throttles_first(self) -> Heat:
        if self.stops_after <= self.throttles_after:
            raise ValueError("machines throttle before they stop: throttles_after has to be less than stops_after")
        return self


class Water(Model):
    reaches_in: Positive = 30 * MINUTE
    """Until it takes the place out of service."""


def _heating(p: Heat) -> Effect:
    off = Effect(down=True, needs_start_up=True, signals={Signal.HOST_UP: (0.0, 0.0)})
    throttled = Effect(
        capacity_factor=p.capacity_factor,
        latency_factor=1 / p.capacity_factor,
        later=(p.stops_after - p.throttles_after, off),
    )
    return Effect(later=(p.throttles_after, throttled))


for kind in (
    FaultKind(
        id="power-loss",
        title="Feed or generator gives no power",
        family="facility",
        fits=frozenset({ComponentKind.POWER}),
        parameters=Nothing,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR,),
        log_signature="input voltage lost",
        moves=_EQUIPMENT,
    ),
    FaultKind(
        id="cooling-loss",
        title="Cooling stops",
        family="facility",
        fits=frozenset({ComponentKind.COOLING}),
        parameters=Nothing,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR,),
        log_signature="supply air temperature above limit",
        moves=_EQUIPMENT,
    ),
    FaultKind(
        id="site-loss",
        title="A whole place is out of service",
        family="facility",
        fits=frozenset(SiteKind),
        parameters=Nothing,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR,),
        log_signature="no route to site",
        moves=(*UNREACHABLE, Signal.HOST_UP),
    ),
    FaultKind(
        id="region-loss",
        title="A region of a cloud is out of service",
        family="facility",
        fits=frozenset({SiteKind.CLOUD_REGION, SharedKind.REGION}),
        parameters=Nothing,
        effect=lambda _: Effect(down=True, needs_start_up=True),
        cleared_by=(Action.REPAIR,),
        log_signature="region unavailable",
        moves=(*UNREACHABLE, Signal.HOST_UP),
    ),
    FaultKind(
        id="rack-loss",
        title="A rack has no power",
        family="facility",
        fits=frozenset({SharedKind.RACK}),
        parameters=Nothing,
        effect=lambda _: Effect(down=True, needs_start_up=True, signals={Signal.HOST_UP: (0.0, 0.0)}),
        cleared_by=(Action.REPAIR, Action.RESTART),
        log_signature="rack power distribution unit tripped",
        moves=(*GONE, Signal.HOST_UP),
    ),
    FaultKind(
        id="overheating",
        title="A room heats up until its machines throttle and then switch themselves off",
        family="facility",
        fits=frozenset({SiteKind.DATACENTRE}),
        parameters=Heat,
        effect=_heating,
        cleared_by=(Action.REPAIR,),
        log_signature="temperature above threshold, cpu clock throttled",
        moves=(*GONE, Signal.SATURATION_RATIO, Signal.FAILED_RPS, Signal.HOST_UP),
        inside=True,
    ),
    FaultKind(
        id="flood",
        title="Water reaches the power and the machines of a place",
        family="facility",
        fits=frozenset(SiteKind),
        parameters=Water,
        effect=lambda p: Effect(later=(p.reaches_in, Effect(down=True, needs_start_up=True))),
        cleared_by=(Action.REPAIR,),
        log_signature="water detected under raised floor",
        moves=(*UNREACHABLE, Signal.HOST_UP),
    ),
):
    FAULTS.add(kind.id, kind)
