"""The dispatcher: sorts alerts into aggregation groups and flushes each group when its timer says so.

A *group* belongs to one route and one set of values of the labels the route groups by.  Its first flush comes
`group_wait` after it was made, at once when an alert in it started longer ago than that; afterwards there is a flush
every `group_interval`, whether or not anything changed.  At a flush the alerts go through the pipeline; resolved ones
leave the group once that went well.  Example with a wait of 30 s and an interval of 5 m: an alert at 0:00 is notified
at 0:30, another one of its group at 0:40 with the flush at 5:30.

A group that has become empty stays until the next cleanup, every 30 s from the start of the process on (version
0.25; in newer ones it goes with the flush that empties it): a new alert that finds it waits for its next flush.

Source: Alertmanager 0.25, `dispatch/dispatch.go`.

Most flushes find nothing to do, and a year has 100,000 of them for each group.  So a group *rests*: its timer is set
for the first flush at which some stage could decide differently, which the stages say (`Flush.look_again_ms`);
whatever changes before that (a post, a silence, an inhibiting alert) wakes the group.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Protocol

from simulator.monitoring.alertmanager.alert import NEVER_MS, Alert
from simulator.monitoring.alertmanager.inhibit import Inhibitor, Target
from simulator.monitoring.alertmanager.matchers import written
from simulator.monitoring.alertmanager.notify import Flush, IntegrationStage, Stage, SuppressedBy
from simulator.monitoring.alertmanager.routes import Route
from simulator.monitoring.alertmanager.timers import Timers
from timeline.instants import SECOND

CLEANUP_INTERVAL_MS = 30 * SECOND


class Pipeline(Protocol):
    """The stages that alerts of a group pass."""

    def filters(self, route: Route) -> Sequence[Stage]: ...

    def integrations(self, receiver: str) -> Sequence[IntegrationStage]: ...


GroupIdentity = tuple[Route, tuple[str | None, ...]]
"""A route, and the values of the labels it groups by."""


class AggregationGroup:
    """The alerts of one group, its timer, and what its last flush held back."""

    __slots__ = (
        "alerts",
        "changed",
        "emptied_ms",
        "flushed_ms",
        "identity",
        "in_flight",
        "key",
        "labels",
        "route",
        "suppressed",
        "timer",
        "watched",
    )

    def __init__(
        self,
        identity: GroupIdentity,
        labels: Mapping[str, str],
        timers: Timers,
        flush: Callable[[AggregationGroup, int], None],
    ) -> None:
        self.identity = identity
        self.route = route = identity[0]
        self.labels = labels
        self.key = f"{route.key}:{written(labels)}"
        self.alerts: dict[str, Alert] = {}
        self.timer = timers.timer(partial(flush, self))
        self.flushed_ms: int | None = None
        """The last time the timer fired, also if nothing was done then because the group was resting."""
        self.in_flight: Flush | None = None
        self.changed = False
        """Something happened during the flush in flight."""
        self.emptied_ms = 0
        self.suppressed: dict[str, tuple[SuppressedBy, str]] = {}
        self.watched: AbstractSet[Target] = frozenset()

    def insert(self, alert: Alert, now_ms: int) -> None:
        """Takes an alert, and sees to it that the next flush happens if it makes a difference."""
        known = self.alerts.get(alert.fingerprint)
        self.alerts[alert.fingerprint] = alert
        if self.flushed_ms is None:
            if alert.starts_at_ms + self.route.group_wait_ms <= now_ms:
                self.timer.reset(now_ms)
        elif (
            known is None
            or (known.ends_at_ms <= now_ms) is not (alert.ends_at_ms <= now_ms)
            or alert.ends_at_ms < known.ends_at_ms
        ):
            self.wake(now_ms)

    def wake(self, now_ms: int) -> None:
        """Makes the next flush happen."""
        if self.in_flight is not None:
            self.changed = True
        elif self.flushed_ms is not None and self.alerts:
            self.timer.reset(self.next_flush(now_ms))

    def next_flush(self, not_before_ms: int) -> int:
        """The first flush at or after a moment."""
        assert self.flushed_ms is not None
        interval_ms = self.route.group_interval_ms
        intervals = -(-(not_before_ms - self.flushed_ms) // interval_ms)
        return self.flushed_ms + max(intervals, 1) * interval_ms


class Dispatcher:
    """All groups of one process.  `always_flush` switches resting off: the log of a peer changes behind its back."""

    def __init__(
        self,
        route: Route,
        pipeline: Pipeline,
        inhibitor: Inhibitor,
        timers: Timers,
        start_ms: int,
        *,
        always_flush: bool,
    ) -> None:
        self._route = route
        self._pipeline = pipeline
        self._inhibitor = inhibitor
        self._timers = timers
        self._next_cleanup_ms = start_ms + CLEANUP_INTERVAL_MS
        self._groups: dict[GroupIdentity, AggregationGroup] = {}
        self._empty: dict[AggregationGroup, None] = {}
        self._watchers: dict[Target, set[AggregationGroup]] = {}
        self._restless = set(route.walk()) if always_flush else _sharing_log(route)
        self._stopped = False

    def process(self, alert: Alert, now_ms: int) -> None:
        """Puts an alert into its group on every route it reaches."""
        if now_ms >= self._next_cleanup_ms:
            self._cleanup(now_ms)
        for target in self._inhibitor.put(alert, now_ms):
            for group in self._watchers.pop(target, ()):
                group.wake(now_ms)
        for route in self._route.match(alert.labels):
            identity = (route, route.group_values(alert.labels))
            known = self._groups.get(identity)
            group = known if known is not None else self._new_group(identity, alert, now_ms)
            if not group.alerts:
                self._empty.pop(group, None)
            group.insert(alert, now_ms)

    def _new_group(self, identity: GroupIdentity, alert: Alert, now_ms: int) -> AggregationGroup:
        labels = identity[0].group_labels(alert.labels)
        group = self._groups[identity] = AggregationGroup(identity, labels, self._timers, self._flush)
        group.timer.reset(now_ms + group.route.group_wait_ms)
        return group

    def wake_all(self, now_ms: int) -> None:
        """Something changed that may concern every group: a silence."""
        for group in self._groups.values():
            group.wake(now_ms)

    def groups_with(self, alert_fingerprint: str) -> Iterator[AggregationGroup]:
        return (group for group in self._groups.values() if alert_fingerprint in group.alerts)

    def stop(self) -> None:
        """Ends everything at once, also what is being sent."""
        self._stopped = True
        for group in self._groups.values():
            group.timer.stop()

    def __len__(self) -> int:
        return len(self._groups)

    def _flush(self, group: AggregationGroup, now_ms: int) -> None:
        group.flushed_ms = now_ms
        flush = Flush.of(group, now_ms)
        alerts = flush.alerts
        for stage in self._pipeline.filters(group.route):
            if alerts:
                alerts = stage.exec(flush, alerts)
        group.suppressed = flush.suppressed
        group.in_flight, group.changed = flush, False
        integrations = self._pipeline.integrations(group.route.receiver) if alerts else ()
        flush.waiting = len(integrations)
        for integration in integrations:
            self._go_on(flush, integration.exec(flush, alerts), None)
        if not integrations:
            self._flushed(flush, now_ms)

    def _go_on(self, flush: Flush, steps: Generator[int, int, tuple[int, bool]], now_ms: int | None) -> None:
        """Lets the stages of one integration run until they wait or end."""
        if self._stopped:
            return
        try:
            continue_ms = next(steps) if now_ms is None else steps.send(now_ms)
        except StopIteration as end:
            ended_ms, ok = end.value
            flush.failed = flush.failed or not ok
            flush.waiting -= 1
            if not flush.waiting:
                self._flushed(flush, ended_ms)
        else:
            self._timers.timer(lambda then_ms: self._go_on(flush, steps, then_ms)).reset(continue_ms)

    def _flushed(self, flush: Flush, now_ms: int) -> None:
        """Resolved alerts leave, unless they were posted again meanwhile; then the timer is set."""
        group = flush.group
        group.in_flight = None
        if flush.resolved and not flush.failed:
            for alert in flush.alerts:
                if alert.fingerprint in flush.resolved and group.alerts.get(alert.fingerprint) is alert:
                    del group.alerts[alert.fingerprint]
        if not group.alerts:
            group.emptied_ms = now_ms
            self._empty[group] = None
            if now_ms >= self._next_cleanup_ms:
                self._cleanup(now_ms)
            return
        assert group.flushed_ms is not None
        if flush.failed or group.changed or group.route in self._restless:
            # A flush that took longer than the interval is followed by the next one at once.
            group.timer.reset(max(group.next_flush(flush.now_ms + 1), now_ms))
            return
        change_ms = NEVER_MS
        for at_ms in flush.look_again_ms:
            if flush.now_ms < at_ms < change_ms:
                change_ms = at_ms
        for alert in group.alerts.values():
            if flush.now_ms < alert.ends_at_ms < change_ms:
                change_ms = alert.ends_at_ms
        self._watch(group)
        if change_ms < NEVER_MS:
            group.timer.reset(max(group.next_flush(change_ms), now_ms))

    def _watch(self, group: AggregationGroup) -> None:
        """Registers the group where an inhibiting alert could change what its next flush lets through."""
        targets: set[Target] = set()
        for alert in group.alerts.values():
            targets.update(alert.targets)
        if group.watched:
            self._unwatch(group, group.watched - targets)
        for target in targets:
            self._watchers.setdefault(target, set()).add(group)
        group.watched = targets

    def _unwatch(self, group: AggregationGroup, targets: AbstractSet[Target]) -> None:
        for target in targets:
            watchers = self._watchers.get(target)
            if watchers is not None:
                watchers.discard(group)
                if not watchers:
                    del self._watchers[target]

    def _cleanup(self, now_ms: int) -> None:
        last_run_ms = now_ms - (now_ms - self._next_cleanup_ms) % CLEANUP_INTERVAL_MS
        self._next_cleanup_ms = last_run_ms + CLEANUP_INTERVAL_MS
        for group in [group for group in self._empty if group.emptied_ms <= last_run_ms]:
            del self._empty[group]
            del self._groups[group.identity]
            self._unwatch(group, group.watched)
            group.timer.discard()


def _sharing_log(root: Route) -> set[Route]:
    """Routes whose key and receiver are those of another one: they share entries of the notification log."""
    seen: dict[tuple[str, str], list[Route]] = {}
    for route in root.walk():
        seen.setdefault((route.key, route.receiver), []).append(route)
    return {route for routes in seen.values() if len(routes) > 1 for route in routes}
