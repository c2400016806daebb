"""Pictures of a history: when incidents come, how long they last, where they gather."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    SOFT,
    Figure,
    log_time_axis,
    render,
)
from reports.history.arrivals import WEEKDAYS, Arrivals, Season
from reports.history.concentration import Bar, Reassignments
from reports.history.description import Description
from reports.history.spans import Spans, Target

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = (RED, ORANGE, BLUE, GREEN, PURPLE, SKY)
_MOST_BARS = 12
_MOST_CURVES = len(_COLOURS)
_LONGEST_NAME = 42
_MOST_TICKS = 14
_TITLES = {Target.ACKNOWLEDGE: "Time to acknowledge", Target.RESTORE: "Time to restore"}


def draw_history(description: Description) -> list[Figure]:
    """The figures that the history has material for."""
    arrivals = description.arrivals
    figures = []
    if arrivals.hour_of_week is not None:
        figures.append(
            render(
                "hour-of-week",
                "Arrivals by hour of the week",
                f"Incidents by the weekday and hour ({description.zone.key}) in which they began.",
                3.2,
                lambda axes: _paint_week(axes, arrivals),
            )
        )
    figures.append(
        render(
            "rate",
            "Arrivals over time",
            "Incidents a day: the mean of each four weeks (steps), and the rates between the changes found (line).",
            2.8,
            lambda axes: _paint_rate(axes, arrivals, relative=description.relative),
        )
    )
    figures += [
        render(
            f"seasons-{name}",
            f"Arrivals by {name}",
            f"Incidents a day by {name}, with 95 % intervals of a Poisson count.",
            2.4,
            lambda axes, seasons=seasons: _paint_seasons(axes, seasons),  # type: ignore[misc]
        )
        for name, seasons in (("weekday", arrivals.weekdays), ("month", arrivals.months))
        if seasons
    ]
    for target, groups in description.spans.items():
        if groups:
            figures.append(
                render(
                    f"time-to-{target}",
                    _TITLES[target],
                    "The share of incidents that is done within each time (Kaplan-Meier); dots are medians and 90th "
                    "percentiles, with 95 % intervals.",
                    3.6,
                    lambda axes, groups=groups: _paint_spans(axes, groups),  # type: ignore[misc]
                )
            )
    for id, title, bars in (
        ("services", "Incidents by service", description.services),
        ("modes", "Incidents by failure mode", description.modes),
    ):
        if bars:
            figures.append(
                render(
                    id,
                    title,
                    f"The {min(len(bars), _MOST_BARS)} with most incidents of {len(bars)}; behind each bar its share, "
                    "and the share together with those above.",
                    0.9 + 0.26 * min(len(bars), _MOST_BARS),
                    lambda axes, bars=bars: _paint_pareto(axes, bars),  # type: ignore[misc]
                )
            )
    reassignments = description.reassignments
    if reassignments is not None:
        figures.append(
            render(
                "reassignments",
                "Reassignments",
                "Incidents by how often they were passed on.",
                2.4,
                lambda axes: _paint_reassignments(axes, reassignments),
            )
        )
    return figures


def _paint_week(axes: Axes, arrivals: Arrivals) -> None:
    table = arrivals.hour_of_week
    assert table is not None
    drawn = axes.imshow(table, aspect="auto", cmap="Blues", vmin=0, vmax=max(int(table.max()), 1))
    axes.grid(visible=False)
    for row, column in np.argwhere(table > 0):
        ink = "white" if table[row, column] > 0.6 * table.max() else INK
        axes.text(column, row, f"{table[row, column]}", ha="center", va="center", fontsize=7, color=ink)
    axes.set_xticks(range(24), [f"{hour:02d}" for hour in range(24)])
    axes.set_yticks(range(7), WEEKDAYS)
    axes.set_xlabel("hour of the day")
    scale = axes.figure.colorbar(drawn, ax=axes, pad=0.01, label="incidents")
    scale.ax.locator_params("y", integer=True)


def _paint_rate(axes: Axes, arrivals: Arrivals, *, relative: bool) -> None:
    width = 28
    starts = range(0, len(arrivals.daily), width)
    means = [float(arrivals.daily[start : start + width].mean()) for start in starts]
    edges = [*starts, len(arrivals.daily)]
    axes.stairs(means, edges, fill=True, color=SKY, alpha=0.6)
    for number, segment in enumerate(arrivals.segments):
        span = [(bound - arrivals.first_day).days for bound in (segment.begins, segment.ends)]
        axes.plot(span, [segment.per_day] * 2, color=RED, linewidth=1.6, solid_capstyle="butt")
        if number:
            axes.axvline(span[0], color=RED, linewidth=0.7, linestyle=(0, (4, 3)))
    axes.set_ylim(bottom=0)
    axes.set_ylabel("incidents a day")
    axes.set_xlim(0, len(arrivals.daily))
    if relative:
        axes.set_xlabel("days from the start of the trace")
        return
    dates = [arrivals.first_day + timedelta(days=number) for number in range(len(arrivals.daily))]
    step = next((months for months in (1, 3, 12) if len(dates) / (30 * months) <= _MOST_TICKS), 12)
    at = [number for number, day in enumerate(dates) if day.day == 1 and (day.month - 1) % step == 0]
    axes.set_xticks(at, [f"{dates[number]:%Y}" if step == 12 else f"{dates[number]:%Y-%m}" for number in at])


def _paint_seasons(axes: Axes, seasons: Sequence[Season]) -> None:
    known = [(number, season) for number, season in enumerate(seasons) if season.per_day is not None]
    rates = [season.per_day or 0.0 for _, season in known]
    below = [rate - (season.low or 0.0) for rate, (_, season) in zip(rates, known, strict=True)]
    above = [(season.high or 0.0) - rate for rate, (_, season) in zip(rates, known, strict=True)]
    at = [number for number, _ in known]
    axes.bar(at, rates, width=0.6, color=SKY, edgecolor="white")
    axes.errorbar(at, rates, yerr=[below, above], fmt="none", ecolor=INK, elinewidth=1, capsize=3)
    axes.set_xticks(range(len(seasons)), [season.name for season in seasons])
    axes.set_xlim(-0.6, len(seasons) - 0.4)
    axes.grid(visible=False, axis="x")
    axes.grid(visible=True, axis="y")
    axes.set_ylabel("incidents a day")


def _paint_spans(axes: Axes, groups: Sequence[Spans]) -> None:
    """One group as it is; several without the one of all."""
    shown = [group for group in (groups[1:] or groups) if len(group.times_s)][:_MOST_CURVES]
    for number, (group, colour) in enumerate(zip(shown, _COLOURS, strict=False)):
        times = np.maximum(group.times_s, 1.0)
        label = f"{_short(group.group)} ({group.incidents:,}{f', {group.censored} open' if group.censored else ''})"
        axes.step(times, group.reached_ratio, where="post", color=colour, linewidth=1.5, label=label)
        for percentile in (group.median, group.p90):
            # Intervals of several groups at one height would hide each other.
            height = percentile.ratio + 0.012 * (number - (len(shown) - 1) / 2)
            if percentile.low_s is not None and percentile.high_s is not None:
                bounds = [max(percentile.low_s, 1.0), max(percentile.high_s, 1.0)]
                axes.plot(bounds, [height] * 2, color=colour, linewidth=3, alpha=0.35, solid_capstyle="butt")
            if percentile.value_s is not None:
                axes.plot([max(percentile.value_s, 1.0)], [height], "o", color=colour, markersize=4)
    log_time_axis(axes)
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 0.9, 1], ["0", "25 %", "50 %", "75 %", "90 %", "100 %"])
    axes.grid(visible=True, axis="both")
    axes.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none")


def _paint_pareto(axes: Axes, bars: Sequence[Bar]) -> None:
    shown = bars[:_MOST_BARS]
    rows = [-number for number in range(len(shown))]
    axes.barh(rows, [bar.incidents for bar in shown], height=0.65, color=BLUE, edgecolor="white")
    for row, bar in zip(rows, shown, strict=True):
        words = f"{bar.incidents:,}  ({bar.ratio:.0%}, together {bar.together_ratio:.0%})"
        axes.text(bar.incidents + 0.01 * shown[0].incidents, row, words, va="center", fontsize=8, color=SOFT)
    axes.set_yticks(rows, [_short(bar.name) for bar in shown])
    axes.set_xlim(0, 1.3 * shown[0].incidents)
    axes.set_xlabel("incidents")


def _paint_reassignments(axes: Axes, reassignments: Reassignments) -> None:
    numbers = range(len(reassignments.counts))
    axes.bar(numbers, reassignments.counts, width=0.7, color=[GREY, *[ORANGE] * (len(numbers) - 1)], edgecolor="white")
    for number, count in enumerate(reassignments.counts):
        axes.text(number, count, f"{count:,}", ha="center", va="bottom", fontsize=8, color=SOFT)
    last = len(numbers) - 1
    names = [str(number) for number in numbers]
    if reassignments.most > last:
        names[-1] = f"{last} and more"
    axes.set_xticks(list(numbers), names)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel("reassignments")
    axes.set_ylabel("incidents")
    axes.margins(y=0.15)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"
