"""Who is on call, for all rotations of an organisation."""

from __future__ import annotations

from datetime import datetime

from simulator.response.oncall.absences import Absences
from simulator.response.oncall.schedule import Schedule
from timeline.instants import DAY
from topologies.calendars import HolidayCalendar
from topologies.organisation import Organisation
from topologies.roster import Roster

_NEXT_WITHIN_MS = 366 * DAY


class OnCall:
    """Answers for one organisation, or for a roster.  `epoch` (aware) is the moment of exercise time 0.

    Every method raises KeyError for a rotation that the organisation does not have.
    """

    def __init__(self, organisation: Organisation | Roster, epoch: datetime) -> None:
        absences = Absences(organisation.people, epoch)
        own = organisation.holidays if isinstance(organisation, Organisation) else ()
        days_off = [HolidayCalendar(days=own)] if own else []
        self._schedules = {
            id: Schedule(rotation, epoch, absences, days_off) for id, rotation in organisation.rotations.items()
        }

    def holders(self, rotation_id: str, at_ms: int) -> list[str]:
        """The ids of the people on call, nobody in a gap."""
        return list(self._schedules[rotation_id].at(at_ms))

    def next_holders(self, rotation_id: str, at_ms: int) -> list[str]:
        """Who takes over from the people on call: the next holders who are not all on call already.

        Nobody where that does not happen within a year.
        """
        now = set(self.holders(rotation_id, at_ms))
        for _, _, people in self._schedules[rotation_id].shifts(at_ms, at_ms + _NEXT_WITHIN_MS):
            if new := [person for person in people if person not in now]:
                return new
        return []

    def shifts(self, rotation_id: str, from_ms: int, to_ms: int) -> list[tuple[int, int, list[str]]]:
        """Who is on call in [from_ms, to_ms): spans without holes between them, a gap with an empty list."""
        spans = self._schedules[rotation_id].shifts(from_ms, to_ms)
        return [(start, end, list(people)) for start, end, people in spans]

    def gaps(self, rotation_id: str, from_ms: int, to_ms: int) -> list[tuple[int, int]]:
        """The spans in which nobody is on call."""
        return [(start, end) for start, end, people in self.shifts(rotation_id, from_ms, to_ms) if not people]

    def next_change(self, rotation_id: str, at_ms: int) -> int | None:
        """When other people may be on call; None if never."""
        return self._schedules[rotation_id].next_change(at_ms)
