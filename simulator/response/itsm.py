"""The incident workflow of an organisation: stages, priority, problems, the bridge to security, automations.

Each part is there only where the organisation states it, and adds nothing to a run where it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.response.automation import Automations
from simulator.response.case import Case
from simulator.response.lifecycle import StageFollower
from simulator.response.priorities import Priorities
from simulator.response.problems import Problems
from simulator.response.room import Room
from simulator.response.security import SecurityWatch
from simulator.response.workflow import Workflow
from topologies.automations import Automation


class Itsm:
    """Follows all incidents.  `case_of` finds one by its id."""

    def __init__(
        self, room: Room, automations: Mapping[str, Automation], case_of: Callable[[str], Case | None]
    ) -> None:
        organisation = room.organisation
        problems = Problems(room, organisation.problems, case_of) if organisation.problems is not None else None
        workflow = Workflow(room, problems)
        if organisation.lifecycle is not None:
            StageFollower(room, workflow, organisation.lifecycle, case_of)
        self._followers: list[Priorities | SecurityWatch | Automations] = []
        if organisation.priority is not None:
            self._followers.append(Priorities(room, organisation.priority))
        if organisation.security_response is not None:
            room.security = SecurityWatch(room, organisation.security_response)
            self._followers.append(room.security)
        if automations:
            self._followers.append(Automations(room, workflow, automations))

    def follow(self, case: Case) -> None:
        for follower in self._followers:
            follower.follow(case)
