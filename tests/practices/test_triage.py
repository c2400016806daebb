"""Practices 8.1 and 8.2, played on a depot where what is wrong lies three steps below the alert; and 6.4 over a
history, which no exercise can show."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

SEEN = ("time_to_alert", "alert_precision", "alert_recall")
"""What the monitoring does, whoever makes what of it."""
DOWNSTREAM = (
    "pages_per_person",
    "incidents_per_shift",
    "sleep_hour_pages",
    "interruption_time",
    "page_inequality",
    "pages_per_incident",
    "pages_answered",
    "first_assignment_accuracy",
    "reopened_incidents",
)
"""Who is called for what, and how often."""
ONE_TICKET_TOOL = {"organisation.event_management.correlation.sources": "[metrics]"}

CASES = (
    PracticeCase(
        practice="8.1",
        scenario="depot/no-connections",
        unbroken=ONE_TICKET_TOOL,
        broken={"organisation.triage_bot": "null"},
        worsens=("initial_response_time", "time_to_find_cause", "time_to_correct_cause", "time_to_restore"),
        may_worsen=("time_to_acknowledge", "time_to_mitigate", "recovery_time_achieved", "rto_met"),
        may_move=(*DOWNSTREAM, "triage_accuracy", "triage_abstentions"),
        fixed=SEEN,
        why="without the bot nobody makes sense of an incident before its triage, and the search begins at the alert",
    ),
    PracticeCase(
        practice="8.1",
        scenario="depot/no-connections",
        unbroken=ONE_TICKET_TOOL,
        broken={"organisation.triage_bot.tickets": "[misfiled.yaml]"},
        worsens=("triage_accuracy", "time_to_correct_cause", "time_to_restore"),
        may_worsen=("time_to_find_cause", "time_to_mitigate", "recovery_time_achieved", "rto_met"),
        may_move=(*DOWNSTREAM, "time_to_acknowledge"),
        fixed=(*SEEN, "initial_response_time", "triage_abstentions"),
        why="a bot that learnt from tickets put down to the wrong cause is as quick, and sends people the wrong way",
    ),
    PracticeCase(
        practice="8.2",
        scenario="depot/no-connections",
        unbroken={"organisation.triage_bot": "null"},
        broken=ONE_TICKET_TOOL,
        worsens=("time_to_correct_cause", "correlation_completeness", "time_to_restore"),
        may_worsen=("time_to_find_cause", "time_to_mitigate", "recovery_time_achieved", "initial_response_time"),
        may_move=(
            *DOWNSTREAM,
            "correlation_purity",
            "alert_compression",
            "duplicates_suppressed",
            "tickets_per_fault",
            "time_to_detect",
            "time_to_acknowledge",
            "time_to_declare",
            "escalations_exhausted",
            "rto_met",
        ),
        fixed=SEEN,
        why="what the log says waits in an incident of its own while others search from the alert downwards",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
