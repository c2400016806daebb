"""The functions that Alertmanager gives to notification templates.

Source: Alertmanager, the section "Functions" of its notification template reference, and `template/template.go`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import unquote_plus

from simulator.monitoring.alertmanager.messages.gotime import format_layout, go_duration, go_time, in_zone, moment_of
from simulator.monitoring.gotemplate import Record, TemplateError
from simulator.monitoring.gotemplate.values import SafeText, Value, is_list
from simulator.monitoring.promql.label_functions import expand as expand_references
from simulator.monitoring.regexp import compile_search
from simulator.monitoring.rules.templates import humanize_duration

_WORD = re.compile(r"[^\W_]+(?:['_][^\W_]+)*")


def _title(text: str) -> str:
    """The first letter of each word large, the rest of it small; an apostrophe stands within a word."""
    return _WORD.sub(
        lambda found: re.sub(r"[^\W\d_]", lambda letter: letter[0].upper(), found[0].lower(), count=1), text
    )


def _join(separator: str, texts: Value) -> str:
    if not is_list(texts):
        raise TemplateError("wrong type for value; expected []string")
    return separator.join(texts)


def _replace_all(pattern: str, replacement: str, text: str) -> str:
    return compile_search(pattern).sub(lambda found: expand_references(replacement, found), text)


def _humanize_duration(value: Value) -> str:
    if isinstance(value, Record) and value.type_name == "time.Duration":
        value = value.fields["seconds"]
    return humanize_duration(value)


def _dict(*values: Value) -> dict[str, Value]:
    if len(values) % 2:
        raise TemplateError("dict requires an even number of arguments")
    if not all(isinstance(key, str) for key in values[::2]):
        raise TemplateError("dict keys must be strings")
    return dict(zip(values[::2], values[1::2], strict=True))


def _plain(value: Value) -> Value:
    if isinstance(value, Record):
        return value.shown or {name: _plain(field) for name, field in value.fields.items()}
    if isinstance(value, Mapping):
        return {key: _plain(value[key]) for key in sorted(value)}
    return [_plain(one) for one in value] if is_list(value) else value


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "toUpper": str.upper,
    "toLower": str.lower,
    "title": _title,
    "trimSpace": str.strip,
    "join": _join,
    "match": lambda pattern, text: compile_search(pattern).search(text) is not None,
    "safeHtml": SafeText,
    "safeUrl": SafeText,
    "urlUnescape": unquote_plus,
    "reReplaceAll": _replace_all,
    "stringSlice": lambda *texts: list(texts),
    "date": lambda layout, moment: format_layout(moment_of(moment), layout),
    "tz": in_zone,
    "humanizeDuration": _humanize_duration,
    "toJson": lambda value: json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")),
    "base64encode": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64decode": lambda text: base64.urlsafe_b64decode(text).decode(),
    "list": lambda *values: list(values),
    "append": lambda values, *more: [*values, *more],
    "dict": _dict,
}

FUNCTION_NAMES = frozenset(_FUNCTIONS) | {"now", "since"}


def functions_at(now: datetime) -> dict[str, Callable[..., Value]]:
    """The functions of a template that is rendered at a moment."""
    return {
        **_FUNCTIONS,
        "now": lambda: go_time(now),
        "since": lambda moment: go_duration(now - moment_of(moment)),
    }
