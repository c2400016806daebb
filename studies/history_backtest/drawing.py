"""The figures of a back-test: skill, calibration, and the weeks that came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas import BLUE, GREEN, GREY, INK, ORANGE, RED, SKY, Figure, render
from studies.calibration.drawing import TITLES
from studies.history_backtest.arrivals import ArrivalsTest
from studies.history_backtest.scores import LEAST_FOR_COVERAGE
from studies.history_backtest.skill import Skill, Verdict
from studies.history_backtest.study import HistoryBacktest, TargetTest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = {Verdict.BETTER: GREEN, Verdict.NO_SKILL: GREY, Verdict.WORSE: RED}
_BINS = 10


def draw_backtest(test: HistoryBacktest) -> list[Figure]:
    """The figures of everything that was tested."""
    figures = []
    skills = named_skills(test)
    if skills:
        figures.append(
            render(
                "skill",
                "Skill of the model against naive forecasts",
                "How much smaller the score (CRPS) of the model is, with the 95 % interval of a bootstrap over blocks "
                "of time. Right of 0 is better; where the interval holds 0 no skill is shown.",
                0.9 + 0.42 * len(skills),
                lambda axes: _paint_skill(axes, skills),
            )
        )
    figures += [_pit(tested) for tested in test.tested]
    if test.arrivals is not None:
        arrivals = test.arrivals
        figures.append(
            render(
                "weeks",
                "Incidents a week: forecast at the cut, and what came",
                "Bars: incidents of each week after the cut. Line and band: the mean that was forecast, and what nine "
                "of ten weeks should keep within.",
                2.8,
                lambda axes: _paint_weeks(axes, arrivals),
            )
        )
    return figures


def named_skills(test: HistoryBacktest) -> list[tuple[str, Skill]]:
    """Every skill with what it is of."""
    named = []
    for tested in test.tested:
        named.append((f"{tested.target} against all of the past", tested.against_empirical))
        named.append((f"{tested.target} against the last period", tested.against_last_period))
    if test.arrivals is not None:
        named.append(("incidents a week against all of the past", test.arrivals.against_empirical))
        named.append(("incidents a week against the last period", test.arrivals.against_last_period))
    return named


def _paint_skill(axes: Axes, skills: list[tuple[str, Skill]]) -> None:
    rows = -np.arange(len(skills))
    for row, (_, skill) in zip(rows, skills, strict=True):
        colour = _COLOURS[skill.verdict]
        if skill.low is not None and skill.high is not None:
            axes.plot([skill.low, skill.high], [row, row], color=colour, linewidth=2.4, solid_capstyle="butt")
        axes.plot([skill.value], [row], marker="D", color=colour, markersize=6)
        axes.annotate(
            f"{skill.value:+.1%} {skill.verdict}",
            (skill.value, row),
            (0, 7),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    axes.axvline(0, color=INK, linewidth=0.9)
    reach = max(*(abs(v) for _, s in skills for v in (s.value, s.low or 0, s.high or 0)), 0.02)
    axes.set_xlim(-min(reach, 1.0) * 1.15, min(reach, 1.0) * 1.15)
    axes.set_yticks(rows, [name for name, _ in skills])
    axes.set_ylim(rows[-1] - 0.6, 0.8)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:+.0%}")


def _pit(tested: TargetTest) -> Figure:
    few = "" if tested.test >= LEAST_FOR_COVERAGE else f" With {tested.test} cases chance alone makes it uneven."
    return render(
        f"{tested.target}-calibration",
        f"{TITLES[tested.target]}: where outcomes fell in their forecasts",
        "Share of test incidents by the tenth of its forecast in which the outcome fell (randomised where rounded or "
        "not over yet). Even is right; high at both ends: forecasts too narrow; high in the middle: too wide; leaning "
        f"left: incidents were over sooner than forecast. The band is what chance alone allows, bar by bar.{few}",
        2.6,
        lambda axes: _paint_pit(axes, tested),
    )


def _paint_pit(axes: Axes, tested: TargetTest) -> None:
    from scipy.stats import binom

    counts, edges = np.histogram(tested.pit, bins=_BINS, range=(0, 1))
    low, high = binom.ppf([0.025, 0.975], len(tested.pit), 1 / _BINS) / len(tested.pit)
    axes.axhspan(low, high, color=ORANGE, alpha=0.25, linewidth=0)
    axes.axhline(1 / _BINS, color=ORANGE, linewidth=1.2)
    axes.bar(edges[:-1] + 0.05, counts / len(tested.pit), width=0.092, color=SKY, linewidth=0)
    axes.set_xlim(0, 1)
    axes.set_xticks(edges, [f"{edge:.0%}" for edge in edges])
    axes.grid(visible=False, axis="x")
    axes.grid(axis="y")
    axes.set_xlabel("place in the forecast")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _paint_weeks(axes: Axes, test: ArrivalsTest) -> None:
    weeks = np.arange(1, test.test_weeks + 1)
    axes.bar(weeks, test.counts, width=0.8, color=SKY, linewidth=0, zorder=2)
    axes.fill_between(weeks, test.low, test.high, color=ORANGE, alpha=0.3, linewidth=0, step="mid", zorder=1)
    axes.plot(weeks, test.expected, color=BLUE, linewidth=1.6, zorder=3)
    axes.grid(visible=False, axis="x")
    axes.grid(axis="y")
    axes.set_xlim(0.4, test.test_weeks + 0.6)
    axes.set_xlabel("week after the cut")
    axes.set_ylabel("incidents")
