"""Families of durations, as likelihoods of log time: lognormal, Weibull, gamma, and a mixture of two lognormals.

Every family has one *location* on the log scale, called `eta`, which effects (priority, hour, service) move, and
*shapes* that are common to all incidents: an accelerated failure time model (Kalbfleisch and Prentice 2002, chapter 2).
Shapes are kept on an unbounded scale, so that they can be searched freely and their intervals never leave the
possible; `Family.natural` says them as people know them.

    family      eta is log of   shapes (unbounded)                                       natural
    lognormal   the median      log sigma                                                sigma
    weibull     the scale       log k                                                    k
    gamma       the scale       log a                                                    a
    mixture     the median of   log sigma of the short part, log of the distance of      sigma, factor between the
                the short part  the medians, log sigma of the long part, logit of its    medians, sigma, share
                                share
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_FAR = 30.0
_HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
_FLOOR = -700.0
"""Log probabilities below it say "impossible" without becoming infinite."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape: its name to people, and how the unbounded value becomes the natural one (rising)."""

    name: str
    natural: Callable[[float], float]
    inverse: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Family:
    """Log density of log time and log survival, vectorised over cases; `eta` and `log_t` have one shape.

    `starts` gives shapes and the location to begin a search from, for log times of known mean and standard deviation.
    `precision` and `centre` are a weak normal prior of the unbounded shapes (zero: none); without it a mixture can run
    off to a part with no cases.
    """

    name: str
    shapes: tuple[Shape, ...]
    log_density: Callable[[Floats, Floats, Floats], Floats]
    log_survival: Callable[[Floats, Floats, Floats], Floats]
    starts: Callable[[float, float], Sequence[tuple[float, tuple[float, ...]]]]
    centre: tuple[float, ...]
    precision: tuple[float, ...]

    def natural(self, phi: Sequence[float]) -> tuple[float, ...]:
        return tuple(shape.natural(float(value)) for shape, value in zip(self.shapes, phi, strict=True))

    def unbounded(self, values: Sequence[float]) -> Floats:
        return np.array([shape.inverse(value) for shape, value in zip(self.shapes, values, strict=True)])

    def cdf(self, log_t: Floats, eta: Floats, phi: Floats) -> Floats:
        return np.asarray(-np.expm1(self.log_survival(log_t, eta, phi)), dtype=np.float64)

    def quantile_s(self, p: float, eta: float, phi: Floats) -> float:
        """The time in seconds that a share `p` stays below, by bisection of the log time."""
        low, high = eta - 60.0, eta + 60.0
        for _ in range(100):
            middle = (low + high) / 2
            below = float(self.cdf(np.array([middle]), np.array([eta]), phi)[0])
            low, high = (middle, high) if below < p else (low, middle)
        return math.exp((low + high) / 2)


def _log_normal_survival(z: Floats) -> Floats:
    from scipy.special import log_ndtr

    return np.asarray(log_ndtr(-z), dtype=np.float64)


def _power(value: float) -> float:
    """e to a value, which a search may take far where all times are alike: held where it is still a number to work
    with."""
    return math.exp(min(max(value, -_FAR), _FAR))


def _lognormal_density(log_t: Floats, eta: Floats, phi: Floats) -> Floats:
    z = np.clip((log_t - eta) * _power(-phi[0]), -1e3, 1e3)
    return np.asarray(-0.5 * z * z - _HALF_LOG_2PI - phi[0], dtype=np.float64)


def _lognormal_survival(log_t: Floats, eta: Floats, phi: Floats) -> Floats:
    return _log_normal_survival((log_t - eta) * _power(-phi[0]))


def _weibull_density(log_t: Floats, eta: Floats, phi: Floats) -> Floats:
    w = (log_t - eta) * _power(phi[0])
    return np.asarray(phi[0] + w - np.exp(np.minimum(w, 300)), dtype=np.float64)


def _weibull_survival(log_t: Floats, eta: Floats, phi: Floats) -> Floats:
    return np.asarray(-np.exp(np.minimum((log_t - eta) * _power(phi[0]), 300)), dtype=np.float64)


def _gamma_density(log_t: Floats, eta: Floats, phi: Floats) -> Floats:
    shape = _power(phi[0])
    w = log_t - eta
    return np.asarray(shape * w - np.exp(np.minimum(w, 300)) - math.lgamma(shape), dtype=np.float64)


def _gamma_survival(log_t: Floats, eta: Floats, phi: Floats) -> Floats:
    from scipy.special import gammaincc

    shape = _power(phi[0])
    w = log_t - eta
    x = np.exp(np.minimum(w, 300))
    upper = gammaincc(shape, x)
    # Where the integral underflows its leading asymptotic term takes over (Abramowitz and Stegun 6.5.32).
    far = (shape - 1) * w - x - math.lgamma(shape)
    with np.errstate(divide="ignore"):
        return np.where(upper > 1e-290, np.log(np.maximum(upper, 1e-300)), far)


def _parts(eta: Floats, phi: Floats) -> tuple[tuple[Floats, Floats, float], tuple[Floats, Floats, float]]:
    """(location, shapes, log share) of the short and the long part."""
    log_long = -math.log1p(math.exp(-phi[3]))
    log_short = -math.log1p(math.exp(phi[3]))
    return (eta, phi[0:1], log_short), (eta + math.exp(phi[1]), phi[2:3], log_long)


def _mixture_density(log_t: Floats, eta: Floats, phi: Floats) -> Floats:
    (at, width, share), (far, wide, rest) = _parts(eta, phi)
    both = np.logaddexp(share + _lognormal_density(log_t, at, width), rest + _lognormal_density(log_t, far, wide))
    return np.asarray(both, dtype=np.float64)


def _mixture_survival(log_t: Floats, eta: Floats, phi: Floats) -> Floats:
    (at, width, share), (far, wide, rest) = _parts(eta, phi)
    both = np.logaddexp(share + _lognormal_survival(log_t, at, width), rest + _lognormal_survival(log_t, far, wide))
    return np.minimum(both, 0.0)


def _mixture_starts(mean: float, deviation: float) -> list[tuple[float, tuple[float, ...]]]:
    """Three ways to split: most cases short, half and half, most cases long; and a common core with broad tails."""
    starts = [
        (
            mean - share * deviation * 1.6,
            (math.log(0.6 * deviation), math.log(1.6 * deviation), math.log(0.6 * deviation), logit),
        )
        for share, logit in ((0.25, -1.1), (0.5, 0.0), (0.75, 1.1))
    ]
    return [*starts, (mean - 0.1, (math.log(0.5 * deviation), math.log(0.3), math.log(1.5 * deviation), 0.0))]


_SIGMA = Shape("sigma", math.exp, math.log)
FAMILIES: Mapping[str, Family] = {
    family.name: family
    for family in (
        Family(
            "lognormal",
            (_SIGMA,),
            _lognormal_density,
            _lognormal_survival,
            lambda mean, deviation: [(mean, (math.log(deviation),))],
            (0.0,),
            (0.0,),
        ),
        Family(
            "weibull",
            (Shape("shape", math.exp, math.log),),
            _weibull_density,
            _weibull_survival,
            lambda mean, deviation: [(mean + 0.45 * deviation, (math.log(1.28 / deviation),))],
            (0.0,),
            (0.0,),
        ),
        Family(
            "gamma",
            (Shape("shape", math.exp, math.log),),
            _gamma_density,
            _gamma_survival,
            lambda mean, deviation: [(mean + deviation, (math.log(min(max(1.3 / deviation, 0.1), 20.0)),))],
            (0.0,),
            (0.0,),
        ),
        Family(
            "mixture",
            (
                Shape("sigma_short", math.exp, math.log),
                Shape("factor", lambda value: math.exp(math.exp(value)), lambda value: math.log(math.log(value))),
                Shape("sigma_long", math.exp, math.log),
                Shape(
                    "share_long", lambda value: 1 / (1 + math.exp(-value)), lambda value: math.log(value / (1 - value))
                ),
            ),
            _mixture_density,
            _mixture_survival,
            _mixture_starts,
            (-0.35, 0.5, -0.35, 0.0),
            (4.0, 1.0, 4.0, 0.25),
        ),
    )
}


def log_interval(log_survival_low: Floats, log_survival_high: Floats) -> Floats:
    """Log probability of falling between two times, from the log survival at each; never below a floor."""
    difference = np.minimum(log_survival_high - log_survival_low, -1e-15)
    with np.errstate(divide="ignore"):
        return np.maximum(log_survival_low + np.log(-np.expm1(difference)), _FLOOR)
