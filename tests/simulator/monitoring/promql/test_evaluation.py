"""PromQL, case by case; the larger part is held by the conformance tests."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from simulator.monitoring.promql import (
    STALE,
    EvaluationError,
    Expression,
    Labels,
    MemoryStorage,
    Options,
    QueryError,
    Scalar,
    Semantics,
    Series,
    evaluate,
    evaluate_instants,
    parse,
)
from simulator.monitoring.promql.expressions import ValueType
from tests.conformance.expressions import SERIES, Expressions
from tests.simulator.monitoring.promql.grammar import QUERIES
from tests.simulator.monitoring.rules.builders import MINUTE, series, storage

V2, V3, LATE = Semantics.PROMETHEUS_2, Semantics.PROMETHEUS_3, Semantics.PROMETHEUS_3_LATE_NAMES


def at(text: str, store: MemoryStorage, minute: float, semantics: Semantics = V3, **options: int) -> dict[str, float]:
    """An instant query as {labels: value}; a scalar has the labels `scalar`."""
    times = np.array([round(minute * MINUTE)])
    result = evaluate(parse(text), store, times, options=Options(semantics, **options))
    if isinstance(result, Scalar):
        return {"scalar": float(result.values[0])}
    return {str(labels): float(result.values[row, 0]) for row, labels in enumerate(result.labels)}


@pytest.mark.parametrize(
    ("query", "semantics", "expected"),
    [
        # A sample exactly at the left edge belongs to the range in 2, not in 3.
        ("count_over_time(x[1m])", V2, 2.0),
        ("count_over_time(x[1m])", V3, 1.0),
        ("increase(x[1m])", V2, 1.0),
        ("increase(x[1m])", V3, None),
        ("increase(x[2m])", V3, 2.0),
    ],
)
def test_ranges_are_closed_on_the_left_in_2_and_open_in_3(query, semantics, expected):
    assert list(at(query, storage("x 0+1x10"), 5, semantics).values()) == ([] if expected is None else [expected])


@pytest.mark.parametrize(("semantics", "found"), [(V2, True), (V3, False)])
def test_the_lookback_too(semantics, found):
    assert bool(at("x", storage("x 1"), 5, semantics)) is found


@pytest.mark.parametrize(("semantics", "found"), [(V2, False), (V3, True)])
def test_a_dot_matches_a_newline_in_3_only(semantics, found):
    store = MemoryStorage([series('x{a="1\\n2"} 1x5')])
    assert bool(at('x{a=~"1.2"}', store, 1, semantics)) is found


def test_names_may_be_dropped_late():
    store = storage('x{a="1"} 1x5', 'y{a="1"} 2x5')
    query = 'label_replace(-{__name__=~"x|y"}, "__name__", "neg_$1", "__name__", "(.*)")'
    assert at(query, store, 1, LATE) == {'neg_x{a="1"}': -1, 'neg_y{a="1"}': -2}
    with pytest.raises(EvaluationError, match="same labelset"):
        at(query, store, 1, V3)


def test_holt_winters_is_known_in_2_only():
    assert at("holt_winters(x[5m], 0.5, 0.5)", storage("x 0+1x10"), 5, V2) == {"{}": 5}
    with pytest.raises(EvaluationError, match="unknown function holt_winters"):
        at("holt_winters(x[5m], 0.5, 0.5)", storage("x 0+1x10"), 5, V3)


@pytest.mark.parametrize(
    ("query", "feature"),
    [
        ("mad_over_time(x[5m])", "mad_over_time"),
        ("limitk(2, x)", "limitk"),
        ("info(x)", "info"),
        ("x + fill(0) y", "fill"),
        ("x smoothed", "smoothed"),
        ("x[step() * 2]", "duration expressions"),
        ("histogram_count(x)", "native histograms"),
        ('x{a="1" or b="2"}', "or"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(query, feature):
    with pytest.raises(QueryError, match=feature):
        parse(query)


@pytest.mark.parametrize(
    "query", ["", "sum(", "rate(x)", "x[5m", "nothing_known(x)", "1 == 2", '{a=~".*"}', "x{a=~'['}"]
)
def test_what_is_no_query_is_refused(query):
    with pytest.raises(QueryError):
        parse(query)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("x * on(a) y", "many-to-many matching not allowed"),
        ("y * on(a) x", "many-to-one matching must be explicit"),
        ('-{__name__=~"x|z"}', "same labelset"),
        ('label_replace(y, "b", "", "", "")', "same labelset"),
        ("topk(NaN, x)", "Parameter value is NaN"),
    ],
)
def test_an_ambiguous_result_is_an_error(query, reason):
    store = storage('x{a="1"} 1x5', 'z{a="1"} 1x5', 'y{a="1",b="1"} 1x5', 'y{a="1",b="2"} 1x5')
    with pytest.raises(EvaluationError, match=reason):
        at(query, store, 1)


def test_instant_queries_fail_one_by_one():
    store = storage('x{a="1"} 1x9', 'y{b="1"} 1x9', 'y{b="2"} _x3 1x2 stale')
    times = np.arange(10) * MINUTE
    result = evaluate_instants(parse("x * on() group_left y"), store, times)
    assert sorted(result.errors) == [3, 4, 5]
    assert result.vector.present.sum() == 7


def test_wall_clock_time_is_exercise_time_and_epoch():
    store = storage("x 1x9")
    assert at("time()", store, 5, epoch_ms=3_600_000) == {"scalar": 3900}
    assert at("hour()", store, 5, epoch_ms=3_600_000) == {"{}": 1}
    assert at("timestamp(x)", store, 5.5, epoch_ms=3_600_000) == {"{}": 3900}
    assert at("x @ 3660", storage("x 0+1x9"), 5, epoch_ms=3_600_000) == {"x": 1}


def test_negative_times_are_before_the_start():
    store = MemoryStorage([series("x 0+1x20", start_ms=-10 * MINUTE)])
    assert at("x", store, -3) == {"x": 7}
    assert at("x @ -300", store, 5) == {"x": 5}


def test_a_staleness_marker_ends_a_series_and_a_nan_does_not():
    store = storage("x 1 NaN stale _ 4")
    assert math.isnan(at("x", store, 1)["x"])
    assert at("x", store, 2) == {}
    assert at("x", store, 4) == {"x": 4}
    assert at("count_over_time(x[5m])", store, 4) == {"{}": 3}


def test_sums_do_not_lose_small_terms():
    store = storage('x{i="1"} 1e100x2', 'x{i="2"} 1x2', 'x{i="3"} -1e100x2')
    assert at("sum(x)", store, 1, V3) == {"{}": 1}
    assert at("sum(x)", store, 1, V2) == {"{}": 0}


def test_sorted_and_ranked_results_are_in_order():
    store = storage('x{i="1"} 3x2', 'x{i="2"} 1x2', 'x{i="3"} 2x2')
    assert list(at("sort(x)", store, 1).values()) == [1, 2, 3]
    assert list(at("topk(2, x)", store, 1).values()) == [3, 2]


def parsed(text: str) -> Expression:
    """The query; generated texts that are none are left out."""
    try:
        return parse(text)
    except QueryError:
        assume(False)
        raise


def everything() -> MemoryStorage:
    return MemoryStorage(series(f"{name} {items}", 30_000) for name, items in SERIES.items())


@settings(max_examples=150)
@given(st.integers(0, 10**9), st.sampled_from([V2, V3, LATE]))
def test_a_window_of_steps_gives_what_each_step_gives(seed, semantics):
    query = parsed(next(Expressions(seed)))
    store, options = everything(), Options(semantics)
    times = np.arange(0, 15 * MINUTE, 40_000)
    whole = evaluate_instants(query, store, times, options=options)
    for step, time in enumerate(times):
        alone = evaluate_instants(query, store, np.array([time]), options=options)
        assert bool(alone.errors) == (step in whole.errors)
        found = {
            labels: whole.vector.values[row, step]
            for row, labels in enumerate(whole.vector.labels)
            if whole.vector.present[row, step] and not alone.errors
        }
        expected = {labels: alone.vector.values[row, 0] for row, labels in enumerate(alone.vector.labels)}
        assert found.keys() == expected.keys()
        np.testing.assert_allclose(
            [found[labels] for labels in expected], list(expected.values()), rtol=1e-12, atol=1e-12
        )


def give_a_result_or_a_reason(text: str, semantics: Semantics, *, empty: bool) -> None:
    store = storage() if empty else storage(
        'x{job="a",le="1"} 0+1x9 stale', 'x{job="b",le="+Inf"} NaN 1 Inf _ 2x9', 'y{job="a"} -1x9', 'x{le="odd"} 1',
        'h_bucket{job="a",le="0.1"} 0+1x20', 'h_bucket{job="a",le="1"} 0+3x20', 'h_bucket{job="a",le="+Inf"} 0+4x20',
        'h_bucket{job="b",le="1"} 5 4 Inf', 'h_bucket{job="b",le="+Inf"} 5 NaN 3',
    )  # fmt: skip
    query = parsed(text)
    if query.value_type in (ValueType.MATRIX, ValueType.STRING):
        return
    result = evaluate_instants(query, store, np.arange(4) * 3 * MINUTE, options=Options(semantics))
    assert result.vector.values.shape == (len(result.vector.labels), 4)
    assert all(result.errors.values())
    assert len(set(result.vector.labels)) == len(result.vector.labels)


@settings(max_examples=300, suppress_health_check=[HealthCheck.filter_too_much])
@given(QUERIES, st.sampled_from([V2, V3, LATE]), st.booleans())
def test_whatever_parses_gives_a_result_or_a_reason(text, semantics, empty):
    give_a_result_or_a_reason(text, semantics, empty=empty)


@pytest.mark.prove
@settings(max_examples=15_000, suppress_health_check=[HealthCheck.filter_too_much])
@given(QUERIES, st.sampled_from([V2, V3, LATE]), st.booleans())
def test_whatever_parses_gives_a_result_or_a_reason_very_often(text, semantics, empty):
    give_a_result_or_a_reason(text, semantics, empty=empty)


def test_labels_are_sets_in_which_empty_is_missing():
    assert Labels(b="2", a="1") == Labels({"a": "1", "b": "2", "c": ""})
    assert str(Labels(__name__="up", job='a"b')) == 'up{job="a\\"b"}'
    assert hash(Labels(a="1")) == hash(Labels(a="1", b=""))


RAGGED = [
    "x", "rate(x[2m])", "increase(x[50s])", "delta(x[2m])", "irate(x[2m])", "resets(x[5m])", "changes(x[5m])",
    "deriv(x[3m])", "predict_linear(x[3m], 60)", "sum_over_time(x[3m])", "avg_over_time(x[3m])", "x offset 1m",
    "max_over_time(x[3m])", "min_over_time(x[40s])", "count_over_time(x[3m])", "last_over_time(x[2m])",
    "stddev_over_time(x[3m])", "quantile_over_time(0.3, x[3m])", "timestamp(x)", "x @ 300", "absent_over_time(x[20s])",
]  # fmt: skip


@given(
    st.lists(
        st.tuples(st.integers(0, 29_999), st.integers(1, 25), st.integers(0, 2**31)),
        min_size=2,
        max_size=5,
        unique=True,
    ),
    st.sampled_from(RAGGED),
    st.sampled_from([V2, V3]),
)
def test_series_scraped_at_different_moments_are_evaluated_as_if_alone(targets, query, semantics):
    alone = []
    for number, (offset_ms, samples, seed) in enumerate(targets):
        random = np.random.default_rng(seed)
        values = np.where(random.random(samples) < 0.15, STALE, np.cumsum(random.random(samples) - 0.2))
        times = np.arange(samples, dtype=np.int64) * 30_000 + offset_ms
        alone.append(Series(Labels(__name__="x", i=str(number)), times, values))
    times, expression = np.arange(0, 15 * MINUTE, 10_000), parse(query)
    whole = evaluate(expression, MemoryStorage(alone), times, semantics)
    parts = [evaluate(expression, MemoryStorage([one]), times, semantics) for one in alone]
    expected = {labels: (part, row) for part in parts for row, labels in enumerate(part.labels)}
    if "absent" in query:
        assert (whole.present.any(axis=0) == np.logical_and.reduce([p.present.any(axis=0) for p in parts])).all()
        return
    assert set(whole.labels) == set(expected)
    for row, labels in enumerate(whole.labels):
        part, own = expected[labels]
        here = whole.present[row]
        assert (here == part.present[own]).all()
        assert whole.values[row, here].tobytes() == part.values[own, here].tobytes(), "equal to the bit"
