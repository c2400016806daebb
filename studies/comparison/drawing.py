"""A comparison in figures: what the change does to each objective, and to times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.figures.canvas import BLUE, GREY, INK, Figure, render
from reports.measures import MEASURES, Unit
from reports.quantities import write_seconds
from studies.comparison.study import Comparison
from studies.comparison.words import probability_words, value_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class _Row:
    """A difference with its interval; None ends are not drawn."""

    name: str
    difference: float
    low: float | None
    high: float | None
    words: str

    @property
    def clear(self) -> bool:
        """Zero lies outside."""
        return (self.low is not None and self.low > 0) or (self.high is not None and self.high < 0)


def draw(comparison: Comparison) -> list[Figure]:
    """Objectives, and medians of times that differ; a figure without a row is left out."""
    objectives = [
        _Row(o.title, o.pairs.difference, o.pairs.low, o.pairs.high, probability_words(o))
        for o in comparison.objectives
    ]
    times = [
        _Row(MEASURES[m.measure].title, m.median.difference, m.median.low, m.median.high, value_words(m, m.median))
        for m in comparison.measures
        if MEASURES[m.measure].unit is Unit.SECONDS and m.differing and m.median.difference is not None
    ]
    blue = "blue where the interval leaves out 0"
    return [
        render(
            id,
            title,
            caption,
            0.9 + 0.36 * len(rows),
            lambda axes, rows=rows, seconds=seconds: _paint(axes, rows, in_seconds=seconds),  # type: ignore[misc]
        )
        for id, title, caption, rows, seconds in (
            (
                "objectives",
                "Probability of meeting each objective, B less A",
                f"Dots: difference; bars: 95 % intervals (Tango), {blue}. To the right B does better.",
                objectives,
                False,
            ),
            (
                "times",
                "Median times, B less A",
                f"Of measures that differ in any pair. Bars: 95 % intervals (paired bootstrap), {blue}.",
                times,
                True,
            ),
        )
        if rows
    ]


def _paint(axes: Axes, rows: Sequence[_Row], *, in_seconds: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    seen = [end for row in rows for end in (row.low, row.high, row.difference, 0.0) if end is not None]
    low, high = min(seen), max(seen)
    width = (high - low) or 1.0
    for place, row in enumerate(rows):
        colour = BLUE if row.clear else GREY
        if row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [-place, -place], color=colour, linewidth=4, alpha=0.55)
        axes.plot([row.difference], [-place], marker="o", color=colour, markersize=6)
        axes.text(high + 0.06 * width, -place, row.words, va="center", fontsize=8.5, color=INK)
    axes.axvline(0, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.set_yticks([-place for place in range(len(rows))], [row.name for row in rows])
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_xlim(low - 0.05 * width, high + 0.95 * width)
    axes.xaxis.set_major_locator(MaxNLocator(9, steps=[1, 1.5, 3, 6, 10] if in_seconds else [1, 2, 2.5, 5, 10]))
    axes.set_xticks([tick for tick in axes.get_xticks() if low - 0.05 * width <= tick <= high + 0.05 * width])
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda v, _: write_seconds(v) if in_seconds else f"{100 * v:+.3g} %" if v else "0")
    )
