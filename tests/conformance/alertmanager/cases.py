"""Timed cases and recordings of what a real Alertmanager did with them, and how the two are compared.

A case (`NAME.yaml`) is a configuration whose receivers are webhook sinks, a storm, and how long was watched; its
recording (`NAME.expected.json`) is a list of what arrived, with the second of arrival.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.monitoring.alertmanager import Notification, load_config, load_storm, run_storm
from topologies.loading.document import parse_document, read_document

TOLERANCE_MS = 150
EPOCH = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

Arrival = tuple[str, str, tuple[tuple[str, str], ...], tuple[tuple[tuple[tuple[str, str], ...], str], ...]]


@dataclass(frozen=True)
class Case:
    """One case with its recording, if there is one."""

    name: str
    document: dict[str, Any]
    recording: list[dict[str, Any]] | None

    @classmethod
    def read(cls, path: Path) -> Case:
        recording = path.with_name(path.stem + ".expected.json")
        recorded = json.loads(recording.read_text()) if recording.exists() else None
        document = read_document(path).data
        assert isinstance(document, dict)
        return cls(path.stem, document, recorded)

    def simulated(self) -> list[Notification]:
        config = load_config(parse_document(json.dumps(self.document["config"]), self.name))
        storm = load_storm(parse_document(json.dumps({**self.document, "config": {}}), self.name))
        return list(run_storm(config, storm, round(self.document["until"] * 1000), EPOCH))


def differences(simulated: Sequence[Notification], recorded: Sequence[dict[str, Any]]) -> list[str]:
    """What does not agree: every recorded notification has a simulated one of the same content near its time."""
    missing = [
        (round(entry["at"] * 1000), _content(entry["receiver"], entry["status"], entry["group"], entry["alerts"]))
        for entry in recorded
    ]
    extra: list[tuple[int, Arrival]] = []
    for notification in simulated:
        alerts = [(labels, str(status)) for labels, _, status in notification.alerts]
        content = _content(notification.receiver, notification.status, notification.group_labels, alerts)
        near = [
            known for known in missing if known[1] == content and abs(known[0] - notification.at_ms) <= TOLERANCE_MS
        ]
        if near:
            missing.remove(near[0])
        else:
            extra.append((notification.at_ms, content))
    return [f"not simulated: {m}" for m in missing] + [f"not recorded: {e}" for e in extra]


def _content(receiver: str, status: str, group: Any, alerts: Any) -> Arrival:
    shown = tuple((tuple(sorted(labels.items())), state) for labels, state in alerts)
    return receiver, str(status), tuple(sorted(group.items())), shown
