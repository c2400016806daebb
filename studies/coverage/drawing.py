"""The matrix as a picture: faults down, alerts across."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from reports.figures.canvas import BLUE, GREEN, INK, ORANGE, RED, SKY, SOFT, Figure, render
from studies.coverage.matrix import Cell, Row
from studies.coverage.study import Coverage
from timeline.instants import MINUTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW_IN, _HEAD_IN = 0.175, 2.6
_QUICK_MS, _SLOW_MS = 5 * MINUTE, 15 * MINUTE
_CAPTION = (
    "Each row is a fault, each column an alert; a square says that the fault makes the alert fire. Green: somebody is "
    "paged within 5 minutes; blue: within 15; orange: later. Pale blue: told to a queue only; hollow: fires, and "
    "nobody is told (inhibited, or no receiver). A black frame marks what is expected; a red cross an "
    "expectation none of whose alerts is told. Grey rows page nobody, names in red also disrupt a business function."
)


def draw(coverage: Coverage) -> list[Figure]:
    """The one figure, faults by target."""
    rows = sorted(coverage.rows, key=lambda row: (row.case.faults[0].target, row.case.id))
    return [
        render(
            "matrix",
            "Faults and the alerts they make fire",
            _CAPTION,
            _HEAD_IN + _ROW_IN * max(len(rows), 3),
            lambda axes: _paint(axes, coverage, rows),
        )
    ]


def _paint(axes: Axes, coverage: Coverage, rows: list[Row]) -> None:
    counts = Counter(cell.alert for row in rows for cell in row.cells)
    alerts = sorted((alert.id for alert in coverage.inventory.alerts), key=lambda id: (-counts[id], id))
    column = {alert: number for number, alert in enumerate(alerts)}
    axes.set_xlim(-0.6, max(len(alerts), 1) - 0.4)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.grid(visible=True, axis="both")
    for y, row in enumerate(rows):
        _paint_row(axes, coverage, column, y, row)
    names = [
        f"{row.case.faults[0].target}   {row.case.id.replace('@' + row.case.faults[0].target, '')}" for row in rows
    ]
    axes.set_yticks(range(len(rows)), names, fontsize=7)
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        uncovered = not _pages(coverage, row)
        label.set_color(RED if uncovered and row.disrupted else SOFT if uncovered else INK)
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(alerts)), alerts, rotation=60, ha="left", fontsize=7, color=INK)
    axes.tick_params(length=0)


def _paint_row(axes: Axes, coverage: Coverage, column: dict[str, int], y: int, row: Row) -> None:
    if not _pages(coverage, row):
        axes.axhspan(y - 0.5, y + 0.5, color="#eef0f3", zorder=0)
    told = set()
    for cell in row.cells:
        if cell.told:
            told.add(cell.alert)
        fill, edge = _colours(coverage, cell)
        axes.scatter(column[cell.alert], y, marker="s", s=52, facecolor=fill, edgecolor=edge, linewidth=0.9, zorder=3)
    names = {alert.id: alert.name for alert in coverage.inventory.alerts}
    for id in row.case.expectations:
        expected = [a for a in column if names[a] in coverage.subject.expectations[id].alerts]
        for alert in expected:
            axes.scatter(column[alert], y, marker="s", s=92, facecolor="none", edgecolor=INK, linewidth=1.3, zorder=4)
            if told.isdisjoint(expected):
                axes.scatter(column[alert], y, marker="x", s=36, color=RED, linewidth=1.8, zorder=5)


def _colours(coverage: Coverage, cell: Cell) -> tuple[str, str]:
    paged = [told.high_ms for receiver, told in cell.told.items() if coverage.addressees.of(receiver).pages]
    if paged:
        first = min(paged)
        colour = GREEN if first <= _QUICK_MS else BLUE if first <= _SLOW_MS else ORANGE
        return colour, colour
    return (SKY + "80", SKY) if cell.told else ("none", SOFT)


def _pages(coverage: Coverage, row: Row) -> bool:
    return any(coverage.addressees.of(receiver).pages for cell in row.cells for receiver in cell.told)
