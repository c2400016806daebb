"""Builders: recordings in one line, rules as text, one call for a whole back-test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from simulator.monitoring.alertmanager import AlertmanagerConfig, load_config
from simulator.monitoring.rules import RuleGroup, groups_of
from simulator.monitoring.ruletests.series_notation import parse_series
from studies.backtest.incidents import Incident
from studies.backtest.measures import Question, Thresholds
from studies.backtest.people import Addressees
from studies.backtest.readers import Reading, Recording, read_recording
from studies.backtest.running import Server
from studies.backtest.store import Batch, SampleStore, SampleWriter
from studies.backtest.study import Backtest, Settings, Variant, backtest
from topologies.loading.document import parse_document, parse_documents
from topologies.organisation import Organisation

T0 = 1_772_323_200_000
"""2026-03-01T00:00:00Z, a Sunday."""
MINUTE = 60_000
UTC = ZoneInfo("UTC")


def store_of(series: Mapping[str, str], step_ms: int = MINUTE, portion_bytes: int = 2**20) -> SampleStore:
    """Series in the notation of unit tests: `{"up": "1x10 0x5"}`."""
    writer = SampleWriter(portion_bytes)
    for name, items in series.items():
        labels, values, present = parse_series(f"{name} {items}")
        times = T0 + np.flatnonzero(present).astype(np.int64) * step_ms
        writer.add(Batch(labels, times, values[present]))
    return writer.finish()


def rules_of(text: str) -> tuple[RuleGroup, ...]:
    return tuple(groups_of(parse_documents(text, "rules.yml")))


def alert(expression: str, name: str = "A", interval: str = "1m", **more: str) -> tuple[RuleGroup, ...]:
    """One group with one alert; `more` are further keys, with `for_` for `for`."""
    keys = "".join(f"\n        {key.rstrip('_')}: {value}" for key, value in more.items())
    return rules_of(f"""
groups:
  - name: g
    interval: {interval}
    rules:
      - alert: {name}
        expr: '{expression}'{keys}
""")


def config_of(text: str) -> AlertmanagerConfig:
    return load_config(parse_document(text, "alertmanager.yml"))


PAGER = config_of("""
route: {receiver: pager, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 1h}
receivers:
  - {name: pager, webhook_configs: [{url: "http://127.0.0.1/"}]}
""")


def backtest_of(
    groups: Sequence[RuleGroup],
    store: SampleStore,
    config: AlertmanagerConfig | None = None,
    *,
    from_ms: int | None = None,
    to_ms: int | None = None,
    zone: ZoneInfo = UTC,
    thresholds: Thresholds | None = None,
    incidents: Sequence[Incident] | None = None,
    organisation: Organisation | None = None,
    offsets: int = 1,
    complete: bool = False,
) -> Backtest:
    """A back-test of these rules over the whole store, unless a span is given."""
    question = Question(
        store.first_ms if from_ms is None else from_ms,
        store.last_ms if to_ms is None else to_ms,
        zone,
        thresholds or Thresholds(),
        incidents,
    )
    settings = Settings(Server(), offsets, complete)
    return backtest(Variant("v", tuple(groups), config), store, settings, question, Addressees(organisation, zone))


def read(folder: Path, text: str | bytes, name: str = "data", reading: Reading | None = None) -> Recording:
    """A recording in one file."""
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_recording([file], reading)


def samples(store: SampleStore) -> dict[str, list[tuple[int, float]]]:
    """Everything in a store, by series as PromQL writes it."""
    return {
        str(series.labels): list(zip(series.times.tolist(), series.values.tolist(), strict=True))
        for series in store.select([], -(2**60), 2**60)
    }
