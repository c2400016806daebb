"""Command and authority: roles, authority over changes, the war room, need-to-know, activation, decisions on record."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

CASES = (
    PracticeCase(
        practice="1.2",
        scenario="depot/long-outage",
        broken={
            "organisation.roles.incident-manager.eligible": "[manager-early]",
            "organisation.roles.incident-manager.deputies": "null",
        },
        worsens=("duty_overrun",),
        why="a manager without a deputy is relieved by nobody when the shift ends",
    ),
    PracticeCase(
        practice="1.3",
        scenario="depot/bad-release",
        broken={
            "organisation.changes.impatience": "{after: 5m, chance: 0.9}",
            "organisation.changes.retrospective.forgotten": "0.9",
        },
        worsens=("unapproved_changes", "retrospective_approvals_closed"),
        why="who has waited for five minutes acts without an answer, and nobody comes back to it",
    ),
    PracticeCase(
        practice="4.3",
        scenario="depot/long-outage",
        broken={
            "organisation.command.bridges.management.waits": "0s",
            "organisation.command.decision_log.kept": "false",
        },
        worsens=("decisions_without_quorum", "bridge_attendance", "decisions_recorded"),
        why="nobody waits until those who decide are in the room, and nobody writes down what they decide",
    ),
    PracticeCase(
        practice="4.6",
        scenario="depot/intrusion",
        broken={"organisation.need_to_know.enforced": "false"},
        worsens=("access_violations",),
        why="nobody is stopped from reading what was found",
    ),
    PracticeCase(
        practice="5.1",
        scenario="depot/nuisance",
        broken={"organisation.command.validates": "false"},
        worsens=("over_escalation", "needless_bridge_time"),
        why="what may be down by the documentation is taken for down, and people are called for a nuisance",
    ),
    PracticeCase(
        practice="5.2",
        scenario="depot/long-outage",
        broken={"organisation.command.decision_log.kept": "false"},
        worsens=("decision_log_completeness", "decision_record_delay", "decisions_recorded", "handover_loss"),
        why="decisions that nobody writes down are on no record, and are lost when the next manager takes over",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
