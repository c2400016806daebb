"""The notification log: what each receiver was last told about each group.

An entry is kept per group, receiver and integration, with the fingerprints of the alerts that were firing and
resolved in that notification.  It expires after twice the repeat interval, at most after the retention of data, and
is forgotten at the first maintenance run after that.  The log survives a restart and is shared between peers.

Source: Alertmanager, `nflog/nflog.go`; expiry from `notify/notify.go` (SetNotifiesStage).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from timeline.instants import DAY, MINUTE

RETENTION_MS = 5 * DAY
"""`--data.retention`"""
MAINTENANCE_INTERVAL_MS = 15 * MINUTE
"""`--data.maintenance-interval`"""


LogKey = tuple[str, str, str]
"""What an entry is kept for: key of the group, receiver, integration."""


class Entry(NamedTuple):
    """The last notification.  Fingerprints of alerts."""

    at_ms: int
    firing: frozenset[str]
    resolved: frozenset[str]
    expires_at_ms: int


class NotificationLog:
    """The log of one process; `start_ms` sets the phase of its maintenance runs."""

    def __init__(self, start_ms: int) -> None:
        self._entries: dict[LogKey, Entry] = {}
        self._expiring: dict[int, set[LogKey]] = {}
        """By the maintenance interval in which an entry of the key expires: a run looks at these alone."""
        self._next_maintenance_ms = start_ms + MAINTENANCE_INTERVAL_MS

    def restarted(self, at_ms: int) -> None:
        """Entries stay; maintenance runs are counted from `at_ms` on."""
        self._next_maintenance_ms = at_ms + MAINTENANCE_INTERVAL_MS

    def query(self, key: LogKey, now_ms: int) -> Entry | None:
        if now_ms >= self._next_maintenance_ms:
            self._maintain(now_ms)
        return self._entries.get(key)

    def log(
        self, key: LogKey, now_ms: int, firing: frozenset[str], resolved: frozenset[str], repeat_interval_ms: int
    ) -> Entry:
        if now_ms >= self._next_maintenance_ms:
            self._maintain(now_ms)
        entry = Entry(now_ms, firing, resolved, now_ms + min(2 * repeat_interval_ms, RETENTION_MS))
        self._keep(key, entry)
        return entry

    def merge(self, entries: Iterable[tuple[LogKey, Entry]], now_ms: int) -> None:
        """Takes over the entries of another peer that are newer and not expired."""
        for key, entry in entries:
            known = self._entries.get(key)
            if entry.expires_at_ms >= now_ms and (known is None or known.at_ms < entry.at_ms):
                self._keep(key, entry)

    def items(self) -> Iterator[tuple[LogKey, Entry]]:
        return iter(self._entries.items())

    def __len__(self) -> int:
        return len(self._entries)

    def _keep(self, key: LogKey, entry: Entry) -> None:
        self._entries[key] = entry
        period = entry.expires_at_ms // MAINTENANCE_INTERVAL_MS
        try:
            self._expiring[period].add(key)
        except KeyError:
            self._expiring[period] = {key}

    def _maintain(self, now_ms: int) -> None:
        last_run_ms = now_ms - (now_ms - self._next_maintenance_ms) % MAINTENANCE_INTERVAL_MS
        for period in [period for period in self._expiring if period * MAINTENANCE_INTERVAL_MS <= last_run_ms]:
            for key in self._expiring.pop(period):
                entry = self._entries.get(key)
                if entry is None or entry.expires_at_ms // MAINTENANCE_INTERVAL_MS != period:
                    continue
                if entry.expires_at_ms <= last_run_ms:
                    del self._entries[key]
                else:
                    self._keep(key, entry)
        self._next_maintenance_ms = last_run_ms + MAINTENANCE_INTERVAL_MS
