"""Module 1: promises, risks, reviews and disclosures hold where policy says so, and fail where it does not."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

AFTER = {
    "organisation.people.counsel": (
        "{title: Counsel, timezone: Europe/Vienna, skills: {}, answer: {day: 1h, night: 8h}, contact: [phone]}"
    ),
    "organisation.risk_register": "{file: risks.csv}",
    "organisation.after_incident": (
        "{review: {role: incident-manager, method: cause-and-effect, within: 14d, begins_after: 1d,"
        " asking: 'uniform(20m, 1h)', writing: 'lognormal(median=4h, p90=8h)'},"
        " approvals: {legal: {people: [counsel], takes: 'uniform(4h, 12h)'},"
        " head: {people: [harbour-master], takes: 4h}},"
        " disclosure: {audience: passengers, role: communications, drafting: 'uniform(2h, 8h)'},"
        " improvement: {within: 30d, work: 'uniform(10h, 60h)'}, risk_update: 1h,"
        " calendar: {timezone: Europe/Vienna, hours: {monday: ['09:00-17:00'], tuesday: ['09:00-17:00'],"
        " wednesday: ['09:00-17:00'], thursday: ['09:00-17:00'], friday: ['09:00-17:00']}}}"
    ),
}
"""A policy for the time after an incident, with seats for legal and for whoever approves changes."""

CASES = (
    PracticeCase(
        practice="1.4",
        scenario="kiosk/outage-by-night",
        unbroken={
            "organisation.service_levels": (
                "{sales: {title: Sale of tickets, before_triage: sev1, always: [sev1, sev2],"
                " calendar: {timezone: Europe/Vienna, hours: {monday: ['08:00-18:00'], friday: ['08:00-18:00']}},"
                " targets: {sev1: {respond: 10m, resolve: 40m}, sev2: {respond: 30m, resolve: 40m}},"
                " escalation: {at: 0.5, policy: command}}}"
            )
        },
        broken={"organisation.service_levels.sales.always": "[]"},
        worsens=("sla_within_rto",),
        may_move=(
            "1.1",
            "3.3",
            *("1.2", "1.3", "1.4", "2.2", "2.3", "2.4", "3.2", "3.4", "4.1", "4.4", "5.1", "5.4", "5.5"),
            *("6.5", "6.6", "7.2", "7.3", "8.4"),
        ),
        fixed=("time_to_detect",),
        why="what runs in office hours alone is due next morning, and calls nobody at night",
    ),
    PracticeCase(
        practice="1.5",
        scenario="kiosk/reviewed",
        unbroken=AFTER,
        broken={"organisation.risk_register": "null"},
        worsens=("risk_coverage",),
        fixed=("cause_chain_complete", "actions_owned", "time_to_restore"),
        why="without a register there is no line into which the result could be written",
    ),
    PracticeCase(
        practice="1.6",
        scenario="kiosk/reviewed",
        unbroken=AFTER,
        broken={"organisation.after_incident.disclosure.embargo": "false"},
        worsens=("disclosures_before_approval",),
        fixed=("review_authorised_in_time", "cause_chain_complete", "actions_owned", "time_to_restore"),
        why="without an embargo the words go out when they are ready, which is before anybody has approved",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)


@pytest.mark.parametrize(
    ("broken", "value"),
    [("organisation.after_incident.approvals", "{}"), ("organisation.after_incident.approvals.legal.people", "[]")],
)
def test_without_legal_at_the_table_no_review_is_authorised(broken: str, value: str) -> None:
    """The seat is empty, so that the embargo is never lifted; or nobody has a seat, so that there is nothing to wait
    for."""
    is_said = value == "{}"
    assert_holds(
        PracticeCase(
            practice="1.6",
            scenario="kiosk/reviewed",
            unbroken=AFTER,
            broken={broken: value},
            worsens=("review_authorised_in_time", *(("disclosures_before_approval",) if is_said else ())),
            may_move=() if is_said else ("disclosures_before_approval",),
            fixed=("cause_chain_complete", "actions_owned", "time_to_restore"),
            why="an approval that nobody can give never comes; one that nobody has to give holds nothing back",
        )
    )
