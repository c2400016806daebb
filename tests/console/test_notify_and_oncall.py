"""The commands over routes, notifications and on-call schedules, as a user calls them."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from console.main import main

CONFIG = """
    route:
      receiver: mail
      group_by: [alertname]
      group_wait: 1s
      group_interval: 5s
      routes:
        - {receiver: pager, matchers: [severity="page"], mute_time_intervals: [night]}
    receivers: [{name: mail}, {name: pager}]
    time_intervals:
      - {name: night, time_intervals: [{times: [{start_time: '00:00', end_time: '06:00'}], location: Europe/Zurich}]}
"""
STORM = """
    alerts:
      - {at: 0, ends_at: 7, labels: {alertname: Down, severity: page}}
      - {at: 0, labels: {alertname: Slow}}
"""
TESTS = """
    config: alertmanager.yml
    tests:
      - name: told by day
        start: 2026-03-02T12:00:00+01:00
        until: 10s
        alerts: [{at: 0, labels: {alertname: Down, severity: page}}]
        expect:
          counts: {pager: 1, mail: 0}
          notifications: [{at: 1, receiver: pager, status: firing, alerts: [{labels: {alertname: Down}}]}]
      - name: muted by night
        start: 2026-03-02T02:00:00+01:00
        until: 10s
        alerts: [{at: 0, labels: {alertname: Down, severity: page}}]
        expect:
          suppressed: [{labels: {alertname: Down, severity: page}, by: mute time interval}]
          %s
"""
ORGANISATION = """
    format: blackstart/organisation/1
    title: Two people
    people:
      ann: {title: First engineer, timezone: Europe/Zurich, answer: {day: 1m, night: 5m}, contact: [push, call]}
      ben: {title: Second engineer, timezone: Europe/Zurich, answer: {day: 1m, night: 5m}, contact: [call]}
    teams: {}
    channels: {push: {title: Push, latency: 5s, failure: 0}, call: {title: Call, latency: 20s, failure: 0}}
    rotations:
      first:
        title: First call
        timezone: Europe/Zurich
        layers: [{people: [ann, ben], start: 2026-03-28T08:00:00, length: 1d}]
        overrides: [{start: 2026-03-29T20:00:00, end: 2026-03-29T22:00:00}]
    policies: {database: {title: Database, steps: [{rotations: [first], wait: 5m}, {people: [ben], wait: 5m}]}}
    severities: [{severity: any, title: Any, otherwise: true}]
    working:
      {triage: 5m, validation: 5m, check: 5m, check_unskilled: 5m, decision: 5m, verification: 5m}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("alertmanager.yml", CONFIG), ("storm.yml", STORM), ("organisation.yml", ORGANISATION)):
        (tmp_path / name).write_text(dedent(text))
    return tmp_path


def call(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, output.out, output.err


def test_route_prints_receivers_and_leaves_out_the_muted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("alerts", "route", "--config", folder / "alertmanager.yml", "severity=page")
    assert call(capsys, *command)[:2] == (0, "pager\n")
    assert call(capsys, *command, "--at", "2026-03-02T04:59:00+00:00") == (0, "", "pager is muted then: night\n")


@pytest.mark.parametrize(
    ("option", "words"),
    [("severity", "not a matcher"), ("severity!=page", "severity=value"), ("--at=x", "not a moment")],
)
def test_route_refuses_what_is_no_label(
    folder: Path, capsys: pytest.CaptureFixture[str], option: str, words: str
) -> None:
    status, out, err = call(capsys, "alerts", "route", "--config", folder / "alertmanager.yml", option)
    assert (status, out) == (2, "")
    assert words in err


def test_notify_gives_one_object_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ("--config", folder / "alertmanager.yml", "--alerts", folder / "storm.yml")
    start = ("--start", "2026-03-02T12:00:00+01:00")
    status, out, _ = call(capsys, "alerts", "notify", *files, *start, "--until", "20s", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert sorted((line["at"], line["receiver"], line["status"]) for line in lines) == [
        (1.0, "mail", "firing"),
        (1.0, "pager", "firing"),
        (11.0, "pager", "resolved"),
    ]
    assert {
        "at": 1.0,
        "receiver": "mail",
        "group": {"alertname": "Slow"},
        "status": "firing",
        "alerts": [[{"alertname": "Slow"}, "firing"]],
    } in lines


def test_notify_shows_two_configurations_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = folder / "other.yml"
    other.write_text("{route: {receiver: everyone, group_wait: 1s}, receivers: [{name: everyone}]}")
    files = ("--config", folder / "alertmanager.yml", "--against", other, "--alerts", folder / "storm.yml")
    _, out, _ = call(capsys, "alerts", "notify", *files, "--start", "2026-03-02T12:00:00+01:00", "--until", "5s")
    assert "everyone: Slow firing, Down firing" in out
    assert out.splitlines()[-2:] == ["alertmanager.yml: 2 notifications", "other.yml: 1 notifications"]


@pytest.mark.parametrize(
    ("expected", "status", "last"),
    [("counts: {pager: 0}", 0, "2 passed, 0 failed"), ("counts: {pager: 1}", 1, "1 passed, 1 failed")],
)
def test_notify_test_counts_and_reports(
    folder: Path, capsys: pytest.CaptureFixture[str], expected: str, status: int, last: str
) -> None:
    file, junit = folder / "tests.yml", folder / "junit.xml"
    file.write_text(dedent(TESTS % expected))
    got, out, _ = call(capsys, "alerts", "notify-test", file, "--junit", junit)
    assert (got, out.splitlines()[-1]) == (status, last)
    assert f'failures="{status}"' in junit.read_text()


def test_oncall_show_gives_the_final_schedule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    span = ("--from", "2026-03-28T12:00", "--to", "2026-03-30T00:00")
    status, out, _ = call(capsys, "oncall", "show", folder / "organisation.yml", *span, "--json")
    assert status == 0
    assert json.loads(out) == [
        {"from": "2026-03-28T12:00:00+01:00", "to": "2026-03-29T08:00:00+02:00", "people": ["ann"]},
        {"from": "2026-03-29T08:00:00+02:00", "to": "2026-03-29T20:00:00+02:00", "people": ["ben"]},
        {"from": "2026-03-29T20:00:00+02:00", "to": "2026-03-29T22:00:00+02:00", "people": []},
        {"from": "2026-03-29T22:00:00+02:00", "to": "2026-03-30T00:00:00+02:00", "people": ["ben"]},
    ]


def test_oncall_escalate_pages_step_by_step(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ("oncall", "escalate", folder / "organisation.yml", "database", "--json", "--at")
    _, out, _ = call(capsys, *command, "2026-03-28T12:00:00+01:00")
    assert [(row["after"], row["person"], row["channel"]) for row in json.loads(out)] == [
        ("+00:00:00", "ann", "push"),
        ("+00:02:00", "ann", "call"),
        ("+00:05:00", "ben", "call"),
    ]
    _, out, _ = call(capsys, *command, "2026-03-29T20:30:00+02:00")
    assert [row["person"] for row in json.loads(out)] == [None, "ben"]


@pytest.mark.parametrize(
    "arguments", [("show", "--rotation", "frist"), ("escalate", "databse", "--at", "2026-03-29T20:30:00+02:00")]
)
def test_oncall_names_the_nearest(folder: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    status, _, err = call(capsys, "oncall", arguments[0], folder / "organisation.yml", *arguments[1:])
    assert status == 2
    assert "did you mean" in err


PAGERDUTY = {
    "schedule": {
        "id": "PS1",
        "name": "First call",
        "time_zone": "America/New_York",
        "schedule_layers": [
            {
                "start": "2026-03-02T00:00:00-05:00",
                "rotation_virtual_start": "2026-03-02T09:00:00-05:00",
                "rotation_turn_length_seconds": 604800,
                "users": [{"user": {"id": "PA", "summary": "Ann"}}, {"user": {"id": "PB", "summary": "Ben"}}],
            }
        ],
    },
    "escalation_policies": [
        {
            "id": "PP1",
            "name": "Shop",
            "escalation_rules": [
                {"escalation_delay_in_minutes": 5, "targets": [{"id": "PS1", "type": "schedule_reference"}]},
                {"escalation_delay_in_minutes": 5, "targets": [{"id": "PC", "type": "user", "summary": "Cy"}]},
            ],
        }
    ],
}
CALENDAR = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
X-WR-TIMEZONE:America/New_York
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260305
DTEND;VALUE=DATE:20260306
SUMMARY:%s
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "pagerduty.json"
    file.write_text(json.dumps(PAGERDUTY))
    return file


THURSDAY = ("--from", "2026-03-04T12:00", "--to", "2026-03-06T12:00", "--json")
WHOLE = [{"from": "2026-03-04T12:00:00-05:00", "to": "2026-03-06T12:00:00-05:00", "people": ["PA"]}]
AROUND = [
    {"from": "2026-03-04T12:00:00-05:00", "to": "2026-03-05T00:00:00-05:00", "people": ["PA"]},
    {"from": "2026-03-05T00:00:00-05:00", "to": "2026-03-06T00:00:00-05:00", "people": ["PB"]},
    {"from": "2026-03-06T00:00:00-05:00", "to": "2026-03-06T12:00:00-05:00", "people": ["PA"]},
]


def test_an_export_is_shown_as_it_is_and_what_it_leaves_open_is_told(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, err = call(capsys, "oncall", "show", export, *THURSDAY)
    assert (status, json.loads(out)) == (0, WHOLE)
    assert "overrides are in an export only for the span that was asked for" in err
    _, out, _ = call(capsys, "oncall", "show", export, "--at", "2026-03-09T09:00", "--json", "--rotation", "First call")
    assert json.loads(out) == {"at": "2026-03-09T09:00:00-04:00", "people": ["PB"]}


@pytest.mark.parametrize(("option", "summary"), [("--leave", "Ann"), ("--leave", "PA"), ("--overrides", "PB")])
def test_calendars_of_leave_and_of_overrides_are_taken_into_account(
    export: Path, capsys: pytest.CaptureFixture[str], option: str, summary: str
) -> None:
    calendar = export.with_name("calendar.ics")
    calendar.write_text(CALENDAR % summary)
    _, out, _ = call(capsys, "oncall", "show", export, *THURSDAY, option, calendar)
    assert json.loads(out) == AROUND


def test_leave_of_somebody_unknown_is_told(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calendar = export.with_name("calendar.ics")
    calendar.write_text(CALENDAR % "Anne")
    _, out, err = call(capsys, "oncall", "show", export, *THURSDAY, "--leave", calendar)
    assert json.loads(out) == WHOLE
    assert "nobody here is called 'Anne'" in err
    assert "did you mean 'Ann'" in err


def test_a_written_calendar_shows_the_same_schedule(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written, calendar = export.with_name("written.ics"), export.with_name("calendar.ics")
    calendar.write_text(CALENDAR % "Ann")
    call(capsys, "oncall", "show", export, *THURSDAY, "--leave", calendar, "--ics", written)
    status, out, _ = call(capsys, "oncall", "show", written, *THURSDAY)
    assert (status, json.loads(out)) == (0, AROUND)


@pytest.mark.parametrize(("suffix", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_the_policy_of_an_export_is_run_and_drawn(
    export: Path, capsys: pytest.CaptureFixture[str], suffix: str, begins: bytes
) -> None:
    picture = export.with_name(f"pages.{suffix}")
    arguments = ("--at", "2026-03-09T08:59:00-04:00", "--json", "--out", picture)
    _, out, _ = call(capsys, "oncall", "escalate", export, *arguments)
    assert [(row["after"], row["step"], row["rotation"], row["person"], row["channel"]) for row in json.loads(out)] == [
        ("+00:00:00", 1, "PS1", "PA", None),
        ("+00:05:00", 2, None, "PC", None),
    ]
    assert picture.read_bytes().startswith(begins)


def test_an_acknowledgement_ends_the_pages_and_its_timeout_begins_them_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "organisation.yml"
    file.write_text(file.read_text().replace("title: Database,", "title: Database, acknowledge_timeout: 30m,"))
    command = ("oncall", "escalate", file, "database", "--at", "2026-03-28T12:00:00+01:00", "--json")
    _, out, _ = call(capsys, *command, "--acknowledged-after", "1m")
    assert [(row["after"], row["round"], row["person"], row["channel"]) for row in json.loads(out)] == [
        ("+00:00:00", 1, "ann", "push"),
        ("+00:31:00", 2, "ann", "push"),
        ("+00:33:00", 2, "ann", "call"),
        ("+00:36:00", 2, "ben", "call"),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "--format", "pagerdutty"), "did you mean 'pagerduty'"),
        (("show", "--rotation", "First cal"), "did you mean 'First call'"),
        (("show", "--format", "ics"), "cannot be read"),
        (("show", "--at", "2026-03-09", "--ics", "x.ics"), "holds the shifts of a span"),
        (("escalate", "Shopp", "--at", "2026-03-09T09:00Z"), "did you mean 'Shop'"),
        (("escalate", "--at", "2026-03-09T09:00Z", "--out", "pages.gif"), "name a .svg or a .png"),
        (("escalate", "--at", "2026-03-09T09:00Z", "--urgency", "medium"), "one of: high, low"),
    ],
)
def test_what_cannot_be_done_is_told(
    export: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    status, out, err = call(capsys, "oncall", arguments[0], export, *arguments[1:])
    assert (status, out) == (2, "")
    assert words in err


def test_check_tells_what_an_export_leaves_open_and_where_duty_is_weak(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = call(capsys, "check", export, "--json")
    found = {finding["id"] for finding in json.loads(out)["findings"]}
    assert status == 0
    assert "oncall.not-known" in found
