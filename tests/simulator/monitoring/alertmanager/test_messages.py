"""What each kind of receiver shows of a notification."""

import json
from pathlib import Path

import pytest

from simulator.monitoring.alertmanager import PostedAlert
from simulator.monitoring.alertmanager.messages import Message, MessageData, Messages
from simulator.monitoring.alertmanager.messages.data import fingerprint
from simulator.monitoring.alertmanager.messages.gotime import format_layout
from simulator.monitoring.alertmanager.messages.rendering import truncated
from simulator.monitoring.alertmanager.receivers import KINDS
from tests.simulator.monitoring.alertmanager.configs import EPOCH, config, running
from timeline.findings import InputError


def message(integrations: str, folder: Path | None = None, rest: str = "") -> Message:
    """Of one alert, 30 s after it began."""
    text = f"""
        route: {{receiver: a, group_by: [alertname]}}
        receivers: [{{name: a, {integrations}}}]
        {rest}
    """
    alertmanager = running(text)
    labels = {"alertname": "DiskFull", "team": "db", "note": "<b>&"}
    alertmanager.receive(0, [PostedAlert(labels, {"summary": "no room left"}, repeated=True)])
    (notification,) = alertmanager.advance(60_000)
    messages = Messages.read(config(text), folder) if folder else Messages(config(text))
    return messages.of(MessageData(notification, EPOCH))


SUBJECT = "[FIRING:1] DiskFull (<b>& db)"
SHOWN = [
    ("slack_configs: [{channel: '#ops'}]", {"channel": "#ops", "title": SUBJECT, "color": "danger"}),
    ("pagerduty_configs: [{}]", {"description": SUBJECT, "severity": "error", "client": "Alertmanager"}),
    ("pagerduty_configs: [{severity: '{{ .CommonLabels.team }}'}]", {"severity": "db"}),
    ("email_configs: [{to: x@example.org}]", {"to": "x@example.org", "subject": SUBJECT}),
    ("email_configs: [{headers: {subject: hi}}]", {"subject": "hi"}),
    ("opsgenie_configs: [{priority: P1}]", {"message": SUBJECT, "priority": "P1"}),
    ("victorops_configs: [{routing_key: k}]", {"entity_display_name": SUBJECT, "message_type": "CRITICAL"}),
    ("pushover_configs: [{}]", {"title": SUBJECT, "priority": "2"}),
    ("sns_configs: [{topic_arn: t}]", {"subject": SUBJECT}),
    ("msteams_configs: [{}]", {"title": SUBJECT, "summary": SUBJECT}),
    ("discord_configs: [{}]", {"title": SUBJECT}),
    ("telegram_configs: [{message: '{{ .CommonLabels.note }}'}]", {"message": "&lt;b&gt;&amp;"}),
    ("telegram_configs: [{message: '{{ .CommonLabels.note }}', parse_mode: ''}]", {"message": "<b>&"}),
    ("telegram_configs: [{message: '{{ .CommonLabels.note | safeHtml }}'}]", {"message": "<b>&"}),
    (
        "webex_configs: [{message: 'since {{ since (index .Alerts 0).StartsAt | humanizeDuration }}'}]",
        {"message": "since 30s"},
    ),
    ("wechat_configs: [{message: '{{ .CommonAnnotations.summary | title }}'}]", {"message": "No Room Left"}),
]


@pytest.mark.parametrize(("integrations", "expected"), SHOWN)
def test_fields_of_each_kind(integrations: str, expected: dict[str, str]) -> None:
    shown = dict(message(integrations).parts)
    assert {name: shown.get(name) for name in expected} == expected


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_shows_something(kind: str) -> None:
    shown = message(f"{kind}: [{{}}]")
    assert not shown.error
    assert "DiskFull" in " ".join(text for _, text in shown.parts)


def test_a_webhook_posts_json() -> None:
    ((name, text),) = message("webhook_configs: [{url: u}]").parts
    body = json.loads(text)
    assert (name, body["version"], body["receiver"], body["groupLabels"]) == (
        "body",
        "4",
        "a",
        {"alertname": "DiskFull"},
    )
    assert body["alerts"][0]["startsAt"] == "2026-03-02T08:00:00Z"
    assert body["alerts"][0]["endsAt"] == "0001-01-01T00:00:00Z"


def test_own_files_define_anew_what_the_defaults_call(tmp_path: Path) -> None:
    (tmp_path / "own.tmpl").write_text('{{ define "__subject" }}{{ .CommonLabels.alertname | toUpper }}{{ end }}')
    shown = dict(message("slack_configs: [{}]", tmp_path, "templates: ['*.tmpl']").parts)
    assert shown["title"] == "DISKFULL"


def test_a_template_that_fails_sends_nothing() -> None:
    shown = message("slack_configs: [{title: '{{ template \"gone\" . }}'}]")
    assert shown.parts == ()
    assert "gone" in shown.error


def test_a_file_that_is_no_template_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "own.tmpl").write_text('{{ define "a" }}\n{{ nothing . }}\n{{ end }}')
    with pytest.raises(InputError) as raised:
        message("slack_configs: [{}]", tmp_path, "templates: [own.tmpl]")
    assert raised.value.findings[0].place.line == 2


@pytest.mark.parametrize(("limit", "expected"), [(0, "abcdef"), (6, "abcdef"), (5, "abcd…"), (3, "abc")])
def test_long_texts_are_cut(limit: int, expected: str) -> None:
    assert truncated("abcdef", limit) == expected


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("2006-01-02 15:04:05", "2026-03-02 08:00:00"),
        ("Monday, January 2 at 3:04PM", "Monday, March 2 at 8:00AM"),
        ("02.01.06 .000 .999", "02.03.26 .000 "),
        ("Z07:00 -0700 MST", "Z +0000 UTC"),
        ("no time", "no time"),
    ],
)
def test_layouts_of_go(layout: str, expected: str) -> None:
    assert format_layout(EPOCH, layout) == expected


def test_fingerprints_depend_on_the_labels_alone() -> None:
    """The first is the offset basis of FNV-1a with 64 bits, as its authors give it."""
    assert fingerprint({}) == "cbf29ce484222325"
    assert fingerprint({"a": "b", "c": "d"}) == fingerprint({"c": "d", "a": "b"}) != fingerprint({"a": "d", "c": "b"})
