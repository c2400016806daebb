"""Rare garbage collection is sound because the engine makes no cycles."""

import gc

from simulator.collection import rarely_collecting
from tests.simulator.monitoring.alertmanager.configs import firing, resolved, running

MINUTE_MS = 60_000


def test_groups_that_come_and_go_leave_no_cycles_behind() -> None:
    alertmanager = running()
    gc.collect()
    gc.disable()
    try:
        for number in range(200):
            at_ms = number * 10 * MINUTE_MS
            alertmanager.receive(at_ms, [firing(f"A{number}")])
            alertmanager.advance(at_ms + MINUTE_MS)
            alertmanager.receive(at_ms + 2 * MINUTE_MS, [resolved(at_ms + 2 * MINUTE_MS, f"A{number}")])
            alertmanager.advance(at_ms + 9 * MINUTE_MS)
        assert gc.collect() < 20
    finally:
        gc.enable()


def test_afterwards_the_collector_looks_as_often_as_before() -> None:
    before = gc.get_threshold()
    with rarely_collecting():
        assert gc.get_threshold() > before
    assert gc.get_threshold() == before
