"""Distributions as people write them in files, and their quantile functions.

A distribution is text like `lognormal(median=8m, p90=25m)`, `weibull(median=8m, p90=25m)`, `uniform(5m, 20m)`,
`exponential(mean=10m)`, `triangular(2m, 5m, 15m)`, or a plain duration such as `10m`, which always takes that value.
The simulator draws by inverting: it hands `quantile` a number in (0, 1) from a named random stream, so a draw costs one
stream value whatever the shape and never rejects.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

from timeline.findings import nearest
from timeline.instants import format_duration, parse_duration

_CALL = re.compile(r"\s*([a-z]+)\s*\((.*)\)\s*", re.DOTALL)
_Z90 = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution of durations in milliseconds.  `text` is how it was written and compares equal by it."""

    text: str
    shape: str
    parameters: tuple[float, ...]

    @classmethod
    def parse(cls, text: str) -> Distribution:
        """Raises ValueError naming the shape or parameter that is wrong."""
        call = _CALL.fullmatch(text)
        if call is None:
            return cls.constant(parse_duration(text))
        name, arguments = call.groups()
        if name not in _SHAPES:
            hint = nearest(name, _SHAPES)
            raise ValueError(f"{name!r} is not a known distribution; {hint or 'known: ' + ', '.join(_SHAPES)}")
        shape = _SHAPES[name]
        values = _arguments(name, shape.names, arguments)
        shape.validate(*values)
        return cls(text.strip(), name, values)

    @classmethod
    def constant(cls, ms: int) -> Distribution:
        return cls(format_duration(ms), "constant", (float(ms),))

    def quantile(self, p: float) -> int:
        """The value in milliseconds that a share `p` (0 < p < 1) of draws stays below."""
        if self.shape == "constant":
            return round(self.parameters[0])
        return round(_SHAPES[self.shape].quantile(p, *self.parameters))

    @property
    def median_ms(self) -> int:
        return self.quantile(0.5)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class _Shape:
    names: tuple[str, ...]
    quantile: Callable[..., float]
    validate: Callable[..., None]


def _lognormal(p: float, median: float, p90: float) -> float:
    sigma = math.log(p90 / median) / _Z90
    return median * math.exp(sigma * NormalDist().inv_cdf(p))


def _weibull(p: float, median: float, p90: float) -> float:
    power = math.log(math.log(10) / math.log(2)) / math.log(p90 / median)
    return median * math.exp(math.log(-math.log1p(-p) / math.log(2)) / power)


def _triangular(p: float, low: float, mode: float, high: float) -> float:
    split = (mode - low) / (high - low)
    if p < split:
        return low + math.sqrt(p * (high - low) * (mode - low))
    return high - math.sqrt((1 - p) * (high - low) * (high - mode))


def _positive_and_rising(median: float, p90: float) -> None:
    if not 0 < median <= p90:
        raise ValueError("lognormal needs 0 < median <= p90")


def _strictly_rising(median: float, p90: float) -> None:
    if not 0 < median < p90:
        raise ValueError("weibull needs 0 < median < p90")


def _ordered(*values: float) -> None:
    if list(values) != sorted(values) or values[0] < 0 or values[0] == values[-1]:
        raise ValueError("the bounds must rise and not be negative")


def _positive(mean: float) -> None:
    if mean <= 0:
        raise ValueError("exponential needs a mean above zero")


_SHAPES: dict[str, _Shape] = {
    "lognormal": _Shape(("median", "p90"), _lognormal, _positive_and_rising),
    "weibull": _Shape(("median", "p90"), _weibull, _strictly_rising),
    "uniform": _Shape(("low", "high"), lambda p, low, high: low + p * (high - low), _ordered),
    "triangular": _Shape(("low", "mode", "high"), _triangular, _ordered),
    "exponential": _Shape(("mean",), lambda p, mean: -mean * math.log1p(-p), _positive),
}


def _arguments(shape: str, names: tuple[str, ...], text: str) -> tuple[float, ...]:
    given: dict[str, float] = {}
    for position, part in enumerate(p.strip() for p in text.split(",") if p.strip()):
        name, equals, value = (s.strip() for s in part.partition("="))
        if not equals:
            if position >= len(names):
                raise ValueError(f"{shape} takes {len(names)} values: {', '.join(names)}")
            name, value = names[position], part
        if name not in names:
            raise ValueError(f"{shape} has no parameter {name!r}; it takes {', '.join(names)}")
        if name in given:
            raise ValueError(f"{shape}: {name} is given twice")
        given[name] = float(parse_duration(value))
    missing = [name for name in names if name not in given]
    if missing:
        raise ValueError(f"{shape} also needs {', '.join(missing)}")
    return tuple(given[name] for name in names)
