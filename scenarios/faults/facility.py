"""Faults of places and third parties."""

from __future__ import annotations

from scenarios.faults.catalogue import ANY_SOFTWARE, FAULTS, GONE, UNREACHABLE, Effect, FaultKind
from scenarios.faults.parameters import Nothing
from timeline.commands import Action
from topologies.estate import ComponentKind, SiteKind
from topologies.signals import Signal

_EQUIPMENT = (Signal.READY, Signal.SERVING_RATIO)
"""Building equipment: its management system still answers."""

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
        id="vendor-outage",
        title="A third party's service is down",
        family="vendor",
        fits=frozenset({ComponentKind.EXTERNAL}) | ANY_SOFTWARE,
        parameters=Nothing,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR,),
        log_signature="upstream provider unavailable",
        of_vendors=True,
        moves=GONE,
    ),
):
    FAULTS.add(kind.id, kind)
