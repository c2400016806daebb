"""What rules wrote is let go once it is too old, however it was put together."""

from __future__ import annotations

import numpy as np

from simulator.monitoring.promql import Labels
from simulator.monitoring.rules.courses import Chunk
from simulator.monitoring.rules.recorded import Recorded

SERIES = Labels({"__name__": "r"})


def chunk(first: int, count: int) -> Chunk:
    times = np.arange(first, first + count, dtype=np.int64)
    return Chunk(SERIES, times, times.astype(np.float64))


def test_old_samples_are_let_go_also_within_chunks_that_were_joined() -> None:
    recorded = Recorded()
    for number in range(200):
        recorded.add([chunk(number * 10, 10)])
        recorded.forget_before(number * 10 - 50)
    kept = [at for one in recorded.chunks() for at in one.times.tolist()]
    assert kept[-1] == 1999
    assert len(kept) < 400


def test_samples_that_may_still_be_seen_are_kept() -> None:
    recorded = Recorded()
    for number in range(200):
        recorded.add([chunk(number * 10, 10)])
        recorded.forget_before(number * 10 - 50)
    times = [at for one in recorded.chunks() for at in one.times.tolist()]
    assert set(range(1940, 2000)) <= set(times)
    assert times == sorted(times)
    assert recorded.last(SERIES, 1900, 1990) == (1990, 1990.0)
