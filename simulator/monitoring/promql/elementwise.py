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
    """Between the limits; as in Go, an infinite limit wins over NaN on its own side."""
    below = np.where(np.isneginf(high), -np.inf, np.minimum(high, values))
    return np.where(np.isposinf(low), np.inf, np.maximum(low, below))


# The calendar repeats every 400 years; cycles are counted as Go counts them, from the year -292277022399.
_CYCLE_SECONDS = np.uint64(146_097 * 86_400)
_UNIX_IN_CYCLES = np.uint64(9_223_372_028_715_321_600)
_CYCLES_BEFORE_2001 = 730_692_561
_CYCLE_START = np.datetime64("2001-01-01T00:00:00", "s")


def _in_cycle(values: Values) -> tuple[NDArray[np.datetime64], NDArray[np.int64]]:
    """Unix seconds as a moment within 2001..2400, and how many cycles of 400 years it really is away from there.

    What is no int64 becomes the smallest one, and times wrap around, as in Go on amd64.
    """
    fits = np.abs(values) < 2.0**63
    whole = np.where(fits, np.trunc(np.where(fits, values, 0.0)), -(2.0**63)).astype(np.int64)
    since = whole.astype(np.uint64) + _UNIX_IN_CYCLES
    cycles = (since // _CYCLE_SECONDS).astype(np.int64) - _CYCLES_BEFORE_2001
    return _CYCLE_START + (since % _CYCLE_SECONDS).astype("timedelta64[s]"), cycles


def _utc(values: Values) -> NDArray[np.datetime64]:
    return _in_cycle(values)[0]


def _year(values: Values) -> Values:
    moment, cycles = _in_cycle(values)
    years: Values = moment.astype("datetime64[Y]").astype(np.int64) + 1970 + 400.0 * cycles
    return years


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
    """Sunday is 0; a cycle is a whole number of weeks, and the epoch was a Thursday."""
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
    "year": _year,
}
