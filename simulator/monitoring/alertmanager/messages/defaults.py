"""The default definitions, composed from the few shapes that they have.

A *subject* is the line `[FIRING:2] group (common)`.  A *body* lists firing alerts, then resolved ones, each with its
labels, annotations and source; kinds of receiver differ in the blank lines, in a headline before it and in the way
a list is written.

Source: Alertmanager's default templates, as `amtool template render` shows them.
"""

from __future__ import annotations

from functools import cache

_SUBJECT = (
    '[{{ toUpper .Status }}{{ if eq .Status "firing" }}:{{ len .Alerts.Firing }}{{ end }}] '
    '{{ join " " .GroupLabels.SortedPairs.Values }} '
    "{{ if gt (len .CommonLabels) (len .GroupLabels) }}"
    '({{ join " " (.CommonLabels.Remove .GroupLabels.Names).Values }}){{ end }}'
)
_URL = "{{ .ExternalURL }}/#/alerts?receiver={{ urlquery .Receiver }}"
_COLOR = '{{ if ne .Status "firing" }}good{{ else }}danger{{ end }}'
_HEADLINE = '{{ join " " .CommonAnnotations.SortedPairs.Values }}\n'


def _alert_list(indent: str, gap: str) -> str:
    """Every alert; `gap` stands around each of its three parts."""
    parts = [
        f"{title}:\n{{{{ range .{title}.SortedPairs }}}}{indent}- {{{{ .Name }}}} = {{{{ .Value }}}}\n{{{{ end }}}}"
        for title in ("Labels", "Annotations")
    ]
    return "{{ range . }}" + gap + gap.join([*parts, "Source: {{ .GeneratorURL }}\n"]) + "{{ end }}" + gap


def _body(*, loose: bool, markdown: bool = False) -> str:
    around = "\n" if loose else ""
    name, mark = ("__text_alert_list_markdown", "# ") if markdown else ("__text_alert_list", "")
    firing, resolved = (
        f"{{{{ if .Alerts.{state} }}}}{around}{mark}Alerts {state}:\n"
        f'{{{{ template "{name}" .Alerts.{state} }}}}{around}{{{{ end }}}}'
        for state in ("Firing", "Resolved")
    )
    return firing + "\n" + resolved + around


_TIGHT, _LOOSE, _MARKDOWN = _body(loose=False), _body(loose=True), "\n" + _body(loose=True, markdown=True)

_EMAIL_PAGE = (
    '<h1>{{ template "__subject" . }}</h1>{{ range .Alerts }}<h2>{{ .Status }}</h2><ul>'
    "{{ range .Labels.SortedPairs }}<li>{{ .Name }} = {{ .Value }}</li>{{ end }}"
    "{{ range .Annotations.SortedPairs }}<li>{{ .Name }} = {{ .Value }}</li>{{ end }}</ul>{{ end }}"
    '<p><a href="{{ template "__alertmanagerURL" . }}">View in Alertmanager</a></p>'
)

_SUBJECTS = (
    "slack.title pagerduty.description opsgenie.message victorops.entity_display_name pushover.title sns.subject"
    " discord.title msteams.title msteams.summary msteamsv2.title jira.summary rocketchat.title mattermost.title"
    " email.subject"
)
_URLS = "slack.titlelink pagerduty.clientURL opsgenie.source pushover.url rocketchat.titlelink mattermost.titlelink"
_NAMES = "slack.username pagerduty.client victorops.monitoring_tool rocketchat.alias mattermost.username"
_EMPTY = (
    "slack.callbackid slack.pretext slack.iconemoji slack.iconurl slack.text slack.footer wechat.to_user"
    " wechat.to_party wechat.to_tag wechat.agent_id discord.content rocketchat.emoji rocketchat.iconurl rocketchat.text"
)
_PRIORITIES = (("critical", "High"), ("warning", "Medium"), ("info", "Low"))


def _priority() -> str:
    """The highest priority of the firing alerts, or where none gives one, of the resolved ones."""
    found = "".join(
        f"{{{{ if and (eq $rank 9) $has_{severity} }}}}{{{{ $rank = {rank} }}}}{{{{ end }}}}"
        for rank, (severity, _) in enumerate(_PRIORITIES)
    )
    seen = "".join(
        f'{{{{ if eq (index .Labels "severity") "{severity}" }}}}{{{{ $has_{severity} = true }}}}{{{{ end }}}}'
        for severity, _ in _PRIORITIES
    )
    declared = "{{ $rank := 9 }}" + "".join(f"{{{{ $has_{severity} := false }}}}" for severity, _ in _PRIORITIES)
    looked = "".join(
        f"{{{{ if eq $rank 9 }}}}{{{{ range .Alerts.{state} }}}}{seen}{{{{ end }}}}{found}{{{{ end }}}}"
        for state in ("Firing", "Resolved")
    )
    shown = "".join(f"{{{{ if eq $rank {rank} }}}}{name}{{{{ end }}}}" for rank, (_, name) in enumerate(_PRIORITIES))
    return declared + looked + shown


@cache
def default_definitions() -> str:
    """All of them, as the text of a template file."""
    definitions = {
        "__alertmanager": "Alertmanager",
        "__alertmanagerURL": _URL,
        "__subject": _SUBJECT,
        "__description": "",
        "__text_alert_list": _alert_list(" ", ""),
        "__text_alert_list_markdown": _alert_list("  ", "\n"),
        **dict.fromkeys(_default(_SUBJECTS), '{{ template "__subject" . }}'),
        **dict.fromkeys(_default(_URLS), '{{ template "__alertmanagerURL" . }}'),
        **dict.fromkeys(_default(_NAMES), '{{ template "__alertmanager" . }}'),
        **dict.fromkeys(_default(_EMPTY), ""),
        **dict.fromkeys(_default("opsgenie.description victorops.state_message"), _HEADLINE + _TIGHT),
        **dict.fromkeys(_default("pushover.message sns.message webex.message"), _HEADLINE + _LOOSE),
        **dict.fromkeys(_default("telegram.message discord.message"), "\n" + _LOOSE),
        **dict.fromkeys(_default("msteams.text msteamsv2.text jira.description mattermost.text"), _MARKDOWN),
        **dict.fromkeys(_default("slack.color mattermost.color"), _COLOR),
        "wechat.default.message": (
            f'{{{{ template "__subject" . }}}}\n{_HEADLINE}{_TIGHT}\n'
            'AlertmanagerUrl:\n{{ template "__alertmanagerURL" . }}'
        ),
        "pagerduty.default.instances": '{{ template "__text_alert_list" . }}',
        "jira.default.priority": _priority(),
        "email.default.html": _EMAIL_PAGE,
    }
    for kind in ("slack", "mattermost"):
        title, link = f"{kind}.default.title", f"{kind}.default.titlelink"
        definitions[f"{kind}.default.fallback"] = f'{{{{ template "{title}" . }}}} | {{{{ template "{link}" . }}}}'
    return "".join(f'{{{{ define "{name}" }}}}{text}{{{{ end }}}}' for name, text in definitions.items())


def _default(names: str) -> list[str]:
    return [name.replace(".", ".default.", 1) for name in names.split()]
