"""A watch over real monitoring while a fault lasts: each alert's way from pending to resolved, and what users felt.

Prometheus and a user's journey are asked again and again by a thread; what arrived at receivers is read from the file
that the receiver keeps.  A moment that was seen by asking is known to within the interval between two questions.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from injectors.binding import Journey, Monitoring
from injectors.conditions import get
from injectors.monitoring.prometheus import active_alerts, clock_ahead_ms

ASK_EVERY_S = 0.5


@dataclass(slots=True)
class Seen:
    """One alert during a watch; moments are wall-clock milliseconds, None where it did not come to that."""

    name: str
    labels: dict[str, str]
    pending_ms: int | None = None
    firing_ms: int | None = None
    gone_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Notified:
    """A notification that arrived at a receiver."""

    at_ms: int
    receiver: str
    status: str
    alerts: tuple[tuple[str, tuple[tuple[str, str], ...], str], ...]
    """Name, labels and status of each."""


@dataclass(slots=True)
class Journeyed:
    """How a user's journey went, each time it was tried."""

    title: str
    tries: list[tuple[int, bool]] = field(default_factory=list)
    """Moment, and whether it went well."""

    def first_failure_ms(self, since_ms: int) -> int | None:
        return next((at_ms for at_ms, well in self.tries if at_ms >= since_ms and not well), None)


@dataclass(slots=True)
class Watched:
    """Everything that was seen."""

    from_ms: int
    until_ms: int = 0
    alerts: dict[tuple[tuple[str, str], ...], Seen] = field(default_factory=dict)
    notifications: list[Notified] = field(default_factory=list)
    journeys: list[Journeyed] = field(default_factory=list)
    clock_ahead_ms: float = 0.0
    unanswered: int = 0
    """Questions to which Prometheus had no answer."""


def wall_now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextmanager
def watching(monitoring: Monitoring, journeys: tuple[Journey, ...]) -> Iterator[Watched]:
    """Watches while the context lasts; the binding has to name a Prometheus."""
    assert monitoring.prometheus is not None, "there is nothing to watch"
    watched = Watched(wall_now_ms(), journeys=[Journeyed(journey.title) for journey in journeys])
    watched.clock_ahead_ms = clock_ahead_ms(monitoring.prometheus)
    over = threading.Event()
    threads = [
        threading.Thread(target=_watch_alerts, args=(monitoring.prometheus, watched, over), name="alerts", daemon=True),
        *(
            threading.Thread(target=_travel, args=(journey, seen, over), name="journey", daemon=True)
            for journey, seen in zip(journeys, watched.journeys, strict=True)
        ),
    ]
    for thread in threads:
        thread.start()
    try:
        yield watched
    finally:
        over.set()
        for thread in threads:
            thread.join(10)
        watched.until_ms = wall_now_ms()
        if monitoring.notifications is not None:
            watched.notifications = notifications(monitoring.notifications, watched.from_ms)


def _watch_alerts(prometheus: str, watched: Watched, over: threading.Event) -> None:
    while not over.is_set():
        try:
            active = {alert.labels: alert for alert in active_alerts(prometheus)}
        except (OSError, http.client.HTTPException, ValueError):
            watched.unanswered += 1
            over.wait(ASK_EVERY_S)
            continue
        now_ms = wall_now_ms()
        for labels, alert in active.items():
            seen = watched.alerts.setdefault(labels, Seen(alert.name, dict(labels), pending_ms=alert.active_ms))
            if alert.state == "firing" and seen.firing_ms is None:
                seen.firing_ms = now_ms
        for labels, seen in watched.alerts.items():
            if labels not in active and seen.gone_ms is None:
                seen.gone_ms = now_ms
        over.wait(ASK_EVERY_S)


def _travel(journey: Journey, seen: Journeyed, over: threading.Event) -> None:
    while not over.is_set():
        started_ms = wall_now_ms()
        try:
            status, _ = get(journey.http, journey.within / 1000)
            well = status == journey.status
        except (OSError, http.client.HTTPException):
            well = False
        seen.tries.append((started_ms, well))
        over.wait(journey.every / 1000)


def notifications(path: Path, since_ms: int) -> list[Notified]:
    """What a receiver has kept since a moment: one JSON document a line, as `injectors.stack.sink` writes."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        kept = json.loads(line)
        if kept["arrived_ms"] >= since_ms:
            body = kept["body"]
            alerts = tuple(
                (a["labels"]["alertname"], tuple(sorted(a["labels"].items())), a["status"]) for a in body["alerts"]
            )
            found.append(Notified(kept["arrived_ms"], body["receiver"], body["status"], alerts))
    return found
