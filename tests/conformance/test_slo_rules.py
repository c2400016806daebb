"""Generated burn-rate rules against Prometheus' own tool and the formulas of the Site Reliability Workbook."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from simulator.monitoring.rules import load_rules
from simulator.monitoring.slo import (
    Objective,
    Severities,
    load_objectives,
    outlooks,
    rule_file,
    telling_ratios,
    unit_test_file,
    watched,
)
from simulator.monitoring.slo.experiment import SCRAPE_INTERVAL_MS
from simulator.monitoring.slo.indicators import Slices, Threshold
from tests.services import require
from tests.simulator.monitoring.slo.building import good, objective, objectives, ratio, slo, stored, threshold
from timeline.instants import MINUTE
from topologies.shipped import shipped_estates

LATENCY = good('d_bucket{le="0.3"}', "d_count")
WEEK = {"window": "1w", "target": "target: 0.99"}
SLOS = {
    "three nines over a month": slo("a", labels="{team: core}"),
    "two nines over a week": slo("b", **WEEK),
    "latency over four weeks": slo("c", target="targetPercent: 95", metric=LATENCY, window="4w"),
    "a quarter": slo("d", target="target: 0.995", window="1Q"),
    "by component": slo("e", metric=ratio('sum by (c) (x{c=~"a|b", code="500"})', 'sum by (c) (x{c=~"a|b"})'), **WEEK),
    "time slices": slo(
        "f", method="Timeslices", target="target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5m", window="1w"
    ),
    "means of slices": slo("g", method="RatioTimeslices", target="target: 0.95, timeSliceWindow: 2m", window="1w"),
    "a stored ratio": slo("h", metric=stored("r", "success"), target="target: 0.97", window="2w"),
    "a threshold": slo("i", metric=threshold("l"), target="target: 0.9, op: lte, value: 1", window="1w"),
    "title with a template": slo("j", target="target: 0.99, displayName: 'Ä {{ $labels.x }} \"q\"'", window="1w"),
}
SLOW_IN_PROMTOOL = ("three nines over a month", "latency over four weeks", "a quarter", "a stored ratio")
"""Ten to sixty seconds each: promtool evaluates every rule at every minute of days."""
IN_PROMTOOL = [pytest.param(name, marks=[pytest.mark.prove] if name in SLOW_IN_PROMTOOL else []) for name in SLOS]


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [require("promtool"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def test_promtool_accepts_every_generated_rule(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(rule_file(objectives(*SLOS.values())))
    checked = promtool("check", "rules", "--lint-fatal", rules)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", IN_PROMTOOL)
def test_promtool_passes_the_generated_unit_tests(tmp_path: Path, name: str) -> None:
    """Generated tests say when an alert fires by the workbook's formula, so promtool judges the formula, too."""
    found = objectives(SLOS[name])
    (tmp_path / "rules.yaml").write_text(rule_file(found))
    (tmp_path / "tests.yaml").write_text(unit_test_file(found, "rules.yaml", Severities()))
    tested = promtool("test", "rules", tmp_path / "tests.yaml")
    assert tested.returncode == 0, tested.stdout + tested.stderr


@pytest.mark.parametrize("name", SLOS)
def test_rules_run_in_virtual_time_fire_when_the_formula_says(tmp_path: Path, name: str) -> None:
    """Later by at most a scrape, two evaluations, and the slice or the bad sample that has to be waited for; never
    earlier than a scrape, because a rate reaches for the edge of its window."""
    (tmp_path / "rules.yaml").write_text(rule_file(objectives(SLOS[name])))
    (one,), groups = objectives(SLOS[name]), load_rules([tmp_path / "rules.yaml"])
    (subject,) = watched([one], groups)
    late_ms = SCRAPE_INTERVAL_MS + 2 * MINUTE + _grain_ms(one)
    found = outlooks(subject, groups, telling_ratios(one), run=True)
    assert any(row.fired for row in found)
    for row in found:
        expected = row.expected.after_ms
        if expected is None:
            assert row.fired is None
        else:
            assert row.fired is not None
            assert -SCRAPE_INTERVAL_MS - _grain_ms(one) <= row.fired.at_ms - expected <= late_ms
            assert row.expected.spent_ratio is not None
            most = one.indicator.spending(row.bad_ratio) * late_ms / (one.budget_ratio * one.window_ms)
            assert row.fired.spent_ratio <= row.expected.spent_ratio + most


@pytest.mark.parametrize(("bad_ratio", "minutes"), [(1.0, 0.864), (0.1, 8.64), (0.02, 43.2)])
def test_the_time_to_page_is_that_of_the_workbook(bad_ratio: float, minutes: float, tmp_path: Path) -> None:
    """14.4 x 0.001 / error ratio x 60 minutes: written out, so that no code of ours stands on both sides."""
    (tmp_path / "rules.yaml").write_text(rule_file([objective()]))
    groups = load_rules([tmp_path / "rules.yaml"])
    (subject,) = watched([objective()], groups)
    page = outlooks(subject, groups, [bad_ratio], run=True)[0]
    assert page.expected.after_ms == pytest.approx(minutes * MINUTE)
    assert page.expected.spent_ratio == pytest.approx(0.02)
    assert page.fired is not None
    assert 0 <= page.fired.at_ms - minutes * MINUTE <= 2 * MINUTE


def test_promtool_and_the_engine_agree_to_the_minute(tmp_path: Path) -> None:
    """The page at an error ratio of 18 %, evaluated at every minute around the moment in which it comes."""
    found = [objective(**WEEK)]
    (tmp_path / "rules.yaml").write_text(rule_file(found))
    text = unit_test_file(found, "rules.yaml", Severities())
    first_case, *_ = text.split("  - name: ")[1:]
    head = text[: text.index("  - name: ")]
    body, expectation = first_case.split("    alert_rule_test:\n")
    expected = expectation[expectation.index("        exp_alerts:\n") :] if "exp_alerts:\n" in expectation else ""
    assert expected
    verdicts = []
    for minute in range(84 + 7, 84 + 16):
        tests = tmp_path / "tests.yaml"
        tests.write_text(
            f"{head}  - name: {body}    alert_rule_test:\n"
            f"      - eval_time: {minute}m\n        alertname: ErrorBudgetBurnsFast\n{expected}"
        )
        theirs = promtool("test", "rules", tests).returncode == 0
        ours = _passes(tests)
        assert ours == theirs, minute
        verdicts.append(theirs)
    assert verdicts == sorted(verdicts)
    assert 0 < sum(verdicts) < len(verdicts)


def test_promtool_accepts_the_rules_of_the_shipped_slos(tmp_path: Path) -> None:
    folder = shipped_estates()["meridian-bank"] / "alerts/slos"
    (tmp_path / "rules.yaml").write_text(rule_file(load_objectives(sorted(folder.glob("*.yaml")))))
    checked = promtool("check", "rules", "--lint-fatal", tmp_path / "rules.yaml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _grain_ms(one: Objective) -> int:
    """How far apart the events of an indicator are: a slice, or the bad ones among the looks at a threshold."""
    match one.indicator:
        case Slices(slice_ms=slice_ms):
            return slice_ms
        case Threshold():
            return round(5 * MINUTE / min(telling_ratios(one)))
    return 0


def _passes(path: Path) -> bool:
    from simulator.monitoring.promql import Semantics
    from simulator.monitoring.ruletests.test_files import read_test_file
    from simulator.monitoring.ruletests.unit_tests import Settings, run_test_file

    result = run_test_file(read_test_file(path), Settings(Semantics.PROMETHEUS_2))
    return all(case.passed for case in result.cases)
