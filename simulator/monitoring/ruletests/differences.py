"""What differs between expected and found alerts or samples, said so that the eye finds it.

Missing and unexpected ones are paired with the one that is nearest, and the labels that differ are named:

    alert {alertname="Slow", job="api"}: label severity is "page", expected "warning"
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.monitoring.gotemplate.printing import format_float
from simulator.monitoring.promql import Labels
from simulator.monitoring.promql.labels import quote


@dataclass(frozen=True, slots=True)
class Alert:
    """A firing alert: its labels and its annotations."""

    labels: Labels
    annotations: Labels


@dataclass(frozen=True, slots=True)
class Sample:
    labels: Labels
    value: float


def compare_alerts(wanted: Sequence[Alert], got: Sequence[Alert]) -> str:
    """How the firing alerts differ from the expected ones, line by line; empty when they do not."""
    missing = list((Counter(wanted) - Counter(got)).elements())
    unexpected = list((Counter(got) - Counter(wanted)).elements())
    lines = []
    for alert in missing:
        if not unexpected:
            lines.append(f"expected and not firing: {_show_alert(alert)}")
            continue
        nearest = min(unexpected, key=lambda other: _distance(alert, other))
        unexpected.remove(nearest)
        lines.append(f"alert {nearest.labels}:")
        lines.extend(f"  label {line}" for line in _differing(alert.labels, nearest.labels))
        lines.extend(f"  annotation {line}" for line in _differing(alert.annotations, nearest.annotations))
    lines.extend(f"firing and not expected: {_show_alert(alert)}" for alert in unexpected)
    return "\n".join(lines)


def compare_samples(wanted: Sequence[Sample], got: Sequence[Sample], *, fuzzy: bool) -> str:
    """How samples differ from the expected ones; empty when they do not.

    Values are equal to the last digit, or with `fuzzy` to the last but one.  NaN equals nothing, as in promtool.
    """
    lines = []
    left = list(got)
    for sample in wanted:
        same = [other for other in left if other.labels == sample.labels]
        if not same:
            lines.append(f"expected and not found: {_show_sample(sample)}")
            continue
        nearest = next((other for other in same if _equal(sample.value, other.value, fuzzy=fuzzy)), same[0])
        left.remove(nearest)
        if not _equal(sample.value, nearest.value, fuzzy=fuzzy):
            value, expected = format_float(nearest.value), format_float(sample.value)
            lines.append(f"{sample.labels} is {value}, expected {expected}{_hint(nearest.value, sample.value)}")
    lines.extend(f"found and not expected: {_show_sample(sample)}" for sample in left)
    return "\n".join(lines)


def _equal(one: float, other: float, *, fuzzy: bool) -> bool:
    if fuzzy and (math.nextafter(one, math.inf) == other or math.nextafter(one, -math.inf) == other):
        return True
    return one == other


def _hint(got: float, wanted: float) -> str:
    if math.isnan(got) or math.isnan(wanted):
        return " (NaN equals nothing; test for it with an expression like x != x)"
    if got and wanted and abs(got - wanted) < 1e-9 * max(abs(got), abs(wanted)):
        return " (they differ by rounding only; fuzzy_compare or round() would accept it)"
    return ""


def _distance(one: Alert, other: Alert) -> int:
    labels = len(list(_differing(one.labels, other.labels)))
    return 100 * labels + len(list(_differing(one.annotations, other.annotations)))


def _differing(wanted: Mapping[str, str], got: Mapping[str, str]) -> list[str]:
    lines = []
    for name in sorted({*wanted, *got}):
        if name not in got:
            lines.append(f"{name} is missing, expected {quote(wanted[name])}")
        elif name not in wanted:
            lines.append(f"{name} is {quote(got[name])}, not expected")
        elif wanted[name] != got[name]:
            lines.append(f"{name} is {quote(got[name])}, expected {quote(wanted[name])}")
    return lines


def _show_alert(alert: Alert) -> str:
    return f"{alert.labels}" + (f" with annotations {alert.annotations}" if alert.annotations else "")


def _show_sample(sample: Sample) -> str:
    return f"{sample.labels} {format_float(sample.value)}"
