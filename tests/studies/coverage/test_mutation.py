"""Mutants: which there are, and which of them nothing distinguishes."""

from pathlib import Path

import pytest

from blackstart._coverage import coverage_input
from simulator.monitoring.promql import parse
from simulator.monitoring.promql.printing import write
from simulator.monitoring.rules import AlertingRule, RecordingRule
from studies.coverage import Coverage
from studies.coverage.mutants import mutants
from studies.coverage.mutation import CLASSES_MS, QUIET_RUN, time_class
from tests.studies.coverage.building import kiosk, studied


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("x > 4", ["x < 4", "x >= 4", "x > 8", "x > 2"]),
        ("x == 0", ["x != 0", "x == 1", "x == (-1)"]),
        ("2 < x", ["2 > x", "2 <= x", "4 < x", "1 < x"]),
        ("x > 2 * 3", ["x < (2 * 3)", "x >= (2 * 3)", "x > ((2 * 3) * 2)", "x > ((2 * 3) * 0.5)"]),
        ("x > y", ["x < y", "x >= y"]),
        ("x unless y", ["x"]),
        ("x and y", ["x", "y"]),
        ("rate(x[1m])", ["rate(x[30s])", "rate(x[2m])"]),
        ('x{a="1", b=~"2"}', ['x{b=~"2"}', 'x{a="1"}']),
        ("max_over_time(y[2m:30s])", ["max_over_time(y[1m:30s])", "max_over_time(y[4m:30s])"]),
        ("time()", []),
    ],
)
def test_mutants_of_a_query(query: str, expected: list[str]) -> None:
    made = [rule.expression for _, rule in mutants(RecordingRule("r", query), 30_000)]
    assert made == [parse(text) for text in expected]


@pytest.mark.parametrize(("for_ms", "expected"), [(0, [60_000]), (60_000, [30_000, 120_000, 0])])
def test_mutants_of_for(for_ms: int, expected: list[int]) -> None:
    assert [rule.for_ms for _, rule in mutants(AlertingRule("A", "x", for_ms), 30_000)] == expected  # type: ignore[union-attr]


def test_a_mutant_can_be_read_and_pasted() -> None:
    for _, rule in mutants(RecordingRule("r", 'sum by (a) (rate(x{b="1"}[5m])) > 0.5 and on (a) y offset 1h'), 30_000):
        assert parse(rule.query) == rule.expression
        assert write(rule.expression) == rule.query


def test_time_classes_have_their_bounds_inside() -> None:
    assert [time_class(ms) for ms in (-1, 0, CLASSES_MS[0], CLASSES_MS[0] + 1, CLASSES_MS[-1] + 1)] == [-1, 0, 0, 1, 7]


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> Coverage:
    return studied(kiosk(tmp_path_factory.mktemp("kiosk")), mutate=True)


def survivors(coverage: Coverage, rule: str) -> set[str]:
    assert coverage.fates is not None
    fates = [fate for fate in coverage.fates if fate.mutant.rule == rule and fate.killed_by is None]
    return {fate.mutant.id.removeprefix(f"{rule}: ") for fate in fates}


def test_a_threshold_that_no_fault_distinguishes_survives(coverage: Coverage) -> None:
    assert {"threshold: 0.05 → 0.025", "threshold: 0.05 → 0.1"} <= survivors(coverage, "ErrorRatioHigh")


def test_what_a_fault_or_the_quiet_run_distinguishes_is_killed(coverage: Coverage) -> None:
    assert coverage.fates is not None
    killers = {fate.mutant.id: fate.killed_by for fate in coverage.fates}
    assert killers["ErrorRatioHigh: flipped: > → <"] == QUIET_RUN
    assert killers["ProbeFails: for: 30s → 1m"] in {"crash@web", "hang@web", "crash@db", "hang@db", "site-loss@room"}
    assert killers["ProbeFailsToo: boundary: < → <="] == QUIET_RUN


def test_a_mutated_recording_rule_is_judged_by_the_alerts_that_read_it(coverage: Coverage) -> None:
    assert coverage.fates is not None
    killers = {fate.mutant.id: fate.killed_by for fate in coverage.fates}
    assert killers['component:errors:ratio: matcher: code=~"5.." → none'] == QUIET_RUN


def test_of_a_rule_that_never_fires_only_the_wrong_way_round_is_noticed(coverage: Coverage) -> None:
    assert "flipped: > → <" not in survivors(coverage, "VerySlow")
    assert {"boundary: > → >=", "threshold: 1000 → 2000"} <= survivors(coverage, "VerySlow")


def test_a_heartbeat_has_no_mutants(coverage: Coverage) -> None:
    assert coverage.fates is not None
    assert "Heartbeat" not in {fate.mutant.rule for fate in coverage.fates}


def test_a_fault_between_the_thresholds_kills_the_mutant(tmp_path: Path) -> None:
    kiosk(tmp_path)
    expectations = tmp_path / "alerts" / "expectations.yaml"
    mild = "{fault: bad-deploy, target: web, parameters: {error_ratio: 0.07}, alerts: [ErrorRatioHigh], within: 5m}"
    expectations.write_text(expectations.read_text() + f"  mild: {mild}\n")
    fates = studied(coverage_input(tmp_path), mutate=True).fates
    assert fates is not None
    killers = {fate.mutant.id: fate.killed_by for fate in fates}
    assert killers["ErrorRatioHigh: threshold: 0.05 → 0.1"] == "bad-deploy@web#mild"
