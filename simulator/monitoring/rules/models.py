"""Rules as values: groups of recording and alerting rules, ready to evaluate.

They are made by `loading` from files, or directly.  Durations are milliseconds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.monitoring.promql import Expression, parse
from timeline.findings import Place

DEFAULT_INTERVAL_MS = 60_000


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """`record` names the new metric; `labels` are set on every series of the result."""

    record: str
    query: str
    labels: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None

    @property
    def name(self) -> str:
        return self.record

    @property
    def expression(self) -> Expression:
        return parse(self.query)


@dataclass(frozen=True, slots=True)
class AlertingRule:
    """An alert is pending once the query gives a series, and fires after `for_ms` without interruption.

    It keeps firing for `keep_firing_for_ms` after the last result.  Labels and annotations are templates.
    """

    alert: str
    query: str
    for_ms: int = 0
    keep_firing_for_ms: int = 0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None

    @property
    def name(self) -> str:
        return self.alert

    @property
    def expression(self) -> Expression:
        return parse(self.query)


Rule = RecordingRule | AlertingRule


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated together, in order, every `interval_ms`.

    `limit` bounds the series or alerts of each rule (0: none).  With `query_offset_ms` queries look that far back.
    """

    file: str
    name: str
    rules: tuple[Rule, ...]
    interval_ms: int = DEFAULT_INTERVAL_MS
    limit: int = 0
    query_offset_ms: int = 0


def hashed_offset(group: RuleGroup) -> int:
    """When in its interval a group is evaluated, in ms: fixed by file and name, so that groups are spread out."""
    digest = hashlib.sha256(f"{group.file};{group.name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % group.interval_ms
