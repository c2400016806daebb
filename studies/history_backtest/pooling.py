"""The model's forecast: a weighted mean of the four opinions, with weights from earlier cuts within the training part.

At each of five earlier cuts the opinions are formed from what was known then, and scored on the incidents that
followed, as they stood at the outer cut.  The CRPS of a weighted mean of distributions is a quadratic form of the
weights, so those that would have done best are found exactly (a linear opinion pool: Stone 1961; its CRPS: Thorey et
al.  2017).  Few cases say little about weights, and one incident of weeks must not decide them: each earlier cut counts
by its number of cases, in units of what the empirical distribution scored there.  `_PRIOR` is the empirical
distribution alone: a model gets weight where it has earned it, so that a history which tells nothing is forecast as it
was, and not worse.

Nothing after the outer cut has a part in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scenarios.history.calibration.cases import Cases
from scenarios.history.calibration.families import Floats
from scenarios.history.calibration.observations import Observations
from studies.history_backtest.forecasting import Opinion, opinions
from studies.history_backtest.scores import Forecasts, crps_s

_CUTS = (0.4, 0.52, 0.64, 0.76, 0.88, 1.0)
_YARDSTICK = list(Opinion).index(Opinion.EMPIRICAL)
_PRIOR = np.array([0.0, 0.0, 1.0, 0.0])
_PRIOR_CASES = 10.0


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of each opinion, and from how many cases at earlier cuts it comes (0: the prior weights)."""

    of: dict[Opinion, float]
    cases: int

    def pool(self, of: dict[Opinion, Forecasts]) -> Forecasts:
        """The weighted mean of the forecasts."""
        grid_s = of[Opinion.FITTED].grid_s
        return Forecasts(grid_s, sum((self.of[name] * of[name].cdf for name in Opinion), np.zeros(1)))


def learn_weights(
    cases: Cases, train: npt.NDArray[np.bool_], cut_s: float, family: str, without: Sequence[str] = ()
) -> Weights:
    """Weights from earlier cuts; a cut before which too little had ended is left out."""
    total, number = np.zeros((len(Opinion), len(Opinion))), 0
    edges = np.quantile(cases.opened_s[train], _CUTS)
    for earlier_s, later_s in pairwise(edges):
        before = train & (cases.opened_s <= earlier_s)
        after = train & (cases.opened_s > earlier_s) & (cases.opened_s <= later_s)
        if not after.any():
            continue
        try:
            formed = opinions(cases, before, after, float(earlier_s), cut_s, without, family)
        except ValueError:
            continue
        watched_s = np.maximum(cut_s - cases.began_s[after], 0.0)
        found = products(list(formed.of.values()), cases.observed(after, cut_s), watched_s)
        total += found * int(after.sum()) / max(float(found[_YARDSTICK, _YARDSTICK]), 1e-9)
        number += int(after.sum())
    best = best_weights(total, number)
    return Weights(dict(zip(Opinion, map(float, best), strict=True)), number)


def products(forecasts: Sequence[Forecasts], observations: Observations, watched_s: Floats) -> Floats:
    """Sum over cases of the integrals of (F_j - H)(F_k - H), with H the step at the outcome: the quadratic form.

    By polarisation of the CRPS: the mean of two forecasts scores a quarter of both scores and half their product.
    """
    scores = [float(crps_s(f, observations, watched_s).sum()) for f in forecasts]
    matrix = np.diag(scores)
    for j, first in enumerate(forecasts):
        for k in range(j):
            mean = Forecasts(first.grid_s, (first.cdf + forecasts[k].cdf) / 2)
            both = float(crps_s(mean, observations, watched_s).sum())
            matrix[j, k] = matrix[k, j] = (4 * both - scores[j] - scores[k]) / 2
    return matrix


def best_weights(matrix: Floats, cases: int) -> Floats:
    """The weights (none negative, of sum 1) with the least score, drawn towards the prior ones."""
    scale = float(np.trace(matrix)) / len(matrix)
    if cases == 0 or scale <= 0:
        return _PRIOR
    from scipy.optimize import minimize

    pull = _PRIOR_CASES / cases
    found = minimize(
        lambda w: float(w @ matrix @ w) / scale + pull * float((w - _PRIOR) @ (w - _PRIOR)),
        _PRIOR,
        jac=lambda w: 2 * (matrix @ w) / scale + 2 * pull * (w - _PRIOR),
        bounds=[(0, 1)] * len(_PRIOR),
        constraints={"type": "eq", "fun": lambda w: float(w.sum()) - 1},
        options={"ftol": 1e-12},
    )
    weights = np.clip(found.x, 0, None)
    return np.asarray(weights / weights.sum(), dtype=np.float64)
