"""A draft from what an exporter showed at one scrape."""

from __future__ import annotations

import math
from collections.abc import Iterable

from simulator.monitoring.telemetry.drafts.draft import Draft, DraftMetric, DraftSeries, shown_by_profiles
from simulator.monitoring.telemetry.drafts.exposition import Sample, Scrape
from topologies.telemetry import MetricType

_DRAFTED = {MetricType.COUNTER, MetricType.GAUGE, MetricType.HISTOGRAM}
_PARTS = ("_bucket", "_count", "_sum")


def draft_from_scrape(scrapes: Iterable[Scrape]) -> Draft:
    """Metrics in the order in which they were shown; values stand beside them as remarks."""
    families: dict[str, list[Sample]] = {}
    types: dict[str, str] = {}
    helps: dict[str, str] = {}
    for scrape in scrapes:
        types |= scrape.types
        helps |= scrape.helps
        for sample in scrape.samples:
            families.setdefault(_family(sample.name, scrape.types), []).append(sample)
    shown = {name: profile for name in families if (profile := _shipped(name, families[name])) is not None}
    summaries = [name for name in families if types.get(name) == "summary" and name not in shown]
    metrics = [
        _metric(name, types.get(name), helps.get(name, ""), samples)
        for name, samples in families.items()
        if name not in shown and name not in summaries
    ]
    remarks = (f"Left out, since a profile has no summaries: {', '.join(summaries)}",) if summaries else ()
    return Draft(tuple(metrics), remarks, shown)


def _family(name: str, types: dict[str, str]) -> str:
    """The metric that a series belongs to: those of a histogram or summary have endings."""
    for part in _PARTS:
        base = name.removesuffix(part)
        if base != name and types.get(base) in ("histogram", "summary"):
            return base
    return name


def _shipped(name: str, samples: list[Sample]) -> str | None:
    known = shown_by_profiles()
    return known.get(name) or known.get(samples[0].name)


def _metric(name: str, type_: str | None, help_: str, samples: list[Sample]) -> DraftMetric:
    if type_ == MetricType.HISTOGRAM:
        bounds = {float(s.labels["le"]) for s in samples if "le" in s.labels}
        sets = {tuple((k, v) for k, v in s.labels.items() if k != "le"): None for s in samples}
        series = tuple(DraftSeries(dict(labels)) for labels in sets)
        return DraftMetric(name, type_, series, "", help_, tuple(sorted(b for b in bounds if math.isfinite(b))))
    known = type_ if type_ in _DRAFTED else None
    remark = "" if known else f"the scrape says {type_ or 'nothing'}; counter, gauge or histogram"
    read = tuple(DraftSeries(s.labels, f"read {s.value:g}") for s in samples)
    return DraftMetric(name, known, read, remark, help_)
