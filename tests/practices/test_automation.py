"""Module 8: on-call is shared, and the map is true."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

CASES = (
    PracticeCase(
        practice="8.4",
        scenario="kiosk/bad-night",
        unbroken={
            "organisation.working.fatigue": "{}",
            "organisation.rotations.front-first.layers.0.start": "2026-03-10T00:30:00",
            "organisation.rotations.front-first.layers.0.length": "70m",
        },
        broken={"organisation.rotations.front-first.layers.0.people": "[front-one]"},
        worsens=("pages_per_person", "page_inequality", "interruption_time", "incidents_per_shift"),
        may_worsen=("time_to_restore", "time_to_mitigate", "time_to_find_cause", "user_reports", "time_to_acknowledge"),
        may_move=("2.2", "2.3", "2.5", "3.2", "3.4", "3.5", "8.4"),
        fixed=("alert_precision", "alert_recall", "time_to_alert", "orphan_alerts"),
        why="whoever has every turn has every page, and answers the next one wearier",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
