"""The estimator of Kaplan and Meier (JASA 53, 1958): how many are not over yet, by time, when some were only watched
for a while.

At one moment what ends goes before what is no longer watched, as the estimator is defined.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def open_ratios(over: Flags, weights: Floats) -> Floats:
    """The share not over after each value, under each row of `weights` (rows x values).

    Values are in the order of `time_order`; the product over ends of one moment telescopes to Kaplan and Meier's.
    """
    at_risk = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    stays = 1 - np.divide(weights * over, at_risk, out=np.zeros_like(at_risk), where=at_risk > 0)
    return np.asarray(np.cumprod(stays, axis=1), dtype=np.float64)


def time_order(times: Floats, over: Flags) -> npt.NDArray[np.intp]:
    """By time; at one moment ends go first."""
    return np.lexsort((~over, times))


@dataclass(frozen=True, slots=True)
class ProductLimit:
    """The curve at the moments at which something ended, rising.

    `variance` is Greenwood's (1926) of the logarithm of `open_ratio`; infinite where nothing is left.
    """

    times: Floats
    open_ratio: Floats
    variance: Floats

    def log_log_band(self, z: float) -> tuple[Floats, Floats]:
        """Lower and upper bound of `open_ratio` (Kalbfleisch and Prentice 2002, 1.4); NaN where there is none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(self.open_ratio)
            half = z * np.sqrt(self.variance) / np.abs(logs)
            low = np.exp(logs * np.exp(half))
            high = np.exp(logs * np.exp(-half))
        known = (self.open_ratio > 0) & (self.open_ratio < 1)
        return np.where(known, low, np.nan), np.where(known, high, np.nan)


def product_limit(times: Floats, over: Flags) -> ProductLimit:
    """The curve of values, of which those that are not over were watched for so long."""
    order = time_order(times, over)
    ordered, ended = times[order], over[order]
    ratios = open_ratios(ended, np.ones((1, len(times))))[0]
    moments = np.unique(times[over])
    last = np.searchsorted(ordered, moments, side="right") - 1
    at_risk = len(times) - np.searchsorted(ordered, moments, side="left")
    events = np.diff(np.concatenate([[0], np.searchsorted(np.sort(times[over]), moments, side="right")]))
    with np.errstate(divide="ignore"):
        steps = np.where(at_risk > events, events / (at_risk * np.maximum(at_risk - events, 1)), np.inf)
    return ProductLimit(moments, ratios[last], np.asarray(np.cumsum(steps), dtype=np.float64))
