"""Duplicates outside of major incidents: what a cause that was found explains belongs to the incident that found it.

Two open incidents are one when the same cause was found in both, or when the cause that was found in one explains, by
the documentation, everything that the other points at.  That is looked at whenever a cause is found and when an
incident is triaged.  The younger becomes part of the older, its parent, whoever opened it: the service desk on users'
reports, or monitoring on an alert.  What was begun for the part goes on; who worked on it works on the parent, and
leads there when the cause is his team's and not that of whoever led before.

Before anybody has found the cause nobody can tell (`correlation` and the key of the alert group bring together what
looks alike beforehand, and a declaration what belongs to a major incident).
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.remedies import Cause, Remedies
from simulator.response.room import Room
from timeline.details import DiagnosisDetail
from timeline.events import Event
from timeline.references import ITSM, person

_HEARD = ("diagnosis.concluded", "incident.triaged")


class Duplicates:
    """Looks at every cause that is found.  `cases` are those of the exercise, in the order of their opening."""

    def __init__(self, room: Room, remedies: Remedies, cases: Sequence[Case]) -> None:
        self._room = room
        self._remedies = remedies
        self._cases = cases
        room.kernel.timeline.listen(self._heard)

    def _heard(self, event: Event) -> None:
        if event.kind in _HEARD:
            self._room.kernel.call_at(self._room.kernel.now(), partial(self._link, event))

    def _link(self, event: Event) -> None:
        found = next((case for case in self._cases if case.id == event.subject.id), None)
        if found is None or not found.open:
            return
        same = [case for case in self._cases if case is found or (case.open and self._are_one(case, found))]
        parent = next((case for case in same if case.declared is not None), same[0])
        for part in same:
            if part is not parent and part.declared is None:
                self._merge(part, parent, event)

    def _are_one(self, one: Case, other: Case) -> bool:
        shared = not one.causes.keys().isdisjoint(other.causes)
        return shared or self._explains(one, other) or self._explains(other, one)

    def _explains(self, one: Case, other: Case) -> bool:
        """Whether a cause that was found in one lies under everything that the other points at."""
        return bool(other.symptoms) and any(
            all(cause in self._room.needs(symptom) for symptom in other.symptoms) for cause in one.causes
        )

    def _merge(self, part: Case, parent: Case, because: Event) -> None:
        parent.take_in(part)
        merged = part.record("merged", ITSM, [because.seq])
        for who in self._room.staff.engaged_in(part.id):
            self._room.staff.engage(who, parent.id)
        self._give_to_owner(part, parent, merged)
        self._room.kernel.env.process(self._pass_on(part, parent))

    def _give_to_owner(self, part: Case, parent: Case, merged: Event) -> None:
        """Whoever owns what was found acts on it, and leads from then on: others may not even be allowed to."""
        owners = {self._room.facts.owners.get(cause) for cause in parent.causes}
        if part.responder is not None and part.team in owners and parent.team not in owners:
            parent.responder, parent.team = part.responder, part.team
            parent.record("reassigned", person(part.responder), [merged.seq])
            for node, concluded in parent.causes.items():
                detail = self._room.kernel.timeline[concluded].detail
                if isinstance(detail, DiagnosisDetail) and detail.finding is not None:
                    self._remedies.begin(
                        parent, Cause(node, detail.finding.partition(" on ")[0], concluded), part.responder
                    )

    def _pass_on(self, part: Case, parent: Case) -> Generator[simpy.Event, Any, None]:
        """What is still begun for the part is news for the parent."""
        while parent.leading.open:
            yield part.knowledge.news()
            parent.knowledge.absorb(part.knowledge)
            parent.stir()
