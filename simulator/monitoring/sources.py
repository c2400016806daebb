"""Alerts that do not come from metrics: rules over logs, and the status feeds of vendors.

Both are clients of Alertmanager beside Prometheus: they post an alert when they see something and post its end when it
is over.  Each alert carries a label `source` (`logs`, `vendor-feed`).

- A *log rule* looks for a regular expression among log lines.  A fault leaves its signature in the log of its
  component for as long as it lasts; a rule that finds it fires `delay` after the fault began (shipping, indexing,
  evaluation), and no earlier than the log platform works.
- A *vendor feed* tells of trouble in what a vendor runs for us, `delay` after it began: vendors look before they post.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from simulator.kernel import Kernel
from simulator.sides import Disturbance
from timeline.distributions import Distribution
from topologies.estate import Component, Estate

Key = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SourceAlert:
    """An alert of such a source: what it says, and the event behind it."""

    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    cause: int

    @property
    def key(self) -> Key:
        return tuple(sorted(self.labels.items()))


class Outlet(Protocol):
    """Where alerts of these sources go."""

    def source_fires(self, alert: SourceAlert) -> None: ...

    def source_resolves(self, alert: SourceAlert) -> None: ...


@dataclass(frozen=True, slots=True)
class _Source:
    """One rule or feed."""

    name: str
    entity: str
    """Names its random stream."""
    delay: Distribution
    labels: Mapping[str, str]
    summary: str
    sees: Callable[[Disturbance], bool]
    platform: str | None
    """The component that it needs to work; None for what runs elsewhere."""


@dataclass(eq=False, slots=True)
class _Watch:
    """One source on one disturbance."""

    source: _Source
    disturbance: Disturbance
    alert: SourceAlert
    due_ms: int
    fires: bool = False


class ExternalSources:
    """Follows the disturbances of an estate and tells the outlet of alerts."""

    def __init__(self, kernel: Kernel, estate: Estate, serving: Callable[[str], bool], outlet: Outlet) -> None:
        self._kernel = kernel
        self._components = estate.components
        self._serving = serving
        self._outlet = outlet
        self._sources = tuple(_sources(estate))
        self._watches: dict[str, list[_Watch]] = {}
        self._firing: Counter[Key] = Counter()
        """How many watches stand behind an alert: two faults may leave one line in one log."""

    def follow(self, disturbances: Iterable[Disturbance]) -> None:
        """These last now: what is new is noticed after its delay, what is gone is over."""
        lasting = {d.id: d for d in disturbances} if self._sources else {}
        for gone in [id for id in self._watches if id not in lasting]:
            for watch in self._watches.pop(gone):
                if watch.fires:
                    self._end(watch.alert)
        for id, disturbance in lasting.items():
            if id not in self._watches:
                self._watches[id] = [self._notice(s, disturbance) for s in self._sources if s.sees(disturbance)]
        self._fire_due()

    def firing(self) -> list[SourceAlert]:
        """What fires now, to be told again to an Alertmanager that has forgotten it."""
        alerts = [watch.alert for watches in self._watches.values() for watch in watches if watch.fires]
        return list({alert.key: alert for alert in alerts}.values())

    def _notice(self, source: _Source, disturbance: Disturbance) -> _Watch:
        delay_ms = self._kernel.streams.draw(source.delay, source.entity, "notices", disturbance.id)
        watch = _Watch(source, disturbance, self._alert(source, disturbance), self._kernel.now() + delay_ms)
        self._kernel.call_at(watch.due_ms, self._fire_due)
        return watch

    def _alert(self, source: _Source, disturbance: Disturbance) -> SourceAlert:
        component = self._components[disturbance.component]
        labels = {**_labels_of(disturbance.component, component), **source.labels, "alertname": source.name}
        annotations = {"summary": source.summary.format(component=component.title, line=disturbance.log_signature)}
        return SourceAlert(source.name, labels, annotations, disturbance.event)

    def _fire_due(self) -> None:
        now = self._kernel.now()
        for watches in self._watches.values():
            for watch in watches:
                works = watch.source.platform is None or self._serving(watch.source.platform)
                if not watch.fires and watch.due_ms <= now and works:
                    watch.fires = True
                    self._begin(watch.alert)

    def _begin(self, alert: SourceAlert) -> None:
        self._firing[alert.key] += 1
        if self._firing[alert.key] == 1:
            self._outlet.source_fires(alert)

    def _end(self, alert: SourceAlert) -> None:
        self._firing[alert.key] -= 1
        if self._firing[alert.key] == 0:
            self._outlet.source_resolves(alert)


def _labels_of(id: str, component: Component) -> dict[str, str]:
    return {"component": id, **({"site": component.site} if component.site else {}), **component.labels}


def _sources(estate: Estate) -> Iterator[_Source]:
    for id, rule in estate.monitoring.log_rules.items():
        labels = {"source": "logs", **rule.labels}
        found = re.compile(rule.signature).search
        yield _Source(
            rule.alert,
            f"log-rule/{id}",
            rule.delay,
            labels,
            "{component} logs: {line}",
            lambda d, found=found: found(d.log_signature) is not None,  # type: ignore[misc]
            estate.platform.logs,
        )
    for vendor, feed in estate.monitoring.vendor_feeds.items():
        labels = {"source": "vendor-feed", "vendor": vendor, **feed.labels}
        run_by = {id for id, component in estate.components.items() if component.vendor == vendor}
        yield _Source(
            feed.alert,
            f"vendor-feed/{vendor}",
            feed.delay,
            labels,
            f"{estate.vendors[vendor].title} reports trouble with {{component}}",
            lambda d, run_by=run_by: d.component in run_by,  # type: ignore[misc]
            None,
        )
