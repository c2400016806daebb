"""Weak spots of a configuration seen together with the alert rules: routes, inhibitions and groups that no alert meets.

Of an alert's labels some are known before it fires: its name, labels that the rule sets to fixed text, labels that an
aggregation takes away.  Others come from the series.  So a matcher gives one of three answers, and a finding is made
only where it follows from what is known: a configuration without findings may still have such spots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from simulator.monitoring.alertmanager.config import AlertmanagerConfig
from simulator.monitoring.alertmanager.findings import HEARTBEAT_NAMES, finding, heartbeat_route
from simulator.monitoring.alertmanager.inhibit import InhibitRule
from simulator.monitoring.alertmanager.matchers import Matcher, Matchers
from simulator.monitoring.alertmanager.routes import Route
from simulator.monitoring.promql.expressions import (
    Aggregation,
    Binary,
    Call,
    Cardinality,
    Expression,
    Negation,
    Number,
    Subquery,
    Text,
    ValueType,
)
from simulator.monitoring.rules import AlertingRule
from timeline.findings import Finding, nearest

_OWNERS = ("team", "owner", "squad", "service_owner")
_SELECTING = ("topk", "bottomk", "limitk", "limit_ratio")


@dataclass(frozen=True, slots=True)
class AlertShape:
    """What is known of the labels of a rule's alerts before they fire."""

    rule: AlertingRule
    known: Mapping[str, str]
    """Labels whose value is certain."""
    possible: frozenset[str] | None
    """The other labels that the alert may have; None where any may come."""

    def value(self, label: str) -> str | None:
        """The value of a label, empty where it is certainly missing; None where it is not known."""
        if label in self.known:
            return self.known[label]
        return "" if self.possible is not None and label not in self.possible else None

    def matches(self, matcher: Matcher) -> bool | None:
        """Whether a matcher holds; None where that depends on the series."""
        value = self.value(matcher.name)
        return None if value is None else matcher.matches({matcher.name: value})

    def all_match(self, matchers: Matchers) -> bool | None:
        """Whether all of them hold."""
        answers = [self.matches(matcher) for matcher in matchers]
        return False if False in answers else None if None in answers else True


def shape_of(rule: AlertingRule, external_labels: Mapping[str, str]) -> AlertShape:
    """The shape of a rule's alerts; what Prometheus adds to all alerts counts where the rule does not say otherwise."""
    fixed = {label: value for label, value in rule.labels.items() if "{{" not in value}
    varying = frozenset(label for label, value in rule.labels.items() if "{{" in value)
    possible = _labels_of(rule.expression)
    possible = None if possible is None else possible | varying
    added = {label: value for label, value in external_labels.items() if possible is not None and label not in possible}
    return AlertShape(rule, {**added, **fixed, "alertname": rule.alert}, possible)


def rule_findings(
    config: AlertmanagerConfig, rules: Iterable[AlertingRule], external_labels: Mapping[str, str] | None = None
) -> list[Finding]:
    """Every finding about configuration and rules together, in the order of the files."""
    shapes = [shape_of(rule, external_labels or {}) for rule in rules]
    if not shapes:
        return []
    reached = [(shape, _reachable(config.route, shape)) for shape in shapes]
    reaching = {route: [shape for shape, routes in reached if route in routes] for route in config.route.walk()}
    found = [
        *_unreached(config.route, reaching),
        *_groups(config.route, None, reaching),
        *_inhibitions(config.inhibit_rules, shapes),
        *_owners(config, shapes),
        *_unheard(config, shapes),
        *_heartbeats(config, shapes),
    ]
    return sorted(found, key=lambda one: (one.place.file, one.place.line, one.place.column))


def _labels_of(expression: Expression) -> frozenset[str] | None:
    """The labels that results of an expression may have, without the metric name; None for any."""
    match expression:
        case Number() | Text():
            return frozenset()
        case Negation(inner=inner) | Subquery(inner=inner):
            return _labels_of(inner)
        case Aggregation():
            return _aggregated(expression)
        case Binary():
            return _combined(expression)
        case Call(function="vector" | "time" | "scalar"):
            return frozenset()
        case Call(function="label_replace" | "label_join" | "absent" | "absent_over_time"):
            return None
        case Call(arguments=arguments):
            plain = (ValueType.SCALAR, ValueType.STRING)
            return _union(_labels_of(one) for one in arguments if one.value_type not in plain)
    return None


def _aggregated(expression: Aggregation) -> frozenset[str] | None:
    inner = _labels_of(expression.inner)
    if expression.operator in _SELECTING:
        return inner
    if expression.operator == "count_values":
        return None
    grouping = frozenset(expression.grouping)
    if expression.without:
        return None if inner is None else inner - grouping
    return grouping if inner is None else inner & grouping


def _combined(expression: Binary) -> frozenset[str] | None:
    left, right = expression.left, expression.right
    if ValueType.SCALAR in (left.value_type, right.value_type):
        return _labels_of(right if left.value_type is ValueType.SCALAR else left)
    if expression.operator in ("and", "unless"):
        return _labels_of(left)
    if expression.operator == "or":
        return _union([_labels_of(left), _labels_of(right)])
    matching = expression.matching
    if matching.cardinality is not Cardinality.ONE_TO_ONE:
        many = left if matching.cardinality is Cardinality.MANY_TO_ONE else right
        labels = _labels_of(many)
        return None if labels is None else labels | frozenset(matching.include)
    if matching.on:
        return frozenset(matching.labels)
    labels = _labels_of(left)
    return None if labels is None else labels - frozenset(matching.labels)


def _union(sets: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    every = list(sets)
    known = [one for one in every if one is not None]
    return frozenset().union(*known) if len(known) == len(every) else None


def _reachable(route: Route, shape: AlertShape) -> set[Route]:
    """The routes that may be a result for such alerts."""
    if shape.all_match(route.matchers) is False:
        return set()
    found: set[Route] = set()
    taken = False
    for child in route.routes:
        found |= _reachable(child, shape)
        if shape.all_match(child.matchers) is True:
            taken = True
            if not child.continues:
                break
    return found if taken else found | {route}


def _unreached(route: Route, reaching: Mapping[Route, Sequence[AlertShape]]) -> Iterator[Finding]:
    """A route is told where nothing reaches it nor any below it; those below are not told by themselves."""
    for child in route.routes:
        if any(reaching[one] for one in child.walk()):
            yield from _unreached(child, reaching)
        else:
            message = f"no alert rule leads to this route ({_conditions(child.matchers)})"
            yield finding("route.no-alert", child.place, message, _hint_for(child, reaching))


def _hint_for(route: Route, reaching: Mapping[Route, Sequence[AlertShape]]) -> str:
    """The value that was perhaps meant."""
    shapes = {id(shape): shape for shapes in reaching.values() for shape in shapes}.values()
    for matcher in route.matchers:
        if not matcher.type.negated and not matcher.type.is_regexp:
            values = {value for shape in shapes if (value := shape.value(matcher.name))}
            if matcher.value not in values and (hint := nearest(matcher.value, values)):
                return hint
    return ""


def _groups(route: Route, parent: Route | None, reaching: Mapping[Route, Sequence[AlertShape]]) -> Iterator[Finding]:
    """Told where the labels are written, not where they are inherited."""
    if parent is None or route.group_by != parent.group_by:
        heirs = [one for one in route.walk() if one.group_by == route.group_by]
        shapes = [shape for one in heirs for shape in reaching[one]]
        for label in route.group_by if shapes else ():
            if all(shape.value(label) == "" for shape in shapes):
                message = f"no alert that comes here has the label {label!r} to group by"
                yield finding("group-by.no-label", route.place, message)
    for child in route.routes:
        yield from _groups(child, route, reaching)


def _inhibitions(rules: Iterable[InhibitRule], shapes: Sequence[AlertShape]) -> Iterator[Finding]:
    for rule in rules:
        sources = [shape for shape in shapes if shape.all_match(rule.source_matchers) is not False]
        targets = [shape for shape in shapes if shape.all_match(rule.target_matchers) is not False]
        if not sources or not targets:
            side, matchers = ("source", rule.source_matchers) if not sources else ("target", rule.target_matchers)
            message = f"no alert rule gives a {side} of this inhibition ({_conditions(matchers)})"
            yield finding("inhibition.no-alert", rule.place, message)
        elif not any(_may_be_equal(rule, source, target) for source in sources for target in targets):
            message = f"no source and target of this inhibition can have the same {', '.join(rule.equal)}"
            yield finding("inhibition.no-alert", rule.place, message)


def _may_be_equal(rule: InhibitRule, source: AlertShape, target: AlertShape) -> bool:
    pairs = [(source.value(label), target.value(label)) for label in rule.equal]
    return all(one is None or other is None or one == other for one, other in pairs)


def _owners(config: AlertmanagerConfig, shapes: Iterable[AlertShape]) -> Iterator[Finding]:
    """Owners in a label that routes ask for, while their alerts fall to the root; told once for each of them.

    A receiver at the root that has the owner in its name is taken to be theirs.
    """
    root = config.route
    matchers = [matcher for route in root.walk() for matcher in route.matchers if not matcher.type.negated]
    told: set[str] = set()
    for shape in shapes:
        for label in _OWNERS:
            owner = shape.known.get(label, "")
            asked = [matcher for matcher in matchers if matcher.name == label]
            fitting = any(matcher.matches({label: owner}) for matcher in asked)
            if not owner or not asked or fitting or owner in told or owner in root.receiver:
                continue
            if _reachable(root, shape) == {root}:
                told.add(owner)
                message = f"no route asks for {label}={owner!r}: {shape.rule.alert} falls to {root.receiver!r}"
                hint = nearest(owner, [matcher.value for matcher in asked])
                yield finding("alert.owner-unrouted", shape.rule.place or root.place, message, hint)


def _unheard(config: AlertmanagerConfig, shapes: Iterable[AlertShape]) -> Iterator[Finding]:
    """An urgent alert that only receivers without any integration take."""
    for shape in shapes:
        urgent = shape.known.get("severity") in ("critical", "page", "emergency", "disaster")
        receivers = {route.receiver for route in _reachable(config.route, shape)}
        if urgent and receivers and not any(config.receivers[name].integrations for name in receivers):
            names = ", ".join(sorted(receivers))
            message = f"{shape.rule.alert} is urgent and goes to {names} alone, which tells nobody"
            yield finding("alert.tells-nobody", shape.rule.place or config.route.place, message)


def _heartbeats(config: AlertmanagerConfig, shapes: Iterable[AlertShape]) -> Iterator[Finding]:
    """A route for an alert that always fires, and no such alert.  Without a route `config_findings` tells of that."""
    route = heartbeat_route(config.route)
    if route and not any(shape.rule.alert in HEARTBEAT_NAMES or _always(shape.rule.expression) for shape in shapes):
        message = "no alert rule always fires: a dead monitoring is as quiet as a healthy system"
        hint = f"add an alert {HEARTBEAT_NAMES[0]} with the expression vector(1)"
        yield finding("dead-mans-switch.no-rule", route.place, message, hint)


def _always(expression: Expression) -> bool:
    return isinstance(expression, Call) and expression.function == "vector"


def _conditions(matchers: Matchers) -> str:
    return ", ".join(map(str, matchers)) or "no matchers"
