"""Scores as OpenMetrics text (the specification of the CNCF, version 1.0): gauges at one moment, ended by `# EOF`."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.openmetrics.exposition import generate_latest

from reports.exports.figures import figures
from reports.scoring.model import Scores


def openmetrics(scores: Scores) -> str:
    """Labels `scenario`, `estate` and `evidence` on every series; what was not exercised has none."""
    registry = CollectorRegistry()
    registry.register(_Exercise(scores))
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return text.decode()


class _Exercise:
    """A collector over one exercise."""

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self._common = [scores.scenario, scores.estate, scores.evidence_class]

    def collect(self) -> Iterator[Metric]:
        names = ["scenario", "estate", "evidence"]
        score = GaugeMetricFamily("blackstart_score", "Score out of 100.", labels=names)
        met = GaugeMetricFamily("blackstart_objective_met", "1 when met.", labels=[*names, "objective"])
        points = GaugeMetricFamily("blackstart_objective_score", "Out of 100.", labels=[*names, "objective"])
        measure = GaugeMetricFamily(
            "blackstart_measure", "A measure, in its unit.", labels=[*names, "measure", "practice", "unit", "open"]
        )
        for figure in figures(self._scores):
            if figure.kind == "objective":
                met.add_metric([*self._common, figure.id], float(bool(figure.met)))
            if figure.value is None:
                continue
            if figure.kind == "score":
                score.add_metric(self._common, figure.value)
            elif figure.kind == "objective":
                points.add_metric([*self._common, figure.id], figure.value)
            elif figure.kind == "measure":
                is_open = "true" if figure.is_open else "false"
                measure.add_metric([*self._common, figure.id, figure.practice, figure.unit, is_open], figure.value)
        yield from (score, met, points, measure)
