"""Boards: the emergency change advisory board convened in an incident, and approvals in retrospect.

The board's roles are called at once.  As soon as a quorum of different people is there it sits, all of them together;
without a quorum in time the change is refused.  An emergency change that was granted, and a change that nobody had
approved, is *due* for approval in retrospect; that is given once service is back and the office is open, unless it is
forgotten.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import simpy

from simulator.response.case import CaseState
from simulator.response.staff import Urgency
from timeline.details import ApprovalDetail, BoardDetail
from timeline.events import Event
from timeline.instants import from_wall
from timeline.references import Reference, RefKind, person
from topologies.authority import TOO_RISKY, EmergencyBoard, Retrospective

if TYPE_CHECKING:
    from simulator.response.case import Case
    from simulator.response.room import Room

_BOARD = Reference(RefKind.SYSTEM, "emergency-board")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the emergency board said; `convened` is the event of its coming together."""

    granted: bool
    chair: Reference
    convened: int | None = None
    reason: str = ""


def ask_emergency_board(
    room: Room, case: Case, board: EmergencyBoard, cause: int, occasion: str
) -> Generator[simpy.Event, Any, Answer]:
    """Convenes the board and waits for its decision."""
    env, streams = room.kernel.env, room.kernel.streams
    there: dict[str, str] = {}
    gathered = env.event()

    def call(role: str) -> Generator[simpy.Event, Any, None]:
        who = yield from room.roles.holder(case, role)
        if who is not None:
            there[role] = who
            if len(set(there.values())) >= board.quorum and not gathered.triggered:
                gathered.succeed()

    calls = [env.process(call(role)) for role in dict.fromkeys(board.roles)]
    yield gathered | env.all_of(calls) | env.timeout(board.waits)
    if not gathered.triggered:
        return Answer(False, _BOARD, None, f"the board has no quorum: {len(set(there.values()))} of {board.quorum}")
    members = list(dict.fromkeys(there.values()))
    chair = person(members[0])
    convened = room.kernel.emit(
        "board.convened", case.reference, chair, BoardDetail(case.id, tuple(there), board.quorum), [cause]
    )
    takes = streams.draw(board.decision, "board/emergency", "decides", occasion)
    yield env.all_of([env.process(room.staff.work(who, takes, Urgency.COMMAND)) for who in members])
    refuses = streams.chance(board.refusal, "board/emergency", "refuses", occasion)
    return Answer(not refuses, chair, convened.seq, TOO_RISKY if refuses else "")


def regularise(room: Room, case: Case, change: Event) -> None:
    """Sees to the approval in retrospect of a change that was granted in a hurry, or not at all."""
    policy = room.organisation.changes.retrospective
    if policy is None:
        return
    assert isinstance(change.detail, ApprovalDetail)
    detail = replace(change.detail, approver=policy.role, reason="", due_at_ms=room.kernel.now() + policy.within)
    due = room.kernel.emit("approval.retrospective_due", change.subject, case.reference, detail, [change.seq])
    occasion = f"{case.id}/{change.subject}/{detail.action}/{change.kind}"
    if not room.kernel.streams.chance(policy.forgotten, f"role/{policy.role}", "forgets", occasion):
        room.kernel.env.process(_give_in_retrospect(room, case, policy, due, occasion))


def _give_in_retrospect(
    room: Room, case: Case, policy: Retrospective, due: Event, occasion: str
) -> Generator[simpy.Event, Any, None]:
    """Whoever holds the role, else the first who may, once service is back and the office is open."""
    kernel = room.kernel
    while (leading := case.leading).open and leading.state is not CaseState.MITIGATED:
        yield leading.knowledge.news()
    if policy.hours is not None:
        opens_ms = from_wall(policy.hours.opens_at(kernel.wall()), kernel.epoch)
        yield kernel.env.timeout(max(opens_ms - kernel.now(), 0))
    who = leading.roles.get(policy.role) or next(iter(room.roles.people_for(policy.role)), None)
    if who is None:
        return
    takes = kernel.streams.draw(policy.review, f"role/{policy.role}", "reviews", occasion)
    yield from room.staff.work(who, takes, Urgency.UPDATE)
    kernel.emit(
        "approval.retrospective_given",
        due.subject,
        person(who),
        due.detail,
        [due.seq],
        rests_on=("organisation.changes.retrospective",),
    )
