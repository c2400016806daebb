"""What the past says of recovery times to promise: for each group, the time that a chosen share of incidents kept.

The proposal is the upper end of the 95 % interval of that quantile: with few incidents it is more careful.  It is a
figure to discuss, not one to adopt: what was slow in the past may have been mended, and what was never tried is not
here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenarios.history.calibration.cases import UNKNOWN
from scenarios.history.calibration.durations import DurationModel
from scenarios.history.calibration.effects import Grouped, Values

LEAST_FOR_PROPOSAL = 5
"""For groups of fewer incidents nothing is proposed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """For incidents of one level of a term (or all: `term` empty): the quantile in seconds with its 95 % interval."""

    term: str
    level: str
    incidents: int
    quantile_s: float
    low_s: float
    high_s: float

    @property
    def proposed_s(self) -> float:
        return self.high_s


def propose(model: DurationModel, values: Values, confidence: float, terms: Sequence[str]) -> list[Proposal]:
    """Proposals at a confidence in (0, 1), for all incidents and for each level of the terms that the model has."""
    found = [_proposal(model, "", "all incidents", model.cases, None, confidence)]
    for term, where in zip(model.design.terms, model.design.slices(), strict=True):
        if not isinstance(term, Grouped) or term.name not in terms:
            continue
        seen = list(values[term.name])
        levels = [
            _proposal(model, term.name, level, seen.count(level), where.start + place, confidence)
            for place, level in enumerate(term.levels)
            if level != UNKNOWN and seen.count(level) >= LEAST_FOR_PROPOSAL
        ]
        found += sorted(levels, key=lambda proposal: -proposal.incidents)
    return found


def _proposal(
    model: DurationModel, term: str, level: str, incidents: int, column: int | None, confidence: float
) -> Proposal:
    def quantile_s(theta: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
        eta = float(theta[0]) + (0.0 if column is None else float(theta[column]))
        return model.family.quantile_s(confidence, eta, theta[len(model.location) :])

    low, high = np.quantile([quantile_s(theta) for theta in model.draw(200, seed=0)], [0.025, 0.975])
    return Proposal(term, level, incidents, quantile_s(model.parameters), float(low), float(high))
