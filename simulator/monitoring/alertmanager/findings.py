"""Weak spots of a configuration that loads: what can never happen, what leads nowhere, what is missing.

A statement like "this route can never match" is made only where it follows from the matchers alone; a configuration
without findings may still have such routes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from simulator.monitoring.alertmanager.config import AlertmanagerConfig
from simulator.monitoring.alertmanager.inhibit import InhibitRule
from simulator.monitoring.alertmanager.matchers import Matcher, Matchers, MatchType
from simulator.monitoring.alertmanager.nflog import RETENTION_MS
from simulator.monitoring.alertmanager.receivers import KINDS, Integration
from simulator.monitoring.alertmanager.routes import Route
from timeline.findings import Finding, Place, Severity
from timeline.instants import format_duration

HEARTBEAT_NAMES = ("Watchdog", "DeadMansSwitch", "DeadMansSnitch", "Heartbeat", "AlwaysFiring")


def config_findings(config: AlertmanagerConfig) -> list[Finding]:
    """Every finding about the configuration alone, in the order of the file."""
    found = [
        *_unreachable_routes(config.route, ()),
        *_intervals(config.route),
        *_receivers(config),
        *_unused_time_intervals(config),
        *_inhibitions(config.inhibit_rules),
        *_dead_mans_switch(config),
        *_always_muted(config),
    ]
    return sorted(found, key=lambda finding: (finding.place.line, finding.place.column))


def _unreachable_routes(route: Route, above: Matchers) -> Iterator[Finding]:
    """A route below one that cannot match is not reported by itself."""
    for position, child in enumerate(route.routes):
        way = (*above, *child.matchers)
        if conflict := contradiction(way):
            one, other = conflict
            yield finding(
                "route.unreachable", child.place, f"no alert reaches this route: {one} and {other} exclude each other"
            )
            continue
        before = next((sibling for sibling in route.routes[:position] if _takes_all_of(sibling, child)), None)
        if before is not None:
            message = f"no alert reaches this route: the one in line {before.place.line} takes them all before"
            yield finding(
                "route.unreachable", child.place, message, "move it up, or let the other one say continue: true"
            )
            continue
        yield from _unreachable_routes(child, way)


def _takes_all_of(earlier: Route, later: Route) -> bool:
    return not earlier.continues and set(earlier.matchers) <= set(later.matchers)


def contradiction(matchers: Sequence[Matcher]) -> tuple[Matcher, Matcher] | None:
    """Two matchers that no alert fulfils together, as far as one of them names the value."""
    for fixed in matchers:
        if fixed.type is MatchType.EQUAL:
            for other in matchers:
                if other.name == fixed.name and not other.matches({fixed.name: fixed.value}):
                    return fixed, other
    return None


def _intervals(route: Route, parent: Route | None = None) -> Iterator[Finding]:
    """Reported where the pair of intervals is written, not where it is inherited."""
    group_ms, repeat_ms = route.group_interval_ms, route.repeat_interval_ms
    if parent is None or (group_ms, repeat_ms) != (parent.group_interval_ms, parent.repeat_interval_ms):
        repeat = f"repeat_interval {format_duration(repeat_ms)}"
        if repeat_ms < group_ms:
            message = f"{repeat} is shorter than group_interval {format_duration(group_ms)}: it repeats at every flush"
            yield finding("interval.repeat-below-group", route.place, message)
        elif repeat_ms % group_ms:
            later = format_duration(-(-repeat_ms // group_ms) * group_ms)
            message = f"{repeat} is no multiple of group_interval {format_duration(group_ms)}: it repeats after {later}"
            yield finding("interval.repeat-between-flushes", route.place, message)
        if repeat_ms > RETENTION_MS:
            kept = format_duration(RETENTION_MS)
            message = f"{repeat} is longer than data is kept ({kept} by default): it repeats more often"
            yield finding("interval.repeat-beyond-retention", route.place, message)
    for child in route.routes:
        yield from _intervals(child, route)


def _receivers(config: AlertmanagerConfig) -> Iterator[Finding]:
    used = {route.receiver for route in config.route.walk()}
    for receiver in config.receivers.values():
        if receiver.name not in used:
            yield finding("receiver.unused", receiver.place, f"no route leads to receiver {receiver.name!r}")
        for integration in receiver.integrations:
            yield from _incomplete(integration, config)


def _incomplete(integration: Integration, config: AlertmanagerConfig) -> Iterator[Finding]:
    if integration.sketched:
        return
    for group in KINDS[f"{integration.kind}_configs"].needs:
        if not any(name in integration.settings or name in config.global_settings for name in group):
            message = f"{integration.kind} needs {' or '.join(group)}: Alertmanager refuses to start"
            yield finding("receiver.incomplete", integration.place, message)


def _unused_time_intervals(config: AlertmanagerConfig) -> Iterator[Finding]:
    used = {name for r in config.route.walk() for name in (*r.mute_time_intervals, *r.active_time_intervals)}
    for name, place in config.time_interval_places.items():
        if name not in used:
            yield finding("time-interval.unused", place, f"no route uses the time interval {name!r}")


def _inhibitions(rules: Iterable[InhibitRule]) -> Iterator[Finding]:
    for rule in rules:
        if reason := _never_inhibits(rule):
            yield finding("inhibition.never", rule.place, f"this rule can never inhibit anything: {reason}")
        elif not rule.source_matchers:
            yield finding(
                "inhibition.any-source", rule.place, "without source matchers every alert inhibits the targets"
            )
        elif not rule.target_matchers and not rule.equal:
            message = "without target matchers and equal labels one such alert inhibits all others"
            yield finding("inhibition.everything", rule.place, message)


def _never_inhibits(rule: InhibitRule) -> str:
    for side, matchers in (("source", rule.source_matchers), ("target", rule.target_matchers)):
        if conflict := contradiction(matchers):
            return f"the {side} matchers {conflict[0]} and {conflict[1]} exclude each other"
    if set(rule.source_matchers) == set(rule.target_matchers):
        return "source and target are the same, and an alert on both sides is not inhibited by another one"
    pinned = {m.name: m for m in rule.source_matchers if m.type is MatchType.EQUAL and m.name in rule.equal}
    for target in rule.target_matchers:
        source = pinned.get(target.name)
        if source is not None and not target.matches({source.name: source.value}):
            return f"{source} and {target} exclude each other, and {target.name!r} has to be equal"
    return ""


def _always_muted(config: AlertmanagerConfig) -> Iterator[Finding]:
    """Routes that may never notify: muted by an interval that always holds."""
    for route in config.route.walk():
        for name in route.mute_time_intervals:
            if any(interval.always for interval in config.time_intervals[name]):
                message = f"this route never notifies: the time interval {name!r} that mutes it always holds"
                yield finding("route.always-muted", route.place, message)
        if route.active_time_intervals and not any(config.time_intervals[n] for n in route.active_time_intervals):
            message = "this route never notifies: its active time intervals are empty"
            yield finding("route.always-muted", route.place, message)


def _dead_mans_switch(config: AlertmanagerConfig) -> Iterator[Finding]:
    """An alert that always fires needs a route of its own to whoever notices its absence."""
    if heartbeat_route(config.route) is None:
        message = "no route for a dead man's switch: when monitoring dies, nobody is told"
        hint = f"route an alert that always fires (alertname={HEARTBEAT_NAMES[0]!r}) to a service that misses it"
        yield finding("dead-mans-switch.none", config.route.place, message, hint)


def heartbeat_route(root: Route) -> Route | None:
    """The first route that asks for an alert with the name of one that always fires."""
    for route in root.walk():
        for matcher in route.matchers:
            asks = matcher.name == "alertname" and not matcher.type.negated
            if asks and any(matcher.matches({"alertname": name}) for name in HEARTBEAT_NAMES):
                return route
    return None


def finding(id: str, place: Place, message: str, hint: str = "") -> Finding:
    """A finding about a configuration."""
    return Finding(f"alertmanager.{id}", Severity.WARNING, place, message, hint)
