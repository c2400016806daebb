"""Functions of one value: arithmetic, trigonometry, clamping and the calendar.

Each takes values of any shape and gives values of that shape.  Calendar functions read seconds of Unix time, in UTC.
Source: Prometheus, `promql/functions.go`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulator.monitoring.promql.series import Values


def _sign(values: Values) -> Values:
    return np.where(np.isnan(values), np.nan, np.sign(values))


UNARY: dict[str, Callable[[Values], Values]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg": lambda values: values * 180 / np.pi,
    "exp": np.exp,
    "floor": np.floor,
    "ln": np.log,
    "log10": np.log10,
    "log2": np.log2,
    "rad": lambda values: values * np.pi / 180,
    "sgn": _sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}


def round_to(values: Values, nearest: Values) -> Values:
    """To the nearest multiple, halves upwards; by the inverse, which loses less."""
    inverse = 1.0 / nearest
    return np.floor(values * inverse + 0.5) / inverse


def clamp(values: Values, low: Values | float, high: Values | float) -> Values:
    return np.maximum(low, np.minimum(high, values))


def _utc(values: Values) -> NDArray[np.datetime64]:
    # Far outside the calendar Go wraps around; there is no meaningful answer, so the edge of the calendar it is.
    inside = np.clip(np.nan_to_num(values, nan=0.0), -6.2e10, 2.5e11)
    return np.trunc(inside).astype(np.int64).astype("datetime64[s]")


def _since(moment: NDArray[np.datetime64], start: str, unit: str) -> Values:
    """Whole units of `unit` from the start of the unit `start` that holds the moment."""
    began = moment.astype(f"datetime64[{start}]").astype(f"datetime64[{unit}]")
    count: Values = (moment.astype(f"datetime64[{unit}]") - began).astype(np.float64)
    return count


def _days_in_month(values: Values) -> Values:
    month = _utc(values).astype("datetime64[M]")
    length = (month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")
    days: Values = length.astype(np.float64)
    return days


def _day_of_week(values: Values) -> Values:
    """Sunday is 0; the epoch was a Thursday."""
    days = _utc(values).astype("datetime64[D]").astype(np.int64)
    return ((days + 4) % 7).astype(np.float64)


CALENDAR: dict[str, Callable[[Values], Values]] = {
    "day_of_month": lambda values: _since(_utc(values), "M", "D") + 1,
    "day_of_week": _day_of_week,
    "day_of_year": lambda values: _since(_utc(values), "Y", "D") + 1,
    "days_in_month": _days_in_month,
    "hour": lambda values: _since(_utc(values), "D", "h"),
    "minute": lambda values: _since(_utc(values), "h", "m"),
    "month": lambda values: _since(_utc(values), "Y", "M") + 1,
    "year": lambda values: _utc(values).astype("datetime64[Y]").astype(np.float64) + 1970,
}
