"""Which rule reads what another one writes, and in which order rules can therefore be evaluated.

A recording rule writes its metric, an alerting rule writes `ALERTS` and `ALERTS_FOR_STATE`.  Rule R *reads* rule S
when a selector of R could match what S writes.  At one moment rules run one after the other; so at a moment that
both share, R sees what S wrote just now only when S comes before R.

Rules that only look at what came before them can be evaluated one by one, each over a whole window.  Rules that look
at something written later in the same round, or in a circle, have to be evaluated together, moment by moment.  A
*unit* is one rule of the first kind or a set of rules of the second.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from simulator.monitoring.promql import METRIC_NAME, Expression, Matcher, MatchType
from simulator.monitoring.promql.expressions import RangeSelector, Selector, Subquery
from simulator.monitoring.promql.query import LOOKBACK_MS
from simulator.monitoring.rules.models import RecordingRule, Rule, RuleGroup
from timeline.instants import WEEK

ALERTS = "ALERTS"
ALERTS_FOR_STATE = "ALERTS_FOR_STATE"
# Stands for "any time": far beyond every exercise, far inside an int64.
UNBOUNDED_MS = 10_000 * WEEK


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an expression looks around the moment of its evaluation, in ms."""

    back_ms: int
    ahead_ms: int


def reach(expression: Expression, lookback_ms: int = LOOKBACK_MS) -> Reach:
    """The furthest that any selector looks back and ahead; `@` with a fixed time looks anywhere."""
    back, ahead = 0, 0
    for selector, offset_ms, range_ms, anywhere in _paths(expression, 0, 0, False):
        if anywhere:
            return Reach(UNBOUNDED_MS, UNBOUNDED_MS)
        del selector
        back = max(back, offset_ms + range_ms + lookback_ms)
        ahead = max(ahead, -offset_ms)
    return Reach(back, ahead)


def furthest_back_ms(rules: Iterable[Rule]) -> int:
    """How far back any of the rules looks, 0 without rules; one pinned to a moment looks at none in particular."""
    backs = (reach(rule.expression).back_ms for rule in rules)
    return max((back_ms for back_ms in backs if back_ms < UNBOUNDED_MS), default=0)


def _paths(node: Expression, offset_ms: int, range_ms: int, anywhere: bool) -> list[tuple[Selector, int, int, bool]]:
    """Every selector with the offsets and ranges that lead to it, and whether `@` pins it somewhere else."""
    if isinstance(node, Selector):
        pinned = anywhere or isinstance(node.moment.at, float)
        return [(node, offset_ms + node.moment.offset_ms, range_ms, pinned)]
    if isinstance(node, RangeSelector):
        return _paths(node.selector, offset_ms, range_ms + node.range_ms, anywhere)
    if isinstance(node, Subquery):
        offset_ms += node.moment.offset_ms
        range_ms += node.range_ms
        anywhere = anywhere or isinstance(node.moment.at, float)
    return [path for child in node.children() for path in _paths(child, offset_ms, range_ms, anywhere)]


def selectors(expression: Expression) -> list[Selector]:
    return [node for node in expression.walk() if isinstance(node, Selector)]


def names_matched(matchers: Iterable[Matcher], names: Collection[str]) -> list[str]:
    """Which of `names` (a set, or the keys of a map) the matchers allow as the metric's name."""
    conditions = [matcher for matcher in matchers if matcher.name == METRIC_NAME]
    exact = next((matcher.value for matcher in conditions if matcher.type is MatchType.EQUAL), None)
    candidates = names if exact is None else [exact] if exact in names else []
    return [name for name in candidates if all(matcher.matches(name) for matcher in conditions)]


def names_seen(expression: Expression, names: Collection[str]) -> set[str]:
    """Which of `names` any selector could match."""
    return {name for selector in selectors(expression) for name in names_matched(selector.matchers, names)}


def written_names(rule: Rule) -> frozenset[str]:
    return frozenset({rule.record} if isinstance(rule, RecordingRule) else {ALERTS, ALERTS_FOR_STATE})


def reads(reader: Expression, writer: Rule) -> bool:
    """Whether a selector could match a series that the rule writes; labels not known before are taken to match."""
    fixed = {name: value for name, value in writer.labels.items() if "{{" not in value}
    if not isinstance(writer, RecordingRule):
        fixed["alertname"] = writer.alert
    for selector in selectors(reader):
        for name in written_names(writer):
            known = {**fixed, METRIC_NAME: name}
            if all(matcher.matches(known[matcher.name]) for matcher in selector.matchers if matcher.name in known):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Slot:
    """A rule's place: its group, when that is evaluated, and its number within it."""

    group: RuleGroup
    group_number: int
    offset_ms: int
    rule_number: int

    @property
    def rule(self) -> Rule:
        return self.group.rules[self.rule_number]


def meet(one: Slot, other: Slot) -> bool:
    """Whether two rules are ever evaluated at the same moment."""
    if one.group_number == other.group_number:
        return True
    shared = math.gcd(one.group.interval_ms, other.group.interval_ms)
    return (one.offset_ms - other.offset_ms) % shared == 0


@dataclass(frozen=True, slots=True)
class Unit:
    """Slots (by number) that are evaluated together; `stepwise` when that has to be moment by moment."""

    slots: tuple[int, ...]
    stepwise: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Units in an order in which each comes after those it reads, and for each slot the slots that read it."""

    units: tuple[Unit, ...]
    readers: tuple[frozenset[int], ...]


def plan(slots: Sequence[Slot], stepwise: frozenset[int] = frozenset()) -> Plan:
    """Order rules by what they read; `stepwise` names slots that have to go moment by moment anyway."""
    follows: list[set[int]] = [set() for _ in slots]
    by_name: dict[str, list[int]] = {}
    for number, slot in enumerate(slots):
        for name in written_names(slot.rule):
            by_name.setdefault(name, []).append(number)
    backward = set(stepwise)
    for number, slot in enumerate(slots):
        expression = slot.rule.expression
        for writer in {writer for name in names_seen(expression, by_name) for writer in by_name[name]}:
            if not reads(expression, slots[writer].rule):
                continue
            follows[writer].add(number)
            earlier = _position(slots[writer]) < _position(slot)
            if not earlier and meet(slot, slots[writer]):
                follows[number].add(writer)
                backward |= {number, writer}
    units = tuple(Unit(members, len(members) > 1 or members[0] in backward) for members in _in_order(follows))
    return Plan(units, tuple(map(frozenset, follows)))


def _in_order(follows: Sequence[set[int]]) -> list[tuple[int, ...]]:
    """Numbers so that each comes before those that follow it, the lowest possible first; circles stay together."""
    left = [0] * len(follows)
    for number, after in enumerate(follows):
        for other in after - {number}:
            left[other] += 1
    ready = [number for number, count in enumerate(left) if not count]
    ordered: list[tuple[int, ...]] = []
    while ready:
        number = heappop(ready)
        ordered.append((number,))
        for other in follows[number] - {number}:
            left[other] -= 1
            if not left[other]:
                heappush(ready, other)
    return ordered if len(ordered) == len(follows) else _with_circles(follows)


def _with_circles(follows: Sequence[set[int]]) -> list[tuple[int, ...]]:
    import networkx as nx  # slow to import, and circles are rare

    graph = nx.DiGraph([(number, other) for number, after in enumerate(follows) for other in after])
    graph.add_nodes_from(range(len(follows)))
    condensed = nx.condensation(graph)
    members = {node: tuple(sorted(condensed.nodes[node]["members"])) for node in condensed}
    return [members[node] for node in nx.lexicographical_topological_sort(condensed, key=lambda node: members[node])]


def _position(slot: Slot) -> tuple[int, int]:
    return slot.group_number, slot.rule_number
