"""A modelled estate in one line, from a dict of the file's shape."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from scenarios.models import ScenarioFault
from simulator.estate import ModelledEstate
from simulator.kernel import Kernel
from simulator.randomness import Streams
from simulator.signals import SignalBoard
from timeline.events import Event
from timeline.instants import HOUR
from timeline.journal import Timeline
from topologies.estate import Estate

ZONE = "Europe/Zurich"
TUESDAY_TEN = datetime(2026, 3, 10, 10, 0, tzinfo=ZoneInfo(ZONE))
FLAT_DAY = [1.0] * 24


def service(**fields: Any) -> dict[str, Any]:
    return {"title": "a service", "kind": "service", **fields}


def hard(**fields: Any) -> dict[str, Any]:
    return {"type": "hard", **fields}


class Rig:
    """An estate on a kernel of its own: `play` runs faults to the end, then the fields tell what happened."""

    def __init__(self, seed: int = 1, hours: float = 6, **sections: Any) -> None:
        data = {"format": "blackstart/estate/1", "title": "test", "timezone": ZONE, **sections}
        self._build(Estate.model_validate(data), seed, hours)

    @classmethod
    def of(cls, estate: Estate, seed: int = 1, hours: float = 6) -> Rig:
        """On an estate as it was loaded."""
        rig = cls.__new__(cls)
        rig._build(estate, seed, hours)
        return rig

    def _build(self, estate: Estate, seed: int, hours: float) -> None:
        self.until_ms = int(hours * HOUR)
        self.timeline = Timeline()
        self.kernel = Kernel(self.timeline, Streams(seed), TUESDAY_TEN)
        self.board = SignalBoard(-2 * HOUR)
        self.reports: list[Event] = []
        self.closed: list[Event] = []
        self.estate = ModelledEstate(
            self.kernel,
            estate,
            self.board,
            lambda: None,
            lambda event, _: self.reports.append(event),
            lambda event, _: self.closed.append(event),
            until_ms=self.until_ms,
        )
        self.estate.start()

    def play(self, **faults: dict[str, Any]) -> Rig:
        self.estate.schedule({id: ScenarioFault.model_validate(spec) for id, spec in faults.items()})
        self.kernel.env.run(until=self.until_ms)
        return self

    def level(self, id: str) -> float:
        return self.estate.compiled[id].level

    def history(self, subject: str) -> list[tuple[int, str]]:
        """(seconds, state) of each change of health of a subject such as `component:db`."""
        return [
            (e.at_ms // 1000, e.detail.state)  # type: ignore[attr-defined]
            for e in self.timeline.of_kind("signal.health_changed")
            if str(e.subject) == subject
        ]

    def moments(self, kind: str) -> list[int]:
        """Seconds at which events of a kind happened."""
        return [e.at_ms // 1000 for e in self.timeline.of_kind(kind)]
