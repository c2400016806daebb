"""Call trees and mass notifications: the share of people reached over time, beside the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.callouts import CalloutCourse, callout_courses
from reports.figures.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, RED, link, time_axis
from reports.index import TimelineIndex

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE)
_HEIGHT_IN = 2.9


def height_in(_: TimelineIndex) -> float:
    return _HEIGHT_IN


def paint(axes: Axes, index: TimelineIndex) -> None:
    for number, course in enumerate(callout_courses(index)):
        _paint_course(axes, course, _COLOURS[number % len(_COLOURS)], index.until_ms)
    axes.set_ylim(0, 1.05)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.set_ylabel("people reached")
    time_axis(axes, index)
    axes.legend(loc="lower right", frameon=False, fontsize=8)


def _paint_course(axes: Axes, course: CalloutCourse, colour: str, until_ms: int) -> None:
    points = [(course.due.at_ms, 0.0), *((event.at_ms, share) for event, share in course.progress)]
    last = points[-1][1]
    xs, ys = [x for x, _ in points] + [until_ms], [y for _, y in points] + [last]
    axes.step(xs, ys, where="post", color=colour, linewidth=1.8, label=course.detail.title)
    target = course.detail.target_ratio
    axes.plot([course.detail.due_at_ms], [target], marker="_", markersize=16, color=INK, markeredgewidth=2.2)
    axes.vlines(course.detail.due_at_ms, course.reached_in_time, target, color=colour, linewidth=0.9, linestyle=":")
    if course.assessed is not None:
        met = course.reached_in_time >= target
        mark = axes.scatter(
            [course.assessed.at_ms], [course.reached_in_time], color=GREEN if met else RED, zorder=3, s=34
        )
        mark.set_urls([link(course.assessed.seq)])
