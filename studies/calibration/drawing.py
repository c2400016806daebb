"""Goodness of fit, in figures: durations against the fitted family, the week, days with many incidents, effects."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from reports.figures.canvas import BLUE, GREEN, GREY, INK, ORANGE, SKY, Figure, render
from reports.quantities import write_seconds
from scenarios.history.calibration.cases import Target
from scenarios.history.calibration.dispersion import Dispersion
from scenarios.history.calibration.durations import DurationModel
from scenarios.history.calibration.effects import Grouped, Slope
from scenarios.history.calibration.fitting import DurationFit, HistoryFit
from scenarios.history.calibration.levels import negative_binomial
from scenarios.history.calibration.observations import SurvivalCurve
from scenarios.history.calibration.seasons import HOURS, WeekShape

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TICKS_S = (1, 10, 60, 600, 3600, 6 * 3600, 86_400, 7 * 86_400, 30 * 86_400, 365 * 86_400)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_EFFECTS = 30
TITLES = {Target.ACKNOWLEDGE: "Time to acknowledge", Target.RESTORE: "Time to restore"}


def draw_fit(fit: HistoryFit) -> list[Figure]:
    """The figures of everything that was fitted."""
    figures = []
    for target, found in fit.durations.items():
        figures.append(_survival(target, found))
        if labelled := labelled_effects(found.model):
            figures.append(_effects(target, labelled))
    arrivals = fit.arrivals
    if arrivals.week is not None:
        week = arrivals.week
        figures.append(
            render(
                "week",
                "Incidents over the hours of the week",
                f"Bars: incidents an hour watched, by hour of the week (UTC). Line: the fitted shape ({week.menu}) "
                "with its 95 % band. Bars that leave the band for hours on end are a season that the shape lacks.",
                3.2,
                lambda axes: _paint_week(axes, week),
            )
        )
    if arrivals.dispersion is not None:
        days = arrivals.dispersion
        verdict = "more uneven than chance" if days.overdispersed else "as uneven as chance"
        figures.append(
            render(
                "days",
                "Days by their number of incidents",
                f"Variance over mean of daily counts is {days.value:.2f}; chance (Poisson) keeps to "
                f"{days.poisson_low:.2f} to {days.poisson_high:.2f}: {verdict}. Dots: days expected by chance; "
                "diamonds: with the dispersion that was found.",
                3.0,
                lambda axes: _paint_days(axes, days),
            )
        )
    return figures


def _survival(target: Target, fit: DurationFit) -> Figure:
    model = fit.model
    values = fit.cases.values(fit.cases.usable)
    curve = model.residual_curve(values, fit.observed)
    return render(
        f"{target}-survival",
        f"{TITLES[target]}: what was seen and what was fitted",
        f"Share of incidents still open by time, on a log scale, with the effects divided out. Steps: as seen (Kaplan "
        f"and Meier), {model.ended} ended of {model.cases}; line: the fitted {model.family.name}. Where they part, the "
        "family does not fit.",
        3.6,
        lambda axes: _paint_survival(axes, model, curve),
    )


def _paint_survival(axes: Axes, model: DurationModel, curve: SurvivalCurve) -> None:
    low, high = model.quantile_s(0.002), model.quantile_s(0.998)
    times = np.geomspace(max(low, 0.5), high, 300)
    fitted = 1 - model.family.cdf(np.log(times), np.full(len(times), model.location[0]), model.phi)
    shown = curve.times_s >= times[0]
    axes.step(curve.times_s[shown], curve.open_ratio[shown], where="post", color=INK, linewidth=1.2, label="as seen")
    axes.plot(times, fitted, color=ORANGE, linewidth=1.8, label=f"fitted {model.family.name}")
    time_ticks(axes, times[0], times[-1])
    axes.set_ylim(0, 1)
    axes.set_ylabel("share still open")
    axes.grid(axis="y")
    axes.legend(frameon=False, loc="upper right")


def time_ticks(axes: Axes, low_s: float, high_s: float) -> None:
    """A log axis of durations, labelled as people say them."""
    axes.set_xscale("log")
    axes.set_xlim(low_s, high_s)
    ticks = [t for t in _TICKS_S if low_s <= t <= high_s]
    axes.set_xticks(ticks, [write_seconds(t) for t in ticks])
    axes.minorticks_off()


def labelled_effects(model: DurationModel) -> list[tuple[str, float, float, float]]:
    """Name, factor and its 95 % bounds of each level, the strongest first."""
    found = []
    for term, where in zip(model.design.terms, model.design.slices(), strict=True):
        if not isinstance(term, Grouped | Slope):
            continue
        for place, level in enumerate(term.levels, start=where.start):
            low, high = model.bounds(place)
            factors = (math.exp(float(model.location[place])), math.exp(low), math.exp(high))
            found.append((f"{term.name}: {level[:48]}", *factors))
    return sorted(found, key=lambda effect: -abs(math.log(effect[1])))


def _effects(target: Target, labelled: list[tuple[str, float, float, float]]) -> Figure:
    shown = labelled[:_MOST_EFFECTS]
    rest = f" The {len(shown)} strongest of {len(labelled)}." if len(labelled) > len(shown) else ""
    return render(
        f"{target}-effects",
        f"{TITLES[target]}: what stretches it",
        f"Factor on the time, with its 95 % interval; 1 is the common incident. Groups of few incidents are drawn "
        f"towards 1.{rest}",
        1.0 + 0.24 * len(shown),
        lambda axes: _paint_effects(axes, shown),
    )


def _paint_effects(axes: Axes, shown: list[tuple[str, float, float, float]]) -> None:
    rows = -np.arange(len(shown))
    axes.set_xscale("log")
    clear = [low > 1 or high < 1 for _, _, low, high in shown]
    for row, (_, factor, low, high), is_clear in zip(rows, shown, clear, strict=True):
        colour = BLUE if is_clear else GREY
        axes.plot([low, high], [row, row], color=colour, linewidth=1.4)
        axes.plot([factor], [row], marker="o", color=colour, markersize=4.5)
    axes.axvline(1, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
    axes.set_yticks(rows, [name for name, *_ in shown])
    ticks = [0.1, 0.2, 0.5, 1, 2, 5, 10]
    low, high = min(e[2] for e in shown), max(e[3] for e in shown)
    axes.set_xlim(low / 1.1, high * 1.1)
    kept = [t for t in ticks if low / 1.1 <= t <= high * 1.1]
    axes.set_xticks(kept, [f"x {t:g}" for t in kept])
    axes.minorticks_off()


def _paint_week(axes: Axes, week: WeekShape) -> None:
    hours = np.arange(HOURS)
    level = float(week.counts.sum() / week.exposure.sum())
    axes.bar(hours + 0.5, week.counts / np.maximum(week.exposure, 1e-9), width=0.9, color=SKY, linewidth=0)
    axes.fill_between(hours + 0.5, level * week.low, level * week.high, color=ORANGE, alpha=0.3, linewidth=0)
    axes.plot(hours + 0.5, level * week.relative, color=ORANGE, linewidth=1.8)
    axes.set_xticks(np.arange(7) * 24 + 12, _WEEKDAYS)
    axes.set_xlim(0, HOURS)
    for midnight in range(24, HOURS, 24):
        axes.axvline(midnight, color="#e3e7ec", linewidth=0.8)
    axes.grid(visible=False, axis="x")
    axes.grid(axis="y")
    axes.set_ylabel("incidents an hour")


def _paint_days(axes: Axes, days: Dispersion) -> None:
    most = len(days.histogram)
    counts = np.arange(most, dtype=np.float64)
    axes.bar(counts, days.histogram, width=0.8, color=SKY, linewidth=0)
    poisson = days.days * negative_binomial(counts, np.array(days.mean), np.array(days.mean * (1 + 1e-6)))
    axes.plot(counts - 0.12, poisson, "o", color=INK, markersize=5, label="by chance")
    if days.overdispersed:
        wider = days.days * negative_binomial(counts, np.array(days.mean), np.array(days.mean * days.value))
        axes.plot(counts + 0.12, wider, "D", color=GREEN, markersize=5, label="with the dispersion found")
    axes.locator_params("x", integer=True)
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(0, None)
    axes.grid(visible=False, axis="x")
    axes.grid(axis="y")
    axes.set_xlabel("incidents on a day")
    axes.set_ylabel("days")
    axes.legend(frameon=False, loc="upper right")
