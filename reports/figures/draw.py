"""The figures of a report: how the exercise went over time, how well functions served, and what was achieved."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reports.index import TimelineIndex, detail_of, is_external
from reports.measures.continuity import losses
from timeline.details import FunctionDetail, HealthDetail, TaskDetail
from timeline.events import Event
from timeline.instants import HOUR, MINUTE
from timeline.references import RefKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, RED, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#666666"
_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "blackstart",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawn figure."""

    id: str
    title: str
    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class _Plan:
    title: str
    caption: str
    height_in: Callable[[TimelineIndex], float]
    paint: Callable[[Axes, TimelineIndex], None]


def draw(index: TimelineIndex) -> list[Figure]:
    """Every figure of a timeline."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure as Canvas

    figures = []
    for id, plan in FIGURES.items():
        with mpl.rc_context(_STYLE):
            canvas = Canvas(figsize=(10, plan.height_in(index)), layout="constrained")
            axes = canvas.subplots()
            plan.paint(axes, index)
            buffer = io.StringIO()
            canvas.savefig(buffer, format="svg", metadata={"Date": None, "Title": plan.title})
        svg = buffer.getvalue()
        figures.append(Figure(id, plan.title, plan.caption, svg[svg.index("<svg") :]))
    return figures


# Swim lanes


def _lanes(axes: Axes, index: TimelineIndex) -> None:
    lanes = _lane_names(index)
    position = {name: len(lanes) - 1 - i for i, name in enumerate(lanes)}
    for fault in index.faults:
        _bar(axes, position["faults"], fault.begun.at_ms, fault.begun.at_ms + fault.elapsed_ms(index.until_ms), RED)
    for span in index.impairments:
        lane = position[f"{span.subject.id}"]
        _bar(axes, lane, span.begun.at_ms, span.begun.at_ms + span.elapsed_ms(index.until_ms), YELLOW)
    for span in index.disruptions:
        lane = position[f"{span.subject.id}"]
        _bar(axes, lane, span.begun.at_ms, span.begun.at_ms + span.elapsed_ms(index.until_ms), ORANGE)
    _marks(axes, position["alerts"], [a.begun for a in index.alerts], "|", RED)
    pages = [e for e in index.of_kind("page.sent") if not is_external(e)]
    _marks(axes, position["pages"], pages, "|", GREY)
    answered = [e for e in index.of_kind("page.acknowledged") if not is_external(e)]
    _marks(axes, position["pages"], answered, "o", GREEN)
    for name, kinds, marker, colour in _POINT_LANES:
        _marks(axes, position[name], index.of_kind(*kinds), marker, colour)
    for critical, started, ended_ms in _tasks(index):
        _bar(axes, position[_worker(started)], started.at_ms, ended_ms, BLUE if critical else SKY)
    axes.set_yticks(list(position.values()), list(position))
    axes.set_ylim(-0.6, len(lanes) - 0.4)
    _time_axis(axes, index)


_POINT_LANES: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    ("command", ("incident.declared", "incident.mitigated", "incident.resolved"), "D", PURPLE),
    ("decisions", ("decision.made",), "^", PURPLE),
    ("updates", ("update.sent",), "s", SKY),
)


def _lane_names(index: TimelineIndex) -> list[str]:
    people = dict.fromkeys(_worker(started) for _, started, _ in _tasks(index))
    return ["faults", *index.exercise.functions, "alerts", "pages", "command", "decisions", "updates", *people]


def _worker(started: Event) -> str:
    return detail_of(started, TaskDetail).person or "unassigned"


def _tasks(index: TimelineIndex) -> list[tuple[bool, Event, int]]:
    """(critical, started, end in ms) of each task."""
    ends = {e.subject: e.at_ms for e in reversed(index.of_kind("task.completed", "task.failed"))}
    return [
        (detail_of(e, TaskDetail).critical, e, ends.get(e.subject, index.until_ms))
        for e in index.of_kind("task.started")
    ]


def _bar(axes: Axes, lane: float, from_ms: int, to_ms: int, colour: str) -> None:
    width = max(to_ms - from_ms, MINUTE / 2) / HOUR
    axes.barh(lane, width, left=from_ms / HOUR, height=0.55, color=colour, edgecolor="white", linewidth=0.4)


def _marks(axes: Axes, lane: float, events: list[Event], marker: str, colour: str) -> None:
    if events:
        hours = [e.at_ms / HOUR for e in events]
        axes.scatter(hours, [lane] * len(hours), marker=marker, s=42 if marker != "|" else 70, c=colour, zorder=3)


def _time_axis(axes: Axes, index: TimelineIndex) -> None:
    begin = min(0, index.started.at_ms) / HOUR
    axes.set_xlim(begin, index.until_ms / HOUR)
    axes.set_xlabel("hours since STARTEX")


# Level of functions


def _levels(axes: Axes, index: TimelineIndex) -> None:
    names = index.exercise.functions
    for number, name in enumerate(names):
        times, levels = _level_course(index, name)
        offset = len(names) - 1 - number
        base = [offset + 0.08] * len(times)
        tops = [offset + 0.08 + 0.8 * level for level in levels]
        axes.fill_between(times, base, tops, step="post", color=SKY, alpha=0.75, linewidth=0)
        axes.step(times, tops, where="post", color=BLUE, linewidth=1.2)
        minimum = _minimum(index, name)
        if minimum is not None:
            axes.hlines(offset + 0.08 + 0.8 * minimum, times[0], times[-1], color=RED, linewidth=0.9, linestyle="--")
    axes.set_yticks([len(names) - 1 - i + 0.48 for i in range(len(names))], list(names))
    axes.set_ylim(0, max(len(names), 1))
    axes.grid(False, axis="y")
    _time_axis(axes, index)


def _level_course(index: TimelineIndex, name: str) -> tuple[list[float], list[float]]:
    times, levels = [min(0, index.started.at_ms) / HOUR], [1.0]
    for event in index.of_kind("signal.health_changed"):
        if event.subject.kind is RefKind.FUNCTION and event.subject.id == name:
            times.append(event.at_ms / HOUR)
            levels.append(detail_of(event, HealthDetail).level_ratio)
    return [*times, index.until_ms / HOUR], [*levels, levels[-1]]


def _minimum(index: TimelineIndex, name: str) -> float | None:
    for event in index.of_kind("function.disrupted", "function.degraded"):
        if event.subject.id == name:
            return detail_of(event, FunctionDetail).minimum_level_ratio
    return None


# Recovery bars


def _recovery(axes: Axes, index: TimelineIndex) -> None:
    rows = _recovery_rows(index)
    for number, (_, achieved_ms, still_down, rto_ms, lost_ms, rpo_ms) in enumerate(rows):
        lane = len(rows) - 1 - number
        over = rto_ms is not None and achieved_ms > rto_ms
        bar = axes.barh(lane, achieved_ms / HOUR, height=0.5, color=RED if over else GREEN, edgecolor="white")
        if still_down:
            bar.patches[0].set_hatch("///")
        if rto_ms is not None:
            axes.vlines(rto_ms / HOUR, lane - 0.36, lane + 0.36, color="black", linewidth=2)
            axes.text(rto_ms / HOUR, lane + 0.38, "RTO", ha="center", va="bottom", fontsize=7)
        text = f"{achieved_ms / MINUTE:.0f} min{' and still down' if still_down else ''}"
        if rpo_ms is not None or lost_ms:
            text += f"; lost {lost_ms / 1000:.0f} s of data"
            text += f" (RPO {rpo_ms / 1000:.0f} s)" if rpo_ms is not None else ""
        axes.text(achieved_ms / HOUR, lane, f"  {text}", va="center", fontsize=8)
    axes.set_yticks([len(rows) - 1 - i for i in range(len(rows))], [row[0] for row in rows])
    axes.set_ylim(-0.6, max(len(rows) - 0.2, 0.6))
    longest = max([*(r[1] for r in rows), *(r[3] or 0 for r in rows), HOUR // 4])
    axes.set_xlim(0, longest / HOUR * 1.35)
    axes.set_xlabel("hours below the minimum level")
    if not rows:
        axes.text(0.02, 0.5, "no business function was disrupted", transform=axes.transAxes)


def _recovery_rows(index: TimelineIndex) -> list[tuple[str, int, bool, int | None, int, int | None]]:
    rows: list[tuple[str, int, bool, int | None, int, int | None]] = []
    for name in index.exercise.functions:
        spans = [(s, lost) for s, lost, _ in losses(index) if s.subject.id == name]
        if spans:
            longest, _ = max(spans, key=lambda pair: pair[0].elapsed_ms(index.until_ms))
            rows.append(
                (
                    name,
                    longest.elapsed_ms(index.until_ms),
                    longest.ended is None,
                    longest.detail.rto_ms,
                    max(lost for _, lost in spans),
                    longest.detail.rpo_ms,
                )
            )
    return rows


def _lane_height(index: TimelineIndex) -> float:
    return 1.2 + 0.27 * len(_lane_names(index))


def _function_height(index: TimelineIndex) -> float:
    return 1.0 + 0.62 * max(len(index.exercise.functions), 1)


def _recovery_height(index: TimelineIndex) -> float:
    return 1.1 + 0.55 * max(len(_recovery_rows(index)), 1)


FIGURES: dict[str, _Plan] = {
    "swim-lanes": _Plan(
        "Who did what when",
        "Faults in red; functions in yellow while degraded and orange while below their minimum level; alerts and "
        "pages as strokes, acknowledgements as green dots; declaration, mitigation and resolution as diamonds; work of "
        "people as bars, critical tasks darker.",
        _lane_height,
        _lanes,
    ),
    "levels": _Plan(
        "Service of each business function",
        "Share of normal service over time.  The dashed line is the minimum level (MBCO): below it the RTO clock runs.",
        _function_height,
        _levels,
    ),
    "recovery": _Plan(
        "Recovery time achieved beside the objective",
        "The longest disruption of each function, green within its RTO (black mark) and red beyond; hatched when it "
        "was still down at the end.",
        _recovery_height,
        _recovery,
    ),
}
