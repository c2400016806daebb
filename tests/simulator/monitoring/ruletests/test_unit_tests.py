"""What `alerts test` does beyond promtool, and how it reports."""

from __future__ import annotations

import json

import pytest

from console.commands.alerts_test import test as run_command
from simulator.monitoring.ruletests.test_files import read_test_file
from simulator.monitoring.ruletests.unit_tests import Settings, run_test_file
from timeline.findings import InputError

RULES = """
groups:
- name: g
  rules:
  - {record: 'job:up', expr: 'sum by (job) (up)'}
  - {alert: Down, expr: 'job:up == 0', for: 1m, labels: {severity: page}}
  - {alert: Forgotten, expr: 'vector(1) > 2'}
  - {record: late, expr: 'x * on() y'}
"""
TESTS = """
rule_files: [rules.yaml]
tests:
- interval: 1m
  name: down
  input_series:
  - {series: 'up{job="a"}', values: 1x2 0x5}
  - {series: x, values: 1x20}
  - {series: 'y{i="1"}', values: 1x20}
  - {series: 'y{i="2"}', values: _x10 1x10}
  alert_rule_test:
  - {eval_time: 4m, alertname: Down, exp_alerts: [{exp_labels: {job: a, severity: page}}]}
"""


@pytest.fixture
def files(tmp_path):
    def write(tests: str = TESTS):
        (tmp_path / "rules.yaml").write_text(RULES)
        path = tmp_path / "tests.yml"
        path.write_text(tests)
        return path

    return write


def run(path, **settings):
    return run_test_file(read_test_file(path), Settings(**settings))


def test_a_case_passes(files):
    assert [case.passed for case in run(files()).cases] == [True]


def test_the_labels_that_differ_are_named(files):
    (case,) = run(files(TESTS.replace("severity: page", "severity: warn"))).cases
    assert case.reason.splitlines() == [
        'alert {alertname="Down", job="a", severity="page"}:',
        '  label severity is "page", expected "warn"',
    ]
    assert case.place.line == 12


def test_a_plot_shows_what_the_rule_saw(files):
    (case,) = run(files(TESTS.replace("severity: page", "severity: warn")), plots=True).cases
    assert 'job:up{job="a"}' in case.plot
    assert "███▁▁" in case.plot


def test_rules_that_no_test_touches_are_listed(files):
    assert run(files()).untested == ["Forgotten", "late"]


def test_evaluating_to_the_end_finds_a_rule_that_fails_later(files):
    passed, later = run(files(), to_end=True).cases
    assert passed.passed
    assert "rule late fails at 10m" in later.reason


def test_many_like_series_are_written_once(files):
    path = files(
        TESTS.replace("'up{job=\"a\"}', values: 1x2 0x5}", '\'up{job="a",i="$n"}\', values: 1x2 0x5, repeat: 300}')
        + "  promql_expr_test:\n  - {expr: count(up), eval_time: 1m, exp_samples: [{labels: '{}', value: 300}]}\n"
    )
    assert all(case.passed for case in run(path).cases)
    with pytest.raises(InputError, match="promtool does not know"):
        read_test_file(path, strict=True)


def test_the_start_may_be_a_moment_in_time(files):
    path = files(
        TESTS.replace("  name: down", "  start_timestamp: 2021-01-01T00:00:00Z")
        + "  promql_expr_test:\n  - {expr: time(), eval_time: 1m, exp_samples: [{labels: '{}', value: 1609459260}]}\n"
    )
    assert all(case.passed for case in run(path).cases)


@pytest.mark.parametrize(("fuzzy", "passes"), [("false", False), ("true", True)])
def test_fuzzy_comparison_forgives_the_last_bit(files, fuzzy, passes):
    path = files(
        TESTS.replace("rule_files:", f"fuzzy_compare: {fuzzy}\nrule_files:")
        + "  promql_expr_test:\n  - {expr: 0.1 + 0.2, eval_time: 0s, exp_samples: [{labels: '{}', value: 0.3}]}\n"
    )
    assert run(path).cases[-1].passed is passes


def test_the_command_ends_with_the_totals_and_status_1(files, capsys, tmp_path):
    junit = tmp_path / "junit.xml"
    status = run_command([files(TESTS.replace("severity: page", "severity: warn"))], junit=junit)
    assert status == 1
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed"
    assert 'failures="1"' in junit.read_text()
    assert run_command([files()]) == 0


def test_the_command_gives_one_json_document(files, capsys):
    run_command([files()], as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["passed"], document["failed"]) == (1, 0)
