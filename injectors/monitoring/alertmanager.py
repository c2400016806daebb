"""What a real Alertmanager says and takes: its configuration, live alerts, silences; alerts posted to it (API v2)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from injectors.conditions import get, post
from injectors.monitoring.prometheus import wall_ms

PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class LiveAlert:
    """An alert that it holds and that has not ended.  Moments are wall-clock milliseconds."""

    fingerprint: str
    labels: Mapping[str, str]
    starts_ms: int
    inhibited_by: tuple[str, ...]
    """Fingerprints of the alerts that inhibit it."""


@dataclass(frozen=True, slots=True)
class LiveMatcher:
    """One matcher of a silence."""

    name: str
    value: str
    is_regexp: bool
    is_equal: bool


@dataclass(frozen=True, slots=True)
class LiveSilence:
    """A silence that is active now."""

    matchers: tuple[LiveMatcher, ...]
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Sent:
    """An alert to be posted; it ends by itself."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_ms: int
    ends_ms: int


def written_configuration(alertmanager: str) -> str:
    """Its configuration as it was written, without secrets.  Raises OSError, ValueError where it does not answer as
    Alertmanager does."""
    return str(_asked(alertmanager, "status")["config"]["original"])


def live_alerts(alertmanager: str) -> list[LiveAlert]:
    """As `written_configuration`."""
    return [
        LiveAlert(
            alert["fingerprint"],
            alert["labels"],
            wall_ms(alert["startsAt"]),
            tuple(alert["status"]["inhibitedBy"]),
        )
        for alert in _asked(alertmanager, "alerts?active=true&silenced=true&inhibited=true")
    ]


def active_silences(alertmanager: str) -> list[LiveSilence]:
    """As `written_configuration`."""
    return [
        LiveSilence(
            tuple(
                LiveMatcher(one["name"], one["value"], one["isRegex"], one.get("isEqual", True))
                for one in silence["matchers"]
            ),
            wall_ms(silence["endsAt"]),
        )
        for silence in _asked(alertmanager, "silences")
        if silence["status"]["state"] == "active"
    ]


def send(alertmanager: str, alerts: Sequence[Sent]) -> None:
    """As `written_configuration`."""
    body = [
        {
            "labels": dict(alert.labels),
            "annotations": dict(alert.annotations),
            "startsAt": _rfc3339(alert.starts_ms),
            "endsAt": _rfc3339(alert.ends_ms),
        }
        for alert in alerts
    ]
    status, answer = post(f"{alertmanager}/api/v2/alerts", body, PATIENCE_S)
    if status != 200:
        raise ValueError(f"Alertmanager answers {status} to alerts: {answer[:200].decode(errors='replace')}")


def _rfc3339(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")


def _asked(alertmanager: str, what: str) -> Any:
    status, body = get(f"{alertmanager}/api/v2/{what}", PATIENCE_S)
    if status != 200:
        raise ValueError(f"Alertmanager answers {status} to {what}")
    return json.loads(body)
