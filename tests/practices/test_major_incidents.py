"""Module 5: ways around, ways back and ways over, each with what it costs when a step is left out."""

from __future__ import annotations

import pytest

from tests.practices.harness import RESPONSE, PracticeCase, assert_holds

CASES = (
    PracticeCase(
        practice="5.3",
        scenario="kiosk/workaround",
        broken={"organisation.recovery.rollback_plans": "false"},
        worsens=("workarounds_without_plan", "rollback_time", "recovery_time_achieved", "time_to_mitigate"),
        may_worsen=("rto_met", "financial_loss", "user_reports", "time_to_restore"),
        may_move=("1.1", "2.2", *RESPONSE, "2.5", "3.1", "5.5", "7.2", "7.3"),
        fixed=("time_to_detect", "time_to_alert", "time_to_acknowledge", "time_to_find_cause"),
        why="whoever tries a workaround without a way back has to find one while service is down",
    ),
    PracticeCase(
        practice="5.4",
        scenario="kiosk/corruption",
        broken={"organisation.recovery.verify_restores": "false"},
        worsens=("unverified_restores", "corruption_carried", "recovery_time_achieved", "recovery_attempts"),
        may_worsen=("time_to_mitigate", "time_to_restore", "financial_loss", "mtpd_met", "priority_inversions"),
        may_move=("1.1", *RESPONSE, "2.5", "3.1", "3.2", "5.5", "7.3"),
        fixed=("time_to_detect", "time_to_acknowledge", "time_to_find_cause", "time_to_declare"),
        why="data that nobody checked bring the error back, and the restore has to be done again",
    ),
    PracticeCase(
        practice="5.5",
        scenario="kiosk/outage",
        broken={"estate.standby_pairs.store.replication.lag": "uniform(2m, 6m)"},
        worsens=("recovery_point_achieved", "rpo_met", "data_loss"),
        may_move=("transactions_lost",),
        fixed=("recovery_time_achieved", "rto_met", "time_to_restore", "time_to_mitigate", "approval_wait"),
        why="a standby that trails by minutes loses minutes, however quickly it takes over",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
