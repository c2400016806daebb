"""Alerts: as they are posted, as they are kept, and how a new post merges with what is known.

An alert is identified by its labels (its *fingerprint*); labels with an empty value do not count.  It is *resolved*
from its end on.  A post without an end ends `resolve_timeout` later unless it is repeated (`timeout` remembers that
the end is only such a guess).  Prometheus posts a firing alert again and again, each time with an end a few minutes
ahead; `repeated` stands for the whole row of these posts, until one with another end.  Times are milliseconds of
exercise time.

Source: Alertmanager, `types/types.go` (Merge), `provider/mem/mem.go` (Put), `api/v2/api.go` (postAlerts).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from timeline.instants import MINUTE

if TYPE_CHECKING:
    from simulator.monitoring.alertmanager.inhibit import Target

GC_INTERVAL_MS = 30 * MINUTE
"""Resolved alerts are forgotten this often (`--alerts.gc-interval`)."""
NEVER_MS = 2**62
"""The end of an alert whose post is repeated."""


@dataclass(frozen=True, slots=True)
class PostedAlert:
    """An alert as a client posts it to `/api/v2/alerts`."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)
    starts_at_ms: int | None = None
    """The moment of the post when left out."""
    ends_at_ms: int | None = None
    """In the past for a resolved alert; `resolve_timeout` after the post when left out."""
    repeated: bool = False
    """The client repeats this post in time: the alert fires until it posts another end.  Needs no end."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """The identity of a label set: equal exactly when the sets are.  A zero byte does not occur in labels."""
    names = _in_order(tuple(labels))
    return "\0".join((*names, *map(labels.__getitem__, names)))


@lru_cache(maxsize=4096)
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names))


@dataclass(slots=True, eq=False)
class Alert:
    """One version of an alert; every post makes a new one, so identity tells whether there was one.

    It is not changed any more once `Alerts` has given it out.
    """

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    starts_at_ms: int
    ends_at_ms: int
    timeout: bool
    targets: tuple[Target, ...] = ()
    """Where other alerts could mute it: found once, by the inhibitor."""

    def resolved_at(self, now_ms: int) -> bool:
        return self.ends_at_ms <= now_ms

    def sort_key(self) -> tuple[object, ...]:
        """The order within a notification: job, instance, number of labels, then labels one by one."""
        labels = self.labels
        return (
            "job" not in labels,
            labels.get("job", ""),
            "instance" not in labels,
            labels.get("instance", ""),
            len(labels),
            [(_descending(name), labels[name]) for name in sorted(labels)],
        )

    @classmethod
    def from_post(cls, post: PostedAlert, now_ms: int, resolve_timeout_ms: int) -> Alert:
        labels = post.labels
        if not all(labels.values()):
            labels = {name: value for name, value in labels.items() if value}
        ends_at_ms = NEVER_MS if post.repeated else post.ends_at_ms
        starts_at_ms = post.starts_at_ms
        if starts_at_ms is None:
            starts_at_ms = now_ms if post.ends_at_ms is None else post.ends_at_ms
        return cls(
            fingerprint(labels),
            labels,
            post.annotations,
            starts_at_ms,
            now_ms + resolve_timeout_ms if ends_at_ms is None else ends_at_ms,
            timeout=post.ends_at_ms is None,
        )

    def merge(self, older: Alert, now_ms: int) -> None:
        """Takes over what still holds of an older version whose span overlaps."""
        if older.ends_at_ms > self.ends_at_ms and (
            older.resolved_at(now_ms) if self.resolved_at(now_ms) else not older.timeout
        ):
            self.ends_at_ms = older.ends_at_ms
        self.starts_at_ms = min(older.starts_at_ms, self.starts_at_ms)


@lru_cache(maxsize=4096)
def _descending(name: str) -> tuple[int, ...]:
    """Of two label sets of one size, the one that lacks the smaller name comes first."""
    return (*(-ord(character) for character in name), 1)


class Alerts:
    """All alerts of one process, by fingerprint.  Nothing of it survives a restart."""

    def __init__(self, start_ms: int) -> None:
        self._alerts: dict[str, Alert] = {}
        self._next_gc_ms = start_ms + GC_INTERVAL_MS

    def put(self, posts: Sequence[PostedAlert], now_ms: int, resolve_timeout_ms: int) -> Iterable[Alert]:
        """Merges the posts with what is known; gives each alert as it stands then."""
        if now_ms >= self._next_gc_ms:
            self._collect_garbage(now_ms)
        for post in posts:
            alert = Alert.from_post(post, now_ms, resolve_timeout_ms)
            older = self._alerts.get(alert.fingerprint)
            if older is not None and (
                older.starts_at_ms < alert.ends_at_ms < older.ends_at_ms
                or older.starts_at_ms < alert.starts_at_ms < older.ends_at_ms
            ):
                alert.merge(older, now_ms)
            self._alerts[alert.fingerprint] = alert
            yield alert

    def _collect_garbage(self, now_ms: int) -> None:
        last_run_ms = now_ms - (now_ms - self._next_gc_ms) % GC_INTERVAL_MS
        self._alerts = {key: alert for key, alert in self._alerts.items() if not alert.resolved_at(last_run_ms)}
        self._next_gc_ms = last_run_ms + GC_INTERVAL_MS
