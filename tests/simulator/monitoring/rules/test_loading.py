"""Rule files of all kinds, and what is said about what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.monitoring.rules import AlertingRule, RecordingRule, load_rules
from simulator.monitoring.rules.loading import parse_prometheus_duration
from timeline.findings import InputError

PLAIN = """
groups:
- name: g
  interval: 30s
  limit: 5
  query_offset: 1m
  labels: {team: db, severity: none}
  rules:
  - {record: 'a:b', expr: up, labels: {x: 1.0}}
  - alert: Down
    expr: up == 0
    for: 1h30m
    keep_firing_for: 5m
    labels: {severity: page}
    annotations: {summary: "{{ $value }}"}
"""
RESOURCE = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: r}\nspec:\n" + "".join(
    f"  {line}\n" for line in PLAIN.strip().splitlines()
)
MIMIR = PLAIN.replace("groups:", "namespace: n\ngroups:").replace("  limit: 5", "  source_tenants: [a]\n  limit: 5")
THANOS = PLAIN.replace("  limit: 5", "  partial_response_strategy: warn\n  limit: 5")
LIST = "kind: List\nitems:\n- " + RESOURCE.strip().replace("\n", "\n  ")


def load(tmp_path: Path, text: str):
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    return load_rules([path])


@pytest.mark.parametrize(
    "text", [PLAIN, RESOURCE, MIMIR, THANOS, LIST], ids=["plain", "resource", "mimir", "thanos", "list"]
)
def test_rules_are_the_same_from_every_kind_of_file(tmp_path, text):
    (group,) = load(tmp_path, text)
    assert (group.name, group.interval_ms, group.limit, group.query_offset_ms) == ("g", 30_000, 5, 60_000)
    recording, alerting = group.rules
    assert isinstance(recording, RecordingRule)
    assert recording.labels == {"team": "db", "severity": "none", "x": "1.0"}
    assert isinstance(alerting, AlertingRule)
    assert (alerting.for_ms, alerting.keep_firing_for_ms) == (5_400_000, 300_000)
    assert alerting.labels == {"team": "db", "severity": "page"}


def test_directories_and_globs_are_read(tmp_path):
    (tmp_path / "a.yaml").write_text(PLAIN)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.yml").write_text(PLAIN)
    assert len(load_rules([tmp_path])) == 2
    assert len(load_rules([tmp_path / "*.yaml"])) == 1
    with pytest.raises(InputError, match="no file matches"):
        load_rules([tmp_path / "*.rules"])


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("expr: up == 0", "expr: up ==", 11, "not a PromQL expression"),
        ("expr: up == 0", 'expr: \'{app="x"} |= "error"\'', 11, "LogQL"),
        ("expr: up == 0", "expr: mad_over_time(x[5m])", 11, "mad_over_time"),
        ("for: 1h30m", "for: 1.5h", 12, "not a duration"),
        ("for: 1h30m", "four: 1h30m", 12, "no field 'four'"),
        ("record: 'a:b'", "record: a-b", 9, "name of a metric"),
        ("labels: {x: 1.0}", "labels: {x-y: 1}", 9, "name of a label"),
        ("labels: {x: 1.0}", "annotations: {x: y}", 9, "no 'annotations'"),
        ("alert: Down", "alert: Down\n    record: x", 11, "not both"),
        ("alert: Down\n    expr", "expr", 10, "needs 'record' or 'alert'"),
        ("{{ $value }}", "{{ $valu }}", 15, "undefined variable"),
        ("{{ $value }}", "{{ $value | humanise }}", 15, "not defined"),
        ("groups:\n", "groups:\n- {name: g}\n", 4, "twice"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, old, new, line, message):
    with pytest.raises(InputError) as caught:
        load(tmp_path, PLAIN.replace(old, new, 1))
    (finding, *_) = caught.value.findings
    assert message in finding.message
    assert finding.place.line == line


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(PLAIN.replace("up == 0", "up ==").replace("'a:b'", "a-b"))
    with pytest.raises(InputError) as caught:
        load_rules([tmp_path])
    assert len(caught.value.findings) == 4


@pytest.mark.parametrize(
    ("text", "ms"), [("0", 0), ("90s", 90_000), ("1h30m", 5_400_000), ("1d12h", 129_600_000), ("5ms", 5)]
)
def test_durations(text, ms):
    assert parse_prometheus_duration(text) == ms


@pytest.mark.parametrize("text", ["", "90", "1.5h", "30m1h", "-5m", "5 m", None])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="not a duration"):
        parse_prometheus_duration(text)


def test_a_template_of_a_helm_chart_is_refused_by_name(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(
        "groups:\n  - name: a\n    rules:\n{{- if .Values.enabled }}\n      - alert: A\n        expr: up\n{{- end }}\n"
    )
    with pytest.raises(InputError) as refused:
        load_rules([path])
    (finding,) = refused.value.findings
    assert finding.id == "rules.helm-template"
    assert str(finding.place).startswith(f"{path}:4:1")
    assert "helm template" in finding.hint


def test_an_alert_template_over_several_lines_is_no_helm_template(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(
        "groups:\n  - name: a\n    rules:\n      - alert: A\n        expr: sum(\n"
        "        annotations:\n          text: 'x {{ if $value }}y{{ end }}'\n"
    )
    with pytest.raises(InputError) as refused:
        load_rules([path])
    assert refused.value.findings[0].id == "rules.query"
