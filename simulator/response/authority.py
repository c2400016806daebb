"""Authority: who may order an action on the estate, and whose approval it needs otherwise.

A rule of the organisation covers one action.  Somebody may order it who holds one of its roles in the incident, or
belongs to one of its teams and that team owns the target.  Anybody else asks the approver: whoever holds that role,
called in if nobody does; the approver takes time and may refuse.  An action that no rule covers may be ordered by
nobody.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import simpy

from simulator.response.staff import Urgency
from timeline.commands import Action
from timeline.details import ApprovalDetail
from timeline.references import person
from topologies.organisation import Authority

if TYPE_CHECKING:
    from simulator.response.case import Case
    from simulator.response.room import Room


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether an action may be ordered; `event` is what gave or refused it."""

    granted: bool
    event: int
    reason: str = ""


def rule_for(rules: tuple[Authority, ...], action: Action) -> Authority | None:
    return next((rule for rule in rules if rule.action is action), None)


def may_order(room: Room, case: Case, action: Action, target: str, who: str) -> bool:
    """Whether somebody may order an action without asking."""
    rule = rule_for(room.organisation.authority, action)
    if rule is None:
        return False
    if any(case.roles.get(role) == who for role in rule.roles):
        return True
    team = room.organisation.people[who].team
    return team in rule.teams and room.facts.owners.get(target) == team


def permission(
    room: Room, case: Case, action: Action, target: str, who: str, cause: int, occasion: str
) -> Generator[simpy.Event, Any, Permission]:
    """Gets the permission for an action, asking for it where needed."""
    if may_order(room, case, action, target, who):
        return Permission(True, cause)
    rule = rule_for(room.organisation.authority, action)
    if rule is None or rule.approver is None:
        return Permission(False, cause, f"nobody may approve {action}")
    kernel = room.kernel
    subject = room.reference(target)

    def detail(approver: str, reason: str = "") -> ApprovalDetail:
        return ApprovalDetail(action, who, approver, case.id, reason)

    requested = kernel.emit("approval.requested", subject, person(who), detail(rule.approver), [cause])
    case.knowledge.deliver(requested)
    approver = yield from room.roles.holder(case, rule.approver)
    if approver is None:
        refused = kernel.emit(
            "approval.refused", subject, person(who), detail(rule.approver, "nobody could be reached"), [requested.seq]
        )
        return Permission(False, refused.seq, f"nobody holds the role {rule.approver}")
    thinking = rule.decision or room.organisation.working.decision
    takes = kernel.streams.draw(thinking, f"role/{rule.approver}", "approves", occasion)
    yield from room.staff.work(approver, takes, Urgency.COMMAND)
    refused_by_draw = kernel.streams.chance(rule.refusal, f"role/{rule.approver}", "refuses", occasion)
    kind = "approval.refused" if refused_by_draw else "approval.granted"
    answer = kernel.emit(
        kind,
        subject,
        person(approver),
        detail(approver, "too risky as described" if refused_by_draw else ""),
        [requested.seq],
        rests_on=(f"organisation.authority.{action}",),
    )
    case.knowledge.deliver(answer)
    return Permission(not refused_by_draw, answer.seq, "refused by the approver" if refused_by_draw else "")
