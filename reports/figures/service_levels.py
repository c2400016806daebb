"""The service of each business function over time, against its minimum level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.figures.canvas import BLUE, RED, SKY, SOFT, link, time_axis
from reports.index import TimelineIndex, detail_of
from timeline.details import FunctionDetail, HealthDetail
from timeline.events import Event
from timeline.references import function

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FOOT, _FULL = 0.1, 0.76
"""Of the height of one row: where a level of 0 stands, and how much a level of 1 rises above it."""


def height_in(index: TimelineIndex) -> float:
    return 1.0 + 0.62 * max(len(index.exercise.functions), 1)


def paint(axes: Axes, index: TimelineIndex) -> None:
    names = index.exercise.functions
    for number, name in enumerate(names):
        foot = len(names) - 1 - number + _FOOT
        moments, levels = _course(index, name)
        tops = [foot + _FULL * level for level in levels]
        axes.fill_between(moments, [foot] * len(moments), tops, step="post", color=SKY, alpha=0.6, linewidth=0)
        axes.step(moments, tops, where="post", color=BLUE, linewidth=1.2)
        _paint_minimum(axes, index, name, foot)
        _paint_changes(axes, index, name, foot)
    axes.set_yticks([len(names) - 1 - n + 0.5 for n in range(len(names))], list(names))
    axes.set_ylim(0, max(len(names), 1) + 0.05)
    time_axis(axes, index)


def _course(index: TimelineIndex, name: str) -> tuple[list[int], list[float]]:
    """Moments in ms and the level from each on."""
    moments, levels = [min(0, index.events[0].at_ms)], [1.0]
    for event in index.of_kind("signal.health_changed", *_CHANGES):
        if event.subject == function(name):
            moments.append(event.at_ms)
            levels.append(_level(event))
    return [*moments, index.until_ms], [*levels, levels[-1]]


_CHANGES = ("function.disrupted", "function.degraded", "function.restored")


def _level(event: Event) -> float:
    if event.kind == "signal.health_changed":
        return detail_of(event, HealthDetail).level_ratio
    return detail_of(event, FunctionDetail).level_ratio


def _paint_minimum(axes: Axes, index: TimelineIndex, name: str, foot: float) -> None:
    known = next((detail_of(e, FunctionDetail) for e in index.of_kind(*_CHANGES) if e.subject == function(name)), None)
    if known is not None and known.minimum_level_ratio is not None:
        y = foot + _FULL * known.minimum_level_ratio
        axes.axhline(y, color=RED, linewidth=0.9, linestyle=(0, (4, 3)))
        axes.text(
            1.004,
            y,
            f"minimum {known.minimum_level_ratio:.0%}",
            transform=axes.get_yaxis_transform(),
            fontsize=7,
            va="center",
            color=SOFT,
        )


def _paint_changes(axes: Axes, index: TimelineIndex, name: str, foot: float) -> None:
    """A dot at each disruption, degradation and restoration, which leads to its event."""
    changes = [e for e in index.of_kind(*_CHANGES) if e.subject == function(name)]
    if changes:
        heights = [foot + _FULL * _level(e) for e in changes]
        drawn = axes.scatter([e.at_ms for e in changes], heights, s=18, c=BLUE, zorder=3)
        drawn.set_urls([link(e.seq) for e in changes])
