"""Telemetry profiles of one's own: what a file describes is what Prometheus would scrape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from simulator.monitoring.promql.labels import METRIC_NAME
from simulator.monitoring.promql.matchers import Matcher, MatchType
from simulator.monitoring.promql.series import Series
from simulator.monitoring.telemetry import SignalStorage
from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service
from timeline.findings import InputError
from topologies.loading.document import parse_document
from topologies.loading.estate import load_estate
from topologies.loading.validation import validate
from topologies.telemetry import TelemetryProfile

MINUTE = 60_000
PROFILE = """
format: blackstart/telemetry-profile/1
metrics:
  heap_bytes:
    type: gauge
    series:
      - {labels: {area: heap}, signals: [memory_used_ratio], scale: 1000, offset: 5, ceiling: 900}
      - {labels: {area: other}, constant: 7}
  orders_total:
    type: counter
    series: [{signals: [ok_rps, failed_rps], scale: 0.5}]
  order_seconds:
    type: histogram
    median: latency_s
    buckets: [0.1, 1]
    series: [{signals: [ok_rps]}]
  watched_up:
    type: gauge
    exposed: outside
    series: [{signals: [up]}]
"""


def profile(text: str = PROFILE) -> TelemetryProfile:
    return validate(parse_document(text, "own.yaml"), TelemetryProfile)


def scraped(own: TelemetryProfile, **fault: Any) -> SignalStorage:
    rig = Rig(
        hours=1,
        components={"web": service(latency_ms=100, telemetry=["own"])},
        functions={
            "f": {
                "title": "f",
                "supported_by": {"web": hard()},
                "demand": {"entry": "web", "peak_rps": 100, "by_hour": FLAT_DAY},
            }
        },
    )
    if fault:
        rig.play(f={"target": "web", "at": "10m", "duration": "40m", **fault})
    return SignalStorage(rig.estate.model, rig.board, rig.kernel.streams.key, own={"own": own})


def one(storage: SignalStorage, name: str, **labels: str) -> Series:
    matchers = [Matcher(METRIC_NAME, MatchType.EQUAL, name)]
    matchers += [Matcher(label, MatchType.EQUAL, value) for label, value in labels.items()]
    (series,) = storage.select(matchers, 0, 30 * MINUTE)
    return series


def per_second(series: Series) -> float:
    return float((series.values[-1] - series.values[0]) / (series.times[-1] - series.times[0]) * 1000)


def test_a_gauge_is_scaled_moved_and_held() -> None:
    storage = scraped(profile(), fault="memory-leak", parameters={"fills_in": "10m"})
    heap = one(storage, "heap_bytes", area="heap")
    assert heap.values[heap.times < 10 * MINUTE] == pytest.approx(555)
    assert heap.values[heap.times > 20 * MINUTE] == pytest.approx(900)


def test_a_constant_never_moves() -> None:
    assert set(one(scraped(profile()), "heap_bytes", area="other").values) == {7.0}


def test_signals_of_a_counter_are_added_up_and_are_its_rate() -> None:
    assert per_second(one(scraped(profile()), "orders_total")) == pytest.approx(50, rel=0.02)


def test_a_histogram_has_its_bounds_and_scatters_around_its_median() -> None:
    storage = scraped(profile())
    total = per_second(one(storage, "order_seconds_count"))
    assert per_second(one(storage, "order_seconds_bucket", le="0.1")) / total == pytest.approx(0.5, abs=0.02)
    assert per_second(one(storage, "order_seconds_bucket", le="+Inf")) == total


def test_what_is_exposed_from_outside_outlives_the_process() -> None:
    storage = scraped(profile(), fault="crash")
    assert one(storage, "watched_up").values[-1] == 0
    assert not np.any(one(storage, "heap_bytes", area="other").times > 11 * MINUTE)


WRONG = [
    ("heap_bytes: {type: gauge, series: [{signals: [memory]}]}", "model.not-one-of", "memory_used_ratio"),
    ('heap_bytes: {type: gauge, series: [{signals: ["???"]}]}', "model.bad-value", "draft"),
    ('heap_bytes: {type: "???", series: [{signals: [up]}]}', "model.bad-value", "draft"),
    ('heap_bytes: {type: gauge, series: [{labels: {a: "???"}, signals: [up]}]}', "model.bad-value", "draft"),
    ("heap_bytes: {type: gage, series: [{signals: [up]}]}", "model.not-one-of", "gauge"),
    ("heap_bytes: {type: gauge, series: [{signals: [up], constant: 1}]}", "model.bad-value", "signals"),
    ("heap_bytes: {type: gauge, series: [{}]}", "model.bad-value", "constant"),
    ("heap_bytes: {type: gauge, series: []}", "model.bad-value", "labels"),
    ("heap_bytes: {type: histogram, series: [{signals: [up]}]}", "model.bad-value", ""),
    (
        "heap_bytes: {type: histogram, median: latency_s, buckets: [1, 0.5], series: [{signals: [up]}]}",
        "model.bad-value",
        "lowest first",
    ),
    ("heap_bytes: {type: counter, series: [{constant: -1}]}", "model.bad-value", "zero"),
    ("heap_bytes: {type: gauge, series: [{signals: [up]}, {signals: [ready]}]}", "model.bad-value", ""),
    ("heap_bytes: {type: gauge, scale: 2, series: [{signals: [up]}]}", "model.unknown-key", "scale"),
    ("heap-bytes: {type: gauge, series: [{signals: [up]}]}", "model.bad-id", "digit"),
    ('heap_bytes: {type: gauge, series: [{labels: {"a-b": x}, signals: [up]}]}', "model.bad-id", "digit"),
]


@pytest.mark.parametrize(("metric", "id", "hint"), WRONG)
def test_a_mistake_is_told_with_its_place(metric: str, id: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        profile(f"format: blackstart/telemetry-profile/1\nmetrics:\n  {metric}\n")
    (finding,) = caught.value.findings
    assert finding.id == id
    assert finding.place.line == 3
    assert hint in f"{finding.message} {finding.hint}"


def test_an_estate_brings_its_own_profiles() -> None:
    loaded = load_estate("corner-lab", known={"telemetry-profile": {"node", "http-server", "blackbox", "postgres"}})
    assert set(loaded.profiles) == {"shop"}
    assert "shop" in loaded.topology.components["web"].telemetry


def test_a_profile_that_nobody_declares_is_an_unknown_name() -> None:
    with pytest.raises(InputError) as caught:
        load_estate("corner-lab", known={"telemetry-profile": {"node", "http-server", "blackbox"}})
    assert {f.message for f in caught.value.findings} == {"there is no telemetry profile 'postgres'"}


def test_an_own_profile_may_not_take_a_shipped_name() -> None:
    with pytest.raises(InputError) as caught:
        load_estate("corner-lab", known={"telemetry-profile": {"node", "http-server", "blackbox", "postgres", "shop"}})
    assert [f.id for f in caught.value.findings] == ["profile.name-taken"]
