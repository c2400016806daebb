"""Module 2: stages set off what they have to, problems are worked on, security is called in when it is due."""

from __future__ import annotations

import pytest

from tests.practices.harness import PracticeCase, assert_holds

LIFECYCLE = """{channel: itsm, on_entry: {
  assigned: {ticket: {do: {ticket: {}}}},
  triaged: {specialists: {do: {page: {policy: back}}}},
  mitigating: {bridge: {do: {bridge: {}}}},
  resolved: {tell: {do: {status_page: {audience: passengers, state: resolved}}}}}}"""
PROBLEMS = """{major: true, recurrence: {times: 2, within: 30d},
  work: {team: back, begins: after-resolution, analysis: "uniform(10m, 20m)", workaround: 5m}}"""
SECURITY = """{policy: security,
  indicators: {
    encrypted-files: {logs: "files renamed with an unknown extension"},
    strange-sign-ins: {alerts: ["UnusualSignIns*"]}},
  criteria: {ransomware: {indicators: [encrypted-files, strange-sign-ins], at_least: 1}},
  evidence: {takes: "uniform(10m, 20m)"}}"""
GUARD = """{title: Security engineer, timezone: Europe/Vienna, team: security, skills: {"*": 0.3}, contact: [push],
  answer: {day: "lognormal(median=2m, p90=5m)", night: 10m}}"""

CASES = (
    PracticeCase(
        practice="2.1",
        scenario="kiosk/outage",
        unbroken={
            "organisation.channels.itsm": "{title: The ITSM, latency: 5s, failure: 0}",
            "organisation.lifecycle": LIFECYCLE,
        },
        broken={"organisation.channels.itsm.failure": "0.7"},
        worsens=("stage_conformance",),
        may_move=("4.2", "1.1", "1.3", "2.3", "3.4", "8.4"),
        fixed=("time_to_detect", "time_to_acknowledge", "time_to_declare", "alert_recall", "tickets_per_fault"),
        why="what the stages set off does not get out of the ITSM",
    ),
    PracticeCase(
        practice="2.2",
        scenario="kiosk/outage",
        unbroken={"organisation.problems": PROBLEMS},
        broken={"organisation.problems.work.team": "front", "organisation.problems.work.analysis": "2h"},
        worsens=("problems_without_root_cause", "time_to_root_cause"),
        fixed=("incidents_without_problem", "duplicate_rate", "time_to_restore", "time_to_find_cause"),
        why="problems lie with people who do not know the field and have no time for them",
    ),
    PracticeCase(
        practice="2.2",
        scenario="kiosk/crash",
        unbroken={"organisation.event_management.link_duplicates": "true", "organisation.severities.0.major": "false"},
        broken={"organisation.event_management.link_duplicates": "false"},
        worsens=("duplicates_linked",),
        may_move=(
            "3.3",
            "4.2",
            "5.1",
            "8.1",
            "1.1",
            "2.2",
            "2.3",
            "2.5",
            "3.4",
            "3.5",
            "6.5",
            "7.2",
            "7.3",
            "8.2",
            "8.3",
            "8.4",
            "financial_loss",
            "user_reports",
        ),
        fixed=("time_to_detect", "time_to_acknowledge", "alert_recall", "rto_met"),
        why="two incidents about one cause go on side by side although it was found to be one",
    ),
    PracticeCase(
        practice="2.6",
        scenario="kiosk/ransomware",
        unbroken={
            "organisation.people.guard": GUARD,
            "organisation.teams.security": "{title: Security, policy: security}",
            "organisation.policies.security": "{title: Security, steps: [{people: [guard], wait: 10m}], repeat: 2}",
            "organisation.security_response": SECURITY,
            "organisation.authority.3.approver": "change-authority",
        },
        broken={"organisation.security_response.criteria.ransomware.at_least": "2"},
        worsens=("bridge_opened_when_due", "evidence_preserved_before_recovery", "security_engaged_within"),
        may_move=(
            "3.3",
            "2.6",
            "1.1",
            "2.2",
            "1.2",
            "1.3",
            "2.3",
            "2.4",
            "3.4",
            "6.5",
            "7.2",
            "7.3",
            "8.4",
            "financial_loss",
            "user_reports",
        ),
        fixed=("time_to_detect", "time_to_acknowledge", "time_to_find_cause", "alert_recall", "tickets_per_fault"),
        why="a criterion that wants too many signs never calls security in, and recovery destroys the traces",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_it_worsens_what_it_is_for_and_nothing_else(case: PracticeCase) -> None:
    assert_holds(case)
