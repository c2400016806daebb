"""Who is on call, for all rotations of an organisation."""

from __future__ import annotations

from datetime import datetime

from simulator.response.oncall.schedule import Schedule
from topologies.organisation import Organisation


class OnCall:
    """Answers for one organisation.  `epoch` (aware) is the moment of exercise time 0.

    Every method raises KeyError for a rotation that the organisation does not have.
    """

    def __init__(self, organisation: Organisation, epoch: datetime) -> None:
        self._schedules = {id: Schedule(rotation, epoch) for id, rotation in organisation.rotations.items()}

    def holders(self, rotation_id: str, at_ms: int) -> list[str]:
        """The ids of the people on call: one person, or nobody in a gap."""
        holder = self._schedules[rotation_id].at(at_ms)
        return [] if holder is None else [holder]

    def shifts(self, rotation_id: str, from_ms: int, to_ms: int) -> list[tuple[int, int, list[str]]]:
        """Who is on call in [from_ms, to_ms): spans without holes between them, a gap with an empty list."""
        schedule = self._schedules[rotation_id]
        return [
            (start, end, [] if holder is None else [holder]) for start, end, holder in schedule.shifts(from_ms, to_ms)
        ]

    def gaps(self, rotation_id: str, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """The spans in which nobody is on call."""
        return [(start, end) for start, end, people in self.shifts(rotation_id, from_ms, to_ms) if not people]

    def next_change(self, rotation_id: str, at_ms: int) -> int | None:
        """When other people may be on call; None if never."""
        return self._schedules[rotation_id].next_change(at_ms)
