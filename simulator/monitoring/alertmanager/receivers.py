"""Receivers: the kinds of integration that Alertmanager knows, and what each needs.

To the simulation an integration is a sink: what counts is whether it sends resolved notifications and how many alerts
it lets through.  Its other fields are checked by name, so that a typing mistake is found, and kept for templates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from timeline.findings import Place

_TITLED = ("title", "text", "title_link", "fallback", "color", "fields", "actions", "image_url", "thumb_url", "footer")


@dataclass(frozen=True, slots=True)
class IntegrationKind:
    """One kind.  `needs` are groups of fields; of each group at least one is set here or in the global section."""

    name: str
    send_resolved: bool
    fields: frozenset[str]
    needs: tuple[tuple[str, ...], ...] = ()


def _kind(
    name: str, *, resolved: bool, fields: str, needs: tuple[str, ...] = (), more: tuple[str, ...] = ()
) -> IntegrationKind:
    own = frozenset({"send_resolved", "http_config", *fields.split(), *more})
    return IntegrationKind(name, resolved, own, tuple(tuple(group.split("|")) for group in needs))


KINDS: Mapping[str, IntegrationKind] = {
    f"{kind.name}_configs": kind
    for kind in (
        _kind("webhook", resolved=True, fields="url url_file max_alerts timeout payload", needs=("url|url_file",)),
        _kind(
            "email",
            resolved=False,
            fields="to from hello smarthost auth_username auth_password auth_password_file auth_secret auth_secret_file"
            " auth_identity headers html text require_tls tls_config force_implicit_tls threading",
            needs=("to", "smarthost|smtp_smarthost", "from|smtp_from"),
        ),
        _kind(
            "pagerduty",
            resolved=True,
            fields="service_key service_key_file routing_key routing_key_file url client client_url description details"
            " images links source severity class component group timeout",
            needs=("routing_key|service_key|routing_key_file|service_key_file",),
        ),
        _kind(
            "opsgenie",
            resolved=True,
            fields="api_key api_key_file api_url message description source details entity responders actions tags note"
            " priority update_alerts",
            needs=("api_key|api_key_file|opsgenie_api_key|opsgenie_api_key_file",),
        ),
        _kind(
            "wechat",
            resolved=False,
            fields="api_secret api_secret_file corp_id message api_url to_user to_party to_tag agent_id message_type",
            needs=("api_secret|api_secret_file|wechat_api_secret|wechat_api_secret_file", "corp_id|wechat_api_corp_id"),
        ),
        _kind(
            "slack",
            resolved=False,
            fields="api_url api_url_file app_token app_token_file app_url channel username pretext short_fields"
            " callback_id icon_emoji icon_url link_names mrkdwn_in message_text update_message timeout",
            more=_TITLED,
            needs=(
                "api_url|api_url_file|app_token|app_token_file|slack_api_url|slack_api_url_file|slack_app_token"
                "|slack_app_token_file",
            ),
        ),
        _kind(
            "victorops",
            resolved=True,
            fields="api_key api_key_file api_url routing_key message_type state_message entity_display_name"
            " monitoring_tool custom_fields",
            needs=("routing_key", "api_key|api_key_file|victorops_api_key|victorops_api_key_file"),
        ),
        _kind(
            "pushover",
            resolved=True,
            fields="user_key user_key_file token token_file title message url url_title device sound priority retry"
            " expire ttl html monospace",
            needs=("user_key|user_key_file", "token|token_file"),
        ),
        _kind(
            "sns",
            resolved=True,
            fields="api_url sigv4 topic_arn phone_number target_arn subject message attributes use_aws_http_client",
            needs=("topic_arn|phone_number|target_arn",),
        ),
        _kind(
            "telegram",
            resolved=True,
            fields="api_url bot_token bot_token_file chat_id chat_id_file message_thread_id message"
            " disable_notifications parse_mode",
            needs=("bot_token|bot_token_file|telegram_bot_token|telegram_bot_token_file", "chat_id|chat_id_file"),
        ),
        _kind(
            "discord",
            resolved=True,
            fields="webhook_url webhook_url_file title message content username avatar_url",
            needs=("webhook_url|webhook_url_file",),
        ),
        _kind("webex", resolved=True, fields="api_url message room_id", needs=("room_id", "http_config")),
        _kind(
            "msteams",
            resolved=True,
            fields="webhook_url webhook_url_file title summary text",
            needs=("webhook_url|webhook_url_file",),
        ),
        _kind(
            "msteamsv2",
            resolved=True,
            fields="webhook_url webhook_url_file title text",
            needs=("webhook_url|webhook_url_file",),
        ),
        _kind(
            "jira",
            resolved=True,
            fields="api_url api_type project summary description labels priority issue_type reopen_transition"
            " resolve_transition wont_fix_resolution reopen_duration fields",
            needs=("api_url|jira_api_url", "project", "issue_type"),
        ),
        _kind(
            "rocketchat",
            resolved=False,
            fields="api_url token token_file token_id token_id_file channel emoji icon_url short_fields link_names",
            more=_TITLED,
            needs=("token|token_file|rocketchat_token|rocketchat_token_file",),
        ),
        _kind(
            "mattermost",
            resolved=True,
            fields="webhook_url webhook_url_file channel username icon_url icon_emoji attachments props priority type"
            " pretext author_name author_link author_icon footer_icon",
            more=_TITLED,
            needs=("webhook_url|webhook_url_file|mattermost_webhook_url|mattermost_webhook_url_file",),
        ),
        _kind(
            "incidentio",
            resolved=True,
            fields="url url_file alert_source_token alert_source_token_file max_alerts timeout",
            needs=("url|url_file", "alert_source_token|alert_source_token_file|http_config"),
        ),
    )
}
"""By the key under which a receiver lists them."""


@dataclass(frozen=True, slots=True)
class Integration:
    """One way in which a receiver is notified; `index` counts within its kind."""

    kind: str
    index: int
    send_resolved: bool
    place: Place
    max_alerts: int = 0
    """0 lets all through."""
    settings: Mapping[str, object] = field(default_factory=dict, compare=False)
    sketched: bool = False
    """It stands for a bare name, in a file that has only such."""
    name: str = field(init=False)
    """Kind and index, like `webhook[0]`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", f"{self.kind}[{self.index}]")


@dataclass(frozen=True, slots=True)
class Receiver:
    """A name that routes refer to.  Without integrations it swallows what it gets."""

    name: str
    integrations: tuple[Integration, ...]
    place: Place
