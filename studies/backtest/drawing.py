"""The figures of a back-test: when pages come, what fired when, and pages day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from reports.figures.canvas import BLUE, INK, ORANGE, SOFT, Figure, render
from simulator.response.oncall.clock import NIGHT_BEGINS, NIGHT_ENDS
from studies.backtest.measures import Figures, Question, end_of
from studies.backtest.running import EPOCH
from studies.backtest.study import Backtest
from timeline.instants import DAY, to_wall

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_RULES = 30
_COLOURS = (BLUE, ORANGE)
_LEAST_SHARE = 1 / 600
"""A span is drawn at least this wide, as a share of the whole, so that short ones are seen."""


def draw(tests: Sequence[Backtest], question: Question) -> list[Figure]:
    """All figures of one back-test, or of two that are compared."""
    told = "pages" if tests[-1].outcome.notified else "alerts"
    last = tests[-1]
    of_last = f" after the change ({last.variant.name})" if len(tests) > 1 else ""
    shown = _rules_shown(tests)
    beside = f" Blue: {tests[0].variant.name}; orange: {last.variant.name}." if len(tests) > 1 else ""
    both = f" Above (blue) {tests[0].variant.name}, below (orange) {last.variant.name}." if len(tests) > 1 else ""
    return [
        render(
            "heat-map",
            f"When {told} come",
            f"Number of {told} by weekday and hour in {question.zone.key}{of_last}. The frames are the night, "
            f"{NIGHT_BEGINS:%H:%M} to {NIGHT_ENDS:%H:%M}.",
            3.0,
            lambda axes: _paint_hours(axes, last.figures),
        ),
        render(
            "firing",
            "What fired when",
            f"Each bar is an alert from firing to resolved; the strokes under it are pages that had it. Bars shorter "
            f"than a stroke are widened to be seen.{both}",
            0.9 + 0.3 * max(len(shown), 1) * len(tests),
            lambda axes: _paint_firing(axes, tests, shown, question),
        ),
        render(
            "by-day",
            f"{told.capitalize()} day by day",
            f"Number of {told} by day in {question.zone.key}.{beside}",
            2.6,
            lambda axes: _paint_days(axes, tests, question),
        ),
    ]


def _paint_hours(axes: Axes, figures: Figures) -> None:
    counts = figures.by_hour
    axes.grid(visible=False)
    axes.imshow(counts, aspect="auto", cmap="YlOrRd", vmin=0, vmax=max(int(counts.max()), 1))
    dark = counts.max() * 0.6
    for day, hour in zip(*np.nonzero(counts), strict=True):
        colour = "white" if counts[day, hour] > dark else INK
        axes.text(hour, day, str(counts[day, hour]), ha="center", va="center", fontsize=7.5, color=colour)
    for first, hours in ((0, NIGHT_ENDS.hour), (NIGHT_BEGINS.hour, 24 - NIGHT_BEGINS.hour)):
        night: dict[str, Any] = {"fill": False, "edgecolor": BLUE, "linewidth": 1.6}
        axes.add_patch(_rectangle(first - 0.5, -0.5, hours, 7, night))
    axes.set_yticks(range(7), _WEEKDAYS)
    axes.set_xticks(range(24), [f"{hour:02d}" for hour in range(24)])


def _rectangle(x: float, y: float, width: float, height: float, style: dict[str, Any]) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, **style)


def _rules_shown(tests: Sequence[Backtest]) -> list[str]:
    """The alerts that fired, the most frequent first."""
    counts = Counter(episode.rule.name for test in tests for episode in test.figures.episodes)
    return [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_MOST_RULES]]


def _paint_firing(axes: Axes, tests: Sequence[Backtest], shown: Sequence[str], question: Question) -> None:
    row_of = {name: number for number, name in enumerate(shown)}
    least_ms = (question.to_ms - question.from_ms) * _LEAST_SHARE
    for side, test in enumerate(tests):
        bars: dict[int, list[tuple[float, float]]] = {}
        for episode in test.figures.episodes:
            if (row := row_of.get(episode.rule.name)) is not None:
                lasted = end_of(episode, question.to_ms) - episode.fired_ms
                bars.setdefault(row * len(tests) + side, []).append((episode.fired_ms, max(lasted, least_ms)))
        for y, spans in bars.items():
            axes.broken_barh(spans, (-y - 0.12, 0.44), color=_COLOURS[side], linewidth=0)
        pages = {
            (row_of[name] * len(tests) + side, page.at_ms)
            for page in test.figures.pages
            for name in {test.outcome.episodes[number].rule.name for number in page.episodes}
            if name in row_of
        }
        if pages:
            ys, moments = zip(*sorted(pages), strict=True)
            axes.vlines(moments, [-y - 0.36 for y in ys], [-y - 0.16 for y in ys], color=INK, linewidth=0.9)
    axes.set_yticks([-(row * len(tests) + (len(tests) - 1) / 2) for row in range(len(shown))], shown)
    axes.set_ylim(-len(shown) * len(tests) + 0.4, 0.6)
    _time_axis(axes, question)
    if not shown:
        axes.text(0.02, 0.5, "no alert fired", transform=axes.transAxes)


def _paint_days(axes: Axes, tests: Sequence[Backtest], question: Question) -> None:
    from matplotlib.ticker import MaxNLocator

    edges = _midnights(question)
    width = 0.86 / len(tests)
    for side, test in enumerate(tests):
        figures = test.figures
        moments = (
            [page.at_ms for page in figures.pages]
            if test.outcome.notified
            else [episode.fired_ms for episode in figures.episodes]
        )
        counts, _ = np.histogram(moments, bins=edges)
        lefts = [begin + DAY * (0.07 + side * width) for begin in edges[:-1]]
        axes.bar(lefts, counts, width=DAY * width, align="edge", color=_COLOURS[side], linewidth=0)
    axes.grid(axis="y")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _time_axis(axes, question)
    axes.set_xlim(edges[0], edges[-1])


def _midnights(question: Question) -> list[int]:
    """The beginnings of all days in the zone that the span touches, and the end of the last."""
    first = _local(question.from_ms, question.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last = _local(question.to_ms, question.zone)
    days = (last.date() - first.date()).days + 2
    return [round((first + timedelta(days=number)).timestamp() * 1000) for number in range(days)]


def _local(at_ms: int, zone: ZoneInfo) -> datetime:
    return to_wall(at_ms, EPOCH).astimezone(zone)


def _time_axis(axes: Axes, question: Question) -> None:
    days = _midnights(question)
    if len(days) > 3:
        every = -(-len(days) // 12)
        ticks = [at for at in days[::every] if question.from_ms <= at <= question.to_ms]
        labels = [f"{_local(at, question.zone):%a %d %b}" for at in ticks]
    else:
        step = (question.to_ms - question.from_ms) / 8
        ticks = [round(question.from_ms + step * number) for number in range(9)]
        labels = [f"{_local(at, question.zone):%d %b\n%H:%M}" for at in ticks]
    axes.set_xticks(ticks, labels)
    margin = (question.to_ms - question.from_ms) * 0.005
    axes.set_xlim(question.from_ms - margin, question.to_ms + margin)
    axes.tick_params(axis="x", labelsize=8, colors=SOFT)
