"""Unit tests of rules: the verdict of promtool 2.42 in the same run, on passing files and their one-edit siblings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from simulator.monitoring.promql import Semantics
from simulator.monitoring.ruletests.test_files import read_test_file
from simulator.monitoring.ruletests.unit_tests import Settings, run_test_file
from tests.conformance.rule_corpus import BASES
from tests.services import require
from timeline.findings import InputError


def siblings() -> list[tuple[str, str, str]]:
    """(name, rules, tests) of every base and sibling."""
    cases = []
    for base in BASES:
        rules, tests = base.rules, base.tests
        cases.append((base.name, rules, tests))
        for number, (old, new) in enumerate(base.edits):
            assert (old in rules) + (old in tests), f"{base.name}: {old!r} is not there"
            cases.append((f"{base.name} {number}", rules.replace(old, new, 1), tests.replace(old, new, 1)))
    return cases


def write(folder: Path, rules: str, tests: str) -> Path:
    folder.mkdir()
    (folder / "rules.yaml").write_text(rules)
    path = folder / "tests.yml"
    path.write_text(tests)
    return path


def passes(path: Path) -> bool:
    try:
        result = run_test_file(read_test_file(path), Settings(Semantics.PROMETHEUS_2))
    except InputError:
        return False
    return all(case.passed for case in result.cases)


def test_every_verdict_is_that_of_promtool(tmp_path):
    promtool = require("promtool")
    cases = siblings()
    paths = [write(tmp_path / str(number), *case[1:]) for number, case in enumerate(cases)]
    theirs = {}
    for path in paths:
        alone = subprocess.run(
            [promtool, "test", "rules", str(path)], capture_output=True, text=True, timeout=60, check=False
        )
        theirs[path] = alone.returncode == 0
    differing = [
        f"{case[0]}: promtool {'passes' if theirs[path] else 'fails'}"
        for case, path in zip(cases, paths, strict=True)
        if passes(path) is not theirs[path]
    ]
    assert not differing, "\n".join(differing)
    failing = sum(not passed for passed in theirs.values())
    assert failing / len(cases) >= 0.4
    assert sum(theirs.values()) >= len(BASES)


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.name)
def test_bases_pass(tmp_path, base):
    path = write(tmp_path / "base", base.rules, base.tests)
    result = run_test_file(read_test_file(path), Settings(Semantics.PROMETHEUS_2))
    assert [case.reason for case in result.cases if not case.passed] == []
