"""Faults of third parties: away for a time, gone for good, or no longer giving more than was agreed."""

from __future__ import annotations

from pydantic import Field

from scenarios.faults.catalogue import ANY_SOFTWARE, FAILING, FAULTS, GONE, Effect, FaultKind, TargetKind
from scenarios.faults.parameters import Scope
from timeline.commands import Action
from topologies.estate import ComponentKind
from topologies.shared_fate import SharedKind
from topologies.signals import Signal

_OF_VENDORS: frozenset[TargetKind] = frozenset({*ANY_SOFTWARE, ComponentKind.EXTERNAL, SharedKind.VENDOR})


class Quota(Scope):
    admitted_ratio: float = Field(default=0.2, ge=0, lt=1)
    """Share of requests that are still within it; the others are refused."""


for kind in (
    FaultKind(
        id="vendor-outage",
        title="A third party's service is down",
        family="vendor",
        fits=_OF_VENDORS,
        parameters=Scope,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR,),
        log_signature="upstream provider unavailable",
        of_vendors=True,
        moves=GONE,
    ),
    FaultKind(
        id="vendor-failure",
        title="A third party ceases to exist: what it gave never comes back, only a way around it helps",
        family="vendor",
        fits=_OF_VENDORS,
        parameters=Scope,
        effect=lambda _: Effect(down=True),
        cleared_by=(),
        log_signature="upstream provider has ceased operations",
        of_vendors=True,
        permanent=True,
        moves=GONE,
    ),
    FaultKind(
        id="quota-exhausted",
        title="A quota is used up, so most requests are refused",
        family="vendor",
        fits=frozenset({*ANY_SOFTWARE, ComponentKind.EXTERNAL, SharedKind.QUOTA}),
        parameters=Quota,
        effect=lambda p: Effect(error_ratio=1 - p.admitted_ratio),
        cleared_by=(Action.REPAIR, Action.SCALE_OUT),
        log_signature="quota exceeded",
        moves=(Signal.READY, *FAILING),
    ),
):
    FAULTS.add(kind.id, kind)
