"""The notification pipeline: what happens to the alerts of a group at a flush.

    InhibitStage   TimeActiveStage   TimeMuteStage   SilenceStage      filter alerts, or all of them
    then for each integration of the receiver
    WaitStage      peers wait for each other, by position
    DedupStage     decides against the notification log whether to notify, and why
    RetryStage     sends, and tries again until it arrives or the time of the flush is over
    SetNotifiesStage   writes the notification log

Order and names are Alertmanager's (`notify/notify.go`; its two MuteStages are named by what mutes here).  "Now" is the
moment of the flush for everything but waiting and retrying, which take time: the part of one integration is therefore
a generator that yields the moment at which it wants to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from simulator.monitoring.alertmanager.alert import Alert
from simulator.monitoring.alertmanager.inhibit import Inhibitor
from simulator.monitoring.alertmanager.matchers import written
from simulator.monitoring.alertmanager.nflog import Entry, LogKey, NotificationLog
from simulator.monitoring.alertmanager.receivers import Integration
from simulator.monitoring.alertmanager.silence import Silences
from simulator.monitoring.alertmanager.timeinterval import TimeInterval
from timeline.instants import MINUTE, SECOND

if TYPE_CHECKING:
    from simulator.monitoring.alertmanager.dispatch import AggregationGroup

MIN_TIMEOUT_MS = 10 * SECOND
"""A flush may take as long as the group interval, but at least this long (`notify.MinTimeout`)."""


class Status(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


class Reason(StrEnum):
    """Why a notification was sent."""

    FIRST = "first"
    """The receiver was not told of this group before."""
    NEW_FIRING = "new firing"
    ALL_RESOLVED = "all resolved"
    NEW_RESOLVED = "new resolved"
    REPEAT = "repeat"


class NotifiedAlert(NamedTuple):
    """One alert as the receiver sees it."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    status: Status


class Notification(NamedTuple):
    """What arrived at one integration of a receiver at `at_ms`."""

    at_ms: int
    receiver: str
    integration: str
    """Kind and position, like `webhook[0]`."""
    group_key: str
    group_labels: Mapping[str, str]
    status: Status
    alerts: tuple[NotifiedAlert, ...]
    spans: tuple[tuple[int, int | None], ...]
    """Start and, of resolved ones, end of each alert, in milliseconds."""
    reason: Reason
    peer: int = 0
    """Position of the Alertmanager that sent it."""


class SuppressedBy(StrEnum):
    """What kept an alert from being notified."""

    INHIBITION = "inhibition"
    SILENCE = "silence"
    MUTE_TIME = "mute time interval"
    ACTIVE_TIME = "outside active time intervals"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why an alert was held back at the last flush of a group.  `by` names silence, intervals or inhibiting alert."""

    receiver: str
    group_labels: Mapping[str, str]
    kind: SuppressedBy
    by: str


class Delivery(NamedTuple):
    """How one attempt to send ends, `after_ms` later."""

    after_ms: int
    delivered: bool
    final: bool = False
    """Not delivered and not to be tried again (an HTTP status 4xx)."""


class Attempt(NamedTuple):
    """One attempt to send; `number` counts from 1.  Its fields identify it for a random stream."""

    at_ms: int
    receiver: str
    integration: str
    group_key: str
    number: int
    peer: int


Sink = Callable[[Attempt], Delivery]
"""What is behind the receivers."""


@dataclass(slots=True)
class Flush:
    """One flush of a group: its moment, its alerts as they were then, and what was found out on the way."""

    group: AggregationGroup
    now_ms: int
    alerts: list[Alert]
    resolved: frozenset[str]
    """Fingerprints of the alerts that are resolved; the others are firing."""
    everything: frozenset[str]
    """Fingerprints of all of them."""
    suppressed: dict[str, tuple[SuppressedBy, str]]
    look_again_ms: list[int]
    """Moments at which some stage may decide differently although the alerts stay as they are."""
    waiting: int = 0
    """Integrations that are not done."""
    failed: bool = False

    @classmethod
    def of(cls, group: AggregationGroup, now_ms: int) -> Flush:
        alerts = list(group.alerts.values())
        resolved = frozenset([alert.fingerprint for alert in alerts if alert.ends_at_ms <= now_ms])
        return cls(group, now_ms, alerts, resolved, frozenset(group.alerts), {}, [])

    def told(self, alerts: list[Alert]) -> tuple[frozenset[str], frozenset[str]]:
        """Fingerprints of those of the alerts that are firing, and of those that are resolved."""
        told = self.everything
        if len(alerts) < len(self.alerts):
            told = frozenset([alert.fingerprint for alert in alerts])
        if not self.resolved:
            return told, self.resolved
        return told - self.resolved, told & self.resolved


class Stage(Protocol):
    """Lets alerts through or holds them back."""

    def exec(self, flush: Flush, alerts: list[Alert]) -> list[Alert]: ...


class InhibitStage:
    """Holds back alerts while an inhibiting alert fires."""

    def __init__(self, inhibitor: Inhibitor) -> None:
        self._inhibitor = inhibitor

    def exec(self, flush: Flush, alerts: list[Alert]) -> list[Alert]:
        for alert in alerts:
            source = self._inhibitor.muted_by(alert, flush.now_ms) if alert.targets else None
            if source is not None:
                flush.suppressed[alert.fingerprint] = SuppressedBy.INHIBITION, written(source.labels)
                flush.look_again_ms.append(source.ends_at_ms)
        return [alert for alert in alerts if alert.fingerprint not in flush.suppressed] if flush.suppressed else alerts


class SilenceStage:
    """Holds back alerts that match an active silence."""

    def __init__(self, silences: Silences) -> None:
        self._silences = silences

    def exec(self, flush: Flush, alerts: list[Alert]) -> list[Alert]:
        if not self._silences:
            return alerts
        change = self._silences.next_change(flush.now_ms)
        if change is not None:
            flush.look_again_ms.append(change)
        passed: list[Alert] = []
        for alert in alerts:
            ids = [silence.id for silence in self._silences.muting(alert.labels, flush.now_ms)]
            if ids:
                flush.suppressed[alert.fingerprint] = SuppressedBy.SILENCE, ", ".join(sorted(ids))
            else:
                passed.append(alert)
        return passed


class _TimeStage:
    """What both time stages share: named intervals, and the wall clock of the exercise."""

    def __init__(self, intervals: Mapping[str, tuple[TimeInterval, ...]], epoch: datetime) -> None:
        self._intervals = intervals
        self._epoch = epoch.astimezone(UTC)

    def _holding(self, names: Sequence[str], flush: Flush) -> list[str]:
        moment = self._epoch + timedelta(milliseconds=flush.now_ms)
        holding: list[str] = []
        for name in names:
            for interval in self._intervals[name]:
                change = interval.next_look(moment).astimezone(UTC) - self._epoch
                flush.look_again_ms.append(change // timedelta(milliseconds=1))
            if any(interval.contains(moment) for interval in self._intervals[name]):
                holding.append(name)
        return holding

    def _hold_back(self, flush: Flush, alerts: list[Alert], kind: SuppressedBy, names: Sequence[str]) -> list[Alert]:
        flush.suppressed |= {alert.fingerprint: (kind, ", ".join(names)) for alert in alerts}
        return []


class TimeActiveStage(_TimeStage):
    """Holds back everything outside the active time intervals of a route that has some."""

    def exec(self, flush: Flush, alerts: list[Alert]) -> list[Alert]:
        names = flush.group.route.active_time_intervals
        if self._holding(names, flush):
            return alerts
        return self._hold_back(flush, alerts, SuppressedBy.ACTIVE_TIME, names)


class TimeMuteStage(_TimeStage):
    """Holds back everything inside a mute time interval of the route."""

    def exec(self, flush: Flush, alerts: list[Alert]) -> list[Alert]:
        holding = self._holding(flush.group.route.mute_time_intervals, flush)
        return self._hold_back(flush, alerts, SuppressedBy.MUTE_TIME, holding) if holding else alerts


class DedupStage:
    """Compares with the last notification of the same group to the same integration."""

    def __init__(self, integration: Integration, log: NotificationLog) -> None:
        self._integration = integration
        self._log = log

    def exec(
        self, flush: Flush, key: LogKey, now_ms: int, firing: frozenset[str], resolved: frozenset[str]
    ) -> Reason | None:
        entry = self._log.query(key, now_ms)
        if entry is None:
            return Reason.FIRST if firing else None
        if not firing <= entry.firing:
            return Reason.NEW_FIRING
        if not firing:
            # Also without send_resolved, so that the log forgets the alerts that were firing.
            return Reason.ALL_RESOLVED if entry.firing else None
        if self._integration.send_resolved and not resolved <= entry.resolved:
            return Reason.NEW_RESOLVED
        repeat_interval_ms = flush.group.route.repeat_interval_ms
        if entry.at_ms < now_ms - repeat_interval_ms:
            return Reason.REPEAT
        flush.look_again_ms.append(min(entry.at_ms + repeat_interval_ms + 1, entry.expires_at_ms))
        return None


class RetryStage:
    """Sends, with exponential backoff between attempts until the flush has no time left.

    The backoff is that of Go's `cenkalti/backoff` without its random part: 0.5 s, 1.5 times longer each time, at most
    a minute.
    """

    _FIRST_MS, _FACTOR, _LONGEST_MS = SECOND // 2, 1.5, MINUTE

    def __init__(
        self, integration: Integration, sink: Sink | None, peer: int, emit: Callable[[Notification], None]
    ) -> None:
        self._integration = integration
        self._sink = sink
        self._peer = peer
        self._emit = emit

    def exec(
        self, flush: Flush, alerts: list[Alert], now_ms: int, deadline_ms: int, reason: Reason
    ) -> Generator[int, int, tuple[int, bool]] | None:
        """The attempts: the moment the last one ended, and whether the notification arrived.

        None where there is nothing behind the receivers: then it has arrived at once.
        """
        if self._sink is not None:
            return self._try(self._sink, flush, alerts, now_ms, deadline_ms, reason)
        self._emit(self._notification(flush, alerts, now_ms, reason))
        return None

    def _try(
        self, sink: Sink, flush: Flush, alerts: list[Alert], now_ms: int, deadline_ms: int, reason: Reason
    ) -> Generator[int, int, tuple[int, bool]]:
        pause_ms, number = float(self._FIRST_MS), 1
        while True:
            group = flush.group
            attempt = Attempt(now_ms, group.route.receiver, self._integration.name, group.key, number, self._peer)
            delivery = sink(attempt)
            ended_ms = now_ms + delivery.after_ms
            if ended_ms > deadline_ms:
                return (yield deadline_ms), False
            if delivery.after_ms:
                now_ms = yield ended_ms
            if delivery.delivered:
                self._emit(self._notification(flush, alerts, now_ms, reason))
            if delivery.delivered or delivery.final:
                return now_ms, delivery.delivered
            if now_ms + pause_ms >= deadline_ms:
                return (yield deadline_ms), False
            now_ms = yield now_ms + round(pause_ms)
            pause_ms, number = min(pause_ms * self._FACTOR, self._LONGEST_MS), number + 1

    def _notification(self, flush: Flush, sent: list[Alert], now_ms: int, reason: Reason) -> Notification:
        shown = sorted(sent, key=Alert.sort_key) if len(sent) > 1 else sent
        if self._integration.max_alerts:
            shown = shown[: self._integration.max_alerts]
        told: list[NotifiedAlert] = []
        spans: list[tuple[int, int | None]] = []
        status = Status.RESOLVED
        for alert in shown:
            if alert.ends_at_ms > flush.now_ms:
                status = Status.FIRING
                told.append(NotifiedAlert(alert.labels, alert.annotations, Status.FIRING))
                spans.append((alert.starts_at_ms, None))
            else:
                told.append(NotifiedAlert(alert.labels, alert.annotations, Status.RESOLVED))
                spans.append((alert.starts_at_ms, alert.ends_at_ms))
        return Notification(
            now_ms,
            flush.group.route.receiver,
            self._integration.name,
            flush.group.key,
            flush.group.labels,
            status,
            tuple(told),
            tuple(spans),
            reason,
            self._peer,
        )


class SetNotifiesStage:
    """Writes to the log what the receiver now knows, and tells the other peers."""

    def __init__(self, log: NotificationLog, broadcast: Callable[[LogKey, Entry], None] | None) -> None:
        self._log = log
        self._broadcast = broadcast

    def exec(self, flush: Flush, key: LogKey, now_ms: int, firing: frozenset[str], resolved: frozenset[str]) -> None:
        repeat_interval_ms = flush.group.route.repeat_interval_ms
        entry = self._log.log(key, now_ms, firing, resolved, repeat_interval_ms)
        if self._broadcast is not None:
            self._broadcast(key, entry)
        if firing:
            flush.look_again_ms.append(min(now_ms + repeat_interval_ms + 1, entry.expires_at_ms))


@dataclass(frozen=True, slots=True)
class IntegrationStage:
    """The stages of one integration, one after the other; WaitStage is its first line."""

    integration: Integration
    wait_ms: Callable[[], int] | None
    """How long this peer waits for those before it; None where there are no others."""
    dedup: DedupStage
    retry: RetryStage
    set_notifies: SetNotifiesStage

    def exec(self, flush: Flush, alerts: list[Alert]) -> Generator[int, int, tuple[int, bool]]:
        """The moment it ended, and whether all went well."""
        route = flush.group.route
        wait_ms = self.wait_ms() if self.wait_ms is not None else 0
        deadline_ms = flush.now_ms + max(route.group_interval_ms, MIN_TIMEOUT_MS) + wait_ms
        now_ms = (yield flush.now_ms + wait_ms) if wait_ms else flush.now_ms
        key = (flush.group.key, route.receiver, self.integration.name)
        firing, resolved = flush.told(alerts)
        reason = self.dedup.exec(flush, key, now_ms, firing, resolved)
        if reason is None:
            return now_ms, True
        if resolved and not self.integration.send_resolved:
            # It is not told of resolved alerts; with nothing else to tell, nothing is sent and that counts as told.
            alerts = [alert for alert in alerts if alert.fingerprint in firing]
        if alerts:
            attempts = self.retry.exec(flush, alerts, now_ms, deadline_ms, reason)
            now_ms, delivered = (yield from attempts) if attempts is not None else (now_ms, True)
            if not delivered:
                return now_ms, False
        self.set_notifies.exec(flush, key, now_ms, firing, resolved)
        return now_ms, True
