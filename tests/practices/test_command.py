"""Command and authority: roles, authority over changes, the war room, need-to-know, activation, decisions on record.

What people may not read, or have to ask for, costs time: without these rules service comes back sooner.  That is why
measures downstream may move either way here.
"""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

SEEN = ("time_to_detect", "time_to_alert", "alert_precision", "alert_recall", "time_to_acknowledge")
"""All of it comes before there is anybody to command."""

CASES = (
    PracticeCase(
        practice="1.2",
        scenario="sorting-hall/long-outage",
        broken={
            "organisation.roles.incident-manager.eligible": "[manager-early]",
            "organisation.roles.incident-manager.deputies": "null",
        },
        worsens=("duty_overrun",),
        may_worsen=("roles_filled_within", "time_to_declare"),
        may_move=(
            "1.1",
            "3.3",
            "1.2",
            "1.3",
            "2.3",
            "2.4",
            "3.4",
            "5.2",
            "6.1",
            "time_to_correct_cause",
            "6.5",
            "7.2",
            "7.3",
            "8.4",
        ),
        fixed=(*SEEN, "over_escalation", "decisions_recorded"),
        why="a manager without a deputy is relieved by nobody when the shift ends, and goes on",
    ),
    PracticeCase(
        practice="1.3",
        scenario="sorting-hall/bad-release",
        broken={
            "organisation.changes.impatience": "{after: 5m, chance: 0.9}",
            "organisation.changes.retrospective.forgotten": "0.9",
        },
        worsens=("unapproved_changes", "retrospective_approvals_closed", "approval_wait"),
        may_move=("1.1", "1.2", "2.3", "3.4", "4.3", "5.1", "5.2", "6.5", "7.2", "7.3", "8.4"),
        fixed=(*SEEN, "time_to_find_cause"),
        why="whoever has waited five minutes acts without an answer, and nobody comes back to it",
    ),
    PracticeCase(
        practice="4.3",
        scenario="sorting-hall/long-outage",
        broken={
            "organisation.command.bridges.management.waits": "0s",
            "organisation.command.decision_log.kept": "false",
        },
        worsens=("decisions_without_quorum", "bridge_attendance", "decisions_recorded"),
        may_worsen=("decision_log_completeness", "decision_record_delay", "handover_loss"),
        may_move=("1.2",),
        fixed=(*SEEN, "time_to_declare", "roles_filled_within", "time_to_restore"),
        why="nobody waits until those who decide are in the room, and nobody writes down what they decide",
    ),
    PracticeCase(
        practice="4.6",
        scenario="sorting-hall/intrusion",
        broken={"organisation.need_to_know.enforced": "false"},
        worsens=("access_violations",),
        may_move=(
            "1.1",
            "2.6",
            "1.2",
            "1.3",
            "2.2",
            "2.3",
            "2.4",
            "3.4",
            "4.6",
            "5.1",
            "5.2",
            "6.5",
            "7.2",
            "7.3",
            "8.3",
            "8.4",
        ),
        fixed=(*SEEN, "time_to_declare", "over_escalation"),
        why="nobody is stopped from reading what was found, and nobody waits for access",
    ),
    PracticeCase(
        practice="5.1",
        scenario="sorting-hall/nuisance",
        broken={"organisation.command.validates": "false"},
        worsens=("over_escalation", "needless_bridge_time", "pages_per_incident"),
        may_worsen=("time_to_find_cause", "time_to_correct_cause"),
        may_move=("3.3", "1.2", "1.3", "2.2", "2.3", "3.4", "4.3", "5.1", "5.2", "6.5", "8.4"),
        fixed=SEEN,
        why="what may be down by the documentation is taken for down, and people are called for a nuisance",
    ),
    PracticeCase(
        practice="5.2",
        scenario="sorting-hall/long-outage",
        broken={"organisation.command.decision_log.kept": "false"},
        worsens=("decision_log_completeness", "decision_record_delay", "decisions_recorded", "handover_loss"),
        may_move=("1.2",),
        fixed=(*SEEN, "decisions_without_quorum", "bridge_attendance", "time_to_restore"),
        why="decisions that nobody writes down are on no record, and are lost when the next manager takes over",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
