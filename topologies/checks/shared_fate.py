"""Redundancy that is none: members that stand and fall together with something that nobody has a second one of."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from timeline.findings import Severity
from topologies.checks.catalogue import Remark, estate_check
from topologies.checks.dependencies import place_of
from topologies.estate import Estate
from topologies.loading.estate import LoadedEstate
from topologies.reach import needs
from topologies.shared_fate import Membership, SharedKind, shared_things

_SITE = "site"
_SHOWN = 4


@estate_check("redundancy.shares-fate", Severity.WARNING)
def redundancy_shares_fate(estate: LoadedEstate) -> Iterator[Remark]:
    """Members of a standby pair, of a group, or replicas, share something whose loss takes more than can be spared.

    Looks at sites, vendors and what `shared_fate` states (racks, networks, credentials, certificates, ...), also where
    a member only reaches it over what it cannot do without.  Equipment that its own site lives on is left out.  Give
    one member another rack, site, provider or credential, or accept the risk and rehearse the loss of both.
    """
    topology = estate.topology
    graph, fates = _fates(topology)
    for id, members, spare in _redundancies(topology):
        shared = [
            (fate, [m for m in members if fate in _reached(graph, m) and not _feeds(topology, m, fate)])
            for fate in fates
        ]
        found = [(fate, hit) for fate, hit in shared if len(hit) > spare]
        if found:
            told = [f"{fates[fate]} {fate.removeprefix(_VENDOR)!r}{_over(graph, hit[0], fate)}" for fate, hit in found]
            more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
            message = f"members of {id!r} stand and fall together with {', '.join(told[:_SHOWN])}{more}"
            yield Remark(place_of(estate.topology_document, id), message, "give one of them another")
    for id, component in topology.components.items():
        spare = component.replicas.count - component.replicas.needed
        for rack, thing in topology.shared_fate.items():
            held = thing.members.get(id) if thing.kind is SharedKind.RACK else None
            count = None if held is None else held.replicas or component.replicas.count
            if spare and count is not None and count > spare:
                message = f"{rack!r} holds {count} replicas of {id!r}, of which only {spare} can be spared"
                yield Remark(place_of(estate.topology_document, rack), message, "spread them over racks")


_VENDOR = "vendor:"
"""Vendors are known by the ids of others now and then: a prefix keeps them apart in the graph."""


def _redundancies(estate: Estate) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Each pair and group that can spare members: its id, its members, how many it can spare."""
    for id, pair in estate.standby_pairs.items():
        if pair.standby is not None:
            yield id, (pair.primary, pair.standby), 1
    for id, group in estate.groups.items():
        if group.needed < len(group.members):
            yield id, group.members, len(group.members) - group.needed


def _fates(estate: Estate) -> tuple[nx.DiGraph[str], dict[str, str]]:
    """What each thing cannot do without, with vendors and shared things in it, and these by what they are."""
    graph = needs(estate)
    fates = dict.fromkeys(estate.sites, _SITE)
    for id, thing in shared_things(estate).items():
        node = id if id in estate.shared_fate else f"{_VENDOR}{id}"
        fates[node] = str(thing.kind)
        graph.add_edges_from((m, node) for m, how in thing.members.items() if _is_lost(estate, m, how))
    graph.add_nodes_from(fates)
    return graph, fates


def _is_lost(estate: Estate, member: str, how: Membership) -> bool:
    """Whether a member gives no service without what it shares."""
    component = estate.components.get(member)
    if component is None or how.replicas is None:
        return True
    return component.replicas.count - how.replicas < component.replicas.needed


def _reached(graph: nx.DiGraph[str], member: str) -> set[str]:
    found: set[str] = nx.descendants(graph, member) if member in graph else set()
    return found


def _feeds(estate: Estate, member: str, fate: str) -> bool:
    """Whether a site lives on a member: it stands there because it is part of it."""
    site = estate.sites.get(fate)
    if site is None:
        return False
    return any(member == id or member in _members(estate, id) for id in site.depends_on)


def _members(estate: Estate, id: str) -> tuple[str, ...]:
    return estate.groups[id].members if id in estate.groups else ()


def _over(graph: nx.DiGraph[str], member: str, fate: str) -> str:
    way = nx.shortest_path(graph, member, fate)[1:-1]
    return f" (over {way[0].removeprefix(_VENDOR)})" if way else ""
