"""Swim lanes: truth, monitoring, command and people's work over one axis of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from reports.figures.canvas import BLUE, GREEN, GREY, INK, ORANGE, PURPLE, RED, SKY, SOFT, YELLOW, link, time_axis
from reports.index import TimelineIndex, detail_of, is_external
from reports.milestones import Milestone, of_exercise
from timeline.details import AlertDetail, TaskDetail
from timeline.events import Event
from timeline.instants import MINUTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_ALERTS = 10
_MOST_PEOPLE = 14
_MOST_IN_LANE = 200
_MARKED = (Milestone.IMPACT, Milestone.DECLARED, Milestone.RESTORED)


@dataclass(frozen=True, slots=True)
class _Bar:
    begun: Event
    until_ms: int
    colour: str


@dataclass(frozen=True, slots=True)
class _Marks:
    events: Sequence[Event]
    shape: str
    colour: str


@dataclass(slots=True)
class _Lane:
    name: str
    bars: list[_Bar] = field(default_factory=list)
    marks: list[_Marks] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    title: str
    lanes: list[_Lane]


def height_in(index: TimelineIndex) -> float:
    return 1.3 + 0.25 * sum(len(group.lanes) for group in _groups(index))


def paint(axes: Axes, index: TimelineIndex) -> None:
    groups = _groups(index)
    lanes = [lane for group in groups for lane in group.lanes]
    for number, lane in enumerate(lanes):
        _paint_lane(axes, -number, lane, index.until_ms)
    axes.set_yticks([-n for n in range(len(lanes))], [lane.name for lane in lanes])
    axes.set_ylim(-len(lanes) + 0.4, 0.7)
    time_axis(axes, index)
    _paint_groups(axes, groups)
    _paint_milestones(axes, index)


def _groups(index: TimelineIndex) -> list[_Group]:
    groups = [
        _Group("estate", [*_fault_lanes(index), *_function_lanes(index)]),
        _Group("alerts", _alert_lanes(index)),
        _Group("command", _command_lanes(index)),
        _Group("work", _people_lanes(index)),
    ]
    return [group for group in groups if group.lanes]


def _fault_lanes(index: TimelineIndex) -> list[_Lane]:
    lanes = []
    for fault in index.faults[:_MOST_ALERTS]:
        until_ms = fault.ended.at_ms if fault.ended else index.until_ms
        lanes.append(_Lane(f"{fault.detail.fault}: {fault.detail.target}", [_Bar(fault.begun, until_ms, RED)]))
    return lanes


def _function_lanes(index: TimelineIndex) -> list[_Lane]:
    lanes = {id: _Lane(id) for id in index.exercise.functions}
    for spans, colour in ((index.impairments, YELLOW), (index.disruptions, ORANGE)):
        for span in spans:
            until_ms = span.ended.at_ms if span.ended else index.until_ms
            lane = lanes.setdefault(span.subject.id, _Lane(span.subject.id))
            lane.bars.append(_Bar(span.begun, until_ms, colour))
    return list(lanes.values())


def _alert_lanes(index: TimelineIndex) -> list[_Lane]:
    """A lane for each of the first alerts by name, one for all others."""
    lanes: dict[str, _Lane] = {}
    for alert in index.alerts:
        name = detail_of(alert.begun, AlertDetail).name
        if alert.subject.id not in lanes and len(lanes) >= _MOST_ALERTS:
            name = "other alerts"
        elif alert.subject.id in lanes:
            name = alert.subject.id
        until_ms = alert.ended.at_ms if alert.ended else index.until_ms
        lanes.setdefault(name, _Lane(name)).bars.append(_Bar(alert.begun, until_ms, PURPLE))
    blind = index.of_kind("monitoring.stopped")
    if blind:
        lanes["blind"] = _Lane("monitoring is blind", [], [_Marks(blind, "X", RED)])
    return list(lanes.values())


def _command_lanes(index: TimelineIndex) -> list[_Lane]:
    pages = _Lane(
        "pages",
        [],
        [
            _Marks(_ours(index.of_kind("page.sent")), "|", GREY),
            _Marks(_ours(index.of_kind("page.unanswered", "page.exhausted")), "x", RED),
            _Marks(_ours(index.of_kind("page.acknowledged")), "o", GREEN),
        ],
    )
    parties = _Lane(
        "third parties",
        [],
        [
            _Marks([e for e in index.of_kind("page.sent") if is_external(e)], "|", GREY),
            _Marks([e for e in index.of_kind("page.acknowledged") if is_external(e)], "o", GREEN),
        ],
    )
    incidents = _Lane(
        "incidents",
        [],
        [
            _Marks(index.of_kind("incident.opened"), "|", BLUE),
            _Marks(index.of_kind("incident.declared"), "D", RED),
            _Marks(index.of_kind("incident.mitigated", "incident.resolved"), "D", GREEN),
        ],
    )
    decisions = _Lane("decisions", [], [_Marks(index.of_kind("decision.made"), "^", BLUE)])
    approvals = _Lane(
        "approvals",
        [],
        [
            _Marks(index.of_kind("approval.requested"), "|", GREY),
            _Marks(index.of_kind("approval.granted"), "o", GREEN),
            _Marks(index.of_kind("approval.refused"), "x", RED),
        ],
    )
    updates = _Lane(
        "updates",
        [],
        [_Marks(index.of_kind("update.sent"), "s", SKY), _Marks(index.of_kind("update.failed"), "x", RED)],
    )
    lanes = [pages, parties, incidents, decisions, approvals, updates]
    return [lane for lane in lanes if any(marks.events for marks in lane.marks)]


def _people_lanes(index: TimelineIndex) -> list[_Lane]:
    """Tasks as bars in the lane of whoever did them; failed ones end in a cross."""
    ends = {e.subject: e for e in reversed(index.of_kind("task.completed", "task.failed"))}
    lanes: dict[str, _Lane] = {}
    for started in index.of_kind("task.started"):
        task = detail_of(started, TaskDetail)
        name = task.person or "unassigned"
        if name not in lanes and len(lanes) >= _MOST_PEOPLE:
            name = "others"
        lane = lanes.setdefault(name, _Lane(name))
        end = ends.get(started.subject)
        lane.bars.append(_Bar(started, end.at_ms if end else index.until_ms, BLUE if task.critical else SKY))
        if end is not None and end.kind == "task.failed":
            lane.marks.append(_Marks([end], "x", RED))
    return list(lanes.values())


def _ours(pages: Iterable[Event]) -> list[Event]:
    return [page for page in pages if not is_external(page)]


def _paint_lane(axes: Axes, y: float, lane: _Lane, until_ms: int) -> None:
    shortest = max(until_ms // 500, MINUTE // 6)
    for colour in dict.fromkeys(bar.colour for bar in lane.bars):
        bars = _apart([bar for bar in lane.bars if bar.colour == colour], shortest)
        spans = [(bar.begun.at_ms, max(bar.until_ms - bar.begun.at_ms, shortest)) for bar in bars]
        drawn = axes.broken_barh(spans, (y - 0.3, 0.6), facecolors=colour, edgecolors="white", linewidth=0.4)
        drawn.set_urls([link(bar.begun.seq) for bar in bars])
    for marks in lane.marks:
        if marks.events:
            events = _thinned(marks.events, shortest)
            moments = [e.at_ms for e in events]
            size = 60 if marks.shape in "|x" else 34
            points = axes.scatter(moments, [y] * len(moments), marker=marks.shape, s=size, c=marks.colour, zorder=3)
            points.set_urls([link(e.seq) for e in events])


def _apart(bars: Sequence[_Bar], shortest_ms: int) -> Sequence[_Bar]:
    """Where there are too many to tell apart, bars that touch on paper become one, which leads to its first event."""
    if len(bars) <= _MOST_IN_LANE:
        return bars
    joined: list[_Bar] = []
    for bar in sorted(bars, key=lambda b: b.begun.seq):
        if joined and bar.begun.at_ms <= joined[-1].until_ms + shortest_ms:
            joined[-1] = replace(joined[-1], until_ms=max(joined[-1].until_ms, bar.until_ms))
        else:
            joined.append(bar)
    return joined


def _thinned(events: Sequence[Event], shortest_ms: int) -> Sequence[Event]:
    """Where there are too many to tell apart, one mark for those in one place on paper."""
    if len(events) <= _MOST_IN_LANE:
        return events
    return list({event.at_ms // shortest_ms: event for event in reversed(events)}.values())[::-1]


def _paint_groups(axes: Axes, groups: Sequence[_Group]) -> None:
    """A line between groups and the title of each at the right edge."""
    top = 0.5
    for number, group in enumerate(groups):
        if number:
            axes.axhline(top, color="#9aa5b1", linewidth=0.8)
        axes.text(
            1.004,
            top - 0.15,
            group.title,
            transform=axes.get_yaxis_transform(),
            fontsize=8,
            color=SOFT,
            va="top",
            rotation=270,
        )
        top -= len(group.lanes)


def _paint_milestones(axes: Axes, index: TimelineIndex) -> None:
    last_ms, width_ms = None, (index.until_ms - index.drawn_from_ms) or 1
    level = 0
    for milestone in _MARKED:
        event = of_exercise(index, milestone)
        if event is None:
            continue
        level = level + 1 if last_ms is not None and abs(event.at_ms - last_ms) < width_ms / 9 else 0
        last_ms = event.at_ms
        axes.axvline(event.at_ms, color=INK, linewidth=0.9, linestyle=(0, (4, 3)), zorder=2)
        text = axes.text(event.at_ms, 0.75 + 0.75 * level, f" {milestone}", fontsize=8, va="bottom", ha="left")
        text.set_url(link(event.seq))
