"""Authority: who may order an action on the estate, and whose approval it needs otherwise.

A rule of the organisation covers one action.  Somebody may order it who holds one of its roles in the incident, or
belongs to one of its teams and that team owns the target.  Anybody else asks; an action that no rule covers may be
ordered by nobody.  Who is asked depends on the kind of change and on the hour:

    standard   nobody: it was approved once and for all
    normal     the change advisory board, which does not meet now; in a declared major incident as an emergency
    emergency  the emergency board, where there is one (`boards`)
    otherwise  the approver, out of hours another one, his delegate after a wait, after a refusal a higher one

Whoever is asked takes time and may refuse.  Where the culture is impatient, somebody who has waited long enough, or was
refused, may act all the same: that is a change without approval, on record as *bypassed*.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import simpy

from simulator.response.boards import Answer, ask_emergency_board, regularise
from simulator.response.staff import Urgency
from timeline.commands import Action
from timeline.details import ApprovalDetail
from timeline.events import Event
from timeline.references import Reference, RefKind, person
from topologies.authority import Authority, ChangeKind, is_decided_by_somebody

if TYPE_CHECKING:
    from simulator.response.case import Case
    from simulator.response.room import Room

_CHANGE_ENABLEMENT = Reference(RefKind.SYSTEM, "change-enablement")


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
    if rule is None or not is_decided_by_somebody(rule, room.organisation.changes):
        return Permission(False, cause, f"nobody may approve {action}")
    request = _Request(room, case, rule, target, who, occasion)
    impatience = room.organisation.changes.impatience
    if impatience is None:
        return (yield from request.run(cause))
    asking = room.kernel.env.process(request.run(cause))
    yield asking | room.kernel.env.timeout(impatience.after)
    tempted = room.kernel.streams.chance(impatience.chance, f"person/{who}", "acts-without-approval", occasion)
    if not asking.triggered and tempted:
        return request.bypass("no answer yet")
    answer: Permission = yield asking
    return request.bypass(answer.reason) if not answer.granted and tempted else answer


class _Request:
    """One request for the approval of one action."""

    def __init__(self, room: Room, case: Case, rule: Authority, target: str, who: str, occasion: str) -> None:
        self._room = room
        self._case = case
        self._rule = rule
        self._subject = room.reference(target)
        self._who = who
        self._occasion = occasion
        self._change = self._kind()
        self._last = -1
        """The last event of the request."""

    def run(self, cause: int) -> Generator[simpy.Event, Any, Permission]:
        """Asks whoever has to be asked."""
        changes = self._room.organisation.changes
        if self._change is ChangeKind.STANDARD:
            granted = self._emit("granted", _CHANGE_ENABLEMENT, "standard-change", [cause])
            return Permission(True, granted.seq)
        if self._change is ChangeKind.NORMAL:
            return self._leave_to_the_board(cause)
        if self._change is ChangeKind.EMERGENCY and changes.emergency is not None:
            self._emit("requested", person(self._who), "emergency-board", [cause])
            board = yield from ask_emergency_board(
                self._room, self._case, changes.emergency, self._last, self._occasion
            )
            return self._answered(board)
        approver = self._approver()
        answer = yield from self._ask(approver, cause)
        if not answer.granted and self._rule.higher not in (None, approver):
            assert self._rule.higher is not None
            answer = yield from self._ask(self._rule.higher, answer.event)
        return answer

    def bypass(self, why: str) -> Permission:
        """Acts without approval."""
        bypassed = self._emit("bypassed", person(self._who), "", [self._last], why)
        regularise(self._room, self._case, bypassed)
        return Permission(True, bypassed.seq)

    def _kind(self) -> ChangeKind | None:
        """A normal change is raised as an emergency in a major incident, where there is a board for it."""
        kind = self._rule.change
        has_board = self._room.organisation.changes.emergency is not None
        if kind is ChangeKind.NORMAL and has_board and self._case.leading.declared is not None:
            return ChangeKind.EMERGENCY
        return kind

    def _leave_to_the_board(self, cause: int) -> Permission:
        """A normal change outside of a major incident: it has to wait for a meeting."""
        self._emit("requested", person(self._who), "advisory-board", [cause])
        board = self._room.organisation.changes.board
        when = "" if board is None else f", on {board.next_meeting(self._room.kernel.wall()):%Y-%m-%d at %H:%M}"
        reason = f"a normal change waits for the change advisory board{when}"
        refused = self._emit("refused", _CHANGE_ENABLEMENT, "advisory-board", [self._last], reason)
        return Permission(False, refused.seq, reason)

    def _approver(self) -> str:
        hours, rule = self._room.organisation.changes.business_hours, self._rule
        assert rule.approver is not None
        if hours is None or rule.out_of_hours is None:
            return rule.approver
        now = self._room.kernel.wall()
        return rule.approver if hours.opens_at(now) <= now else rule.out_of_hours

    def _ask(self, role: str, cause: int) -> Generator[simpy.Event, Any, Permission]:
        """One approver, or his delegate; the answer."""
        room, rule = self._room, self._rule
        requested = self._emit("requested", person(self._who), role, [cause])
        asked, approver = role, (yield from self._reach(role))
        because = [requested.seq]
        if approver is None and rule.delegate not in (None, role):
            assert rule.delegate is not None
            asked = rule.delegate
            delegated = self._emit("delegated", self._case.reference, asked, [requested.seq], f"{role} not reached")
            because.append(delegated.seq)
            approver = yield from room.roles.holder(self._case, asked)
        if approver is None:
            refused = self._emit("refused", person(self._who), asked, because, "nobody could be reached", heard=False)
            return Permission(False, refused.seq, f"nobody holds the role {asked}")
        thinking = rule.decision or room.organisation.working.decision
        takes = room.kernel.streams.draw(thinking, f"role/{asked}", "approves", self._occasion)
        yield from room.staff.work(approver, takes, Urgency.COMMAND)
        refuses = room.kernel.streams.chance(rule.refusal, f"role/{asked}", "refuses", self._occasion)
        reason = self._reason(asked) if refuses else ""
        rests_on = (f"organisation.authority.{rule.action}",)
        answer = self._emit(
            "refused" if refuses else "granted", person(approver), approver, because, reason, rests_on=rests_on
        )
        if not refuses and self._change is ChangeKind.EMERGENCY:
            regularise(room, self._case, answer)
        return Permission(not refuses, answer.seq, "refused by the approver" if refuses else "")

    def _reach(self, role: str) -> Generator[simpy.Event, Any, str | None]:
        """Who holds a role; None when nobody can be reached, where there is a delegate in good time."""
        roles, env = self._room.roles, self._room.kernel.env
        if self._rule.delegate is None:
            return (yield from roles.holder(self._case, role))
        reaching = env.process(roles.holder(self._case, role))
        yield reaching | env.timeout(self._rule.delegate_after)
        return reaching.value if reaching.triggered else None

    def _answered(self, board: Answer) -> Permission:
        """What the emergency board has said."""
        rests_on = ("organisation.changes.emergency",)
        because = [self._last] if board.convened is None else [self._last, board.convened]
        kind = "granted" if board.granted else "refused"
        event = self._emit(kind, board.chair, "emergency-board", because, board.reason, rests_on=rests_on)
        if board.granted:
            regularise(self._room, self._case, event)
        return Permission(board.granted, event.seq, board.reason)

    def _reason(self, role: str) -> str:
        reasons = self._rule.reasons
        if len(reasons) == 1:
            return reasons[0]
        return reasons[int(len(reasons) * self._room.kernel.streams.uniform(f"role/{role}", "reason", self._occasion))]

    def _emit(
        self,
        what: str,
        actor: Reference,
        approver: str,
        causes: list[int],
        reason: str = "",
        *,
        rests_on: tuple[str, ...] = (),
        heard: bool = True,
    ) -> Event:
        change = self._change or ""
        detail = ApprovalDetail(self._rule.action, self._who, approver, self._case.id, reason, change)
        event = self._room.kernel.emit(f"approval.{what}", self._subject, actor, detail, causes, rests_on=rests_on)
        self._last = event.seq
        if heard:
            self._case.knowledge.deliver(event)
        return event
