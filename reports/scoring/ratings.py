"""The rules by which targets, critical tasks and objectives are rated.

The four ratings and their names are those of HSEEP 2020.  When each applies is Blackstart's reading, written down here
and nowhere else.  *Miss* is the distance to the bound as a share of the bound (of a bound of 0, any distance is all).

A **target** is

| rating | when                                                                                             |
|--------|--------------------------------------------------------------------------------------------------|
| P      | met                                                                                              |
| S      | missed by at most a tenth of the bound (near miss)                                               |
| M      | missed by at most half of the bound                                                              |
| U      | missed by more; or still open at the end: a promise that the exercise did not see kept is not    |
|        | kept, whether the bound was already broken (`broken_and_open`) or not yet (`undecided`)          |
| none   | nothing in the exercise called for it, so it says nothing and counts nowhere (`not_exercised`)   |

A **critical task** is

| rating | when                                                                                             |
|--------|--------------------------------------------------------------------------------------------------|
| P      | completed in its planned time (or none is planned), at the first try                             |
| S      | completed late by at most a tenth of the planned time, or after a failed try                     |
| M      | completed later than that                                                                        |
| U      | not completed, for whatever reason                                                               |

An **objective**, from its targets and critical tasks (its *parts*), is

| rating | when                                                                                             |
|--------|--------------------------------------------------------------------------------------------------|
| P      | every part is P                                                                                  |
| S      | every part is P or S                                                                             |
| U      | a critical task is U, or it has targets and all of them are U                                    |
| M      | otherwise                                                                                        |
| none   | no part was exercised                                                                            |

P and S mean that the objective was **met**.

HSEEP has no numeric score.  **Blackstart's own score** gives a part 1.0 for P, 0.8 for S, 0.4 for M, 0 for U; an
objective the mean of its parts; an exercise the mean of its rated objectives by their weights, times 100.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

NEAR_MISS_RATIO = 0.1
MAJOR_MISS_RATIO = 0.5


class Rating(StrEnum):
    """Ratings of HSEEP 2020."""

    P = "P"
    S = "S"
    M = "M"
    U = "U"

    @property
    def meaning(self) -> str:
        return _TITLES[self]

    @property
    def points(self) -> float:
        """Its worth in Blackstart's own score."""
        return _POINTS[self]

    @property
    def is_met(self) -> bool:
        return self in (Rating.P, Rating.S)


_TITLES = {
    Rating.P: "Performed without challenges",
    Rating.S: "Performed with some challenges",
    Rating.M: "Performed with major challenges",
    Rating.U: "Unable to be performed",
}
_POINTS = {Rating.P: 1.0, Rating.S: 0.8, Rating.M: 0.4, Rating.U: 0.0}


class Outcome(StrEnum):
    """What became of a target."""

    MET = "met"
    NEAR_MISS = "near_miss"
    MISSED = "missed"
    FAR_MISSED = "far_missed"
    BROKEN_AND_OPEN = "broken_and_open"
    UNDECIDED = "undecided"
    NOT_EXERCISED = "not_exercised"


RATING_OF: dict[Outcome, Rating | None] = {
    Outcome.MET: Rating.P,
    Outcome.NEAR_MISS: Rating.S,
    Outcome.MISSED: Rating.M,
    Outcome.FAR_MISSED: Rating.U,
    Outcome.BROKEN_AND_OPEN: Rating.U,
    Outcome.UNDECIDED: Rating.U,
    Outcome.NOT_EXERCISED: None,
}


def target_outcome(value: float, *, censored: bool, at_most: float | None, at_least: float | None) -> Outcome:
    """What a figure means for a target.  `censored` figures can only get worse."""
    miss = max(
        0.0 if at_most is None else _miss(value - at_most, at_most),
        0.0 if at_least is None else _miss(at_least - value, at_least),
    )
    if miss == 0:
        return Outcome.UNDECIDED if censored else Outcome.MET
    if censored:
        return Outcome.BROKEN_AND_OPEN
    if miss <= NEAR_MISS_RATIO:
        return Outcome.NEAR_MISS
    return Outcome.MISSED if miss <= MAJOR_MISS_RATIO else Outcome.FAR_MISSED


def _miss(distance: float, bound: float) -> float:
    if distance <= 0:
        return 0.0
    return distance / abs(bound) if bound else math.inf


def task_rating(*, completed: bool, delay_ms: int | None, planned_ms: int | None, failed_tries: int) -> Rating:
    """How a critical task went; `delay_ms` is None where no time was planned or no declaration started its clock."""
    if not completed:
        return Rating.U
    if delay_ms is not None and planned_ms is not None and delay_ms > planned_ms * NEAR_MISS_RATIO:
        return Rating.M
    return Rating.S if failed_tries or (delay_ms or 0) > 0 else Rating.P


def objective_rating(targets: Iterable[Rating | None], tasks: Iterable[Rating]) -> Rating | None:
    """The rating of an objective from those of its parts."""
    of_targets = [rating for rating in targets if rating is not None]
    of_tasks = list(tasks)
    parts = of_targets + of_tasks
    if not parts:
        return None
    if Rating.U in of_tasks or (of_targets and all(rating is Rating.U for rating in of_targets)):
        return Rating.U
    if all(rating is Rating.P for rating in parts):
        return Rating.P
    return Rating.S if all(rating.is_met for rating in parts) else Rating.M


def score_of(parts: Sequence[Rating]) -> float | None:
    """Blackstart's own score of an objective, out of 100."""
    return 100 * math.fsum(rating.points for rating in parts) / len(parts) if parts else None


def total_score(weighted: Iterable[tuple[float, float | None]]) -> float | None:
    """The mean of (weight, score) pairs, without those that have no score."""
    rated = [(weight, score) for weight, score in weighted if score is not None]
    weights = math.fsum(weight for weight, _ in rated)
    return math.fsum(weight * score for weight, score in rated) / weights if weights else None
