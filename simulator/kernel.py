"""What every side of an exercise is given: the clock and calendar (simpy), the timeline, the random streams.

The unit of simpy's time is the millisecond of exercise time, as an integer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import simpy

from simulator.randomness import Streams
from timeline.details import NoDetail
from timeline.events import DataClass, Event
from timeline.instants import to_wall
from timeline.journal import Timeline
from timeline.references import Reference, RefKind

_NO_DETAIL = NoDetail()


class Kernel:
    """One exercise's clock, timeline and randomness."""

    def __init__(self, timeline: Timeline, streams: Streams, epoch: datetime, *, start_ms: int = 0) -> None:
        self.env = simpy.Environment(initial_time=start_ms)
        self.timeline = timeline
        self.streams = streams
        self.epoch = epoch
        self.classes: dict[str, DataClass] = {}
        """Incidents of which everything that is said among those at work on them is of a class of its own."""

    def now(self) -> int:
        return int(self.env.now)

    def wall(self) -> datetime:
        """The wall-clock moment of now, in the zone of the epoch."""
        return to_wall(self.now(), self.epoch)

    def emit(
        self,
        kind: str,
        subject: Reference,
        actor: Reference,
        detail: object = _NO_DETAIL,
        causes: Iterable[int] = (),
        *,
        data_class: DataClass | None = None,
        rests_on: Iterable[str] = (),
    ) -> Event:
        """Puts an event on the timeline at this moment; its class is that of the incident that it is about, where none
        is given."""
        if data_class is None:
            data_class = DataClass.INTERNAL
            if self.classes and not kind.startswith("update."):
                about = subject.id if subject.kind is RefKind.INCIDENT else getattr(detail, "incident", None)
                data_class = self.classes.get(about or "", DataClass.INTERNAL)
        return self.timeline.emit(
            self.now(), kind, subject, actor, detail, causes, data_class=data_class, rests_on=rests_on
        )

    def call_at(self, at_ms: int, callback: Callable[[], None]) -> simpy.Event:
        """Calls back at `at_ms` (now, if that has passed).  Cheaper than a process: for high-volume machinery."""
        timeout = self.env.timeout(max(at_ms - self.now(), 0))
        assert timeout.callbacks is not None
        timeout.callbacks.append(lambda _: callback())
        return timeout
