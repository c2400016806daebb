"""The notification log forgets exactly what a maintenance run that looks at every entry would forget."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.monitoring.alertmanager.nflog import MAINTENANCE_INTERVAL_MS, RETENTION_MS, LogKey, NotificationLog

STEPS = st.lists(
    st.tuples(
        st.integers(0, 3 * MAINTENANCE_INTERVAL_MS),  # time that passes
        st.sampled_from("abc"),
        st.one_of(st.none(), st.integers(1, 2 * MAINTENANCE_INTERVAL_MS), st.just(RETENTION_MS)),  # repeat interval
    ),
    max_size=40,
)


@given(STEPS, st.integers(0, MAINTENANCE_INTERVAL_MS))
def test_entries_are_there_until_the_first_run_after_they_expire(
    steps: list[tuple[int, str, int | None]], start_ms: int
) -> None:
    log = NotificationLog(start_ms)
    expected: dict[LogKey, tuple[int, int]] = {}
    now_ms = start_ms
    for passed_ms, name, repeat_interval_ms in steps:
        now_ms += passed_ms
        key = (name, "receiver", "webhook[0]")
        last_run_ms = now_ms - (now_ms - start_ms) % MAINTENANCE_INTERVAL_MS
        ran = last_run_ms > start_ms
        expected = {k: e for k, e in expected.items() if not (ran and e[1] <= last_run_ms and e[0] < last_run_ms)}
        if repeat_interval_ms is not None:
            entry = log.log(key, now_ms, frozenset(), frozenset(), repeat_interval_ms)
            expected[key] = now_ms, entry.expires_at_ms
        found = log.query(key, now_ms)
        assert (found and (found.at_ms, found.expires_at_ms)) == expected.get(key)
        assert len(log) == len(expected)
