"""Faults between machines: elements that forward nothing, packets that get lost, sides that do not hear each other,
names that do not resolve, carriers whose lines are dead."""

from __future__ import annotations

from pydantic import Field

from scenarios.faults.catalogue import ANY_SOFTWARE, FAILING, FAULTS, GONE, UNREACHABLE, Between, Effect, FaultKind
from scenarios.faults.parameters import PeerId, Scope
from timeline.commands import Action
from topologies.estate import ComponentKind, SiteKind
from topologies.fields import Model
from topologies.shared_fate import SharedKind
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
        error_ratio=failing,
        latency_factor=1 + _PACKETS * p.loss_ratio,
        signals={Signal.PACKET_LOSS_RATIO: (p.loss_ratio, 0.0)},
    )


class Partition(Model):
    peers: tuple[PeerId, ...] = ()
    """Those on the other side: components, or everything at a site.  Everybody else, users included, when left out."""
    one_way: bool = False
    """Only what the target calls is lost: the peers still reach the target (a rule of a firewall, a route back that is
    gone).  A call is a request with its answer."""


def _partition(p: Partition) -> Effect:
    return Effect(down=True, between=Between(p.peers, inward=not p.one_way, outward=True))


for kind in (
    FaultKind(
        id="network-outage",
        title="Network element forwards nothing",
        family="network",
        fits=frozenset({ComponentKind.NETWORK, SharedKind.NETWORK}),
        parameters=Scope,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR, Action.RESTART),
        log_signature="link state down",
        moves=GONE,
    ),
    FaultKind(
        id="packet-loss",
        title="Packets get lost on the way",
        family="network",
        fits=frozenset({*ANY_SOFTWARE, ComponentKind.NETWORK, ComponentKind.EXTERNAL, SharedKind.NETWORK}),
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
        fits=frozenset({ComponentKind.DNS, SharedKind.DNS}),
        parameters=Scope,
        effect=lambda _: Effect(error_ratio=1.0),
        cleared_by=(Action.RESTART, Action.ROLL_BACK),
        log_signature="SERVFAIL",
        moves=(Signal.READY, *FAILING),
    ),
    FaultKind(
        id="partition",
        title="Two sides do not hear each other",
        family="network",
        fits=frozenset(
            {
                *ANY_SOFTWARE,
                ComponentKind.NETWORK,
                ComponentKind.EXTERNAL,
                SiteKind.DATACENTRE,
                SiteKind.CLOUD_REGION,
                SharedKind.NETWORK,
            }
        ),
        parameters=Partition,
        effect=_partition,
        cleared_by=(Action.REPAIR,),
        log_signature="no route to host",
        moves=(*UNREACHABLE, Signal.LATENCY_S, Signal.SATURATION_RATIO, Signal.CPU_BUSY_RATIO, Signal.HOST_UP),
    ),
    FaultKind(
        id="telecom-loss",
        title="A carrier's voice, messages and lines are dead",
        family="network",
        fits=frozenset({ComponentKind.NETWORK, ComponentKind.EXTERNAL, ComponentKind.PAGING, ComponentKind.CHAT}),
        parameters=Scope,
        effect=lambda _: Effect(down=True),
        cleared_by=(Action.REPAIR,),
        log_signature="no carrier",
        moves=GONE,
    ),
):
    FAULTS.add(kind.id, kind)
