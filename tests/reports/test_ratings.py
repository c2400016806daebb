"""The rules of rating, as `reports.scoring.ratings` states them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.scoring.ratings import (
    RATING_OF,
    Outcome,
    Rating,
    objective_rating,
    score_of,
    target_outcome,
    task_rating,
    total_score,
)
from timeline.instants import MINUTE

P, S, M, U = Rating.P, Rating.S, Rating.M, Rating.U


@pytest.mark.parametrize(
    ("value", "censored", "at_most", "at_least", "outcome"),
    [
        (100, False, 100, None, Outcome.MET),
        (101, False, 100, None, Outcome.NEAR_MISS),
        (110, False, 100, None, Outcome.NEAR_MISS),
        (111, False, 100, None, Outcome.MISSED),
        (150, False, 100, None, Outcome.MISSED),
        (151, False, 100, None, Outcome.FAR_MISSED),
        (99, True, 100, None, Outcome.UNDECIDED),
        (101, True, 100, None, Outcome.BROKEN_AND_OPEN),
        (1.0, False, None, 1.0, Outcome.MET),
        (0.95, False, None, 1.0, Outcome.NEAR_MISS),
        (0.75, False, None, 1.0, Outcome.MISSED),
        (0.0, False, None, 1.0, Outcome.FAR_MISSED),
        (1.0, True, None, 1.0, Outcome.UNDECIDED),
        (0, False, 0, None, Outcome.MET),
        (1, False, 0, None, Outcome.FAR_MISSED),
        (5, False, 10, 4, Outcome.MET),
        (3.9, False, 10, 4, Outcome.NEAR_MISS),
    ],
)
def test_outcome_of_a_target(
    value: float, censored: bool, at_most: float | None, at_least: float | None, outcome: Outcome
) -> None:
    assert target_outcome(value, censored=censored, at_most=at_most, at_least=at_least) is outcome


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.floats(0.001, 1e6))
def test_a_longer_time_is_never_rated_better(one: float, other: float, at_most: float) -> None:
    ratings = [
        RATING_OF[target_outcome(value, censored=False, at_most=at_most, at_least=None)]
        for value in sorted((one, other))
    ]
    assert ratings[0] is not None
    assert ratings[1] is not None
    assert ratings[0].points >= ratings[1].points


@given(st.floats(0, 1e9), st.floats(0, 1e6))
def test_what_is_still_open_is_never_met(value: float, at_most: float) -> None:
    assert RATING_OF[target_outcome(value, censored=True, at_most=at_most, at_least=None)] is U


@pytest.mark.parametrize(
    ("completed", "delay_min", "planned_min", "failed_tries", "rating"),
    [
        (True, None, None, 0, P),
        (True, -5, 20, 0, P),
        (True, 0, 20, 0, P),
        (True, 2, 20, 0, S),
        (True, 3, 20, 0, M),
        (True, -5, 20, 1, S),
        (True, None, 20, 0, P),
        (False, None, 20, 0, U),
        (False, None, None, 3, U),
    ],
)
def test_rating_of_a_critical_task(
    completed: bool, delay_min: int | None, planned_min: int | None, failed_tries: int, rating: Rating
) -> None:
    delay_ms = None if delay_min is None else delay_min * MINUTE
    planned_ms = None if planned_min is None else planned_min * MINUTE
    found = task_rating(completed=completed, delay_ms=delay_ms, planned_ms=planned_ms, failed_tries=failed_tries)
    assert found is rating


@pytest.mark.parametrize(
    ("targets", "tasks", "rating"),
    [
        ([P, P], [P], P),
        ([P, S], [P], S),
        ([P], [S], S),
        ([P, M], [P], M),
        ([P, U], [P], M),
        ([P, P], [M], M),
        ([P, P], [U], U),
        ([U, U], [P], U),
        ([U], [], U),
        ([M], [], M),
        ([None, P], [], P),
        ([None], [], None),
        ([], [], None),
        ([], [P], P),
    ],
)
def test_rating_of_an_objective(targets: list[Rating | None], tasks: list[Rating], rating: Rating | None) -> None:
    assert objective_rating(targets, tasks) is rating


@given(st.lists(st.sampled_from(Rating)), st.lists(st.sampled_from(Rating)), st.data())
def test_a_worse_part_never_gives_a_better_objective(
    targets: list[Rating], tasks: list[Rating], data: st.DataObject
) -> None:
    parts = data.draw(st.sampled_from([t for t in (targets, tasks) if t] or [[P]]))
    position = data.draw(st.integers(0, len(parts) - 1))
    before = objective_rating(targets, tasks)
    parts[position] = data.draw(st.sampled_from([r for r in Rating if r.points <= parts[position].points]))
    after = objective_rating(targets, tasks)
    if before is not None and after is not None:
        assert after.points <= before.points


def test_the_score_is_the_mean_of_parts_and_then_of_objectives_by_weight() -> None:
    assert score_of([P, S, M, U]) == pytest.approx(100 * (1 + 0.8 + 0.4 + 0) / 4)
    assert total_score([(1, 100.0), (3, 40.0)]) == pytest.approx(55.0)


def test_what_was_not_exercised_has_no_weight() -> None:
    assert score_of([]) is None
    assert total_score([(1, 100.0), (9, None)]) == 100.0
    assert total_score([(9, None)]) is None
