"""Run beside record: incident by incident, and as distributions.

An incident is compared where both sides know the time.  Its modelled time is the median over replications, its *band*
the middle 80 % of them; a model that is right puts about 80 % of the recorded times into their bands.  Quantiles of the
model come with the middle 95 % over replications.  The distance is that of Kolmogorov and Smirnov: the largest gap
between the two distribution functions, from 0 (alike) to 1 (apart).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from studies.replay.incidents import Incident
from studies.replay.study import Floats, Replication

FEWEST_REPLICATIONS = 10
"""Below which a band says too little."""
_BAND = (0.1, 0.9)


class Target(StrEnum):
    ACKNOWLEDGE = "acknowledge"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure of the model: its mean over replications with the middle 95 % of them."""

    value: float
    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float] | Floats) -> Estimate:
        low, high = np.quantile(values, [0.025, 0.975])
        return cls(float(np.mean(values)), float(low), float(high))


@dataclass(frozen=True, slots=True)
class Compared:
    """One time of all incidents that both sides know, in seconds."""

    target: Target
    recorded_s: Floats
    """In the order of `incidents`."""
    modelled_s: Floats
    """Medians over replications, in the same order."""
    low_s: Floats
    high_s: Floats
    incidents: tuple[Incident, ...]
    recorded: dict[float, float]
    """Quantiles of the record, by their share."""
    modelled: dict[float, Estimate]
    distance: Estimate
    in_band: float | None
    """Share of recorded times in the middle 80 % of their replications; None with too few of them."""
    slower: float
    """Share of incidents that take longer in the model than they did."""
    only_recorded: int
    """Incidents that were over in the record and in no replication of the model."""
    pooled_s: Floats
    """The modelled times of all replications, sorted."""


QUANTILES = (0.5, 0.9)


def compare(done: Sequence[Replication], target: Target) -> Compared | None:
    """All replications are of the same incidents.  None where no incident has both times."""
    incidents = done[0].incidents
    recorded = np.array([_recorded_s(one, target) for one in incidents])
    modelled = np.stack([one.acknowledge_s if target is Target.ACKNOWLEDGE else one.restore_s for one in done])
    ever = ~np.isnan(modelled).all(axis=0)
    chosen = ~np.isnan(recorded) & ever
    if not chosen.any():
        return None
    real, runs = recorded[chosen], modelled[:, chosen]
    finite = [row[~np.isnan(row)] for row in runs]
    middle, low, high = np.nanquantile(runs, [0.5, *_BAND], axis=0)
    return Compared(
        target=target,
        recorded_s=real,
        modelled_s=middle,
        low_s=low,
        high_s=high,
        incidents=tuple(one for one, there in zip(incidents, chosen, strict=True) if there),
        recorded={share: float(np.quantile(real, share)) for share in QUANTILES},
        modelled={share: Estimate.over([float(np.quantile(row, share)) for row in finite]) for share in QUANTILES},
        distance=Estimate.over([distance(real, row) for row in finite]),
        in_band=float(np.mean((low <= real) & (real <= high))) if len(done) >= FEWEST_REPLICATIONS else None,
        slower=float(np.mean(middle > real)),
        only_recorded=int((~np.isnan(recorded) & ~ever).sum()),
        pooled_s=np.sort(np.concatenate(finite)),
    )


def distance(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """The largest gap between two empirical distribution functions."""
    one, other = np.sort(one), np.sort(other)
    at = np.concatenate([one, other])
    gaps = np.searchsorted(one, at, side="right") / len(one) - np.searchsorted(other, at, side="right") / len(other)
    return float(np.abs(gaps).max())


def _recorded_s(incident: Incident, target: Target) -> float:
    ms = incident.recorded_acknowledge_ms if target is Target.ACKNOWLEDGE else incident.recorded_restore_ms
    return np.nan if ms is None else ms / 1000
