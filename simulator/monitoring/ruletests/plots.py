"""Small plots of series in text, to see what a rule saw before it decided.

    http_errors_total{job="api"}      ▁▁▁▁▂▃▅▇█   0 .. 120

One column is one evaluation, the last one the moment in question; `·` is no sample, `×` a staleness marker.
"""

from __future__ import annotations

import math

import numpy as np

from simulator.monitoring.gotemplate.printing import format_float
from simulator.monitoring.promql import Expression, Series, Storage, is_stale
from simulator.monitoring.promql.series import Times
from simulator.monitoring.rules.dependencies import reach, selectors

_LEVELS = "▁▂▃▄▅▆▇█"
_COLUMNS = 48
_MOST_SERIES = 12


def plot_inputs(expression: Expression, storage: Storage, at_ms: int, interval_ms: int) -> str:
    """The series that an expression reads, over the time that it can see and a little before."""
    back_ms = min(max(reach(expression).back_ms, 10 * interval_ms), (_COLUMNS - 1) * interval_ms)
    columns = int(back_ms // interval_ms) + 1
    moments = at_ms - interval_ms * np.arange(columns - 1, -1, -1, dtype=np.int64)
    lines: list[str] = []
    for selector in selectors(expression):
        found = storage.select(list(selector.matchers), int(moments[0]) - interval_ms + 1, at_ms)
        width = max((len(str(series.labels)) for series in found[:_MOST_SERIES]), default=0)
        lines.extend(
            f"{str(series.labels).ljust(width)}  {_sparkline(series, moments, interval_ms)}"
            for series in found[:_MOST_SERIES]
        )
        if len(found) > _MOST_SERIES:
            lines.append(f"... and {len(found) - _MOST_SERIES} series more")
        if not found:
            lines.append("no series for " + "{" + ", ".join(map(str, selector.matchers)) + "}")
    return "\n".join(lines)


def _sparkline(series: Series, moments: Times, interval_ms: int) -> str:
    stale = is_stale(series.values)
    numbers = [float(value) for value, gone in zip(series.values, stale, strict=True) if not gone]
    finite = [number for number in numbers if math.isfinite(number)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    marks = []
    for moment in moments:
        column = int(np.searchsorted(series.times, moment, side="right")) - 1
        if column < 0 or series.times[column] <= moment - interval_ms:
            marks.append("·")
        elif stale[column]:
            marks.append("×")
        else:
            marks.append(_mark(float(series.values[column]), low, high))
    return f"{''.join(marks)}  {format_float(low)} .. {format_float(high)}"


def _mark(value: float, low: float, high: float) -> str:
    if math.isnan(value):
        return "?"
    if high == low or not math.isfinite(value):
        return _LEVELS[-1] if value > 0 else _LEVELS[0]
    return _LEVELS[round((value - low) / (high - low) * (len(_LEVELS) - 1))]
