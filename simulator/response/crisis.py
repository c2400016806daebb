"""The crisis team in a run: called in with the alarm, *convened* once a quorum of its roles is held.

Roles are counted in the incident that leads: should the alarm's incident become part of a major one, in that.
"""

from __future__ import annotations

from simulator.response.case import Case
from simulator.response.room import Room
from timeline.details import CrisisDetail
from timeline.events import Event
from topologies.crisis import CrisisTeam


class CrisisCall:
    """The team is wanted for one case; `cause` is the alarm."""

    def __init__(self, room: Room, case: Case, team: CrisisTeam, cause: int) -> None:
        self._room = room
        self._case = case
        self._team = team
        self._cause = cause
        self._convened = False
        room.kernel.timeline.listen(self._heard)
        for role in dict.fromkeys(team.roles):
            room.roles.call_in(case, role)
        self._count([cause])
        room.communications.crisis(case, cause)

    def _heard(self, event: Event) -> None:
        if event.kind == "role.assigned" and not self._convened:
            self._count([self._cause, event.seq])

    def _count(self, causes: list[int]) -> None:
        leading = self._case.leading
        held = tuple(role for role in dict.fromkeys(self._team.roles) if role in leading.roles)
        if len(held) < self._team.quorum:
            return
        self._convened = True
        detail = CrisisDetail(leading.id, held, self._team.quorum)
        convened = self._room.kernel.emit("crisis.convened", leading.reference, leading.reference, detail, causes)
        leading.knowledge.deliver(convened)
