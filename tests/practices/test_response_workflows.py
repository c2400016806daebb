"""Module 2: who is asked first, who is told, and how often one thing is counted."""

from __future__ import annotations

import pytest

from tests.practices.harness import RESPONSE, PracticeCase, assert_holds

CASES = (
    PracticeCase(
        practice="2.3",
        scenario="kiosk/outage",
        broken={"organisation.receivers.back-pager": "front"},
        worsens=("first_assignment_accuracy",),
        may_worsen=("time_to_find_cause", "time_to_acknowledge", "time_to_restore", "time_to_mitigate"),
        may_move=(*RESPONSE, "2.5", "3.2", "7.2", "7.3"),
        fixed=("time_to_detect", "time_to_alert", "alert_precision", "detected_before_users", "orphan_alerts"),
        why="alerts of the store go to those who know the machines: they look in vain and hand over",
    ),
    PracticeCase(
        practice="2.4",
        scenario="kiosk/outage",
        broken={
            f"organisation.audiences.{audience}.writing": "uniform(20m, 30m)" for audience in ("passengers", "office")
        },
        worsens=("update_cadence_adherence", "time_to_mitigate", "interruption_time"),
        may_worsen=(
            "recovery_time_achieved",
            "rto_met",
            "time_to_restore",
            "financial_loss",
            "user_reports",
            "playbook_conformance",
            "playbook_steps_on_time",
        ),
        may_move=(*RESPONSE, "5.5"),
        fixed=("time_to_detect", "time_to_acknowledge", "time_to_find_cause", "time_to_declare", "decisions_recorded"),
        why="whoever writes for half an hour is late, and is not free to verify that service is back",
    ),
    PracticeCase(
        practice="2.5",
        scenario="kiosk/flapping",
        unbroken={
            "organisation.event_management.flapping": "{changes: 3, within: 1h, calm: 30m}",
            "organisation.event_management.reopen_within": "1h",
        },
        broken={
            "organisation.event_management.flapping": "null",
            "organisation.event_management.reopen_within": "null",
        },
        worsens=(
            "tickets_per_fault",
            "duplicates_suppressed",
            "correlation_completeness",
            "alert_compression",
            "incidents_per_shift",
        ),
        may_worsen=("pages_per_person", "page_inequality"),
        may_move=RESPONSE,
        fixed=("orphan_alerts", "time_to_detect", "time_to_acknowledge", "time_to_restore", "user_reports"),
        why="every return of one fault is another ticket, and somebody is paged for each",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
