"""Matchers: what routes, inhibition rules and silences say about labels.

A *matcher* names a label, one of four operators and a value: `severity="page"`, `team!="db"`, `job=~"api|web"`,
`job!~"test.*"`.  Regular expressions are anchored at both ends.  A missing label and an empty one are the same.

Written matchers follow the classic syntax of Alertmanager (`pkg/labels/parse.go`): quotes around the value are
optional, `\\n`, `\\"` and `\\\\` are escapes, any other backslash stands for itself, and several matchers may stand in
one string, divided by commas outside quotes, with optional braces around them.

The UTF-8 syntax that 0.27 added beside it (quoted label names, stricter quoting) is not modelled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from simulator.monitoring.regexp import compile_anchored
from timeline.findings import InputError

LabelSet = Mapping[str, str]

_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MATCHER = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*", re.DOTALL)


class MatchType(StrEnum):
    """The operators, in the order in which Alertmanager sorts them."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEXP = "=~"
    NOT_REGEXP = "!~"

    @property
    def rank(self) -> int:
        return list(MatchType).index(self)

    @property
    def negated(self) -> bool:
        return self in (MatchType.NOT_EQUAL, MatchType.NOT_REGEXP)

    @property
    def is_regexp(self) -> bool:
        return self in (MatchType.REGEXP, MatchType.NOT_REGEXP)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label.  Raises ValueError for a regular expression that Go would refuse."""

    name: str
    type: MatchType
    value: str
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", compile_anchored(self.value) if self.type.is_regexp else None)

    def matches(self, labels: LabelSet) -> bool:
        value = labels.get(self.name, "")
        if self._pattern is not None:
            return (self._pattern.fullmatch(value) is not None) is (self.type is MatchType.REGEXP)
        return (value == self.value) is (self.type is MatchType.EQUAL)

    def __str__(self) -> str:
        escaped = self.value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f'{self.name}{self.type}"{escaped}"'


Matchers = tuple[Matcher, ...]


def matches_all(matchers: Iterable[Matcher], labels: LabelSet) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


def sorted_matchers(matchers: Iterable[Matcher]) -> Matchers:
    """By name, value and operator: the order in which they appear in the key of a route."""
    return tuple(sorted(matchers, key=lambda m: (m.name, m.value, m.type.rank)))


def written(labels: LabelSet) -> str:
    """A label set as people write it: `{alertname="DiskFull", instance="db-1"}`."""
    return "{" + ", ".join([f'{name}="{labels[name]}"' for name in sorted(labels)]) + "}"


def is_label_name(name: str) -> bool:
    return _LABEL_NAME.fullmatch(name) is not None


def parse_matchers(text: str) -> list[Matcher]:
    """The matchers of one string: `{a="x", b!~"y.*"}`, or without the braces.  Raises ValueError."""
    return [parse_matcher(part) for part in _split(text.removeprefix("{").removesuffix("}"))]


def parse_matcher(text: str) -> Matcher:
    """One matcher.  Raises ValueError with what is wrong about it."""
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise ValueError(f'{text.strip()!r} is not a matcher; write one like severity="page" or job=~"api|web"')
    name, operator, raw = found.groups()
    return Matcher(name, MatchType(operator), _unquote(raw))


def read_label_arguments(arguments: Iterable[str]) -> dict[str, str]:
    """Labels given as `name=value` on a command line; the value may be quoted.  Raises InputError."""
    labels: dict[str, str] = {}
    for argument in arguments:
        try:
            matcher = parse_matcher(argument)
        except ValueError as error:
            raise InputError.single("input.option", "labels", str(error), "write labels as name=value") from None
        if matcher.type is not MatchType.EQUAL:
            message = f"{argument!r} is a condition, not a label"
            raise InputError.single("input.option", "labels", message, f"write {matcher.name}=value")
        labels[matcher.name] = matcher.value
    return labels


def _split(text: str) -> list[str]:
    """At commas outside quotes; a trailing comma is allowed."""
    parts: list[str] = []
    token, quoted, escaped = "", False, False
    for character in text:
        if character == "," and not quoted:
            parts.append(token)
            token = ""
            continue
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and not escaped
        token += character
    if token.strip():
        parts.append(token.strip())
    return parts


def _unquote(raw: str) -> str:
    body = raw.removeprefix('"')
    closing_expected = body is not raw and raw.startswith('"')
    value, position = "", 0
    while position < len(body):
        character = body[position]
        following = body[position + 1 : position + 2]
        if character == "\\" and following:
            value += {"n": "\n", '"': '"', "\\": "\\"}.get(following, "\\" + following)
            position += 2
            continue
        if character == '"':
            if not closing_expected or position < len(body) - 1:
                raise ValueError(f'the value {raw} contains a double quote that is not escaped; write \\"')
            closing_expected = False
        else:
            value += character
        position += 1
    if closing_expected:
        raise ValueError(f"the value {raw} has no closing double quote")
    return value


T = TypeVar("T")


class DecisionCache(Generic[T]):
    """A decision about label sets that looks at a few labels only, remembered by the values of these.

    Routing and inhibition ask the same questions about thousands of alerts that differ in labels nobody looks at.
    """

    _LIMIT = 20_000

    def __init__(self, names: Iterable[str], decide: Callable[[LabelSet], T]) -> None:
        self._names = tuple(sorted(set(names)))
        self._decide = decide
        self._known: dict[tuple[str | None, ...], T] = {}

    def __call__(self, labels: LabelSet) -> T:
        seen = tuple(map(labels.get, self._names))
        try:
            return self._known[seen]
        except KeyError:
            if len(self._known) >= self._LIMIT:
                self._known.clear()
            decision = self._known[seen] = self._decide(labels)
            return decision
