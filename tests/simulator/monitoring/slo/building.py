"""SLOs and rules for tests, in few words."""

from __future__ import annotations

from textwrap import dedent

from simulator.monitoring.rules import RuleGroup, groups_of
from simulator.monitoring.slo import Objective, objectives_of
from topologies.loading.document import parse_documents

BAD = 'http_requests_total{job="api", code=~"5.."}'
TOTAL = 'http_requests_total{job="api"}'
HEAD = "apiVersion: openslo/v1\n"


def source(query: str, kind: str = "Prometheus") -> str:
    return f"{{metricSource: {{type: {kind}, spec: {{query: '{query}'}}}}}}"


def ratio(bad: str = BAD, total: str = TOTAL) -> str:
    return f"ratioMetric: {{counter: true, bad: {source(bad)}, total: {source(total)}}}"


def good(query: str, total: str) -> str:
    return f"ratioMetric: {{good: {source(query)}, total: {source(total)}}}"


def stored(query: str, kind: str = "failure") -> str:
    return f"ratioMetric: {{rawType: {kind}, raw: {source(query)}}}"


def threshold(query: str) -> str:
    return f"thresholdMetric: {source(query)}"


def slo(
    name: str = "api",
    *,
    metric: str | None = None,
    target: str = "target: 0.999",
    window: str = "30d",
    method: str = "Occurrences",
    more: str = "",
    labels: str = "{}",
) -> str:
    """One SLO as YAML."""
    return HEAD + dedent(
        f"""\
        kind: SLO
        metadata: {{name: {name}, labels: {labels}}}
        spec:
          service: api
          indicator: {{spec: {{{metric or ratio()}}}}}
          timeWindow: [{{duration: {window}, isRolling: true}}]
          budgetingMethod: {method}
          objectives: [{{{target}}}]
          {more}
        """
    )


def objectives(*texts: str) -> list[Objective]:
    return objectives_of(parse_documents("---\n".join(texts), "slo.yaml"))


def objective(**fields: str) -> Objective:
    (found,) = objectives(slo(**fields))
    return found


def rules(text: str) -> list[RuleGroup]:
    return groups_of(parse_documents(text, "rules.yaml"))


def errors(window: str, bad: str = BAD, total: str = TOTAL, by: str = "") -> str:
    """The error ratio as somebody writes it by hand."""
    return f"sum{by} (rate({bad}[{window}])) / sum{by} (rate({total}[{window}]))"


def alert(expr: str, *, name: str = "ApiBurns", more: str = "labels: {severity: page}") -> str:
    """A rule file with one alert."""
    return dedent(
        f"""\
        groups:
          - name: g
            rules:
              - alert: {name}
                expr: {expr}
                {more}
        """
    )


def pair(factor: str, long: str, short: str, **parts: str) -> str:
    """`factor` is the whole threshold, mostly a product."""
    return f"({errors(long, **parts)} > {factor} and {errors(short, **parts)} > {factor})"


PAIRS = (("14.4", "1h", "5m"), ("6", "6h", "30m"), ("3", "1d", "2h"), ("1", "3d", "6h"))
WORKBOOK = " or ".join(pair(f"{factor} * 0.001", long, short) for factor, long, short in PAIRS)
