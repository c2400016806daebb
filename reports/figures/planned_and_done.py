"""A run of a playbook: each step as it was planned and as it was done, in the order of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.conformance import PlaybookRun, Step
from reports.figures.canvas import BLUE, GREY, INK, ORANGE, PURPLE, RED, SOFT, clock_axis, link
from reports.index import TimelineIndex
from reports.quantities import write_ms
from timeline.events import Event
from timeline.instants import MINUTE
from timeline.playbooks import PlaybookStep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CAPTION = (
    "Bars are work: blue in time, orange and hatched when completed later than planned; a thin line before is the wait "
    "for somebody, a black stroke the planned time, with a dotted line to it from a late end. Grey diamond: skipped. "
    "Purple square: added, without the plan asking for it then. Red cross: failed. Circle at the end of a bar: done "
    "again in another pass. Steps that this run did not call for stay empty."
)
_END_KINDS = ("task.completed", "task.failed", "task.repeated", "task.escalated")


def height_in(run: PlaybookRun) -> float:
    return 1.2 + 0.27 * (len(run.plan.steps) + len(_extra(run)))


def paint(axes: Axes, run: PlaybookRun, index: TimelineIndex) -> None:
    steps, extra = in_order(run.plan.steps), _extra(run)
    until_ms = _until_ms(run, steps)
    late, skipped = {step.id: step for step in run.late}, {step.id for step in run.skipped}
    for number, step in enumerate(steps):
        _paint_plan(axes, -number, run, step, until_ms)
        _paint_work(axes, -number, run.events_of(step.id), late.get(step.id), until_ms)
        if step.id in skipped:
            _paint_skipped(axes, -number, run, step, until_ms)
    rows = {step.id: -number for number, step in enumerate(steps)}
    rows |= {id: -len(steps) - number for number, id in enumerate(extra)}
    for added in run.added:
        event = added.events[-1]
        mark = axes.scatter([event.at_ms], [rows[added.id]], marker="s", s=42, c=PURPLE, zorder=4, edgecolors="white")
        mark.set_urls([link(event.seq)])
    names = [f"{step.id}{' *' if step.critical else ''}" for step in steps] + [f"added: {id}" for id in extra]
    axes.set_yticks([-n for n in range(len(names))], names)
    axes.set_ylim(-len(names) + 0.4, 0.7)
    clock_axis(axes, run.started.at_ms, until_ms, index.epoch)
    axes.set_xlabel("exercise time, and the clock on the wall; critical steps carry a star")


def in_order(steps: tuple[PlaybookStep, ...]) -> list[PlaybookStep]:
    """Each step after those that it comes after, otherwise by planned time."""
    pending = sorted(steps, key=lambda s: (s.expected_ms is None, s.expected_ms or 0, s.id))
    placed: dict[str, PlaybookStep] = {}
    while pending:
        known = {s.id for s in pending}
        following = next((s for s in pending if known.isdisjoint((*s.after, *s.after_any))), pending[0])
        pending.remove(following)
        placed[following.id] = following
    return list(placed.values())


def _extra(run: PlaybookRun) -> list[str]:
    """What was added and stands in no row of the plan."""
    planned = {step.id for step in run.plan.steps}
    return list(dict.fromkeys(step.id for step in run.added if step.id not in planned))


def _until_ms(run: PlaybookRun, steps: list[PlaybookStep]) -> int:
    """Where the last thing that was done or planned lies, and a little more; never beyond the end."""
    last_ms = max([event.at_ms for event in run.events if event.kind in _END_KINDS] or [run.started.at_ms])
    planned_ms = [run.started.at_ms + step.expected_ms for step in steps if step.expected_ms is not None]
    wanted_ms = max([last_ms, *(ms for ms in planned_ms if ms <= run.until_ms)]) + 2 * MINUTE
    return min(run.started.at_ms + round((wanted_ms - run.started.at_ms) * 1.04), max(run.until_ms, wanted_ms))


def _paint_plan(axes: Axes, y: float, run: PlaybookRun, step: PlaybookStep, until_ms: int) -> None:
    if step.expected_ms is not None and (at_ms := run.started.at_ms + step.expected_ms) <= until_ms:
        axes.vlines(at_ms, y - 0.38, y + 0.38, color=INK, linewidth=1.8, zorder=3)


def _paint_work(axes: Axes, y: float, events: tuple[Event, ...], late: Step | None, until_ms: int) -> None:
    ready: Event | None = None
    started: Event | None = None
    for event in events:
        if event.kind == "task.ready":
            ready = event
        elif event.kind in ("task.started", "task.escalated"):
            if ready is not None:
                axes.hlines(y, ready.at_ms, event.at_ms, color=SOFT, linewidth=1.0)
            ready, started = None, event
        elif event.kind in _END_KINDS and started is not None:
            is_last = event is events[-1]
            _paint_bar(axes, y, started, event.at_ms, late if is_last else None, until_ms)
            _paint_end(axes, y, event)
            started = None
    if started is not None:
        _paint_bar(axes, y, started, until_ms, late, until_ms)


def _paint_bar(axes: Axes, y: float, started: Event, ended_ms: int, late: Step | None, until_ms: int) -> None:
    shortest = max((until_ms - started.at_ms) // 400, MINUTE // 6)
    colour, hatch = (ORANGE, "////") if late is not None else (BLUE, None)
    width = max(ended_ms - started.at_ms, shortest)
    bar = axes.barh(
        y, width, left=started.at_ms, height=0.5, color=colour, edgecolor="white", hatch=hatch, linewidth=0.5
    )
    bar.patches[0].set_url(link(started.seq))
    if late is not None:
        planned_ms = ended_ms - late.late_ms
        axes.hlines(y, planned_ms, ended_ms, color=INK, linewidth=0.9, linestyle=(0, (1, 2)), zorder=3)
        axes.text(ended_ms, y, f"  {write_ms(late.late_ms)} late", va="center", ha="left", fontsize=7.5, color=INK)


def _paint_end(axes: Axes, y: float, event: Event) -> None:
    if event.kind == "task.completed":
        return
    shape, colour = ("x", RED) if event.kind == "task.failed" else ("o", BLUE)
    mark = axes.scatter([event.at_ms], [y], marker=shape, s=36, c=colour, zorder=4)
    mark.set_urls([link(event.seq)])


def _paint_skipped(axes: Axes, y: float, run: PlaybookRun, step: PlaybookStep, until_ms: int) -> None:
    """At its planned time where that is shown, else where the last that is known of it lies."""
    events = run.events_of(step.id)
    at_ms = run.started.at_ms + (step.expected_ms or 0)
    if step.expected_ms is None or at_ms > until_ms:
        at_ms = min(events[-1].at_ms if events else run.started.at_ms, until_ms)
    mark = axes.scatter([at_ms], [y], marker="D", s=40, c="white", edgecolors=GREY, linewidths=1.6, zorder=4)
    mark.set_urls([link(events[-1].seq if events else run.started.seq)])
    axes.annotate("skipped", (at_ms, y), (8, 0), textcoords="offset points", va="center", fontsize=7.5, color=SOFT)
