"""The functions that every template has.  `and` and `or` are not here: they decide which arguments are evaluated.

Comparisons are strict about types, as in Go: `gt $value 1` fails for a float, `gt $value 1.0` does not.
"""

from __future__ import annotations

import html
import json
import urllib.parse
from collections.abc import Callable, Mapping

from simulator.monitoring.gotemplate.errors import TemplateError
from simulator.monitoring.gotemplate.printing import go_format, go_string
from simulator.monitoring.gotemplate.values import Value, is_list, is_true, type_name

_LONGEST_TEXT = 1_000_000


def _same_kind(left: Value, right: Value) -> None:
    """Raise TemplateError for values that Go does not compare."""
    for value in (left, right):
        if not isinstance(value, str | bool | int | float) and value is not None:
            raise TemplateError(f"non-comparable type {go_string(value)}: {type_name(value)}")
    if left is not None and right is not None and type_name(left) != type_name(right):
        raise TemplateError("incompatible types for comparison")


def _equal(first: Value, *others: Value) -> bool:
    if not others:
        raise TemplateError("missing argument for comparison")
    for other in others:
        _same_kind(first, other)
    return any(first == other for other in others)


def _less(left: Value, right: Value) -> bool:
    _same_kind(left, right)
    if left is None or isinstance(left, bool):
        raise TemplateError("invalid type for comparison")
    return bool(left < right)


def _length(value: Value) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Mapping) or is_list(value):
        return len(value)
    raise TemplateError(f"len of type {type_name(value)}")


def _index(value: Value, *keys: Value) -> Value:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key, "")
        elif is_list(value) or isinstance(value, str):
            if isinstance(key, bool) or not isinstance(key, int):
                raise TemplateError(f"cannot index slice/array with type {type_name(key)}")
            if not 0 <= key < len(value):
                raise TemplateError(f"index out of range: {key}")
            value = value.encode()[key] if isinstance(value, str) else value[key]
        else:
            raise TemplateError(f"can't index item of type {type_name(value)}")
    return value


def _slice(value: Value, *bounds: int) -> Value:
    if not isinstance(value, str) and not is_list(value):
        raise TemplateError(f"can't slice item of type {type_name(value)}")
    start = bounds[0] if bounds else 0
    end = bounds[1] if len(bounds) > 1 else len(value)
    if not 0 <= start <= end <= len(value):
        raise TemplateError(f"index out of range: {end}")
    return value[start:end]


def _print(*values: Value) -> str:
    """Spaces stand between operands of which neither is a string."""
    out = ""
    for index, value in enumerate(values):
        both_plain = index and not isinstance(value, str) and not isinstance(values[index - 1], str)
        out += (" " if both_plain else "") + go_string(value)
    return out


def _printf(pattern: str, *arguments: Value) -> str:
    if not isinstance(pattern, str):
        raise TemplateError(f"wrong type for value; expected string; got {type_name(pattern)}")
    text = go_format(pattern, arguments)
    if len(text) > _LONGEST_TEXT:
        raise TemplateError("printf gives too long a text")
    return text


def html_text(text: str) -> str:
    """The text for a place between the tags of HTML."""
    return html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")


def _javascript(*values: Value) -> str:
    text = json.dumps(_print(*values))[1:-1].replace("'", "\\'")
    return text.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026").replace("=", "\\u003D")


BUILTINS: dict[str, Callable[..., Value]] = {
    "eq": _equal,
    "ge": lambda left, right: not _less(left, right),
    "gt": lambda left, right: _less(right, left),
    "html": lambda *values: html_text(_print(*values)),
    "index": _index,
    "js": _javascript,
    "le": lambda left, right: not _less(right, left),
    "len": _length,
    "lt": _less,
    "ne": lambda left, right: not _equal(left, right),
    "not": lambda value: not is_true(value),
    "print": _print,
    "printf": _printf,
    "println": lambda *values: " ".join(map(go_string, values)) + "\n",
    "slice": _slice,
    "urlquery": lambda *values: urllib.parse.quote_plus(_print(*values)),
}
