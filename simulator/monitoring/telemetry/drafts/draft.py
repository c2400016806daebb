"""A draft, and how it is written as a file for a person to complete."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from simulator.monitoring.telemetry.profiles import PROFILES
from simulator.monitoring.telemetry.recipe import Replica
from topologies.estate import Component, ComponentKind
from topologies.telemetry import FORMAT, UNKNOWN

_MOST_SERIES = 20
"""More series of one metric than this are rarely written by hand."""
_SIGNALS_HINT = "`blackstart schema profile` lists the signals"


@dataclass(frozen=True, slots=True)
class DraftSeries:
    """Labels of a series, whose values may be unknown, and what is known about it."""

    labels: Mapping[str, str] = field(default_factory=dict)
    remark: str = ""


@dataclass(frozen=True, slots=True)
class DraftMetric:
    """`type` is None where nothing says it; `remark` tells where a guess comes from."""

    name: str
    type: str | None
    series: tuple[DraftSeries, ...]
    remark: str = ""
    help: str = ""
    buckets: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """Metrics to complete, and remarks on the whole."""

    metrics: tuple[DraftMetric, ...]
    remarks: tuple[str, ...] = ()
    shown: Mapping[str, str] = field(default_factory=dict)
    """Metrics that are left out because a shipped profile has them: the profile by the metric."""


@cache
def shown_by_profiles() -> Mapping[str, str]:
    """The shipped profile that shows a metric, by the name of the metric (of the first where several do)."""
    found: dict[str, str] = {}
    for id, profile in PROFILES.items():
        for kind in (ComponentKind.SERVICE, ComponentKind.DATABASE, ComponentKind.BATCH):
            component = Component(title=id, kind=kind, latency_ms=1)
            for recipe in profile.recipes(Replica(id, 0, component)):
                found.setdefault(recipe.name, id)
    return found


def written(draft: Draft, title: str) -> str:
    """The text of the file, with every unknown marked."""
    lines = [
        f"# A draft: wherever {UNKNOWN} stands, say what it is (or take the line out); until then it is not loaded.",
        f"# signals: what moves the series; {_SIGNALS_HINT}.  One that never moves: `constant: <value>`.",
        *(f"# {remark}" for remark in draft.remarks),
        *_already_shown(draft.shown),
        f"format: {FORMAT}",
        f"title: {json.dumps(title)}",
        "exposed: process   # or beside (an exporter of its own on the host), or outside",
        "metrics:",
    ]
    for metric in draft.metrics:
        lines += _metric_lines(metric)
    return "\n".join(lines) + "\n"


def _already_shown(shown: Mapping[str, str]) -> Iterable[str]:
    by_profile: dict[str, list[str]] = {}
    for name, profile in shown.items():
        by_profile.setdefault(profile, []).append(name)
    for profile, names in by_profile.items():
        yield f"# Left out, since the shipped profile {profile!r} shows them: {', '.join(names)}"


def _metric_lines(metric: DraftMetric) -> list[str]:
    remark = f"   # {metric.remark}" if metric.remark else ""
    lines = [f"  {_key(metric.name)}:", f"    type: {_text(metric.type or UNKNOWN)}{remark}"]
    if metric.help:
        lines.append(f"    help: {json.dumps(metric.help, ensure_ascii=False)}")
    if metric.type == "histogram":
        buckets = [f"{bound:g}" for bound in metric.buckets] or [_text(UNKNOWN)]
        lines += [f"    buckets: [{', '.join(buckets)}]", f"    median: {_text(UNKNOWN)}"]
    lines.append("    series:")
    lines += [_series_line(series) for series in metric.series[:_MOST_SERIES]]
    if (more := len(metric.series) - _MOST_SERIES) > 0:
        lines.append(f"      # and {more} more with other label values")
    return lines


def _series_line(series: DraftSeries) -> str:
    labels = ", ".join(f"{_key(name)}: {_text(value)}" for name, value in series.labels.items())
    parts = [*([f"labels: {{{labels}}}"] if labels else []), f"signals: [{_text(UNKNOWN)}]"]
    remark = f"   # {series.remark}" if series.remark else ""
    return f"      - {{{', '.join(parts)}}}{remark}"


def _text(value: str) -> str:
    return value if value.isidentifier() and value not in _WORDS else json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return json.dumps(name) if name in _WORDS else name


_WORDS: Sequence[str] = ("true", "false", "null", "True", "False", "Null", "TRUE", "FALSE", "NULL")
"""What YAML would not read as text."""
