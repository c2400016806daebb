"""Times to acknowledge and to restore."""

from datetime import timedelta

import numpy as np
import pytest

from reports.history.spans import Target, spans_of
from tests.reports.history.building import START, history, incident

HOUR = 3600.0
LATER = START + timedelta(hours=1000)


def test_without_open_incidents_the_percentiles_are_those_of_the_sample() -> None:
    (spans,) = spans_of(history(*(incident(str(n), 0, n) for n in range(1, 102))), Target.RESTORE, LATER)
    assert (spans.median.value_s, spans.p90.value_s) == (51 * HOUR, 91 * HOUR)
    assert spans.median.low_s is not None
    assert spans.median.high_s is not None
    assert 35 * HOUR < spans.median.low_s < 51 * HOUR < spans.median.high_s < 67 * HOUR


def test_open_incidents_are_censored_as_kaplan_and_meier_say() -> None:
    """Four incidents, one censored between the second and the fourth: 3/4, 1/2, then nobody left but one: 0."""
    rows = [incident("a", 0, 1), incident("b", 0, 2), incident("c", 997), incident("d", 0, 4)]
    (spans,) = spans_of(history(*rows), Target.RESTORE, LATER)
    assert spans.censored == 1
    assert np.allclose(spans.reached_ratio[spans.times_s == 2 * HOUR], 0.5)
    assert np.allclose(spans.reached_ratio[-1], 1.0)
    assert spans.median.value_s == 2 * HOUR


def test_dropping_open_incidents_would_show_shorter_times() -> None:
    done = [incident(str(n), 0, n) for n in range(1, 11)]
    still_open = [incident(f"o{n}", 990) for n in range(10)]
    (with_open,) = spans_of(history(*done, *still_open), Target.RESTORE, LATER)
    (without,) = spans_of(history(*done), Target.RESTORE, LATER)
    assert (without.median.value_s, without.p90.value_s) == (5 * HOUR, 9 * HOUR)
    assert (with_open.median.value_s, with_open.p90.value_s) == (10 * HOUR, None)


def test_a_percentile_beyond_what_was_seen_is_unknown() -> None:
    rows = [incident("a", 0, 1), *(incident(str(n), 0) for n in range(9))]
    (spans,) = spans_of(history(*rows), Target.RESTORE, LATER)
    assert spans.median.value_s is None
    assert spans.p90.high_s is None


def test_the_restored_impact_counts_before_the_resolution() -> None:
    row = incident("a", 5, 10, impact_from=START, impact_to=START + timedelta(hours=2))
    (spans,) = spans_of(history(row), Target.RESTORE, LATER)
    assert spans.median.value_s == 2 * HOUR


def test_an_incident_closed_without_a_resolution_is_unknown_and_not_open() -> None:
    closed = incident("b", 0, closed_at=START + timedelta(hours=3))
    (spans,) = spans_of(history(incident("a", 0, 1), closed), Target.RESTORE, LATER)
    assert (spans.incidents, spans.censored, spans.unknown) == (2, 0, 1)


def test_an_incident_resolved_unacknowledged_is_censored_there() -> None:
    rows = [incident("a", 0, 9, acknowledged_at=START + timedelta(hours=1)), incident("b", 0, 2)]
    (spans,) = spans_of(history(*rows), Target.ACKNOWLEDGE, LATER)
    assert (spans.incidents, spans.censored) == (2, 1)
    assert spans.median.value_s == HOUR


def test_contradicting_times_are_unknown() -> None:
    (spans,) = spans_of(history(incident("a", 0, 1), incident("b", 5, -2)), Target.RESTORE, LATER)
    assert (spans.unknown, spans.median.value_s) == (1, HOUR)


def test_groups_are_priorities_the_most_urgent_first() -> None:
    rows = [
        incident("a", 0, 1, priority="low", priority_rank=4),
        incident("b", 0, 2, priority="high", priority_rank=2),
        incident("c", 0, 3),
    ]
    groups = spans_of(history(*rows), Target.RESTORE, LATER)
    assert [group.group for group in groups] == ["all", "high", "low", "not stated"]


def test_a_history_without_acknowledgements_has_no_times_to_it() -> None:
    assert spans_of(history(incident("a", 0, 1)), Target.ACKNOWLEDGE, LATER) == []


def test_intervals_of_the_median_cover_it_as_often_as_they_say() -> None:
    """200 samples of 60 exponential times: 95 % intervals cover the true median 179 to 198 times."""
    draw = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        rows = [incident(str(n), 0, hours) for n, hours in enumerate(draw.exponential(10, 60))]
        (spans,) = spans_of(history(*rows), Target.RESTORE, LATER)
        assert spans.median.low_s is not None
        assert spans.median.high_s is not None
        assert spans.median.high_s < 4 * spans.median.low_s
        covered += spans.median.low_s <= 10 * np.log(2) * HOUR <= spans.median.high_s
    assert 179 <= covered <= 198


@pytest.mark.parametrize("target", list(Target))
def test_no_times_for_no_moments(target: Target) -> None:
    assert spans_of(history(incident("a", 0)), target, LATER) == []
