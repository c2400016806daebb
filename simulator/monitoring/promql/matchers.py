"""Label matchers: which series a selector means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from simulator.monitoring.promql.labels import Labels
from simulator.monitoring.regexp import compile_anchored


class MatchType(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    REGEXP = "=~"
    NOT_REGEXP = "!~"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; a missing label counts as empty, regular expressions are anchored.

    `dot_all` lets `.` match a newline, as in Prometheus 3.  Raises ValueError for a pattern that Go would refuse.
    """

    name: str
    type: MatchType
    value: str
    dot_all: bool = True
    _pattern: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        is_regexp = self.type in (MatchType.REGEXP, MatchType.NOT_REGEXP)
        pattern = compile_anchored(self.value, dot_all=self.dot_all) if is_regexp else None
        object.__setattr__(self, "_pattern", pattern)

    def matches(self, value: str) -> bool:
        if self._pattern is None:
            return (value == self.value) is (self.type is MatchType.EQUAL)
        return (self._pattern.fullmatch(value) is not None) is (self.type is MatchType.REGEXP)

    def __str__(self) -> str:
        return f'{self.name}{self.type}"{self.value}"'


def match_all(matchers: Iterable[Matcher], labels: Labels) -> bool:
    return all(matcher.matches(labels.get(matcher.name, "")) for matcher in matchers)
