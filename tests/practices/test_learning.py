"""Module 6: times are measured where they are lost."""

from __future__ import annotations

import pytest

from tests.practices.harness import RESPONSE, PracticeCase, assert_holds

CASES = (
    PracticeCase(
        practice="6.5",
        scenario="kiosk/outage",
        broken={
            f"organisation.people.{who}.answer.day": "lognormal(median=6m, p90=10m)"
            for who in ("front-one", "front-two", "back-one", "back-two")
        },
        worsens=("time_to_acknowledge", "time_to_mitigate", "time_to_restore", "recovery_time_achieved"),
        may_worsen=("time_to_declare", "time_to_find_cause", "financial_loss", "user_reports", "rto_met"),
        may_move=(*RESPONSE, "5.5"),
        fixed=("time_to_detect", "time_to_alert", "alert_precision", "alert_recall", "detected_before_users"),
        why="whoever is slow to the telephone acknowledges later, and all that follows from it comes later",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
