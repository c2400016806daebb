"""What is told to whom: updates (2.4), words and executives (4.5), the status page (5.6), many at once (7.5)."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

_ESTATE = ("time_to_detect", "time_to_restore", "recovery_time_achieved", "financial_loss", "user_reports")
"""Nobody who mends anything is kept from it by those who write."""

_AT_LENGTH = "lognormal(median=15m, p90=25m)"

CASES = (
    PracticeCase(
        practice="2.4",
        scenario="quay/outage",
        broken={
            f"organisation.audiences.{audience}.{field}": value
            for audience in ("customers", "management")
            for field, value in (("role", "technical-lead"), ("writing", _AT_LENGTH))
        },
        worsens=("update_cadence_adherence", "responder_time_on_updates"),
        may_worsen=(
            "time_to_restore",
            "time_to_find_cause",
            "interruption_time",
            "recovery_time_achieved",
            "financial_loss",
            "rto_met",
        ),
        may_move=("1.1", "3.3", "8.2", "1.3", "2.2", "3.2", "4.5", "5.6", "6.5", "7.3", "7.5"),
        fixed=("time_to_detect", "time_to_declare"),
        why="the engineer who searches for the cause has to write at length, and can do only one of the two",
    ),
    PracticeCase(
        practice="4.5",
        scenario="quay/outage",
        broken={
            "organisation.communication.templates": "null",
            "organisation.communication.free_text.approver": "null",
            "organisation.communication.free_text.approval": "null",
        },
        worsens=("templated_updates_share", "unapproved_text_sent", "time_to_first_executive_brief"),
        may_worsen=(
            "disclosures_flagged",
            "responder_time_on_updates",
            "status_page_accuracy",
            "status_page_lag",
            "communications_plan_coverage",
            "update_cadence_adherence",
        ),
        may_move=("status_page_understated", "status_page_overstated", "disclosures_posted", "audience_reach"),
        fixed=_ESTATE,
        why="every text is thought up anew, takes longer, and goes out as its author wrote it",
    ),
    PracticeCase(
        practice="5.6",
        scenario="quay/outage",
        broken={"organisation.channels.page.needs": "[page-host, order-store]"},
        worsens=("status_page_accuracy", "status_page_understated", "status_page_lag"),
        may_worsen=("audience_reach", "communications_plan_coverage"),
        may_move=("2.4", "4.5", "5.6"),
        fixed=(*_ESTATE, "share_reached_within"),
        why="the page stands on what has failed, and cannot be changed before that is back",
    ),
    PracticeCase(
        practice="5.6",
        scenario="quay/outage",
        unbroken={"organisation.communication.templates": "null"},
        broken={"organisation.communication.disclosure.check": "null"},
        worsens=("disclosures_posted",),
        may_move=("2.4", "4.5", "5.6", "audience_reach", "communications_plan_coverage", "approval_wait"),
        fixed=(*_ESTATE, "share_reached_within"),
        why="nobody reads a hurried text over before everybody can",
    ),
    PracticeCase(
        practice="7.5",
        scenario="quay/outage",
        broken={
            "organisation.communication.callouts.yard.tree.ways": "[{channel: telephone, answers: 0.9}]",
            "organisation.audiences.workers.alternatives": "[]",
        },
        worsens=("share_reached_within", "time_to_reach_90", "audience_reach", "communications_plan_coverage"),
        may_worsen=("update_cadence_adherence", "time_to_mitigate", "interruption_time"),
        may_move=(
            "4.5",
            "reached_by_channel",
            "responder_time_on_updates",
            "disclosures_flagged",
            "disclosures_posted",
        ),
        fixed=_ESTATE,
        why="the only way to the people is dead: nobody hears, and the manager dials in vain",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.practice}-{case.why.split()[0]}")
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
