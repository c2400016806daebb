"""A timeline that is written while it happens: each event has its moment on the wall clock, is chained to those before
it, and is on disk before anybody acts on it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from injectors.identity import boot_ms
from timeline.events import Event, LiveStamp
from timeline.journal import Timeline
from timeline.store import TimelineFile, encode

FIRST_LINK = hashlib.sha256(b"blackstart/chain/1").hexdigest()
"""As in an evidence pack: each link is the SHA-256 of the link before it, a line feed, and the line of the event."""


@dataclass
class LiveClock:
    """Milliseconds since the start, by the boot clock: changes of the wall clock do not move it."""

    _started_ms: int = field(default_factory=boot_ms)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> int:
        return boot_ms() - self._started_ms


@contextmanager
def live_timeline(path: Path, clock: LiveClock) -> Iterator[Timeline]:
    """A timeline whose events go to a file one by one, synced."""
    link = FIRST_LINK

    def stamp(_: int) -> LiveStamp:
        return LiveStamp(datetime.now(UTC).isoformat(timespec="milliseconds"), clock.now(), prev_hash=link)

    def chain(event: Event) -> None:
        nonlocal link
        link = hashlib.sha256(f"{link}\n{encode(event)}".encode()).hexdigest()

    timeline = Timeline(stamper=stamp)
    with TimelineFile(path, sync=True) as file:
        timeline.listen(file)
        timeline.listen(chain)
        yield timeline
