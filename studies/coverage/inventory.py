"""The alerts of an estate, and what of its rules can be judged at all.

A rule is *assessable* when every selector that it depends on, directly or through recording rules, finds a series that
a telemetry profile provides.  Of any other nobody can say what it would do: it is set aside, with the selector named,
and never counted as silent.  `absent(x)` and `unless x` would even answer, out of ignorance.

A rule that reads no series at all (`vector(1)`, `time() > 0`) says the same whatever happens: a *heartbeat* if it
fires.  It can be judged, but is not asked to notice faults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.monitoring.promql import METRIC_NAME, Matcher, MatchType
from simulator.monitoring.rules import AlertingRule, Rule, RuleGroup
from simulator.monitoring.rules.dependencies import reads, selectors
from simulator.monitoring.telemetry import SignalStorage
from timeline.findings import Place
from topologies.estate import Estate

Matchers = tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert by its id: its name, with the labels that tell it from its namesakes where there are any."""

    id: str
    name: str
    place: Place | None
    source: str
    """`rule`, `log` or `vendor-feed`."""
    labels: Mapping[str, str]
    """Labels that it sets itself, templates left out."""
    heartbeat: bool = False


@dataclass(frozen=True, slots=True)
class SetAside:
    """A rule that cannot be judged, and the selectors that find no series."""

    rule: str
    place: Place | None
    alerting: bool
    selectors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    of: int
    mapped: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What there is to judge.  `groups` hold the assessable rules only."""

    groups: tuple[RuleGroup, ...]
    alerts: tuple[Alert, ...]
    set_aside: tuple[SetAside, ...]
    alerting_rules: Share
    recording_rules: Share
    label_matchers: Share
    """Matchers on labels other than the name, in selectors of scraped series, that meet some series of that name."""

    def alert_of(self, name: str, labels: Mapping[str, str]) -> str:
        """The id of an alert that fired."""
        namesakes = [alert for alert in self.alerts if alert.name == name]
        fitting = [a for a in namesakes if all(labels.get(k) == v for k, v in a.labels.items())]
        return (fitting or namesakes)[0].id


def take_inventory(estate: Estate, groups: Sequence[RuleGroup], storage: SignalStorage) -> Inventory:
    """Judge the rules against the series that the estate's telemetry provides (`storage`)."""
    rules = [rule for group in groups for rule in group.rules]
    unknown = _unknown(rules, storage)
    kept = tuple(replace(g, rules=tuple(rule for rule in g.rules if id(rule) not in unknown)) for g in groups)
    alerting = [rule for rule in rules if isinstance(rule, AlertingRule)]
    aside = tuple(
        SetAside(rule.name, rule.place, isinstance(rule, AlertingRule), tuple(map(_text, unknown[id(rule)])))
        for rule in rules
        if id(rule) in unknown
    )
    judged = [rule for rule in alerting if id(rule) not in unknown]
    return Inventory(
        kept,
        _named([*_rule_alerts(judged), *_source_alerts(estate)]),
        aside,
        Share(len(alerting), len(judged)),
        Share(len(rules) - len(alerting), sum(len(g.rules) for g in kept) - len(judged)),
        _matcher_share(rules, storage),
    )


def _unknown(rules: Sequence[Rule], storage: SignalStorage) -> dict[int, list[Matchers]]:
    """Selectors without series, by the identity of the rule that depends on them."""
    missing: dict[int, list[Matchers]] = {}
    direct: dict[int, list[tuple[Matchers, list[Rule]]]] = {}
    for rule in rules:
        direct[id(rule)] = []
        for selector in dict.fromkeys(selectors(rule.expression)):
            if storage.components_behind(selector.matchers):
                continue
            writers = [writer for writer in rules if writer is not rule and reads(selector, writer)]
            if writers:
                direct[id(rule)].append((selector.matchers, writers))
            else:
                missing.setdefault(id(rule), []).append(selector.matchers)
    while True:
        left = {number: through for number, through in direct.items() if number not in missing}
        spread = {number: found for number, through in left.items() if (found := _inherited(through, missing))}
        if not spread:
            return missing
        missing.update(spread)


def _inherited(
    through: Sequence[tuple[Matchers, Sequence[Rule]]], missing: Mapping[int, list[Matchers]]
) -> list[Matchers]:
    """A rule whose only writers are unknown is unknown itself, by the same selectors."""
    return [
        matchers
        for _, writers in through
        if all(id(writer) in missing for writer in writers)
        for matchers in missing[id(writers[0])]
    ]


def _rule_alerts(rules: Iterable[AlertingRule]) -> list[Alert]:
    return [
        Alert(
            rule.alert,
            rule.alert,
            rule.place,
            "rule",
            {name: value for name, value in rule.labels.items() if "{{" not in value},
            heartbeat=not selectors(rule.expression),
        )
        for rule in rules
    ]


def _source_alerts(estate: Estate) -> list[Alert]:
    logs = [Alert(r.alert, r.alert, None, "log", dict(r.labels)) for r in estate.monitoring.log_rules.values()]
    feeds = [
        Alert(feed.alert, feed.alert, None, "vendor-feed", {"vendor": vendor, **feed.labels})
        for vendor, feed in estate.monitoring.vendor_feeds.items()
    ]
    return logs + feeds


def _named(alerts: list[Alert]) -> tuple[Alert, ...]:
    """Ids that are unique, by labels and not by position, so that the order of files means nothing."""
    counts = Counter(alert.name for alert in alerts)
    named: dict[str, Alert] = {}
    for alert in alerts:
        id = alert.name
        if counts[alert.name] > 1:
            shared = [other.labels for other in alerts if other.name == alert.name]
            telling = sorted(n for n in alert.labels if len({labels.get(n) for labels in shared}) > 1)
            id += "{" + ",".join(f"{name}={alert.labels[name]}" for name in telling) + "}" if telling else ""
        named.setdefault(id, replace(alert, id=id))
    return tuple(sorted(named.values(), key=lambda alert: alert.id))


def _matcher_share(rules: Sequence[Rule], storage: SignalStorage) -> Share:
    """How many matchers on labels meet a series of their metric that carries what they ask for."""
    of, mapped = 0, 0
    recorded = {rule.record for rule in rules if not isinstance(rule, AlertingRule)}
    for rule in rules:
        for selector in selectors(rule.expression):
            names = [m for m in selector.matchers if m.name == METRIC_NAME]
            if any(matcher.matches(name) for matcher in names for name in recorded):
                continue
            series = [labels for labels, _ in storage.components_behind(names)]
            for matcher in selector.matchers:
                if matcher.name != METRIC_NAME:
                    of += 1
                    mapped += _meets(matcher, series)
    return Share(of, mapped)


def _meets(matcher: Matcher, series: Collection[Mapping[str, str]]) -> bool:
    """A matcher that excludes is met by a label that exists; one that includes also by its value."""
    if matcher.type in (MatchType.NOT_EQUAL, MatchType.NOT_REGEXP):
        return any(labels.get(matcher.name) for labels in series)
    return any(matcher.matches(labels.get(matcher.name, "")) for labels in series)


def _text(matchers: Matchers) -> str:
    name = "".join(m.value for m in matchers if m.name == METRIC_NAME and m.type is MatchType.EQUAL)
    rest = [str(m) for m in matchers if not (m.name == METRIC_NAME and m.type is MatchType.EQUAL)]
    return name + ("{" + ", ".join(rest) + "}" if rest else "")
