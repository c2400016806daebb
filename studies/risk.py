"""What a year may cost: expected annual loss and loss exceedance curves from scenarios and their frequencies.

A *peril* is a scenario that happens `per_year` times a year on average, by a Poisson process, and costs each time what
one of its replications cost.  Then

- the *expected annual loss* is the sum over perils of frequency times mean loss;
- *occurrence exceedance* at x, that some event of a year costs more than x: 1 - exp(-sum per_year P(loss > x));
- *aggregate exceedance* at x, that a year costs more than x in all: the tail of a compound Poisson distribution, whose
  characteristic function is exp(sum per_year (phi(t) - 1)), inverted by the fast Fourier transform on a grid
  (Klugman, Panjer, Willmot, Loss Models, chapter 9).  Losses are put on the grid so that their mean stays.

Perils are taken as independent of each other, and events as independent of what was lost before.  Intervals are
percentile bootstraps over replications (perils under the same random numbers are drawn together): they hold for the
frequencies as stated, and know nothing of losses beyond those that were played.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studies.intervals import Values

RETURN_PERIODS_YEARS = (5, 10, 20, 50, 100)
_CELLS = 1 << 13
_SHOWN = 120
_RESAMPLES = 400
_SEED = 20261125
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True, slots=True)
class Peril:
    """`losses` are those of its replications, in their order; `open` of them were still growing at the end."""

    name: str
    title: str
    per_year: float
    losses: tuple[float, ...]
    open: int = 0

    @property
    def expected(self) -> float:
        """A year."""
        return self.per_year * float(np.mean(self.losses))


@dataclass(frozen=True, slots=True)
class Bounded:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Exceedance:
    """The probability that a year exceeds each loss, with the ends of its 95 % interval at each."""

    probability: Values
    low: Values
    high: Values


@dataclass(frozen=True, slots=True)
class Risk:
    """What perils cost a year.  `losses` is the axis of both curves."""

    perils: tuple[Peril, ...]
    expected: Bounded
    losses: Values
    occurrence: Exceedance
    aggregate: Exceedance
    returns: tuple[tuple[int, Bounded], ...]
    """The loss in all that a year exceeds once in so many years."""


def risk_of(perils: Sequence[Peril]) -> Risk | None:
    """None where nothing was lost in any replication.  Raises ValueError without a peril."""
    if not perils:
        raise ValueError("there is no risk of nothing")
    grid = _grid_of(perils)
    if grid is None:
        return None
    longest = max(len(peril.losses) for peril in perils)
    resampled = np.random.default_rng(_SEED).multinomial(longest, np.full(longest, 1 / longest), _RESAMPLES)
    weights = [np.ones(longest), *resampled.astype(np.float64)]
    years = [_year(perils, weight, grid) for weight in weights]
    expected = np.array([year.expected for year in years])
    occurrence = np.array([year.occurrence for year in years])
    aggregate = np.array([year.aggregate for year in years])
    returns = np.array([[_once_in(year.aggregate, grid, period) for period in RETURN_PERIODS_YEARS] for year in years])
    shown = np.arange(0, _last_shown(aggregate[0]), max(_last_shown(aggregate[0]) // _SHOWN, 1))
    return Risk(
        perils=tuple(perils),
        expected=_bounded(expected),
        losses=grid[shown],
        occurrence=_exceedance(occurrence[:, shown]),
        aggregate=_exceedance(aggregate[:, shown]),
        returns=tuple(
            (period, _bounded(column)) for period, column in zip(RETURN_PERIODS_YEARS, returns.T, strict=True)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Year:
    expected: float
    occurrence: Values
    aggregate: Values


def _grid_of(perils: Sequence[Peril]) -> Values | None:
    """Far enough that a year beyond it is negligible: the transform would fold it back."""
    from scipy.stats import poisson

    largest = max(max(peril.losses) for peril in perils)
    if largest <= 0:
        return None
    most = int(poisson.isf(_NEGLIGIBLE, sum(peril.per_year for peril in perils))) + 2
    return np.linspace(0.0, largest * most, _CELLS)


def _year(perils: Sequence[Peril], weights: Values, grid: Values) -> _Year:
    expected = 0.0
    rate: Values = np.zeros_like(grid)
    exponent = np.zeros(len(grid) // 2 + 1, dtype=np.complex128)
    for peril in perils:
        losses, weight = np.array(peril.losses), weights[: len(peril.losses)]
        if weight.sum() == 0:
            weight = np.ones_like(weight)
        share = weight / weight.sum()
        expected += peril.per_year * float(share @ losses)
        order = np.argsort(losses)
        reached = np.concatenate([[0.0], np.cumsum(share[order])])
        exceeded: Values = 1 - reached[np.searchsorted(losses[order], grid, side="right")]
        rate += peril.per_year * exceeded
        exponent += peril.per_year * (np.fft.rfft(_on_grid(losses, share, grid)) - 1)
    density = np.fft.irfft(np.exp(exponent), len(grid))
    return _Year(expected, -np.expm1(-np.maximum(rate, 0)), np.clip(1 - np.cumsum(density), 0, 1))


def _on_grid(losses: Values, share: Values, grid: Values) -> Values:
    """Each loss divided between the cells around it, so that the mean stays."""
    at = losses / grid[1]
    below = np.minimum(at.astype(np.int64), len(grid) - 2)
    part = at - below
    mass = np.zeros_like(grid)
    np.add.at(mass, below, share * (1 - part))
    np.add.at(mass, below + 1, share * part)
    return mass


def _once_in(exceeded: Values, grid: Values, years: int) -> float:
    return float(grid[int((exceeded <= 1 / years).argmax())])


def _last_shown(exceeded: Values) -> int:
    """Where the curve has fallen below once in a thousand years."""
    return int((exceeded <= 1e-3).argmax()) + 2


def _bounded(values: Values) -> Bounded:
    """The first is the estimate, the others are resamples."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return Bounded(float(values[0]), float(low), float(high))


def _exceedance(curves: Values) -> Exceedance:
    low, high = np.quantile(curves[1:], [0.025, 0.975], axis=0)
    return Exceedance(curves[0], low, high)
