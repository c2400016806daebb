"""The review of one incident: questions why until the method is content, a report, and the approvals that it needs.

    review.due           until when it has to be authorised
    review.asked_why     one question, with the events that answer it
    review.completed     written; `found` is what it ended at
    review.approved      by one of the seats that must
    review.authorised    by all of them

Nothing is guessed: the answers are the causes on the timeline, which after the exercise everybody may read.  What a
method misses, it misses because it did not ask.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.aftermath.office import Office, Reviewed, cause_in_words
from timeline.causes import ask_why
from timeline.details import ReviewDetail
from timeline.events import DataClass, Event
from timeline.references import Reference, RefKind, incident
from topologies.after_incident import Approval

_FIVE = 5


class Review:
    """One review, and what others wait for: that it is complete, that it is authorised."""

    def __init__(self, office: Office, reviewed: Reviewed) -> None:
        self._office = office
        self.reviewed = reviewed
        self.completed: simpy.Event = office.kernel.env.event()
        """Fires with the event `review.completed`."""
        self.authorised: simpy.Event = office.kernel.env.event()
        """Fires with the event `review.authorised`; never where nobody has to approve, or somebody never does."""
        self.approved: dict[str, Event] = {}
        self.reached: list[Event] = []
        """The causes at which the questions ended."""

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Seats that have not approved."""
        return tuple(seat for seat in self._office.policy.approvals if seat not in self.approved)

    def run(self) -> Generator[simpy.Event, Any, None]:
        office, policy, id = self._office, self._office.policy.review, self.reviewed.id
        resolved = self.reviewed.resolved
        due = self._emit("review.due", self._lead, [resolved.seq])
        yield from office.work(policy.begins_after, f"review/{id}", "begins", id, since_ms=resolved.at_ms)
        asked = yield from self._ask(due)
        yield from office.work(policy.writing, f"review/{id}", "writing", id)
        found = tuple(cause_in_words(event) for event in self.reached)
        causes = [due.seq, *(event.seq for event in (*asked, *self.reached))]
        completed = self._emit("review.completed", self._lead, causes, depth=len(asked), found=found)
        self.completed.succeed(completed)
        for seat, approval in office.policy.approvals.items():
            if approval.people:
                office.kernel.env.process(self._approve(seat, approval, completed))

    @property
    def _lead(self) -> str:
        return self._office.policy.review.role

    def _ask(self, due: Event) -> Generator[simpy.Event, Any, list[Event]]:
        """The questions that the method asks.  Each is an event whose causes are what it was about and its answers."""
        method = self._office.policy.review.method
        asked: list[Event] = []
        open_ends = list(self.reviewed.effects if method == "cause-and-effect" else self.reviewed.effects[:1])
        seen: set[int] = set()
        while open_ends:
            about = open_ends.pop(0)
            if about.seq in seen:
                continue
            seen.add(about.seq)
            answers = ask_why(self._office.kernel.timeline, about)
            if not answers:
                self.reached.append(about)
                continue
            if method == "five-whys" and len(asked) == _FIVE:
                self.reached.append(about)
                break
            occasion = f"{self.reviewed.id}/{about.kind}/{about.subject}/{about.at_ms}"
            yield from self._office.work(
                self._office.policy.review.asking, f"review/{self.reviewed.id}", "asking", occasion
            )
            followed = answers if method == "cause-and-effect" else answers[-1:]
            found = tuple(cause_in_words(answer) for answer in followed)
            causes = [due.seq, about.seq, *(answer.seq for answer in followed)]
            question = self._emit(
                "review.asked_why", self._lead, causes, depth=len(asked) + 1, found=found, about=cause_in_words(about)
            )
            asked.append(question)
            if method == "none":
                self.reached += followed
                break
            open_ends += followed
        return asked

    def _approve(self, seat: str, approval: Approval, completed: Event) -> Generator[simpy.Event, Any, None]:
        """Whoever sits there reads it and agrees."""
        office = self._office
        yield from office.work(approval.takes, f"seat/{seat}", "approves-review", self.reviewed.id)
        path = (f"organisation.after_incident.approvals.{seat}",)
        self.approved[seat] = self._emit("review.approved", seat, [completed.seq], rests_on=path)
        if not self.waits_for:
            by = ", ".join(self.approved)
            causes = [completed.seq, *(event.seq for event in self.approved.values())]
            self.authorised.succeed(self._emit("review.authorised", by, causes))

    def _emit(
        self,
        kind: str,
        by: str,
        causes: list[int],
        *,
        depth: int = 0,
        found: tuple[str, ...] = (),
        about: str = "",
        rests_on: tuple[str, ...] = (),
    ) -> Event:
        policy, resolved = self._office.policy.review, self.reviewed.resolved
        detail = ReviewDetail(self.reviewed.id, policy.method, by, resolved.at_ms + policy.within, depth, about, found)
        return self._office.kernel.emit(
            kind,
            incident(self.reviewed.id),
            Reference(RefKind.ROLE, by.partition(",")[0]),
            detail,
            causes,
            data_class=DataClass.CONFIDENTIAL,
            rests_on=rests_on or ("organisation.after_incident.review",),
        )
