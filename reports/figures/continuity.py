"""Business functions that lost people or fell behind: level, people, manual work, backlog, RTO and tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.figures.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, RED, SKY, SOFT, link, time_axis
from reports.index import TimelineIndex, detail_of
from timeline.details import BacklogDetail, FunctionDetail, HealthDetail, StaffDetail
from timeline.events import Event
from timeline.instants import HOUR
from timeline.references import function

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FOOT, _FULL = 0.14, 0.7
"""Of the height of one row: where nothing stands, and how much all of it rises above it."""
_TOLD = ("staff", "fallback", "backlog")


def names(index: TimelineIndex) -> list[str]:
    """Functions of which people, manual work or backlog are told, in the order of the file."""
    told = {event.subject for event in index.events if event.family in _TOLD and event.subject.kind == "function"}
    return [name for name in index.exercise.functions if function(name) in told]


def height_in(index: TimelineIndex) -> float:
    return 1.1 + 1.05 * len(names(index))


def paint(axes: Axes, index: TimelineIndex) -> None:
    shown = names(index)
    for number, name in enumerate(shown):
        foot = len(shown) - 1 - number + _FOOT
        _paint_levels(axes, index, name, foot)
        _paint_people(axes, index, name, foot)
        _paint_fallback(axes, index, name, foot)
        _paint_backlog(axes, index, name, foot)
        _paint_marks(axes, index, name, foot)
    axes.set_yticks([len(shown) - 1 - n + _FOOT + _FULL / 2 for n in range(len(shown))], shown)
    axes.set_ylim(0, len(shown) + 0.02)
    _legend(axes)
    time_axis(axes, index)


def _of(index: TimelineIndex, name: str, *families: str) -> list[Event]:
    return [e for e in index.events if e.subject == function(name) and e.family in families]


def _steps(axes: Axes, index: TimelineIndex, course: list[tuple[int, float]], foot: float, **style: object) -> None:
    moments = [min(0, index.events[0].at_ms), *(at for at, _ in course), index.until_ms]
    values = [1.0, *(value for _, value in course)]
    heights = [foot + _FULL * min(v, 1.0) for v in [*values, values[-1]]]
    axes.step(moments, heights, where="post", **style)  # type: ignore[arg-type]


def _level(event: Event) -> float:
    family = BacklogDetail if event.family == "backlog" else FunctionDetail
    return detail_of(event, family).level_ratio  # type: ignore[attr-defined, no-any-return]


def _paint_levels(axes: Axes, index: TimelineIndex, name: str, foot: float) -> None:
    """What the function does, and below it, dotted, what its services alone would allow."""
    course = [(e.at_ms, _level(e)) for e in _of(index, name, "function", "backlog")]
    moments = [min(0, index.events[0].at_ms), *(at for at, _ in course), index.until_ms]
    values = [1.0, *(value for _, value in course)]
    tops = [foot + _FULL * v for v in [*values, values[-1]]]
    axes.fill_between(moments, [foot] * len(moments), tops, step="post", color=SKY, alpha=0.45, linewidth=0)
    health = [e for e in index.of_kind("signal.health_changed") if e.subject == function(name)]
    services = [(e.at_ms, detail_of(e, HealthDetail).level_ratio) for e in health]
    _steps(axes, index, services, foot, color=BLUE, linewidth=1.1, linestyle=(0, (1, 1.5)))


def _paint_people(axes: Axes, index: TimelineIndex, name: str, foot: float) -> None:
    """Of the scarcest skill, the share of the needed people at work; a dot where a minimum is lost or reached."""
    shares: dict[str, float] = {}
    course: list[tuple[int, float]] = []
    marks: list[tuple[Event, float]] = []
    for event in index.of_kind("staff.short", "staff.minimum_reached", "staff.changed"):
        if event.subject != function(name):
            continue
        detail = detail_of(event, StaffDetail)
        shares[detail.need] = detail.present / detail.needed
        course.append((event.at_ms, min(shares.values())))
        if event.kind != "staff.changed":
            marks.append((event, min(min(shares.values()), 1.0)))
    if not course:
        return
    _steps(axes, index, course, foot, color=ORANGE, linewidth=1.6)
    dots = axes.scatter(
        [e.at_ms for e, _ in marks], [foot + _FULL * s for _, s in marks], s=16, c=ORANGE, edgecolors=INK, zorder=4
    )
    dots.set_urls([link(e.seq) for e, _ in marks])


def _paint_fallback(axes: Axes, index: TimelineIndex, name: str, foot: float) -> None:
    """A bar under the row while work is done by hand."""
    begun: Event | None = None
    spans: list[tuple[Event, int]] = []
    for event in _of(index, name, "fallback"):
        if event.kind == "fallback.started":
            begun = event
        elif begun is not None:
            spans.append((begun, event.at_ms))
            begun = None
    if begun is not None:
        spans.append((begun, index.until_ms))
    for start, end in spans:
        bar = axes.barh(
            foot - 0.06, end - start.at_ms, left=start.at_ms, height=0.07, color=GREEN, hatch="////", edgecolor="white"
        )
        bar.patches[0].set_url(link(start.seq))


def _paint_backlog(axes: Axes, index: TimelineIndex, name: str, foot: float) -> None:
    """Linear between its events, of the height of the row at its highest, which is written beside it."""
    points: list[tuple[int, float]] = []
    rate = 0.0
    for event in _of(index, name, "backlog"):
        detail = detail_of(event, BacklogDetail)
        points.append((event.at_ms, detail.work_ms))
        rate = detail.rate_ratio
    if not points:
        return
    at, work = points[-1]
    points.append((index.until_ms, max(work + rate * (index.until_ms - at), 0.0)))
    highest = max(work for _, work in points)
    if highest <= 0:
        return
    axes.plot([at for at, _ in points], [foot + _FULL * w / highest for _, w in points], color=PURPLE, linewidth=1.6)
    peak_at = max(points, key=lambda point: point[1])[0]
    right = peak_at > 0.8 * index.until_ms
    axes.annotate(
        f"{highest / HOUR:.1f} h of work",
        (peak_at, foot + _FULL),
        (-6 if right else 6, 2),
        textcoords="offset points",
        ha="right" if right else "left",
        fontsize=7.5,
        color=PURPLE,
    )


def _paint_marks(axes: Axes, index: TimelineIndex, name: str, foot: float) -> None:
    """RTO and tolerated outage of the longest disruption, and the minimum level."""
    spans = [span for span in index.disruptions if span.subject == function(name)]
    if not spans:
        return
    longest = max(spans, key=lambda span: span.elapsed_ms(index.until_ms))
    minimum = longest.detail.minimum_level_ratio
    if minimum is not None:
        begin = min(0, index.events[0].at_ms)
        axes.hlines(foot + _FULL * minimum, begin, index.until_ms, color=RED, linewidth=0.8, linestyle=(0, (4, 3)))
    tolerated = next((a.tolerated_outage_ms for a in index.exercise.analyses if a.function == name), None)
    for word, limit_ms in (("RTO", longest.detail.rto_ms), ("tolerance", tolerated)):
        if limit_ms is not None and longest.begun.at_ms + limit_ms < index.until_ms:
            at = longest.begun.at_ms + limit_ms
            axes.vlines(at, foot, foot + _FULL, color=INK, linewidth=2.0 if word == "RTO" else 1.2)
            axes.annotate(word, (at, foot), (3, 2), textcoords="offset points", fontsize=7, color=SOFT)


def _legend(axes: Axes) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    axes.legend(
        handles=[
            Patch(color=SKY, alpha=0.45, label="level of the function"),
            Line2D([], [], color=BLUE, linestyle=(0, (1, 1.5)), label="its services alone"),
            Line2D([], [], color=ORANGE, label="people present / needed"),
            Line2D([], [], color=PURPLE, label="backlog"),
            Patch(facecolor=GREEN, hatch="////", edgecolor="white", label="by hand"),
            Line2D([], [], color=RED, linestyle=(0, (4, 3)), linewidth=0.8, label="minimum level"),
        ],
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=6,
        frameon=False,
        fontsize=7.5,
    )
