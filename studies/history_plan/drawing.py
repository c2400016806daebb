"""The figures of a plan from history: what costs most, and when utilisation reaches its limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas import BLUE, GREEN, GREY, INK, ORANGE, RED, SKY, Figure, render
from studies.history_plan.headroom import Headroom
from studies.history_plan.recurrence import Bottleneck
from studies.history_plan.study import HistoryPlan
from studies.history_plan.trends import Direction
from timeline.instants import DAY, WEEK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_BARS, _MOST_SERIES = 15, 12
_AHEAD_WEEKS = 26
_COLOURS = {Direction.RISING: RED, Direction.FALLING: GREEN, Direction.NOT_SHOWN: SKY}


def draw_plan(plan: HistoryPlan) -> list[Figure]:
    """The figures that there is material for."""
    figures = []
    costly = [one for one in plan.bottlenecks if one.hours_a_year is not None][:_MOST_BARS]
    if costly:
        figures.append(
            render(
                "bottlenecks",
                "What incidents cost, by service and failure mode",
                "Hours of incidents a year with the 95 % interval. Red: they come more often with time; green: less "
                "often; blue: no trend is shown.",
                0.9 + 0.3 * len(costly),
                lambda axes: _paint_bottlenecks(axes, costly),
            )
        )
    for number, one in enumerate(plan.headroom[:_MOST_SERIES]):
        figures.append(
            render(
                f"headroom-{number + 1}",
                one.series,
                "Dots: the busy level of each week. Line and band: its trend with the 95 % interval. Red: the limit.",
                2.4,
                lambda axes, one=one: _paint_headroom(axes, one),  # type: ignore[misc]
            )
        )
    return figures


def _paint_bottlenecks(axes: Axes, found: Sequence[Bottleneck]) -> None:
    rows = -np.arange(len(found))
    for row, one in zip(rows, found, strict=True):
        hours = one.hours_a_year
        assert hours is not None
        axes.barh([row], [hours.value], height=0.7, color=_COLOURS[one.direction], linewidth=0)
        axes.plot([hours.low, hours.high], [row, row], color=INK, linewidth=1.2)
    axes.set_yticks(rows, [f"{one.service}: {one.mode}" for one in found])
    axes.set_ylim(rows[-1] - 0.6, 0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel("hours a year")


def _paint_headroom(axes: Axes, one: Headroom) -> None:
    weeks = [_day(at_ms) for at_ms in one.weeks_ms]
    axes.plot(weeks, one.busy, linestyle="", marker="o", markersize=3.5, color=GREY)
    begin, end = one.weeks_ms[0], one.now_ms + _AHEAD_WEEKS * WEEK
    if one.crosses_ms is not None:
        end = min(max(end, one.crosses_ms + 4 * WEEK), one.now_ms + 104 * WEEK)
    per_week = one.growth_a_year.value / 52.18
    line = [one.level.value + per_week * (at_ms - one.now_ms) / WEEK for at_ms in (begin, end)]
    axes.plot([_day(begin), _day(end)], line, color=BLUE, linewidth=1.6)
    axes.axhline(one.limit, color=RED, linewidth=1.2)
    axes.axvline(_day(one.now_ms), color=INK, linewidth=0.8, linestyle=":")
    if one.earliest_ms is not None:
        latest = end if one.latest_ms is None else min(one.latest_ms, end)
        axes.plot(
            [_day(min(one.earliest_ms, end)), _day(latest)], [one.limit] * 2, color=ORANGE, linewidth=6, alpha=0.6
        )
    axes.xaxis_date()
    axes.grid(visible=True, axis="y")
    axes.set_xlim(_day(begin), _day(end))


def _day(at_ms: int) -> float:
    """As matplotlib counts: days since 1970."""
    return at_ms / DAY
