"""When incidents come, and where the rate changed."""

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.history.arrivals import arrivals_of
from reports.history.change_points import _LEAST_SEGMENT, _cost, change_points, dispersion
from reports.history.concentration import pareto, reassignments_of, recurrences_of
from tests.reports.history.building import START, history, incident

UTC = ZoneInfo("UTC")


def counts(*rates: tuple[int, float], seed: int = 1) -> npt.NDArray[np.int64]:
    draw = np.random.default_rng(seed)
    return np.concatenate([draw.poisson(rate, days) for days, rate in rates])


def test_hours_of_the_week_are_those_of_the_zone() -> None:
    found = arrivals_of(history(incident("a", 23.5), incident("b", 24)), ZoneInfo("Europe/Rome"), relative=False)
    assert found.hour_of_week is not None
    assert found.hour_of_week.sum() == 2
    assert (found.hour_of_week[1, 0], found.hour_of_week[1, 1]) == (1, 1)


def test_incidents_come_when_their_impact_begins() -> None:
    row = incident("a", 30, impact_from=START + timedelta(hours=2))
    found = arrivals_of(history(row), UTC, relative=False)
    assert found.hour_of_week is not None
    assert found.hour_of_week[0, 2] == 1


def test_a_relative_trace_has_no_hours_and_no_seasons() -> None:
    found = arrivals_of(history(incident("a", 0), incident("b", 50)), UTC, relative=True)
    assert (found.hour_of_week, found.weekdays, found.months) == (None, (), ())
    assert list(found.daily) == [1, 0, 1]


def test_days_without_incidents_count_for_the_rate() -> None:
    found = arrivals_of(history(incident("a", 0), incident("b", 24 * 7)), UTC, relative=False)
    monday, tuesday = found.weekdays[:2]
    assert (monday.incidents, monday.days, monday.per_day) == (2, 2, 1.0)
    assert (tuesday.incidents, tuesday.days, tuesday.per_day, tuesday.low) == (0, 1, 0.0, 0.0)
    # Exact interval of a count of two: 0.2422 to 7.2247 (Garwood 1936).
    assert (monday.low, monday.high) == (pytest.approx(0.2422 / 2, abs=1e-4), pytest.approx(7.2247 / 2, abs=1e-4))


def test_one_rate_has_no_change() -> None:
    assert sum(bool(change_points(counts((400, 0.6), seed=seed))) for seed in range(20)) <= 1


@pytest.mark.parametrize("seed", range(3))
def test_a_change_is_found_where_it_is(seed: int) -> None:
    found = change_points(counts((300, 0.3), (300, 1.2), seed=seed))
    assert len(found) == 1
    assert abs(found[0] - 300) <= 15


def test_two_changes_are_two() -> None:
    found = change_points(counts((200, 0.5), (60, 3.0), (200, 0.5)))
    assert [round(at / 20) for at in found] == [10, 13]


def test_clusters_are_no_changes() -> None:
    """Incidents in threes scatter three times as much; with plain Poisson they would look like changes of rate."""
    clustered = 3 * counts((500, 0.3), seed=4)
    assert dispersion(clustered) > 2
    assert change_points(clustered) == []


@settings(max_examples=25)
@given(st.lists(st.integers(0, 6), min_size=14, max_size=26))
def test_no_other_segments_explain_counts_better(values: list[int]) -> None:
    given_counts = np.array(values)
    n, scatter = len(values), dispersion(given_counts)
    sums = np.concatenate(([0], np.cumsum(given_counts)))

    def explained(bounds: list[int]) -> float:
        parts = list(pairwise(bounds))
        costs = sum(float(_cost(sums, np.array([a]), b)[0]) for a, b in parts)
        return costs / scatter + 2 * np.log(n) * (len(parts) - 1)

    def others(start: int) -> list[list[int]]:
        ends = range(start + _LEAST_SEGMENT, n - _LEAST_SEGMENT + 1)
        return [[n], *([end, *rest] for end in ends for rest in others(end))]

    best = min(explained([0, *bounds]) for bounds in others(0))
    assert explained([0, *change_points(given_counts), n]) == pytest.approx(best)


def test_a_pareto_adds_up_and_counts_what_is_not_stated() -> None:
    rows = [incident("a", 0, 1, service="x"), incident("b", 0, 2, service="x"), incident("c", 0, -5), incident("d")]
    bars = pareto(history(*rows), "service")
    assert [(bar.name, bar.incidents, bar.together_ratio, bar.restore_hours) for bar in bars] == [
        ("not stated", 2, 0.5, 0.0),
        ("x", 2, 1.0, pytest.approx(3.0)),
    ]
    assert pareto(history(*rows), "failure_mode") == ()


def test_recurrences_are_of_the_same_service_and_mode_within_the_window() -> None:
    rows = [
        incident("a", 0, service="x", failure_mode="load"),
        incident("b", 24 * 10, service="x", failure_mode="load"),
        incident("c", 24 * 41, service="x", failure_mode="load"),
        incident("d", 24, service="x", failure_mode="bug"),
        incident("e", 24, service="y", failure_mode="load"),
        incident("f", 24, service="x"),
        incident("g", 24, failure_mode="load"),
    ]
    found = recurrences_of(history(*rows))
    assert (found.considered, found.recurrences) == (5, 1)
    (most,) = found.most
    assert (most.service, most.mode, most.incidents, most.recurrences) == ("x", "load", 3, 1)


def test_without_modes_the_component_tells() -> None:
    rows = [incident("a", 0, service="x", component="p"), incident("b", 1, service="x", component="p")]
    found = recurrences_of(history(*rows, incident("c", 2, service="x", component="q")))
    assert (found.considered, found.recurrences) == (3, 1)


def test_reassignments_are_counted_where_they_are_known() -> None:
    rows = [incident(str(n), 0, reassignments=number) for n, number in enumerate((0, 0, 1, 25, None))]
    found = reassignments_of(history(*rows))
    assert found is not None
    assert (found.incidents, found.some, found.total, found.most) == (4, 2, 26, 25)
    assert found.counts == (2, 1, *[0] * 8, 1)
    assert reassignments_of(history(incident("a", 0))) is None
