"""The store: whatever order and portions samples come in, it answers like series in memory."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.monitoring.promql import Labels, Matcher, MatchType, MemoryStorage, Series
from studies.backtest.store import Batch, Conflict, SampleWriter
from tests.studies.backtest.building import MINUTE, T0, samples, store_of

LABELS = [Labels({"__name__": name, "i": number}) for name in ("up", "x") for number in ("1", "2", "3")]
MATCHERS = [
    [],
    [Matcher("__name__", MatchType.EQUAL, "up")],
    [Matcher("__name__", MatchType.EQUAL, "up"), Matcher("i", MatchType.NOT_EQUAL, "2")],
    [Matcher("i", MatchType.REGEXP, "1|3")],
]

points = st.dictionaries(
    st.tuples(st.sampled_from(range(len(LABELS))), st.integers(0, 50)), st.floats(allow_nan=False), max_size=60
)


@settings(max_examples=60)
@given(points, st.randoms(use_true_random=False), st.integers(1, 400), st.integers(-5, 55), st.integers(0, 40))
def test_selects_as_memory_does(
    given_points: dict[tuple[int, int], float], shuffle, portion_bytes: int, start: int, width: int
) -> None:
    rows = [(series, at, value) for (series, at), value in given_points.items()]
    shuffle.shuffle(rows)
    writer, memory = SampleWriter(portion_bytes), MemoryStorage()
    for series, at, value in rows:
        writer.add(Batch(LABELS[series], np.array([at]), np.array([value])))
    for series in {series for series, _ in given_points}:
        found = sorted((at, value) for (of, at), value in given_points.items() if of == series)
        times, values = zip(*found, strict=True)
        memory.add(Series(LABELS[series], np.array(times), np.array(values)))
    store = writer.finish()
    for matchers in MATCHERS:
        got, wanted = (
            {
                one.labels: (one.times.tolist(), one.values.tolist())
                for one in found.select(matchers, start, start + width)
            }
            for found in (store, memory)
        )
        assert got == wanted


def test_series_scraped_together_share_their_times() -> None:
    store = store_of({'x{i="1"}': "1x20", 'x{i="2"}': "2x20", "y": "_ 1x9"})
    first, second, _ = store.select([], T0, T0 + 10 * MINUTE)
    assert first.times is second.times


def test_same_sample_twice_is_one() -> None:
    writer = SampleWriter()
    for value in (1.0, 1.0):
        writer.add(Batch(LABELS[0], np.array([5, 6]), np.array([value, float("nan")])))
    store = writer.finish()
    assert store.conflicts == ()
    assert store.samples == 2


def test_two_values_at_one_moment_are_a_conflict_and_the_first_is_kept() -> None:
    writer = SampleWriter()
    for value in (1.0, 2.0):
        writer.add(Batch(LABELS[0], np.array([5]), np.array([value])))
    store = writer.finish()
    assert store.conflicts == (Conflict(LABELS[0], 5, 1),)
    assert samples(store) == {str(LABELS[0]): [(5, 1.0)]}


def test_released_pages_come_back() -> None:
    store = store_of({"x": "0+1x5000"})
    before = samples(store)
    store.release()
    assert samples(store) == before


def test_gap_is_where_no_series_has_a_sample() -> None:
    store = store_of({"x": "1x9 _x29 1x10", "y": "1x9 _x29 1x10"})
    (gap,) = store.gaps()
    assert ((gap.from_ms - T0) // MINUTE, (gap.to_ms - T0) // MINUTE) == (10, 39)


def test_gap_of_one_series_is_none_of_the_recording() -> None:
    assert store_of({"x": "1x9 _x29 1x10", "y": "1x60"}).gaps() == []
