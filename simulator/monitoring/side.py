"""The modelled monitoring: Prometheus evaluates, Alertmanager groups and notifies, each only while it runs itself.

    signals -> series -> rules -> alert.* -> Alertmanager -> notification.* -> whoever is behind the receiver

Rules are evaluated lazily: the engine says when the next alert changes its state if nothing else happens; that moment
goes on the calendar; when signals change first, what they can touch is thrown away and asked again.

Prometheus tells Alertmanager of a firing alert again and again, each time with an end four times the larger of resend
delay and evaluation interval ahead (Prometheus, `rules/alerting.go` and `notifier/`).  Here an alert is posted once as
repeated; when Prometheus dies it gets that end, and so resolves minutes later although nothing is well.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from simulator.kernel import Kernel
from simulator.monitoring.alertmanager import (
    Alertmanager,
    AlertmanagerConfig,
    Attempt,
    Delivery,
    Notification,
    PostedAlert,
)
from simulator.monitoring.origins import origins
from simulator.monitoring.promql import Labels, Options, Semantics
from simulator.monitoring.rules import (
    AlertState,
    RuleEngine,
    RuleGroup,
    RuleReference,
    Transition,
    hashed_offset,
)
from simulator.monitoring.sources import ExternalSources, SourceAlert
from simulator.monitoring.telemetry import SignalStorage
from simulator.sides import Delivered, DeliveredAlert, Disturbance
from simulator.signals import SignalBoard
from timeline.details import AlertDetail, HealthDetail, NotificationDetail
from timeline.instants import MINUTE, SECOND
from timeline.references import MONITORING, Reference, RefKind, component
from topologies.estate import Estate
from topologies.telemetry import TelemetryProfile

RESEND_DELAY_MS = MINUTE
_ENDS_AFTER = 4


class EstateView(Protocol):
    """What monitoring asks of the estate that carries it."""

    def serving(self, id: str) -> bool: ...

    def last_change(self, id: str) -> int | None: ...

    def next_planned_change(self) -> int:
        """When signals will change at the latest, as far as is planned now."""
        ...

    def disturbances(self) -> Sequence[Disturbance]:
        """Faults in components that last now."""
        ...

    def troubles(self, id: str) -> list[int]:
        """Events that explain what is wrong with a component now: its faults and its last change of health."""
        ...


@dataclass(frozen=True, slots=True)
class MonitoringFiles:
    """Rules and routes as their own formats state them."""

    groups: Sequence[RuleGroup]
    config: AlertmanagerConfig | None
    profiles: Mapping[str, TelemetryProfile] = field(default_factory=dict)
    """Telemetry profiles of the estate's own, by name."""


class Rules(Protocol):
    """What monitoring asks of whatever evaluates rules; see `RuleEngine`."""

    def lookahead(self, until_ms: int) -> int | None: ...

    def advance(self, to_ms: int) -> list[Transition]: ...

    def invalidate(self, at_ms: int, series_names: Collection[str] | None = None) -> None: ...

    def suspend(self, at_ms: int) -> list[Transition]: ...

    def resume(self, at_ms: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Prometheus:
    """What a modelled Prometheus works with: the series that it scrapes and the rules that it evaluates."""

    storage: SignalStorage
    rules: Rules


def modelled_prometheus(
    kernel: Kernel,
    estate: Estate,
    files: MonitoringFiles,
    board: SignalBoard,
    *,
    semantics: Semantics = Semantics.PROMETHEUS_3,
    offset: Callable[[RuleGroup], int] = hashed_offset,
    from_ms: int | None = None,
) -> tuple[SignalStorage, RuleEngine]:
    """The series and the rules of a Prometheus that starts at `from_ms`, now when left out.

    `offset` says when within its interval a group is evaluated.
    """
    epoch_ms = round(kernel.epoch.timestamp() * SECOND)
    storage = SignalStorage(estate, board, kernel.streams.key, epoch_ms, files.profiles)
    rules = RuleEngine(
        files.groups,
        storage,
        start_ms=kernel.now() if from_ms is None else from_ms,
        semantics=semantics,
        external_labels=estate.monitoring.external_labels,
        offset=offset,
        options=Options(epoch_ms=epoch_ms),
    )
    return storage, rules


class ModelledMonitoring:
    """Prometheus and Alertmanager in virtual time.  They start at `from_ms`, now when left out: what lies silent for
    days before an exercise is none of their business."""

    def __init__(
        self,
        kernel: Kernel,
        estate: Estate,
        files: MonitoringFiles,
        board: SignalBoard,
        view: EstateView,
        deliver: Callable[[Delivered], None],
        *,
        until_ms: int,
        prometheus: Prometheus | None = None,
        from_ms: int | None = None,
    ) -> None:
        starts_ms = kernel.now() if from_ms is None else from_ms
        self._kernel = kernel
        self._platform = estate.platform
        self._external_labels = estate.monitoring.external_labels
        self._board = board
        self._view = view
        self._deliver = deliver
        self._until_ms = until_ms
        if prometheus is None:
            prometheus = Prometheus(*modelled_prometheus(kernel, estate, files, board, from_ms=starts_ms))
        self._storage, self._rules = prometheus.storage, prometheus.rules
        self._origins = origins(files.groups)
        self._own_labels = {
            (group.name, rule.name): frozenset({"alertname", *rule.labels})
            for group in files.groups
            for rule in group.rules
        }
        self._alertmanager = (
            Alertmanager(files.config, epoch=kernel.epoch, start_ms=starts_ms, sink=self._attempt)
            if files.config
            else None
        )
        self._interval_ms = max((group.interval_ms for group in files.groups), default=MINUTE)
        self._sources = ExternalSources(kernel, estate, view.serving, self)
        self._firing: dict[Labels, tuple[Transition, int]] = {}
        """Firing alerts by their labels, with the event in which each fired."""
        self._alert_events: dict[Labels, int] = {}
        self._lost: dict[tuple[str, str], int] = {}
        """Groups that could not be delivered to a receiver: the first failed attempt."""
        self._down: dict[str, bool] = {}
        self._plan = 0

    def start(self) -> None:
        self._plan_evaluation()

    def signals_changed(self, at_ms: int) -> None:
        changed = self._board.take_changed()
        self._follow_platform()
        self._sources.follow(self._view.disturbances())
        if names := {name for id in changed for name in self._storage.names_of(id)}:
            self._rules.invalidate(at_ms, names)
            self._plan_evaluation()

    # Rules

    def _plan_evaluation(self) -> None:
        """Puts the next change of an alert on the calendar; an older plan is void.

        Looks no further ahead than the next change of demand, which will move the series anyway.
        """
        self._plan += 1
        plan = self._plan
        horizon_ms = min(self._view.next_planned_change(), self._until_ms)
        due = self._rules.lookahead(horizon_ms)
        if due is not None:
            self._kernel.call_at(due, lambda: self._evaluate(plan))
        elif horizon_ms < self._until_ms:
            self._kernel.call_at(horizon_ms, lambda: self._look_on(plan))

    def _look_on(self, plan: int) -> None:
        if plan == self._plan:
            self._plan_evaluation()

    def _evaluate(self, plan: int) -> None:
        if plan != self._plan:
            return
        posts = [post for t in self._rules.advance(self._kernel.now()) if (post := self._take(t)) is not None]
        self._post(posts)
        self._plan_evaluation()

    def _take(self, transition: Transition) -> PostedAlert | None:
        """Records a change of an alert; what Alertmanager has to be told, if anything."""
        labels = transition.labels
        if transition.state is AlertState.INACTIVE:
            if labels not in self._firing:
                return None
            _, fired = self._firing.pop(labels)
            self._alert_events[labels] = self._emit_alert("alert.resolved", transition, [fired])
            return self._posted(transition, fired, transition.at_ms)
        if transition.state is AlertState.PENDING:
            self._alert_events[labels] = self._emit_alert("alert.pending", transition, self._causes(transition))
            return None
        causes = self._causes(transition)
        if (pending := self._alert_events.get(labels)) is not None and self._is_pending(pending):
            causes.append(pending)
        event = self._emit_alert("alert.firing", transition, causes)
        self._firing[labels] = (transition, event)
        self._alert_events[labels] = event
        return self._posted(transition, event, None)

    def _is_pending(self, event: int) -> bool:
        return self._kernel.timeline[event].kind == "alert.pending"

    def _emit_alert(self, kind: str, transition: Transition, causes: Sequence[int]) -> int:
        labels = transition.labels
        detail = AlertDetail(
            name=transition.rule.name,
            labels=tuple(labels.items()),
            annotations=tuple(transition.annotations.items()),
            value=transition.value,
            active_at_ms=transition.active_at_ms,
            fingerprint=fingerprint(labels),
        )
        subject = Reference(RefKind.ALERT, transition.rule.name)
        return self._kernel.emit(kind, subject, MONITORING, detail, causes).seq

    def _causes(self, transition: Transition) -> list[int]:
        """Troubles of the components whose series the rule reads and whose labels agree with the alert's.

        Labels that the rule itself sets say nothing about the series.
        """
        own = self._own_labels[transition.rule.group, transition.rule.name]
        kept = {name: value for name, value in transition.labels.items() if name not in own}
        causes: dict[int, None] = {}
        for labels, id in self._behind(transition.rule):
            if all(labels.get(name, value) == value for name, value in kept.items()):
                causes |= dict.fromkeys(self._view.troubles(id))
        return list(causes)

    def _behind(self, rule: RuleReference) -> list[tuple[Labels, str]]:
        """Scraped series that a rule reads in the end, with the component behind each."""
        return [
            behind
            for matchers in self._origins[rule.group, rule.name]
            for behind in self._storage.components_behind(matchers)
        ]

    # Logs and vendors

    def source_fires(self, alert: SourceAlert) -> None:
        self._alert_events[Labels(alert.labels)] = self._emit_source("alert.firing", alert, [alert.cause])
        self._post([self._posted_source(alert)])

    def source_resolves(self, alert: SourceAlert) -> None:
        fired = self._alert_events[Labels(alert.labels)]
        ended = PostedAlert(alert.labels, alert.annotations, self._fired_at(alert), self._kernel.now())
        self._alert_events[Labels(alert.labels)] = self._emit_source("alert.resolved", alert, [fired])
        self._post([ended])

    def _posted_source(self, alert: SourceAlert) -> PostedAlert:
        return PostedAlert(alert.labels, alert.annotations, self._fired_at(alert), repeated=True)

    def _fired_at(self, alert: SourceAlert) -> int:
        return self._kernel.timeline[self._alert_events[Labels(alert.labels)]].at_ms

    def _emit_source(self, kind: str, alert: SourceAlert, causes: Sequence[int]) -> int:
        labels = Labels(alert.labels)
        detail = AlertDetail(
            name=alert.name,
            labels=tuple(labels.items()),
            annotations=tuple(alert.annotations.items()),
            value=None,
            active_at_ms=self._kernel.now(),
            fingerprint=fingerprint(labels),
        )
        return self._kernel.emit(kind, Reference(RefKind.ALERT, alert.name), MONITORING, detail, causes).seq

    # Alertmanager

    def _posted(self, transition: Transition, fired: int, ends_at_ms: int | None) -> PostedAlert:
        """As Prometheus posts it: it starts when it fired, not when it was pending."""
        labels = {**self._external_labels, **transition.labels}
        fired_at_ms = self._kernel.timeline[fired].at_ms
        firing = ends_at_ms is None
        return PostedAlert(labels, transition.annotations, fired_at_ms, ends_at_ms, repeated=firing)

    def _post(self, alerts: Sequence[PostedAlert]) -> None:
        if self._alertmanager is None or not alerts or not self._runs(self._platform.alertmanager):
            return  # it is told again when it is back
        self._alertmanager.receive(self._kernel.now(), alerts)
        self._plan_flush()

    def _plan_flush(self) -> None:
        assert self._alertmanager is not None
        due = self._alertmanager.next_wakeup()
        if due is not None and due <= self._until_ms:
            self._kernel.call_at(due, self._flush)

    def _flush(self) -> None:
        assert self._alertmanager is not None
        due = self._alertmanager.next_wakeup()
        if due is None or due > self._kernel.now():
            return
        for notification in self._alertmanager.advance(self._kernel.now()):
            self._hand_over(notification)
        self._plan_flush()

    def _attempt(self, attempt: Attempt) -> Delivery:
        """Whether the paging provider takes a notification; Alertmanager tries again by itself."""
        if self._runs(self._platform.paging):
            return Delivery(0, delivered=True)
        group = (attempt.receiver, attempt.group_key)
        if group not in self._lost:
            assert self._platform.paging is not None
            last = self._view.last_change(self._platform.paging)
            detail = NotificationDetail(
                attempt.receiver, attempt.group_key, "firing", (), "the provider does not answer"
            )
            subject = Reference(RefKind.RECEIVER, attempt.receiver)
            causes = [last] if last is not None else []
            self._lost[group] = self._kernel.emit("notification.lost", subject, MONITORING, detail, causes).seq
        return Delivery(0, delivered=False)

    def _hand_over(self, notification: Notification) -> None:
        events = [self._event_of(alert.labels) for alert in notification.alerts]
        causes = [event for event in events if event is not None]
        lost = self._lost.pop((notification.receiver, notification.group_key), None)
        names = dict.fromkeys(a.labels["alertname"] for a in notification.alerts if a.status == "firing")
        detail = NotificationDetail(
            notification.receiver,
            notification.group_key,
            notification.status,
            tuple(names),
            notification.reason,
        )
        subject = Reference(RefKind.RECEIVER, notification.receiver)
        causes += [lost] if lost is not None else []
        sent = self._kernel.emit("notification.sent", subject, MONITORING, detail, causes).seq
        alerts = tuple(
            DeliveredAlert(alert.labels, alert.annotations, alert.status, sent if event is None else event)
            for alert, event in zip(notification.alerts, events, strict=True)
        )
        self._deliver(Delivered(sent, notification.receiver, notification.status, notification.group_key, alerts))

    def _event_of(self, labels: Mapping[str, str]) -> int | None:
        own = Labels(
            {k: v for k, v in labels.items() if self._external_labels.get(k) != v or k not in self._external_labels}
        )
        return self._alert_events.get(own, self._alert_events.get(Labels(labels)))

    # What monitoring itself runs on

    def _runs(self, id: str | None) -> bool:
        """Whether a part of the platform works; one that the estate does not know is taken to run elsewhere."""
        return id is None or self._view.serving(id)

    def _follow_platform(self) -> None:
        for id, stop, resume in (
            (self._platform.prometheus, self._prometheus_stops, self._prometheus_resumes),
            (self._platform.alertmanager, self._alertmanager_stops, self._alertmanager_resumes),
            (self._platform.paging, _nothing, _nothing),
        ):
            if id is None:
                continue
            down = not self._view.serving(id)
            if down == self._down.get(id, False):
                continue
            self._down[id] = down
            last = self._view.last_change(id)
            kind = "monitoring.stopped" if down else "monitoring.resumed"
            causes = [last] if last is not None else []
            self._kernel.emit(
                kind, component(id), MONITORING, HealthDetail("down" if down else "up", 1.0 - down), causes
            )
            if down:
                stop()
            else:
                resume()

    def _prometheus_stops(self) -> None:
        now = self._kernel.now()
        for transition in self._rules.suspend(now):
            self._take(transition)
        self._storage.stop(now)
        ends_at_ms = now + _ENDS_AFTER * max(RESEND_DELAY_MS, self._interval_ms)
        self._post([self._posted(transition, fired, ends_at_ms) for transition, fired in self._firing.values()])
        self._plan_evaluation()

    def _prometheus_resumes(self) -> None:
        now = self._kernel.now()
        self._firing.clear()  # a new process knows of no alert; what still holds fires again
        self._storage.resume(now)
        self._rules.resume(now)
        self._plan_evaluation()

    def _alertmanager_stops(self) -> None:
        if self._alertmanager is not None:
            self._alertmanager.stop(self._kernel.now())

    def _alertmanager_resumes(self) -> None:
        """It comes back without alerts; Prometheus tells it again within the resend delay."""
        if self._alertmanager is None:
            return
        self._alertmanager.start(self._kernel.now())
        self._plan_flush()
        self._kernel.call_at(self._kernel.now() + RESEND_DELAY_MS, self._tell_again)

    def _tell_again(self) -> None:
        if self._runs(self._platform.prometheus):
            self._post([self._posted(transition, fired, None) for transition, fired in self._firing.values()])
        self._post([self._posted_source(alert) for alert in self._sources.firing()])


def _nothing() -> None:
    """Alertmanager keeps trying by itself while the provider is away."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """A short stable name of an alert: a hash of its labels."""
    text = "\x1f".join(f"{name}\x1e{value}" for name, value in sorted(labels.items()))
    return blake2b(text.encode(), digest_size=8).hexdigest()
