"""Who does a task: the holder of its role, or whoever knows what it asks for."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from scenarios.flow import SkillNeed
from scenarios.models import PlaybookTaskModel
from simulator.response.case import Case
from simulator.response.paging import Call
from simulator.response.room import Room


def doer_of(room: Room, case: Case, id: str, spec: PlaybookTaskModel, cause: int) -> Generator[simpy.Event, Any, str]:
    """The holder of the role where he knows enough, else the best of those at work on the incident who does, else
    somebody who is called in for it; where nobody comes, the holder of the role after all."""
    holder = yield from room.roles.until_held(case, spec.role)
    need = spec.skill
    if need is None or room.staff.skill(holder, need.field) >= need.at_least:
        return holder
    there = _able(room, need, room.staff.engaged_in(case.id))
    if there:
        return there[0]
    for who in _able(room, need, list(room.organisation.people)):
        answer = yield from room.pager.reach_person(who, Call(case.id, f"task-{id}", cause))
        if answer is not None:
            room.staff.engage(who, case.id)
            if case.declared is not None:
                room.roles.join_bridge(case, who, "", answer.event.seq)
            return who
    return holder


def _able(room: Room, need: SkillNeed, people: list[str]) -> list[str]:
    """Those who know enough, the best first."""
    able = [who for who in people if room.staff.skill(who, need.field) >= need.at_least]
    return sorted(able, key=lambda who: -room.staff.skill(who, need.field))
