"""Intervals of probabilities and quantiles from independent replications, and of their differences in pairs.

- *probability*: Wilson's score interval (Wilson 1927; recommended by Brown, Cai and DasGupta 2001);
- *difference of paired probabilities*: Tango's score interval (Tango 1998), with McNemar's exact test beside it;
- *quantile*: order statistics, exact by the binomial distribution whatever the values are distributed like.

**Censored values** are never dropped.  `open_up` marks values of which only a lower bound is known.  The estimate of a
quantile is that of the Kaplan-Meier curve, which takes the moment at which observation ended as unrelated to what was
observed.  Its interval takes nothing for granted: the lower end has every open value end at once, the upper end has it
never end.  Where what was seen does not reach, an end is None.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenarios.history.survival import open_ratios, time_order

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Z = 1.959963984540054
"""Of the normal distribution, for 95 %: the confidence of every interval here."""
_BISECTIONS = 80
_CELLS = 2_000_000
"""Resamples times values that are worked on at once: some 16 MB an array."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """`hits` of `trials`, with the 95 % interval of the probability."""

    hits: int
    trials: int
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile with its 95 % interval.  None: it lies beyond what was seen."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class PairedProportions:
    """Two probabilities tried on the same replications; the difference is second minus first."""

    pairs: int
    both: int
    only_first: int
    only_second: int
    difference: float
    low: float
    high: float
    p_value: float
    """McNemar's exact test that they do not differ."""


def proportion(hits: int, trials: int) -> Proportion:
    """Raises ValueError without a trial."""
    if trials < 1 or not 0 <= hits <= trials:
        raise ValueError(f"{hits} of {trials} is no proportion")
    p, n = hits / trials, float(trials)
    centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    low = 0.0 if hits == 0 else centre - half
    high = 1.0 if hits == trials else centre + half
    return Proportion(hits, trials, p, low, high)


def quantile(values: Sequence[float], share: float, open_up: Sequence[bool] | None = None) -> Quantile:
    """The value that a share of all stays at or below.  Raises ValueError without a value."""
    from scipy.stats import binom

    if not values:
        raise ValueError("there is no quantile of no values")
    seen = np.asarray(values, dtype=np.float64)
    unended = np.zeros(len(seen), dtype=bool) if open_up is None else np.asarray(open_up, dtype=bool)
    count = len(seen)
    lowest = int(binom.ppf(0.025, count, share)) - 1
    highest = int(binom.ppf(0.975, count, share))
    at_once, never = np.sort(seen), np.sort(np.where(unended, np.inf, seen))
    (estimate,) = survival_quantiles(seen, unended, share, np.ones((1, count)))
    return Quantile(
        value=_finite(estimate),
        low=float(at_once[lowest]) if lowest >= 0 else None,
        high=_finite(never[highest]) if highest < count else None,
    )


def survival_quantiles(values: Values, open_up: Flags, share: float, weights: Values) -> Values:
    """Quantiles of the Kaplan-Meier curve under each row of `weights` (resamples x values); inf: it does not reach."""
    order = time_order(values, ~open_up)
    ordered, ended = values[order], ~open_up[order]
    found = np.empty(len(weights))
    rows = max(_CELLS // max(len(values), 1), 1)
    for begin in range(0, len(weights), rows):
        # Telescoped products carry rounding of some 1e-16 a factor; a share reached is reached in spite of it.
        reached = 1 - open_ratios(ended, weights[begin : begin + rows, order]) >= share - 1e-9
        first = reached.argmax(axis=1)
        found[begin : begin + rows] = np.where(reached.any(axis=1), ordered[first], np.inf)
    return found


def paired_proportions(first: Sequence[bool], second: Sequence[bool]) -> PairedProportions:
    """Raises ValueError when there are no pairs, or the sequences differ in length."""
    from scipy.stats import binomtest

    if len(first) != len(second) or not first:
        raise ValueError(f"{len(first)} and {len(second)} values; pairs are needed")
    pairs = list(zip(first, second, strict=True))
    only_first, only_second = pairs.count((True, False)), pairs.count((False, True))
    discordant = only_first + only_second
    low, high = tango(only_first, only_second, len(pairs))
    return PairedProportions(
        pairs=len(pairs),
        both=pairs.count((True, True)),
        only_first=only_first,
        only_second=only_second,
        difference=(only_second - only_first) / len(pairs),
        low=low,
        high=high,
        p_value=float(binomtest(only_first, discordant).pvalue) if discordant else 1.0,
    )


def tango(only_first: int, only_second: int, pairs: int) -> tuple[float, float]:
    """Ends of Tango's 95 % interval for the second probability less the first."""
    estimate = (only_second - only_first) / pairs

    def score(difference: float) -> float:
        """Tango (1998), equation for the restricted maximum likelihood; falls as the difference grows."""
        a = 2.0 * pairs
        b = -only_second - only_first + (2.0 * pairs - only_second + only_first) * difference
        c = -only_first * difference * (1 - difference)
        q = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        variance = pairs * (2 * q + difference * (1 - difference))
        apart = only_second - only_first - pairs * difference
        if variance <= 0:
            return math.copysign(math.inf, apart) if apart else 0.0
        return apart / math.sqrt(variance)

    return _root(score, -1.0, estimate, Z), _root(score, estimate, 1.0, -Z)


def _root(score: Callable[[float], float], low: float, high: float, wanted: float) -> float:
    """Where a falling function takes a value, by bisection."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if score(middle) > wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
