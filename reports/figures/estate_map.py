"""The map of an estate: what stands on what, in layers, business functions on top.

A node stands one layer above the highest of what it needs; things that need each other share a layer.  Within a layer
nodes are ordered so that edges cross little: by the mean position of their neighbours, a few sweeps down and up
(the barycentre heuristic of Sugiyama, Tagawa, Toda 1981).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import networkx as nx

from reports.figures.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, SKY, SOFT, YELLOW, Figure, render
from simulator.estate import FUNCTION_PREFIX, documented_graph
from topologies.estate import Estate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SITE_COLOURS = (SKY, ORANGE, GREEN, PURPLE, YELLOW, BLUE)
_LINES = {"hard": "-", "soft": "--", "asynchronous": ":", "bootstrap": "-."}
_SWEEPS = 8
_PER_ROW = 12
"""Wider layers are broken into several rows."""
_ROW_IN = 0.62
_BOX_WIDTH, _BOX_HEIGHT = 0.92, 0.46


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each node stands: columns from the left, rows from the bottom."""

    places: dict[str, tuple[float, int]]
    rows: int


def draw_estate(estate: Estate) -> Figure:
    """The whole estate as one figure."""
    graph = documented_graph(estate)
    layout = lay_out(graph)
    return render(
        "estate-map",
        estate.title,
        "Business functions on top, each thing above what it needs. Lines: solid hard, dashed soft, dotted "
        "asynchronous dependencies; those on a site are left out, its colour fills the box. Thick borders are standby "
        "pairs and groups.",
        1.2 + _ROW_IN * layout.rows,
        lambda axes: _paint(axes, estate, graph, layout),
    )


def lay_out(graph: nx.DiGraph[str]) -> Layout:
    """Layers, then rows of at most a dozen, each row in the order that crosses least."""
    rows = [row for layer in _layers(graph) for row in _split(layer)]
    rows = _untangled(graph, rows)
    places = {
        id: (position + (_PER_ROW - len(row)) / 2, number)
        for number, row in enumerate(rows)
        for position, id in enumerate(row)
    }
    return Layout(places, len(rows))


def _layers(graph: nx.DiGraph[str]) -> list[list[str]]:
    """From the bottom: what needs nothing first."""
    strong = nx.condensation(_without_handed_over_circles(graph))
    height: dict[int, int] = {}
    for component in reversed(list(nx.topological_sort(strong))):
        height[component] = 1 + max((height[below] for below in strong.successors(component)), default=-1)
    layers: list[list[str]] = [[] for _ in range(max(height.values(), default=-1) + 1)]
    for id in graph:
        layers[height[strong.graph["mapping"][id]]].append(id)
    functions = [id for layer in layers for id in layer if id.startswith(FUNCTION_PREFIX)]
    below = [[id for id in layer if not id.startswith(FUNCTION_PREFIX)] for layer in layers]
    return [layer for layer in [*below, functions] if layer]


def _without_handed_over_circles(graph: nx.DiGraph[str]) -> nx.DiGraph[str]:
    """Where things need each other in a circle, what is only handed over does not hold it together."""
    circle = {id: number for number, ids in enumerate(nx.strongly_connected_components(graph)) for id in ids}
    loose = [
        (one, other)
        for one, other, edge in graph.edges(data=True)
        if circle[one] == circle[other] and edge["type"] == "asynchronous"
    ]
    opened = graph.copy()
    opened.remove_edges_from(loose)
    return opened


def _split(layer: list[str]) -> list[list[str]]:
    count = -(-len(layer) // _PER_ROW)
    return [layer[start::count] for start in range(count)]


def _untangled(graph: nx.DiGraph[str], rows: list[list[str]]) -> list[list[str]]:
    for sweep in range(_SWEEPS):
        position = {id: place - len(row) / 2 for row in rows for place, id in enumerate(row)}
        for row in rows if sweep % 2 else reversed(rows):
            pull = {id: _pull(graph, id, position) for id in row}
            row.sort(key=pull.__getitem__)
            position |= {id: place - len(row) / 2 for place, id in enumerate(row)}
    return rows


def _pull(graph: nx.DiGraph[str], id: str, position: dict[str, float]) -> float:
    near = [position[other] for other in (*graph.successors(id), *graph.predecessors(id))]
    return sum(near) / len(near) if near else position[id]


def _paint(axes: Axes, estate: Estate, graph: nx.DiGraph[str], layout: Layout) -> None:
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch

    colours = {id: _SITE_COLOURS[n % len(_SITE_COLOURS)] for n, id in enumerate(estate.sites)}
    axes.set_axis_off()
    axes.set_xlim(-0.6, _PER_ROW - 0.4)
    axes.set_ylim(-0.6, layout.rows - 0.2)
    for dependent, dependency, edge in graph.edges(data=True):
        if dependency in estate.sites and dependent in estate.components:
            continue
        (x, y), (to_x, to_y) = layout.places[dependent], layout.places[dependency]
        level = 1 if y > to_y else -1 if y < to_y else 0
        axes.add_patch(
            FancyArrowPatch(
                (x, y - level * _BOX_HEIGHT / 2),
                (to_x, to_y + level * _BOX_HEIGHT / 2),
                arrowstyle="-|>",
                mutation_scale=6,
                shrinkA=0,
                shrinkB=0,
                linewidth=0.6,
                linestyle=_LINES[edge["type"]],
                color=SOFT,
                alpha=0.7,
                connectionstyle="arc3,rad=0.06",
            )
        )
    for id, (x, y) in layout.places.items():
        fill, width, name = _look(estate, id, colours)
        axes.add_patch(
            FancyBboxPatch(
                (x - _BOX_WIDTH / 2, y - _BOX_HEIGHT / 2),
                _BOX_WIDTH,
                _BOX_HEIGHT,
                boxstyle="round,pad=0,rounding_size=0.06",
                facecolor=_tint(fill),
                edgecolor=INK,
                linewidth=width,
                zorder=3,
            )
        )
        axes.text(x, y, name, ha="center", va="center", fontsize=5.6, zorder=4, linespacing=0.95)
    handles = [
        Patch(facecolor=_tint(colours[id]), edgecolor=INK, label=site.title) for id, site in estate.sites.items()
    ]
    if handles:
        axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=6, frameon=False, fontsize=7)


def _look(estate: Estate, id: str, colours: dict[str, str]) -> tuple[str, float, str]:
    """Fill, width of the border, and label of a node."""
    if id.startswith(FUNCTION_PREFIX):
        return "white", 1.6, _wrapped(id.removeprefix(FUNCTION_PREFIX))
    if id in estate.sites:
        return colours[id], 0.8, _wrapped(id)
    component = estate.components.get(id)
    if component is None:
        return "#eef1f4", 1.6, _wrapped(id)
    return colours.get(component.site or "", "#eef1f4"), 0.5, _wrapped(id)


def _tint(colour: str) -> str:
    """Half way to white: names stay readable on it."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = to_rgb(colour)
    return to_hex(((1 + red) / 2, (1 + green) / 2, (1 + blue) / 2))


def _wrapped(id: str) -> str:
    """A long id on two lines, broken at the dash nearest to its middle."""
    dashes = [place for place, letter in enumerate(id) if letter == "-"]
    if len(id) <= 14 or not dashes:
        return id
    middle = min(dashes, key=lambda place: abs(place - len(id) / 2))
    return f"{id[: middle + 1]}\n{id[middle + 1 :]}"
