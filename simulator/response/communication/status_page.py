"""The status page in a run: as it stands at first, and changed whenever what is known of an entry is not what it shows.

    status_page.opened    how it stands when the exercise begins
    status_page.posted    somebody has changed it: every entry, and words
    status_page.failed    it could not be changed: nobody holds the role, or the page itself does not work

Writing takes time, and what is posted is what is known then.  Where the page stands on what has failed it cannot be
changed until that is back.  The page belongs to all incidents: an entry shows the worst that any of them knows.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from simulator.response.case import Case
from simulator.response.communication.desk import Assignment, Desk, Text
from simulator.response.room import Room
from timeline.details import PageEntryState, StatusPageDetail
from timeline.instants import MINUTE
from timeline.references import Reference, RefKind, person
from timeline.status_page import PageState, page_state
from topologies.communication import StatusPage

PAGE = Reference(RefKind.SYSTEM, "status-page")
_TRY_AGAIN_MS = 5 * MINUTE
"""How long until somebody tries once more to change a page that could not be changed, or looks at it again."""

Shown = dict[str, PageState]


class PageKeeper:
    """Keeps one page."""

    def __init__(self, room: Room, desk: Desk, page: StatusPage) -> None:
        self._room = room
        self._desk = desk
        self._page = page
        self._shown: Shown = dict.fromkeys(page.entries, PageState.OPERATIONAL)
        self._cases: dict[str, Case] = {}
        self._editing = simpy.Resource(room.kernel.env, capacity=1)
        self._changes: dict[str, int] = {}
        """How often each case has changed it, for random streams."""

    def open(self, started: int) -> None:
        """The page before anything is known."""
        self._room.kernel.emit("status_page.opened", PAGE, PAGE, self._detail(self._shown), [started])

    def keep(self, case: Case) -> Generator[simpy.Event, Any, None]:
        """Follows a case from now on until it is over and the page says so."""
        self._cases[case.id] = case
        kernel = self._room.kernel
        while case.parent is None and (case.open or self._wanted() != self._shown):
            if self._wanted() == self._shown:
                yield case.knowledge.news() | kernel.env.timeout(_TRY_AGAIN_MS)
                continue
            with self._editing.request() as turn:
                yield turn
                is_done = yield from self._change(case)
            if not is_done:
                yield kernel.env.timeout(_TRY_AGAIN_MS)

    def _change(self, case: Case) -> Generator[simpy.Event, Any, bool]:
        """One change; whether the page was changed, or no longer has to be."""
        kernel, page, wanted = self._room.kernel, self._page, self._wanted()
        if wanted == self._shown:
            return True
        number = self._changes[case.id] = self._changes.get(case.id, 0) + 1
        because = case.last_event
        who = yield from self._room.roles.holder(case, page.role)
        if who is None:
            self._failed(case, wanted, f"nobody holds the role {page.role}", case.reference, because)
            return False
        path = "organisation.communication.status_page.writing"
        occasion = f"{case.id}/change-{number}"
        every_ms = case.severity.update_every.get(page.audience) if case.severity is not None else None
        next_ms = None if every_ms is None else kernel.now() + every_ms
        assignment = Assignment(
            case, PAGE, page.audience, True, page.writing, path, occasion, next_ms=next_ms, every_ms=every_ms
        )
        text = yield from self._desk.write(assignment, self._desk.plan(assignment), who, because)
        channel = self._room.organisation.channels[page.channel]
        entity = f"channel/{page.channel}"
        yield kernel.env.timeout(kernel.streams.draw(channel.latency, entity, "latency", occasion))
        works = self._room.reach.channel_works(page.channel)
        if not works or kernel.streams.chance(channel.failure, entity, "fails", occasion):
            self._failed(case, self._wanted(), f"{channel.title} does not work", person(who), because)
            return False
        self._shown = self._wanted()
        detail = self._detail(self._shown, case, text)
        causes = [because, *text.causes]
        posted = kernel.emit("status_page.posted", PAGE, person(who), detail, causes, rests_on=text.rests_on)
        case.knowledge.deliver(posted)
        self._desk.note_posted(assignment, text, who, posted.seq)
        return True

    def _wanted(self) -> Shown:
        """The worst that any of the incidents knows of each entry."""
        cases = [case for case in self._cases.values() if case.parent is None]
        return {
            id: max((self._known(case, entry.subject) for case in cases), key=lambda state: state.rank)
            for id, entry in self._page.entries.items()
        }

    def _known(self, case: Case, subject: Reference) -> PageState:
        state = case.knowledge.known_state(subject) or "up"
        return page_state(state, case.levels.get(subject), self._page.major_below)

    def _failed(self, case: Case, wanted: Shown, why: str, actor: Reference, cause: int) -> None:
        self._room.kernel.emit("status_page.failed", PAGE, actor, self._detail(wanted, case, reason=why), [cause])

    def _detail(
        self, shown: Shown, case: Case | None = None, text: Text | None = None, reason: str = ""
    ) -> StatusPageDetail:
        entries = tuple(
            PageEntryState(str(entry.subject), entry.title, shown[id]) for id, entry in self._page.entries.items()
        )
        said = text or Text("", None, "", 0, ())
        return StatusPageDetail(
            entries,
            self._page.audience,
            self._page.major_below,
            said.words,
            case.id if case is not None else None,
            said.template,
            said.approval,
            said.effort_ms if text is not None else None,
            reason,
        )
