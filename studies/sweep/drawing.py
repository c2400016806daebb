"""A sweep in figures: each objective's probability with those of its targets, and how key measures are distributed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas import BLUE, GREY, INK, ORANGE, SKY, Figure, render
from reports.measures import MEASURES, Unit
from reports.quantities import write_seconds, write_value
from studies.intervals import Proportion
from studies.risk import Risk
from studies.sweep.arms import TargetRecord
from studies.sweep.distributions import Distribution, figure_quantile
from studies.sweep.summary import ArmSummary, ObjectiveSummary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MILESTONES = ("time_to_detect", "time_to_acknowledge", "time_to_declare", "time_to_restore")
"""Shown whether or not an objective has a target for them."""
_FEWEST_VALUES = 3
"""Distinct values below which a distribution is no picture: its probability says it all."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A distribution to draw, with the bound that is wanted of it."""

    figures: Distribution
    wanted: TargetRecord | None

    @property
    def title(self) -> str:
        subject = self.wanted.subject if self.wanted else None
        return MEASURES[self.figures.measure].title + (f", {subject.partition(':')[2]}" if subject else "")


def draw_arm(arm: ArmSummary, prefix: str = "") -> tuple[list[Figure], list[Figure]]:
    """Figures of objectives, and of distributions; ids begin with the prefix."""
    objectives = [_draw_objective(objective, prefix) for objective in arm.objectives]
    return objectives, [_draw_distribution(one, f"{prefix}measure-{n}") for n, one in enumerate(_shown(arm))]


def _shown(arm: ArmSummary) -> Iterator[Shown]:
    seen = set()
    for objective in arm.objectives:
        for target in objective.targets:
            key = (target.wanted.measure, target.wanted.subject)
            if key not in seen and len(set(target.figures.values)) >= _FEWEST_VALUES:
                seen.add(key)
                yield Shown(target.figures, target.wanted)
    for figures in arm.measures:
        drawn = figures.measure not in _MILESTONES or (figures.measure, None) in seen
        if not drawn and len(set(figures.values)) >= _FEWEST_VALUES:
            yield Shown(figures, None)


def wanted_text(wanted: TargetRecord) -> str:
    """`at most 5 min`."""
    unit = MEASURES[wanted.measure].unit
    bounds = (("at most", wanted.at_most), ("at least", wanted.at_least))
    return " and ".join(f"{word} {write_value(bound, unit)}" for word, bound in bounds if bound is not None)


def target_title(wanted: TargetRecord) -> str:
    subject = f" ({wanted.subject.partition(':')[2]})" if wanted.subject else ""
    return f"{MEASURES[wanted.measure].title}{subject}: {wanted_text(wanted)}"


def _draw_objective(objective: ObjectiveSummary, prefix: str) -> Figure:
    rows: list[tuple[str, Proportion | None]] = [("Objective met", objective.met)]
    rows += [(target_title(target.wanted), target.met) for target in objective.targets]
    rows += [(f"Task: {task.record.title}", task.met) for task in objective.tasks]
    return render(
        f"{prefix}objective-{objective.record.id}",
        objective.record.title,
        "Share of replications that met it, with its 95 % interval (Wilson); below, each target, near misses included, "
        "and each critical task, completed at its planned time or less than a tenth of it late.",
        0.75 + 0.36 * len(rows),
        lambda axes: _paint_objective(axes, rows),
    )


def _paint_objective(axes: Axes, rows: Sequence[tuple[str, Proportion | None]]) -> None:
    for row, (_, found) in enumerate(rows):
        colour, width = (BLUE, 5.0) if row == 0 else (GREY, 2.5)
        if found is None:
            axes.text(0.01, -row, "not exercised", va="center", fontsize=8, color=GREY)
            continue
        axes.plot(
            [found.low, found.high], [-row, -row], color=colour, linewidth=width, solid_capstyle="butt", alpha=0.55
        )
        axes.plot([found.p], [-row], marker="o", color=colour, markersize=7 if row == 0 else 5)
        words = f"{found.p:.1%}  ({found.low:.1%} to {found.high:.1%}), {found.hits} of {found.trials}"
        axes.text(1.03, -row, words, va="center", fontsize=8.5, color=INK)
    axes.set_yticks([-row for row in range(len(rows))], [_wrapped(name) for name, _ in rows])
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_xlim(0, 1.45)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])


def _wrapped(name: str) -> str:
    from textwrap import fill

    return fill(name, 52)


def _draw_distribution(shown: Shown, id: str) -> Figure:
    figures = shown.figures
    wanted = f" Dashed: the target, {wanted_text(shown.wanted)}." if shown.wanted else ""
    still_open = (
        f" {figures.open} were still open at the end of the exercise (ticks below): they count, as at least so much, "
        "and where the curve ends nothing more was seen."
        if figures.open
        else ""
    )
    return render(
        id,
        shown.title,
        f"Share of {len(figures.values)} replications at or below each value. Dots: median and 90th percentile, with "
        f"their 95 % intervals.{wanted}{still_open}",
        2.7,
        lambda axes: _paint_distribution(axes, shown),
    )


def draw_risk(risk: Risk, currency: str | None) -> Figure:
    """Both loss exceedance curves with their intervals."""
    return render(
        "risk",
        "Loss exceedance",
        "Probability that a year costs more than so much: in all (blue), and in its largest event (orange). Bands: "
        "95 % intervals over replications, for the frequencies as stated. What was never played is not in it.",
        3.4,
        lambda axes: _paint_risk(axes, risk, currency),
    )


def _paint_risk(axes: Axes, risk: Risk, currency: str | None) -> None:
    from matplotlib.ticker import FuncFormatter

    for curve, colour, name in ((risk.aggregate, BLUE, "in all"), (risk.occurrence, ORANGE, "largest event")):
        axes.fill_between(risk.losses, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0, step="post")
        axes.plot(risk.losses, curve.probability, color=colour, linewidth=2, drawstyle="steps-post", label=name)
    axes.set_xlim(0, float(risk.losses[-1]))
    axes.set_ylim(0, min(1.0, 1.1 * float(max(risk.aggregate.high.max(), risk.occurrence.high.max()))))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share * 100:.3g} %"))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda loss, _: write_value(loss, Unit.CURRENCY)))
    axes.set_xlabel(f"loss in a year{f', {currency}' if currency else ''}")
    axes.grid(axis="y")
    axes.legend(frameon=False)


def _paint_distribution(axes: Axes, shown: Shown) -> None:
    figures, unit = shown.figures, MEASURES[shown.figures.measure].unit
    shares = np.arange(1, 200) / 200
    curve = [figure_quantile(figures.measure, figures.values, figures.censored, share).value for share in shares]
    seen = [(value, share) for value, share in zip(curve, shares, strict=True) if value is not None]
    if seen:
        axes.plot(*zip(*seen, strict=True), color=SKY, linewidth=2, drawstyle="steps-post")
    for share in (0.5, 0.9):
        found = figures.quantile(share)
        if found.low is not None and found.high is not None:
            axes.plot([found.low, found.high], [share, share], color=BLUE, linewidth=4, alpha=0.5)
        if found.value is not None:
            axes.plot([found.value], [share], marker="o", color=BLUE, markersize=6)
            axes.annotate(
                write_value(found.value, unit), (found.value, share), (8, -11), textcoords="offset points", fontsize=8.5
            )
    if figures.open:
        ticks = [value for value, censored in zip(figures.values, figures.censored, strict=True) if censored]
        axes.plot(ticks, [0.02] * len(ticks), "|", color=ORANGE, markersize=9)
    bounds = (shown.wanted.at_most, shown.wanted.at_least) if shown.wanted else ()
    for bound in bounds:
        if bound is not None:
            axes.axvline(bound, color=ORANGE, linewidth=1.5, linestyle=(0, (4, 3)))
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.5, 0.9, 1], ["0 %", "50 %", "90 %", "100 %"])
    axes.grid(axis="y")
    axes.locator_params("x", nbins=9)
    if unit is Unit.SECONDS:
        from matplotlib.ticker import FuncFormatter, MaxNLocator

        axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 1.5, 3, 6, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: write_seconds(seconds)))
    else:
        axes.set_xlabel(unit.value)
