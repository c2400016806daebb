"""Telemetry profiles that users write themselves, made of the same recipes as the shipped ones."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from simulator.monitoring.telemetry.reading import Look, Reading
from simulator.monitoring.telemetry.recipe import Exposed, Profile, Recipe, counter, gauge, histogram
from simulator.signals import Values
from topologies.signals import Signal
from topologies.telemetry import Metric, Series, TelemetryProfile

_SHAPE_OF: tuple[Signal, ...] = (Signal.UP,)
"""A rate that no signal moves still needs breakpoints to be constant between."""


def own_profile(written: TelemetryProfile) -> Profile:
    """The profile that a file describes; it is the same for every replica."""
    made = [
        recipe
        for name, metric in written.metrics.items()
        for series in metric.series
        for recipe in _recipes(name, metric, series, Exposed(metric.exposed or written.exposed))
    ]
    return Profile(Exposed(written.exposed), lambda _: made)


def _recipes(name: str, metric: Metric, series: Series, exposed: Exposed) -> list[Recipe]:
    if metric.type == "gauge":
        return [gauge(name, _level(series), series.labels, exposed)]
    rate, signals = _rate(series), series.signals or _SHAPE_OF
    if metric.type == "counter":
        return [counter(name, rate, signals, together=name, labels=series.labels, exposed=exposed)]
    median = metric.median
    assert median is not None
    return histogram(
        name,
        rate,
        lambda look: look(median),
        tuple(dict.fromkeys((*signals, median))),
        metric.buckets,
        labels=series.labels,
        exposed=exposed,
    )


def _level(series: Series) -> Callable[[Reading], Values]:
    return lambda reading: _value(series, reading.exact, reading.times.shape)


def _rate(series: Series) -> Callable[[Look], Values]:
    def rate(look: Look) -> Values:
        shape = look((series.signals or _SHAPE_OF)[0]).shape
        return np.maximum(_value(series, look, shape), 0)

    return rate


def _value(series: Series, look: Look, shape: tuple[int, ...]) -> Values:
    if series.constant is not None:
        return np.full(shape, series.constant)
    total = np.zeros(shape)
    for signal in series.signals:
        total = total + look(signal)
    low = -math.inf if series.floor is None else series.floor
    high = math.inf if series.ceiling is None else series.ceiling
    value: Values = np.clip(series.scale * total + series.offset, low, high)
    return value
