"""The chart as SVG: effects on the left, causes to the right of what they explain, so that it reads "caused by".

Boxes stand in columns by their longest way from an effect; within a column they are ordered by where their effects
stand (the barycentre heuristic of Sugiyama, Tagawa and Toda, 1981), which keeps most lines from crossing.  Kinds of box
are told by a word and a shape of the border, not by colour alone.
"""

from __future__ import annotations

import textwrap
from collections import defaultdict
from dataclasses import dataclass
from xml.sax.saxutils import escape

from reports.review.model import Chart, Node

_WIDTH, _GAP_X, _GAP_Y, _LINE, _PAD = 230, 56, 18, 15, 9
_CHARACTERS = 33
_SWEEPS = 6
_MARGIN = 14


@dataclass(frozen=True, slots=True)
class _Look:
    word: str
    fill: str
    stroke: str
    dash: str = ""


_LOOKS = {
    "effect": _Look("EFFECT", "#fde8d0", "#b35900"),
    "cause": _Look("CAUSE", "#f3f5f8", "#57606a"),
    "condition": _Look("CONDITION", "#fffbe0", "#7d6a00", "5 3"),
    "action": _Look("ACTION", "#e0efff", "#0550ae"),
    "root": _Look("ENDS HERE", "#dff3e6", "#116329"),
}


@dataclass(frozen=True, slots=True)
class _Box:
    node: Node
    lines: tuple[str, ...]
    x: float
    y: float

    @property
    def height(self) -> float:
        return _height(self.lines)


def draw(chart: Chart) -> str:
    """The chart as an SVG element; every box leads to the event that it rests on first (`#e17`)."""
    boxes = _placed(chart)
    width = max((box.x + _WIDTH for box in boxes.values()), default=0) + _MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="Cause-and-effect chart with {len(chart.nodes)} boxes" '
        'font-family="system-ui, DejaVu Sans, sans-serif" font-size="11.5">'
    ]
    parts += [_line(boxes[link.effect], boxes[link.cause]) for link in chart.links]
    parts += [_written(box) for box in boxes.values()]
    return "".join([*parts, "</svg>"])


def _placed(chart: Chart) -> dict[str, _Box]:
    columns = _columns(chart)
    lines = {node.id: tuple(textwrap.wrap(node.text, _CHARACTERS)) for node in chart.nodes}
    nodes = {node.id: node for node in chart.nodes}
    heights = {n: sum(_height(lines[id]) + _GAP_Y for id in column) for n, column in columns.items()}
    tallest = max(heights.values(), default=0)
    boxes = {}
    for number, column in columns.items():
        y = _MARGIN + (tallest - heights[number]) / 2
        for id in column:
            boxes[id] = _Box(nodes[id], lines[id], _MARGIN + number * (_WIDTH + _GAP_X), y)
            y += boxes[id].height + _GAP_Y
    return boxes


def _columns(chart: Chart) -> dict[int, list[str]]:
    """Ids by column, from the top: what explains something stands to the right of it."""
    effects = defaultdict[str, list[str]](list)
    for link in chart.links:
        effects[link.cause].append(link.effect)
    depth: dict[str, int] = {}

    def deep(id: str) -> int:
        if id not in depth:
            depth[id] = max((deep(effect) + 1 for effect in effects[id]), default=0)
        return depth[id]

    columns = defaultdict[int, list[str]](list)
    for node in chart.nodes:
        columns[deep(node.id)].append(node.id)
    causes = defaultdict[str, list[str]](list)
    for link in chart.links:
        causes[link.effect].append(link.cause)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for number in sorted(columns, reverse=not forward):
            rank = {id: position / len(ids) for ids in columns.values() for position, id in enumerate(ids)}
            neighbours = effects if forward else causes
            columns[number].sort(key=lambda id: _mean([rank[n] for n in neighbours[id]], rank[id]))
    return dict(sorted(columns.items()))


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _height(lines: tuple[str, ...]) -> float:
    return (len(lines) + 1) * _LINE + 2 * _PAD


def _line(effect: _Box, cause: _Box) -> str:
    x1, y1 = effect.x + _WIDTH, effect.y + effect.height / 2
    x2, y2 = cause.x, cause.y + cause.height / 2
    bend = max((x2 - x1) / 2, _GAP_X / 2)
    return (
        f'<path d="M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}" '
        f'fill="none" stroke="#8b949e" stroke-width="1.3"/><circle cx="{x2:.0f}" cy="{y2:.0f}" r="2.6" fill="#57606a"/>'
    )


def _written(box: _Box) -> str:
    look = _LOOKS[box.node.kind]
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    top = box.y + _PAD + _LINE - 4
    words = [
        f'<text x="{box.x + _PAD:.0f}" y="{top:.0f}" font-size="9" font-weight="700" letter-spacing=".6" '
        f'fill="{look.stroke}">{look.word}</text>'
    ]
    words += [
        f'<text x="{box.x + _PAD:.0f}" y="{top + (number + 1) * _LINE:.0f}" fill="#1b1f24">{escape(line)}</text>'
        for number, line in enumerate(box.lines)
    ]
    border = (
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{_WIDTH}" height="{box.height:.0f}" rx="6" fill="{look.fill}" '
        f'stroke="{look.stroke}" stroke-width="1.3"{dash}/>'
    )
    inner = f"<title>{escape(box.node.text)}</title>{border}{''.join(words)}"
    return f'<a href="#e{box.node.evidence[0]}">{inner}</a>' if box.node.evidence else f"<g>{inner}</g>"
