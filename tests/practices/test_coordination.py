"""Module 4: parties outside are reached, and keep what they promised."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

CASES = (
    PracticeCase(
        practice="4.1",
        scenario="kiosk/outage",
        broken={
            "organisation.channels.letter": "{title: Letter to the support, latency: 20m, failure: 0}",
            "organisation.external.0.channel": "letter",
        },
        worsens=("parties_bridged_within", "vendor_engaged_within", "vendor_needed_until_engaged"),
        may_worsen=("interruption_time",),
        may_move=("2.4", "playbook_steps_on_time"),
        fixed=("time_to_restore", "time_to_declare", "roles_filled_within", "vendor_sla_breaches", "rto_met"),
        why="a party that is written to in place of called is on the bridge later, and has broken no promise",
    ),
    PracticeCase(
        practice="4.2",
        scenario="kiosk/outage",
        unbroken={
            "alerts.InstanceDown.for": "10h",
            "alerts.NoInvoices.for": "10h",
            "organisation.severities.0.major": "false",
            "organisation.working.handoff_keeps": "1",
        },
        broken={"organisation.working.handoff_keeps": "0"},
        worsens=("context_carried", "repeated_work", "diagnosis_time"),
        may_worsen=("time_to_find_cause", "time_to_mitigate", "time_to_restore", "financial_loss", "user_reports"),
        may_move=(
            "1.1",
            "8.2",
            "8.3",
            "1.2",
            "1.3",
            "2.4",
            "3.2",
            "4.1",
            "4.4",
            "5.1",
            "5.2",
            "6.5",
            "6.6",
            "7.2",
            "7.3",
            "8.4",
            "2.2",
        ),
        fixed=("handoffs", "first_assignment_accuracy", "time_to_alert", "time_to_detect", "time_to_acknowledge"),
        why="whoever takes over and is told nothing looks at the machines and the bookings once more",
    ),
    PracticeCase(
        practice="4.4",
        scenario="kiosk/outage",
        broken={"estate.vendors.storehouse.response": "uniform(20m, 30m)"},
        worsens=("vendor_sla_breaches", "credits_owed", "vendor_engaged_within", "parties_bridged_within"),
        may_worsen=("vendor_needed_until_engaged", "interruption_time"),
        may_move=("2.4", "playbook_steps_on_time"),
        fixed=("time_to_restore", "time_to_declare", "roles_filled_within", "rto_met"),
        why="a vendor that comes after its time breaks its contract and owes a credit",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
