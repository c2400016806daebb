"""What notification templates read: `.Status`, `.Alerts.Firing`, `.GroupLabels`, `.CommonAnnotations` and so on.

Source: Alertmanager, the section "Data" of its notification template reference, and `template/template.go`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from simulator.monitoring.alertmanager.messages.gotime import format_layout, go_time
from simulator.monitoring.alertmanager.notify import Notification, Status
from simulator.monitoring.gotemplate import Record
from simulator.monitoring.gotemplate.values import MethodList, MethodMap, Value

_RFC_3339 = "2006-01-02T15:04:05.999999999Z07:00"
_UNENDED = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class _Alert:
    """One alert of a notification.  `ends_at` is the moment 0001-01-01 while it fires, as receivers see it."""

    status: Status
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageData:
    """The data of one notification."""

    notification: Notification
    epoch: datetime
    external_url: str = "http://alertmanager.example:9093"

    @property
    def moment(self) -> datetime:
        """When it was sent."""
        return self.epoch + timedelta(milliseconds=self.notification.at_ms)

    def _alerts(self) -> list[_Alert]:
        alerts = zip(self.notification.alerts, self.notification.spans, strict=True)
        return [
            _Alert(
                status,
                labels,
                annotations,
                self.epoch + timedelta(milliseconds=starts_at_ms),
                None if ends_at_ms is None else self.epoch + timedelta(milliseconds=ends_at_ms),
            )
            for (labels, annotations, status), (starts_at_ms, ends_at_ms) in alerts
        ]

    def _receiver(self) -> str:
        """Its name as a regular expression, which is how Alertmanager gives it."""
        return re.sub(r"[\\.+*?()|\[\]{}^$]", r"\\\g<0>", self.notification.receiver)

    def template_data(self) -> Record:
        """The dot of a template."""
        alerts = [_alert_record(alert) for alert in self._alerts()]
        return Record(
            "*template.Data",
            {
                "Receiver": self._receiver(),
                "Status": str(self.notification.status),
                "Alerts": _alert_list(alerts),
                "GroupLabels": key_values(self.notification.group_labels),
                "CommonLabels": key_values(common(alert.labels for alert in self.notification.alerts)),
                "CommonAnnotations": key_values(common(alert.annotations for alert in self.notification.alerts)),
                "ExternalURL": self.external_url,
            },
        )

    def json_data(self) -> dict[str, Any]:
        """The same as JSON has it: what a webhook posts, and what `amtool template render` reads."""
        return {
            "receiver": self._receiver(),
            "status": str(self.notification.status),
            "alerts": [
                {
                    "status": str(alert.status),
                    "labels": dict(sorted(alert.labels.items())),
                    "annotations": dict(sorted(alert.annotations.items())),
                    "startsAt": format_layout(alert.starts_at, _RFC_3339),
                    "endsAt": _UNENDED if alert.ends_at is None else format_layout(alert.ends_at, _RFC_3339),
                    "generatorURL": "",
                    "fingerprint": fingerprint(alert.labels),
                }
                for alert in self._alerts()
            ],
            "groupLabels": dict(sorted(self.notification.group_labels.items())),
            "commonLabels": dict(sorted(common(a.labels for a in self.notification.alerts).items())),
            "commonAnnotations": dict(sorted(common(a.annotations for a in self.notification.alerts).items())),
            "externalURL": self.external_url,
        }

    def webhook_body(self) -> str:
        """The body of a webhook, version 4."""
        body = {
            **self.json_data(),
            "version": "4",
            "groupKey": self.notification.group_key,
            "truncatedAlerts": 0,
        }
        return json.dumps(body, ensure_ascii=False, indent=2)


def common(sets: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What all of them have in common."""
    both = reduce(lambda left, right: dict(left.items() & right.items()), sets)
    return dict(both)


def fingerprint(labels: Mapping[str, str]) -> str:
    """The fingerprint that Alertmanager shows: FNV-1a of the sorted labels."""
    value = 14695981039346656037
    for byte in b"".join(f"{name}".encode() + b"\xff" + labels[name].encode() + b"\xff" for name in sorted(labels)):
        value = (value ^ byte) * 1099511628211 % 2**64
    return f"{value:016x}"


def key_values(values: Mapping[str, str]) -> MethodMap:
    """Labels or annotations: a map with `SortedPairs`, `Names`, `Values` and `Remove`; alertname comes first."""
    pairs = [(name, values[name]) for name in sorted(values, key=lambda name: (name != "alertname", name))]
    names, contents = [name for name, _ in pairs], [value for _, value in pairs]
    return MethodMap(
        values,
        {
            "SortedPairs": lambda: MethodList(
                [Record("template.Pair", {"Name": name, "Value": value}) for name, value in pairs],
                {"Names": lambda: names, "Values": lambda: contents},
            ),
            "Names": lambda: names,
            "Values": lambda: contents,
            "Remove": lambda gone: key_values({name: value for name, value in values.items() if name not in gone}),
        },
    )


def _alert_record(alert: _Alert) -> Record:
    never = datetime(1, 1, 1, tzinfo=alert.starts_at.tzinfo)
    return Record(
        "template.Alert",
        {
            "Status": str(alert.status),
            "Labels": key_values(alert.labels),
            "Annotations": key_values(alert.annotations),
            "StartsAt": go_time(alert.starts_at),
            "EndsAt": go_time(never if alert.ends_at is None else alert.ends_at),
            "GeneratorURL": "",
            "Fingerprint": fingerprint(alert.labels),
        },
    )


def _alert_list(alerts: Sequence[Record]) -> MethodList:
    def of(status: Status) -> Value:
        return [alert for alert in alerts if alert.fields["Status"] == status]

    return MethodList(alerts, {"Firing": lambda: of(Status.FIRING), "Resolved": lambda: of(Status.RESOLVED)})
