"""Default definitions, data and functions of notification templates give the texts of `amtool template render`."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from simulator.monitoring.alertmanager import Notification, NotifiedAlert, Reason, Status
from simulator.monitoring.alertmanager.messages import MessageData
from simulator.monitoring.alertmanager.messages.defaults import default_definitions
from simulator.monitoring.alertmanager.messages.functions import FUNCTION_NAMES, functions_at
from simulator.monitoring.gotemplate import Template
from tests.services import require

_LONGEST_CALL_S = 30
DEFINITIONS = Path("/usr/share/prometheus/alertmanager/*.tmpl")
BETWEEN = "\n~~~\n"
EPOCH = datetime(2026, 3, 2, 8, 0, 0, 250_000, tzinfo=UTC)
NEWER = ("msteams", "msteamsv2", "jira", "rocketchat", "mattermost")
"""Kinds that 0.25 does not have: their definitions cannot be asked for there."""
NOT_ASKED = [
    "email.default.html",  # a plain page here
    "discord.default.content",  # newer, as the next one
    "slack.default.color",
    "__text_alert_list",  # is given a list: asked for below, as the last one
    "__text_alert_list_markdown",
    "pagerduty.default.instances",
]
NAMES = sorted(
    name
    for name in Template.parse(default_definitions(), FUNCTION_NAMES).templates
    if not name.startswith(NEWER) and name not in NOT_ASKED
)
OWN = [
    '{{ define "mine" }}{{ range .Alerts }}{{ .Labels.alertname }} {{ .Labels.nothing }}|{{ end }}{{ end }}'
    '{{ template "mine" . }}',
    '{{ block "b" .CommonLabels }}{{ .team | toUpper }}{{ end }}',
    '{{ with .CommonAnnotations }}{{ .Names }}{{ .Values | join "," }}{{ end }}',
    "{{ range .CommonLabels.SortedPairs }}{{ .Name }}={{ .Value }};{{ end }}",
    '{{ (.CommonLabels.Remove (stringSlice "team" "none")).Names | join " " }}',
    "{{ len .Alerts }} {{ len .Alerts.Firing }} {{ .Alerts.Resolved | len }}",
    '{{ "the disk is full, it\'s 5pm" | title }} {{ toLower "ABC" }}',
    '{{ reReplaceAll "(.*)-([0-9]+)" "$2:$1" "db-17" }} {{ match "^d" "db" }}',
    '{{ (index .Alerts 0).StartsAt.Format "Mon, 02 Jan 2006 15:04:05.000 MST -07:00 Z07:00 3:4 PM _2 06 002" }}',
    "{{ (index .Alerts 0).StartsAt }} {{ (index .Alerts 0).StartsAt.Unix }}",
    "{{ (index .Alerts 0).EndsAt }} {{ (index .Alerts 0).Fingerprint }}",
    "{{ range $i, $a := .Alerts }}{{ if $i }}, {{ end }}{{ $a.Status }}{{ end }}",
    '{{ template "__text_alert_list" .Alerts }}',
    '{{ template "pagerduty.default.instances" .Alerts.Firing }}',
    "{{ .Receiver }} {{ .Status }} {{ .ExternalURL }} {{ .GroupLabels }}",
]


def _notification(number: int) -> Notification:
    """Firing and resolved alerts, one and several, with odd characters."""
    labels = [
        {"alertname": "DiskFull", "team": "db", "instance": "db-1", "severity": "page"},
        {"alertname": "DiskFull", "team": "db", "instance": "db-2", "severity": 'p"<&'},
        {"alertname": "Slow", "team": "db", "ümlaut": "größe", "zone": "a b"},
    ][: 1 + number % 3]
    statuses = [[Status.FIRING] * 3, [Status.RESOLVED] * 3, [Status.FIRING, Status.RESOLVED, Status.FIRING]][
        number // 3
    ]
    told = tuple(
        NotifiedAlert(one, {"summary": f"it is {one['alertname']}", "runbook": "https://x/?a=1&b=2"}, status)
        for one, status in zip(labels, statuses, strict=False)
    )
    spans = tuple((60_000 * i, None if a.status is Status.FIRING else 90_000 * i + 500) for i, a in enumerate(told))
    group = {"alertname": "DiskFull"} if len(told) < 3 else {}
    status = Status.FIRING if Status.FIRING in [a.status for a in told] else Status.RESOLVED
    return Notification(600_000, "a/b (c)", "webhook[0]", "key", group, status, told, spans, Reason.FIRST)


@pytest.mark.parametrize("number", [0, 4, 8])
def test_texts_are_those_of_amtool(number: int, tmp_path: Path) -> None:
    assert _differing(number, tmp_path) == []


@pytest.mark.prove
@pytest.mark.parametrize("number", range(9))
def test_texts_are_those_of_amtool_for_all_states(number: int, tmp_path: Path) -> None:
    assert _differing(number, tmp_path) == []


def _differing(number: int, folder: Path) -> list[str]:
    """Texts of which amtool makes another one; all are rendered in one call, with a line between them."""
    amtool = require("amtool")
    if not list(DEFINITIONS.parent.glob(DEFINITIONS.name)):
        pytest.skip(f"{DEFINITIONS} is not installed")
    data = MessageData(_notification(number), EPOCH)
    (folder / "data.json").write_text(json.dumps(data.json_data()))
    texts = [f'{{{{ template "{name}" . }}}}' for name in NAMES] + OWN
    command = [amtool, "template", "render", f"--template.glob={DEFINITIONS}", f"--template.text={BETWEEN.join(texts)}"]
    done = subprocess.run(
        [*command, f"--template.data={folder / 'data.json'}"],
        capture_output=True,
        text=True,
        timeout=_LONGEST_CALL_S,
        check=True,
    )
    theirs = done.stdout.split(BETWEEN)
    assert len(theirs) == len(texts)
    ours = [_ours(text, data) for text in texts]
    return [
        f"{text}: amtool {their!r}, here {our!r}"
        for text, their, our in zip(texts, theirs, ours, strict=True)
        if their != our
    ]


def _ours(text: str, data: MessageData) -> str:
    defaults = Template.parse(default_definitions(), FUNCTION_NAMES)
    template = Template.parse(text, FUNCTION_NAMES).with_templates([defaults])
    return template.render(data.template_data(), functions_at(data.moment))
