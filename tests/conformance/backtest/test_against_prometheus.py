"""The same recording to a real Prometheus and to the back-test: rules give the same, step by step."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from simulator.monitoring.promql import Labels, Semantics, Series, is_stale
from simulator.monitoring.rules import AlertingRule, RuleEngine, RuleReference, load_rules
from studies.backtest.assessment import assess
from studies.backtest.readers import NanIs, Reading, read_recording
from studies.backtest.readers.complaints import Complaints
from studies.backtest.readers.query_range import read_query_range
from studies.backtest.running import Server, run
from studies.backtest.store import SampleStore
from tests.conformance.backtest.recordings import (
    START_S,
    dump,
    left_out_by_promtool,
    make_blocks,
    openmetrics,
    prometheus,
    query_range,
)
from tests.services import require

HOURS = 4
MINUTE_MS = 60_000
START_MS, END_MS = START_S * 1000, (START_S + HOURS * 3600) * 1000 - 1
RECORDING_RULES = """
groups:
  - name: ratios
    interval: 1m
    rules:
      - record: job:requests:rate5m
        expr: sum by (job, code) (rate(requests_total[5m]))
      - record: instance:down:max10m
        expr: 1 - min_over_time(up[10m])
        labels: {origin: backtest}
      - record: job:latency:p90
        expr: histogram_quantile(0.9, sum by (job, le) (rate(latency_bucket[5m])))
  - name: gauges
    interval: 2m
    rules:
      - record: job:queue:avg
        expr: avg by (job) (queue_depth)
      - record: job:queue:deriv
        expr: deriv(queue_depth[10m])
      - record: requests:increase
        expr: increase(requests_total{code="500"}[3m]) > 20
"""
ALERTING_RULES = """
groups:
  - name: alerts
    interval: 1m
    rules:
      - alert: Down
        expr: up == 0
        for: 3m
      - alert: Errors
        expr: sum by (instance) (rate(requests_total{code="500"}[5m])) > 0.1
        labels: {severity: page}
      - alert: Slow
        expr: histogram_quantile(0.5, sum by (job, le) (rate(latency_bucket[5m]))) > 0.44
        for: 2m
      - alert: Deep
        expr: queue_depth > 70
      - alert: Gone
        expr: absent(queue_depth{instance="i0"}) or absent(queue_depth{instance="i1"})
        for: 1m
"""


@dataclass(frozen=True)
class Setup:
    recording: Path
    tsdb: Path
    store: SampleStore
    address: str
    folder: Path


@pytest.fixture(scope="module", params=[7, *(pytest.param(seed, marks=pytest.mark.prove) for seed in range(20, 40))])
def setup(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Setup]:
    promtool, server = require("promtool"), require("prometheus")
    folder = tmp_path_factory.mktemp("backtest")
    recording, tsdb = folder / "recording.om", folder / "tsdb"
    recording.write_text(openmetrics(HOURS, seed=request.param))
    make_blocks(promtool, recording, tsdb)
    with prometheus(server, tsdb) as address:
        store = read_recording([recording], Reading(nan=NanIs.VALUE)).store
        yield Setup(recording, tsdb, store, address, folder)


def everything(store: SampleStore) -> dict[Labels, Series]:
    return {series.labels: series for series in store.select([], -(2**60), 2**60)}


def assert_same_series(ours: dict[Labels, Series], theirs: dict[Labels, Series], relative: float = 0.0) -> None:
    assert ours.keys() == theirs.keys()
    for labels, series in ours.items():
        np.testing.assert_array_equal(series.times, theirs[labels].times, err_msg=str(labels))
        np.testing.assert_allclose(series.values, theirs[labels].values, rtol=relative, err_msg=str(labels))


def test_dump_of_a_tsdb_is_what_went_into_it(setup: Setup) -> None:
    dumped = setup.folder / "dump.txt"
    dumped.write_text(dump(require("promtool"), setup.tsdb))
    # promtool 2.42 writes values with %g, in full.
    assert_same_series(everything(setup.store), everything(read_recording([dumped], Reading(nan=NanIs.VALUE)).store))


def test_recording_rules_are_those_that_promtool_backfills(setup: Setup) -> None:
    rules, out = setup.folder / "recording.yml", setup.folder / "backfilled"
    rules.write_text(RECORDING_RULES)
    command = [require("promtool"), "tsdb", "create-blocks-from", "rules", f"--url={setup.address}"]
    command += [f"--start={START_S}", f"--end={START_S + HOURS * 3600}", f"--output-dir={out}", str(rules)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    backfilled = setup.folder / "backfilled.txt"
    backfilled.write_text(dump(require("promtool"), out))
    theirs = everything(read_recording([backfilled], Reading(nan=NanIs.VALUE)).store)
    ours = recorded_by_engine(setup, rules, {labels.metric_name: int(one.times[0]) for labels, one in theirs.items()})
    assert sum(len(series.times) for series in ours.values()) > 1_000
    assert_same_series(ours, theirs, relative=1e-12)


def recorded_by_engine(setup: Setup, rules: Path, evaluated_ms: Mapping[str, int]) -> dict[Labels, Series]:
    """What recording rules write, without staleness markers.

    `evaluated_ms` has a moment at which promtool evaluated each rule: where in their interval groups are evaluated
    is its own choice.
    """
    groups = load_rules([rules])
    names = {rule.name for group in groups for rule in group.rules}
    engine = RuleEngine(
        groups,
        setup.store,
        start_ms=START_MS,
        semantics=Semantics.PROMETHEUS_2,
        offset=lambda group: evaluated_ms[group.rules[0].name] % group.interval_ms,
    )
    parts: dict[Labels, list[Series]] = {}
    for begin_ms in range(START_MS, END_MS + 2, 30 * MINUTE_MS):
        to_ms = min(begin_ms + 30 * MINUTE_MS - 1, END_MS + 1)
        engine.advance(to_ms)
        for series in engine.select([], begin_ms, to_ms):
            if series.labels.metric_name in names:
                parts.setdefault(series.labels, []).append(series)
    found = {}
    for labels, several in parts.items():
        times = np.concatenate([series.times for series in several])
        values = np.concatenate([series.values for series in several])
        kept = ~is_stale(values) & ~np.array([left_out_by_promtool(at_ms) for at_ms in times.tolist()])
        if kept.any():
            found[labels] = Series(labels, times[kept], values[kept])
    return found


def test_alerts_fire_when_the_expressions_of_a_server_say_so(setup: Setup) -> None:
    rules = setup.folder / "alerting.yml"
    rules.write_text(ALERTING_RULES)
    (group,) = load_rules([rules])
    server = Server(Semantics.PROMETHEUS_2)
    assessed = assess([group], setup.store, server.lookback_ms)
    outcome = run(assessed, setup.store, None, server, START_MS, END_MS)
    offset_ms = server.offset(group)
    first_ms = START_MS + (offset_ms - START_MS) % group.interval_ms
    wanted = set()
    for rule in group.rules:
        assert isinstance(rule, AlertingRule)
        answer = query_range(setup.address, rule.query, first_ms, END_MS, group.interval_ms)
        reference = RuleReference(group.name, rule.alert)
        for labels, times in present(answer).items():
            alert = Labels({**labels.without_name(), "alertname": rule.alert, **rule.labels})
            wanted |= {(reference, alert, *span) for span in firing(times, group.interval_ms, rule.for_ms)}
    got = {(one.rule, one.labels, one.fired_ms, one.resolved_ms) for one in outcome.episodes}
    assert len({rule.name for rule, *_ in wanted}) >= 4, "nearly every rule should fire here"
    assert got == wanted


def present(answer: bytes) -> dict[Labels, list[int]]:
    """When each series of an answer is present.

    Series of expressions have no name: one is put in front, for the reader of recordings wants plain selectors.
    """
    named = answer.replace(b'"metric":{}', b'"metric":{"__name__":"x"}').replace(
        b'"metric":{"', b'"metric":{"__name__":"x","'
    )
    found: dict[Labels, list[int]] = {}
    for batch in read_query_range(io.BytesIO(named), "answer", Complaints()):
        found.setdefault(batch.labels.without_name(), []).extend(batch.times.tolist())
    return found


def firing(times: list[int], interval_ms: int, for_ms: int) -> Iterator[tuple[int, int | None]]:
    """Spans in which an alert fires, from the moments at which its condition holds: from `for` after the first of a
    row of evaluations on, until the evaluation after the last."""
    row: list[int] = []
    for at_ms in [*times, 2**60]:
        if row and at_ms - row[-1] > interval_ms:
            fired = next((moment for moment in row if moment - row[0] >= for_ms), None)
            after_ms = row[-1] + interval_ms
            if fired is not None:
                yield fired, after_ms if after_ms <= END_MS else None
            row = []
        row.append(at_ms)
