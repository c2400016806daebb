"""Builders: a configuration from its text, an Alertmanager that runs it, alerts in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import dedent
from typing import Any

from simulator.monitoring.alertmanager import (
    Alertmanager,
    AlertmanagerConfig,
    Notification,
    PostedAlert,
    load_config,
)
from topologies.loading.document import parse_document

EPOCH = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""A Monday."""
ONE_RECEIVER = """
    route: {receiver: a, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 4h}
    receivers: [{name: a}]
"""


def config(text: str = ONE_RECEIVER) -> AlertmanagerConfig:
    return load_config(parse_document(dedent(text), "alertmanager.yml"))


def running(text: str = ONE_RECEIVER, **options: Any) -> Alertmanager:
    return Alertmanager(config(text), epoch=EPOCH, **options)


def firing(name: str = "A", **labels: str) -> PostedAlert:
    """An alert that its client keeps repeating."""
    return PostedAlert({"alertname": name, **labels}, repeated=True)


def resolved(at_ms: int, name: str = "A", **labels: str) -> PostedAlert:
    return PostedAlert({"alertname": name, **labels}, ends_at_ms=at_ms)


def told(notifications: list[Notification]) -> list[tuple[float, str, str]]:
    """Second, receiver and reason of each."""
    return [(n.at_ms / 1000, n.receiver, str(n.reason)) for n in notifications]
