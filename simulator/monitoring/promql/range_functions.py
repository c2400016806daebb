"""Functions over ranges by name: `rate`, `deriv`, `sum_over_time` and the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitoring.promql import counters, over_time, regression, summation
from simulator.monitoring.promql.errors import EvaluationError
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Mask, Times, Values
from simulator.monitoring.promql.windows import Windows

# Values [series, steps], and where they are present; None means "where the window has a sample".
RangeResult = tuple[Values, Mask | None]


def apply(
    name: str, windows: Windows, range_ms: int, parameters: Sequence[Values], times: Times, semantics: Semantics
) -> RangeResult:
    """The function `name` over the windows of a block.

    `parameters` are its scalar arguments by step, `range_ms` is the length of its range, `times` are the steps.
    Raises EvaluationError for a function or an argument that Prometheus would refuse.
    """
    two = np.broadcast_to(windows.counts >= 2, windows.shape)
    match name:
        case "rate" | "increase" | "delta":
            counter, per_second = name != "delta", name == "rate"
            return counters.extrapolated(windows, range_ms, semantics, counter=counter, per_second=per_second)
        case "irate" | "idelta":
            return counters.last_two(windows, counter=name == "irate")
        case "resets":
            return counters.count_falls(windows), None
        case "changes":
            return counters.count_changes(windows), None
        case "deriv":
            return regression.line(windows, windows.time(windows.first))[0], two
        case "predict_linear":
            slope, intercept = regression.line(windows, times)
            return slope * parameters[0] + intercept, two
        case "sum_over_time":
            return summation.finish(*summation.window_totals(windows)), None
        case "avg_over_time":
            return over_time.average(windows, semantics), None
        case "min_over_time":
            return over_time.extreme(windows, np.fmin), None
        case "max_over_time":
            return over_time.extreme(windows, np.fmax), None
        case "count_over_time":
            return over_time.count(windows), None
        case "last_over_time":
            return over_time.last(windows), None
        case "present_over_time" | "absent_over_time":
            return over_time.ones(windows), None
        case "stdvar_over_time":
            return over_time.variance(windows, semantics), None
        case "stddev_over_time":
            return np.sqrt(over_time.variance(windows, semantics)), None
        case "quantile_over_time":
            return over_time.quantile_over(windows, parameters[0]), None
        case "holt_winters" if semantics.is_2:
            _check_factors(*parameters)
            return over_time.smoothed(windows, *parameters), two
        case "holt_winters":
            raise EvaluationError(
                "unknown function holt_winters(): Prometheus 3 has double_exponential_smoothing(), an experiment"
            )
    raise EvaluationError(f"{name}() is not supported")


def _check_factors(smoothing: Values, trend: Values) -> None:
    for factors, what in ((smoothing, "smoothing"), (trend, "trend")):
        wrong = factors[~((factors > 0) & (factors < 1))]
        if len(wrong):
            raise EvaluationError(f"invalid {what} factor. Expected: 0 < {what[0]}f < 1, got: {wrong[0]:f}")
