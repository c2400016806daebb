"""Templates of alert labels and annotations: the variables and functions that Prometheus gives them.

`$labels`, `$value`, `$externalLabels` and `$externalURL` are there, and functions to query, to pick and sort results,
to humanize numbers and to work on text.  A template that fails becomes a text that says so, as in Prometheus: an alert
with a broken description is better than none.

Source: Prometheus, `template/template.go`.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote_plus, urlsplit

from simulator.monitoring.gotemplate import Record, Template, TemplateError
from simulator.monitoring.gotemplate.printing import format_float
from simulator.monitoring.gotemplate.values import Value
from simulator.monitoring.promql import Labels
from simulator.monitoring.promql.label_functions import expand as expand_references
from simulator.monitoring.regexp import compile_search
from timeline.instants import parse_duration

_DEFINITIONS = (
    "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"
)
_LARGE = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_SMALL = ("m", "u", "n", "p", "f", "a", "z", "y")
_BINARY = ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi")
_VARYING = re.compile(r"\.Value|\$value|\bquery\b|\bnow\b|\$\s|\$\}|\.\s*\}")
_INT64 = 2.0**63

# A query as templates run it: text and time in exercise ms, to labels and values.
Query = Callable[[str, int], list[tuple[Labels, float]]]


def _no_query(text: str, at_ms: int) -> list[tuple[Labels, float]]:
    raise TemplateError(f"no series to query for {text!r} at {at_ms} ms")


@dataclass(frozen=True)
class Expander:
    """Expands templates: what is the same for all rules of an engine."""

    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""
    query: Query = _no_query
    epoch_ms: int = 0

    def expand(self, text: str, labels: Mapping[str, str], value: float, at_ms: int) -> str:
        """The text for one result; a failing template gives a text with the reason."""
        if "{{" not in text:
            return text
        data = Record(
            "struct",
            {
                "Labels": dict(labels),
                "ExternalLabels": dict(self.external_labels),
                "ExternalURL": self.external_url,
                "Value": value,
            },
        )
        try:
            return parse_template(text).render(data, self._functions(at_ms))
        except TemplateError as error:
            return f"<error expanding template: {error}>"

    def _functions(self, at_ms: int) -> dict[str, Callable[..., Value]]:
        def query(text: str) -> list[Record]:
            return [_sample(labels, value) for labels, value in self.query(text, at_ms)]

        return {
            **_FUNCTIONS,
            "query": query,
            "now": lambda: (at_ms + self.epoch_ms) / 1000,
            "externalURL": lambda: self.external_url,
            "pathPrefix": lambda: urlsplit(self.external_url).path,
        }


@lru_cache(maxsize=4096)
def parse_template(text: str) -> Template:
    """A template of a rule.  Raises TemplateError, also for functions that Prometheus does not have."""
    return Template.parse(_DEFINITIONS + text, FUNCTION_NAMES)


def varies(text: str) -> bool:
    """Whether a template may change with anything but the labels of the result."""
    return "{{" in text and _VARYING.search(text) is not None


def _sample(labels: Mapping[str, str], value: float) -> Record:
    return Record("*template.sample", {"Labels": dict(labels), "Value": value})


def _number(value: Value) -> float:
    """What `humanize` takes: a number, or a text that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TemplateError(f"can't convert {type(value).__name__} to float")
    try:
        return float(value)
    except ValueError:
        raise TemplateError(f'strconv.ParseFloat: parsing "{value}": invalid syntax') from None


def _short(value: float) -> str:
    return format_float(value, "g", 4)


def _scaled(value: float, prefixes: tuple[str, ...], base: float) -> str:
    prefix = ""
    for larger in prefixes:
        if abs(value) < base:
            break
        prefix, value = larger, value / base
    return _short(value) + prefix


def _shrunk(value: float) -> str:
    prefix = ""
    for smaller in _SMALL:
        if abs(value) >= 1:
            break
        prefix, value = smaller, value * 1000
    return _short(value) + prefix


def humanize(given: Value) -> str:
    """With a metric prefix and four digits: `1.235M`, `12.3m`."""
    value = _number(given)
    if value == 0 or not math.isfinite(value):
        return _short(value)
    return _scaled(value, _LARGE, 1000) if abs(value) >= 1 else _shrunk(value)


def humanize_1024(given: Value) -> str:
    """With a binary prefix: `1.5Gi`."""
    value = _number(given)
    if abs(value) <= 1 or not math.isfinite(value):
        return _short(value)
    return _scaled(value, _BINARY, 1024)


def humanize_duration(given: Value) -> str:
    """Seconds as days to seconds: `1h 2m 3s`; below a minute with four digits."""
    value = _number(given)
    if not math.isfinite(value):
        return _short(value)
    if value == 0:
        return _short(value) + "s"
    if abs(value) < 1:
        return _shrunk(value) + "s"
    sign, value = ("-", -value) if value < 0 else ("", value)
    whole = int(value)
    days, hours, minutes, seconds = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    if minutes:
        return f"{sign}{minutes}m {seconds}s"
    return f"{sign}{_short(value)}s"


def humanize_percentage(given: Value) -> str:
    """A ratio in per cent: `12.34%`."""
    return _short(_number(given) * 100) + "%"


def humanize_timestamp(given: Value) -> str:
    """Unix seconds as Go prints a time: `2026-01-02 15:04:05 +0000 UTC`."""
    value = _number(given)
    return _short(value) if not math.isfinite(value) else _go_time(value)


def _go_time(seconds: float) -> str:
    if abs(seconds) >= _INT64:
        raise TemplateError(f"{format_float(seconds)} cannot be represented as a nanoseconds timestamp")
    whole, milliseconds = divmod(math.trunc(seconds * 1000), 1000)
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole)
    except OverflowError:
        raise TemplateError(f"{format_float(seconds)} is outside the calendar") from None
    fraction = f".{milliseconds:03d}".rstrip("0") if milliseconds else ""
    return f"{moment:%Y-%m-%d %H:%M:%S}{fraction} +0000 UTC"


def _first(results: list[Record]) -> Record:
    if not results:
        raise TemplateError("first() called on vector with no elements")
    return results[0]


def _of_sample(sample: Value, name: str) -> Value:
    if not isinstance(sample, Record):
        raise TemplateError("expected a result of query")
    return sample.fields[name]


def _re_replace_all(pattern: str, replacement: str, text: str) -> str:
    compiled = _pattern(pattern)
    return compiled.sub(lambda found: expand_references(replacement, found), text)


def _pattern(pattern: str) -> re.Pattern[str]:
    try:
        return compile_search(pattern)
    except ValueError as error:
        raise TemplateError(str(error)) from None


def _title(text: str) -> str:
    """The first letter of each word in upper case, the rest as it is."""
    return re.sub(r"(?<![\w'])\w", lambda found: found[0].upper(), text)


def _split_port(text: str) -> tuple[str, str]:
    """Host and port of `host:port` or `[v6]:port`; the port is empty where there is none."""
    found = re.fullmatch(r"\[([^\]]*)\]:([^:]*)|([^:\[\]]*):([^:]*)", text)
    if found is None:
        return text, ""
    return (found[1], found[2]) if found[1] is not None else (found[3], found[4])


def _strip_domain(text: str) -> str:
    host, port = _split_port(text)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        short = host.split(".")[0]
        return f"{short}:{port}" if port else short
    return text


def _parse_duration(text: str) -> float:
    try:
        return parse_duration(text) / 1000
    except ValueError as error:
        raise TemplateError(str(error)) from None


def _link(tab: int) -> Callable[[str], str]:
    return lambda expression: f"/graph?g0.expr={quote_plus(expression)}&g0.tab={tab}"


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "args": lambda *values: {f"arg{number}": value for number, value in enumerate(values)},
    "first": _first,
    "graphLink": _link(0),
    "humanize": humanize,
    "humanize1024": humanize_1024,
    "humanizeDuration": humanize_duration,
    "humanizePercentage": humanize_percentage,
    "humanizeTimestamp": humanize_timestamp,
    "label": lambda name, sample: _of_sample(sample, "Labels").get(name, ""),
    "match": lambda pattern, text: _pattern(pattern).search(text) is not None,
    "parseDuration": _parse_duration,
    "reReplaceAll": _re_replace_all,
    "safeHtml": lambda text: text,
    "sortByLabel": lambda name, results: sorted(results, key=lambda one: _of_sample(one, "Labels").get(name, "")),
    "stripDomain": _strip_domain,
    "stripPort": lambda text: _split_port(text)[0],
    "strvalue": lambda sample: _of_sample(sample, "Labels").get("__value__", ""),
    "tableLink": _link(1),
    "title": _title,
    "toDuration": lambda value: humanize_duration(value),
    "toLower": lambda text: text.lower(),
    "toTime": lambda value: _go_time(_number(value)),
    "toUpper": lambda text: text.upper(),
    "urlQueryEscape": quote_plus,
    "value": lambda sample: _of_sample(sample, "Value"),
}
FUNCTION_NAMES = frozenset({*_FUNCTIONS, "query", "now", "externalURL", "pathPrefix"})
