"""Figures: drawn from the timeline, as SVG; the same timeline gives the same bytes.

Each figure has a caption that says what to see, and its marks lead to their events.  Colours are those of Okabe and Ito
(2008), told apart by people with any common colour blindness; shapes, positions and labels say the same without colour.
"""

from __future__ import annotations

from functools import partial

from reports.conformance import playbook_runs
from reports.figures import (
    callouts,
    continuity,
    planned_and_done,
    recovery_bars,
    service_levels,
    status_page,
    swim_lanes,
)
from reports.figures.canvas import Figure, render
from reports.index import TimelineIndex

__all__ = ["Figure", "draw"]


_GAPS = {False: "time in which nobody worked", True: "time of which the record says nothing"}


def draw(index: TimelineIndex) -> list[Figure]:
    """Every figure of a timeline."""
    figures = [
        render(
            "swim-lanes",
            "Who did what when",
            "Faults in red; functions yellow while degraded, orange while below their minimum level; alerts while they "
            "fired. Pages: a stroke when sent, a green dot when acknowledged, a red cross when nobody answered. "
            "Incidents: opened (stroke), declared (red diamond), mitigated and resolved (green). Below, each person's "
            f"tasks, critical ones darker. Look for the gaps: {_GAPS[index.is_partial]}.",
            swim_lanes.height_in(index),
            lambda axes: swim_lanes.paint(axes, index),
        ),
        render(
            "service-levels",
            "Service of each business function",
            "Share of normal service over time. The dashed line is the minimum level (MBCO): below it the RTO clock "
            "runs. Dots lead to the events.",
            service_levels.height_in(index),
            lambda axes: service_levels.paint(axes, index),
        ),
        render(
            "recovery",
            "Recovery time achieved beside the objective",
            "The longest disruption of each function, green within its RTO (black mark), red beyond, grey where "
            "none is known; hatched and with an arrow when it was still down at the end, so that the true time is "
            "longer.",
            recovery_bars.height_in(index),
            lambda axes: recovery_bars.paint(axes, index),
        ),
    ]
    for number, run in enumerate(playbook_runs(index), start=1):
        title = f"Playbook “{run.plan.title}” in {run.plan.incident}, planned and done"
        paint = partial(planned_and_done.paint, run=run, index=index)
        figures.append(
            render(f"playbook-{number}", title, planned_and_done.CAPTION, planned_and_done.height_in(run), paint)
        )
    if continuity.names(index):
        figures.append(
            render(
                "continuity",
                "People, manual work and backlog of each business function",
                "Functions that lost people or fell behind. Blue: what the function does; dotted: what its services "
                "alone would allow. Orange: people at work of the skill that is scarcest, with dots where its minimum "
                "is lost or reached again. Green below: work done by hand. Purple: work that waits, up to the amount "
                "beside it. "
                "Black marks: RTO and tolerated outage, counted from the longest disruption.",
                continuity.height_in(index),
                lambda axes: continuity.paint(axes, index),
            )
        )
    if status_page.entries(index):
        figures.append(
            render(
                "status-page",
                "What the status page showed beside what was so",
                "For each entry, above the truth and below the page: faint green operational, yellow degraded, orange "
                "partial outage, red major outage.  Dotted lines mark where the page came apart from the truth and "
                "where it met it again.",
                status_page.height_in(index),
                lambda axes: status_page.paint(axes, index),
            )
        )
    if index.of_kind("callout.due"):
        figures.append(
            render(
                "callouts",
                "People reached by call trees and mass notifications",
                "Share of the people of each callout over time, from the moment that asked for it.  Black marks: the "
                "share that was wanted, at its time; the dot below or above is what had been reached then, green where "
                "that was enough.",
                callouts.height_in(index),
                lambda axes: callouts.paint(axes, index),
            )
        )
    return figures
