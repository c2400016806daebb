"""Service level indicators as PromQL: the share of the budget's events that were bad over any window.

An indicator answers one question, `error_ratio(window)`: an expression for the error ratio over the last `window`.

How a query reads over a window:

- with ranges (`sum(rate(x[5m]))`, or `[{{.window}}]`), each range becomes the window;
- without (`x{code="500"}`, `sum(x)`), each series is put under the function that fits what it counts: `rate` for a
  counter, `sum_over_time` for a number of events each scrape, `avg_over_time` for a stored ratio.

Queries of counts that do not aggregate are summed; the division would otherwise look for equal labels.

Budgeting (OpenSLO): *Occurrences* counts events.  *Timeslices* counts slices of time, bad when too few of their events
were good; *RatioTimeslices* takes the mean of the slices' ratios.  Slices follow each other without overlap, at
multiples of their length.  A slice without events is not bad, and is left out of a mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from simulator.monitoring.promql.expressions import (
    Aggregation,
    Binary,
    Call,
    Cardinality,
    Expression,
    Matching,
    Moment,
    Number,
    RangeSelector,
    Selector,
    Subquery,
)
from simulator.monitoring.promql.rewriting import rewrite
from timeline.instants import MINUTE

_LOOKS = 1_000
"""How often a query that is not one plain series is looked at within a window: at most, and at most every minute."""


class Indicator(Protocol):
    """Whatever has an error ratio."""

    def error_ratio(self, window_ms: int) -> Expression:
        """The share of bad events over the last `window_ms`."""
        ...

    def spending(self, bad_ratio: float) -> float:
        """The error ratio that the budget sees while a constant share of single events is bad."""
        ...


class _Occurrences:
    """Budgeting by events: every bad event spends."""

    __slots__ = ()

    def spending(self, bad_ratio: float) -> float:
        return bad_ratio


@dataclass(frozen=True, slots=True)
class Counts(_Occurrences):
    """Good or bad events out of all.  `counter`: the series only grow; otherwise they count the events of a scrape."""

    numerator: Expression
    total: Expression
    good: bool
    counter: bool = True

    def error_ratio(self, window_ms: int) -> Expression:
        function = "rate" if self.counter else "sum_over_time"
        part = _summed(over_window(self.numerator, function, window_ms))
        whole = _summed(over_window(self.total, function, window_ms))
        if not self.good:
            return operation("/", part, whole)
        # Where no good event has ever been counted, its series may not exist: then everything is bad, not unknown.
        none = operation("*", whole, Number(0))
        return _complement(operation("/", operation("or", part, none), whole))


@dataclass(frozen=True, slots=True)
class StoredRatio(_Occurrences):
    """A ratio that somebody computes already (`raw`)."""

    query: Expression
    success: bool

    def error_ratio(self, window_ms: int) -> Expression:
        ranged = any(isinstance(node, RangeSelector) for node in self.query.walk())
        mean = over_window(self.query, "", window_ms) if ranged else _mean(self.query, window_ms)
        return _complement(mean) if self.success else mean


@dataclass(frozen=True, slots=True)
class Threshold(_Occurrences):
    """A value that is good while `value operator bound` holds; each look at it is an event."""

    query: Expression
    operator: str
    bound: float

    def error_ratio(self, window_ms: int) -> Expression:
        good = operation(self.operator, self.query, Number(self.bound), returns_bool=True)
        return _complement(_mean(good, window_ms))


@dataclass(frozen=True, slots=True)
class Slices:
    """Slices of time of an indicator.  With a `target_ratio` a slice is good or bad, without it counts by its ratio."""

    indicator: Indicator
    slice_ms: int
    target_ratio: float | None

    def error_ratio(self, window_ms: int) -> Expression:
        ratio = self.indicator.error_ratio(self.slice_ms)
        if self.target_ratio is None:
            judged = operation(">=", ratio, Number(0))  # leaves out slices without events, whose ratio is NaN
        else:
            judged = operation(">", ratio, Number(round(1 - self.target_ratio, 12)), returns_bool=True)
        return _mean(judged, window_ms, self.slice_ms)

    def spending(self, bad_ratio: float) -> float:
        inner = self.indicator.spending(bad_ratio)
        if self.target_ratio is None:
            return inner
        return float(inner > 1 - self.target_ratio)


def over_window(query: Expression, function: str, window_ms: int) -> Expression:
    """The query over a window: its ranges become the window, or its series are put under `function`."""
    ranged = any(isinstance(node, RangeSelector) for node in query.walk())

    def widened(node: Expression) -> Expression | None:
        if isinstance(node, RangeSelector):
            return replace(node, range_ms=window_ms)
        if isinstance(node, Selector) and not ranged:
            return Call(function, (RangeSelector(node, window_ms),))
        return None

    return rewrite(query, widened)


def operation(operator: str, left: Expression, right: Expression, *, returns_bool: bool = False) -> Binary:
    """A binary operation between series with equal labels."""
    is_set = operator in ("and", "or", "unless")
    matching = Matching(Cardinality.MANY_TO_MANY if is_set else Cardinality.ONE_TO_ONE)
    return Binary(operator, left, right, matching, returns_bool)


def _summed(query: Expression) -> Expression:
    if any(isinstance(node, Aggregation) for node in query.walk()):
        return query
    return Aggregation("sum", query, None, (), False)


def _mean(query: Expression, window_ms: int, step_ms: int | None = None) -> Expression:
    if isinstance(query, Selector):
        return Call("avg_over_time", (RangeSelector(query, window_ms),))
    usual_ms = max(window_ms // _LOOKS // MINUTE * MINUTE, MINUTE)
    return Call("avg_over_time", (Subquery(query, window_ms, step_ms or usual_ms, Moment()),))


def _complement(ratio: Expression) -> Expression:
    return operation("-", Number(1), ratio)
