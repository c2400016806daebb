"""Module 7: what comes back first, within its time, and with people to work on it."""

from __future__ import annotations

import pytest

from tests.practices.harness import RESPONSE, PracticeCase, assert_holds

CASES = (
    PracticeCase(
        practice="7.2",
        scenario="kiosk/two-outages",
        unbroken={
            "organisation.authority.1": "{action: roll-back, roles: [technical-lead]}",
            "estate.functions.selling.rto": "15m",
        },
        broken={"scenario.playbook": "invoices-first.yaml"},
        worsens=("priority_inversions", "financial_loss", "user_reports"),
        may_worsen=("rto_met",),
        may_move=("1.1", *RESPONSE, "6.5", "7.3"),
        fixed=(
            "time_to_detect",
            "time_to_find_cause",
            "time_to_declare",
            "roles_filled_within",
            "playbook_conformance",
        ),
        why="one pair of hands that begins with the less urgent function lets the more urgent one wait",
    ),
    PracticeCase(
        practice="7.3",
        scenario="kiosk/outage",
        broken={"estate.standby_pairs.store.fail_over.takes": "uniform(40m, 60m)"},
        worsens=("recovery_time_achieved", "rto_met", "time_to_restore", "time_to_mitigate", "financial_loss"),
        may_worsen=("user_reports", "interruption_time", "playbook_conformance"),
        may_move=("1.1", *RESPONSE, "5.5"),
        fixed=("time_to_detect", "time_to_acknowledge", "time_to_find_cause", "time_to_declare", "approval_wait"),
        why="a way over that takes an hour does not fit into a recovery time objective of forty-five minutes",
    ),
    PracticeCase(
        practice="7.4",
        scenario="booking-hall/evacuated",
        broken={"organisation.crisis_team.alarm": "uniform(40m, 60m)"},
        worsens=(
            "crisis_team_convened_within",
            "minimum_staff_within",
            "recovery_time_achieved",
            "time_to_detect",
            "time_to_restore",
            "time_to_declare",
        ),
        may_worsen=("time_to_acknowledge", "time_to_find_cause", "time_to_mitigate", "financial_loss"),
        may_move=("1.1", *RESPONSE, "7.3"),
        fixed=("playbook_conformance", "escalations_exhausted", "decisions_recorded"),
        why="a crisis team that hears of it an hour later sends people to their other desks an hour later",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
