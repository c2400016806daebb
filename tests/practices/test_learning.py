"""Module 6: times are measured where they are lost."""

from __future__ import annotations

import pytest

from tests.practices.harness import RESPONSE, PracticeCase, assert_holds
from tests.practices.test_governance import AFTER

CASES = (
    PracticeCase(
        practice="6.6",
        scenario="kiosk/outage",
        broken={"organisation.working.practised.steps_known": "0.6"},
        worsens=("playbook_conformance",),
        may_worsen=("playbook_steps_on_time",),
        may_move=(
            "1.1",
            "8.2",
            "1.2",
            "1.3",
            "2.2",
            "2.3",
            "2.4",
            "3.2",
            "4.1",
            "4.2",
            "4.4",
            "5.1",
            "5.2",
            "5.3",
            "5.4",
            "5.5",
            "6.1",
            "6.5",
            "7.2",
            "7.3",
            "8.4",
            "3.3",
        ),
        fixed=("time_to_alert", "time_to_detect", "time_to_acknowledge", "time_to_declare", "alert_recall"),
        why="steps that whoever leads has never exercised are not thought of",
    ),
    PracticeCase(
        practice="6.1",
        scenario="kiosk/reviewed",
        unbroken=AFTER,
        broken={"organisation.after_incident.review.method": "none"},
        worsens=("cause_chain_complete", "root_causes_found"),
        may_move=("actions_overdue",),
        fixed=("actions_owned", "review_authorised_in_time", "risk_coverage", "time_to_restore"),
        why="who has no method is content with the first answer, which is a symptom",
    ),
    PracticeCase(
        practice="6.2",
        scenario="kiosk/reviewed",
        unbroken=AFTER,
        broken={"organisation.after_incident.improvement.owner": "nobody"},
        worsens=("actions_owned", "actions_overdue"),
        fixed=("cause_chain_complete", "review_authorised_in_time", "time_to_restore"),
        why="an action of nobody in particular is never begun, and its day comes",
    ),
    PracticeCase(
        practice="6.5",
        scenario="kiosk/outage",
        broken={
            f"organisation.people.{who}.answer.day": "lognormal(median=6m, p90=10m)"
            for who in ("front-one", "front-two", "back-one", "back-two")
        },
        worsens=("time_to_acknowledge", "time_to_mitigate", "time_to_restore", "recovery_time_achieved"),
        may_worsen=("time_to_declare", "time_to_find_cause", "financial_loss", "user_reports", "rto_met"),
        may_move=("1.1", *RESPONSE, "5.5"),
        fixed=("time_to_detect", "time_to_alert", "alert_precision", "alert_recall", "detected_before_users"),
        why="whoever is slow to the telephone acknowledges later, and all that follows from it comes later",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
