"""The load of on-call duty by person: time on call, pages, and the hours of the day in which they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from reports.figures.canvas import BLUE, INK, ORANGE, SKY, SOFT, Figure, render
from reports.workload.limits import Limits
from reports.workload.load import Load
from simulator.response.oncall.clock import NIGHT_BEGINS, NIGHT_ENDS, LocalClock
from timeline.instants import HOUR, MINUTE, UNIX_EPOCH, merged
from topologies.organisation import Organisation

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_QUARTER_MS = 15 * MINUTE
"""Offsets of time zones are multiples of it, so every local hour begins and ends on one."""


@dataclass(frozen=True, slots=True)
class _Bars:
    """Two stacked parts for each person, and a word behind them."""

    first: Sequence[float]
    second: Sequence[float]
    labels: tuple[str, str]
    colours: tuple[str, str]
    words: Sequence[str]
    unit: str


def draw_load(load: Load, organisation: Organisation, limits: Limits) -> list[Figure]:
    """The figures of a load: duty, pages where they are known, and the hours of the day."""
    height_in = 1.2 + 0.42 * len(load.people)
    figures = [
        render(
            "duty",
            "Time on call by person",
            "Hours on call, those between 22:00 and 07:00 on the person's clock darker. The dashed line is the share "
            f"of time that one person should be on call at most ({limits.on_call_ratio:.0%}).",
            height_in,
            lambda axes: _paint_duty(axes, load, limits),
        ),
    ]
    if load.pages is not None:
        figures.append(
            render(
                "pages",
                "Pages by person",
                "Pages that reached a device; those between 22:00 and 07:00 on the person's clock in orange.",
                height_in,
                lambda axes: _paint_pages(axes, load),
            )
        )
    what = "pages" if load.pages is not None else "hours on call"
    figures.append(
        render(
            "hours",
            f"{what.capitalize()} by hour of the day",
            f"The {what} of each person by the hour on the person's own clock; between the two lines lie the waking "
            "hours.",
            height_in + 0.3,
            lambda axes: _paint_hours(axes, load, organisation),
        )
    )
    return figures


def _paint_duty(axes: Axes, load: Load, limits: Limits) -> None:
    people = load.people
    nights = [p.duty.night_ms / HOUR for p in people]
    days = [p.duty.on_call_ms / HOUR - night for p, night in zip(people, nights, strict=True)]
    words = [
        f"{p.on_call_ratio:.0%}; {_count(len(p.duty.weekends), 'weekend')}, {_count(len(p.duty.holidays), 'holiday')}"
        for p in people
    ]
    bars = _Bars(days, nights, ("by day", "by night"), (SKY, BLUE), words, "hours on call")
    _paint_bars(axes, load, bars)
    axes.axvline(limits.on_call_ratio * load.length_ms / HOUR, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))


def _paint_pages(axes: Axes, load: Load) -> None:
    paged = [person.paged for person in load.people]
    asleep = [0.0 if p is None else float(p.sleep_pages) for p in paged]
    awake = [0.0 if p is None else p.pages - night for p, night in zip(paged, asleep, strict=True)]
    words = ["" if p is None else f"{p.pages}; busiest twelve hours: {_count(p.busiest, 'incident')}" for p in paged]
    bars = _Bars(awake, asleep, ("waking hours", "hours of sleep"), (SKY, ORANGE), words, "pages")
    _paint_bars(axes, load, bars)
    axes.locator_params("x", integer=True)


def _paint_bars(axes: Axes, load: Load, bars: _Bars) -> None:
    rows = [-number for number in range(len(load.people))]
    axes.barh(rows, bars.first, height=0.6, color=bars.colours[0], label=bars.labels[0], edgecolor="white")
    axes.barh(
        rows,
        bars.second,
        left=list(bars.first),
        height=0.6,
        color=bars.colours[1],
        label=bars.labels[1],
        edgecolor="white",
        hatch="///",
    )
    longest = max((a + b for a, b in zip(bars.first, bars.second, strict=True)), default=0) or 1
    for row, first, second, words in zip(rows, bars.first, bars.second, bars.words, strict=True):
        axes.text(first + second + 0.01 * longest, row, words, va="center", fontsize=8, color=SOFT)
    axes.set_xlim(0, 1.35 * longest)
    axes.set_yticks(rows, [person.person for person in load.people])
    axes.set_xlabel(bars.unit)
    axes.legend(loc="lower right", frameon=False, ncols=2, bbox_to_anchor=(1, 1))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _paint_hours(axes: Axes, load: Load, organisation: Organisation) -> None:
    counts = hours_of_day(load, organisation)
    drawn = axes.imshow(counts, aspect="auto", cmap="Blues", vmin=0, vmax=max(float(counts.max(initial=0)), 1))
    axes.grid(visible=False)
    for row, column in np.argwhere(counts > 0) if load.pages is not None else ():
        value = counts[row, column]
        ink = "white" if value > 0.6 * counts.max() else INK
        axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=8, color=ink)
    axes.set_xticks(range(24), [f"{hour:02d}" for hour in range(24)])
    axes.set_yticks(range(len(load.people)), [person.person for person in load.people])
    axes.set_xlabel("hour on the person's clock")
    for bound in (NIGHT_ENDS, NIGHT_BEGINS):
        axes.axvline(bound.hour - 0.5, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    scale = axes.figure.colorbar(drawn, ax=axes, pad=0.01, label="pages" if load.pages is not None else "hours on call")
    scale.ax.locator_params("y", integer=True)


def hours_of_day(load: Load, organisation: Organisation) -> npt.NDArray[np.float64]:
    """Pages, or hours on call where pages are unknown: person x 24 hours of the day on the person's clock."""
    counts = np.zeros((len(load.people), 24))
    for row, person in enumerate(load.people):
        clock = LocalClock(organisation.people[person.person].timezone, UNIX_EPOCH)
        if load.pages is not None:
            for page in load.pages:
                if page.person == person.person:
                    counts[row, clock.wall(page.at_ms).hour] += 1
            continue
        for start_ms, end_ms in merged((s.from_ms, s.to_ms) for s in load.shifts if s.person == person.person):
            cuts = [start_ms, *range(-(-(start_ms + 1) // _QUARTER_MS) * _QUARTER_MS, end_ms, _QUARTER_MS), end_ms]
            for begin_ms, over_ms in pairwise(cuts):
                counts[row, clock.wall(begin_ms).hour] += (over_ms - begin_ms) / HOUR
    return counts
