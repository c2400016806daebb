"""The estate compiled: nodes and edges as small records with direct links, made once before a run.

Everything that can fail or depend is a `Node`: components, standby pairs, groups, sites and business functions alike.
An `Edge` leads from what depends to what it depends on.  Besides the edges that the file states, compiling adds

- component to site, hard: a place takes with it what stands there (not the equipment that the place itself needs);
- pair to primary and standby, of which only the active one carries;
- group to its members;
- member of a shared thing to the component that carries it, soft by the share of service that is lost with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

import networkx as nx

from simulator.estate.flows.calling import CallPath
from simulator.estate.flows.waiting import WorkQueue
from timeline.instants import format_duration
from timeline.references import Reference, RefKind
from topologies.estate import BusinessFunction, Component, Dependency, Estate, Group, Site, StandbyPair
from topologies.shared_fate import SharedThing, carriers

FUNCTION_PREFIX = "function:"


class Role(Enum):
    """How a node turns the health of its dependencies into its own."""

    COMPONENT = auto()
    PAIR = auto()
    GROUP = auto()
    SITE = auto()
    FUNCTION = auto()


@dataclass(eq=False, slots=True)
class Edge:
    """`dependent` needs `dependency`.  `seen` is the health that is felt: it trails a loss by `spec.after`."""

    dependent: Node
    dependency: Node
    spec: Dependency
    seen: float = 1.0
    calls_factor: float = 1.0
    pending: int = 0
    """Number of the delayed loss under way, so that an older one is not taken for it; 0 when there is none."""
    baseline_rps: float = 0.0
    """Load over this edge before anything went wrong."""
    reach: float = 1.0
    """Share of calls that arrive."""
    slowness: float = 1.0
    """By how much calls take longer on their way."""
    late: bool = False
    """More waits for this asynchronous dependency than its bound."""
    path: CallPath | None = None
    """What the caller remembers and how patient he is, where the file says so."""
    cache_factor: float = 1.0
    """Calls for what a cache does not hold, relative to when it is warm."""

    def __post_init__(self) -> None:
        if self.spec.is_path:
            self.path = CallPath.of(self.spec)


@dataclass(eq=False, slots=True)
class Node:
    """One node with its state during a run.

    `level` is the share of requests served well, `admitted` the share not turned away by lack of capacity,
    `load_rps` what arrives, `slowness` by how much a request takes longer than when all is well.
    """

    id: str
    role: Role
    needs: list[Edge] = field(default_factory=list)
    needed_by: list[Edge] = field(default_factory=list)
    component: Component | None = None
    pair: StandbyPair | None = None
    group: Group | None = None
    site: Site | None = None
    function: BusinessFunction | None = None
    level: float = 1.0
    admitted: float = 1.0
    load_rps: float = 0.0
    slowness: float = 1.0
    external_rps: float = 0.0
    extra_replicas: int = 0
    ejected: int = 0
    """Replicas that the load balancer has taken out."""
    let_in: float = 1.0
    """Share of what arrives that is not turned away on somebody's order."""
    queue: WorkQueue | None = None
    hit_ratio: float | None = None
    """Caches that the file describes: share of look-ups that find something now."""
    starting: bool = False
    active: str = ""
    """Pairs: id of the member that serves."""

    def __post_init__(self) -> None:
        if self.component is not None and self.component.queue is not None:
            self.queue = WorkQueue(self.component.queue)
        if self.component is not None and self.component.cache is not None:
            self.hit_ratio = self.component.cache.hit_ratio

    @property
    def is_function(self) -> bool:
        return self.role is Role.FUNCTION


@dataclass(slots=True)
class CompiledEstate:
    """All nodes by id; functions under `function:<id>`."""

    nodes: dict[str, Node]

    def __getitem__(self, id: str) -> Node:
        return self.nodes[id]


def reference(node: Node) -> Reference:
    """A node as the timeline names it."""
    if node.is_function:
        return Reference(RefKind.FUNCTION, node.id.removeprefix(FUNCTION_PREFIX))
    return Reference(RefKind.SITE if node.role is Role.SITE else RefKind.COMPONENT, node.id)


def documented_graph(estate: Estate) -> nx.DiGraph[str]:
    """The dependencies as the file and its implications state them, edges from dependent to dependency."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for id, component in estate.components.items():
        graph.add_node(id)
        for target, spec in component.depends_on.items():
            graph.add_edge(id, target, type=spec.type)
    for id, pair in estate.standby_pairs.items():
        for member in filter(None, (pair.primary, pair.standby)):
            graph.add_edge(id, member, type="hard")
    for id, group in estate.groups.items():
        for member in group.members:
            graph.add_edge(id, member, type="hard")
    for id, site in estate.sites.items():
        graph.add_node(id)
        for target, spec in site.depends_on.items():
            graph.add_edge(id, target, type=spec.type)
    for id, function in estate.functions.items():
        graph.add_node(FUNCTION_PREFIX + id)
        for target, spec in function.supported_by.items():
            graph.add_edge(FUNCTION_PREFIX + id, target, type=spec.type)
    for member, carried in carriers(estate).items():
        for carrier, thing in carried.items():
            if not graph.has_edge(member, carrier):
                graph.add_edge(member, carrier, type="hard" if thing.loss == 1 else "soft")
    for id, component in estate.components.items():
        if component.site is not None and not nx.has_path(graph, component.site, id):
            graph.add_edge(id, component.site, type="hard")
    return graph


def catalogued_graph(estate: Estate) -> nx.DiGraph[str]:
    """The dependencies as people find them in the catalogue: without those that it lacks, with those that are gone."""
    graph = documented_graph(estate)
    graph.remove_edges_from((edge.dependent, edge.dependency) for edge in estate.catalogue.missing)
    graph.add_edges_from(((edge.dependent, edge.dependency) for edge in estate.catalogue.stale), type="hard")
    return graph


def compile_estate(estate: Estate) -> CompiledEstate:
    """Fresh nodes for one run, in the order of the file."""
    nodes: dict[str, Node] = {}
    for id, site in estate.sites.items():
        nodes[id] = Node(id, Role.SITE, site=site)
    for id, component in estate.components.items():
        nodes[id] = Node(id, Role.COMPONENT, component=component)
    for id, pair in estate.standby_pairs.items():
        nodes[id] = Node(id, Role.PAIR, pair=pair, active=pair.primary)
    for id, group in estate.groups.items():
        nodes[id] = Node(id, Role.GROUP, group=group)
    for id, function in estate.functions.items():
        nodes[FUNCTION_PREFIX + id] = Node(FUNCTION_PREFIX + id, Role.FUNCTION, function=function)

    stated = documented_graph(estate)
    implied = Dependency(type="hard", calls=1.0)
    carried = carriers(estate)
    for node in nodes.values():
        shared = {id: _carried(thing) for id, thing in carried.get(node.id, {}).items()}
        specs = {**shared, **_stated_dependencies(node)}
        for target in stated.successors(node.id):
            edge = Edge(node, nodes[target], specs.get(target, implied))
            node.needs.append(edge)
            nodes[target].needed_by.append(edge)
    return CompiledEstate(nodes)


def _carried(thing: SharedThing) -> Dependency:
    """Looked up now and then, not called for each request: it costs service, and brings no load."""
    stated = {"type": "soft", "degradation": thing.loss, "calls": 0.0, "after": format_duration(thing.after)}
    return Dependency.model_validate(stated)


def _stated_dependencies(node: Node) -> dict[str, Dependency]:
    if node.component is not None:
        return node.component.depends_on
    if node.site is not None:
        return node.site.depends_on
    if node.function is not None:
        return node.function.supported_by
    return {}
