"""Running one test: play its storm, hold what happened against what was expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from simulator.monitoring.alertmanager import Alertmanager, Notification, play
from simulator.monitoring.alertmanager.matchers import written
from simulator.monitoring.notifytests.files import ExpectedNotification, NotifyTest


@dataclass(frozen=True, slots=True)
class Result:
    """One test that ran; without failures it passed."""

    file: str
    name: str
    failures: tuple[str, ...]


def run_test(test: NotifyTest) -> Result:
    alertmanager = Alertmanager(test.config, epoch=test.start)
    notifications = list(play(alertmanager, test.storm, test.until_ms))
    failures = (
        *_route_failures(test),
        *_notification_failures(test.expect.notifications, notifications),
        *_count_failures(test, notifications),
        *_suppression_failures(test, alertmanager),
    )
    return Result(test.file, test.name, failures)


def _route_failures(test: NotifyTest) -> Iterator[str]:
    for route in test.expect.routes:
        receivers = tuple(test.config.receivers_for(route.labels))
        if receivers != route.receivers:
            yield f"{written(route.labels)} goes to {_list(receivers)}, expected {_list(route.receivers)}"


def _notification_failures(
    expected: Sequence[ExpectedNotification] | None, notifications: Sequence[Notification]
) -> Iterator[str]:
    if expected is None:
        return
    for position, (want, got) in enumerate(zip_longest(expected, notifications), start=1):
        if want is None:
            yield f"notification {position} was not expected: {_said(got)}"
        elif got is None:
            yield f"notification {position} was not sent: {_wanted(want)}"
        elif differing := _differing(want, got):
            yield f"notification {position} differs in {_list(differing)}: {_said(got)}, expected {_wanted(want)}"


def _differing(want: ExpectedNotification, got: Notification) -> list[str]:
    differing = []
    if want.at is not None and round(want.at * 1000) != got.at_ms:
        differing.append("at")
    if want.receiver is not None and want.receiver != got.receiver:
        differing.append("receiver")
    if want.status is not None and want.status != got.status:
        differing.append("status")
    if want.reason is not None and want.reason != got.reason:
        differing.append("reason")
    if want.group is not None and want.group != dict(got.group_labels):
        differing.append("group")
    if want.alerts is not None and not _alerts_agree(want, got):
        differing.append("alerts")
    return differing


def _alerts_agree(want: ExpectedNotification, got: Notification) -> bool:
    """Each expected alert stands for one alert of the notification, in any order."""
    rest = list(got.alerts)
    for alert in want.alerts or ():
        found = next(
            (a for a in rest if alert.labels.items() <= a.labels.items() and alert.status in (None, a.status)), None
        )
        if found is None:
            return False
        rest.remove(found)
    return not rest


def _count_failures(test: NotifyTest, notifications: Sequence[Notification]) -> Iterator[str]:
    sent = Counter(notification.receiver for notification in notifications)
    for receiver, count in test.expect.counts.items():
        if sent[receiver] != count:
            yield f"{receiver} was notified {sent[receiver]} times, expected {count}"


def _suppression_failures(test: NotifyTest, alertmanager: Alertmanager) -> Iterator[str]:
    for expected in test.expect.suppressed:
        found = alertmanager.suppressions(expected.labels)
        if not any(s.kind == expected.by and expected.receiver in (None, s.receiver) for s in found):
            reasons = _list([f"{s.kind} ({s.by}) for {s.receiver}" for s in found])
            yield f"{written(expected.labels)} was held back by {reasons}, expected {expected.by}"


def _said(notification: Notification) -> str:
    alerts = ", ".join(f"{written(labels)} {status}" for labels, _, status in notification.alerts)
    about = f"{notification.status} ({notification.reason})"
    return f"at {notification.at_ms / 1000:g} to {notification.receiver} {about}: {alerts}"


def _wanted(want: ExpectedNotification) -> str:
    alerts = ", ".join(f"{written(alert.labels)} {alert.status or ''}".strip() for alert in want.alerts or ())
    moment = "any time" if want.at is None else f"{want.at:g}"
    about = f"{want.status or ''} {f'({want.reason})' if want.reason else ''}".strip()
    return f"at {moment} to {want.receiver or 'anyone'} {about}".strip() + (f": {alerts}" if alerts else "")


def _list(items: Sequence[str]) -> str:
    return ", ".join(items) or "nothing"
