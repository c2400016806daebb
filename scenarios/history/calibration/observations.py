"""Durations as they were observed: exact, known only to lie between two bounds, or not over yet.

    exact      an acknowledgement 7 min 12 s after the incident was opened
    interval   "0 min" in a record kept in whole minutes: somewhere between 0 and 30 s
    censored   unresolved when the record ends, or at the cut of a back-test: longer than so far

Rounding matters only where it is coarse beside the duration, so times of more than twenty steps of the record count as
exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenarios.history.calibration.families import Floats
from scenarios.history.survival import product_limit

_STEPS_SECONDS = (3600.0, 900.0, 300.0, 60.0, 1.0, 0.001)
_EXACT_FROM_STEPS = 20


@dataclass(frozen=True, slots=True)
class Observations:
    """Durations in seconds, one a case: `lower_s == upper_s` where exact, `upper_s` infinite where not over yet."""

    lower_s: Floats
    upper_s: Floats

    @classmethod
    def of(cls, durations_s: Floats, over: npt.NDArray[np.bool_], step_s: float) -> Observations:
        """From recorded durations and whether each is over, in a record that is kept in steps of `step_s`.

        Raises ValueError for a negative duration.
        """
        durations = np.asarray(durations_s, dtype=np.float64)
        if durations.size and float(durations.min()) < 0:
            raise ValueError("a duration is negative")
        coarse = over & (durations < _EXACT_FROM_STEPS * step_s)
        half = step_s / 2
        lower = np.where(coarse, np.maximum(durations - half, 0.0), durations)
        upper = np.where(over, np.where(coarse, durations + half, durations), np.inf)
        return cls(lower, upper)

    def __len__(self) -> int:
        return len(self.lower_s)

    @property
    def over(self) -> npt.NDArray[np.bool_]:
        """Which ones ended while they were watched."""
        return np.isfinite(self.upper_s)

    @property
    def exact(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.lower_s == self.upper_s)

    @property
    def middle_s(self) -> Floats:
        """A single figure for each: the value, the middle of its bounds, or the time watched so far."""
        return np.where(self.over, (self.lower_s + np.where(self.over, self.upper_s, 0)) / 2, self.lower_s)

    def take(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Observations:
        return Observations(self.lower_s[chosen], self.upper_s[chosen])


def recording_step_s(durations_s: Sequence[float] | Floats) -> float:
    """The coarsest usual step (hour, quarter, five minutes, minute, second, millisecond) that fits nearly all times."""
    durations = np.asarray(durations_s, dtype=np.float64)
    for step_s in _STEPS_SECONDS:
        off = np.abs(durations - step_s * np.round(durations / step_s))
        if durations.size and float(np.mean(off > 1e-3 * step_s)) <= 0.02:
            return step_s
    return _STEPS_SECONDS[-1]


@dataclass(frozen=True, slots=True)
class SurvivalCurve:
    """Kaplan and Meier's estimate: the share still open after each of `times_s`, a step function."""

    times_s: Floats
    open_ratio: Floats
    last_s: float
    """The longest time anything was watched."""

    def cdf(self, at_s: Floats) -> Floats:
        """The share over by each time; behind the last one watched the tail is exponential, through the curve's end.

        Brown, Hollander and Korwar (1974): of the usual completions the one least biased under heavy censoring
        (Moeschberger and Klein 1985).
        """
        places = np.searchsorted(self.times_s, at_s, side="right")
        still = np.concatenate([[1.0], self.open_ratio])[places]
        end = float(self.open_ratio[-1]) if len(self.open_ratio) else 1.0
        if 0 < end < 1 and self.last_s > 0:
            still = np.where(at_s > self.last_s, np.exp(at_s / self.last_s * math.log(end)), still)
        return np.asarray(1 - still, dtype=np.float64)


def kaplan_meier(observations: Observations) -> SurvivalCurve:
    """The share of cases still open by time, with those not over counted for as long as they were watched.

    Durations known to an interval count at its middle.  Kaplan and Meier (1958).
    """
    times = observations.middle_s
    curve = product_limit(times, observations.over)
    return SurvivalCurve(curve.times, curve.open_ratio, float(times.max(initial=0.0)))
