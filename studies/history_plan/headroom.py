"""Headroom: when a utilisation series will reach its limit, with an interval.

A week counts by its *busy level*, the 95 % point of its samples: days and nights, weekdays and weekends are within
every week, so that no season has to be modelled.  The busy levels are a straight line with errors of constant variance
and a correlation `r` from week to week; the line is that of least squares, its covariance is enlarged by
`(1 + r) / (1 - r)` (Bartlett 1935: as many weeks of correlated errors tell as fewer independent ones), with `r`
corrected for its bias in short series (Kendall 1954).

The moment at which the line reaches the limit is a ratio of two estimates.  Its interval is Fieller's (1954): all
moments `t` at which the limit is within the confidence band of the line, which is exact for independent normal errors.
Where the slope is not shown to be positive the band never lets go of the limit, and there is no latest moment (None);
where growth is slow it may lie far out: beyond `HORIZON_WEEKS` nothing is said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from scenarios.history.calibration.families import Floats
from simulator.monitoring.promql import Matcher, MatchType, Series
from simulator.monitoring.promql.series import Times, Values
from studies.backtest.store import Recorded, SampleStore
from studies.history_plan.recurrence import Estimate
from timeline.instants import WEEK

LEAST_WEEKS = 8
HORIZON_WEEKS = 520
_BUSY = 0.95
_LEAST_COVERED = 0.5
"""A week with a smaller share of the usual samples is left out."""
_MOST_CORRELATED = 0.8


@dataclass(frozen=True, slots=True)
class Limits:
    """Levels that must not be reached: for all series, or by the name of a metric."""

    usual: float = 0.8
    of_metric: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Headroom:
    """One series.  Levels in its own unit; moments in ms since 1970."""

    series: str
    labels: Mapping[str, str]
    limit: float
    weeks_ms: tuple[int, ...]
    """Middle of each week."""
    busy: tuple[float, ...]
    level: Estimate
    """Of the line at the end of the last week."""
    headroom: Estimate
    """What of the limit is left at that moment, as a share; negative beyond it."""
    growth_a_year: Estimate
    correlation: float
    now_ms: int
    crosses_ms: int | None
    """When the line reaches the limit; None where it does not within the horizon."""
    earliest_ms: int | None
    latest_ms: int | None
    """The ends of the 95 % interval; no latest one: it may as well never."""
    exceeded: bool
    """Whether it is beyond the limit already."""


@dataclass(frozen=True, slots=True)
class Unforeseen:
    """A series of which nothing is said, and why."""

    series: str
    reason: str


def forecasts(store: SampleStore, limits: Limits) -> tuple[tuple[Headroom, ...], tuple[Unforeseen, ...]]:
    """All series of a recording; those that reach their limit first come first."""
    found: list[Headroom] = []
    left: list[Unforeseen] = []
    for about in store.series:
        series = _series(store, about)
        limit = limits.of_metric.get(about.labels.metric_name, limits.usual)
        weeks_ms, busy = busy_levels(series.times, series.values)
        if len(busy) < LEAST_WEEKS:
            left.append(Unforeseen(str(about.labels), f"{len(busy)} whole weeks, {LEAST_WEEKS} are needed"))
            continue
        found.append(forecast(str(about.labels), dict(about.labels.items()), weeks_ms, busy, limit))
    never = math.inf
    found.sort(key=lambda one: (never if one.crosses_ms is None else one.crosses_ms, one.headroom.value, one.series))
    return tuple(found), tuple(left)


def _series(store: SampleStore, about: Recorded) -> Series:
    matchers = [Matcher(name, MatchType.EQUAL, value) for name, value in about.labels.items()]
    found = store.select(matchers, about.first_ms, about.last_ms)
    return next(series for series in found if series.labels == about.labels)


def busy_levels(times_ms: Times, values: Values) -> tuple[list[int], list[float]]:
    """The 95 % point of each whole week from the first sample on, with the middle of the week."""
    known = ~np.isnan(values)
    times, levels = times_ms[known], values[known]
    if not len(times):
        return [], []
    number = (times - times[0]) // WEEK
    usual = float(np.median(np.bincount(number.astype(np.intp))))
    whole = int((times[-1] - times[0] + np.median(np.diff(times)) if len(times) > 1 else 0) // WEEK)
    middles, busy = [], []
    for week in range(whole):
        of_week = levels[number == week]
        if len(of_week) >= _LEAST_COVERED * usual and len(of_week):
            middles.append(int(times[0] + week * WEEK + WEEK // 2))
            busy.append(float(np.quantile(of_week, _BUSY)))
    return middles, busy


def forecast(
    name: str, labels: Mapping[str, str], weeks_ms: Sequence[int], busy: Sequence[float], limit: float
) -> Headroom:
    """The forecast from busy levels of at least `LEAST_WEEKS` weeks."""
    from scipy.stats import t as student

    now_ms = int(weeks_ms[-1]) + WEEK // 2
    at = (np.array(weeks_ms, dtype=np.float64) - now_ms) / WEEK
    y = np.array(busy, dtype=np.float64)
    line = _Line.through(at, y)
    quantile = float(student.ppf(0.975, len(y) - 2))
    level = line.band(0.0, quantile)
    share = (limit - np.array([level.value, level.high, level.low])) / limit
    slope = line.slope * 52.18, quantile * line.slope_error * 52.18
    crosses = (limit - line.intercept) / line.slope if line.slope > 0 else math.inf
    earliest, latest = _fieller(line, limit, quantile)
    exceeded = level.value >= limit
    return Headroom(
        series=name,
        labels=labels,
        limit=limit,
        weeks_ms=tuple(weeks_ms),
        busy=tuple(float(value) for value in y),
        level=level,
        headroom=Estimate(*map(float, share)),
        growth_a_year=Estimate(slope[0], slope[0] - slope[1], slope[0] + slope[1]),
        correlation=line.correlation,
        now_ms=now_ms,
        crosses_ms=_moment(now_ms, crosses),
        earliest_ms=_moment(now_ms, earliest),
        latest_ms=_moment(now_ms, latest),
        exceeded=exceeded,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """Least squares: `intercept + slope * t`, with `t` in weeks from now."""

    intercept: float
    slope: float
    centre: float
    spread: float
    """Sum of squares of `t` around its centre."""
    variance: float
    """Of an error, enlarged for their correlation."""
    count: int
    correlation: float

    @classmethod
    def through(cls, at: Floats, y: Floats) -> _Line:
        centre, count = float(at.mean()), len(at)
        spread = float(((at - centre) ** 2).sum())
        slope = float(((at - centre) * (y - y.mean())).sum()) / spread
        errors = y - y.mean() - slope * (at - centre)
        correlation = _correlation(errors)
        variance = float((errors**2).sum()) / (count - 2) * (1 + correlation) / (1 - correlation)
        return cls(float(y.mean()) - slope * centre, slope, centre, spread, variance, count, correlation)

    @property
    def slope_error(self) -> float:
        return math.sqrt(self.variance / self.spread)

    def band(self, at: float, quantile: float) -> Estimate:
        """The line at a moment, with its 95 % interval."""
        value = self.intercept + self.slope * at
        half = quantile * math.sqrt(self.variance * (1 / self.count + (at - self.centre) ** 2 / self.spread))
        return Estimate(value, value - half, value + half)


def _correlation(errors: Floats) -> float:
    """From week to week, corrected for the bias of short series, never below 0 or too near 1."""
    total = float((errors**2).sum())
    if total <= 0:
        return 0.0
    raw = float((errors[1:] * errors[:-1]).sum()) / total
    return min(max(raw + (1 + 4 * raw) / len(errors), 0.0), _MOST_CORRELATED)


def _fieller(line: _Line, limit: float, quantile: float) -> tuple[float, float]:
    """The first moment from now on at which the upper end of the band is at the limit, and the one at which the lower
    end is; in weeks, infinite where there is none."""

    def first(sign: float) -> float:
        def above(t: float) -> float:
            band = line.band(t, quantile)
            return (band.high if sign > 0 else band.low) - limit

        if above(0.0) >= 0:
            return 0.0
        from scipy.optimize import brentq

        steps = np.concatenate([np.arange(0, 60.0), np.geomspace(60, HORIZON_WEEKS, 60)])
        beyond = next((t for t in steps if above(float(t)) >= 0), None)
        return math.inf if beyond is None else float(brentq(above, 0.0, float(beyond)))

    return first(1.0), first(-1.0)


def _moment(now_ms: int, weeks: float) -> int | None:
    return now_ms + round(weeks * WEEK) if weeks <= HORIZON_WEEKS else None
