"""Relief: somebody's shift on an incident ends, another takes over, and part of what was only in a head is lost.

A *duty* is a role of the incident, or the search for its cause (`responder`).  It ends for its holder after so long on
the incident, or when the turn on call does through which he got it.  Then a relief is called: when the turn ended by
the policy of the role, so that whoever is on call now takes over, then from the deputies; after long hours the deputies
come first.  Nobody relieves who is at work on the incident already.  Giver and taker sit together for the *handover*.

What the giver has only in his head is carried over item by item, each with the chance `working.handoff_keeps`:

- with a role: decisions of it that nobody has written down or reported yet.  Each that is lost is worked out anew;
- with the search: what was ruled out since the last report.  What is lost is open again, and looked at again.

Without a relief the holder stays, tired; another is called after a while.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.oncall import OnCall
from simulator.response.paging import Answer, Call
from simulator.response.room import Room
from simulator.response.staff import Urgency
from timeline.details import HandoverDetail, RoleDetail
from timeline.instants import DAY, MINUTE
from timeline.references import Reference, RefKind, person
from topologies.command import Shifts

RESPONDER = "responder"
"""The duty of whoever searches and acts, beside the roles."""
_CALL_AGAIN_MS = 15 * MINUTE
_LOOK_AHEAD_MS = 14 * DAY
LONG_HOURS, TURN_ENDS = "long hours", "the turn on call ends"


@dataclass(frozen=True, slots=True)
class _End:
    """When a duty ends for its holder, and why."""

    at_ms: int
    why: str


class Relief:
    """Looks after everybody who has a duty in an incident."""

    def __init__(self, room: Room, shifts: Shifts, oncall: OnCall) -> None:
        self._room = room
        self._shifts = shifts
        self._oncall = oncall
        self._laps: dict[tuple[str, str], int] = {}

    def look_after(self, case: Case) -> Generator[simpy.Event, Any, None]:
        """Until the incident is over."""
        env = self._room.kernel.env
        ends: dict[tuple[str, str], _End | None] = {}
        since: dict[str, int] = {}
        going: dict[str, simpy.Process] = {}
        while case.open:
            now, duties = self._room.kernel.now(), self._duties(case)
            since = {who: since.get(who, now) for who in duties.values()}
            ends = {
                (duty, who): ends[duty, who] if (duty, who) in ends else self._end(case, duty, who, since[who])
                for duty, who in duties.items()
            }
            over: dict[str, list[str]] = {}
            for (duty, who), end in ends.items():
                if end is not None and end.at_ms <= now and not (who in going and going[who].is_alive):
                    over.setdefault(who, []).append(duty)
            for who, ended in over.items():
                why = next(end.why for duty in ended if (end := ends[duty, who]) is not None)
                going[who] = env.process(self._relieve(case, ended, who, why))
                ends |= {(duty, who): _End(now + _CALL_AGAIN_MS, why) for duty in ended}
            waiting = [end.at_ms for end in ends.values() if end is not None and end.at_ms > now]
            news = case.knowledge.news()
            yield news | env.timeout(min(waiting) - now) if waiting else news

    def _duties(self, case: Case) -> dict[str, str]:
        return dict(case.roles) if case.responder is None else {RESPONDER: case.responder, **case.roles}

    def _policy(self, case: Case, duty: str) -> str | None:
        return case.policy if duty == RESPONDER else self._room.organisation.roles[duty].policy

    def _end(self, case: Case, duty: str, who: str, since_ms: int) -> _End | None:
        limit = self._shifts.on_duty_at_most
        found = [] if limit is None else [_End(since_ms + limit, LONG_HOURS)]
        if self._shifts.follow_rotations and (turn_ms := self._turn_ends(case, duty, who)) is not None:
            found.append(_End(turn_ms, TURN_ENDS))
        return min(found, key=lambda end: end.at_ms, default=None)

    def _turn_ends(self, case: Case, duty: str, who: str) -> int | None:
        """When somebody is no longer on call for a duty; None of whoever is not, or for very long."""
        policy, now = self._policy(case, duty), self._room.kernel.now()
        if policy is None:
            return None
        steps = self._room.organisation.policies[policy].steps
        rotations = dict.fromkeys(rotation for step in steps for rotation in step.all_rotations)
        held = [rotation for rotation in rotations if who in self._oncall.holders(rotation, now)]
        ends = [self._off_call(rotation, who, now) for rotation in held]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    def _off_call(self, rotation: str, who: str, since_ms: int) -> int | None:
        """The first moment at which others hold a rotation; None where that is far away."""
        at_ms = self._oncall.next_change(rotation, since_ms)
        while at_ms is not None and at_ms < since_ms + _LOOK_AHEAD_MS:
            if who not in self._oncall.holders(rotation, at_ms):
                return at_ms
            at_ms = self._oncall.next_change(rotation, at_ms)
        return None

    def _relieve(self, case: Case, ended: list[str], who: str, why: str) -> Generator[simpy.Event, Any, None]:
        """Somebody for the first of the duties that ended, who takes on the others as well where he may."""
        room, kernel = self._room, self._room.kernel
        duty = next((duty for duty in ended if duty != RESPONDER), RESPONDER)
        lap = self._laps[case.id, duty] = self._laps.get((case.id, duty), 0) + 1
        subject = Reference(RefKind.ROLE, duty)
        called = kernel.emit(
            "relief.called",
            subject,
            person(who),
            RoleDetail(case.id, duty, who, reason=why),
            [case.last_event],
            rests_on=("organisation.command.shifts",),
        )
        call = Call(case.id, f"relief-{duty}-{lap}", called.seq)
        answer = yield from self._find(case, duty, call, why)
        if answer is None or not case.open:
            return
        taker = answer.person
        room.staff.engage(taker, case.id)
        detail = HandoverDetail(case.id, duty, who, taker)
        started = kernel.emit("handover.started", subject, person(who), detail, [answer.event.seq])
        takes = kernel.streams.draw(self._shifts.handover, f"person/{who}", "hands-over", f"{case.id}/{duty}/{lap}")
        yield kernel.env.all_of(
            [kernel.env.process(room.staff.work(one, takes, Urgency.COMMAND)) for one in (who, taker)]
        )
        lost: dict[str, int] = {}
        for each in dict.fromkeys([duty, *ended]):
            holds = case.open and self._duties(case).get(each) == who
            if holds and (each == RESPONDER or room.roles.may_take(case, each, taker)):
                lost |= self._take_over(case, HandoverDetail(case.id, each, who, taker), started.seq, lap)
        yield from self._work_out_anew(case, taker, lost)

    def _find(self, case: Case, duty: str, call: Call, why: str) -> Generator[simpy.Event, Any, Answer | None]:
        """Somebody who is not at work on the incident: whoever is has his own hours."""
        there = self._room.staff.engaged_in(case.id)
        if duty == RESPONDER:
            return (yield from self._room.pager.escalate(case.policy, call, without=there))
        return (
            yield from self._room.roles.find_relief(case, duty, call, without=there, deputies_first=why == LONG_HOURS)
        )

    def _take_over(self, case: Case, detail: HandoverDetail, started: int, lap: int) -> dict[str, int]:
        """The duty changes hands, with what arrives of what was in a head; decisions that did not."""
        room, kernel, duty = self._room, self._room.kernel, detail.role
        items = self._in_the_head(case, duty)
        keeps = room.organisation.working.handoff_keeps
        lost = {
            name: seq
            for name, seq in items.items()
            if not kernel.streams.chance(keeps, f"case/{case.id}", "arrives", f"{duty}/{lap}/{name}")
        }
        done = replace(detail, carried=tuple(items), lost=tuple(lost))
        path = ("organisation.working.handoff_keeps",) if items else ()
        completed = kernel.emit(
            "handover.completed", Reference(RefKind.ROLE, duty), person(detail.taker), done, [started], rests_on=path
        )
        case.knowledge.deliver(completed)
        goes = list(self._duties(case).values()).count(detail.giver) == 1
        if duty != RESPONDER:
            room.roles.hand_over(case, duty, detail.giver, Answer(detail.taker, completed), goes=goes)
            return lost
        case.responder = detail.taker
        if case.search is not None:
            case.search.forget(lost)
        case.record("reassigned", person(detail.taker), [completed.seq])
        if goes:
            room.roles.leave_bridge(case, detail.giver, completed.seq)
        if case.declared is not None:
            room.roles.join_bridge(case, detail.taker, "", completed.seq)
        return {}

    def _in_the_head(self, case: Case, duty: str) -> dict[str, int]:
        """Names of what is written down nowhere, each with the decision behind it, if one is."""
        if duty == RESPONDER:
            excluded = () if case.search is None else case.search.excluded
            return {node: -1 for node in excluded if node not in case.told_excluded}
        return {f"decision {seq}": seq for seq, role in case.in_heads.items() if role == duty}

    def _work_out_anew(self, case: Case, who: str, lost: dict[str, int]) -> Generator[simpy.Event, Any, None]:
        working, streams = self._room.organisation.working, self._room.kernel.streams
        for seq in lost.values():
            takes = streams.draw(working.decision, f"person/{who}", "decides-again", f"{case.id}/{seq}")
            yield from self._room.staff.work(who, takes, Urgency.COMMAND)
