"""The fields of each kind of integration that a person reads, and their texts.

A template that fails keeps Alertmanager from sending the notification at all, so a `Message` has texts or an error.
Long texts are cut as the integration cuts them.

Source: Alertmanager, the packages under `notify/` and the defaults in `config/notifiers.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from simulator.monitoring.alertmanager.config import AlertmanagerConfig
from simulator.monitoring.alertmanager.messages.data import MessageData
from simulator.monitoring.alertmanager.messages.defaults import default_definitions
from simulator.monitoring.alertmanager.messages.functions import FUNCTION_NAMES, functions_at
from simulator.monitoring.alertmanager.receivers import Integration
from simulator.monitoring.gotemplate import Template, TemplateError
from timeline.findings import InputError, Place


class _Field(NamedTuple):
    """A field with its default; `limit` in characters."""

    name: str
    default: str
    limit: int = 0
    html: bool = False


class Part(NamedTuple):
    """One field as the receiver shows it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """What an integration would show; with an `error` nothing is sent."""

    integration: str
    parts: tuple[Part, ...]
    error: str = ""


def _of(kind: str, *fields: str | tuple[str, int]) -> tuple[_Field, ...]:
    """Fields whose default is the definition of the same name."""
    named = [(field, 0) if isinstance(field, str) else field for field in fields]
    return tuple(_Field(name, f'{{{{ template "{kind}.default.{name}" . }}}}', limit) for name, limit in named)


def _own(*names: str) -> tuple[_Field, ...]:
    """Fields that are empty unless they are given."""
    return tuple(_Field(name, "") for name in names)


_FIELDS: Mapping[str, tuple[_Field, ...]] = {
    "slack": (
        *_own("channel"),
        *_of("slack", ("title", 1024)),
        _Field("title_link", '{{ template "slack.default.titlelink" . }}'),
        *_of("slack", "pretext", "text", "footer", "color"),
    ),
    "pagerduty": (
        *_of("pagerduty", ("description", 1024)),
        _Field("severity", "error"),
        *_own("class", "component", "group"),
        *_of("pagerduty", "client"),
        _Field("client_url", '{{ template "pagerduty.default.clientURL" . }}'),
    ),
    "email": (
        *_own("to"),
        _Field("subject", '{{ template "email.default.subject" . }}'),
        *_own("text"),
        _Field("html", '{{ template "email.default.html" . }}', html=True),
    ),
    "opsgenie": (*_of("opsgenie", ("message", 130), "description", "source"), *_own("priority", "tags", "note")),
    "victorops": (
        *_of("victorops", "entity_display_name", ("state_message", 20480), "monitoring_tool"),
        _Field("message_type", "CRITICAL"),
        *_own("routing_key"),
    ),
    "pushover": (
        *_of("pushover", ("title", 250), ("message", 1024), ("url", 512)),
        _Field("priority", '{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'),
    ),
    "telegram": (_Field("message", '{{ template "telegram.default.message" . }}', 4096, html=True),),
    "sns": _of("sns", "subject", "message"),
    "msteams": _of("msteams", "title", "summary", "text"),
    "msteamsv2": _of("msteamsv2", "title", "text"),
    "discord": _of("discord", ("title", 256), ("message", 4096), ("content", 2000)),
    "webex": (*_own("room_id"), *_of("webex", ("message", 7439))),
    "wechat": _of("wechat", "message"),
    "jira": (*_own("project"), *_of("jira", ("summary", 255), ("description", 32767), "priority")),
    "rocketchat": (*_own("channel"), *_of("rocketchat", ("title", 1024), "text")),
    "mattermost": (*_own("channel"), *_of("mattermost", "title", "text", "color")),
}
"""By kind; a webhook and incident.io post JSON instead."""


class Messages:
    """The messages of one configuration.  `definitions` are its template files; later ones win over earlier ones."""

    def __init__(self, config: AlertmanagerConfig, definitions: Iterable[Template] = ()) -> None:
        self._config = config
        self._definitions = [_default_template(), *definitions]

    @classmethod
    def read(cls, config: AlertmanagerConfig, folder: Path) -> Messages:
        """With the template files of the configuration, which lie relative to `folder`.

        A pattern may match no file.  Raises InputError for a file that cannot be read as a template.
        """
        files = [file for pattern in config.templates for file in _matching(folder, pattern)]
        return cls(config, [_template_file(file) for file in files])

    def of(self, data: MessageData) -> Message:
        """The message of one notification."""
        notification = data.notification
        receiver = self._config.receivers[notification.receiver]
        integration = next(one for one in receiver.integrations if one.name == notification.integration)
        fields = _FIELDS.get(integration.kind)
        if fields is None:
            return Message(integration.name, (Part("body", data.webhook_body()),))
        parts: list[Part] = []
        for field in fields:
            try:
                text = self._rendered(_written(integration, field), data, escape=_is_html(integration, field))
            except TemplateError as error:
                return Message(integration.name, (), f"{field.name}: {error}")
            if text:
                parts.append(Part(field.name, truncated(text, field.limit)))
        return Message(integration.name, tuple(parts))

    def _rendered(self, text: str, data: MessageData, *, escape: bool) -> str:
        template = _parsed(text).with_templates(self._definitions)
        return template.render(data.template_data(), functions_at(data.moment), escape=escape)


def _is_html(integration: Integration, field: _Field) -> bool:
    plain = integration.kind == "telegram" and integration.settings.get("parse_mode", "HTML") != "HTML"
    return field.html and not plain


def truncated(text: str, limit: int) -> str:
    """At most `limit` characters (0: all), the last one an ellipsis where something was cut."""
    if not limit or len(text) <= limit:
        return text
    return text[:limit] if limit <= 3 else text[: limit - 1] + "…"


def _written(integration: Integration, field: _Field) -> str:
    """The text of the field in the configuration, or its default.  The subject of an e-mail is one of its headers."""
    settings = integration.settings
    if field.name == "subject" and integration.kind == "email":
        headers = settings.get("headers")
        settings = {key.lower(): value for key, value in headers.items()} if isinstance(headers, Mapping) else {}
    written = settings.get(field.name)
    return field.default if not isinstance(written, str) else written


@cache
def _default_template() -> Template:
    return Template.parse(default_definitions(), FUNCTION_NAMES)


@cache
def _parsed(text: str) -> Template:
    return Template.parse(text, FUNCTION_NAMES)


def _matching(folder: Path, pattern: str) -> Sequence[Path]:
    path = Path(pattern)
    if path.is_absolute():
        return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))
    return sorted(folder.glob(pattern))


def _template_file(path: Path) -> Template:
    try:
        return Template.parse(path.read_text(encoding="utf-8"), FUNCTION_NAMES)
    except TemplateError as error:
        raise InputError.single("alertmanager.template", Place(str(path), error.line or 1), str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.single("alertmanager.template", str(path), f"the file cannot be read: {error}") from None
