"""From signals to series: what the modelled exporters show, and when they show nothing."""

from typing import Any

import numpy as np
import pytest

from simulator.monitoring.promql.labels import METRIC_NAME
from simulator.monitoring.promql.matchers import Matcher, MatchType
from simulator.monitoring.promql.series import Series, is_stale
from simulator.monitoring.telemetry import SignalStorage
from simulator.signals import SegmentLog
from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service

MINUTE = 60_000
IN_PROCESS = ["http-server", "node", "queue", "blackbox", "power"]
"""One profile of each way to be exposed, beside everything that a web server has."""


def scraped(**fault: Any) -> SignalStorage:
    """A web server at 100 requests a second with every profile, hit by a fault from minute 10 to 20."""
    rig = Rig(
        hours=1,
        components={
            "web": service(
                latency_ms=100,
                capacity_rps=400,
                telemetry=IN_PROCESS,
                labels={"team": "shop"},
                replicas={"count": 2, "needed": 1},
            )
        },
        functions={
            "f": {
                "title": "f",
                "supported_by": {"web": hard()},
                "demand": {"entry": "web", "peak_rps": 100, "by_hour": FLAT_DAY},
            }
        },
    )
    if fault:
        rig.play(f={"target": "web", "at": "10m", "duration": "10m", **fault})
    return SignalStorage(rig.estate.model, rig.board, rig.kernel.streams.key)


def select(storage: SignalStorage, name: str, start_min: float, end_min: float, **labels: str) -> list[Series]:
    matchers = [Matcher(METRIC_NAME, MatchType.EQUAL, name)]
    matchers += [Matcher(label, MatchType.EQUAL, value) for label, value in labels.items()]
    return list(storage.select(matchers, int(start_min * MINUTE), int(end_min * MINUTE)))


def one(storage: SignalStorage, name: str, start_min: float, end_min: float, **labels: str) -> Series:
    (series,) = select(storage, name, start_min, end_min, **labels)
    return series


def per_second(series: Series) -> float:
    return float((series.values[-1] - series.values[0]) / (series.times[-1] - series.times[0]) * 1000)


def test_scrapes_are_an_interval_apart_at_an_offset_of_the_targets_own() -> None:
    storage = scraped()
    first, second = (s.times for s in select(storage, "up", 0, 5))
    assert set(np.diff(first)) == set(np.diff(second)) == {15_000}
    assert first[0] != second[0]


def test_labels_say_whose_series_it_is() -> None:
    labels = one(scraped(), "node_load1", 0, 1, instance="web-1").labels
    assert dict(labels) == {
        "__name__": "node_load1",
        "job": "web",
        "instance": "web-1",
        "component": "web",
        "team": "shop",
    }


def test_request_counters_grow_at_the_rate_of_demand() -> None:
    ok = one(scraped(), "http_requests_total", 0, 10, code="200", instance="web-0")
    assert per_second(ok) == pytest.approx(50, rel=0.02)


@pytest.mark.parametrize(
    "name", ["http_requests_total", "http_request_duration_seconds_bucket", "node_cpu_seconds_total"]
)
def test_counters_never_fall_while_the_process_lives(name: str) -> None:
    storage = scraped(fault="bad-deploy", parameters={"error_ratio": 0.5, "latency_factor": 9})
    for series in select(storage, name, -60, 60):
        assert np.all(np.diff(series.values) >= 0), series.labels


def test_counters_begin_again_after_a_crash() -> None:
    ok = one(scraped(fault="crash"), "http_requests_total", 0, 30, code="200", instance="web-0")
    alive = ~is_stale(ok.values)
    before, after = ok.values[alive & (ok.times < 10 * MINUTE)], ok.values[alive & (ok.times > 20 * MINUTE)]
    assert after[0] < 50 * 15 * 2 < before[-1]


def test_errors_show_in_the_counter_of_failed_requests() -> None:
    storage = scraped(fault="bad-deploy", parameters={"error_ratio": 0.2})
    failed = one(storage, "http_requests_total", 11, 19, code="500", instance="web-0")
    assert per_second(failed) == pytest.approx(10, rel=0.03)


def test_buckets_follow_the_latency() -> None:
    """A median of 100 ms: half of the requests are at most that long."""
    storage = scraped()
    within = per_second(one(storage, "http_request_duration_seconds_bucket", 0, 30, le="0.1", instance="web-0"))
    total = per_second(one(storage, "http_request_duration_seconds_count", 0, 30, instance="web-0"))
    assert within / total == pytest.approx(0.5, abs=0.02)


def test_a_dead_target_has_up_zero_and_its_series_end_with_one_staleness_marker() -> None:
    storage = scraped(fault="crash")
    up = one(storage, "up", 0, 30, instance="web-0")
    dead = (up.times >= 10 * MINUTE) & (up.times < 20 * MINUTE)
    assert set(up.values[dead]) == {0.0}
    assert set(up.values[~dead]) == {1.0}
    files = one(storage, "process_open_fds", 5, 15, instance="web-0")
    assert is_stale(files.values).sum() == 1
    assert is_stale(files.values)[-1]
    assert files.times[-1] == up.times[dead][0]


def test_an_exporter_beside_a_dead_process_goes_on() -> None:
    load = one(scraped(fault="crash"), "node_load1", 0, 30, instance="web-0")
    assert len(load.values) == 120
    assert not is_stale(load.values).any()


def test_a_probe_goes_on_while_its_target_is_dead() -> None:
    probe = one(scraped(fault="crash"), "probe_success", 0, 30, instance="web-0")
    assert set(probe.values[(probe.times > 10 * MINUTE) & (probe.times < 20 * MINUTE)]) == {0.0}
    assert len(probe.values) == 120


def test_the_same_scrape_reads_the_same_in_any_window() -> None:
    storage = scraped(fault="slow", parameters={"latency_factor": 3})
    whole = one(storage, "node_load1", 0, 30, instance="web-0")
    part = one(storage, "node_load1", 10, 12, instance="web-0")
    inside = np.isin(whole.times, part.times)
    assert whole.values[inside].tolist() == part.values.tolist()


def test_nothing_is_scraped_while_prometheus_is_down() -> None:
    storage = scraped()
    storage.stop(10 * MINUTE)
    storage.resume(20 * MINUTE)
    up = one(storage, "up", 0, 30, instance="web-0")
    assert not np.any((up.times >= 10 * MINUTE) & (up.times < 20 * MINUTE))
    assert len(up.times) == 80


def test_the_integral_of_a_signal_is_its_area() -> None:
    log = SegmentLog(0, 2.0, 0.0, None)
    log.append(10_000, 2.0, 1.0, None)
    log.append(20_000, 0.0, 0.0, None)
    times = np.asarray([0, 5_000, 10_000, 20_000, 60_000], dtype=np.int64)
    assert log.integral(times).tolist() == [0.0, 10.0, 20.0, 90.0, 90.0]


def test_a_storage_over_another_board_reads_what_has_not_changed_from_its_source() -> None:
    rigs = []
    for _ in range(2):
        parts = {name: service(latency_ms=100, telemetry=["blackbox"]) for name in ("left", "right")}
        rigs.append(Rig(hours=1, components=parts))
    quiet, faulty = rigs
    faulty.play(f={"fault": "hang", "target": "left", "at": "10m"})
    quiet.play()
    source = SignalStorage(quiet.estate.model, quiet.board, quiet.kernel.streams.key)
    changed = faulty.board.components_unlike(quiet.board)
    assert changed == {"left"}
    over, anew = (
        source.over(faulty.board, changed),
        SignalStorage(faulty.estate.model, faulty.board, faulty.kernel.streams.key),
    )
    for storage in (over, anew):
        assert one(storage, "probe_success", 0, 60, component="left").values.sum() < 60
    for name in ("probe_success", "probe_duration_seconds"):
        both = zip(select(over, name, 0, 60), select(anew, name, 0, 60), strict=True)
        assert all(a.labels == b.labels and a.values.tobytes() == b.values.tobytes() for a, b in both)
    unlike = {labels.metric_name for labels in over.unlike_source(10 * MINUTE, 60 * MINUTE)}
    assert "probe_success" in unlike
    assert "probe_ssl_earliest_cert_expiry" not in unlike
    assert not over.unlike_source(0, 9 * MINUTE)


def a_cache_pair(**fault: Any) -> SignalStorage:
    """A cache with its standby, each with exporters under a job of their own; hit from minute 10 on."""
    rig = Rig(
        hours=1,
        components={
            "first": service(kind="cache", telemetry=["redis", "node"]),
            "second": service(kind="cache", telemetry=["redis", "node"]),
        },
        standby_pairs={
            "cache": {
                "title": "cache",
                "primary": "first",
                "standby": "second",
                "fail_over": {"mode": "automatic", "detection": "1m", "takes": "1m"},
                "replication": {"type": "asynchronous", "lag": "1s"},
            }
        },
        monitoring={"jobs": {"node": "node-exporter", "redis": "redis"}},
    )
    rig.play(f={"at": "10m", **fault})
    return SignalStorage(rig.estate.model, rig.board, rig.kernel.streams.key)


def test_an_exporter_shows_only_the_role_that_it_has() -> None:
    """The role that a member had ends with one staleness marker when the other one begins."""
    storage = a_cache_pair(target="first", fault="crash")
    replica = one(storage, "redis_instance_info", 0, 30, component="second", role="slave")
    master = one(storage, "redis_instance_info", 0, 30, component="second", role="master")
    assert is_stale(replica.values).sum() == 1
    assert replica.times[-1] == master.times[0]
    assert 11 * MINUTE <= master.times[0] <= 13 * MINUTE


def test_a_primary_counts_the_standbys_that_it_feeds() -> None:
    storage = a_cache_pair(target="second", fault="replication-stopped")
    attached = one(storage, "redis_connected_slaves", 0, 30, component="first")
    assert set(attached.values[attached.times < 10 * MINUTE]) == {1.0}
    assert set(attached.values[attached.times >= 10 * MINUTE]) == {0.0}


def test_an_exporter_with_a_job_of_its_own_is_a_target_with_its_own_up() -> None:
    storage = a_cache_pair(target="first", fault="crash")
    jobs = {series.labels["job"] for series in select(storage, "up", 0, 20, component="first")}
    assert jobs == {"redis", "node-exporter"}
    assert one(storage, "up", 0, 20, component="first", job="redis").values[-1] == 1
    assert one(storage, "redis_up", 0, 20, component="first", job="redis").values[-1] == 0


def test_an_exporter_on_a_host_that_is_lost_does_not_answer() -> None:
    storage = a_cache_pair(target="first", fault="node-not-ready")
    assert one(storage, "up", 0, 20, component="first", job="node-exporter").values[-1] == 0
    assert is_stale(one(storage, "node_load1", 0, 20, component="first").values)[-1]


def test_a_process_that_keeps_dying_starts_its_counters_again_and_again() -> None:
    storage = scraped(fault="crash-loop", parameters={"every": "2m"})
    ok = one(storage, "http_requests_total", 10, 20, code="200", instance="web-0")
    starts = one(storage, "process_start_time_seconds", 10, 20, instance="web-0")
    assert np.sum(np.diff(ok.values[~is_stale(ok.values)]) < 0) == 4
    assert set(np.diff(starts.values[~is_stale(starts.values)])) == {0.0, 120.0}


def test_a_process_that_keeps_dying_answers_scrapes_only_while_it_is_there() -> None:
    """Away for the first 60 % of each two minutes, and counting as many requests in all as the share that it serves."""
    storage = scraped(fault="crash-loop", parameters={"every": "2m"})
    up = one(storage, "up", 10, 20, instance="web-0")
    away = (up.times - 10 * MINUTE) % (2 * MINUTE) < 0.6 * 2 * MINUTE
    assert set(up.values[away]) == {0.0}
    assert set(up.values[~away]) == {1.0}
    after = one(storage, "up", 21, 25, instance="web-0")
    assert set(after.values) == {1.0}


@pytest.mark.parametrize(("profile", "metric"), [("redis", "redis_up"), ("postgres", "pg_up"), ("nginx", "nginx_up")])
def test_an_exporter_waits_for_a_process_that_hangs_longer_than_a_scrape(profile: str, metric: str) -> None:
    """As measured on the stack that ships: a stopped server keeps its exporter waiting, whose `up` is 0 then."""
    rig = Rig(hours=1, components={"it": service(telemetry=[profile, "node"])}, monitoring={"jobs": {profile: "seen"}})
    rig.play(stuck={"target": "it", "fault": "hang", "at": "10m", "duration": "5m"})
    storage = SignalStorage(rig.estate.model, rig.board, rig.kernel.streams.key)
    for job in ("seen", "it"):
        assert set(one(storage, "up", 10, 15, job=job).values) == {0.0}
        assert set(one(storage, "up", 15, 20, job=job).values) == {1.0}
    assert is_stale(one(storage, metric, 10, 15).values).all()
    assert not is_stale(one(storage, "node_load1", 10, 15).values).any()


def test_who_hangs_for_a_share_of_its_requests_still_answers_its_scrapes() -> None:
    storage = scraped(fault="hang", parameters={"traffic": 0.3})
    assert set(one(storage, "up", 10, 20, instance="web-0").values) == {1.0}


def test_restarts_are_counted_by_who_looks_from_outside() -> None:
    rig = Rig(hours=1, components={"web": service(telemetry=["kube-state-metrics"])})
    rig.play(
        crash={"target": "web", "fault": "crash", "at": "10m", "duration": "5m"},
        loop={"target": "web", "fault": "crash-loop", "at": "20m", "duration": "10m", "parameters": {"every": "2m"}},
    )
    storage = SignalStorage(rig.estate.model, rig.board, rig.kernel.streams.key)
    restarts = one(storage, "kube_pod_container_status_restarts_total", 0, 60)
    at = {minute: restarts.values[restarts.times < minute * MINUTE][-1] for minute in (9, 14, 19, 60)}
    assert at == {9: 0, 14: 0, 19: 1, 60: 6}
