"""What a real Prometheus says: alerts, rules, its clock (HTTP API v1)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from injectors.conditions import get
from topologies.loading.document import parse_document

PATIENCE_S = 3.0


@dataclass(frozen=True, slots=True)
class ActiveAlert:
    """An alert that Prometheus holds pending or firing.  Moments are wall-clock milliseconds by its clock."""

    name: str
    labels: tuple[tuple[str, str], ...]
    state: str
    active_ms: int
    """Since when its expression holds."""


@dataclass(frozen=True, slots=True)
class LoadedRule:
    """An alerting rule as a real Prometheus has loaded it."""

    name: str
    expression: str
    for_s: float
    labels: Mapping[str, str]


def active_alerts(prometheus: str) -> list[ActiveAlert]:
    """Raises OSError, ValueError where it does not answer as Prometheus does."""
    return [
        ActiveAlert(
            alert["labels"]["alertname"],
            tuple(sorted(alert["labels"].items())),
            alert["state"],
            wall_ms(alert["activeAt"]),
        )
        for alert in _asked(prometheus, "alerts")["alerts"]
    ]


def alerting_rules(prometheus: str) -> list[LoadedRule]:
    """As `active_alerts`."""
    return [
        LoadedRule(rule["name"], rule["query"], float(rule["duration"]), rule["labels"])
        for group in _asked(prometheus, "rules")["groups"]
        for rule in group["rules"]
        if rule["type"] == "alerting"
    ]


def series_of(prometheus: str, expression: str) -> list[dict[str, str]]:
    """Labels of the series that an instant query gives; a number has none.  As `active_alerts`."""
    found = _asked(prometheus, f"query?query={quote(expression)}")
    return [series["metric"] for series in found["result"]] if found["resultType"] == "vector" else []


def external_labels(prometheus: str) -> dict[str, str]:
    """Labels that it puts on every alert that it sends.  As `active_alerts`; InputError where its file is no YAML."""
    written = parse_document(_asked(prometheus, "status/config")["yaml"], "configuration of Prometheus").text_data()
    common = written.get("global") if isinstance(written, Mapping) else None
    labels = common.get("external_labels") if isinstance(common, Mapping) else None
    return {str(name): str(value) for name, value in labels.items()} if isinstance(labels, Mapping) else {}


def clock_ahead_ms(prometheus: str) -> float:
    """How far its clock is ahead of ours; known to half the time that the question took."""
    before = time.time()
    answered = float(_asked(prometheus, "query?query=time()")["result"][1])
    after = time.time()
    return (answered - (before + after) / 2) * 1000


def wall_ms(text: str) -> int:
    """RFC 3339, with up to nine digits of a second, as milliseconds since 1970."""
    found = re.fullmatch(r"(?P<second>[^.Z+]+)(?:\.(?P<part>\d+))?(?P<zone>Z|[+-]\d\d:\d\d)", text)
    if found is None:
        raise ValueError(f"{text!r} is no moment")
    moment = datetime.fromisoformat(f"{found['second']}{found['zone']}")
    return round(moment.timestamp()) * 1000 + int((found["part"] or "")[:3].ljust(3, "0"))


def _asked(prometheus: str, what: str) -> Any:
    status, body = get(f"{prometheus}/api/v1/{what}", PATIENCE_S)
    answer = json.loads(body)
    if status != 200 or answer.get("status") != "success":
        raise ValueError(f"Prometheus answers {status} to {what}")
    return answer["data"]
