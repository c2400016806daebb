"""Faults of places, networks and third parties."""

from __future__ import annotations

from scenarios.faults.catalogue import ANY_SOFTWARE, FAULTS, Effect, FaultKind
from scenarios.faults.resource import Nothing
from timeline.commands import Action
from topologies.estate import ComponentKind, SiteKind

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
        moves=("up",),
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
        moves=("up",),
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
        moves=("up",),
    ),
    FaultKind(
        id="network-outage",
        title="Network element forwards nothing",
        family="network",
        fits=frozenset({ComponentKind.NETWORK}),
        parameters=Nothing,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR, Action.RESTART),
        log_signature="link state down",
        moves=("up",),
    ),
    FaultKind(
        id="dns-failure",
        title="Name service answers with errors",
        family="network",
        fits=frozenset({ComponentKind.DNS}),
        parameters=Nothing,
        effect=lambda _: Effect(error_ratio=1.0),
        cleared_by=(Action.RESTART, Action.ROLL_BACK),
        log_signature="SERVFAIL",
        moves=("error_ratio",),
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
        moves=("up",),
    ),
):
    FAULTS.add(kind.id, kind)
