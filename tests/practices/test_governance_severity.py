"""Module 1: how grave an incident is said to be follows its impact."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

CASES = (
    PracticeCase(
        practice="1.1",
        scenario="kiosk/from-bad-to-worse",
        broken={"organisation.severity_review.on_change": "false", "organisation.severity_review.every": "null"},
        worsens=("severity_accuracy", "severity_upgrade_delay"),
        may_worsen=("time_to_declare",),
        may_move=("1.2", "1.3", "2.3", "2.4", "3.2", "3.4", "5.2", "6.5", "8.4", "time_to_detect"),
        fixed=("alert_recall", "alert_precision", "tickets_per_fault"),
        why="nobody holds the severity against the impact once it was judged, so what has become grave is not declared",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
