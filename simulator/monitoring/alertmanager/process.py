"""One Alertmanager process: what it keeps in memory, what it keeps on disk, and its pipeline.

Alerts and groups are in memory and go with the process.  Silences and the notification log are on disk and stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from simulator.monitoring.alertmanager.alert import Alerts, PostedAlert, fingerprint
from simulator.monitoring.alertmanager.config import AlertmanagerConfig
from simulator.monitoring.alertmanager.dispatch import AggregationGroup, Dispatcher
from simulator.monitoring.alertmanager.inhibit import Inhibitor
from simulator.monitoring.alertmanager.nflog import Entry, LogKey, NotificationLog
from simulator.monitoring.alertmanager.notify import (
    DedupStage,
    InhibitStage,
    IntegrationStage,
    Notification,
    RetryStage,
    SetNotifiesStage,
    SilenceStage,
    Sink,
    Stage,
    Suppression,
    TimeActiveStage,
    TimeMuteStage,
)
from simulator.monitoring.alertmanager.routes import Route
from simulator.monitoring.alertmanager.silence import Silences
from simulator.monitoring.alertmanager.timers import Timers


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process is connected to."""

    epoch: datetime
    timers: Timers
    emit: Callable[[Notification], None]
    broadcast: Callable[[LogKey, Entry], None] | None
    """Tells the other peers; None, as for `wait_ms`, where there are none."""
    wait_ms: Callable[[], int] | None
    """How long this peer waits for those before it."""
    sink: Sink | None
    always_flush: bool
    """Groups never rest."""


class Process:
    """A process with its number among the peers; `start` and `stop` it, and post to it while it runs."""

    def __init__(self, number: int, config: AlertmanagerConfig, surroundings: Surroundings, start_ms: int) -> None:
        self.number = number
        self.silences = Silences()
        self.log = NotificationLog(start_ms)
        self._config = config
        self._surroundings = surroundings
        self._memory: _Memory | None = None
        self.start(start_ms)

    @property
    def running(self) -> bool:
        return self._memory is not None

    def start(self, at_ms: int) -> None:
        if self._memory is None:
            self.log.restarted(at_ms)
            self._memory = _Memory(self._config, self.silences, self.log, self._surroundings, self.number, at_ms)

    def stop(self) -> None:
        if self._memory is not None:
            self._memory.dispatcher.stop()
            self._memory = None

    def post(self, alerts: Sequence[PostedAlert], at_ms: int) -> None:
        if self._memory is not None:
            for alert in self._memory.alerts.put(alerts, at_ms, self._config.resolve_timeout_ms):
                self._memory.dispatcher.process(alert, at_ms)

    def silences_changed(self, at_ms: int) -> None:
        if self._memory is not None:
            self._memory.dispatcher.wake_all(at_ms)

    def suppressions(self, labels: Mapping[str, str]) -> list[Suppression]:
        """Why the alert with these labels was held back at the last flush of each of its groups."""
        alert = fingerprint({name: value for name, value in labels.items() if value})
        return [
            Suppression(group.route.receiver, group.labels, *group.suppressed[alert])
            for group in self._groups_with(alert)
            if alert in group.suppressed
        ]

    def group_count(self) -> int:
        return len(self._memory.dispatcher) if self._memory else 0

    def _groups_with(self, alert: str) -> Sequence[AggregationGroup]:
        return list(self._memory.dispatcher.groups_with(alert)) if self._memory else ()


class _Memory:
    """What a process builds when it starts and loses when it stops."""

    def __init__(
        self,
        config: AlertmanagerConfig,
        silences: Silences,
        log: NotificationLog,
        surroundings: Surroundings,
        number: int,
        start_ms: int,
    ) -> None:
        inhibitor = Inhibitor(config.inhibit_rules, start_ms)
        self.alerts = Alerts(start_ms)
        inhibit, silence = InhibitStage(inhibitor), SilenceStage(silences)
        active = TimeActiveStage(config.time_intervals, surroundings.epoch)
        mute = TimeMuteStage(config.time_intervals, surroundings.epoch)
        self._filters: dict[Route, tuple[Stage, ...]] = {
            route: (
                *((inhibit,) if config.inhibit_rules else ()),
                *((active,) if route.active_time_intervals else ()),
                *((mute,) if route.mute_time_intervals else ()),
                silence,
            )
            for route in config.route.walk()
        }
        self._stages = {
            receiver.name: tuple(
                IntegrationStage(
                    integration,
                    surroundings.wait_ms,
                    DedupStage(integration, log),
                    RetryStage(integration, surroundings.sink, number, surroundings.emit),
                    SetNotifiesStage(log, surroundings.broadcast),
                )
                for integration in receiver.integrations
            )
            for receiver in config.receivers.values()
        }
        self.dispatcher = Dispatcher(
            config.route, self, inhibitor, surroundings.timers, start_ms, always_flush=surroundings.always_flush
        )

    def filters(self, route: Route) -> Sequence[Stage]:
        """The stages that can hold back alerts of a route, in their order."""
        return self._filters[route]

    def integrations(self, receiver: str) -> Sequence[IntegrationStage]:
        return self._stages[receiver]
