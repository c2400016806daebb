"""The status page beside the truth: for each entry a band of what was so and one of what the page showed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.figures.canvas import GREEN, INK, ORANGE, RED, SKY, SOFT, YELLOW, link, time_axis
from reports.index import TimelineIndex
from reports.status_page import EntryCourse, entry_courses
from timeline.status_page import PageState

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {
    PageState.OPERATIONAL: GREEN,
    PageState.MAINTENANCE: SKY,
    PageState.DEGRADED: YELLOW,
    PageState.PARTIAL_OUTAGE: ORANGE,
    PageState.MAJOR_OUTAGE: RED,
}
_PALE = 0.28
"""What is as usual is drawn faintly."""
_NARROW = 0.09
"""A band narrower than this share of the axis has no room for words."""


def entries(index: TimelineIndex) -> list[EntryCourse]:
    """Those of which there is anything to see."""
    return [course for course in entry_courses(index) if course.troubled_ms]


def height_in(index: TimelineIndex) -> float:
    return 1.2 + 0.62 * len(entries(index))


def paint(axes: Axes, index: TimelineIndex) -> None:
    courses = entries(index)
    ticks: list[float] = []
    names: list[str] = []
    for number, course in enumerate(courses):
        _paint_course(axes, -number, course, index)
        ticks += [-number + 0.18, -number - 0.18]
        names += [f"{course.title}: truth", "page"]
    axes.set_yticks(ticks, names)
    axes.set_ylim(-len(courses) + 0.5, 0.5)
    time_axis(axes, index)


def _paint_course(axes: Axes, y: float, course: EntryCourse, index: TimelineIndex) -> None:
    span_ms = max(index.until_ms - index.drawn_from_ms, 1)
    for row, which in ((y + 0.18, "true"), (y - 0.18, "shown")):
        for begun_ms, ended_ms, state, seq in _bands(course, which):
            usual = state is PageState.OPERATIONAL
            bars = axes.barh(
                row,
                ended_ms - begun_ms,
                left=begun_ms,
                height=0.32,
                color=_COLOURS[state],
                alpha=_PALE if usual else 1,
                edgecolor="white",
            )
            bars.patches[0].set_url(link(seq))
            if not usual and (ended_ms - begun_ms) / span_ms > _NARROW:
                middle = (begun_ms + ended_ms) / 2
                axes.text(middle, row, state, ha="center", va="center", fontsize=7.5, color=INK)
    for begun, ended in course.spells_apart():
        for event in (begun, ended):
            if event is not None:
                axes.vlines(event.at_ms, y - 0.36, y + 0.36, color=SOFT, linewidth=0.8, linestyle=":")


def _bands(course: EntryCourse, which: str) -> list[tuple[int, int, PageState, int]]:
    """Begin, end, state and the event behind it, with stretches of one state joined."""
    bands: list[tuple[int, int, PageState, int]] = []
    for stretch in course.stretches:
        state = stretch.true if which == "true" else stretch.shown
        if bands and bands[-1][2] is state:
            bands[-1] = (bands[-1][0], stretch.ended_ms, state, bands[-1][3])
        else:
            bands.append((stretch.begun_ms, stretch.ended_ms, state, stretch.event.seq))
    return bands
