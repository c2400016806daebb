"""A lane for each receiver, the configurations one above the other, over one axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reports.figures.canvas import BLUE, GREEN, GREY, INK, RED, SOFT, Figure, render, ticks
from simulator.monitoring.alertmanager import Notification, Reason, Status
from simulator.monitoring.alertmanager.comparing import Outcome
from timeline.instants import MINUTE, format_clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LANES = 30
_CAPTION = (
    "Each mark is a notification: a red triangle tells of firing alerts, a blue one repeats what was told, a green dot "
    "says that all is resolved; the number is how many alerts it carries, where there are several. Grey strokes at the "
    "bottom are the alerts as they began. An empty lane was told nothing."
)


def draw_lanes(outcomes: Sequence[Outcome], until_ms: int) -> Figure:
    """The picture of all outcomes."""
    lanes = _lanes(outcomes)
    return render(
        "lanes",
        "Who is told when",
        _CAPTION,
        1.2 + 0.27 * (len(lanes) + 1),
        lambda a: _paint(a, outcomes, lanes, until_ms),
    )


def _lanes(outcomes: Sequence[Outcome]) -> list[tuple[int, str]]:
    """Number of the outcome, and receiver; receivers that were told most come first where there are too many."""
    lanes: list[tuple[int, str]] = []
    for number, outcome in enumerate(outcomes):
        told = outcome.counts()
        routed = dict.fromkeys(route.receiver for route in outcome.config.route.walk())
        names = sorted(routed, key=lambda name: -told[name])[: _MOST_LANES // len(outcomes)]
        lanes += [(number, name) for name in routed if name in names]
    return lanes


def _paint(axes: Axes, outcomes: Sequence[Outcome], lanes: list[tuple[int, str]], until_ms: int) -> None:
    for row, (number, receiver) in enumerate(lanes):
        if number % 2:
            axes.axhspan(-row - 0.5, -row + 0.5, color="#f2f4f7", zorder=0)
        told = [n for n in outcomes[number].notifications if n.receiver == receiver]
        _marks(axes, -row, told)
    begun = [alert.posted_ms for alert in outcomes[0].alerts]
    axes.plot(begun, [-len(lanes)] * len(begun), "|", color=GREY, markersize=9, clip_on=False)
    axes.set_yticks([-row for row in range(len(lanes) + 1)], [*(name for _, name in lanes), "alerts begin"])
    axes.set_ylim(-len(lanes) - 0.6, 0.9)
    axes.set_xlim(0, max(until_ms, MINUTE))
    at = ticks(0, max(until_ms, MINUTE))
    axes.set_xticks(at, [format_clock(tick) for tick in at])
    for number, outcome in enumerate(outcomes):
        first = next((row for row, (owner, _) in enumerate(lanes) if owner == number), None)
        if first is not None and len(outcomes) > 1:
            axes.text(
                1.0,
                -first + 0.45,
                outcome.name,
                transform=axes.get_yaxis_transform(),
                ha="right",
                va="bottom",
                color=SOFT,
                fontsize=8,
            )


def _marks(axes: Axes, height: int, told: Sequence[Notification]) -> None:
    kinds = (
        ([n for n in told if n.status is Status.FIRING and n.reason is not Reason.REPEAT], "^", RED),
        ([n for n in told if n.status is Status.FIRING and n.reason is Reason.REPEAT], "^", BLUE),
        ([n for n in told if n.status is Status.RESOLVED], "o", GREEN),
    )
    for notifications, shape, colour in kinds:
        axes.plot(
            [n.at_ms for n in notifications],
            [height] * len(notifications),
            shape,
            color=colour,
            markersize=6,
            clip_on=False,
        )
    for notification in told if len(told) <= 60 else ():
        if len(notification.alerts) > 1:
            axes.annotate(
                str(len(notification.alerts)),
                (notification.at_ms, height),
                (5, 1),
                textcoords="offset points",
                fontsize=7,
                color=INK,
            )
