"""Prometheus' own scripts for PromQL, where they are at hand.

The scripts are not part of the project.  BLACKSTART_PROMQL_SCRIPTS names a folder with them (in the repository of
Prometheus, `promql/promqltest/testdata`); the figures by file are printed with `pytest -s`.

An evaluation is *judged* when it needs nothing experimental and no native histogram; of the judged ones in the stable
files at least 99 % have to pass, and every one that does not is explained here.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from simulator.monitoring.ruletests.promql_script import Outcome, Verdict, run_script

VARIABLE = "BLACKSTART_PROMQL_SCRIPTS"
# What these files are about is switched on by feature flags of the server (or was before 3.14), or native histograms.
NOT_STABLE = {
    "duration_expression.test": "duration expressions, on by default since 3.14",
    "extended_vectors.test": "anchored and smoothed selectors (promql-extended-range-selectors)",
    "fill-modifier.test": "fill modifiers (promql-binop-fill-modifiers)",
    "info.test": "info() (promql-experimental-functions)",
    "limit.test": "limitk and limit_ratio (promql-experimental-functions)",
    "native_histograms.test": "native histograms",
    "start_timestamps.test": "start timestamps (use-start-timestamps)",
    "type_and_unit.test": "labels for type and unit (type-and-unit-labels)",
}
# (file, query): why the stable evaluation differs.
EXPLAINED = {
    ("functions.test", r'label_replace(testmetric, "\xff", "", "src", "(.*)")'): (
        "a label name that is no UTF-8; the parser's strings are Unicode and hold U+00FF, which is a valid name"
    ),
}


def verdicts() -> dict[str, list[Verdict]]:
    folder = os.environ.get(VARIABLE)
    if not folder:
        pytest.skip(f"{VARIABLE} names no folder with the scripts of Prometheus")
    paths = sorted(Path(folder).glob("*.test"))
    assert paths, f"there are no scripts in {folder}"
    return {path.name: list(run_script(path.read_text(encoding="utf-8"))) for path in paths}


def explained(file: str, verdict: Verdict) -> bool:
    return any(file == name and verdict.command.endswith(query) for name, query in EXPLAINED)


def test_the_stable_scripts_pass():
    found = verdicts()
    judged, passed, unexplained = 0, 0, []
    for file, of_file in found.items():
        counts = Counter(str(verdict.outcome) for verdict in of_file)
        print(f"{file:26} {dict(counts)} {NOT_STABLE.get(file, '')}")
        if file in NOT_STABLE:
            continue
        judged += counts["passed"] + counts["failed"]
        passed += counts["passed"]
        unexplained += [
            f"{file}:{verdict.line}: {verdict.command}: {verdict.reason}"
            for verdict in of_file
            if verdict.outcome is Outcome.FAILED and not explained(file, verdict)
        ]
    print(f"stable files: {passed} of {judged} judged evaluations pass")
    assert not unexplained, "\n".join(unexplained)
    assert judged > 800
    assert passed >= 0.99 * judged


def test_what_is_skipped_is_experimental_or_a_native_histogram():
    reasons = Counter(v.reason for of_file in verdicts().values() for v in of_file if v.outcome is Outcome.SKIPPED)
    strange = [
        r
        for r in reasons
        if not any(word in r for word in ("experimental", "native histogram", "timestamps", "duration expressions"))
    ]
    assert not strange
