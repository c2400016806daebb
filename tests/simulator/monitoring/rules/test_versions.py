"""What changed between Prometheus 2 and 3 is found in the rules that have it, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.monitoring.promql.labels import normalised_number
from simulator.monitoring.rules import load_rules
from simulator.monitoring.rules.versions import VERSION_CHECKS, version_findings
from timeline.findings import Finding

# The marked rules differ, each by the finding named; the others are their nearest siblings that do not.
PLANTED = {
    "holt_winters(x[10m], 0.5, 0.5) > 1": "version.gone-function",
    'rate(latency_bucket{le="1"}[5m]) > 1': "version.number-label",
    'rate(latency_bucket{le="1.0"}[5m]) > 1': "",
    'rate(latency_bucket{le="0.5"}[5m]) > 1': "",
    'rate(latency_bucket{le=~"0.5|5"}[5m]) > 1': "version.number-label",
    'rate(latency_bucket{le=~"5|5.0"}[5m]) > 1': "",
    'rate(latency_bucket{le!="+Inf"}[5m]) > 1': "",
    'gc_seconds{quantile="1"} > 1': "version.number-label",
    'gc_seconds{quantile="0.99"} > 1': "",
    'node_info{release="1"} > 1': "",
    "rate(x[15s]) > 1": "version.short-range",
    "rate(x[1m]) > 1": "",
    "max_over_time(x[15s]) > 1": "",
    "deriv(max(x)[1m:1m]) > 1": "version.short-range",
    "deriv(max(x)[2m:1m]) > 1": "",
    "increase(job:x:sum[1m]) > 1": "version.short-range",
    "increase(job:x:sum[5m]) > 1": "",
    "count_over_time((x > 1)[10m:1m]) > 10": "version.sample-count",
    "count_over_time((x > 1)[10m30s:1m]) > 10": "",
    "sum_over_time(job:x:sum[10m]) > 10": "version.sample-count",
    "count_over_time(x[10m]) > 10": "",
    'x{path=~"a.b\\n"} > 1': "version.newline",
    'x{path=~"a[^\\n]b"} > 1': "",
    'x{path=~"a.b"} > 1': "",
    '{"http.requests"} > 1': "version.new-name",
    "x atan2 y > 1": "version.kept-name",
}


def findings(tmp_path: Path, queries: list[str]) -> list[Finding]:
    path = tmp_path / "rules.yaml"
    lines = ["groups:\n- name: g\n  interval: 1m\n  rules:\n  - {record: 'job:x:sum', expr: sum by (job) (x)}\n"]
    lines += [f"  - alert: Rule{number}\n    expr: '{query}'\n" for number, query in enumerate(queries)]
    path.write_text("".join(lines))
    return version_findings(load_rules([path]), scrape_interval_ms=15_000)


def test_exactly_the_planted_differences_are_found(tmp_path):
    found = findings(tmp_path, list(PLANTED))
    by_line = {finding.place.line: finding.id for finding in found}
    assert len(found) == len(by_line) == sum(map(bool, PLANTED.values()))
    assert by_line == {7 + 2 * number: id for number, id in enumerate(PLANTED.values()) if id}
    assert set(by_line.values()) == set(VERSION_CHECKS), "every check is met"


def test_without_a_known_scrape_interval_scraped_series_are_not_judged(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text("groups: [{name: g, rules: [{alert: A, expr: 'rate(x[15s]) > 1'}]}]")
    assert not version_findings(load_rules([path]))


@pytest.mark.parametrize(
    ("number", "written"),
    [("1", "1.0"), ("0", "0.0"), ("0.5", "0.5"), ("2.50", "2.5"), ("100000", "100000.0"), ("1000000", "1e+06"),
     ("1234567", "1.234567e+06"), ("0.0001", "0.0001"), ("0.00001", "1e-05"), ("1e3", "1000.0"),
     ("-1", "-1.0"), ("-2.5e7", "-2.5e+07"), ("+Inf", "+Inf"), ("NaN", "NaN")],
)  # fmt: skip
def test_numbers_are_written_as_prometheus_3_writes_them(number, written):
    assert normalised_number(number) == written
