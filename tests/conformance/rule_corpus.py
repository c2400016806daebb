"""A corpus of rule unit tests: each base passes under promtool, each sibling differs from it by one edit.

Edits are (old, new) on the text of the base; most of them break it, some only look as if they did.
"""

# ruff: noqa: E501  (YAML stands as its users write it)
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Base:
    name: str
    rules: str
    tests: str
    edits: tuple[tuple[str, str], ...]


BASES = (
    Base(
        "for",
        """
groups:
- name: g
  rules:
  - alert: Down
    expr: up == 0
    for: 3m
    labels: {severity: page}
    annotations: {summary: "{{ $labels.instance }} is down for {{ $value }}"}
""",
        """
rule_files: [rules.yaml]
tests:
- interval: 1m
  input_series:
  - {series: 'up{job="a",instance="i1"}', values: 1x2 0x5 1x3}
  - {series: 'up{job="a",instance="i2"}', values: 1x20}
  alert_rule_test:
  - {eval_time: 5m, alertname: Down}
  - eval_time: 6m
    alertname: Down
    exp_alerts:
    - exp_labels: {job: a, instance: i1, severity: page}
      exp_annotations: {summary: i1 is down for 0}
  - {eval_time: 9m, alertname: Down}
""",
        (
            ("for: 3m", "for: 2m"),
            ("for: 3m", "for: 3m1s"),
            ("for: 3m", "for: 4m"),
            ("severity: page}\n      exp", "severity: warn}\n      exp"),
            ("exp_annotations: {summary: i1 is down for 0}", "exp_annotations: {summary: i1 is down for 1}"),
            ("eval_time: 6m", "eval_time: 6m30s"),
            ("eval_time: 5m", "eval_time: 5m59s"),
            ("eval_time: 9m", "eval_time: 8m59s"),
            ("values: 1x2 0x5 1x3", "values: 1x2 0x1 1 0x3 1x3"),
            ("values: 1x2 0x5 1x3", "values: 1x2 0x5 stale"),
            ("instance: i1, severity", "instance: i2, severity"),
            ("tests:\n- interval", "evaluation_interval: 30s\ntests:\n- interval"),
            ("tests:\n- interval", "evaluation_interval: 4m\ntests:\n- interval"),
            ("alertname: Down}\n  - eval_time: 6m", "alertname: Other}\n  - eval_time: 6m"),
        ),
    ),
    Base(
        "keep_firing_for",
        """
groups:
- name: g
  rules:
  - {alert: Hot, expr: temperature > 30, for: 1m, keep_firing_for: 2m}
""",
        """
rule_files: [rules.yaml]
tests:
- interval: 1m
  input_series:
  - {series: temperature, values: 20 31 32 33 20 20 20 35 20}
  alert_rule_test:
  - {eval_time: 1m, alertname: Hot}
  - {eval_time: 2m, alertname: Hot, exp_alerts: [{}]}
  - {eval_time: 5m, alertname: Hot, exp_alerts: [{}]}
  - {eval_time: 6m, alertname: Hot}
  - {eval_time: 8m, alertname: Hot}
""",
        (
            ("keep_firing_for: 2m", "keep_firing_for: 3m"),
            ("keep_firing_for: 2m", "keep_firing_for: 1m"),
            ("keep_firing_for: 2m", "keep_firing_for: 1m1s"),
            (", keep_firing_for: 2m", ""),
            ("for: 1m,", "for: 0s,"),
            ("33 20 20 20 35 20", "33 20 31 20 35 20"),
            ("temperature > 30", "temperature >= 31"),
        ),
    ),
    Base(
        "recording feeds alerting",
        """
groups:
- name: record
  interval: 7m
  rules:
  - {record: 'job:errors:rate5m', expr: 'sum by (job) (rate(errors_total[5m]))', labels: {source: rules}}
- name: alert
  rules:
  - alert: Errors
    expr: job:errors:rate5m > 0.4
    for: 2m
    labels: {level: '{{ if gt $value 0.9 }}high{{ else }}low{{ end }}'}
  - {alert: AnyAlert, expr: 'count(ALERTS{alertstate="firing"}) > 0'}
""",
        """
rule_files: ["*.yaml"]
evaluation_interval: 1m
group_eval_order: [record, alert]
tests:
- interval: 1m
  name: slow start
  input_series:
  - {series: 'errors_total{job="api",i="1"}', values: 0x5 0+30x20}
  - {series: 'errors_total{job="api",i="2"}', values: 0+6x25}
  alert_rule_test:
  - {eval_time: 10m, alertname: Errors}
  - eval_time: 14m
    alertname: Errors
    exp_alerts: [{exp_labels: {job: api, source: rules, level: low}}]
  - {eval_time: 14m, alertname: AnyAlert, exp_alerts: [{exp_labels: {}}]}
  promql_expr_test:
  - {expr: 'job:errors:rate5m', eval_time: 3m, exp_samples: [{labels: 'job:errors:rate5m{job="api",source="rules"}', value: 0.060000000000000005}]}
  - {expr: 'ALERTS{alertname="Errors"}', eval_time: 14m, exp_samples: [{labels: 'ALERTS{alertname="Errors",alertstate="firing",job="api",level="low",source="rules"}', value: 1}]}
  - {expr: 'count_over_time(job:errors:rate5m[5m])', eval_time: 14m, exp_samples: [{labels: '{job="api",source="rules"}', value: 6}]}
  - {expr: 'ALERTS_FOR_STATE', eval_time: 1m}
""",
        (
            ("group_eval_order: [record, alert]", "group_eval_order: [alert, record]"),
            ("group_eval_order: [record, alert]", "group_eval_order: [record, record]"),
            ("rate(errors_total[5m])", "rate(errors_total[4m])"),
            ("level: low}}]", "level: high}}]"),
            ("> 0.4", "> 0.8"),
            ("gt $value 0.9", "gt $value 0.3"),
            ("gt $value 0.9", "gt $value 1"),
            ("value: 0.060000000000000005}", "value: 0.06}"),
            ("value: 6}", "value: 5}"),
            ("eval_time: 10m", "eval_time: 13m"),
            ('i="2"}', 'i="1"}'),
            ("labels: {source: rules}", "labels: {source: rules, job: x}"),
            ("count(ALERTS", "sum(ALERTS"),
            ('alertstate="firing"})', 'alertstate="pending"})'),
        ),
    ),
    Base(
        "notation",
        "groups: []\n",
        """
rule_files: [rules.yaml]
tests:
- interval: 1m
  input_series:
  - {series: 'x{a="1"}', values: '1+2x3 _x2 -5-1x2 stale 7'}
  - {series: 'x{a="2"}', values: '0.5x9'}
  promql_expr_test:
  - {expr: 'x', eval_time: 3m, exp_samples: [{labels: 'x{a="1"}', value: 7}, {labels: 'x{a="2"}', value: 5e-1}]}
  - {expr: 'x{a="1"}', eval_time: 5m, exp_samples: [{labels: 'x{a="1"}', value: 7}]}
  - {expr: 'x{a="1"}', eval_time: 8m, exp_samples: [{labels: 'x{a="1"}', value: -7}]}
  - {expr: 'x{a="1"}', eval_time: 9m}
  - {expr: 'sum(x)', eval_time: 10m, exp_samples: [{labels: '{}', value: 7.5}]}
  - {expr: 'time()', eval_time: 90s, exp_samples: [{labels: '{}', value: 90}]}
  - {expr: 'vector(1) / 0', eval_time: 0s, exp_samples: [{labels: '{}', value: .inf}]}
  - {expr: '-x{a="2"}', eval_time: 1m, exp_samples: [{labels: '{a="2"}', value: -0.5}]}
""",
        (
            ("1+2x3", "1+2x2"),
            ("_x2", "_x3"),
            ("stale 7", "_ 7"),
            ("-5-1x2", "-5+1x2"),
            ("value: 5e-1", "value: 0.51"),
            ("value: -7", "value: 7"),
            ("value: .inf", "value: -.inf"),
            ("value: .inf", "value: .nan"),
            ("{labels: '{}', value: 7.5}", "{labels: '', value: 7.5}"),
            ("{labels: '{a=\"2\"}', value: -0.5}", "{labels: 'x{a=\"2\"}', value: -0.5}"),
            ("eval_time: 90s", "eval_time: 89s"),
            ("expr: 'sum(x)'", "expr: 'sum(x'"),
            ("expr: 'sum(x)'", "expr: 'x[1m]'"),
            ("interval: 1m", "interval: 30s"),
            ("values: '0.5x9'", "values: '0.5x9 oops'"),
        ),
    ),
    Base(
        "templates",
        """
groups:
- name: g
  rules:
  - alert: A
    expr: x > 0
    annotations:
      number: '{{ $value }}'
      humanized: '{{ $value | humanize }} {{ $value | humanize1024 }} {{ $value | humanizeDuration }}'
      ratio: '{{ humanizePercentage 0.1234567 }} {{ printf "%.3f" $value }} {{ printf "%d" $value }}'
      text: '{{ $labels.host | toUpper | reReplaceAll "(.*):.*" "$1" }} {{ "a b" | title }} {{ stripPort "h:80" }}'
      query: '{{ with query "x" }}{{ . | first | value }}{{ end }}{{ range query "y" | sortByLabel "n" }}{{ .Labels.n }};{{ end }}'
      outside: '{{ $externalLabels.region }} {{ $externalURL }}'
      missing: '[{{ $labels.nothing }}]{{ if $labels.nothing }}yes{{ else }}no{{ end }}'
      map: '{{ $labels }}'
      time: '{{ 1435065584.5 | humanizeTimestamp }} {{ parseDuration "1h30m" }}'
""",
        """
rule_files: [rules.yaml]
tests:
- interval: 1m
  external_labels: {region: eu}
  external_url: http://example.org/prom
  input_series:
  - {series: 'x{host="db:9100"}', values: 1234567}
  - {series: 'y{n="2"}', values: 1}
  - {series: 'y{n="1"}', values: 1}
  alert_rule_test:
  - eval_time: 0s
    alertname: A
    exp_alerts:
    - exp_labels: {host: 'db:9100'}
      exp_annotations:
        number: '1.234567e+06'
        humanized: 1.235M 1.177Mi 14d 6h 56m 7s
        ratio: 12.35% 1234567.000 %!d(float64=1.234567e+06)
        text: DB A B h
        query: '1.234567e+061;2;'
        outside: eu http://example.org/prom
        missing: '[]no'
        map: map[__name__:x host:db:9100]
        time: 2015-06-23 13:19:44.5 +0000 UTC 5400
""",
        (
            ("1.235M", "1.234M"),
            ("1.177Mi", "1.178Mi"),
            ("14d 6h 56m 7s", "14d 6h 56m 8s"),
            ("12.35%", "12.34%"),
            ("text: DB A B h", "text: DB a b h"),
            ("'[]no'", "'[]yes'"),
            ("map[__name__:x host:db:9100]", "map[host:db:9100]"),
            ("org/prom", "org/pro"),
            ("13:19:44.5", "13:19:44"),
            ("'1.234567e+06'\n", "'1234567'\n"),
        ),
    ),
    Base(
        "errors of rules",
        """
groups:
- name: g
  rules:
  - {record: r, expr: 'x * on() y'}
  - {alert: A, expr: 'x > 0'}
""",
        """
rule_files: [rules.yaml]
tests:
- interval: 1m
  input_series:
  - {series: x, values: 1x9}
  - {series: 'y{i="1"}', values: 2x9}
  alert_rule_test:
  - {eval_time: 2m, alertname: A, exp_alerts: [{}]}
  promql_expr_test:
  - {expr: r, eval_time: 4m, exp_samples: [{labels: r, value: 2}]}
""",
        (
            (
                "- {series: 'y{i=\"1\"}', values: 2x9}",
                "- {series: 'y{i=\"1\"}', values: 2x9}\n  - {series: 'y{i=\"2\"}', values: _x3 2x9}",
            ),
            (
                "- {series: 'y{i=\"1\"}', values: 2x9}",
                "- {series: 'y{i=\"1\"}', values: 2x9}\n  - {series: 'y{i=\"2\"}', values: _x5 2x9}",
            ),
            ("x * on() y", "x * on() group_left y"),
            ("x * on() y", "x * y"),
            ("labels: r,", "labels: q,"),
            ("record: r,", "record: 'r r',"),
            ("expr: 'x > 0'", "expr: 'x > '"),
            ("eval_time: 4m", "eval_time: 400m"),
            ("alertname: A", "alert: A"),
        ),
    ),
)
