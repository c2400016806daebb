"""The triage bot: reads what a new incident shows and says what it takes it for.

It is given what was delivered to the incident, in the words of alerts and users, as far as it reads their source, and
asks the desk (`scenarios.triage`).  Where that abstains it asks again when something new was delivered, until it has
answered or the incident is mitigated.  An answer acts through what people then know, and is as good as the tickets:

- what it suspects is checked first (`diagnosis`): right, and the search is short; wrong, and a check is lost;
- the team that owns it is paged, where that is another than the one already paged: whoever comes takes over when it is
  looked at; who was wanted for nothing was woken all the same, and the incident is passed on once more;
- its runbook is known, as the state of `system:triage-bot`, and a playbook may wait for it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import simpy

from scenarios.history.failure_modes import shipped_taxonomy
from scenarios.triage.desk import Advice, TriageDesk, alert_text
from simulator.response.case import Case, CaseState
from simulator.response.correlation import source_of
from simulator.response.paging import Answer, Call
from simulator.response.room import Room
from timeline.details import AlertDetail, MessageDetail
from timeline.events import Event
from timeline.references import Reference, RefKind
from timeline.triage import TriageDetail
from topologies.triage import Ticket, TriageBot

BOT = Reference(RefKind.SYSTEM, "triage-bot")


class TriageDuty:
    """The bot at work on all incidents of an exercise."""

    def __init__(self, room: Room, spec: TriageBot, tickets: Mapping[str, Ticket]) -> None:
        self._room = room
        self._spec = spec
        self._desk = TriageDesk(shipped_taxonomy(), tickets, room.facts.owners, spec.runbooks, spec.threshold)

    def begin(self, case: Case) -> None:
        """A new incident."""
        self._room.kernel.env.process(self._sort(case))

    def _sort(self, case: Case) -> Generator[simpy.Event, Any, None]:
        attempt, read = 0, ""
        while case.open and case.state is not CaseState.MITIGATED:
            attempt += 1
            streams, env = self._room.kernel.streams, self._room.kernel.env
            yield env.timeout(streams.draw(self._spec.latency, "triage-bot", "answers", f"{case.id}/{attempt}"))
            if not case.open:
                return
            signs = self._signs(case)
            said = "\n".join(dict.fromkeys(text for text, _ in signs))
            if said != read:
                advice = self._desk.advise({"title": said}, list(case.symptoms))
                event = self._say(case, advice, [sign.seq for _, sign in signs])
                if advice.mode is not None:
                    self._act(case, advice, event)
                    return
                read = said
            yield case.stirred()

    def _signs(self, case: Case) -> list[tuple[str, Event]]:
        """What was delivered and the bot reads, in words, with the events that said so."""
        signs = []
        for event in case.knowledge.events_seen():
            detail = event.detail
            if isinstance(detail, AlertDetail) and event.kind == "alert.firing":
                labels = dict(detail.labels)
                if source_of(labels) in self._spec.sources:
                    signs.append((alert_text({**labels, "alertname": detail.name}, dict(detail.annotations)), event))
            elif isinstance(detail, MessageDetail) and event.family == "report" and "users" in self._spec.sources:
                signs.append((detail.text, event))
        return signs

    def _say(self, case: Case, advice: Advice, because: list[int]) -> Event:
        answer = advice.answer
        detail = TriageDetail(
            case.id,
            advice.mode,
            answer.confidence,
            answer.because or "",
            advice.suspects,
            advice.owner,
            advice.runbook,
        )
        kind = "triage.abstained" if advice.mode is None else "triage.answered"
        causes = sorted({*because, case.last_event})
        rests_on = ("organisation.triage_bot.latency",)
        event = self._room.kernel.emit(kind, case.reference, BOT, detail, causes, rests_on=rests_on)
        case.knowledge.deliver(event)
        return event

    def _act(self, case: Case, advice: Advice, event: Event) -> None:
        case.suspects = advice.suspects
        if advice.runbook is not None:
            case.knowledge.believe(BOT, advice.runbook)
        owner = advice.owner
        policy = self._room.organisation.teams[owner].policy if owner is not None else None
        if self._spec.pages_owner and owner != case.team and policy not in (None, case.policy):
            assert owner is not None
            assert policy is not None
            call = self._room.kernel.env.process(self._call_owner(case, owner, policy, event.seq))
            case.owner_calls[owner] = call

    def _call_owner(
        self, case: Case, owner: str, policy: str, cause: int
    ) -> Generator[simpy.Event, Any, Answer | None]:
        """Whoever answers works on the incident from then on, beside the one who has it."""
        answer = yield from self._room.pager.escalate(policy, Call(case.id, f"triage-{owner}", cause))
        if answer is not None and case.leading.open:
            case.knowledge.deliver(answer.event)
            self._room.staff.engage(answer.person, case.leading.id)
        return answer
