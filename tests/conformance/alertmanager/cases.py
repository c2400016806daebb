"""Timed cases, recordings of what a real Alertmanager did with them, and how simulation and recording are compared.

A case is a configuration whose receivers are webhook sinks, a storm, and how long was watched; its recording is a
list of what arrived, with the second of arrival.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulator.monitoring.alertmanager import (
    Alertmanager,
    Attempt,
    Delivery,
    Notification,
    load_config,
    load_storm,
    play,
)
from topologies.loading.document import parse_document, read_document

HERE = Path(__file__).parent
TOLERANCE_MS = 150
EPOCH = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

Arrival = tuple[str, str, tuple[tuple[str, str], ...], tuple[tuple[tuple[tuple[str, str], ...], str], ...]]


@dataclass(frozen=True)
class Case:
    """One case as written, with its recording if there is one."""

    name: str
    written: Mapping[str, Any]
    recording: Sequence[Mapping[str, Any]] | None

    def simulated(self) -> list[Notification]:
        until_ms = _ms(self.written["until"])
        alertmanager = Alertmanager(
            load_config(parse_document(json.dumps(self.config()), self.name)),
            epoch=EPOCH,
            peers=self.written.get("peers", 1),
            peer_timeout_ms=_ms(self.written.get("peer_timeout", 15)),
            sink=self._sink(),
        )
        if "restart" not in self.written:
            return list(play(alertmanager, self._storm(), until_ms))
        restart = self.written["restart"]
        notifications = list(play(alertmanager, self._storm(before=restart), _ms(restart) - 1))
        alertmanager.restart(_ms(restart))
        return [*notifications, *play(alertmanager, self._storm(since=restart), until_ms)]

    def config(self) -> dict[str, Any]:
        """The configuration, with an address for each sink; without one a webhook cannot be loaded for real."""
        config = json.loads(json.dumps(self.written["config"]))
        for receiver in config["receivers"]:
            for index, webhook in enumerate(receiver.setdefault("webhook_configs", [{}])):
                webhook["url"] = f"http://127.0.0.1:1/{receiver['name']}/{index}"
        return dict(config)

    def _storm(self, since: float = -1, before: float = float("inf")) -> Any:
        storm = {
            section: [item for item in self.written.get(section, ()) if since <= item["at"] < before]
            for section in ("alerts", "silences")
        }
        return load_storm(parse_document(json.dumps(storm), self.name))

    def _sink(self) -> Any:
        answers = {receiver: list(statuses) for receiver, statuses in self.written.get("answers", {}).items()}

        def answer(attempt: Attempt) -> Delivery:
            statuses = answers.get(attempt.receiver)
            status = statuses.pop(0) if statuses else 200
            return Delivery(0, delivered=status == 200, final=400 <= status < 500)

        return answer if answers else None


def own_cases() -> list[Case]:
    """The cases of this folder, with their recordings."""
    recordings = json.loads((HERE / "recordings.json").read_text()) if (HERE / "recordings.json").exists() else {}
    written = read_document(HERE / "cases.yaml").data
    assert isinstance(written, dict)
    return [Case(name, case, recordings.get(name)) for name, case in written.items()]


def shared_case(path: Path) -> Case:
    """A case in a file of its own, its recording beside it."""
    written = read_document(path).data
    assert isinstance(written, dict)
    return Case(path.stem, written, json.loads(path.with_name(path.stem + ".expected.json").read_text()))


def differences(simulated: Sequence[Notification], recorded: Sequence[Mapping[str, Any]]) -> list[str]:
    """What does not agree: every recorded notification has a simulated one of the same content near its time."""
    missing = [
        (_ms(entry["at"]), _content(entry["receiver"], entry["status"], entry["group"], entry["alerts"]))
        for entry in recorded
    ]
    extra: list[tuple[int, Arrival]] = []
    for notification in simulated:
        alerts = [(labels, str(status)) for labels, _, status in notification.alerts]
        content = _content(notification.receiver, notification.status, notification.group_labels, alerts)
        near = [m for m in missing if m[1] == content and abs(m[0] - notification.at_ms) <= TOLERANCE_MS]
        if near:
            missing.remove(near[0])
        else:
            extra.append((notification.at_ms, content))
    return [f"not simulated: {m}" for m in missing] + [f"not recorded: {e}" for e in extra]


def _content(receiver: str, status: str, group: Any, alerts: Any) -> Arrival:
    shown = tuple((tuple(sorted(labels.items())), state) for labels, state in alerts)
    return receiver, str(status), tuple(sorted(group.items())), shown


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
