"""An escalation as a picture: a row for each person, a mark for each attempt, a band for each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from reports.figures.canvas import BLUE, GREEN, INK, ORANGE, PURPLE, RED, SKY, SOFT, clock_axis, draw
from simulator.response.oncall import Page
from timeline.instants import MINUTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY)
_SHAPES = ("o", "s", "^", "D", "v")
_UNKNOWN_CHANNEL = "page"


def draw_escalation(
    pages: Sequence[Page], names: Mapping[str, str], start_ms: int, epoch: datetime, title: str, format: str
) -> bytes:
    """The pages of a dry run as `svg` or `png`.  `names` are people's titles; rows are in the order of first pages."""
    rows = list(dict.fromkeys(_row(page, names) for page in pages))
    height_in = 1.6 + 0.34 * len(rows)
    return draw(height_in, lambda axes: _paint(axes, pages, rows, names, start_ms, epoch, title), format)


def _row(page: Page, names: Mapping[str, str]) -> str:
    if page.person is None:
        return f"nobody ({page.rotation or page.team})"
    return names.get(page.person, page.person)


def _paint(
    axes: Axes,
    pages: Sequence[Page],
    rows: Sequence[str],
    names: Mapping[str, str],
    start_ms: int,
    epoch: datetime,
    title: str,
) -> None:
    last_ms = max([page.arrives_ms or page.at_ms for page in pages], default=start_ms) + 2 * MINUTE
    margin_ms = (last_ms - start_ms) // 10  # room for the name of the last step
    end_ms = last_ms + margin_ms
    _paint_steps(axes, pages, start_ms, end_ms)
    channels = list(dict.fromkeys(page.channel or _UNKNOWN_CHANNEL for page in pages if page.person is not None))
    for page in pages:
        y = -rows.index(_row(page, names))
        if page.person is None:
            axes.plot(page.at_ms - start_ms, y, "X", color=RED, markersize=8, label="_gap")
            continue
        number = channels.index(page.channel or _UNKNOWN_CHANNEL) % len(_COLOURS)
        if page.arrives_ms is not None:
            axes.plot(
                [page.at_ms - start_ms, page.arrives_ms - start_ms], [y, y], color=_COLOURS[number], linewidth=1.5
            )
        axes.plot(page.at_ms - start_ms, y, _SHAPES[number], color=_COLOURS[number], markersize=6)
    for number, channel in enumerate(channels):
        shape, colour = _SHAPES[number % len(_SHAPES)], _COLOURS[number % len(_COLOURS)]
        axes.plot([], [], shape, color=colour, label=channel)
    if any(page.person is None for page in pages):
        axes.plot([], [], "X", color=RED, label="nobody on call")
    axes.set_yticks([-n for n in range(len(rows))], rows)
    axes.set_ylim(-len(rows) + 0.4, 1.1)
    clock_axis(axes, -margin_ms // 10, end_ms - start_ms, epoch, start_ms)
    axes.set_xlabel("since the escalation began, and the clock on the wall")
    axes.set_title(title, loc="left", color=INK, fontsize=11)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


def _paint_steps(axes: Axes, pages: Sequence[Page], start_ms: int, end_ms: int) -> None:
    """A band for each step of each round, with its number above the rows."""
    begun: dict[tuple[int, int], int] = {}
    for page in pages:
        begun.setdefault((page.round, page.step), page.at_ms - start_ms)
    bounds = [*begun.values(), end_ms - start_ms]
    several = len({round_ for round_, _ in begun}) > 1
    for number, (round_, step) in enumerate(begun):
        axes.axvspan(bounds[number], bounds[number + 1], color="#f3f5f8" if number % 2 == 0 else "#ffffff", zorder=0)
        label = f"step {step}, round {round_}" if several else f"step {step}"
        axes.text(bounds[number], 0.72, f" {label}", color=SOFT, fontsize=8, va="center")
