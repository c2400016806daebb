"""One storm under several configurations: who was told of which alert, when, and what reached nobody.

`outcome` plays a storm through one configuration; `differences` puts two outcomes side by side, alert by alert.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from simulator.collection import rarely_collecting
from simulator.monitoring.alertmanager.alert import fingerprint
from simulator.monitoring.alertmanager.alertmanager import Alertmanager
from simulator.monitoring.alertmanager.config import AlertmanagerConfig
from simulator.monitoring.alertmanager.notify import Notification, Status, Suppression
from simulator.monitoring.alertmanager.storm import Storm, play
from timeline.instants import SECOND


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """What became of one alert: when each receiver was first told that it fires, and what held it back at the end."""

    labels: Mapping[str, str]
    posted_ms: int
    told_ms: Mapping[str, int]
    held_back: tuple[Suppression, ...]

    @property
    def first_ms(self) -> int | None:
        """When somebody was first told of it; None where nobody was."""
        return min(self.told_ms.values(), default=None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one configuration makes of a storm."""

    name: str
    config: AlertmanagerConfig
    notifications: tuple[Notification, ...]
    alerts: tuple[AlertOutcome, ...]

    def counts(self) -> Counter[str]:
        """Notifications by receiver, resolved ones included."""
        return Counter(notification.receiver for notification in self.notifications)


@dataclass(frozen=True, slots=True)
class Difference:
    """An alert with its two outcomes."""

    before: AlertOutcome
    after: AlertOutcome

    @property
    def later_ms(self) -> int | None:
        """How much later it is told under the second configuration; None where one of them tells nobody."""
        if self.before.first_ms is None or self.after.first_ms is None:
            return None
        return self.after.first_ms - self.before.first_ms

    @property
    def matters(self) -> bool:
        return self.before.told_ms != self.after.told_ms


def outcome(name: str, config: AlertmanagerConfig, storm: Storm, until_ms: int, epoch: datetime) -> Outcome:
    """The storm played up to and including `until_ms`.  An alert posted twice counts from its first post."""
    alertmanager = Alertmanager(config, epoch=epoch)
    with rarely_collecting():
        notifications = tuple(play(alertmanager, storm, until_ms))
    told = _first_told(notifications)
    posted: dict[str, tuple[Mapping[str, str], int]] = {}
    for alert in sorted(storm.alerts, key=lambda alert: alert.at):
        labels = {label: value for label, value in alert.labels.items() if value}
        at_ms = round(alert.at * SECOND)
        if at_ms <= until_ms:
            posted.setdefault(fingerprint(labels), (labels, at_ms))
    alerts = (
        AlertOutcome(labels, at_ms, told.get(key, {}), tuple(alertmanager.suppressions(labels)))
        for key, (labels, at_ms) in posted.items()
    )
    return Outcome(name, config, notifications, tuple(alerts))


def differences(before: Outcome, after: Outcome) -> list[Difference]:
    """Every alert of a storm that both played, in the order in which they were posted."""
    return [Difference(*pair) for pair in zip(before.alerts, after.alerts, strict=True)]


def _first_told(notifications: tuple[Notification, ...]) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = {}
    for notification, labels in _firing(notifications):
        told.setdefault(fingerprint(labels), {}).setdefault(notification.receiver, notification.at_ms)
    return told


def _firing(notifications: tuple[Notification, ...]) -> Iterator[tuple[Notification, Mapping[str, str]]]:
    for notification in notifications:
        for alert in notification.alerts:
            if alert.status is Status.FIRING:
                yield notification, alert.labels
