"""Selectors: which series, where on the time line, and what `absent` makes of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulator.monitoring.promql.expressions import Moment, QueryBound, Selector
from simulator.monitoring.promql.labels import METRIC_NAME, Labels
from simulator.monitoring.promql.matchers import Matcher, MatchType
from simulator.monitoring.promql.query import Query
from simulator.monitoring.promql.semantics import Semantics
from simulator.monitoring.promql.series import Times, Values, is_stale
from simulator.monitoring.promql.vectors import Vector
from simulator.monitoring.promql.windows import blocks_of, latest


def reference(moment: Moment, query: Query) -> Times:
    """Where a selector looks at each step, in exercise time."""
    at = moment.at
    if at is None:
        return query.times - moment.offset_ms
    if at is QueryBound.START:
        anchor = query.start_ms
    elif at is QueryBound.END:
        anchor = query.end_ms
    else:
        anchor = round(float(at) * 1000) - query.options.epoch_ms
    return np.full(len(query.times), anchor - moment.offset_ms, dtype=np.int64)


def matchers_of(selector: Selector, semantics: Semantics) -> list[Matcher]:
    if semantics.is_2:
        return [replace(matcher, dot_all=False) for matcher in selector.matchers]
    return list(selector.matchers)


def instant(selector: Selector, query: Query) -> Vector:
    """The latest samples, [series, steps]."""
    return _latest(selector, query, None)


def instant_with_times(selector: Selector, query: Query) -> tuple[Vector, Values]:
    """The latest samples and their times (float64, Unix seconds), both [series, steps]."""
    times: dict[int, Values] = {}
    vector = _latest(selector, query, times)
    stamps = np.zeros(vector.values.shape)
    for row, seen in times.items():
        stamps[row] = seen
    return vector, stamps


def _latest(selector: Selector, query: Query, times: dict[int, Values] | None) -> Vector:
    """The latest samples; their times are put into `times` by row, where they are wanted."""
    moments = reference(selector.moment, query)
    low, high = int(moments.min()), int(moments.max())
    lookback = query.options.lookback_ms
    selection = query.storage.select(matchers_of(selector, query.semantics), low - lookback, high)
    values = np.zeros((len(selection), len(query.times)))
    present = np.zeros(values.shape, dtype=np.bool_)
    for block in blocks_of(selection, drop_stale=False):
        column, recent = latest(block, moments, lookback, left_open=query.semantics.left_open)
        found = block.at(block.values, column)
        whole = len(block.rows) == len(selection)
        rows = slice(None) if whole else block.rows
        values[rows] = found
        present[rows] = recent & ~is_stale(found)
        if times is not None:
            seen = np.broadcast_to((block.time_at(column) + query.options.epoch_ms) / 1000, found.shape)
            times.update(zip(block.rows, seen, strict=True))
    return Vector([series.labels for series in selection], values, present)


def absent_labels(selector: Selector) -> Labels:
    """A label that several matchers name is left out."""
    named: dict[str, str] = {}
    for matcher in selector.matchers:
        if matcher.name == METRIC_NAME:
            continue
        if matcher.type is MatchType.EQUAL and matcher.name not in named:
            named[matcher.name] = matcher.value
        else:
            named[matcher.name] = ""
    return Labels(named)
