"""The figures of a replay: distributions beside each other, incident by incident, the RTOs, what a change makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas import BLUE, GREEN, GREY, INK, ORANGE, RED, SOFT, Figure, log_time_axis, render
from studies.replay.comparison import Compared, Target
from studies.replay.study import Floats
from studies.replay.survival import Survival
from studies.replay.whole import HistoryReplay

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_POINTS = 4_000
_MOST_STEPS = 1_000
_MOST_FUNCTIONS = 20
_LEAST_S = 1.0
_TITLES = {Target.ACKNOWLEDGE: "Time to acknowledge", Target.RESTORE: "Time to restore"}


def draw_replay(done: HistoryReplay) -> list[Figure]:
    """The figures that there is material for."""
    figures = []
    for one in done.compared:
        title = _TITLES[one.target]
        figures.append(
            render(
                f"{one.target}-distribution",
                f"{title}: run and record",
                "Share of incidents that are over by each time. Grey: as recorded. Blue: the model, all replications "
                "together. Dots: median and 90 %, with the middle 95 % over replications.",
                3.0,
                lambda axes, one=one: _paint_distributions(axes, one),  # type: ignore[misc]
            )
        )
        figures.append(
            render(
                f"{one.target}-incidents",
                f"{title}: incident by incident",
                "One dot an incident: recorded along, modelled (median over replications) up. On the line both agree; "
                "above it the model takes longer.",
                4.2,
                lambda axes, one=one: _paint_incidents(axes, one),  # type: ignore[misc]
            )
        )
    if any(one.attained is not None for one in done.base.survival):
        figures.append(_rto(done))
    return figures


def _rto(done: HistoryReplay) -> Figure:
    rows = [one for one in done.base.survival if one.attained is not None][:_MOST_FUNCTIONS]
    other = {} if done.other is None else {one.function: one for one in done.other.survival}
    titles = {id: spec.title for id, spec in done.base.plan.subject.estate.functions.items()}
    beside = "" if done.other is None else f" Orange: {done.other.title}."
    return render(
        "rto",
        "Business functions: losses that were over within the RTO",
        f"Blue: the history, with the middle 95 % over replications.{beside} The least attained first.",
        0.9 + 0.42 * len(rows),
        lambda axes: _paint_rto(axes, rows, other, titles),
    )


def _steps(sorted_s: Floats) -> tuple[Floats, Floats]:
    """An empirical distribution function, at so many places as a figure can show."""
    shares = np.linspace(0, 1, min(len(sorted_s), _MOST_STEPS) + 1)[1:]
    return np.maximum(np.quantile(sorted_s, shares, method="inverted_cdf"), _LEAST_S), shares


def _paint_distributions(axes: Axes, one: Compared) -> None:
    for values, colour, label in (
        (np.sort(one.recorded_s), GREY, f"recorded ({len(one.incidents):,} incidents)"),
        (one.pooled_s, BLUE, "modelled"),
    ):
        axes.step(*_steps(values), where="post", color=colour, linewidth=1.8, label=label)
    for share, estimate in one.modelled.items():
        axes.plot([max(estimate.low, _LEAST_S), max(estimate.high, _LEAST_S)], [share] * 2, color=BLUE, alpha=0.4, lw=4)
        axes.plot([max(estimate.value, _LEAST_S)], [share], "o", color=BLUE, markersize=5)
        axes.plot([max(one.recorded[share], _LEAST_S)], [share], "o", color=GREY, markersize=5)
    log_time_axis(axes)
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 0.9, 1], ["0", "25 %", "50 %", "75 %", "90 %", "100 %"])
    axes.grid(visible=True, axis="both")
    axes.legend(loc="lower right", frameon=True, framealpha=0.9, edgecolor="none")


def _paint_incidents(axes: Axes, one: Compared) -> None:
    every = max(len(one.incidents) // _MOST_POINTS, 1)
    recorded, modelled = (np.maximum(of[::every], _LEAST_S) for of in (one.recorded_s, one.modelled_s))
    axes.plot(recorded, modelled, "o", color=BLUE, alpha=0.35, markersize=4, markeredgewidth=0)
    ends = [min(recorded.min(), modelled.min()), max(recorded.max(), modelled.max())]
    axes.plot(ends, ends, color=INK, linewidth=1)
    axes.set_yscale("log")
    axes.set_xlim(ends[0] / 1.3, ends[1] * 1.3)
    log_time_axis(axes)
    axes.set_ylim(axes.get_xlim())
    axes.set_yticks(axes.get_xticks(), [tick.get_text() for tick in axes.get_xticklabels()])
    axes.minorticks_off()
    axes.grid(visible=True, axis="both")
    axes.set_xlabel("recorded")
    axes.set_ylabel("modelled")


def _paint_rto(axes: Axes, rows: Sequence[Survival], other: dict[str, Survival], titles: dict[str, str]) -> None:
    for place, one in enumerate(rows):
        assert one.attained is not None
        variants = [(one, BLUE, 0.12 if other else 0.0)]
        if one.function in other:
            variants.append((other[one.function], ORANGE, -0.12))
        for variant, colour, lift in variants:
            if (attained := variant.attained) is not None:
                y = -place + lift
                axes.plot([attained.low, attained.high], [y, y], color=colour, alpha=0.4, lw=4, solid_capstyle="butt")
                axes.plot([attained.value], [y], "o", color=colour, markersize=5)
        colour = GREEN if one.attained.value >= 0.95 else RED if one.attained.value < 0.5 else SOFT
        axes.text(1.02, -place, f"{one.attained.value:.1%}", va="center", fontsize=8, color=colour)
    axes.set_yticks([-place for place in range(len(rows))], [titles[one.function] for one in rows])
    axes.set_xlim(-0.02, 1.1)
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])
