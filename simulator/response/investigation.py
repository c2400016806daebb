"""The search for the cause in the hands of people: who checks, how long it takes, who takes over.

The responder checks what comes next in `diagnosis.Search`.  When it is not his field, or a check has told him nothing,
whoever knows the field best among those who are there looks in his place.  When nobody there knows it, the owning team
is paged and takes over; such a hand-over loses a part of what had been excluded.  Where the organisation states
mistakes, a check that told nothing may be misread.

A cause that was dealt with goes on explaining its symptoms for a while: queues drain, sessions come back.  Only when
something new is wrong, or nothing is better after that while, is there anything to search; each search that finds
nothing new is given more time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.diagnosis import OVERLOAD, Search
from simulator.response.paging import Answer, Call
from simulator.response.remedies import Cause, Remedies
from simulator.response.room import Room
from simulator.response.slips import misread
from simulator.response.staff import Urgency
from timeline.commands import Observation
from timeline.details import DiagnosisDetail
from timeline.events import DataClass
from timeline.instants import MINUTE
from timeline.references import function, person

_SETTLES_MS = 15 * MINUTE
"""How long a cause that was dealt with accounts for what is still wrong, at first."""
_COMPETENT = 0.5
"""From this chance of a conclusive check on, a responder looks for himself before calling the owner."""


class Investigation:
    """The search of one case."""

    def __init__(self, room: Room, case: Case, remedies: Remedies) -> None:
        self._room = room
        self._case = case
        self._remedies = remedies
        self._search = case.search = Search(room.facts, list(case.symptoms), known=room.known_errors)
        self._checks: Counter[str] = Counter()
        self._last: int | None = None
        """The last event of the search under way."""
        self._called: set[str] = set()
        """Teams that were paged in this search."""
        self._settling: dict[str, tuple[int, int]] = {}
        """Of what was mended: since when it settles, and for how long."""

    def is_exhausted(self) -> bool:
        """Whether nothing is left to look at, apart from what is being repaired or settles."""
        self._search.extend(self._case.symptoms)
        return self._search.next(self._is_explained) is None

    def begin_again(self) -> None:
        """What was excluded may be wrong by now."""
        self._search = self._case.search = Search(
            self._room.facts, list(self._case.symptoms), known=self._room.known_errors
        )
        self._called.clear()

    def check_next(self) -> Generator[simpy.Event, Any, Cause | None]:
        """One check; the cause, when it shows one."""
        for named in (self._case.suspects, self._case.log_lines, self._room.experience.suspects(self._there)):
            self._search.suspect(named)
        node = self._search.next(self._is_explained)
        assert node is not None
        last = (
            self._last
            if self._last is not None
            else self._emit("diagnosis.started", self._responder, None, None, 0, [])
        )
        self._last = last
        if self._skill(self._best_there(node), node) >= _COMPETENT:
            self._leave_to_owner(node)
        elif (yield from self._bring_in_owner(node, last)):
            # Whoever takes over looks where he would by what he was told.
            node = self._search.next(self._is_explained) or node
        who = self._checker(node)
        seen = yield from self._check(node, who)
        self._search.extend(self._case.symptoms)
        if seen is None:
            self._search.puzzle(node)
            self._last = self._emit("diagnosis.checked", who, node, "inconclusive", 0, [last])
            return None
        removed = self._search.learn(node, seen)
        if seen.own_fault is not None:
            return self._conclude(node, seen.own_fault, who, removed, last)
        finding = f"suffers from {', '.join(seen.suffers_from)}" if seen.suffers_from else "nothing wrong"
        self._last = self._emit("diagnosis.checked", who, node, finding, removed, [last], seen.suffers_from)
        overloaded = self._search.find_overload()
        return None if overloaded is None else self._conclude(overloaded, OVERLOAD, who, 0, self._last)

    def _conclude(self, node: str, fault: str, who: str, removed: int, last: int) -> Cause:
        concluded = self._emit("diagnosis.concluded", who, node, f"{fault} on {node}", removed, [last])
        self._last = None
        self._case.causes[node] = concluded
        if fault in self._room.facts.malicious:
            self._room.access.confine(self._case, DataClass.RESTRICTED, concluded)
        return Cause(node, fault, concluded)

    def _is_explained(self, node: str) -> bool:
        return self._remedies.is_in_hand(node) or self._settles(node)

    def _settles(self, node: str) -> bool:
        """Whether what was mended here may still account for what is wrong."""
        mended_ms = self._case.mended.get(node)
        if mended_ms is None:
            return False
        since_ms, for_ms = self._settling.get(node, (mended_ms, _SETTLES_MS))
        since_ms = max(since_ms, mended_ms)
        return self._case.last_sign_ms <= since_ms and self._room.kernel.now() - since_ms < for_ms

    def _give_more_time(self) -> None:
        """Nothing new was found behind what is still wrong."""
        now = self._room.kernel.now()
        for node, mended_ms in self._case.mended.items():
            since_ms, for_ms = self._settling.get(node, (mended_ms, _SETTLES_MS))
            if now - since_ms >= for_ms:
                self._settling[node] = (now, 2 * for_ms)

    def give_up(self) -> None:
        """Nothing is left to look at and no cause is known."""
        self._give_more_time()
        if self._last is not None and not self._case.causes:
            self._emit("diagnosis.exhausted", self._responder, None, None, 0, [self._last])
        self._last = None

    def _checker(self, node: str) -> str:
        """The responder, as long as the field is his, checks tell him something and he may read what they are about."""
        may_read = self._room.access.may_read(self._case, self._responder)
        if may_read and self._skill(self._responder, node) >= _COMPETENT and not self._search.puzzled[node]:
            return self._responder
        return self._best_there(node)

    def _best_there(self, node: str) -> str:
        """Who knows a field best among those who work on the incident; the responder where nobody knows it better."""
        there = self._there
        reading = [who for who in there if self._room.access.may_read(self._case, who)]
        return max(reading or there, key=lambda who: self._skill(who, node))

    @property
    def _there(self) -> list[str]:
        return [self._responder, *self._room.staff.engaged_in(self._case.id)]

    def _check(self, node: str, who: str) -> Generator[simpy.Event, Any, Observation | None]:
        """One look: None when it told nothing, for lack of skill; it may be misread instead."""
        room, case, working = self._room, self._case, self._room.organisation.working
        if not (yield from room.access.admitted(case, who, case.last_event)):
            return None
        self._checks[node] += 1
        entity, occasion = f"person/{who}", f"{case.id}/{node}/check-{self._checks[node]}"
        conclusive = room.kernel.streams.chance(self._skill(who, node), entity, "check-conclusive", occasion)
        length = working.check if conclusive else working.check_unskilled
        takes = room.kernel.streams.draw(length, entity, "checks", occasion)
        yield from room.staff.work(who, takes, Urgency.DIAGNOSIS, case.rank, f"{case.id}/diagnosis")
        if not conclusive and working.mistakes is None:
            return None
        seen = room.inspect(case, node, who, case.last_event)
        return seen if conclusive or seen is None else misread(room, node, who, occasion, seen)

    def _skill(self, who: str, node: str) -> float:
        """Only components ask for a field of knowledge: that a place is dark is plain to see."""
        kind = self._room.facts.kinds.get(node)
        return 1.0 if kind is None else self._room.staff.skill(who, kind)

    def _bring_in_owner(self, node: str, cause: int) -> Generator[simpy.Event, Any, bool]:
        """Pages the team that owns a component; who answers takes over the search.  Whether anybody did."""
        room, case = self._room, self._case
        owner = room.facts.owners.get(node)
        if owner is None or owner in self._called or room.organisation.people[self._responder].team == owner:
            return False
        self._called.add(owner)
        policy = room.organisation.teams[owner].policy
        if policy is None:
            return False
        if owner in case.owner_calls:
            answer = yield case.owner_calls[owner]
        else:
            answer = yield from room.pager.escalate(policy, Call(case.id, f"hand-off-{owner}", cause))
        if answer is None or not case.open or answer.person == case.responder:
            return False
        self._hand_over(node, owner, answer)
        return True

    def _leave_to_owner(self, node: str) -> None:
        """Who was called in because a triage bot suspects what a team owns takes over when that is looked at, once in a
        search."""
        owner = self._room.facts.owners.get(node, "")
        call = self._case.owner_calls.get(owner)
        if call is None or owner in self._called or self._room.organisation.people[self._responder].team == owner:
            return
        if call.processed and call.value is not None and call.value.person != self._responder:
            self._called.add(owner)
            self._hand_over(node, owner, call.value)

    def _hand_over(self, node: str, owner: str, answer: Answer) -> None:
        """The search goes to who answered, with a part of what had been excluded."""
        room, case, who = self._room, self._case, answer.person
        keeps = room.organisation.working.handoff_keeps
        carried = self._search.hand_over(keeps, room.kernel.streams.uniform(f"case/{case.id}", "hand-over", owner))
        case.responder, case.team = who, owner
        room.staff.engage(who, case.id)
        handed_off = self._emit(
            "diagnosis.handed_off", who, node, f"to {owner}", 0, [answer.event.seq], carried=carried
        )
        case.record("reassigned", person(who), [handed_off], rests_on=("organisation.working.handoff_keeps",))

    @property
    def _responder(self) -> str:
        assert self._case.responder is not None
        return self._case.responder

    def _undocumented(self, node: str, others: tuple[str, ...]) -> tuple[str, ...]:
        graph = self._room.facts.graph
        return tuple(other for other in others if not graph.has_edge(node, other))

    def _foreseen(self, node: str) -> tuple[str, ...]:
        """Functions that stand on a node, by the catalogue."""
        return tuple(id for id in self._room.facts.functions if node in self._room.needs(str(function(id))))

    def _emit(
        self,
        kind: str,
        who: str,
        checked: str | None,
        finding: str | None,
        removed: int,
        causes: list[int],
        suffers_from: tuple[str, ...] = (),
        carried: float | None = None,
    ) -> int:
        case, left = self._case, len(self._search.candidates)
        detail = DiagnosisDetail(
            case.id,
            who,
            left,
            checked,
            finding,
            removed,
            suffers_from,
            self._undocumented(checked, suffers_from) if checked is not None else (),
            self._foreseen(checked) if checked is not None and kind == "diagnosis.concluded" else (),
            carried,
        )
        event = self._room.kernel.emit(kind, case.reference, person(who), detail, causes or [case.last_event])
        case.knowledge.deliver(event)
        return event.seq
