"""Exports of other tools: what becomes of policies, what stays unknown and is said, what is refused and where."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from timeline.findings import InputError
from timeline.instants import MINUTE
from topologies.importers.oncall import Imported, Window, import_roster, is_native, leave_of, shifts_above
from topologies.rotations import Rotation

WINDOW = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))


def imported(tmp_path: Path, data: Any, name: str = "export.json") -> Imported:
    file = tmp_path / name
    file.write_text(data if isinstance(data, str) else json.dumps(data, indent=1))
    return import_roster(file, WINDOW)


def remarks(result: Imported) -> list[str]:
    return [remark.message for remark in result.remarks]


PAGERDUTY = {
    "escalation_policies": [
        {
            "id": "P1",
            "name": "Shop",
            "num_loops": 2,
            "escalation_rules": [
                {"escalation_delay_in_minutes": 5, "targets": [{"id": "S1", "type": "schedule_reference"}]},
                {
                    "escalation_delay_in_minutes": 30,
                    "targets": [{"id": "U1", "type": "user_reference", "summary": "Ann"}, {"id": "U2", "type": "user"}],
                    "escalation_rule_assignment_strategy": {"type": "round_robin"},
                },
            ],
        }
    ],
    "services": [
        {
            "id": "V1",
            "acknowledgement_timeout": 1800,
            "escalation_policy": {"id": "P1", "type": "escalation_policy_reference"},
            "incident_urgency_rule": {"type": "constant", "urgency": "low"},
        }
    ],
}


def test_a_pagerduty_policy_takes_urgency_and_timeout_from_its_service(tmp_path: Path) -> None:
    result = imported(tmp_path, PAGERDUTY)
    policy = result.roster.policies["P1"]
    assert [(step.people, step.rotations, step.wait // MINUTE) for step in policy.steps] == [
        ((), ("S1",), 5),
        (("U1", "U2"), (), 30),
    ]
    assert (policy.repeat, policy.urgency, policy.acknowledge_timeout) == (2, "low", 30 * MINUTE)
    assert (result.roster.people["U1"].title, result.roster.people["U2"].title) == ("Ann", "U2")


def test_what_a_pagerduty_export_leaves_open_is_said(tmp_path: Path) -> None:
    result = imported(tmp_path, {**PAGERDUTY, "services": []})
    assert remarks(result) == [
        "the rule pages its targets in turn; here all of them are paged",
        "urgency and acknowledgement timeout stand in services, which are not here",
        "the policy 'Shop' pages the schedule 'S1', which is in no export here",
    ]
    assert result.roster.rotations["S1"].layers == ()
    assert result.remarks[0].place.line == 17


def test_schedule_and_policy_in_two_files_of_a_folder_belong_together(tmp_path: Path) -> None:
    layer = {
        "start": "2026-01-01T00:00:00Z",
        "rotation_virtual_start": "2026-01-01T00:00:00Z",
        "rotation_turn_length_seconds": 86400,
        "users": [{"user": {"id": "U2", "summary": "Ben \ud83d\ude00"}}],
    }
    schedule = {"schedule": {"id": "S1", "name": "First", "time_zone": "UTC", "schedule_layers": [layer]}}
    (tmp_path / "schedule.json").write_text(json.dumps(schedule))
    (tmp_path / "policies.json").write_text(json.dumps(PAGERDUTY))
    result = import_roster(tmp_path, WINDOW)
    assert result.roster.rotations["S1"].everybody == ("U2",)
    assert result.roster.people["U2"].title == "Ben 😀"
    assert not any("in no export" in remark for remark in remarks(result))


def test_delays_of_opsgenie_count_from_the_alert(tmp_path: Path) -> None:
    rules = [
        {
            "condition": "if-not-acked",
            "notifyType": "next",
            "delay": {"timeAmount": 10},
            "recipient": {"type": "schedule", "id": "S1"},
        },
        {
            "condition": "if-not-acked",
            "notifyType": "default",
            "delay": {"timeAmount": 2},
            "recipient": {"type": "schedule", "id": "S1"},
        },
        {
            "condition": "if-not-closed",
            "notifyType": "all",
            "delay": {"timeAmount": 1, "timeUnit": "hours"},
            "recipient": {"type": "team", "id": "T1", "name": "Platform"},
        },
        {
            "condition": "if-not-acked",
            "notifyType": "default",
            "delay": {"timeAmount": 10},
            "recipient": {"type": "user", "username": "ann@example.org"},
        },
    ]
    result = imported(
        tmp_path, {"data": {"id": "E1", "name": "Shop", "rules": rules, "repeat": {"waitInterval": 20, "count": 3}}}
    )
    policy = result.roster.policies["E1"]
    assert (policy.delay // MINUTE, policy.repeat) == (2, 3)
    assert [(s.people, s.rotations, s.next_on_call, s.teams, s.wait // MINUTE) for s in policy.steps] == [
        ((), ("S1",), (), (), 8),
        (("ann@example.org",), (), ("S1",), (), 50),
        ((), (), (), ("T1",), 20),
    ]
    assert remarks(result)[:3] == [
        "the condition 'if-not-closed' is taken as 'if-not-acked'",
        "the members of team 'T1' are not in this export",
        "'notifyType: all' is not known here; whoever is on call is paged",
    ]


def test_a_chain_of_grafana_oncall_waits_between_its_steps(tmp_path: Path) -> None:
    chain = {"escalation_chain_id": "F1"}
    steps = [
        {**chain, "id": "E2", "position": 2, "type": "wait", "duration": 300},
        {**chain, "id": "E0", "position": 0, "type": "wait", "duration": 60},
        {
            **chain,
            "id": "E1",
            "position": 1,
            "type": "notify_on_call_from_schedule",
            "notify_on_call_from_schedule": "S1",
            "important": False,
        },
        {**chain, "id": "E3", "position": 3, "type": "notify_persons", "persons_to_notify": ["U1"], "important": False},
        {**chain, "id": "E4", "position": 4, "type": "trigger_webhook", "action_to_trigger": "W1"},
    ]
    result = imported(
        tmp_path, {"escalation_policies": {"results": steps}, "escalation_chains": [{"id": "F1", "name": "Shop"}]}
    )
    policy = result.roster.policies["F1"]
    assert (policy.title, policy.delay // MINUTE, policy.urgency) == ("Shop", 1, "low")
    assert [(s.people, s.rotations, s.wait // MINUTE) for s in policy.steps] == [((), ("S1",), 5), (("U1",), (), 0)]
    assert "the step 'trigger_webhook' of the chain 'Shop' pages nobody and is left out" in remarks(result)


def test_a_policy_of_goalert_pages_people_schedules_and_rotations(tmp_path: Path) -> None:
    steps = [
        {
            "stepNumber": 1,
            "delayMinutes": 20,
            "targets": [
                {"id": "c", "type": "slackChannel", "name": "#ops"},
                {"id": "r", "type": "rotation", "name": "r"},
            ],
        },
        {
            "stepNumber": 0,
            "delayMinutes": 10,
            "targets": [{"id": "u", "type": "user", "name": "Ann"}, {"id": "s", "type": "schedule", "name": "S"}],
        },
    ]
    result = imported(
        tmp_path, {"data": {"escalationPolicy": {"id": "p", "name": "Shop", "repeat": 1, "steps": steps}}}
    )
    policy = result.roster.policies["p"]
    assert [(s.people, s.rotations, s.wait // MINUTE) for s in policy.steps] == [(("u",), ("s",), 10), ((), ("r",), 20)]
    assert "a slackChannel is notified, which pages nobody" in remarks(result)


PAGERDUTY_SCHEDULE = '{"schedule": {"id": "S", "time_zone": '
OPSGENIE = '{"data": [{"id": "S", "timezone": "UTC", "rotations": [\n{"startDate": "2026-01-01T00:00:00Z", '
PAGERDUTY_USER = {
    "id": "U1",
    "name": "Ann",
    "time_zone": "Europe/Vienna",
    "notification_rules": [
        {
            "start_delay_in_minutes": 3,
            "urgency": "high",
            "contact_method": {"id": "C2", "type": "phone_contact_method"},
        },
        {
            "start_delay_in_minutes": 0,
            "urgency": "high",
            "contact_method": {"id": "C1", "type": "push_notification_contact_method"},
        },
        {
            "start_delay_in_minutes": 0,
            "urgency": "low",
            "contact_method": {"id": "C3", "type": "email_contact_method_reference"},
        },
    ],
}
GRAFANA_RULES = [
    {"id": "N3", "user_id": "U1", "position": 2, "important": True, "type": "notify_by_phone_call"},
    {"id": "N1", "user_id": "U1", "position": 0, "important": True, "type": "notify_by_mobile_app"},
    {"id": "N2", "user_id": "U1", "position": 1, "important": True, "type": "wait", "duration": 180},
    {"id": "N4", "user_id": "U1", "position": 0, "important": False, "type": "notify_by_email"},
]
GOALERT_USER = {
    "id": "U1",
    "name": "Ann",
    "notificationRules": [
        {"delayMinutes": 3, "contactMethod": {"type": "VOICE", "name": "mobile"}},
        {"delayMinutes": 0, "contactMethod": {"type": "SMS", "name": "mobile"}},
    ],
}
SHIFT = {"id": "O1", "type": "single_event", "start": "2026-01-01T00:00:00", "duration": 60, "users": ["U1"]}
TARGET = {"stepNumber": 0, "delayMinutes": 10, "targets": [{"id": "U1", "type": "user", "name": "Ann"}]}
NOTIFIED = [
    ({**PAGERDUTY, "users": [PAGERDUTY_USER]}, [("push", 0), ("phone", 3)], [("email", 0)]),
    (
        {"on_call_shifts": [SHIFT], "personal_notification_rules": {"results": GRAFANA_RULES}},
        [("mobile-app", 0), ("phone-call", 3)],
        [("email", 0)],
    ),
    (
        {"data": {"users": {"nodes": [GOALERT_USER]}, "escalationPolicy": {"id": "p", "name": "p", "steps": [TARGET]}}},
        [("sms", 0), ("voice", 3)],
        [],
    ),
]


@pytest.mark.parametrize(("data", "high", "low"), NOTIFIED, ids=["pagerduty", "grafana-oncall", "goalert"])
def test_rules_of_people_come_along(
    tmp_path: Path, data: Any, high: list[tuple[str, int]], low: list[tuple[str, int]]
) -> None:
    rules = imported(tmp_path, data).roster.people["U1"].notifications
    assert [(rule.channel, rule.after // MINUTE) for rule in rules["high"]] == high
    assert [(rule.channel, rule.after // MINUTE) for rule in rules.get("low", ())] == low


GRAFANA = '{"results": [{"id": "O", "type": "rolling_users", "duration": 60,\n "start": "2026-01-01T00:00:00", '
GOALERT = '{"data": {"rotation": {"id": "r", "timeZone": "UTC", "shiftLength": 0,\n "type": "daily", '
BROKEN = [
    # text, what the message says, line
    (PAGERDUTY_SCHEDULE + '"Europe/Vlenna",\n "schedule_layers": []}}', "not a time zone", 1),
    (PAGERDUTY_SCHEDULE + '"UTC", "schedule_layers": [\n{"start": "soon"}]}}', "'soon'", 2),
    (PAGERDUTY_SCHEDULE + '"UTC",\n "schedule_layers": [}}', "", 2),
    (OPSGENIE + '"type": "monthly"}]}]}', "'monthly'", 2),
    (GRAFANA + '"frequency": "yearly"}]}', "'yearly'", 2),
    (GOALERT + '"start": "2026-01-01T00:00:00Z"}}}', "0", 1),
]


@pytest.mark.parametrize(("text", "words", "line"), BROKEN)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, text: str, words: str, line: int) -> None:
    with pytest.raises(InputError) as error:
        imported(tmp_path, text)
    assert words in str(error.value)
    assert error.value.findings[0].place.line == line


@pytest.mark.parametrize("text", ["{}", "[1, 2]", '{"schedule": 5}', "BEGIN:VEVENT", '{"data": {"id": "x"}}'])
def test_what_is_no_export_is_refused_with_the_known_formats(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    assert not is_native(tmp_path / "x.json")
    with pytest.raises(InputError, match="pagerduty"):
        import_roster(tmp_path / "x.json", WINDOW)


def test_an_organisation_is_no_export() -> None:
    assert not is_native(Path("topologies/library/meridian-bank/organisation.yaml"))


def ics(tmp_path: Path, events: str, name: str = "x.ics") -> Path:
    file = tmp_path / name
    file.write_text(
        f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\nX-WR-TIMEZONE:Europe/Vienna\n{dedent(events)}END:VCALENDAR\n"
    )
    return file


DAY_OFF = """\
    BEGIN:VEVENT
    UID:1
    DTSTART;VALUE=DATE:20260406
    DTEND;VALUE=DATE:20260408
    SUMMARY:ann
    END:VEVENT
"""


def test_days_of_a_calendar_of_absences_are_days_where_it_is_kept(tmp_path: Path) -> None:
    (leave,) = leave_of(ics(tmp_path, DAY_OFF), WINDOW)["ann"]
    assert (leave.start, leave.end) == (datetime(2026, 4, 5, 22, tzinfo=UTC), datetime(2026, 4, 7, 22, tzinfo=UTC))


def test_a_calendar_of_overrides_stands_above_every_level(tmp_path: Path) -> None:
    layers = [{"people": ["b"], "start": "2026-01-01", "length": "1d", "level": level} for level in (7, 3)]
    rotation = Rotation.model_validate({"title": "r", "timezone": "UTC", "layers": layers})
    (shift,) = shifts_above(rotation, ics(tmp_path, DAY_OFF), WINDOW).shifts
    assert (shift.people, shift.level) == (("ann",), 8)


def test_a_calendar_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.ics"
    file.write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:ann\n")
    with pytest.raises(InputError, match=r"x\.ics"):
        import_roster(file, WINDOW)


def test_endless_events_are_spelt_out_for_the_window_and_that_is_said(tmp_path: Path) -> None:
    events = DAY_OFF.replace("SUMMARY", "RRULE:FREQ=WEEKLY\n    SUMMARY")
    result = import_roster(ics(tmp_path, events), WINDOW)
    assert len(result.roster.rotations["calendar"].shifts) == 39
    assert "spelt out from 2026-01-01 to 2026-12-31" in remarks(result)[0]
