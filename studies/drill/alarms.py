"""What each alert rule would send: labels of a series that it watches, its own, external ones, and the mark.

The mark is a label, so that a real alert with otherwise the same labels is another alert: the end of the exercise does
not end it.  A series is looked up by the rule's expression without its condition; where there is none now, the alert
has only the labels that the rule sets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from injectors.monitoring.prometheus import LoadedRule
from simulator.monitoring.promql import METRIC_NAME, parse
from simulator.monitoring.promql.errors import QueryError
from simulator.monitoring.promql.expressions import Binary, Expression, Number
from simulator.monitoring.promql.printing import write

MARK = "exercise"
"""The label that every alert of a drill has, with the value `true`."""
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
_SETS = frozenset({"and", "unless", "or"})
SeriesOf = Callable[[str], Sequence[Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Alarm:
    """The alert that stands for a rule in a drill."""

    rule: str
    number: int
    """Among the rules of this name, from 1."""
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    of_a_series: bool
    """Whether a series was found whose labels it has."""
    left_out: tuple[str, ...] = ()
    """Labels that are templates, which only a real alert can fill."""

    @property
    def id(self) -> str:
        return self.rule if self.number == 1 else f"{self.rule}#{self.number}"


def alarms(rules: Sequence[LoadedRule], series_of: SeriesOf, external: Mapping[str, str]) -> list[Alarm]:
    """One for each rule, in their order; `series_of` answers an instant query with the labels of its series."""
    seen: dict[str, int] = {}
    found = []
    for rule in rules:
        seen[rule.name] = seen.get(rule.name, 0) + 1
        watched = min(series_of(_question(rule.expression)), key=lambda one: sorted(one.items()), default=None)
        labels = {**external, **(watched or {})}
        labels.pop(METRIC_NAME, None)
        templates = tuple(sorted(name for name, value in rule.labels.items() if "{{" in value))
        labels |= {name: value for name, value in rule.labels.items() if name not in templates}
        labels |= {"alertname": rule.name, MARK: "true"}
        text = f"Exercise: this is a test of the alarm {rule.name}. Nothing is wrong, nothing has to be done."
        found.append(Alarm(rule.name, seen[rule.name], labels, {"summary": text}, watched is not None, templates))
    return found


def _question(expression: str) -> str:
    """Of a rule that is beyond our PromQL, the expression itself: it gives series only while it holds."""
    try:
        return unconditional(expression)
    except QueryError:
        return expression


def unconditional(expression: str) -> str:
    """The expression without the condition that keeps it silent: what is compared, and the first of what is joined."""
    return write(_bare(parse(expression)))


def _bare(tree: Expression) -> Expression:
    if isinstance(tree, Binary) and not tree.returns_bool:
        if tree.operator in _SETS:
            return _bare(tree.left)
        if tree.operator in _COMPARISONS:
            return tree.right if isinstance(tree.left, Number) else tree.left
    return tree
