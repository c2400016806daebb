"""The map of an estate: everything is on it once, above what it needs, and it is the same picture each time."""

import subprocess
import sys

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from reports.figures.estate_map import draw_estate, lay_out
from topologies.loading.estate import load_topology

EDGES = st.sets(st.tuples(st.integers(0, 15), st.integers(0, 15)).filter(lambda edge: edge[0] > edge[1]), max_size=40)


@given(st.integers(1, 16), EDGES)
def test_each_node_has_a_place_of_its_own_above_what_it_needs(count: int, edges: set[tuple[int, int]]) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(f"n{n}" for n in range(count))
    graph.add_edges_from((f"n{a}", f"n{b}") for a, b in sorted(edges) if a < count)
    places = lay_out(graph).places
    assert sorted(places) == sorted(graph)
    assert len(set(places.values())) == len(places)
    assert all(places[dependent][1] > places[dependency][1] for dependent, dependency in graph.edges)


def test_what_is_only_handed_over_does_not_hold_a_circle_together() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from([("web", "db"), ("web", "collector")], type="hard")
    graph.add_edge("collector", "web", type="asynchronous")
    places = lay_out(graph).places
    assert places["web"][1] > places["db"][1] == places["collector"][1]


def test_business_functions_stand_on_top() -> None:
    from simulator.estate import documented_graph

    layout = lay_out(documented_graph(load_topology("meridian-bank")))
    functions = {row for id, (_, row) in layout.places.items() if id.startswith("function:")}
    others = {row for id, (_, row) in layout.places.items() if not id.startswith("function:")}
    assert min(functions) > max(others)


def test_every_component_is_named_on_the_picture() -> None:
    estate = load_topology("corner-lab")
    svg = draw_estate(estate).svg
    assert all(f">{id}<" in svg for id in [*estate.components, *estate.functions])


def test_the_picture_is_the_same_under_another_hash_seed() -> None:
    program = (
        "from reports.figures.estate_map import draw_estate; from topologies.loading.estate import load_topology;"
        "import hashlib; print(hashlib.sha256(draw_estate(load_topology('meridian-bank')).svg.encode()).hexdigest())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1
