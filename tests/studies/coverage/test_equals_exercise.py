"""What is computed at once for a case is what monitoring does step by step in an exercise: alerts, times, receivers."""

from dataclasses import replace
from pathlib import Path

import pytest

from blackstart._coverage import CoverageInput, coverage_input
from studies.coverage.faults import Case, pair_cases, single_cases
from studies.coverage.running import Draw, QuietRun, Watch
from tests.studies.coverage.building import QUESTION, kiosk
from tests.studies.coverage.exercising import exercised
from timeline.instants import HOUR


def assert_equal_to_exercises(given: CoverageInput, draw: Draw, cases: list[Case]) -> None:
    subject = given.subject
    longest_ms = max(case.lasts_ms for case in cases)
    watch = Watch(subject.estate, subject.files, QUESTION.epoch, 1, longest_ms)
    quiet = QuietRun(watch, draw)
    for case in cases:
        quick, slow = quiet.run(case), exercised(watch, draw, case)
        assert quick.fired == slow.fired, case.id
        assert quick.told == slow.told, case.id


@pytest.mark.parametrize("number", [0, 1])
def test_every_fault_of_the_corner_lab(number: int) -> None:
    given = coverage_input("corner-lab")
    cases, _ = single_cases(given.subject.estate, given.subject.expectations, HOUR)
    assert_equal_to_exercises(given, Draw.of(number, 15_000), cases)


def test_faults_of_monitoring_itself(tmp_path: Path) -> None:
    given = kiosk(tmp_path)
    cases, _ = single_cases(given.subject.estate, given.subject.expectations, HOUR // 2)
    platform = [case for case in cases if case.faults[0].target in ("prometheus", "alertmanager", "paging", "room")]
    assert {"prometheus", "alertmanager", "paging", "room"} == {case.faults[0].target for case in platform}
    assert_equal_to_exercises(given, Draw.of(0, 15_000), platform)


def test_two_faults_at_once_and_a_case_that_is_watched_for_longer(tmp_path: Path) -> None:
    given = kiosk(tmp_path)
    cases, _ = single_cases(given.subject.estate, given.subject.expectations, HOUR // 2)
    pairs = pair_cases(cases)
    assert_equal_to_exercises(given, Draw.of(2, 15_000), [pairs[0], replace(pairs[-1], lasts_ms=HOUR)])
