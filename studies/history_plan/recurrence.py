"""Bottlenecks: services and failure modes by the hours that their incidents take a year, with recurrence and trend.

The rank is that of `hours_a_year`; its interval comes from drawing blocks of four weeks again.  Where modes are
unknown a bottleneck is a service and component, else a service alone.  P-values of trends are corrected for the number
of bottlenecks that were tested.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reports.history.change_points import dispersion
from scenarios.history.calibration.families import Floats
from scenarios.history.record import IncidentRecord
from studies.history_plan.trends import YEAR_S, Direction, Trend, holm, trend
from timeline.instants import UNIX_EPOCH

UNNAMED = "not stated"
_BLOCK_S = 4 * 7 * 86_400
_DRAWS = 2000
_SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What incidents of one kind cost; `hours_a_year` is None where no length is known."""

    service: str
    mode: str
    incidents: int
    recurrences: int
    """Those that began within the period after another one."""
    incidents_a_year: Estimate
    hours_a_year: Estimate | None
    trend: Trend | None
    direction: Direction


Kind = tuple[str, str]


def kinds_of(records: Sequence[IncidentRecord]) -> dict[Kind, list[IncidentRecord]]:
    """Incidents that name a service, by service and failure mode (or component), each by their begin."""
    by_mode = any(record.failure_mode is not None for record in records)
    found: dict[Kind, list[IncidentRecord]] = defaultdict(list)
    for record in sorted(records, key=lambda one: (one.began_at, one.id)):
        if record.service is not None:
            found[record.service, (record.failure_mode if by_mode else record.component) or UNNAMED].append(record)
    return dict(found)


def bottlenecks(records: Sequence[IncidentRecord], period_s: float) -> tuple[Bottleneck, ...]:
    """All kinds of incidents, what takes most hours first, then what comes most often."""
    if not records:
        return ()
    begins = np.array([began_s(record) for record in records])
    first_s, length_s = float(begins.min()), max(float(begins.max() - begins.min()), 1.0)
    days = np.bincount(((begins - first_s) // 86_400).astype(np.intp))
    scatter = dispersion(days.astype(np.int64))
    found = [_bottleneck(kind, of, first_s, length_s, period_s, scatter) for kind, of in kinds_of(records).items()]
    tested = [one for one in found if one.trend is not None]
    corrected = holm([one.trend.p_value for one in tested if one.trend is not None])
    p_values = {(one.service, one.mode): p for one, p in zip(tested, corrected, strict=True)}
    judged = [_judged(one, p_values.get((one.service, one.mode))) for one in found]
    return tuple(sorted(judged, key=_rank))


def _rank(one: Bottleneck) -> tuple[float, int, str, str]:
    return (-(one.hours_a_year.value if one.hours_a_year else 0.0), -one.incidents, one.service, one.mode)


def _judged(one: Bottleneck, p_value: float | None) -> Bottleneck:
    if one.trend is None or p_value is None:
        return one
    direction = Direction.NOT_SHOWN
    if p_value < _SIGNIFICANT:
        direction = Direction.RISING if one.trend.factor > 1 else Direction.FALLING
    return replace(one, trend=replace(one.trend, p_value=p_value), direction=direction)


def _bottleneck(
    kind: Kind, of: Sequence[IncidentRecord], first_s: float, length_s: float, period_s: float, scatter: float
) -> Bottleneck:
    at_s = np.array([began_s(record) for record in of]) - first_s
    years = length_s / YEAR_S
    return Bottleneck(
        service=kind[0],
        mode=kind[1],
        incidents=len(of),
        recurrences=int((np.diff(at_s) <= period_s).sum()),
        incidents_a_year=_rate(len(of), years),
        hours_a_year=_hours(of, at_s, length_s),
        trend=trend(at_s, length_s, scatter),
        direction=Direction.NOT_SHOWN,
    )


def _rate(count: int, years: float) -> Estimate:
    """Exact Poisson interval (Garwood 1936)."""
    from scipy.stats import chi2

    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return Estimate(count / years, low / years, float(chi2.ppf(0.975, 2 * count + 2)) / 2 / years)


def _hours(of: Sequence[IncidentRecord], at_s: Floats, length_s: float) -> Estimate | None:
    lengths = [record.restore_time for record in of]
    if all(length is None for length in lengths):
        return None
    hours = np.array([0.0 if length is None else length.total_seconds() / 3600 for length in lengths])
    blocks = max(int(np.ceil(length_s / _BLOCK_S)), 1)
    place = np.minimum((at_s / length_s * blocks).astype(np.intp), blocks - 1)
    of_block = np.bincount(place, hours, minlength=blocks)
    drawn = np.random.default_rng(0).integers(0, blocks, (_DRAWS, blocks))
    years = length_s / YEAR_S
    low, high = np.quantile(of_block[drawn].sum(1), [0.025, 0.975]) / years
    return Estimate(float(hours.sum()) / years, float(low), float(high))


def began_s(record: IncidentRecord) -> float:
    return (record.began_at - UNIX_EPOCH).total_seconds()
