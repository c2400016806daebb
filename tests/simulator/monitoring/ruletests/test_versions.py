"""On the series of unit tests, exactly the rules that differ between Prometheus 2 and 3 are told."""

from __future__ import annotations

import json

import pytest

from console.main import main
from simulator.monitoring.ruletests.test_files import read_test_file
from simulator.monitoring.ruletests.versions import compare_versions

RULES = """groups:
- name: differ
  rules:
  - {record: 'x:count', expr: 'count_over_time(x[5m])'}
  - {alert: Counted, expr: 'count_over_time(x[5m]) > 5'}
  - {alert: TwoSamples, expr: 'rate(x[1m]) > 0'}
  - {alert: Gone, expr: 'holt_winters(x[5m], 0.5, 0.5) > 0'}
  - {alert: Newline, expr: 'y{text=~"a.b"} > 0'}
  - {alert: Reader, expr: 'x:count > 5'}
- name: agree
  rules:
  - {record: 'x:rate', expr: 'rate(x[5m])'}
  - {alert: Steady, expr: 'rate(x[5m]) > 0'}
  - {alert: Late, expr: 'count_over_time(x[5m]) > 4', for: 2m}
  - {alert: Never, expr: 'x < 0'}
  - {alert: NewlineMeant, expr: 'y{text=~"a\\\\nb"} > 0'}
"""
TESTS = """rule_files: [rules.yaml]
tests:
- name: series
  interval: 1m
  input_series:
  - {series: x, values: '0+60x90'}
  - {series: 'y{text="a\\nb"}', values: '1x90'}
  promql_expr_test:
  - {expr: x, eval_time: 80m, exp_samples: [{labels: x, value: 4800}]}
"""
DIFFERING = {"x:count": 4, "Counted": 5, "TwoSamples": 6, "Gone": 7, "Newline": 8, "Reader": 9}


@pytest.fixture
def tests(tmp_path):
    (tmp_path / "rules.yaml").write_text(RULES)
    path = tmp_path / "tests.yaml"
    path.write_text(TESTS)
    return path


def test_exactly_the_rules_that_differ_are_told_at_their_places(tests):
    found = compare_versions(read_test_file(tests))
    names = {finding.message.split(" ")[0]: finding.place.line for finding in found}
    assert names == DIFFERING
    assert len(found) == len(names)


def test_the_first_difference_is_said_in_words(tests):
    said = {finding.message.split(" ")[0]: finding.message for finding in compare_versions(read_test_file(tests))}
    assert said["Counted"].endswith("in 'series': at 5m {alertname=\"Counted\"} is firing in 2 and inactive in 3")
    assert said["x:count"].endswith("at 5m x:count is 6 in 2 and 5 in 3")
    assert "it fails in 3: unknown function holt_winters()" in said["Gone"]


def test_without_a_difference_nothing_is_told(tests):
    tests.with_name("rules.yaml").write_text("groups: [{name: g, rules: [{alert: A, expr: 'x > 100'}]}]")
    assert not compare_versions(read_test_file(tests))


def run(capsys, *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["alerts", "test", *arguments])
    return int(left.value.code or 0), capsys.readouterr().out


def test_the_command_tells_them_and_ends_with_1(tests, capsys):
    tests.with_name("rules.yaml").write_text(
        RULES.replace("  - {alert: Gone, expr: 'holt_winters(x[5m], 0.5, 0.5) > 0'}\n", "")
    )
    assert run(capsys, str(tests))[0] == 0
    status, output = run(capsys, "--compare-versions", str(tests))
    assert status == 1
    assert f"{tests.with_name('rules.yaml')}:5:" in output
    assert output.splitlines()[-1] == "1 passed, 0 failed"
    status, output = run(capsys, "--compare-versions", "--json", str(tests))
    assert [f["id"] for f in json.loads(output)["versions"]] == ["version.differs"] * 5
