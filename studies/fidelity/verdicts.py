"""Prediction and observation joined, cell by cell; rule by rule; over all cells.

A cell is one alert in one fault.  With `share` the part of the draws in which it is predicted:

    as predicted  predicted in most draws, and it fired within the predicted times (and the tolerance)
    early, late   it fired, at another time
    missed        predicted in most draws, and it did not fire
    spurious      it fired, and is predicted in few draws or none
    as predicted  also: not predicted in most draws, and it did not fire

The *tolerance* is what the clocks of both sides leave open: a scrape interval, an evaluation interval and half a second
of asking.  The *Brier score* over all cells is the mean square of share minus what happened (0 is perfect); a coin
would have 0.25.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from studies.fidelity.observing import ObservedAlert, ObservedFault
from studies.fidelity.predicting import PredictedAlert, PredictedFault, Prediction

ASKING_MS = 500


class Verdict(StrEnum):
    """Of one cell."""

    AS_PREDICTED = "as predicted"
    EARLY = "early"
    LATE = "late"
    MISSED = "missed"
    SPURIOUS = "spurious"


@dataclass(frozen=True, slots=True)
class Cell:
    """One alert in one fault, both sides."""

    fault: str
    alert: str
    predicted: PredictedAlert | None
    observed: ObservedAlert | None
    share: float
    verdict: Verdict
    told_as_predicted: bool
    """Whether it reached exactly the receivers that the prediction names; True where it did not fire at all."""

    @property
    def in_time(self) -> bool:
        """It fired when, and only if, it was predicted; whom that reached is another matter."""
        return self.verdict is Verdict.AS_PREDICTED

    @property
    def agrees(self) -> bool:
        return self.in_time and self.told_as_predicted


@dataclass(frozen=True, slots=True)
class RuleScore:
    """One alert over all faults: predicted against observed."""

    alert: str
    both: int
    only_observed: int
    only_predicted: int
    neither: int

    @property
    def precision(self) -> float | None:
        """Of the times that it fired, the share in which that was predicted."""
        fired = self.both + self.only_observed
        return self.both / fired if fired else None

    @property
    def recall(self) -> float | None:
        """Of the times that it was predicted, the share in which it fired."""
        predicted = self.both + self.only_predicted
        return self.both / predicted if predicted else None


def cells_of(
    prediction: Prediction, observed: Sequence[ObservedFault], alerts: Iterable[str], tolerance_ms: int
) -> list[Cell]:
    """Every alert in every fault that was observed."""
    predicted = {fault.fault: fault for fault in prediction.faults}
    names = list(alerts)
    return [
        cell for one in observed for cell in _cells(predicted[one.fault], one, names, prediction.draws, tolerance_ms)
    ]


def _cells(
    predicted: PredictedFault, observed: ObservedFault, names: list[str], draws: int, tolerance_ms: int
) -> Iterable[Cell]:
    foretold = {alert.alert: alert for alert in predicted.alerts}
    seen = {alert.alert: alert for alert in observed.alerts if alert.firing_ms is not None}
    for name in dict.fromkeys([*names, *foretold, *seen]):
        before, after = foretold.get(name), seen.get(name)
        share = before.draws / draws if before is not None else 0.0
        verdict = _verdict(before, after, share, tolerance_ms)
        told = after is None or before is None or set(before.told_ms) == set(after.told_ms)
        yield Cell(observed.fault, name, before, after, share, verdict, told)


def _verdict(before: PredictedAlert | None, after: ObservedAlert | None, share: float, tolerance_ms: int) -> Verdict:
    if after is None or after.firing_ms is None:
        return Verdict.MISSED if share > 0.5 else Verdict.AS_PREDICTED
    if before is None or share <= 0.5:
        return Verdict.SPURIOUS
    low, high = before.fired_ms
    if after.firing_ms < low - tolerance_ms:
        return Verdict.EARLY
    return Verdict.LATE if after.firing_ms > high + tolerance_ms else Verdict.AS_PREDICTED


def scores_of(cells: Sequence[Cell]) -> list[RuleScore]:
    """Each alert over all faults, in the order of its first cell."""
    found = []
    for alert in dict.fromkeys(cell.alert for cell in cells):
        own = [(cell.share > 0.5, cell.observed is not None) for cell in cells if cell.alert == alert]
        counts = [own.count(case) for case in ((True, True), (False, True), (True, False), (False, False))]
        found.append(RuleScore(alert, *counts))
    return found


def brier(cells: Sequence[Cell]) -> float:
    """Mean square of the predicted share minus what happened.  Raises ValueError without any cell."""
    if not cells:
        raise ValueError("there is no cell to score")
    return sum((cell.share - (cell.observed is not None)) ** 2 for cell in cells) / len(cells)


def off_by_ms(cells: Sequence[Cell]) -> tuple[int, float] | None:
    """How many cells fired on both sides, and the median distance of the observed time from the predicted interval."""
    distances = []
    for cell in cells:
        if cell.predicted is not None and cell.observed is not None and cell.observed.firing_ms is not None:
            low, high = cell.predicted.fired_ms
            distances.append(max(low - cell.observed.firing_ms, cell.observed.firing_ms - high, 0))
    return (len(distances), median(distances)) if distances else None
