"""Faults between machines: elements that forward nothing, packets that get lost, names that do not resolve."""

from __future__ import annotations

from pydantic import Field

from scenarios.faults.catalogue import ANY_SOFTWARE, FAILING, FAULTS, GONE, Effect, FaultKind
from scenarios.faults.parameters import Nothing, Scope
from timeline.commands import Action
from topologies.estate import ComponentKind
from topologies.signals import Signal

_PACKETS = 10
"""Packets that a request takes, there and back."""
_TRIES = 3
"""A packet that is lost so often in a row fails its request."""


class PacketLoss(Scope):
    loss_ratio: float = Field(gt=0, le=1)
    """Share of packets that do not arrive."""


def _packet_loss(p: PacketLoss) -> Effect:
    """A lost packet is sent again, which costs about as long as the request itself."""
    failing = 1 - (1 - p.loss_ratio**_TRIES) ** _PACKETS
    return Effect(
        replicas=p.replicas,
        error_ratio=failing,
        latency_factor=1 + _PACKETS * p.loss_ratio,
        signals={Signal.PACKET_LOSS_RATIO: (p.loss_ratio, 0.0)},
    )


for kind in (
    FaultKind(
        id="network-outage",
        title="Network element forwards nothing",
        family="network",
        fits=frozenset({ComponentKind.NETWORK}),
        parameters=Nothing,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR, Action.RESTART),
        log_signature="link state down",
        moves=GONE,
    ),
    FaultKind(
        id="packet-loss",
        title="Packets get lost on the way",
        family="network",
        fits=frozenset({ComponentKind.NETWORK, ComponentKind.EXTERNAL}) | ANY_SOFTWARE,
        parameters=PacketLoss,
        effect=_packet_loss,
        cleared_by=(Action.REPAIR,),
        log_signature="retransmission timeout",
        moves=(Signal.PACKET_LOSS_RATIO, Signal.LATENCY_S, *FAILING),
        typical={"loss_ratio": 0.1},
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
        moves=(Signal.READY, *FAILING),
    ),
):
    FAULTS.add(kind.id, kind)
