"""What stands and falls with what, without time: hard dependencies only, and one loss at a time.

A component gives service when its site, all its hard dependencies, and what carries the things that it shares do; a
standby pair when one of its members does; a group when `needed` of its members do.  Soft and asynchronous dependencies
do not take service away, and delays do not save it.  The answer is the largest fixed point: things that need each other
are up until something takes them down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import networkx as nx

from topologies.estate import Dependency, Estate
from topologies.shared_fate import SharedThing, carriers


def hard(dependencies: Mapping[str, Dependency]) -> list[str]:
    """The ids that are needed without which there is no service."""
    return [id for id, dependency in dependencies.items() if dependency.type == "hard"]


def needs(estate: Estate) -> nx.DiGraph[str]:
    """The graph of what each thing cannot do without: an edge leads from the one that needs to what it needs.

    Members of pairs and groups are needed only where none can be spared.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    for id, site in estate.sites.items():
        graph.add_edges_from((id, needed) for needed in hard(site.depends_on))
    for id, component in estate.components.items():
        graph.add_node(id)
        graph.add_edges_from((id, needed) for needed in hard(component.depends_on))
        if component.site is not None:
            graph.add_edge(id, component.site)
    for member, carried in carriers(estate).items():
        graph.add_edges_from((member, carrier) for carrier, thing in carried.items() if thing.loss == 1)
    for id, pair in estate.standby_pairs.items():
        graph.add_node(id)
        if pair.standby is None:
            graph.add_edge(id, pair.primary)
    for id, group in estate.groups.items():
        graph.add_node(id)
        if group.needed == len(group.members):
            graph.add_edges_from((id, member) for member in group.members)
    return graph


def lost_with(estate: Estate, lost: Iterable[str]) -> Set[str]:
    """Everything that gives no service once these components, groups, pairs or sites are lost."""
    down = set(lost)
    users = _users(estate)
    waiting = list(down)
    while waiting:
        for user in users.get(waiting.pop(), ()):
            if user not in down and _fails(estate, user, down):
                down.add(user)
                waiting.append(user)
    return down


def functions_lost_with(estate: Estate, lost: Iterable[str]) -> list[str]:
    """Business functions that a loss takes away, in the order of the file."""
    down = lost_with(estate, lost)
    return [id for id, function in estate.functions.items() if not down.isdisjoint(hard(function.supported_by))]


def single_points(estate: Estate) -> dict[str, list[str]]:
    """Sites and components whose loss alone takes business functions away, with these functions.

    A component with a replica to spare is none: losing one replica leaves the service.
    """
    candidates = [*estate.sites, *(id for id, c in estate.components.items() if c.replicas.count == c.replicas.needed)]
    found = {id: functions_lost_with(estate, [id]) for id in candidates}
    return {id: functions for id, functions in found.items() if functions}


def supporting(estate: Estate, function: str) -> Set[str]:
    """Everything that a business function stands on by hard dependencies, members of pairs and groups among it."""
    found: set[str] = set()
    carried = carriers(estate)
    waiting = hard(estate.functions[function].supported_by)
    while waiting:
        id = waiting.pop()
        if id not in found:
            found.add(id)
            waiting.extend(_used_by(estate, carried, id))
    return found


def _used_by(estate: Estate, carried: Mapping[str, Mapping[str, SharedThing]], id: str) -> list[str]:
    shared = [carrier for carrier, thing in carried.get(id, {}).items() if thing.loss == 1]
    if (component := estate.components.get(id)) is not None:
        return [*hard(component.depends_on), *([component.site] if component.site is not None else []), *shared]
    if (site := estate.sites.get(id)) is not None:
        return [*hard(site.depends_on), *shared]
    if (pair := estate.standby_pairs.get(id)) is not None:
        return [member for member in (pair.primary, pair.standby) if member is not None]
    if (group := estate.groups.get(id)) is not None:
        return list(group.members)
    return []


def _users(estate: Estate) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    carried = carriers(estate)
    for id in (*estate.sites, *estate.components, *estate.standby_pairs, *estate.groups):
        for used in _used_by(estate, carried, id):
            users.setdefault(used, []).append(id)
    return users


def _fails(estate: Estate, id: str, down: Set[str]) -> bool:
    if (pair := estate.standby_pairs.get(id)) is not None:
        return all(member in down for member in (pair.primary, pair.standby) if member is not None)
    if (group := estate.groups.get(id)) is not None:
        return sum(member not in down for member in group.members) < group.needed
    return True
