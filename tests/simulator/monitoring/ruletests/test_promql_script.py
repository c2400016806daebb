"""The script language: what passes, what fails and why, what is skipped and for which feature."""

from __future__ import annotations

import pytest

from simulator.monitoring.ruletests.promql_script import Outcome, ScriptError, run_script

LOAD = """
# Two series.
load 1m
  x{a="1"} 0+1x10
  x{a="2"} 5x10
"""


@pytest.mark.parametrize(
    ("evaluation", "outcome", "reason"),
    [
        ('eval instant at 5m x\n  x{a="1"} 5\n  x{a="2"} 5', Outcome.PASSED, ""),
        ('eval instant at 5m x\n  x{a="1"} 6\n  x{a="2"} 5', Outcome.FAILED, "expected 6"),
        ('eval instant at 5m x\n  x{a="1"} 5', Outcome.FAILED, "unexpected series"),
        ('eval instant at 5m x{a="1"}\n  x{a="1"} 5\n  y 5', Outcome.FAILED, "not found"),
        ("eval instant at 5m sum(x)\n  {} 10.000001", Outcome.PASSED, ""),
        ("eval instant at 5m sum(x)\n  {} 10.0001", Outcome.FAILED, "10.0001"),
        ("eval instant at 5m 1 + 1\n  2", Outcome.PASSED, ""),
        ("eval instant at 5m 1 + 1\n  {} 2", Outcome.FAILED, "got the scalar"),
        ('eval instant at 5m "text"\n  expect string "text"', Outcome.PASSED, ""),
        ("eval range from 0 to 2m step 1m sum(x)\n  {} 5 6 7", Outcome.PASSED, ""),
        ("eval range from 0 to 2m step 1m sum(x)\n  {} 5 6 _", Outcome.FAILED, "expected 5 6 _"),
        (
            'eval instant at 5m sort_desc(x{a=~"1|2"} @ 60)\n  expect ordered\n  x{a="2"} 5\n  x{a="1"} 1',
            Outcome.PASSED,
            "",
        ),
        ('eval_ordered instant at 1m sort(x)\n  x{a="2"} 5\n  x{a="1"} 1', Outcome.FAILED, "order"),
        ("eval instant at 1m x + on() x\n  expect fail", Outcome.PASSED, ""),
        ("eval instant at 1m x + on() x\n  expect fail regex: found duplicate .*", Outcome.PASSED, ""),
        ("eval instant at 1m x + on() x\n  expect fail msg: something else", Outcome.FAILED, "expected an error like"),
        ("eval_fail instant at 1m x", Outcome.FAILED, "expected an error"),
        (
            'eval instant at 2m x{a="1"}[2m]\n  expect range vector from 1m to 2m step 1m\n  x{a="1"} 1 2',
            Outcome.PASSED,
            "",
        ),
        ("eval instant at 1m mad_over_time(x[1m])\n  {} 1", Outcome.SKIPPED, "mad_over_time"),
        ("eval instant at 1m sum(x)\n  {} {{schema:1}}", Outcome.SKIPPED, "native histograms"),
    ],
)
def test_an_evaluation(evaluation, outcome, reason):
    (verdict,) = run_script(LOAD + "\n" + evaluation)
    assert verdict.outcome is outcome, verdict.reason
    assert reason in verdict.reason


def test_clear_forgets_and_load_adds():
    script = "load 1m\n  x 1\nload 1m\n  y 2\neval instant at 0 x + on() y\n  {} 3\nclear\neval instant at 0 x\n"
    assert [verdict.outcome for verdict in run_script(script)] == [Outcome.PASSED, Outcome.PASSED]


def test_queries_that_see_native_histograms_are_skipped():
    script = "load 1m\n  h {{schema:1 count:2}}x5\n  x 1\n\neval instant at 0 h\n\neval instant at 0 x\n  x 1\n"
    assert [verdict.outcome for verdict in run_script(script)] == [Outcome.SKIPPED, Outcome.PASSED]


@pytest.mark.parametrize(
    ("script", "line"),
    [("lod 1m\n  x 1", 1), ("\n\neval at 5m x", 3), ("load 1m\n  x five", 2), ("load soon\n  x 1", 1)],
)
def test_what_is_no_script_has_a_line(script, line):
    with pytest.raises(ScriptError) as caught:
        list(run_script(script))
    assert caught.value.line == line
